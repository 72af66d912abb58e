//! Numbers that a loop carries along are computed again by its reverse, which then runs forward.
//!
//! ```text
//! let mut power = 1.0;                              let mut power = 1.0;
//! for i { s -= c[i] * power; power *= t;            for i { s -= c[i] * power; power *= t }
//!         tape <- (power before) }             ⟶    let mut power_again = 1.0;
//! for i reversed with (power) from tape {           for i { c_bar[i] -= s_bar * power_again; power_again *= t }
//!   c_bar[i] -= s_bar * power }
//! ```
//!
//! *In:* both sweeps as one sequence. *Out:* the same with fewer records.
//!
//! That is sound where the iterations of the reverse loop only read what is there before it and only add to adjoints, so that their order does
//! not matter; and where all that they need from the record is computed, by plain arithmetic, from the index, from variables that never change
//! and from numbers that the loop carries and whose first value is such arithmetic too. The same operations in the same order give the same bits.

use std::collections::BTreeSet;

use crate::analysis::arithmetic;
use crate::analysis::seeds::Effects;
use crate::ir::replace::Replaced;
use crate::ir::{
    Block, Counting, Expr, Form, Function, Header, Kind, Loop, Operand, Place, Range, Statement, Value, Var, edit, uses,
};

/// Of so many operations at most is a value computed again.
const MOST: usize = 8;

/// Computes again what that pays for.
pub fn replay(function: &mut Function, block: &mut Block) {
    block.iter_mut().for_each(|statement| edit::inner_blocks(statement, &mut |inner| replay(function, inner)));
    let mut position = 0;
    while position < block.len() {
        if let Some((reader, replaced)) = replayed(function, block, position) {
            let Statement::Loop(writer) = &mut block[position] else { unreachable!("a loop fills a tape") };
            writer.tape = None;
            block.splice(reader..=reader, replaced);
        }
        position += 1;
    }
}

/// The loop that reads the records of the one at `position`, and what stands for it.
fn replayed(function: &mut Function, block: &Block, position: usize) -> Option<(usize, Block)> {
    let Statement::Loop(writer) = &block[position] else { return None };
    let tape = writer.tape.as_ref().filter(|tape| !tape.reads && !tape.saved.is_empty())?;
    let Header::Range(range) = &writer.header else { return None };
    if writer.exit.is_some() || writer.counter.is_some() {
        return None;
    }
    let reads_it = |statement: &Statement| matches!(statement, Statement::Loop(each) if each.tape.as_ref().is_some_and(|other| other.reads && other.var == tape.var));
    let reader = block.iter().position(reads_it).filter(|reader| *reader > position)?;
    let Statement::Loop(reverse) = &block[reader] else { return None };
    let inside = Effects::of_block(&reverse.body);
    if !inside.writes.is_empty() || inside.reads.intersection(&inside.adds).next().is_some() {
        return None;
    }
    let wanted: BTreeSet<Var> = tape.saved.iter().map(|saved| saved.var).collect();
    let slice = Slice::of(function, writer, range, wanted)?;
    let begin = slice.carried.iter().map(|var| first_value(function, &block[..position], *var)).collect::<Option<Block>>()?;
    Some((reader, again(function, &slice, begin, writer, reverse)))
}

/// The loop that computes again, after its first values.
fn again(function: &mut Function, slice: &Slice, begin: Block, writer: &Loop, reverse: &Loop) -> Block {
    let mut renamed = Replaced::default();
    let mut out = Vec::new();
    for (var, begin) in slice.carried.iter().zip(begin) {
        let variable = function.variable(*var).clone();
        let wish = format!("{}_again", variable.name);
        let fresh = function.fresh(&wish, Kind::Inactive, true, Form::Owned, variable.name.span());
        renamed.insert(function, *var, None, fresh);
        let Statement::Code { mut code, .. } = begin else { unreachable!("it is declared by copied code") };
        let (_, value) = arithmetic::declared(&code).expect("a plain `let`");
        let name = &function.variable(fresh).name;
        code.tokens = quote::quote!(let mut #name = #value;);
        out.push(Statement::Code { code, binds: vec![fresh], writes: Vec::new() });
    }
    let mut body: Block = slice.statements.clone();
    renamed.block(&mut body);
    for statement in &mut body {
        if let Statement::Code { writes, .. } = statement {
            writes.iter_mut().for_each(|var| *var = renamed.get(*var).map_or(*var, |place| place.root));
        }
    }
    let mut there = BTreeSet::new();
    body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = there.insert(var)));
    body.extend(
        reverse
            .body
            .iter()
            .filter(|statement| {
                let mut repeated = false;
                uses::declared(statement, &mut |var| repeated |= there.contains(&var));
                !repeated
            })
            .cloned(),
    );
    out.push(Statement::Loop(Loop {
        header: writer.header.clone(),
        body,
        exit: None,
        counter: None,
        counting: Counting::None,
        tape: None,
    }));
    out
}

