//! `Option`s of active values: a truth value that is inactive, and beside it what `Some` holds.
//!
//! *In:* `let o = if c { Some(x * x) } else { None }; o.map(|v| v + 1.0).unwrap_or(y)`
//!
//! *Out:* `let some = false; let payload = 0; if c { some = true; payload = mul(x, x) }; if some { .. add(payload, 1) } else { y }`
//!
//! No `Option` is differentiated at run time. Where several ways lead to `Some`, a scalar that it holds begins as zero; an array or a struct is of no
//! known shape before it is there, and its variable is filled then ([`Form::Late`]). `c.then_some(x)` is `if c { Some(x) } else { None }`. An inactive `Option` is matched: `o.map(|v| v * x)` becomes
//! `match o { Some(v) => Some(v * x), None => None }`. So is an inactive `Result`, as `.ok()` of it would be.

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::{Expr, ExprMethodCall, Pat, Type};

use crate::error::{not_yet, with_help};
use crate::ir::{self, Code, Form, Kind, Operand, Place, Statement, Value};
use crate::lower::facts::computes::only_computes;
use crate::lower::facts::methods::{ELEMENTS, SELECTIONS, is_option_method};
use crate::lower::facts::names::Binding;
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::syntax::{elements, ends, first_span, is_float, is_none, is_some, strip, without_reference};
use crate::signature::inert::is_integer;

use super::{Bound, Lowerer, lent_mutably};

/// Methods of an `Option` that give its value.
const VALUES: &[&str] = &["unwrap", "expect", "unwrap_or", "unwrap_or_else", "unwrap_or_default", "map_or", "map_or_else"];
/// Methods of an `Option` that give another.
const OPTIONS: &[&str] = &["map", "and_then", "or", "or_else", "copied", "cloned", "as_ref", "as_mut", "filter", "zip"];
/// Methods of inactive values that give one.
const GIVERS: &[&str] = &[
    "get",
    "first",
    "last",
    "find",
    "position",
    "next",
    "pop",
    "checked_add",
    "checked_sub",
    "checked_mul",
    "checked_div",
    "ok",
];

/// Whether the method of an `Option` is differentiated.
pub(super) fn is_known(name: &str) -> bool {
    VALUES.contains(&name) || OPTIONS.contains(&name)
}

/// What an `Option` holds.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Held {
    /// Something through which no derivative flows, of any type.
    Inert,
    Scalar,
    /// An array or a struct.
    Whole,
    Tuple(Vec<Held>),
}

impl Held {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Tuple(parts), Self::Tuple(others)) if parts.len() == others.len() => {
                Self::Tuple(parts.into_iter().zip(others).map(|(part, other)| part.join(other)).collect())
            }
            (Self::Inert, other) | (other, Self::Inert) => other,
            (Self::Scalar, other) | (other, Self::Scalar) => other,
            (one, _) => one,
        }
    }
}

