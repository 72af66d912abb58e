//! A value that nothing uses is not computed, where computing it can neither fail nor have an effect.

use std::collections::BTreeSet;

use crate::ir::{Block, Function, Statement, Value, Var, edit, uses};

use super::{is_fixed, is_pure};

/// Takes out what the blocks do not use, again and again until all that is left is used.
pub fn remove(function: &Function, blocks: &mut [&mut Block], kept: &BTreeSet<Var>) {
    let mut counts = Counts { kept, of: vec![0; function.variables.len()] };
    for block in blocks.iter() {
        uses::block(block, &mut |var| counts.of[var.0 as usize] += 1);
    }
    let mut removed = true;
    while removed {
        removed = false;
        for block in blocks.iter_mut().rev() {
            sweep(function, block, &mut counts, &mut removed);
        }
    }
}

/// How often each variable is mentioned, where it is declared as well.
struct Counts<'a> {
    kept: &'a BTreeSet<Var>,
    of: Vec<usize>,
}

impl Counts<'_> {
    fn is_used(&self, var: Var) -> bool {
        self.of[var.0 as usize] > 1 || self.kept.contains(&var)
    }
}

/// Goes through a block from its end, so that what only dead values use is dead by then.
fn sweep(function: &Function, block: &mut Block, counts: &mut Counts, removed: &mut bool) {
    let mut stays: Block = Vec::with_capacity(block.len());
    for mut statement in std::mem::take(block).into_iter().rev() {
        if let Statement::Let { var, value: Some(value), .. } = &statement
            && !counts.is_used(*var)
            && (is_free(function, value) || function.excerpts.contains(var))
        {
            uses::statement(&statement, &mut |var| counts.of[var.0 as usize] -= 1);
            *removed = true;
            continue;
        }
        edit::inner_blocks(&mut statement, &mut |inner| sweep(function, inner, counts, removed));
        stays.push(statement);
    }
    stays.reverse();
    *block = stays;
}

/// Whether leaving the value out changes nothing.
fn is_free(function: &Function, value: &Value) -> bool {
    match value {
        Value::Expr(expr) => is_pure(function, expr),
        Value::Clone(place) => place.path.is_empty() || is_fixed(function, place),
        Value::ZerosLike(place) => place.path.is_empty(),
        Value::Zero | Value::Shape(_) => true, // what is shaped is overwritten next, by the same indices
        _ => false,
    }
}
