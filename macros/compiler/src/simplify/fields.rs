//! `for i { let t = take d.next[i]; d.now[i - 1] += t }  ⟶  let d_next = &mut d.next; let d_now = &mut d.now; for i { let t = take d_next[i]; d_now[i - 1] += t }`
//! of adjoints, whose sequences in different fields are memory of their own.
//!
//! *In:* a block. *Out:* the same, where a loop that does nothing to a variable but to read, take from, overwrite and add to elements of sequences in its
//! fields has a name for each of these sequences.
//!
//! What asks whether iterations wait for each other asks it of variables; so two sequences that meet nowhere should be two variables. Nor need the back end look
//! up again, after every store, where a vector begins. No value changes.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use crate::ir::{Block, Code, Form, Function, Kind, Place, Statement, Step, Value, Var, edit, uses};

use super::parts::bound;
use super::reads::text;

/// Names the sequences in fields in front of the loops that use them, the outermost where they can be named. Variables from number `own` on are no part of
/// the function's value.
pub fn name(function: &mut Function, block: &mut Block, own: usize) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        if let Statement::Loop(each) = &mut statement {
            let mut inside = BTreeSet::new();
            bound(each, &mut inside);
            for named in apart(function, &mut each.body, &inside, own) {
                out.push(named.declaration(function));
            }
        }
        edit::inner_blocks(&mut statement, &mut |inner| name(function, inner, own));
        out.push(statement);
    }
    *block = out;
}

/// A sequence in a field, and its name.
pub struct Named {
    place: Place,
    var: Var,
    is_changed: bool,
}

impl Named {
    fn declaration(&self, function: &Function) -> Statement {
        let (name, root) = (&function.variable(self.var).name, &function.variable(self.place.root).name);
        let path: TokenStream = self.place.path.iter().map(field).collect();
        let tokens = match self.is_changed {
            true => quote!(let #name = &mut #root #path;),
            false => quote!(let #name = &#root #path;),
        };
        let code = Code { tokens, reads: vec![self.place.root], repeatable: false, span: self.place.span };
        Statement::Code { code, binds: vec![self.var], writes: self.is_changed.then_some(self.place.root).into_iter().collect() }
    }
}

fn field(step: &Step) -> TokenStream {
    match step {
        Step::Field(name) => quote!(.#name),
        Step::Element(index) => {
            let index = Literal::u32_unsuffixed(*index);
            quote!(.#index)
        }
        Step::Index(_) => unreachable!("a sequence begins in front of its first index"),
    }
}

/// Whether elements of sequences in fields are used anywhere in the block.
pub fn are_used(block: &mut Block) -> bool {
    let mut found = false;
    visit(block, &mut |place, _| found |= sequence_of(place).is_some());
    found
}

/// Lets variables of their own stand for the sequences in fields of the variables from number `own` on that the block changes, but for those that are
/// there `inside` of it alone.
pub fn apart(function: &mut Function, block: &mut Block, inside: &BTreeSet<Var>, own: usize) -> Vec<Named> {
    let mut found: BTreeMap<String, (Place, bool)> = BTreeMap::new();
    let (mut others, mut seen): (Vec<Place>, BTreeMap<Var, usize>) = Default::default();
    visit(block, &mut |place, is_changed| {
        if (place.root.0 as usize) < own || !matches!(function.variable(place.root).form, Form::Owned | Form::Reference) {
            return;
        }
        *seen.entry(place.root).or_default() += 1;
        match sequence_of(place) {
            Some(sequence) => found.entry(text(&sequence)).or_insert((sequence, false)).1 |= is_changed,
            None => others.push(place.clone()),
        }
    });
    if found.is_empty() {
        return Vec::new();
    }
    let mut mentions: BTreeMap<Var, usize> = BTreeMap::new();
    uses::block(block, &mut |var| *mentions.entry(var).or_default() += 1);
    let sequences: Vec<Place> = found.values().map(|(place, _)| place.clone()).collect();
    let changed: BTreeSet<Var> = found.values().filter(|(_, is_changed)| *is_changed).map(|(place, _)| place.root).collect();
    found.retain(|_, (place, _)| {
        let root = place.root;
        let alone = changed.contains(&root) && mentions.get(&root) == seen.get(&root) && !inside.contains(&root);
        let meets = |other: &&Place| other.meets(place);
        alone && !others.iter().any(|other| other.meets(place)) && sequences.iter().filter(meets).count() == 1
    });
    let mut names = BTreeMap::new();
    let mut named = Vec::new();
    for (text, (place, is_changed)) in found {
        let fields: String = place.path.iter().map(|step| field(step).to_string().replace([' ', '.'], "_")).collect();
        let wish = format!("{}{}", function.variable(place.root).name.to_token_stream(), fields.replace("__", "_"));
        let var = function.fresh(&wish, Kind::Space, false, Form::Reference, place.span);
        names.insert(text, var);
        named.push(Named { place, var, is_changed });
    }
    visit(block, &mut |place, _| {
        let Some(sequence) = sequence_of(place) else { return };
        if let Some(var) = names.get(&text(&sequence)) {
            place.root = *var;
            place.path.drain(..sequence.path.len());
        }
    });
    named
}

/// The sequence in a field that the place is an element of, or a part of one.
fn sequence_of(place: &Place) -> Option<Place> {
    let fields = place.path.iter().position(|step| matches!(step, Step::Index(_)))?;
    (fields > 0).then(|| Place { path: place.path[..fields].to_vec(), ..place.clone() })
}

/// Visits the places that are read, and those that are changed.
fn visit(block: &mut Block, see: &mut dyn FnMut(&mut Place, bool)) {
    for statement in block {
        match statement {
            Statement::Let { value: Some(Value::Expr(expr)), .. } => edit::places(expr, &mut |place| see(place, false)),
            Statement::Let { value: Some(Value::Take(place, _)), .. } => see(place, true),
            Statement::Assign { place, value: Value::Expr(value) } | Statement::Add { place, value, .. } => {
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
