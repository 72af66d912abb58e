//! Iterators that have names, as positions in sequences.
//!
//! ```text
//! let mut it = x.iter();                     ⟶  let mut at = 0;
//! let first = it.next().unwrap();            ⟶  let now = at; at += 1; let first = &x[now];
//! it.nth(2)                                  ⟶  { at += 2; let now = at; at += 1; if now < x.len() { Some(&x[now]) } else { None } }
//! while let Some(v) = it.next() { .. }       ⟶  while at < x.len() { let now = at; at += 1; let v = &x[now]; .. }
//! it.map(|v| v * v).sum()                    ⟶  x.iter().skip(at).map(|v| v * v).sum()
//! for i in a.. { .. }                        ⟶  let mut next = a; loop { let i = next; next += 1; .. }
//! ```
//!
//! *In:* a body with unique names. *Out:* the same, in which iterators over what is active have no names, where all uses of a name are understood: others stay as they
//! are, and are errors; so is a method that takes some of the items in another way (`any`, `find`). What an iterator goes through is borrowed as long as it is used, so that it can be read when the item is asked for. An iterator
//! with closures is written where it is used, as its closures run there.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprClosure, ExprMethodCall, LitInt, Local, Pat, Stmt, parse_quote};

use crate::error::{Errors, not_yet};
use crate::ir::names::mentions;
use crate::lower::facts::known::Name;
use crate::lower::facts::methods::{is_adapter, is_chunks};
use crate::lower::facts::names::{Binding, Names, variables};
use crate::lower::facts::operators::is_compound;
use crate::lower::facts::syntax::{element_type, first_span, is_variable, strip};

/// Writes loops over ranges without an end as loops that count.
pub fn count(block: &mut Block, names: &mut Names) {
    Open { names }.visit_block_mut(block);
}

/// Whether there may be an iterator with a name.
pub fn any(block: &Block) -> bool {
    !candidates(block).is_empty()
}

/// Writes those out over what `is_active`; says which methods are relied on.
pub fn write_out(block: &mut Block, is_active: &dyn Fn(&Expr) -> bool, names: &mut Names, errors: &mut Errors) -> Vec<Name> {
    let mut methods = Vec::new();
    for Candidate { name, init } in candidates(block) {
        // what is not `mut` is used as a whole, not asked for an item
        let may_advance = names.bindings.get(&name).is_none_or(|binding| binding.mutable);
        let whole = if may_advance { None } else { in_place(block, &name, &init, names) };
        // what is inactive may be asked for its items as it stands, but where a loop goes through the rest of them
        let is_followed = is_active(&init) || is_over_a_row(&init, names) && is_looped_over(block, &name);
        let cursor = if whole.is_none() && is_followed { as_cursor(block, &name, &init, names) } else { None };
        let written = whole.or(cursor).or_else(|| in_place(block, &name, &init, names));
        if let Some(Written { block: written, relied_on, refused }) = written {
            *block = written;
            methods.extend(relied_on.into_iter().map(Name::method_of_an_iterator));
            refused.iter().for_each(|method| errors.at(method, takes_some_items(method)));
        }
    }
    methods
}

/// Whether the iterator goes through an array, a slice or a `Vec`, by the type that is written.
fn is_over_a_row(init: &Expr, names: &Names) -> bool {
    match strip(init) {
        Expr::MethodCall(call) => is_over_a_row(&call.receiver, names),
        Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
            let binding = names.bindings.get(&name.to_string());
            binding.and_then(|binding| binding.ty.as_ref()).is_some_and(|ty| element_type(ty).is_some())
        }),
        _ => false,
    }
}

fn is_looped_over(block: &Block, name: &str) -> bool {
    struct Loops<'a>(&'a str, bool);
    impl<'ast> Visit<'ast> for Loops<'_> {
        fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
            self.1 |= is_variable(&each.expr, self.0);
            visit::visit_expr_for_loop(self, each);
        }
    }
    let mut loops = Loops(name, false);
    loops.visit_block(block);
    loops.1
}

/// A body without one of its iterators.
struct Written {
    block: Block,
    /// Methods that are relied on.
    relied_on: Vec<Ident>,
    /// Methods that take items, which is not followed.
    refused: Vec<Ident>,
}

fn takes_some_items(method: &Ident) -> String {
    let name = method.to_string();
    let help = "end the chain with `sum`, `fold`, `reduce` or `collect`, or write a `for` loop";
    match name.as_str() {
        "any" | "all" | "find" | "find_map" | "position" | "rposition" => {
            let help = "take the items one by one, by `next` or in a loop, or begin the chain at the sequence";
            not_yet(&format!("`{name}` of an iterator that has a name"), help)
        }
        _ => not_yet(&format!("`{name}` of an iterator"), help),
    }
}

