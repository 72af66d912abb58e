//! An expression in three scalars.

use differentiable::prelude::*;

use super::twins;
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

twins! {
    () {
        pub fn expression(x: f64, y: f64, z: f64) -> f64 {
            (-(x * x + y * y) / (2.0 * z * z)).exp() / (1.0 + (-x * y * z).exp()) + (1.0 + z * z).ln() * (x * x + y * y + 1.0).sqrt()
        }
    }
}

type Gradient = (f64, f64, f64);

fn by_hand(x: f64, y: f64, z: f64) -> (f64, Gradient) {
    let r = x * x + y * y;
    let zz = 2.0 * z * z;
    let q = -r / zz;
    let (e, t) = (q.exp(), (-x * y * z).exp());
    let (s, o) = (1.0 + t, 1.0 + z * z);
    let (l, w) = (o.ln(), (r + 1.0).sqrt());
    let p = e / s;
    let [of_zz, of_s, of_w, of_o] = [zz, s, w, o].map(f64::recip);
    let dr = 0.5 * l * of_w - p * of_zz;
    let dp = p * (t * of_s);
    let dx = dr * (2.0 * x) + dp * (y * z);
    let dy = dr * (2.0 * y) + dp * (x * z);
    let dz = dp * (x * y) + z * (2.0 * (w * of_o) - 4.0 * (p * q * of_zz));
    (p + l * w, (dx, dy, dz))
}

fn general<T: Scalar>(p: &[T]) -> T {
    let [x, y, z] = [p[0], p[1], p[2]];
    let one = T::from(1.0);
    let r = x * x + y * y;
    (-r / (T::from(2.0) * z * z)).exp() / (one + (-x * y * z).exp()) + (one + z * z).ln() * (r + one).sqrt()
}

#[inline(never)]
fn hand(&[x, y, z]: &[f64; 3]) -> (f64, Gradient) {
    by_hand(x, y, z)
}

#[inline(never)]
fn generated(&[x, y, z]: &[f64; 3]) -> (f64, Gradient) {
    exact::expression::value_and_grad(x, y, z)
}

pub fn problem() -> Problem<[f64; 3]> {
    Problem::new("scalar expression", "3", 1, [0.7, -0.4, 1.3])
        .with(Role::Primal, |&[x, y, z]| exact::expression(x, y, z))
        .with(Role::Hand, hand)
        .with(Role::ValueAndGrad, generated)
        .with(Role::Grad, |&[x, y, z]| exact::expression::grad(x, y, z))
        .adding(Role::Vjp, |_| (0.0, 0.0, 0.0), |&[x, y, z], (dx, dy, dz)| exact::expression::vjp(x, y, z, 1.0, dx, dy, dz))
        .with(Role::Relaxed, |&[x, y, z]| relaxed::expression::value_and_grad(x, y, z))
        .adding(
            Role::RelaxedVjp,
            |_| (0.0, 0.0, 0.0),
            |&[x, y, z], (dx, dy, dz)| relaxed::expression::vjp(x, y, z, 1.0, dx, dy, dz),
        )
        .with(Role::NumDual, |x| others::num_dual(x, general))
        .with(Role::Echidna, |x| others::echidna(x, general))
}
