//! Iterators as loops over indices.
//!
//! *In:* `w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>()`
//!
//! *Out:* `let sum = -0.0; for i in 0..min(w.len(), x.len()) { let product = mul(w[i], x[i]); sum += product }`
//!
//! A chain is a source that can be indexed (sequences, ranges, and what keeps their items in place: `zip`, `enumerate`, `rev`,
//! `skip`, `take`, `step_by`, `map`, `copied`), then [`stages`](super::stages) that items flow through (`filter`, `flat_map`, `scan`,
//! `inspect`, and all of the above after those), then one of the [`sinks`](super::sinks). Items are references to places or values; the places' adjoints are found by the same index.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, ExprClosure, ExprMethodCall, Pat};

use crate::error::{not_yet, unsupported};
use crate::ir::tokens::{self, operand};
use crate::ir::{self, Code, Form, Kind, Loop, Operand, Place, Range, Statement, Step, Value, Var};
use crate::lower::facts::computes::only_computes;
use crate::lower::facts::methods::{is_adapter, is_chunks};
use crate::lower::facts::syntax::{first_span, strip};
use crate::signature::inert::is_one_integer;

use super::collected::takes_a_tuple;
use super::stages::{Sink, Stage, is_stateless};
use super::{Bound, Lowerer};

/// A source whose items are found by their index.
#[derive(Clone)]
pub(super) enum Items {
    Elements {
        place: Place,
        depth: u8,
        exclusive: bool,
        length: Code,
    },
    Range {
        start: Code,
        end: Code,
        inclusive: bool,
        /// Of `usize`, as far as its ends show: then positions and items are of one type.
        counts: bool,
    },
    /// `start..`
    From {
        start: Code,
    },
    /// What was collected of an inactive iterator.
    Collected {
        items: Var,
        length: Code,
    },
    Windows {
        place: Place,
        size: Code,
        length: Code,
    },
    Chunks {
        place: Place,
        size: Code,
        exact: bool,
        /// From the end: `rchunks`.
        rear: bool,
        exclusive: bool,
        length: Code,
    },
    Map(Box<Items>, ExprClosure),
    Zip(Box<Items>, Box<Items>),
    Enumerate(Box<Items>),
    Reversed(Box<Items>),
    Skip(Box<Items>, Code),
    Take(Box<Items>, Code),
    StepBy(Box<Items>, Code),
    /// Over and over again.
    Cycle(Box<Items>),
    Copied(Box<Items>),
}

impl Items {
    /// The sources that the items are made of.
    fn sources(&self) -> Vec<&Self> {
        match self {
            Self::Zip(one, two) => vec![one, two],
            Self::Map(inner, _)
            | Self::Enumerate(inner)
            | Self::Reversed(inner)
            | Self::Skip(inner, _)
            | Self::Take(inner, _)
            | Self::StepBy(inner, _)
            | Self::Cycle(inner)
            | Self::Copied(inner) => vec![inner],
            _ => Vec::new(),
        }
    }

    /// Whether they may end before those of a source of theirs.
    fn trims(&self) -> bool {
        matches!(self, Self::Zip(..) | Self::Take(..))
    }

    /// Whether it is so of them, or of what they are made of.
    fn any(&self, is: &dyn Fn(&Self) -> bool) -> bool {
        is(self) || self.sources().into_iter().any(|source| source.any(is))
    }

    /// Whether a closure among them may do more than compute.
    fn may_act(&self) -> bool {
        self.any(&|items| matches!(items, Self::Map(_, closure) if !only_computes(&closure.body)))
    }
}

/// A source with its stages; several for `chain`.
pub(super) struct Pipeline {
    pub(super) items: Items,
    pub(super) stages: Vec<Stage>,
}

/// When the loops of a chain are left, which is not known before their bodies are translated.
#[derive(Default)]
pub(super) struct Leaving {
    /// Conditions at the end of an iteration, each with the level of the iterator that it ends; 0 is the loop as a whole.
    pub(super) endings: Vec<(usize, Code)>,
    /// Truth values that the outermost loop declares before it.
    pub(super) flags: Vec<(Var, Span)>,
}

/// The level of the outermost iterator. Those inside of it have levels of `FURTHER` more, and what ends a `chain` as a whole has one less than
/// what ends a part of it.
pub(super) const OUTERMOST: usize = 2;
/// From an iterator to one inside of it.
pub(super) const FURTHER: usize = 2;