/// Whether a method takes the iterator as a whole, or only looks at it: others may leave some of the items.
fn uses_it_up(method: &str) -> bool {
    const WHOLE: &[&str] = &[
        "sum",
        "product",
        "fold",
        "rfold",
        "reduce",
        "for_each",
        "collect",
        "count",
        "last",
        "max",
        "min",
        "max_by",
        "min_by",
        "max_by_key",
        "min_by_key",
        "partition",
        "unzip",
        "peekable",
        "fuse",
        "cmp",
        "partial_cmp",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "is_sorted",
        "is_sorted_by",
        "is_sorted_by_key",
        "clone",
        "len",
        "size_hint",
        "as_slice",
    ];
    is_adapter(method) || WHOLE.contains(&method)
}

/// A variable that begins with an iterator.
struct Candidate {
    name: String,
    init: Expr,
}

fn candidates(block: &Block) -> Vec<Candidate> {
    struct Find(Vec<Candidate>);
    impl<'ast> Visit<'ast> for Find {
        fn visit_item(&mut self, _: &'ast syn::Item) {}

        fn visit_local(&mut self, local: &'ast Local) {
            visit::visit_local(self, local);
            if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
                && let Expr::MethodCall(call) = strip(&init.expr)
                && (is_adapter(&call.method.to_string()) || call.method == "peekable")
                && init.diverge.is_none()
            {
                self.0.push(Candidate { name: name.ident.to_string(), init: (*init.expr).clone() });
            }
        }
    }
    let mut find = Find(Vec::new());
    find.visit_block(block);
    find.0
}

/// A new variable.
fn fresh(names: &mut Names, wish: &str, mutable: bool) -> Ident {
    names.declare(wish, Binding { mutable, ..Binding::default() })
}

/// What an iterator goes through.
#[derive(Clone)]
enum Source {
    Elements { exclusive: bool },
    Chunks { size: Expr, exact: bool },
    Windows { size: Expr },
}

/// What is done with its items.
#[derive(Clone)]
enum Adapter {
    Copied,
    Enumerate,
    Reversed,
    Skip(Expr),
    StepBy(Expr),
    Take(Expr),
    Map(Box<ExprClosure>),
}

/// An iterator whose items are found by their index.
#[derive(Clone)]
struct Chain {
    sequence: Expr,
    source: Source,
    adapters: Vec<Adapter>,
    methods: Vec<Ident>,
    /// Statements that it needs before it.
    before: Vec<Stmt>,
    /// The name of its closures where they are called.
    called: Ident,
}

impl Chain {
    /// Reads a chain. What it is made with is evaluated once, at its declaration.
    fn of(expr: &Expr, names: &mut Names) -> Option<Self> {
        let Expr::MethodCall(call) = strip(expr) else { return None };
        let name = call.method.to_string();
        let argument = call.args.first();
        let source = match (name.as_str(), argument) {
            ("iter" | "iter_mut", None) => Source::Elements { exclusive: name == "iter_mut" },
            ("chunks" | "chunks_exact", Some(size)) => Source::Chunks { size: size.clone(), exact: name == "chunks_exact" },
            ("windows", Some(size)) => Source::Windows { size: size.clone() },
            _ => {
                let mut chain = Self::of(&call.receiver, names)?;
                let adapter = match (name.as_str(), argument) {
                    ("copied" | "cloned", None) => Some(Adapter::Copied),
                    ("enumerate", None) => Some(Adapter::Enumerate),
                    ("rev", None) => Some(Adapter::Reversed),
                    ("skip", Some(count)) => Some(Adapter::Skip(chain.once(count, names))),
                    ("step_by", Some(step)) => Some(Adapter::StepBy(chain.once(step, names))),
                    ("take", Some(count)) => Some(Adapter::Take(chain.once(count, names))),
                    ("map", Some(function)) => match strip(function) {
                        Expr::Closure(closure) => Some(Adapter::Map(Box::new(closure.clone()))),
                        _ => return None,
                    },
                    // an item that is looked at has run its closure once, though it is given later
                    ("peekable", None) if chain.adapters.iter().any(|adapter| matches!(adapter, Adapter::Map(_))) => return None,
                    ("peekable" | "by_ref" | "into_iter", None) => None,
                    _ => return None,
                };
                chain.adapters.extend(adapter);
                chain.methods.push(call.method.clone());
                return Some(chain);
            }
        };
        let methods = vec![call.method.clone()];
        let called = fresh(names, "called", false);
        let mut chain =
            Self { sequence: (*call.receiver).clone(), source, adapters: Vec::new(), methods, before: Vec::new(), called };
        chain.name_the_sequence(names)?;
        match &mut chain.source.clone() {
            Source::Chunks { size, exact } => chain.source = Source::Chunks { size: chain.once(size, names), exact: *exact },
            Source::Windows { size } => chain.source = Source::Windows { size: chain.once(size, names) },
            Source::Elements { .. } => {}
        }
        Some(chain)
    }

    /// A place that is not a name alone has one for as long as the iterator is used.
    fn name_the_sequence(&mut self, names: &mut Names) -> Option<()> {
        let sequence = strip(&self.sequence);
        match sequence {
            Expr::Path(_) => {}
            Expr::Field(_) | Expr::Index(_) => {
                let name = fresh(names, "sequence", false);
                self.before.push(match self.source {
                    Source::Elements { exclusive: true } => parse_quote!(let #name = &mut #sequence;),
                    _ => parse_quote!(let #name = &#sequence;),
                });
                self.sequence = parse_quote!(#name);
            }
            _ => return None,
        }
        Some(())
    }

    /// A number that is evaluated where the iterator is made.
    fn once(&mut self, expr: &Expr, names: &mut Names) -> Expr {
        if let Expr::Lit(_) = strip(expr) {
            return expr.clone();
        }
        let name = fresh(names, "size", false);
        self.before.push(parse_quote!(let #name = #expr;));
        parse_quote!(#name)
    }

    /// How many items there are.
    fn length(&self) -> Expr {
        let sequence = &self.sequence;
        let all: Expr = parse_quote!(#sequence.len());
        let length = match &self.source {
            Source::Elements { .. } => all,
            Source::Chunks { size, exact: true } => parse_quote!((#all / #size)),
            Source::Chunks { size, exact: false } => parse_quote!(::core::primitive::usize::div_ceil(#all, #size)),
            Source::Windows { size } => parse_quote!(::core::primitive::usize::saturating_sub(#all + 1, #size)),
        };
        length_behind(length, &self.adapters)
    }

    /// The item at a position.
    fn item(&self, at: &Expr) -> Expr {
        self.item_behind(at, &self.adapters)
    }

    fn item_behind(&self, at: &Expr, adapters: &[Adapter]) -> Expr {
        let Some((last, before)) = adapters.split_last() else { return self.element(at) };
        match last {
            Adapter::Copied => {
                let item = self.item_behind(at, before);
                parse_quote!((*#item))
            }
            Adapter::Enumerate => {
                let item = self.item_behind(at, before);
                parse_quote!((#at, #item))
            }
            Adapter::Reversed => {
                let length = length_behind(self.source_length(), before);
                self.item_behind(&parse_quote!((#length - 1 - #at)), before)
            }
            Adapter::Skip(count) => self.item_behind(&parse_quote!((#at + #count)), before),
            Adapter::StepBy(step) => self.item_behind(&parse_quote!((#at * #step)), before),
            Adapter::Take(_) => self.item_behind(at, before),
            Adapter::Map(closure) => {
                let item = self.item_behind(at, before);
                let called = &self.called;
                parse_quote!({ let #called = #closure; #called(#item) })
            }
        }
    }

    fn source_length(&self) -> Expr {
        Self { adapters: Vec::new(), ..self.clone() }.length()
    }

    fn element(&self, at: &Expr) -> Expr {
        let sequence = &self.sequence;
        match &self.source {
            Source::Elements { exclusive: false } => parse_quote!(&#sequence[#at]),
            Source::Elements { exclusive: true } => parse_quote!(&mut #sequence[#at]),
            Source::Chunks { size, exact: true } => parse_quote!(&#sequence[#at * #size..(#at + 1) * #size]),
            Source::Chunks { size, exact: false } => {
                parse_quote!(&#sequence[#at * #size..::core::cmp::Ord::min((#at + 1) * #size, #sequence.len())])
            }
            Source::Windows { size } => parse_quote!(&#sequence[#at..#at + #size]),
        }
    }

    /// The iterator as it is written, over the sequence by its name.
    fn written(&self) -> Expr {
        let sequence = &self.sequence;
        let source: Expr = match &self.source {
            Source::Elements { exclusive: false } => parse_quote!(#sequence.iter()),
            Source::Elements { exclusive: true } => parse_quote!(#sequence.iter_mut()),
            Source::Chunks { size, exact: true } => parse_quote!(#sequence.chunks_exact(#size)),
            Source::Chunks { size, exact: false } => parse_quote!(#sequence.chunks(#size)),
            Source::Windows { size } => parse_quote!(#sequence.windows(#size)),
        };
        self.adapters.iter().fold(source, |items, adapter| match adapter {
            Adapter::Copied => parse_quote!(#items.copied()),
            Adapter::Enumerate => parse_quote!(#items.enumerate()),
            Adapter::Reversed => parse_quote!(#items.rev()),
            Adapter::Skip(count) => parse_quote!(#items.skip(#count)),
            Adapter::StepBy(step) => parse_quote!(#items.step_by(#step)),
            Adapter::Take(count) => parse_quote!(#items.take(#count)),
            Adapter::Map(closure) => parse_quote!(#items.map(#closure)),
        })
    }
}

fn length_behind(length: Expr, adapters: &[Adapter]) -> Expr {
    adapters.iter().fold(length, |length, adapter| match adapter {
        Adapter::Skip(count) => parse_quote!(::core::primitive::usize::saturating_sub(#length, #count)),
        Adapter::StepBy(step) => parse_quote!(::core::primitive::usize::div_ceil(#length, #step)),
        Adapter::Take(count) => parse_quote!(::core::cmp::Ord::min(#length, #count)),
        _ => length,
    })
}

/// The body with a position in the place of the iterator; none where a use of it is not understood.
fn as_cursor(block: &Block, name: &str, init: &Expr, names: &mut Names) -> Option<Written> {
    let chain = Chain::of(init, names)?;
    let at = fresh(names, "at", true);
    let mut written = block.clone();
    let mut cursor = Cursor { name, methods: chain.methods.clone(), refused: Vec::new(), chain, at, names };
    cursor.visit_block_mut(&mut written);
    let Cursor { methods: relied_on, refused, .. } = cursor;
    (!mentions(&written, name)).then_some(Written { block: written, relied_on, refused })
}

/// What stands for the uses of an iterator.
struct Cursor<'a> {
    name: &'a str,
    chain: Chain,
    at: Ident,
    names: &'a mut Names,
    methods: Vec<Ident>,
    /// Methods that take items, which is not followed.
    refused: Vec<Ident>,
}

impl Cursor<'_> {
    fn is_it(&self, expr: &Expr) -> bool {
        is_variable(expr, self.name)
    }

    /// `it.method(..)`
    fn call<'e>(&self, expr: &'e Expr, method: &str) -> Option<&'e ExprMethodCall> {
        match strip(expr) {
            Expr::MethodCall(call) if call.method == method && self.is_it(&call.receiver) => Some(call),
            _ => None,
        }
    }

    /// `it.next()` or `it.peek()`, and whether it goes on.
    fn asks<'e>(&self, expr: &'e Expr) -> Option<(&'e Ident, bool)> {
        let of = |method| self.call(expr, method).filter(|call| call.args.is_empty());
        of("next").map(|call| (&call.method, true)).or_else(|| of("peek").map(|call| (&call.method, false)))
    }

    fn rely_on(&mut self, method: &Ident) {
        self.methods.push(method.clone());
    }

    /// The same where there has to be an item: what an index does not find beyond the end is looked for.
    fn step_to_an_item(&mut self, goes_on: bool) -> (Vec<Stmt>, Expr) {
        let (mut steps, now, item) = self.step(goes_on);
        let is_cut = self.chain.adapters.iter().any(|adapter| matches!(adapter, Adapter::Take(_)));
        if is_cut || matches!(self.chain.source, Source::Chunks { exact: false, .. }) {
            let length = self.chain.length();
            steps.push(parse_quote!(::core::assert!(#now < #length, "there is no item left");));
        }
        (steps, item)
    }

    /// Statements that keep the position, and go on; then the position, and the item there.
    fn step(&mut self, goes_on: bool) -> (Vec<Stmt>, Expr, Expr) {
        let (at, now) = (self.at.clone(), fresh(self.names, "now", false));
        let mut steps = vec![parse_quote!(let #now = #at;)];
        if goes_on {
            steps.push(parse_quote!(#at += 1;));
        }
        let now: Expr = parse_quote!(#now);
        let item = self.chain.item(&now);
        let item = if goes_on { item } else { parse_quote!(&#item) };
        (steps, now, item)
    }

    /// The statements of a `let` whose value is made of the next item alone.
    fn local(&mut self, local: &Local) -> Option<Vec<Stmt>> {
        let init = local.init.as_ref()?;
        let length = self.chain.length();
        if let (Some(inner), Some((_, diverge))) = (of_some(&local.pat), &init.diverge) {
            let (method, goes_on) = self.asks(&init.expr)?;
            let method = method.clone();
            is_irrefutable(inner).then_some(())?;
            self.rely_on(&method);
            let at = self.at.clone();
            let (steps, _, item) = self.step(goes_on);
            let diverge = without_block(diverge);
            let mut all: Vec<Stmt> = vec![parse_quote!(if #at >= #length { #(#diverge)* })];
            all.extend(steps);
            all.push(parse_quote!(let #inner = #item;));
            return Some(all);
        }
        let Expr::MethodCall(end) = strip(&init.expr) else { return None };
        if !matches!(end.method.to_string().as_str(), "unwrap" | "expect") {
            return None;
        }
        let (method, goes_on) = self.asks(&end.receiver)?;
        self.rely_on(&method.clone());
        let (mut steps, item) = self.step_to_an_item(goes_on);
        let pat = &local.pat;
        steps.push(parse_quote!(let #pat = #item;));
        Some(steps)
    }

    /// A name for the item that a value begins with, as in `it.next().unwrap().iter().sum()`: a part of a sequence is no value of its own.
    fn name_the_item(&mut self, value: &mut Expr) -> Option<Local> {
        let Expr::MethodCall(whole) = value else { return None };
        let mut first = &mut *whole.receiver;
        loop {
            let is_item = matches!(first, Expr::MethodCall(call) if call.method == "unwrap" || call.method == "expect");
            match first {
                Expr::MethodCall(call) if is_item && self.asks(&call.receiver).is_some() => break,
                Expr::MethodCall(call) => first = &mut call.receiver,
                Expr::Index(index) => first = &mut index.expr,
                _ => return None,
            }
        }
        let item = fresh(self.names, "item", false);
        let asked = std::mem::replace(first, parse_quote!(#item));
        match parse_quote!(let #item = #asked;) {
            Stmt::Local(local) => Some(local),
            _ => None,
        }
    }

    /// A loop that takes items as long as there are any.
    fn each(&mut self, pat: &Pat, body: &Block, label: Option<&syn::Label>, goes_on: bool, end: &Expr) -> Expr {
        let at = self.at.clone();
        let (steps, _, item) = self.step(goes_on);
        let stmts = &body.stmts;
        parse_quote!(#label while #at < #end { #(#steps)* let #pat = #item; #(#stmts)* })
    }

    /// A choice by whether there is an item.
    fn choice(&mut self, method: &Ident, goes_on: bool, pat: &Pat, then: &[Stmt], other: &[Stmt]) -> Expr {
        self.rely_on(method);
        let length = self.chain.length();
        let (steps, now, item) = self.step(goes_on);
        parse_quote!({ #(#steps)* if #now < #length { let #pat = #item; #(#then)* } else { #(#other)* } })
    }

    /// A loop or a choice that asks for the next item.
    fn control(&mut self, expr: &Expr) -> Option<Expr> {
        match expr {
            Expr::While(each) => {
                let Expr::Let(condition) = strip(&each.cond) else { return None };
                let (pat, (method, goes_on)) = (of_some(&condition.pat)?, self.asks(&condition.expr)?);
                let method = method.clone();
                is_irrefutable(pat).then_some(())?;
                self.rely_on(&method);
                let length = self.chain.length();
                Some(self.each(pat, &each.body, each.label.as_ref(), goes_on, &length))
            }
            Expr::ForLoop(each) => self.for_loop(each),
            Expr::If(branch) => {
                let Expr::Let(condition) = strip(&branch.cond) else { return None };
                let (pat, (method, goes_on)) = (of_some(&condition.pat)?, self.asks(&condition.expr)?);
                is_irrefutable(pat).then_some(())?;
                let other = branch.else_branch.as_ref().map(|(_, other)| without_block(other)).unwrap_or_default();
                Some(self.choice(&method.clone(), goes_on, pat, &branch.then_branch.stmts, &other))
            }
            Expr::Match(choice) => self.match_on_an_item(choice),
            _ => None,
        }
    }

    /// `match it.next() { Some(v) if v > limit => .., Some(v) => .., None => .. }`
    fn match_on_an_item(&mut self, choice: &syn::ExprMatch) -> Option<Expr> {
        let (method, goes_on) = self.asks(&choice.expr)?;
        let method = method.clone();
        let (mut present, mut absent) = (Vec::new(), None);
        for arm in &choice.arms {
            let mut arm = arm.clone();
            let is_rest = matches!(&arm.pat, Pat::Wild(_));
            if is_rest || matches!(&arm.pat, Pat::Ident(name) if name.ident == "None") {
                absent.get_or_insert_with(|| without_block(&arm.body));
                present.extend(is_rest.then_some(arm));
                continue;
            }
            let some = match &mut arm.pat {
                Pat::Guard(guard) => &mut *guard.pat,
                pat => pat,
            };
            *some = of_some(some).filter(|pat| is_irrefutable(pat))?.clone();
            present.push(arm);
        }
        let absent = absent?;
        if let [only] | [only, _] = &present[..]
            && is_irrefutable(&only.pat)
        {
            return Some(self.choice(&method, goes_on, &only.pat, &without_block(&only.body), &absent));
        }
        self.rely_on(&method);
        let length = self.chain.length();
        let (steps, now, item) = self.step(goes_on);
        Some(parse_quote!({ #(#steps)* if #now < #length { match #item { #(#present)* } } else { #(#absent)* } }))
    }

    /// `for v in it.by_ref()`, `for v in &mut it`, `for v in it.by_ref().take(n)`
    fn for_loop(&mut self, each: &syn::ExprForLoop) -> Option<Expr> {
        let length = self.chain.length();
        let source = strip(&each.expr);
        let is_lent = |this: &Self, expr: &Expr| match strip(expr) {
            Expr::Reference(reference) => reference.mutability.is_some() && this.is_it(&reference.expr),
            other => this.call(other, "by_ref").is_some(),
        };
        if is_lent(self, source) {
            return Some(self.each(&each.pat, &each.body, each.label.as_ref(), true, &length));
        }
        let Expr::MethodCall(taken) = source else { return None };
        let count = taken.args.first().filter(|_| taken.method == "take" && is_lent(self, &taken.receiver))?;
        let (at, end) = (self.at.clone(), fresh(self.names, "end", false));
        let items = self.each(&each.pat, &each.body, each.label.as_ref(), true, &parse_quote!(#end));
        Some(parse_quote!({
            let #end = ::core::cmp::Ord::min(::core::primitive::usize::saturating_add(#at, #count), #length);
            #items
        }))
    }

    /// A chain that takes some of the items, `it.by_ref().take(n).sum()`.
    fn partly(&mut self, expr: &Expr) -> Option<Expr> {
        const ENDS: &[&str] = &["sum", "product", "fold", "for_each", "collect", "count"];
        const EACH: &[&str] = &["map", "copied", "cloned", "enumerate", "inspect", "filter", "rev"];
        let Expr::MethodCall(end) = expr else { return None };
        if !ENDS.contains(&end.method.to_string().as_str()) {
            return None;
        }
        let mut whole = expr.clone();
        let mut inner = &mut whole;
        let (at, from) = (self.at.clone(), fresh(self.names, "from", false));
        let rest = self.skipped(&from);
        let length = self.chain.length();
        let mut until = length.clone();
        // how many are taken may do more than count, and is named twice
        let (count, mut before_it): (Ident, Option<Stmt>) = (fresh(self.names, "count", false), None);
        let mut from_the_end = false;
        loop {
            let Expr::MethodCall(call) = inner else { return None };
            from_the_end |= call.method == "rev";
            let Expr::MethodCall(before) = &*call.receiver else { return None };
            if before.method == "by_ref" && self.is_it(&before.receiver) {
                // from the end, `take` takes what it leaves as well
                if call.method == "take" && !from_the_end {
                    let argument = call.args.first_mut()?;
                    before_it = Some(parse_quote!(let #count = #argument;));
                    *argument = parse_quote!(#count);
                    until = parse_quote!(::core::cmp::Ord::min(::core::primitive::usize::saturating_add(#from, #count), #length));
                } else if !ENDS.contains(&call.method.to_string().as_str()) && !EACH.contains(&call.method.to_string().as_str()) {
                    return None;
                }
                *call.receiver = rest;
                break;
            }
            let is_each = EACH.contains(&before.method.to_string().as_str());
            let is_taken =
                before.method == "take" && matches!(&*before.receiver, Expr::MethodCall(lent) if lent.method == "by_ref");
            if !is_each && !is_taken {
                return None;
            }
            inner = &mut call.receiver;
        }
        Some(parse_quote!({ let #from = #at; #before_it #at = #until; #whole }))
    }

    /// What a method of the iterator gives.
    fn value(&mut self, call: &ExprMethodCall) -> Option<Expr> {
        let whole = Expr::MethodCall(call.clone());
        let (at, length) = (self.at.clone(), self.chain.length());
        let sequence = self.chain.sequence.clone();
        let name = call.method.to_string();
        if let Some((method, goes_on)) = self.asks(&call.receiver) {
            let method = method.clone();
            match (name.as_str(), goes_on) {
                ("unwrap" | "expect", _) => {
                    self.rely_on(&method);
                    let (steps, item) = self.step_to_an_item(goes_on);
                    return Some(parse_quote!({ #(#steps)* #item }));
                }
                ("is_some" | "is_none", false) => {
                    self.rely_on(&method);
                    return Some(if name == "is_some" { parse_quote!((#at < #length)) } else { parse_quote!((#at >= #length)) });
                }
                _ => {}
            }
        }
        if let Some((method, goes_on)) = self.asks(&whole) {
            self.rely_on(&method.clone());
            let (steps, now, item) = self.step(goes_on);
            return Some(parse_quote!({ #(#steps)* if #now < #length { Some(#item) } else { None } }));
        }
        if !self.is_it(&call.receiver) {
            return None;
        }
        self.rely_on(&call.method);
        match (name.as_str(), call.args.first(), &self.chain.source) {
            ("nth", Some(count), Source::Elements { .. }) => {
                let (steps, now, item) = self.step(true);
                Some(parse_quote!({
                    #at = ::core::primitive::usize::saturating_add(#at, #count);
                    #(#steps)*
                    if #now < #length { Some(#item) } else { None }
                }))
            }
            ("len", None, _) => Some(parse_quote!(::core::primitive::usize::saturating_sub(#length, #at))),
            ("clone", None, _) => Some(self.rest()),
            ("as_slice", None, Source::Elements { exclusive: false }) if self.chain.adapters.is_empty() => {
                Some(parse_quote!(&#sequence[::core::cmp::Ord::min(#at, #length)..]))
            }
            ("remainder", None, Source::Chunks { size, exact: true }) if self.chain.adapters.is_empty() => {
                Some(parse_quote!(&#sequence[#sequence.len() / #size * #size..]))
            }
            _ => None,
        }
    }

    /// The items that are left.
    fn rest(&self) -> Expr {
        self.skipped(&self.at)
    }

    /// The items from a position on.
    fn skipped(&self, from: &Ident) -> Expr {
        // what is wrong with such an iterator is said where the user wrote what it goes through
        let (source, skip) = (self.chain.written(), Ident::new("skip", first_span(&self.chain.sequence)));
        parse_quote!(#source.#skip(#from))
    }
}

impl VisitMut for Cursor<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        for mut stmt in std::mem::take(&mut block.stmts) {
            if let Some(item) = value_of(&mut stmt).and_then(|value| self.name_the_item(value)) {
                block.stmts.extend(self.local(&item).unwrap_or_default());
            }
            if let Stmt::Local(local) = &stmt {
                if let Pat::Ident(name) = &local.pat
                    && name.ident == self.name
                {
                    // where the user wrote the iterator, for errors that point to the end of a body
                    let (at, zero) = (&self.at, LitInt::new("0usize", name.ident.span()));
                    block.stmts.extend(self.chain.before.iter().cloned());
                    block.stmts.push(parse_quote!(let mut #at = #zero;));
                    continue;
                }
                if let Some(stmts) = self.local(local) {
                    block.stmts.extend(stmts);
                    continue;
                }
            }
            block.stmts.push(match stmt {
                Stmt::Expr(expr, Some(_)) if self.asks(&expr).is_some_and(|(_, goes_on)| goes_on) => {
                    let at = &self.at;
                    parse_quote!(#at += 1;)
                }
                other => other,
            });
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Some(written) = self.control(expr).or_else(|| self.partly(expr)) {
            *expr = written;
        }
        if let Expr::MethodCall(call) = expr
            && let Some(written) = self.value(call)
        {
            *expr = written;
        }
        if let Expr::MethodCall(call) = expr
            && self.is_it(&call.receiver)
            && !uses_it_up(&call.method.to_string())
        {
            self.refused.push(call.method.clone());
        }
        if self.is_it(expr) {
            *expr = self.rest();
            return;
        }
        // what it is lent to may take any number of items
        if !matches!(expr, Expr::Reference(reference) if self.is_it(&reference.expr)) {
            visit_mut::visit_expr_mut(self, expr);
        }
    }
}

/// What a statement evaluates before all else: the value of a `let` or of an assignment to a variable.
fn value_of(stmt: &mut Stmt) -> Option<&mut Expr> {
    match stmt {
        Stmt::Local(local) => local.init.as_mut().map(|init| &mut *init.expr),
        Stmt::Expr(Expr::Assign(assign), _) if matches!(*assign.left, Expr::Path(_)) => Some(&mut assign.right),
        Stmt::Expr(Expr::Binary(sum), _) if is_compound(&sum.op) && matches!(*sum.left, Expr::Path(_)) => Some(&mut sum.right),
        _ => None,
    }
}

/// The pattern in `Some(..)`.
fn of_some(pat: &Pat) -> Option<&Pat> {
    match pat {
        Pat::TupleStruct(tuple) if tuple.path.is_ident("Some") && tuple.elems.len() == 1 => tuple.elems.first(),
        _ => None,
    }
}

fn is_irrefutable(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(name) => name.subpat.is_none() && !name.ident.to_string().starts_with(char::is_uppercase),
        Pat::Wild(_) => true,
        Pat::Reference(reference) => is_irrefutable(&reference.pat),
        Pat::Paren(paren) => is_irrefutable(&paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(is_irrefutable),
        _ => false,
    }
}

/// The statements of a block, or of an expression as one.
fn without_block(expr: &Expr) -> Vec<Stmt> {
    match expr {
        Expr::Block(block) if block.label.is_none() => block.block.stmts.clone(),
        other => vec![Stmt::Expr(other.clone(), None)],
    }
}

/// The body with the iterator where it is used, as often as it is; none where it is asked for its items one by one.
fn in_place(block: &Block, name: &str, init: &Expr, names: &Names) -> Option<Written> {
    if !is_surely_one(init, names) || !stays_as_it_is(init, names) {
        return None;
    }
    let mut place = InPlace { name, init, lent: false };
    let mut written = block.clone();
    place.visit_block_mut(&mut written);
    (!place.lent && !mentions(&written, name)).then(|| Written { block: written, relied_on: Vec::new(), refused: Vec::new() })
}

/// Whether the expression is an iterator, and no array or `Option`, which have methods of the same names, by what its adapters are called on.
fn is_surely_one(expr: &Expr, names: &Names) -> bool {
    let Expr::MethodCall(call) = strip(expr) else { return matches!(strip(expr), Expr::Range(_)) };
    let name = call.method.to_string();
    match name.as_str() {
        "iter" | "iter_mut" | "windows" => true,
        // of what may be copied, and change meanwhile
        "into_iter" => is_fixed(&call.receiver, names) || is_surely_one(&call.receiver, names),
        chunks if is_chunks(chunks) => true,
        _ => is_surely_one(&call.receiver, names),
    }
}

/// Whether no variable in the expression is declared to change.
fn is_fixed(expr: &Expr, names: &Names) -> bool {
    let mut found = BTreeSet::new();
    variables(expr.to_token_stream(), &mut found);
    !found.iter().any(|name| names.bindings.get(name).is_some_and(|binding| binding.mutable))
}

/// Whether the iterator gives the same where it is used as where it is declared: its closures run there, and what they borrow does not change
/// meanwhile.
fn stays_as_it_is(init: &Expr, names: &Names) -> bool {
    let is_fixed = |expr: &Expr| is_fixed(expr, names);
    match strip(init) {
        Expr::MethodCall(call) => {
            let arguments = call.args.iter().all(|argument| match strip(argument) {
                Expr::Closure(closure) => closure.capture.is_none() || is_fixed(argument),
                Expr::MethodCall(inner) if is_adapter(&inner.method.to_string()) => stays_as_it_is(argument, names),
                Expr::Reference(reference) => matches!(strip(&reference.expr), Expr::Path(_)) || is_fixed(argument),
                _ => is_fixed(argument),
            });
            is_adapter(&call.method.to_string()) && arguments && stays_as_it_is(&call.receiver, names)
        }
        Expr::Path(_) => true,
        Expr::Field(field) => stays_as_it_is(&field.base, names),
        Expr::Reference(reference) => stays_as_it_is(&reference.expr, names),
        other => matches!(other, Expr::Index(_) | Expr::Range(_)) && is_fixed(other),
    }
}

struct InPlace<'a> {
    name: &'a str,
    init: &'a Expr,
    /// Whether it is lent to a method that takes some of its items.
    lent: bool,
}

impl InPlace<'_> {
    fn is_it(&self, expr: &Expr) -> bool {
        is_variable(expr, self.name)
    }
}

impl VisitMut for InPlace<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        block.stmts.retain(|stmt| match stmt {
            Stmt::Local(local) => !matches!(&local.pat, Pat::Ident(name) if name.ident == self.name),
            _ => true,
        });
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::MethodCall(call) = expr
            && self.is_it(&call.receiver)
        {
            let name = call.method.to_string();
            self.lent |= !uses_it_up(&name);
            if name == "clone" && call.args.is_empty() {
                *expr = self.init.clone();
                return;
            }
        }
        if let Expr::Reference(reference) = expr {
            self.lent |= self.is_it(&reference.expr);
        }
        if self.is_it(expr) {
            *expr = self.init.clone();
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}

struct Open<'a> {
    names: &'a mut Names,
}

impl VisitMut for Open<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let Expr::ForLoop(each) = expr else { return };
        let Some(start) = open_range(&each.expr) else { return };
        let next = fresh(self.names, "next", true);
        let (label, pat, stmts) = (&each.label, &each.pat, &each.body.stmts);
        *expr = parse_quote!({ let mut #next = #start; #label loop { let #pat = #next; #next += 1; #(#stmts)* } });
    }
}

/// The start of a range of integers that has no end.
fn open_range(expr: &Expr) -> Option<&Expr> {
    match strip(expr) {
        Expr::Range(range) if range.end.is_none() => range
            .start
            .as_deref()
            .filter(|start| !matches!(strip(start), Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Char(_)))),
        _ => None,
    }
}
