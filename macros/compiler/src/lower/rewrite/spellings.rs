//! Short forms of other methods, written out.
//!
//! ```text
//! xs.iter().rfold(init, f)                         ⟶  xs.iter().rev().fold(init, f)
//! let a: [f64; 3] = xs[1..4].try_into().unwrap()    ⟶  { let part = &xs[1..4]; assert!(part.len() == 3); from_fn::<_, 3, _>(|i| part[i]) }
//! <[f64; 3]>::try_from(&xs[1..4]).unwrap()           ⟶  the same
//! *v.last_mut().unwrap() += x                       ⟶  { let value = x; let slot = v.last_mut().unwrap(); *slot += value; }
//! xs.chunks_exact(2).remainder()                     ⟶  (&xs[xs.len() - xs.len() % 2..])
//! iter::zip(a, b)                                    ⟶  (a).into_iter().zip(b)
//! [0, 1].map(|i| at(i))                              ⟶  [(|i| at(i))(0), (|i| at(i))(1)], as what a call gives may be no number
//! (|a, b| a * b)(x, y)                              ⟶  { let called = |a, b| a * b; called(x, y) }
//! let v: Vec<f64> = x[1..3].into()                   ⟶  let v: Vec<f64> = x[1..3].to_vec()
//! x.r#exp(), <f64>::exp(x)                           ⟶  x.exp(), f64::exp(x)
//! Option::Some(x)                                    ⟶  Some(x)
//! ```

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMethodCall, Stmt, Type};

use crate::ir::names::{Taken, identifiers};
use crate::lower::facts::methods::{ELEMENTS, is_adapter};
use crate::lower::facts::operators::is_compound;
use crate::lower::facts::syntax::{is_call, remainder, strip, without_reference};

/// Writes them out in a body.
pub fn write_out(block: &mut Block) {
    Spellings.visit_block_mut(block);
}

/// Writes names without `r#` where they need none, as those that are known are, and `<f64>::sin` as `f64::sin`.
pub fn plain_names(block: &mut Block) {
    struct Plain;
    impl VisitMut for Plain {
        fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
            visit_mut::visit_expr_path_mut(self, path);
            if let Some(this) = path.qself.take_if(|this| this.position == 0 && is_name(&this.ty))
                && let Type::Path(mut ty) = *this.ty
            {
                ty.path.segments.extend(std::mem::take(&mut path.path.segments));
                path.path = ty.path;
            }
        }

        fn visit_ident_mut(&mut self, name: &mut proc_macro2::Ident) {
            if let Some(plain) = name.to_string().strip_prefix("r#")
                && plain != "gen"
                && syn::parse_str::<proc_macro2::Ident>(plain).is_ok()
            {
                *name = proc_macro2::Ident::new(plain, name.span());
            }
        }
    }
    Plain.visit_block_mut(block);
}

/// Whether a type is a name without arguments.
fn is_name(ty: &Type) -> bool {
    matches!(ty, Type::Path(ty) if ty.qself.is_none() && ty.path.segments.iter().all(|segment| segment.arguments.is_none()))
}

struct Spellings;

