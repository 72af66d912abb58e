//! Expressions that name places: `p.layers[i].w`, through references and tuples.

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::Visit;
use syn::{Expr, Member, UnOp};

use crate::error::unsupported;
use crate::ir::{Behind, Check, Code, Expr as Computed, Form, Kind, Operand, Place, Statement, Step, Value, Var, tokens};
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::stores::Stores;
use crate::lower::facts::syntax::{first_span, numbered, peeled, strip, without_references};

use super::{Bound, Lowerer};

impl Lowerer<'_> {
    /// What the expression names, if it names a place.
    pub(super) fn resolve(&mut self, expr: &Expr) -> Option<Bound> {
        match expr {
            Expr::Path(path) if path.qself.is_none() => {
                let name = path.path.get_ident()?;
                let bound = self.lookup(name)?;
                Some(match bound {
                    // the span of this use, so that errors point here
                    Bound::Var(var) if self.function.variable(var).form == Form::Reference => {
                        Bound::Reference { place: Place::whole(var, name.span()), depth: 1, exclusive: false }
                    }
                    other => other,
                })
            }
            Expr::Paren(paren) => self.resolve(&paren.expr),
            Expr::Group(group) => self.resolve(&group.expr),
            Expr::Field(field) => self.resolve_field(field),
            Expr::Index(index) => {
                let base = self.resolve(&index.expr)?;
                let base = self.place_of(base, expr)?;
                self.sequence(&base);
                let operand = self.index(&index.index);
                let is_range = matches!(&operand, Operand::Code(code) if code.is_range());
                let depth = u8::from(!is_range && self.holds_slices(&base));
                Some(Bound::Reference { place: base.then(Step::Index(operand)), depth, exclusive: false })
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => match self.resolve(&unary.expr)? {
                // neither is what an inactive place holds, a box say, the place itself
                Bound::Reference { place, depth: 0, .. } if self.function.variable(place.root).kind == Kind::Inactive => None,
                Bound::Reference { place, depth, .. } => {
                    Some(Bound::Reference { place, depth: depth.saturating_sub(1), exclusive: false })
                }
                // what `*` of an inactive variable is cannot be known: it is copied
                Bound::Var(var) if self.function.variable(var).kind == Kind::Inactive => None,
                other => Some(other),
            },
            Expr::Reference(reference) => {
                let exclusive = reference.mutability.is_some();
                match self.resolve(&reference.expr)? {
                    Bound::Reference { place, depth, .. } => Some(Bound::Reference { place, depth: depth + 1, exclusive }),
                    Bound::Var(var) => Some(Bound::Reference { place: Place::whole(var, first_span(expr)), depth: 1, exclusive }),
                    Bound::Option { some, payload } if exclusive => {
                        Some(Bound::Option { some, payload: Box::new(super::lent_mutably(*payload)) })
                    }
                    tuple @ Bound::Tuple(_) if exclusive => {
                        let what = unsupported(
                            "a mutable reference to this tuple",
                            "its elements are variables of their own",
                            "borrow its elements, or write it as a struct that derives `Differentiable`",
                        );
                        self.unsupported(expr, what);
                        Some(tuple)
                    }
                    other => Some(other),
                }
            }
            // what it is called with may be written several times
            Expr::Call(call) if self.gives_a_reference(call) && call.args.iter().all(is_repeatable) => {
                self.tuple_of_closure(expr)
            }
            _ => None,
        }
    }

    fn resolve_field(&mut self, field: &syn::ExprField) -> Option<Bound> {
        let step = match &field.member {
            Member::Named(name) => Step::Field(name.clone()),
            Member::Unnamed(index) => Step::Element(index.index),
        };
        match (self.resolve(&field.base)?, &step) {
            (Bound::Tuple(parts), Step::Element(index)) => parts.get(*index as usize).cloned(),
            (base, _) => {
                let base = self.place_of(base, &field.base)?;
                if base.path.is_empty() && self.function.variable(base.root).kind == Kind::Scalar {
                    self.refuse_fields(&field.base, base.root);
                }
                if let (Step::Element(index), Some(syn::Type::Tuple(tuple))) =
                    (&step, self.type_of_place(&base).as_ref().map(peeled))
                    && *index as usize >= tuple.elems.len()
                {
                    self.errors.leave_to_rustc();
                }
                let place = base.then(step);
                if self.activity.is_skipped_field(field) {
                    self.skipped(&place);
                }
                Some(Bound::Reference { place, depth: 0, exclusive: false })
            }
        }
    }

    /// The place of a binding.
    pub(super) fn place_of(&mut self, bound: Bound, at: &impl ToTokens) -> Option<Place> {
        match bound {
            Bound::Var(var) => Some(Place::whole(var, first_span(at))),
            Bound::Reference { place, .. } => Some(place),
            Bound::Tuple(_) | Bound::Closure(_) | Bound::Option { .. } => None,
        }
    }

    /// The place that the expression names.
    pub(super) fn place(&mut self, expr: &Expr) -> Option<Place> {
        let bound = self.resolve(expr)?;
        let mut place = self.place_of(bound, expr)?;
        place.span = first_span(expr);
        Some(place)
    }

    /// The place that the expression names, also as what an `Option` holds, or a variable that is made of its value.
    pub(super) fn named_or_made(&mut self, expr: &Expr, wish: &str) -> Place {
        if let Some(place) = self.place(expr) {
            return place;
        }
        if let Expr::MethodCall(call) = strip(expr)
            && self.is_active(expr)
            && let Some(bound) = self.unwrapped(call)
            && let Some(place) = self.place_of(bound, expr)
        {
            return place;
        }
        if let Expr::Index(index) = strip(expr)
            && matches!(strip(&index.index), Expr::Range(_))
            && self.is_active(expr)
        {
            let base = self.named_or_made(&index.expr, wish);
            self.sequence(&base);
            let range = self.index(&index.index);
            return base.then(Step::Index(range));
        }
        Place::whole(self.materialise(expr, wish), first_span(expr))
    }

    /// A reference to an inactive place that has no name, as what a box holds: it is not moved.
    pub(super) fn borrowed(&mut self, expr: &Expr) -> Option<Place> {
        if self.is_active(expr) || !names_a_place(expr) || matches!(strip(expr), Expr::Path(_)) {
            return None;
        }
        let reference: Expr = syn::parse_quote!(&#expr);
        let code = self.code_of(&reference, true);
        let span = code.span;
        let var = self.function.fresh("borrowed", Kind::Inactive, false, Form::Reference, span);
        self.function.referring.insert(var);
        let value = Value::Expr(Computed::Operand(Operand::Code(code)));
        self.push(Statement::Let { var, value: Some(value), ty: None });
        Some(Place::whole(var, span))
    }

    /// An index, evaluated once.
    pub(super) fn index(&mut self, index: &Expr) -> Operand {
        if let Some((number, inner)) = numbered(index) {
            return self.evaluated_once(number, inner);
        }
        let mut code = match strip(index) {
            // each end has a name of its own, as a range can be used only once
            Expr::Range(range) => self.range_of_ends(range),
            _ => self.code_of(index, is_repeatable(index)),
        };
        // the number behind a reference is kept, which the reference cannot be
        code.repeatable &= !(dereferences(index) && code.reads.iter().any(|var| self.called.contains(var)));
        if code.repeatable {
            return Operand::Code(code);
        }
        let var = self.function.fresh("index", Kind::Inactive, false, Form::Owned, code.span);
        let span = code.span;
        if matches!(strip(index), Expr::Path(_)) && code.reads.iter().any(|var| self.opaque.contains(var)) {
            self.opaque.insert(var); // the key of a map, which may be a reference
        }
        if dereferences(index) && code.reads.iter().any(|var| self.opaque.contains(var)) {
            self.function.holders.insert(var); // so may what a reference to a key is to
        }
        self.declare_inactive(var, code, index);
        Operand::Place(Place::whole(var, span))
    }

    /// Declares a variable that holds what the code gives, which may change others on the way.
    pub(super) fn declare_inactive(&mut self, var: Var, code: Code, expr: &Expr) {
        let mut stores = Stores::default();
        stores.visit_expr(expr);
        let writes: Vec<Var> = stores.roots.iter().filter_map(|name| self.variable_named(name)).collect();
        self.push(if writes.is_empty() {
            Statement::Let { var, value: Some(Value::Expr(Computed::Operand(Operand::Code(code)))), ty: None }
        } else {
            let (name, tokens) = (&self.function.variable(var).name, &code.tokens);
            Statement::Code { code: Code { tokens: quote!(let #name = #tokens;), ..code }, binds: vec![var], writes }
        });
    }

    /// What the index gave when it was evaluated, as long as that can be named.
    fn evaluated_once(&mut self, number: u32, index: &Expr) -> Operand {
        match self.evaluated.get(&number) {
            Some((block, operand)) if self.open.contains(block) => operand.clone(),
            _ => {
                let operand = self.index(index);
                let block = self.open.last().copied().unwrap_or_default();
                self.evaluated.insert(number, (block, operand.clone()));
                operand
            }
        }
    }

    fn range_of_ends(&mut self, range: &syn::ExprRange) -> Code {
        let mut reads = Vec::new();
        let mut end = |end: &Option<Box<Expr>>| {
            let code = match end.as_ref().map(|end| self.index(end))? {
                Operand::Code(code) => code,
                Operand::Place(place) => self.name_code(place.root, place.span),
                Operand::Number(_) => return None,
            };
            reads.extend(code.reads);
            Some(code.tokens)
        };
        let (start, limits, end) = (end(&range.start), &range.limits, end(&range.end));
        Code { tokens: quote!(#start #limits #end), reads, repeatable: true, span: first_span(range) }
    }

    /// Whether every scalar in the place is of a type that is written.
    pub(super) fn is_plain(&self, place: &Place) -> bool {
        self.plain.contains(&place.root) || self.function.variable(place.root).kind != Kind::Space
    }

    /// What is indexed must be a sequence of the language: a user's `Index` could name another element.
    pub(super) fn sequence(&mut self, place: &Place) {
        if !self.is_plain(place) {
            self.check(place, Check::Sequence);
        }
    }

    /// What an operation takes must be a scalar.
    pub(super) fn scalar(&mut self, place: &Place) {
        self.number(place, Check::Scalar);
    }

    fn number(&mut self, place: &Place, what: Check) {
        if !self.is_plain(place) {
            self.check(place, what);
        }
        let variable = &mut self.function.variables[place.root.0 as usize];
        if place.path.is_empty() && variable.kind == Kind::Space {
            variable.kind = Kind::Scalar; // as the check makes sure
        }
    }

    /// A method that is called on a reference, or that floats do not have, may be one of the user's traits, which goes before the language's.
    pub(super) fn own_method(&mut self, receiver: &Expr, name: &Ident, operand: &Operand) {
        let is_inherent = !matches!(name.to_string().as_str(), "sigmoid" | "softplus" | "relu");
        let named = self.resolve(receiver);
        let behind = match &named {
            Some(Bound::Reference { place, depth: 1.., exclusive }) if *exclusive || self.is_mutable_parameter(place) => {
                Behind::Exclusive
            }
            Some(Bound::Reference { depth, .. }) => Behind::Shared(*depth),
            _ => Behind::Shared(u8::from(matches!(strip(receiver), Expr::Reference(_)))),
        };
        let place = match (named, operand) {
            (Some(Bound::Reference { place, .. }), _) => place,
            (_, Operand::Place(place)) => place.clone(),
            (_, Operand::Code(code)) => {
                // of a type that is not known: a reference or not
                let (runtime, tokens) = (&self.runtime, tokens::operand(&code.tokens));
                let check = quote_spanned!(name.span()=> let _ = || { use #runtime::MethodOfFloats as _; (&#tokens).#name() };);
                let code = Code { tokens: check, repeatable: false, ..code.clone() };
                return self.push(Statement::Code { code, binds: Vec::new(), writes: Vec::new() });
            }
            (_, Operand::Number(_)) => return,
        };
        if behind != Behind::Shared(0) || !is_inherent {
            self.check(&place, Check::Method(name.clone(), behind));
        }
    }

    /// The maths of a function's scalar must be those of `Real`: what is bounded by `Scalar` alone may have others from a trait of the user's.
    pub(super) fn maths_of(&mut self, operand: &Operand, span: Span) {
        let Some(scalar) = self.function.scalar.clone() else { return };
        if self.type_parameters.contains(&scalar.to_string()) {
            let runtime = &self.runtime;
            let tokens = quote_spanned!(span=> #runtime::is_real::<#scalar>());
            self.check_code(Code { tokens, reads: Vec::new(), repeatable: false, span });
        } else if let Operand::Place(place) = operand {
            self.check(place, Check::Real);
        }
    }

    /// What is taken for an integer must be one.
    pub(super) fn integer(&mut self, place: &Place) {
        self.check(place, Check::Integer);
    }

    /// What carries no derivative by its use must be a skipped field, or hold no numbers.
    pub(super) fn skipped(&mut self, place: &Place) {
        if self.function.variable(place.root).kind != Kind::Inactive && matches!(place.path.last(), Some(Step::Field(_))) {
            self.check(place, Check::Skipped);
        }
    }

    /// What is matched by variants must be an enum.
    pub(super) fn enumeration(&mut self, place: &Place) {
        self.check(place, Check::Enum);
    }

    /// What is made a float must be a number: of a field that is one, the macro does not know whether it is an integer.
    pub(super) fn converted(&mut self, expr: &Expr) {
        if let Some(place) = self.place(expr) {
            self.number(&place, Check::Number);
            let shape = shape(&self.function.variable(place.root).name, &place);
            self.checked.insert(format!("{:?} {shape}", Check::Scalar));
        }
    }

    /// Where an active value is stored in a field, the field may not be a skipped one.
    pub(super) fn stored(&mut self, place: &Place, source: Option<&Place>) {
        if self.is_plain(place) {
            return;
        }
        for (index, step) in place.path.iter().enumerate().filter(|(_, step)| !matches!(step, Step::Index(_))) {
            let base = Place { path: place.path[..index].to_vec(), ..place.clone() };
            let source = source.cloned();
            self.push(Statement::Check { place: base, what: Check::Holds(step.clone(), source) });
        }
    }

    /// The same for the fields of a struct's literal, which is stored in a place.
    pub(super) fn literal_stored(&mut self, place: &Place, value: &Value) {
        match value {
            Value::Struct { fields, path, tuple, .. } => {
                if *tuple {
                    let path = Code { tokens: path.clone(), reads: Vec::new(), repeatable: true, span: place.span };
                    self.check(place, Check::Constructed(path));
                }
                if fields.iter().any(|(_, value)| self.may_be_active(value)) {
                    self.check(place, Check::Space);
                }
                for (step, value) in fields {
                    let part = place.then(step.clone());
                    match value {
                        Value::Expr(Computed::Operand(Operand::Place(source))) | Value::Clone(source) => {
                            if self.function.variable(source.root).kind != Kind::Inactive {
                                let what = Check::Holds(step.clone(), Some(source.clone()));
                                self.push(Statement::Check { place: place.clone(), what });
                            }
                        }
                        Value::Expr(Computed::Operand(_)) => {}
                        aggregate => self.literal_stored(&part, aggregate),
                    }
                }
            }
            Value::Tuple(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.literal_stored(&place.then(Step::Element(index as u32)), value);
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.literal_stored(&place.then(Step::constant(index)), value);
                }
            }
            _ => {}
        }
    }

    fn may_be_active(&self, value: &Value) -> bool {
        match value {
            Value::Expr(Computed::Operand(Operand::Place(source))) | Value::Clone(source) => {
                self.function.variable(source.root).kind != Kind::Inactive
            }
            Value::Tuple(values) | Value::Array(values) => values.iter().any(|value| self.may_be_active(value)),
            Value::Struct { fields, .. } => fields.iter().any(|(_, value)| self.may_be_active(value)),
            Value::Repeat(value, _) => self.may_be_active(value),
            _ => false,
        }
    }

    /// The other operand of an operator must be a scalar too: a user's type may have operators with scalars. It is one where its parts are.
    pub(super) fn other_operand(&mut self, expr: &Expr, operand: &Operand) {
        if self.is_active(expr) || self.is_surely_a_float(expr) {
            return;
        }
        match strip(without_references(expr)) {
            Expr::Binary(binary) => {
                self.other_operand(&binary.left, operand);
                self.other_operand(&binary.right, operand);
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => self.other_operand(&unary.expr, operand),
            part => match (self.resolve(part).and_then(|bound| self.place_of(bound, part)), operand) {
                (Some(place), _) => self.other_place(&place),
                (None, Operand::Place(place)) => self.other_place(place),
                (None, Operand::Code(code)) => {
                    let code = if let Expr::Path(_) = part { self.code_of(part, true) } else { code.clone() };
                    let (runtime, tokens) = (&self.runtime, tokens::operand(&code.tokens));
                    let is_operand = crate::spans::located(quote!(#runtime::is_operand!), code.span);
                    let tokens = quote_spanned!(code.span=> #is_operand(#tokens));
                    self.check_code(Code { tokens, repeatable: false, ..code });
                }
                (None, Operand::Number(_)) => {}
            },
        }
    }

    fn other_place(&mut self, place: &Place) {
        if !self.plain.contains(&place.root) {
            self.check(place, Check::Operand);
        }
    }

    /// A check that is no place's, once: in front of the body, where it reads no variable, as no loop is to be held up by it.
    fn check_code(&mut self, code: Code) {
        if self.checked.insert(code.tokens.to_string()) {
            let is_constant = code.reads.is_empty();
            let check = Statement::NoExit(code);
            if is_constant { self.front.push(check) } else { self.push(check) }
        }
    }

    /// Whether the expression is a float by its form, or by the type that is written for its variable.
    fn is_surely_a_float(&self, expr: &Expr) -> bool {
        let is_float =
            |ty: &syn::Type| matches!(ty, syn::Type::Path(path) if path.path.is_ident("f32") || path.path.is_ident("f64"));
        match strip(without_references(expr)) {
            Expr::Lit(_) => true,
            Expr::Cast(cast) => is_float(&cast.ty),
            Expr::Unary(unary) => matches!(unary.op, UnOp::Neg(_)) && self.is_surely_a_float(&unary.expr),
            Expr::Binary(binary) => self.is_surely_a_float(&binary.left) && self.is_surely_a_float(&binary.right),
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                self.names.bindings.get(&name.to_string()).and_then(|binding| binding.ty.as_ref()).is_some_and(is_float)
            }),
            Expr::MethodCall(call) => {
                crate::rules::find(&call.method.to_string()).is_some() && self.is_surely_a_float(&call.receiver)
            }
            _ => false,
        }
    }

    /// What is copied must be copied by the method of `Clone` or of `ToOwned`.
    pub(super) fn cloned(&mut self, place: &Place, name: &Ident) {
        self.check(place, Check::Cloned(name.clone()));
    }

    fn check(&mut self, place: &Place, what: Check) {
        let kind = match &what {
            Check::Method(name, behind) => format!("the method {name} {behind:?} of"),
            Check::Cloned(name) => format!("the copy by {name} of"),
            Check::Constructed(path) => format!("what {} makes,", path.tokens),
            other => format!("{other:?}"),
        };
        let key = format!("{kind} {}", shape(&self.function.variable(place.root).name, place));
        if self.checked.insert(key) {
            self.push(Statement::Check { place: place.clone(), what });
        }
    }
}

/// The place without the values of its indices.
fn shape(root: &Ident, place: &Place) -> String {
    let mut text = root.to_string();
    for step in &place.path {
        match step {
            Step::Field(name) => text.push_str(&format!(".{name}")),
            Step::Element(index) => text.push_str(&format!(".{index}")),
            Step::Index(_) => text.push_str("[]"),
        }
    }
    text
}

/// Whether something is read through a reference.
fn dereferences(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)) || dereferences(&unary.expr),
        Expr::Binary(binary) => dereferences(&binary.left) || dereferences(&binary.right),
        Expr::Cast(cast) => dereferences(&cast.expr),
        _ => false,
    }
}

/// Whether the expression is a place, or a reference to one, that is named without an effect.
pub(super) fn names_a_place(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Path(path) => path.path.get_ident().is_some(),
        Expr::Field(field) => names_a_place(&field.base),
        Expr::Index(index) => names_a_place(&index.expr) && is_repeatable(&index.index),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)) && names_a_place(&unary.expr),
        Expr::Reference(reference) => reference.mutability.is_none() && names_a_place(&reference.expr),
        Expr::MethodCall(call) => {
            matches!(call.method.to_string().as_str(), "as_ref" | "as_deref") && names_a_place(&call.receiver)
        }
        Expr::Tuple(tuple) => tuple.elems.iter().all(names_a_place),
        _ => false,
    }
}
