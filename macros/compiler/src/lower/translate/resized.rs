//! Methods of a `Vec` that move its elements, or change how many there are.
//!
//! ```text
//! v.remove(i)            ⟶  let removed = v[i]; let rest = v[..i] and v[i + 1..]; v = rest
//! v.swap_remove(i)       ⟶  let removed = v[i]; v[i] = v[last]; v = v[..last]
//! v.drain(a..b)          ⟶  let drained = v[a..b]; let rest = v[..a] and v[b..]; v = rest
//! v.split_off(k)         ⟶  let tail = v[k..]; v = v[..k]
//! v.append(&mut w)       ⟶  for i in 0..w.len() { push w[i] to v }; w = []
//! v.resize(n, x)         ⟶  if n < v.len() { v = v[..n] } else { for i in v.len()..n { push x to v } }
//! v.retain(|a| c)        ⟶  let kept = []; for i in 0..v.len() { if c { push v[i] to kept } }; v = kept
//! v.rotate_left(k)       ⟶  let before = v; for i in 0..v.len() { v[i] = before[(i + k) % v.len()] }
//! items.unzip()          ⟶  let a = []; let b = []; for (x, y) in items { push x to a; push y to b }
//! items.partition(|a| c) ⟶  let a = []; let b = []; for x in items { if c { push x to a } else { push x to b } }
//! ```

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Expr, ExprMethodCall};

use crate::error::not_yet;
use crate::ir::tokens::operand;
use crate::ir::{self, Code, Kind, Loop, Operand, Place, Range, Statement, Step, Value};

use crate::ir::Form;
use crate::lower::facts::syntax::{strip, without_reference};

use super::{Bound, Lowerer};

/// Those that are called for their effect, with the number of their arguments.
const EFFECTS: &[(&str, usize)] = &[
    ("append", 1),
    ("resize", 2),
    ("retain", 1),
    ("rotate_left", 1),
    ("rotate_right", 1),
    ("remove", 1),
    ("swap_remove", 1),
    ("split_off", 1),
    ("drain", 1),
];

/// Those that give what they take out.
const VALUES: &[&str] = &["remove", "swap_remove", "split_off"];

