//! `Option`s that sequences and iterators give: one of their items, where there is one.
//!
//! *In:* `xs.iter().max_by(|a, b| a.total_cmp(b))`
//!
//! *Out:* `let some = false; let best = 0; for i in 0..xs.len() { if some { if best.total_cmp(xs[i]) is not greater { best = xs[i] } } else { best =
//! xs[i]; some = true } }`

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Expr, ExprMethodCall};

use crate::error::not_yet;
use crate::ir::tokens::{self, operand};
use crate::ir::{self, Code, Form, Kind, Place, Statement, Step, Value};
use crate::lower::facts::methods::{is_adapter, is_chunks};
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::syntax::strip;

use super::options::Held;
use super::{Bound, Lowerer};

impl Lowerer<'_> {
    /// Whether the expression is an iterator by its form.
    pub(super) fn is_iterator(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::MethodCall(call) => is_adapter(&call.method.to_string()),
            Expr::Range(_) => true,
            _ => false,
        }
    }

    /// `a.first()`, `a.last_mut()`, `a.get(i)`, `a.split_first()`
    pub(super) fn element_option(&mut self, call: &ExprMethodCall) -> Option<(Code, Bound)> {
        let place = self.named_or_made(&call.receiver, "sequence");
        self.sequence(&place);
        let all = tokens::receiver(&self.function, &place);
        let span = call.method.span();
        let reads = super::mentioned(&place);
        let code = |tokens: TokenStream| Code { tokens, reads: reads.clone(), repeatable: true, span };
        let name = call.method.to_string();
        let exclusive = name.ends_with("_mut");
        let part = |code: Code| Bound::Reference { place: place.then(Step::Index(ir::Operand::Code(code))), depth: 1, exclusive };
        if let Some(index) = call.args.first() {
            let is_range = matches!(strip(index), Expr::Range(_));
            let index = self.bound_of_range(index, "index");
            let tokens = operand(&index.tokens);
            let test = if is_range { quote!(#all.get(#tokens).is_some()) } else { quote!(#tokens < #all.len()) };
            let some = Code { reads: reads.iter().chain(&index.reads).copied().collect(), ..code(test) };
            return Some((some, part(index)));
        }
        let first = || part(Code { reads: Vec::new(), ..code(quote!(0)) });
        let end = if self.is_mutable(place.root) && name.contains("last") {
            // a name of its own, since a place that is written cannot be asked for its length
            let last = Code { repeatable: false, ..code(quote!(#all.len().saturating_sub(1))) };
            let value = Value::Expr(ir::Expr::Operand(ir::Operand::Code(last)));
            let last = self.temporary("last", Kind::Inactive, value, span);
            self.name_code(last, span)
        } else {
            code(quote!(#all.len() - 1))
        };
        let last = || part(end.clone());
        let before = &end.tokens;
        let payload = match name.trim_end_matches("_mut") {
            "first" => first(),
            "last" => last(),
            "split_first" => Bound::Tuple(vec![first(), part(code(quote!(1..)))]),
            _ => Bound::Tuple(vec![last(), part(Code { tokens: quote!(..#before), ..end.clone() })]),
        };
        Some((code(quote!(!#all.is_empty())), payload))
    }

    /// One of the items of an iterator, or what they are reduced to.
    pub(super) fn selected(&mut self, call: &ExprMethodCall) -> Option<(Code, Bound)> {
        let (name, span) = (call.method.to_string(), call.method.span());
        if let ("nth", Some(count)) = (name.as_str(), call.args.first()) {
            let receiver = &call.receiver;
            return self.selected(&syn::parse_quote!(#receiver.skip(#count).next()));
        }
        if !matches!(name.as_str(), "reduce" | "find_map") && lends_items(&call.receiver) {
            let help = "find its index, by `position` or `enumerate`, and store into that element";
            self.unsupported(&call.method, not_yet(&format!("an item that `{name}` gives to be changed"), help));
            let none = Code { tokens: quote!(false), reads: Vec::new(), repeatable: true, span };
            return Some((none, Bound::Var(self.temporary("item", Kind::Scalar, Value::Zero, span))));
        }
        let inputs = match name.as_str() {
            "find" | "find_map" => 1,
            _ => 2,
        };
        let closure = match call.args.first() {
            Some(function) => Some(self.as_closure(function, inputs)?),
            None => None,
        };
        let takes_structs = closure.iter().flat_map(|closure| &closure.inputs).any(|input| match input {
            syn::Pat::Ident(name) => {
                let name = &name.ident;
                self.activity.is_struct(&syn::parse_quote!(#name))
            }
            _ => false,
        });
        let outer = std::mem::replace(&mut self.struct_items, takes_structs);
        self.bound_with = closure.as_ref().and_then(|closure| closure.inputs.last().cloned());
        let flag = self.inactive_variable(&format!("{name}_is_some"), false, span);
        let flag_name = self.function.variable(flag).name.clone();
        let some = Code { tokens: quote!(#flag_name), reads: vec![flag], repeatable: false, span };
        let none = Code { tokens: quote!(!#flag_name), ..some.clone() }; // what fills the slot first tells its type
        let (mut slot, mut declared) = (None, Vec::new());
        let (block, ()) = self.nested(|this| {
            this.iterate(&call.receiver, &mut |this, item| {
                let mut filled = |this: &mut Self, item: Bound| {
                    let payload = slot.get_or_insert_with(|| this.slot_like(&item, &name, span, &mut declared)).clone();
                    let slot = Bound::Option { some: some.clone(), payload: Box::new(payload) };
                    this.nested(|this| this.fill(item, &slot, span)).0
                };
                match (name.as_str(), &closure) {
                    ("next", _) => {
                        let block = filled(this, item);
                        this.inline(block);
                        this.end(some.clone(), 0);
                    }
                    ("find", Some(closure)) => {
                        let Some((inputs, body)) = this.instance(closure, 1) else { return };
                        this.bind_lent(&inputs[0], item.clone());
                        let condition = this.statements_before(&body);
                        let on = this.code_of(&condition, is_repeatable(&condition));
                        let then = filled(this, item);
                        this.push(Statement::either(on, then, Vec::new()));
                        this.end(some.clone(), 0);
                    }
                    ("find_map", Some(closure)) => {
                        let Some((inputs, body)) = this.instance(closure, 1) else { return };
                        this.bind_bound(&inputs[0], item);
                        let result = this.statements_before(&body);
                        let Some((on, payload)) = this.option(&result) else { return };
                        let then = filled(this, payload);
                        this.push(Statement::either(on, then, Vec::new()));
                        this.end(some.clone(), 0);
                    }
                    ("max_by" | "min_by", Some(closure)) => {
                        let first = filled(this, item.clone());
                        let replace = filled(this, item.clone());
                        let Some(best) = slot.clone() else { return };
                        let (then, ()) = this.nested(|this| {
                            let best = this.entered(best);
                            if let Some(on) = this.is_better(closure, best, item, name == "max_by") {
                                this.push(Statement::either(on, replace, Vec::new()));
                            }
                        });
                        this.push(Statement::either(none.clone(), first, then));
                    }
                    ("reduce", Some(closure)) => {
                        let first = filled(this, item.clone());
                        let Some(reduced) = slot.clone() else { return };
                        let slot = Bound::Option { some: some.clone(), payload: Box::new(reduced.clone()) };
                        let (then, ()) = this.nested(|this| {
                            let reduced = this.entered(reduced);
                            if let Some(next) = this.apply_closure(closure, vec![reduced, item]) {
                                this.fill(next, &slot, span);
                            }
                        });
                        this.push(Statement::either(none.clone(), first, then));
                    }
                    _ => {
                        let block = filled(this, item);
                        this.inline(block);
                    }
                }
            });
        });
        self.struct_items = outer;
        declared.into_iter().for_each(|statement| self.push(statement));
        self.inline(block);
        Some((some, slot.unwrap_or(Bound::Tuple(Vec::new()))))
    }

    /// Whether an item takes the place of the best so far: of equal ones `max_by` gives the last, `min_by` the first.
    fn is_better(&mut self, closure: &syn::ExprClosure, best: Bound, item: Bound, greatest: bool) -> Option<Code> {
        let (inputs, body) = self.instance(closure, 2)?;
        for (input, bound) in inputs.iter().zip([best, item]) {
            self.bind_lent(input, bound);
        }
        let order = self.statements_before(&body);
        let code = self.code_of(&order, false);
        let (tokens, not) = (&code.tokens, greatest.then(|| quote!(!)));
        Some(Code { tokens: quote!(#not ::core::matches!(#tokens, ::core::cmp::Ordering::Greater)), ..code })
    }

    /// Variables that hold what an item is, behind as many references.
    pub(super) fn slot_like(&mut self, item: &Bound, wish: &str, span: Span, declared: &mut ir::Block) -> Bound {
        let whole = (Kind::Space, Form::Late, Value::Late);
        let scalar = (Kind::Scalar, Form::Owned, Value::Zero);
        let (depth, (kind, form, value)) = match item {
            Bound::Tuple(parts) => {
                let parts = parts.iter().enumerate();
                return Bound::Tuple(
                    parts.map(|(i, part)| self.slot_like(part, &format!("{wish}_{i}"), span, declared)).collect(),
                );
            }
            Bound::Var(var) if self.function.variable(*var).kind == Kind::Inactive => {
                (None, (Kind::Inactive, Form::Late, Value::Late))
            }
            Bound::Var(var) if self.aggregates.contains(var) || self.sequences.contains(var) => (None, whole),
            Bound::Reference { place, depth, .. } if self.function.variable(place.root).kind == Kind::Inactive => {
                (Some(*depth), (Kind::Inactive, Form::Late, Value::Late))
            }
            Bound::Reference { place, .. } if place.is_part() => {
                let help = "take the index of the part, by `enumerate`, and read it there";
                self.errors.span(span, not_yet(&format!("`{wish}` of parts of a sequence"), help));
                (None, scalar)
            }
            Bound::Reference { place, depth, .. } => {
                let held =
                    self.type_of_place(place).and_then(|ty| self.held_by_type(&ty)).or_else(|| self.held_in_elements(place));
                let is_whole = matches!(held, Some(Held::Whole | Held::Tuple(_))) || held.is_none() && self.struct_items;
                (Some(*depth), if is_whole { whole } else { scalar })
            }
            _ => (None, scalar),
        };
        let var = self.function.fresh(wish, kind, true, form, span);
        declared.push(Statement::Let { var, value: Some(value), ty: None });
        match depth {
            Some(depth) => Bound::Reference { place: Place::whole(var, span), depth, exclusive: false },
            None => Bound::Var(var),
        }
    }
}

/// Whether the items of the iterator are mutable references.
fn lends_items(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::MethodCall(call) => match call.method.to_string().as_str() {
            "iter_mut" => true,
            chunks if is_chunks(chunks) && chunks.ends_with("_mut") => true,
            "map" | "filter_map" | "flat_map" | "map_while" | "scan" => false,
            _ => lends_items(&call.receiver),
        },
        Expr::Reference(reference) => reference.mutability.is_some(),
        _ => false,
    }
}
