//! Values of any shape as sequences of numbers, so that one check serves programs of every signature.

use super::numbers::{Number, Number32};

/// A value that consists of numbers.
pub trait Flat {
    /// The numbers that go in and out: `f64` for floats of both precisions, or a number of the oracle.
    type Leaf: Copy;
    /// Hands every number over, in order.
    fn write(&self, to: &mut Vec<Self::Leaf>);
    /// Takes every number from the iterator.
    fn read(&mut self, from: &mut dyn Iterator<Item = Self::Leaf>);
}

macro_rules! leaves {
    ($($leaf:ty: $($type:ty)*,)*) => {$($(
        impl Flat for $type {
            type Leaf = $leaf;
            fn write(&self, to: &mut Vec<$leaf>) {
                to.push(<$leaf>::from(*self));
            }
            fn read(&mut self, from: &mut dyn Iterator<Item = $leaf>) {
                *self = from.next().expect("there are as many numbers as in the template") as $type;
            }
        }
    )*)*};
}
leaves! { f64: f64 f32, }

macro_rules! oracles {
    ($($type:ty)*) => {$(
        impl Flat for $type {
            type Leaf = $type;
            fn write(&self, to: &mut Vec<$type>) {
                to.push(*self);
            }
            fn read(&mut self, from: &mut dyn Iterator<Item = $type>) {
                *self = from.next().expect("there are as many numbers as in the template");
            }
        }
    )*};
}
oracles! { Number Number32 }

impl<T: Flat> Flat for [T] {
    type Leaf = T::Leaf;
    fn write(&self, to: &mut Vec<T::Leaf>) {
        self.iter().for_each(|x| x.write(to));
    }
    fn read(&mut self, from: &mut dyn Iterator<Item = T::Leaf>) {
        self.iter_mut().for_each(|x| x.read(from));
    }
}

impl<T: Flat, const N: usize> Flat for [T; N] {
    type Leaf = T::Leaf;
    fn write(&self, to: &mut Vec<T::Leaf>) {
        self.as_slice().write(to);
    }
    fn read(&mut self, from: &mut dyn Iterator<Item = T::Leaf>) {
        self.as_mut_slice().read(from);
    }
}

impl<T: Flat> Flat for Vec<T> {
    type Leaf = T::Leaf;
    fn write(&self, to: &mut Vec<T::Leaf>) {
        self.as_slice().write(to);
    }
    fn read(&mut self, from: &mut dyn Iterator<Item = T::Leaf>) {
        self.as_mut_slice().read(from);
    }
}

macro_rules! tuples {
    ($($first:ident $($letter:ident)*;)*) => {$(
        #[allow(non_snake_case, reason = "the fields are named as their types")]
        impl<$first: Flat, $($letter: Flat<Leaf = $first::Leaf>),*> Flat for ($first, $($letter,)*) {
            type Leaf = $first::Leaf;
            fn write(&self, to: &mut Vec<$first::Leaf>) {
                let ($first, $($letter,)*) = self;
                $first.write(to);
                $($letter.write(to);)*
            }
            fn read(&mut self, from: &mut dyn Iterator<Item = $first::Leaf>) {
                let ($first, $($letter,)*) = self;
                $first.read(from);
                $($letter.read(from);)*
            }
        }
    )*};
}
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; }

/// Makes a struct a sequence of the numbers in the fields that are named.
#[macro_export]
macro_rules! flat {
    ($type:ty: $leaf:ty { $($field:tt)* }) => {
        impl $crate::random::flat::Flat for $type {
            type Leaf = $leaf;
            fn write(&self, to: &mut Vec<$leaf>) {
                $($crate::random::flat::Flat::write(&self.$field, to);)*
            }
            fn read(&mut self, from: &mut dyn Iterator<Item = $leaf>) {
                $($crate::random::flat::Flat::read(&mut self.$field, from);)*
            }
        }
    };
}

/// The template, with the next numbers.
pub fn read<T: Flat>(mut template: T, from: &mut dyn Iterator<Item = T::Leaf>) -> T {
    template.read(from);
    template
}

/// The template, with one number everywhere.
pub fn filled<T: Flat<Leaf = f64>>(template: T, number: f64) -> T {
    read(template, &mut std::iter::repeat(number))
}

/// All numbers of several values.
pub fn all<L: Copy>(values: &[&dyn Flat<Leaf = L>]) -> Vec<L> {
    let mut all = Vec::new();
    values.iter().for_each(|value| value.write(&mut all));
    all
}

/// The numbers of a value, less what was there before.
pub fn added<T: Flat<Leaf = f64>>(value: &T, before: f64) -> Vec<f64> {
    let mut all = Vec::new();
    value.write(&mut all);
    all.iter_mut().for_each(|number| *number -= before);
    all
}
