//! Where blocks of the source end that copied code declares something in, as blocks of Rust.
//!
//! *In:* the statements of the sweeps, in the order in which they run. *Out:* for each variable that is left, and that nothing needs later, what is
//! declared between its declaration and there, and is needed later: what the block of Rust gives.
//!
//! ```text
//! let b = lock(); let t = b[0]; s = mul(s, t); leave b; .. t ..   ⟶   let t = { let b = lock(); let t = b[0]; s = mul(s, t); t }; .. t ..
//! ```
//!
//! There is no such block where something that it would give might refer to what it declares: the variable then lives as long as the function.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};

use crate::analysis::live::Live;
use crate::ir::{Block, Code, Expr, Function, Operand, Saved, Statement, Value, Var, uses};

/// What blocks give, by the variables that are left at their ends.
pub type Scopes = BTreeMap<Var, Vec<Var>>;

/// The blocks of the statements, behind which `kept` variables are used.
pub fn scopes(function: &Function, blocks: &[&Block], kept: &BTreeSet<Var>) -> Scopes {
    if !blocks.iter().any(|block| leaves(block)) {
        return Scopes::new();
    }
    let mut finder = Finder { function, live: kept.iter().copied().collect(), found: Scopes::new() };
    blocks.iter().rev().for_each(|block| finder.block(block));
    finder.found
}

/// Whether a block, or one inside of it, leaves a variable.
fn leaves(block: &Block) -> bool {
    block.iter().any(|statement| match statement {
        Statement::Leave(_) => true,
        Statement::Branch(branch) => branch.arms.iter().any(|arm| leaves(&arm.body)),
        Statement::Loop(each) => leaves(&each.body),
        other => uses::lambdas(other).into_iter().any(|lambda| leaves(&lambda.body)),
    })
}

struct Finder<'f> {
    function: &'f Function,
    live: Live,
    found: Scopes,
}

impl Finder<'_> {
    /// Goes through a block from its end.
    fn block(&mut self, block: &[Statement]) {
        for (position, statement) in block.iter().enumerate().rev() {
            if let Statement::Leave(var) = statement {
                if !self.live.contains(*var)
                    && let Some(given) = self.given(*var, &block[..position])
                {
                    self.found.insert(*var, given);
                }
                continue; // it is no use
            }
            match statement {
                Statement::Branch(branch) => branch.arms.iter().for_each(|arm| self.inner(&arm.body, &arm.saved)),
                Statement::Loop(each) => {
                    self.inner(&each.body, each.tape.as_ref().map_or(&[][..], |tape| tape.saved.as_slice()));
                }
                Statement::Unwind { arms, .. } => arms.iter().for_each(|(_, body)| self.inner(body, &[])),
                other => uses::lambdas(other).into_iter().for_each(|lambda| self.inner(&lambda.body, &[])),
            }
            self.before(statement);
        }
    }

    /// What is needed before a statement: not what it declares, perhaps once more.
    fn before(&mut self, statement: &Statement) {
        let mut declared = BTreeSet::new();
        uses::declared_within(&vec![statement.clone()], &mut declared);
        declared.iter().for_each(|var| self.live.remove(*var));
        uses::statement(statement, &mut |var| {
            if !declared.contains(&var) {
                self.live.insert(var);
            }
        });
    }

    /// A block inside, at whose end its record keeps something.
    fn inner(&mut self, block: &[Statement], saved: &[Saved]) {
        let mark = self.live.mark();
        saved.iter().for_each(|saved| self.live.insert(saved.var));
        self.block(block);
        self.live.leave(mark);
    }

    /// What is needed later of what the statements declare from the declaration of a variable on; none, where it cannot be given.
    fn given(&self, left: Var, before: &[Statement]) -> Option<Vec<Var>> {
        let mut declared = Vec::new();
        let begin = before.iter().rposition(|statement| declares(statement, left))?;
        before[begin..].iter().for_each(|statement| uses::declared(statement, &mut |var| declared.push(var)));
        let may_stay = |statement: &Statement| !self.may_refer(statement, &declared);
        let mut given = Vec::new();
        for statement in &before[begin..] {
            let mut needed = Vec::new();
            uses::declared(statement, &mut |var| needed.extend(self.live.contains(var).then_some(var)));
            if !needed.is_empty() && !may_stay(statement) {
                return None;
            }
            given.extend(needed);
        }
        Some(given)
    }

    /// Whether what a statement declares may refer to what the block declares.
    fn may_refer(&self, statement: &Statement, declared: &[Var]) -> bool {
        let function = self.function;
        let is_in = |code: &Code| !is_copy(&code.tokens) && code.reads.iter().any(|var| declared.contains(var));
        let holds = |var: &Var| [&function.holders, &function.borrowing, &function.referring].iter().any(|set| set.contains(var));
        match statement {
            Statement::Code { code, binds, .. } => is_in(code) && (binds.iter().any(holds) || is_reference(&code.tokens)),
            Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Code(code)))), .. } => {
                is_in(code) && (holds(var) || is_reference(&code.tokens))
            }
            Statement::Let { var, .. } => holds(var),
            _ => false,
        }
    }
}

fn declares(statement: &Statement, var: Var) -> bool {
    let mut found = false;
    uses::declared(statement, &mut |declared| found |= declared == var);
    found
}

/// What code computes, or binds.
fn computed(code: &TokenStream) -> Vec<TokenTree> {
    let mut tokens: Vec<TokenTree> = code.clone().into_iter().collect();
    let is_equals = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=');
    if matches!(tokens.first(), Some(TokenTree::Ident(name)) if name == "let") {
        let equals = tokens.iter().position(is_equals).unwrap_or_default();
        tokens.drain(..=equals);
        tokens.pop(); // the semicolon
    }
    tokens
}

/// Whether the code is a reference, or binds one.
fn is_reference(code: &TokenStream) -> bool {
    matches!(computed(code).first(), Some(TokenTree::Punct(punct)) if punct.as_char() == '&')
}

/// Whether the code is a copy, or a number, that the runtime makes of what is there: `rt::kept(..)`, `rt::count(..)`, `{ .. (&rt::Operand(..)).value() }`.
fn is_copy(code: &TokenStream) -> bool {
    match computed(code).as_slice() {
        [.., TokenTree::Ident(function), TokenTree::Group(_)] => function == "kept" || function == "count",
        [TokenTree::Group(block)] => {
            matches!(computed(&block.stream()).as_slice(), [.., TokenTree::Ident(method), TokenTree::Group(_)] if method == "value")
        }
        _ => false,
    }
}
