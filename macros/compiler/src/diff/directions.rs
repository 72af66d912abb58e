//! Forward mode in the direction of every input at once.
//!
//! *In:* a function whose active parameters are scalars by value. *Out:* its statements, each followed by its tangent in every direction, then
//! the cotangent of the result times these tangents, added to the slots: what `vjp` does, without a backward sweep.
//!
//! ```text
//! let y = mul(a, b)   ⟶   let y = mul(a, b);  let y_dot = b;  let y_dot_2 = a
//!                         d_a += seed * y_dot;  d_b += seed * y_dot_2
//! ```

use crate::ir::{Block, Expr, Form, Function, Kind, Number, Operand, Place, Statement, Value, Var};
use crate::rules;

use super::forward::Pusher;
use super::reverse::Sweeps;

/// Differentiates a function by each of its inputs.
pub fn directions(function: &Function) -> Sweeps {
    let mut shared = function.clone();
    let result = function.result.expect("the function has a result");
    let seed = shared.fresh("seed", Kind::Scalar, false, Form::Reference, shared.variable(result).name.span());
    let mut body = Vec::new();
    let mut slots = Vec::new();
    let mut pushers = Vec::new();
    for parameter in &function.parameters {
        let variable = shared.variable(parameter.var).clone();
        let slot = parameter.active.then(|| {
            let slot = shared.fresh(&format!("d_{}", variable.name), variable.kind, false, Form::Slot, variable.name.span());
            let mut pusher = Pusher::towards(function, parameter.var);
            let own = pusher.with(&mut shared, |pusher| pusher.tangent(parameter.var));
            let one = Value::Expr(Expr::Operand(Operand::Number(Number { written: None, value: 1.0 })));
            body.push(Statement::Let { var: own, value: Some(one), ty: None });
            pushers.push((slot, pusher));
            slot
        });
        slots.push(slot);
    }
    for (_, pusher) in &mut pushers {
        // what is overwritten later on has a tangent from the beginning
        let changed = function.parameters.iter().map(|p| p.var).filter(|var| function.variable(*var).mutable);
        for var in changed.collect::<Vec<_>>() {
            if let Some(tangent) = pusher.with(&mut shared, |pusher| pusher.undeclared(var)) {
                body.push(Statement::Let { var: tangent, value: Some(Value::Zero), ty: None });
            }
        }
    }
    body.extend(block(&mut shared, &mut pushers, &function.body));
    let place = |var: Var, shared: &Function| Place::whole(var, shared.variable(var).name.span());
    for (slot, pusher) in &mut pushers {
        let tangent = pusher.with(&mut shared, |pusher| pusher.tangent_of_place(&place(result, &pusher.function)));
        if let Value::Expr(tangent) = tangent {
            let value = Expr::apply(rules::op("mul"), vec![Expr::place(place(seed, &shared)), tangent]);
            body.push(Statement::Add { place: place(*slot, &shared), value, subtract: false, whole: false });
        }
    }
    Sweeps { function: shared, body, seed, slots }
}

fn block(shared: &mut Function, pushers: &mut [(Var, Pusher)], statements: &Block) -> Block {
    let mut out = Vec::new();
    for statement in statements {
        match statement {
            Statement::Branch(branch) => {
                let mut branch = branch.clone();
                branch.arms.iter_mut().for_each(|arm| arm.body = block(shared, pushers, &arm.body));
                out.push(Statement::Branch(branch));
            }
            Statement::Loop(each) => out.push(Statement::Loop(each.with(block(shared, pushers, &each.body)))),
            leaf => {
                out.push(leaf.clone());
                for (_, pusher) in pushers.iter_mut() {
                    let both = pusher.with(shared, |pusher| pusher.statement(leaf));
                    out.extend(both.into_iter().skip(1));
                }
            }
        }
    }
    out
}
