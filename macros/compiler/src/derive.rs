//! `#[derive(Differentiable)]`.
//!
//! *In:* a struct. *Out:* its implementation of the trait: every method goes through the fields in order. Fields marked
//! `#[differentiable(skip)]` are cloned into zeros, and ignored otherwise.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Field, GenericParam, Ident, Member, Path, Type, WherePredicate};

use crate::emit::respan;
use crate::error::{Errors, with_help};
use crate::lower::signature::bounds_make_scalar;

/// Expands the derive.
pub fn expand(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let tokens = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => implementation(&input, &mut errors),
        Err(error) => {
            errors.syn(&error);
            TokenStream::new()
        }
    };
    if errors.is_empty() { respan(tokens) } else { errors.to_tokens() }
}

fn implementation(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let runtime = runtime(&input.attrs, errors);
    let fields = match &input.data {
        Data::Struct(data) => data.fields.iter().collect::<Vec<_>>(),
        Data::Enum(data) => {
            let what = "an enum is no parameter space: its variants have no common shape";
            errors.span(
                data.enum_token.span,
                with_help(what, "use a struct, and mark the field that holds the enum `#[differentiable(skip)]`"),
            );
            return TokenStream::new();
        }
        Data::Union(data) => {
            errors.span(data.union_token.span, with_help("a union is no parameter space", "use a struct"));
            return TokenStream::new();
        }
    };
    let members: Vec<Member> = fields.iter().enumerate().map(|(i, field)| member(i, field)).collect();
    let skipped: Vec<bool> = fields.iter().map(|field| is_skipped(field, errors)).collect();
    for (field, skipped) in fields.iter().zip(&skipped) {
        if !skipped {
            reject_type(&field.ty, errors);
        }
    }
    let active: Vec<(&Member, &Field)> = members
        .iter()
        .zip(fields.iter().copied())
        .zip(&skipped)
        .filter(|(_, skipped)| !**skipped)
        .map(|(both, _)| both)
        .collect();
    let Some((_, first)) = active.first() else {
        let what = "this struct has no field to differentiate with respect to";
        errors
            .span(input.ident.span(), with_help(what, "give it a field of floats that is not marked `#[differentiable(skip)]`"));
        return TokenStream::new();
    };
    methods(input, &runtime, &members, &skipped, &active, &first.ty)
}

