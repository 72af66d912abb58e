//! Loops, backward: their iterations from the last to the first, with what a tape, arrays or copies in front of them keep.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

use crate::analysis::effects::Effects;
use crate::analysis::save::{self, Later, Plan};
use crate::analysis::{closed, dimensions, elements};
use crate::diff::excerpts;
use crate::ir::sets::VarMap;
use crate::ir::{self, Block, Counting, Form, Function, Header, Kind, Loop, Place, Range, Statement, Tape, Var, edit, uses};
use crate::simplify::fields;

use super::Reverser;

impl Reverser {
    /// The copies of what a loop reads that are worth it, and what declares them: as many as numbers that need not be recorded then, at most.
    fn excerpts(&mut self, each: &Loop, forward: &Block, reverse: &Block, after: Option<(Var, usize)>) -> (VarMap<Place>, Block) {
        let without = self.copied.clone();
        if !self.is_kept_on_the_heap {
            return (without, Vec::new());
        }
        let found = excerpts::of(&mut self.function, each, &without);
        if found.is_empty() {
            return (without, Vec::new());
        }
        let with = |copied| {
            let later = Later { changed: &self.changed, after, settled: &self.settled, copied };
            save::plan(&self.function, &[], forward, reverse, Some(later))
        };
        let numbers = |plan: &Plan| plan.saved.iter().filter(|saved| self.function.is_scalar(saved.var)).count();
        let plan = with(&found.places);
        let used = found.used(&plan.repeated);
        if used.is_empty() || used.len() > numbers(&with(&without)).saturating_sub(numbers(&plan)) {
            return (without, Vec::new());
        }
        (found.places.clone(), found.declare(&used))
    }

    pub(super) fn each(&mut self, each: &Loop, backward: &mut Block) -> Block {
        self.ensure_outer(std::iter::once(&each.body), backward);
        let after = match &each.header {
            Header::Range(range) => Some((range.index, self.changed.count())),
            _ => None,
        };
        self.changed.by(&Statement::Loop(each.clone()));
        let around = self.is_kept_on_the_heap;
        self.is_kept_on_the_heap |= capacity(&self.function, each).is_none();
        let (mut forward, mut reverse) = self.block(&each.body);
        if reverse.is_empty() {
            self.is_kept_on_the_heap = around;
            return vec![Statement::Loop(each.with(forward))];
        }
        let binds = match &each.header {
            Header::Range(_) | Header::Again => Vec::new(), // the reverse has its own index
            Header::While { binds, .. } => binds.clone(),
        };
        let (copied, mut statements) = self.excerpts(each, &forward, &reverse, after);
        self.is_kept_on_the_heap = around;
        let plan = self.plan(&binds, &mut forward, &mut reverse, (after, &copied));
        let mut body = plan.repeated;
        body.extend(reverse);
        let tape = (!plan.saved.is_empty()).then(|| {
            let var = self.function.fresh("tape", Kind::Inactive, true, Form::Owned, each.span());
            Tape {
                var,
                saved: plan.saved,
                capacity: capacity(&self.function, each),
                reads: false,
                shared: false,
                count: None,
                chosen: None,
            }
        });
        let read = tape.clone().map(|tape| Tape { reads: true, ..tape });
        let header = match &each.header {
            // where the order does not matter, memory is best read forward
            Header::Range(range) if tape.is_none() && each.counter.is_none() && self.in_any_order(&body, range.index) => {
                Header::Range(range.clone())
            }
            Header::Range(range) => Header::Range(Range { reversed: !range.reversed, ..range.clone() }),
            Header::While { .. } | Header::Again => Header::Again,
        };
        let counted = |with| if each.counter.is_some() { with } else { Counting::None };
        let counts = if tape.is_none() { counted(Counting::Counts) } else { Counting::None };
        let (counter, follows) = (each.counter, counted(Counting::Follows));
        backward.push(Statement::Loop(Loop { header, body, exit: None, counter, counting: follows, tape: read }));
        statements.push(Statement::Loop(Loop { body: forward, counting: counts, tape, ..each.clone() }));
        statements
    }

