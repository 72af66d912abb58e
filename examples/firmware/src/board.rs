//! The maths of the board: the square root is an instruction where there is a floating-point unit.

use differentiable::{Maths, With};

/// The board.
pub struct Board;

/// A float with the maths of the board.
pub type Float = With<f32, Board>;

impl Maths<f32> for Board {
    #[cfg(all(target_arch = "arm", target_abi = "eabihf"))]
    #[allow(unsafe_code, reason = "the instruction")]
    #[inline]
    fn sqrt(x: f32) -> f32 {
        let mut bits = x.to_bits();
        // SAFETY: what the register held, which cannot be named as an operand for this target, is put back into it
        unsafe {
            core::arch::asm!(
                "vmov {kept}, s0",
                "vmov s0, {bits}",
                "vsqrt.f32 s0, s0",
                "vmov {bits}, s0",
                "vmov s0, {kept}",
                bits = inout(reg) bits,
                kept = out(reg) _,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        f32::from_bits(bits)
    }
}
