//! What a function tells before it is reversed.

use std::collections::BTreeSet;

use crate::ir::sets::VarMap;
use crate::ir::{Block, Expr, Function, Header, Operand, Passed, Place, Statement, Step, Value, Var, uses};

use super::loops::capacity;

/// What variables start with; scalars have no shape that it would tell.
pub(super) fn collect_definitions(function: &Function, block: &Block, into: &mut VarMap<Value>) {
    for statement in block {
        match statement {
            Statement::Let { var, value: Some(value), .. } if !function.is_scalar(*var) => drop(into.insert(*var, value.clone())),
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| collect_definitions(function, &arm.body, into)),
            Statement::Loop(each) => collect_definitions(function, &each.body, into),
            _ => {}
        }
    }
}

/// Of what starts as a copy, what is added to, replaced as a whole, or lent to a call that may do so.
pub(super) fn collect_reshaped(block: &Block, definitions: &VarMap<Value>, into: &mut BTreeSet<Var>) {
    let is_copy = |value: &Value| matches!(value, Value::Clone(_) | Value::Expr(Expr::Operand(Operand::Place(_))));
    let copy = |place: &Place| Some(place.root).filter(|root| definitions.get(*root).is_some_and(is_copy));
    for statement in block {
        match statement {
            Statement::Push { place, .. } => into.extend(copy(place)),
            Statement::Swap { first, second } => into.extend([first.root, second.root]),
            Statement::Assign { place, .. } if !place.path.iter().any(|step| matches!(step, Step::Index(_))) => {
                into.extend(copy(place));
            }
            Statement::Call(call) => into.extend(call.arguments.iter().filter_map(|argument| match &argument.passed {
                Passed::Mutable(place) | Passed::Receiver(place) => copy(place),
                _ => None,
            })),
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| collect_reshaped(&arm.body, definitions, into)),
            Statement::Loop(each) => collect_reshaped(&each.body, definitions, into),
            _ => {}
        }
    }
}

/// Whether the statements surely leave the shape of what the variable holds: they store numbers in it, and nothing else.
pub(super) fn keeps_shape(block: &Block, root: Var) -> bool {
    block.iter().all(|statement| match statement {
        Statement::Let { value, .. } => !matches!(value, Some(Value::Pop(place) | Value::Take(place, _)) if place.root == root),
        Statement::Assign { place, value } => place.root != root || matches!(value, Value::Expr(Expr::Apply(..))),
        Statement::Add { place, whole, .. } => place.root != root || !whole,
        Statement::Code { writes, .. } => !writes.contains(&root),
        Statement::Branch(branch) => branch.arms.iter().all(|arm| keeps_shape(&arm.body, root)),
        Statement::Loop(each) => keeps_shape(&each.body, root),
        Statement::Check { .. } | Statement::Inert(_) => true,
        other => {
            let mut is_mentioned = false;
            uses::statement(other, &mut |var| is_mentioned |= var == root);
            !is_mentioned
        }
    })
}

pub(super) fn collect_indices(block: &Block, into: &mut BTreeSet<Var>) {
    for statement in block {
        match statement {
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| collect_indices(&arm.body, into)),
            Statement::Loop(each) => {
                if let Header::Range(range) = &each.header {
                    into.insert(range.index);
                }
                collect_indices(&each.body, into);
            }
            _ => {}
        }
    }
}

/// Visits the numbers that loops inside of loops read, of which the number of iterations of one is known at run time alone.
pub(super) fn reads_in_nests(
    function: &Function,
    block: &Block,
    (depth, counts): (usize, bool),
    see: &mut dyn FnMut(Var, &Place),
) {
    for statement in block {
        match statement {
            Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. }
                if depth > 1 && counts && function.is_scalar(*var) && !function.variable(*var).mutable =>
            {
                see(*var, place);
            }
            Statement::Loop(each) => {
                let counts = counts || capacity(function, each).is_none();
                reads_in_nests(function, &each.body, (depth + 1, counts), see);
            }
            Statement::Branch(branch) => {
                branch.arms.iter().for_each(|arm| reads_in_nests(function, &arm.body, (depth, counts), see));
            }
            _ => {}
        }
    }
}
