//! `for i in a..b { .. x[i] .. } ⟶ let x_block = &x[a..b]; for i in a..b { .. x_block[i - a] .. }`
//!
//! *In:* the body of a loop over a block of iterations. *Out:* the same body, and the declarations that stand in front of the loop: of parts of the
//! sequences of which every iteration uses its own element.
//!
//! The part is as long as the block, which the back end sees: no element is checked on its own, and elements are loaded and stored as vectors. Numbers are
//! computed as they were. Where a sequence is too short, the block panics before its first element instead of at the one that is missing; so it stays where what
//! the loop has done until then could be seen.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::analysis::effects::Effects;
use crate::ir::tokens;
use crate::ir::{
    Block, Code, Form, Function, Header, Kind, Loop, Operand, Place, Range, Statement, Step, Value, Var, edit, uses,
};
use crate::simplify::text;

use super::index;
use super::phases::reaches_out;

/// Which elements a block of iterations uses, by the index `i` of the loop.
pub struct Window {
    /// The index.
    pub index: Var,
    /// The first of the block.
    pub first: Var,
    /// The end of the block.
    pub past: Var,
    /// The number of an iteration in the block.
    pub at: Code,
    /// Variables below this number stay as they are written where the loop changes them.
    pub own: usize,
}

/// A sequence of which iterations use their elements.
struct Sequence {
    place: Place,
    /// How often an element is read, added to or overwritten.
    uses: usize,
    /// How often one is added to.
    added: usize,
    /// How often one is overwritten.
    stored: usize,
    /// Whether every iteration uses it.
    always: bool,
}

/// What is done to an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Read,
    Added,
    Stored,
}

impl Window {
    /// Lets the body take its elements from parts of the sequences, which are declared in front of the loop.
    pub fn open(&self, function: &mut Function, body: &mut Block) -> Block {
        let mut out = Vec::new();
        if body.iter().any(|statement| reaches_out(statement) || stores_in_parameter(function, statement)) {
            return out;
        }
        let parts: BTreeMap<String, Var> = self
            .sequences(function, body)
            .into_iter()
            .map(|(text, sequence)| (text, self.declare(function, &sequence, &mut out)))
            .collect();
        let name = function.variable(self.index).name.clone();
        visit(body, true, &mut |place, _, _| {
            let Some(length) = up_to_element(place, self.index, &name) else { return };
            let sequence = Place { path: place.path[..length].to_vec(), ..place.clone() };
            if let Some(part) = parts.get(&text(&sequence)) {
                place.root = *part;
                place.path.drain(..length);
                place.path[0] = Step::Index(Operand::Code(self.at.clone()));
            }
        });
        visit_codes(body, true, &mut |code, _| {
            for root in code.reads.clone() {
                if let Some(part) = parts.get(&text(&Place::whole(root, code.span))) {
                    self.take_from_part(function, code, root, *part);
                }
            }
        });
        out
    }

