//! Statements: bindings, stores, control flow, and what is copied.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ExprIf, Pat, Stmt};

use crate::error::{not_yet, unsupported, with_help};
use crate::ir::{
    self, Arm, Branch, Code, Counting, Form, Header, Kind, Loop, Operand, Place, Range, Spelling, Statement, Step, Value, Var,
};
use crate::rules;

use super::flow::{is_compound, looks};
use super::places::is_repeatable;
use super::sequences::Named;
use super::{Bound, Lowerer, first_span, pattern_names};

impl Lowerer<'_> {
    /// Translates a block into the current one; gives the value of its last expression.
    pub(super) fn block_value(&mut self, block: &Block) -> Option<Value> {
        let (last, before) = match block.stmts.split_last() {
            Some((Stmt::Expr(expr, None), before)) => (Some(expr), before),
            _ => (None, &block.stmts[..]),
        };
        before.iter().for_each(|stmt| self.statement(stmt));
        match last {
            Some(expr) if self.is_effect(expr) => {
                self.statement(&Stmt::Expr(expr.clone(), Some(Default::default())));
                None
            }
            Some(expr) => Some(self.value(expr)),
            None => None,
        }
    }

    /// Whether the last expression of a block is there for its effect: its value is nothing.
    pub(super) fn is_effect(&self, expr: &Expr) -> bool {
        match expr {
            Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) | Expr::Assign(_) => true,
            Expr::Binary(binary) => is_compound(&binary.op),
            Expr::If(branch) if branch.else_branch.is_none() => true,
            Expr::If(_) | Expr::Match(_) | Expr::Block(_) => !self.is_active(expr) && self.touches_active_expr(expr),
            Expr::Macro(mac) => !self.is_active(expr) && looks(&mac.mac),
            _ => false,
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        let mut exits = Exits { found: Vec::new(), loops: 0 };
        exits.visit_stmt(stmt);
        let structured = matches!(
            stmt,
            Stmt::Expr(Expr::If(_) | Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) | Expr::Block(_) | Expr::Match(_), _)
        );
        if !exits.found.is_empty() && !structured {
            exits.found.into_iter().for_each(|exit| self.exit(&exit));
            return;
        }
        if exits.found.is_empty() && !self.touches_active(stmt) {
            return self.copy(stmt);
        }
        match stmt {
            Stmt::Local(local) => self.local(local),
            Stmt::Expr(expr, _) => self.effect(expr),
            Stmt::Macro(mac) => self.macro_statement(&mac.mac, stmt),
            Stmt::Item(_) => self.copy(stmt),
        }
    }

    /// An exit that could not be moved to the end of a block.
    fn exit(&mut self, exit: &Expr) {
        let (what, help) = match exit {
            Expr::Return(_) => ("`return` inside of an expression", "bind the value with `let`, and return in a statement"),
            Expr::Try(_) => ("`?`", "handle the error before the differentiable function is called"),
            Expr::Break(_) => ("`break` inside of an expression", "bind the value with `let`, and break in a statement"),
            _ => ("`continue` inside of an expression", "bind the value with `let`, and continue in a statement"),
        };
        self.unsupported(exit, not_yet(what, help));
    }

    /// Copies a statement through which no derivative flows.
    fn copy(&mut self, stmt: &Stmt) {
        if let Stmt::Item(syn::Item::Static(item)) = stmt {
            let what =
                with_help("a `static` in the body of a differentiable function would become two", "move it out of the function");
            self.unsupported(item, what);
        }
        if let Stmt::Macro(mac) = stmt
            && mac.mac.path.segments.last().is_some_and(|segment| segment.ident == "thread_local")
        {
            let what = "a `thread_local!` in the body of a differentiable function would become two";
            self.unsupported(&mac.mac, with_help(what, "move it out of the function"));
        }
        let mut binds = Vec::new();
        let mut repeatable = false;
        if let Stmt::Local(local) = stmt {
            let mut names = Vec::new();
            pattern_names(&local.pat, &mut names);
            binds = names.iter().filter_map(|name| self.inactive(name)).collect();
            repeatable = local.init.as_ref().is_some_and(|init| init.diverge.is_none() && is_repeatable(&init.expr))
                && binds.iter().all(|var| !self.is_mutable(*var));
        }
        let mut macros = super::UnknownMacros::default();
        macros.visit_stmt(stmt);
        self.check_macros(macros.0);
        let mut ends = super::Ends::default();
        ends.visit_stmt(stmt);
        self.check_ends(ends.0);
        let mut stores = Stores { roots: BTreeSet::new() };
        stores.visit_stmt(stmt);
        let code = self.code(stmt, repeatable);
        let writes = stores.roots.iter().filter_map(|name| self.variable_named(name)).collect();
        self.push(Statement::Code { code, binds, writes });
    }

    fn variable_named(&mut self, name: &str) -> Option<Var> {
        match self.bound.get(name) {
            Some(Bound::Var(var)) => Some(*var),
            _ => None,
        }
    }

    /// A variable of copied code.
    fn inactive(&mut self, name: &Ident) -> Option<Var> {
        match self.lookup(name) {
            Some(Bound::Var(var)) => Some(var),
            _ => None,
        }
    }

    /// Whether a derivative may flow through the statement.
    fn touches_active(&self, stmt: &Stmt) -> bool {
        let mut touches = Touches { lowerer: self, found: false };
        touches.visit_stmt(stmt);
        touches.found
    }

    /// Whether a derivative may flow through something inside of an expression, whatever its value is.
    pub(super) fn touches_active_expr(&self, expr: &Expr) -> bool {
        let mut touches = Touches { lowerer: self, found: false };
        touches.visit_expr(expr);
        touches.found
    }

    /// Code of an expression that is copied; a store of an active value inside of it would be lost.
    pub(super) fn code_of(&mut self, expr: &Expr, repeatable: bool) -> Code {
        if self.touches_active_expr(expr) {
            let what = unsupported(
                "this expression",
                "it changes an active value on the way",
                "change it in a statement of its own before",
            );
            self.unsupported(expr, what);
        }
        let mut macros = super::UnknownMacros::default();
        macros.visit_expr(expr);
        self.check_macros(macros.0);
        let mut ends = super::Ends::default();
        ends.visit_expr(expr);
        self.check_ends(ends.0);
        self.code(expr, repeatable)
    }

    fn local(&mut self, local: &syn::Local) {
        let Some(init) = &local.init else {
            let mut names = Vec::new();
            pattern_names(&local.pat, &mut names);
            for name in names {
                let mutable = self.names.bindings.get(&name.to_string()).is_some_and(|binding| binding.mutable);
                let ty = self.names.bindings.get(&name.to_string()).and_then(|binding| binding.ty.clone());
                let kind = if ty.as_ref().is_some_and(is_float) { Kind::Scalar } else { Kind::Space };
                let var = self.variable(&name, kind, mutable, Form::Owned);
                self.push(Statement::Let { var, value: None, ty: ty.map(|ty| ty.to_token_stream()) });
            }
            return;
        };
        if init.diverge.is_some() {
            let help = "bind the inactive part with `let else` first, and the active part after it";
            return self.unsupported(&local.pat, not_yet("`let else`", help));
        }
        self.bind_pattern(&local.pat, &init.expr);
    }

    /// `let pat = expr`
    pub(super) fn bind_pattern(&mut self, pat: &Pat, expr: &Expr) {
        match (pat, strip(expr)) {
            (Pat::Type(typed), _) => match &*typed.pat {
                Pat::Ident(_) => self.bind_typed(&typed.pat, Some(&typed.ty), expr),
                inner => self.bind_pattern(inner, expr),
            },
            (Pat::Paren(paren), _) => self.bind_pattern(&paren.pat, expr),
            (Pat::Ident(_), _) => self.bind_typed(pat, None, expr),
            (Pat::Tuple(pats), Expr::Tuple(exprs)) if pats.elems.len() == exprs.elems.len() && !has_rest(&pats.elems) => {
                for (pat, expr) in pats.elems.iter().zip(&exprs.elems) {
                    self.bind_pattern(pat, expr);
                }
            }
            (Pat::Wild(_), _) => drop(self.value(expr)),
            _ => {
                let bound = self.bound_value(expr);
                self.bind_bound(pat, bound);
            }
        }
    }

    /// The value of an expression, as something that can be taken apart.
    pub(super) fn bound_value(&mut self, expr: &Expr) -> Bound {
        if let Some(bound) = self.resolve(expr) {
            return bound;
        }
        if self.is_option(expr)
            && self.is_active(expr)
            && let Some((some, payload)) = self.option(expr)
        {
            return Bound::Option { some, payload: Box::new(payload) };
        }
        if let Expr::Tuple(tuple) = strip(expr) {
            return Bound::Tuple(tuple.elems.iter().map(|elem| self.bound_value_copy(elem)).collect());
        }
        if let Some(bound) = self.sin_cos(expr).or_else(|| self.split(expr)) {
            return bound;
        }
        if let Expr::Reference(reference) = strip(expr) {
            let var = self.materialise(&reference.expr, "referenced");
            return Bound::Reference { place: Place::whole(var, first_span(expr)), depth: 1 };
        }
        if let Some(bound) = self.folded_tuple(expr) {
            return bound;
        }
        Bound::Var(self.materialise(expr, "parts"))
    }

    /// The same, but what is named is copied, since the name may be assigned later.
    pub(super) fn bound_value_copy(&mut self, expr: &Expr) -> Bound {
        match self.resolve(expr) {
            Some(bound @ Bound::Reference { depth: 1.., .. }) => bound,
            Some(Bound::Var(var)) if !self.is_mutable(var) => Bound::Var(var),
            Some(Bound::Tuple(parts)) => Bound::Tuple(parts),
            Some(_) => Bound::Var(self.materialise(expr, "part")),
            None => self.bound_value(expr),
        }
    }

    /// A variable that holds the value.
    pub(super) fn materialise(&mut self, expr: &Expr, wish: &str) -> Var {
        let active = self.is_active(expr);
        let value = self.value(expr);
        let kind = if active { self.kind_of(&value) } else { Kind::Inactive };
        let wish = match &value {
            Value::Expr(ir::Expr::Apply(op, ..)) => super::expressions::noun(*op),
            _ => wish,
        };
        self.temporary(wish, kind, value, first_span(expr))
    }

    fn bind_typed(&mut self, pat: &Pat, ty: Option<&syn::Type>, expr: &Expr) {
        let Pat::Ident(ident) = pat else { return };
        if ident.by_ref.is_some() || ident.subpat.is_some() {
            let bound = self.bound_value(expr);
            return self.bind_with_name(ident, bound);
        }
        let name = &ident.ident;
        let mutable = ident.mutability.is_some();
        if is_runtime_call(expr, "late").is_some() && self.activity.is_active(&name.to_string()) {
            let var = self.variable(name, Kind::Space, true, Form::Late);
            return self.push(Statement::Let { var, value: Some(Value::Late), ty: None });
        }
        if self.is_option(expr) && self.activity.is_active(&name.to_string()) {
            let bound = if mutable {
                let slot = self.option_slot(expr, &name.to_string(), name.span());
                self.assign_option(expr, &slot);
                slot
            } else {
                self.option(expr)
                    .map_or(Bound::Tuple(Vec::new()), |(some, payload)| Bound::Option { some, payload: Box::new(payload) })
            };
            self.bound.insert(name.to_string(), bound);
            return;
        }
        match strip(expr) {
            Expr::Closure(closure) => {
                self.bound.insert(name.to_string(), Bound::Closure(Box::new(closure.clone())));
                return;
            }
            Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
                let parts = tuple.elems.iter().enumerate().map(|(i, elem)| self.element(name, i, mutable, elem)).collect();
                self.bound.insert(name.to_string(), Bound::Tuple(parts));
                return;
            }
            _ => {}
        }
        if let Some(bound) = self.sin_cos(expr).or_else(|| self.folded_tuple(expr)).or_else(|| self.split(expr)) {
            self.bound.insert(name.to_string(), bound);
            return;
        }
        if self.is_active(expr) && self.makes_sequence(expr) {
            _ = self.make_sequence(expr, Some(&Named { name, ty }));
            return;
        }
        if let Some(bound @ Bound::Reference { depth: 1.., .. }) = self.resolve(expr) {
            self.bound.insert(name.to_string(), bound);
            return;
        }
        if let Expr::Reference(_) = strip(expr) {
            let bound = self.bound_value(expr);
            self.bound.insert(name.to_string(), bound);
            return;
        }
        self.declare(name, mutable, ty, expr);
    }

    /// An element of a tuple that a name stands for.
    fn element(&mut self, name: &Ident, index: usize, mutable: bool, elem: &Expr) -> Bound {
        if let Expr::Tuple(tuple) = strip(elem) {
            let wish = Ident::new(&format!("{name}_{index}"), name.span());
            return Bound::Tuple(tuple.elems.iter().enumerate().map(|(i, elem)| self.element(&wish, i, mutable, elem)).collect());
        }
        if let Some(bound @ Bound::Reference { depth: 1.., .. }) = self.resolve(elem) {
            return bound;
        }
        let active = self.is_active(elem) || mutable && self.activity.is_active(&name.to_string());
        let value = self.value(elem);
        let kind = if active { self.kind_of(&value) } else { Kind::Inactive };
        let var = self.function.fresh(&format!("{name}_{index}"), kind, mutable, Form::Owned, name.span());
        self.push(Statement::Let { var, value: Some(value), ty: None });
        Bound::Var(var)
    }

    /// `let name: ty = expr` of a value.
    fn declare(&mut self, name: &Ident, mutable: bool, ty: Option<&syn::Type>, expr: &Expr) {
        let typed = ty.is_some_and(|ty| is_float(ty) || self.function.scalar.as_ref().is_some_and(|s| is_named(ty, s)));
        let tokens = ty.map(|ty| ty.to_token_stream());
        if let Expr::If(_) | Expr::Match(_) = strip(expr) {
            let kind = if typed { Kind::Scalar } else { Kind::Space };
            let var = self.variable(name, kind, mutable, Form::Owned);
            self.push(Statement::Let { var, value: None, ty: tokens });
            self.assign_control(expr, &Place::whole(var, name.span()));
            return;
        }
        let value = self.value(expr);
        let kind = if typed { Kind::Scalar } else { self.kind_of(&value) };
        let var = self.variable(name, kind, mutable, Form::Owned);
        if plain_value(&value) {
            self.plain.insert(var);
        }
        self.push(Statement::Let { var, value: Some(value), ty: tokens });
    }

    /// Binds a pattern to what is known.
    pub(super) fn bind_bound(&mut self, pat: &Pat, bound: Bound) {
        match pat {
            Pat::Wild(_) | Pat::Rest(_) => {}
            Pat::Type(typed) => self.bind_bound(&typed.pat, bound),
            Pat::Paren(paren) => self.bind_bound(&paren.pat, bound),
            Pat::Reference(reference) => match bound {
                Bound::Reference { place, depth } => {
                    self.bind_bound(&reference.pat, Bound::Reference { place, depth: depth.saturating_sub(1) });
                }
                other => self.bind_bound(&reference.pat, other),
            },
            tested if super::matches::only_tests(tested) => {}
            Pat::Ident(ident) => self.bind_with_name(ident, bound),
            Pat::Guard(guard) => self.bind_bound(&guard.pat, bound),
            Pat::Or(or) => self.bind_alternatives(or),
            Pat::TupleStruct(tuple) if tuple.path.is_ident("Some") && tuple.elems.len() == 1 => match bound {
                Bound::Option { payload, .. } => self.bind_bound(&tuple.elems[0], *payload),
                _ => {
                    self.unsupported(pat, with_help("this pattern does not fit what it is bound to", "bind the parts one by one"))
                }
            },
            Pat::Tuple(tuple) if !has_rest(&tuple.elems) => {
                for (index, elem) in tuple.elems.iter().enumerate() {
                    let part = self.part(&bound, Step::Element(index as u32), pat);
                    self.bind_bound(elem, part);
                }
            }
            Pat::TupleStruct(tuple) if !has_rest(&tuple.elems) => {
                for (index, elem) in tuple.elems.iter().enumerate() {
                    let part = self.part(&bound, Step::Element(index as u32), pat);
                    self.bind_bound(elem, part);
                }
            }
            Pat::Struct(structure) => {
                for field in &structure.fields {
                    let step = match &field.member {
                        syn::Member::Named(name) => Step::Field(name.clone()),
                        syn::Member::Unnamed(index) => Step::Element(index.index),
                    };
                    let part = self.part(&bound, step, pat);
                    self.bind_bound(&field.pat, part);
                }
            }
            Pat::Slice(slice) if slice.elems.iter().any(super::matches::is_rest) => self.bind_slice_with_rest(slice, &bound),
            Pat::Slice(slice) => {
                for (index, elem) in slice.elems.iter().enumerate() {
                    let tokens = proc_macro2::Literal::usize_unsuffixed(index).into_token_stream();
                    let code = Code { tokens, reads: Vec::new(), repeatable: true, span: first_span(elem) };
                    let part = self.part(&bound, Step::Index(Operand::Code(code)), pat);
                    self.bind_bound(elem, part);
                }
            }
            other => {
                let what = not_yet("this pattern", "bind names, tuples, structs or arrays");
                self.unsupported(other, what);
            }
        }
    }

    fn part(&mut self, bound: &Bound, step: Step, at: &Pat) -> Bound {
        match (bound, &step) {
            (Bound::Tuple(parts), Step::Element(index)) if (*index as usize) < parts.len() => parts[*index as usize].clone(),
            (Bound::Reference { place, depth }, _) => Bound::Reference { place: place.then(step), depth: (*depth).min(1) },
            (Bound::Var(var), _) => Bound::Reference { place: Place::whole(*var, first_span(at)).then(step), depth: 0 },
            _ => {
                self.unsupported(at, with_help("this pattern does not fit what it is bound to", "bind the parts one by one"));
                bound.clone()
            }
        }
    }

    /// Binds a name to what is known: a reference stays one, a value is copied.
    pub(super) fn bind_name(&mut self, name: &Ident, mutable: bool, bound: Bound) {
        match bound {
            Bound::Reference { depth: 1.., .. } | Bound::Tuple(_) | Bound::Closure(_) | Bound::Option { .. } => {
                self.bound.insert(name.to_string(), bound);
            }
            Bound::Var(var) if !mutable && !self.is_mutable(var) => {
                self.bound.insert(name.to_string(), Bound::Var(var));
                // copied code knows the name of the source only
                let original = self.function.variable(var).name.clone();
                if original != *name {
                    self.bound.insert(name.to_string(), Bound::Reference { place: Place::whole(var, name.span()), depth: 0 });
                }
            }
            Bound::Reference { place, .. } if !mutable && !self.is_mutable(place.root) => {
                self.bound.insert(name.to_string(), Bound::Reference { place, depth: 0 });
            }
            other => {
                let Some(place) = self.place_of(other, name) else { return };
                let kind = match self.function.variable(place.root).kind {
                    _ if !self.activity.is_active(&name.to_string()) => Kind::Inactive,
                    Kind::Scalar if place.path.is_empty() => Kind::Scalar,
                    _ => Kind::Space,
                };
                let var = self.variable(name, kind, mutable, Form::Owned);
                if self.plain.contains(&place.root) {
                    self.plain.insert(var);
                }
                let value = Value::Expr(ir::Expr::place(place));
                self.push(Statement::Let { var, value: Some(value), ty: None });
            }
        }
    }

    /// A statement that is an expression.
    fn effect(&mut self, expr: &Expr) {
        match expr {
            Expr::Assign(assign) => self.assign(&assign.left, &assign.right),
            Expr::Binary(binary) if is_compound(&binary.op) => self.compound(binary),
            Expr::If(branch) => self.branch(branch, None),
            Expr::Match(choice) => self.choice(choice, None),
            Expr::ForLoop(each) => self.for_loop(each),
            Expr::Block(block) if block.label.is_none() => drop(self.block_value(&block.block)),
            Expr::While(each) => self.while_loop(Some(&each.cond), &each.body),
            Expr::Loop(each) => self.while_loop(None, &each.body),
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => self.exit(expr),
            Expr::Call(_) | Expr::MethodCall(_) => self.call_statement(expr),
            Expr::Macro(mac) => self.macro_statement(&mac.mac, &Stmt::Expr(expr.clone(), Some(Default::default()))),
            other => drop(self.value(other)),
        }
    }

    fn macro_statement(&mut self, mac: &syn::Macro, stmt: &Stmt) {
        if looks(mac) {
            return self.copy(stmt);
        }
        if mac.path.is_ident("dbg") {
            return self.copy(stmt);
        }
        self.unknown_macro(mac);
    }

    pub(super) fn unknown_macro(&mut self, mac: &syn::Macro) {
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let what = format!("the macro `{name}!`");
        let help = "write its expansion out, or pass `stop_gradient(..)` of the active values";
        self.unsupported(mac, unsupported(&what, "what it does with an active value is not known", help));
    }

    fn assign(&mut self, left: &Expr, right: &Expr) {
        if let (Expr::Tuple(lefts), Expr::Tuple(rights)) = (strip(left), strip(right))
            && lefts.elems.len() == rights.elems.len()
        {
            let values: Vec<_> = rights.elems.iter().map(|right| self.materialise(right, "assigned")).collect();
            for (left, var) in lefts.elems.iter().zip(values).filter(|(left, _)| !matches!(left, Expr::Infer(_))) {
                let value = Value::Expr(ir::Expr::place(Place::whole(var, first_span(left))));
                self.store(left, value);
            }
            return;
        }
        if matches!(left, Expr::Infer(_)) {
            return drop(self.value(right));
        }
        if let Expr::Path(path) = strip(left)
            && let Some(slot @ Bound::Option { .. }) =
                path.path.get_ident().and_then(|name| self.bound.get(&name.to_string()).cloned())
        {
            return self.assign_option_now(right, &slot);
        }
        if let Some(Some(value)) = is_runtime_call(right, "set") {
            return self.assign_late(left, value);
        }
        if let Expr::If(_) | Expr::Match(_) = strip(right) {
            let var = self.function.fresh("assigned", Kind::Space, false, Form::Owned, first_span(left));
            self.push(Statement::Let { var, value: None, ty: None });
            self.assign_control(right, &Place::whole(var, first_span(right)));
            return self.store(left, Value::Expr(ir::Expr::place(Place::whole(var, first_span(left)))));
        }
        let value = self.value(right);
        let value = self.atomic(value, first_span(right));
        self.store(left, value);
    }

    /// Fills a variable that had no value: one that turns out to be a scalar begins as zero instead.
    fn assign_late(&mut self, left: &Expr, right: &Expr) {
        let value = self.value(right);
        let value = self.atomic(value, first_span(right));
        let kind = self.kind_of(&value);
        let Some(place) = self.place(left) else { return self.no_place(left) };
        let variable = &mut self.function.variables[place.root.0 as usize];
        if kind == Kind::Scalar && variable.form == Form::Late {
            variable.kind = Kind::Scalar;
            variable.form = Form::Owned;
        }
        self.push(Statement::Assign { place, value });
    }

    /// An operation's result gets a name, so that its tangent and its record can refer to it.
    fn atomic(&mut self, value: Value, span: proc_macro2::Span) -> Value {
        match value {
            Value::Expr(ir::Expr::Apply(op, arguments, spelling)) => {
                let wish = super::expressions::noun(op);
                let value = Value::Expr(ir::Expr::Apply(op, arguments, spelling));
                let var = self.temporary(wish, Kind::Scalar, value, span);
                Value::Expr(ir::Expr::place(Place::whole(var, span)))
            }
            other => other,
        }
    }

    fn store(&mut self, left: &Expr, value: Value) {
        match self.target(left) {
            Some(place) => self.push(Statement::Assign { place, value }),
            None => self.no_place(left),
        }
    }

    fn no_place(&mut self, left: &Expr) {
        let what = unsupported(
            "a store into this expression",
            "it names no variable, element or field",
            "store into a variable and assign it",
        );
        self.unsupported(left, what);
    }

    /// A place that an active value is stored into.
    pub(super) fn target(&mut self, left: &Expr) -> Option<Place> {
        let place = self.place(left)?;
        let parameter = self.function.parameters.iter().find(|parameter| parameter.var == place.root).cloned();
        if let Some(parameter) = parameter.filter(|parameter| !parameter.active) {
            let root = parameter.var;
            if matches!(parameter.passing, ir::Passing::Scalar | ir::Passing::Owned) && self.is_mutable(root) {
                if self.function.variable(root).kind == Kind::Inactive {
                    let kind = if parameter.passing == ir::Passing::Scalar { Kind::Scalar } else { Kind::Space };
                    self.function.variables[root.0 as usize].kind = kind;
                }
            } else {
                let name = self.function.variable(root).name.to_string();
                let what = format!("an active value is stored into `{name}`, which is not differentiated");
                self.unsupported(
                    left,
                    with_help(&what, &format!("name `{name}` in `wrt(..)`, or store `stop_gradient(..)` of the value")),
                );
            }
        }
        Some(place)
    }

    fn compound(&mut self, binary: &syn::ExprBinary) {
        let value = self.operand(&binary.right);
        let Some(place) = self.target(&binary.left) else { return self.no_place(&binary.left) };
        self.scalar(&place);
        let value = ir::Expr::Operand(value);
        match &binary.op {
            BinOp::AddAssign(_) => self.push(Statement::Add { place, value, subtract: false, whole: false }),
            BinOp::SubAssign(_) => self.push(Statement::Add { place, value, subtract: true, whole: false }),
            op => {
                let name = match op {
                    BinOp::MulAssign(_) => "mul",
                    BinOp::DivAssign(_) => "div",
                    _ => "rem",
                };
                let span = place.span;
                let old = self.load(place.clone());
                let op = rules::op(name);
                let result = Value::Expr(ir::Expr::Apply(op, vec![ir::Expr::Operand(old), value], Spelling::Canonical));
                let var = self.temporary(super::expressions::noun(op), Kind::Scalar, result, span);
                self.push(Statement::Assign { place, value: Value::Expr(ir::Expr::place(Place::whole(var, span))) });
            }
        }
    }

    /// `if` and `match` whose value is stored in a place.
    pub(super) fn assign_control(&mut self, expr: &Expr, place: &Place) {
        match strip(expr) {
            Expr::If(branch) => self.branch(branch, Some(place)),
            Expr::Match(choice) => self.choice(choice, Some(place)),
            Expr::Block(block) if block.label.is_none() => {
                if let Some(value) = self.block_value(&block.block) {
                    let value = self.atomic(value, place.span);
                    self.push(Statement::Assign { place: place.clone(), value });
                }
            }
            other => {
                let value = self.value(other);
                let value = self.atomic(value, first_span(other));
                self.push(Statement::Assign { place: place.clone(), value });
            }
        }
    }

    pub(super) fn arm(&mut self, body: &Expr, place: Option<&Place>) -> ir::Block {
        let (block, ()) = self.nested(|this| match place {
            Some(place) if !is_diverging(body) => this.assign_control(body, place),
            _ => this.statement(&Stmt::Expr(body.clone(), Some(Default::default()))),
        });
        block
    }

    pub(super) fn branch(&mut self, branch: &ExprIf, place: Option<&Place>) {
        if self.condition_matches_active(&branch.cond) {
            return self.if_let_active(branch, place);
        }
        let mut binds = Vec::new();
        let mut names = Vec::new();
        condition_names(&branch.cond, &mut names);
        let on = self.code_of(&branch.cond, is_condition_repeatable(&branch.cond));
        names.iter().for_each(|name| binds.extend(self.inactive(name)));
        self.opaque.extend(&binds);
        let then = Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: branch.then_branch.clone() });
        let then = Arm { pattern: Default::default(), binds, body: self.arm(&then, place), saved: Vec::new() };
        let body = match &branch.else_branch {
            Some((_, other)) => self.arm(other, place),
            None => Vec::new(),
        };
        let other = Arm { pattern: Default::default(), binds: Vec::new(), body, saved: Vec::new() };
        self.push(Statement::Branch(Branch { on, arms: vec![then, other], is_match: false, record: None }));
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
        if self.is_active(&choice.expr) {
            return self.match_active(choice, place);
        }
        let on = self.code_of(&choice.expr, is_repeatable(&choice.expr));
        let arms = choice
            .arms
            .iter()
            .map(|arm| {
                let binds = self.opaque_binds(&arm.pat);
                let pattern = self.code(&arm.pat, false).tokens;
                Arm { pattern, binds, body: self.arm(&arm.body, place), saved: Vec::new() }
            })
            .collect();
        self.push(Statement::Branch(Branch { on, arms, is_match: true, record: None }));
    }

    fn for_loop(&mut self, each: &syn::ExprForLoop) {
        let (range, reversed) = match strip(&each.expr) {
            Expr::MethodCall(call) if call.method == "rev" && call.args.is_empty() => (strip(&call.receiver), true),
            other => (other, false),
        };
        match (range, &*each.pat) {
            (Expr::Range(range), Pat::Ident(_) | Pat::Wild(_)) => self.for_range(range, reversed, &each.pat, &each.body),
            _ => {
                let pat = each.pat.clone();
                let (body, exit) = without_exit(&each.body);
                self.iterate(&each.expr, &mut |this, item| {
                    this.bind_bound(&pat, item);
                    drop(this.block_value(&body));
                    if let Some(exit) = &exit {
                        let on = this.code_of(exit, false);
                        this.end(on, 0);
                    }
                });
            }
        }
    }

    fn for_range(&mut self, range: &syn::ExprRange, reversed: bool, pat: &Pat, body: &Block) {
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
            drop(this.block_value(&body));
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
    fn while_loop(&mut self, condition: Option<&Expr>, body: &Block) {
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
        let mut names = Vec::new();
        condition_names(condition, &mut names);
        let on = self.code_of(condition, false);
        let binds: Vec<Var> = names.iter().filter_map(|name| self.inactive(name)).collect();
        self.opaque.extend(&binds);
        let (body, exit) = without_exit(body);
        let (body, exit) = self.nested(|this| {
            drop(this.block_value(&body));
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
        let value = Value::Expr(ir::Expr::Operand(Operand::Code(code)));
        let var = self.temporary(wish, Kind::Inactive, value, span);
        let tokens = self.function.variable(var).name.to_token_stream();
        Code { tokens, reads: vec![var], repeatable: true, span }
    }
}

/// The argument of a call of the runtime that stands for an exit.
pub(super) fn is_runtime_call<'e>(expr: &'e Expr, name: &str) -> Option<Option<&'e Expr>> {
    let Expr::Call(call) = strip(expr) else { return None };
    let Expr::Path(path) = &*call.func else { return None };
    let mut segments = path.path.segments.iter().rev();
    let is_call = segments.next()?.ident == name && segments.next()?.ident == "rt";
    is_call.then(|| call.args.first())
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

/// Whether every scalar of the value is of a type of the language.
fn plain_value(value: &Value) -> bool {
    match value {
        Value::Expr(ir::Expr::Apply(..) | ir::Expr::Operand(Operand::Number(_))) => true,
        Value::Array(values) | Value::Tuple(values) => values.iter().all(plain_value),
        Value::Repeat(value, _) => plain_value(value),
        _ => false,
    }
}

/// The expression without parentheses.
pub(super) fn strip(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => strip(&paren.expr),
        Expr::Group(group) => strip(&group.expr),
        other => other,
    }
}

