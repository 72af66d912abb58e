//! Exits from the middle of blocks, on the renamed syntax tree: `return`, `break`, `continue`, `let else`.
//!
//! *In:* a body whose blocks are left anywhere:
//! `for x in xs { if *x < 0.0 { continue; } if *x > 9.0 { return s; } s += x.ln(); } s`
//!
//! *Out:* one whose blocks are left at their ends, but for loops that end with `if flag { break; }`.
//!
//! ```text
//! if c { continue; } rest                  ⟶  if c {} else { rest }
//! if c { return v; } rest                  ⟶  if c { v } else { rest }
//! let Some(k) = o else { jump }; rest      ⟶  match o { Some(k) => { rest } _ => { jump } }
//! loop { if c { break; } rest }            ⟶  while !c { rest }
//! if a { if b { break; } x } rest          ⟶  if a { if b { left = true; } else { x } } if !left { rest }
//! loop { .. break v; .. }                  ⟶  { result = v; left = true; .. if left { break; } }, tuples part by part ([`tuples`](super::tuples))
//! while let p = active { rest }            ⟶  loop { match active { p => { rest } _ => break } }
//! ```
//!
//! What follows a choice moves into its one arm that goes on, as nothing else can run it; where several go on, a flag guards it. A
//! jump that falls off the end anyway is dropped. Loops that mention no active value, and that nothing leaves but their own
//! `break`, stay as they are.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Label, Stmt, parse_quote};

use crate::lower::facts::destructors::declare_for_the_end;
use crate::lower::facts::flow::Activity;
use crate::lower::facts::jumps::{
    Jumps, LetElse, always_exits, breaks_with_value, ends_with_break, ends_with_label, escapes, escapes_expr, first_break,
    is_left_without_value, jumps, jumps_expr, stmts_of,
};
use crate::lower::facts::names::{Binding, Names};
use crate::lower::facts::operators::is_compound;
use crate::lower::facts::syntax::{is_diverging, strip};

/// What the body returns.
pub struct Returned<'a> {
    /// Its type; none for closures.
    pub ty: Option<&'a TokenStream>,
    /// A float, and what stands for zero in it.
    pub zero: Option<TokenStream>,
}

/// Moves the exits of a function's body to the ends of its blocks, and takes apart the tuples and `Option`s that they carry; whether there are such.
pub fn structure(block: &mut Block, returned: &Returned, activity: &Activity, names: &mut Names, runtime: &TokenStream) -> bool {
    let changed = super::conditions::take_apart(block, activity);
    let mut closures = Closures { activity, names, runtime, changed };
    closures.visit_block_mut(block);
    let mut changed = closures.changed;
    if jumps(block) {
        *block = Structurer::body(block, returned, activity, names, runtime);
        changed = true;
    }
    changed |= super::tuples::take_apart(block, activity, names, runtime);
    changed |= super::optional::begin_as_none(block, activity);
    changed
}

/// Structures the bodies of closures, the innermost first: their exits are their own.
struct Closures<'a> {
    activity: &'a Activity,
    names: &'a mut Names,
    runtime: &'a TokenStream,
    changed: bool,
}

