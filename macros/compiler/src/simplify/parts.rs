//! `for i { .. p.rows[c][a..][k] .. } ⟶ let part = p.rows.get(c).and_then(|part| part.get(a..)).unwrap_or_default(); for i { .. part[k] .. }`
//! where `c` and `a` are the same in every iteration, and the loop does nothing to `p` but to read it, or nothing to an adjoint `d_p` but to add
//! to this part of it.
//!
//! A user names such a part once (`let row = &p.rows[c][a..]`, `chunks`, `split_at`), but a reference stands for its place, and what is looked up in
//! memory for every element is looked up again after every store. No value changes; a part that is not there is empty, so that the loop panics
//! where it did, at an element, and not where it runs not at all.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::analysis::effects::Effects;
use crate::ir::{Block, Code, Form, Function, Kind, Loop, Operand, Place, Statement, Step, Value, Var, edit, uses};

use super::reads::text;

/// Names parts of places in front of the loops that use elements of them, the outermost where they are the same.
pub fn name(function: &mut Function, block: &mut Block) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        if let Statement::Loop(each) = &mut statement {
            named(function, each, &mut out);
        }
        edit::inner_blocks(&mut statement, &mut |inner| name(function, inner));
        out.push(statement);
    }
    *block = out;
}

/// A part of a place that a loop uses elements of.
struct Part {
    place: Place,
    /// How often it is added to.
    added: usize,
}

fn named(function: &mut Function, each: &mut Loop, before: &mut Block) {
    let mut found = BTreeMap::new();
    visit(&mut each.body, &mut |place, added| {
        if let Some(length) = part_of(place) {
            let part = Place { path: place.path[..length].to_vec(), ..place.clone() };
            found.entry(text(&part)).or_insert_with(|| Part { place: part, added: 0 }).added += usize::from(added);
        }
    });
    if found.is_empty() {
        return;
    }
    let effects = Effects::of_block(&each.body);
    let mut inside = BTreeSet::new();
    bound(each, &mut inside);
    let mut mentions: BTreeMap<Var, usize> = BTreeMap::new();
    uses::block(&each.body, &mut |var| *mentions.entry(var).or_default() += 1);
    found.retain(|_, part| {
        let root = part.place.root;
        let mut lasts = true;
        uses::place(&part.place, &mut |var| {
            lasts &= !inside.contains(&var) && !effects.writes.contains(&var) && (var == root || !effects.adds.contains(&var));
        });
        let alone = mentions.get(&root) == Some(&part.added);
        let is_there = matches!(function.variable(root).form, Form::Owned | Form::Reference) || part.added > 0;
        lasts && is_there && (alone || part.added == 0 && !effects.adds.contains(&root))
    });
    let names: BTreeMap<String, Var> = found
        .into_iter()
        .map(|(text, part)| {
            let var = declare(function, &part, before);
            (text, var)
        })
        .collect();
    if !names.is_empty() {
        visit(&mut each.body, &mut |place, _| {
            let Some(length) = part_of(place) else { return };
            let part = Place { path: place.path[..length].to_vec(), ..place.clone() };
            if let Some(var) = names.get(&text(&part)) {
                place.root = *var;
                place.path.drain(..length);
            }
        });
    }
}

