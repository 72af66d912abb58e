//! The results that the firmware compares its own with: they must be what its programs compute here.

use firmware::{expected, iris, kalman, load_cell, magnetometer, thermocouple};

fn differs(name: &str, results: &[f32], expected: &[f32]) -> Result<(), String> {
    if results == expected {
        return Ok(());
    }
    Err(format!("`expected.rs` holds {expected:?} for `{name}`, which computes {results:?}"))
}

/// Compares what is committed with what the host computes.
pub fn compare() -> Result<(), String> {
    let failed = |error: differentiable::TrainError| error.to_string();
    differs("KALMAN", &kalman::run(), &expected::KALMAN)?;
    differs("MAGNETOMETER", &magnetometer::run().map_err(failed)?, &expected::MAGNETOMETER)?;
    differs("LOAD_CELL", &load_cell::run().map_err(failed)?, &expected::LOAD_CELL)?;
    differs("THERMOCOUPLE", &thermocouple::run(), &expected::THERMOCOUPLE)?;
    differs("IRIS", &iris::run().map_err(failed)?, &expected::IRIS)
}
