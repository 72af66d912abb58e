//! What is an `f64` or `f32` in a generic function, as far as types that are written, casts and arithmetic show.
//!
//! *In:* `fn f<T: Real>(x: T, w: &[f64]) -> T { let c = w[0] * 2.0; let k = 0.5; x * T::from_f64(c * k) }`
//!
//! *Out:* `w` and `c`, and `k`, which stands beside `c`.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprMethodCall, FnArg, ItemFn, Lit, Local, Pat, Stmt, Type};

use crate::rules;

use super::methods::is_adapter;
use super::syntax::{pattern_names, strip};

/// The variables that are concrete where a visitor stands.
#[derive(Clone, Debug, Default)]
pub struct Concrete {
    names: BTreeSet<String>,
    /// Variables that begin with a literal, and stand beside something concrete.
    forced: BTreeSet<String>,
}

/// Whether the type is `f64` or `f32`.
pub fn is_concrete_type(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.is_ident("f64") || path.path.is_ident("f32"),
        Type::Reference(reference) => is_concrete_type(&reference.elem),
        Type::Paren(paren) => is_concrete_type(&paren.elem),
        _ => false,
    }
}

/// Whether the type holds numbers of these types alone.
fn holds_concrete(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => holds_concrete(&reference.elem),
        Type::Array(array) => holds_concrete(&array.elem),
        Type::Slice(slice) => holds_concrete(&slice.elem),
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "Vec" => match &last.arguments {
                syn::PathArguments::AngleBracketed(generics) => generics.args.iter().any(|argument| match argument {
                    syn::GenericArgument::Type(ty) => holds_concrete(ty),
                    _ => false,
                }),
                _ => false,
            },
            _ => is_concrete_type(ty),
        },
        other => is_concrete_type(other),
    }
}

impl Concrete {
    /// The parameters that are, and the variables that turn out to be.
    pub fn of(function: &ItemFn) -> Self {
        let mut concrete = Self::default();
        for arg in &function.sig.inputs {
            if let FnArg::Typed(typed) = arg
                && let Pat::Ident(name) = &*typed.pat
                && holds_concrete(&typed.ty)
            {
                concrete.insert(&name.ident.to_string());
            }
        }
        loop {
            let before = concrete.forced.len();
            let mut uses = Uses { concrete: concrete.clone(), begun: BTreeSet::new() };
            uses.visit_block(&function.block);
            concrete.forced = uses.concrete.forced;
            if concrete.forced.len() == before {
                return concrete;
            }
        }
    }

    pub fn insert(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// A pattern binds its names anew.
    pub fn shadow(&mut self, pat: &Pat) {
        let mut names = Vec::new();
        pattern_names(pat, &mut names);
        names.iter().for_each(|name| _ = self.names.remove(&name.to_string()));
        if let Pat::Type(typed) = pat
            && holds_concrete(&typed.ty)
        {
            names.iter().for_each(|name| self.insert(&name.to_string()));
        }
    }

    /// Whether the variable of a pattern stands beside something concrete.
    pub fn is_forced(&self, pat: &Pat) -> bool {
        matches!(pat, Pat::Ident(name) if self.forced.contains(&name.ident.to_string()))
    }

    /// What a `let` declares.
    pub fn declare(&mut self, local: &Local) {
        let is_concrete = self.is_forced(&local.pat) || local.init.as_ref().is_some_and(|init| self.is(&init.expr));
        self.shadow(&local.pat);
        if let (Pat::Ident(name), true) = (&local.pat, is_concrete) {
            self.insert(&name.ident.to_string());
        }
    }

    /// What a loop binds.
    pub fn bind_item(&mut self, pat: &Pat, iterator: &Expr) {
        self.shadow(pat);
        let mut names = BTreeSet::new();
        self.items(pat, iterator, &mut names);
        self.names.extend(names);
    }

    /// The inputs of the closures of a method call that are concrete.
    pub fn closure_inputs(&self, call: &ExprMethodCall) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for arg in &call.args {
            let Expr::Closure(closure) = arg else { continue };
            match (call.method.to_string().as_str(), closure.inputs.len()) {
                ("fold" | "scan", 2) => {
                    self.items(&closure.inputs[1], &call.receiver, &mut names);
                    if self.is_fold(call) {
                        all_names(&closure.inputs[0], &mut names);
                    }
                }
                _ => closure.inputs.iter().for_each(|input| self.items(input, &call.receiver, &mut names)),
            }
        }
        names
    }

    /// Whether the state of a fold is concrete, as it begins with a literal or so, and all that it takes is.
    fn is_fold(&self, call: &ExprMethodCall) -> bool {
        let begins = call.args.first().is_some_and(|init| self.is(init) || matches!(strip(init), Expr::Lit(_)));
        begins && self.is(&call.receiver)
    }

    /// The names that are bound to concrete items.
    fn items(&self, pat: &Pat, iterator: &Expr, into: &mut BTreeSet<String>) {
        match strip(iterator) {
            Expr::MethodCall(call) if call.method == "enumerate" => {
                if let Some([_, item]) = pair(pat) {
                    self.items(item, &call.receiver, into);
                }
            }
            Expr::MethodCall(call) if call.method == "zip" => {
                if let (Some([first, second]), Some(other)) = (pair(pat), call.args.first()) {
                    self.items(first, &call.receiver, into);
                    self.items(second, other, into);
                }
            }
            Expr::MethodCall(call) if call.method == "map" => {
                if let Some(Expr::Closure(closure)) = call.args.first()
                    && self.is(&closure.body)
                {
                    all_names(pat, into);
                }
            }
            Expr::MethodCall(call) if is_adapter(&call.method.to_string()) => self.items(pat, &call.receiver, into),
            other if self.is(other) => all_names(pat, into),
            _ => {}
        }
    }

