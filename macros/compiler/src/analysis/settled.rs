//! Which reads of elements see what stands there to the end, though other elements are still written.
//!
//! ```text
//! for i in 0..n { for j in 0..=i { .. for k in 0..j { s -= l[i][k] * l[j][k] } .. l[i][j] = e } }
//! for k in 0..n { for i in k + 1..n { for j in k..n { m[i * n + j] -= f * m[k * n + j] } } }
//! for t in 1..n { x[t] = f(x[t - 1]) }
//! ```
//!
//! *In:* a function. *Out:* the variables that are bound to such reads, and those that are stored in such elements: the reverse sweep reads them again, and records none of them. What they read of
//! a parameter by `&mut` is told apart, as the caller has it when the function ends.
//!
//! Memory is declared in a block, or such a parameter, and written in a loop of that block, nowhere after it, and nowhere moved from. Its elements are named by
//! indices of loops, `l[i][j]` or, where `j < n` follows from the loops, `l[i * n + j]`. An element is settled in one of three ways:
//!
//! - Everything is written to `l[i][j]` where `i` and `j` are the indices of the loop and the loops directly in it. So an element is written in one
//!   iteration alone, and a read is of an earlier one, if its indices come before `(i, j)` in the order of the loops.
//! - In a loop over `k`, upwards, everything is written where the first index is above `k`. So an element whose first index is `k` or below is left
//!   alone from then on.
//! - In a loop over `k` everything is written where one of the indices is `k`, the same one for all. So an element where it is an earlier number is
//!   left alone as well.
//!
//! What is stored in an element is settled where nothing is written to the element after it ([`stores`]): in an order of the loops as the first one above, where
//! nothing is written to `l[i][j]` behind the store; and in a loop over `k`, upwards, where the store is to an element of which an index is `k` and the others are the indices
//! of the loops inside around it, and everything else is written where that index is above `k`.
//!
//! ```text
//! for k in 0..n { for i in k + 1..n { f = ..; m[i][k] = f; for j in k + 1..n { m[i][j] -= f * m[k][j] } } }
//! ```
//!
//! That one number is below another follows from the ends of ranges alone, by chains such as `k < j ≤ i < n`.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::analysis::effects::Effects;
use crate::analysis::save;
use crate::ir::{
    Block, Code, Expr, Form, Function, Header, Kind, Loop, Operand, Passing, Place, Range, Statement, Step, Value, Var, uses,
};

/// The variables that hold such reads of memory of the function's own.
pub fn reads(function: &Function, body: &Block) -> BTreeSet<Var> {
    found(function, body, BTreeSet::new()).reads
}

/// The numbers that are stored in such elements, of memory of the function's own and of parameters by `&mut`, and where.
pub fn stores(function: &Function, body: &Block) -> BTreeMap<Var, Place> {
    found(function, body, lent(function)).stores
}

/// The variables that hold such reads of parameters by `&mut`.
pub fn reads_of_parameters(function: &Function, body: &Block) -> BTreeSet<Var> {
    let lent = lent(function);
    if lent.is_empty() {
        return lent;
    }
    found(function, body, lent).reads.difference(&reads(function, body)).copied().collect()
}

fn lent(function: &Function) -> BTreeSet<Var> {
    let lent = function.parameters.iter().filter(|parameter| parameter.passing == Passing::Mutable && parameter.active);
    lent.map(|parameter| parameter.var).filter(|var| function.variable(*var).mutable).collect()
}

/// What is found to be settled.
#[derive(Default)]
struct Settled {
    reads: BTreeSet<Var>,
    stores: BTreeMap<Var, Place>,
}

fn found(function: &Function, body: &Block, lent: BTreeSet<Var>) -> Settled {
    let mut moved: BTreeSet<Var> = function.result.into_iter().collect();
    body.iter().for_each(|statement| save::moves(statement, &mut moved));
    let mut settled = Settled::default();
    block(function, body, lent, &moved, &mut settled);
    settled
}

