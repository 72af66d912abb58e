//! A function's signature, as far as its derivatives need it.
//!
//! *In:* `fn f<T: Real>(w: &[T; 4], n: usize) -> T` and the attribute's arguments.
//!
//! *Out:* [`Signature`]: which parameters are active, how each is passed, and the tokens that the derivatives' signatures are made of.

mod active;
mod callable;
pub mod inert;
mod letters;
pub mod lifetimes;
mod open_types;
mod parameter;
pub mod primitives;
mod result;
mod scalars;
mod shape;

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{FnArg, GenericParam, ItemFn, Pat, Type};

use crate::args::Args;
use crate::error::{Errors, unsupported, with_help};
use crate::ir::Passing;
use crate::ir::names::{Taken, identifiers};

pub use active::meant;
pub use callable::{CHANGED_BY_A_FUNCTION, Callable, CallableInput};
pub use open_types::name as name_open_types;
pub use result::Returns;
pub use scalars::{bounds_make_scalar, is_scalar};
pub use shape::Shape;

/// A signature.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The function's name.
    pub name: Ident,
    /// The function's name, also where entries are written for another.
    pub original: Ident,
    /// What entries name the function that they are given: nothing that stands in it, or for its derivatives, has this name.
    pub itself: Ident,
    /// The name under which the derivatives stand.
    pub space: Ident,
    /// Its visibility.
    pub visibility: TokenStream,
    /// `cfg` attributes.
    pub cfgs: TokenStream,
    /// Whether it is `unsafe`.
    pub is_unsafe: bool,
    /// Whether it is `const`.
    pub is_const: bool,
    /// The generic parameters with their bounds.
    pub generics: Vec<TokenStream>,
    /// The types and constants among them, as arguments.
    pub generic_arguments: Vec<TokenStream>,
    /// The constant parameters of type `usize`.
    pub sizes: Vec<Ident>,
    /// Whether a path of one letter may be a constant parameter of another type, or of an `impl` around.
    pub letters_are_parameters: bool,
    /// The `where` predicates.
    pub predicates: Vec<TokenStream>,
    /// The type parameters that are scalars.
    pub scalars: Vec<Ident>,
    /// What may be the scalar of an `impl` around.
    pub member_scalar: Option<Ident>,
    /// Whether there are type parameters that are no scalars, or `impl` types.
    pub other_generics: bool,
    /// The parameters.
    pub parameters: Vec<ParameterSignature>,
    /// The return type.
    pub output: TokenStream,
    /// How the scalars lie in the result, where it is a scalar, arrays or a tuple of scalars.
    pub shape: Option<Shape>,
    /// The type parameters.
    pub type_parameters: Vec<Ident>,
    /// What is returned.
    pub returns: Returns,
    /// Whether it has second derivatives.
    pub second_order: bool,
    /// Whether it says that what it calls may call it.
    pub recursive: bool,
    /// Whether it stands in an `impl`.
    pub member: bool,
    /// Whether it calls the attribute's function in a method's form.
    pub receiver: bool,
}

/// A parameter in a signature.
#[derive(Clone, Debug)]
pub struct ParameterSignature {
    /// Its name; for a pattern a new one, for a receiver `self`.
    pub name: Ident,
    /// The pattern, where it is no plain name.
    pub pattern: Option<Pat>,
    /// Declared `mut`.
    pub mutable: bool,
    /// The type as written.
    pub ty: TokenStream,
    /// The type without its reference.
    pub inner: TokenStream,
    /// The type as syntax.
    pub syntax: Option<Type>,
    /// For slices the type of the elements.
    pub element: Option<TokenStream>,
    /// How it is passed.
    pub passing: Passing,
    /// Whether it is differentiated.
    pub active: bool,
    /// Whether it is the receiver.
    pub receiver: bool,
    /// Whether all of it is scalars, by its written type.
    pub scalars_alone: bool,
    /// Whether it may hold structs, whose fields may be skipped.
    pub holds_structs: bool,
    /// How they lie, where it is a scalar or arrays.
    pub shape: Option<Shape>,
    /// What it takes and gives, where it is a function.
    pub callable: Option<Callable>,
    /// Where it stands.
    pub span: Span,
}

impl Signature {
    /// The type parameter that is the function's scalar, if it has one: of what is differentiated, where that says.
    pub fn scalar(&self) -> Option<Ident> {
        let mut names = BTreeSet::new();
        let active = self.parameters.iter().filter(|parameter| parameter.active);
        active.for_each(|parameter| identifiers(parameter.ty.clone(), &mut names));
        identifiers(self.output.clone(), &mut names);
        let is_written = |scalar: &&Ident| names.contains(&scalar.to_string());
        let is_float = names.contains("f32") || names.contains("f64");
        let first = self.scalars.first().filter(|_| !is_float);
        self.scalars.iter().find(is_written).or(first).or(self.member_scalar.as_ref()).cloned()
    }

