//! Which variables may carry a derivative, on the renamed syntax tree.
//!
//! *In:* a body and its active parameters. *Out:* for each variable whether it may depend on one of them, element by element for
//! tuples; a fixpoint, as loops carry values backwards.
//!
//! Casts to integers, comparisons, indices, lengths and `stop_gradient` end the dependence. So does being an integer: what stands
//! in an index, in a range, or beside an integer literal is no float.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprMethodCall, Pat, Stmt, UnOp};

use crate::signature::inert::is_integer;

use super::buffers::lent_to_one;
use super::handles::{Called, handles, states};
use super::integers::{integers, is_no_float};
use super::methods::{ELEMENTS, ENDS, TAKES_CLOSURES, is_adapter, is_chunks, stores_arguments};
use super::names::{Names, variables};
use super::operators::{has_value, is_compound};
use super::own;
use super::skipped;
use super::stores::Stores;
use super::syntax::{field_of_place, is_call, is_enum, patterns, standard_macro, strip, without_references};

/// What depends on an active parameter: a value, or each element of a tuple.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Flow {
    /// A value as a whole.
    Leaf(bool),
    /// A tuple.
    Tuple(Vec<Flow>),
}

impl Flow {
    /// Whether any part is active.
    pub fn any(&self) -> bool {
        match self {
            Self::Leaf(active) => *active,
            Self::Tuple(parts) => parts.iter().any(Self::any),
        }
    }

    /// Whether it is a tuple of which some parts are active and others are not.
    pub fn is_mixed(&self) -> bool {
        matches!(self, Self::Tuple(parts) if parts.iter().any(Self::any) && !parts.iter().all(Self::any))
    }

    /// That of a part.
    pub fn part(&self, index: usize) -> Self {
        match self {
            Self::Tuple(parts) => parts.get(index).cloned().unwrap_or(Self::Leaf(false)),
            whole => whole.clone(),
        }
    }

    fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Tuple(a), Self::Tuple(b)) if a.len() == b.len() => {
                Self::Tuple(a.iter().zip(b).map(|(a, b)| a.join(b)).collect())
            }
            (Self::Leaf(false), shape @ Self::Tuple(_)) | (shape @ Self::Tuple(_), Self::Leaf(false)) => shape.clone(),
            _ => Self::Leaf(self.any() || other.any()),
        }
    }
}

/// The active variables of a function.
#[derive(Debug, Default)]
pub struct Activity {
    flows: HashMap<String, Flow>,
    integers: BTreeSet<String>,
    /// Fields that hold no number which is differentiated, by their use, and the names that refer to them.
    skipped: BTreeSet<String>,
    /// The names that loops over ranges count with.
    counters: BTreeSet<String>,
    closures: BTreeMap<String, Vec<Pat>>,
    /// What closures with names give, where it is a tuple.
    given: BTreeMap<String, Flow>,
    /// The variables that a name is a mutable reference into.
    referents: BTreeMap<String, BTreeSet<String>>,
    /// The parameters that are not differentiated, and the variables that are only handed on: nothing active is stored in them by reference.
    outside: BTreeSet<String>,
    /// The variables that constructors make of floats: methods that give active values may store their arguments there.
    states: BTreeSet<String>,
    /// A variable in which calls that it is lent to are taken to store nothing active.
    unchanged: Option<String>,
    /// Structs of the user's own, whose methods are none of the language's.
    structs: own::Structs,
    /// The parameters that are functions, and whether what they give may carry a derivative: what they capture may, whatever they are called with.
    functions: BTreeMap<String, bool>,
    changed: bool,
}

/// Macros that only look at their arguments.
pub const LOOKS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "print",
    "println",
    "eprint",
    "eprintln",
    "matches",
    "panic",
    "unreachable",
    "todo",
    "unimplemented",
];

/// Finds what depends on the `active` names.
pub fn analyse(
    block: &Block,
    active: &[String],
    outside: &BTreeSet<String>,
    functions: &BTreeMap<String, bool>,
    names: &Names,
) -> Activity {
    let states = states(block, names);
    let outside = outside.union(&handles(block)).cloned().collect();
    fixpoint(block, active, Activity { functions: functions.clone(), outside, states, ..Activity::default() }, names)
}

/// The buffers among the active variables: those that would not be, if the calls that they are lent to stored nothing active there.
pub fn buffers(block: &Block, active: &[String], activity: &Activity, names: &Names) -> BTreeSet<String> {
    let is_buffer = |name: &String| {
        let (functions, outside, states) = (activity.functions.clone(), activity.outside.clone(), activity.states.clone());
        let unchanged = Some(name.clone());
        let is_active = activity.is_active(name) && !active.contains(name);
        is_active
            && !fixpoint(block, active, Activity { functions, outside, states, unchanged, ..Activity::default() }, names)
                .is_active(name)
    };
    lent_to_one(block).into_iter().filter(is_buffer).collect()
}

