//! Which statements of a loop may run for a whole block of iterations before the next ones begin.
//!
//! *In:* a loop whose body calls maths functions. *Out:* its statements in phases, which the results of the calls of one phase separate from the
//! next; none where an iteration might see that others run beside it.
//!
//! ```text
//! let z = f(x[i]); let e = exp(z); y[i] = e; s += e     ⟶   phase 0: let z = ..; let e = exp(z)      phase 1: y[i] = e; s += e
//! ```
//!
//! A statement stands in the first phase in which all that it reads is there, and no earlier than one that it may not pass. What cannot be kept in an
//! array of numbers (what is assigned, arrays, structs, integers) is there in one phase alone, or declared again in each where that costs little.
//! Then the first phase of an iteration runs before the last one of those before it. That changes nothing where what two phases touch, and one
//! of them changes, is an element that belongs to the iteration, or is only added to; where values keep their bits, a sum of the function's own is in one phase,
//! and so in its order.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::arithmetic::{is_arithmetic_expr, is_arithmetic_place};
use crate::analysis::effects::Effects;
use crate::ir::{Block, Expr, Form, Function, Kind, Loop, Operand, Place, Spelling, Statement, Step, Value, Var, edit, uses};
use crate::rules::Op;
use crate::simplify::registers;

use super::index;
use super::slopes::Slopes;

/// What cutting a loop may change.
#[derive(Clone, Copy)]
pub enum Order {
    /// Rounding: sums may be added in any order, and many numbers have their calls at once.
    Free,
    /// No bit of what the function itself computes: its variables have lower numbers than this one.
    Kept(usize),
}

/// The body of a loop in phases.
pub struct Phases {
    /// The statements, in order, each with its phase; none where it is repeated in every phase that uses what it declares.
    pub statements: Vec<(Option<usize>, Statement)>,
    /// The number of phases.
    pub count: usize,
    /// The scalars that one phase declares and a later one reads, and the results of calls.
    pub kept: BTreeSet<Var>,
    /// The variables of the body that hold a number, and not a reference to one.
    pub numbers: BTreeSet<Var>,
    /// Whether the order of the iterations is free.
    pub unordered: bool,
    /// What may change.
    pub order: Order,
    /// The derivatives that calls give beside their results.
    pub slopes: Slopes,
}

/// The most phases that a loop is cut into.
const MOST: usize = 8;

/// Stands for what is outside of the function: what copied code and calls may do there keeps its order.
const WORLD: Var = Var(u32::MAX);

/// What a statement calls that stands between phases: the result, the operation, its operand, and how it is written.
pub fn call(statement: &Statement, order: Order) -> Option<(Var, Op, &Expr, &Spelling)> {
    match statement {
        Statement::Let { var, value: Some(Value::Expr(Expr::Apply(op, arguments, spelling))), .. } if parts(*op, order) => {
            Some((*var, *op, &arguments[0], spelling))
        }
        _ => None,
    }
}

/// Whether calls of the operation part phases: where rounding may change, those that the runtime has of many numbers at a time; else those that
/// the back end knows nothing of, so that nothing stays in a register across them.
pub fn parts(op: Op, order: Order) -> bool {
    match order {
        Order::Free => {
            matches!(op.0.name, "cos" | "exp" | "exp_m1" | "ln" | "ln_1p" | "sigmoid" | "sin" | "softplus" | "tanh")
        }
        Order::Kept(_) => matches!(op.0.name, "exp_m1" | "ln_1p" | "tanh"),
    }
}

/// Cuts the body of a loop into phases.
pub fn cut(function: &Function, index: Var, each: &Loop, order: Order, slopes: Slopes) -> Option<Phases> {
    let body = &each.body;
    let effects: Vec<Effects> = body.iter().map(|statement| effects_of(function, statement)).collect();
    if matches!(order, Order::Kept(_)) && effects.iter().any(|effects| effects.writes.contains(&WORLD)) {
        return None; // what a later iteration does first may fail, and this one would not have been seen
    }
    let (declared, repeated) = (BTreeMap::new(), BTreeSet::new());
    let mut cutter = Cutter { function, index, order, body, effects, declared, repeated, slopes: &slopes };
    for (position, statement) in body.iter().enumerate() {
        uses::declared(statement, &mut |var| {
            [var].iter().chain(slopes.get(&var)).for_each(|var| _ = cutter.declared.insert(*var, position));
        });
    }
    cutter.find_repeated();
    cutter.read_through_repeated();
    let phases = cutter.phases()?;
    let mut count = phases.iter().max()? + 1;
    let saved: Vec<Var> = each.tape.iter().flat_map(|tape| &tape.saved).map(|saved| saved.var).collect();
    let recorded = cutter.recorded(&phases, &saved, &mut count)?;
    let unordered = cutter.is_independent(None);
    if count < 2 || !unordered && !cutter.is_independent(Some(&phases)) {
        return None;
    }
    let kept = cutter.kept(&phases, recorded, &saved);
    let phase = |(position, statement): (usize, &Statement)| {
        let phase = (!cutter.is_repeated(position)).then(|| phases[position]);
        (phase, statement.clone())
    };
    let numbers = cutter.declared.keys().copied().filter(|var| cutter.is_number(*var)).collect();
    let statements = body.iter().enumerate().map(phase).collect();
    Some(Phases { statements, count, kept, numbers, unordered, order, slopes })
}

