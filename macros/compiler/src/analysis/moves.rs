//! Which variables are used up before they are needed for the last time.
//!
//! *In:* the statements of the sweeps, in the order in which they run. *Out:* the variables of which a part or the whole is moved away though a later
//! statement reads them: the source does not, but the reverse sweep asks for their shape, or gives them to a call again. What is taken from them
//! is cloned.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::live::Live;
use crate::ir::{Block, Expr, Form, Function, Lambda, Operand, Passed, Place, Saved, Statement, Step, Value, Var, uses};

/// The variables that are needed after a move. The tangent of a parameter that is absent is made of what it belongs to.
pub fn needed_after(function: &Function, blocks: &[&Block], primal_of_dot: &BTreeMap<Var, Var>) -> BTreeSet<Var> {
    let mut finder = Finder { function, primal_of_dot, live: Live::default(), found: BTreeSet::new() };
    blocks.iter().rev().for_each(|block| finder.block(block));
    finder.found
}

/// Whether taking the place's value takes it away, as far as the place shows.
pub fn moves(function: &Function, place: &Place) -> bool {
    let variable = function.variable(place.root);
    variable.form == Form::Owned
        && !function.nameable.contains(&place.root)
        && !(place.path.is_empty() && function.is_scalar(place.root))
        && place.path.iter().all(|step| !matches!(step, Step::Index(_)))
}

struct Finder<'f> {
    function: &'f Function,
    primal_of_dot: &'f BTreeMap<Var, Var>,
    live: Live,
    found: BTreeSet<Var>,
}

impl Finder<'_> {
    fn reads(&mut self, var: Var) {
        self.live.insert(var);
        if let Some(primal) = self.primal_of_dot.get(&var) {
            self.live.insert(*primal);
        }
    }

    /// Goes through a block from its end.
    fn block(&mut self, block: &[Statement]) {
        for statement in block.iter().rev() {
            let mut moved = BTreeSet::new();
            self.moved(statement, &mut moved);
            self.found.extend(moved.into_iter().filter(|var| self.live.contains(*var)));
            match statement {
                Statement::Branch(branch) => branch.arms.iter().for_each(|arm| self.inner(&arm.body, &arm.saved)),
                Statement::Loop(each) => {
                    self.inner(&each.body, each.tape.as_ref().map_or(&[][..], |tape| tape.saved.as_slice()));
                }
                Statement::Unwind { arms, .. } => arms.iter().for_each(|(_, body)| self.inner(body, &[])),
                other => uses::lambdas(other).into_iter().for_each(|lambda| self.closure(lambda)),
            }
            match statement {
                Statement::Assign { place, value } if place.path.is_empty() => {
                    self.live.remove(place.root);
                    uses::value(value, &mut |var| self.reads(var));
                }
                other => uses::statement(other, &mut |var| self.reads(var)),
            }
        }
    }

    /// A block inside, at whose end its record keeps something.
    fn inner(&mut self, block: &[Statement], saved: &[Saved]) {
        let mark = self.live.mark();
        saved.iter().for_each(|saved| self.live.insert(saved.var));
        self.block(block);
        self.live.leave(mark);
    }

    /// The body of a closure, at whose end is what it gives.
    fn closure(&mut self, lambda: &Lambda) {
        let mark = self.live.mark();
        lambda.results.iter().for_each(|result| uses::value(result, &mut |var| self.live.insert(var)));
        self.block(&lambda.body);
        self.live.leave(mark);
    }

    fn moved(&self, statement: &Statement, into: &mut BTreeSet<Var>) {
        match statement {
            Statement::Let { value: Some(value), .. } | Statement::Assign { value, .. } | Statement::Push { value, .. } => {
                self.value(value, into);
            }
            Statement::Call(call) => {
                for argument in &call.arguments {
                    if let Passed::Value(Operand::Place(place)) | Passed::Receiver(place) = &argument.passed {
                        self.place(place, into);
                    }
                }
            }
            _ => {}
        }
    }

    fn value(&self, value: &Value, into: &mut BTreeSet<Var>) {
        match value {
            Value::Expr(Expr::Operand(Operand::Place(place))) => self.place(place, into),
            Value::Tuple(values) | Value::Array(values) => values.iter().for_each(|value| self.value(value, into)),
            Value::Repeat(value, _) => self.value(value, into),
            Value::Struct { fields, base, .. } => {
                fields.iter().for_each(|(_, value)| self.value(value, into));
                base.iter().for_each(|base| self.value(base, into));
            }
            _ => {}
        }
    }

    fn place(&self, place: &Place, into: &mut BTreeSet<Var>) {
        if moves(self.function, place) {
            into.insert(place.root);
        }
    }
}
