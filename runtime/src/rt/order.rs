//! The order that a sort leaves elements in, as indices: what is sorted holds active values, which have to be followed to their places.

use alloc::vec::Vec;
use core::cmp::Ordering;

fn indices<T>(elements: &[T]) -> Vec<usize> {
    (0..elements.len()).collect()
}

/// That of `sort_by`.
pub fn order_by_sort_by<T>(elements: &[T], mut compare: impl FnMut(&T, &T) -> Ordering) -> Vec<usize> {
    let mut order = indices(elements);
    order.sort_by(|i, j| compare(&elements[*i], &elements[*j]));
    order
}

/// That of `sort_unstable_by`, where elements that compare as equal are the same.
pub fn order_by_sort_unstable_by<T>(elements: &[T], mut compare: impl FnMut(&T, &T) -> Ordering) -> Vec<usize> {
    let mut order = indices(elements);
    order.sort_unstable_by(|i, j| compare(&elements[*i], &elements[*j]));
    order
}

/// That of `sort_by_key`.
pub fn order_by_sort_by_key<T, K: Ord>(elements: &[T], mut key: impl FnMut(&T) -> K) -> Vec<usize> {
    let mut order = indices(elements);
    order.sort_by_key(|i| key(&elements[*i]));
    order
}

/// That of `sort_by_cached_key`.
pub fn order_by_sort_by_cached_key<T, K: Ord>(elements: &[T], mut key: impl FnMut(&T) -> K) -> Vec<usize> {
    let mut order = indices(elements);
    order.sort_by_cached_key(|i| key(&elements[*i]));
    order
}
