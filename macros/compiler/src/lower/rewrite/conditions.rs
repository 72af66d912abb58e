//! Conditions with `let`s on active values, as conditions with one such `let` at their beginning.
//!
//! ```text
//! while let Some(v) = o { body }                     ⟶  loop { match o { Some(v) => body, _ => break } }
//! while a && let Some(v) = o { body }                ⟶  loop { if a && let Some(v) = o { body } else { break } }
//! if a && let Some(v) = o && b && let w = v { x }    ⟶  if a { if let Some(v) = o && b { if let w = v { x } } }
//! if let Some(v) = it.next() && b { x }               ⟶  if let Some(v) = it.next() { if b { x } }
//! if a && let Some(v) = o { x } else { y }           ⟶  if a { if let Some(v) = o { x } else { y } } else { y }, where y is short
//!                                                    ⟶  'chain: { if a { if let Some(v) = o { break 'chain x; } } y }, where it is long
//! ```
//!
//! *In:* a body with unique names. *Out:* the same, for [`exits`](super::exits), which moves the jumps, and [`translate`](crate::lower::translate).

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Block, Expr, ExprIf, Stmt, parse_quote};

use crate::lower::facts::flow::Activity;
use crate::lower::facts::jumps::stmts_of;
use crate::lower::facts::syntax::{is_enum, strip};

/// As many tokens may stand twice.
const SHORT: usize = 24;

/// Takes them apart; whether there are such.
pub fn take_apart(block: &mut Block, activity: &Activity) -> bool {
    let mut conditions = Conditions { activity, chains_alone: false, changed: false };
    conditions.visit_block_mut(block);
    conditions.changed
}

/// The same but for loops over all that an iterator gives, for [`cursors`](super::cursors).
pub fn take_chains_apart(block: &mut Block, activity: &Activity) -> bool {
    let mut conditions = Conditions { activity, chains_alone: true, changed: false };
    conditions.visit_block_mut(block);
    conditions.changed
}

struct Conditions<'a> {
    activity: &'a Activity,
    chains_alone: bool,
    changed: bool,
}

impl Conditions<'_> {
    fn is_active_let(&self, condition: &Expr) -> bool {
        matches!(condition, Expr::Let(binding) if self.activity.expr(&binding.expr) && !is_enum(&binding.expr, &[&binding.pat]))
    }

    /// Whether a condition has an active `let` that does not stand at its beginning, or beside another `let`.
    fn is_chain(&self, conditions: &[&Expr]) -> bool {
        let is_let = |condition: &&Expr| matches!(condition, Expr::Let(_));
        match conditions.split_first() {
            Some((first, rest)) if self.is_active_let(first) => {
                rest.iter().any(is_let) || takes_an_item(first) && !rest.is_empty()
            }
            _ => conditions.iter().any(|condition| self.is_active_let(condition)),
        }
    }

    /// `while` as a `loop` in which the pattern decides.
    fn repeated(&self, each: &syn::ExprWhile) -> Option<Expr> {
        let (label, body, cond) = (&each.label, &each.body, &each.cond);
        let all = conditions(cond);
        match all[..] {
            [Expr::Let(_)] if self.chains_alone => None,
            [Expr::Let(binding)] if self.is_active_let(all[0]) => {
                let (matched, pat) = (&binding.expr, &binding.pat);
                Some(parse_quote!(#label loop { match #matched { #pat => #body _ => break } }))
            }
            _ if all.iter().any(|condition| self.is_active_let(condition)) => {
                let branch = self.within(&all, body.clone(), Some(&parse_quote!({ break })));
                Some(parse_quote!(#label loop { #branch }))
            }
            _ => None,
        }
    }

    /// `if` as several.
    fn nested(&self, branch: &ExprIf) -> Option<Expr> {
        let all = conditions(&branch.cond);
        if !self.is_chain(&all) {
            return None;
        }
        let then = &branch.then_branch;
        let Some((_, other)) = &branch.else_branch else { return Some(Expr::If(self.within(&all, then.clone(), None))) };
        let stmts = stmts_of(other);
        if is_short(other.to_token_stream()) {
            return Some(Expr::If(self.within(&all, then.clone(), Some(&parse_quote!({ #(#stmts)* })))));
        }
        let left = match then.stmts.last() {
            Some(Stmt::Expr(_, None)) => parse_quote!({ break '__chain #then; }),
            _ => {
                let stmts = &then.stmts;
                parse_quote!({ #(#stmts)* break '__chain; })
            }
        };
        let inner = self.within(&all, left, None);
        Some(parse_quote!({ '__chain: { #inner #(#stmts)* } }))
    }

    /// One `if` inside of another, each with one `let` on an active value at its beginning, or none.
    fn within(&self, conditions: &[&Expr], then: Block, other: Option<&Block>) -> ExprIf {
        let length = match conditions.first() {
            Some(first) if self.is_active_let(first) && takes_an_item(first) => 1,
            Some(first) if self.is_active_let(first) => {
                1 + conditions[1..].iter().take_while(|condition| !matches!(condition, Expr::Let(_))).count()
            }
            _ => conditions.iter().take_while(|condition| !self.is_active_let(condition)).count(),
        };
        let (here, rest) = conditions.split_at(length);
        let then = match rest {
            [] => then,
            rest => {
                let inner = self.within(rest, then, other);
                parse_quote!({ #inner })
            }
        };
        let other = other.map(|other| quote::quote!(else #other));
        parse_quote!(if #(#here)&&* #then #other)
    }
}

impl VisitMut for Conditions<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let new = match &*expr {
            Expr::While(each) => self.repeated(each),
            Expr::If(branch) => self.nested(branch),
            _ => None,
        };
        if let Some(new) = new {
            *expr = new;
            self.changed = true;
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// Whether it is `let pattern = it.next()`, whose item is found by its position.
fn takes_an_item(condition: &Expr) -> bool {
    let Expr::Let(binding) = condition else { return false };
    matches!(strip(&binding.expr), Expr::MethodCall(call) if call.args.is_empty() && (call.method == "next" || call.method == "peek"))
}

/// What `&&` joins, from the left to the right.
fn conditions(chain: &Expr) -> Vec<&Expr> {
    match chain {
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
            [conditions(&binary.left), conditions(&binary.right)].concat()
        }
        Expr::Group(group) => conditions(&group.expr),
        other => vec![other],
    }
}

/// Whether the code is short, and declares no names.
fn is_short(code: TokenStream) -> bool {
    fn count(code: TokenStream) -> Option<usize> {
        code.into_iter().try_fold(0, |sum, token| match token {
            TokenTree::Group(group) => Some(sum + 1 + count(group.stream())?),
            TokenTree::Ident(word) if word == "let" || word == "for" || word == "match" => None,
            TokenTree::Punct(bar) if bar.as_char() == '|' => None,
            _ => Some(sum + 1),
        })
    }
    count(code).is_some_and(|count| count <= SHORT)
}
