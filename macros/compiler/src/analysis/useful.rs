//! Which variables flow into what a function gives back.
//!
//! *In:* a function, before it is differentiated. *Out:* the variables that its result, or what is left in its `&mut` parameters, depends
//! on. The adjoints of others are zero, and what a loop carries along for nothing would be reversed with zeros otherwise, of which
//! infinite partial derivatives make NaN.

use crate::ir::sets::VarSet;
use crate::ir::{Block, Call, Function, Passed, Passing, Statement, Value, uses};

/// Finds these variables. A fixpoint over the statements, as loops carry values backwards.
pub fn useful(function: &Function) -> VarSet {
    let changed = function.parameters.iter().filter(|p| p.passing == Passing::Mutable).map(|p| p.var);
    let mut useful: VarSet = changed.chain(function.result).collect();
    let mut before = 0;
    while useful.len() > before {
        before = useful.len();
        block(&function.body, &mut useful);
    }
    useful
}

fn block(statements: &Block, useful: &mut VarSet) {
    statements.iter().rev().for_each(|inner| statement(inner, useful));
}

fn statement(statement: &Statement, useful: &mut VarSet) {
    match statement {
        Statement::Let { var, value: Some(value), .. } if useful.contains(*var) => depends(value, useful),
        Statement::Assign { place, value } | Statement::Push { place, value } if useful.contains(place.root) => {
            depends(value, useful)
        }
        Statement::Let { .. } | Statement::Assign { .. } | Statement::Push { .. } => {}
        Statement::Add { place, value, .. } if useful.contains(place.root) => {
            uses::expr(value, &mut |var| _ = useful.insert(var))
        }
        Statement::Add { .. }
        | Statement::Code { .. }
        | Statement::Leave(_)
        | Statement::NoExit(_)
        | Statement::Inert(_)
        | Statement::Check { .. } => {}
        Statement::Branch(branch) => branch.arms.iter().for_each(|arm| block(&arm.body, useful)),
        Statement::Loop(each) => block(&each.body, useful),
        Statement::Call(call) if !is_useful(call, useful) => {}
        // of closures all is useful, as the callee decides; and what a derivative is made of already
        other => uses::statement(other, &mut |var| _ = useful.insert(var)),
    }
}

fn depends(value: &Value, useful: &mut VarSet) {
    uses::value(value, &mut |var| _ = useful.insert(var));
}

/// Whether the result of a call, or what it may change, is useful; a closure may add to what it captures.
fn is_useful(call: &Call, useful: &VarSet) -> bool {
    let changes = call.arguments.iter().any(|argument| match &argument.passed {
        Passed::Mutable(place) | Passed::Lent(place) | Passed::Receiver(place) => useful.contains(place.root),
        Passed::Closure(..) | Passed::Function(..) => true,
        Passed::Value(_) | Passed::Shared(_) => false,
    });
    changes || useful.contains(call.result)
}
