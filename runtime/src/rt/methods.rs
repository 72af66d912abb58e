//! Whether a trait of the user's gives sequences, `Option`s or iterators a method by a name that is known.
//!
//! Method resolution looks at an array before the slice that it is, at a value before a reference to it, and finds such a method before that of the
//! standard library. A stand-in that is found at the same step makes the call ambiguous. It is asked once for a name, of a sequence of unknown
//! elements and length: any trait in scope that gives some sequence the method stands beside the stand-in; where there is none, inference settles on the
//! stand-in's own type. A receiver is left out where the standard library's method is found at once, before any other.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// What stand-ins hold.
#[derive(Debug)]
pub struct Element;

/// Stands for a `Vec` where there is none.
#[cfg(not(feature = "alloc"))]
#[derive(Debug)]
pub struct Vec<T>(core::marker::PhantomData<T>);

#[cfg(not(feature = "alloc"))]
impl<T, const N: usize> From<[T; N]> for Vec<T> {
    fn from(_: [T; N]) -> Self {
        receiver()
    }
}

macro_rules! methods {
    ($($name:ident)*) => {
        /// What the standard library calls so, beside a method by value.
        #[allow(clippy::wrong_self_convention, reason = "what is called is never run")]
        pub trait KnownMethod {
            $(
                /// Stands for it.
                fn $name(self) where Self: Sized {}
            )*
        }

        /// The same beside a method by reference.
        #[allow(clippy::wrong_self_convention, reason = "what is called is never run")]
        pub trait KnownMethodByReference {
            $(
                /// Stands for it.
                fn $name(&self) {}
            )*
        }

        /// The same beside a method by mutable reference.
        #[allow(clippy::wrong_self_convention, reason = "what is called is never run")]
        pub trait KnownMethodByMutableReference {
            $(
                /// Stands for it.
                fn $name(&mut self) {}
            )*
        }
    };
}

methods! {
    first last get iter windows chunks chunks_exact rchunks rchunks_exact split_first split_last split_at to_vec concat contains starts_with ends_with
    partition_point binary_search_by len is_empty
    first_mut last_mut get_mut iter_mut chunks_mut chunks_exact_mut rchunks_mut rchunks_exact_mut split_first_mut split_last_mut split_at_mut swap reverse fill
    sort_by sort_by_key sort_by_cached_key sort_unstable_by copy_from_slice clone_from_slice swap_with_slice rotate_left rotate_right
    push pop insert remove swap_remove truncate clear resize retain extend extend_from_slice append split_off drain
    as_slice map
    into_boxed_slice each_ref by_ref peek remainder
    sum product fold rfold reduce max_by min_by for_each collect zip enumerate rev skip take step_by filter filter_map flat_map flatten
    scan chain inspect copied cloned take_while skip_while map_while unzip partition count cycle
    next nth find find_map any all position rposition
    unwrap unwrap_or unwrap_or_else unwrap_or_default expect map_or map_or_else and_then or or_else is_some_and is_none_or
    is_some is_none as_ref as_deref as_mut
}

macro_rules! stand_ins {
    ($($ty:ty),*) => {$(
        impl KnownMethod for $ty {}
        impl KnownMethod for &$ty {}
        impl KnownMethod for &mut $ty {}
        impl KnownMethodByReference for $ty {}
        impl KnownMethodByReference for &$ty {}
        impl KnownMethodByReference for &mut $ty {}
        impl KnownMethodByMutableReference for $ty {}
    )*};
}

stand_ins! {
    [Element; 0], Vec<Element>, Option<Element>, core::slice::Iter<'static, Element>,
    core::iter::Peekable<core::slice::Iter<'static, Element>>, core::slice::ChunksExact<'static, Element>
}
impl KnownMethodByReference for [Element] {}
impl KnownMethodByReference for &[Element] {}
impl KnownMethodByReference for &mut [Element] {}
impl KnownMethodByMutableReference for [Element] {}

/// The type of vectors.
#[diagnostic::on_unimplemented(
    message = "this `Vec` is not the one of the standard library",
    label = "taken for a `Vec` of numbers",
    note = "give the type another name"
)]
pub trait IsVector {}

#[diagnostic::do_not_recommend]
impl<T> IsVector for Vec<T> {}

/// Checks that a name means it.
pub fn is_vector<T: IsVector>() {}

/// The type of boxes.
#[diagnostic::on_unimplemented(
    message = "this `Box` is not the one of the standard library",
    label = "taken for a boxed slice of numbers",
    note = "give the type another name"
)]
pub trait IsBox {}

#[cfg(feature = "alloc")]
#[diagnostic::do_not_recommend]
impl<T> IsBox for alloc::boxed::Box<T> {}

/// Checks that a name means it.
pub fn is_box<T: IsBox>() {}

/// Checks that a name means `None`.
pub fn is_nothing(_: Option<Element>) {}

/// A receiver, in code that never runs.
pub fn receiver<T>() -> T {
    unreachable!("it only stands in code that never runs")
}

/// An array.
pub fn any_array<T, const N: usize>() -> [T; N] {
    receiver()
}

/// A slice.
pub fn any_slice<T>() -> &'static mut [T] {
    receiver()
}