/// Adds the reads in a block of what it declares, or what is `there` before.
fn block(function: &Function, statements: &Block, there: BTreeSet<Var>, moved: &BTreeSet<Var>, settled: &mut Settled) {
    let mut declared: BTreeSet<Var> = there.difference(moved).copied().collect();
    let mut after = BTreeSet::new(); // what is changed later in the block
    for statement in statements {
        if let Statement::Let { var, .. } = statement {
            let variable = function.variable(*var);
            if variable.mutable && variable.form == Form::Owned && variable.kind == Kind::Space && !moved.contains(var) {
                declared.insert(*var);
            }
        }
    }
    for statement in statements.iter().rev() {
        match statement {
            Statement::Loop(each) => {
                if !declared.is_empty() {
                    let effects = Effects::of_statement(statement);
                    let changed: BTreeSet<Var> = effects.writes.union(&effects.adds).copied().collect();
                    for root in changed.intersection(&declared).filter(|root| !after.contains(*root)) {
                        in_loop(function, each, *root, settled);
                    }
                    after.extend(changed);
                }
                block(function, &each.body, BTreeSet::new(), moved, settled);
            }
            Statement::Branch(branch) => {
                branch.arms.iter().for_each(|arm| block(function, &arm.body, BTreeSet::new(), moved, settled));
            }
            _ => {}
        }
        if !declared.is_empty() && !matches!(statement, Statement::Loop(_)) {
            save::changes(statement, &mut after);
        }
    }
}

/// Adds the reads of the variable in a loop that are settled, where all of its writes are as they have to be.
fn in_loop(function: &Function, each: &Loop, root: Var, settled: &mut Settled) {
    let mut inside = BTreeSet::new();
    uses::declared_within(&vec![Statement::Loop(each.clone())], &mut inside);
    let bounds = BTreeMap::new();
    let mut nest =
        Nest { function, root, inside, bounds, branches: 0, writes: Vec::new(), stores: Vec::new(), reads: Vec::new() };
    if nest.each(each, &Around::default()).is_some() {
        settled.reads.extend(nest.settled().unwrap_or_default());
        settled.stores.extend(nest.stored());
    }
}

/// A number by the tokens that name it, and what is added to it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Number {
    name: String,
    plus: i64,
}

/// Whether what is read stands there to the end.
type Rule<'r> = Box<dyn Fn(&Read) -> bool + 'r>;

/// Which element: its indices, and the factor of the first where there is one index for two.
struct Element {
    at: Vec<Number>,
    stride: Option<String>,
}

/// What an index is known to be below, and not below: the name of a number, and whether it cannot be equal.
#[derive(Default)]
struct Bounds {
    below: Option<(String, bool)>,
    above: Option<(String, bool)>,
}

/// The loops around a statement, outermost first, the choices, and what they tell of indices.
#[derive(Clone, Default)]
struct Around {
    /// Of a loop over a range its index, and whether it runs backwards.
    loops: Vec<Option<(String, bool)>>,
    equal: Vec<[String; 2]>,
    /// The indices that are not.
    unequal: Vec<[String; 2]>,
    /// Of each choice which arm.
    arms: Vec<(usize, usize)>,
}

impl Around {
    /// Whether both stand in different arms of a choice.
    fn excludes(&self, other: &Self) -> bool {
        let differ = |(one, other): (&(usize, usize), &(usize, usize))| one.0 == other.0 && one.1 != other.1;
        self.arms.iter().zip(&other.arms).any(differ)
    }
}

struct Nest<'a> {
    function: &'a Function,
    root: Var,
    /// What the loop declares.
    inside: BTreeSet<Var>,
    bounds: BTreeMap<String, Bounds>,
    /// How many choices there are so far.
    branches: usize,
    writes: Vec<(Around, Element)>,
    /// Of the writes that store a variable its number and place.
    stores: Vec<(Var, usize, Place)>,
    reads: Vec<Read>,
}

/// A variable that is bound to what stands in an element.
struct Read {
    var: Var,
    around: Around,
    element: Element,
    /// How many writes are written in front of it.
    after: usize,
}

