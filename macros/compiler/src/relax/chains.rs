//! `for i in a..b { s += e } ⟶ for i in a..b { c[i mod 8] += e } s += c₀ + .. + c₇` where the loop does nothing to `s` but to add to it.
//!
//! One sum waits for every addition before the next; eight do not wait for each other, and are vector instructions. That reassociates the sum, as
//! `relaxed` permits: always in the same way, whatever the machine. A chain begins at −0.0, which changes nothing that is added to it, so that a
//! NaN, an infinity or a zero comes out as it would. What is left over behind the last eight goes to `s` one by one:
//!
//! ```text
//! let mut first = a
//! while let Some(past) = first + 8, up to b { for i in first..past { c[i - first] += e } first = past }
//! for i in first..b { s += e }
//! s += ((c[0] + c[4]) + (c[2] + c[6])) + ((c[1] + c[5]) + (c[3] + c[7]))
//! ```
//!
//! What the iterations of a block take of sequences is looked up once for the block (`windows`).
//!
//! Without `relaxed`, only the sums that flow back are split, so that values keep their bits, and only where the body stores in no neighbours.
//!
//! Iterations keep their order, so that all else in the body is as it was; those of a loop that runs backwards are turned where their order
//! is free. Bodies with loops, choices or calls stay: what they spend is elsewhere.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::analysis::effects::Effects;
use crate::ir::{
    Block, Code, Counting, Expr, Form, Function, Header, Kind, Loop, Number, Operand, Place, Range, Statement, Step, Value, Var,
    edit,
};
use crate::rules::Written;
use crate::simplify::{is_over_strip, registers, text};

use super::index;
use super::windows::Window;

/// The number of chains.
const CHAINS: usize = 8;

/// Which sums are split.
#[derive(Clone, Copy)]
pub enum Which<'a> {
    /// All, on every target alike; the runtime adds them up.
    All(&'a TokenStream),
    /// Those that flow back, as the function's own keep their bits; on targets that gain by it, which the runtime knows.
    Backward(&'a TokenStream),
}

/// Splits the sums of the innermost loops; the function has so many variables of its own.
pub fn split(function: &mut Function, block: &mut Block, own: usize, which: Which) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| split(function, inner, own, which));
        match statement {
            Statement::Loop(each) => match sums(function, &each, own, which) {
                Some((range, sums)) => in_chains(function, &each.body, &range, &sums, (own, which), &mut out),
                None => out.push(Statement::Loop(each)),
            },
            other => out.push(other),
        }
    }
    *block = out;
}

/// The places that a loop only adds to, and the range that it may run over; none where chains would gain nothing.
fn sums(function: &Function, each: &Loop, own: usize, which: Which) -> Option<(Range, BTreeSet<Var>)> {
    let Header::Range(range) = &each.header else { return None };
    let plain = each.exit.is_none() && each.counting == Counting::None && each.tape.is_none() && !range.inclusive;
    let few = range.literal().is_some_and(|range| range.len() < 2 * CHAINS) || is_over_strip(range);
    if !plain || few || !index::counts_elements(function, range.index, &each.body) || !each.body.iter().all(is_cheap) {
        return None;
    }
    let effects = Effects::of_block(&each.body);
    let adds: Vec<&Place> = each.body.iter().filter_map(added).collect();
    let alone = |var: &Var| !effects.reads.contains(var) && !effects.writes.contains(var);
    if range.reversed && !(effects.writes.is_empty() && adds.iter().all(|place| alone(&place.root))) {
        return None;
    }
    let is_sum = |place: &&&Place| {
        let variable = function.variable(place.root);
        place.path.is_empty() && variable.form == Form::Owned && variable.kind == Kind::Scalar
    };
    let sums: BTreeSet<Var> = adds.iter().filter(is_sum).map(|place| place.root).filter(alone).collect();
    let sums: BTreeSet<Var> = sums.into_iter().filter(|sum| effects.adds.contains(sum)).collect();
    if let Which::Backward(_) = which {
        // a sum that stays in its order takes the time that the others would gain
        let stays = adds.iter().filter(is_sum).any(|place| (place.root.0 as usize) < own);
        if stays || !each.body.iter().all(|statement| stores_alone(statement, &each.body)) {
            return None;
        }
    }
    (!sums.is_empty()).then(|| (Range { reversed: false, ..range.clone() }, sums))
}

/// Whether the body stores in the elements of a variable at one place only: neighbours would wait for each other, however the sums run.
fn stores_alone(statement: &Statement, body: &Block) -> bool {
    let stored = |statement: &Statement| match statement {
        Statement::Add { place, .. } | Statement::Assign { place, .. } => Some(place.clone()),
        Statement::Let { value: Some(Value::Take(place, _)), .. } => Some(place.clone()),
        _ => None,
    };
    let Some(place) = stored(statement) else { return true };
    let others = body.iter().filter_map(stored).filter(|other| other.root == place.root);
    others.map(|other| text(&other)).all(|other| other == text(&place))
}

/// What a statement adds to.
fn added(statement: &Statement) -> Option<&Place> {
    match statement {
        Statement::Add { place, .. } => Some(place),
        _ => None,
    }
}

/// Whether a statement is no more than arithmetic.
fn is_cheap(statement: &Statement) -> bool {
    match statement {
        Statement::Let { value: Some(Value::Expr(expr)), .. } | Statement::Assign { value: Value::Expr(expr), .. } => {
            is_cheap_expr(expr)
        }
        Statement::Add { value, whole, .. } => !whole && is_cheap_expr(value),
        Statement::Code { code, writes, .. } => code.repeatable && writes.is_empty(),
        Statement::Check { .. } | Statement::Inert(_) => true,
        _ => false,
    }
}

