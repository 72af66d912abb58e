//! Items inside of inner blocks, at the beginning of the function's body.
//!
//! *In:* `{ const N: usize = 3; x * N as f64 } + N as f64`. *Out:* `const N_2: usize = 3; { x * N_2 as f64 } + N as f64`
//!
//! Blocks fall apart, and the reverse sweep stands in others: an item is where both sweeps see it, under a name that means nothing else in
//! the function.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Item, ItemFn, Stmt, UseTree};

use crate::error::{Errors, with_help};
use crate::ir::names::{Taken, identifiers};

use super::rename::{plain, renamed_in_macro, write_out};

/// Moves them there.
pub fn lift(block: &mut Block, function: &ItemFn, taken: &mut Taken, errors: &mut Errors) {
    Globs.visit_block_mut(block);
    let mut occurrences = Occurrences::default();
    occurrences.count(function.to_token_stream());
    let mut variables = Variables::default();
    variables.visit_signature(&function.sig);
    variables.visit_block(block);
    let mut lift = Lift { occurrences, variables, taken, errors, lifted: Vec::new(), inside: false };
    lift.macros(block);
    lift.rename_namesakes(block, function);
    lift.inside = true;
    visit_mut::visit_block_mut(&mut lift, block);
    block.stmts.splice(0..0, lift.lifted.into_iter().map(Stmt::Item));
}

/// The names that `use std::f64::consts::*` brings.
const CONSTANTS: &[&str] = &[
    "E",
    "EULER_GAMMA",
    "FRAC_1_PI",
    "FRAC_1_SQRT_2",
    "FRAC_2_PI",
    "FRAC_2_SQRT_PI",
    "FRAC_PI_2",
    "FRAC_PI_3",
    "FRAC_PI_4",
    "FRAC_PI_6",
    "FRAC_PI_8",
    "GOLDEN_RATIO",
    "LN_10",
    "LN_2",
    "LOG10_2",
    "LOG10_E",
    "LOG2_10",
    "LOG2_E",
    "PI",
    "SQRT_2",
    "TAU",
];

/// Names what `use std::f64::consts::*` brings of what the block uses.
struct Globs;

