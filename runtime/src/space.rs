//! Parameter spaces: what can be differentiated with respect to.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::dual::Dual;
use crate::maths::With;
use crate::path::Search;
use crate::scalar::Number;

/// A point of a parameter space: a float, or an array, a tuple, a `Vec` or a struct of such.
///
/// A gradient and the state of an optimizer have the shape of the parameters. Implement it with `#[derive(Differentiable)]`.
///
/// ```
/// use differentiable::prelude::*;
///
/// #[derive(Clone, Debug, PartialEq, Differentiable)]
/// struct Params { w: [[f64; 2]; 3], b: [f64; 3] }
///
/// let params = Params { w: [[1.0; 2]; 3], b: [2.0; 3] };
/// assert_eq!(params.zeros_like(), Params { w: [[0.0; 2]; 3], b: [0.0; 3] });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no parameter space: it cannot hold what is differentiated",
    label = "not a float, and not made of floats alone",
    note = "floats, arrays, tuples, `Vec`s and structs that derive `Differentiable` are; a field that is no parameter is marked `#[differentiable(skip)]`"
)]
pub trait Differentiable: Clone {
    /// The type of its numbers.
    type Scalar: Number;

    /// Zeros of the same shape. Skipped fields are cloned.
    #[must_use]
    fn zeros_like(&self) -> Self;

    /// Whether every `Vec` has the length of the other's.
    fn same_shape(&self, other: &Self) -> bool;

    /// Adds another point to this one.
    ///
    /// # Panics
    ///
    /// If the shapes differ.
    fn accumulate(&mut self, by: &Self);

    /// Visits the numbers of several points of one shape together, as slices of equal length.
    ///
    /// Where the shapes differ, what is visited is not specified: ask [`same_shape`](Self::same_shape) first.
    fn leaves<const W: usize, const R: usize>(
        write: [&mut Self; W],
        read: [&Self; R],
        visit: &mut impl FnMut([&mut [Self::Scalar]; W], [&[Self::Scalar]; R]),
    );

    /// Finds the path of a number: tells the search of the parts of this point, in the order in which [`leaves`](Self::leaves) visits
    /// them.
    #[doc(hidden)]
    #[inline]
    fn locate(&self, search: &mut Search) {
        search.unnamed();
    }

    /// The same for slices of points, which for numbers are slices already.
    #[doc(hidden)]
    fn slices<const W: usize, const R: usize>(
        write: [&mut [Self]; W],
        read: [&[Self]; R],
        visit: &mut impl FnMut([&mut [Self::Scalar]; W], [&[Self::Scalar]; R]),
    ) {
        let lengths = write.iter().map(|slice| slice.len()).chain(read.iter().map(|slice| slice.len()));
        let length = lengths.min().unwrap_or(0);
        let mut write = write.map(|slice| slice.iter_mut());
        for index in 0..length {
            let next = write.each_mut().map(|iter| iter.next().expect("shorter than its own length"));
            Self::leaves(next, read.map(|slice| &slice[index]), visit);
        }
    }

    /// Whether the type alone tells the shape: nothing in it is a `Vec`.
    #[doc(hidden)]
    const FIXED: bool = false;

    /// Whether [`zeros_of_type`](Self::zeros_of_type) gives zeros.
    #[doc(hidden)]
    const HAS_ZEROS: bool = false;

    /// Zeros, where the type alone tells how many.
    #[doc(hidden)]
    #[must_use]
    fn zeros_of_type() -> Option<Self> {
        None
    }

    /// Whether a field is skipped, here or in a field of a field.
    #[doc(hidden)]
    const SKIPS: bool = false;

    /// The skipped fields alone: the `Vec`s that hold none are empty.
    #[doc(hidden)]
    #[must_use]
    fn hollow(&self) -> Self {
        self.zeros_like()
    }

    /// Puts the skipped fields of a hollow point in place of this one's.
    #[doc(hidden)]
    fn restore(&mut self, _hollow: Self) {}

    /// Puts zeros in place of skipped fields that hold numbers.
    #[doc(hidden)]
    fn clear_skipped(&mut self) {}
}

