//! Calls that change something active, where only a question is asked of what they give, as statements of their own.
//!
//! ```text
//! if s.pop().unwrap() < 2.0 { .. }   ⟶  { let holds = s.pop().unwrap() < 2.0; if holds { .. } }
//! while bump(&mut s) < 3.0 { .. }     ⟶  loop { let holds = bump(&mut s) < 3.0; if holds { .. } else { break } }
//! a && s.pop().unwrap() > 0.5         ⟶  let mut holds = a; if holds { holds = s.pop().unwrap() > 0.5; }
//! let n = s.pop().unwrap() as usize;  ⟶  let given = s.pop().unwrap(); let n = given as usize;
//! ```
//!
//! *In:* a body with unique names, and what may be active in it. *Out:* the same; whether there were such. A call stays where it is if what is evaluated before it
//! in its statement may see what it changes, or does something itself: [`translate`](crate::lower::translate) rejects it there.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Block, Expr, Stmt, Token, parse_quote};

use crate::lower::facts::flow::{Activity, is_text, looks};
use crate::lower::facts::methods::takes_out;
use crate::lower::facts::names::{Binding, Names, variables};
use crate::lower::facts::operators::is_compound;
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::stores::Stores;
use crate::lower::facts::syntax::{arguments, is_place, standard_macro, strip};

/// Writes them out.
pub fn write_out(block: &mut Block, activity: &Activity, names: &mut Names) -> bool {
    let mut questions = Questions { activity, names, found: false };
    questions.visit_block_mut(block);
    questions.found
}

struct Questions<'a> {
    activity: &'a Activity,
    names: &'a mut Names,
    found: bool,
}

