//! The arguments of the attribute.
//!
//! *In:* the tokens between the parentheses of `#[differentiable(..)]`. *Out:* [`Args`], or errors at the token that is wrong.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Path, Token, parenthesized, token};

use crate::error::{Errors, nearest, with_help};
use crate::grouping;

/// What the attribute says.
#[derive(Debug, Default)]
pub struct Args {
    /// The names in `wrt(..)`, where it is given.
    pub wrt: Option<Vec<Ident>>,
    /// The function is a member of an `impl` though it has no receiver and does not mention `Self`.
    pub associated: bool,
    /// Second derivatives are wanted.
    pub second_order: bool,
    /// It calls functions that call it.
    pub recursive: bool,
    /// The value may differ by rounding from the function's.
    pub relaxed: bool,
    /// The partial derivatives that are given.
    pub partials: Option<Vec<Partial>>,
    /// A function that stands for the generated `vjp`.
    pub vjp: Option<Path>,
    /// A function that stands for the generated `jvp`.
    pub jvp: Option<Path>,
    /// Under which name the derivatives stand.
    pub name: Option<Ident>,
    /// Where the runtime is.
    pub runtime: Option<Path>,
    /// One of them was not understood, so that nothing is known for certain.
    pub wrong: bool,
}

/// A partial derivative: the parameter's name, and the expression.
#[derive(Clone, Debug)]
pub struct Partial {
    /// The parameter.
    pub parameter: Ident,
    /// Its partial derivative.
    pub expr: Expr,
}

/// The arguments, each with how it is written.
const KNOWN: &[(&str, &str)] = &[
    ("wrt", "wrt(..)"),
    ("second_order", "second_order"),
    ("relaxed", "relaxed"),
    ("associated", "associated"),
    ("recursive", "recursive"),
    ("partials", "partials(..)"),
    ("vjp", "vjp = path"),
    ("jvp", "jvp = path"),
    ("name", "name = Ident"),
    ("crate", "crate = path"),
];

enum Arg {
    Wrt(Vec<Ident>),
    Flag,
    Name(Ident),
    Runtime(Path),
    Partials(Vec<Partial>),
    Rule(Path),
}

struct Named {
    key: Ident,
    arg: Arg,
}

impl Parse for Named {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let Ok(key) = input.call(Ident::parse_any) else {
            return Err(input.error(with_help("an argument of `#[differentiable]` begins with its name", &listed())));
        };
        let arg = match key.to_string().as_str() {
            "wrt" => Arg::Wrt(names(&key, input)?),
            "associated" | "recursive" | "relaxed" | "second_order" => Arg::Flag,
            "name" => Arg::Name(value(&key, input, "an identifier", "name = Energy")?),
            "crate" => Arg::Runtime(path(&key, input, "crate = my_crate::differentiable")?),
            "partials" => Arg::Partials(partials(&key, input)?),
            "vjp" | "jvp" => Arg::Rule(path(&key, input, &format!("{key} = my_{key}"))?),
            other => return Err(syn::Error::new(key.span(), unknown(other))),
        };
        if !input.is_empty() {
            let what = match arg {
                Arg::Flag if input.peek(Token![=]) || input.peek(token::Paren) => format!("`{key}` takes no value"),
                _ => "a comma is missing before this".to_owned(),
            };
            let help = match arg {
                Arg::Flag if what.ends_with("value") => format!("write `{key}` alone"),
                _ => "write arguments as in `wrt(x), second_order`".to_owned(),
            };
            return Err(input.error(with_help(&what, &help)));
        }
        Ok(Self { key, arg })
    }
}

fn listed() -> String {
    let known: Vec<_> = KNOWN.iter().map(|(_, written)| format!("`{written}`")).collect();
    format!("the arguments are {}", known.join(", "))
}

fn unknown(name: &str) -> String {
    let what = format!("unknown argument `{name}`");
    match nearest(name, KNOWN.iter().map(|(name, _)| *name)) {
        Some(near) => {
            let written = KNOWN.iter().find(|(name, _)| *name == near).map_or(near, |(_, written)| written);
            with_help(&what, &format!("did you mean `{written}`? {}", listed()))
        }
        None => with_help(&what, &listed()),
    }
}

/// `(a, b)`
fn names(key: &Ident, input: ParseStream) -> syn::Result<Vec<Ident>> {
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(
            key.span(),
            with_help("`wrt` takes the names of parameters", "write them as in `wrt(x, y)`"),
        ));
    }
    let inside;
    parenthesized!(inside in input);
    let mut names = Vec::new();
    while !inside.is_empty() {
        let name = inside.call(Ident::parse_any);
        names.push(name.map_err(|error| {
            syn::Error::new(error.span(), with_help("`wrt(..)` names parameters", "write the name alone, as in `wrt(x)`"))
        })?);
        if !inside.is_empty() && inside.parse::<Token![,]>().is_err() {
            let what = "`wrt(..)` names whole parameters, each by one word";
            return Err(inside.error(with_help(what, "name the parameter, and separate names by commas: `wrt(x, y)`")));
        }
    }
    if names.is_empty() {
        let what = "`wrt()` names no parameter";
        return Err(syn::Error::new(key.span(), with_help(what, "name at least one, or leave `wrt` out")));
    }
    Ok(names)
}

