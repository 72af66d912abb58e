//! Functions as arguments: closures that a call is given, and parameters that are functions, called or passed on.
//!
//! *In:* `quad(|t| a * t, 0.0, b)`. *Out:* an argument that is a [`Lambda`]: the body is translated like that of a loop, since the callee runs
//! it as often as it likes. What it captures and may change later is copied before the call, so that the reverse sweep, which runs the body
//! again, finds it as it was.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Expr, ExprClosure, Pat, Type};

use crate::error::with_help;
use crate::ir::{self, Argument, Call, CallMode, Callee, Code, Form, Functional, Kind, Lambda, Passed, Place, Statement, Value};
use crate::lower::facts::flow::LOOKS;
use crate::lower::facts::names::{Binding, variables};
use crate::lower::facts::stores::Stores;
use crate::lower::facts::syntax::{first_span, is_float, is_named, pattern_names, strip};
use crate::lower::rewrite::rename;
use crate::signature::CHANGED_BY_A_FUNCTION;
use crate::signature::inert::is_integer;

use super::{Bound, Lowerer};

/// What to do where a function is called with something active of a type that is not known to be a space.
const INACTIVE_INPUT: &str = "let it take scalars, arrays or slices, or what an active parameter has the type of";

impl Lowerer<'_> {
    /// `f(..)` of a parameter that is a function
    pub(super) fn call_parameter(&mut self, name: &Ident, call: &syn::ExprCall) -> Value {
        let arguments: Vec<_> = call.args.iter().map(|argument| self.argument(argument, false)).collect();
        let callable = &self.callables[&name.to_string()];
        let inputs = callable.inputs.iter().zip(&arguments).zip(&call.args);
        let beyond = inputs.filter(|((input, argument), _)| argument.active && !input.active).map(|(_, expr)| expr);
        for expr in beyond.collect::<Vec<_>>() {
            let what = format!("an active value is passed to `{name}` for an input that is not differentiated");
            self.unsupported(expr, with_help(&what, INACTIVE_INPUT));
        }
        let callable = &self.callables[&name.to_string()];
        let kind = if callable.gives_scalar { Kind::Scalar } else { Kind::Space };
        let callee = Callee::Parameter(self.functional(name));
        let span = name.span();
        let result = self.function.fresh(&name.to_string(), kind, false, Form::Owned, span);
        self.push_call(
            Call { result, callee, arguments, span, recomputed: true, relaxed: false, mode: CallMode::Primal },
            Vec::new(),
        );
        Value::Expr(ir::Expr::place(Place::whole(result, span)))
    }

    fn functional(&self, name: &Ident) -> Functional {
        let callable = &self.callables[&name.to_string()];
        Functional {
            name: name.clone(),
            companion: callable.companion.clone(),
            tangent: callable.tangent.clone(),
            second: callable.second.clone(),
        }
    }

    /// An argument that is a closure, or a parameter that is a function.
    pub(super) fn function_argument(&mut self, expr: &Expr) -> Option<Argument> {
        let (mut inner, mut depth) = (strip(expr), 0);
        while let Expr::Reference(reference) = inner {
            if reference.mutability.is_some() {
                return None;
            }
            (inner, depth) = (strip(&reference.expr), depth + 1);
        }
        let closure = match inner {
            Expr::Closure(closure) => closure.clone(),
            Expr::Path(path) => {
                self.reject_named(path);
                let name = path.path.get_ident()?;
                if self.callables.contains_key(&name.to_string()) {
                    let passed = Passed::Function(self.functional(name), depth);
                    return Some(Argument { passed, active: true });
                }
                self.closure_named(name)?
            }
            _ => return None,
        };
        let lambda = self.lambda(&closure)?;
        Some(Argument { passed: Passed::Closure(Box::new(lambda), depth), active: true })
    }

    /// A function passed by its name has as many arguments as its signature says, which is not visible here.
    fn reject_named(&mut self, path: &syn::ExprPath) {
        let Some(last) = path.path.segments.last() else { return };
        let is_variable = path.path.get_ident().is_some_and(|name| self.names.bindings.contains_key(&name.to_string()));
        if is_variable || !last.ident.to_string().starts_with(char::is_lowercase) {
            return;
        }
        let shown = path.to_token_stream().to_string().replace(' ', "");
        let what = format!("`{shown}` is passed by its name: how many arguments it takes is not known here");
        self.unsupported(path, with_help(&what, &format!("write a closure: `|x| {shown}(x)`")));
    }

    /// The closure that a name is bound to by `let`.
    pub(super) fn closure_named(&self, name: &Ident) -> Option<ExprClosure> {
        match self.bound.get(&name.to_string()) {
            Some(Bound::Closure(closure)) => Some((**closure).clone()),
            _ => self.closures.get(&name.to_string()).cloned(),
        }
    }

    fn lambda(&mut self, closure: &ExprClosure) -> Option<Lambda> {
        let (patterns, mut body) = self.instance(closure, closure.inputs.len())?;
        self.freeze(&mut body, false);
        let output = match &closure.output {
            syn::ReturnType::Type(_, ty) => Some((**ty).clone()),
            syn::ReturnType::Default => None,
        };
        let mut inputs = Vec::new();
        let (block, result) = self.nested(|this| {
            inputs = patterns.iter().map(|pattern| this.lambda_input(pattern, &body)).collect();
            let active = this.is_active(&body);
            let value = this.value_always(&body);
            let gives_float = output.as_ref().is_some_and(is_float);
            let kind = match this.kind_of(&value) {
                _ if !active => Kind::Inactive,
                _ if gives_float => Kind::Scalar,
                kind => kind,
            };
            let var = this.function.fresh("given", kind, false, Form::Owned, first_span(&body));
            this.push(Statement::Let { var, value: Some(value), ty: output.map(|ty| ty.to_token_stream()) });
            var
        });
        let result = Value::Expr(ir::Expr::place(Place::whole(result, first_span(&body))));
        Some(Lambda { inputs, seed: None, body: block, results: vec![result] })
    }

    /// Declares what a pattern of a closure's input binds; its type is the callee's, and known here only where it is written.
    fn lambda_input(&mut self, pattern: &Pat, body: &Expr) -> (ir::Var, Option<TokenStream>) {
        let (inner, ty) = match pattern {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            other => (other, None),
        };
        let mut names = Vec::new();
        pattern_names(inner, &mut names);
        let is_active = names.iter().any(|name| self.activity.is_active(&name.to_string()));
        if let Some(Type::Reference(reference)) = ty
            && reference.mutability.is_some()
            && is_active
        {
            self.errors.at(reference, with_help(CHANGED_BY_A_FUNCTION, "let the closure return what it changes"));
        }
        let is_reference = matches!(inner, Pat::Reference(_))
            || matches!(ty, Some(Type::Reference(_)))
            || names.iter().any(|name| is_dereferenced(name, body));
        let form = if is_reference { Form::Reference } else { Form::Owned };
        let kind = match ty {
            _ if !is_active || ty.is_some_and(is_integer) => Kind::Inactive,
            Some(ty) if is_float(ty) || self.function.scalar.as_ref().is_some_and(|s| is_named(ty, s)) => Kind::Scalar,
            _ => Kind::Space,
        };
        let tokens = ty.map(ToTokens::to_token_stream);
        match inner {
            Pat::Ident(ident) if ident.subpat.is_none() && ident.by_ref.is_none() && ident.mutability.is_none() => {
                let var = self.variable(&ident.ident, kind, false, form);
                if ty.is_none() && self.activity.is_integer(&ident.ident.to_string()) {
                    // by its use in a cast it may be another float
                    let place = Place::whole(var, ident.ident.span());
                    self.integer(&place);
                }
                (var, tokens)
            }
            pattern => {
                let var = self.function.fresh("input", kind, false, form, first_span(pattern));
                let bound = match form {
                    Form::Reference => {
                        Bound::Reference { place: Place::whole(var, first_span(pattern)), depth: 1, exclusive: false }
                    }
                    _ => Bound::Var(var),
                };
                self.bind_bound(pattern, bound);
                (var, tokens)
            }
        }
    }

    /// Copies what a closure's body captures and may change after the call, and lets the body name the copies. A closure that moves what it captures has
    /// references as they are, and so the places that they name.
    pub(super) fn freeze(&mut self, body: &mut Expr, moves: bool) {
        let mut stores = Stores::default();
        stores.visit_expr(body);
        let mut found = BTreeSet::new();
        variables(body.to_token_stream(), &mut found);
        let mut frozen = Vec::new();
        for name in found {
            let Some(bound) = self.bound.get(&name).cloned() else { continue };
            let Some(copy) = self.frozen(&name, bound, first_span(body), moves) else { continue };
            let new = match &copy {
                Bound::Var(var) => self.function.variable(*var).name.to_string(),
                _ => self.function.taken.fresh(&format!("{name}_then")),
            };
            self.activity.alike(&new, &name);
            let mutable = stores.roots.contains(&name);
            if let (Bound::Var(var), true) = (&copy, mutable) {
                self.function.variables[var.0 as usize].mutable = true;
            }
            self.names.bindings.insert(new.clone(), Binding { mutable, ty: None, receiver: false });
            self.bound.insert(new.clone(), copy);
            frozen.push((name, new));
        }
        rename::substitute(body, &frozen);
    }

    /// Whether the closure stores in what it captures, or in what it is called with.
    pub(super) fn changes(&self, closure: &ExprClosure) -> bool {
        let mut stores = Stores::default();
        stores.visit_expr_closure(closure);
        let mut inputs = Vec::new();
        closure.inputs.iter().for_each(|input| pattern_names(input, &mut inputs));
        stores.roots.iter().any(|name| self.bound.contains_key(name) || inputs.iter().any(|input| input == name))
    }

    fn is_reference(&self, bound: &Bound) -> bool {
        match bound {
            Bound::Var(var) => self.function.variable(*var).form == Form::Reference,
            Bound::Reference { depth, .. } => *depth > 0,
            _ => false,
        }
    }

    /// The same as it is now, where it may change.
    pub(super) fn frozen(&mut self, name: &str, bound: Bound, span: Span, moves: bool) -> Option<Bound> {
        if moves && self.is_reference(&bound) {
            return None;
        }
        match bound {
            Bound::Var(var) if self.is_mutable(var) && self.function.variable(var).form == Form::Reference => {
                let copy = self.copy_then(name, Place::whole(var, span));
                Some(Bound::Reference { place: Place::whole(copy, span), depth: 1, exclusive: false })
            }
            Bound::Var(var) if self.is_mutable(var) => Some(Bound::Var(self.copy_then(name, Place::whole(var, span)))),
            Bound::Reference { place, depth, .. } if self.is_mutable(place.root) => {
                let copy = self.copy_then(name, place);
                Some(Bound::Reference { place: Place::whole(copy, span), depth, exclusive: false })
            }
            Bound::Tuple(parts) => {
                let copies: Vec<_> = parts.iter().map(|part| self.frozen(name, part.clone(), span, moves)).collect();
                let changed = copies.iter().any(Option::is_some);
                changed.then(|| Bound::Tuple(parts.into_iter().zip(copies).map(|(part, copy)| copy.unwrap_or(part)).collect()))
            }
            Bound::Closure(mut closure) => {
                self.freeze(&mut closure.body, moves);
                Some(Bound::Closure(closure))
            }
            Bound::Option { some, payload } if some.reads.iter().any(|var| self.is_mutable(*var)) => {
                let var = self.function.fresh(&format!("{name}_is_some"), Kind::Inactive, false, Form::Owned, span);
                let flag = self.function.variable(var).name.clone();
                self.push(Statement::Let { var, value: Some(Value::Expr(ir::Expr::Operand(ir::Operand::Code(some)))), ty: None });
                let some = Code { tokens: flag.to_token_stream(), reads: vec![var], repeatable: true, span };
                let payload = self.frozen(name, (*payload).clone(), span, moves).unwrap_or(*payload);
                Some(Bound::Option { some, payload: Box::new(payload) })
            }
            _ => None,
        }
    }

    fn copy_then(&mut self, name: &str, place: Place) -> ir::Var {
        if self.is_slice(&place) {
            return self.slice_then(name, place);
        }
        let variable = self.function.variable(place.root);
        let (kind, span) =
            (if place.path.is_empty() || variable.kind == Kind::Inactive { variable.kind } else { Kind::Space }, place.span);
        let is_scalar = kind == Kind::Scalar;
        let is_plain = self.plain.contains(&place.root);
        let value = if is_scalar { Value::Expr(ir::Expr::place(place)) } else { Value::Clone(place) };
        let var = self.temporary(&format!("{name}_then"), kind, value, span);
        if is_plain {
            self.plain.insert(var);
        }
        var
    }

    /// A `Vec` of the slice's elements.
    pub(super) fn slice_then(&mut self, name: &str, place: Place) -> ir::Var {
        let (span, is_plain) = (place.span, self.plain.contains(&place.root));
        let slice = Ident::new(&self.function.taken.fresh(&format!("{name}_then")), span);
        self.activity.alike(&slice.to_string(), name);
        self.bound.insert(slice.to_string(), Bound::Reference { place, depth: 1, exclusive: false });
        let copy = self.make_sequence(&syn::parse_quote!(#slice.to_vec()), None).expect("a slice has elements");
        if is_plain {
            self.plain.insert(copy);
        }
        copy
    }
}

/// Whether `*name` stands in the body: the name is a reference then.
fn is_dereferenced(name: &Ident, body: &Expr) -> bool {
    struct Search<'a>(&'a Ident, bool);
    impl<'ast> Visit<'ast> for Search<'_> {
        fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
            let is_name = matches!(strip(&unary.expr), Expr::Path(path) if path.path.is_ident(self.0));
            self.1 |= matches!(unary.op, syn::UnOp::Deref(_)) && is_name;
            syn::visit::visit_expr_unary(self, unary);
        }
    }
    let mut search = Search(name, false);
    search.visit_expr(body);
    search.1
}

