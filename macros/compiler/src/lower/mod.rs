//! Syntax to intermediate representation; the fence: what is not understood becomes an error on its own span.
//!
//! *In:* a function as `syn` reads it, and its [`Signature`]. *Out:* an [`ir::Function`](crate::ir::Function), or errors.
//!
//! A function with `#[cfg]` inside comes here once for each way that its conditions can turn out ([`cfgs`]).
//!
//! The order: [`lifetimes`] frees the function of bounds between lifetimes, [`lift`] types the literals of generic functions, but for what is [`concrete`], [`vectors`] opens `vec!`, [`items`] lifts those of inner blocks, [`alternatives`] separates those of patterns, [`effects`] calls that are there for their effect, [`lengths`] writes those of arrays, [`forms`] and [`cursors`] iterators without an end and with names, [`shrinking`] slices that lose their first elements, [`spellings`] short forms of methods, [`rename`] makes names unique, [`rebound`] rejects references that change what they name,
//! [`exits`] takes [`conditions`] apart, moves jumps to the ends of blocks, and takes [`tuples`] and [`optional`] values apart that they carry, [`once`] numbers indices that do more than arithmetic, [`flow`] finds what depends on the active parameters, but for [`handles`], and [`statements`], [`bindings`], [`control`], [`counted`], [`matches`], [`expressions`],
//! [`options`], [`selections`], [`places`], [`sequences`], [`resized`], [`calls`] with their [`parts`] and what is [`lent`] to them, [`functions`] and [`chains`] with their [`stages`], [`sinks`] and what is [`collected`] translate;
//! [`results`] has the last word. Code that touches no derivative is copied as it stands; references become the places that they name; closures are
//! inlined where they are called; iterator chains become loops.

mod alternatives;
mod bindings;
mod buffers;
mod called;
mod calls;
pub mod cfgs;
mod chains;
mod collected;
mod concrete;
mod conditions;
mod control;
mod counted;
mod cursors;
mod effects;
mod exits;
mod expressions;
pub mod flow;
mod forms;
mod functions;
pub mod given;
mod handles;
mod holders;
mod items;
mod jumps;
mod known;
mod lengths;
mod lent;
pub mod lift;
mod matches;
mod once;
mod optional;
mod options;
mod own;
mod parts;
mod places;
pub mod pure;
mod ranges;
mod rebound;
mod referents;
pub mod refused;
pub mod rename;
mod resized;
mod results;
mod selections;
mod sequences;
mod shrinking;
mod sinks;
mod spellings;
mod stages;
mod statements;
mod syntax;
mod touches;
mod tuples;
pub mod vectors;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Block, Expr, ItemFn, Pat};

use crate::analysis::dimensions;
use crate::error::{Errors, is_made};
use crate::ir::names::{Taken, identifiers};
use crate::ir::{self, Code, Form, Function, Kind, Parameter, Passing, Place, Statement, Var, tokens};
use crate::signature::inert::container_type;
use crate::signature::{self, Returns, Signature, lifetimes, primitives};
use crate::spans::at_call_site;
use flow::Activity;
use rename::{Binding, Names};
use syntax::{ends_in_a_statement, ends_in_no_float};

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
    /// The references that stand as variables in each of these blocks.
    references: Vec<BTreeSet<String>>,
    errors: &'a mut Errors,
}

