//! Iterators as loops over indices.
//!
//! *In:* `w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>()`
//!
//! *Out:* `let sum = -0.0; for i in 0..min(w.len(), x.len()) { let product = mul(w[i], x[i]); sum += product }`
//!
//! A chain is a source that can be indexed (sequences, ranges, and what keeps their items in place: `zip`, `enumerate`, `rev`,
//! `skip`, `take`, `step_by`, `map`, `copied`), then stages that items flow through (`filter`, `flat_map`, `scan`, `inspect`, and
//! `map` after those), then a sink. Items are references to places or values; the places' adjoints are found by the same index.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, ExprClosure, ExprMethodCall, Stmt};

use crate::emit;
use crate::error::not_yet;
use crate::ir::{
    self, Arm, Branch, Code, Form, Kind, Loop, Number, Operand, Place, Range, Spelling, Statement, Step, Value, Var,
};
use crate::rules;

use super::places::is_repeatable;
use super::statements::strip;
use super::{Bound, Lowerer, first_span};

/// What takes the items.
type Sink<'s, 'a> = &'s mut dyn FnMut(&mut Lowerer<'a>, Bound);

/// A source whose items are found by their index.
enum Items {
    Elements { place: Place, depth: u8 },
    Range { start: Code, end: Code, inclusive: bool },
    Windows { place: Place, size: Code },
    Chunks { place: Place, size: Code, exact: bool },
    Map(Box<Items>, ExprClosure),
    Zip(Box<Items>, Box<Items>),
    Enumerate(Box<Items>),
    Reversed(Box<Items>),
    Skip(Box<Items>, Code),
    Take(Box<Items>, Code),
    StepBy(Box<Items>, Code),
    Copied(Box<Items>),
}

/// What an item flows through.
enum Stage {
    Map(ExprClosure),
    Filter(ExprClosure),
    FlatMap(ExprClosure),
    Inspect(ExprClosure),
    Scan { state: Var, closure: ExprClosure },
    Enumerate { count: Var },
    Copied,
}

/// A source with its stages; several for `chain`.
struct Pipeline {
    items: Items,
    stages: Vec<Stage>,
}

impl<'a> Lowerer<'a> {
    /// Runs the sink on every item of an iterator.
    pub(super) fn iterate(&mut self, expr: &Expr, sink: Sink<'_, 'a>) {
        let outer = self.leaving.take();
        let pipelines = self.pipelines(expr).unwrap_or_default();
        self.run_all(pipelines, sink);
        self.leaving = outer;
    }