fn fixpoint(block: &Block, active: &[String], mut activity: Activity, names: &Names) -> Activity {
    let mut passed = PassedInputs::default();
    passed.visit_block(block);
    activity.structs = own::structs(block, names);
    activity.integers = integers(block, passed.inputs(), names);
    activity.skipped = skipped::places(block, &activity.integers, &activity.structs, names);
    activity.skipped.retain(|place| !activity.integers.contains(place)); // each is checked once
    for (name, carries) in activity.functions.clone() {
        activity.flows.insert(name, Flow::Leaf(carries));
    }
    for name in active {
        activity.flows.insert(name.clone(), Flow::Leaf(true));
    }
    loop {
        activity.changed = false;
        activity.visit_block(block);
        if !activity.changed {
            return activity;
        }
    }
}

impl Activity {
    /// Whether the variable may carry a derivative.
    pub fn is_active(&self, name: &str) -> bool {
        !self.integers.contains(name) && !self.skipped.contains(name) && self.flows.get(name).is_some_and(Flow::any)
    }

    /// Whether the variable is an integer, a truth value or text, by its type or its use.
    pub fn is_integer(&self, name: &str) -> bool {
        self.integers.contains(name)
    }

    /// Whether the expression is known to be a struct of the user's own: its methods are theirs.
    pub fn is_struct(&self, expr: &Expr) -> bool {
        self.structs.has(expr)
    }

