//! `for j in a..b { .. x[at] ..; at += 1 } ⟶ let row = x[at..][..b - a]; for j in a..b { .. row[j - a] .. } at += b - a`
//!
//! *In:* the statements of a derivative, when all else is done. *Out:* the same, where a loop that counts on a number of its own, as one does over the rows
//! of a triangle that lie one behind the other, takes the elements at that number from a part of the sequence.
//!
//! The part is as long as the loop, which the back end sees, and looked up once: no element is checked on its own, and elements are loaded as vectors.
//! Numbers are computed as they were. Where the sequence is too short, a row panics before its first element instead of at the one that is missing;
//! one without elements is looked up nowhere.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::analysis::effects::Effects;
use crate::ir::replace::Replaced;
use crate::ir::{
    Block, Code, Counting, Expr, Form, Function, Header, Kind, Loop, Operand, Place, Range, Statement, Step, Value, Var, edit,
    uses,
};
use crate::relax::index::counts_elements;

use super::reads::text;

/// Lets loops that count on take their elements from rows.
pub fn name(function: &mut Function, block: &mut Block, runtime: &TokenStream) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| name(function, inner, runtime));
        match &statement {
            Statement::Loop(each) => match Counted::of(function, each) {
                Some((counted, sequences)) => out.extend(counted.over_rows(function, &sequences, runtime)),
                None => out.push(statement),
            },
            _ => out.push(statement),
        }
    }
    *block = out;
}

/// A loop that counts on.
struct Counted<'a> {
    each: &'a Loop,
    range: &'a Range,
    /// What counts, from iteration to iteration of all runs of the loop.
    counter: Var,
    /// What it is called in an iteration.
    names: BTreeSet<Var>,
}

/// What is used at the counter's number: a variable, or a field.
struct Sequence {
    place: Place,
    /// How often an element is read, or added to.
    uses: usize,
    is_added_to: bool,
}

impl<'a> Counted<'a> {
    fn of(function: &Function, each: &'a Loop) -> Option<(Self, BTreeMap<String, Sequence>)> {
        let Header::Range(range) = &each.header else { return None };
        let plain = each.exit.is_none() && each.counter.is_none() && each.tape.is_none() && each.counting == Counting::None;
        if !plain || range.inclusive || range.reversed || !counts_elements(function, range.index, &each.body) {
            return None;
        }
        let (at, counter) = each.body.iter().enumerate().find_map(|(at, statement)| Some((at, counts(function, statement)?)))?;
        let (before, after) = each.body.split_at(at);
        let mut mentioned = false;
        after[1..].iter().for_each(|statement| uses::statement(statement, &mut |var| mentioned |= var == counter));
        if mentioned {
            return None; // the number of the next iteration
        }
        let names = before.iter().filter_map(|statement| copy_of(function, statement, counter)).collect();
        let counted = Self { each, range, counter, names };
        let effects = Effects::of_block(&each.body);
        let stays = |var: &Var| !effects.writes.contains(var) && !effects.adds.contains(var);
        let is_fixed = |code: &Code| code.repeatable && code.reads.iter().all(stays);
        let sequences = counted.sequences(function, &effects).filter(|found| !found.is_empty())?;
        (is_fixed(&range.start) && is_fixed(&range.end)).then_some((counted, sequences))
    }

