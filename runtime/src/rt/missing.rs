//! Stand-ins for functions that have no derivatives: `use path::g as __callee; use missing::with2::*;` finds the stand-in where `g`
//! has no derivatives, and its bound carries the message.
//!
//! The bound is on the implementation of a trait and not on its functions, so that rustc reports the same error, word for word, for every entry that a
//! caller uses: and so it shows it once.

/// Nothing has it.
pub trait Never {}

/// A function in the place of an entry; its arguments are those of the entry.
macro_rules! entry {
    (split $name:ident $($argument:ident $dot:ident)*) => {
        fn $name<$($argument,)* R>(_: F $(, _: $argument)*) -> R {
            unreachable!("it does not compile")
        }
    };
    (fused $name:ident $($argument:ident $dot:ident)*) => {
        fn $name<$($argument, $dot,)* S, R>(_: F $(, _: $argument)*, _: S $(, _: Option<$dot>)*) -> R {
            unreachable!("it does not compile")
        }
    };
    (tangent $name:ident $($argument:ident $dot:ident)*) => {
        fn $name<$($argument, $dot,)* R>(_: F $(, _: $argument)* $(, _: Option<$dot>)*) -> R {
            unreachable!("it does not compile")
        }
    };
}

macro_rules! entries {
    ($with:ident $trait:ident for ($($self:tt)*) [$($generics:tt)*] $message:literal $label:literal $note:literal: $($argument:ident $dot:ident)*) => {
        #[allow(missing_docs, non_camel_case_types, clippy::too_many_arguments, reason = "it stands in for a function")]
        pub mod $with {
            /// The entries of a function that has derivatives.
            #[diagnostic::on_unimplemented(message = $message, label = $label, note = $note)]
            pub trait $trait<F> {
                entry! { split __split $($argument $dot)* }
                entry! { fused __fused $($argument $dot)* }
                entry! { tangent __tangent $($argument $dot)* }
                entry! { tangent __split_tangent $($argument $dot)* }
                entry! { split __grad_split $($argument $dot)* }
                entry! { fused __grad_fused $($argument $dot)* }
                entry! { tangent __grad_tangent $($argument $dot)* }
                entry! { split __value_and_grad_split $($argument $dot)* }
                entry! { fused __value_and_grad_fused $($argument $dot)* }
                entry! { tangent __value_and_grad_tangent $($argument $dot)* }
                entry! { split __jvp_split $($argument $dot)* }
                entry! { fused __jvp_fused $($argument $dot)* }
                entry! { tangent __jvp_tangent $($argument $dot)* }
            }
            #[diagnostic::do_not_recommend]
            impl<F: super::Never, $($generics)*> $trait<F> for $($self)* {}
            pub enum __callee {}
        }
    };
}

macro_rules! arities {
    ($($with:ident $second:ident: $($argument:ident $dot:ident)*;)*) => {$(
        entries! {
            $with HasDerivatives for (__callee) []
            "`{F}` has no derivatives"
            "called with an active argument, but not `#[differentiable]`"
            "write `#[differentiable]` on it, or pass `stop_gradient(..)` of the active arguments, and a skipped field that holds no floats by a name with its type, `let n: usize = p.n;`; where another crate has it, call it in a function with `partials(..)` or `vjp = path`":
            $($argument $dot)*
        }
        // what has first derivatives alone finds no inherent entry either
        entries! {
            $second HasSecondDerivatives for (T) [T]
            "`{F}` has no second derivatives"
            "its second derivatives are needed here, but it is not `#[differentiable(second_order)]`"
            "write `#[differentiable(second_order)]` on it, with `jvp = path` where it has `vjp = path`, or pass `stop_gradient(..)` of the active arguments":
            $($argument $dot)*
        }
    )*};
}

arities! {
    with0 second_with0:;
    with1 second_with1: A0 D0;
    with2 second_with2: A0 D0 A1 D1;
    with3 second_with3: A0 D0 A1 D1 A2 D2;
    with4 second_with4: A0 D0 A1 D1 A2 D2 A3 D3;
    with5 second_with5: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4;
    with6 second_with6: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5;
    with7 second_with7: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6;
    with8 second_with8: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7;
    with9 second_with9: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8;
    with10 second_with10: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8 A9 D9;
    with11 second_with11: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8 A9 D9 A10 D10;
    with12 second_with12: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8 A9 D9 A10 D10 A11 D11;
    with13 second_with13: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8 A9 D9 A10 D10 A11 D11 A12 D12;
    with14 second_with14: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8 A9 D9 A10 D10 A11 D11 A12 D12 A13 D13;
    with15 second_with15: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8 A9 D9 A10 D10 A11 D11 A12 D12 A13 D13 A14 D14;
    with16 second_with16: A0 D0 A1 D1 A2 D2 A3 D3 A4 D4 A5 D5 A6 D6 A7 D7 A8 D8 A9 D9 A10 D10 A11 D11 A12 D12 A13 D13 A14 D14 A15 D15;
}

/// Whether a function is pure: what does not say so may not be.
pub mod purity {
    pub use super::with0::__callee;

    /// What has derivatives, or stands in for it.
    pub trait IsPure {
        /// An inherent constant of this name precedes it.
        const __IS_PURE: bool = false;
    }

    impl<T: ?Sized> IsPure for T {}
}

/// Entries that compute many numbers at a time: what has none computes them one by one.
pub mod many {
    pub use super::with0::__callee;

    /// Inherent entries of these names precede its own.
    pub trait HasMany {
        /// Both sweeps of a function of one sequence.
        #[inline(always)]
        fn __relaxed<X, S, D, R>(x: X, seed: S, d_x: D, one_by_one: impl FnOnce(X, S, D) -> R) -> R {
            one_by_one(x, seed, d_x)
        }

        /// The same of sequences side by side; gives whether it has run.
        #[inline(always)]
        fn __in_lanes<X: ?Sized, S, D: ?Sized, V>(_: &X, _: &S, _: &mut D, _: &mut V) -> bool {
            false
        }
    }

    impl<T: ?Sized> HasMany for T {}
}

/// Calls of more arguments.
pub mod with_many {
    /// A function whose derivatives are asked for, and which has none.
    #[derive(Debug)]
    pub enum FunctionWithoutDerivatives {}

    pub use FunctionWithoutDerivatives as __callee;
}
