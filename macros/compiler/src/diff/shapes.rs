//! What an overwritten place was shaped like.
//!
//! *In:* a function. *Out:* the same, where what may be replaced by something of another shape (a `Vec` of another length) tells its shape before.
//!
//! ```text
//! h = next   ⟶   let h_shape = shape h;  h = next
//! ```
//!
//! The reverse of an assignment leaves zeros in the adjoint, for what was there before: of its shape, which the shape of what came after does not
//! tell. Types made of scalars have one shape, and a variable of such a type is known by any value that it is given: an array of scalars, or
//! a part of a parameter that is one. Of others it is not known here; what is kept for them is nothing where their type turns out to have one.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenTree;

use super::versions;
use crate::analysis::arithmetic;
use crate::ir::sets::VarSet;
use crate::ir::{Block, Expr, Form, Function, Kind, Operand, Place, Statement, Step, Value, Var, edit};

/// Tells the shapes of what is overwritten by something of another shape. What has another name until then is not gone, so its adjoint is not either.
pub fn tell(function: &mut Function, versions: &BTreeMap<Var, Var>) {
    let parameters = function.parameters.iter().filter(|parameter| parameter.of_scalars);
    let mut fixed: VarSet = parameters.map(|parameter| parameter.var).collect();
    let mut body = std::mem::take(&mut function.body);
    loop {
        let known = fixed.len();
        learn(function, &body, &mut fixed);
        if fixed.len() == known {
            break;
        }
    }
    before_assignments(function, &mut body, (&fixed, versions), &mut BTreeSet::new());
    function.body = body;
}

/// Adds the variables that are given a value of one shape.
fn learn(function: &Function, block: &Block, fixed: &mut VarSet) {
    for statement in block {
        match statement {
            Statement::Let { var, value: Some(value), .. } if is_fixed(function, value, fixed) => _ = fixed.insert(*var),
            Statement::Assign { place, value } if place.path.is_empty() && is_fixed(function, value, fixed) => {
                fixed.insert(place.root);
            }
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| learn(function, &arm.body, fixed)),
            Statement::Loop(each) => learn(function, &each.body, fixed),
            _ => {}
        }
    }
}

/// Whether values of this value's type have one shape.
fn is_fixed(function: &Function, value: &Value, fixed: &VarSet) -> bool {
    match value {
        Value::Expr(Expr::Apply(..) | Expr::Operand(Operand::Number(_))) | Value::Zero => true,
        Value::Expr(Expr::Operand(Operand::Place(place))) | Value::Clone(place) | Value::ZerosLike(place) => {
            is_fixed_place(function, place, fixed)
        }
        Value::Tuple(values) | Value::Array(values) => values.iter().all(|value| is_fixed(function, value, fixed)),
        Value::Repeat(value, _) => is_fixed(function, value, fixed),
        Value::Struct { fields, base: None, .. } => fields.iter().all(|(_, value)| is_fixed(function, value, fixed)),
        _ => false,
    }
}

fn is_fixed_place(function: &Function, place: &Place, fixed: &VarSet) -> bool {
    fixed.contains(place.root) || function.is_scalar(place.root)
}

/// Whether copied code is stored in a field: it may be a skipped one, which holds no numbers, and has no shape then.
pub fn is_inactive_field(place: &Place, value: &Value) -> bool {
    matches!(place.path.last(), Some(Step::Field(_))) && matches!(value, Value::Expr(Expr::Operand(Operand::Code(_))))
}

/// Whether the value is a number, a truth value, or made by an operator, by its form.
fn is_number(value: &Value) -> bool {
    let Value::Expr(Expr::Operand(Operand::Code(code))) = value else { return false };
    let tokens: Vec<TokenTree> = code.tokens.clone().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Literal(_)] => true,
        [TokenTree::Ident(name)] => name == "true" || name == "false",
        tokens => {
            let is_operator = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if "+-*/%".contains(punct.as_char()));
            arithmetic::is_arithmetic(code) && tokens.iter().skip(1).any(is_operator)
        }
    }
}

/// Goes through a block in its order; `empty` are the variables that hold nothing yet.
fn before_assignments(
    function: &mut Function,
    block: &mut Block,
    known: (&VarSet, &BTreeMap<Var, Var>),
    empty: &mut BTreeSet<Var>,
) {
    let (fixed, versions) = known;
    let ends = versions::ends(block, versions);
    for (position, mut statement) in std::mem::take(block).into_iter().enumerate() {
        match &mut statement {
            Statement::Let { var, value: None, .. } => _ = empty.insert(*var),
            Statement::Assign { place, .. } if place.path.is_empty() && empty.remove(&place.root) => {}
            Statement::Assign { .. } if ends.contains_key(&position) => {}
            Statement::Assign { place, value } => {
                let variable = function.variable(place.root);
                let may_differ = variable.kind == Kind::Space
                    && variable.mutable
                    && variable.form != Form::Late
                    && !is_fixed(function, value, fixed)
                    && !is_fixed_place(function, place, fixed)
                    && !(is_inactive_field(place, value) && is_number(value));
                if may_differ {
                    let wish = format!("{}_shape", variable.name);
                    let var = function.fresh(&wish, Kind::Space, false, Form::Owned, place.span);
                    let told = match is_inactive_field(place, value) {
                        true => Value::FieldTangent(place.clone()),
                        false => Value::Shape(place.clone()),
                    };
                    block.push(Statement::Let { var, value: Some(told), ty: None });
                }
            }
            // each arm fills what the others fill
            Statement::Branch(branch) => {
                let before = empty.clone();
                for arm in &mut branch.arms {
                    let mut here = before.clone();
                    before_assignments(function, &mut arm.body, known, &mut here);
                    empty.retain(|var| here.contains(var));
                }
            }
            other => edit::inner_blocks(other, &mut |inner| before_assignments(function, inner, known, empty)),
        }
        block.push(statement);
    }
}
