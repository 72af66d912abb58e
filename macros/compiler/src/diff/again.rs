//! What the reverse sweep can name again without a record: what stands behind a parameter by shared reference.
//!
//! *In:* `match e { Tree::Add(a, b) => value(a, x) + value(b, x), .. }` with `e: &Tree`. *Out:* `e`, `a` and `b`: the reverse of an arm matches `e` once
//! more, and binds the same.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

use crate::ir::{Arm, Block, Branch, Code, Expr, Form, Function, Operand, Passing, Statement, Value, Var, uses};

/// The variables that name it.
pub fn nameable(function: &Function, body: &Block) -> BTreeSet<Var> {
    let lent = |parameter: &&crate::ir::Parameter| {
        let variable = function.variable(parameter.var);
        parameter.passing == Passing::Shared && !variable.mutable && variable.form == Form::Reference
    };
    let mut found = function.parameters.iter().filter(lent).map(|parameter| parameter.var).collect();
    collect(function, body, &mut found);
    found
}

fn collect(function: &Function, body: &Block, found: &mut BTreeSet<Var>) {
    let is_named = |code: &Code, binds: &[Var], found: &BTreeSet<Var>| {
        let borrows = code.repeatable || binds.iter().all(|var| function.borrowing.contains(var));
        // what a literal refers to is there again, as a reference to it could not be kept
        let refers = code.repeatable && binds.iter().all(|var| function.referring.contains(var));
        let is_there = |var: &Var| found.contains(var) || refers && !function.variable(*var).mutable;
        let mut reads = code.reads.iter().filter(|var| !binds.contains(var)).peekable();
        borrows && reads.peek().is_some() && reads.all(is_there)
    };
    for statement in body {
        match statement {
            Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Code(code)))), .. }
                if !function.variable(*var).mutable && is_named(code, &[*var], found) =>
            {
                found.insert(*var);
            }
            Statement::Code { code, binds, writes } if writes.is_empty() && !binds.is_empty() && is_named(code, binds, found) => {
                found.extend(binds.iter().filter(|var| !function.variable(**var).mutable));
            }
            Statement::Branch(branch) => {
                if is_bound_again(branch, found) {
                    found.extend(branch.arms.iter().filter(|arm| pattern(arm).is_some()).flat_map(|arm| &arm.binds));
                }
                branch.arms.iter().for_each(|arm| collect(function, &arm.body, found));
            }
            Statement::Loop(each) => {
                if let crate::ir::Header::Range(range) = &each.header
                    && !function.variable(range.index).mutable
                {
                    found.insert(range.index);
                }
                collect(function, &each.body, found);
            }
            _ => {}
        }
    }
}

/// Whether the reverse sweep can match once more what the branch matches.
pub fn is_bound_again(branch: &Branch, nameable: &BTreeSet<Var>) -> bool {
    branch.rebinds && branch.on.reads.iter().all(|var| nameable.contains(var))
}

/// The arm's pattern without its guard; none where alternatives may bind other parts than with it.
fn pattern(arm: &Arm) -> Option<TokenStream> {
    let is_guard = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "if");
    let tokens: Vec<TokenTree> = arm.pattern.clone().into_iter().collect();
    let pattern: Vec<TokenTree> = tokens.iter().take_while(|token| !is_guard(token)).cloned().collect();
    let is_guarded = pattern.len() < tokens.len();
    let pattern: TokenStream = pattern.into_iter().collect();
    (!is_guarded || !pattern.to_string().contains('|')).then_some(pattern)
}

/// The reverse of an arm, in which what the pattern binds is bound once more, if it is needed.
pub fn bound_again(branch: &Branch, index: usize, body: Block) -> Block {
    let arm = &branch.arms[index];
    let mut needed = false;
    uses::block(&body, &mut |var| needed |= arm.binds.contains(&var));
    if !needed {
        return body;
    }
    let matched = |pattern, body| Arm { pattern, binds: arm.binds.clone(), body, saved: Vec::new() };
    let other = |pattern| Arm { pattern, binds: Vec::new(), body: Vec::new(), saved: Vec::new() };
    let arms = match branch.is_match {
        true => vec![matched(pattern(arm).unwrap_or_default(), body), other(quote::quote!(_))],
        false => vec![matched(TokenStream::new(), body), other(TokenStream::new())],
    };
    vec![Statement::Branch(Branch { arms, record: None, ..branch.clone() })]
}

/// The reverse of an arm where it stands in the arm itself, where the names are there.
pub fn in_arm<'b>(arm: &Arm, reverse: &'b Block) -> &'b Block {
    match reverse.as_slice() {
        [Statement::Branch(Branch { rebinds: true, arms, record: None, .. })]
            if !arm.binds.is_empty() && arms[0].binds == arm.binds =>
        {
            &arms[0].body
        }
        _ => reverse,
    }
}
