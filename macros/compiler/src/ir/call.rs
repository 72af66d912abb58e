//! Calls of functions that have derivatives: in one go, or as halves, with the closures that they are given.

use proc_macro2::{Ident, Span, TokenStream};

use super::{Block, Expr, Operand, Place, Value, Var};

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
    /// Whether the way back runs both sweeps of the callee, instead of a half that was kept: the callee may call this function in turn, or this call stands
    /// for those of many iterations.
    pub recomputed: bool,
    /// Whether the callee may compute many numbers at a time, where it has an entry for that.
    pub relaxed: bool,
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
        /// Its generic arguments, with their `::`.
        arguments: TokenStream,
    },
    /// `x.g(..)`
    Method {
        /// The method.
        name: Ident,
        /// Its generic arguments, with their `::`.
        arguments: TokenStream,
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
