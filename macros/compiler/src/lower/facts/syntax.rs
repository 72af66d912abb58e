//! Questions to the syntax that need nothing but the syntax.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Expr, Lit, Pat, Stmt, Type, UnOp};

use crate::ir::ENDLESS;

use super::operators::is_compound;

/// The expression without parentheses.
pub fn strip(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => strip(&paren.expr),
        Expr::Group(group) => strip(&group.expr),
        other => other,
    }
}

/// Whether the expression is the variable of a name.
pub fn is_variable(expr: &Expr, name: &str) -> bool {
    matches!(strip(expr), Expr::Path(path) if path.path.is_ident(name))
}

/// The place of the expression's first token; of the usual forms without printing the expression.
pub fn start(expr: &Expr) -> Span {
    match expr {
        Expr::Binary(binary) => start(&binary.left),
        Expr::MethodCall(call) => start(&call.receiver),
        Expr::Field(field) => start(&field.base),
        Expr::Index(index) => start(&index.expr),
        Expr::Call(call) => start(&call.func),
        Expr::Lit(literal) => literal.lit.span(),
        Expr::Paren(paren) => paren.paren_token.span.join(),
        Expr::Path(path) if path.qself.is_none() && path.path.leading_colon.is_none() => path.path.segments[0].ident.span(),
        other => first_span(other),
    }
}

/// The argument of a call of the runtime that stands for an exit.
pub fn is_runtime_call<'e>(expr: &'e Expr, name: &str) -> Option<Option<&'e Expr>> {
    let Expr::Call(call) = strip(expr) else { return None };
    let Expr::Path(path) = &*call.func else { return None };
    let mut segments = path.path.segments.iter().rev();
    let is_call = segments.next()?.ident == name && segments.next()?.ident == "rt";
    is_call.then(|| call.args.first())
}

/// The expressions that an `if`, a `match` or a block ends with, each of which may be one of these in turn; none for any other.
pub fn ends(expr: &Expr) -> Vec<&Expr> {
    fn end(block: &syn::Block) -> Option<&Expr> {
        match block.stmts.last() {
            Some(Stmt::Expr(last, None)) => Some(last),
            _ => None,
        }
    }
    match strip(expr) {
        Expr::If(branch) => {
            let other = branch.else_branch.as_ref().map(|(_, other)| &**other);
            end(&branch.then_branch).into_iter().chain(other).collect()
        }
        Expr::Match(choice) => choice.arms.iter().map(|arm| &*arm.body).collect(),
        Expr::Block(block) => end(&block.block).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether the expression is `None`, or `None::<f64>`.
pub fn is_none(expr: &Expr) -> bool {
    matches!(strip(expr), Expr::Path(path) if path.path.segments.len() == 1 && path.path.segments[0].ident == "None")
}

/// Whether the end of the expression is never reached, as it panics.
pub fn is_diverging(expr: &Expr) -> bool {
    match expr {
        Expr::Macro(mac) => {
            mac.mac.path.segments.last().is_some_and(|segment| ENDLESS.contains(&segment.ident.to_string().as_str()))
        }
        Expr::Block(block) => match block.block.stmts.last() {
            Some(Stmt::Expr(expr, _)) => is_diverging(expr),
            Some(Stmt::Macro(mac)) => is_diverging(&Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.mac.clone() })),
            _ => false,
        },
        _ => false,
    }
}

/// Whether the block ends in a value with a semicolon behind it, so that it has none.
pub fn ends_in_a_statement(block: &syn::Block) -> bool {
    let Some((Stmt::Expr(expr, Some(_)), before)) = block.stmts.split_last() else { return false };
    let falls_through = |stmt: &Stmt| match stmt {
        Stmt::Local(local) => local.init.as_ref().is_none_or(|init| init.diverge.is_none()),
        Stmt::Expr(expr, _) => matches!(expr, Expr::Assign(_) | Expr::Binary(_)),
        Stmt::Item(_) => true,
        Stmt::Macro(_) => false,
    };
    if !before.iter().all(falls_through) {
        return false; // its end may never be reached, and needs no value then
    }
    has_value(expr)
}

