//! Writes eight iterations.
//!
//! *In:* the parts of an iteration. *Out:* the same for eight of them: arrays with lanes in place of arrays of numbers, loops over lanes, records of lanes.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote, quote_spanned};

use crate::ir::replace::Replaced;
use crate::ir::{
    Argument, Block, Call, CallMode, Callee, Code, Expr, Form, Function, Header, Kind, Loop, Operand, Passed, Place, Range, Room,
    Saved, Seed, Statement, Step, Tape, Value, Var, uses,
};
use crate::simplify::lanes::{Crossing, Lanes, Pass, lanes};
use crate::spans::at_call_site;

use super::front::in_vec;
use super::iteration::collect;
use super::{Array, Outside, Part};

/// What is known while eight iterations are written.
pub(super) struct Writer<'p, 'a> {
    lanes: Lanes<'p, 'a>,
    arrays: BTreeMap<Var, Array>,
    /// Whether there are eight iterations.
    is_used: Code,
    /// The declaration of the lanes of each variable.
    declared: BTreeMap<Var, Statement>,
    crossing: BTreeMap<Var, Crossing>,
    /// The tape of the lanes beside each that stands in front of the loop.
    tapes: BTreeMap<Var, Var>,
    /// What stands in front of the loop.
    before: Block,
}

impl<'p, 'a> Writer<'p, 'a> {
    /// Of a loop over a range: with the first index of a batch, and the index of lanes.
    pub(super) fn new(
        pass: &'p mut Pass<'a>,
        range: &Range,
        [first, lane]: [Var; 2],
        arrays: BTreeMap<Var, Array>,
        inside: BTreeSet<Var>,
    ) -> Self {
        let (runtime, eight) = (pass.runtime, lanes());
        let (from, to) = (&range.start, &range.end);
        let (start, end) = (&from.tokens, &to.tokens);
        let is_used = Code {
            tokens: quote!(#runtime::in_flight(#start, #end, #eight)),
            reads: [&from.reads[..], &to.reads].concat(),
            ..to.clone()
        };
        let lanes = Lanes::of(pass, [range.index, first, lane], lanes(), inside);
        Self {
            lanes,
            arrays,
            is_used,
            declared: BTreeMap::new(),
            crossing: BTreeMap::new(),
            tapes: BTreeMap::new(),
            before: Vec::new(),
        }
    }

    /// The statements for eight iterations, and what stands in front of the loop.
    pub(super) fn write(mut self, parts: Vec<Part>) -> (Block, Block) {
        let together = self.block(parts);
        (together, self.before)
    }
}

impl Writer<'_, '_> {
    /// Gives lanes to the arrays, and to what one group declares and another mentions; none where a variable cannot have them.
    pub(super) fn spread(&mut self, parts: &[Part], varying: &BTreeSet<Var>) -> Option<()> {
        for var in self.arrays.keys().copied().collect::<Vec<_>>() {
            let declaration = self.array(var)?;
            match self.arrays[&var].outside {
                Some(_) => self.before.push(declaration),
                None => _ = self.declared.insert(var, declaration),
            }
        }
        let mut groups = Vec::new();
        collect(parts, true, &mut groups);
        let mut kept = BTreeSet::new();
        saved(parts, &mut kept);
        let mut declaring: BTreeMap<Var, &Statement> = BTreeMap::new();
        let mut elsewhere: BTreeSet<Var> = kept;
        for (block, _) in &groups {
            let (mut mentioned, mut declared) = (BTreeSet::new(), BTreeSet::new());
            uses::block(block, &mut |var| _ = mentioned.insert(var));
            uses::declared_within(block, &mut declared);
            elsewhere.extend(mentioned.difference(&declared));
            for statement in *block {
                uses::declared(statement, &mut |var| _ = declaring.insert(var, statement));
            }
        }
        loop {
            let mut needed = Vec::new();
            for var in elsewhere.iter().filter(|var| !self.arrays.contains_key(var) && !self.crossing.contains_key(var)) {
                match declaring.get(var) {
                    Some(statement) => needed.push((*var, self.way(*var, statement)?)),
                    None if *var != self.lanes.index && self.lanes.inside.contains(var) && varying.contains(var) => return None,
                    None => {}
                }
            }
            if needed.is_empty() {
                return Some(());
            }
            for (var, how) in needed {
                match &how {
                    Crossing::Spread => {
                        let declaration = self.lanes.declare(var);
                        self.declared.insert(var, declaration);
                    }
                    // what a declaration that is repeated needs is needed as well
                    Crossing::Again(statement) => uses::statement(statement, &mut |var| _ = elsewhere.insert(var)),
                }
                self.crossing.insert(var, how);
            }
        }
    }

