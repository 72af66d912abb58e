//! `for i in a..b { .. let e = exp(z); .. } ⟶` blocks of 64 iterations: what `z` needs, then all exponentials at once, then the rest.
//!
//! The runtime's functions of many numbers at a time are vector instructions; each result is within 2 units in the last place of the true one and
//! does not depend on the numbers beside it, so that the block that a number is in makes no difference.
//!
//! ```text
//! let mut e_lanes = [0.0; 64]
//! while first < b {
//!     let count = min(b - first, 64)
//!     for lane in 0..count { let i = first + lane; ..; e_lanes[lane] = z }
//!     exp(e_lanes[..count])
//!     for lane in 0..count { let i = first + lane; let e = e_lanes[lane]; .. }
//!     first += count
//! }
//! ```
//!
//! Where values keep their bits, the calls of a block are those that are written, one after the other: none waits for the arithmetic of another
//! iteration, and nothing is spilled over them. That is done where the number of iterations is a constant.
//!
//! A loop of at most 64 iterations, where its ends are literals, is one block. Which statements may stand in which phase is said in
//! [`phases`](super::phases); a loop whose iterations wait for each other stays as it is.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::analysis::dimensions;
use crate::diff::reverse;
use crate::ir::{
    self, Block, Code, Counting, Expr, Form, Function, Header, Kind, Loop, Number, Operand, Place, Range, Room, Spelling,
    Statement, Step, Tape, Value, Var, edit, uses,
};
use crate::rules::{self, Op};

use super::index;
use super::phases::{self, Order, Phases, call, parts};
use super::slopes::{self, Slopes};
use super::windows::Window;

/// The length of a block.
const LENGTH: usize = 64;
/// A loop of fewer iterations stays as it is.
const LEAST: usize = 4;

/// A loop of more statements stays as it is where values keep their bits: each is compared with each.
const MOST: usize = 200;

/// Which loops are cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those that are one block.
    Single,
}

/// Cuts the loops of a block into blocks of iterations.
pub fn cut(function: &mut Function, block: &mut Block, order: Order, which: Which) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| cut(function, inner, order, which));
        let phases = match &statement {
            Statement::Loop(each) if which == Which::All || is_single(each) => in_phases(function, each, order),
            _ => None,
        };
        match phases {
            Some((each, range, phases)) => out.append(&mut Builder::new(function, &each, &range, &phases).build()),
            None => out.push(statement),
        }
    }
    *block = out;
}

/// Whether the loop is one block.
fn is_single(each: &Loop) -> bool {
    matches!(&each.header, Header::Range(range) if is_one_block(range))
}

fn is_one_block(range: &Range) -> bool {
    range.literal().is_some_and(|range| range.len() <= LENGTH)
}

/// A loop over elements, with its calls in statements of their own, and its phases.
fn in_phases(function: &mut Function, each: &Loop, order: Order) -> Option<(Loop, Range, Phases)> {
    let Header::Range(range) = &each.header else { return None };
    let reads_records = each.tape.as_ref().is_some_and(|tape| tape.reads || tape.count.is_some() || tape.chosen.is_some());
    let plain = each.exit.is_none() && each.counter.is_none() && !reads_records && !range.inclusive;
    let few = range.literal().is_some_and(|range| range.len() < LEAST);
    if !plain
        || few
        || !each.body.iter().any(|statement| has_call(statement, order))
        || !may_be_cut(function, each, order)
        || !index::counts_elements(function, range.index, &each.body)
    {
        return None;
    }
    let mut each = each.with(apart(function, &each.body, order));
    let slopes = match order {
        Order::Free => slopes::join(function, &mut each.body),
        Order::Kept(_) => Slopes::new(),
    };
    let phases = phases::cut(function, range.index, &each, order, slopes)?;
    if range.reversed && !(phases.unordered && each.tape.is_none()) {
        return None;
    }
    let known = dimensions::length(function, &range.end).filter(|length| ir::literal::<usize>(length).is_some());
    let end = known.map_or_else(|| range.end.clone(), |tokens| Code { tokens, reads: Vec::new(), ..range.end.clone() });
    let range = Range { reversed: false, end, ..range.clone() };
    Some((each, range, phases))
}

