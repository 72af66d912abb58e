//! Numbers that loops carry along are computed again by their reverse, which then runs forward.
//!
//! ```text
//! let mut at = 0;                                   let mut at = 0;
//! for i { for j in 0..i {                           for i { for j in 0..i {
//!   s += c[at] * x[j];                                s += c[at] * x[j];
//!   tape <- (at); at += 1 } }                         at += 1 } }
//! for i reversed { for j reversed                   let mut at_again = 0;
//!   with (at) from tape {                     ⟶     for i { for j in 0..i {
//!   c_bar[at] += s_bar * x[j] } }                     c_bar[at_again] += s_bar * x[j]; at_again += 1 } }
//! ```
//!
//! *In:* both sweeps as one sequence. *Out:* the same with fewer records.
//!
//! That is sound where the iterations of the reverse loop only read what is there before it and only add to adjoints, so that their order does
//! not matter; and where all that they need from the record is computed, by plain arithmetic, from the index, from variables that never change
//! and from numbers that the loop carries and whose first value is such arithmetic too. The same operations in the same order give the same bits.
//! Of loops inside of each other that holds for all of them; what they keep for each other is computed in the order of the forward sweep.
//! The two loops may stand in the bodies of two others that are each other's reverse: there, too, what is computed again is at hand.

use std::collections::BTreeSet;

use crate::analysis::arithmetic;
use crate::analysis::effects::Effects;
use crate::ir::replace::Replaced;
use crate::ir::{
    Block, Counting, Expr, Form, Function, Header, Kind, Loop, Operand, Place, Statement, Tape, Value, Var, edit, uses,
};

/// Of so many operations at most is a value computed again.
const MOST: usize = 8;

/// Computes again what that pays for.
pub fn replay(function: &mut Function, block: &mut Block) {
    block.iter_mut().for_each(|statement| edit::inner_blocks(statement, &mut |inner| replay(function, inner)));
    for position in 0..block.len() {
        let Some(reader) = reader_of(&block[position], block).filter(|reader| *reader > position) else { continue };
        let (forward, backward) = block.split_at_mut(position + 1);
        let at = reader - forward.len();
        if let Some(instead) = pair(function, forward, &mut backward[at], &Scope::default()).instead {
            block.splice(reader..=reader, instead);
        }
    }
}

/// The position of the loop that reads the records of this one.
fn reader_of(writer: &Statement, block: &[Statement]) -> Option<usize> {
    let Statement::Loop(Loop { tape: Some(tape), .. }) = writer else { return None };
    let reads = |other: &Tape| other.reads && other.var == tape.var;
    let reads_it = |statement: &Statement| matches!(statement, Statement::Loop(each) if each.tape.as_ref().is_some_and(reads));
    if tape.reads { None } else { block.iter().position(reads_it) }
}

/// What is declared around a loop and its reverse.
#[derive(Clone, Default)]
struct Scope {
    /// In the forward sweep alone, but for those that are there.
    forward: BTreeSet<Var>,
    /// Where the reverse stands.
    there: BTreeSet<Var>,
}

impl Scope {
    fn has(&self, var: Var) -> bool {
        !self.forward.contains(&var) || self.there.contains(&var)
    }
}

/// What stands for the reverse of a loop, and the tapes that are no more.
#[derive(Default)]
struct Replayed {
    instead: Option<Block>,
    gone: BTreeSet<Var>,
}

