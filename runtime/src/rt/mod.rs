//! What generated code reaches. Not for use by hand: it changes without notice.

mod again;
mod choice;
mod held;
mod identity;
mod items;
mod lanes;
mod left;
mod methods;
mod missing_methods;
#[cfg(feature = "alloc")]
mod order;
mod pointee;
mod shape;
mod skipped;
mod slots;
mod taken;
mod tape;
mod winners;

pub mod missing;
pub mod standard;
pub mod vector;

#[cfg(not(feature = "alloc"))]
pub use crate::vec_without_alloc as vec;
#[cfg(feature = "alloc")]
pub use alloc::vec;
#[cfg(feature = "alloc")]
pub use alloc::vec::Vec;
pub use core::clone::Clone;
#[cfg(not(feature = "alloc"))]
pub use methods::Vec;

pub use crate::partial;
pub use crate::path::Search;
pub use crate::real::Real;
pub use crate::scalar::Number as Scalar;
pub use crate::space::Differentiable;
pub use crate::{
    else_missing, else_missing_associated, else_nothing, holds, is_operand, is_skipped, known_methods, needs_alloc, pointee,
    with_alloc, without_alloc,
};

pub use again::{
    Again, Borrowed, ClonedByClone, Copied, IsStandard, IsTheClone, Itself, Keep, Kept, MayBeKept, NoJumpInsideOfAMacro, Nothing,
    OnceMore, VariableOfTheFunctionAround, again, is_standard, is_the_clone, kept, no_exit, not_for_included_code, once, same,
    same_stop_gradient,
};
pub use choice::{Choice, as_option};
pub use held::{Given, GivenCopy, GivenOther, Held, HeldCopy, HeldOther, Lent, LentOther, LentReference};
pub use identity::{
    Behind, CopiedByValue, Field, FieldOfNumbers, HasMaths, Inert, IsEnum, IsInteger, IsNumber, IsScalar, IsSpace,
    MethodOfFloats, MethodOfMutableFloats, MethodOfReferences, MethodOfReferencesToReferences, NoNumbers, Numbers, Operand,
    OtherField, OtherOperand, OtherPart, OtherType, Part, PartOfNumbers, PlainOperand, ReferenceToAnOperand, ReferredOperand,
    Sequence, by_value, has_maths, is_enum, is_inert, is_integer, is_number, is_real, is_scalar, seq, zeros_like,
};
pub use items::{Collected, Indexed, Integer, Items, ReadAgain, after, count, count_through, count_until, item, item_of_range};
pub use lanes::{
    GAINS, Index, MANY, STRIP, Transposed, add_in_chains, agree, clear, in_flight, is_left, lane, lanes_in_place, next_left,
    one_by_one, one_row, row, row_mut, sum_of_chains, sum_of_lanes, transposed, two_rows,
};
#[cfg(feature = "alloc")]
pub use left::LeftVec;
pub use left::{
    Leave, LeaveOther, LeaveReferenceToReference, Leaving, Left, LeftArray, LeftPair, LeftReference, LeftSome, LeftTwice, Owned,
    OwnedCopy, OwnedLeft, OwnedOther, OwnedPointer, PointerInPlace, ReferenceToReference,
};
pub use methods::{
    Element, IsBox, IsVector, KnownMethod, KnownMethodByMutableReference, KnownMethodByReference, any_array, any_chunks,
    any_iterator, any_option, any_peekable, any_slice, any_vector, is_box, is_nothing, is_vector, receiver,
};
pub use missing_methods::{
    Associated, AssociatedHasDerivatives, AssociatedHasSecondDerivatives, Derivative, DerivativeHasDerivatives, Entry,
    FirstOrder, Method, MethodHasDerivatives, MethodHasSecondDerivatives, Missing, SecondAssociated, SecondMethod,
    TakesItsAdjoints,
};
#[cfg(feature = "alloc")]
pub use order::{order_by_sort_by, order_by_sort_by_cached_key, order_by_sort_by_key, order_by_sort_unstable_by};
pub use pointee::{IsPointer, NoPointer, OtherReceiver, PointerReceiver, Receiver};
pub use shape::{Like, Scratch, Shape, take_as};
pub use skipped::{
    CarriesNothing, MayHold, NoSkippedField, Parameter, Skipped, carries_nothing, direction_of_slice, hold, hollow_slice,
    restore_slice,
};
pub use slots::{
    FieldThatCarries, FieldThatCarriesNone, Fits, FitsBuffer, NoDerivative, OfField, Outside, OutsideReceiver, OutsideWrt, Slot,
    WithinWrt, fit, fit_buffer, outside, outside_receiver,
};
pub use taken::{Taken, as_taken};
#[cfg(feature = "alloc")]
pub use tape::Rows;
pub use tape::{
    Arm, Column, Fixed, InPlace, Records, Tape, at_first, columns_fit, in_place, iterations, records_of, sequences_in_place,
};
pub use winners::{
    Winners, are_decided, equals_in_place, greater, higher, less, lesser, may_exceed, may_fall_below, past, undecided,
};

