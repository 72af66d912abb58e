//! Copies of what a loop reads of a sequence before it is overwritten.
//!
//! *In:* a loop over a range, whose reverse needs elements at its index, or next to it, of a sequence that the loop leaves alone. *Out:* the part of
//! the sequence that all of its iterations read, which is copied in front of it, and for each number that is read where it stands in the copy.
//!
//! ```text
//! for i in 1..n - 1 { v[i] = u[i] * u[i + 1] }     tape <- (u[i], u[i + 1]) in each iteration
//!     ⟶   let past = if 1 < n - 1 { n - 1 + 1 } else { 0 };  let u_excerpt = copy of u[..past];  for i in 1..n - 1 { .. }
//! for j in k + 1..n { y[j] -= f * x[j] }           likewise
//!     ⟶   let first = ..;  let past = ..;  let x_excerpt = copy of x[first..past];  for j in k + 1..n { .. }
//! ```
//!
//! A copy is made at once, asks for memory once, and holds each number once, in however many iterations it is read; what is cheaply computed of such numbers
//! is computed again, and the loop itself records nothing. So copies stand for records where they are no more than the numbers of a record
//! that they spare. Every iteration reads what is copied for it: a loop that runs not at all copies nothing, and one of which an element is
//! missing panics in front of its first iteration.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Literal, Spacing, TokenStream, TokenTree};
use quote::quote;

use crate::analysis::effects::Effects;
use crate::ir::sets::VarMap;
use crate::ir::tokens::operand;
use crate::ir::{Block, Code, Expr, Form, Function, Kind, Loop, Operand, Place, Range, Statement, Step, Value, Var, uses};

/// Copies in front of a loop.
pub struct Excerpts {
    /// For each number that is read where it stands in a copy.
    pub places: VarMap<Place>,
    /// For each copy what declares it.
    declarations: Vec<(Var, Block)>,
}

impl Excerpts {
    /// Whether nothing can be copied.
    pub fn is_empty(&self) -> bool {
        self.declarations.is_empty()
    }

    /// The copies that the statements mention, in order.
    pub fn used(&self, statements: &Block) -> BTreeSet<Var> {
        let mut used = BTreeSet::new();
        uses::block(statements, &mut |var| _ = used.insert(var));
        used.retain(|var| self.declarations.iter().any(|(copy, _)| copy == var));
        used
    }

    /// What declares these copies.
    pub fn declare(self, used: &BTreeSet<Var>) -> Block {
        self.declarations.into_iter().filter(|(copy, _)| used.contains(copy)).flat_map(|(_, block)| block).collect()
    }
}

/// An element that each iteration reads: where a sequence stands, and its number, which counts with the index of the loop.
struct Read {
    var: Var,
    sequence: Place,
    at: Counting,
}

/// A sum in which the index of a loop stands once.
#[derive(Clone)]
pub struct Counting {
    /// The sum without numbers, up to the index and from there on.
    pub around: [TokenStream; 2],
    /// What it reads beside the index.
    pub reads: Vec<Var>,
    /// The sum of its numbers.
    pub plus: i64,
}

