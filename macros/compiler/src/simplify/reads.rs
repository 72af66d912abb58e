//! `let a = m[i]; .. let b = m[i]; .. b .. ⟶ let a = m[i]; .. a ..` and `m[i] = v; let b = m[i]; .. b .. ⟶ m[i] = v; .. v ..`, where
//! nothing in between may change `m` or `i`: memory that is read twice, or read after it is written, holds the same bits.
//!
//! Only scalars, and only what stands before in the same block or in a block around. Where a body may run again, as in a loop or in a closure
//! that a function is given, nothing is known on its entry that it changes. So the reverse sweep keeps one value for all of its reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::seeds::Effects;
use crate::ir::{Block, Expr, Function, Operand, Place, Statement, Step, Value, Var, edit, uses};

/// Uses values that were read, or written, before.
pub fn share(function: &Function, block: &mut Block) {
    within(function, block, &mut BTreeMap::new(), &mut BTreeMap::new());
}

/// What memory is known to hold: by its text, the variable of the value, and the variables that the text depends on.
type Known = BTreeMap<String, (Var, BTreeSet<Var>)>;

fn within(function: &Function, block: &mut Block, known: &mut Known, same: &mut BTreeMap<Var, Var>) {
    for statement in block.iter_mut() {
        edit::own_exprs(statement, &mut |expr| rename(function, expr, same));
        let effects = Effects::of_statement(statement);
        if !matches!(statement, Statement::Branch(_)) {
            forget(known, &effects);
        }
        edit::inner_blocks(statement, &mut |inner| within(function, inner, &mut known.clone(), same));
        forget(known, &effects);
        match statement {
            Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. }
                if is_value(function, *var) && is_memory(function, place) =>
            {
                let (text, reads) = described(place);
                if let Some((first, _)) = known.get(&text) {
                    same.insert(*var, *first);
                    *place = Place::whole(*first, place.span);
                } else {
                    known.insert(text, (*var, reads));
                }
            }
            Statement::Assign { place, value: Value::Expr(Expr::Operand(Operand::Place(source))) }
                if source.path.is_empty() && is_value(function, source.root) && is_memory(function, place) =>
            {
                let (text, reads) = described(place);
                known.insert(text, (source.root, reads));
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

fn forget(known: &mut Known, effects: &Effects) {
    known.retain(|_, (_, reads)| reads.is_disjoint(&effects.writes) && reads.is_disjoint(&effects.adds));
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