fn methods(
    input: &DeriveInput,
    runtime: &TokenStream,
    members: &[Member],
    skipped: &[bool],
    active: &[(&Member, &Field)],
    first: &Type,
) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let space = quote!(#runtime::Differentiable);
    let mut predicates: Vec<TokenStream> =
        input.generics.where_clause.iter().flat_map(|clause| &clause.predicates).map(ToTokens::to_token_stream).collect();
    let number = numbers(input).find(|number| active.iter().any(|(_, field)| mentions(&field.ty, number)));
    let scalar = number.map_or_else(|| quote!(<#first as #space>::Scalar), ToTokens::to_token_stream);
    predicates.extend(bounds(input, runtime, active, first, &scalar));
    let zeros = members.iter().zip(skipped).map(|(member, skipped)| {
        let trait_method = if *skipped { quote!(#runtime::Clone::clone) } else { quote!(#space::zeros_like) };
        quote!(#member: #trait_method(&self.#member))
    });
    let (active, fields): (Vec<&Member>, Vec<&Field>) = active.iter().copied().unzip();
    let names = active.iter().map(|member| match member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    });
    let agreement = agreement(input, runtime, &fields, first);
    let skips = skipped.contains(&true).then(|| skips(input, runtime, members, skipped, &predicates));
    let types = fields.iter().map(|field| &field.ty);
    let any_skipped = skipped.contains(&true);
    let hollow = members.iter().zip(skipped).map(|(member, skipped)| {
        let trait_method = if *skipped { quote!(#runtime::Clone::clone) } else { quote!(#space::hollow) };
        quote!(#member: #trait_method(&self.#member))
    });
    let skipped_members: Vec<&Member> = members.iter().zip(skipped).filter(|(_, skipped)| **skipped).map(|(m, _)| m).collect();
    quote! {
        #agreement
        #skips
        impl #generics #space for #name #arguments where #(#predicates),* {
            type Scalar = #scalar;

            #[inline]
            fn zeros_like(&self) -> Self {
                Self { #(#zeros),* }
            }

            #[inline]
            fn same_shape(&self, other: &Self) -> bool {
                #(#space::same_shape(&self.#active, &other.#active))&&*
            }

            #[inline]
            fn accumulate(&mut self, by: &Self) {
                #(#space::accumulate(&mut self.#active, &by.#active);)*
            }

            fn leaves<const WRITE: usize, const READ: usize>(
                mut write: [&mut Self; WRITE],
                read: [&Self; READ],
                visit: &mut impl ::core::ops::FnMut([&mut [Self::Scalar]; WRITE], [&[Self::Scalar]; READ]),
            ) {
                #(#space::leaves(write.each_mut().map(|space| &mut space.#active), read.map(|space| &space.#active), visit);)*
            }

            #[inline]
            fn locate(&self, search: &mut #runtime::Search) {
                #(search.field(#names, &self.#active);)*
            }

            const SKIPS: bool = #any_skipped #(|| <#types as #space>::SKIPS)*;

            fn hollow(&self) -> Self {
                Self { #(#hollow),* }
            }

            fn restore(&mut self, hollow: Self) {
                #(#space::restore(&mut self.#active, hollow.#active);)*
                #(self.#skipped_members = hollow.#skipped_members;)*
            }

            fn clear_skipped(&mut self) {
                #(#space::clear_skipped(&mut self.#active);)*
                #(self.#skipped_members = {
                    use #runtime::{FieldOfNumbers as _, OtherField as _};
                    (&#runtime::Field(&self.#skipped_members)).tangent()
                };)*
            }
        }
    }
}

/// A method for each skipped field, by which a store of an active value in it is found.
fn skips(
    input: &DeriveInput,
    runtime: &TokenStream,
    members: &[Member],
    skipped: &[bool],
    predicates: &[TokenStream],
) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let methods = members.iter().zip(skipped).filter(|(_, skipped)| **skipped).map(|(member, _)| {
        let method = marker(member);
        quote! {
            #[doc(hidden)]
            #[inline]
            pub fn #method(&self) -> #runtime::Skipped {
                #runtime::Skipped
            }
        }
    });
    quote!(#[allow(dead_code)] impl #generics #name #arguments where #(#predicates),* { #(#methods)* })
}

/// The name of the method by which a skipped field is known.
pub fn marker(member: &Member) -> Ident {
    let name = match member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    };
    Ident::new(&format!("__differentiable_field_{name}"), Span::call_site())
}

/// Checks that the fields of known types have the scalar of the first.
fn agreement(input: &DeriveInput, runtime: &TokenStream, fields: &[&Field], first: &Type) -> TokenStream {
    if is_generic(input, first) {
        return TokenStream::new();
    }
    let checks = fields[1..].iter().filter(|field| !is_generic(input, &field.ty)).map(|field| {
        let ty = &field.ty;
        let span = first_span(ty);
        quote_spanned!(span=> agree::<#first, #ty>();)
    });
    let checks: Vec<_> = checks.collect();
    if checks.is_empty() {
        return TokenStream::new();
    }
    quote! {
        const _: fn() = || {
            fn agree<First: #runtime::Differentiable, Other: #runtime::Differentiable<Scalar = First::Scalar>>() {}
            #(#checks)*
        };
    }
}

fn is_generic(input: &DeriveInput, ty: &Type) -> bool {
    input.generics.params.iter().any(|param| match param {
        GenericParam::Type(param) => mentions(ty, &param.ident),
        GenericParam::Const(param) => mentions(ty, &param.ident),
        GenericParam::Lifetime(_) => false,
    })
}

fn first_span(ty: &Type) -> Span {
    ty.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

/// The type parameters that are scalars by their bounds.
fn numbers(input: &DeriveInput) -> impl Iterator<Item = &Ident> {
    let by_clause = |ident: &Ident| {
        input.generics.where_clause.iter().flat_map(|clause| &clause.predicates).any(|predicate| match predicate {
            WherePredicate::Type(predicate) => {
                matches!(&predicate.bounded_ty, Type::Path(path) if path.path.is_ident(ident))
                    && bounds_make_scalar(&predicate.bounds)
            }
            _ => false,
        })
    };
    let is_number = move |param: &&syn::TypeParam| bounds_make_scalar(&param.bounds) || by_clause(&param.ident);
    input.generics.type_params().filter(is_number).map(|param| &param.ident)
}

/// Type parameters must be spaces, unless their bounds say that they are scalars, and generic fields have one scalar.
fn bounds(
    input: &DeriveInput,
    runtime: &TokenStream,
    active: &[(&Member, &Field)],
    first: &Type,
    scalar: &TokenStream,
) -> Vec<TokenStream> {
    let space = quote!(#runtime::Differentiable);
    let mut bounds = Vec::new();
    for param in input.generics.type_params() {
        let ident = &param.ident;
        let used = active.iter().any(|(_, field)| mentions(&field.ty, ident));
        if !used {
            bounds.push(quote!(#ident: #runtime::Clone));
        } else if !numbers(input).any(|number| number == ident) {
            bounds.push(quote!(#ident: #space));
        }
    }
    let is_number = |ty: &Type| matches!(ty, Type::Path(path) if numbers(input).any(|number| path.path.is_ident(number)));
    let implied = |field: &Field| !is_generic(input, &field.ty) || field.ty == *first || is_number(&field.ty);
    for (_, field) in active[1..].iter().filter(|(_, field)| !implied(field)) {
        let ty = &field.ty;
        let span = first_span(ty);
        bounds.push(quote_spanned!(span=> #ty: #space<Scalar = #scalar>));
    }
    bounds
}

fn mentions(ty: &Type, ident: &Ident) -> bool {
    fn search(tokens: TokenStream, ident: &Ident) -> bool {
        tokens.into_iter().any(|token| match token {
            proc_macro2::TokenTree::Ident(other) => other == *ident,
            proc_macro2::TokenTree::Group(group) => search(group.stream(), ident),
            _ => false,
        })
    }
    search(ty.to_token_stream(), ident)
}

fn member(index: usize, field: &Field) -> Member {
    field.ident.clone().map_or_else(|| Member::Unnamed(index.into()), Member::Named)
}

fn reject_type(ty: &Type, errors: &mut Errors) {
    let innermost = match ty {
        Type::Array(array) => return reject_type(&array.elem, errors),
        Type::Tuple(tuple) => return tuple.elems.iter().for_each(|elem| reject_type(elem, errors)),
        Type::Path(path) => path.path.segments.last(),
        Type::Reference(_) => {
            let what = "a reference is no parameter: it cannot be updated";
            errors.at(ty, with_help(what, "own the value, or mark the field `#[differentiable(skip)]`"));
            None
        }
        _ => None,
    };
    let Some(segment) = innermost else { return };
    let name = segment.ident.to_string();
    if let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments {
        for argument in &arguments.args {
            if let syn::GenericArgument::Type(inner) = argument
                && name == "Vec"
            {
                reject_type(inner, errors);
            }
        }
    }
    let plain = matches!(segment.arguments, syn::PathArguments::None);
    if plain && crate::lower::flow::is_integer(ty) {
        let what = format!("a field of type `{name}` is no parameter");
        errors.at(ty, with_help(&what, "mark the field `#[differentiable(skip)]`, or make it a float"));
    }
}

fn is_skipped(field: &Field, errors: &mut Errors) -> bool {
    let mut skipped = false;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("differentiable")) {
        let parsed = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("skip") {
                skipped = true;
                Ok(())
            } else {
                Err(meta.error("unknown argument\nhelp: on a field there is `skip`"))
            }
        });
        if let Err(error) = parsed {
            errors.syn(&error);
        }
    }
    skipped
}

/// The path of the runtime's hidden module, by `#[differentiable(crate = path)]` on the struct.
fn runtime(attributes: &[Attribute], errors: &mut Errors) -> TokenStream {
    let mut runtime = quote!(::differentiable::rt);
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("differentiable")) {
        let parsed = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                let path: Path = meta.value()?.call(Path::parse_mod_style)?;
                runtime = quote!(#path::rt);
                Ok(())
            } else {
                Err(meta.error("unknown argument\nhelp: on a struct there is `crate = path`"))
            }
        });
        if let Err(error) = parsed {
            errors.syn(&error);
        }
    }
    runtime
}
