//! The order of the samples, without memory for it.

use crate::random::{STEP, mix};

/// When the samples are put into a new order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Shuffle {
    /// Never: they are visited as they stand.
    #[default]
    Never,
    /// For each epoch, from the seed and the epoch's number: the same seed gives the same orders.
    EachEpoch {
        /// Any number.
        seed: u64,
    },
}

impl Shuffle {
    /// The order of an epoch.
    pub(crate) fn permutation(self, count: usize, epoch: usize) -> Permutation {
        match self {
            Self::Never => Permutation { count: count as u64, half: 0, keys: [0; ROUNDS] },
            Self::EachEpoch { seed } => Permutation::new(count, mix(seed ^ mix(epoch as u64))),
        }
    }
}

const ROUNDS: usize = 6;

/// A pseudo-random permutation of `0..count` that is computed index by index.
///
/// A Feistel network permutes the numbers of an even number of bits; those that fall outside are sent through again until
/// they fall inside (cycle walking): Black and Rogaway, Ciphers with Arbitrary Finite Domains (2002).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Permutation {
    pub(super) count: u64,
    /// Half the number of bits; 0 for the identity.
    half: u32,
    keys: [u64; ROUNDS],
}

impl Permutation {
    /// A permutation of `0..count`.
    #[must_use]
    pub fn new(count: usize, seed: u64) -> Self {
        let count = count as u64;
        let bits = u64::BITS - count.saturating_sub(1).leading_zeros();
        let mut key = seed;
        let keys = [(); ROUNDS].map(|()| {
            key = key.wrapping_add(STEP);
            mix(key)
        });
        Self { count, half: bits.div_ceil(2), keys }
    }

    /// Whether it leaves every index where it is.
    #[cfg(target_pointer_width = "64")]
    #[inline]
    pub(super) fn is_identity(&self) -> bool {
        self.half == 0
    }

    /// Where the permutation sends an index below `count`.
    #[must_use]
    pub fn at(&self, index: usize) -> usize {
        let mut place = index as u64;
        if self.half == 0 {
            return index;
        }
        loop {
            place = self.round_trip(place);
            if place < self.count {
                return place as usize;
            }
        }
    }

    fn round_trip(&self, place: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let (mut left, mut right) = (place >> self.half, place & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mix(right ^ key) & mask));
        }
        left << self.half | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_is_visited_once_for_every_count() {
        for count in 0..700 {
            let permutation = Permutation::new(count, count as u64 * 31);
            let mut visited = [false; 700];
            for index in 0..count {
                let place = permutation.at(index);
                assert!(place < count && !visited[place], "{index} of {count}");
                visited[place] = true;
            }
        }
    }

    #[test]
    fn epochs_differ_and_the_same_seed_gives_the_same_order() {
        let order = |seed, epoch| {
            let permutation = Shuffle::EachEpoch { seed }.permutation(100, epoch);
            core::array::from_fn::<usize, 100, _>(|index| permutation.at(index))
        };
        assert_eq!(order(7, 1), order(7, 1));
        assert_ne!(order(7, 1), order(7, 2));
        assert_ne!(order(7, 1), order(8, 1));
    }

    #[test]
    fn an_order_leaves_few_samples_where_they_were() {
        let permutation = Permutation::new(1000, 3);
        assert!((0..1000).filter(|index| permutation.at(*index) == *index).count() < 10);
    }

    #[test]
    fn without_shuffling_the_order_is_that_of_the_samples() {
        let permutation = Shuffle::Never.permutation(9, 4);
        assert!((0..9).all(|index| permutation.at(index) == index));
    }
}
