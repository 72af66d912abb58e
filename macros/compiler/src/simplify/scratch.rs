//! Adjoints that an iteration begins by overwriting stand in memory that all iterations use.
//!
//! ```text
//! for t reversed {                                        let v_scratch
//!     let v_bar = zeros like v                            for t reversed {
//!     for i in 0..n { v_bar[i] += e }             ⟶           let v_bar = zeros like v, or what was left in v_scratch
//!     back(v_bar)                                             for i in 0..n { v_bar[i] = e }
//! }                                                           back(v_bar)
//! ```
//!
//! *In:* the statements of a derivative, when all else is done. *Out:* the same. A loop over the numbers of the adjoint is the first to add to it, so that it overwrites
//! them; those that the loop leaves out are zero in every iteration, as others touch none but what this loop visits. Where the type does not tell the shape, zeros are
//! made anew (`rt::Scratch`). A variable that the adjoint is handed on to is the adjoint.

use proc_macro2::TokenStream;
use quote::quote;

use crate::analysis::elements;
use crate::ir::{Block, Code, Expr, Form, Function, Kind, Loop, Place, Range, Seed, Statement, Step, Value, Var, edit, uses};
use crate::rules;

/// Lets iterations share the memory of adjoints.
pub fn share(function: &mut Function, block: &mut Block, runtime: &TokenStream) {
    let mut out: Block = Vec::with_capacity(block.len());
    for mut statement in std::mem::take(block) {
        if let Statement::Loop(each) = &mut statement {
            out.extend(of_iteration(function, &mut each.body, runtime));
        }
        out.push(statement);
    }
    *block = out;
}

/// Changes the adjoints of an iteration; gives the declarations of what stands in front of the loop.
fn of_iteration(function: &mut Function, body: &mut Block, runtime: &TokenStream) -> Block {
    let mut declared = Vec::new();
    let declares = |statement: &Statement| match statement {
        Statement::Let { var, value: Some(Value::ZerosLike(_)), ty: None } => Some(*var),
        _ => None,
    };
    let zeros: Vec<Var> = body.iter().filter_map(declares).collect();
    for var in zeros {
        let Some(position) = body.iter().position(|statement| declares(statement) == Some(var)) else { continue };
        if function.variable(var).kind != Kind::Space || function.variable(var).form != Form::Owned {
            continue;
        }
        let (name, span) = (function.variable(var).name.clone(), function.variable(var).name.span());
        let shared = function.fresh(&name.to_string(), Kind::Space, true, Form::Reference, span);
        let mut changed = body.clone();
        if !overwrites(function, &mut changed, position, var, shared) {
            continue;
        }
        let scratch = function.fresh(&format!("{name}_scratch"), Kind::Inactive, true, Form::Owned, span);
        function.reused.insert(shared, scratch);
        let scratch_name = &function.variable(scratch).name;
        let tokens = quote!(let mut #scratch_name = #runtime::Scratch::new(););
        let code = Code { tokens, reads: Vec::new(), repeatable: false, span };
        declared.push(Statement::Code { code, binds: vec![scratch], writes: Vec::new() });
        *body = changed;
    }
    declared
}

/// Lets the `shared` variable stand for the adjoint that is declared at the position, and the first loop overwrite it; whether that is the same.
fn overwrites(function: &Function, body: &mut Block, position: usize, var: Var, shared: Var) -> bool {
    let Statement::Let { var: declared, .. } = &mut body[position] else { return false };
    *declared = shared;
    let mut name = var;
    let mut first: Option<Range> = None;
    let mut at = position + 1;
    while at < body.len() {
        if let Statement::Let { var: next, value: Some(Value::Expr(whole)), ty: None } = &body[at]
            && whole.whole() == Some(name)
            && first.is_some()
            && function.variable(*next).form == Form::Owned
        {
            if body[at + 1..].iter().any(|statement| uses::mentions(statement, name) > 0) {
                return false;
            }
            name = *next;
            body.remove(at);
            continue;
        }
        let statement = &mut body[at];
        at += 1;
        if uses::mentions(statement, name) == 0 {
            continue;
        }
        match (statement, &first) {
            (Statement::Loop(each), None) => {
                let Some(range) = each.to_its_end().cloned() else { return false };
                if mentions_in(&each.body, name) != 1 || !overwrites_each(function, each, range.index, name, shared) {
                    return false;
                }
                first = Some(range);
            }
            (Statement::Loop(each), Some(first)) => {
                let Some(range) = each.to_its_end().filter(|range| is_same(range, first)).cloned() else { return false };
                rename_elements(function, each, range.index, name, shared);
                if mentions_in(&each.body, name) > 0 || mentions_of_loop(each, name) {
                    return false;
                }
            }
            (statement @ Statement::Back(_), Some(_)) => {
                let Statement::Back(back) = &mut *statement else { return false };
                if let Seed::Place(place) = &mut back.seed
                    && place.root == name
                {
                    place.root = shared;
                }
                if uses::mentions(statement, name) > 0 {
                    return false;
                }
            }
            _ => return false,
        }
    }
    first.is_some()
}

/// Makes the addition of each iteration to its own number the first that the number holds.
fn overwrites_each(function: &Function, each: &mut Loop, index: Var, name: Var, shared: Var) -> bool {
    let adds = each.body.iter_mut().find_map(|statement| match statement {
        Statement::Add { place, value, subtract, whole: false } if place.root == name && is_element(function, place, index) => {
            let value = if *subtract { Expr::apply(rules::op("neg"), vec![value.clone()]) } else { value.clone() };
            Some((place.under(shared), value, statement))
        }
        _ => None,
    });
    let Some((place, value, statement)) = adds else { return false };
    *statement = Statement::Assign { place, value: Value::Expr(value) };
    true
}

/// Renames the elements of the adjoint that an iteration touches at its own index.
fn rename_elements(function: &Function, each: &mut Loop, index: Var, name: Var, shared: Var) {
    let rename = |place: &mut Place| {
        if place.root == name && is_element(function, place, index) {
            place.root = shared;
        }
    };
    for statement in &mut each.body {
        match statement {
            Statement::Add { place, .. } | Statement::Assign { place, .. } => rename(place),
            Statement::Let { value: Some(Value::Take(place, None)), .. } => rename(place),
            _ => {}
        }
        edit::own_exprs(statement, &mut |expr| edit::places(expr, &mut |place| rename(place)));
    }
}

/// Whether the place is the element of a variable at the index.
pub(super) fn is_element(function: &Function, place: &Place, index: Var) -> bool {
    matches!(place.path.as_slice(), [step @ Step::Index(_)] if elements::is_index(function, step, index))
}

/// Whether two ranges have the same ends, which nothing changes.
pub(super) fn is_same(one: &Range, other: &Range) -> bool {
    let fixed = |range: &Range| range.start.reads.is_empty() && range.end.reads.is_empty();
    let text = |range: &Range| (range.start.tokens.to_string(), range.end.tokens.to_string(), range.inclusive);
    fixed(one) && fixed(other) && text(one) == text(other)
}

fn mentions_in(block: &Block, var: Var) -> usize {
    block.iter().map(|statement| uses::mentions(statement, var)).sum()
}

/// Whether the loop's record holds the variable, or its range reads it.
fn mentions_of_loop(each: &Loop, var: Var) -> bool {
    let in_record = each.tape.iter().flat_map(|tape| &tape.saved).any(|saved| saved.var == var);
    in_record || each.conditions().iter().any(|code| code.reads.contains(&var))
}
