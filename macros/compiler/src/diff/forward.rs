//! Forward mode.
//!
//! *In:* a function. *Out:* the same statements, each followed by its tangent.
//!
//! ```text
//! let s = mul(w, x)      ⟶   let s = mul(w, x);  let s_dot = w_dot * x + x_dot * w
//! place = e              ⟶   place = e;          place_dot = (tangent of e)
//! let y = g(x)           ⟶   let (y, y_dot) = g's tangent at x along x_dot
//! records and tapes      ⟶   the same, with the tangents of what they hold
//! ```
//!
//! It maps what reverse mode gave as well: the tangent of a gradient is the Hessian in a direction.

use std::collections::BTreeSet;

use crate::analysis::activity::{self, Varied};
use crate::ir::names::Taken;
use crate::ir::sets::VarMap;
use crate::ir::{
    Argument, Arm, Back, Block, Branch, Call, CallMode, Expr, Form, Function, Kind, Lambda, Loop, Operand, Passed, Passing,
    Place, PushedBack, Saved, Seed, Statement, Step, Tangent, Tape, Value, Var, uses,
};
use crate::rules::{self, Contribution};

use super::shapes;

/// A function with its tangents.
#[derive(Debug)]
pub struct Pushed {
    /// The function, with the variables of the tangents.
    pub function: Function,
    /// Its statements.
    pub body: Block,
    /// For each parameter the variable of its tangent.
    pub dots: Vec<Option<Var>>,
    /// The tangent of the result.
    pub result: Option<Value>,
}

impl Pushed {
    /// The variables of the result and of its tangent.
    pub fn results(&self) -> BTreeSet<Var> {
        let mut results: BTreeSet<Var> = self.function.result.into_iter().collect();
        self.result.iter().for_each(|result| uses::value(result, &mut |var| _ = results.insert(var)));
        results
    }
}

/// A function that adds to slots, with its tangents.
#[derive(Debug)]
pub struct WithSlots {
    /// The function.
    pub pushed: Pushed,
    /// The slots of the tangents.
    pub slot_tangents: Vec<Option<Var>>,
    /// The tangent of the cotangent.
    pub seed_tangent: Option<Var>,
    /// How many statements the first `middle` ones became.
    pub middle: usize,
}

/// Adds the tangents to a function.
pub fn forward(function: &Function) -> Pushed {
    forward_with_slots(function, &[], None, 0).pushed
}

/// The same where the function adds to slots, each of which gets one for its tangent; where a cotangent is given, its tangent is too.
pub fn forward_with_slots(function: &Function, slots: &[Option<Var>], seed: Option<Var>, middle: usize) -> WithSlots {
    // the slot of what is changed holds a cotangent on entry, which has a tangent
    let of_changed = function.parameters.iter().zip(slots).filter(|(parameter, _)| parameter.passing == Passing::Mutable);
    let further: Vec<Var> = seed.into_iter().chain(of_changed.filter_map(|(_, slot)| *slot)).collect();
    let varied = activity::varied_with(function, &further);
    let mut pusher =
        Pusher { counted: varied.clone(), varied, function: function.clone(), tangents: VarMap::default(), direction: None };
    let slot_tangents = slots.iter().map(|slot| slot.map(|slot| pusher.tangent(slot))).collect();
    let seed_tangent = seed.map(|seed| pusher.tangent(seed));
    let mut body = Vec::new();
    let dots = pusher.parameters(&mut body);
    body.extend(function.body[..middle].iter().flat_map(|statement| pusher.statement(statement)));
    let (first, second) = (body.len(), &function.body[middle..]);
    body.extend(second.iter().flat_map(|statement| pusher.statement(statement)));
    let result = function.result.map(|result| {
        let place = Place::whole(result, function.variable(result).name.span());
        pusher.tangent_of_place(&place)
    });
    WithSlots { pushed: Pushed { function: pusher.function, body, dots, result }, slot_tangents, seed_tangent, middle: first }
}

/// Adds tangents to statements.
pub(super) struct Pusher {
    pub(super) function: Function,
    varied: Varied,
    /// What counts as active at kinks.
    counted: Varied,
    tangents: VarMap<Var>,
    /// The parameter in whose direction it goes, where it is one.
    direction: Option<Var>,
}