    /// The sequences; none where the number is used otherwise, or where one that is added to is.
    fn sequences(&self, function: &Function, effects: &Effects) -> Option<BTreeMap<String, Sequence>> {
        let mut declared = BTreeSet::new();
        uses::declared_within(&self.each.body, &mut declared);
        let mut found: BTreeMap<String, Sequence> = BTreeMap::new();
        let mut mentions: BTreeMap<Var, usize> = BTreeMap::new();
        for statement in self.each.body.iter().filter(|statement| !self.counts_on(function, statement)) {
            if !self.is_plain(function, statement) {
                return None;
            }
            if !matches!(statement, Statement::Check { .. }) {
                uses::statement(statement, &mut |var| *mentions.entry(var).or_default() += 1);
            }
            self.visit(&mut statement.clone(), &mut |place, is_added_to| {
                let of = Place { path: place.path[..place.path.len() - 1].to_vec(), ..place.clone() };
                let sequence = found.entry(text(&of)).or_insert(Sequence { place: of, uses: 0, is_added_to: false });
                sequence.uses += 1;
                sequence.is_added_to |= is_added_to;
            });
        }
        let elements: usize = found.values().map(|sequence| sequence.uses).sum();
        let numbers: usize = self.names.iter().chain([&self.counter]).filter_map(|var| mentions.get(var)).sum();
        let is_apart = |sequence: &Sequence| {
            let root = sequence.place.root;
            let is_there = match function.variable(root).form {
                Form::Owned | Form::Reference => true,
                Form::Slot => sequence.is_added_to,
                Form::Dot | Form::Late => false,
            };
            let alone = mentions.get(&root) == Some(&sequence.uses);
            let lasts = !effects.writes.contains(&root) && (alone || !effects.adds.contains(&root));
            is_there && lasts && !declared.contains(&root)
        };
        (elements == numbers && found.values().all(is_apart)).then_some(found)
    }

    /// Whether the statement is the one that counts, or gives the number a name.
    fn counts_on(&self, function: &Function, statement: &Statement) -> bool {
        counts(function, statement) == Some(self.counter) || copy_of(function, statement, self.counter).is_some()
    }

    /// Whether the statement computes, and nothing that a loop has done when it fails can be seen in what the function is lent.
    fn is_plain(&self, function: &Function, statement: &Statement) -> bool {
        match statement {
            Statement::Let { value: Some(Value::Expr(_)), .. } | Statement::Check { .. } | Statement::Inert(_) => true,
            Statement::Assign { place, value: Value::Expr(_) } | Statement::Add { place, whole: false, .. } => {
                !function.is_parameter(place.root)
            }
            _ => false,
        }
    }

    /// Visits the elements at the number, and whether they are added to.
    fn visit(&self, statement: &mut Statement, see: &mut dyn FnMut(&mut Place, bool)) {
        match statement {
            Statement::Let { value: Some(Value::Expr(expr)), .. } | Statement::Assign { value: Value::Expr(expr), .. } => {
                self.of_expr(expr, see);
            }
            Statement::Add { place, value, whole: false, .. } => {
                if self.is_element(place) {
                    see(place, true);
                }
                self.of_expr(value, see);
            }
            _ => {}
        }
    }

    fn of_expr(&self, expr: &mut Expr, see: &mut dyn FnMut(&mut Place, bool)) {
        match expr {
            Expr::Operand(Operand::Place(place)) if self.is_element(place) => see(place, false),
            Expr::Operand(_) => {}
            Expr::Apply(_, arguments, _) => arguments.iter_mut().for_each(|argument| self.of_expr(argument, see)),
        }
    }

    /// Whether the place is an element of a variable, or of a field, at the number.
    fn is_element(&self, place: &Place) -> bool {
        let is_number = |var: Var| self.names.contains(&var) || var == self.counter;
        let Some((Step::Index(index), fields)) = place.path.split_last() else { return false };
        let is_at_number = match index {
            Operand::Place(index) => index.path.is_empty() && is_number(index.root),
            Operand::Code(code) => {
                matches!(code.reads.as_slice(), [var] if is_number(*var)) && code.tokens.clone().into_iter().count() == 1
            }
            Operand::Number(_) => false,
        };
        is_at_number && fields.iter().all(|step| matches!(step, Step::Field(_)))
    }

