//! The intermediate representation: a function's body as trees of statements over variables and places.
//!
//! Every pass between `lower` and `emit` maps it to itself. Its grammar:
//!
//! ```text
//! block     := statement*
//! statement := let v [= value]              a variable; without a value it is assigned in every branch that follows
//!            | place = value                overwrites
//!            | swap place, place          exchanges what both hold
//!            | place += e | place -= e      adds; the adjoint of a place takes its contributions like this
//!            | each f(place)                a maths function of every element, in place
//!            | code                         any Rust that touches no derivative, copied
//!            | if / match / loop            structured control flow over blocks
//!            | call                         of a function that has derivatives of its own
//! value     := e | aggregate | zeros | take place [as shape] | shape place
//! e         := operand | op(e, ..)          scalar arithmetic and maths, named by the rule table
//! operand   := place | literal | code
//! place     := v (.field | [index])*
//! ```
//!
//! *In:* `let z: f64 = b + w[0] * x[0]; z.exp()`
//!
//! *Out:* `let t1 = mul(w[0], x[0]); let z = add(b, t1); let value = exp(z)`
//!
//! Scalars that are never assigned are in static single assignment form: a variable is its value. What is mutable, and what
//! may be an array or a struct, stays memory, read through places; a scalar read of mutable memory is a `let` of its own,
//! so that the value read can be kept for the reverse sweep while the memory moves on.

pub mod edit;
pub mod names;
pub mod print;
pub mod replace;
pub mod sets;
pub mod uses;
pub mod validate;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote;

use crate::rules::Op;

use names::Taken;

/// A variable of the function: its index in [`Function::variables`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Var(pub u32);

/// What is known of a variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Unique in the function.
    pub name: Ident,
    /// What it holds.
    pub kind: Kind,
    /// Whether it is written after its `let`.
    pub mutable: bool,
    /// How its name stands for the place.
    pub form: Form,
}

/// What a variable holds, as far as the syntax shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A float.
    Scalar,
    /// Something that may hold floats: an array, a struct, a float of unknown type.
    Space,
    /// Anything that carries no derivative.
    Inactive,
}

/// How a variable's name stands for the place it names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// The name is the place.
    Owned,
    /// The name is a reference to the place.
    Reference,
    /// The name is an `Option` of a mutable reference: where it is `None`, nothing is computed.
    Slot,
    /// The name is an `Option` of a shared reference: `None` stands for zeros.
    Dot,
    /// The name is an `Option` that is filled before it is read.
    Late,
}

/// A place in memory.
#[derive(Clone, Debug)]
pub struct Place {
    /// The variable it is part of.
    pub root: Var,
    /// The way from the root to the part.
    pub path: Vec<Step>,
    /// Where the user wrote it.
    pub span: Span,
}

/// One step from a place to a part of it.
#[derive(Clone, Debug)]
pub enum Step {
    /// `.name`
    Field(Ident),
    /// `.0`
    Element(u32),
    /// `[index]`, a sub-slice where the index is a range.
    Index(Operand),
}

impl Step {
    /// `[index]` with a literal.
    pub fn constant(index: usize) -> Self {
        let tokens = TokenTree::Literal(proc_macro2::Literal::usize_unsuffixed(index)).into();
        Self::Index(Operand::Code(Code { tokens, reads: Vec::new(), repeatable: true, span: Span::mixed_site() }))
    }
}

/// What an operation takes.
#[derive(Clone, Debug)]
pub enum Operand {
    /// The value at a place.
    Place(Place),
    /// A number: the user's token, or a constant of a rule.
    Number(Number),
    /// An inactive expression.
    Code(Code),
}

/// A float constant.
#[derive(Clone, Debug)]
pub struct Number {
    /// The user's literal, where there is one.
    pub written: Option<TokenStream>,
    /// Its value, where there is none.
    pub value: f64,
}

/// Rust code that touches no derivative.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code.
    pub tokens: TokenStream,
    /// The variables that occur in it.
    pub reads: Vec<Var>,
    /// Whether evaluating it again changes nothing and costs little.
    pub repeatable: bool,
    /// Where it stands.
    pub span: Span,
}

/// Macros that never end.
pub const ENDLESS: &[&str] = &["panic", "unreachable", "todo", "unimplemented"];

