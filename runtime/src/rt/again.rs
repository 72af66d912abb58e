//! What the backward half of a call is given again.

use core::any::TypeId;

/// Stands for what the forward half kept itself: `&mut` arguments, and by-value ones that are no scalars.
#[derive(Clone, Copy, Debug)]
pub struct Kept;

/// An argument whose form the caller does not know: the callee's signature selects.
#[diagnostic::on_unimplemented(
    message = "this argument is not passed in the form that the parameter has",
    label = "the called function takes another type here",
    note = "pass it by value, by reference, or as a slice, as the parameter is written"
)]
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

impl<'a, A: ?Sized> Again<&'a A> for &&&'a A {
    #[inline]
    fn again(self) -> &'a A {
        self
    }
}

#[cfg(feature = "alloc")]
impl<'a, T> Again<&'a [T]> for &&&'a alloc::vec::Vec<T> {
    #[inline]
    fn again(self) -> &'a [T] {
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

/// A method whose backward half is given nothing of the receiver again.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

/// A method whose backward half reads the receiver as it was.
#[derive(Clone, Copy, Debug)]
pub struct Copied;

impl Nothing {
    /// Nothing.
    #[inline]
    #[must_use]
    pub const fn keep<T: ?Sized>(self, _: &T) -> Kept {
        Kept
    }
}

impl Copied {
    /// A copy.
    #[inline]
    pub fn keep<T: Keep + ?Sized>(self, receiver: &T) -> T::Kept {
        receiver.keep()
    }
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

/// What variables of a function are to code that is included into it: a derivative does not see whether it uses them.
#[derive(Debug)]
pub struct VariableOfTheFunctionAround(());

/// So many of them, in code that never runs.
#[must_use]
pub fn not_for_included_code<const N: usize>() -> [VariableOfTheFunctionAround; N] {
    unreachable!("it is there for its type")
}

/// A function of the standard library.
#[diagnostic::on_unimplemented(
    message = "this is not the function of the standard library that has its name: it cannot be differentiated",
    label = "taken for a function of the standard library",
    note = "give it another name, and write `#[differentiable]` on it"
)]
pub trait IsStandard<F> {}

#[diagnostic::do_not_recommend]
impl<F> IsStandard<F> for F {}

/// Checks that a path means the function.
#[inline]
pub fn is_standard<F, G: IsStandard<F>>(_: F, _: G) {}

/// A type by another name.
pub trait Itself {
    /// The type.
    type Type: ?Sized;
}

impl<T: ?Sized> Itself for T {
    type Type = T;
}

/// `clone` of a space, which is that of `Clone`. (A bound with a lifetime of its own is not looked at where there is no `Clone`, which is an error
/// elsewhere.)
pub trait ClonedByClone {
    /// Code that never runs.
    fn check()
    where
        for<'always> Self: Clone;
}

/// The method of `Clone`.
#[diagnostic::on_unimplemented(
    message = "this struct has a method `clone` that is not that of `Clone`",
    label = "its derivatives copy it by `Clone`",
    note = "give the method another name"
)]
pub trait IsTheClone<F> {}

#[diagnostic::do_not_recommend]
impl<F> IsTheClone<F> for F {}

/// Checks that a path means the method of `Clone`.
pub fn is_the_clone<F, G: IsTheClone<F>>(_: F, _: G) {}

/// What the closure around a copied macro returns: a `return` or a `?` hidden in the macro has another type.
#[derive(Debug)]
pub struct NoJumpInsideOfAMacro(());

/// The value that such a closure ends with.
#[inline]
pub fn no_exit() -> NoJumpInsideOfAMacro {
    NoJumpInsideOfAMacro(())
}

/// What is kept of an argument that may be overwritten before the backward half is given it again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` may be changed after it is passed, and cannot be copied",
    label = "this would have to be copied",
    note = "derive `Clone` on it; in place of a slice pass an array, or enable `alloc` of `differentiable`"
)]
pub trait Keep {
    /// A value that can be lent as the argument was.
    type Kept;
    /// A copy.
    fn keep(&self) -> Self::Kept;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Keep for T {
    type Kept = T;

    #[inline]
    fn keep(&self) -> T {
        self.clone()
    }
}

#[cfg(feature = "alloc")]
#[diagnostic::do_not_recommend]
impl<T: Clone> Keep for [T] {
    type Kept = alloc::vec::Vec<T>;

    #[inline]
    fn keep(&self) -> alloc::vec::Vec<T> {
        self.to_vec()
    }
}

#[cfg(feature = "alloc")]
#[diagnostic::do_not_recommend]
impl Keep for str {
    type Kept = alloc::string::String;

    #[inline]
    fn keep(&self) -> alloc::string::String {
        self.into()
    }
}

/// What a derivative passes once more to the same function: as a bound of its entry, which names a lifetime so that it is checked where the entry
/// is called.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is passed by value, and cannot be passed once more",
    label = "this derivative runs the function more than once",
    note = "derive `Clone` for it, or let the function take it by reference"
)]
pub trait OnceMore<'a>: Clone {}

#[diagnostic::do_not_recommend]
impl<T: Clone> OnceMore<'_> for T {}

/// An argument by value that holds a reference.
#[derive(Debug)]
pub enum Borrowed {}

/// What the forward half of a call may keep for the backward half.
#[diagnostic::on_unimplemented(
    message = "the called function takes a value that borrows, which cannot be kept",
    label = "this derivative runs the function once more, later",
    note = "let the called function take it by reference, as `&Option<..>`, or what it holds"
)]
pub trait MayBeKept<'a> {}

/// A copy of an argument.
#[inline]
pub fn kept<T: Keep + ?Sized>(argument: &T) -> T::Kept {
    argument.keep()
}

/// Its second argument: marks an index that is evaluated once.
#[inline]
pub const fn once<T>(_: u32, index: T) -> T {
    index
}