    /// Whether an active value is taken for an integer, by how it is used: a variable or a field.
    pub fn is_taken_for_integer(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                let name = name.to_string();
                self.integers.contains(&name) && self.flows.get(&name).is_some_and(Flow::any)
            }),
            Expr::Field(field) => {
                field_of_place(expr).is_some_and(|place| self.integers.contains(&place)) && self.expr(&field.base)
            }
            _ => false,
        }
    }

    /// Whether the name refers to a field that holds no number, by its use.
    pub fn names_skipped(&self, name: &str) -> bool {
        self.skipped.contains(name)
    }

    /// Whether the field is one that holds no number, by its use.
    pub fn is_skipped_field(&self, field: &syn::ExprField) -> bool {
        !self.skipped.is_empty() && field_of_place(&Expr::Field(field.clone())).is_some_and(|place| self.skipped.contains(&place))
    }

    /// Whether the expression is a field of an active value that holds no number, by its use, or part of one.
    pub fn is_skipped(&self, expr: &Expr) -> bool {
        !self.skipped.is_empty() && skipped::is_one_of(&self.skipped, expr)
    }

    /// Makes a variable as active as another, for the copies that inlining makes.
    pub fn alike(&mut self, name: &str, original: &str) {
        if let Some(flow) = self.flows.get(original).cloned() {
            self.flows.insert(name.to_owned(), flow);
        }
        if self.integers.contains(original) {
            self.integers.insert(name.to_owned());
        }
        self.structs.alike(name, original);
    }

    /// Marks a variable active.
    pub fn activate(&mut self, name: &str) {
        self.flows.insert(name.to_owned(), Flow::Leaf(true));
    }

    /// Whether the value of the expression may carry a derivative.
    pub fn expr(&self, expr: &Expr) -> bool {
        self.value(expr).any()
    }

    /// Whether any variable in the tokens is active.
    pub fn tokens(&self, tokens: &TokenStream) -> bool {
        let mut found = BTreeSet::new();
        variables(tokens.clone(), &mut found);
        found.iter().any(|name| self.is_active(name))
    }

    /// What of the value may carry a derivative.
    pub fn value(&self, expr: &Expr) -> Flow {
        match expr {
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) if self.integers.contains(&name.to_string()) || self.skipped.contains(&name.to_string()) => {
                    Flow::Leaf(false)
                }
                Some(name) => self.flows.get(&name.to_string()).cloned().unwrap_or(Flow::Leaf(false)),
                None => Flow::Leaf(false),
            },
            Expr::Tuple(tuple) => Flow::Tuple(tuple.elems.iter().map(|elem| self.value(elem)).collect()),
            Expr::Paren(paren) => self.value(&paren.expr),
            Expr::Group(group) => self.value(&group.expr),
            Expr::Reference(reference) => self.value(&reference.expr),
            Expr::Field(field) => self.field(field),
            // of a sequence of tuples, what its elements are
            Expr::Index(index) => self.value(&index.expr),
            Expr::Unary(unary) => match unary.op {
                UnOp::Not(_) => Flow::Leaf(false),
                _ => self.value(&unary.expr),
            },
            Expr::Binary(binary) => Flow::Leaf(has_value(&binary.op) && (self.expr(&binary.left) || self.expr(&binary.right))),
            Expr::Cast(cast) => Flow::Leaf(!is_integer(&cast.ty) && self.expr(&cast.expr)),
            Expr::Array(array) => Flow::Leaf(array.elems.iter().any(|elem| self.expr(elem))),
            Expr::Repeat(repeat) => Flow::Leaf(self.expr(&repeat.expr)),
            Expr::Struct(structure) => Flow::Leaf(
                structure.fields.iter().any(|field| self.expr(&field.expr))
                    || structure.rest.as_ref().is_some_and(|rest| self.expr(rest)),
            ),
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method(call),
            Expr::Block(block) => self.tail(&block.block),
            Expr::Unsafe(block) => self.tail(&block.block),
            Expr::If(branch) => {
                let then = self.tail(&branch.then_branch);
                branch.else_branch.as_ref().map_or(then.clone(), |(_, other)| then.join(&self.value(other)))
            }
            Expr::Match(choice) => {
                choice.arms.iter().map(|arm| self.value(&arm.body)).reduce(|a, b| a.join(&b)).unwrap_or(Flow::Leaf(false))
            }
            Expr::Macro(mac) => Flow::Leaf(self.macro_call(&mac.mac)),
            Expr::Closure(closure) => Flow::Leaf(self.expr(&closure.body)),
            Expr::RawAddr(address) => self.value(&address.expr),
            Expr::Range(range) => Flow::Leaf([&range.start, &range.end].into_iter().flatten().any(|end| self.expr(end))),
            Expr::Loop(_) | Expr::Try(_) | Expr::Await(_) | Expr::Async(_) => {
                Flow::Leaf(self.tokens(&quote::ToTokens::to_token_stream(expr)))
            }
            _ => Flow::Leaf(false),
        }
    }

    fn field(&self, field: &syn::ExprField) -> Flow {
        let is_inactive = |place: &String| self.integers.contains(place) || self.skipped.contains(place);
        if field_of_place(&Expr::Field(field.clone())).as_ref().is_some_and(is_inactive) {
            return Flow::Leaf(false);
        }
        match (self.value(&field.base), &field.member) {
            (Flow::Tuple(parts), syn::Member::Unnamed(index)) => {
                parts.get(index.index as usize).cloned().unwrap_or(Flow::Leaf(false))
            }
            (whole, _) => Flow::Leaf(whole.any()),
        }
    }

    fn tail(&self, block: &Block) -> Flow {
        match block.stmts.last() {
            Some(Stmt::Expr(expr, None)) => self.value(expr),
            Some(Stmt::Macro(mac)) if mac.semi_token.is_none() => Flow::Leaf(self.macro_call(&mac.mac)),
            _ => Flow::Leaf(false),
        }
    }

    /// Whether what a macro gives may carry a derivative: text does where one of the values does that it is made of.
    pub fn macro_call(&self, mac: &syn::Macro) -> bool {
        let arguments = mac.parse_body_with(syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated);
        match arguments {
            _ if looks(mac) => false,
            Ok(arguments) if is_text(mac) => arguments.iter().any(|argument| match argument {
                Expr::Lit(literal) => self.tokens(&quote::ToTokens::to_token_stream(literal)),
                Expr::Assign(named) => self.expr(&named.right),
                value => self.expr(value),
            }),
            _ => self.tokens(&mac.tokens),
        }
    }

    fn call(&self, call: &syn::ExprCall) -> Flow {
        if let Expr::Path(path) = &*call.func {
            let last = path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            if last == "stop_gradient" {
                return Flow::Leaf(false);
            }
            if let (true, Some(held)) = (path.path.is_ident("Some"), call.args.first()) {
                return self.value(held);
            }
            if let Some(carries) = path.path.get_ident().and_then(|name| self.functions.get(&name.to_string())) {
                return Flow::Leaf(*carries);
            }
            if let Some(given) = path.path.get_ident().and_then(|name| self.given.get(&name.to_string())) {
                return given.clone();
            }
            if path.path.get_ident().is_some_and(|name| self.flows.contains_key(&name.to_string())) {
                return Flow::Leaf(self.expr(&call.func) || call.args.iter().any(|arg| self.expr(arg)));
            }
        }
        Flow::Leaf(call.args.iter().any(|arg| self.expr(arg)) || self.expr(&call.func))
    }

    fn method(&self, call: &ExprMethodCall) -> Flow {
        let name = call.method.to_string();
        if ENDS.contains(&name.as_str()) {
            return Flow::Leaf(false);
        }
        if self.is_struct(&call.receiver) && !matches!(name.as_str(), "clone" | "to_owned") {
            return Flow::Leaf(self.expr(&call.receiver) || call.args.iter().any(|arg| self.expr(arg)));
        }
        if name == "sin_cos" && call.args.is_empty() {
            let active = Flow::Leaf(self.expr(&call.receiver));
            return Flow::Tuple(vec![active.clone(), active]);
        }
        match (name.as_str(), call.args.first()) {
            ("fold", Some(init)) => match call.args.last() {
                Some(Expr::Closure(closure)) => self.value(init).join(&self.value(&closure.body)),
                _ => Flow::Leaf(self.item(&call.receiver).any() || self.expr(init)),
            },
            ("unwrap" | "expect" | "unwrap_or_default" | "as_ref" | "as_mut" | "to_vec", _) => self.value(&call.receiver),
            ("unwrap_or" | "or", Some(other)) => self.value(&call.receiver).join(&self.value(other)),
            ("next" | "last" | "nth" | "find" | "max_by" | "min_by", _) => self.item(&call.receiver),
            (element, _) if (ELEMENTS.contains(&element) || element == "pop") && self.is_list_of_tuples(&call.receiver) => {
                self.value(&call.receiver)
            }
            ("and_then" | "find_map" | "then", Some(Expr::Closure(closure))) => self.value(&closure.body),
            ("then_some", Some(held)) => self.value(held),
            ("map_or" | "map_or_else", Some(default)) => match call.args.last() {
                Some(Expr::Closure(closure)) => self.value(default).join(&self.value(&closure.body)),
                _ => Flow::Leaf(self.expr(&call.receiver) || call.args.iter().any(|arg| self.expr(arg))),
            },
            ("sum" | "product" | "reduce" | "min" | "max", None) => Flow::Leaf(self.item(&call.receiver).any()),
            ("collect", None) => self.item(&call.receiver),
            ("clone" | "to_owned", None) => self.value(&call.receiver),
            _ if is_adapter(&name) => self.item(&Expr::MethodCall(call.clone())),
            _ => Flow::Leaf(self.expr(&call.receiver) || call.args.iter().any(|arg| self.expr(arg))),
        }
    }

    /// Whether the expression is one of tuples, which may be lists of them.
    fn is_list_of_tuples(&self, expr: &Expr) -> bool {
        matches!(self.value(expr), Flow::Tuple(_))
    }

    /// What of an iterator's items may carry a derivative.
    pub fn item(&self, iterator: &Expr) -> Flow {
        match iterator {
            Expr::MethodCall(call) => {
                let first = call.args.first();
                match (call.method.to_string().as_str(), first) {
                    ("iter" | "iter_mut" | "into_iter" | "windows", _) => self.item(&call.receiver),
                    (part, _) if is_chunks(part) => self.item(&call.receiver),
                    ("drain", Some(_)) => self.item(&call.receiver),
                    ("enumerate", _) => Flow::Tuple(vec![Flow::Leaf(false), self.item(&call.receiver)]),
                    ("zip", Some(other)) => Flow::Tuple(vec![self.item(&call.receiver), self.item(other)]),
                    ("chain", Some(other)) => self.item(&call.receiver).join(&self.item(other)),
                    ("map" | "filter_map" | "map_while", Some(Expr::Closure(closure))) => self.value(&closure.body),
                    ("flat_map", Some(Expr::Closure(closure))) => self.item(&closure.body),
                    ("scan", _) => match call.args.last() {
                        Some(Expr::Closure(closure)) => self.value(&closure.body),
                        _ => Flow::Leaf(true),
                    },
                    ("map" | "flat_map", Some(function)) => Flow::Leaf(self.item(&call.receiver).any() || self.expr(function)),
                    (name, _) if is_adapter(name) => self.item(&call.receiver),
                    _ => self.value(iterator),
                }
            }
            Expr::Range(_) => Flow::Leaf(false),
            Expr::Paren(paren) => self.item(&paren.expr),
            Expr::Reference(reference) => self.item(&reference.expr),
            Expr::Block(block) => match block.block.stmts.last() {
                Some(Stmt::Expr(expr, None)) => self.item(expr),
                _ => Flow::Leaf(true),
            },
            Expr::Array(array) => {
                array.elems.iter().map(|elem| self.value(elem)).reduce(|a, b| a.join(&b)).unwrap_or(Flow::Leaf(false))
            }
            other => self.value(other),
        }
    }

    fn set(&mut self, name: &str, flow: &Flow) {
        match self.flows.get_mut(name) {
            Some(old) => {
                let joined = old.join(flow);
                self.changed |= *old != joined;
                *old = joined;
            }
            None => {
                self.flows.insert(name.to_owned(), flow.clone());
                self.changed = true;
            }
        }
    }

    fn bind(&mut self, pat: &Pat, flow: &Flow) {
        match pat {
            Pat::Ident(ident) => {
                self.set(&ident.ident.to_string(), flow);
                if let Some((_, inner)) = &ident.subpat {
                    self.bind(inner, flow);
                }
            }
            Pat::Type(typed) => self.bind(&typed.pat, flow),
            Pat::Reference(reference) => self.bind(&reference.pat, flow),
            Pat::Paren(paren) => self.bind(&paren.pat, flow),
            Pat::Guard(guard) => self.bind(&guard.pat, flow),
            Pat::Tuple(tuple) => match flow {
                Flow::Tuple(parts) if parts.len() == tuple.elems.len() => {
                    tuple.elems.iter().zip(parts).for_each(|(elem, part)| self.bind(elem, part));
                }
                whole => {
                    let whole = Flow::Leaf(whole.any());
                    tuple.elems.iter().for_each(|elem| self.bind(elem, &whole));
                }
            },
            Pat::Slice(slice) => slice.elems.iter().for_each(|elem| self.bind(elem, &Flow::Leaf(flow.any()))),
            Pat::TupleStruct(tuple) if tuple.path.is_ident("Some") => tuple.elems.iter().for_each(|elem| self.bind(elem, flow)),
            Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|elem| self.bind(elem, &Flow::Leaf(flow.any()))),
            Pat::Struct(structure) => {
                structure.fields.iter().for_each(|field| self.bind(&field.pat, &Flow::Leaf(flow.any())));
            }
            Pat::Or(or) => or.cases.iter().for_each(|case| self.bind(case, flow)),
            _ => {}
        }
    }

    /// A store into the place that the expression names.
    fn store(&mut self, target: &Expr, flow: &Flow) {
        match target {
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident() {
                    self.set(&name.to_string(), flow);
                    for referent in self.referents.get(&name.to_string()).cloned().unwrap_or_default() {
                        self.set(&referent, &Flow::Leaf(flow.any()));
                    }
                }
            }
            Expr::Tuple(tuple) => match flow {
                Flow::Tuple(parts) if parts.len() == tuple.elems.len() => {
                    tuple.elems.iter().zip(parts).for_each(|(elem, part)| self.store(elem, part));
                }
                whole => tuple.elems.iter().for_each(|elem| self.store(elem, whole)),
            },
            Expr::Array(array) => array.elems.iter().for_each(|elem| self.store(elem, &Flow::Leaf(flow.any()))),
            Expr::Struct(structure) => {
                structure.fields.iter().for_each(|field| self.store(&field.expr, &Flow::Leaf(flow.any())));
            }
            Expr::Call(call) => call.args.iter().for_each(|arg| self.store(arg, &Flow::Leaf(flow.any()))),
            Expr::Field(field) => match (self.value(&field.base), &field.member) {
                (Flow::Tuple(parts), syn::Member::Unnamed(at)) => {
                    let at = at.index as usize;
                    let part = |index| if index == at { flow.clone() } else { Flow::Leaf(false) };
                    self.store(&field.base, &Flow::Tuple((0..parts.len()).map(part).collect()));
                }
                _ => self.store_part(&field.base, flow),
            },
            Expr::Index(index) if matches!(flow, Flow::Tuple(_)) && flow.any() => self.store(&index.expr, flow),
            Expr::Index(index) => self.store_part(&index.expr, flow),
            Expr::Unary(unary) => self.store(&unary.expr, flow),
            Expr::Paren(paren) => self.store(&paren.expr, flow),
            Expr::Reference(reference) => self.store(&reference.expr, flow),
            Expr::MethodCall(call) => self.store_part(&call.receiver, flow),
            _ => {}
        }
    }

    /// Whether the place is part of a parameter that is not differentiated.
    fn is_outside(&self, place: &Expr) -> bool {
        let mut roots = Stores::default();
        roots.root(place);
        !roots.roots.is_empty() && roots.roots.iter().all(|root| self.outside.contains(root))
    }

    fn is_unchanged(&self, place: &Expr) -> bool {
        matches!((place, &self.unchanged), (Expr::Path(path), Some(name)) if path.path.is_ident(name))
    }

    /// What of an element may carry a derivative: of a tuple every part, but for what is surely no float.
    fn element(&self, value: &Expr) -> Flow {
        let Expr::Tuple(tuple) = strip(value) else { return self.value(value) };
        let stands_apart = |part: &Expr| self.expr(part) || self.is_no_float(part);
        match tuple.elems.iter().all(stands_apart) {
            true => self.value(value),
            false => Flow::Leaf(self.expr(value)),
        }
    }

    fn is_no_float(&self, part: &Expr) -> bool {
        let is_counted = |name: &str| self.integers.contains(name) || self.counters.contains(name);
        is_no_float(
            part,
            &|part| matches!(part, Expr::Path(path) if path.path.get_ident().is_some_and(|name| is_counted(&name.to_string()))),
        )
    }

    /// What is added to a vector with a name, where it is a tuple.
    fn added(&self, call: &ExprMethodCall) -> Option<Flow> {
        let is_variable = matches!(call.receiver.as_ref(), Expr::Path(_)) && !self.is_struct(&call.receiver);
        let flow = match (call.method.to_string().as_str(), call.args.last()) {
            ("push" | "insert", Some(value)) => self.element(value),
            ("extend", Some(items)) => self.item(items),
            _ => return None,
        };
        (is_variable && matches!(flow, Flow::Tuple(_)) && flow.any()).then_some(flow)
    }

    fn store_part(&mut self, base: &Expr, flow: &Flow) {
        if flow.any() {
            self.store(base, &Flow::Leaf(true));
        }
    }

    /// A call through which a derivative flows may store active values in what it is lent by `&mut`.
    fn changed_by_a_call<'e>(&mut self, arguments: impl Iterator<Item = &'e Expr>) {
        for argument in arguments {
            if let Expr::Reference(reference) = argument
                && reference.mutability.is_some()
                && !self.is_outside(&reference.expr)
                && !self.is_unchanged(&reference.expr)
            {
                self.store(&reference.expr, &Flow::Leaf(true));
            }
        }
    }

    /// Methods of states, called for a value through which a derivative flows, may store their arguments in them.
    fn changed_for_a_value(&mut self, expr: &Expr) {
        if self.states.is_empty() || !self.expr(expr) {
            return;
        }
        let mut called = Called::default();
        called.visit_expr(expr);
        for call in called.0 {
            let is_state =
                |path: &syn::ExprPath| path.path.get_ident().is_some_and(|name| self.states.contains(&name.to_string()));
            if matches!(strip(&call.receiver), Expr::Path(path) if is_state(path)) && call.args.iter().any(|arg| self.expr(arg)) {
                self.store(&call.receiver, &Flow::Leaf(true));
            }
        }
    }

    /// The names of the pattern may be mutable references into the variables of the expression.
    fn refer(&mut self, pat: &Pat, expr: &Expr) {
        let mut roots = MutableRoots(BTreeSet::new());
        roots.visit_expr(expr);
        if binds_mutably(pat) {
            roots.root(expr);
        }
        // what a reference names, its copy and its parts name as well
        let mut named = MutableRoots(BTreeSet::new());
        named.root(expr);
        roots.0.extend(named.0.into_iter().filter(|name| self.referents.contains_key(name)));
        if roots.0.is_empty() {
            return;
        }
        let further: Vec<_> = roots.0.iter().filter_map(|root| self.referents.get(root)).flatten().cloned().collect();
        roots.0.extend(further);
        let mut names = Vec::new();
        super::syntax::pattern_names(pat, &mut names);
        for name in names {
            self.referents.entry(name.to_string()).or_default().extend(roots.0.iter().cloned());
        }
    }

    /// What a closure is called with by a function that it is passed to may carry a derivative, where anything that the call is given may.
    fn passed_closures<'e>(&mut self, arguments: impl Iterator<Item = &'e Expr>) {
        for argument in arguments {
            let inputs: Vec<Pat> = match without_references(argument) {
                Expr::Closure(closure) => closure.inputs.iter().cloned().collect(),
                Expr::Path(path) => {
                    let named = path.path.get_ident().and_then(|name| self.closures.get(&name.to_string()));
                    named.cloned().unwrap_or_default()
                }
                _ => continue,
            };
            inputs.iter().for_each(|input| self.bind(input, &Flow::Leaf(true)));
        }
    }
}

