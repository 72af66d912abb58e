//! Where the tokens of an expansion are resolved, each at its place in the source.
//!
//! *In:* tokens, of which some are the user's. *Out:* the same, resolved at the call site of the macro, so that lints stay silent. In the bodies
//! of the derivatives, what is copied stays as the user wrote it: a mistake in it is then the same error, at the same place, as in the function
//! itself, and rustc shows it once. What is declared or assigned, at which lints look, is resolved at the call site before
//! (`lower::rewrite::rename`): there is other code around it in derivatives.

extern crate proc_macro;

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ItemFn;

/// What is copied from a function.
#[derive(Debug, Default)]
pub struct Source {
    /// Its names, where copies of them stay as they are.
    names: Option<BTreeSet<String>>,
    /// Those in the types of its parameters and its result.
    types: BTreeSet<String>,
}

impl Source {
    /// Of a function. Nothing stays as it is where the function allows lints, as its derivatives do not, and where macros wrote some of it, as its
    /// names may be theirs then.
    pub fn of(function: &ItemFn) -> Self {
        let mut names = BTreeSet::new();
        let mut written = all_written(function.block.to_token_stream(), &mut names);
        let (mut types, mut parameters) = (BTreeSet::new(), BTreeSet::new());
        for input in &function.sig.inputs {
            if let syn::FnArg::Typed(typed) = input {
                written &= all_written(typed.ty.to_token_stream(), &mut types);
                written &= all_written(typed.pat.to_token_stream(), &mut parameters);
            }
        }
        written &= all_written(function.sig.output.to_token_stream(), &mut types);
        // where the attribute is a macro's, so is what derivatives declare
        let ItemFn { attrs, vis, sig, .. } = function;
        let whole = function.to_token_stream();
        written &= all_written(quote!(#(#attrs)* #vis #sig), &mut BTreeSet::new()) && follows_the_attribute(whole.clone());
        types.retain(|name| !parameters.contains(name));
        names.extend(types.iter().cloned());
        Self { names: Some(names).filter(|_| written && !allows_lints(whole)), types }
    }
}

/// Whether the function stands where its attribute does, on the same line or below it, rather than in the attribute of a macro that was given it.
fn follows_the_attribute(function: TokenStream) -> bool {
    if !proc_macro::is_available() {
        return false;
    }
    let attribute = Span::call_site().unwrap();
    let at = |span: proc_macro::Span| (span.line(), span.column());
    let (start, end) = (at(attribute.start()), at(attribute.end()));
    let tokens = function.into_iter().map(|token| token.span().unwrap());
    let mut behind = tokens.filter(|span| span.file() == attribute.file()).map(at).filter(|at| *at >= end);
    behind.next().is_some_and(|at| at == (end.0, end.1 + 1) || at == (end.0 + 1, start.1))
}

/// Whether all names stand in the source as they are; the names.
fn all_written(tokens: TokenStream, names: &mut BTreeSet<String>) -> bool {
    tokens.into_iter().all(|token| match token {
        TokenTree::Ident(ident) => {
            names.insert(ident.to_string());
            context(&ident) == "#0"
        }
        TokenTree::Group(group) => all_written(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => true,
    })
}

/// Whether there is an attribute that may allow a lint.
fn allows_lints(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_attribute = |group: &Group| {
        let first = group.stream().into_iter().next();
        matches!(first, Some(TokenTree::Ident(ident)) if ["allow", "expect", "cfg_attr"].iter().any(|name| ident == name))
    };
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            group.delimiter() == Delimiter::Bracket && is_attribute(&group) || allows_lints(group.stream())
        }
        _ => false,
    })
}

/// Resolves the tokens of items.
pub fn resolve(tokens: TokenStream, source: &Source) -> TokenStream {
    let Some(names) = &source.names else { return all_at_call_site(tokens) };
    let mut is_function = false;
    over(tokens, |token, word, after_quote| match token {
        TokenTree::Group(group) if is_function && group.delimiter() == Delimiter::Brace => {
            is_function = false;
            let span = at_call_site(group.span());
            regrouped(group, span, |inside| copied(inside, names))
        }
        TokenTree::Group(group) => {
            let span = at_call_site(group.span());
            regrouped(group, span, |inside| resolve(inside, source))
        }
        TokenTree::Ident(ident) if !after_quote && source.types.contains(word) => ident.into(),
        other => {
            is_function |= word == "fn";
            resolved(other)
        }
    })
}

