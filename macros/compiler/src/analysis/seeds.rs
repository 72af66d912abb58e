//! Which adjoints are known early: before the value that they belong to is computed.
//!
//! *In:* a statement of the forward sweep, what follows it, and what the backward sweep does before its reverse. *Out:* the statements of the
//! backward sweep that can move in front of it, so that it can run forward and backward in one go; none where something that it reads
//! waits for what is computed late.
//!
//! The question is put to what the statements read, add to and overwrite, not to what the source looks like: everything between a value and
//! the result may be sums, means, signs or anything else whose coefficients are known by then.

use std::collections::BTreeSet;

use crate::ir::{Block, CallMode, Expr, Function, Loop, Passed, Place, Seed, Statement, Value, Var, uses};

/// The statements that move in front of a loop.
pub struct Moved {
    /// Where they stand.
    pub positions: BTreeSet<usize>,
    /// Declarations of zeros for adjoints whose first contribution stays behind.
    pub hoisted: Block,
}

/// What of the statements computes what the loop reads: none where that waits for what is computed late, or where the order of
/// what stays behind would matter.
pub fn early(before: &[Statement], inside: &Effects, late: &Late) -> Option<Moved> {
    let effects: Vec<Effects> = before.iter().map(Effects::of_statement).collect();
    let mut needed = inside.reads.clone();
    let mut positions = BTreeSet::new();
    for (position, effect) in effects.iter().enumerate().rev() {
        if effect.adds.iter().chain(&effect.writes).any(|var| needed.contains(var)) {
            positions.insert(position);
            needed.extend(effect.reads.iter().chain(&effect.writes).chain(&effect.adds));
        }
    }
    let waits = |position: &usize| {
        matches!(before[*position], Statement::Loop(_) | Statement::Unwind { .. })
            || effects[*position].reads.iter().any(|var| late.contains(*var))
    };
    if positions.iter().any(waits) {
        return None;
    }
    for stays in (0..before.len()).filter(|position| !positions.contains(position)) {
        let crosses = positions.iter().any(|moved| stays < *moved && effects[stays].conflicts(&effects[*moved]));
        let declares = matches!(before[stays], Statement::Let { value: Some(_), .. });
        let touches = effects[stays].conflicts(inside) && !(declares && effects[stays].declares_only(&inside.adds));
        if crosses || touches {
            return None;
        }
    }
    Some(Moved { positions, hoisted: Vec::new() })
}

