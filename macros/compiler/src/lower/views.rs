//! References into memory of the function's own that is filled before they are made, and left alone after.
//!
//! *In:* `let mut order = ..; order.sort(); let keep = &order[1..n]; for k in keep { .. }`. *Out:* `keep`: the backward half of the function makes the
//! same reference once more, to the memory that it keeps, as it could not keep the reference.
//!
//! What changes a variable is known by its form: a store, `&mut`, a macro, or a method that is none of those that are known to look only.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Pat};

use super::flow::{changes_bits, is_adapter, is_compound, looks};
use super::places::is_repeatable;
use super::syntax::strip;

/// Methods that only look at what they are called on.
const LOOKS: &[&str] = &[
    "len",
    "is_empty",
    "get",
    "first",
    "last",
    "contains",
    "binary_search",
    "binary_search_by",
    "binary_search_by_key",
    "to_vec",
    "clone",
    "as_slice",
    "as_ref",
    "as_str",
    "as_bytes",
    "split_at",
    "split_first",
    "split_last",
    "starts_with",
    "ends_with",
    "concat",
    "keys",
    "values",
    "chars",
];

/// The variables that are such references.
pub(super) fn lasting(block: &Block) -> BTreeSet<String> {
    let mut uses = Uses::default();
    uses.visit_block(block);
    let lasts = |view: &&View| view.of.iter().all(|name| !uses.changes_after(name, view));
    uses.views.iter().filter(lasts).flat_map(|view| view.names.clone()).collect()
}

/// A reference, where it stands.
struct View {
    names: Vec<String>,
    of: BTreeSet<String>,
    at: usize,
    /// Where the loops around it begin.
    loops: Vec<usize>,
}

#[derive(Default)]
struct Uses {
    /// How many places of the body were seen so far.
    at: usize,
    loops: Vec<usize>,
    closures: usize,
    declared: BTreeMap<String, usize>,
    changes: BTreeMap<String, Vec<usize>>,
    views: Vec<View>,
}

impl Uses {
    /// Whether the variable may be changed after the reference is made: further down, or in the next iteration of a loop.
    fn changes_after(&self, name: &str, view: &View) -> bool {
        let declared = self.declared.get(name).copied().unwrap_or(0);
        let from = view.loops.iter().copied().find(|start| declared < *start).unwrap_or(view.at);
        self.changes.get(name).is_some_and(|changes| changes.iter().any(|at| *at > from))
    }

    fn change(&mut self, place: &Expr) {
        match place {
            Expr::Path(path) => {
                let at = if self.closures > 0 { usize::MAX } else { self.at };
                let name = path.path.get_ident().map(ToString::to_string);
                name.into_iter().for_each(|name| self.changes.entry(name).or_default().push(at));
            }
            Expr::Field(field) => self.change(&field.base),
            Expr::Index(index) => self.change(&index.expr),
            Expr::Unary(unary) => self.change(&unary.expr),
            Expr::Paren(paren) => self.change(&paren.expr),
            Expr::MethodCall(call) => self.change(&call.receiver),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.change(elem)),
            _ => {}
        }
    }

    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        self.at += 1;
        self.loops.push(self.at);
        visit(self);
        self.loops.pop();
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.at += 1;
        visit::visit_expr(self, expr);
    }

    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        self.declared.insert(ident.ident.to_string(), self.at);
        visit::visit_pat_ident(self, ident);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        if let Some(init) = local.init.as_ref().filter(|init| init.diverge.is_none())
            && borrows(&init.expr)
            && is_repeatable(&init.expr)
            && !binds_for_change(&local.pat)
        {
            let (mut names, mut of) = (Vec::new(), BTreeSet::new());
            super::pattern_names(&local.pat, &mut names);
            super::rename::variables(init.expr.to_token_stream(), &mut of);
            let names = names.iter().map(ToString::to_string).collect();
            self.views.push(View { names, of, at: self.at, loops: self.loops.clone() });
        }
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        visit::visit_expr_assign(self, assign);
        self.change(&assign.left);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        visit::visit_expr_binary(self, binary);
        if is_compound(&binary.op) || changes_bits(&binary.op) {
            self.change(&binary.left);
        }
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        visit::visit_expr_reference(self, reference);
        if reference.mutability.is_some() {
            self.change(&reference.expr);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        visit::visit_expr_method_call(self, call);
        let name = call.method.to_string();
        if !(LOOKS.contains(&name.as_str()) || is_adapter(&name) && !name.ends_with("_mut")) {
            self.change(&call.receiver);
        }
    }

    fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
        self.inside(|this| visit::visit_expr_for_loop(this, each));
    }

    fn visit_expr_while(&mut self, each: &'ast syn::ExprWhile) {
        self.inside(|this| visit::visit_expr_while(this, each));
    }

    fn visit_expr_loop(&mut self, each: &'ast syn::ExprLoop) {
        self.inside(|this| visit::visit_expr_loop(this, each));
    }

    /// It may run later.
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.closures += 1;
        visit::visit_expr_closure(self, closure);
        self.closures -= 1;
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if !looks(mac) {
            let mut names = BTreeSet::new();
            super::rename::variables(mac.tokens.clone(), &mut names);
            names.into_iter().for_each(|name| self.changes.entry(name).or_default().push(self.at));
        }
    }
}

/// Whether the value is a shared reference, as its form shows.
fn borrows(expr: &Expr) -> bool {
    let of_block = |block: &Block| matches!(block.stmts.as_slice(), [syn::Stmt::Expr(last, None)] if borrows(last));
    match strip(expr) {
        Expr::Reference(reference) => reference.mutability.is_none(),
        Expr::MethodCall(call) => matches!(call.method.to_string().as_str(), "as_slice" | "as_str" | "as_bytes" | "split_at"),
        Expr::If(branch) => of_block(&branch.then_branch) && branch.else_branch.as_ref().is_some_and(|(_, other)| borrows(other)),
        Expr::Block(block) => of_block(&block.block),
        _ => false,
    }
}

fn binds_for_change(pat: &Pat) -> bool {
    let tokens: TokenStream = pat.to_token_stream();
    tokens.to_string().split(|c: char| !c.is_alphanumeric()).any(|word| word == "mut")
}
