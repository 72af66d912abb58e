//! What the docs of each derivative say: what it gives, what it keeps and where, when it panics.

use std::collections::BTreeMap;

/// The docs of each derivative of a function, by name.
fn docs_of(arguments: &str, function: &str) -> BTreeMap<String, String> {
    let tokens = differentiable_compiler::differentiable(arguments.parse().unwrap(), function.parse().unwrap());
    let file: syn::File = syn::parse2(tokens).unwrap();
    let functions = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Impl(block) => Some(block.items),
        _ => None,
    });
    // what needs memory stands in a macro of the runtime
    let functions = functions.flatten().flat_map(|item| match item {
        syn::ImplItem::Macro(item) => {
            let tokens = item.mac.tokens;
            syn::parse2::<syn::ItemImpl>(quote::quote!(impl Space { #tokens })).unwrap().items
        }
        item => vec![item],
    });
    let functions = functions.filter_map(|item| match item {
        syn::ImplItem::Fn(function) => Some((function.sig.ident.to_string(), text(&function.attrs))),
        _ => None,
    });
    functions.filter(|(name, _)| !name.starts_with("__")).collect()
}

fn text(attributes: &[syn::Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn says(docs: &BTreeMap<String, String>, name: &str, sentences: &[&str]) {
    let text = &docs[name];
    for sentence in sentences {
        assert!(text.contains(sentence), "the docs of `{name}` do not say `{sentence}`:\n{text}");
    }
}

#[test]
fn every_derivative_says_what_it_gives() {
    let docs = docs_of(
        "wrt(w, b), second_order",
        "fn f(w: &[f64; 2], b: f64, x: &[f64; 2]) -> f64 { (b + w[0] * x[0] + w[1] * x[1]).tanh() }",
    );
    says(
        &docs,
        "grad",
        &["The gradient of `f` with respect to `w`, `b`, a tuple of their shapes.", "It costs what [`vjp`](Self::vjp) costs."],
    );
    says(&docs, "value_and_grad", &["The value of `f`, and its gradient with respect to `w`, `b`, a tuple of their shapes."]);
    says(&docs, "vjp", &["The value of `f`; adds `seed` times its derivative to the adjoints of `w`, `b`."]);
    says(&docs, "jvp", &["The value of `f`, and its derivative along the tangents of `w`, `b`.", "Nothing is kept."]);
    says(&docs, "pullback", &["a function that adds a cotangent times its derivative to the adjoints of `w`, `b`", "It borrows"]);
    says(&docs, "hvp", &["The Hessian of `f` times a direction, in the shape of its gradient."]);
    says(&docs, "hessian", &["a row for each of `w`, `b`, and in each row a block for each"]);
    assert!(docs.values().all(|text| !text.contains("# Panics")), "nothing of it panics");
    let docs = docs_of("second_order", "fn f(x: [f64; 3]) -> f64 { x[0] * x[1] * x[2] }");
    says(&docs, "grad", &["with respect to `x`, in the shape of the parameter."]);
    says(&docs, "hessian", &["the shape of the parameter, with the same in the place of each scalar"]);
}

#[test]
fn a_jacobian_says_how_it_is_made() {
    let docs = docs_of("", "fn f(x: [f64; 2]) -> (f64, f64) { (x[0] * x[1], x[0].sin()) }");
    says(
        &docs,
        "jacobian",
        &["the shape of the result, with the parameter's in the place of each scalar", "written out by rows"],
    );
    let docs = docs_of("", "fn f(t: f64) -> [f64; 4] { let u = (t * t).sin() * t; [u * u, u.cos(), u.sin(), u] }");
    says(&docs, "jacobian", &["written out by columns"]);
    let docs = docs_of("", "fn f(x: &[f64; 2]) -> [f64; 2] { let y = g(x[0]); [y, y * x[1]] }");
    says(&docs, "jacobian", &["The function runs once, its reverse once for each row."]);
    let docs =
        docs_of("", "fn f<const N: usize>(x: &[f64; N]) -> [f64; N] { let mut y = *x; for i in 0..N { y[i] = x[i] * x[0]; } y }");
    says(&docs, "jacobian", &["once for each row; or the function with its tangent once for each column, where that costs less"]);
}

#[test]
fn what_a_loop_keeps_is_listed_with_its_bytes() {
    let recurrence = "fn f(x: &[f64; 80]) -> f64 { let mut y = 0.0; for i in 0..80 { y = (y + x[i]).sin() * x[i]; } y }";
    let docs = docs_of("", recurrence);
    says(
        &docs,
        "vjp",
        &["Reverse mode", "Kept of each iteration of the loop over `i`: ", "in place, 1280 bytes for 80 iterations"],
    );
    let docs = docs_of("", &recurrence.replace("f64", "f32"));
    says(&docs, "vjp", &["(8 bytes)", "in place, 640 bytes for 80 iterations"]);
    let docs =
        docs_of("", "fn f<T: Real>(x: &[T], n: usize) -> T { let mut y = x[0]; for i in 0..n { y = (y + x[i]).sin(); } y }");
    says(&docs, "vjp", &["the size of `T`", "in a `Vec`"]);
    says(&docs, "pullback", &["Kept of each iteration of the loop over `i`", "in a `Vec`"]);
    let docs =
        docs_of("", "fn f<const N: usize>(x: &[f64; N]) -> f64 { let mut y = 0.0; for i in 0..N { y = (y + x[i]).sin(); } y }");
    says(&docs, "vjp", &["in place, for `N` iterations"]);
    let docs = docs_of("", "fn f(x: &[f64; LENGTH]) -> f64 { let mut y = 0.0; for i in 0..LENGTH { y = (y + x[i]).sin(); } y }");
    says(&docs, "vjp", &["in place for `LENGTH` iterations, in a `Vec` where these take more than 64 KiB"]);
}

#[test]
fn what_runs_in_one_go_is_listed() {
    let docs =
        docs_of("wrt(w)", "fn f(w: f64, x: &[f64]) -> f64 { let mut s = 0.0; for i in 0..x.len() { s += (w * x[i]).exp(); } s }");
    says(&docs, "vjp", &["Run forward and backward in one go: the loop over `i`.", "Nothing is kept but local variables."]);
    let docs = docs_of("", "fn f(x: f64) -> f64 { g(x) + x }");
    says(&docs, "vjp", &["Run forward and backward in one go: the call of `g`."]);
    says(&docs, "pullback", &["Kept of the call of `g`: what its own second half needs."]);
}

#[test]
fn what_is_computed_once_more_and_chosen_is_listed() {
    let function = "fn f(x: f64, k: f64, n: usize) -> f64 { let mut y = x; for _ in 0..n { let z = y * k + 1.0; if z > 2.0 { y = (z * z).sqrt() / y; } } y }";
    let docs = docs_of("wrt(x)", function);
    says(
        &docs,
        "vjp",
        &["Kept of `if` and `match`: which way they went.", "Computed once more on the way back: `product`, `z`."],
    );
    let docs = docs_of("", "fn f(x: f64, n: usize) -> f64 { if n == 0 { x } else { f(x * x, n - 1).sin() } }");
    says(&docs, "vjp", &["Computed once more: the call of `f`."]);
}

#[test]
fn the_mode_is_named() {
    let docs = docs_of("", "fn f(x: f64, r: f64, n: usize) -> f64 { let mut y = x; for _ in 0..n { y = r * y * (1.0 - y); } y }");
    says(&docs, "vjp", &["Forward mode, in the direction of each active parameter at once: nothing is kept"]);
}

#[test]
fn lengths_that_must_agree_are_panics() {
    let docs = docs_of("second_order", "fn f(x: &[f64]) -> f64 { x.iter().map(|x| x.exp()).sum() }");
    says(&docs, "vjp", &["# Panics\n\n If the adjoint of a slice has another length than the slice."]);
    says(&docs, "pullback", &["# Panics\n\n If the adjoint of a slice has another length than the slice."]);
    says(&docs, "jvp", &["# Panics\n\n If the tangent of a slice has another length than the slice."]);
    says(&docs, "hvp", &["# Panics\n\n If the direction of a slice has another length than the slice."]);
    says(&docs, "grad", &["a `Vec` as long as the slice."]);
    let docs = docs_of("wrt(p)", "fn f(p: &Params, x: f64) -> f64 { p.w * x }");
    says(&docs, "vjp", &["If a `Vec` in the adjoint of a parameter has another length than in the parameter."]);
}

#[test]
fn what_is_changed_says_what_its_adjoint_and_tangent_hold() {
    let docs = docs_of("", "fn f(x: &mut [f64; 2], y: f64) { x[0] *= y; }");
    says(&docs, "vjp", &["on entry, and of what it found on return"]);
    says(
        &docs,
        "jvp",
        &["The tangent of a `&mut` parameter is that of what the function finds there, and then of what it leaves."],
    );
}