impl Nest<'_> {
    /// Collects what a loop does to the variable; none where it does anything else than to write elements.
    fn each(&mut self, each: &Loop, around: &Around) -> Option<()> {
        let mut around = around.clone();
        around.loops.push(match &each.header {
            Header::Range(range) if !self.function.variable(range.index).mutable => {
                self.bound(range);
                Some((self.function.variable(range.index).name.to_string(), range.reversed))
            }
            _ => None,
        });
        self.block(&each.body, &around)
    }

    fn block(&mut self, block: &Block, around: &Around) -> Option<()> {
        block.iter().try_for_each(|statement| self.statement(statement, around))
    }

    fn statement(&mut self, statement: &Statement, around: &Around) -> Option<()> {
        match statement {
            Statement::Loop(each) => self.each(each, around),
            Statement::Branch(branch) => {
                self.branches += 1;
                let number = self.branches;
                for (position, arm) in branch.arms.iter().enumerate() {
                    let mut around = around.clone();
                    around.arms.push((number, position));
                    let equal = equality(&branch.on).filter(|_| !branch.is_match);
                    if position == 0 { &mut around.equal } else { &mut around.unequal }.extend(equal);
                    self.block(&arm.body, &around)?;
                }
                Some(())
            }
            Statement::Assign { place, .. } | Statement::Add { place, .. } if place.root == self.root => {
                let element = self.element(place)?;
                if let Statement::Assign { value: Value::Expr(value), .. } = statement
                    && let Some(var) =
                        value.whole().filter(|var| self.function.is_scalar(*var) && !self.function.variable(*var).mutable)
                {
                    self.stores.push((var, self.writes.len(), place.clone()));
                }
                self.writes.push((around.clone(), element));
                Some(())
            }
            Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. }
                if place.root == self.root =>
            {
                if let Some(element) = self.element(place) {
                    self.reads.push(Read { var: *var, around: around.clone(), element, after: self.writes.len() });
                }
                Some(())
            }
            other => {
                let mut changed = BTreeSet::new();
                save::changes(other, &mut changed);
                (!changed.contains(&self.root)).then_some(())
            }
        }
    }

    /// Keeps what a range tells of its index.
    fn bound(&mut self, range: &Range) {
        let lasts = |code: &Code| code.reads.iter().all(|var| !self.function.variable(*var).mutable);
        let end = Some(&range.end).filter(|end| lasts(end)).and_then(|end| number(end.tokens.clone()));
        let start = Some(&range.start).filter(|start| lasts(start)).and_then(|start| number(start.tokens.clone()));
        let below = end.filter(|end| end.plus == 0).map(|end| (end.name, !range.inclusive));
        let above = start.filter(|start| start.plus >= 0).map(|start| (start.name, start.plus > 0));
        self.bounds.insert(self.function.variable(range.index).name.to_string(), Bounds { below, above });
    }

    /// The element at a place.
    fn element(&self, place: &Place) -> Option<Element> {
        let mut codes = Vec::new();
        for step in &place.path {
            codes.push(match step {
                Step::Index(Operand::Code(code)) => code.tokens.clone(),
                Step::Index(Operand::Place(at)) if at.path.is_empty() => {
                    TokenTree::Ident(self.function.variable(at.root).name.clone()).into()
                }
                _ => return None,
            });
        }
        let mut lasts = true;
        uses::place(place, &mut |var| lasts &= var == self.root || !self.function.variable(var).mutable);
        if let ([code], true) = (codes.as_slice(), lasts)
            && let Some((row, stride, column)) = in_a_row(code)
        {
            let outside = self.inside.iter().all(|var| self.function.variable(*var).name != stride);
            let within = column.plus == 0 && self.is_below(&column.name, &stride) == Some(true);
            return (outside && within).then(|| Element { at: vec![row, column], stride: Some(stride) });
        }
        let at: Option<Vec<Number>> = codes.into_iter().map(number).collect();
        at.filter(|at| lasts && !at.is_empty()).map(|at| Element { at, stride: None })
    }

    /// Whether the first number is below the second, or at least not above it, by the ends of ranges.
    fn is_below(&self, low: &str, high: &str) -> Option<bool> {
        let mut known: BTreeMap<String, bool> = BTreeMap::new();
        let mut open = vec![(low.to_owned(), false)];
        while let Some((name, strictly)) = open.pop() {
            match known.get(&name) {
                Some(before) if *before || !strictly => continue,
                _ => _ = known.insert(name.clone(), strictly),
            }
            if let Some((above, strict)) = self.bounds.get(&name).and_then(|bounds| bounds.below.clone()) {
                open.push((above, strictly || strict));
            }
            for (index, bounds) in &self.bounds {
                if let Some((_, strict)) = bounds.above.as_ref().filter(|(start, _)| *start == name) {
                    open.push((index.clone(), strictly || *strict));
                }
            }
        }
        known.get(high).copied()
    }

    /// The reads that are settled; none where the writes do not allow it.
    fn settled(&self) -> Option<Vec<Var>> {
        let (_, first) = self.writes.first()?;
        let alike = |element: &Element| element.at.len() == first.at.len() && element.stride == first.stride;
        if !self.writes.iter().all(|(_, element)| alike(element)) {
            return None;
        }
        let is_settled = self.rule()?;
        let reads = self.reads.iter().filter(|read| alike(&read.element));
        let settled = reads.filter(|read| is_settled(read) || self.is_behind_a_store(read));
        Some(settled.map(|read| read.var).collect())
    }

    /// Which elements are left alone from a read of them on, by the way in which all is written.
    fn rule(&self) -> Option<Rule<'_>> {
        if let Some(order) = self.order() {
            return Some(Box::new(move |read| self.is_earlier(&read.element, &read.around, &order)));
        }
        if let Some((position, number, reversed)) = self.marched() {
            return Some(Box::new(move |read| self.comes_before(&read.element.at[position], &number, reversed)));
        }
        let (outer, _) = self.writes[0].0.loops[0].clone().filter(|(_, reversed)| !reversed)?;
        let is_above = |first: &Number| first.plus >= 0 && self.is_below(&outer, &first.name) == Some(true);
        let marches_on = self.writes.iter().all(|(_, element)| is_above(&element.at[0]));
        Some(Box::new(move |read| {
            let first = &read.element.at[0];
            marches_on && first.plus <= 0 && self.is_below(&first.name, &outer).is_some()
        }))
    }

    /// Whether the read is of an element in which the same iteration has stored what stands there to the end.
    fn is_behind_a_store(&self, read: &Read) -> bool {
        (0..read.after).any(|at| {
            let (around, element) = &self.writes[at];
            let same = element.at == read.element.at && read.around.loops.starts_with(&around.loops);
            let no_more = || self.writes[read.after..].iter().all(|(other, _)| other.excludes(&read.around));
            same && (self.is_left_behind(at) || self.is_last_in_order(at) && no_more())
        })
    }

    /// The numbers that are stored where nothing is written to after it, and where.
    fn stored(&self) -> Vec<(Var, Place)> {
        let is_last = |(_, at, _): &&(Var, usize, Place)| self.is_last_in_order(*at) || self.is_left_behind(*at);
        self.stores.iter().filter(is_last).map(|(var, _, place)| (*var, place.clone())).collect()
    }

    /// Whether the write is to an element that one iteration of the outermost loops alone writes to, and there the last one, or alone in its arm.
    fn is_last_in_order(&self, at: usize) -> bool {
        let (around, element) = &self.writes[at];
        let alike = |(_, other): &(Around, Element)| other.at.len() == element.at.len() && other.stride == element.stride;
        let later = self.writes[at + 1..].iter();
        self.writes.iter().all(alike)
            && self.order().is_some()
            && around.loops.len() == element.at.len()
            && later.clone().all(|(other, _)| other.excludes(around))
    }

    /// Whether the write is to an element at the number of the outer loop, which runs upwards, each iteration of the loops around it to another, and all else is written
    /// above that number.
    fn is_left_behind(&self, at: usize) -> bool {
        let (around, element) = &self.writes[at];
        let Some(Some((outer, false))) = around.loops.first() else { return false };
        let is_outer = |number: &Number| number.name == *outer && number.plus == 0;
        let Some(position) = element.at.iter().position(is_outer) else { return false };
        let names_an_element = |index: &Option<(String, bool)>| {
            index.as_ref().is_some_and(|(name, _)| element.at.iter().any(|number| number.name == *name))
        };
        let is_above = |(other, (_, written)): (usize, &(Around, Element))| {
            let alike = written.at.len() == element.at.len() && written.stride == element.stride;
            let above = |number: &Number| number.plus >= 0 && self.is_below(outer, &number.name) == Some(true);
            alike && (other == at || written.at.get(position).is_some_and(above))
        };
        around.loops[1..].iter().all(names_an_element) && self.writes.iter().enumerate().all(is_above)
    }

    /// Which index of all that is written is that of the outer loop, and what is added to it; and whether the loop runs backwards.
    fn marched(&self) -> Option<(usize, Number, bool)> {
        let (around, first) = self.writes.first()?;
        let (outer, reversed) = around.loops.first()?.clone()?;
        let position = first.at.iter().position(|number| number.name == outer)?;
        let number = first.at[position].clone();
        let is_there = |(_, element): &(Around, Element)| element.at[position] == number;
        self.writes.iter().all(is_there).then_some((position, number, reversed))
    }

    /// Whether an index is that of an earlier iteration of the loop over the other.
    fn comes_before(&self, index: &Number, of: &Number, reversed: bool) -> bool {
        let distance = if reversed { of.plus - index.plus } else { index.plus - of.plus };
        let strictly = if reversed { self.is_below(&of.name, &index.name) } else { self.is_below(&index.name, &of.name) };
        strictly.is_some_and(|strictly| distance < 0 || strictly && distance == 0)
    }

    /// The indices of the outermost loops, which name the element that every write is to, with the direction of each loop.
    fn order(&self) -> Option<Vec<(Number, bool)>> {
        let length = self.writes.first()?.1.at.len();
        let mut order: Option<Vec<(Number, bool)>> = None;
        for (around, element) in &self.writes {
            let loops: Vec<(String, bool)> = around.loops.get(..length)?.iter().cloned().collect::<Option<_>>()?;
            let is_index = |(number, (index, _)): (&Number, &(String, bool))| {
                number.name == *index || around.equal.iter().any(|pair| pair.contains(&number.name) && pair.contains(index))
            };
            if !element.at.iter().zip(&loops).all(is_index) {
                return None;
            }
            let here: Vec<(Number, bool)> = element
                .at
                .iter()
                .zip(loops)
                .map(|(number, (name, reversed))| (Number { name, plus: number.plus }, reversed))
                .collect();
            if order.get_or_insert_with(|| here.clone()) != &here {
                return None;
            }
        }
        order
    }

    /// Whether the element is one of an earlier iteration, as far as the loops are those around the read.
    fn is_earlier(&self, element: &Element, around: &Around, order: &[(Number, bool)]) -> bool {
        for ((number, (index, reversed)), here) in element.at.iter().zip(order).zip(&around.loops) {
            if here.as_ref().is_none_or(|(name, _)| *name != index.name) {
                return false;
            }
            let distance = if *reversed { index.plus - number.plus } else { number.plus - index.plus };
            let below =
                if *reversed { self.is_below(&index.name, &number.name) } else { self.is_below(&number.name, &index.name) };
            let apart = |strictly| {
                strictly || around.unequal.iter().any(|pair| pair.contains(&number.name) && pair.contains(&index.name))
            };
            match below {
                Some(strictly) if distance < 0 || distance == 0 && apart(strictly) => return true,
                Some(_) if distance == 0 => {}
                _ => return false,
            }
        }
        false
    }
}