/// Whether the form of the expression shows that it has a value: a call may have none.
pub fn has_value(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Binary(binary) => !is_compound(&binary.op),
        Expr::Tuple(tuple) => !tuple.elems.is_empty(),
        Expr::Lit(_) | Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_) | Expr::Cast(_) => true,
        Expr::Array(_) | Expr::Repeat(_) | Expr::Struct(_) | Expr::Reference(_) => true,
        _ => false,
    }
}

/// Whether the value of a block, in one of its branches, is surely no float.
pub fn ends_in_no_float(block: &syn::Block) -> bool {
    matches!(block.stmts.last(), Some(Stmt::Expr(expr, None)) if is_no_float(expr))
}

fn is_no_float(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Block(block) => ends_in_no_float(&block.block),
        Expr::If(branch) => {
            ends_in_no_float(&branch.then_branch) || branch.else_branch.as_ref().is_some_and(|(_, other)| is_no_float(other))
        }
        Expr::Match(choice) => choice.arms.iter().any(|arm| is_no_float(&arm.body)),
        Expr::Tuple(_) | Expr::Array(_) | Expr::Repeat(_) | Expr::Reference(_) | Expr::Range(_) | Expr::Closure(_) => true,
        other => is_integer_literal(other),
    }
}

/// Whether it is an `if` that has no value where its condition does not hold, though it has one where it does.
pub fn lacks_else(branch: &syn::ExprIf) -> bool {
    branch.else_branch.is_none() && matches!(branch.then_branch.stmts.last(), Some(Stmt::Expr(expr, None)) if has_value(expr))
}

/// The names that the `let`s of a condition bind.
pub fn condition_names(condition: &Expr, into: &mut Vec<Ident>) {
    match condition {
        Expr::Let(binding) => pattern_names(&binding.pat, into),
        Expr::Binary(binary) => {
            condition_names(&binary.left, into);
            condition_names(&binary.right, into);
        }
        Expr::Paren(paren) => condition_names(&paren.expr, into),
        _ => {}
    }
}

/// `..`, `name @ ..`
pub fn is_rest(pat: &Pat) -> bool {
    match pat {
        Pat::Rest(_) => true,
        Pat::Ident(ident) => ident.subpat.as_ref().is_some_and(|(_, inner)| matches!(**inner, Pat::Rest(_))),
        _ => false,
    }
}

/// Whether the pattern only tests: literals, ranges, constants.
pub fn only_tests(pat: &Pat) -> bool {
    match pat {
        Pat::Lit(_) | Pat::Range(_) | Pat::Path(_) | Pat::Const(_) => true,
        Pat::Ident(ident) => ident.ident.to_string().starts_with(char::is_uppercase),
        _ => false,
    }
}

/// What a reference refers to.
pub fn without_reference(expr: &Expr) -> &Expr {
    match strip(expr) {
        Expr::Reference(reference) => &reference.expr,
        other => other,
    }
}

/// Whether the function is `module::name`, by whatever longer path.
pub fn is_call(function: &Expr, module: &str, name: &str) -> bool {
    let Expr::Path(path) = strip(function) else { return false };
    let mut segments = path.path.segments.iter().rev();
    segments.next().is_some_and(|last| last.ident == name) && segments.next().is_some_and(|before| before.ident == module)
}

/// Whether one of the patterns is of an enum's variant with contents, `Kind::Square(side)`, and what is matched names a place. An enum there holds
/// no active value; one that is made on the spot may be made of one, which is an error.
pub fn is_enum(scrutinee: &Expr, pats: &[&Pat]) -> bool {
    let names_a_place = match without_reference(scrutinee) {
        Expr::Path(_) | Expr::Field(_) | Expr::Index(_) => true,
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)),
        _ => false,
    };
    names_a_place && has_variants(pats)
}

/// Whether one of the patterns is of an enum's variant with contents.
pub fn has_variants(pats: &[&Pat]) -> bool {
    let mut paths = Vec::new();
    pats.iter().for_each(|pat| variants(pat, &mut paths));
    let qualified = |path: &syn::Path| {
        path.segments.iter().rev().nth(1).is_some_and(|segment| segment.ident.to_string().starts_with(char::is_uppercase))
    };
    let option = |path: &syn::Path| ["Some", "None", "Ok", "Err"].iter().any(|name| path.is_ident(name));
    paths.retain(|path| !option(path));
    paths.iter().any(|path| qualified(path)) || paths.windows(2).any(|pair| pair[0] != pair[1])
}