/// Whether the end of the statements is never reached, as they end in a macro like `panic!`.
pub fn never_ends(block: &Block) -> bool {
    matches!(block.last(), Some(Statement::Code { code, .. }) if ends_in_a_panic(code.tokens.clone()))
}

/// Whether the last statement is `panic!(..)` or the like, perhaps in a block of its own.
fn ends_in_a_panic(tokens: TokenStream) -> bool {
    let is_punct = |token: &TokenTree, of: &[char]| matches!(token, TokenTree::Punct(punct) if of.contains(&punct.as_char()));
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.pop_if(|last| is_punct(last, &[';']));
    match tokens.as_slice() {
        [TokenTree::Group(block)] if block.delimiter() == Delimiter::Brace => ends_in_a_panic(block.stream()),
        [before @ .., TokenTree::Ident(name), bang, TokenTree::Group(_)] if is_punct(bang, &['!']) => {
            // the beginning of a statement, or of a path
            let begins = before.last().is_none_or(|token| match token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                other => is_punct(other, &[';', ':']),
            });
            begins && ENDLESS.iter().any(|endless| name == endless)
        }
        _ => false,
    }
}

/// The number, where the tokens are a literal without a suffix.
pub fn literal<N: std::str::FromStr>(tokens: &TokenStream) -> Option<N> {
    tokens.to_string().parse().ok()
}

impl Code {
    /// The number, where it is a literal without a suffix.
    pub fn literal<N: std::str::FromStr>(&self) -> Option<N> {
        literal(&self.tokens)
    }

    /// Whether it is the length of an array that follows from the array's use.
    pub fn is_inferred(&self) -> bool {
        self.tokens.to_string() == "_"
    }

    /// Whether it is a range, as an index that gives a part of a sequence is; not, whether there is one inside of it.
    pub fn is_range(&self) -> bool {
        fn has_dots(tokens: TokenStream) -> bool {
            let tokens: Vec<TokenTree> = tokens.into_iter().collect();
            let is_dot = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '.');
            match tokens.as_slice() {
                [TokenTree::Group(group)] if group.delimiter() != Delimiter::Brace => has_dots(group.stream()),
                tokens => tokens.windows(2).any(|pair| pair.iter().all(is_dot)),
            }
        }
        has_dots(self.tokens.clone())
    }
}

/// A scalar expression.
#[derive(Clone, Debug)]
pub enum Expr {
    /// An operand.
    Operand(Operand),
    /// An operation of the rule table, in the form that the user wrote.
    Apply(Op, Vec<Expr>, Spelling),
}

/// How an operation is written.
#[derive(Clone, Debug)]
pub enum Spelling {
    /// An operator, or a path into the runtime.
    Canonical,
    /// `a * b`
    Operator(Span),
    /// `x.exp()`
    Method(Span),
    /// `f64::exp(x)`, `Real::exp(x)`; also `x as f64` (the type) and `f64::from(x)`.
    Path(TokenStream),
}

impl Spelling {
    /// Of what is computed for the derivative of an operation: it stands at the same place, but the user did not write it.
    pub fn of_derivative(&self) -> Self {
        match self {
            Self::Operator(span) | Self::Method(span) => Self::Operator(Span::call_site().located_at(*span)),
            Self::Canonical | Self::Path(_) => Self::Canonical,
        }
    }
}

/// What is stored in a variable or a place.
#[derive(Clone, Debug)]
pub enum Value {
    /// A scalar, or the copy of a place.
    Expr(Expr),
    /// `(a, b)`
    Tuple(Vec<Value>),
    /// `[a, b]`
    Array(Vec<Value>),
    /// `[a; n]`, of an operand or of literals.
    Repeat(Box<Value>, Code),
    /// `Path { a: x, ..base }`, `Path(x, y)`
    Struct {
        /// The path of the struct.
        path: TokenStream,
        /// What is written for each field.
        fields: Vec<(Step, Value)>,
        /// What the other fields are taken from.
        base: Option<Box<Value>>,
        /// Whether it is written with parentheses.
        tuple: bool,
    },
    /// Zeros of the shape of a place.
    ZerosLike(Place),
    /// The zero of a scalar.
    Zero,
    /// Zeros of a shape that follows from their use: a scalar, or arrays and tuples.
    Blank,
    /// A clone of a place.
    Clone(Place),
    /// The value at a place, which is zero afterwards: of its own shape, or of one that was kept.
    Take(Place, Option<Var>),
    /// The shape of what is at a place, where its type leaves it open.
    Shape(Place),
    /// None yet: the variable is of the form [`Form::Late`].
    Late,
    /// The tangent of a field that no derivative reaches: zeros, or a clone of what holds no numbers.
    FieldTangent(Place),
    /// A `Vec` without elements.
    EmptyVec,
    /// The last element of a `Vec`, which is removed.
    Pop(Place),
    /// An array of zeros, as long as the one at a place.
    ArrayLike(Place, Box<Value>),
    /// An empty tape: for one loop, or for several runs of one.
    NewTape(Option<Box<Room>>),
    /// The records of a tape, to be taken from the last on.
    Records(Place),
}

