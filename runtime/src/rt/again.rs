//! What the backward half of a call is given again.

use core::any::TypeId;

/// Stands for what the forward half kept itself: `&mut` arguments, and by-value ones that are no scalars.
#[derive(Clone, Copy, Debug)]
pub struct Kept;

/// An argument whose form the caller does not know: the callee's signature selects.
pub trait Again<P> {
    /// The argument in that form.
    fn again(self) -> P;
}

impl<A: ?Sized> Again<Kept> for &A {
    #[inline]
    fn again(self) -> Kept {
        Kept
    }
}

impl<'a, A: ?Sized> Again<&'a A> for &'a A {
    #[inline]
    fn again(self) -> &'a A {
        self
    }
}

impl<'a, A: ?Sized> Again<&'a A> for &&'a A {
    #[inline]
    fn again(self) -> &'a A {
        self
    }
}

impl<'a, T, const N: usize> Again<&'a [T]> for &&'a [T; N] {
    #[inline]
    fn again(self) -> &'a [T] {
        *self
    }
}

#[cfg(feature = "alloc")]
impl<'a, T> Again<&'a [T]> for &&'a alloc::vec::Vec<T> {
    #[inline]
    fn again(self) -> &'a [T] {
        self
    }
}

#[cfg(feature = "alloc")]
impl<'a> Again<&'a str> for &&'a alloc::string::String {
    #[inline]
    fn again(self) -> &'a str {
        self
    }
}

#[cfg(feature = "alloc")]
impl<'a, T: ?Sized> Again<&'a T> for &&'a alloc::boxed::Box<T> {
    #[inline]
    fn again(self) -> &'a T {
        self
    }
}

/// The argument in the form that the callee's signature has for it.
#[inline]
pub fn again<P, A: Again<P>>(argument: A) -> P {
    argument.again()
}

/// Panics where the function in scope is not the one whose derivatives are in scope. The comparison is constant.
///
/// # Panics
///
/// If the two functions differ.
#[inline]
pub fn same<F: 'static, G: 'static>(_: &F, _: &G) {
    assert!(
        TypeId::of::<F>() == TypeId::of::<G>(),
        "the function in scope is not the one whose derivatives are in scope: a glob import is shadowed by a function of the same name"
    );
}

/// Panics where a function called `stop_gradient` is not that of this crate, whose derivative is zero.
///
/// # Panics
///
/// If it is another.
#[inline]
pub fn same_stop_gradient<F: 'static>(function: &F) {
    fn type_of<G: 'static>(_: &G) -> TypeId {
        TypeId::of::<G>()
    }
    assert!(
        type_of(function) == type_of(&crate::functions::stop_gradient::<f64>),
        "the `stop_gradient` in scope is not that of `differentiable`: its derivative is not known to be zero"
    );
}

/// Panics where a `from_fn` in scope is not that of arrays.
///
/// # Panics
///
/// If it is another.
#[inline]
pub fn same_from_fn<F: 'static>(function: &F) {
    fn type_of<G: 'static>(_: &G) -> TypeId {
        TypeId::of::<G>()
    }
    assert!(
        type_of(function) == type_of(&core::array::from_fn::<(), 0, fn(usize)>),
        "the `from_fn` in scope is not `std::array::from_fn`: call it by a path"
    );
}

/// What the closure around a copied macro returns: a `return` or a `?` hidden in the macro has another type.
#[derive(Debug)]
pub struct NoExit(());

/// The value that such a closure ends with.
#[inline]
pub fn no_exit() -> NoExit {
    NoExit(())
}
