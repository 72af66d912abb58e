//! Derivatives called inside of differentiable functions: every use against finite differences, in both modes.

use differentiable::prelude::*;
use differentiable_tests::agrees;

mod model {
    use differentiable::prelude::*;

    /// A wave of which the slope is asked for.
    #[differentiable(wrt(x, w), second_order)]
    pub fn wave(x: f64, w: &[f64; 2]) -> f64 {
        (w[0] * x).sin() * (w[1] * x * x).exp()
    }
}

#[differentiable(second_order)]
fn potential(q: &[f64; 2]) -> f64 {
    (q[0] * q[0] * q[1]).cos() + q[1] * q[1]
}

#[differentiable(second_order)]
fn bump(x: f64) -> f64 {
    (-x * x).exp()
}

#[differentiable(second_order)]
fn sliced(x: &[f64]) -> f64 {
    x.windows(2).map(|w| (w[0] * w[1]).sin()).sum()
}

#[test]
fn the_slope_of_a_scalar_function() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let slope = bump::grad(x[0] * x[1]);
        slope * slope + bump(x[0])
    }
    agrees!(f, 2, [0.3, 0.7], [-1.2, 0.4]);
}

#[test]
fn the_force_of_a_potential_in_a_loop() {
    #[differentiable]
    fn orbit(x: &[f64; 4]) -> f64 {
        let (mut q, mut p) = ([x[0], x[1]], [x[2], x[3]]);
        for _ in 0..4 {
            let force = potential::grad(&q);
            for i in 0..2 {
                p[i] -= 0.1 * force[i];
                q[i] += 0.1 * p[i];
            }
        }
        q[0] * p[1]
    }
    agrees!(orbit, 4, [0.3, 0.7, -0.2, 0.5], [1.1, 0.4, 0.0, -0.3]);
}

#[test]
fn a_residual_of_a_differential_equation() {
    #[differentiable]
    fn residual(w: &[f64; 2]) -> f64 {
        let mut total = 0.0;
        for i in 1..4 {
            let x = i as f64 * 0.3;
            let (value, (slope, by_weights)) = model::wave::value_and_grad(x, w);
            total += (slope + value).powi(2) + by_weights[0] * by_weights[1];
        }
        total
    }
    agrees!(residual, 2, [0.3, 0.7], [-1.2, 0.4]);
}

#[test]
fn gradients_of_slices() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let gradient = sliced::grad(&x[1..]);
        gradient[0] * gradient[2] + gradient[1] * x[0]
    }
    agrees!(f, 4, [0.3, 0.7, -0.2, 0.5]);
}
