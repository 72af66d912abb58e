//! Slots: where a call leaves the adjoints of its arguments. A caller cannot see which parameters the callee differentiates, so
//! there is one for each, and its type says.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use super::again::Kept;
use crate::space::Differentiable;

/// The adjoint of a parameter outside `wrt`.
#[derive(Clone, Debug)]
pub struct OutsideWrt;

/// A parameter that takes what an argument carries, by the type of its adjoint.
#[diagnostic::on_unimplemented(
    message = "an active value is passed for a parameter that the called function does not differentiate",
    label = "this argument depends on what is differentiated here",
    note = "name the parameter in the `wrt(..)` of the called function, or pass `stop_gradient(..)` of the argument"
)]
pub trait WithinWrt<A> {}

#[diagnostic::do_not_recommend]
impl<A, D: Differentiable> WithinWrt<A> for D {}
#[diagnostic::do_not_recommend]
impl<A, T> WithinWrt<A> for [T] {}
// an integer or a truth value carries no derivative, so that it may come from a place that does: a skipped field of a struct
#[diagnostic::do_not_recommend]
impl WithinWrt<Nothing> for OutsideWrt {}
// the tangent of a receiver that the forward half has consumed, whose form the caller does not know
#[diagnostic::do_not_recommend]
impl<A> WithinWrt<A> for Kept {}

/// What an argument may carry, whatever its type is.
pub trait Carries {
    /// [`Derivatives`] or [`Nothing`].
    type What;
}

/// Floats carry derivatives, and what is made of them.
#[derive(Debug)]
pub enum Derivatives {}

/// Integers, truth values, texts and lists of these carry none.
#[derive(Debug)]
pub enum Nothing {}

impl<D: Differentiable> Carries for D {
    type What = Derivatives;
}

impl<T> Carries for [T] {
    type What = Derivatives;
}

/// An adjoint or a tangent, as it is passed.
pub trait Slot {
    /// The adjoint's type.
    type Of: ?Sized;
}

impl<D: ?Sized> Slot for Option<&mut D> {
    type Of = D;
}

impl<D: ?Sized> Slot for &mut D {
    type Of = D;
}

impl<D: ?Sized> Slot for &D {
    type Of = D;
}

impl<D: ?Sized> Slot for Option<&D> {
    type Of = D;
}

impl Slot for Kept {
    type Of = Self;
}

/// An adjoint or a tangent as the callee takes it.
#[diagnostic::on_unimplemented(
    message = "the called function takes this argument in another form",
    label = "what is differentiated here reaches the function in a form for which it has no derivative",
    note = "pass it as the function's parameter is written: by value, by reference, or as a slice"
)]
pub trait Fits<S> {
    /// The same in the callee's form.
    fn fit(self) -> S;
}

macro_rules! fits {
    ($([$($generics:tt)*] $from:ty => $to:ty: $self:ident $value:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'a, $($generics)*> Fits<$to> for $from {
            #[inline]
            fn fit($self) -> $to {
                $value
            }
        }
    )*};
}

fits! {
    [D: Differentiable] &'a mut D => Option<&'a mut D>: self Some(self);
    [D: Differentiable] &'a mut D => &'a mut D: self self;
    [D: Differentiable] Option<&'a mut D> => Option<&'a mut D>: self self;
    [T] &'a mut [T] => Option<&'a mut [T]>: self Some(self);
    [T] &'a mut [T] => &'a mut [T]: self self;
    [T] Option<&'a mut [T]> => Option<&'a mut [T]>: self self;
    [T, const N: usize] &'a mut [T; N] => Option<&'a mut [T]>: self Some(self);
    [T, const N: usize] &'a mut [T; N] => &'a mut [T]: self self;
    [T, const N: usize] Option<&'a mut [T; N]> => Option<&'a mut [T]>: self self.map(|slot| slot.as_mut_slice());
    [D: Differentiable] &'a D => Option<&'a D>: self Some(self);
    [D: Differentiable] &'a D => &'a D: self self;
    [D: Differentiable] &'a mut D => Option<&'a D>: self Some(self);
    [D: Differentiable] Option<&'a D> => Option<&'a D>: self self;
    [D: Differentiable] &'a D => Kept: self Kept;
    [D: Differentiable] &'a mut D => Kept: self Kept;
    [T] &'a [T] => Option<&'a [T]>: self Some(self);
    [T] &'a mut [T] => Option<&'a [T]>: self Some(self);
    [T, const N: usize] &'a mut [T; N] => Option<&'a [T]>: self Some(self);
    [T] &'a [T] => Kept: self Kept;
    [T] &'a mut [T] => Kept: self Kept;
    [T] Option<&'a [T]> => Option<&'a [T]>: self self;
    [T, const N: usize] &'a [T; N] => Option<&'a [T]>: self Some(self);
    [T, const N: usize] Option<&'a [T; N]> => Option<&'a [T]>: self self.map(|dot| dot.as_slice());
}

#[cfg(feature = "alloc")]
fits! {
    [T] &'a mut Vec<T> => Option<&'a mut [T]>: self Some(self);
    [T] &'a mut Vec<T> => &'a mut [T]: self self;
    [T] &'a mut Vec<T> => Option<&'a [T]>: self Some(self);
    [T] Option<&'a mut Vec<T>> => Option<&'a mut [T]>: self self.map(|slot| slot.as_mut_slice());
    [T] &'a Vec<T> => Option<&'a [T]>: self Some(self);
    [T] Option<&'a Vec<T>> => Option<&'a [T]>: self self.map(|dot| dot.as_slice());
}

// outside `wrt` everything fits, so that there is one error and not two: the one of `WithinWrt`
macro_rules! fits_outside {
    ($($to:ty: $value:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'a, A> Fits<$to> for A {
            #[inline]
            fn fit(self) -> $to {
                $value
            }
        }
    )*};
}

