//! What an iteration does, and how each part of it runs for eight of them.
//!
//! *In:* a loop. *Out:* its body in parts, or none where iterations wait for each other, or where something in them cannot run lane by lane.
//!
//! What depends on the iteration varies, and so does what is changed by a choice that varies; the rest is the same for all and runs once. A loop whose range
//! is the same for all runs once as well, for all lanes.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::effects::Effects;
use crate::analysis::{arithmetic, private};
use crate::ir::{
    Argument, Block, Call, CallMode, Callee, Code, Counting, Expr, Form, Function, Header, Kind, Loop, Operand, Passed, Place,
    Range, Seed, Statement, Step, Value, Var, uses,
};
use crate::simplify::clean;
use crate::simplify::lanes::Pass;

use super::front::{self, Front};
use super::mentions::{places, repeated};
use super::{Array, Outside, Part, agreed};

/// The most numbers of known arrays that an iteration may have: their lanes are to stay in fast memory, and off a small stack.
const MOST: usize = 1024;

/// What is known of an iteration.
pub(super) struct Iteration<'a> {
    function: &'a Function,
    own: usize,
    numbers: &'a BTreeSet<Var>,
    /// What it declares.
    pub(super) inside: BTreeSet<Var>,
    /// What may differ from iteration to iteration.
    pub(super) varying: BTreeSet<Var>,
    pub(super) arrays: BTreeMap<Var, Array>,
    index: Var,
    /// The sequence that the loop runs over from its first to its last element, where it does.
    over: Option<String>,
    /// What has to be the same in all lanes.
    pub(super) alike: Vec<Code>,
}

impl<'a> Iteration<'a> {
    /// Of a loop over a range; none where it has no arrays for itself, or too large ones.
    pub(super) fn of(pass: &'a Pass, front: &Front, each: &Loop, range: &Range) -> Option<Self> {
        let function = &*pass.function;
        let mut arrays = BTreeMap::new();
        declared_arrays(&each.body, &mut arrays);
        if arrays.is_empty() && front.declared.is_empty() {
            return None;
        }
        let mut inside: BTreeSet<Var> = each.binds().into_iter().collect();
        uses::declared_within(&each.body, &mut inside);
        let effects = Effects::of_block(&each.body);
        let mut this = Self {
            function,
            own: pass.own,
            numbers: &pass.numbers,
            varying: effects
                .writes
                .union(&effects.adds)
                .copied()
                .filter(|var| !inside.contains(var))
                .chain([range.index])
                .collect(),
            inside,
            arrays,
            index: range.index,
            over: agreed::sequence(&range.end).filter(|_| range.start.literal() == Some(0usize)),
            alike: Vec::new(),
        };
        let mentions = private::mentions(&each.body);
        let mut tapes = BTreeSet::new();
        shared_tapes(&each.body, &mut tapes);
        if !tapes.iter().all(|tape| front.memory.is_in_loop_alone(&mentions, *tape)) {
            return None;
        }
        this.outside(front, each, &effects, &mentions);
        this.varying.extend(this.arrays.keys());
        if this.arrays.is_empty() {
            return None;
        }
        loop {
            let known = this.varying.len();
            this.taint(&each.body, false);
            if this.varying.len() == known {
                break;
            }
        }
        let known = |array: &Array| array.lengths.iter().map(|length| length.literal::<usize>()).product::<Option<usize>>();
        let numbers: usize = this.arrays.values().filter_map(known).sum();
        let inner = this.arrays.values().filter(|array| array.outside.is_none());
        let constant = inner.flat_map(|array| &array.lengths).all(|length| this.is_the_same(length));
        (numbers <= MOST && constant).then_some(this)
    }

    /// The memory in front of the loop that each iteration has for itself, and its adjoints.
    fn outside(&mut self, front: &Front, each: &Loop, effects: &Effects, inside: &BTreeMap<Var, usize>) {
        let alone = |var: &Var| front.memory.is_in_loop_alone(inside, *var);
        for var in effects.writes.iter().chain(&effects.adds) {
            let Some(value) = front.declared.get(var) else { continue };
            let Some(length) = front::length(self.function, *var, value) else { continue };
            let array = |outside| Array { lengths: vec![length.clone()], element: Value::Zero, outside: Some(outside) };
            if var.0 as usize >= self.own {
                if alone(var) && clean::stays_clean(self.function, &each.body, *var, value) {
                    self.arrays.insert(*var, array(Outside::Clean));
                }
                continue;
            }
            let adjoints = front.adjoints(*var, self.own);
            let is_private = front.memory.is_private(self.function, each, inside, *var, adjoints.len());
            if is_private && adjoints.iter().all(alone) {
                self.arrays.insert(*var, array(Outside::Memory(value.clone())));
                self.arrays.extend(adjoints.into_iter().map(|adjoint| (adjoint, array(Outside::Adjoint(*var)))));
            }
        }
    }

