//! Changes of expressions in place, wherever they stand in a block.

use super::{Argument, Back, Block, Call, CallMode, Expr, Lambda, Operand, Passed, Place, Statement, Tangent, Value};

/// Visits every scalar expression that a block holds, inner blocks too; not what copied code holds.
pub fn exprs(block: &mut Block, visit: &mut dyn FnMut(&mut Expr)) {
    block.iter_mut().for_each(|statement| own_exprs(statement, visit));
    for statement in block {
        inner_blocks(statement, &mut |inner| exprs(inner, visit));
        lambdas(statement, &mut |inner| inner.results.iter_mut().for_each(|result| value(result, visit)));
    }
}

/// Visits the scalar expressions of a statement, without those of its inner blocks.
pub fn own_exprs(statement: &mut Statement, visit: &mut dyn FnMut(&mut Expr)) {
    match statement {
        Statement::Let { value: Some(stored), .. }
        | Statement::Assign { value: stored, .. }
        | Statement::Push { value: stored, .. } => {
            value(stored, visit);
        }
        Statement::Add { value, .. } => visit(value),
        Statement::Call(Call { mode: CallMode::Tangent(_, tangents) | CallMode::SplitTangent(_, _, tangents), .. }) => {
            for tangent in tangents {
                if let Tangent::Expr(expr) = tangent {
                    visit(expr);
                }
            }
        }
        _ => {}
    }
}

fn value(stored: &mut Value, visit: &mut dyn FnMut(&mut Expr)) {
    match stored {
        Value::Expr(expr) => visit(expr),
        Value::Tuple(values) | Value::Array(values) => values.iter_mut().for_each(|inner| value(inner, visit)),
        Value::Repeat(inner, _) => value(inner, visit),
        Value::Struct { fields, base, .. } => {
            fields.iter_mut().for_each(|(_, inner)| value(inner, visit));
            base.iter_mut().for_each(|base| value(base, visit));
        }
        _ => {}
    }
}

/// Visits the places that an expression reads.
pub fn places(expr: &mut Expr, visit: &mut dyn FnMut(&mut Place)) {
    match expr {
        Expr::Operand(Operand::Place(place)) => visit(place),
        Expr::Operand(_) => {}
        Expr::Apply(_, arguments, _) => arguments.iter_mut().for_each(|argument| places(argument, visit)),
    }
}

/// Visits the blocks that a statement holds.
pub fn inner_blocks(statement: &mut Statement, visit: &mut dyn FnMut(&mut Block)) {
    match statement {
        Statement::Branch(branch) => branch.arms.iter_mut().for_each(|arm| visit(&mut arm.body)),
        Statement::Loop(each) => visit(&mut each.body),
        Statement::Unwind { arms, .. } => arms.iter_mut().for_each(|(_, body)| visit(body)),
        other => lambdas(other, &mut |inner| visit(&mut inner.body)),
    }
}

/// Visits the closures that a call or its backward half is given.
pub fn lambdas(statement: &mut Statement, visit: &mut dyn FnMut(&mut Lambda)) {
    match statement {
        Statement::Call(call) => {
            of_arguments(&mut call.arguments, visit);
            match &mut call.mode {
                CallMode::Primal | CallMode::Split(_) | CallMode::Recomputed(_) => {}
                CallMode::Fused(back) => of_back(back, visit),
                CallMode::Tangent(_, tangents) | CallMode::SplitTangent(_, _, tangents) => of_tangents(tangents, visit),
            }
        }
        Statement::Back(back) => of_back(back, visit),
        _ => {}
    }
}

fn of_arguments(arguments: &mut [Argument], visit: &mut dyn FnMut(&mut Lambda)) {
    for argument in arguments {
        if let Passed::Closure(inner, _) = &mut argument.passed {
            visit(inner);
        }
    }
}

fn of_tangents(tangents: &mut [Tangent], visit: &mut dyn FnMut(&mut Lambda)) {
    for tangent in tangents {
        if let Tangent::Closure(inner) = tangent {
            visit(inner);
        }
    }
}

fn of_back(back: &mut Back, visit: &mut dyn FnMut(&mut Lambda)) {
    of_arguments(&mut back.again, visit);
    back.companions.iter_mut().flatten().for_each(&mut *visit);
    if let Some(pushed) = &mut back.pushed {
        of_tangents(&mut pushed.dots, visit);
        pushed.companions.iter_mut().flatten().for_each(visit);
    }
}
