//! Numbers behind references that calls give, read where the reference is made.
//!
//! ```text
//! let q = order.iter().max().unwrap();      ⟶  let q = order.iter().max().unwrap(); let q_value = *q;
//! for v in x { y = y.sin() * x[*q] * v; }   ⟶  for v in x { y = y.sin() * x[q_value] * v; }
//! ```
//!
//! The backward half of a function cannot keep a reference to memory of the function's own, but the number can be kept. As long as a shared reference is used,
//! what it is to stays as it is; a variable that may be a mutable one, by any use of it, is left alone.
//!
//! *In:* a body with unique names, and which of them are active. *Out:* the same body; whether there was one.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Block, Expr, Ident, Stmt, UnOp, parse_quote};

use crate::lower::facts::destructors::may_have_a_destructor;
use crate::lower::facts::flow::looks;
use crate::lower::facts::names::{Binding, Names, variables};
use crate::lower::facts::operators::is_compound;
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::syntax::{is_variable, pattern_names, strip};

/// Methods that give a reference into what they are called on, or an `Option` of one.
const GIVE_REFERENCES: &[&str] = &[
    "get",
    "first",
    "last",
    "max",
    "min",
    "max_by",
    "min_by",
    "max_by_key",
    "min_by_key",
    "find",
    "next",
    "nth",
    "peek",
    "trim",
    "trim_start",
    "trim_end",
    "as_ref",
    "as_deref",
    "as_str",
    "borrow",
    "iter",
];
/// Methods behind which items are no references any more.
const GIVE_VALUES: &[&str] = &["copied", "cloned", "into_iter", "map", "filter_map", "flat_map"];
/// Methods that take out of an `Option`.
const UNWRAP: &[&str] = &["unwrap", "expect", "unwrap_or", "unwrap_or_else", "unwrap_or_default"];

/// Writes them out.
pub fn write_out(
    block: &mut Block,
    is_active: &dyn Fn(&str) -> bool,
    names: &mut Names,
    runtime: &proc_macro2::TokenStream,
) -> bool {
    let mut referents = Referents { is_active, names, runtime, shared: BTreeSet::new(), blocks: 0, found: false };
    referents.visit_block_mut(block);
    referents.found
}

struct Referents<'a> {
    is_active: &'a dyn Fn(&str) -> bool,
    names: &'a mut Names,
    runtime: &'a proc_macro2::TokenStream,
    /// Variables that are probably references.
    shared: BTreeSet<String>,
    /// How many blocks are open.
    blocks: usize,
    found: bool,
}

impl VisitMut for Referents<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        let mut index = 0;
        self.blocks += 1;
        let mut left = BTreeSet::new();
        while let Some(stmt) = block.stmts.get(index) {
            index += 1;
            let reads_what_is_left = self.blocks > 1 && reads_what_is_left(stmt, &mut left);
            for (name, by_itself) in self.references(stmt) {
                let by_itself = by_itself || reads_what_is_left;
                if by_itself {
                    self.shared.insert(name.clone());
                }
                let mut rest = block.stmts[index..].to_vec();
                let mut read = Read { name: &name, by_itself, numbers: Vec::new(), names: self.names };
                rest.iter_mut().for_each(|stmt| read.visit_stmt_mut(stmt));
                let numbers = read.numbers;
                if numbers.is_empty() || is_used_otherwise(&rest, &name) {
                    continue;
                }
                let runtime = self.runtime;
                let lets = numbers.into_iter().map(|(number, place)| -> Stmt {
                    match strip(&place) {
                        Expr::Path(_) => parse_quote!(let #number = {
                            use #runtime::{PlainOperand as _, ReferredOperand as _};
                            (&#runtime::Operand(&#place)).value()
                        };),
                        _ => parse_quote!(let #number = #place;),
                    }
                });
                let lets: Vec<Stmt> = lets.collect();
                block.stmts.truncate(index);
                block.stmts.extend(lets.into_iter().chain(rest));
                self.found = true;
            }
        }
        visit_mut::visit_block_mut(self, block);
        self.blocks -= 1;
    }
}