    /// Lets copied code, `&x[i]`, look at the part.
    fn take_from_part(&self, function: &Function, code: &mut Code, root: Var, part: Var) {
        let [root_name, part_name, index] = [root, part, self.index].map(|var| &function.variable(var).name);
        let at = &self.at.tokens;
        let (tokens, found) = replaced(&code.tokens, (root_name, index), &quote!(#part_name[#at]));
        if found {
            code.tokens = tokens;
            code.reads.extend(self.at.reads.iter().chain([&part]));
        }
    }

    /// The sequences of which parts may be taken.
    fn sequences(&self, function: &Function, body: &mut Block) -> BTreeMap<String, Sequence> {
        let name = &function.variable(self.index).name;
        let mut found: BTreeMap<String, Sequence> = BTreeMap::new();
        visit(body, true, &mut |place, what, always| {
            let Some(length) = up_to_element(place, self.index, name) else { return };
            let place = Place { path: place.path[..length].to_vec(), ..place.clone() };
            let none = Sequence { place: place.clone(), uses: 0, added: 0, stored: 0, always: false };
            let sequence = found.entry(text(&place)).or_insert(none);
            sequence.uses += 1;
            sequence.added += usize::from(what == Use::Added);
            sequence.stored += usize::from(what == Use::Stored);
            sequence.always |= always;
        });
        visit_codes(body, true, &mut |code, always| {
            for root in &code.reads {
                if !replaced(&code.tokens, (&function.variable(*root).name, name), &TokenStream::new()).1 {
                    continue;
                }
                let place = Place::whole(*root, code.span);
                let none = Sequence { place: place.clone(), uses: 0, added: 0, stored: 0, always: false };
                found.entry(text(&place)).or_insert(none).always |= always;
            }
        });
        let effects = Effects::of_block(body);
        let mut declared = BTreeSet::from([self.index]);
        uses::declared_within(body, &mut declared);
        let mut mentions: BTreeMap<Var, usize> = BTreeMap::new();
        uses::block(body, &mut |var| *mentions.entry(var).or_default() += 1);
        let changes = |var: &Var| effects.writes.contains(var) || effects.adds.contains(var);
        found.retain(|_, sequence| {
            let root = sequence.place.root;
            let mut fixed = sequence.place.path.iter().all(|step| match step {
                Step::Index(Operand::Code(code)) => code.repeatable,
                _ => true,
            });
            uses::place(&sequence.place, &mut |var| {
                fixed &= !declared.contains(&var) && (var == root || !changes(&var));
            });
            let alone = mentions.get(&root) == Some(&sequence.uses);
            let is_there = match function.variable(root).form {
                Form::Owned | Form::Reference => true,
                Form::Slot => sequence.added == sequence.uses,
                Form::Dot | Form::Late => false,
            };
            let stays = (root.0 as usize) < self.own && changes(&root);
            sequence.always && fixed && is_there && !stays && (alone || !changes(&root))
        });
        found
    }

    /// Declares the part of a sequence that the block uses.
    fn declare(&self, function: &mut Function, sequence: &Sequence, out: &mut Block) -> Var {
        let place = &sequence.place;
        let variable = function.variable(place.root).clone();
        let changes = sequence.added + sequence.stored > 0;
        let form = if variable.form == Form::Slot { Form::Slot } else { Form::Reference };
        let part = function.fresh(&format!("{}_block", variable.name), Kind::Space, form == Form::Slot, form, Span::mixed_site());
        let [part_name, first, past] = [part, self.first, self.past].map(|var| function.variable(var).name.clone());
        let index = |operand: &Operand| match operand {
            Operand::Place(place) => tokens::receiver(function, place),
            Operand::Code(code) => code.tokens.clone(),
            Operand::Number(_) => unreachable!("a float is no index"),
        };
        let of = tokens::path(variable.name.to_token_stream(), &place.path, &index);
        let exclusive: TokenStream = if changes { quote!(mut) } else { TokenStream::new() };
        let window = quote!(&#exclusive #of[#first..#past]);
        let tokens = match form {
            Form::Slot => {
                let name = &variable.name;
                quote!(let mut #part_name = #name.as_deref_mut().map(|#name| #window);)
            }
            _ => quote!(let #part_name = #window;),
        };
        let mut reads = vec![self.first, self.past];
        uses::place(place, &mut |var| reads.push(var));
        let code = Code { tokens, reads, repeatable: false, span: place.span };
        let writes = changes.then_some(place.root).into_iter().collect();
        out.push(Statement::Code { code, binds: vec![part], writes });
        part
    }
}

/// Whether a statement changes what the function is lent.
fn stores_in_parameter(function: &Function, statement: &Statement) -> bool {
    let effects = Effects::of_statement(statement);
    effects.writes.iter().chain(&effects.adds).any(|var| function.is_parameter(*var))
}

/// The length of the way to a sequence of which the place is an element by the index, or a part of one.
fn up_to_element(place: &Place, index: Var, name: &Ident) -> Option<usize> {
    place.path.iter().position(|step| index::is(step, index, name))
}

/// Visits copied code that may hold references to elements, and the ends of loops; and whether each iteration runs it.
fn visit_codes(block: &mut Block, always: bool, see: &mut dyn FnMut(&mut Code, bool)) {
    for statement in block {
        match statement {
            Statement::Code { code, .. } | Statement::Loop(Loop { header: Header::Range(Range { end: code, .. }), .. }) => {
                see(code, always);
            }
            _ => {}
        }
        edit::inner_blocks(statement, &mut |inner| visit_codes(inner, false, see));
    }
}

/// The tokens with something else for `root[index]`, and whether that occurs.
fn replaced(tokens: &TokenStream, (root, index): (&Ident, &Ident), by: &TokenStream) -> (TokenStream, bool) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let (mut out, mut found, mut at) = (TokenStream::new(), false, 0);
    while let Some(token) = tokens.get(at) {
        let is_field = at > 0 && matches!(&tokens[at - 1], TokenTree::Punct(punct) if matches!(punct.as_char(), '.' | ':'));
        let is_root = matches!(token, TokenTree::Ident(ident) if ident == root) && !is_field;
        let is_element = |group: &Group| group.delimiter() == Delimiter::Bracket && index::is_alone(&group.stream(), index);
        match (token, tokens.get(at + 1)) {
            (_, Some(TokenTree::Group(group))) if is_root && is_element(group) => {
                out.extend(by.clone());
                found = true;
                at += 1;
            }
            (TokenTree::Group(group), _) => {
                let (inner, inside) = replaced(&group.stream(), (root, index), by);
                let mut inner = Group::new(group.delimiter(), inner);
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
                found |= inside;
            }
            _ => out.extend([token.clone()]),
        }
        at += 1;
    }
    (out, found)
}

/// Visits the places that are read, added to or overwritten, and whether each iteration does so.
fn visit(block: &mut Block, always: bool, see: &mut dyn FnMut(&mut Place, Use, bool)) {
    for statement in block {
        match statement {
            Statement::Assign { place, .. } => see(place, Use::Stored, always),
            Statement::Let { value: Some(Value::Take(place, _)), .. } => see(place, Use::Stored, always),
            Statement::Add { place, whole: false, .. } => see(place, Use::Added, always),
            _ => {}
        }
        edit::own_exprs(statement, &mut |expr| edit::places(expr, &mut |place| see(place, Use::Read, always)));
        edit::inner_blocks(statement, &mut |inner| visit(inner, false, see));
    }
}
