//! A function's signature, as far as its derivatives need it.
//!
//! *In:* `fn f<T: Real>(w: &[T; 4], n: usize) -> T` and the attribute's arguments.
//!
//! *Out:* [`Signature`]: which parameters are active, how each is passed, and the tokens that the derivatives' signatures are made of.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{FnArg, GenericParam, ItemFn, Pat, ReceiverKind, ReturnType, Type, TypeParamBound, WherePredicate};

use crate::args::Args;
use crate::diff::line::Tree;
use crate::error::{Errors, nearest, unsupported, with_help};
use crate::ir::Passing;
use crate::ir::names::Taken;

use super::flow::is_integer;
use super::refused::{container_type, in_container};
use super::{letters, lifetimes};

/// A signature.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The function's name.
    pub name: Ident,
    /// The function's name, also where entries are written for another.
    pub original: Ident,
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

/// How the scalars lie in a type that is made of scalars and arrays.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A scalar.
    Scalar,
    /// An array of a length.
    Array(Box<Shape>, TokenStream),
    /// A tuple of so many scalars.
    Tuple(usize),
}

impl Shape {
    /// The number of elements of an array, or of a tuple, where it is a literal.
    pub fn length(&self) -> Option<usize> {
        match self {
            Self::Scalar => None,
            Self::Array(_, length) => {
                let text = length.to_string().replace('_', "");
                text.strip_suffix("usize").unwrap_or(&text).parse().ok()
            }
            Self::Tuple(count) => Some(*count),
        }
    }

    /// The number of scalars, where the lengths are literals.
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Scalar => Some(1),
            Self::Array(element, _) => self.length()?.checked_mul(element.count()?),
            Self::Tuple(count) => Some(*count),
        }
    }

    /// How the scalars lie, where the lengths are literals and the scalars are few.
    pub fn layout(&self) -> Option<Tree<()>> {
        const MOST: usize = 64;
        self.count().filter(|count| *count <= MOST)?;
        Some(match self {
            Self::Scalar => Tree::Leaf(()),
            Self::Array(element, _) => Tree::Node(vec![element.layout()?; self.length()?]),
            Self::Tuple(count) => Tree::Node(vec![Tree::Leaf(()); *count]),
        })
    }
}

impl Signature {
    /// The shape of the result, where the function has a Jacobian.
    pub fn jacobian_rows(&self) -> Option<&Shape> {
        let rows = self.shape.as_ref().filter(|shape| !matches!(shape, Shape::Scalar))?;
        let active = self.parameters.iter().filter(|p| p.active);
        active.clone().all(|p| p.shape.is_some() && p.passing != Passing::Mutable).then_some(rows)
    }
}

/// What a function returns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Returns {
    /// Nothing.
    Nothing,
    /// A scalar.
    Scalar,
    /// Something else that holds scalars.
    Space,
}

/// Every identifier of the function.
pub fn identifiers(function: &ItemFn) -> Taken {
    let mut taken = Taken::default();
    super::rename::identifiers(function.to_token_stream(), &mut taken);
    taken
}

