//! What is left of the backward sweep of a block while its forward sweep is gone through.
//!
//! *In:* the backward sweep, and which reverse is to run beside its statement of the forward sweep. *Out:* the statements that have to run before it,
//! taken out of the sweep; none where something that they read waits for what is computed late.
//!
//! The question is put to what the statements read, add to and overwrite, not to what the source looks like: everything between a value and
//! the result may be sums, means, signs or anything else whose coefficients are known by then. Statements are found by their variables, so that a
//! question costs what its answer is about, not the length of the sweep.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::effects::{Effects, Late};
use crate::ir::{Block, Function, Place, Statement, Value, Var, uses};

/// A backward sweep of which parts are taken.
pub struct Pending {
    /// None where it was taken.
    statements: Vec<Option<Statement>>,
    effects: Vec<Effects>,
    reads: Positions,
    adds: Positions,
    writes: Positions,
    /// The reverse of a loop, of a choice, of a call, by the variable that it shares with it.
    reverses: Positions,
}

/// Where a variable plays a part.
type Positions = BTreeMap<Var, Vec<usize>>;

/// The statements that move in front of a loop, a branch or a call.
struct Moved {
    positions: BTreeSet<usize>,
    /// Statements whose first contribution to an adjoint, which declared it, becomes an addition.
    contributions: Vec<(usize, Statement)>,
    /// Declarations of zeros for these adjoints.
    hoisted: Block,
}

impl Pending {
    /// The whole sweep.
    pub fn of(backward: Block) -> Self {
        let effects: Vec<Effects> = backward.iter().map(Effects::of_statement).collect();
        let [mut reads, mut adds, mut writes, mut reverses] = [(); 4].map(|()| Positions::new());
        for (position, (statement, effects)) in backward.iter().zip(&effects).enumerate() {
            for (positions, vars) in [(&mut reads, &effects.reads), (&mut adds, &effects.adds), (&mut writes, &effects.writes)] {
                vars.iter().for_each(|var| positions.entry(*var).or_default().push(position));
            }
            let shared = match statement {
                Statement::Loop(each) => each.identity(),
                Statement::Unwind { record, .. } => Some(*record),
                Statement::Back(back) => Some(back.back),
                _ => None,
            };
            shared.into_iter().for_each(|var| reverses.entry(var).or_default().push(position));
        }
        Self { statements: backward.into_iter().map(Some).collect(), effects, reads, adds, writes, reverses }
    }

    /// What is left.
    pub fn rest(self) -> impl Iterator<Item = Statement> {
        self.statements.into_iter().flatten()
    }

    /// The statements that reverse what shares this variable, with their positions.
    pub fn reverses(&self, shared: Var) -> impl Iterator<Item = (usize, &Statement)> {
        self.before(&self.reverses, shared, self.statements.len()).filter_map(|at| Some((at, self.statements[at].as_ref()?)))
    }

    /// Takes out what computes what the statement at `position` reads, and that statement, whose effects are `inside`: none, and nothing is
    /// changed, where it waits for what is computed late, or where the order of what stays would matter.
    pub fn take(&mut self, function: &Function, position: usize, inside: &Effects, late: &Late) -> Option<Block> {
        let mut moved = self.early(position, inside, late)?;
        self.declare_early(function, position, &inside.adds, late, &mut moved)?;
        let Moved { positions, contributions, hoisted: mut taken } = moved;
        for (at, statement) in contributions {
            self.effects[at] = Effects::of_statement(&statement);
            for var in &self.effects[at].adds {
                self.writes.entry(*var).or_default().retain(|position| *position != at);
                self.adds.entry(*var).or_default().push(at);
            }
            self.statements[at] = Some(statement);
        }
        self.statements[position] = None;
        taken.extend(positions.into_iter().filter_map(|at| self.statements[at].take()));
        Some(taken)
    }

    fn early(&self, position: usize, inside: &Effects, late: &Late) -> Option<Moved> {
        let positions = self.needed(position, inside, late)?;
        let stays = |at: &usize| !positions.contains(at);
        let crosses = |moved: &usize| self.conflicting(*moved, &self.effects[*moved]).any(|at| stays(&at));
        let touches = self.conflicting(position, inside).filter(stays).any(|at| {
            let declares = matches!(self.statements[at], Some(Statement::Let { value: Some(_), .. }));
            !(declares && self.effects[at].declares_only(&inside.adds))
        });
        let in_the_way = touches || positions.iter().any(crosses);
        (!in_the_way).then_some(Moved { positions, contributions: Vec::new(), hoisted: Vec::new() })
    }