/// Numbers are spaces of one dimension.
macro_rules! numbers {
    ($([$($generics:tt)*] $number:ty;)*) => {$(
        impl<$($generics)*> Differentiable for $number {
            type Scalar = Self;

            const FIXED: bool = true;

            const HAS_ZEROS: bool = true;

            #[inline]
            fn zeros_of_type() -> Option<Self> {
                Some(Self::ZERO)
            }

            #[inline]
            fn zeros_like(&self) -> Self {
                Self::ZERO
            }

            #[inline]
            fn same_shape(&self, _: &Self) -> bool {
                true
            }

            #[inline]
            fn accumulate(&mut self, by: &Self) {
                *self += by;
            }

            #[inline]
            fn leaves<const W: usize, const R: usize>(
                write: [&mut Self; W],
                read: [&Self; R],
                visit: &mut impl FnMut([&mut [Self]; W], [&[Self]; R]),
            ) {
                visit(write.map(core::slice::from_mut), read.map(core::slice::from_ref));
            }

            #[inline]
            fn slices<const W: usize, const R: usize>(
                write: [&mut [Self]; W],
                read: [&[Self]; R],
                visit: &mut impl FnMut([&mut [Self]; W], [&[Self]; R]),
            ) {
                visit(write, read);
            }

            #[inline]
            fn locate(&self, search: &mut $crate::path::Search) {
                search.number();
            }
        }
    )*};
}

numbers! {
    [] f32;
    [] f64;
    [T: Number, const N: usize] Dual<T, N>;
    [T: Number, M: 'static] With<T, M>;
}

#[cfg(feature = "fixed")]
pub(crate) use numbers;

/// The result of a function that returns nothing.
impl Differentiable for () {
    type Scalar = f64;

    const FIXED: bool = true;

    #[inline]
    fn zeros_like(&self) {}

    #[inline]
    fn same_shape(&self, (): &()) -> bool {
        true
    }

    #[inline]
    fn accumulate(&mut self, (): &()) {}

    #[inline]
    fn leaves<const W: usize, const R: usize>(
        _: [&mut Self; W],
        _: [&Self; R],
        _: &mut impl FnMut([&mut [f64]; W], [&[f64]; R]),
    ) {
    }
}

impl<D: Differentiable, const N: usize> Differentiable for [D; N] {
    type Scalar = D::Scalar;

    #[inline]
    fn zeros_like(&self) -> Self {
        core::array::from_fn(|i| self[i].zeros_like())
    }

    #[inline]
    fn same_shape(&self, other: &Self) -> bool {
        self.iter().zip(other).all(|(a, b)| a.same_shape(b))
    }

    #[inline]
    fn accumulate(&mut self, by: &Self) {
        self.iter_mut().zip(by).for_each(|(to, by)| to.accumulate(by));
    }

    #[inline]
    fn leaves<const W: usize, const R: usize>(
        write: [&mut Self; W],
        read: [&Self; R],
        visit: &mut impl FnMut([&mut [D::Scalar]; W], [&[D::Scalar]; R]),
    ) {
        D::slices(write.map(|array| array.as_mut_slice()), read.map(|array| array.as_slice()), visit);
    }

    #[inline]
    fn slices<const W: usize, const R: usize>(
        write: [&mut [Self]; W],
        read: [&[Self]; R],
        visit: &mut impl FnMut([&mut [D::Scalar]; W], [&[D::Scalar]; R]),
    ) {
        D::slices(write.map(|slice| slice.as_flattened_mut()), read.map(|slice| slice.as_flattened()), visit);
    }

    #[inline]
    fn locate(&self, search: &mut Search) {
        search.elements(self);
    }

    const FIXED: bool = D::FIXED;

    const HAS_ZEROS: bool = D::HAS_ZEROS;

    #[inline]
    fn zeros_of_type() -> Option<Self> {
        let zeros = || D::zeros_of_type().expect("a type that says so has zeros");
        D::HAS_ZEROS.then(|| core::array::from_fn(|_| zeros()))
    }

    const SKIPS: bool = D::SKIPS;

    #[inline]
    fn hollow(&self) -> Self {
        core::array::from_fn(|i| self[i].hollow())
    }

    #[inline]
    fn restore(&mut self, hollow: Self) {
        self.iter_mut().zip(hollow).for_each(|(to, hollow)| to.restore(hollow));
    }

    #[inline]
    fn clear_skipped(&mut self) {
        self.iter_mut().for_each(D::clear_skipped);
    }
}

#[cfg(feature = "alloc")]
impl<D: Differentiable> Differentiable for Vec<D> {
    type Scalar = D::Scalar;

    fn zeros_like(&self) -> Self {
        self.iter().map(D::zeros_like).collect()
    }

    fn same_shape(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.same_shape(b))
    }

    #[inline]
    fn accumulate(&mut self, by: &Self) {
        assert!(self.len() == by.len(), "a `Vec` of length {} cannot be added to one of length {}", by.len(), self.len());
        self.iter_mut().zip(by).for_each(|(to, by)| to.accumulate(by));
    }

    fn leaves<const W: usize, const R: usize>(
        write: [&mut Self; W],
        read: [&Self; R],
        visit: &mut impl FnMut([&mut [D::Scalar]; W], [&[D::Scalar]; R]),
    ) {
        D::slices(write.map(|vec| vec.as_mut_slice()), read.map(|vec| vec.as_slice()), visit);
    }

    #[inline]
    fn locate(&self, search: &mut Search) {
        search.elements(self);
    }

    const SKIPS: bool = D::SKIPS;

    fn hollow(&self) -> Self {
        if D::SKIPS { self.iter().map(D::hollow).collect() } else { Self::new() }
    }

    fn restore(&mut self, hollow: Self) {
        self.iter_mut().zip(hollow).for_each(|(to, hollow)| to.restore(hollow));
    }

    fn clear_skipped(&mut self) {
        if D::SKIPS {
            self.iter_mut().for_each(D::clear_skipped);
        }
    }
}

