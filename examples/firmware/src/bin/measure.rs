//! Measures one function: the one that the variable `CANDIDATE` names when this is built, `subjects::subject::generated`, `::by_hand`, `::dual` or `::none`,
//! or one of `programs`.
#![no_std]
#![no_main]

use cortex_m_semihosting::hprintln;
use firmware::device;

include!(concat!(env!("OUT_DIR"), "/candidate.rs"));

/// A call that neither the loop around it nor the constant input can make cheaper.
#[inline(never)]
fn call(input: &Input) {
    core::hint::black_box(run(input));
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut peripherals = cortex_m::Peripherals::take().expect("they are taken once");
    let stack = device::stack_bytes(&INPUT, call);
    let instructions = device::instructions(&mut peripherals.SYST, &INPUT, call);
    hprintln!("instructions {} stack {}", instructions, stack);
    device::exit(true)
}