/// A sequence of statements.
pub type Block = Vec<Statement>;

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// Declares a variable.
    Let {
        /// The variable.
        var: Var,
        /// What it starts with.
        value: Option<Value>,
        /// The type that the user wrote.
        ty: Option<TokenStream>,
    },
    /// Overwrites a place.
    Assign {
        /// The place.
        place: Place,
        /// What it holds from now on.
        value: Value,
    },
    /// Adds to a place, or subtracts from it.
    Add {
        /// The place.
        place: Place,
        /// What is added.
        value: Expr,
        /// It is subtracted.
        subtract: bool,
        /// What is added may be an array or a struct.
        whole: bool,
    },
    /// Exchanges what two places hold.
    Swap {
        /// One of them.
        first: Place,
        /// The other one.
        second: Place,
    },
    /// Adds an element to the end of a `Vec`.
    Push {
        /// The `Vec`.
        place: Place,
        /// The element.
        value: Value,
    },
    /// Adds every element of the second place to the first.
    AddEach {
        /// The place.
        place: Place,
        /// A sequence.
        each: Place,
    },
    /// Replaces every element of a sequence of floats by an operation of it, many at a time.
    Each {
        /// The operation.
        op: Op,
        /// The sequence.
        place: Place,
    },
    /// Copied code; `binds` are the variables that it declares, `writes` those that it may change.
    Code {
        /// The code.
        code: Code,
        /// The variables that it declares.
        binds: Vec<Var>,
        /// The variables that it may change.
        writes: Vec<Var>,
    },
    /// Code that must not leave the block it stands in: a macro of the user.
    NoExit(Code),
    /// An expression whose type must be one that carries no derivative.
    Inert(Code),
    /// A choice between blocks.
    Branch(Branch),
    /// A loop.
    Loop(Loop),
    /// A call of a function that has derivatives.
    Call(Call),
    /// The backward half of a call.
    Back(Back),
    /// The reverse of a [`Branch`]: the arm that was taken.
    Unwind {
        /// What the branch recorded.
        record: Var,
        /// For each arm what it kept, and its reverse.
        arms: Vec<(Vec<Saved>, Block)>,
    },
    /// Checks the length of an adjoint against its primal.
    SameLength {
        /// The adjoint.
        adjoint: Var,
        /// What it is the adjoint of.
        primal: Place,
    },
    /// Checks at compile time that the type of a place is as its use needs.
    Check {
        /// The place.
        place: Place,
        /// What it must be.
        what: Check,
    },
}

/// What a receiver is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// So many `&`; one is added where there is none.
    Shared(u8),
    /// `&mut`
    Exclusive,
}

/// What the type of a place must be.
#[derive(Clone, Debug)]
pub enum Check {
    /// A scalar.
    Scalar,
    /// An integer, or another type without derivative.
    Integer,
    /// An enum, or another type that is no parameter space.
    Enum,
    /// A parameter space.
    Space,
    /// A scalar or an integer.
    Number,
    /// A slice, an array or a vector.
    Sequence,
    /// A struct whose field may hold an active value, which comes from here if it is a place.
    Holds(Step, Option<Place>),
    /// A scalar with maths.
    Real,
    /// The other operand of an operator, a scalar or a reference to one.
    Operand,
    /// What a function of a struct's name, and no other, has made.
    Constructed(Code),
    /// A value whose method of this name is that of `Clone` or of `ToOwned`.
    Cloned(Ident),
    /// A number whose method of this name, called by reference, is the language's own.
    Method(Ident, Behind),
}

/// `if` and `match`.
#[derive(Clone, Debug)]
pub struct Branch {
    /// What follows `if`, or what is matched.
    pub on: Code,
    /// The blocks.
    pub arms: Vec<Arm>,
    /// `match` with patterns, or `if` with two arms.
    pub is_match: bool,
    /// Whether patterns bind the same when they are matched once more: what is matched is a place, which code without effect names.
    pub rebinds: bool,
    /// Holds the arm taken and what it kept.
    pub record: Option<Var>,
}

