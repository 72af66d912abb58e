//! Indices that are evaluated once, however often their place is named while an expression is translated.
//!
//! *In:* `x[next()].sin()`. *Out:* `x[once(7, next())].sin()`, where 7 is a number of this index alone. The first that asks for it evaluates it, and
//! whoever names the same place again, to check its type or to store in it, gets what was evaluated.
//!
//! In code that is copied the call stays as it is: it gives its argument back.

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, parse_quote};

use crate::ir::Operand;
use crate::lower::facts::flow::Activity;
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::syntax::{numbered, strip};

/// What was evaluated: in which open block, and what it gave.
pub type Evaluated = BTreeMap<u32, (u32, Operand)>;

/// Numbers the indices that are more than arithmetic, of active sequences and of operands beside active ones; whether there are such.
pub fn number(block: &mut Block, activity: &Activity, runtime: &TokenStream) -> bool {
    let mut numbers = Numbers { activity, runtime, is_operand: false, count: 0 };
    numbers.visit_block_mut(block);
    numbers.count > 0
}

/// The numbers of the indices in an expression.
pub fn numbers_in(expr: &Expr) -> Vec<u32> {
    struct Find(Vec<u32>);
    impl<'ast> syn::visit::Visit<'ast> for Find {
        fn visit_expr_index(&mut self, index: &'ast syn::ExprIndex) {
            let ends = match strip(&index.index) {
                Expr::Range(range) => [range.start.as_deref(), range.end.as_deref()],
                index => [Some(index), None],
            };
            self.0.extend(ends.into_iter().flatten().filter_map(numbered).map(|(number, _)| number));
            syn::visit::visit_expr_index(self, index);
        }
    }
    let mut find = Find(Vec::new());
    syn::visit::Visit::visit_expr(&mut find, expr);
    find.0
}

struct Numbers<'a> {
    activity: &'a Activity,
    runtime: &'a TokenStream,
    /// Whether what is visited is an operand of something active.
    is_operand: bool,
    count: u32,
}

impl Numbers<'_> {
    fn number(&mut self, index: &mut Expr) {
        let (runtime, number) = (self.runtime, Literal::u32_unsuffixed(self.count));
        *index = parse_quote!(#runtime::once(#number, #index));
        self.count += 1;
    }

    /// Numbers what an index evaluates.
    fn number_ends(&mut self, index: &mut Expr) {
        for end in ends(index) {
            if numbered(end).is_none() && !matches!(strip(end), Expr::Lit(_)) {
                self.number(end);
            }
        }
    }

    /// Numbers the indices in front of one that does more than arithmetic, which may change what they are.
    fn number_before(&mut self, place: &mut Expr) {
        match place {
            Expr::Index(index) => {
                self.number_before(&mut index.expr);
                self.number_ends(&mut index.index);
            }
            Expr::Field(field) => self.number_before(&mut field.base),
            Expr::Paren(paren) => self.number_before(&mut paren.expr),
            _ => {}
        }
    }
}

/// The index, or the ends of the range that it is.
fn ends(index: &mut Expr) -> Vec<&mut Expr> {
    match index {
        Expr::Range(range) => [&mut range.start, &mut range.end].into_iter().flatten().map(|end| &mut **end).collect(),
        other => vec![other],
    }
}

impl VisitMut for Numbers<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let outer = self.is_operand;
        match expr {
            Expr::Binary(_) | Expr::Call(_) | Expr::MethodCall(_) | Expr::Array(_) | Expr::Tuple(_) if !outer => {
                self.is_operand = self.activity.expr(expr);
            }
            Expr::Block(_) | Expr::If(_) | Expr::Match(_) | Expr::Closure(_) => self.is_operand = false,
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expr);
        self.is_operand = outer;
    }

    fn visit_expr_index_mut(&mut self, index: &mut syn::ExprIndex) {
        let is_seen = self.is_operand || self.activity.expr(&index.expr);
        visit_mut::visit_expr_index_mut(self, index);
        if is_seen && !ends(&mut index.index).iter().all(|end| is_repeatable(end)) {
            self.number_before(&mut index.expr);
            self.number_ends(&mut index.index);
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
