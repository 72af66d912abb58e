//! `firmware::magnetometer` on the device.
#![no_std]
#![no_main]

use firmware::{device, expected, magnetometer};

#[cortex_m_rt::entry]
fn main() -> ! {
    device::compare("magnetometer", &magnetometer::run().expect("no number is infinite"), &expected::MAGNETOMETER)
}
