//! Gradients that begin with zeros, which a caller's adjoints need not be.
//!
//! *In:* both sweeps as one sequence. *Out:* the same for adjoints that are zeros, where a loop keeps one number of each iteration, and its reverse is the first
//! to add to the adjoint of the element that the number is computed from: the number is kept there. Or where strips are the first to add to the adjoint of a slice: they store
//! (`simplify::strips`).
//!
//! ```text
//! for i { let e = exp(x[i] - m); s += e }  keeps e        for i { let e = exp(x[i] - m); s += e; d_x[i] = e }
//! ..                                                 ⟶    ..
//! for i reversed, with e { d_x[i] += s_bar * e }          for i reversed { let e = d_x[i]; d_x[i] = s_bar * e }
//! ```
//!
//! Nothing else reads or changes the adjoint until the reverse overwrites it, and to add to zero is to overwrite. The number is of the element's type, as
//! operations have that of their operands. `grad` and `value_and_grad` make the zeros themselves; `vjp` adds to what its caller has.
//!
//! Where the loop that keeps the numbers goes over all elements from the first to the last, the gradient is made of them (`Fresh::made_of_records`), and no zeros
//! are written: it is a `Vec` that the loop extends, as it would extend a tape.

use std::collections::BTreeSet;

use quote::quote;

use crate::analysis::effects::Effects;
use crate::analysis::{closed, elements};
use crate::ir::{Block, Expr, Form, Function, Header, Loop, Operand, Passing, Place, Saved, Statement, Tape, Value, Var, uses};

use super::reverse::Sweeps;

/// Sweeps that find zeros in their adjoints.
#[derive(Debug)]
pub struct Fresh {
    /// The sweeps.
    pub sweeps: Sweeps,
    /// What is kept in an adjoint, which is there.
    pub records: Option<Records>,
}

/// Numbers that are kept in an adjoint.
#[derive(Debug)]
pub struct Records {
    /// The parameter whose adjoint it is, by its position.
    pub parameter: usize,
    /// What is kept there.
    pub kept: Var,
}

impl Fresh {
    /// The sweeps for an adjoint that is an empty `Vec` to begin with: the records of the loop are its elements.
    pub fn made_of_records(&self) -> Option<(Var, Sweeps)> {
        let Records { parameter, kept } = self.records.as_ref()?;
        let slot = self.sweeps.slots[*parameter]?;
        let mut sweeps = self.sweeps.clone();
        sweeps.body.retain(|statement| !is_check(statement, slot));
        let sequence = &sweeps.function.variable(sweeps.function.parameters[*parameter].var).name;
        let end = quote!(#sequence.len()).to_string();
        let Statement::Loop(each) = sweeps.body.iter_mut().find(|statement| uses::mentions(statement, slot) > 0)? else {
            return None;
        };
        let range = each.to_its_end()?;
        let goes_over_all = range.start.literal() == Some(0usize) && range.end.tokens.to_string() == end;
        let forward = !range.reversed && !range.inclusive && each.tape.is_none();
        let (index, stores) = (range.index, each.body.pop()?);
        let writes_its_own = match &stores {
            Statement::Assign { place, value: Value::Expr(Expr::Operand(Operand::Place(value))) } => {
                place.root == slot
                    && matches!(place.path.as_slice(), [step] if elements::is_index(&sweeps.function, step, index))
                    && value.path.is_empty()
                    && value.root == *kept
            }
            _ => false,
        };
        let alone = !each.body.iter().any(|statement| uses::mentions(statement, slot) > 0);
        if !(goes_over_all && forward && writes_its_own && alone && closed::is_closed(&sweeps.function, each)) {
            return None;
        }
        let saved = vec![Saved::number(*kept)];
        each.tape = Some(Tape { var: slot, saved, capacity: None, reads: false, shared: true, count: None, chosen: None });
        Some((slot, sweeps))
    }
}

/// Keeps the records of one loop in an adjoint.
pub fn keep(sweeps: &Sweeps) -> Option<Fresh> {
    let parameters = sweeps.function.parameters.iter().zip(&sweeps.slots).enumerate();
    let shared = parameters.filter(|(_, (parameter, _))| parameter.passing == Passing::Shared && !sweeps.forward_mode);
    let mut found = shared.filter_map(|(position, (parameter, slot))| {
        let pair = Pair::of(sweeps, parameter.var, (*slot)?)?;
        let records = Some(Records { parameter: position, kept: pair.kept });
        Some(Fresh { sweeps: pair.in_the_adjoint(sweeps), records })
    });
    found.next()
}

/// The adjoints of slices that only reverse mode adds to.
pub fn of_slices(sweeps: &Sweeps) -> BTreeSet<Var> {
    let slots = sweeps.slots.iter().flatten().copied();
    slots.filter(|slot| !sweeps.forward_mode && sweeps.body.iter().any(|statement| is_check(statement, *slot))).collect()
}

/// A loop that keeps a number, and its reverse.
struct Pair {
    slot: Var,
    kept: Var,
    /// Where the loops stand.
    positions: [usize; 2],
    /// Where the reverse adds to the adjoint's element.
    addition: usize,
}

impl Pair {
    fn of(sweeps: &Sweeps, parameter: Var, slot: Var) -> Option<Self> {
        let Sweeps { function, body, .. } = sweeps;
        let is_of_element = |(_, each, _, kept): &(usize, &Loop, Var, Var)| {
            each.to_its_end()
                .is_some_and(|range| Source { function, body: &each.body, parameter, index: range.index }.gives(*kept))
        };
        let (first, each, tape, kept) = body.iter().enumerate().filter_map(writer).find(is_of_element)?;
        let mut readers = body.iter().enumerate().filter_map(|(position, statement)| match statement {
            Statement::Loop(back) if back.tape.as_ref().is_some_and(|read| read.reads && read.var == tape) => {
                Some((position, back))
            }
            _ => None,
        });
        let (second, back) = readers.next()?;
        let index = back.to_its_end()?.index;
        let is_own =
            |place: &Place| place.root == slot && place.path.len() == 1 && elements::is_index(function, &place.path[0], index);
        let adds = |statement: &Statement| matches!(statement, Statement::Add { place, whole: false, .. } if is_own(place));
        let addition = back.body.iter().position(adds)?;
        let untouched = body[..second].iter().all(|statement| is_check(statement, slot) || uses::mentions(statement, slot) == 0);
        let once = uses::mentions(&body[second], slot) == 1 && each.to_its_end()?.index == index && readers.next().is_none();
        (untouched && once).then_some(Self { slot, kept, positions: [first, second], addition })
    }

