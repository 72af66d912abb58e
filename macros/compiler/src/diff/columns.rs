//! Records of loops over literal ranges as arrays.
//!
//! *In:* the two sweeps of a function, or both as one sequence. *Out:* the same, where each number that such a loop keeps has an array of its
//! own in the place of a tape, with a dimension for each of the literal ranges around.
//!
//! ```text
//! for i in 1..63 { .. tape <- (v) }                ⟶   let v_kept = [0; 62];  for i in 1..63 { .. v_kept[i - 1] = v }
//! for i in 1..63 reversed with (v) from tape { }   ⟶   for i in 1..63 reversed { let v = v_kept[i - 1]; .. }
//! ```
//!
//! An iteration writes one element, which its reverse alone reads, so that the order does not matter. There is no count of records that an
//! iteration waits for, and nothing is moved into the record of a loop around. The arrays of a function hold at most 64 KiB in doubles; where
//! those of an inner loop would be too large with a further dimension, the loop around keeps them in its record.

use std::collections::BTreeMap;

use proc_macro2::Literal;
use quote::quote;

use crate::ir::{
    Block, Code, Column, Form, Function, Header, Kind, Loop, Operand, Place, Saved, Statement, Step, Tape, Value, Var, edit,
};

/// The most numbers that the arrays of a function hold.
const MOST: usize = 8192;

/// Lays out the records of both sweeps as one sequence.
pub fn lay_out(function: &mut Function, body: &mut Block) {
    let mut layout = Layout::new(function);
    layout.writers(body, &mut Vec::new());
    layout.readers(body);
}

/// Lays out the records of two sweeps apart.
pub fn lay_out_apart(function: &mut Function, forward: &mut Block, backward: &mut Block) {
    let mut layout = Layout::new(function);
    layout.writers(forward, &mut Vec::new());
    layout.readers(backward);
}

/// A range with literal ends.
#[derive(Clone)]
struct Extent {
    index: Var,
    start: usize,
    length: usize,
}

struct Layout<'a> {
    function: &'a mut Function,
    /// How many numbers there is room for.
    left: usize,
    /// For each tape the numbers that are no part of it any more, and where they are.
    kept: BTreeMap<Var, Vec<(Var, Place)>>,
    /// For each tape the arrays that the record of the loop around holds beside it.
    beside: BTreeMap<Var, Vec<Var>>,
    /// The tapes whose records are too large to stand in place.
    large: Vec<Var>,
}

impl<'a> Layout<'a> {
    fn new(function: &'a mut Function) -> Self {
        Self { function, left: MOST, kept: BTreeMap::new(), beside: BTreeMap::new(), large: Vec::new() }
    }
}

