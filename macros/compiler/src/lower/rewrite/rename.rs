//! Gives every variable of a function a name of its own, on the syntax tree.
//!
//! *In:* a body in which names may be shadowed: `let x = x * x; let x = x + 1.0; x`
//!
//! *Out:* the same body without shadowing, `let x_2 = x * x; let x_3 = x_2 + 1.0; x_3`, and what is known of each variable, so
//! that from here on a name is a variable. `self` becomes `this`, since the reverse sweep stands in a closure. Macros are
//! renamed token by token, with the names that format strings capture.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Member, Pat, Type};

use crate::error::{Errors, with_help};
use crate::ir::names::{Taken, captured};
use crate::lower::facts::names::{Binding, Names};
use crate::lower::facts::operators::is_compound;
use crate::spans::{at_call_site, context};

/// Renames the body's variables in place; `parameters` are bound already and keep their names.
pub fn rename(block: &mut Block, parameters: &[(Ident, Binding)], this: Option<&Ident>, taken: Taken) -> Names {
    let before = block.clone();
    let renamer = renamed(block, parameters, this, taken.clone(), BTreeSet::new());
    let of_macros: BTreeSet<String> =
        renamer.unresolved.iter().filter(|name| renamer.names.bindings.contains_key(*name)).cloned().collect();
    if of_macros.is_empty() {
        return renamer.names;
    }
    *block = before;
    renamed(block, parameters, this, taken, of_macros).names
}

/// The same where variables do not get the names that macros bind themselves, as `matches!(k, n if n > 2)` does.
fn renamed(
    block: &mut Block,
    parameters: &[(Ident, Binding)],
    this: Option<&Ident>,
    taken: Taken,
    of_macros: BTreeSet<String>,
) -> Renamer {
    let names = Names { taken, ..Names::default() };
    let mut renamer = Renamer { names, of_macros, ..Renamer::default() };
    for (name, binding) in parameters {
        renamer.scopes[0].insert(plain(name), name.to_string());
        renamer.names.bindings.insert(name.to_string(), binding.clone());
    }
    if let Some(this) = this {
        renamer.scopes[0].insert("self".to_owned(), this.to_string());
        renamer.names.bindings.entry(this.to_string()).or_default().receiver = true;
    }
    renamer.visit_block_mut(block);
    renamer
}

/// Gives the variables that an expression binds new names, for a closure's body each time it is inlined; the pairs of old and new.
pub fn rename_again(expr: &mut Expr, inputs: &mut [Pat], names: &mut Names) -> Vec<(String, String)> {
    let before = std::mem::take(names);
    let mut renamer = Renamer { names: before, ..Renamer::default() };
    inputs.iter_mut().for_each(|input| renamer.bind_all(input));
    renamer.visit_expr_mut(expr);
    *names = renamer.names;
    renamer.renamed
}

/// Writes `field: value` for a field that was written short, where its variable has another name by now.
pub fn write_out(field: &mut syn::FieldValue) {
    if let (None, Member::Named(member), Expr::Path(path)) = (&field.colon_token, &field.member, &field.expr)
        && !path.path.is_ident(member)
    {
        field.colon_token = Some(Default::default());
    }
}

/// Lets an expression that binds no such name itself use other variables.
pub fn substitute(expr: &mut Expr, pairs: &[(String, String)]) {
    let mut substitute = Substitute(Renamer { scopes: vec![pairs.iter().cloned().collect()], ..Renamer::default() });
    substitute.visit_expr_mut(expr);
}

struct Substitute(Renamer);

impl VisitMut for Substitute {
    fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
        self.0.visit_expr_path_mut(path);
    }

    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        self.visit_expr_mut(&mut field.expr);
        write_out(field);
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        self.0.visit_macro_mut(mac);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_type_mut(&mut self, _: &mut Type) {}
}

/// The tokens of a macro's call under other names.
pub fn renamed_in_macro(tokens: TokenStream, pairs: &BTreeMap<String, String>) -> TokenStream {
    Renamer { scopes: vec![pairs.clone()], ..Renamer::default() }.tokens(tokens)
}