impl Pusher {
    /// In the direction of one parameter: at kinks the others count as active too.
    pub(super) fn towards(function: &Function, parameter: Var) -> Self {
        let mut alone = function.clone();
        alone.parameters.iter_mut().for_each(|p| p.active = p.var == parameter);
        let nothing = Function::new(None, Vec::new(), Taken::default());
        let counted = activity::counted(function);
        Self {
            varied: activity::varied(&alone),
            counted,
            function: nothing,
            tangents: VarMap::default(),
            direction: Some(parameter),
        }
    }

    /// Whether the variable varies in this direction.
    pub(super) fn varies(&self, var: Var) -> bool {
        self.varied.var(var)
    }

    /// Whether this is the direction of the variable: its tangent is one, as long as it is not assigned.
    pub(super) fn is_direction(&self, var: Var) -> bool {
        self.direction == Some(var)
    }

    /// The tangent of a variable that varies and has none yet.
    pub(super) fn undeclared(&mut self, var: Var) -> Option<Var> {
        (self.varied.var(var) && !self.tangents.contains(var)).then(|| self.tangent(var))
    }

    /// Works on a function that it shares with others.
    pub(super) fn with<R>(&mut self, shared: &mut Function, work: impl FnOnce(&mut Self) -> R) -> R {
        std::mem::swap(&mut self.function, shared);
        let result = work(self);
        std::mem::swap(&mut self.function, shared);
        result
    }

    fn parameters(&mut self, body: &mut Block) -> Vec<Option<Var>> {
        let mut dots = Vec::new();
        for parameter in self.function.parameters.clone() {
            let variable = self.function.variable(parameter.var).clone();
            let span = variable.name.span();
            let name = if variable.name == "this" { "self".to_owned() } else { variable.name.to_string() };
            let form = if parameter.passing == Passing::Mutable { Form::Reference } else { Form::Dot };
            let changes = parameter.passing == Passing::Mutable;
            let dot = parameter.active.then(|| self.function.fresh(&format!("{name}_dot"), variable.kind, changes, form, span));
            let changed = variable.mutable && parameter.passing != Passing::Mutable;
            match dot {
                Some(dot) if !changed && parameter.passing != Passing::Scalar => drop(self.tangents.insert(parameter.var, dot)),
                _ if changed && self.varied.var(parameter.var) || parameter.active => {
                    let own = self.tangent(parameter.var);
                    let place = Place::whole(parameter.var, span);
                    let value = match dot {
                        Some(dot) => Value::Clone(Place::whole(dot, span)),
                        None => self.zeros(&place),
                    };
                    body.push(Statement::Let { var: own, value: Some(value), ty: None });
                }
                _ => {}
            }
            dots.push(dot);
        }
        dots
    }

    fn zeros(&self, place: &Place) -> Value {
        if place.path.is_empty() && self.function.is_scalar(place.root) { Value::Zero } else { Value::ZerosLike(place.clone()) }
    }

    pub(super) fn tangent(&mut self, var: Var) -> Var {
        if let Some(tangent) = self.tangents.get(var) {
            return *tangent;
        }
        let variable = self.function.variable(var).clone();
        let kind = if variable.kind == Kind::Inactive { Kind::Space } else { variable.kind };
        let form = match variable.form {
            Form::Slot | Form::Late | Form::Reference => variable.form,
            Form::Owned | Form::Dot => Form::Owned,
        };
        let tangent = self.function.fresh(&format!("{}_dot", variable.name), kind, variable.mutable, form, variable.name.span());
        self.tangents.insert(var, tangent);
        if self.function.buffers.contains(&var) {
            self.function.buffers.insert(tangent);
        }
        tangent
    }

    fn tangent_place(&mut self, place: &Place) -> Place {
        let tangent = self.tangent(place.root);
        place.under(tangent)
    }

    pub(super) fn tangent_of_place(&mut self, place: &Place) -> Value {
        if self.varied.place(place) { Value::Expr(Expr::place(self.tangent_place(place))) } else { self.zeros(place) }
    }