impl<'a> Lowerer<'a> {
    /// Runs the sink on every item of an iterator.
    pub(super) fn iterate(&mut self, expr: &Expr, sink: Sink<'_, 'a>) {
        let outer = std::mem::take(&mut self.leaving);
        self.in_scope(|this| {
            let pipelines = this.pipelines(expr).unwrap_or_default();
            this.run_all(pipelines, OUTERMOST, sink);
        });
        self.leaving = outer;
    }

    /// One pipeline after the other; where something outside of one ends them all, those that follow are skipped.
    pub(super) fn run_all(&mut self, pipelines: Vec<Pipeline>, level: usize, sink: Sink<'_, 'a>) {
        if level > OUTERMOST && pipelines.len() > 1 && pipelines[0].stages.iter().any(Stage::ends_a_chain_by_a_flag) {
            let span = self.own_name.span();
            self.errors
                .span(span, not_yet("a `chain` that ends early inside of another iterator", "collect it in a `Vec` first"));
            return;
        }
        let mut pipelines = pipelines.into_iter();
        let Some(first) = pipelines.next() else {
            return self.leaving.endings.retain(|(of, _)| *of < level - 1);
        };
        self.run(first, level, sink);
        self.leaving.endings.retain(|(of, _)| *of < level);
        let rest: Vec<_> = pipelines.collect();
        match self.loop_exit() {
            Some(left) if !rest.is_empty() => {
                let tokens = &left.tokens;
                let on = Code { tokens: quote!(!(#tokens)), ..left };
                let (body, ()) = self.nested(|this| this.run_all(rest, level, sink));
                self.push(Statement::either(on, body, Vec::new()));
            }
            _ => self.run_all(rest, level, sink),
        }
    }

    /// Any of the conditions under which a loop is left.
    fn loop_exit(&self) -> Option<Code> {
        let (_, first) = self.leaving.endings.first()?;
        let tokens = self.leaving.endings.iter().map(|(_, on)| &on.tokens);
        let reads = self.leaving.endings.iter().flat_map(|(_, on)| on.reads.clone()).collect();
        Some(Code { tokens: quote!(#(#tokens)||*), reads, repeatable: false, span: first.span })
    }

    /// A loop, with the exit that its body asked for.
    fn push_loop(&mut self, range: Range, body: ir::Block, level: usize) {
        if level == OUTERMOST {
            for (var, span) in std::mem::take(&mut self.leaving.flags) {
                let on = Code { tokens: quote!(true), reads: Vec::new(), repeatable: true, span };
                self.push(Statement::Let { var, value: Some(Value::Expr(ir::Expr::Operand(Operand::Code(on)))), ty: None });
            }
        }
        let exit = self.loop_exit();
        let counter = exit.as_ref().map(|exit| self.counter(exit.span));
        self.push(Statement::Loop(Loop { exit, counter, ..Loop::over(range, body) }));
    }

    fn run(&mut self, pipeline: Pipeline, level: usize, sink: Sink<'_, 'a>) {
        let Pipeline { items, stages } = pipeline;
        let (items, reversed) = match items {
            Items::Reversed(inner) if matches!(*inner, Items::Range { .. }) => (*inner, true),
            other => (other, false),
        };
        if let Items::Range { start, end, inclusive, .. } = items {
            let index = self.function.fresh("i", Kind::Inactive, false, Form::Owned, start.span);
            let (body, ()) = self.nested(|this| this.feed(&stages, Bound::Var(index), level, sink));
            return self.push_loop(Range { index, start, end, inclusive, reversed }, body, level);
        }
        let end = self.length(&items);
        let start = Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span: end.span };
        let index = self.function.fresh("i", Kind::Inactive, false, Form::Owned, end.span);
        let position = self.name_code(index, end.span);
        let (body, ()) = self.nested(|this| {
            if let Some(item) = this.item(&items, &position) {
                this.feed(&stages, item, level, sink);
            }
        });
        self.push_loop(Range { index, start, end, inclusive: false, reversed: false }, body, level);
    }

    pub(super) fn name_code(&self, var: Var, span: Span) -> Code {
        Code { tokens: self.function.variable(var).name.to_token_stream(), reads: vec![var], repeatable: true, span }
    }

    pub(super) fn pipelines(&mut self, expr: &Expr) -> Option<Vec<Pipeline>> {
        self.pipelines_of_at_most(expr, None)
    }

    /// The same where no more items than that are asked for.
    fn pipelines_of_at_most(&mut self, expr: &Expr, most: Option<&Code>) -> Option<Vec<Pipeline>> {
        let pattern = self.bound_with.take();
        if let Some(items) = self.collected_source(expr, pattern.as_ref().is_some_and(takes_a_tuple), most) {
            return Some(vec![Pipeline { items, stages: Vec::new() }]);
        }
        self.bound_with = pattern;
        if let Expr::MethodCall(call) = strip(expr) {
            if call.method == "chain" && call.args.len() == 1 {
                let mut all = self.pipelines(&call.receiver)?;
                all.extend(self.pipelines(&call.args[0])?);
                return Some(all);
            }
            if self.is_drained(call) {
                let place = self.drained(call)?;
                let length = self.place_length(&place);
                let items = Items::Elements { place, depth: 0, exclusive: false, length };
                return Some(vec![Pipeline { items, stages: Vec::new() }]);
            }
            if is_adapter(&call.method.to_string()) {
                return self.adapted(call);
            }
        }
        Some(vec![Pipeline { items: self.source(expr, None)?, stages: Vec::new() }])
    }

    /// The pipelines of an adapter's receiver, with the adapter.
    fn adapted(&mut self, call: &ExprMethodCall) -> Option<Vec<Pipeline>> {
        let name = call.method.to_string();
        self.rely_on_call(call);
        match (name.as_str(), call.args.len()) {
            ("iter" | "iter_mut", 0) => {
                return Some(vec![Pipeline {
                    items: self.source(&call.receiver, Some(name == "iter_mut"))?,
                    stages: Vec::new(),
                }]);
            }
            (part, 1) if part == "windows" || is_chunks(part) => {
                let place = self.sequence_place(&call.receiver)?;
                let size = self.bound_of_range(&call.args[0], "size");
                let length = self.place_length(&place);
                let items = match name.as_str() {
                    "windows" => Items::Windows { place, size, length },
                    _ => {
                        let (exact, rear, exclusive) = (name.contains("_exact"), name.starts_with('r'), name.ends_with("_mut"));
                        Items::Chunks { place, size, exact, rear, exclusive, length }
                    }
                };
                return Some(vec![Pipeline { items, stages: Vec::new() }]);
            }
            _ => {}
        }
        if let ("zip", Some(other)) = (name.as_str(), call.args.first()) {
            return self.zip(&call.receiver, other);
        }
        self.bound_with = item_pattern(call, self.bound_with.take());
        let mut all = self.pipelines(&call.receiver)?;
        if name == "into_iter" {
            return Some(all);
        }
        let each_by_itself =
            matches!(name.as_str(), "map" | "filter" | "filter_map" | "flat_map" | "flatten" | "inspect" | "copied" | "cloned");
        if name == "rev" {
            return self.reversed(all, &call.method);
        }
        if all.len() > 1 && !each_by_itself {
            let stage = self.stage(&name, call)?;
            all.iter_mut().for_each(|pipeline| pipeline.stages.push(Stage::Shared(Box::new(stage.clone()))));
            return Some(all);
        }
        for pipeline in &mut all {
            let items = std::mem::replace(&mut pipeline.items, Items::Copied(Box::new(no_items())));
            pipeline.items = self.adapt(&name, call, items, &mut pipeline.stages)?;
        }
        Some(all)
    }

    /// Adds an adapter to a source, or to its stages. Items that are passed over are computed as well, where a closure may do more than that.
    fn adapt(&mut self, name: &str, call: &ExprMethodCall, items: Items, stages: &mut Vec<Stage>) -> Option<Items> {
        let passes_over = matches!(name, "skip" | "step_by");
        let indexed = stages.is_empty() && !(passes_over && items.may_act());
        match (name, call.args.first()) {
            ("map", Some(function)) if indexed && !matches!(items, Items::Range { .. }) => {
                return Some(Items::Map(Box::new(items), self.as_closure(function, 1)?));
            }
            ("copied" | "cloned", None) if indexed => return Some(Items::Copied(Box::new(items))),
            ("cycle", None) if indexed => return Some(Items::Cycle(Box::new(items))),
            ("enumerate", None) if indexed => return Some(Items::Enumerate(Box::new(items))),
            ("skip", Some(count)) if indexed => return Some(Items::Skip(Box::new(items), self.bound_of_range(count, "skipped"))),
            ("take", Some(count)) if indexed => return Some(Items::Take(Box::new(items), self.bound_of_range(count, "taken"))),
            ("step_by", Some(step)) if indexed => return Some(Items::StepBy(Box::new(items), self.bound_of_range(step, "step"))),
            _ => {}
        }
        let stage = self.stage(name, call)?;
        stages.push(stage);
        Some(items)
    }

    /// The stage that an adapter is.
    fn stage(&mut self, name: &str, call: &ExprMethodCall) -> Option<Stage> {
        let span = call.method.span();
        let argument = call.args.first();
        if let (
            "map" | "filter" | "filter_map" | "flat_map" | "inspect" | "take_while" | "skip_while" | "map_while",
            Some(function),
        ) = (name, argument)
        {
            let closure = self.as_closure(function, 1)?;
            return Some(match name {
                "map" => Stage::Map(closure),
                "filter" => Stage::Filter(closure),
                "filter_map" => Stage::FilterMap(closure),
                "flat_map" => Stage::FlatMap { closure, reversed: false },
                "inspect" => Stage::Inspect(closure),
                "take_while" => Stage::TakeWhile(closure),
                "skip_while" => Stage::SkipWhile { begun: self.inactive_variable("begun", false, span), closure },
                _ => Stage::MapWhile(closure),
            });
        }
        Some(match (name, argument) {
            ("copied" | "cloned", None) => Stage::Copied,
            ("flatten", None) => Stage::Flatten { reversed: false },
            ("enumerate", None) => Stage::Enumerate { count: self.count_from_zero("count", span) },
            ("scan", Some(init)) => {
                let closure = self.as_closure(call.args.last()?, 2)?;
                Stage::Scan { state: self.fold_state(init, "state", span), closure }
            }
            ("skip" | "take" | "step_by", Some(of)) => {
                let of = self.bound_of_range(of, "items");
                let count = self.count_from_zero("count", span);
                match name {
                    "skip" => Stage::Skip { count, of },
                    "take" => Stage::Take { count, of },
                    _ => Stage::StepBy { count, of },
                }
            }
            _ => {
                let help = "collect the items in a `Vec` first, or write a `for` loop";
                self.unsupported(&call.method, not_yet(&format!("`{name}` at this place of a chain"), help));
                return None;
            }
        })
    }

    /// `zip`: by index where both have one, else one of them counts its items; one of two that both skip items is collected.
    fn zip(&mut self, one: &Expr, other: &Expr) -> Option<Vec<Pipeline>> {
        let span = first_span(other);
        let by_index = |pipelines: &[Pipeline]| matches!(pipelines, [only] if only.stages.iter().all(is_map));
        let [pattern, other_pattern] = halves(self.bound_with.take());
        // what is collected, and may have no end, is collected as far as the other goes
        let late = self.is_collected(one, false) && !self.is_collected(other, false);
        let (early, early_pattern, last, last_pattern) = match late {
            true => (other, other_pattern, one, pattern),
            false => (one, pattern, other, other_pattern),
        };
        self.bound_with = early_pattern;
        let early = self.pipelines(early)?;
        let counted = by_index(&early) && self.is_collected(last, last_pattern.as_ref().is_some_and(takes_a_tuple));
        let most = counted.then(|| self.length(&early[0].items));
        self.bound_with = last_pattern;
        let last = self.pipelines_of_at_most(last, most.as_ref())?;
        let (mut all, mut others) = if late { (last, early) } else { (early, last) };
        if !by_index(&all) && !by_index(&others) {
            others = vec![Pipeline { items: self.collected(others, span), stages: Vec::new() }];
        }
        let first = !by_index(&others);
        let (items, mut pipelines) = match (by_index(&all), first) {
            (true, false) => {
                let [one, two] = [all.pop()?, others.pop()?].map(|Pipeline { items, stages }| Box::new(mapped(items, stages)));
                return Some(vec![Pipeline { items: Items::Zip(one, two), stages: Vec::new() }]);
            }
            (_, true) => (all.pop()?, others),
            (false, false) => (others.pop()?, all),
        };
        let items = mapped(items.items, items.stages);
        let stage = Stage::Zip { count: self.count_from_zero("count", span), items, first };
        let shared = pipelines.len() > 1;
        for pipeline in &mut pipelines {
            pipeline.stages.push(if shared { Stage::Shared(Box::new(stage.clone())) } else { stage.clone() });
        }
        Some(pipelines)
    }

    /// The items of several pipelines in a `Vec`.
    fn collected(&mut self, pipelines: Vec<Pipeline>, span: Span) -> Items {
        let vector = self.new_vector(None, span);
        let place = Place::whole(vector, span);
        let mut depth = 0;
        let outer = std::mem::take(&mut self.leaving);
        self.run_all(pipelines, OUTERMOST, &mut |this, item| {
            depth = u8::from(matches!(item, Bound::Reference { depth: 1.., .. }));
            this.push_item(&place, item, span);
        });
        self.leaving = outer;
        let length = self.place_length(&place);
        Items::Elements { place, depth, exclusive: false, length }
    }

    pub(super) fn sequence_place(&mut self, expr: &Expr) -> Option<Place> {
        if is_of_a_struct(strip(expr)) {
            let what = unsupported(
                "an iterator of one's own",
                "what its `next` does is not known here",
                "write a loop that computes the items one by one",
            );
            self.unsupported(expr, what);
            return None;
        }
        let place = self.named_or_made(expr, "sequence");
        self.sequence(&place);
        Some(place)
    }

    /// Whether a variable is a shared reference, by its type or by what it begins with.
    fn holds_a_reference(&self, variable: &Expr) -> bool {
        let name = variable.to_token_stream().to_string();
        let is_shared = |ty: &syn::Type| matches!(ty, syn::Type::Reference(reference) if reference.mutability.is_none());
        let is_written = self.names.bindings.get(&name).and_then(|binding| binding.ty.as_ref()).is_some_and(is_shared);
        let is_lent = |init: &Expr| matches!(strip(init), Expr::Reference(reference) if reference.mutability.is_none());
        is_written || self.inits.get(&name).is_some_and(is_lent)
    }

    /// What is iterated; `iter` adds a reference, which for `iter_mut` is exclusive.
    fn source(&mut self, expr: &Expr, added: Option<bool>) -> Option<Items> {
        let expr = strip(expr);
        if let Expr::Range(range) = expr {
            let Some(start) = &range.start else {
                self.unsupported(range, not_yet("a range without a start", "give the range a start"));
                return None;
            };
            let Some(end) = &range.end else {
                return Some(Items::From { start: self.bound_of_range(start, "start") });
            };
            let counts = self.is_usize(start) || self.is_usize(end);
            let start = self.bound_of_range(start, "start");
            let end = self.bound_of_range(end, "end");
            let inclusive = matches!(range.limits, syn::RangeLimits::Closed(_));
            return Some(Items::Range { start, end, inclusive, counts });
        }
        if let Expr::Path(path) = expr
            && let Some(name) = path.path.get_ident()
            && self.names.bindings.get(&name.to_string()).and_then(|binding| binding.ty.as_ref()).is_some_and(is_one_integer)
        {
            self.errors.leave_to_rustc(); // an integer is iterated
            return None;
        }
        let (depth, exclusive) = match (self.resolve(expr), expr) {
            (Some(Bound::Reference { depth, exclusive, .. }), _) if added.is_none() => (depth, exclusive),
            (_, Expr::Reference(reference)) if added.is_none() => (1, reference.mutability.is_some()),
            (_, Expr::Path(_)) if added.is_none() && self.holds_a_reference(expr) => (1, false),
            (_, Expr::Lit(_)) if added.is_none() => (1, false), // `b"text"`
            _ => (u8::from(added.is_some()), added.unwrap_or(false)),
        };
        let sequence = match expr {
            Expr::Reference(reference) => strip(&reference.expr),
            other => other,
        };
        let place = match sequence {
            Expr::Array(array) if self.lists_parts(array) => {
                Place::whole(self.make_sequence(sequence, None)?, first_span(sequence))
            }
            _ => self.sequence_place(sequence)?,
        };
        let length = self.place_length(&place);
        let depth = depth.min(1) + u8::from(self.holds_slices(&place));
        Some(Items::Elements { place, depth, exclusive, length })
    }

    /// Whether the expression is a `usize`, as far as it shows.
    fn is_usize(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                let is_count = matches!(name.as_str(), "len" | "count") && call.args.is_empty();
                let is_arithmetic = matches!(
                    name.as_str(),
                    "min" | "max" | "saturating_sub" | "div_ceil" | "clamp" | "abs_diff" | "pow" | "next_multiple_of"
                );
                is_count || is_arithmetic && (self.is_usize(&call.receiver) || call.args.iter().any(|of| self.is_usize(of)))
            }
            Expr::Lit(literal) => matches!(&literal.lit, syn::Lit::Int(number) if number.suffix() == "usize"),
            Expr::Cast(cast) => is_named_usize(&cast.ty),
            Expr::Binary(binary) => {
                let shifts = matches!(binary.op, syn::BinOp::Shl(_) | syn::BinOp::Shr(_));
                self.is_usize(&binary.left) || !shifts && self.is_usize(&binary.right)
            }
            Expr::Path(path) => {
                let Some(name) = path.path.get_ident() else { return false };
                self.function.sizes.contains(name)
                    || self.written_type(expr).as_ref().is_some_and(is_named_usize)
                    || self.inits.get(&name.to_string()).is_some_and(|init| self.is_usize(init))
            }
            place => self.written_type(place).as_ref().is_some_and(is_named_usize),
        }
    }

    /// The items of an iterator from its end. What is counted on the way is counted from the start, which needs an index.
    pub(super) fn reversed(&mut self, mut all: Vec<Pipeline>, method: &proc_macro2::Ident) -> Option<Vec<Pipeline>> {
        all.reverse();
        let alone = all.len() == 1;
        for Pipeline { items, stages } in &mut all {
            if alone {
                self.run_trimmed(items);
            } else if items.any(&Items::trims) && items.may_act() {
                let help = "collect the items in a `Vec` first, or write a `for` loop";
                let what = "`rev` of a `chain` whose parts are cut short, and whose closures do more than compute,";
                self.unsupported(method, not_yet(what, help));
                return None;
            }
            let source = std::mem::replace(items, no_items());
            *items = Items::Reversed(Box::new(match stages.iter().all(is_stateless) {
                true => source,
                false => match indexed(source, stages) {
                    Some(source) => source,
                    None => {
                        let help = "collect the items in a `Vec` first, or write a `for` loop";
                        self.unsupported(method, not_yet("`rev` at this place of a chain", help));
                        return None;
                    }
                },
            }));
            for stage in stages {
                if let Stage::FlatMap { reversed, .. } | Stage::Flatten { reversed } = stage {
                    *reversed = !*reversed;
                }
            }
        }
        Some(all)
    }

    /// Calls the closures for the items at the end of a source that are none of its own, from the last: of the longer side of a `zip`, and behind what
    /// `take` takes. An iterator from its end asks for them first, where it has items at all.
    fn run_trimmed(&mut self, items: &Items) {
        for source in items.sources() {
            self.run_trimmed(source);
            if items.trims() {
                self.run_from(items, source);
            }
        }
    }

    /// Calls the closures for the items of a source that stand behind those of a part of it, from the last.
    fn run_from(&mut self, part: &Items, source: &Items) {
        if !source.may_act() {
            return;
        }
        let (part, end) = (self.length(part), self.length(source));
        let (count, all) = (&part.tokens, &end.tokens);
        let reads = part.reads.iter().chain(&end.reads).copied().collect();
        let start = Code { tokens: quote!(if #count == 0 { #all } else { #count }), reads, ..part };
        let index = self.function.fresh("i", Kind::Inactive, false, Form::Owned, end.span);
        let position = self.name_code(index, end.span);
        let (body, _) = self.nested(|this| this.item(source, &position));
        self.push(Statement::Loop(Loop::over(Range { index, start, end, inclusive: false, reversed: true }, body)));
    }

    /// How many items a source has.
    pub(super) fn length(&mut self, items: &Items) -> Code {
        let combine = |tokens: TokenStream, parts: &[&Code]| Code {
            tokens,
            reads: parts.iter().flat_map(|part| part.reads.clone()).collect(),
            repeatable: true,
            span: parts[0].span,
        };
        match items {
            Items::Elements { length, .. } | Items::Collected { length, .. } => length.clone(),
            Items::From { start } => combine(quote!(::core::primitive::usize::MAX), &[start]),
            Items::Range { start, end, inclusive, counts: true } => {
                let (first, last) = (&start.tokens, operand(&end.tokens));
                let past = if *inclusive { quote!(#last + 1) } else { last };
                let tokens = match first.to_string() == "0" {
                    true => operand(&past),
                    false => quote!(::core::primitive::usize::saturating_sub(#past, #first)),
                };
                combine(tokens, &[end, start])
            }
            Items::Range { start, end, inclusive, counts: false } => {
                let (runtime, first, last) = (&self.runtime, &start.tokens, &end.tokens);
                let function = if *inclusive { quote!(count_through) } else { quote!(count_until) };
                combine(quote!(#runtime::#function(#first, #last)), &[end, start])
            }
            Items::Windows { size, length, .. } => {
                let (all, size_tokens) = (operand(&length.tokens), &size.tokens);
                combine(quote!(::core::primitive::usize::saturating_sub(#all + 1, #size_tokens)), &[length, size])
            }
            Items::Chunks { size, exact, length, .. } => {
                let (all, size_tokens) = (operand(&length.tokens), operand(&size.tokens));
                let count = match exact {
                    true => quote!((#all / #size_tokens)),
                    false => quote!(::core::primitive::usize::div_ceil(#all, #size_tokens)),
                };
                combine(count, &[length, size])
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
                combine(quote!(::core::primitive::usize::saturating_sub(#tokens, #count_tokens)), &[&length, count])
            }
            Items::Take(inner, count) => {
                let length = self.length(inner);
                let (tokens, count_tokens) = (&length.tokens, &count.tokens);
                combine(quote!(::core::cmp::Ord::min(#tokens, #count_tokens)), &[&length, count])
            }
            Items::Cycle(inner) => {
                let length = self.length(inner);
                let tokens = operand(&length.tokens);
                // without items there are none, however often
                combine(quote!((if #tokens == 0 { 0 } else { ::core::primitive::usize::MAX })), &[&length])
            }
            Items::StepBy(inner, step) => {
                let length = self.length(inner);
                let (tokens, step_tokens) = (&length.tokens, &step.tokens);
                combine(quote!(::core::primitive::usize::div_ceil(#tokens, #step_tokens)), &[&length, step])
            }
        }
    }

    /// The length of a sequence: a value of its own where the sequence may change, so that the reverse sweep need not have it.
    pub(super) fn place_length(&mut self, place: &Place) -> Code {
        self.rely_on_method(&proc_macro2::Ident::new("len", place.span));
        let tokens = tokens::receiver(&self.function, place);
        let repeatable = !self.is_mutable(place.root) && !self.opaque.contains(&place.root);
        let code = Code { tokens: quote!(#tokens.len()), reads: super::mentioned(place), repeatable, span: place.span };
        if repeatable {
            return code;
        }
        let value = Value::Expr(ir::Expr::Operand(Operand::Code(code)));
        let length = self.temporary("length", Kind::Inactive, value, place.span);
        self.name_code(length, place.span)
    }

    /// The item at a position.
    pub(super) fn item(&mut self, items: &Items, position: &Code) -> Option<Bound> {
        let at = |tokens: TokenStream, parts: &[&Code]| Code {
            tokens,
            reads: parts.iter().flat_map(|part| part.reads.clone()).collect(),
            repeatable: true,
            span: position.span,
        };
        let index = &position.tokens;
        Some(match items {
            Items::Elements { place, depth, exclusive, .. } => {
                let step = Step::Index(Operand::Code(position.clone()));
                Bound::Reference { place: place.then(step), depth: *depth, exclusive: *exclusive }
            }
            Items::Range { start, end, counts, .. } => {
                let (runtime, first, last) = (&self.runtime, &start.tokens, &end.tokens);
                let code = match counts {
                    true if first.to_string() == "0" => position.clone(),
                    true => {
                        let first = operand(first);
                        at(quote!(#first + #index), &[position, start])
                    }
                    false => at(quote!(#runtime::item_of_range(#first, #last, #index)), &[position, start, end]),
                };
                let value = Value::Expr(ir::Expr::Operand(Operand::Code(code)));
                Bound::Var(self.temporary("item", Kind::Inactive, value, position.span))
            }
            Items::From { start } => {
                let (runtime, first) = (&self.runtime, &start.tokens);
                let code = at(quote!(#runtime::after(#first, #index)), &[position, start]);
                let value = Value::Expr(ir::Expr::Operand(Operand::Code(code)));
                Bound::Var(self.temporary("item", Kind::Inactive, value, position.span))
            }
            Items::Collected { items, .. } => self.collected_item(*items, position),
            Items::Windows { place, size, .. } => {
                let size_tokens = operand(&size.tokens);
                let code = at(quote!(#index..#index + #size_tokens), &[position, size]);
                Bound::Reference { place: place.then(Step::Index(Operand::Code(code))), depth: 1, exclusive: false }
            }
            Items::Chunks { place, size, exact, rear: true, exclusive, length } => {
                let (size_tokens, all) = (operand(&size.tokens), operand(&length.tokens));
                let end = quote!(#all - #index * #size_tokens);
                let start = match exact {
                    true => quote!(#end - #size_tokens),
                    false => quote!(::core::primitive::usize::saturating_sub(#end, #size_tokens)),
                };
                let ends = [("start", start), ("end", end)].map(|(wish, tokens)| {
                    let value = Value::Expr(ir::Expr::Operand(Operand::Code(at(tokens, &[position, size, length]))));
                    let var = self.temporary(wish, Kind::Inactive, value, position.span);
                    self.name_code(var, position.span)
                });
                let (start, end) = (&ends[0].tokens, &ends[1].tokens);
                let code = at(quote!(#start..#end), &[&ends[0], &ends[1]]);
                Bound::Reference { place: place.then(Step::Index(Operand::Code(code))), depth: 1, exclusive: *exclusive }
            }
            Items::Chunks { place, size, exact, exclusive, length, .. } => {
                let size_tokens = operand(&size.tokens);
                let mut reads = Vec::new();
                let all = &length.tokens;
                let end = quote!((#index + 1) * #size_tokens);
                let end = match exact {
                    true => end,
                    false => {
                        // a name of its own, since a place that is written cannot be asked for its length
                        let last = at(quote!(::core::cmp::Ord::min(#end, #all)), &[position, size, length]);
                        let last = self.temporary(
                            "end",
                            Kind::Inactive,
                            Value::Expr(ir::Expr::Operand(Operand::Code(last))),
                            position.span,
                        );
                        reads.push(last);
                        self.function.variable(last).name.to_token_stream()
                    }
                };
                let mut code = at(quote!(#index * #size_tokens..#end), &[position, size]);
                code.reads.extend(reads);
                Bound::Reference { place: place.then(Step::Index(Operand::Code(code))), depth: 1, exclusive: *exclusive }
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
                let all = operand(&length.tokens);
                self.item(inner, &at(quote!((#all - 1 - #index)), &[position, &length]))?
            }
            Items::Skip(inner, count) => {
                let count_tokens = operand(&count.tokens);
                self.item(inner, &at(quote!((#index + #count_tokens)), &[position, count]))?
            }
            Items::Take(inner, _) => self.item(inner, position)?,
            Items::Cycle(inner) => {
                let length = self.length(inner);
                let all = operand(&length.tokens);
                self.item(inner, &at(quote!((#index % #all)), &[position, &length]))?
            }
            Items::StepBy(inner, step) => {
                let step_tokens = operand(&step.tokens);
                self.item(inner, &at(quote!((#index * #step_tokens)), &[position, step]))?
            }
            Items::Copied(inner) => {
                let item = self.item(inner, position)?;
                self.by_value(item)
            }
        })
    }
}

/// Items with their stages, where each of them keeps its index; the stages are taken.
fn indexed(items: Items, stages: &mut Vec<Stage>) -> Option<Items> {
    let keeps = |stage: &Stage| {
        matches!(
            stage,
            Stage::Map(_)
                | Stage::Copied
                | Stage::Enumerate { .. }
                | Stage::Skip { .. }
                | Stage::Take { .. }
                | Stage::StepBy { .. }
        )
    };
    if !stages.iter().all(keeps) {
        return None;
    }
    Some(stages.drain(..).fold(items, |items, stage| match stage {
        Stage::Map(closure) => Items::Map(Box::new(items), closure),
        Stage::Copied => Items::Copied(Box::new(items)),
        Stage::Enumerate { .. } => Items::Enumerate(Box::new(items)),
        Stage::Skip { of, .. } => Items::Skip(Box::new(items), of),
        Stage::Take { of, .. } => Items::Take(Box::new(items), of),
        Stage::StepBy { of, .. } => Items::StepBy(Box::new(items), of),
        _ => items,
    }))
}

/// What the items that an adapter is given are bound with: the pattern of its closure, or what its own items are bound with.
fn item_pattern(call: &ExprMethodCall, outer: Option<Pat>) -> Option<Pat> {
    if let Some(Expr::Closure(closure)) = call.args.last().map(strip) {
        return closure.inputs.last().cloned();
    }
    if call.method == "enumerate" {
        let [_, item] = halves(outer);
        return item;
    }
    outer
}

/// The patterns of both elements of a pair.
fn halves(pair: Option<Pat>) -> [Option<Pat>; 2] {
    match pair {
        Some(Pat::Tuple(tuple)) if tuple.elems.len() == 2 => [0, 1].map(|i| tuple.elems.iter().nth(i).cloned()),
        Some(Pat::Reference(reference)) => halves(Some(*reference.pat)),
        _ => [None, None],
    }
}

fn is_map(stage: &Stage) -> bool {
    matches!(stage, Stage::Map(_))
}

/// Items with `map`s that were stages.
fn mapped(items: Items, stages: Vec<Stage>) -> Items {
    stages.into_iter().fold(items, |items, stage| match stage {
        Stage::Map(closure) => Items::Map(Box::new(items), closure),
        _ => items,
    })
}

fn is_named_usize(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Path(path) => path.path.is_ident("usize"),
        syn::Type::Reference(reference) => is_named_usize(&reference.elem),
        _ => false,
    }
}

/// Stands in for items that are being adapted.
fn no_items() -> Items {
    let zero = Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span: Span::call_site() };
    Items::Range { start: zero.clone(), end: zero, inclusive: false, counts: true }
}

/// Whether the expression makes a struct: `Halves(x)`, `Halves { x }`.
fn is_of_a_struct(expr: &Expr) -> bool {
    match expr {
        Expr::Struct(_) => true,
        Expr::Call(call) => matches!(strip(&call.func), Expr::Path(path) if path.path.segments.last().is_some_and(|last| {
            last.ident.to_string().starts_with(char::is_uppercase)
        })),
        _ => false,
    }
}