impl Questions<'_> {
    /// The active variables that calls in the expression change, but for those in blocks and closures of its own.
    fn changed(&self, expr: &Expr) -> BTreeSet<String> {
        let mut changed = Changed { activity: self.activity, roots: BTreeSet::new() };
        changed.visit_expr(expr);
        changed.roots
    }

    /// Whether the head of a choice or a loop asks something of what such a call gives.
    fn asks(&self, head: &Expr) -> bool {
        !self.activity.expr(head) && !has_let(head) && !self.changed(head).is_empty()
    }

    /// The statements that find whether a condition holds, and the variable that tells.
    fn named(&mut self, condition: &Expr) -> (Ident, Vec<Stmt>) {
        self.found = true;
        let holds = self.names.declare("holds", Binding { mutable: self.is_chain(condition), ..Binding::default() });
        let mut stmts = Vec::new();
        self.settle(condition, &holds, true, &mut stmts);
        (holds, stmts)
    }

    /// Whether the right side of an `&&` or `||` is such a call, which is made if the left side does not decide alone.
    fn is_chain(&self, condition: &Expr) -> bool {
        matches!(strip(condition), Expr::Binary(pair) if joins(&pair.op) && !self.changed(&pair.right).is_empty())
    }

    fn settle(&mut self, condition: &Expr, holds: &Ident, is_first: bool, into: &mut Vec<Stmt>) {
        match strip(condition) {
            Expr::Binary(pair) if self.is_chain(condition) => {
                self.settle(&pair.left, holds, is_first, into);
                let mut inside = Vec::new();
                self.settle(&pair.right, holds, false, &mut inside);
                into.push(match pair.op {
                    BinOp::And(_) => parse_quote!(if #holds { #(#inside)* }),
                    _ => parse_quote!(if !#holds { #(#inside)* }),
                });
            }
            alone => {
                let mut alone = alone.clone();
                into.extend(self.taken_out(&mut alone));
                into.push(match is_first {
                    true if self.names.bindings[&holds.to_string()].mutable => parse_quote!(let mut #holds = #alone;),
                    true => parse_quote!(let #holds = #alone;),
                    false => parse_quote!(#holds = #alone;),
                });
            }
        }
    }

    /// A choice or a loop whose head asks something.
    fn with_head_in_front(&mut self, expr: &Expr) -> Option<Expr> {
        match expr {
            Expr::If(branch) if self.asks(&branch.cond) => {
                let (holds, before) = self.named(&branch.cond);
                let branch = syn::ExprIf { cond: parse_quote!(#holds), ..branch.clone() };
                Some(parse_quote!({ #(#before)* #branch }))
            }
            Expr::While(each) if self.asks(&each.cond) => {
                let (holds, before) = self.named(&each.cond);
                let (label, body) = (&each.label, &each.body);
                Some(parse_quote!(#label loop { #(#before)* if #holds #body else { break } }))
            }
            Expr::Match(choice) if self.asks(&choice.expr) => {
                let mut choice = choice.clone();
                let before = self.taken_out(&mut choice.expr);
                (!before.is_empty()).then(|| parse_quote!({ #(#before)* #choice }))
            }
            Expr::ForLoop(each) if self.asks(&each.expr) => {
                let mut each = each.clone();
                let before = self.taken_out(&mut each.expr);
                (!before.is_empty()).then(|| parse_quote!({ #(#before)* #each }))
            }
            _ => None,
        }
    }

    /// The statements of a block, each behind those that take out of it what it asks.
    fn separate(&mut self, block: &mut Block) {
        for mut stmt in std::mem::take(&mut block.stmts) {
            let before = match &mut stmt {
                Stmt::Local(local) => local.init.as_mut().map_or_else(Vec::new, |init| self.taken_out(&mut init.expr)),
                Stmt::Expr(expr, _) => self.taken_out(expr),
                Stmt::Macro(mac) => self.taken_out_of_macro(&mut mac.mac),
                Stmt::Item(_) => Vec::new(),
            };
            block.stmts.extend(before);
            block.stmts.push(stmt);
        }
    }

    fn taken_out(&mut self, expr: &mut Expr) -> Vec<Stmt> {
        let mut taking = Taking { questions: self, before: Vec::new(), evaluated: Vec::new() };
        taking.expression(expr, false);
        taking.before
    }

    fn taken_out_of_macro(&mut self, mac: &mut syn::Macro) -> Vec<Stmt> {
        let given = mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        let Some(mut given) = given.ok().filter(|_| looks(mac) || is_text(mac)) else { return Vec::new() };
        let mut taking = Taking { questions: self, before: Vec::new(), evaluated: Vec::new() };
        for argument in given.iter_mut().take(surely_evaluated(mac)) {
            match argument {
                Expr::Assign(named) => taking.expression(&mut named.right, true),
                other => taking.expression(other, true),
            }
        }
        let before = taking.before;
        if !before.is_empty() {
            mac.tokens = given.to_token_stream();
        }
        before
    }
}

impl VisitMut for Questions<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Some(new) = self.with_head_in_front(expr) {
            *expr = new;
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        self.separate(block);
    }
}

/// Takes calls out of a statement, in the order in which they are made.
struct Taking<'a, 'b> {
    questions: &'a mut Questions<'b>,
    before: Vec<Stmt>,
    /// What the statement evaluates before.
    evaluated: Vec<Expr>,
}

impl Taking<'_, '_> {
    /// Of an expression that is evaluated whenever its statement is; whether no derivative is taken of it.
    fn expression(&mut self, expr: &mut Expr, is_asked: bool) {
        let changed = self.questions.changed(expr);
        match expr {
            Expr::Lit(_) => return,
            _ if changed.is_empty() => return self.evaluated.push(expr.clone()),
            _ => {}
        }
        let is_active = self.questions.activity.expr(expr);
        if is_asked && is_active {
            return self.take(expr, &changed);
        }
        let is_asked = is_asked || !is_active;
        match expr {
            Expr::Binary(pair) if is_compound(&pair.op) => self.expression(&mut pair.right, is_asked),
            chain if self.questions.is_chain(chain) => return self.settle(chain, &changed),
            Expr::Binary(pair) => {
                self.expression(&mut pair.left, is_asked);
                self.expression(&mut pair.right, is_asked);
            }
            Expr::Assign(assign) => self.expression(&mut assign.right, is_asked),
            Expr::MethodCall(call) => {
                self.expression(&mut call.receiver, is_asked);
                call.args.iter_mut().for_each(|argument| self.expression(argument, is_asked));
            }
            Expr::Call(call) => call.args.iter_mut().for_each(|argument| self.expression(argument, is_asked)),
            Expr::Index(index) => {
                self.expression(&mut index.expr, is_asked);
                self.expression(&mut index.index, true);
            }
            Expr::Tuple(tuple) => tuple.elems.iter_mut().for_each(|elem| self.expression(elem, is_asked)),
            Expr::Array(array) => array.elems.iter_mut().for_each(|elem| self.expression(elem, is_asked)),
            Expr::Paren(paren) => self.expression(&mut paren.expr, is_asked),
            Expr::Group(group) => self.expression(&mut group.expr, is_asked),
            Expr::Unary(unary) => self.expression(&mut unary.expr, is_asked),
            Expr::Cast(cast) => self.expression(&mut cast.expr, is_asked),
            Expr::Field(field) => self.expression(&mut field.base, is_asked),
            Expr::Reference(reference) => self.expression(&mut reference.expr, is_asked),
            Expr::Range(range) => {
                [&mut range.start, &mut range.end].into_iter().flatten().for_each(|end| self.expression(end, is_asked));
            }
            Expr::Return(exit) => exit.expr.iter_mut().for_each(|value| self.expression(value, is_asked)),
            Expr::Break(exit) => exit.expr.iter_mut().for_each(|value| self.expression(value, is_asked)),
            Expr::Macro(mac) if !self.is_seen(&changed) => self.before.extend(self.questions.taken_out_of_macro(&mut mac.mac)),
            _ => {}
        }
        self.evaluated.push(expr.clone());
    }

    /// Names what an active call gives in front of the statement.
    fn take(&mut self, expr: &mut Expr, changed: &BTreeSet<String>) {
        if self.is_seen(changed) {
            return self.evaluated.push(expr.clone());
        }
        let given = self.questions.names.declare("given", Binding::default());
        self.questions.found = true;
        let call = std::mem::replace(expr, parse_quote!(#given));
        self.before.push(parse_quote!(let #given = #call;));
    }

    /// Names whether a chain of conditions holds in front of the statement.
    fn settle(&mut self, chain: &mut Expr, changed: &BTreeSet<String>) {
        if self.is_seen(changed) {
            return self.evaluated.push(chain.clone());
        }
        let (holds, before) = self.questions.named(chain);
        self.before.extend(before);
        *chain = parse_quote!(#holds);
    }

    /// Whether what is evaluated before may see what is changed, or do something itself.
    fn is_seen(&self, changed: &BTreeSet<String>) -> bool {
        let sees = |before: &Expr| {
            let mut names = BTreeSet::new();
            variables(before.to_token_stream(), &mut names);
            !is_repeatable(before) || !names.is_disjoint(changed)
        };
        self.evaluated.iter().any(sees)
    }
}

/// How many arguments of a macro are evaluated whenever it is reached: none of what is left out of release builds, and no message of what holds.
fn surely_evaluated(mac: &syn::Macro) -> usize {
    let name = standard_macro(&mac.path).map(ToString::to_string).unwrap_or_default();
    match name.as_str() {
        "assert" => 1,
        "assert_eq" | "assert_ne" => 2,
        _ if name.starts_with("debug_assert") => 0,
        _ => usize::MAX,
    }
}

fn joins(op: &BinOp) -> bool {
    matches!(op, BinOp::And(_) | BinOp::Or(_))
}

/// The active variables that are changed: by methods that take something out of them, and by functions that they are lent to.
struct Changed<'a> {
    activity: &'a Activity,
    roots: BTreeSet<String>,
}

impl Changed<'_> {
    fn change(&mut self, place: &Expr) {
        let roots = Stores::of(place).roots;
        self.roots.extend(roots.into_iter().filter(|root| self.activity.is_active(root)));
    }
}

impl<'ast> Visit<'ast> for Changed<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_block(&mut self, _: &'ast Block) {}

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if takes_out(call) && is_place(&call.receiver) {
            self.change(&call.receiver);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        for argument in &call.args {
            if let Expr::Reference(reference) = argument
                && reference.mutability.is_some()
            {
                self.change(&reference.expr);
            }
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if looks(mac) || is_text(mac) {
            let mut inside = Changed { activity: self.activity, roots: BTreeSet::new() };
            arguments(mac).iter().for_each(|argument| inside.visit_expr(argument));
            self.roots.append(&mut inside.roots);
        }
    }
}

fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(pair) => has_let(&pair.left) || has_let(&pair.right),
        Expr::Paren(paren) => has_let(&paren.expr),
        _ => false,
    }
}
