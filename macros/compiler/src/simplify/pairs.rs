//! `for j in a..b { x[i * n + j] += e(x[k * n + j], y[k * n + j]) } ⟶ match the two rows of x, and that of y { for at in 0..b - a { x_row[at] += e(x_row_2[at], y_row[at]) } }`
//! where the rows do not overlap, and no element is missing; else the loop as it is.
//!
//! *In:* the statements of a derivative. *Out:* the same, where an innermost loop that changes one row of a sequence and uses another of the same takes both from
//! parts of it, which share nothing.
//!
//! A matrix that lies in one sequence is eliminated row by row: an element of one is changed by that of another. The back end sees neither that the rows are two nor
//! that they are long enough: it checks each element, one at a time, and each waits for the one before. What is looked up once, as two parts of one sequence, is vectors. Whether the
//! rows are apart is asked when the loop runs, so that the loop does in every case what it did, also where an element is missing.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::analysis::effects::Effects;
use crate::diff::excerpts::{Counting, counting};
use crate::ir::{
    Arm, Block, Branch, Code, Counting as Counts, Expr, Form, Function, Header, Kind, Loop, Operand, Place, Range, Statement,
    Step, Value, Var, edit, uses,
};

use super::lanes::binding;

/// Lets innermost loops that use two rows of a sequence take them apart.
pub fn apart(function: &mut Function, block: &mut Block, runtime: &TokenStream) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| apart(function, inner, runtime));
        let pair = match &statement {
            Statement::Loop(each) => Pair::of(function, each),
            _ => None,
        };
        match (pair, statement) {
            (Some(pair), Statement::Loop(each)) => out.push(pair.over_rows(function, &each, runtime)),
            (_, statement) => out.push(statement),
        }
    }
    *block = out;
}

/// A row: a sequence, and the elements of it that the loop counts over.
struct Row {
    root: Var,
    at: Counting,
}

impl Row {
    /// What tells it from other rows.
    fn key(root: Var, at: &Counting) -> String {
        let [before, after] = &at.around;
        format!("{} [{before} | {after}] {}", root.0, at.plus)
    }
}

/// The rows of a loop, of which two are of the same sequence.
struct Pair {
    range: Range,
    rows: BTreeMap<String, Row>,
    /// The sequence that is changed.
    changed: Var,
}

impl Pair {
    fn of(function: &Function, each: &Loop) -> Option<Self> {
        let Header::Range(range) = &each.header else { return None };
        let plain = each.exit.is_none() && each.counter.is_none() && each.tape.is_none() && each.counting == Counts::None;
        let is_lane = function.lanes.contains(&range.index);
        if !plain || range.inclusive || is_lane || !range.start.repeatable || !range.end.repeatable || range.literal().is_some() {
            return None;
        }
        let effects = Effects::of_block(&each.body);
        let mut inside = BTreeSet::from([range.index]);
        uses::declared_within(&each.body, &mut inside);
        let mut rows = BTreeMap::new();
        let mut mentions: BTreeMap<Var, usize> = BTreeMap::new();
        let mut elements: BTreeMap<Var, usize> = BTreeMap::new();
        let mut changed = BTreeSet::new();
        for statement in &each.body {
            is_plain(statement).then_some(())?;
            uses::statement(statement, &mut |var| *mentions.entry(var).or_default() += 1);
            if let Statement::Assign { place, .. } | Statement::Add { place, .. } = statement {
                changed.extend((!place.path.is_empty()).then_some(place.root));
            }
            visit(&mut statement.clone(), &mut |place| {
                let Some(at) = element(function, place, range.index) else { return };
                let lasts = |var: &Var| !inside.contains(var) && !effects.writes.contains(var) && !effects.adds.contains(var);
                if at.reads.iter().all(lasts) && !inside.contains(&place.root) {
                    *elements.entry(place.root).or_default() += 1;
                    rows.entry(Row::key(place.root, &at)).or_insert(Row { root: place.root, at });
                }
            });
        }
        // what is used in another way stays as it is
        rows.retain(|_, row| mentions.get(&row.root) == elements.get(&row.root));
        let changed: Vec<Var> = changed.into_iter().collect();
        let [changed] = changed.as_slice() else { return None };
        let of_changed = || rows.values().filter(|row| row.root == *changed);
        let starts: BTreeSet<String> =
            of_changed().map(|row| row.at.around[0].to_string() + &row.at.around[1].to_string()).collect();
        (of_changed().count() == 2 && starts.len() == 2).then(|| Self { range: range.clone(), rows, changed: *changed })
    }

