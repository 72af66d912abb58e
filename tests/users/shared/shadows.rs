//! Where every name that an expansion could lean on means something else.

use ::differentiable::{Differentiable, Real, differentiable};

/// Not the crates.
pub mod core {}
/// Not the crates.
pub mod std {}
/// Not the crates.
pub mod alloc {}

/// Declares types of these names.
macro_rules! others {
    ($($name:ident)*) => {
        $(
            #[doc = "Not what its name says."]
            #[derive(::core::fmt::Debug)]
            pub struct $name;
        )*
    };
}

others! { Vec Option Some None Result Ok Err Box String Clone Copy Default Drop Fn FnMut FnOnce Iterator IntoIterator From Into AsRef Sized }

/// Declares functions of these names.
macro_rules! functions {
    ($($name:ident)*) => {
        $(
            #[doc = "Not what its name says."]
            pub fn $name() {}
        )*
    };
}

functions! { drop rt scalar is_scalar seq zeros like seed tape vjp grad jvp pullback hvp }

/// A space.
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq, Differentiable)]
pub struct Params<T: Real> {
    /// The slope.
    pub slope: T,
    /// The offsets.
    pub offsets: [T; 2],
}

/// A loop that needs its past states.
#[must_use]
#[differentiable(second_order)]
pub fn iterate<T: Real>(x: T, n: usize) -> T {
    let mut y = x;
    let mut i = 0;
    while i < n {
        if y > 1.0 {
            y = y.sqrt();
        } else {
            y = y * y + 0.75;
        }
        i += 1;
    }
    y
}

/// A call in a loop over a slice.
#[must_use]
#[differentiable(wrt(p, x))]
pub fn fit<T: Real>(p: &Params<T>, x: &[T]) -> T {
    let mut sum = T::ZERO;
    for v in x {
        sum += iterate(*v, 2) * p.slope + p.offsets[1];
    }
    sum
}

/// What is called.
#[must_use]
#[differentiable]
pub fn call(a: f64, b: &[f64; 2]) -> f64 {
    iterate(a, 1) * b[0] + b[1].max(a)
}

/// Derivatives of several results.
#[must_use]
#[differentiable]
pub fn both(a: f64, b: f64) -> [f64; 2] {
    [a * b, call(a, &[b, 0.0])]
}