impl Statement {
    /// `if on { then } else { other }`, of which nothing is bound or recorded.
    pub fn either(on: Code, then: Block, other: Block) -> Self {
        let arm = |body| Arm { pattern: TokenStream::new(), binds: Vec::new(), body, saved: Vec::new() };
        Self::Branch(Branch { on, arms: vec![arm(then), arm(other)], is_match: false, rebinds: false, record: None })
    }
}

/// A block of a [`Branch`].
#[derive(Clone, Debug)]
pub struct Arm {
    /// The pattern of `match`, with its guard.
    pub pattern: TokenStream,
    /// What the pattern, or the condition, binds.
    pub binds: Vec<Var>,
    /// The block.
    pub body: Block,
    /// What the reverse sweep needs of it.
    pub saved: Vec<Saved>,
}

/// A variable that is kept for the reverse sweep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Saved {
    /// The variable.
    pub var: Var,
    /// Read through a reference: it is no plain scalar.
    pub by_reference: bool,
    /// An inactive value of a type that may not be `Copy`: it is then read through a reference as well.
    pub open: bool,
    /// Where it stands from its declaration on, if it is no part of the record.
    pub apart: Option<Apart>,
}

/// The tape of its own that a variable stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Apart {
    /// The tape.
    pub tape: Var,
    /// Whether it holds vectors of numbers, one behind the other.
    pub rows: bool,
}

impl Saved {
    /// A number or an integer.
    pub fn number(var: Var) -> Self {
        Self { var, by_reference: false, open: false, apart: None }
    }

    /// What is no plain scalar.
    pub fn whole(var: Var) -> Self {
        Self { var, by_reference: true, open: false, apart: None }
    }
}

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

/// The loop that a tape in front of it has room for.
#[derive(Clone, Debug)]
pub struct Room {
    /// How many records are held in place.
    pub capacity: Option<TokenStream>,
    /// How often the loop runs.
    pub header: Header,
    /// Whether it holds the iterations that gave the result of a fold.
    pub of_winners: bool,
}

