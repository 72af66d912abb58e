//! The index of a loop: whether it counts the elements of a sequence, and over which.

use proc_macro2::{Delimiter, Ident, Literal, TokenStream, TokenTree};

use crate::ir::{Block, Code, Expr, Function, Operand, Place, Statement, Step, Value, Var, edit};

/// Whether the variable alone is the index of an element somewhere in the block, so that it is a `usize`.
pub fn counts_elements(function: &Function, index: Var, block: &Block) -> bool {
    let name = &function.variable(index).name;
    block.iter().any(|statement| is_in_statement(&mut statement.clone(), index, name))
}

/// Of a statement that is not kept, as its parts are visited by what changes them.
fn is_in_statement(statement: &mut Statement, index: Var, name: &Ident) -> bool {
    let mut found = match &statement {
        Statement::Code { code, .. } => indexes(code, index, name),
        Statement::Assign { place, .. } | Statement::Add { place, .. } => is_in(place, index, name),
        Statement::Let { value: Some(Value::Take(place, _) | Value::Clone(place)), .. } => is_in(place, index, name),
        _ => false,
    };
    edit::own_exprs(statement, &mut |expr| found |= is_in_expr(expr, index, name));
    edit::inner_blocks(statement, &mut |inner| {
        found |= inner.iter_mut().any(|statement| is_in_statement(statement, index, name));
    });
    found
}

fn is_in_expr(expr: &Expr, index: Var, name: &Ident) -> bool {
    match expr {
        Expr::Operand(Operand::Place(place)) => is_in(place, index, name),
        Expr::Operand(Operand::Code(code)) => indexes(code, index, name),
        Expr::Operand(Operand::Number(_)) => false,
        Expr::Apply(_, arguments, _) => arguments.iter().any(|argument| is_in_expr(argument, index, name)),
    }
}

/// Whether a step of the place is the index, or has it inside.
fn is_in(place: &Place, index: Var, name: &Ident) -> bool {
    place.path.iter().any(|step| match step {
        Step::Index(Operand::Code(code)) if indexes(code, index, name) => true,
        step => is(step, index, name),
    })
}

/// Whether a step is `[index]`.
pub fn is(step: &Step, index: Var, name: &Ident) -> bool {
    match step {
        Step::Index(Operand::Place(at)) => at.path.is_empty() && at.root == index,
        Step::Index(Operand::Code(code)) => is_alone(&code.tokens, name),
        _ => false,
    }
}

/// Whether the name is all there is.
pub fn is_alone(tokens: &TokenStream, name: &Ident) -> bool {
    let mut tokens = tokens.clone().into_iter();
    matches!((tokens.next(), tokens.next()), (Some(TokenTree::Ident(ident)), None) if ident == *name)
}

/// Whether `..[name]` occurs, where something stands before the brackets that can be indexed.
fn indexes(code: &Code, index: Var, name: &Ident) -> bool {
    code.reads.contains(&index) && indexes_in(&code.tokens, name)
}

fn indexes_in(tokens: &TokenStream, name: &Ident) -> bool {
    let mut before = false;
    tokens.clone().into_iter().any(|token| {
        let found = match &token {
            TokenTree::Group(group) => {
                before && group.delimiter() == Delimiter::Bracket && is_alone(&group.stream(), name)
                    || indexes_in(&group.stream(), name)
            }
            _ => false,
        };
        before = matches!(token, TokenTree::Ident(_) | TokenTree::Group(_));
        found
    })
}

/// The literal without a type.
pub fn unsuffixed(number: usize) -> TokenStream {
    TokenTree::Literal(Literal::usize_unsuffixed(number)).into()
}
