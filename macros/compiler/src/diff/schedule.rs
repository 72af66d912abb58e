//! The order of the two sweeps of a function whose seed is known.
//!
//! *In:* a forward and a backward sweep. *Out:* one sequence of statements, in which a loop, a branch or a call runs forward and backward in
//! one go where its adjoints are known before it runs.
//!
//! ```text
//! for i { total += f(x[i]) }            total_bar = seed / n
//! value = total / n               ⟶    for i { total += f(x[i]);  x_bar[i] += total_bar * f'(x[i]) }
//! total_bar = seed / n                  value = total / n
//! for i reversed { x_bar[i] += .. }
//! ```
//!
//! That is so where the reverse of the loop only reads some adjoints and only adds to others, and where those that it reads are computed
//! from the seed and from what stands before the loop. Then no iteration waits for another, nothing is recorded, and nothing is computed
//! twice. Contributions to an adjoint are added in another order than by two sweeps; the value's own order does not change.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::private::Memory;
use crate::analysis::seeds::{Effects, Late, Moved, declare_early, early};
use crate::ir::{Arm, Block, Branch, Call, CallMode, Counting, Function, Loop, Passed, Saved, Seed, Statement, Var, uses};

use super::reverse::Reversed;

/// Puts the sweeps of a function together.
pub fn fuse(reversed: &Reversed) -> Block {
    order(reversed, true)
}

/// The same where calls stay apart.
pub fn fuse_loops(reversed: &Reversed) -> Block {
    order(reversed, false)
}

/// Puts the sweeps of a closure's body together, loops in one go, calls apart.
pub fn together(function: &Function, forward: &Block, backward: Block) -> Block {
    let known = Known { function, primals: BTreeMap::new(), memory: Memory::default(), calls: false };
    blocks(&known, forward, backward)
}

fn order(reversed: &Reversed, calls: bool) -> Block {
    let (checks, backward): (Block, Block) =
        reversed.backward.iter().cloned().partition(|statement| matches!(statement, Statement::SameLength { .. }));
    let primals = reversed.adjoints.iter().map(|(primal, adjoint)| (*adjoint, *primal)).collect();
    let known = Known { function: &reversed.function, primals, memory: Memory::of(&reversed.forward), calls };
    let mut body = checks;
    body.extend(blocks(&known, &reversed.forward, backward));
    body
}

/// What is known of the function whose sweeps are put together.
struct Known<'a> {
    function: &'a Function,
    /// What each adjoint belongs to.
    primals: BTreeMap<Var, Var>,
    memory: Memory,
    /// Whether calls run in one go, too.
    calls: bool,
}

/// Puts the two sweeps of a block together.
fn blocks(known: &Known, forward: &Block, mut backward: Block) -> Block {
    let mut body = Vec::new();
    for (position, statement) in forward.iter().enumerate() {
        let fused = match statement {
            Statement::Loop(each) => one_go(known, each, &forward[position..], &mut backward),
            Statement::Branch(branch) => one_branch(known, branch, &forward[position..], &mut backward),
            Statement::Call(call) if known.calls => one_call(known.function, call, &forward[position..], &mut backward),
            _ => None,
        };
        match fused {
            Some(mut statements) => body.append(&mut statements),
            None => body.push(statement.clone()),
        }
    }
    body.append(&mut backward);
    body
}

/// The loop in one go, after the adjoints that it reads; its reverse is taken out of `backward`.
fn one_go(known: &Known, each: &Loop, rest: &[Statement], backward: &mut Block) -> Option<Block> {
    let position = backward.iter().position(|statement| is_reverse(statement, each))?;
    let Statement::Loop(reverse) = backward[position].clone() else { return None };
    let mut inside = Effects::of_block(&reverse.body);
    let mut late = Late::of(each, rest);
    let taken = inside.writes.clone();
    let owners = taken.iter().filter_map(|adjoint| Some((*known.primals.get(adjoint)?, *adjoint)));
    let owners: BTreeMap<Var, Var> = owners.collect();
    for private in known.memory.private(known.function, each, owners.keys().copied()) {
        inside.private(owners[&private]);
        late.forget(private);
    }
    let waits = |var: &Var| !late.inner.contains(var) && late.contains(*var);
    if !inside.writes.is_empty() || inside.reads.intersection(&inside.adds).next().is_some() || inside.reads.iter().any(waits) {
        return None;
    }
    let mut moved = early(&backward[..position], &inside, &late)?;
    declare_early(known.function, &mut backward[..position], &inside.adds, &late, &mut moved)?;
    let body = blocks(known, &each.body, without_repeated(&reverse.body, &each.body));
    let mut statements = taken_out(backward, position, moved);
    statements.push(Statement::Loop(Loop { body, tape: None, counting: Counting::None, ..each.clone() }));
    Some(statements)
}