/// Whether the macro makes text of its arguments, from which they could be read again.
pub fn is_text(mac: &syn::Macro) -> bool {
    standard_macro(&mac.path).is_some_and(|name| name == "format" || name == "format_args")
}

/// Whether the macro only looks at its arguments.
pub fn looks(mac: &syn::Macro) -> bool {
    standard_macro(&mac.path).is_some_and(|name| LOOKS.contains(&name.to_string().as_str()))
}

impl<'ast> Visit<'ast> for Activity {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        if let Some(init) = &local.init {
            self.changed_for_a_value(&init.expr);
            let flow = self.value(&init.expr);
            self.bind(&local.pat, &flow);
            // what a closure borrows is no part of what it is called with
            if !matches!(&*init.expr, Expr::Closure(_)) {
                self.refer(&local.pat, &init.expr);
            }
            if let (Pat::Ident(name), Expr::Closure(closure)) = (&local.pat, &*init.expr) {
                self.closures.insert(name.ident.to_string(), closure.inputs.iter().cloned().collect());
                if let given @ Flow::Tuple(_) = self.value(&closure.body) {
                    let before = self.given.insert(name.ident.to_string(), given.clone());
                    self.changed |= before.is_none_or(|before| before != given);
                }
                let mut stores = Stores::default();
                stores.visit_expr(&closure.body);
                if stores.roots.iter().any(|root| self.is_active(root)) {
                    self.bind(&local.pat, &Flow::Leaf(true));
                }
            }
        }
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        visit::visit_expr_assign(self, assign);
        self.changed_for_a_value(&assign.right);
        let flow = match &*assign.left {
            Expr::Index(_) => self.element(&assign.right),
            _ => self.value(&assign.right),
        };
        self.store(&assign.left, &flow);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        visit::visit_expr_binary(self, binary);
        if is_compound(&binary.op) {
            self.changed_for_a_value(&binary.right);
            let flow = Flow::Leaf(self.expr(&binary.right));
            self.store(&binary.left, &flow);
        }
    }

    fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
        self.counters.extend(counter(&each.pat, &each.expr));
        let flow = self.item(&each.expr);
        self.bind(&each.pat, &flow);
        self.refer(&each.pat, &each.expr);
        visit::visit_expr_for_loop(self, each);
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        let flow = match is_enum(&choice.expr, &patterns(choice)) {
            true => Flow::Leaf(false),
            false => self.value(&choice.expr),
        };
        for arm in &choice.arms {
            self.bind(&arm.pat, &flow);
            self.refer(&arm.pat, &choice.expr);
        }
        visit::visit_expr_match(self, choice);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        let flow = if is_enum(&condition.expr, &[&condition.pat]) { Flow::Leaf(false) } else { self.value(&condition.expr) };
        self.bind(&condition.pat, &flow);
        self.refer(&condition.pat, &condition.expr);
        visit::visit_expr_let(self, condition);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        visit::visit_expr_call(self, call);
        if let Expr::Path(path) = &*call.func {
            let inputs = path.path.get_ident().and_then(|name| self.closures.get(&name.to_string())).cloned();
            for (input, arg) in inputs.iter().flatten().zip(&call.args) {
                let flow = self.value(arg);
                self.bind(input, &flow);
                self.refer(input, arg);
            }
            // also where the body makes no use of it
            if inputs.is_some() && call.args.iter().any(|arg| self.expr(arg)) {
                self.store(&call.func, &Flow::Leaf(true));
            }
        }
        let active = call.args.iter().any(|arg| self.expr(arg));
        // `array::from_fn` calls its closure with integers
        if active && !is_call(&call.func, "array", "from_fn") {
            self.passed_closures(call.args.iter());
        }
        if active && matches!(&*call.func, Expr::Path(path) if path.path.segments.iter().any(|s| s.ident == "mem")) {
            call.args.iter().for_each(|arg| self.store(arg, &Flow::Leaf(true)));
        }
        if active {
            self.changed_by_a_call(call.args.iter());
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let item = self.item(&call.receiver);
        for arg in &call.args {
            let inputs: Option<Vec<Pat>> = match arg {
                Expr::Closure(closure) => Some(closure.inputs.iter().cloned().collect()),
                Expr::Path(path) => path.path.get_ident().and_then(|name| self.closures.get(&name.to_string()).cloned()),
                _ => None,
            };
            if let Some(inputs) = inputs {
                let given = match arg {
                    Expr::Closure(closure) => self.value(&closure.body),
                    _ => Flow::Leaf(item.any()),
                };
                let flows = match (call.method.to_string().as_str(), call.args.first()) {
                    ("fold", Some(init)) => vec![self.value(init).join(&given), item.clone()],
                    ("max_by" | "min_by", _) => vec![item.clone(), item.clone()],
                    ("reduce", _) => vec![item.join(&given), item.join(&given)],
                    ("scan", Some(init)) => {
                        let state = Flow::Leaf(self.expr(init) || item.any() || given.any());
                        vec![state, item.clone()]
                    }
                    _ => vec![item.clone()],
                };
                inputs.iter().zip(&flows).for_each(|(input, flow)| self.bind(input, flow));
                inputs.iter().for_each(|input| self.refer(input, &call.receiver));
            }
        }
        let name = call.method.to_string();
        if !is_adapter(&name) && !TAKES_CLOSURES.contains(&name.as_str()) && self.method(call).any() {
            self.passed_closures(call.args.iter());
        }
        if self.expr(&call.receiver) || call.args.iter().any(|arg| self.expr(arg)) {
            self.changed_by_a_call(call.args.iter());
        }
        if stores_arguments(call) && call.args.iter().any(|arg| self.expr(arg)) && !self.is_outside(&call.receiver) {
            let flow = self.added(call).unwrap_or(Flow::Leaf(true));
            self.store(&call.receiver, &flow);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        visit::visit_stmt(self, stmt);
        if let Stmt::Expr(last, None) = stmt {
            self.changed_for_a_value(last);
        }
        // a method called for its effect may store its arguments in its receiver
        if let Stmt::Expr(Expr::MethodCall(call), Some(_)) = stmt
            && call.args.iter().any(|arg| self.expr(arg))
            && !is_adapter(&call.method.to_string())
            && !self.is_outside(&call.receiver)
        {
            let flow = self.added(call).unwrap_or(Flow::Leaf(true));
            self.store(&call.receiver, &flow);
        }
        // and a function in what a mutable reference names that it is given
        if let Stmt::Expr(Expr::Call(call), _) = stmt
            && call.args.iter().any(|arg| self.expr(arg))
        {
            let names = call.args.iter().filter_map(|arg| match arg {
                Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
                _ => None,
            });
            let referents: BTreeSet<_> = names.filter_map(|name| self.referents.get(&name)).flatten().cloned().collect();
            for referent in referents.difference(&self.outside.clone()) {
                self.set(referent, &Flow::Leaf(true));
            }
        }
    }
}

