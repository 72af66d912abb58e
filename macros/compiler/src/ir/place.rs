//! Places in memory, and the steps to their parts.

use proc_macro2::{Ident, Span, TokenTree};

use super::{Code, Operand, Var};

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
