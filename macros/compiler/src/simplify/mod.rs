//! Rewrites that make a block cheaper and change no value: an ordered, bounded list, each stated as algebra in its module.
//!
//! ```text
//! fold       1 · e ⟶ e;  −(−e) ⟶ e                          exact in floats
//! signs      d_inverse(1 + exp(a)) ⟶ 1 / (1 + exp(a))      where the operand cannot be negative
//!            d_guarded(g, d_sqrt(y)) ⟶ g · (0.5 / y)        where y is above zero
//! units      let v = 1; .. v · e .. ⟶ .. e ..               in straight lines alone
//! powers     ∂(xⁿ) = n·xⁿ⁻¹ by multiplication, n ≤ 4         in derivative factors alone
//! doubles    m += e; m += e ⟶ m += 2 · e                    of contributions to adjoints
//! lengths    let a = [x; 8]; .. a.len() .. ⟶ .. 8 ..        before differentiation alone
//! calls      loop { let y = g(v); .. } ⟶ if g is pure { let y = g(v); loop { .. } } else { .. }      before differentiation alone
//! unchanged  loop { let a = s; .. } ⟶ let a = s; loop { .. }      before differentiation alone, of numbers
//! invariant  loop { let v = exp(a); .. } ⟶ let v = exp(a); loop { .. }
//! reads      let a = m[i]; .. let b = m[i]; .. b .. ⟶ .. a ..       before differentiation alone
//! twice      f(exp(a)); g(exp(a)) ⟶ let v = exp(a); ..      in straight lines alone
//! common     let v = exp(a); .. exp(a) .. ⟶ .. v ..
//! taken      let t = take v_bar; (neither is read again) ⟶
//! dead       let v = exp(a); (v is not used) ⟶
//! clean      loop { let v_bar = [0; n]; .. every element is taken } ⟶ let v_bar = [0; n]; loop { .. every element is taken }
//! spent      let t = take v_bar[i]; (v_bar[i] is not read again) ⟶ let t = v_bar[i]
//! fields     loop { d.next[i] += d.now[i] } ⟶ let d_next = d.next; let d_now = d.now; loop { d_next[i] += d_now[i] }      of adjoints, when all else is done
//! batches    loop { let a = []; loop { a[j] = e } .. } ⟶ loop { let a = [[]]; loop { for each of eight { a[j][lane] = e } } .. }      likewise
//! lanes      loop { loop { s += e } } ⟶ loop { for each of eight { s += e } }      where both sweeps are one sequence
//! strips     loop { total += f(x[i]) } ⟶ loop { for each of eight { f(x[i]) } for each of eight { total += .. } }      likewise
//! gathers    loop { x_bar[i] += e; x_bar[i + 1] += f } ⟶ loop { x_bar[i + 1] += e of i + 1; x_bar[i + 1] += f of i }      likewise, of adjoints
//! contests   loop { for k { least part } reverse of it } ⟶ loop { for k { for each of eight { least part } } for each of eight { reverse of it } }      likewise
//! transposed loop { loop { for each of eight { f(x[i][j]) } } } ⟶ let x_lanes = transposed x; loop { loop { for each of eight { f(x_lanes[j][lane]) } } }      likewise, of parameters
//! pairs      loop { x[i * n + j] += e(x[k * n + j]) } ⟶ let [x_row, x_row_2] = x; loop { x_row[j] += e(x_row_2[j]) }     likewise, where the rows are apart
//! registers  loop { m[k] += e } ⟶ loop { sum += e } m[k] += sum     of adjoints, when all else is done
//! parts      loop { p.rows[c][a..][k] } ⟶ let part = p.rows[c][a..]; loop { part[k] }      likewise, of all places
//! copies     let v = []; loop { v <- copy of a[i] } ⟶ let v = copy of a[..]      when all else is done
//! rows       loop { s += x[at]; at += 1 } ⟶ let row = x[at..]; loop { s += row[j] }      likewise, of numbers that loops carry along
//! scratch    loop { let v_bar = zeros; loop { v_bar[i] += e } } ⟶ let v_bar = zeros; loop { loop { v_bar[i] = e } }      likewise, of adjoints of unknown types
//! renewed    let t = take v_bar[i]; .. v_bar[i] += e ⟶ let t = v_bar[i]; .. v_bar[i] = e      when all else is done, of adjoints
//! postponed  loop { a_bar[i] = t; b_bar[i] = 2 · t } .. loop { b_bar[i] += e } ⟶ loop { a_bar[i] = t } .. loop { b_bar[i] = 2 · a_bar[i] + e }      likewise
//! unbeaten   loop { m = max(m, x[i]) } ⟶ loop { if a block of x exceeds m { for each of it { m = max(m, x[i]) } } }      likewise, of folds
//! ```
//!
//! *In:* a function's block. *Out:* the same, cheaper. No rewrite changes a domain or an accuracy: nothing is reassociated, `0 · e` stays, as
//! `e` may be infinite, and `exp(a) · exp(b)` stays. Each runs once, in this order, before differentiation and after it.