impl Room {
    /// What the records of the loop need.
    pub fn of(tape: &Tape, header: &Header) -> Self {
        Self { capacity: tape.capacity.clone(), header: header.clone(), of_winners: tape.chosen.is_some() }
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

/// A call of a function that has derivatives.
#[derive(Clone, Debug)]
pub struct Call {
    /// Takes the result.
    pub result: Var,
    /// What is called.
    pub callee: Callee,
    /// Its arguments, the receiver first.
    pub arguments: Vec<Argument>,
    /// Where it stands.
    pub span: Span,
    /// Whether the callee may call this function in turn.
    pub recursive: bool,
    /// The call as it is differentiated.
    pub mode: CallMode,
}

impl Call {
    /// Whether a derivative may flow through it: through an argument, or through what a function that is a parameter captures.
    pub fn is_active(&self) -> bool {
        matches!(self.callee, Callee::Parameter(_)) || self.arguments.iter().any(|argument| argument.active)
    }
}

/// What a [`Call`] runs.
#[derive(Clone, Debug)]
pub enum CallMode {
    /// The function.
    Primal,
    /// Its forward half; the variable takes the backward half.
    Split(Var),
    /// The function; the [`Back`] with this variable runs its sweeps once more, as the halves of a recursive function would contain
    /// themselves.
    Recomputed(Var),
    /// Both sweeps in one go.
    Fused(Box<Back>),
    /// Its forward mode; the variable takes the tangent of the result.
    Tangent(Var, Vec<Tangent>),
    /// The tangent of its forward half; the first variable takes the backward half, the second the tangent of the result.
    SplitTangent(Var, Var, Vec<Tangent>),
}

/// The tangent of an argument.
#[derive(Clone, Debug)]
pub enum Tangent {
    /// None.
    Inactive,
    /// Of a place.
    Place(Place),
    /// Of a scalar by value.
    Expr(Expr),
    /// The forward mode of a closure.
    Closure(Box<Lambda>),
}

/// The callee of a [`Call`].
#[derive(Clone, Debug)]
pub enum Callee {
    /// `path::to::g(..)`
    Function {
        /// The path without its last generic arguments.
        path: TokenStream,
        /// Those arguments, with their `::`.
        arguments: TokenStream,
        /// Whether it is a function in the body, with derivatives.
        local: bool,
    },
    /// `f(..)` of a parameter that is a function.
    Parameter(Functional),
    /// `path::to::g::grad(..)`
    Derivative {
        /// The path of the function.
        path: TokenStream,
        /// Its derivative.
        which: Ident,
        /// The derivative's generic arguments, with their `::`.
        arguments: TokenStream,
    },
    /// `Type::g(..)`, `Self::g(..)`
    Associated {
        /// The type.
        ty: TokenStream,
        /// The function.
        name: Ident,
    },
    /// `x.g(..)`
    Method {
        /// The method.
        name: Ident,
    },
}

/// A parameter that is a function, and what stands beside it in derivatives.
#[derive(Clone, Debug)]
pub struct Functional {
    /// The parameter.
    pub name: Ident,
    /// Its reverse mode.
    pub companion: Ident,
    /// Its forward mode.
    pub tangent: Ident,
    /// The forward mode of its reverse mode.
    pub second: Ident,
}

/// A closure that a call is given. The callee runs its body as a loop would, as often as it likes.
#[derive(Clone, Debug)]
pub struct Lambda {
    /// What it is called with, and the types that the user wrote.
    pub inputs: Vec<(Var, Option<TokenStream>)>,
    /// Which of them is the cotangent of the result.
    pub seed: Option<Var>,
    /// Its body.
    pub body: Block,
    /// What it gives: in forward mode a value and its tangent, in reverse mode nothing.
    pub results: Vec<Value>,
}

impl Lambda {
    /// The variables that it is called with.
    pub fn binds(&self) -> impl Iterator<Item = Var> {
        self.inputs.iter().map(|(var, _)| *var)
    }
}

/// An argument of a [`Call`].
#[derive(Clone, Debug)]
pub struct Argument {
    /// What is passed.
    pub passed: Passed,
    /// Whether a derivative flows through it.
    pub active: bool,
}

/// How an argument is passed.
#[derive(Clone, Debug)]
pub enum Passed {
    /// By value.
    Value(Operand),
    /// `&place`
    Shared(Place),
    /// `&mut place`
    Mutable(Place),
    /// The receiver of a method, by value or by reference as the method says.
    Receiver(Place),
    /// A mutable reference that is given by its name, which the callee may take as a shared one.
    Lent(Place),
    /// A closure, behind so many `&`.
    Closure(Box<Lambda>, u8),
    /// A parameter that is a function, behind so many `&`.
    Function(Functional, u8),
}

/// The backward half of a [`Call`].
#[derive(Clone, Debug)]
pub struct Back {
    /// The variable that holds it.
    pub back: Var,
    /// Where nothing holds it: the function whose sweeps are run once more.
    pub recomputes: Option<Callee>,
    /// What is given again, in the order of the arguments.
    pub again: Vec<Argument>,
    /// The cotangent of the result.
    pub seed: Seed,
    /// The adjoints of the active arguments.
    pub slots: Vec<Option<Place>>,
    /// The arguments that are passed by `&mut`.
    pub mutable: Vec<bool>,
    /// The reverse mode of the arguments that are closures.
    pub companions: Vec<Option<Lambda>>,
    /// Its tangent.
    pub pushed: Option<PushedBack>,
}

/// What the tangent of a [`Back`] takes beside.
#[derive(Clone, Debug)]
pub struct PushedBack {
    /// The tangents of what is given again.
    pub dots: Vec<Tangent>,
    /// The tangent of the cotangent.
    pub seed: Seed,
    /// The tangents of the adjoints.
    pub slots: Vec<Option<Place>>,
    /// The forward mode of the reverse mode of closures.
    pub companions: Vec<Option<Lambda>>,
}

/// The cotangent of a call's result.
#[derive(Clone, Debug)]
pub enum Seed {
    /// Of a result that is used.
    Place(Place),
    /// Of a result that is dropped.
    ZerosLike(Var),
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The variable.
    pub var: Var,
    /// Whether it is differentiated.
    pub active: bool,
    /// How it is passed.
    pub passing: Passing,
    /// Whether its type is made of scalars, so that it tells its shape.
    pub of_scalars: bool,
}

/// How a parameter is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passing {
    /// A scalar by value.
    Scalar,
    /// Anything else by value.
    Owned,
    /// `&T`
    Shared,
    /// `&mut T`
    Mutable,
}

/// Whether the tokens are names with `::` between them.
fn is_path(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().all(|token| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    })
}

