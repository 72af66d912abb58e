//! `let` and the patterns that it binds.
//!
//! A name stands for a variable, or for what is known of it: a reference for its place, a tuple for its parts, a closure for its body. What is
//! bound by value and may change is copied into a variable of its own.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, Pat, Stmt};

use crate::error::{not_yet, unsupported, with_help};
use crate::ir::{self, Code, Form, Kind, Operand, Place, Statement, Step, Value, Var};
use crate::lower::facts::flow::Flow;
use crate::lower::facts::holders;
use crate::lower::facts::methods::ELEMENTS;
use crate::lower::facts::syntax::{
    borrows_mutably, first_span, is_float, is_named, is_rest, is_runtime_call, only_tests, pattern_names, strip,
};

use super::sequences::Named;
use super::{Bound, Lowerer};

impl Lowerer<'_> {
    pub(super) fn local(&mut self, local: &syn::Local) {
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
            (Pat::Tuple(pats), Expr::Reference(reference))
                if reference.mutability.is_some()
                    && !has_rest(&pats.elems)
                    && let Some(Bound::Tuple(parts)) = self.resolve(&reference.expr)
                    && parts.len() == pats.elems.len() =>
            {
                for (pat, part) in pats.elems.iter().zip(parts) {
                    self.bind_bound(pat, super::lent_mutably(part));
                }
            }
            _ => {
                let bound = self.bound_value(expr);
                self.bind_bound(pat, bound);
            }
        }
    }

    /// The value of an expression, as something that can be taken apart.
    pub(super) fn bound_value(&mut self, expr: &Expr) -> Bound {
        if !self.names_changing_option(expr)
            && let Some(bound) = self.resolve(expr)
        {
            return bound;
        }
        if self.is_option(expr)
            && self.is_active(expr)
            && let Some(option) = self.option_by_value(expr, None, "option", first_span(expr))
        {
            return option;
        }
        if let Expr::MethodCall(call) = strip(expr)
            && self.is_active(expr)
            && let Some(bound) = self.unwrapped(call)
        {
            return bound;
        }
        if let Expr::Tuple(tuple) = strip(expr) {
            return Bound::Tuple(tuple.elems.iter().map(|elem| self.bound_value_copy(elem)).collect());
        }
        if self.is_active(expr) {
            match strip(expr) {
                Expr::Block(block) if block.label.is_none() && matches!(block.block.stmts.last(), Some(Stmt::Expr(_, None))) => {
                    return self.in_scope(|this| {
                        let last = this.statements_before(expr);
                        this.bound_value(&last)
                    });
                }
                // what the pattern binds is there behind it as well
                Expr::Match(choice) if choice.arms.len() == 1 => {
                    self.bind_pattern(&choice.arms[0].pat, &choice.expr);
                    return self.bound_value(&choice.arms[0].body);
                }
                _ => {}
            }
        }
        if let Some(bound) = self
            .sin_cos(expr)
            .or_else(|| self.split(expr))
            .or_else(|| self.two_vectors(expr))
            .or_else(|| self.tuple_of_closure(expr))
        {
            return bound;
        }
        if let Expr::Reference(reference) = strip(expr) {
            let place = self.named_or_made(&reference.expr, "referenced");
            let exclusive = reference.mutability.is_some();
            self.function.variables[place.root.0 as usize].mutable |= exclusive;
            return Bound::Reference { place, depth: 1, exclusive };
        }
        if let Some(bound) = self.folded_tuple(expr) {
            return bound;
        }
        if self.is_active(expr)
            && self.makes_sequence(expr)
            && let Some(made) = self.make_sequence(expr, None)
        {
            return Bound::Var(made);
        }
        Bound::Var(self.materialise(expr, "parts"))
    }

    /// The same, but what is named is copied, since the name may be assigned later.
    pub(super) fn bound_value_copy(&mut self, expr: &Expr) -> Bound {
        match self.resolve(expr) {
            Some(bound @ Bound::Reference { depth: 1.., .. }) => bound,
            Some(Bound::Var(var)) if !self.is_mutable(var) => Bound::Var(var),
            Some(Bound::Tuple(parts)) => Bound::Tuple(parts),
            Some(bound @ Bound::Option { .. }) => self.frozen("part", bound.clone(), first_span(expr), false).unwrap_or(bound),
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
        let may_hold = match &value {
            Value::Expr(ir::Expr::Operand(Operand::Code(code))) => {
                !code.repeatable && (holders::may_hold(expr) || code.reads.iter().any(|var| self.opaque.contains(var)))
            }
            _ => false,
        };
        let var = self.temporary(wish, kind, value, first_span(expr));
        self.function.holders.extend((may_hold && kind == Kind::Inactive).then_some(var));
        var
    }

    /// `let name: ty = expr`; where that is an error, what is done with the name later is no further one.
    pub(super) fn bind_typed(&mut self, pat: &Pat, ty: Option<&syn::Type>, expr: &Expr) {
        let Pat::Ident(ident) = pat else { return };
        let before = self.errors.count();
        self.bind_ident(ident, ty, expr);
        if self.errors.count() > before {
            self.refused.insert(ident.ident.to_string());
        }
    }

    fn bind_ident(&mut self, ident: &syn::PatIdent, ty: Option<&syn::Type>, expr: &Expr) {
        if ident.by_ref.is_some() || ident.subpat.is_some() {
            let bound = self.bound_value(expr);
            return self.bind_with_name(ident, bound);
        }
        let name = &ident.ident;
        let mutable = ident.mutability.is_some();
        if self.activity.is_active(&name.to_string()) && self.refuse_container(expr, ty) {
            return;
        }
        if is_runtime_call(expr, "late").is_some() && self.activity.is_active(&name.to_string()) {
            let var = self.variable(name, Kind::Space, true, Form::Late);
            return self.push(Statement::Let { var, value: Some(Value::Late), ty: None });
        }
        if self.is_option(expr) && self.activity.is_active(&name.to_string()) {
            let bound = if mutable {
                let slot = self.option_slot(expr, ty, &name.to_string(), name.span());
                self.assign_option(expr, &slot);
                slot
            } else {
                let copy = self.option_by_value(expr, ty, &name.to_string(), name.span());
                copy.unwrap_or(Bound::Tuple(Vec::new()))
            };
            self.bound.insert(name.to_string(), bound);
            return;
        }
        match strip(expr) {
            Expr::Closure(closure) => {
                if let (Some(token), true) = (&closure.asyncness, self.is_active(expr)) {
                    let help = "leave out `async`";
                    return self.unsupported(token, unsupported("an `async` closure", "it does not run when it is called", help));
                }
                let mut closure = closure.clone();
                if closure.capture.is_some() {
                    self.freeze(&mut closure.body, true); // it has what it captures as it is now
                }
                self.bound.insert(name.to_string(), Bound::Closure(Box::new(closure)));
                return;
            }
            Expr::Tuple(tuple)
                if !(tuple.elems.is_empty() || self.lent_whole.contains(&name.to_string()) && self.is_space(expr)) =>
            {
                let flow = self.activity.value(&syn::parse_quote!(#name));
                let parts = tuple.elems.iter().enumerate().map(|(i, elem)| self.element(name, i, mutable, elem, &flow.part(i)));
                let parts = parts.collect();
                self.bound.insert(name.to_string(), Bound::Tuple(parts));
                return;
            }
            Expr::Call(_) if let Some(bound) = self.tuple_of_closure(expr) => return self.bind_name(name, mutable, bound),
            _ => {}
        }
        if let Some(bound) =
            self.sin_cos(expr).or_else(|| self.folded_tuple(expr)).or_else(|| self.split(expr)).or_else(|| self.two_vectors(expr))
        {
            self.bind_name(name, mutable, bound);
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
        if let Expr::MethodCall(call) = strip(expr)
            && self.is_active(expr)
            && (borrows_mutably(expr) || names_an_element(call))
            && let Some(bound) = self.unwrapped(call)
        {
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

    /// Whether a value is made of floats alone, as far as its form tells.
    fn is_space(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Tuple(tuple) => tuple.elems.iter().all(|elem| self.is_space(elem)),
            Expr::Lit(literal) => matches!(literal.lit, syn::Lit::Float(_)),
            Expr::Unary(unary) => self.is_space(&unary.expr),
            other => self.is_active(other) && !matches!(other, Expr::Reference(_)),
        }
    }

    /// A tuple of variables of its own, which may be assigned; what it holds by reference stays what it is.
    fn with_own_parts(&mut self, name: &Ident, bound: Bound) -> Bound {
        match bound {
            Bound::Tuple(parts) => {
                let wish = |index| Ident::new(&format!("{name}_{index}"), name.span());
                let parts = parts.into_iter().enumerate().map(|(index, part)| self.with_own_parts(&wish(index), part));
                Bound::Tuple(parts.collect())
            }
            Bound::Var(var) => self.own_part(name, Place::whole(var, name.span())),
            Bound::Reference { place, depth: 0, .. } => self.own_part(name, place),
            other => other,
        }
    }

    fn own_part(&mut self, name: &Ident, place: Place) -> Bound {
        let kind = match self.function.variable(place.root).kind {
            Kind::Scalar if !place.path.is_empty() => Kind::Space,
            kind => kind,
        };
        let own = self.function.fresh(&name.to_string(), kind, true, Form::Owned, name.span());
        self.push(Statement::Let { var: own, value: Some(Value::Expr(ir::Expr::place(place))), ty: None });
        Bound::Var(own)
    }

    /// An element of a tuple that a name stands for, and what of it may carry a derivative now or later.
    fn element(&mut self, name: &Ident, index: usize, mutable: bool, elem: &Expr, flow: &Flow) -> Bound {
        if let Expr::Tuple(tuple) = strip(elem) {
            let wish = Ident::new(&format!("{name}_{index}"), name.span());
            let parts = tuple.elems.iter().enumerate();
            return Bound::Tuple(parts.map(|(i, elem)| self.element(&wish, i, mutable, elem, &flow.part(i))).collect());
        }
        if let Some(bound @ Bound::Reference { depth: 1.., .. }) = self.resolve(elem) {
            return bound;
        }
        let active = self.is_active(elem) || mutable && flow.any();
        let value = self.value(elem);
        let kind = if active { self.kind_of(&value) } else { Kind::Inactive };
        let var = self.function.fresh(&format!("{name}_{index}"), kind, mutable, Form::Owned, name.span());
        self.push(Statement::Let { var, value: Some(value), ty: None });
        Bound::Var(var)
    }

    /// `let name: ty = expr` of a value.
    pub(super) fn declare(&mut self, name: &Ident, mutable: bool, ty: Option<&syn::Type>, expr: &Expr) {
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
        if matches!(value, Value::Array(_) | Value::Repeat(..)) || self.is_sequence(expr) {
            self.sequences.insert(var);
        }
        if plain_value(&value) || self.is_part_of_plain(&value) {
            self.plain.insert(var);
        }
        self.push(Statement::Let { var, value: Some(value), ty: tokens });
    }

    /// Whether the value is part of what holds scalars alone.
    fn is_part_of_plain(&self, value: &Value) -> bool {
        matches!(value, Value::Expr(ir::Expr::Operand(Operand::Place(place))) | Value::Clone(place) if self.plain.contains(&place.root))
    }

    /// Binds a pattern to what is known.
    pub(super) fn bind_bound(&mut self, pat: &Pat, bound: Bound) {
        if self.bind_given(pat, &bound) {
            return;
        }
        match pat {
            Pat::Wild(_) | Pat::Rest(_) => {}
            Pat::Type(typed) => self.bind_bound(&typed.pat, bound),
            Pat::Paren(paren) => self.bind_bound(&paren.pat, bound),
            Pat::Reference(reference) => match bound {
                Bound::Reference { place, depth, .. } => {
                    let depth = depth.saturating_sub(1);
                    self.bind_bound(&reference.pat, Bound::Reference { place, depth, exclusive: false });
                }
                other => self.bind_bound(&reference.pat, other),
            },
            tested if only_tests(tested) => {}
            Pat::Ident(ident) => {
                if let (true, Bound::Reference { place, .. }) = (self.activity.names_skipped(&ident.ident.to_string()), &bound) {
                    self.skipped(place);
                }
                self.bind_with_name(ident, bound);
            }
            Pat::Guard(guard) => self.bind_bound(&guard.pat, bound),
            Pat::Or(or) => self.bind_alternatives(or),
            Pat::TupleStruct(tuple) if tuple.path.is_ident("Some") && tuple.elems.len() == 1 => match bound {
                Bound::Option { payload, .. } => {
                    let payload = self.entered(*payload);
                    self.bind_bound(&tuple.elems[0], payload);
                }
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
            Pat::Tuple(tuple) if let Some(parts) = self.around_rest(&tuple.elems, &bound) => {
                for (index, elem) in parts {
                    let part = self.part(&bound, Step::Element(index), pat);
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
            Pat::Slice(slice) if slice.elems.iter().any(is_rest) => self.bind_slice_with_rest(slice, &bound),
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

    /// The elements of a tuple pattern with `..`, with their positions: behind it, where the tuple's length is known.
    fn around_rest<'p>(
        &self,
        pats: &'p syn::punctuated::Punctuated<Pat, syn::Token![,]>,
        bound: &Bound,
    ) -> Option<Vec<(u32, &'p Pat)>> {
        let rest = pats.iter().position(|pat| matches!(pat, Pat::Rest(_)))?;
        let behind = pats.len() - rest - 1;
        let length = match bound {
            Bound::Tuple(parts) => parts.len(),
            _ if behind == 0 => pats.len(),
            _ => return None,
        };
        let positions = (0..rest).chain(length.checked_sub(behind)?..length);
        let elems = pats.iter().enumerate().filter(|(index, _)| *index != rest).map(|(_, elem)| elem);
        Some(positions.map(|position| position as u32).zip(elems).collect())
    }

    pub(super) fn part(&mut self, bound: &Bound, step: Step, at: &Pat) -> Bound {
        match (bound, &step) {
            (Bound::Tuple(parts), Step::Element(index)) if (*index as usize) < parts.len() => parts[*index as usize].clone(),
            (Bound::Reference { place, depth, exclusive }, _) => {
                Bound::Reference { place: place.then(step), depth: (*depth).min(1), exclusive: *exclusive }
            }
            (Bound::Var(var), _) => {
                Bound::Reference { place: Place::whole(*var, first_span(at)).then(step), depth: 0, exclusive: false }
            }
            (Bound::Tuple(_), Step::Element(_)) => {
                self.errors.leave_to_rustc();
                bound.clone()
            }
            _ => {
                self.unsupported(at, with_help("this pattern does not fit what it is bound to", "bind the parts one by one"));
                bound.clone()
            }
        }
    }

    /// Binds a name to what is known: a reference stays one, a value is copied.
    pub(super) fn bind_name(&mut self, name: &Ident, mutable: bool, bound: Bound) {
        match bound {
            Bound::Tuple(_) if mutable => {
                let bound = self.with_own_parts(name, bound);
                self.bound.insert(name.to_string(), bound);
            }
            Bound::Reference { depth: 1.., .. } | Bound::Tuple(_) | Bound::Closure(_) | Bound::Option { .. } => {
                self.bound.insert(name.to_string(), bound);
            }
            Bound::Var(var) if !mutable && !self.is_mutable(var) => {
                self.bound.insert(name.to_string(), Bound::Var(var));
                // copied code knows the name of the source only
                let original = self.function.variable(var).name.clone();
                if original != *name {
                    let place = Place::whole(var, name.span());
                    self.bound.insert(name.to_string(), Bound::Reference { place, depth: 0, exclusive: false });
                }
            }
            Bound::Reference { place, .. } if !mutable && !self.is_mutable(place.root) => {
                self.bound.insert(name.to_string(), Bound::Reference { place, depth: 0, exclusive: false });
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
                if place.path.is_empty()
                    && self.function.variable(place.root).form == Form::Late
                    && self.opaque.contains(&place.root)
                {
                    self.opaque.insert(var);
                }
                if kind == Kind::Inactive && self.function.variable(place.root).kind != Kind::Inactive {
                    return self.read_beside(var, &place);
                }
                let value = if self.may_be_used_up(&place) { Value::Clone(place) } else { Value::Expr(ir::Expr::place(place)) };
                self.push(Statement::Let { var, value: Some(value), ty: None });
            }
        }
    }

    /// A variable that holds what carries no derivative, in a place of what does: it has no tangent.
    fn read_beside(&mut self, var: Var, place: &Place) {
        let (variable, read) = (self.function.variable(var), ir::tokens::receiver(&self.function, place));
        let (name, mutable) = (&variable.name, variable.mutable.then(|| quote::quote!(mut)));
        let tokens = match self.activity.is_integer(&name.to_string()) {
            true => quote::quote!(let #mutable #name = #read;),
            false => quote::quote!(let #mutable #name = ::core::clone::Clone::clone(&#read);),
        };
        let code = Code { tokens, reads: super::mentioned(place), repeatable: false, span: place.span };
        self.push(Statement::Code { code, binds: vec![var], writes: Vec::new() });
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

/// `v.last().unwrap()`: a reference to an element, which need not be copied.
fn names_an_element(call: &syn::ExprMethodCall) -> bool {
    matches!(strip(&call.receiver), Expr::MethodCall(element) if ELEMENTS.iter().any(|name| element.method == name))
}

fn has_rest<P>(pats: &syn::punctuated::Punctuated<Pat, P>) -> bool {
    pats.iter().any(|pat| matches!(pat, Pat::Rest(_)))
}
