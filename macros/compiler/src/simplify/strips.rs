//! A loop of plain arithmetic whose iterations meet in sums alone runs in strips of as many as the target's registers make pay.
//!
//! ```text
//! for i in a..b {                             let x_strip = &x[first..first + 9];
//!   let d = x[i + 1] - x[i];                  for lane { let d = x_strip[lane + 1] - x_strip[lane];
//!   total += d * d;                     ⟶               parts[lane] = d * d;
//!   x_bar[i + 1] += 2 * d;                               x_ahead[lane] = 2 * d; x_sums[lane] = -(2 * d) }
//!   x_bar[i] -= 2 * d }                       for lane { total += parts[lane] }
//!                                             x_sums += x_ahead, one lane on: the last one's is the next strip's first
//!                                             x_bar[first..first + 8] += x_sums
//! ```
//!
//! What does not wait for the sum is computed for all lanes first, as vectors; the sum then runs in its own order, so that its bits stay. A sum that
//! flows back needs no order: each lane has one of its own, over all strips. Where sums may be added in any order (`relaxed`), the value's have eight chains, each of
//! every eighth term, those that are left behind the last strip included: so the sum is the same however long a strip is. Elements that
//! an index and a literal name are checked once a strip. Contributions to an adjoint have an array for each offset, so that no lane adds to what
//! another one has added to; they meet in registers, in another order, and memory is touched once: what goes beyond a strip is carried to the next
//! one, and added to memory after the last, so that no strip waits for what the one before has stored. The first contribution to an array overwrites
//! its zeros, which gives `e` for `0 + e`: at most the sign of a zero differs, and it is added to something. Where an index is out of bounds, a strip
//! panics before its first iteration instead of at the one that is.
//!
//! Where an adjoint is zeros in front of the loop (`Pass::zeros`), strips store what they would add: the elements of one are no other's, and each strip touches them once.
//! What is carried past the last strip, and the iterations that are left, come later, and add.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::analysis::effects::Effects;
use crate::analysis::{arithmetic, elements};
use crate::ir::{
    Block, Code, Counting, Expr, Form, Function, Header, Kind, Loop, Number, Operand, Place, Range, Statement, Step, Value, Var,
    uses,
};

use super::fold;
use super::lanes::{Pass, binding, code};

/// Operations that are vector instructions.
const PLAIN: &[&str] = &["add", "sub", "mul", "neg", "div", "sqrt", "abs", "powi"];
/// The fewest iterations that a strip has; what is added to elements further on goes to memory.
const SHORTEST: usize = 8;
/// A body of fewer operations gains nothing.
const LEAST: usize = 4;

