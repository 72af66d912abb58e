//! The transforms: reverse mode and forward mode, from the representation to itself.

mod again;
mod apart;
mod chosen;
mod columns;
mod directions;
pub mod excerpts;
pub mod forward;
pub mod fresh;
pub mod jacobian;
pub mod line;
mod pending;
mod products;
pub mod replay;
pub mod reverse;
pub mod schedule;
mod shapes;
mod slopes;
mod steps;
mod tapes;
mod unrolled;
mod versions;
mod weights;

use proc_macro2::TokenStream;

use crate::analysis::mode;
use crate::ir::replace::Replaced;
use crate::ir::{Block, Function, Statement, Var};
use crate::simplify::{self, batches, lanes, registers, transposed};
use forward::{Pushed, WithSlots};
use fresh::Fresh;
use line::Tree;
use reverse::{Reversed, Sweeps};

/// The derivatives of a function, simplified.
#[derive(Debug)]
pub struct Derivatives {
    /// The sweeps of reverse mode.
    pub reversed: Reversed,
    /// Both sweeps as one sequence, for where the cotangent is known.
    pub fused: Sweeps,
    /// The same for where the adjoints are zeros, where that saves records, or additions.
    pub fresh: Option<Fresh>,
    /// Whether there are gradients, which begin with zeros.
    pub has_gradient: bool,
    /// Both sweeps before iterations were put side by side, where some were.
    pub one_by_one: Option<Block>,
    /// Whether iterations run at once that have arrays of their own.
    pub batched: bool,
    /// The backward sweep before that.
    pub backward_one_by_one: Option<Block>,
    /// The statements of forward mode.
    pub pushed: Pushed,
    /// The tangent of the gradient, for functions that are `second_order` and have one.
    pub second: Option<Second>,
    /// The tangents of both sweeps, for functions that are `second_order`.
    pub apart: Option<Second>,
    /// The same as one sequence, for where the cotangent is known.
    pub together: Option<Second>,
}

impl Derivatives {
    /// Differentiates a function in every way that is asked for: to second order as it stands, or as another form of it gives it. The layouts
    /// are those of its active parameters, where they are known.
    pub fn of(
        program: &Function,
        layouts: &[Option<Tree<()>>],
        second_order: bool,
        twice: Option<&Function>,
        has_gradient: bool,
    ) -> Self {
        let mut reversed = reverse::reverse(program);
        let other = twice.map(reverse::reverse);
        let once = second_order.then(|| other.as_ref().unwrap_or(&reversed));
        let mut second = once.filter(|_| has_gradient).map(second);
        let mut apart = once.map(second_apart);
        let mut together = once.map(second_together);
        let mut fused = cheapest(program, layouts, &reversed);
        let mut pushed = forward::forward(program);
        let kept = program.result.into_iter().collect();
        simplify::after(&reversed.function, &mut [&mut reversed.forward, &mut reversed.backward], &kept);
        let own = program.variables.len();
        replay::replay(&mut fused.function, &mut fused.body);
        weights::carry(&mut fused.function, &mut fused.body, own);
        chosen::winners(&fused.function, &mut fused.body, own);
        for (function, block) in [(&mut reversed.function, &mut reversed.backward), (&mut fused.function, &mut fused.body)] {
            registers::accumulate(function, block, own);
        }
        place_records_apart(&mut reversed.function, &mut reversed.forward, &mut reversed.backward);
        place_records(&mut fused.function, &mut fused.body);
        let seconds = second.iter_mut().chain(&mut together).map(|second| &mut second.pushed);
        for pushed in seconds.chain([&mut pushed]) {
            let kept = pushed.results();
            simplify::after(&pushed.function, &mut [&mut pushed.body], &kept);
            place_records(&mut pushed.function, &mut pushed.body);
        }
        if let Some(Second { pushed, middle, .. }) = &mut apart {
            let kept = pushed.results();
            let mut backward = pushed.body.split_off(*middle);
            simplify::after(&pushed.function, &mut [&mut pushed.body, &mut backward], &kept);
            place_records_apart(&mut pushed.function, &mut pushed.body, &mut backward);
            *middle = pushed.body.len();
            pushed.body.append(&mut backward);
        }
        let fresh = has_gradient.then(|| fresh::keep(&fused)).flatten();
        Self {
            reversed,
            fused,
            fresh,
            has_gradient,
            one_by_one: None,
            batched: false,
            backward_one_by_one: None,
            pushed,
            second,
            apart,
            together,
        }
    }

