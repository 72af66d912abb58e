//! `match` and `if let` on active values.
//!
//! *In:* `match x { v if v > 1.0 => v.ln(), 0.0..=0.5 => x, v => v * v }`
//!
//! *Out:* `let hit = match x { v if v > 1.0 => true, _ => false }; if hit { ln(x) } else { .. }`
//!
//! Which arm runs is found by the user's own patterns and guards, copied; what they bind names parts of the value. The last arm needs
//! no test, as a `match` is exhaustive.

use quote::{ToTokens, quote};
use syn::{BinOp, Expr, Pat};

use crate::error::{not_yet, unsupported, with_help};
use crate::ir::{self, Form, Kind, Place, Statement};
use crate::lower::facts::flow::binds_mutably;
use crate::lower::facts::names::{Binding, variables};
use crate::lower::facts::syntax::{
    condition_names, first_span, has_variants, is_enum, is_rest, only_tests, pattern_names, patterns, strip,
};

use super::{Bound, Lowerer};

/// An arm: its pattern with its guard, and its body.
struct Case<'e> {
    pat: Pat,
    body: Option<&'e Expr>,
}

/// What is done with the body of an arm.
type Run<'r, 'a> = &'r mut dyn FnMut(&mut Lowerer<'a>, &Expr);

impl<'a> Lowerer<'a> {
    /// Whether a condition binds an active value, or tests one by a pattern.
    pub(super) fn condition_matches_active(&self, condition: &Expr) -> bool {
        match condition {
            Expr::Let(binding) => self.is_active(&binding.expr) && !is_enum(&binding.expr, &[&binding.pat]),
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                self.condition_matches_active(&binary.left) || self.condition_matches_active(&binary.right)
            }
            Expr::Paren(paren) => self.condition_matches_active(&paren.expr),
            _ => false,
        }
    }

    /// Whether a derivative may flow through what is matched to what the arms bind.
    pub(super) fn matches_active(&self, choice: &syn::ExprMatch) -> bool {
        self.is_active(&choice.expr) && !is_enum(&choice.expr, &patterns(choice))
    }

    /// An enum holds no active value, wherever it is: it is checked that what is matched is one.
    pub(super) fn check_enum(&mut self, scrutinee: &Expr) {
        if self.is_active(scrutinee) {
            match self.place(scrutinee) {
                Some(place) => self.enumeration(&place),
                None => {
                    let what =
                        not_yet("a variant's pattern on this expression", "bind the expression to a variable with `let` first");
                    self.unsupported(scrutinee, what);
                }
            }
        }
    }

    /// Refuses a match of an enum that is made on the spot of what is differentiated.
    fn refuse_enum(&mut self, scrutinee: &Expr, pats: &[&Pat]) -> bool {
        if !has_variants(pats) {
            return false;
        }
        let before = self.errors.count();
        if !matches!(strip(scrutinee), Expr::MethodCall(_)) {
            drop(self.value(scrutinee));
        }
        if self.errors.count() == before {
            let what = unsupported(
                "an active value in an enum",
                "its variants have no common shape",
                "let the function give a struct or a tuple, and the choice beside it",
            );
            self.unsupported(scrutinee, what);
        }
        true
    }

    /// `match` on an active value; the arms' values go to `place`.
    pub(super) fn match_active(&mut self, choice: &syn::ExprMatch, place: Option<&Place>) {
        if self.refuse_enum(&choice.expr, &patterns(choice)) {
            return;
        }
        let cases: Vec<_> = choice.arms.iter().map(|arm| Case { pat: arm.pat.clone(), body: Some(&*arm.body) }).collect();
        self.cases(&choice.expr, &cases, &mut |this, body| this.run_arm(body, place));
    }

    /// The same where the arms are `Option`s.
    pub(super) fn match_to_option(&mut self, choice: &syn::ExprMatch, slot: &Bound) {
        let cases: Vec<_> = choice.arms.iter().map(|arm| Case { pat: arm.pat.clone(), body: Some(&*arm.body) }).collect();
        self.cases(&choice.expr, &cases, &mut |this, body| this.assign_option(body, slot));
    }

    fn run_arm(&mut self, body: &Expr, place: Option<&Place>) {
        let body = self.arm(body, place);
        self.inline(body);
    }

    /// `if let` on an active value.
    pub(super) fn if_let_active(&mut self, branch: &syn::ExprIf, place: Option<&Place>) {
        self.if_let(branch, &mut |this, body| this.run_arm(body, place));
    }

    /// The same where both blocks are `Option`s.
    pub(super) fn if_let_to_option(&mut self, branch: &syn::ExprIf, slot: &Bound) {
        self.if_let(branch, &mut |this, body| this.assign_option(body, slot));
    }

    fn if_let(&mut self, branch: &syn::ExprIf, run: Run<'_, 'a>) {
        let Some((binding, further)) = first_let(&branch.cond) else {
            let what = not_yet("this chain of conditions", "put the `let` on the active value first, or nest two `if`s");
            return self.unsupported(&branch.cond, what);
        };
        if self.refuse_enum(&binding.expr, &[&binding.pat]) {
            return;
        }
        let pat = match further {
            Some(guard) => {
                let pat = &binding.pat;
                syn::parse_quote!(#pat if #guard)
            }
            None => (*binding.pat).clone(),
        };
        let then = Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: branch.then_branch.clone() });
        let other = branch.else_branch.as_ref().map(|(_, other)| &**other);
        let wild: Pat = syn::parse_quote!(_);
        self.cases(&binding.expr, &[Case { pat, body: Some(&then) }, Case { pat: wild, body: other }], run);
    }

    fn cases(&mut self, scrutinee: &Expr, cases: &[Case], run: Run<'_, 'a>) {
        let before = self.errors.count();
        // a place, which patterns may refer to
        let bound = self.resolve(scrutinee).unwrap_or_else(|| self.bound_value(scrutinee));
        if self.errors.count() > before {
            return; // what the patterns say of it is no further error
        }
        let name = proc_macro2::Ident::new(&self.function.taken.fresh("matched"), first_span(scrutinee));
        self.names.bindings.insert(name.to_string(), Binding::default());
        let named = match &bound {
            Bound::Var(var) => Bound::Reference { place: Place::whole(*var, first_span(scrutinee)), depth: 0, exclusive: false },
            other => other.clone(),
        };
        let (named, borrowed) = match named {
            // what is taken apart may be of a type that cannot be copied, and a slice has no size
            Bound::Reference { place, depth: 0, .. }
                if (!self.is_plain(&place) || self.is_slice(&place)) && cases.iter().any(|case| takes_apart(&case.pat)) =>
            {
                (Bound::Reference { place, depth: 1, exclusive: false }, true)
            }
            other => (other, false),
        };
        self.bound.insert(name.to_string(), named);
        self.case(&name, borrowed, &bound, cases, run);
    }

    fn case(&mut self, name: &proc_macro2::Ident, borrowed: bool, bound: &Bound, cases: &[Case], run: Run<'_, 'a>) {
        let Some((case, rest)) = cases.split_first() else { return };
        if rest.is_empty() || is_irrefutable(&case.pat) {
            self.run_case(case, bound, run);
            return;
        }
        let pat = &case.pat;
        let test: Expr = match borrowed {
            // what the guard does not ask for stays where it is
            true => {
                let pat = without_unused(pat);
                syn::parse_quote!(match *#name { #pat => true, _ => false })
            }
            false => {
                let pat = without_mutable_references(pat);
                syn::parse_quote!(match #name { #pat => true, _ => false })
            }
        };
        let on = self.code(&test, false);
        let (then, ()) = self.nested(|this| this.run_case(case, bound, run));
        let (other, ()) = self.nested(|this| this.case(name, borrowed, bound, rest, run));
        self.push(Statement::either(on, then, other));
    }

    fn run_case(&mut self, case: &Case, bound: &Bound, run: Run<'_, 'a>) {
        let held = self.held.len();
        self.bind_bound(&case.pat, if binds_mutably(&case.pat) { lent_option(bound) } else { bound.clone() });
        case.body.into_iter().for_each(|body| run(self, body));
        self.held_back(held);
    }

    /// A slice pattern with a rest: `[first, .., last]`, `[head, tail @ ..]`.
    pub(super) fn bind_slice_with_rest(&mut self, slice: &syn::PatSlice, bound: &Bound) {
        let Some(place) = self.place_of(bound.clone(), slice) else {
            return self
                .unsupported(slice, with_help("this pattern does not fit what it is bound to", "bind the parts one by one"));
        };
        self.sequence(&place);
        let count = slice.elems.len() - 1;
        let rest = slice.elems.iter().position(is_rest).unwrap_or(count);
        let (depth, exclusive) =
            if let Bound::Reference { depth, exclusive, .. } = bound { (*depth, *exclusive) } else { (0, false) };
        let tells_length = rest + 1 < slice.elems.len() || matches!(slice.elems.get(rest), Some(Pat::Ident(_)));
        let length = if tells_length { self.place_length(&place) } else { self.code(&quote!(0), true) };
        let (all, reads) = (length.tokens, length.reads);
        for (index, elem) in slice.elems.iter().enumerate() {
            let after = proc_macro2::Literal::usize_unsuffixed(slice.elems.len() - index);
            let here = proc_macro2::Literal::usize_unsuffixed(index);
            let tail = proc_macro2::Literal::usize_unsuffixed(count - rest);
            let (tokens, elem) = match elem {
                Pat::Ident(ident) if index == rest => match &ident.subpat {
                    Some(_) => (quote!(#here..#all - #tail), Pat::Ident(syn::PatIdent { subpat: None, ..ident.clone() })),
                    None => continue,
                },
                _ if index == rest => continue,
                other if index < rest => (quote!(#here), other.clone()),
                other => (quote!(#all - #after), other.clone()),
            };
            let mut code = ir::Code { tokens, reads: reads.clone(), repeatable: true, span: first_span(&elem) };
            if index >= rest && !matches!(elem, Pat::Wild(_)) && index != rest {
                // a name of its own, since a place that is written cannot be asked for its length
                let value = ir::Value::Expr(ir::Expr::Operand(ir::Operand::Code(code.clone())));
                let at = self.temporary("index", Kind::Inactive, value, code.span);
                code = self.name_code(at, code.span);
            }
            let part = place.then(ir::Step::Index(ir::Operand::Code(code)));
            let depth = if index == rest { depth.max(1) } else { depth };
            self.bind_bound(&elem, Bound::Reference { place: part, depth, exclusive });
        }
    }

    /// A pattern that only tests binds nothing; an alternative may not bind an active value, as each would bind another place.
    pub(super) fn bind_alternatives(&mut self, or: &syn::PatOr) {
        let mut names = Vec::new();
        or.cases.iter().for_each(|case| pattern_names(case, &mut names));
        if names.iter().any(|name| self.activity.is_active(&name.to_string())) {
            self.unsupported(or, not_yet("a pattern with alternatives that bind an active value", "write an arm for each"));
        }
    }

    /// `name @ pattern`: both bind the same.
    pub(super) fn bind_with_name(&mut self, ident: &syn::PatIdent, bound: Bound) {
        if ident.by_ref.is_some() {
            let exclusive = ident.mutability.is_some();
            let bound = match bound {
                Bound::Reference { place, depth, .. } => Bound::Reference { place, depth: depth + 1, exclusive },
                Bound::Var(var) => Bound::Reference { place: Place::whole(var, ident.ident.span()), depth: 1, exclusive },
                other => other,
            };
            if let Bound::Reference { place, exclusive: true, .. } = &bound {
                self.function.variables[place.root.0 as usize].mutable = true;
            }
            return self.bind_bound(&Pat::Ident(syn::PatIdent { by_ref: None, ..ident.clone() }), bound);
        }
        if let Some((_, inner)) = &ident.subpat {
            self.bind_bound(inner, bound.clone());
        }
        self.bind_name(&ident.ident, ident.mutability.is_some(), bound);
    }

    /// A variable without a value that copied code assigns.
    pub(super) fn inactive_variable(&mut self, wish: &str, value: bool, span: proc_macro2::Span) -> ir::Var {
        let var = self.function.fresh(wish, Kind::Inactive, true, Form::Owned, span);
        let value = ir::Value::Expr(ir::Expr::Operand(ir::Operand::Code(ir::Code {
            tokens: value.to_token_stream(),
            reads: Vec::new(),
            repeatable: true,
            span,
        })));
        self.push(Statement::Let { var, value: Some(value), ty: None });
        var
    }
}

/// `let pattern = value && guard`: the first, and what follows it.
fn first_let(condition: &Expr) -> Option<(&syn::ExprLet, Option<proc_macro2::TokenStream>)> {
    match strip(condition) {
        Expr::Let(binding) => Some((binding, None)),
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
            let (binding, guard) = first_let(&binary.left)?;
            let mut names = Vec::new();
            condition_names(&binary.right, &mut names);
            let right = &binary.right;
            let guard = guard.map_or_else(|| quote!(#right), |guard| quote!(#guard && #right));
            names.is_empty().then_some((binding, Some(guard)))
        }
        _ => None,
    }
}

/// An `Option` that a pattern takes apart by `ref mut`.
fn lent_option(bound: &Bound) -> Bound {
    match bound.clone() {
        Bound::Option { some, payload } => Bound::Option { some, payload: Box::new(super::lent_mutably(*payload)) },
        other => other,
    }
}

/// The pattern with `ref` for `ref mut`: a test only looks.
fn without_mutable_references(pat: &Pat) -> Pat {
    struct Shared;
    impl syn::visit_mut::VisitMut for Shared {
        fn visit_pat_ident_mut(&mut self, ident: &mut syn::PatIdent) {
            if ident.by_ref.is_some() {
                ident.mutability = None;
            }
            syn::visit_mut::visit_pat_ident_mut(self, ident);
        }
    }
    let mut pat = pat.clone();
    syn::visit_mut::VisitMut::visit_pat_mut(&mut Shared, &mut pat);
    pat
}

/// The pattern without the names that its guard does not use.
fn without_unused(pat: &Pat) -> Pat {
    struct Unused(std::collections::BTreeSet<String>);
    impl syn::visit_mut::VisitMut for Unused {
        fn visit_pat_mut(&mut self, pat: &mut Pat) {
            match pat {
                Pat::Ident(ident) if !only_tests(&Pat::Ident(ident.clone())) && !self.0.contains(&ident.ident.to_string()) => {
                    *pat = match ident.subpat.take() {
                        Some((_, inner)) => *inner,
                        None => syn::parse_quote!(_),
                    };
                    if !matches!(pat, Pat::Wild(_)) {
                        self.visit_pat_mut(pat);
                    }
                }
                Pat::Struct(structure) => {
                    for field in &mut structure.fields {
                        // `Point { x }` becomes `Point { x: _ }`
                        field.colon_token.get_or_insert_default();
                        self.visit_pat_mut(&mut field.pat);
                    }
                }
                other => syn::visit_mut::visit_pat_mut(self, other),
            }
        }

        fn visit_expr_mut(&mut self, _: &mut Expr) {}
    }
    let mut used = std::collections::BTreeSet::new();
    if let Pat::Guard(guard) = pat {
        variables(guard.guard.to_token_stream(), &mut used);
    }
    let mut pat = pat.clone();
    syn::visit_mut::VisitMut::visit_pat_mut(&mut Unused(used), &mut pat);
    pat
}

/// Whether the pattern looks into a struct or a sequence.
fn takes_apart(pat: &Pat) -> bool {
    match pat {
        Pat::Struct(_) | Pat::TupleStruct(_) | Pat::Slice(_) => true,
        Pat::Guard(guard) => takes_apart(&guard.pat),
        Pat::Paren(paren) => takes_apart(&paren.pat),
        Pat::Or(or) => or.cases.iter().any(takes_apart),
        Pat::Ident(ident) => ident.subpat.as_ref().is_some_and(|(_, inner)| takes_apart(inner)),
        _ => false,
    }
}

/// Whether every value fits the pattern, as far as its form shows.
fn is_irrefutable(pat: &Pat) -> bool {
    match pat {
        Pat::Wild(_) => true,
        Pat::Ident(ident) => ident.subpat.is_none() && !ident.ident.to_string().starts_with(char::is_uppercase),
        Pat::Paren(paren) => is_irrefutable(&paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(is_irrefutable),
        Pat::Reference(reference) => is_irrefutable(&reference.pat),
        _ => false,
    }
}
