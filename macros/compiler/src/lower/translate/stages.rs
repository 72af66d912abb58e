//! What the items of an iterator flow through on their way.
//!
//! Each stage is applied inside of the loop over the source: `filter` is a branch around the rest, `take` counts and leaves the loop.
//! Where a stage ends its iterator, the loops of that iterator get an exit, and no other.

use proc_macro2::Span;
use quote::quote;
use syn::{Expr, ExprClosure, Stmt};

use crate::ir::tokens::operand;
use crate::ir::{self, Code, Form, Kind, Operand, Place, Statement, Value, Var};
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::syntax::{first_span, strip};

use super::chains::{FURTHER, Items, Pipeline};
use super::{Bound, Lowerer};

/// What takes the items.
pub(super) type Sink<'s, 'a> = &'s mut dyn FnMut(&mut Lowerer<'a>, Bound);

/// What an item flows through.
#[derive(Clone)]
pub(super) enum Stage {
    /// A stage behind `chain`, which is one for all of its parts.
    Shared(Box<Stage>),
    Map(ExprClosure),
    Filter(ExprClosure),
    FilterMap(ExprClosure),
    /// With what its closure gives from the start, or from the end.
    FlatMap {
        closure: ExprClosure,
        reversed: bool,
    },
    Flatten {
        reversed: bool,
    },
    Inspect(ExprClosure),
    Scan {
        state: Bound,
        closure: ExprClosure,
    },
    Enumerate {
        count: Var,
    },
    /// `zip` with what can be indexed; `first` where its items come first.
    Zip {
        count: Var,
        items: Items,
        first: bool,
    },
    Skip {
        count: Var,
        of: Code,
    },
    Take {
        count: Var,
        of: Code,
    },
    StepBy {
        count: Var,
        of: Code,
    },
    TakeWhile(ExprClosure),
    SkipWhile {
        begun: Var,
        closure: ExprClosure,
    },
    MapWhile(ExprClosure),
    Copied,
}

impl Stage {
    /// Whether the stage ends a `chain` where a condition on an item says so.
    pub(super) fn ends_a_chain_by_a_flag(&self) -> bool {
        matches!(self, Self::Shared(stage) if !matches!(**stage, Self::Enumerate { .. } | Self::Skip { .. } | Self::Take { .. } | Self::StepBy { .. } | Self::SkipWhile { .. }))
    }
}

/// Whether the stage treats every item by itself, so that items may come in any order.
pub(super) fn is_stateless(stage: &Stage) -> bool {
    matches!(
        stage,
        Stage::Map(_)
            | Stage::Filter(_)
            | Stage::FilterMap(_)
            | Stage::FlatMap { .. }
            | Stage::Flatten { .. }
            | Stage::Inspect(_)
            | Stage::Copied
    )
}