/// Resolves all tokens at the call site.
pub fn all_at_call_site(tokens: TokenStream) -> TokenStream {
    over(tokens, |token, _, _| match token {
        TokenTree::Group(group) => {
            let span = if has_temporaries_at_its_end(&group) { group.span() } else { at_call_site(group.span()) };
            regrouped(group, span, all_at_call_site)
        }
        other => resolved(other),
    })
}

/// Resolves the tokens of a body.
fn copied(tokens: TokenStream, names: &BTreeSet<String>) -> TokenStream {
    let (mut may_be_called, mut declares) = (false, false);
    over(tokens, |token, word, after_quote| {
        let called = std::mem::replace(&mut may_be_called, is_end_of_callee(&token, word));
        let declared = std::mem::replace(&mut declares, !word.is_empty() && DECLARING.contains(&word));
        match token {
            TokenTree::Group(group) => {
                // elsewhere there may be no need for parentheses and braces, of which a lint warns
                let stays = called || group.delimiter() == Delimiter::Bracket || has_temporaries_at_its_end(&group);
                let span = if stays { group.span() } else { at_call_site(group.span()) };
                regrouped(group, span, |inside| copied(inside, names))
            }
            TokenTree::Ident(ident) if after_quote || declared || !names.contains(word) => resolved(ident.into()),
            other => other,
        }
    })
}

/// Whether a group is a block with a call behind its statements: its edition decides whether what that borrows of them is gone before they are.
fn has_temporaries_at_its_end(group: &Group) -> bool {
    if group.delimiter() != Delimiter::Brace {
        return false;
    }
    let mut calls = false;
    for token in group.stream().into_iter().collect::<Vec<_>>().iter().rev() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => return calls,
            TokenTree::Group(group) => calls |= group.delimiter() == Delimiter::Parenthesis,
            _ => {}
        }
    }
    false
}

/// Words behind which a name is declared: code that is copied with names for what it mentions declares them where it mentions them.
const DECLARING: [&str; 4] = ["let", "mut", "ref", "for"];

/// Whether a group behind the token may be the arguments of a call, of a macro or of a struct.
fn is_end_of_callee(token: &TokenTree, word: &str) -> bool {
    match token {
        TokenTree::Ident(_) => !["if", "else", "match", "return", "in", "break", "let", "move"].contains(&word),
        TokenTree::Punct(punct) => matches!(punct.as_char(), '!' | '>'),
        TokenTree::Group(_) => true,
        TokenTree::Literal(_) => false,
    }
}

fn resolved(mut token: TokenTree) -> TokenTree {
    token.set_span(at_call_site(token.span()));
    token
}

/// The group with other tokens inside. It is taken, so that its tokens are not copied.
fn regrouped(group: Group, span: Span, inside: impl FnOnce(TokenStream) -> TokenStream) -> TokenTree {
    let (delimiter, tokens) = (group.delimiter(), group.stream());
    drop(group);
    let mut new = Group::new(delimiter, inside(tokens));
    new.set_span(span);
    new.into()
}

