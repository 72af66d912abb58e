//! What a method such as `unwrap_or` is called on, where the macro does not see whether it is an `Option` or a `Result`.

/// An `Option`, or a `Result`, whose error is of no interest.
pub trait Choice {
    /// What it may hold.
    type Held;
    /// The same as an `Option`; behind a reference, where it can be copied, as the method itself would be called.
    fn plain_option(self) -> Option<Self::Held>;
}

impl<T> Choice for Option<T> {
    type Held = T;

    #[inline]
    fn plain_option(self) -> Self {
        self
    }
}

impl<T, E> Choice for Result<T, E> {
    type Held = T;

    #[inline]
    fn plain_option(self) -> Option<T> {
        self.ok()
    }
}

/// An `Option` as it is, a `Result` as one.
#[inline]
pub fn as_option<C: Choice>(choice: C) -> Option<C::Held> {
    choice.plain_option()
}
