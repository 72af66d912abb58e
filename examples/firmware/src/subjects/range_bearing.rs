//! Distance and direction of a landmark by the pose of the vehicle: the Jacobian of a Kalman filter's observation, with the square root of the board.

use differentiable::Dual;
use differentiable::prelude::*;

use crate::board::Float;
use crate::kalman::sighting;

/// Pose and landmark.
pub type Input = ([Float; 3], [Float; 2]);

/// A landmark ahead.
pub const INPUT: Input = ([Float::new(0.4), Float::new(-0.3), Float::new(0.2)], [Float::new(6.0), Float::new(1.0)]);

/// What the macro makes.
pub fn generated((pose, landmark): &Input) -> [[Float; 3]; 2] {
    sighting::jacobian(pose, landmark)
}

/// The direction itself is not computed.
pub fn by_hand((pose, landmark): &Input) -> [[Float; 3]; 2] {
    let (dx, dy) = (landmark[0] - pose[0], landmark[1] - pose[1]);
    let range = (dx * dx + dy * dy).sqrt();
    let (u, v) = (dx / range, dy / range);
    [[-u, -v, Float::new(0.0)], [v / range, -u / range, Float::new(-1.0)]]
}

/// Three directions at once.
pub fn dual((pose, landmark): &Input) -> [[Float; 3]; 2] {
    sighting(&Dual::variables(*pose), &landmark.map(Dual::constant)).map(|row| row.tangents())
}
