//! Derivative factors that call a maths function are computed beside the value that they belong to.
//!
//! ```text
//! forward                 backward                                forward                 backward
//! let y = tanh(x)         x_bar += y_bar * d_tanh(x, y)     ⟶     let y = tanh(x)         x_bar += y_bar * slope
//!                                                                 let slope = d_tanh(x, y)
//! ```
//!
//! *In:* the two sweeps of a block that keeps something. *Out:* the same with one number to keep where there were two, and without calls in the backward sweep. Beside its
//! value a factor shares what both are made of: the exponential of a sigmoid, the range reduction of sine and cosine. The factor holds no
//! cotangent and has the same operands in both places, so that its bits stay.

use std::collections::BTreeMap;

use proc_macro2::Span;

use crate::ir::{Block, Expr, Form, Function, Kind, Operand, Place, Statement, Value, Var, edit};
use crate::simplify::common::key;

/// Operations that call a maths function.
const CALLS: &[&str] = &["cos", "sin", "cosh", "sinh", "sigmoid", "d_tanh", "d_sigmoid", "d_erf", "d_powf_x", "d_powf_p"];

/// Moves the factors from the backward sweep of a block into its forward sweep, if there are any.
pub fn advance(function: &mut Function, forward: &mut Block, backward: &mut Block) -> bool {
    let mut positions = BTreeMap::new();
    for (position, statement) in forward.iter().enumerate() {
        if let Statement::Let { var, value: Some(_), .. } = statement
            && !function.variable(*var).mutable
        {
            positions.insert(*var, position);
        }
    }
    let mut found: BTreeMap<String, Var> = BTreeMap::new();
    let mut slopes: Vec<(usize, Statement)> = Vec::new();
    for statement in backward.iter_mut() {
        edit::own_exprs(statement, &mut |expr| {
            factors(expr, &mut |factor| {
                let Some(position) = place_of(factor, &positions) else { return };
                let var = *found.entry(key(factor)).or_insert_with(|| {
                    let var = slope(function, factor);
                    slopes.push((position, Statement::Let { var, value: Some(Value::Expr(factor.clone())), ty: None }));
                    var
                });
                *factor = Expr::place(Place::whole(var, Span::mixed_site()));
            });
        });
    }
    let any = !slopes.is_empty();
    slopes.sort_by_key(|(position, _)| *position);
    let mut slopes = slopes.into_iter().peekable();
    for (position, statement) in std::mem::take(forward).into_iter().enumerate() {
        forward.push(statement);
        while let Some((_, slope)) = slopes.next_if(|(after, _)| *after == position) {
            forward.push(slope);
        }
    }
    any
}

/// The operations in an expression that call a maths function, outer ones alone.
fn factors(expr: &mut Expr, visit: &mut dyn FnMut(&mut Expr)) {
    let Expr::Apply(op, ..) = expr else { return };
    if CALLS.contains(&op.0.name) {
        return visit(expr);
    }
    let Expr::Apply(_, arguments, _) = expr else { return };
    arguments.iter_mut().for_each(|argument| factors(argument, visit));
}

/// The statement of the forward sweep after which all operands are there, where it declares them all.
fn place_of(factor: &Expr, positions: &BTreeMap<Var, usize>) -> Option<usize> {
    let Expr::Apply(_, operands, _) = factor else { return None };
    let declared = |operand: &Expr| match operand {
        Expr::Operand(Operand::Place(place)) if place.path.is_empty() => positions.get(&place.root).copied(),
        _ => None,
    };
    operands.iter().map(declared).try_fold(0, |last, position| Some(last.max(position?)))
}

/// A name for a factor: that of what it is the derivative of.
fn slope(function: &mut Function, factor: &Expr) -> Var {
    let Expr::Apply(op, operands, _) = factor else { unreachable!("a factor is an operation") };
    let span = match operands.last() {
        Some(Expr::Operand(Operand::Place(place))) => function.variable(place.root).name.span(),
        _ => Span::mixed_site(),
    };
    let wish = format!("{}_slope", op.0.name.trim_start_matches("d_"));
    function.fresh(&wish, Kind::Scalar, false, Form::Owned, span)
}
