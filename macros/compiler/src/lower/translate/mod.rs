//! The renamed syntax tree to intermediate representation.
//!
//! *In:* a [`Body`], and the function's [`Signature`]. *Out:* an [`ir::Function`], or errors.
//!
//! [`statements`], [`bindings`], [`control`], [`counted`], [`matches`], [`expressions`], [`options`], [`selections`], [`places`], [`sequences`], [`resized`],
//! [`calls`] with their [`parts`], [`functions`] and [`chains`] with their [`stages`], [`sinks`] and what is [`collected`] translate a construct each. Code that
//! touches no derivative is [`copied`] as it stands, and only looks at what does ([`looked_at`]); references become the places that they name; closures are inlined where they are called; iterator
//! chains become loops. What is taken for granted is checked ([`known`], [`checks`]), and what has no derivative is [`refused`]; [`scopes`] ends blocks of copied code, [`results`] has the last word.

mod bindings;
mod calls;
mod chains;
mod checks;
mod collected;
mod control;
mod copied;
mod counted;
mod expressions;
mod functions;
pub mod given;
mod known;
mod looked_at;
mod matches;
mod options;
mod parts;
mod places;
mod refused;
mod resized;
mod results;
mod scopes;
mod selections;
mod sequences;
mod sinks;
mod stages;
mod statements;
mod touches;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Block, Expr, Pat};

use crate::analysis::dimensions;
use crate::args::Partial;
use crate::error::{Errors, is_made};
use crate::ir::names::{Taken, identifiers};
use crate::ir::{self, Code, Form, Function, Kind, Parameter, Passing, Place, Statement, Value, Var, edit};
use crate::lower::facts;
use crate::lower::facts::destructors::Kinds;
use crate::lower::facts::flow::Activity;
use crate::lower::facts::lent;
use crate::lower::facts::names::Names;
use crate::lower::facts::syntax::{ends_in_a_statement, ends_in_no_float, first_span};
use crate::lower::rewrite::{Body, once, views};
use crate::signature::inert::container_type;
use crate::signature::{self, Returns, Signature};
use crate::spans::at_call_site;

/// What a name stands for.
#[derive(Clone, Debug)]
enum Bound {
    /// A variable.
    Var(Var),
    /// A reference to a place, through so many `&`, of which the outermost may be `&mut`.
    Reference { place: Place, depth: u8, exclusive: bool },
    /// A tuple, element by element.
    Tuple(Vec<Bound>),
    /// A closure.
    Closure(Box<syn::ExprClosure>),
    /// An `Option`.
    Option { some: Code, payload: Box<Bound> },
}

/// What an `Option` holds, by mutable reference.
fn lent_mutably(payload: Bound) -> Bound {
    match payload {
        Bound::Var(var) => Bound::Reference { place: Place::whole(var, Span::call_site()), depth: 1, exclusive: true },
        Bound::Reference { place, depth, .. } => Bound::Reference { place, depth: depth.max(1), exclusive: true },
        Bound::Tuple(parts) => Bound::Tuple(parts.into_iter().map(lent_mutably).collect()),
        other => other,
    }
}

