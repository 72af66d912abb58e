//! Which variables depend on an active parameter.
//!
//! *In:* a function. *Out:* the set of *varied* variables: those that an active value reaches. A fixpoint over the statements,
//! as loops carry values backwards. Which of them the results depend on, is not asked here (`useful`).

use super::useful;
use crate::ir::sets::VarSet;
use crate::ir::{Block, CallMode, Expr, Function, Kind, Operand, Passed, Passing, Place, Statement, Value, Var, uses};

/// The varied variables.
#[derive(Clone, Debug, Default)]
pub struct Varied {
    vars: VarSet,
}

/// Finds the varied variables.
pub fn varied(function: &Function) -> Varied {
    varied_with(function, &[])
}

/// The variables that count as active at kinks.
pub fn counted(function: &Function) -> Varied {
    let further: Vec<Var> = function.counted.iter().copied().collect();
    varied_with(function, &further)
}

/// Whether an active parameter reaches the result, or what is left in a `&mut` parameter.
pub fn reaches_a_result(function: &Function) -> bool {
    let changes = function.parameters.iter().any(|p| p.active && p.passing == Passing::Mutable);
    changes || function.result.is_some_and(|result| varied(function).var(result))
}

/// Whether the parameter reaches the result, or what is left in an active `&mut` parameter.
pub fn is_used(function: &Function, parameter: Var) -> bool {
    let mut varied = Varied::default();
    varied.vars.insert(parameter);
    varied.close(function);
    let is_output = |p: &crate::ir::Parameter| p.active && p.passing == Passing::Mutable;
    let outputs = function.parameters.iter().filter(|p| is_output(p)).map(|p| p.var);
    outputs.chain(function.result).any(|output| varied.var(output))
}

/// The same where further variables vary.
pub fn varied_with(function: &Function, further: &[Var]) -> Varied {
    let mut varied = Varied::default();
    varied.vars.extend(further.iter().copied());
    varied.vars.extend(active_parameters(function));
    varied.close(function);
    varied
}

fn active_parameters(function: &Function) -> impl Iterator<Item = Var> {
    function.parameters.iter().filter(|parameter| parameter.active).map(|parameter| parameter.var)
}

impl Varied {
    /// Adds what varies with the variables that are in it.
    fn close(&mut self, function: &Function) {
        let mut before = 0;
        while self.vars.len() > before {
            before = self.vars.len();
            self.block(function, &function.body);
        }
    }

    /// Those alone that a result depends on, and the active parameters, which have slots.
    pub fn useful(mut self, function: &Function) -> Self {
        let mut useful = useful::useful(function);
        useful.extend(active_parameters(function));
        self.vars.intersect(&useful);
        self
    }

    /// Whether the variable is varied.
    pub fn var(&self, var: Var) -> bool {
        self.vars.contains(var)
    }

    /// Whether the place is part of a varied variable.
    pub fn place(&self, place: &Place) -> bool {
        self.var(place.root)
    }

    /// Whether the operand carries a derivative.
    pub fn operand(&self, operand: &Operand) -> bool {
        matches!(operand, Operand::Place(place) if self.place(place))
    }

    /// Whether the expression's derivative is not structurally zero.
    pub fn expr(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Operand(operand) => self.operand(operand),
            Expr::Apply(op, arguments, _) => {
                let flows = |i: usize| op.0.contributions.get(i).is_none_or(|formula| *formula != "0");
                arguments.iter().enumerate().any(|(i, argument)| flows(i) && self.expr(argument))
            }
        }
    }

    /// Whether any part of the value carries a derivative.
    pub fn value(&self, value: &Value) -> bool {
        match value {
            Value::Expr(expr) => self.expr(expr),
            Value::Tuple(values) | Value::Array(values) => values.iter().any(|value| self.value(value)),
            Value::Repeat(value, _) => self.value(value),
            Value::Struct { fields, base, .. } => {
                fields.iter().any(|(_, value)| self.value(value)) || base.as_ref().is_some_and(|base| self.value(base))
            }
            Value::Clone(place) | Value::Take(place, _) | Value::Pop(place) => self.place(place),
            Value::ZerosLike(_)
            | Value::Shape(_)
            | Value::Zero
            | Value::Blank
            | Value::Late
            | Value::EmptyVec
            | Value::ArrayLike(..)
            | Value::FieldTangent(_) => false,
            Value::NewTape(_) | Value::Records(_) => false,
        }
    }

    fn block(&mut self, function: &Function, block: &Block) {
        block.iter().for_each(|statement| self.statement(function, statement));
    }

    /// What closures are called with: the callee decides, so all of it that can.
    fn lambdas(&mut self, function: &Function, statement: &Statement) {
        for lambda in uses::lambdas(statement) {
            self.vars.extend(lambda.binds().filter(|var| function.variable(*var).kind != Kind::Inactive));
            self.block(function, &lambda.body);
        }
    }

    fn statement(&mut self, function: &Function, statement: &Statement) {
        match statement {
            Statement::Let { var, value: Some(value), .. } if self.value(value) => drop(self.vars.insert(*var)),
            Statement::Assign { place, value } | Statement::Push { place, value } if self.value(value) => {
                _ = self.vars.insert(place.root);
            }
            Statement::Add { place, value, .. } if self.expr(value) => drop(self.vars.insert(place.root)),
            Statement::Swap { first, second } if self.place(first) || self.place(second) => {
                self.vars.extend([first.root, second.root]);
            }
            Statement::AddEach { place, each } if self.place(each) => drop(self.vars.insert(place.root)),
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| self.block(function, &arm.body)),
            Statement::Loop(each) => self.block(function, &each.body),
            Statement::Back(back) => {
                self.vars.extend(back.slots.iter().flatten().map(|slot| slot.root));
                self.lambdas(function, statement);
            }
            Statement::Unwind { arms, .. } => arms.iter().for_each(|(_, body)| self.block(function, body)),
            Statement::Call(call) if call.is_active() => {
                self.vars.insert(call.result);
                self.lambdas(function, statement);
                if let CallMode::Tangent(tangent, _) | CallMode::SplitTangent(_, tangent, _) = &call.mode {
                    self.vars.insert(*tangent);
                }
                for argument in &call.arguments {
                    match &argument.passed {
                        Passed::Mutable(place) | Passed::Lent(place) => drop(self.vars.insert(place.root)),
                        Passed::Receiver(place) if argument.active => drop(self.vars.insert(place.root)),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}
