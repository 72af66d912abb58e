//! Choices, backward: the reverse of the arm that ran, by a record or by looking once more.

use std::collections::BTreeSet;

use crate::analysis::save::{self, Later, Plan};
use crate::diff::{again, products, slopes};
use crate::ir::sets::VarMap;
use crate::ir::{Arm, Block, Branch, Form, Kind, Passed, Place, Statement, Var, never_ends, uses};

use super::Reverser;
use super::calls::argument_place;

impl Reverser {
    /// Declares the adjoints that the reverse of inner blocks adds to, or takes from.
    pub(super) fn ensure_outer<'b>(&mut self, blocks: impl Iterator<Item = &'b Block>, backward: &mut Block) {
        let mut flows = BTreeSet::new();
        let mut inner = BTreeSet::new();
        for block in blocks {
            self.flows(block, &mut flows, &mut inner);
        }
        for var in flows.difference(&inner) {
            if self.varied.var(*var) {
                self.ensure(*var, backward);
            }
        }
    }

    /// The variables that a derivative flows to or from in a block, and those that it declares.
    pub(super) fn flows(&self, block: &Block, flows: &mut BTreeSet<Var>, inner: &mut BTreeSet<Var>) {
        for statement in block {
            uses::declared(statement, &mut |var| _ = inner.insert(var));
            match statement {
                Statement::Let { value: Some(value), .. } if self.varied.value(value) => {
                    uses::value(value, &mut |var| _ = flows.insert(var));
                }
                Statement::Assign { place, value } | Statement::Push { place, value } => {
                    flows.insert(place.root);
                    uses::value(value, &mut |var| _ = flows.insert(var));
                }
                Statement::Add { place, value, .. } if self.varied.expr(value) => {
                    flows.insert(place.root);
                    uses::expr(value, &mut |var| _ = flows.insert(var));
                }
                Statement::Swap { first, second } => flows.extend([first.root, second.root]),
                Statement::Branch(branch) => branch.arms.iter().for_each(|arm| self.flows(&arm.body, flows, inner)),
                Statement::Loop(each) => self.flows(&each.body, flows, inner),
                Statement::Call(call) => {
                    for argument in call.arguments.iter().filter(|argument| argument.active) {
                        if let Some(place) = argument_place(argument) {
                            flows.insert(place.root);
                        }
                        if let Passed::Closure(lambda, _) = &argument.passed {
                            inner.extend(lambda.binds());
                            self.flows(&lambda.body, flows, inner);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn branch(&mut self, branch: &Branch, backward: &mut Block) -> Statement {
        self.ensure_outer(branch.arms.iter().map(|arm| &arm.body), backward);
        let mut arms = Vec::new();
        let mut reversed = Vec::new();
        for (index, arm) in branch.arms.iter().enumerate() {
            if never_ends(&arm.body) {
                reversed.push((Vec::new(), Vec::new()));
                arms.push(arm.clone());
                continue;
            }
            let (mut forward, mut reverse) = self.block(&arm.body);
            let binds_again = again::is_bound_again(branch, &self.function.nameable)
                && arm.binds.iter().all(|var| self.function.nameable.contains(var));
            let binds = if binds_again { &[][..] } else { &arm.binds };
            let plan = self.plan(binds, &mut forward, &mut reverse, (None, &self.copied.clone()));
            let mut body = plan.repeated;
            body.extend(reverse);
            if binds_again {
                body = again::bound_again(branch, index, body);
            }
            reversed.push((plan.saved.clone(), body));
            arms.push(Arm { body: forward, saved: plan.saved, ..arm.clone() });
        }
        if reversed.iter().all(|(_, body)| body.is_empty()) {
            arms.iter_mut().for_each(|arm| arm.saved.clear());
            return Statement::Branch(Branch { arms, ..branch.clone() });
        }
        if self.can_be_chosen_again(branch) && reversed.iter().all(|(saved, _)| saved.is_empty()) {
            let chosen = branch.arms.iter().zip(reversed).map(|(arm, (_, body))| Arm { body, saved: Vec::new(), ..arm.clone() });
            backward.push(Statement::Branch(Branch { arms: chosen.collect(), record: None, ..branch.clone() }));
            return Statement::Branch(Branch { arms, ..branch.clone() });
        }
        let record = self.function.fresh("taken", Kind::Inactive, false, Form::Owned, branch.on.span);
        backward.push(Statement::Unwind { record, arms: reversed });
        Statement::Branch(Branch { arms, record: Some(record), ..branch.clone() })
    }

    /// What a block keeps for its reverse. Where that is something, it may as well be derivative factors. Of a loop over a range, `after` is its index, and
    /// how much is changed after it, and what it reads may stand in copies.
    pub(super) fn plan(
        &mut self,
        binds: &[Var],
        forward: &mut Block,
        reverse: &mut Block,
        (after, copied): (Option<(Var, usize)>, &VarMap<Place>),
    ) -> Plan {
        let later = Later { changed: &self.changed, after, settled: &self.settled, copied };
        let plan = save::plan(&self.function, binds, forward, reverse, Some(later));
        if plan.saved.is_empty() {
            return plan;
        }
        let plan = match slopes::advance(&mut self.function, forward, reverse) {
            true => save::plan(&self.function, binds, forward, reverse, Some(later)),
            false => plan,
        };
        let (mut multiplied, mut shorter) = (forward.clone(), reverse.clone());
        if !products::advance(&mut self.function, &plan, &mut multiplied, &mut shorter) {
            return plan;
        }
        let with_products = save::plan(&self.function, binds, &multiplied, &shorter, Some(later));
        if with_products.saved.len() > plan.saved.len() {
            return plan;
        }
        (*forward, *reverse) = (multiplied, shorter);
        with_products
    }

    /// Whether an `if` goes the same way once more: its condition is cheap, has no effect, and looks at indices of loops alone, which the reverse
    /// sweep has anyway.
    fn can_be_chosen_again(&self, branch: &Branch) -> bool {
        !branch.is_match
            && branch.on.repeatable
            && branch.arms.iter().all(|arm| arm.binds.is_empty())
            && branch.on.reads.iter().all(|var| self.indices.contains(var))
    }
}