/// Gives each `impl Trait` of the parameters a name: a type parameter, so that literals and derivatives can name the type. Says whether there is
/// one.
pub fn name_types(item: &mut ItemFn) -> bool {
    let is_open = |arg: &FnArg| match arg {
        FnArg::Typed(typed) => match &*typed.ty {
            Type::Reference(reference) => matches!(*reference.elem, Type::ImplTrait(_)),
            other => matches!(other, Type::ImplTrait(_)),
        },
        FnArg::Receiver(_) => false,
    };
    if !item.sig.inputs.iter().any(is_open) {
        return false;
    }
    let mut taken = identifiers(item);
    let mut added: Vec<GenericParam> = Vec::new();
    for arg in &mut item.sig.inputs {
        let FnArg::Typed(typed) = arg else { continue };
        let ty = match &mut *typed.ty {
            Type::Reference(reference) => &mut *reference.elem,
            other => other,
        };
        if let Type::ImplTrait(impls) = ty {
            let wish = match () {
                () if bounds_make_scalar(&impls.bounds) => "R",
                () if fn_bound(&impls.bounds).is_some() => "Function",
                () => "Argument",
            };
            let name = Ident::new(&taken.fresh(wish), Span::mixed_site().located_at(impls.impl_token.span));
            let bounds = &impls.bounds;
            added.push(syn::parse_quote!(#name: #bounds));
            *ty = syn::parse_quote!(#name);
        }
    }
    item.sig.generics.lt_token.get_or_insert_with(Default::default);
    item.sig.generics.gt_token.get_or_insert_with(Default::default);
    item.sig.generics.params.extend(added);
    true
}

impl Signature {
    /// Whether its numbers are of the scalar of `Self`, as no type that it is written with says what they are.
    pub fn scalar_of_self(&self) -> bool {
        let active = || self.parameters.iter().filter(|parameter| parameter.active);
        let mut names = BTreeSet::new();
        active().for_each(|parameter| super::rename::identifiers(parameter.ty.clone(), &mut names));
        super::rename::identifiers(self.output.clone(), &mut names);
        let says = ["f32", "f64"].iter().any(|name| names.contains(*name));
        let of_self = names.contains("Self") || active().any(|parameter| parameter.receiver);
        self.member && self.scalars.is_empty() && self.member_scalar.is_none() && !says && of_self
    }
}

/// A parameter that is called: what it takes and gives.
#[derive(Clone, Debug)]
pub struct Callable {
    /// The parameter that follows it in derivatives: its `vjp`.
    pub companion: Ident,
    /// Its forward mode, in hidden entries.
    pub tangent: Ident,
    /// The forward mode of its reverse mode, in hidden entries.
    pub second: Ident,
    /// What it takes.
    pub inputs: Vec<CallableInput>,
    /// The type of its result.
    pub output: TokenStream,
    /// Whether that is a scalar.
    pub gives_scalar: bool,
    /// Whether its result may carry a derivative.
    pub carries: bool,
}

/// What a function that is a parameter is called with.
#[derive(Clone, Debug)]
pub struct CallableInput {
    /// The type.
    pub ty: TokenStream,
    /// The type without its reference.
    pub inner: TokenStream,
    /// Whether it goes by shared reference.
    pub is_reference: bool,
    /// Whether it is a slice.
    pub is_slice: bool,
    /// Whether it is differentiated: by its type it is scalars alone, or it is of the type of an active parameter.
    pub active: bool,
}

/// `Fn(A, B) -> C` among the bounds.
fn fn_bound(bounds: &Punctuated<TypeParamBound, syn::Token![+]>) -> Option<&syn::ParenthesizedGenericArguments> {
    bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => match bound.path.segments.last() {
            Some(segment) if segment.ident == "Fn" => match &segment.arguments {
                syn::PathArguments::Parenthesized(arguments) => Some(arguments),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// What is said where a function that is a parameter would change an active argument.
pub(super) const CHANGED_BY_A_FUNCTION: &str = "a function that is a parameter and changes an active argument is not supported";

/// Finds the parameters whose types are functions.
fn find_callables(
    item: &ItemFn,
    parameters: &mut [ParameterSignature],
    is_scalar: &dyn Fn(&Type) -> bool,
    taken: &mut Taken,
    errors: &mut Errors,
) {
    for parameter in parameters.iter_mut() {
        let Some(bound) = fn_bound_of(&item.sig.generics, &parameter.inner.to_string()) else { continue };
        for input in &bound.inputs {
            if let Type::Reference(reference) = &input.ty
                && reference.mutability.is_some()
                && scalars_alone(&reference.elem, is_scalar)
            {
                errors.at(reference, with_help(CHANGED_BY_A_FUNCTION, "let the function return what it changes"));
            }
        }
        let inputs = bound.inputs.iter().map(|input| {
            let (inner, is_reference) = match &input.ty {
                Type::Reference(reference) => (&*reference.elem, true),
                other => (other, false),
            };
            CallableInput {
                ty: input.ty.to_token_stream(),
                inner: inner.to_token_stream(),
                is_reference,
                is_slice: matches!(inner, Type::Slice(_)),
                active: scalars_alone(inner, is_scalar),
            }
        });
        let (output, gives_scalar, carries) = match &bound.output {
            ReturnType::Type(_, ty) => (ty.to_token_stream(), is_scalar(ty), no_space(ty).is_none()),
            ReturnType::Default => (quote!(()), false, false),
        };
        let mut name = |suffix: &str| Ident::new(&taken.fresh(&format!("{}_{suffix}", parameter.name)), parameter.span);
        let (companion, tangent, second) = (name("vjp"), name("jvp"), name("vjp_jvp"));
        let inputs = inputs.collect();
        parameter.callable = Some(Callable { companion, tangent, second, inputs, output, gives_scalar, carries });
    }
}

/// What functions are called with is differentiated where it is of the type of a parameter that is, as a struct.
fn activate_inputs(parameters: &mut [ParameterSignature]) {
    let active = parameters.iter().filter(|parameter| parameter.active);
    let spaces: BTreeSet<String> =
        active.filter_map(|parameter| Some(parameter.syntax.as_ref()?.to_token_stream().to_string())).collect();
    for callable in parameters.iter_mut().filter_map(|parameter| parameter.callable.as_mut()) {
        for input in &mut callable.inputs {
            input.active |= spaces.contains(&input.inner.to_string());
        }
    }
}

/// The `Fn` bound of a type parameter, in angle brackets or in `where`.
fn fn_bound_of<'a>(generics: &'a syn::Generics, name: &str) -> Option<&'a syn::ParenthesizedGenericArguments> {
    let param = generics.type_params().find(|param| param.ident == name)?;
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let in_where = predicates.filter_map(|predicate| match predicate {
        WherePredicate::Type(predicate) if matches!(&predicate.bounded_ty, Type::Path(path) if path.path.is_ident(name)) => {
            Some(&predicate.bounds)
        }
        _ => None,
    });
    fn_bound(&param.bounds).or_else(|| in_where.filter_map(fn_bound).next())
}

/// Reads the signature.
pub fn read(item: &ItemFn, args: &Args, taken: &mut Taken, errors: &mut Errors) -> Signature {
    let item = &*lifetimes::unified(item);
    let sig = &item.sig;
    reject_forms(item, errors);
    let member = args.associated || sig.receiver().is_some() || mentions_self(item);
    let scalars = scalar_parameters(item);
    let is_function = |ty: &Type| matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|name| fn_bound_of(&sig.generics, &name.to_string()).is_some()));
    let structs = letters::structs(item);
    let is_struct = |ty: &Type| matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|name| structs.contains(&name.to_string())));
    let is_scalar = |ty: &Type| !is_function(ty) && !is_struct(ty) && is_scalar(ty, &scalars, member);
    let mut parameters: Vec<_> =
        sig.inputs.iter().enumerate().map(|(i, arg)| parameter(i, arg, args, &is_scalar, taken, errors)).collect();
    find_callables(item, &mut parameters, &is_scalar, taken, errors);
    activate(&mut parameters, args, sig, errors);
    activate_inputs(&mut parameters);
    let shape = result_shape(&sig.output, &is_scalar);
    let (output, returns) = output(&sig.output, &is_scalar, errors);
    if parameters.iter().any(|p| p.active)
        && returns == Returns::Nothing
        && !parameters.iter().any(|p| p.active && p.passing == Passing::Mutable)
    {
        let what = "there is nothing to differentiate: the function returns nothing and has no active `&mut` parameter";
        errors.span(sig.ident.span(), with_help(what, "return a scalar, or name a `&mut` parameter in `wrt(..)`"));
    }
    if args.name.is_none() && !member && (sig.ident == "core" || sig.ident == "std" || sig.ident == "alloc") {
        let what = format!("the type of the derivatives would be named `{}`, and hide the crate of that name", sig.ident);
        errors.span(sig.ident.span(), with_help(&what, "name it otherwise, as in `#[differentiable(name = Derivatives)]`"));
    }
    let attributes = item.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    Signature {
        name: sig.ident.clone(),
        original: sig.ident.clone(),
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

/// Whether the bounds make a type a scalar.
pub fn bounds_make_scalar<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> bool {
    bounds.into_iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|segment| segment.ident == "Real" || segment.ident == "Scalar")
        }
        _ => false,
    })
}