impl VisitMut for Spellings {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        if is_variant_of_option(path) {
            let variant = path.segments.last().expect("a path has segments").clone();
            *path = variant.into();
        }
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        visit_mut::visit_stmt_mut(self, stmt);
        if let Stmt::Expr(expr, _) = stmt
            && let Some(named) = with_slot(expr)
        {
            *expr = named;
        }
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        visit_mut::visit_local_mut(self, local);
        if let (syn::Pat::Type(typed), Some(init)) = (&local.pat, &mut local.init)
            && let Some(source) = converted(&init.expr)
            && let Some(array) = array_of(source, &typed.ty)
        {
            *init.expr = array;
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Some(elements) = mapped_literals(expr) {
            *expr = elements;
        }
        visit_mut::visit_expr_mut(self, expr);
        if let Some((source, ty)) = converted_by_type(expr)
            && let Some(array) = array_of(source, ty)
        {
            *expr = array;
        }
        if let Expr::Call(call) = expr
            && is_call(&call.func, "iter", "zip")
            && let [first, second] = call.args.iter().collect::<Vec<_>>()[..]
        {
            *expr = syn::parse_quote!((#first).into_iter().zip(#second));
        }
        if let Some((before, exact, size)) = remainder(expr) {
            let (all, size) = (&before.receiver, strip(size));
            *expr = match exact {
                true => syn::parse_quote!((&#all[#all.len() - #all.len() % #size..])),
                false => syn::parse_quote!((&#all[..#all.len() % #size])),
            };
        }
        if let Expr::Call(call) = expr
            && matches!(strip(&call.func), Expr::Closure(_))
        {
            let (name, args) = (fresh("called", call), &call.args);
            let closure = strip(&call.func);
            *expr = syn::parse_quote!({ let #name = #closure; #name(#args) });
        }
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        // what a part of a sequence is made into is a vector, or of a type that does not fit
        let is_part =
            matches!(without_reference(&call.receiver), Expr::Index(index) if matches!(strip(&index.index), Expr::Range(_)));
        if call.method == "into" && call.args.is_empty() && is_part {
            call.method = proc_macro2::Ident::new("to_vec", call.method.span());
        }
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

/// `Option::Some`, `Option::None`
pub fn is_variant_of_option(path: &syn::Path) -> bool {
    let [option, variant] = path.segments.iter().collect::<Vec<_>>()[..] else { return false };
    let is_one = variant.ident == "Some" || variant.ident == "None";
    is_one && option.ident == "Option" && option.arguments.is_none() && variant.arguments.is_none()
}

/// The most elements that an array is written out with.
const FEW: usize = 8;

/// `[0, 1, 2].map(|i| f(i))` of literals, element by element.
fn mapped_literals(expr: &Expr) -> Option<Expr> {
    let Expr::MethodCall(call) = expr else { return None };
    let (Expr::Array(array), [argument]) = (strip(&call.receiver), &call.args.iter().collect::<Vec<_>>()[..]) else {
        return None;
    };
    let Expr::Closure(closure) = strip(argument) else { return None };
    let gives_a_call = match strip(&closure.body) {
        Expr::Call(_) => true,
        Expr::Block(block) => matches!(block.block.stmts.last(), Some(Stmt::Expr(Expr::Call(_), None))),
        _ => false,
    };
    let is_plain =
        call.method == "map" && array.elems.len() <= FEW && array.elems.iter().all(|elem| matches!(elem, Expr::Lit(_)));
    if !is_plain || !gives_a_call {
        return None;
    }
    let elems = array.elems.iter();
    Some(syn::parse_quote!([#((#closure)(#elems)),*]))
}

/// A name that does not occur in the code.
fn fresh(name: &str, code: &impl ToTokens) -> proc_macro2::Ident {
    let mut taken = Taken::default();
    identifiers(code.to_token_stream(), &mut taken);
    proc_macro2::Ident::new(&taken.fresh(name), proc_macro2::Span::mixed_site())
}

/// A statement that changes what `first_mut`, `get_mut` and the like give, with a name for it.
fn with_slot(stmt: &Expr) -> Option<Expr> {
    let place = match stmt {
        Expr::Assign(assign) => &assign.left,
        Expr::Binary(binary) if is_compound(&binary.op) => &binary.left,
        Expr::MethodCall(call) => &call.receiver,
        _ => return None,
    };
    unwrapped_slot(&mut place.clone())?;
    let (slot, value) = (fresh("slot", stmt), fresh("value", stmt));
    let mut changed = stmt.clone();
    let (place, right) = match &mut changed {
        Expr::Assign(assign) => (&mut *assign.left, Some(&mut *assign.right)),
        Expr::Binary(binary) if is_compound(&binary.op) => (&mut *binary.left, Some(&mut *binary.right)),
        Expr::MethodCall(call) => (&mut *call.receiver, None),
        _ => return None,
    };
    let found = unwrapped_slot(place)?;
    let init = std::mem::replace(found, syn::parse_quote!(#slot));
    // the right side is evaluated first, as in the statement itself
    let right = right.map(|right| std::mem::replace(right, syn::parse_quote!(#value)));
    let right = right.map(|right| quote::quote!(let #value = #right;));
    Some(syn::parse_quote!({ #right let #slot = #init; #changed; }))
}

/// `v.last_mut().unwrap()`, as what a place is part of.
fn unwrapped_slot(expr: &mut Expr) -> Option<&mut Expr> {
    let is_slot = |expr: &Expr| match expr {
        Expr::MethodCall(end) if matches!(end.method.to_string().as_str(), "unwrap" | "expect") => {
            matches!(strip(&end.receiver), Expr::MethodCall(call) if ELEMENTS.contains(&call.method.to_string().as_str()) && call.method.to_string().ends_with("_mut"))
        }
        _ => false,
    };
    if is_slot(expr) {
        return Some(expr);
    }
    match expr {
        Expr::Field(field) => unwrapped_slot(&mut field.base),
        Expr::Index(index) => unwrapped_slot(&mut index.expr),
        Expr::Unary(unary) => unwrapped_slot(&mut unary.expr),
        Expr::Paren(paren) => unwrapped_slot(&mut paren.expr),
        _ => None,
    }
}

/// What is said of a sequence that does not fit into an array.
pub const ANOTHER_LENGTH: &str = "the sequence has not the length of the array";

/// `source.try_into().unwrap()`
pub fn converted(expr: &Expr) -> Option<&Expr> {
    let Expr::MethodCall(end) = strip(expr) else { return None };
    let Expr::MethodCall(conversion) = strip(&end.receiver) else { return None };
    let is_one = unwraps(end) && conversion.method == "try_into" && conversion.args.is_empty();
    is_one.then_some(&conversion.receiver)
}

/// `<[f64; 3]>::try_from(source).unwrap()`
fn converted_by_type(expr: &Expr) -> Option<(&Expr, &Type)> {
    let Expr::MethodCall(end) = strip(expr) else { return None };
    let Expr::Call(conversion) = strip(&end.receiver) else { return None };
    let (Expr::Path(path), Some(source)) = (strip(&conversion.func), conversion.args.first()) else { return None };
    let is_one = unwraps(end) && conversion.args.len() == 1 && path.path.segments.last()?.ident == "try_from";
    Some((source, &*path.qself.as_ref().filter(|_| is_one)?.ty))
}

fn unwraps(end: &ExprMethodCall) -> bool {
    matches!(end.method.to_string().as_str(), "unwrap" | "expect")
}

/// A sequence as an array of this type, by its elements.
fn array_of(source: &Expr, ty: &Type) -> Option<Expr> {
    let (array, is_reference) = match ty {
        Type::Reference(reference) if reference.mutability.is_none() => (&*reference.elem, true),
        other => (other, false),
    };
    let Type::Array(array) = array else { return None };
    let length = &array.len;
    let array: Expr = syn::parse_quote!({
        let part = &#source;
        assert!(part.len() == #length, #ANOTHER_LENGTH);
        ::core::array::from_fn::<_, { #length }, _>(|i| part[i])
    });
    Some(if is_reference { syn::parse_quote!(&#array) } else { array })
}
