//! Calls, backward: a call becomes its forward half, and its backward half takes the adjoints.

use std::collections::BTreeSet;

use proc_macro2::Span;

use crate::diff::schedule;
use crate::ir::{
    Argument, Back, Block, Call, CallMode, Callee, Expr, Form, Kind, Lambda, Operand, Passed, Passing, Place, Seed, Statement,
    Value, Var, uses,
};
use crate::simplify;

use super::Reverser;
use super::loops::without_effects;

impl Reverser {
    pub(super) fn call(&mut self, call: &Call, backward: &mut Block) -> Block {
        let changes = |argument: &Argument| match &argument.passed {
            Passed::Mutable(place) | Passed::Lent(place) => self.declared.contains(&place.root),
            Passed::Receiver(place) => self.function.variable(place.root).mutable && self.declared.contains(&place.root),
            _ => false,
        };
        let used = self.declared.contains(&call.result);
        if !used && !call.arguments.iter().any(|argument| argument.active && changes(argument)) {
            return vec![Statement::Call(call.clone())];
        }
        let back = self.function.fresh("back", Kind::Inactive, false, Form::Owned, call.span);
        let mut forward = Vec::new();
        let mut again: Vec<_> =
            call.arguments.iter().map(|argument| self.again(argument, call.recomputed, &mut forward)).collect();
        self.name_copied_receiver(call, &again);
        if let (Callee::Associated { .. }, Some(Argument { passed, .. })) = (&call.callee, again.first_mut())
            && let Passed::Shared(place) = passed
        {
            *passed = Passed::Lent(place.clone()); // a receiver, it may be, of which the half says in which form it is given again
        }
        let mode = if call.recomputed { CallMode::Recomputed(back) } else { CallMode::Split(back) };
        forward.push(Statement::Call(Call { mode, ..call.clone() }));
        let seed = if used {
            Seed::Place(self.adjoint_place(&Place::whole(call.result, call.span)))
        } else {
            Seed::ZerosLike(call.result)
        };
        let mut captured = Captured::default();
        let companions = call.arguments.iter().map(|argument| match &argument.passed {
            Passed::Closure(lambda, _) => Some(self.companion_beside(lambda, &mut captured, backward)),
            _ => None,
        });
        let companions: Vec<_> = companions.collect();
        let back = Back {
            back,
            recomputes: call.recomputed.then(|| call.callee.clone()),
            again,
            seed,
            slots: Vec::new(),
            mutable: call.arguments.iter().map(|argument| is_lent(&argument.passed)).collect(),
            companions,
            pushed: None,
        };
        self.back(call, &back, backward);
        for (place, own) in captured.apart {
            self.contribute(&place, Expr::place(Place::whole(own, place.span)), false, true, backward);
        }
        forward
    }

    /// The reverse mode of one of several closures: what another adds to as well has an adjoint of its own, since both are lent to the call.
    fn companion_beside(&mut self, lambda: &Lambda, captured: &mut Captured, backward: &mut Block) -> Lambda {
        let mut before = Vec::new();
        for var in self.ensure_captured(lambda, backward) {
            if captured.by_one.insert(var) {
                continue;
            }
            let place = Place::whole(var, self.span(var));
            let wish = format!("{}_bar", self.function.variable(var).name);
            let own = self.function.fresh(&wish, Kind::Space, true, Form::Owned, place.span);
            backward.push(Statement::Let { var: own, value: Some(Value::ZerosLike(place.clone())), ty: None });
            before.push((var, self.adjoints.insert(var, own)));
            captured.apart.push((place, own));
        }
        let companion = self.companion(lambda);
        for (var, adjoint) in before {
            if let Some(adjoint) = adjoint {
                self.adjoints.insert(var, adjoint);
            }
        }
        companion
    }

    /// The reverse mode of a closure: called as the closure is, with the cotangent of its result and the slots of what it is called with, it
    /// runs both sweeps and adds to the adjoints of what it captures.
    fn companion(&mut self, lambda: &Lambda) -> Lambda {
        let mut slots = Vec::new();
        for var in lambda.binds() {
            let variable = self.function.variable(var).clone();
            let span = variable.name.span();
            let slot = self.function.fresh(&format!("d_{}", variable.name), variable.kind, true, Form::Slot, span);
            self.adjoints.insert(var, slot);
            self.declared.insert(var);
            slots.push((slot, None));
        }
        let result = lambda.results.first().and_then(result_variable);
        let kind = result.map_or(Kind::Inactive, |result| self.function.variable(result).kind);
        let span = result.map_or_else(Span::mixed_site, |result| self.span(result));
        let seed = self.function.fresh("seed", kind, false, Form::Reference, span);
        if let Some(result) = result {
            self.adjoints.insert(result, seed);
            self.declared.insert(result);
        }
        let (forward, reverse) = self.block(&lambda.body);
        let mut body = schedule::together(&self.function, &without_effects(&forward), reverse);
        simplify::unused(&self.function, &mut body);
        let inputs = lambda.inputs.iter().cloned().chain([(seed, None)]).chain(slots).collect();
        Lambda { inputs, seed: Some(seed), body, results: Vec::new() }
    }