impl Lowerer<'_> {
    /// Whether the call is of one of these, on a sequence that is differentiated.
    pub(super) fn is_resizing(&self, call: &ExprMethodCall) -> bool {
        let is_place = matches!(strip(&call.receiver), Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_));
        let is_known = EFFECTS.iter().any(|(name, count)| call.method == name && call.args.len() == *count);
        is_known && is_place && self.is_active(&call.receiver) && !self.activity.is_struct(&call.receiver)
    }

    /// The call for its effect.
    pub(super) fn resize(&mut self, call: &ExprMethodCall) {
        let name = call.method.to_string();
        if VALUES.contains(&name.as_str()) {
            return drop(self.taken_out(call));
        }
        if name == "drain" {
            return drop(self.drained(call));
        }
        let Some(place) = self.target(&call.receiver) else { return self.no_place(&call.receiver) };
        self.sequence(&place);
        let span = call.method.span();
        match name.as_str() {
            "append" => self.append(&place, &call.args[0], span),
            "resize" => self.resize_to(&place, &call.args[0], &call.args[1], span),
            "retain" => self.retain(&place, &call.args[0], span),
            _ => self.rotate(&place, &call.args[0], name == "rotate_left", span),
        }
    }

    /// `v.remove(i)`, `v.swap_remove(i)`, `v.split_off(k)`: what is taken out.
    pub(super) fn taken_out(&mut self, call: &ExprMethodCall) -> Value {
        let Some(place) = self.target(&call.receiver) else {
            self.no_place(&call.receiver);
            return Value::Zero;
        };
        self.sequence(&place);
        let span = call.method.span();
        let at = self.bound_of_range(&call.args[0], "index");
        let at = self.named_code("index", at);
        if call.method == "split_off" {
            let tail = Place::whole(self.new_vector(None, span), span);
            let length = self.place_length(&place);
            self.push_elements(&place, &tail, (at.clone(), length), span);
            self.keep_first(&place, at, span);
            return Value::Expr(ir::Expr::place(tail));
        }
        let element = place.then(Step::Index(Operand::Code(at.clone())));
        let value = self.copy_of_place(element.clone());
        let removed = self.temporary("removed", Kind::Space, value, span);
        let length = self.place_length(&place);
        let (index, all) = (operand(&at.tokens), &length.tokens);
        if call.method == "swap_remove" {
            let last = self.named_code("last", Code { tokens: quote!(#all - 1), ..length.clone() });
            let value = self.copy_of_place(place.then(Step::Index(Operand::Code(last.clone()))));
            self.push(Statement::Assign { place: element, value });
            self.keep_first(&place, last, span);
        } else {
            let rest = Place::whole(self.new_vector(None, span), span);
            let after = Code { tokens: quote!(#index + 1), ..at.clone() };
            self.push_elements(&place, &rest, (nought(span), at.clone()), span);
            self.push_elements(&place, &rest, (after, length), span);
            self.push(Statement::Assign { place, value: Value::Expr(ir::Expr::place(rest)) });
        }
        Value::Expr(ir::Expr::place(Place::whole(removed, span)))
    }

    /// Whether the iterator takes elements out of a vector that is differentiated.
    pub(super) fn is_drained(&self, call: &ExprMethodCall) -> bool {
        call.method == "drain" && self.is_resizing(call)
    }

    /// `v.drain(a..b)`: a vector of what is taken out.
    pub(super) fn drained(&mut self, call: &ExprMethodCall) -> Option<Place> {
        let Expr::Range(range) = strip(&call.args[0]) else {
            self.unsupported(&call.args[0], not_yet("`drain` of a range that has a name", "write the range where it is drained"));
            return None;
        };
        let Some(place) = self.target(&call.receiver) else {
            self.no_place(&call.receiver);
            return None;
        };
        self.sequence(&place);
        let span = call.method.span();
        let all = self.place_length(&place);
        let all = self.named_code("length", all);
        let start = match &range.start {
            Some(start) => self.bound_of_range(start, "start"),
            None => nought(span),
        };
        let end = match &range.end {
            Some(end) => {
                let end = self.bound_of_range(end, "end");
                let tokens = operand(&end.tokens);
                match range.limits {
                    syn::RangeLimits::Closed(_) => Code { tokens: quote!(#tokens + 1), ..end },
                    syn::RangeLimits::HalfOpen(_) => end,
                }
            }
            None => all.clone(),
        };
        let (start, end) = (self.named_code("start", start), self.named_code("end", end));
        let (first, last) = (&start.tokens, &end.tokens);
        let reads = start.reads.iter().chain(&end.reads).copied().collect();
        let code = Code { tokens: quote!(::core::assert!(#first <= #last);), reads, repeatable: false, span };
        self.push(Statement::Code { code, binds: Vec::new(), writes: Vec::new() });
        let drained = Place::whole(self.new_vector(None, span), span);
        let rest = Place::whole(self.new_vector(None, span), span);
        self.push_elements(&place, &rest, (nought(span), start.clone()), span);
        self.push_elements(&place, &drained, (start, end.clone()), span);
        self.push_elements(&place, &rest, (end, all), span);
        self.push(Statement::Assign { place, value: Value::Expr(ir::Expr::place(rest)) });
        Some(drained)
    }

    fn append(&mut self, place: &Place, other: &Expr, span: Span) {
        let other = without_reference(other);
        if let Expr::MethodCall(_) | Expr::Call(_) | Expr::Macro(_) = other {
            // of what is made on the spot nothing is left
            let into = place.clone();
            return self.iterate(other, &mut |this, item| this.push_item(&into, item, span));
        }
        let Some(source) = self.target(other) else { return self.no_place(other) };
        self.sequence(&source);
        let length = self.place_length(&source);
        self.push_elements(&source, place, (nought(span), length), span);
        self.push(Statement::Assign { place: source, value: Value::EmptyVec });
    }

    fn resize_to(&mut self, place: &Place, length: &Expr, with: &Expr, span: Span) {
        let to = self.bound_of_range(length, "length");
        let to = self.named_code("length", to);
        let with = Place::whole(self.materialise(with, "element"), span);
        let before = self.place_length(place);
        let from = self.named_code("start", before);
        let reads = to.reads.iter().chain(&from.reads).copied().collect();
        let (wanted, there) = (&to.tokens, &from.tokens);
        let is_shorter = Code { tokens: quote!(#wanted < #there), reads, repeatable: false, span };
        let (shorter, ()) = self.nested(|this| this.keep_first(place, to.clone(), span));
        let (longer, ()) = self.nested(|this| {
            let (body, ()) = this.nested(|this| {
                let value = this.copy_of_place(with.clone());
                this.push(Statement::Push { place: place.clone(), value });
            });
            let index = this.function.fresh("i", Kind::Inactive, false, Form::Owned, span);
            let range = Range { index, start: from.clone(), end: to.clone(), inclusive: false, reversed: false };
            this.push(Statement::Loop(Loop::over(range, body)));
        });
        self.push(Statement::either(is_shorter, shorter, longer));
    }

    fn retain(&mut self, place: &Place, function: &Expr, span: Span) {
        let Some(closure) = self.as_closure(function, 1) else { return };
        let kept = Place::whole(self.new_vector(None, span), span);
        self.for_each_index(place, span, &mut |this, at| {
            let element = place.then(at);
            let item = Bound::Reference { place: element.clone(), depth: 0, exclusive: false };
            let Some(on) = this.condition_on(&closure, item) else { return };
            let (then, ()) = this.nested(|this| {
                let value = this.copy_of_place(element.clone());
                this.push(Statement::Push { place: kept.clone(), value });
            });
            this.push(Statement::either(on, then, Vec::new()));
        });
        self.push(Statement::Assign { place: place.clone(), value: Value::Expr(ir::Expr::place(kept)) });
    }

    /// Whether a condition holds for an item that it is lent.
    fn condition_on(&mut self, closure: &syn::ExprClosure, item: Bound) -> Option<Code> {
        let (inputs, body) = self.instance(closure, 1)?;
        self.bind_lent(&inputs[0], item);
        let condition = self.statements_before(&body);
        Some(self.code_of(&condition, false))
    }

    fn rotate(&mut self, place: &Place, by: &Expr, left: bool, span: Span) {
        let by = self.bound_of_range(by, "by");
        let by = self.named_code("by", by);
        let before = Place::whole(self.new_vector(None, span), span);
        let length = self.place_length(place);
        let (distance, all) = (&by.tokens, &length.tokens);
        let reads: Vec<_> = by.reads.iter().chain(&length.reads).copied().collect();
        let tokens = quote!(::core::assert!(#distance <= #all););
        let code = Code { tokens, reads: reads.clone(), repeatable: false, span };
        self.push(Statement::Code { code, binds: Vec::new(), writes: Vec::new() });
        self.push_elements(place, &before, (nought(span), length.clone()), span);
        self.for_each_index(place, span, &mut |this, at| {
            let Step::Index(Operand::Code(index)) = &at else { return };
            let to = &index.tokens;
            let tokens: TokenStream = match left {
                true => quote!((#to + #distance) % #all),
                false => quote!((#to + #all - #distance) % #all),
            };
            let from = Code { tokens, reads: index.reads.iter().chain(&reads).copied().collect(), ..index.clone() };
            let value = this.copy_of_place(before.then(Step::Index(Operand::Code(from))));
            this.push(Statement::Assign { place: place.then(at.clone()), value });
        });
    }

    /// `items.unzip()`, `items.partition(condition)`: both vectors.
    pub(super) fn two_vectors(&mut self, expr: &Expr) -> Option<Bound> {
        let Expr::MethodCall(call) = strip(expr) else { return None };
        let span = call.method.span();
        let condition = match (call.method.to_string().as_str(), call.args.first()) {
            ("unzip", None) => None,
            ("partition", Some(condition)) => Some(condition),
            _ => return None,
        };
        if !self.is_active(expr) || self.activity.is_struct(&call.receiver) {
            return None;
        }
        let closure = condition.map(|condition| self.as_closure(condition, 1));
        let vectors = [0, 1].map(|_| self.new_vector(None, span));
        let into = vectors.map(|vector| Place::whole(vector, span));
        self.iterate(&call.receiver, &mut |this, item| match &closure {
            None => match item {
                Bound::Tuple(parts) if parts.len() == 2 => {
                    parts.into_iter().zip(&into).for_each(|(part, into)| this.push_item(into, part, span));
                }
                other => {
                    let part = |index| match this.place_of(other.clone(), call) {
                        Some(place) => Bound::Reference { place: place.then(Step::Element(index)), depth: 0, exclusive: false },
                        None => other.clone(),
                    };
                    let parts = [0, 1].map(part);
                    parts.into_iter().zip(&into).for_each(|(part, into)| this.push_item(into, part, span));
                }
            },
            Some(None) => {}
            Some(Some(closure)) => {
                let Some(on) = this.condition_on(closure, item.clone()) else { return };
                let [(then, ()), (other, ())] =
                    [0, 1].map(|index| this.nested(|this| this.push_item(&into[index], item.clone(), span)));
                this.push(Statement::either(on, then, other));
            }
        });
        Some(Bound::Tuple(vectors.map(Bound::Var).to_vec()))
    }
}

fn nought(span: Span) -> Code {
    Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span }
}
