//! Ranges with a name, as indices and in loops.
//!
//! *In:* `let body = 1..n; for i in body.clone() { .. } total(&x[body])`. *Out:* `let body = 1..n; for i in body.start..body.end { .. }
//! total(&x[body.start..body.end])`, since a range can be used only once, and loops over ranges and parts of sequences are told by their form.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Pat, Type, parse_quote};

use super::flow::is_adapter;
use super::rename::{Binding, Names};
use super::syntax::strip;

/// Writes the ends of ranges into indices, in a body whose names are unique.
pub(super) fn write_ends(block: &mut Block, names: &Names) {
    let mut inits = Inits::default();
    inits.visit_block(block);
    Ends { inits: inits.0, names }.visit_block_mut(block);
}

/// What names begin with.
#[derive(Default)]
struct Inits(BTreeMap<String, Expr>);

impl Inits {
    fn bind(&mut self, pat: &Pat, init: &Expr) {
        match (pat, strip(init)) {
            (Pat::Ident(name), init) => _ = self.0.insert(name.ident.to_string(), init.clone()),
            (Pat::Tuple(pats), Expr::Tuple(inits)) if pats.elems.len() == inits.elems.len() => {
                pats.elems.iter().zip(&inits.elems).for_each(|(pat, init)| self.bind(pat, init));
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Inits {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.bind(&local.pat, &init.expr);
        }
        visit::visit_local(self, local);
    }
}

struct Ends<'a> {
    inits: BTreeMap<String, Expr>,
    names: &'a Names,
}

impl Ends<'_> {
    /// The range between the ends of a variable that is one.
    fn of(&self, index: &Expr) -> Option<Expr> {
        let named = strip(index);
        let Expr::Path(path) = named else { return None };
        let name = path.path.get_ident()?;
        let binding = self.names.bindings.get(&name.to_string()).filter(|binding| !binding.mutable)?;
        match (self.inits.get(&name.to_string()).map(strip), binding) {
            (Some(Expr::Range(range)), _) if matches!(range.limits, syn::RangeLimits::HalfOpen(_)) => {
                match (&range.start, &range.end) {
                    (Some(_), Some(_)) => Some(parse_quote!(#named.start..#named.end)),
                    (Some(_), None) => Some(parse_quote!(#named.start..)),
                    (None, Some(_)) => Some(parse_quote!(..#named.end)),
                    (None, None) => None,
                }
            }
            (Some(Expr::Range(range)), _) => Some(match range.start {
                Some(_) => parse_quote!(*#named.start()..=*#named.end()),
                None => parse_quote!(..=#named.end),
            }),
            (_, Binding { ty: Some(Type::Path(ty)), .. })
                if ty.path.segments.last().is_some_and(|last| last.ident == "Range") =>
            {
                Some(parse_quote!(#named.start..#named.end))
            }
            _ => None,
        }
    }
}

impl VisitMut for Ends<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::MethodCall(call) = expr
            && call.method == "clone"
            && call.args.is_empty()
            && let Some(range) = self.of(&call.receiver)
        {
            *expr = parse_quote!((#range));
        }
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if is_adapter(&call.method.to_string())
            && let Some(range) = self.of(&call.receiver)
        {
            *call.receiver = parse_quote!((#range));
        }
    }

    fn visit_expr_for_loop_mut(&mut self, each: &mut syn::ExprForLoop) {
        visit_mut::visit_expr_for_loop_mut(self, each);
        if let Some(range) = self.of(&each.expr) {
            *each.expr = range;
        }
    }

    fn visit_expr_index_mut(&mut self, index: &mut syn::ExprIndex) {
        visit_mut::visit_expr_index_mut(self, index);
        if let Some(range) = self.of(&index.index) {
            *index.index = range;
        }
    }
}
