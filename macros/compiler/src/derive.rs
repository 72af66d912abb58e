//! `#[derive(Differentiable)]`.
//!
//! *In:* a struct. *Out:* its implementation of the trait: every method goes through the fields in order. Fields marked
//! `#[differentiable(skip)]` are cloned into zeros, and ignored otherwise.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DeriveInput, Field, GenericArgument, GenericParam, Ident, Member, Path, PathArguments, Type, WherePredicate,
};

use crate::error::{Errors, nearest, with_help};
use crate::signature::bounds_make_scalar;
use crate::signature::inert::{container, is_integer};
use crate::spans::{self, at_call_site, located};

/// Expands the derive.
pub fn expand(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let input = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => input,
        Err(error) => {
            errors.syn(&error);
            return errors.to_tokens();
        }
    };
    let tokens = implementation(&input, &mut errors);
    if errors.is_empty() {
        return spans::resolve(tokens, &spans::Source::default());
    }
    let (messages, stub) = (errors.to_tokens(), spans::resolve(stub(&input), &spans::Source::default()));
    quote!(#messages #stub)
}

/// An implementation without bodies, so that what uses a type with errors has none of its own.
fn stub(input: &DeriveInput) -> TokenStream {
    let runtime = runtime(&input.attrs, &mut Errors::default());
    let (name, (generics, arguments, predicates)) = (&input.ident, input.generics.split_for_impl());
    quote! {
        impl #generics #runtime::Differentiable for #name #arguments #predicates {
            type Scalar = f64;

            fn zeros_like(&self) -> Self {
                #runtime::stub()
            }

            fn same_shape(&self, _: &Self) -> bool {
                #runtime::stub()
            }

            fn accumulate(&mut self, _: &Self) {}

            fn leaves<const WRITE: usize, const READ: usize>(
                _: [&mut Self; WRITE],
                _: [&Self; READ],
                _: &mut impl ::core::ops::FnMut([&mut [Self::Scalar]; WRITE], [&[Self::Scalar]; READ]),
            ) {
            }
        }
    }
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
            let what = "a union is no parameter space: its fields share one place";
            errors.span(data.union_token.span, with_help(what, "use a struct"));
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
    reject_two_precisions(fields.iter().zip(&skipped).filter(|(_, skipped)| !**skipped).map(|(field, _)| &field.ty), errors);
    let active: Vec<(&Member, &Field)> = members
        .iter()
        .zip(fields.iter().copied())
        .zip(&skipped)
        .filter(|(_, skipped)| !**skipped)
        .map(|(both, _)| both)
        .collect();
    let Some((_, first)) = active.first() else {
        if !errors.is_empty() {
            return TokenStream::new();
        }
        let what = "this struct has no field to differentiate with respect to";
        errors
            .span(input.ident.span(), with_help(what, "give it a field of floats that is not marked `#[differentiable(skip)]`"));
        return TokenStream::new();
    };
    methods(input, &runtime, &members, &skipped, &active, innermost(&first.ty))
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
    let scalar = scalar(input, active);
    predicates.extend(bounds(input, runtime, active, first, scalar.as_ref()));
    let scalar = scalar.unwrap_or_else(|| quote!(<#first as #space>::Scalar));
    let shaped = |function: &str| {
        let function = Ident::new(function, Span::call_site());
        let fields = members.iter().zip(skipped).map(|(member, skipped)| {
            let made = if *skipped { quote!(#runtime::Clone::clone) } else { quote!(#space::#function) };
            quote!(#member: #made(&self.#member))
        });
        quote!(Self { #(#fields),* })
    };
    let (zeros, hollow) = (shaped("zeros_like"), shaped("hollow"));
    let (active, fields): (Vec<&Member>, Vec<&Field>) = active.iter().copied().unzip();
    let names = active.iter().map(|member| match member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    });
    let cloned = cloned(input, runtime, &predicates);
    let any_skipped = skipped.contains(&true);
    let skips = any_skipped.then(|| skips(input, runtime, members, skipped, &predicates));
    let types = fields.iter().map(|field| &field.ty);
    let fixed = types.clone();
    let markers = members.iter().zip(skipped).filter(|(_, skipped)| **skipped).map(|(member, _)| marker(member));
    let skipped_members: Vec<&Member> = members.iter().zip(skipped).filter(|(_, skipped)| **skipped).map(|(m, _)| m).collect();
    quote! {
        #skips
        #cloned
        impl #generics #space for #name #arguments where #(#predicates),* {
            type Scalar = #scalar;

            #[inline]
            fn zeros_like(&self) -> Self {
                #zeros
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

            const FIXED: bool = true #(&& <#fixed as #space>::FIXED)*;

            const SKIPS: bool = #any_skipped #(|| <#types as #space>::SKIPS)*;

            fn hollow(&self) -> Self {
                #hollow
            }

            fn restore(&mut self, hollow: Self) {
                #(#space::restore(&mut self.#active, hollow.#active);)*
                #(self.#skipped_members = hollow.#skipped_members;)*
            }

            fn clear_skipped(&mut self) {
                #(#space::clear_skipped(&mut self.#active);)*
                #(let _ = Self::#markers;)*
                #(self.#skipped_members = {
                    use #runtime::{FieldOfNumbers as _, OtherField as _};
                    (&#runtime::Field(&self.#skipped_members)).tangent()
                };)*
            }
        }
    }
}

/// A check that `clone` is that of `Clone`, which derivatives take it for.
fn cloned(input: &DeriveInput, runtime: &TokenStream, predicates: &[TokenStream]) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let check = quote_spanned!(at_call_site(name.span())=> #runtime::is_the_clone(<Self as #runtime::Clone>::clone, Self::clone));
    quote! {
        impl #generics #runtime::ClonedByClone for #name #arguments where #(#predicates),* {
            fn check()
            where
                for<'always> Self: #runtime::Clone,
            {
                #check
            }
        }
    }
}

/// A method for each skipped field, by which a store of an active value in it is found. (`clear_skipped` names them: none is dead code.)
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
    quote!(impl #generics #name #arguments where #(#predicates),* { #(#methods)* })
}

/// The name of the method by which a skipped field is known.
pub fn marker(member: &Member) -> Ident {
    let name = match member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    };
    Ident::new(&format!("__differentiable_field_{name}"), Span::call_site())
}

fn is_generic(input: &DeriveInput, ty: &Type) -> bool {
    input.generics.params.iter().any(|param| match param {
        GenericParam::Type(param) => mentions(ty, &param.ident),
        GenericParam::Const(param) => mentions(ty, &param.ident),
        GenericParam::Lifetime(_) => false,
    })
}

fn last_span(ty: &Type) -> Span {
    ty.to_token_stream().into_iter().last().map_or_else(Span::call_site, |token| token.span())
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

/// Type parameters must be spaces, unless their bounds say that they are scalars, and so must the fields, with the same scalar. That fields of
/// known types are is said as well: what is not is then one error, at the field's type, as the functions may rely on it.
fn bounds(
    input: &DeriveInput,
    runtime: &TokenStream,
    active: &[(&Member, &Field)],
    first: &Type,
    scalar: Option<&TokenStream>,
) -> Vec<TokenStream> {
    let space = quote!(#runtime::Differentiable);
    let mut bounds = Vec::new();
    let mut count = 0;
    for param in input.generics.type_params() {
        let ident = &param.ident;
        let used = active.iter().any(|(_, field)| mentions(&field.ty, ident));
        count += usize::from(used);
        if !used {
            bounds.push(quote!(#ident: #runtime::Clone));
        } else if !numbers(input).any(|number| number == ident) {
            bounds.push(quote!(#ident: #space));
        }
    }
    // a struct can hold itself behind type arguments only (`Vec<Self>`), where a bound would go in circles
    let is_plain =
        |ty: &Type| matches!(ty, Type::Path(path) if path.path.segments.iter().all(|segment| segment.arguments.is_none()));
    let in_circles = |ty: &Type| count < 2 && (!is_plain(ty) || is_generic(input, ty));
    let is_number = |ty: &Type| matches!(ty, Type::Path(path) if numbers(input).any(|number| path.path.is_ident(number)));
    let bounded = |ty: &Type| !is_of_floats(ty) && !is_number(ty) && !in_circles(ty);
    for (index, (_, field)) in active.iter().enumerate().filter(|(_, (_, field))| bounded(&field.ty)) {
        let ty = &field.ty;
        let bound = match scalar {
            Some(scalar) => quote!(: #space<Scalar = #scalar>),
            None if index > 0 && *ty != *first => quote!(: #space<Scalar = <#first as #space>::Scalar>),
            None if is_generic(input, ty) => continue,
            None => quote!(: #space),
        };
        let bound = located(bound, last_span(ty));
        bounds.push(quote!(#ty #bound));
    }
    bounds
}

/// The scalar, where it is known by name: a type parameter that is one, or the float that a field is written with.
fn scalar(input: &DeriveInput, active: &[(&Member, &Field)]) -> Option<TokenStream> {
    let used = |number: &&Ident| active.iter().any(|(_, field)| mentions(&field.ty, number));
    if let Some(number) = numbers(input).find(used) {
        return Some(number.to_token_stream());
    }
    let written =
        active.iter().find_map(|(_, field)| ["f32", "f64"].into_iter().find(|float| mentions_name(&field.ty, float)))?;
    let float = Ident::new(written, Span::call_site());
    Some(quote!(::core::primitive::#float))
}

/// The type of the elements of the elements, whose scalar is that of the whole: a bound in terms of the whole would go in circles.
fn innermost(ty: &Type) -> &Type {
    match ty {
        Type::Array(array) => innermost(&array.elem),
        Type::Paren(paren) => innermost(&paren.elem),
        Type::Group(group) => innermost(&group.elem),
        Type::Tuple(tuple) => tuple.elems.first().map_or(ty, innermost),
        Type::Path(path) => match path.path.segments.last().map(|last| (&last.ident, &last.arguments)) {
            Some((name, PathArguments::AngleBracketed(generics))) if name == "Vec" => match generics.args.first() {
                Some(GenericArgument::Type(elem)) => innermost(elem),
                _ => ty,
            },
            _ => ty,
        },
        other => other,
    }
}

/// Whether the type is made of floats alone, by its written form.
fn is_of_floats(ty: &Type) -> bool {
    match ty {
        Type::Array(array) => is_of_floats(&array.elem),
        Type::Paren(paren) => is_of_floats(&paren.elem),
        Type::Group(group) => is_of_floats(&group.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_of_floats),
        Type::Path(path) => path.path.is_ident("f32") || path.path.is_ident("f64"),
        _ => false,
    }
}

fn mentions_name(ty: &Type, name: &str) -> bool {
    mentions(ty, &Ident::new(name, Span::call_site()))
}

fn mentions(ty: &Type, ident: &Ident) -> bool {
    fn search(tokens: TokenStream, ident: &Ident) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(other) => other == *ident,
            TokenTree::Group(group) => search(group.stream(), ident),
            _ => false,
        })
    }
    search(ty.to_token_stream(), ident)
}

fn member(index: usize, field: &Field) -> Member {
    field.ident.clone().map_or_else(|| Member::Unnamed(index.into()), Member::Named)
}

/// Refuses a type of which it is known that it is no space.
fn reject_type(ty: &Type, errors: &mut Errors) {
    let skip = "mark the field `#[differentiable(skip)]`";
    let mut no = |what: &str, why: &str, help: &str| errors.at(ty, with_help(&format!("{what} is no parameter: {why}"), help));
    match ty {
        Type::Array(array) => reject_type(&array.elem, errors),
        Type::Paren(paren) => reject_type(&paren.elem, errors),
        Type::Group(group) => reject_type(&group.elem, errors),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|elem| reject_type(elem, errors)),
        Type::Reference(reference) if is_text(&reference.elem) => no("a text", "it holds no floats", skip),
        Type::Reference(_) => no("a reference", "it cannot be updated", &format!("own the value, or {skip}")),
        Type::Ptr(_) => no("a raw pointer", "it cannot be updated", &format!("own the value, or {skip}")),
        Type::FnPtr(_) => no("a function", "it holds no numbers", skip),
        Type::TraitObject(_) => no("a trait object", "what it holds is not known", skip),
        Type::Path(path) => {
            let Some(segment) = path.path.segments.last() else { return };
            let name = segment.ident.to_string();
            let what = format!("a field of type `{name}`");
            if container(&name).is_some() || name == "Option" {
                return no(&what, "it is not known how many numbers it holds", &format!("use an array or a `Vec`, or {skip}"));
            }
            if matches!(segment.arguments, PathArguments::None) && is_integer(ty) {
                return no(&what, "it holds no floats", &format!("{skip}, or make it a float"));
            }
            if let (PathArguments::AngleBracketed(arguments), "Vec") = (&segment.arguments, name.as_str()) {
                for argument in &arguments.args {
                    if let GenericArgument::Type(inner) = argument {
                        reject_type(inner, errors);
                    }
                }
            }
        }
        _ => {}
    }
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("str"))
}

/// A space has one type of numbers: a field that is written with the other one is an error.
fn reject_two_precisions<'a>(types: impl Iterator<Item = &'a Type>, errors: &mut Errors) {
    let mut precisions = Vec::new();
    types.for_each(|ty| collect_precisions(ty.to_token_stream(), &mut precisions));
    let Some(first) = precisions.first() else { return };
    if let Some(other) = precisions.iter().find(|other| *other != first) {
        let what = format!("`{other}` beside `{first}`: a parameter space has numbers of one type");
        errors.at(other, with_help(&what, &format!("write `{first}` here as well, or mark the field `#[differentiable(skip)]`")));
    }
}

/// The floats that are written in a type, in their order.
fn collect_precisions(tokens: TokenStream, into: &mut Vec<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) if name == "f32" || name == "f64" => into.push(name),
            TokenTree::Group(group) => collect_precisions(group.stream(), into),
            _ => {}
        }
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
                let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                let help = match nearest(&name, ["skip"]) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "on a field there is `skip`".to_owned(),
                };
                Err(meta.error(with_help(&format!("unknown argument `{name}`"), &help)))
            }
        });
        if let Err(error) = parsed {
            errors.syn(&error);
            skipped = true; // whatever was meant: no error of its type follows
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
                let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                Err(syn::Error::new_spanned(
                    &meta.path,
                    with_help(&format!("unknown argument `{name}`"), "on a struct there is `crate = path`"),
                ))
            }
        });
        if let Err(error) = parsed {
            errors.syn(&error);
        }
    }
    runtime
}
