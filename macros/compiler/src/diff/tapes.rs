//! One tape for all runs of an inner loop.
//!
//! *In:* the two sweeps of a function, or both as one sequence. *Out:* the same, where a loop inside of another that keeps a number of records
//! known only at run time, or whose records would be part of one on the heap, has its tape in front of the outermost loop: a stack, from which each reverse run takes the last records.
//!
//! ```text
//! for i {                                  let tape
//!   for j { .. tape <- (v) }         ⟶    for i { for j { .. tape <- (v) } }
//!   outer <- (tape)
//! }
//! for i reversed with (tape) from outer {  for i reversed {
//!   for j reversed with (v) from tape { }    for j reversed with (v) from the last of tape { }
//! }                                        }
//! ```
//!
//! That is sound because runs are reversed in the opposite order of the runs, each once: what a run added is at the end when its reverse begins.
//! So memory is asked for once instead of once for every run, and where both sweeps are in one loop, used again by each iteration. A tape in place that is part of a
//! record would be made, and moved with all that it holds. Where the
//! range does not tell how many records a run made, they are counted, and the count is recorded in the place of the tape. A backward half,
//! which may run more than once, takes the records from a view of its own and leaves the tapes as they are.

use std::collections::BTreeMap;

use proc_macro2::Span;

use crate::ir::{Block, Counting, Form, Function, Header, Kind, Loop, Place, Saved, Statement, Tape, Value, Var};

/// Shares the tapes of both sweeps as one sequence.
pub fn share(function: &mut Function, body: &mut Block) {
    let mut shared = Shared { function, replaced: BTreeMap::new() };
    shared.writers_of(body);
    shared.readers(body, &BTreeMap::new());
}

/// Shares the tapes of two sweeps apart.
pub fn share_apart(function: &mut Function, forward: &mut Block, backward: &mut Block) {
    let mut shared = Shared { function, replaced: BTreeMap::new() };
    let tapes = shared.writers_of(forward);
    let mut views = BTreeMap::new();
    let mut declared = Vec::new();
    for tape in tapes {
        let span = shared.function.variable(tape).name.span();
        let wish = format!("{}_left", shared.function.variable(tape).name);
        let view = shared.function.fresh(&wish, Kind::Inactive, true, Form::Owned, span);
        let value = Value::Records(Place::whole(tape, span));
        declared.push(Statement::Let { var: view, value: Some(value), ty: None });
        views.insert(tape, view);
    }
    shared.readers(backward, &views);
    backward.splice(0..0, declared);
}

/// What stands for a tape in the records of the loops and branches around.
#[derive(Clone, Copy)]
enum Instead {
    /// Nothing: its loop keeps nothing of its own.
    Gone,
    /// Nothing: the range tells how many records a run made.
    Nothing,
    /// The number of records of a run.
    Count(Var),
}

/// What a statement stands in.
#[derive(Clone, Copy)]
enum Around {
    Nothing,
    Loops,
    /// Loops of which the one here keeps its records on the heap, with all that they hold.
    LoopOnHeap(Span),
}

struct Shared<'a> {
    function: &'a mut Function,
    replaced: BTreeMap<Var, Instead>,
}

