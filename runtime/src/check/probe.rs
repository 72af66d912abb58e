//! A function of a point, compared with what is said to be its gradient.

use core::ops::Range;

use super::difference::difference;
use super::failure::{Failure, Path};
use crate::path::{number_at, numbers};
use crate::random::Random;
use crate::scalar::Number;
use crate::space::Differentiable;

/// Points with more numbers than this are moved by groups of numbers. What one of them contributes to the derivative of a group may be less than
/// an entry may be wrong by, so that a group is doubtful where it is further from the differences than these seem to err; a number that is found in
/// it is then judged alone.
const GROUPS: usize = 256;
/// So many doubtful groups are followed to a number.
const FOLLOWED: usize = 8;

/// How far results of a scalar's arithmetic may be apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Precision {
    /// The distance of one from the next number is a half to this power.
    bits: u32,
}

impl Precision {
    /// That of a type of numbers.
    pub(super) fn of<T: Number>() -> Self {
        let mut bits = 0;
        while bits < 52 && T::from_f64(1.0 + half_to_the(bits + 1)) > T::ONE {
            bits += 1;
        }
        Self { bits }
    }

    /// The distance of one from the next number.
    pub(super) fn epsilon(self) -> f64 {
        half_to_the(self.bits)
    }

    /// Against differences, relative: 1.2e-7 in double, 1e-3 in single precision.
    pub(super) fn of_differences(self) -> f64 {
        half_to_the(self.bits * 4 / 9)
    }

    /// Between two sums of products that are equal but for rounding, relative to the sum of the magnitudes: 6e-11 and 3e-5.
    pub(super) fn of_products(self) -> f64 {
        half_to_the(self.bits * 2 / 3)
    }
}

fn half_to_the(power: u32) -> f64 {
    1.0 / (1u64 << power) as f64
}

/// The mantissa set to one.
fn power_of_two_below(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & f64::INFINITY.to_bits())
}

/// A sum of products, and the sum of their magnitudes.
pub(super) fn inner_product<D: Differentiable>(a: &D, b: &D) -> (f64, f64) {
    let (mut sum, mut magnitude) = (0.0, 0.0);
    D::leaves([], [a, b], &mut |[]: [&mut [D::Scalar]; 0], [a, b]| {
        for (a, b) in a.iter().zip(b) {
            let product = a.to_f64() * b.to_f64();
            sum += product;
            magnitude += product.abs();
        }
    });
    (sum, magnitude)
}

/// The first place where the numbers of several points fail a test, and the numbers.
pub(super) fn first_where<D: Differentiable, const R: usize>(
    points: [&D; R],
    fails: impl Fn([f64; R]) -> bool,
) -> Option<(usize, [f64; R])> {
    let (mut first, mut found) = (0, None);
    D::leaves([], points, &mut |[]: [&mut [D::Scalar]; 0], slices: [&[D::Scalar]; R]| {
        let length = slices.first().map_or(0, |slice| slice.len());
        for index in 0..length {
            let numbers = slices.map(|slice| slice[index].to_f64());
            if found.is_none() && fails(numbers) {
                found = Some((first + index, numbers));
            }
        }
        first += length;
    });
    found
}

/// Random numbers in the shape of a value.
pub(super) fn random_like<D: Differentiable>(value: &D, random: &mut Random) -> D {
    let mut result = value.zeros_like();
    D::leaves([&mut result], [], &mut |[slice], []: [&[D::Scalar]; 0]| {
        slice.iter_mut().for_each(|x| *x = D::Scalar::from_f64(random.next()));
    });
    result
}

/// Numbers of the magnitude of those of a point, where they stand in a range of its numbers, else zeros: random ones, but a power of two for a
/// single number, so that its steps are exact.
pub(super) fn direction<D: Differentiable>(point: &D, within: &Range<usize>, random: &mut Random, to: &mut D) {
    let mut index = 0;
    D::leaves([to], [point], &mut |[to], [point]| {
        let largest = point.iter().map(|x| x.to_f64().abs()).fold(0.0, f64::max);
        let least = if largest > 0.0 && largest.is_finite() { largest / 64.0 } else { 1.0 };
        for (to, x) in to.iter_mut().zip(point) {
            let size = f64::max(x.to_f64().abs(), least);
            let size = match within.len() {
                _ if !within.contains(&index) => 0.0,
                1 => power_of_two_below(size),
                _ => random.next() * size,
            };
            *to = D::Scalar::from_f64(size);
            index += 1;
        }
    });
}

/// A point that is moved by so many times a direction.
pub(super) fn shift<D: Differentiable>(moved: &mut D, point: &D, direction: &D, by: f64) {
    let by = D::Scalar::from_f64(by);
    D::leaves([moved], [point, direction], &mut |[moved], [point, direction]| {
        for ((moved, x), v) in moved.iter_mut().zip(point).zip(direction) {
            *moved = *x + by * *v;
        }
    });
}

/// A derivative and the difference that it is compared with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comparison {
    pub(super) derivative: f64,
    pub(super) difference: f64,
    pub(super) step: f64,
    pub(super) scatter: f64,
    /// How many times as far apart as they may be.
    pub(super) excess: f64,
    /// How many times as far apart as the differences seem to err: above one something is wrong, or the differences do not tell how they err.
    suspicion: f64,
}