fn has_rest<P>(pats: &syn::punctuated::Punctuated<Pat, P>) -> bool {
    pats.iter().any(|pat| matches!(pat, Pat::Rest(_)))
}

fn is_float(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.is_ident("f64") || path.path.is_ident("f32"))
}

fn is_named(ty: &syn::Type, name: &Ident) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.is_ident(name))
}

pub(super) fn is_diverging(expr: &Expr) -> bool {
    match expr {
        Expr::Macro(mac) => mac.mac.path.segments.last().is_some_and(|segment| {
            matches!(segment.ident.to_string().as_str(), "panic" | "unreachable" | "todo" | "unimplemented")
        }),
        Expr::Block(block) => match block.block.stmts.last() {
            Some(Stmt::Expr(expr, _)) => is_diverging(expr),
            Some(Stmt::Macro(mac)) => is_diverging(&Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.mac.clone() })),
            _ => false,
        },
        _ => false,
    }
}

fn is_condition_repeatable(condition: &Expr) -> bool {
    !matches!(condition, Expr::Let(_)) && is_repeatable(condition)
}

pub(super) fn condition_names(condition: &Expr, into: &mut Vec<Ident>) {
    match condition {
        Expr::Let(binding) => pattern_names(&binding.pat, into),
        Expr::Binary(binary) => {
            condition_names(&binary.left, into);
            condition_names(&binary.right, into);
        }
        Expr::Paren(paren) => condition_names(&paren.expr, into),
        _ => {}
    }
}

