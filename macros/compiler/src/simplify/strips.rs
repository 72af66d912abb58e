//! A loop of plain arithmetic whose iterations meet in sums alone runs in strips of eight.
//!
//! ```text
//! for i in a..b {                             let x_strip = &x[first..first + 9];
//!   let d = x[i + 1] - x[i];                  for lane { let d = x_strip[lane + 1] - x_strip[lane];
//!   total += d * d;                     ⟶               parts[lane] = d * d;
//!   x_bar[i + 1] += 2 * d;                               x_sums[lane + 1] += 2 * d; x_sums[lane] -= 2 * d }
//!   x_bar[i] -= 2 * d }                       for lane { total += parts[lane] }
//!                                             x_bar[first..first + 8] += x_sums[..8]; the ninth is the next strip's first
//! ```
//!
//! What does not wait for the sum is computed for all lanes first, as vectors; the sum then runs in its own order, so that its bits stay. Elements that
//! an index and a literal name are checked once a strip. Contributions to an adjoint of several offsets meet in registers, in another order,
//! and memory is touched once: what goes beyond a strip is carried to the next one, and added to memory after the last, so that no strip waits for
//! what the one before has stored. Where an index is out of bounds, a strip panics before its first iteration instead of at the one that is.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::analysis::arithmetic;
use crate::analysis::seeds::Effects;
use crate::ir::{
    Block, Code, Counting, Expr, Form, Header, Kind, Loop, Operand, Place, Range, Statement, Step, Value, Var, uses,
};

use super::lanes::{LANES, Pass, binding, code, lanes, over_lanes};

/// Operations that are vector instructions.
const PLAIN: &[&str] = &["add", "sub", "mul", "neg", "div", "sqrt", "abs", "powi"];
/// A body of fewer operations gains nothing.
const LEAST: usize = 4;

