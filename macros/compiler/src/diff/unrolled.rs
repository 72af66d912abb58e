//! Reverse mode of a straight line, in the place of loops over literal ranges that would keep records.
//!
//! *In:* a function whose result is a scalar. *Out:* both sweeps of its [`line()`], which keeps in local variables what the loops would keep in tapes, and
//! adds each scalar's adjoint to its place in the parameter's. None where the function is no line, or a long one.
//!
//! ```text
//! for i in 0..2 {                       let sum_now = sum * x;  let sum_now_2 = sum_now * x
//!   sum = sum * x;           ⟶          ..
//!   tape <- (sum) }                     d_x += x_bar
//! ```

use std::collections::BTreeSet;

use crate::ir::{Block, Expr, Form, Function, Passing, Place, Statement, Var, uses};

use super::line::{Line, Tree, line, own};
use super::reverse::{self, Sweeps};

/// The most statements that a line has in the place of loops.
const LONGEST: usize = 64;

/// Both sweeps of a function as one line.
pub fn unrolled(function: &Function, layouts: &[Option<Tree<()>>]) -> Option<Sweeps> {
    let changes = function.parameters.iter().any(|p| p.active && p.passing == Passing::Mutable);
    let Line { function: mut straight, loads, inputs, outputs } = line(function, layouts).filter(|_| !changes)?;
    let [output] = outputs.as_slice() else { return None };
    straight.result = Some(own(&straight, output)?);
    if straight.body.len() > LONGEST {
        return None;
    }
    let reversed = reverse::reverse(&straight);
    let mut shared = reversed.function;
    let slots = function.parameters.iter().map(|parameter| {
        let itself = inputs.iter().position(|input| input.root == parameter.var && input.path.is_empty());
        if let Some(position) = itself {
            return reversed.slots[position];
        }
        let variable = shared.variable(parameter.var).clone();
        let wish = format!("d_{}", variable.name);
        parameter.active.then(|| shared.fresh(&wish, variable.kind, false, Form::Slot, variable.name.span()))
    });
    let slots: Vec<Option<Var>> = slots.collect();
    // the slots of the line's scalars are places in those of the parameters
    let slot_of = |root: Var| {
        let position = reversed.slots.iter().position(|slot| *slot == Some(root))?;
        let input: &Place = &inputs[position];
        let parameter = function.parameters.iter().position(|parameter| parameter.var == input.root)?;
        Some(input.under(slots[parameter]?))
    };
    let mut sweeps: Block = reversed.forward;
    sweeps.extend(reversed.backward.into_iter().map(|statement| match statement {
        Statement::Add { place, value, subtract, whole } => {
            Statement::Add { place: slot_of(place.root).unwrap_or(place), value, subtract, whole }
        }
        other => other,
    }));
    // the result may be a parameter's scalar itself
    let result = Place::whole(straight.result?, shared.variable(straight.result?).name.span());
    let mut body = used(&loads, &sweeps, &[&Expr::place(result)]);
    body.append(&mut sweeps);
    shared.parameters.clone_from(&function.parameters);
    Some(Sweeps { function: shared, body, seed: reversed.seed, slots, forward_mode: false })
}

/// The loads of the scalars that the statements or the expressions use.
pub fn used(loads: &Block, block: &Block, exprs: &[&Expr]) -> Block {
    let mut used = BTreeSet::new();
    uses::block(block, &mut |var| _ = used.insert(var));
    exprs.iter().for_each(|expr| uses::expr(expr, &mut |var| _ = used.insert(var)));
    let is_used = |load: &&Statement| matches!(load, Statement::Let { var, .. } if used.contains(var));
    loads.iter().filter(is_used).cloned().collect()
}
