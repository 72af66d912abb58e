//! An extended Kalman filter: a vehicle measures distance and direction to landmarks. The Jacobians of its models are generated.

use differentiable::prelude::*;

use crate::noise::Noise;

/// A matrix.
pub type Matrix<const M: usize, const N: usize> = [[f32; N]; M];

const LANDMARKS: [[f32; 2]; 3] = [[6.0, 1.0], [-2.0, 5.0], [3.0, -4.0]];
const STEPS: usize = 60;
const DT: f32 = 0.1;

/// Where the vehicle is after a time step: position and heading.
#[differentiable(wrt(pose))]
pub fn motion<T: Real>(pose: &[T; 3], speed: T, turn: T, dt: T) -> [T; 3] {
    let distance = speed * dt;
    [pose[0] + distance * pose[2].cos(), pose[1] + distance * pose[2].sin(), pose[2] + turn * dt]
}

/// Distance and direction of a landmark, seen from the vehicle.
#[differentiable(wrt(pose))]
pub fn sighting<T: Real>(pose: &[T; 3], landmark: &[T; 2]) -> [T; 2] {
    let (dx, dy) = (landmark[0] - pose[0], landmark[1] - pose[1]);
    [(dx * dx + dy * dy).sqrt(), dy.atan2(dx) - pose[2]]
}

/// The estimate and its covariance.
struct Filter {
    pose: [f32; 3],
    covariance: Matrix<3, 3>,
}

/// Where the Jacobians of the models by the pose come from.
pub trait Jacobians {
    /// That of `motion`.
    fn motion(pose: &[f32; 3], speed: f32, turn: f32, dt: f32) -> Matrix<3, 3>;
    /// That of `sighting`.
    fn sighting(pose: &[f32; 3], landmark: &[f32; 2]) -> Matrix<2, 3>;
}

/// What the macro makes.
pub struct Generated;

impl Jacobians for Generated {
    fn motion(pose: &[f32; 3], speed: f32, turn: f32, dt: f32) -> Matrix<3, 3> {
        motion::jacobian(pose, speed, turn, dt)
    }

    fn sighting(pose: &[f32; 3], landmark: &[f32; 2]) -> Matrix<2, 3> {
        sighting::jacobian(pose, landmark)
    }
}

impl Filter {
    fn predict<J: Jacobians>(&mut self, speed: f32, turn: f32) {
        let transition = J::motion(&self.pose, speed, turn, DT);
        self.pose = motion(&self.pose, speed, turn, DT);
        self.covariance = product_transposed(&product(&transition, &self.covariance), &transition);
        for (i, noise) in [1e-4, 1e-4, 4e-5].into_iter().enumerate() {
            self.covariance[i][i] += noise;
        }
    }

    fn update<J: Jacobians>(&mut self, landmark: &[f32; 2], measured: &[f32; 2]) {
        let observation = J::sighting(&self.pose, landmark);
        let expected = sighting(&self.pose, landmark);
        let gain_part = product_transposed(&self.covariance, &observation);
        let mut innovation = product(&observation, &gain_part);
        innovation[0][0] += 1e-2;
        innovation[1][1] += 4e-4;
        let gain = product(&gain_part, &inverse(&innovation));
        let error = [measured[0] - expected[0], within_a_turn(measured[1] - expected[1])];
        for i in 0..3 {
            self.pose[i] += gain[i][0] * error[0] + gain[i][1] * error[1];
        }
        let taken = product(&product(&gain, &observation), &self.covariance);
        for i in 0..3 {
            for j in 0..3 {
                self.covariance[i][j] -= taken[i][j];
            }
        }
    }
}

/// The filter along a curve: the last estimate, its distance from the truth, and the trace of its covariance.
pub fn run() -> [f32; 5] {
    run_with::<Generated>()
}

/// The same with other Jacobians.
pub fn run_with<J: Jacobians>() -> [f32; 5] {
    let mut noise = Noise(7);
    let mut truth = [0.0, 0.0, 0.3];
    let mut filter = Filter { pose: [0.4, -0.3, 0.2], covariance: [[0.25, 0.0, 0.0], [0.0, 0.25, 0.0], [0.0, 0.0, 0.04]] };
    for step in 0..STEPS {
        let (speed, turn) = (1.0, if step < STEPS / 2 { 0.4 } else { -0.3 });
        truth = motion(&truth, speed + 0.05 * noise.draw(), turn + 0.02 * noise.draw(), DT);
        filter.predict::<J>(speed, turn);
        let landmark = &LANDMARKS[step % LANDMARKS.len()];
        let exact = sighting(&truth, landmark);
        filter.update::<J>(landmark, &[exact[0] + 0.1 * noise.draw(), exact[1] + 0.02 * noise.draw()]);
    }
    let [x, y, heading] = filter.pose;
    let trace = filter.covariance[0][0] + filter.covariance[1][1] + filter.covariance[2][2];
    [x, y, heading, (x - truth[0]).hypot(y - truth[1]), trace]
}

fn product<const L: usize, const M: usize, const N: usize>(a: &Matrix<L, M>, b: &Matrix<M, N>) -> Matrix<L, N> {
    core::array::from_fn(|i| core::array::from_fn(|j| (0..M).map(|k| a[i][k] * b[k][j]).sum()))
}

/// A · Bᵀ
fn product_transposed<const L: usize, const M: usize, const N: usize>(a: &Matrix<L, M>, b: &Matrix<N, M>) -> Matrix<L, N> {
    core::array::from_fn(|i| core::array::from_fn(|j| (0..M).map(|k| a[i][k] * b[j][k]).sum()))
}

fn inverse(a: &Matrix<2, 2>) -> Matrix<2, 2> {
    let determinant = a[0][0] * a[1][1] - a[0][1] * a[1][0];
    [[a[1][1] / determinant, -a[0][1] / determinant], [-a[1][0] / determinant, a[0][0] / determinant]]
}

/// The same angle between -π and π.
fn within_a_turn(angle: f32) -> f32 {
    use core::f32::consts::{PI, TAU};
    (angle + PI).rem_euclid(TAU) - PI
}
