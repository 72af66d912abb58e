//! `while` loops that count, as loops over ranges.
//!
//! ```text
//! while i < n { body; i += 1; }    ⟶  for k in i..n { body with k for i }  if i < n { i = n; }
//! while i > n { i -= 1; body }     ⟶  for k in (n..i).rev() { body with k for i }  if i > n { i = n; }
//! ```
//!
//! The number of iterations is then known before, and the counter in the reverse sweep without a record. It holds where nothing else changes the counter,
//! nothing changes the bound, and the loop is left at its head.

use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::visit::Visit;
use syn::{BinOp, Block, Expr, Lit, Stmt};

use crate::ir::tokens::operand;
use crate::ir::{Code, Form, Kind, Loop, Range, Statement};
use crate::lower::facts::names::{Binding, variables};
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::stores::Stores;
use crate::lower::facts::syntax::{first_span, strip};
use crate::lower::rewrite::rename;

use super::touches::Exits;
use super::{Bound, Lowerer};

/// A loop that counts.
struct Counted {
    counter: Ident,
    bound: Expr,
    inclusive: bool,
    down: bool,
    rest: Block,
}

impl Lowerer<'_> {
    /// Translates a `while` loop that counts; says whether it is one.
    pub(super) fn counted_loop(&mut self, condition: &Expr, body: &Block) -> bool {
        let Some(counted) = self.counts(condition, body) else { return false };
        let Counted { counter, bound, inclusive, down, rest } = counted;
        let Some(Bound::Var(var)) = self.lookup(&counter) else { return false };
        let span = counter.span();
        let held = self.bound_of_range(&syn::parse_quote!(#counter), "first");
        // of two constants the range might be an empty one, which lints report
        let is_zero = |tokens: &proc_macro2::TokenStream| tokens.to_string() == "0";
        let from_zero = down && is_zero(&bound.to_token_stream());
        let held = match self.constant_start(&counter).filter(|start| from_zero || !down && is_zero(start)) {
            Some(start) => Code { tokens: start, reads: Vec::new(), repeatable: true, span },
            None => held,
        };
        let bound = match self.constant_length(&bound) {
            Some(length) => Code { tokens: length, reads: Vec::new(), repeatable: true, span: first_span(&bound) },
            None => self.bound_of_range(&bound, "bound"),
        };
        let inner = Ident::new(&self.function.taken.fresh(&counter.to_string()), span);
        let binding = self.names.bindings.get(&counter.to_string()).cloned().unwrap_or_default();
        self.names.bindings.insert(inner.to_string(), Binding { mutable: false, ..binding });
        self.activity.alike(&inner.to_string(), &counter.to_string());
        let index = self.variable(&inner, Kind::Inactive, false, Form::Owned);
        let mut rest = Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: rest });
        rename::substitute(&mut rest, &[(counter.to_string(), inner.to_string())]);
        let Expr::Block(rest) = rest else { return false };
        let (body, ()) = self.nested(|this| this.block_effect(&rest.block));
        let (start, end) = if down { (bound.clone(), held) } else { (held, bound.clone()) };
        self.push(Statement::Loop(Loop::over(Range { index, start, end, inclusive, reversed: down }, body)));
        let to = operand(&bound.tokens);
        let tokens = match (down, inclusive) {
            (true, _) => quote!(if #counter > #to { #counter = #to; }),
            (false, true) => quote!(if #counter <= #to { #counter = #to + 1; }),
            (false, false) => quote!(if #counter < #to { #counter = #to; }),
        };
        let reads = bound.reads.iter().copied().chain([var]).collect();
        let code = Code { tokens, reads, repeatable: false, span };
        self.push(Statement::Code { code, binds: Vec::new(), writes: vec![var] });
        true
    }

    fn counts(&self, condition: &Expr, body: &Block) -> Option<Counted> {
        let Expr::Binary(test) = strip(condition) else { return None };
        let Expr::Path(path) = strip(&test.left) else { return None };
        let counter = path.path.get_ident()?.clone();
        let (down, inclusive) = match test.op {
            BinOp::Lt(_) => (false, false),
            BinOp::Le(_) => (false, true),
            BinOp::Gt(_) => (true, false),
            _ => return None,
        };
        let mut stmts = body.stmts.clone();
        let step = if down && !stmts.is_empty() { stmts.remove(0) } else { stmts.pop()? };
        let rest = Block { stmts, ..body.clone() };
        let var = match self.bound.get(&counter.to_string()) {
            Some(Bound::Var(var)) => *var,
            _ => return None,
        };
        let counts = is_step(&step, &counter, down) && self.function.variable(var).kind == Kind::Inactive;
        let fixed = is_repeatable(&test.right) && self.is_fixed(&test.right) && !mentions(&test.right, &counter);
        (counts && fixed && !changes(&rest, &counter)).then(|| Counted {
            counter,
            bound: (*test.right).clone(),
            inclusive,
            down,
            rest,
        })
    }

    /// Whether nothing that the expression reads is ever assigned.
    fn is_fixed(&self, expr: &Expr) -> bool {
        let mut names = std::collections::BTreeSet::new();
        variables(expr.to_token_stream(), &mut names);
        names.iter().all(|name| {
            let is_bound_fixed = match self.bound.get(name) {
                Some(Bound::Var(var)) => !self.is_mutable(*var),
                Some(Bound::Reference { place, .. }) => !self.is_mutable(place.root),
                _ => true,
            };
            is_bound_fixed && self.names.bindings.get(name).is_none_or(|binding| !binding.mutable)
        })
    }

    /// The constant that a counter is set to in this block, where nothing has changed it since.
    fn constant_start(&self, counter: &Ident) -> Option<proc_macro2::TokenStream> {
        let Some(Bound::Var(var)) = self.bound.get(&counter.to_string()) else { return None };
        let latest = self.blocks.last()?.iter().rev().find_map(|statement| {
            let mut touched = std::collections::BTreeSet::new();
            crate::analysis::save::changes(statement, &mut touched);
            match statement {
                Statement::Code { binds, .. } if binds.contains(var) => Some(true),
                _ if touched.contains(var) => Some(false),
                _ => None,
            }
        });
        if latest != Some(true) {
            return None;
        }
        match strip(self.inits.get(&counter.to_string())?) {
            Expr::Lit(literal) => Some(literal.to_token_stream()),
            Expr::Path(path) if path.path.segments.last()?.ident.to_string().starts_with(char::is_uppercase) => {
                Some(path.to_token_stream())
            }
            other => self.constant_length(other),
        }
    }

    /// `x.len()` of an array whose length is written.
    fn constant_length(&self, expr: &Expr) -> Option<proc_macro2::TokenStream> {
        let Expr::MethodCall(call) = strip(expr) else { return None };
        if call.method != "len" || !call.args.is_empty() {
            return None;
        }
        let mut ty = self.written_type(&call.receiver)?;
        while let syn::Type::Reference(reference) = ty {
            ty = *reference.elem;
        }
        match ty {
            syn::Type::Array(array) => Some(array.len.to_token_stream()),
            _ => None,
        }
    }
}

/// `i += 1`, `i = i + 1`; down `i -= 1`
fn is_step(stmt: &Stmt, counter: &Ident, down: bool) -> bool {
    let is_counter = |expr: &Expr| matches!(strip(expr), Expr::Path(path) if path.path.is_ident(counter));
    let is_one = |expr: &Expr| matches!(strip(expr), Expr::Lit(literal) if matches!(&literal.lit, Lit::Int(one) if one.base10_digits() == "1"));
    let Stmt::Expr(expr, _) = stmt else { return false };
    match expr {
        Expr::Binary(step) => {
            let op = if down { matches!(step.op, BinOp::SubAssign(_)) } else { matches!(step.op, BinOp::AddAssign(_)) };
            op && is_counter(&step.left) && is_one(&step.right)
        }
        Expr::Assign(assign) => match strip(&assign.right) {
            Expr::Binary(step) => {
                let op = if down { matches!(step.op, BinOp::Sub(_)) } else { matches!(step.op, BinOp::Add(_)) };
                op && is_counter(&assign.left) && is_counter(&step.left) && is_one(&step.right)
            }
            _ => false,
        },
        _ => false,
    }
}

fn mentions(expr: &Expr, name: &Ident) -> bool {
    let mut names = std::collections::BTreeSet::new();
    variables(expr.to_token_stream(), &mut names);
    names.contains(&name.to_string())
}

/// Whether a block may change the counter, or is left before its end.
fn changes(block: &Block, counter: &Ident) -> bool {
    let mut stores = Stores::default();
    stores.visit_block(block);
    let mut exits = Exits::default();
    exits.visit_block(block);
    let mut macros = super::checks::UnknownMacros::default();
    macros.visit_block(block);
    let mut hidden = std::collections::BTreeSet::new();
    macros.0.iter().for_each(|mac| variables(mac.0.tokens.clone(), &mut hidden));
    stores.roots.contains(&counter.to_string()) || !exits.found.is_empty() || hidden.contains(&counter.to_string())
}
