//! Whether reverse or forward mode gives the gradient for less.
//!
//! *In:* a function, and the blocks that both modes made of it. *Out:* which one `vjp` and `grad` run.
//!
//! Reverse mode costs a few times the function whatever the number of its inputs, and a record for each value that it needs again; forward
//! mode costs a tangent for every operation and input, and no records. Both are counted on the representation, in units of an addition:
//!
//! | what | units |
//! | --- | --- |
//! | `+ − ·`, `min`, `max`, `abs` | 1 |
//! | `/`, `√` | 5 |
//! | other maths | 20 |
//! | a value written to a tape, or read from one | 3 |
//! | a loop | its body, times its trips where they are literal, else times 16 |
//!
//! Forward mode stands for reverse mode only where it gives the same answer: where no operation has a partial derivative that may be infinite
//! (a factor of zero later on takes it out backward, and makes NaN of it forward), where nothing is called, and where the inputs are
//! scalars by value and the result is one.

use crate::ir::{Block, Expr, Function, Header, Passing, Statement, Value, edit};

/// Operations whose partial derivatives are infinite where they are not. (Those of `exp` and `cosh` are infinite only where the value is, like
/// a factor of a product.)
const SINGULAR: &[&str] = &[
    "div",
    "rem",
    "recip",
    "sqrt",
    "cbrt",
    "powi",
    "powf",
    "ln",
    "log",
    "log2",
    "log10",
    "ln_1p",
    "tan",
    "asin",
    "acos",
    "acosh",
    "atanh",
    "hypot",
    "atan2",
    "rem_euclid",
    "d_given",
];

/// Whether a gradient may be made by forward mode.
pub fn may_push(function: &Function, body: &Block) -> bool {
    let scalars = function.parameters.iter().filter(|p| p.active).all(|p| p.passing == Passing::Scalar);
    let result = function.result.is_some_and(|result| function.is_scalar(result));
    scalars && result && modes_agree(body)
}

/// Whether forward mode gives what reverse mode gives, at every point.
pub fn modes_agree(body: &Block) -> bool {
    is_regular(&mut body.clone()) && !calls(body)
}

fn is_regular(body: &mut Block) -> bool {
    let mut regular = true;
    edit::exprs(body, &mut |expr| regular &= is_regular_expr(expr));
    regular
}

fn is_regular_expr(expr: &Expr) -> bool {
    match expr {
        Expr::Operand(_) => true,
        Expr::Apply(op, arguments, _) => !SINGULAR.contains(&op.0.name) && arguments.iter().all(is_regular_expr),
    }
}

fn calls(body: &Block) -> bool {
    body.iter().any(|statement| match statement {
        Statement::Call(_) | Statement::Back(_) | Statement::Push { .. } => true,
        Statement::Branch(branch) => branch.arms.iter().any(|arm| calls(&arm.body)),
        Statement::Loop(each) => calls(&each.body),
        _ => false,
    })
}

/// What running the block costs, in additions.
pub fn cost(block: &Block) -> u64 {
    block.iter().map(statement).sum()
}

fn statement(inner: &Statement) -> u64 {
    match inner {
        Statement::Let { value: Some(stored), .. } | Statement::Assign { value: stored, .. } => value(stored),
        Statement::Add { value, .. } => 1 + cost_of(value),
        Statement::Branch(branch) => {
            let records = branch.arms.iter().map(|arm| arm.saved.len() as u64).max().unwrap_or(0);
            1 + records + branch.arms.iter().map(|arm| cost(&arm.body)).max().unwrap_or(0)
        }
        Statement::Unwind { arms, .. } => 1 + arms.iter().map(|(_, body)| cost(body)).max().unwrap_or(0),
        Statement::Loop(each) => {
            let records = each.tape.as_ref().map_or(0, |tape| 3 * tape.saved.len() as u64);
            trips(&each.header).saturating_mul(1 + records + cost(&each.body))
        }
        _ => 1,
    }
}

fn trips(header: &Header) -> u64 {
    const UNKNOWN: u64 = 16;
    let Header::Range(range) = header else { return UNKNOWN };
    range.literal().map_or(UNKNOWN, |range| range.len() as u64)
}

fn value(stored: &Value) -> u64 {
    match stored {
        Value::Expr(inner) => cost_of(inner),
        Value::Tuple(values) | Value::Array(values) => values.iter().map(value).sum(),
        _ => 1,
    }
}

/// What evaluating the expression costs.
pub fn cost_of(inner: &Expr) -> u64 {
    match inner {
        Expr::Operand(_) => 0,
        Expr::Apply(op, arguments, _) => {
            let own = match op.0.name {
                "add" | "sub" | "mul" | "neg" | "min" | "max" | "abs" | "convert" => 1,
                "div" | "sqrt" => 5,
                _ => 20,
            };
            own + arguments.iter().map(cost_of).sum::<u64>()
        }
    }
}
