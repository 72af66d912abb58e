//! Writes a differentiable function for every line of the rule table, in every form in which it may be written, so that a test can
//! walk the table itself.

use std::fmt::Write;
use std::{env, fs, path::Path};

use differentiable_compiler::rules::{Rule, Written, table::RULES};

/// What num-dual has under the same name, taking the number by reference.
const ORACLE: &[&str] = &[
    "recip", "powi", "powf", "sqrt", "cbrt", "exp", "exp2", "exp_m1", "ln", "log2", "log10", "ln_1p", "sin", "cos", "tan",
    "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "mul_add",
];

fn main() {
    let mut source = String::new();
    let mut entries = String::new();
    for rule in RULES.iter().filter(|rule| !matches!(rule.written, Written::Partial | Written::Conversion)) {
        for float in ["f64", "f32"] {
            for (form, body) in forms(rule, float) {
                let name = format!("{}_{form}_{float}", rule.name);
                let parameters: Vec<_> = names(rule).iter().map(|name| format!("{name}: {float}")).collect();
                let parameters = parameters.join(", ");
                writeln!(source, "#[differentiable]\nfn {name}({parameters}) -> {float} {{ {body} }}").unwrap();
                writeln!(entries, "{}", entry(rule, &name, float)).unwrap();
            }
        }
    }
    let all = format!("{source}\nfn cases() -> Vec<Case> {{ vec![\n{entries}] }}\n");
    fs::write(Path::new(&env::var("OUT_DIR").unwrap()).join("rules.rs"), all).unwrap();
    println!("cargo::rerun-if-changed=build.rs");
}

/// The operands that are floats.
fn names(rule: &Rule) -> Vec<&'static str> {
    rule.operands.iter().copied().filter(|name| *name != "n").collect()
}

fn forms(rule: &Rule, float: &str) -> Vec<(&'static str, String)> {
    let operands: Vec<String> =
        rule.operands.iter().map(|name| if *name == "n" { "3".to_owned() } else { (*name).to_owned() }).collect();
    let rest = operands[1..].join(", ");
    let all = operands.join(", ");
    let name = rule.name;
    match rule.written {
        Written::Infix(symbol) => vec![("operator", format!("{} {symbol} {}", operands[0], operands[1]))],
        Written::Prefix(symbol) => vec![("operator", format!("{symbol}{}", operands[0]))],
        Written::Method => {
            let mut forms = vec![("method", format!("{}.{name}({rest})", operands[0])), ("real", format!("Real::{name}({all})"))];
            if !["sigmoid", "softplus", "relu"].contains(&name) {
                forms.push(("path", format!("{float}::{name}({all})")));
            }
            forms
        }
        _ => vec![("real", format!("Real::{name}({all})"))],
    }
}

/// A case: how the function and its derivatives are called with slices, and the same operation on numbers that carry tangents.
fn entry(rule: &Rule, name: &str, float: &str) -> String {
    let count = names(rule).len();
    let body =
        forms(rule, float).into_iter().find(|(form, _)| ["operator", "real"].contains(form)).expect("one of them is there").1;
    let operands = names(rule).join(", ");
    let list = |of: &dyn Fn(usize) -> String| (0..count).map(of).collect::<Vec<_>>().join(", ");
    let x = list(&|i| format!("x[{i}] as {float}"));
    let dots = list(&|i| format!("d[{i}] as {float}"));
    let gradient = match count {
        1 => "vec![f64::from(g)]".to_owned(),
        _ => format!("vec![{}]", list(&|i| format!("f64::from(g.{i})"))),
    };
    let oracle = match rule.written {
        Written::Infix("%") => None,
        Written::Infix(symbol) => Some(format!("x[0] {symbol} x[1]")),
        Written::Prefix(symbol) => Some(format!("{symbol}x[0]")),
        _ if !ORACLE.contains(&rule.name) => None,
        _ => Some(match rule.name {
            "powi" => "DualNum::powi(&x[0], 3)".to_owned(),
            "powf" => "DualNum::powd(&x[0], x[1])".to_owned(),
            "atan2" => "DualNum::atan2(&x[0], x[1])".to_owned(),
            "mul_add" => "DualNum::mul_add(&x[0], x[1], x[2])".to_owned(),
            name => format!("DualNum::{name}(&x[0])"),
        }),
    };
    let oracle = oracle.map_or("None".to_owned(), |body| format!("Some(|x| {body})"));
    let domain: Vec<_> =
        rule.operands.iter().zip(rule.domain).filter(|(name, _)| **name != "n").map(|(_, range)| format!("{range:?}")).collect();
    format!(
        "Case {{ name: \"{name}\", double: {}, domain: &[{}], value: |x| f64::from({name}({x})), oracle: {oracle},
            value_and_grad: |x| {{ let (v, g) = {name}::value_and_grad({x}); (f64::from(v), {gradient}) }},
            jvp: |x, d| {{ let (v, t) = {name}::jvp({x}, {dots}); (f64::from(v), f64::from(t)) }},
            dual: |x| {{ let [{operands}] = Dual::variables([{x}]); let y = {body};
                (f64::from(y.value()), y.tangents().map(f64::from).to_vec()) }},
            nested: |x, i| {{ let [{operands}] = along([{x}], i); let y = {body};
                y.tangents().map(|slope| f64::from(slope.tangents()[0])).to_vec() }} }},",
        float == "f64",
        domain.join(", ")
    )
}
