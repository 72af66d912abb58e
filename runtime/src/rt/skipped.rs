//! Fields that are marked `#[differentiable(skip)]`: an adjoint's stay as they are, a direction's count as zero, and no active value may be
//! stored in one. The macro sees no struct, so types say which fields these are. Where there are none, all of this is nothing.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::space::Differentiable;

/// What derivatives do with a parameter and its adjoint.
///
/// It is a trait, and not functions with a bound each, so that rustc reports the same error, word for word, for each of them: and so it shows it once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no parameter space: it cannot hold what is differentiated",
    label = "not a float, and not made of floats alone",
    note = "floats, arrays, tuples, `Vec`s and structs with `#[derive(Clone, Differentiable)]` are; a field that is no parameter is marked `#[differentiable(skip)]`"
)]
pub trait Parameter: Sized {
    /// Zeros of the shape of a value.
    #[must_use]
    fn zeros_like(&self) -> Self;
    /// Panics where the `Vec`s in an adjoint have other lengths.
    #[track_caller]
    fn same_shape(&self, adjoint: &Self, name: &str);
    /// The skipped fields of an adjoint, before a sweep adds to it.
    fn hollow(&self) -> Option<Self>;
    /// The adjoint's skipped fields as they were.
    fn restore(&mut self, hollow: Option<Self>);
    /// The direction with zeros for its skipped fields, where it has any.
    fn direction(&self) -> Option<Self>;
    /// The same in place.
    fn clear(&mut self);
}

#[diagnostic::do_not_recommend]
impl<D: Differentiable> Parameter for D {
    #[inline]
    fn zeros_like(&self) -> Self {
        Differentiable::zeros_like(self)
    }

    #[inline]
    #[track_caller]
    fn same_shape(&self, adjoint: &Self, name: &str) {
        let same = Differentiable::same_shape(self, adjoint);
        assert!(same, "`{name}` has not the shape of its parameter: a `Vec` in it has another length");
    }

    #[inline]
    fn hollow(&self) -> Option<Self> {
        D::SKIPS.then(|| Differentiable::hollow(self))
    }

    #[inline]
    fn restore(&mut self, hollow: Option<Self>) {
        if let Some(hollow) = hollow {
            Differentiable::restore(self, hollow);
        }
    }

    #[inline]
    fn direction(&self) -> Option<Self> {
        D::SKIPS.then(|| {
            let mut dot = self.clone();
            dot.clear_skipped();
            dot
        })
    }

    #[inline]
    fn clear(&mut self) {
        if D::SKIPS {
            self.clear_skipped();
        }
    }
}

/// The skipped fields of a slice of adjoints.
#[cfg(feature = "alloc")]
#[inline]
pub fn hollow_slice<D: Differentiable>(adjoint: &[D]) -> Option<Vec<D>> {
    D::SKIPS.then(|| adjoint.iter().map(D::hollow).collect())
}

/// The skipped fields of the adjoints as they were.
#[cfg(feature = "alloc")]
#[inline]
pub fn restore_slice<D: Differentiable>(adjoint: &mut [D], hollow: Option<Vec<D>>) {
    for (adjoint, hollow) in adjoint.iter_mut().zip(hollow.into_iter().flatten()) {
        adjoint.restore(hollow);
    }
}

/// The directions with zeros for their skipped fields, where they have any.
#[cfg(feature = "alloc")]
#[inline]
pub fn direction_of_slice<D: Differentiable>(dot: &[D]) -> Option<Vec<D>> {
    D::SKIPS.then(|| dot.iter().cloned().map(cleared).collect())
}

#[cfg(feature = "alloc")]
fn cleared<D: Differentiable>(mut dot: D) -> D {
    dot.clear_skipped();
    dot
}

/// Without memory for the skipped fields of a slice, its elements may have none.
#[cfg(not(feature = "alloc"))]
#[inline]
pub fn hollow_slice<D: Differentiable>(_: &[D]) {
    const { assert!(!D::SKIPS, "a slice of structs with skipped fields needs the feature `alloc` of `differentiable`") }
}

