//! Functions and members in all their forms, and calls of them.

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[derive(Clone, Copy, Debug, Differentiable)]
struct Spring {
    stiffness: f64,
    rest: f64,
}

impl Spring {
    #[differentiable(wrt(self, x), second_order)]
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.stiffness * (x - self.rest).powi(2)
    }

    #[differentiable(wrt(x), second_order)]
    fn energy_of_a_fixed_one(&self, x: f64) -> f64 {
        self.stiffness * x.cos()
    }

    #[differentiable(wrt(self, k), second_order)]
    fn stiffer(self, k: f64) -> Self {
        Self { stiffness: self.stiffness * k * k, ..self }
    }

    #[differentiable(associated, second_order)]
    fn force(stiffness: f64, x: f64) -> f64 {
        -stiffness * x.sin()
    }
}

#[test]
fn methods_by_reference_and_by_value() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let spring = Spring { stiffness: x[0], rest: x[1] };
        spring.stiffer(x[2]).energy(x[0] * x[2])
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn methods_of_inactive_receivers() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let spring = Spring { stiffness: 3.0, rest: 0.5 };
        spring.energy_of_a_fixed_one(x[0] * x[1]) * spring.energy(x[1])
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn associated_functions() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        Spring::force(x[0], x[1] * x[0])
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[differentiable(second_order)]
fn squared<T: Real>(x: T) -> T {
    x * x + 1.0
}

#[test]
fn generic_functions() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        squared(x[0] * squared::<f64>(x[1]))
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[differentiable(second_order)]
fn trace<const N: usize>(m: &[[f64; N]; N]) -> f64 {
    (0..N).map(|i| m[i][i] * m[i][N - 1]).sum()
}

#[test]
fn constant_parameters() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        trace(&[[x[0], x[1]], [x[2], x[3]]]) * trace::<1>(&[[x[0]]])
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[differentiable(wrt(x), second_order)]
fn weighted<T, W>(x: &[T; 2], weight: &W) -> T
where
    T: Real,
    W: AsRef<[f64]> + ?Sized,
{
    let w = weight.as_ref();
    x[0] * T::from_f64(w[0]) + x[1] * x[1] * T::from_f64(w[1])
}

#[test]
fn where_clauses() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let weights = vec![0.5, 2.0];
        weighted(x, &weights) * x[0]
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[differentiable(second_order)]
fn overlap<'a, 'b: 'a>(a: &'a [f64], b: &'b [f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>().sin()
}

#[test]
fn lifetimes() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        overlap(&x[..2], &x[1..])
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[differentiable]
fn simpson(g: impl Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    (g(a) + 4.0 * g(0.5 * (a + b)) + g(b)) * (b - a) / 6.0
}

#[test]
fn functions_as_arguments() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let k = x[2] * x[2];
        simpson(|t| (k * t).sin(), x[0], x[1]) * simpson(|t| t * t * x[2], 0.0, x[1])
    }
    agrees!(f: [0.7, 0.2, 1.1]);
}

#[differentiable(wrt(x), second_order)]
fn power(x: f64, n: u32) -> f64 {
    match n {
        0 => 1.0,
        n if n % 2 == 0 => power(x * x, n / 2),
        n => x * power(x, n - 1),
    }
}

#[test]
fn recursion() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        power(x[0], 7) * power(x[1], 2)
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[differentiable(wrt(x), recursive, second_order)]
fn even(x: f64, n: u32) -> f64 {
    if n == 0 { x } else { odd(x * x, n - 1) }
}

#[differentiable(wrt(x), recursive, second_order)]
fn odd(x: f64, n: u32) -> f64 {
    if n == 0 { 1.0 } else { even(x.sin(), n - 1) * x }
}

#[test]
fn mutual_recursion() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        even(x[0], 4) * odd(x[1], 3)
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

mod optics {
    pub mod lens {
        use differentiable::prelude::*;

        #[differentiable(second_order)]
        pub fn focus(x: f64) -> f64 {
            x * x * super::index()
        }
    }

    fn index() -> f64 {
        1.5
    }

    pub use lens::focus as refocused;
}

#[test]
fn calls_through_modules() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        optics::lens::focus(x[0]) * x[1].sin()
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn calls_by_renames_and_re_exports() {
    use optics::lens::focus as sharp;
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        sharp(x[0]) * optics::refocused(x[1] * x[0])
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn functions_inside_of_bodies() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        const HALF: f64 = 0.5;
        #[differentiable(second_order)]
        fn half_square(x: f64) -> f64 {
            HALF * x * x
        }
        fn count() -> usize {
            3
        }
        half_square(x[0] * x[1]) * count() as f64
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[differentiable(second_order)]
const fn cubic(x: f64, k: f64) -> f64 {
    let mut y = k;
    let mut i = 0;
    while i < 3 {
        y = y * x + 1.0;
        i += 1;
    }
    y
}

#[test]
fn constant_functions() {
    const GRADIENT: (f64, f64) = cubic::grad(2.0, 1.0);
    assert_eq!(GRADIENT, (17.0, 8.0));
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        cubic(x[0], x[1])
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

/// Documented, and with attributes of all kinds.
#[inline]
#[must_use]
#[differentiable(second_order)]
#[cfg(not(any()))]
#[allow(unused_variables)]
fn gaussian(x: f64) -> f64 {
    #[cfg(any())]
    let x = x.no_such_method();
    #[cfg(not(any()))]
    let x = -x * x;
    x.exp()
}

#[test]
fn attributes_and_conditions() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        gaussian(x[0] * x[1])
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn closures_bound_by_let() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut calls = 0;
        let scale = x[1] * x[1];
        let mut g = |v: f64| {
            calls += 1;
            scale * v.sin()
        };
        let y = g(x[0]) * g(x[1]);
        y * calls as f64
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}
