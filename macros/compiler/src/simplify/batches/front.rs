//! What stands in front of loops: sequences of numbers that the iterations of a loop may have each for itself, and their adjoints.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::analysis::private::Memory;
use crate::ir::{Block, Code, Expr, Function, Operand, Statement, Value, Var};

/// What stands in front of loops.
pub(super) struct Front {
    pub(super) memory: Memory,
    /// Sequences of numbers and adjoints, with what they are declared with.
    pub(super) declared: BTreeMap<Var, Value>,
}

impl Front {
    /// Of a block.
    pub(super) fn of(block: &Block) -> Self {
        let mut front = Self { memory: Memory::of(block), declared: BTreeMap::new() };
        front.read(block);
        front
    }

    fn read(&mut self, block: &Block) {
        for statement in block {
            match statement {
                Statement::Let { var, value: Some(value @ (Value::ZerosLike(_) | Value::Repeat(..))), .. } => {
                    self.declared.insert(*var, value.clone());
                }
                Statement::Let { var, value: Some(value @ Value::Expr(Expr::Operand(Operand::Code(code)))), .. }
                    if in_vec(&code.tokens).is_some() =>
                {
                    self.declared.insert(*var, value.clone());
                }
                Statement::Branch(branch) => branch.arms.iter().for_each(|arm| self.read(&arm.body)),
                Statement::Loop(each) => self.read(&each.body),
                _ => {}
            }
        }
    }

    /// The adjoints of a variable.
    pub(super) fn adjoints(&self, of: Var, own: usize) -> Vec<Var> {
        let is_adjoint = |(var, value): &(&Var, &Value)| {
            var.0 as usize >= own && matches!(value, Value::ZerosLike(place) if place.root == of && place.path.is_empty())
        };
        self.declared.iter().filter(is_adjoint).map(|(var, _)| *var).collect()
    }
}

/// The length of a sequence of numbers in front of the loop: of an array its own, of a `vec![0.0; n]` what it says of itself.
pub(super) fn length(function: &Function, var: Var, value: &Value) -> Option<Code> {
    match value {
        Value::Repeat(element, length) => (!matches!(**element, Value::Repeat(..))).then(|| length.clone()),
        Value::Expr(Expr::Operand(Operand::Code(code))) => {
            in_vec(&code.tokens)?;
            let name = &function.variable(var).name;
            Some(Code { tokens: quote!(#name.len()), reads: vec![var], repeatable: true, span: code.span })
        }
        _ => None,
    }
}

/// The beginning, the element and the length in `vec![0.0; n]`.
pub(super) fn in_vec(tokens: &TokenStream) -> Option<(TokenStream, TokenStream, TokenStream)> {
    let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let Some(TokenTree::Group(group)) = tokens.pop() else { return None };
    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
    let semicolon = inside.iter().position(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';'))?;
    let is_number = matches!(inside[..semicolon], [TokenTree::Literal(_)]);
    let is_vec = matches!(tokens.as_slice(), [TokenTree::Ident(name), TokenTree::Punct(_)] if name == "vec");
    let part = |tokens: &[TokenTree]| tokens.iter().cloned().collect::<TokenStream>();
    (is_number && is_vec).then(|| (part(&tokens), part(&inside[..semicolon]), part(&inside[semicolon + 1..])))
}
