//! What the reverse sweep needs of the forward sweep, and how it gets it: by keeping a value, or by computing it again.
//!
//! *In:* the forward and the reverse statements of a block that the reverse sweep enters anew (a branch, an iteration, the
//! backward half of a function). *Out:* the variables to be recorded, and the statements that are repeated in front of the
//! reverse ones.
//!
//! Transcendental results, divisions, results of calls and reads of memory that may change are kept; cheap arithmetic, indices,
//! references and copies of places that do not change are computed again where all that they need is there: outside of the
//! block, kept already, or itself computed again.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Block, CallMode, Expr, Function, Kind, Operand, Place, Saved, Statement, Step, Value, Var, uses};

/// What is kept, and what is repeated.
#[derive(Debug, Default)]
pub struct Plan {
    /// The variables to be recorded, in the order of their declaration.
    pub saved: Vec<Saved>,
    /// The declarations to be repeated before the reverse statements.
    pub repeated: Block,
}

/// Decides for the variables that `forward` declares, or that are `bound` on its entry, and that `reverse` mentions.
pub fn plan(function: &Function, bound: &[Var], forward: &Block, reverse: &Block) -> Plan {
    let mut declarations = BTreeMap::new();
    let mut order = bound.to_vec();
    for (position, statement) in forward.iter().enumerate() {
        uses::declared(statement, &mut |var| {
            declarations.insert(var, position);
            order.push(var);
        });
    }
    let mut mentioned = BTreeSet::new();
    uses::block(reverse, &mut |var| _ = mentioned.insert(var));
    let needed: BTreeSet<Var> = order.iter().copied().filter(|var| mentioned.contains(var)).collect();
    let mut planner = Planner {
        function,
        forward,
        order: &order,
        known: order.iter().copied().collect(),
        declarations,
        saved: BTreeSet::new(),
        repeated: BTreeSet::new(),
    };
    let (cheap, dear): (Vec<Var>, Vec<Var>) =
        order.iter().filter(|var| needed.contains(var)).partition(|var| planner.is_cheap(**var));
    planner.saved.extend(dear);
    cheap.into_iter().for_each(|var| planner.decide(var));
    planner.finish()
}

struct Planner<'a> {
    function: &'a Function,
    forward: &'a Block,
    order: &'a [Var],
    known: BTreeSet<Var>,
    declarations: BTreeMap<Var, usize>,
    saved: BTreeSet<Var>,
    repeated: BTreeSet<Var>,
}

impl Planner<'_> {
    /// The statement that declares the variable; none for what a pattern binds.
    fn declaration(&self, var: Var) -> Option<&Statement> {
        self.declarations.get(&var).map(|position| &self.forward[*position])
    }

    /// Whether declaring the variable once more costs little.
    fn is_cheap(&self, var: Var) -> bool {
        if self.function.variable(var).mutable {
            return false;
        }
        match self.declaration(var) {
            Some(Statement::Let { value: Some(Value::Expr(expr)), .. }) => self.is_cheap_expr(expr),
            Some(Statement::Code { code, .. }) => code.repeatable,
            _ => false,
        }
    }

    fn is_cheap_expr(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Operand(Operand::Place(place)) => self.is_stable(place),
            Expr::Operand(Operand::Code(code)) => code.repeatable,
            Expr::Operand(Operand::Number(_)) => true,
            Expr::Apply(op, arguments, _) => {
                let cheap = matches!(op.0.name, "add" | "sub" | "mul" | "neg" | "abs" | "max" | "min" | "convert" | "relu");
                cheap && arguments.iter().all(|argument| self.is_cheap_expr(argument))
            }
        }
    }

    /// Whether the place holds at the end what it holds now.
    fn is_stable(&self, place: &Place) -> bool {
        !self.function.variable(place.root).mutable
            && place.path.iter().all(|step| match step {
                Step::Index(Operand::Place(index)) => self.is_stable(index),
                Step::Index(Operand::Code(code)) => code.repeatable,
                _ => true,
            })
    }

    /// The variables of the block that the variable is computed from.
    fn leaves(&self, var: Var, into: &mut BTreeSet<Var>) {
        if let Some(statement) = self.declaration(var) {
            uses::statement(statement, &mut |used| {
                if used != var && self.known.contains(&used) {
                    into.insert(used);
                }
            });
        }
    }

    /// Computes a variable again where that needs no further record, and one operation for each that it saves.
    fn decide(&mut self, var: Var) {
        let mut chain = BTreeSet::new();
        let most = if self.must_repeat(var) { 128 } else { 8 };
        if self.reachable(var, most, &mut chain) {
            self.repeated.extend(chain);
        } else {
            self.saved.insert(var);
        }
    }

    fn must_repeat(&self, var: Var) -> bool {
        matches!(self.declaration(var), Some(Statement::Code { .. }))
    }

    /// Whether the variable can be computed from what is there in few steps; collects what has to be repeated for it.
    fn reachable(&self, var: Var, most: usize, chain: &mut BTreeSet<Var>) -> bool {
        if self.saved.contains(&var) || self.repeated.contains(&var) || chain.contains(&var) {
            return true;
        }
        if chain.len() >= most || !self.is_cheap(var) {
            return false;
        }
        let mut leaves = BTreeSet::new();
        self.leaves(var, &mut leaves);
        chain.insert(var);
        leaves.into_iter().all(|leaf| self.reachable(leaf, most, chain))
    }

    fn finish(self) -> Plan {
        let saved = self.order.iter().filter(|var| self.saved.contains(var));
        let saved = saved.map(|var| Saved { var: *var, by_reference: self.is_held(*var) }).collect();
        let mut positions: Vec<usize> = self.repeated.iter().map(|var| self.declarations[var]).collect();
        positions.sort_unstable();
        positions.dedup();
        Plan { saved, repeated: positions.into_iter().map(|position| self.forward[position].clone()).collect() }
    }

    /// Whether the record holds something that is no plain scalar or integer: it is then read through a reference.
    fn is_held(&self, var: Var) -> bool {
        match self.declaration(var) {
            None | Some(Statement::Let { .. } | Statement::Code { .. }) => self.function.variable(var).kind == Kind::Space,
            Some(Statement::Call(call)) => match &call.mode {
                CallMode::Split(back) | CallMode::SplitTangent(back, ..) => *back == var || !self.function.is_scalar(var),
                _ => !self.function.is_scalar(var),
            },
            Some(_) => true,
        }
    }
}
