//! `1 · e ⟶ e`, `e · 1 ⟶ e`, `e / 1 ⟶ e`, `−(−e) ⟶ e`, `(−1) · e ⟶ −e`, and `guarded(±1, p) ⟶ ±p`, as it guards against a factor of zero alone: exact
//! for every float, NaN and the infinities included.

use crate::ir::{Block, Expr, Number, Operand, edit};

/// Takes out factors that are one, and pairs of signs.
pub fn ones(block: &mut Block) {
    edit::exprs(block, &mut fold);
}

/// The same in one expression.
pub fn fold(expr: &mut Expr) {
    let Expr::Apply(op, arguments, _) = expr else { return };
    arguments.iter_mut().for_each(fold);
    let replaced = match (op.0.name, arguments.as_slice()) {
        ("mul" | "d_guarded", [one, other]) | ("mul" | "div", [other, one]) if is_one(one) => Some(other.clone()),
        ("mul" | "d_guarded", [sign, other]) | ("mul" | "div", [other, sign]) if is_minus_one(sign) => {
            Some(negative(other.clone()))
        }
        ("neg", [Expr::Apply(inner, arguments, _)]) if inner.0.name == "neg" => Some(arguments[0].clone()),
        _ => None,
    };
    if let Some(replaced) = replaced {
        *expr = replaced;
    }
}

/// `−e`, where that is no pair of signs.
pub fn negative(expr: Expr) -> Expr {
    match expr {
        Expr::Apply(op, mut arguments, _) if op.0.name == "neg" => arguments.remove(0),
        other => Expr::apply(crate::rules::op("neg"), vec![other]),
    }
}

/// Minus that one.
pub fn is_minus_one(expr: &Expr) -> bool {
    matches!(expr, Expr::Apply(op, arguments, _) if op.0.name == "neg" && is_one(&arguments[0]))
}

/// A one of the rules: a user's own literal may carry a type that inference needs.
pub fn is_one(expr: &Expr) -> bool {
    matches!(expr, Expr::Operand(Operand::Number(Number { written: None, value: 1.0 })))
}
