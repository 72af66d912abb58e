//! A function's syntax in fewer forms: what [`translate`](super::translate) reads.
//!
//! *In:* a function as `syn` reads it. *Out:* its [`Body`], in which each variable has a name of its own and each block one exit, at its end; and what is
//! known of its variables.
//!
//! The order: [`vectors`] opens `vec!`, [`items`] lifts those of inner blocks, [`alternatives`] separates those of patterns, [`effects`] calls that are there
//! for their effect, [`lengths`] writes those of arrays, [`spellings`] short forms of methods, [`rename`] makes names unique, [`heads`] names what blocks and choices give a loop, [`by_value`] and [`captured`] copy values that change while they are used, [`forms`] and [`cursors`] write
//! iterators without an end and with names, [`shrinking`] slices that lose their first elements, [`ranges`] those with names, [`order`] names
//! indices that are evaluated before what may change them, and [`left_early`] asks iterators that are lent for one item after the other. [`asked`] makes statements of calls of which only something is asked, and [`deferred`] fills late what a loop gives its first value. Then [`exits`] takes
//! [`conditions`] apart, moves jumps to the ends of blocks, and takes [`tuples`] and [`optional`] values apart that they carry, [`once`] numbers indices that do
//! more than arithmetic, and [`views`] and [`referents`] name what references are to.
//!
//! Before all of it stand [`cfgs`], which makes several functions of one with `#[cfg]` inside, and [`lift`], which types the literals of generic functions.

mod alternatives;
mod asked;
mod by_value;
mod captured;
pub mod cfgs;
pub mod conditions;
pub mod cursors;
mod deferred;
mod effects;
mod exits;
pub mod forms;
mod heads;
mod items;
mod left_early;
mod lengths;
pub mod lift;
pub mod once;
mod optional;
mod order;
pub mod ranges;
mod referents;
pub mod rename;
mod shrinking;
pub mod spellings;
mod tuples;
pub mod vectors;
pub mod views;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Block, Expr, ItemFn};

use crate::error::Errors;
use crate::ir::Passing;
use crate::ir::names::Taken;
use crate::lower::facts::flow::Activity;
use crate::lower::facts::known::Name;
use crate::lower::facts::names::{Binding, Names};
use crate::lower::facts::{called, flow, known, moved, own, rebound};
use crate::signature::{self, ParameterSignature, Returns, Signature, lifetimes, primitives};

/// A body in the forms that are translated, and what is known of it.
pub struct Body {
    pub block: Block,
    pub names: Names,
    pub activity: Activity,
    /// Names that are written as something else, and have to mean what they are taken for.
    pub known: Vec<Name>,
    /// Functions whose names begin with a capital.
    pub capitals: BTreeSet<String>,
    /// The names that are assigned as a whole or lent by `&mut`, and where.
    pub rebound: BTreeMap<String, Span>,
    /// Buffers that one function works in.
    pub buffers: BTreeSet<String>,
}

/// Writes the body of a function in these forms.
pub fn body(item: &ItemFn, signature: &Signature, mut taken: Taken, runtime: &TokenStream, errors: &mut Errors) -> Body {
    let mut item = primitives::plain(lifetimes::unified(item)).into_owned();
    spellings::plain_names(&mut item.block);
    vectors::open(&mut item.block);
    let mut block = (*item.block).clone();
    bind_patterns(&mut block, signature);
    items::lift(&mut block, &item, &mut taken, errors);
    alternatives::separate(&mut block);
    effects::separate(&mut block, signature.returns != Returns::Nothing);
    lengths::write(&mut block, &item.sig.output);
    let mut known = known::spelt_otherwise(&block);
    spellings::write_out(&mut block);
    rename::reject_namesakes(&item, errors);
    let mut names = unique_names(&mut block, &parameters(signature), signature, taken);
    names.gives_struct = own::is_result(&item.sig.output, &names);
    // each variable has a name of its own from here on
    let sources = Sources::of(signature);
    heads::write_out(&mut block, &mut names);
    by_value::write_out(&mut block, &names);
    captured::write_out(&mut block, &mut names);
    cursors::count(&mut block, &mut names);
    if cursors::any(&block) || forms::any(&block) || shrinking::any(&block, &names) {
        let activity = sources.flow(&block, &names);
        conditions::take_chains_apart(&mut block, &activity);
        let is_active = |expr: &Expr| activity.item(expr).any();
        known.extend(cursors::write_out(&mut block, &is_active, &mut names, errors));
        known.extend(forms::write(&mut block, &|expr| is_active(expr) && !activity.is_struct(expr), &mut names));
        shrinking::write_out(&mut block, &is_active, &mut names);
    }
    let is_scalar = |ty: &syn::Type| signature::is_scalar(ty, &signature.scalars, signature.member);
    let capitals = called::functions(&block, signature.returns == Returns::Scalar, &is_scalar);
    ranges::write_ends(&mut block, &names);
    let rebound = rebound::rebound(&block);
    order::write_out(&mut block, signature.scalar().is_some(), &mut names);
    let mut activity = sources.flow(&block, &names);
    if left_early::write_out(&mut block, &activity, &mut names, errors) {
        activity = sources.flow(&block, &names);
    }
    if asked::write_out(&mut block, &activity, &mut names) {
        activity = sources.flow(&block, &names);
    }
    if deferred::write_out(&mut block, &activity, &mut names, runtime) {
        activity = sources.flow(&block, &names);
    }
    let mut changed = exits::structure(&mut block, &returned(signature, runtime), &activity, &mut names, runtime);
    changed |= once::number(&mut block, &activity, runtime);
    let mut moved = moved::lists(&block, &|name| activity.is_active(name), &names);
    moved.retain(|name| !is_lent(name, signature)); // a reference is copied, not used up
    names.bindings.iter_mut().filter(|(name, _)| moved.contains(*name)).for_each(|(_, binding)| binding.mutable = true);
    changed |= views::write_out(&mut block, &|name| activity.is_active(name), &moved, &mut names, runtime);
    names.moved = moved;
    changed |= referents::write_out(&mut block, &|name| activity.is_active(name), &mut names, runtime);
    if changed {
        activity = sources.flow(&block, &names);
    }
    let buffers = flow::buffers(&block, &sources.active, &activity, &names);
    Body { block, names, activity, known, capitals, rebound, buffers }
}