    /// The choice between the loop over rows and the loop as it is.
    fn over_rows(&self, function: &mut Function, each: &Loop, runtime: &TokenStream) -> Statement {
        let span = self.range.start.span;
        let count = function.fresh("count", Kind::Inactive, false, Form::Owned, span);
        let at = function.fresh("at", Kind::Inactive, false, Form::Owned, span);
        let mut names: BTreeMap<&String, Var> = BTreeMap::new();
        for (key, row) in &self.rows {
            let wish = format!("{}_row", function.variable(row.root).name);
            names.insert(key, function.fresh(&wish, Kind::Space, false, Form::Reference, span));
        }
        function.rows.extend(names.values());
        let name = |var: Var| function.variable(var).name.to_token_stream();
        let (count_name, at_name, index) = (name(count), name(at), name(self.range.index));
        let (start, end) = (&self.range.start.tokens, &self.range.end.tokens);
        let first = in_parentheses(start);
        let mut looked_up = Vec::new();
        let mut patterns = Vec::new();
        let of = |of_changed: bool| self.rows.iter().filter(move |(_, row)| (row.root == self.changed) == of_changed);
        let (changed, firsts): (Vec<TokenStream>, Vec<TokenStream>) =
            of(true).map(|(key, row)| (name(names[key]), row.at.with(&first, row.at.plus))).unzip();
        let root = name(self.changed);
        looked_up.push(quote!(#runtime::two_rows(&mut #root[..], [#(#firsts),*], #count_name)));
        patterns.push(quote!(::core::option::Option::Some([#(#changed),*])));
        for (key, row) in of(false) {
            let (root, first, row_name) = (name(row.root), row.at.with(&first, row.at.plus), name(names[key]));
            looked_up.push(quote!(#runtime::one_row(&#root[..], #first, #count_name)));
            patterns.push(quote!(::core::option::Option::Some(#row_name)));
        }
        let mut reads: BTreeSet<Var> = self.range.start.reads.iter().chain(&self.range.end.reads).copied().collect();
        let ends: Vec<Var> = reads.iter().copied().collect();
        reads.extend(self.rows.values().flat_map(|row| row.at.reads.iter().copied().chain([row.root])));
        let on = Code {
            tokens: quote!((#(#looked_up),*,)),
            reads: reads.into_iter().chain([count]).collect(),
            repeatable: true,
            span,
        };
        let mut body = each.body.clone();
        body.iter_mut().for_each(|statement| self.in_rows(function, statement, &names, at));
        let mut mentioned = false;
        uses::block(&body, &mut |var| mentioned |= var == self.range.index);
        if mentioned {
            let tokens = quote!(let #index = #at_name + #first;);
            let reads = self.range.start.reads.iter().copied().chain([at]).collect();
            body.insert(0, binding(self.range.index, tokens, reads, span));
        }
        let code = |tokens: TokenStream, reads: Vec<Var>| Code { tokens, reads, repeatable: true, span };
        let over = Range {
            index: at,
            start: code(quote!(0), Vec::new()),
            end: code(count_name.clone(), vec![count]),
            inclusive: false,
            reversed: self.range.reversed,
        };
        let fast = Arm {
            pattern: quote!((#(#patterns),*,)),
            binds: names.values().copied().collect(),
            body: vec![Statement::Loop(Loop::over(over, body))],
            saved: Vec::new(),
        };
        let slow = Arm { pattern: quote!(_), binds: Vec::new(), body: vec![Statement::Loop(each.clone())], saved: Vec::new() };
        let choice = Statement::Branch(Branch { on, arms: vec![fast, slow], is_match: true, rebinds: false, record: None });
        let tokens = quote!(let #count_name = ::core::iter::ExactSizeIterator::len(&(#start..#end)););
        let counted = binding(count, tokens, ends.clone(), span);
        let runs = code(quote!(!(#start..#end).is_empty()), ends);
        Statement::either(runs, vec![counted, choice], Vec::new())
    }

    /// A statement over the elements of rows.
    fn in_rows(&self, function: &Function, statement: &mut Statement, names: &BTreeMap<&String, Var>, at: Var) {
        visit(statement, &mut |place| {
            let Some(counting) = element(function, place, self.range.index) else { return };
            if let Some(row) = names.get(&Row::key(place.root, &counting)) {
                let index = Place::whole(at, place.span);
                *place = Place::whole(*row, place.span).then(Step::Index(Operand::Place(index)));
            }
        });
    }
}

/// Whether the statement computes, and stores or adds numbers.
fn is_plain(statement: &Statement) -> bool {
    match statement {
        Statement::Let { value: Some(Value::Expr(_)), .. }
        | Statement::Assign { value: Value::Expr(_), .. }
        | Statement::Add { whole: false, .. } => true,
        Statement::Code { code, writes, .. } => code.repeatable && writes.is_empty(),
        _ => false,
    }
}

/// How the element is counted by the loop, where it is one of a sequence that is a variable, in a sum of numbers that are added: then none of these is greater than the first of the
/// numbers that the loop itself makes of them.
fn element(function: &Function, place: &Place, index: Var) -> Option<Counting> {
    let variable = function.variable(place.root);
    let [Step::Index(at)] = place.path.as_slice() else { return None };
    let is_there = variable.kind == Kind::Space && matches!(variable.form, Form::Owned | Form::Reference);
    let at = counting(function, at, index).filter(|_| is_there)?;
    let is_added = at.plus >= 0 && !at.around.iter().any(|terms| terms.clone().into_iter().any(|token| token.to_string() == "-"));
    is_added.then_some(at)
}

/// Visits the places that a statement reads, stores or adds to.
fn visit(statement: &mut Statement, see: &mut dyn FnMut(&mut Place)) {
    match statement {
        Statement::Let { value: Some(Value::Expr(expr)), .. } => of_expr(expr, see),
        Statement::Assign { place, value: Value::Expr(expr) } | Statement::Add { place, value: expr, whole: false, .. } => {
            see(place);
            of_expr(expr, see);
        }
        _ => {}
    }
}

fn of_expr(expr: &mut Expr, see: &mut dyn FnMut(&mut Place)) {
    match expr {
        Expr::Operand(Operand::Place(place)) => see(place),
        Expr::Operand(_) => {}
        Expr::Apply(_, operands, _) => operands.iter_mut().for_each(|operand| of_expr(operand, see)),
    }
}

/// The tokens as one operand.
fn in_parentheses(tokens: &TokenStream) -> TokenStream {
    let is_one = tokens.clone().into_iter().count() == 1;
    if is_one { tokens.clone() } else { quote!((#tokens)) }
}