/// `(x = expression, y = expression)`
fn partials(key: &Ident, input: ParseStream) -> syn::Result<Vec<Partial>> {
    if !input.peek(token::Paren) {
        let what = "`partials` takes an expression for each active parameter";
        return Err(syn::Error::new(key.span(), with_help(what, HOW_PARTIALS)));
    }
    let inside;
    parenthesized!(inside in input);
    Ok(Punctuated::<Partial, Token![,]>::parse_terminated_with(&inside, partial)?.into_iter().collect())
}

const HOW_PARTIALS: &str = "write them as in `partials(x = 2.0 * x)`";

/// `x = expression`
fn partial(input: ParseStream) -> syn::Result<Partial> {
    let Ok(parameter) = input.call(Ident::parse_any) else {
        return Err(input.error(with_help("a partial derivative begins with the name of its parameter", HOW_PARTIALS)));
    };
    if input.parse::<Token![=]>().is_err() {
        let what = format!("the partial derivative by `{parameter}` has no expression");
        return Err(syn::Error::new(parameter.span(), with_help(&what, HOW_PARTIALS)));
    }
    let mut expr = input.parse()?;
    grouping::write_in(&mut expr);
    Ok(Partial { parameter, expr })
}

/// `= value`
fn value<T: Parse>(key: &Ident, input: ParseStream, kind: &str, example: &str) -> syn::Result<T> {
    let wrong = |span| syn::Error::new(span, with_help(&format!("`{key}` takes {kind}"), &format!("write `{example}`")));
    let equals = input.parse::<Token![=]>().map_err(|_| wrong(key.span()))?;
    // what ends too early has no span of its own
    let value = input.parse::<T>().map_err(|error| wrong(if input.is_empty() { equals.span } else { error.span() }))?;
    if input.peek(Token![::]) { Err(wrong(input.span())) } else { Ok(value) }
}

/// `= path`
fn path(key: &Ident, input: ParseStream, example: &str) -> syn::Result<Path> {
    let wrong = |span| syn::Error::new(span, with_help(&format!("`{key}` takes a path"), &format!("write `{example}`")));
    let equals = input.parse::<Token![=]>().map_err(|_| wrong(key.span()))?;
    let parsed = if key == "crate" { input.call(Path::parse_mod_style) } else { input.parse::<Path>() };
    parsed.map_err(|error| wrong(if input.is_empty() { equals.span } else { error.span() }))
}

/// Reads the arguments, each for itself, so that a mistake in one hides none in another.
pub fn parse(tokens: TokenStream, errors: &mut Errors) -> Args {
    let mut args = Args::default();
    let mut seen: Vec<Ident> = Vec::new();
    for tokens in separated(tokens) {
        let Named { key, arg } = match syn::parse2(tokens) {
            Ok(named) => named,
            Err(error) => {
                errors.syn(&error);
                args.wrong = true;
                continue;
            }
        };
        let name = key.to_string();
        if seen.contains(&key) {
            errors.span(key.span(), with_help(&format!("`{name}` is given twice"), "leave one of them out"));
        }
        match arg {
            Arg::Wrt(names) => args.wrt = Some(names),
            Arg::Name(name) => args.name = Some(name),
            Arg::Runtime(path) => args.runtime = Some(path),
            Arg::Flag if name == "associated" => args.associated = true,
            Arg::Flag if name == "second_order" => args.second_order = true,
            Arg::Flag if name == "recursive" => args.recursive = true,
            Arg::Flag => args.relaxed = true,
            Arg::Partials(partials) => args.partials = Some(partials),
            Arg::Rule(path) if name == "vjp" => args.vjp = Some(path),
            Arg::Rule(path) => args.jvp = Some(path),
        }
        seen.push(key);
    }
    reject_combinations(&seen, errors);
    args
}

/// The tokens between commas outside of `<..>`; one at the end separates nothing.
fn separated(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    let mut depth = 0_usize;
    for token in tokens {
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    parts.push(TokenStream::new());
                    continue;
                }
                _ => {}
            }
        }
        parts.last_mut().expect("there is always one").extend([token]);
    }
    if parts.last().is_some_and(TokenStream::is_empty) {
        parts.pop();
    }
    parts
}

/// Rules of one's own stand alone, and have second order where it can be made of them.
fn reject_combinations(seen: &[Ident], errors: &mut Errors) {
    let find = |name: &str| seen.iter().find(|key| *key == name);
    for other in ["vjp", "jvp"] {
        if let (Some(_), Some(key)) = (find("partials"), find(other)) {
            let what = format!("`{other}` does not go with `partials`: both are rules for the same function");
            errors.span(key.span(), with_help(&what, "leave one of them out"));
        }
    }
    if let (Some(_), None, Some(key)) = (find("vjp"), find("jvp"), find("second_order")) {
        let what =
            "`second_order` needs both `vjp` and `jvp` where one is given: second derivatives are forward mode through them";
        errors.span(key.span(), with_help(what, "give `jvp = path` as well, or leave `second_order` out"));
    }
}
