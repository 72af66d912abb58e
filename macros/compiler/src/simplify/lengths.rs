//! `let a = [x; 8]; .. a.len() .. ⟶ .. 8 ..`: an array keeps its length, whatever is stored in it.
//!
//! So a loop over it needs no record of how long it is.

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use crate::ir::{Block, Code, Expr, Function, Operand, Statement, Value, edit};

/// Writes the lengths of arrays where they are asked for.
pub fn write(function: &Function, block: &mut Block) {
    within(function, block, &mut BTreeMap::new());
}

fn within(function: &Function, block: &mut Block, lengths: &mut BTreeMap<String, Code>) {
    for statement in block {
        edit::own_exprs(statement, &mut |expr| {
            if let Expr::Operand(Operand::Code(code)) = expr
                && let Some(length) = lengths.get(&code.tokens.to_string())
            {
                *expr = Expr::Operand(Operand::Code(Code { span: code.span, ..length.clone() }));
            }
        });
        if let Statement::Let { var, value: Some(value), .. } = statement
            && let Some(length) = length(value)
        {
            let name = &function.variable(*var).name;
            lengths.insert(quote!(#name.len()).to_string(), length);
        }
        edit::inner_blocks(statement, &mut |inner| within(function, inner, lengths));
    }
}

/// The length of an array, where it is a number.
fn length(value: &Value) -> Option<Code> {
    let literal = |count: usize, span| {
        let tokens: TokenStream = Literal::usize_unsuffixed(count).into_token_stream();
        Code { tokens, reads: Vec::new(), repeatable: true, span }
    };
    match value {
        Value::Array(values) => Some(literal(values.len(), proc_macro2::Span::mixed_site())),
        Value::Repeat(_, length) => Some(literal(length.literal()?, length.span)),
        _ => None,
    }
}