    fn block(&mut self, block: &Block) -> Block {
        block.iter().flat_map(|statement| self.statement(statement)).collect()
    }

    pub(super) fn statement(&mut self, statement: &Statement) -> Block {
        let mut both = vec![statement.clone()];
        match statement {
            Statement::Let { var, value, ty } if self.varied.var(*var) => {
                let place = Place::whole(*var, self.function.variable(*var).name.span());
                let value = value.as_ref().map(|value| self.tangent_of(value, &place));
                let tangent = self.tangent(*var);
                both.push(Statement::Let { var: tangent, value, ty: ty.clone() });
            }
            Statement::Assign { place, value } if self.varied.place(place) => {
                let value = match value {
                    value if shapes::is_inactive_field(place, value) => Value::FieldTangent(place.clone()),
                    // the shape of such a field
                    Value::Clone(source) if matches!(place.path.last(), Some(Step::Field(_))) && !self.varied.place(source) => {
                        Value::FieldTangent(source.clone())
                    }
                    value => self.tangent_of(value, place),
                };
                both.push(Statement::Assign { place: self.tangent_place(place), value });
            }
            Statement::Push { place, value } if self.varied.place(place) => {
                let nowhere = Place::whole(Var(0), proc_macro2::Span::mixed_site());
                let value = match value {
                    // an element without derivative: zeros of its shape
                    Value::Expr(Expr::Operand(Operand::Code(_))) => Value::Zero,
                    value => self.tangent_of(value, &nowhere),
                };
                both.push(Statement::Push { place: self.tangent_place(place), value });
            }
            Statement::Add { place, value, subtract, whole } => {
                if let Some(value) = self.tangent_of_expr(value, value) {
                    both.push(Statement::Add { place: self.tangent_place(place), value, subtract: *subtract, whole: *whole });
                }
            }
            Statement::Swap { first, second } if self.varied.place(first) => {
                both.push(Statement::Swap { first: self.tangent_place(first), second: self.tangent_place(second) });
            }
            Statement::AddEach { place, each } if self.varied.place(each) => {
                both.push(Statement::AddEach { place: self.tangent_place(place), each: self.tangent_place(each) });
            }
            Statement::Branch(branch) => {
                let arm = |arm: &Arm| Arm { body: self.block(&arm.body), saved: self.saved(&arm.saved), ..arm.clone() };
                let arms = branch.arms.iter().map(arm).collect();
                return vec![Statement::Branch(Branch { arms, ..branch.clone() })];
            }
            Statement::Unwind { record, arms } => {
                let arms = arms.iter().map(|(saved, body)| (self.saved(saved), self.block(body))).collect();
                return vec![Statement::Unwind { record: *record, arms }];
            }
            Statement::Loop(each) => {
                let body = self.block(&each.body);
                let tape = each.tape.as_ref().map(|tape| Tape { saved: self.saved(&tape.saved), ..tape.clone() });
                return vec![Statement::Loop(Loop { body, tape, ..each.clone() })];
            }
            Statement::Call(call) => return vec![self.call(call)],
            Statement::Back(back) => return vec![self.back(back)],
            _ => {}
        }
        both
    }