/// Translates a function.
pub fn lower(item: &ItemFn, signature: &Signature, mut taken: Taken, runtime: &TokenStream, errors: &mut Errors) -> Function {
    let mut item = primitives::plain(lifetimes::unified(item)).into_owned();
    spellings::plain_names(&mut item.block);
    vectors::open(&mut item.block);
    let mut block = (*item.block).clone();
    let parameters: Vec<_> = signature
        .parameters
        .iter()
        .map(|p| (p.name.clone(), Binding { mutable: p.mutable, ty: p.syntax.clone(), receiver: false }))
        .collect();
    for parameter in signature.parameters.iter().rev() {
        if let Some(pattern) = &parameter.pattern {
            let name = &parameter.name;
            block.stmts.insert(0, syn::parse_quote!(let #pattern = #name;));
        }
    }
    items::lift(&mut block, &item, &mut taken, errors);
    alternatives::separate(&mut block);
    effects::separate(&mut block, signature.returns != Returns::Nothing);
    lengths::write(&mut block, &item.sig.output);
    let mut known = known::spelt_otherwise(&block);
    spellings::write_out(&mut block);
    rename::reject_namesakes(&item, errors);
    let this = signature.parameters.iter().find(|p| p.receiver).map(|p| &p.name);
    let mut names = rename::rename(&mut block, &parameters, this, taken);
    names.type_parameters = signature.type_parameters.iter().map(ToString::to_string).collect();
    names.letters_are_parameters = signature.letters_are_parameters;
    names.gives_struct = own::is_result(&item.sig.output, &names);
    // each variable has a name of its own from here on
    let active: Vec<String> = signature.parameters.iter().filter(|p| p.active).map(|p| p.name.to_string()).collect();
    let outside = signature.parameters.iter().filter(|p| !p.active && p.passing == Passing::Mutable);
    let outside = outside.map(|p| p.name.to_string()).collect();
    let callables =
        signature.parameters.iter().filter_map(|p| Some((p.name.to_string(), p.callable.as_ref()?.carries))).collect();
    cursors::count(&mut block, &mut names);
    if cursors::any(&block) || forms::any(&block) || shrinking::any(&block, &names) {
        let activity = flow::analyse(&block, &active, &outside, &callables, &names);
        conditions::take_chains_apart(&mut block, &activity);
        let is_active = |expr: &Expr| activity.item(expr).any();
        known.extend(cursors::write_out(&mut block, &is_active, &mut names, errors));
        known.extend(forms::write(&mut block, &|expr| is_active(expr) && !activity.is_struct(expr), &mut names));
        shrinking::write_out(&mut block, &is_active, &mut names);
    }
    let capitals = called::functions(&block, signature.returns == Returns::Scalar, &|ty| {
        signature::is_scalar(ty, &signature.scalars, signature.member)
    });
    ranges::write_ends(&mut block, &names);
    let rebound = rebound::rebound(&block);
    let mut activity = flow::analyse(&block, &active, &outside, &callables, &names);
    let zero = (signature.returns == Returns::Scalar).then(|| zero(&signature.output, runtime));
    let returned = exits::Returned { ty: Some(&signature.output), zero };
    let mut changed = exits::structure(&mut block, &returned, &activity, &mut names, runtime);
    changed |= once::number(&mut block, &activity, runtime);
    changed |= views::write_out(&mut block, &|name| activity.is_active(name), &mut names, runtime);
    changed |= referents::write_out(&mut block, &|name| activity.is_active(name), &mut names, runtime);
    if changed {
        activity = flow::analyse(&block, &active, &outside, &callables, &names);
    }
    let buffers = flow::buffers(&block, &active, &activity, &names);
    let mut function = Function::new(scalar(signature), signature.sizes.clone(), std::mem::take(&mut names.taken));
    function.stops = stops(&block);
    function.scalar_of_self = signature.scalar_of_self();
    function.letters_are_parameters = signature.letters_are_parameters;
    let mut lowerer = Lowerer::new(function, signature, names, activity, errors);
    lowerer.runtime = runtime.clone();
    lowerer.buffers = buffers;
    lowerer.views = views::lasting(&block);
    lowerer.capitals = capitals;
    lowerer.closures = functions::closures_of(&block);
    lowerer.inits = collected::inits_of(&block);
    lowerer.elements = collected::elements_of(&block);
    lowerer.lent_whole = lent::wholes(&block);
    lowerer.fills = options::fills_of(&block);
    (lowerer.own_functions, lowerer.local_functions) = refused::OwnFunctions::of(&block);
    lowerer.rebound = rebound;
    lowerer.parameters(signature);
    known.extend(known::known(&block, &lowerer.activity));
    lowerer.check_known(known);
    lowerer.body(&block, signature);
    lowerer.check_rebound(signature);
    lowerer.finish()
}

/// A function whose partial derivatives are given, as one operation.
pub fn lower_given(signature: &Signature, partials: &[crate::args::Partial], taken: Taken, errors: &mut Errors) -> Function {
    let function = Function::new(scalar(signature), signature.sizes.clone(), taken);
    let mut lowerer = Lowerer::new(function, signature, Names::default(), Activity::default(), errors);
    lowerer.parameters(signature);
    lowerer.given(signature, partials);
    lowerer.finish()
}

/// The same for second derivatives, with expressions that are differentiated.
pub fn lower_given_twice(
    signature: &Signature,
    partials: &[crate::args::Partial],
    mut taken: Taken,
    runtime: &TokenStream,
    errors: &mut Errors,
) -> Function {
    let (partial_names, mut block) = given::statements(signature, partials, &mut taken);
    vectors::open(&mut block);
    let mut parameters: Vec<_> = signature
        .parameters
        .iter()
        .map(|p| (p.name.clone(), Binding { mutable: p.mutable, ty: p.syntax.clone(), receiver: false }))
        .collect();
    let mut active: Vec<String> = signature.parameters.iter().filter(|p| p.active).map(|p| p.name.to_string()).collect();
    if !active.iter().any(|name| name == "value") {
        parameters.push((Ident::new("value", signature.name.span()), Binding { mutable: false, ty: None, receiver: false }));
        active.push("value".to_owned());
    }
    let this = signature.parameters.iter().find(|p| p.receiver).map(|p| &p.name);
    let mut names = rename::rename(&mut block, &parameters, this, taken);
    names.type_parameters = signature.type_parameters.iter().map(ToString::to_string).collect();
    names.letters_are_parameters = signature.letters_are_parameters;
    let mut activity = flow::analyse(&block, &active, &BTreeSet::new(), &BTreeMap::new(), &names);
    let returned = exits::Returned { ty: Some(&signature.output), zero: Some(zero(&signature.output, runtime)) };
    if exits::structure(&mut block, &returned, &activity, &mut names, runtime) {
        activity = flow::analyse(&block, &active, &BTreeSet::new(), &BTreeMap::new(), &names);
    }
    let mut function = Function::new(scalar(signature), signature.sizes.clone(), std::mem::take(&mut names.taken));
    function.stops = stops(&block);
    let mut lowerer = Lowerer::new(function, signature, names, activity, errors);
    lowerer.parameters(signature);
    lowerer.given_twice(signature, partials, &partial_names, &block);
    lowerer.finish()
}

fn callables(signature: &Signature) -> BTreeMap<String, signature::Callable> {
    let callables = signature.parameters.iter().filter_map(|p| Some((p.name.to_string(), p.callable.clone()?)));
    callables.collect()
}

/// The type parameter that is the function's scalar, if it has one.
pub fn scalar(signature: &Signature) -> Option<Ident> {
    signature.scalars.first().or(signature.member_scalar.as_ref()).cloned()
}

/// Zero in a scalar type.
fn zero(ty: &TokenStream, runtime: &TokenStream) -> TokenStream {
    match ty.to_string().as_str() {
        "f32" | "f64" => quote::quote!(0.0),
        _ => quote::quote!(<#ty as #runtime::Scalar>::ZERO),
    }
}

/// The type of all floats, where the signature has one only, and no other scalars.
fn only_float(signature: &Signature) -> Option<Ident> {
    let mut names = BTreeSet::new();
    let types = signature.parameters.iter().map(|p| p.ty.clone()).chain([signature.output.clone()]);
    types.for_each(|ty| identifiers(ty, &mut names));
    let [single, double] = ["f32", "f64"].map(|name| names.contains(name));
    let name = if single { "f32" } else { "f64" };
    (single != double && scalar(signature).is_none()).then(|| Ident::new(name, Span::call_site()))
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
            references: vec![BTreeSet::new()],
            errors,
        }
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
            let mutable = parameter.mutable || parameter.passing == Passing::Mutable;
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
        self.bound.insert(name.to_string(), Bound::Var(var));
        var
    }

    /// A new variable that holds the value.
    fn temporary(&mut self, wish: &str, kind: Kind, value: ir::Value, span: Span) -> Var {
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
                if matches!(value, ir::Value::Struct { .. } | ir::Value::Array(_) | ir::Value::Tuple(_)) =>
            {
                Some((Place::whole(*var, self.function.variable(*var).name.span()), value.clone()))
            }
            Statement::Assign { place, value } => Some((place.clone(), value.clone())),
            Statement::Push { place, value } => Some((place.then(ir::Step::constant(0)), value.clone())),
            _ => None,
        };
        if let Statement::Let { var, value: Some(value), .. } = &statement
            && matches!(value, ir::Value::Struct { .. } | ir::Value::Array(_) | ir::Value::Tuple(_) | ir::Value::Repeat(..))
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
        self.opened += 1;
        self.open.push(self.opened);
        let result = inside(self);
        self.open.pop();
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

    /// A macro of the user may hide a `return`, `break`, `continue` or `?`, which would leave the forward sweep alone: it is checked
    /// in a closure that never runs, where none of these compile.
    fn check_macros(&mut self, macros: Vec<UnknownMacro>) {
        for UnknownMacro(mac, is_value) in macros {
            let mut code = self.code(&mac, false);
            if is_value {
                let tokens = code.tokens;
                code.tokens = quote::quote!(let _ = #tokens);
            }
            if mac.path.is_ident("include") {
                code.tokens = self.without_variables(&code.tokens);
            }
            self.push(Statement::NoExit(code));
        }
    }

    /// What a file says is read where it is included: there it may name variables, but none of the function is of any use to it.
    fn without_variables(&self, tokens: &TokenStream) -> TokenStream {
        let runtime = &self.runtime;
        let names = self.names.bindings.keys().filter_map(|name| Ident::new_raw_if_keyword(name, Span::call_site()));
        quote::quote!(let [#(#names),*] = #runtime::not_for_included_code(); #tokens)
    }

    /// A method such as `len` of an active value has a result without derivative; a user's own `len` may have another.
    fn check_ends(&mut self, calls: Vec<syn::ExprMethodCall>) {
        for call in calls {
            let mut found = BTreeSet::new();
            rename::variables(call.to_token_stream(), &mut found);
            let known = |name: &String| !self.names.bindings.contains_key(name) || self.bound.contains_key(name);
            if self.is_active(&call.receiver) && found.iter().all(known) {
                let code = self.code(&call, false);
                self.push(Statement::Inert(code));
            }
        }
    }

    /// What is an integer by its use carries no derivative: it is checked that it is one.
    fn check_integers(&mut self, integers: Vec<Expr>) {
        for expr in integers {
            if let Some(place) = self.place(&expr) {
                self.integer(&place);
            }
        }
    }

    /// Copied code: its tokens, and what it reads.
    fn code(&mut self, tokens: &impl ToTokens, repeatable: bool) -> Code {
        let (wrappers, code) = self.code_behind(tokens, repeatable);
        if wrappers.is_empty() { code } else { Code { tokens: after(&wrappers, code.tokens), ..code } }
    }

    /// The same apart from the declarations that have to stand before it.
    fn code_behind(&mut self, tokens: &impl ToTokens, repeatable: bool) -> (TokenStream, Code) {
        let span = first_span(tokens);
        let mut tokens = vectors::close(tokens.to_token_stream());
        let mut found = BTreeSet::new();
        rename::variables(tokens.clone(), &mut found);
        let mut reads = Vec::new();
        let mut repeatable = repeatable;
        // what is named by an inactive pattern may be of a type that is used up, but where it is only borrowed
        let may_move = !borrows(&tokens);
        let mut wrappers = TokenStream::new();
        for name in found {
            let ident = Ident::new_raw_if_keyword(&name, span);
            // what the code binds itself is not known here, and none of its reads
            let Some(bound) = ident.and_then(|ident| self.bound.get(&name).cloned().map(|bound| (ident, bound))) else {
                continue;
            };
            match bound {
                (_, Bound::Var(var)) => {
                    repeatable &= !(self.is_mutable(var) || may_move && self.opaque.contains(&var));
                    reads.push(var);
                }
                (ident, Bound::Reference { place, depth: 0, .. }) if self.may_move(&place) => {
                    // a name for it would take it out of its struct
                    let written = tokens::receiver(&self.function, &place);
                    repeatable &= !(self.is_mutable(place.root) || may_move && self.opaque.contains(&place.root));
                    reads.extend(mentioned(&place));
                    match rename::with_place(&tokens, &name, &written) {
                        Some(substituted) => tokens = substituted,
                        None => wrappers.extend(quote::quote!(let #ident = ::core::clone::Clone::clone(&#written);)),
                    }
                }
                (ident, Bound::Reference { place, depth, .. }) if self.is_mutable(place.root) && is_computed(&tokens) => {
                    // a name outside of the code would stand in the way of what is stored in the place later
                    repeatable = false;
                    reads.extend(mentioned(&place));
                    wrappers.extend(tokens::reference(&self.function, &ident, &place, depth));
                }
                (ident, Bound::Reference { place, depth, .. }) => {
                    repeatable &= !(self.is_mutable(place.root) || may_move && self.opaque.contains(&place.root));
                    let reference = self.reference(&ident, &place, depth);
                    if self.opaque.contains(&place.root) {
                        self.opaque.insert(reference);
                    }
                    reads.push(reference);
                }
                (_, ref bound @ Bound::Tuple(_)) if let Some((substituted, parts)) = self.with_parts(&tokens, &name, bound) => {
                    tokens = substituted;
                    repeatable &= !parts.iter().any(|part| self.is_mutable(*part));
                    reads.extend(parts);
                }
                (ident, bound @ (Bound::Tuple(_) | Bound::Option { .. })) => {
                    repeatable = false;
                    let whole = self.whole_tokens(&bound, &mut reads);
                    let reference = self.tuple_references.contains(&name).then(|| quote::quote!(&));
                    wrappers.extend(quote::quote!(let #ident = #reference #whole;));
                }
                (ident, Bound::Closure(closure)) if functions::is_only_called(&tokens, &name) && !self.changes(&closure) => {
                    repeatable = false;
                    let (before, code) = self.code_behind(&syn::ExprClosure { capture: None, ..*closure }, false);
                    let closure = code.tokens;
                    reads.extend(code.reads);
                    wrappers.extend(quote::quote!(#before let #ident = #closure;));
                }
                (_, Bound::Closure(_)) => {
                    let what = crate::error::unsupported(
                        "a closure that uses an active value",
                        "it is used here other than by a call",
                        "call it, or write a function with `#[differentiable]`",
                    );
                    self.errors.span(span, what);
                }
            }
        }
        (wrappers, Code { tokens, reads, repeatable, span })
    }

    /// The code with the variables that are parts of a tuple, where it names parts alone, and those variables: a copy of the tuple would be gone before what refers to it.
    fn with_parts(&self, tokens: &TokenStream, name: &str, tuple: &Bound) -> Option<(TokenStream, Vec<Var>)> {
        let mut parts = Vec::new();
        let substituted = rename::with_parts(tokens, name, &mut |indices| {
            let (mut bound, mut steps) = (tuple, 0);
            while let (Bound::Tuple(parts), Some(index)) = (bound, indices.get(steps)) {
                (bound, steps) = (parts.get(*index)?, steps + 1);
            }
            let Bound::Var(var) = bound else { return None };
            let variable = self.function.variable(*var);
            parts.push(*var);
            (variable.form == Form::Owned).then(|| (variable.name.to_token_stream(), steps))
        })?;
        Some((substituted, parts))
    }

    /// Whether reading the place by value may take a field out of its struct.
    fn may_move(&self, place: &Place) -> bool {
        self.function.variable(place.root).form == Form::Owned
            && !self.is_plain(place)
            && matches!(place.path.last(), Some(ir::Step::Field(_)))
            && place.path.iter().all(|step| !matches!(step, ir::Step::Index(_)))
    }

    /// The tuple or the `Option` that a name stands for, put together.
    fn whole_tokens(&mut self, bound: &Bound, reads: &mut Vec<Var>) -> TokenStream {
        match bound {
            Bound::Var(var) => {
                reads.push(*var);
                let (runtime, name) = (&self.runtime, &self.function.variable(*var).name);
                match self.function.variable(*var).form {
                    Form::Late => quote::quote!(::core::clone::Clone::clone(#runtime::filled(&#name))),
                    _ => name.to_token_stream(),
                }
            }
            Bound::Reference { place, depth, .. } => {
                let name = self.function.fresh("part", Kind::Inactive, false, Form::Owned, place.span);
                let ident = self.function.variable(name).name.clone();
                let var = self.reference(&ident, place, *depth);
                reads.push(var);
                ident.to_token_stream()
            }
            Bound::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.whole_tokens(part, reads)).collect();
                quote::quote!((#(#parts,)*))
            }
            Bound::Option { some, payload } => {
                // what is not there cannot be named in front: it is written where it is used
                let payload = self.payload_tokens(payload, reads);
                reads.extend(&some.reads);
                let on = &some.tokens;
                quote::quote!(if #on { ::core::option::Option::Some(#payload) } else { ::core::option::Option::None })
            }
            Bound::Closure(_) => TokenStream::new(),
        }
    }

    /// Whether the place is all of a variable that is filled later.
    fn is_late(&self, place: &Place) -> bool {
        place.path.is_empty() && self.function.variable(place.root).form == Form::Late
    }

    fn payload_tokens(&mut self, bound: &Bound, reads: &mut Vec<Var>) -> TokenStream {
        match bound {
            Bound::Reference { place, depth: 0, .. } if self.is_late(place) => self.whole_tokens(&Bound::Var(place.root), reads),
            Bound::Reference { place, depth: depth @ 1.., .. } if self.is_late(place) => {
                reads.push(place.root);
                let (runtime, name) = (&self.runtime, &self.function.variable(place.root).name);
                let ampersands = (1..*depth).map(|_| quote::quote!(&));
                quote::quote!(#(#ampersands)* #runtime::filled(&#name))
            }
            Bound::Reference { place, depth, .. } => {
                reads.extend(mentioned(place));
                let tokens = tokens::receiver(&self.function, place);
                let ampersands = (0..*depth).map(|_| quote::quote!(&));
                quote::quote!(#(#ampersands)* #tokens)
            }
            Bound::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.payload_tokens(part, reads)).collect();
                quote::quote!((#(#parts,)*))
            }
            other => self.whole_tokens(other, reads),
        }
    }

    /// Declares a reference under its name for copied code, once in a scope.
    fn reference(&mut self, name: &Ident, place: &Place, depth: u8) -> Var {
        let text = name.to_string();
        let var = self.reference_variable(name);
        if !self.references.iter().any(|scope| scope.contains(&text)) {
            self.references.last_mut().expect("a scope is open").insert(text);
            let repeatable = !self.is_mutable(place.root);
            let code = Code {
                tokens: tokens::reference(&self.function, name, place, depth),
                reads: mentioned(place),
                repeatable,
                span: place.span,
            };
            self.push(Statement::Code { code, binds: vec![var], writes: Vec::new() });
        }
        var
    }

    fn reference_variable(&mut self, name: &Ident) -> Var {
        let position = self.function.variables.iter().position(|variable| variable.name == *name);
        match position {
            Some(position) => Var(position as u32),
            None => {
                self.function.variables.push(ir::Variable {
                    name: name.clone(),
                    kind: Kind::Inactive,
                    mutable: false,
                    form: Form::Owned,
                });
                Var(self.function.variables.len() as u32 - 1)
            }
        }
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

/// The calls of methods that end a dependence, outside of closures.
#[derive(Default)]
struct Ends(Vec<syn::ExprMethodCall>);

impl<'ast> syn::visit::Visit<'ast> for Ends {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if flow::ENDS.contains(&call.method.to_string().as_str()) {
            self.0.push(call.clone());
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
}

/// The active values that are integers by their use.
struct Integers<'a>(&'a Activity, Vec<Expr>);

impl<'ast> syn::visit::Visit<'ast> for Integers<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if self.0.is_taken_for_integer(expr) {
            self.1.push(expr.clone());
        }
        syn::visit::visit_expr(self, expr);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// The macros in what the visitor sees that are not of the standard library.
#[derive(Default)]
struct UnknownMacros(Vec<UnknownMacro>);

/// A macro, and whether its value is used.
struct UnknownMacro(syn::Macro, bool);

impl<'ast> syn::visit::Visit<'ast> for UnknownMacros {
    fn visit_stmt_macro(&mut self, stmt: &'ast syn::StmtMacro) {
        let before = self.0.len();
        self.visit_macro(&stmt.mac);
        self.0[before..].iter_mut().for_each(|mac| mac.1 = false);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let name = syntax::standard_macro(&mac.path).map(ToString::to_string).unwrap_or_default();
        let known = [
            "vec",
            "dbg",
            "format",
            "format_args",
            "write",
            "writeln",
            "concat",
            "stringify",
            "env",
            "option_env",
            "include_str",
            "include_bytes",
            "line",
            "column",
            "file",
            "module_path",
            "cfg",
            "thread_local",
            "compile_error",
        ];
        if !flow::looks(mac) && !known.contains(&name.as_str()) {
            self.0.push(UnknownMacro(mac.clone(), true));
        }
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
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

/// Whether the type is a single name: a scalar, not an array of them.
fn is_one_name(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Path(_) | syn::Type::ImplTrait(_) => true,
        syn::Type::Paren(paren) => is_one_name(&paren.elem),
        syn::Type::Group(group) => is_one_name(&group.elem),
        _ => false,
    }
}

fn first_span(tokens: &impl ToTokens) -> Span {
    tokens.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

/// The names that a pattern binds, in order.
fn pattern_names(pat: &Pat, into: &mut Vec<Ident>) {
    struct Collect<'a>(&'a mut Vec<Ident>);
    impl<'ast> syn::visit::Visit<'ast> for Collect<'_> {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            if !ident.ident.to_string().starts_with(char::is_uppercase) {
                self.0.push(ident.ident.clone());
            }
            syn::visit::visit_pat_ident(self, ident);
        }
    }
    syn::visit::Visit::visit_pat(&mut Collect(into), pat);
}

/// An identifier of a text that may be a keyword.
trait NewIdent: Sized {
    fn new_raw_if_keyword(text: &str, span: Span) -> Option<Self>;
}

impl NewIdent for Ident {
    fn new_raw_if_keyword(text: &str, span: Span) -> Option<Self> {
        let text = text.strip_prefix("r#").map_or((text, false), |rest| (rest, true));
        if text.1 {
            return Some(Ident::new_raw(text.0, span));
        }
        syn::parse_str::<Ident>(text.0).ok().map(|mut ident| {
            ident.set_span(span);
            ident
        })
    }
}

/// Whether the code is an expression that makes a value, instead of naming what is there.
fn is_computed(tokens: &TokenStream) -> bool {
    syn::parse2::<Expr>(tokens.clone()).is_ok_and(|expr| match syntax::strip(&expr) {
        Expr::Unary(unary) => !matches!(unary.op, syn::UnOp::Deref(_)),
        other => matches!(other, Expr::Binary(_) | Expr::MethodCall(_) | Expr::Call(_) | Expr::Cast(_)),
    })
}

/// An expression, or statements, at the end of a block. What begins with `match` or `if` would end as a statement there. What a statement
/// binds stays outside.
fn after(statements: &TokenStream, tokens: TokenStream) -> TokenStream {
    if let Ok(syn::Stmt::Local(mut local)) = syn::parse2(tokens.clone())
        && let Some(init) = &mut local.init
    {
        for expr in std::iter::once(&mut init.expr).chain(init.diverge.iter_mut().map(|(_, diverge)| diverge)) {
            **expr = Expr::Verbatim(after(statements, expr.to_token_stream()));
        }
        return local.into_token_stream();
    }
    let is_whole = |block: Block| block.stmts.len() == 1;
    let splits = syn::parse2::<Expr>(tokens.clone()).is_ok() && !syn::parse2(quote::quote!({ #tokens })).is_ok_and(is_whole);
    if splits { quote::quote!({ #statements (#tokens) }) } else { quote::quote!({ #statements #tokens }) }
}

/// Whether the code is a shared reference, or a method that gives one, also in a `let`.
fn borrows(tokens: &TokenStream) -> bool {
    let mut tokens: Vec<_> = tokens.clone().into_iter().collect();
    if tokens.first().is_some_and(|first| first.to_string() == "let")
        && let Some(equals) = tokens.iter().position(|token| token.to_string() == "=")
    {
        tokens.drain(..=equals);
        tokens.pop();
    }
    match tokens.as_slice() {
        [proc_macro2::TokenTree::Punct(first), second, ..] if first.as_char() == '&' => second.to_string() != "mut",
        [.., method, proc_macro2::TokenTree::Group(_)] => matches!(method.to_string().as_str(), "as_ref" | "as_deref"),
        _ => false,
    }
}