    /// One pipeline after the other; where the sink leaves the loop, those that follow are skipped.
    fn run_all(&mut self, pipelines: Vec<Pipeline>, sink: Sink<'_, 'a>) {
        let mut pipelines = pipelines.into_iter();
        let Some(first) = pipelines.next() else { return };
        self.run(first, sink);
        let rest: Vec<_> = pipelines.collect();
        match self.leaving.clone() {
            Some(left) if !rest.is_empty() => {
                let tokens = &left.tokens;
                let on = Code { tokens: quote!(!(#tokens)), ..left };
                let (body, ()) = self.nested(|this| this.run_all(rest, sink));
                self.push(choice(on, body));
            }
            _ => self.run_all(rest, sink),
        }
    }

    /// A loop, with the exit that its body asked for.
    fn push_loop(&mut self, range: Range, body: ir::Block) {
        let exit = self.leaving.clone();
        let counter = exit.as_ref().map(|exit| self.counter(exit.span));
        self.push(Statement::Loop(Loop { exit, counter, ..Loop::over(range, body) }));
    }

    fn run(&mut self, pipeline: Pipeline, sink: Sink<'_, 'a>) {
        let Pipeline { items, stages } = pipeline;
        if let Items::Range { start, end, inclusive } = items {
            return self.run_range(start, end, inclusive, false, &stages, sink);
        }
        let items = match items {
            Items::Reversed(inner) => match *inner {
                Items::Range { start, end, inclusive } => return self.run_range(start, end, inclusive, true, &stages, sink),
                other => Items::Reversed(Box::new(other)),
            },
            other => other,
        };
        let end = self.length(&items);
        let start = Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span: end.span };
        let index = self.function.fresh("i", Kind::Inactive, false, Form::Owned, end.span);
        let position = self.name_code(index, end.span);
        let (body, ()) = self.nested(|this| {
            if let Some(item) = this.item(&items, &position) {
                this.feed(&stages, item, sink);
            }
        });
        self.push_loop(Range { index, start, end, inclusive: false, reversed: false }, body);
    }

    fn run_range(&mut self, start: Code, end: Code, inclusive: bool, reversed: bool, stages: &[Stage], sink: Sink<'_, 'a>) {
        let index = self.function.fresh("i", Kind::Inactive, false, Form::Owned, start.span);
        let (body, ()) = self.nested(|this| this.feed(stages, Bound::Var(index), sink));
        self.push_loop(Range { index, start, end, inclusive, reversed }, body);
    }

    fn name_code(&self, var: Var, span: Span) -> Code {
        Code { tokens: self.function.variable(var).name.to_token_stream(), reads: vec![var], repeatable: true, span }
    }

    /// Lets an item flow through the stages into the sink.
    fn feed(&mut self, stages: &[Stage], item: Bound, sink: Sink<'_, 'a>) {
        let Some((stage, rest)) = stages.split_first() else { return sink(self, item) };
        match stage {
            Stage::Map(closure) => {
                if let Some(mapped) = self.apply_closure(closure, vec![item]) {
                    self.feed(rest, mapped, sink);
                }
            }
            Stage::Copied => {
                let item = self.by_value(item);
                self.feed(rest, item, sink);
            }
            Stage::Filter(closure) => self.feed_filter(closure, rest, item, sink),
            Stage::Inspect(closure) => {
                let by_reference = self.by_reference(item.clone());
                if let Some((inputs, body)) = self.instance(closure, 1) {
                    self.bind_bound(&inputs[0], by_reference);
                    drop(self.block_value(&syn::parse_quote!({ #body; })));
                }
                self.feed(rest, item, sink);
            }
            Stage::FlatMap(closure) => {
                let Some((inputs, body)) = self.instance(closure, 1) else { return };
                self.bind_bound(&inputs[0], item);
                let inner = self.statements_before(&body);
                let pipelines = self.pipelines(&inner).unwrap_or_default();
                self.run_all(pipelines, &mut |this, item| this.feed(rest, item, sink));
            }
            Stage::Scan { state, closure } => self.feed_scan(*state, closure, rest, item, sink),
            Stage::Enumerate { count } => {
                let name = self.function.variable(*count).name.clone();
                let position = self.function.fresh("position", Kind::Inactive, false, Form::Owned, name.span());
                let value = Value::Expr(ir::Expr::place(Place::whole(*count, name.span())));
                self.push(Statement::Let { var: position, value: Some(value), ty: None });
                let code = Code { tokens: quote!(#name += 1;), reads: vec![*count], repeatable: false, span: name.span() };
                self.push(Statement::Code { code, binds: Vec::new(), writes: vec![*count] });
                self.feed(rest, Bound::Tuple(vec![Bound::Var(position), item]), sink);
            }
        }
    }

    fn feed_filter(&mut self, closure: &ExprClosure, rest: &[Stage], item: Bound, sink: Sink<'_, 'a>) {
        let Some((inputs, body)) = self.instance(closure, 1) else { return };
        let by_reference = self.by_reference(item.clone());
        self.bind_bound(&inputs[0], by_reference);
        let condition = self.statements_before(&body);
        let on = self.code(&condition, is_repeatable(&condition));
        let (body, ()) = self.nested(|this| this.feed(rest, item, sink));
        self.push(choice(on, body));
    }

    fn feed_scan(&mut self, state: Var, closure: &ExprClosure, rest: &[Stage], item: Bound, sink: Sink<'_, 'a>) {
        let Some((inputs, body)) = self.instance(closure, 2) else { return };
        let span = first_span(closure);
        self.bind_bound(&inputs[0], Bound::Reference { place: Place::whole(state, span), depth: 1 });
        self.bind_bound(&inputs[1], item);
        let result = self.statements_before(&body);
        match strip(&result) {
            Expr::Call(call) if call.args.len() == 1 && call.func.to_token_stream().to_string().ends_with("Some") => {
                let item = Bound::Var(self.materialise(&call.args[0], "item"));
                self.feed(rest, item, sink);
            }
            other => self.unsupported(other, not_yet("a `scan` that may end early", "end its closure with `Some(..)`")),
        }
    }

    /// Translates what stands before the last expression of a closure's body, which it gives back.
    pub(super) fn statements_before(&mut self, body: &Expr) -> Expr {
        match strip(body) {
            Expr::Block(block) if block.label.is_none() => match block.block.stmts.split_last() {
                Some((Stmt::Expr(last, None), before)) => {
                    let before = syn::Block { brace_token: block.block.brace_token, stmts: before.to_vec() };
                    drop(self.block_value(&before));
                    self.statements_before(last)
                }
                _ => body.clone(),
            },
            other => other.clone(),
        }
    }

    pub(super) fn by_value(&mut self, item: Bound) -> Bound {
        match item {
            Bound::Reference { place, depth } => Bound::Reference { place, depth: depth.saturating_sub(1) },
            other => other,
        }
    }

    pub(super) fn by_reference(&mut self, item: Bound) -> Bound {
        match item {
            Bound::Reference { place, depth } => Bound::Reference { place, depth: depth + 1 },
            Bound::Var(var) => {
                let span = self.function.variable(var).name.span();
                Bound::Reference { place: Place::whole(var, span), depth: 1 }
            }
            Bound::Tuple(parts) => Bound::Tuple(parts.into_iter().map(|part| self.by_reference(part)).collect()),
            other => other,
        }
    }

    fn pipelines(&mut self, expr: &Expr) -> Option<Vec<Pipeline>> {
        if let Expr::MethodCall(call) = strip(expr) {
            if call.method == "chain" && call.args.len() == 1 {
                let mut all = self.pipelines(&call.receiver)?;
                all.extend(self.pipelines(&call.args[0])?);
                return Some(all);
            }
            if super::flow::is_adapter(&call.method.to_string()) {
                return self.adapted(call);
            }
        }
        Some(vec![Pipeline { items: self.source(expr, 0)?, stages: Vec::new() }])
    }

    /// The pipelines of an adapter's receiver, with the adapter.
    fn adapted(&mut self, call: &ExprMethodCall) -> Option<Vec<Pipeline>> {
        let name = call.method.to_string();
        match (name.as_str(), call.args.len()) {
            ("iter" | "iter_mut", 0) => {
                return Some(vec![Pipeline { items: self.source(&call.receiver, 1)?, stages: Vec::new() }]);
            }
            ("windows" | "chunks" | "chunks_exact", 1) => {
                let place = self.sequence_place(&call.receiver)?;
                let size = self.bound_of_range(&call.args[0], "size");
                let items = match name.as_str() {
                    "windows" => Items::Windows { place, size },
                    _ => Items::Chunks { place, size, exact: name == "chunks_exact" },
                };
                return Some(vec![Pipeline { items, stages: Vec::new() }]);
            }
            _ => {}
        }
        let mut all = self.pipelines(&call.receiver)?;
        if name == "into_iter" {
            return Some(all);
        }
        for pipeline in &mut all {
            let items = std::mem::replace(&mut pipeline.items, Items::Copied(Box::new(no_items())));
            pipeline.items = self.adapt(&name, call, items, &mut pipeline.stages)?;
        }
        Some(all)
    }

    /// Adds an adapter to a source, or to its stages.
    fn adapt(&mut self, name: &str, call: &ExprMethodCall, items: Items, stages: &mut Vec<Stage>) -> Option<Items> {
        let indexed = stages.is_empty();
        let boxed = |items| Box::new(items);
        match (name, call.args.first()) {
            ("map", Some(function)) => {
                let closure = self.as_closure(function, 1)?;
                if indexed && !matches!(items, Items::Range { .. }) {
                    return Some(Items::Map(boxed(items), closure));
                }
                stages.push(Stage::Map(closure));
            }
            ("copied" | "cloned", None) if indexed => return Some(Items::Copied(boxed(items))),
            ("copied" | "cloned", None) => stages.push(Stage::Copied),
            ("filter", Some(function)) => stages.push(Stage::Filter(self.as_closure(function, 1)?)),
            ("flat_map", Some(function)) => stages.push(Stage::FlatMap(self.as_closure(function, 1)?)),
            ("inspect", Some(function)) => stages.push(Stage::Inspect(self.as_closure(function, 1)?)),
            ("scan", Some(init)) => {
                let closure = self.as_closure(call.args.last()?, 2)?;
                let value = self.value(init);
                let state = self.function.fresh("state", Kind::Scalar, true, Form::Owned, first_span(init));
                self.push(Statement::Let { var: state, value: Some(value), ty: None });
                stages.push(Stage::Scan { state, closure });
            }
            ("enumerate", None) if indexed => return Some(Items::Enumerate(boxed(items))),
            ("enumerate", None) => {
                let count = self.function.fresh("count", Kind::Inactive, true, Form::Owned, call.method.span());
                let zero = Value::Expr(ir::Expr::Operand(Operand::Code(Code {
                    tokens: quote!(0usize),
                    reads: Vec::new(),
                    repeatable: true,
                    span: call.method.span(),
                })));
                self.push(Statement::Let { var: count, value: Some(zero), ty: None });
                stages.push(Stage::Enumerate { count });
            }
            ("zip", Some(other)) if indexed => {
                let mut others = self.pipelines(other)?;
                match others.pop() {
                    Some(Pipeline { items: second, stages }) if stages.is_empty() && others.is_empty() => {
                        return Some(Items::Zip(boxed(items), boxed(second)));
                    }
                    Some(Pipeline { items: second, stages }) if others.is_empty() && stages.iter().all(is_map) => {
                        let mapped = stages.into_iter().fold(second, |items, stage| match stage {
                            Stage::Map(closure) => Items::Map(Box::new(items), closure),
                            _ => items,
                        });
                        return Some(Items::Zip(boxed(items), boxed(mapped)));
                    }
                    _ => {
                        let what = not_yet("`zip` with an iterator that skips items", "collect its items in an array first");
                        self.unsupported(other, what);
                        return None;
                    }
                }
            }
            ("rev", None) if indexed => return Some(Items::Reversed(boxed(items))),
            ("rev", None) if stages.iter().all(is_map) => return Some(Items::Reversed(boxed(items))),
            ("skip", Some(count)) if indexed => return Some(Items::Skip(boxed(items), self.bound_of_range(count, "skipped"))),
            ("take", Some(count)) if indexed => return Some(Items::Take(boxed(items), self.bound_of_range(count, "taken"))),
            ("step_by", Some(step)) if indexed => return Some(Items::StepBy(boxed(items), self.bound_of_range(step, "step"))),
            _ => {
                let what = not_yet(
                    &format!("`{name}` at this place of a chain"),
                    "put it directly behind the source, or write a `for` loop",
                );
                self.unsupported(&call.method, what);
                return None;
            }
        }
        Some(items)
    }

    fn sequence_place(&mut self, expr: &Expr) -> Option<Place> {
        let place = match self.place(expr) {
            Some(place) => place,
            None => Place::whole(self.materialise(expr, "sequence"), first_span(expr)),
        };
        self.sequence(&place);
        Some(place)
    }

    /// What is iterated; `added` counts the references that `iter` adds.
    fn source(&mut self, expr: &Expr, added: u8) -> Option<Items> {
        let expr = strip(expr);
        if let Expr::Range(range) = expr {
            let (Some(start), Some(end)) = (&range.start, &range.end) else {
                self.unsupported(range, not_yet("an open range", "give the range both ends"));
                return None;
            };
            let start = self.bound_of_range(start, "start");
            let end = self.bound_of_range(end, "end");
            return Some(Items::Range { start, end, inclusive: matches!(range.limits, syn::RangeLimits::Closed(_)) });
        }
        let depth = match self.resolve(expr) {
            Some(Bound::Reference { depth, .. }) => depth.max(added),
            _ if matches!(expr, Expr::Reference(_)) => 1,
            _ => added,
        };
        let place = self.sequence_place(match expr {
            Expr::Reference(reference) => &reference.expr,
            other => other,
        })?;
        Some(Items::Elements { place, depth: depth.min(1) })
    }

    /// How many items a source has.
    fn length(&mut self, items: &Items) -> Code {
        let combine = |tokens: TokenStream, parts: &[&Code]| Code {
            tokens,
            reads: parts.iter().flat_map(|part| part.reads.clone()).collect(),
            repeatable: true,
            span: parts[0].span,
        };
        match items {
            Items::Elements { place, .. } => self.place_length(place),
            Items::Range { start, end, inclusive } => {
                let (first, last) = (&start.tokens, &end.tokens);
                let tokens = match inclusive {
                    true => quote!((#last + 1 - #first)),
                    false if first.to_string() == "0" => quote!(#last),
                    false => quote!((#last - #first)),
                };
                combine(tokens, &[end, start])
            }
            Items::Windows { place, size } => {
                let length = self.place_length(place);
                let (tokens, size_tokens) = (&length.tokens, &size.tokens);
                combine(quote!((#tokens + 1).saturating_sub(#size_tokens)), &[&length, size])
            }
            Items::Chunks { place, size, exact } => {
                let length = self.place_length(place);
                let (tokens, size_tokens) = (&length.tokens, &size.tokens);
                let count = if *exact { quote!((#tokens / #size_tokens)) } else { quote!(#tokens.div_ceil(#size_tokens)) };
                combine(count, &[&length, size])
            }
            Items::Map(inner, _) | Items::Enumerate(inner) | Items::Reversed(inner) | Items::Copied(inner) => self.length(inner),
            Items::Zip(first, second) => {
                let (first, second) = (self.length(first), self.length(second));
                let (a, b) = (&first.tokens, &second.tokens);
                combine(quote!(::core::cmp::Ord::min(#a, #b)), &[&first, &second])
            }
            Items::Skip(inner, count) => {
                let length = self.length(inner);
                let (tokens, count_tokens) = (&length.tokens, &count.tokens);
                combine(quote!(#tokens.saturating_sub(#count_tokens)), &[&length, count])
            }
            Items::Take(inner, count) => {
                let length = self.length(inner);
                let (tokens, count_tokens) = (&length.tokens, &count.tokens);
                combine(quote!(::core::cmp::Ord::min(#tokens, #count_tokens)), &[&length, count])
            }
            Items::StepBy(inner, step) => {
                let length = self.length(inner);
                let (tokens, step_tokens) = (&length.tokens, &step.tokens);
                combine(quote!(#tokens.div_ceil(#step_tokens)), &[&length, step])
            }
        }
    }

    fn place_length(&self, place: &Place) -> Code {
        let tokens = emit::receiver(&self.function, place);
        Code { tokens: quote!(#tokens.len()), reads: super::mentioned(place), repeatable: true, span: place.span }
    }

    /// The item at a position.
    fn item(&mut self, items: &Items, position: &Code) -> Option<Bound> {
        let at = |tokens: TokenStream, parts: &[&Code]| Code {
            tokens,
            reads: parts.iter().flat_map(|part| part.reads.clone()).collect(),
            repeatable: true,
            span: position.span,
        };
        let index = &position.tokens;
        Some(match items {
            Items::Elements { place, depth } => {
                let step = Step::Index(Operand::Code(position.clone()));
                Bound::Reference { place: place.then(step), depth: *depth }
            }
            Items::Range { start, .. } => {
                let first = &start.tokens;
                let tokens = if first.to_string() == "0" { quote!(#index) } else { quote!(#first + #index) };
                let code = at(tokens, &[position, start]);
                let value = Value::Expr(ir::Expr::Operand(Operand::Code(code)));
                Bound::Var(self.temporary("item", Kind::Inactive, value, position.span))
            }
            Items::Windows { place, size } => {
                let size_tokens = &size.tokens;
                let code = at(quote!(#index..#index + #size_tokens), &[position, size]);
                Bound::Reference { place: place.then(Step::Index(Operand::Code(code))), depth: 1 }
            }
            Items::Chunks { place, size, exact } => {
                let size_tokens = &size.tokens;
                let length = self.place_length(place);
                let all = &length.tokens;
                let end = quote!((#index + 1) * #size_tokens);
                let end = if *exact { end } else { quote!(::core::cmp::Ord::min(#end, #all)) };
                let code = at(quote!(#index * #size_tokens..#end), &[position, size, &length]);
                Bound::Reference { place: place.then(Step::Index(Operand::Code(code))), depth: 1 }
            }
            Items::Map(inner, closure) => {
                let item = self.item(inner, position)?;
                self.apply_closure(closure, vec![item])?
            }
            Items::Zip(first, second) => {
                let first = self.item(first, position)?;
                Bound::Tuple(vec![first, self.item(second, position)?])
            }
            Items::Enumerate(inner) => {
                let value = Value::Expr(ir::Expr::Operand(Operand::Code(position.clone())));
                let counter = self.temporary("position", Kind::Inactive, value, position.span);
                Bound::Tuple(vec![Bound::Var(counter), self.item(inner, position)?])
            }
            Items::Reversed(inner) => {
                let length = self.length(inner);
                let all = &length.tokens;
                self.item(inner, &at(quote!((#all - 1 - #index)), &[position, &length]))?
            }
            Items::Skip(inner, count) => {
                let count_tokens = &count.tokens;
                self.item(inner, &at(quote!((#index + #count_tokens)), &[position, count]))?
            }
            Items::Take(inner, _) => self.item(inner, position)?,
            Items::StepBy(inner, step) => {
                let step_tokens = &step.tokens;
                self.item(inner, &at(quote!((#index * #step_tokens)), &[position, step]))?
            }
            Items::Copied(inner) => {
                let item = self.item(inner, position)?;
                self.by_value(item)
            }
        })
    }

    /// `sum` and `product`.
    pub(super) fn accumulate(&mut self, call: &ExprMethodCall, name: &str) -> Value {
        let span = call.method.span();
        let start = if name == "sum" { -0.0 } else { 1.0 };
        let ty = call.turbofish.as_ref().and_then(|generics| generics.args.first()).map(ToTokens::to_token_stream);
        let total = self.function.fresh(name, Kind::Scalar, true, Form::Owned, span);
        let value = Value::Expr(ir::Expr::Operand(Operand::Number(Number { written: None, value: start })));
        self.push(Statement::Let { var: total, value: Some(value), ty });
        let place = Place::whole(total, span);
        let into = place.clone();
        let is_sum = name == "sum";
        self.iterate(&call.receiver, &mut |this, item| {
            let Some(operand) = this.item_operand(item, span) else { return };
            if is_sum {
                let value = ir::Expr::Operand(operand);
                this.push(Statement::Add { place: into.clone(), value, subtract: false, whole: false });
            } else {
                let old = ir::Expr::Operand(this.load(into.clone()));
                let product = ir::Expr::Apply(rules::op("mul"), vec![old, ir::Expr::Operand(operand)], Spelling::Canonical);
                let var = this.temporary("product", Kind::Scalar, Value::Expr(product), span);
                let value = Value::Expr(ir::Expr::place(Place::whole(var, span)));
                this.push(Statement::Assign { place: into.clone(), value });
            }
        });
        Value::Expr(ir::Expr::place(place))
    }

    fn item_operand(&mut self, item: Bound, span: Span) -> Option<Operand> {
        match item {
            Bound::Var(var) => Some(self.load(Place::whole(var, span))),
            Bound::Reference { place, .. } => Some(self.load(place)),
            Bound::Tuple(_) | Bound::Closure(_) | Bound::Option { .. } => {
                self.errors.span(span, "the items of this iterator are no scalars");
                None
            }
        }
    }

    /// `fold` to a value.
    pub(super) fn fold_value(&mut self, call: &ExprMethodCall) -> Value {
        let bound = self.fold(call);
        self.value_of_bound(bound, call.method.span())
    }

    fn value_of_bound(&self, bound: Bound, span: Span) -> Value {
        match bound {
            Bound::Tuple(parts) => Value::Tuple(parts.into_iter().map(|part| self.value_of_bound(part, span)).collect()),
            Bound::Var(var) => Value::Expr(ir::Expr::place(Place::whole(var, span))),
            Bound::Reference { place, .. } => Value::Expr(ir::Expr::place(place)),
            Bound::Closure(_) | Bound::Option { .. } => Value::Zero,
        }
    }

    /// A `fold` whose state is a tuple, element by element.
    pub(super) fn folded_tuple(&mut self, expr: &Expr) -> Option<Bound> {
        match strip(expr) {
            Expr::MethodCall(call)
                if call.method == "fold"
                    && call.args.len() == 2
                    && matches!(strip(&call.args[0]), Expr::Tuple(_))
                    && self.is_active(expr) =>
            {
                Some(self.fold(call))
            }
            _ => None,
        }
    }

    fn fold(&mut self, call: &ExprMethodCall) -> Bound {
        let span = call.method.span();
        let Some(closure) = self.as_closure(&call.args[1], 2) else {
            return Bound::Var(self.temporary("folded", Kind::Scalar, Value::Zero, span));
        };
        let state = self.fold_state(&call.args[0], "folded", span);
        let current = state.clone();
        self.iterate(&call.receiver, &mut |this, item| {
            if let Some(next) = this.apply_closure(&closure, vec![current.clone(), item]) {
                this.advance(&current, next, span);
            }
        });
        state
    }

    /// The variables that hold a fold's state.
    fn fold_state(&mut self, init: &Expr, wish: &str, span: Span) -> Bound {
        if let Expr::Tuple(tuple) = strip(init) {
            let parts = tuple.elems.iter().enumerate();
            return Bound::Tuple(parts.map(|(i, elem)| self.fold_state(elem, &format!("{wish}_{i}"), span)).collect());
        }
        let integer = matches!(strip(init), Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Int(_) | syn::Lit::Bool(_)));
        let value = self.value(init);
        let kind = match self.kind_of(&value) {
            _ if integer => Kind::Inactive,
            kind => kind,
        };
        let var = self.function.fresh(wish, kind, true, Form::Owned, span);
        self.push(Statement::Let { var, value: Some(value), ty: None });
        Bound::Var(var)
    }

    /// Stores the next state, all parts at once.
    fn advance(&mut self, state: &Bound, next: Bound, span: Span) {
        let mut stores = Vec::new();
        self.pair(state, next, span, &mut stores);
        let stores: Vec<_> = stores
            .into_iter()
            .map(|(var, place)| {
                let kind = self.function.variable(var).kind;
                if self.is_mutable(place.root) {
                    let copy = self.temporary("next", kind, Value::Expr(ir::Expr::place(place)), span);
                    (var, Place::whole(copy, span))
                } else {
                    (var, place)
                }
            })
            .collect();
        for (var, place) in stores {
            if self.function.is_scalar(place.root) && place.path.is_empty() && self.function.variable(var).kind == Kind::Space {
                self.function.variables[var.0 as usize].kind = Kind::Scalar;
            }
            let value = Value::Expr(ir::Expr::place(place));
            self.push(Statement::Assign { place: Place::whole(var, span), value });
        }
    }

    fn pair(&mut self, state: &Bound, next: Bound, span: Span, into: &mut Vec<(Var, Place)>) {
        match (state, next) {
            (Bound::Tuple(states), Bound::Tuple(nexts)) if states.len() == nexts.len() => {
                states.iter().zip(nexts).for_each(|(state, next)| self.pair(state, next, span, into));
            }
            (Bound::Tuple(states), Bound::Var(var)) => {
                for (i, state) in states.iter().enumerate() {
                    let place = Place::whole(var, span).then(Step::Element(i as u32));
                    self.pair(state, Bound::Reference { place, depth: 0 }, span, into);
                }
            }
            (Bound::Var(var), Bound::Var(next)) => into.push((*var, Place::whole(next, span))),
            (Bound::Var(var), Bound::Reference { place, .. }) => into.push((*var, place)),
            _ => self.errors.span(span, "the state of this `fold` changes its shape"),
        }
    }
}

/// `if on { body }`
fn choice(on: Code, body: ir::Block) -> Statement {
    let arm = |body| Arm { pattern: TokenStream::new(), binds: Vec::new(), body, saved: Vec::new() };
    Statement::Branch(Branch { on, arms: vec![arm(body), arm(Vec::new())], is_match: false, record: None })
}

fn is_map(stage: &Stage) -> bool {
    matches!(stage, Stage::Map(_))
}

/// Stands in for items that are being adapted.
fn no_items() -> Items {
    let zero = Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span: Span::call_site() };
    Items::Range { start: zero.clone(), end: zero, inclusive: false }
}
