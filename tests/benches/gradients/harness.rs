//! Times candidates side by side.
//!
//! *In:* a problem with its candidates: the function, gradients written by hand, the generated ones, those of other crates. *Out:* for each the
//! time of a call as a multiple of the function's.
//!
//! A round runs every candidate once, beginning with another one each time; what counts of a candidate in a round is its fastest of three samples,
//! and its ratio to the function in the same round. A ratio reported is the median over the rounds. So a machine that is busy, or that changes
//! its clock, changes all of a round alike.

use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use differentiable::Differentiable;

/// Adds the numbers of a value or a gradient to a list, in order.
fn numbers<D: Differentiable<Scalar = f64>>(of: &D, into: &mut Vec<f64>) {
    D::leaves([], [of], &mut |[], [leaf]| into.extend_from_slice(leaf));
}

/// The columns of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// The function itself.
    Primal,
    /// By hand: the function's algorithm, order of operations and data layout.
    Hand,
    /// By hand: with another algorithm, layout, or order of sums.
    HandOther,
    /// The generated `value_and_grad`.
    ValueAndGrad,
    /// The generated `grad`.
    Grad,
    /// The generated `vjp`.
    Vjp,
    /// `value_and_grad` of the `relaxed` twin.
    Relaxed,
    /// `vjp` of the `relaxed` twin.
    RelaxedVjp,
    /// num-dual.
    NumDual,
    /// echidna.
    Echidna,
}

impl Role {
    /// All of them, in the table's order.
    pub const ALL: [Self; 10] = [
        Self::Primal,
        Self::Hand,
        Self::HandOther,
        Self::ValueAndGrad,
        Self::Grad,
        Self::Vjp,
        Self::Relaxed,
        Self::RelaxedVjp,
        Self::NumDual,
        Self::Echidna,
    ];

    /// The heading of its column.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Primal => "function",
            Self::Hand => "by hand",
            Self::HandOther => "by hand, other",
            Self::ValueAndGrad => "`value_and_grad`",
            Self::Grad => "`grad`",
            Self::Vjp => "`vjp`",
            Self::Relaxed => "relaxed",
            Self::RelaxedVjp => "relaxed `vjp`",
            Self::NumDual => "num-dual",
            Self::Echidna => "echidna",
        }
    }
}

/// One way to compute the function or its gradient.
struct Candidate {
    role: Role,
    /// Runs so many calls.
    run: Box<dyn Fn(u32)>,
    /// The value and the gradient, or the gradient alone, to be compared.
    result: Vec<f64>,
}

/// A function with what is timed beside it; `D` holds its arguments.
pub struct Problem<D: 'static> {
    name: &'static str,
    size: String,
    data: &'static D,
    candidates: Vec<Candidate>,
    work: f64,
}

/// What was measured of a problem.
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Its size.
    pub size: String,
    /// The time of a call of the function.
    pub primal: Duration,
    /// The ratios of the others to it.
    pub ratios: Vec<(Role, f64)>,
    /// The generated `value_and_grad`, and the relaxed one, as multiples of the one by hand.
    pub to_hand: Option<f64>,
    /// How much work a call is, by the problem's own count.
    pub work: f64,
}

/// How long to measure.
#[derive(Clone, Copy)]
pub struct Effort {
    /// The number of rounds.
    pub rounds: usize,
    /// The least time of a sample.
    pub sample: Duration,
    /// A problem takes no longer than this, if three rounds allow it.
    pub limit: Duration,
}

