//! What statements do to variables, and until when the statements of a block do it.
//!
//! *In:* statements. *Out:* the variables that they read, add to, and overwrite: what tells whether two of them can change places, and
//! whether something that a statement reads is there before others run.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::sets::VarSet;
use crate::ir::{Block, CallMode, Expr, Loop, Passed, Place, Seed, Statement, Value, Var, uses};

/// Where in a block its variables are declared and changed for the last time.
pub struct Timeline {
    declared: BTreeMap<Var, usize>,
    written: BTreeMap<Var, usize>,
}

impl Timeline {
    /// Of a block.
    pub fn of(block: &[Statement]) -> Self {
        let mut timeline = Self { declared: BTreeMap::new(), written: BTreeMap::new() };
        for (position, statement) in block.iter().enumerate() {
            uses::declared(statement, &mut |var| _ = timeline.declared.insert(var, position));
            let effects = Effects::of_statement(statement);
            let changed = effects.writes.iter().chain(&effects.adds);
            timeline.written.extend(changed.map(|var| (*var, position)));
        }
        timeline
    }
}

/// What is computed by a statement of a block, and after it.
pub struct Late<'a> {
    timeline: &'a Timeline,
    from: usize,
    /// What the statement, a loop, declares inside: it is there in each iteration.
    pub inner: BTreeSet<Var>,
    /// What each iteration has for itself.
    private: BTreeSet<Var>,
}

impl<'a> Late<'a> {
    /// Of the loop at this position.
    pub fn of(each: &Loop, timeline: &'a Timeline, from: usize) -> Self {
        let mut inner: BTreeSet<Var> = each.binds().into_iter().collect();
        each.body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = inner.insert(var)));
        Self { inner, ..Self::of_statements(timeline, from) }
    }

    /// Of the statement at this position, which declares nothing inside.
    pub fn of_statements(timeline: &'a Timeline, from: usize) -> Self {
        Self { timeline, from, inner: BTreeSet::new(), private: BTreeSet::new() }
    }

    /// Leaves out a variable that each iteration of the loop has for itself: what stands for it outside of the loop is there before.
    pub fn forget(&mut self, var: Var) {
        self.private.insert(var);
    }

    /// Whether the variable is declared or changed then.
    pub fn contains(&self, var: Var) -> bool {
        let is_late = |last: &BTreeMap<Var, usize>| last.get(&var).is_some_and(|position| *position >= self.from);
        is_late(&self.timeline.declared)
            || is_late(&self.timeline.written) && !self.private.contains(&var)
            || self.inner.contains(&var)
    }
}

/// What statements do to the variables that are declared outside of them.
#[derive(Debug, Default)]
pub struct Effects {
    /// Read.
    pub reads: BTreeSet<Var>,
    /// Only added to.
    pub adds: BTreeSet<Var>,
    /// Overwritten or declared; or lent out.
    pub writes: BTreeSet<Var>,
}

impl Effects {
    /// Of a statement; what it declares counts as written.
    pub fn of_statement(statement: &Statement) -> Self {
        let (mut gathered, mut inner) = (Gathered::default(), VarSet::default());
        gathered.statement(statement, &mut VarSet::default(), &mut inner);
        gathered.without(&inner)
    }

    /// Of a block as a whole.
    pub fn of_block(block: &Block) -> Self {
        let mut gathered = Gathered::default();
        let (mut declared, mut inner) = (VarSet::default(), VarSet::default());
        block.iter().for_each(|statement| gathered.statement(statement, &mut declared, &mut inner));
        inner.unite(&declared);
        gathered.without(&inner)
    }

    /// Leaves an adjoint that each iteration has for itself what it has to be before the loop: declared.
    pub fn private(&mut self, adjoint: Var) {
        self.adds.remove(&adjoint);
        self.writes.remove(&adjoint);
        self.reads.insert(adjoint);
    }