/// The same for statements that are made of partial derivatives, which take the result of the function as a further variable.
pub fn of_partials(mut block: Block, signature: &Signature, taken: Taken, runtime: &TokenStream) -> Body {
    vectors::open(&mut block);
    let mut parameters = parameters(signature);
    let mut sources = Sources { active: active(signature), ..Sources::default() };
    if !sources.active.iter().any(|name| name == "value") {
        parameters.push((Ident::new("value", signature.name.span()), Binding { mutable: false, ty: None, receiver: false }));
        sources.active.push("value".to_owned());
    }
    let mut names = unique_names(&mut block, &parameters, signature, taken);
    let mut activity = sources.flow(&block, &names);
    if exits::structure(&mut block, &returned(signature, runtime), &activity, &mut names, runtime) {
        activity = sources.flow(&block, &names);
    }
    let (known, capitals) = (Vec::new(), BTreeSet::new());
    Body { block, names, activity, known, capitals, rebound: BTreeMap::new(), buffers: BTreeSet::new() }
}

/// Where derivatives come from.
#[derive(Default)]
struct Sources {
    active: Vec<String>,
    /// What is changed for the caller outside of `wrt`.
    outside: BTreeSet<String>,
    /// Whether what each function among the parameters gives carries a derivative.
    callables: BTreeMap<String, bool>,
}

impl Sources {
    fn of(signature: &Signature) -> Self {
        let outside = signature.parameters.iter().filter(|p| !p.active && p.passing == Passing::Mutable);
        let callable = |p: &ParameterSignature| Some((p.name.to_string(), p.callable.as_ref()?.carries));
        Self {
            active: active(signature),
            outside: outside.map(|p| p.name.to_string()).collect(),
            callables: signature.parameters.iter().filter_map(callable).collect(),
        }
    }

    fn flow(&self, block: &Block, names: &Names) -> Activity {
        flow::analyse(block, &self.active, &self.outside, &self.callables, names)
    }
}

fn active(signature: &Signature) -> Vec<String> {
    signature.parameters.iter().filter(|p| p.active).map(|p| p.name.to_string()).collect()
}

/// Whether a parameter is a reference: what is written as its type is what it refers to.
fn is_lent(name: &str, signature: &Signature) -> bool {
    let by_reference = |p: &ParameterSignature| matches!(p.passing, Passing::Shared | Passing::Mutable);
    signature.parameters.iter().any(|p| p.name == name && by_reference(p))
}

/// `fn f((a, b): P)` ⟶ `fn f(p: P) { let (a, b) = p; .. }`
fn bind_patterns(block: &mut Block, signature: &Signature) {
    for parameter in signature.parameters.iter().rev() {
        if let Some(pattern) = &parameter.pattern {
            let name = &parameter.name;
            block.stmts.insert(0, syn::parse_quote!(let #pattern = #name;));
        }
    }
}

fn parameters(signature: &Signature) -> Vec<(Ident, Binding)> {
    let binding = |p: &ParameterSignature| Binding { mutable: p.mutable, ty: p.syntax.clone(), receiver: false };
    signature.parameters.iter().map(|p| (p.name.clone(), binding(p))).collect()
}

fn unique_names(block: &mut Block, parameters: &[(Ident, Binding)], signature: &Signature, taken: Taken) -> Names {
    let this = signature.parameters.iter().find(|p| p.receiver).map(|p| &p.name);
    let mut names = rename::rename(block, parameters, this, taken);
    names.type_parameters = signature.type_parameters.iter().map(ToString::to_string).collect();
    names.letters_are_parameters = signature.letters_are_parameters;
    names
}

/// What the function gives, and what that begins with where it is a scalar.
fn returned<'s>(signature: &'s Signature, runtime: &TokenStream) -> exits::Returned<'s> {
    let zero = (signature.returns == Returns::Scalar).then(|| zero(&signature.output, runtime));
    exits::Returned { ty: Some(&signature.output), zero }
}

/// Zero in a scalar type.
fn zero(ty: &TokenStream, runtime: &TokenStream) -> TokenStream {
    match ty.to_string().as_str() {
        "f32" | "f64" => quote::quote!(0.0),
        _ => quote::quote!(<#ty as #runtime::Scalar>::ZERO),
    }
}