fn scalar_parameters(item: &ItemFn) -> Vec<Ident> {
    let generics = &item.sig.generics;
    let mut scalars: Vec<Ident> =
        generics.type_params().filter(|param| bounds_make_scalar(&param.bounds)).map(|param| param.ident.clone()).collect();
    for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        if let WherePredicate::Type(predicate) = predicate
            && let Type::Path(path) = &predicate.bounded_ty
        {
            match path.path.get_ident() {
                Some(name) if bounds_make_scalar(&predicate.bounds) && !scalars.contains(name) => scalars.push(name.clone()),
                _ => {}
            }
        }
    }
    scalars
}

pub(super) fn is_scalar(ty: &Type, scalars: &[Ident], member: bool) -> bool {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.get_ident().is_some_and(|name| {
            let text = name.to_string();
            text == "f32" || text == "f64" || scalars.contains(name) || (member && letters::is_letter(name))
        }),
        Type::ImplTrait(impls) => bounds_make_scalar(&impls.bounds),
        Type::Paren(paren) => is_scalar(&paren.elem, scalars, member),
        Type::Group(group) => is_scalar(&group.elem, scalars, member),
        _ => false,
    }
}

fn scalars_alone(ty: &Type, is_scalar: &dyn Fn(&Type) -> bool) -> bool {
    match ty {
        Type::Array(array) => scalars_alone(&array.elem, is_scalar),
        Type::Slice(slice) => scalars_alone(&slice.elem, is_scalar),
        Type::Tuple(tuple) => !tuple.elems.is_empty() && tuple.elems.iter().all(|elem| scalars_alone(elem, is_scalar)),
        Type::Paren(paren) => scalars_alone(&paren.elem, is_scalar),
        Type::Group(group) => scalars_alone(&group.elem, is_scalar),
        other => is_scalar(other),
    }
}

