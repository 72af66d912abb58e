//! Parts of one sequence that a call takes at once, of which it changes one: `split_at_mut` and patterns give such names.
//!
//! ```text
//! let (l, r) = v.split_at_mut(k); f(l, r)    ⟶  let b = v[k..].to_vec(); f(&mut v[..k], &mut b); v[k..] = b
//! ```
//!
//! The names are gone, and that two places with indices are apart is not seen by the borrow checker. All but one are copied for the call, and
//! copied back where the call may change them; as they are apart, it makes no difference when.

use proc_macro2::Span;

use crate::error::with_help;
use crate::ir::{Argument, Form, Kind, Passed, Place, Statement};

use super::Lowerer;

impl Lowerer<'_> {
    /// Copies what would be lent twice, of which an exclusive receiver stays; gives what is to be copied back, from where to where.
    pub(super) fn copy_parts(&mut self, arguments: &mut [Argument], lends_receiver: bool, span: Span) -> Vec<(Place, Place)> {
        let lent = |argument: &Argument| match &argument.passed {
            Passed::Mutable(place) | Passed::Lent(place) => Some((place.clone(), true)),
            Passed::Shared(place) => Some((place.clone(), false)),
            Passed::Receiver(place) => Some((place.clone(), lends_receiver)),
            _ => None,
        };
        let mut back = Vec::new();
        for index in (0..arguments.len()).rev() {
            let Some((place, exclusive)) = lent(&arguments[index]) else { continue };
            let meets =
                |other: &Argument| lent(other).is_some_and(|(other, changed)| (exclusive || changed) && place.meets(&other));
            if !arguments[..index].iter().any(meets) {
                continue;
            }
            if self.function.variable(place.root).kind == Kind::Inactive {
                let what = "two parts of a sequence without derivatives are passed, of which one is changed";
                self.errors.span(place.span, with_help(what, "pass the whole sequence, and where it is split"));
                continue;
            }
            let copy = self.copy_of_part(&place, span);
            if exclusive {
                let lent = matches!(arguments[index].passed, Passed::Lent(_));
                arguments[index].passed = if lent { Passed::Lent(copy.clone()) } else { Passed::Mutable(copy.clone()) };
                back.push((copy, place));
            } else {
                arguments[index].passed = Passed::Shared(copy);
            }
        }
        back
    }

    fn copy_of_part(&mut self, place: &Place, span: Span) -> Place {
        if place.is_part() {
            let vector = Place::whole(self.new_vector(None, span), span);
            self.for_each_index(place, span, &mut |this, at| {
                let value = this.copy_of_place(place.then(at));
                this.push(Statement::Push { place: vector.clone(), value });
            });
            return vector;
        }
        let var = self.function.fresh("part", Kind::Space, true, Form::Owned, span);
        let value = self.copy_of_place(place.clone());
        self.push(Statement::Let { var, value: Some(value), ty: None });
        Place::whole(var, span)
    }

    /// Copies the parts back after the call.
    pub(super) fn copy_parts_back(&mut self, back: Vec<(Place, Place)>, span: Span) {
        for (from, to) in back {
            if !to.is_part() {
                let value = self.copy_of_place(from);
                self.push(Statement::Assign { place: to, value });
                continue;
            }
            self.for_each_index(&to, span, &mut |this, at| {
                let value = this.copy_of_place(from.then(at.clone()));
                this.push(Statement::Assign { place: to.then(at), value });
            });
        }
    }
}
