//! One program at a few points: every derivative function against the oracle, and against each other.
//!
//! Values have to be the plain function's, bit by bit. Derivatives may differ from the oracle's by rounding: how much that is at a
//! point is read off the oracle at a point nearby. Where the two are far apart, or the oracle meets a kink, or values are not finite
//! or very large, nothing is compared, and the point counts as skipped.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::numbers::{Oracle, kinks};
use super::prng::Prng;

/// From a point to numbers.
pub type Plain<'a> = &'a dyn Fn(&[f64]) -> Vec<f64>;
/// From a point, and a cotangent of the results or a direction, to the results and what the derivative function gives.
pub type Pair<'a> = &'a dyn Fn(&[f64], &[f64]) -> (Vec<f64>, Vec<f64>);

/// A program with everything that was made of it. Results are the returned value, followed by what `&mut` parameters are left as.
pub struct Program<'a, N> {
    /// Whether it computes with `f32`.
    pub single: bool,
    /// Whether derivatives may give values that differ by rounding.
    pub relaxed: bool,
    /// How many numbers there are in each active parameter.
    pub inputs: &'a [usize],
    /// How many numbers result.
    pub results: usize,
    /// The function without the attribute.
    pub plain: Option<Plain<'a>>,
    /// The function with the attribute.
    pub function: Plain<'a>,
    /// The same text over the oracle's numbers.
    pub oracle: &'a dyn Fn(&[N]) -> Vec<N>,
    /// `vjp`.
    pub vjp: Option<Pair<'a>>,
    /// `pullback`, followed by what it returned.
    pub pullback: Option<Pair<'a>>,
    /// `jvp`.
    pub jvp: Option<Pair<'a>>,
    /// `grad`.
    pub grad: Option<Plain<'a>>,
    /// `value_and_grad`.
    pub value_and_grad: Option<ValueAndGrad<'a>>,
    /// `hvp`.
    pub hvp: Option<Plain2<'a>>,
    /// `jacobian`.
    pub jacobian: Option<Plain<'a>>,
    /// `hessian`.
    pub hessian: Option<Plain<'a>>,
}

/// From a point to a value and a gradient.
pub type ValueAndGrad<'a> = &'a dyn Fn(&[f64]) -> (Vec<f64>, Vec<f64>);
/// From a point and a direction to numbers.
pub type Plain2<'a> = &'a dyn Fn(&[f64], &[f64]) -> Vec<f64>;

/// How much two computations of the same derivative may differ.
struct Tolerance {
    /// Relative to the largest number.
    base: f64,
    /// How far away the second point is.
    step: f64,
    /// How many times the difference to the second point.
    times: f64,
    /// The difference to the second point, relative to the largest number, from which nothing is compared.
    wild: f64,
}

const DOUBLE: Tolerance = Tolerance { base: 1e-9, step: 1e-10, times: 10.0, wild: 1e-5 };
const SINGLE: Tolerance = Tolerance { base: 3e-4, step: 1e-5, times: 10.0, wild: 1e-2 };

impl Tolerance {
    /// Whether numbers are those that are wanted but for rounding, which is what it is by how these change to a point nearby.
    fn admits(&self, got: &[f64], at: &[f64], near: &[f64]) -> bool {
        let scale = largest(at);
        got.iter()
            .zip(at)
            .zip(near)
            .all(|((got, at), near)| (got - at).abs() <= self.base * scale + self.times * (at - near).abs())
    }
}

/// The largest of the numbers, at least one.
fn largest(numbers: &[f64]) -> f64 {
    numbers.iter().fold(1.0, |scale, x| scale.max(x.abs()))
}

/// At how many points a program is compared.
const POINTS: usize = 3;
/// At how many points this is tried.
const ATTEMPTS: u64 = 12;

/// Why derivatives cannot be compared at a point.
pub type Obstacle = &'static str;

/// What the oracle knows at a point.
struct Truth {
    results: Vec<f64>,
    /// One row for each result.
    jacobian: Vec<Vec<f64>>,
    /// The derivative of each result in the direction.
    tangent: Vec<f64>,
    /// For each result the Hessian times the direction.
    bent: Vec<Vec<f64>>,
    kinks: usize,
    /// How far results are from those of exact arithmetic, as far as the oracle knows.
    strays: f64,
}

/// Compares a program at several points; where that is possible at none, says why.
///
/// # Errors
///
/// What differs, and where.
pub fn check<N: Oracle>(program: &Program<N>, seed: u64) -> Result<Option<Obstacle>, String> {
    let mut compared = 0;
    let mut obstacle = None;
    for attempt in 0..ATTEMPTS {
        if compared == POINTS {
            break;
        }
        let run = catch_unwind(AssertUnwindSafe(|| at_point(program, &mut Prng::new(seed, attempt))));
        match run {
            Ok(Ok(None)) => compared += 1,
            Ok(found) => obstacle = found?,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("of unknown text");
                return Err(format!("panic: {text}"));
            }
        }
    }
    Ok(obstacle.filter(|_| compared == 0))
}

