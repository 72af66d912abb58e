//! Values that are copied where they stand, as something changes what they were copied of.
//!
//! ```text
//! for v in a { a[0] += v; }                  ⟶  for v in a.clone() { a[0] += v; }
//! a.into_iter().map(|v| { a[0] += v; a[0] }) ⟶  a.clone().into_iter().map(|v| { a[0] += v; a[0] })
//! let (ref mut p, q) = (a[0], y);            ⟶  let (ref mut p, q) = (a[0].clone(), y);
//! s.energy({ s.v *= 2.0; s.v })              ⟶  s.clone().energy({ s.v *= 2.0; s.v })
//! ```
//!
//! Elsewhere a value that is iterated or taken apart is the place that it stands in.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMethodCall, Pat, parse_quote};

use crate::lower::facts::methods::is_adapter;
use crate::lower::facts::names::Names;
use crate::lower::facts::operators::{changes_bits, is_compound};
use crate::lower::facts::stores::only_looks;
use crate::lower::facts::syntax::strip;

/// Writes the copies.
pub fn write_out(block: &mut Block, names: &Names) {
    Copies { names }.visit_block_mut(block);
}

struct Copies<'a> {
    names: &'a Names,
}

impl Copies<'_> {
    /// Copies what an iterator goes through by value, where one of these is the same, or a part of it.
    fn copy_sources(&self, iterator: &mut Expr, changed: &[Path]) {
        match iterator {
            Expr::MethodCall(call) if call.method == "into_iter" && call.args.is_empty() && is_place(&call.receiver) => {
                self.copy(&mut call.receiver, changed);
            }
            Expr::MethodCall(call) if is_adapter(&call.method.to_string()) => {
                // `a.iter()` borrows
                if !is_place(&call.receiver) {
                    self.copy_sources(&mut call.receiver, changed);
                }
                if call.method == "zip" || call.method == "chain" {
                    call.args.iter_mut().for_each(|other| self.copy_sources(other, changed));
                }
            }
            Expr::Paren(paren) => self.copy_sources(&mut paren.expr, changed),
            place if is_place(place) => self.copy(place, changed),
            _ => {}
        }
    }

    /// Copies a place, where one of these is the same, a part of it, or around it.
    fn copy(&self, place: &mut Expr, changed: &[Path]) {
        let own = path(place);
        if changed.iter().any(|other| own.iter().zip(other).all(|(own, other)| own == other)) {
            *place = parse_quote!(#place.clone());
        }
    }

    /// Copies the parts of a literal that a pattern refers to.
    fn copy_parts(&self, value: &mut Expr, pat: &Pat) {
        let Expr::Tuple(tuple) = value else { return };
        let Pat::Tuple(pats) = pat else { return };
        for (part, pat) in tuple.elems.iter_mut().zip(&pats.elems) {
            match pat {
                Pat::Rest(_) => return,
                pat if refers(pat) && is_place(part) && !self.is_reference(part) => *part = parse_quote!(#part.clone()),
                pat => self.copy_parts(part, pat),
            }
        }
    }

    /// Whether a variable is a reference by its type.
    fn is_reference(&self, expr: &Expr) -> bool {
        let Expr::Path(path) = strip(expr) else { return false };
        let binding = path.path.get_ident().and_then(|name| self.names.bindings.get(&name.to_string()));
        binding.and_then(|binding| binding.ty.as_ref()).is_some_and(|ty| matches!(ty, syn::Type::Reference(_)))
    }
}

impl VisitMut for Copies<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_for_loop_mut(&mut self, each: &mut syn::ExprForLoop) {
        visit_mut::visit_expr_for_loop_mut(self, each);
        let mut changed = Changed::new(self.names, true);
        changed.visit_expr(&each.expr);
        changed.visit_block(&each.body);
        self.copy_sources(&mut each.expr, &changed.places);
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        // what the arguments may store in is no reference to it, but taken by value
        let by_value = is_place(&call.receiver);
        let mut changed = Changed::new(self.names, !by_value);
        call.args.iter().for_each(|argument| changed.visit_expr(argument));
        match by_value {
            true => self.copy(&mut call.receiver, &changed.places),
            false => self.copy_sources(&mut call.receiver, &changed.places),
        }
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        visit_mut::visit_local_mut(self, local);
        if let Some(init) = &mut local.init {
            self.copy_parts(&mut init.expr, &local.pat);
        }
    }

    fn visit_expr_match_mut(&mut self, choice: &mut syn::ExprMatch) {
        visit_mut::visit_expr_match_mut(self, choice);
        for arm in &choice.arms {
            self.copy_parts(&mut choice.expr, &arm.pat);
        }
    }

    fn visit_expr_let_mut(&mut self, condition: &mut syn::ExprLet) {
        visit_mut::visit_expr_let_mut(self, condition);
        self.copy_parts(&mut condition.expr, &condition.pat);
    }
}

