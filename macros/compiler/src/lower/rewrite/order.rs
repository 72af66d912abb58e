//! `v[i] += e` where Rust calls `AddAssign::add_assign(&mut v[i], e)`: the index is evaluated before `e`, which may change it.
//!
//! *In:* a body with unique names. *Out:* `{ let at = i; v[at] += e }`, where `e` may give `i` another value and the operator is a call: on a type
//! parameter, and beside a reference. Of two floats Rust evaluates `e` first, and so does what is translated.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMethodCall, Lit, Stmt, parse_quote};

use crate::lower::facts::names::{Binding, Names, variables};
use crate::lower::facts::operators::is_compound;
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::stores::Stores;
use crate::lower::facts::syntax::{element_type, is_float, strip};

/// Names the indices in front. Whether the function is generic over its scalar says what operators are.
pub fn write_out(block: &mut Block, is_generic: bool, names: &mut Names) {
    Order { is_generic, names }.visit_block_mut(block);
}

struct Order<'a> {
    is_generic: bool,
    names: &'a mut Names,
}

impl Order<'_> {
    fn is_call(&self, sum: &syn::ExprBinary) -> bool {
        let is_of_floats =
            |name: &String| self.names.bindings.get(name).and_then(|binding| binding.ty.as_ref()).is_some_and(holds_floats);
        let of_floats = Stores::of(&sum.left).roots.iter().any(is_of_floats);
        self.is_generic && !of_floats || matches!(strip(&sum.right), Expr::Reference(_))
    }

    /// Takes the indices out of a place, the outermost last.
    fn name_indices(&mut self, place: &mut Expr, named: &mut Vec<Stmt>) {
        match place {
            Expr::Index(index) => {
                self.name_indices(&mut index.expr, named);
                if !matches!(strip(&index.index), Expr::Lit(literal) if matches!(literal.lit, Lit::Int(_))) {
                    let at = self.names.declare("at", Binding::default());
                    let value = std::mem::replace(&mut *index.index, parse_quote!(#at));
                    named.push(parse_quote!(let #at = #value;));
                }
            }
            Expr::Field(field) => self.name_indices(&mut field.base, named),
            Expr::Paren(paren) => self.name_indices(&mut paren.expr, named),
            _ => {}
        }
    }
}

impl VisitMut for Order<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let Expr::Binary(sum) = expr else { return };
        if is_compound(&sum.op) && self.is_call(sum) && may_change_indices(&sum.left, &sum.right) {
            let mut named = Vec::new();
            self.name_indices(&mut sum.left, &mut named);
            if !named.is_empty() {
                *expr = parse_quote!({ #(#named)* #sum; });
            }
        }
    }
}

/// Whether evaluating the right side may give an index on the left another value, or both do something that others see.
fn may_change_indices(left: &Expr, right: &Expr) -> bool {
    let mut indices = Vec::new();
    indices_of(left, &mut indices);
    let mut read = BTreeSet::new();
    indices.iter().for_each(|index| variables(index.to_token_stream(), &mut read));
    let mut stores = Stores::default();
    stores.visit_expr(right);
    let mut receivers = Receivers(stores);
    receivers.visit_expr(right);
    !read.is_disjoint(&receivers.0.roots) || !is_repeatable(right) && indices.iter().any(|index| !is_repeatable(index))
}

fn indices_of<'e>(place: &'e Expr, into: &mut Vec<&'e Expr>) {
    match place {
        Expr::Index(index) => {
            indices_of(&index.expr, into);
            into.push(&index.index);
        }
        Expr::Field(field) => indices_of(&field.base, into),
        Expr::Paren(paren) => indices_of(&paren.expr, into),
        _ => {}
    }
}

/// The variables whose methods are called.
struct Receivers(Stores);

impl<'ast> Visit<'ast> for Receivers {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.0.root(&call.receiver);
        visit::visit_expr_method_call(self, call);
    }
}

/// Whether the type is made of built-in floats: arrays, slices, vectors and references of them.
fn holds_floats(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Array(array) => holds_floats(&array.elem),
        syn::Type::Slice(slice) => holds_floats(&slice.elem),
        syn::Type::Reference(reference) => holds_floats(&reference.elem),
        syn::Type::Path(_) => is_float(ty) || element_type(ty).is_some_and(|element| holds_floats(&element)),
        _ => false,
    }
}
