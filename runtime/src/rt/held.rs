//! Inactive values that a record holds, of types that the macro does not see.

/// What a record holds.
#[derive(Debug)]
pub struct Held<'a, T>(pub &'a T);

/// A value that is copied.
pub trait HeldCopy {
    /// Its type.
    type Value;

    /// The value.
    fn get(&self) -> Self::Value;
}

impl<T: Copy> HeldCopy for Held<'_, T> {
    type Value = T;

    #[inline]
    fn get(&self) -> T {
        *self.0
    }
}

/// A value of any other type.
pub trait HeldOther {
    /// Its type.
    type Value;

    /// A reference to the value.
    fn get(&self) -> Self::Value;
}

impl<'a, T> HeldOther for &Held<'a, T> {
    type Value = &'a T;

    #[inline]
    fn get(&self) -> &'a T {
        self.0
    }
}

/// A name for what a record holds, which is a reference where the value is not `Copy`.
#[derive(Debug)]
pub struct Lent<'a, T>(pub &'a T);

/// A name that is a reference.
pub trait LentReference {
    /// Its type.
    type Reference;

    /// The reference.
    fn get(&self) -> Self::Reference;
}

impl<'a, T: ?Sized> LentReference for Lent<'_, &'a T> {
    type Reference = &'a T;

    #[inline]
    fn get(&self) -> &'a T {
        self.0
    }
}

/// A name of anything else.
pub trait LentOther {
    /// The type of a reference to it.
    type Reference;

    /// A reference to the value.
    fn get(&self) -> Self::Reference;
}

impl<'a, T> LentOther for &Lent<'a, T> {
    type Reference = &'a T;

    #[inline]
    fn get(&self) -> &'a T {
        self.0
    }
}

/// An argument by value that a call may use up.
#[derive(Debug)]
pub struct Given<'a, T: ?Sized>(pub &'a T);

/// What the backward half of the call is given again: a copy.
pub trait GivenCopy {
    /// Its type.
    type Value;

    /// The copy.
    fn get(&self) -> Self::Value;
}

impl<T: Clone> GivenCopy for Given<'_, T> {
    type Value = T;

    #[inline]
    fn get(&self) -> T {
        self.0.clone()
    }
}

/// What is given for one that cannot be copied: it was no number and no reference, so that the called function has it for itself.
pub trait GivenOther {
    /// Nothing.
    fn get(&self) -> super::Kept;
}

impl<T: ?Sized> GivenOther for &Given<'_, T> {
    #[inline]
    fn get(&self) -> super::Kept {
        super::Kept
    }
}
