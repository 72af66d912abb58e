//! Records of loops over literal ranges, and up to constants, as arrays.
//!
//! *In:* the two sweeps of a function, or both as one sequence. *Out:* the same, where each number that such a loop keeps has an array of its
//! own in the place of a tape, with a dimension for each of the literal ranges around. Of sweeps apart the arrays of a loop are one array, which the
//! forward half hands on as a whole: where it is one piece of memory, the back end writes it where it stays.
//!
//! ```text
//! for i in 1..63 { .. tape <- (v) }                ⟶   let v_kept = [0; 62];  for i in 1..63 { .. v_kept[i - 1] = v }
//! for i in 1..63 reversed with (v) from tape { }   ⟶   for i in 1..63 reversed { let v = v_kept[i - 1]; .. }
//! ```
//!
//! An iteration writes one element, which its reverse alone reads, so that the order does not matter. There is no count of records that an
//! iteration waits for, and nothing is moved into the record of a loop around. The arrays of a function hold at most 64 KiB in doubles; where
//! those of an inner loop would be too large with a further dimension, the loop around keeps them in its record.
//!
//! Of loops up to constants, `for i in 0..UNITS`, whose values are not known here, each number has one array of a single dimension for all of their
//! iterations. It stands in place where all of the innermost loop's take no more than 64 KiB, and else on the heap. Of a constant parameter nothing can
//! be computed: the arrays of loops up to such are dimensions like those of literal ranges, and always in place.

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use crate::diff::reverse;
use crate::ir::{
    self, Block, Code, Columns, Extents, Form, Function, Header, Kind, Loop, Operand, Place, Saved, Statement, Step, Tape, Value,
    Var, edit,
};

/// The most numbers that the arrays of a function hold.
const MOST: usize = 8192;

/// Lays out the records of both sweeps as one sequence.
pub fn lay_out(function: &mut Function, body: &mut Block) {
    let mut layout = Layout::new(function, false);
    layout.writers(body, &mut Vec::new());
    layout.readers(body);
}

/// Lays out the records of two sweeps apart.
pub fn lay_out_apart(function: &mut Function, forward: &mut Block, backward: &mut Block) {
    let mut layout = Layout::new(function, true);
    layout.writers(forward, &mut Vec::new());
    layout.readers(backward);
}

/// The iterations of a loop that runs to its end.
#[derive(Clone)]
struct Extent {
    index: Var,
    /// Where the positions in the arrays begin.
    start: usize,
    length: Length,
}

#[derive(Clone)]
enum Length {
    Literal(usize),
    Parameter(TokenStream),
    Constant(TokenStream),
}

impl Extent {
    fn literal(&self) -> Option<usize> {
        match self.length {
            Length::Literal(length) => Some(length),
            Length::Parameter(_) | Length::Constant(_) => None,
        }
    }

    fn tokens(&self) -> TokenStream {
        match &self.length {
            Length::Literal(length) => Literal::usize_unsuffixed(*length).to_token_stream(),
            Length::Parameter(name) | Length::Constant(name) => name.clone(),
        }
    }
}

struct Layout<'a> {
    function: &'a mut Function,
    /// Whether the sweeps are apart.
    apart: bool,
    /// How many numbers there is room for.
    left: usize,
    /// For each tape the numbers that are no part of it any more, and where they are.
    kept: BTreeMap<Var, Vec<(Var, Place)>>,
    /// For each tape the arrays that the record of the loop around holds beside it.
    beside: BTreeMap<Var, Vec<Var>>,
    /// The tapes whose records are too large to stand in place.
    large: Vec<Var>,
}

impl<'a> Layout<'a> {
    fn new(function: &'a mut Function, apart: bool) -> Self {
        Self { function, apart, left: MOST, kept: BTreeMap::new(), beside: BTreeMap::new(), large: Vec::new() }
    }
}