/// There are none.
#[cfg(not(feature = "alloc"))]
#[inline]
pub fn restore_slice<D: Differentiable>(_: &mut [D], (): ()) {}

/// There are none.
#[cfg(not(feature = "alloc"))]
#[inline]
pub fn direction_of_slice<D: Differentiable>(dot: &[D]) -> Option<[D; 0]> {
    hollow_slice(dot);
    None
}

/// A field that is marked `#[differentiable(skip)]`.
#[derive(Debug)]
pub struct Skipped;

/// A field that is not.
#[derive(Debug)]
pub struct NoSkippedField;

impl Skipped {
    /// Whether one of two fields, the one in the other, is skipped.
    #[inline]
    pub fn or<B>(self, _: B) -> Self {
        self
    }
}

impl NoSkippedField {
    /// Whether one of two fields, the one in the other, is skipped.
    #[inline]
    pub fn or<B>(self, other: B) -> B {
        other
    }
}

/// A field that may hold a value from another.
#[diagnostic::on_unimplemented(
    message = "an active value is stored in a field that is marked `#[differentiable(skip)]`",
    label = "this field is no parameter",
    note = "take the mark from the field, or store `stop_gradient(..)` of the value"
)]
pub trait MayHold<Source> {}

#[diagnostic::do_not_recommend]
impl<Source> MayHold<Source> for NoSkippedField {}

#[diagnostic::do_not_recommend]
impl MayHold<Skipped> for Skipped {}

/// A second source, so that the first is not taken for granted and the error is the one above.
#[diagnostic::do_not_recommend]
impl MayHold<core::convert::Infallible> for Skipped {}

/// Checks a field that a value from another is stored in.
#[inline]
pub fn hold<Source, F: MayHold<Source>>(_: F, _: Source) {}

/// Whether the field of a value may hold what comes from a field of a field: the derive gives skipped fields a method of their name, which precedes
/// the one here.
#[macro_export]
#[doc(hidden)]
macro_rules! holds {
    ([$value:expr] $field:ident $(, [$source:expr] $sources:ident)*) => {{
        let stored = { $crate::field_marker!($field); $value.$field() };
        let source = $crate::rt::NoSkippedField $(.or({ $crate::field_marker!($sources); $source.$sources() }))*;
        $crate::rt::hold(stored, source);
    }};
}

/// A field that is skipped, or holds no numbers.
#[diagnostic::on_unimplemented(
    message = "this field holds numbers that are differentiated, but is used as one that holds none",
    label = "an integer, a truth value or a text stands beside it, or a method that those have, or it is named `rng`",
    note = "mark the field `#[differentiable(skip)]` if it is no parameter; give a method of your own a name that nothing in the standard library has"
)]
pub trait CarriesNothing<Kind> {}

#[diagnostic::do_not_recommend]
impl<Kind> CarriesNothing<Kind> for Skipped {}

#[diagnostic::do_not_recommend]
impl CarriesNothing<super::NoNumbers> for NoSkippedField {}

/// A second kind, so that the first is not taken for granted and the error is the one above.
#[diagnostic::do_not_recommend]
impl CarriesNothing<core::convert::Infallible> for NoSkippedField {}

/// Checks a field that is used as if it carried no derivative.
#[inline]
pub fn carries_nothing<Kind, F: CarriesNothing<Kind>>(_: F, _: Kind) {}

/// Whether the field of a value, by its marker, carries no derivative.
#[macro_export]
#[doc(hidden)]
macro_rules! is_skipped {
    ([$value:expr] $field:ident $shared:expr) => {{
        use $crate::rt::{FieldOfNumbers as _, OtherType as _};
        let field = {
            $crate::field_marker!($field);
            $value.$field()
        };
        $crate::rt::carries_nothing(field, (&$crate::rt::Field($shared)).kind());
    }};
}

/// A method for every type, by which a field is no skipped one.
#[macro_export]
#[doc(hidden)]
macro_rules! field_marker {
    ($field:ident) => {
        trait Fields {
            fn $field(&self) -> $crate::rt::NoSkippedField {
                $crate::rt::NoSkippedField
            }
        }
        impl<T: ?::core::marker::Sized> Fields for T {}
    };
}