impl Pass<'_> {
    /// The loop in strips; none where it is no such loop, or has too little to do.
    pub(super) fn in_strips(&mut self, each: &Loop, range: &Range) -> Option<Block> {
        let effects = Effects::of_block(&each.body);
        let alone = effects.writes.is_empty() && effects.reads.is_disjoint(&effects.adds);
        let mut operations = 0;
        let plain = each.body.iter().all(|statement| self.is_plain(statement, &mut operations));
        let mut own = BTreeSet::new();
        each.body.iter().for_each(|statement| uses::declared(statement, &mut |var| _ = own.insert(var)));
        let sums = each.body.iter().filter(|statement| is_sum(statement, &own)).count();
        if !alone || !plain || sums == 0 || operations < LEAST {
            return None;
        }
        let span = range.start.span;
        let first = self.function.fresh("first", Kind::Inactive, true, Form::Owned, span);
        let end = self.function.fresh("end", Kind::Inactive, false, Form::Owned, span);
        let lane = self.function.fresh("lane", Kind::Inactive, false, Form::Owned, span);
        let index = range.index;
        let mut strip = Strip { pass: self, index, first, lane, read: BTreeMap::new(), added: BTreeMap::new() };
        let together = strip.together(&each.body, &own)?;
        let before = strip.added.values().filter_map(|window| strip.nothing_carried(window)).collect();
        let after = strip.added.iter().filter_map(|(root, window)| strip.carried_on(*root, window, range)).collect();
        Some(self.in_two_loops(each, range, [before, together, after], [first, end]))
    }

    /// The strips, and the iterations that are left, with what stands before and after the strips.
    fn in_two_loops(
        &self,
        each: &Loop,
        range: &Range,
        [mut before, mut together, mut after]: [Block; 3],
        [first, end]: [Var; 2],
    ) -> Block {
        let (runtime, span, lanes) = (self.runtime, range.start.span, lanes());
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
        alone.extend(each.body.iter().cloned());
        alone.push(next(quote!(1)));
        out.push(repeated(quote!(#first_name < #end_name), alone));
        out
    }

    /// Whether the statement computes by vector instructions, and adds.
    fn is_plain(&self, statement: &Statement, operations: &mut usize) -> bool {
        match statement {
            Statement::Let { var, value: Some(Value::Expr(expr)), .. } => {
                self.function.is_scalar(*var) && is_vector(expr, operations)
            }
            Statement::Add { value, whole: false, .. } => is_vector(value, operations),
            Statement::Check { .. } => true,
            _ => false,
        }
    }
}

/// Whether all operations of the expression are vector instructions; counts them.
fn is_vector(expr: &Expr, operations: &mut usize) -> bool {
    match expr {
        Expr::Operand(Operand::Code(code)) => arithmetic::is_arithmetic(code),
        Expr::Operand(_) => true,
        Expr::Apply(op, arguments, _) => {
            *operations += 1;
            PLAIN.contains(&op.0.name) && arguments.iter().all(|argument| is_vector(argument, operations))
        }
    }
}

/// Whether the statement adds to a scalar that outlives the iteration.
fn is_sum(statement: &Statement, own: &BTreeSet<Var>) -> bool {
    matches!(statement, Statement::Add { place, .. } if place.path.is_empty() && !own.contains(&place.root))
}

/// A part of a sequence that a strip reads or adds to: its variable, and how many elements it has beside one for each lane.
struct Window {
    var: Var,
    more: usize,
    /// What a strip adds to the elements beside, where it is added to.
    carried: Option<Var>,
}

struct Strip<'p, 'a> {
    pass: &'p mut Pass<'a>,
    index: Var,
    first: Var,
    lane: Var,
    /// By the sequence's root: what is read.
    read: BTreeMap<Var, Window>,
    /// What is added to.
    added: BTreeMap<Var, Window>,
}

impl Strip<'_, '_> {
    /// The statements of a strip; none where no element is named by the index.
    fn together(&mut self, body: &Block, own: &BTreeSet<Var>) -> Option<Block> {
        let (mut lets, mut by_lane, mut in_order) = (Vec::new(), Vec::new(), Vec::new());
        for statement in body {
            let mut statement = statement.clone();
            match &mut statement {
                Statement::Let { value: Some(Value::Expr(expr)), .. } => self.reads(expr),
                Statement::Add { place, value, .. } if place.path.is_empty() && !own.contains(&place.root) => {
                    self.reads(value);
                    let part = self.part(place, &mut lets);
                    by_lane.push(Statement::Assign { place: part.clone(), value: Value::Expr(value.clone()) });
                    *value = Expr::place(part);
                    in_order.push(statement);
                    continue;
                }
                Statement::Add { place, value, .. } => {
                    self.reads(value);
                    self.adds(place);
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
        out.extend(self.added.values().map(|window| self.zeros(window)));
        self.pass.with_index(self.index, self.first, self.lane, &mut by_lane);
        out.push(over_lanes(self.pass.function, self.lane, by_lane));
        out.push(over_lanes(self.pass.function, self.lane, in_order));
        out.extend(self.added.iter().map(|(root, window)| self.flushed(*root, window)));
        Some(out)
    }

    /// An element for each lane of what is added to a scalar.
    fn part(&mut self, place: &Place, lets: &mut Block) -> Place {
        let wish = format!("{}_parts", self.pass.function.variable(place.root).name);
        let parts = self.pass.function.fresh(&wish, Kind::Space, true, Form::Owned, place.span);
        let length = code(lanes(), Vec::new(), place.span);
        lets.push(Statement::Let { var: parts, value: Some(Value::Repeat(Box::new(Value::Zero), length)), ty: None });
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
                    let var = self.window(place, more, true);
                    self.moved(place, var, offset, steps);
                }
            }
            Expr::Operand(_) => {}
            Expr::Apply(_, arguments, _) => arguments.iter_mut().for_each(|argument| self.reads(argument)),
        }
    }

    /// Adds to elements that the index names in the strip.
    fn adds(&mut self, place: &mut Place) {
        if let Some((offset, more, steps)) = self.named(place)
            && steps == place.path.len()
        {
            let var = self.window(place, more, false);
            self.moved(place, var, offset, steps);
        }
    }

    fn window(&mut self, place: &Place, more: usize, is_read: bool) -> Var {
        let windows = if is_read { &mut self.read } else { &mut self.added };
        if let Some(window) = windows.get_mut(&place.root) {
            window.more = window.more.max(more);
            return window.var;
        }
        let kind = if is_read { "strip" } else { "sums" };
        let name = self.pass.function.variable(place.root).name.clone();
        let mut fresh =
            |kind: &str| self.pass.function.fresh(&format!("{name}_{kind}"), Kind::Space, !is_read, Form::Owned, place.span);
        let (var, carried) = (fresh(kind), (!is_read).then(|| fresh("carried")));
        windows.insert(place.root, Window { var, more, carried });
        var
    }

    /// `x[i + 1]` as `x_strip[lane + 1]`: so many steps of the path name the element.
    fn moved(&self, place: &mut Place, var: Var, offset: usize, steps: usize) {
        let name = &self.pass.function.variable(self.lane).name;
        let index = match offset {
            0 => Operand::Place(Place::whole(self.lane, place.span)),
            _ => {
                let offset = Literal::usize_unsuffixed(offset);
                Operand::Code(code(quote!(#name + #offset), vec![self.lane], place.span))
            }
        };
        place.path.splice(0..steps, [Step::Index(index)]);
        place.root = var;
    }

    /// How far from the index an element is, how far what is checked with it reaches, and how many steps name it: `x[i]`, `x[i + 1]`,
    /// `x[i..i + 2][1]`.
    fn named(&self, place: &Place) -> Option<(usize, usize, usize)> {
        let index = |step: &Step| match step {
            Step::Index(Operand::Place(at)) => (at.path.is_empty() && at.root == self.index).then_some((0, None)),
            Step::Index(Operand::Code(code)) => self.offset_in(code),
            _ => None,
        };
        match (index(place.path.first()?)?, place.path.get(1)) {
            ((offset, None), _) => Some((offset, offset, 1)),
            ((_, Some(length)), Some(Step::Index(Operand::Code(within)))) => {
                let within: usize = within.literal()?;
                (within < length).then_some((within, length - 1, 2))
            }
            _ => None,
        }
    }

    /// `i`, `i + 1`; `i..i + 2`, of which the second number is the length.
    fn offset_in(&self, code: &Code) -> Option<(usize, Option<usize>)> {
        let name = &self.pass.function.variable(self.index).name;
        let is_index = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == name);
        let is = |token: &TokenTree, c: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == c);
        let number = |token: &TokenTree| token.to_string().parse::<usize>().ok();
        let tokens: Vec<TokenTree> = code.tokens.clone().into_iter().collect();
        match tokens.as_slice() {
            [i] if is_index(i) => Some((0, None)),
            [i, plus, offset] if is_index(i) && is(plus, '+') => Some((number(offset)?, None)),
            [i, dot, another, again, plus, length]
                if is_index(i) && is(dot, '.') && is(another, '.') && is_index(again) && is(plus, '+') =>
            {
                Some((0, Some(number(length)?)))
            }
            _ => None,
        }
    }

    fn length(window: &Window) -> TokenStream {
        Literal::usize_unsuffixed(LANES + window.more).into_token_stream()
    }

    /// `let x_strip = &x[first..first + 9];`
    fn borrowed(&self, root: Var, window: &Window) -> Statement {
        let name = |var: Var| &self.pass.function.variable(var).name;
        let (strip, root_name, first, length) = (name(window.var), name(root), name(self.first), Self::length(window));
        let tokens = quote!(let #strip = &#root_name[#first..#first + #length];);
        binding(window.var, tokens, vec![root, self.first], strip.span())
    }

    /// What is carried on, where a strip adds to more elements than it has lanes.
    fn carried(window: &Window) -> Option<Var> {
        window.carried.filter(|_| window.more > 0)
    }

    /// `let mut x_carried = [0.0; 1];`
    fn nothing_carried(&self, window: &Window) -> Option<Statement> {
        let var = Self::carried(window)?;
        let span = self.pass.function.variable(var).name.span();
        let length = code(Literal::usize_unsuffixed(window.more).into_token_stream(), Vec::new(), span);
        Some(Statement::Let { var, value: Some(Value::Repeat(Box::new(Value::Zero), length)), ty: None })
    }

    /// The sums of a strip: what was carried on, and zeros.
    fn zeros(&self, window: &Window) -> Statement {
        let name = &self.pass.function.variable(window.var).name;
        let length = Self::length(window);
        match Self::carried(window) {
            Some(carried) => {
                let (runtime, from) = (self.pass.runtime, &self.pass.function.variable(carried).name);
                binding(
                    window.var,
                    quote!(let mut #name = #runtime::carried::<_, _, #length>(#from);),
                    vec![carried],
                    name.span(),
                )
            }
            None => {
                let length = code(length, Vec::new(), name.span());
                Statement::Let { var: window.var, value: Some(Value::Repeat(Box::new(Value::Zero), length)), ty: None }
            }
        }
    }

    /// `x_bar[first..first + 8] += x_sums[..8]`, and the rest is carried on.
    fn flushed(&self, root: Var, window: &Window) -> Statement {
        let name = |var: Var| &self.pass.function.variable(var).name;
        let (sums, first, lanes) = (name(window.var), name(self.first), lanes());
        let mut tokens = self.added_to(root, &quote!(#first..#first + #lanes), &quote!(#sums[..#lanes]));
        let mut writes = vec![root];
        if let Some(carried) = Self::carried(window) {
            let to = name(carried);
            tokens.extend(quote!(#to.copy_from_slice(&#sums[#lanes..]);));
            writes.push(carried);
        }
        let code = code(tokens, vec![root, self.first, window.var], sums.span());
        Statement::Code { code, binds: Vec::new(), writes }
    }

    /// What the last strip carries on is added to memory.
    fn carried_on(&self, root: Var, window: &Window, range: &Range) -> Option<Statement> {
        let carried = Self::carried(window)?;
        let name = |var: Var| &self.pass.function.variable(var).name;
        let (from, first, start) = (name(carried), name(self.first), &range.start.tokens);
        let more = Literal::usize_unsuffixed(window.more);
        let add = self.added_to(root, &quote!(#first..#first + #more), &quote!(#from));
        let tokens = quote!(if #first != #start { #add });
        let code = code(tokens, vec![root, self.first, carried], from.span());
        Some(Statement::Code { code, binds: Vec::new(), writes: vec![root] })
    }

    /// Adds to elements of what is added to.
    fn added_to(&self, root: Var, elements: &TokenStream, by: &TokenStream) -> TokenStream {
        let (runtime, name) = (self.pass.runtime, &self.pass.function.variable(root).name);
        let add = quote!(#runtime::add_each(&mut #name[#elements], &#by););
        match self.pass.function.variable(root).form {
            Form::Slot => quote!(if let ::core::option::Option::Some(#name) = #name.as_deref_mut() { #add }),
            _ => add,
        }
    }
}
