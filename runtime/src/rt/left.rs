//! References that inactive variables hold when a forward half ends: the backward half, which outlives what they are to, is left copies of that.
//!
//! Types tell which variables these are: what is no reference is left as it is, and so is one to what cannot be copied, which has to be there for as long as
//! the program runs.

use core::borrow::Borrow;
use core::cell::RefCell;
use core::marker::PhantomData;
use core::ops::Deref;

use super::held::{Held, Lent};
use super::{Again, Keep};

/// What a reference may be to, so that a copy can stand for it.
pub trait Leave: Keep<Kept: Borrow<Self>> {}

impl<T: Keep<Kept: Borrow<T>> + ?Sized> Leave for T {}

/// A variable that the forward half gives up.
#[derive(Debug)]
pub struct Leaving<T>(RefCell<Option<T>>);

impl<T> Leaving<T> {
    /// The variable with its value.
    #[inline]
    pub fn of(value: T) -> Self {
        Self(RefCell::new(Some(value)))
    }

    #[inline]
    fn take(&self) -> T {
        self.0.take().expect("a variable is left once")
    }
}

/// A variable that holds no reference.
pub trait LeaveOther {
    /// Its type.
    type Value;

    /// Its value.
    fn leave(&self) -> Self::Value;
}

impl<T> LeaveOther for Leaving<T> {
    type Value = T;

    #[inline]
    fn leave(&self) -> T {
        self.take()
    }
}

/// What is left of a variable that held references.
pub trait LeftReference<'a> {
    /// The type of the variable.
    type Name;

    /// The variable, with references to what is left.
    fn name(&'a self) -> Self::Name;
}

impl<'a, L: LeftReference<'a>> Held<'a, L> {
    /// The variable.
    #[inline]
    #[must_use]
    pub fn get(&self) -> L::Name {
        self.0.name()
    }
}

/// What a reference was to.
#[derive(Debug)]
pub struct Left<T: ?Sized, K>(K, PhantomData<fn(&T)>);

impl<T: Leave + ?Sized> Leaving<&T> {
    /// A copy of what the reference is to.
    #[inline]
    pub fn leave(&self) -> Left<T, T::Kept> {
        Left(self.take().keep(), PhantomData)
    }
}

impl<'a, T: ?Sized + 'a, K: Borrow<T> + 'a> LeftReference<'a> for Left<T, K> {
    type Name = &'a T;

    #[inline]
    fn name(&'a self) -> &'a T {
        self.0.borrow()
    }
}

/// What an `Option` of a reference was to.
#[derive(Debug)]
pub struct LeftSome<T: ?Sized, K>(Option<K>, PhantomData<fn(&T)>);

impl<T: Leave + ?Sized> Leaving<Option<&T>> {
    /// A copy of what the reference is to.
    #[inline]
    pub fn leave(&self) -> LeftSome<T, T::Kept> {
        LeftSome(self.take().map(Keep::keep), PhantomData)
    }
}

impl<'a, T: ?Sized + 'a, K: Borrow<T> + 'a> LeftReference<'a> for LeftSome<T, K> {
    type Name = Option<&'a T>;

    #[inline]
    fn name(&'a self) -> Option<&'a T> {
        self.0.as_ref().map(Borrow::borrow)
    }
}

/// What an array of references was to.
#[derive(Debug)]
pub struct LeftArray<T: ?Sized, K, const N: usize>([K; N], PhantomData<fn(&T)>);

impl<T: Leave + ?Sized, const N: usize> Leaving<[&T; N]> {
    /// Copies of what the references are to.
    #[inline]
    pub fn leave(&self) -> LeftArray<T, T::Kept, N> {
        LeftArray(self.take().map(Keep::keep), PhantomData)
    }
}

impl<'a, T: ?Sized + 'a, K: Borrow<T> + 'a, const N: usize> LeftReference<'a> for LeftArray<T, K, N> {
    type Name = [&'a T; N];

    #[inline]
    fn name(&'a self) -> [&'a T; N] {
        self.0.each_ref().map(Borrow::borrow)
    }
}

/// What two references were to.
#[derive(Debug)]
pub struct LeftPair<T: ?Sized, U: ?Sized, K, L>(K, L, PhantomData<fn(&T)>, PhantomData<fn(&U)>);

impl<T: Leave + ?Sized, U: Leave + ?Sized> Leaving<(&T, &U)> {
    /// Copies of what the references are to.
    #[inline]
    pub fn leave(&self) -> LeftPair<T, U, T::Kept, U::Kept> {
        let (first, second) = self.take();
        LeftPair(first.keep(), second.keep(), PhantomData, PhantomData)
    }
}

impl<'a, T: ?Sized + 'a, U: ?Sized + 'a, K: Borrow<T> + 'a, L: Borrow<U> + 'a> LeftReference<'a> for LeftPair<T, U, K, L> {
    type Name = (&'a T, &'a U);

