//! Loops, what they run over, and where they keep what the reverse sweep needs of each iteration.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens as _, quote};

use super::tokens::operand;
use super::{Block, Code, Expr, Saved, Statement, Value, Var, literal};

/// A loop.
#[derive(Clone, Debug)]
pub struct Loop {
    /// How often it runs.
    pub header: Header,
    /// The body.
    pub body: Block,
    /// Leaves the loop at the end of an iteration in which it holds.
    pub exit: Option<Code>,
    /// The number of iterations, where the header does not tell.
    pub counter: Option<Var>,
    /// What the loop does with its counter.
    pub counting: Counting,
    /// What each iteration keeps, or reads again.
    pub tape: Option<Tape>,
}

impl Loop {
    /// A loop over a range that runs to its end.
    pub fn over(range: Range, body: Block) -> Self {
        Self { header: Header::Range(range), body, exit: None, counter: None, counting: Counting::None, tape: None }
    }

    /// The range of a loop that runs to its end.
    pub fn to_its_end(&self) -> Option<&Range> {
        let Header::Range(range) = &self.header else { return None };
        (self.exit.is_none() && self.counter.is_none() && self.counting == Counting::None).then_some(range)
    }

    /// The loop with another body.
    pub fn with(&self, body: Block) -> Self {
        Self { body, ..self.clone() }
    }

    /// The variable that the loop shares with its reverse, and with no other.
    pub fn identity(&self) -> Option<Var> {
        match &self.header {
            Header::Range(range) => Some(range.index),
            _ => self.counter,
        }
    }

    /// The variables that are there in each iteration.
    pub fn binds(&self) -> Vec<Var> {
        match &self.header {
            Header::Range(range) => vec![range.index],
            Header::While { binds, .. } => binds.clone(),
            Header::Again => Vec::new(),
        }
    }

    /// What is evaluated before the loop, or before each iteration.
    pub fn conditions(&self) -> Vec<&Code> {
        match &self.header {
            Header::Range(range) => vec![&range.start, &range.end],
            Header::While { on, .. } => vec![on],
            Header::Again => Vec::new(),
        }
    }

    /// Where the loop stands.
    pub fn span(&self) -> Span {
        self.conditions().first().map_or_else(Span::mixed_site, |code| code.span)
    }

    /// The counter, where the loop reads it: its tape, if it has one, tells the same.
    pub fn follows(&self) -> Option<Var> {
        self.counter.filter(|_| self.counting == Counting::Follows && self.tape.is_none())
    }
}

/// How often a [`Loop`] runs.
#[derive(Clone, Debug)]
pub enum Header {
    /// `for index in start..end`
    Range(Range),
    /// `while on`, where the condition may bind variables; `loop` where it is `true`.
    While {
        /// The condition.
        on: Code,
        /// What it binds.
        binds: Vec<Var>,
    },
    /// As often as the loop that it is the reverse of.
    Again,
}

/// A range of integers.
#[derive(Clone, Debug)]
pub struct Range {
    /// Counts.
    pub index: Var,
    /// First.
    pub start: Code,
    /// Last, or one past it.
    pub end: Code,
    /// `..=`
    pub inclusive: bool,
    /// Runs from the end to the start.
    pub reversed: bool,
}

impl Range {
    /// The integers that it counts, where its ends are literals.
    pub fn literal(&self) -> Option<core::ops::Range<usize>> {
        Some(self.start.literal()?..self.end.literal::<usize>()? + usize::from(self.inclusive))
    }
}

/// What a [`Loop`] does with its counter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counting {
    /// Nothing.
    None,
    /// It counts its iterations.
    Counts,
    /// It runs as often as was counted, or as the tape has records.
    Follows,
}

/// The loop that a tape in front of it has room for.
#[derive(Clone, Debug)]
pub struct Room {
    /// How many records are held in place.
    pub capacity: Option<TokenStream>,
    /// How often the loop runs.
    pub header: Header,
    /// Whether it may be left before its range ends.
    pub is_left: bool,
    /// Whether it holds the iterations that gave the result of a fold.
    pub of_winners: bool,
}

