//! Whether the backward half of a function keeps what parameters by value hold, as far as it may refer to what the function was given.
//!
//! *In:* the statements of the forward half, what the backward half mentions, and the parameters. *Out:* whether something of theirs is kept. Numbers and
//! copies (`Function::holders`) refer to nothing.

use std::collections::BTreeSet;

use crate::ir::sets::VarSet;
use crate::ir::{Block, Function, Saved, Statement, Var, uses};

/// Whether the backward half mentions one of the parameters, or what holds a part of one.
pub fn is_kept(function: &Function, parameters: &BTreeSet<Var>, forward: &Block, backward: &Block) -> bool {
    let mut parts = parameters.clone();
    collect(function, forward, &mut parts);
    let mut mentioned = VarSet::default();
    uses::block(backward, &mut |var| _ = mentioned.insert(var));
    parts.into_iter().any(|var| mentioned.contains(var))
}

fn collect(function: &Function, block: &Block, parts: &mut BTreeSet<Var>) {
    let keeps = |saved: &[Saved], parts: &BTreeSet<Var>| saved.iter().any(|saved| parts.contains(&saved.var));
    for statement in block {
        match statement {
            Statement::Loop(each) => {
                collect(function, &each.body, parts);
                let tape = each.tape.as_ref().filter(|tape| keeps(&tape.saved, parts));
                parts.extend(tape.map(|tape| tape.var));
            }
            Statement::Branch(branch) => {
                branch.arms.iter().for_each(|arm| collect(function, &arm.body, parts));
                let is_kept = branch.arms.iter().any(|arm| keeps(&arm.saved, parts));
                parts.extend(branch.record.filter(|_| is_kept));
            }
            other => {
                let mut reads = false;
                uses::statement(other, &mut |var| reads |= parts.contains(&var));
                if reads {
                    uses::declared(other, &mut |var| {
                        if !function.is_scalar(var) && !function.holders.contains(&var) {
                            parts.insert(var);
                        }
                    });
                }
            }
        }
    }
}
