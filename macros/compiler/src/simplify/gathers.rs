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
//! (`rt::is_left`). What each iteration takes is set to zero in the end, as neighbours read it. Elements of other rows, as `x[k + 1][i]` where only `i` counts, are
//! gathered for as well, each row in an array of its own.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use crate::ir::{
    Block, Counting, Expr, Form, Function, Header, Kind, Loop, Operand, Place, Range, Statement, Step, Value, Var, tokens, uses,
};

use super::fold;
use super::lanes::{Pass, binding, code};
use super::reads::text;
use super::strips::{named, places};

/// The farthest that contributions may lie apart.
const WIDEST: i64 = 8;
/// How many times as much arithmetic may be done as where nothing is computed again.
const MOST: usize = 2;
/// A division or a root costs as much as so many other operations.
const SLOW: usize = 8;

/// An element that the index and a literal name, in a row that is the same in all iterations.
struct Element {
    row: Place,
    /// How far from the index it is, and what is checked with it.
    offset: i64,
    reach: i64,
    /// How many steps name it, with those to the row.
    steps: usize,
}

/// What a loop is told by: its index, and what its iterations declare.
struct Iterations {
    index: Var,
    own: BTreeSet<Var>,
}

impl Iterations {
    fn element(&self, function: &Function, place: &Place) -> Option<Element> {
        let vars = |step: &Step, visit: &mut dyn FnMut(Var)| {
            if let Step::Index(operand) = step {
                uses::operand(operand, &mut |var| visit(var));
            }
        };
        let names = |step: &Step| {
            let mut names = false;
            vars(step, &mut |var| names |= var == self.index);
            names
        };
        let lasts = |step: &Step| {
            let mut lasts = !matches!(step, Step::Index(Operand::Code(code)) if !code.repeatable || code.is_range());
            vars(step, &mut |var| lasts &= !self.own.contains(&var));
            lasts
        };
        let at = place.path.iter().position(names)?;
        let (row, within) = place.path.split_at(at);
        if !row.iter().all(lasts) {
            return None;
        }
        let (offset, reach, steps) = named(function, self.index, &Place { path: within.to_vec(), ..place.clone() })?;
        Some(Element { row: Place { path: row.to_vec(), ..place.clone() }, offset, reach, steps: at + steps })
    }

    /// What the loop adds to: by the rows' texts and the distances; none where it adds to anything else than elements.
    fn added(&self, function: &Function, body: &Block) -> Option<BTreeMap<(String, i64), Place>> {
        let mut added = BTreeMap::new();
        for statement in body {
            if let Statement::Add { place, .. } = statement
                && !self.own.contains(&place.root)
            {
                let Element { row, offset, steps, .. } = self.element(function, place)?;
                (steps == place.path.len()).then_some(())?;
                added.insert((text(&row), offset), row);
            }
        }
        Some(added)
    }

