//! A fold by `min` or `max` keeps the iterations that may have given its result, and no others.
//!
//! ```text
//! for i { let part = ..;                             for i { let part = ..;
//!         let least = min(before, part); }                   let least = min(before, part) }
//!         tape <- (part, before)                ⟶            where part wins, tape <- (i, part, before) alone
//! for i reversed with (part, before) from tape {     for (i, part, before) from tape, reversed {
//!   part_bar = .. }                                    part_bar = .. }
//! ```
//!
//! *In:* both sweeps as one sequence. *Out:* the same with records of the winners alone.
//!
//! In an iteration in which the accumulator wins, all of the cotangent goes on to the iterations before, and nothing to the part: its reverse
//! would add products with that zero. In one in which the part wins, nothing goes on: what was kept of the iterations before is dropped. Where
//! both are equal, or both NaN, each has its share, and the iteration is kept beside those before. So what runs backward is exactly what the
//! cotangent reaches. That is sound where the loop does nothing with the accumulator but this, and where its reverse gets no other cotangent.

use std::collections::BTreeSet;

use crate::analysis::effects::Effects;
use crate::ir::{Block, Chosen, Expr, Function, Header, Kind, Loop, Place, Saved, Statement, Tape, Value, Var, edit, uses};

/// Keeps the winners; variables from number `own` on are adjoints, and what else the sweeps declare.
pub fn winners(function: &Function, block: &mut Block, own: usize) {
    block.iter_mut().for_each(|statement| edit::inner_blocks(statement, &mut |inner| winners(function, inner, own)));
    for position in 0..block.len() {
        let Some((reader, chosen, index)) = fold(function, block, position, own) else { continue };
        let saved = Saved::number(index);
        for place in [position, reader] {
            let Statement::Loop(Loop { header, tape: Some(tape), .. }) = &mut block[place] else {
                unreachable!("loops with a tape")
            };
            tape.saved.push(saved);
            tape.chosen = Some(chosen.clone());
            if tape.reads {
                *header = Header::Again;
            }
        }
    }
}

/// The loop that reads the records of the one at `position`, and how its winners are known, where it is such a fold over this index.
fn fold(function: &Function, block: &Block, position: usize, own: usize) -> Option<(usize, Chosen, Var)> {
    let Statement::Loop(writer) = &block[position] else { return None };
    let Header::Range(range) = &writer.header else { return None };
    let tape = writer.tape.as_ref().filter(|tape| !tape.reads && !tape.saved.is_empty() && tape.chosen.is_none())?;
    if writer.exit.is_some() || writer.counter.is_some() {
        return None;
    }
    let reader = block.iter().position(|statement| reads(statement, tape)).filter(|reader| *reader > position)?;
    let Statement::Loop(reverse) = &block[reader] else { return None };
    let (chosen, accumulator) = choice(function, &writer.body)?;
    let adjoint = cotangent(&reverse.body)?;
    let inside = Effects::of_block(&reverse.body);
    let others = inside.reads.iter().chain(&inside.writes).filter(|var| var.0 as usize >= own && **var != adjoint);
    // the reverse takes the adjoint of what the loop stores
    let stored = Effects::of_block(&writer.body).writes;
    let varied = stored.iter().filter(|var| function.variable(**var).kind != Kind::Inactive);
    (others.count() == 0 && varied.eq([&accumulator])).then_some((reader, chosen, range.index))
}

fn reads(statement: &Statement, tape: &Tape) -> bool {
    matches!(statement, Statement::Loop(each) if each.tape.as_ref().is_some_and(|other| other.reads && other.var == tape.var))
}

/// `let before = accumulator; let now = min(before, part); accumulator = now`, and nothing else with `before` and the accumulator.
fn choice(function: &Function, body: &Block) -> Option<(Chosen, Var)> {
    let (now, is_max, operands) = body.iter().find_map(|statement| match statement {
        Statement::Let { var, value: Some(Value::Expr(Expr::Apply(op, operands, _))), .. }
            if matches!(op.0.name, "min" | "max") =>
        {
            Some((*var, op.0.name == "max", operands))
        }
        _ => None,
    })?;
    let [one, other] = operands.as_slice() else { return None };
    let accumulator_of = |expr: &Expr| expr.whole().and_then(|var| read_from(body, var));
    let (before, part, accumulator) = match (accumulator_of(one), accumulator_of(other)) {
        (Some(accumulator), _) if stores(body, accumulator, now) => (one, other, accumulator),
        (_, Some(accumulator)) if stores(body, accumulator, now) => (other, one, accumulator),
        _ => return None,
    };
    let alone = |var: Var, times: usize| {
        let mut count = 0;
        let computes = |statement: &&Statement| !matches!(statement, Statement::Check { .. });
        let mut visit = |other| count += usize::from(other == var);
        body.iter().filter(computes).for_each(|statement| uses::statement(statement, &mut visit));
        count == times
    };
    let is_fold = alone(accumulator, 2) && alone(before.whole()?, 2) && function.variable(accumulator).mutable;
    is_fold.then(|| (Chosen { part: part.clone(), before: before.clone(), is_max }, accumulator))
}

/// The variable that `var` is a copy of.
fn read_from(body: &Block, var: Var) -> Option<Var> {
    body.iter().find_map(|statement| match statement {
        Statement::Let { var: copy, value: Some(Value::Expr(source)), .. } if *copy == var => source.whole(),
        _ => None,
    })
}

fn stores(body: &Block, accumulator: Var, now: Var) -> bool {
    body.iter().any(|statement| match statement {
        Statement::Assign { place, value: Value::Expr(source) } => {
            place.path.is_empty() && place.root == accumulator && source.whole() == Some(now)
        }
        _ => false,
    })
}

/// The adjoint that the reverse takes, and adds to.
fn cotangent(reverse: &Block) -> Option<Var> {
    let taken: BTreeSet<Var> = reverse
        .iter()
        .filter_map(|statement| match statement {
            Statement::Let { value: Some(Value::Take(Place { root, path, .. }, _)), .. } if path.is_empty() => Some(*root),
            _ => None,
        })
        .collect();
    (taken.len() == 1).then(|| taken.first().copied())?
}