    /// Declares the adjoints of what a closure captures.
    fn ensure_captured(&mut self, lambda: &Lambda, backward: &mut Block) -> Vec<Var> {
        let (mut flows, mut inner) = (BTreeSet::new(), lambda.binds().collect());
        self.flows(&lambda.body, &mut flows, &mut inner);
        let captured: Vec<_> = flows.difference(&inner).copied().filter(|var| self.varied.var(*var)).collect();
        captured.iter().for_each(|var| self.ensure(*var, backward));
        captured
    }

    /// Whether the place is in memory of the function's own that nothing overwrites from here on.
    fn is_left_alone(&self, place: &Place) -> bool {
        self.function.is_own(place.root) && !self.changed.contains(place.root) && !self.function.unsettled.contains(&place.root)
    }

    /// What the backward half is given again; what may be overwritten in between is kept.
    pub(super) fn again(&mut self, argument: &Argument, recomputed: bool, forward: &mut Block) -> Argument {
        let mut keep = |this: &mut Self, place: &Place, always: bool| {
            if !always && !this.function.variable(place.root).mutable {
                return place.clone();
            }
            let wish = format!("{}_before", this.function.variable(place.root).name);
            let var = this.function.fresh(&wish, Kind::Space, false, Form::Owned, place.span);
            let mut kept = place.clone();
            // of a range, the array or the `Vec` is kept, which has a size
            let lent = this.function.parameters.iter().any(|p| p.var == place.root && p.passing == Passing::Mutable);
            let range = if place.is_part() && !(lent && place.path.len() == 1) { kept.path.pop() } else { None };
            forward.push(Statement::Let { var, value: Some(Value::Clone(kept)), ty: None });
            Place { root: var, path: range.into_iter().collect(), span: place.span }
        };
        let passed = match &argument.passed {
            Passed::Shared(place) if self.is_left_alone(place) => argument.passed.clone(),
            Passed::Shared(place) => Passed::Shared(keep(self, place, false)),
            Passed::Receiver(place) => {
                Passed::Receiver(keep(self, place, recomputed && self.function.variable(place.root).mutable))
            }
            Passed::Lent(place) => Passed::Lent(keep(self, place, true)),
            // the sweeps that run once more change a copy of the state at entry
            Passed::Mutable(place) if recomputed => Passed::Mutable(keep(self, place, true)),
            Passed::Value(Operand::Place(place)) if !argument.active && self.function.nameable.contains(&place.root) => {
                argument.passed.clone()
            }
            Passed::Value(Operand::Place(place))
                if recomputed && !self.function.is_scalar(place.root)
                    || !argument.active && self.function.variable(place.root).kind == Kind::Inactive =>
            {
                // the call may use it up
                let kept = keep(self, place, true);
                self.function.given_again.extend((!recomputed).then_some(kept.root));
                let may_be_a_reference = !recomputed && self.function.holders.contains(&place.root);
                self.function.holders.extend(may_be_a_reference.then_some(kept.root));
                Passed::Value(Operand::Place(kept))
            }
            other => other.clone(),
        };
        Argument { passed, active: argument.active }
    }

    /// A method knows what its backward half needs of what it is called on.
    fn name_copied_receiver(&mut self, call: &Call, again: &[Argument]) {
        if let (Callee::Method { name, .. }, false) = (&call.callee, call.recomputed)
            && let Some((Passed::Receiver(place), Passed::Receiver(copy))) =
                call.arguments.first().zip(again.first()).map(|(argument, again)| (&argument.passed, &again.passed))
            && copy.path.is_empty()
            && copy.root != place.root
        {
            self.function.before.insert(copy.root, name.clone());
        }
    }

    /// Whether a place may be of a type that has no size: a slice, or what is behind a reference.
    fn may_be_slice(&self, place: &Place) -> bool {
        let root = self.function.variable(place.root);
        place.is_part() || place.path.is_empty() && root.form == Form::Reference && root.kind != Kind::Scalar
    }

