//! `firmware::load_cell` on the device.
#![no_std]
#![no_main]

use firmware::{device, expected, load_cell};

#[cortex_m_rt::entry]
fn main() -> ! {
    device::compare("load_cell", &load_cell::run().expect("no number is infinite"), &expected::LOAD_CELL)
}
