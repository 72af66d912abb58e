//! The problems: each file holds a function as its users write it, its gradient by hand, and the function for other crates.

mod burgers;
mod clusters;
mod determinant;
mod elimination;
mod log_sum_exp;
mod logistic;
mod memory;
mod mixture;
mod network;
mod normalized;
mod polynomial;
mod recurrence;
mod rosenbrock;
mod runge_kutta;
mod scalars;
mod squares;

use crate::harness::Measured;

/// A problem that is set up when its turn comes.
pub type Make = Box<dyn Fn() -> Box<dyn Measured>>;

/// The same for any size.
pub type MakeOfSize = Box<dyn Fn(usize) -> Box<dyn Measured>>;

/// The rows of the table.
pub fn table() -> Vec<(&'static str, Make)> {
    vec![
        ("logistic", Box::new(|| Box::new(logistic::problem(1024)))),
        ("network", Box::new(|| Box::new(network::problem()))),
        ("rosenbrock", Box::new(|| Box::new(rosenbrock::problem(1000)))),
        ("scalars", Box::new(|| Box::new(scalars::problem()))),
        ("recurrence", Box::new(|| Box::new(recurrence::problem()))),
        ("lse", Box::new(|| Box::new(log_sum_exp::problem(100_000)))),
        ("logsumexp", Box::new(|| Box::new(log_sum_exp::problem_of_the_library(100_000)))),
        ("llsq", Box::new(|| Box::new(polynomial::problem(512)))),
        ("det", Box::new(|| Box::new(determinant::problem()))),
        ("gmm-10", Box::new(|| Box::new(mixture::problem::<10>(1000, 25)))),
        ("gmm-64", Box::new(|| Box::new(mixture::problem::<64>(1000, 25)))),
        ("lstm", Box::new(|| Box::new(memory::problem(1024)))),
        ("kmeans", Box::new(|| Box::new(clusters::problem(10_000)))),
        ("ode", Box::new(|| Box::new(runge_kutta::problem()))),
        ("squares", Box::new(|| Box::new(squares::problem()))),
        ("burgers", Box::new(|| Box::new(burgers::problem(1000)))),
        ("elimination", Box::new(|| Box::new(elimination::problem()))),
        ("normalized", Box::new(|| Box::new(normalized::problem()))),
    ]
}

/// The problems whose size grows by a factor of a thousand.
pub fn growing() -> Vec<(&'static str, MakeOfSize)> {
    vec![
        ("logistic", Box::new(|n| Box::new(logistic::problem(n)))),
        ("rosenbrock", Box::new(|n| Box::new(rosenbrock::problem(n)))),
        ("lse", Box::new(|n| Box::new(log_sum_exp::problem(n)))),
        ("llsq", Box::new(|n| Box::new(polynomial::problem(n)))),
        ("kmeans", Box::new(|n| Box::new(clusters::problem(n)))),
        ("gmm-10", Box::new(|n| Box::new(mixture::problem::<10>(n, 25)))),
        ("lstm", Box::new(|n| Box::new(memory::problem(n)))),
    ]
}

/// Numbers between -1 and 1, the same in every run.
pub struct Random(u64);

impl Random {
    /// A sequence of its own for each seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    /// The next numbers.
    pub fn array<const N: usize>(&mut self) -> [f64; N] {
        std::array::from_fn(|_| self.next())
    }

    /// The next numbers.
    pub fn vec(&mut self, length: usize) -> Vec<f64> {
        (0..length).map(|_| self.next()).collect()
    }
}

/// A function, and the same with the argument `relaxed`.
macro_rules! twins {
    ($( ($($argument:tt)*) { $($function:tt)* } )+) => {
        pub mod exact {
            #[allow(unused_imports)]
            use super::*;
            $( #[differentiable($($argument)*)] $($function)* )+
        }
        pub mod relaxed {
            #[allow(unused_imports)]
            use super::*;
            $( #[differentiable(relaxed, $($argument)*)] $($function)* )+
        }
    };
}
use twins;
