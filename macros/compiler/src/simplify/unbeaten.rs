//! Blocks of a fold by `min` or `max` over elements that change nothing.
//!
//! ```text
//! for i in a..b {                             while first < b {
//!   m = max(m, x[i])                            let past = first + 16, up to b
//!   tape <- (i) where x[i] wins          ⟶      if not all of x[first..past] are below m {
//! }                                                for i in first..past { m = max(m, x[i]); tape <- (i) where x[i] wins } }
//!                                               first = past }
//! ```
//!
//! *In:* the statements of a derivative, when all else is done. *Out:* the same, where a loop that is nothing but such a fold, whose winners are
//! kept, asks for whole blocks whether one of their elements may win.
//!
//! An element that is below the greatest so far leaves it, to the bit, as it is, and has no record. Whether all of a block are is a comparison
//! of vectors, and waits for nothing; one extremum after the other waits for each. Elements that are equal, and what is not a number, are below
//! nothing.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::analysis::elements;
use crate::ir::{
    Block, Chosen, Counting, Expr, Form, Function, Header, Kind, Loop, Operand, Place, Range, Room, Statement, Step, Tape, Value,
    Var, edit,
};

use super::lanes::{binding, code};

/// Lets folds pass over the blocks that change nothing.
pub fn pass_over(function: &mut Function, block: &mut Block, runtime: &TokenStream) {
    let mut out: Block = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| pass_over(function, inner, runtime));
        match &statement {
            Statement::Loop(each) => match Fold::of(function, each) {
                Some(fold) => out.extend(fold.in_blocks(function, runtime)),
                None => out.push(statement),
            },
            _ => out.push(statement),
        }
    }
    *block = out;
}

/// A loop that is a fold over the elements of a sequence, and keeps its winners.
struct Fold<'a> {
    each: &'a Loop,
    range: &'a Range,
    tape: &'a Tape,
    chosen: &'a Chosen,
    /// What the elements are of, and its root.
    sequence: (TokenStream, Var),
    accumulator: Var,
}

impl<'a> Fold<'a> {
    fn of(function: &Function, each: &'a Loop) -> Option<Self> {
        let Header::Range(range) = &each.header else { return None };
        let tape = each.tape.as_ref().filter(|tape| !tape.reads && !tape.shared)?;
        let chosen = tape.chosen.as_ref()?;
        let plain = each.exit.is_none() && each.counter.is_none() && each.counting == Counting::None;
        if !plain || range.inclusive || range.reversed {
            return None;
        }
        let Expr::Operand(Operand::Place(part)) = &chosen.part else { return None };
        let part = each.body.iter().find_map(|statement| copied(statement, part)).unwrap_or(part);
        let sequence = (elements_of(function, part, range.index)?, part.root);
        let mut stored = each.body.iter().filter_map(|statement| match statement {
            Statement::Assign { place, .. } => Some(place),
            _ => None,
        });
        let accumulator = stored.next().filter(|place| place.path.is_empty() && place.root != part.root)?.root;
        let is_all = stored.next().is_none() && each.body.iter().all(is_of_a_fold);
        is_all.then_some(Self { each, range, tape, chosen, sequence, accumulator })
    }

    /// The loop over blocks.
    fn in_blocks(self, function: &mut Function, runtime: &TokenStream) -> Block {
        let span = self.range.start.span;
        let mut inactive = |wish: &str| function.fresh(wish, Kind::Inactive, false, Form::Owned, span);
        let [first, past, end] = ["first", "past", "end"].map(&mut inactive);
        let [first_name, past_name, end_name, accumulator] =
            [first, past, end, self.accumulator].map(|var| function.variable(var).name.clone());
        let (start, stop, (sequence, root)) = (&self.range.start, &self.range.end, &self.sequence);
        let (start_tokens, stop_tokens) = (&start.tokens, &stop.tokens);
        let room = Room::of(self.tape, &self.each.header, self.each.exit.is_some());
        let may_win = if self.chosen.is_max { quote!(may_exceed) } else { quote!(may_fall_below) };
        let on = code(
            quote!(#runtime::#may_win(&#sequence[#first_name..#past_name], #accumulator)),
            vec![*root, first, past, self.accumulator],
            span,
        );
        let bound = |var: Var, name: &proc_macro2::Ident| code(name.to_token_stream(), vec![var], span);
        let range = Range { start: bound(first, &first_name), end: bound(past, &past_name), ..self.range.clone() };
        let tape = Tape { shared: true, ..self.tape.clone() };
        let one_by_one = Loop { header: Header::Range(range), tape: Some(tape), ..self.each.clone() };
        let next = code(quote!(#first_name = #past_name;), vec![past], span);
        let body = vec![
            binding(past, quote!(let #past_name = #runtime::past(#first_name, #end_name);), vec![first, end], span),
            Statement::either(on, vec![Statement::Loop(one_by_one)], Vec::new()),
            Statement::Code { code: next, binds: Vec::new(), writes: vec![first] },
        ];
        let on = code(quote!(#first_name < #end_name), vec![first, end], span);
        let header = Header::While { on, binds: Vec::new() };
        vec![
            Statement::Let { var: self.tape.var, value: Some(Value::NewTape(Some(Box::new(room)))), ty: None },
            binding(end, quote!(let #end_name = #stop_tokens;), stop.reads.clone(), span),
            binding(first, quote!(let mut #first_name = #start_tokens;), start.reads.clone(), span),
            Statement::Loop(Loop { header, body, exit: None, counter: None, counting: Counting::None, tape: None }),
        ]
    }
}

/// The place that the statement gives this name.
fn copied<'s>(statement: &'s Statement, name: &Place) -> Option<&'s Place> {
    match statement {
        Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. } => {
            (name.path.is_empty() && name.root == *var).then_some(place)
        }
        _ => None,
    }
}

/// What the place is the element of, at the index: a variable, a field, or a part of one.
fn elements_of(function: &Function, place: &Place, index: Var) -> Option<TokenStream> {
    let variable = function.variable(place.root);
    let (last, before) = place.path.split_last()?;
    let is_there = matches!(variable.form, Form::Owned | Form::Reference) && elements::is_index(function, last, index);
    let mut tokens = variable.name.to_token_stream();
    for step in before {
        tokens = match step {
            Step::Field(name) => quote!(#tokens.#name),
            Step::Index(Operand::Code(code)) if code.is_range() && code.repeatable && !code.reads.contains(&index) => {
                let part = &code.tokens;
                quote!(#tokens[#part])
            }
            _ => return None,
        };
    }
    is_there.then_some(tokens)
}

/// A copy of what is there, an extremum, the store, or a check.
fn is_of_a_fold(statement: &Statement) -> bool {
    let is_place = |expr: &Expr| matches!(expr, Expr::Operand(Operand::Place(_)));
    match statement {
        Statement::Let { value: Some(Value::Expr(Expr::Apply(op, operands, _))), .. } => {
            matches!(op.0.name, "min" | "max") && operands.iter().all(is_place)
        }
        Statement::Let { value: Some(Value::Expr(value)), .. } | Statement::Assign { value: Value::Expr(value), .. } => {
            is_place(value)
        }
        Statement::Check { .. } | Statement::Inert(_) => true,
        _ => false,
    }
}
