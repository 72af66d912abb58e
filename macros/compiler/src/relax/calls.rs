//! `let y = logsumexp(x); x_bar += ..` ⟶ the same with exponentials many at a time.
//!
//! *In:* a derivative whose calls run forward and backward in one go. *Out:* the same, with those calls marked that the runtime's function of this name has an entry
//! for. A user's function of the name has none, and runs as it stands: rustc finds out which it is (`rt::missing::many`).

use proc_macro2::TokenTree;

use crate::ir::{Argument, Block, Call, CallMode, Callee, Passed, Statement, edit};

/// Marks calls of functions that compute many numbers at a time.
pub fn mark(block: &mut Block) {
    for statement in block {
        if let Statement::Call(call) = statement {
            call.relaxed = has_entry(call);
        }
        edit::inner_blocks(statement, &mut mark);
    }
}

fn has_entry(call: &Call) -> bool {
    let Callee::Function { path, arguments, local: false } = &call.callee else { return false };
    let CallMode::Fused(back) = &call.mode else { return false };
    let is_it = matches!(path.clone().into_iter().last(), Some(TokenTree::Ident(name)) if name == "logsumexp");
    let of_sequence = matches!(call.arguments.as_slice(), [Argument { passed: Passed::Shared(_), .. }]);
    is_it && of_sequence && arguments.is_empty() && back.pushed.is_none() && back.slots.iter().all(Option::is_some)
}
