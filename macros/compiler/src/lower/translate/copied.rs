//! Code that is copied as it stands, with what its names stand for.
//!
//! *In:* tokens whose names are unique. *Out:* [`Code`]: the tokens, what they read, and in front of them the references and tuples that the
//! names stand for.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Block, Expr};

use crate::ir::{self, Code, Form, Kind, Place, Statement, Var, tokens};
use crate::lower::facts::names::variables;
use crate::lower::facts::syntax::{NewIdent, elements, first_span, is_float, strip};
use crate::lower::rewrite::{rename, vectors};
use crate::signature::inert::is_integer;

use super::{Bound, Lowerer, functions, mentioned};

impl Lowerer<'_> {
    /// Copied code: its tokens, and what it reads.
    pub(super) fn code(&mut self, tokens: &impl ToTokens, repeatable: bool) -> Code {
        let (wrappers, code) = self.code_behind(tokens, repeatable);
        if wrappers.is_empty() { code } else { Code { tokens: after(&wrappers, code.tokens), ..code } }
    }

    /// The same apart from the declarations that have to stand before it.
    pub(super) fn code_behind(&mut self, tokens: &impl ToTokens, repeatable: bool) -> (TokenStream, Code) {
        let span = first_span(tokens);
        let mut tokens = vectors::close(tokens.to_token_stream());
        let mut found = BTreeSet::new();
        variables(tokens.clone(), &mut found);
        let mut reads = Vec::new();
        let mut repeatable = repeatable;
        // what is named by an inactive pattern may be of a type that is used up, but where it is only borrowed
        let may_move = !borrows(&tokens);
        let mut wrappers = TokenStream::new();
        for name in found {
            let ident = Ident::new_raw_if_keyword(&name, span);
            // what the code binds itself is not known here, and none of its reads
            let Some(bound) = ident.and_then(|ident| self.bound.get(&name).cloned().map(|bound| (ident, bound))) else {
                continue;
            };
            match bound {
                (_, Bound::Var(var)) => {
                    let is_gone = self.is_mutable(var) || self.kinds.guards.contains(&name);
                    repeatable &= !(is_gone || may_move && self.opaque.contains(&var));
                    reads.push(var);
                }
                (ident, Bound::Reference { place, depth: 0, .. }) if self.may_move(&place) => {
                    // a name for it would take it out of its struct
                    let written = tokens::receiver(&self.function, &place);
                    repeatable &= !(self.is_mutable(place.root) || may_move && self.opaque.contains(&place.root));
                    reads.extend(mentioned(&place));
                    match rename::with_place(&tokens, &name, &written) {
                        Some(substituted) => tokens = substituted,
                        None => wrappers.extend(quote::quote!(let #ident = ::core::clone::Clone::clone(&#written);)),
                    }
                }
                (ident, Bound::Reference { place, depth, .. }) if self.is_mutable(place.root) && is_computed(&tokens) => {
                    // a name outside of the code would stand in the way of what is stored in the place later
                    repeatable = false;
                    reads.extend(mentioned(&place));
                    wrappers.extend(tokens::reference(&self.function, &ident, &place, depth));
                }
                (ident, Bound::Reference { place, depth, .. }) => {
                    repeatable &= !(self.is_mutable(place.root) || may_move && self.opaque.contains(&place.root));
                    let reference = self.reference(&ident, &place, depth);
                    if self.opaque.contains(&place.root) {
                        self.opaque.insert(reference);
                    }
                    reads.push(reference);
                }
                (_, ref bound @ Bound::Tuple(_)) if let Some((substituted, parts)) = self.with_parts(&tokens, &name, bound) => {
                    tokens = substituted;
                    repeatable &= !parts.iter().any(|part| self.is_mutable(*part));
                    reads.extend(parts);
                }
                (ident, bound @ (Bound::Tuple(_) | Bound::Option { .. })) => {
                    repeatable = false;
                    let whole = self.whole_tokens(&bound, &mut reads);
                    let reference = self.tuple_references.contains(&name).then(|| quote::quote!(&));
                    wrappers.extend(quote::quote!(let #ident = #reference #whole;));
                }
                (ident, Bound::Closure(closure)) if functions::is_only_called(&tokens, &name) && !self.changes(&closure) => {
                    repeatable = false;
                    let (before, code) = self.code_behind(&syn::ExprClosure { capture: None, ..*closure }, false);
                    let closure = code.tokens;
                    reads.extend(code.reads);
                    wrappers.extend(quote::quote!(#before let #ident = #closure;));
                }
                (_, Bound::Closure(_)) => {
                    let what = crate::error::unsupported(
                        "a closure that uses an active value",
                        "it is used here other than by a call",
                        "call it, or write a function with `#[differentiable]`",
                    );
                    self.errors.span(span, what);
                }
            }
        }
        (wrappers, Code { tokens, reads, repeatable, span })
    }

    /// The code with the variables that are parts of a tuple, where it names parts alone, and those variables: a copy of the tuple would be gone before what refers to it.
    pub(super) fn with_parts(&self, tokens: &TokenStream, name: &str, tuple: &Bound) -> Option<(TokenStream, Vec<Var>)> {
        let mut parts = Vec::new();
        let substituted = rename::with_parts(tokens, name, &mut |indices| {
            let (mut bound, mut steps) = (tuple, 0);
            while let (Bound::Tuple(parts), Some(index)) = (bound, indices.get(steps)) {
                (bound, steps) = (parts.get(*index)?, steps + 1);
            }
            let Bound::Var(var) = bound else { return None };
            let variable = self.function.variable(*var);
            parts.push(*var);
            (variable.form == Form::Owned).then(|| (variable.name.to_token_stream(), steps))
        })?;
        Some((substituted, parts))
    }

    /// Whether reading the place by value may take a field out of its struct, or use up the variable.
    pub(super) fn may_move(&self, place: &Place) -> bool {
        let variable = self.function.variable(place.root);
        let is_taken = match place.path.last() {
            Some(last) => matches!(last, ir::Step::Field(_)),
            None => variable.kind == Kind::Space,
        };
        variable.form == Form::Owned
            && !self.is_plain(place)
            && is_taken
            && place.path.iter().all(|step| !matches!(step, ir::Step::Index(_)))
    }

    /// Whether the place is an element of a list of the function's own, of a type that may be used up: nothing can be moved out of a list.
    pub(super) fn may_be_used_up(&self, place: &Place) -> bool {
        let root = self.function.variable(place.root);
        root.form == Form::Owned
            && matches!(place.path.as_slice(), [.., ir::Step::Index(_)] | [.., ir::Step::Index(_), ir::Step::Element(_)])
            && !self.type_of_place(place).is_some_and(|ty| self.is_copied(&ty))
            && !self.inits.get(&root.name.to_string()).is_some_and(holds_numbers)
    }

    /// Whether values of the type are copied where they are passed on.
    fn is_copied(&self, ty: &syn::Type) -> bool {
        match ty {
            syn::Type::Array(array) => self.is_copied(&array.elem),
            syn::Type::Tuple(tuple) => tuple.elems.iter().all(|elem| self.is_copied(elem)),
            syn::Type::Reference(reference) => reference.mutability.is_none(),
            syn::Type::Path(path) => {
                let is_own = path.path.get_ident().is_some_and(|name| self.function.scalar.as_ref() == Some(name));
                is_own || is_float(ty) || is_integer(ty)
            }
            _ => false,
        }
    }

    /// The tuple or the `Option` that a name stands for, put together.
    pub(super) fn whole_tokens(&mut self, bound: &Bound, reads: &mut Vec<Var>) -> TokenStream {
        match bound {
            Bound::Var(var) => {
                reads.push(*var);
                let (runtime, name) = (&self.runtime, &self.function.variable(*var).name);
                match self.function.variable(*var).form {
                    Form::Late => quote::quote!(::core::clone::Clone::clone(#runtime::filled(&#name))),
                    _ => name.to_token_stream(),
                }
            }
            Bound::Reference { place, depth, .. } => {
                let name = self.function.fresh("part", Kind::Inactive, false, Form::Owned, place.span);
                let ident = self.function.variable(name).name.clone();
                let var = self.reference(&ident, place, *depth);
                reads.push(var);
                ident.to_token_stream()
            }
            Bound::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.whole_tokens(part, reads)).collect();
                quote::quote!((#(#parts,)*))
            }
            Bound::Option { some, payload } => {
                // what is not there cannot be named in front: it is written where it is used
                let payload = self.payload_tokens(payload, reads);
                reads.extend(&some.reads);
                let on = &some.tokens;
                quote::quote!(if #on { ::core::option::Option::Some(#payload) } else { ::core::option::Option::None })
            }
            Bound::Closure(_) => TokenStream::new(),
        }
    }

    /// Whether the place is all of a variable that is filled later.
    pub(super) fn is_late(&self, place: &Place) -> bool {
        place.path.is_empty() && self.function.variable(place.root).form == Form::Late
    }

    pub(super) fn payload_tokens(&mut self, bound: &Bound, reads: &mut Vec<Var>) -> TokenStream {
        match bound {
            Bound::Reference { place, depth: 0, .. } if self.is_late(place) => self.whole_tokens(&Bound::Var(place.root), reads),
            Bound::Reference { place, depth: depth @ 1.., .. } if self.is_late(place) => {
                reads.push(place.root);
                let (runtime, name) = (&self.runtime, &self.function.variable(place.root).name);
                let ampersands = (1..*depth).map(|_| quote::quote!(&));
                quote::quote!(#(#ampersands)* #runtime::filled(&#name))
            }
            Bound::Reference { place, depth, .. } => {
                reads.extend(mentioned(place));
                let tokens = tokens::receiver(&self.function, place);
                let ampersands = (0..*depth).map(|_| quote::quote!(&));
                quote::quote!(#(#ampersands)* #tokens)
            }
            Bound::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.payload_tokens(part, reads)).collect();
                quote::quote!((#(#parts,)*))
            }
            other => self.whole_tokens(other, reads),
        }
    }

    /// Declares a reference under its name for copied code, once in a scope.
    pub(super) fn reference(&mut self, name: &Ident, place: &Place, depth: u8) -> Var {
        let text = name.to_string();
        let var = self.reference_variable(name);
        if !self.references.iter().any(|scope| scope.contains(&text)) {
            self.references.last_mut().expect("a scope is open").insert(text);
            let repeatable = !self.is_mutable(place.root);
            let read = tokens::receiver(&self.function, place);
            let code = Code {
                tokens: match depth == 0 && self.may_be_used_up(place) {
                    true => quote::quote!(let #name = ::core::clone::Clone::clone(&#read);),
                    false => tokens::reference(&self.function, name, place, depth),
                },
                reads: mentioned(place),
                repeatable,
                span: place.span,
            };
            self.push(Statement::Code { code, binds: vec![var], writes: Vec::new() });
        }
        var
    }

    pub(super) fn reference_variable(&mut self, name: &Ident) -> Var {
        let position = self.function.variables.iter().position(|variable| variable.name == *name);
        match position {
            Some(position) => Var(position as u32),
            None => {
                self.function.variables.push(ir::Variable {
                    name: name.clone(),
                    kind: Kind::Inactive,
                    mutable: false,
                    form: Form::Owned,
                });
                Var(self.function.variables.len() as u32 - 1)
            }
        }
    }
}

/// Whether the list is written with numbers in it, or tuples and arrays of them.
fn holds_numbers(list: &Expr) -> bool {
    fn is_number(value: &Expr) -> bool {
        match strip(value) {
            Expr::Lit(literal) => matches!(literal.lit, syn::Lit::Int(_) | syn::Lit::Float(_)),
            Expr::Unary(unary) => is_number(&unary.expr),
            Expr::Tuple(tuple) => tuple.elems.iter().all(is_number),
            Expr::Array(array) => array.elems.first().is_some_and(is_number),
            Expr::Repeat(repeat) => is_number(&repeat.expr),
            _ => false,
        }
    }
    let list = strip(elements(list).unwrap_or(list));
    matches!(list, Expr::Array(_) | Expr::Repeat(_)) && is_number(list)
}

/// Whether the code is an expression that makes a value, instead of naming what is there.
fn is_computed(tokens: &TokenStream) -> bool {
    syn::parse2::<Expr>(tokens.clone()).is_ok_and(|expr| match strip(&expr) {
        Expr::Unary(unary) => !matches!(unary.op, syn::UnOp::Deref(_)),
        other => matches!(other, Expr::Binary(_) | Expr::MethodCall(_) | Expr::Call(_) | Expr::Cast(_)),
    })
}

/// An expression, or statements, at the end of a block. What begins with `match` or `if` would end as a statement there. What a statement
/// binds stays outside.
fn after(statements: &TokenStream, tokens: TokenStream) -> TokenStream {
    if let Ok(syn::Stmt::Local(mut local)) = syn::parse2(tokens.clone())
        && let Some(init) = &mut local.init
    {
        for expr in std::iter::once(&mut init.expr).chain(init.diverge.iter_mut().map(|(_, diverge)| diverge)) {
            **expr = Expr::Verbatim(after(statements, expr.to_token_stream()));
        }
        return local.into_token_stream();
    }
    let is_whole = |block: Block| block.stmts.len() == 1;
    let splits = syn::parse2::<Expr>(tokens.clone()).is_ok() && !syn::parse2(quote::quote!({ #tokens })).is_ok_and(is_whole);
    if splits { quote::quote!({ #statements (#tokens) }) } else { quote::quote!({ #statements #tokens }) }
}

/// Whether the code is a shared reference, or a method that gives one, also in a `let`.
fn borrows(tokens: &TokenStream) -> bool {
    let mut tokens: Vec<_> = tokens.clone().into_iter().collect();
    if tokens.first().is_some_and(|first| first.to_string() == "let")
        && let Some(equals) = tokens.iter().position(|token| token.to_string() == "=")
    {
        tokens.drain(..=equals);
        tokens.pop();
    }
    match tokens.as_slice() {
        [proc_macro2::TokenTree::Punct(first), second, ..] if first.as_char() == '&' => second.to_string() != "mut",
        [.., method, proc_macro2::TokenTree::Group(_)] => matches!(method.to_string().as_str(), "as_ref" | "as_deref"),
        _ => false,
    }
}
