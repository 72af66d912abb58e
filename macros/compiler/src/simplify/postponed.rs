//! What a loop stores in an adjoint that a later loop adds to is computed there, from an adjoint that holds the same number.
//!
//! ```text
//! for i in 0..n { a_bar[i] = t; b_bar[i] = 2 * t }              for i in 0..n { a_bar[i] = t }
//! back(a_bar)                                             ⟶     back(a_bar)
//! for i in 0..n { b_bar[i] += e }                               for i in 0..n { b_bar[i] = 2 * a_bar[i] + e }
//! ```
//!
//! *In:* the statements of a derivative, when all else is done; variables from number `first` on are no part of the function's value. *Out:* the same. Both loops run over
//! the same range, nothing in between mentions `b_bar`, and `a_bar` stays as it is until then. One operation of arithmetic moves along, at most: the same is computed of the
//! same numbers, to the bit, and one sequence less is written. A sum of slopes with weights, as methods for differential equations have it, gives each of them such a number.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::effects::Effects;
use crate::ir::{Block, Expr, Function, Loop, Operand, Place, Range, Statement, Step, Value, Var, edit, uses};
use crate::rules;

use super::scratch::{is_element, is_same};

/// Computes what adjoints begin with where they are added to.
pub fn compute_later(function: &mut Function, block: &mut Block, first: usize) {
    for statement in block.iter_mut() {
        edit::inner_blocks(statement, &mut |inner| compute_later(function, inner, first));
    }
    for position in 0..block.len() {
        for var in stored(function, &block[position], first).into_keys() {
            postpone(function, block, position, var, first);
        }
    }
}

/// The adjoints to whose own element each iteration of a loop does nothing but to store a number.
fn stored(function: &Function, statement: &Statement, first: usize) -> BTreeMap<Var, Expr> {
    let Some((each, range)) = plain(statement) else { return BTreeMap::new() };
    let is_adjoint = |var: Var| var.0 as usize >= first && (function.is_own(var) || function.reused.contains_key(&var));
    let element = |inner: &Statement| match inner {
        Statement::Assign { place, value: Value::Expr(value) }
            if is_adjoint(place.root)
                && is_element(function, place, range.index)
                && uses::mentions(statement, place.root) == 1 =>
        {
            Some((place.root, value.clone()))
        }
        _ => None,
    };
    each.body.iter().filter_map(element).collect()
}

/// A loop over a range that runs to its end, and keeps nothing.
fn plain(statement: &Statement) -> Option<(&Loop, &Range)> {
    let Statement::Loop(each) = statement else { return None };
    each.to_its_end().filter(|_| each.tape.is_none()).map(|range| (each, range))
}

/// Moves what the loop at the position stores in the adjoint to where it is added to, if it can be.
fn postpone(function: &Function, block: &mut Block, position: usize, var: Var, first: usize) {
    let later = block[position + 1..].iter().position(|statement| uses::mentions(statement, var) > 0);
    let Some(later) = later.map(|after| position + 1 + after) else { return };
    let Some((at, index)) = addition(function, &block[position], &block[later], var) else { return };
    let Some(start) = Begun::of(function, &block[position..=later], index, first).and_then(|begun| begun.number(var)) else {
        return;
    };
    if let Statement::Loop(each) = &mut block[position] {
        each.body.retain(|statement| !matches!(statement, Statement::Assign { place, .. } if place.root == var));
        forget(&mut each.body);
    }
    if let Statement::Loop(each) = &mut block[later]
        && let Statement::Add { place, value, subtract, .. } = &each.body[at]
    {
        let sum = Expr::apply(rules::op(if *subtract { "sub" } else { "add" }), vec![start, value.clone()]);
        each.body[at] = Statement::Assign { place: place.clone(), value: Value::Expr(sum) };
    }
}

/// Takes out the numbers that nothing uses any more: the one that is stored elsewhere now, and its names.
fn forget(body: &mut Block) {
    for at in (0..body.len()).rev() {
        let Statement::Let { var, value: Some(Value::Expr(value)), .. } = &body[at] else { continue };
        let is_used = body.iter().map(|statement| uses::mentions(statement, *var)).sum::<usize>() > 1;
        if !is_used && is_of_variables(value) {
            body.remove(at);
        }
    }
}

/// Whether the expression reads nothing that an index finds.
fn is_of_variables(value: &Expr) -> bool {
    match value {
        Expr::Operand(Operand::Place(place)) => place.path.is_empty(),
        Expr::Operand(operand) => matches!(operand, Operand::Number(_)),
        Expr::Apply(_, operands, _) => operands.iter().all(is_of_variables),
    }
}

