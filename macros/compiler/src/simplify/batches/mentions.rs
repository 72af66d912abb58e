//! Where a statement mentions places, so that no mention of an array escapes.

use crate::ir::{Argument, CallMode, Code, Expr, Operand, Passed, Place, Statement, Step, Value};

/// The element of arrays in arrays, whose lengths are added.
pub(super) fn repeated<'v>(value: &'v Value, lengths: &mut Vec<Code>) -> &'v Value {
    match value {
        Value::Repeat(element, length) => {
            lengths.push(length.clone());
            repeated(element, lengths)
        }
        element => element,
    }
}

/// Visits the places of a plain statement, and whether a function takes each as an argument.
pub(super) fn places(statement: &Statement, visit: &mut impl FnMut(&Place, bool)) {
    match statement {
        Statement::Let { value: Some(value), .. } => in_value(value, visit),
        Statement::Assign { place, value } => {
            visit(place, false);
            in_indices(place, visit);
            in_value(value, visit);
        }
        Statement::Add { place, value, .. } => {
            visit(place, false);
            in_indices(place, visit);
            in_expr(value, visit);
        }
        Statement::Call(call) => {
            let mut argument = |argument: &Argument| match &argument.passed {
                Passed::Value(Operand::Place(place)) => {
                    visit(place, false);
                    in_indices(place, visit);
                }
                Passed::Shared(place) => {
                    visit(place, true);
                    in_indices(place, visit);
                }
                _ => {}
            };
            call.arguments.iter().for_each(&mut argument);
            if let CallMode::Fused(back) = &call.mode {
                for slot in back.slots.iter().flatten() {
                    visit(slot, true);
                    in_indices(slot, visit);
                }
            }
        }
        _ => {}
    }
}

fn in_value(value: &Value, visit: &mut dyn FnMut(&Place, bool)) {
    match value {
        Value::Expr(expr) => in_expr(expr, visit),
        Value::Take(place, _) => {
            visit(place, false);
            in_indices(place, visit);
        }
        _ => {}
    }
}

fn in_expr(expr: &Expr, visit: &mut dyn FnMut(&Place, bool)) {
    match expr {
        Expr::Operand(Operand::Place(place)) => {
            visit(place, false);
            in_indices(place, visit);
        }
        Expr::Operand(_) => {}
        Expr::Apply(_, arguments, _) => arguments.iter().for_each(|argument| in_expr(argument, visit)),
    }
}

fn in_indices(place: &Place, visit: &mut dyn FnMut(&Place, bool)) {
    for step in &place.path {
        if let Step::Index(Operand::Place(index)) = step {
            visit(index, false);
            in_indices(index, visit);
        }
    }
}