/// The state of the translation.
struct Lowerer<'a> {
    function: Function,
    /// The path of the runtime's hidden module.
    runtime: TokenStream,
    /// The function's own name, by which it would call itself.
    own_name: Ident,
    /// The parameters that are functions.
    callables: BTreeMap<String, signature::Callable>,
    /// The closures that are bound by `let`.
    closures: BTreeMap<String, syn::ExprClosure>,
    /// Whether it stands in an `impl`.
    member: bool,
    /// Whether it has second derivatives.
    second_order: bool,
    /// Whether what it calls may call it.
    recursive: bool,
    names: Names,
    activity: Activity,
    bound: BTreeMap<String, Bound>,
    /// Variables whose every scalar is of a built-in type, by their written type: places in them need no check.
    plain: BTreeSet<Var>,
    /// Variables that are arrays, slices or `Vec`s.
    sequences: BTreeSet<Var>,
    /// Parameters that are slices.
    slices: BTreeSet<Var>,
    /// Lists of slices in the source, which are lists of their copies.
    lists_of_slices: BTreeSet<Var>,
    /// Functions in the body that have no derivatives.
    own_functions: BTreeSet<String>,
    /// Functions in the body that have.
    local_functions: BTreeSet<String>,
    /// Variables whose declarations are errors.
    refused: BTreeSet<String>,
    /// What patterns of copied choices bind: it may be a reference, which cannot be kept.
    opaque: BTreeSet<Var>,
    /// Inactive variables that a call gives: they may be references, which cannot be kept.
    called: BTreeSet<Var>,
    /// The items of inactive iterators, and what their patterns bind: of types that are not known.
    given: BTreeSet<Var>,
    /// What the variables begin with, by their names.
    inits: BTreeMap<String, Expr>,
    /// What their elements are, by their names, where they are vectors.
    elements: BTreeMap<String, Vec<Expr>>,
    /// The variables that references name as a whole: as tuples, they stay in one piece.
    lent_whole: BTreeSet<String>,
    /// What they are filled with later.
    fills: BTreeMap<String, Vec<Expr>>,
    /// References to tuples, whose parts have names.
    tuple_references: BTreeSet<String>,
    /// Buffers that one function works in.
    buffers: BTreeSet<String>,
    /// Functions whose names begin with a capital.
    capitals: BTreeSet<String>,
    /// References that can be made once more, to memory that changes no more.
    views: BTreeSet<String>,
    /// The type of its floats, where all are of one.
    only_float: Option<Ident>,
    /// The type parameters.
    type_parameters: BTreeSet<String>,
    /// The pattern that the items of the next iterator are bound with, where it is known.
    bound_with: Option<Pat>,
    /// The methods of the standard library that are relied on, and who has them.
    methods: BTreeMap<String, (Ident, Vec<&'static str>)>,
    /// Checks that stand in front of the body.
    front: Vec<Statement>,
    /// Types of places that are checked already.
    checked: BTreeSet<String>,
    /// The blocks under construction, the innermost last.
    blocks: Vec<ir::Block>,
    /// Their numbers, and how many there were.
    open: Vec<u32>,
    opened: u32,
    /// The indices that are evaluated.
    evaluated: once::Evaluated,
    /// Variables that are made as arrays, structs or tuples.
    aggregates: BTreeSet<Var>,
    /// Tuples whose parts are variables, each lent to the next call as a variable of its own.
    lent: Vec<(Vec<Bound>, Place)>,
    /// Copies of what `Option`s hold that may be changed, with the variables that they are put back into.
    held: Vec<(Var, Var)>,
    /// Whether the items of the iterator that one is chosen of are structs.
    struct_items: bool,
    /// When the loops over a chain are left.
    leaving: chains::Leaving,
    /// The names that are assigned as a whole or lent by `&mut`, and where.
    rebound: BTreeMap<String, Span>,
    /// What is known of variables by their use.
    kinds: Kinds,
    /// What is declared in each of the blocks under construction and is to be dropped at its end.
    scopes: Vec<Vec<Var>>,
    /// The references that stand as variables in each of these blocks.
    references: Vec<BTreeSet<String>>,
    errors: &'a mut Errors,
}

/// Translates the body of a function.
pub fn function(mut body: Body, signature: &Signature, runtime: &TokenStream, errors: &mut Errors) -> Function {
    let mut function = empty(&mut body, signature);
    function.scalar_of_self = signature.scalar_of_self();
    function.letters_are_parameters = signature.letters_are_parameters;
    let Body { block, names, activity, mut known, .. } = body;
    let mut lowerer = Lowerer::new(function, signature, names, activity, errors);
    lowerer.runtime = runtime.clone();
    lowerer.buffers = body.buffers;
    lowerer.kinds = Kinds::of(&block);
    lowerer.views = views::lasting(&block);
    lowerer.capitals = body.capitals;
    lowerer.closures = functions::closures_of(&block);
    lowerer.inits = collected::inits_of(&block);
    lowerer.elements = collected::elements_of(&block);
    lowerer.lent_whole = lent::wholes(&block);
    lowerer.fills = options::fills_of(&block);
    (lowerer.own_functions, lowerer.local_functions) = refused::OwnFunctions::of(&block);
    lowerer.rebound = body.rebound;
    lowerer.parameters(signature);
    known.extend(facts::known::known(&block, &lowerer.activity));
    lowerer.check_known(known);
    lowerer.body(&block, signature);
    lowerer.check_rebound(signature);
    lowerer.finish()
}

/// A function whose partial derivatives are given, as one operation.
pub fn operation(signature: &Signature, partials: &[Partial], taken: Taken, errors: &mut Errors) -> Function {
    let function = Function::new(signature.scalar(), signature.sizes.clone(), taken);
    let mut lowerer = Lowerer::new(function, signature, Names::default(), Activity::default(), errors);
    lowerer.parameters(signature);
    lowerer.given(signature, partials);
    lowerer.finish()
}

