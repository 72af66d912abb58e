//! Iterations of a loop in flight, where each looks for the least or the greatest of several in a loop of its own, and differentiates the winner.
//!
//! ```text
//! for i in a..b {                          while first < b {
//!   m = ∞                                    if eight more, their inner ranges alike {
//!   for k in p..q {                            for k in p..q { for lane { part = f(first + lane, k)
//!     part = f(i, k)                                                      m_lanes[lane] = min(m_lanes[lane], part)
//!     m = min(m, part)                                                    best[lane] = k where part < m_lanes[lane] } }
//!     tape <- (k) where part wins }            if each lane has one winner {
//!   total += m                          ⟶        for lane { total += m_lanes[lane]; reverse of f(first + lane, best[lane]) }
//!   for (k) from tape { reverse of f(i, k) }     first += 8; on to the next eight }
//! }                                            else { eight iterations alone }
//!                                            }
//!                                            one iteration; first += 1
//!                                          }
//! ```
//!
//! What eight iterations look for is looked for side by side: their parts are vectors, and which one wins is selected, lane by lane. What follows the
//! search runs in the order of the iterations, so that sums keep theirs. A part that wins gets all of the cotangent, times one, as its record would
//! have said. What was equal to another part before, or not a number, gets nothing. Where parts are equal to the last winner, or nothing wins, records are needed: then
//! eight iterations run one by one, and nothing of the search has been more than computed.
//!
//! So the accumulator may take the lesser of part and accumulator by the comparison that selects the winner, which gives what `min` gives where one is less: a search whose numbers
//! `min` might have told apart otherwise has no winner, or ends with the winner's part.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

use crate::analysis::dimensions::least_of;
use crate::ir::replace::Replaced;
use crate::ir::{
    Block, Chosen, Code, Counting, Expr, Form, Function, Header, Kind, Loop, Number, Operand, Place, Range, Statement, Value,
    Var, edit, uses,
};

use super::fold;
use super::lanes::{Group, Lanes, Pass, binding, code, is_long, lanes, open_range};

/// The parts of an iteration.
struct Iteration<'a> {
    /// What comes before the search.
    before: &'a [Statement],
    /// The search, whose tape keeps its winners.
    search: &'a Loop,
    /// What is compared, and with what.
    part: Var,
    before_part: Var,
    is_max: bool,
    /// What comes between the search and the reverse of the winner.
    between: &'a [Statement],
    /// The reverse of the winner.
    reverse: &'a Loop,
    /// What comes after it.
    after: &'a [Statement],
}

impl<'a> Iteration<'a> {
    fn of(function: &Function, body: &'a Block) -> Option<Self> {
        let tape = |statement: &'a Statement| match statement {
            Statement::Loop(each) => each.tape.as_ref().map(|tape| (each, tape)),
            _ => None,
        };
        let is_search = |statement: &Statement| tape_of(statement).is_some_and(|tape| !tape.reads && tape.chosen.is_some());
        let at = body.iter().position(is_search)?;
        let (search, kept) = tape(&body[at])?;
        let reads = |statement: &Statement| tape_of(statement).is_some_and(|tape| tape.reads && tape.var == kept.var);
        let from = at + 1 + body[at + 1..].iter().position(reads)?;
        let (reverse, _) = tape(&body[from])?;
        let Chosen { part, before, is_max } = kept.chosen.as_ref()?;
        let number = |expr: &Expr| expr.whole().filter(|var| function.variable(*var).form == Form::Owned);
        let plain = matches!(reverse.header, Header::Again) && reverse.exit.is_none() && search.exit.is_none();
        let no_other = body.iter().filter(|statement| tape_of(statement).is_some()).count() == 2;
        let is_one = plain && no_other && !kept.shared && search.counter.is_none();
        is_one.then_some(Self {
            before: &body[..at],
            search,
            part: number(part)?,
            before_part: number(before)?,
            is_max: *is_max,
            between: &body[at + 1..from],
            reverse,
            after: &body[from + 1..],
        })
    }

    /// The accumulator, of which `m` is read in each iteration of the search.
    fn accumulator(&self) -> Option<Var> {
        self.search.body.iter().find_map(|statement| match statement {
            Statement::Let { var, value: Some(Value::Expr(from)), .. } if *var == self.before_part => from.whole(),
            _ => None,
        })
    }
}

fn tape_of(statement: &Statement) -> Option<&crate::ir::Tape> {
    match statement {
        Statement::Loop(each) => each.tape.as_ref(),
        _ => None,
    }
}

