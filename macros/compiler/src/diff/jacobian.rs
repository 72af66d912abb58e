//! The Jacobian of a straight line: by rows or by columns, whichever costs less.
//!
//! *In:* a function and the layouts of its active parameters. *Out:* statements, and an expression for each entry that is not zero whatever the
//! arguments are. None where the function is no [`line()`], or where the statements would be many.
//!
//! Columns come into question only where forward mode gives what reverse mode gives at every point.
//! By rows it is one line and, for each scalar of the result, its backward sweep with the cotangent 1; by columns one line and, for each scalar of
//! the parameters, its tangents in the direction 1. Ones are multiplied by nothing, so that what is linear is a constant; what no derivative
//! flows through has no statements, so that a triangular Jacobian costs its triangle. What entries have in common is computed once, and the part of
//! the line that only the value needs is not computed at all.
//!
//! ```text
//! [x · y, sin(y)]   ⟶   let d_y = cos(y);   entries: [y, x], [0, d_y]
//! ```

use proc_macro2::Span;

use crate::analysis::mode;
use crate::ir::{Block, Expr, Form, Function, Kind, Number, Operand, Passing, Statement, Value, Var};
use crate::simplify;

use super::Derivatives;
use super::directions::Along;
use super::line::{Line, Tree, line, own};
use super::reverse;
use super::unrolled::used;

/// A Jacobian as statements and entries.
#[derive(Debug)]
pub struct Jacobian {
    /// The function, with the variables of the statements.
    pub function: Function,
    /// The statements.
    pub body: Block,
    /// The rows: for each scalar of the active parameters, in order, an entry; none where it is zero.
    pub rows: Vec<Vec<Option<Expr>>>,
    /// Whether the rows were computed one by one; else the columns were.
    pub by_rows: bool,
}

/// How the Jacobian of a function is made.
#[derive(Debug)]
pub enum Plan {
    /// Written out.
    WrittenOut(Box<Jacobian>),
    /// By a sweep for each row, or for each column where that is possible and costs less.
    Sweeps(Option<Costs>),
}

/// What sweeps cost.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// The function with its tangent in one direction.
    pub column: u64,
    /// The forward sweep.
    pub forward: u64,
    /// The backward sweep.
    pub row: u64,
}

/// The most statements that are written out.
const LONGEST: usize = 512;

/// Plans the Jacobian of a function with these derivatives, whose result has so many scalars if that is known.
pub fn plan(function: &Function, derivatives: &Derivatives, layouts: &[Option<Tree<()>>], outputs: Option<usize>) -> Plan {
    if let Some(jacobian) = outputs.and_then(|outputs| jacobian(function, layouts, outputs)) {
        return Plan::WrittenOut(Box::new(jacobian));
    }
    // a column is the function once more: what it calls and changes would be run and changed again
    let again = mode::modes_agree(&function.body) && !function.parameters.iter().any(|p| p.passing == Passing::Mutable);
    Plan::Sweeps(again.then(|| Costs {
        column: mode::cost(&derivatives.pushed.body),
        forward: mode::cost(&derivatives.reversed.forward),
        row: mode::cost(&derivatives.reversed.backward),
    }))
}

fn jacobian(function: &Function, layouts: &[Option<Tree<()>>], outputs: usize) -> Option<Jacobian> {
    let line = line(function, layouts)?;
    if line.outputs.len() != outputs {
        return None;
    }
    let parameters = &function.parameters;
    let finished = |jacobian: Jacobian| {
        let mut jacobian = simplified(jacobian, &line.loads);
        jacobian.function.parameters.clone_from(parameters);
        jacobian
    };
    let rows = finished(by_rows(&line));
    let columns = mode::modes_agree(&line.function.body).then(|| finished(by_columns(&line)));
    let best = columns.filter(|columns| columns.cost() < rows.cost()).unwrap_or(rows);
    (best.body.len() <= LONGEST).then_some(best)
}

impl Jacobian {
    fn cost(&self) -> u64 {
        mode::cost(&self.body) + self.rows.iter().flatten().flatten().map(mode::cost_of).sum::<u64>()
    }
}

/// One backward sweep for each scalar of the result.
fn by_rows(line: &Line) -> Jacobian {
    let mut function = line.function.clone();
    let mut body = line.function.body.clone();
    let mut rows = Vec::new();
    for output in &line.outputs {
        let mut row = vec![None; line.function.parameters.len()];
        if let Some(result) = own(&function, output) {
            function.result = Some(result);
            let reversed = reverse::reverse(&function);
            function = reversed.function;
            function.variables[reversed.seed.0 as usize].form = Form::Owned;
            let one = Value::Expr(Expr::Operand(Operand::Number(Number { written: None, value: 1.0 })));
            body.push(Statement::Let { var: reversed.seed, value: Some(one), ty: None });
            for statement in reversed.backward {
                match slot_of(&statement, &reversed.slots) {
                    Some((column, entry)) => row[column] = Some(entry),
                    None => body.push(statement),
                }
            }
        }
        rows.push(row);
    }
    Jacobian { function, body, rows, by_rows: true }
}

/// What is added to a slot, at the end of a sweep and once for each.
fn slot_of(statement: &Statement, slots: &[Option<Var>]) -> Option<(usize, Expr)> {
    let Statement::Add { place, value, .. } = statement else { return None };
    let column = slots.iter().position(|slot| *slot == Some(place.root))?;
    Some((column, value.clone()))
}

/// The tangents in the direction of each scalar of the parameters.
fn by_columns(line: &Line) -> Jacobian {
    let mut along = Along::inputs(&line.function);
    let nothing = || vec![None; line.function.parameters.len()];
    let rows = line.outputs.iter().map(|output| match output {
        Operand::Place(place) => along.tangents(place),
        _ => nothing(),
    });
    let rows = rows.collect();
    Jacobian { function: along.function, body: along.body, rows, by_rows: false }
}

/// The entries are the last statements while they are simplified with the others. Of the parameters' scalars those are read that are used.
fn simplified(mut jacobian: Jacobian, loads: &Block) -> Jacobian {
    let Jacobian { function, body, rows, .. } = &mut jacobian;
    let mut named = Vec::new();
    for entry in rows.iter_mut().flatten() {
        let Some(value) = entry.take() else { continue };
        let var = function.fresh("entry", Kind::Scalar, false, Form::Owned, Span::mixed_site());
        body.push(Statement::Let { var, value: Some(Value::Expr(value)), ty: None });
        named.push((var, entry));
    }
    simplify::straight(function, body, &named.iter().map(|(var, _)| *var).collect());
    for (var, entry) in named {
        let position = body.iter().position(|statement| matches!(statement, Statement::Let { var: own, .. } if *own == var));
        if let Statement::Let { value: Some(Value::Expr(value)), .. } = body.remove(position.expect("entries are kept")) {
            *entry = Some(value);
        }
    }
    let entries: Vec<&Expr> = rows.iter().flatten().flatten().collect();
    body.splice(0..0, used(loads, body, &entries));
    jacobian
}