    /// The shape of the result, where the function has a Jacobian.
    pub fn jacobian_rows(&self) -> Option<&Shape> {
        let rows = self.shape.as_ref().filter(|shape| !matches!(shape, Shape::Scalar))?;
        let active = self.parameters.iter().filter(|p| p.active);
        active.clone().all(|p| p.shape.is_some() && p.passing != Passing::Mutable).then_some(rows)
    }

    /// Whether its numbers are of the scalar of `Self`, as no type that it is written with says what they are.
    pub fn scalar_of_self(&self) -> bool {
        let active = || self.parameters.iter().filter(|parameter| parameter.active);
        let mut names = BTreeSet::new();
        active().for_each(|parameter| identifiers(parameter.ty.clone(), &mut names));
        identifiers(self.output.clone(), &mut names);
        let says = ["f32", "f64"].iter().any(|name| names.contains(*name));
        let of_self = names.contains("Self") || active().any(|parameter| parameter.receiver);
        self.member && self.scalars.is_empty() && self.member_scalar.is_none() && !says && of_self
    }
}

/// Derivatives are in numbers of one type: a float that is written beside a scalar of the function's own is an error, where both are differentiated.
fn reject_two_scalars(parameters: &[ParameterSignature], scalars: &[Ident], output: &syn::ReturnType, errors: &mut Errors) {
    let mentions = |tokens: TokenStream| {
        let mut names = BTreeSet::new();
        identifiers(tokens, &mut names);
        names
    };
    let active = || parameters.iter().filter(|parameter| parameter.active && parameter.callable.is_none());
    let types = active().map(|parameter| parameter.ty.clone()).chain([output.to_token_stream()]);
    let names: BTreeSet<String> = types.flat_map(mentions).collect();
    let Some(scalar) = scalars.iter().find(|scalar| names.contains(&scalar.to_string())) else { return };
    for parameter in active() {
        let names = mentions(parameter.ty.clone());
        if let Some(float) = ["f32", "f64"].into_iter().find(|float| names.contains(*float)) {
            let name = &parameter.name;
            let what = format!("`{name}` is differentiated as an `{float}`, beside numbers of the type `{scalar}`");
            let help = format!("write `{scalar}` for `{float}`, or leave `{name}` out of `wrt(..)`");
            errors.at(&parameter.syntax, with_help(&what, &help));
        }
    }
}

/// Reads the signature.
pub fn read(item: &ItemFn, args: &Args, taken: &mut Taken, errors: &mut Errors) -> Signature {
    let item = &*primitives::plain(lifetimes::unified(item));
    let sig = &item.sig;
    reject_forms(item, errors);
    let member = args.associated || sig.receiver().is_some() || mentions_self(item);
    let scalars = scalars::of(item);
    let is_function = |ty: &Type| matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|name| callable::fn_bound_of(&sig.generics, &name.to_string()).is_some()));
    let structs = letters::structs(item);
    let is_struct = |ty: &Type| matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|name| structs.contains(&name.to_string())));
    let is_scalar = |ty: &Type| !is_function(ty) && !is_struct(ty) && is_scalar(ty, &scalars, member);
    let hides = (!member).then_some(&sig.ident);
    let mut parameters: Vec<_> =
        sig.inputs.iter().enumerate().map(|(i, arg)| parameter::read(i, arg, hides, args, &is_scalar, taken, errors)).collect();
    callable::find(item, &mut parameters, &is_scalar, taken, errors);
    active::activate(&mut parameters, args, sig, errors);
    callable::activate_inputs(&mut parameters);
    reject_two_scalars(&parameters, &scalars, &sig.output, errors);
    let shape = shape::of_result(&sig.output, &is_scalar);
    let (output, returns) = result::output(&sig.output, &is_scalar, errors);
    reject_nothing(sig, &parameters, returns, errors);
    reject_names_of_crates(sig, args, member, errors);
    let attributes = item.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    Signature {
        name: sig.ident.clone(),
        original: sig.ident.clone(),
        itself: name_of_itself(item, args, taken.clone()),
        space: args.name.clone().unwrap_or_else(|| sig.ident.clone()),
        visibility: item.vis.to_token_stream(),
        cfgs: attributes.map(ToTokens::to_token_stream).collect(),
        is_unsafe: !matches!(sig.safety, syn::Safety::Default),
        is_const: sig.constness.is_some(),
        generics: sig.generics.params.iter().map(without_default).collect(),
        generic_arguments: generic_arguments(&sig.generics),
        sizes: sig.generics.const_params().filter(|param| is_usize(&param.ty)).map(|param| param.ident.clone()).collect(),
        letters_are_parameters: member || sig.generics.const_params().any(|param| !is_usize(&param.ty)),
        predicates: sig
            .generics
            .where_clause
            .iter()
            .flat_map(|clause| &clause.predicates)
            .map(ToTokens::to_token_stream)
            .collect(),
        other_generics: sig.generics.type_params().any(|param| !scalars.contains(&param.ident)) || has_impl_type(item),
        scalars,
        member_scalar: letters::scalar(item).filter(|_| member),
        parameters,
        shape,
        type_parameters: sig.generics.type_params().map(|param| param.ident.clone()).collect(),
        output,
        returns,
        second_order: args.second_order,
        recursive: args.recursive,
        member,
        receiver: sig.receiver().is_some(),
    }
}

