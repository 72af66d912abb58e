//! A stencil whose reverse adds to neighbours gathers instead: each element of the adjoint takes what all iterations add to it.
//!
//! ```text
//! for i in a..b {                             let y_bar_strip = &y_bar[first..first + 9]; ..
//!   let t = take y_bar[i];                    for lane { let t = y_bar_strip[lane + 1]; x_sums[lane] = -t }
//!   x_bar[i] -= t;                      ⟶     for lane { let t = y_bar_strip[lane]; x_sums[lane] += c * t }
//!   x_bar[i + 1] += c * t }                   x_bar[first + 1..first + 9] += x_sums
//! ```
//!
//! The iterations read nothing that one of them adds to, so that what one of them adds can be computed again wherever it is added: once for each
//! distance at which the loop adds, each time by the statements that this needs and no others. An element's sum has the same terms, in another order, as
//! contributions to adjoints may have. No lane then waits for a neighbour, and nothing is carried from strip to strip. What is computed again is arithmetic
//! of a few operations, and reads elements that the strip has in registers or in the nearest memory.
//!
//! A strip needs some iterations more than it has elements. So those at both ends add one by one to the elements that no strip has gathered for
//! (`rt::is_left`). What each iteration takes is set to zero in the end, as neighbours read it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use crate::ir::{Block, Counting, Expr, Form, Header, Kind, Loop, Operand, Place, Range, Statement, Step, Value, Var, uses};

use super::fold;
use super::lanes::{Pass, binding, code};
use super::strips::{named, places};

/// The farthest that contributions may lie apart.
const WIDEST: i64 = 8;
/// How many times as much arithmetic may be done as where nothing is computed again.
const MOST: usize = 2;
/// A division or a root costs as much as so many other operations.
const SLOW: usize = 8;

impl Pass<'_> {
    /// The loop, which only adds to elements that its index and a literal name, as one that gathers; none where it is no such loop, or where that costs more.
    pub(super) fn gathering(&mut self, each: &Loop, range: &Range, taken: &BTreeSet<Var>) -> Option<Block> {
        let mut own = BTreeSet::new();
        each.body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = own.insert(var)));
        let added = self.distances(&each.body, range.index, &own)?;
        let farthest = added.iter().map(|(_, distance)| *distance).max()?;
        let nearest = added.iter().map(|(_, distance)| *distance).min()?;
        if nearest == farthest || farthest - nearest > WIDEST {
            return None;
        }
        let shares: Vec<(Var, usize, Block)> = added
            .iter()
            .map(|(root, distance)| {
                (*root, (farthest - distance) as usize, share(&each.body, &own, (*root, *distance), self, range.index))
            })
            .collect();
        let (all, once) = (shares.iter().map(|(.., share)| cost(share)).sum::<usize>(), cost(&each.body));
        if all > MOST * once {
            return None;
        }
        let span = range.start.span;
        let first = self.function.fresh("first", Kind::Inactive, true, Form::Owned, span);
        let end = self.function.fresh("end", Kind::Inactive, false, Form::Owned, span);
        let left = self.function.fresh("left", Kind::Inactive, true, Form::Owned, span);
        let lane = self.function.fresh("lane", Kind::Inactive, false, Form::Owned, span);
        let (index, wide) = (range.index, (farthest - nearest) as usize);
        let mut gather = Gather { pass: self, index, first, lane, farthest, windows: BTreeMap::new() };
        let together = gather.together(shares)?;
        Some(gather.assembled(each, range, together, taken, &own, [end, left], wide))
    }

    /// How far from the index the elements are that the loop adds to; none where it adds to anything else.
    fn distances(&self, body: &Block, index: Var, own: &BTreeSet<Var>) -> Option<BTreeSet<(Var, i64)>> {
        let mut added = BTreeSet::new();
        for statement in body {
            if let Statement::Add { place, .. } = statement
                && !own.contains(&place.root)
            {
                let (distance, _, steps) = named(self.function, index, place)?;
                (steps == place.path.len()).then_some(())?;
                added.insert((place.root, distance));
            }
        }
        Some(added)
    }
}

/// What the loop adds to elements at one distance, and what is needed for that.
fn share(body: &Block, own: &BTreeSet<Var>, to: (Var, i64), pass: &Pass, index: Var) -> Block {
    let mut needed = BTreeSet::new();
    let mut out = Vec::new();
    for statement in body.iter().rev() {
        let is_needed = match statement {
            Statement::Let { var, .. } => needed.contains(var),
            Statement::Add { place, .. } if own.contains(&place.root) => needed.contains(&place.root),
            Statement::Add { place, .. } => {
                place.root == to.0 && named(pass.function, index, place).is_some_and(|(distance, ..)| distance == to.1)
            }
            _ => false,
        };
        if is_needed {
            uses::statement(statement, &mut |var| _ = needed.insert(var));
            out.push(statement.clone());
        }
    }
    out.reverse();
    out
}