impl Pass<'_> {
    /// The loop with eight searches side by side; none where its iterations are no such searches, or wait for each other.
    pub(super) fn in_contests(&mut self, each: &Loop) -> Option<Block> {
        let range = open_range(each).filter(|range| !range.reversed && is_long(range))?;
        let iteration = Iteration::of(self.function, &each.body)?;
        if self.stencils_alone || self.function.variable(range.index).mutable || !self.all_move(&iteration) {
            return None;
        }
        let agreed = self.agreeing(&iteration, range)?;
        let accumulator = iteration.accumulator()?;
        let span = range.start.span;
        let mut fresh = |wish: &str, mutable| self.function.fresh(wish, Kind::Inactive, mutable, Form::Owned, span);
        let [first, alone, decided, best] = ["first", "alone", "decided", "best"].map(|wish| fresh(wish, true));
        let [end, lane, winner] = ["end", "lane", "winner"].map(|wish| fresh(wish, false));
        let search = self.search(&iteration, accumulator, best, lane);
        let rest = self.rest(&iteration, accumulator, (best, lane, winner))?;
        let mut inside: BTreeSet<Var> = each.binds().into_iter().chain([best]).collect();
        uses::declared_within(&each.body, &mut inside);
        uses::declared_within(&rest, &mut inside);
        let mut groups = vec![Group::Shared(Box::new(search)), Group::Lane(rest)];
        if !iteration.before.is_empty() {
            groups.insert(0, Group::Lane(iteration.before.to_vec()));
        }
        if !self.may_change_order(&groups, &inside) {
            return None;
        }
        let mut ways = Lanes::of(self, [range.index, first, lane], lanes(), inside);
        let mut together = ways.spread(groups, &BTreeMap::new())?;
        let finish = together.pop()?;
        self.function.lanes.insert(lane);
        let contests = Contests { each, range, first, end, alone, decided, best, agreed };
        Some(contests.assembled(self, together, finish))
    }

    /// Whether all that an iteration does may change places with what others do.
    fn all_move(&self, iteration: &Iteration) -> bool {
        let plain = iteration.before.iter().chain(&iteration.search.body).chain(iteration.between);
        plain.chain(&iteration.reverse.body).chain(iteration.after).all(|statement| self.moves(statement))
    }

    /// What has to be the same in all lanes so that the search and the loops in it run together; none where they cannot.
    fn agreeing(&mut self, iteration: &Iteration, range: &Range) -> Option<Vec<TokenStream>> {
        let Header::Range(searched) = &iteration.search.header else { return None };
        let mut inside = BTreeSet::from([range.index]);
        uses::declared_within(&iteration.before.to_vec(), &mut inside);
        let depends = |code: &Code| !code.repeatable || code.reads.iter().any(|var| inside.contains(var));
        if searched.inclusive || searched.reversed || depends(&searched.start) || depends(&searched.end) {
            return None;
        }
        let mut agreed = Vec::new();
        for statement in &iteration.search.body {
            let Statement::Loop(inner) = statement else { continue };
            let inner = open_range(inner).filter(|inner| !depends(&inner.start))?;
            if depends(&inner.end) {
                self.lengths_of_rows(&inner.end, range, &mut agreed)?;
                self.agreed.insert(inner.end.tokens.to_string());
            }
        }
        Some(agreed)
    }

    /// The lengths of rows in a range's end, `rows[i].len()` of a loop over all rows: there is such a row.
    fn lengths_of_rows(&self, end: &Code, range: &Range, lengths: &mut Vec<TokenStream>) -> Option<()> {
        let index = self.function.variable(range.index).name.to_string();
        let (rows, indexed) = length(range.end.tokens.clone()).filter(|_| range.start.literal() == Some(0usize))?;
        for part in least_of(end.tokens.clone()) {
            if !uses::names(&part, &index) {
                continue;
            }
            let (row, of) = length(part.clone())?;
            (indexed.is_none() && row == rows && of? == index).then_some(())?;
            lengths.push(part);
        }
        Some(())
    }

    /// The search without its tape: each lane selects its winner.
    fn search(&self, iteration: &Iteration, accumulator: Var, best: Var, lane: Var) -> Loop {
        let Header::Range(range) = &iteration.search.header else { unreachable!("a search over a range") };
        let (part, before) = (iteration.part, iteration.before_part);
        let name = |var: Var| &self.function.variable(var).name;
        let [part_name, before_name, index, best_name, lane_name] = [part, before, range.index, best, lane].map(name);
        let (runtime, which) = (self.runtime, if iteration.is_max { quote!(greater) } else { quote!(less) });
        let tokens = quote!(#runtime::#which(#part_name, #before_name, #index, &mut #best_name[#lane_name]););
        let reads = vec![part, before, range.index, best, lane];
        let select = Statement::Code { code: code(tokens, reads, range.start.span), binds: Vec::new(), writes: vec![best] };
        let mut body: Block = iteration.search.body.clone();
        self.compared_once(&mut body, iteration, accumulator);
        body.push(select);
        Loop { body, tape: None, ..iteration.search.clone() }
    }

    /// Stores the lesser number by the comparison that selects the winner, which is the minimum where one of both is less.
    fn compared_once(&self, body: &mut Block, iteration: &Iteration, accumulator: Var) {
        let stored =
            body.iter().position(|statement| matches!(statement, Statement::Assign { place, .. } if place.root == accumulator));
        let Some(Statement::Assign { value: Value::Expr(value), .. }) = stored.map(|at| &body[at]) else { return };
        let Some(now) = value.whole() else { return };
        let mut mentions = 0;
        uses::block(body, &mut |var| mentions += usize::from(var == now));
        let declares = |statement: &Statement| matches!(statement, Statement::Let { var, .. } if *var == now);
        let (Some(at), Some(declared), 2) = (stored, body.iter().position(declares), mentions) else { return };
        let (part, before) = (iteration.part, iteration.before_part);
        let [part_name, before_name] = [part, before].map(|var| &self.function.variable(var).name);
        let (runtime, which) = (self.runtime, if iteration.is_max { quote!(higher) } else { quote!(lesser) });
        let span = iteration.search.span();
        let lesser = code(quote!(#runtime::#which(#part_name, #before_name)), vec![part, before], span);
        if let Statement::Assign { value, .. } = &mut body[at] {
            *value = Value::Expr(Expr::Operand(Operand::Code(lesser)));
        }
        body.remove(declared);
    }

    /// What follows the search, with the reverse of the one winner; none where that reads what was there before the winner.
    fn rest(&mut self, iteration: &Iteration, accumulator: Var, (best, lane, winner): (Var, Var, Var)) -> Option<Block> {
        let Header::Range(range) = &iteration.search.header else { return None };
        let (part, before) = (iteration.part, iteration.before_part);
        let tape = iteration.reverse.tape.as_ref()?;
        if !tape.saved.iter().all(|saved| [part, before, range.index].contains(&saved.var)) {
            return None;
        }
        let mut reverse = iteration.reverse.body.clone();
        edit::exprs(&mut reverse, &mut |expr| weigh(expr, part, before));
        fold::ones(&mut reverse);
        let mut mentioned = BTreeSet::new();
        uses::block(&reverse, &mut |var| _ = mentioned.insert(var));
        if mentioned.contains(&before) {
            return None;
        }
        let (mut rest, mut replaced) = (Vec::new(), Replaced::default());
        if mentioned.contains(&range.index) {
            replaced.insert(self.function, range.index, None, winner);
            let name = |var: Var| &self.function.variable(var).name;
            let (winner_name, best_name, lane_name) = (name(winner), name(best), name(lane));
            let tokens = quote!(let #winner_name = #best_name[#lane_name];);
            rest.push(binding(winner, tokens, vec![best, lane], range.start.span));
        }
        if mentioned.contains(&part) {
            let variable = self.function.variable(part).clone();
            let wish = format!("{}_least", variable.name);
            let least = self.function.fresh(&wish, variable.kind, false, variable.form, variable.name.span());
            replaced.insert(self.function, part, None, least);
            let value = Expr::place(Place::whole(accumulator, variable.name.span()));
            rest.push(Statement::Let { var: least, value: Some(Value::Expr(value)), ty: None });
        }
        replaced.block(&mut reverse);
        rest.extend(iteration.between.iter().cloned().chain(reverse).chain(iteration.after.iter().cloned()));
        Some(rest)
    }
}

/// The share of a winner is one, and that of all before it zero.
fn weigh(expr: &mut Expr, part: Var, before: Var) {
    let Expr::Apply(op, operands, _) = expr else { return };
    if matches!(op.0.name, "d_min_weight" | "d_max_weight")
        && let [of, other] = operands.as_slice()
    {
        let share = match (of.whole(), other.whole()) {
            (of, other) if (of, other) == (Some(part), Some(before)) => Some(1.0),
            (of, other) if (of, other) == (Some(before), Some(part)) => Some(0.0),
            _ => None,
        };
        if let Some(value) = share {
            *expr = Expr::Operand(Operand::Number(Number { written: None, value }));
            return;
        }
    }
    operands.iter_mut().for_each(|operand| weigh(operand, part, before));
}

/// A loop whose searches run side by side.
struct Contests<'a> {
    each: &'a Loop,
    range: &'a Range,
    first: Var,
    end: Var,
    /// How many iterations run alone before eight are tried again.
    alone: Var,
    /// Whether each lane has one winner.
    decided: Var,
    /// The index of each lane's winner.
    best: Var,
    agreed: Vec<TokenStream>,
}

impl Contests<'_> {
    /// The loop around both ways to run.
    fn assembled(&self, pass: &Pass, mut together: Block, finish: Statement) -> Block {
        let (runtime, span, lanes) = (pass.runtime, self.range.start.span, lanes());
        let name = |var: Var| &pass.function.variable(var).name;
        let [first, end, alone, decided] = [self.first, self.end, self.alone, self.decided].map(name);
        let [best, index] = [self.best, self.range.index].map(name);
        let change = |tokens: TokenStream, reads: Vec<Var>, var: Var| Statement::Code {
            code: code(tokens, reads, span),
            binds: Vec::new(),
            writes: vec![var],
        };
        let next = |count: TokenStream| change(quote!(#first = #runtime::lane(#first, #count);), vec![self.first], self.first);
        let declared = quote!(let mut #best = [#runtime::undecided(); #lanes];);
        together.insert(0, binding(self.best, declared, Vec::new(), span));
        let decide = quote!(#decided = #runtime::are_decided(&#best););
        together.push(change(decide, vec![self.best], self.decided));
        together.push(Statement::either(
            code(quote!(#decided), vec![self.decided], span),
            vec![finish, next(lanes.clone())],
            vec![change(quote!(#alone = #lanes;), Vec::new(), self.alone)],
        ));
        let agree = self.agreed.iter().map(|length| quote!(&& #runtime::agree(#first, #lanes, |#index| #length)));
        let on = quote!(#alone == 0 && #runtime::in_flight(#first, #end, #lanes) #(#agree)*);
        let mut reads: BTreeSet<Var> = self.range.end.reads.iter().copied().collect();
        reads.extend([self.first, self.end, self.alone]);
        let mut one = vec![binding(self.range.index, quote!(let #index = #first;), vec![self.first], span)];
        one.extend(self.each.body.iter().cloned());
        one.push(next(quote!(1)));
        let fewer = quote!(#alone = ::core::primitive::usize::saturating_sub(#alone, 1););
        one.push(change(fewer, vec![self.alone], self.alone));
        let body = vec![
            binding(self.decided, quote!(let mut #decided = false;), Vec::new(), span),
            Statement::either(code(on, reads.into_iter().collect(), span), together, Vec::new()),
            Statement::either(code(quote!(!#decided), vec![self.decided], span), one, Vec::new()),
        ];
        let (from, to) = (&self.range.start, &self.range.end);
        let (from_tokens, to_tokens) = (&from.tokens, &to.tokens);
        let header = Header::While { on: code(quote!(#first < #end), vec![self.first, self.end], span), binds: Vec::new() };
        vec![
            binding(self.first, quote!(let mut #first = #from_tokens;), from.reads.clone(), span),
            binding(self.end, quote!(let #end = #to_tokens;), to.reads.clone(), span),
            binding(self.alone, quote!(let mut #alone = 0;), Vec::new(), span),
            Statement::Loop(Loop { header, body, exit: None, counter: None, counting: Counting::None, tape: None }),
        ]
    }
}

/// Of `rows.len()` the rows, of `rows[i].len()` the index as well.
fn length(tokens: TokenStream) -> Option<(String, Option<String>)> {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_call = matches!(tokens.pop()?, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis && group.stream().is_empty());
    let is_length = matches!(tokens.pop()?, TokenTree::Ident(name) if name == "len");
    let is_method = matches!(tokens.pop()?, TokenTree::Punct(dot) if dot.as_char() == '.');
    let index = match tokens.last()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some(group.stream().to_string()),
        _ => None,
    };
    if index.is_some() {
        tokens.pop();
    }
    let of: TokenStream = tokens.into_iter().collect();
    (is_call && is_length && is_method).then(|| (of.to_string(), index))
}
