//! Inactive Rust that is copied as it is, and what its tokens tell.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use super::{Block, Statement, Var};

/// Rust code that touches no derivative.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code.
    pub tokens: TokenStream,
    /// The variables that occur in it.
    pub reads: Vec<Var>,
    /// Whether evaluating it again changes nothing and costs little.
    pub repeatable: bool,
    /// Where it stands.
    pub span: Span,
}

impl Code {
    /// The number, where it is a literal without a suffix.
    pub fn literal<N: std::str::FromStr>(&self) -> Option<N> {
        // what reads a variable need not be written out to see that it is none
        if self.reads.is_empty() { literal(&self.tokens) } else { None }
    }

    /// Whether it is the length of an array that follows from the array's use.
    pub fn is_inferred(&self) -> bool {
        self.reads.is_empty() && self.tokens.to_string() == "_"
    }

    /// Whether it is a range, as an index that gives a part of a sequence is; not, whether there is one inside of it.
    pub fn is_range(&self) -> bool {
        fn has_dots(tokens: TokenStream) -> bool {
            let tokens: Vec<TokenTree> = tokens.into_iter().collect();
            let is_dot = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '.');
            match tokens.as_slice() {
                [TokenTree::Group(group)] if group.delimiter() != Delimiter::Brace => has_dots(group.stream()),
                tokens => tokens.windows(2).any(|pair| pair.iter().all(is_dot)),
            }
        }
        has_dots(self.tokens.clone())
    }
}

/// Macros that never end.
pub const ENDLESS: &[&str] = &["panic", "unreachable", "todo", "unimplemented"];

/// Whether the end of the statements is never reached, as they end in a macro like `panic!`.
pub fn never_ends(block: &Block) -> bool {
    matches!(block.last(), Some(Statement::Code { code, .. }) if ends_in_a_panic(code.tokens.clone()))
}

/// Whether the last statement is `panic!(..)` or the like, perhaps in a block of its own.
fn ends_in_a_panic(tokens: TokenStream) -> bool {
    let is_punct = |token: &TokenTree, of: &[char]| matches!(token, TokenTree::Punct(punct) if of.contains(&punct.as_char()));
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.pop_if(|last| is_punct(last, &[';']));
    match tokens.as_slice() {
        [TokenTree::Group(block)] if block.delimiter() == Delimiter::Brace => ends_in_a_panic(block.stream()),
        [before @ .., TokenTree::Ident(name), bang, TokenTree::Group(_)] if is_punct(bang, &['!']) => {
            // the beginning of a statement, or of a path
            let begins = before.last().is_none_or(|token| match token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                other => is_punct(other, &[';', ':']),
            });
            begins && ENDLESS.iter().any(|endless| name == endless)
        }
        _ => false,
    }
}

/// The number, where the tokens are a literal without a suffix.
pub fn literal<N: std::str::FromStr>(tokens: &TokenStream) -> Option<N> {
    tokens.to_string().parse().ok()
}

/// Whether the tokens are names with `::` between them.
pub(super) fn is_path(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().all(|token| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    })
}