/// The name that a loop over a range counts with, or over what is enumerated.
fn counter(pat: &Pat, iterator: &Expr) -> Option<String> {
    match (pat, strip(iterator)) {
        (Pat::Ident(name), Expr::Range(_)) => Some(name.ident.to_string()),
        (Pat::Tuple(pair), Expr::MethodCall(call)) if call.method == "enumerate" => match pair.elems.first() {
            Some(Pat::Ident(name)) => Some(name.ident.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the pattern says `ref mut`.
pub fn binds_mutably(pat: &Pat) -> bool {
    struct Mutably(bool);
    impl<'ast> Visit<'ast> for Mutably {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            self.0 |= ident.by_ref.is_some() && ident.mutability.is_some();
            visit::visit_pat_ident(self, ident);
        }
    }
    let mut mutably = Mutably(false);
    mutably.visit_pat(pat);
    mutably.0
}

/// The variables that an expression borrows mutably.
struct MutableRoots(BTreeSet<String>);

impl MutableRoots {
    fn root(&mut self, expr: &Expr) {
        match expr {
            Expr::Path(path) => self.0.extend(path.path.get_ident().map(ToString::to_string)),
            Expr::Field(field) => self.root(&field.base),
            Expr::Index(index) => self.root(&index.expr),
            Expr::Unary(unary) => self.root(&unary.expr),
            Expr::Paren(paren) => self.root(&paren.expr),
            Expr::MethodCall(call) => self.root(&call.receiver),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for MutableRoots {
    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        if reference.mutability.is_some() {
            self.root(&reference.expr);
        }
        visit::visit_expr_reference(self, reference);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method.to_string().ends_with("_mut") {
            self.root(&call.receiver);
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// What the closures are called with that calls are given, where no type is written.
#[derive(Default)]
struct PassedInputs {
    closures: BTreeMap<String, BTreeSet<String>>,
    names: BTreeSet<String>,
    found: BTreeSet<String>,
}

impl PassedInputs {
    fn inputs(self) -> BTreeSet<String> {
        let named = self.closures.into_iter().filter(|(name, _)| self.names.contains(name));
        self.found.into_iter().chain(named.flat_map(|(_, inputs)| inputs)).collect()
    }

    fn untyped(closure: &syn::ExprClosure) -> BTreeSet<String> {
        let name = |input: &Pat| match input {
            Pat::Ident(ident) => Some(ident.ident.to_string()),
            _ => None,
        };
        closure.inputs.iter().filter_map(name).collect()
    }

    fn arguments<'e>(&mut self, arguments: impl Iterator<Item = &'e Expr>) {
        for argument in arguments {
            match without_references(argument) {
                Expr::Closure(closure) => self.found.append(&mut Self::untyped(closure)),
                Expr::Path(path) => self.names.extend(path.path.get_ident().map(ToString::to_string)),
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for PassedInputs {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && let Expr::Closure(closure) = &*init.expr
        {
            self.closures.insert(name.ident.to_string(), Self::untyped(closure));
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        self.arguments(call.args.iter());
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = call.method.to_string();
        if !is_adapter(&name) && !TAKES_CLOSURES.contains(&name.as_str()) {
            self.arguments(call.args.iter());
        }
        visit::visit_expr_method_call(self, call);
    }
}
