//! `let y = tanh(x); .. d_tanh(x, y) .. ⟶ let y, slope = tanh(x); .. slope ..`
//!
//! *In:* the body of a loop that is cut into phases, whose calls stand in statements of their own. *Out:* the same without the derivatives of its calls, and
//! the variables that these are in.
//!
//! A value and its derivative are made of one exponential, which the runtime computes once for both, and without a branch where
//! the derivative by the value alone would cancel. Both are computed of numbers that never change, so that the derivative may be computed where the value is.

use std::collections::BTreeMap;

use proc_macro2::Span;

use crate::ir::{Block, Expr, Form, Function, Kind, Operand, Place, Statement, Value, Var, edit};
use crate::simplify::common::key;

/// The derivative of each result that has one.
pub type Slopes = BTreeMap<Var, Var>;

/// The functions that the runtime has together with their derivatives.
const JOINED: &[(&str, &str)] = &[("tanh", "d_tanh"), ("sigmoid", "d_sigmoid")];

/// Leaves the derivatives of calls to these.
pub fn join(function: &mut Function, body: &mut Block) -> Slopes {
    let mut calls = BTreeMap::new();
    let mut slopes = Slopes::new();
    body.retain_mut(|statement| {
        if let Some((result, call)) = call(function, statement) {
            calls.insert(result, call);
        }
        if let Statement::Let { var, value: Some(Value::Expr(expr)), .. } = statement
            && is_number(function, *var)
            && let Some(result) = of_call(expr, &calls)
            && !slopes.contains_key(&result)
        {
            slopes.insert(result, *var);
            return false;
        }
        edit::own_exprs(statement, &mut |expr| take(function, expr, &calls, &mut slopes));
        true
    });
    slopes
}

/// The result of a call of an immutable number, with the derivative's name and the number.
fn call(function: &Function, statement: &Statement) -> Option<(Var, (&'static str, String))> {
    let Statement::Let { var, value: Some(Value::Expr(Expr::Apply(op, arguments, _))), .. } = statement else { return None };
    let (_, derivative) = JOINED.iter().find(|(name, _)| *name == op.0.name)?;
    let operand = arguments[0].whole().filter(|operand| is_number(function, *operand));
    (is_number(function, *var) && operand.is_some()).then(|| (*var, (*derivative, key(&arguments[0]))))
}

fn is_number(function: &Function, var: Var) -> bool {
    let variable = function.variable(var);
    variable.kind == Kind::Scalar && !variable.mutable && variable.form == Form::Owned
}

/// The call whose derivative the expression is.
fn of_call(expr: &Expr, calls: &BTreeMap<Var, (&'static str, String)>) -> Option<Var> {
    let Expr::Apply(op, arguments, _) = expr else { return None };
    let [operand, result] = arguments.as_slice() else { return None };
    let result = result.whole()?;
    let (derivative, of) = calls.get(&result)?;
    (*derivative == op.0.name && *of == key(operand)).then_some(result)
}

/// Takes the derivatives of calls out of an expression.
fn take(function: &mut Function, expr: &mut Expr, calls: &BTreeMap<Var, (&'static str, String)>, slopes: &mut Slopes) {
    if let Some(result) = of_call(expr, calls) {
        let slope = *slopes.entry(result).or_insert_with(|| {
            let wish = format!("{}_slope", function.variable(result).name);
            function.fresh(&wish, Kind::Scalar, false, Form::Owned, Span::mixed_site())
        });
        *expr = Expr::Operand(Operand::Place(Place::whole(slope, Span::mixed_site())));
        return;
    }
    if let Expr::Apply(_, arguments, _) = expr {
        arguments.iter_mut().for_each(|argument| take(function, argument, calls, slopes));
    }
}