    /// Whether the statement declares one of the variables, and does nothing else to them.
    pub fn declares_only(&self, vars: &BTreeSet<Var>) -> bool {
        self.adds.is_disjoint(vars) && self.reads.is_disjoint(vars) && self.writes.len() == 1
    }

    /// Whether the two cannot change places; additions to the same adjoint can.
    pub fn conflicts(&self, later: &Self) -> bool {
        let meets = |a: &BTreeSet<Var>, b: &BTreeSet<Var>| a.intersection(b).next().is_some();
        meets(&self.writes, &later.reads)
            || meets(&self.writes, &later.writes)
            || meets(&self.writes, &later.adds)
            || meets(&self.adds, &later.reads)
            || meets(&self.adds, &later.writes)
            || meets(&self.reads, &later.writes)
            || meets(&self.reads, &later.adds)
    }

    /// Reads the variables in the indices of a place.
    pub fn indices(&mut self, place: &Place) {
        indices(place, &mut |var| _ = self.reads.insert(var));
    }
}

/// The variables in the indices of a place.
fn indices(place: &Place, visit: &mut dyn FnMut(Var)) {
    let root = place.root;
    uses::place(place, &mut |var| {
        if var != root {
            visit(var)
        }
    });
}

/// Effects while they are gathered, of all statements inside of statements.
#[derive(Default)]
struct Gathered {
    reads: VarSet,
    adds: VarSet,
    writes: VarSet,
}

impl Gathered {
    /// What is left outside of what declares these variables.
    fn without(self, inner: &VarSet) -> Effects {
        let [reads, adds, writes] = [self.reads, self.adds, self.writes].map(|mut vars| {
            vars.subtract(inner);
            vars.iter().collect()
        });
        Effects { reads, adds, writes }
    }

    fn read(&mut self, visit: impl FnOnce(&mut dyn FnMut(Var))) {
        visit(&mut |var| _ = self.reads.insert(var));
    }

    fn indices(&mut self, place: &Place) {
        indices(place, &mut |var| _ = self.reads.insert(var));
    }

    fn statement(&mut self, statement: &Statement, declared: &mut VarSet, inner: &mut VarSet) {
        uses::declared(statement, &mut |var| {
            declared.insert(var);
            self.writes.insert(var);
        });
        match statement {
            Statement::Let { value: Some(Value::Take(place, shape)), .. } => {
                self.indices(place);
                self.writes.insert(place.root);
                self.reads.extend(*shape);
            }
            Statement::Let { value: Some(Value::Pop(place)), .. } => {
                self.indices(place);
                self.writes.insert(place.root);
            }
            Statement::Let { value, .. } => {
                value.iter().for_each(|value| self.read(|visit| uses::value(value, &mut |var| visit(var))))
            }
            Statement::Assign { place, value } | Statement::Push { place, value } => {
                self.indices(place);
                self.writes.insert(place.root);
                self.read(|visit| uses::value(value, &mut |var| visit(var)));
            }
            Statement::Add { place, value, .. } => self.add(place, value),
            Statement::AddEach { place, each } => {
                self.indices(place);
                self.adds.insert(place.root);
                self.read(|visit| uses::place(each, &mut |var| visit(var)));
            }
            Statement::Swap { first, second } => {
                for place in [first, second] {
                    self.read(|visit| uses::place(place, &mut |var| visit(var)));
                    self.writes.insert(place.root);
                }
            }
            Statement::Each { place, slopes, .. } => {
                for place in [place].into_iter().chain(slopes) {
                    self.indices(place);
                    self.writes.insert(place.root);
                }
            }
            Statement::Leave(var) => _ = self.reads.insert(*var),
            Statement::NoExit(code) | Statement::Inert(code) => self.read(|visit| uses::code(code, &mut |var| visit(var))),
            Statement::Code { code, writes, .. } => {
                self.read(|visit| uses::code(code, &mut |var| visit(var)));
                self.writes.extend(writes.iter().copied());
            }
            Statement::Branch(_) | Statement::Loop(_) | Statement::Unwind { .. } => self.control(statement, inner),
            Statement::Call(call) => {
                for argument in &call.arguments {
                    if let Passed::Mutable(place) | Passed::Lent(place) | Passed::Receiver(place) = &argument.passed {
                        self.writes.insert(place.root);
                    }
                }
                let inside = self.lambdas(statement, inner);
                match &call.mode {
                    CallMode::Fused(back) => self.back(statement, back, &inside),
                    _ => self.read(|visit| uses::statement(statement, &mut |var| visit(var))),
                }
            }
            Statement::Back(back) => {
                let inside = self.lambdas(statement, inner);
                self.back(statement, back, &inside);
            }
            Statement::SameLength { .. } | Statement::Check { .. } => {
                self.read(|visit| uses::statement(statement, &mut |var| visit(var)))
            }
        }
    }

