//! Slots: where a call leaves the adjoints of its arguments. A caller cannot see which parameters the callee differentiates, so
//! there is one for each, and its type says.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::space::Differentiable;

/// The adjoint of a parameter outside `wrt`.
#[derive(Clone, Debug)]
pub struct OutsideWrt;

/// An adjoint as the callee's slot takes it.
#[diagnostic::on_unimplemented(
    message = "an active value is passed for a parameter that the called function does not differentiate",
    label = "this argument depends on what is differentiated here",
    note = "name the parameter in the `wrt(..)` of the called function, or pass `stop_gradient(..)` of the argument"
)]
pub trait FitsSlot<S> {
    /// The slot.
    fn slot(self) -> S;
}

/// A tangent as the callee takes it.
#[diagnostic::on_unimplemented(
    message = "an active value is passed for a parameter that the called function does not differentiate",
    label = "this argument depends on what is differentiated here",
    note = "name the parameter in the `wrt(..)` of the called function, or pass `stop_gradient(..)` of the argument"
)]
pub trait FitsDot<S> {
    /// The tangent.
    fn dot(self) -> S;
}

macro_rules! fits {
    ($trait:ident $method:ident $([$($generics:tt)*] $from:ty => $to:ty: $self:ident $value:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'a, $($generics)*> $trait<$to> for $from {
            #[inline]
            fn $method($self) -> $to {
                $value
            }
        }
    )*};
}

fits! {
    FitsSlot slot
    [D: Differentiable] &'a mut D => Option<&'a mut D>: self Some(self);
    [D: Differentiable] &'a mut D => &'a mut D: self self;
    [D: Differentiable] Option<&'a mut D> => Option<&'a mut D>: self self;
    [T] &'a mut [T] => Option<&'a mut [T]>: self Some(self);
    [T] &'a mut [T] => &'a mut [T]: self self;
    [T] Option<&'a mut [T]> => Option<&'a mut [T]>: self self;
    [T, const N: usize] &'a mut [T; N] => Option<&'a mut [T]>: self Some(self);
    [T, const N: usize] &'a mut [T; N] => &'a mut [T]: self self;
    [T, const N: usize] Option<&'a mut [T; N]> => Option<&'a mut [T]>: self self.map(|slot| slot.as_mut_slice());
}

#[cfg(feature = "alloc")]
fits! {
    FitsSlot slot
    [T] &'a mut Vec<T> => Option<&'a mut [T]>: self Some(self);
    [T] &'a mut Vec<T> => &'a mut [T]: self self;
    [T] Option<&'a mut Vec<T>> => Option<&'a mut [T]>: self self.map(|slot| slot.as_mut_slice());
}

fits! {
    FitsDot dot
    [D: Differentiable] &'a D => Option<&'a D>: self Some(self);
    [D: Differentiable] &'a D => &'a D: self self;
    [D: Differentiable] &'a mut D => Option<&'a D>: self Some(self);
    [D: Differentiable] &'a mut D => &'a mut D: self self;
    [D: Differentiable] Option<&'a D> => Option<&'a D>: self self;
    [T] &'a [T] => Option<&'a [T]>: self Some(self);
    [T] &'a mut [T] => &'a mut [T]: self self;
    [T] Option<&'a [T]> => Option<&'a [T]>: self self;
    [T, const N: usize] &'a [T; N] => Option<&'a [T]>: self Some(self);
    [T, const N: usize] &'a mut [T; N] => &'a mut [T]: self self;
    [T, const N: usize] Option<&'a [T; N]> => Option<&'a [T]>: self self.map(|dot| dot.as_slice());
}

#[cfg(feature = "alloc")]
fits! {
    FitsDot dot
    [T] &'a Vec<T> => Option<&'a [T]>: self Some(self);
    [T] &'a mut Vec<T> => &'a mut [T]: self self;
    [T] Option<&'a Vec<T>> => Option<&'a [T]>: self self.map(|dot| dot.as_slice());
}

/// An integer or a truth value carries no derivative, so that it may come from a place that does: a skipped field of a struct.
macro_rules! inert {
    ($($ty:ident)*) => {
        fits! {
            FitsSlot slot
            $([] &'a mut $ty => Option<&'a mut OutsideWrt>: self None;)*
            $([] Option<&'a mut $ty> => Option<&'a mut OutsideWrt>: self None;)*
        }
        fits! {
            FitsDot dot
            $([] &'a $ty => Option<&'a OutsideWrt>: self None;)*
            $([] Option<&'a $ty> => Option<&'a OutsideWrt>: self None;)*
        }
    };
}

inert! { bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

/// An adjoint as the callee's slot takes it.
#[inline]
pub fn slot<S, A: FitsSlot<S>>(adjoint: A) -> S {
    adjoint.slot()
}

/// A tangent as the callee takes it.
#[inline]
pub fn dot<S, A: FitsDot<S>>(tangent: A) -> S {
    tangent.dot()
}

/// The adjoint of an inactive place that is passed by `&mut`: its type comes from the callee's slot.
pub trait AdjointOf<A> {
    /// Zeros, or nothing.
    fn adjoint_of(x: &A) -> Self;
}

impl<A> AdjointOf<A> for OutsideWrt {
    #[inline]
    fn adjoint_of(_: &A) -> Self {
        Self
    }
}

impl<A: Differentiable> AdjointOf<A> for A {
    #[inline]
    fn adjoint_of(x: &A) -> Self {
        x.zeros_like()
    }
}

/// The adjoint of an inactive place.
#[inline]
pub fn adjoint_of<A, S: AdjointOf<A>>(x: &A) -> S {
    S::adjoint_of(x)
}
