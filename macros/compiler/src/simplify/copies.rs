//! Sequences that are made, and taken apart, element by element.
//!
//! ```text
//! let v = []; for i in 0..a.len() { v <- copy of a[i] }                ⟶   let v = copy of a[..]
//! let v = []; for i in p..q { .. v <- e .. }                           ⟶   let v = [] with room for q - p; for i in p..q { .. v <- e .. }
//! for i in 0..a.len() reversed { let e = pop v_bar; a_bar[i] += e }    ⟶   a_bar += the last a.len() of v_bar, which are removed
//! ```
//!
//! *In:* the statements of a derivative, when all else is done. *Out:* the same, with one allocation for a sequence that is made in a loop, and one
//! pass over it. Every element is copied, or added to, as it was, and an adjoint is as long as what it is the adjoint of.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::analysis::elements;
use crate::ir::{Block, Code, Expr, Form, Function, Loop, Operand, Place, Range, Statement, Step, Value, Var, edit, uses};

use super::lanes::open_range;

/// Copies sequences as a whole, and gives those that a loop fills their room at once.
pub fn whole(function: &mut Function, block: &mut Block, runtime: &TokenStream) {
    let mut out: Block = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| whole(function, inner, runtime));
        if let Statement::Loop(each) = &statement
            && let Some(range) = open_range(each)
        {
            if let Some(added) = added_up(function, each, range, runtime) {
                out.push(added);
                continue;
            }
            if let [Statement::Push { place, value }] = each.body.as_slice()
                && let Some(copy) = copy_of(function, value, range, runtime)
                && let Some(made) = made_before(&mut out, place, range)
            {
                *made = copy;
                continue;
            }
            for place in filled(&each.body) {
                if let Some(made) = made_before(&mut out, place, range) {
                    *made = with_room(range, runtime);
                }
            }
        }
        out.push(statement);
    }
    *block = out;
}

/// The empty sequence that is declared in front, where nothing between mentions it, or changes the range.
fn made_before<'b>(before: &'b mut Block, sequence: &Place, range: &Range) -> Option<&'b mut Value> {
    let var = Some(sequence.root).filter(|_| sequence.path.is_empty())?;
    let is_it = |statement: &Statement| matches!(statement, Statement::Let { var: declared, .. } if *declared == var);
    let position = before.iter().rposition(is_it)?;
    let ends: Vec<Var> = range.start.reads.iter().chain(&range.end.reads).copied().collect();
    let apart = before[position + 1..].iter().all(|statement| {
        let mut meets = false;
        uses::declared(statement, &mut |declared| meets |= ends.contains(&declared));
        uses::statement(statement, &mut |used| meets |= used == var);
        !meets && matches!(statement, Statement::Let { value: Some(Value::EmptyVec), .. } | Statement::Check { .. })
    });
    match &mut before[position] {
        Statement::Let { value: Some(value @ Value::EmptyVec), .. } if apart => Some(value),
        _ => None,
    }
}

/// The sequences to which the block adds an element in every run.
fn filled(block: &Block) -> impl Iterator<Item = &Place> {
    block.iter().filter_map(|statement| match statement {
        Statement::Push { place, .. } => Some(place),
        _ => None,
    })
}

/// `[]` with room for the iterations of the range.
fn with_room(range: &Range, runtime: &TokenStream) -> Value {
    let (start, end) = (&range.start.tokens, &range.end.tokens);
    let tokens = quote!(#runtime::Vec::with_capacity(::core::iter::Iterator::size_hint(&(#start..#end)).0));
    let reads = range.start.reads.iter().chain(&range.end.reads).copied().collect();
    value_of(tokens, reads, range)
}

/// A copy of all of a sequence, of which the value is the element at the range's index.
fn copy_of(function: &Function, value: &Value, range: &Range, runtime: &TokenStream) -> Option<Value> {
    let (Value::Clone(place) | Value::Expr(Expr::Operand(Operand::Place(place)))) = value else { return None };
    let of = whole_of(function, place, range)?;
    let is_there = matches!(function.variable(place.root).form, Form::Owned | Form::Reference);
    (is_there && is_counted(range, &of)).then(|| value_of(quote!(#runtime::Vec::from(&#of[..])), vec![place.root], range))
}

fn value_of(tokens: TokenStream, reads: Vec<Var>, range: &Range) -> Value {
    let code = Code { tokens, reads, repeatable: false, span: range.start.span };
    Value::Expr(Expr::Operand(Operand::Code(code)))
}

/// What the place is the element of, at the index of a range over all of it: a variable, or a field.
fn whole_of(function: &Function, place: &Place, range: &Range) -> Option<TokenStream> {
    let (last, fields) = place.path.split_last()?;
    let is_index = elements::is_index(function, last, range.index);
    let mut tokens = function.variable(place.root).name.to_token_stream();
    for step in fields {
        let Step::Field(name) = step else { return None };
        tokens = quote!(#tokens.#name);
    }
    is_index.then_some(tokens)
}

/// Whether the range counts all elements of the sequence.
fn is_counted(range: &Range, sequence: &TokenStream) -> bool {
    range.start.literal() == Some(0usize) && range.end.tokens.to_string() == quote!(#sequence.len()).to_string()
}

/// All elements that a loop takes from the end of an adjoint, and adds to those of another one.
fn added_up(function: &Function, each: &Loop, range: &Range, runtime: &TokenStream) -> Option<Statement> {
    let [
        Statement::Let { var, value: Some(Value::Pop(from)), .. },
        Statement::Add { place: to, value: Expr::Operand(Operand::Place(by)), subtract: false, .. },
    ] = each.body.as_slice()
    else {
        return None;
    };
    let form = |place: &Place| function.variable(place.root).form;
    let is_it =
        by.path.is_empty() && by.root == *var && from.path.is_empty() && form(from) == Form::Owned && from.root != to.root;
    let all = whole_of(function, to, range)?;
    let (name, from_name, end) = (&function.variable(to.root).name, &function.variable(from.root).name, &range.end.tokens);
    let to_all = match form(to) {
        Form::Slot => quote!(#name.as_deref_mut().map(|#name| &mut #all[..])),
        Form::Owned | Form::Reference => quote!(::core::option::Option::Some(&mut #all[..])),
        Form::Dot | Form::Late => return None,
    };
    if !is_it || !range.reversed || range.start.literal() != Some(0usize) {
        return None;
    }
    let tokens = quote!(#runtime::add_last(#to_all, #end, &mut #from_name););
    let reads = range.end.reads.iter().copied().chain([to.root, from.root]).collect();
    let code = Code { tokens, reads, repeatable: false, span: range.start.span };
    Some(Statement::Code { code, binds: Vec::new(), writes: vec![to.root, from.root] })
}
