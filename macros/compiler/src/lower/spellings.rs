//! Short forms of other methods, written out.
//!
//! ```text
//! xs.iter().rfold(init, f)                         ⟶  xs.iter().rev().fold(init, f)
//! let a: [f64; 3] = xs[1..4].try_into().unwrap()    ⟶  { let part = &xs[1..4]; assert!(part.len() == 3); from_fn::<_, 3, _>(|i| part[i]) }
//! ```

use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMethodCall, Type};

use super::flow::is_adapter;
use super::syntax::strip;

/// Writes them out in a body.
pub(super) fn write_out(block: &mut Block) {
    Spellings.visit_block_mut(block);
}

struct Spellings;

impl VisitMut for Spellings {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        visit_mut::visit_local_mut(self, local);
        if let (syn::Pat::Type(typed), Some(init)) = (&local.pat, &mut local.init)
            && let Some(array) = converted(&init.expr, &typed.ty)
        {
            *init.expr = array;
        }
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        let is_iterator = match strip(&call.receiver) {
            Expr::MethodCall(before) => is_adapter(&before.method.to_string()),
            receiver => matches!(receiver, Expr::Range(_)),
        };
        if call.method == "rfold" && call.args.len() == 2 && is_iterator {
            let receiver = &call.receiver;
            call.receiver = syn::parse_quote!(#receiver.rev());
            call.method = proc_macro2::Ident::new("fold", call.method.span());
        }
    }
}

/// A sequence that is converted to an array, as one of its elements.
fn converted(expr: &Expr, ty: &Type) -> Option<Expr> {
    let (array, is_reference) = match ty {
        Type::Reference(reference) if reference.mutability.is_none() => (&*reference.elem, true),
        other => (other, false),
    };
    let (Type::Array(array), Expr::MethodCall(end)) = (array, strip(expr)) else { return None };
    let Expr::MethodCall(conversion) = strip(&end.receiver) else { return None };
    let unwraps = matches!(end.method.to_string().as_str(), "unwrap" | "expect");
    if !unwraps || conversion.method != "try_into" || !conversion.args.is_empty() {
        return None;
    }
    let (source, length) = (&conversion.receiver, &array.len);
    let message = "the sequence has not the length of the array";
    let array: Expr = syn::parse_quote!({
        let part = &#source;
        assert!(part.len() == #length, #message);
        ::core::array::from_fn::<_, { #length }, _>(|i| part[i])
    });
    Some(if is_reference { syn::parse_quote!(&#array) } else { array })
}
