//! `firmware::iris` on the device.
#![no_std]
#![no_main]

use firmware::{device, expected, iris};

#[cortex_m_rt::entry]
fn main() -> ! {
    device::compare("iris", &iris::run().expect("no number is infinite"), &expected::IRIS)
}