/// Whether a type is neither made of scalars alone nor of `Vec`s of such.
fn holds_structs(ty: &Type, is_scalar: &dyn Fn(&Type) -> bool) -> bool {
    match ty {
        Type::Array(array) => holds_structs(&array.elem, is_scalar),
        Type::Slice(slice) => holds_structs(&slice.elem, is_scalar),
        Type::Tuple(tuple) => tuple.elems.iter().any(|elem| holds_structs(elem, is_scalar)),
        Type::Paren(paren) => holds_structs(&paren.elem, is_scalar),
        Type::Group(group) => holds_structs(&group.elem, is_scalar),
        Type::Path(path) if !is_scalar(ty) => match path.path.segments.last() {
            Some(last) if last.ident == "Vec" => match &last.arguments {
                syn::PathArguments::AngleBracketed(generics) => generics
                    .args
                    .iter()
                    .any(|argument| matches!(argument, syn::GenericArgument::Type(inner) if holds_structs(inner, is_scalar))),
                _ => true,
            },
            _ => true,
        },
        other => !is_scalar(other),
    }
}

fn shape(ty: &Type, is_scalar: &dyn Fn(&Type) -> bool) -> Option<Shape> {
    match ty {
        Type::Array(array) => Some(Shape::Array(Box::new(shape(&array.elem, is_scalar)?), array.len.to_token_stream())),
        Type::Paren(paren) => shape(&paren.elem, is_scalar),
        Type::Group(group) => shape(&group.elem, is_scalar),
        other => is_scalar(other).then_some(Shape::Scalar),
    }
}

/// The shape of a result, which may be a tuple of scalars as well.
fn result_shape(output: &ReturnType, is_scalar: &dyn Fn(&Type) -> bool) -> Option<Shape> {
    match output {
        ReturnType::Type(_, ty) => match &**ty {
            Type::Tuple(tuple) if !tuple.elems.is_empty() && tuple.elems.iter().all(is_scalar) => {
                Some(Shape::Tuple(tuple.elems.len()))
            }
            other => shape(other, is_scalar),
        },
        ReturnType::Default => None,
    }
}