/// What leaves the statement other than at its end.
struct Exits {
    found: Vec<Expr>,
    loops: usize,
}

impl<'ast> Visit<'ast> for Exits {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Return(_) | Expr::Try(_) => self.found.push(expr.clone()),
            Expr::Break(_) | Expr::Continue(_) if self.loops == 0 => self.found.push(expr.clone()),
            Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => {
                self.loops += 1;
                visit::visit_expr(self, expr);
                self.loops -= 1;
            }
            Expr::Closure(_) | Expr::Async(_) => {}
            other => visit::visit_expr(self, other),
        }
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether a derivative may flow through a statement.
struct Touches<'a, 'b> {
    lowerer: &'a Lowerer<'b>,
    found: bool,
}

impl Touches<'_, '_> {
    fn root_is_active(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| self.lowerer.activity.is_active(&name.to_string())),
            Expr::Field(field) => self.root_is_active(&field.base),
            Expr::Index(index) => self.root_is_active(&index.expr),
            Expr::Unary(unary) => self.root_is_active(&unary.expr),
            Expr::Paren(paren) => self.root_is_active(&paren.expr),
            Expr::Reference(reference) => self.root_is_active(&reference.expr),
            Expr::MethodCall(call) => self.root_is_active(&call.receiver),
            Expr::Tuple(tuple) => tuple.elems.iter().any(|elem| self.root_is_active(elem)),
            _ => false,
        }
    }
}