/// Replays the loop at the end of `forward` in its reverse, or loops inside of it.
fn pair(function: &mut Function, forward: &mut [Statement], reader: &mut Statement, scope: &Scope) -> Replayed {
    let Some((Statement::Loop(writer), before)) = forward.split_last_mut() else { return Replayed::default() };
    let Statement::Loop(reverse) = reader else { return Replayed::default() };
    if let Some(instead) = whole(function, before, writer, reverse, scope) {
        let mut gone = BTreeSet::new();
        without_tapes(writer, &mut gone);
        return Replayed { instead: Some(instead), gone };
    }
    let mut within = scope.clone();
    within.there.extend(writer.binds());
    within.there.extend(reverse.tape.iter().flat_map(|tape| &tape.saved).map(|saved| saved.var));
    let gone = bodies(function, &mut writer.body, &mut reverse.body, &within);
    for tape in [&mut writer.tape, &mut reverse.tape].into_iter().flatten() {
        tape.saved.retain(|saved| !gone.contains(&saved.var));
    }
    Replayed { instead: None, gone }
}

/// The same for the loops of a body and of its reverse; gives the tapes that are no more.
fn bodies(function: &mut Function, forward: &mut Block, backward: &mut Block, scope: &Scope) -> BTreeSet<Var> {
    let mut scope = scope.clone();
    forward.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = scope.forward.insert(var)));
    let mut gone = BTreeSet::new();
    for position in 0..forward.len() {
        let Some(reader) = reader_of(&forward[position], backward) else { continue };
        let mut there = scope.clone();
        backward[..reader].iter().for_each(|statement| uses::declared(statement, &mut |var| _ = there.there.insert(var)));
        let replayed = pair(function, &mut forward[..=position], &mut backward[reader], &there);
        gone.extend(replayed.gone);
        if let Some(instead) = replayed.instead {
            backward.splice(reader..=reader, instead);
        }
    }
    gone
}

/// Takes the tapes from a loop and from those inside of it.
fn without_tapes(each: &mut Loop, gone: &mut BTreeSet<Var>) {
    gone.extend(each.tape.take().map(|tape| tape.var));
    for statement in &mut each.body {
        if let Statement::Loop(inner) = statement {
            without_tapes(inner, gone);
        }
    }
}

