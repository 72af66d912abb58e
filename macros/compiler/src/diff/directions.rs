//! Forward mode in the direction of every input at once.
//!
//! *In:* a function whose active parameters are scalars by value. *Out:* its statements, each followed by its tangent in every direction, then
//! the cotangent of the result times these tangents, added to the slots: what `vjp` does, without a backward sweep.
//!
//! ```text
//! let y = mul(a, b)   ⟶   let y = mul(a, b);  let y_dot = b;  let y_dot_2 = a
//!                         d_a += seed * y_dot;  d_b += seed * y_dot_2
//! ```

use crate::ir::{Block, Expr, Form, Function, Kind, Number, Operand, Place, Statement, Value};
use crate::rules;

use super::forward::Pusher;
use super::reverse::Sweeps;
use super::steps::step;

/// Differentiates a function by each of its inputs: statement by statement, or steps of recurrences as a whole.
pub fn directions(function: &Function, steps: bool) -> Sweeps {
    let mut along = Along::with(function, steps);
    let result = function.result.expect("the function has a result");
    let result = Place::whole(result, function.variable(result).name.span());
    let mut tangents = along.tangents(&result).into_iter();
    let Along { function: mut shared, mut body, .. } = along;
    let seed = shared.fresh("seed", Kind::Scalar, false, Form::Reference, result.span);
    let mut slots = Vec::new();
    for parameter in &function.parameters {
        let variable = shared.variable(parameter.var).clone();
        let span = variable.name.span();
        let slot =
            parameter.active.then(|| shared.fresh(&format!("d_{}", variable.name), variable.kind, false, Form::Slot, span));
        if let Some(slot) = slot
            && let Some(tangent) = tangents.next().expect("each active parameter has a direction")
        {
            let seed = Expr::place(Place::whole(seed, result.span));
            let value = Expr::apply(rules::op("mul"), vec![seed, tangent]);
            body.push(Statement::Add { place: Place::whole(slot, span), value, subtract: false, whole: false });
        }
        slots.push(slot);
    }
    Sweeps { function: shared, body, seed, slots, forward_mode: true }
}

/// A function with its tangents in the direction of each active parameter.
pub struct Along {
    /// The function, with the variables of the tangents.
    pub function: Function,
    /// Its statements, each followed by its tangents.
    pub body: Block,
    pushers: Vec<Pusher>,
}

impl Along {
    /// Adds the tangents.
    pub fn inputs(function: &Function) -> Self {
        Self::with(function, false)
    }

    /// The same, where steps of recurrences may be differentiated as a whole.
    fn with(function: &Function, steps: bool) -> Self {
        let mut shared = function.clone();
        let mut body = Vec::new();
        let mut pushers = Vec::new();
        for parameter in function.parameters.iter().filter(|parameter| parameter.active) {
            let mut pusher = Pusher::towards(function, parameter.var);
            let own = pusher.with(&mut shared, |pusher| pusher.tangent(parameter.var));
            let one = Value::Expr(Expr::Operand(Operand::Number(Number { written: None, value: 1.0 })));
            body.push(Statement::Let { var: own, value: Some(one), ty: None });
            pushers.push(pusher);
        }
        for pusher in &mut pushers {
            // what is overwritten later on has a tangent from the beginning
            let changed = function.parameters.iter().map(|p| p.var).filter(|var| function.variable(*var).mutable);
            for var in changed.collect::<Vec<_>>() {
                if let Some(tangent) = pusher.with(&mut shared, |pusher| pusher.undeclared(var)) {
                    body.push(Statement::Let { var: tangent, value: Some(Value::Zero), ty: None });
                }
            }
        }
        body.extend(block(&mut shared, &mut pushers, &function.body, steps));
        Self { function: shared, body, pushers }
    }

    /// The tangents of what is at a place, one for each active parameter: none where it is zero.
    pub fn tangents(&mut self, place: &Place) -> Vec<Option<Expr>> {
        let shared = &mut self.function;
        let tangents = self.pushers.iter_mut().map(|pusher| match pusher.with(shared, |pusher| pusher.tangent_of_place(place)) {
            Value::Expr(tangent) => Some(tangent),
            _ => None,
        });
        tangents.collect()
    }
}

fn block(shared: &mut Function, pushers: &mut [Pusher], statements: &Block, steps: bool) -> Block {
    let mut out = Vec::new();
    for statement in statements {
        match statement {
            Statement::Branch(branch) => {
                let mut branch = branch.clone();
                branch.arms.iter_mut().for_each(|arm| arm.body = block(shared, pushers, &arm.body, steps));
                out.push(Statement::Branch(branch));
            }
            Statement::Loop(each) => {
                let step = steps.then(|| step(shared, pushers, &each.body)).flatten();
                let body = step.unwrap_or_else(|| block(shared, pushers, &each.body, steps));
                out.push(Statement::Loop(each.with(body)));
            }
            leaf => {
                out.push(leaf.clone());
                for pusher in pushers.iter_mut() {
                    let both = pusher.with(shared, |pusher| pusher.statement(leaf));
                    out.extend(both.into_iter().skip(1));
                }
            }
        }
    }
    out
}
