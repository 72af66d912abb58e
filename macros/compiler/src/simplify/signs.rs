//! `d_inverse(e) ⟶ 1 / e` where `e` is not below zero, nor −0, whatever its operands are: the derivative of `ln(1 + exp(a))` asks for no domain. And
//! `d_guarded(g, d_sqrt(y)) ⟶ g · (0.5 / y)` where `y` is the root of what is above zero, as that of `x·x + 1`: nothing is infinite there.
//!
//! ```text
//! let e = exp(a); let s = 1 + e; .. g · d_inverse(s)                       ⟶   .. g · (1 / s)
//! let q = x · x; let s = q + 1; let y = sqrt(s); .. d_guarded(g, d_sqrt(y))   ⟶   .. g · (0.5 / y)
//! ```
//!
//! `d_inverse` is 1/e there, +∞ at +0, and NaN where `e` is; `d_sqrt` is 0.5/y, and infinite at a zero alone. Of variables that are never assigned.

use crate::ir::sets::VarMap;
use crate::ir::{Block, Expr, Function, Number, Operand, Place, Statement, Step, Value, edit};
use crate::rules;

use super::reads::text;

/// What a number is, if it is not NaN.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Above zero.
    Above,
    /// Above zero, or +0.
    Positive,
    /// Above zero, or a zero of any sign.
    NotNegative,
}

/// The least literal that is above zero in every format.
const LEAST: f64 = 1e-37;

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
    let is_above = |expr: &Expr| sign(expr, signs) == Some(Sign::Above);
    match (op.0.name, arguments.as_mut_slice()) {
        ("d_inverse", [of]) if is_above(of) || sign(of, signs) == Some(Sign::Positive) => *expr = over(1.0, of),
        ("d_sqrt", [root]) if is_above(root) => *expr = over(0.5, root),
        // what `d_sqrt` was of is above zero
        ("d_guarded", [_, Expr::Apply(partial, parts, _)])
            if partial.0.name == "div" && is_half(&parts[0]) && is_above(&parts[1]) =>
        {
            *expr = Expr::apply(rules::op("mul"), std::mem::take(arguments));
        }
        _ => {}
    }
}

fn over(number: f64, divisor: &Expr) -> Expr {
    let number = Expr::Operand(Operand::Number(Number { written: None, value: number }));
    Expr::apply(rules::op("div"), vec![number, divisor.clone()])
}

fn is_half(expr: &Expr) -> bool {
    matches!(expr, Expr::Operand(Operand::Number(Number { written: None, value: 0.5 })))
}

fn sign(expr: &Expr, signs: &VarMap<Sign>) -> Option<Sign> {
    use Sign::{Above, NotNegative, Positive};
    let (op, arguments) = match expr {
        Expr::Operand(Operand::Number(number)) => return number.literal().filter(|value| *value >= LEAST).map(|_| Above),
        Expr::Operand(Operand::Place(place)) if place.path.is_empty() => return signs.get(place.root).copied(),
        Expr::Operand(_) => return None,
        Expr::Apply(op, arguments, _) => (op.0.name, arguments),
    };
    let of = |index: usize| sign(&arguments[index], signs);
    match op {
        "cosh" => Some(Above),
        "exp" | "exp2" | "abs" | "sigmoid" => Some(Positive),
        "powi" if is_even(&arguments[1]) => Some(Positive),
        // the root of the least number above zero is above it by far
        "sqrt" => Some(if of(0) == Some(Above) { Above } else { NotNegative }),
        // of small numbers these are zero
        "mul" if is_square(arguments) => Some(Positive),
        "mul" | "div" if is_positive(of(0)) && is_positive(of(1)) => Some(Positive),
        "add" => match (of(0)?, of(1)?) {
            (Above, _) | (_, Above) => Some(Above),
            (NotNegative, NotNegative) => Some(NotNegative),
            _ => Some(Positive),
        },
        _ => None,
    }
}

fn is_positive(sign: Option<Sign>) -> bool {
    matches!(sign, Some(Sign::Above | Sign::Positive))
}

/// Whether both operands are one place.
fn is_square(operands: &[Expr]) -> bool {
    let [Expr::Operand(Operand::Place(one)), Expr::Operand(Operand::Place(other))] = operands else { return false };
    let stays = |place: &Place| {
        place.path.iter().all(|step| match step {
            Step::Index(Operand::Code(code)) => code.repeatable,
            _ => true,
        })
    };
    one.root == other.root && one.path.len() == other.path.len() && stays(one) && text(one) == text(other)
}

fn is_even(exponent: &Expr) -> bool {
    matches!(exponent, Expr::Operand(Operand::Code(code)) if code.literal::<i32>().is_some_and(|n| n % 2 == 0 && n > 0))
}
