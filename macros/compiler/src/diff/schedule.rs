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

use crate::analysis::effects::{Effects, Late, Timeline};
use crate::analysis::private::Memory;
use crate::ir::{Arm, Block, Branch, Call, CallMode, Counting, Function, Loop, Passed, Saved, Seed, Statement, Var, uses};

use super::again;
use super::pending::Pending;
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
    let primals = reversed.adjoints.iter().map(|(primal, adjoint)| (*adjoint, primal)).collect();
    let known = Known { function: &reversed.function, primals, memory: Memory::of(&reversed.forward), calls };
    let [at_first, between] = &reversed.checks;
    let mut body: Block = checks.into_iter().chain(at_first.iter().cloned()).collect();
    body.extend(blocks_around(&known, &reversed.forward, between, backward));
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
fn blocks(known: &Known, forward: &Block, backward: Block) -> Block {
    blocks_around(known, forward, &Vec::new(), backward)
}

/// The same with statements between them.
fn blocks_around(known: &Known, forward: &Block, between: &Block, backward: Block) -> Block {
    let may_run_in_one_go =
        |statement: &Statement| matches!(statement, Statement::Loop(_) | Statement::Branch(_) | Statement::Call(_));
    if !forward.iter().any(may_run_in_one_go) {
        return forward.iter().chain(between).cloned().chain(backward).collect();
    }
    let (timeline, mut pending) = (Timeline::of(forward), Pending::of(backward));
    let mut body = Vec::new();
    for (position, statement) in forward.iter().enumerate() {
        let fused = match statement {
            Statement::Loop(each) => one_go(known, each, Late::of(each, &timeline, position), &mut pending),
            Statement::Branch(branch) => one_branch(known, branch, &Late::of_statements(&timeline, position), &mut pending),
            Statement::Call(call) if known.calls => {
                one_call(known.function, call, &Late::of_statements(&timeline, position), &mut pending)
            }
            _ => None,
        };
        match fused {
            Some(mut statements) => body.append(&mut statements),
            None => body.push(statement.clone()),
        }
    }
    body.extend(between.iter().cloned());
    body.extend(pending.rest());
    body
}

/// The loop in one go, after the adjoints that it reads; its reverse is taken.
fn one_go(known: &Known, each: &Loop, mut late: Late, pending: &mut Pending) -> Option<Block> {
    let (position, Statement::Loop(reverse)) = pending.reverses(each.identity()?).next()? else { return None };
    let mut inside = Effects::of_block(&reverse.body);
    let owners = inside.writes.iter().filter_map(|adjoint| Some((*known.primals.get(adjoint)?, *adjoint)));
    let owners: BTreeMap<Var, Var> = owners.collect();
    for private in known.memory.private(known.function, each, owners.keys().copied()) {
        inside.private(owners[&private]);
        late.forget(private);
    }
    let waits = |var: &Var| !late.inner.contains(var) && late.contains(*var);
    if !inside.writes.is_empty() || inside.reads.intersection(&inside.adds).next().is_some() || inside.reads.iter().any(waits) {
        return None;
    }
    let reverse = reverse.body.clone();
    let mut statements = pending.take(known.function, position, &inside, &late)?;
    let body = blocks(known, &each.body, without_repeated(&reverse, &each.body));
    statements.push(Statement::Loop(Loop { body, tape: None, counting: Counting::None, ..each.clone() }));
    Some(statements)
}

/// The branch with both sweeps in each arm, after the adjoints that they read; its reverse is taken.
fn one_branch(known: &Known, branch: &Branch, late: &Late, pending: &mut Pending) -> Option<Block> {
    let record = branch.record?;
    let (position, reverse) = pending.reverses(record).next()?;
    let Statement::Unwind { arms: reverses, .. } = reverse else { return None };
    let mut inside = Effects::of_statement(reverse);
    inside.reads.remove(&record);
    if !inside.writes.is_empty() || inside.reads.iter().any(|var| inside.adds.contains(var) || late.contains(*var)) {
        return None;
    }
    let reverses = reverses.clone();
    let mut statements = pending.take(known.function, position, &inside, late)?;
    let both = |(arm, (_, reverse)): (&Arm, &(Vec<Saved>, Block))| {
        let body = blocks(known, &arm.body, without_repeated(again::in_arm(arm, reverse), &arm.body));
        Arm { body, saved: Vec::new(), ..arm.clone() }
    };
    let arms = branch.arms.iter().zip(&reverses).map(both).collect();
    statements.push(Statement::Branch(Branch { arms, record: None, ..branch.clone() }));
    Some(statements)
}

/// The call with both of its sweeps, after the adjoints that they read; its backward half is taken.
fn one_call(function: &Function, call: &Call, late: &Late, pending: &mut Pending) -> Option<Block> {
    let (CallMode::Split(back) | CallMode::Recomputed(back)) = call.mode else { return None };
    let mut halves = pending.reverses(back);
    let (position, half) = halves.next()?;
    if halves.next().is_some() {
        return None; // a slot for each of two arguments in one variable
    }
    let mut inside = Effects::of_statement(half);
    let Statement::Back(mut half) = half.clone() else { return None };
    if half.mutable.contains(&true) || half.again.iter().any(|argument| matches!(argument.passed, Passed::Receiver(_))) {
        return None; // the slot of what is changed holds two cotangents, one after the other
    }
    inside.reads.clear();
    if let Seed::Place(seed) = &half.seed {
        uses::place(seed, &mut |var| _ = inside.reads.insert(var));
    }
    half.slots.iter().flatten().for_each(|slot| inside.indices(slot));
    let waits = |var: &Var| late.contains(*var);
    if matches!(half.seed, Seed::ZerosLike(_)) || inside.reads.intersection(&inside.adds).next().is_some() {
        return None;
    }
    if !inside.writes.is_empty() || inside.reads.iter().any(waits) {
        return None;
    }
    drop(halves);
    let mut statements = pending.take(function, position, &inside, late)?;
    half.again.clone_from(&call.arguments); // nothing has changed them yet
    statements.push(Statement::Call(Call { mode: CallMode::Fused(Box::new(half)), ..call.clone() }));
    Some(statements)
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
