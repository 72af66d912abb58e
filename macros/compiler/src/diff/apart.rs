//! Large arrays that loops record, each on a tape of its own.
//!
//! *In:* the sweeps of a function, whose records have their places. *Out:* the same, where an array that an iteration makes, and keeps, stands on a tape of
//! its own from its declaration on.
//!
//! ```text
//! for i { let y_before = copy of y; .. tape <- (y_before, back) }
//!         ⟶   for i { y_tape <- copy of y, as y_before; .. tape <- (back) }
//! for i reversed with (y_before, back) from tape { .. }
//!         ⟶   for i reversed with (back) from tape, y_before from y_tape { .. }
//!
//! for t { u_before = copy of u; .. u_before[i] .. }      likewise, of vectors: one behind the other, in one vector
//! ```
//!
//! A record is moved into its tape as a whole, which costs as much as copying the arrays in it, and a tape of large records in place is made of
//! zeros first. An array that is written where it stays is moved nowhere. Copies of vectors, as of what is exchanged, are not asked memory for one by one. What the iteration does with it goes through a reference, so that
//! copied code, which sees the difference, must not mention it. Only loops that stand in no other are changed: there are no records around that would
//! have to hold the further tapes.

use std::collections::BTreeMap;

use crate::ir::{
    Apart, Block, Check, Code, Expr, Form, Function, Kind, Loop, Operand, Passed, Place, Saved, Statement, Step, Tape, Value,
    Var, uses,
};

/// The fewest numbers of an array that has a tape of its own, where their number is a literal.
const FEWEST: usize = 64;

/// Gives the large arrays of records tapes of their own; the blocks run one after the other.
pub fn give(function: &mut Function, blocks: &mut [&mut Block]) {
    let mut apart = BTreeMap::new();
    let arrays = Arrays::of(blocks);
    let is_there = |tape: Var| {
        let mut readers = blocks.iter().flat_map(|block| block.iter()).filter_map(|statement| match statement {
            Statement::Loop(each) if is_tape(each, tape, true) => Some(&each.body),
            _ => None,
        });
        let body = readers.next();
        body.filter(|_| readers.next().is_none())
    };
    for each in blocks.iter().flat_map(|block| block.iter()).filter_map(loop_of) {
        let Some(tape) = each.tape.as_ref().filter(|tape| !tape.reads && is_plain(tape)) else { continue };
        let Some(reverse) = is_there(tape.var) else { continue };
        let is_own = |saved: &&Saved| {
            let variable = function.variable(saved.var);
            saved.by_reference && variable.kind == Kind::Space && variable.form == Form::Owned
        };
        let mut found = Vec::new();
        for Saved { var, .. } in tape.saved.iter().filter(is_own) {
            let is_array = || arrays.is_large(each, *var) && !is_in_code(&each.body, *var) && is_read(reverse, *var);
            let is_copy = function.excerpts.contains(var) || arrays.is_copy_of_vector(each, *var);
            if is_copy && is_row(function, &each.body, reverse, *var) {
                found.push((*var, true));
            } else if is_array() {
                found.push((*var, false));
            }
        }
        for (var, rows) in found {
            let name = &function.variable(var).name;
            let (wish, span) = (format!("{name}_tape"), name.span());
            let of_own = function.fresh(&wish, Kind::Inactive, true, Form::Owned, span);
            apart.insert((tape.var, var), Apart { tape: of_own, rows });
        }
    }
    for each in blocks.iter_mut().flat_map(|block| block.iter_mut()) {
        if let Statement::Loop(Loop { tape: Some(tape), .. }) = each {
            tape.saved.iter_mut().for_each(|saved| saved.apart = apart.get(&(tape.var, saved.var)).copied());
        }
    }
}

fn loop_of(statement: &Statement) -> Option<&Loop> {
    match statement {
        Statement::Loop(each) => Some(each),
        _ => None,
    }
}

fn is_tape(each: &Loop, var: Var, reads: bool) -> bool {
    each.tape.as_ref().is_some_and(|tape| tape.var == var && tape.reads == reads)
}

/// Whether the tape belongs to one run of its loop, and takes a record of each iteration.
fn is_plain(tape: &Tape) -> bool {
    !tape.shared && tape.chosen.is_none() && tape.count.is_none()
}

/// What variables start with.
struct Arrays<'b>(BTreeMap<Var, &'b Value>);

impl<'b> Arrays<'b> {
    fn of(blocks: &'b [&mut Block]) -> Self {
        let mut arrays = Self(BTreeMap::new());
        blocks.iter().for_each(|block| arrays.block(block));
        arrays
    }

