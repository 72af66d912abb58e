//! What the programs compute on the host, which `budgets` checks.

/// Pose, distance from the truth, trace of the covariance.
pub const KALMAN: [f32; 5] = [3.1542656, 4.7112203, 0.605177, 0.006174096, 0.0024114696];
/// Offsets and loss by gradient descent, and by Adam.
pub const MAGNETOMETER: [f32; 8] =
    [0.29994005, -0.19955522, 0.14928117, 0.0005537634, 0.29799744, -0.18382774, 0.16024242, 0.0014614102];
/// Gain, tare and loss by gradient descent, and by momentum.
pub const LOAD_CELL: [f32; 6] = [1.7500763, -0.37594604, 0.0, 1.7498016, -0.37600708, 0.0];
/// Temperatures at five voltages.
pub const THERMOCOUPLE: [f32; 5] = [0.10081679, 0.9569407, 2.0198245, 3.040783, 4.927567];
/// The last loss, and the flowers told right.
pub const IRIS: [f32; 3] = [0.0518022, 118.0, 29.0];

/// Whether a result is the host's, but for roundings that add up.
pub fn is_close(result: f32, expected: f32) -> bool {
    let difference = result - expected;
    difference * difference <= 1e-8 * (expected * expected).max(1e-4)
}
