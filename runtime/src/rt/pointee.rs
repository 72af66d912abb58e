//! Methods that are called on what a `Box`, an `Rc` or an `Arc` points to.
//!
//! Entries are methods, and a stand-in for missing ones precedes what is found through `Deref`, which may be a user's. The pointers of the standard
//! library have no methods of their own, so that a call on one of them is a call on what it points to, unless a user's trait has a method of that
//! name for the pointer: beside `OfPointers` that is ambiguous.

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use alloc::sync::Arc;
#[cfg(feature = "alloc")]
use alloc::{boxed::Box, rc::Rc};

/// A receiver by reference. Method resolution chooses whether it is a pointer.
#[derive(Debug)]
pub struct Receiver<'a, T: ?Sized>(pub &'a T);

/// A pointer, or a reference to one.
pub trait PointerReceiver<'a> {
    /// The pointer.
    type Pointer: IsPointer;
    /// What it points to.
    type Pointee: ?Sized + 'a;
    /// What it points to.
    fn pointee(&self) -> &'a Self::Pointee;
    /// The pointer itself, for methods of its own.
    fn pointer(&self) -> Self::Pointer {
        unreachable!("it only stands in code that never runs")
    }
}

/// Anything else.
pub trait OtherReceiver<'a, T: ?Sized> {
    /// Itself.
    fn pointee(&self) -> &'a T;
    /// No pointer.
    fn pointer(&self) -> NoPointer {
        NoPointer
    }
}

impl<'a, T: ?Sized> OtherReceiver<'a, T> for &Receiver<'a, T> {
    #[inline]
    fn pointee(&self) -> &'a T {
        self.0
    }
}

/// Stands for what is no pointer.
#[derive(Debug)]
pub struct NoPointer;

/// A pointer of the standard library, or none.
pub trait IsPointer: Sized {}

impl IsPointer for NoPointer {}

#[cfg(feature = "alloc")]
macro_rules! pointers {
    ($($pointer:ident)*) => {$(
        impl<T: ?Sized> IsPointer for $pointer<T> {}

        impl<'a, T: ?Sized + 'a> PointerReceiver<'a> for Receiver<'a, $pointer<T>> {
            type Pointer = $pointer<T>;
            type Pointee = T;

            #[inline]
            fn pointee(&self) -> &'a T {
                self.0
            }
        }

        impl<'a, T: ?Sized + 'a> PointerReceiver<'a> for Receiver<'a, &'a $pointer<T>> {
            type Pointer = $pointer<T>;
            type Pointee = T;

            #[inline]
            fn pointee(&self) -> &'a T {
                self.0
            }
        }
    )*};
}

#[cfg(feature = "alloc")]
pointers! { Box Rc }
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pointers! { Arc }

/// A reference to what a method is called on: what a pointer of the standard library points to.
#[macro_export]
#[doc(hidden)]
macro_rules! pointee {
    ($place:expr, $method:ident) => {{
        let _ = || {
            use $crate::rt::{OtherReceiver as _, PointerReceiver as _};
            trait OfPointers {
                fn $method(&self);
            }
            impl<P: $crate::rt::IsPointer> OfPointers for P {
                fn $method(&self) {}
            }
            (&$crate::rt::Receiver(&$place)).pointer().$method()
        };
        let _ = || {
            use $crate::rt::{OtherReceiver as _, PointerReceiver as _};
            trait OfPointers {
                fn $method(self);
            }
            impl<P: $crate::rt::IsPointer> OfPointers for P {
                fn $method(self) {}
            }
            (&$crate::rt::Receiver(&$place)).pointer().$method()
        };
        $crate::pointee!($place)
    }};
    ($place:expr) => {{
        use $crate::rt::{OtherReceiver as _, PointerReceiver as _};
        (&$crate::rt::Receiver(&$place)).pointee()
    }};
}
