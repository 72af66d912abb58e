//! The lengths of what belongs to one iteration: `data[i].x.len()` in a loop over `0..data.len()`.
//!
//! *In:* the ends of a loop inside, as tokens. *Out:* those lengths, where the index stands in nothing else: if they are the same for eight iterations, so
//! are the ends. To ask for them has no effect and cannot fail, as the index is within the sequence.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::ir::Code;

/// What the sequence is called whose length the code is, `data.len()`.
pub fn sequence(end: &Code) -> Option<String> {
    let tokens: Vec<TokenTree> = end.tokens.clone().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(name), rest @ ..] if length_behind(rest) == Some(rest.len()) => Some(name.to_string()),
        _ => None,
    }
}

/// Adds the lengths to what is `found`; none where the index stands in something else.
pub fn lengths(tokens: &TokenStream, index: &Ident, sequence: &str, found: &mut Vec<TokenStream>) -> Option<()> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(count) = length_of_element(&tokens[at..], index, sequence) {
            found.push(tokens[at..at + count].iter().cloned().collect());
            at += count;
            continue;
        }
        match &tokens[at] {
            TokenTree::Ident(name) if name == index => return None,
            TokenTree::Group(group) => lengths(&group.stream(), index, sequence, found)?,
            _ => {}
        }
        at += 1;
    }
    Some(())
}

/// How many tokens `data[i].x.len()` takes at the beginning.
fn length_of_element(tokens: &[TokenTree], index: &Ident, sequence: &str) -> Option<usize> {
    let [TokenTree::Ident(name), TokenTree::Group(at), rest @ ..] = tokens else { return None };
    let is_index = at.delimiter() == Delimiter::Bracket && *index == at.stream().to_string();
    if name != sequence || !is_index {
        return None;
    }
    Some(2 + length_behind(rest)?)
}

/// How many tokens `.x.len()` takes at the beginning.
fn length_behind(tokens: &[TokenTree]) -> Option<usize> {
    let mut at = 0;
    loop {
        let [TokenTree::Punct(dot), TokenTree::Ident(name), rest @ ..] = &tokens[at..] else { return None };
        let is_call = matches!(rest.first(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
        if dot.as_char() != '.' || is_call && name != "len" {
            return None;
        }
        at += 2;
        if is_call {
            return Some(at + 1);
        }
    }
}