    /// The loop over rows.
    fn over_rows(&self, function: &mut Function, sequences: &BTreeMap<String, Sequence>, runtime: &TokenStream) -> Block {
        let Self { each, range, counter, .. } = *self;
        let mut out = Vec::new();
        let declare = |(text, sequence): (&String, &Sequence)| {
            let row = self.declare(function, sequence, runtime, &mut out);
            (text.clone(), row)
        };
        let rows: BTreeMap<String, Var> = sequences.iter().map(declare).collect();
        let index = function.variable(range.index).name.clone();
        let start = &range.start.tokens;
        let tokens = if range.start.literal() == Some(0usize) { quote!(#index) } else { quote!(#index - (#start)) };
        let reads: Vec<Var> = range.start.reads.iter().copied().chain([range.index]).collect();
        let within = Step::Index(Operand::Code(Code { tokens, reads, repeatable: true, span: range.start.span }));
        let mut by_counter = Replaced::default();
        self.names.iter().for_each(|name| by_counter.insert(function, *name, None, counter));
        let mut body: Block = each.body.iter().filter(|statement| !self.counts_on(function, statement)).cloned().collect();
        for statement in &mut body {
            if matches!(statement, Statement::Check { .. }) {
                by_counter.statement(statement);
            }
            self.visit(statement, &mut |place, _| {
                place.path.pop();
                *place = Place { root: rows[&text(place)], path: vec![within.clone()], span: place.span };
            });
        }
        out.push(Statement::Loop(each.with(body)));
        let (name, span, all) = (&function.variable(counter).name, range.start.span, all(range));
        let tokens = quote!(#name += ::core::iter::ExactSizeIterator::len(&(#all)););
        let code = Code { tokens, reads: reads_of(range, [counter]), repeatable: false, span };
        out.push(Statement::Code { code, binds: Vec::new(), writes: vec![counter] });
        out
    }

    /// Declares the part of a sequence that the loop uses.
    fn declare(&self, function: &mut Function, sequence: &Sequence, runtime: &TokenStream, out: &mut Block) -> Var {
        let Place { root, path, .. } = &sequence.place;
        let variable = function.variable(*root).clone();
        let form = if variable.form == Form::Slot { Form::Slot } else { Form::Reference };
        let span = variable.name.span();
        let row = function.fresh(&format!("{}_row", variable.name), Kind::Space, form == Form::Slot, form, span);
        let name = |var: Var| &function.variable(var).name;
        let (row_name, root_name, at, all) = (name(row), &variable.name, name(self.counter), all(self.range));
        let fields = path.iter().map(|step| match step {
            Step::Field(name) => quote!(.#name),
            _ => unreachable!("a field of a field"),
        });
        let of = quote!(#root_name #(#fields)*);
        let tokens = match (form, sequence.is_added_to) {
            (Form::Slot, _) => {
                let row = quote!(#runtime::row_mut(&mut #of[..], #at, #all));
                quote!(let mut #row_name = #root_name.as_deref_mut().map(|#root_name| #row);)
            }
            (_, true) => quote!(let #row_name = #runtime::row_mut(&mut #of[..], #at, #all);),
            (_, false) => quote!(let #row_name = #runtime::row(&#of[..], #at, #all);),
        };
        let code = Code { tokens, reads: reads_of(self.range, [*root, self.counter]), repeatable: false, span };
        let writes = sequence.is_added_to.then_some(*root).into_iter().collect();
        out.push(Statement::Code { code, binds: vec![row], writes });
        row
    }
}

/// `a..b`
fn all(range: &Range) -> TokenStream {
    let (start, end) = (&range.start.tokens, &range.end.tokens);
    quote!(#start..#end)
}

fn reads_of<const N: usize>(range: &Range, others: [Var; N]) -> Vec<Var> {
    range.start.reads.iter().chain(&range.end.reads).copied().chain(others).collect()
}

/// The variable of `at += 1;`
fn counts(function: &Function, statement: &Statement) -> Option<Var> {
    let Statement::Code { code, binds, writes } = statement else { return None };
    let [counter] = writes.as_slice() else { return None };
    let name = &function.variable(*counter).name;
    let is_it = binds.is_empty() && code.tokens.to_string() == quote!(#name += 1;).to_string();
    is_it.then_some(*counter)
}

/// The variable of `let index = at;`
fn copy_of(function: &Function, statement: &Statement, counter: Var) -> Option<Var> {
    let Statement::Let { var, value: Some(Value::Expr(Expr::Operand(of))), .. } = statement else { return None };
    let is_it = match of {
        Operand::Place(place) => place.path.is_empty() && place.root == counter,
        Operand::Code(code) => {
            code.reads == [counter] && code.tokens.to_string() == function.variable(counter).name.to_token_stream().to_string()
        }
        Operand::Number(_) => false,
    };
    (is_it && !function.variable(*var).mutable).then_some(*var)
}
