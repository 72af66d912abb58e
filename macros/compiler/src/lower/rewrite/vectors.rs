//! `vec![a, b]` ⟶ `__vec([a, b])`, so that what stands inside is syntax to every pass, with its scopes, closures and jumps; and back, where the
//! code is copied.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Stmt};

use crate::lower::facts::syntax::{OPENED_VECTOR, standard_macro};

/// Opens every `vec!` of a body.
pub fn open(block: &mut Block) {
    Opener.visit_block_mut(block);
}

/// The tokens, in which every `vec!` is written as before.
pub fn close(tokens: TokenStream) -> TokenStream {
    let mut closed: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let opened = matches!(closed.last(), Some(TokenTree::Ident(name)) if name == OPENED_VECTOR);
                let inside = if opened { array(&group).unwrap_or_else(|| group.clone()) } else { group.clone() };
                let mut new = Group::new(inside.delimiter(), close(inside.stream()));
                new.set_span(inside.span());
                if opened && let Some(TokenTree::Ident(name)) = closed.pop() {
                    closed.push(Ident::new("vec", name.span()).into());
                    closed.push(Punct::new('!', Spacing::Alone).into());
                }
                closed.push(new.into());
            }
            other => closed.push(other),
        }
    }
    closed.into_iter().collect()
}

/// The array that is the only argument.
fn array(arguments: &Group) -> Option<Group> {
    match arguments.stream().into_iter().next() {
        Some(TokenTree::Group(array)) if array.delimiter() == Delimiter::Bracket => Some(array),
        _ => None,
    }
}

struct Opener;

impl VisitMut for Opener {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Macro(mac) = expr
            && let Some(call) = opened(&mac.mac)
        {
            *expr = call;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Macro(mac) = stmt
            && let Some(call) = opened(&mac.mac)
        {
            *stmt = Stmt::Expr(call, mac.semi_token);
        }
        visit_mut::visit_stmt_mut(self, stmt);
    }
}

/// The call that stands for the macro.
fn opened(mac: &syn::Macro) -> Option<Expr> {
    standard_macro(&mac.path).filter(|name| *name == "vec")?;
    let mut path = mac.path.clone();
    let last = path.segments.last_mut()?;
    last.ident = Ident::new(OPENED_VECTOR, last.ident.span());
    let array = contents(mac)?;
    syn::parse2(quote!(#path(#array))).ok()
}

/// What stands in a `vec!`, as an array.
pub fn contents(mac: &syn::Macro) -> Option<Expr> {
    let mut array = Group::new(Delimiter::Bracket, mac.tokens.clone());
    array.set_span(mac.delimiter.span().join());
    syn::parse2(array.to_token_stream()).ok()
}