/// Whether a statement of a block inside declares a part of what is dropped at the end of the block, of which the names are collected: a reference to it could not be
/// kept.
fn reads_what_is_left(stmt: &Stmt, left: &mut BTreeSet<String>) -> bool {
    let Stmt::Local(local) = stmt else { return false };
    let mut mentioned = BTreeSet::new();
    local.init.iter().for_each(|init| variables(init.expr.to_token_stream(), &mut mentioned));
    let reads = !left.is_disjoint(&mentioned);
    if may_have_a_destructor(local) {
        let mut names = Vec::new();
        pattern_names(&local.pat, &mut names);
        left.extend(names.iter().map(ToString::to_string));
    }
    reads
}

impl Referents<'_> {
    /// The inactive variables of a `let` that may be shared references, as a call gives them, and whether they may be operands by themselves.
    fn references(&self, stmt: &Stmt) -> Vec<(String, bool)> {
        let Stmt::Local(local) = stmt else { return Vec::new() };
        let Some(init) = local.init.as_ref().map(|init| &*init.expr) else { return Vec::new() };
        let is_another = self.shared.iter().any(|name| is_variable(init, name));
        if !is_another && (is_repeatable(init) || !calls(init)) {
            return Vec::new();
        }
        let mut found = Variables::default();
        found.visit_pat(&local.pat);
        let by_itself = is_another || gives_a_reference(init);
        let is_left_alone = |name: &String| !found.changes && !(self.is_active)(name);
        found.names.iter().filter(|name| is_left_alone(name)).map(|name| (name.clone(), by_itself)).collect()
    }
}

/// What a pattern binds, and whether something of it may change.
#[derive(Default)]
struct Variables {
    names: Vec<String>,
    changes: bool,
}

impl<'ast> Visit<'ast> for Variables {
    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        self.changes |= ident.mutability.is_some();
        self.names.push(ident.ident.to_string());
        visit::visit_pat_ident(self, ident);
    }
}

/// Whether the value is that of a call, which is given nothing that it may change.
fn calls(expr: &Expr) -> bool {
    struct Exclusive(bool);
    impl<'ast> Visit<'ast> for Exclusive {
        fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
            self.0 |= reference.mutability.is_some();
            visit::visit_expr_reference(self, reference);
        }

        fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
            self.0 |= call.method.to_string().ends_with("_mut");
            visit::visit_expr_method_call(self, call);
        }
    }
    let mut exclusive = Exclusive(false);
    exclusive.visit_expr(expr);
    !exclusive.0
        && match strip(expr) {
            Expr::Tuple(tuple) => tuple.elems.iter().any(calls),
            expr => matches!(expr, Expr::Call(_) | Expr::MethodCall(_)),
        }
}

/// Whether the call probably gives a reference, by its name.
fn gives_a_reference(expr: &Expr) -> bool {
    if let Expr::Tuple(tuple) = strip(expr) {
        return tuple.elems.iter().any(gives_a_reference);
    }
    let Expr::MethodCall(call) = strip(expr) else { return false };
    let name = call.method.to_string();
    if UNWRAP.contains(&name.as_str()) {
        return gives_a_reference(&call.receiver);
    }
    let mut before = Some(&*call.receiver);
    while let Some(Expr::MethodCall(inner)) = before.map(strip) {
        if GIVE_VALUES.iter().any(|values| inner.method == values) {
            return false;
        }
        before = Some(&inner.receiver);
    }
    let is_a_range = matches!(before.map(strip), Some(Expr::Range(_)));
    GIVE_REFERENCES.contains(&name.as_str()) && !is_a_range
}

/// The number of fields, dereferences and lengths between the expression and the variable, if that is all of it.
fn depth(expr: &Expr, name: &str) -> Option<usize> {
    match strip(expr) {
        whole @ Expr::Path(_) => is_variable(whole, name).then_some(0),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => Some(depth(&unary.expr, name)? + 1),
        Expr::Field(field) => Some(depth(&field.base, name)? + 1),
        Expr::MethodCall(call) if call.method == "len" && call.args.is_empty() => Some(depth(&call.receiver, name)? + 1),
        _ => None,
    }
}

