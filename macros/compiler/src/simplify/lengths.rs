//! `let a = [x; 8]; .. a.len() .. ⟶ .. 8 ..`: an array keeps its length, whatever is stored in it.
//!
//! So a loop over it needs no record of how long it is. A constant or a parameter of the function, `[x; N]`, is written as well, if its name stands for
//! nothing else in the body.

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::analysis::dimensions::{self, Hidden};
use crate::ir::{Block, Code, Expr, Function, Operand, Statement, Value, edit};

/// Writes the lengths of arrays where they are asked for, and notes those that are known otherwise.
pub fn write(function: &mut Function, block: &mut Block) {
    let mut hidden = Hidden::default();
    hidden.block(block);
    within(function, block, &hidden, &mut BTreeMap::new());
    dimensions::note(function, block, &hidden);
}

fn within(function: &Function, block: &mut Block, hidden: &Hidden, lengths: &mut BTreeMap<String, Code>) {
    for statement in block {
        edit::own_exprs(statement, &mut |expr| {
            if let Expr::Operand(Operand::Code(code)) = expr
                && let Some(length) = lengths.get(&code.tokens.to_string())
            {
                *expr = Expr::Operand(Operand::Code(Code { span: code.span, ..length.clone() }));
            }
        });
        if let Statement::Let { var, value: Some(value), .. } = statement
            && let Some(length) = length(value, hidden)
        {
            let name = &function.variable(*var).name;
            lengths.insert(quote!(#name.len()).to_string(), length);
        }
        edit::inner_blocks(statement, &mut |inner| within(function, inner, hidden, lengths));
    }
}

/// The length of an array, where it is a number, or a name where these say what they do everywhere.
fn length(value: &Value, hidden: &Hidden) -> Option<Code> {
    let literal = |count: usize, span| {
        let tokens: TokenStream = Literal::usize_unsuffixed(count).into_token_stream();
        Code { tokens, reads: Vec::new(), repeatable: true, span }
    };
    match value {
        Value::Array(values) => Some(literal(values.len(), proc_macro2::Span::mixed_site())),
        Value::Repeat(_, length) if is_constant(length) && !hidden.has(&length.tokens) => Some(length.clone()),
        Value::Repeat(_, length) => Some(literal(length.literal()?, length.span)),
        _ => None,
    }
}

/// Whether the length is the name of a constant.
fn is_constant(length: &Code) -> bool {
    let mut tokens = length.tokens.clone().into_iter();
    let is_name = matches!((tokens.next(), tokens.next()), (Some(TokenTree::Ident(name)), None) if name.to_string().starts_with(char::is_uppercase));
    is_name && length.reads.is_empty()
}