    /// Changes the statements of every derivative.
    pub fn change(&mut self, change: impl Fn(&mut Function, &mut Block)) {
        let Self { reversed, fused, fresh, pushed, second, apart, together, .. } = self;
        change(&mut reversed.function, &mut reversed.forward);
        change(&mut reversed.function, &mut reversed.backward);
        for sweeps in [fused].into_iter().chain(fresh.as_mut().map(|fresh| &mut fresh.sweeps)) {
            change(&mut sweeps.function, &mut sweeps.body);
        }
        let seconds = second.iter_mut().chain(together).map(|second| &mut second.pushed);
        seconds.chain([pushed]).for_each(|pushed| change(&mut pushed.function, &mut pushed.body));
        if let Some(Second { pushed, middle, .. }) = apart {
            let mut backward = pushed.body.split_off(*middle);
            change(&mut pushed.function, &mut pushed.body);
            change(&mut pushed.function, &mut backward);
            *middle = pushed.body.len();
            pushed.body.append(&mut backward);
        }
    }

    /// Lets eight iterations of loops run at once where both sweeps are one sequence and iterations work in arrays of their own.
    pub fn batch(&mut self, own: usize, relaxed: bool, runtime: &TokenStream) {
        let Sweeps { function, body, .. } = &mut self.fused;
        let before = body.clone();
        if batches::run(function, body, own, relaxed, runtime) {
            registers::accumulate(function, body, own);
            self.one_by_one = Some(before);
            self.batched = true;
        }
        if let Some(Fresh { sweeps: Sweeps { function, body, .. }, .. }) = &mut self.fresh
            && batches::run(function, body, own, relaxed, runtime)
        {
            registers::accumulate(function, body, own);
        }
    }

    /// Transposes what iterations side by side read again and again of their rows.
    pub fn transpose(&mut self, runtime: &TokenStream) {
        for sweeps in [&mut self.fused].into_iter().chain(self.fresh.as_mut().map(|fresh| &mut fresh.sweeps)) {
            transposed::rows(&mut sweeps.function, &mut sweeps.body, runtime);
        }
    }

    /// Gives large arrays that loops record tapes of their own.
    pub fn keep_arrays_apart(&mut self) {
        let Self { reversed, fused, fresh, pushed, second, apart, together, .. } = self;
        apart::give(&mut reversed.function, &mut [&mut reversed.forward, &mut reversed.backward]);
        for sweeps in [fused].into_iter().chain(fresh.as_mut().map(|fresh| &mut fresh.sweeps)) {
            apart::give(&mut sweeps.function, &mut [&mut sweeps.body]);
        }
        let seconds = second.iter_mut().chain(apart).chain(together).map(|second| &mut second.pushed);
        seconds.chain([pushed]).for_each(|pushed| apart::give(&mut pushed.function, &mut [&mut pushed.body]));
    }

    /// Lets iterations of loops run side by side where both sweeps are one sequence; the function itself has so many variables of its own.
    pub fn interleave(&mut self, own: usize, relaxed: bool, runtime: &TokenStream) {
        let before = self.fused.clone();
        let Sweeps { function, body, .. } = &mut self.fused;
        if lanes::interleave(function, body, own, relaxed, runtime) {
            registers::accumulate(function, body, own);
            self.one_by_one.get_or_insert_with(|| before.body.clone());
        }
        let Reversed { function, backward, .. } = &mut self.reversed;
        let one_by_one = backward.clone();
        if lanes::interleave_stencils(function, backward, own, runtime) {
            self.backward_one_by_one = Some(one_by_one);
        }
        if let Some(Fresh { sweeps: Sweeps { function, body, .. }, .. }) = &mut self.fresh
            && lanes::interleave(function, body, own, relaxed, runtime)
        {
            registers::accumulate(function, body, own);
        }
        if self.fresh.is_none() && self.has_gradient {
            let (mut sweeps, zeros) = (before, fresh::of_slices(&self.fused));
            let Sweeps { function, body, .. } = &mut sweeps;
            if !zeros.is_empty() && lanes::interleave_from_zeros(function, body, zeros, own, relaxed, runtime) {
                registers::accumulate(function, body, own);
                self.fresh = Some(Fresh { sweeps, records: None });
            }
        }
    }
}

