//! Arrays, slices and vectors as a whole: what changes several elements, what makes a new sequence, and what names a part.
//!
//! ```text
//! a.swap(i, j)                ⟶  let first = a[i]; let second = a[j]; a[i] = second; a[j] = first
//! a.fill(x)                   ⟶  for i in 0..a.len() { a[i] = x }
//! a.copy_from_slice(b)        ⟶  for i in 0..a.len() { a[i] = b[i] }
//! a.swap_with_slice(b)        ⟶  for i in 0..a.len() { let first = a[i]; let second = b[i]; a[i] = second; b[i] = first }
//! let v: Vec<_> = items       ⟶  let v = []; for item in items { push item to v }
//! let b = a.map(f)            ⟶  let b = [0; a.len()]; for i in 0..a.len() { b[i] = f(a[i]) }
//! a.split_at(k)               ⟶  the places a[..k] and a[k..]
//! v.truncate(n)               ⟶  let kept = []; for i in 0..min(n, v.len()) { push v[i] to kept }; v = kept
//! v.sort_by(f)                ⟶  let order = 0..v.len() sorted by f of the elements; let before = v; for i in 0..v.len() { v[i] = before[order[i]] }
//! [a, b].concat()             ⟶  let v = []; for item in a { push item to v }; for item in b { push item to v }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Expr, ExprCall, ExprMethodCall, Type};

use crate::error::{not_yet, with_help};
use crate::ir::{self, Code, Form, Kind, Loop, Operand, Place, Range, Statement, Step, Value, Var, tokens};
use crate::lower::facts::known::is_method;
use crate::lower::facts::methods::is_adapter;
use crate::lower::facts::syntax::{element_type, elements, first_span, is_call, peeled, strip, without_reference};
use crate::lower::rewrite::spellings::{ANOTHER_LENGTH, converted};
use crate::rules;

use super::options;
use super::refused::{is_declared_outside, stored_outside};
use super::{Bound, Lowerer};

/// Whether the type is one of a list of slices, `Vec<&[f64]>`.
fn of_slices(ty: &Type) -> bool {
    element_type(ty).is_some_and(|elem| matches!(peeled(&elem), Type::Slice(_)))
}

/// Who asks for a new sequence: a `let` gives it its name and its type.
pub(super) struct Named<'n> {
    pub(super) name: &'n Ident,
    pub(super) ty: Option<&'n Type>,
}

