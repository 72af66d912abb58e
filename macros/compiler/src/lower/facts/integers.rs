//! The variables and fields that are integers.
//!
//! *In:* a body whose names are unique, and what closures are called with by functions that they are passed to. *Out:* the names that are integers by
//! their types and by their use: what stands in an index, in a range, or beside an integer is none of floats.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ExprMethodCall, Lit, Pat, Type, UnOp};

use crate::signature::inert::{is_integer, is_one_integer};

use super::flow::is_text;
use super::methods::is_adapter;
use super::names::Names;
use super::operators::{changes_bits, is_arithmetic, is_comparison, is_compound};
use super::syntax::{elements, field_of_place, is_float, is_integer_literal, numbered, strip};

/// The names that are integers by their types and by their use, which those tell that stand beside them.
pub fn integers(block: &Block, inputs: BTreeSet<String>, names: &Names) -> BTreeSet<String> {
    let written = |is: fn(&Type) -> bool| {
        let of_type = names.bindings.iter().filter(move |(_, binding)| binding.ty.as_ref().is_some_and(is));
        of_type.map(|(name, _)| name.clone()).collect::<BTreeSet<_>>()
    };
    let floats = written(is_float);
    let mut integers = Integers { found: written(is_integer), inputs };
    loop {
        let known = integers.found.len();
        integers.visit_block(block);
        integers.found.retain(|name| !floats.contains(name));
        if integers.found.len() == known {
            return integers.found;
        }
    }
}

/// The names that are integers by their use.
struct Integers {
    found: BTreeSet<String>,
    /// What closures are called with by functions that they are passed to: cast to a float, it is an integer, which is checked.
    inputs: BTreeSet<String>,
}

impl Integers {
    fn mark(&mut self, expr: &Expr) {
        match expr {
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident() {
                    self.found.insert(name.to_string());
                }
            }
            Expr::Field(_) => self.found.extend(field_of_place(expr)),
            Expr::Paren(paren) => self.mark(&paren.expr),
            Expr::Unary(unary) => self.mark(&unary.expr),
            Expr::Binary(binary) if is_arithmetic(&binary.op) => {
                self.mark(&binary.left);
                self.mark(&binary.right);
            }
            Expr::Range(range) => {
                for end in [&range.start, &range.end].into_iter().flatten() {
                    self.mark(end);
                }
            }
            _ => {}
        }
    }

    /// Whether the expression is an integer: a literal, or one by the type or the use of its names.
    fn is_integer(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| self.found.contains(&name.to_string())),
            Expr::Field(_) => field_of_place(expr).is_some_and(|place| self.found.contains(&place)),
            Expr::Cast(cast) => is_one_integer(&cast.ty),
            Expr::MethodCall(call) => call.method == "len" && call.args.is_empty(),
            Expr::Paren(paren) => self.is_integer(&paren.expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => self.is_integer(&unary.expr),
            Expr::Binary(binary) if is_arithmetic(&binary.op) => self.is_integer(&binary.left) || self.is_integer(&binary.right),
            other => is_integer_literal(other),
        }
    }

    /// What a pattern binds begins with the expression.
    fn begins(&mut self, pat: &Pat, init: &Expr) {
        match (pat, init) {
            (Pat::Ident(name), Expr::Lit(literal))
                if is_integer_literal(init) || matches!(literal.lit, Lit::Bool(_) | Lit::Str(_) | Lit::Char(_)) =>
            {
                self.found.insert(name.ident.to_string());
            }
            (Pat::Tuple(pats), Expr::Tuple(inits)) if pats.elems.len() == inits.elems.len() => {
                pats.elems.iter().zip(&inits.elems).for_each(|(pat, init)| self.begins(pat, init));
            }
            _ => {}
        }
    }

    /// The ends of a range that is iterated are integers; those of other ranges may be floats.
    fn iterated(&mut self, expr: &Expr) {
        match expr {
            Expr::Paren(paren) => self.iterated(&paren.expr),
            Expr::MethodCall(call) if is_adapter(&call.method.to_string()) => self.iterated(&call.receiver),
            Expr::Range(_) => self.mark(expr),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Integers {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    /// What begins with an integer, a truth value or text is none of floats.
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.begins(&local.pat, &init.expr);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_cast(&mut self, cast: &'ast syn::ExprCast) {
        if let Expr::Path(path) = &*cast.expr
            && path.path.get_ident().is_some_and(|name| self.inputs.contains(&name.to_string()))
        {
            self.mark(&cast.expr);
        }
        visit::visit_expr_cast(self, cast);
    }

    fn visit_expr_index(&mut self, index: &'ast syn::ExprIndex) {
        self.mark(numbered(&index.index).map_or(&*index.index, |(_, inner)| inner));
        visit::visit_expr_index(self, index);
    }

    fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
        self.iterated(&each.expr);
        visit::visit_expr_for_loop(self, each);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = call.method.to_string();
        if is_adapter(&name) || matches!(name.as_str(), "sum" | "product" | "fold" | "for_each" | "collect") {
            self.iterated(&call.receiver);
        }
        if let ("powi", Some(exponent)) = (name.as_str(), call.args.first()) {
            self.mark(exponent);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if is_arithmetic(&binary.op) || is_compound(&binary.op) || is_comparison(&binary.op) {
            if self.is_integer(&binary.left) {
                self.mark(&binary.right);
            }
            if self.is_integer(&binary.right) {
                self.mark(&binary.left);
            }
        }
        // floats have no bits
        if changes_bits(&binary.op) {
            self.mark(&binary.left);
        }
        visit::visit_expr_binary(self, binary);
    }
}

/// Whether the value is one that no number which is differentiated can be, by its form, where parts of it may be known otherwise.
pub fn is_no_float(expr: &Expr, is_known: &dyn Fn(&Expr) -> bool) -> bool {
    let inside = |part: &Expr| is_no_float(part, is_known);
    let expr = strip(expr);
    let by_form = match expr {
        Expr::Lit(literal) => is_integer_literal(expr) || !matches!(literal.lit, Lit::Float(_) | Lit::Int(_)),
        Expr::Cast(cast) => is_one_integer(&cast.ty),
        Expr::Reference(reference) => inside(&reference.expr),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Not(_)) || inside(&unary.expr),
        Expr::Binary(binary) => {
            let is_truth_value = is_comparison(&binary.op) || matches!(binary.op, BinOp::And(_) | BinOp::Or(_));
            is_truth_value || inside(&binary.left) || inside(&binary.right)
        }
        Expr::Array(array) => array.elems.first().is_some_and(inside),
        Expr::Repeat(repeat) => inside(&repeat.expr),
        Expr::Tuple(tuple) => !tuple.elems.is_empty() && tuple.elems.iter().all(inside),
        Expr::Macro(mac) => is_text(&mac.mac),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) if path.path.is_ident("Some") => call.args.iter().all(inside),
            Expr::Path(path) => path.path.segments.first().is_some_and(|first| first.ident == "String"),
            _ => false,
        },
        Expr::MethodCall(call) => match call.method.to_string().as_str() {
            "len" | "count" | "to_string" => true,
            "to_owned" | "into" | "clone" | "min" | "max" | "pow" | "abs_diff" => inside(&call.receiver),
            _ => false,
        },
        _ => false,
    };
    by_form || elements(expr).is_some_and(inside) || is_known(expr)
}
