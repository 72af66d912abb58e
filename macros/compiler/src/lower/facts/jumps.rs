//! Where control leaves: which jumps stand in a piece of syntax, and whether its end is reached.

use syn::visit::{self, Visit};
use syn::{Block, Expr, Label, Stmt};

use super::syntax::{ends, is_diverging, strip};

pub fn stmts_of(expr: &Expr) -> Vec<Stmt> {
    match strip(expr) {
        Expr::Block(block) if block.label.is_none() => block.block.stmts.clone(),
        other => vec![Stmt::Expr(other.clone(), None)],
    }
}

/// Whether the end of the statements is never reached.
pub fn always_exits(stmts: &[Stmt]) -> bool {
    match stmts.last() {
        Some(Stmt::Expr(expr, _)) => match strip(expr) {
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
            Expr::If(branch) => {
                let other = branch.else_branch.as_ref();
                always_exits(&branch.then_branch.stmts) && other.is_some_and(|(_, other)| always_exits(&stmts_of(other)))
            }
            Expr::Match(choice) => choice.arms.iter().all(|arm| always_exits(&stmts_of(&arm.body))),
            Expr::Block(block) if block.label.is_none() => always_exits(&block.block.stmts),
            other => is_diverging(other),
        },
        Some(Stmt::Macro(mac)) => is_diverging(&Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.mac.clone() })),
        _ => false,
    }
}

/// The condition under which a `loop` is left before anything else.
pub fn first_break(expr: &Expr) -> Option<Expr> {
    let Expr::Loop(each) = expr else { return None };
    let Some(Stmt::Expr(Expr::If(branch), _)) = each.body.stmts.first() else { return None };
    plain_break(branch).then(|| (*branch.cond).clone())
}

/// `if c { break; }`
pub fn plain_break(branch: &syn::ExprIf) -> bool {
    let is_break = |stmt: &Stmt| matches!(stmt, Stmt::Expr(Expr::Break(exit), _) if exit.label.is_none() && exit.expr.is_none());
    let binds = {
        let mut binds = Binds(false);
        binds.visit_expr(&branch.cond);
        binds.0
    };
    branch.else_branch.is_none() && branch.then_branch.stmts.len() == 1 && is_break(&branch.then_branch.stmts[0]) && !binds
}

/// Whether the only exit of a loop's body is an `if c { break; }` at its end.
pub fn ends_with_break(body: &Block) -> bool {
    let Some((Stmt::Expr(Expr::If(branch), _), before)) = body.stmts.split_last() else { return false };
    plain_break(branch) && !before.iter().any(jumps_stmt) && !jumps_expr(&branch.cond)
}

/// Whether a `break` leaves the labelled block without a value, so that it has none.
pub fn is_left_without_value(body: &Block, label: Option<&Label>) -> bool {
    struct Find<'a>(&'a Label, bool);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_break(&mut self, exit: &'ast syn::ExprBreak) {
            let ours = exit.label.as_ref().is_some_and(|name| name.ident == self.0.name.ident);
            self.1 |= ours && exit.expr.is_none();
            visit::visit_expr_break(self, exit);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let Some(label) = label else { return false };
    let mut find = Find(label, false);
    find.visit_block(body);
    find.1
}

/// Whether one of the ways that an expression ends is a labelled block that is left with a value.
pub fn ends_with_label(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Block(block) if block.label.is_some() => breaks_with_value(&block.block, block.label.as_ref()),
        other => ends(other).into_iter().any(ends_with_label),
    }
}

pub fn breaks_with_value(body: &Block, label: Option<&Label>) -> bool {
    struct Find<'a> {
        label: Option<&'a Label>,
        depth: usize,
        found: bool,
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_break(&mut self, exit: &'ast syn::ExprBreak) {
            let ours = match (&exit.label, self.label) {
                (Some(name), Some(label)) => name.ident == label.name.ident,
                (None, _) => self.depth == 0,
                _ => false,
            };
            self.found |= ours && exit.expr.is_some();
            visit::visit_expr_break(self, exit);
        }
        fn visit_expr(&mut self, expr: &'ast Expr) {
            let inner = matches!(expr, Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_));
            self.depth += usize::from(inner);
            visit::visit_expr(self, expr);
            self.depth -= usize::from(inner);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find { label, depth: 0, found: false };
    find.visit_block(body);
    find.found
}

pub fn jumps(block: &Block) -> bool {
    let mut found = Jumps::default();
    found.visit_block(block);
    let mut inner = LetElse(false);
    inner.visit_block(block);
    found.any || inner.0
}

pub fn jumps_stmt(stmt: &Stmt) -> bool {
    let mut found = Jumps::default();
    found.visit_stmt(stmt);
    found.any
}

pub fn jumps_expr(expr: &Expr) -> bool {
    let mut found = Jumps::default();
    found.visit_expr(expr);
    found.any
}

pub fn escapes(expr: &Expr) -> bool {
    let mut found = Jumps::default();
    found.visit_expr(expr);
    found.escaping
}

pub fn escapes_expr(expr: &Expr) -> bool {
    escapes(expr)
}

/// Whether something binds in a condition.
struct Binds(bool);

impl<'ast> Visit<'ast> for Binds {
    fn visit_expr_let(&mut self, _: &'ast syn::ExprLet) {
        self.0 = true;
    }
}

/// Whether there is a `let else`.
pub struct LetElse(pub bool);

impl<'ast> Visit<'ast> for LetElse {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        self.0 |= local.init.as_ref().is_some_and(|init| init.diverge.is_some());
        visit::visit_local(self, local);
    }

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// The jumps in what is visited.
#[derive(Default)]
pub struct Jumps {
    pub any: bool,
    /// One leads out of it.
    pub escaping: bool,
    loops: usize,
    labels: Vec<String>,
}

impl Jumps {
    fn labelled(&mut self, label: Option<&Label>, is_loop: bool, inside: impl FnOnce(&mut Self)) {
        self.loops += usize::from(is_loop);
        self.labels.extend(label.map(|label| label.name.ident.to_string()));
        inside(self);
        if label.is_some() {
            self.labels.pop();
        }
        self.loops -= usize::from(is_loop);
    }

    fn found(&mut self, label: Option<&syn::Lifetime>) {
        self.any = true;
        self.escaping |= match label {
            Some(label) => !self.labels.iter().any(|known| label.ident == known),
            None => self.loops == 0,
        };
    }
}

impl<'ast> Visit<'ast> for Jumps {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Return(_) => {
                self.any = true;
                self.escaping = true;
                visit::visit_expr(self, expr);
            }
            Expr::Break(exit) => {
                self.found(exit.label.as_ref());
                visit::visit_expr(self, expr);
            }
            Expr::Continue(exit) => self.found(exit.label.as_ref()),
            Expr::ForLoop(each) => self.labelled(each.label.as_ref(), true, |this| visit::visit_expr(this, expr)),
            Expr::While(each) => self.labelled(each.label.as_ref(), true, |this| visit::visit_expr(this, expr)),
            Expr::Loop(each) => self.labelled(each.label.as_ref(), true, |this| visit::visit_expr(this, expr)),
            Expr::Block(block) => self.labelled(block.label.as_ref(), false, |this| visit::visit_expr(this, expr)),
            Expr::Closure(_) | Expr::Async(_) => {}
            other => visit::visit_expr(self, other),
        }
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