fn inner_reference(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) => Some(&*reference.elem),
        Type::Array(array) => inner_reference(&array.elem),
        Type::Slice(slice) => inner_reference(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(inner_reference),
        Type::Paren(paren) => inner_reference(&paren.elem),
        Type::Group(group) => inner_reference(&group.elem),
        _ => None,
    }
}

fn parameter(
    index: usize,
    arg: &FnArg,
    args: &Args,
    is_scalar: &dyn Fn(&Type) -> bool,
    taken: &mut Taken,
    errors: &mut Errors,
) -> ParameterSignature {
    match arg {
        FnArg::Receiver(receiver) => receiver_parameter(receiver, errors),
        FnArg::Typed(typed) => {
            let (passing, inner) = match &*typed.ty {
                Type::Reference(reference) if reference.mutability.is_some() => (Passing::Mutable, &*reference.elem),
                Type::Reference(reference) => (Passing::Shared, &*reference.elem),
                other if is_scalar(other) => (Passing::Scalar, other),
                other => (Passing::Owned, other),
            };
            let (name, pattern, mutable) = match &*typed.pat {
                Pat::Ident(ident) if ident.subpat.is_none() && ident.by_ref.is_none() => {
                    (ident.ident.clone(), None, ident.mutability.is_some())
                }
                other => {
                    let name = taken.fresh(&format!("argument_{index}"));
                    (Ident::new(&name, Span::mixed_site()), Some(other.clone()), false)
                }
            };
            let element = match inner {
                Type::Slice(slice) => Some(slice.elem.to_token_stream()),
                _ => None,
            };
            let alone = scalars_alone(inner, is_scalar);
            let is_outside = pattern.is_none() && args.wrt.as_ref().is_some_and(|wrt| !wrt.contains(&name));
            if !is_outside && alone_but_for_references(inner, is_scalar) && inner_reference(inner).is_some() {
                errors.at(
                    &typed.ty,
                    unsupported(
                        "a reference inside of another type",
                        "its adjoint would have to be one as well",
                        "write the reference outermost, or pass the parts as parameters of their own",
                    ),
                );
            }
            ParameterSignature {
                span: name.span(),
                name,
                pattern,
                mutable,
                ty: typed.ty.to_token_stream(),
                inner: inner.to_token_stream(),
                syntax: Some(inner.clone()),
                element,
                passing,
                active: alone,
                receiver: false,
                scalars_alone: alone,
                holds_structs: holds_structs(inner, is_scalar),
                shape: shape(inner, is_scalar),
                callable: None,
            }
        }
    }
}

fn alone_but_for_references(ty: &Type, is_scalar: &dyn Fn(&Type) -> bool) -> bool {
    match ty {
        Type::Reference(reference) => alone_but_for_references(&reference.elem, is_scalar),
        Type::Array(array) => alone_but_for_references(&array.elem, is_scalar),
        Type::Slice(slice) => alone_but_for_references(&slice.elem, is_scalar),
        Type::Tuple(tuple) => !tuple.elems.is_empty() && tuple.elems.iter().all(|elem| alone_but_for_references(elem, is_scalar)),
        other => is_scalar(other),
    }
}

