//! Calls that stand last in a block or an arm of which nothing takes the value, as statements: what they change is seen where statements are.
//!
//! *In:* `match op { Add => stack.push(x), _ => {} }`. *Out:* `match op { Add => { stack.push(x); } _ => {} }`

use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Stmt};

use crate::lower::facts::methods::CHANGES;

/// Makes them statements; the body's own last expression as well, where the function `returns` nothing.
pub fn separate(block: &mut Block, returns: bool) {
    Effects.visit_block_mut(block);
    if !returns {
        discard(block);
        if let Some(Stmt::Expr(_, semicolon)) = block.stmts.last_mut() {
            semicolon.get_or_insert_with(Default::default);
        }
    }
}

struct Effects;

impl VisitMut for Effects {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        let count = block.stmts.len();
        for (index, stmt) in block.stmts.iter_mut().enumerate() {
            if let Stmt::Expr(expr, semicolon) = stmt
                && (semicolon.is_some() || index + 1 < count)
            {
                discard_expr(expr);
            }
        }
    }

    fn visit_expr_for_loop_mut(&mut self, each: &mut syn::ExprForLoop) {
        visit_mut::visit_expr_for_loop_mut(self, each);
        discard(&mut each.body);
    }

    fn visit_expr_while_mut(&mut self, each: &mut syn::ExprWhile) {
        visit_mut::visit_expr_while_mut(self, each);
        discard(&mut each.body);
    }

    fn visit_expr_loop_mut(&mut self, each: &mut syn::ExprLoop) {
        visit_mut::visit_expr_loop_mut(self, each);
        discard(&mut each.body);
    }

    fn visit_expr_if_mut(&mut self, branch: &mut syn::ExprIf) {
        visit_mut::visit_expr_if_mut(self, branch);
        if branch.else_branch.is_none() {
            discard(&mut branch.then_branch);
        }
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        visit_mut::visit_local_mut(self, local);
        if let Some(init) = &mut local.init
            && let Expr::Closure(closure) = &mut *init.expr
            && matches!(&*closure.body, Expr::MethodCall(call) if CHANGES.contains(&call.method.to_string().as_str()))
        {
            discard_body(&mut closure.body);
        }
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if let ("for_each" | "inspect", Some(Expr::Closure(closure))) = (call.method.to_string().as_str(), call.args.first_mut())
            && matches!(closure.output, syn::ReturnType::Default)
        {
            discard_body(&mut closure.body);
        }
    }
}

/// Nothing takes the block's value.
fn discard(block: &mut Block) {
    if let Some(Stmt::Expr(last, semicolon @ None)) = block.stmts.last_mut() {
        match last {
            Expr::Call(_) | Expr::MethodCall(_) => *semicolon = Some(Default::default()),
            other => discard_expr(other),
        }
    }
}

/// Nothing takes the value of an arm, or of a closure.
fn discard_body(body: &mut Expr) {
    match body {
        Expr::Call(_) | Expr::MethodCall(_) => *body = syn::parse_quote!({ #body; }),
        other => discard_expr(other),
    }
}

fn discard_expr(expr: &mut Expr) {
    match expr {
        Expr::If(branch) => {
            discard(&mut branch.then_branch);
            if let Some((_, other)) = &mut branch.else_branch {
                discard_expr(other);
            }
        }
        Expr::Match(choice) => choice.arms.iter_mut().for_each(|arm| discard_body(&mut arm.body)),
        Expr::Block(block) if block.label.is_none() => discard(&mut block.block),
        _ => {}
    }
}
