//! `1 · e ⟶ e`, `e · 1 ⟶ e`, `e / 1 ⟶ e`, `−(−e) ⟶ e`: exact for every float, NaN and the infinities included.

use crate::ir::{Block, Expr, Number, Operand, edit};

/// Takes out factors that are one, and pairs of signs.
pub fn ones(block: &mut Block) {
    edit::exprs(block, &mut fold);
}

fn fold(expr: &mut Expr) {
    let Expr::Apply(op, arguments, _) = expr else { return };
    arguments.iter_mut().for_each(fold);
    let replaced = match (op.0.name, arguments.as_slice()) {
        ("mul", [one, other]) | ("mul" | "div", [other, one]) if is_one(one) => Some(other.clone()),
        ("neg", [Expr::Apply(inner, arguments, _)]) if inner.0.name == "neg" => Some(arguments[0].clone()),
        _ => None,
    };
    if let Some(replaced) = replaced {
        *expr = replaced;
    }
}

/// A one of the rules: a user's own literal may carry a type that inference needs.
fn is_one(expr: &Expr) -> bool {
    matches!(expr, Expr::Operand(Operand::Number(Number { written: None, value: 1.0 })))
}
