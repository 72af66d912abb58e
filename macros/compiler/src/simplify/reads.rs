//! `let a = m[i]; .. let b = m[i]; .. b .. ⟶ let a = m[i]; .. a ..` and `m[i] = v; let b = m[i]; .. b .. ⟶ m[i] = v; .. v ..`, where
//! nothing in between may change `m` or `i`: memory that is read twice, or read after it is written, holds the same bits.
//!
//! Only scalars, and only what stands before in the same block or in a block around. Where a body may run again, as in a loop or in a closure
//! that a function is given, nothing is known on its entry that it changes. So the reverse sweep keeps one value for all of its reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::effects::Effects;
use crate::ir::{Block, Expr, Function, Operand, Place, Statement, Step, Value, Var, edit, uses};

/// Uses values that were read, or written, before.
pub fn share(function: &Function, block: &mut Block) {
    within(function, block, &mut Known::default(), &mut BTreeMap::new());
}

/// The variable of a value, and the variables that the text of its place depends on.
type Held = (Var, BTreeSet<Var>);

/// What memory is known to hold.
#[derive(Default)]
struct Known {
    /// By the texts of the places.
    values: BTreeMap<String, Held>,
    /// The texts that depend on a variable.
    dependents: BTreeMap<Var, BTreeSet<String>>,
    /// What changed, with what was known of it before, so that a block can be left as if it had not been entered.
    changes: Vec<(String, Option<Held>)>,
}

impl Known {
    fn set(&mut self, text: String, value: Option<Held>) -> Option<Held> {
        let Some((var, reads)) = value else { return self.values.remove(&text) };
        for read in &reads {
            self.dependents.entry(*read).or_default().insert(text.clone());
        }
        self.values.insert(text, (var, reads))
    }

    fn learn(&mut self, text: String, var: Var, reads: BTreeSet<Var>) {
        let before = self.set(text.clone(), Some((var, reads)));
        self.changes.push((text, before));
    }

    /// Forgets what a statement with these effects may change.
    fn forget(&mut self, effects: &Effects) {
        for changed in effects.writes.iter().chain(&effects.adds) {
            for text in self.dependents.remove(changed).into_iter().flatten() {
                let before = self.values.remove(&text);
                if before.is_some() {
                    self.changes.push((text, before));
                }
            }
        }
    }

    /// Takes back all but the first changes.
    fn leave(&mut self, kept: usize) {
        while self.changes.len() > kept {
            if let Some((text, before)) = self.changes.pop() {
                self.set(text, before);
            }
        }
    }
}

fn within(function: &Function, block: &mut Block, known: &mut Known, same: &mut BTreeMap<Var, Var>) {
    for statement in block.iter_mut() {
        edit::own_exprs(statement, &mut |expr| rename(function, expr, same));
        let effects = Effects::of_statement(statement);
        if !matches!(statement, Statement::Branch(_)) {
            known.forget(&effects);
        }
        edit::inner_blocks(statement, &mut |inner| {
            let around = known.changes.len();
            within(function, inner, known, same);
            known.leave(around);
        });
        known.forget(&effects);
        match statement {
            Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. }
                if is_value(function, *var) && is_memory(function, place) =>
            {
                let (text, reads) = described(place);
                if let Some((first, _)) = known.values.get(&text) {
                    same.insert(*var, *first);
                    *place = Place::whole(*first, place.span);
                } else {
                    known.learn(text, *var, reads);
                }
            }
            Statement::Assign { place, value: Value::Expr(Expr::Operand(Operand::Place(source))) }
                if source.path.is_empty() && is_value(function, source.root) && is_memory(function, place) =>
            {
                let (text, reads) = described(place);
                known.learn(text, source.root, reads);
            }
            _ => {}
        }
    }
}

/// Whether the variable is its value: a scalar that is not assigned.
fn is_value(function: &Function, var: Var) -> bool {
    function.is_scalar(var) && !function.variable(var).mutable
}

fn is_memory(function: &Function, place: &Place) -> bool {
    function.variable(place.root).mutable
}

fn rename(function: &Function, expr: &mut Expr, same: &BTreeMap<Var, Var>) {
    match expr {
        Expr::Operand(Operand::Place(place)) if place.path.is_empty() => {
            if let Some(first) = same.get(&place.root) {
                *expr = Expr::place(Place::whole(*first, function.variable(*first).name.span()));
            }
        }
        Expr::Operand(_) => {}
        Expr::Apply(_, arguments, _) => arguments.iter_mut().for_each(|argument| rename(function, argument, same)),
    }
}

/// A text that is equal for equal places, and the variables in it.
fn described(place: &Place) -> (String, BTreeSet<Var>) {
    let mut reads = BTreeSet::new();
    uses::place(place, &mut |var| _ = reads.insert(var));
    (text(place), reads)
}

/// A text that is equal for equal places.
pub fn text(place: &Place) -> String {
    let steps = place.path.iter().map(|step| match step {
        Step::Field(name) => format!(".{name}"),
        Step::Element(index) => format!(".{index}"),
        Step::Index(Operand::Place(index)) => format!("[{}]", text(index)),
        Step::Index(Operand::Code(code)) => format!("['{}]", code.tokens),
        Step::Index(Operand::Number(_)) => unreachable!("a float is no index"),
    });
    format!("{}{}", place.root.0, steps.collect::<String>())
}