    /// What the loop adds to elements of a row at one distance, and what is needed for that.
    fn share(&self, function: &Function, body: &Block, (row, distance): &(String, i64)) -> Block {
        let mut needed = BTreeSet::new();
        let mut out = Vec::new();
        for statement in body.iter().rev() {
            let is_needed = match statement {
                Statement::Let { var, .. } => needed.contains(var),
                Statement::Add { place, .. } if self.own.contains(&place.root) => needed.contains(&place.root),
                Statement::Add { place, .. } => {
                    self.element(function, place).is_some_and(|element| element.offset == *distance && text(&element.row) == *row)
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
}

/// What an iteration adds to a row.
struct Share {
    row: Place,
    /// How many iterations further on the one is that adds it to the lane's element.
    ahead: usize,
    body: Block,
}

impl Pass<'_> {
    /// The loop, which only adds to elements that its index and a literal name, as one that gathers; none where it is no such loop, or where that costs more.
    pub(super) fn gathering(&mut self, each: &Loop, range: &Range) -> Option<Block> {
        let mut own = BTreeSet::new();
        each.body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = own.insert(var)));
        let iterations = Iterations { index: range.index, own };
        let added = iterations.added(self.function, &each.body)?;
        let farthest = added.keys().map(|(_, distance)| *distance).max()?;
        let nearest = added.keys().map(|(_, distance)| *distance).min()?;
        let roots: BTreeSet<Var> = added.values().map(|row| row.root).collect();
        if added.len() == roots.len() || farthest - nearest > WIDEST {
            return None;
        }
        let share = |(to, row): (&(String, i64), &Place)| Share {
            row: row.clone(),
            ahead: (farthest - to.1) as usize,
            body: iterations.share(self.function, &each.body, to),
        };
        let shares: Vec<Share> = added.iter().map(share).collect();
        let (all, once) = (shares.iter().map(|share| cost(&share.body)).sum::<usize>(), cost(&each.body));
        if all > MOST * once {
            return None;
        }
        let span = range.start.span;
        let first = self.function.fresh("first", Kind::Inactive, true, Form::Owned, span);
        let end = self.function.fresh("end", Kind::Inactive, false, Form::Owned, span);
        let left = self.function.fresh("left", Kind::Inactive, true, Form::Owned, span);
        let lane = self.function.fresh("lane", Kind::Inactive, false, Form::Owned, span);
        let wide = (farthest - nearest) as usize;
        let mut gather = Gather { pass: self, iterations, first, lane, farthest, windows: BTreeMap::new() };
        let together = gather.together(shares)?;
        Some(gather.assembled(each, range, together, [end, left], wide))
    }
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

/// The elements of a row that a strip reads: its variable, and where they begin and end, from the strip's first iteration and its last.
struct Window {
    row: Place,
    var: Var,
    from: i64,
    to: i64,
}

struct Gather<'p, 'a> {
    pass: &'p mut Pass<'a>,
    iterations: Iterations,
    /// The first iteration of a strip.
    first: Var,
    lane: Var,
    /// How far from the index the farthest elements are that an iteration adds to.
    farthest: i64,
    /// By the rows' texts.
    windows: BTreeMap<String, Window>,
}

impl Gather<'_, '_> {
    /// A strip of the shares, each with the iteration of which a lane takes it; none where they need the index otherwise.
    fn together(&mut self, shares: Vec<Share>) -> Option<Block> {
        for share in &shares {
            share.body.iter().for_each(|statement| self.look(statement, share.ahead as i64));
        }
        let mut sums: BTreeMap<String, (Place, Var)> = BTreeMap::new();
        let mut lanes = Vec::new();
        for share in shares {
            let row = text(&share.row);
            let is_first = !sums.contains_key(&row);
            let to = sums.entry(row).or_insert_with(|| (share.row.clone(), self.sums(share.row.root))).1;
            lanes.push(self.lane_by_lane(share, to, is_first)?);
        }
        let mut out: Block = self.windows.values().map(|window| self.borrowed(window)).collect();
        out.extend(sums.values().map(|(_, to)| self.pass.zeros(*to)));
        out.extend(lanes);
        out.extend(sums.values().map(|(row, to)| self.flushed(row, *to)));
        Some(out)
    }

    /// An array of what is added to a row.
    fn sums(&mut self, root: Var) -> Var {
        let name = self.pass.function.variable(root).name.clone();
        self.pass.function.fresh(&format!("{name}_sums"), Kind::Space, true, Form::Owned, name.span())
    }

    /// Widens the windows by what a statement reads.
    fn look(&mut self, statement: &Statement, ahead: i64) {
        let mut see = |place: &Place| {
            let form = self.pass.function.variable(place.root).form;
            let Some(Element { row, offset, reach, .. }) = self.iterations.element(self.pass.function, place) else { return };
            if !matches!(form, Form::Owned | Form::Reference) {
                return;
            }
            let window = self.windows.entry(text(&row)).or_insert_with(|| {
                let wish = format!("{}_strip", self.pass.function.variable(place.root).name);
                let var = self.pass.function.fresh(&wish, Kind::Space, false, Form::Owned, place.span);
                Window { row, var, from: ahead + offset, to: ahead + reach }
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
    fn lane_by_lane(&self, share: Share, to: Var, mut is_first: bool) -> Option<Statement> {
        let Share { ahead, mut body, .. } = share;
        let span = self.pass.function.variable(to).name.span();
        let lane = Place::whole(to, span).then(Step::Index(Operand::Place(Place::whole(self.lane, span))));
        for statement in &mut body {
            match statement {
                Statement::Let { value, .. } => {
                    if let Some(Value::Take(place, _)) = value {
                        *value = Some(Value::Expr(Expr::place(place.clone())));
                    }
                    if let Some(Value::Expr(expr)) = value {
                        self.reads(expr, ahead as i64);
                    }
                }
                Statement::Add { place, value, subtract, .. } => {
                    self.reads(value, ahead as i64);
                    if !self.iterations.own.contains(&place.root) {
                        *place = lane.clone();
                        if std::mem::take(&mut is_first) {
                            let value = if *subtract { fold::negative(value.clone()) } else { value.clone() };
                            *statement = Statement::Assign { place: lane.clone(), value: Value::Expr(value) };
                        }
                    }
                }
                _ => {}
            }
        }
        let mut needs_index = false;
        uses::block(&body, &mut |var| needs_index |= var == self.iterations.index);
        (!needs_index).then(|| self.pass.over_strip(self.lane, body))
    }

    /// Reads elements that the index names from the windows.
    fn reads(&self, expr: &mut Expr, ahead: i64) {
        match expr {
            Expr::Operand(Operand::Place(place)) => {
                if let Some(Element { row, offset, steps, .. }) = self.iterations.element(self.pass.function, place)
                    && let Some(window) = self.windows.get(&text(&row))
                {
                    let at = (ahead + offset - window.from) as usize;
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

    /// A row as tokens, and the variables in it.
    fn named(&self, row: &Place) -> (TokenStream, Vec<Var>) {
        let mut vars = Vec::new();
        uses::place(row, &mut |var| vars.push(var));
        (tokens::receiver(self.pass.function, row), vars)
    }

    /// `let x_strip = &x[first - 1..first - 1 + STRIP + 3];`
    fn borrowed(&self, window: &Window) -> Statement {
        let strip = &self.pass.function.variable(window.var).name;
        let (begin, length) = (self.beside_first(window.from), self.pass.strip_length());
        let (row, mut reads) = self.named(&window.row);
        let more = (window.to > window.from).then(|| Literal::usize_unsuffixed((window.to - window.from) as usize)).into_iter();
        let tokens = quote!(let #strip = &#row[#begin..#begin + #length #(+ #more)*];);
        reads.push(self.first);
        binding(window.var, tokens, reads, strip.span())
    }

    /// `x_bar[first + 1..first + 1 + STRIP] += x_sums`
    fn flushed(&self, row: &Place, sums: Var) -> Statement {
        let name = &self.pass.function.variable(sums).name;
        let (begin, length, (to, mut reads)) = (self.beside_first(self.farthest), self.pass.strip_length(), self.named(row));
        let tokens = self.pass.added_to(row.root, &quote!(#to[#begin..#begin + #length]), &name.to_token_stream());
        reads.extend([self.first, sums]);
        Statement::Code { code: code(tokens, reads, name.span()), binds: Vec::new(), writes: vec![row.root] }
    }

    /// The strips, the iterations at both ends, and zeros in what was taken.
    fn assembled(&self, each: &Loop, range: &Range, mut together: Block, [end, left]: [Var; 2], wide: usize) -> Block {
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
        one_by_one.extend(each.body.iter().map(|statement| self.where_left(statement, range)));
        let next = quote!(#left_name = #runtime::next_left(#left_name, #from, #first, #wide););
        one_by_one.push(set(left, next, vec![left, self.first]));
        let mut out = vec![
            binding(self.first, quote!(let mut #first = #from;), Vec::new(), span),
            binding(end, quote!(let #end_name = #to;), range.end.reads.clone(), span),
            repeated(quote!(#runtime::in_flight(#first, #end_name, #length + #wide)), vec![self.first, end], together),
            binding(left, quote!(let mut #left_name = #from;), Vec::new(), span),
            repeated(quote!(#left_name < #end_name), vec![left, end], one_by_one),
        ];
        out.extend(each.body.iter().filter_map(|statement| {
            let Statement::Let { value: Some(Value::Take(place, _)), .. } = statement else { return None };
            let Element { row, .. } = self.iterations.element(self.pass.function, place)?;
            let (taken, mut reads) = self.named(&row);
            reads.push(self.first);
            Some(set(row.root, quote!(#runtime::clear(&mut #taken[..], #from, #first);), reads))
        }));
        out
    }

    /// The statement where no strip has gathered.
    fn where_left(&self, statement: &Statement, range: &Range) -> Statement {
        let element = match statement {
            Statement::Add { place, .. } => self.iterations.element(self.pass.function, place),
            _ => None,
        };
        let Some(Element { offset, .. }) = element else { return statement.clone() };
        let name = |var: Var| &self.pass.function.variable(var).name;
        let (index, first, from, runtime) = (name(range.index), name(self.first), &range.start.tokens, self.pass.runtime);
        let behind = Literal::usize_unsuffixed((self.farthest - offset) as usize);
        let on = quote!(#runtime::is_left(#index, #from, #first, #behind));
        Statement::either(code(on, vec![range.index, self.first], range.start.span), vec![statement.clone()], Vec::new())
    }
}
