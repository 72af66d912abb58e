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