impl VisitMut for Closures<'_> {
    fn visit_expr_closure_mut(&mut self, closure: &mut syn::ExprClosure) {
        visit_mut::visit_expr_closure_mut(self, closure);
        if let Expr::Block(body) = &*closure.body
            && body.label.is_some()
        {
            *closure.body = parse_quote!({ #body });
        }
        if let Expr::Block(body) = &mut *closure.body
            && jumps(&body.block)
        {
            let returned = Returned { ty: None, zero: None };
            body.block = Structurer::body(&body.block, &returned, self.activity, self.names, self.runtime);
            self.changed = true;
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// Where a jump leads: out of a frame, with a value or without, or to the next iteration of a loop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    Leave(usize),
    Next(usize),
}

/// What a jump can leave: the body, a loop, or a block with a label.
struct Frame {
    label: Option<String>,
    is_loop: bool,
    /// Set where the frame is left from the middle.
    left: Option<Ident>,
    /// Set where the next iteration is begun from the middle.
    next: Option<Ident>,
    /// Holds the value that the frame is left with.
    result: Option<Ident>,
    /// Whether the value at the end is stored as well.
    stores: bool,
}

struct Structurer<'a> {
    activity: &'a Activity,
    names: &'a mut Names,
    runtime: &'a TokenStream,
    frames: Vec<Frame>,
    /// The flags that were set in the statement under work.
    raised: BTreeSet<Ident>,
    /// Whether the body needs a variable for its value.
    needs_result: bool,
}

impl<'a> Structurer<'a> {
    /// A body without exits in its middle. Its value stays the last expression where every exit is at an end; else a variable
    /// takes it.
    fn body(block: &Block, returned: &Returned, activity: &'a Activity, names: &'a mut Names, runtime: &'a TokenStream) -> Block {
        let mut this = Structurer { activity, names, runtime, frames: Vec::new(), raised: BTreeSet::new(), needs_result: false };
        this.open(None, false, false);
        let mut stmts = this.stmts(&block.stmts, &[Goal::Leave(0)]);
        let mut frame = this.frames.pop().expect("the body's frame");
        if this.needs_result {
            this.raised.clear();
            this.open(None, false, true);
            let result = this.variable("result", returned.ty);
            this.frames[0].result = Some(result.clone());
            stmts = this.stmts(&block.stmts, &[Goal::Leave(0)]);
            frame = this.frames.pop().expect("the body's frame");
            let declared = this.declare_result(&result, returned);
            stmts.insert(0, declared);
            stmts.push(Stmt::Expr(this.settled(&result, returned.zero.is_some()), None));
        }
        if let Some(left) = &frame.left {
            stmts.insert(0, parse_quote!(let mut #left = false;));
        }
        Block { brace_token: block.brace_token, stmts }
    }

    fn open(&mut self, label: Option<&Label>, is_loop: bool, stores: bool) -> usize {
        let label = label.map(|label| label.name.ident.to_string());
        self.frames.push(Frame { label, is_loop, left: None, next: None, result: None, stores });
        self.frames.len() - 1
    }

    fn variable(&mut self, wish: &str, ty: Option<&TokenStream>) -> Ident {
        let ty = ty.and_then(|ty| syn::parse2(ty.clone()).ok());
        self.names.declare(wish, Binding { mutable: true, ty, receiver: false })
    }

    fn flag(&mut self, wish: &str) -> Ident {
        self.variable(wish, Some(&quote::quote!(bool)))
    }

    fn declare_result(&self, result: &Ident, returned: &Returned) -> Stmt {
        let runtime = self.runtime;
        match (&returned.zero, returned.ty) {
            (Some(zero), Some(ty)) => parse_quote!(let mut #result: #ty = #zero;),
            _ => parse_quote!(let mut #result = #runtime::late();),
        }
    }

    fn settled(&self, result: &Ident, plain: bool) -> Expr {
        let runtime = self.runtime;
        if plain { parse_quote!(#result) } else { parse_quote!(#runtime::settled(#result)) }
    }

    /// The statements of a block; falling off its end leads to each goal in `tail`.
    fn stmts(&mut self, stmts: &[Stmt], tail: &[Goal]) -> Vec<Stmt> {
        let mut out = Vec::new();
        for (position, stmt) in stmts.iter().enumerate() {
            let rest = &stmts[position + 1..];
            if let Some(choice) = self.let_else(stmt, rest) {
                out.extend(self.stmts(&[choice], tail));
                return out;
            }
            if !self.is_relevant(stmt) {
                match stmt {
                    Stmt::Expr(value, None) if rest.is_empty() => out.push(self.finish(value.clone(), tail)),
                    _ => out.push(stmt.clone()),
                }
                continue;
            }
            let before = std::mem::take(&mut self.raised);
            let ends = self.relevant(stmt, rest, tail, &mut out);
            let raised = std::mem::take(&mut self.raised);
            self.raised = before.into_iter().chain(raised.iter().cloned()).collect();
            if ends {
                return out;
            }
            if !raised.is_empty() && !rest.is_empty() {
                out.push(self.guarded(&raised, rest, tail));
                return out;
            }
        }
        out
    }

    /// Structures a statement with exits into `out`; whether nothing of the block is left to do.
    fn relevant(&mut self, stmt: &Stmt, rest: &[Stmt], tail: &[Goal], out: &mut Vec<Stmt>) -> bool {
        match stmt {
            Stmt::Expr(expr, semi) => match strip(expr) {
                Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => {
                    out.extend(self.jump(strip(expr), tail));
                    true
                }
                Expr::Block(block) if block.label.is_some() => {
                    let is_value = rest.is_empty() && semi.is_none() && self.keeps_value(tail);
                    let value = is_value && !is_left_without_value(&block.block, block.label.as_ref());
                    self.leave_block(&block.block, block.label.as_ref(), value, rest, tail, out)
                }
                Expr::If(_) | Expr::Match(_) | Expr::Block(_) => self.choice(expr, rest, tail, out),
                Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => {
                    let result = self.repeat(strip(expr), out);
                    if let (Some(result), true) = (result, rest.is_empty() && semi.is_none()) {
                        let value = self.settled(&result, false);
                        out.push(self.finish(value, tail));
                    }
                    false
                }
                Expr::Assign(assign) if is_control(&assign.right) => {
                    let (left, right) = (&assign.left, &assign.right);
                    let mut all: Vec<Stmt> = match strip(left) {
                        Expr::Tuple(tuple) => {
                            let values: Vec<_> = tuple.elems.iter().map(|_| self.flagless("value")).collect();
                            vec![parse_quote!(let (#(#values,)*) = #right;), parse_quote!(#left = (#(#values,)*);)]
                        }
                        _ => {
                            let value = self.flagless("value");
                            vec![parse_quote!(let #value = #right;), parse_quote!(#left = #value;)]
                        }
                    };
                    all.extend_from_slice(rest);
                    out.extend(self.stmts(&all, tail));
                    true
                }
                Expr::Binary(binary) if is_compound(&binary.op) && is_control(&binary.right) => {
                    let value = self.flagless("value");
                    let mut sum = binary.clone();
                    *sum.right = parse_quote!(#value);
                    let right = &binary.right;
                    let mut all: Vec<Stmt> =
                        vec![parse_quote!(let #value = #right;), Stmt::Expr(Expr::Binary(sum), Some(Default::default()))];
                    all.extend_from_slice(rest);
                    out.extend(self.stmts(&all, tail));
                    true
                }
                _ => {
                    let mut expr = expr.clone();
                    Inner { structurer: self }.visit_expr_mut(&mut expr);
                    out.push(Stmt::Expr(expr, *semi));
                    false
                }
            },
            Stmt::Local(local) => self.local(local, rest, tail, out),
            other => {
                out.push(other.clone());
                false
            }
        }
    }

    /// A variable for a value on its way.
    fn flagless(&mut self, wish: &str) -> Ident {
        self.names.declare(wish, Binding::default())
    }

    /// `if`, `match` or a block as a statement.
    fn choice(&mut self, expr: &Expr, rest: &[Stmt], tail: &[Goal], out: &mut Vec<Stmt>) -> bool {
        if rest.is_empty() {
            let new = self.control(strip(expr), tail);
            out.push(Stmt::Expr(new, None));
            return true;
        }
        if escapes(expr)
            && let Some(whole) = absorb(strip(expr), rest, None)
        {
            let new = self.control(&whole, tail);
            out.push(Stmt::Expr(new, None));
            return true;
        }
        let new = self.control(strip(expr), &[]);
        out.push(Stmt::Expr(new, Some(Default::default())));
        false
    }

    fn local(&mut self, local: &syn::Local, rest: &[Stmt], tail: &[Goal], out: &mut Vec<Stmt>) -> bool {
        let Some(init) = &local.init else {
            out.push(Stmt::Local(local.clone()));
            return false;
        };
        let rebound = |value: Expr| {
            let mut local = local.clone();
            *local.init.as_mut().expect("the binding has a value").expr = value;
            Stmt::Local(local)
        };
        match strip(&init.expr) {
            Expr::Loop(_) => {
                let value = match self.repeat(strip(&init.expr), out) {
                    Some(result) => self.settled(&result, false),
                    None => parse_quote!(()),
                };
                self.go_on(rebound(value), rest, tail, out);
                true
            }
            Expr::Block(block) if block.label.is_some() => {
                let frame = self.open(block.label.as_ref(), false, true);
                self.valued(&init.expr, frame, rebound, rest, tail, out)
            }
            control @ (Expr::If(_) | Expr::Match(_) | Expr::Block(_)) if escapes(control) || ends_with_label(control) => {
                if escapes(control)
                    && let Some(whole) = absorb(control, rest, Some(&rebound))
                {
                    let new = self.control(&whole, tail);
                    out.push(Stmt::Expr(new, None));
                    return true;
                }
                let frame = self.open(None, false, true);
                self.valued(control, frame, rebound, rest, tail, out)
            }
            control @ (Expr::If(_) | Expr::Match(_) | Expr::Block(_)) => {
                let value = self.control(control, &[]);
                out.push(rebound(value));
                false
            }
            _ => {
                let mut local = local.clone();
                Inner { structurer: self }.visit_local_mut(&mut local);
                out.push(Stmt::Local(local));
                false
            }
        }
    }

    /// `let pattern = choice` where several arms go on with a value: a variable takes it.
    fn valued(
        &mut self,
        expr: &Expr,
        frame: usize,
        rebound: impl Fn(Expr) -> Stmt,
        rest: &[Stmt],
        tail: &[Goal],
        out: &mut Vec<Stmt>,
    ) -> bool {
        let result = self.variable("value", None);
        self.frames[frame].result = Some(result.clone());
        let mut unlabelled = strip(expr).clone();
        if let Expr::Block(block) = &mut unlabelled {
            block.label = None;
        }
        let new = self.control(&unlabelled, &[Goal::Leave(frame)]);
        self.close(out);
        let runtime = self.runtime;
        out.push(parse_quote!(let mut #result = #runtime::late();));
        out.push(Stmt::Expr(new, Some(Default::default())));
        let binding = rebound(self.settled(&result, false));
        self.go_on(binding, rest, tail, out);
        true
    }

    /// What follows a binding whose value is not there where a flag is raised.
    fn go_on(&mut self, binding: Stmt, rest: &[Stmt], tail: &[Goal], out: &mut Vec<Stmt>) {
        let all = [std::slice::from_ref(&binding), rest].concat();
        let raised = self.raised.clone();
        match raised.is_empty() {
            true => out.extend(self.stmts(&all, tail)),
            false => out.push(self.guarded(&raised, &all, tail)),
        }
    }

    /// Closes the innermost frame; its flag is declared before it.
    fn close(&mut self, out: &mut Vec<Stmt>) -> Frame {
        let frame = self.frames.pop().expect("a frame is open");
        if let Some(left) = &frame.left {
            out.push(parse_quote!(let mut #left = false;));
            self.raised.remove(left);
        }
        frame
    }

    /// `'label: { .. }` as a statement.
    fn leave_block(
        &mut self,
        block: &Block,
        label: Option<&Label>,
        value: bool,
        rest: &[Stmt],
        tail: &[Goal],
        out: &mut Vec<Stmt>,
    ) -> bool {
        let frame = self.open(label, false, value);
        if value {
            let whole: Expr = parse_quote!(#block);
            let last = |value: Expr| Stmt::Expr(value, None);
            return self.valued(&whole, frame, last, rest, tail, out);
        }
        let mut goals = vec![Goal::Leave(frame)];
        goals.extend(if rest.is_empty() { tail } else { &[] });
        let stmts = self.stmts(&block.stmts, &goals);
        self.close(out);
        let whole = Block { brace_token: block.brace_token, stmts };
        out.push(parse_quote!(#whole));
        false
    }

    /// Whether the value of a block with that tail is used.
    fn keeps_value(&self, tail: &[Goal]) -> bool {
        tail.iter().any(|goal| matches!(goal, Goal::Leave(_)))
    }

    /// A loop: its flags before it, and at its end the exit. Gives the variable of its value.
    fn repeat(&mut self, expr: &Expr, out: &mut Vec<Stmt>) -> Option<Ident> {
        let mut whole = expr.clone();
        let label = match &mut whole {
            Expr::ForLoop(each) => each.label.take(),
            Expr::While(each) => each.label.take(),
            Expr::Loop(each) => each.label.take(),
            _ => None,
        };
        if let Some(condition) = first_break(&whole) {
            let Expr::Loop(each) = &whole else { unreachable!("only a `loop` begins with its exit") };
            let body = Block { brace_token: each.body.brace_token, stmts: each.body.stmts[1..].to_vec() };
            whole = parse_quote!(while !(#condition) #body);
        }
        let body = match &mut whole {
            Expr::ForLoop(each) => &mut each.body,
            Expr::While(each) => &mut each.body,
            Expr::Loop(each) => &mut each.body,
            _ => return None,
        };
        if ends_with_break(body) {
            out.push(Stmt::Expr(whole, Some(Default::default())));
            return None;
        }
        let before = std::mem::take(&mut self.raised);
        let frame = self.open(label.as_ref(), true, false);
        if matches!(expr, Expr::Loop(_)) && breaks_with_value(body, label.as_ref()) {
            let result = self.variable("value", None);
            self.frames[frame].result = Some(result);
        }
        body.stmts = self.stmts(&body.stmts, &[Goal::Next(frame)]);
        let frame = self.frames.pop().expect("the loop's frame");
        let mut exits = std::mem::take(&mut self.raised);
        if let Some(next) = &frame.next {
            exits.remove(next);
            body.stmts.insert(0, parse_quote!(let mut #next = false;));
        }
        if !exits.is_empty() {
            if let Some(Stmt::Expr(_, semi @ None)) = body.stmts.last_mut() {
                *semi = Some(Default::default());
            }
            let flags = exits.iter();
            body.stmts.push(parse_quote!(if #(#flags)||* { break; }));
        }
        if let Some(left) = &frame.left {
            exits.remove(left);
            out.push(parse_quote!(let mut #left = false;));
        }
        let runtime = self.runtime;
        if let Some(result) = &frame.result {
            out.push(parse_quote!(let mut #result = #runtime::late();));
        }
        out.push(Stmt::Expr(whole, Some(Default::default())));
        self.raised = before.into_iter().chain(exits).collect();
        frame.result
    }

    /// `if`, `match` or a block, whose end leads to each goal in `tail`.
    fn control(&mut self, expr: &Expr, tail: &[Goal]) -> Expr {
        match expr {
            Expr::If(branch) => {
                let mut branch = branch.clone();
                branch.then_branch.stmts = self.stmts(&branch.then_branch.stmts, tail);
                if let Some((_, other)) = &mut branch.else_branch {
                    **other = self.control(strip(other), tail);
                }
                Expr::If(branch)
            }
            Expr::Match(choice) => {
                let mut choice = choice.clone();
                for arm in &mut choice.arms {
                    let stmts = match strip(&arm.body) {
                        Expr::Block(block) if block.label.is_none() => self.stmts(&block.block.stmts, tail),
                        other => self.stmts(&[Stmt::Expr(other.clone(), None)], tail),
                    };
                    *arm.body = parse_quote!({ #(#stmts)* });
                }
                Expr::Match(choice)
            }
            Expr::Block(block) if block.label.is_none() => {
                let mut block = block.clone();
                block.block.stmts = self.stmts(&block.block.stmts, tail);
                Expr::Block(block)
            }
            other => {
                let stmts = self.stmts(&[Stmt::Expr(other.clone(), None)], tail);
                parse_quote!({ #(#stmts)* })
            }
        }
    }

    /// What follows a statement that may have set a flag.
    fn guarded(&mut self, raised: &BTreeSet<Ident>, rest: &[Stmt], tail: &[Goal]) -> Stmt {
        let valued = matches!(rest.last(), Some(Stmt::Expr(last, None)) if !is_unit(last));
        if valued && tail.contains(&Goal::Leave(0)) && !self.frames[0].stores {
            self.needs_result = true;
        }
        let rest = self.stmts(rest, tail);
        let flags = raised.iter();
        Stmt::Expr(parse_quote!(if !(#(#flags)||*) { #(#rest)* }), None)
    }

    /// The value at the end of a block: stored where the frame that it is the value of has a variable.
    fn finish(&mut self, value: Expr, tail: &[Goal]) -> Stmt {
        let stored = tail.iter().find_map(|goal| match goal {
            Goal::Leave(frame) if self.frames[*frame].stores => self.frames[*frame].result.clone(),
            _ => None,
        });
        match stored {
            Some(result) if !is_diverging(&value) => self.store(&result, &value),
            _ => Stmt::Expr(value, None),
        }
    }

    fn store(&self, result: &Ident, value: &Expr) -> Stmt {
        let runtime = self.runtime;
        let plain = self.names.bindings.get(&result.to_string()).is_some_and(|binding| binding.ty.is_some());
        if plain { parse_quote!(#result = #value;) } else { parse_quote!(#result = #runtime::set(#value);) }
    }

    /// What stands for a jump.
    fn jump(&mut self, expr: &Expr, tail: &[Goal]) -> Vec<Stmt> {
        let (goal, value) = match expr {
            Expr::Return(exit) => (Some(Goal::Leave(0)), exit.expr.as_deref()),
            Expr::Break(exit) => (self.frame(exit.label.as_ref()).map(Goal::Leave), exit.expr.as_deref()),
            Expr::Continue(exit) => (self.frame(exit.label.as_ref()).map(Goal::Next), None),
            _ => (None, None),
        };
        let Some(goal) = goal else { return vec![Stmt::Expr(expr.clone(), Some(Default::default()))] };
        let (Goal::Leave(frame) | Goal::Next(frame)) = goal;
        let at_end = tail.contains(&goal);
        let mut out = Vec::new();
        if let Some(value) = value {
            match self.frames[frame].result.clone() {
                Some(result) => {
                    let mut value = value.clone();
                    Inner { structurer: self }.visit_expr_mut(&mut value);
                    out.push(self.store(&result, &value));
                }
                None if at_end => return self.stmts(&[Stmt::Expr(value.clone(), None)], tail),
                None => self.needs_result = true,
            }
        }
        if !at_end {
            let flag = self.raise(goal);
            out.push(parse_quote!(#flag = true;));
        }
        out
    }

    fn raise(&mut self, goal: Goal) -> Ident {
        let (frame, wish) = match goal {
            Goal::Leave(0) => (0, "returned"),
            Goal::Leave(frame) => (frame, "left"),
            Goal::Next(frame) => (frame, "continued"),
        };
        let known = match goal {
            Goal::Leave(_) => self.frames[frame].left.clone(),
            Goal::Next(_) => self.frames[frame].next.clone(),
        };
        let flag = known.unwrap_or_else(|| self.flag(wish));
        match goal {
            Goal::Leave(_) => self.frames[frame].left = Some(flag.clone()),
            Goal::Next(_) => self.frames[frame].next = Some(flag.clone()),
        }
        self.raised.insert(flag.clone());
        flag
    }

    /// The frame that a label names; without one the innermost loop.
    fn frame(&self, label: Option<&syn::Lifetime>) -> Option<usize> {
        match label {
            Some(label) => self.frames.iter().rposition(|frame| frame.label.as_ref().is_some_and(|name| label.ident == name)),
            None => self.frames.iter().rposition(|frame| frame.is_loop),
        }
    }

    /// `let pattern = value else { .. }; rest` as a `match`, where it exits or binds an active value.
    fn let_else(&self, stmt: &Stmt, rest: &[Stmt]) -> Option<Stmt> {
        let Stmt::Local(local) = stmt else { return None };
        let (_, diverge) = local.init.as_ref()?.diverge.as_ref()?;
        if !escapes_expr(diverge) && !self.activity.tokens(&stmt.to_token_stream()) {
            return None;
        }
        let (pat, value) = (&local.pat, &local.init.as_ref()?.expr);
        let pat = match pat {
            syn::Pat::Type(typed) => &*typed.pat,
            other => other,
        };
        Some(Stmt::Expr(parse_quote!(match #value { #pat => { #(#rest)* } _ => #diverge }), None))
    }

    /// Whether the statement has exits that matter: out of it, or within a part of it that mentions an active value.
    fn is_relevant(&self, stmt: &Stmt) -> bool {
        let mut found = Jumps::default();
        found.visit_stmt(stmt);
        let mut inner = LetElse(false);
        inner.visit_stmt(stmt);
        found.escaping || (found.any || inner.0) && self.activity.tokens(&stmt.to_token_stream())
    }
}

/// Structures blocks and loops inside of expressions.
struct Inner<'s, 'a> {
    structurer: &'s mut Structurer<'a>,
}

impl VisitMut for Inner<'_, '_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::If(_) | Expr::Match(_) | Expr::Block(_) if ends_with_label(expr) && !escapes(expr) => {
                let value = self.structurer.flagless("value");
                let stmts = [parse_quote!(let #value = #expr;), Stmt::Expr(parse_quote!(#value), None)];
                let stmts = self.structurer.stmts(&stmts, &[]);
                *expr = parse_quote!({ #(#stmts)* });
            }
            Expr::If(_) | Expr::Match(_) | Expr::Block(_) | Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_)
                if jumps_expr(expr) && !escapes(expr) =>
            {
                let stmts = self.structurer.stmts(&[Stmt::Expr(expr.clone(), None)], &[]);
                *expr = parse_quote!({ #(#stmts)* });
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

fn is_control(expr: &Expr) -> bool {
    matches!(strip(expr), Expr::If(_) | Expr::Match(_) | Expr::Block(_) | Expr::Loop(_))
}

/// Whether an expression at the end of a block is there for its effect.
fn is_unit(expr: &Expr) -> bool {
    match expr {
        Expr::ForLoop(_) | Expr::While(_) | Expr::Assign(_) => true,
        Expr::Binary(binary) => is_compound(&binary.op),
        Expr::If(branch) => branch.else_branch.is_none(),
        _ => false,
    }
}

/// Moves `rest` into the one arm that goes on; `rebound` binds its value before. None where several arms go on, and where what the arm declares would then live
/// longer than it does.
fn absorb(expr: &Expr, rest: &[Stmt], rebound: Option<&dyn Fn(Expr) -> Stmt>) -> Option<Expr> {
    let continued = |stmts: &[Stmt]| {
        let mut all = stmts.to_vec();
        match (all.pop(), rebound) {
            (Some(Stmt::Expr(value, None)), Some(rebound)) => all.push(rebound(value)),
            (Some(Stmt::Expr(last, None)), None) => all.push(Stmt::Expr(last, Some(Default::default()))),
            (last, _) => all.extend(last),
        }
        all.extend_from_slice(rest);
        all
    };
    match expr {
        Expr::Block(block) if declare_for_the_end(&block.block.stmts) => None,
        Expr::Block(block) => {
            let mut block = block.clone();
            block.block.stmts = continued(&block.block.stmts);
            Some(Expr::Block(block))
        }
        Expr::If(branch) => {
            let mut branch = branch.clone();
            let other = branch.else_branch.as_ref().map(|(_, other)| (**other).clone());
            match (always_exits(&branch.then_branch.stmts), other) {
                (true, None) if rebound.is_none() => branch.else_branch = Some((Default::default(), parse_quote!({ #(#rest)* }))),
                (true, Some(other)) if !declare_for_the_end(&stmts_of(&other)) => {
                    let stmts = continued(&stmts_of(&other));
                    branch.else_branch = Some((Default::default(), parse_quote!({ #(#stmts)* })));
                }
                (false, Some(other)) if always_exits(&stmts_of(&other)) && !declare_for_the_end(&branch.then_branch.stmts) => {
                    branch.then_branch.stmts = continued(&branch.then_branch.stmts);
                }
                _ => return None,
            }
            Some(Expr::If(branch))
        }
        Expr::Match(choice) => {
            let mut choice = choice.clone();
            let mut going: Vec<_> = choice.arms.iter_mut().filter(|arm| !always_exits(&stmts_of(&arm.body))).collect();
            let [arm] = going.as_mut_slice() else { return None };
            if declare_for_the_end(&stmts_of(&arm.body)) {
                return None;
            }
            let stmts = continued(&stmts_of(&arm.body));
            *arm.body = parse_quote!({ #(#stmts)* });
            Some(Expr::Match(choice))
        }
        _ => None,
    }
}
