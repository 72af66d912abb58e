//! What the items of an iterator flow into: `sum`, `product`, `fold`, `for_each`, `collect`.
//!
//! *In:* `xs.iter().map(|x| x * x).collect::<Vec<_>>()`
//!
//! *Out:* `let collected = []; for i in 0..xs.len() { let product = mul(xs[i], xs[i]); push product to collected }`

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Expr, ExprMethodCall};

use crate::ir::{self, Form, Kind, Number, Operand, Place, Spelling, Statement, Step, Value, Var};
use crate::lower::facts::syntax::strip;
use crate::rules;

use super::{Bound, Lowerer};

impl Lowerer<'_> {
    /// `sum` and `product`.
    pub(super) fn accumulate(&mut self, call: &ExprMethodCall, name: &str) -> Value {
        let span = call.method.span();
        let start = if name == "sum" { -0.0 } else { 1.0 };
        let ty = call.turbofish.as_ref().and_then(|generics| generics.args.first()).map(ToTokens::to_token_stream);
        let total = self.function.fresh(name, Kind::Scalar, true, Form::Owned, span);
        let value = Value::Expr(ir::Expr::Operand(Operand::Number(Number { written: None, value: start })));
        self.push(Statement::Let { var: total, value: Some(value), ty });
        let place = Place::whole(total, span);
        let into = place.clone();
        let is_sum = name == "sum";
        self.iterate(&call.receiver, &mut |this, item| {
            let Some(operand) = this.item_operand(item, span) else { return };
            if is_sum {
                let value = ir::Expr::Operand(operand);
                this.push(Statement::Add { place: into.clone(), value, subtract: false, whole: false });
            } else {
                let old = ir::Expr::Operand(this.load(into.clone()));
                let product = ir::Expr::Apply(rules::op("mul"), vec![old, ir::Expr::Operand(operand)], Spelling::Canonical);
                let var = this.temporary("product", Kind::Scalar, Value::Expr(product), span);
                let value = Value::Expr(ir::Expr::place(Place::whole(var, span)));
                this.push(Statement::Assign { place: into.clone(), value });
            }
        });
        Value::Expr(ir::Expr::place(place))
    }

    /// `for_each`: its closure for every item.
    pub(super) fn for_each(&mut self, iterator: &Expr, function: &Expr) {
        let Some(closure) = self.as_closure(function, 1) else { return };
        self.bound_with = closure.inputs.first().cloned();
        self.iterate(iterator, &mut |this, item| {
            let Some((inputs, body)) = this.instance(&closure, 1) else { return };
            this.bind_bound(&inputs[0], item);
            drop(this.block_value(&syn::parse_quote!({ #body; })));
        });
    }

    fn item_operand(&mut self, item: Bound, span: Span) -> Option<Operand> {
        match item {
            Bound::Var(var) if self.given.contains(&var) => {
                let number = self.given_number(var, span);
                Some(Operand::Place(Place::whole(self.temporary("item", Kind::Inactive, number, span), span)))
            }
            Bound::Var(var) => Some(self.load(Place::whole(var, span))),
            Bound::Reference { place, .. } => Some(self.load(place)),
            Bound::Tuple(_) | Bound::Closure(_) | Bound::Option { .. } => {
                self.errors.span(span, "the items of this iterator are no scalars");
                None
            }
        }
    }

    /// `fold` to a value.
    pub(super) fn fold_value(&mut self, call: &ExprMethodCall) -> Value {
        let bound = self.fold(call);
        self.value_of_bound(bound, call.method.span())
    }

    fn value_of_bound(&self, bound: Bound, span: Span) -> Value {
        match bound {
            Bound::Tuple(parts) => Value::Tuple(parts.into_iter().map(|part| self.value_of_bound(part, span)).collect()),
            Bound::Var(var) => Value::Expr(ir::Expr::place(Place::whole(var, span))),
            Bound::Reference { place, .. } => Value::Expr(ir::Expr::place(place)),
            Bound::Closure(_) | Bound::Option { .. } => Value::Zero,
        }
    }

    /// A `fold` whose state is a tuple, element by element.
    pub(super) fn folded_tuple(&mut self, expr: &Expr) -> Option<Bound> {
        match strip(expr) {
            Expr::MethodCall(call)
                if call.method == "fold"
                    && call.args.len() == 2
                    && matches!(strip(&call.args[0]), Expr::Tuple(_))
                    && self.is_active(expr) =>
            {
                Some(self.fold(call))
            }
            _ => None,
        }
    }

    fn fold(&mut self, call: &ExprMethodCall) -> Bound {
        let span = call.method.span();
        let Some(closure) = self.as_closure(&call.args[1], 2) else {
            return Bound::Var(self.temporary("folded", Kind::Scalar, Value::Zero, span));
        };
        let state = self.fold_state(&call.args[0], "folded", span);
        let current = state.clone();
        self.bound_with = closure.inputs.last().cloned();
        self.iterate(&call.receiver, &mut |this, item| {
            if let Some(next) = this.apply_closure(&closure, vec![current.clone(), item]) {
                this.advance(&current, next, span);
            }
        });
        state
    }

    /// The variables that hold a fold's state.
    pub(super) fn fold_state(&mut self, init: &Expr, wish: &str, span: Span) -> Bound {
        if let Expr::Tuple(tuple) = strip(init) {
            let parts = tuple.elems.iter().enumerate();
            return Bound::Tuple(parts.map(|(i, elem)| self.fold_state(elem, &format!("{wish}_{i}"), span)).collect());
        }
        let integer = matches!(strip(init), Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Int(_) | syn::Lit::Bool(_)));
        let value = self.value(init);
        let kind = match self.kind_of(&value) {
            _ if integer => Kind::Inactive,
            kind => kind,
        };
        let var = self.function.fresh(wish, kind, true, Form::Owned, span);
        self.push(Statement::Let { var, value: Some(value), ty: None });
        Bound::Var(var)
    }

    /// Stores the next state, all parts at once.
    pub(super) fn advance(&mut self, state: &Bound, next: Bound, span: Span) {
        let mut stores = Vec::new();
        self.pair(state, next, span, &mut stores);
        let stores: Vec<_> = stores
            .into_iter()
            .map(|(var, place)| {
                let kind = self.function.variable(var).kind;
                if self.is_mutable(place.root) {
                    let copy = self.temporary("next", kind, Value::Expr(ir::Expr::place(place)), span);
                    (var, Place::whole(copy, span))
                } else {
                    (var, place)
                }
            })
            .collect();
        for (var, place) in stores {
            if self.function.is_scalar(place.root) && place.path.is_empty() && self.function.variable(var).kind == Kind::Space {
                self.function.variables[var.0 as usize].kind = Kind::Scalar;
            }
            let value = Value::Expr(ir::Expr::place(place));
            self.push(Statement::Assign { place: Place::whole(var, span), value });
        }
    }

    fn pair(&mut self, state: &Bound, next: Bound, span: Span, into: &mut Vec<(Var, Place)>) {
        match (state, next) {
            (Bound::Tuple(states), Bound::Tuple(nexts)) if states.len() == nexts.len() => {
                states.iter().zip(nexts).for_each(|(state, next)| self.pair(state, next, span, into));
            }
            (Bound::Tuple(states), Bound::Var(var)) => {
                for (i, state) in states.iter().enumerate() {
                    let place = Place::whole(var, span).then(Step::Element(i as u32));
                    self.pair(state, Bound::Reference { place, depth: 0, exclusive: false }, span, into);
                }
            }
            (Bound::Var(var), Bound::Var(next)) => into.push((*var, Place::whole(next, span))),
            (Bound::Var(var), Bound::Reference { place, .. }) => into.push((*var, place)),
            _ => self.errors.span(span, "the state of this `fold` changes its shape"),
        }
    }
}