impl Room {
    /// What the records of the loop need.
    pub fn of(tape: &Tape, header: &Header, is_left: bool) -> Self {
        Self { capacity: tape.capacity.clone(), header: header.clone(), is_left, of_winners: tape.chosen.is_some() }
    }
}

/// The records of a loop.
#[derive(Clone, Debug)]
pub struct Tape {
    /// The variable that holds them.
    pub var: Var,
    /// What one record holds.
    pub saved: Vec<Saved>,
    /// How many are held in place, a constant; `None` where the number of iterations is known only at run time.
    pub capacity: Option<TokenStream>,
    /// Filled by the loop, or read by it.
    pub reads: bool,
    /// Whether it stands in front of the loops around: a run of the loop adds to its end, or takes what one added.
    pub shared: bool,
    /// The number of records that a run added, where the range does not tell; of a shared tape.
    pub count: Option<Var>,
    /// Where only some iterations are kept.
    pub chosen: Option<Chosen>,
}

impl Tape {
    /// Whether its records hold something: what is apart is on tapes of its own.
    pub fn has_record(&self) -> bool {
        self.saved.is_empty() || self.saved.iter().any(|saved| saved.apart.is_none())
    }
}

/// The iterations of a fold by `min` or `max` that may have given its result.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// What the iteration compares.
    pub part: Expr,
    /// What it is compared with: the result of those before.
    pub before: Expr,
    /// `max`, or `min`.
    pub is_max: bool,
}

/// What holds numbers of every iteration of a loop over a literal range, or up to a constant: an array, or an array of as many arrays as there are numbers.
#[derive(Clone, Debug)]
pub struct Columns {
    /// The array.
    pub var: Var,
    /// The numbers.
    pub of: Vec<Var>,
    /// Whether it is an array of arrays, though it were of one.
    pub several: bool,
    /// The index of the loop.
    pub over: Var,
    /// How long each is.
    pub extents: Extents,
}

impl Columns {
    /// Declares the array.
    pub fn declaration(&self) -> Statement {
        let array = |inner, tokens| {
            let length = Code { tokens, reads: Vec::new(), repeatable: true, span: Span::mixed_site() };
            Value::Repeat(Box::new(inner), length)
        };
        let zeros = match &self.extents {
            Extents::Nested(lengths) => lengths.iter().cloned().rev().fold(Value::Zero, array),
            Extents::Flat { lengths, .. } => match lengths.as_slice() {
                [length] => array(Value::Zero, length.clone()),
                _ => array(Value::Zero, self.extents.product()),
            },
        };
        let zeros = if self.several { array(zeros, self.count().to_token_stream()) } else { zeros };
        Statement::Let { var: self.var, value: Some(zeros), ty: None }
    }

    /// How many numbers of an iteration it holds, as a literal.
    pub fn count(&self) -> Literal {
        Literal::usize_unsuffixed(self.of.len())
    }
}

/// How long an array of [`Columns`] is.
#[derive(Clone, Debug)]
pub enum Extents {
    /// Arrays in arrays: the lengths of the ranges around the loop that there are dimensions for, and of its own, all literal or constant parameters.
    Nested(Vec<TokenStream>),
    /// One array of all iterations: the same of ranges up to constants, whose values decide with the number of the loop's columns where they stand.
    Flat { lengths: Vec<TokenStream>, columns: usize },
}

impl Extents {
    /// How many numbers there are, where the lengths are literal.
    pub fn literal(&self) -> Option<usize> {
        match self {
            Self::Nested(lengths) => lengths.iter().map(literal::<usize>).product(),
            Self::Flat { .. } => None,
        }
    }

    /// How many numbers there are, as a product.
    pub fn product(&self) -> TokenStream {
        let (Self::Nested(lengths) | Self::Flat { lengths, .. }) = self;
        let factors = lengths.iter().map(|length| {
            let factor = operand(length);
            if literal::<usize>(length).is_some() { factor } else { quote!(#factor as usize) }
        });
        factors.reduce(|product, factor| quote!(#product * #factor)).unwrap_or_default()
    }
}