    /// What blocks inside of a statement do, and what decides which of them run.
    fn control(&mut self, statement: &Statement, inner: &mut VarSet) {
        match statement {
            Statement::Branch(branch) => {
                self.read(|visit| uses::code(&branch.on, &mut |var| visit(var)));
                for arm in &branch.arms {
                    inner.extend(arm.binds.iter().copied());
                    self.nested(&arm.body, inner);
                }
            }
            Statement::Loop(each) => {
                inner.extend(each.binds());
                for condition in each.conditions().into_iter().chain(&each.exit) {
                    self.read(|visit| uses::code(condition, &mut |var| visit(var)));
                }
                self.reads.extend(each.follows());
                if let Some(tape) = each.tape.as_ref().filter(|tape| tape.reads) {
                    self.reads.insert(tape.var);
                    inner.extend(tape.saved.iter().map(|saved| saved.var));
                }
                self.nested(&each.body, inner);
            }
            Statement::Unwind { record, arms } => {
                self.reads.insert(*record);
                for (saved, body) in arms {
                    inner.extend(saved.iter().map(|saved| saved.var));
                    self.nested(body, inner);
                }
            }
            _ => {}
        }
    }

    fn nested(&mut self, block: &Block, inner: &mut VarSet) {
        let mut declared = VarSet::default();
        block.iter().for_each(|statement| self.statement(statement, &mut declared, inner));
        inner.unite(&declared);
    }

    /// What closures do when they are called; gives the variables that they mention.
    fn lambdas(&mut self, statement: &Statement, inner: &mut VarSet) -> VarSet {
        let mut mentioned = VarSet::default();
        for lambda in uses::lambdas(statement) {
            inner.extend(lambda.binds());
            self.nested(&lambda.body, inner);
            lambda.results.iter().for_each(|result| self.read(|visit| uses::value(result, &mut |var| visit(var))));
            uses::lambda(lambda, &mut |var| _ = mentioned.insert(var));
        }
        mentioned
    }

    fn add(&mut self, place: &Place, value: &Expr) {
        self.indices(place);
        self.adds.insert(place.root);
        self.read(|visit| uses::expr(value, &mut |var| visit(var)));
    }

    /// The slots of shared arguments are only added to, those of mutable ones are lent.
    fn back(&mut self, statement: &Statement, back: &crate::ir::Back, inside: &VarSet) {
        let mut slots = inside.clone();
        for (slot, mutable) in back.slots.iter().zip(&back.mutable) {
            let Some(place) = slot else { continue };
            self.indices(place);
            if *mutable || back.again.iter().any(|argument| matches!(argument.passed, Passed::Receiver(_))) {
                self.writes.insert(place.root);
            } else {
                self.adds.insert(place.root);
            }
            slots.insert(place.root);
        }
        if let Seed::Place(place) = &back.seed {
            slots.remove(place.root);
        }
        self.read(|visit| {
            uses::statement(statement, &mut |var| {
                if !slots.contains(var) {
                    visit(var)
                }
            })
        });
    }
}