pub mod batches;
pub mod calls;
mod clean;
pub mod common;
mod contests;
pub mod copies;
mod dead;
mod doubles;
pub mod fields;
mod fold;
mod gathers;
mod invariant;
pub mod lanes;
mod lengths;
pub mod pairs;
pub mod parts;
pub mod postponed;
mod powers;
mod reads;
pub mod registers;
pub mod renewed;
pub mod rows;
pub mod scratch;
mod signs;
mod spent;
mod strips;
mod taken;
pub mod transposed;
mod twice;
pub mod unbeaten;
mod unchanged;
mod units;

use std::collections::BTreeSet;

pub use reads::text;
pub use strips::is_over_strip;

use crate::ir::{Block, Expr, Function, Operand, Place, Step, Var};

/// Simplifies a function before it is differentiated.
pub fn before(function: &mut Function) {
    let mut body = std::mem::take(&mut function.body);
    lengths::write(function, &mut body);
    unchanged::read_before(function, &mut body);
    invariant::hoist(function, &mut body, &mut BTreeSet::new());
    reads::share(function, &mut body);
    common::merge(function, &mut body);
    let kept = function.result.into_iter().collect();
    dead::remove(function, &mut [&mut body], &kept);
    function.body = body;
}

/// Simplifies blocks that run one after the other; `kept` variables are used outside of them.
pub fn after(function: &Function, blocks: &mut [&mut Block], kept: &BTreeSet<Var>) {
    let mut moved = BTreeSet::new();
    signs::divide(function, blocks);
    for block in blocks.iter_mut() {
        fold::ones(block);
        powers::multiply(block);
        doubles::join(block);
        invariant::hoist(function, block, &mut moved);
        common::share(function, block);
    }
    taken::remove(function, blocks, kept);
    dead::remove(function, blocks, kept);
    for block in blocks.iter_mut() {
        clean::hoist(function, block);
        spent::leave(function, block);
    }
}

/// Simplifies a block without inner ones whose cotangents and tangents may be one.
pub fn straight(function: &mut Function, block: &mut Block, kept: &BTreeSet<Var>) {
    units::propagate(block);
    signs::divide(function, &mut [block]);
    powers::multiply(block);
    twice::name(function, block);
    common::share(function, block);
    dead::remove(function, &mut [block], kept);
}

/// Takes out what a block does not use itself.
pub fn unused(function: &Function, block: &mut Block) {
    dead::remove(function, &mut [block], &BTreeSet::new());
}

/// Whether the expression has the same value wherever it is evaluated, and evaluating it can neither fail nor have an effect.
fn is_pure(function: &Function, expr: &Expr) -> bool {
    match expr {
        Expr::Operand(Operand::Place(place)) => is_fixed(function, place),
        Expr::Operand(Operand::Number(_)) => true,
        Expr::Operand(Operand::Code(code)) => code.reads.is_empty() && is_literal(&code.tokens.to_string()),
        Expr::Apply(op, arguments, _) => op.0.name != "convert" && arguments.iter().all(|argument| is_pure(function, argument)),
    }
}

/// Whether the place is an immutable variable or a field of one: reading it needs no check of an index.
fn is_fixed(function: &Function, place: &Place) -> bool {
    !function.variable(place.root).mutable && !place.path.iter().any(|step| matches!(step, Step::Index(_)))
}

fn is_literal(tokens: &str) -> bool {
    tokens.strip_prefix('-').unwrap_or(tokens).trim().starts_with(|c: char| c.is_ascii_digit())
}