/// Declares the adjoints that the loop adds to before it: a first contribution that stays behind becomes an addition.
pub fn declare_early(
    function: &Function,
    before: &mut [Statement],
    adds: &BTreeSet<Var>,
    late: &Late,
    moved: &mut Moved,
) -> Option<()> {
    let mut changed = before.to_vec(); // all of it, or nothing
    for (position, statement) in changed.iter_mut().enumerate() {
        let Statement::Let { var, value: Some(value), .. } = statement else { continue };
        if !adds.contains(var) || moved.positions.contains(&position) {
            continue;
        }
        match value {
            Value::Zero => _ = moved.positions.insert(position),
            Value::ZerosLike(like) if !mentions_late(like, late) => _ = moved.positions.insert(position),
            Value::Array(_) | Value::Repeat(..) if !reads_anything(value) => _ = moved.positions.insert(position),
            Value::Expr(expr) if function.is_scalar(*var) => {
                let place = Place::whole(*var, function.variable(*var).name.span());
                let (var, value) = (*var, expr.clone());
                moved.hoisted.push(Statement::Let { var, value: Some(Value::Zero), ty: None });
                *statement = Statement::Add { place, value, subtract: false, whole: false };
            }
            _ => return None,
        }
    }
    before.clone_from_slice(&changed);
    Some(())
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

/// What is computed by the loop and after it.
pub struct Late {
    /// Declared after the loop, or by it.
    declared: BTreeSet<Var>,
    /// What the loop declares inside: it is there in each iteration.
    pub inner: BTreeSet<Var>,
    /// Changed by the loop, or after it.
    written: BTreeSet<Var>,
}

impl Late {
    /// Of a loop.
    pub fn of(each: &Loop, rest: &[Statement]) -> Self {
        let mut late = Self { declared: BTreeSet::new(), inner: each.binds().into_iter().collect(), written: BTreeSet::new() };
        each.body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = late.inner.insert(var)));
        late.add(rest);
        late
    }

    /// Of a statement that declares nothing inside.
    pub fn of_statements(rest: &[Statement]) -> Self {
        let mut late = Self { declared: BTreeSet::new(), inner: BTreeSet::new(), written: BTreeSet::new() };
        late.add(rest);
        late
    }

    fn add(&mut self, rest: &[Statement]) {
        for statement in rest {
            uses::declared(statement, &mut |var| _ = self.declared.insert(var));
            let effects = Effects::of_statement(statement);
            self.written.extend(effects.writes.iter().chain(&effects.adds));
        }
    }

    /// Leaves out a variable that each iteration of the loop has for itself: what stands for it outside of the loop is there before.
    pub fn forget(&mut self, var: Var) {
        self.written.remove(&var);
    }

    /// Whether the variable is one of them.
    pub fn contains(&self, var: Var) -> bool {
        self.declared.contains(&var) || self.written.contains(&var) || self.inner.contains(&var)
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
        let mut effects = Self::default();
        let mut inner = BTreeSet::new();
        effects.statement(statement, &mut BTreeSet::new(), &mut inner);
        effects.without(&inner)
    }

    /// Of a block as a whole.
    pub fn of_block(block: &Block) -> Self {
        let mut effects = Self::default();
        let (mut declared, mut inner) = (BTreeSet::new(), BTreeSet::new());
        block.iter().for_each(|statement| effects.statement(statement, &mut declared, &mut inner));
        effects.without(&declared).without(&inner)
    }

    fn without(mut self, inner: &BTreeSet<Var>) -> Self {
        for set in [&mut self.reads, &mut self.adds, &mut self.writes] {
            set.retain(|var| !inner.contains(var));
        }
        self
    }

    /// Leaves an adjoint that each iteration has for itself what it has to be before the loop: declared.
    pub fn private(&mut self, adjoint: Var) {
        self.adds.remove(&adjoint);
        self.writes.remove(&adjoint);
        self.reads.insert(adjoint);
    }

    /// Whether the statement declares one of the variables, and does nothing else to them.
    fn declares_only(&self, vars: &BTreeSet<Var>) -> bool {
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

    fn read(&mut self, visit: impl FnOnce(&mut dyn FnMut(Var))) {
        visit(&mut |var| _ = self.reads.insert(var));
    }

    /// The variables in the indices of a place.
    pub fn indices(&mut self, place: &Place) {
        let root = place.root;
        self.read(|visit| {
            uses::place(&Place { root, ..place.clone() }, &mut |var| {
                if var != root {
                    visit(var)
                }
            })
        });
    }

    fn statement(&mut self, statement: &Statement, declared: &mut BTreeSet<Var>, inner: &mut BTreeSet<Var>) {
        uses::declared(statement, &mut |var| {
            declared.insert(var);
            self.writes.insert(var);
        });
        match statement {
            Statement::Let { value: Some(Value::Take(place, shape)), .. } => {
                self.indices(place);
                self.writes.insert(place.root);
                self.reads.extend(shape);
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
            Statement::Each { place, .. } => {
                self.indices(place);
                self.writes.insert(place.root);
            }
            Statement::NoExit(code) | Statement::Inert(code) => self.read(|visit| uses::code(code, &mut |var| visit(var))),
            Statement::Code { code, writes, .. } => {
                self.read(|visit| uses::code(code, &mut |var| visit(var)));
                self.writes.extend(writes);
            }
            Statement::Branch(branch) => {
                self.read(|visit| uses::code(&branch.on, &mut |var| visit(var)));
                for arm in &branch.arms {
                    inner.extend(&arm.binds);
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

    fn nested(&mut self, block: &Block, inner: &mut BTreeSet<Var>) {
        let mut declared = BTreeSet::new();
        block.iter().for_each(|statement| self.statement(statement, &mut declared, inner));
        inner.append(&mut declared);
    }

    /// What closures do when they are called; gives the variables that they mention.
    fn lambdas(&mut self, statement: &Statement, inner: &mut BTreeSet<Var>) -> BTreeSet<Var> {
        let mut mentioned = BTreeSet::new();
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
    fn back(&mut self, statement: &Statement, back: &crate::ir::Back, inside: &BTreeSet<Var>) {
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
            slots.remove(&place.root);
        }
        self.read(|visit| {
            uses::statement(statement, &mut |var| {
                if !slots.contains(&var) {
                    visit(var)
                }
            })
        });
    }
}
