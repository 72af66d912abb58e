//! A number that each iteration multiplies, and that a cotangent is multiplied by which stays as it is, is carried along as their product.
//!
//! ```text
//! let mut power = 1.0                                   let mut weighted_power = g
//! for i { let p = power; power *= t                     for i { let p = weighted_power; weighted_power = p · t
//!         c_bar[i] += g · p }                   ⟶               c_bar[i] += p }
//! ```
//!
//! *In:* both sweeps as one sequence, in which numbers that loops carry along are computed again (`replay`). *Out:* the same, with one multiplication less in
//! each iteration.
//!
//! `g·((1·t)·t)` is `((g·1)·t)·t` but for rounding, which the value has no part in, and is rounded as often. The number begins with a literal of at most 1, so that
//! only what is infinite in the first iteration's contribution is so later on.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenTree};

use crate::analysis::arithmetic;
use crate::analysis::effects::Effects;
use crate::ir::{Block, Code, Expr, Form, Function, Kind, Loop, Number, Operand, Place, Statement, Step, Value, Var, edit, uses};
use crate::rules::{self, Op};

/// Carries products; variables from number `own` on are no part of the function's value.
pub fn carry(function: &mut Function, block: &mut Block, own: usize) {
    for position in 0..block.len() {
        edit::inner_blocks(&mut block[position], &mut |inner| carry(function, inner, own));
        while let Some((declaration, weight)) = Weight::of(function, block, position, own) {
            block.remove(declaration);
            let Statement::Loop(each) = &mut block[position - 1] else { unreachable!("a loop multiplies it") };
            let product = weight.carry(function, each);
            block.insert(position - 1, product);
        }
    }
}

/// A number that each iteration of a loop multiplies.
struct Weight {
    number: Var,
    /// The literal that it begins with.
    start: Number,
    /// Which statement reads it, and as which variable.
    read: (usize, Var),
    /// Which statement multiplies it, and by what.
    update: (usize, Code),
    /// What all iterations have in common, and the variables of the body that hold it, the last first.
    cotangent: (Expr, Vec<Var>),
}

impl Weight {
    /// One of the loop that stands there, and where it is declared.
    fn of(function: &Function, block: &Block, position: usize, own: usize) -> Option<(usize, Self)> {
        let Statement::Loop(each) = &block[position] else { return None };
        let mut found = block[..position].iter().enumerate().filter_map(|(declaration, statement)| {
            let Statement::Code { code, binds, .. } = statement else { return None };
            let number = *binds.first().filter(|var| binds.len() == 1 && var.0 as usize >= own)?;
            let others = block.iter().enumerate().filter(|(at, _)| *at != declaration && *at != position);
            let alone = others.map(|(_, other)| uses::mentions(other, number)).sum::<usize>() == 0;
            Some((declaration, Self::declared(function, number, code, each).filter(|_| alone)?))
        });
        found.next()
    }

    fn declared(function: &Function, number: Var, code: &Code, each: &Loop) -> Option<Self> {
        let (_, start) = arithmetic::declared(code).filter(|_| function.has_plain_literals())?;
        let start = Number { written: Some(start), value: 0.0 };
        start.literal().filter(|value| (1e-3..=1.0).contains(value))?;
        let mentions = |(_, statement): &(usize, &Statement)| uses::mentions(statement, number) > 0;
        let mentioning: Vec<(usize, &Statement)> = each.body.iter().enumerate().filter(mentions).collect();
        let [(first, read), (second, update)] = mentioning.as_slice() else { return None };
        let read = (*first, read_of(read, number)?);
        let update = (*second, factor(update, number, &function.variable(number).name)?);
        let cotangent = cotangent(each, read.1)?;
        Some(Self { number, start, read, update, cotangent })
    }

    /// Changes the loop, and gives what declares the product in front of it.
    fn carry(self, function: &mut Function, each: &mut Loop) -> Statement {
        let name = function.variable(self.number).name.clone();
        let product = function.fresh(&format!("weighted_{name}"), Kind::Scalar, true, Form::Owned, name.span());
        let [product, read] = [product, self.read.1].map(|var| Place::whole(var, name.span()));
        for statement in &mut each.body {
            edit::own_exprs(statement, &mut |expr| _ = beside(expr, read.root, &mut |expr, _| *expr = Expr::place(read.clone())));
        }
        let now = Value::Expr(Expr::place(product.clone()));
        each.body[self.read.0] = Statement::Let { var: read.root, value: Some(now), ty: None };
        let next = multiply(Expr::place(read), Expr::Operand(Operand::Code(self.update.1)));
        each.body[self.update.0] = Statement::Assign { place: product.clone(), value: Value::Expr(next) };
        let (cotangent, names) = self.cotangent;
        for name in names {
            if each.body.iter().map(|statement| uses::mentions(statement, name)).sum::<usize>() == 1 {
                each.body.retain(|statement| !matches!(statement, Statement::Let { var, .. } if *var == name));
            }
        }
        let begin = match self.start.literal() {
            Some(1.0) => cotangent,
            _ => multiply(cotangent, Expr::Operand(Operand::Number(self.start))),
        };
        Statement::Let { var: product.root, value: Some(Value::Expr(begin)), ty: None }
    }
}

