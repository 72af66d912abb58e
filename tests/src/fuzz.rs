//! Bad input for the macro: functions of the tests, cut off or with tokens deleted, doubled, exchanged and replaced.
//!
//! Whatever comes in, the macro must not panic and must end; what goes out is Rust, or holds errors that point into the input, and
//! then the item as it was written comes first.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use proc_macro2::{Group, Span, TokenStream, TokenTree};

use crate::random::batch::{Annotated, errors};
use crate::random::prng::Prng;

/// How long an expansion may take, on a machine that has much else to do.
const LIMIT: Duration = Duration::from_secs(60);

/// The attribute's arguments and an item, as text: tokens do not go from one thread to another.
#[derive(Clone, Debug)]
pub struct Case {
    /// The arguments.
    pub arguments: String,
    /// The item.
    pub item: String,
}

/// All annotated functions of the tests and examples, in a fixed order.
#[must_use]
pub fn corpus() -> Vec<Case> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["tests/tests", "tests/ui", "tests/expansions", "examples"] {
        collect(&workspace.join(folder), &mut files);
    }
    files.sort();
    let texts = files.iter().filter_map(|file| fs::read_to_string(file).ok());
    let parsed = texts.filter(|text| syn::parse_file(text).is_ok());
    let functions = parsed.flat_map(|text| Annotated::of(&text).0);
    functions.map(|(arguments, item)| Case { arguments: arguments.to_string(), item: item.to_string() }).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        match path.is_dir() {
            true if path.ends_with("target") => {}
            true => collect(&path, files),
            false if path.extension().is_some_and(|ending| ending == "rs") => files.push(path),
            false => {}
        }
    }
}

/// Tokens that are put in the place of others.
struct Pool(Vec<TokenTree>);

impl Pool {
    fn of(corpus: &[Case]) -> Self {
        let mut pool = Vec::new();
        for case in corpus {
            for text in [&case.item, &case.arguments] {
                flatten(&text.parse().expect("the corpus is made of tokens"), &mut pool);
            }
        }
        Self(pool)
    }
}

fn flatten(tokens: &TokenStream, to: &mut Vec<TokenTree>) {
    for token in tokens.clone() {
        if let TokenTree::Group(group) = &token {
            flatten(&group.stream(), to);
        }
        to.push(token);
    }
}

/// How many tokens there are, those inside of groups too.
#[must_use]
pub fn count(tokens: &TokenStream) -> usize {
    let mut all = Vec::new();
    flatten(tokens, &mut all);
    all.len()
}

/// The first tokens, and whatever closes the groups that are open there.
#[must_use]
pub fn cut(tokens: TokenStream, left: &mut usize) -> TokenStream {
    let mut kept = TokenStream::new();
    for token in tokens {
        if *left == 0 {
            break;
        }
        *left -= 1;
        kept.extend([match token {
            TokenTree::Group(group) => with(&group, cut(group.stream(), left)),
            other => other,
        }]);
    }
    kept
}

/// The group around other tokens, where it was.
fn with(group: &Group, tokens: TokenStream) -> TokenTree {
    let mut changed = Group::new(group.delimiter(), tokens);
    changed.set_span(group.span());
    changed.into()
}

/// The tokens with one change somewhere.
fn mutate(tokens: TokenStream, pool: &Pool, random: &mut Prng) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if tokens.is_empty() {
        return random.pick(&pool.0).clone().into();
    }
    let at = random.below(tokens.len());
    if let TokenTree::Group(group) = &tokens[at]
        && random.percent(90)
    {
        tokens[at] = with(group, mutate(group.stream(), pool, random));
        return tokens.into_iter().collect();
    }
    match random.below(6) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[at].clone()),
        2 => {
            let other = random.below(tokens.len());
            tokens.swap(at, other);
        }
        3 => tokens.insert(at, random.pick(&pool.0).clone()),
        4 => tokens.truncate(at),
        _ => tokens[at] = random.pick(&pool.0).clone(),
    }
    tokens.into_iter().collect()
}

/// A case from the corpus, changed once or a few times; now and then in its arguments.
fn case(corpus: &[Case], pool: &Pool, random: &mut Prng) -> (TokenStream, TokenStream) {
    let from = random.pick(corpus).clone();
    let mut arguments: TokenStream = from.arguments.parse().expect("the corpus is made of tokens");
    let mut item: TokenStream = from.item.parse().expect("the corpus is made of tokens");
    for _ in 0..random.between(1, 4) {
        match random.percent(25) {
            true => arguments = mutate(arguments, pool, random),
            false => item = mutate(item, pool, random),
        }
    }
    (arguments, item)
}