/// The closures that a body binds by `let`, by their names.
pub(super) fn closures_of(block: &syn::Block) -> std::collections::BTreeMap<String, ExprClosure> {
    struct Collect(std::collections::BTreeMap<String, ExprClosure>);
    impl<'ast> Visit<'ast> for Collect {
        fn visit_local(&mut self, local: &'ast syn::Local) {
            if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
                && let Expr::Closure(closure) = strip(&init.expr)
            {
                self.0.insert(name.ident.to_string(), closure.clone());
            }
            syn::visit::visit_local(self, local);
        }

        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut collect = Collect(std::collections::BTreeMap::new());
    collect.visit_block(block);
    collect.0
}

/// Whether the name stands in the code as what is called, and in no macro but those that only look at their arguments: the value of a call is followed
/// wherever it goes.
pub(super) fn is_only_called(tokens: &TokenStream, name: &str) -> bool {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_macro = |at: usize| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
    let looks = |at: usize| matches!(trees.get(at), Some(TokenTree::Ident(ident)) if LOOKS.iter().any(|name| ident == name));
    trees.iter().enumerate().all(|(at, tree)| match tree {
        TokenTree::Ident(ident) if ident == name => {
            matches!(trees.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
        }
        TokenTree::Group(group) if at >= 2 && is_macro(at - 1) && !looks(at - 2) => {
            let mut found = BTreeSet::new();
            variables(group.stream(), &mut found);
            !found.contains(name)
        }
        TokenTree::Group(group) => is_only_called(&group.stream(), name),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => true,
    })
}