/// What of a loop computes some of its variables.
struct Slice {
    /// In their order.
    statements: Block,
    /// The numbers that are carried from iteration to iteration.
    carried: BTreeSet<Var>,
}

impl Slice {
    fn of(function: &Function, each: &Loop, range: &Range, wanted: BTreeSet<Var>) -> Option<Self> {
        let mut declared = BTreeSet::new();
        each.body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = declared.insert(var)));
        let (mut needed, mut carried) = (wanted, BTreeSet::new());
        // what is carried may be computed, in one iteration, after it is used
        loop {
            let before = needed.len();
            let computing = |statement: &&Statement| computes(statement, &needed);
            let slice: Vec<&Statement> = each.body.iter().filter(computing).collect();
            if slice.len() > MOST || !slice.iter().all(|statement| is_plain(statement)) {
                return None;
            }
            for statement in &slice {
                uses::statement(statement, &mut |var| _ = needed.insert(var));
            }
            if needed.len() == before {
                let statements = slice.into_iter().cloned().collect();
                for var in &needed {
                    let is_there = *var == range.index || declared.contains(var) || !function.variable(*var).mutable;
                    if !is_there {
                        carried.insert(*var);
                    }
                }
                return Some(Self { statements, carried });
            }
        }
    }
}

/// Whether the statement declares or changes one of the variables.
fn computes(statement: &Statement, vars: &BTreeSet<Var>) -> bool {
    let mut found = false;
    uses::declared(statement, &mut |var| found |= vars.contains(&var));
    let effects = Effects::of_statement(statement);
    found || !effects.writes.is_disjoint(vars) || !effects.adds.is_disjoint(vars)
}

/// Whether the statement is arithmetic of numbers, and cheap.
fn is_plain(statement: &Statement) -> bool {
    match statement {
        Statement::Code { code, .. } => arithmetic::is_arithmetic(code),
        Statement::Let { value: Some(Value::Expr(expr)), .. } => is_cheap(expr),
        _ => false,
    }
}

fn is_cheap(expr: &Expr) -> bool {
    match expr {
        Expr::Operand(Operand::Code(code)) => arithmetic::is_arithmetic(code),
        Expr::Operand(Operand::Place(Place { path, .. })) => path.is_empty(),
        Expr::Operand(Operand::Number(_)) => true,
        Expr::Apply(op, arguments, _) => matches!(op.0.name, "add" | "sub" | "mul" | "neg") && arguments.iter().all(is_cheap),
    }
}

/// The declaration of a number that is carried, where nothing changes it before the loop and it can be repeated.
fn first_value(function: &Function, before: &[Statement], var: Var) -> Option<Statement> {
    let declares = |statement: &Statement| matches!(statement, Statement::Code { binds, .. } if binds.as_slice() == [var]);
    let position = before.iter().position(declares)?;
    let Statement::Code { code, .. } = &before[position] else { return None };
    arithmetic::declared(code)?;
    let lasts = code.reads.iter().all(|read| *read == var || !function.variable(*read).mutable);
    let untouched = before[position + 1..].iter().all(|statement| {
        let effects = Effects::of_statement(statement);
        !effects.writes.contains(&var) && !effects.adds.contains(&var)
    });
    (arithmetic::is_arithmetic(code) && lasts && untouched).then(|| before[position].clone())
}
