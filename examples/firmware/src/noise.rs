//! Numbers that look random and are the same everywhere.

/// A linear congruential generator with the constants of Numerical Recipes.
pub struct Noise(pub u32);

impl Noise {
    /// The next number, between -1 and 1.
    pub fn draw(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
}
