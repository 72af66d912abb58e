//! Eight iterations of a loop at once, where an iteration works in arrays of its own.
//!
//! ```text
//! for i in a..b {                           while first < end {
//!   let y = [0; n]                            if eight more {
//!   for j in p..q { y[j] = f(x[i], w[j]) }      let y_lanes = [[0; 8]; n]
//!   total += g(y)                      ⟶        for j in p..q { for lane { y_lanes[j][lane] = f(x[first + lane], w[j]) } }
//!   for j in p..q { w_bar[j] += h(y[j]) }       for lane { y_one = y_lanes[..][lane]; total += g(y_one) }
//! }                                             for j in p..q { for lane { sums[lane] = h(y_lanes[j][lane]) }  w_bar[j] += sums }
//!                                               first += 8
//!                                             } else { one iteration; first += 1 }
//!                                           }
//! ```
//!
//! The numbers of eight iterations lie side by side, so that a statement for all of them is a vector instruction, whatever the lengths of the loops
//! inside; what is the same for all of them is read once. Each iteration's arithmetic keeps its own order, and what is carried from iteration to
//! iteration is touched by one group of statements alone, which runs lane by lane: no value changes. Contributions to adjoints may come in another
//! order. A function that is called with an array as a whole gets it gathered, one lane after the other.
//!
//! *In:* both sweeps as one sequence, before calls are put in blocks. *Out:* the same, with such loops in batches. Memory in front of the loop that each
//! iteration has for itself ([`private`](crate::analysis::private)) has lanes as well, and so have the records of loops inside.

mod agreed;
mod front;
mod iteration;
mod mentions;
mod writer;

use proc_macro2::TokenStream;

use crate::ir::{Block, Code, Form, Function, Kind, Loop, Statement, Value, Var, edit};
use crate::rules::Op;

use super::lanes::{Pass, is_long, open_range};
use front::Front;
use iteration::Iteration;
use writer::Writer;

/// Runs iterations at once where that pays; gives whether some do. Variables from number `own` on are no part of the function's value.
pub fn run(function: &mut Function, block: &mut Block, own: usize, relaxed: bool, runtime: &TokenStream) -> bool {
    let mut pass = Pass { relaxed, ..Pass::new(function, block, own, runtime) };
    search(&mut pass, &Front::of(block), block)
}

fn search(pass: &mut Pass, front: &Front, block: &mut Block) -> bool {
    let mut any = false;
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        let batches = match &statement {
            Statement::Loop(each) => in_batches(pass, front, each),
            _ => None,
        };
        any |= batches.is_some();
        match batches {
            Some(statements) => out.extend(statements),
            None => {
                edit::inner_blocks(&mut statement, &mut |inner| any |= search(pass, front, inner));
                out.push(statement);
            }
        }
    }
    *block = out;
    any
}

/// The loop in batches; none where it is no such loop, or gains nothing.
fn in_batches(pass: &mut Pass, front: &Front, each: &Loop) -> Option<Block> {
    let range = open_range(each).filter(|range| !range.reversed && is_long(range))?;
    if pass.function.variable(range.index).mutable {
        return None;
    }
    let mut iteration = Iteration::of(pass, front, each, range)?;
    let mut parts = iteration.parts(&each.body, true)?;
    if !iteration.may_change_order(&parts) {
        parts = iteration.parts(&each.body, false)?;
        if !iteration.may_change_order(&parts) {
            return None;
        }
    }
    if !iteration.gains(&parts) {
        return None;
    }
    let Iteration { arrays, inside, varying, alike, .. } = iteration;
    let span = range.start.span;
    let [first, end, lane] = [("first", true), ("end", false), ("lane", false)]
        .map(|(wish, mutable)| pass.function.fresh(wish, Kind::Inactive, mutable, Form::Owned, span));
    let mut writer = Writer::new(pass, range, [first, lane], arrays, inside);
    writer.spread(&parts, &varying)?;
    let (together, mut out) = writer.write(parts);
    pass.function.lanes.insert(lane);
    out.extend(pass.assembled(each, range, together, &alike, [first, end]));
    Some(out)
}

/// An array that an iteration has for itself.
struct Array {
    /// Its lengths, outermost first.
    lengths: Vec<Code>,
    /// What its elements begin with.
    element: Value,
    /// Where it stands in front of the loop: what it is declared with there.
    outside: Option<Outside>,
}

/// What stands in front of the loop.
enum Outside {
    /// An array or a `Vec` of numbers, as the user declares it.
    Memory(Value),
    /// The adjoint of one.
    Adjoint(Var),
    /// An adjoint that is zero again at the end of an iteration.
    Clean,
}

/// The statements of an iteration, by how they run for eight of them.
enum Part {
    /// Once, as they are the same for all.
    Once(Box<Statement>),
    /// The declaration of an array.
    Array(Var),
    /// Lane by lane.
    Lanes(Block),
    /// An operation of each number of an array, and the array of its derivatives.
    Each(Op, Var, Option<Var>),
    /// A loop that all run together.
    Shared(Box<Loop>, Vec<Part>),
}
