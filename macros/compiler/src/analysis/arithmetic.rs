//! Which copied code is plain arithmetic, and which of its variables are plain numbers, as far as the tokens show.
//!
//! *In:* copied code. *Out:* whether it does nothing but compute (no call, no macro, no block, no closure), so that it may change places with code
//! that does not touch its variables; and the variables that are bound to a number by their `let`: of literals, casts and other such variables.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::ir::{Block, Code, Expr, Function, Header, Operand, Place, Statement, Step, Var, edit};

const PRIMITIVE: &[&str] =
    &["f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

/// Whether the code only computes.
pub fn is_arithmetic(code: &Code) -> bool {
    code.repeatable || computes(&code.tokens)
}

/// Whether all code that the expression copies only computes.
pub fn is_arithmetic_expr(expr: &Expr) -> bool {
    match expr {
        Expr::Operand(operand) => is_arithmetic_operand(operand),
        Expr::Apply(_, arguments, _) => arguments.iter().all(is_arithmetic_expr),
    }
}

/// The same of the indices of a place.
pub fn is_arithmetic_place(place: &Place) -> bool {
    place.path.iter().all(|step| match step {
        Step::Index(index) => is_arithmetic_operand(index),
        _ => true,
    })
}

fn is_arithmetic_operand(operand: &Operand) -> bool {
    match operand {
        Operand::Place(place) => is_arithmetic_place(place),
        Operand::Code(code) => is_arithmetic(code),
        Operand::Number(_) => true,
    }
}

fn computes(tokens: &TokenStream) -> bool {
    let mut after_name = false;
    for token in tokens.clone() {
        let fine = match &token {
            TokenTree::Ident(_) | TokenTree::Literal(_) => true,
            TokenTree::Punct(punct) => "+-*/%=<>.&;".contains(punct.as_char()),
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Bracket => computes(&group.stream()),
                Delimiter::Parenthesis => !after_name && computes(&group.stream()),
                Delimiter::Brace | Delimiter::None => false,
            },
        };
        if !fine {
            return false;
        }
        after_name = matches!(&token, TokenTree::Ident(_) | TokenTree::Group(_));
    }
    true
}

/// The name and the value of `let name = value;`, `let mut name = value;`.
pub fn declared(code: &Code) -> Option<(Ident, TokenStream)> {
    let mut tokens = code.tokens.clone().into_iter().peekable();
    let is = |token: Option<&TokenTree>, word: &str| matches!(token, Some(TokenTree::Ident(ident)) if ident == word);
    if !is(tokens.next().as_ref(), "let") {
        return None;
    }
    if is(tokens.peek(), "mut") {
        tokens.next();
    }
    let Some(TokenTree::Ident(name)) = tokens.next() else { return None };
    if !matches!(tokens.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=') {
        return None;
    }
    let mut value: Vec<TokenTree> = tokens.collect();
    if !matches!(value.pop(), Some(TokenTree::Punct(punct)) if punct.as_char() == ';') {
        return None;
    }
    Some((name, value.into_iter().collect()))
}

/// The variables of a block that are plain numbers.
pub fn numbers(function: &Function, block: &mut Block) -> BTreeSet<Var> {
    let mut found = BTreeSet::new();
    collect(function, block, &mut found);
    found
}

fn collect(function: &Function, block: &mut Block, found: &mut BTreeSet<Var>) {
    for statement in block {
        match statement {
            Statement::Code { code, binds, .. } if binds.len() == 1 => {
                let known = |ident: &Ident| found.iter().any(|var| function.variable(*var).name == *ident);
                if let Some((_, value)) = declared(code)
                    && is_number(value, &known)
                {
                    found.insert(binds[0]);
                }
            }
            Statement::Loop(each) => {
                if let Header::Range(range) = &each.header
                    && is_number(range.start.tokens.clone(), &|_| false)
                {
                    found.insert(range.index);
                }
            }
            _ => {}
        }
        edit::inner_blocks(statement, &mut |inner| collect(function, inner, found));
    }
}

/// Whether the expression is a number whatever the types of the other names: operands between operators, each a literal, a known name, a cast
/// to a primitive type, or the same in parentheses.
fn is_number(tokens: TokenStream, known: &dyn Fn(&Ident) -> bool) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    let mut any = false;
    loop {
        while tokens.next_if(|token| matches!(token, TokenTree::Punct(punct) if "+-*/%".contains(punct.as_char()))).is_some() {}
        let Some(operand) = tokens.next() else { return any };
        any = true;
        let mut is_known = match &operand {
            TokenTree::Literal(literal) => literal.to_string().starts_with(|c: char| c.is_ascii_digit()),
            TokenTree::Ident(ident) => known(ident),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => is_number(group.stream(), known),
            _ => return false,
        };
        loop {
            match tokens.peek() {
                Some(TokenTree::Punct(punct)) if punct.as_char() == '.' => {
                    tokens.next();
                    tokens.next(); // a field
                    is_known = false;
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                    tokens.next();
                    is_known = false;
                }
                Some(TokenTree::Ident(ident)) if ident == "as" => {
                    tokens.next();
                    let ty = tokens.next();
                    is_known = matches!(&ty, Some(TokenTree::Ident(ty)) if PRIMITIVE.iter().any(|name| ty == name));
                }
                _ => break,
            }
        }
        let is_operator = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if "+-*/%".contains(punct.as_char()));
        if !is_known || tokens.peek().is_some_and(|next| !is_operator(next)) {
            return false;
        }
    }
}
