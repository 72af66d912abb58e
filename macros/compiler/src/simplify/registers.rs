//! `for i in a..b { m[k] += e; .. } ⟶ let sum = 0; for i in a..b { sum += e; .. } if a < b { m[k] += sum }` where `m[k]` is an adjoint that
//! the loop does nothing to but to add, and `k` is the same in every iteration.
//!
//! What is in memory waits for the last store at every addition, and two places that might be the same keep the back end from seeing that
//! these are not. Contributions to an adjoint are added in another order; values are not touched, as no variable of the function itself is.
//! The guard keeps an index from being checked where no iteration would have done so; a range with literal ends needs none.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::analysis::effects::Effects;
use crate::ir::{
    Block, Code, Expr, Form, Function, Header, Kind, Loop, Operand, Place, Range, Statement, Step, Value, Var, edit, uses,
};

/// Adds in variables of their own what loops add to one place; variables from number `first` on are no part of the function's value. Loops over
/// lanes have as many sums as iterations, which are added in halves: none waits for another.
pub fn accumulate(function: &mut Function, block: &mut Block, first: usize) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| accumulate(function, inner, first));
        let after = match &mut statement {
            Statement::Loop(each) => sums(function, each, first, &mut out),
            _ => Vec::new(),
        };
        out.push(statement);
        out.extend(after);
    }
    *block = out;
}

/// Changes the additions of a loop; declares their sums in `before`, and gives what adds them.
fn sums(function: &mut Function, each: &mut Loop, first: usize, before: &mut Block) -> Block {
    let Header::Range(range) = &each.header else { return Vec::new() };
    let side_by_side = function.lanes.contains(&range.index).then(|| (range.index, range.end.clone()));
    let guard = if side_by_side.is_some() { None } else { guard(range) };
    let effects = Effects::of_block(&each.body);
    let mut inside: BTreeSet<Var> = each.binds().into_iter().collect();
    inside.extend(each.tape.iter().flat_map(|tape| &tape.saved).map(|saved| saved.var));
    each.body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = inside.insert(var)));
    let mut found: Vec<(Place, Var)> = Vec::new();
    for statement in &mut each.body {
        let Statement::Add { place, value, subtract, whole: false } = statement else { continue };
        if !stays(function, place, first, &effects, &inside) {
            continue;
        }
        let known = found.iter().find(|(other, _)| same(other, place)).map(|(_, sum)| *sum);
        let sum = known.unwrap_or_else(|| {
            let (sum, zero) = new_sum(function, place, side_by_side.as_ref().map(|(_, count)| count));
            before.push(Statement::Let { var: sum, value: Some(zero), ty: None });
            found.push((place.clone(), sum));
            sum
        });
        *place = Place::whole(sum, place.span);
        let Some((lane, _)) = &side_by_side else { continue };
        *place = place.then(Step::Index(Operand::Place(Place::whole(*lane, place.span))));
        if known.is_none() {
            // the first in its element
            let value = if *subtract { Expr::apply(crate::rules::op("neg"), vec![value.clone()]) } else { value.clone() };
            *statement = Statement::Assign { place: place.clone(), value: Value::Expr(value) };
        }
    }
    let add = |(place, sum): (Place, Var)| {
        let whole = Place::whole(sum, place.span);
        let value = match &side_by_side {
            None => Expr::place(whole),
            Some((_, count)) => match count.literal() {
                Some(count) => in_halves(&whole, count),
                None => of_many(function, sum, count),
            },
        };
        Statement::Add { place, value, subtract: false, whole: false }
    };
    let additions: Block = found.into_iter().map(add).collect();
    match guard {
        Some(on) if !additions.is_empty() => vec![Statement::either(on, additions, Vec::new())],
        _ => additions,
    }
}

/// A sum, or one for each lane.
fn new_sum(function: &mut Function, place: &Place, side_by_side: Option<&Code>) -> (Var, Value) {
    let name = function.variable(place.root).name.to_string();
    match side_by_side {
        None => (function.fresh(&format!("{name}_sum"), Kind::Scalar, true, Form::Owned, place.span), Value::Zero),
        Some(count) => {
            let length = Code { span: place.span, ..count.clone() };
            let sums = function.fresh(&format!("{name}_sums"), Kind::Space, true, Form::Owned, place.span);
            (sums, Value::Repeat(Box::new(Value::Zero), length))
        }
    }
}

/// The sum of elements, a power of two: the second half is added to the first, as vectors are.
pub fn in_halves(sums: &Place, count: usize) -> Expr {
    let mut parts: Vec<Expr> = (0..count).map(|index| Expr::place(sums.then(Step::constant(index)))).collect();
    while parts.len() > 1 {
        let second = parts.split_off(parts.len() / 2);
        parts = parts.into_iter().zip(second).map(|(a, b)| Expr::apply(crate::rules::op("add"), vec![a, b])).collect();
    }
    parts.remove(0)
}

/// The same of as many as the runtime says: by a function beside the constant.
fn of_many(function: &Function, sums: Var, count: &Code) -> Expr {
    let mut path: Vec<TokenTree> = count.tokens.clone().into_iter().collect();
    path.pop();
    let (path, sums_name) = (path.into_iter().collect::<TokenStream>(), &function.variable(sums).name);
    let tokens = quote!(#path sum_of_lanes(&#sums_name));
    Expr::Operand(Operand::Code(Code { tokens, reads: vec![sums], repeatable: true, span: count.span }))
}

/// Whether the place is in memory, an adjoint, and the same in every iteration, and the loop does nothing else to it.
fn stays(function: &Function, place: &Place, first: usize, effects: &Effects, inside: &BTreeSet<Var>) -> bool {
    let root = place.root;
    let in_memory = !place.path.is_empty() || function.variable(root).form != Form::Owned;
    let alone = effects.adds.contains(&root) && !effects.reads.contains(&root) && !effects.writes.contains(&root);
    let mut fixed = place.path.iter().all(|step| match step {
        Step::Index(Operand::Code(code)) => code.repeatable,
        _ => true,
    });
    uses::place(place, &mut |var| {
        fixed &= var == root || !inside.contains(&var) && !effects.writes.contains(&var) && !effects.adds.contains(&var);
    });
    root.0 as usize >= first && !inside.contains(&root) && in_memory && alone && fixed
}

/// Whether two places are written alike.
pub fn same(a: &Place, b: &Place) -> bool {
    let steps = |(a, b): (&Step, &Step)| match (a, b) {
        (Step::Field(a), Step::Field(b)) => a == b,
        (Step::Element(a), Step::Element(b)) => a == b,
        (Step::Index(Operand::Place(a)), Step::Index(Operand::Place(b))) => same(a, b),
        (Step::Index(Operand::Code(a)), Step::Index(Operand::Code(b))) => a.tokens.to_string() == b.tokens.to_string(),
        _ => false,
    };
    a.root == b.root && a.path.len() == b.path.len() && a.path.iter().zip(&b.path).all(steps)
}

/// Whether the range has an element, where its ends do not show that it has.
fn guard(range: &Range) -> Option<Code> {
    if range.start.literal::<usize>().zip(range.end.literal()).is_some_and(|(start, end)| start < end) {
        return None;
    }
    let (start, end) = (&range.start.tokens, &range.end.tokens);
    let tokens = if range.inclusive { quote!(!(#start..=#end).is_empty()) } else { quote!(!(#start..#end).is_empty()) };
    let reads = range.start.reads.iter().chain(&range.end.reads).copied().collect();
    Some(Code { tokens, reads, repeatable: true, span: range.start.span })
}
