//! `if`, `match` and loops.
//!
//! *In:* `let y = if c { a } else { b };`. *Out:* `let y; if c { y = a } else { y = b }`

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Block, Expr, ExprIf, Pat, Stmt};

use crate::error::{not_yet, unsupported};
use crate::ir::{self, Arm, Branch, Code, Counting, Form, Header, Kind, Loop, Operand, Place, Range, Statement, Value, Var};
use crate::lower::facts::names::variables;
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::syntax::{condition_names, first_span, is_diverging, lacks_else, pattern_names, strip};

use super::Lowerer;
use super::places::names_a_place;

impl Lowerer<'_> {
    /// `if` and `match` whose value is stored in a place.
    pub(super) fn assign_control(&mut self, expr: &Expr, place: &Place) {
        match strip(expr) {
            Expr::If(branch) => self.branch(branch, Some(place)),
            Expr::Match(choice) => self.choice(choice, Some(place)),
            Expr::Block(block) if block.label.is_none() => {
                let value = self.scoped_value(&block.block);
                self.assign_value_of_block(value, place);
            }
            other => {
                let value = self.value(other);
                self.reject_slice(&value);
                let value = self.atomic(value, first_span(other));
                self.push(Statement::Assign { place: place.clone(), value });
            }
        }
    }

    fn assign_value_of_block(&mut self, value: Option<Value>, place: &Place) {
        if let Some(value) = value {
            self.reject_slice(&value);
            let value = self.atomic(value, place.span);
            self.push(Statement::Assign { place: place.clone(), value });
        }
    }

    /// A choice gives a value of its own, which a slice is not.
    pub(super) fn reject_slice(&mut self, value: &Value) {
        if let Some(place) = self.slice_in(value) {
            let why = "what a choice gives is a value of its own, and a slice has no size";
            let what = unsupported("a slice that is chosen", why, "copy it, `.to_vec()`, or choose where it is used");
            self.errors.span(place.span, what);
        }
    }

    /// The slice that a value is, or that a tuple holds.
    pub(super) fn slice_in<'v>(&self, value: &'v Value) -> Option<&'v Place> {
        match value {
            Value::Tuple(parts) => parts.iter().find_map(|part| self.slice_in(part)),
            Value::Expr(ir::Expr::Operand(Operand::Place(place))) => self.is_slice(place).then_some(place),
            _ => None,
        }
    }

    pub(super) fn arm(&mut self, body: &Expr, place: Option<&Place>) -> ir::Block {
        let (block, ()) = self.nested(|this| match place {
            Some(place) if !is_diverging(body) => match strip(body) {
                // the arm itself is the block of Rust
                Expr::Block(block) if block.label.is_none() => {
                    let value = this.block_value(&block.block);
                    this.assign_value_of_block(value, place);
                }
                body => this.assign_control(body, place),
            },
            _ => this.statement(&Stmt::Expr(body.clone(), Some(Default::default()))),
        });
        block
    }

    pub(super) fn branch(&mut self, branch: &ExprIf, place: Option<&Place>) {
        if self.condition_matches_active(&branch.cond) {
            return self.if_let_active(branch, place);
        }
        if place.is_some() && lacks_else(branch) {
            return self.errors.leave_to_rustc();
        }
        self.inactive_branch(branch, &mut |this, body| this.arm(body, place));
    }

    /// `if` by an inactive condition, which may bind something inactive; `run` translates its blocks.
    pub(super) fn inactive_branch(&mut self, branch: &ExprIf, run: &mut dyn FnMut(&mut Self, &Expr) -> ir::Block) {
        let mut binds = Vec::new();
        let mut names = Vec::new();
        condition_names(&branch.cond, &mut names);
        if let Expr::Let(binding) = strip(&branch.cond) {
            self.check_enum(&binding.expr);
        }
        let on = self.code_of(&branch.cond, is_condition_repeatable(&branch.cond));
        names.iter().for_each(|name| binds.extend(self.inactive(name)));
        self.opaque.extend(&binds);
        let then = Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: branch.then_branch.clone() });
        let then = Arm { pattern: Default::default(), binds, body: run(self, &then), saved: Vec::new() };
        let body = branch.else_branch.as_ref().map(|(_, other)| run(self, other)).unwrap_or_default();
        let other = Arm { pattern: Default::default(), binds: Vec::new(), body, saved: Vec::new() };
        let rebinds = matches!(strip(&branch.cond), Expr::Let(binding) if names_a_place(&binding.expr));
        self.push(Statement::Branch(Branch { on, arms: vec![then, other], is_match: false, rebinds, record: None }));
    }

    /// What an inactive pattern binds.
    pub(super) fn opaque_binds(&mut self, pat: &Pat) -> Vec<Var> {
        let mut names = Vec::new();
        pattern_names(pat, &mut names);
        let binds: Vec<Var> = names.iter().filter_map(|name| self.inactive(name)).collect();
        self.opaque.extend(&binds);
        binds
    }

    pub(super) fn choice(&mut self, choice: &syn::ExprMatch, place: Option<&Place>) {
        if self.matches_active(choice) {
            return self.match_active(choice, place);
        }
        self.inactive_choice(choice, &mut |this, body| this.arm(body, place));
    }

    /// `match` on something inactive; `run` translates its arms.
    pub(super) fn inactive_choice(&mut self, choice: &syn::ExprMatch, run: &mut dyn FnMut(&mut Self, &Expr) -> ir::Block) {
        self.check_enum(&choice.expr);
        let mut on = self.code_of(&choice.expr, is_repeatable(&choice.expr));
        // what guards need is there before the first of the arms
        let mut patterns = Vec::new();
        for arm in &choice.arms {
            let (pat, guard) = match &arm.pat {
                Pat::Guard(guarded) => (&*guarded.pat, Some(self.code_of(&guarded.guard, false))),
                pat => (pat, None),
            };
            let binds = self.opaque_binds(pat);
            let mut pattern = pat.to_token_stream();
            if let Some(Code { tokens, reads, .. }) = guard {
                pattern.extend(quote!(if #tokens));
                on.reads.extend(reads.into_iter().filter(|var| !binds.contains(var)));
            }
            patterns.push((pattern, binds));
        }
        let arm = |((pattern, binds), arm): ((TokenStream, Vec<Var>), &syn::Arm)| Arm {
            pattern,
            binds,
            body: run(self, &arm.body),
            saved: Vec::new(),
        };
        let arms = patterns.into_iter().zip(&choice.arms).map(arm).collect();
        let rebinds = names_a_place(&choice.expr);
        self.push(Statement::Branch(Branch { on, arms, is_match: true, rebinds, record: None }));
    }

    pub(super) fn for_loop(&mut self, each: &syn::ExprForLoop) {
        let (range, reversed) = match strip(&each.expr) {
            Expr::MethodCall(call) if call.method == "rev" && call.args.is_empty() => (strip(&call.receiver), true),
            other => (other, false),
        };
        match (range, &*each.pat) {
            (Expr::Range(range), Pat::Ident(_) | Pat::Wild(_)) => self.for_range(range, reversed, &each.pat, &each.body),
            _ => {
                let pat = each.pat.clone();
                let (body, exit) = without_exit(&each.body);
                let (outside, declares) = (self.blocks.len(), exit.as_ref().is_some_and(|exit| names_its_own(exit, each)));
                self.bound_with = Some((*pat).clone());
                self.iterate(&each.expr, &mut |this, item| {
                    this.bind_bound(&pat, item);
                    this.block_effect(&body);
                    let Some(exit) = &exit else { return };
                    let on = this.code_of(exit, false);
                    // the loop itself does not see what a block inside of it declares
                    match declares && this.blocks.len() > outside + 1 {
                        true => {
                            let tokens = &on.tokens;
                            this.end_unless(&Code { tokens: quote!(!(#tokens)), ..on }, 0);
                        }
                        false => this.end(on, 0),
                    }
                });
            }
        }
    }

    pub(super) fn for_range(&mut self, range: &syn::ExprRange, reversed: bool, pat: &Pat, body: &Block) {
        let (Some(start), Some(end)) = (&range.start, &range.end) else {
            return self.unsupported(range, not_yet("a loop over an open range", "give the range both ends"));
        };
        let start = self.bound_of_range(start, "start");
        let end = self.bound_of_range(end, "end");
        let index = match pat {
            Pat::Ident(ident) => self.variable(&ident.ident, Kind::Inactive, ident.mutability.is_some(), Form::Owned),
            other => self.function.fresh("i", Kind::Inactive, false, Form::Owned, first_span(other)),
        };
        let (body, exit) = without_exit(body);
        let (body, exit) = self.nested(|this| {
            this.block_effect(&body);
            exit.map(|exit| this.code_of(&exit, false))
        });
        let inclusive = matches!(range.limits, syn::RangeLimits::Closed(_));
        let counter = exit.as_ref().map(|exit| self.counter(exit.span));
        let range = Range { index, start, end, inclusive, reversed };
        self.push(Statement::Loop(Loop { exit, counter, ..Loop::over(range, body) }));
    }

    /// A variable for the number of iterations.
    pub(super) fn counter(&mut self, span: proc_macro2::Span) -> Var {
        self.function.fresh("trips", Kind::Inactive, true, Form::Owned, span)
    }

    /// `while` and `loop`.
    pub(super) fn while_loop(&mut self, condition: Option<&Expr>, body: &Block) {
        let forever: Expr = syn::parse_quote!(true);
        let condition = condition.unwrap_or(&forever);
        if self.condition_matches_active(condition) {
            let what = unsupported(
                "`while let` on an active value",
                "how often it runs would depend on a derivative",
                "choose by an inactive value",
            );
            return self.unsupported(condition, what);
        }
        if self.counted_loop(condition, body) {
            return;
        }
        let mut names = Vec::new();
        condition_names(condition, &mut names);
        let on = self.code_of(condition, false);
        let binds: Vec<Var> = names.iter().filter_map(|name| self.inactive(name)).collect();
        self.opaque.extend(&binds);
        let (body, exit) = without_exit(body);
        let (body, exit) = self.nested(|this| {
            this.block_effect(&body);
            exit.map(|exit| this.code_of(&exit, false))
        });
        let counter = Some(self.counter(on.span));
        let header = Header::While { on, binds };
        self.push(Statement::Loop(Loop { header, body, exit, counter, counting: Counting::None, tape: None }));
    }

    /// An end of a range, evaluated once.
    pub(super) fn bound_of_range(&mut self, expr: &Expr, wish: &str) -> Code {
        let code = self.code_of(expr, is_repeatable(expr));
        if code.repeatable {
            return code;
        }
        let span = code.span;
        let var = self.function.fresh(wish, Kind::Inactive, false, Form::Owned, span);
        self.declare_inactive(var, code, expr);
        let tokens = self.function.variable(var).name.to_token_stream();
        Code { tokens, reads: vec![var], repeatable: true, span }
    }
}

/// Whether the condition names what the loop binds or declares.
fn names_its_own(condition: &Expr, each: &syn::ExprForLoop) -> bool {
    struct Declared(Vec<proc_macro2::Ident>);
    impl<'ast> syn::visit::Visit<'ast> for Declared {
        fn visit_pat(&mut self, pat: &'ast Pat) {
            pattern_names(pat, &mut self.0);
        }

        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut declared = Declared(Vec::new());
    syn::visit::Visit::visit_expr_for_loop(&mut declared, each);
    let mut named = std::collections::BTreeSet::new();
    variables(condition.to_token_stream(), &mut named);
    declared.0.iter().any(|name| named.contains(&name.to_string()))
}

/// The body of a loop, and the condition of the `if .. { break; }` at its end.
fn without_exit(body: &Block) -> (Block, Option<Expr>) {
    let mut body = body.clone();
    match body.stmts.last() {
        Some(Stmt::Expr(Expr::If(branch), _))
            if matches!(branch.then_branch.stmts.as_slice(), [Stmt::Expr(Expr::Break(_), _)]) && branch.else_branch.is_none() =>
        {
            let exit = (*branch.cond).clone();
            body.stmts.pop();
            (body, Some(exit))
        }
        _ => (body, None),
    }
}

fn is_condition_repeatable(condition: &Expr) -> bool {
    !matches!(condition, Expr::Let(_)) && is_repeatable(condition)
}
