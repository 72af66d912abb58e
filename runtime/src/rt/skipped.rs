//! Fields that are marked `#[differentiable(skip)]`: an adjoint's stay as they are, a direction's count as zero, and no active value may be
//! stored in one. The macro sees no struct, so types say which fields these are. Where there are none, all of this is nothing.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::space::Differentiable;

/// The skipped fields of an adjoint, before a sweep adds to it.
#[inline]
pub fn hollow<D: Differentiable>(adjoint: &D) -> Option<D> {
    D::SKIPS.then(|| adjoint.hollow())
}

/// The adjoint's skipped fields as they were.
#[inline]
pub fn restore<D: Differentiable>(adjoint: &mut D, hollow: Option<D>) {
    if let Some(hollow) = hollow {
        adjoint.restore(hollow);
    }
}

/// The direction with zeros for its skipped fields, where it has any.
#[inline]
pub fn direction<D: Differentiable>(dot: &D) -> Option<D> {
    D::SKIPS.then(|| {
        let mut dot = dot.clone();
        dot.clear_skipped();
        dot
    })
}

/// The same in place.
#[inline]
pub fn clear<D: Differentiable>(dot: &mut D) {
    if D::SKIPS {
        dot.clear_skipped();
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
