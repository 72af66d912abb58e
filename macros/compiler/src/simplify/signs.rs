//! `d_inverse(e) ⟶ 1 / e` where `e` is not below zero, nor −0, whatever its operands are: the derivative of `ln(1 + exp(a))` asks for no domain.
//!
//! ```text
//! let e = exp(a); let s = 1 + e; .. g · d_inverse(s)   ⟶   .. g · (1 / s)
//! ```
//!
//! `d_inverse` is 1/e there, +∞ at +0, and NaN where `e` is. Of variables that are never assigned.

use crate::ir::sets::VarMap;
use crate::ir::{Block, Expr, Function, Number, Operand, Statement, Value, edit};
use crate::rules;

/// What a number is, if it is not NaN.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Above zero, or +0.
    Positive,
    /// Above zero, or a zero of any sign.
    NotNegative,
}

/// Divides where no domain has to be asked for.
pub fn divide(function: &Function, blocks: &mut [&mut Block]) {
    let mut signs = VarMap::default();
    blocks.iter_mut().for_each(|block| collect(function, block, &mut signs));
    for block in blocks {
        edit::exprs(block, &mut |expr| rewrite(expr, &signs));
    }
}

fn collect(function: &Function, block: &mut Block, signs: &mut VarMap<Sign>) {
    for statement in block {
        if let Statement::Let { var, value: Some(Value::Expr(expr)), .. } = statement
            && !function.variable(*var).mutable
            && let Some(sign) = sign(expr, signs)
        {
            signs.insert(*var, sign);
        }
        edit::inner_blocks(statement, &mut |inner| collect(function, inner, signs));
    }
}

fn rewrite(expr: &mut Expr, signs: &VarMap<Sign>) {
    let Expr::Apply(op, arguments, _) = expr else { return };
    arguments.iter_mut().for_each(|argument| rewrite(argument, signs));
    if op.0.name == "d_inverse" && sign(&arguments[0], signs) == Some(Sign::Positive) {
        let one = Expr::Operand(Operand::Number(Number { written: None, value: 1.0 }));
        *expr = Expr::apply(rules::op("div"), vec![one, arguments.remove(0)]);
    }
}

fn sign(expr: &Expr, signs: &VarMap<Sign>) -> Option<Sign> {
    use Sign::{NotNegative, Positive};
    let (op, arguments) = match expr {
        Expr::Operand(Operand::Number(number)) => return is_positive(number).then_some(Positive),
        Expr::Operand(Operand::Place(place)) if place.path.is_empty() => return signs.get(place.root).copied(),
        Expr::Operand(_) => return None,
        Expr::Apply(op, arguments, _) => (op.0.name, arguments),
    };
    let of = |index: usize| sign(&arguments[index], signs);
    match op {
        "exp" | "exp2" | "abs" | "cosh" | "sigmoid" => Some(Positive),
        "sqrt" => Some(NotNegative),
        "mul" | "div" if of(0) == Some(Positive) && of(1) == Some(Positive) => Some(Positive),
        "add" => match (of(0)?, of(1)?) {
            (NotNegative, NotNegative) => Some(NotNegative),
            _ => Some(Positive),
        },
        _ => None,
    }
}

/// Whether the constant is above zero, as a rule or the user has written it.
fn is_positive(number: &Number) -> bool {
    let Some(written) = &number.written else { return number.value > 0.0 };
    let text: String = written.to_string().chars().filter(|c| *c != '_').collect();
    let digits = text.trim_end_matches("f64").trim_end_matches("f32");
    digits.parse::<f64>().is_ok_and(|value| value > 0.0)
}