    fn is_the_same(&self, code: &Code) -> bool {
        code.repeatable && !code.reads.iter().any(|var| self.varying.contains(var))
    }

    /// Finds what statements change that depends on what varies, or on a choice that does.
    fn taint(&mut self, block: &Block, chosen: bool) {
        for statement in block {
            match statement {
                Statement::Branch(branch) => {
                    let chosen = chosen || !self.is_the_same(&branch.on);
                    for arm in &branch.arms {
                        self.varying.extend(arm.binds.iter().filter(|_| chosen));
                        self.taint(&arm.body, chosen);
                    }
                }
                Statement::Loop(each) => {
                    let chosen = chosen || !self.runs_together(each);
                    self.varying.extend(each.binds().iter().filter(|_| chosen));
                    self.taint(&each.body, chosen);
                }
                other => {
                    if chosen || self.varies(other) {
                        let Effects { writes, adds, .. } = Effects::of_statement(other);
                        self.varying.extend(writes.union(&adds));
                    }
                }
            }
        }
    }

    /// Whether a statement does not do the same in all iterations, or something that outlives them.
    fn varies(&self, statement: &Statement) -> bool {
        let mut varies = matches!(statement, Statement::Call(_) | Statement::Back(_));
        uses::statement(statement, &mut |var| varies |= self.varying.contains(&var));
        varies
    }

    /// Whether all iterations run the loop together: its range is the same for all, and it runs to its end.
    fn runs_together(&self, each: &Loop) -> bool {
        let Header::Range(range) = &each.header else { return false };
        let plain = each.exit.is_none() && each.counter.is_none() && each.counting == Counting::None && !range.inclusive;
        let kept = each.tape.as_ref().is_none_or(|tape| tape.count.is_none() && tape.chosen.is_none() && tape.capacity.is_none());
        plain && kept && self.is_the_same(&range.start) && (self.is_the_same(&range.end) || self.lengths(&range.end).is_some())
    }

    /// The lengths of what belongs to an iteration, of which the code is made with what is the same for all of them.
    fn lengths(&self, code: &Code) -> Option<Vec<Code>> {
        let others = code.reads.iter().any(|var| *var != self.index && self.varying.contains(var));
        let name = &self.function.variable(self.index).name;
        let over = self.over.as_ref()?;
        let mut found = Vec::new();
        agreed::lengths(&code.tokens, name, over, &mut found)?;
        let mut reads = code.reads.clone();
        reads.retain(|var| *var == self.index || self.function.variable(*var).name == over);
        let alone = |tokens| Code { tokens, reads: reads.clone(), ..code.clone() };
        (code.repeatable && !others).then(|| found.into_iter().map(alone).collect())
    }

    /// The statements by how they run; none where one cannot. Calls that may run for all lanes at once stand alone where they are to be apart.
    pub(super) fn parts(&mut self, block: &Block, apart: bool) -> Option<Vec<Part>> {
        let mut out = Vec::new();
        let mut lane: Block = Vec::new();
        let flush = |lane: &mut Block, out: &mut Vec<Part>| {
            if !lane.is_empty() {
                out.push(Part::Lanes(std::mem::take(lane)));
            }
        };
        for statement in block {
            match statement {
                // they stand in the other way to run
                Statement::Check { .. } | Statement::Inert(_) | Statement::NoExit(_) => {}
                Statement::Loop(each) if self.runs_together(each) => {
                    flush(&mut lane, &mut out);
                    if let Header::Range(range) = &each.header
                        && range.end.reads.contains(&self.index)
                    {
                        let lengths = self.lengths(&range.end)?;
                        self.alike.extend(lengths);
                    }
                    let parts = self.parts(&each.body, apart)?;
                    out.push(Part::Shared(Box::new(each.with(Vec::new())), parts));
                }
                Statement::Let { var, .. } if self.arrays.contains_key(var) => out.push(Part::Array(*var)),
                Statement::Each { op, place, slopes, lanes: false }
                    if self.is_whole_array(place) && slopes.iter().all(|slopes| self.is_whole_array(slopes)) =>
                {
                    flush(&mut lane, &mut out);
                    out.push(Part::Each(*op, place.root, slopes.as_ref().map(|slopes| slopes.root)));
                }
                Statement::Call(call) if apart && call.relaxed => {
                    self.runs_by_lane(statement)?;
                    flush(&mut lane, &mut out);
                    out.push(Part::Lanes(vec![statement.clone()]));
                }
                other if !self.varies(other) => {
                    self.computes(other)?;
                    let mut declared = BTreeSet::new();
                    uses::declared(other, &mut |var| _ = declared.insert(var));
                    let effects = Effects::of_statement(other);
                    if effects.writes != declared || !effects.adds.is_empty() {
                        flush(&mut lane, &mut out);
                    }
                    out.push(Part::Once(Box::new(other.clone())));
                }
                other => {
                    self.runs_by_lane(other)?;
                    lane.push(other.clone());
                }
            }
        }
        flush(&mut lane, &mut out);
        Some(out)
    }

