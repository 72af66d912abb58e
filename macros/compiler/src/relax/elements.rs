//! `loop { loop { d_w[i] += e } } ⟶ let d_w_sums = [−0; n]; loop { loop { d_w_sums[i] += e } } d_w[i] += d_w_sums[i]` for the adjoint of a short array.
//!
//! *In:* the statements of a derivative, when iterations are side by side. *Out:* the same, with sums of the loops' own where loops inside of others add to the
//! elements of a parameter's adjoint, and do nothing else to it.
//!
//! What a caller lends is memory, which every addition loads and stores; an array of the function's own that is short, and of a known length, is
//! in registers where the back end writes out the inner loop. The contributions to an element are added in their order, and to what the caller has in the end; −0.0 is
//! what nothing is added to without a change.

use crate::analysis::effects::Effects;
use crate::ir::{
    Block, Code, Expr, Form, Function, Kind, Loop, Number, Operand, Place, Range, Statement, Step, Value, Var, edit, literal,
    uses,
};

use super::index;

/// The most elements that are taken to stay in registers.
const MOST: usize = 16;

/// Gives the outermost loops sums of their own.
pub fn add_in_registers(function: &mut Function, block: &mut Block) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        let mut after = Vec::new();
        for (slot, length) in short_adjoints(function, &statement) {
            let sums = sums(function, slot);
            let zeros = Value::Repeat(Box::new(Value::Expr(minus_zero())), code(function, length, slot));
            out.push(Statement::Let { var: sums, value: Some(zeros), ty: None });
            redirect(&mut statement, slot, sums);
            after.push(addition(function, slot, sums, length));
        }
        out.push(statement);
        out.append(&mut after);
    }
    *block = out;
}

fn minus_zero() -> Expr {
    Expr::Operand(Operand::Number(Number { written: None, value: -0.0 }))
}

fn sums(function: &mut Function, slot: Var) -> Var {
    let name = function.variable(slot).name.clone();
    function.fresh(&format!("{name}_sums"), Kind::Space, true, Form::Owned, name.span())
}

fn code(function: &Function, number: usize, slot: Var) -> Code {
    let span = function.variable(slot).name.span();
    Code { tokens: index::unsuffixed(number), reads: Vec::new(), repeatable: true, span }
}

/// The adjoints of short arrays that loops inside of a loop add to, with their lengths.
fn short_adjoints(function: &Function, statement: &Statement) -> Vec<(Var, usize)> {
    let Statement::Loop(each) = statement else { return Vec::new() };
    let effects = Effects::of_statement(statement);
    let alone = |slot: &&Var| !effects.reads.contains(*slot) && !effects.writes.contains(*slot);
    let found = effects.adds.iter().filter(alone).filter_map(|slot| {
        let length = length(function, *slot)?;
        let (additions, inside) = additions(&each.body, *slot, false);
        (inside && additions == uses::mentions(statement, *slot)).then_some((*slot, length))
    });
    found.collect()
}

/// The length of the short array that a slot belongs to.
fn length(function: &Function, slot: Var) -> Option<usize> {
    let is_slot = function.variable(slot).form == Form::Slot;
    let [Some(length)] = function.dimensions.get(&slot).filter(|_| is_slot)?.as_slice() else { return None };
    literal::<usize>(length).filter(|length| *length <= MOST)
}

/// How many statements add to an element of the variable, and whether a loop in the block has one.
fn additions(block: &Block, of: Var, in_loop: bool) -> (usize, bool) {
    let (mut count, mut inside) = (0, false);
    for statement in block {
        if adds_to_element(statement, of) {
            count += 1;
            inside |= in_loop;
        }
        let in_loop = in_loop || matches!(statement, Statement::Loop(_));
        edit::inner_blocks(&mut statement.clone(), &mut |inner| {
            let (more, found) = additions(inner, of, in_loop);
            count += more;
            inside |= found;
        });
    }
    (count, inside)
}

fn adds_to_element(statement: &Statement, of: Var) -> bool {
    match statement {
        Statement::Add { place, whole: false, .. } => place.root == of && matches!(place.path.as_slice(), [Step::Index(_)]),
        _ => false,
    }
}

/// Lets the additions to the elements of a variable be those of another one.
fn redirect(statement: &mut Statement, from: Var, to: Var) {
    if adds_to_element(statement, from)
        && let Statement::Add { place, .. } = statement
    {
        place.root = to;
    }
    edit::inner_blocks(statement, &mut |inner| inner.iter_mut().for_each(|statement| redirect(statement, from, to)));
}

/// Adds the sums to the adjoint.
fn addition(function: &mut Function, slot: Var, sums: Var, length: usize) -> Statement {
    let span = function.variable(slot).name.span();
    let element = function.fresh("element", Kind::Inactive, false, Form::Owned, span);
    let [start, end] = [0, length].map(|number| code(function, number, slot));
    let at = |root: Var| Place::whole(root, span).then(Step::Index(Operand::Place(Place::whole(element, span))));
    let add = Statement::Add { place: at(slot), value: Expr::place(at(sums)), subtract: false, whole: false };
    let range = Range { index: element, start, end, inclusive: false, reversed: false };
    Statement::Loop(Loop::over(range, vec![add]))
}