fn variants<'p>(pat: &'p Pat, into: &mut Vec<&'p syn::Path>) {
    match pat {
        Pat::TupleStruct(tuple) => into.push(&tuple.path),
        Pat::Struct(structure) => into.push(&structure.path),
        Pat::Reference(reference) => variants(&reference.pat, into),
        Pat::Paren(paren) => variants(&paren.pat, into),
        Pat::Guard(guard) => variants(&guard.pat, into),
        Pat::Or(or) => or.cases.iter().for_each(|case| variants(case, into)),
        Pat::Ident(ident) => ident.subpat.iter().for_each(|(_, inner)| variants(inner, into)),
        _ => {}
    }
}

/// The patterns of a `match`.
pub fn patterns(choice: &syn::ExprMatch) -> Vec<&Pat> {
    choice.arms.iter().map(|arm| &arm.pat).collect()
}

/// The name of a macro that is found in the prelude, or by a path in the standard library.
pub fn standard_macro(path: &syn::Path) -> Option<&Ident> {
    let mut names = path.segments.iter().map(|segment| &segment.ident);
    match (names.next()?, names.next(), names.next()) {
        (name, None, None) => Some(name),
        (crate_name, Some(name), None) if ["std", "core", "alloc"].iter().any(|of| crate_name == of) => Some(name),
        _ => None,
    }
}

/// `Some(x)`
pub fn is_some(call: &syn::ExprCall) -> bool {
    matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Some"))
}

/// The number of an index, and the index.
pub fn numbered(index: &Expr) -> Option<(u32, &Expr)> {
    is_runtime_call(index, "once")?;
    let Expr::Call(call) = strip(index) else { return None };
    let Expr::Lit(number) = call.args.first()? else { return None };
    let Lit::Int(number) = &number.lit else { return None };
    Some((number.base10_parse().ok()?, call.args.last()?))
}

pub fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => peeled(&reference.elem),
        Type::Paren(paren) => peeled(&paren.elem),
        Type::Group(group) => peeled(&group.elem),
        other => other,
    }
}

/// The type of the elements of an array, a slice or a `Vec`.
pub fn element_type(ty: &Type) -> Option<Type> {
    match peeled(ty) {
        Type::Array(array) => Some((*array.elem).clone()),
        Type::Slice(slice) => Some((*slice.elem).clone()),
        Type::Path(path) => {
            let last = path.path.segments.last().filter(|last| last.ident == "Vec")?;
            let syn::PathArguments::AngleBracketed(generics) = &last.arguments else { return None };
            generics.args.iter().find_map(|argument| match argument {
                syn::GenericArgument::Type(ty) => Some(ty.clone()),
                _ => None,
            })
        }
        _ => None,
    }
}

/// The expression without parentheses and `&`.
pub fn without_references(expr: &Expr) -> &Expr {
    match expr {
        Expr::Reference(reference) => without_references(&reference.expr),
        Expr::Paren(paren) => without_references(&paren.expr),
        Expr::Group(group) => without_references(&group.expr),
        other => other,
    }
}

/// A field of a variable, wherever in its elements: `w.layers[].n`.
pub fn field_of_place(expr: &Expr) -> Option<String> {
    fn place(expr: &Expr) -> Option<String> {
        Some(match expr {
            Expr::Path(path) => path.path.get_ident()?.to_string(),
            Expr::Field(field) => format!("{}.{}", place(&field.base)?, field.member.to_token_stream()),
            Expr::Index(index) => format!("{}[]", place(&index.expr)?),
            Expr::Paren(paren) => place(&paren.expr)?,
            Expr::Reference(reference) => place(&reference.expr)?,
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => place(&unary.expr)?,
            _ => return None,
        })
    }
    if let Expr::Field(_) = expr { place(expr) } else { None }
}

/// Whether the expression is a literal of an integer.
pub fn is_integer_literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(literal) if matches!(&literal.lit, Lit::Int(int) if !matches!(int.suffix(), "f32" | "f64")))
}

