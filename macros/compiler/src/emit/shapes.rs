//! Types and values with another in the place of each scalar.
//!
//! *In:* a shape, as of `[f64; 2]`, and what stands for a scalar, as `[f64; 3]`. *Out:* the type `[[f64; 3]; 2]`, a value of it, or a statement for
//! each scalar.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::ir::names::Taken;
use crate::signature::Shape;

impl Shape {
    /// The type with another in the place of each scalar; a tuple becomes an array.
    pub(super) fn filled(&self, leaf: &TokenStream) -> TokenStream {
        match self {
            Self::Scalar => leaf.clone(),
            Self::Array(element, length) => {
                let element = element.filled(leaf);
                quote!([#element; #length])
            }
            Self::Tuple(count) => quote!([#leaf; #count]),
        }
    }

    /// A value of that type.
    pub(super) fn made(&self, leaf: &TokenStream) -> TokenStream {
        match self {
            Self::Scalar => leaf.clone(),
            Self::Array(element, _) => {
                let element = element.made(leaf);
                quote!(::core::array::from_fn(|_| #element))
            }
            Self::Tuple(_) => quote!(::core::array::from_fn(|_| #leaf)),
        }
    }

    /// The number of scalars.
    pub(super) fn size(&self, runtime: &TokenStream) -> TokenStream {
        match self {
            Self::Scalar => quote!(1),
            Self::Array(element, length) if matches!(**element, Self::Scalar) => quote!({ #length }),
            Self::Array(element, length) => {
                let element = element.size(runtime);
                quote!(#runtime::times(#length, #element))
            }
            Self::Tuple(count) => quote!(#count),
        }
    }

    /// An array of arrays with the parts in the place of the scalars; a tuple becomes an array.
    pub(super) fn nested(&self, parts: &mut impl Iterator<Item = TokenStream>) -> TokenStream {
        match self {
            Self::Scalar => parts.next().expect("there is a part for each scalar"),
            Self::Array(element, _) => {
                let count = self.length().expect("what is written out has a size");
                let parts = (0..count).map(|_| element.nested(parts));
                quote!([#(#parts),*])
            }
            Self::Tuple(count) => {
                let parts = parts.take(*count);
                quote!([#(#parts),*])
            }
        }
    }

    /// The type of the scalars in a type of this shape.
    pub(super) fn scalar(&self, ty: &TokenStream, runtime: &TokenStream) -> TokenStream {
        match self {
            Self::Scalar => ty.clone(),
            _ => quote!(<#ty as #runtime::Differentiable>::Scalar),
        }
    }

    /// `body` for every scalar: the way to it in a value of the type, and in what [`Shape::filled`] makes of it.
    pub(super) fn each(&self, taken: &mut Taken, body: &dyn Fn(TokenStream, TokenStream) -> TokenStream) -> TokenStream {
        self.each_within(taken, TokenStream::new(), body)
    }

    fn each_within(
        &self,
        taken: &mut Taken,
        way: TokenStream,
        body: &dyn Fn(TokenStream, TokenStream) -> TokenStream,
    ) -> TokenStream {
        match self {
            Self::Scalar => body(way.clone(), way),
            Self::Array(element, length) => {
                let index = format_ident!("{}", taken.fresh("row"));
                let inner = element.each_within(taken, quote!(#way[#index]), body);
                quote!(for #index in 0..#length { #inner })
            }
            Self::Tuple(count) => (0..*count)
                .map(|i| {
                    let (element, index) = (proc_macro2::Literal::usize_unsuffixed(i), proc_macro2::Literal::usize_unsuffixed(i));
                    let body = body(quote!(#way.#element), quote!(#way[#index]));
                    quote!({ #body })
                })
                .collect(),
        }
    }
}