    /// What computes what a statement reads, and what that reads, and so on: none where one of them waits.
    fn needed(&self, position: usize, inside: &Effects, late: &Late) -> Option<BTreeSet<usize>> {
        let (mut needed, mut open, mut positions) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let need = |var: Var, before: usize, needed: &mut BTreeSet<Var>, open: &mut BTreeSet<usize>| {
            if needed.insert(var) {
                open.extend(self.before(&self.adds, var, before).chain(self.before(&self.writes, var, before)));
            }
        };
        inside.reads.iter().for_each(|var| need(*var, position, &mut needed, &mut open));
        while let Some(at) = open.pop_last() {
            let runs_late = matches!(self.statements[at], Some(Statement::Loop(_) | Statement::Unwind { .. }));
            let Effects { reads, adds, writes } = &self.effects[at];
            if runs_late || reads.iter().any(|var| late.contains(*var)) {
                return None;
            }
            positions.insert(at);
            reads.iter().chain(writes).chain(adds).for_each(|var| need(*var, at, &mut needed, &mut open));
        }
        Some(positions)
    }

    /// The statements in front of a position that cannot change places with what has these effects.
    fn conflicting(&self, position: usize, effects: &Effects) -> impl Iterator<Item = usize> {
        let of = |vars: &BTreeSet<Var>, parts: Vec<&Positions>| -> Vec<usize> {
            let found = vars.iter().flat_map(|var| parts.iter().flat_map(move |part| self.before(part, *var, position)));
            found.collect()
        };
        let reads = of(&effects.reads, vec![&self.writes, &self.adds]);
        let adds = of(&effects.adds, vec![&self.writes, &self.reads]);
        let writes = of(&effects.writes, vec![&self.writes, &self.adds, &self.reads]);
        reads.into_iter().chain(adds).chain(writes)
    }

    /// What is left in front of a position of those statements of which the variable is a part.
    fn before(&self, positions: &Positions, var: Var, end: usize) -> impl Iterator<Item = usize> {
        let found = positions.get(&var).map_or(&[][..], Vec::as_slice);
        found.iter().copied().filter(move |at| *at < end && self.statements[*at].is_some())
    }

    /// Declares the adjoints that are added to before the statements that declare them: a first contribution that stays behind becomes an
    /// addition.
    fn declare_early(
        &self,
        function: &Function,
        position: usize,
        adds: &BTreeSet<Var>,
        late: &Late,
        moved: &mut Moved,
    ) -> Option<()> {
        let mut declared: Vec<usize> = adds.iter().flat_map(|var| self.before(&self.writes, *var, position)).collect();
        declared.sort_unstable();
        for at in declared {
            let Some(Statement::Let { var, value: Some(value), .. }) = &self.statements[at] else { continue };
            if !adds.contains(var) || moved.positions.contains(&at) {
                continue;
            }
            match value {
                Value::Zero => _ = moved.positions.insert(at),
                Value::ZerosLike(like) if !mentions_late(like, late) => _ = moved.positions.insert(at),
                Value::Array(_) | Value::Repeat(..) if !reads_anything(value) => _ = moved.positions.insert(at),
                Value::Expr(expr) if function.is_scalar(*var) => {
                    let place = Place::whole(*var, function.variable(*var).name.span());
                    let contribution = Statement::Add { place, value: expr.clone(), subtract: false, whole: false };
                    moved.contributions.push((at, contribution));
                    moved.hoisted.push(Statement::Let { var: *var, value: Some(Value::Zero), ty: None });
                }
                _ => return None,
            }
        }
        Some(())
    }
}

fn mentions_late(place: &Place, late: &Late) -> bool {
    let mut mentions = false;
    uses::place(place, &mut |var| mentions |= late.contains(var));
    mentions
}

fn reads_anything(value: &Value) -> bool {
    let mut reads = false;
    uses::value(value, &mut |_| reads = true);
    reads
}
