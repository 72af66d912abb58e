//! `let v = ±1; .. v · e .. ⟶ .. ±e ..`: a cotangent or a tangent that is one is no factor.
//!
//! Of variables that are never assigned, in a block without inner ones. The ones are those of the rules and of the directions; a user's own literal
//! stays, as it may carry a type that inference needs.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Block, Expr, Operand, Statement, Value, Var, edit};

use super::fold::{fold, is_minus_one, is_one};

/// Writes the ones for the variables that hold them, and folds.
pub fn propagate(block: &mut Block) {
    let changed: BTreeSet<Var> = block.iter().filter_map(changes).collect();
    let mut units = BTreeMap::new();
    for statement in block {
        edit::own_exprs(statement, &mut |expr| {
            replace(expr, &units);
            fold(expr);
        });
        if let Statement::Let { var, value, .. } = statement
            && !changed.contains(var)
            && let Some(Value::Expr(unit)) = value
            && (is_one(unit) || is_minus_one(unit))
        {
            units.insert(*var, unit.clone());
        }
    }
}

/// The variable that a statement changes after its declaration.
fn changes(statement: &Statement) -> Option<Var> {
    match statement {
        Statement::Assign { place, .. } | Statement::Add { place, .. } => Some(place.root),
        _ => None,
    }
}

fn replace(expr: &mut Expr, units: &BTreeMap<Var, Expr>) {
    match expr {
        Expr::Operand(Operand::Place(place)) if place.path.is_empty() => {
            if let Some(unit) = units.get(&place.root) {
                *expr = unit.clone();
            }
        }
        Expr::Operand(_) => {}
        Expr::Apply(_, arguments, _) => arguments.iter_mut().for_each(|argument| replace(argument, units)),
    }
}