/// The partial derivatives themselves, as functions that are differentiated.
pub fn partials(mut body: Body, signature: &Signature, partials: &[Partial], names: &[Ident], errors: &mut Errors) -> Function {
    let function = empty(&mut body, signature);
    let mut lowerer = Lowerer::new(function, signature, body.names, body.activity, errors);
    lowerer.parameters(signature);
    lowerer.given_twice(signature, partials, names, &body.block);
    lowerer.finish()
}

/// A function without statements yet.
fn empty(body: &mut Body, signature: &Signature) -> Function {
    let mut function = Function::new(signature.scalar(), signature.sizes.clone(), std::mem::take(&mut body.names.taken));
    function.stops = stops(&body.block);
    function
}

fn callables(signature: &Signature) -> BTreeMap<String, signature::Callable> {
    let callables = signature.parameters.iter().filter_map(|p| Some((p.name.to_string(), p.callable.clone()?)));
    callables.collect()
}

/// The type of all floats, where the signature has one only, and no other scalars.
fn only_float(signature: &Signature) -> Option<Ident> {
    let mut names = BTreeSet::new();
    let types = signature.parameters.iter().map(|p| p.ty.clone()).chain([signature.output.clone()]);
    types.for_each(|ty| identifiers(ty, &mut names));
    let [single, double] = ["f32", "f64"].map(|name| names.contains(name));
    let name = if single { "f32" } else { "f64" };
    (single != double && signature.scalar().is_none()).then(|| Ident::new(name, Span::call_site()))
}

impl<'a> Lowerer<'a> {
    fn new(function: Function, signature: &Signature, names: Names, activity: Activity, errors: &'a mut Errors) -> Self {
        Self {
            function,
            runtime: TokenStream::new(),
            own_name: signature.name.clone(),
            callables: callables(signature),
            closures: BTreeMap::new(),
            member: signature.member,
            second_order: signature.second_order,
            recursive: signature.recursive,
            names,
            activity,
            bound: BTreeMap::new(),
            plain: BTreeSet::new(),
            sequences: BTreeSet::new(),
            slices: BTreeSet::new(),
            lists_of_slices: BTreeSet::new(),
            own_functions: BTreeSet::new(),
            local_functions: BTreeSet::new(),
            refused: BTreeSet::new(),
            opaque: BTreeSet::new(),
            called: BTreeSet::new(),
            given: BTreeSet::new(),
            inits: BTreeMap::new(),
            elements: BTreeMap::new(),
            lent_whole: BTreeSet::new(),
            buffers: BTreeSet::new(),
            capitals: BTreeSet::new(),
            views: BTreeSet::new(),
            tuple_references: BTreeSet::new(),
            fills: BTreeMap::new(),
            only_float: only_float(signature),
            type_parameters: signature.type_parameters.iter().map(ToString::to_string).collect(),
            bound_with: None,
            methods: BTreeMap::new(),
            front: Vec::new(),
            checked: BTreeSet::new(),
            blocks: vec![Vec::new()],
            open: vec![0],
            opened: 0,
            evaluated: once::Evaluated::new(),
            aggregates: BTreeSet::new(),
            lent: Vec::new(),
            held: Vec::new(),
            struct_items: false,
            leaving: chains::Leaving::default(),
            rebound: BTreeMap::new(),
            kinds: Kinds::default(),
            scopes: vec![Vec::new()],
            references: vec![BTreeSet::new()],
            errors,
        }
    }
}

/// A clone of what has turned out to be a number is a copy.
fn copy_numbers(variables: &[ir::Variable], block: &mut ir::Block) {
    for statement in block {
        if let Statement::Let { var, value: Some(value), .. } = statement
            && variables[var.0 as usize].kind == Kind::Scalar
            && let Value::Clone(place) = value
        {
            *value = Value::Expr(ir::Expr::place(place.clone()));
        }
        edit::inner_blocks(statement, &mut |inner| copy_numbers(variables, inner));
        edit::lambdas(statement, &mut |lambda| copy_numbers(variables, &mut lambda.body));
    }
}