impl<D: 'static> Problem<D> {
    /// A problem with its arguments. The `work` of a call is its number of elements, for the report of how the cost grows.
    pub fn new(name: &'static str, size: impl Into<String>, work: usize, data: D) -> Self {
        Self { name, size: size.into(), data: Box::leak(Box::new(data)), candidates: Vec::new(), work: work as f64 }
    }

    /// Adds a candidate that returns what it computes.
    #[must_use]
    pub fn with<R: Differentiable<Scalar = f64> + 'static>(
        mut self,
        role: Role,
        call: impl Fn(&'static D) -> R + 'static,
    ) -> Self {
        let data = self.data;
        let mut result = Vec::new();
        numbers(&call(data), &mut result);
        let run = Box::new(move |calls| {
            for _ in 0..calls {
                black_box(call(black_box(data)));
            }
        });
        self.candidates.push(Candidate { role, run, result });
        self
    }

    /// Adds a candidate that returns the value and adds to a gradient.
    #[must_use]
    pub fn adding<G: Differentiable<Scalar = f64> + 'static>(
        mut self,
        role: Role,
        zeros: impl Fn(&'static D) -> G,
        call: impl Fn(&'static D, &mut G) -> f64 + 'static,
    ) -> Self {
        let data = self.data;
        let mut gradient = zeros(data);
        let mut result = vec![call(data, &mut gradient)];
        numbers(&gradient, &mut result);
        let gradient = RefCell::new(zeros(data));
        let run = Box::new(move |calls| {
            let mut gradient = gradient.borrow_mut();
            for _ in 0..calls {
                black_box(call(black_box(data), black_box(&mut gradient)));
            }
        });
        self.candidates.push(Candidate { role, run, result });
        self
    }

    /// Compares the candidates with the generated `value_and_grad`: values and gradients to 1e-12, those of `relaxed` twins to 1e-10.
    ///
    /// # Panics
    ///
    /// If they differ.
    fn check(&self) {
        let generated =
            self.candidates.iter().find(|candidate| candidate.role == Role::ValueAndGrad).expect("a generated gradient");
        let scale = generated.result[1..].iter().fold(1.0, |scale: f64, number| scale.max(number.abs()));
        for candidate in &self.candidates {
            let (value, gradient) = match candidate.role {
                Role::Primal => (candidate.result.as_slice(), [].as_slice()),
                Role::Grad => ([].as_slice(), candidate.result.as_slice()),
                _ => candidate.result.split_at(1),
            };
            let exact = if matches!(candidate.role, Role::Relaxed | Role::RelaxedVjp) { 1e-10 } else { 1e-12 };
            let name = candidate.role.heading();
            if let [value] = value {
                let difference = (value - generated.result[0]).abs();
                assert!(
                    difference <= exact * value.abs().max(1.0),
                    "{}, {name}: the value is {value}, not {}",
                    self.name,
                    generated.result[0]
                );
            }
            let generated = &generated.result[1..];
            assert!(
                gradient.is_empty() || gradient.len() == generated.len(),
                "{}, {name}: {} numbers",
                self.name,
                gradient.len()
            );
            for (at, (number, expected)) in gradient.iter().zip(generated).enumerate() {
                let difference = (number - expected).abs();
                assert!(difference <= exact * scale, "{}, {name}: entry {at} is {number}, not {expected}", self.name);
            }
        }
    }

    /// Checks the candidates against each other, and times them.
    ///
    /// # Panics
    ///
    /// If they do not agree.
    pub fn measure(&self, effort: Effort) -> Row {
        self.check();
        let calls: Vec<u32> = self.candidates.iter().map(|candidate| calls_for(candidate, effort.sample)).collect();
        let start = Instant::now();
        let mut rounds: Vec<Vec<f64>> = Vec::new();
        while rounds.len() < effort.rounds && (rounds.len() < 3 || start.elapsed() < effort.limit) {
            let mut times = vec![0.0; self.candidates.len()];
            for turn in 0..self.candidates.len() {
                let at = (turn + rounds.len()) % self.candidates.len();
                times[at] = (0..3).map(|_| time(&self.candidates[at], calls[at])).fold(f64::INFINITY, f64::min);
            }
            rounds.push(times);
        }
        let column = |role| self.candidates.iter().position(|candidate| candidate.role == role);
        let primal = column(Role::Primal).expect("the function itself");
        let ratio = |at: usize, to: usize| median(rounds.iter().map(|times| times[at] / times[to]).collect());
        Row {
            name: self.name,
            size: self.size.clone(),
            primal: Duration::from_secs_f64(median(rounds.iter().map(|times| times[primal]).collect())),
            ratios: self.candidates.iter().enumerate().map(|(at, candidate)| (candidate.role, ratio(at, primal))).collect(),
            to_hand: column(Role::Hand).zip(column(Role::ValueAndGrad)).map(|(hand, generated)| ratio(generated, hand)),
            work: self.work,
        }
    }
}

/// A problem whatever its arguments.
pub trait Measured {
    /// Checks and times it.
    fn measure(&self, effort: Effort) -> Row;
    /// Runs one candidate so many times, for a profiler.
    fn run(&self, role: Role, calls: u32);
}

impl<D> Measured for Problem<D> {
    fn measure(&self, effort: Effort) -> Row {
        Self::measure(self, effort)
    }

    fn run(&self, role: Role, calls: u32) {
        self.candidates.iter().filter(|candidate| candidate.role == role).for_each(|candidate| (candidate.run)(calls));
    }
}

/// How many calls take the time of a sample.
fn calls_for(candidate: &Candidate, sample: Duration) -> u32 {
    let mut calls = 1;
    loop {
        let start = Instant::now();
        (candidate.run)(calls);
        let elapsed = start.elapsed();
        if elapsed >= sample || calls >= 1 << 24 {
            return calls;
        }
        calls *= 2;
    }
}

/// The seconds that a call takes.
fn time(candidate: &Candidate, calls: u32) -> f64 {
    let start = Instant::now();
    (candidate.run)(calls);
    start.elapsed().as_secs_f64() / f64::from(calls)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
