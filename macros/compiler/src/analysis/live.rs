//! Which variables are read later, for passes that go through statements from the last to the first.
//!
//! *In:* what is read after the statements, and what they mention, as the pass comes to it. *Out:* whether a variable is among it. A block inside can be left as if it
//! had not been entered, at the cost of what it mentions.

use crate::ir::Var;
use crate::ir::sets::VarSet;

/// Variables that are read later.
#[derive(Debug, Default)]
pub struct Live {
    vars: VarSet,
    /// What was added, and what was taken out, in this order.
    changes: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Added(Var),
    Removed(Var),
}

/// A point to which [`Live::leave`] goes back.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

impl Live {
    /// Whether the variable is read later.
    pub fn contains(&self, var: Var) -> bool {
        self.vars.contains(var)
    }

    /// The variable is read here.
    pub fn insert(&mut self, var: Var) {
        if self.vars.insert(var) {
            self.changes.push(Change::Added(var));
        }
    }

    /// The variable gets another value here.
    pub fn remove(&mut self, var: Var) {
        if self.vars.remove(var) {
            self.changes.push(Change::Removed(var));
        }
    }

    /// What is known now.
    pub fn mark(&self) -> Mark {
        Mark(self.changes.len())
    }

    /// Takes back what was changed since the mark.
    pub fn leave(&mut self, mark: Mark) {
        for change in self.changes.drain(mark.0..).rev() {
            match change {
                Change::Added(var) => _ = self.vars.remove(var),
                Change::Removed(var) => _ = self.vars.insert(var),
            }
        }
    }
}

impl FromIterator<Var> for Live {
    fn from_iter<I: IntoIterator<Item = Var>>(vars: I) -> Self {
        Self { vars: vars.into_iter().collect(), changes: Vec::new() }
    }
}