/// Whether the arrays of a block pay: those of scalar calls only where their length is known.
fn may_be_cut(function: &Function, each: &Loop, order: Order) -> bool {
    match order {
        Order::Free => true,
        Order::Kept(_) => each.body.len() <= MOST && reverse::count(function, each).is_some(),
    }
}

fn has_call(statement: &Statement, order: Order) -> bool {
    let mut found = false;
    edit::own_exprs(&mut statement.clone(), &mut |expr| found |= calls(expr, order));
    found
}

fn calls(expr: &Expr, order: Order) -> bool {
    match expr {
        Expr::Operand(_) => false,
        Expr::Apply(op, arguments, _) => parts(*op, order) || arguments.iter().any(|argument| calls(argument, order)),
    }
}

/// Gives every call a statement of its own, `let v = exp(x)` for an immutable `v`.
fn apart(function: &mut Function, body: &Block, order: Order) -> Block {
    let mut out = Vec::new();
    for mut statement in body.iter().cloned() {
        let own = match call(&statement, order) {
            Some((var, ..)) => {
                function.is_scalar(var) && !function.variable(var).mutable && function.variable(var).form == Form::Owned
            }
            None => false,
        };
        edit::own_exprs(&mut statement, &mut |expr| match expr {
            Expr::Apply(_, arguments, _) if own => {
                arguments.iter_mut().for_each(|argument| take_calls(function, argument, order, &mut out))
            }
            other => take_calls(function, other, order, &mut out),
        });
        out.push(statement);
    }
    out
}

/// Takes the calls out of an expression, the innermost first.
fn take_calls(function: &mut Function, expr: &mut Expr, order: Order, out: &mut Block) {
    let Expr::Apply(op, arguments, _) = expr else { return };
    let op = *op;
    arguments.iter_mut().for_each(|argument| take_calls(function, argument, order, out));
    if parts(op, order) {
        let var = function.fresh(op.0.name, Kind::Scalar, false, Form::Owned, Span::mixed_site());
        let value = std::mem::replace(expr, Expr::place(Place::whole(var, Span::mixed_site())));
        out.push(Statement::Let { var, value: Some(Value::Expr(value)), ty: None });
    }
}

/// Writes a loop in blocks.
struct Builder<'a> {
    function: &'a mut Function,
    each: &'a Loop,
    range: &'a Range,
    phases: &'a Phases,
    /// Whether the loop is one block.
    single: bool,
    /// The array of each number that is kept.
    lanes: Vec<(Var, Var)>,
    lane: Var,
    first: Var,
    past: Var,
    end: Var,
    count: Var,
    span: Span,
}

impl<'a> Builder<'a> {
    fn new(function: &'a mut Function, each: &'a Loop, range: &'a Range, phases: &'a Phases) -> Self {
        let span = range.start.span;
        let single = is_one_block(range);
        let lanes = phases.kept.iter().map(|var| {
            let wish = format!("{}_lanes", function.variable(*var).name);
            (*var, function.fresh(&wish, Kind::Space, true, Form::Owned, span))
        });
        let lanes = lanes.collect();
        let [lane, first, past, end, count] = ["lane", "first", "past", "end", "count"]
            .map(|wish| if single { range.index } else { function.fresh(wish, Kind::Inactive, false, Form::Owned, span) });
        Self { function, each, range, phases, single, lanes, lane, first, past, end, count, span }
    }

