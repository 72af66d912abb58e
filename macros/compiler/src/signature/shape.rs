//! How scalars lie in what is made of scalars and arrays.
//!
//! *In:* `[[f64; 4]; 3]`. *Out:* [`Shape`], of which the Jacobian's shape is made.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{ReturnType, Type};

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
}

/// The shape of a type; `None` where it is not made of scalars and arrays alone.
pub(super) fn of_type(ty: &Type, is_scalar: &dyn Fn(&Type) -> bool) -> Option<Shape> {
    match ty {
        Type::Array(array) => Some(Shape::Array(Box::new(of_type(&array.elem, is_scalar)?), array.len.to_token_stream())),
        Type::Paren(paren) => of_type(&paren.elem, is_scalar),
        Type::Group(group) => of_type(&group.elem, is_scalar),
        other => is_scalar(other).then_some(Shape::Scalar),
    }
}

/// The shape of a result, which may be a tuple of scalars as well.
pub(super) fn of_result(output: &ReturnType, is_scalar: &dyn Fn(&Type) -> bool) -> Option<Shape> {
    match output {
        ReturnType::Type(_, ty) => match &**ty {
            Type::Tuple(tuple) if !tuple.elems.is_empty() && tuple.elems.iter().all(is_scalar) => {
                Some(Shape::Tuple(tuple.elems.len()))
            }
            other => of_type(other, is_scalar),
        },
        ReturnType::Default => None,
    }
}
