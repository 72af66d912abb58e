//! A value that nothing uses is not computed, where computing it can neither fail nor have an effect.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Block, Function, Statement, Value, Var, edit, uses};

use super::{is_fixed, is_pure};

/// Takes out what the blocks do not use, again and again until all that is left is used.
pub fn remove(function: &Function, blocks: &mut [&mut Block], kept: &BTreeSet<Var>) {
    loop {
        let mut counts = BTreeMap::new();
        for block in blocks.iter() {
            uses::block(block, &mut |var| *counts.entry(var).or_insert(0usize) += 1);
        }
        let is_used = |var: &Var| kept.contains(var) || counts.get(var).copied().unwrap_or(0) > 1;
        let mut removed = false;
        for block in blocks.iter_mut() {
            sweep(function, block, &is_used, &mut removed);
        }
        if !removed {
            return;
        }
    }
}

fn sweep(function: &Function, block: &mut Block, is_used: &dyn Fn(&Var) -> bool, removed: &mut bool) {
    let before = block.len();
    block.retain(|statement| match statement {
        Statement::Let { var, value: Some(value), .. } => is_used(var) || !is_free(function, value),
        _ => true,
    });
    *removed |= block.len() < before;
    for statement in block {
        edit::inner_blocks(statement, &mut |inner| sweep(function, inner, is_used, removed));
    }
}

/// Whether leaving the value out changes nothing.
fn is_free(function: &Function, value: &Value) -> bool {
    match value {
        Value::Expr(expr) => is_pure(function, expr),
        Value::Clone(place) => place.path.is_empty() || is_fixed(function, place),
        Value::Zero | Value::Shape(_) => true, // what is shaped is overwritten next, by the same indices
        _ => false,
    }
}
