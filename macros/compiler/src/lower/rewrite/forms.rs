//! Forms of the standard library that are written as others where a derivative flows through them.
//!
//! ```text
//! iter::successors(Some(x), |t| Some(t * a)).take(4)    ⟶  (0..4).scan(x, |state, _| { let item = state.clone(); .. Some(item) })
//! a.each_ref().map(|v| v * 2.0)                         ⟶  a.map(|item| { let v = &item; v * 2.0 })
//! iter::repeat_n(x, 3), iter::repeat(x).take(3)         ⟶  (0..3).map(|_| x.clone())
//! iter::repeat_n(a * b, 3)                              ⟶  (0..3).scan(a * b, |state, _| Some(state.clone()))
//! iter::once(x)                                         ⟶  [x].into_iter()
//! let b: Box<[f64]> = items.collect();                  ⟶  let b: Vec<f64> = items.collect();
//! v.into_boxed_slice()                                  ⟶  v
//! let v: Vec<f64> = a.into();                           ⟶  let v: Vec<f64> = a.to_vec();
//! rows.map(<[f64]>::to_vec)                             ⟶  rows.map(|part| part.to_vec())
//! ```
//!
//! *In:* a body with unique names, and what may be active in it. *Out:* the same body; the function that it relies on by its path.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprClosure, ExprMethodCall, LitInt, Stmt, Type, parse_quote};

use crate::lower::facts::known::{Maker, Name};
use crate::lower::facts::names::{Binding, Names};
use crate::lower::facts::syntax::strip;

/// Writes them; gives the names that have to be those of the standard library.
pub fn write(block: &mut Block, is_active: &dyn Fn(&Expr) -> bool, names: &mut Names) -> Vec<Name> {
    let mut forms = Forms { is_active, names, known: Vec::new() };
    forms.visit_block_mut(block);
    forms.known
}

/// Whether there may be one.
pub fn any(block: &Block) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_item(&mut self, _: &'ast syn::Item) {}

        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            let makes = |name: &Ident| ["successors", "once", "repeat", "repeat_n"].iter().any(|maker| name == maker);
            self.0 |= path.path.segments.last().is_some_and(|last| makes(&last.ident)) || method_of_a_slice(path).is_some();
        }

        fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
            self.0 |= ["each_ref", "as_slice", "into_boxed_slice", "into"].iter().any(|name| call.method == name);
            visit::visit_expr_method_call(self, call);
        }

        fn visit_type(&mut self, ty: &'ast Type) {
            self.0 |= boxed_slice(ty).is_some() || vector_of_references(&mut ty.clone()).is_some();
        }
    }
    let mut find = Find(false);
    find.visit_block(block);
    find.0
}

/// Where a range begins that the user did not write: a token of the macro's, to which no error points.
fn zero() -> LitInt {
    LitInt::new("0usize", Span::call_site())
}

struct Forms<'a> {
    is_active: &'a dyn Fn(&Expr) -> bool,
    names: &'a mut Names,
    known: Vec<Name>,
}