/// How much arithmetic a block is.
fn cost(block: &Block) -> usize {
    fn of(expr: &Expr) -> usize {
        match expr {
            Expr::Operand(_) => 0,
            Expr::Apply(op, arguments, _) => {
                let own = if matches!(op.0.name, "div" | "sqrt" | "powi") { SLOW } else { 1 };
                own + arguments.iter().map(of).sum::<usize>()
            }
        }
    }
    let each = block.iter().map(|statement| match statement {
        Statement::Let { value: Some(Value::Expr(expr)), .. } => of(expr),
        Statement::Add { value, .. } => 1 + of(value),
        _ => 0,
    });
    each.sum()
}

/// The elements of a sequence that a strip reads: its variable, and where they begin and end, from the strip's first iteration and its last.
struct Window {
    var: Var,
    from: i64,
    to: i64,
}

struct Gather<'p, 'a> {
    pass: &'p mut Pass<'a>,
    index: Var,
    /// The first iteration of a strip.
    first: Var,
    lane: Var,
    /// How far from the index the farthest elements are that an iteration adds to.
    farthest: i64,
    /// By the sequence's root.
    windows: BTreeMap<Var, Window>,
}

impl Gather<'_, '_> {
    /// A strip of the shares, each with the iteration of which a lane takes it; none where they need the index otherwise.
    fn together(&mut self, mut shares: Vec<(Var, usize, Block)>) -> Option<Block> {
        for (_, ahead, share) in &shares {
            share.iter().for_each(|statement| self.look(statement, *ahead));
        }
        let mut sums: BTreeMap<Var, Var> = BTreeMap::new();
        let mut lanes = Vec::new();
        for (root, ahead, share) in &mut shares {
            let is_first = !sums.contains_key(root);
            let to = *sums.entry(*root).or_insert_with(|| self.sums(*root));
            lanes.push(self.lane_by_lane(std::mem::take(share), *root, to, *ahead, is_first)?);
        }
        let mut out: Block = self.windows.iter().map(|(root, window)| self.borrowed(*root, window)).collect();
        out.extend(sums.values().map(|to| self.pass.zeros(*to)));
        out.extend(lanes);
        out.extend(sums.iter().map(|(root, to)| self.flushed(*root, *to)));
        Some(out)
    }

    /// An array of what is added to a sequence.
    fn sums(&mut self, root: Var) -> Var {
        let name = self.pass.function.variable(root).name.clone();
        self.pass.function.fresh(&format!("{name}_sums"), Kind::Space, true, Form::Owned, name.span())
    }

    /// Widens the windows by what a statement reads.
    fn look(&mut self, statement: &Statement, ahead: usize) {
        let ahead = ahead as i64;
        let mut see = |place: &Place| {
            let form = self.pass.function.variable(place.root).form;
            let Some((offset, reach, _)) = named(self.pass.function, self.index, place) else { return };
            if !matches!(form, Form::Owned | Form::Reference) {
                return;
            }
            let window = self.windows.entry(place.root).or_insert_with(|| {
                let wish = format!("{}_strip", self.pass.function.variable(place.root).name);
                let var = self.pass.function.fresh(&wish, Kind::Space, false, Form::Owned, place.span);
                Window { var, from: ahead + offset, to: ahead + reach }
            });
            window.from = window.from.min(ahead + offset);
            window.to = window.to.max(ahead + reach);
        };
        match statement {
            Statement::Let { value: Some(Value::Expr(expr)), .. } | Statement::Add { value: expr, .. } => places(expr, &mut see),
            Statement::Let { value: Some(Value::Take(place, _)), .. } => see(place),
            _ => {}
        }
    }

    /// What the lanes add at one distance.
    fn lane_by_lane(&self, mut share: Block, root: Var, to: Var, ahead: usize, mut is_first: bool) -> Option<Statement> {
        let span = self.pass.function.variable(to).name.span();
        let own = Place::whole(to, span).then(Step::Index(Operand::Place(Place::whole(self.lane, span))));
        for statement in &mut share {
            match statement {
                Statement::Let { value, .. } => {
                    if let Some(Value::Take(place, _)) = value {
                        *value = Some(Value::Expr(Expr::place(place.clone())));
                    }
                    if let Some(Value::Expr(expr)) = value {
                        self.reads(expr, ahead);
                    }
                }
                Statement::Add { place, value, subtract, .. } => {
                    self.reads(value, ahead);
                    if place.root == root {
                        *place = own.clone();
                        if std::mem::take(&mut is_first) {
                            let value = if *subtract { fold::negative(value.clone()) } else { value.clone() };
                            *statement = Statement::Assign { place: own.clone(), value: Value::Expr(value) };
                        }
                    }
                }
                _ => {}
            }
        }
        let mut needs_index = false;
        uses::block(&share, &mut |var| needs_index |= var == self.index);
        (!needs_index).then(|| self.pass.over_strip(self.lane, share))
    }

    /// Reads elements that the index names from the windows.
    fn reads(&self, expr: &mut Expr, ahead: usize) {
        match expr {
            Expr::Operand(Operand::Place(place)) => {
                if let Some(window) = self.windows.get(&place.root)
                    && let Some((offset, _, steps)) = named(self.pass.function, self.index, place)
                {
                    let at = (ahead as i64 + offset - window.from) as usize;
                    self.pass.to_lane(place, window.var, self.lane, at, steps);
                }
            }
            Expr::Operand(_) => {}
            Expr::Apply(_, arguments, _) => arguments.iter_mut().for_each(|argument| self.reads(argument, ahead)),
        }
    }