    /// Whether the place is all of an array of numbers that the iteration has for itself.
    fn is_whole_array(&self, place: &Place) -> bool {
        place.path.is_empty() && self.arrays.get(&place.root).is_some_and(|array| array.lengths.len() == 1)
    }

    /// What is the same for all iterations may run once.
    fn computes(&self, statement: &Statement) -> Option<()> {
        let plain = match statement {
            Statement::Let { value, .. } => value.iter().all(computes),
            Statement::Assign { place, value } => arithmetic::is_arithmetic_place(place) && computes(value),
            Statement::Add { place, value, whole, .. } => !whole && adds_what_computes(place, value),
            Statement::Code { code, .. } => arithmetic::is_arithmetic(code),
            _ => false,
        };
        plain.then_some(())
    }

    /// Whether a statement may run lane by lane: it does nothing but compute, and uses arrays number by number, or gives them to a function.
    fn runs_by_lane(&mut self, statement: &Statement) -> Option<()> {
        let plain = match statement {
            Statement::Let { var, value, .. } => {
                let is_plain = |value: &Value| match value {
                    Value::Take(place, None) => self.function.is_scalar(place.root) || self.arrays.contains_key(&place.root),
                    value => computes(value),
                };
                let variable = self.function.variable(*var);
                let is_number = variable.kind == Kind::Scalar || self.numbers.contains(var);
                variable.form == Form::Owned && is_number && value.iter().all(is_plain)
            }
            Statement::Assign { place, value } => {
                let is_own = self.function.variable(place.root).form == Form::Owned;
                is_own && arithmetic::is_arithmetic_place(place) && computes(value)
            }
            Statement::Add { place, value, whole, .. } => !whole && adds_what_computes(place, value),
            Statement::Code { code, writes, .. } => {
                writes.iter().all(|var| self.numbers.contains(var)) && arithmetic::is_arithmetic(code)
            }
            Statement::Branch(branch) => {
                let arms = || branch.arms.iter().flat_map(|arm| &arm.body);
                arms().try_for_each(|inner| match inner {
                    Statement::Check { .. } => Some(()),
                    Statement::Call(_) => None,
                    inner => self.runs_by_lane(inner),
                })?;
                branch.record.is_none()
                    && arithmetic::is_arithmetic(&branch.on)
                    && branch.arms.iter().all(|arm| arm.binds.is_empty())
            }
            Statement::Call(call) => self.is_plain_call(call),
            _ => false,
        };
        (plain && self.uses_numbers(statement)).then_some(())
    }

    /// A call of a function of numbers and of whole arrays, perhaps with its backward half.
    fn is_plain_call(&self, call: &Call) -> bool {
        let is_plain = |argument: &Argument| matches!(argument.passed, Passed::Value(_) | Passed::Shared(_));
        let back = match &call.mode {
            CallMode::Primal => true,
            CallMode::Fused(back) => {
                let plain = back.recomputes.is_none() && back.pushed.is_none() && back.companions.iter().all(Option::is_none);
                let seed = matches!(&back.seed, Seed::Place(place) if self.function.is_scalar(place.root));
                plain && seed && back.mutable.iter().all(|mutable| !mutable) && back.again.iter().all(is_plain)
            }
            _ => false,
        };
        let is_number = self.function.is_scalar(call.result);
        back && is_number && matches!(call.callee, Callee::Function { .. }) && call.arguments.iter().all(is_plain)
    }

    /// Whether a statement mentions arrays number by number alone, or as a whole where a function takes them.
    fn uses_numbers(&self, statement: &Statement) -> bool {
        if let Statement::Branch(branch) = statement {
            return !branch.on.reads.iter().any(|var| self.arrays.contains_key(var));
        }
        let mut mentions = 0usize;
        uses::statement(statement, &mut |var| mentions += usize::from(self.arrays.contains_key(&var)));
        places(statement, &mut |place, is_argument| {
            let Some(array) = self.arrays.get(&place.root) else { return };
            let is_element = |step: &Step| {
                matches!(step, Step::Index(Operand::Code(code)) if !code.is_range())
                    || matches!(step, Step::Index(Operand::Place(_)))
            };
            let is_number = place.path.len() == array.lengths.len() && place.path.iter().all(is_element);
            let is_whole = is_argument && place.path.is_empty() && array.lengths.len() == 1;
            mentions -= usize::from(is_number || is_whole);
        });
        mentions == 0
    }