/// Whether the pattern binds by `ref`.
fn refers(pat: &Pat) -> bool {
    struct Refers(bool);
    impl<'ast> Visit<'ast> for Refers {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            self.0 |= ident.by_ref.is_some();
            visit::visit_pat_ident(self, ident);
        }
    }
    let mut refers = Refers(false);
    refers.visit_pat(pat);
    refers.0
}

/// Whether the expression names a variable, or a part of one.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.qself.is_none() && path.path.get_ident().is_some(),
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr) && !matches!(*index.index, Expr::Range(_)),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && is_place(&unary.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        _ => false,
    }
}

/// A variable and the fields that lead from it to a place, as far as the first index.
type Path = Vec<String>;

fn path(place: &Expr) -> Path {
    match place {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string).into_iter().collect(),
        Expr::Field(field) => {
            let mut path = path(&field.base);
            if is_whole(&field.base) {
                path.push(field.member.to_token_stream().to_string());
            }
            path
        }
        Expr::Index(index) => path(&index.expr),
        Expr::Unary(unary) => path(&unary.expr),
        Expr::Paren(paren) => path(&paren.expr),
        _ => Path::new(),
    }
}

/// Whether no element is taken on the way to a place.
fn is_whole(place: &Expr) -> bool {
    match place {
        Expr::Index(_) => false,
        Expr::Field(field) => is_whole(&field.base),
        Expr::Unary(unary) => is_whole(&unary.expr),
        Expr::Paren(paren) => is_whole(&paren.expr),
        _ => true,
    }
}

/// The places that are stored in or lent by `&mut`; with those, `by_methods`, that have one called which may change them.
struct Changed<'n> {
    names: &'n Names,
    by_methods: bool,
    places: Vec<Path>,
}

impl<'n> Changed<'n> {
    fn new(names: &'n Names, by_methods: bool) -> Self {
        Self { names, by_methods, places: Vec::new() }
    }

    fn add(&mut self, place: Path) {
        if !place.is_empty() {
            self.places.push(place);
        }
    }

    /// Whether a method may change a variable, by its declaration.
    fn is_mutable(&self, path: &Path) -> bool {
        let binding = path.first().and_then(|name| self.names.bindings.get(name));
        binding.is_some_and(|binding| match &binding.ty {
            Some(syn::Type::Reference(reference)) => reference.mutability.is_some(),
            _ => binding.mutable || binding.receiver,
        })
    }
}

impl<'ast> Visit<'ast> for Changed<'_> {
    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        match &*assign.left {
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.add(path(elem))),
            left => self.add(path(left)),
        }
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if is_compound(&binary.op) || changes_bits(&binary.op) {
            self.add(path(&binary.left));
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        if reference.mutability.is_some() {
            self.add(path(&reference.expr));
        }
        visit::visit_expr_reference(self, reference);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let path = path(&call.receiver);
        if self.by_methods && !only_looks(&call.method.to_string()) && self.is_mutable(&path) {
            self.add(path);
        }
        visit::visit_expr_method_call(self, call);
    }
}