impl Lowerer<'_> {
    /// The translated function.
    fn finish(mut self) -> Function {
        let methods = self.known_methods();
        self.function.body =
            methods.into_iter().chain(self.front).chain(self.blocks.pop().expect("the outermost block")).collect();
        self.function.holders.extend(self.opaque.iter().chain(&self.given));
        results::name(&mut self.function);
        copy_numbers(&self.function.variables, &mut self.function.body);
        self.function
    }

    fn parameters(&mut self, signature: &Signature) {
        for parameter in &signature.parameters {
            let form = match parameter.passing {
                Passing::Shared | Passing::Mutable => Form::Reference,
                _ => Form::Owned,
            };
            let kind = match parameter.passing {
                _ if !parameter.active => Kind::Inactive,
                Passing::Scalar => Kind::Scalar,
                _ if parameter.scalars_alone && parameter.syntax.as_ref().is_some_and(is_one_name) => Kind::Scalar,
                _ => Kind::Space,
            };
            let is_moved = self.names.bindings.get(&parameter.name.to_string()).is_some_and(|binding| binding.mutable);
            let mutable = parameter.mutable || parameter.passing == Passing::Mutable || is_moved;
            let mut name = parameter.name.clone();
            name.set_span(at_call_site(name.span()));
            let var = self.variable(&name, kind, mutable, form);
            if parameter.scalars_alone {
                self.plain.insert(var);
            }
            if parameter.syntax.as_ref().is_some_and(is_sequence_type) {
                self.sequences.insert(var);
            }
            if parameter.element.is_some() {
                self.slices.insert(var);
            }
            if parameter.syntax.as_ref().and_then(container_type).is_some() {
                self.function.pointers.insert(var);
            }
            if let Some(ty) = &parameter.syntax {
                self.function.dimensions.insert(var, dimensions::of_type(ty));
            }
            self.function.parameters.push(Parameter {
                var,
                active: parameter.active,
                passing: parameter.passing,
                of_scalars: parameter.scalars_alone,
                of_arrays: parameter.scalars_alone && parameter.syntax.as_ref().is_some_and(dimensions::ends_in_a_path),
            });
        }
    }

    fn body(&mut self, block: &Block, signature: &Signature) {
        if signature.returns == Returns::Nothing {
            return self.block_effect(block);
        }
        let before = self.errors.count();
        let result = self.block_value(block);
        if signature.returns == Returns::Scalar && ends_in_no_float(block) {
            return self.errors.leave_to_rustc();
        }
        match result {
            None if before == self.errors.count() && ends_in_a_statement(block) => self.errors.leave_to_rustc(),
            Some(value) => {
                let kind = if signature.returns == Returns::Scalar { Kind::Scalar } else { Kind::Space };
                let span = block.stmts.last().map_or_else(Span::call_site, first_span);
                let var = self.function.fresh("value", kind, false, Form::Owned, span);
                self.push(Statement::Let { var, value: Some(value), ty: Some(signature.output.clone()) });
                self.function.result = Some(var);
            }
            None if self.errors.is_empty() => {
                let what = "the function has no result expression at its end";
                let what = crate::error::with_help(what, "write the result as the last expression of the body");
                match block.stmts.last() {
                    Some(last) if !is_made(first_span(last)) => self.errors.at(last, what),
                    _ => self.errors.span(signature.name.span(), what),
                }
            }
            None => {}
        }
    }

    /// Makes a variable of the source known.
    fn variable(&mut self, name: &Ident, kind: Kind, mutable: bool, form: Form) -> Var {
        self.function.variables.push(ir::Variable { name: name.clone(), kind, mutable, form });
        let var = Var(self.function.variables.len() as u32 - 1);
        self.function.unsettled.extend(self.names.moved.contains(&name.to_string()).then_some(var));
        self.bound.insert(name.to_string(), Bound::Var(var));
        var
    }

    /// A new variable that holds the value.
    fn temporary(&mut self, wish: &str, kind: Kind, value: Value, span: Span) -> Var {
        let var = self.function.fresh(wish, kind, false, Form::Owned, span);
        self.push(Statement::Let { var, value: Some(value), ty: None });
        var
    }

    fn push(&mut self, statement: Statement) {
        if let Statement::Push { place, .. } = &statement {
            self.rely_on_method(&Ident::new("push", place.span));
        }
        let stored = match &statement {
            Statement::Let { var, value: Some(value), .. }
                if matches!(value, Value::Struct { .. } | Value::Array(_) | Value::Tuple(_)) =>
            {
                Some((Place::whole(*var, self.function.variable(*var).name.span()), value.clone()))
            }
            Statement::Assign { place, value } => Some((place.clone(), value.clone())),
            Statement::Push { place, value } => Some((place.then(ir::Step::constant(0)), value.clone())),
            _ => None,
        };
        if let Statement::Let { var, value: Some(value), .. } = &statement
            && matches!(value, Value::Struct { .. } | Value::Array(_) | Value::Tuple(_) | Value::Repeat(..))
        {
            self.aggregates.insert(*var);
        }
        self.blocks.last_mut().expect("a block is open").push(statement);
        if let Some((place, value)) = stored {
            self.literal_stored(&place, &value);
        }
    }

    /// Translates into a block of its own.
    fn nested<R>(&mut self, inside: impl FnOnce(&mut Self) -> R) -> (ir::Block, R) {
        self.blocks.push(Vec::new());
        self.references.push(BTreeSet::new());
        self.scopes.push(Vec::new()); // it ends as a block of Rust does
        self.opened += 1;
        self.open.push(self.opened);
        let result = inside(self);
        self.open.pop();
        self.scopes.pop();
        self.references.pop();
        (self.blocks.pop().expect("the block that was opened"), result)
    }

    /// Puts the statements of a nested block into the block that is open, where the references that they declare are then known.
    fn inline(&mut self, mut block: ir::Block) {
        let binds = block.iter().filter_map(|statement| match statement {
            Statement::Code { binds, .. } => Some(binds),
            _ => None,
        });
        let names = binds.flatten().map(|var| self.function.variable(*var).name.to_string());
        self.references.last_mut().expect("a scope is open").extend(names);
        self.blocks.last_mut().expect("a block is open").append(&mut block);
    }

    /// The active binding of a name; inactive ones that the source declares become variables when they are first met.
    fn lookup(&mut self, name: &Ident) -> Option<Bound> {
        let text = name.to_string();
        if let Some(bound) = self.bound.get(&text) {
            return Some(bound.clone());
        }
        let binding = self.names.bindings.get(&text)?.clone();
        let kind = if self.activity.is_active(&text) { Kind::Space } else { Kind::Inactive };
        Some(Bound::Var(self.variable(name, kind, binding.mutable, Form::Owned)))
    }

    fn is_mutable(&self, var: Var) -> bool {
        self.function.variable(var).mutable
    }

    fn is_active(&self, expr: &Expr) -> bool {
        self.activity.expr(expr)
    }

    /// Reports an error, unless it follows from one that is reported already.
    fn unsupported(&mut self, tokens: &impl ToTokens, message: String) {
        let mut names = BTreeSet::new();
        identifiers(tokens.to_token_stream(), &mut names);
        if names.is_disjoint(&self.refused) {
            self.errors.at(tokens, message);
        }
    }
}

