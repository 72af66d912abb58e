//! `for i in first..past { y[i] += x[i] } ⟶ let x_block = &x[first..past]; let y_block = &mut y[first..past]; for i in first..past { y_block[i - first] += x_block[i - first] }`
//! where the loop names nothing of `x` and `y` but the element at its index.
//!
//! *In:* the statements of an iteration, and the block of iterations that they are in. *Out:* what stands in front of the block; its statements name elements of that.
//! That all elements are there is asked once for the block, so that the back end, which knows the length of the block, makes vector instructions of its iterations:
//! it does not see by itself that what each of them asks is the same.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use crate::analysis::elements;
use crate::ir::{Block, Code, Expr, Form, Function, Kind, Operand, Place, Statement, Step, Value, Var, edit, uses};

/// A block of iterations: the index, the first, and one past the last.
pub struct Iterations {
    pub index: Var,
    pub first: Var,
    pub past: Var,
    /// How many variables are the function's own. What it changes of them itself stays as it is written.
    pub own: usize,
}

/// Names what the iterations take of sequences.
pub fn name(function: &mut Function, body: &mut Block, iterations: &Iterations) -> Block {
    let mut out = Vec::new();
    for (root, (named, exclusive)) in taken(function, body, iterations.index) {
        let mut mentioned = 0;
        uses::block(body, &mut |var| mentioned += usize::from(var == root));
        let stays = exclusive && (root.0 as usize) < iterations.own;
        if mentioned == named && !stays {
            let part = declare(function, root, exclusive, iterations, &mut out);
            let at = at(function, iterations);
            places(body, &mut |place, _| {
                if place.root == root {
                    place.root = part;
                    place.path[0] = Step::Index(Operand::Code(at.clone()));
                }
            });
        }
    }
    out
}

/// The sequences of which elements at the index are named: how often, and whether one is changed.
fn taken(function: &Function, body: &mut Block, index: Var) -> BTreeMap<Var, (usize, bool)> {
    let mut taken = BTreeMap::new();
    places(body, &mut |place, changed| {
        let is_there = matches!(function.variable(place.root).form, Form::Owned | Form::Reference | Form::Slot);
        if is_there && place.path.first().is_some_and(|step| elements::is_index(function, step, index)) {
            let (named, exclusive) = taken.entry(place.root).or_insert((0, false));
            *named += 1;
            *exclusive |= changed;
        }
    });
    taken
}

/// Visits the places that the statements of arithmetic name, and those that they change.
fn places(body: &mut Block, see: &mut dyn FnMut(&mut Place, bool)) {
    for statement in body {
        let expr: &mut Expr = match statement {
            Statement::Let { value: Some(Value::Expr(expr)), .. } => expr,
            Statement::Assign { place, value: Value::Expr(expr) } | Statement::Add { place, value: expr, whole: false, .. } => {
                see(place, true);
                expr
            }
            _ => continue,
        };
        edit::places(expr, &mut |place| see(place, false));
    }
}

/// `let y_block = &mut y[first..past];`
fn declare(function: &mut Function, root: Var, exclusive: bool, iterations: &Iterations, out: &mut Block) -> Var {
    let is_slot = function.variable(root).form == Form::Slot;
    let form = if is_slot { Form::Slot } else { Form::Reference };
    let wish = format!("{}_block", function.variable(root).name);
    let part = function.fresh(&wish, Kind::Space, is_slot, form, function.variable(root).name.span());
    let name = |var: Var| &function.variable(var).name;
    let [part_name, root_name, first, past] = [part, root, iterations.first, iterations.past].map(name);
    let mutable = exclusive.then(|| quote!(mut));
    let tokens = match is_slot {
        true => quote!(let mut #part_name = #root_name.as_deref_mut().map(|#root_name| &mut #root_name[#first..#past]);),
        false => quote!(let #part_name = &#mutable #root_name[#first..#past];),
    };
    let reads = vec![root, iterations.first, iterations.past];
    out.push(Statement::Code {
        code: Code { tokens, reads, repeatable: false, span: root_name.span() },
        binds: vec![part],
        // what is lent exclusively is declared `mut`
        writes: exclusive.then_some(root).into_iter().collect(),
    });
    part
}

/// `i - first`
fn at(function: &Function, iterations: &Iterations) -> Code {
    let name = |var: Var| &function.variable(var).name;
    let (index, first) = (name(iterations.index), name(iterations.first));
    let tokens: TokenStream = quote!(#index - #first);
    Code { tokens, reads: vec![iterations.index, iterations.first], repeatable: true, span: index.span() }
}