macro_rules! tuples {
    ($([$first:ident $($letter:ident)*] [$zero:tt $($index:tt)*])*) => {$(
        impl<$first: Differentiable, $($letter: Differentiable<Scalar = $first::Scalar>),*> Differentiable for ($first, $($letter,)*) {
            type Scalar = $first::Scalar;

            #[inline]
            fn zeros_like(&self) -> Self {
                (self.$zero.zeros_like(), $(self.$index.zeros_like(),)*)
            }

            #[inline]
            fn same_shape(&self, other: &Self) -> bool {
                self.$zero.same_shape(&other.$zero) $(&& self.$index.same_shape(&other.$index))*
            }

            #[inline]
            fn accumulate(&mut self, by: &Self) {
                self.$zero.accumulate(&by.$zero);
                $(self.$index.accumulate(&by.$index);)*
            }

            #[inline]
            fn leaves<const WRITE: usize, const READ: usize>(
                mut write: [&mut Self; WRITE],
                read: [&Self; READ],
                visit: &mut impl FnMut([&mut [Self::Scalar]; WRITE], [&[Self::Scalar]; READ]),
            ) {
                $first::leaves(write.each_mut().map(|tuple| &mut tuple.$zero), read.map(|tuple| &tuple.$zero), visit);
                $($letter::leaves(write.each_mut().map(|tuple| &mut tuple.$index), read.map(|tuple| &tuple.$index), visit);)*
            }

            #[inline]
            fn locate(&self, search: &mut Search) {
                search.field(stringify!($zero), &self.$zero);
                $(search.field(stringify!($index), &self.$index);)*
            }

            const FIXED: bool = $first::FIXED $(&& $letter::FIXED)*;

            const HAS_ZEROS: bool = $first::HAS_ZEROS $(&& $letter::HAS_ZEROS)*;

            #[inline]
            fn zeros_of_type() -> Option<Self> {
                Some(($first::zeros_of_type()?, $($letter::zeros_of_type()?,)*))
            }

            const SKIPS: bool = $first::SKIPS $(|| $letter::SKIPS)*;

            #[inline]
            fn hollow(&self) -> Self {
                (self.$zero.hollow(), $(self.$index.hollow(),)*)
            }

            #[inline]
            fn restore(&mut self, hollow: Self) {
                self.$zero.restore(hollow.$zero);
                $(self.$index.restore(hollow.$index);)*
            }

            #[inline]
            fn clear_skipped(&mut self) {
                self.$zero.clear_skipped();
                $(self.$index.clear_skipped();)*
            }
        }
    )*};
}

tuples! {
    [A] [0]
    [A B] [0 1]
    [A B C] [0 1 2]
    [A B C D] [0 1 2 3]
    [A B C D E] [0 1 2 3 4]
    [A B C D E F] [0 1 2 3 4 5]
    [A B C D E F G] [0 1 2 3 4 5 6]
    [A B C D E F G H] [0 1 2 3 4 5 6 7]
    [A B C D E F G H I] [0 1 2 3 4 5 6 7 8]
    [A B C D E F G H I J] [0 1 2 3 4 5 6 7 8 9]
    [A B C D E F G H I J K] [0 1 2 3 4 5 6 7 8 9 10]
    [A B C D E F G H I J K L] [0 1 2 3 4 5 6 7 8 9 10 11]
}
