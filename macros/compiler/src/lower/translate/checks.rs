//! Checks of what copied code may not do: a macro that hides an exit, a method that ends a dependence and may be another, an integer that is none.
//!
//! *In:* what a statement contains. *Out:* statements that never run, and compile only where it is as it has to be; errors at references that are made to
//! name something else.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::Expr;

use crate::error::not_yet;
use crate::ir::{Form, Statement};
use crate::lower::facts::flow::Activity;
use crate::lower::facts::methods::ENDS;
use crate::lower::facts::names::variables;
use crate::lower::facts::syntax::NewIdent;
use crate::lower::facts::{flow, skipped, syntax};
use crate::signature::Signature;

use super::{Bound, Lowerer};

impl Lowerer<'_> {
    /// A macro of the user may hide a `return`, `break`, `continue` or `?`, which would leave the forward sweep alone: it is checked
    /// in a closure that never runs, where none of these compile.
    pub(super) fn check_macros(&mut self, macros: Vec<UnknownMacro>) {
        for UnknownMacro(mac, is_value) in macros {
            let mut code = self.code(&mac, false);
            if is_value {
                let tokens = code.tokens;
                code.tokens = quote::quote!(let _ = #tokens);
            }
            if mac.path.is_ident("include") {
                code.tokens = self.without_variables(&code.tokens);
            }
            self.push(Statement::NoExit(code));
        }
    }

    /// What a file says is read where it is included: there it may name variables, but none of the function is of any use to it.
    pub(super) fn without_variables(&self, tokens: &TokenStream) -> TokenStream {
        let runtime = &self.runtime;
        let names = self.names.bindings.keys().filter_map(|name| Ident::new_raw_if_keyword(name, Span::call_site()));
        quote::quote!(let [#(#names),*] = #runtime::not_for_included_code(); #tokens)
    }

    /// A method such as `len` of an active value has a result without derivative; a user's own `len` may have another.
    pub(super) fn check_ends(&mut self, calls: Vec<syn::ExprMethodCall>) {
        for call in calls {
            let mut found = BTreeSet::new();
            variables(call.to_token_stream(), &mut found);
            let known = |name: &String| !self.names.bindings.contains_key(name) || self.bound.contains_key(name);
            if self.is_active(&call.receiver) && found.iter().all(known) {
                let code = self.code(&call, false);
                self.push(Statement::Inert(code));
            }
        }
    }

    /// Fields that carry no derivative by their use are skipped ones, or hold no numbers: that is checked. Gives the variables of which copied code
    /// changes such fields.
    pub(super) fn check_skipped(&mut self, visit: &dyn Fn(&mut skipped::Uses<'_>)) -> BTreeSet<String> {
        let activity = std::mem::take(&mut self.activity);
        let is_skipped = |expr: &Expr| activity.is_skipped(expr);
        let mut uses = skipped::Uses::new(&is_skipped);
        visit(&mut uses);
        let (fields, changed) = (uses.fields, uses.changed);
        self.activity = activity;
        for field in fields {
            _ = self.place(&field);
        }
        changed
    }

    /// What is an integer by its use carries no derivative: it is checked that it is one.
    pub(super) fn check_integers(&mut self, integers: Vec<Expr>) {
        for expr in integers {
            if let Some(place) = self.place(&expr) {
                self.integer(&place);
            }
        }
    }

    /// An error for each reference that is one of them.
    pub(super) fn check_rebound(&mut self, signature: &Signature) {
        let is_reference = |this: &Self, name: &str| {
            let mut parts = name.split('.');
            let variable = parts.next().unwrap_or_default();
            let is_mutable = this.names.bindings.get(variable).is_some_and(|binding| binding.mutable);
            let whole = this.bound.get(variable).filter(|_| is_mutable);
            let part = parts.try_fold(whole?, |whole, index| match whole {
                Bound::Tuple(parts) => parts.get(index.parse::<usize>().ok()?),
                _ => None,
            });
            Some(match part? {
                Bound::Var(var) => {
                    let parameter = signature.parameters.iter().find(|p| p.name == name);
                    this.function.variable(*var).form == Form::Reference && parameter.is_some_and(|p| p.mutable)
                }
                other => holds_reference(other),
            })
        };
        let found: Vec<_> = self.rebound.iter().filter(|(name, _)| is_reference(self, name) == Some(true)).collect();
        for (name, span) in found {
            let what = format!("`{name}`, a reference that is made to name something else,");
            let help = "keep an index, or a copy of the value, and change that";
            self.errors.span(*span, not_yet(&what, help));
        }
    }
}

/// The calls of methods that end a dependence, outside of closures.
#[derive(Default)]
pub(super) struct Ends(pub(super) Vec<syn::ExprMethodCall>);

impl<'ast> syn::visit::Visit<'ast> for Ends {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if ENDS.contains(&call.method.to_string().as_str()) {
            self.0.push(call.clone());
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
}

/// The active values that are integers by their use.
pub(super) struct Integers<'a>(pub(super) &'a Activity, pub(super) Vec<Expr>);

impl<'ast> syn::visit::Visit<'ast> for Integers<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if self.0.is_taken_for_integer(expr) {
            self.1.push(expr.clone());
        }
        syn::visit::visit_expr(self, expr);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// The macros in what the visitor sees that are not of the standard library.
#[derive(Default)]
pub(super) struct UnknownMacros(pub(super) Vec<UnknownMacro>);

/// A macro, and whether its value is used.
pub(super) struct UnknownMacro(pub(super) syn::Macro, pub(super) bool);

impl<'ast> syn::visit::Visit<'ast> for UnknownMacros {
    fn visit_stmt_macro(&mut self, stmt: &'ast syn::StmtMacro) {
        let before = self.0.len();
        self.visit_macro(&stmt.mac);
        self.0[before..].iter_mut().for_each(|mac| mac.1 = false);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let name = syntax::standard_macro(&mac.path).map(ToString::to_string).unwrap_or_default();
        let known = [
            "vec",
            "dbg",
            "format",
            "format_args",
            "write",
            "writeln",
            "concat",
            "stringify",
            "env",
            "option_env",
            "include_str",
            "include_bytes",
            "line",
            "column",
            "file",
            "module_path",
            "cfg",
            "thread_local",
            "compile_error",
        ];
        if !flow::looks(mac) && !known.contains(&name.as_str()) {
            self.0.push(UnknownMacro(mac.clone(), true));
        }
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
}

fn holds_reference(bound: &Bound) -> bool {
    match bound {
        Bound::Reference { depth, .. } => *depth > 0,
        Bound::Tuple(parts) => parts.iter().any(holds_reference),
        _ => false,
    }
}
