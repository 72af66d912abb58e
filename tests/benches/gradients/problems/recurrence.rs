//! A recurrence of 256 steps in one carried state, by its start and three coefficients.

use differentiable::prelude::*;

use super::twins;
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

twins! {
    () {
        pub fn recurrence(x0: f64, a: f64, b: f64, h: f64) -> f64 {
            let mut s = x0;
            for _ in 0..256 {
                s += h * (a * s * (1.0 - s) - b * s * (-s).exp());
            }
            s
        }
    }
}

type Gradient = (f64, f64, f64, f64);

/// Four tangents beside the state.
fn by_hand(x0: f64, a: f64, b: f64, h: f64) -> (f64, Gradient) {
    let mut s = x0;
    let (mut dx0, mut da, mut db, mut dh) = (1.0, 0.0, 0.0, 0.0);
    for _ in 0..256 {
        let e = (-s).exp();
        let left = 1.0 - s;
        let (growth, decay) = (s * left, s * e);
        let rate = a * s * left - b * s * e;
        let slope = 1.0 + h * (a * (left - s) - b * (e - decay));
        dx0 *= slope;
        da = slope * da + h * growth;
        db = slope * db - h * decay;
        dh = slope * dh + rate;
        s += h * rate;
    }
    (s, (dx0, da, db, dh))
}

/// The states and their exponentials are kept, and swept backwards.
fn by_hand_in_reverse(x0: f64, a: f64, b: f64, h: f64) -> (f64, Gradient) {
    let mut kept = [(0.0, 0.0); 256];
    let mut s = x0;
    for kept in &mut kept {
        let e = (-s).exp();
        *kept = (s, e);
        s += h * (a * s * (1.0 - s) - b * s * e);
    }
    let (mut ds, mut da, mut db, mut dh) = (1.0, 0.0, 0.0, 0.0);
    for &(s, e) in kept.iter().rev() {
        let left = 1.0 - s;
        let g = ds * h;
        dh += ds * (a * s * left - b * s * e);
        da += g * (s * left);
        db -= g * (s * e);
        ds += g * (a * (left - s) - b * (e - s * e));
    }
    (s, (ds, da, db, dh))
}

fn general<T: Scalar>(p: &[T]) -> T {
    let [mut s, a, b, h] = [p[0], p[1], p[2], p[3]];
    for _ in 0..256 {
        s += h * (a * s * (T::from(1.0) - s) - b * s * (-s).exp());
    }
    s
}

#[inline(never)]
fn hand(&[x0, a, b, h]: &[f64; 4]) -> (f64, Gradient) {
    by_hand(x0, a, b, h)
}

#[inline(never)]
fn generated(&[x0, a, b, h]: &[f64; 4]) -> (f64, Gradient) {
    exact::recurrence::value_and_grad(x0, a, b, h)
}

pub fn problem() -> Problem<[f64; 4]> {
    Problem::new("recurrence", "256 steps", 256, [0.3, 1.1, 0.6, 0.01])
        .with(Role::Primal, |&[x0, a, b, h]| exact::recurrence(x0, a, b, h))
        .with(Role::Hand, hand)
        .with(Role::HandOther, |&[x0, a, b, h]| by_hand_in_reverse(x0, a, b, h))
        .with(Role::ValueAndGrad, generated)
        .with(Role::Grad, |&[x0, a, b, h]| exact::recurrence::grad(x0, a, b, h))
        .adding(
            Role::Vjp,
            |_| (0.0, 0.0, 0.0, 0.0),
            |&[x0, a, b, h], (dx0, da, db, dh)| exact::recurrence::vjp(x0, a, b, h, 1.0, dx0, da, db, dh),
        )
        .with(Role::Relaxed, |&[x0, a, b, h]| relaxed::recurrence::value_and_grad(x0, a, b, h))
        .adding(
            Role::RelaxedVjp,
            |_| (0.0, 0.0, 0.0, 0.0),
            |&[x0, a, b, h], (dx0, da, db, dh)| relaxed::recurrence::vjp(x0, a, b, h, 1.0, dx0, da, db, dh),
        )
        .with(Role::NumDual, |x| others::num_dual(x, general))
        .with(Role::Echidna, |x| others::echidna(x, general))
}