/// A name beside those that are taken, and those in what the attribute is given.
fn name_of_itself(item: &ItemFn, args: &Args, mut taken: Taken) -> Ident {
    identifiers(item.sig.to_token_stream(), &mut taken);
    [&args.vjp, &args.jvp].into_iter().for_each(|path| identifiers(path.to_token_stream(), &mut taken));
    args.partials.iter().flatten().for_each(|partial| identifiers(partial.expr.to_token_stream(), &mut taken));
    Ident::new(&taken.fresh("function"), item.sig.ident.span())
}

fn reject_forms(item: &ItemFn, errors: &mut Errors) {
    let sig = &item.sig;
    if let Some(token) = &sig.asyncness {
        errors.at(
            token,
            unsupported(
                "an `async` function",
                "it does not run when it is called",
                "move the numeric part into a function of its own",
            ),
        );
    }
    if let Some(abi) = &sig.abi {
        errors.at(
            abi,
            unsupported(
                "an `extern` function",
                "its derivatives take and give what only Rust can pass",
                "annotate a plain function, and call it from this one",
            ),
        );
    }
}

fn reject_names_of_crates(sig: &syn::Signature, args: &Args, member: bool, errors: &mut Errors) {
    if args.name.is_none() && !member && (sig.ident == "core" || sig.ident == "std" || sig.ident == "alloc") {
        let what = format!("the type of the derivatives would be named `{}`, and hide the crate of that name", sig.ident);
        errors.span(sig.ident.span(), with_help(&what, "name it otherwise, as in `#[differentiable(name = Derivatives)]`"));
    }
}

fn reject_nothing(sig: &syn::Signature, parameters: &[ParameterSignature], returns: Returns, errors: &mut Errors) {
    if parameters.iter().any(|p| p.active)
        && returns == Returns::Nothing
        && !parameters.iter().any(|p| p.active && p.passing == Passing::Mutable)
    {
        let what = "there is nothing to differentiate: the function returns nothing and has no active `&mut` parameter";
        errors.span(sig.ident.span(), with_help(what, "return a scalar, or name a `&mut` parameter in `wrt(..)`"));
    }
}

fn mentions_self(item: &ItemFn) -> bool {
    fn search(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            proc_macro2::TokenTree::Ident(ident) => ident == "Self",
            proc_macro2::TokenTree::Group(group) => search(group.stream()),
            _ => false,
        })
    }
    let outside_items = item.block.stmts.iter().filter(|stmt| !matches!(stmt, syn::Stmt::Item(_)));
    search(item.sig.to_token_stream()) || outside_items.into_iter().any(|stmt| search(stmt.to_token_stream()))
}

fn has_impl_type(item: &ItemFn) -> bool {
    item.sig.inputs.iter().any(|arg| matches!(arg, FnArg::Typed(typed) if matches!(*typed.ty, Type::ImplTrait(_))))
}

fn without_default(param: &GenericParam) -> TokenStream {
    let mut param = param.clone();
    match &mut param {
        GenericParam::Type(param) => param.default = None,
        GenericParam::Const(param) => param.default = None,
        GenericParam::Lifetime(_) => {}
    }
    param.to_token_stream()
}

fn is_usize(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("usize"))
}

fn generic_arguments(generics: &syn::Generics) -> Vec<TokenStream> {
    let argument = |param: &GenericParam| match param {
        GenericParam::Type(param) => Some(param.ident.to_token_stream()),
        GenericParam::Const(param) => {
            // without braces it would be a type of that name, where there is one
            let name = &param.ident;
            Some(quote!({ #name }))
        }
        GenericParam::Lifetime(_) => None,
    };
    generics.params.iter().filter_map(argument).collect()
}
