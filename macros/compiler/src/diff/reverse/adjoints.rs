//! Adjoints: where each is declared, and what is added to them.
//!
//! A value's adjoint flows to the places that the value is made of; the first contribution to a variable declares its adjoint.

use crate::ir::{Block, Code, Expr, Form, Kind, Operand, Place, Statement, Step, Value, Var};
use crate::rules::Contribution;

use super::Reverser;
use super::loops::tokens_of;

impl Reverser {
    pub(super) fn is_scalar_value(&self, value: &Value) -> bool {
        match value {
            Value::Expr(Expr::Operand(Operand::Place(place))) => place.path.is_empty() && self.function.is_scalar(place.root),
            Value::Expr(Expr::Operand(Operand::Number(_)) | Expr::Apply(..)) => true,
            _ => false,
        }
    }

    /// The same place in the adjoint of its variable.
    pub(super) fn adjoint_place(&mut self, place: &Place) -> Place {
        let adjoint = self.adjoint(place.root);
        place.under(adjoint)
    }

    pub(super) fn adjoint(&mut self, var: Var) -> Var {
        if let Some(adjoint) = self.adjoints.get(var) {
            return *adjoint;
        }
        let variable = self.function.variable(var).clone();
        let wish = format!("{}_bar", variable.name);
        let kind = if variable.kind == Kind::Inactive { Kind::Space } else { variable.kind };
        let form = if variable.form == Form::Late { Form::Late } else { Form::Owned };
        let adjoint = self.function.fresh(&wish, kind, true, form, variable.name.span());
        self.adjoints.insert(var, adjoint);
        if self.function.buffers.contains(&var) {
            self.function.buffers.insert(adjoint);
        }
        adjoint
    }

    /// Declares the adjoint of a variable as zero, where it is not declared.
    pub(super) fn ensure(&mut self, var: Var, backward: &mut Block) {
        if self.declared.insert(var) {
            let adjoint = self.adjoint(var);
            let zeros = self.zeros(var);
            backward.push(Statement::Let { var: adjoint, value: Some(zeros), ty: None });
        }
    }

    /// Zeros of a variable's shape, from what it starts with, so that it need not be kept for that.
    pub(super) fn zeros(&self, var: Var) -> Value {
        if self.function.variable(var).form == Form::Late {
            return Value::Late; // filled where the variable is read
        }
        if self.function.is_scalar(var) {
            return Value::Zero;
        }
        let whole = || Value::ZerosLike(Place::whole(var, self.span(var)));
        let start = self.definitions.get(var).filter(|_| !self.reshaped.contains(&var));
        start.and_then(|value| self.shape(value)).unwrap_or_else(whole)
    }

    pub(super) fn shape(&self, value: &Value) -> Option<Value> {
        Some(match value {
            Value::Expr(Expr::Apply(..) | Expr::Operand(Operand::Number(_))) | Value::Zero => Value::Zero,
            Value::Expr(Expr::Operand(Operand::Place(place))) | Value::Clone(place) => {
                if place.path.is_empty() && self.function.is_scalar(place.root) {
                    Value::Zero
                } else if let Some(array @ (Value::Array(_) | Value::Repeat(..))) = self.definitions.get(place.root)
                    && place.path.is_empty()
                {
                    self.shape(array)?
                } else if self.function.variable(place.root).mutable || self.function.variable(place.root).form != Form::Reference
                {
                    return None; // changed, or moved from
                } else {
                    Value::ZerosLike(place.clone())
                }
            }
            Value::Array(values) => Value::Array(values.iter().map(|value| self.shape(value)).collect::<Option<_>>()?),
            Value::Tuple(values) => Value::Tuple(values.iter().map(|value| self.shape(value)).collect::<Option<_>>()?),
            Value::Repeat(_, length) if length.is_inferred() => return None,
            Value::Repeat(value, length) => Value::Repeat(Box::new(self.shape(value)?), length.clone()),
            _ => return None,
        })
    }

    /// Adds to the adjoint of a place.
    pub(super) fn contribute(&mut self, place: &Place, value: Expr, subtract: bool, whole: bool, backward: &mut Block) {
        if !self.varied.place(place) {
            return;
        }
        let (value, subtract) = match value {
            Expr::Apply(op, mut arguments, _) if op.0.name == "neg" => (arguments.remove(0), !subtract),
            other => (other, subtract),
        };
        if self.declared.contains(&place.root) || !place.path.is_empty() {
            self.ensure(place.root, backward);
            let place = self.adjoint_place(place);
            return backward.push(Statement::Add { place, value, subtract, whole });
        }
        self.declared.insert(place.root);
        let adjoint = self.adjoint(place.root);
        if self.function.variable(adjoint).form == Form::Late {
            backward.push(Statement::Let { var: adjoint, value: Some(Value::Late), ty: None });
            return backward.push(Statement::Assign { place: Place::whole(adjoint, place.span), value: copy_of(value) });
        }
        let value = match value {
            value if subtract => Value::Expr(Expr::apply(crate::rules::op("neg"), vec![value])),
            // what is the sweep's own is handed on
            Expr::Operand(Operand::Place(source))
                if whole && !(source.path.is_empty() && self.function.variable(source.root).form == Form::Owned) =>
            {
                Value::Clone(source)
            }
            value => Value::Expr(value),
        };
        backward.push(Statement::Let { var: adjoint, value: Some(value), ty: None });
    }

