//! Alternatives that bind, on the syntax tree as it is written: each binds another place, so that each gets an arm of its own.
//!
//! *In:* `match t { (a, 1) | (_, a) if a > 0.0 => f, .. }`. *Out:* `match t { (a, 1) if a > 0.0 => f, (_, a) if a > 0.0 => f, .. }`

use syn::visit_mut::{self, VisitMut};
use syn::{Arm, Block, ExprMatch, Pat};

use crate::lower::facts::syntax::pattern_names;

/// Gives the alternatives in the body arms of their own.
pub fn separate(block: &mut Block) {
    Separate.visit_block_mut(block);
}

struct Separate;

impl VisitMut for Separate {
    fn visit_expr_match_mut(&mut self, choice: &mut ExprMatch) {
        visit_mut::visit_expr_match_mut(self, choice);
        choice.arms = std::mem::take(&mut choice.arms).into_iter().flat_map(arms).collect();
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

fn arms(arm: Arm) -> Vec<Arm> {
    let with = |pat: Pat| Arm { pat, ..arm.clone() };
    let cases = |pat: &Pat| match pat {
        Pat::Or(or) => {
            let mut names = Vec::new();
            pattern_names(pat, &mut names);
            (!names.is_empty()).then(|| or.cases.iter().cloned().collect::<Vec<_>>())
        }
        _ => None,
    };
    let separated = match &arm.pat {
        Pat::Guard(guard) => cases(&guard.pat).map(|cases| {
            let guarded = cases.into_iter().map(|case| Pat::Guard(syn::PatGuard { pat: Box::new(case), ..guard.clone() }));
            guarded.map(with).collect()
        }),
        pat => cases(pat).map(|cases| cases.into_iter().map(with).collect()),
    };
    separated.unwrap_or_else(|| vec![arm])
}
