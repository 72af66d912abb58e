//! Whether a function gives the same each time that it is called with the same, and does nothing else: one call of it may then stand for many.
//!
//! *In:* a function as the user wrote it, and what it was translated to. *Out:* the functions that it calls, if it is pure where they are; `None`,
//! where it may not be.
//!
//! It is read as tokens, so that what macros are given is seen as well. Numbers, and sequences of them, keep no secrets: where a function takes nothing
//! else, what it does with them by operators and by methods of known names is the same each time. Any other call may print, count or draw a random number.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, ItemFn, PathArguments, Type};

use crate::ir::{Block, Callee, Statement};
use crate::rules::{Written, table::RULES};
use crate::signature::Signature;

use super::known;

/// What may be done by a macro.
const MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "matches",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
];

/// Methods of numbers and sequences that no other list has.
const METHODS: &[&str] = &[
    "abs_diff",
    "as_mut_slice",
    "clone",
    "into_iter",
    "is_finite",
    "is_infinite",
    "is_multiple_of",
    "is_nan",
    "is_sign_negative",
    "is_sign_positive",
    "partial_cmp",
    "pow",
    "rem_euclid",
    "saturating_add",
    "saturating_mul",
    "saturating_sub",
    "sin_cos",
    "to_owned",
    "total_cmp",
    "wrapping_add",
    "wrapping_mul",
    "wrapping_sub",
];

/// Functions that give the same each time, by where they come from, as the path names it.
const FUNCTIONS: &[(&str, &[&str])] = &[
    ("Default", &["default"]),
    ("Vec", &["from", "from_iter", "new", "with_capacity"]),
    ("array", &["from_fn"]),
    ("iter", &["empty", "from_fn", "once", "repeat", "repeat_n", "successors", "zip"]),
    ("mem", &["replace", "swap", "take"]),
];

/// Those of numbers that are no methods.
const OF_NUMBERS: &[&str] = &["default", "from", "from_f64", "from_usize", "try_from"];

/// Types and variants that are no one's own.
const STANDARD: &[&str] =
    &["Default", "Equal", "Err", "Greater", "Iterator", "Less", "None", "Ok", "Option", "Ordering", "Real", "Some", "Vec"];

/// Words after which parentheses are no call, and those that let a body do what is not seen here.
const WORDS: &[&str] = &["as", "break", "else", "for", "if", "in", "let", "match", "move", "mut", "ref", "return", "while"];
const UNSEEN: &[&str] = &["async", "await", "extern", "static", "unsafe", "use"];

const NUMBERS: &[&str] =
    &["bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

/// The paths of the functions that the body calls, where it does nothing else that is not known.
pub fn calls(function: &ItemFn, signature: &Signature) -> Option<BTreeSet<String>> {
    let is_plain = |ty: &Type| is_plain(ty, signature);
    let plain = signature.parameters.iter().all(|p| p.syntax.as_ref().is_some_and(is_plain));
    if !plain || signature.member || signature.recursive || signature.is_unsafe || signature.is_const {
        return None;
    }
    let mut reader = Reader { own: BTreeSet::new(), called: BTreeSet::new(), signature };
    let body = function.block.to_token_stream();
    reader.declare(body.clone());
    reader.is_known(body).then_some(reader.called)
}

/// The functions that have to be pure, where all of the `called` have derivatives.
pub fn callees(called: BTreeSet<String>, body: &Block) -> Option<Vec<TokenStream>> {
    let mut found = Vec::new();
    let mut rest = called;
    functions(body, &mut |path| {
        if rest.remove(&path.to_string()) {
            found.push(path.clone());
        }
    });
    rest.is_empty().then_some(found)
}

fn functions(body: &Block, visit: &mut impl FnMut(&TokenStream)) {
    for statement in body {
        match statement {
            Statement::Call(call) => {
                if let Callee::Function { path, local: false, .. } = &call.callee {
                    visit(path);
                }
            }
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| functions(&arm.body, visit)),
            Statement::Loop(each) => functions(&each.body, visit),
            _ => {}
        }
    }
}

/// Whether the type is made of numbers.
fn is_plain(ty: &Type, signature: &Signature) -> bool {
    match ty {
        Type::Reference(reference) => is_plain(&reference.elem, signature),
        Type::Slice(slice) => is_plain(&slice.elem, signature),
        Type::Array(array) => is_plain(&array.elem, signature),
        Type::Paren(paren) => is_plain(&paren.elem, signature),
        Type::Tuple(tuple) => tuple.elems.iter().all(|part| is_plain(part, signature)),
        Type::Path(path) if path.qself.is_none() => {
            let Some(last) = path.path.segments.last() else { return false };
            match &last.arguments {
                PathArguments::None if path.path.segments.len() == 1 => {
                    NUMBERS.iter().any(|number| last.ident == number) || signature.scalars.contains(&last.ident)
                }
                PathArguments::AngleBracketed(arguments) if last.ident == "Vec" || last.ident == "Option" => {
                    arguments.args.iter().all(|of| matches!(of, GenericArgument::Type(of) if is_plain(of, signature)))
                }
                _ => false,
            }
        }
        _ => false,
    }
}

struct Reader<'a> {
    /// The functions and closures of the body.
    own: BTreeSet<String>,
    /// The paths of those that it calls, and which are not its own.
    called: BTreeSet<String>,
    signature: &'a Signature,
}

fn is_punct(token: Option<&TokenTree>, of: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == of)
}

