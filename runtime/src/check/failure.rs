//! What a check found.

use core::error::Error;
use core::fmt::{self, Display, Formatter, Write};

use crate::path::write_path;
use crate::space::Differentiable;

/// A derivative that is not what the function's differences, or its other mode, say.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// An entry differs from what differences give.
    Entry {
        /// Which derivative.
        of: &'static str,
        /// The path of the worst entry: `p.layers[2].w[0][3]`, where `p` is the point and `y` the result.
        path: Path,
        /// What the derivative is there.
        derivative: f64,
        /// What differences of the function give.
        difference: f64,
        /// The smallest step of these differences, in the number that is moved.
        step: f64,
        /// How well they agree among each other; where that is much, the function has a kink or a jump nearby.
        scatter: f64,
    },
    /// ⟨u, J v⟩ ≠ ⟨Jᵀ u, v⟩, though both are what differences give, but for rounding.
    Product {
        /// The two derivatives.
        of: &'static str,
        /// ⟨u, J v⟩.
        forward: f64,
        /// ⟨Jᵀ u, v⟩.
        reverse: f64,
    },
    /// A derivative function gives another value than the function.
    Value {
        /// Which derivative.
        of: &'static str,
        /// The path of the first number that differs.
        path: Path,
        /// What it gives.
        value: f64,
        /// What the function gives.
        function: f64,
    },
    /// A `vjp` does not add to what its caller left in the adjoint.
    NotAdded {
        /// The path of the worst entry.
        path: Path,
        /// What was added to nothing.
        alone: f64,
        /// What was added to something.
        added: f64,
    },
    /// A `Vec` in a derivative has another length than in the point.
    Shape {
        /// Which derivative.
        of: &'static str,
    },
    /// The function is not finite at the point itself.
    NotFinite,
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match self {
            Self::Entry { of, path, derivative, difference, step, scatter } => {
                write!(
                    f,
                    "{of} is wrong at `{path}`: it is {derivative}, differences with steps down to {step:e} give {difference}"
                )?;
                if *scatter > 1e-2 * (derivative - difference).abs() || difference.is_nan() {
                    write!(f, ", but they do not settle ({scatter:e} apart), as beside a kink or outside of the domain")?;
                }
                Ok(())
            }
            Self::Product { of, forward, reverse } => {
                write!(f, "{of} do not agree: ⟨u, J v⟩ is {forward}, ⟨Jᵀ u, v⟩ is {reverse}")
            }
            Self::Value { of, path, value, function } => {
                write!(f, "the value that {of} gives is wrong at `{path}`: it is {value}, the function gives {function}")
            }
            Self::NotAdded { path, alone, added } => {
                write!(
                    f,
                    "`vjp` does not add to its adjoint at `{path}`: beside what was there it leaves {added}, from zeros {alone}"
                )
            }
            Self::Shape { of } => write!(f, "{of} has another shape than the point: a `Vec` in it has another length"),
            Self::NotFinite => write!(f, "the function is not finite at this point"),
        }
    }
}

impl Error for Failure {}

/// The path of a number. Without `alloc` it is cut off at 64 bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    #[cfg(feature = "alloc")]
    text: alloc::string::String,
    #[cfg(not(feature = "alloc"))]
    text: ([u8; 64], usize),
}

impl Path {
    /// The path of a number of a point that has a name.
    pub(super) fn new<D: Differentiable>(name: &str, point: &D, index: usize) -> Self {
        #[cfg(feature = "alloc")]
        let mut path = Self { text: alloc::string::String::new() };
        #[cfg(not(feature = "alloc"))]
        let mut path = Self { text: ([0; 64], 0) };
        // writing ends where there is no room left
        let _ = path.write_str(name).and_then(|()| write_path(point, index, &mut path));
        path
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        #[cfg(feature = "alloc")]
        return &self.text;
        #[cfg(not(feature = "alloc"))]
        core::str::from_utf8(&self.text.0[..self.text.1]).unwrap_or("…")
    }
}

impl Write for Path {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        #[cfg(feature = "alloc")]
        return self.text.write_str(part);
        #[cfg(not(feature = "alloc"))]
        {
            let (text, length) = &mut self.text;
            let place = text.get_mut(*length..*length + part.len()).ok_or(fmt::Error)?;
            place.copy_from_slice(part.as_bytes());
            *length += part.len();
            Ok(())
        }
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_parts_of_a_point_down_to_the_number() {
        let point = ([[1.0, 2.0], [3.0, 4.0]], (5.0, [6.0; 3]));
        assert_eq!(Path::new("p", &point, 3).as_str(), "p.0[1][1]");
        assert_eq!(Path::new("p", &point, 7).as_str(), "p.1.1[2]");
        assert_eq!(Path::new("p", &1.0, 0).as_str(), "p");
    }
}