    /// Calls the backward half, with a slot for every active argument. Two slots in one variable cannot be lent at once: a scalar
    /// then has an adjoint of its own, and otherwise the backward half runs once for each. Where closures add to adjoints too, it runs once,
    /// and where something is changed: the adjoint of what is changed is replaced, so that its own one begins as that.
    fn back(&mut self, call: &Call, back: &Back, backward: &mut Block) {
        let mut lent = BTreeSet::new();
        back.companions.iter().flatten().for_each(|lambda| uses::lambda(lambda, &mut |var| _ = lent.insert(var)));
        let is_function = |argument: &Argument| matches!(argument.passed, Passed::Closure(..) | Passed::Function(..));
        let may_change = |argument: &Argument| matches!(&argument.passed, Passed::Receiver(place) if self.function.variable(place.root).mutable);
        let runs_once = back.mutable.contains(&true)
            || call.arguments.iter().any(may_change)
            || matches!(call.callee, Callee::Parameter(_))
            || call.arguments.iter().any(is_function);
        let mut rounds: Vec<Vec<Option<Place>>> = vec![vec![None; call.arguments.len()]];
        let mut roots: Vec<BTreeSet<Var>> = vec![lent];
        let (mut after, mut replaced) = (Vec::new(), Vec::new());
        // what may be a slice can have no adjoint of its own
        let may_have_own = |index: &usize| !argument_place(&call.arguments[*index]).is_some_and(|place| self.may_be_slice(place));
        let mut order: Vec<usize> = (0..call.arguments.len()).collect();
        order.sort_by_key(may_have_own);
        for index in order {
            let argument = &call.arguments[index];
            let Some(place) = argument_place(argument).filter(|place| argument.active && self.varied.place(place)) else {
                continue;
            };
            self.ensure(place.root, backward);
            let slot = self.adjoint_place(place);
            let by_value = matches!(argument.passed, Passed::Value(_));
            let clash = roots[0].contains(&slot.root);
            if clash && is_lent(&argument.passed) {
                let own = self.function.fresh("argument_bar", Kind::Space, true, Form::Owned, place.span);
                backward.push(Statement::Let { var: own, value: Some(Value::Clone(slot.clone())), ty: None });
                rounds[0][index] = Some(Place::whole(own, place.span));
                replaced.push((slot, own));
            } else if clash && (by_value || runs_once) {
                let own = self.function.fresh("argument_bar", Kind::Space, true, Form::Owned, place.span);
                backward.push(Statement::Let { var: own, value: Some(Value::ZerosLike(place.clone())), ty: None });
                rounds[0][index] = Some(Place::whole(own, place.span));
                after.push((place.clone(), own));
            } else if let Some(round) = roots.iter().position(|roots| !roots.contains(&slot.root)) {
                roots[round].insert(slot.root);
                rounds[round][index] = Some(slot);
            } else {
                roots.push(BTreeSet::from([slot.root]));
                let mut slots = vec![None; call.arguments.len()];
                slots[index] = Some(slot);
                rounds.push(slots);
            }
        }
        for slots in rounds {
            backward.push(Statement::Back(Back { slots, ..back.clone() }));
        }
        for (slot, own) in replaced {
            let value = Value::Expr(Expr::place(Place::whole(own, slot.span)));
            backward.push(Statement::Assign { place: slot, value });
        }
        for (place, own) in after {
            self.contribute(&place, Expr::place(Place::whole(own, place.span)), false, true, backward);
        }
    }
}

/// What the closures that a call is given capture.
#[derive(Default)]
struct Captured {
    /// What one of them adds to.
    by_one: BTreeSet<Var>,
    /// Adjoints of their own for the others.
    apart: Vec<(Place, Var)>,
}

/// Whether the callee may change what it is lent.
fn is_lent(passed: &Passed) -> bool {
    matches!(passed, Passed::Mutable(_) | Passed::Lent(_))
}

pub(super) fn argument_place(argument: &Argument) -> Option<&Place> {
    match &argument.passed {
        Passed::Value(Operand::Place(place))
        | Passed::Shared(place)
        | Passed::Mutable(place)
        | Passed::Lent(place)
        | Passed::Receiver(place) => Some(place),
        Passed::Value(_) | Passed::Closure(..) | Passed::Function(..) => None,
    }
}

/// The variable that a closure gives.
fn result_variable(result: &Value) -> Option<Var> {
    match result {
        Value::Expr(Expr::Operand(Operand::Place(place))) => Some(place.root),
        _ => None,
    }
}
