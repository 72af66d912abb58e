//! The programs of the firmware, for a host of WebAssembly: each gives how many of its results differ from the host's.

use firmware::{expected, iris, kalman, load_cell, magnetometer, thermocouple};

fn differing(results: &[f32], expected: &[f32]) -> usize {
    results.iter().zip(expected).filter(|(result, expected)| !expected::is_close(**result, **expected)).count()
}

/// The filter.
#[unsafe(no_mangle)]
pub extern "C" fn kalman() -> usize {
    differing(&kalman::run(), &expected::KALMAN)
}

/// The calibration.
#[unsafe(no_mangle)]
pub extern "C" fn magnetometer() -> usize {
    magnetometer::run().map_or(usize::MAX, |results| differing(&results, &expected::MAGNETOMETER))
}

/// The calibration in fixed-point numbers.
#[unsafe(no_mangle)]
pub extern "C" fn load_cell() -> usize {
    load_cell::run().map_or(usize::MAX, |results| differing(&results, &expected::LOAD_CELL))
}

/// The curve from a table.
#[unsafe(no_mangle)]
pub extern "C" fn thermocouple() -> usize {
    differing(&thermocouple::run(), &expected::THERMOCOUPLE)
}

/// The network.
#[unsafe(no_mangle)]
pub extern "C" fn iris() -> usize {
    iris::run().map_or(usize::MAX, |results| differing(&results, &expected::IRIS))
}