/// A function's body, before it is differentiated.
#[derive(Clone, Debug)]
pub struct Function {
    /// All variables.
    pub variables: Vec<Variable>,
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The statements.
    pub body: Block,
    /// The variable that holds the result; `None` where there is none.
    pub result: Option<Var>,
    /// The type parameter that is the scalar, in generic functions.
    pub scalar: Option<Ident>,
    /// Whether the scalar is that of `Self`, as no type of the function says what it is.
    pub scalar_of_self: bool,
    /// The constant parameters of type `usize`.
    pub sizes: Vec<Ident>,
    /// Whether a path of one letter may be a constant parameter of another type, or of an `impl` around.
    pub letters_are_parameters: bool,
    /// The paths by which the function calls `stop_gradient`.
    pub stops: Vec<TokenStream>,
    /// The variables that count as active at kinks though no derivative flows through them.
    pub counted: std::collections::BTreeSet<Var>,
    /// Buffers that one function works in, and their adjoints and tangents: its slot says whether a derivative flows through them.
    pub buffers: std::collections::BTreeSet<Var>,
    /// Variables whose code borrows from what it reads, so that it gives the same once more where that is still there.
    pub borrowing: std::collections::BTreeSet<Var>,
    /// Variables that refer to others: literals which hold references, as `View { data: &local, n: 3 }`, and what a box lends.
    pub referring: std::collections::BTreeSet<Var>,
    /// Parameters whose types say that they are a `Box`, an `Rc` or an `Arc`.
    pub pointers: std::collections::BTreeSet<Var>,
    /// What stands behind parameters by shared reference, which both sweeps name: references and what is copied.
    pub nameable: std::collections::BTreeSet<Var>,
    /// Copies of arguments that calls may use up, which are only given to backward halves: there is none where the type has no `Clone`.
    pub given_again: std::collections::BTreeSet<Var>,
    /// What the tangents that closures are called with belong to.
    pub primal_of_dot: std::collections::BTreeMap<Var, Var>,
    /// The lengths of the arrays that variables hold, from outside in, where they are literals or constants.
    pub dimensions: std::collections::BTreeMap<Var, crate::analysis::dimensions::Dimensions>,
    /// What variables hold that are such a number, or the length of such an array.
    pub lengths: std::collections::BTreeMap<Var, TokenStream>,
    /// The arrays that hold what loops keep.
    pub columns: Vec<Column>,
    /// Copies of what loops read of sequences, and the numbers that say which part that is.
    pub excerpts: std::collections::BTreeSet<Var>,
    /// What holds the memory of adjoints that all iterations of a loop use.
    pub reused: std::collections::BTreeMap<Var, Var>,
    /// The indices of loops over iterations side by side.
    pub lanes: std::collections::BTreeSet<Var>,
    /// Names that stand in the function, so that new ones avoid them.
    pub taken: Taken,
}

/// An array that holds a number of every iteration of a loop over a literal range, or up to a constant.
#[derive(Clone, Debug)]
pub struct Column {
    /// The array.
    pub var: Var,
    /// The number.
    pub of: Var,
    /// The index of the loop.
    pub over: Var,
    /// How long it is.
    pub extents: Extents,
}