    /// `first`, `first + 1`, `first - 1`
    fn beside_first(&self, distance: i64) -> TokenStream {
        let first = &self.pass.function.variable(self.first).name;
        let by = Literal::usize_unsuffixed(distance.unsigned_abs() as usize);
        match distance {
            0 => first.to_token_stream(),
            1.. => quote!(#first + #by),
            _ => quote!(#first - #by),
        }
    }

    /// `let x_strip = &x[first - 1..first - 1 + STRIP + 3];`
    fn borrowed(&self, root: Var, window: &Window) -> Statement {
        let name = |var: Var| &self.pass.function.variable(var).name;
        let (strip, root_name, begin) = (name(window.var), name(root), self.beside_first(window.from));
        let length = self.pass.strip_length();
        let more = (window.to > window.from).then(|| Literal::usize_unsuffixed((window.to - window.from) as usize)).into_iter();
        let tokens = quote!(let #strip = &#root_name[#begin..#begin + #length #(+ #more)*];);
        binding(window.var, tokens, vec![root, self.first], strip.span())
    }

    /// `x_bar[first + 1..first + 1 + STRIP] += x_sums`
    fn flushed(&self, root: Var, sums: Var) -> Statement {
        let name = &self.pass.function.variable(sums).name;
        let (begin, length) = (self.beside_first(self.farthest), self.pass.strip_length());
        let tokens = self.pass.added_to(root, &quote!(#begin..#begin + #length), &name.to_token_stream());
        let code = code(tokens, vec![root, self.first, sums], name.span());
        Statement::Code { code, binds: Vec::new(), writes: vec![root] }
    }

    /// The strips, the iterations at both ends, and zeros in what was taken.
    #[allow(clippy::too_many_arguments)]
    fn assembled(
        &self,
        each: &Loop,
        range: &Range,
        mut together: Block,
        taken: &BTreeSet<Var>,
        own: &BTreeSet<Var>,
        [end, left]: [Var; 2],
        wide: usize,
    ) -> Block {
        let (runtime, span, length) = (self.pass.runtime, range.start.span, self.pass.strip_length());
        let name = |var: Var| self.pass.function.variable(var).name.to_token_stream();
        let (first, end_name, left_name, index) = (name(self.first), name(end), name(left), name(range.index));
        let (from, to, wide) = (&range.start.tokens, &range.end.tokens, Literal::usize_unsuffixed(wide));
        let set = |var: Var, tokens: TokenStream, reads: Vec<Var>| Statement::Code {
            code: code(tokens, reads, span),
            binds: Vec::new(),
            writes: vec![var],
        };
        let repeated = |on: TokenStream, reads: Vec<Var>, body: Block| {
            let header = Header::While { on: code(on, reads, span), binds: Vec::new() };
            Statement::Loop(Loop { header, body, exit: None, counter: None, counting: Counting::None, tape: None })
        };
        together.push(set(self.first, quote!(#first = #runtime::lane(#first, #length);), vec![self.first]));
        let mut one_by_one = vec![binding(range.index, quote!(let #index = #left_name;), vec![left], span)];
        one_by_one.extend(each.body.iter().map(|statement| self.where_left(statement, range, own)));
        let next = quote!(#left_name = #runtime::next_left(#left_name, #from, #first, #wide););
        one_by_one.push(set(left, next, vec![left, self.first]));
        let mut out = vec![
            binding(self.first, quote!(let mut #first = #from;), Vec::new(), span),
            binding(end, quote!(let #end_name = #to;), range.end.reads.clone(), span),
            repeated(quote!(#runtime::in_flight(#first, #end_name, #length + #wide)), vec![self.first, end], together),
            binding(left, quote!(let mut #left_name = #from;), Vec::new(), span),
            repeated(quote!(#left_name < #end_name), vec![left, end], one_by_one),
        ];
        out.extend(taken.iter().map(|root| {
            let taken = name(*root);
            set(*root, quote!(#runtime::clear(&mut #taken[..], #from, #first);), vec![*root, self.first])
        }));
        out
    }

    /// The statement where no strip has gathered.
    fn where_left(&self, statement: &Statement, range: &Range, own: &BTreeSet<Var>) -> Statement {
        let distance = match statement {
            Statement::Add { place, .. } if !own.contains(&place.root) => named(self.pass.function, self.index, place),
            _ => None,
        };
        let Some((distance, ..)) = distance else { return statement.clone() };
        let name = |var: Var| &self.pass.function.variable(var).name;
        let (index, first, from, runtime) = (name(self.index), name(self.first), &range.start.tokens, self.pass.runtime);
        let behind = Literal::usize_unsuffixed((self.farthest - distance) as usize);
        let on = quote!(#runtime::is_left(#index, #from, #first, #behind));
        Statement::either(code(on, vec![self.index, self.first], range.start.span), vec![statement.clone()], Vec::new())
    }
}