/// A vector.
pub fn any_vector<T>() -> Vec<T> {
    receiver()
}

/// An `Option`.
pub fn any_option<T>() -> Option<T> {
    receiver()
}

/// An iterator.
pub fn any_iterator<T>() -> core::slice::Iter<'static, T> {
    receiver()
}

/// An iterator that is looked ahead of.
pub fn any_peekable<T>() -> core::iter::Peekable<core::slice::Iter<'static, T>> {
    receiver()
}

/// An iterator over chunks of one size.
pub fn any_chunks<T>() -> core::slice::ChunksExact<'static, T> {
    receiver()
}

/// Checks what names of methods mean, by who has them: slices by shared (`shared`) or by mutable reference (`exclusive`), slices and vectors
/// (`length`), arrays by value (`array`), arrays and vectors (`whole`), vectors alone (`vector`), iterators, which sequences are none of (`iterator`), also arrays by value (`map`), iterators by mutable
/// reference (`next`) or by shared reference (`next_shared`), those that are looked ahead of (`peek`) and those over chunks (`remainder`), `Option`s by value (`option`), by shared (`option_shared`) or by mutable reference (`option_exclusive`).
#[macro_export]
#[doc(hidden)]
macro_rules! known_methods {
    ($($kind:ident $name:ident)*) => {$( $crate::known_methods!(@$kind $name); )*};
    (@shared $name:ident) => {
        $crate::known_methods!(@length $name);
        $crate::known_methods!(@by_reference $name: &$crate::rt::any_vector::<_>());
    };
    (@length $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_array::<_, _>(), $crate::rt::any_vector::<_>());
        $crate::known_methods!(@by_reference $name: &$crate::rt::any_array::<_, _>());
        $crate::known_methods!(@behind $name);
    };
    (@exclusive $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_array::<_, _>(), $crate::rt::any_vector::<_>());
        $crate::known_methods!(@by_reference $name: &$crate::rt::any_array::<_, _>(), &$crate::rt::any_vector::<_>());
        $crate::known_methods!(@by_mutable_reference $name: &mut $crate::rt::any_array::<_, _>(), &mut $crate::rt::any_vector::<_>());
    };
    (@vector $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_vector::<_>());
        $crate::known_methods!(@by_reference $name: &$crate::rt::any_vector::<_>());
    };
    (@whole $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_array::<_, _>(), $crate::rt::any_vector::<_>());
        $crate::known_methods!(@behind $name);
    };
    (@array $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_array::<_, _>());
    };
    (@iterator $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_array::<_, _>());
        $crate::known_methods!(@map $name);
    };
    (@map $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_vector::<_>());
        $crate::known_methods!(@by_reference $name: &$crate::rt::any_array::<_, _>(), &$crate::rt::any_vector::<_>());
        $crate::known_methods!(@behind $name);
        $crate::known_methods!(@by_reference $name: &*$crate::rt::any_slice::<_>());
    };
    (@next $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_iterator::<_>());
        $crate::known_methods!(@by_reference $name: &$crate::rt::any_iterator::<_>());
    };
    (@next_shared $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_iterator::<_>());
    };
    (@peek $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_peekable::<_>());
        $crate::known_methods!(@by_reference $name: &$crate::rt::any_peekable::<_>());
    };
    (@remainder $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_chunks::<_>());
    };
    (@option $name:ident) => {
        $crate::known_methods!(@by_reference $name: &$crate::rt::any_option::<_>(), &&$crate::rt::any_option::<_>());
        $crate::known_methods!(@by_mutable_reference $name: &mut $crate::rt::any_option::<_>());
    };
    (@option_shared $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_option::<_>());
        $crate::known_methods!(@by_reference $name: &&$crate::rt::any_option::<_>());
        $crate::known_methods!(@by_mutable_reference $name: &mut $crate::rt::any_option::<_>());
    };
    (@option_exclusive $name:ident) => {
        $crate::known_methods!(@by_value $name: $crate::rt::any_option::<_>());
        $crate::known_methods!(@by_reference $name: &$crate::rt::any_option::<_>());
    };
    // through references, before the slice itself
    (@behind $name:ident) => {
        $crate::known_methods!(@by_reference $name:
            &&$crate::rt::any_array::<_, _>(), &&$crate::rt::any_vector::<_>(), &&*$crate::rt::any_slice::<_>(),
            &&mut $crate::rt::any_array::<_, _>(), &&mut $crate::rt::any_vector::<_>(), &$crate::rt::any_slice::<_>());
        $crate::known_methods!(@by_mutable_reference $name:
            &mut $crate::rt::any_array::<_, _>(), &mut $crate::rt::any_vector::<_>(), $crate::rt::any_slice::<_>());
    };
    (@by_value $name:ident: $($receiver:expr),*) => {{
        use $crate::rt::KnownMethod as _;
        $( ($receiver).$name(); )*
    }};
    (@by_reference $name:ident: $($receiver:expr),*) => {{
        use $crate::rt::KnownMethodByReference as _;
        $( ($receiver).$name(); )*
    }};
    (@by_mutable_reference $name:ident: $($receiver:expr),*) => {{
        use $crate::rt::KnownMethodByMutableReference as _;
        $( ($receiver).$name(); )*
    }};
}