/// How long a [`Column`] is.
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
        let is_literal = |length: &TokenStream| length.to_string().starts_with(|first: char| first.is_ascii_digit());
        let factors = lengths.iter().map(|length| if is_literal(length) { length.clone() } else { quote!(#length as usize) });
        factors.reduce(|product, factor| quote!(#product * #factor)).unwrap_or_default()
    }
}

impl Column {
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
        Statement::Let { var: self.var, value: Some(zeros), ty: None }
    }
}

impl Function {
    /// A function without parameters and statements.
    pub fn new(scalar: Option<Ident>, sizes: Vec<Ident>, taken: Taken) -> Self {
        Self {
            variables: Vec::new(),
            parameters: Vec::new(),
            body: Vec::new(),
            result: None,
            scalar,
            scalar_of_self: false,
            sizes,
            letters_are_parameters: true,
            stops: Vec::new(),
            counted: std::collections::BTreeSet::new(),
            borrowing: std::collections::BTreeSet::new(),
            referring: std::collections::BTreeSet::new(),
            buffers: std::collections::BTreeSet::new(),
            pointers: std::collections::BTreeSet::new(),
            nameable: std::collections::BTreeSet::new(),
            given_again: std::collections::BTreeSet::new(),
            primal_of_dot: std::collections::BTreeMap::new(),
            dimensions: std::collections::BTreeMap::new(),
            lengths: std::collections::BTreeMap::new(),
            columns: Vec::new(),
            excerpts: std::collections::BTreeSet::new(),
            reused: std::collections::BTreeMap::new(),
            lanes: std::collections::BTreeSet::new(),
            taken,
        }
    }

    /// The variable's data.
    pub fn variable(&self, var: Var) -> &Variable {
        &self.variables[var.0 as usize]
    }

    /// A new variable, whose name is `wish` or begins with it.
    pub fn fresh(&mut self, wish: &str, kind: Kind, mutable: bool, form: Form, span: Span) -> Var {
        let name = self.taken.fresh(wish);
        self.variables.push(Variable { name: Ident::new(&name, span), kind, mutable, form });
        Var(self.variables.len() as u32 - 1)
    }

    /// Whether the variable is a parameter.
    pub fn is_parameter(&self, var: Var) -> bool {
        self.parameters.iter().any(|parameter| parameter.var == var)
    }

    /// Whether the variable holds what is the function's own: it is no reference, and no parameter.
    pub fn is_own(&self, var: Var) -> bool {
        self.variable(var).form == Form::Owned && !self.is_parameter(var)
    }

    /// Whether a number is a constant parameter, of which nothing can be computed.
    pub fn is_size(&self, number: &TokenStream) -> bool {
        let last = number.clone().into_iter().last().map(|last| last.to_string());
        let is_upper = |last: &String| last.starts_with(char::is_uppercase);
        is_path(number) && last.filter(is_upper).is_some_and(|last| self.sizes.iter().any(|size| *size == last))
    }

    /// Whether a number is a constant of which more can be computed: the path of no constant parameter, and of no constant of a type, which may depend on one.
    pub fn is_constant(&self, number: &TokenStream) -> bool {
        let text = number.to_string();
        let segments = || text.split("::").map(str::trim);
        let is_upper = |segment: &str| segment.starts_with(char::is_uppercase);
        let may_be_parameter = text.len() == 1 && self.letters_are_parameters;
        is_path(number)
            && segments().last().is_some_and(is_upper)
            && segments().filter(|segment| is_upper(segment)).count() == 1
            && !may_be_parameter
            && !self.is_size(number)
    }

    /// Whether the variable is a float.
    pub fn is_scalar(&self, var: Var) -> bool {
        self.variable(var).kind == Kind::Scalar
    }
}

impl Place {
    /// The whole variable.
    pub fn whole(root: Var, span: Span) -> Self {
        Self { root, path: Vec::new(), span }
    }

    /// A part of the place.
    pub fn then(&self, step: Step) -> Self {
        let mut place = self.clone();
        place.path.push(step);
        place
    }

    /// Whether it is a range of a sequence, whose length no type knows.
    pub fn is_part(&self) -> bool {
        matches!(self.path.last(), Some(Step::Index(Operand::Code(code))) if code.is_range())
    }

    /// Whether the places may have something in common, for all that fields and elements of tuples tell: indices are not compared.
    pub fn meets(&self, other: &Self) -> bool {
        let apart = |(one, other): (&Step, &Step)| match (one, other) {
            (Step::Field(one), Step::Field(other)) => one != other,
            (Step::Element(one), Step::Element(other)) => one != other,
            _ => false,
        };
        self.root == other.root && !self.path.iter().zip(&other.path).any(apart)
    }

    /// The same way from another root.
    pub fn under(&self, root: Var) -> Self {
        Self { root, ..self.clone() }
    }
}

impl Expr {
    /// The value at a place.
    pub fn place(place: Place) -> Self {
        Self::Operand(Operand::Place(place))
    }

    /// An operation in its canonical spelling.
    pub fn apply(op: Op, arguments: Vec<Expr>) -> Self {
        Self::Apply(op, arguments, Spelling::Canonical)
    }

    /// The variable that the expression is the value of.
    pub fn whole(&self) -> Option<Var> {
        match self {
            Self::Operand(Operand::Place(place)) if place.path.is_empty() => Some(place.root),
            _ => None,
        }
    }
}
