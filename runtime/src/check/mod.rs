//! Checks of derivatives, for tests: against finite differences, and against each other.
//!
//! ```
//! use differentiable::check;
//! use differentiable::prelude::*;
//!
//! #[derive(Clone, Differentiable)]
//! struct Params { w: [f64; 3], b: f64 }
//!
//! #[differentiable(wrt(p), second_order)]
//! fn loss(p: &Params, x: &[f64; 3]) -> f64 {
//!     (p.b + p.w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>()).tanh()
//! }
//!
//! let (p, x) = (Params { w: [0.3, -0.2, 0.1], b: 0.5 }, [1.0, 2.0, 3.0]);
//! check::gradient(&p, |p| loss(p, &x), |p| loss::grad(p, &x))?;
//! check::second_order(&p, |p| loss::grad(p, &x), |p, v| loss::hvp(p, &x, v))?;
//! # Ok::<(), check::Failure>(())
//! ```
//!
//! Several parameters are a tuple, and a slice is a `Vec`:
//!
//! ```
//! # use differentiable::check;
//! # use differentiable::prelude::*;
//! #[differentiable]
//! fn weighted(w: &[f64], scale: f64) -> f64 {
//!     scale * w.iter().map(|w| w.exp()).sum::<f64>()
//! }
//!
//! let point = (vec![0.1, 0.2, 0.3], 2.0);
//! check::gradient(&point, |(w, scale)| weighted(w, *scale), |(w, scale)| weighted::grad(w, *scale))?;
//! # Ok::<(), check::Failure>(())
//! ```
//!
//! A failure names the worst entry, what it is, what the differences are, and their step:
//!
//! ```
//! # use differentiable::check;
//! let wrong = check::gradient(&[1.0, 2.0], |x| x[0] * x[1], |x| [x[1], x[0] + 1e-5]).unwrap_err();
//! assert!(wrong.to_string().starts_with("the gradient is wrong at `p[1]`: it is 1.00001, differences"));
//! ```
//!
//! # What is checked, and how well
//!
//! Every number of the point is moved (of more than 256, as many groups of neighbours, each in a random direction, and those by halves in which
//! something seems wrong), by steps relative to its size, and the derivative compared with central differences that are extrapolated to step
//! zero. In double precision an entry passes if it is right to
//! 1.2e-7 of its size, or as far as the rounding of the function's values lets one see: entries a million times smaller than the value can
//! be checked to a few digits. In single precision it is 1e-3. The random numbers are the same in each run.
//!
//! On a kink there is no derivative to compare with: the differences give the mean of both sides. Beside a kink or a jump, and on the border
//! of the domain, they mostly do not settle, and the message says so: move the point.

mod difference;
mod failure;
mod probe;

pub use failure::{Failure, Path};

use crate::path::{number_at, numbers};
use crate::random::Random;
use crate::scalar::Number;
use crate::space::Differentiable;

use probe::{Comparison, Precision, Probe, direction, first_where, inner_product, random_like, shift};

/// How many random directions the products are compared in.
const DIRECTIONS: u64 = 4;

/// Checks the gradient of a function of one point.
///
/// # Errors
///
/// Where an entry differs from what differences of the function give: the worst one. If the function is not finite at the point. If the
/// gradient has another shape.
pub fn gradient<P: Differentiable>(
    point: &P,
    function: impl Fn(&P) -> P::Scalar,
    gradient: impl Fn(&P) -> P,
) -> Result<(), Failure> {
    const OF: &str = "the gradient";
    let value = function(point).to_f64();
    if !value.is_finite() {
        return Err(Failure::NotFinite);
    }
    let found = gradient(point);
    same_shape(OF, point, &found)?;
    Probe::new(point, &found, value.abs(), |p| function(p).to_f64()).run(OF)
}

