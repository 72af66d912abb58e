//! The first argument of a half that is called by its path, as in `Type::half(x)`.
//!
//! A method that takes `self` by value has halves that take it by reference, as the caller needs it once more; any other function that is called by
//! its path takes a value. The caller cannot tell the two apart, but the type of the parameter can.

/// What may be passed where it stands: itself, by reference, or a copy.
pub trait Taken<'a, P> {
    /// As the parameter is.
    fn taken(&'a self) -> P;
}

impl<'a, T> Taken<'a, &'a T> for T {
    fn taken(&'a self) -> &'a T {
        self
    }
}

impl<'a, T: Clone> Taken<'a, T> for T {
    fn taken(&'a self) -> T {
        self.clone()
    }
}

/// A first argument as its parameter is.
#[inline]
pub fn as_taken<'a, T: Taken<'a, P>, P>(value: &'a T) -> P {
    value.taken()
}