impl Pass<'_> {
    /// The loop in strips; none where it is no such loop, or has too little to do.
    pub(super) fn in_strips(&mut self, each: &Loop, range: &Range) -> Option<Block> {
        let effects = Effects::of_block(&each.body);
        let taken = elements::taken(self.function, &each.body, range.index);
        let alone = effects.writes.is_subset(&taken) && effects.reads.is_disjoint(&effects.adds);
        let mut operations = 0;
        let plain = each.body.iter().all(|statement| self.is_plain(statement, &mut operations));
        let mut own = BTreeSet::new();
        each.body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = own.insert(var)));
        let sums = each.body.iter().filter(|statement| is_sum(statement, &own)).count();
        let (back, scatters) = self.offsets(&each.body, range.index);
        if !alone || !plain || operations < LEAST {
            return None;
        }
        if sums == 0
            && let Some(gathering) = self.gathering(each, range)
        {
            return Some(gathering);
        }
        if (sums == 0 || self.stencils_alone) && !scatters || !each.body.iter().all(takes_from_sequences) {
            return None;
        }
        let span = range.start.span;
        let first = self.function.fresh("first", Kind::Inactive, true, Form::Owned, span);
        let end = self.function.fresh("end", Kind::Inactive, false, Form::Owned, span);
        let lane = self.function.fresh("lane", Kind::Inactive, false, Form::Owned, span);
        let index = range.index;
        let mut strip = Strip {
            pass: self,
            index,
            first,
            lane,
            back,
            taken,
            shared: BTreeMap::new(),
            chains: BTreeMap::new(),
            read: BTreeMap::new(),
            added: BTreeMap::new(),
        };
        let together = strip.together(&each.body, &own)?;
        let alone = each.body.iter().map(|statement| strip.left(statement, &range.start)).collect();
        let carried = strip.added.iter().filter_map(|(at, sums)| strip.nothing_carried(*at, sums));
        let shared = strip.shared.values().map(|parts| strip.pass.zeros(*parts));
        let before = carried.chain(shared).chain(strip.chains.values().map(|chains| strip.no_terms(*chains))).collect();
        let carried = strip.added.iter().filter_map(|(at, sums)| strip.carried_on(*at, sums, range));
        let after = carried.chain(strip.shared.iter().map(|(root, parts)| strip.shared_out(*root, *parts))).collect();
        let last = strip.chains.iter().map(|(root, chains)| strip.chains_out(*root, *chains)).collect();
        Some(self.in_two_loops(alone, range, [before, together, after, last], [first, end]))
    }

    /// The strips, and the iterations that are left, with what stands before and after the strips, and behind all.
    fn in_two_loops(
        &self,
        left: Block,
        range: &Range,
        [mut before, mut together, mut after, mut last]: [Block; 4],
        [first, end]: [Var; 2],
    ) -> Block {
        let (runtime, span, lanes) = (self.runtime, range.start.span, self.strip_length());
        let name = |var: Var| self.function.variable(var).name.to_token_stream();
        let (first_name, end_name, index) = (name(first), name(end), name(range.index));
        let next = |count: TokenStream| Statement::Code {
            code: code(quote!(#first_name = #runtime::lane(#first_name, #count);), vec![first], span),
            binds: Vec::new(),
            writes: vec![first],
        };
        let repeated = |on: TokenStream, body: Block| {
            let header = Header::While { on: code(on, vec![first, end], span), binds: Vec::new() };
            Statement::Loop(Loop { header, body, exit: None, counter: None, counting: Counting::None, tape: None })
        };
        let (from, to) = (&range.start.tokens, &range.end.tokens);
        let mut out = vec![
            binding(first, quote!(let mut #first_name = #from;), range.start.reads.clone(), span),
            binding(end, quote!(let #end_name = #to;), range.end.reads.clone(), span),
        ];
        out.append(&mut before);
        together.push(next(lanes.clone()));
        out.push(repeated(quote!(#runtime::in_flight(#first_name, #end_name, #lanes)), together));
        out.append(&mut after);
        let mut alone = vec![binding(range.index, quote!(let #index = #first_name;), vec![first], span)];
        alone.extend(left);
        alone.push(next(quote!(1)));
        out.push(repeated(quote!(#first_name < #end_name), alone));
        out.append(&mut last);
        out
    }

    /// How far behind the index the elements of each variable begin, and whether some contributions go to neighbours.
    fn offsets(&self, body: &Block, index: Var) -> (BTreeMap<Var, usize>, bool) {
        let (mut back, mut added): (BTreeMap<Var, usize>, BTreeMap<Var, BTreeSet<i64>>) = Default::default();
        for statement in body {
            let mut see = |place: &Place| {
                let offset = named(self.function, index, place).map(|(offset, ..)| offset);
                if let Some(behind) = offset.filter(|offset| *offset < 0) {
                    let known = back.entry(place.root).or_default();
                    *known = (*known).max(behind.unsigned_abs() as usize);
                }
                offset
            };
            match statement {
                Statement::Let { value: Some(Value::Expr(expr)), .. } => places(expr, &mut |place| _ = see(place)),
                Statement::Add { place, value, .. } => {
                    places(value, &mut |place| _ = see(place));
                    added.entry(place.root).or_default().extend(see(place));
                }
                _ => {}
            }
        }
        let scatters = added.values().any(|offsets| offsets.len() > 1);
        (back, scatters)
    }

    /// How many iterations a strip has: a constant of the runtime, which knows the target.
    pub(super) fn strip_length(&self) -> TokenStream {
        let runtime = self.runtime;
        quote!(#runtime::STRIP)
    }

    /// A loop over the lanes of a strip.
    pub(super) fn over_strip(&self, lane: Var, body: Block) -> Statement {
        let span = self.function.variable(lane).name.span();
        let (start, end) = (code(quote!(0), Vec::new(), span), code(self.strip_length(), Vec::new(), span));
        Statement::Loop(Loop::over(Range { index: lane, start, end, inclusive: false, reversed: false }, body))
    }

    /// `x[i + 1]` as `x_strip[lane + 1]`: so many steps of the path name the element.
    pub(super) fn to_lane(&self, place: &mut Place, var: Var, lane: Var, offset: usize, steps: usize) {
        let name = &self.function.variable(lane).name;
        let index = match offset {
            0 => Operand::Place(Place::whole(lane, place.span)),
            _ => {
                let offset = Literal::usize_unsuffixed(offset);
                Operand::Code(code(quote!(#name + #offset), vec![lane], place.span))
            }
        };
        place.path.splice(0..steps, [Step::Index(index)]);
        place.root = var;
    }

    /// `let mut x_sums = [0.0; 8];`
    pub(super) fn zeros(&self, var: Var) -> Statement {
        let length = code(self.strip_length(), Vec::new(), self.function.variable(var).name.span());
        Statement::Let { var, value: Some(Value::Repeat(Box::new(Value::Zero), length)), ty: None }
    }

    /// Adds to elements of what is added to.
    pub(super) fn added_to(&self, root: Var, elements: &TokenStream, by: &TokenStream) -> TokenStream {
        let runtime = self.runtime;
        self.if_wanted(root, quote!(#runtime::add_each(&mut #elements, &#by);))
    }

    /// Stores in elements of what is added to, where they are zeros.
    fn stored_in(&self, root: Var, elements: &TokenStream, what: &TokenStream) -> TokenStream {
        self.if_wanted(root, quote!(#elements.copy_from_slice(&#what);))
    }

    /// What is done to what is added to, where that is wanted.
    fn if_wanted(&self, root: Var, done: TokenStream) -> TokenStream {
        let name = &self.function.variable(root).name;
        match self.function.variable(root).form {
            Form::Slot => quote!(if let ::core::option::Option::Some(#name) = #name.as_deref_mut() { #done }),
            _ => done,
        }
    }

    /// Whether the statement computes by vector instructions, and adds.
    fn is_plain(&self, statement: &Statement, operations: &mut usize) -> bool {
        match statement {
            Statement::Let { value: Some(Value::Expr(_)), .. } | Statement::Add { .. } | Statement::Check { .. }
                if !self.moves(statement) =>
            {
                false
            }
            Statement::Let { var, value: Some(Value::Expr(expr)), .. } => {
                self.function.is_scalar(*var) && is_vector(expr, operations)
            }
            Statement::Let { var, value: Some(Value::Take(place, None)), .. } => {
                let is_there = matches!(self.function.variable(place.root).form, Form::Owned | Form::Reference);
                self.function.is_scalar(*var) && is_there && !place.path.is_empty()
            }
            Statement::Add { value, whole: false, .. } => is_vector(value, operations),
            Statement::Check { .. } => true,
            _ => false,
        }
    }
}

/// Whether what the statement takes, if it takes something, is an element of a variable.
fn takes_from_sequences(statement: &Statement) -> bool {
    !matches!(statement, Statement::Let { value: Some(Value::Take(place, _)), .. } if place.path.len() > 1)
}

/// Visits the places in an expression.
pub(super) fn places(expr: &Expr, visit: &mut impl FnMut(&Place)) {
    match expr {
        Expr::Operand(Operand::Place(place)) => visit(place),
        Expr::Operand(_) => {}
        Expr::Apply(_, arguments, _) => arguments.iter().for_each(|argument| places(argument, visit)),
    }
}

/// Whether all operations of the expression are vector instructions; counts them.
fn is_vector(expr: &Expr, operations: &mut usize) -> bool {
    match expr {
        Expr::Operand(_) => arithmetic::is_arithmetic_expr(expr),
        Expr::Apply(op, arguments, _) => {
            *operations += 1;
            PLAIN.contains(&op.0.name) && arguments.iter().all(|argument| is_vector(argument, operations))
        }
    }
}

/// Whether the range is that of the lanes of a strip, whose length the target decides.
pub fn is_over_strip(range: &Range) -> bool {
    matches!(range.end.tokens.clone().into_iter().last(), Some(TokenTree::Ident(last)) if last == "STRIP")
}

/// Whether the statement adds to a scalar that outlives the iteration.
fn is_sum(statement: &Statement, own: &BTreeSet<Var>) -> bool {
    matches!(statement, Statement::Add { place, .. } if place.path.is_empty() && !own.contains(&place.root))
}

/// A part of a sequence that a strip reads: its variable, and how many elements it has beside one for each lane.
struct Window {
    var: Var,
    more: usize,
}

/// What the lanes of a strip add to the elements at one distance from them.
struct Sums {
    var: Var,
    /// What goes beyond the strip, where they are not the lanes' own.
    carried: Option<Var>,
}

struct Strip<'p, 'a> {
    pass: &'p mut Pass<'a>,
    index: Var,
    first: Var,
    lane: Var,
    /// How far behind the first lane the elements of a sequence begin.
    back: BTreeMap<Var, usize>,
    /// The sequences of which each lane takes its element.
    taken: BTreeSet<Var>,
    /// The sums that flow back, and what the lanes add to each.
    shared: BTreeMap<Var, Var>,
    /// The chains of each sum of the value that may be added in any order.
    chains: BTreeMap<Var, Var>,
    /// By the sequence's root: what is read or taken.
    read: BTreeMap<Var, Window>,
    /// What is added to, by the root and the distance.
    added: BTreeMap<(Var, usize), Sums>,
}

impl Strip<'_, '_> {
    /// The statements of a strip; none where no element is named by the index.
    fn together(&mut self, body: &Block, own: &BTreeSet<Var>) -> Option<Block> {
        let (mut lets, mut by_lane, mut in_order, mut to_chains) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for statement in body {
            let mut statement = statement.clone();
            match &mut statement {
                Statement::Let { value: Some(Value::Expr(expr)), .. } => self.reads(expr),
                Statement::Let { value: Some(Value::Take(place, _)), .. } => {
                    let var = self.window(place, 0);
                    self.pass.to_lane(place, var, self.lane, 0, 1);
                }
                Statement::Add { place, value, subtract, .. } if place.path.is_empty() && !own.contains(&place.root) => {
                    self.reads(value);
                    if place.root.0 as usize >= self.pass.own {
                        *place = self.share(place);
                        by_lane.push(statement);
                        continue;
                    }
                    let part = self.part(place, &mut lets);
                    if self.is_in_chains(place.root) {
                        let value = if *subtract { fold::negative(value.clone()) } else { value.clone() };
                        to_chains.push(self.chained(place.root, part.root));
                        by_lane.push(Statement::Assign { place: part, value: Value::Expr(value) });
                        continue;
                    }
                    by_lane.push(Statement::Assign { place: part.clone(), value: Value::Expr(value.clone()) });
                    *value = Expr::place(part);
                    in_order.push(statement);
                    continue;
                }
                Statement::Add { place, value, subtract, .. } => {
                    self.reads(value);
                    if self.adds(place) {
                        let value = if *subtract { fold::negative(value.clone()) } else { value.clone() };
                        statement = Statement::Assign { place: place.clone(), value: Value::Expr(value) };
                    }
                }
                _ => {}
            }
            by_lane.push(statement);
        }
        if self.read.is_empty() {
            return None;
        }
        let mut out: Block = self.read.iter().map(|(root, window)| self.borrowed(*root, window)).collect();
        out.append(&mut lets);
        out.extend(self.added.values().map(|sums| self.pass.zeros(sums.var)));
        self.pass.with_index(self.index, self.first, self.lane, &mut by_lane);
        out.push(self.pass.over_strip(self.lane, by_lane));
        if !in_order.is_empty() {
            out.push(self.pass.over_strip(self.lane, in_order));
        }
        out.append(&mut to_chains);
        // what is ahead joins what is the lanes' own
        out.extend(self.added.iter().filter(|((_, distance), _)| *distance > 0).map(|(at, sums)| self.joined(*at, sums)));
        let own: Vec<Statement> = self
            .added
            .iter()
            .filter(|((_, distance), _)| *distance == 0)
            .map(|(at, sums)| self.flushed(*at, sums, &out))
            .collect();
        self.pass.stores |= self.added.keys().any(|(root, distance)| *distance == 0 && self.is_stored(*root, &out));
        out.extend(own);
        Some(out)
    }

    /// An element for each lane of a sum that flows back, which all strips add to.
    fn share(&mut self, place: &Place) -> Place {
        let name = self.pass.function.variable(place.root).name.clone();
        let fresh =
            |this: &mut Self| this.pass.function.fresh(&format!("{name}_parts"), Kind::Space, true, Form::Owned, place.span);
        let var = match self.shared.get(&place.root) {
            Some(var) => *var,
            None => fresh(self),
        };
        self.shared.insert(place.root, var);
        Place::whole(var, place.span).then(Step::Index(Operand::Place(Place::whole(self.lane, place.span))))
    }

    /// `sum += total of parts`
    fn shared_out(&self, root: Var, parts: Var) -> Statement {
        let (runtime, name) = (self.pass.runtime, &self.pass.function.variable(parts).name);
        let value = Expr::Operand(Operand::Code(code(quote!(#runtime::total(&#name)), vec![parts], name.span())));
        Statement::Add { place: Place::whole(root, name.span()), value, subtract: false, whole: false }
    }

    /// Whether terms may be added to the sum in any order.
    fn is_in_chains(&self, root: Var) -> bool {
        let variable = self.pass.function.variable(root);
        self.pass.relaxed && variable.form == Form::Owned && variable.kind == Kind::Scalar
    }

    /// The terms of a strip, added to the chains of their sum.
    fn chained(&mut self, root: Var, parts: Var) -> Statement {
        let function = &mut *self.pass.function;
        let name = function.variable(root).name.clone();
        let fresh = || function.fresh(&format!("{name}_chains"), Kind::Space, true, Form::Owned, name.span());
        let chains = *self.chains.entry(root).or_insert_with(fresh);
        let (runtime, name) = (self.pass.runtime, |var: Var| &self.pass.function.variable(var).name);
        let (chains_name, parts_name) = (name(chains), name(parts));
        let tokens = quote!(#runtime::add_in_chains(&mut #chains_name, &#parts_name););
        let code = code(tokens, vec![chains, parts], chains_name.span());
        Statement::Code { code, binds: Vec::new(), writes: vec![chains] }
    }

    /// An iteration that is left, with its terms added to the chains that are theirs.
    fn left(&self, statement: &Statement, start: &Code) -> Statement {
        let mut statement = statement.clone();
        if let Statement::Add { place, .. } = &mut statement
            && place.path.is_empty()
            && let Some(chains) = self.chains.get(&place.root)
        {
            let (index, start) = (&self.pass.function.variable(self.index).name, &start.tokens);
            let tokens = if start.to_string() == "0" { quote!(#index % 8) } else { quote!((#index - #start) % 8) };
            let chain = code(tokens, vec![self.index], place.span);
            *place = Place::whole(*chains, place.span).then(Step::Index(Operand::Code(chain)));
        }
        statement
    }

    /// Chains without a term: at −0.0, which changes nothing that is added to it.
    fn no_terms(&self, chains: Var) -> Statement {
        let zero = Expr::Operand(Operand::Number(Number { written: None, value: -0.0 }));
        let length = code(quote!(8), Vec::new(), self.pass.function.variable(chains).name.span());
        Statement::Let { var: chains, value: Some(Value::Repeat(Box::new(Value::Expr(zero)), length)), ty: None }
    }

    /// `sum += sum of chains`
    fn chains_out(&self, root: Var, chains: Var) -> Statement {
        let (runtime, name) = (self.pass.runtime, &self.pass.function.variable(chains).name);
        let value = Expr::Operand(Operand::Code(code(quote!(#runtime::sum_of_chains(#name)), vec![chains], name.span())));
        Statement::Add { place: Place::whole(root, name.span()), value, subtract: false, whole: false }
    }

    /// An element for each lane of what is added to a scalar.
    fn part(&mut self, place: &Place, lets: &mut Block) -> Place {
        let wish = format!("{}_parts", self.pass.function.variable(place.root).name);
        let parts = self.pass.function.fresh(&wish, Kind::Space, true, Form::Owned, place.span);
        lets.push(self.pass.zeros(parts));
        Place::whole(parts, place.span).then(Step::Index(Operand::Place(Place::whole(self.lane, place.span))))
    }

    /// Reads elements that the index names from the strip.
    fn reads(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Operand(Operand::Place(place)) => {
                let form = self.pass.function.variable(place.root).form;
                if matches!(form, Form::Owned | Form::Reference)
                    && let Some((offset, more, steps)) = self.named(place)
                {
                    let var = self.window(place, more);
                    self.pass.to_lane(place, var, self.lane, offset, steps);
                }
            }
            Expr::Operand(_) => {}
            Expr::Apply(_, arguments, _) => arguments.iter_mut().for_each(|argument| self.reads(argument)),
        }
    }

    /// Adds to an element that the index names in the array of its distance; gives whether that holds nothing yet.
    fn adds(&mut self, place: &mut Place) -> bool {
        match self.named(place) {
            Some((distance, _, steps)) if steps == place.path.len() && distance <= SHORTEST => {
                let (var, is_first) = self.sums(place, distance);
                self.pass.to_lane(place, var, self.lane, 0, steps);
                is_first
            }
            _ => false,
        }
    }

    /// What is read of the place's root.
    fn window(&mut self, place: &Place, more: usize) -> Var {
        if let Some(window) = self.read.get_mut(&place.root) {
            window.more = window.more.max(more);
            return window.var;
        }
        let wish = format!("{}_strip", self.pass.function.variable(place.root).name);
        let form = if self.taken.contains(&place.root) { Form::Reference } else { Form::Owned };
        let var = self.pass.function.fresh(&wish, Kind::Space, false, form, place.span);
        self.read.insert(place.root, Window { var, more });
        var
    }

    /// The array of what is added to the place's root at a distance, and whether it is new.
    fn sums(&mut self, place: &Place, distance: usize) -> (Var, bool) {
        if let Some(sums) = self.added.get(&(place.root, distance)) {
            return (sums.var, false);
        }
        let name = self.pass.function.variable(place.root).name.clone();
        let mut fresh =
            |kind: &str| self.pass.function.fresh(&format!("{name}_{kind}"), Kind::Space, true, Form::Owned, place.span);
        let var = fresh(if distance == 0 { "sums" } else { "ahead" });
        let carried = (distance > 0).then(|| fresh("carried"));
        self.added.insert((place.root, distance), Sums { var, carried });
        (var, true)
    }

    /// How far from the first element that is named an element is, how far what is checked with it reaches, and how many steps name it.
    fn named(&self, place: &Place) -> Option<(usize, usize, usize)> {
        let (offset, reach, steps) = named(self.pass.function, self.index, place)?;
        let back = i64::try_from(self.back.get(&place.root).copied().unwrap_or(0)).ok()?;
        Some((usize::try_from(offset + back).ok()?, usize::try_from(reach + back).ok()?, steps))
    }

    /// `first`, `first - 1`: where the elements of a sequence begin.
    fn begin(&self, root: Var) -> TokenStream {
        let first = &self.pass.function.variable(self.first).name;
        match self.back.get(&root) {
            Some(back) => {
                let back = Literal::usize_unsuffixed(*back);
                quote!(#first - #back)
            }
            None => first.to_token_stream(),
        }
    }

    /// `let x_strip = &x[first..first + 9];`
    fn borrowed(&self, root: Var, window: &Window) -> Statement {
        let name = |var: Var| &self.pass.function.variable(var).name;
        let (strip, root_name, begin, length) = (name(window.var), name(root), self.begin(root), self.pass.strip_length());
        let more = (window.more > 0).then(|| Literal::usize_unsuffixed(window.more)).into_iter();
        let exclusive = self.taken.contains(&root).then(|| quote!(mut));
        let tokens = quote!(let #strip = &#exclusive #root_name[#begin..#begin + #length #(+ #more)*];);
        binding(window.var, tokens, vec![root, self.first], strip.span())
    }

    /// `let mut x_carried = [0.0; 1];`
    fn nothing_carried(&self, (_, distance): (Var, usize), sums: &Sums) -> Option<Statement> {
        let var = sums.carried?;
        let length = Literal::usize_unsuffixed(distance).into_token_stream();
        let length = code(length, Vec::new(), self.pass.function.variable(var).name.span());
        Some(Statement::Let { var, value: Some(Value::Repeat(Box::new(Value::Zero), length)), ty: None })
    }

    /// What is ahead of the lanes is added to their own, or to memory where they have none; what goes beyond the strip is carried on.
    fn joined(&self, (root, _): (Var, usize), sums: &Sums) -> Statement {
        let Some(carried) = sums.carried else { unreachable!("what is ahead of its lane is carried on") };
        let (runtime, name) = (self.pass.runtime, |var: Var| &self.pass.function.variable(var).name);
        let (ahead, carried_name) = (name(sums.var), name(carried));
        let shifted = quote!(#runtime::carry(&#ahead, &mut #carried_name));
        let (tokens, to, first) = match self.added.get(&(root, 0)) {
            Some(own) => {
                let own_name = name(own.var);
                (quote!(#runtime::add_each(&mut #own_name, &#shifted);), own.var, None)
            }
            None => (self.pass.added_to(root, &self.whole_strip(root), &shifted), root, Some(self.first)),
        };
        let reads = [sums.var, carried, to].into_iter().chain(first).collect();
        Statement::Code { code: code(tokens, reads, ahead.span()), binds: Vec::new(), writes: vec![to, carried] }
    }

    /// `x[first..first + 8]`
    fn whole_strip(&self, root: Var) -> TokenStream {
        let (begin, length, name) = (self.begin(root), self.pass.strip_length(), &self.pass.function.variable(root).name);
        quote!(#name[#begin..#begin + #length])
    }

    /// Whether the elements of a strip are zeros when what its lanes add is there, behind these statements.
    fn is_stored(&self, root: Var, strip: &Block) -> bool {
        self.pass.zeros.contains(&root) && strip.iter().all(|statement| uses::mentions(statement, root) == 0)
    }

    /// `x_bar[first..first + 8] += x_sums`, behind the other statements of a strip.
    fn flushed(&self, (root, _): (Var, usize), sums: &Sums, strip: &Block) -> Statement {
        let name = &self.pass.function.variable(sums.var).name;
        let (elements, sums_name) = (self.whole_strip(root), name.to_token_stream());
        let tokens = match self.is_stored(root, strip) {
            true => self.pass.stored_in(root, &elements, &sums_name),
            false => self.pass.added_to(root, &elements, &sums_name),
        };
        let code = code(tokens, vec![root, self.first, sums.var], name.span());
        Statement::Code { code, binds: Vec::new(), writes: vec![root] }
    }

    /// What the last strip carries on is added to memory.
    fn carried_on(&self, (root, distance): (Var, usize), sums: &Sums, range: &Range) -> Option<Statement> {
        let carried = sums.carried?;
        let name = |var: Var| &self.pass.function.variable(var).name;
        let (from, first, start, to) = (name(carried), name(self.first), &range.start.tokens, name(root));
        let (begin, more) = (self.begin(root), Literal::usize_unsuffixed(distance));
        let add = self.pass.added_to(root, &quote!(#to[#begin..#begin + #more]), &from.to_token_stream());
        let tokens = quote!(if #first != #start { #add });
        let code = code(tokens, vec![root, self.first, carried], from.span());
        Some(Statement::Code { code, binds: Vec::new(), writes: vec![root] })
    }
}

/// How far from the index an element is, how far what is checked with it reaches, and how many steps name it: `x[i]`, `x[i + 1]`, `x[i - 1]`,
/// `x[i..i + 2][1]`.
pub(super) fn named(function: &Function, index: Var, place: &Place) -> Option<(i64, i64, usize)> {
    let offset = |step: &Step| match step {
        Step::Index(Operand::Place(at)) => (at.path.is_empty() && at.root == index).then_some((0, None)),
        Step::Index(Operand::Code(code)) => offset_in(&function.variable(index).name, code),
        _ => None,
    };
    match (offset(place.path.first()?)?, place.path.get(1)) {
        ((offset, None), _) => Some((offset, offset, 1)),
        ((_, Some(length)), Some(Step::Index(Operand::Code(within)))) => {
            let within: i64 = within.literal()?;
            (within < length).then_some((within, length - 1, 2))
        }
        _ => None,
    }
}

/// `i`, `i + 1`, `i - 1`; `i..i + 2`, of which the second number is the length.
fn offset_in(name: &Ident, code: &Code) -> Option<(i64, Option<i64>)> {
    let is_index = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == name);
    let is = |token: &TokenTree, c: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == c);
    let number = |token: &TokenTree| token.to_string().parse::<u32>().ok().map(i64::from);
    let tokens: Vec<TokenTree> = code.tokens.clone().into_iter().collect();
    match tokens.as_slice() {
        [i] if is_index(i) => Some((0, None)),
        [i, plus, offset] if is_index(i) && is(plus, '+') => Some((number(offset)?, None)),
        [i, minus, offset] if is_index(i) && is(minus, '-') => Some((-number(offset)?, None)),
        [i, dot, another, again, plus, length]
            if is_index(i) && is(dot, '.') && is(another, '.') && is_index(again) && is(plus, '+') =>
        {
            Some((0, Some(number(length)?)))
        }
        _ => None,
    }
}