fits_outside! {
    Option<&'a mut OutsideWrt>: None;
    Option<&'a OutsideWrt>: None;
    &'a mut OutsideWrt: unreachable!("it does not compile");
}

/// An adjoint or a tangent as the callee takes it.
#[inline]
pub fn fit<S, A>(own: A) -> S
where
    A: Slot<Of: Carries> + Fits<S>,
    S: Slot<Of: WithinWrt<<A::Of as Carries>::What>>,
{
    own.fit()
}

/// The adjoint or the tangent of a field, which carries no derivative where it is a skipped one of another type. Method resolution chooses.
#[derive(Debug)]
pub struct OfField<A>(pub A);

/// What carries none.
#[derive(Clone, Debug)]
pub struct NoDerivative;

impl Slot for NoDerivative {
    type Of = Self;
}

impl Carries for NoDerivative {
    type What = Nothing;
}

#[diagnostic::do_not_recommend]
impl Fits<Kept> for NoDerivative {
    #[inline]
    fn fit(self) -> Kept {
        Kept
    }
}

/// A field that may carry a derivative.
pub trait FieldThatCarries: Sized {
    /// The adjoint or the tangent.
    type Own;
    /// As it is.
    fn own(self) -> Self::Own;
}

#[diagnostic::do_not_recommend]
impl<A: Slot<Of: Carries>> FieldThatCarries for OfField<A> {
    type Own = A;

    #[inline]
    fn own(self) -> A {
        self.0
    }
}

/// Any other field.
pub trait FieldThatCarriesNone {
    /// Nothing.
    fn own(&self) -> NoDerivative;
}

#[diagnostic::do_not_recommend]
impl<A> FieldThatCarriesNone for OfField<A> {
    #[inline]
    fn own(&self) -> NoDerivative {
        NoDerivative
    }
}

/// What a callee takes for a buffer that it works in: the adjoint or the tangent of the buffer, or nothing.
#[diagnostic::on_unimplemented(
    message = "the called function takes this argument in another form",
    label = "what is differentiated here reaches the function in a form for which it has no derivative",
    note = "pass it as the function's parameter is written: by value, by reference, or as a slice"
)]
pub trait FitsBuffer<'a, A> {
    /// The adjoint in the callee's form, which `nothing` has where it stores constants alone.
    fn fit_buffer(own: A, nothing: &'a mut OutsideWrt) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, A> FitsBuffer<'a, A> for &'a mut OutsideWrt {
    #[inline]
    fn fit_buffer(_: A, nothing: Self) -> Self {
        nothing
    }
}

#[diagnostic::do_not_recommend]
impl<'a, A: Fits<&'a mut D>, D: Differentiable> FitsBuffer<'a, A> for &'a mut D {
    #[inline]
    fn fit_buffer(own: A, _: &'a mut OutsideWrt) -> Self {
        own.fit()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, A: Fits<&'a mut [T]>, T> FitsBuffer<'a, A> for &'a mut [T] {
    #[inline]
    fn fit_buffer(own: A, _: &'a mut OutsideWrt) -> Self {
        own.fit()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, A> FitsBuffer<'a, A> for Kept {
    #[inline]
    fn fit_buffer(_: A, _: &'a mut OutsideWrt) -> Self {
        Self
    }
}

/// The adjoint or the tangent of a buffer as the callee takes it.
#[inline]
pub fn fit_buffer<'a, S: FitsBuffer<'a, A>, A>(own: A, nothing: &'a mut OutsideWrt) -> S {
    S::fit_buffer(own, nothing)
}

/// The adjoint of an inactive place that is passed by `&mut`: the callee must not store active values there.
#[diagnostic::on_unimplemented(
    message = "the called function differentiates what it changes here, which is not differentiated where it is passed",
    label = "this argument takes active values",
    note = "name the parameter in the `wrt(..)` of this function, or leave it out of the `wrt(..)` of the called one; a variable that is only passed on, and takes active values, begins with a literal, as in `let mut state = State {{ .. }}`"
)]
pub trait Outside {
    /// Nothing.
    fn outside() -> Self;
}

impl Outside for OutsideWrt {
    #[inline]
    fn outside() -> Self {
        Self
    }
}

/// The adjoint of an inactive place.
#[inline]
#[must_use]
pub fn outside<S: Outside>() -> S {
    S::outside()
}

/// The slot and the tangent of an inactive receiver that a method may change: the caller does not know whether it does.
#[diagnostic::on_unimplemented(
    message = "the called method differentiates the receiver that it changes, which is not differentiated where it is called",
    label = "this receiver takes active values",
    note = "let it begin with a value that is differentiated, or with a literal, as in `let mut state = State {{ .. }}`; or leave `self` out of the method's `wrt(..)`"
)]
pub trait OutsideReceiver<'a> {
    /// Nothing, in the method's form.
    fn outside(nothing: &'a mut OutsideWrt) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, T> OutsideReceiver<'a> for Option<T> {
    #[inline]
    fn outside(_: &'a mut OutsideWrt) -> Self {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<'a> OutsideReceiver<'a> for &'a mut OutsideWrt {
    #[inline]
    fn outside(nothing: Self) -> Self {
        nothing
    }
}

#[diagnostic::do_not_recommend]
impl<'a> OutsideReceiver<'a> for Kept {
    #[inline]
    fn outside(_: &'a mut OutsideWrt) -> Self {
        Self
    }
}

/// The slot of an inactive receiver.
#[inline]
pub fn outside_receiver<'a, S: OutsideReceiver<'a>>(nothing: &'a mut OutsideWrt) -> S {
    S::outside(nothing)
}