impl Counting {
    /// The sum with something in the place of the index, and another number.
    pub fn with(&self, index: &TokenStream, plus: i64) -> TokenStream {
        let [before, after] = &self.around;
        let number = Literal::u64_unsuffixed(plus.unsigned_abs());
        match plus {
            0 => quote!(#before #index #after),
            // first, as what is subtracted may be greater than the index
            1.. => quote!(#before #index + #number #after),
            _ => quote!(#before #index #after - #number),
        }
    }

    fn is_index_alone(&self) -> bool {
        self.around.iter().all(TokenStream::is_empty)
    }
}

/// The copies that can stand for what the iterations of a loop read, beside the places where some of it stands anyway.
pub fn of(function: &mut Function, each: &Loop, there: &VarMap<Place>) -> Excerpts {
    let mut excerpts = Excerpts { places: there.clone(), declarations: Vec::new() };
    let Some(range) = each.to_its_end().filter(|range| range.start.repeatable && range.end.repeatable) else { return excerpts };
    let mut groups: BTreeMap<String, Vec<Read>> = BTreeMap::new();
    for read in reads(function, each, range).into_iter().filter(|read| there.get(read.var).is_none()) {
        let Counting { around: [before, after], .. } = &read.at;
        let key = format!("{} [{before} | {after}]", crate::simplify::text(&read.sequence));
        groups.entry(key).or_default().push(read);
    }
    for (_, group) in groups {
        copied(function, range, &group, &mut excerpts);
    }
    excerpts
}

/// What every iteration reads of sequences that the loop leaves alone.
fn reads(function: &Function, each: &Loop, range: &Range) -> Vec<Read> {
    let effects = Effects::of_block(&each.body);
    let mut inside = BTreeSet::new();
    uses::declared_within(&each.body, &mut inside);
    let changes = |var: &Var| effects.writes.contains(var) || effects.adds.contains(var);
    let lasts = |var: &Var| !inside.contains(var) && !changes(var);
    let read = |statement: &Statement| {
        let Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. } = statement else {
            return None;
        };
        let mut sequence = place.clone();
        let Some(Step::Index(index)) = sequence.path.pop() else { return None };
        let at = counting(function, &index, range.index)?;
        let is_scalar = function.is_scalar(*var) && !function.variable(*var).mutable;
        let is_lent = function.variable(place.root).form == Form::Reference && !function.is_parameter(place.root);
        let may_change = function.variable(place.root).mutable || is_lent;
        let is_left_alone = !changes(&place.root) || !may_change_in(&each.body, &sequence);
        let mut is_there = is_left_alone && !inside.contains(&place.root) && at.reads.iter().all(lasts);
        uses::place(&sequence, &mut |var| is_there &= var == place.root || lasts(&var) && var != range.index);
        (is_scalar && may_change && is_there).then_some(Read { var: *var, sequence, at })
    };
    each.body.iter().filter_map(read).collect()
}

/// Whether the block may change what is at a place: other fields of the same variable are not.
fn may_change_in(block: &Block, at: &Place) -> bool {
    block.iter().any(|statement| match statement {
        Statement::Let { value: Some(Value::Take(place, _) | Value::Pop(place)), .. } => place.meets(at),
        Statement::Let { .. } | Statement::Check { .. } | Statement::Inert(_) | Statement::NoExit(_) => false,
        Statement::Assign { place, .. } | Statement::Push { place, .. } | Statement::Add { place, .. } => place.meets(at),
        Statement::Swap { first, second } => first.meets(at) || second.meets(at),
        Statement::Loop(each) => may_change_in(&each.body, at),
        Statement::Branch(branch) => branch.arms.iter().any(|arm| may_change_in(&arm.body, at)),
        other => {
            let effects = Effects::of_statement(other);
            effects.writes.contains(&at.root) || effects.adds.contains(&at.root)
        }
    })
}

/// The number of an element, if it counts with the index: a sum in which it stands once.
pub fn counting(function: &Function, index: &Operand, of: Var) -> Option<Counting> {
    let code = match index {
        Operand::Place(place) if place.path.is_empty() && place.root == of => {
            return Some(Counting { around: [TokenStream::new(), TokenStream::new()], reads: Vec::new(), plus: 0 });
        }
        Operand::Code(code) if code.repeatable => code,
        _ => return None,
    };
    let name = &function.variable(of).name;
    let mut counting = Counting { around: [TokenStream::new(), TokenStream::new()], reads: code.reads.clone(), plus: 0 };
    counting.reads.retain(|var| *var != of);
    let mut side = 0;
    for (negative, term) in terms(code.tokens.clone())? {
        let number = || term.to_string().parse::<u32>().ok().map(i64::from);
        if is_name(&term, name) {
            if negative || side == 1 {
                return None;
            }
            side = 1;
        } else if let Some(number) = number() {
            counting.plus += if negative { -number } else { number };
        } else if uses::names(&term, &name.to_string()) || negative && side == 0 {
            return None;
        } else if side == 0 {
            counting.around[0].extend(quote!(#term +));
        } else {
            counting.around[1].extend(if negative { quote!(- #term) } else { quote!(+ #term) });
        }
    }
    (side == 1).then_some(counting)
}

/// The terms of a sum, and whether each is subtracted: none where another operator binds less.
fn terms(tokens: TokenStream) -> Option<Vec<(bool, TokenStream)>> {
    let mut terms = vec![(false, TokenStream::new())];
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if matches!(punct.as_char(), '+' | '-') => {
                if punct.spacing() == Spacing::Joint || terms.last().is_some_and(|(_, term)| term.is_empty()) {
                    return None;
                }
                terms.push((punct.as_char() == '-', TokenStream::new()));
            }
            TokenTree::Punct(punct) if !matches!(punct.as_char(), '*' | '/' | '.' | ':') => return None,
            _ => terms.last_mut()?.1.extend([token.clone()]),
        }
    }
    terms.iter().all(|(_, term)| !term.is_empty()).then_some(terms)
}

fn is_name(term: &TokenStream, name: &Ident) -> bool {
    let mut tokens = term.clone().into_iter();
    matches!((tokens.next(), tokens.next()), (Some(TokenTree::Ident(ident)), None) if ident == *name)
}

/// Adds the copy of what a group reads.
fn copied(function: &mut Function, range: &Range, group: &[Read], excerpts: &mut Excerpts) {
    let numbers = || group.iter().map(|read| read.at.plus);
    let (Some(least), Some(most)) = (numbers().min(), numbers().max()) else { return };
    let Read { sequence, at, .. } = &group[0];
    let (start, end) = (range.start.literal::<u32>(), range.end.literal::<u32>());
    // from the first element on, where that is next to what is read: each number then stands where it stood
    let from_start = start.filter(|start| *start <= 2 && at.is_index_alone());
    if start.is_some_and(|start| at.is_index_alone() && i64::from(start) + least < 0) {
        return;
    }
    let past = most + i64::from(range.inclusive);
    let mut declarations = Vec::new();
    let mut limit = |function: &mut Function, wish: &str, tokens: TokenStream| -> TokenStream {
        let wish = format!("{}_{wish}", function.variable(sequence.root).name);
        let var = function.fresh(&wish, Kind::Inactive, false, Form::Owned, sequence.span);
        function.excerpts.insert(var);
        let mut reads = [&range.start.reads[..], &range.end.reads, &at.reads].concat();
        reads.sort_unstable();
        reads.dedup();
        let code = Code { tokens, reads, repeatable: true, span: range.end.span };
        declarations.push(Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Code(code)))), ty: None });
        let name = &function.variable(var).name;
        quote!(#name)
    };
    let (first_index, last_index) = (operand(&range.start.tokens), operand(&range.end.tokens));
    let runs = match range.inclusive {
        true => quote!(#first_index <= #last_index),
        false => quote!(#first_index < #last_index),
    };
    let whether = |number: TokenStream| quote!(if #runs { #number } else { 0 });
    let (from, past) = match (from_start, end) {
        (Some(start), Some(end)) => {
            let past = if i64::from(start) < i64::from(end) + i64::from(range.inclusive) { i64::from(end) + past } else { 0 };
            (None, literal(past))
        }
        (Some(0), None) if past == 0 => (None, range.end.tokens.clone()),
        (Some(_), None) => (None, limit(function, "past", whether(at.with(&last_index, past)))),
        (None, _) => {
            let from = limit(function, "from", whether(at.with(&first_index, least)));
            (Some(from), limit(function, "past", whether(at.with(&last_index, past))))
        }
    };
    let mut reads = [&range.start.reads[..], &range.end.reads, &at.reads].concat();
    declarations.iter().for_each(|statement| uses::declared(statement, &mut |var| reads.push(var)));
    let from_tokens = from.clone().unwrap_or_default();
    let part = Code { tokens: quote!(#from_tokens..#past), reads, repeatable: true, span: range.end.span };
    let wish = format!("{}_excerpt", function.variable(sequence.root).name);
    let copy = function.fresh(&wish, Kind::Space, false, Form::Owned, sequence.span);
    function.excerpts.insert(copy);
    let first_read = declarations.first().filter(|_| from.is_some()).map(|statement| {
        let mut first = None;
        uses::declared(statement, &mut |var| first = Some(var));
        first
    });
    let value = Value::Clone(sequence.then(Step::Index(Operand::Code(part))));
    declarations.push(Statement::Let { var: copy, value: Some(value), ty: None });
    let index = &function.variable(range.index).name;
    for read in group {
        let mut tokens = read.at.with(&quote!(#index), read.at.plus);
        let mut reads = vec![range.index];
        if let (Some(from), Some(Some(first))) = (&from, first_read) {
            tokens = quote!(#tokens - #from);
            reads.push(first);
        }
        reads.extend(&read.at.reads);
        let at = Code { tokens, reads, repeatable: true, span: read.sequence.span };
        let place = Place::whole(copy, read.sequence.span).then(Step::Index(Operand::Code(at)));
        excerpts.places.insert(read.var, place);
    }
    excerpts.declarations.push((copy, declarations));
}

fn literal(number: i64) -> TokenStream {
    TokenTree::Literal(Literal::u64_unsuffixed(number.unsigned_abs())).into()
}
