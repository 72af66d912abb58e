//! Methods in copied code that are not the standard library's: what they are called on is lent to them.
//!
//! *In:* `s.is_far(2.0)`, of which no derivative is taken, where `s` is active. *Out:* `match &s { only_looked_at => only_looked_at.is_far(2.0) }`. A method that
//! changed `s` would lose a derivative: rustc rejects it, and says the name.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Stmt, Token, parse_quote};

use crate::lower::facts::flow::{Activity, is_text, looks};
use crate::lower::facts::own::is_standard;
use crate::lower::facts::stores::only_looks;
use crate::lower::facts::syntax::{first_span, is_place};

/// An expression that is copied.
pub(super) fn expression(expr: &Expr, activity: &Activity) -> TokenStream {
    let mut calls = Calls(false);
    calls.visit_expr(expr);
    if !calls.0 {
        return expr.to_token_stream();
    }
    let mut lent = expr.clone();
    LookedAt { activity, own: BTreeSet::new() }.visit_expr_mut(&mut lent);
    lent.to_token_stream()
}

/// A statement that is copied.
pub(super) fn statement(stmt: &Stmt, activity: &Activity) -> TokenStream {
    let mut calls = Calls(false);
    calls.visit_stmt(stmt);
    if !calls.0 {
        return stmt.to_token_stream();
    }
    let mut lent = stmt.clone();
    LookedAt { activity, own: BTreeSet::new() }.visit_stmt_mut(&mut lent);
    lent.to_token_stream()
}

/// Whether methods are called, or may be in a macro.
struct Calls(bool);

impl<'ast> Visit<'ast> for Calls {
    fn visit_expr_method_call(&mut self, _: &'ast syn::ExprMethodCall) {
        self.0 = true;
    }

    fn visit_macro(&mut self, _: &'ast syn::Macro) {
        self.0 = true;
    }
}

struct LookedAt<'a> {
    activity: &'a Activity,
    /// What the code declares itself.
    own: BTreeSet<String>,
}

impl LookedAt<'_> {
    fn is_active(&self, place: &Expr) -> bool {
        match place {
            part if self.activity.is_skipped(part) => false,
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                let name = name.to_string();
                !self.own.contains(&name) && self.activity.is_active(&name)
            }),
            Expr::Field(field) => self.is_active(&field.base),
            Expr::Index(index) => self.is_active(&index.expr),
            Expr::Unary(unary) => self.is_active(&unary.expr),
            Expr::Paren(paren) => self.is_active(&paren.expr),
            Expr::Group(group) => self.is_active(&group.expr),
            _ => false,
        }
    }
}

impl VisitMut for LookedAt<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_pat_ident_mut(&mut self, ident: &mut syn::PatIdent) {
        self.own.insert(ident.ident.to_string());
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let Expr::MethodCall(call) = expr else { return };
        let name = call.method.to_string();
        let is_known = only_looks(&name) || is_standard(&name) && !self.activity.is_struct(&call.receiver);
        if !is_known && is_place(&call.receiver) && self.is_active(&call.receiver) {
            let lent = Ident::new("only_looked_at", Span::mixed_site().located_at(first_span(&call.receiver)));
            let receiver = std::mem::replace(&mut *call.receiver, parse_quote!(#lent));
            *expr = parse_quote!(match &#receiver { #lent => #call });
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        if (looks(mac) || is_text(mac))
            && let Ok(mut arguments) = mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        {
            arguments.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            mac.tokens = arguments.to_token_stream();
        }
    }
}