impl<'a> Lowerer<'a> {
    /// Lets an item flow through the stages into the sink.
    pub(super) fn feed(&mut self, stages: &[Stage], item: Bound, level: usize, sink: Sink<'_, 'a>) {
        let Some((stage, rest)) = stages.split_first() else { return sink(self, item) };
        let (stage, ends) = match stage {
            Stage::Shared(stage) => (&**stage, level - 1),
            stage => (stage, level),
        };
        match stage {
            Stage::Shared(_) => {}
            Stage::Map(closure) => {
                if let Some(mapped) = self.apply_closure(closure, vec![item]) {
                    self.feed(rest, mapped, level, sink);
                }
            }
            Stage::Copied => {
                let item = self.by_value(item);
                self.feed(rest, item, level, sink);
            }
            Stage::Inspect(closure) => {
                if let Some((inputs, body)) = self.instance(closure, 1) {
                    self.bind_lent(&inputs[0], item.clone());
                    drop(self.block_value(&syn::parse_quote!({ #body; })));
                }
                self.feed(rest, item, level, sink);
            }
            Stage::FlatMap { closure, reversed } => {
                let Some((inputs, body)) = self.instance(closure, 1) else { return };
                self.bind_bound(&inputs[0], item);
                let inner = self.statements_before(&body);
                let mut pipelines = self.pipelines(&inner).unwrap_or_default();
                if *reversed {
                    let rev = proc_macro2::Ident::new("rev", first_span(&inner));
                    pipelines = self.reversed(pipelines, &rev).unwrap_or_default();
                }
                self.run_all(pipelines, level + FURTHER, &mut |this, item| this.feed(rest, item, level, sink));
            }
            Stage::Flatten { reversed } => {
                let Some(place) = self.place_of(item, &quote!()) else { return };
                self.sequence(&place);
                let length = self.place_length(&place);
                let items = Items::Elements { place, depth: 1, exclusive: false, length };
                let items = if *reversed { Items::Reversed(Box::new(items)) } else { items };
                let inner = Pipeline { items, stages: Vec::new() };
                self.run_all(vec![inner], level + FURTHER, &mut |this, item| this.feed(rest, item, level, sink));
            }
            Stage::Scan { state, closure } => self.feed_scan(state, closure, rest, item, (level, ends), sink),
            Stage::Filter(_) | Stage::FilterMap(_) | Stage::TakeWhile(_) | Stage::SkipWhile { .. } | Stage::MapWhile(_) => {
                self.feed_choice(stage, rest, item, (level, ends), sink);
            }
            Stage::Enumerate { .. } | Stage::Zip { .. } | Stage::Skip { .. } | Stage::Take { .. } | Stage::StepBy { .. } => {
                self.feed_counted(stage, rest, item, (level, ends), sink);
            }
        }
    }

    /// Stages that let an item pass or not.
    fn feed_choice(&mut self, stage: &Stage, rest: &[Stage], item: Bound, (level, ends): (usize, usize), sink: Sink<'_, 'a>) {
        let (Stage::Filter(closure)
        | Stage::FilterMap(closure)
        | Stage::TakeWhile(closure)
        | Stage::SkipWhile { closure, .. }
        | Stage::MapWhile(closure)) = stage
        else {
            return;
        };
        let Some((inputs, body)) = self.instance(closure, 1) else { return };
        if let Stage::FilterMap(_) | Stage::MapWhile(_) = stage {
            self.bind_bound(&inputs[0], item);
            let result = self.statements_before(&body);
            let Some((some, payload)) = self.option(&result) else { return };
            let (then, ()) = self.nested(|this| this.feed(rest, payload, level, sink));
            if matches!(stage, Stage::MapWhile(_)) {
                self.end_unless(&some, ends);
            }
            return self.push(Statement::either(some, then, Vec::new()));
        }
        if let Stage::SkipWhile { begun, .. } = stage {
            let on = self.begin(*begun, &inputs[0], &body, item.clone());
            let (then, ()) = self.nested(|this| this.feed(rest, item, level, sink));
            return self.push(Statement::either(on, then, Vec::new()));
        }
        self.bind_lent(&inputs[0], item.clone());
        let condition = self.statements_before(&body);
        let on = self.code_of(&condition, is_repeatable(&condition));
        match stage {
            Stage::TakeWhile(_) => {
                let on = self.held("goes_on", on);
                self.end_unless(&on, ends);
                let (then, ()) = self.nested(|this| this.feed(rest, item, level, sink));
                self.push(Statement::either(on, then, Vec::new()));
            }
            _ => {
                let (then, ()) = self.nested(|this| this.feed(rest, item, level, sink));
                self.push(Statement::either(on, then, Vec::new()));
            }
        }
    }

    /// Whether the items that pass have begun, which is asked no more once they have.
    fn begin(&mut self, begun: Var, input: &syn::Pat, body: &Expr, item: Bound) -> Code {
        let (name, span) = (self.function.variable(begun).name.clone(), first_span(body));
        let (asked, ()) = self.nested(|this| {
            this.bind_lent(input, item);
            let condition = this.statements_before(body);
            let Code { tokens, reads, span, .. } = this.code_of(&condition, false);
            let begin = Code { tokens: quote!(#name = !(#tokens);), reads, repeatable: false, span };
            this.push(Statement::Code { code: begin, binds: Vec::new(), writes: vec![begun] });
        });
        let not_yet = Code { tokens: quote!(!#name), reads: vec![begun], repeatable: false, span };
        self.push(Statement::either(not_yet, asked, Vec::new()));
        Code { tokens: quote!(#name), reads: vec![begun], repeatable: false, span }
    }

    /// Stages that count the items.
    fn feed_counted(&mut self, stage: &Stage, rest: &[Stage], item: Bound, (level, ends): (usize, usize), sink: Sink<'_, 'a>) {
        match stage {
            Stage::Enumerate { count } => {
                let position = self.counted(*count);
                self.feed(rest, Bound::Tuple(vec![Bound::Var(position), item]), level, sink);
            }
            Stage::Zip { count, items, first } => {
                let position = self.counted(*count);
                let at = self.name_code(position, self.function.variable(position).name.span());
                let length = self.length(items);
                let (tokens, all) = (&at.tokens, operand(&length.tokens));
                let reads = at.reads.iter().chain(&length.reads).copied().collect();
                let on = Code { tokens: quote!(#tokens < #all), reads, repeatable: false, span: at.span };
                let on = self.held("goes_on", on);
                self.end_unless(&on, ends);
                let (then, ()) = self.nested(|this| {
                    let Some(other) = this.item(items, &at) else { return };
                    let both = if *first { vec![other, item] } else { vec![item, other] };
                    this.feed(rest, Bound::Tuple(both), level, sink);
                });
                self.push(Statement::either(on, then, Vec::new()));
            }
            Stage::Skip { count, of } | Stage::Take { count, of } | Stage::StepBy { count, of } => {
                let position = self.counted(*count);
                let (name, of_tokens) = (self.function.variable(position).name.clone(), operand(&of.tokens));
                let test = match stage {
                    Stage::Skip { .. } => quote!(#name >= #of_tokens),
                    Stage::Take { .. } => quote!(#name < #of_tokens),
                    _ => quote!(#name % #of_tokens == 0),
                };
                let reads: Vec<Var> = of.reads.iter().copied().chain([position]).collect();
                let on = Code { tokens: test, reads, repeatable: true, span: of.span };
                if let Stage::Take { count, .. } = stage {
                    let name = &self.function.variable(*count).name;
                    let reads = of.reads.iter().copied().chain([*count]).collect();
                    self.end(Code { tokens: quote!(#name >= #of_tokens), reads, repeatable: false, span: of.span }, ends);
                }
                let (then, ()) = self.nested(|this| this.feed(rest, item, level, sink));
                self.push(Statement::either(on, then, Vec::new()));
            }
            _ => {}
        }
    }

    /// The number of items so far, before this one is counted.
    fn counted(&mut self, count: Var) -> Var {
        let name = self.function.variable(count).name.clone();
        let position = self.function.fresh("position", Kind::Inactive, false, Form::Owned, name.span());
        let value = Value::Expr(ir::Expr::place(Place::whole(count, name.span())));
        self.push(Statement::Let { var: position, value: Some(value), ty: None });
        let code = Code { tokens: quote!(#name += 1;), reads: vec![count], repeatable: false, span: name.span() };
        self.push(Statement::Code { code, binds: Vec::new(), writes: vec![count] });
        position
    }

    /// A counter of items, declared before the loop.
    pub(super) fn count_from_zero(&mut self, wish: &str, span: Span) -> Var {
        let count = self.function.fresh(wish, Kind::Inactive, true, Form::Owned, span);
        let zero = Code { tokens: quote!(0usize), reads: Vec::new(), repeatable: true, span };
        self.push(Statement::Let { var: count, value: Some(Value::Expr(ir::Expr::Operand(Operand::Code(zero)))), ty: None });
        count
    }

    /// A truth value that is there at the end of the iteration as well: in a variable that is declared outside of the loop.
    fn held(&mut self, wish: &str, on: Code) -> Code {
        let var = self.outside_flag(wish, on.span);
        let (name, tokens) = (self.function.variable(var).name.clone(), &on.tokens);
        let reads = on.reads.iter().copied().chain([var]).collect();
        let code = Code { tokens: quote!(#name = #tokens;), reads, repeatable: false, span: on.span };
        self.push(Statement::Code { code, binds: Vec::new(), writes: vec![var] });
        Code { tokens: quote!(#name), reads: vec![var], repeatable: false, span: on.span }
    }

    /// A flag that the outermost loop of this chain declares before it.
    fn outside_flag(&mut self, wish: &str, span: Span) -> Var {
        let var = self.function.fresh(wish, Kind::Inactive, true, Form::Owned, span);
        self.leaving.flags.push((var, span));
        var
    }

    pub(super) fn end_unless(&mut self, goes_on: &Code, level: usize) {
        let is_flag = |var: &Var| self.leaving.flags.iter().any(|(flag, _)| flag == var);
        let on = if goes_on.reads.iter().all(is_flag) { goes_on.clone() } else { self.held("goes_on", goes_on.clone()) };
        let tokens = &on.tokens;
        self.end(Code { tokens: quote!(!(#tokens)), repeatable: false, ..on.clone() }, level);
    }

    /// The loops of the iterator at this level end where the condition holds at the end of an iteration.
    pub(super) fn end(&mut self, on: Code, level: usize) {
        self.leaving.endings.push((level, on));
    }

    fn feed_scan(
        &mut self,
        state: &Bound,
        closure: &ExprClosure,
        rest: &[Stage],
        item: Bound,
        (level, ends): (usize, usize),
        sink: Sink<'_, 'a>,
    ) {
        let Some((inputs, body)) = self.instance(closure, 2) else { return };
        let span = first_span(closure);
        let state = match state {
            Bound::Var(var) => Bound::Reference { place: Place::whole(*var, span), depth: 1, exclusive: true },
            other => other.clone(),
        };
        self.bind_bound(&inputs[0], state);
        self.bind_bound(&inputs[1], item);
        let result = self.statements_before(&body);
        let Some((some, payload)) = self.option(&result) else { return };
        if some.tokens.to_string() == "true" {
            return self.feed(rest, payload, level, sink);
        }
        self.end_unless(&some, ends);
        let (then, ()) = self.nested(|this| this.feed(rest, payload, level, sink));
        self.push(Statement::either(some, then, Vec::new()));
    }

    /// Translates what stands before the last expression of a closure's body, which it gives back.
    pub(super) fn statements_before(&mut self, body: &Expr) -> Expr {
        match strip(body) {
            Expr::Block(block) if block.label.is_none() => match block.block.stmts.split_last() {
                Some((Stmt::Expr(last, None), before)) => {
                    before.iter().for_each(|stmt| self.statement(stmt));
                    self.statements_before(last)
                }
                _ => body.clone(),
            },
            other => other.clone(),
        }
    }

    pub(super) fn by_value(&mut self, item: Bound) -> Bound {
        match item {
            Bound::Var(var) if self.given.contains(&var) => {
                let span = self.function.variable(var).name.span();
                let number = self.given_number(var, span);
                let read = self.temporary("item", Kind::Inactive, number, span);
                Bound::Var(read)
            }
            Bound::Reference { place, depth, .. } => Bound::Reference { place, depth: depth.saturating_sub(1), exclusive: false },
            Bound::Tuple(parts) => Bound::Tuple(parts.into_iter().map(|part| self.by_value(part)).collect()),
            other => other,
        }
    }

    /// Binds a closure's input to a reference to an item. A tuple that has a name keeps its parts as they are, as `p.1` names one.
    pub(super) fn bind_lent(&mut self, input: &syn::Pat, item: Bound) {
        let name = match input {
            syn::Pat::Ident(ident) if ident.subpat.is_none() && ident.by_ref.is_none() => Some(&ident.ident),
            _ => None,
        };
        match (name, item) {
            (Some(name), tuple @ Bound::Tuple(_)) => {
                self.tuple_references.insert(name.to_string());
                self.bound.insert(name.to_string(), tuple);
            }
            // `&(i, v)` names the parts as they are
            (_, tuple @ Bound::Tuple(_)) if let syn::Pat::Reference(reference) = input => {
                self.bind_bound(&reference.pat, tuple);
            }
            (_, item) => {
                let by_reference = self.by_reference(item);
                self.bind_bound(input, by_reference);
            }
        }
    }

    pub(super) fn by_reference(&mut self, item: Bound) -> Bound {
        match item {
            Bound::Reference { place, depth, .. } => Bound::Reference { place, depth: depth + 1, exclusive: false },
            Bound::Var(var) => {
                let span = self.function.variable(var).name.span();
                Bound::Reference { place: Place::whole(var, span), depth: 1, exclusive: false }
            }
            Bound::Tuple(parts) => Bound::Tuple(parts.into_iter().map(|part| self.by_reference(part)).collect()),
            other => other,
        }
    }
}