    fn way(&self, var: Var, statement: &Statement) -> Option<Crossing> {
        match statement {
            Statement::Call(call) => (call.result == var).then_some(Crossing::Spread),
            statement => self.lanes.way(var, statement),
        }
    }

    /// The declaration of an array's lanes.
    fn array(&mut self, var: Var) -> Option<Statement> {
        let function = &mut *self.lanes.pass.function;
        let name = function.variable(var).name.clone();
        let spread = function.fresh(&format!("{name}_lanes"), Kind::Space, true, Form::Owned, name.span());
        let lane = Place::whole(self.lanes.lane, name.span());
        self.lanes.spread.spread(var, Step::Index(Operand::Place(lane)), spread);
        let width = |span| Code { tokens: lanes(), reads: Vec::new(), repeatable: true, span };
        let array = &self.arrays[&var];
        let value = match &array.outside {
            Some(Outside::Adjoint(of)) => {
                let (of, _) = self.lanes.spread.spread_of(*of)?;
                Value::ZerosLike(Place::whole(*of, name.span()))
            }
            Some(Outside::Memory(Value::Expr(Expr::Operand(Operand::Code(code))))) => {
                let (vec, element, _) = in_vec(&code.tokens)?;
                let (eight, length) = (lanes(), &array.lengths[0]);
                let (count, is_used) = (&length.tokens, &self.is_used.tokens);
                let tokens = quote!(#vec [[#element; #eight]; if #is_used { #count } else { 0 }]);
                let reads = [&length.reads[..], &self.is_used.reads].concat();
                let code = Code { tokens, reads, ..length.clone() };
                Value::Expr(Expr::Operand(Operand::Code(code)))
            }
            _ => {
                let eight = Value::Repeat(Box::new(array.element.clone()), width(name.span()));
                array.lengths.iter().rev().fold(eight, |inner, length| Value::Repeat(Box::new(inner), length.clone()))
            }
        };
        Some(Statement::Let { var: spread, value: Some(value), ty: None })
    }

    fn block(&mut self, parts: Vec<Part>) -> Block {
        let mut out = Vec::new();
        for part in parts {
            match part {
                Part::Once(statement) => out.push(*statement),
                Part::Array(var) => out.push(self.declared[&var].clone()),
                Part::Each(op, var, slopes) => {
                    let lanes = |var: Var| {
                        let (lanes, _) = self.lanes.spread.spread_of(var).expect("an array has lanes");
                        Place::whole(*lanes, self.lanes.pass.function.variable(var).name.span())
                    };
                    out.push(Statement::Each { op, place: lanes(var), slopes: slopes.map(lanes), lanes: true });
                }
                Part::Lanes(block) => self.lane_loop(block, &mut out),
                Part::Shared(mut each, inner) => {
                    self.lanes.by_the_first(&mut each.header);
                    let tape = each.tape.as_ref().map(|tape| self.tape(tape, &each.header));
                    let innermost = !inner.iter().any(|part| matches!(part, Part::Shared(..)));
                    let mut body = self.block(inner);
                    if innermost {
                        let runtime = self.lanes.pass.runtime;
                        let tokens = quote!(#runtime::one_by_one(););
                        let code = Code { tokens, reads: Vec::new(), repeatable: true, span: each.span() };
                        body.insert(0, Statement::Code { code, binds: Vec::new(), writes: Vec::new() });
                    }
                    out.push(Statement::Loop(Loop { body, tape, ..*each }));
                }
            }
        }
        out
    }

    /// What runs lane by lane, behind the declarations of what others read of it.
    fn lane_loop(&mut self, block: Block, out: &mut Block) {
        for statement in &block {
            uses::declared(statement, &mut |var| out.extend(self.declared.get(&var).cloned()));
        }
        let at_once = match block.as_slice() {
            [Statement::Call(call)] if call.relaxed => self.at_once(call, out),
            _ => None,
        };
        let mut gathered = Vec::new();
        let mut scratch = Replaced::default();
        for statement in block {
            match statement {
                Statement::Call(call) => self.call(call, &mut scratch, &mut gathered),
                other => gathered.push(other),
            }
        }
        let mut each = self.lanes.lane_loop(gathered, &self.crossing);
        scratch.statement(&mut each);
        out.push(match at_once {
            Some(has_not_run) => Statement::either(has_not_run, vec![each], Vec::new()),
            None => each,
        });
    }

    /// The call for all lanes at once, where the callee has an entry for that: gives whether it has not run.
    fn at_once(&mut self, call: &Call, out: &mut Block) -> Option<Code> {
        let (Callee::Function { path, .. }, CallMode::Fused(back)) = (&call.callee, &call.mode) else { return None };
        let ([Argument { passed: Passed::Shared(x), .. }], [Some(x_bar)]) = (call.arguments.as_slice(), back.slots.as_slice())
        else {
            return None;
        };
        let lanes_of =
            |place: &Place| self.lanes.spread.spread_of(place.root).filter(|_| place.path.is_empty()).map(|(lanes, _)| *lanes);
        let [x, x_bar] = [lanes_of(x)?, lanes_of(x_bar)?];
        let is_spread = |var: &Var| matches!(self.crossing.get(var), Some(Crossing::Spread));
        let lanes_of = |var: Var| self.lanes.spread.get(var).filter(|_| is_spread(&var)).map(|place| place.root);
        let values = lanes_of(call.result)?;
        let Seed::Place(seed) = &back.seed else { return None };
        seed.path.is_empty().then_some(())?;
        let seeds = lanes_of(seed.root);
        let has_run = self.lanes.pass.function.fresh("has_run", Kind::Inactive, false, Form::Owned, call.span);
        let (runtime, eight, callee) = (self.lanes.pass.runtime, lanes(), Ident::new("__callee", call.span));
        let name = |var: Var| &self.lanes.pass.function.variable(var).name;
        let [x_name, x_bar_name, values_name, has_run_name] = [x, x_bar, values, has_run].map(name);
        let seeds_name = match seeds {
            Some(seeds) => name(seeds).to_token_stream(),
            None => {
                let seed = name(seed.root);
                quote!([#seed; #eight])
            }
        };
        let entry = Ident::new("__in_lanes", call.span);
        let entry = quote_spanned!(at_call_site(call.span)=> #callee::#entry);
        let tokens = quote! {
            let #has_run_name = {
                use #path as #callee;
                use #runtime::missing::many::*;
                #entry(&#x_name, &#seeds_name, &mut #x_bar_name, &mut #values_name)
            };
        };
        let reads = vec![x, x_bar, seeds.unwrap_or(seed.root), values];
        let code = Code { tokens, reads, repeatable: false, span: call.span };
        let on = Code { tokens: quote!(!#has_run_name), reads: vec![has_run], repeatable: true, span: call.span };
        out.push(Statement::Code { code, binds: vec![has_run], writes: vec![x_bar, values] });
        Some(on)
    }

    /// A call with its arrays gathered, and what it adds to their adjoints given back.
    fn call(&mut self, mut call: Call, scratch: &mut Replaced, out: &mut Block) {
        let mut ones: BTreeMap<Var, Var> = BTreeMap::new();
        let mut adjoints = Vec::new();
        let mut whole = |place: &mut Place, writer: &mut Self, out: &mut Block| {
            if !(place.path.is_empty() && writer.arrays.contains_key(&place.root)) {
                return None;
            }
            let var = place.root;
            let one = *ones.entry(var).or_insert_with(|| writer.gather(var, scratch, out));
            place.root = one;
            Some((var, one))
        };
        for argument in &mut call.arguments {
            if let Passed::Shared(place) = &mut argument.passed {
                whole(place, self, out);
            }
        }
        if let CallMode::Fused(back) = &mut call.mode {
            for argument in &mut back.again {
                if let Passed::Shared(place) = &mut argument.passed {
                    whole(place, self, out);
                }
            }
            for slot in back.slots.iter_mut().flatten() {
                adjoints.extend(whole(slot, self, out));
            }
        }
        let result = call.result;
        if !matches!(self.crossing.get(&result), Some(Crossing::Spread)) {
            out.push(Statement::Call(call));
        } else {
            let function = &mut *self.lanes.pass.function;
            let name = function.variable(result).name.clone();
            call.result = function.fresh(&name.to_string(), Kind::Scalar, false, Form::Owned, name.span());
            let value = Value::Expr(Expr::place(Place::whole(call.result, name.span())));
            out.push(Statement::Call(call));
            out.push(Statement::Let { var: result, value: Some(value), ty: None });
        }
        for (var, one) in adjoints {
            let back = self.over_elements(var, |function, var, one_place| {
                let span = one_place.span;
                let taken = function.fresh("taken", Kind::Scalar, false, Form::Owned, span);
                let from = Place { root: one, ..one_place.clone() };
                vec![
                    Statement::Let { var: taken, value: Some(Value::Take(from, None)), ty: None },
                    Statement::Assign {
                        place: Place { root: var, ..one_place },
                        value: Value::Expr(Expr::place(Place::whole(taken, span))),
                    },
                ]
            });
            out.push(back);
        }
    }

    /// A copy of one lane of an array, in memory of its own: where the array stands in front of the loop, in the array itself.
    fn gather(&mut self, var: Var, scratch: &mut Replaced, out: &mut Block) -> Var {
        let function = &mut *self.lanes.pass.function;
        let name = function.variable(var).name.clone();
        let one = function.fresh(&format!("{name}_one"), Kind::Space, true, Form::Owned, name.span());
        let array = &self.arrays[&var];
        match array.outside {
            Some(_) => scratch.insert(function, one, None, var),
            None => {
                let value = Value::Repeat(Box::new(array.element.clone()), array.lengths[0].clone());
                out.push(Statement::Let { var: one, value: Some(value), ty: None });
            }
        }
        let copy = self.over_elements(var, |_, var, place| {
            let value = Value::Expr(Expr::place(Place { root: var, ..place.clone() }));
            vec![Statement::Assign { place: Place { root: one, ..place }, value }]
        });
        out.push(copy);
        one
    }

    /// A loop over the elements of an array.
    fn over_elements(&mut self, var: Var, body: impl FnOnce(&mut Function, Var, Place) -> Block) -> Statement {
        let function = &mut *self.lanes.pass.function;
        let span = function.variable(var).name.span();
        let index = function.fresh("element", Kind::Inactive, false, Form::Owned, span);
        let name = &function.variable(index).name;
        let at = Code { tokens: quote!(#name), reads: vec![index], repeatable: true, span };
        let start = Code { tokens: quote!(0), reads: Vec::new(), repeatable: true, span };
        let end = self.arrays[&var].lengths[0].clone();
        let place = Place::whole(var, span).then(Step::Index(Operand::Code(at)));
        let body = body(function, var, place);
        Statement::Loop(Loop::over(Range { index, start, end, inclusive: false, reversed: false }, body))
    }

    /// The records of a loop that all lanes run together.
    fn tape(&mut self, tape: &Tape, header: &Header) -> Tape {
        let kept = tape.saved.iter().map(|saved| {
            let lanes = match self.crossing.get(&saved.var) {
                Some(Crossing::Spread) => self.lanes.spread.get(saved.var).map(|place| place.root),
                _ => self.lanes.spread.spread_of(saved.var).map(|(lanes, _)| *lanes),
            };
            lanes.map_or(*saved, Saved::whole)
        });
        let saved = kept.collect();
        let var = if tape.shared { self.tape_in_front(tape, header) } else { tape.var };
        Tape { var, saved, ..tape.clone() }
    }

    /// The tape of the lanes beside one that stands in front of the loop.
    fn tape_in_front(&mut self, tape: &Tape, header: &Header) -> Var {
        if let Some(var) = self.tapes.get(&tape.var) {
            return *var;
        }
        let function = &mut *self.lanes.pass.function;
        let name = function.variable(tape.var).name.clone();
        let var = function.fresh(&format!("{name}_lanes"), Kind::Inactive, true, Form::Owned, Span::mixed_site());
        // how often a loop inside of this one runs is not known in front of it, where that differs from iteration to iteration
        let is_known = match header {
            Header::Range(range) => !range.start.reads.iter().chain(&range.end.reads).any(|var| self.lanes.inside.contains(var)),
            _ => false,
        };
        let room =
            (is_known || tape.capacity.is_some() || tape.chosen.is_some()).then(|| Box::new(Room::of(tape, header, false)));
        self.before.push(Statement::Let { var, value: Some(Value::NewTape(room)), ty: None });
        self.tapes.insert(tape.var, var);
        var
    }
}

/// What the loops that run together keep.
fn saved(parts: &[Part], into: &mut BTreeSet<Var>) {
    for part in parts {
        if let Part::Shared(each, inner) = part {
            into.extend(each.tape.iter().flat_map(|tape| &tape.saved).map(|saved| saved.var));
            saved(inner, into);
        }
    }
}
