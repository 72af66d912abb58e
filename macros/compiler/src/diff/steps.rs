//! A step of a recurrence: its partial derivatives once, and then the tangents in every direction.
//!
//! *In:* the body of a loop that is a straight line of scalars, some of which are carried from one iteration to the next, and the directions. *Out:*
//! the body, a backward sweep within the iteration for each carried scalar, and new tangents in terms of the old ones. None where the body is no
//! such line.
//!
//! ```text
//! s += h · f(s)    ⟶    s += h · f(s);  let to_s = 1 + h · f'(s);  let to_h = f(s)        whatever the number of directions
//!                       s_dot = to_s · s_dot;  s_dot_2 = to_s · s_dot_2 + to_h             in each direction
//! ```
//!
//! Forward mode statement by statement multiplies by every partial derivative once for each direction; here they are multiplied with each other
//! first, and only their products with tangents.

use std::collections::BTreeSet;

use proc_macro2::Span;

use crate::ir::{Block, Expr, Form, Function, Kind, Number, Operand, Parameter, Passing, Place, Statement, Value, Var, uses};
use crate::rules;
use crate::simplify;

use super::forward::Pusher;
use super::reverse;

/// The body of a loop with its tangents in every direction.
pub fn step(shared: &mut Function, pushers: &mut [Pusher], body: &Block) -> Option<Block> {
    let (carried, inputs) = carried_and_inputs(shared, pushers, body)?;
    let parameters = inputs.iter().map(|var| Parameter {
        var: *var,
        active: true,
        passing: Passing::Scalar,
        of_scalars: true,
        of_arrays: false,
    });
    let mut step = Function { parameters: parameters.collect(), body: body.clone(), ..shared.clone() };
    let mut line = body.clone();
    let mut partials = Vec::new();
    for output in &carried {
        partials.push(partials_of(&mut step, *output, &inputs, body, &mut line));
    }
    let kept = partials.iter().flatten().flatten().copied().collect();
    simplify::straight(&mut step, &mut line, &kept);
    forget_unused(&mut step, shared.variables.len(), &line);
    shared.variables = step.variables;
    shared.taken = step.taken;
    update(shared, pushers, &carried, &inputs, &partials, &mut line);
    Some(line)
}

/// Leaves the names of variables from number `first` on that the line does not use to others: of cotangents that are one, and of slots.
fn forget_unused(step: &mut Function, first: usize, line: &Block) {
    let mut used = BTreeSet::new();
    uses::block(line, &mut |var| _ = used.insert(var));
    for (number, variable) in step.variables.iter().enumerate().skip(first) {
        if !used.contains(&Var(number as u32)) {
            step.taken.forget(&variable.name.to_string());
        }
    }
}

/// The scalars that the body changes, and the scalars that vary and that it reads from outside.
fn carried_and_inputs(function: &Function, pushers: &[Pusher], body: &Block) -> Option<(Vec<Var>, Vec<Var>)> {
    let mut declared = BTreeSet::new();
    let mut mentioned = BTreeSet::new();
    let mut carried = BTreeSet::new();
    let varies = |var: Var| pushers.iter().any(|pusher| pusher.varies(var));
    for statement in body {
        let plain = match statement {
            Statement::Let { var, value: Some(Value::Expr(expr)), .. } => function.is_scalar(*var) && is_smooth(expr),
            Statement::Assign { place, value: Value::Expr(expr) } | Statement::Add { place, value: expr, whole: false, .. } => {
                carried.insert(place.root);
                place.path.is_empty() && function.is_scalar(place.root) && is_smooth(expr)
            }
            Statement::Code { code, binds, writes } => {
                code.repeatable && writes.is_empty() && !binds.iter().any(|var| varies(*var))
            }
            Statement::Check { .. } | Statement::Inert(_) => true,
            _ => false,
        };
        if !plain {
            return None;
        }
        uses::declared(statement, &mut |var| _ = declared.insert(var));
        uses::statement(statement, &mut |var| _ = mentioned.insert(var));
    }
    carried.retain(|var| !declared.contains(var) && varies(*var));
    let inputs: Vec<Var> = mentioned.into_iter().filter(|var| !declared.contains(var) && varies(*var)).collect();
    let is_number = |var: &Var| function.is_scalar(*var) && function.variable(*var).form == Form::Owned;
    (!carried.is_empty() && inputs.iter().all(is_number)).then(|| (carried.into_iter().collect(), inputs))
}

