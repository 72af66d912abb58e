//! What loops need that have several iterations in flight.

use core::ops::Range;

use crate::Scalar;

/// Whether the target gains by several sums or iterations in flight: what has wide registers and executes out of order.
pub const GAINS: bool = cfg!(target_pointer_width = "64");

/// How many iterations of plain arithmetic run in a strip: four registers of doubles.
pub const STRIP: usize = if cfg!(target_feature = "avx") { 16 } else { 8 };

/// How many iterations run side by side that read nothing of their own from memory: so many that three numbers of each fill most registers where these are
/// wide, and that what lanes add to one element is summed up seldom where they are not.
pub const MANY: usize = if cfg!(target_feature = "avx512f") { 32 } else { 16 };

/// The sum of what [`MANY`] lanes add to one element: in eight chains, which are added in halves.
#[inline(always)]
pub fn sum_of_lanes<T: Scalar, const LANES: usize>(lanes: &[T; LANES]) -> T {
    let mut chains = [T::ZERO; 8];
    chains.copy_from_slice(&lanes[..8]);
    for eight in lanes[8..].as_chunks::<8>().0 {
        for chain in 0..8 {
            chains[chain] += eight[chain];
        }
    }
    let half = |at: usize| (chains[at] + chains[at + 4]) + (chains[at + 2] + chains[at + 6]);
    half(0) + half(1)
}

/// Adds the terms of a strip to eight chains, each to the one of its index.
#[inline(always)]
pub fn add_in_chains<T: Scalar>(chains: &mut [T; 8], terms: &[T; STRIP]) {
    for eight in terms.as_chunks::<8>().0 {
        for chain in 0..8 {
            chains[chain] += eight[chain];
        }
    }
}

/// The sum of eight chains, which are added in halves.
#[inline(always)]
pub fn sum_of_chains<T: Scalar>(chains: [T; 8]) -> T {
    let mut halves = [chains[0], chains[1], chains[2], chains[3]];
    for at in 0..4 {
        halves[at] += chains[at + 4];
    }
    // from memory: the back end would pair chains as they are added here, and leave them in registers of two all the way through their loop
    let [a, b, c, d] = core::hint::black_box(halves);
    (a + c) + (b + d)
}

/// What loops count with.
pub trait Index: Copy + PartialOrd {
    /// All bits: the index of no element.
    const NONE: Self;
    /// The number, and so many more, which is within the range of a loop.
    fn plus(self, more: usize) -> Self;
    /// Whether there are so many numbers from here to the end, which is no less.
    fn has_room(self, end: Self, lanes: usize) -> bool;
    /// The number where something holds, else none.
    fn or_undecided(self, holds: bool) -> Self;
    /// The other number where something holds, else this.
    fn or(self, holds: bool, other: Self) -> Self;
    /// Whether none of these is none.
    fn are_indices(of: &[Self]) -> bool;
}

macro_rules! index {
    ($($int:ty: $bits:ty),*) => {
        $(impl Index for $int {
            const NONE: Self = !0;

            #[inline(always)]
            fn plus(self, more: usize) -> Self {
                self + more as Self
            }

            #[inline(always)]
            fn has_room(self, end: Self, lanes: usize) -> bool {
                usize::try_from(end.abs_diff(self)).is_ok_and(|room| room >= lanes)
            }

            // by its bits, as a choice between three numbers would be branches
            #[inline(always)]
            fn or_undecided(self, holds: bool) -> Self {
                self | if holds { 0 } else { Self::NONE }
            }

            #[inline(always)]
            fn or(self, holds: bool, other: Self) -> Self {
                if holds { other } else { self }
            }

            #[inline(always)]
            fn are_indices(of: &[Self]) -> bool {
                of.iter().fold(0, |most: $bits, index| most.max(*index as $bits)) != <$bits>::MAX
            }
        })*
    };
}

index!(
    u8: u8, u16: u16, u32: u32, u64: u64, u128: u128, usize: usize,
    i8: u8, i16: u16, i32: u32, i64: u64, i128: u128, isize: usize
);

/// Whether a loop has iterations for so many lanes: none if it begins behind its end.
#[inline(always)]
pub fn in_flight<I: Index>(first: I, end: I, lanes: usize) -> bool {
    GAINS && first <= end && first.has_room(end, lanes)
}

/// The index in a lane.
#[inline(always)]
pub fn lane<I: Index>(first: I, lane: usize) -> I {
    first.plus(lane)
}