fn numbers(random: &mut Prng, count: usize, single: bool) -> Vec<f64> {
    let number = |random: &mut Prng| {
        let number = random.float(0.2, 1.6);
        let number = if single { f64::from(number as f32) } else { number };
        if random.percent(35) { -number } else { number }
    };
    (0..count).map(|_| number(random)).collect()
}

/// Compares everything at one point; where only values can be compared, says why.
fn at_point<N: Oracle>(program: &Program<N>, random: &mut Prng) -> Result<Option<Obstacle>, String> {
    let count = program.inputs.iter().sum();
    let x = numbers(random, count, program.single);
    let direction = numbers(random, count, program.single);
    let seeds = numbers(random, program.results, program.single);
    let tolerance = if program.single { &SINGLE } else { &DOUBLE };

    let value = (program.function)(&x);
    let finite = |values: &[f64]| values.iter().all(|v| v.abs() < 1e6);
    if value.iter().any(|v| v.is_nan()) {
        return Ok(Some("a value is NaN"));
    }
    let truth = truth(program, &x, &direction);
    let nearby: Vec<f64> = x.iter().map(|x| x + tolerance.step * x.abs()).collect();
    let near = self::truth(program, &nearby, &direction);
    let same = |name: &str, other: &[f64]| {
        let bits = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
        let rounded = program.relaxed && !matches!(name, "plain" | "oracle");
        let equal = value.len() == other.len()
            && (value.iter().zip(other).all(bits) || rounded && tolerance.admits(other, &value, &near.results));
        if equal { Ok(()) } else { Err(format!("{name}: value {other:?} is not {value:?} at {x:?}")) }
    };
    program.plain.map_or(Ok(()), |plain| same("plain", &plain(&x)))?;
    same("oracle", &truth.results)?;

    let run = |name: &str, function: Option<Pair>, by: &[f64]| -> Result<Option<Vec<f64>>, String> {
        let Some(function) = function else { return Ok(None) };
        let (value, derivative) = function(&x, by);
        same(name, &value)?;
        Ok(Some(derivative))
    };
    let gradient = run("vjp", program.vjp, &seeds)?;
    let pulled = run("pullback", program.pullback, &seeds)?;
    let tangent = run("jvp", program.jvp, &direction)?;
    if truth.kinks + near.kinks > 0 {
        return Ok(Some("a kink"));
    }
    if !finite(&value) {
        return Ok(Some("a large value"));
    }
    if truth.strays > tolerance.wild * largest(&value) {
        return Ok(Some("a value that rounding decides"));
    }

    let compare = Compare { tolerance, x: &x };
    let weighed = |rows: &[Vec<f64>], by: &[f64]| -> Vec<f64> {
        (0..count).map(|i| rows.iter().zip(by).map(|(row, by)| row[i] * by).sum()).collect()
    };
    let wanted = Wanted { at: weighed(&truth.jacobian, &seeds), near: weighed(&near.jacobian, &seeds) };
    let tangents = Wanted { at: truth.tangent.clone(), near: near.tangent.clone() };
    if !finite(&wanted.at) || !finite(&tangents.at) {
        return Ok(Some("a large derivative"));
    }
    if !compare.is_tame(&wanted) || !compare.is_tame(&tangents) {
        return Ok(Some("a derivative that rounding decides"));
    }
    for (name, got, wanted) in [("vjp", &gradient, &wanted), ("pullback", &pulled, &wanted), ("jvp", &tangent, &tangents)] {
        got.as_ref().map_or(Ok(()), |got| compare.numbers(name, got, wanted))?;
    }
    if let (Some(gradient), Some(tangent)) = (&gradient, &tangent) {
        dot_product(gradient, &direction, tangent, &seeds, &wanted, tolerance)?;
    }
    let of_value = || Wanted { at: truth.jacobian[0].clone(), near: near.jacobian[0].clone() };
    if let Some(grad) = program.grad {
        compare.numbers("grad", &grad(&x), &of_value())?;
    }
    if let Some(value_and_grad) = program.value_and_grad {
        let (value, gradient) = value_and_grad(&x);
        same("value_and_grad", &value)?;
        compare.numbers("value_and_grad", &gradient, &of_value())?;
    }
    if let Some(jacobian) = program.jacobian {
        let wanted =
            Wanted { at: by_parameter(program.inputs, &truth.jacobian), near: by_parameter(program.inputs, &near.jacobian) };
        compare.numbers("jacobian", &jacobian(&x), &wanted)?;
    }
    if let Some(hvp) = program.hvp {
        let got = hvp(&x, &direction);
        let wanted = Wanted { at: truth.bent[0].clone(), near: near.bent[0].clone() };
        if compare.is_tame(&wanted) && finite(&wanted.at) {
            compare.numbers("hvp", &got, &wanted)?;
        }
    }
    if let Some(hessian) = program.hessian {
        let rows = |x: &[f64]| by_block(program, x);
        let wanted = Wanted { at: rows(&x), near: rows(&nearby) };
        if compare.is_tame(&wanted) && finite(&wanted.at) {
            compare.numbers("hessian", &hessian(&x), &wanted)?;
        }
    }
    Ok(None)
}