    #[inline]
    fn name(&'a self) -> (&'a T, &'a U) {
        (self.0.borrow(), self.1.borrow())
    }
}

/// What the references in a `Vec` were to.
#[cfg(feature = "alloc")]
#[derive(Debug)]
pub struct LeftVec<T: ?Sized, K>(alloc::vec::Vec<K>, PhantomData<fn(&T)>);

#[cfg(feature = "alloc")]
impl<T: Leave + ?Sized> Leaving<alloc::vec::Vec<&T>> {
    /// Copies of what the references are to.
    #[inline]
    pub fn leave(&self) -> LeftVec<T, T::Kept> {
        LeftVec(self.take().into_iter().map(Keep::keep).collect(), PhantomData)
    }
}

#[cfg(feature = "alloc")]
impl<'a, T: ?Sized + 'a, K: Borrow<T> + 'a> LeftReference<'a> for LeftVec<T, K> {
    type Name = alloc::vec::Vec<&'a T>;

    #[inline]
    fn name(&'a self) -> alloc::vec::Vec<&'a T> {
        self.0.iter().map(Borrow::borrow).collect()
    }
}

/// A variable that is a reference to a reference, as what an iterator over references gives.
pub trait LeaveReferenceToReference {
    /// What is behind both.
    type Left;

    /// A copy of what is behind both.
    fn leave(&self) -> Self::Left;
}

impl<T: Leave + ?Sized> LeaveReferenceToReference for &Leaving<&&T> {
    type Left = LeftTwice<T, T::Kept>;

    #[inline]
    fn leave(&self) -> LeftTwice<T, T::Kept> {
        LeftTwice(T::keep((**self).take()), PhantomData)
    }
}

/// What a reference to a reference was to.
#[derive(Debug)]
pub struct LeftTwice<T: ?Sized, K>(K, PhantomData<fn(&T)>);

impl<'a, T: ?Sized + 'a, K: Borrow<T> + 'a> LeftReference<'a> for LeftTwice<T, K> {
    type Name = ReferenceToReference<'a, T>;

    #[inline]
    fn name(&'a self) -> ReferenceToReference<'a, T> {
        ReferenceToReference(self.0.borrow())
    }
}

/// What is used as a reference to a reference.
#[derive(Debug)]
pub struct ReferenceToReference<'a, T: ?Sized>(&'a T);

impl<T: ?Sized> Clone for ReferenceToReference<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for ReferenceToReference<'_, T> {}

impl<'a, T: ?Sized> Deref for ReferenceToReference<'a, T> {
    type Target = &'a T;

    #[inline]
    fn deref(&self) -> &&'a T {
        &self.0
    }
}

impl<'a, T: ?Sized> Again<&'a T> for &ReferenceToReference<'a, T> {
    #[inline]
    fn again(self) -> &'a T {
        self.0
    }
}

#[cfg(feature = "alloc")]
impl<'a, T> Again<&'a [T]> for &ReferenceToReference<'a, alloc::vec::Vec<T>> {
    #[inline]
    fn again(self) -> &'a [T] {
        self.0
    }
}

/// A variable of a forward half, as its backward half owns it.
#[derive(Debug)]
pub struct Owned<'a, T>(pub &'a T);

/// A variable that held references.
pub trait OwnedLeft {
    /// The type of the variable.
    type Name;

    /// The variable.
    fn get(&self) -> Self::Name;
}

impl<'a, L: LeftReference<'a>> OwnedLeft for &&&Owned<'a, L> {
    type Name = L::Name;

    #[inline]
    fn get(&self) -> L::Name {
        self.0.name()
    }
}

/// A variable that is copied.
pub trait OwnedCopy {
    /// Its type.
    type Value;

    /// Its value.
    fn get(&self) -> Self::Value;
}

impl<T: Copy> OwnedCopy for &&Owned<'_, T> {
    type Value = T;

    #[inline]
    fn get(&self) -> T {
        *self.0
    }
}

/// A variable that points to something.
pub trait OwnedPointer {
    /// What stands for it.
    type Place;

    /// What is used as the variable itself.
    fn get(&self) -> Self::Place;
}

impl<'a, T: Deref> OwnedPointer for &Owned<'a, T> {
    type Place = PointerInPlace<'a, T>;

    #[inline]
    fn get(&self) -> PointerInPlace<'a, T> {
        PointerInPlace(self.0)
    }
}

/// Any other variable.
pub trait OwnedOther {
    /// What stands for it.
    type Place;

    /// What is used as the variable itself.
    fn get(&self) -> Self::Place;
}

impl<'a, T> OwnedOther for Owned<'a, T> {
    type Place = &'a T;

    #[inline]
    fn get(&self) -> &'a T {
        self.0
    }
}

/// What is used as a pointer that stands elsewhere.
#[derive(Debug)]
pub struct PointerInPlace<'a, T>(&'a T);

impl<T: Deref> Deref for PointerInPlace<'_, T> {
    type Target = T::Target;

    #[inline]
    fn deref(&self) -> &T::Target {
        self.0
    }
}

impl<'a, T> Lent<'_, PointerInPlace<'a, T>> {
    /// A reference to the pointer.
    #[inline]
    #[must_use]
    pub fn get(&self) -> &'a T {
        self.0.0
    }
}

impl<'a, T> Again<&'a T> for &PointerInPlace<'a, T> {
    #[inline]
    fn again(self) -> &'a T {
        self.0
    }
}

#[cfg(feature = "alloc")]
impl<'a, T> Again<&'a [T]> for &PointerInPlace<'a, alloc::vec::Vec<T>> {
    #[inline]
    fn again(self) -> &'a [T] {
        self.0
    }
}
