//! Whether an expression may be evaluated again instead of kept.

use syn::{Expr, Lit};

use super::operators::is_compound;
use super::syntax::strip;

/// Whether evaluating the expression again gives the same and costs little: literals, variables, fields, elements,
/// arithmetic, casts, references, literals of structs that hold references, choices between such, and lengths. `as_ref` and `as_deref` borrow, whatever they are called on.
pub fn is_repeatable(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(literal) => !matches!(literal.lit, Lit::Str(_) | Lit::ByteStr(_)),
        Expr::Path(_) => true,
        Expr::Paren(paren) => is_repeatable(&paren.expr),
        Expr::Group(group) => is_repeatable(&group.expr),
        Expr::Field(field) => is_repeatable(&field.base),
        Expr::Index(index) => is_repeatable(&index.expr) && is_repeatable(&index.index),
        Expr::Unary(unary) => is_repeatable(&unary.expr),
        Expr::Binary(binary) => !is_compound(&binary.op) && is_repeatable(&binary.left) && is_repeatable(&binary.right),
        Expr::Cast(cast) => is_repeatable(&cast.expr),
        Expr::Reference(reference) => reference.mutability.is_none() && is_repeatable(&reference.expr),
        Expr::Range(range) => [&range.start, &range.end].into_iter().flatten().all(|end| is_repeatable(end)),
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            let borrows = matches!(name.as_str(), "len" | "as_ref" | "as_deref" | "as_slice" | "as_str" | "as_bytes");
            let is_cheap = borrows && call.args.is_empty() || name == "split_at" && call.args.iter().all(is_repeatable);
            is_cheap && is_repeatable(&call.receiver)
        }
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_repeatable),
        Expr::If(branch) => {
            let alone =
                |block: &syn::Block| matches!(block.stmts.as_slice(), [syn::Stmt::Expr(last, None)] if is_repeatable(last));
            is_repeatable(&branch.cond)
                && alone(&branch.then_branch)
                && branch.else_branch.as_ref().is_some_and(|(_, other)| match &**other {
                    Expr::Block(block) => block.label.is_none() && alone(&block.block),
                    other => is_repeatable(other),
                })
        }
        // what borrows cannot be kept
        Expr::Struct(literal) => refers(expr) && literal.fields.iter().all(|field| is_repeatable(&field.expr)),
        _ => false,
    }
}

/// Whether the expression is a literal of a struct that holds references, a tuple with one, or a reference to one.
pub fn refers(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Struct(literal) => {
            let is_reference = |field: &syn::FieldValue| matches!(strip(&field.expr), Expr::Reference(_));
            literal.rest.is_none() && literal.fields.iter().any(is_reference)
        }
        Expr::Tuple(tuple) => tuple.elems.iter().any(refers),
        Expr::Reference(reference) => refers(&reference.expr),
        _ => false,
    }
}