struct Cutter<'a> {
    function: &'a Function,
    index: Var,
    order: Order,
    body: &'a Block,
    effects: Vec<Effects>,
    /// Which statement declares a variable of the body.
    declared: BTreeMap<Var, usize>,
    /// The variables that are declared in each phase that uses them.
    repeated: BTreeSet<Var>,
    slopes: &'a Slopes,
}

impl Cutter<'_> {
    fn is_repeated(&self, position: usize) -> bool {
        let mut any = false;
        uses::declared(&self.body[position], &mut |var| any |= self.repeated.contains(&var));
        any
    }

    /// Finds what costs little to declare again, from what the loop does not change.
    fn find_repeated(&mut self) {
        let changed: BTreeSet<Var> =
            self.effects.iter().flat_map(|effects| effects.writes.iter().chain(&effects.adds)).copied().collect();
        for (position, statement) in self.body.iter().enumerate() {
            let cheap = match statement {
                Statement::Code { code, binds, writes } => code.repeatable && !binds.is_empty() && writes.is_empty(),
                Statement::Let { var, value: Some(Value::Expr(Expr::Operand(_))), .. } => !self.function.variable(*var).mutable,
                _ => false,
            } && !reaches_out(statement);
            let is_there = |var: &Var| match self.declared.get(var) {
                Some(_) => self.repeated.contains(var) || self.is_number(*var),
                None => !changed.contains(var),
            };
            if cheap && self.effects[position].reads.iter().all(is_there) {
                uses::declared(statement, &mut |var| _ = self.repeated.insert(var));
            }
        }
    }

    /// Lets statements read what the repeated declarations that they use read.
    fn read_through_repeated(&mut self) {
        for position in 0..self.body.len() {
            let mut reads = self.effects[position].reads.clone();
            for var in self.effects[position].reads.intersection(&self.repeated) {
                reads.extend(&self.effects[self.declared[var]].reads); // these are complete, as they stand before
            }
            self.effects[position].reads = reads;
        }
    }

    /// Whether the variable is a plain number, which an array of numbers can keep: no reference to one.
    fn is_number(&self, var: Var) -> bool {
        let variable = self.function.variable(var);
        if variable.mutable || variable.kind != Kind::Scalar || variable.form != Form::Owned {
            return false;
        }
        match self.declared.get(&var).map(|position| &self.body[*position]) {
            Some(Statement::Let { value: Some(Value::Expr(Expr::Apply(..))), .. }) => true,
            Some(Statement::Let { value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. }) => {
                !place.path.is_empty() || self.function.variable(place.root).mutable || self.is_number(place.root)
            }
            Some(Statement::Let { value: Some(Value::Take(..)), .. }) => true,
            _ => false,
        }
    }

    /// The phase of each statement.
    fn phases(&self) -> Option<Vec<usize>> {
        let mut phases = vec![0; self.body.len()];
        loop {
            let before = phases.clone();
            for later in (0..self.body.len()).filter(|position| !self.is_repeated(*position)) {
                for earlier in (0..later).filter(|position| !self.is_repeated(*position)) {
                    let least = self.waits(earlier, later).map_or(0, |calls| phases[earlier] + calls);
                    phases[later] = phases[later].max(least);
                }
            }
            for var in self.declared.keys().filter(|var| !self.repeated.contains(var) && !self.is_number(**var)) {
                let users: Vec<usize> = (0..self.body.len()).filter(|position| self.touches(*position, *var)).collect();
                let last = users.iter().map(|user| phases[*user]).max().unwrap_or(0);
                users.into_iter().for_each(|user| phases[user] = last);
            }
            if phases.iter().any(|phase| *phase >= MOST) {
                return None;
            }
            if phases == before {
                return Some(phases);
            }
        }
    }

    fn touches(&self, position: usize, var: Var) -> bool {
        let effects = &self.effects[position];
        effects.reads.contains(&var) || effects.writes.contains(&var) || effects.adds.contains(&var)
    }

    /// Whether a statement waits for an earlier one, and how many phases.
    fn waits(&self, earlier: usize, later: usize) -> Option<usize> {
        if self.results(earlier).any(|result| self.effects[later].reads.contains(&result)) {
            return Some(1);
        }
        self.effects[earlier].conflicts(&self.effects[later]).then_some(0)
    }

    /// What a call gives.
    fn results(&self, position: usize) -> impl Iterator<Item = Var> {
        let result = call(&self.body[position], self.order).map(|(result, ..)| result);
        result.into_iter().chain(result.and_then(|result| self.slopes.get(&result)).copied())
    }

    /// The phase in which records are taken: behind the others where sums would wait for them.
    fn recorded(&self, phases: &[usize], saved: &[Var], count: &mut usize) -> Option<usize> {
        let last = *count - 1;
        if saved.is_empty() {
            return Some(last);
        }
        let adds = |position: usize| matches!(&self.body[position], Statement::Add { place, .. } if place.path.is_empty());
        let is_kept = |var: &Var| self.repeated.contains(var) || self.is_number(*var);
        if (0..self.body.len()).any(|position| phases[position] == last && adds(position)) && saved.iter().all(is_kept) {
            *count += 1;
            return Some(last + 1);
        }
        let is_there = |var: &Var| is_kept(var) || self.declared.get(var).is_some_and(|position| phases[*position] == last);
        saved.iter().all(is_there).then_some(last)
    }

    /// The numbers that a phase reads after the one that declares them, and the results of calls.
    fn kept(&self, phases: &[usize], recorded: usize, saved: &[Var]) -> BTreeSet<Var> {
        let mut kept: BTreeSet<Var> = (0..self.body.len()).flat_map(|position| self.results(position)).collect();
        let mut read = |var: Var, phase: usize| match self.declared.get(&var) {
            Some(position) if !self.repeated.contains(&var) && phases[*position] < phase => _ = kept.insert(var),
            _ => {}
        };
        for (position, effects) in self.effects.iter().enumerate().filter(|(position, _)| !self.is_repeated(*position)) {
            effects.reads.iter().for_each(|var| read(*var, phases[position]));
        }
        for var in saved {
            read(*var, recorded);
            if let Some(position) = self.declared.get(var).filter(|_| self.repeated.contains(var)) {
                self.effects[*position].reads.iter().for_each(|var| read(*var, recorded));
            }
        }
        kept
    }

    /// Whether iterations may run beside each other, each statement in its phase; without phases, in any order.
    fn is_independent(&self, phases: Option<&[usize]>) -> bool {
        let mut reads: BTreeMap<Var, BTreeSet<usize>> = BTreeMap::new();
        let (mut writes, mut adds) = (reads.clone(), reads.clone());
        for (position, effects) in self.effects.iter().enumerate() {
            let phase = phases.map_or(position, |phases| phases[position]);
            let note = |of: &BTreeSet<Var>, into: &mut BTreeMap<Var, BTreeSet<usize>>| {
                let outside = of.iter().filter(|var| !self.declared.contains_key(var) && **var != self.index);
                outside.for_each(|var| _ = into.entry(*var).or_default().insert(phase));
            };
            note(&effects.reads, &mut reads);
            note(&effects.writes, &mut writes);
            note(&effects.adds, &mut adds);
        }
        writes.keys().chain(adds.keys()).all(|var| {
            let keeps_order = matches!(self.order, Order::Kept(own) if (var.0 as usize) < own);
            let only_added = !keeps_order && !reads.contains_key(var) && !writes.contains_key(var);
            let all = [&reads, &writes, &adds].into_iter().filter_map(|of| of.get(var)).flatten().collect::<BTreeSet<_>>();
            only_added || phases.is_some() && all.len() == 1 || *var != WORLD && self.is_of_one_iteration(*var)
        })
    }

    /// Whether each iteration has an element of its own of the variable, and touches nothing else of it.
    fn is_of_one_iteration(&self, var: Var) -> bool {
        let mut prefix: Option<Place> = None;
        self.body.iter().all(|statement| {
            let mut mentions = 0usize;
            uses::statement(statement, &mut |used| mentions += usize::from(used == var));
            let mut found = 0usize;
            let mut alike = true;
            places(statement, &mut |place| {
                if place.root != var {
                    return;
                }
                found += 1;
                let Some(own) = self.up_to_the_index(place) else { return alike = false };
                alike &= registers::same(prefix.get_or_insert_with(|| own.clone()), &own);
            });
            mentions == 0 || alike && mentions == found
        })
    }

    /// The way to the sequence whose element the iteration touches, where the loop does not change it.
    fn up_to_the_index(&self, place: &Place) -> Option<Place> {
        let name = &self.function.variable(self.index).name;
        let at = place.path.iter().position(|step| index::is(step, self.index, name))?;
        let prefix = Place { path: place.path[..at].to_vec(), ..place.clone() };
        let mut fixed = prefix.path.iter().all(|step| match step {
            Step::Index(Operand::Code(code)) => code.repeatable,
            _ => true,
        });
        uses::place(&prefix, &mut |var| {
            let changes = |effects: &Effects| effects.writes.contains(&var) || effects.adds.contains(&var);
            fixed &= var == place.root || !self.declared.contains_key(&var) && !self.effects.iter().any(changes);
        });
        fixed.then_some(prefix)
    }
}