    /// The tangent of what is stored in `place`.
    fn tangent_of(&mut self, value: &Value, place: &Place) -> Value {
        match value {
            Value::Expr(Expr::Operand(Operand::Place(source))) => self.tangent_of_place(source),
            Value::Clone(source) => match self.tangent_of_place(source) {
                Value::Expr(Expr::Operand(Operand::Place(tangent))) => Value::Clone(tangent),
                zeros => zeros,
            },
            Value::Expr(Expr::Operand(Operand::Number(_))) | Value::Zero => Value::Zero,
            Value::Expr(Expr::Operand(Operand::Code(_))) => self.zeros(place),
            Value::Expr(expr @ Expr::Apply(..)) => {
                let result = Expr::place(place.clone());
                self.tangent_of_expr(expr, &result).map_or(Value::Zero, Value::Expr)
            }
            Value::Tuple(values) => {
                let parts = values.iter().enumerate().map(|(i, value)| self.part(value, &place.then(Step::Element(i as u32))));
                Value::Tuple(parts.collect())
            }
            Value::Array(values) => {
                let parts = values.iter().enumerate().map(|(i, value)| self.part(value, &place.then(Step::constant(i))));
                Value::Array(parts.collect())
            }
            Value::Repeat(_, length) if length.is_inferred() => Value::ZerosLike(place.clone()),
            Value::Repeat(value, length) => {
                let part = self.part(value, &place.then(Step::constant(0)));
                Value::Repeat(Box::new(part), length.clone())
            }
            Value::Struct { path, fields, base, tuple } => self.structure(path, fields, base.as_deref(), *tuple, place),
            Value::Take(taken, shape) if self.varied.place(taken) => Value::Take(self.tangent_place(taken), *shape),
            Value::Take(..) => self.zeros(place),
            Value::ZerosLike(_)
            | Value::Shape(_)
            | Value::Blank
            | Value::Late
            | Value::EmptyVec
            | Value::ArrayLike(..)
            | Value::FieldTangent(_) => value.clone(),
            Value::NewTape(_) | Value::Records(_) => value.clone(),
            Value::Pop(popped) if self.varied.place(popped) => Value::Pop(self.tangent_place(popped)),
            Value::Pop(_) => self.zeros(place),
        }
    }

    /// The tangent of a scalar expression whose value is `result`: none where it is zero.
    fn tangent_of_expr(&mut self, expr: &Expr, result: &Expr) -> Option<Expr> {
        let (op, operands, spelling) = match expr {
            Expr::Operand(Operand::Place(source)) if self.varied.place(source) => {
                return Some(Expr::place(self.tangent_place(source)));
            }
            Expr::Operand(_) => return None,
            Expr::Apply(op, operands, spelling) => (*op, operands, spelling),
        };
        let active: Vec<bool> = operands.iter().map(|operand| self.counted.expr(operand)).collect();
        if op.0.name == "convert" {
            // the tangent takes the type of the result, as the cotangent takes that of the operand
            let tangent = self.tangent_of_expr(&operands[0], &operands[0])?;
            return Some(Expr::apply(rules::op("d_convert"), vec![result.clone(), tangent]));
        }
        if op.0.name == "d_convert" {
            // so is the tangent of a cotangent: of the type that the cotangent was converted to
            let tangent = self.tangent_of_expr(&operands[1], &operands[1])?;
            return Some(Expr::apply(op, vec![operands[0].clone(), tangent]));
        }
        let mut terms = Vec::new();
        let floats = self.function.has_plain_literals();
        for (index, operand) in operands.iter().enumerate() {
            let tangent = self.tangent_of_expr(operand, operand);
            let contribution = Contribution { op, operands, result, active: &active, spelling, floats };
            terms.extend(tangent.and_then(|tangent| contribution.of(index, tangent)));
        }
        terms.into_iter().reduce(sum)
    }

    /// A record, with the tangents of what it holds.
    fn saved(&mut self, saved: &[Saved]) -> Vec<Saved> {
        let mut all = saved.to_vec();
        for saved in saved {
            if self.varied.var(saved.var) {
                all.push(Saved { var: self.tangent(saved.var), ..*saved });
            }
        }
        all
    }

    /// The tangent of a part, which is at `place`.
    fn part(&mut self, value: &Value, place: &Place) -> Value {
        match value {
            Value::Expr(Expr::Operand(Operand::Code(_))) => Value::FieldTangent(place.clone()),
            other => self.tangent_of(other, place),
        }
    }

    /// The tangent of a struct's literal; what is inactive in it has the tangent of a zero.
    fn structure(
        &mut self,
        path: &proc_macro2::TokenStream,
        fields: &[(Step, Value)],
        base: Option<&Value>,
        tuple: bool,
        place: &Place,
    ) -> Value {
        let fields = fields
            .iter()
            .map(|(step, value)| {
                let tangent = self.part(value, &place.then(step.clone()));
                (step.clone(), tangent)
            })
            .collect();
        let base = base.map(|base| Box::new(self.tangent_of(base, place)));
        Value::Struct { path: path.clone(), fields, base, tuple }
    }

