//! Stand-ins for functions that have no derivatives: `use path::g as __callee; use missing::with2::*;` finds the stand-in where `g`
//! has no derivatives, and its bound carries the message.

/// A function that has derivatives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no derivatives",
    label = "called with an active argument, but not `#[differentiable]`",
    note = "write `#[differentiable]` on it, or pass `stop_gradient(..)` of the active arguments"
)]
pub trait HasDerivatives {}

/// A function that has second derivatives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no second derivatives",
    label = "its second derivatives are needed here, but it is not `#[differentiable(second_order)]`",
    note = "write `#[differentiable(second_order)]` on it, or pass `stop_gradient(..)` of the active arguments"
)]
pub trait HasSecondDerivatives {}

/// A function in the place of an entry; its arguments are those of the entry.
macro_rules! stand_in {
    ($vis:vis split $name:ident $bound:ident $($argument:ident $dot:ident)*) => {
        $vis fn $name<F: $bound, $($argument,)* R>(_: F $(, _: $argument)*) -> R {
            unreachable!()
        }
    };
    ($vis:vis fused $name:ident $bound:ident $($argument:ident $dot:ident)*) => {
        $vis fn $name<F: $bound, $($argument, $dot,)* S, R>(_: F $(, _: $argument)*, _: S $(, _: Option<$dot>)*) -> R {
            unreachable!()
        }
    };
    ($vis:vis tangent $name:ident $bound:ident $($argument:ident $dot:ident)*) => {
        $vis fn $name<F: $bound, $($argument, $dot,)* R>(_: F $(, _: $argument)* $(, _: Option<$dot>)*) -> R {
            unreachable!()
        }
    };
}

macro_rules! arities {
    ($($with:ident: $($argument:ident $dot:ident)*;)*) => {$(
        #[allow(missing_docs, non_camel_case_types, clippy::too_many_arguments, reason = "it stands in for a function")]
        pub mod $with {
            use super::{HasDerivatives, HasSecondDerivatives};
            /// What a function has in the place of second derivatives: its own entries precede these.
            pub trait Second {
                stand_in! { tangent __split_tangent HasSecondDerivatives $($argument $dot)* }
                stand_in! { split __grad_split HasSecondDerivatives $($argument $dot)* }
                stand_in! { fused __grad_fused HasSecondDerivatives $($argument $dot)* }
                stand_in! { tangent __grad_tangent HasSecondDerivatives $($argument $dot)* }
                stand_in! { split __value_and_grad_split HasSecondDerivatives $($argument $dot)* }
                stand_in! { fused __value_and_grad_fused HasSecondDerivatives $($argument $dot)* }
                stand_in! { tangent __value_and_grad_tangent HasSecondDerivatives $($argument $dot)* }
                stand_in! { split __jvp_split HasSecondDerivatives $($argument $dot)* }
                stand_in! { fused __jvp_fused HasSecondDerivatives $($argument $dot)* }
                stand_in! { tangent __jvp_tangent HasSecondDerivatives $($argument $dot)* }
            }
            impl<T> Second for T {}
            pub enum __callee {}
            impl __callee {
                stand_in! { pub split __split HasDerivatives $($argument $dot)* }
                stand_in! { pub fused __fused HasDerivatives $($argument $dot)* }
                stand_in! { pub tangent __split_tangent HasDerivatives $($argument $dot)* }
                stand_in! { pub tangent __tangent HasDerivatives $($argument $dot)* }
            }
        }
    )*};
}

arities! {
    with0:;
    with1: A0 D0;
    with2: A0 D0 A1 D1;
    with3: A0 D0 A1 D1 A2 D2;
    with4: A0 D0 A1 D1 A2 D2 A3 D3;
    with5: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4;
    with6: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5;
    with7: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6;
    with8: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7;
    with9: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8;
    with10: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8 A9 D9;
    with11: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8 A9 D9 A10 D10;
    with12: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8 A9 D9 A10 D10 A11 D11;
}
