//! What a cotangent is multiplied by on its way through two operations is multiplied in the forward sweep.
//!
//! ```text
//! forward             backward                               forward             backward
//! let h = f(z)        y_bar = g * c                          let h = f(z)        z_bar = g * weighted
//! let slope = f'(z)   z_bar = y_bar * slope          ⟶       let slope = f'(z)
//! y = c * h                                                  let weighted = slope * c
//! ```
//!
//! *In:* the two sweeps of a block, and what it keeps. *Out:* the same, where the product of two factors is kept in the place of a factor that nothing else needs; so no more
//! numbers are kept, and where the other factor has no further use either, fewer.
//!
//! `(g·c)·s` is `g·(c·s)` but for rounding, which the value has no part in. One of the factors is at most 1 in size, so that the product of both does not overflow, and is infinite or
//! NaN only where a factor is; then it makes the cotangent what both of them in a row make it.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::effects::Effects;
use crate::analysis::save::Plan;
use crate::ir::{Block, Expr, Form, Function, Kind, Place, Statement, Value, Var, edit, uses};
use crate::rules;

/// Operations whose results are between -1 and 1.
const BOUNDED: &[&str] = &["sin", "cos", "tanh", "sigmoid", "d_tanh", "d_sigmoid"];

/// Multiplies factors, if there are any; tells whether there are.
pub fn advance(function: &mut Function, plan: &Plan, forward: &mut Block, backward: &mut Block) -> bool {
    let mut factors = Factors::of(function, plan, forward, backward);
    let mut any = false;
    let mut position = 0;
    while position < backward.len() {
        match factors.at(backward, position) {
            Some(found) => {
                let product = factors.multiply(function, forward, &found);
                let value = Expr::apply(rules::op("mul"), vec![found.cotangent, whole(function, product)]);
                edit::own_exprs(&mut backward[position], &mut |expr| replace(expr, found.between, &value));
                backward.remove(found.first);
                any = true;
            }
            None => position += 1,
        }
    }
    any
}

/// A cotangent that is multiplied twice.
struct Found {
    /// The statement that multiplies it first, by `by`, which gives `between`.
    first: usize,
    cotangent: Expr,
    by: Var,
    between: Var,
    /// What that is multiplied by, and nothing else is.
    alone: Var,
}

/// What is known in the forward sweep.
struct Factors {
    /// The scalars that it declares, and after which of its statements they are there.
    positions: BTreeMap<Var, usize>,
    bounded: BTreeSet<Var>,
    kept: BTreeSet<Var>,
    /// How often the backward sweep mentions a variable.
    mentions: BTreeMap<Var, usize>,
}

impl Factors {
    fn of(function: &Function, plan: &Plan, forward: &Block, backward: &Block) -> Self {
        let (mut positions, mut bounded) = (BTreeMap::new(), BTreeSet::new());
        for (position, statement) in forward.iter().enumerate() {
            let Statement::Let { var, value: Some(value), .. } = statement else { continue };
            if function.variable(*var).mutable || !function.is_scalar(*var) {
                continue;
            }
            positions.insert(*var, position);
            if matches!(value, Value::Expr(Expr::Apply(op, ..)) if BOUNDED.contains(&op.0.name)) {
                bounded.insert(*var);
            }
        }
        let mut mentions = BTreeMap::new();
        uses::block(backward, &mut |var| *mentions.entry(var).or_insert(0) += 1);
        let kept = plan.saved.iter().map(|saved| saved.var).collect();
        Self { positions, bounded, kept, mentions }
    }

    /// The cotangent that a statement of the backward sweep multiplies for the second time.
    fn at(&self, backward: &Block, position: usize) -> Option<Found> {
        let (between, alone) = own_expr(&backward[position]).and_then(|expr| self.second(expr))?;
        let is_first = |statement: &Statement| matches!(statement, Statement::Let { var, .. } if *var == between);
        let first = backward[..position].iter().position(is_first)?;
        let Statement::Let { value: Some(Value::Expr(Expr::Apply(op, operands, _))), .. } = &backward[first] else { return None };
        let [one, other] = operands.as_slice() else { return None };
        let (cotangent, by) = match (one.whole()?, other.whole()?) {
            (cotangent, by) if self.positions.contains_key(&by) && !self.positions.contains_key(&cotangent) => (cotangent, by),
            (by, cotangent) if self.positions.contains_key(&by) && !self.positions.contains_key(&cotangent) => (cotangent, by),
            _ => return None,
        };
        let changes = |statement: &Statement| {
            let effects = Effects::of_statement(statement);
            effects.writes.contains(&cotangent) || effects.adds.contains(&cotangent)
        };
        let stays = !backward[first + 1..position].iter().any(changes);
        let bounded = self.bounded.contains(&by) || self.bounded.contains(&alone);
        let cotangent = if one.whole() == Some(cotangent) { one.clone() } else { other.clone() };
        (op.0.name == "mul" && stays && bounded).then_some(Found { first, cotangent, by, between, alone })
    }

    /// The product in an expression of what nothing else reads: of a number of the backward sweep, and of a kept one.
    fn second(&self, expr: &Expr) -> Option<(Var, Var)> {
        let Expr::Apply(op, operands, _) = expr else { return None };
        if op.0.name == "mul"
            && let [one, other] = operands.as_slice()
            && let (Some(between), Some(alone)) = (one.whole(), other.whole())
            && self.kept.contains(&alone)
            && self.positions.contains_key(&alone)
            && self.mentions[&alone] == 1
            && self.mentions[&between] == 2
        {
            return Some((between, alone));
        }
        operands.iter().find_map(|operand| self.second(operand))
    }

    /// Puts the product of both factors into the forward sweep, and into the place of what is needed no more.
    fn multiply(&mut self, function: &mut Function, forward: &mut Block, found: &Found) -> Var {
        let name = function.variable(found.alone).name.clone();
        let product = function.fresh(&format!("weighted_{name}"), Kind::Scalar, false, Form::Owned, name.span());
        let value = Expr::apply(rules::op("mul"), vec![whole(function, found.alone), whole(function, found.by)]);
        let position = self.positions[&found.by].max(self.positions[&found.alone]) + 1;
        forward.insert(position, Statement::Let { var: product, value: Some(Value::Expr(value)), ty: None });
        self.positions.values_mut().filter(|at| **at >= position).for_each(|at| *at += 1);
        self.positions.insert(product, position);
        self.kept.insert(product);
        self.mentions.insert(product, 1);
        *self.mentions.get_mut(&found.by).expect("a factor that is mentioned") -= 1;
        self.mentions.insert(found.alone, 0);
        if self.bounded.contains(&found.by) && self.bounded.contains(&found.alone) {
            self.bounded.insert(product);
        }
        product
    }
}

fn whole(function: &Function, var: Var) -> Expr {
    Expr::place(Place::whole(var, function.variable(var).name.span()))
}

/// The scalar that a statement computes.
fn own_expr(statement: &Statement) -> Option<&Expr> {
    match statement {
        Statement::Let { value: Some(Value::Expr(expr)), .. } | Statement::Add { value: expr, .. } => Some(expr),
        _ => None,
    }
}

/// Puts another value in the place of the product that has the variable.
fn replace(expr: &mut Expr, of: Var, value: &Expr) {
    let Expr::Apply(_, operands, _) = expr else { return };
    if operands.iter().any(|operand| operand.whole() == Some(of)) {
        *expr = value.clone();
    } else {
        operands.iter_mut().for_each(|operand| replace(operand, of, value));
    }
}