/// Replaces tokens, of which it is said what word they are (none for what is no word), as to ask a token costs more than to keep the answer, and
/// whether a quote stands before them; not those that have to stay.
fn over(tokens: TokenStream, mut each: impl FnMut(TokenTree, &str, bool) -> TokenTree) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut replaced = Vec::with_capacity(tokens.len());
    let mut rest = tokens.into_iter();
    let mut after_quote = false;
    let mut rescoped: Option<Rescoped> = None;
    while let Some(mut token) = rest.next() {
        let word = if let TokenTree::Ident(ident) = &token { ident.to_string() } else { String::new() };
        let condition = if word == "if" || word == "while" { chain(rest.as_slice()) } else { None };
        if word == "if" {
            rescoped = Rescoped::of(rest.as_slice(), rescoped);
        }
        if let Some((condition, source)) = condition {
            token.set_span(source);
            replaced.push(token);
            replaced.extend(rest.by_ref().take(condition));
            rescoped.iter_mut().for_each(|rescoped| rescoped.condition = 0);
            continue;
        }
        if let Some(source) = Rescoped::next(&mut rescoped, &token, &word) {
            let mut token = each(token, &word, false);
            token.set_span(source);
            replaced.push(token);
            continue;
        }
        let is_quote = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
        let quoted = std::mem::replace(&mut after_quote, is_quote);
        replaced.push(if word == "$crate" { token } else { each(token, &word, quoted) });
    }
    replaced.into_iter().collect()
}

/// An `if let` with an `else` that binds what calls give: its edition, which is that of its first and of its last token, decides until when temporaries live.
/// These stay where the user wrote them.
struct Rescoped {
    source: Span,
    /// How many tokens of the condition are still to come.
    condition: usize,
}

impl Rescoped {
    /// Behind an `if`, which may be one that stands behind the `else` of another.
    fn of(tokens: &[TokenTree], before: Option<Self>) -> Option<Self> {
        let condition = tokens.iter().take_while(|token| !is_body(token)).count();
        let is_call = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
        let is_else = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "else");
        let binding = tokens[..condition].iter().find(|token| matches!(token, TokenTree::Ident(ident) if ident == "let"));
        let goes_on = tokens.get(condition + 1).is_some_and(is_else) && tokens[..condition].iter().any(is_call);
        let source = binding.filter(|_| goes_on).map(TokenTree::span).or(before.map(|before| before.source))?;
        Some(Self { source, condition: condition + 1 })
    }

    /// Where the next token stays, if it does: the `if` itself, and the blocks behind its condition.
    fn next(rescoped: &mut Option<Self>, token: &TokenTree, word: &str) -> Option<Span> {
        let Self { source, condition } = rescoped.as_mut()?;
        let source = *source;
        if *condition > 0 {
            *condition -= 1;
            return (word == "if").then_some(source);
        }
        if !is_body(token) && word != "else" {
            *rescoped = None;
        }
        is_body(token).then_some(source)
    }
}

fn is_body(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// Behind an `if` or a `while`, where `a && let b = c` stands: the length of the condition, and the source of its `let`. These tokens stay where the user
/// wrote them: it is decided by their edition whether `let` may be in a chain, and the macro's own has none.
fn chain(tokens: &[TokenTree]) -> Option<(usize, Span)> {
    let condition: Vec<&TokenTree> = tokens.iter().take_while(|token| !is_body(token)).collect();
    let is_and = |token: &&TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '&');
    let is_chain = condition.windows(2).any(|pair| pair.iter().all(is_and));
    let is_let = |token: &&&TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "let");
    condition.iter().find(is_let).filter(|_| is_chain).map(|token| (condition.len(), token.span()))
}

/// The place in the source, resolved at the call site.
pub fn at_call_site(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// The tokens, all at one place of the source.
pub fn located(tokens: TokenStream, span: Span) -> TokenStream {
    let at = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), located(group.stream(), span)).into();
        }
        if !matches!(&token, TokenTree::Ident(ident) if ident == "$crate") {
            token.set_span(span);
        }
        token
    };
    tokens.into_iter().map(at).collect()
}

/// The tokens, all at one place of the source, each with the names that it had.
pub fn moved(tokens: TokenStream, to: Span) -> TokenStream {
    let at = |mut token: TokenTree| {
        let span = token.span().located_at(to);
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), moved(group.stream(), to)).into();
        }
        token.set_span(span);
        token
    };
    tokens.into_iter().map(at).collect()
}

/// The expansion that an identifier comes from, as far as it can be seen: the beginning of what its span shows.
pub fn context(ident: &Ident) -> String {
    let shown = format!("{:?}", ident.span());
    shown.split_whitespace().next().filter(|first| first.starts_with('#')).unwrap_or_default().to_owned()
}
