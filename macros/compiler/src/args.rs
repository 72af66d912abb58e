//! The arguments of the attribute.
//!
//! *In:* the tokens between the parentheses of `#[differentiable(..)]`. *Out:* [`Args`], or errors at the token that is wrong.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Path, Token, parenthesized};

use crate::error::Errors;

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
}

/// A partial derivative: the parameter's name, and the expression.
#[derive(Clone, Debug)]
pub struct Partial {
    /// The parameter.
    pub parameter: Ident,
    /// Its partial derivative.
    pub expr: Expr,
}

const KNOWN: &str = "`wrt(..)`, `second_order`, `relaxed`, `associated`, `recursive`, `partials(..)`, `vjp = path`, `jvp = path`, \
                     `name = Ident`, `crate = path`";

enum Arg {
    Wrt(Vec<Ident>),
    Flag,
    Name(Ident),
    Runtime(Path),
    Partials(Vec<Partial>),
    Rule(Path),
}

/// `x = expression`
fn partial(input: ParseStream) -> syn::Result<Partial> {
    let parameter = input.call(syn::ext::IdentExt::parse_any)?;
    input.parse::<Token![=]>()?;
    Ok(Partial { parameter, expr: input.parse()? })
}

struct Named {
    key: Ident,
    arg: Arg,
}

impl Parse for Named {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let key: Ident = input.call(syn::ext::IdentExt::parse_any)?;
        let arg = match key.to_string().as_str() {
            "wrt" => {
                let inside;
                parenthesized!(inside in input);
                let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&inside, syn::ext::IdentExt::parse_any)?;
                if names.is_empty() {
                    return Err(syn::Error::new(
                        key.span(),
                        "`wrt()` names no parameter\nhelp: name at least one, or leave `wrt` out",
                    ));
                }
                Arg::Wrt(names.into_iter().collect())
            }
            "associated" | "recursive" | "relaxed" | "second_order" => Arg::Flag,
            "name" => {
                input.parse::<Token![=]>()?;
                Arg::Name(input.parse()?)
            }
            "crate" => {
                input.parse::<Token![=]>()?;
                Arg::Runtime(input.call(Path::parse_mod_style)?)
            }
            "partials" => {
                let inside;
                parenthesized!(inside in input);
                let partials = Punctuated::<Partial, Token![,]>::parse_terminated_with(&inside, partial)?;
                Arg::Partials(partials.into_iter().collect())
            }
            "vjp" | "jvp" => {
                input.parse::<Token![=]>()?;
                Arg::Rule(input.parse()?)
            }
            other => {
                return Err(syn::Error::new(key.span(), format!("unknown argument `{other}`\nhelp: the arguments are {KNOWN}")));
            }
        };
        Ok(Self { key, arg })
    }
}

/// Reads the arguments.
pub fn parse(tokens: TokenStream, errors: &mut Errors) -> Args {
    let mut args = Args::default();
    let parser = Punctuated::<Named, Token![,]>::parse_terminated;
    let named = match syn::parse::Parser::parse2(parser, tokens) {
        Ok(named) => named,
        Err(error) => {
            errors.syn(&error);
            return args;
        }
    };
    let mut seen: Vec<Ident> = Vec::new();
    for Named { key, arg } in named {
        let name = key.to_string();
        if seen.contains(&key) {
            errors.span(key.span(), format!("`{name}` is given twice\nhelp: the arguments are {KNOWN}, each at most once"));
        }
        match arg {
            Arg::Wrt(names) => args.wrt = Some(names),
            Arg::Name(name) => args.name = Some(name),
            Arg::Runtime(path) => args.runtime = Some(path),
            Arg::Flag if name == "associated" => args.associated = true,
            Arg::Flag if name == "second_order" => args.second_order = true,
            Arg::Flag if name == "recursive" => args.recursive = true,
            Arg::Flag => {} // `relaxed` permits, and demands nothing
            Arg::Partials(partials) => args.partials = Some(partials),
            Arg::Rule(path) if name == "vjp" => args.vjp = Some(path),
            Arg::Rule(path) => args.jvp = Some(path),
        }
        seen.push(key);
    }
    reject_combinations(&seen, errors);
    args
}

/// Rules of one's own stand alone, and have no second order.
fn reject_combinations(seen: &[Ident], errors: &mut Errors) {
    let find = |name: &str| seen.iter().find(|key| *key == name);
    for (one, other, why) in [
        ("partials", "vjp", "both are rules for the same function"),
        ("partials", "jvp", "both are rules for the same function"),
        ("partials", "second_order", "the partial derivatives that are given have no derivatives themselves"),
        ("vjp", "second_order", "the function that is given has no derivatives itself"),
    ] {
        if let (Some(_), Some(key)) = (find(one), find(other)) {
            errors.span(key.span(), format!("`{other}` does not go with `{one}`: {why}\nhelp: leave one of them out"));
        }
    }
}
