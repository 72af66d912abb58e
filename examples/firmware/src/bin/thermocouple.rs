//! `firmware::thermocouple` on the device.
#![no_std]
#![no_main]

use firmware::{device, expected, thermocouple};

#[cortex_m_rt::entry]
fn main() -> ! {
    device::compare("thermocouple", &thermocouple::run(), &expected::THERMOCOUPLE)
}