/// What stands for the reverse of a loop of which nothing is recorded.
fn whole(function: &mut Function, before: &[Statement], writer: &Loop, reverse: &Loop, scope: &Scope) -> Option<Block> {
    let nest = Nest::of(writer)?;
    let slice = nest.slice(writer)?;
    let (mut declared, mut carried) = (writer.binds().into_iter().collect(), BTreeSet::new());
    uses::declared_within(&writer.body, &mut declared);
    for var in nest.needed.difference(&declared) {
        match function.variable(*var).mutable {
            true => _ = carried.insert(*var),
            false if scope.has(*var) => {}
            false => return None,
        }
    }
    let mut mentions = false;
    uses::block(&reverse.body, &mut |var| mentions |= carried.contains(&var));
    if mentions || !slice.in_any_order(reverse) {
        return None;
    }
    let begin = carried.iter().map(|var| first_value(function, before, *var, scope)).collect::<Option<Block>>()?;
    let mut renamed = Replaced::default();
    let mut out = Vec::new();
    for (var, begin) in carried.iter().zip(begin) {
        let variable = function.variable(*var).clone();
        let wish = format!("{}_again", variable.name);
        let fresh = function.fresh(&wish, Kind::Inactive, true, Form::Owned, variable.name.span());
        renamed.insert(function, *var, None, fresh);
        let Statement::Code { mut code, .. } = begin else { unreachable!("it is declared by copied code") };
        let (_, value) = arithmetic::declared(&code).expect("a plain `let`");
        let name = &function.variable(fresh).name;
        code.tokens = quote::quote!(let mut #name = #value;);
        code.reads.retain(|read| read != var);
        out.push(Statement::Code { code, binds: vec![fresh], writes: Vec::new() });
    }
    out.push(slice.again(&renamed, writer, reverse));
    Some(out)
}

/// A loop, those inside of it, and what computes all that they record.
struct Nest {
    /// The variables that they record, but for the tapes.
    recorded: BTreeSet<Var>,
    /// What these are computed from, and they.
    needed: BTreeSet<Var>,
}

impl Nest {
    /// None where something is recorded that is no plain arithmetic, as how often a loop ran.
    fn of(writer: &Loop) -> Option<Self> {
        let (mut tapes, mut recorded) = (BTreeSet::new(), BTreeSet::new());
        let mut leaves: Vec<(&Statement, BTreeSet<Var>)> = Vec::new();
        collect(writer, &mut tapes, &mut recorded, &mut leaves);
        recorded.retain(|var| !tapes.contains(var));
        let mut needed = recorded.clone();
        // what is carried may be computed, in one iteration, after it is used
        loop {
            let before = needed.len();
            let computing = leaves.iter().filter(|(_, changes)| !changes.is_disjoint(&needed)).map(|(statement, _)| *statement);
            let computing: Vec<&Statement> = computing.collect();
            if computing.len() > MOST || !computing.iter().all(|statement| is_plain(statement)) {
                return None;
            }
            computing.iter().for_each(|statement| uses::statement(statement, &mut |var| _ = needed.insert(var)));
            if needed.len() == before {
                // how often a loop ran is found by running it
                return (!counts(writer, &needed)).then_some(Self { recorded, needed });
            }
        }
    }

    /// What of a loop computes them. None where one of two loops side by side would have to wait for the other.
    fn slice(&self, each: &Loop) -> Option<Slice> {
        if !matches!(each.header, Header::Range(_)) || each.exit.is_some() || each.counter.is_some() {
            return None;
        }
        let mut slice = Slice::default();
        for statement in &each.body {
            match statement {
                Statement::Loop(inner) if self.computes_in(&inner.body) => {
                    if slice.inner.is_some() {
                        return None;
                    }
                    slice.inner = Some((inner.identity()?, Box::new(self.slice(inner)?)));
                }
                Statement::Loop(_) => {}
                leaf if changed(leaf).is_disjoint(&self.needed) => {}
                leaf if slice.inner.is_none() => slice.before.push(leaf.clone()),
                leaf => {
                    let mut late = false;
                    uses::declared(leaf, &mut |var| late |= self.recorded.contains(&var));
                    if late {
                        return None;
                    }
                    slice.after.push(leaf.clone());
                }
            }
        }
        Some(slice)
    }

    fn computes_in(&self, block: &Block) -> bool {
        block.iter().any(|statement| match statement {
            Statement::Loop(inner) => self.computes_in(&inner.body),
            leaf => !changed(leaf).is_disjoint(&self.needed),
        })
    }
}

/// Whether a loop, or one inside of it, counts its iterations in one of the variables.
fn counts(each: &Loop, vars: &BTreeSet<Var>) -> bool {
    let is_one = |statement: &Statement| matches!(statement, Statement::Loop(inner) if counts(inner, vars));
    each.counter.is_some_and(|counter| vars.contains(&counter)) || each.body.iter().any(is_one)
}

/// The tapes and the records of a loop and of those inside of it, and their statements with what each changes.
fn collect<'s>(
    each: &'s Loop,
    tapes: &mut BTreeSet<Var>,
    recorded: &mut BTreeSet<Var>,
    leaves: &mut Vec<(&'s Statement, BTreeSet<Var>)>,
) {
    if let Some(tape) = &each.tape {
        tapes.insert(tape.var);
        recorded.extend(tape.saved.iter().map(|saved| saved.var));
    }
    for statement in &each.body {
        match statement {
            Statement::Loop(inner) => collect(inner, tapes, recorded, leaves),
            leaf => leaves.push((leaf, changed(leaf))),
        }
    }
}

/// What a statement declares or changes.
fn changed(statement: &Statement) -> BTreeSet<Var> {
    let effects = Effects::of_statement(statement);
    let mut changed: BTreeSet<Var> = effects.writes.union(&effects.adds).copied().collect();
    uses::declared(statement, &mut |var| _ = changed.insert(var));
    changed
}

/// What of a loop is computed again.
#[derive(Default)]
struct Slice {
    before: Block,
    /// The loop inside of it of which something is.
    inner: Option<(Var, Box<Slice>)>,
    after: Block,
}

impl Slice {
    /// Whether the iterations of the reverse, and of its inner loops that are to run forward, only read what is there before them and only
    /// add to adjoints.
    fn in_any_order(&self, reverse: &Loop) -> bool {
        let inside = Effects::of_block(&reverse.body);
        let alone = inside.writes.is_empty() && inside.reads.is_disjoint(&inside.adds);
        let inner = |statement: &Statement| match (statement, &self.inner) {
            (Statement::Loop(each), Some((index, slice))) if each.identity() == Some(*index) => slice.in_any_order(each),
            _ => true,
        };
        alone && reverse.body.iter().all(inner)
    }

    /// The reverse that computes again.
    fn again(&self, renamed: &Replaced, writer: &Loop, reverse: &Loop) -> Statement {
        let [before, after] = [&self.before, &self.after].map(|block| {
            let mut block = block.clone();
            renamed.block(&mut block);
            for statement in &mut block {
                if let Statement::Code { writes, .. } = statement {
                    writes.iter_mut().for_each(|var| *var = renamed.get(*var).map_or(*var, |place| place.root));
                }
            }
            block
        });
        let mut there = BTreeSet::new();
        before.iter().chain(&after).for_each(|statement| uses::declared(statement, &mut |var| _ = there.insert(var)));
        let repeats = |statement: &Statement| {
            let mut repeated = false;
            uses::declared(statement, &mut |var| repeated |= there.contains(&var));
            repeated
        };
        let inner_writer = |index: Var| {
            writer.body.iter().find_map(|statement| match statement {
                Statement::Loop(each) if each.identity() == Some(index) => Some(each),
                _ => None,
            })
        };
        let middle =
            reverse.body.iter().filter(|statement| !repeats(statement)).map(|statement| match (statement, &self.inner) {
                (Statement::Loop(each), Some((index, slice))) if each.identity() == Some(*index) => {
                    slice.again(renamed, inner_writer(*index).expect("it has a reverse"), each)
                }
                (statement, _) => statement.clone(),
            });
        let body = before.into_iter().chain(middle).chain(after).collect();
        let header = writer.header.clone();
        Statement::Loop(Loop { header, body, exit: None, counter: None, counting: Counting::None, tape: None })
    }
}

/// Whether the statement is arithmetic of numbers, and cheap.
fn is_plain(statement: &Statement) -> bool {
    match statement {
        Statement::Code { code, .. } => arithmetic::is_arithmetic(code),
        Statement::Let { value: Some(Value::Expr(expr)), .. } => is_cheap(expr),
        _ => false,
    }
}

fn is_cheap(expr: &Expr) -> bool {
    match expr {
        Expr::Operand(Operand::Code(code)) => arithmetic::is_arithmetic(code),
        Expr::Operand(Operand::Place(Place { path, .. })) => path.is_empty(),
        Expr::Operand(Operand::Number(_)) => true,
        Expr::Apply(op, arguments, _) => matches!(op.0.name, "add" | "sub" | "mul" | "neg") && arguments.iter().all(is_cheap),
    }
}

/// The declaration of a number that is carried, where nothing changes it before the loop and it can be repeated.
fn first_value(function: &Function, before: &[Statement], var: Var, scope: &Scope) -> Option<Statement> {
    let declares = |statement: &Statement| matches!(statement, Statement::Code { binds, .. } if binds.as_slice() == [var]);
    let position = before.iter().position(declares)?;
    let Statement::Code { code, .. } = &before[position] else { return None };
    arithmetic::declared(code)?;
    let lasts = code.reads.iter().all(|read| *read == var || !function.variable(*read).mutable && scope.has(*read));
    let untouched = before[position + 1..].iter().all(|statement| !changed(statement).contains(&var));
    (arithmetic::is_arithmetic(code) && lasts && untouched).then(|| before[position].clone())
}