impl Layout<'_> {
    /// Changes the loops that fill tapes; `around` are the literal ranges that the block stands in, with the arrays to be declared in front of each.
    fn writers(&mut self, block: &mut Block, around: &mut Vec<(Extent, Vec<Columns>)>) {
        for mut statement in std::mem::take(block) {
            match &mut statement {
                Statement::Loop(each) => {
                    let declared = self.writer(each, around);
                    block.extend(declared);
                }
                Statement::Branch(branch) => {
                    for arm in &mut branch.arms {
                        self.writers(&mut arm.body, &mut Vec::new());
                        self.with_arrays(&mut arm.saved);
                    }
                }
                Statement::Unwind { arms, .. } => arms.iter_mut().for_each(|(_, body)| self.writers(body, &mut Vec::new())),
                other => edit::lambdas(other, &mut |lambda| self.apart(&mut lambda.body)),
            }
            block.push(statement);
        }
    }

    /// Lays out the records of a closure, which holds both sweeps of what it keeps, and of which there may be several copies.
    fn apart(&mut self, body: &mut Block) {
        let mut inner = Layout { left: self.left, ..Layout::new(self.function, false) };
        inner.writers(body, &mut Vec::new());
        inner.readers(body);
        self.left = inner.left;
    }

    /// Changes a loop; gives the declarations of the arrays that stand in front of it.
    fn writer(&mut self, each: &mut Loop, around: &mut Vec<(Extent, Vec<Columns>)>) -> Block {
        let Some(extent) = self.extent(each) else {
            self.writers(&mut each.body, &mut Vec::new());
            each.tape.iter_mut().filter(|tape| !tape.reads).for_each(|tape| self.with_arrays(&mut tape.saved));
            return Vec::new();
        };
        around.push((extent, Vec::new()));
        self.writers(&mut each.body, around);
        if let Some(tape) = each.tape.as_mut().filter(|tape| !tape.reads) {
            self.with_arrays(&mut tape.saved);
            if tape.chosen.is_none() {
                self.numbers(tape, &mut each.body, around);
            }
            self.in_place_or_not(tape, &around[around.len() - 1].0);
        }
        let (_, columns) = around.pop().expect("the loop's own range");
        if let Some(tape) = each.tape.as_ref().filter(|tape| !tape.reads) {
            self.beside.insert(tape.var, columns.iter().map(|column| column.var).collect());
        }
        columns.iter().map(Columns::declaration).collect()
    }

    /// Keeps the numbers of a record in arrays.
    fn numbers(&mut self, tape: &mut Tape, body: &mut Block, around: &mut [(Extent, Vec<Columns>)]) {
        let is_number = |function: &Function, saved: &Saved| function.is_scalar(saved.var) && !saved.by_reference;
        let columns = tape.saved.iter().filter(|saved| is_number(self.function, saved)).count();
        for saved in std::mem::take(&mut tape.saved) {
            let place = is_number(self.function, &saved).then(|| self.column(saved.var, columns, around));
            let Some(place) = place.flatten() else {
                tape.saved.push(saved);
                continue;
            };
            let value = Value::Expr(ir::Expr::place(Place::whole(saved.var, place.span)));
            body.push(Statement::Assign { place: place.clone(), value });
            self.kept.entry(tape.var).or_default().push((saved.var, place));
        }
    }

    /// An array for a number of each iteration, of which there are `columns`; the iteration's element of it.
    fn column(&mut self, of: Var, columns: usize, around: &mut [(Extent, Vec<Columns>)]) -> Option<Place> {
        let first = self.first_dimension(around)?;
        let dimensions: Vec<Extent> = around[first..].iter().map(|(extent, _)| extent.clone()).collect();
        let over = dimensions.last()?.index;
        let lengths = dimensions.iter().map(Extent::tokens).collect();
        let is_flat = dimensions.iter().any(|extent| matches!(extent.length, Length::Constant(_)));
        let extents = if is_flat { Extents::Flat { lengths, columns } } else { Extents::Nested(lengths) };
        let several = self.apart && columns > 1;
        let whole = self.array(of, several, (over, extents), &mut around[first].1);
        if is_flat {
            let at = self.flat_position(&dimensions);
            return Some(whole.then(Step::Index(Operand::Code(at))));
        }
        let at = |place: Place, extent: &Extent| place.then(Step::Index(Operand::Code(self.position(extent))));
        Some(dimensions.iter().fold(whole, at))
    }

    /// The array of a number: of its own, or the next one of those of its loop.
    fn array(&mut self, of: Var, several: bool, (over, extents): (Var, Extents), declared: &mut Vec<Columns>) -> Place {
        let span = self.function.variable(of).name.span();
        let others = declared.iter_mut().find(|others| several && others.several && others.over == over);
        let columns = match others {
            Some(columns) => {
                columns.of.push(of);
                columns.clone()
            }
            None => {
                let wish = if several { "kept".to_owned() } else { format!("{}_kept", self.function.variable(of).name) };
                let var = self.function.fresh(&wish, Kind::Space, true, Form::Owned, span);
                let columns = Columns { var, of: vec![of], several, over, extents };
                declared.push(columns.clone());
                columns
            }
        };
        let whole = Place::whole(columns.var, span);
        let at = Code {
            tokens: Literal::usize_unsuffixed(columns.of.len() - 1).to_token_stream(),
            reads: Vec::new(),
            repeatable: true,
            span,
        };
        self.function.columns.retain(|other| other.var != columns.var);
        self.function.columns.push(columns);
        if several { whole.then(Step::Index(Operand::Code(at))) } else { whole }
    }

    /// The outermost of the ranges around an iteration that its arrays have a dimension for: as many literal ones as there is room for, and
    /// constants or constant parameters, which no expression has both of.
    fn first_dimension(&mut self, around: &[(Extent, Vec<Columns>)]) -> Option<usize> {
        let (mut count, mut first) = (1usize, around.len());
        let (mut parameters, mut constants) = (false, false);
        for (position, (extent, _)) in around.iter().enumerate().rev() {
            match extent.length {
                Length::Parameter(_) if constants => break,
                Length::Constant(_) if parameters => break,
                Length::Parameter(_) => parameters = true,
                Length::Constant(_) => constants = true,
                Length::Literal(_) if parameters || constants => {}
                Length::Literal(length) => match count.checked_mul(length).filter(|count| *count <= self.left) {
                    Some(more) => count = more,
                    None => break,
                },
            }
            first = position;
        }
        if !parameters && !constants && first < around.len() {
            self.left -= count;
        }
        (first < around.len()).then_some(first)
    }

    /// The position of an iteration of loops inside of each other in one array: `i * N + j`.
    fn flat_position(&self, dimensions: &[Extent]) -> Code {
        let mut terms = Vec::new();
        let mut reads = Vec::new();
        for (depth, extent) in dimensions.iter().enumerate() {
            let Code { tokens, reads: own, .. } = self.position(extent);
            reads.extend(own);
            let position = if extent.start == 0 { tokens } else { quote!((#tokens)) };
            let inner = Extents::Nested(dimensions[depth + 1..].iter().map(Extent::tokens).collect()).product();
            terms.push(if inner.is_empty() { position } else { quote!(#position * #inner) });
        }
        let span = self.function.variable(dimensions[0].index).name.span();
        Code { tokens: quote!(#(#terms)+*), reads, repeatable: true, span }
    }

    /// The position of an iteration. The index may be of any integer type.
    fn position(&self, extent: &Extent) -> Code {
        let name = &self.function.variable(extent.index).name;
        let start = Literal::usize_unsuffixed(extent.start);
        let tokens = if extent.start == 0 { quote!(#name as usize) } else { quote!(#name as usize - #start) };
        Code { tokens, reads: vec![extent.index], repeatable: true, span: name.span() }
    }

    /// Puts the arrays of inner loops into a record, beside their tapes.
    fn with_arrays(&self, saved: &mut Vec<Saved>) {
        let arrays = |kept: &Saved| {
            let beside = self.beside.get(&kept.var).into_iter().flatten();
            let arrays = beside.map(|var| Saved::whole(*var));
            std::iter::once(*kept).chain(arrays).collect::<Vec<_>>()
        };
        *saved = saved.iter().flat_map(arrays).collect();
    }

    /// The iterations of a loop that runs to its end, over a literal range or up to a constant.
    fn extent(&self, each: &Loop) -> Option<Extent> {
        let Header::Range(range) = &each.header else { return None };
        if each.exit.is_some() || each.counter.is_some() {
            return None;
        }
        let index = range.index;
        if let Some(counted) = range.literal() {
            let extent = Extent { index, start: counted.start, length: Length::Literal(counted.len()) };
            return (counted.start <= counted.end).then_some(extent);
        }
        let end = reverse::count(self.function, each)?;
        if let Some(count) = ir::literal(&end) {
            return Some(Extent { index, start: range.start.literal()?, length: Length::Literal(count) });
        }
        let length = if self.function.is_size(&end) { Length::Parameter(end) } else { Length::Constant(end) };
        Some(Extent { index, start: 0, length })
    }

    /// Moves a tape to the heap whose records hold arrays that make it too large.
    fn in_place_or_not(&mut self, tape: &mut Tape, extent: &Extent) {
        let Some(length) = extent.literal() else { return };
        let arrays = self.function.columns.iter().filter(|column| tape.saved.iter().any(|saved| saved.var == column.var));
        let numbers: usize = arrays.filter_map(|arrays| Some(arrays.of.len() * arrays.extents.literal()?)).sum();
        if tape.capacity.is_some() && numbers.saturating_mul(length) > MOST {
            tape.capacity = None;
            self.large.push(tape.var);
        }
    }

    /// Changes the loops and choices that read records.
    fn readers(&self, block: &mut Block) {
        for statement in block {
            match statement {
                Statement::Branch(branch) => branch.arms.iter_mut().for_each(|arm| self.readers(&mut arm.body)),
                Statement::Unwind { arms, .. } => {
                    for (saved, body) in arms {
                        self.with_arrays(saved);
                        self.readers(body);
                    }
                }
                Statement::Loop(each) => {
                    self.reader(each);
                    self.readers(&mut each.body);
                }
                _ => {}
            }
        }
    }

    fn reader(&self, each: &mut Loop) {
        let Some(tape) = each.tape.as_mut().filter(|tape| tape.reads) else { return };
        let kept = self.kept.get(&tape.var).map_or(&[][..], Vec::as_slice);
        tape.saved.retain(|saved| kept.iter().all(|(var, _)| *var != saved.var));
        self.with_arrays(&mut tape.saved);
        if self.large.contains(&tape.var) {
            tape.capacity = None;
        }
        let reads = kept.iter().map(|(var, place)| {
            let value = Value::Expr(ir::Expr::place(place.clone()));
            Statement::Let { var: *var, value: Some(value), ty: None }
        });
        each.body.splice(0..0, reads);
    }
}