impl Shared<'_> {
    /// Changes the loops that fill tapes; gives the tapes that are declared in front of them now.
    fn writers_of(&mut self, block: &mut Block) -> Vec<Var> {
        let mut all = Vec::new();
        let mut out = Vec::new();
        for mut statement in std::mem::take(block) {
            let mut tapes = Vec::new();
            self.writer(&mut statement, Around::Nothing, &mut tapes);
            for tape in &tapes {
                out.push(Statement::Let { var: *tape, value: Some(Value::NewTape(None)), ty: None });
            }
            all.append(&mut tapes);
            out.push(statement);
        }
        *block = out;
        all
    }

    fn writer(&mut self, statement: &mut Statement, around: Around, tapes: &mut Vec<Var>) {
        match statement {
            Statement::Branch(branch) => {
                for arm in &mut branch.arms {
                    arm.body.iter_mut().for_each(|statement| self.writer(statement, around, tapes));
                    self.replace(&mut arm.saved);
                }
            }
            Statement::Loop(each) => {
                let is_on_heap = each.tape.as_ref().is_some_and(|tape| !tape.reads && tape.capacity.is_none());
                let inside = match around {
                    Around::LoopOnHeap(_) => around,
                    _ if is_on_heap => Around::LoopOnHeap(each.span()),
                    _ => Around::Loops,
                };
                each.body.iter_mut().for_each(|statement| self.writer(statement, inside, tapes));
                self.filled(each, around, tapes);
            }
            _ => {}
        }
    }

    fn filled(&mut self, each: &mut Loop, around: Around, tapes: &mut Vec<Var>) {
        let keeps_all = each.tape.as_ref().is_none_or(|tape| tape.chosen.is_none());
        let tells = keeps_all && each.exit.is_none() && matches!(each.header, Header::Range(_));
        let Some(tape) = each.tape.as_mut().filter(|tape| !tape.reads) else { return };
        self.replace(&mut tape.saved);
        if tape.saved.is_empty() && tells && each.counter.is_none() {
            self.replaced.insert(tape.var, Instead::Gone);
            each.tape = None;
            return;
        }
        let goes_along = match around {
            Around::Nothing => false,
            Around::Loops => tape.capacity.is_none(),
            Around::LoopOnHeap(_) => true,
        };
        if goes_along && tape.chosen.is_none() {
            if let (Around::LoopOnHeap(span), Some(_)) = (around, &tape.capacity) {
                // that there has to be a heap is said once, of the loop that needs it
                self.function.say_at(tape.var, span);
            }
            let count = (!tells).then(|| {
                let span = self.function.variable(tape.var).name.span();
                self.function.fresh("records", Kind::Inactive, false, Form::Owned, span)
            });
            tape.shared = true;
            tape.capacity = None;
            tape.count = count;
            self.replaced.insert(tape.var, count.map_or(Instead::Nothing, Instead::Count));
            tapes.push(tape.var);
        }
    }

    /// Takes shared tapes out of a record.
    fn replace(&self, saved: &mut Vec<Saved>) {
        let instead = |kept: &Saved| match self.replaced.get(&kept.var) {
            None => Some(*kept),
            Some(Instead::Gone | Instead::Nothing) => None,
            Some(Instead::Count(var)) => Some(Saved::number(*var)),
        };
        *saved = saved.iter().filter_map(instead).collect();
    }

    /// Changes the loops and branches that read records; `views` are read in the place of tapes.
    fn readers(&self, block: &mut Block, views: &BTreeMap<Var, Var>) {
        for statement in block {
            match statement {
                Statement::Branch(branch) => branch.arms.iter_mut().for_each(|arm| self.readers(&mut arm.body, views)),
                Statement::Unwind { arms, .. } => {
                    for (saved, body) in arms {
                        self.replace(saved);
                        self.readers(body, views);
                    }
                }
                Statement::Loop(each) => {
                    self.readers(&mut each.body, views);
                    self.read(each, views);
                }
                _ => {}
            }
        }
    }

    fn read(&self, each: &mut Loop, views: &BTreeMap<Var, Var>) {
        let Some(tape) = each.tape.as_mut().filter(|tape| tape.reads) else { return };
        self.replace(&mut tape.saved);
        let count = match self.replaced.get(&tape.var) {
            None => return,
            Some(Instead::Gone) => {
                each.tape = None;
                each.counting = Counting::None;
                return;
            }
            Some(Instead::Nothing) => None,
            Some(Instead::Count(var)) => Some(*var),
        };
        *tape =
            Tape { var: views.get(&tape.var).copied().unwrap_or(tape.var), shared: true, capacity: None, count, ..tape.clone() };
    }
}