/// Variables of one name that come from different macros cannot be told apart by their names.
pub fn reject_namesakes(item: &syn::ItemFn, errors: &mut Errors) {
    let mut bound = Vec::new();
    let mut collect = Patterns(&mut bound);
    syn::visit::Visit::visit_item_fn(&mut collect, item);
    let mut contexts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for ident in &bound {
        contexts.entry(ident.to_string()).or_default().insert(context(ident));
    }
    for ident in &bound {
        let seen = contexts.entry(ident.to_string()).or_default();
        if seen.len() > 1 {
            let what = format!("variables named `{ident}` come from different macros, and cannot be told apart here");
            errors.span(ident.span(), with_help(&what, "give one of them another name"));
            seen.clear();
        }
    }
}

/// The names that patterns bind in what is visited.
pub(super) struct Patterns<'a>(pub(super) &'a mut Vec<Ident>);

impl<'ast> syn::visit::Visit<'ast> for Patterns<'_> {
    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        self.0.push(ident.ident.clone());
        syn::visit::visit_pat_ident(self, ident);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// The tokens with a place in the place of a name; none where it stands where no place can.
pub fn with_place(tokens: &TokenStream, name: &str, place: &TokenStream) -> Option<TokenStream> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_punct = |tree: Option<&TokenTree>, allowed: &[char]| matches!(tree, Some(TokenTree::Punct(punct)) if allowed.contains(&punct.as_char()));
    let mut result = TokenStream::new();
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Ident(ident) if *ident == name => {
                let (before, after) = (index.checked_sub(1).map(|before| &trees[before]), trees.get(index + 1));
                let is_member = is_punct(before, &['.']) && !is_punct(index.checked_sub(2).map(|at| &trees[at]), &['.']);
                if is_member {
                    result.extend([tree.clone()]);
                    continue;
                }
                // `S { name }`, `S { name: .. }`, `name!`
                if is_punct(after, &[':', '!']) && !is_punct(trees.get(index + 2), &['='])
                    || before.is_none() && after.is_none()
                    || is_punct(before, &[',']) && (after.is_none() || is_punct(after, &[',']))
                {
                    return None;
                }
                result.extend(place.clone());
            }
            TokenTree::Group(group) => {
                let mut substituted = Group::new(group.delimiter(), with_place(&group.stream(), name, place)?);
                substituted.set_span(group.span());
                result.extend([TokenTree::Group(substituted)]);
            }
            TokenTree::Literal(literal) if captured(&literal.to_string()).iter().any(|captured| captured == name) => return None,
            other => result.extend([other.clone()]),
        }
    }
    Some(result)
}

/// Told indices, gives what they lead to, and how many of them do.
type Part<'a> = dyn FnMut(&[usize]) -> Option<(TokenStream, usize)> + 'a;

/// The tokens in which each `name.1.0`, a part of a tuple, is what the part is. None, where the name stands without an index, or the part is not known.
pub fn with_parts(tokens: &TokenStream, name: &str, part: &mut Part) -> Option<TokenStream> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_dot = |tree: Option<&TokenTree>| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == '.');
    let mut result = TokenStream::new();
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        let is_member = at > 0 && is_dot(trees.get(at - 1)) && !(at > 1 && is_dot(trees.get(at - 2)));
        at += 1;
        match tree {
            TokenTree::Ident(ident) if *ident == name && !is_member => {
                let mut indices = Vec::new();
                while let (true, Some(TokenTree::Literal(literal))) = (is_dot(trees.get(at)), trees.get(at + 1)) {
                    // `a.1.0` may be the name, a dot and `1.0`
                    let numbers: Result<Vec<usize>, _> = literal.to_string().split('.').map(str::parse).collect();
                    indices.extend(numbers.ok()?);
                    at += 2;
                }
                let (tokens, steps) = part(&indices)?;
                result.extend(tokens);
                for index in &indices[steps..] {
                    let index = Literal::usize_unsuffixed(*index);
                    result.extend(quote::quote!(.#index));
                }
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), with_parts(&group.stream(), name, part)?);
                inner.set_span(group.span());
                result.extend([TokenTree::Group(inner)]);
            }
            TokenTree::Literal(literal) if captured(&literal.to_string()).iter().any(|captured| captured == name) => return None,
            other => result.extend([other.clone()]),
        }
    }
    Some(result)
}

