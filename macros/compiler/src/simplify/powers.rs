//! `∂(xⁿ)/∂x = n·xⁿ⁻¹` by multiplication where `n` is a small literal: `2·x`, `3·(x·x)`, `4·(x·(x·x))`.
//!
//! Within an ulp or two of the power, and infinite where that is: a product of `n − 1` equal factors overflows only where `n·xⁿ⁻¹` does. It
//! stands in derivative factors alone; the function's own `powi` stays as it is.

use crate::ir::{Block, Expr, Number, Operand, edit};
use crate::rules;

/// Writes the partial derivatives of small powers as products.
pub fn multiply(block: &mut Block) {
    edit::exprs(block, &mut rewrite);
}

fn rewrite(expr: &mut Expr) {
    let Expr::Apply(op, arguments, _) = expr else { return };
    arguments.iter_mut().for_each(rewrite);
    if op.0.name != "d_powi" {
        return;
    }
    let [x @ Expr::Operand(_), n] = arguments.as_slice() else { return };
    let Some(n) = literal(n).filter(|n| (2..=4).contains(n)) else { return };
    let power = (2..n).fold(x.clone(), |power, _| Expr::apply(rules::op("mul"), vec![x.clone(), power]));
    let factor = Expr::Operand(Operand::Number(Number { written: None, value: f64::from(n) }));
    *expr = Expr::apply(rules::op("mul"), vec![factor, power]);
}

/// The exponent, where it is a literal.
fn literal(expr: &Expr) -> Option<i32> {
    match expr {
        Expr::Operand(Operand::Code(code)) => code.literal(),
        _ => None,
    }
}
