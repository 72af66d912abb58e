//! How long the macro takes for functions of 250 to 2,000 statements: `cargo run --example expansion_time`, in a development build, as macros
//! run unoptimised in the development builds of those who use them.

use std::time::Instant;

use differentiable_compiler::differentiable;
use proc_macro2::TokenStream;

/// A function of so many `let`s, each of one to four operations on earlier ones.
fn function(statements: usize) -> TokenStream {
    let mut body = String::new();
    for i in 0..statements {
        let (a, b) = (i.saturating_sub(1 + i * 7 % 5), i.saturating_sub(1 + i * 3 % 11));
        let (a, b) = if i == 0 { ("x".to_owned(), "x".to_owned()) } else { (format!("v{a}"), format!("v{b}")) };
        let value = match i % 4 {
            0 => format!("{a} * {b}"),
            1 => format!("{a} + {b} * 0.5"),
            2 => format!("({a} - {b}).sin()"),
            _ => format!("{a}.exp() / (1.0 + {b} * {b})"),
        };
        body.push_str(&format!("let v{i} = {value};\n"));
    }
    format!("fn f(x: f64) -> f64 {{ {body} v{} }}", statements - 1).parse().expect("the text is a function")
}

fn main() {
    for statements in [250, 500, 1000, 2000] {
        let function = function(statements);
        let start = Instant::now();
        let derivatives = differentiable(TokenStream::new(), function);
        let time = start.elapsed();
        assert!(!derivatives.is_empty());
        println!("{statements:>5} statements: {:>4} ms", time.as_millis());
    }
}
