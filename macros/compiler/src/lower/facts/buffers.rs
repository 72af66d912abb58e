//! Buffers that one function works in: it is lent them by `&mut`, and nothing else stores active values there.
//!
//! *In:* `let mut buffer = vec![0.0; n]; area(&mut buffer, a); area(&mut buffer, b)`. *Out:* `buffer`. Whether a derivative flows through it,
//! the callee alone decides, by the type of its slot: if it does not differentiate that parameter, the buffer holds constants before and after
//! each of the calls. Another function could be lent what this one has stored, so that there may be none.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Block, Expr};

use super::names::variables;
use super::syntax::strip;

/// The variables that are lent to one parameter of one function, and not borrowed mutably elsewhere.
pub fn lent_to_one(block: &Block) -> BTreeSet<String> {
    let mut lent = Lent::default();
    lent.visit_block(block);
    let one = lent.sites.into_iter().filter(|(_, sites)| sites.len() == 1);
    one.map(|(name, _)| name).filter(|name| !lent.elsewhere.contains(name)).collect()
}

#[derive(Default)]
struct Lent {
    /// The callees and positions that each variable is lent to.
    sites: BTreeMap<String, BTreeSet<(String, usize)>>,
    elsewhere: BTreeSet<String>,
}

impl Lent {
    fn lent_to<'e>(&mut self, callee: &str, arguments: impl Iterator<Item = &'e Expr>) {
        for (position, argument) in arguments.enumerate() {
            match lent(argument) {
                Some(name) => _ = self.sites.entry(name).or_default().insert((callee.to_owned(), position)),
                None => self.visit_expr(argument),
            }
        }
    }
}

impl<'ast> Visit<'ast> for Lent {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        self.lent_to(&call.func.to_token_stream().to_string(), call.args.iter());
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.visit_expr(&call.receiver);
        // a method of the same name on something else may be another one
        let (receiver, method) = (call.receiver.to_token_stream(), &call.method);
        self.lent_to(&format!("{receiver} . {method}"), call.args.iter());
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        if reference.mutability.is_some() {
            variables(reference.expr.to_token_stream(), &mut self.elsewhere);
        }
        visit::visit_expr_reference(self, reference);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        variables(mac.tokens.clone(), &mut self.elsewhere);
    }
}

/// The variable of `&mut name`.
fn lent(argument: &Expr) -> Option<String> {
    let Expr::Reference(reference) = strip(argument) else { return None };
    let Expr::Path(path) = strip(&reference.expr) else { return None };
    path.path.get_ident().filter(|_| reference.mutability.is_some()).map(ToString::to_string)
}