impl<'a> Lowerer<'a> {
    /// `a.swap(i, j)` and the like.
    pub(super) fn change(&mut self, call: &ExprMethodCall) {
        let Some(place) = self.target(&call.receiver) else {
            let what = match is_declared_outside(&call.receiver) {
                true => stored_outside(),
                false => with_help("what is changed here is not known", "bind the sequence to a variable first"),
            };
            return self.unsupported(&call.receiver, what);
        };
        self.sequence(&place);
        let span = call.method.span();
        match (call.method.to_string().as_str(), call.args.len()) {
            ("swap", 2) => {
                let places = [0, 1].map(|i| {
                    let index = self.bound_of_range(&call.args[i], "index");
                    place.then(Step::Index(Operand::Code(index)))
                });
                self.exchange(&places[0], &places[1], span);
            }
            ("reverse", 0) => {
                let length = self.place_length(&place);
                let tokens = &length.tokens;
                let end = Code { tokens: quote!((#tokens / 2)), ..length.clone() };
                self.for_each_index_to(end, span, &mut |this, at| {
                    let Step::Index(Operand::Code(index)) = &at else { return };
                    let (index_tokens, all) = (&index.tokens, &length.tokens);
                    let reads = index.reads.iter().chain(&length.reads).copied().collect();
                    let mirrored = Code { tokens: quote!(#all - 1 - #index_tokens), reads, ..index.clone() };
                    let other = place.then(Step::Index(Operand::Code(mirrored)));
                    this.exchange(&place.then(at.clone()), &other, span);
                });
            }
            ("fill", 1) => {
                let value = self.materialise(&call.args[0], "filled");
                self.for_each_index(&place, span, &mut |this, at| {
                    let value = this.copy_of_place(Place::whole(value, span));
                    this.push(Statement::Assign { place: place.then(at), value });
                });
            }
            ("copy_from_slice" | "clone_from_slice", 1) => {
                let Some(source) = self.sequence_place(&call.args[0]) else { return };
                self.check_same_length(&place, &source, "copy_from_slice", span);
                self.for_each_index(&place, span, &mut |this, at| {
                    let value = this.copy_of_place(source.then(at.clone()));
                    this.push(Statement::Assign { place: place.then(at), value });
                });
            }
            ("swap_with_slice", 1) => {
                let Some(other) = self.target(without_reference(&call.args[0])) else { return self.no_place(&call.args[0]) };
                self.sequence(&other);
                self.check_same_length(&place, &other, "swap_with_slice", span);
                self.for_each_index(&place, span, &mut |this, at| this.exchange(&place.then(at.clone()), &other.then(at), span));
            }
            // what of it carries no derivative has its tangent by its name
            ("push", 1) if self.activity.value(&call.args[0]).is_mixed() => {
                let element = self.materialise(&call.args[0], "element");
                let value = Value::Expr(ir::Expr::place(Place::whole(element, span)));
                self.push(Statement::Push { place, value });
            }
            ("push", 1) => {
                let value = self.part_value(&call.args[0]);
                let value = self.shaped(value, &call.args[0]);
                self.push(Statement::Push { place, value });
            }
            ("extend" | "extend_from_slice", 1) => {
                let into = place.clone();
                self.iterate(&call.args[0], &mut |this, item| this.push_item(&into, item, span));
            }
            ("clear", 0) => self.push(Statement::Assign { place, value: Value::EmptyVec }),
            ("truncate", 1) => {
                let (end, length) = (self.bound_of_range(&call.args[0], "end"), self.place_length(&place));
                let (tokens, all) = (&end.tokens, &length.tokens);
                let reads = end.reads.iter().chain(&length.reads).copied().collect();
                let end = Code { tokens: quote!(::core::cmp::min(#tokens, #all)), reads, repeatable: false, span };
                let end = self.named_code("end", end);
                self.keep_first(&place, end, span);
            }
            ("insert", 2) => {
                let index = self.bound_of_range(&call.args[0], "index");
                let index = self.named_code("index", index);
                let value = self.part_value(&call.args[1]);
                let value = self.shaped(value, &call.args[1]);
                let longer = Place::whole(self.new_vector(None, span), span);
                let length = self.place_length(&place);
                self.push_elements(
                    &place,
                    &longer,
                    (Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span }, index.clone()),
                    span,
                );
                self.push(Statement::Push { place: longer.clone(), value });
                self.push_elements(&place, &longer, (index, length), span);
                self.push(Statement::Assign { place, value: Value::Expr(ir::Expr::place(longer)) });
            }
            _ => self.unsupported(&call.method, format!("`{}` takes other arguments", call.method)),
        }
    }

    /// Two slices of different lengths are an error, as in the standard library.
    fn check_same_length(&mut self, place: &Place, other: &Place, method: &str, span: Span) {
        let (to, from) = (tokens::receiver(&self.function, place), tokens::receiver(&self.function, other));
        let message = format!("`{method}`: the slices have different lengths");
        let reads = super::mentioned(place).into_iter().chain(super::mentioned(other)).collect();
        let tokens = quote!(::core::assert!(#to.len() == #from.len(), #message););
        let code = Code { tokens, reads, repeatable: false, span };
        self.push(Statement::Code { code, binds: Vec::new(), writes: Vec::new() });
    }

    /// `v.sort_by(f)`: the order is found on indices, and the elements move to their places.
    pub(super) fn sort(&mut self, call: &ExprMethodCall) {
        let Some(place) = self.target(&call.receiver) else {
            let what = with_help("what is sorted here is not known", "bind the sequence to a variable first");
            return self.unsupported(&call.receiver, what);
        };
        self.sequence(&place);
        let span = call.method.span();
        let function = Ident::new(&format!("order_by_{}", call.method), span);
        let compare = self.code_of(&call.args[0], false);
        let (runtime, sorted, by) = (&self.runtime, tokens::receiver(&self.function, &place), &compare.tokens);
        let tokens = quote!(#runtime::#function(&#sorted, #by));
        let reads = super::mentioned(&place).into_iter().chain(compare.reads).collect();
        let order = self.named_code("order", Code { tokens, reads, repeatable: false, span });
        let before = Place::whole(self.new_vector(None, span), span);
        let start = Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span };
        let length = self.place_length(&place);
        self.push_elements(&place, &before, (start, length), span);
        self.for_each_index(&place, span, &mut |this, at| {
            let Step::Index(Operand::Code(index)) = &at else { return };
            let (order_tokens, index_tokens) = (&order.tokens, &index.tokens);
            let reads = order.reads.iter().chain(&index.reads).copied().collect();
            let from = Code { tokens: quote!(#order_tokens[#index_tokens]), reads, ..index.clone() };
            let value = this.copy_of_place(before.then(Step::Index(Operand::Code(from))));
            this.push(Statement::Assign { place: place.then(at.clone()), value });
        });
    }

    /// `v = v[..end]`
    pub(super) fn keep_first(&mut self, place: &Place, end: Code, span: Span) {
        let kept = Place::whole(self.new_vector(None, span), span);
        let start = Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span };
        self.push_elements(place, &kept, (start, end), span);
        self.push(Statement::Assign { place: place.clone(), value: Value::Expr(ir::Expr::place(kept)) });
    }

    /// Pushes copies of the elements in a range of a sequence.
    pub(super) fn push_elements(&mut self, from: &Place, to: &Place, (start, end): (Code, Code), span: Span) {
        let index = self.function.fresh("i", Kind::Inactive, false, Form::Owned, span);
        let at = Step::Index(Operand::Code(self.name_code(index, span)));
        let (body, ()) = self.nested(|this| {
            let value = this.copy_of_place(from.then(at));
            this.push(Statement::Push { place: to.clone(), value });
        });
        let range = Range { index, start, end, inclusive: false, reversed: false };
        self.push(Statement::Loop(Loop::over(range, body)));
    }

    /// A name for an integer, evaluated once.
    pub(super) fn named_code(&mut self, wish: &str, code: Code) -> Code {
        let span = code.span;
        let value = Value::Expr(ir::Expr::Operand(Operand::Code(code)));
        let var = self.temporary(wish, Kind::Inactive, value, span);
        self.name_code(var, span)
    }

    /// Whether the expression is `pop` of a sequence that is differentiated.
    pub(super) fn is_pop(&self, call: &ExprMethodCall) -> bool {
        call.method == "pop"
            && call.args.is_empty()
            && self.is_active(&call.receiver)
            && !self.activity.is_struct(&call.receiver)
            && matches!(strip(&call.receiver), Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_))
    }

    /// `v.pop()`: whether there was an element, and a copy of it.
    pub(super) fn popped(&mut self, call: &ExprMethodCall) -> Option<(Code, Bound)> {
        let place = self.target(&call.receiver)?;
        self.sequence(&place);
        let span = call.method.span();
        let length = self.place_length(&place);
        let all = &length.tokens;
        let some = self.named_code("popped_is_some", Code { tokens: quote!(#all > 0), ..length.clone() });
        let mut declared = Vec::new();
        let first = Bound::Reference { place: place.then(Step::constant(0)), depth: 0, exclusive: false };
        let payload = self.slot_like(&first, "popped", span, &mut declared);
        declared.into_iter().for_each(|statement| self.push(statement));
        let slot = Bound::Option { some: some.clone(), payload: Box::new(payload.clone()) };
        let (then, ()) = self.nested(|this| {
            let last = this.named_code("last", Code { tokens: quote!(#all - 1), ..length.clone() });
            let element = place.then(Step::Index(Operand::Code(last.clone())));
            this.fill_payload_of(Bound::Reference { place: element, depth: 0, exclusive: false }, &slot, span);
            this.keep_first(&place, last, span);
        });
        self.push(Statement::either(some.clone(), then, Vec::new()));
        Some((some, payload))
    }

    /// Both places change their values.
    fn exchange(&mut self, first: &Place, second: &Place, span: Span) {
        let [old_first, old_second] = [first, second].map(|place| {
            let kind = if self.is_scalar_place(place) { Kind::Scalar } else { Kind::Space };
            let value = self.copy_of_place(place.clone());
            self.temporary("exchanged", kind, value, span)
        });
        for (place, old) in [(first, old_second), (second, old_first)] {
            let value = Value::Expr(ir::Expr::place(Place::whole(old, span)));
            self.push(Statement::Assign { place: place.clone(), value });
        }
    }

    /// Whether the place is a variable, what a mutable reference is to, or a field of one: its adjoint is one likewise. Where it is an element, its
    /// number would have to be kept, and of scalars a copy is as good.
    fn is_named_memory(&self, place: &Place) -> bool {
        let variable = self.function.variable(place.root);
        let is_named = !place.path.iter().any(|step| matches!(step, Step::Index(_)));
        is_named && variable.kind == Kind::Space && matches!(variable.form, Form::Owned | Form::Reference)
    }

    fn is_scalar_place(&self, place: &Place) -> bool {
        place.path.is_empty() && self.function.is_scalar(place.root)
    }

    /// The value at a place now, which stays there.
    pub(super) fn copy_of_place(&mut self, place: Place) -> Value {
        if self.is_scalar_place(&place) { Value::Expr(ir::Expr::place(place)) } else { Value::Clone(place) }
    }

    /// A loop over the indices of a sequence.
    pub(super) fn for_each_index(&mut self, place: &Place, span: Span, body: &mut dyn FnMut(&mut Self, Step)) {
        let end = self.place_length(place);
        self.for_each_index_to(end, span, body);
    }

    fn for_each_index_to(&mut self, end: Code, span: Span, body: &mut dyn FnMut(&mut Self, Step)) {
        let start = Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span };
        let index = self.function.fresh("i", Kind::Inactive, false, Form::Owned, span);
        let at = Step::Index(Operand::Code(self.name_code(index, span)));
        let (body, ()) = self.nested(|this| body(this, at));
        let range = Range { index, start, end, inclusive: false, reversed: false };
        self.push(Statement::Loop(Loop::over(range, body)));
    }

    /// `mem::swap(&mut a, &mut b)`, `mem::replace(&mut a, b)`: none for other functions.
    pub(super) fn memory_function(&mut self, call: &ExprCall) -> Option<Value> {
        let Expr::Path(path) = strip(&call.func) else { return None };
        let mut segments = path.path.segments.iter().rev();
        let name = segments.next()?.ident.to_string();
        if segments.next()?.ident != "mem" || call.args.len() != if name == "take" { 1 } else { 2 } {
            return None;
        }
        let span = first_span(&call.func);
        let first = self.target(without_reference(&call.args[0]))?;
        match name.as_str() {
            "take" => {
                let kind = if self.is_scalar_place(&first) { Kind::Scalar } else { Kind::Space };
                let old = self.copy_of_place(first.clone());
                let old = self.temporary("taken", kind, old, span);
                let tokens = quote!(::core::default::Default::default());
                let new = Code { tokens, reads: Vec::new(), repeatable: false, span };
                self.push(Statement::Assign { place: first, value: Value::Expr(ir::Expr::Operand(Operand::Code(new))) });
                Some(Value::Expr(ir::Expr::place(Place::whole(old, span))))
            }
            "swap" => {
                let second = self.target(without_reference(&call.args[1]))?;
                if self.is_named_memory(&first) && self.is_named_memory(&second) && !first.meets(&second) {
                    self.stored(&first, Some(&second));
                    self.stored(&second, Some(&first));
                    self.push(Statement::Swap { first, second });
                } else {
                    self.exchange(&first, &second, span);
                }
                Some(Value::Tuple(Vec::new()))
            }
            "replace" => {
                let new = self.part_value(&call.args[1]);
                let kind = if self.is_scalar_place(&first) { Kind::Scalar } else { Kind::Space };
                let old = self.copy_of_place(first.clone());
                let old = self.temporary("replaced", kind, old, span);
                self.push(Statement::Assign { place: first, value: new });
                Some(Value::Expr(ir::Expr::place(Place::whole(old, span))))
            }
            _ => None,
        }
    }

    /// Whether the call is of one of these.
    pub(super) fn is_memory_function(&self, call: &ExprCall) -> bool {
        call.args.len() == 2 && (is_call(&call.func, "mem", "swap") || is_call(&call.func, "mem", "replace"))
            || call.args.len() == 1 && is_call(&call.func, "mem", "take")
    }

    /// The same for its effect.
    pub(super) fn value_of_memory_function(&mut self, call: &ExprCall) -> Value {
        self.memory_function(call).unwrap_or_else(|| {
            let what = with_help("what is exchanged here is not known", "pass `&mut` of a variable, an element or a field");
            self.unsupported(&call.args, what);
            Value::Zero
        })
    }

    /// `a.split_at(k)`: the places of both parts.
    pub(super) fn split(&mut self, expr: &Expr) -> Option<Bound> {
        let Expr::MethodCall(call) = strip(expr) else { return None };
        let splits = matches!(call.method.to_string().as_str(), "split_at" | "split_at_mut") && call.args.len() == 1;
        if !splits || self.activity.is_struct(&call.receiver) {
            return None;
        }
        let place = self.sequence_place(without_reference(&call.receiver))?;
        let middle = self.bound_of_range(&call.args[0], "middle");
        let exclusive = call.method == "split_at_mut";
        let part = |tokens: TokenStream| {
            let code = Code { tokens, ..middle.clone() };
            Bound::Reference { place: place.then(Step::Index(Operand::Code(code))), depth: 1, exclusive }
        };
        let at = &middle.tokens;
        Some(Bound::Tuple(vec![part(quote!(..#at)), part(quote!(#at..))]))
    }

    /// Whether the expression makes a new sequence of active values, element by element.
    pub(super) fn makes_sequence(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::MethodCall(call) if self.activity.is_struct(&call.receiver) => false,
            Expr::MethodCall(call) => match call.method.to_string().as_str() {
                "collect" | "to_vec" | "into_vec" | "concat" => true,
                "to_owned" => self.names_a_slice(&call.receiver),
                "map" => self.is_array(&call.receiver),
                _ => converted(expr).is_some(),
            },
            vector if elements(vector).is_some() => true,
            Expr::Array(array) => self.lists_parts(array),
            Expr::Call(call) => self.is_from_fn(call) || is_call(&call.func, "Vec", "from"),
            _ => false,
        }
    }

    /// Whether the elements are parts of sequences: `[x, &y[1..]]` of slices.
    pub(super) fn lists_parts(&self, array: &syn::ExprArray) -> bool {
        let is_part = |elem: &Expr| match strip(elem) {
            Expr::Path(_) => self.names_a_slice(elem),
            Expr::Reference(reference) => reference.mutability.is_none() && self.names_a_slice(&reference.expr),
            _ => false,
        };
        !array.elems.is_empty() && array.elems.iter().all(|elem| self.is_active(elem) && is_part(elem))
    }

    fn names_a_slice(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Path(path) => match path.path.get_ident().and_then(|name| self.bound.get(&name.to_string())) {
                Some(Bound::Var(var)) => self.slices.contains(var),
                Some(Bound::Reference { place, .. }) => self.is_slice(place),
                _ => false,
            },
            Expr::Index(index) => matches!(strip(&index.index), Expr::Range(_)),
            _ => false,
        }
    }

    /// Whether the place has no size: a parameter that is a slice, or a part of a sequence.
    pub(super) fn is_slice(&self, place: &Place) -> bool {
        place.is_part() || place.path.is_empty() && self.slices.contains(&place.root)
    }

    /// Whether the receiver of `map` is an array rather than an iterator: it is one by its form, a name of a place, or what an active call gives.
    fn is_array(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Array(_) | Expr::Repeat(_) | Expr::Field(_) | Expr::Index(_) => true,
            Expr::Unary(unary) => self.is_array(&unary.expr),
            Expr::Path(_) => !self.is_option(expr) && !self.is_inert_option(expr),
            Expr::MethodCall(call) if call.method == "map" => self.is_array(&call.receiver),
            call => self.is_call_of_the_users(call),
        }
    }

    /// Whether the expression is an active call of a function or a method that is none of the standard library's: what has a derivative gives no
    /// iterator and no `Option`.
    fn is_call_of_the_users(&self, expr: &Expr) -> bool {
        let is_of_another_name = match expr {
            Expr::Call(call) => match strip(&call.func) {
                Expr::Path(path) => {
                    let mut segments = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
                    let is_variable = path.path.get_ident().is_some_and(|name| self.bound.contains_key(&name.to_string()));
                    let is_function = segments.next().is_some_and(|name| name.starts_with(char::is_lowercase));
                    is_function && !is_variable && segments.next().is_none_or(|module| module != "iter")
                }
                _ => false,
            },
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                let is_known = is_method(&call.method) || is_adapter(&name) || options::is_known(&name);
                !is_known && rules::find(&name).is_none() && !matches!(name.as_str(), "clone" | "to_owned" | "into")
            }
            _ => false,
        };
        is_of_another_name && self.is_active(expr) && !self.is_option(expr)
    }

    /// A new sequence, in a variable of its own or in the one that is named.
    pub(super) fn make_sequence(&mut self, expr: &Expr, named: Option<&Named>) -> Option<Var> {
        let span = first_span(expr);
        match strip(expr) {
            Expr::MethodCall(call) if call.method == "map" => self.map_array(call, named),
            Expr::MethodCall(call) if call.method == "concat" => Some(self.concatenated(call, named)),
            Expr::MethodCall(_) if let Some(sequence) = converted(expr) => self.array_of(sequence, named, span),
            Expr::MethodCall(call) => {
                if let Some(other) = other_collection(call, named) {
                    let what =
                        not_yet("a collection that is no `Vec`", "collect into a `Vec`, or into an array by `array::from_fn`");
                    self.unsupported(&other, what);
                    return None;
                }
                let vector = self.new_vector(named, span);
                let into = Place::whole(vector, span);
                let by_value = call.method != "collect" && call.method != "into_vec";
                self.iterate(&call.receiver, &mut |this, item| {
                    let item = if by_value { this.by_value(item) } else { item };
                    this.push_item(&into, item, span);
                });
                Some(vector)
            }
            Expr::Array(_) => self.vector_of(expr, named, span),
            vector if elements(vector).is_some() => self.vector_of(elements(vector).expect("it has elements"), named, span),
            Expr::Call(call) if is_call(&call.func, "Vec", "from") => {
                let vector = self.new_vector(named, span);
                let into = Place::whole(vector, span);
                self.iterate(&call.args[0], &mut |this, item| this.push_item(&into, item, span));
                Some(vector)
            }
            Expr::Call(call) => self.array_from_fn(call, named),
            _ => None,
        }
    }

    /// `parts.concat()`
    fn concatenated(&mut self, call: &ExprMethodCall, named: Option<&Named>) -> Var {
        let span = call.method.span();
        let vector = self.new_vector(named, span);
        let into = Place::whole(vector, span);
        let parts = match strip(&call.receiver) {
            Expr::Array(array) => array.elems.iter().cloned().collect(),
            parts => vec![syn::parse_quote!(#parts.iter().flatten())],
        };
        for part in parts {
            self.iterate(&part, &mut |this, item| {
                let item = this.by_value(item);
                this.push_item(&into, item, span);
            });
        }
        vector
    }

    pub(super) fn new_vector(&mut self, named: Option<&Named>, span: Span) -> Var {
        self.new_sequence(named, "collected", Value::EmptyVec, span)
    }

    fn new_sequence(&mut self, named: Option<&Named>, wish: &str, value: Value, span: Span) -> Var {
        let (var, ty) = self.declare_sequence(named, wish, span);
        self.push(Statement::Let { var, value: Some(value), ty });
        var
    }

    /// A variable for a new sequence, with the type that is written for it.
    fn declare_sequence(&mut self, named: Option<&Named>, wish: &str, span: Span) -> (Var, Option<TokenStream>) {
        let (var, ty) = match named {
            Some(named) => {
                let ty = named.ty.filter(|ty| !of_slices(ty)).map(quote::ToTokens::to_token_stream);
                (self.variable(named.name, Kind::Space, true, Form::Owned), ty)
            }
            None => (self.function.fresh(wish, Kind::Space, true, Form::Owned, span), None),
        };
        self.sequences.insert(var);
        (var, ty)
    }

    /// Whether the elements are slices in the source, and copies of them here.
    pub(super) fn holds_slices(&self, list: &Place) -> bool {
        list.path.is_empty() && self.lists_of_slices.contains(&list.root)
    }

    pub(super) fn push_item(&mut self, into: &Place, item: Bound, span: Span) {
        if matches!(&item, Bound::Reference { place, .. } if self.is_slice(place)) {
            self.lists_of_slices.insert(into.root);
        }
        let value = self.item_value(item, span);
        self.push(Statement::Push { place: into.clone(), value });
    }

    fn item_value(&mut self, item: Bound, span: Span) -> Value {
        match item {
            Bound::Tuple(parts) => Value::Tuple(parts.into_iter().map(|part| self.item_value(part, span)).collect()),
            Bound::Var(var) => Value::Expr(ir::Expr::place(Place::whole(var, span))),
            Bound::Reference { place, depth: 1.., exclusive } if exclusive || self.is_mutable_parameter(&place) => {
                let help = "change them where they are, in a loop over `iter_mut` or `chunks_mut`, or by their indices";
                self.errors.span(span, not_yet("a list of mutable references", help));
                Value::Zero
            }
            // a list of parts of a sequence is one of their copies
            Bound::Reference { place, .. } if self.is_slice(&place) => {
                let name = self.function.variable(place.root).name.to_string();
                let copy = self.slice_then(&name, place);
                Value::Expr(ir::Expr::place(Place::whole(copy, span)))
            }
            Bound::Reference { place, .. } => self.copy_of_place(place),
            Bound::Closure(_) | Bound::Option { .. } => {
                self.errors.span(span, not_yet("a sequence of these items", "collect scalars, arrays or structs"));
                Value::Zero
            }
        }
    }

    /// Whether the expression is `&x[a..b]`, or the name of a slice.
    fn is_part_of_active(&mut self, expr: &Expr) -> bool {
        let is_reference = matches!(strip(expr), Expr::Reference(_) | Expr::Path(_)) && self.is_active(expr);
        is_reference && matches!(self.resolve(expr), Some(Bound::Reference { place, depth: 1.., .. }) if self.is_slice(&place))
    }

    /// `vec![x; n]`, `vec![a, b]`
    fn vector_of(&mut self, array: &Expr, named: Option<&Named>, span: Span) -> Option<Var> {
        match array {
            Expr::Repeat(repeat) => {
                let value = self.materialise(&repeat.expr, "element");
                let vector = self.new_vector(named, span);
                let end = self.bound_of_range(&repeat.len, "length");
                let start = Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span };
                let index = self.function.fresh("i", Kind::Inactive, false, Form::Owned, span);
                let (body, ()) = self.nested(|this| {
                    let value = this.copy_of_place(Place::whole(value, span));
                    this.push(Statement::Push { place: Place::whole(vector, span), value });
                });
                let range = Range { index, start, end, inclusive: false, reversed: false };
                self.push(Statement::Loop(Loop::over(range, body)));
                Some(vector)
            }
            Expr::Array(array) => {
                if array.elems.iter().all(|elem| self.is_part_of_active(elem)) && !array.elems.is_empty() {
                    let vector = self.new_vector(named, span);
                    for elem in &array.elems {
                        let part = self.bound_value(elem);
                        self.push_item(&Place::whole(vector, span), part, span);
                    }
                    return Some(vector);
                }
                let values = self.part_values(&array.elems.iter().collect::<Vec<_>>());
                let vector = self.new_vector(named, span);
                for (value, elem) in values.into_iter().zip(&array.elems) {
                    let value = self.shaped(value, elem);
                    self.push(Statement::Push { place: Place::whole(vector, span), value });
                }
                Some(vector)
            }
            other => {
                self.unsupported(other, with_help("this `vec!` is not understood", "write its elements one by one"));
                None
            }
        }
    }

    /// An element with a name, where it or a part of it has no derivative: by the name, what it is tells the shape of its tangent.
    fn shaped(&mut self, value: Value, expr: &Expr) -> Value {
        let is_scalar = matches!(strip(expr), Expr::Lit(_) | Expr::Binary(_) | Expr::Unary(_) | Expr::Cast(_));
        let span = first_span(expr);
        match value {
            Value::Expr(ir::Expr::Operand(Operand::Code(_))) if !is_scalar => {
                Value::Clone(Place::whole(self.temporary("element", Kind::Inactive, value, span), span))
            }
            Value::Struct { .. } | Value::Array(_) | Value::Tuple(_) if has_code(&value) => {
                Value::Expr(ir::Expr::place(Place::whole(self.temporary("element", Kind::Space, value, span), span)))
            }
            other => other,
        }
    }

    /// `a.map(f)` of an array.
    fn map_array(&mut self, call: &ExprMethodCall, named: Option<&Named>) -> Option<Var> {
        let closure = self.as_closure(call.args.first()?, 1)?;
        let source = self.sequence_place(&call.receiver)?;
        let span = call.method.span();
        let length = self.place_length(&source);
        let like = |zero| Value::ArrayLike(source.clone(), Box::new(zero));
        self.fill_array(named, &like, Some(&length), span, &mut |this, at| {
            let item = Bound::Reference { place: source.then(at), depth: 0, exclusive: false };
            this.apply_closure(&closure, vec![item])
        })
    }

    /// `x[1..4].try_into().unwrap()`, whose length follows from what it is used for.
    fn array_of(&mut self, sequence: &Expr, named: Option<&Named>, span: Span) -> Option<Var> {
        let source = self.sequence_place(sequence)?;
        let given = self.place_length(&source);
        let inferred = Code { tokens: quote!(_), reads: Vec::new(), repeatable: true, span };
        let like = |zero| Value::Repeat(Box::new(zero), inferred.clone());
        let array = self.fill_array(named, &like, None, span, &mut |_, at| {
            Some(Bound::Reference { place: source.then(at), depth: 0, exclusive: false })
        })?;
        let length = self.place_length(&Place::whole(array, span));
        let (is, of, message) = (&length.tokens, &given.tokens, ANOTHER_LENGTH);
        let reads = length.reads.iter().chain(&given.reads).copied().collect();
        let code = Code { tokens: quote!(::core::assert!(#is == #of, #message);), reads, repeatable: false, span };
        self.push(Statement::Code { code, binds: Vec::new(), writes: Vec::new() });
        Some(array)
    }

    /// `array::from_fn(f)`
    fn array_from_fn(&mut self, call: &ExprCall, named: Option<&Named>) -> Option<Var> {
        let closure = self.as_closure(call.args.first()?, 1)?;
        let span = first_span(&call.func);
        let Expr::Path(path) = strip(&call.func) else { return None };
        let last = path.path.segments.last()?;
        let written = match &last.arguments {
            syn::PathArguments::AngleBracketed(generics) => generics.args.iter().nth(1).map(quote::ToTokens::to_token_stream),
            _ => None,
        };
        // a length that is not written follows from what the array is used for
        let tokens = written.map_or_else(|| quote!(_), unbraced);
        let length = Code { tokens, reads: Vec::new(), repeatable: true, span };
        self.fill_array(named, &|zero| Value::Repeat(Box::new(zero), length.clone()), Some(&length), span, &mut |this, at| {
            let Step::Index(Operand::Code(index)) = at else { return None };
            let value = Value::Expr(ir::Expr::Operand(Operand::Code(index)));
            let item = this.temporary("item", Kind::Inactive, value, span);
            this.apply_closure(&closure, vec![Bound::Var(item)])
        })
    }

    /// Whether the call is of `array::from_fn`, by its path or as it is imported.
    pub(super) fn is_from_fn(&self, call: &ExprCall) -> bool {
        let Expr::Path(path) = strip(&call.func) else { return false };
        let imported = path.path.segments.len() == 1
            && path.path.segments[0].ident == "from_fn"
            && call.args.len() == 1
            && !self.own_functions.contains("from_fn")
            && !self.names.bindings.contains_key("from_fn");
        imported || is_call(&call.func, "array", "from_fn")
    }

    /// An array whose elements are made one by one: it begins with zeros of the shape that they turn out to have.
    fn fill_array(
        &mut self,
        named: Option<&Named>,
        zeros: &dyn Fn(Value) -> Value,
        end: Option<&Code>,
        span: Span,
        element: &mut dyn FnMut(&mut Self, Step) -> Option<Bound>,
    ) -> Option<Var> {
        let (array, ty) = self.declare_sequence(named, "array", span);
        let index = self.function.fresh("i", Kind::Inactive, false, Form::Owned, span);
        let at = Step::Index(Operand::Code(self.name_code(index, span)));
        let place = Place::whole(array, span);
        let (body, zero) = self.nested(|this| {
            let bound = element(this, at.clone())?;
            let (value, zero) = this.element_value(bound, span);
            this.push(Statement::Assign { place: place.then(at), value });
            Some(zero)
        });
        self.push(Statement::Let { var: array, value: Some(zeros(zero?)), ty });
        let end = match end.filter(|end| !end.is_inferred()) {
            Some(end) => end.clone(),
            None => self.place_length(&place),
        };
        let start = Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span };
        let range = Range { index, start, end, inclusive: false, reversed: false };
        self.push(Statement::Loop(Loop::over(range, body)));
        Some(array)
    }

    /// The value of an element, and what stands in its place before: a scalar where its form does not tell.
    fn element_value(&mut self, bound: Bound, span: Span) -> (Value, Value) {
        let whole = match &bound {
            Bound::Tuple(_) => true,
            Bound::Var(var) => self.aggregates.contains(var) || self.sequences.contains(var),
            Bound::Reference { place, .. } => matches!(self.type_of_place(place), Some(Type::Array(_) | Type::Tuple(_))),
            Bound::Closure(_) | Bound::Option { .. } => false,
        };
        match bound {
            bound if whole => (self.item_value(bound, span), Value::Blank),
            bound => match self.place_of(bound, &quote!()) {
                Some(place) => (Value::Expr(ir::Expr::Operand(self.load(place))), Value::Zero),
                None => {
                    self.errors
                        .span(span, not_yet("an array of these elements", "make an array of scalars, or assign in a loop"));
                    (Value::Zero, Value::Zero)
                }
            },
        }
    }
}

/// Whether the call sorts a sequence so that its elements can be followed: where the sort is not stable, equal ones must be the same.
pub(super) fn is_sort(call: &ExprMethodCall) -> bool {
    let compare = call.args.first().filter(|_| call.args.len() == 1);
    match (call.method.to_string().as_str(), compare) {
        ("sort_by" | "sort_by_key" | "sort_by_cached_key", Some(_)) => true,
        ("sort_unstable_by", Some(compare)) => compares_wholes(compare),
        _ => false,
    }
}

/// Whether the function compares two numbers as they are: `f64::total_cmp`, `|a, b| b.partial_cmp(a).unwrap()`.
fn compares_wholes(compare: &Expr) -> bool {
    let is_comparison = |name: &Ident| *name == "total_cmp" || *name == "partial_cmp";
    match strip(compare) {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| is_comparison(&last.ident)),
        Expr::Closure(closure) => {
            let mut body = strip(&closure.body);
            while let Expr::MethodCall(call) = body {
                if is_comparison(&call.method) {
                    let is_name = |expr: &Expr| matches!(strip(without_reference(expr)), Expr::Path(path) if path.path.get_ident().is_some());
                    return is_name(&call.receiver) && call.args.iter().all(is_name);
                }
                body = strip(&call.receiver);
            }
            false
        }
        _ => false,
    }
}

/// A constant without the braces that it may have as a generic argument.
fn unbraced(tokens: TokenStream) -> TokenStream {
    match syn::parse2::<syn::ExprBlock>(tokens.clone()).map(|block| block.block.stmts) {
        Ok(stmts) => match stmts.as_slice() {
            [syn::Stmt::Expr(expr, None)] => quote!(#expr),
            _ => tokens,
        },
        Err(_) => tokens,
    }
}

/// The type that `collect` is told to make, where it is no `Vec`.
fn other_collection(call: &ExprMethodCall, named: Option<&Named>) -> Option<Type> {
    let turbofish = call.turbofish.as_ref().and_then(|turbofish| match turbofish.args.first() {
        Some(syn::GenericArgument::Type(ty)) => Some(ty),
        _ => None,
    });
    let ty = turbofish.or(named.and_then(|named| named.ty)).filter(|_| call.method == "collect")?;
    let is_other = matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident != "Vec"));
    is_other.then(|| ty.clone())
}

/// Whether a part of the value is copied code.
fn has_code(value: &Value) -> bool {
    match value {
        Value::Expr(ir::Expr::Operand(Operand::Code(_))) => true,
        Value::Struct { fields, base, .. } => {
            fields.iter().any(|(_, value)| has_code(value)) || base.as_deref().is_some_and(has_code)
        }
        Value::Array(values) | Value::Tuple(values) => values.iter().any(has_code),
        _ => false,
    }
}