impl<'ast> Visit<'ast> for Touches<'_, '_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    /// What a closure is called with is bound where it stands: only its body counts.
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.visit_expr(&closure.body);
    }

    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        self.found |= self.lowerer.activity.is_active(&ident.ident.to_string());
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if matches!(local.pat, Pat::Wild(_)) {
            self.found |= local.init.as_ref().is_some_and(|init| self.lowerer.is_active(&init.expr));
        }
        visit::visit_local(self, local);
    }

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let Stmt::Expr(Expr::Call(_) | Expr::MethodCall(_), Some(_)) = stmt {
            let Stmt::Expr(expr, _) = stmt else { return };
            self.found |= self.lowerer.is_active(expr);
        }
        visit::visit_stmt(self, stmt);
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.found |= self.root_is_active(&assign.left) || self.lowerer.is_active(&assign.right);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        self.found |= is_compound(&binary.op) && (self.root_is_active(&binary.left) || self.lowerer.is_active(&binary.right));
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        self.found |= reference.mutability.is_some() && self.root_is_active(&reference.expr);
        visit::visit_expr_reference(self, reference);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.found |= !looks(mac) && self.lowerer.activity.tokens(&mac.tokens);
    }
}

/// The variables that a statement may change.
struct Stores {
    roots: BTreeSet<String>,
}

impl Stores {
    fn root(&mut self, expr: &Expr) {
        match expr {
            Expr::Path(path) => self.roots.extend(path.path.get_ident().map(ToString::to_string)),
            Expr::Field(field) => self.root(&field.base),
            Expr::Index(index) => self.root(&index.expr),
            Expr::Unary(unary) => self.root(&unary.expr),
            Expr::Paren(paren) => self.root(&paren.expr),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.root(elem)),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Stores {
    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.root(&assign.left);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if is_compound(&binary.op) {
            self.root(&binary.left);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        if reference.mutability.is_some() {
            self.root(&reference.expr);
        }
        visit::visit_expr_reference(self, reference);
    }
}
