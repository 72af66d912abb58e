//! Shapes of what is overwritten, and of what is kept for its shape alone.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::marker::PhantomData;

use super::identity::IsSpace;
use crate::space::Differentiable;

/// The shape of a point, where its type leaves it open: zeros. Without `alloc` every type tells its shape.
#[derive(Clone, Debug)]
pub struct Shape<D> {
    #[cfg(feature = "alloc")]
    zeros: Option<Box<D>>,
    of: PhantomData<D>,
}

impl<D: IsSpace> Shape<D> {
    /// The shape of a point.
    #[inline]
    pub fn of(_point: &D) -> Self {
        Self {
            #[cfg(feature = "alloc")]
            zeros: (!D::FIXED).then(|| Box::new(_point.zeros())),
            of: PhantomData,
        }
    }
}

/// The value, with zeros of a shape left behind.
#[inline]
pub fn take_as<D: IsSpace + Clone>(from: &mut D, _shape: &Shape<D>) -> D {
    #[cfg(feature = "alloc")]
    if let Some(zeros) = &_shape.zeros {
        return core::mem::replace(from, (**zeros).clone());
    }
    super::take(from)
}

/// Memory that the iterations of a loop use one after the other.
#[derive(Debug)]
pub struct Scratch<D>(Option<D>);

impl<D: IsSpace> Scratch<D> {
    /// None yet.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "generated code calls it by this name only")]
    pub const fn new() -> Self {
        Self(None)
    }

    /// Zeros, or what an iteration before left there. Where the type does not tell the shape, which may be another one now, they are zeros.
    #[inline]
    pub fn zeros(&mut self, zeros: impl FnOnce() -> D) -> &mut D {
        if !D::FIXED {
            self.0 = None;
        }
        self.0.get_or_insert_with(zeros)
    }
}

/// What is kept of a point that is needed for its shape alone: nothing, where its type has zeros of its own, else the point.
#[derive(Clone, Debug)]
pub struct Like<D> {
    #[cfg(feature = "alloc")]
    point: Option<Box<D>>,
    #[cfg(not(feature = "alloc"))]
    point: Option<D>,
}

impl<D: Differentiable> Like<D> {
    /// What is kept of the point.
    #[inline]
    pub fn of(point: D) -> Self {
        let point = (!D::HAS_ZEROS).then_some(point);
        Self {
            #[cfg(feature = "alloc")]
            point: point.map(Box::new),
            #[cfg(not(feature = "alloc"))]
            point,
        }
    }

    /// Zeros of its shape.
    #[inline]
    #[must_use]
    pub fn zeros(&self) -> D {
        match &self.point {
            Some(point) => point.zeros_like(),
            None => D::zeros_of_type().expect("it was kept where its type has none"),
        }
    }
}
