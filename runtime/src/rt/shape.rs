//! Shapes of what is overwritten.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::marker::PhantomData;

use crate::space::Differentiable;

/// The shape of a point, where its type leaves it open: zeros. Without `alloc` every type tells its shape.
#[derive(Clone, Debug)]
pub struct Shape<D> {
    #[cfg(feature = "alloc")]
    zeros: Option<Box<D>>,
    of: PhantomData<D>,
}

impl<D: Differentiable> Shape<D> {
    /// The shape of a point.
    #[inline]
    pub fn of(_point: &D) -> Self {
        Self {
            #[cfg(feature = "alloc")]
            zeros: (!D::FIXED).then(|| Box::new(_point.zeros_like())),
            of: PhantomData,
        }
    }
}

/// The value, with zeros of a shape left behind.
#[inline]
pub fn take_as<D: Differentiable>(from: &mut D, _shape: &Shape<D>) -> D {
    #[cfg(feature = "alloc")]
    if let Some(zeros) = &_shape.zeros {
        return core::mem::replace(from, (**zeros).clone());
    }
    super::take(from)
}