/// Zeros for each element of a slice.
#[cfg(feature = "alloc")]
pub fn zeros_of_slice<D: Differentiable>(x: &[D]) -> Vec<D> {
    x.iter().map(D::zeros_like).collect()
}

/// Adds to an adjoint.
#[inline]
pub fn accumulate<D: IsSpace>(to: &mut D, by: &D) {
    to.receive(by);
}

/// Adds to the numbers of a strip.
#[inline(always)]
pub fn add_each<T: Scalar>(to: &mut [T], by: &[T]) {
    to.iter_mut().zip(by).for_each(|(to, by)| *to += *by);
}

/// What the lanes of a strip add to elements ahead of them, in the lanes that these are: the last lanes' waits for the next strip.
#[inline(always)]
pub fn carry<T: Scalar, const LANES: usize, const AHEAD: usize>(ahead: &[T; LANES], carried: &mut [T; AHEAD]) -> [T; LANES] {
    let mut here = [T::ZERO; LANES];
    here[..AHEAD].copy_from_slice(carried);
    here[AHEAD..].copy_from_slice(&ahead[..LANES - AHEAD]);
    carried.copy_from_slice(&ahead[LANES - AHEAD..]);
    here
}

/// The sum of what the lanes of a strip have added up.
#[inline(always)]
pub fn total<T: Scalar, const LANES: usize>(parts: &[T; LANES]) -> T {
    let mut parts = *parts;
    let mut count = LANES;
    while count > 1 {
        count /= 2;
        let (sums, others) = parts.split_at_mut(count);
        add_each(sums, &others[..count]);
    }
    parts[0]
}

/// One, in the type of a number.
#[inline]
pub fn one_like<T: Scalar>(_: &T) -> T {
    T::ONE
}

/// The sum of the products of the numbers of two points.
#[inline]
pub fn inner_product<D: Differentiable>(a: &D, b: &D) -> D::Scalar {
    let mut sum = D::Scalar::ZERO;
    D::leaves([], [a, b], &mut |[], [a, b]| a.iter().zip(b).for_each(|(a, b)| sum += *a * *b));
    sum
}

/// The same for slices of points.
#[inline]
pub fn inner_product_slice<D: Differentiable>(a: &[D], b: &[D]) -> D::Scalar {
    let mut sum = D::Scalar::ZERO;
    D::slices([], [a, b], &mut |[], [a, b]| a.iter().zip(b).for_each(|(a, b)| sum += *a * *b));
    sum
}

