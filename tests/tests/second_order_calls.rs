//! Second derivatives through calls: Hessians against differences of the gradient.

use differentiable::prelude::*;

/// Compares the Hessian of a function of `&[f64; N]` with central differences of its gradient.
macro_rules! hessian_agrees {
    ($function:ident, $n:literal $(, $point:expr)+) => {$(
        let x: [f64; $n] = $point;
        let hessian = $function::hessian(&x);
        for j in 0..$n {
            let at = |step: f64| {
                let mut moved = x;
                moved[j] += step;
                $function::grad(&moved)
            };
            let h = 1e-3;
            let (far, near) = ([at(2.0 * h), at(-2.0 * h)], [at(h), at(-h)]);
            for i in 0..$n {
                let difference = (8.0 * (near[0][i] - near[1][i]) - (far[0][i] - far[1][i])) / (12.0 * h);
                let scale = hessian[i][j].abs().max(1.0);
                assert!((hessian[i][j] - difference).abs() <= 2e-7 * scale, "[{i}][{j}]: {} is not {difference}", hessian[i][j]);
                assert!((hessian[i][j] - hessian[j][i]).abs() <= 1e-12 * scale, "the Hessian is not symmetric");
            }
        }
    )+};
}

#[differentiable(second_order)]
fn wave(x: f64, k: f64) -> f64 {
    (k * x).sin() * x.exp()
}

#[differentiable(second_order)]
fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b * b).sum()
}

#[differentiable(second_order)]
fn turned(x: &[f64; 3], by: f64) -> [f64; 3] {
    let (s, c) = by.sin_cos();
    [c * x[0] - s * x[1], s * x[0] + c * x[1], x[2] * x[0]]
}

#[differentiable(second_order)]
fn step(state: &mut [f64; 3], h: f64) {
    let force = wave(state[0], state[2]);
    state[1] -= h * force * state[1];
    state[0] += h * state[1] * state[1];
}

#[test]
fn calls_with_scalars_and_arrays() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let y = turned(x, x[1] * 0.5);
        let mut s = wave(x[0], x[1]) + wave(x[2], x[2]);
        for i in 0..3 {
            s = s * 0.5 + wave(y[i], s);
        }
        s + dot(x, &y) * dot(x, x)
    }
    hessian_agrees!(f, 3, [0.3, -0.7, 1.1], [1.0, 0.2, -0.4]);
}

#[test]
fn calls_that_change_their_arguments() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut state = *x;
        for _ in 0..3 {
            step(&mut state, 0.2);
        }
        state[0] * state[1] + state[2]
    }
    hessian_agrees!(f, 3, [0.3, -0.7, 1.1], [1.0, 0.2, -0.4]);
}

#[differentiable(second_order)]
fn power(x: f64, n: usize) -> f64 {
    if n == 0 { 1.0 } else { x * power(x, n - 1) }
}

#[test]
fn recursion() {
    assert_eq!(power::hessian(2.0, 4), 48.0);
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        power(x[0] * x[1], 3) * power(x[1], 2)
    }
    hessian_agrees!(f, 2, [0.8, 1.3]);
}

#[derive(Clone, Debug, Differentiable)]
struct Layer {
    w: [f64; 2],
}

impl Layer {
    #[differentiable(wrt(self, x), second_order)]
    fn apply(&self, x: &[f64; 2]) -> f64 {
        (self.w[0] * x[0] + self.w[1] * x[1]).tanh()
    }
}

#[test]
fn methods() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let layer = Layer { w: [x[0], x[1]] };
        let y = layer.apply(&[x[2], x[3]]);
        y * layer.apply(&[y, x[3]])
    }
    hessian_agrees!(f, 4, [0.8, 1.3, -0.3, 0.5]);
}

#[test]
fn the_softmax_of_the_runtime() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let y = [x[0] * x[1], x[1].sin(), x[2]];
        logsumexp(&y) * x[0]
    }
    hessian_agrees!(f, 3, [0.8, 1.3, -0.3]);
}

#[differentiable(second_order)]
fn generic<T: Real>(x: &[T], k: T) -> T {
    let mut s = k;
    for v in x {
        s = s * *v + (s * k).sin();
    }
    s
}

#[test]
fn generic_callees_and_slices() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        generic(x, x[0]) * generic(&x[1..], 0.5)
    }
    hessian_agrees!(f, 3, [0.8, 1.3, -0.3]);
}

/// Is no `Clone`.
struct Token(f64);

trait Weight {
    fn weight(&self) -> f64;
}

impl Weight for Token {
    fn weight(&self) -> f64 {
        self.0
    }
}

#[differentiable(wrt(x), second_order)]
fn weighted<W: Weight>(w: W, x: &[f64]) -> f64 {
    x[0] * x[1].powi(3) * w.weight()
}

#[differentiable(wrt(x), second_order)]
fn weighted_by_any(w: impl Weight, scale: Token, x: &[f64]) -> f64 {
    let k = w.weight() * scale.0;
    (k * x[0] * x[1]).sin()
}

impl Token {
    #[differentiable(wrt(x), second_order)]
    fn used_up(self, other: Self, x: &[f64]) -> f64 {
        (x[0] * self.0).exp() * x[1] * other.0
    }
}

#[test]
fn arguments_by_value_need_no_clone() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        weighted(Token(0.5), x) + weighted_by_any(Token(1.5), Token(0.7), x) * Token::used_up(Token(0.3), Token(2.0), x)
    }
    hessian_agrees!(f, 2, [0.8, 1.3]);
    assert_eq!(weighted::hvp(Token(2.0), &[1.0, 2.0], &[0.0, 1.0]), [24.0, 24.0]);
    assert_eq!(weighted::jvp(Token(2.0), &[1.0, 2.0], &[0.0, 1.0]), (16.0, 24.0));
}

#[differentiable(wrt(x), second_order)]
fn borrows(f: &dyn Fn(f64) -> f64, w: Option<&[f64]>, names: &[&str], x: &[f64]) -> f64 {
    let weights = w.unwrap_or(&[0.5, 1.5]);
    names.iter().zip(x).enumerate().map(|(i, (name, x))| f(weights[i]) * x.powi(name.len() as i32 + 1)).product()
}

#[test]
fn arguments_by_value_may_borrow() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let double: &dyn Fn(f64) -> f64 = &|k| 2.0 * k;
        let own = [0.3, x.len() as f64];
        borrows(double, Some(&[1.0, 2.0]), &["a", "bc"], x)
            + borrows(double, None, &["a"], x) * x[1]
            + borrows(double, Some(&own), &["abc", "d"], x)
    }
    hessian_agrees!(f, 2, [0.8, 1.3]);
}

fn by_hand_vjp<W: Weight>(w: W, x: f64, seed: f64, d_x: &mut f64) -> f64 {
    *d_x += seed * w.weight();
    w.weight() * x
}

#[differentiable(wrt(x), vjp = by_hand_vjp)]
fn by_hand<W: Weight>(w: W, x: f64) -> f64 {
    w.weight() * x
}

#[test]
fn rules_of_ones_own_need_no_clone_where_they_run_once() {
    assert_eq!(by_hand::grad(Token(3.0), 2.0), 3.0);
}
