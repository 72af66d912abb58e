//! Changes of expressions in place, wherever they stand in a block.

use super::{Block, Call, CallMode, Expr, Statement, Tangent, Value};

/// Visits every scalar expression that a block holds, inner blocks too; not what copied code holds.
pub fn exprs(block: &mut Block, visit: &mut dyn FnMut(&mut Expr)) {
    block.iter_mut().for_each(|statement| own_exprs(statement, visit));
    for statement in block {
        inner_blocks(statement, &mut |inner| exprs(inner, visit));
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

/// Visits the blocks that a statement holds.
pub fn inner_blocks(statement: &mut Statement, visit: &mut dyn FnMut(&mut Block)) {
    match statement {
        Statement::Branch(branch) => branch.arms.iter_mut().for_each(|arm| visit(&mut arm.body)),
        Statement::Loop(each) => visit(&mut each.body),
        Statement::Unwind { arms, .. } => arms.iter_mut().for_each(|(_, body)| visit(body)),
        _ => {}
    }
}