    fn call(&mut self, call: &Call) -> Statement {
        if !call.is_active() {
            return Statement::Call(call.clone());
        }
        let tangents = self.tangents(&call.arguments);
        let tangent = self.tangent(call.result);
        let mode = match &call.mode {
            CallMode::Split(back) => CallMode::SplitTangent(*back, tangent, tangents),
            _ => CallMode::Tangent(tangent, tangents),
        };
        Statement::Call(Call { mode, ..call.clone() })
    }

    fn tangents(&mut self, arguments: &[Argument]) -> Vec<Tangent> {
        let tangents = arguments.iter().map(|argument| match &argument.passed {
            Passed::Closure(lambda, _) => Tangent::Closure(Box::new(self.lambda(lambda))),
            _ if !argument.active => Tangent::Inactive,
            Passed::Value(Operand::Place(place)) if self.varied.place(place) => {
                Tangent::Expr(Expr::place(self.tangent_place(place)))
            }
            Passed::Shared(place) | Passed::Mutable(place) | Passed::Lent(place) | Passed::Receiver(place)
                if self.varied.place(place) =>
            {
                Tangent::Place(self.tangent_place(place))
            }
            _ => Tangent::Inactive,
        });
        tangents.collect()
    }

    /// The backward half of a call, with the tangents of all that it takes.
    fn back(&mut self, back: &Back) -> Statement {
        let dots = self.tangents(&back.again);
        let seed = match &back.seed {
            Seed::Place(place) if self.varied.place(place) => Seed::Place(self.tangent_place(place)),
            Seed::Place(place) => Seed::ZerosLike(place.root),
            zeros => zeros.clone(),
        };
        let slots = back.slots.iter().map(|slot| slot.as_ref().map(|slot| self.tangent_place(slot))).collect();
        let companions = back.companions.iter().map(|lambda| lambda.as_ref().map(|lambda| self.lambda(lambda))).collect();
        Statement::Back(Back { pushed: Some(PushedBack { dots, seed, slots, companions }), ..back.clone() })
    }

    /// The forward mode of a closure: called with the tangents beside, it gives the tangents beside.
    fn lambda(&mut self, lambda: &Lambda) -> Lambda {
        let mut inputs = lambda.inputs.clone();
        let mut body = Vec::new();
        for (var, _) in &lambda.inputs {
            let variable = self.function.variable(*var).clone();
            let (wish, span) = (format!("{}_dot", variable.name), variable.name.span());
            if variable.form != Form::Owned || variable.kind != Kind::Scalar {
                let form = if variable.form == Form::Slot { Form::Slot } else { Form::Dot };
                let form = if lambda.seed == Some(*var) { Form::Reference } else { form };
                let dot = self.function.fresh(&wish, variable.kind, form == Form::Slot, form, span);
                self.function.primal_of_dot.insert(dot, *var);
                self.tangents.insert(*var, dot);
                inputs.push((dot, None));
                continue;
            }
            let dot = self.function.fresh(&wish, variable.kind, false, Form::Dot, span);
            self.function.primal_of_dot.insert(dot, *var);
            inputs.push((dot, None));
            let own = self.function.fresh(&wish, variable.kind, false, Form::Owned, span);
            self.tangents.insert(*var, own);
            body.push(Statement::Let { var: own, value: Some(Value::Clone(Place::whole(dot, span))), ty: None });
        }
        body.extend(self.block(&lambda.body));
        let tangents = lambda.results.iter().map(|result| match result {
            Value::Expr(Expr::Operand(Operand::Place(place))) if !self.varied.place(place) => {
                if self.function.is_scalar(place.root) { Value::Zero } else { Value::FieldTangent(place.clone()) }
            }
            result => self.tangent_of(result, &Place::whole(Var(0), proc_macro2::Span::mixed_site())),
        });
        let tangents: Vec<_> = tangents.collect();
        let results = lambda.results.iter().cloned().chain(tangents).collect();
        Lambda { inputs, seed: lambda.seed, body, results }
    }
}

fn sum(left: Expr, right: Expr) -> Expr {
    match right {
        Expr::Apply(op, mut arguments, _) if op.0.name == "neg" => Expr::apply(rules::op("sub"), vec![left, arguments.remove(0)]),
        right => Expr::apply(rules::op("add"), vec![left, right]),
    }
}