/// What a statement does; what may happen outside of the function counts as written, and what is kept for the way back does not, as nothing else touches it.
fn effects_of(function: &Function, statement: &Statement) -> Effects {
    let mut effects = Effects::of_statement(statement);
    if let Statement::Assign { place, .. } = statement
        && function.columns.iter().any(|columns| columns.var == place.root)
    {
        effects.writes.remove(&place.root);
    }
    if reaches_out(statement) {
        effects.writes.insert(WORLD);
    }
    effects
}

/// Whether a statement may do something that is not seen.
pub(super) fn reaches_out(statement: &Statement) -> bool {
    let inside = match statement {
        Statement::Code { code, .. } => !code.repeatable,
        Statement::Call(_) | Statement::Back(_) | Statement::Leave(_) => true,
        Statement::Branch(branch) => !branch.on.repeatable,
        Statement::Loop(each) => {
            !each.conditions().iter().all(|code| code.repeatable) || each.tape.as_ref().is_some_and(|tape| tape.shared)
        }
        Statement::Unwind { .. } | Statement::Push { .. } => true,
        Statement::Let { value: Some(value), .. } => !is_arithmetic_value(value),
        Statement::Assign { place, value } => !is_arithmetic_place(place) || !is_arithmetic_value(value),
        Statement::Add { place, value, .. } => !is_arithmetic_place(place) || !is_arithmetic_expr(value),
        _ => false,
    };
    let mut reaches = inside;
    edit::inner_blocks(&mut statement.clone(), &mut |block| reaches |= block.iter().any(reaches_out));
    reaches
}

