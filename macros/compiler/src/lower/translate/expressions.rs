//! Expressions through which a derivative flows.

use proc_macro2::Span;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprBinary, ExprClosure, ExprMethodCall, Lit, Pat, Type, UnOp};

use crate::error::{Called, is_made, not_yet, unsupported, with_help};
use crate::ir::names::identifiers;
use crate::ir::{self, Form, Kind, Number, Operand, Place, Spelling, Statement, Step, Value};
use crate::lower::facts::flow;
use crate::lower::facts::methods::is_adapter;
use crate::lower::facts::names::Binding;
use crate::lower::facts::operators::is_compound;
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::syntax::{
    PRIMITIVES, first_span, is_integer_literal, is_none, is_runtime_call, start, strip, without_references,
};
use crate::lower::rewrite::once::numbers_in;
use crate::lower::rewrite::rename;
use crate::rules::{self, Op, Written};

use super::refused::{is_declared_outside, stored_outside};
use super::{Bound, Lowerer};

impl Lowerer<'_> {
    /// The value of an expression.
    pub(super) fn value(&mut self, expr: &Expr) -> Value {
        if self.is_refused(expr) {
            return Value::Zero;
        }
        if !self.is_active(expr) {
            return match strip(expr) {
                Expr::If(_) | Expr::Match(_) if self.touches_active_expr(expr) => self.control(expr),
                Expr::Block(block) if block.label.is_none() && self.touches_active_expr(expr) => {
                    let missing = with_help("this block has no value", "end it with an expression");
                    self.scoped_value(&block.block).unwrap_or_else(|| self.zero_after(expr, missing))
                }
                inert => match self.literals(inert) {
                    Some(value) => value,
                    None => {
                        let code = self.code_of(expr, is_repeatable(expr));
                        Value::Expr(ir::Expr::Operand(Operand::Code(code)))
                    }
                },
            };
        }
        match strip(expr) {
            Expr::Path(_) | Expr::Field(_) | Expr::Index(_) => self.named(expr),
            Expr::Unary(unary) => match unary.op {
                UnOp::Neg(minus) => self.apply(rules::op("neg"), &[&unary.expr], Spelling::Operator(minus.span)),
                _ => self.named(expr),
            },
            Expr::Reference(reference) if reference.mutability.is_some() => self.mutable_reference(expr),
            Expr::Reference(reference) => self.value(&reference.expr),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Cast(cast) => self.cast(cast),
            Expr::MethodCall(call) => self.method(call),
            Expr::Call(call) => self.call(call),
            Expr::Tuple(tuple) => Value::Tuple(self.part_values(&tuple.elems.iter().collect::<Vec<_>>())),
            Expr::Array(array) => {
                let values = self.part_values(&array.elems.iter().collect::<Vec<_>>());
                if let Some((_, elem)) = values.iter().zip(&array.elems).find(|(value, _)| self.slice_in(value).is_some()) {
                    let help = "name the slices one by one, or copy them, `.to_vec()`";
                    self.errors.at(elem, not_yet("a slice in this array", help));
                }
                let parts = values.into_iter().zip(&array.elems).map(|(value, elem)| self.copied_part(value, elem));
                Value::Array(parts.collect())
            }
            Expr::Repeat(repeat) => {
                let value = match self.part_value(&repeat.expr) {
                    value @ Value::Expr(ir::Expr::Operand(_)) => value,
                    aggregate => {
                        let span = first_span(&repeat.expr);
                        let var = self.temporary("element", Kind::Space, aggregate, span);
                        Value::Expr(ir::Expr::place(Place::whole(var, span)))
                    }
                };
                let length = self.code(&repeat.len, true);
                Value::Repeat(Box::new(value), length)
            }
            Expr::Struct(structure) => self.structure(structure),
            Expr::If(_) | Expr::Match(_) => self.control(expr),
            Expr::Block(block) if block.label.is_none() => match self.scoped_value(&block.block) {
                Some(value) => value,
                None => self.zero_after(expr, with_help("this block has no value", "end it with an expression")),
            },
            Expr::Macro(mac) => self.macro_value(&mac.mac, expr),
            other => self.rejected(other),
        }
    }

    /// An element of an array: what is listed by reference is copied, as nothing can be moved out of it.
    fn copied_part(&mut self, value: Value, elem: &Expr) -> Value {
        match (value, strip(elem)) {
            (Value::Expr(ir::Expr::Operand(Operand::Place(place))), Expr::Reference(_)) => self.copy_of_place(place),
            (value, _) => value,
        }
    }

    /// An array of float literals, whose shape is then known.
    fn literals(&mut self, expr: &Expr) -> Option<Value> {
        match strip(expr) {
            Expr::Lit(literal) if matches!(literal.lit, Lit::Float(_)) => {
                Some(Value::Expr(ir::Expr::Operand(self.inactive_operand(expr))))
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match self.literals(&unary.expr)? {
                Value::Expr(ir::Expr::Operand(Operand::Number(_))) => {
                    Some(Value::Expr(ir::Expr::Operand(Operand::Number(Number {
                        written: Some(expr.to_token_stream()),
                        value: 0.0,
                    }))))
                }
                _ => None,
            },
            Expr::Array(array) => {
                let values = array.elems.iter().map(|elem| self.literals(elem)).collect::<Option<_>>()?;
                Some(Value::Array(values))
            }
            Expr::Repeat(repeat) => {
                let value = self.literals(&repeat.expr)?;
                Some(Value::Repeat(Box::new(value), self.code(&repeat.len, true)))
            }
            // a literal of a generic function, lifted to its scalar
            Expr::Call(call) if self.function.scalar.is_some() && call.args.len() == 1 && is_lifted(&call.func) => {
                Some(Value::Expr(ir::Expr::Operand(Operand::Number(Number {
                    written: Some(call.to_token_stream()),
                    value: 0.0,
                }))))
            }
            _ => None,
        }
    }

    /// Each kind of expression that is not differentiated has its own sentence.
    pub(super) fn rejected(&mut self, expr: &Expr) -> Value {
        let message = match expr {
            Expr::Closure(_) => unsupported(
                "a closure that uses an active value",
                "it is neither bound by `let` and called nor given to an iterator",
                "bind it by `let` and call it, or write a function with `#[differentiable]`",
            ),
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => {
                not_yet("an early exit", "give the result as the value of an `if` at the end of the body")
            }
            Expr::Try(_) => not_yet("`?`", "handle the error before the differentiable function is called"),
            Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => {
                with_help("a loop without `break` has no value", "end the block with an expression")
            }
            Expr::Await(_) | Expr::Async(_) => {
                unsupported("`async` code", "its order of execution is not known", "compute the active value outside of it")
            }
            Expr::Unsafe(_) => unsupported("an `unsafe` block", "what it does with memory is not known", "write it in safe Rust"),
            Expr::RawAddr(_) => unsupported("a raw pointer", "what is stored through it is not known", "use a reference"),
            Expr::Range(_) => unsupported("a range of active values", "its items are no floats", "iterate over integers"),
            Expr::Let(_) => not_yet("`let` on an active value in a condition", "choose by an inactive value"),
            Expr::Assign(_) => with_help("an assignment has no value", "assign in a statement of its own"),
            Expr::Block(_) | Expr::Const(_) | Expr::TryBlock(_) => not_yet("this block", "leave out its label or keyword"),
            Expr::Yield(_) => {
                unsupported("`yield`", "its order of execution is not known", "compute the value in a plain function")
            }
            _ => with_help(
                "this expression is not understood where a derivative flows through it",
                "write it with `let`, arithmetic and calls",
            ),
        };
        self.zero_after(expr, message)
    }

    /// Reports the error; the value is never used.
    fn zero_after(&mut self, at: &impl ToTokens, message: String) -> Value {
        self.unsupported(at, message);
        Value::Zero
    }

    /// A mutable reference that is no name for one place.
    fn mutable_reference(&mut self, expr: &Expr) -> Value {
        let what = unsupported(
            "a mutable reference that is chosen or handed on as a value",
            "what is stored through it later could not be followed",
            "bind `&mut` of one place by `let`, or store where the choice is made",
        );
        self.unsupported(expr, what);
        Value::Zero
    }

    /// The value of a place or of a tuple of places.
    fn named(&mut self, expr: &Expr) -> Value {
        match self.resolve(expr) {
            Some(Bound::Reference { place, depth: 1.., exclusive })
                if matches!(strip(expr), Expr::Path(_)) && (exclusive || self.is_mutable_parameter(&place)) =>
            {
                self.mutable_reference(expr)
            }
            Some(bound) => self.bound_to_value(bound, expr),
            None if matches!(strip(expr), Expr::Field(_) | Expr::Index(_)) => self.part_of_value(strip(expr)),
            None if matches!(strip(expr), Expr::Unary(unary) if !matches!(strip(&unary.expr), Expr::Path(_))) => {
                let Expr::Unary(unary) = strip(expr) else { return self.rejected(expr) };
                let bound = self.bound_value(&unary.expr);
                let bound = self.by_value(bound);
                self.bound_to_value(bound, expr)
            }
            None if is_none(expr) => {
                self.zero_after(expr, not_yet("`None` beside `Some` of an active value", "keep the value beside a flag"))
            }
            None if matches!(strip(expr), Expr::Path(_)) && is_declared_outside(expr) => self.zero_after(expr, stored_outside()),
            None => self.zero_after(
                expr,
                with_help("this expression names no place that is known here", "bind it to a variable with `let` first"),
            ),
        }
    }

    fn bound_to_value(&mut self, bound: Bound, at: &Expr) -> Value {
        match bound {
            Bound::Tuple(parts) => Value::Tuple(parts.into_iter().map(|part| self.bound_to_value(part, at)).collect()),
            Bound::Closure(closure) => self.rejected(&Expr::Closure(*closure)),
            Bound::Option { .. } => self.zero_after(
                at,
                not_yet("an `Option` of an active value here", "use what it holds: match on it, or `unwrap_or` it"),
            ),
            other => {
                let place = self.place_of(other, at).expect("variables and references are places");
                Value::Expr(ir::Expr::place(place))
            }
        }
    }

    /// `g(x).0`, `[a, b][i]`: the whole gets a name.
    fn part_of_value(&mut self, expr: &Expr) -> Value {
        let (base, step) = match expr {
            Expr::Field(field) => {
                let step = match &field.member {
                    syn::Member::Named(name) => Step::Field(name.clone()),
                    syn::Member::Unnamed(index) => Step::Element(index.index),
                };
                (&field.base, step)
            }
            Expr::Index(index) => {
                let place = self.named_or_made(&index.expr, "whole");
                self.sequence(&place);
                let operand = self.index(&index.index);
                return Value::Expr(ir::Expr::place(place.then(Step::Index(operand))));
            }
            _ => return self.rejected(expr),
        };
        match (self.bound_value(base), &step) {
            (Bound::Tuple(parts), Step::Element(index)) if (*index as usize) < parts.len() => {
                self.bound_to_value(parts[*index as usize].clone(), expr)
            }
            (bound, _) => match self.place_of(bound, expr) {
                Some(place) => Value::Expr(ir::Expr::place(place.then(step))),
                None => self.rejected(expr),
            },
        }
    }

    /// A part of an aggregate: operations get a name, so that their records can refer to it.
    pub(super) fn part_value(&mut self, expr: &Expr) -> Value {
        match self.value(expr) {
            value @ Value::Expr(ir::Expr::Apply(..)) => {
                let var = self.temporary("part", Kind::Scalar, value, first_span(expr));
                Value::Expr(ir::Expr::place(Place::whole(var, first_span(expr))))
            }
            other => other,
        }
    }

    /// The parts of an aggregate in their order: one that a later part may change, or use up, is read before.
    pub(super) fn part_values(&mut self, exprs: &[&Expr]) -> Vec<Value> {
        self.part_values_before(exprs, None)
    }

    /// The same where something else is evaluated behind them.
    fn part_values_before(&mut self, exprs: &[&Expr], rest: Option<&Expr>) -> Vec<Value> {
        let rest = rest.filter(|rest| self.may_change(rest));
        let all: Vec<&Expr> = exprs.iter().copied().chain(rest).collect();
        let mut values = Vec::new();
        for (index, expr) in exprs.iter().enumerate() {
            let value = self.part_value(expr);
            let later = &all[index + 1..];
            values.push(if self.is_changed_by(&value, later) { self.read_now(value, first_span(expr)) } else { value });
        }
        values
    }

    /// Whether evaluating expressions may change what the value reads.
    fn is_changed_by(&self, value: &Value, later: &[&Expr]) -> bool {
        match value {
            Value::Expr(ir::Expr::Operand(Operand::Place(place))) => {
                self.is_mutable(place.root) && later.iter().any(|expr| self.may_change(expr))
            }
            Value::Expr(ir::Expr::Operand(Operand::Code(code))) => {
                !code.repeatable && later.iter().any(|expr| self.may_change(expr))
            }
            Value::Clone(place) => {
                let name = self.function.variable(place.root).name.to_string();
                later.iter().any(|expr| {
                    let mut found = std::collections::BTreeSet::new();
                    identifiers(expr.to_token_stream(), &mut found);
                    found.contains(&name) || self.may_change(expr)
                })
            }
            Value::Tuple(values) | Value::Array(values) => values.iter().any(|value| self.is_changed_by(value, later)),
            Value::Struct { fields, .. } => fields.iter().any(|(_, value)| self.is_changed_by(value, later)),
            Value::Repeat(value, _) => self.is_changed_by(value, later),
            _ => false,
        }
    }

    /// The value in a variable.
    fn read_now(&mut self, value: Value, span: Span) -> Value {
        let (kind, value) = match value {
            Value::Expr(ir::Expr::Operand(Operand::Place(place))) => {
                let variable = self.function.variable(place.root);
                match variable.kind {
                    Kind::Scalar if place.path.is_empty() => (Kind::Scalar, Value::Expr(ir::Expr::place(place))),
                    Kind::Inactive => (Kind::Inactive, Value::Expr(ir::Expr::place(place))),
                    _ => (Kind::Space, Value::Clone(place)),
                }
            }
            code @ Value::Expr(ir::Expr::Operand(Operand::Code(_))) => (Kind::Inactive, code),
            other => (Kind::Space, other),
        };
        let var = self.temporary("now", kind, value, span);
        Value::Expr(ir::Expr::place(Place::whole(var, span)))
    }

    /// Whether evaluating the expression may change a variable.
    fn may_change(&self, expr: &Expr) -> bool {
        struct Changes<'a, 'b>(&'a Lowerer<'b>, bool);
        impl<'ast> syn::visit::Visit<'ast> for Changes<'_, '_> {
            fn visit_expr(&mut self, expr: &'ast Expr) {
                self.1 |= match expr {
                    Expr::Assign(_) => true,
                    Expr::Binary(binary) => is_compound(&binary.op),
                    Expr::Reference(reference) => reference.mutability.is_some(),
                    Expr::Macro(_) => true,
                    Expr::Call(call) => {
                        let name = match strip(&call.func) {
                            Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
                            _ => None,
                        };
                        name.is_some_and(|name| matches!(self.0.bound.get(&name), Some(Bound::Closure(_))))
                    }
                    Expr::MethodCall(call) => {
                        rules::find(&call.method.to_string()).is_none()
                            && !is_adapter(&call.method.to_string())
                            && self.0.changes_receiver(&call.receiver)
                    }
                    _ => false,
                };
                syn::visit::visit_expr(self, expr);
            }

            fn visit_item(&mut self, _: &'ast syn::Item) {}
        }
        let mut changes = Changes(self, false);
        syn::visit::Visit::visit_expr(&mut changes, expr);
        changes.1
    }

    /// Whether a method may change what it is called on: it is in a variable that is declared so.
    fn changes_receiver(&self, receiver: &Expr) -> bool {
        match receiver {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| match self.bound.get(&name.to_string()) {
                Some(Bound::Var(var)) => self.is_mutable(*var),
                Some(Bound::Reference { place, .. }) => self.is_mutable(place.root),
                _ => self.names.bindings.get(&name.to_string()).is_some_and(|binding| binding.mutable),
            }),
            Expr::Field(field) => self.changes_receiver(&field.base),
            Expr::Index(index) => self.changes_receiver(&index.expr),
            Expr::Paren(paren) => self.changes_receiver(&paren.expr),
            Expr::Unary(unary) => self.changes_receiver(&unary.expr),
            _ => false,
        }
    }

    /// What an operation takes.
    pub(super) fn operand(&mut self, expr: &Expr) -> Operand {
        if !self.is_active(expr) {
            return self.inactive_operand(expr);
        }
        if let Some(bound) = self.resolve(expr)
            && let Some(place) = self.place_of(bound, expr)
        {
            return self.load(Place { span: start(expr), ..place });
        }
        let value = self.value(expr);
        match value {
            Value::Expr(ir::Expr::Operand(Operand::Place(place))) => self.load(place),
            Value::Expr(ir::Expr::Operand(operand)) => operand,
            Value::Expr(ir::Expr::Apply(op, ..)) => {
                let span = start(expr);
                Operand::Place(Place::whole(self.temporary(noun(op), Kind::Scalar, value, span), span))
            }
            other => {
                let span = start(expr);
                Operand::Place(Place::whole(self.temporary("operand", Kind::Space, other, span), span))
            }
        }
    }

    fn inactive_operand(&mut self, expr: &Expr) -> Operand {
        let expr = without_references(expr); // the number itself is kept
        if let Expr::Lit(literal) = strip(expr)
            && let Lit::Float(_) = literal.lit
        {
            return Operand::Number(Number { written: Some(literal.to_token_stream()), value: 0.0 });
        }
        if matches!(strip(expr), Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_))
            && let Some(Bound::Reference { place, depth: 0, .. }) = self.resolve(expr)
            && !self.is_mutable(place.root)
            && !super::mentioned(&place).iter().any(|var| self.opaque.contains(var))
        {
            return Operand::Place(place);
        }
        if let Some(Bound::Reference { place, depth: 1.., .. }) = self.resolve(expr)
            && self.is_mutable(place.root)
            && !place.path.is_empty()
            && !super::mentioned(&place).iter().any(|var| self.opaque.contains(var))
        {
            // a number of what may change, not the reference to it
            let span = place.span;
            let var = self.temporary("constant", Kind::Inactive, Value::Expr(ir::Expr::place(place)), span);
            return Operand::Place(Place::whole(var, span));
        }
        let mut code = self.code_of(expr, is_repeatable(expr));
        if code.repeatable {
            return Operand::Code(code);
        }
        if may_refer(expr) || code.reads.iter().any(|var| self.opaque.contains(var)) {
            // a reference that a pattern binds is not kept, but what it refers to
            let (runtime, tokens) = (&self.runtime, &code.tokens);
            let tokens = if let Expr::Path(_) = strip(expr) { tokens.clone() } else { quote!((#tokens)) };
            code.tokens =
                quote!({ use #runtime::{ReferredOperand as _, PlainOperand as _}; (&#runtime::Operand(&#tokens)).value() });
        }
        let span = code.span;
        let value = Value::Expr(ir::Expr::Operand(Operand::Code(code)));
        let var = self.temporary("constant", Kind::Inactive, value, span);
        Operand::Place(Place::whole(var, span))
    }

    /// The value at a place now: a place that may change is read into a variable.
    pub(super) fn load(&mut self, place: Place) -> Operand {
        self.scalar(&place);
        if !self.is_mutable(place.root) {
            return Operand::Place(place);
        }
        let wish = format!("{}_now", self.function.variable(place.root).name);
        let span = place.span;
        let var = self.temporary(&wish, Kind::Scalar, Value::Expr(ir::Expr::place(place)), span);
        Operand::Place(Place::whole(var, span))
    }

    /// An operation of the table.
    pub(super) fn apply(&mut self, op: Op, arguments: &[&Expr], spelling: Spelling) -> Value {
        let operands = arguments.iter().map(|argument| ir::Expr::Operand(self.operand(argument))).collect();
        Value::Expr(ir::Expr::Apply(op, operands, spelling))
    }

    fn binary(&mut self, binary: &ExprBinary) -> Value {
        let name = match binary.op {
            BinOp::Add(_) => "add",
            BinOp::Sub(_) => "sub",
            BinOp::Mul(_) => "mul",
            BinOp::Div(_) => "div",
            BinOp::Rem(_) => "rem",
            _ if self.is_float(&binary.left) && self.is_float(&binary.right) => {
                self.errors.leave_to_rustc();
                return Value::Zero;
            }
            _ => {
                let what = unsupported("this operator", "it is none on floats", "write it with arithmetic");
                return self.zero_after(&binary.op, what);
            }
        };
        let mixed = |one: &Expr, other: &Expr| is_integer_literal(strip(one)) && self.is_float(other);
        let (left, right) = (self.primitive(&binary.left), self.primitive(&binary.right));
        let differ = left.is_some() && right.is_some() && left != right;
        if differ || mixed(&binary.left, &binary.right) || mixed(&binary.right, &binary.left) {
            self.errors.leave_to_rustc();
            return Value::Zero;
        }
        let value = self.apply(rules::op(name), &[&binary.left, &binary.right], Spelling::Operator(binary.op.span()));
        if let Value::Expr(ir::Expr::Apply(_, operands, _)) = &value {
            for (expr, operand) in [&binary.left, &binary.right].into_iter().zip(operands) {
                if let ir::Expr::Operand(operand) = operand {
                    self.other_operand(expr, operand);
                }
            }
        }
        value
    }

    /// The primitive type of a number, where it is written.
    fn primitive(&self, expr: &Expr) -> Option<String> {
        let of = |ty: &Type| match ty {
            Type::Path(path) => path.path.get_ident().map(ToString::to_string).filter(|name| PRIMITIVES.contains(&name.as_str())),
            _ => None,
        };
        match strip(expr) {
            Expr::Path(path) => of(self.names.bindings.get(&path.path.get_ident()?.to_string())?.ty.as_ref()?),
            Expr::Cast(cast) => of(&cast.ty),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => self.primitive(&unary.expr),
            Expr::Binary(ExprBinary {
                op: BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_),
                left,
                right,
                ..
            }) => self.primitive(left).or_else(|| self.primitive(right)),
            _ => None,
        }
    }

    fn cast(&mut self, cast: &syn::ExprCast) -> Value {
        let is_scalar = match &*cast.ty {
            Type::Path(path) => path.path.get_ident().is_some_and(|name| name == "f32" || name == "f64"),
            _ => false,
        };
        if !is_scalar {
            let what = match &*cast.ty {
                Type::Ptr(_) => {
                    unsupported("a cast to a raw pointer", "what is stored through it is not known", "use a reference")
                }
                _ => unsupported("a cast to this type", "it may be an integer", "write `f32` or `f64` itself"),
            };
            return self.zero_after(&cast.ty, what);
        }
        let ty = cast.ty.to_token_stream();
        self.converted(&cast.expr);
        self.apply(rules::op("convert"), &[&cast.expr], Spelling::Path(quote!(as #ty)))
    }

    fn structure(&mut self, structure: &syn::ExprStruct) -> Value {
        if self.refuse_variant(&structure.path) {
            return Value::Zero;
        }
        let steps = structure.fields.iter().map(|field| match &field.member {
            syn::Member::Named(name) => Step::Field(name.clone()),
            syn::Member::Unnamed(index) => Step::Element(index.index),
        });
        let fields: Vec<_> = structure.fields.iter().map(|field| &field.expr).collect();
        let values = self.part_values_before(&fields, structure.rest.as_deref());
        let fields = steps.zip(values).collect();
        let base = structure.rest.as_ref().map(|rest| {
            let place = self.named_or_made(rest, "base");
            Box::new(Value::Expr(ir::Expr::place(place)))
        });
        Value::Struct { path: structure.path.to_token_stream(), fields, base, tuple: false }
    }

    fn control(&mut self, expr: &Expr) -> Value {
        let span = first_span(expr);
        let var = self.function.fresh("chosen", Kind::Space, false, Form::Owned, span);
        self.push(Statement::Let { var, value: None, ty: None });
        let place = Place::whole(var, span);
        self.assign_control(expr, &place);
        Value::Expr(ir::Expr::place(place))
    }

    fn macro_value(&mut self, mac: &syn::Macro, expr: &Expr) -> Value {
        if mac.path.is_ident("dbg")
            && let Ok(argument) = mac.parse_body::<Expr>()
        {
            return self.shown(&argument, expr);
        }
        if self.makes_sequence(expr) {
            return self.sequence_value(expr);
        }
        if flow::is_text(mac) {
            return Value::Expr(ir::Expr::Operand(Operand::Code(self.code(&expr.to_token_stream(), false))));
        }
        self.unknown_macro(mac);
        Value::Zero
    }

    /// `dbg!(argument)`: what may do something is evaluated once, and shown as `dbg!` would show it.
    fn shown(&mut self, argument: &Expr, whole: &Expr) -> Value {
        if is_repeatable(argument) {
            let code = self.code(&quote!(let _ = #whole;), false);
            self.push(Statement::Code { code, binds: Vec::new(), writes: Vec::new() });
            return self.value(argument);
        }
        let shown = self.materialise(argument, "shown");
        let (name, text) = (self.function.variable(shown).name.clone(), argument.to_token_stream().to_string());
        let place = quote_spanned!(first_span(whole)=> ::core::file!(), ::core::line!(), ::core::column!());
        let tokens = quote!(::std::eprintln!("[{}:{}:{}] {} = {:#?}", #place, #text, &#name););
        let code = ir::Code { tokens, reads: vec![shown], repeatable: false, span: first_span(whole) };
        self.push(Statement::Code { code, binds: Vec::new(), writes: Vec::new() });
        Value::Expr(ir::Expr::place(Place::whole(shown, first_span(whole))))
    }

    fn method(&mut self, call: &ExprMethodCall) -> Value {
        let name = call.method.to_string();
        if self.activity.is_struct(&call.receiver) && !matches!(name.as_str(), "clone" | "to_owned") {
            return self.call_method(call);
        }
        if let Some(op) = rules::find(&name)
            && op.0.written == Written::Method
            && op.0.operands.len() == call.args.len() + 1
        {
            if self.refuse_method_of_several(call) {
                return Value::Zero;
            }
            let mut arguments = vec![&*call.receiver];
            arguments.extend(&call.args);
            let value = self.apply(op, &arguments, Spelling::Method(call.method.span()));
            if let Value::Expr(ir::Expr::Apply(_, operands, _)) = &value
                && let ir::Expr::Operand(receiver) = &operands[0]
            {
                self.own_method(&call.receiver, &call.method, receiver);
                self.maths_of(receiver, call.method.span());
            }
            return value;
        }
        if self.is_resizing(call) {
            return self.taken_out(call);
        }
        if let Some(value) = self.option_value(call) {
            return value;
        }
        if self.makes_sequence(&Expr::MethodCall(call.clone())) {
            return self.sequence_value(&Expr::MethodCall(call.clone()));
        }
        if let ("for_each", Some(function)) = (name.as_str(), call.args.first()) {
            self.for_each(&call.receiver, function);
            return Value::Tuple(Vec::new());
        }
        match (name.as_str(), call.args.len()) {
            ("sin_cos", 0) => {
                let bound = self.sin_cos(&Expr::MethodCall(call.clone())).expect("the call is one");
                return self.bound_to_value(bound, &Expr::MethodCall(call.clone()));
            }
            ("clone" | "to_owned", 0) => {
                if let Expr::Path(_) = strip(&call.receiver)
                    && let Some(place) = self.place(&call.receiver)
                {
                    self.cloned(&place, &call.method);
                    return Value::Clone(place);
                }
                return match self.value(&call.receiver) {
                    Value::Expr(ir::Expr::Operand(Operand::Place(place))) => {
                        self.cloned(&place, &call.method);
                        Value::Clone(place)
                    }
                    other => other,
                };
            }
            ("into", 0) => {
                self.converted(&call.receiver);
                return self.apply(rules::op("convert"), &[&call.receiver], Spelling::Path(quote!(.into())));
            }
            ("sum" | "product", 0) => return self.accumulate(call, &name),
            ("fold", 2) => return self.fold_value(call),
            ("to_bits" | "to_ne_bytes" | "to_le_bytes" | "to_be_bytes", 0) => {
                let what = unsupported(&format!("`{name}`"), "bits carry no derivative", "pass `stop_gradient(..)` of the value");
                return self.zero_after(&call.method, what);
            }
            ("to_string" | "parse", 0) => {
                let what =
                    unsupported(&format!("`{name}`"), "text carries no derivative", "pass `stop_gradient(..)` of the value");
                return self.zero_after(&call.method, what);
            }
            ("take", 0) => {
                let help = "bind what it holds by `let`, and assign `None` after that";
                return self.zero_after(&call.method, not_yet("`take` of an `Option`", help));
            }
            _ => {}
        }
        if self.is_option(&call.receiver) && !super::options::is_known(&name) {
            let help = "match on it, and keep the value that it holds in a variable";
            return self.zero_after(&call.method, not_yet(&format!("`{name}` of an `Option`"), help));
        }
        if is_adapter(&name) || matches!(name.as_str(), "nth" | "next" | "max_by" | "min_by") {
            let help = "end the chain with `sum`, `fold`, `reduce` or `collect`, or write a `for` loop";
            // what was written otherwise has another name
            if is_made(call.method.span()) {
                return self.zero_after(call, not_yet("an iterator here", help));
            }
            let what = not_yet(&format!("`{name}` here"), help);
            return self.zero_after(&call.method, what);
        }
        self.call_method(call)
    }

    /// The value of what makes a new sequence.
    fn sequence_value(&mut self, expr: &Expr) -> Value {
        match self.make_sequence(expr, None) {
            Some(var) => Value::Expr(ir::Expr::place(Place::whole(var, first_span(expr)))),
            None => Value::Zero,
        }
    }

    /// Both values of `x.sin_cos()` and of `f64::sin_cos(x)`.
    pub(super) fn sin_cos(&mut self, expr: &Expr) -> Option<Bound> {
        match strip(expr) {
            Expr::MethodCall(call) if call.method == "sin_cos" && call.args.is_empty() && self.is_active(&call.receiver) => {
                let operand = self.operand(&call.receiver);
                self.own_method(&call.receiver, &call.method, &operand);
                let span = call.method.span();
                Some(self.sine_and_cosine(&operand, span, |_| Spelling::Method(span)))
            }
            Expr::Call(call) if call.args.len() == 1 && self.is_active(&call.args[0]) => {
                let Expr::Path(path) = strip(&call.func) else { return None };
                let last = path.path.segments.last().filter(|last| last.ident == "sin_cos")?;
                if !self.is_of_scalars(&path.path) {
                    return None;
                }
                let span = last.ident.span();
                let operand = self.operand(&call.args[0]);
                Some(self.sine_and_cosine(&operand, span, |name| {
                    let mut path = path.path.clone();
                    path.segments.last_mut().expect("a path has segments").ident = proc_macro2::Ident::new(name, span);
                    Spelling::Path(path.to_token_stream())
                }))
            }
            _ => None,
        }
    }

    fn sine_and_cosine(&mut self, operand: &Operand, span: Span, spelling: impl Fn(&str) -> Spelling) -> Bound {
        let parts = ["sin", "cos"].map(|name| {
            let value = ir::Expr::Apply(rules::op(name), vec![ir::Expr::Operand(operand.clone())], spelling(name));
            Bound::Var(self.temporary(name, Kind::Scalar, Value::Expr(value), span))
        });
        Bound::Tuple(parts.to_vec())
    }

    fn call(&mut self, call: &syn::ExprCall) -> Value {
        let whole = Expr::Call(call.clone());
        if let Some(Some(inner)) = is_runtime_call(&whole, "settled").or_else(|| is_runtime_call(&whole, "set")) {
            return self.value(inner);
        }
        if let Some(value) = self.memory_function(call) {
            return value;
        }
        if let Some(both) = self.sin_cos(&whole) {
            return self.bound_to_value(both, &whole);
        }
        if self.makes_sequence(&whole) {
            return self.sequence_value(&whole);
        }
        let Expr::Path(path) = strip(&call.func) else {
            let what = unsupported("a call of this expression", "what it runs is not known", "call a function by its name");
            return self.zero_after(&call.func, what);
        };
        if let Some(name) = path.path.get_ident() {
            match self.bound.get(&name.to_string()).cloned() {
                Some(Bound::Closure(closure)) => return self.inline_call(&closure, &call.args.iter().collect::<Vec<_>>()),
                Some(_) if self.callables.contains_key(&name.to_string()) => return self.call_parameter(name, call),
                Some(_) => {
                    let mut parameters = self.function.parameters.iter();
                    let help = match parameters.any(|p| self.function.variable(p.var).name == *name) {
                        true => "take it as `impl Fn(..) -> ..`, which is followed by its `vjp` in derivatives",
                        false => "bind a closure by `let` in this function, or call a function with `#[differentiable]`",
                    };
                    let what = unsupported("a call of this variable", "its body is not known here", help);
                    return self.zero_after(&call.func, what);
                }
                None => {}
            }
        }
        if let Some(value) = self.scalar_function(&path.path, call) {
            return value;
        }
        let last = path.path.segments.last().expect("a path has segments").ident.to_string();
        if last.starts_with(char::is_uppercase) && !self.is_function(path) {
            if matches!(last.as_str(), "Some" | "Ok" | "Err") {
                return self
                    .zero_after(&call.func, not_yet(&format!("`{last}` of an active value"), "keep the value beside a flag"));
            }
            if self.refuse_variant(&path.path) {
                return Value::Zero;
            }
            let values = self.part_values(&call.args.iter().collect::<Vec<_>>());
            let fields = (0..).map(Step::Element).zip(values).collect();
            return Value::Struct { path: path.to_token_stream(), fields, base: None, tuple: true };
        }
        self.call_function(path, call, false)
    }

    /// Whether a name that begins with a capital is that of a function: it gives a float somewhere, it is declared in the body, or it is this one's.
    fn is_function(&self, path: &syn::ExprPath) -> bool {
        let is_declared = |name: &proc_macro2::Ident| {
            let text = name.to_string();
            *name == self.own_name || self.own_functions.contains(&text) || self.local_functions.contains(&text)
        };
        self.capitals.contains(&path.to_token_stream().to_string()) || path.path.get_ident().is_some_and(is_declared)
    }

    /// `f64::exp(x)`, `Real::exp(x)`, `T::exp(x)`, `f64::from(x)`
    fn scalar_function(&mut self, path: &syn::Path, call: &syn::ExprCall) -> Option<Value> {
        if !self.is_of_scalars(path) {
            return None;
        }
        let name = path.segments.last().expect("a path has segments").ident.to_string();
        let tokens = path.to_token_stream();
        let arguments: Vec<_> = call.args.iter().collect();
        if name == "from" && arguments.len() == 1 {
            self.converted(arguments[0]);
            return Some(self.apply(rules::op("convert"), &arguments, Spelling::Path(tokens)));
        }
        let op = rules::find(&name).filter(|op| matches!(op.0.written, Written::Method | Written::Function));
        let Some(op) = op else {
            let before = self.errors.count();
            if matches!(name.as_str(), "from_bits" | "from_ne_bytes" | "from_le_bytes" | "from_be_bytes") {
                arguments.iter().for_each(|argument| drop(self.value(argument)));
            }
            if self.errors.count() > before {
                return Some(Value::Zero);
            }
            let last = path.segments.last().expect("a path has segments");
            self.refuse_function(&last.ident, Some(Called::By(tokens)), arguments.len());
            return Some(Value::Zero);
        };
        (op.0.operands.len() == arguments.len()).then(|| self.apply(op, &arguments, Spelling::Path(tokens)))
    }

    /// Whether the function is one of a scalar type, or of `Real`.
    fn is_of_scalars(&self, path: &syn::Path) -> bool {
        let Some(qualifier) = path.segments.iter().rev().nth(1) else { return false };
        let qualifier = qualifier.ident.to_string();
        matches!(qualifier.as_str(), "f32" | "f64" | "Real")
            || self.function.scalar.as_ref().is_some_and(|scalar| *scalar == qualifier)
    }

    fn inline_call(&mut self, closure: &ExprClosure, arguments: &[&Expr]) -> Value {
        let Some((inputs, body)) = self.instance(closure, arguments.len()) else { return Value::Zero };
        for (input, argument) in inputs.iter().zip(arguments) {
            self.bind_pattern(input, argument);
        }
        self.value_always(&body)
    }

    /// The parts of the tuple that a closure gives where it is called, of which some have no derivative.
    pub(super) fn tuple_of_closure(&mut self, expr: &Expr) -> Option<Bound> {
        let Expr::Call(call) = strip(expr) else { return None };
        if !self.activity.value(expr).is_mixed() && !self.gives_a_reference(call) {
            return None;
        }
        let Some(Bound::Closure(closure)) = self.resolve(&call.func) else { return None };
        let (inputs, body) = self.instance(&closure, call.args.len())?;
        for (input, argument) in inputs.iter().zip(&call.args) {
            self.bind_pattern(input, argument);
        }
        Some(match &body {
            Expr::Block(block) if block.label.is_none() => self.block_bound(&block.block),
            other => self.bound_value(other),
        })
    }

    /// Whether a closure with a name gives a reference to something active: `|a, b| &x[a..b]`.
    pub(super) fn gives_a_reference(&self, call: &syn::ExprCall) -> bool {
        fn is_reference(body: &Expr) -> bool {
            match strip(body) {
                Expr::Reference(reference) => reference.mutability.is_none(),
                Expr::Block(block) if block.label.is_none() => {
                    matches!(block.block.stmts.last(), Some(syn::Stmt::Expr(last, None)) if is_reference(last))
                }
                _ => false,
            }
        }
        let Expr::Path(path) = strip(&call.func) else { return false };
        let named = path.path.get_ident().and_then(|name| self.bound.get(&name.to_string()));
        matches!(named, Some(Bound::Closure(closure)) if is_reference(&closure.body) && self.is_active(&closure.body))
    }

    /// The value of a closure's body, which may be there for its effect.
    pub(super) fn value_always(&mut self, body: &Expr) -> Value {
        match body {
            effect if self.is_effect(effect) => {
                drop(self.block_value(&syn::parse_quote!({ #effect; })));
                Value::Tuple(Vec::new())
            }
            Expr::Block(block) if block.label.is_none() => self.in_scope(|this| match block.block.stmts.split_last() {
                Some((syn::Stmt::Expr(last, None), before)) => {
                    before.iter().for_each(|stmt| this.statement(stmt));
                    let value = this.value_always(last);
                    this.before_leaving(value, first_span(last))
                }
                _ => this.block_value(&block.block).unwrap_or_else(|| Value::Tuple(Vec::new())),
            }),
            other => self.value(other),
        }
    }

    /// A closure's inputs and body, with variables of their own.
    pub(super) fn instance(&mut self, closure: &ExprClosure, arguments: usize) -> Option<(Vec<Pat>, Expr)> {
        if closure.inputs.len() != arguments {
            self.errors.leave_to_rustc();
            return None;
        }
        let mut returns = Returns(false);
        syn::visit::Visit::visit_expr(&mut returns, &closure.body);
        if returns.0 {
            let what = not_yet("`return` in a closure", "give the result as the value of an `if` at its end");
            self.unsupported(&closure.body, what);
            return None;
        }
        let mut inputs: Vec<Pat> = closure.inputs.iter().cloned().collect();
        let mut body = (*closure.body).clone();
        std::mem::swap(&mut self.names.taken, &mut self.function.taken); // one set of names
        let renamed = rename::rename_again(&mut body, &mut inputs, &mut self.names);
        numbers_in(&body).iter().for_each(|number| drop(self.evaluated.remove(number)));
        std::mem::swap(&mut self.names.taken, &mut self.function.taken);
        for (old, new) in &renamed {
            if let Some(mut fills) = self.fills.get(old).cloned() {
                fills.iter_mut().for_each(|fill| rename::substitute(fill, &renamed));
                self.fills.insert(new.clone(), fills);
            }
        }
        for (old, new) in renamed {
            self.activity.alike(&new, &old);
            self.kinds.alike(&new, &old);
            if let Some(span) = self.rebound.get(&old).copied() {
                self.rebound.insert(new, span);
            }
        }
        Some((inputs, body))
    }

    /// A closure applied to what is known.
    pub(super) fn apply_closure(&mut self, closure: &ExprClosure, arguments: Vec<Bound>) -> Option<Bound> {
        let (inputs, body) = self.instance(closure, arguments.len())?;
        for (input, argument) in inputs.iter().zip(arguments) {
            self.bind_bound(input, argument);
        }
        Some(match &body {
            Expr::Block(block) if block.label.is_none() => self.block_bound(&block.block),
            other => self.bound_value(other),
        })
    }

    fn block_bound(&mut self, block: &syn::Block) -> Bound {
        if let Some((syn::Stmt::Expr(last, None), before)) = block.stmts.split_last() {
            return self.in_scope(|this| {
                before.iter().for_each(|stmt| this.statement(stmt));
                this.bound_value(last)
            });
        }
        Bound::Var(
            self.materialise(&Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: block.clone() }), "item"),
        )
    }

    /// A closure, or a function by its name as one.
    pub(super) fn as_closure(&mut self, function: &Expr, arguments: usize) -> Option<ExprClosure> {
        match strip(function) {
            Expr::Closure(closure) => Some(closure.clone()),
            Expr::Path(path) => {
                if let Some(Bound::Closure(closure)) =
                    path.path.get_ident().and_then(|name| self.bound.get(&name.to_string()).cloned())
                {
                    return Some(*closure);
                }
                let names: Vec<_> = (0..arguments)
                    .map(|i| proc_macro2::Ident::new(&self.function.taken.fresh(&format!("a{i}")), Span::mixed_site()))
                    .collect();
                for name in &names {
                    self.names.bindings.insert(name.to_string(), Binding::default());
                    self.activity.activate(&name.to_string());
                }
                Some(syn::parse_quote!(|#(#names),*| #path(#(#names),*)))
            }
            other => {
                let what = unsupported("this argument", "what it runs is not known", "write a closure or the name of a function");
                self.unsupported(other, what);
                None
            }
        }
    }

    /// The kind of a value.
    pub(super) fn kind_of(&self, value: &Value) -> Kind {
        match value {
            Value::Expr(ir::Expr::Apply(..)) | Value::Zero => Kind::Scalar,
            Value::Expr(ir::Expr::Operand(Operand::Number(_))) => Kind::Scalar,
            Value::Expr(ir::Expr::Operand(Operand::Place(place))) if place.path.is_empty() => {
                match self.function.variable(place.root).kind {
                    Kind::Inactive => Kind::Space,
                    kind => kind,
                }
            }
            _ => Kind::Space,
        }
    }
}

/// A name for an operation's result.
pub(super) fn noun(op: Op) -> &'static str {
    match op.0.name {
        "add" => "sum",
        "sub" => "difference",
        "mul" => "product",
        "div" => "quotient",
        "rem" => "remainder",
        "neg" => "negated",
        "convert" => "converted",
        name => name,
    }
}

/// Whether a body returns.
struct Returns(bool);

impl<'ast> syn::visit::Visit<'ast> for Returns {
    fn visit_expr_return(&mut self, _: &'ast syn::ExprReturn) {
        self.0 = true;
    }

    fn visit_expr_try(&mut self, _: &'ast syn::ExprTry) {
        self.0 = true;
    }

    fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
}

/// Whether the function makes a scalar of a literal.
fn is_lifted(function: &Expr) -> bool {
    matches!(function, Expr::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "from_f64"))
}

/// Whether the value may be a reference, as what an `Option` of one holds: `table.get(key).unwrap()`, `names.next().unwrap_or(&0.0)`.
fn may_refer(expr: &Expr) -> bool {
    const GIVES_REFERENCES: &[&str] = &["get", "first", "last", "next", "nth", "find", "max_by", "min_by", "peek"];
    let Expr::MethodCall(end) = strip(expr) else { return false };
    match (end.method.to_string().as_str(), end.args.first()) {
        ("unwrap_or", Some(default)) => matches!(strip(default), Expr::Reference(_)),
        ("unwrap" | "expect", _) => {
            matches!(strip(&end.receiver), Expr::MethodCall(call) if GIVES_REFERENCES.iter().any(|name| call.method == name))
        }
        _ => false,
    }
}
