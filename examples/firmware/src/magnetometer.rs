//! A magnetometer is calibrated while it runs: its readings lie on an ellipsoid, and what maps that to the unit sphere is found reading by
//! reading.

use differentiable::prelude::*;

use crate::noise::Noise;

/// What maps readings to the unit sphere: m ↦ A (m − offset), with a lower triangular A.
#[derive(Clone, Debug, Differentiable)]
pub struct Calibration<T: Real> {
    /// The centre of the ellipsoid.
    pub offset: [T; 3],
    /// The rows of A: a₀₀, a₁₀, a₁₁, a₂₀, a₂₁, a₂₂.
    pub shape: [T; 6],
}

/// No calibration.
pub const NONE: Calibration<f32> = Calibration { offset: [0.0; 3], shape: [1.0, 0.0, 1.0, 0.0, 0.0, 1.0] };

/// How far the mapped reading is from the unit sphere, squared: (|A (m − offset)|² − 1)².
#[differentiable(wrt(calibration))]
pub fn loss<T: Real>(calibration: &Calibration<T>, reading: &[T; 3]) -> T {
    let (offset, a) = (&calibration.offset, &calibration.shape);
    let (x, y, z) = (reading[0] - offset[0], reading[1] - offset[1], reading[2] - offset[2]);
    let (u, v, w) = (a[0] * x, a[1] * x + a[2] * y, a[3] * x + a[4] * y + a[5] * z);
    let residual = u * u + v * v + w * w - 1.0;
    residual * residual
}

/// A reading of a field in a direction that noise chooses, through iron that shifts and stretches it.
fn reading(noise: &mut Noise) -> [f32; 3] {
    let (height, turn) = (noise.draw(), core::f32::consts::PI * noise.draw());
    let radius = (1.0 - height * height).sqrt();
    let (x, y, z) = (radius * turn.cos(), radius * turn.sin(), height);
    let [a, b, c] = [0.02 * noise.draw(), 0.02 * noise.draw(), 0.02 * noise.draw()];
    [0.3 + 1.2 * x + a, -0.2 + 0.1 * x + 0.9 * y + b, 0.15 - 0.05 * x + 0.1 * y + 1.1 * z + c]
}

/// The readings of a calibration.
pub fn readings() -> [[f32; 3]; 100] {
    let mut noise = Noise(3);
    core::array::from_fn(|_| reading(&mut noise))
}

/// Calibrates sample by sample with gradient descent and with Adam: the offsets and the last losses of both.
///
/// # Errors
///
/// None is expected.
pub fn run() -> Result<[f32; 8], differentiable::TrainError> {
    run_with(loss::vjp)
}

/// The same with another gradient.
///
/// # Errors
///
/// None is expected.
pub fn run_with(
    vjp: impl Fn(&Calibration<f32>, &[f32; 3], f32, &mut Calibration<f32>) -> f32 + Copy,
) -> Result<[f32; 8], differentiable::TrainError> {
    let readings = readings();
    let (mut slow, mut fast) = (NONE, NONE);
    let last = |report: differentiable::Report<f32>| report.last.loss;
    let descent = Trainer::new(Sgd::new(0.02)).epochs(20).batch(Batch::Single);
    let slow_loss = last(descent.fit(&mut slow, &readings, vjp)?);
    let adam = Trainer::new(Adam::new(0.01)).epochs(20).batch(Batch::Single);
    let fast_loss = last(adam.fit(&mut fast, &readings, vjp)?);
    let ([a, b, c], [d, e, f]) = (slow.offset, fast.offset);
    Ok([a, b, c, slow_loss, d, e, f, fast_loss])
}