/// Where in the body of a later loop over the same range each iteration adds to its own element, which is all that it does to the adjoint, and the loop's index.
fn addition(function: &Function, before: &Statement, later: &Statement, var: Var) -> Option<(usize, Var)> {
    let ((_, range), (each, again)) = (plain(before)?, plain(later)?);
    let is_addition = |statement: &Statement| match statement {
        Statement::Add { place, whole: false, .. } => place.root == var && is_element(function, place, again.index),
        _ => false,
    };
    let at = each.body.iter().position(is_addition)?;
    (is_same(range, again) && uses::mentions(later, var) == 1).then_some((at, again.index))
}

/// What the elements of adjoints begin with, for a later loop.
struct Begun<'b> {
    function: &'b Function,
    stored: BTreeMap<Var, Expr>,
    /// What each iteration computes once, of its own.
    computed: BTreeMap<Var, &'b Expr>,
    /// What the iterations have of their own, and what changes until the later loop ends.
    changed: BTreeSet<Var>,
    /// The adjoints that still hold then what was stored, by the numbers stored.
    held: BTreeMap<Var, Var>,
    /// The index of the later loop.
    index: Var,
}

impl<'b> Begun<'b> {
    /// Of the statements from the first loop to the later one.
    fn of(function: &'b Function, statements: &'b [Statement], index: Var, first: usize) -> Option<Self> {
        let [before, after @ ..] = statements else { return None };
        let (each, range) = plain(before)?;
        let is_set_once = |var: Var| each.body.iter().filter(|statement| changes(statement).contains(&var)).count() == 1;
        let computed = each.body.iter().filter_map(|statement| match statement {
            Statement::Let { var, value: Some(Value::Expr(value)), .. } if is_set_once(*var) => Some((*var, value)),
            _ => None,
        });
        let later: BTreeSet<Var> = after.iter().flat_map(changes).collect();
        let mut changed: BTreeSet<Var> = each.body.iter().flat_map(changes).chain([range.index]).collect();
        uses::declared_within(&each.body, &mut changed);
        changed.extend(&later);
        let (stored, held) = (stored(function, before, first), BTreeMap::new());
        let mut begun = Self { function, stored, computed: computed.collect(), changed, held, index };
        let stays = begun.stored.iter().filter(|(var, _)| !later.contains(var));
        begun.held = stays.filter_map(|(var, value)| Some((begun.first_name(value.whole()?), *var))).collect();
        Some(begun)
    }

    /// The variable whose number the variable is.
    fn first_name(&self, mut var: Var) -> Var {
        while let Some(other) = self.computed.get(&var).and_then(|value| value.whole()) {
            var = other;
        }
        var
    }

    /// What was stored in an element of the adjoint, computed in the later loop.
    fn number(&self, var: Var) -> Option<Expr> {
        let mut operations = 0;
        let number = self.again(self.stored.get(&var)?, &mut operations)?;
        (operations <= 1).then_some(number)
    }

    fn again(&self, value: &Expr, operations: &mut usize) -> Option<Expr> {
        match value {
            Expr::Operand(Operand::Number(_)) => Some(value.clone()),
            Expr::Operand(Operand::Place(place)) if place.path.is_empty() => {
                let name = self.first_name(place.root);
                match (self.held.get(&name), self.computed.get(&name)) {
                    (Some(held), _) => {
                        let at = Step::Index(Operand::Place(Place::whole(self.index, place.span)));
                        Some(Expr::place(Place::whole(*held, place.span).then(at)))
                    }
                    (None, Some(value)) => self.again(value, operations),
                    _ if self.changed.contains(&name) || !self.function.is_scalar(name) => None,
                    _ => Some(Expr::place(Place::whole(name, place.span))),
                }
            }
            Expr::Operand(_) => None,
            Expr::Apply(op, operands, spelling) => {
                *operations += 1;
                let is_cheap = ["add", "sub", "mul", "neg"].contains(&op.0.name);
                let operands = operands.iter().map(|operand| self.again(operand, operations)).collect::<Option<_>>()?;
                is_cheap.then(|| Expr::Apply(*op, operands, spelling.clone()))
            }
        }
    }
}

/// The variables that a statement declares, overwrites or adds to.
fn changes(statement: &Statement) -> BTreeSet<Var> {
    let Effects { adds, writes, .. } = Effects::of_statement(statement);
    &adds | &writes
}
