//! Expressions that `macro_rules!` passes in, in parentheses where they need some.
//!
//! *In:* a function in which `$k` of `x * $k` stands for `2.0 + 1.0`, as an invisible group. *Out:* `x * (2.0 + 1.0)`: rustc does not see invisible groups that
//! a procedural macro writes, neither in the function itself nor in its derivatives.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprParen, Macro, token};

use crate::ir::tokens::is_postfix;

/// Writes the groups of a function.
pub fn write(function: &mut syn::ItemFn) {
    Written.visit_item_fn_mut(function);
}

/// Writes those of an expression.
pub fn write_in(expr: &mut Expr) {
    Written.visit_expr_mut(expr);
}

struct Written;

impl VisitMut for Written {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        while let Expr::Group(group) = expr {
            let inner = (*group.expr).clone();
            *expr = match stands_alone(&inner.to_token_stream()) {
                true => inner,
                false => {
                    let paren_token = token::Paren(group.group_token.span);
                    Expr::Paren(ExprParen { attrs: Vec::new(), paren_token, expr: Box::new(inner) })
                }
            };
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        // these take their tokens as they are
        let shows = ["stringify", "concat"].iter().any(|name| mac.path.is_ident(name));
        if !shows {
            mac.tokens = grouped(std::mem::take(&mut mac.tokens));
        }
        visit_mut::visit_macro_mut(self, mac);
    }
}

/// The same in the tokens that a macro is given, where an expression is told from a type or a pattern by how it reads.
fn grouped(tokens: TokenStream) -> TokenStream {
    let written = |tree: TokenTree| -> TokenStream {
        let TokenTree::Group(group) = tree else { return tree.into() };
        let inner = grouped(group.stream());
        let delimiter = match group.delimiter() {
            Delimiter::None if stands_alone(&inner) => return inner,
            Delimiter::None if is_expression(&inner) => Delimiter::Parenthesis,
            delimiter => delimiter,
        };
        let mut new = Group::new(delimiter, inner);
        new.set_span(group.span());
        TokenTree::Group(new).into()
    };
    tokens.into_iter().map(written).collect()
}

fn is_expression(tokens: &TokenStream) -> bool {
    !starts_with_braces(tokens) && syn::parse2::<Expr>(tokens.clone()).is_ok()
}

fn starts_with_braces(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().next(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
}

/// Whether it is one operand wherever it stands.
fn stands_alone(tokens: &TokenStream) -> bool {
    let has_braces = |tree: &TokenTree| matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    is_postfix(tokens) && !tokens.clone().into_iter().any(|tree| has_braces(&tree))
}