/// A point of the same shape that holds, for each number, what `of` gives for the point that is one there and zero elsewhere.
pub fn for_each_number<D: Differentiable>(like: &D, mut of: impl FnMut(&D) -> D::Scalar) -> D {
    let at = |point: &mut D, wanted: usize, number: D::Scalar| {
        let mut position = 0;
        D::leaves([point], [], &mut |[numbers], []: [&[D::Scalar]; 0]| {
            if let Some(found) = wanted.checked_sub(position).and_then(|index| numbers.get_mut(index)) {
                *found = number;
            }
            position += numbers.len();
        });
        position
    };
    let (mut result, mut unit) = (like.zeros_like(), like.zeros_like());
    let count = at(&mut unit, 0, D::Scalar::ZERO);
    for position in 0..count {
        at(&mut unit, position, D::Scalar::ONE);
        at(&mut result, position, of(&unit));
        at(&mut unit, position, D::Scalar::ZERO);
    }
    result
}

/// The value, with zeros left behind.
#[inline]
pub fn take<D: IsSpace>(from: &mut D) -> D {
    let zeros = from.zeros();
    core::mem::replace(from, zeros)
}

/// The last element, which is removed.
#[cfg(feature = "alloc")]
#[inline]
#[track_caller]
pub fn pop<T>(from: &mut Vec<T>) -> T {
    from.pop().expect("an element is removed for each that was added")
}

/// Adds the last elements of an adjoint, so many, to those of another one, where that is wanted, and removes them.
#[cfg(feature = "alloc")]
#[inline]
#[track_caller]
pub fn add_last<D: IsSpace>(to: Option<&mut [D]>, count: usize, from: &mut Vec<D>) {
    let rest = from.len().checked_sub(count).expect("an element is removed for each that was added");
    if let Some(to) = to {
        to[..count].iter_mut().zip(&from[rest..]).for_each(|(to, by)| to.receive(by));
    }
    from.truncate(rest);
}

/// An array as long as another, filled with one value.
#[inline]
pub fn array_like<T, U: Copy, const N: usize>(_: &[T; N], value: U) -> [U; N] {
    [value; N]
}

/// No value yet.
#[inline]
#[must_use]
pub const fn late<T>() -> Option<T> {
    None
}

/// The value of a variable that was filled late.
#[inline]
pub const fn set<T>(value: T) -> Option<T> {
    Some(value)
}

/// Zeros of a shape that follows from their use.
#[inline]
#[must_use]
pub fn blank<B: Blank>() -> B {
    B::blank()
}

/// What has zeros by its type alone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no zeros by its type alone, which `array::from_fn` and `map` of arrays need where a derivative flows through them",
    label = "no scalar, and no array or tuple of scalars",
    note = "assign the elements of an array in a loop"
)]
pub trait Blank {
    /// Zeros.
    fn blank() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Blank for T {
    #[inline]
    fn blank() -> Self {
        T::ZERO
    }
}

impl<B: Blank, const N: usize> Blank for [B; N] {
    #[inline]
    fn blank() -> Self {
        core::array::from_fn(|_| B::blank())
    }
}

macro_rules! blank_tuples {
    ($(($($part:ident)*))*) => {$(
        impl<$($part: Blank),*> Blank for ($($part,)*) {
            #[inline]
            fn blank() -> Self {
                ($($part::blank(),)*)
            }
        }
    )*};
}

blank_tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }

/// What a variable was filled with.
#[inline]
#[track_caller]
pub fn filled<T>(value: &Option<T>) -> &T {
    value.as_ref().expect("what is read was filled before")
}

/// A function with a rule for reverse mode alone.
pub trait NoForwardMode {
    /// What to say where its forward mode is used.
    const MESSAGE: &'static str;
}

/// Stands for the forward mode that a function does not have: does not compile where it is used.
#[inline]
pub fn no_forward_mode<M: NoForwardMode, R>() -> R {
    const { panic!("{}", M::MESSAGE) }
}

/// Adds to an adjoint that begins with its first contribution.
#[inline]
pub fn fill_or_accumulate<D: IsSpace + Clone>(to: &mut Option<D>, by: &D) {
    match to {
        Some(to) => to.receive(by),
        None => *to = Some(by.clone()),
    }
}

/// The value that a variable was filled with.
#[inline]
#[track_caller]
pub fn settled<T>(value: Option<T>) -> T {
    value.expect("every way out of the loop or block fills its value")
}