fn receiver_parameter(receiver: &syn::Receiver, errors: &mut Errors) -> ParameterSignature {
    let (passing, ty) = match &receiver.kind {
        ReceiverKind::Value => (Passing::Owned, quote!(Self)),
        ReceiverKind::Reference(_, lifetime, None) => (Passing::Shared, quote!(& #lifetime Self)),
        ReceiverKind::Reference(_, lifetime, Some(_)) => (Passing::Mutable, quote!(& #lifetime mut Self)),
        _ => {
            let what = unsupported(
                "a receiver with a written type",
                "what it points to is not known",
                "write `self`, `&self` or `&mut self`",
            );
            errors.at(receiver, what);
            (Passing::Owned, quote!(Self))
        }
    };
    ParameterSignature {
        name: receiver
            .self_token
            .to_token_stream()
            .into_iter()
            .next()
            .map_or_else(|| format_ident!("this"), |token| Ident::new("this", token.span())),
        pattern: None,
        mutable: receiver.mutability.is_some(),
        ty,
        inner: quote!(Self),
        syntax: None,
        element: None,
        passing,
        active: false,
        receiver: true,
        scalars_alone: false,
        holds_structs: true,
        shape: None,
        callable: None,
        span: receiver.self_token.span,
    }
}

/// Sets which parameters are active, by `wrt(..)` or by their types.
fn activate(parameters: &mut [ParameterSignature], args: &Args, sig: &syn::Signature, errors: &mut Errors) {
    let (unbound, iterators) = (unbound(&sig.generics), iterators(&sig.generics));
    let is_unbound = |p: &ParameterSignature| unbound.iter().any(|ty| **ty == p.inner.to_string());
    if let Some(wrt) = &args.wrt {
        parameters.iter_mut().for_each(|parameter| parameter.active = false);
        let mut seen: Vec<String> = Vec::new();
        for wanted in wrt {
            let text = wanted.to_string();
            if seen.contains(&text) {
                errors.span(wanted.span(), with_help(&format!("`{text}` is named twice in `wrt(..)`"), "leave one of them out"));
            }
            let same = |p: &&mut ParameterSignature| p.pattern.is_none() && (p.name == text || p.receiver && text == "self");
            match parameters.iter_mut().find(same) {
                Some(parameter) if parameter.syntax.as_ref().is_some_and(is_integer) => {
                    let what = format!("`{text}` cannot be differentiated: its type is no float and holds none");
                    errors.span(
                        wanted.span(),
                        with_help(
                            &what,
                            "name parameters of scalars, arrays of scalars, or structs that derive `Differentiable`",
                        ),
                    );
                }
                Some(parameter) if parameter.syntax.as_ref().and_then(no_parameter).is_some() => {
                    let (why, help) = parameter.syntax.as_ref().and_then(no_parameter).expect("it has one");
                    errors.span(wanted.span(), unsupported(&format!("`{text}`"), why, help));
                }
                Some(parameter) if iterators.iter().any(|ty| *ty == parameter.inner.to_string()) => {
                    let why = "what an iterator gives has no place, and so no adjoint";
                    errors.span(wanted.span(), unsupported(&format!("`{text}`"), why, "take a slice: `&[f64]`"));
                }
                Some(parameter) if is_unbound(parameter) => {
                    let ty = &parameter.inner;
                    let what = format!("`{text}` cannot be differentiated: nothing is known of its type `{ty}`");
                    let help = format!("write `{ty}: Real` for numbers, `{ty}: Differentiable` for parameter spaces");
                    errors.span(wanted.span(), with_help(&what, &help));
                }
                Some(parameter) => {
                    if let Some((name, help)) = parameter.syntax.as_ref().and_then(container_type) {
                        errors.span(wanted.span(), in_container(&name, help));
                    }
                    parameter.active = true;
                }
                None => {
                    let what = format!("there is no parameter named `{text}`");
                    errors.span(wanted.span(), with_help(&what, &meant(&text, parameters)));
                }
            }
            seen.push(text);
        }
    } else if !parameters.iter().any(|p| p.active || p.callable.as_ref().is_some_and(|callable| callable.carries))
        && errors.is_empty()
    {
        let what = "no parameter is active: none has a type of scalars alone";
        let candidate = parameters.iter().find(|p| p.pattern.is_none() && !p.syntax.as_ref().is_some_and(is_integer));
        let help = match candidate {
            Some(p) if is_unbound(p) => format!("bound the type where it is a number: `{}: Real`", p.inner),
            Some(p) if p.receiver => "name those to differentiate with respect to: `#[differentiable(wrt(self))]`".to_owned(),
            Some(p) => format!("name those to differentiate with respect to: `#[differentiable(wrt({}))]`", p.name),
            None => "give the function a parameter of floats".to_owned(),
        };
        errors.span(sig.ident.span(), with_help(what, &help));
    }
}

/// Why a type is none to differentiate with respect to, and what to write instead.
fn no_parameter(ty: &Type) -> Option<(&'static str, &'static str)> {
    match ty {
        Type::Ptr(_) => Some(("what is behind a raw pointer is not known", "take a reference")),
        Type::Path(path) => {
            let name = path.path.segments.last()?.ident.to_string();
            matches!(name.as_str(), "Option" | "Result")
                .then_some(("whether there is a number is no number", "take the number, and whether there is one as a `bool`"))
        }
        Type::Reference(reference) => no_parameter(&reference.elem),
        _ => None,
    }
}

/// The type parameters that are iterators.
fn iterators(generics: &syn::Generics) -> Vec<String> {
    let is_iterator = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| last.ident.to_string().ends_with("Iterator"))
        }
        _ => false,
    };
    let params = generics.type_params().filter(|param| param.bounds.iter().any(is_iterator));
    params.map(|param| param.ident.to_string()).collect()
}

/// The type parameters of which nothing is known.
fn unbound(generics: &syn::Generics) -> Vec<&Ident> {
    let params = generics.type_params().filter(|param| param.bounds.is_empty() && generics.where_clause.is_none());
    params.map(|param| &param.ident).collect()
}

/// What may have been meant by a name that no parameter has.
pub fn meant(name: &str, parameters: &[ParameterSignature]) -> String {
    let named: Vec<&ParameterSignature> = parameters.iter().filter(|p| p.pattern.is_none()).collect();
    let names: Vec<String> = named.iter().map(|p| if p.receiver { "self".to_owned() } else { p.name.to_string() }).collect();
    if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    match names.is_empty() {
        true => {
            "parameters that are patterns are active by their types: leave `wrt` out, or give the parameter a name".to_owned()
        }
        false => format!("the parameters are {}", named.iter().map(|p| shown(p)).collect::<Vec<_>>().join(", ")),
    }
}

fn shown(parameter: &ParameterSignature) -> String {
    if parameter.receiver { "`self`".to_owned() } else { format!("`{}`", parameter.name) }
}

fn output(output: &ReturnType, is_scalar: &dyn Fn(&Type) -> bool, errors: &mut Errors) -> (TokenStream, Returns) {
    let ReturnType::Type(_, ty) = output else { return (quote!(()), Returns::Nothing) };
    let returns = match &**ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => Returns::Nothing,
        other if is_scalar(other) && !matches!(other, Type::ImplTrait(_)) => Returns::Scalar,
        other => {
            if let Some(why) = no_space(other) {
                let help = "return a scalar, an array, a `Vec` or a tuple of scalars, or a struct that derives `Differentiable`";
                errors.at(ty, unsupported("a result of this type", why, help));
            }
            Returns::Space
        }
    };
    (ty.to_token_stream(), returns)
}

/// Why a type of a result is none that derivatives have.
fn no_space(ty: &Type) -> Option<&'static str> {
    match ty {
        _ if is_integer(ty) => Some("it holds no floats"),
        Type::Path(path) => {
            let name = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            let holds_none = container_type(ty).is_some() || matches!(name.as_str(), "Option" | "Result" | "ControlFlow");
            holds_none.then_some("not all of it is floats, or it is not known how they lie in it")
        }
        Type::Array(array) => no_space(&array.elem),
        Type::Tuple(tuple) => {
            let holds_floats = tuple.elems.iter().any(|elem| no_space(elem).is_none());
            tuple.elems.iter().find_map(no_space).map(|why| if holds_floats { "not all of it is floats" } else { why })
        }
        Type::Paren(paren) => no_space(&paren.elem),
        Type::Group(group) => no_space(&group.elem),
        Type::Reference(_) => Some("it belongs to the caller, and so would its adjoint"),
        Type::ImplTrait(_) => Some("the type behind `impl` is not known here"),
        Type::Never(_) => Some("the function never returns"),
        _ => Some("it holds no floats"),
    }
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