fn is_parenthesis(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

fn begins_with_a_capital(name: &Ident) -> bool {
    name.to_string().starts_with(char::is_uppercase)
}

/// Whether the name is that of a constant or a static, as they are written.
fn is_global(name: &str) -> bool {
    name.len() > 1 && name.starts_with(char::is_uppercase) && !name.contains(char::is_lowercase)
}

impl Reader<'_> {
    /// Finds `fn name` and `let name = |..|`.
    fn declare(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.declare(group.stream()),
                TokenTree::Ident(word) if word == "fn" => {
                    if let Some(TokenTree::Ident(name)) = tokens.get(at + 1) {
                        self.own.insert(name.to_string());
                    }
                }
                TokenTree::Ident(word) if word == "let" => {
                    if let [TokenTree::Ident(name), equals, begin, ..] = &tokens[at + 1..]
                        && is_punct(Some(equals), '=')
                        && is_punct(Some(begin), '|')
                    {
                        self.own.insert(name.to_string());
                    }
                }
                _ => {}
            }
        }
    }

    fn is_known(&mut self, tokens: TokenStream) -> bool {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        (0..tokens.len()).all(|at| match &tokens[at] {
            TokenTree::Group(group) => self.is_known(group.stream()),
            TokenTree::Ident(name) => self.is_known_use(name, &tokens, at),
            _ => true,
        })
    }

    /// Whether what is done with a name is known.
    fn is_known_use(&mut self, name: &Ident, tokens: &[TokenTree], at: usize) -> bool {
        let next = tokens.get(at + 1);
        let word = name.to_string();
        let word = word.as_str();
        if UNSEEN.contains(&word) || self.is_ones_own(name) {
            return false;
        }
        if is_punct(next, '!') && matches!(tokens.get(at + 2), Some(TokenTree::Group(_))) {
            return MACROS.contains(&word);
        }
        let is_member = is_punct(at.checked_sub(1).and_then(|at| tokens.get(at)), '.')
            && !is_punct(at.checked_sub(2).and_then(|at| tokens.get(at)), '.');
        // what is declared outside may be anything
        if is_global(word) && is_punct(next, '.') && !is_punct(tokens.get(at + 2), '.') {
            return matches!(tokens.get(at + 2), Some(TokenTree::Ident(name)) if name == "len" || name == "iter");
        }
        let is_declared = WORDS.contains(&word)
            || matches!(at.checked_sub(1).and_then(|at| tokens.get(at)), Some(TokenTree::Ident(word)) if word == "fn");
        match (is_called(tokens, at), is_declared) {
            (true, false) if is_member => is_method(name),
            (true, false) => self.is_function(tokens, at),
            _ => true,
        }
    }

    /// Whether a name is written as that of a type of one's own, whose operators and `drop` may do anything.
    fn is_ones_own(&self, name: &Ident) -> bool {
        let word = name.to_string();
        let is_type = begins_with_a_capital(name) && word.contains(char::is_lowercase);
        is_type && !STANDARD.contains(&word.as_str()) && !self.signature.type_parameters.contains(name)
    }

    /// Whether the function whose path ends there is known; one that may have derivatives is noted.
    fn is_function(&mut self, tokens: &[TokenTree], at: usize) -> bool {
        let mut path = vec![at];
        while let [.., first] = path[..] {
            let before = |back: usize| first.checked_sub(back).and_then(|at| tokens.get(at));
            match before(3) {
                Some(TokenTree::Ident(_)) if is_punct(before(1), ':') && is_punct(before(2), ':') => path.push(first - 3),
                _ if is_punct(before(1), ':') && is_punct(before(2), ':') => return false,
                _ => break,
            }
        }
        let names = path.iter().rev().map(|at| match &tokens[*at] {
            TokenTree::Ident(name) => name,
            _ => unreachable!("a path is made of names"),
        });
        let names: Vec<&Ident> = names.collect();
        let [modules @ .., last] = names.as_slice() else { return false };
        let is_variant = ["Some", "Ok", "Err"].iter().any(|name| *last == name);
        if is_variant || modules.is_empty() && self.own.contains(&last.to_string()) {
            return true;
        }
        if let Some(home) = modules.last() {
            let of_number =
                || *home == "Real" || NUMBERS.iter().any(|name| *home == name) || self.signature.scalars.contains(home);
            let is_of = |names: &[&str]| names.iter().any(|name| *last == name);
            if FUNCTIONS.iter().any(|(of, names)| *home == of && is_of(names))
                || of_number() && (is_of(OF_NUMBERS) || is_method(last))
            {
                return true;
            }
        }
        if *last == "stop_gradient" {
            return true;
        }
        if names.iter().any(|name| begins_with_a_capital(name)) {
            return false;
        }
        // what it is itself does not depend on whether it is
        let is_itself = **last == self.signature.name;
        if !is_itself {
            self.called.insert(quote!(#(#names)::*).to_string());
        }
        !is_itself || modules.is_empty()
    }
}

/// Whether parentheses follow the name, perhaps after generic arguments.
fn is_called(tokens: &[TokenTree], at: usize) -> bool {
    if is_parenthesis(tokens.get(at + 1)) {
        return true;
    }
    let opens = [':', ':', '<'].iter().enumerate().all(|(ahead, of)| is_punct(tokens.get(at + 1 + ahead), *of));
    if !opens {
        return false;
    }
    let mut depth = 0usize;
    for (position, token) in tokens.iter().enumerate().skip(at + 3) {
        let after_arrow = is_punct(position.checked_sub(1).and_then(|at| tokens.get(at)), '-');
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' && !after_arrow => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return is_parenthesis(tokens.get(position + 1));
        }
    }
    false
}

fn is_method(name: &Ident) -> bool {
    let word = name.to_string();
    let is_rule = || RULES.iter().any(|rule| rule.written == Written::Method && word == rule.name);
    METHODS.contains(&word.as_str()) || known::is_method(name) || is_rule()
}
