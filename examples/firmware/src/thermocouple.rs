//! A thermocouple's curve is inverted on a device that never evaluates it: values and slopes of the polynomial at 33 temperatures were computed
//! by the compiler and stand in flash.

use differentiable::prelude::*;

/// The voltage in millivolts at a temperature in hundreds of degrees Celsius, near that of type K up to 500 °C.
#[differentiable]
pub const fn voltage(t: f32) -> f32 {
    let c = [0.0, 3.945, 0.236, -0.118, 0.0145];
    let mut sum = c[4];
    let mut i = 4;
    while i > 0 {
        i -= 1;
        sum = sum * t + c[i];
    }
    sum
}

/// The knots of the table.
const KNOTS: usize = 33;
/// The distance of two knots, in hundreds of degrees: a power of two, so that the knots are exact.
const STEP: f32 = 0.15625;

/// The temperature of a knot.
const fn temperature(knot: usize) -> f32 {
    STEP * knot as f32
}

/// Voltage and slope at each knot.
#[used]
pub static TABLE: [(f32, f32); KNOTS] = {
    let mut table = [(0.0, 0.0); KNOTS];
    let mut knot = 0;
    while knot < KNOTS {
        table[knot] = voltage::value_and_grad(temperature(knot));
        knot += 1;
    }
    table
};

/// The table as it is computed when the program runs.
pub fn computed() -> [(f32, f32); KNOTS] {
    core::array::from_fn(|knot| voltage::value_and_grad(core::hint::black_box(temperature(knot))))
}

/// The temperature at a voltage: between two knots by the cubic that has their temperatures and the inverses of their slopes.
pub fn inverted(millivolts: f32) -> f32 {
    let above = TABLE.iter().position(|(value, _)| *value > millivolts).unwrap_or(KNOTS - 1).max(1);
    let ((from, slope_from), (to, slope_to)) = (TABLE[above - 1], TABLE[above]);
    let width = to - from;
    let s = (millivolts - from) / width;
    let (left, right) = (width / slope_from, width / slope_to);
    let bend = (left - STEP) * (1.0 - s) + (STEP - right) * s;
    temperature(above - 1) + s * (STEP + (1.0 - s) * bend)
}

/// Temperatures at five voltages.
pub fn run() -> [f32; 5] {
    [0.4, 3.9, 8.2, 12.1, 19.6].map(|millivolts| inverted(core::hint::black_box(millivolts)))
}
