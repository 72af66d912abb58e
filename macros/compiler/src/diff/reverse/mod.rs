//! Reverse mode.
//!
//! *In:* a function. *Out:* its forward sweep, which computes the value and keeps what is needed, and its backward sweep, which
//! turns the cotangent of the result into adjoints.
//!
//! ```text
//! let s = mul(w, x)          ⟶   …          ⟶   w_bar += s_bar * x;  x_bar += s_bar * w
//! place = e                  ⟶   place = e  ⟶   let t = take place_bar [as its shape];  (adjoint of e) += t
//! swap a, b                  ⟶   swap a, b   ⟶   swap a_bar, b_bar
//! place += e                 ⟶   place += e ⟶   (adjoint of e) += place_bar
//! if c { A } else { B }      ⟶   records    ⟶   the reverse of the block that ran; where c looks at indices alone, if c { .. } else { .. }
//! for i in a..b { A }        ⟶   a tape     ⟶   for i in (a..b).rev() { reverse of A }
//! let y = g(x)               ⟶   g's forward half ⟶ g's backward half
//! ```
//!
//! Statements are reversed one by one from the last. The adjoint of a variable is declared where it is first added to, so that the
//! first contribution needs no zero; what no contribution reaches has no adjoint and no statements.
//!
//! [`adjoints`] adds to adjoints, [`stores`] reverses what overwrites memory, [`branches`] choices, [`loops`] loops, and [`calls`] calls; [`told`] looks ahead.

mod adjoints;
mod branches;
mod calls;
mod loops;
mod stores;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Span;

use crate::analysis::activity::{self, Varied};
use crate::analysis::save::Changed;
use crate::analysis::settled;
use crate::ir::sets::VarMap;
use crate::ir::{Block, Expr, Form, Function, Kind, Operand, Passing, Place, Statement, Value, Var, uses};

use super::{again, shapes, versions};

use told::{collect_definitions, collect_indices, collect_reshaped, keeps_shape, reads_in_nests};

pub use loops::count;

/// A function's two sweeps.
#[derive(Debug)]
pub struct Reversed {
    /// The function, with the variables of both sweeps.
    pub function: Function,
    /// The forward sweep.
    pub forward: Block,
    /// The backward sweep.
    pub backward: Block,
    /// The cotangent of the result.
    pub seed: Var,
    /// For each parameter the variable of its adjoint: a slot, or the reference that a `&mut` parameter has.
    pub slots: Vec<Option<Var>>,
    /// The adjoint of each variable that has one.
    pub adjoints: VarMap<Var>,
    /// The copies of what is left in parameters at the end of the forward sweep, and the parameters.
    pub left: BTreeMap<Var, Var>,
    /// Checks of the adjoints of what is left in parameters by `&mut`, where the sweeps run in a row: at the beginning and between them.
    pub checks: [Block; 2],
}

/// Both sweeps of a function as one sequence of statements.
#[derive(Clone, Debug)]
pub struct Sweeps {
    /// The function, with the variables of the sweeps.
    pub function: Function,
    /// The statements.
    pub body: Block,
    /// The cotangent of the result.
    pub seed: Var,
    /// The slots of the adjoints.
    pub slots: Vec<Option<Var>>,
    /// Whether they are tangents in every direction.
    pub forward_mode: bool,
}

/// Reverses a function. Copies of what is exchanged are made where the reverse sweep needs them.
pub fn reverse(function: &Function) -> Reversed {
    let (reversed, copies) = reverse_with(function, true);
    let mut is_needed = copies.is_empty();
    uses::block(&reversed.backward, &mut |var| is_needed |= copies.contains(&var));
    if is_needed { reversed } else { reverse_with(function, false).0 }
}

/// Reverses a function, and tells the copies of what is exchanged.
fn reverse_with(function: &Function, with_copies: bool) -> (Reversed, Vec<Var>) {
    let mut function = function.clone();
    let versions = versions::name(&mut function, with_copies);
    shapes::tell(&mut function, &versions);
    let body = function.body.clone();
    function.nameable = again::nameable(&function, &body);
    let mut reverser = Reverser {
        varied: activity::varied(&function).useful(&function),
        counted: activity::counted(&function),
        adjoints: VarMap::default(),
        declared: BTreeSet::new(),
        definitions: VarMap::default(),
        reshaped: BTreeSet::new(),
        indices: BTreeSet::new(),
        changed: Changed::default(),
        settled: settled::reads(&function, &body),
        versions,
        ended: BTreeSet::new(),
        is_kept_on_the_heap: false,
        copied: VarMap::default(),
        function,
    };
    collect_definitions(&reverser.function, &body, &mut reverser.definitions);
    collect_reshaped(&body, &reverser.definitions, &mut reverser.reshaped);
    collect_indices(&body, &mut reverser.indices);
    reverser.function.result.iter().for_each(|result| reverser.changed.insert(*result));
    let seed = reverser.seed();
    let slots = reverser.parameters();
    let mut left = reverser.left_in_parameters(&body);
    reverser.stored(&body, &left);
    let (mut forward, mut backward) = reverser.block(&body);
    uses_of(&backward, &mut left);
    for (copy, parameter) in &left {
        let place = Place::whole(*parameter, reverser.span(*parameter));
        forward.push(Statement::Let { var: *copy, value: Some(Value::Clone(place)), ty: None });
    }
    let mut lengths = Vec::new();
    let checks = reverser.close(&slots, &body, &mut lengths, &mut backward);
    lengths.append(&mut backward);
    let Reverser { function, adjoints, versions, definitions, .. } = reverser;
    let is_copy = |var: &Var| matches!(definitions.get(*var), Some(Value::Clone(_)));
    let copies = versions.into_keys().filter(is_copy).collect();
    (Reversed { function, forward, backward: lengths, seed, slots, adjoints, left, checks }, copies)
}

