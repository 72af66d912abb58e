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

#[differentiable(wrt(x, w), second_order)]
fn swirl(x: &[f64; 2], w: f64) -> [f64; 2] {
    [(x[0] * w).sin() * x[1], x[0] * x[0] * w.exp()]
}

#[test]
fn a_derivative_along_a_direction() {
    #[differentiable]
    fn scalar(x: &[f64; 2]) -> f64 {
        let (value, slope) = bump::jvp(x[0], x[1]);
        let (_, along_constant) = bump::jvp(x[0] * x[1], 2.0);
        value * slope + along_constant
    }
    agrees!(scalar, 2, [0.3, 0.7], [-1.2, 0.4]);
    #[differentiable]
    fn of_an_array(x: &[f64; 4]) -> f64 {
        let (y, y_dot) = swirl::jvp(&[x[0], x[1]], x[2], &[x[3], x[0]], 0.5);
        y[0] * y_dot[1] + y_dot[0] * x[2]
    }
    agrees!(of_an_array, 4, [0.3, 0.7, -0.2, 0.5], [1.1, 0.4, 0.1, -0.3]);
    #[differentiable]
    fn along_an_axis(x: &[f64; 3]) -> f64 {
        let mut divergence = 0.0;
        for i in 0..2 {
            let mut axis = [0.0; 2];
            axis[i] = 1.0;
            let (_, column) = swirl::jvp(&[x[0], x[1]], x[2], &axis, 0.0);
            divergence += column[i] * x[i];
        }
        divergence
    }
    agrees!(along_an_axis, 3, [0.3, 0.7, -0.2], [1.1, 0.4, 0.1]);
}

#[derive(Clone, Debug, Differentiable)]
struct Spring {
    k: [f64; 2],
    rest: f64,
}

impl Spring {
    #[differentiable(wrt(self, x), second_order)]
    fn energy(&self, x: f64) -> f64 {
        let stretch = x - self.rest;
        self.k[0] * stretch * stretch + self.k[1] * stretch.powi(4)
    }

    #[differentiable(wrt(self, x), second_order)]
    fn along(&self, x: f64) -> f64 {
        self.k[0] * x * x * x
    }

    #[differentiable(associated, second_order)]
    fn penalty(x: f64, y: f64) -> f64 {
        x * x * y.sin()
    }

    #[differentiable(wrt(self, x))]
    fn work(&self, x: f64) -> f64 {
        let (of_self, force) = self.energy_grad(x);
        let (value, (by_x, by_y)) = Self::penalty_value_and_grad(x, force);
        of_self.k[0] * force + value * by_x + by_y * of_self.rest + self.along_grad(x).1 + self.energy_jvp(x, &of_self, 2.0 * x).1
    }
}

#[test]
fn derivatives_of_members() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let spring = Spring { k: [x[0], x[1]], rest: x[2] };
        let (_, force) = spring.energy_grad(x[3]);
        let (value, (_, again)) = Spring::energy_value_and_grad(&spring, force);
        spring.work(x[3]) + value * again + Spring::penalty_jvp(x[0], x[1], x[2], 1.0).1
    }
    agrees!(f, 4, [0.3, 0.7, -0.2, 0.5], [1.1, 0.4, 0.1, -0.3]);
}

/// A network of one input, and its slope.
#[differentiable(wrt(x, w), second_order)]
fn network(x: f64, w: &[f64; 6]) -> f64 {
    (0..2).map(|i| w[3 * i] * (w[3 * i + 1] * x + w[3 * i + 2]).tanh()).sum()
}

#[test]
fn a_physics_informed_residual_of_the_second_order_is_one_of_two_networks() {
    // u'' = -u as u' = v, v' = -u
    #[differentiable]
    fn residual(w: &[f64; 12]) -> f64 {
        let (mut of_u, mut of_v) = ([0.0; 6], [0.0; 6]);
        of_u.copy_from_slice(&w[..6]);
        of_v.copy_from_slice(&w[6..]);
        let mut total = 0.0;
        for i in 0..5 {
            let x = i as f64 * 0.4;
            let (u, slope) = network::jvp(x, &of_u, 1.0, &[0.0; 6]);
            let (v, bend) = network::jvp(x, &of_v, 1.0, &[0.0; 6]);
            total += (slope - v).powi(2) + (bend + u).powi(2);
        }
        total
    }
    agrees!(residual, 12, std::array::from_fn::<f64, 12, _>(|i| ((i * 7 % 5) as f64 - 2.0) * 0.4));
}

#[test]
fn the_learning_rate_of_unrolled_steps() {
    #[differentiable(wrt(w), second_order)]
    fn loss(w: &[f64; 2], x: &[f64]) -> f64 {
        x.iter().map(|x| (w[0] * x + w[1] - x.sin()).powi(2)).sum::<f64>() / x.len() as f64
    }
    #[differentiable]
    fn after_steps(p: &[f64; 3]) -> f64 {
        let data = [0.1, 0.5, 0.9, 1.4];
        let mut w = [p[1], p[2]];
        for _ in 0..5 {
            let (_, gradient) = loss::value_and_grad(&w, &data);
            for (w, g) in w.iter_mut().zip(&gradient) {
                *w -= p[0] * g;
            }
        }
        loss(&w, &[0.3, 1.1])
    }
    agrees!(after_steps, 3, [0.1, 0.4, -0.2], [0.3, 1.0, 0.5]);
}

#[test]
fn derivatives_of_generic_functions() {
    #[differentiable(second_order)]
    fn norm<T: Real, const N: usize>(x: [T; N]) -> T {
        x.iter().map(|x| *x * *x * *x).sum::<T>().sqrt()
    }
    #[differentiable]
    fn f<T: Real>(x: &[T; 3]) -> T {
        let gradient = norm::grad::<T, 3>(*x);
        let (value, along) = norm::jvp([x[0], x[1]], [x[2], gradient[1]]);
        gradient[0] * value + along
    }
    agrees!(f, 3, [0.3, 0.7, 0.2], [1.1, 0.4, 0.1]);
}

#[test]
fn the_function_runs_as_often_as_its_derivatives_are_called_and_once_more() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    #[differentiable(second_order)]
    fn counted(x: f64) -> f64 {
        RUNS.fetch_add(1, Ordering::Relaxed);
        x.exp() * x
    }
    #[differentiable]
    fn f(x: f64) -> f64 {
        counted::grad(x) * x
    }
    let _ = f::grad(0.5);
    assert_eq!(RUNS.load(Ordering::Relaxed), 2);
}