fn multiply(one: Expr, other: Expr) -> Expr {
    Expr::apply(rules::op("mul"), vec![one, other])
}

/// The variable that is declared as what the number is.
fn read_of(statement: &Statement, number: Var) -> Option<Var> {
    let Statement::Let { var, value: Some(Value::Expr(Expr::Operand(operand))), .. } = statement else { return None };
    let is_it = match operand {
        Operand::Place(place) => place.root == number && place.path.is_empty(),
        Operand::Code(code) => code.reads.as_slice() == [number] && code.tokens.clone().into_iter().count() == 1,
        Operand::Number(_) => false,
    };
    is_it.then_some(*var)
}

/// `e` of `number *= e;`.
fn factor(statement: &Statement, number: Var, name: &Ident) -> Option<Code> {
    let Statement::Code { code, binds, writes } = statement else { return None };
    let tokens: Vec<TokenTree> = code.tokens.clone().into_iter().collect();
    let [TokenTree::Ident(first), TokenTree::Punct(times), TokenTree::Punct(equal), factor @ .., TokenTree::Punct(end)] =
        tokens.as_slice()
    else {
        return None;
    };
    let is_product = first == name && times.as_char() == '*' && equal.as_char() == '=' && end.as_char() == ';';
    let factor: proc_macro2::TokenStream = factor.iter().cloned().collect();
    let plain = binds.is_empty() && writes.as_slice() == [number] && !uses::names(&factor, &name.to_string());
    let reads = code.reads.iter().copied().filter(|var| *var != number).collect();
    (is_product && plain).then(|| Code { tokens: factor, reads, ..code.clone() })
}

/// What the variable is multiplied by, once, where that is the same in all iterations: in terms of what is there in front of the loop.
fn cotangent(each: &Loop, var: Var) -> Option<(Expr, Vec<Var>)> {
    let mentions: usize = each.body.iter().map(|statement| uses::mentions(statement, var)).sum();
    let mut found = None;
    for statement in &mut each.body.clone() {
        edit::own_exprs(statement, &mut |expr| _ = beside(expr, var, &mut |_, other| found = Some(other)));
    }
    // it is declared, and used
    let found = found.filter(|_| mentions == 2)?;
    let mut names = Vec::new();
    Some((Unchanged::of(each).in_front(&found, &mut names)?, names))
}

/// Visits the product that has the variable as a factor, with the other one.
fn beside(expr: &mut Expr, var: Var, visit: &mut dyn FnMut(&mut Expr, Expr)) -> bool {
    let Expr::Apply(op, operands, _) = expr else { return false };
    let is_it = |operand: &Expr| operand.whole() == Some(var);
    let other = match operands.as_slice() {
        [one, other] if is_product(*op) && is_it(one) => other.clone(),
        [other, one] if is_product(*op) && is_it(one) => other.clone(),
        _ => return operands.iter_mut().any(|operand| beside(operand, var, visit)),
    };
    visit(expr, other);
    true
}

fn is_product(op: Op) -> bool {
    op.0.name == "mul"
}

/// What a loop leaves as it is.
struct Unchanged<'a> {
    body: &'a Block,
    /// What it declares, or its header does.
    declared: BTreeSet<Var>,
    /// What it changes.
    changed: BTreeSet<Var>,
}

impl<'a> Unchanged<'a> {
    fn of(each: &'a Loop) -> Self {
        let effects = Effects::of_block(&each.body);
        let mut declared = each.binds().into_iter().collect();
        uses::declared_within(&each.body, &mut declared);
        Self { body: &each.body, declared, changed: effects.writes.into_iter().chain(effects.adds).collect() }
    }

    /// The expression in terms of what is there in front of the loop, where it is made of names and signs alone; `names` are those of the body.
    fn in_front(&self, expr: &Expr, names: &mut Vec<Var>) -> Option<Expr> {
        match expr {
            Expr::Apply(op, operands, spelling) if op.0.name == "neg" => {
                Some(Expr::Apply(*op, vec![self.in_front(&operands[0], names)?], spelling.clone()))
            }
            Expr::Operand(Operand::Place(place)) if self.changed.contains(&place.root) => None,
            Expr::Operand(Operand::Place(place)) if !self.declared.contains(&place.root) => {
                let is_there = !place.path.iter().any(|step| matches!(step, Step::Index(_)));
                is_there.then(|| expr.clone())
            }
            Expr::Operand(Operand::Place(place)) if place.path.is_empty() => {
                let value = self.body.iter().find_map(|statement| match statement {
                    Statement::Let { var, value: Some(Value::Expr(value)), .. } if *var == place.root => Some(value),
                    _ => None,
                });
                names.push(place.root);
                self.in_front(value?, names)
            }
            _ => None,
        }
    }
}