    /// Whether the expression is concrete, or a sequence of what is.
    pub fn is(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| self.names.contains(&name.to_string())),
            Expr::Lit(literal) => matches!(&literal.lit, Lit::Float(float) if !float.suffix().is_empty()),
            Expr::Cast(cast) => is_concrete_type(&cast.ty),
            Expr::Unary(unary) => self.is(&unary.expr),
            Expr::Reference(reference) => self.is(&reference.expr),
            Expr::Index(index) => self.is(&index.expr),
            Expr::Binary(binary) => {
                let arithmetic =
                    matches!(binary.op, BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_));
                arithmetic && (self.is(&binary.left) || self.is(&binary.right))
            }
            Expr::Block(block) => tail(&block.block).is_some_and(|last| self.is(last)),
            Expr::If(branch) => {
                tail(&branch.then_branch).is_some_and(|last| self.is(last))
                    || branch.else_branch.as_ref().is_some_and(|(_, other)| self.is(other))
            }
            Expr::Match(choice) => choice.arms.iter().any(|arm| self.is(&arm.body)),
            Expr::Call(call) => match strip(&call.func) {
                Expr::Path(path) => {
                    let mut segments = path.path.segments.iter().rev().skip(1);
                    segments.next().is_some_and(|before| before.ident == "f64" || before.ident == "f32")
                }
                _ => false,
            },
            Expr::MethodCall(call) => self.is_method(call),
            _ => false,
        }
    }

    fn is_method(&self, call: &ExprMethodCall) -> bool {
        let turbofish = call.turbofish.as_ref().and_then(|turbofish| turbofish.args.first());
        if let Some(syn::GenericArgument::Type(ty)) = turbofish {
            return holds_concrete(ty);
        }
        match call.method.to_string().as_str() {
            "zip" | "chain" => self.is(&call.receiver) && call.args.first().is_some_and(|other| self.is(other)),
            "fold" | "scan" => self.is_fold(call),
            "map" | "flat_map" | "filter_map" => match call.args.first() {
                Some(Expr::Closure(closure)) => {
                    let mut inside = self.clone();
                    self.closure_inputs(call).iter().for_each(|name| inside.insert(name));
                    inside.is(&closure.body)
                }
                _ => self.is(&call.receiver),
            },
            "sum" | "product" | "clone" | "to_owned" | "to_vec" | "unwrap" | "unwrap_or" | "first" | "last" | "get" => {
                self.is(&call.receiver)
            }
            name if is_adapter(name) || rules::find(name).is_some() => self.is(&call.receiver),
            _ => false,
        }
    }
}

fn tail(block: &syn::Block) -> Option<&Expr> {
    match block.stmts.last() {
        Some(Stmt::Expr(last, None)) => Some(last),
        _ => None,
    }
}

fn pair(pat: &Pat) -> Option<[&Pat; 2]> {
    match pat {
        Pat::Tuple(tuple) if tuple.elems.len() == 2 => Some([&tuple.elems[0], &tuple.elems[1]]),
        Pat::Reference(reference) => pair(&reference.pat),
        Pat::Type(typed) => pair(&typed.pat),
        _ => None,
    }
}

fn all_names(pat: &Pat, into: &mut BTreeSet<String>) {
    let mut names = Vec::new();
    pattern_names(pat, &mut names);
    into.extend(names.iter().map(ToString::to_string));
}

/// Finds variables that begin with a literal, and stand beside something concrete.
struct Uses {
    concrete: Concrete,
    /// Variables that begin with a literal.
    begun: BTreeSet<String>,
}

impl Uses {
    fn beside(&mut self, one: &Expr, other: &Expr) {
        if let (Expr::Path(path), true) = (strip(one), self.concrete.is(other))
            && let Some(name) = path.path.get_ident()
            && self.begun.contains(&name.to_string())
            && !self.concrete.names.contains(&name.to_string())
        {
            self.concrete.forced.insert(name.to_string());
        }
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let outer = self.concrete.names.clone();
        visit::visit_block(self, block);
        self.concrete.names = outer;
    }

    fn visit_local(&mut self, local: &'ast Local) {
        visit::visit_local(self, local);
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && matches!(strip(&init.expr), Expr::Lit(_) | Expr::Unary(_))
        {
            self.begun.insert(name.ident.to_string());
        }
        self.concrete.declare(local);
    }

    fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
        let outer = self.concrete.names.clone();
        self.concrete.bind_item(&each.pat, &each.expr);
        visit::visit_expr_for_loop(self, each);
        self.concrete.names = outer;
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.visit_expr(&call.receiver);
        let inputs = self.concrete.closure_inputs(call);
        for arg in &call.args {
            let outer = self.concrete.names.clone();
            if let Expr::Closure(closure) = arg {
                closure.inputs.iter().for_each(|input| self.concrete.shadow(input));
                self.concrete.names.extend(inputs.iter().cloned());
            }
            self.visit_expr(arg);
            self.concrete.names = outer;
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        visit::visit_expr_binary(self, binary);
        self.beside(&binary.left, &binary.right);
        self.beside(&binary.right, &binary.left);
    }
}