/// Declares a reference to a part.
fn declare(function: &mut Function, part: &Part, before: &mut Block) -> Var {
    let Place { root, path, span } = &part.place;
    let variable = function.variable(*root).clone();
    let (form, exclusive) = match variable.form {
        Form::Slot => (Form::Slot, true),
        _ => (Form::Reference, part.added > 0),
    };
    let var = function.fresh(&format!("{}_part", variable.name), Kind::Space, form == Form::Slot, form, *span);
    let (name, root_name) = (&function.variable(var).name, &variable.name);
    let looked_up = looked_up(function, root_name.to_token_stream(), path, exclusive);
    let tokens = match form {
        Form::Slot => quote!(let mut #name = #root_name.as_deref_mut().map(|#root_name| #looked_up);),
        _ => quote!(let #name = #looked_up;),
    };
    let mut reads = Vec::new();
    uses::place(&part.place, &mut |var| reads.push(var));
    before.push(Statement::Code {
        code: Code { tokens, reads, repeatable: false, span: *span },
        binds: vec![var],
        // what is lent exclusively is declared `mut`
        writes: exclusive.then_some(*root).into_iter().collect(),
    });
    var
}

/// `p.rows.get(c).and_then(|part| part.get(a..)).unwrap_or_default()`
fn looked_up(function: &Function, root: TokenStream, path: &[Step], exclusive: bool) -> TokenStream {
    let get = if exclusive { quote!(get_mut) } else { quote!(get) };
    let mut tokens = root;
    let mut is_option = false;
    for step in path {
        let next = match step {
            Step::Field(name) => quote!(.#name),
            Step::Element(index) => {
                let index = proc_macro2::Literal::u32_unsuffixed(*index);
                quote!(.#index)
            }
            Step::Index(index) => {
                let index = match index {
                    Operand::Place(place) => function.variable(place.root).name.to_token_stream(),
                    Operand::Code(code) => code.tokens.clone(),
                    Operand::Number(_) => unreachable!("a float is no index"),
                };
                quote!(.#get(#index))
            }
        };
        let is_index = matches!(step, Step::Index(_));
        tokens = match (is_option, is_index) {
            (false, _) => quote!(#tokens #next),
            (true, true) => quote!(#tokens.and_then(|part| part #next)),
            (true, false) if exclusive => quote!(#tokens.map(|part| &mut part #next)),
            (true, false) => quote!(#tokens.map(|part| &part #next)),
        };
        is_option |= is_index;
    }
    quote!(#tokens.unwrap_or_default())
}

/// The length of the way to a sub-slice of which an element is used: to one in memory that is itself looked up, so that it is worth a name.
fn part_of(place: &Place) -> Option<usize> {
    let is_range = |step: &Step| matches!(step, Step::Index(Operand::Code(code)) if is_simple(&code.tokens) && code.is_range());
    let last = place.path.iter().rposition(is_range)?;
    let plain = place.path[..last].iter().all(|step| match step {
        Step::Index(Operand::Place(index)) => index.path.is_empty(),
        Step::Index(Operand::Code(code)) => is_simple(&code.tokens),
        _ => true,
    });
    let followed = matches!(place.path.get(last + 1), Some(Step::Index(_)));
    (last > 0 && plain && followed).then_some(last + 1)
}

/// Whether an index is made of names and numbers, so that evaluating it cannot fail.
fn is_simple(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().all(|token| match token {
        TokenTree::Ident(_) | TokenTree::Literal(_) => true,
        TokenTree::Punct(punct) => matches!(punct.as_char(), '.' | '='),
        TokenTree::Group(_) => false,
    })
}

/// What a loop binds and declares, and what is there inside of it alone.
pub(super) fn bound(each: &Loop, into: &mut BTreeSet<Var>) {
    into.extend(each.binds());
    into.extend(each.tape.iter().flat_map(|tape| &tape.saved).map(|saved| saved.var));
    bound_in(&each.body, into);
}

fn bound_in(block: &Block, into: &mut BTreeSet<Var>) {
    for statement in block {
        uses::declared(statement, &mut |var| _ = into.insert(var));
        match statement {
            Statement::Loop(each) => bound(each, into),
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| {
                into.extend(&arm.binds);
                bound_in(&arm.body, into);
            }),
            Statement::Unwind { arms, .. } => arms.iter().for_each(|(saved, body)| {
                into.extend(saved.iter().map(|saved| saved.var));
                bound_in(body, into);
            }),
            _ => {}
        }
    }
}

/// Visits the places that are read, or added to, in loops and branches; not those of calls.
fn visit(block: &mut Block, see: &mut dyn FnMut(&mut Place, bool)) {
    for statement in block {
        match statement {
            Statement::Let { value: Some(Value::Expr(expr)), .. } | Statement::Assign { value: Value::Expr(expr), .. } => {
                edit::places(expr, &mut |place| see(place, false));
            }
            Statement::Add { place, value, whole: false, .. } => {
                see(place, true);
                edit::places(value, &mut |place| see(place, false));
            }
            Statement::Branch(branch) => branch.arms.iter_mut().for_each(|arm| visit(&mut arm.body, see)),
            Statement::Unwind { arms, .. } => arms.iter_mut().for_each(|(_, body)| visit(body, see)),
            Statement::Loop(each) => visit(&mut each.body, see),
            _ => {}
        }
    }
}