struct Renamer {
    scopes: Vec<BTreeMap<String, String>>,
    names: Names,
    renamed: Vec<(String, String)>,
    /// Whether every value fits the pattern that is being bound, so that no name in it is that of a constant.
    irrefutable: bool,
    /// The names that macros bind themselves, which no variable gets.
    of_macros: BTreeSet<String>,
    /// Those in macros that are no variables where they stand.
    unresolved: BTreeSet<String>,
}

impl Default for Renamer {
    fn default() -> Self {
        Self {
            scopes: vec![BTreeMap::new()],
            names: Names::default(),
            renamed: Vec::new(),
            irrefutable: false,
            of_macros: BTreeSet::new(),
            unresolved: BTreeSet::new(),
        }
    }
}

/// The name of a variable, which `r#x` and `x` both have.
pub fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

/// A name like that of a variable, that is no keyword and not like that of a constant.
fn wish(name: &str) -> String {
    let name = if name.starts_with(char::is_uppercase) { name.to_lowercase() } else { name.to_owned() };
    if syn::parse_str::<Ident>(&name).is_ok() { name } else { name + "_" }
}

impl Renamer {
    fn resolve(&self, name: &str) -> Option<&String> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    fn rename_ident(&self, ident: &mut Ident) {
        if let Some(new) = self.resolve(&plain(ident))
            && *ident != new.as_str()
        {
            *ident = match new.strip_prefix("r#") {
                Some(raw) => Ident::new_raw(raw, ident.span()),
                None => Ident::new(new, ident.span()),
            };
        }
    }

    fn scoped(&mut self, inside: impl FnOnce(&mut Self)) {
        self.scopes.push(BTreeMap::new());
        inside(self);
        self.scopes.pop();
    }

    /// Binds a pattern that every value fits.
    fn bind_all(&mut self, pat: &mut Pat) {
        let before = std::mem::replace(&mut self.irrefutable, true);
        self.bind(pat);
        self.irrefutable = before;
    }

    fn bind(&mut self, pat: &mut Pat) {
        let ty = match pat {
            Pat::Type(typed) => Some((*typed.ty).clone()),
            _ => None,
        };
        self.bind_typed(pat, ty);
    }

