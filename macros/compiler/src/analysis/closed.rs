//! Whether the body of a loop may stand in a closure, so that an iterator runs it and its tape takes the records without asking for place in
//! each iteration.
//!
//! *In:* a loop over a range. *Out:* yes, where that costs nothing and changes nothing. It would cost where the body holds calls, or loops but
//! short ones, beside which a record is cheap, and where it stores into arrays or structs, which a closure reaches through one more pointer. It
//! would change something where the body moves out of a variable that outlives the iteration: a loop may, if it fills it again, a closure
//! may not. Copied code may do so unseen wherever it assigns; `count += 1` moves nothing. Jumps need no check: none is left in a body, and none
//! is hidden in copied code.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

use crate::analysis::save;
use crate::ir::{Block, Code, Counting, Function, Header, Loop, Statement, Var, uses};

/// Whether a closure can take the place of the loop's body.
pub fn is_closed(function: &Function, each: &Loop) -> bool {
    let plain = matches!(each.header, Header::Range(_)) && each.exit.is_none() && each.counting == Counting::None;
    let mut inside = BTreeSet::new();
    uses::declared_within(&each.body, &mut inside);
    plain && each.body.iter().all(|statement| stays(function, statement, &inside))
}

/// Whether the statement moves from nothing that outlives the iteration.
fn stays(function: &Function, statement: &Statement, inside: &BTreeSet<Var>) -> bool {
    let all = |block: &Block| block.iter().all(|statement| stays(function, statement, inside));
    match statement {
        Statement::Branch(branch) => branch.arms.iter().all(|arm| all(&arm.body)),
        Statement::Loop(each) => is_short(each) && all(&each.body),
        Statement::Call(_) | Statement::Back(_) => false,
        Statement::Unwind { arms, .. } => arms.iter().all(|(_, body)| all(body)),
        Statement::Assign { place, .. } | Statement::Add { place, .. } if !place.path.is_empty() => inside.contains(&place.root),
        Statement::Swap { first, second } => [first, second].iter().all(|place| inside.contains(&place.root)),
        Statement::Code { code, writes, .. } => {
            is_compound(code) || !may_refill(&code.tokens) || writes.iter().all(|var| inside.contains(var))
        }
        other => {
            let mut moved = BTreeSet::new();
            save::moves(other, &mut moved);
            let outlives = |var: &Var| !inside.contains(var) && function.variable(*var).mutable && !function.is_scalar(*var);
            !moved.iter().any(outlives)
        }
    }
}

/// Whether the range has literal ends.
fn is_short(each: &Loop) -> bool {
    let literal = |code: &Code| code.literal::<usize>().is_some();
    each.tape.is_none() && matches!(&each.header, Header::Range(range) if literal(&range.start) && literal(&range.end))
}

/// Whether the code may fill a variable again from which it has moved: it assigns, or lends by `&mut`. A method that it calls on one does neither.
pub fn may_refill(code: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = code.clone().into_iter().collect();
    let is = |position: Option<usize>, of: &[char]| match position.and_then(|position| tokens.get(position)) {
        Some(TokenTree::Punct(punct)) => of.contains(&punct.as_char()),
        _ => false,
    };
    let assigns = |position: usize| {
        let compares = is(position.checked_sub(1), &['=', '<', '>', '!', '.']);
        is(Some(position), &['=']) && !compares && !is(Some(position + 1), &['=', '>'])
    };
    // the value of a declaration stands behind its first sign
    let declared = matches!(tokens.first(), Some(TokenTree::Ident(name)) if name == "let");
    let declared = if declared { (0..tokens.len()).find(|position| assigns(*position)) } else { None };
    tokens.iter().enumerate().any(|(position, token)| match token {
        TokenTree::Group(group) => may_refill(&group.stream()),
        TokenTree::Ident(name) => name == "mut" && is(position.checked_sub(1), &['&']),
        TokenTree::Punct(_) => assigns(position) && declared != Some(position),
        TokenTree::Literal(_) => false,
    })
}

/// `name op= ..`
fn is_compound(code: &Code) -> bool {
    let tokens: Vec<TokenTree> = code.tokens.clone().into_iter().take(3).collect();
    match tokens.as_slice() {
        [TokenTree::Ident(_), TokenTree::Punct(op), TokenTree::Punct(equals)] => {
            equals.as_char() == '=' && matches!(op.as_char(), '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^')
        }
        _ => false,
    }
}