    fn block(&mut self, block: &'b Block) {
        for statement in block {
            match statement {
                Statement::Let { var, value: Some(value), .. } => drop(self.0.insert(*var, value)),
                Statement::Loop(each) => self.block(&each.body),
                Statement::Branch(branch) => branch.arms.iter().for_each(|arm| self.block(&arm.body)),
                _ => {}
            }
        }
    }

    /// Whether each iteration of the loop declares the variable, as an array of many numbers.
    fn is_large(&self, each: &Loop, var: Var) -> bool {
        let declares =
            |statement: &Statement| matches!(statement, Statement::Let { var: declared, value: Some(_), .. } if *declared == var);
        let value = self.0.get(&var).filter(|_| each.body.iter().any(declares));
        value.and_then(|value| self.numbers(value, &[])).is_some_and(|numbers| numbers >= FEWEST)
    }

    /// Whether each iteration of the loop declares the variable, as a copy of a vector.
    fn is_copy_of_vector(&self, each: &Loop, var: Var) -> bool {
        each.body.iter().any(|statement| match statement {
            Statement::Let { var: declared, value: Some(Value::Clone(of)), ty: None } => {
                *declared == var && of.path.is_empty() && self.is_vector(of.root)
            }
            _ => false,
        })
    }

    /// Whether the variable starts as a vector, or as another one that does.
    fn is_vector(&self, var: Var) -> bool {
        match self.0.get(&var) {
            Some(Value::EmptyVec) => true,
            Some(Value::Expr(other)) => other.whole().is_some_and(|other| other != var && self.is_vector(other)),
            _ => false,
        }
    }

    /// How many numbers an array has, which is at a place in the value; of a length that is no literal, very many.
    fn numbers(&self, value: &Value, path: &[Step]) -> Option<usize> {
        match (value, path) {
            (Value::Repeat(inner, _), [Step::Index(_), rest @ ..]) => self.numbers(inner, rest),
            (Value::Array(values), [Step::Index(_), rest @ ..]) => self.numbers(values.first()?, rest),
            (Value::Repeat(inner, length), []) if !length.is_inferred() => {
                let inner = self.numbers(inner, &[]).unwrap_or(1);
                Some(inner.saturating_mul(length.literal().unwrap_or(usize::MAX)))
            }
            (Value::Array(values), []) => {
                let is_number = |value: &Value| matches!(value, Value::Expr(Expr::Apply(..) | Expr::Operand(Operand::Number(_))));
                let first = values.first()?;
                Some(values.len() * if is_number(first) { 1 } else { self.numbers(first, &[])? })
            }
            (Value::Clone(place) | Value::Expr(Expr::Operand(Operand::Place(place))), rest) => {
                let path: Vec<Step> = place.path.iter().chain(rest).cloned().collect();
                self.numbers(self.0.get(&place.root)?, &path)
            }
            _ => None,
        }
    }
}

/// Whether all that is done with the variable, where it is declared and on the way back, is to read numbers at an index of it.
fn is_row(function: &Function, forward: &Block, reverse: &Block, var: Var) -> bool {
    let mentions = |block: &Block| {
        let mut count = 0;
        uses::block(block, &mut |used| count += usize::from(used == var));
        count
    };
    let (there, back) = (numbers_read(function, forward, var), numbers_read(function, reverse, var));
    back > 0 && mentions(forward) == there + 1 && mentions(reverse) == back
}

/// How many numbers of a sequence are read.
fn numbers_read(function: &Function, block: &Block, var: Var) -> usize {
    let of = |statement: &Statement| match statement {
        Statement::Let { var: number, value: Some(Value::Expr(value)), .. } => {
            numbers_in(value, function.is_scalar(*number), var)
        }
        Statement::Assign { value: Value::Expr(value), .. } | Statement::Push { value: Value::Expr(value), .. } => {
            numbers_in(value, false, var)
        }
        Statement::Add { value, whole, .. } => numbers_in(value, !whole, var),
        Statement::Branch(branch) => branch.arms.iter().map(|arm| numbers_read(function, &arm.body, var)).sum(),
        Statement::Unwind { arms, .. } => arms.iter().map(|(_, body)| numbers_read(function, body, var)).sum(),
        Statement::Loop(each) => numbers_read(function, &each.body, var),
        // what is checked is the type of the vector, and of its numbers
        Statement::Check { place, what: Check::Sequence } => usize::from(place.root == var && place.path.is_empty()),
        Statement::Check { place, what: Check::Scalar } => usize::from(place.root == var && place.path.len() == 1),
        _ => 0,
    };
    block.iter().map(of).sum()
}

