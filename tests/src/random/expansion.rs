//! What the macro makes of a program, as text, without the derivatives that nobody calls.
//!
//! *In:* the text with attributes, and the names of the entry's derivatives that are called. *Out:* the text with their expansions, in which
//! rustc finds no derivative that it would check for nothing.

use std::collections::BTreeSet;

use super::batch::{Located, errors};
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, File, ImplItem, Item, ItemImpl, Type};

/// The name of the function that is checked.
pub const ENTRY: &str = "entry";

/// What is wrong with an expansion.
pub enum Wrong {
    /// The macro's own error, the first.
    Rejected(Located),
    /// It is no Rust.
    NoRust(syn::Error),
}

/// The text with expansions instead of attributes.
///
/// # Errors
///
/// If an expansion is an error, or no Rust.
///
/// # Panics
///
/// If the text is no Rust.
pub fn expanded(text: &str, called: &[&str]) -> Result<String, Wrong> {
    let mut items = Vec::new();
    for item in syn::parse_file(text).expect("the text is Rust").items {
        match item {
            Item::Fn(mut function) => match take(&mut function.attrs) {
                Some(arguments) => items.extend(parsed(derivatives(arguments, quote!(#function))?).map_err(Wrong::NoRust)?),
                None => items.push(Item::Fn(function)),
            },
            Item::Impl(block) => {
                let ItemImpl { generics, self_ty, items: members, .. } = block;
                let members = members.into_iter().map(member).collect::<Result<TokenStream, Wrong>>()?;
                let block = parsed(quote!(impl #generics #self_ty { #members }));
                items.extend(block.map_err(Wrong::NoRust)?);
            }
            other => items.push(other),
        }
    }
    let mut derivatives = Derivatives::default();
    items.iter().for_each(|item| derivatives.collect(item));
    let kept = derivatives.reached(called);
    items.iter_mut().for_each(|item| retain(item, &kept));
    Ok(items.iter().map(ToTokens::to_token_stream).collect::<TokenStream>().to_string())
}

fn derivatives(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, Wrong> {
    let tokens = differentiable_compiler::differentiable(arguments, item);
    errors(tokens.clone()).into_iter().next().map_or(Ok(tokens), |error| Err(Wrong::Rejected(error)))
}

/// The arguments of the attribute, which is taken away.
fn take(attributes: &mut Vec<Attribute>) -> Option<TokenStream> {
    let position = attributes.iter().position(|attribute| attribute.path().is_ident("differentiable"))?;
    let attribute = attributes.remove(position);
    Some(attribute.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default())
}

fn member(item: ImplItem) -> Result<TokenStream, Wrong> {
    let ImplItem::Fn(mut function) = item else { return Ok(item.to_token_stream()) };
    match take(&mut function.attrs) {
        Some(arguments) => derivatives(arguments, quote!(#function)),
        None => Ok(function.to_token_stream()),
    }
}

/// The items of an expansion.
pub fn parsed(tokens: TokenStream) -> syn::Result<Vec<Item>> {
    let mut items = syn::parse2::<File>(tokens)?.items;
    for item in &mut items {
        if let Item::Impl(block) = item {
            block.items = std::mem::take(&mut block.items).into_iter().flat_map(with_alloc).collect();
        }
    }
    Ok(items)
}

/// The functions inside of what is left out without a heap, which is there.
fn with_alloc(member: ImplItem) -> Vec<ImplItem> {
    match member {
        ImplItem::Macro(call) if call.mac.path.segments.last().is_some_and(|last| last.ident == "with_alloc") => {
            let tokens = call.mac.tokens;
            let block: ItemImpl = syn::parse_quote!(impl X { #tokens });
            block.items
        }
        other => vec![other],
    }
}

/// An associated function that belongs to the derivatives: the type that stands beside a function, or none for siblings of a method.
type Key = (Option<String>, String);

/// The generated functions, each with the names that occur in it.
#[derive(Default)]
struct Derivatives(Vec<(Key, BTreeSet<String>)>);

impl Derivatives {
    fn collect(&mut self, item: &Item) {
        let Item::Impl(block) = item else { return };
        for member in &block.items {
            if let (Some(key), ImplItem::Fn(function)) = (key(&block.self_ty, member), member) {
                let mut names = BTreeSet::new();
                mentioned(function.block.to_token_stream(), &mut names);
                self.0.push((key, names));
            }
        }
    }

    /// Those that are called, and what they mention, whoever it belongs to.
    fn reached(&self, called: &[&str]) -> BTreeSet<Key> {
        let is_called = |key: &Key| key.0.as_deref() == Some(ENTRY) && called.contains(&key.1.as_str());
        let mut kept: BTreeSet<Key> = self.0.iter().map(|(key, _)| key).filter(|key| is_called(key)).cloned().collect();
        loop {
            let names: BTreeSet<&String> =
                self.0.iter().filter(|(key, _)| kept.contains(key)).flat_map(|(_, names)| names).collect();
            let found = self.0.iter().map(|(key, _)| key).filter(|key| names.contains(&key.1) && !kept.contains(key));
            let found: Vec<Key> = found.cloned().collect();
            if found.is_empty() {
                return kept;
            }
            kept.extend(found);
        }
    }
}

/// The key of a generated function. Functions of a program have short names without an underscore.
fn key(of: &Type, member: &ImplItem) -> Option<Key> {
    let ImplItem::Fn(function) = member else { return None };
    let name = function.sig.ident.to_string();
    let of = of.to_token_stream().to_string();
    match of.starts_with('S') {
        true => name.contains('_').then_some((None, name)),
        false => Some((Some(of), name)),
    }
}

fn retain(item: &mut Item, kept: &BTreeSet<Key>) {
    if let Item::Impl(block) = item {
        let of = block.self_ty.clone();
        block.items.retain(|member| key(&of, member).is_none_or(|key| kept.contains(&key)));
    }
}

fn mentioned(tokens: TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => mentioned(group.stream(), names),
            TokenTree::Ident(name) => drop(names.insert(name.to_string())),
            _ => {}
        }
    }
}