impl VisitMut for Globs {
    fn visit_item_mut(&mut self, _: &mut Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        let globs = block.stmts.iter_mut().filter_map(|stmt| match stmt {
            Stmt::Item(Item::Use(item)) => constants(&mut item.tree),
            _ => None,
        });
        if globs.count() == 0 {
            return;
        }
        let mut used = Occurrences::default();
        used.count(block.to_token_stream());
        for stmt in &mut block.stmts {
            if let Stmt::Item(Item::Use(item)) = stmt
                && let Some(tree) = constants(&mut item.tree)
            {
                let names = CONSTANTS.iter().filter(|name| used.of(name) > 0).map(|name| Ident::new(name, Span::call_site()));
                *tree = syn::parse_quote!({ #(#names),* });
            }
        }
    }
}

/// What is imported by `*` of the constants of a float.
fn constants(tree: &mut UseTree) -> Option<&mut UseTree> {
    let UseTree::Path(path) = tree else { return None };
    if path.ident != "f64" && path.ident != "f32" {
        return constants(&mut path.tree);
    }
    match &mut *path.tree {
        UseTree::Path(path) if path.ident == "consts" && matches!(*path.tree, UseTree::Glob(_)) => Some(&mut path.tree),
        _ => None,
    }
}

/// How often each identifier occurs.
#[derive(Default)]
struct Occurrences(BTreeMap<String, usize>);

impl Occurrences {
    fn count(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.count(group.stream()),
                TokenTree::Ident(ident) => *self.0.entry(plain(&ident)).or_default() += 1,
                TokenTree::Literal(literal) => {
                    let mut names = Vec::new();
                    identifiers(TokenTree::Literal(literal).into(), &mut names);
                    names.into_iter().for_each(|name| *self.0.entry(name).or_default() += 1);
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn of(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or_default()
    }
}

struct Lift<'a> {
    /// Those of the function.
    occurrences: Occurrences,
    variables: Variables,
    taken: &'a mut Taken,
    errors: &'a mut Errors,
    lifted: Vec<Item>,
    /// Whether it is in a block inside of the body.
    inside: bool,
}

impl VisitMut for Lift<'_> {
    fn visit_item_mut(&mut self, _: &mut Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        fn is_lifted(stmt: &mut Stmt) -> bool {
            matches!(stmt, Stmt::Item(item) if !matches!(item, Item::Static(_)))
        }
        let mut here = Occurrences::default();
        if block.stmts.iter_mut().any(is_lifted) {
            here.count(block.to_token_stream());
        }
        self.macros(block);
        let inner = self.lifted.len();
        visit_mut::visit_block_mut(self, block);
        let items = block.stmts.extract_if(.., is_lifted).filter_map(|stmt| match stmt {
            Stmt::Item(item) => Some(item),
            _ => None,
        });
        let mut items: Vec<Item> = items.collect();
        if items.is_empty() {
            return;
        }
        let mut variables = Variables::default();
        variables.visit_block(block);
        let mut renaming = Renaming::default();
        let mut names = Vec::new();
        items.iter().for_each(|item| names.extend(self.names(item)));
        for ident in names {
            let name = plain(&ident);
            if name == "_" {
                continue;
            }
            if variables.0.contains(&name) {
                let what = format!("a variable has the name of `{name}`, which is declared in the same block");
                self.errors.span(ident.span(), with_help(&what, "give one of them another name"));
            }
            if self.occurrences.of(&name) > here.of(&name) && !renaming.0.contains_key(&name) {
                let new = self.taken.fresh(&name);
                renaming.0.insert(name, new);
            }
        }
        items.iter_mut().for_each(|item| renaming.declared(item));
        if !renaming.0.is_empty() {
            renaming.visit_block_mut(block);
            self.lifted[inner..].iter_mut().for_each(|item| renaming.visit_item_mut(item));
            items.iter_mut().for_each(|item| renaming.visit_item_mut(item));
        }
        self.lifted.extend(items);
    }
}

impl Lift<'_> {
    /// An item of the body hides the parameter of its name in all of it.
    fn rename_namesakes(&mut self, block: &mut Block, function: &ItemFn) {
        let mut parameters = Variables::default();
        parameters.visit_signature(&function.sig);
        let items = || block.stmts.iter().filter_map(|stmt| if let Stmt::Item(item) = stmt { Some(item) } else { None });
        let names: Vec<String> = items().flat_map(|item| self.names(item)).map(|name| plain(&name)).collect();
        let hidden = names.into_iter().filter(|name| parameters.0.contains(name));
        let renaming = Renaming(hidden.map(|name| (name.clone(), self.taken.fresh(&name))).collect());
        if renaming.0.is_empty() {
            return;
        }
        for stmt in &mut block.stmts {
            if let Stmt::Item(item) = stmt {
                renaming.declared(item);
            }
        }
        let mut renaming = renaming;
        renaming.visit_block_mut(block);
    }

    /// A macro that is declared in the body sees its variables: where it is used, the code that it stands for is not.
    fn macros(&mut self, block: &Block) {
        for stmt in &block.stmts {
            let Stmt::Item(Item::Macro(syn::ItemMacro { ident: Some(_), mac, .. })) = stmt else { continue };
            let mut mentions = Mentions::default();
            mentions.find(mac.tokens.clone());
            let captured = mentions.free.into_iter().find(|ident| {
                let name = plain(ident);
                self.variables.0.contains(&name) && !mentions.bound.contains(&name)
            });
            if let Some(ident) = captured {
                let what =
                    format!("this macro uses `{ident}` of the function around it, which is not seen where the macro is called");
                self.errors.span(ident.span(), with_help(&what, "give it to the macro as an argument, or write a closure"));
            }
        }
    }

    /// The names that an item declares.
    fn names(&mut self, item: &Item) -> Vec<Ident> {
        let ident = match item {
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Mod(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Union(item) => &item.ident,
            Item::Macro(syn::ItemMacro { ident: Some(ident), .. }) => ident,
            Item::Use(item) => {
                let mut names = Vec::new();
                self.used(&item.tree, None, &mut names);
                return names;
            }
            _ => return Vec::new(),
        };
        vec![ident.clone()]
    }

    fn used(&mut self, tree: &UseTree, parent: Option<&Ident>, into: &mut Vec<Ident>) {
        match tree {
            UseTree::Path(path) => self.used(&path.tree, Some(&path.ident), into),
            UseTree::Name(name) if name.ident == "self" => into.extend(parent.cloned()),
            UseTree::Name(name) => into.push(name.ident.clone()),
            UseTree::Rename(rename) => into.push(rename.rename.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.used(item, parent, into)),
            // at the beginning of the body it stays where it is
            UseTree::Glob(_) if !self.inside => {}
            UseTree::Glob(glob) => {
                let what = "`use ..::*` inside of a block of a differentiable function hides what names mean";
                self.errors.span(
                    glob.star_token.span,
                    with_help(what, "name what it brings, or move it to the beginning of the function"),
                );
            }
        }
    }
}

/// The identifiers in the definition of a macro.
#[derive(Default)]
struct Mentions {
    /// Those that may be variables of the code around it.
    free: Vec<Ident>,
    /// Those that it binds itself.
    bound: BTreeSet<String>,
}

impl Mentions {
    fn find(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is =
            |index: Option<usize>, what: &str| index.and_then(|at| tokens.get(at)).is_some_and(|token| token.to_string() == what);
        for (index, token) in tokens.iter().enumerate() {
            let (before, two_before) = (index.checked_sub(1), index.checked_sub(2));
            match token {
                TokenTree::Group(group) => self.find(group.stream()),
                TokenTree::Ident(ident) if ["let", "mut", "for", "|"].iter().any(|binder| is(before, binder)) => {
                    self.bound.insert(plain(ident));
                }
                TokenTree::Ident(ident) => {
                    let is_part = is(before, "$") || is(before, ".") && !is(two_before, ".") || is(before, ":");
                    if !is_part {
                        self.free.push(ident.clone());
                    }
                }
                TokenTree::Literal(literal) => {
                    let mut names: Vec<String> = Vec::new();
                    identifiers(TokenTree::Literal(literal.clone()).into(), &mut names);
                    self.free.extend(names.iter().map(|name| Ident::new(name, literal.span())));
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
}

/// The variables that a block binds.
#[derive(Default)]
struct Variables(BTreeSet<String>);

impl<'ast> Visit<'ast> for Variables {
    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        let name = plain(&pat.ident);
        if !name.starts_with(char::is_uppercase) {
            self.0.insert(name);
        }
        syn::visit::visit_pat_ident(self, pat);
    }

    fn visit_receiver(&mut self, _: &'ast syn::Receiver) {
        self.0.insert("self".to_owned());
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

/// Items under new names.
#[derive(Default)]
struct Renaming(BTreeMap<String, String>);

impl Renaming {
    fn ident(&self, ident: &mut Ident) {
        if let Some(new) = self.0.get(&plain(ident)) {
            *ident = Ident::new(new, ident.span());
        }
    }

    /// The name that an item declares itself.
    fn declared(&self, item: &mut Item) {
        match item {
            Item::Const(item) => self.ident(&mut item.ident),
            Item::Enum(item) => self.ident(&mut item.ident),
            Item::Fn(item) => self.ident(&mut item.sig.ident),
            Item::Mod(item) => self.ident(&mut item.ident),
            Item::Struct(item) => self.ident(&mut item.ident),
            Item::Trait(item) => self.ident(&mut item.ident),
            Item::Type(item) => self.ident(&mut item.ident),
            Item::Union(item) => self.ident(&mut item.ident),
            Item::Macro(syn::ItemMacro { ident: Some(ident), .. }) => self.ident(ident),
            Item::Use(item) => self.used(&mut item.tree, None),
            _ => {}
        }
    }

    fn used(&self, tree: &mut UseTree, parent: Option<&Ident>) {
        match tree {
            UseTree::Path(path) => {
                let parent = path.ident.clone();
                self.used(&mut path.tree, Some(&parent));
            }
            UseTree::Name(name) => {
                let known = if name.ident == "self" { parent.unwrap_or(&name.ident) } else { &name.ident };
                if let Some(new) = self.0.get(&plain(known)) {
                    let (ident, rename) = (name.ident.clone(), Ident::new(new, known.span()));
                    *tree = UseTree::Rename(syn::UseRename { ident, as_token: Default::default(), rename });
                }
            }
            UseTree::Rename(rename) => self.ident(&mut rename.rename),
            UseTree::Group(group) => group.items.iter_mut().for_each(|item| self.used(item, parent)),
            UseTree::Glob(_) => {}
        }
    }
}

impl VisitMut for Renaming {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first_mut()
        {
            self.ident(&mut first.ident);
        }
    }

    fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
        visit_mut::visit_pat_ident_mut(self, pat);
        self.ident(&mut pat.ident); // a constant, as no variable has the name
    }

    fn visit_item_use_mut(&mut self, item: &mut syn::ItemUse) {
        if let (None, UseTree::Path(path)) = (&item.leading_colon, &mut item.tree) {
            self.ident(&mut path.ident);
        }
    }

    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        self.visit_expr_mut(&mut field.expr);
        write_out(field);
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        self.visit_path_mut(&mut mac.path);
        mac.tokens = renamed_in_macro(mac.tokens.clone(), &self.0);
    }
}