/// The same in an expression, which is a number or may be something else.
fn numbers_in(expr: &Expr, is_number: bool, var: Var) -> usize {
    match expr {
        Expr::Operand(Operand::Place(place)) if place.root == var && is_number && !place.is_part() => {
            usize::from(matches!(place.path.as_slice(), [Step::Index(_)]))
        }
        Expr::Operand(_) => 0,
        Expr::Apply(_, operands, _) => operands.iter().map(|operand| numbers_in(operand, true, var)).sum(),
    }
}

/// Whether copied code, a closure or a record inside mentions the variable, for which a reference makes a difference.
fn is_in_code(block: &Block, var: Var) -> bool {
    let in_code = |code: &Code| code.reads.contains(&var);
    let in_saved = |saved: &[Saved]| saved.iter().any(|saved| saved.var == var);
    block.iter().any(|statement| match statement {
        Statement::Code { code, writes, .. } => in_code(code) || writes.contains(&var),
        Statement::NoExit(code) | Statement::Inert(code) => in_code(code),
        Statement::Leave(left) => *left == var,
        Statement::Let { value: Some(value), .. } => value_has(value, var),
        Statement::Assign { place, value } | Statement::Push { place, value } => place_has(place, var) || value_has(value, var),
        Statement::Add { place, value, .. } => place_has(place, var) || expr_has(value, var),
        Statement::Branch(branch) => {
            in_code(&branch.on) || branch.arms.iter().any(|arm| in_saved(&arm.saved) || is_in_code(&arm.body, var))
        }
        Statement::Loop(each) => {
            each.conditions().into_iter().chain(&each.exit).any(in_code)
                || each.tape.iter().any(|tape| in_saved(&tape.saved))
                || is_in_code(&each.body, var)
        }
        Statement::Call(call) => call.arguments.iter().any(|argument| match &argument.passed {
            Passed::Value(operand) => operand_has(operand, var),
            Passed::Shared(place) | Passed::Mutable(place) => place_has(place, var),
            Passed::Lent(place) | Passed::Receiver(place) => place.root == var || place_has(place, var),
            Passed::Closure(lambda, _) => {
                let mut found = false;
                uses::lambda(lambda, &mut |used| found |= used == var);
                found
            }
            Passed::Function(..) => false,
        }),
        _ => false,
    })
}

fn value_has(value: &Value, var: Var) -> bool {
    match value {
        Value::Expr(expr) => expr_has(expr, var),
        Value::Tuple(values) | Value::Array(values) => values.iter().any(|value| value_has(value, var)),
        Value::Repeat(value, length) => length.reads.contains(&var) || value_has(value, var),
        Value::Struct { fields, base, .. } => {
            fields.iter().any(|(_, value)| value_has(value, var)) || base.iter().any(|base| value_has(base, var))
        }
        _ => false,
    }
}

fn expr_has(expr: &Expr, var: Var) -> bool {
    match expr {
        Expr::Operand(operand) => operand_has(operand, var),
        Expr::Apply(_, operands, _) => operands.iter().any(|operand| expr_has(operand, var)),
    }
}

fn operand_has(operand: &Operand, var: Var) -> bool {
    match operand {
        Operand::Place(place) => place_has(place, var),
        Operand::Number(_) => false,
        Operand::Code(code) => code.reads.contains(&var),
    }
}

fn place_has(place: &Place, var: Var) -> bool {
    place.path.iter().any(|step| matches!(step, Step::Index(index) if operand_has(index, var)))
}

/// Whether the block reads what the variable holds, not its shape alone.
fn is_read(block: &Block, var: Var) -> bool {
    let (mut mentions, mut shapes) = (0, 0);
    uses::block(block, &mut |used| mentions += usize::from(used == var));
    shapes_of(block, var, &mut shapes);
    mentions > shapes
}

fn shapes_of(block: &Block, var: Var, count: &mut usize) {
    for statement in block {
        match statement {
            Statement::Let { value: Some(Value::ZerosLike(Place { root, path, .. })), .. } if *root == var && path.is_empty() => {
                *count += 1;
            }
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| shapes_of(&arm.body, var, count)),
            Statement::Loop(each) => shapes_of(&each.body, var, count),
            Statement::Unwind { arms, .. } => arms.iter().for_each(|(_, body)| shapes_of(body, var, count)),
            _ => {}
        }
    }
}