fn is_arithmetic_value(value: &Value) -> bool {
    match value {
        Value::Expr(expr) => is_arithmetic_expr(expr),
        Value::Tuple(values) | Value::Array(values) => values.iter().all(is_arithmetic_value),
        Value::Repeat(value, _) => is_arithmetic_value(value),
        Value::Struct { fields, base, .. } => {
            fields.iter().map(|(_, field)| field).chain(base.as_deref()).all(is_arithmetic_value)
        }
        Value::Clone(place) | Value::Take(place, _) => is_arithmetic_place(place),
        _ => true,
    }
}

/// Visits the places of a plain statement.
fn places(statement: &Statement, visit: &mut impl FnMut(&Place)) {
    match statement {
        Statement::Let { value: Some(value), .. } => of_value(value, visit),
        Statement::Assign { place, value } => {
            visit(place);
            of_value(value, visit);
        }
        Statement::Add { place, value, .. } => {
            visit(place);
            of_expr(value, visit);
        }
        _ => {}
    }
}

fn of_value(value: &Value, visit: &mut impl FnMut(&Place)) {
    match value {
        Value::Expr(expr) => of_expr(expr, visit),
        Value::Take(place, _) | Value::Clone(place) => visit(place),
        _ => {}
    }
}

fn of_expr(expr: &Expr, visit: &mut impl FnMut(&Place)) {
    match expr {
        Expr::Operand(Operand::Place(place)) => visit(place),
        Expr::Operand(_) => {}
        Expr::Apply(_, arguments, _) => arguments.iter().for_each(|argument| of_expr(argument, visit)),
    }
}
