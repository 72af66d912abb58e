//! The items of iterators through which no derivative flows, found by their index.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::ops::Range;

/// An iterator, or what can be made one. What lies in a row is indexed where it is; anything else is collected. Method resolution chooses, since
/// the macro does not know the type.
#[derive(Debug)]
pub struct Items<I>(pub I);

macro_rules! in_place {
    ($($(#[$attribute:meta])* ($($generics:tt)*) $ty:ty => $items:ty, $this:ident $give:expr;)*) => {$(
        $(#[$attribute])*
        impl<$($generics)*> Items<$ty> {
            /// The items where they are.
            #[inline]
            #[must_use]
            pub fn items(self, _: usize) -> $items {
                let $this = self.0;
                $give
            }
        }
    )*};
}

in_place! {
    ('a, T) &'a [T] => &'a [T], this this;
    ('a, T, const N: usize) &'a [T; N] => &'a [T], this this;
    ('a, T) core::slice::Iter<'a, T> => &'a [T], this this.as_slice();
    (T, const N: usize) [T; N] => [T; N], this this;
    () Range<usize> => Range<usize>, this this;
    #[cfg(feature = "alloc")] ('a, T) &'a Vec<T> => &'a [T], this this;
    #[cfg(feature = "alloc")] (T) Vec<T> => Vec<T>, this this;
}

/// What is collected.
pub trait Collected {
    /// What it gives.
    type Item;
    /// As many of its items as are asked for.
    #[cfg(feature = "alloc")]
    fn items(self, most: usize) -> Vec<Self::Item>;
    /// As many of its items as are asked for, where memory can be allocated.
    #[cfg(not(feature = "alloc"))]
    fn items(self, most: usize) -> [Self::Item; 0]
    where
        Self: Collectable;
}

#[cfg(feature = "alloc")]
impl<I: IntoIterator> Collected for Items<I> {
    type Item = I::Item;

    #[inline]
    fn items(self, most: usize) -> Vec<I::Item> {
        self.0.into_iter().take(most).collect()
    }
}

/// What can be collected without memory that is allocated: nothing.
#[cfg(not(feature = "alloc"))]
#[diagnostic::on_unimplemented(
    message = "the items of this iterator are collected first, which needs the feature `alloc` of `differentiable`",
    label = "its items are found by no index",
    note = "iterate over an array, a slice or a range"
)]
pub trait Collectable {}

#[cfg(not(feature = "alloc"))]
impl<I: IntoIterator> Collected for Items<I> {
    type Item = I::Item;

    fn items(self, _: usize) -> [I::Item; 0]
    where
        Self: Collectable,
    {
        []
    }
}

/// Items that are found by their index.
pub trait Indexed {
    /// An item.
    type Item;
    /// How many there are.
    fn count(&self) -> usize;
    /// One of them.
    fn item(&self, index: usize) -> Self::Item;
}

/// An item by value, which is read where it lies.
#[diagnostic::on_unimplemented(
    message = "the items of this iterator cannot be cloned",
    label = "iterated by value",
    note = "iterate over references, as in `for item in &items`, or write `#[derive(Clone)]` on `{Self}`"
)]
pub trait ReadAgain: Sized {
    /// The item.
    fn read(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> ReadAgain for T {
    #[inline]
    fn read(&self) -> Self {
        self.clone()
    }
}

impl<'a, T> Indexed for &'a [T] {
    type Item = &'a T;

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    fn item(&self, index: usize) -> &'a T {
        &self[index]
    }
}

impl<T: ReadAgain, const N: usize> Indexed for [T; N] {
    type Item = T;

    #[inline]
    fn count(&self) -> usize {
        N
    }

    #[inline]
    fn item(&self, index: usize) -> T {
        self[index].read()
    }
}

#[cfg(feature = "alloc")]
impl<T: ReadAgain> Indexed for Vec<T> {
    type Item = T;

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    fn item(&self, index: usize) -> T {
        self[index].read()
    }
}

impl Indexed for Range<usize> {
    type Item = usize;

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    fn item(&self, index: usize) -> usize {
        self.start + index
    }
}

/// How many items there are.
#[inline]
pub fn count<I: Indexed>(items: &I) -> usize {
    items.count()
}

/// The item at an index.
#[inline]
pub fn item<I: Indexed>(items: &I, index: usize) -> I::Item {
    items.item(index)
}

/// An integer, of whatever type.
pub trait Integer {
    /// The integer so many after this one.
    #[must_use]
    fn after(self, steps: usize) -> Self;

    /// How many there are from this one to that, without it.
    #[must_use]
    fn count_until(self, end: Self) -> usize;

    /// The same with it.
    #[must_use]
    fn count_through(self, last: Self) -> usize;
}

macro_rules! integers {
    ($($ty:ident)*) => {$(
        impl Integer for $ty {
            #[inline]
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_lossless, reason = "a range of the type counts no further")]
            fn after(self, steps: usize) -> Self {
                // from a negative one there may be more steps than the type has positive numbers
                self.wrapping_add(steps as $ty)
            }

            #[inline]
            fn count_until(self, end: Self) -> usize {
                if self < end { usize::try_from(end.abs_diff(self)).unwrap_or(usize::MAX) } else { 0 }
            }

            #[inline]
            fn count_through(self, last: Self) -> usize {
                if self <= last { self.count_until(last).saturating_add(1) } else { 0 }
            }
        }
    )*};
}

integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

/// The number of items of `start..end`.
#[inline]
pub fn count_until<T: Integer>(start: T, end: T) -> usize {
    start.count_until(end)
}

/// The number of items of `start..=last`.
#[inline]
pub fn count_through<T: Integer>(start: T, last: T) -> usize {
    start.count_through(last)
}

/// An item of a range, which is of the type of both of its ends.
#[inline]
pub fn item_of_range<T: Integer>(start: T, _end: T, steps: usize) -> T {
    start.after(steps)
}

/// An item of a range without an end.
#[inline]
pub fn after<T: Integer>(start: T, steps: usize) -> T {
    start.after(steps)
}
