//! `let t = take v_bar; (neither t nor v_bar is read again) ⟶`: an adjoint that ends where it is taken is not set to zero; and where the reverse of
//! a choice has nothing left to do, nothing is recorded of the choice.
//!
//! Only whole variables of the sweeps' own: setting one has no effect but on those who read it. A constant that is stored in a variable takes
//! its adjoint like that.

use std::collections::BTreeSet;

use crate::analysis::live::Live;
use crate::ir::{Block, Form, Function, Place, Saved, Statement, Value, Var, edit, uses};

/// Takes out what only sets adjoints that are not read again; the blocks run one after the other, `kept` variables are used after them.
pub fn remove(function: &Function, blocks: &mut [&mut Block], kept: &BTreeSet<Var>) {
    let mut live: Live = kept.iter().copied().collect();
    for block in blocks.iter_mut().rev() {
        backwards(function, block, &mut live);
    }
    let mut unwound = BTreeSet::new();
    blocks.iter().for_each(|block| unwinds(block, &mut unwound));
    let mut unread = BTreeSet::new();
    blocks.iter_mut().for_each(|block| records(block, &unwound, &mut unread));
    if !unread.is_empty() {
        blocks.iter_mut().for_each(|block| without(block, &unread));
    }
}

/// Goes through a block from its end; `live` are the variables that are read after it, then also those that it mentions.
fn backwards(function: &Function, block: &mut Block, live: &mut Live) {
    let mut kept = Vec::new();
    for mut statement in std::mem::take(block).into_iter().rev() {
        let is_own = |place: &Place| place.path.is_empty() && function.variable(place.root).form == Form::Owned;
        let is_dead = match &statement {
            Statement::Let { var, value: Some(Value::Take(place, _)), .. } => {
                is_own(place) && !live.contains(*var) && !live.contains(place.root)
            }
            Statement::Unwind { arms, .. } => arms.iter().all(|(_, body)| body.is_empty()),
            _ => false,
        };
        if is_dead {
            continue;
        }
        let outside = live.mark();
        if matches!(statement, Statement::Loop(_) | Statement::Call(_) | Statement::Back(_)) {
            again(&statement, live);
        }
        let around = live.mark();
        edit::inner_blocks(&mut statement, &mut |inner| {
            backwards(function, inner, live);
            live.leave(around);
        });
        live.leave(outside);
        if matches!(&statement, Statement::Unwind { arms, .. } if arms.iter().all(|(_, body)| body.is_empty())) {
            continue;
        }
        uses::statement(&statement, &mut |var| live.insert(var));
        kept.push(statement);
    }
    kept.reverse();
    *block = kept;
}

/// What a body that may run again reads of what stands outside of it, and what its record keeps.
fn again(statement: &Statement, live: &mut Live) {
    let mut mentioned = BTreeSet::new();
    uses::statement(statement, &mut |var| _ = mentioned.insert(var));
    let mut inside = BTreeSet::new();
    if let Statement::Loop(each) = statement {
        uses::declared_within(&each.body, &mut inside);
        each.tape.iter().flat_map(|tape| &tape.saved).for_each(|saved| _ = inside.remove(&saved.var));
    }
    mentioned.difference(&inside).for_each(|var| live.insert(*var));
}

/// The records of choices that are read.
fn unwinds(block: &Block, found: &mut BTreeSet<Var>) {
    for statement in block {
        match statement {
            Statement::Unwind { record, arms } => {
                found.insert(*record);
                arms.iter().for_each(|(_, body)| unwinds(body, found));
            }
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| unwinds(&arm.body, found)),
            Statement::Loop(each) => unwinds(&each.body, found),
            other => uses::lambdas(other).into_iter().for_each(|lambda| unwinds(&lambda.body, found)),
        }
    }
}

/// Takes the records that nothing reads from their choices.
fn records(block: &mut Block, unwound: &BTreeSet<Var>, unread: &mut BTreeSet<Var>) {
    for statement in block {
        if let Statement::Branch(branch) = statement
            && branch.record.is_some_and(|record| !unwound.contains(&record))
        {
            unread.extend(branch.record.take());
            branch.arms.iter_mut().for_each(|arm| arm.saved.clear());
        }
        edit::inner_blocks(statement, &mut |inner| records(inner, unwound, unread));
    }
}

/// Takes variables out of the records that they are kept in.
fn without(block: &mut Block, unread: &BTreeSet<Var>) {
    let is_read = |saved: &Saved| !unread.contains(&saved.var);
    for statement in block {
        match statement {
            Statement::Branch(branch) => branch.arms.iter_mut().for_each(|arm| arm.saved.retain(is_read)),
            Statement::Unwind { arms, .. } => arms.iter_mut().for_each(|(saved, _)| saved.retain(is_read)),
            Statement::Loop(each) => each.tape.iter_mut().for_each(|tape| tape.saved.retain(is_read)),
            _ => {}
        }
        edit::inner_blocks(statement, &mut |inner| without(inner, unread));
    }
}