/// Whether no operation has a kink, at which it would matter what else varies.
fn is_smooth(expr: &Expr) -> bool {
    match expr {
        Expr::Operand(_) => true,
        Expr::Apply(op, arguments, _) => {
            op.0.alone.is_none() && !matches!(op.0.name, "abs" | "clamp" | "copysign" | "relu") && arguments.iter().all(is_smooth)
        }
    }
}

/// The partial derivatives of what a carried scalar is after the step, by what it was made of: a variable for each that is not zero.
fn partials_of(step: &mut Function, output: Var, inputs: &[Var], body: &Block, line: &mut Block) -> Vec<Option<Var>> {
    let span = step.variable(output).name.span();
    let after = step.fresh("after", Kind::Scalar, false, Form::Owned, span);
    step.body.clone_from(body);
    step.body.push(Statement::Let { var: after, value: Some(Value::Expr(Expr::place(Place::whole(output, span)))), ty: None });
    step.result = Some(after);
    let reversed = reverse::reverse(step);
    let parameters = std::mem::take(&mut step.parameters);
    *step = Function { parameters, ..reversed.function };
    step.variables[reversed.seed.0 as usize].form = Form::Owned;
    let one = Expr::Operand(Operand::Number(Number { written: None, value: 1.0 }));
    line.push(Statement::Let { var: reversed.seed, value: Some(Value::Expr(one)), ty: None });
    let mut partials = vec![None; inputs.len()];
    for statement in reversed.backward {
        let slot = match &statement {
            Statement::Add { place, .. } => reversed.slots.iter().position(|slot| *slot == Some(place.root)),
            _ => None,
        };
        match (slot, statement) {
            (Some(input), Statement::Add { value, .. }) => {
                let wish = format!("to_{}", step.variable(inputs[input]).name);
                let partial = step.fresh(&wish, Kind::Scalar, false, Form::Owned, span);
                line.push(Statement::Let { var: partial, value: Some(Value::Expr(value)), ty: None });
                partials[input] = Some(partial);
            }
            (_, statement) => line.push(statement),
        }
    }
    partials
}

/// Sets the tangents of the carried scalars, all from what they were before.
fn update(
    shared: &mut Function,
    pushers: &mut [Pusher],
    carried: &[Var],
    inputs: &[Var],
    partials: &[Vec<Option<Var>>],
    line: &mut Block,
) {
    for pusher in pushers {
        let mut assignments = Vec::new();
        for (output, partials) in carried.iter().zip(partials) {
            if !pusher.varies(*output) {
                continue;
            }
            let terms = inputs.iter().zip(partials).filter_map(|(input, partial)| {
                let partial = Expr::place(Place::whole((*partial)?, Span::mixed_site()));
                let tangent = pusher.varies(*input).then(|| pusher.with(shared, |pusher| pusher.tangent(*input)))?;
                if pusher.is_direction(*input) && !shared.variable(*input).mutable {
                    return Some(partial);
                }
                let tangent = Expr::place(Place::whole(tangent, Span::mixed_site()));
                Some(Expr::apply(rules::op("mul"), vec![partial, tangent]))
            });
            let sum = terms.collect::<Vec<_>>().into_iter().reduce(|a, b| Expr::apply(rules::op("add"), vec![a, b]));
            let value = sum.map_or(Value::Zero, Value::Expr);
            let tangent = pusher.with(shared, |pusher| pusher.tangent(*output));
            assignments.push((tangent, value));
        }
        let place = |var| Place::whole(var, Span::mixed_site());
        let mut stores = Vec::new();
        for (tangent, value) in assignments {
            let wish = format!("{}_after", shared.variable(tangent).name);
            let after = shared.fresh(&wish, Kind::Scalar, false, Form::Owned, Span::mixed_site());
            line.push(Statement::Let { var: after, value: Some(value), ty: None });
            stores.push(Statement::Assign { place: place(tangent), value: Value::Expr(Expr::place(place(after))) });
        }
        line.append(&mut stores);
    }
}