impl Lowerer<'_> {
    /// Whether the expression is an `Option` that may hold an active value.
    pub(super) fn is_option(&self, expr: &Expr) -> bool {
        match strip(expr) {
            none if is_none(none) => true,
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| match self.bound.get(&name.to_string()) {
                Some(bound) => matches!(bound, Bound::Option { .. }),
                // a variable of a closure's body has no place before the closure is called
                None => self.activity.is_active(&name.to_string()) && self.begins_as_option(name),
            }),
            Expr::Call(call) => is_some(call) || self.closure_called(call).is_some_and(|closure| self.is_option(&closure.body)),
            Expr::Reference(reference) => self.is_option(&reference.expr),
            Expr::MethodCall(call) if self.activity.is_struct(&call.receiver) => false,
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                let before = &call.receiver;
                is_option_method(&name) && !self.is_option(before) && self.is_active(before)
                    || self.folds_to_option(call)
                    || self.is_pop(call)
                    || self.is_then(call)
                    || OPTIONS.contains(&name.as_str()) && (self.is_option(before) || self.is_inert_option(before))
            }
            other => ends(other).into_iter().any(|end| self.is_option(end)),
        }
    }

    fn begins_as_option(&self, name: &Ident) -> bool {
        self.inits.get(&name.to_string()).is_some_and(|init| self.is_option(init))
    }

    /// The closure that is called by its name.
    fn closure_called(&self, call: &syn::ExprCall) -> Option<syn::ExprClosure> {
        let Expr::Path(path) = strip(&call.func) else { return None };
        self.closure_named(path.path.get_ident()?)
    }

    /// Whether the state of a `fold` is an `Option`.
    fn folds_to_option(&self, call: &ExprMethodCall) -> bool {
        call.method == "fold" && call.args.len() == 2 && self.is_option(&call.args[0])
    }

    /// A `fold` whose state is an `Option`.
    fn folded_option(&mut self, call: &ExprMethodCall) -> Option<(Code, Bound)> {
        let closure = self.as_closure(&call.args[1], 2)?;
        let slot = self.option_slot(&closure.body, None, "folded", call.method.span());
        self.assign_option(&call.args[0], &slot);
        self.bound_with = closure.inputs.last().cloned();
        self.iterate(&call.receiver, &mut |this, item| {
            let Some((inputs, body)) = this.instance(&closure, 2) else { return };
            this.bind_bound(&inputs[0], slot.clone());
            this.bind_bound(&inputs[1], item);
            let last = this.statements_before(&body);
            this.assign_option_now(&last, &slot);
        });
        Some(self.of_slot(&slot))
    }

    /// Whether the call is `condition.then_some(x)` or `condition.then(|| x)`, with something active behind an inactive condition.
    fn is_then(&self, call: &ExprMethodCall) -> bool {
        !self.is_active(&call.receiver) && held_then(call).is_some_and(|held| self.is_active(held))
    }

    /// Whether the expression is an `Option` through which no derivative flows, as far as its form, its type and what it begins with tell.
    pub(super) fn is_inert_option(&self, expr: &Expr) -> bool {
        if self.is_active(expr) {
            return false;
        }
        match strip(expr) {
            none if is_none(none) => true,
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                let name = name.to_string();
                let ty = self.names.bindings.get(&name).and_then(|binding| binding.ty.as_ref());
                match ty {
                    Some(ty) => is_option_type(ty),
                    None => {
                        self.inits.get(&name).is_some_and(|init| self.is_inert_option(init))
                            || self.written_type(expr).is_some_and(|ty| is_option_type(&ty))
                    }
                }
            }),
            Expr::Index(_) | Expr::Field(_) => self.written_type(expr).is_some_and(|ty| is_option_type(&ty)),
            Expr::Call(call) => matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Some")),
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                GIVERS.contains(&name.as_str()) || OPTIONS.contains(&name.as_str()) && self.is_inert_option(&call.receiver)
            }
            Expr::If(branch) => {
                matches!(branch.then_branch.stmts.last(), Some(syn::Stmt::Expr(last, None)) if self.is_inert_option(last))
            }
            Expr::Match(choice) => choice.arms.iter().any(|arm| self.is_inert_option(&arm.body)),
            Expr::Reference(reference) => self.is_inert_option(&reference.expr),
            Expr::Unary(unary) => self.is_inert_option(&unary.expr),
            _ => false,
        }
    }

    /// A method of an inactive `Option` that makes something active of it, as a `match`: none for other calls. A method that only an `Option` has
    /// tells that its receiver is one.
    fn matched(&mut self, call: &ExprMethodCall) -> Option<Expr> {
        match self.is_active(&call.receiver) {
            true => None,
            false => self.matched_as_option(call),
        }
    }

    fn matched_as_option(&mut self, call: &ExprMethodCall) -> Option<Expr> {
        self.rely_on_option(call);
        let (name, receiver, span) = (call.method.to_string(), &call.receiver, call.method.span());
        let arguments: Vec<_> = call.args.iter().collect();
        // a `Result` gives its error to what stands for the value
        let takes_an_error = |function: &&&Expr| matches!(strip(function), Expr::Closure(closure) if closure.inputs.len() == 1);
        if name.ends_with("_else") && arguments.first().filter(takes_an_error).is_some() {
            return self.matched_as_result(call);
        }
        let receiver = &self.as_option(receiver);
        let taken = |this: &mut Self, function: &Expr| {
            let closure = this.as_closure(function, 1)?;
            this.instance(&closure, 1)
        };
        let plain = Ident::new(&self.function.taken.fresh("some"), span);
        self.names.bindings.insert(plain.to_string(), Binding::default());
        Some(match (name.as_str(), arguments.as_slice()) {
            ("map", [function]) => {
                let (inputs, body) = taken(self, function)?;
                let input = &inputs[0];
                syn::parse_quote!(match #receiver { Some(#input) => Some(#body), None => None })
            }
            ("and_then", [function]) => {
                let (inputs, body) = taken(self, function)?;
                let input = &inputs[0];
                syn::parse_quote!(match #receiver { Some(#input) => #body, None => None })
            }
            ("or", [other]) => syn::parse_quote!(match #receiver { Some(#plain) => Some(#plain), None => #other }),
            ("unwrap_or", [default]) => {
                let default = self.evaluated(default);
                syn::parse_quote!(match #receiver { Some(#plain) => #plain, None => #default })
            }
            ("unwrap_or_else" | "or_else", [function]) => {
                let closure = self.as_closure(function, 0)?;
                let (_, body) = self.instance(&closure, 0)?;
                match name.as_str() {
                    "or_else" => syn::parse_quote!(match #receiver { Some(#plain) => Some(#plain), None => #body }),
                    _ => syn::parse_quote!(match #receiver { Some(#plain) => #plain, None => #body }),
                }
            }
            ("map_or", [default, function]) => {
                let default = self.evaluated(default);
                let (inputs, body) = taken(self, function)?;
                let input = &inputs[0];
                syn::parse_quote!(match #receiver { Some(#input) => #body, None => #default })
            }
            ("map_or_else", [default, function]) => {
                let closure = self.as_closure(default, 0)?;
                let (_, default) = self.instance(&closure, 0)?;
                let (inputs, body) = taken(self, function)?;
                let input = &inputs[0];
                syn::parse_quote!(match #receiver { Some(#input) => #body, None => #default })
            }
            // computed before it is known whether it is needed, as there is nothing else to it
            ("zip", [other]) if only_computes(other) => {
                let held = Ident::new(&self.function.taken.fresh("held"), span);
                self.names.bindings.insert(held.to_string(), Binding::default());
                self.activity.activate(&held.to_string());
                syn::parse_quote!(match #receiver {
                    Some(#plain) => match #other { Some(#held) => Some((#plain, #held)), None => None },
                    None => None,
                })
            }
            ("zip", _) => {
                self.not_followed(call);
                return None;
            }
            _ => return None,
        })
    }

    fn not_followed(&mut self, call: &ExprMethodCall) {
        let what = not_yet(&format!("`{}` of an `Option` of an active value", call.method), "write a `match`");
        self.unsupported(&call.method, what);
    }

    /// What is no `Option` by its form may be a `Result`, of which what it holds counts. A name may be that of a reference to one, which is then copied.
    fn as_option(&self, expr: &Expr) -> Expr {
        let runtime = &self.runtime;
        let is_known = self.is_inert_option(expr);
        match strip(expr) {
            Expr::Path(path) if !is_known || self.names_a_reference(path) => syn::parse_quote!({
                use #runtime::Choice as _;
                #expr.plain_option()
            }),
            _ if is_known => expr.clone(),
            _ => syn::parse_quote!(#runtime::as_option(#expr)),
        }
    }

    /// What an inactive reference refers to, as in `x.get(7).unwrap_or(&0.5)`: it is the value that counts.
    fn referent(&self, expr: &Expr) -> Expr {
        match strip(expr) {
            active if self.is_active(active) => expr.clone(),
            Expr::Reference(reference) if reference.mutability.is_none() => self.referent(&reference.expr),
            Expr::Path(path) if self.names_a_reference(path) => syn::parse_quote!(*#path),
            _ => expr.clone(),
        }
    }

    /// Whether a name is that of a reference, by its written type or by what it begins with.
    fn names_a_reference(&self, path: &syn::ExprPath) -> bool {
        let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
        let binding = self.names.bindings.get(&name);
        let is_parameter = self
            .function
            .parameters
            .iter()
            .any(|parameter| self.function.variable(parameter.var).name == name && parameter.passing == ir::Passing::Shared);
        let ty = binding.and_then(|binding| binding.ty.as_ref());
        is_parameter
            || matches!(self.bound.get(&name), Some(Bound::Reference { depth: 1.., .. }))
            || ty.is_some_and(|ty| matches!(ty, Type::Reference(_)))
            || self.inits.get(&name).is_some_and(|init| matches!(strip(init), Expr::Reference(_)))
    }

    /// `r.unwrap_or_else(|error| x)`, `r.map_or_else(|error| x, f)` of an inactive `Result`.
    fn matched_as_result(&mut self, call: &ExprMethodCall) -> Option<Expr> {
        let receiver = &call.receiver;
        let mut taken = |function: &Expr| {
            let closure = self.as_closure(function, 1)?;
            let (inputs, body) = self.instance(&closure, 1)?;
            Some((inputs.into_iter().next()?, body))
        };
        let (error, other) = taken(call.args.first()?)?;
        match (call.method.to_string().as_str(), call.args.len()) {
            ("unwrap_or_else", 1) => {
                let plain = Ident::new(&self.function.taken.fresh("held"), call.method.span());
                self.names.bindings.insert(plain.to_string(), Binding::default());
                Some(syn::parse_quote!(match #receiver { Ok(#plain) => #plain, Err(#error) => #other }))
            }
            ("map_or_else", 2) => {
                let (input, body) = taken(&call.args[1])?;
                Some(syn::parse_quote!(match #receiver { Ok(#input) => #body, Err(#error) => #other }))
            }
            _ => None,
        }
    }

    /// `self.rate.map(f)`, `look_up(k).and_then(f)` of something inactive, of which a method follows that only an `Option` has.
    fn maps_an_option(&self, expr: &Expr) -> bool {
        let Expr::MethodCall(call) = strip(expr) else { return false };
        OPTIONS.contains(&call.method.to_string().as_str()) && !self.is_active(&call.receiver)
    }

    /// An expression that is evaluated now, as one that may be evaluated later.
    fn evaluated(&mut self, expr: &Expr) -> Expr {
        if is_repeatable(expr) {
            return expr.clone();
        }
        if let Expr::Tuple(tuple) = strip(expr) {
            let parts: Vec<_> = tuple.elems.iter().map(|elem| self.evaluated(elem)).collect();
            return syn::parse_quote!((#(#parts,)*));
        }
        let active = self.is_active(expr);
        let var = self.materialise(expr, "default");
        let name = self.function.variable(var).name.clone();
        self.names.bindings.insert(name.to_string(), Binding::default());
        self.bound.insert(name.to_string(), Bound::Var(var));
        self.inits.insert(name.to_string(), expr.clone());
        if active {
            self.activity.activate(&name.to_string());
        }
        syn::parse_quote!(#name)
    }

    /// The value of a method of an `Option`, if the call is one.
    pub(super) fn option_value(&mut self, call: &ExprMethodCall) -> Option<Value> {
        let name = call.method.to_string();
        if !VALUES.contains(&name.as_str()) {
            return None;
        }
        if let Some(matched) = self.matched(call) {
            return Some(self.value(&matched));
        }
        if !self.is_option(&call.receiver) && !self.maps_an_option(&call.receiver) {
            return None;
        }
        if let Some(bound) = self.unwrapped(call) {
            return Some(self.bound_as_value(bound, call));
        }
        let (some, payload) = self.option(&call.receiver)?;
        let span = call.method.span();
        let arguments: Vec<_> = call.args.iter().collect();
        let default = match (name.as_str(), arguments.first()) {
            ("unwrap_or" | "map_or", Some(default)) => {
                let default = self.referent(default);
                Some(Bound::Var(self.materialise(&default, "default")))
            }
            _ => None,
        };
        let otherwise = |this: &mut Self| {
            let default = default.or_else(|| {
                let function = arguments.first().filter(|_| name.ends_with("_else"))?;
                let closure = this.as_closure(function, 0)?;
                this.apply_closure(&closure, Vec::new())
            });
            default.map_or(Value::Zero, |default| this.bound_as_value(default, call))
        };
        if some.tokens.to_string() == "false" {
            return Some(otherwise(self)); // there is nothing that tells what it would hold
        }
        let chosen = self.function.fresh("chosen", Kind::Space, false, Form::Owned, span);
        self.push(Statement::Let { var: chosen, value: None, ty: None });
        let place = Place::whole(chosen, span);
        let mapped = arguments.last().copied().filter(|_| matches!(name.as_str(), "map_or" | "map_or_else"));
        let (then, ()) = self.nested(|this| {
            let payload = this.entered(payload);
            let payload = match mapped.and_then(|function| this.as_closure(function, 1)) {
                Some(closure) => this.apply_closure(&closure, vec![payload]),
                None => Some(payload),
            };
            if let Some(payload) = payload {
                let value = this.bound_as_value(payload, call);
                this.reject_slice(&value);
                this.push(Statement::Assign { place: place.clone(), value });
            }
        });
        let (other, ()) = self.nested(|this| {
            let value = otherwise(this);
            this.reject_slice(&value);
            this.push(Statement::Assign { place: place.clone(), value });
        });
        self.push(Statement::either(some, then, other));
        Some(Value::Expr(ir::Expr::place(place)))
    }

    /// `o.unwrap()`, `o.expect(message)`: what the `Option` holds.
    pub(super) fn unwrapped(&mut self, call: &ExprMethodCall) -> Option<Bound> {
        if !matches!(call.method.to_string().as_str(), "unwrap" | "expect") || !self.is_option(&call.receiver) {
            return None;
        }
        let (some, payload) = self.option(&call.receiver)?;
        let (method, on) = (&call.method, &some.tokens);
        let message = call.args.iter().map(|argument| self.code_of(argument, false).tokens);
        let tokens = quote!((#on).then_some(()).#method(#(#message),*););
        if on.to_string() != "true" {
            let code = Code { tokens, reads: some.reads.clone(), repeatable: false, span: method.span() };
            self.push(Statement::Code { code, binds: Vec::new(), writes: Vec::new() });
        }
        Some(self.entered(payload))
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
            none if is_none(none) => Some((constant(false, first_span(expr)), Bound::Tuple(Vec::new()))),
            Expr::Path(path) => match self.bound.get(&path.path.get_ident()?.to_string()) {
                Some(Bound::Option { some, payload }) => Some((some.clone(), (**payload).clone())),
                _ => Some((constant(false, first_span(expr)), Bound::Tuple(Vec::new()))),
            },
            Expr::Reference(reference) => {
                let (some, payload) = self.option(&reference.expr)?;
                Some((some, if reference.mutability.is_some() { lent_mutably(payload) } else { payload }))
            }
            Expr::Call(call) => match self.closure_called(call) {
                Some(closure) => {
                    let (inputs, body) = self.instance(&closure, call.args.len())?;
                    inputs.iter().zip(&call.args).for_each(|(input, argument)| self.bind_pattern(input, argument));
                    let last = self.statements_before(&body);
                    self.option(&last)
                }
                None => {
                    let payload = self.bound_value_copy(call.args.first()?);
                    Some((constant(true, first_span(expr)), payload))
                }
            },
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
        if self.is_then(call) {
            let (condition, held) = (self.evaluated(&call.receiver), held_then(call)?);
            let held = if name == "then" { held.clone() } else { self.evaluated(held) };
            return self.option(&syn::parse_quote!(if #condition { Some(#held) } else { None }));
        }
        if !self.is_active(&call.receiver) && OPTIONS.contains(&name.as_str()) {
            let matched = self.matched_as_option(call)?;
            return self.option(&matched);
        }
        match (name.as_str(), call.args.first()) {
            (selection, _) if SELECTIONS.contains(&selection) && self.is_iterator(&call.receiver) => return self.selected(call),
            (element, _) if ELEMENTS.contains(&element) => return self.element_option(call),
            ("pop", None) => return self.popped(call),
            ("fold", _) => return self.folded_option(call),
            _ => {}
        }
        let (some, payload) = self.option(&call.receiver)?;
        match (name.as_str(), call.args.first()) {
            ("copied" | "cloned", None) => Some((some, self.by_value(payload))),
            ("as_ref", None) => Some((some, self.by_reference(payload))),
            ("as_mut", None) => Some((some, lent_mutably(payload))),
            ("map" | "and_then", Some(function)) => {
                let closure = self.as_closure(function, 1)?;
                let slot = self.option_slot(&closure.body, None, "mapped", call.method.span());
                let (then, ()) = self.nested(|this| {
                    let Some((inputs, body)) = this.instance(&closure, 1) else { return };
                    let payload = this.entered(payload);
                    this.bind_bound(&inputs[0], payload);
                    match name.as_str() {
                        "map" => this.fill_with(&body, &slot),
                        _ => this.assign_option(&body, &slot),
                    }
                });
                self.push(Statement::either(some, then, Vec::new()));
                Some(self.of_slot(&slot))
            }
            ("or", Some(other)) => {
                let slot = self.option_slot(&call.receiver, None, "either", call.method.span());
                let (other_some, other_payload) = self.option(other)?;
                let (then, ()) = self.nested(|this| this.fill(payload, &slot, call.method.span()));
                let (inner, ()) = self.nested(|this| this.fill(other_payload, &slot, call.method.span()));
                self.push(Statement::either(some, then, vec![Statement::either(other_some, inner, Vec::new())]));
                Some(self.of_slot(&slot))
            }
            ("filter", Some(function)) => {
                let closure = self.as_closure(function, 1)?;
                let slot = self.option_slot(&call.receiver, None, "filtered", call.method.span());
                let (then, ()) = self.nested(|this| {
                    let Some((inputs, body)) = this.instance(&closure, 1) else { return };
                    let payload = this.entered(payload);
                    this.bind_lent(&inputs[0], payload.clone());
                    let condition = this.statements_before(&body);
                    let on = this.code_of(&condition, false);
                    let (inner, ()) = this.nested(|this| this.fill(payload, &slot, call.method.span()));
                    this.push(Statement::either(on, inner, Vec::new()));
                });
                self.push(Statement::either(some, then, Vec::new()));
                Some(self.of_slot(&slot))
            }
            ("zip", Some(other)) if self.is_option(other) => {
                let (other_some, other_payload) = self.option(other)?;
                let (one, two) = (&some.tokens, &other_some.tokens);
                let reads = some.reads.iter().chain(&other_some.reads).copied().collect();
                let repeatable = some.repeatable && other_some.repeatable;
                let both = Code { tokens: quote!((#one) && (#two)), reads, repeatable, span: some.span };
                Some((both, Bound::Tuple(vec![payload, other_payload])))
            }
            _ => {
                self.not_followed(call);
                None
            }
        }
    }

    /// An `Option` by value: a copy, where the expression names one that may change.
    pub(super) fn option_by_value(&mut self, expr: &Expr, ty: Option<&Type>, wish: &str, span: Span) -> Option<Bound> {
        if self.names_changing_option(expr) {
            let slot = self.option_slot(expr, ty, wish, span);
            self.assign_option(expr, &slot);
            return Some(slot);
        }
        self.option(expr).map(|(some, payload)| Bound::Option { some, payload: Box::new(payload) })
    }

    /// Whether the expression is the value of an `Option` that is declared by `mut`.
    pub(super) fn names_changing_option(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                let name = name.to_string();
                matches!(self.bound.get(&name), Some(Bound::Option { .. }))
                    && self.names.bindings.get(&name).is_some_and(|binding| binding.mutable)
            }),
            Expr::MethodCall(call) => {
                matches!(call.method.to_string().as_str(), "copied" | "cloned" | "clone" | "as_ref")
                    && self.names_changing_option(&call.receiver)
            }
            _ => false,
        }
    }

    /// Variables for an `Option` that is filled later; what it holds is known by its type, or by what it is filled with.
    pub(super) fn option_slot(&mut self, expr: &Expr, ty: Option<&Type>, wish: &str, span: Span) -> Bound {
        let some = self.inactive_variable(&format!("{wish}_is_some"), false, span);
        let name = &self.function.variable(some).name;
        let some = Code { tokens: quote!(#name), reads: vec![some], repeatable: false, span };
        let held = ty.and_then(|ty| self.held_by_type(option_argument(ty)?));
        let held = held.unwrap_or_else(|| {
            let fills = self.fills.get(wish).cloned().unwrap_or_default();
            let fills = fills.iter().map(|fill| self.held_in(fill)).fold(Held::Inert, Held::join);
            self.held_in(expr).join(fills)
        });
        let held = if held == Held::Inert { Held::Scalar } else { held };
        let payload = self.payload(&held, ty.and_then(option_argument), wish, span);
        Bound::Option { some, payload: Box::new(payload) }
    }

    fn payload(&mut self, held: &Held, ty: Option<&Type>, wish: &str, span: Span) -> Bound {
        let (kind, form, value) = match held {
            Held::Tuple(parts) => {
                let parts = parts.iter().enumerate().map(|(i, part)| {
                    let ty = match ty {
                        Some(Type::Tuple(tuple)) => tuple.elems.iter().nth(i),
                        _ => None,
                    };
                    self.payload(part, ty, &format!("{wish}_{i}"), span)
                });
                return Bound::Tuple(parts.collect());
            }
            Held::Scalar => (Kind::Scalar, Form::Owned, Value::Zero),
            Held::Whole => (Kind::Space, Form::Late, Value::Late),
            Held::Inert => (Kind::Inactive, Form::Late, Value::Late),
        };
        let var = self.function.fresh(wish, kind, true, form, span);
        // what is filled later may be read before, in a loop
        let ty = ty.filter(|_| form == Form::Late).map(|ty| quote!(::core::option::Option<#ty>));
        self.push(Statement::Let { var, value: Some(value), ty });
        Bound::Var(var)
    }

    /// What an `Option` holds, where it is known to hold something: a value gets a name of its own, as its variable may be filled anew.
    pub(super) fn entered(&mut self, payload: Bound) -> Bound {
        match payload {
            Bound::Tuple(parts) => Bound::Tuple(parts.into_iter().map(|part| self.entered(part)).collect()),
            Bound::Reference { place, depth, exclusive }
                if place.path.is_empty() && self.function.variable(place.root).form == Form::Late =>
            {
                match self.entered(Bound::Var(place.root)) {
                    Bound::Var(held) => {
                        if exclusive {
                            self.function.variables[held.0 as usize].mutable = true;
                            self.held.push((held, place.root));
                        }
                        Bound::Reference { place: Place::whole(held, place.span), depth, exclusive }
                    }
                    other => other,
                }
            }
            Bound::Var(var) if self.function.variable(var).form == Form::Late => {
                let (name, span) = (self.function.variable(var).name.to_string(), self.function.variable(var).name.span());
                let (value, kind) = (Value::Clone(Place::whole(var, span)), self.function.variable(var).kind);
                let held = self.temporary(&format!("{name}_held"), kind, value, span);
                if self.opaque.contains(&var) {
                    self.opaque.insert(held);
                }
                Bound::Var(held)
            }
            Bound::Var(var) if self.function.variable(var).mutable && self.function.is_scalar(var) => {
                let (name, span) = (self.function.variable(var).name.to_string(), self.function.variable(var).name.span());
                let value = Value::Expr(ir::Expr::place(Place::whole(var, span)));
                Bound::Var(self.temporary(&format!("{name}_held"), Kind::Scalar, value, span))
            }
            other => other,
        }
    }

    /// What was entered by `&mut` since then holds what was stored through it.
    pub(super) fn held_back(&mut self, since: usize) {
        for (held, late) in self.held.split_off(since) {
            let span = self.function.variable(held).name.span();
            let value = Value::Clone(Place::whole(held, span));
            self.push(Statement::Assign { place: Place::whole(late, span), value });
        }
    }

    pub(super) fn held_by_type(&self, ty: &Type) -> Option<Held> {
        Some(match ty {
            Type::Tuple(tuple) => Held::Tuple(tuple.elems.iter().map(|elem| self.held_by_type(elem)).collect::<Option<_>>()?),
            Type::Reference(reference) => self.held_by_type(&reference.elem)?,
            Type::Infer(_) => return None,
            Type::Path(_) if is_integer(ty) => Held::Inert,
            Type::Path(path) => {
                let is_number =
                    is_float(ty) || path.path.get_ident().is_some_and(|name| self.function.scalar.as_ref() == Some(name));
                if is_number { Held::Scalar } else { Held::Whole }
            }
            _ => Held::Whole,
        })
    }

    /// What an expression puts into an `Option`; a scalar where its form does not tell.
    fn held_in(&self, expr: &Expr) -> Held {
        let of_block = |block: &syn::Block| match block.stmts.last() {
            Some(syn::Stmt::Expr(last, None)) => self.held_in(last),
            _ => Held::Inert,
        };
        match strip(expr) {
            Expr::Call(call) if is_some(call) => call.args.first().map_or(Held::Scalar, |held| self.held_form(held)),
            Expr::Call(call) if let Some(closure) = self.closure_called(call) => self.held_in(&closure.body),
            Expr::If(branch) => {
                let other = branch.else_branch.as_ref().map_or(Held::Inert, |(_, other)| self.held_in(other));
                of_block(&branch.then_branch).join(other)
            }
            Expr::Match(choice) => choice.arms.iter().map(|arm| self.held_in(&arm.body)).fold(Held::Inert, Held::join),
            Expr::Block(block) => of_block(&block.block),
            Expr::Path(path) => match path.path.get_ident().and_then(|name| self.bound.get(&name.to_string())) {
                Some(Bound::Option { payload, .. }) => self.held_by(payload),
                _ => self.held_form(expr),
            },
            Expr::MethodCall(call) if let Some(held) = held_then(call) => self.held_form(held),
            Expr::MethodCall(call) if OPTIONS.contains(&call.method.to_string().as_str()) => match call.args.last().map(strip) {
                Some(Expr::Closure(closure)) if call.method == "map" => self.held_form(&closure.body),
                Some(Expr::Closure(closure)) if call.method == "and_then" => self.held_in(&closure.body),
                Some(other) if call.method == "zip" => Held::Tuple(vec![self.held_in(&call.receiver), self.held_in(other)]),
                Some(other) if call.method == "or" => self.held_in(&call.receiver).join(self.held_in(other)),
                _ => self.held_in(&call.receiver),
            },
            other => self.held_form(other),
        }
    }

    fn held_by(&self, payload: &Bound) -> Held {
        match payload {
            Bound::Tuple(parts) => Held::Tuple(parts.iter().map(|part| self.held_by(part)).collect()),
            Bound::Var(var) if self.function.is_scalar(*var) => Held::Scalar,
            Bound::Var(var) if self.function.variable(*var).kind == Kind::Inactive => Held::Inert,
            Bound::Var(_) => Held::Whole,
            Bound::Reference { place, .. } => match self.type_of_place(place) {
                Some(ty) => self.held_by_type(&ty).unwrap_or(Held::Scalar),
                None => Held::Scalar,
            },
            _ => Held::Scalar,
        }
    }

    /// What an element of a vector is, by what it was made of and was given.
    pub(super) fn held_in_elements(&self, element: &Place) -> Option<Held> {
        let [ir::Step::Index(_)] = &element.path[..] else { return None };
        let elements = self.elements.get(&self.function.variable(element.root).name.to_string())?;
        elements.iter().map(|given| self.held_form(given)).reduce(Held::join)
    }

    /// What an expression is, by its form or its written type.
    fn held_form(&self, expr: &Expr) -> Held {
        match strip(expr) {
            inert if !self.is_active(inert) && !matches!(inert, Expr::Tuple(_)) => Held::Inert,
            Expr::Tuple(tuple) => Held::Tuple(tuple.elems.iter().map(|elem| self.held_form(elem)).collect()),
            Expr::Array(_) | Expr::Repeat(_) | Expr::Struct(_) => Held::Whole,
            vector if elements(vector).is_some() => Held::Whole,
            Expr::Call(call) => match strip(&call.func) {
                Expr::Path(path)
                    if path.path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase)) =>
                {
                    Held::Whole
                }
                _ if self.makes_sequence(expr) => Held::Whole,
                _ => Held::Scalar,
            },
            Expr::MethodCall(call) if call.method == "clone" => self.held_form(&call.receiver),
            Expr::MethodCall(_) if self.makes_sequence(expr) => Held::Whole,
            Expr::Block(block) => match block.block.stmts.last() {
                Some(syn::Stmt::Expr(last, None)) => self.held_form(last),
                _ => Held::Scalar,
            },
            Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_) | Expr::Reference(_) => {
                let written = self.written_type(expr).and_then(|ty| self.held_by_type(&ty));
                written.unwrap_or_else(|| match strip(expr) {
                    Expr::Path(path) => {
                        let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
                        self.inits.get(&name).map_or(Held::Scalar, |init| self.held_form(init))
                    }
                    _ => Held::Scalar,
                })
            }
            _ => Held::Scalar,
        }
    }

    /// `slot = expr` of an `Option`.
    pub(super) fn assign_option(&mut self, expr: &Expr, slot: &Bound) {
        match strip(expr) {
            Expr::If(branch) if self.condition_matches_active(&branch.cond) => self.if_let_to_option(branch, slot),
            Expr::If(branch) => self.inactive_branch(branch, &mut |this, body| this.option_arm(body, slot)),
            Expr::Match(choice) if self.matches_active(choice) => self.match_to_option(choice, slot),
            Expr::Match(choice) => self.inactive_choice(choice, &mut |this, body| this.option_arm(body, slot)),
            Expr::Block(block) => self.assign_option_block(&block.block, slot),
            Expr::Call(call) if call.args.len() == 1 && is_some(call) => self.fill_with(&call.args[0], slot),
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
                    self.push(Statement::either(some, then, Vec::new()));
                }
            }
        }
    }

    fn option_arm(&mut self, body: &Expr, slot: &Bound) -> ir::Block {
        self.nested(|this| this.assign_option(body, slot)).0
    }

    /// The same where the new value may be made of the old one.
    pub(super) fn assign_option_now(&mut self, expr: &Expr, slot: &Bound) {
        let Some((some, payload)) = self.option(expr) else { return };
        let span = first_span(expr);
        if some.tokens.to_string() == "false" {
            return self.mark(slot, false, span);
        }
        let now = self.inactive_variable("was_some", false, span);
        let name = self.function.variable(now).name.clone();
        let on = &some.tokens;
        let reads = some.reads.iter().copied().chain([now]).collect();
        let code = Code { tokens: quote!(#name = #on;), reads, repeatable: false, span };
        self.push(Statement::Code { code, binds: Vec::new(), writes: vec![now] });
        self.mark(slot, false, span);
        let on = Code { tokens: quote!(#name), reads: vec![now], repeatable: false, span };
        let (then, ()) = self.nested(|this| this.fill(payload, slot, span));
        self.push(Statement::either(on, then, Vec::new()));
    }

    fn assign_option_block(&mut self, block: &syn::Block, slot: &Bound) {
        let gives_a_value = match block.stmts.last() {
            Some(syn::Stmt::Expr(_, end)) => end.is_none(),
            Some(syn::Stmt::Macro(call)) if call.semi_token.is_none() => {
                let what =
                    not_yet("this `Option`, which a macro may give", "write `Some(..)`, `None`, or a name that is bound to one");
                return self.unsupported(&call.mac, what);
            }
            _ => false,
        };
        if !gives_a_value {
            return drop(self.block_value(block)); // it ends otherwise, as by `panic!(..);`
        }
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
    pub(super) fn fill(&mut self, bound: Bound, slot: &Bound, span: Span) {
        let Bound::Option { payload, .. } = slot else { return };
        self.fill_payload(bound, payload, span);
        self.mark(slot, true, span);
    }

    /// The same where it is known already whether it is there.
    pub(super) fn fill_payload_of(&mut self, bound: Bound, slot: &Bound, span: Span) {
        let Bound::Option { payload, .. } = slot else { return };
        self.fill_payload(bound, payload, span);
    }

    fn fill_payload(&mut self, bound: Bound, payload: &Bound, span: Span) {
        if let Bound::Reference { place, .. } = &bound
            && self.errors.is_empty()
            && self.function.variable(place.root).kind != Kind::Inactive
        {
            self.reject_slice(&Value::Expr(ir::Expr::place(place.clone())));
        }
        match (bound, payload) {
            (Bound::Tuple(parts), Bound::Tuple(slots)) if parts.len() == slots.len() => {
                parts.into_iter().zip(slots).for_each(|(part, slot)| self.fill_payload(part, slot, span));
            }
            (bound, Bound::Reference { place, .. }) => self.fill_payload(bound, &Bound::Var(place.root), span),
            (bound, Bound::Var(var)) if let Some(reference) = self.inactive_reference(&bound, *var) => {
                self.opaque.insert(*var);
                let value = Value::Expr(ir::Expr::Operand(Operand::Code(reference)));
                self.push(Statement::Assign { place: Place::whole(*var, span), value });
            }
            (bound, Bound::Var(var)) if self.function.variable(*var).form == Form::Late => {
                let value = match self.entered(bound) {
                    Bound::Var(held) if self.function.is_scalar(held) => Value::Expr(ir::Expr::place(Place::whole(held, span))),
                    Bound::Var(held) => Value::Clone(Place::whole(held, span)),
                    Bound::Reference { place, .. } => Value::Clone(place),
                    _ => {
                        return self
                            .errors
                            .span(span, not_yet("an `Option` of this value", "put scalars, arrays or structs in it"));
                    }
                };
                self.push(Statement::Assign { place: Place::whole(*var, span), value });
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

    /// A reference to something inactive that is put into an `Option`: what it refers to need not be there twice.
    fn inactive_reference(&self, bound: &Bound, slot: ir::Var) -> Option<Code> {
        let slot = self.function.variable(slot);
        if slot.form != Form::Late || slot.kind != Kind::Inactive {
            return None;
        }
        match bound {
            Bound::Reference { place, depth: depth @ 1.., exclusive: false }
                if self.function.variable(place.root).kind == Kind::Inactive =>
            {
                let (tokens, ampersands) = (ir::tokens::receiver(&self.function, place), (0..*depth).map(|_| quote!(&)));
                let tokens = quote!(#(#ampersands)* #tokens);
                Some(Code { tokens, reads: super::mentioned(place), repeatable: false, span: place.span })
            }
            _ => None,
        }
    }

    fn mark(&mut self, slot: &Bound, value: bool, span: Span) {
        let Bound::Option { some, .. } = slot else { return };
        let name = &some.tokens;
        let code = Code { tokens: quote!(#name = #value;), reads: some.reads.clone(), repeatable: false, span };
        self.push(Statement::Code { code, binds: Vec::new(), writes: some.reads.clone() });
    }
}

/// What `condition.then_some(x)` and `condition.then(|| x)` hold.
fn held_then(call: &ExprMethodCall) -> Option<&Expr> {
    match (call.method.to_string().as_str(), call.args.first().map(strip)) {
        ("then_some", Some(held)) if call.args.len() == 1 => Some(held),
        ("then", Some(Expr::Closure(closure))) if closure.inputs.is_empty() && call.args.len() == 1 => Some(&closure.body),
        _ => None,
    }
}

fn constant(value: bool, span: Span) -> Code {
    Code { tokens: quote!(#value), reads: Vec::new(), repeatable: true, span }
}

fn is_option_type(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => is_option_type(&reference.elem),
        other => option_argument(other).is_some(),
    }
}

/// What an `Option` of this type holds.
fn option_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let syn::PathArguments::AngleBracketed(generics) = &last.arguments else { return None };
    generics.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// What the variables of a block are filled with after their declaration, and by the patterns that they are matched with.
pub(super) fn fills_of(block: &syn::Block) -> std::collections::BTreeMap<String, Vec<Expr>> {
    let mut fills = Fills::default();
    syn::visit::Visit::visit_block(&mut fills, block);
    fills.0
}

#[derive(Default)]
struct Fills(std::collections::BTreeMap<String, Vec<Expr>>);

impl Fills {
    /// A pattern `Some([a, b])` tells what is held as well as the expression does.
    fn matched(&mut self, scrutinee: &Expr, pat: &Pat) {
        let scrutinee = without_reference(scrutinee);
        let (Expr::Path(path), Pat::TupleStruct(tuple)) = (scrutinee, pat) else { return };
        let (Some(name), Some(inner)) = (path.path.get_ident(), tuple.elems.first()) else { return };
        if tuple.path.is_ident("Some") && matches!(inner, Pat::Slice(_) | Pat::Struct(_) | Pat::TupleStruct(_)) {
            self.0.entry(name.to_string()).or_default().push(syn::parse_quote!(Some([])));
        }
    }
}

impl<'ast> syn::visit::Visit<'ast> for Fills {
    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        if let Expr::Path(path) = strip(&assign.left)
            && let Some(name) = path.path.get_ident()
        {
            self.0.entry(name.to_string()).or_default().push((*assign.right).clone());
        }
        syn::visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        choice.arms.iter().for_each(|arm| self.matched(&choice.expr, &arm.pat));
        syn::visit::visit_expr_match(self, choice);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.matched(&condition.expr, &condition.pat);
        syn::visit::visit_expr_let(self, condition);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