/// Checks products with the Hessian against a gradient, which has to be right: differences of the gradient in several random directions,
/// and symmetry.
///
/// # Errors
///
/// Where an entry of a product differs from what differences of the gradient give: the worst one. Where two products of the Hessian
/// with two directions disagree by more than rounding. If the gradient is not finite at the point. If a product has another shape.
pub fn second_order<P: Differentiable>(point: &P, gradient: impl Fn(&P) -> P, hvp: impl Fn(&P, &P) -> P) -> Result<(), Failure> {
    const OF: &str = "the Hessian times a direction";
    let slope = gradient(point);
    same_shape("the gradient", point, &slope)?;
    let mut random = Random(1);
    let mut last: Option<(P, P)> = None;
    for _ in 0..DIRECTIONS {
        let along = random_like(point, &mut random);
        let product = hvp(point, &along);
        same_shape(OF, point, &product)?;
        let (value, magnitude) = inner_product(&slope, &along);
        if !value.is_finite() {
            return Err(Failure::NotFinite);
        }
        // the Hessian is symmetric: its product with a direction is the gradient of the gradient's part in that direction
        Probe::new(point, &product, magnitude, |p| inner_product(&gradient(p), &along).0).run(OF)?;
        if let Some((other, other_product)) = last {
            let (forward, reverse) = (inner_product(&other, &product), inner_product(&other_product, &along));
            agree::<P::Scalar>("products with the Hessian", forward, reverse)?;
        }
        last = Some((along, product));
    }
    Ok(())
}

/// Checks a `vjp`, of a rule of one's own or of a function with any result: its value, that it adds, and what it adds.
///
/// ```
/// use differentiable::check;
/// use differentiable::prelude::*;
///
/// #[differentiable]
/// fn turn(x: &[f64; 2], angle: f64) -> [f64; 2] {
///     let (sin, cos) = angle.sin_cos();
///     [cos * x[0] - sin * x[1], sin * x[0] + cos * x[1]]
/// }
///
/// let point = ([1.0, 2.0], 0.3);
/// check::vjp(
///     &point,
///     |(x, angle)| turn(x, *angle),
///     |(x, angle), seed, (d_x, d_angle)| turn::vjp(x, *angle, seed, d_x, d_angle),
/// )?;
/// # Ok::<(), check::Failure>(())
/// ```
///
/// # Errors
///
/// Where an entry of what is added differs from what differences of the function give, or from what is added to an adjoint that is not
/// zero: the worst one. Where the value is another than the function's. If the function is not finite at the point.
pub fn vjp<P: Differentiable, V: Differentiable<Scalar = P::Scalar>>(
    point: &P,
    function: impl Fn(&P) -> V,
    vjp: impl Fn(&P, &V, &mut P) -> V,
) -> Result<(), Failure> {
    Checked { point, function: &function, vjp: &vjp, value: function(point) }.cotangents(|_, _| Ok(()))
}

/// Checks a rule of one's own in both modes: the `vjp` as [`vjp()`] does, the values of both, and that they agree,
/// ⟨u, J v⟩ = ⟨Jᵀ u, v⟩, in random directions.
///
/// ```
/// use differentiable::check;
/// use differentiable::prelude::*;
///
/// #[differentiable(vjp = norm_vjp, jvp = norm_jvp)]
/// fn norm(x: &[f64; 3]) -> f64 {
///     x.iter().map(|x| x * x).sum::<f64>().sqrt()
/// }
///
/// fn norm_vjp(x: &[f64; 3], seed: f64, d_x: &mut [f64; 3]) -> f64 {
///     let norm = norm(x);
///     d_x.iter_mut().zip(x).for_each(|(d_x, x)| *d_x += seed * x / norm);
///     norm
/// }
///
/// fn norm_jvp(x: &[f64; 3], x_dot: &[f64; 3]) -> (f64, f64) {
///     let norm = norm(x);
///     (norm, x.iter().zip(x_dot).map(|(x, x_dot)| x * x_dot).sum::<f64>() / norm)
/// }
///
/// check::rule(&[1.0, 2.0, 2.0], norm, |x, seed, d_x| norm::vjp(x, *seed, d_x), norm::jvp)?;
/// # Ok::<(), check::Failure>(())
/// ```
///
/// # Errors
///
/// As [`vjp()`]; where an entry of a tangent of the result differs from what differences of the function give, the worst one; where the
/// modes disagree by more than rounding.
pub fn rule<P: Differentiable, V: Differentiable<Scalar = P::Scalar>>(
    point: &P,
    function: impl Fn(&P) -> V,
    vjp: impl Fn(&P, &V, &mut P) -> V,
    jvp: impl Fn(&P, &P) -> (V, V),
) -> Result<(), Failure> {
    let checked = Checked { point, function: &function, vjp: &vjp, value: function(point) };
    let mut random = Random(2);
    let mut along = point.zeros_like();
    checked.cotangents(|seed, adjoint| {
        direction(point, &(0..numbers(point)), &mut random, &mut along);
        let (value, tangent) = jvp(point, &along);
        checked.same_value("`jvp`", &value)?;
        let forward = inner_product(seed, &tangent);
        agree::<P::Scalar>("`jvp` and `vjp`", forward, inner_product(adjoint, &along))
            .map_err(|failure| checked.worst_tangent(&along, &tangent).unwrap_or(failure))
    })
}