/// Reverse mode in one go; or forward mode in every direction, where that costs less and gives the same; or a straight line, where loops over
/// literal ranges would keep records.
fn cheapest(program: &Function, layouts: &[Option<Tree<()>>], reversed: &Reversed) -> Sweeps {
    let simplified = |mut sweeps: Sweeps| {
        let kept = sweeps.function.result.into_iter().collect();
        simplify::after(&sweeps.function, &mut [&mut sweeps.body], &kept);
        sweeps
    };
    let (function, slots) = (reversed.function.clone(), reversed.slots.clone());
    let mut body = schedule::fuse(reversed);
    read_parameters(reversed, &mut body);
    let backward = simplified(Sweeps { function, body, seed: reversed.seed, slots, forward_mode: false });
    let pushes = mode::may_push(program, &program.body);
    let forward = [false, true].into_iter().filter(|_| pushes).map(|steps| simplified(directions::directions(program, steps)));
    let cost = |sweeps: &Sweeps| mode::cost(&sweeps.body);
    let cheaper = |best: Sweeps, other: Sweeps| if cost(&other) < cost(&best) { other } else { best };
    let best = forward.fold(backward, cheaper);
    let keeps = keeps_records(&best.body);
    let straight = keeps.then(|| unrolled::unrolled(program, layouts)).flatten().map(simplified);
    straight.into_iter().fold(best, cheaper)
}

/// What is left in parameters when the forward sweep ends is there in both sweeps as one sequence: no copy of it is needed.
fn read_parameters(reversed: &Reversed, body: &mut Block) {
    for (copy, parameter) in &reversed.left {
        let is_copy = |statement: &Statement| matches!(statement, Statement::Let { var, .. } if var == copy);
        let Some(position) = body.iter().position(is_copy) else { continue };
        body.remove(position);
        let mut replaced = Replaced::default();
        replaced.insert(&reversed.function, *copy, None, *parameter);
        body[position..].iter_mut().for_each(|statement| replaced.statement(statement));
    }
}

/// Decides where both sweeps as one sequence keep their records.
fn place_records(function: &mut Function, body: &mut Block) {
    columns::lay_out(function, body);
    tapes::share(function, body);
}

/// The same for two sweeps apart.
fn place_records_apart(function: &mut Function, forward: &mut Block, backward: &mut Block) {
    columns::lay_out_apart(function, forward, backward);
    tapes::share_apart(function, forward, backward);
}

/// Whether a loop keeps a record for each of its iterations.
fn keeps_records(block: &Block) -> bool {
    block.iter().any(|statement| match statement {
        Statement::Loop(each) => each.tape.is_some() || keeps_records(&each.body),
        Statement::Branch(branch) => branch.arms.iter().any(|arm| keeps_records(&arm.body)),
        _ => false,
    })
}

/// The tangent of a gradient: forward mode applied to what reverse mode gave.
#[derive(Debug)]
pub struct Second {
    /// Both sweeps with their tangents, in one sequence or one after the other.
    pub pushed: Pushed,
    /// The cotangent of the result.
    pub seed: Var,
    /// Its tangent, where it has one.
    pub seed_tangent: Option<Var>,
    /// The slots of the adjoints.
    pub slots: Vec<Option<Var>>,
    /// The slots of their tangents.
    pub slot_tangents: Vec<Option<Var>>,
    /// Where the backward sweep begins, if it comes after the forward sweep as a whole.
    pub middle: usize,
}

/// Differentiates a gradient once more: loops run in one go where they can.
fn second(reversed: &Reversed) -> Second {
    with_tangents(reversed, schedule::fuse_loops(reversed), None, 0)
}

/// Differentiates both sweeps once more, one after the other, with the tangent of the cotangent.
fn second_apart(reversed: &Reversed) -> Second {
    let mut body = reversed.forward.clone();
    let middle = body.len();
    body.extend(reversed.backward.iter().cloned());
    with_tangents(reversed, body, Some(reversed.seed), middle)
}

/// The same with the tangent of the cotangent.
fn second_together(reversed: &Reversed) -> Second {
    with_tangents(reversed, schedule::fuse_loops(reversed), Some(reversed.seed), 0)
}

fn with_tangents(reversed: &Reversed, body: Block, seed: Option<Var>, middle: usize) -> Second {
    let function = Function { body, ..reversed.function.clone() };
    let WithSlots { pushed, slot_tangents, seed_tangent, middle } =
        forward::forward_with_slots(&function, &reversed.slots, seed, middle);
    Second { pushed, seed: reversed.seed, seed_tangent, slots: reversed.slots.clone(), slot_tangents, middle }
}