impl Comparison {
    /// Compares a derivative with the differences of a function of one number, whose values are rounded by about so much.
    pub(super) fn new(precision: Precision, derivative: f64, rounding: f64, function: impl FnMut(f64) -> f64) -> Self {
        let found = difference(rounding, function);
        let allowed = precision.of_differences() * f64::max(derivative.abs(), found.slope.abs()) + 1024.0 * rounding;
        let distance = (derivative - found.slope).abs();
        // an infinity or a NaN agrees with nothing
        let times = |allowed: f64| match distance / allowed {
            _ if distance == 0.0 => 0.0,
            times if times.is_nan() => f64::INFINITY,
            times => times,
        };
        let (excess, suspicion) = (times(allowed), times(4.0 * found.error));
        Self { derivative, difference: found.slope, step: found.step, scatter: found.error, excess, suspicion }
    }

    /// The same for a number that was moved by so much for each one of the function's.
    fn scaled(self, by: f64) -> Self {
        let Self { derivative, difference, step, scatter, .. } = self;
        let size = by.abs();
        Self { derivative: derivative / by, difference: difference / by, step: step * size, scatter: scatter / size, ..self }
    }

    /// How much speaks for a mistake.
    fn weight(&self) -> f64 {
        f64::max(self.excess, self.suspicion)
    }

    /// The failure that this is.
    pub(super) fn failure(self, of: &'static str, path: Path) -> Failure {
        let Self { derivative, difference, step, scatter, .. } = self;
        Failure::Entry { of, path, derivative, difference, step, scatter }
    }
}

/// Puts a group among those that most speaks for a mistake in, in order.
fn insert(doubtful: &mut [Option<(Range<usize>, Comparison)>], group: (Range<usize>, Comparison)) {
    let weight = |group: &Option<(Range<usize>, Comparison)>| group.as_ref().map_or(0.0, |(_, found)| found.weight());
    let mut next = Some(group);
    for place in doubtful {
        if weight(&next) > weight(place) {
            core::mem::swap(place, &mut next);
        }
    }
}

/// A function of a point and its supposed gradient.
pub(super) struct Probe<'a, P: Differentiable, F> {
    point: &'a P,
    gradient: &'a P,
    function: F,
    precision: Precision,
    /// How far rounding moves a value of the function.
    rounding: f64,
    direction: P,
    moved: P,
}

impl<'a, P: Differentiable, F: Fn(&P) -> f64> Probe<'a, P, F> {
    /// The magnitude is that of what the function's value is the sum of.
    pub(super) fn new(point: &'a P, gradient: &'a P, magnitude: f64, function: F) -> Self {
        let precision = Precision::of::<P::Scalar>();
        let rounding = precision.epsilon() * (magnitude + inner_product(gradient, point).1);
        Self { point, gradient, function, precision, rounding, direction: point.zeros_like(), moved: point.clone() }
    }

    /// The entry that is worst, if one is wrong.
    pub(super) fn run(mut self, of: &'static str) -> Result<(), Failure> {
        let numbers = numbers(self.point);
        let groups = numbers.min(GROUPS);
        let mut doubtful: [Option<(Range<usize>, Comparison)>; FOLLOWED] = [const { None }; FOLLOWED];
        for group in 0..groups {
            let range = numbers * group / groups..numbers * (group + 1) / groups;
            let found = self.compare(&range);
            if found.excess > 1.0 || range.len() > 1 && found.suspicion > 1.0 {
                insert(&mut doubtful, (range, found));
            }
        }
        let single = doubtful.into_iter().flatten().map(|(range, found)| self.narrowed(range, found));
        let wrong = single.filter(|(_, found)| found.excess > 1.0);
        let worst = wrong.max_by(|(_, a), (_, b)| f64::total_cmp(&a.excess, &b.excess));
        let Some((index, found)) = worst else { return Ok(()) };
        let found = found.scaled(number_at(&self.direction_along(&(index..index + 1)), index));
        Err(found.failure(of, Path::new("p", self.point, index)))
    }

    /// The number of a range that is worst, found by halving it.
    fn narrowed(&mut self, mut range: Range<usize>, mut found: Comparison) -> (usize, Comparison) {
        // where no half alone is wrong, the range is
        let whole = found.excess;
        while range.len() > 1 {
            let middle = range.start + range.len() / 2;
            let (low, high) = (range.start..middle, middle..range.end);
            let (in_low, in_high) = (self.compare(&low), self.compare(&high));
            (range, found) = if in_low.weight() >= in_high.weight() { (low, in_low) } else { (high, in_high) };
        }
        (range.start, Comparison { excess: found.excess.max(whole), ..found })
    }

    fn direction_along(&self, range: &Range<usize>) -> P {
        let mut along = self.point.zeros_like();
        direction(self.point, range, &mut Random(range.start as u64), &mut along);
        along
    }

    /// Compares the derivative in a random direction that moves the numbers of a range.
    fn compare(&mut self, range: &Range<usize>) -> Comparison {
        let Self { point, gradient, function, precision, rounding, direction: along, moved } = self;
        direction(*point, range, &mut Random(range.start as u64), along);
        Comparison::new(*precision, inner_product(*gradient, along).0, *rounding, |step| {
            shift(moved, point, along, step);
            function(moved)
        })
    }
}