/// A function at a point, and its `vjp`.
struct Checked<'a, P, V, F, J> {
    point: &'a P,
    function: &'a F,
    vjp: &'a J,
    value: V,
}

impl<P, V, F, J> Checked<'_, P, V, F, J>
where
    P: Differentiable,
    V: Differentiable<Scalar = P::Scalar>,
    F: Fn(&P) -> V,
    J: Fn(&P, &V, &mut P) -> V,
{
    /// Checks the `vjp` of several random cotangents, and something else with each and with the adjoint that it gives.
    fn cotangents(&self, mut further: impl FnMut(&V, &P) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut random = Random(3);
        for _ in 0..DIRECTIONS {
            let seed = random_like(&self.value, &mut random);
            let (value, magnitude) = inner_product(&self.value, &seed);
            if !value.is_finite() {
                return Err(Failure::NotFinite);
            }
            let mut adjoint = self.point.zeros_like();
            self.same_value("`vjp`", &(self.vjp)(self.point, &seed, &mut adjoint))?;
            same_shape("what `vjp` adds", self.point, &adjoint)?;
            Probe::new(self.point, &adjoint, magnitude, |p| inner_product(&(self.function)(p), &seed).0)
                .run("what `vjp` adds")?;
            self.added(&seed, &adjoint, &mut random)?;
            further(&seed, &adjoint)?;
        }
        Ok(())
    }

    /// Checks that the same is added to an adjoint that is not zero.
    fn added(&self, seed: &V, alone: &P, random: &mut Random) -> Result<(), Failure> {
        let before = random_like(self.point, random);
        let mut after = before.clone();
        (self.vjp)(self.point, seed, &mut after);
        let tolerance = Precision::of::<P::Scalar>().of_products();
        let differs = |[before, after, alone]: [f64; 3]| {
            let close = (after - before - alone).abs() <= tolerance * (before.abs() + alone.abs());
            !close
        };
        match first_where([&before, &after, alone], differs) {
            Some((index, [before, after, alone])) => {
                Err(Failure::NotAdded { path: Path::new("p", self.point, index), alone, added: after - before })
            }
            None => Ok(()),
        }
    }

    fn same_value(&self, of: &'static str, value: &V) -> Result<(), Failure> {
        same_shape(of, &self.value, value)?;
        match first_where([value, &self.value], |[value, function]| value != function) {
            Some((index, [found, function])) => {
                Err(Failure::Value { of, path: Path::new("y", value, index), value: found, function })
            }
            None => Ok(()),
        }
    }

    /// The entry of a tangent that is worst, if one is wrong.
    fn worst_tangent(&self, along: &P, tangent: &V) -> Option<Failure> {
        let precision = Precision::of::<P::Scalar>();
        let mut moved = self.point.clone();
        let mut worst: Option<(usize, Comparison)> = None;
        for index in 0..numbers(tangent) {
            let slope = number_at(tangent, index);
            let rounding = precision.epsilon() * (number_at(&self.value, index).abs() + slope.abs());
            let found = Comparison::new(precision, slope, rounding, |step| {
                shift(&mut moved, self.point, along, step);
                number_at(&(self.function)(&moved), index)
            });
            if found.excess > worst.map_or(1.0, |(_, worst)| worst.excess) {
                worst = Some((index, found));
            }
        }
        worst.map(|(index, found)| found.failure("the tangent that `jvp` gives", Path::new("y", tangent, index)))
    }
}

fn same_shape<D: Differentiable>(of: &'static str, point: &D, derivative: &D) -> Result<(), Failure> {
    if point.same_shape(derivative) { Ok(()) } else { Err(Failure::Shape { of }) }
}

/// Compares two sums of products, each given with the sum of the magnitudes.
fn agree<T: Number>(of: &'static str, forward: (f64, f64), reverse: (f64, f64)) -> Result<(), Failure> {
    let tolerance = Precision::of::<T>().of_products() * f64::max(forward.1, reverse.1);
    if (forward.0 - reverse.0).abs() <= tolerance {
        return Ok(());
    }
    Err(Failure::Product { of, forward: forward.0, reverse: reverse.0 })
}