/// Puts names in the place of numbers that are read through a reference.
struct Read<'a> {
    name: &'a str,
    /// Whether the reference itself may be an operand.
    by_itself: bool,
    numbers: Vec<(Ident, Expr)>,
    names: &'a mut Names,
}

impl Read<'_> {
    /// What stands where the reference itself may stand as well.
    fn read_through(&mut self, expr: &mut Expr) {
        if depth(expr, self.name) != Some(0) {
            self.number(expr);
        }
    }

    /// What stands where only a number may stand.
    fn number(&mut self, expr: &mut Expr) {
        let Some(depth) = depth(expr, self.name) else { return };
        let is_dereferenced = matches!(strip(expr), Expr::Unary(_));
        if depth == 0 && !self.by_itself || depth > 0 && !is_dereferenced && !self.by_itself {
            return;
        }
        let text = strip(expr).to_token_stream().to_string();
        let known = self.numbers.iter().find(|(_, known)| known.to_token_stream().to_string() == text);
        let number = match known {
            Some((number, _)) => number.clone(),
            None => {
                let number = self.names.declare(&format!("{}_value", self.name), Binding::default());
                self.numbers.push((number.clone(), strip(expr).clone()));
                number
            }
        };
        *expr = parse_quote!(#number);
    }
}

impl VisitMut for Read<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            // what is read there may be read nowhere else
            Expr::Unsafe(_) => return,
            Expr::Index(index) => self.number(&mut index.index),
            Expr::Binary(binary) => {
                let is_arithmetic =
                    matches!(binary.op, BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_));
                if is_arithmetic {
                    self.number(&mut binary.left);
                }
                if is_arithmetic || is_compound(&binary.op) {
                    self.number(&mut binary.right);
                }
            }
            Expr::Cast(cast) => self.number(&mut cast.expr),
            // what is passed by value is copied
            Expr::Call(call) => call.args.iter_mut().for_each(|argument| self.read_through(argument)),
            Expr::MethodCall(call) => call.args.iter_mut().for_each(|argument| self.read_through(argument)),
            Expr::Range(range) => [&mut range.start, &mut range.end].into_iter().flatten().for_each(|end| self.number(end)),
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}

/// Whether statements use a variable other than by reading through it: what it is to might be changed by that.
fn is_used_otherwise(stmts: &[Stmt], name: &str) -> bool {
    struct Otherwise<'a> {
        name: &'a str,
        found: bool,
    }
    impl<'ast> Visit<'ast> for Otherwise<'_> {
        fn visit_item(&mut self, _: &'ast syn::Item) {}

        /// A mutable reference would be gone by that.
        fn visit_local(&mut self, local: &'ast syn::Local) {
            if !local.init.as_ref().is_some_and(|init| is_variable(&init.expr, self.name)) {
                visit::visit_local(self, local);
            }
        }

        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                Expr::Assign(assign) => self.found |= depth(&assign.left, self.name).is_some(),
                Expr::Binary(binary) if is_compound(&binary.op) => self.found |= depth(&binary.left, self.name).is_some(),
                Expr::Unsafe(block) => self.found |= crate::ir::names::mentions(&block.block, self.name),
                Expr::Reference(reference) if reference.mutability.is_some() => {
                    self.found |= depth(&reference.expr, self.name).is_some();
                }
                _ => {}
            }
            match depth(expr, self.name) {
                Some(0) => self.found = true,
                Some(_) => {}
                None => visit::visit_expr(self, expr),
            }
        }

        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            self.found |= !looks(mac) && crate::ir::names::mentions(&mac.tokens, self.name);
        }
    }
    let mut otherwise = Otherwise { name, found: false };
    stmts.iter().for_each(|stmt| otherwise.visit_stmt(stmt));
    otherwise.found
}