/// `i`, `4`, `i + 1`, `i - 1`
fn number(tokens: TokenStream) -> Option<Number> {
    let tokens = bare(tokens);
    let name = |token: &TokenTree| match token {
        TokenTree::Ident(name) => Some(name.to_string()),
        TokenTree::Literal(literal) => literal.to_string().parse::<u32>().ok().map(|number| number.to_string()),
        _ => None,
    };
    match tokens.as_slice() {
        [one] => Some(Number { name: name(one)?, plus: 0 }),
        [one @ TokenTree::Ident(_), TokenTree::Punct(sign), TokenTree::Literal(by)] => {
            let by = i64::from(by.to_string().parse::<u32>().ok()?);
            let plus = match sign.as_char() {
                '+' => by,
                '-' => -by,
                _ => return None,
            };
            Some(Number { name: name(one)?, plus })
        }
        _ => None,
    }
}

/// `i * n + j`, where `n` is a name or a number.
fn in_a_row(tokens: &TokenStream) -> Option<(Number, String, Number)> {
    let tokens = bare(tokens.clone());
    let is = |token: &TokenTree, sign: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
    let [row, times, stride, plus, column] = tokens.as_slice() else { return None };
    let stride = number(stride.clone().into()).filter(|stride| stride.plus == 0)?;
    let fits = is(times, '*') && is(plus, '+') && !matches!(row, TokenTree::Literal(_));
    Some((number(row.clone().into())?, stride.name, number(column.clone().into())?)).filter(|_| fits)
}

/// The tokens without parentheses around them.
fn bare(tokens: TokenStream) -> Vec<TokenTree> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Group(group)] if matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::None) => {
            bare(group.stream())
        }
        _ => tokens,
    }
}

/// `i == j`
fn equality(on: &Code) -> Option<[String; 2]> {
    let tokens = bare(on.tokens.clone());
    match tokens.as_slice() {
        [TokenTree::Ident(one), TokenTree::Punct(first), TokenTree::Punct(second), TokenTree::Ident(other)]
            if first.as_char() == '=' && second.as_char() == '=' =>
        {
            Some([one.to_string(), other.to_string()])
        }
        _ => None,
    }
}
