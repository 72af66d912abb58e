//! Stand-ins for functions that have no derivatives: `use path::g as callee; use missing::with2::*;` finds the stand-in where `g`
//! has no derivatives, and its bound carries the message.

/// A function that has derivatives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no derivatives",
    label = "called with an active argument, but not `#[differentiable]`",
    note = "write `#[differentiable]` on it, or pass `stop_gradient(..)` of the active arguments"
)]
pub trait HasDerivatives {}

macro_rules! arities {
    ($($with:ident: $($argument:ident)*;)*) => {$(
        #[allow(missing_docs, non_camel_case_types, reason = "it stands in for a function")]
        pub mod $with {
            use super::HasDerivatives;
            pub enum callee {}
            impl callee {
                pub fn __split<F: HasDerivatives, $($argument,)* R>(_: F $(, _: $argument)*) -> R {
                    unreachable!()
                }
                pub fn __fused<F: HasDerivatives, $($argument,)* V, S, R>(_: F $(, _: $argument)*, _: V, _: S) -> R {
                    unreachable!()
                }
                pub fn __tangent<F: HasDerivatives, $($argument,)* R>(_: F $(, _: $argument)* $(, _: Option<&$argument>)*) -> R {
                    unreachable!()
                }
            }
        }
    )*};
}

arities! {
    with0: ;
    with1: A;
    with2: A B;
    with3: A B C;
    with4: A B C D;
    with5: A B C D E;
    with6: A B C D E G;
    with7: A B C D E G H;
    with8: A B C D E G H I;
    with9: A B C D E G H I J;
    with10: A B C D E G H I J K;
    with11: A B C D E G H I J K L;
    with12: A B C D E G H I J K L M;
}