    fn bind_typed(&mut self, pat: &mut Pat, ty: Option<Type>) {
        match pat {
            Pat::Ident(ident) => {
                let name = plain(&ident.ident);
                let binds = ident.mutability.is_some() || ident.by_ref.is_some() || ident.subpat.is_some() || self.irrefutable;
                if name.starts_with(char::is_uppercase) && !binds {
                    return; // a constant or a unit variant
                }
                let wish = wish(&name);
                let known = self.scopes.last().and_then(|scope| scope.get(&name)).cloned();
                let unique = match known {
                    // the alternatives of one pattern bind the same variable
                    Some(unique) if self.in_alternatives() => unique,
                    _ if wish == name && !self.names.bindings.contains_key(&name) && !self.of_macros.contains(&name) => {
                        name.clone()
                    }
                    _ => self.names.taken.fresh(&wish),
                };
                let binding = Binding { mutable: ident.mutability.is_some(), ty, receiver: false };
                self.names.taken.extend([unique.clone()]); // the source may not have it: a short form was written out with it
                self.names.bindings.insert(unique.clone(), binding);
                self.scopes.last_mut().expect("a scope is open").insert(name.clone(), unique.clone());
                if ident.ident != unique.as_str() {
                    self.renamed.push((name, unique.clone()));
                    ident.ident = Ident::new(&unique, ident.ident.span());
                }
                ident.ident.set_span(at_call_site(ident.ident.span()));
                if let Some((_, inner)) = &mut ident.subpat {
                    self.bind(inner);
                }
            }
            Pat::Type(typed) => {
                let ty = (*typed.ty).clone();
                self.bind_typed(&mut typed.pat, Some(ty));
            }
            Pat::Tuple(tuple) => {
                let types = match &ty {
                    Some(Type::Tuple(types)) if types.elems.len() == tuple.elems.len() => {
                        types.elems.iter().cloned().map(Some).collect()
                    }
                    _ => vec![None; tuple.elems.len()],
                };
                for (elem, ty) in tuple.elems.iter_mut().zip(types) {
                    self.bind_typed(elem, ty);
                }
            }
            Pat::Struct(structure) => {
                for field in &mut structure.fields {
                    let shorthand = field.colon_token.is_none();
                    self.bind(&mut field.pat);
                    if shorthand && pattern_name(&field.pat) != member_name(&field.member) {
                        field.colon_token = Some(Default::default());
                    }
                }
            }
            Pat::TupleStruct(tuple) => tuple.elems.iter_mut().for_each(|elem| self.bind(elem)),
            Pat::Slice(slice) => slice.elems.iter_mut().for_each(|elem| self.bind(elem)),
            Pat::Reference(reference) => self.bind(&mut reference.pat),
            Pat::Paren(paren) => self.bind(&mut paren.pat),
            Pat::Guard(guard) => {
                self.bind(&mut guard.pat);
                self.visit_expr_mut(&mut guard.guard);
            }
            Pat::Or(or) => {
                self.scopes.last_mut().expect("a scope is open").insert(ALTERNATIVES.to_owned(), String::new());
                or.cases.iter_mut().for_each(|case| self.bind(case));
                self.scopes.last_mut().expect("a scope is open").remove(ALTERNATIVES);
            }
            other => visit_mut::visit_pat_mut(self, other),
        }
    }

    /// Lints look at what is declared and assigned, and there is another code around it in derivatives.
    fn assigned(target: &mut Expr) {
        match target {
            Expr::Path(path) => {
                if let [segment] = path.path.segments.iter_mut().collect::<Vec<_>>().as_mut_slice() {
                    segment.ident.set_span(at_call_site(segment.ident.span()));
                }
            }
            Expr::Tuple(tuple) => tuple.elems.iter_mut().for_each(Self::assigned),
            Expr::Array(array) => array.elems.iter_mut().for_each(Self::assigned),
            Expr::Paren(paren) => Self::assigned(&mut paren.expr),
            _ => {}
        }
    }

    fn in_alternatives(&self) -> bool {
        self.scopes.last().is_some_and(|scope| scope.contains_key(ALTERNATIVES))
    }

    fn tokens(&mut self, tokens: TokenStream) -> TokenStream {
        // fields, methods, and parts of paths
        let (mut after_dot, mut colons) = (false, 0);
        tokens
            .into_iter()
            .map(|token| {
                let token = match token {
                    TokenTree::Ident(mut ident) if !after_dot && colons < 2 => {
                        if self.resolve(&plain(&ident)).is_none() {
                            self.unresolved.insert(plain(&ident));
                        }
                        self.rename_ident(&mut ident);
                        TokenTree::Ident(ident)
                    }
                    TokenTree::Group(group) => {
                        let mut new = Group::new(group.delimiter(), self.tokens(group.stream()));
                        new.set_span(group.span());
                        TokenTree::Group(new)
                    }
                    TokenTree::Literal(literal) => TokenTree::Literal(self.literal(literal)),
                    other => other,
                };
                let is_punct = |c: char| matches!(&token, TokenTree::Punct(punct) if punct.as_char() == c);
                after_dot = is_punct('.') && !after_dot;
                colons = if is_punct(':') { colons + 1 } else { 0 };
                token
            })
            .collect()
    }

