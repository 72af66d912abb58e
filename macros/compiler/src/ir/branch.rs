//! Choices: `if` and `match`, and what the reverse sweep keeps of the arm that ran.

use proc_macro2::TokenStream;

use super::{Block, Code, Var};

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

/// The tape of its own that a variable stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Apart {
    /// The tape.
    pub tape: Var,
    /// Whether it holds vectors of numbers, one behind the other.
    pub rows: bool,
}
