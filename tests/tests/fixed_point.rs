//! Losses over fixed-point numbers: gradients to the resolution of the type, and training on them.

use differentiable::{Scalar, prelude::*};
use fixed::types::{I8F24, I16F16};
use fixed::{Saturating, Strict, traits::FixedSigned};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Line<T: Scalar> {
    slope: T,
    offset: T,
}

#[differentiable(wrt(line))]
fn loss<T: Scalar>(line: &Line<T>, sample: &(T, T)) -> T {
    let error = line.slope * sample.0 + line.offset - sample.1;
    0.5 * error * error
}

#[differentiable(wrt(x))]
fn rational<T: Scalar>(x: &[T; 3]) -> T {
    let mut sum = T::ZERO;
    for i in 0..3 {
        sum += (x[i] * x[i] - 0.25) / (1.0 + x[i] * x[(i + 1) % 3]);
    }
    sum
}

#[test]
fn gradients_are_those_of_doubles_to_the_resolution_of_the_type() {
    let x = [0.5, 0.75, 1.25];
    let (value, gradient) = rational::value_and_grad(&x);
    let (fixed_value, fixed_gradient) = rational::value_and_grad(&x.map(I8F24::from_num));
    let resolution = 2f64.powi(-24);
    assert!((fixed_value.to_num::<f64>() - value).abs() <= 8.0 * resolution);
    for (fixed, double) in fixed_gradient.iter().zip(gradient) {
        assert!((fixed.to_num::<f64>() - double).abs() <= 16.0 * resolution, "{fixed} instead of {double}");
    }
    let (same, tangent) = rational::jvp(&x.map(I8F24::from_num), &[I8F24::ONE, I8F24::ZERO, I8F24::ZERO]);
    assert_eq!(same, fixed_value);
    assert!((tangent.to_num::<f64>() - gradient[0]).abs() <= 16.0 * resolution);
}

fn trained<F: FixedSigned, R: Rule<Scalar = Saturating<F>>>(rule: R) -> Line<Saturating<F>> {
    let number = |x: f64| Saturating(F::from_num(x));
    let samples: [_; 8] = std::array::from_fn(|i| {
        let x = -1.0 + 0.25 * i as f64;
        (number(x), number(1.5 * x - 0.5))
    });
    let mut line = Line { slope: number(0.0), offset: number(0.0) };
    Trainer::new(rule).epochs(400).batch(Batch::Mini(4)).fit(&mut line, &samples, loss::vjp).expect("nothing is infinite");
    line
}

#[test]
fn gradient_descent_and_momentum_learn_in_fixed_point() {
    let rate = |x: f64| Saturating(I16F16::from_num(x));
    for line in [trained::<I16F16, _>(Sgd::new(rate(0.1))), trained::<I16F16, _>(Momentum::new(rate(0.02)))] {
        let (slope, offset) = (line.slope.0.to_num::<f64>(), line.offset.0.to_num::<f64>());
        assert!((slope - 1.5).abs() < 2e-3 && (offset + 0.5).abs() < 2e-3, "{line:?}");
    }
}

#[test]
fn what_does_not_fit_is_as_the_type_says() {
    let large = Line { slope: Saturating(I16F16::from_num(300)), offset: Saturating(I16F16::ZERO) };
    let sample = (Saturating(I16F16::from_num(300)), Saturating(I16F16::ZERO));
    assert_eq!(loss::grad(&large, &sample).slope, Saturating(I16F16::MAX));
    let strict = std::panic::catch_unwind(|| {
        let large = Line { slope: Strict(I16F16::from_num(300)), offset: Strict(I16F16::ZERO) };
        loss::grad(&large, &(Strict(I16F16::from_num(300)), Strict(I16F16::ZERO)))
    });
    assert!(strict.is_err());
}
