//! What a program needs of the board: a way to print, to exit, and to count.

use core::hint::black_box;
use core::panic::PanicInfo;

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_semihosting::{debug, hprintln};

use crate::expected::is_close;

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    hprintln!("{}", info);
    exit(false)
}

/// Ends the emulator with a status.
pub fn exit(success: bool) -> ! {
    debug::exit(if success { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {}
}

/// Prints what a program computed beside what the host computed, and exits with whether they are close.
pub fn compare(program: &str, results: &[f32], expected: &[f32]) -> ! {
    let mut same = results.len() == expected.len();
    for (result, expected) in results.iter().zip(expected) {
        let close = is_close(*result, *expected);
        same &= close;
        hprintln!("{} {} ({} on the host){}", program, result, expected, if close { "" } else { " differs" });
    }
    exit(same)
}

/// The instructions of a call, by the system timer, which under `-icount shift=0` runs with them: an instruction takes a nanosecond, and
/// the boards' clocks run at 25 MHz (`mps2-an386`) and 16 MHz (`microbit`). A tick is 40 or 62.5 instructions, so the mean is taken of many calls where a call is short.
pub fn instructions<I>(timer: &mut SYST, input: &I, run: fn(&I)) -> u64 {
    const HALF_INSTRUCTIONS_PER_TICK: u64 = if cfg!(target_abi = "eabihf") { 80 } else { 125 };
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(0x00ff_ffff);
    timer.clear_current();
    timer.enable_counter();
    let mut count = |calls: u32| {
        let before = SYST::get_current();
        for _ in 0..calls {
            run(black_box(input));
        }
        let ticks = before.wrapping_sub(SYST::get_current()) & 0x00ff_ffff;
        assert!(!timer.has_wrapped(), "the timer ran over");
        u64::from(ticks) * HALF_INSTRUCTIONS_PER_TICK / 2
    };
    let once = count(1);
    if once > 2_000_000 {
        return once;
    }
    let calls = (20_000_000 / (count(10) / 10 + 1)).clamp(10, 10_000) as u32;
    (count(calls) + u64::from(calls) / 2) / u64::from(calls)
}

/// The bytes of stack of a call: memory below the stack is painted before it, and looked at after it.
#[allow(unsafe_code, reason = "nothing safe looks below the stack")]
#[inline(never)]
pub fn stack_bytes<I>(input: &I, run: fn(&I)) -> u32 {
    const PAINT: u32 = 0xA5A5_5A5A;
    const DEPTH: u32 = 8 * 1024;
    let top = cortex_m::register::msp::read() & !3;
    for address in (top - DEPTH..top).step_by(4) {
        // SAFETY: this is memory below the stack of this function, and no function is called until the loop ends
        unsafe { (address as *mut u32).write_volatile(PAINT) };
    }
    run(black_box(input));
    // SAFETY: as above
    let deepest = (top - DEPTH..top).step_by(4).find(|address| unsafe { (*address as *const u32).read_volatile() } != PAINT);
    let bytes = deepest.map_or(0, |address| top - address);
    assert!(bytes < DEPTH, "the call goes deeper than memory was painted");
    bytes
}
