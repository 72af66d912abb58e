//! `firmware::kalman` on the device.
#![no_std]
#![no_main]

use firmware::{device, expected, kalman};

#[cortex_m_rt::entry]
fn main() -> ! {
    device::compare("kalman", &kalman::run(), &expected::KALMAN)
}
