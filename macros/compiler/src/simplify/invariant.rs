//! `loop { let v = exp(a); .. } ⟶ let v = exp(a); loop { .. }` where `a` is declared outside of the loop and never changes.
//!
//! The value is the same in every iteration, and evaluating it can neither fail nor have an effect, so that it may be evaluated before a loop
//! that runs not at all. Cheap operations stay, as they cost no more than what keeps their results. What a branch may skip stays too.

use std::collections::BTreeSet;

use crate::ir::{Block, Expr, Function, Saved, Statement, Value, Var, edit, uses};

use super::is_pure;

/// Moves what does not change in a loop in front of it. What is `moved` already is there: the reverse of a loop computes it again.
pub fn hoist(function: &Function, block: &mut Block, moved: &mut BTreeSet<Var>) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| hoist(function, inner, &mut BTreeSet::new()));
        if let Statement::Loop(each) = &mut statement {
            let recorded: Vec<Saved> = each.tape.iter().flat_map(|tape| tape.saved.clone()).collect();
            let mut inside: BTreeSet<Var> = each.binds().into_iter().collect();
            each.body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = inside.insert(var)));
            inside.extend(recorded.iter().map(|saved| saved.var));
            let mut stays = Vec::new();
            for statement in std::mem::take(&mut each.body) {
                match &statement {
                    Statement::Let { var, value: Some(Value::Expr(expr)), .. }
                        if !recorded.iter().any(|saved| saved.var == *var) && moves(function, *var, expr, &inside) =>
                    {
                        inside.remove(var);
                        if moved.insert(*var) {
                            out.push(statement);
                        }
                    }
                    _ => stays.push(statement),
                }
            }
            each.body = stays;
        }
        out.push(statement);
    }
    *block = out;
}

fn moves(function: &Function, var: Var, expr: &Expr, inside: &BTreeSet<Var>) -> bool {
    let mut outside = true;
    uses::expr(expr, &mut |used| outside &= !inside.contains(&used));
    outside && !function.variable(var).mutable && is_dear(expr) && is_pure(function, expr)
}

/// Whether an operation of it costs more than arithmetic.
fn is_dear(expr: &Expr) -> bool {
    match expr {
        Expr::Operand(_) => false,
        Expr::Apply(op, arguments, _) => {
            !matches!(op.0.name, "add" | "sub" | "mul" | "neg" | "abs" | "max" | "min") || arguments.iter().any(is_dear)
        }
    }
}
