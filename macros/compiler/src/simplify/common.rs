//! `let v = exp(a); .. exp(a) .. ⟶ let v = exp(a); .. v ..`: what has a name is not computed twice.
//!
//! The same operation on the same unchanging operands gives the same bits, however it is spelt. Only what stands before in the same block, or
//! in a block around, is there. Before differentiation that holds of sums and products as well, `let a = x * x; let b = x * x; .. b .. ⟶ .. a ..`: the
//! back end would find them, but what flows back to `a` is then distributed once.

use std::collections::HashMap;

use crate::ir::sets::VarMap;
use crate::ir::{Block, Expr, Function, Operand, Place, Statement, Step, Value, Var, edit};
use crate::rules::Op;

use super::is_pure;

/// Uses values that have a name already, instead of what is dear.
pub fn share(function: &Function, block: &mut Block) {
    Names { function, known: HashMap::new(), same: None }.within(block);
}

/// Uses the first of all names that a value has.
pub fn merge(function: &Function, block: &mut Block) {
    Names { function, known: HashMap::new(), same: Some(VarMap::default()) }.within(block);
}

struct Names<'a> {
    function: &'a Function,
    /// The variable that holds an expression, by its text.
    known: HashMap<String, Var>,
    /// Where names are merged: the first name of a value that has several.
    same: Option<VarMap<Var>>,
}

impl Names<'_> {
    fn within(&mut self, block: &mut Block) {
        let outer = self.known.clone();
        for statement in block.iter_mut() {
            edit::own_exprs(statement, &mut |expr| self.replace(expr));
            edit::inner_blocks(statement, &mut |inner| self.within(inner));
            if let Statement::Let { var, value: Some(Value::Expr(expr)), .. } = statement
                && !self.function.variable(*var).mutable
            {
                self.name(*var, expr);
            }
        }
        self.known = outer;
        // what is computed once more under its own name, which a block around has
        block.retain(|statement| !is_itself(statement));
    }

    /// Notes what a variable holds.
    fn name(&mut self, var: Var, expr: &mut Expr) {
        let is_looked_up = matches!(expr, Expr::Apply(op, ..) if self.same.is_some() || !is_cheap(*op));
        if is_looked_up && is_pure(self.function, expr) {
            let first = *self.known.entry(key(expr)).or_insert(var);
            if first != var && self.same.is_some() {
                *expr = self.read(first);
            }
        }
        if let (Expr::Operand(Operand::Place(first)), Some(same)) = (expr, &mut self.same)
            && first.path.is_empty()
            && self.function.is_scalar(first.root)
            && self.function.is_scalar(var)
            && !self.function.variable(first.root).mutable
        {
            same.insert(var, first.root);
        }
    }

    fn read(&self, var: Var) -> Expr {
        Expr::place(Place::whole(var, self.function.variable(var).name.span()))
    }

    /// Replaces the parts of an expression that have a name, inner ones first: the dear ones, as the rest is not worth a register.
    fn replace(&self, expr: &mut Expr) {
        match expr {
            Expr::Operand(Operand::Place(place)) if place.path.is_empty() => {
                if let Some(first) = self.same.as_ref().and_then(|same| same.get(place.root)) {
                    *expr = self.read(*first);
                }
            }
            Expr::Operand(_) => {}
            Expr::Apply(op, arguments, _) => {
                arguments.iter_mut().for_each(|argument| self.replace(argument));
                if !is_cheap(*op)
                    && arguments.iter().all(|argument| is_pure(self.function, argument))
                    && let Some(var) = self.known.get(&key(expr))
                {
                    *expr = self.read(*var);
                }
            }
        }
    }
}

fn is_itself(statement: &Statement) -> bool {
    match statement {
        Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. } => {
            place.root == *var && place.path.is_empty()
        }
        _ => false,
    }
}

/// Whether an operation costs less than a register for its result: sums and products.
pub fn is_cheap(op: Op) -> bool {
    matches!(op.0.name, "add" | "sub" | "mul" | "neg")
}

/// A text that is equal for equal expressions.
pub fn key(expr: &Expr) -> String {
    match expr {
        Expr::Operand(Operand::Place(place)) => format!("{}{}", place.root.0, place.path.iter().map(step).collect::<String>()),
        Expr::Operand(Operand::Number(number)) => match &number.written {
            Some(written) => format!("'{written}'"),
            None => format!("{:x}", number.value.to_bits()),
        },
        Expr::Operand(Operand::Code(code)) => format!("'{}'", code.tokens),
        Expr::Apply(op, arguments, _) => {
            let arguments: Vec<String> = arguments.iter().map(key).collect();
            format!("{}({})", op.0.name, arguments.join(","))
        }
    }
}

fn step(step: &Step) -> String {
    match step {
        Step::Field(name) => format!(".{name}"),
        Step::Element(index) => format!(".{index}"),
        Step::Index(_) => "[]".to_owned(),
    }
}
