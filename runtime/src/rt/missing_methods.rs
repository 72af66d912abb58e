//! Stand-ins for methods and associated functions that have no derivatives.

/// A type whose method has derivatives.
#[diagnostic::on_unimplemented(
    message = "this method of `{Self}` has no derivatives",
    label = "called with an active argument, but not `#[differentiable]`",
    note = "write `#[differentiable]` on it; a method reached through `Deref` is called as `(*x).method(..)`"
)]
pub trait MethodHasDerivatives {}

/// A type whose associated function has derivatives.
#[diagnostic::on_unimplemented(
    message = "this function of `{Self}` has no derivatives",
    label = "called with an active argument, but not `#[differentiable]`",
    note = "write `#[differentiable]` on it, with `associated` if it does not mention `Self`"
)]
pub trait AssociatedHasDerivatives {}

/// A type whose method, or whose derivative, has derivatives.
#[diagnostic::on_unimplemented(
    message = "this function of `{Self}` has no derivatives",
    label = "called with an active argument, but neither `#[differentiable]` nor a derivative of a `second_order` function",
    note = "write `#[differentiable(second_order)]` on the function whose derivative it is, or `#[differentiable]` on itself"
)]
pub trait DerivativeHasDerivatives {}

/// A type whose method has second derivatives.
#[diagnostic::on_unimplemented(
    message = "this function of `{Self}` has no second derivatives",
    label = "its second derivatives are needed here, but it is not `#[differentiable(second_order)]`",
    note = "write `#[differentiable(second_order)]` on it, or pass `stop_gradient(..)` of the active arguments"
)]
pub trait MethodHasSecondDerivatives {}

/// A type whose derivatives stop at the second.
#[diagnostic::on_unimplemented(
    message = "this derivative of `{Self}` would have to be differentiated a third time",
    label = "a derivative of the second order is needed of it, or it is one itself",
    note = "derivatives end at the second order: leave `second_order` out, or pass `stop_gradient(..)` of the active arguments"
)]
pub trait FirstOrder {}

/// A type whose derivatives add to their arguments.
#[diagnostic::on_unimplemented(
    message = "this derivative of `{Self}` is not differentiated itself",
    label = "it takes or gives cotangents",
    note = "call `.._grad(..)` or `.._value_and_grad(..)` of a function that returns a scalar, or `.._jvp(..)`"
)]
pub trait TakesItsAdjoints {}

/// Before a call of a hidden method: a method of that name for every type, by `&mut`. The inherent one of the receiver's own type
/// precedes it, one that is found through `Deref` does not.
#[macro_export]
#[doc(hidden)]
macro_rules! else_missing {
    ($bound:path, $method:ident: $($argument:ident)*) => {
        trait Missing {
            #[allow(clippy::too_many_arguments)]
            fn $method<$($argument,)* R>(&mut self, $(_: $argument),*) -> R
            where
                Self: $bound,
            {
                ::core::unreachable!()
            }
        }
        impl<T: ?::core::marker::Sized> Missing for T {}
    };
}

/// The same for associated functions.
#[macro_export]
#[doc(hidden)]
macro_rules! else_missing_associated {
    ($bound:path, $function:ident: $($argument:ident)*) => {
        trait Missing {
            #[allow(clippy::too_many_arguments)]
            fn $function<$($argument,)* R>($(_: $argument),*) -> R
            where
                Self: $bound,
            {
                ::core::unreachable!()
            }
        }
        impl<T: ?::core::marker::Sized> Missing for T {}
    };
}
