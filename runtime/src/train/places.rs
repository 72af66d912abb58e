//! The places of samples in an epoch's order: a permutation comes in, and where it sends one index after another goes out.
//!
//! A place takes six rounds, each of which waits for the one before. On targets of 64 bits, which run what does not wait for
//! anything side by side, 32 neighbours are computed together; a small processor would pay for that in flash and stack.

use super::shuffle::Permutation;

#[cfg(target_pointer_width = "64")]
const BLOCK: usize = 32;

/// The places that the permutation gives.
#[cfg(target_pointer_width = "64")]
pub(crate) struct Places {
    permutation: Permutation,
    /// Which block of indices is there, if any.
    number: usize,
    block: [usize; BLOCK],
}

#[cfg(target_pointer_width = "64")]
impl Places {
    pub(crate) fn new(permutation: Permutation) -> Self {
        Self { permutation, number: usize::MAX, block: [0; BLOCK] }
    }

    /// Where the permutation sends an index.
    #[inline]
    pub(crate) fn at(&mut self, index: usize) -> usize {
        if self.permutation.is_identity() {
            return index;
        }
        if self.number != index / BLOCK {
            self.compute(index / BLOCK);
        }
        self.block[index % BLOCK]
    }

    #[inline(never)]
    fn compute(&mut self, number: usize) {
        self.number = number;
        let indices = number * BLOCK..self.permutation.count as usize;
        self.block.iter_mut().zip(indices).for_each(|(place, index)| *place = self.permutation.at(index));
    }
}

/// The places that the permutation gives.
#[cfg(not(target_pointer_width = "64"))]
pub(crate) struct Places(Permutation);

#[cfg(not(target_pointer_width = "64"))]
impl Places {
    pub(crate) fn new(permutation: Permutation) -> Self {
        Self(permutation)
    }

    /// Where the permutation sends an index.
    #[inline]
    pub(crate) fn at(&mut self, index: usize) -> usize {
        self.0.at(index)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Shuffle;
    use super::*;

    #[test]
    fn places_are_those_of_the_permutation_in_any_order_of_indices() {
        for count in [1, 2, 7, 31, 32, 33, 63, 64, 65, 100] {
            for shuffle in [Shuffle::Never, Shuffle::EachEpoch { seed: 5 }] {
                let permutation = shuffle.permutation(count, 1);
                let mut places = Places::new(permutation);
                for index in (0..count).chain((0..count).rev()).chain((0..count).map(|index| index * 7 % count)) {
                    assert_eq!(places.at(index), permutation.at(index), "{index} of {count}");
                }
            }
        }
    }
}