    /// A format string, with the names that it captures renamed.
    fn literal(&self, literal: Literal) -> Literal {
        let mut text = literal.to_string();
        for name in captured(&text) {
            match self.resolve(&name) {
                Some(new) if *new != name => {
                    for end in ['}', ':'] {
                        text = text.replace(&format!("{{{name}{end}"), &format!("{{{new}{end}"));
                    }
                    text = text.replace(&format!("{name}$"), &format!("{new}$"));
                }
                _ => {}
            }
        }
        let mut new = text.parse::<Literal>().unwrap_or_else(|_| literal.clone());
        new.set_span(literal.span());
        new
    }
}

/// Marks a scope in which the cases of an or-pattern are bound; no identifier contains a space.
const ALTERNATIVES: &str = "or pattern";

fn pattern_name(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(ident) => Some(ident.ident.to_string()),
        _ => None,
    }
}

fn member_name(member: &Member) -> Option<String> {
    match member {
        Member::Named(name) => Some(name.to_string()),
        Member::Unnamed(_) => None,
    }
}

impl VisitMut for Renamer {
    fn visit_block_mut(&mut self, block: &mut Block) {
        self.scoped(|this| visit_mut::visit_block_mut(this, block));
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if let Some(init) = &mut local.init {
            self.visit_expr_mut(&mut init.expr);
            if let Some((_, diverge)) = &mut init.diverge {
                self.visit_expr_mut(diverge);
                return self.bind(&mut local.pat);
            }
        }
        self.bind_all(&mut local.pat);
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut syn::ExprClosure) {
        self.scoped(|this| {
            closure.inputs.iter_mut().for_each(|input| this.bind_all(input));
            this.visit_expr_mut(&mut closure.body);
        });
    }

    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        self.scoped(|this| {
            this.bind(&mut arm.pat);
            this.visit_expr_mut(&mut arm.body);
        });
    }

    fn visit_expr_for_loop_mut(&mut self, each: &mut syn::ExprForLoop) {
        self.visit_expr_mut(&mut each.expr);
        self.scoped(|this| {
            this.bind_all(&mut each.pat);
            this.visit_block_mut(&mut each.body);
        });
    }

    fn visit_expr_if_mut(&mut self, branch: &mut syn::ExprIf) {
        self.scoped(|this| {
            this.visit_expr_mut(&mut branch.cond);
            this.visit_block_mut(&mut branch.then_branch);
        });
        if let Some((_, other)) = &mut branch.else_branch {
            self.visit_expr_mut(other);
        }
    }

    fn visit_expr_while_mut(&mut self, each: &mut syn::ExprWhile) {
        self.scoped(|this| {
            this.visit_expr_mut(&mut each.cond);
            this.visit_block_mut(&mut each.body);
        });
    }

    fn visit_expr_let_mut(&mut self, condition: &mut syn::ExprLet) {
        self.visit_expr_mut(&mut condition.expr);
        self.bind(&mut condition.pat);
    }

    fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
        if path.qself.is_none() && path.path.leading_colon.is_none() && path.path.segments.len() == 1 {
            let segment = &mut path.path.segments[0];
            self.rename_ident(&mut segment.ident);
        }
    }

    fn visit_expr_assign_mut(&mut self, assign: &mut syn::ExprAssign) {
        visit_mut::visit_expr_assign_mut(self, assign);
        Self::assigned(&mut assign.left);
    }

    fn visit_expr_binary_mut(&mut self, binary: &mut syn::ExprBinary) {
        visit_mut::visit_expr_binary_mut(self, binary);
        if is_compound(&binary.op) {
            Self::assigned(&mut binary.left);
        }
    }

    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        self.visit_expr_mut(&mut field.expr);
        write_out(field);
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        mac.tokens = self.tokens(mac.tokens.clone());
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {} // an item sees no variables

    fn visit_type_mut(&mut self, _: &mut Type) {}
}
