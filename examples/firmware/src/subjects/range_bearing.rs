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

/// The direction itself is not computed. Where the square of the distance overflows, or is short of digits, the derivatives of the direction have
/// their digits nevertheless, as the generated ones have.
pub fn by_hand((pose, landmark): &Input) -> [[Float; 3]; 2] {
    let (dx, dy) = (landmark[0] - pose[0], landmark[1] - pose[1]);
    let square = dx * dx + dy * dy;
    let range = square.sqrt();
    let moderate = square > Float::new(1e-30) && square < Float::new(1e38);
    let (x, y) = if moderate { (dx / square, dy / square) } else { by_the_square_at_an_end(dx, dy) };
    [[-dx / range, -dy / range, Float::new(0.0)], [y, -x, Float::new(-1.0)]]
}

/// Both distances by the square of the whole, scaled by the larger one.
#[cold]
fn by_the_square_at_an_end(dx: Float, dy: Float) -> (Float, Float) {
    let largest = dx.abs().max(dy.abs());
    if largest == Float::new(0.0) {
        return (largest, largest);
    }
    let (x, y) = (dx / largest, dy / largest);
    let square = (x * x + y * y) * largest;
    (x / square, y / square)
}

/// The same where the square of the distance may overflow.
pub fn unguarded((pose, landmark): &Input) -> [[Float; 3]; 2] {
    let (dx, dy) = (landmark[0] - pose[0], landmark[1] - pose[1]);
    let range = (dx * dx + dy * dy).sqrt();
    let (u, v) = (dx / range, dy / range);
    [[-u, -v, Float::new(0.0)], [v / range, -u / range, Float::new(-1.0)]]
}

/// Three directions at once.
pub fn dual((pose, landmark): &Input) -> [[Float; 3]; 2] {
    sighting(&Dual::variables(*pose), &landmark.map(Dual::constant)).map(|row| row.tangents())
}