    /// Whether the iterations only read what is there before them, and only add to adjoints, but for elements that each takes for itself.
    fn in_any_order(&self, body: &Block, index: Var) -> bool {
        let is_free = |function: &Function, body: &Block| {
            let inside = Effects::of_block(body);
            let is_free = inside.writes.is_empty() || inside.writes.is_subset(&elements::taken(function, body, index));
            is_free && inside.reads.is_disjoint(&inside.adds)
        };
        let mut apart = body.clone();
        if is_free(&self.function, body) || !fields::are_used(&mut apart) {
            return is_free(&self.function, body);
        }
        // sequences in two fields meet nowhere, as two variables do not
        let mut function = self.function.clone();
        let mut inside = BTreeSet::from([index]);
        uses::declared_within(&apart, &mut inside);
        fields::apart(&mut function, &mut apart, &inside, 0);
        is_free(&function, &apart)
    }
}

/// The block without the code that is there for its effect alone, for a sweep that runs once more. A method that is called on what is declared outside is.
pub(super) fn without_effects(block: &Block) -> Block {
    let mut declared = BTreeSet::new();
    uses::declared_within(block, &mut declared);
    without_effects_outside(block, &declared)
}

fn without_effects_outside(block: &Block, declared: &BTreeSet<Var>) -> Block {
    let has_effect_alone = |statement: &Statement| match statement {
        Statement::Code { code, binds, writes } => {
            binds.is_empty()
                && (writes.is_empty() || !closed::may_refill(&code.tokens) && !writes.iter().any(|var| declared.contains(var)))
        }
        Statement::NoExit(_) | Statement::Inert(_) | Statement::Check { .. } => true,
        _ => false,
    };
    let mut kept: Block = block.iter().filter(|statement| !has_effect_alone(statement)).cloned().collect();
    for statement in &mut kept {
        edit::inner_blocks(statement, &mut |inner| *inner = without_effects_outside(inner, declared));
    }
    kept
}

/// How many records a loop makes at most in place, where its range shows it: literal ends, a constant, or the length of an array that is one.
pub fn capacity(function: &Function, each: &Loop) -> Option<TokenStream> {
    const MOST: usize = 1024;
    let Header::Range(each) = &each.header else { return None };
    let start: usize = each.start.literal()?;
    let known = dimensions::length(function, &each.end).filter(|_| !each.inclusive);
    if let Some(counted) = each.literal().or_else(|| Some(start..known.as_ref().and_then(ir::literal)?)) {
        let count = counted.len();
        return (count <= MOST).then(|| tokens_of(proc_macro2::Literal::usize_unsuffixed(count)));
    }
    if known.is_some() {
        return known;
    }
    if each.inclusive || !each.end.reads.is_empty() {
        return None;
    }
    let end = &each.end.tokens;
    let is_constant = function.is_size(end) || function.is_constant(end) && end.to_string().len() > 1;
    is_constant.then(|| end.clone())
}

/// How many iterations a loop has at most, where that is a constant: one of a single letter as well, which a loop over units is often counted by. Its
/// records are no tape in place, as halves that are apart would hand all of it on.
pub fn count(function: &Function, each: &Loop) -> Option<TokenStream> {
    capacity(function, each).or_else(|| {
        let Header::Range(range) = &each.header else { return None };
        if range.inclusive || !range.end.reads.is_empty() || function.letters_are_parameters {
            return None;
        }
        let text = range.end.tokens.to_string();
        let mut text = text.chars();
        let is_letter = text.next().is_some_and(char::is_uppercase) && text.next().is_none();
        (is_letter && range.start.literal::<usize>() == Some(0)).then(|| range.end.tokens.clone())
    })
}

pub(super) fn tokens_of(literal: proc_macro2::Literal) -> TokenStream {
    TokenTree::Literal(literal).into()
}
