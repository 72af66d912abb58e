//! Which sequences the iterations of a loop take from, each its own element.
//!
//! *In:* the body of a loop, and its index. *Out:* the variables of which an iteration takes the element at the index, and mentions nothing else. What
//! one iteration does to them, no other one sees, so that the iterations may come in any order.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Block, Function, Operand, Place, Statement, Step, Value, Var, uses};

/// The variables of which each iteration takes its own element.
pub fn taken(function: &Function, body: &Block, index: Var) -> BTreeSet<Var> {
    let takes = body.iter().filter_map(|statement| match statement {
        Statement::Let { value: Some(Value::Take(place, None)), .. } => Some(place),
        _ => None,
    });
    let mut inside = BTreeSet::from([index]);
    uses::declared_within(body, &mut inside);
    let own: Vec<&Place> = takes.filter(|place| is_own(function, place, index, &inside)).collect();
    let mut mentions: BTreeMap<Var, usize> = BTreeMap::new();
    if !own.is_empty() {
        uses::block(body, &mut |var| *mentions.entry(var).or_default() += 1);
    }
    own.into_iter().map(|place| place.root).filter(|root| mentions[root] == 1 && !inside.contains(root)).collect()
}

/// Whether one step of the place is the index, and the others are the same in all iterations.
fn is_own(function: &Function, place: &Place, index: Var, inside: &BTreeSet<Var>) -> bool {
    let (own, others): (Vec<&Step>, Vec<&Step>) = place.path.iter().partition(|step| is_index(function, step, index));
    let lasts = |step: &&Step| {
        let mut lasts = true;
        if let Step::Index(operand) = step {
            uses::operand(operand, &mut |var| lasts &= !inside.contains(&var) && !function.variable(var).mutable);
        }
        lasts
    };
    own.len() == 1 && others.iter().all(lasts)
}

/// Whether the step is `[index]`.
pub fn is_index(function: &Function, step: &Step, index: Var) -> bool {
    match step {
        Step::Index(Operand::Place(at)) => at.path.is_empty() && at.root == index,
        Step::Index(Operand::Code(code)) => code.reads == [index] && function.variable(index).name == code.tokens.to_string(),
        _ => false,
    }
}
