//! Loops over iterators that are lent, and are left before these end: what comes behind goes on where the loop stopped.
//!
//! *In:* `for word in words.by_ref() { if word == "end" { break; } .. } words.count()`
//!
//! *Out:* `while let Some(word) = words.next() { if word == "end" { break; } .. } words.count()`, as an iterator that carries no derivative would be
//! collected first, to its end. One behind further stages gets a name: `let mut lent = words.by_ref().map(f); while let Some(word) = lent.next() { .. }`.

use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprForLoop, Type, parse_quote};

use crate::error::{Errors, unsupported};
use crate::lower::facts::flow::Activity;
use crate::lower::facts::names::{Binding, Names};
use crate::lower::facts::syntax::{element_type, elements, strip};

/// Writes them as loops over `next`; whether there are such.
pub fn write_out(block: &mut Block, activity: &Activity, names: &mut Names, errors: &mut Errors) -> bool {
    let mut begun = Begun(Vec::new());
    begun.visit_block(block);
    let mut loops = Loops { activity, sequences: begun.0, names, errors, found: false };
    loops.visit_block_mut(block);
    loops.found
}

/// The variables that begin as sequences.
struct Begun(Vec<String>);

impl<'ast> Visit<'ast> for Begun {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (syn::Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && makes_a_sequence(&init.expr)
        {
            self.0.push(name.ident.to_string());
        }
        visit::visit_local(self, local);
    }
}

fn makes_a_sequence(init: &Expr) -> bool {
    match strip(init) {
        Expr::Array(_) | Expr::Repeat(_) => true,
        Expr::MethodCall(call) => matches!(call.method.to_string().as_str(), "collect" | "to_vec"),
        other => elements(other).is_some(),
    }
}

fn is_sequence(ty: &Type) -> bool {
    element_type(ty).is_some() || matches!(ty, Type::Array(_) | Type::Slice(_) | Type::Reference(_))
}

struct Loops<'a> {
    activity: &'a Activity,
    sequences: Vec<String>,
    names: &'a mut Names,
    errors: &'a mut Errors,
    found: bool,
}

impl Loops<'_> {
    /// The iterator that is lent, where the chain goes through one that carries no derivative.
    fn lent<'e>(&self, chain: &'e Expr) -> Option<&'e Expr> {
        match strip(chain) {
            Expr::MethodCall(call) if call.method == "by_ref" => Some(&*call.receiver).filter(|lent| !self.activity.expr(lent)),
            Expr::MethodCall(call) => self.lent(&call.receiver).or_else(|| call.args.iter().find_map(|arg| self.lent(arg))),
            Expr::Reference(reference) if reference.mutability.is_some() => {
                let Expr::Path(path) = strip(&reference.expr) else { return None };
                let name = path.path.get_ident()?.to_string();
                let ty = self.names.bindings.get(&name)?.ty.as_ref();
                let may_be_an_iterator = !ty.is_some_and(is_sequence) && !self.sequences.contains(&name);
                (may_be_an_iterator && !self.activity.is_active(&name)).then_some(&*reference.expr)
            }
            _ => None,
        }
    }

    fn by_next(&mut self, each: &ExprForLoop) -> Option<Expr> {
        let lent = self.lent(&each.expr).filter(|_| is_left(&each.body))?;
        if self.activity.item(&each.expr).any() {
            let what = unsupported(
                "a loop that may be left early, over an iterator that is lent beside active values",
                "how many of its items are taken is not known",
                "call `next` of the iterator in the body",
            );
            self.errors.at(lent, what);
            return None;
        }
        let ExprForLoop { label, pat, expr, body, .. } = each;
        self.found = true;
        Some(match strip(expr) {
            Expr::MethodCall(call) if call.method == "by_ref" => {
                parse_quote!({ #label while let Some(#pat) = #lent.next() #body })
            }
            _ => {
                let name = self.names.declare("lent", Binding { mutable: true, ..Binding::default() });
                parse_quote!({
                    let mut #name = (#expr).into_iter();
                    #label while let Some(#pat) = #name.next() #body
                })
            }
        })
    }
}

impl VisitMut for Loops<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::ForLoop(each) = expr
            && let Some(written) = self.by_next(each)
        {
            *expr = written;
        }
    }
}

/// Whether a loop may be left before its iterator ends.
fn is_left(body: &Block) -> bool {
    struct Exits(bool);
    impl<'ast> Visit<'ast> for Exits {
        fn visit_item(&mut self, _: &'ast syn::Item) {}

        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}

        fn visit_expr_break(&mut self, _: &'ast syn::ExprBreak) {
            self.0 = true;
        }

        fn visit_expr_return(&mut self, _: &'ast syn::ExprReturn) {
            self.0 = true;
        }

        fn visit_expr_try(&mut self, _: &'ast syn::ExprTry) {
            self.0 = true;
        }

        fn visit_expr_continue(&mut self, jump: &'ast syn::ExprContinue) {
            self.0 |= jump.label.is_some();
        }
    }
    let mut exits = Exits(false);
    exits.visit_block(body);
    exits.0
}