    /// Whether the parts may run one after the other for all lanes: what outlives an iteration is an adjoint that is only added to, or belongs
    /// to one part that runs lane by lane, and so do calls.
    pub(super) fn may_change_order(&self, parts: &[Part]) -> bool {
        let mut groups = Vec::new();
        collect(parts, true, &mut groups);
        let calls = |block: &Block| block.iter().any(|statement| matches!(statement, Statement::Call(_)));
        let mut calling = groups.iter().filter(|(block, _)| calls(block));
        let in_order = calling.next().is_none_or(|(_, top)| *top) && calling.next().is_none();
        let effects: Vec<(Effects, bool)> = groups.iter().map(|(block, top)| (Effects::of_block(block), *top)).collect();
        let changed = effects.iter().flat_map(|(effects, _)| effects.adds.iter().chain(&effects.writes));
        let outer: BTreeSet<Var> =
            changed.filter(|var| !self.inside.contains(var) && !self.arrays.contains_key(var)).copied().collect();
        let shared = outer.into_iter().all(|var| {
            let only_added = |effects: &Effects| !effects.reads.contains(&var) && !effects.writes.contains(&var);
            if var.0 as usize >= self.own && effects.iter().all(|(effects, _)| only_added(effects)) {
                return true;
            }
            let mut touching = effects.iter().filter(|(effects, _)| !only_added(effects) || effects.adds.contains(&var));
            touching.next().is_some_and(|(_, top)| *top) && touching.next().is_none()
        });
        in_order && shared
    }

    /// Whether enough of the work is in loops of numbers that lie side by side: in half of the innermost loops no lane reads what belongs to its iteration
    /// alone, from where eight of them lie apart.
    pub(super) fn gains(&self, parts: &[Part]) -> bool {
        let mut innermost = Vec::new();
        loops(parts, 0, &mut innermost);
        let deepest = innermost.iter().map(|(depth, _)| *depth).max().unwrap_or_default();
        let gathers = |block: &&Block| {
            let mut mentions = false;
            uses::block(block, &mut |var| mentions |= var == self.index);
            mentions
        };
        let all: Vec<bool> = innermost.iter().filter(|(depth, _)| *depth == deepest).map(|(_, block)| gathers(block)).collect();
        deepest > 0 && 2 * all.iter().filter(|gathers| **gathers).count() <= all.len()
    }
}

/// The groups of statements that run lane by lane, and whether each stands in no loop inside.
pub(super) fn collect<'p>(parts: &'p [Part], top: bool, groups: &mut Vec<(&'p Block, bool)>) {
    for part in parts {
        match part {
            Part::Lanes(block) => groups.push((block, top)),
            Part::Shared(_, inner) => collect(inner, false, groups),
            Part::Once(_) | Part::Array(_) | Part::Each(..) => {}
        }
    }
}

/// The groups in loops inside, with the number of loops around each.
fn loops<'p>(parts: &'p [Part], depth: usize, groups: &mut Vec<(usize, &'p Block)>) {
    for part in parts {
        match part {
            Part::Lanes(block) => groups.push((depth, block)),
            Part::Shared(_, inner) => loops(inner, depth + 1, groups),
            Part::Once(_) | Part::Array(_) | Part::Each(..) => {}
        }
    }
}

/// The arrays that the block and those inside declare.
fn declared_arrays(block: &Block, arrays: &mut BTreeMap<Var, Array>) {
    for statement in block {
        match statement {
            Statement::Let { var, value: Some(value @ Value::Repeat(..)), .. } => {
                let mut lengths = Vec::new();
                let element = repeated(value, &mut lengths).clone();
                let is_number = match &element {
                    Value::Zero => true,
                    Value::Expr(Expr::Operand(operand)) => {
                        matches!(operand, Operand::Number(_))
                            || matches!(operand, Operand::Code(code) if code.reads.is_empty() && arithmetic::is_arithmetic(code))
                    }
                    _ => false,
                };
                if is_number {
                    arrays.insert(*var, Array { lengths, element, outside: None });
                }
            }
            Statement::Loop(each) => declared_arrays(&each.body, arrays),
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| declared_arrays(&arm.body, arrays)),
            _ => {}
        }
    }
}

/// Whether making the value does nothing but compute.
fn computes(value: &Value) -> bool {
    match value {
        Value::Expr(expr) => arithmetic::is_arithmetic_expr(expr),
        Value::Zero => true,
        _ => false,
    }
}

fn adds_what_computes(place: &Place, value: &Expr) -> bool {
    arithmetic::is_arithmetic_place(place) && arithmetic::is_arithmetic_expr(value)
}

/// The tapes in front of the loop that loops inside fill or read.
fn shared_tapes(block: &Block, found: &mut BTreeSet<Var>) {
    for statement in block {
        if let Statement::Loop(each) = statement {
            found.extend(each.tape.iter().filter(|tape| tape.shared).map(|tape| tape.var));
            shared_tapes(&each.body, found);
        }
    }
}
