//! Checks of types that the macro cannot see.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::scalar::Number;
use crate::space::Differentiable;

/// A float, as the rules of differentiation need it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no scalar: it cannot be differentiated here",
    label = "an operation on floats is applied to this",
    note = "operators and maths on other types are calls: write them as methods that are `#[differentiable]`; where the method is one, give the variable its type, as in `let z: Complex = a.times(b);`"
)]
pub trait IsScalar {}

#[diagnostic::do_not_recommend]
impl<T: Number> IsScalar for T {}

/// Checks the type of an operand.
#[inline]
pub fn is_scalar<T: IsScalar>(_: &T) {}

macro_rules! by_reference {
    ($($name:ident)*) => {
        /// The methods of a float by reference: where a user's trait has one of the same name, which would go before the float's
        /// own, the call is ambiguous.
        pub trait MethodOfFloats {
            $(
                /// A method of floats.
                fn $name(&self) {}
            )*
        }

        /// The same by a reference to a reference.
        pub trait MethodOfReferences {
            $(
                /// A method of floats.
                fn $name(&self) {}
            )*
        }

        /// The same by one reference more.
        pub trait MethodOfReferencesToReferences {
            $(
                /// A method of floats.
                fn $name(&self) {}
            )*
        }

        /// The same by mutable reference.
        pub trait MethodOfMutableFloats {
            $(
                /// A method of floats.
                fn $name(&mut self) {}
            )*
        }
    };
}

by_reference! {
    abs signum recip sqrt cbrt powi powf exp exp2 exp_m1 ln log log2 log10 ln_1p sin cos tan sin_cos asin acos atan atan2 sinh cosh tanh
    asinh acosh atanh hypot mul_add min max clamp copysign floor ceil round trunc fract rem_euclid to_degrees to_radians
    sigmoid softplus relu
}

impl<T: IsScalar> MethodOfFloats for T {}
impl<T: IsScalar> MethodOfReferences for &T {}
impl<T: IsScalar> MethodOfReferencesToReferences for &&T {}
impl<T: IsScalar> MethodOfMutableFloats for T {}

/// A scalar with the maths of `Real`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not bounded by `Real`: its maths are functions without derivatives",
    label = "a method of maths is called on this",
    note = "bound it by `Real` of `differentiable`, beside whatever else"
)]
pub trait HasMaths {}

#[diagnostic::do_not_recommend]
impl<T: crate::real::Real> HasMaths for T {}

/// Checks the type of what a method of maths is called on.
#[inline]
pub fn has_maths<T: HasMaths>(_: &T) {}

/// The same of a type parameter.
#[inline]
pub fn is_real<T: HasMaths>() {}

/// What may hold active values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold an active value",
    label = "this depends on what is differentiated here",
    note = "write `#[derive(Clone, Differentiable)]` on it if it is a struct; an enum holds no active value"
)]
pub trait IsSpace: Sized {
    /// Whether the type tells the shape.
    const FIXED: bool;
    /// Zeros of the shape of a value.
    #[must_use]
    fn zeros(&self) -> Self;
    /// Adds a cotangent.
    fn receive(&mut self, by: &Self);
}

#[diagnostic::do_not_recommend]
impl<D: Differentiable> IsSpace for D {
    const FIXED: bool = D::FIXED;

    #[inline]
    fn zeros(&self) -> Self {
        self.zeros_like()
    }

    #[inline]
    fn receive(&mut self, by: &Self) {
        self.accumulate(by);
    }
}

/// What holds no float is its own zero: a skipped field has a name, and is passed on, as if it could carry a derivative.
macro_rules! inert {
    ($([$($generics:tt)*] $ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> IsSpace for $ty {
            const FIXED: bool = false;

            #[inline]
            fn zeros(&self) -> Self {
                Clone::clone(self)
            }

            #[inline]
            fn receive(&mut self, _: &Self) {}
        }

        impl<$($generics)*> super::slots::Carries for $ty {
            type What = super::slots::Nothing;
        }
    )*};
}

