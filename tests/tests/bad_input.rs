//! What is no program, or none yet: the macro answers with errors, and with the function as it was written.

use differentiable_tests::fuzz;
use proc_macro2::TokenStream;

#[test]
fn changed_functions_give_rust_or_errors() {
    if let Err(wrong) = fuzz::run(1, 3_000) {
        panic!("{} cases are wrong:\n{}", wrong.len(), wrong.join("\n\n"));
    }
}

#[test]
fn a_function_cut_off_at_any_token_is_still_there() {
    let corpus = fuzz::corpus();
    assert!(corpus.len() > 300, "there are {} functions", corpus.len());
    for case in corpus.iter().step_by(23) {
        let tokens = |text: &str| -> TokenStream { text.parse().expect("the corpus is made of tokens") };
        for length in 0..fuzz::count(&tokens(&case.item)) {
            let part = fuzz::cut(tokens(&case.item), &mut length.clone());
            if let Err(what) = fuzz::check(tokens(&case.arguments), part) {
                panic!("{} tokens of {}:\n{what}", length, case.item);
            }
        }
    }
}

#[test]
fn arguments_cut_off_at_any_token_are_errors_or_fewer_arguments() {
    for case in fuzz::corpus() {
        let tokens = |text: &str| -> TokenStream { text.parse().expect("the corpus is made of tokens") };
        for length in 0..fuzz::count(&tokens(&case.arguments)) {
            let part = fuzz::cut(tokens(&case.arguments), &mut length.clone());
            if let Err(what) = fuzz::check(part, tokens(&case.item)) {
                panic!("{} tokens of {}:\n{what}", length, case.arguments);
            }
        }
    }
}

#[test]
fn a_closure_may_read_fields_of_what_it_takes() {
    let item = "fn f(x: f64) -> f64 { apply(|p| p.a * p.b * x, x) }";
    fuzz::check(TokenStream::new(), item.parse().expect("these are tokens")).expect("the expansion is Rust");
}

#[test]
fn bounds_may_end_in_a_plus() {
    let item = "fn f<T: Real +>(hold: impl Fn(T) -> bool +, x: T) -> T where T: Copy + { if hold(x) { x } else { x * x } }";
    let arguments = "wrt(x)".parse().expect("these are tokens");
    fuzz::check(arguments, item.parse().expect("these are tokens")).expect("the expansion is Rust");
}