fn is_cheap_expr(expr: &Expr) -> bool {
    match expr {
        Expr::Operand(_) => true,
        Expr::Apply(op, arguments, _) => {
            let is_call = matches!(op.0.written, Written::Method | Written::Function);
            let is_instruction = matches!(op.0.name, "abs" | "copysign" | "max" | "min" | "powi" | "recip" | "relu" | "sqrt");
            (!is_call || is_instruction) && arguments.iter().all(is_cheap_expr)
        }
    }
}

/// The loop in blocks of as many iterations as there are chains, then the rest, then the sum of the chains.
fn in_chains(
    function: &mut Function,
    body: &Block,
    range: &Range,
    sums: &BTreeSet<Var>,
    (own, which): (usize, Which),
    out: &mut Block,
) {
    let span = range.start.span;
    let mut inactive = |wish: &str| function.fresh(wish, Kind::Inactive, false, Form::Owned, span);
    let [first, past, end] = ["first", "past", "end"].map(&mut inactive);
    let name = |function: &Function, var: Var| function.variable(var).name.clone();
    let [first_name, past_name, end_name, i] = [first, past, end, range.index].map(|var| name(function, var));
    let (start_tokens, end_tokens) = (&range.start.tokens, &range.end.tokens);
    let declares = |tokens: TokenStream, reads: &[Var], var: Var| {
        let code = Code { tokens, reads: reads.to_vec(), repeatable: true, span };
        Statement::Code { code, binds: vec![var], writes: Vec::new() }
    };
    out.push(declares(quote!(let #end_name = #end_tokens;), &range.end.reads, end));
    out.push(declares(quote!(let mut #first_name = #start_tokens;), &range.start.reads, first));
    let mut chains = Vec::new();
    for sum in sums {
        let wish = format!("{}_chains", function.variable(*sum).name);
        let var = function.fresh(&wish, Kind::Space, true, Form::Owned, span);
        let zero = Expr::Operand(Operand::Number(Number { written: None, value: -0.0 }));
        let length = code(index::unsuffixed(CHAINS), &[], span);
        out.push(Statement::Let { var, value: Some(Value::Repeat(Box::new(Value::Expr(zero)), length)), ty: None });
        chains.push((*sum, var));
    }
    let lane = code(quote!(#i - #first_name), &[range.index, first], span);
    let in_block = body.iter().cloned().map(|mut statement| {
        if let Statement::Add { place, .. } = &mut statement
            && let Some((_, chains)) = chains.iter().find(|(sum, _)| *sum == place.root)
        {
            *place = Place::whole(*chains, place.span).then(Step::Index(Operand::Code(lane.clone())));
        }
        statement
    });
    let mut in_block: Block = in_block.collect();
    // where the number of iterations is a constant, the back end sees by itself that all elements are there
    let is_constant = range.start.reads.is_empty() && range.end.reads.is_empty();
    let own = if matches!(which, Which::All(_)) { 0 } else { own };
    let window = Window { index: range.index, first, past, at: lane.clone(), own };
    let mut block = if is_constant { Block::new() } else { window.open(function, &mut in_block) };
    let over = |start: Code, end: Code, body: Block| {
        Statement::Loop(Loop::over(Range { index: range.index, start, end, inclusive: false, reversed: false }, body))
    };
    let [first_code, past_code, end_code] =
        [(first, &first_name), (past, &past_name), (end, &end_name)].map(|(var, name)| code(quote!(#name), &[var], span));
    let step = index::unsuffixed(CHAINS);
    let gains = match which {
        Which::All(_) => TokenStream::new(),
        Which::Backward(runtime) => quote!(#runtime::GAINS &&),
    };
    let on = quote! {
        let ::core::option::Option::Some(#past_name) =
            ::core::primitive::usize::checked_add(#first_name, #step).filter(|past| #gains *past <= #end_name)
    };
    let next = Code { tokens: quote!(#first_name = #past_name;), ..past_code.clone() };
    block.push(over(first_code.clone(), past_code, in_block));
    block.push(Statement::Code { code: next, binds: Vec::new(), writes: vec![first] });
    let header = Header::While { on: code(on, &[first, end], span), binds: vec![past] };
    out.push(Statement::Loop(Loop { header, body: block, exit: None, counter: None, counting: Counting::None, tape: None }));
    let any = Code { reads: range.start.reads.iter().copied().chain([first]).collect(), ..first_code.clone() };
    out.push(over(first_code, end_code, body.clone()));
    let added = chains.into_iter().map(|(sum, chains)| added_up(function, sum, chains, (which, span))).collect();
    match which {
        Which::All(_) if range.start.repeatable => {
            // without a block there is nothing to add
            let on = Code { tokens: quote!(#first_name != #start_tokens), ..any };
            out.push(Statement::either(on, added, Block::new()));
        }
        _ => out.extend(added),
    }
}

fn code(tokens: TokenStream, reads: &[Var], span: Span) -> Code {
    Code { tokens, reads: reads.to_vec(), repeatable: true, span }
}

/// Adds the chains to their sum, in halves.
fn added_up(function: &Function, sum: Var, chains: Var, (which, span): (Which, Span)) -> Statement {
    let value = match which {
        Which::All(runtime) => {
            let name = &function.variable(chains).name;
            Expr::Operand(Operand::Code(code(quote!(#runtime::sum_of_chains(#name)), &[chains], span)))
        }
        Which::Backward(_) => registers::in_halves(&Place::whole(chains, span), CHAINS),
    };
    Statement::Add { place: Place::whole(sum, span), value, subtract: false, whole: false }
}