impl Forms<'_> {
    fn fresh(&mut self, wish: &str) -> Ident {
        self.names.declare(wish, Binding::default())
    }

    /// `iter::successors(Some(first), |t| Some(next))`, of which so many items are asked for.
    fn successors(&mut self, expr: &Expr, count: Option<&Expr>) -> Option<Expr> {
        let Expr::Call(call) = strip(expr) else { return None };
        let Expr::Path(path) = strip(&call.func) else { return None };
        path.path.segments.last().filter(|last| last.ident == "successors")?;
        let [first, function] = call.args.iter().collect::<Vec<_>>()[..] else { return None };
        let Expr::Closure(closure) = strip(function) else { return None };
        let (first, (before, next)) = (held(first)?, gives_some(closure)?);
        if !(self.is_active)(expr) {
            return None;
        }
        self.known.push(Name::successors(path.to_token_stream()));
        let (state, item, pat) = (self.fresh("state"), self.fresh("item"), closure.inputs.first()?);
        let (zero, end) = (zero(), count.map(|count| quote::quote!((#count))));
        Some(parse_quote!((#zero..#end).scan(#first, |#state, _| {
            let #item = #state.clone();
            let #pat = &#item;
            #(#before)*
            *#state = #next;
            Some(#item)
        })))
    }

    /// `iter::once(x)`, `iter::repeat(x).take(n)`, `iter::repeat_n(x, n)` of something active.
    fn repeated(&mut self, expr: &Expr) -> Option<Expr> {
        if let Expr::MethodCall(call) = strip(expr)
            && call.method == "rev"
            && call.args.is_empty()
        {
            // the items are the same from either end
            return self.repeated(&call.receiver);
        }
        let (call, taken) = match strip(expr) {
            Expr::MethodCall(taken) if taken.method == "take" => (strip(&taken.receiver), taken.args.first()),
            other => (other, None),
        };
        let Expr::Call(call) = call else { return None };
        let Expr::Path(path) = strip(&call.func) else { return None };
        let segments: Vec<_> = path.path.segments.iter().rev().map(|segment| segment.ident.to_string()).collect();
        let maker = segments.first().filter(|_| segments.get(1).is_some_and(|module| module == "iter"))?;
        let (maker, value, count) = match (maker.as_str(), &call.args.iter().collect::<Vec<_>>()[..], taken) {
            ("once", [value], None) => (Maker::Once, *value, None),
            ("repeat", [value], Some(count)) => (Maker::Repeat, *value, Some(count)),
            ("repeat_n", [value, count], None) => (Maker::RepeatN, *value, Some(*count)),
            _ => return None,
        };
        let is_number = |expr: &Expr| matches!(strip(expr), Expr::Lit(_) | Expr::Path(_));
        if !(self.is_active)(value) || count.is_some_and(|count| !self.stays(value) && !is_number(count)) {
            return None;
        }
        self.known.push(Name::maker(path.to_token_stream(), maker));
        let zero = zero();
        Some(match count {
            None => parse_quote!([#value].into_iter()),
            Some(count) if self.stays(value) => parse_quote!((#zero..(#count)).map(|_| #value.clone())),
            // computed once, in front of all items
            Some(count) => {
                let state = self.fresh("state");
                parse_quote!((#zero..(#count)).scan(#value, |#state, _| Some(#state.clone())))
            }
        })
    }

    fn is_active_place(&self, expr: &Expr) -> bool {
        matches!(strip(expr), Expr::Path(_) | Expr::Field(_) | Expr::Index(_)) && (self.is_active)(expr)
    }

    /// Notes the written type of a variable anew.
    fn retype(&mut self, typed: &syn::PatType) {
        if let syn::Pat::Ident(name) = &*typed.pat
            && let Some(binding) = self.names.bindings.get_mut(&name.ident.to_string())
        {
            binding.ty = Some((*typed.ty).clone());
        }
    }

    /// Whether an expression is the same whenever it is evaluated: a place of a variable that is not changed.
    fn stays(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Path(path) => {
                let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
                self.names.bindings.get(&name).is_some_and(|binding| !binding.mutable)
            }
            Expr::Field(field) => self.stays(&field.base),
            Expr::Index(index) => self.stays(&index.expr) && self.stays(&index.index),
            Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && self.stays(&unary.expr),
            other => matches!(other, Expr::Lit(_)),
        }
    }

    /// `a.each_ref().map(f)`
    fn mapped_by_reference(&mut self, call: &ExprMethodCall) -> Option<Expr> {
        let Expr::MethodCall(before) = strip(&call.receiver) else { return None };
        let function = call.args.first().filter(|_| call.method == "map" && before.method == "each_ref")?;
        if !(self.is_active)(&before.receiver) {
            return None;
        }
        self.known.push(Name::method(before.method.clone()));
        let (array, item) = (&before.receiver, self.fresh("item"));
        Some(match strip(function) {
            Expr::Closure(closure) => {
                let (pat, body) = (closure.inputs.first()?, &closure.body);
                parse_quote!(#array.map(|#item| { let #pat = &#item; #body }))
            }
            function => parse_quote!(#array.map(|#item| #function(&#item))),
        })
    }
}

impl Forms<'_> {
    /// `<[f64]>::to_vec(x)`
    fn called_by_path(&self, expr: &Expr) -> Option<Expr> {
        let Expr::Call(call) = expr else { return None };
        let (Expr::Path(path), [receiver]) = (strip(&call.func), &call.args.iter().collect::<Vec<_>>()[..]) else { return None };
        let method = method_of_a_slice(path)?;
        (self.is_active)(receiver).then(|| parse_quote!((#receiver).#method()))
    }

    /// `rows.map(<[f64]>::to_vec)`
    fn passed_by_path(&mut self, call: &mut ExprMethodCall) {
        for argument in &mut call.args {
            if let Expr::Path(path) = argument
                && let Some(method) = method_of_a_slice(path).cloned()
            {
                let part = self.fresh("part");
                *argument = parse_quote!(|#part| #part.#method());
            }
        }
    }
}

/// The method that is named by its path, of those that slices have by shared reference.
fn method_of_a_slice(path: &syn::ExprPath) -> Option<&Ident> {
    const BY_REFERENCE: &[&str] = &["to_vec", "len", "is_empty", "iter", "first", "last", "as_slice"];
    let segments = &path.path.segments;
    let is_slice = match &path.qself {
        Some(this) => this.position == 0 && segments.len() == 1 && matches!(*this.ty, Type::Slice(_)),
        None => segments.len() == 2 && segments[0].ident == "Vec",
    };
    let method = &segments.last()?.ident;
    (is_slice && BY_REFERENCE.contains(&method.to_string().as_str())).then_some(method)
}

impl VisitMut for Forms<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::MethodCall(call) = expr
            && call.method == "take"
            && call.args.len() == 1
            && let Some(written) = self.successors(&call.receiver, call.args.first())
        {
            *expr = written;
        }
        if let Some(written) = self.repeated(expr) {
            *expr = written;
        }
        if let Some(written) = self.successors(expr, None).or_else(|| self.called_by_path(expr)) {
            *expr = written;
        }
        if let Expr::MethodCall(call) = expr
            && (self.is_active)(&call.receiver)
        {
            self.passed_by_path(call);
        }
        if let Expr::MethodCall(call) = expr {
            if let Some(written) = self.mapped_by_reference(call) {
                *expr = written;
            } else if call.method == "as_slice" && call.args.is_empty() && self.is_active_place(&call.receiver) {
                self.known.push(Name::method(call.method.clone()));
                let sequence = &call.receiver;
                *expr = parse_quote!((&#sequence[..]));
            } else if call.method == "into_boxed_slice" && (self.is_active)(&call.receiver) {
                self.known.push(Name::method(call.method.clone()));
                *expr = (*call.receiver).clone();
            }
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if let (syn::Pat::Type(typed), Some(init)) = (&mut local.pat, &local.init)
            && makes_a_box(&init.expr)
            && let Some(referent) = vector_of_references(&mut typed.ty)
            && (self.is_active)(&init.expr)
        {
            // what is active is named by its place, through any number of references
            if let Type::Reference(reference) = referent {
                *referent = (*reference.elem).clone();
            }
            self.retype(typed);
        }
        if let (syn::Pat::Type(typed), Some(init)) = (&mut local.pat, &local.init)
            && makes_a_box(&init.expr)
            && (self.is_active)(&init.expr)
            && let Some((path, element)) = boxed_slice(&typed.ty)
        {
            self.known.push(Name::boxed(path));
            *typed.ty = parse_quote!(Vec<#element>);
            self.retype(typed);
        }
        if let (syn::Pat::Type(typed), Some(init)) = (&local.pat, &mut local.init)
            && matches!(&*typed.ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Vec"))
            && (self.is_active)(&init.expr)
            && let Expr::MethodCall(call) = &mut *init.expr
            && call.method == "into"
            && call.args.is_empty()
        {
            call.method = Ident::new("to_vec", call.method.span());
        }
        visit_mut::visit_local_mut(self, local);
    }
}

/// `Some(x)`
fn held(expr: &Expr) -> Option<&Expr> {
    match strip(expr) {
        Expr::Call(call) if matches!(strip(&call.func), Expr::Path(path) if path.path.is_ident("Some")) => call.args.first(),
        _ => None,
    }
}

/// The statements of a closure that gives `Some` of something in every case, and what.
fn gives_some(closure: &ExprClosure) -> Option<(&[Stmt], &Expr)> {
    struct Leaves(bool);
    impl<'ast> Visit<'ast> for Leaves {
        fn visit_expr_return(&mut self, _: &'ast syn::ExprReturn) {
            self.0 = true;
        }

        fn visit_expr_try(&mut self, _: &'ast syn::ExprTry) {
            self.0 = true;
        }
    }
    let mut leaves = Leaves(false);
    leaves.visit_expr(&closure.body);
    if leaves.0 {
        return None;
    }
    match strip(&closure.body) {
        Expr::Block(block) => match block.block.stmts.split_last()? {
            (Stmt::Expr(last, None), before) => Some((before, held(last)?)),
            _ => None,
        },
        body => Some((&[], held(body)?)),
    }
}

/// Whether the expression makes a boxed slice as it would make a vector.
fn makes_a_box(expr: &Expr) -> bool {
    matches!(strip(expr), Expr::MethodCall(call) if ["collect", "into_boxed_slice", "into"].iter().any(|name| call.method == name))
}

/// The elements of `Vec<&T>`.
fn vector_of_references(ty: &mut Type) -> Option<&mut Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last_mut().filter(|last| last.ident == "Vec")?;
    let syn::PathArguments::AngleBracketed(arguments) = &mut last.arguments else { return None };
    match arguments.args.first_mut()? {
        syn::GenericArgument::Type(element @ Type::Reference(_)) => Some(element),
        _ => None,
    }
}

/// The path of `Box`, and the elements, of `Box<[T]>`.
fn boxed_slice(ty: &Type) -> Option<(syn::Path, &Type)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Box")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let mut plain = path.path.clone();
    plain.segments.last_mut()?.arguments = syn::PathArguments::None;
    match arguments.args.first()? {
        syn::GenericArgument::Type(Type::Slice(slice)) => Some((plain, &slice.elem)),
        _ => None,
    }
}
