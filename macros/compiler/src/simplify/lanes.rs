//! Several iterations of a loop in flight, where each sums up in a loop of its own.
//!
//! ```text
//! for i in a..b {                          while first < end {
//!   let mut s = 0;                           if eight more, their inner ranges alike {
//!   for j in p..q { s += m[i][j] * x[j] }      let mut s_lanes = [0; 8];
//!   total += s * s                             for j in p..q { for lane { s_lanes[lane] += m[first + lane][j] * x[j] } }
//! }                                   ⟶        for lane { total += s_lanes[lane] * s_lanes[lane] }
//!                                              first += 8
//!                                            } else { one iteration; first += 1 }
//!                                          }
//! ```
//!
//! A sum in its own order takes an addition's latency for each element; eight sums side by side take as long as one. Every sum keeps its own
//! order, and what is carried from iteration to iteration is touched by one group of statements alone, which runs lane by lane: no value
//! changes. Contributions to adjoints may come in another order. What may print, panic by intent or call is not moved; where the inner ranges
//! of eight iterations differ, they run one by one.
//!
//! Where the inner loops read nothing of memory that belongs to one iteration, more of them run side by side, by the width of the target's registers: nothing
//! has to be gathered, and what lanes add to one element is summed up for more of them at a time. What is left of these runs by eights.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use crate::analysis::arithmetic;
use crate::analysis::effects::Effects;
use crate::ir::replace::Replaced;
use crate::ir::{
    Block, Check, Code, Counting, Form, Function, Header, Kind, Loop, Place, Range, Statement, Value, Var, edit, uses,
};

/// Runs iterations side by side where that pays; gives whether some do. Variables from number `own` on are no part of the function's value.
/// Where it is `relaxed`, the value's sums need no order either.
pub fn interleave(function: &mut Function, block: &mut Block, own: usize, relaxed: bool, runtime: &TokenStream) -> bool {
    let before = function.lanes.len();
    let mut pass = Pass { relaxed, ..Pass::new(function, block, own, runtime) };
    pass.block(block);
    function.lanes.len() > before
}

/// The same where these adjoints are zeros to begin with; gives whether that lets strips store where they would add.
pub fn interleave_from_zeros(
    function: &mut Function,
    block: &mut Block,
    zeros: BTreeSet<Var>,
    own: usize,
    relaxed: bool,
    runtime: &TokenStream,
) -> bool {
    let mut pass = Pass { relaxed, zeros, ..Pass::new(function, block, own, runtime) };
    pass.block(block);
    pass.stores
}

/// The same for loops that add to neighbours alone, which wait for memory otherwise; gives whether there are such.
pub fn interleave_stencils(function: &mut Function, block: &mut Block, own: usize, runtime: &TokenStream) -> bool {
    let mut pass = Pass { stencils_alone: true, ..Pass::new(function, block, own, runtime) };
    pass.block(block)
}

pub(super) struct Pass<'a> {
    pub(super) function: &'a mut Function,
    pub(super) own: usize,
    pub(super) numbers: BTreeSet<Var>,
    pub(super) runtime: &'a TokenStream,
    /// Whether loops that add to no neighbours stay.
    pub(super) stencils_alone: bool,
    /// Whether the value's own sums may be added in any order.
    pub(super) relaxed: bool,
    /// Ends of ranges that depend on the iteration, and are the same in all lanes.
    pub(super) agreed: BTreeSet<String>,
    /// The adjoints that are zeros where the statement at hand runs, which does so once.
    pub(super) zeros: BTreeSet<Var>,
    /// Whether something is stored in one of them where it would be added.
    pub(super) stores: bool,
}

/// What runs together in a lane loop, or the loop that lanes share.
#[derive(Clone)]
pub(super) enum Group {
    Lane(Block),
    Shared(Box<Loop>),
}

/// How a variable is there in another group than the one that declares it.
#[derive(Clone)]
pub(super) enum Crossing {
    /// In an element for each lane.
    Spread,
    /// Its declaration is repeated.
    Again(Box<Statement>),
}

