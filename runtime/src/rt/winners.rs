//! Which iterations gave the result of a fold by `min` or `max`.
//!
//! *In:* the part of each iteration, what the iterations before it gave, and what the reverse sweep needs of the iteration. *Out:* the records
//! of those that the cotangent reaches.
//!
//! Mostly one part beats all before it. Which one that is, is hard to predict, so no branch asks for it: each record is written to the spare one
//! of two places, and which of them holds follows from the number of times that a part has won. Parts that are equal, or not a number, are rare,
//! and go another way.

use super::{GAINS, Index, Tape};
use crate::partial::{max_weight, min_weight};
use crate::scalar::Number;

/// How many records of equal parts are held in place: of which there are few, but all where there is no heap.
#[must_use]
pub const fn equals_in_place(records: usize) -> usize {
    if cfg!(feature = "alloc") { 2 } else { records }
}

/// How many elements are compared at once.
const BLOCK: usize = 16;

/// Where a block of elements ends that begins here: at the end, where the target gains nothing by blocks.
#[inline]
#[must_use]
pub fn past(first: usize, end: usize) -> usize {
    if GAINS { first + usize::min(BLOCK, end - first) } else { end }
}

/// Whether one of some elements may be the greatest: whether not all are less.
#[inline]
#[must_use]
pub fn may_exceed<T: Number>(elements: &[T], greatest: T) -> bool {
    are_not_all(elements, |x| x < greatest)
}

/// Whether one of some elements may be the least: whether not all are greater.
#[inline]
#[must_use]
pub fn may_fall_below<T: Number>(elements: &[T], least: T) -> bool {
    are_not_all(elements, |x| x > least)
}

#[inline]
fn are_not_all<T: Number>(elements: &[T], hold: impl Fn(T) -> bool) -> bool {
    // without an end on the way, so that the back end compares many at once
    let all = |elements: &[T]| elements.iter().fold(true, |all, x| all & hold(*x));
    !GAINS
        || !match <&[T; BLOCK]>::try_from(elements) {
            Ok(block) => all(block),
            Err(_) => all(elements),
        }
}

/// One of several searches for the least, side by side: which part is less than all before it, and equal to none after it. Where there is none, or a number is
/// not comparable, this is [`undecided()`].
#[inline(always)]
pub fn less<T: Number, I: Index>(part: T, before: T, index: I, best: &mut I) {
    *best = best.or_undecided(part > before).or(part < before, index);
}

/// The same of a search for the greatest.
#[inline(always)]
pub fn greater<T: Number, I: Index>(part: T, before: T, index: I, best: &mut I) {
    *best = best.or_undecided(part < before).or(part > before, index);
}

/// The lesser of two numbers of which one is less.
#[inline(always)]
#[must_use]
pub fn lesser<T: Number>(part: T, before: T) -> T {
    if part < before { part } else { before }
}

/// The same of the greater.
#[inline(always)]
#[must_use]
pub fn higher<T: Number>(part: T, before: T) -> T {
    if part > before { part } else { before }
}

/// The index of no winner.
#[inline(always)]
#[must_use]
pub fn undecided<I: Index>() -> I {
    I::NONE
}

/// Whether each search has one winner.
#[inline(always)]
#[must_use]
pub fn are_decided<I: Index>(best: &[I]) -> bool {
    I::are_indices(best)
}

/// The records of the iterations that gave the result of a fold.
#[derive(Debug)]
pub struct Winners<T, const N: usize> {
    /// The last iteration whose part beat what was there, at its number modulo two; whatever came last in the other place.
    best: [Option<T>; 2],
    /// How often a part has won.
    won: usize,
    equals: Equals<T, N>,
}

/// The iterations that share with what was there before them.
#[derive(Debug)]
struct Equals<T, const N: usize> {
    /// How often a part had won before; they count as long as none has won since.
    won: usize,
    /// Nothing of the cotangent goes on to the iteration that has won.
    alone: bool,
    records: Tape<T, N>,
}

impl<T, const N: usize> Winners<T, N> {
    /// No iteration yet.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "generated code calls it by this name only")]
    pub fn new() -> Self {
        let equals = Equals { won: 0, alone: false, records: Tape::new() };
        Self { best: [const { None }; 2], won: 0, equals }
    }

    /// An iteration of a fold by `max`.
    #[inline]
    pub fn max<W: Number>(&mut self, part: W, before: W, record: impl FnOnce() -> T) {
        let (wins, loses) = (part > before, part < before);
        if wins || loses {
            self.beats(wins, record());
        } else {
            self.equals.share(self.won, max_weight(part, before), max_weight(before, part), record());
        }
    }

    /// An iteration of a fold by `min`.
    #[inline]
    pub fn min<W: Number>(&mut self, part: W, before: W, record: impl FnOnce() -> T) {
        let (wins, loses) = (part < before, part > before);
        if wins || loses {
            self.beats(wins, record());
        } else {
            self.equals.share(self.won, min_weight(part, before), min_weight(before, part), record());
        }
    }

    #[inline]
    fn beats(&mut self, wins: bool, record: T) {
        self.best[(self.won + 1) % 2] = Some(record);
        self.won += usize::from(wins);
    }

    /// The records, the first first.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        let equals = Some(&self.equals).filter(|equals| equals.won == self.won);
        let best = if equals.is_some_and(|equals| equals.alone) { &None } else { &self.best[self.won % 2] };
        best.iter().chain(equals.into_iter().flat_map(|equals| equals.records.iter()))
    }
}

impl<T, const N: usize> Equals<T, N> {
    #[cold]
    fn share<W: Number>(&mut self, won: usize, to_part: W, to_others: W, record: T) {
        if self.won != won || to_others == W::ZERO {
            *self = Self { won, alone: to_others == W::ZERO, records: Tape::new() };
        }
        if to_part != W::ZERO {
            self.records.push(record);
        }
    }
}