    fn in_the_adjoint(&self, sweeps: &Sweeps) -> Sweeps {
        let mut sweeps = sweeps.clone();
        sweeps.function.variables[self.slot.0 as usize].form = Form::Reference;
        let [Statement::Loop(each), Statement::Loop(back)] = sweeps.body.get_disjoint_mut(self.positions).expect("two loops")
        else {
            unreachable!("a loop and its reverse stand there");
        };
        let Statement::Add { place, value, subtract, .. } = back.body[self.addition].clone() else {
            unreachable!("the reverse adds there");
        };
        let kept = Expr::place(Place::whole(self.kept, place.span));
        each.tape = None;
        each.body.push(Statement::Assign { place: place.clone(), value: Value::Expr(kept) });
        back.tape = None;
        // without a tape, iterations that meet in sums alone may come in the order of memory
        let effects = Effects::of_block(&back.body);
        if let Header::Range(range) = &mut back.header
            && effects.writes.is_empty()
            && effects.reads.is_disjoint(&effects.adds)
        {
            range.reversed = false;
        }
        let value = if subtract { Expr::apply(crate::rules::op("neg"), vec![value]) } else { value };
        back.body[self.addition] = Statement::Assign { place: place.clone(), value: Value::Expr(value) };
        back.body.insert(0, Statement::Let { var: self.kept, value: Some(Value::Expr(Expr::place(place))), ty: None });
        sweeps
    }
}

/// A loop that keeps one number of each iteration, as many as are known at run time: its tape, and the number.
fn writer((position, statement): (usize, &Statement)) -> Option<(usize, &Loop, Var, Var)> {
    let Statement::Loop(each) = statement else { return None };
    let tape = each.tape.as_ref()?;
    let plain = !tape.reads && !tape.shared && tape.chosen.is_none() && tape.capacity.is_none();
    match tape.saved.as_slice() {
        [Saved { var, by_reference: false, open: false, .. }] if plain => Some((position, each, tape.var, *var)),
        _ => None,
    }
}

fn is_check(statement: &Statement, slot: Var) -> bool {
    matches!(statement, Statement::SameLength { adjoint, .. } if *adjoint == slot)
}

/// The statements of an iteration, and the parameter whose element it reads.
struct Source<'a> {
    function: &'a Function,
    body: &'a Block,
    parameter: Var,
    index: Var,
}

impl Source<'_> {
    /// Whether the variable is computed from the element, by operations that give what they take.
    fn gives(&self, var: Var) -> bool {
        let mut seen = BTreeSet::new();
        self.function.is_scalar(var) && !self.function.variable(var).mutable && self.variable(var, &mut seen)
    }

    fn variable(&self, var: Var, seen: &mut BTreeSet<Var>) -> bool {
        let value = self.body.iter().find_map(|statement| match statement {
            Statement::Let { var: declared, value: Some(Value::Expr(value)), .. } if *declared == var => Some(value),
            _ => None,
        });
        seen.insert(var) && value.is_some_and(|value| self.expr(value, seen))
    }

    fn expr(&self, expr: &Expr, seen: &mut BTreeSet<Var>) -> bool {
        match expr {
            Expr::Apply(op, operands, _) => op.0.name != "convert" && operands.iter().any(|operand| self.expr(operand, seen)),
            Expr::Operand(Operand::Place(place)) => match place.path.as_slice() {
                [] => self.variable(place.root, seen),
                [step] => place.root == self.parameter && elements::is_index(self.function, step, self.index),
                _ => false,
            },
            Expr::Operand(_) => false,
        }
    }
}
