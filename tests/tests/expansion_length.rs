//! What the macro does is proportional to the length of the function: for twice the statements it takes at most a little more than twice the
//! memory. Memory is counted as time is another one in each run; of a pass that allocates nothing, `cargo run --example expansion_time` tells.

use allocation_counter::measure;
use differentiable_compiler::differentiable;
use proc_macro2::TokenStream;

/// What an expansion of twice the length may allocate, in relation: lists that grow by doubling may be one size further.
const MOST: f64 = 2.2;

/// The bytes and the number of allocations that the expansion takes of a function in which `BODY` stands for so many groups of statements.
fn allocated(attribute: &str, function: &str, group: &impl Fn(usize) -> String, groups: usize) -> [f64; 2] {
    let body: String = (0..groups).map(group).collect();
    let function: TokenStream = function.replace("BODY", &format!("{body} v{groups}")).parse().expect("the text is a function");
    let attribute: TokenStream = attribute.parse().expect("the text is a list of arguments");
    let mut derivatives = TokenStream::new();
    let counted = measure(|| derivatives = differentiable(attribute, function));
    let derivatives = derivatives.to_string();
    assert!(derivatives.contains("fn vjp") && !derivatives.contains("compile_error"), "{derivatives}");
    [counted.bytes_total as f64, counted.count_total as f64]
}

#[track_caller]
fn grows_with_the_length(attribute: &str, function: &str, group: impl Fn(usize) -> String) {
    let [half, whole] = [150, 300].map(|groups| allocated(attribute, function, &group, groups));
    for (of, (half, whole)) in ["bytes", "allocations"].iter().zip(half.iter().zip(whole)) {
        assert!(whole < half * MOST, "{half} {of} for half of it became {whole}");
    }
}

/// `v0` is the parameter; the group `i` makes `v{i + 1}` of earlier ones.
fn straight(i: usize) -> String {
    let (a, b) = (i.saturating_sub(i * 7 % 5), i.saturating_sub(i * 3 % 11));
    format!("let v{} = (v{a} - v{b} * 0.5).sin() / (1.0 + v{b} * v{b});", i + 1)
}

#[test]
fn straight_lines() {
    grows_with_the_length("", "fn f(v0: f64) -> f64 { BODY }", straight);
}

#[test]
fn straight_lines_differentiated_twice() {
    grows_with_the_length("second_order", "fn f(v0: f64) -> f64 { BODY }", straight);
}

#[test]
fn choices() {
    let group = |i| format!("let v{} = if v{i} > 0.5 {{ v{i}.sin() }} else {{ v{i} * v{i} + 0.1 }};", i + 1);
    grows_with_the_length("", "fn f(v0: f64) -> f64 { BODY }", group);
}

#[test]
fn matches_and_calls() {
    let group = |i| format!("let v{} = match k {{ 0 => v{i}.exp(), {i} => g(v{i}), _ => v{i} * g(v{i}) }};", i + 1);
    grows_with_the_length("wrt(v0)", "fn f(v0: f64, k: usize) -> f64 { BODY }", group);
}

#[test]
fn loops_one_after_another() {
    let group = |i| {
        let next = i + 1;
        format!("let mut v{next} = v{i}; for j in 0..xs.len() {{ v{next} = (v{next} * xs[j]).sin() + v{i}; }}")
    };
    for attribute in ["wrt(v0, xs)", "wrt(v0, xs), relaxed"] {
        grows_with_the_length(attribute, "fn f(v0: f64, xs: &[f64]) -> f64 { BODY }", group);
    }
}

#[test]
fn sums_over_chains() {
    let group = |i| format!("let v{} = xs.iter().zip(ys).map(|(x, y)| (x * v{i} - y).exp()).sum::<f64>();", i + 1);
    for attribute in ["wrt(v0, xs)", "wrt(v0, xs), relaxed"] {
        grows_with_the_length(attribute, "fn f(v0: f64, xs: &[f64], ys: &[f64]) -> f64 { BODY }", group);
    }
}

#[test]
fn a_long_body_of_a_loop() {
    let group = |i| format!("let v{} = (v{i} * x).sin() + v{i}; out[j] = v{i} * 0.5;", i + 1);
    let function = "fn f(v0: f64, xs: &[f64], out: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for (j, x) in xs.iter().enumerate() { sum += { BODY }; }
        sum
    }";
    grows_with_the_length("wrt(v0, xs, out)", function, group);
}

#[test]
fn elements_that_are_overwritten() {
    let group = |i| format!("a[{}] = a[{}] * a[{}].cos(); let v{} = v{i} + a[{}];", i % 7, i % 5, i % 3, i + 1, i % 7);
    grows_with_the_length("", "fn f(v0: f64, mut a: [f64; 7]) -> f64 { BODY }", group);
}
