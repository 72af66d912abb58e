//! Every line of the rule table, in every form, in both precisions and both modes: against num-dual where it has the function, and
//! against finite differences. The functions are written from the table by the build script. So are the same operations on numbers that
//! carry tangents, once and nested.

#![allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "both precisions are called alike")]
#![allow(deprecated, reason = "steps have results that depend on nothing, of which the macro warns")]

use differentiable::Dual;
use differentiable::prelude::*;
use differentiable_compiler::rules::{Written, find, formula, formula::Formula, table::RULES};
use num_dual::{Dual64, DualNum};

/// One function of the table.
struct Case {
    name: &'static str,
    double: bool,
    domain: &'static [(f64, f64)],
    value: fn(&[f64]) -> f64,
    value_and_grad: fn(&[f64]) -> (f64, Vec<f64>),
    jvp: fn(&[f64], &[f64]) -> (f64, f64),
    oracle: Option<fn(&[Dual64]) -> Dual64>,
    dual: fn(&[f64]) -> (f64, Vec<f64>),
    /// The derivative along one operand of the gradient.
    nested: fn(&[f64], usize) -> Vec<f64>,
}

/// Variables whose values move along one of them.
fn along<T: Real, const N: usize>(x: [T; N], index: usize) -> [Dual<Dual<T, 1>, N>; N] {
    let moved = |i: usize| if i == index { T::ONE } else { T::ZERO };
    Dual::variables(std::array::from_fn(|i| Dual::new(x[i], [moved(i)])))
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

impl Case {
    /// Points spread over the domain, representable in single precision.
    fn points(&self) -> Vec<Vec<f64>> {
        let fractions = |operand: usize, i: usize| ((i as f64 + 0.5) * (0.618_034 + 0.21 * operand as f64)).fract();
        let at = |operand: usize, i: usize| {
            let (low, high) = self.domain[operand];
            f64::from((low + (high - low) * fractions(operand, i)) as f32)
        };
        (0..25).map(|i| (0..self.domain.len()).map(|operand| at(operand, i)).collect()).collect()
    }

    fn tolerance(&self) -> f64 {
        if self.double { 1e-13 } else { 2e-6 }
    }

    fn check(&self, x: &[f64]) {
        let value = (self.value)(x);
        let (same, gradient) = (self.value_and_grad)(x);
        assert_eq!(value.to_bits(), same.to_bits(), "{}: the value at {x:?}", self.name);
        for (index, exact) in gradient.iter().enumerate() {
            self.check_oracle(x, index, *exact);
            self.check_difference(x, index, *exact);
            let mut direction = vec![0.0; x.len()];
            direction[index] = 1.0;
            let (same, tangent) = (self.jvp)(x, &direction);
            assert_eq!(value.to_bits(), same.to_bits(), "{}: the value of `jvp` at {x:?}", self.name);
            self.close("forward mode", x, index, *exact, tangent, self.tolerance());
        }
        let (same, tangents) = (self.dual)(x);
        assert_eq!(value.to_bits(), same.to_bits(), "{}: the value of `Dual` at {x:?}", self.name);
        for (index, (exact, tangent)) in gradient.iter().zip(tangents).enumerate() {
            self.close("`Dual`", x, index, *exact, tangent, self.tolerance());
        }
        if self.double {
            self.check_nested(x);
        }
    }

    /// Second derivatives, against differences of the gradient.
    fn check_nested(&self, x: &[f64]) {
        for along in 0..x.len() {
            let h = 2e-4 * x[along].abs().max(0.05);
            let at = |steps: f64| {
                let mut moved = x.to_vec();
                moved[along] += steps * h;
                (self.value_and_grad)(&moved).1
            };
            let (near, far) = ((at(1.0), at(-1.0)), (at(2.0), at(-2.0)));
            for (index, exact) in (self.nested)(x, along).into_iter().enumerate() {
                let difference = (8.0 * (near.0[index] - near.1[index]) - (far.0[index] - far.1[index])) / (12.0 * h);
                self.close("the difference of the gradient", x, index, exact, difference, 1e-8);
            }
        }
    }

    fn check_oracle(&self, x: &[f64], index: usize, exact: f64) {
        let Some(oracle) = self.oracle else { return };
        let point: Vec<Dual64> = x.iter().enumerate().map(|(i, x)| Dual64::new(*x, f64::from(u8::from(i == index)))).collect();
        self.close("num-dual", x, index, exact, oracle(&point).eps, self.tolerance());
    }

    /// In single precision the differences are taken of the double one: the same formula, since the name says so.
    fn check_difference(&self, x: &[f64], index: usize, exact: f64) {
        let name = self.name.replace("f32", "f64");
        let cases = cases();
        let double = cases.iter().find(|case| case.name == name).expect("every function is there in double precision");
        let at = |step: f64| {
            let mut moved = x.to_vec();
            moved[index] += step;
            (double.value)(&moved)
        };
        let h = 2e-4 * x[index].abs().max(0.05);
        let difference = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        let tolerance = if self.double { 1e-8 } else { 2e-6 };
        self.close("a finite difference", x, index, exact, difference, tolerance);
    }

    fn close(&self, what: &str, x: &[f64], index: usize, exact: f64, other: f64, tolerance: f64) {
        let scale = exact.abs().max(other.abs()).max(1.0);
        assert!(
            (exact - other).abs() <= tolerance * scale,
            "{} at {x:?}, operand {index}: {exact}, {what} gives {other}",
            self.name
        );
    }
}

#[test]
fn every_rule_agrees_with_its_oracles_in_both_modes_and_precisions() {
    for case in cases() {
        for point in case.points() {
            case.check(&point);
        }
    }
}

#[test]
fn every_line_of_the_table_is_walked() {
    let cases = cases();
    for rule in RULES.iter().filter(|rule| !matches!(rule.written, Written::Partial | Written::Conversion)) {
        let of_rule = cases.iter().filter(|case| case.name.starts_with(&format!("{}_", rule.name))).count();
        assert!(of_rule >= 2, "`{}` has no case", rule.name);
        assert_eq!(rule.domain.len(), rule.operands.len(), "`{}` has a domain for each operand", rule.name);
    }
}

#[test]
fn every_formula_can_be_read_and_uses_operations_of_the_table() {
    fn closed(rule: &str, formula: &Formula, operands: &[&str]) {
        match formula {
            Formula::Number(_) => {}
            Formula::Name(name) => assert!(["g", "y"].contains(name) || operands.contains(name), "`{name}` in `{rule}`"),
            Formula::Apply(name, arguments) => {
                let op = find(name).unwrap_or_else(|| panic!("`{rule}` uses `{name}`, which is not in the table"));
                assert_eq!(op.0.operands.len(), arguments.len(), "`{name}` in `{rule}`");
                arguments.iter().for_each(|argument| closed(rule, argument, operands));
            }
        }
    }
    for rule in RULES {
        assert!(rule.contributions.is_empty() || rule.contributions.len() == rule.operands.len(), "`{}`", rule.name);
        for text in rule.contributions.iter().chain(rule.alone.into_iter().flatten()) {
            closed(rule.name, &formula::parse(text), rule.operands);
        }
    }
}
