//! A load cell is calibrated in fixed-point numbers, for a core without floats: gradient descent and momentum in Q16.16, which saturates.

use differentiable::prelude::*;
use differentiable::{Report, Scalar, TrainError};
use fixed::{Saturating, types::I16F16};

use crate::noise::Noise;

/// Numbers from −32768 to 32768 in steps of 2⁻¹⁶.
pub type Fixed = Saturating<I16F16>;

/// What makes a weight of a reading.
#[derive(Clone, Debug, Differentiable)]
pub struct Calibration<T: Scalar> {
    /// Weight by reading.
    pub gain: T,
    /// Weight at a reading of zero.
    pub tare: T,
}

/// Half the square of what the weight is wrong by, for a reading and the true weight.
#[differentiable(wrt(calibration))]
pub fn loss<T: Scalar>(calibration: &Calibration<T>, sample: &[T; 2]) -> T {
    let error = calibration.gain * sample[0] + calibration.tare - sample[1];
    0.5 * error * error
}

/// A gradient of the loss, which is added to.
pub trait Vjp: Fn(&Calibration<Fixed>, &[Fixed; 2], Fixed, &mut Calibration<Fixed>) -> Fixed + Copy {}

impl<F: Fn(&Calibration<Fixed>, &[Fixed; 2], Fixed, &mut Calibration<Fixed>) -> Fixed + Copy> Vjp for F {}

fn number(x: f32) -> Fixed {
    Saturating(I16F16::from_num(x))
}

/// Readings of known weights.
fn samples() -> [[Fixed; 2]; 16] {
    let mut noise = Noise(5);
    core::array::from_fn(|i| {
        let reading = i as f32 / 8.0 - 1.0;
        [number(reading), number(1.75 * reading - 0.375 + 0.01 * noise.draw())]
    })
}

fn trained<R: Rule<Scalar = Fixed>>(rule: R, samples: &[[Fixed; 2]], vjp: impl Vjp) -> Result<[f32; 3], TrainError> {
    let mut calibration = Calibration { gain: number(1.0), tare: number(0.0) };
    let report: Report<Fixed> = Trainer::new(rule).epochs(100).batch(Batch::Mini(4)).fit(&mut calibration, samples, vjp)?;
    Ok([calibration.gain, calibration.tare, report.last.loss].map(|x| x.0.to_num()))
}

/// Calibrates by gradient descent and by momentum: gain, tare and the last loss of both, equal to the bit everywhere.
///
/// # Errors
///
/// None is expected.
pub fn run() -> Result<[f32; 6], TrainError> {
    run_with(loss::vjp)
}

/// The same with another gradient.
///
/// # Errors
///
/// None is expected.
pub fn run_with(vjp: impl Vjp) -> Result<[f32; 6], TrainError> {
    let samples = samples();
    let [a, b, c] = trained(Sgd::new(number(0.125)), &samples, vjp)?;
    let [d, e, f] = trained(Momentum::new(number(0.03125)), &samples, vjp)?;
    Ok([a, b, c, d, e, f])
}