/// Whether the written type is an array, a slice or a `Vec`.
fn is_sequence_type(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Array(_) | syn::Type::Slice(_) => true,
        syn::Type::Path(path) => path.path.segments.last().is_some_and(|segment| segment.ident == "Vec"),
        _ => false,
    }
}

/// The variables that a place mentions.
fn mentioned(place: &Place) -> Vec<Var> {
    let mut found = Vec::new();
    ir::uses::place(place, &mut |var| found.push(var));
    found
}

/// Whether the type is a single name: a scalar, not an array of them.
fn is_one_name(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Path(_) | syn::Type::ImplTrait(_) => true,
        syn::Type::Paren(paren) => is_one_name(&paren.elem),
        syn::Type::Group(group) => is_one_name(&group.elem),
        _ => false,
    }
}

/// The paths by which a block calls `stop_gradient`, each once.
fn stops(block: &Block) -> Vec<TokenStream> {
    struct Collect(BTreeMap<String, TokenStream>);
    impl<'ast> syn::visit::Visit<'ast> for Collect {
        fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
            if let Expr::Path(path) = &*call.func {
                let mut path = path.path.clone();
                if let Some(last) = path.segments.last_mut().filter(|segment| segment.ident == "stop_gradient") {
                    last.arguments = syn::PathArguments::None;
                    let tokens = path.to_token_stream();
                    self.0.insert(tokens.to_string(), tokens);
                }
            }
            syn::visit::visit_expr_call(self, call);
        }
    }
    let mut collect = Collect(BTreeMap::new());
    syn::visit::Visit::visit_block(&mut collect, block);
    collect.0.into_values().collect()
}