impl<'a> Pass<'a> {
    pub(super) fn new(function: &'a mut Function, block: &mut Block, own: usize, runtime: &'a TokenStream) -> Self {
        let numbers = arithmetic::numbers(function, block);
        Self {
            function,
            own,
            numbers,
            runtime,
            stencils_alone: false,
            relaxed: false,
            agreed: BTreeSet::new(),
            zeros: BTreeSet::new(),
            stores: false,
        }
    }
}

impl Pass<'_> {
    /// Whether something in the block was changed.
    fn block(&mut self, block: &mut Block) -> bool {
        let mut any = false;
        let mut out = Vec::new();
        for mut statement in std::mem::take(block) {
            // what is inside may run again
            let mut zeros = std::mem::take(&mut self.zeros);
            if let Statement::Loop(each) = &statement
                && let Some(statements) = self.in_contests(each)
            {
                any = true;
                zeros.retain(|adjoint| uses::mentions(&statement, *adjoint) == 0);
                self.zeros = zeros;
                out.extend(statements);
                continue;
            }
            let mut inside = false;
            edit::inner_blocks(&mut statement, &mut |inner| inside |= self.block(inner));
            any |= inside;
            self.zeros = zeros;
            let changed = match &statement {
                Statement::Loop(each) if !inside => self.in_lanes(each),
                _ => None,
            };
            any |= changed.is_some();
            let is_check = matches!(statement, Statement::SameLength { .. });
            self.zeros.retain(|adjoint| is_check || uses::mentions(&statement, *adjoint) == 0);
            match changed {
                Some(statements) => out.extend(statements),
                None => out.push(statement),
            }
        }
        *block = out;
        any
    }

    fn in_lanes(&mut self, each: &Loop) -> Option<Block> {
        let range = open_range(each).filter(|range| !range.reversed)?;
        let is_lane = self.function.lanes.contains(&range.index);
        let is_counted = !self.function.variable(range.index).mutable && is_long(range) && !is_lane;
        if !is_counted {
            return None;
        }
        if !self.sums_up(&each.body) {
            return self.in_strips(each, range);
        }
        if self.stencils_alone || !each.body.iter().all(|statement| self.moves(statement)) {
            return None;
        }
        let mut inside: BTreeSet<Var> = each.binds().into_iter().collect();
        uses::declared_within(&each.body, &mut inside);
        let mut ends = Vec::new();
        let groups = self.groups(&each.body, range.index, &inside, &BTreeSet::new(), &mut ends);
        if !self.may_change_order(&groups, &inside) {
            return None;
        }
        let span = range.start.span;
        let first = self.function.fresh("first", Kind::Inactive, true, Form::Owned, span);
        let end = self.function.fresh("end", Kind::Inactive, false, Form::Owned, span);
        let many = (ends.is_empty() && !is_short(range) && !self.gathers(&groups, range.index, &inside)).then(|| {
            let runtime = self.runtime;
            self.side_by_side(range, first, quote!(#runtime::MANY), groups.clone(), inside.clone())
        });
        let together = self.side_by_side(range, first, lanes(), groups, inside)?;
        let both = |inner: &Range| {
            let (start, end) = (&inner.start, &inner.end);
            let (from, to) = (&start.tokens, &end.tokens);
            code(quote!((#from, #to)), start.reads.iter().chain(&end.reads).copied().collect(), span)
        };
        let alike: Vec<Code> = ends.iter().map(both).collect();
        let mut out = self.assembled(each, range, together, &alike, [first, end]);
        if let (Some(many), Some(Statement::Loop(around))) = (many.flatten(), out.last_mut()) {
            self.with_many(&mut around.body, many, [first, end]);
        }
        Some(out)
    }

    /// The groups of so many iterations, one after the other.
    fn side_by_side(
        &mut self,
        range: &Range,
        first: Var,
        count: TokenStream,
        groups: Vec<Group>,
        inside: BTreeSet<Var>,
    ) -> Option<Block> {
        let lane = self.function.fresh("lane", Kind::Inactive, false, Form::Owned, range.start.span);
        let mut lanes = Lanes::of(self, [range.index, first, lane], count, inside);
        let together = lanes.spread(groups, &BTreeMap::new())?;
        self.function.lanes.insert(lane);
        Some(together)
    }

    /// Whether a loop that all lanes run together reads or adds to what belongs to one of them, other than numbers that it declares.
    fn gathers(&self, groups: &[Group], index: Var, inside: &BTreeSet<Var>) -> bool {
        groups.iter().any(|group| {
            let Group::Shared(each) = group else { return false };
            let mut own = BTreeSet::new();
            uses::declared_within(&vec![Statement::Loop((**each).clone())], &mut own);
            let mut gathers = false;
            uses::statement(&Statement::Loop((**each).clone()), &mut |var| {
                let is_number = self.function.is_scalar(var) && self.is_own(var) || self.numbers.contains(&var);
                gathers |= var == index || inside.contains(&var) && !own.contains(&var) && !is_number;
            });
            gathers
        })
    }

    /// The body of the loop around, with a way for many iterations before that for eight.
    fn with_many(&self, body: &mut Block, mut many: Block, [first, end]: [Var; 2]) {
        let (runtime, span) = (self.runtime, self.function.variable(first).name.span());
        let [first_name, end_name] = [first, end].map(|var| &self.function.variable(var).name);
        many.push(Statement::Code {
            code: code(quote!(#first_name = #runtime::lane(#first_name, #runtime::MANY);), vec![first], span),
            binds: Vec::new(),
            writes: vec![first],
        });
        let on = code(quote!(#runtime::in_flight(#first_name, #end_name, #runtime::MANY)), vec![first, end], span);
        let fewer = std::mem::take(body);
        body.push(Statement::either(on, many, fewer));
    }

    /// The loop around both ways to run: together where the lanes are alike in this.
    pub(super) fn assembled(&self, each: &Loop, range: &Range, together: Block, alike: &[Code], [first, end]: [Var; 2]) -> Block {
        let (runtime, span) = (self.runtime, range.start.span);
        let name = |var: Var| self.function.variable(var).name.to_token_stream();
        let (first_name, end_name, index) = (name(first), name(end), name(range.index));
        let (from, to, lanes) = (&range.start.tokens, &range.end.tokens, lanes());
        let mut compared: Vec<&TokenStream> = Vec::new();
        for Code { tokens, .. } in alike {
            if compared.iter().all(|other| other.to_string() != tokens.to_string()) {
                compared.push(tokens);
            }
        }
        let agree = compared.iter().map(|tokens| quote!(&& #runtime::agree(#first_name, #lanes, |#index| #tokens)));
        let mut reads: BTreeSet<Var> = alike.iter().flat_map(|code| &code.reads).copied().collect();
        reads.remove(&range.index);
        reads.extend([first, end]);
        let on = code(quote!(#runtime::in_flight(#first_name, #end_name, #lanes) #(#agree)*), reads.into_iter().collect(), span);
        let next = |count: TokenStream| Statement::Code {
            code: code(quote!(#first_name = #runtime::lane(#first_name, #count);), vec![first], span),
            binds: Vec::new(),
            writes: vec![first],
        };
        let mut together = together;
        together.push(next(lanes.clone()));
        let mut alone = vec![binding(range.index, quote!(let #index = #first_name;), vec![first], span)];
        alone.extend(each.body.iter().cloned());
        alone.push(next(quote!(1)));
        let branch = Statement::either(on, together, alone);
        let on = code(quote!(#first_name < #end_name), vec![first, end], span);
        let header = Header::While { on, binds: Vec::new() };
        vec![
            binding(first, quote!(let mut #first_name = #from;), range.start.reads.clone(), span),
            binding(end, quote!(let #end_name = #to;), range.end.reads.clone(), span),
            Statement::Loop(Loop { header, body: vec![branch], exit: None, counter: None, counting: Counting::None, tape: None }),
        ]
    }

    /// Whether the statement may run before statements of other iterations: it computes, and adds.
    pub(super) fn moves(&self, statement: &Statement) -> bool {
        match statement {
            Statement::Let { var, value, .. } => {
                self.function.variable(*var).form == Form::Owned && value.iter().all(|value| self.computes(value))
            }
            Statement::Assign { place, value } => {
                self.is_owned(place) && arithmetic::is_arithmetic_place(place) && self.computes(value)
            }
            Statement::Add { place, value, whole, .. } => {
                !whole && arithmetic::is_arithmetic_place(place) && arithmetic::is_arithmetic_expr(value)
            }
            Statement::Code { code, writes, .. } => {
                writes.iter().all(|var| self.numbers.contains(var)) && arithmetic::is_arithmetic(code)
            }
            Statement::Branch(branch) => {
                let plain = branch.record.is_none() && arithmetic::is_arithmetic(&branch.on);
                plain && branch.arms.iter().all(|arm| arm.binds.is_empty() && arm.body.iter().all(|inner| self.moves(inner)))
            }
            Statement::Loop(each) => open_range(each).is_some() && each.body.iter().all(|inner| self.moves(inner)),
            Statement::Check { what: Check::Holds(..), .. } => false,
            Statement::Check { .. } | Statement::Inert(_) => true,
            _ => false,
        }
    }

    fn is_owned(&self, place: &Place) -> bool {
        self.is_own(place.root)
    }

    fn is_own(&self, var: Var) -> bool {
        self.function.variable(var).form == Form::Owned
    }

    fn computes(&self, value: &Value) -> bool {
        match value {
            Value::Expr(expr) => arithmetic::is_arithmetic_expr(expr),
            Value::Take(place, _) => place.path.is_empty() && self.is_owned(place) && self.function.is_scalar(place.root),
            Value::Zero => true,
            _ => false,
        }
    }

    /// Whether a loop of the body adds to a scalar of the body.
    fn sums_up(&self, body: &Block) -> bool {
        let mut own = BTreeSet::new();
        body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = own.insert(var)));
        own.retain(|var| self.function.is_scalar(*var));
        body.iter().any(|statement| match statement {
            Statement::Loop(each) => !Effects::of_block(&each.body).adds.is_disjoint(&own),
            _ => false,
        })
    }

    /// Cuts a block into what runs lane by lane, and loops that all lanes run together: those whose ranges are the same for all of them, or are
    /// to be compared (`ends`).
    fn groups(
        &self,
        block: &Block,
        index: Var,
        inside: &BTreeSet<Var>,
        shared: &BTreeSet<Var>,
        ends: &mut Vec<Range>,
    ) -> Vec<Group> {
        let mut groups = Vec::new();
        let mut lane = Vec::new();
        for statement in block {
            if let Statement::Loop(each) = statement
                && let Some(range) = open_range(each)
                && self.is_shared(range, index, inside, shared)
            {
                if range.start.reads.iter().chain(&range.end.reads).any(|var| *var == index) {
                    ends.push(range.clone());
                }
                if !lane.is_empty() {
                    groups.push(Group::Lane(std::mem::take(&mut lane)));
                }
                groups.push(Group::Shared(Box::new(each.clone())));
            } else {
                lane.push(statement.clone());
            }
        }
        if !lane.is_empty() {
            groups.push(Group::Lane(lane));
        }
        groups
    }

    fn is_shared(&self, range: &Range, index: Var, inside: &BTreeSet<Var>, shared: &BTreeSet<Var>) -> bool {
        let reads = || range.start.reads.iter().chain(&range.end.reads);
        let agreed = shared.is_empty() || self.agreed.contains(&range.end.tokens.to_string());
        let is_outer = |var: &Var| *var == index && agreed || shared.contains(var) || !inside.contains(var);
        range.start.repeatable && range.end.repeatable && reads().all(is_outer)
    }

    /// Whether the groups may run one after the other for all lanes: what outlives an iteration is an adjoint that is only added to, or belongs
    /// to one group that runs lane by lane.
    pub(super) fn may_change_order(&self, groups: &[Group], inside: &BTreeSet<Var>) -> bool {
        let effects: Vec<(Effects, bool)> = groups
            .iter()
            .map(|group| match group {
                Group::Lane(block) => (Effects::of_block(block), true),
                Group::Shared(each) => (Effects::of_statement(&Statement::Loop((**each).clone())), false),
            })
            .collect();
        let changed = effects.iter().flat_map(|(effects, _)| effects.adds.iter().chain(&effects.writes));
        let outer: BTreeSet<Var> = changed.filter(|var| !inside.contains(var)).copied().collect();
        outer.into_iter().all(|var| {
            let only_added = |effects: &Effects| !effects.reads.contains(&var) && !effects.writes.contains(&var);
            if var.0 as usize >= self.own && effects.iter().all(|(effects, _)| only_added(effects)) {
                return true;
            }
            let mut touching = effects.iter().filter(|(effects, _)| !only_added(effects) || effects.adds.contains(&var));
            touching.next().is_some_and(|(_, by_lane)| *by_lane) && touching.next().is_none()
        })
    }
}

impl Pass<'_> {
    /// Declares the index of a lane, where the body mentions it.
    pub(super) fn with_index(&self, index: Var, first: Var, lane: Var, body: &mut Block) {
        let mut mentioned = false;
        uses::block(body, &mut |var| mentioned |= var == index);
        if mentioned {
            let name = |var: Var| &self.function.variable(var).name;
            let (index_name, first_name, lane_name, runtime) = (name(index), name(first), name(lane), self.runtime);
            let tokens = quote!(let #index_name = #runtime::lane(#first_name, #lane_name););
            body.insert(0, binding(index, tokens, vec![first, lane], index_name.span()));
        }
    }
}

/// The lanes of one loop.
pub(super) struct Lanes<'p, 'a> {
    pub(super) pass: &'p mut Pass<'a>,
    pub(super) index: Var,
    pub(super) first: Var,
    pub(super) lane: Var,
    /// How many they are.
    pub(super) count: TokenStream,
    /// What an iteration declares.
    pub(super) inside: BTreeSet<Var>,
    /// The indices of the loops around that all lanes run together.
    pub(super) shared: BTreeSet<Var>,
    pub(super) spread: Replaced,
}

impl<'p, 'a> Lanes<'p, 'a> {
    /// So many of the loop over `index`, of which the first iteration is at `first`.
    pub(super) fn of(pass: &'p mut Pass<'a>, [index, first, lane]: [Var; 3], count: TokenStream, inside: BTreeSet<Var>) -> Self {
        Self { pass, index, first, lane, count, inside, shared: BTreeSet::new(), spread: Replaced::default() }
    }

    /// The groups of a block, one after the other for all lanes; none where a variable cannot be there for each lane.
    pub(super) fn spread(&mut self, groups: Vec<Group>, outer: &BTreeMap<Var, Crossing>) -> Option<Block> {
        let mut out = Vec::new();
        let mut crossing = self.crossing(&groups)?;
        for (var, how) in &crossing {
            if matches!(how, Crossing::Spread) {
                out.push(self.declare(*var));
            }
        }
        crossing.extend(outer.iter().map(|(var, how)| (*var, how.clone())));
        for group in groups {
            match group {
                Group::Lane(block) => out.push(self.lane_loop(block, &crossing)),
                Group::Shared(each) => out.push(Statement::Loop(self.together(*each, &crossing)?)),
            }
        }
        Some(out)
    }

    /// A loop that all lanes run together.
    fn together(&mut self, each: Loop, outer: &BTreeMap<Var, Crossing>) -> Option<Loop> {
        self.shared.extend(each.binds());
        let groups = self.pass.groups(&each.body, self.index, &self.inside, &self.shared, &mut Vec::new());
        let body = self.spread(groups, outer)?;
        each.binds().iter().for_each(|var| _ = self.shared.remove(var));
        let mut each = Loop { body, ..each };
        self.by_the_first(&mut each.header);
        Some(each)
    }

    /// The ends of a range that all lanes run over, as the first lane's.
    pub(super) fn by_the_first(&self, header: &mut Header) {
        if let Header::Range(range) = header {
            let mut first = Replaced::default();
            first.insert(self.pass.function, self.index, None, self.first);
            first.code(&mut range.start);
            first.code(&mut range.end);
        }
    }

    /// The variables that one group declares and another mentions.
    fn crossing(&self, groups: &[Group]) -> Option<BTreeMap<Var, Crossing>> {
        let mut found = BTreeMap::new();
        for (position, group) in groups.iter().enumerate() {
            let Group::Lane(block) = group else { continue };
            let elsewhere = |var: Var| {
                let mut mentioned = false;
                for (_, group) in groups.iter().enumerate().filter(|(other, _)| *other != position) {
                    let mut visit = |other: Var| mentioned |= other == var;
                    match group {
                        Group::Lane(block) => uses::block(block, &mut visit),
                        Group::Shared(each) => uses::statement(&Statement::Loop((**each).clone()), &mut visit),
                    }
                }
                mentioned
            };
            for statement in block {
                let mut declared = Vec::new();
                uses::declared(statement, &mut |var| declared.push(var));
                for var in declared.into_iter().filter(|var| elsewhere(*var)) {
                    found.insert(var, self.way(var, statement)?);
                }
            }
        }
        self.closed(groups, found)
    }

    /// With what repeated declarations need.
    fn closed(&self, groups: &[Group], mut found: BTreeMap<Var, Crossing>) -> Option<BTreeMap<Var, Crossing>> {
        loop {
            let mut needed = BTreeSet::new();
            for how in found.values() {
                if let Crossing::Again(statement) = how {
                    uses::statement(statement, &mut |var| _ = needed.insert(var));
                }
            }
            let mut more = BTreeMap::new();
            for group in groups {
                let Group::Lane(block) = group else { continue };
                for statement in block {
                    let mut declared = Vec::new();
                    uses::declared(statement, &mut |var| declared.push(var));
                    for var in declared.into_iter().filter(|var| needed.contains(var) && !found.contains_key(var)) {
                        more.insert(var, self.way(var, statement)?);
                    }
                }
            }
            if more.is_empty() {
                return Some(found);
            }
            found.extend(more);
        }
    }

    /// How a variable gets into another group.
    pub(super) fn way(&self, var: Var, statement: &Statement) -> Option<Crossing> {
        match statement {
            Statement::Let { .. } if self.pass.function.is_scalar(var) => Some(Crossing::Spread),
            Statement::Code { code, .. } if self.pass.numbers.contains(&var) => {
                arithmetic::declared(code).map(|_| Crossing::Spread)
            }
            Statement::Code { code, binds, writes } if code.repeatable && binds.len() == 1 && writes.is_empty() => {
                (!self.pass.function.variable(var).mutable).then(|| Crossing::Again(Box::new(statement.clone())))
            }
            _ => None,
        }
    }

    /// An element for each lane.
    pub(super) fn declare(&mut self, var: Var) -> Statement {
        let function = &mut *self.pass.function;
        let variable = function.variable(var).clone();
        let span = variable.name.span();
        let wish = format!("{}_lanes", variable.name);
        let spread = function.fresh(&wish, Kind::Space, true, Form::Owned, span);
        self.spread.insert(function, var, Some(self.lane), spread);
        let length = self.count.clone();
        if variable.kind == Kind::Scalar {
            let length = code(length, Vec::new(), span);
            return Statement::Let { var: spread, value: Some(Value::Repeat(Box::new(Value::Zero), length)), ty: None };
        }
        let name = &function.variable(spread).name;
        binding(spread, quote!(let mut #name = [::core::default::Default::default(); #length];), Vec::new(), span)
    }

    /// What runs lane by lane.
    pub(super) fn lane_loop(&self, block: Block, crossing: &BTreeMap<Var, Crossing>) -> Statement {
        let mut body = Vec::new();
        for statement in block {
            body.extend(self.stored(statement, crossing));
        }
        self.repeat(&mut body, crossing);
        self.spread.block(&mut body);
        self.pass.with_index(self.index, self.first, self.lane, &mut body);
        over_lanes(self.pass.function, self.lane, self.count.clone(), body)
    }

    /// A declaration of a variable with an element for each lane as a store.
    fn stored(&self, statement: Statement, crossing: &BTreeMap<Var, Crossing>) -> Block {
        let is_spread = |var: &Var| matches!(crossing.get(var), Some(Crossing::Spread));
        match statement {
            Statement::Let { var, value, .. } if is_spread(&var) => {
                let place = self.spread.get(var).expect("it is declared").clone();
                value.map(|value| Statement::Assign { place, value }).into_iter().collect()
            }
            Statement::Code { code, binds, writes } if binds.iter().any(is_spread) => {
                let (name, value) = arithmetic::declared(&code).expect("a plain `let`");
                let mut reads = code.reads.clone();
                reads.extend(&binds);
                let code = Code { tokens: quote!(#name = #value;), reads, ..code };
                vec![Statement::Code { code, binds: Vec::new(), writes: binds.into_iter().chain(writes).collect() }]
            }
            other => vec![other],
        }
    }

    /// Repeats the declarations that the body needs and does not hold.
    fn repeat(&self, body: &mut Block, crossing: &BTreeMap<Var, Crossing>) {
        let mut again = Vec::new();
        loop {
            let (mut mentioned, mut there) = (BTreeSet::new(), BTreeSet::new());
            again.iter().chain(body.iter()).for_each(|statement| {
                uses::statement(statement, &mut |var| _ = mentioned.insert(var));
                uses::declared(statement, &mut |var| _ = there.insert(var));
            });
            let missing = mentioned.difference(&there).find_map(|var| match crossing.get(var) {
                Some(Crossing::Again(statement)) => Some((**statement).clone()),
                _ => None,
            });
            match missing {
                Some(statement) => again.insert(0, statement),
                None => break,
            }
        }
        body.splice(0..0, again);
    }
}

/// How many iterations are in flight.
const LANES: usize = 8;

pub(super) fn lanes() -> TokenStream {
    proc_macro2::Literal::usize_unsuffixed(LANES).into_token_stream()
}

/// Whether there are loops over lanes of which the runtime says how many they are.
pub fn are_many(function: &Function, block: &Block) -> bool {
    block.iter().any(|statement| match statement {
        Statement::Loop(each) => {
            let many = |range: &Range| function.lanes.contains(&range.index) && range.end.literal::<usize>().is_none();
            matches!(&each.header, Header::Range(range) if many(range)) || are_many(function, &each.body)
        }
        Statement::Branch(branch) => branch.arms.iter().any(|arm| are_many(function, &arm.body)),
        _ => false,
    })
}

/// The range of a loop that runs to its end and keeps nothing.
pub(super) fn open_range(each: &Loop) -> Option<&Range> {
    let Header::Range(range) = &each.header else { return None };
    let plain = each.exit.is_none() && each.counter.is_none() && each.tape.is_none() && each.counting == Counting::None;
    (plain && !range.inclusive).then_some(range)
}

/// Whether the range counts from a literal to an end that is, or may be, far enough.
pub(super) fn is_long(range: &Range) -> bool {
    let start = range.start.tokens.to_string();
    let trips = range.start.literal::<usize>().zip(range.end.literal::<usize>()).map(|(start, end)| end.saturating_sub(start));
    start.starts_with(|c: char| c.is_ascii_digit()) && trips.is_none_or(|trips| trips >= LANES)
}

/// Whether the range has too few iterations for as many as run side by side on any target.
fn is_short(range: &Range) -> bool {
    range.literal().is_some_and(|trips| trips.len() < 4 * LANES)
}

/// Code that may be evaluated again.
pub(super) fn code(tokens: TokenStream, reads: Vec<Var>, span: Span) -> Code {
    Code { tokens, reads, repeatable: true, span }
}

/// `let var = ..;`
pub(super) fn binding(var: Var, tokens: TokenStream, reads: Vec<Var>, span: Span) -> Statement {
    Statement::Code { code: code(tokens, reads, span), binds: vec![var], writes: Vec::new() }
}

/// A loop over the lanes.
fn over_lanes(function: &Function, lane: Var, count: TokenStream, body: Block) -> Statement {
    let span = function.variable(lane).name.span();
    let (start, end) = (code(quote!(0), Vec::new(), span), code(count, Vec::new(), span));
    Statement::Loop(Loop::over(Range { index: lane, start, end, inclusive: false, reversed: false }, body))
}
