//! The derivatives of scalar operations: the table, its formulas, and their instances as expressions.
//!
//! *In:* an operation, its operands, its result and a cotangent (reverse mode) or tangent (forward mode).
//!
//! *Out:* what flows to an operand, or from it: `exp(x)`, result `y`, `g` ↦ `g * y`.
//!
//! Both modes read the same line of [`table`]: the partial derivatives of a scalar operation are scalars, so that the
//! contribution to an operand's adjoint, and the contribution of an operand's tangent, have one formula.

pub mod formula;
pub mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

use quote::quote;

use crate::ir::{Expr, Number, Operand, Spelling};
use formula::Formula;

pub use table::{Rule, Written};

/// An operation: a line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Op(pub &'static Rule);

impl PartialEq for Op {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Op {
    /// Whether a derivative of the operation is computed from its result.
    pub fn reads_result(self) -> bool {
        let formulas = self.0.contributions.iter().chain(self.0.alone.into_iter().flatten());
        formulas.into_iter().any(|text| formula_of(text).mentions("y"))
    }
}

/// The operation of that name, if the table has it.
pub fn find(name: &str) -> Option<Op> {
    table::RULES.iter().find(|rule| rule.name == name).map(Op)
}

/// The operation of that name.
///
/// # Panics
///
/// If the table has none: for names that stand in the compiler's own source.
pub fn op(name: &str) -> Op {
    find(name).unwrap_or_else(|| panic!("no rule named `{name}`"))
}

/// The formula of a text in the table; each is read once.
fn formula_of(text: &'static str) -> &'static Formula {
    static FORMULAS: LazyLock<HashMap<&str, Formula>> = LazyLock::new(|| {
        let texts = table::RULES.iter().flat_map(|rule| rule.contributions.iter().chain(rule.alone.into_iter().flatten()));
        texts.map(|text| (*text, formula::parse(text))).collect()
    });
    &FORMULAS[text]
}

/// The derivative that flows to one operand from `cotangent`, or from the tangent of one operand: `None` where it is zero.
pub struct Contribution<'a> {
    /// The operation.
    pub op: Op,
    /// Its operands.
    pub operands: &'a [Expr],
    /// Its result.
    pub result: &'a Expr,
    /// Whether each operand carries a derivative.
    pub active: &'a [bool],
    /// How it is written.
    pub spelling: &'a Spelling,
    /// Whether literals are floats as they stand, not lifted to a type parameter.
    pub floats: bool,
}

impl Contribution<'_> {
    /// For operand number `index`, with `flow` in the place of `g`.
    pub fn of(&self, index: usize, flow: Expr) -> Option<Expr> {
        let rule = self.op.0;
        let alone = self.active.iter().filter(|active| **active).count() == 1;
        let text = match rule.alone {
            Some(formulas) if alone => formulas[index],
            _ => rule.contributions[index],
        };
        let formula = formula_of(text);
        if matches!(formula, Formula::Number(0.0)) {
            return None;
        }
        Some(self.instance(formula, &flow))
    }

    fn instance(&self, formula: &Formula, flow: &Expr) -> Expr {
        match formula {
            Formula::Number(value) => Expr::Operand(Operand::Number(Number { written: None, value: *value })),
            Formula::Name("g") => flow.clone(),
            Formula::Name("y") => self.result.clone(),
            Formula::Name(name) => {
                let position = self.op.0.operands.iter().position(|operand| operand == name);
                self.operands[position.unwrap_or_else(|| panic!("`{name}` is no operand of `{}`", self.op.0.name))].clone()
            }
            Formula::Apply(name, arguments) => {
                let mut arguments: Vec<Expr> = arguments.iter().map(|argument| self.instance(argument, flow)).collect();
                let mut name = *name;
                if name == "div"
                    && self.floats
                    && let Some(reciprocal) = reciprocal(&arguments[1])
                {
                    (name, arguments[1]) = ("mul", reciprocal);
                }
                Expr::Apply(op(name), arguments, self.spelling.of_derivative())
            }
        }
    }
}

/// `1 / c` of a literal, by which a cotangent is multiplied in the place of a division: `g / c ⟶ g · (1 / c)`, within an ulp and a half, where neither is near the
/// ends of the range. By a power of two the back end multiplies itself.
fn reciprocal(divisor: &Expr) -> Option<Expr> {
    let Expr::Operand(Operand::Number(number)) = divisor else { return None };
    let (written, value) = (number.written.as_ref()?, number.literal()?.abs());
    let is_power_of_two = value.to_bits().trailing_zeros() >= f64::MANTISSA_DIGITS - 1;
    let written = Some(quote!((1.0 / #written)));
    let reciprocal = Expr::Operand(Operand::Number(Number { written, value: 0.0 }));
    ((1e-9..1e9).contains(&value) && !is_power_of_two).then_some(reciprocal)
}