/// Leaves the copies out that the block does not use.
fn uses_of(block: &Block, copies: &mut BTreeMap<Var, Var>) {
    let mut used = BTreeSet::new();
    uses::block(block, &mut |var| _ = used.insert(var));
    copies.retain(|copy, _| used.contains(copy));
}

struct Reverser {
    function: Function,
    varied: Varied,
    /// What counts as active at kinks.
    counted: Varied,
    /// The adjoint of each variable that has one.
    adjoints: VarMap<Var>,
    /// The variables whose adjoints are declared where the backward sweep stands.
    declared: BTreeSet<Var>,
    /// What each variable starts with.
    definitions: VarMap<Value>,
    /// The sequences that may have another length than they start with.
    reshaped: BTreeSet<Var>,
    /// The indices of loops over ranges.
    indices: BTreeSet<Var>,
    /// The memory that is overwritten or moved after the statement that is reversed, and in another iteration of the loops around it.
    changed: Changed,
    /// The variables that hold elements which are left alone from then on.
    settled: BTreeSet<Var>,
    /// The names of what is overwritten, and the variables that hold it.
    versions: BTreeMap<Var, Var>,
    /// Those whose adjoints are to be handed back.
    ended: BTreeSet<Var>,
    /// Whether what loops record here is on the heap in any case, as the number of their iterations is known at run time alone.
    is_kept_on_the_heap: bool,
    /// Where numbers that are read of parameters stand once more when the function ends.
    copied: VarMap<Place>,
}

impl Reverser {
    pub(super) fn seed(&mut self) -> Var {
        let kind = self.function.result.map_or(Kind::Space, |result| self.function.variable(result).kind);
        let span = self.function.result.map_or_else(Span::mixed_site, |result| self.function.variable(result).name.span());
        let seed = self.function.fresh("seed", kind, false, Form::Reference, span);
        if let Some(result) = self.function.result {
            self.adjoints.insert(result, seed);
            self.declared.insert(result);
        }
        seed
    }

    /// Declares the slots of active parameters. Scalars, and what is changed, have an adjoint of their own first.
    pub(super) fn parameters(&mut self) -> Vec<Option<Var>> {
        let parameters = self.function.parameters.clone();
        let mut slots = Vec::new();
        for parameter in parameters {
            let variable = self.function.variable(parameter.var).clone();
            if !parameter.active {
                slots.push(None);
                continue;
            }
            let form = if parameter.passing == Passing::Mutable { Form::Reference } else { Form::Slot };
            let wish = format!("d_{}", if variable.name == "this" { "self".to_owned() } else { variable.name.to_string() });
            let slot = self.function.fresh(&wish, variable.kind, false, form, variable.name.span());
            if let Some(dimensions) = self.function.dimensions.get(&parameter.var).cloned() {
                self.function.dimensions.insert(slot, dimensions);
            }
            let direct = match parameter.passing {
                Passing::Mutable | Passing::Shared => true,
                Passing::Owned => !variable.mutable,
                Passing::Scalar => false,
            };
            if direct {
                self.adjoints.insert(parameter.var, slot);
                self.declared.insert(parameter.var);
            }
            slots.push(Some(slot));
        }
        slots
    }

    /// Lets what is read of parameters by `&mut`, and is left alone from then on, be read from copies that are made when the function ends; gives the copies. A copy is worth it
    /// where loops inside of each other read from it, as often as it has elements.
    fn left_in_parameters(&mut self, body: &Block) -> BTreeMap<Var, Var> {
        let settled = settled::reads_of_parameters(&self.function, body);
        let mut copies: BTreeMap<Var, Var> = BTreeMap::new();
        let mut places = Vec::new();
        reads_in_nests(&self.function, body, (0, false), &mut |var, place| {
            if settled.contains(&var) {
                places.push((var, place.clone()));
            }
        });
        for (var, place) in places {
            let parameter = place.root;
            let copy = copies.iter().find(|(_, of)| **of == parameter).map(|(copy, _)| *copy);
            let copy = copy.unwrap_or_else(|| {
                let wish = format!("{}_left", self.function.variable(parameter).name);
                self.function.fresh(&wish, Kind::Space, false, Form::Owned, place.span)
            });
            copies.insert(copy, parameter);
            self.copied.insert(var, place.under(copy));
        }
        copies
    }