/// What is wrong with the macro's answer to an input.
///
/// # Errors
///
/// If it is neither Rust nor an error that points into the input.
pub fn check(arguments: TokenStream, item: TokenStream) -> Result<(), String> {
    let expansion = differentiable_compiler::differentiable(arguments.clone(), item.clone());
    let found = errors(expansion.clone());
    if found.is_empty() {
        let is_member = syn::parse2::<syn::File>(quote::quote!(impl X { #expansion })).is_ok();
        let is_item = is_member || syn::parse2::<syn::File>(expansion.clone()).is_ok();
        return if is_item { Ok(()) } else { Err(format!("the expansion is no Rust:\n{expansion}")) };
    }
    // a function with `#[cfg]` inside is written once for each way that it can turn out, and types written as `impl` get names
    let text = item.to_string();
    let is_rewritten = text.contains("cfg") || text.contains("impl");
    if !is_rewritten && !expansion.to_string().starts_with(&text) {
        return Err(format!("the item is not what was written:\n{expansion}"));
    }
    // what is no function may end too early, and then has no token to point to, but the attribute
    let at_end = syn::parse2::<syn::ItemFn>(item.clone()).is_err()
        || found.iter().any(|(message, ..)| message.starts_with("unexpected end of input"));
    let (mut starts, mut ends) = (BTreeSet::new(), BTreeSet::new());
    for tokens in [arguments, item] {
        bounds(&tokens, &mut starts, &mut ends);
    }
    let inside = |(start, end): &(usize, usize)| starts.contains(start) && ends.contains(end) || at_end && *end == 0;
    match error_ranges(&expansion).iter().find(|range| !inside(range)) {
        Some((start, end)) => Err(format!("an error points to {start}..{end}, which is not in the input:\n{found:?}")),
        None => Ok(()),
    }
}

/// Where the tokens start and end, those inside of groups too.
fn bounds(tokens: &TokenStream, starts: &mut BTreeSet<usize>, ends: &mut BTreeSet<usize>) {
    let mut all = Vec::new();
    flatten(tokens, &mut all);
    for token in all {
        let spans = match &token {
            TokenTree::Group(group) => vec![group.span_open(), group.span_close(), group.span()],
            other => vec![other.span()],
        };
        for (start, end) in spans.into_iter().filter_map(range).filter(|(_, end)| *end > 0) {
            starts.insert(start);
            ends.insert(end);
        }
    }
}

/// Where the errors of an expansion point.
fn error_ranges(expansion: &TokenStream) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    flatten(expansion, &mut all);
    let errors = all.iter().filter(|token| matches!(token, TokenTree::Ident(name) if name == "compile_error"));
    errors.filter_map(|token| range(token.span())).collect()
}

/// The bytes of a span, in all that has been parsed: only its text tells.
fn range(span: Span) -> Option<(usize, usize)> {
    let text = format!("{span:?}");
    let (start, end) = text.strip_prefix("bytes(")?.strip_suffix(')')?.split_once("..")?;
    start.parse().ok().zip(end.parse().ok())
}

/// Checks so many cases of a seed; a case that does not end is an error too.
///
/// # Errors
///
/// All inputs that the macro does not answer as it should.
pub fn run(seed: u64, cases: u64) -> Result<(), Vec<String>> {
    let (send, receive) = channel();
    let worker = thread::Builder::new().stack_size(8 << 20).spawn(move || {
        let corpus = corpus();
        let pool = Pool::of(&corpus);
        let mut wrong = Vec::new();
        for number in 0..cases {
            let (arguments, item) = case(&corpus, &pool, &mut Prng::new(seed, number));
            let shown = format!("case {number} of seed {seed}: #[differentiable({arguments})] {item}");
            if send.send(shown.clone()).is_err() {
                break;
            }
            match std::panic::catch_unwind(|| check(arguments, item)) {
                Ok(Ok(())) => {}
                Ok(Err(what)) => wrong.push(format!("{shown}\n{what}")),
                Err(_) => wrong.push(format!("{shown}\nthe macro panics")),
            }
        }
        wrong
    });
    let worker = worker.expect("a thread can be started");
    let mut last = String::new();
    loop {
        match receive.recv_timeout(LIMIT) {
            Ok(shown) => last = shown,
            Err(RecvTimeoutError::Timeout) => return Err(vec![format!("{last}\nthe macro does not end")]),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let wrong = worker.join().expect("the worker catches the panics of the macro");
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
