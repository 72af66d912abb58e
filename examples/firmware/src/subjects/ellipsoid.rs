//! The loss of the magnetometer's calibration for one reading, by its nine parameters.

use differentiable::Dual;

use crate::magnetometer::{Calibration, loss};

/// Calibration and reading.
pub type Input = (Calibration<f32>, [f32; 3]);

/// A calibration on its way.
pub const INPUT: Input = (Calibration { offset: [0.2, -0.1, 0.1], shape: [0.9, -0.05, 1.1, 0.04, -0.1, 0.95] }, [0.7, 0.3, -0.6]);

/// What the macro makes.
pub fn generated((calibration, reading): &Input) -> (f32, Calibration<f32>) {
    loss::value_and_grad(calibration, reading)
}

/// Back through the triangle.
pub fn by_hand((calibration, reading): &Input) -> (f32, Calibration<f32>) {
    gradient_by_hand(calibration, reading)
}

/// The same of parts that lie apart.
#[inline]
pub fn gradient_by_hand(calibration: &Calibration<f32>, reading: &[f32; 3]) -> (f32, Calibration<f32>) {
    let (offset, a) = (&calibration.offset, &calibration.shape);
    let (x, y, z) = (reading[0] - offset[0], reading[1] - offset[1], reading[2] - offset[2]);
    let (u, v, w) = (a[0] * x, a[1] * x + a[2] * y, a[3] * x + a[4] * y + a[5] * z);
    let residual = u * u + v * v + w * w - 1.0;
    let twice = 4.0 * residual;
    let (du, dv, dw) = (twice * u, twice * v, twice * w);
    let offset = [-(du * a[0] + dv * a[1] + dw * a[3]), -(dv * a[2] + dw * a[4]), -(dw * a[5])];
    (residual * residual, Calibration { offset, shape: [du * x, dv * x, dv * y, dw * x, dw * y, dw * z] })
}

/// Nine directions at once.
pub fn dual((calibration, reading): &Input) -> (f32, Calibration<f32>) {
    gradient_of_duals(calibration, reading)
}

/// The same of parts that lie apart.
#[inline]
pub fn gradient_of_duals(calibration: &Calibration<f32>, reading: &[f32; 3]) -> (f32, Calibration<f32>) {
    let ([o0, o1, o2], [a0, a1, a2, a3, a4, a5]) = (calibration.offset, calibration.shape);
    let [o0, o1, o2, a0, a1, a2, a3, a4, a5] = Dual::<f32, 9>::variables([o0, o1, o2, a0, a1, a2, a3, a4, a5]);
    let calibration = Calibration { offset: [o0, o1, o2], shape: [a0, a1, a2, a3, a4, a5] };
    let value = loss(&calibration, &reading.map(Dual::constant));
    let [o0, o1, o2, a0, a1, a2, a3, a4, a5] = value.tangents();
    (value.value(), Calibration { offset: [o0, o1, o2], shape: [a0, a1, a2, a3, a4, a5] })
}