impl Layout<'_> {
    /// Changes the loops that fill tapes; `around` are the literal ranges that the block stands in, with the arrays to be declared in front of each.
    fn writers(&mut self, block: &mut Block, around: &mut Vec<(Extent, Vec<Column>)>) {
        for mut statement in std::mem::take(block) {
            match &mut statement {
                Statement::Loop(each) => {
                    let declared = self.writer(each, around);
                    block.extend(declared);
                }
                Statement::Branch(branch) => {
                    for arm in &mut branch.arms {
                        self.writers(&mut arm.body, &mut Vec::new());
                        self.with_arrays(&mut arm.saved);
                    }
                }
                Statement::Unwind { arms, .. } => arms.iter_mut().for_each(|(_, body)| self.writers(body, &mut Vec::new())),
                other => edit::lambdas(other, &mut |lambda| self.apart(&mut lambda.body)),
            }
            block.push(statement);
        }
    }

    /// Lays out the records of a closure, which holds both sweeps of what it keeps, and of which there may be several copies.
    fn apart(&mut self, body: &mut Block) {
        let mut inner = Layout { left: self.left, ..Layout::new(self.function) };
        inner.writers(body, &mut Vec::new());
        inner.readers(body);
        self.left = inner.left;
    }

    /// Changes a loop; gives the declarations of the arrays that stand in front of it.
    fn writer(&mut self, each: &mut Loop, around: &mut Vec<(Extent, Vec<Column>)>) -> Block {
        let Some(extent) = extent(each) else {
            self.writers(&mut each.body, &mut Vec::new());
            each.tape.iter_mut().filter(|tape| !tape.reads).for_each(|tape| self.with_arrays(&mut tape.saved));
            return Vec::new();
        };
        around.push((extent, Vec::new()));
        self.writers(&mut each.body, around);
        if let Some(tape) = each.tape.as_mut().filter(|tape| !tape.reads) {
            self.with_arrays(&mut tape.saved);
            if tape.chosen.is_none() {
                self.numbers(tape, &mut each.body, around);
            }
            self.in_place_or_not(tape, &around[around.len() - 1].0);
        }
        let (_, columns) = around.pop().expect("the loop's own range");
        if let Some(tape) = each.tape.as_ref().filter(|tape| !tape.reads) {
            self.beside.insert(tape.var, columns.iter().map(|column| column.var).collect());
        }
        columns.iter().map(Column::declaration).collect()
    }

    /// Keeps the numbers of a record in arrays.
    fn numbers(&mut self, tape: &mut Tape, body: &mut Block, around: &mut [(Extent, Vec<Column>)]) {
        for saved in std::mem::take(&mut tape.saved) {
            let place = (self.function.is_scalar(saved.var) && !saved.by_reference).then(|| self.column(saved.var, around));
            let Some(place) = place.flatten() else {
                tape.saved.push(saved);
                continue;
            };
            let value = Value::Expr(crate::ir::Expr::place(Place::whole(saved.var, place.span)));
            body.push(Statement::Assign { place: place.clone(), value });
            self.kept.entry(tape.var).or_default().push((saved.var, place));
        }
    }

    /// An array for a number of each iteration, with as many dimensions as there is room for; the iteration's element of it.
    fn column(&mut self, var: Var, around: &mut [(Extent, Vec<Column>)]) -> Option<Place> {
        let mut count = 1usize;
        let mut first = around.len();
        for (position, (extent, _)) in around.iter().enumerate().rev() {
            match count.checked_mul(extent.length).filter(|count| *count <= self.left) {
                Some(more) => (count, first) = (more, position),
                None => break,
            }
        }
        let dimensions: Vec<Extent> = around[first..].iter().map(|(extent, _)| extent.clone()).collect();
        let over = dimensions.last()?.index;
        self.left -= count;
        let span = self.function.variable(var).name.span();
        let wish = format!("{}_kept", self.function.variable(var).name);
        let array = self.function.fresh(&wish, Kind::Space, true, Form::Owned, span);
        let lengths = dimensions.iter().map(|extent| extent.length).collect();
        let column = Column { var: array, of: var, over, lengths };
        self.function.columns.push(column.clone());
        around[first].1.push(column);
        let at = |place: Place, extent: &Extent| place.then(Step::Index(Operand::Code(self.position(extent))));
        Some(dimensions.iter().fold(Place::whole(array, span), at))
    }

    /// The position of an iteration. The index may be of any integer type.
    fn position(&self, extent: &Extent) -> Code {
        let name = &self.function.variable(extent.index).name;
        let start = Literal::usize_unsuffixed(extent.start);
        let tokens = if extent.start == 0 { quote!(#name as usize) } else { quote!(#name as usize - #start) };
        Code { tokens, reads: vec![extent.index], repeatable: true, span: name.span() }
    }

    /// Puts the arrays of inner loops into a record, beside their tapes.
    fn with_arrays(&self, saved: &mut Vec<Saved>) {
        let arrays = |kept: &Saved| {
            let beside = self.beside.get(&kept.var).into_iter().flatten();
            let arrays = beside.map(|var| Saved::whole(*var));
            std::iter::once(*kept).chain(arrays).collect::<Vec<_>>()
        };
        *saved = saved.iter().flat_map(arrays).collect();
    }

    /// Moves a tape to the heap whose records hold arrays that make it too large.
    fn in_place_or_not(&mut self, tape: &mut Tape, extent: &Extent) {
        let arrays = self.function.columns.iter().filter(|column| tape.saved.iter().any(|saved| saved.var == column.var));
        let numbers: usize = arrays.map(Column::count).sum();
        if tape.capacity.is_some() && numbers.saturating_mul(extent.length) > MOST {
            tape.capacity = None;
            self.large.push(tape.var);
        }
    }

    /// Changes the loops and choices that read records.
    fn readers(&self, block: &mut Block) {
        for statement in block {
            match statement {
                Statement::Branch(branch) => branch.arms.iter_mut().for_each(|arm| self.readers(&mut arm.body)),
                Statement::Unwind { arms, .. } => {
                    for (saved, body) in arms {
                        self.with_arrays(saved);
                        self.readers(body);
                    }
                }
                Statement::Loop(each) => {
                    self.reader(each);
                    self.readers(&mut each.body);
                }
                _ => {}
            }
        }
    }

    fn reader(&self, each: &mut Loop) {
        let Some(tape) = each.tape.as_mut().filter(|tape| tape.reads) else { return };
        let kept = self.kept.get(&tape.var).map_or(&[][..], Vec::as_slice);
        tape.saved.retain(|saved| kept.iter().all(|(var, _)| *var != saved.var));
        self.with_arrays(&mut tape.saved);
        if self.large.contains(&tape.var) {
            tape.capacity = None;
        }
        let reads = kept.iter().map(|(var, place)| {
            let value = Value::Expr(crate::ir::Expr::place(place.clone()));
            Statement::Let { var: *var, value: Some(value), ty: None }
        });
        each.body.splice(0..0, reads);
    }
}

/// The literal range of a loop that runs to its end.
fn extent(each: &Loop) -> Option<Extent> {
    let Header::Range(range) = &each.header else { return None };
    if each.exit.is_some() || each.counter.is_some() {
        return None;
    }
    let counted = range.literal().filter(|counted| counted.start <= counted.end)?;
    Some(Extent { index: range.index, start: counted.start, length: counted.len() })
}