    fn name(&self, var: Var) -> TokenStream {
        let name = &self.function.variable(var).name;
        quote!(#name)
    }

    fn code(&self, tokens: TokenStream, reads: &[Var]) -> Code {
        Code { tokens, reads: reads.to_vec(), repeatable: true, span: self.span }
    }

    /// `let name = ..;`
    fn declares(&self, var: Var, tokens: TokenStream, reads: &[Var]) -> Statement {
        Statement::Code { code: self.code(tokens, reads), binds: vec![var], writes: Vec::new() }
    }

    fn build(mut self) -> Block {
        let mut out = self.arrays();
        if self.single {
            (0..self.phases.count).for_each(|phase| self.phase(phase, &mut out));
            return out;
        }
        let [first, past, end, count] = [self.first, self.past, self.end, self.count].map(|var| self.name(var));
        let (from, to) = (&self.range.start, &self.range.end);
        let (start, stop) = (&from.tokens, &to.tokens);
        out.push(self.declares(self.end, quote!(let #end = #stop;), &to.reads));
        out.push(self.declares(self.first, quote!(let mut #first = #start;), &from.reads));
        if let Some(tape) = self.each.tape.as_ref().filter(|tape| !tape.shared) {
            let room = Room::of(tape, &self.each.header, self.each.exit.is_some());
            out.push(Statement::Let { var: tape.var, value: Some(Value::NewTape(Some(Box::new(room)))), ty: None });
        }
        let length = index::unsuffixed(LENGTH);
        let least = quote!(let #past = #first + ::core::cmp::Ord::min(#end - #first, #length););
        let mut body = vec![
            self.declares(self.past, least, &[self.first, self.end]),
            self.declares(self.count, quote!(let #count = #past - #first;), &[self.first, self.past]),
        ];
        (0..self.phases.count).for_each(|phase| self.phase(phase, &mut body));
        let next = self.code(quote!(#first = #past;), &[self.past]);
        body.push(Statement::Code { code: next, binds: Vec::new(), writes: vec![self.first] });
        let header = Header::While { on: self.code(quote!(#first < #end), &[self.first, self.end]), binds: Vec::new() };
        out.push(Statement::Loop(Loop { header, body, exit: None, counter: None, counting: Counting::None, tape: None }));
        out
    }

    /// Declares the arrays.
    fn arrays(&self) -> Block {
        let length = match self.range.literal() {
            Some(range) => index::unsuffixed(range.len().min(LENGTH)),
            None => {
                let most = index::unsuffixed(LENGTH);
                let constant = reverse::count(self.function, self.each);
                // of a generic constant nothing can be computed
                match constant.filter(|constant| !self.function.sizes.iter().any(|size| *size == constant.to_string())) {
                    Some(constant) => quote!(if #constant < #most { #constant } else { #most }),
                    None => most,
                }
            }
        };
        let declare = |(_, lanes): &(Var, Var)| {
            let value = Value::Repeat(Box::new(Value::Zero), self.code(length.clone(), &[]));
            Statement::Let { var: *lanes, value: Some(value), ty: None }
        };
        self.lanes.iter().map(declare).collect()
    }

    /// The place of a number that is kept.
    fn kept(&self, var: Var) -> Option<Place> {
        let (_, lanes) = self.lanes.iter().find(|(kept, _)| *kept == var)?;
        let lane = self.name(self.lane);
        let (tokens, reads) = match &self.range.start.tokens {
            start if self.single && start.to_string() != "0" => (quote!(#lane - #start), vec![self.lane]),
            _ => (lane, vec![self.lane]),
        };
        Some(Place::whole(*lanes, self.span).then(Step::Index(Operand::Code(self.code(tokens, &reads)))))
    }

    /// One phase of all iterations of the block, then its calls.
    fn phase(&mut self, phase: usize, out: &mut Block) {
        let last = phase + 1 == self.phases.count;
        let tape = self.each.tape.as_ref().filter(|_| last);
        let tape = tape.map(|tape| Tape { shared: tape.shared || !self.single, ..tape.clone() });
        let mut statements = self.statements(phase, tape.as_ref());
        if !self.single && matches!(self.phases.order, Order::Free) {
            let at = self.code(self.name(self.lane), &[self.lane]);
            let window = Window { index: self.range.index, first: self.first, past: self.past, at, own: 0 };
            out.append(&mut window.open(self.function, &mut statements));
        }
        if !self.single && statements.iter().any(|statement| mentions(statement, self.range.index)) {
            let [i, first, lane] = [self.range.index, self.first, self.lane].map(|var| self.name(var));
            statements.insert(0, self.declares(self.range.index, quote!(let #i = #first + #lane;), &[self.first, self.lane]));
        }
        let over = match self.single {
            true => self.range.clone(),
            false => {
                let (start, end) = (self.code(quote!(0), &[]), self.code(self.name(self.count), &[self.count]));
                Range { index: self.lane, start, end, inclusive: false, reversed: false }
            }
        };
        out.push(Statement::Loop(Loop { tape, ..Loop::over(over.clone(), statements) }));
        let phases = self.phases;
        let here = phases.statements.iter().filter(|(at, _)| *at == Some(phase));
        for (var, op, _, spelling) in here.filter_map(|(_, statement)| call(statement, self.phases.order)) {
            if matches!(self.phases.order, Order::Kept(_)) {
                out.push(self.one_by_one(var, op, spelling, over.clone()));
                continue;
            }
            let slopes = phases.slopes.get(&var).map(|slope| self.all(*slope));
            out.push(Statement::Each { op, place: self.all(var), slopes, lanes: false });
        }
    }

    /// What a block keeps of a number.
    fn all(&self, var: Var) -> Place {
        let lanes = self.lanes.iter().find(|(kept, _)| *kept == var).expect("the results of calls are kept").1;
        let whole = Place::whole(lanes, self.span);
        let count = self.name(self.count);
        let up_to = Step::Index(Operand::Code(self.code(quote!(..#count), &[self.count])));
        if self.single { whole } else { whole.then(up_to) }
    }

    /// The calls of a block as they are written, in a loop of their own.
    fn one_by_one(&self, var: Var, op: Op, spelling: &Spelling, over: Range) -> Statement {
        let place = self.kept(var).expect("the results of calls are kept");
        let value = Value::Expr(Expr::Apply(op, vec![Expr::place(place.clone())], spelling.clone()));
        Statement::Loop(Loop::over(over, vec![Statement::Assign { place, value }]))
    }

    /// The statements of a phase, with what they need of earlier ones.
    fn statements(&self, phase: usize, tape: Option<&Tape>) -> Block {
        let mut needed = std::collections::BTreeSet::new();
        tape.iter().flat_map(|tape| &tape.saved).for_each(|saved| _ = needed.insert(saved.var));
        let mut statements = Vec::new();
        for (at, statement) in self.phases.statements.iter().rev() {
            let mut declared = Vec::new();
            uses::declared(statement, &mut |var| declared.extend([var].iter().chain(self.phases.slopes.get(&var)).copied()));
            declared.retain(|var| needed.contains(var));
            match at {
                Some(at) if *at == phase => {
                    uses::statement(statement, &mut |var| _ = needed.insert(var));
                    statements.push(self.kept_in_lanes(statement));
                }
                None if !declared.is_empty() => {
                    uses::statement(statement, &mut |var| _ = needed.insert(var));
                    statements.push(vec![statement.clone()]);
                }
                Some(at) if *at < phase && matches!(statement, Statement::Let { .. }) => {
                    let again = declared.into_iter().map(|var| {
                        let value = self.kept(var).map(|place| Value::Expr(Expr::place(place)));
                        Statement::Let { var, value, ty: None }
                    });
                    statements.push(again.collect());
                }
                _ => {}
            }
        }
        statements.into_iter().rev().flatten().collect()
    }

    /// A statement, with what it declares for later phases in its array; of a call the operand.
    fn kept_in_lanes(&self, statement: &Statement) -> Block {
        if let Some((var, _, operand, _)) = call(statement, self.phases.order) {
            let place = self.kept(var).expect("the results of calls are kept");
            return vec![Statement::Assign { place, value: Value::Expr(self.by_value(operand)) }];
        }
        let kept = match statement {
            Statement::Let { var, .. } => self.kept(*var).map(|place| (*var, place)),
            _ => None,
        };
        let keep =
            kept.map(|(var, place)| Statement::Assign { place, value: Value::Expr(Expr::place(Place::whole(var, self.span))) });
        std::iter::once(statement.clone()).chain(keep).collect()
    }

    /// The number itself where the expression may be a reference to it: `1 · x` is `x` for every float.
    fn by_value(&self, expr: &Expr) -> Expr {
        match expr {
            Expr::Apply(..) => expr.clone(),
            Expr::Operand(Operand::Place(place)) if place.path.is_empty() && self.phases.numbers.contains(&place.root) => {
                expr.clone()
            }
            Expr::Operand(_) => {
                let one = Expr::Operand(Operand::Number(Number { written: None, value: 1.0 }));
                Expr::Apply(rules::op("mul"), vec![one, expr.clone()], Spelling::Canonical)
            }
        }
    }
}

fn mentions(statement: &Statement, var: Var) -> bool {
    let mut found = false;
    uses::statement(statement, &mut |used| found |= used == var);
    found
}