/// A number beside what holds none, as the elements of a list of numbers and their indices: a variable of the function's own may be such a list.
macro_rules! beside {
    ([$($generics:tt)*] $ty:ty, $fixed:expr; $tuple:ident $by:ident $zeros:expr, $receive:expr) => {
        #[diagnostic::do_not_recommend]
        impl<D: Differentiable, $($generics)*> IsSpace for $ty {
            const FIXED: bool = $fixed;

            #[inline]
            fn zeros(&self) -> Self {
                let $tuple = self;
                $zeros
            }

            #[inline]
            fn receive(&mut self, $by: &Self) {
                let $tuple = self;
                $receive;
            }
        }
    };
    ($($ty:ty)*) => {$(
        beside! { [] (D, $ty), D::FIXED; pair by (pair.0.zeros_like(), Clone::clone(&pair.1)), pair.0.accumulate(&by.0) }
        beside! { [] ($ty, D), D::FIXED; pair by (Clone::clone(&pair.0), pair.1.zeros_like()), pair.1.accumulate(&by.1) }
        beside! { [const N: usize] [(D, $ty); N], D::FIXED; list by core::array::from_fn(|at| list[at].zeros()), receive_each(list, by) }
        beside! { [const N: usize] [($ty, D); N], D::FIXED; list by core::array::from_fn(|at| list[at].zeros()), receive_each(list, by) }
        #[cfg(feature = "alloc")]
        beside! { [] Vec<(D, $ty)>, false; list by list.iter().map(IsSpace::zeros).collect(), receive_each(list, by) }
        #[cfg(feature = "alloc")]
        beside! { [] Vec<($ty, D)>, false; list by list.iter().map(IsSpace::zeros).collect(), receive_each(list, by) }
    )*};
}

fn receive_each<P: IsSpace>(to: &mut [P], by: &[P]) {
    to.iter_mut().zip(by).for_each(|(to, by)| to.receive(by));
}

macro_rules! inert_elements {
    ($($ty:ty)*) => {$(
        inert! { [] $ty [const N: usize] [$ty; N] [] Option<$ty> }
        #[cfg(feature = "alloc")]
        inert! { [] Vec<$ty> }
        beside! { $ty }
    )*};
}

inert_elements! { bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize &'static str }
#[cfg(feature = "alloc")]
inert_elements! { alloc::string::String }

/// Zeros of the shape of a value.
#[inline]
pub fn zeros_like<D: IsSpace>(x: &D) -> D {
    x.zeros()
}

/// What can be made a float: a float, or an integer, which carries no derivative.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made a float here",
    label = "cast or converted to a float",
    note = "a conversion of another type is a call: write it as a method that is `#[differentiable]`"
)]
pub trait IsNumber {}

#[diagnostic::do_not_recommend]
impl<T: Number> IsNumber for T {}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IsNumber for $ty {}
    )*};
}

integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

/// What stands beside an integer literal, or in an index or a range.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is taken for an integer here, which carries no derivative",
    label = "used with an integer literal, in an index or in a range",
    note = "operators of other types are calls: write them as methods that are `#[differentiable]`",
    note = "an input of a closure that is cast to a float is taken for an integer: write its type, as in `|x: f32|`"
)]
pub trait IsInteger {}

macro_rules! whole {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IsInteger for $ty {}
    )*};
}

whole! { bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

#[diagnostic::do_not_recommend]
impl<T: IsInteger + ?Sized> IsInteger for &T {}

#[diagnostic::do_not_recommend]
impl<T: IsInteger + ?Sized> IsInteger for &mut T {}

/// Checks the type of what is taken for an integer.
#[inline]
pub fn is_integer<T: IsInteger>(_: &T) {}

/// Checks the type of what is made a float.
#[inline]
pub fn is_number<T: IsNumber>(_: &T) {}

/// A sequence whose elements are where their index says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an array, a slice nor a `Vec`: its elements cannot be differentiated",
    label = "indexed or iterated here",
    note = "an own `Index` may name any element: give access to the array inside, or write a method that is `#[differentiable]`"
)]
pub trait Sequence: sealed::Sealed {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! sequences {
    ($($(#[$attribute:meta])* ($($generics:tt)*) $ty:ty;)*) => {$(
        $(#[$attribute])*
        impl<$($generics)*> sealed::Sealed for $ty {}
        $(#[$attribute])*
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Sequence for $ty {}
    )*};
}

sequences! {
    (T) [T];
    (T, const N: usize) [T; N];
    #[cfg(feature = "alloc")] (T) Vec<T>;
    (S: Sequence + ?Sized) &S;
    (S: Sequence + ?Sized) &mut S;
}

/// Checks the type of what is indexed.
#[inline]
pub fn seq<S: Sequence + ?Sized>(_: &S) {}

/// A type that carries no derivative.
#[diagnostic::on_unimplemented(
    message = "this method gives a `{Self}`, which may carry a derivative",
    label = "the standard library's method of this name gives an integer, a truth value or an ordering",
    note = "give the method another name, and write `#[differentiable]` on it"
)]
pub trait Inert {}

macro_rules! inert {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Inert for $ty {}
    )*};
}

inert! {
    bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize core::cmp::Ordering core::num::FpCategory
    Option<usize> Option<core::cmp::Ordering> Result<usize, usize>
}

/// Checks the type of what ends a dependence.
#[inline]
pub fn is_inert<T: Inert>(_: &T) {}

/// A field whose tangent is asked for, though no derivative reaches it: zeros where it holds numbers, else a clone, as in a gradient. Method
/// resolution chooses, since the macro does not know the field's type.
#[derive(Debug)]
pub struct Field<'a, T>(pub &'a T);