/// Whether the type is `f64` or `f32`.
pub fn is_float(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("f64") || path.path.is_ident("f32"))
}

/// Whether the type is a single name, this one.
pub fn is_named(ty: &Type, name: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(name))
}

/// Whether the value is a mutable reference, as far as the syntax shows: it cannot be kept, but what it refers to can.
pub fn borrows_mutably(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Reference(reference) => reference.mutability.is_some(),
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            name.ends_with("_mut") || name.starts_with("or_insert") || name == "or_default" || borrows_mutably(&call.receiver)
        }
        _ => false,
    }
}

/// The types of numbers, no two of which have an operator in common.
pub const PRIMITIVES: &[&str] =
    &["f32", "f64", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];

/// What `vec!` is called while it is open, `__vec([a, b])`.
pub const OPENED_VECTOR: &str = "__vec";

/// The array in an opened `vec!`, by whose form it is one of elements or of repetitions.
pub fn elements(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Call(call) if matches!(&*call.func, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == OPENED_VECTOR)) => {
            call.args.first()
        }
        _ => None,
    }
}

pub fn first_span(tokens: &impl ToTokens) -> Span {
    tokens.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

/// The names that a pattern binds, in order.
pub fn pattern_names(pat: &Pat, into: &mut Vec<Ident>) {
    struct Collect<'a>(&'a mut Vec<Ident>);
    impl<'ast> syn::visit::Visit<'ast> for Collect<'_> {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            if !ident.ident.to_string().starts_with(char::is_uppercase) {
                self.0.push(ident.ident.clone());
            }
            syn::visit::visit_pat_ident(self, ident);
        }
    }
    syn::visit::Visit::visit_pat(&mut Collect(into), pat);
}

/// An identifier of a text that may be a keyword.
pub trait NewIdent: Sized {
    fn new_raw_if_keyword(text: &str, span: Span) -> Option<Self>;
}

impl NewIdent for Ident {
    fn new_raw_if_keyword(text: &str, span: Span) -> Option<Self> {
        let text = text.strip_prefix("r#").map_or((text, false), |rest| (rest, true));
        if text.1 {
            return Some(Ident::new_raw(text.0, span));
        }
        syn::parse_str::<Ident>(text.0).ok().map(|mut ident| {
            ident.set_span(span);
            ident
        })
    }
}

/// `xs.chunks_exact(n).remainder()` of what can be written several times: the call of `chunks_exact`, whether it begins at the front, and `n`.
pub fn remainder(expr: &Expr) -> Option<(&syn::ExprMethodCall, bool, &Expr)> {
    fn is_name(expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Path(_) | Expr::Lit(_) => true,
            Expr::Field(field) => is_name(&field.base),
            _ => false,
        }
    }
    let Expr::MethodCall(end) = expr else { return None };
    let Expr::MethodCall(before) = strip(&end.receiver) else { return None };
    let from_front = match before.method.to_string().as_str() {
        "chunks_exact" => true,
        "rchunks_exact" => false,
        _ => return None,
    };
    let [size] = before.args.iter().collect::<Vec<_>>()[..] else { return None };
    let is_one = end.method == "remainder" && end.args.is_empty() && is_name(&before.receiver) && is_name(size);
    is_one.then_some((before, from_front, size))
}

/// Whether the expression names memory, without a call: a variable, or a part of one.
pub fn is_place(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Path(path) => path.path.get_ident().is_some(),
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)) && is_place(&unary.expr),
        _ => false,
    }
}

/// What a macro of the standard library is given, as far as it is expressions: of `name = value` the value.
pub fn arguments(mac: &syn::Macro) -> Vec<Expr> {
    let leading = |input: syn::parse::ParseStream<'_>| {
        let mut arguments = Vec::new();
        while let Ok(argument) = input.parse::<Expr>() {
            arguments.push(argument);
            if input.parse::<syn::Token![,]>().is_err() {
                break;
            }
        }
        input.parse::<proc_macro2::TokenStream>()?; // a pattern, for one
        Ok(arguments)
    };
    let value = |argument| match argument {
        Expr::Assign(named) => *named.right,
        other => other,
    };
    mac.parse_body_with(leading).unwrap_or_default().into_iter().map(value).collect()
}
