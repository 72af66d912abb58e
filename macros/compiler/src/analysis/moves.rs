//! Which variables are used up before they are needed for the last time.
//!
//! *In:* the statements of the sweeps, in the order in which they run. *Out:* the variables of which a part or the whole is moved away though a later
//! statement reads them: the source does not, but the reverse sweep asks for their shape, or gives them to a call again. What is taken from them
//! is cloned.

use std::collections::BTreeSet;

use crate::ir::{Block, Expr, Form, Function, Operand, Passed, Place, Statement, Step, Value, Var, uses};

/// The variables that are needed after a move.
pub fn needed_after(function: &Function, blocks: &[&Block]) -> BTreeSet<Var> {
    let mut finder = Finder { function, found: BTreeSet::new() };
    let sequence: Vec<&[Statement]> = blocks.iter().map(|block| block.as_slice()).collect();
    for (index, block) in sequence.iter().enumerate() {
        let mut after = sequence[index + 1..].to_vec();
        after.reverse(); // the innermost last
        finder.block(block, &after, &[]);
    }
    finder.found
}

/// Whether taking the place's value takes it away, as far as the place shows.
pub fn moves(function: &Function, place: &Place) -> bool {
    let variable = function.variable(place.root);
    variable.form == Form::Owned
        && !(place.path.is_empty() && function.is_scalar(place.root))
        && place.path.iter().all(|step| !matches!(step, Step::Index(_)))
}

struct Finder<'f> {
    function: &'f Function,
    found: BTreeSet<Var>,
}

impl Finder<'_> {
    /// A block, what runs after it, and what its record keeps at its end.
    fn block(&mut self, block: &[Statement], after: &[&[Statement]], saved: &[Var]) {
        for (index, statement) in block.iter().enumerate() {
            let rest = &block[index + 1..];
            let mut moved = BTreeSet::new();
            self.moved(statement, &mut moved);
            for var in moved {
                if !self.found.contains(&var) && is_needed(var, rest, after, saved) {
                    self.found.insert(var);
                }
            }
            let mut further = after.to_vec();
            further.push(rest);
            match statement {
                Statement::Branch(branch) => {
                    for arm in &branch.arms {
                        let saved: Vec<Var> = arm.saved.iter().map(|saved| saved.var).collect();
                        self.block(&arm.body, &further, &saved);
                    }
                }
                Statement::Loop(each) => {
                    let saved: Vec<Var> = each.tape.iter().flat_map(|tape| &tape.saved).map(|saved| saved.var).collect();
                    self.block(&each.body, &further, &saved);
                }
                Statement::Unwind { arms, .. } => arms.iter().for_each(|(_, body)| self.block(body, &further, &[])),
                _ => {}
            }
        }
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

/// Whether the variable is read in what follows, before it gets another value as a whole.
fn is_needed(var: Var, rest: &[Statement], after: &[&[Statement]], saved: &[Var]) -> bool {
    let in_this_block = std::iter::once((rest, saved.contains(&var)));
    let in_others = after.iter().rev().map(|block| (*block, false));
    for (block, is_saved) in in_this_block.chain(in_others) {
        for statement in block {
            let mut mentioned = false;
            match statement {
                Statement::Assign { place, value } if place.root == var && place.path.is_empty() => {
                    uses::value(value, &mut |other| mentioned |= other == var);
                    return mentioned;
                }
                other => uses::statement(other, &mut |other| mentioned |= other == var),
            }
            if mentioned {
                return true;
            }
        }
        if is_saved {
            return true;
        }
    }
    false
}
