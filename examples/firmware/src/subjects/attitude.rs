//! How far a measured acceleration is from the gravity that an attitude predicts, by the quaternion of the attitude.

use differentiable::Dual;
use differentiable::prelude::*;

/// |R(q)ᵀ e₃ − a|²
#[differentiable(wrt(q))]
pub fn residual<T: Real>(q: &[T; 4], a: &[T; 3]) -> T {
    let [w, x, y, z] = *q;
    let u = 2.0 * (x * z - w * y) - a[0];
    let v = 2.0 * (w * x + y * z) - a[1];
    let n = 1.0 - 2.0 * (x * x + y * y) - a[2];
    u * u + v * v + n * n
}

/// Quaternion and acceleration.
pub type Input = ([f32; 4], [f32; 3]);

/// A tilted board.
pub const INPUT: Input = ([0.93, 0.21, -0.26, 0.1], [0.4, 0.3, 0.85]);

/// What the macro makes.
pub fn generated((q, a): &Input) -> (f32, [f32; 4]) {
    residual::value_and_grad(q, a)
}

/// Twice the transposed Jacobian times the error.
pub fn by_hand((q, a): &Input) -> (f32, [f32; 4]) {
    let [w, x, y, z] = *q;
    let u = 2.0 * (x * z - w * y) - a[0];
    let v = 2.0 * (w * x + y * z) - a[1];
    let n = 1.0 - 2.0 * (x * x + y * y) - a[2];
    let (du, dv, dn) = (4.0 * u, 4.0 * v, 4.0 * n);
    let twice = dn + dn;
    (u * u + v * v + n * n, [x * dv - y * du, z * du + w * dv - x * twice, z * dv - w * du - y * twice, x * du + y * dv])
}

/// Four directions at once.
pub fn dual((q, a): &Input) -> (f32, [f32; 4]) {
    let y = residual(&Dual::variables(*q), &a.map(Dual::constant));
    (y.value(), y.tangents())
}
