//! Stand-ins for methods and associated functions that have no derivatives.
//!
//! `else_missing!` gives every type a method of the entry's name, which the entry itself precedes. What it returns is [`Missing`]; asking that for
//! what an entry gives, as `.entry()` does, is the error. It stands here and not at the stand-in, so that rustc reports the same error,
//! word for word, for every entry that a caller uses: and so it shows it once.

use core::marker::PhantomData;

/// A type whose method has derivatives.
#[diagnostic::on_unimplemented(
    message = "this method of `{Self}` has no derivatives",
    label = "called with an active argument, but not `#[differentiable]`",
    note = "write `#[differentiable]` on it; a method reached through `Deref` is called as `(*x).method(..)`; where another crate has it, call it in a function with `vjp = path`"
)]
pub trait MethodHasDerivatives {}

/// A type whose method has second derivatives.
#[diagnostic::on_unimplemented(
    message = "this method of `{Self}` has no second derivatives",
    label = "called with an active argument, but not `#[differentiable(second_order)]`",
    note = "write `#[differentiable(second_order)]` on it, with `jvp = path` where it has `vjp = path`; a method reached through `Deref` is called as `(*x).method(..)`"
)]
pub trait MethodHasSecondDerivatives {}

/// A type whose associated function has derivatives.
#[diagnostic::on_unimplemented(
    message = "this function of `{Self}` has no derivatives",
    label = "called with an active argument, but not `#[differentiable]`",
    note = "write `#[differentiable]` on it, with `associated` if it does not mention `Self`"
)]
pub trait AssociatedHasDerivatives {}

/// A type whose associated function has second derivatives.
#[diagnostic::on_unimplemented(
    message = "this function of `{Self}` has no second derivatives",
    label = "called with an active argument, but not `#[differentiable(second_order)]`",
    note = "write `#[differentiable(second_order)]` on it, with `jvp = path` where it has `vjp = path`, and with `associated` if it does not mention `Self`"
)]
pub trait AssociatedHasSecondDerivatives {}

/// A type whose method, or whose derivative, has derivatives.
#[diagnostic::on_unimplemented(
    message = "this function of `{Self}` has no derivatives",
    label = "called with an active argument, but neither `#[differentiable]` nor a derivative of a `second_order` function",
    note = "write `#[differentiable(second_order)]` on the function whose derivative it is, or `#[differentiable]` on itself"
)]
pub trait DerivativeHasDerivatives {}

/// A type whose derivatives stop at the second.
#[diagnostic::on_unimplemented(
    message = "this derivative of `{Self}` would have to be differentiated a third time",
    label = "a derivative of the second order is needed of it, or it is one itself",
    note = "derivatives end at the second order: leave `second_order` out, or pass `stop_gradient(..)` of the active arguments"
)]
pub trait HasThirdDerivatives {}

/// A type whose derivatives add to their arguments.
#[diagnostic::on_unimplemented(
    message = "this derivative of `{Self}` is not differentiated itself",
    label = "it takes or gives cotangents",
    note = "call `.._grad(..)` or `.._value_and_grad(..)` of a function that returns a scalar, or `.._jvp(..)`"
)]
pub trait AdjointsHaveDerivatives {}

/// What stands in for the result of an entry of `S` that there is not.
#[derive(Debug)]
pub struct Missing<S: ?Sized, Kind>(PhantomData<Kind>, PhantomData<S>);

/// What an entry gives: itself.
pub trait Entry: Sized {
    /// Itself.
    #[inline]
    fn entry(self) -> Self {
        self
    }
}

impl<T> Entry for T {}

/// The kind of a method.
#[derive(Debug)]
pub enum Method {}

/// The kind of a method that is called in a function with second derivatives.
#[derive(Debug)]
pub enum SecondMethod {}

/// The kind of an associated function.
#[derive(Debug)]
pub enum Associated {}

/// The kind of an associated function that is called in a function with second derivatives.
#[derive(Debug)]
pub enum SecondAssociated {}

/// The kind of a member that may be a derivative by its name.
#[derive(Debug)]
pub enum Derivative {}

/// The kind of a derivative that would be of the third order.
#[derive(Debug)]
pub enum FirstOrder {}

/// The kind of a derivative that adds to its arguments.
#[derive(Debug)]
pub enum TakesItsAdjoints {}

impl<S: ?Sized> Missing<S, Method> {
    /// Whatever the entry would give.
    pub fn entry<R>(self) -> R
    where
        S: MethodHasDerivatives,
    {
        unreachable!("it does not compile")
    }
}

impl<S: ?Sized> Missing<S, SecondMethod> {
    /// Whatever the entry would give.
    pub fn entry<R>(self) -> R
    where
        S: MethodHasSecondDerivatives,
    {
        unreachable!("it does not compile")
    }
}

impl<S: ?Sized> Missing<S, Associated> {
    /// Whatever the entry would give.
    pub fn entry<R>(self) -> R
    where
        S: AssociatedHasDerivatives,
    {
        unreachable!("it does not compile")
    }
}

impl<S: ?Sized> Missing<S, SecondAssociated> {
    /// Whatever the entry would give.
    pub fn entry<R>(self) -> R
    where
        S: AssociatedHasSecondDerivatives,
    {
        unreachable!("it does not compile")
    }
}

impl<S: ?Sized> Missing<S, Derivative> {
    /// Whatever the entry would give.
    pub fn entry<R>(self) -> R
    where
        S: DerivativeHasDerivatives,
    {
        unreachable!("it does not compile")
    }
}

impl<S: ?Sized> Missing<S, FirstOrder> {
    /// Whatever the entry would give.
    pub fn entry<R>(self) -> R
    where
        S: HasThirdDerivatives,
    {
        unreachable!("it does not compile")
    }
}

impl<S: ?Sized> Missing<S, TakesItsAdjoints> {
    /// Whatever the entry would give.
    pub fn entry<R>(self) -> R
    where
        S: AdjointsHaveDerivatives,
    {
        unreachable!("it does not compile")
    }
}

/// Before a call of a hidden method: a method of that name for every type, by `&mut`. The inherent one of the receiver's own type
/// precedes it, one that is found through `Deref` does not.
#[macro_export]
#[doc(hidden)]
macro_rules! else_missing {
    ($kind:ident $method:ident: $($argument:ident)*) => {
        use $crate::rt::Entry as _;
        trait Stand {
            #[allow(clippy::too_many_arguments)]
            fn $method<$($argument,)*>(&mut self, $(_: $argument),*) -> $crate::rt::Missing<Self, $crate::rt::$kind> {
                ::core::unreachable!()
            }
        }
        impl<T: ?::core::marker::Sized> Stand for T {}
    };
}

/// For every type that has no such method, one that keeps nothing: what is said of it, the call says.
#[macro_export]
#[doc(hidden)]
macro_rules! else_nothing {
    ($method:ident) => {
        trait Stand {
            fn $method(&mut self) -> $crate::rt::Nothing {
                $crate::rt::Nothing
            }
        }
        impl<T: ?::core::marker::Sized> Stand for T {}
    };
}

/// The same for associated functions.
#[macro_export]
#[doc(hidden)]
macro_rules! else_missing_associated {
    ($kind:ident $function:ident: $($argument:ident)*) => {
        use $crate::rt::Entry as _;
        trait Stand {
            #[allow(clippy::too_many_arguments)]
            fn $function<$($argument,)*>($(_: $argument),*) -> $crate::rt::Missing<Self, $crate::rt::$kind> {
                ::core::unreachable!()
            }
        }
        impl<T: ?::core::marker::Sized> Stand for T {}
    };
}
