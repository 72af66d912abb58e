//! `Option`s of active values: a truth value that is inactive, and beside it what `Some` holds.
//!
//! *In:* `let o = if c { Some(x * x) } else { None }; o.map(|v| v + 1.0).unwrap_or(y)`
//!
//! *Out:* `let some = false; let payload = 0; if c { some = true; payload = mul(x, x) }; if some { .. add(payload, 1) } else { y }`
//!
//! No `Option` is differentiated at run time. Where several ways lead to `Some`, what it holds is a scalar, or a tuple of scalars.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Expr, ExprMethodCall};

use crate::error::{not_yet, with_help};
use crate::ir::{self, Arm, Branch, Code, Form, Kind, Place, Statement, Step, Value};

use super::matches::is_option_method;
use super::syntax::strip;
use super::{Bound, Lowerer, first_span};

/// Methods of an `Option` that give its value.
const VALUES: &[&str] = &["unwrap", "expect", "unwrap_or", "unwrap_or_else", "unwrap_or_default", "map_or", "map_or_else"];
/// Methods of an `Option` that give another.
const OPTIONS: &[&str] = &["map", "and_then", "or", "copied", "cloned", "as_ref", "filter"];

impl Lowerer<'_> {
    /// Whether the expression is an `Option` that may hold an active value.
    pub(super) fn is_option(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|name| name == "None" || matches!(self.bound.get(&name.to_string()), Some(Bound::Option { .. }))),
            Expr::Call(call) => matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Some")),
            Expr::Reference(reference) => self.is_option(&reference.expr),
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                is_option_method(&name) && !self.is_option(&call.receiver)
                    || OPTIONS.contains(&name.as_str()) && self.is_option(&call.receiver)
            }
            Expr::If(branch) => {
                let other = branch.else_branch.as_ref();
                self.ends_with_option(&branch.then_branch) || other.is_some_and(|(_, other)| self.is_option(other))
            }
            Expr::Match(choice) => choice.arms.iter().any(|arm| self.is_option(&arm.body)),
            Expr::Block(block) => self.ends_with_option(&block.block),
            _ => false,
        }
    }

    fn ends_with_option(&self, block: &syn::Block) -> bool {
        matches!(block.stmts.last(), Some(syn::Stmt::Expr(last, None)) if self.is_option(last))
    }

    /// The value of a method of an `Option`, if the call is one.
    pub(super) fn option_value(&mut self, call: &ExprMethodCall) -> Option<Value> {
        let name = call.method.to_string();
        if !VALUES.contains(&name.as_str()) || !self.is_option(&call.receiver) {
            return None;
        }
        let (some, payload) = self.option(&call.receiver)?;
        let span = call.method.span();
        let arguments: Vec<_> = call.args.iter().collect();
        if let "unwrap" | "expect" = name.as_str() {
            let (method, on) = (&call.method, &some.tokens);
            let message = arguments.iter().map(|argument| self.code_of(argument, false).tokens);
            let tokens = quote!((#on).then_some(()).#method(#(#message),*););
            if on.to_string() != "true" {
                let code = Code { tokens, reads: some.reads.clone(), repeatable: false, span };
                self.push(Statement::Code { code, binds: Vec::new(), writes: Vec::new() });
            }
            return Some(self.bound_as_value(payload, call));
        }
        let default = match (name.as_str(), arguments.first()) {
            ("unwrap_or" | "map_or", Some(default)) => Some(Bound::Var(self.materialise(default, "default"))),
            _ => None,
        };
        let chosen = self.function.fresh("chosen", Kind::Space, false, Form::Owned, span);
        self.push(Statement::Let { var: chosen, value: None, ty: None });
        let place = Place::whole(chosen, span);
        let mapped = arguments.last().copied().filter(|_| matches!(name.as_str(), "map_or" | "map_or_else"));
        let (then, ()) = self.nested(|this| {
            let payload = match mapped.and_then(|function| this.as_closure(function, 1)) {
                Some(closure) => this.apply_closure(&closure, vec![payload]),
                None => Some(payload),
            };
            if let Some(payload) = payload {
                let value = this.bound_as_value(payload, call);
                this.push(Statement::Assign { place: place.clone(), value });
            }
        });
        let (other, ()) = self.nested(|this| {
            let default = default.or_else(|| {
                let function = arguments.first().filter(|_| name.ends_with("_else"))?;
                let closure = this.as_closure(function, 0)?;
                this.apply_closure(&closure, Vec::new())
            });
            let value = default.map_or(Value::Zero, |default| this.bound_as_value(default, call));
            this.push(Statement::Assign { place: place.clone(), value });
        });
        self.push(either(some, then, other));
        Some(Value::Expr(ir::Expr::place(place)))
    }

    /// What a name stands for, as a value: scalars in mutable memory as they are now.
    fn bound_as_value(&mut self, bound: Bound, at: &ExprMethodCall) -> Value {
        match bound {
            Bound::Tuple(parts) => Value::Tuple(parts.into_iter().map(|part| self.bound_as_value(part, at)).collect()),
            other => match self.place_of(other, at) {
                Some(place) => Value::Expr(ir::Expr::place(place)),
                None => {
                    self.unsupported(at, with_help("this `Option` holds no value that can be named", "bind it with `let` first"));
                    Value::Zero
                }
            },
        }
    }

    /// An `Option`: whether it is `Some`, and what that holds.
    pub(super) fn option(&mut self, expr: &Expr) -> Option<(Code, Bound)> {
        match strip(expr) {
            Expr::Path(path) => match self.bound.get(&path.path.get_ident()?.to_string()) {
                Some(Bound::Option { some, payload }) => Some((some.clone(), (**payload).clone())),
                _ => Some((constant(false, first_span(expr)), Bound::Tuple(Vec::new()))),
            },
            Expr::Reference(reference) => self.option(&reference.expr),
            Expr::Call(call) => {
                let payload = self.bound_value_copy(call.args.first()?);
                Some((constant(true, first_span(expr)), payload))
            }
            Expr::MethodCall(call) => self.option_of_method(call),
            control => {
                let slot = self.option_slot(control, None, "chosen", first_span(control));
                self.assign_option(control, &slot);
                Some(self.of_slot(&slot))
            }
        }
    }

    fn of_slot(&self, slot: &Bound) -> (Code, Bound) {
        match slot {
            Bound::Option { some, payload } => (some.clone(), (**payload).clone()),
            other => (constant(true, Span::call_site()), other.clone()),
        }
    }

    fn option_of_method(&mut self, call: &ExprMethodCall) -> Option<(Code, Bound)> {
        let name = call.method.to_string();
        match (name.as_str(), call.args.first()) {
            ("first" | "last" | "get", _) => return self.element_option(call),
            ("reduce", Some(function)) => return self.reduce(call, function),
            _ => {}
        }
        let (some, payload) = self.option(&call.receiver)?;
        match (name.as_str(), call.args.first()) {
            ("copied" | "cloned", None) => Some((some, self.by_value(payload))),
            ("as_ref", None) => Some((some, self.by_reference(payload))),
            ("map" | "and_then", Some(function)) => {
                let closure = self.as_closure(function, 1)?;
                let slot = self.option_slot(&closure.body, None, "mapped", call.method.span());
                let (then, ()) = self.nested(|this| {
                    let Some((inputs, body)) = this.instance(&closure, 1) else { return };
                    this.bind_bound(&inputs[0], payload);
                    match name.as_str() {
                        "map" => this.fill_with(&body, &slot),
                        _ => this.assign_option(&body, &slot),
                    }
                });
                self.push(either(some, then, Vec::new()));
                Some(self.of_slot(&slot))
            }
            ("or", Some(other)) => {
                let slot = self.option_slot(&call.receiver, None, "either", call.method.span());
                let (other_some, other_payload) = self.option(other)?;
                let (then, ()) = self.nested(|this| this.fill(payload, &slot, call.method.span()));
                let (inner, ()) = self.nested(|this| this.fill(other_payload, &slot, call.method.span()));
                self.push(either(some, then, vec![either(other_some, inner, Vec::new())]));
                Some(self.of_slot(&slot))
            }
            ("filter", Some(function)) => {
                let closure = self.as_closure(function, 1)?;
                let slot = self.option_slot(&call.receiver, None, "filtered", call.method.span());
                let (then, ()) = self.nested(|this| {
                    let Some((inputs, body)) = this.instance(&closure, 1) else { return };
                    let by_reference = this.by_reference(payload.clone());
                    this.bind_bound(&inputs[0], by_reference);
                    let condition = this.statements_before(&body);
                    let on = this.code_of(&condition, false);
                    let (inner, ()) = this.nested(|this| this.fill(payload, &slot, call.method.span()));
                    this.push(either(on, inner, Vec::new()));
                });
                self.push(either(some, then, Vec::new()));
                Some(self.of_slot(&slot))
            }
            _ => {
                let what = not_yet(&format!("`{name}` of an `Option` of an active value"), "write a `match`");
                self.unsupported(&call.method, what);
                None
            }
        }
    }

    /// `a.first()`, `a.last()`, `a.get(i)`
    fn element_option(&mut self, call: &ExprMethodCall) -> Option<(Code, Bound)> {
        let place = match self.place(&call.receiver) {
            Some(place) => place,
            None => Place::whole(self.materialise(&call.receiver, "sequence"), first_span(&call.receiver)),
        };
        self.sequence(&place);
        let all = crate::emit::receiver(&self.function, &place);
        let span = call.method.span();
        let code = |tokens: TokenStream, reads: Vec<ir::Var>| Code { tokens, reads, repeatable: true, span };
        let reads = super::mentioned(&place);
        let (some, index) = match call.args.first() {
            None if call.method == "first" => (quote!(!#all.is_empty()), code(quote!(0), Vec::new())),
            None => (quote!(!#all.is_empty()), code(quote!(#all.len() - 1), reads.clone())),
            Some(index) => {
                let index = self.bound_of_range(index, "index");
                let tokens = &index.tokens;
                (quote!(#tokens < #all.len()), index)
            }
        };
        let all_reads = reads.into_iter().chain(index.reads.clone()).collect();
        let place = place.then(Step::Index(ir::Operand::Code(index)));
        Some((code(some, all_reads), Bound::Reference { place, depth: 1 }))
    }

    /// The items of an iterator put together one by one, where there is one.
    fn reduce(&mut self, call: &ExprMethodCall, function: &Expr) -> Option<(Code, Bound)> {
        let closure = self.as_closure(function, 2)?;
        let span = call.method.span();
        let slot = self.option_slot(&Expr::Tuple(syn::parse_quote!(())), None, "reduced", span);
        let (some, payload) = self.of_slot(&slot);
        self.iterate(&call.receiver, &mut |this, item| {
            let item = this.by_value(item);
            let (then, ()) = this.nested(|this| {
                if let Some(next) = this.apply_closure(&closure, vec![payload.clone(), item.clone()]) {
                    this.fill(next, &slot, span);
                }
            });
            let (other, ()) = this.nested(|this| this.fill(item.clone(), &slot, span));
            this.push(either(some.clone(), then, other));
        });
        Some((some, payload))
    }

    /// Variables for an `Option` that is filled later; what it holds is a tuple where the expression shows one.
    pub(super) fn option_slot(&mut self, expr: &Expr, ty: Option<&syn::Type>, wish: &str, span: Span) -> Bound {
        let some = self.inactive_variable(&format!("{wish}_is_some"), false, span);
        let name = &self.function.variable(some).name;
        let some = Code { tokens: quote!(#name), reads: vec![some], repeatable: false, span };
        let payload = match payload_arity(expr).max(ty.map_or(0, type_arity)) {
            0 => self.payload(wish, span),
            count => Bound::Tuple((0..count).map(|i| self.payload(&format!("{wish}_{i}"), span)).collect()),
        };
        Bound::Option { some, payload: Box::new(payload) }
    }

    fn payload(&mut self, wish: &str, span: Span) -> Bound {
        let var = self.function.fresh(wish, Kind::Scalar, true, Form::Owned, span);
        self.push(Statement::Let { var, value: Some(Value::Zero), ty: None });
        Bound::Var(var)
    }

    /// `slot = expr` of an `Option`.
    pub(super) fn assign_option(&mut self, expr: &Expr, slot: &Bound) {
        match strip(expr) {
            Expr::If(branch) if self.condition_matches_active(&branch.cond) => self.if_let_to_option(branch, slot),
            Expr::If(branch) => {
                let on = self.code_of(&branch.cond, false);
                let (then, ()) = self.nested(|this| this.assign_option_block(&branch.then_branch, slot));
                let (other, ()) = self.nested(|this| {
                    if let Some((_, other)) = &branch.else_branch {
                        this.assign_option(other, slot);
                    }
                });
                self.push(either(on, then, other));
            }
            Expr::Match(choice) if self.matches_active(choice) => self.match_to_option(choice, slot),
            Expr::Match(choice) => {
                self.check_enum(&choice.expr);
                let on = self.code_of(&choice.expr, false);
                let arms = choice.arms.iter().map(|arm| {
                    let binds = self.opaque_binds(&arm.pat);
                    let pattern = self.code(&arm.pat, false).tokens;
                    let (body, ()) = self.nested(|this| this.assign_option(&arm.body, slot));
                    Arm { pattern, binds, body, saved: Vec::new() }
                });
                let arms = arms.collect();
                self.push(Statement::Branch(Branch { on, arms, is_match: true, record: None }));
            }
            Expr::Block(block) => self.assign_option_block(&block.block, slot),
            Expr::Call(call) if call.args.len() == 1 && self.is_option(expr) => self.fill_with(&call.args[0], slot),
            other if !self.is_option(other) => {
                let what =
                    not_yet("this `Option` of an active value", "write `Some(..)`, `None`, or a name that is bound to one");
                self.unsupported(other, what);
            }
            other => {
                let span = first_span(other);
                let Some((some, payload)) = self.option(other) else { return };
                self.mark(slot, false, span);
                if some.tokens.to_string() != "false" {
                    let (then, ()) = self.nested(|this| this.fill(payload, slot, span));
                    self.push(either(some, then, Vec::new()));
                }
            }
        }
    }

    /// The same where the new value may be made of the old one.
    pub(super) fn assign_option_now(&mut self, expr: &Expr, slot: &Bound) {
        let Some((some, payload)) = self.option(expr) else { return };
        let span = first_span(expr);
        let now = self.inactive_variable("was_some", false, span);
        let name = self.function.variable(now).name.clone();
        let on = &some.tokens;
        let reads = some.reads.iter().copied().chain([now]).collect();
        let code = Code { tokens: quote!(#name = #on;), reads, repeatable: false, span };
        self.push(Statement::Code { code, binds: Vec::new(), writes: vec![now] });
        self.mark(slot, false, span);
        let on = Code { tokens: quote!(#name), reads: vec![now], repeatable: false, span };
        let (then, ()) = self.nested(|this| this.fill(payload, slot, span));
        self.push(either(on, then, Vec::new()));
    }

    fn assign_option_block(&mut self, block: &syn::Block, slot: &Bound) {
        let whole = Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: block.clone() });
        let last = self.statements_before(&whole);
        self.assign_option(&last, slot);
    }

    /// `slot = Some(expr)`
    fn fill_with(&mut self, expr: &Expr, slot: &Bound) {
        let last = self.statements_before(expr);
        let bound = self.bound_value_copy(&last);
        self.fill(bound, slot, first_span(expr));
    }

    /// `slot = Some(bound)`
    fn fill(&mut self, bound: Bound, slot: &Bound, span: Span) {
        let Bound::Option { payload, .. } = slot else { return };
        self.fill_payload(bound, payload, span);
        self.mark(slot, true, span);
    }

    fn fill_payload(&mut self, bound: Bound, payload: &Bound, span: Span) {
        match (bound, payload) {
            (Bound::Tuple(parts), Bound::Tuple(slots)) if parts.len() == slots.len() => {
                parts.into_iter().zip(slots).for_each(|(part, slot)| self.fill_payload(part, slot, span));
            }
            (bound, Bound::Var(var)) => match self.place_of(bound, &quote!()) {
                Some(place) => {
                    let value = Value::Expr(ir::Expr::Operand(self.load(place)));
                    self.push(Statement::Assign { place: Place::whole(*var, span), value });
                }
                None => self.errors.span(span, not_yet("an `Option` of this value", "put scalars, or a tuple of scalars, in it")),
            },
            _ => self.errors.span(span, not_yet("an `Option` of this value", "put scalars, or a tuple of scalars, in it")),
        }
    }

    fn mark(&mut self, slot: &Bound, value: bool, span: Span) {
        let Bound::Option { some, .. } = slot else { return };
        let name = &some.tokens;
        let code = Code { tokens: quote!(#name = #value;), reads: some.reads.clone(), repeatable: false, span };
        self.push(Statement::Code { code, binds: Vec::new(), writes: some.reads.clone() });
    }
}

fn constant(value: bool, span: Span) -> Code {
    Code { tokens: quote!(#value), reads: Vec::new(), repeatable: true, span }
}

/// `if on { then } else { other }`
fn either(on: Code, then: ir::Block, other: ir::Block) -> Statement {
    let arm = |body| Arm { pattern: TokenStream::new(), binds: Vec::new(), body, saved: Vec::new() };
    Statement::Branch(Branch { on, arms: vec![arm(then), arm(other)], is_match: false, record: None })
}

/// How many elements the tuple has of which the type is an `Option`; 0 where it is none.
fn type_arity(ty: &syn::Type) -> usize {
    let syn::Type::Path(path) = ty else { return 0 };
    let Some(syn::PathArguments::AngleBracketed(generics)) = path.path.segments.last().map(|segment| &segment.arguments) else {
        return 0;
    };
    match generics.args.first() {
        Some(syn::GenericArgument::Type(syn::Type::Tuple(tuple))) => tuple.elems.len(),
        _ => 0,
    }
}

/// How many elements the tuple has that an expression puts into `Some`; 0 where it is none.
fn payload_arity(expr: &Expr) -> usize {
    let of_block = |block: &syn::Block| match block.stmts.last() {
        Some(syn::Stmt::Expr(last, None)) => payload_arity(last),
        _ => 0,
    };
    match strip(expr) {
        Expr::Call(call) => match call.args.first().map(strip) {
            Some(Expr::Tuple(tuple)) => tuple.elems.len(),
            _ => 0,
        },
        Expr::Tuple(tuple) => tuple.elems.len(),
        Expr::If(branch) => {
            of_block(&branch.then_branch).max(branch.else_branch.as_ref().map_or(0, |(_, other)| payload_arity(other)))
        }
        Expr::Match(choice) => choice.arms.iter().map(|arm| payload_arity(&arm.body)).max().unwrap_or(0),
        Expr::Block(block) => of_block(&block.block),
        _ => 0,
    }
}
