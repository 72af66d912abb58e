//! Where a number stands in a point, for messages: `.layers[2].w[0][3]`.
//!
//! Nothing is stored of it: a point tells its parts to a [`Search`] when somebody asks.

use core::fmt::{self, Write};

use crate::scalar::Number;
use crate::space::Differentiable;

/// The search for the number with a certain index, counted over all leaves.
#[doc(hidden)]
pub struct Search<'a> {
    /// How many numbers are before it, from where the search stands.
    before: usize,
    /// The path so far.
    path: &'a mut dyn Write,
    /// Whether it is found, or could not be written.
    end: Option<fmt::Result>,
}

impl Search<'_> {
    /// A part with a name.
    pub fn field<D: Differentiable>(&mut self, name: &str, part: &D) {
        self.part(part, |path| write!(path, ".{name}"));
    }

    /// Parts with numbers.
    pub fn elements<D: Differentiable>(&mut self, parts: &[D]) {
        parts.iter().enumerate().for_each(|(index, part)| self.part(part, |path| write!(path, "[{index}]")));
    }

    /// The number itself.
    pub fn number(&mut self) {
        self.end = Some(Ok(()));
    }

    /// A point that does not know the names of its parts.
    pub fn unnamed(&mut self) {
        self.end = Some(write!(self.path, "(number {})", self.before));
    }

    fn part<D: Differentiable>(&mut self, part: &D, name: impl FnOnce(&mut dyn Write) -> fmt::Result) {
        if self.end.is_some() {
            return;
        }
        let numbers = numbers(part);
        if self.before >= numbers {
            self.before -= numbers;
            return;
        }
        match name(self.path) {
            Ok(()) => part.locate(self),
            Err(error) => self.end = Some(Err(error)),
        }
    }
}

/// How many numbers a point has.
pub(crate) fn numbers<D: Differentiable>(point: &D) -> usize {
    let mut count = 0;
    D::leaves([], [point], &mut |[]: [&mut [D::Scalar]; 0], [slice]: [&[D::Scalar]; 1]| count += slice.len());
    count
}

/// Writes the path of a number.
pub(crate) fn write_path<D: Differentiable>(point: &D, index: usize, path: &mut dyn Write) -> fmt::Result {
    let mut search = Search { before: index, path, end: None };
    point.locate(&mut search);
    search.end.unwrap_or(Ok(()))
}

/// The number at an index, counted over all leaves.
pub(crate) fn number_at<D: Differentiable>(point: &D, index: usize) -> f64 {
    let (mut first, mut found) = (0, 0.0);
    D::leaves([], [point], &mut |[]: [&mut [D::Scalar]; 0], [slice]: [&[D::Scalar]; 1]| {
        if (first..first + slice.len()).contains(&index) {
            found = slice[index - first].to_f64();
        }
        first += slice.len();
    });
    found
}