/// What the oracle gives at a point and beside it.
struct Wanted {
    at: Vec<f64>,
    near: Vec<f64>,
}

impl Wanted {
    fn scale(&self) -> f64 {
        largest(&self.at)
    }
}

struct Compare<'a> {
    tolerance: &'a Tolerance,
    x: &'a [f64],
}

impl Compare<'_> {
    fn is_tame(&self, wanted: &Wanted) -> bool {
        let bound = self.tolerance.wild * wanted.scale();
        wanted.at.iter().zip(&wanted.near).all(|(at, near)| (at - near).abs() <= bound)
    }

    fn numbers(&self, name: &str, got: &[f64], wanted: &Wanted) -> Result<(), String> {
        if got.len() == wanted.at.len() && self.tolerance.admits(got, &wanted.at, &wanted.near) {
            return Ok(());
        }
        Err(format!("{name}: {got:?} is not {:?} at {:?}", wanted.at, self.x))
    }
}

/// ⟨seeds, J direction⟩ = ⟨Jᵀ seeds, direction⟩, of what the macro gives alone.
fn dot_product(
    gradient: &[f64],
    direction: &[f64],
    tangent: &[f64],
    seeds: &[f64],
    wanted: &Wanted,
    tolerance: &Tolerance,
) -> Result<(), String> {
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let (reverse, forward) = (dot(gradient, direction), dot(tangent, seeds));
    let rounding: f64 = wanted.at.iter().zip(&wanted.near).map(|(a, b)| (a - b).abs()).sum();
    let bound = tolerance.base * wanted.scale() * gradient.len() as f64 + tolerance.times * rounding;
    if (reverse - forward).abs() <= bound {
        return Ok(());
    }
    Err(format!("dot product: reverse mode gives {reverse}, forward mode {forward}"))
}

/// The oracle's derivatives, one run for each number that goes in.
fn truth<N: Oracle>(program: &Program<N>, x: &[f64], direction: &[f64]) -> Truth {
    kinks();
    let mut truth =
        Truth { results: Vec::new(), jacobian: Vec::new(), tangent: Vec::new(), bent: Vec::new(), kinks: 0, strays: 0.0 };
    for column in 0..x.len() {
        let start = |i: usize| N::new(x[i], f64::from(u8::from(i == column)), direction[i]);
        let point: Vec<N> = (0..x.len()).map(start).collect();
        let results = (program.oracle)(&point);
        truth.results = results.iter().map(|number| number.value()).collect();
        truth.tangent = results.iter().map(|number| number.derivatives()[1]).collect();
        truth.strays = results.iter().map(|number| (number.value() - number.exact()).abs()).fold(0.0, f64::max);
        truth.jacobian.resize(results.len(), Vec::new());
        truth.bent.resize(results.len(), Vec::new());
        for (row, number) in results.iter().enumerate() {
            let [first, _, both] = number.derivatives();
            truth.jacobian[row].push(first);
            truth.bent[row].push(both);
        }
    }
    truth.kinks = kinks();
    truth
}

/// The rows of a Jacobian as the macro orders them: all rows of the first parameter, then those of the next.
fn by_parameter(inputs: &[usize], rows: &[Vec<f64>]) -> Vec<f64> {
    let mut start = 0;
    let mut all = Vec::new();
    for &count in inputs {
        rows.iter().for_each(|row| all.extend_from_slice(&row[start..start + count]));
        start += count;
    }
    all
}

/// The Hessian as the macro orders it: for each parameter, for each other one, the block of the two.
fn by_block<N: Oracle>(program: &Program<N>, x: &[f64]) -> Vec<f64> {
    let unit = |i: usize| -> Vec<f64> { (0..x.len()).map(|j| f64::from(u8::from(i == j))).collect() };
    let rows: Vec<Vec<f64>> = (0..x.len()).map(|i| truth(program, x, &unit(i)).bent.swap_remove(0)).collect();
    let mut start = 0;
    let mut all = Vec::new();
    for &count in program.inputs {
        all.extend(by_parameter(program.inputs, &rows[start..start + count]));
        start += count;
    }
    all
}

/// A program of a batch, by its name.
pub type Named = (&'static str, fn() -> Result<Option<Obstacle>, String>);

/// The main function of a batch: checks every program but those named in the arguments, and prints a line before and after each.
pub fn run(programs: &[Named]) {
    let without: Vec<String> = std::env::args().skip(1).collect();
    std::panic::set_hook(Box::new(|_| ()));
    for (name, check) in programs.iter().filter(|(name, _)| !without.iter().any(|other| other == name)) {
        println!("start {name}");
        match check() {
            Ok(Some(why)) => println!("skip {name} {why}"),
            Ok(None) => println!("pass {name}"),
            Err(message) => println!("fail {name} {}", message.replace('\n', " ")),
        }
    }
}