    /// Lets the adjoint of a value flow to what the value is made of.
    pub(super) fn distribute(&mut self, value: &Value, adjoint: &Place, result: &Expr, backward: &mut Block) {
        match value {
            Value::Expr(Expr::Operand(Operand::Place(source))) | Value::Clone(source) => {
                let whole = !(adjoint.path.is_empty() && self.function.is_scalar(adjoint.root));
                self.contribute(source, Expr::place(adjoint.clone()), false, whole, backward);
            }
            Value::Expr(Expr::Apply(op, operands, spelling)) => {
                let active: Vec<bool> = operands.iter().map(|operand| self.counted.expr(operand)).collect();
                let floats = self.function.has_plain_literals();
                let contribution = Contribution { op: *op, operands, result, active: &active, spelling, floats };
                for (index, operand) in operands.iter().enumerate() {
                    let Expr::Operand(Operand::Place(source)) = operand else { continue };
                    if !self.varied.expr(operand) {
                        continue;
                    }
                    if let Some(flow) = contribution.of(index, Expr::place(adjoint.clone())) {
                        self.contribute(source, flow, false, false, backward);
                    }
                }
            }
            Value::Tuple(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.distribute(value, &adjoint.then(Step::Element(index as u32)), result, backward);
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    let tokens = proc_macro2::Literal::usize_unsuffixed(index);
                    let code = Code { tokens: tokens_of(tokens), reads: Vec::new(), repeatable: true, span: adjoint.span };
                    self.distribute(value, &adjoint.then(Step::Index(Operand::Code(code))), result, backward);
                }
            }
            Value::Repeat(value, _) => match &**value {
                Value::Expr(Expr::Operand(Operand::Place(source))) => {
                    if self.varied.place(source) {
                        self.ensure(source.root, backward);
                        let place = self.adjoint_place(source);
                        backward.push(Statement::AddEach { place, each: adjoint.clone() });
                    }
                }
                literals => assert!(!self.varied.value(literals), "what is repeated has a name"),
            },
            Value::Struct { fields, base, .. } => {
                let base = match base.as_deref() {
                    Some(Value::Expr(Expr::Operand(Operand::Place(base)))) => Some(base),
                    _ => None,
                };
                self.distribute_struct(fields, base, adjoint, result, backward);
            }
            Value::Expr(Expr::Operand(_)) | Value::ZerosLike(_) | Value::Zero | Value::Take(..) | Value::Late => {}
            Value::Blank | Value::EmptyVec | Value::Pop(_) | Value::ArrayLike(..) | Value::FieldTangent(_) => {}
            Value::NewTape(_) | Value::Records(_) | Value::Shape(_) => {}
        }
    }

    /// What the literal names flows to its parts, the rest to the base.
    fn distribute_struct(
        &mut self,
        fields: &[(Step, Value)],
        base: Option<&Place>,
        adjoint: &Place,
        result: &Expr,
        backward: &mut Block,
    ) {
        let Some(base) = base.filter(|base| self.varied.place(base)) else {
            return fields.iter().for_each(|(step, value)| {
                if self.varied.value(value) {
                    self.distribute(value, &adjoint.then(step.clone()), result, backward);
                }
            });
        };
        let rest = self.function.fresh("rest_bar", Kind::Space, true, Form::Owned, adjoint.span);
        backward.push(Statement::Let { var: rest, value: Some(Value::Clone(adjoint.clone())), ty: None });
        let rest = Place::whole(rest, adjoint.span);
        for (step, value) in fields {
            self.field_beside_base(base, step, value, rest.then(step.clone()), result, backward);
        }
        self.contribute(base, Expr::place(rest), false, true, backward);
    }

    /// Lets the part of an adjoint flow to the value of a field, and leaves zeros there for the base, of the shape of its field.
    fn field_beside_base(&mut self, base: &Place, step: &Step, value: &Value, part: Place, result: &Expr, backward: &mut Block) {
        let is_field = |source: &Place| matches!(source.path.last(), Some(Step::Field(_)));
        let may_hold_none = match value {
            Value::Expr(Expr::Operand(Operand::Code(_))) => true,
            Value::Expr(Expr::Operand(Operand::Place(source))) | Value::Clone(source) => is_field(source),
            _ => false,
        };
        if may_hold_none {
            self.distribute(value, &part, result, backward); // of code, nowhere
            let value = Value::FieldTangent(self.field_of(base, step, backward));
            return backward.push(Statement::Assign { place: part, value });
        }
        let taken = self.function.fresh("field_bar", Kind::Space, false, Form::Owned, part.span);
        let shape = (!self.is_scalar_value(value)).then(|| {
            let field = self.field_of(base, step, backward);
            let shape = self.function.fresh("field_shape", Kind::Space, false, Form::Owned, base.span);
            backward.push(Statement::Let { var: shape, value: Some(Value::Shape(field)), ty: None });
            shape
        });
        let span = part.span;
        backward.push(Statement::Let { var: taken, value: Some(Value::Take(part, shape)), ty: None });
        self.distribute(value, &Place::whole(taken, span), result, backward);
    }

    /// A field of a base, whose shape what stands in its place may not have: as its adjoint has it, or itself where that may be absent.
    fn field_of(&mut self, base: &Place, field: &Step, backward: &mut Block) -> Place {
        self.ensure(base.root, backward);
        let adjoint = self.adjoint_place(base);
        let like = if self.function.variable(adjoint.root).form == Form::Slot { base.clone() } else { adjoint };
        like.then(field.clone())
    }
}

fn copy_of(value: Expr) -> Value {
    match value {
        Expr::Operand(Operand::Place(source)) => Value::Clone(source),
        other => Value::Expr(other),
    }
}
