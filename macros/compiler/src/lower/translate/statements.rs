//! Statements: bindings, stores, control flow, and what is copied.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{BinOp, Block, Expr, Pat, Stmt};

use crate::error::{not_yet, unsupported, with_help};
use crate::ir::{self, Code, Form, Kind, Place, Spelling, Statement, Step, Value, Var, tokens};
use crate::lower::facts::destructors::gives_a_guard;
use crate::lower::facts::flow::{is_text, looks};
use crate::lower::facts::holders;
use crate::lower::facts::operators::{changes_bits, is_compound};
use crate::lower::facts::repeatable::{is_repeatable, refers};
use crate::lower::facts::stores::{Changes, Stores};
use crate::lower::facts::syntax::{borrows_mutably, first_span, has_value, is_runtime_call, pattern_names, strip};
use crate::lower::rewrite::rename::with_place;
use crate::rules;
use crate::spans::all_at_call_site;

use super::touches::{Exits, Touches};
use super::{Bound, Lowerer, looked_at};

impl Lowerer<'_> {
    /// Translates a block into the current one; gives the value of its last expression.
    pub(super) fn block_value(&mut self, block: &Block) -> Option<Value> {
        let (last, before) = match block.stmts.split_last() {
            Some((Stmt::Expr(expr, None), before)) => (Some(expr), before),
            _ => (None, &block.stmts[..]),
        };
        before.iter().for_each(|stmt| self.statement(stmt));
        match last {
            Some(expr) if gives_nothing(expr) => {
                self.statement(&Stmt::Expr(expr.clone(), Some(Default::default())));
                None
            }
            Some(expr) => Some(self.value(expr)),
            None => None,
        }
    }

    /// Translates a block of which nothing takes the value, so that its last expression is there for its effect.
    pub(super) fn block_effect(&mut self, block: &Block) {
        match block.stmts.split_last() {
            Some((Stmt::Expr(last, None), before)) if may_call_for_effect(last) => {
                before.iter().for_each(|stmt| self.statement(stmt));
                self.statement(&Stmt::Expr(last.clone(), Some(Default::default())));
            }
            _ => drop(self.block_value(block)),
        }
    }

    /// Whether the last expression of a closure, which may have no result, is there for its effect.
    pub(super) fn is_effect(&self, expr: &Expr) -> bool {
        match expr {
            Expr::If(_) | Expr::Match(_) | Expr::Block(_) if !gives_nothing(expr) => {
                !self.is_active(expr) && self.touches_active_expr(expr) && !ends_in_a_value(expr)
            }
            other => gives_nothing(other),
        }
    }

    pub(super) fn statement(&mut self, stmt: &Stmt) {
        self.activate_result(stmt);
        let mut exits = Exits::default();
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

    /// The function's result is filled as what holds derivatives is, though none may flow into it; of those that are filled late it alone has a type.
    fn activate_result(&mut self, stmt: &Stmt) {
        if let Stmt::Local(syn::Local { pat: Pat::Ident(name), init: Some(init), .. }) = stmt
            && is_runtime_call(&init.expr, "late").is_some()
            && self.names.bindings.get(&name.ident.to_string()).is_some_and(|binding| binding.ty.is_some())
        {
            self.activity.activate(&name.ident.to_string());
        }
    }

    /// An exit that could not be moved to the end of a block.
    pub(super) fn exit(&mut self, exit: &Expr) {
        let (what, help) = match exit {
            Expr::Return(_) => ("`return` inside of an expression", "bind the value with `let`, and return in a statement"),
            // the function returns scalars, or its type is an error: `?` is one as well
            Expr::Try(_) => return self.errors.leave_to_rustc(),
            Expr::Break(_) => ("`break` inside of an expression", "bind the value with `let`, and break in a statement"),
            _ => ("`continue` inside of an expression", "bind the value with `let`, and continue in a statement"),
        };
        self.unsupported(exit, not_yet(what, help));
    }

    /// What holds a state of its own cannot stand in a body.
    fn copied_twice(&mut self, item: &impl quote::ToTokens, what: &str) {
        let why = "each derivative would have a copy of it, with a state of its own";
        self.unsupported(item, unsupported(&format!("{what} in the body"), why, "move it out of the function"));
    }

    /// Copies a statement through which no derivative flows.
    pub(super) fn copy(&mut self, stmt: &Stmt) {
        if let Stmt::Item(syn::Item::Static(item)) = stmt {
            self.copied_twice(item, "a `static`");
        }
        if let Stmt::Macro(mac) = stmt
            && mac.mac.path.segments.last().is_some_and(|segment| segment.ident == "thread_local")
        {
            self.copied_twice(&mac.mac, "a `thread_local!`");
        }
        let mut binds = Vec::new();
        let mut repeatable = false;
        if let Stmt::Local(local) = stmt {
            let mut names = Vec::new();
            pattern_names(&local.pat, &mut names);
            binds = names.iter().filter_map(|name| self.inactive(name)).collect();
            repeatable = local.init.as_ref().is_some_and(|init| init.diverge.is_none() && is_repeatable(&init.expr))
                && binds.iter().all(|var| !self.is_mutable(*var));
            if local.init.as_ref().is_some_and(|init| matches!(strip(&init.expr), Expr::Call(_) | Expr::MethodCall(_))) {
                self.called.extend(&binds);
            }
            self.declared_in_scope(local, &binds);
            if holders::may_be_declared(local) {
                self.function.holders.extend(&binds);
            }
            let is_gone = |init: &syn::LocalInit| borrows_mutably(&init.expr) || gives_a_guard(&init.expr);
            if local.init.as_ref().is_some_and(is_gone) || holds_references(local) {
                self.opaque.extend(&binds);
            }
            if local
                .init
                .as_ref()
                .is_some_and(|init| refers(&init.expr) || repeatable && matches!(*init.expr, Expr::Reference(_)))
            {
                self.function.referring.extend(&binds);
            }
        }
        let mut macros = super::checks::UnknownMacros::default();
        macros.visit_stmt(stmt);
        self.check_macros(macros.0);
        let mut ends = super::checks::Ends::default();
        ends.visit_stmt(stmt);
        self.check_ends(ends.0);
        let mut integers = super::checks::Integers(&self.activity, Vec::new());
        integers.visit_stmt(stmt);
        let integers = integers.1;
        self.check_integers(integers);
        let mut stores = Stores::default();
        stores.visit_stmt(stmt);
        let changed = self.check_skipped(&|uses| uses.visit_stmt(stmt));
        stores.roots.extend(changed.iter().cloned());
        let mut writes: Vec<Var> = stores.roots.iter().filter_map(|name| self.variable_named(name)).collect();
        let mut changes = Changes::default();
        changes.visit_stmt(stmt);
        writes.extend(self.changed(changes));
        let (mut tokens, written) = self.with_written_places(stmt, &stores.roots);
        if matches!(stmt, Stmt::Item(_)) {
            tokens = all_at_call_site(tokens); // it may be that a derivative does not use it
        }
        let mut code = self.code(&tokens, repeatable);
        if repeatable
            && !code.repeatable
            && binds.iter().any(|var| self.views.contains(&self.function.variable(*var).name.to_string()))
        {
            code.repeatable = true;
            self.function.referring.extend(&binds);
        }
        for place in written {
            code.reads.extend(super::mentioned(&place));
            writes.push(place.root);
        }
        if !changed.is_empty() {
            self.function.changed_beside.extend(&writes);
        }
        self.push(Statement::Code { code, binds, writes });
    }

    /// The inactive variables that calls in copied code may change.
    pub(super) fn changed(&mut self, changes: Changes) -> Vec<Var> {
        let vars: Vec<Var> = changes.roots.iter().filter_map(|name| self.variable_named(name)).collect();
        let may_change = |var: &Var| self.is_mutable(*var) || self.opaque.contains(var);
        vars.into_iter().filter(|var| self.function.variable(*var).kind == Kind::Inactive && may_change(var)).collect()
    }

    /// A statement that stores through names of inactive places, with the places themselves.
    fn with_written_places(&mut self, stmt: &Stmt, roots: &BTreeSet<String>) -> (proc_macro2::TokenStream, Vec<Place>) {
        let mut tokens = looked_at::statement(stmt, &self.activity);
        let mut written = Vec::new();
        for name in roots {
            let Some(Bound::Reference { place, depth, .. }) = self.bound.get(name).cloned() else { continue };
            if self.function.variable(place.root).name == *name {
                continue; // a parameter, which is a reference itself
            }
            let to = tokens::receiver(&self.function, &place);
            let to = if depth == 0 { to } else { quote::quote!((&mut #to)) };
            if let Some(substituted) = with_place(&tokens, name, &to) {
                tokens = substituted;
                written.push(place);
            }
        }
        (tokens, written)
    }

    pub(super) fn variable_named(&mut self, name: &str) -> Option<Var> {
        match self.bound.get(name) {
            Some(Bound::Var(var)) => Some(*var),
            _ => None,
        }
    }

    /// The variable that copied code declares. A loop's body is translated once for each part of a `chain`, and a closure's for each call: what the
    /// name stood for there, it does not here.
    pub(super) fn inactive(&mut self, name: &Ident) -> Option<Var> {
        let text = name.to_string();
        let is_its_own = |bound: &Bound| matches!(bound, Bound::Var(var) if self.function.variable(*var).name == text);
        if self.bound.get(&text).is_some_and(|bound| !is_its_own(bound)) {
            self.bound.remove(&text);
        }
        match self.lookup(name) {
            Some(Bound::Var(var)) => Some(var),
            _ => None,
        }
    }

    /// Whether a derivative may flow through the statement.
    pub(super) fn touches_active(&self, stmt: &Stmt) -> bool {
        let mut touches = Touches { lowerer: self, own: None, found: false };
        touches.visit_stmt(stmt);
        touches.found
    }

    /// Whether a derivative may flow through something inside of an expression, whatever its value is.
    pub(super) fn touches_active_expr(&self, expr: &Expr) -> bool {
        let mut touches = Touches { lowerer: self, own: None, found: false };
        touches.visit_expr(expr);
        touches.found
    }

    /// Whether copying an expression would lose a derivative: what it declares itself is its own affair.
    fn changes_active(&self, expr: &Expr) -> bool {
        let mut touches = Touches { lowerer: self, own: Some(BTreeSet::new()), found: false };
        touches.visit_expr(expr);
        touches.found
    }

    /// A change of an active value in code that is copied has no derivative.
    fn check_lost(&mut self, expr: &Expr) {
        if self.changes_active(expr) {
            let what = unsupported(
                "this expression",
                "it changes an active value on the way",
                "change it in a statement of its own before",
            );
            self.unsupported(expr, what);
        }
    }

    /// Code of an expression that is copied; a store of an active value inside of it would be lost.
    pub(super) fn code_of(&mut self, expr: &Expr, repeatable: bool) -> Code {
        if self.touches_active_expr(expr) && matches!(strip(expr), Expr::Unsafe(_)) {
            drop(self.rejected(expr));
        } else {
            self.check_lost(expr);
        }
        let mut macros = super::checks::UnknownMacros::default();
        macros.visit_expr(expr);
        self.check_macros(macros.0);
        let mut ends = super::checks::Ends::default();
        ends.visit_expr(expr);
        self.check_ends(ends.0);
        let mut integers = super::checks::Integers(&self.activity, Vec::new());
        integers.visit_expr(expr);
        let integers = integers.1;
        self.check_integers(integers);
        let mut changes = Changes::default();
        changes.visit_expr(expr);
        let unsettled = self.changed(changes);
        self.function.unsettled.extend(unsettled);
        let changed = self.check_skipped(&|uses| uses.visit_expr(expr));
        if !changed.is_empty() {
            self.changes_beside(&changed, first_span(expr));
        }
        let looks = looked_at::expression(expr, &self.activity);
        self.code(&looks, repeatable)
    }

    /// An expression that is copied changes fields of these variables which carry no derivative: what the way back needs of them is kept before.
    fn changes_beside(&mut self, names: &BTreeSet<String>, span: proc_macro2::Span) {
        let root = |bound: &Bound| match bound {
            Bound::Var(var) => Some(*var),
            Bound::Reference { place, .. } => Some(place.root),
            _ => None,
        };
        let writes: Vec<Var> = names.iter().filter_map(|name| self.bound.get(name).and_then(root)).collect();
        self.function.changed_beside.extend(&writes);
        let code = Code { tokens: proc_macro2::TokenStream::new(), reads: Vec::new(), repeatable: false, span };
        self.push(Statement::Code { code, binds: Vec::new(), writes });
    }

    /// A statement that is an expression.
    pub(super) fn effect(&mut self, expr: &Expr) {
        match expr {
            refused if self.is_refused(refused) => {}
            Expr::Assign(assign) => self.assign(&assign.left, &assign.right),
            Expr::Binary(binary) if is_compound(&binary.op) || changes_bits(&binary.op) => self.compound(binary),
            Expr::If(branch) => self.branch(branch, None),
            Expr::Match(choice) => self.choice(choice, None),
            Expr::ForLoop(each) => self.for_loop(each),
            Expr::Block(block) if block.label.is_none() => self.in_scope(|this| this.block_effect(&block.block)),
            Expr::While(each) => self.while_loop(Some(&each.cond), &each.body),
            Expr::Loop(each) => self.while_loop(None, &each.body),
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => self.exit(expr),
            Expr::Call(_) | Expr::MethodCall(_) => self.call_statement(expr),
            Expr::Macro(mac) => self.macro_statement(&mac.mac, &Stmt::Expr(expr.clone(), Some(Default::default()))),
            other => drop(self.value(other)),
        }
    }

    pub(super) fn macro_statement(&mut self, mac: &syn::Macro, stmt: &Stmt) {
        if looks(mac) || is_text(mac) {
            self.check_lost(&Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.clone() }));
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
        match name.as_str() {
            "thread_local" => return self.copied_twice(mac, "a `thread_local!`"),
            "write" | "writeln" => {
                let help = "write `stop_gradient(..)` around the active values";
                return self.unsupported(mac, unsupported(&what, "text carries no derivative", help));
            }
            _ => {}
        }
        let help = "write its expansion out, or pass `stop_gradient(..)` of the active values";
        self.unsupported(mac, unsupported(&what, "what it does with an active value is not known", help));
    }

    pub(super) fn assign(&mut self, left: &Expr, right: &Expr) {
        let pairs = pairs(left, right);
        if pairs.len() > 1 {
            let values: Vec<_> = pairs.iter().map(|(_, right)| self.materialise(right, "assigned")).collect();
            for ((left, _), var) in pairs.into_iter().zip(values) {
                self.assign_parts(left, &Place::whole(var, first_span(left)));
            }
            return;
        }
        if matches!(left, Expr::Infer(_)) {
            return drop(self.value(right));
        }
        if let Expr::Path(_) = strip(left)
            && let Some(Bound::Tuple(parts)) = self.resolve(left)
        {
            if are_variables(&parts)
                && matches!(strip(right), Expr::Tuple(tuple) if tuple.elems.len() == parts.len())
                && self.activity.value(left).is_mixed()
            {
                let next = self.bound_value_copy(right);
                return self.advance(&Bound::Tuple(parts), next, first_span(right));
            }
            let whole = self.materialise(right, "assigned");
            return self.assign_to_parts(&parts, &Place::whole(whole, first_span(right)));
        }
        if matches!(strip(left), Expr::Tuple(_) | Expr::Array(_) | Expr::Struct(_) | Expr::Call(_)) {
            let whole = self.materialise(right, "assigned");
            return self.assign_parts(left, &Place::whole(whole, first_span(right)));
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
        if self.is_active(right)
            && let Some(place) = self.place(left)
        {
            let source = match &value {
                Value::Expr(ir::Expr::Operand(ir::Operand::Place(source))) => Some(source),
                _ => None,
            };
            self.stored(&place, source);
        }
        self.store(left, value);
    }

    /// Stores the elements of a tuple in those of another, which a name stands for.
    pub(super) fn assign_to_parts(&mut self, parts: &[Bound], from: &Place) {
        for (index, part) in parts.iter().enumerate() {
            let from = from.then(Step::Element(index as u32));
            match part {
                Bound::Tuple(parts) => self.assign_to_parts(parts, &from),
                Bound::Var(var) => {
                    let place = Place::whole(*var, from.span);
                    self.push(Statement::Assign { place, value: Value::Expr(ir::Expr::place(from)) });
                }
                Bound::Reference { place, .. } => {
                    let place = place.clone();
                    self.push(Statement::Assign { place, value: Value::Expr(ir::Expr::place(from)) });
                }
                Bound::Closure(_) | Bound::Option { .. } => {
                    let what = with_help("this element cannot be assigned", "bind the elements to names of their own");
                    self.errors.span(from.span, what);
                }
            }
        }
    }

    /// Stores the parts of a value where a pattern of places says.
    fn assign_parts(&mut self, left: &Expr, from: &Place) {
        let parts: Vec<(Step, &Expr)> = match strip(left) {
            Expr::Infer(_) => return,
            Expr::Tuple(tuple) if tuple.elems.iter().any(is_rest_of_places) => return self.no_place(left),
            Expr::Tuple(tuple) => (0..).map(Step::Element).zip(&tuple.elems).collect(),
            Expr::Call(call) if !call.args.iter().any(is_rest_of_places) => (0..).map(Step::Element).zip(&call.args).collect(),
            Expr::Array(array) => {
                let before = array.elems.iter().position(is_rest_of_places).unwrap_or(array.elems.len());
                let after = array.elems.len().saturating_sub(before + 1);
                self.sequence(from);
                let mut parts: Vec<_> = (0..before).map(Step::constant).zip(&array.elems).collect();
                let length = self.place_length(from);
                for (back, elem) in (1..=after).rev().zip(array.elems.iter().skip(before + 1)) {
                    let (tokens, back) = (&length.tokens, proc_macro2::Literal::usize_unsuffixed(back));
                    let code = Code { tokens: quote::quote!(#tokens - #back), ..length.clone() };
                    parts.push((Step::Index(ir::Operand::Code(code)), elem));
                }
                parts
            }
            Expr::Struct(structure) => {
                let step = |member: &syn::Member| match member {
                    syn::Member::Named(name) => Step::Field(name.clone()),
                    syn::Member::Unnamed(index) => Step::Element(index.index),
                };
                structure.fields.iter().map(|field| (step(&field.member), &field.expr)).collect()
            }
            place => {
                let value = Value::Expr(ir::Expr::place(from.clone()));
                if let Some(to) = self.place(place) {
                    self.stored(&to, Some(from));
                }
                return self.store(place, value);
            }
        };
        parts.into_iter().for_each(|(step, left)| self.assign_parts(left, &from.then(step)));
    }

    /// Fills a variable that had no value: one that turns out to be a scalar begins as zero instead.
    pub(super) fn assign_late(&mut self, left: &Expr, right: &Expr) {
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
    pub(super) fn atomic(&mut self, value: Value, span: proc_macro2::Span) -> Value {
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

    pub(super) fn store(&mut self, left: &Expr, value: Value) {
        if let Some(Bound::Tuple(parts)) = self.resolve(left) {
            let span = first_span(left);
            let whole = self.temporary("assigned", Kind::Space, value, span);
            return self.store_parts(left, parts, &Place::whole(whole, span));
        }
        match self.target(left) {
            Some(place) => self.push(Statement::Assign { place, value }),
            None => self.no_place(left),
        }
    }

    /// Stores a tuple into variables that are its parts.
    fn store_parts(&mut self, left: &Expr, parts: Vec<Bound>, whole: &Place) {
        for (index, part) in parts.into_iter().enumerate() {
            let source = whole.then(Step::Element(index as u32));
            match part {
                Bound::Var(var) => {
                    let place = Place::whole(var, whole.span);
                    self.push(Statement::Assign { place, value: Value::Expr(ir::Expr::place(source)) });
                }
                Bound::Tuple(inner) => self.store_parts(left, inner, &source),
                _ => self.no_place(left),
            }
        }
    }

    pub(super) fn no_place(&mut self, left: &Expr) {
        let what = unsupported(
            "a store into this expression",
            "it names no variable, element or field",
            "store into a variable, or into an element by its index",
        );
        self.unsupported(left, what);
    }

    /// A place that an active value is stored into.
    pub(super) fn target(&mut self, left: &Expr) -> Option<Place> {
        let place = self.place(left)?;
        let parameter = self.function.parameters.iter().find(|parameter| parameter.var == place.root).cloned();
        if let Some(parameter) = &parameter
            && !self.is_mutable(parameter.var)
            && (parameter.passing == ir::Passing::Shared || parameter.of_scalars)
        {
            self.errors.leave_to_rustc();
        } else if let Some(parameter) = parameter.filter(|parameter| !parameter.active) {
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

    /// `p.count += 1`, `p.flags |= mask` of a skipped field: written out, as a store of something without derivative.
    fn compound_of_integer(&mut self, binary: &syn::ExprBinary) {
        let right = match &*binary.right {
            atom @ (Expr::Lit(_) | Expr::Path(_) | Expr::Paren(_) | Expr::Field(_) | Expr::Index(_)) => atom.clone(),
            other => syn::parse_quote!((#other)),
        };
        let (left, op) = (&binary.left, without_assignment(&binary.op));
        // lints would ask for the operator of the user where `left` stood alone
        self.assign(left, &syn::parse_quote!({ #left } #op #right));
    }

    pub(super) fn compound(&mut self, binary: &syn::ExprBinary) {
        if self.activity.is_taken_for_integer(&binary.left) {
            return self.compound_of_integer(binary);
        }
        let value = self.operand(&binary.right);
        let Some(place) = self.target(&binary.left) else { return self.no_place(&binary.left) };
        self.other_operand(&binary.right, &value);
        let is_sum = matches!(binary.op, BinOp::AddAssign(_) | BinOp::SubAssign(_));
        match self.is_active(&binary.right) {
            true => {
                self.scalar(&place);
                self.stored(&place, None);
            }
            // what is not differentiated may be added to a skipped field of integers
            false if is_sum && matches!(place.path.last(), Some(Step::Field(_))) => self.converted(&binary.left),
            false => self.scalar(&place),
        }
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
}

/// `+` of `+=`, and the like.
fn without_assignment(op: &BinOp) -> BinOp {
    let span = op.span();
    match op {
        BinOp::AddAssign(_) => BinOp::Add(syn::token::Plus(span)),
        BinOp::SubAssign(_) => BinOp::Sub(syn::token::Minus(span)),
        BinOp::MulAssign(_) => BinOp::Mul(syn::token::Star(span)),
        BinOp::DivAssign(_) => BinOp::Div(syn::token::Slash(span)),
        BinOp::RemAssign(_) => BinOp::Rem(syn::token::Percent(span)),
        BinOp::BitXorAssign(_) => BinOp::BitXor(syn::token::Caret(span)),
        BinOp::BitAndAssign(_) => BinOp::BitAnd(syn::token::And(span)),
        BinOp::BitOrAssign(_) => BinOp::BitOr(syn::token::Or(span)),
        BinOp::ShlAssign(_) => BinOp::Shl(syn::token::Shl([span, span])),
        BinOp::ShrAssign(_) => BinOp::Shr(syn::token::Shr([span, span])),
        other => *other,
    }
}

/// Whether an expression has no value, whatever stands inside of it.
fn gives_nothing(expr: &Expr) -> bool {
    match expr {
        Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) | Expr::Assign(_) => true,
        Expr::Binary(binary) => is_compound(&binary.op),
        Expr::If(branch) => branch.else_branch.is_none(),
        Expr::Macro(mac) => looks(&mac.mac),
        _ => false,
    }
}

/// Whether what stands at an end of an expression has a value, as its form shows.
fn ends_in_a_value(expr: &Expr) -> bool {
    let block = |block: &Block| matches!(block.stmts.last(), Some(Stmt::Expr(last, None)) if ends_in_a_value(last));
    match strip(expr) {
        Expr::If(branch) => {
            block(&branch.then_branch) || branch.else_branch.as_ref().is_some_and(|(_, other)| ends_in_a_value(other))
        }
        Expr::Match(choice) => choice.arms.iter().any(|arm| ends_in_a_value(&arm.body)),
        Expr::Block(inner) => block(&inner.block),
        other => has_value(other),
    }
}

/// Whether a call may be the last that the expression does.
fn may_call_for_effect(expr: &Expr) -> bool {
    matches!(expr, Expr::Call(_) | Expr::MethodCall(_) | Expr::If(_) | Expr::Match(_) | Expr::Block(_))
}

/// The places and the values of an assignment, where tuples of both forms stand against each other.
fn pairs<'e>(left: &'e Expr, right: &'e Expr) -> Vec<(&'e Expr, &'e Expr)> {
    match (strip(left), strip(right)) {
        (Expr::Tuple(lefts), Expr::Tuple(rights)) if lefts.elems.len() == rights.elems.len() => {
            lefts.elems.iter().zip(&rights.elems).flat_map(|(left, right)| pairs(left, right)).collect()
        }
        _ => vec![(left, right)],
    }
}

/// Whether all parts of a tuple are variables, or tuples of variables.
fn are_variables(parts: &[Bound]) -> bool {
    parts.iter().all(|part| match part {
        Bound::Var(_) => true,
        Bound::Tuple(parts) => are_variables(parts),
        _ => false,
    })
}

/// `..` among places.
fn is_rest_of_places(expr: &Expr) -> bool {
    matches!(expr, Expr::Range(range) if range.start.is_none() && range.end.is_none())
}

/// Whether a variable holds references, by its type or by what it is collected of: they are not kept, but what is read through them.
fn holds_references(local: &syn::Local) -> bool {
    struct References(bool);
    impl<'ast> Visit<'ast> for References {
        fn visit_type_reference(&mut self, _: &'ast syn::TypeReference) {
            self.0 = true;
        }
    }
    let mut references = References(false);
    match &local.pat {
        Pat::Type(typed) if !matches!(*typed.ty, syn::Type::Reference(_)) => references.visit_type(&typed.ty),
        _ => {}
    }
    let is_collected = |init: &syn::LocalInit| match strip(&init.expr) {
        Expr::MethodCall(end) if end.method == "collect" => {
            matches!(strip(&end.receiver), Expr::MethodCall(source) if ["keys", "values", "iter"].iter().any(|name| source.method == name))
        }
        _ => false,
    };
    references.0 || local.init.as_ref().is_some_and(is_collected)
}