    /// Lets what is stored in elements that are left alone from then on be read there; of parameters by `&mut`, where there are copies of what is left in them.
    fn stored(&mut self, body: &Block, copies: &BTreeMap<Var, Var>) {
        for (var, place) in settled::stores(&self.function, body) {
            let copy = copies.iter().find(|(_, of)| **of == place.root).map(|(copy, _)| *copy);
            let is_own = self.function.is_own(place.root);
            if let Some(root) = copy.or_else(|| is_own.then_some(place.root)) {
                self.copied.insert(var, place.under(root));
            }
        }
    }

    /// Checks lengths at the beginning, and adds the parameters' own adjoints to their slots at the end. Gives the checks of what is left in parameters by
    /// `&mut`: those of shapes that stay, and the others.
    fn close(&mut self, slots: &[Option<Var>], body: &Block, lengths: &mut Block, backward: &mut Block) -> [Block; 2] {
        let mut left = [Vec::new(), Vec::new()];
        for (parameter, slot) in self.function.parameters.clone().iter().zip(slots) {
            let Some(slot) = slot else { continue };
            let span = self.function.variable(parameter.var).name.span();
            let check = Statement::SameLength { adjoint: *slot, primal: Place::whole(parameter.var, span) };
            match parameter.passing {
                Passing::Shared if !self.function.is_scalar(parameter.var) => lengths.push(check),
                Passing::Mutable if !parameter.of_scalars => left[usize::from(!keeps_shape(body, parameter.var))].push(check),
                _ => {}
            }
            if let (Some(adjoint), true) = (self.adjoints.get(parameter.var), self.declared.contains(&parameter.var))
                && adjoint != slot
            {
                let value = Expr::place(Place::whole(*adjoint, span));
                let whole = !self.function.is_scalar(parameter.var);
                backward.push(Statement::Add { place: Place::whole(*slot, span), value, subtract: false, whole });
            }
        }
        left
    }

    pub(super) fn block(&mut self, block: &Block) -> (Block, Block) {
        let mut forward = Vec::new();
        let mut backward = Vec::new();
        let ends = versions::ends(block, &self.versions);
        for (position, statement) in block.iter().enumerate().rev() {
            let before = position.checked_sub(1).map(|before| &block[before]);
            let mut replaced = match statement {
                Statement::Assign { place, value } if ends.contains_key(&position) && self.declared.contains(&place.root) => {
                    self.end(place, value, ends[&position][0], &mut backward);
                    vec![statement.clone()]
                }
                Statement::Swap { first, second } => {
                    self.swap(first, second, &mut backward);
                    for version in ends.get(&position).into_iter().flatten() {
                        if self.declared.contains(&self.versions[version]) {
                            self.hand_over(*version, &mut backward);
                        }
                    }
                    vec![statement.clone()]
                }
                Statement::Assign { place, value } => {
                    self.assign(place, value, before.and_then(shape_told), &mut backward);
                    vec![statement.clone()]
                }
                other => self.statement(other, &mut backward),
            };
            self.changed.by(statement);
            replaced.reverse();
            forward.append(&mut replaced);
        }
        forward.reverse();
        (forward, backward)
    }

    /// Reverses a statement into `backward`; gives what stands for it in the forward sweep.
    pub(super) fn statement(&mut self, statement: &Statement, backward: &mut Block) -> Block {
        match statement {
            Statement::Let { var, .. } if self.ended.remove(var) => self.hand_back(*var, backward),
            Statement::Let { var, value: Some(value), .. } if self.declared.contains(var) => {
                let adjoint = self.adjoint_place(&Place::whole(*var, self.span(*var)));
                let result = Expr::place(Place::whole(*var, self.span(*var)));
                self.distribute(value, &adjoint, &result, backward);
            }
            Statement::Add { place, value, subtract, .. } if self.declared.contains(&place.root) => {
                let adjoint = Expr::place(self.adjoint_place(place));
                if let Expr::Operand(Operand::Place(source)) = value {
                    self.contribute(source, adjoint, *subtract, false, backward);
                }
            }
            Statement::Push { place, value } if self.declared.contains(&place.root) => {
                let adjoint = self.adjoint_place(place);
                let popped = self.function.fresh("element_bar", Kind::Space, false, Form::Owned, place.span);
                backward.push(Statement::Let { var: popped, value: Some(Value::Pop(adjoint)), ty: None });
                self.distribute(value, &Place::whole(popped, place.span), &Expr::place(place.clone()), backward);
            }
            Statement::Branch(branch) => return vec![self.branch(branch, backward)],
            Statement::Loop(each) => return self.each(each, backward),
            Statement::Call(call) => return self.call(call, backward),
            _ => {}
        }
        vec![statement.clone()]
    }

    pub(super) fn span(&self, var: Var) -> Span {
        self.function.variable(var).name.span()
    }
}

/// The variable of a shape that is told in front of an assignment.
fn shape_told(before: &Statement) -> Option<Var> {
    match before {
        Statement::Let { var, value: Some(Value::Shape(_) | Value::FieldTangent(_)), .. } => Some(*var),
        _ => None,
    }
}
