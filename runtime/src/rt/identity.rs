//! Checks of types that the macro cannot see.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::scalar::Number;
use crate::space::Differentiable;

/// A float, as the rules of differentiation need it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no scalar: it cannot be differentiated here",
    label = "an operation on floats is applied to this",
    note = "operators and maths on other types are calls: write them as methods that are `#[differentiable]`"
)]
pub trait IsScalar {}

#[diagnostic::do_not_recommend]
impl<T: Number> IsScalar for T {}

/// Checks the type of an operand.
#[inline]
pub fn is_scalar<T: IsScalar>(_: &T) {}

/// A sequence whose elements are where their index says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an array, a slice nor a `Vec`: its elements cannot be differentiated",
    label = "indexed or iterated here",
    note = "an own `Index` may name any element: give access to the array inside, or write a method that is `#[differentiable]`"
)]
pub trait Sequence: sealed::Sealed {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! sequences {
    ($($(#[$attribute:meta])* ($($generics:tt)*) $ty:ty;)*) => {$(
        $(#[$attribute])*
        impl<$($generics)*> sealed::Sealed for $ty {}
        $(#[$attribute])*
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Sequence for $ty {}
    )*};
}

sequences! {
    (T) [T];
    (T, const N: usize) [T; N];
    #[cfg(feature = "alloc")] (T) Vec<T>;
    (S: Sequence + ?Sized) &S;
    (S: Sequence + ?Sized) &mut S;
}

/// Checks the type of what is indexed.
#[inline]
pub fn seq<S: Sequence + ?Sized>(_: &S) {}

/// A type that carries no derivative.
#[diagnostic::on_unimplemented(
    message = "this method gives a `{Self}`, which may carry a derivative",
    label = "the standard library's method of this name gives an integer, a truth value or an ordering",
    note = "give the method another name, and write `#[differentiable]` on it"
)]
pub trait Inert {}

macro_rules! inert {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Inert for $ty {}
    )*};
}

inert! {
    bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize core::cmp::Ordering core::num::FpCategory
    Option<usize> Option<core::cmp::Ordering>
}

/// Checks the type of what ends a dependence.
#[inline]
pub fn is_inert<T: Inert>(_: &T) {}

/// A field whose tangent is asked for, though no derivative reaches it: zeros where it holds numbers, else a clone, as in a gradient. Method
/// resolution chooses, since the macro does not know the field's type.
#[derive(Debug)]
pub struct Field<'a, T>(pub &'a T);

/// A field that holds numbers.
pub trait FieldOfNumbers<T> {
    /// Zeros.
    fn tangent(&self) -> T;
}

impl<T: Differentiable> FieldOfNumbers<T> for Field<'_, T> {
    #[inline]
    fn tangent(&self) -> T {
        self.0.zeros_like()
    }
}

/// Any other field.
pub trait OtherField<T> {
    /// A clone.
    fn tangent(&self) -> T;
}

impl<T: Clone> OtherField<T> for &Field<'_, T> {
    #[inline]
    fn tangent(&self) -> T {
        self.0.clone()
    }
}
