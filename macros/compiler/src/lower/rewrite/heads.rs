//! What a `for` goes through, where a block gives it, or a choice between ranges.
//!
//! ```text
//! for v in { count += 1; x } { .. }           ⟶  { count += 1; for v in x { .. } }
//! for i in if c { 0..3 } else { 1..n } { .. }  ⟶  { let range = if c { 0..3 } else { 1..n }; for i in range { .. } }
//! ```
//!
//! *In:* a body with unique names. *Out:* the same. A block that declares what may do something where it is dropped stays as it is, as that would live longer.

use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Stmt, parse_quote};

use crate::lower::facts::destructors::may_have_a_destructor;
use crate::lower::facts::names::{Binding, Names};
use crate::lower::facts::syntax::{ends, strip};

/// Writes them out.
pub fn write_out(block: &mut Block, names: &mut Names) {
    Heads { names }.visit_block_mut(block);
}

struct Heads<'a> {
    names: &'a mut Names,
}

impl VisitMut for Heads<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let Expr::ForLoop(each) = expr else { return };
        let mut before = Vec::new();
        while let Some((stmts, last)) = taken_apart(&each.expr) {
            before.extend(stmts);
            *each.expr = last;
        }
        if is_choice_of_ranges(&each.expr) {
            let range = self.names.declare("range", Binding::default());
            let choice = std::mem::replace(&mut *each.expr, parse_quote!(#range));
            before.push(parse_quote!(let #range = #choice;));
        }
        if !before.is_empty() {
            *expr = parse_quote!({ #(#before)* #expr });
        }
    }
}

/// The statements of a block, and its value.
fn taken_apart(head: &Expr) -> Option<(Vec<Stmt>, Expr)> {
    let Expr::Block(block) = strip(head) else { return None };
    let (Stmt::Expr(last, None), stmts) = block.block.stmts.split_last()? else { return None };
    let stays = |stmt: &Stmt| match stmt {
        Stmt::Local(local) => may_have_a_destructor(local),
        Stmt::Item(_) => true,
        _ => false,
    };
    (block.label.is_none() && !stmts.iter().any(stays)).then(|| (stmts.to_vec(), last.clone()))
}

/// Whether a choice gives ranges: what it gives has one type, so that one tells.
fn is_choice_of_ranges(expr: &Expr) -> bool {
    ends(expr).into_iter().any(|end| matches!(strip(end), Expr::Range(_)) || is_choice_of_ranges(end))
}
