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
//!            | leave v                      the end of the block in which copied code declared it
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

mod branch;
mod call;
mod code;
pub mod copy;
pub mod edit;
mod function;
mod loops;
pub mod names;
mod place;
pub mod print;
pub mod replace;
pub mod sets;
pub mod tokens;
pub mod uses;
pub mod validate;

use proc_macro2::{Ident, Span, TokenStream};

use crate::rules::Op;

pub use branch::{Apart, Arm, Branch, Saved};
pub use call::{Argument, Back, Call, CallMode, Callee, Functional, Lambda, Passed, PushedBack, Seed, Tangent};
pub use code::{Code, ENDLESS, literal, never_ends};
pub use function::{Function, Parameter, Passing};
pub use loops::{Chosen, Columns, Counting, Extents, Header, Loop, Range, Room, Tape};
pub use place::{Place, Step};

/// The lengths of arrays from outside in; what is not known of them, as of a slice, is `None`.
pub type Dimensions = Vec<Option<TokenStream>>;

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
    /// The user's literal, or a quotient of literals in parentheses, where there is one.
    pub written: Option<TokenStream>,
    /// Its value, where there is none.
    pub value: f64,
}

impl Number {
    /// The value of the constant, as a rule or the user has written it.
    pub fn literal(&self) -> Option<f64> {
        let Some(written) = &self.written else { return Some(self.value) };
        let text: String = written.to_string().chars().filter(|c| *c != '_' && !c.is_whitespace()).collect();
        text.trim_end_matches("f64").trim_end_matches("f32").parse().ok()
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
        /// A sequence of the same length that the operation's derivatives are stored in.
        slopes: Option<Place>,
        /// Whether an element is an array of lanes.
        lanes: bool,
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
    /// The end of the block in which copied code declared a variable: it is dropped here, unless it is needed later.
    Leave(Var),
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
    /// A field that is skipped, or that holds no numbers.
    Skipped,
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

impl Statement {
    /// `if on { then } else { other }`, of which nothing is bound or recorded.
    pub fn either(on: Code, then: Block, other: Block) -> Self {
        let arm = |body| Arm { pattern: TokenStream::new(), binds: Vec::new(), body, saved: Vec::new() };
        Self::Branch(Branch { on, arms: vec![arm(then), arm(other)], is_match: false, rebinds: false, record: None })
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