/// A field that holds numbers.
pub trait FieldOfNumbers<T> {
    /// Zeros.
    fn tangent(&self) -> T;
    /// That it holds numbers.
    fn kind(&self) -> Numbers {
        Numbers
    }
}

impl<T: Differentiable> FieldOfNumbers<T> for Field<'_, T> {
    #[inline]
    fn tangent(&self) -> T {
        self.0.zeros_like()
    }
}

/// Any other field.
pub trait OtherField<T> {
    /// A clone.
    fn tangent(&self) -> T;
}

/// Any other type, of which nothing is asked.
pub trait OtherType {
    /// That it holds none.
    fn kind(&self) -> NoNumbers {
        NoNumbers
    }
}

impl<T> OtherType for &Field<'_, T> {}

/// A field of an adjoint, to which a field is added: nothing where it holds no numbers. Method resolution chooses.
#[derive(Debug)]
pub struct Part<'a, T>(pub &'a mut T);

/// A field that holds numbers.
pub trait PartOfNumbers<T> {
    /// Adds to it.
    fn accumulate(&mut self, by: &T);
}

impl<T: Differentiable> PartOfNumbers<T> for Part<'_, T> {
    #[inline]
    fn accumulate(&mut self, by: &T) {
        self.0.accumulate(by);
    }
}

/// Any other field.
pub trait OtherPart<T> {
    /// Does nothing.
    fn accumulate(&mut self, by: &T);
}

impl<T> OtherPart<T> for &mut Part<'_, T> {
    #[inline]
    fn accumulate(&mut self, _: &T) {}
}

/// A type holds numbers.
#[derive(Debug)]
pub struct Numbers;

/// A type holds none.
#[derive(Debug)]
pub struct NoNumbers;

/// What is matched by an enum's variants.
#[diagnostic::on_unimplemented(
    message = "this struct is taken for an enum, which holds no active value",
    label = "matched by patterns of several types",
    note = "give the struct's pattern by its name alone"
)]
pub trait IsEnum {}

#[diagnostic::do_not_recommend]
impl IsEnum for NoNumbers {}

/// Checks the type of what is matched by an enum's variants.
#[inline]
pub fn is_enum<K: IsEnum>(_: K) {}

impl<T: Clone> OtherField<T> for &Field<'_, T> {
    #[inline]
    fn tangent(&self) -> T {
        self.0.clone()
    }
}

/// What copies a value: where a user's trait has a method of that name by value, which would go before the standard library's, the call is ambiguous.
pub trait CopiedByValue: Sized {
    /// Stands for that of `Clone`.
    fn clone(self) {}
    /// Stands for that of `ToOwned`.
    fn to_owned(self) {}
}

impl<T> CopiedByValue for T {}

/// The receiver of such a call, in code that never runs.
pub fn by_value<T>(_: &T) -> T {
    unreachable!("it only stands in code that never runs")
}

/// Checks the type of the other operand of an operator, which may stand behind references.
#[macro_export]
#[doc(hidden)]
macro_rules! is_operand {
    ($operand:expr) => {{
        use $crate::rt::{OtherOperand as _, ReferenceToAnOperand as _};
        $crate::rt::is_scalar((&$crate::rt::Behind(&$operand)).operand())
    }};
}

/// An operand, perhaps a reference. Method resolution chooses.
#[derive(Debug)]
pub struct Behind<'a, T>(pub &'a T);

/// A reference to an operand.
pub trait ReferenceToAnOperand<'a, T> {
    /// The operand.
    fn operand(&self) -> &'a T;
}

impl<'a, T> ReferenceToAnOperand<'a, T> for Behind<'a, &'a T> {
    fn operand(&self) -> &'a T {
        self.0
    }
}

/// An operand itself.
pub trait OtherOperand<'a, T> {
    /// The operand.
    fn operand(&self) -> &'a T;
}

impl<'a, T> OtherOperand<'a, T> for &Behind<'a, T> {
    fn operand(&self) -> &'a T {
        self.0
    }
}

/// An operand that a pattern binds, perhaps by reference. Method resolution chooses.
#[derive(Debug)]
pub struct Operand<'a, T>(pub &'a T);

/// An operand by reference.
pub trait ReferredOperand<T> {
    /// What is referred to.
    fn value(&self) -> T;
}

impl<T: Copy> ReferredOperand<T> for Operand<'_, &T> {
    #[inline]
    fn value(&self) -> T {
        **self.0
    }
}

/// An operand by value.
pub trait PlainOperand<T> {
    /// The value.
    fn value(&self) -> T;
}

impl<T: Copy> PlainOperand<T> for &Operand<'_, T> {
    #[inline]
    fn value(&self) -> T {
        *self.0
    }
}
