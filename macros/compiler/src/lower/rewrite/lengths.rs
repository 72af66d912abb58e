//! The lengths of arrays that `array::from_fn` makes, where a type near it tells.
//!
//! *In:* `let m: [[f64; 3]; 2] = from_fn(|i| from_fn(|j| x[j] * y[i]));`
//!
//! *Out:* `let m: [[f64; 3]; 2] = from_fn::<_, 2, _>(|i| from_fn::<_, 3, _>(|j| x[j] * y[i]));`
//!
//! With its length written, a loop over the array has a constant end, and keeps what it has to in place.

use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, PathArguments, ReturnType, Stmt, Type, parse_quote};

/// Writes the lengths in a body.
pub fn write(block: &mut Block, output: &ReturnType) {
    let output = type_of(output);
    Lengths(output).visit_block_mut(block);
    if let Some(output) = output {
        tail(block, output);
    }
}

struct Lengths<'a>(Option<&'a Type>);

impl VisitMut for Lengths<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if let (syn::Pat::Type(typed), Some(init)) = (&local.pat, &mut local.init) {
            of_type(&mut init.expr, &typed.ty);
        }
        visit_mut::visit_local_mut(self, local);
    }

    fn visit_expr_return_mut(&mut self, returned: &mut syn::ExprReturn) {
        if let (Some(expr), Some(ty)) = (&mut returned.expr, self.0) {
            of_type(expr, ty);
        }
        visit_mut::visit_expr_return_mut(self, returned);
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut syn::ExprClosure) {
        // what it returns is its own
        let output = type_of(&closure.output);
        Lengths(output).visit_expr_mut(&mut closure.body);
        if let Some(output) = output {
            of_type(&mut closure.body, output);
        }
    }
}

fn type_of(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Type(_, ty) => Some(ty),
        ReturnType::Default => None,
    }
}

fn tail(block: &mut Block, ty: &Type) {
    if let Some(Stmt::Expr(expr, None)) = block.stmts.last_mut() {
        of_type(expr, ty);
    }
}

/// The lengths in an expression of this type.
fn of_type(expr: &mut Expr, ty: &Type) {
    match (expr, ty) {
        (expr, Type::Paren(paren)) => of_type(expr, &paren.elem),
        (expr, Type::Group(group)) => of_type(expr, &group.elem),
        (Expr::Paren(paren), ty) => of_type(&mut paren.expr, ty),
        (Expr::Reference(reference), Type::Reference(ty)) => of_type(&mut reference.expr, &ty.elem),
        (Expr::Block(block), ty) => tail(&mut block.block, ty),
        (Expr::If(branch), ty) => {
            tail(&mut branch.then_branch, ty);
            if let Some((_, other)) = &mut branch.else_branch {
                of_type(other, ty);
            }
        }
        (Expr::Match(choice), ty) => choice.arms.iter_mut().for_each(|arm| of_type(&mut arm.body, ty)),
        (Expr::Tuple(tuple), Type::Tuple(types)) => {
            tuple.elems.iter_mut().zip(&types.elems).for_each(|(elem, ty)| of_type(elem, ty))
        }
        (Expr::Array(array), Type::Array(ty)) => array.elems.iter_mut().for_each(|elem| of_type(elem, &ty.elem)),
        (Expr::Call(call), Type::Array(ty)) => {
            let Expr::Path(path) = &mut *call.func else { return };
            let Some(last) = path.path.segments.last_mut().filter(|last| last.ident == "from_fn") else { return };
            if last.arguments.is_empty() {
                let length = &ty.len;
                let arguments: syn::AngleBracketedGenericArguments = parse_quote!(::<_, { #length }, _>);
                last.arguments = PathArguments::AngleBracketed(arguments);
            }
            if let Some(Expr::Closure(closure)) = call.args.first_mut() {
                of_type(&mut closure.body, &ty.elem);
            }
        }
        _ => {}
    }
}