/// Whether an iteration has to add to an element itself: none of the strips, which began with the iterations from `start` to `first`, has gathered for what
/// lies so far behind the farthest element that an iteration adds to.
#[inline(always)]
pub fn is_left<I: Index>(at: I, start: I, first: I, behind: usize) -> bool {
    at < start.plus(behind) || at >= first.plus(behind)
}

/// The next iteration that adds to elements itself, where contributions of one lie so far apart.
#[inline(always)]
pub fn next_left<I: Index>(at: I, start: I, first: I, apart: usize) -> I {
    let next = at.plus(1);
    if next >= start.plus(apart) && next < first { first } else { next }
}

/// Sets elements to zero; none if they begin behind their end.
#[inline(always)]
pub fn clear<T: Scalar>(of: &mut [T], from: usize, to: usize) {
    if from < to {
        of[from..to].fill(T::ZERO);
    }
}

/// Stands in a loop whose statements run in lanes: the back end leaves its iterations one after the other, as it would otherwise put some of them side by
/// side, and their lanes apart.
#[inline(always)]
pub fn one_by_one() {
    core::hint::black_box(());
}

/// Whether something is the same in all lanes.
#[inline(always)]
pub fn agree<I: Index, T: PartialEq>(first: I, lanes: usize, of: impl Fn(I) -> T) -> bool {
    (1..lanes).all(|lane| of(first.plus(lane)) == of(first))
}

/// How many iterations run side by side.
const LANES: usize = 8;

/// The elements of eight rows, side by side.
#[derive(Clone, Copy, Debug)]
pub struct Transposed<T, const N: usize>([[T; LANES]; N]);

/// So many elements of a row, where the lanes of all are few enough to stand on the stack; none where they are more.
#[must_use]
pub const fn lanes_in_place(length: usize) -> usize {
    if length <= 1024 { length } else { 0 }
}

/// The elements of eight rows by their index and the lane, which are read where the loop runs that needs them.
#[inline(always)]
pub fn transposed<T: Scalar, const N: usize>(runs: bool, element: impl Fn(usize, usize) -> T) -> Transposed<T, N> {
    if runs && cfg!(target_feature = "avx") {
        // without a loop that the back end would run for several rows at once, in wider registers than those that follow use
        return Transposed(core::array::from_fn(|index| core::array::from_fn(|lane| element(index, lane))));
    }
    let mut all = [[T::ZERO; LANES]; N];
    if runs {
        // row by row to where they stay: what is made as a whole waits elsewhere until it is chosen, number by number
        for lane in 0..LANES {
            for index in 0..N {
                all[index][lane] = element(index, lane);
            }
        }
    }
    Transposed(all)
}

impl<T: Scalar, const N: usize> Transposed<T, N> {
    /// An element of a row, which is read where it is not here.
    #[inline(always)]
    #[must_use]
    pub fn at(&self, index: usize, lane: usize, row: impl FnOnce() -> T) -> T {
        match self.0.get(index) {
            Some(lanes) => lanes[lane],
            None => row(),
        }
    }
}

/// The elements for the iterations of a loop, from one on; none where it has none.
///
/// # Panics
///
/// If there are fewer.
#[inline(always)]
#[must_use]
pub fn row<T>(x: &[T], at: usize, of: Range<usize>) -> &[T] {
    if of.is_empty() { &[] } else { &x[at..][..of.len()] }
}

/// The same, to be added to.
///
/// # Panics
///
/// If there are fewer.
#[inline(always)]
#[must_use]
pub fn row_mut<T>(x: &mut [T], at: usize, of: Range<usize>) -> &mut [T] {
    if of.is_empty() { &mut [] } else { &mut x[at..][..of.len()] }
}

/// So many elements from each of two on; none where the two share some, or some are missing.
#[inline(always)]
#[must_use]
pub fn two_rows<T>(x: &mut [T], at: [usize; 2], count: usize) -> Option<[&mut [T]; 2]> {
    let [first, second] = at;
    let rows = [first..first.checked_add(count)?, second..second.checked_add(count)?];
    let [first, second] = x.get_disjoint_mut(rows).ok()?;
    Some([&mut first[..count], &mut second[..count]])
}

/// So many elements from one on; none where some are missing.
#[inline(always)]
#[must_use]
pub fn one_row<T>(x: &[T], at: usize, count: usize) -> Option<&[T]> {
    x.get(at..)?.get(..count)
}
