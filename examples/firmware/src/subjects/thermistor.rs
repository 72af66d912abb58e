//! The temperature of a thermistor by the coefficients of Steinhart and Hart's equation.

use differentiable::Dual;
use differentiable::prelude::*;

/// 1 / (a + b ln r + c (ln r)³), in kelvin for a resistance in ohm.
#[differentiable(wrt(c))]
pub fn temperature<T: Real>(c: &[T; 3], resistance: T) -> T {
    let l = resistance.ln();
    1.0 / (c[0] + c[1] * l + c[2] * (l * l * l))
}

/// Coefficients and resistance.
pub type Input = ([f32; 3], f32);

/// A usual thermistor at 25 °C.
pub const INPUT: Input = ([1.13e-3, 2.34e-4, 8.78e-8], 10_000.0);

/// What the macro makes.
pub fn generated((c, resistance): &Input) -> (f32, [f32; 3]) {
    temperature::value_and_grad(c, *resistance)
}

/// ∂/∂a = −y².
pub fn by_hand((c, resistance): &Input) -> (f32, [f32; 3]) {
    let l = resistance.ln();
    let cube = l * l * l;
    let y = 1.0 / (c[0] + c[1] * l + c[2] * cube);
    let slope = -(y * y);
    (y, [slope, slope * l, slope * cube])
}

/// Three directions at once.
pub fn dual((c, resistance): &Input) -> (f32, [f32; 3]) {
    let y = temperature(&Dual::variables(*c), Dual::constant(*resistance));
    (y.value(), y.tangents())
}
