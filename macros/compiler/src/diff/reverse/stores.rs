//! What overwrites, exchanges or hands over memory, backward: an adjoint is taken where its value was stored.

use crate::diff::shapes;
use crate::ir::{Block, Code, Expr, Form, Kind, Place, Statement, Step, Value, Var, uses};

use super::Reverser;

impl Reverser {
    pub(super) fn assign(&mut self, place: &Place, value: &Value, shape: Option<Var>, backward: &mut Block) {
        if !self.declared.contains(&place.root) {
            return self.forget_shape(place, shape, backward);
        }
        let adjoint = self.adjoint_place(place);
        if self.function.variable(place.root).form == Form::Late {
            return self.assign_late(&adjoint, place, value, backward);
        }
        let once = place.path.is_empty() && !self.function.variable(place.root).mutable;
        if once {
            let result = Expr::place(place.clone());
            return self.distribute(value, &adjoint, &result, backward);
        }
        if shapes::is_inactive_field(place, value) {
            // nothing flows from there, and it may be a skipped field
            let value = match shape {
                Some(zeros) => Value::Clone(Place::whole(zeros, place.span)),
                None => Value::FieldTangent(adjoint.clone()),
            };
            return backward.push(Statement::Assign { place: adjoint, value });
        }
        let kind = if self.is_scalar_value(value) { Kind::Scalar } else { Kind::Space };
        let name = format!("{}_taken", self.function.variable(place.root).name);
        let taken = self.function.fresh(&name, kind, false, Form::Owned, place.span);
        backward.push(Statement::Let { var: taken, value: Some(Value::Take(adjoint, shape)), ty: None });
        self.distribute(value, &Place::whole(taken, place.span), &Expr::place(place.clone()), backward);
    }

    /// What is overwritten and not read later has no adjoint until then; what was there before, of another shape, may have one.
    fn forget_shape(&mut self, place: &Place, shape: Option<Var>, backward: &mut Block) {
        let is_part = place.path.iter().any(|step| matches!(step, Step::Index(_)));
        if shape.is_none() || is_part || !self.varied.var(place.root) {
            return;
        }
        self.ensure(place.root, backward);
        let adjoint = self.adjoint_place(place);
        let taken = self.function.fresh("taken", Kind::Space, false, Form::Owned, place.span);
        backward.push(Statement::Let { var: taken, value: Some(Value::Take(adjoint, shape)), ty: None });
    }

    /// The adjoints change places again; where neither is read later there are none.
    pub(super) fn swap(&mut self, first: &Place, second: &Place, backward: &mut Block) {
        let roots = [first.root, second.root];
        if !roots.iter().any(|root| self.declared.contains(root)) {
            return;
        }
        roots.into_iter().for_each(|root| self.ensure(root, backward));
        let (first, second) = (self.adjoint_place(first), self.adjoint_place(second));
        backward.push(Statement::Swap { first, second });
    }

    /// The reverse of overwriting what has another name: its adjoint is handed over, and nothing is left until that of the name is handed back.
    pub(super) fn end(&mut self, place: &Place, value: &Value, version: Var, backward: &mut Block) {
        let adjoint = self.adjoint_place(place);
        let name = format!("{}_taken", self.function.variable(place.root).name);
        let taken = self.function.fresh(&name, Kind::Space, false, Form::Owned, place.span);
        backward.push(Statement::Let { var: taken, value: Some(Value::Expr(Expr::place(adjoint))), ty: None });
        self.distribute(value, &Place::whole(taken, place.span), &Expr::place(place.clone()), backward);
        self.ended.insert(version);
    }

    /// Hands the adjoint of a variable that was exchanged over to the name that it has until then.
    pub(super) fn hand_over(&mut self, version: Var, backward: &mut Block) {
        let whole = Place::whole(self.versions[&version], self.span(version));
        let (adjoint, own) = (self.adjoint_place(&whole), self.adjoint(version));
        backward.push(Statement::Let { var: own, value: Some(Value::Expr(Expr::place(adjoint))), ty: None });
        self.declared.insert(version);
        self.ended.insert(version);
    }

    /// Hands the adjoint of a name back to the variable.
    pub(super) fn hand_back(&mut self, version: Var, backward: &mut Block) {
        self.ensure(version, backward);
        let adjoint = self.adjoint_place(&Place::whole(version, self.span(version)));
        let place = self.adjoint_place(&Place::whole(self.versions[&version], self.span(version)));
        backward.push(Statement::Assign { place, value: Value::Expr(Expr::place(adjoint)) });
    }

    /// The reverse of filling a variable, which has an adjoint only where it was read since.
    fn assign_late(&mut self, adjoint: &Place, place: &Place, value: &Value, backward: &mut Block) {
        let mut sources = Vec::new();
        uses::value(value, &mut |var| sources.push(var));
        for var in sources {
            if self.varied.var(var) {
                self.ensure(var, backward);
            }
        }
        let name = self.function.variable(adjoint.root).name.clone();
        let wish = format!("{}_taken", self.function.variable(place.root).name);
        let taken = self.function.fresh(&wish, Kind::Space, false, Form::Owned, place.span);
        let mut body = vec![Statement::Let { var: taken, value: Some(Value::Take(adjoint.clone(), None)), ty: None }];
        self.distribute(value, &Place::whole(taken, place.span), &Expr::place(place.clone()), &mut body);
        let on = Code { tokens: quote::quote!(#name.is_some()), reads: vec![adjoint.root], repeatable: false, span: place.span };
        backward.push(Statement::either(on, body, Vec::new()));
    }
}
