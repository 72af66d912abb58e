//! Numbers without a pattern, from a seed: SplitMix64, Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014).

/// What two numbers of the sequence are apart before they are mixed.
pub(crate) const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A hash of 64 bits.
pub(crate) fn mix(x: u64) -> u64 {
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

/// The generator.
#[derive(Clone, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number of either sign, of magnitude from one half to one.
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(STEP);
        let bits = mix(self.0);
        let magnitude = 0.5 + (bits >> 12) as f64 / (1u64 << 53) as f64;
        if bits & 1 == 0 { magnitude } else { -magnitude }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_both_signs_and_magnitudes_from_one_half_to_one() {
        let mut random = Random(1);
        let numbers = [(); 1000].map(|()| random.next());
        assert!(numbers.iter().all(|x| (0.5..1.0).contains(&x.abs())));
        let (mean, negative) = (numbers.iter().sum::<f64>() / 1000.0, numbers.iter().filter(|x| **x < 0.0).count());
        assert!(mean.abs() < 0.1 && (450..550).contains(&negative), "{mean}, {negative}");
    }
}
