//! Calls of functions that have derivatives of their own.
//!
//! The callee's attribute is not known here: every argument is passed on as it is, with the word whether a derivative flows
//! through it.

use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::{Expr, ExprMethodCall};

use crate::ir::{
    self, Argument, Call, CallMode, Callee, Code, Form, Kind, Operand, Passed, Passing, Place, Statement, Value, Var,
};
use crate::lower::facts::holders;
use crate::lower::facts::methods::CHANGES;
use crate::lower::facts::own::is_made;
use crate::lower::facts::repeatable::{is_repeatable, refers};
use crate::lower::facts::syntax::{first_span, is_none, strip};

use super::sequences::is_sort;
use super::{Bound, Lowerer};

impl Lowerer<'_> {
    /// `path::to::g(..)`, `Type::g(..)`, for its value or for its effect
    pub(super) fn call_function(&mut self, path: &syn::ExprPath, call: &syn::ExprCall, for_effect: bool) -> Value {
        if self.refuse_path(path) {
            return Value::Zero;
        }
        let changes = for_effect && call.args.iter().filter(|argument| self.may_be_changed(argument)).count() == 1;
        let arguments: Vec<_> = call.args.iter().map(|argument| self.argument(argument, changes)).collect();
        let segments = &path.path.segments;
        let last = segments.last().expect("a path has segments");
        let is_type = |name: String| name.starts_with(char::is_uppercase);
        let associated = path.qself.is_some() || segments.len() > 1 && is_type(segments[segments.len() - 2].ident.to_string());
        let itself = path.path.is_ident(&self.own_name)
            || segments.len() == 2 && segments[0].ident == "Self" && last.ident == self.own_name;
        if let Some(callee) = derivative_of(path) {
            self.check_derivative(path, &arguments);
            let result = self.emit_call(callee, arguments, false, false, &last.ident);
            return Value::Expr(ir::Expr::place(Place::whole(result, last.ident.span())));
        }
        let callee = if associated {
            let mut ty = path.clone();
            let name = last.ident.clone();
            ty.path.segments.pop();
            ty.path.segments.pop_punct();
            let ty = if path.qself.is_some() { quote!(#ty) } else { ty.path.to_token_stream() };
            Callee::Associated { ty, name, arguments: last.arguments.to_token_stream() }
        } else {
            let mut plain = path.path.clone();
            let arguments = last.arguments.to_token_stream();
            plain.segments.last_mut().expect("a path has segments").arguments = syn::PathArguments::None;
            let local = plain.get_ident().is_some_and(|name| self.local_functions.contains(&name.to_string()));
            Callee::Function { path: plain.to_token_stream(), arguments, local }
        };
        let result = self.emit_call(callee, arguments, itself, false, &last.ident);
        Value::Expr(ir::Expr::place(Place::whole(result, last.ident.span())))
    }

    /// Whether the derivative has derivatives in turn, as far as its name and place tell.
    fn check_derivative(&mut self, path: &syn::ExprPath, arguments: &[Argument]) {
        let which = path.path.segments.last().expect("a path has segments").ident.to_string();
        let instead = "call `grad` or `value_and_grad` of a function that returns a scalar, or `jvp`; a function of your own of that name \
                       is called without its path";
        let stop = "leave `second_order` out, or pass `stop_gradient(..)` of its arguments";
        let (what, help) = match which.as_str() {
            "hvp" | "hessian" => (format!("the derivative of `{which}(..)` would be a third derivative"), instead),
            "vjp" | "pullback" | "jacobian" => (format!("`{which}(..)` is not differentiated inside of a function"), instead),
            _ if self.second_order => {
                ("a derivative inside of a `second_order` function would be a third derivative".into(), stop)
            }
            _ if arguments
                .iter()
                .any(|argument| argument.active && matches!(argument.passed, Passed::Mutable(_) | Passed::Lent(_))) =>
            {
                ("`jvp(..)` of what is changed by `&mut` is not differentiated".into(), "let the function return what it changes")
            }
            _ => return,
        };
        self.unsupported(path, crate::error::with_help(&what, help));
    }

    /// `x.g(..)`
    pub(super) fn call_method(&mut self, call: &ExprMethodCall) -> Value {
        if self.refuse_method(call) {
            return Value::Zero;
        }
        let receiver = match self.lent_by_a_guard(&call.receiver).or_else(|| self.place(&call.receiver)) {
            Some(place) => place,
            None => match self.borrowed(&call.receiver) {
                Some(place) => place,
                None => self.named_or_made(&call.receiver, "receiver"),
            },
        };
        let active = self.is_active(&call.receiver);
        if receiver.path.is_empty() && (self.activity.is_struct(&call.receiver) || is_made(&call.receiver, &self.names)) {
            self.function.structs.insert(receiver.root);
        }
        let by_name = matches!(strip(&call.receiver), Expr::Path(_));
        let lent = by_name && matches!(self.resolve(&call.receiver), Some(Bound::Reference { exclusive: true, .. }));
        let mut arguments = vec![Argument { passed: Passed::Receiver(receiver), active }];
        arguments.extend(call.args.iter().map(|argument| self.argument(argument, false)));
        let name = call.method.clone();
        // a method of the same name may be this one, whatever the receiver is
        let itself = self.member && name == self.own_name;
        let result = self.emit_call(
            Callee::Method { name: name.clone(), arguments: call.turbofish.to_token_stream() },
            arguments,
            itself,
            lent,
            &name,
        );
        Value::Expr(ir::Expr::place(Place::whole(result, name.span())))
    }

    /// A call for its effect.
    pub(super) fn call_statement(&mut self, expr: &Expr) {
        match expr {
            Expr::MethodCall(call) if self.activity.is_struct(&call.receiver) => drop(self.value_of_call(expr)),
            Expr::MethodCall(call) if CHANGES.contains(&call.method.to_string().as_str()) => self.change(call),
            Expr::MethodCall(call) if is_sort(call) => self.sort(call),
            Expr::MethodCall(call) if self.is_resizing(call) => self.resize(call),
            Expr::MethodCall(call) if self.is_pop(call) => drop(self.popped(call)),
            Expr::MethodCall(call) if call.method == "for_each" && call.args.len() == 1 => {
                self.for_each(&call.receiver, &call.args[0]);
            }
            _ => drop(self.value_of_call(expr)),
        }
    }

    fn value_of_call(&mut self, expr: &Expr) -> Value {
        // arguments by `&mut` alone make the call active, which its value need not be
        match expr {
            Expr::Call(call) => match strip(&call.func) {
                _ if self.is_memory_function(call) => self.value_of_memory_function(call),
                Expr::Path(path) if path.path.get_ident().is_none_or(|name| !self.bound.contains_key(&name.to_string())) => {
                    self.call_function(path, call, true)
                }
                _ => self.value(expr),
            },
            _ => self.value(expr),
        }
    }

    fn emit_call(
        &mut self,
        callee: Callee,
        mut arguments: Vec<Argument>,
        itself: bool,
        lends_receiver: bool,
        name: &Ident,
    ) -> Var {
        let span = name.span();
        let result = self.function.fresh(&name.to_string(), Kind::Space, false, Form::Owned, span);
        let recomputed = itself || self.recursive;
        for argument in &mut arguments {
            // the sweeps use the function after the call, which may not be `Copy`; a recursive call would make ever new types of it
            if let Passed::Function(_, depth @ 0) = &mut argument.passed
                && !recomputed
            {
                *depth = 1;
            }
        }
        let back = self.copy_parts(&mut arguments, lends_receiver, span);
        self.push_call(Call { result, callee, arguments, span, recomputed, relaxed: false, mode: CallMode::Primal }, back);
        result
    }

    /// Adds a call, after which what was lent in copies, and the parts of lent tuples, hold what it left.
    pub(super) fn push_call(&mut self, call: Call, back: Vec<(Place, Place)>) {
        let span = call.span;
        self.push(Statement::Call(call));
        self.copy_parts_back(back, span);
        for (parts, whole) in std::mem::take(&mut self.lent) {
            self.assign_to_parts(&parts, &whole);
        }
    }

    /// An argument. A mutable reference that is given by its name may be taken as a shared one, but where it is all that the call `changes`.
    pub(super) fn argument(&mut self, expr: &Expr, changes: bool) -> Argument {
        if let Some(function) = self.function_argument(expr) {
            return function;
        }
        let active = self.is_active(expr);
        if let Expr::Reference(reference) = strip(expr) {
            let mutable = reference.mutability.is_some();
            if active || mutable {
                let named = if active && mutable { self.target(&reference.expr) } else { self.place(&reference.expr) };
                let place = match named {
                    Some(place) => place,
                    None => self.temporary_place(&reference.expr, mutable),
                };
                if mutable && let Some(Bound::Tuple(parts)) = self.resolve(&reference.expr) {
                    self.lent.push((parts, place.clone()));
                }
                if self.buffers.contains(&self.function.variable(place.root).name.to_string()) {
                    self.function.buffers.insert(place.root);
                }
                let passed = if mutable { Passed::Mutable(place) } else { Passed::Shared(place) };
                return Argument { passed, active };
            }
            if let Some(place) = self.lent_by_a_guard(&reference.expr) {
                return Argument { passed: Passed::Shared(place), active };
            }
            // the place, not the reference to it, which may become one to a slice or to a trait object
            if let Some(place) = self.place(&reference.expr) {
                return Argument { passed: Passed::Shared(place), active };
            }
            if let Some(place) = self.borrowed(&reference.expr) {
                return Argument { passed: Passed::Shared(place), active };
            }
            if let Some(code) = self.literal_of_references(expr) {
                return Argument { passed: Passed::Value(Operand::Code(code)), active };
            }
            let code = self.code_of(&reference.expr, is_repeatable(&reference.expr));
            let refers = code.repeatable && refers(&reference.expr);
            if !code.repeatable || refers {
                let (span, value) = (code.span, Value::Expr(ir::Expr::Operand(Operand::Code(code))));
                let var = self.temporary("argument", Kind::Inactive, value, span);
                self.function.referring.extend(refers.then_some(var));
                return Argument { passed: Passed::Shared(Place::whole(var, span)), active };
            }
        }
        if !active {
            if let Some(Bound::Reference { place, depth: 1.., exclusive }) = self.resolve(expr) {
                let is_parameter = self.is_mutable_parameter(&place);
                if is_parameter || exclusive {
                    let passed = if is_parameter || changes { Passed::Mutable(place) } else { Passed::Lent(place) };
                    return Argument { passed, active };
                }
            }
            return Argument { passed: Passed::Value(self.inactive_argument(expr)), active };
        }
        match self.resolve(expr) {
            Some(Bound::Reference { place, depth: 1.., exclusive }) => {
                let passed = match exclusive || self.is_mutable_parameter(&place) {
                    true if changes => Passed::Mutable(place),
                    true => Passed::Lent(place),
                    false => Passed::Shared(place),
                };
                Argument { passed, active }
            }
            Some(Bound::Reference { place, .. }) => Argument { passed: Passed::Value(self.copied(place)), active },
            Some(Bound::Var(var)) => {
                let place = Place::whole(var, first_span(expr));
                Argument { passed: Passed::Value(self.copied(place)), active }
            }
            _ => {
                let var = self.materialise(expr, "argument");
                Argument { passed: Passed::Value(Operand::Place(Place::whole(var, first_span(expr)))), active }
            }
        }
    }

    /// Such a literal, which is written wherever it is passed: its type follows from the parameter, `&[&[f64]]` as well as `&[&[f64; 2]; 2]`, and a
    /// variable in between would be of another.
    fn literal_of_references(&mut self, expr: &Expr) -> Option<Code> {
        if !holds_references(expr) {
            return None;
        }
        let code = self.code_of(expr, true);
        code.repeatable.then_some(code)
    }

    /// Whether the place is a whole `&mut` parameter.
    pub(super) fn is_mutable_parameter(&self, place: &Place) -> bool {
        place.path.is_empty() && self.function.parameters.iter().any(|p| p.var == place.root && p.passing == Passing::Mutable)
    }

    /// Whether a call may change what the argument names.
    fn may_be_changed(&mut self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Reference(reference) => reference.mutability.is_some(),
            Expr::Path(_) => match self.resolve(expr) {
                Some(Bound::Reference { place, depth: 1.., exclusive }) => exclusive || self.is_mutable_parameter(&place),
                _ => false,
            },
            _ => false,
        }
    }

    fn lookup_bound(&self, name: &Ident) -> Option<Bound> {
        self.bound.get(&name.to_string()).cloned()
    }

    /// The value at a place now, whatever it is.
    fn copied(&mut self, place: Place) -> Operand {
        if !self.is_mutable(place.root) {
            return Operand::Place(place);
        }
        let kind = if place.path.is_empty() { self.function.variable(place.root).kind } else { Kind::Space };
        let span = place.span;
        let var = self.temporary("argument", kind, Value::Expr(ir::Expr::place(place)), span);
        Operand::Place(Place::whole(var, span))
    }

    fn temporary_place(&mut self, expr: &Expr, mutable: bool) -> Place {
        let place = self.named_or_made(expr, "argument");
        self.function.variables[place.root.0 as usize].mutable |= mutable;
        place
    }

    fn inactive_argument(&mut self, expr: &Expr) -> Operand {
        if let Expr::Path(path) = strip(expr)
            && let Some(name) = path.path.get_ident()
            && !self.activity.is_integer(&name.to_string())
            && let Some(Bound::Var(var)) = self.lookup_bound(name)
            && self.function.variable(var).kind == Kind::Inactive
            && self.function.variable(var).form != Form::Reference
            && !self.is_mutable(var)
        {
            return Operand::Place(Place::whole(var, name.span())); // it may be of a type that a call uses up
        }
        if let Expr::Reference(reference) = strip(expr)
            && reference.mutability.is_none()
            && makes_a_value(&reference.expr)
        {
            // the backward half keeps the value, as it could not keep a reference to a temporary one
            let code = self.code_of(&reference.expr, false);
            let span = code.span;
            let value = Value::Expr(ir::Expr::Operand(Operand::Code(code)));
            let var = self.temporary("argument", Kind::Inactive, value, span);
            let name = &self.function.variable(var).name;
            return Operand::Code(Code { tokens: quote!(&#name), reads: vec![var], repeatable: true, span });
        }
        if let Some(code) = self.literal_of_references(expr) {
            return Operand::Code(code);
        }
        // a bare `None` has its type from the one place where it stands
        let code = self.code_of(expr, !is_none(expr) && is_repeatable(expr));
        if code.repeatable {
            return Operand::Code(code);
        }
        let span = code.span;
        let value = Value::Expr(ir::Expr::Operand(Operand::Code(code)));
        let var = self.temporary("argument", Kind::Inactive, value, span);
        self.function.holders.extend(holders::may_hold(expr).then_some(var));
        Operand::Place(Place::whole(var, span))
    }
}

/// Whether the expression is put together of references, to literals or to what can be read again: `&[&[1.0], &[2.0, 3.0]]`, `Some(&[1.0])`.
fn holds_references(expr: &Expr) -> bool {
    fn is_whole(expr: &Expr, inside: bool, found: &mut bool) -> bool {
        match strip(expr) {
            Expr::Reference(reference) if reference.mutability.is_none() => {
                *found |= inside;
                is_whole(&reference.expr, inside, found)
            }
            Expr::Array(array) => array.elems.iter().all(|elem| is_whole(elem, true, found)),
            Expr::Tuple(tuple) => tuple.elems.iter().all(|elem| is_whole(elem, true, found)),
            Expr::Repeat(repeat) => is_whole(&repeat.expr, true, found) && is_repeatable(&repeat.len),
            Expr::Call(call) => {
                let is_some = matches!(strip(&call.func), Expr::Path(path) if path.path.is_ident("Some"));
                is_some && call.args.iter().all(|argument| is_whole(argument, true, found))
            }
            Expr::Lit(_) => true,
            other => is_repeatable(other),
        }
    }
    let mut found = false;
    is_whole(expr, false, &mut found) && found
}

/// Whether the expression is no place but a value that is made here.
fn makes_a_value(expr: &Expr) -> bool {
    matches!(strip(expr), Expr::Array(_) | Expr::Repeat(_) | Expr::Tuple(_) | Expr::Struct(_) | Expr::Call(_) | Expr::Macro(_))
}

const DERIVATIVES: [&str; 8] = ["grad", "value_and_grad", "jvp", "vjp", "pullback", "jacobian", "hvp", "hessian"];

/// `path::to::g::grad`: a derivative of a free function.
fn derivative_of(path: &syn::ExprPath) -> Option<Callee> {
    let segments = &path.path.segments;
    let last = segments.last()?;
    let is_derivative = segments.len() > 1 && DERIVATIVES.iter().any(|derivative| last.ident == derivative);
    let function = segments.iter().rev().nth(1).filter(|_| is_derivative && path.qself.is_none())?;
    let function = function.ident.to_string();
    if function.starts_with(char::is_uppercase) || matches!(function.as_str(), "self" | "super" | "crate") {
        return None;
    }
    let mut of = path.path.clone();
    of.segments.pop();
    of.segments.pop_punct();
    Some(Callee::Derivative {
        path: of.to_token_stream(),
        which: last.ident.clone(),
        arguments: last.arguments.to_token_stream(),
    })
}
