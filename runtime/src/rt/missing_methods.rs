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

/// Before a call of a hidden method: a method of that name for every type, by `&mut`. The inherent one of the receiver's own type
/// precedes it, one that is found through `Deref` does not.
#[macro_export]
#[doc(hidden)]
macro_rules! else_missing {
    ($method:ident: $($argument:ident)*) => {
        trait Missing {
            #[allow(clippy::too_many_arguments)]
            fn $method<$($argument,)* R>(&mut self, $(_: $argument),*) -> R
            where
                Self: $crate::rt::MethodHasDerivatives,
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
    ($function:ident: $($argument:ident)*) => {
        trait Missing {
            #[allow(clippy::too_many_arguments)]
            fn $function<$($argument,)* R>($(_: $argument),*) -> R
            where
                Self: $crate::rt::AssociatedHasDerivatives,
            {
                ::core::unreachable!()
            }
        }
        impl<T: ?::core::marker::Sized> Missing for T {}
    };
}