/// The branch with both sweeps in each arm, after the adjoints that they read; its reverse is taken out of `backward`.
fn one_branch(known: &Known, branch: &Branch, rest: &[Statement], backward: &mut Block) -> Option<Block> {
    let record = branch.record?;
    let is_ours = |statement: &Statement| matches!(statement, Statement::Unwind { record: of, .. } if *of == record);
    let position = backward.iter().position(is_ours)?;
    let Statement::Unwind { arms: reverses, .. } = backward[position].clone() else { return None };
    let mut inside = Effects::of_statement(&backward[position]);
    inside.reads.remove(&record);
    let late = Late::of_statements(rest);
    if !inside.writes.is_empty() || inside.reads.iter().any(|var| inside.adds.contains(var) || late.contains(*var)) {
        return None;
    }
    let mut moved = early(&backward[..position], &inside, &late)?;
    declare_early(known.function, &mut backward[..position], &inside.adds, &late, &mut moved)?;
    let both = |(arm, (_, reverse)): (&Arm, &(Vec<Saved>, Block))| {
        let body = blocks(known, &arm.body, without_repeated(reverse, &arm.body));
        Arm { body, saved: Vec::new(), ..arm.clone() }
    };
    let arms = branch.arms.iter().zip(&reverses).map(both).collect();
    let mut statements = taken_out(backward, position, moved);
    statements.push(Statement::Branch(Branch { arms, record: None, ..branch.clone() }));
    Some(statements)
}

/// The call with both of its sweeps, after the adjoints that they read; its backward half is taken out of `backward`.
fn one_call(function: &Function, call: &Call, rest: &[Statement], backward: &mut Block) -> Option<Block> {
    let (CallMode::Split(back) | CallMode::Recomputed(back)) = call.mode else { return None };
    let is_ours = |statement: &Statement| matches!(statement, Statement::Back(half) if half.back == back);
    let position = backward.iter().position(is_ours)?;
    if backward.iter().filter(|statement| is_ours(statement)).count() > 1 {
        return None; // a slot for each of two arguments in one variable
    }
    let Statement::Back(mut half) = backward[position].clone() else { return None };
    if half.mutable.contains(&true) || half.again.iter().any(|argument| matches!(argument.passed, Passed::Receiver(_))) {
        return None; // the slot of what is changed holds two cotangents, one after the other
    }
    let mut inside = Effects::of_statement(&backward[position]);
    inside.reads.clear();
    if let Seed::Place(seed) = &half.seed {
        uses::place(seed, &mut |var| _ = inside.reads.insert(var));
    }
    half.slots.iter().flatten().for_each(|slot| inside.indices(slot));
    let late = Late::of_statements(rest);
    let waits = |var: &Var| late.contains(*var);
    if matches!(half.seed, Seed::ZerosLike(_)) || inside.reads.intersection(&inside.adds).next().is_some() {
        return None;
    }
    if !inside.writes.is_empty() || inside.reads.iter().any(waits) {
        return None;
    }
    let mut moved = early(&backward[..position], &inside, &late)?;
    declare_early(function, &mut backward[..position], &inside.adds, &late, &mut moved)?;
    half.again.clone_from(&call.arguments); // nothing has changed them yet
    let mut statements = taken_out(backward, position, moved);
    statements.push(Statement::Call(Call { mode: CallMode::Fused(Box::new(half)), ..call.clone() }));
    Some(statements)
}

/// The statements that move forward; they, and the one at `position`, leave `backward`.
fn taken_out(backward: &mut Block, position: usize, moved: Moved) -> Block {
    let mut statements: Block = moved.hoisted;
    let mut stays = Vec::new();
    for (here, statement) in std::mem::take(backward).into_iter().enumerate() {
        if moved.positions.contains(&here) {
            statements.push(statement);
        } else if here != position {
            stays.push(statement);
        }
    }
    *backward = stays;
    statements
}

/// Whether the statement is the reverse of the loop: it counts with the same variable.
fn is_reverse(statement: &Statement, each: &Loop) -> bool {
    matches!(statement, Statement::Loop(reverse) if reverse.identity().is_some() && reverse.identity() == each.identity())
}

/// The reverse of a block without what the block has computed already.
fn without_repeated(reverse: &Block, block: &Block) -> Block {
    let mut known = BTreeSet::new();
    block.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = known.insert(var)));
    let repeats = |statement: &Statement| {
        let mut repeated = false;
        uses::declared(statement, &mut |var| repeated |= known.contains(&var));
        repeated
    };
    reverse.iter().filter(|statement| !repeats(statement)).cloned().collect()
}
