//! The programs as a whole, with the gradients that the macro makes, with ones written by hand, and with dual numbers; each is a module like those of
//! [`subjects`](crate::subjects), whose input is nothing.

use differentiable::{Differentiable, Number};

/// What the programs are given.
pub type Input = ();

/// Nothing.
pub const INPUT: Input = ();

/// Adds a gradient, times a cotangent, to adjoints.
#[inline]
fn add<P: Differentiable>(seed: P::Scalar, gradient: &P, to: &mut P)
where
    P::Scalar: Number,
{
    P::leaves([to], [gradient], &mut |[to], [by]| to.iter_mut().zip(by).for_each(|(to, by)| *to += seed * *by));
}

/// The Kalman filter.
pub mod kalman {
    use differentiable::{Dual, Real};

    use crate::kalman::{Generated, Jacobians, Matrix, motion, run_with, sighting};

    pub use super::{INPUT, Input};

    /// Sines and cosines, and the direction of a landmark.
    struct ByHand;

    impl Jacobians for ByHand {
        fn motion(pose: &[f32; 3], speed: f32, _: f32, dt: f32) -> Matrix<3, 3> {
            let (sin, cos) = (pose[2].sin(), pose[2].cos());
            let distance = speed * dt;
            [[1.0, 0.0, -distance * sin], [0.0, 1.0, distance * cos], [0.0, 0.0, 1.0]]
        }

        fn sighting(pose: &[f32; 3], landmark: &[f32; 2]) -> Matrix<2, 3> {
            let (dx, dy) = (landmark[0] - pose[0], landmark[1] - pose[1]);
            let range = (dx * dx + dy * dy).sqrt();
            let (u, v) = (dx / range, dy / range);
            [[-u, -v, 0.0], [v / range, -u / range, -1.0]]
        }
    }

    /// Three directions at once.
    struct Duals;

    impl Jacobians for Duals {
        fn motion(pose: &[f32; 3], speed: f32, turn: f32, dt: f32) -> Matrix<3, 3> {
            let [speed, turn, dt] = [speed, turn, dt].map(Dual::constant);
            motion(&Dual::variables(*pose), speed, turn, dt).map(|row| row.tangents())
        }

        fn sighting(pose: &[f32; 3], landmark: &[f32; 2]) -> Matrix<2, 3> {
            sighting(&Dual::variables(*pose), &landmark.map(Dual::constant)).map(|row| row.tangents())
        }
    }

    /// With what the macro makes.
    pub fn generated(_: &Input) -> [f32; 5] {
        run_with::<Generated>()
    }

    /// With Jacobians written by hand.
    pub fn by_hand(_: &Input) -> [f32; 5] {
        run_with::<ByHand>()
    }

    /// With dual numbers.
    pub fn dual(_: &Input) -> [f32; 5] {
        run_with::<Duals>()
    }
}

/// The magnetometer's calibration.
pub mod magnetometer {
    use differentiable::TrainError;

    use super::add;
    use crate::magnetometer::{run, run_with};
    use crate::subjects::ellipsoid::{gradient_by_hand, gradient_of_duals};

    pub use super::{INPUT, Input};

    /// With what the macro makes.
    pub fn generated(_: &Input) -> Result<[f32; 8], TrainError> {
        run()
    }

    /// With a gradient written by hand.
    pub fn by_hand(_: &Input) -> Result<[f32; 8], TrainError> {
        run_with(|calibration, reading, seed, d| {
            let (value, gradient) = gradient_by_hand(calibration, reading);
            add(seed, &gradient, d);
            value
        })
    }

    /// With dual numbers.
    pub fn dual(_: &Input) -> Result<[f32; 8], TrainError> {
        run_with(|calibration, reading, seed, d| {
            let (value, gradient) = gradient_of_duals(calibration, reading);
            add(seed, &gradient, d);
            value
        })
    }
}

/// The load cell's calibration.
pub mod load_cell {
    use differentiable::{Dual, Number, TrainError};

    use crate::load_cell::{Calibration, Fixed, loss, run, run_with};

    pub use super::{INPUT, Input};

    /// With what the macro makes.
    pub fn generated(_: &Input) -> Result<[f32; 6], TrainError> {
        run()
    }

    /// With a gradient written by hand.
    pub fn by_hand(_: &Input) -> Result<[f32; 6], TrainError> {
        run_with(|calibration, [reading, weight], seed, d| {
            let error = calibration.gain * reading + calibration.tare - weight;
            let half = Fixed::from_f64(0.5) * error;
            let slope = seed * half + half * seed;
            d.gain += slope * reading;
            d.tare += slope;
            half * error
        })
    }

    /// Two directions at once.
    pub fn dual(_: &Input) -> Result<[f32; 6], TrainError> {
        run_with(|calibration, sample, seed, d| {
            let [gain, tare] = Dual::<Fixed, 2>::variables([calibration.gain, calibration.tare]);
            let value = loss(&Calibration { gain, tare }, &sample.map(Dual::constant));
            let [d_gain, d_tare] = value.tangents();
            d.gain += seed * d_gain;
            d.tare += seed * d_tare;
            value.value()
        })
    }
}

/// The network.
pub mod iris {
    use differentiable::TrainError;

    use super::add;
    use crate::iris::{run, run_with};
    use crate::subjects::network::{gradient_by_hand, gradient_of_duals};

    pub use super::{INPUT, Input};

    /// With what the macro makes.
    pub fn generated(_: &Input) -> Result<[f32; 3], TrainError> {
        run()
    }

    /// With a gradient written by hand.
    pub fn by_hand(_: &Input) -> Result<[f32; 3], TrainError> {
        run_with(|p, flower, seed, d| {
            let (value, gradient) = gradient_by_hand(p, flower);
            add(seed, &gradient, d);
            value
        })
    }

    /// With dual numbers.
    pub fn dual(_: &Input) -> Result<[f32; 3], TrainError> {
        run_with(|p, flower, seed, d| {
            let (value, gradient) = gradient_of_duals(p, flower);
            add(seed, &gradient, d);
            value
        })
    }
}
