//! What the macro writes, as users read it: the committed expansion of each function in `expansions/`, formatted, and the stages before
//! it. With the variable `UPDATE_EXPANSIONS` set the files are written anew, to be reviewed.

use std::{env, fs, path::Path};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The attribute's arguments, and the item without the attribute.
fn fixture(text: &str) -> Vec<(TokenStream, TokenStream)> {
    let file = syn::parse_file(text).expect("the fixture is Rust");
    let functions = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Fn(function) => Some(function),
        _ => None,
    });
    let annotated = functions.filter_map(|mut function| {
        let position = function.attrs.iter().position(|attribute| attribute.path().is_ident("differentiable"))?;
        let arguments = match function.attrs.remove(position).meta {
            syn::Meta::List(list) => list.tokens,
            _ => TokenStream::new(),
        };
        Some((arguments, function.into_token_stream()))
    });
    annotated.collect()
}

fn fixtures() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("expansions");
    let mut found: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs") && !path.to_string_lossy().ends_with(".expanded.rs"))
        .map(|path| (path.to_string_lossy().into_owned(), fs::read_to_string(&path).expect("the fixture can be read")))
        .collect();
    found.sort();
    found
}

fn expanded(text: &str) -> String {
    let tokens = |(arguments, item)| differentiable_compiler::differentiable(arguments, item);
    let all: TokenStream = fixture(text).into_iter().map(tokens).collect();
    prettyplease::unparse(&syn::parse2(all).expect("the expansion is Rust"))
}

#[test]
fn expansions_are_those_that_were_reviewed() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 10, "there are {} fixtures", fixtures.len());
    for (path, text) in fixtures {
        let committed = path.replace(".rs", ".expanded.rs");
        let now = expanded(&text);
        assert!(!now.contains("compile_error"), "{path} is rejected:\n{now}");
        if env::var_os("UPDATE_EXPANSIONS").is_some() {
            fs::write(&committed, &now).expect("the expansion can be written");
        }
        let before = fs::read_to_string(&committed).expect("the expansion is committed");
        assert!(before == now, "{committed} is not what the macro writes now:\n{now}");
    }
}

#[test]
fn expansions_are_the_same_from_run_to_run() {
    for (path, text) in fixtures() {
        assert_eq!(expanded(&text), expanded(&text), "{path}");
    }
}

#[test]
fn every_stage_hands_on_what_is_well_formed() {
    let language = include_str!("language.rs");
    let rules = include_str!("kinks.rs");
    let mut checked = 0;
    let accepted = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/pass")).expect("the folder is there");
    let accepted = accepted.map(|entry| fs::read_to_string(entry.expect("an entry").path()).expect("the program can be read"));
    let fixtures = fixtures().into_iter().map(|(_, text)| text);
    let others = [language, rules, include_str!("adversarial.rs"), include_str!("programs.rs")].map(str::to_owned);
    for text in fixtures.chain(accepted).chain(others) {
        for (arguments, item) in all_functions(&text) {
            let shown = item.to_string();
            let relaxed = arguments.to_string().contains("relaxed");
            let more = (!relaxed).then(|| if arguments.is_empty() { quote!(relaxed) } else { quote!(relaxed, #arguments) });
            for arguments in more.into_iter().chain([arguments]) {
                if let Err(error) = differentiable_compiler::stages(arguments, item.clone()) {
                    panic!("{shown}\n{error}");
                }
            }
            checked += 1;
        }
    }
    assert!(checked > 70, "{checked} functions are checked");
}

/// Every annotated function of a file, those inside of others and of `impl`s too.
fn all_functions(text: &str) -> Vec<(TokenStream, TokenStream)> {
    struct Collect(Vec<(TokenStream, TokenStream)>);
    impl Collect {
        fn take(&mut self, attributes: &[syn::Attribute], item: &impl ToTokens) {
            for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("differentiable")) {
                let arguments = match &attribute.meta {
                    syn::Meta::List(list) => list.tokens.clone(),
                    _ => TokenStream::new(),
                };
                self.0.push((arguments, item.to_token_stream()));
            }
        }
    }
    impl<'ast> syn::visit::Visit<'ast> for Collect {
        fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
            let plain = syn::ItemFn { attrs: Vec::new(), ..function.clone() };
            self.take(&function.attrs, &plain);
            syn::visit::visit_item_fn(self, function);
        }
        fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
            let plain = syn::ImplItemFn { attrs: Vec::new(), ..function.clone() };
            self.take(&function.attrs, &plain);
        }
    }
    let mut collect = Collect(Vec::new());
    syn::visit::Visit::visit_file(&mut collect, &syn::parse_file(text).expect("the file is Rust"));
    collect.0
}

#[test]
fn the_stages_of_a_dot_product_read_as_its_documentation_says() {
    let (arguments, item) = fixture(include_str!("../expansions/dot.rs")).remove(0);
    let stages = differentiable_compiler::stages(arguments, item).expect("it is differentiable");
    let want = "no exit :: differentiable :: rt :: known_methods ! (shared iter length len)\nlet sum_2 = -0\nfor i in 0..:: core :: cmp :: Ord :: min (a . len () , b . len ()) {\n  let product = mul(a[i], b[i])\n  \
                sum_2 += product\n}\nlet value = sum_2\n";
    assert_eq!(stages.lowered, want);
    assert!(stages.backward.contains("d_a[i] += mul(product_bar, b[i])"), "{}", stages.backward);
}

#[test]
fn a_function_cut_off_anywhere_expands_without_a_panic() {
    for (_, text) in fixtures() {
        for (arguments, item) in fixture(&text) {
            let tokens: Vec<_> = item.into_iter().collect();
            for end in 0..tokens.len() {
                let cut: TokenStream = tokens[..end].iter().cloned().collect();
                let expansion = differentiable_compiler::differentiable(arguments.clone(), cut.clone());
                assert!(
                    expansion.to_string().starts_with(&cut.to_string()),
                    "the function is still there as far as it is written"
                );
            }
            let Some(proc_macro2::TokenTree::Group(body)) = tokens.last().cloned() else {
                panic!("a function ends with its body")
            };
            let inside: Vec<_> = body.stream().into_iter().collect();
            for end in 0..inside.len() {
                let part = inside[..end].iter().cloned().collect();
                let group = proc_macro2::TokenTree::Group(proc_macro2::Group::new(body.delimiter(), part));
                let cut: TokenStream = tokens[..tokens.len() - 1].iter().cloned().chain([group]).collect();
                differentiable_compiler::differentiable(arguments.clone(), cut);
            }
        }
    }
}