/// A rule of the user's, as a function of the type that it must have.
#[inline]
pub const fn rule<F: Copy>(rule: F) -> F {
    rule
}

/// The body of a derivative of a function that has errors, which is never run.
pub fn stub<V>() -> V {
    unreachable!("the function does not compile")
}

/// Panics where the adjoint of a slice has another length.
#[inline]
#[track_caller]
pub fn same_length<T, D>(name: &str, primal: &[T], adjoint: &[D]) {
    assert!(primal.len() == adjoint.len(), "`{name}` has length {}, but its slice has length {}", adjoint.len(), primal.len());
}

/// The number of scalars in an array of arrays.
#[must_use]
pub const fn times(length: usize, element: usize) -> usize {
    length.saturating_mul(element)
}

/// Whether a sweep for each column of a Jacobian costs less than a forward sweep and a backward sweep for each row: of the number of rows and
/// those of the columns of each parameter, and of what the three sweeps cost.
#[must_use]
pub const fn columns_cost_less<const N: usize>(sizes: [usize; N], [column, forward, row]: [u64; 3]) -> bool {
    let (mut columns, mut parameter) = (0u64, 1);
    while parameter < N {
        columns = columns.saturating_add(sizes[parameter] as u64);
        parameter += 1;
    }
    columns.saturating_mul(column) < (sizes[0] as u64).saturating_mul(row).saturating_add(forward)
}

/// Its argument, where memory can be allocated.
#[cfg(feature = "alloc")]
#[macro_export]
#[doc(hidden)]
macro_rules! with_alloc {
    ($($tokens:tt)*) => { $($tokens)* };
}

/// Nothing, as no memory can be allocated.
#[cfg(not(feature = "alloc"))]
#[macro_export]
#[doc(hidden)]
macro_rules! with_alloc {
    ($($tokens:tt)*) => {};
}

/// Nothing, as memory can be allocated.
#[cfg(feature = "alloc")]
#[macro_export]
#[doc(hidden)]
macro_rules! without_alloc {
    ($($tokens:tt)*) => {};
}

/// Its argument, where no memory can be allocated.
#[cfg(not(feature = "alloc"))]
#[macro_export]
#[doc(hidden)]
macro_rules! without_alloc {
    ($($tokens:tt)*) => { $($tokens)* };
}

/// What `vec!` is where no memory can be allocated, so that the want of it is the only error.
#[cfg(not(feature = "alloc"))]
#[macro_export]
#[doc(hidden)]
macro_rules! vec_without_alloc {
    ($($tokens:tt)*) => {};
}

/// Nothing, as memory can be allocated.
#[cfg(feature = "alloc")]
#[macro_export]
#[doc(hidden)]
macro_rules! needs_alloc {
    ($message:literal) => {};
}

/// An error, as no memory can be allocated.
#[cfg(not(feature = "alloc"))]
#[macro_export]
#[doc(hidden)]
macro_rules! needs_alloc {
    ($message:literal) => {
        ::core::compile_error!($message);
    };
}

/// What a function gives for one in the place of each number of a value and zero elsewhere, put in that number's place.
pub fn each_unit<D: Differentiable>(value: &D, mut function: impl FnMut(&D) -> D::Scalar) -> D {
    let (mut unit, mut result) = (value.zeros_like(), value.zeros_like());
    let mut count = 0;
    D::leaves([], [value], &mut |[], [leaves]| count += leaves.len());
    for index in 0..count {
        set_leaf(&mut unit, index, D::Scalar::ONE);
        let number = function(&unit);
        set_leaf(&mut unit, index, D::Scalar::ZERO);
        set_leaf(&mut result, index, number);
    }
    result
}

fn set_leaf<D: Differentiable>(of: &mut D, index: usize, number: D::Scalar) {
    let mut before = 0;
    D::leaves([of], [], &mut |[leaves], []| {
        if let Some(leaf) = index.checked_sub(before).and_then(|index| leaves.get_mut(index)) {
            *leaf = number;
        }
        before += leaves.len();
    });
}
