//! Numbers whose maths a type chooses.

use differentiable::prelude::*;
use differentiable::{Maths, With};

/// A square root that is one too large, and an exponential that is twice what it should be.
struct Odd;

impl Maths<f64> for Odd {
    fn sqrt(x: f64) -> f64 {
        x.sqrt() + 1.0
    }

    fn exp(x: f64) -> f64 {
        2.0 * x.exp()
    }
}

#[differentiable]
fn mixture<T: Real>(x: &[T; 3]) -> T {
    let mut sum = x[0].sqrt() * x[1].exp() + (x[2] % x[0]).sin();
    for x in x {
        sum += x.tanh() / (1.0 + x * x);
    }
    sum
}

#[differentiable]
fn root<T: Real>(x: T) -> T {
    x.sqrt() + 3.0 * x.exp()
}

/// The maths of the number.
struct Own;

impl Maths<f64> for Own {}

#[test]
fn without_replacements_every_bit_is_that_of_the_number() {
    let x = [0.7, -0.4, 2.2];
    let (value, gradient) = mixture::value_and_grad(&x);
    let (chosen, chosen_gradient) = mixture::value_and_grad(&x.map(With::<f64, Own>::new));
    assert_eq!(chosen.value().to_bits(), value.to_bits());
    assert_eq!(chosen_gradient.map(|d| d.value().to_bits()), gradient.map(f64::to_bits));
}

#[test]
fn what_is_replaced_is_used_in_values_and_in_derivatives_of_both_modes() {
    let x = With::<f64, Odd>::new(4.0);
    let exp = 2.0 * 4f64.exp();
    let (value, slope) = root::value_and_grad(x);
    assert_eq!(value.value(), 3.0 + 3.0 * exp);
    assert_eq!(slope.value(), 0.5 / 3.0 + 3.0 * exp);
    assert_eq!(root::jvp(x, With::new(1.0)).1.value(), slope.value());
}
