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

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Span, TokenStream, TokenTree};

use crate::analysis::activity::{self, Varied};
use crate::analysis::dimensions;
use crate::analysis::effects::Effects;
use crate::analysis::elements;
use crate::analysis::save::{self, Changed, Later, Plan};
use crate::analysis::settled;
use crate::ir::sets::VarMap;
use crate::ir::{
    self, Argument, Arm, Back, Block, Branch, Call, CallMode, Code, Counting, Expr, Form, Function, Header, Kind, Lambda, Loop,
    Operand, Passed, Passing, Place, Range, Seed, Statement, Step, Tape, Value, Var, edit, never_ends, uses,
};
use crate::rules::Contribution;
use crate::simplify::{self, fields};

use super::{again, excerpts, shapes, slopes, versions};

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
    let (mut forward, mut backward) = reverser.block(&body);
    uses_of(&backward, &mut left);
    for (copy, parameter) in &left {
        let place = Place::whole(*parameter, reverser.span(*parameter));
        forward.push(Statement::Let { var: *copy, value: Some(Value::Clone(place)), ty: None });
    }
    let mut checks = Vec::new();
    reverser.close(&slots, &mut checks, &mut backward);
    checks.append(&mut backward);
    let Reverser { function, adjoints, versions, definitions, .. } = reverser;
    let is_copy = |var: &Var| matches!(definitions.get(*var), Some(Value::Clone(_)));
    let copies = versions.into_keys().filter(is_copy).collect();
    (Reversed { function, forward, backward: checks, seed, slots, adjoints, left }, copies)
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

/// What variables start with; scalars have no shape that it would tell.
fn collect_definitions(function: &Function, block: &Block, into: &mut VarMap<Value>) {
    for statement in block {
        match statement {
            Statement::Let { var, value: Some(value), .. } if !function.is_scalar(*var) => drop(into.insert(*var, value.clone())),
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| collect_definitions(function, &arm.body, into)),
            Statement::Loop(each) => collect_definitions(function, &each.body, into),
            _ => {}
        }
    }
}

/// Of what starts as a copy, what is added to, replaced as a whole, or lent to a call that may do so.
fn collect_reshaped(block: &Block, definitions: &VarMap<Value>, into: &mut BTreeSet<Var>) {
    let is_copy = |value: &Value| matches!(value, Value::Clone(_) | Value::Expr(Expr::Operand(Operand::Place(_))));
    let copy = |place: &Place| Some(place.root).filter(|root| definitions.get(*root).is_some_and(is_copy));
    for statement in block {
        match statement {
            Statement::Push { place, .. } => into.extend(copy(place)),
            Statement::Swap { first, second } => into.extend([first.root, second.root]),
            Statement::Assign { place, .. } if !place.path.iter().any(|step| matches!(step, Step::Index(_))) => {
                into.extend(copy(place));
            }
            Statement::Call(call) => into.extend(call.arguments.iter().filter_map(|argument| match &argument.passed {
                Passed::Mutable(place) | Passed::Receiver(place) => copy(place),
                _ => None,
            })),
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| collect_reshaped(&arm.body, definitions, into)),
            Statement::Loop(each) => collect_reshaped(&each.body, definitions, into),
            _ => {}
        }
    }
}

fn collect_indices(block: &Block, into: &mut BTreeSet<Var>) {
    for statement in block {
        match statement {
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| collect_indices(&arm.body, into)),
            Statement::Loop(each) => {
                if let Header::Range(range) = &each.header {
                    into.insert(range.index);
                }
                collect_indices(&each.body, into);
            }
            _ => {}
        }
    }
}

/// Visits the numbers that loops inside of loops read, of which the number of iterations of one is known at run time alone.
fn reads_in_nests(function: &Function, block: &Block, (depth, counts): (usize, bool), see: &mut dyn FnMut(Var, &Place)) {
    for statement in block {
        match statement {
            Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. }
                if depth > 1 && counts && function.is_scalar(*var) && !function.variable(*var).mutable =>
            {
                see(*var, place);
            }
            Statement::Loop(each) => {
                let counts = counts || capacity(function, each).is_none();
                reads_in_nests(function, &each.body, (depth + 1, counts), see);
            }
            Statement::Branch(branch) => {
                branch.arms.iter().for_each(|arm| reads_in_nests(function, &arm.body, (depth, counts), see));
            }
            _ => {}
        }
    }
}

impl Reverser {
    fn seed(&mut self) -> Var {
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
    fn parameters(&mut self) -> Vec<Option<Var>> {
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

    /// Checks lengths at the beginning, and adds the parameters' own adjoints to their slots at the end.
    fn close(&mut self, slots: &[Option<Var>], checks: &mut Block, backward: &mut Block) {
        for (parameter, slot) in self.function.parameters.clone().iter().zip(slots) {
            let Some(slot) = slot else { continue };
            let span = self.function.variable(parameter.var).name.span();
            if parameter.passing == Passing::Shared && !self.function.is_scalar(parameter.var) {
                checks.push(Statement::SameLength { adjoint: *slot, primal: Place::whole(parameter.var, span) });
            }
            if let (Some(adjoint), true) = (self.adjoints.get(parameter.var), self.declared.contains(&parameter.var))
                && adjoint != slot
            {
                let value = Expr::place(Place::whole(*adjoint, span));
                let whole = !self.function.is_scalar(parameter.var);
                backward.push(Statement::Add { place: Place::whole(*slot, span), value, subtract: false, whole });
            }
        }
    }

    fn block(&mut self, block: &Block) -> (Block, Block) {
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
    fn statement(&mut self, statement: &Statement, backward: &mut Block) -> Block {
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

    fn span(&self, var: Var) -> Span {
        self.function.variable(var).name.span()
    }

    fn assign(&mut self, place: &Place, value: &Value, shape: Option<Var>, backward: &mut Block) {
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
    fn swap(&mut self, first: &Place, second: &Place, backward: &mut Block) {
        let roots = [first.root, second.root];
        if !roots.iter().any(|root| self.declared.contains(root)) {
            return;
        }
        roots.into_iter().for_each(|root| self.ensure(root, backward));
        let (first, second) = (self.adjoint_place(first), self.adjoint_place(second));
        backward.push(Statement::Swap { first, second });
    }

    /// The reverse of overwriting what has another name: its adjoint is handed over, and nothing is left until that of the name is handed back.
    fn end(&mut self, place: &Place, value: &Value, version: Var, backward: &mut Block) {
        let adjoint = self.adjoint_place(place);
        let name = format!("{}_taken", self.function.variable(place.root).name);
        let taken = self.function.fresh(&name, Kind::Space, false, Form::Owned, place.span);
        backward.push(Statement::Let { var: taken, value: Some(Value::Expr(Expr::place(adjoint))), ty: None });
        self.distribute(value, &Place::whole(taken, place.span), &Expr::place(place.clone()), backward);
        self.ended.insert(version);
    }

    /// Hands the adjoint of a variable that was exchanged over to the name that it has until then.
    fn hand_over(&mut self, version: Var, backward: &mut Block) {
        let whole = Place::whole(self.versions[&version], self.span(version));
        let (adjoint, own) = (self.adjoint_place(&whole), self.adjoint(version));
        backward.push(Statement::Let { var: own, value: Some(Value::Expr(Expr::place(adjoint))), ty: None });
        self.declared.insert(version);
        self.ended.insert(version);
    }

    /// Hands the adjoint of a name back to the variable.
    fn hand_back(&mut self, version: Var, backward: &mut Block) {
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

    fn is_scalar_value(&self, value: &Value) -> bool {
        match value {
            Value::Expr(Expr::Operand(Operand::Place(place))) => place.path.is_empty() && self.function.is_scalar(place.root),
            Value::Expr(Expr::Operand(Operand::Number(_)) | Expr::Apply(..)) => true,
            _ => false,
        }
    }

    /// The same place in the adjoint of its variable.
    fn adjoint_place(&mut self, place: &Place) -> Place {
        let adjoint = self.adjoint(place.root);
        place.under(adjoint)
    }

    fn adjoint(&mut self, var: Var) -> Var {
        if let Some(adjoint) = self.adjoints.get(var) {
            return *adjoint;
        }
        let variable = self.function.variable(var).clone();
        let wish = format!("{}_bar", variable.name);
        let kind = if variable.kind == Kind::Inactive { Kind::Space } else { variable.kind };
        let form = if variable.form == Form::Late { Form::Late } else { Form::Owned };
        let adjoint = self.function.fresh(&wish, kind, true, form, variable.name.span());
        self.adjoints.insert(var, adjoint);
        if self.function.buffers.contains(&var) {
            self.function.buffers.insert(adjoint);
        }
        adjoint
    }

    /// Declares the adjoint of a variable as zero, where it is not declared.
    fn ensure(&mut self, var: Var, backward: &mut Block) {
        if self.declared.insert(var) {
            let adjoint = self.adjoint(var);
            let zeros = self.zeros(var);
            backward.push(Statement::Let { var: adjoint, value: Some(zeros), ty: None });
        }
    }

    /// Zeros of a variable's shape, from what it starts with, so that it need not be kept for that.
    fn zeros(&self, var: Var) -> Value {
        if self.function.variable(var).form == Form::Late {
            return Value::Late; // filled where the variable is read
        }
        if self.function.is_scalar(var) {
            return Value::Zero;
        }
        let whole = || Value::ZerosLike(Place::whole(var, self.span(var)));
        let start = self.definitions.get(var).filter(|_| !self.reshaped.contains(&var));
        start.and_then(|value| self.shape(value)).unwrap_or_else(whole)
    }

    fn shape(&self, value: &Value) -> Option<Value> {
        Some(match value {
            Value::Expr(Expr::Apply(..) | Expr::Operand(Operand::Number(_))) | Value::Zero => Value::Zero,
            Value::Expr(Expr::Operand(Operand::Place(place))) | Value::Clone(place) => {
                if place.path.is_empty() && self.function.is_scalar(place.root) {
                    Value::Zero
                } else if let Some(array @ (Value::Array(_) | Value::Repeat(..))) = self.definitions.get(place.root)
                    && place.path.is_empty()
                {
                    self.shape(array)?
                } else if self.function.variable(place.root).mutable || self.function.variable(place.root).form != Form::Reference
                {
                    return None; // changed, or moved from
                } else {
                    Value::ZerosLike(place.clone())
                }
            }
            Value::Array(values) => Value::Array(values.iter().map(|value| self.shape(value)).collect::<Option<_>>()?),
            Value::Tuple(values) => Value::Tuple(values.iter().map(|value| self.shape(value)).collect::<Option<_>>()?),
            Value::Repeat(_, length) if length.is_inferred() => return None,
            Value::Repeat(value, length) => Value::Repeat(Box::new(self.shape(value)?), length.clone()),
            _ => return None,
        })
    }

    /// Adds to the adjoint of a place.
    fn contribute(&mut self, place: &Place, value: Expr, subtract: bool, whole: bool, backward: &mut Block) {
        if !self.varied.place(place) {
            return;
        }
        let (value, subtract) = match value {
            Expr::Apply(op, mut arguments, _) if op.0.name == "neg" => (arguments.remove(0), !subtract),
            other => (other, subtract),
        };
        if self.declared.contains(&place.root) || !place.path.is_empty() {
            self.ensure(place.root, backward);
            let place = self.adjoint_place(place);
            return backward.push(Statement::Add { place, value, subtract, whole });
        }
        self.declared.insert(place.root);
        let adjoint = self.adjoint(place.root);
        if self.function.variable(adjoint).form == Form::Late {
            backward.push(Statement::Let { var: adjoint, value: Some(Value::Late), ty: None });
            return backward.push(Statement::Assign { place: Place::whole(adjoint, place.span), value: copy_of(value) });
        }
        let value = match value {
            value if subtract => Value::Expr(Expr::apply(crate::rules::op("neg"), vec![value])),
            // what is the sweep's own is handed on
            Expr::Operand(Operand::Place(source))
                if whole && !(source.path.is_empty() && self.function.variable(source.root).form == Form::Owned) =>
            {
                Value::Clone(source)
            }
            value => Value::Expr(value),
        };
        backward.push(Statement::Let { var: adjoint, value: Some(value), ty: None });
    }

    /// Lets the adjoint of a value flow to what the value is made of.
    fn distribute(&mut self, value: &Value, adjoint: &Place, result: &Expr, backward: &mut Block) {
        match value {
            Value::Expr(Expr::Operand(Operand::Place(source))) | Value::Clone(source) => {
                let whole = !(adjoint.path.is_empty() && self.function.is_scalar(adjoint.root));
                self.contribute(source, Expr::place(adjoint.clone()), false, whole, backward);
            }
            Value::Expr(Expr::Apply(op, operands, spelling)) => {
                let active: Vec<bool> = operands.iter().map(|operand| self.counted.expr(operand)).collect();
                let contribution = Contribution { op: *op, operands, result, active: &active, spelling };
                for (index, operand) in operands.iter().enumerate() {
                    let Expr::Operand(Operand::Place(source)) = operand else { continue };
                    if !self.varied.expr(operand) {
                        continue;
                    }
                    if let Some(flow) = contribution.of(index, Expr::place(adjoint.clone())) {
                        self.contribute(source, flow, false, false, backward);
                    }
                }
            }
            Value::Tuple(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.distribute(value, &adjoint.then(Step::Element(index as u32)), result, backward);
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    let tokens = proc_macro2::Literal::usize_unsuffixed(index);
                    let code = Code { tokens: tokens_of(tokens), reads: Vec::new(), repeatable: true, span: adjoint.span };
                    self.distribute(value, &adjoint.then(Step::Index(Operand::Code(code))), result, backward);
                }
            }
            Value::Repeat(value, _) => match &**value {
                Value::Expr(Expr::Operand(Operand::Place(source))) => {
                    if self.varied.place(source) {
                        self.ensure(source.root, backward);
                        let place = self.adjoint_place(source);
                        backward.push(Statement::AddEach { place, each: adjoint.clone() });
                    }
                }
                literals => assert!(!self.varied.value(literals), "what is repeated has a name"),
            },
            Value::Struct { fields, base, .. } => {
                let base = match base.as_deref() {
                    Some(Value::Expr(Expr::Operand(Operand::Place(base)))) => Some(base),
                    _ => None,
                };
                self.distribute_struct(fields, base, adjoint, result, backward);
            }
            Value::Expr(Expr::Operand(_)) | Value::ZerosLike(_) | Value::Zero | Value::Take(..) | Value::Late => {}
            Value::Blank | Value::EmptyVec | Value::Pop(_) | Value::ArrayLike(..) | Value::FieldTangent(_) => {}
            Value::NewTape(_) | Value::Records(_) | Value::Shape(_) => {}
        }
    }

    /// What the literal names flows to its parts, the rest to the base.
    fn distribute_struct(
        &mut self,
        fields: &[(Step, Value)],
        base: Option<&Place>,
        adjoint: &Place,
        result: &Expr,
        backward: &mut Block,
    ) {
        let Some(base) = base.filter(|base| self.varied.place(base)) else {
            return fields.iter().for_each(|(step, value)| {
                if self.varied.value(value) {
                    self.distribute(value, &adjoint.then(step.clone()), result, backward);
                }
            });
        };
        let rest = self.function.fresh("rest_bar", Kind::Space, true, Form::Owned, adjoint.span);
        backward.push(Statement::Let { var: rest, value: Some(Value::Clone(adjoint.clone())), ty: None });
        let rest = Place::whole(rest, adjoint.span);
        for (step, value) in fields {
            self.field_beside_base(base, step, value, rest.then(step.clone()), result, backward);
        }
        self.contribute(base, Expr::place(rest), false, true, backward);
    }

    /// Lets the part of an adjoint flow to the value of a field, and leaves zeros there for the base, of the shape of its field.
    fn field_beside_base(&mut self, base: &Place, step: &Step, value: &Value, part: Place, result: &Expr, backward: &mut Block) {
        let is_field = |source: &Place| matches!(source.path.last(), Some(Step::Field(_)));
        let may_hold_none = match value {
            Value::Expr(Expr::Operand(Operand::Code(_))) => true,
            Value::Expr(Expr::Operand(Operand::Place(source))) | Value::Clone(source) => is_field(source),
            _ => false,
        };
        if may_hold_none {
            self.distribute(value, &part, result, backward); // of code, nowhere
            let value = Value::FieldTangent(self.field_of(base, step, backward));
            return backward.push(Statement::Assign { place: part, value });
        }
        let taken = self.function.fresh("field_bar", Kind::Space, false, Form::Owned, part.span);
        let shape = (!self.is_scalar_value(value)).then(|| {
            let field = self.field_of(base, step, backward);
            let shape = self.function.fresh("field_shape", Kind::Space, false, Form::Owned, base.span);
            backward.push(Statement::Let { var: shape, value: Some(Value::Shape(field)), ty: None });
            shape
        });
        let span = part.span;
        backward.push(Statement::Let { var: taken, value: Some(Value::Take(part, shape)), ty: None });
        self.distribute(value, &Place::whole(taken, span), result, backward);
    }

    /// A field of a base, whose shape what stands in its place may not have: as its adjoint has it, or itself where that may be absent.
    fn field_of(&mut self, base: &Place, field: &Step, backward: &mut Block) -> Place {
        self.ensure(base.root, backward);
        let adjoint = self.adjoint_place(base);
        let like = if self.function.variable(adjoint.root).form == Form::Slot { base.clone() } else { adjoint };
        like.then(field.clone())
    }

    /// Declares the adjoints that the reverse of inner blocks adds to, or takes from.
    fn ensure_outer<'b>(&mut self, blocks: impl Iterator<Item = &'b Block>, backward: &mut Block) {
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
    fn flows(&self, block: &Block, flows: &mut BTreeSet<Var>, inner: &mut BTreeSet<Var>) {
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

    fn branch(&mut self, branch: &Branch, backward: &mut Block) -> Statement {
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
    fn plan(
        &mut self,
        binds: &[Var],
        forward: &mut Block,
        reverse: &mut Block,
        (after, copied): (Option<(Var, usize)>, &VarMap<Place>),
    ) -> Plan {
        let later = Later { changed: &self.changed, after, settled: &self.settled, copied };
        let plan = save::plan(&self.function, binds, forward, reverse, Some(later));
        if plan.saved.is_empty() || !slopes::advance(&mut self.function, forward, reverse) {
            return plan;
        }
        save::plan(&self.function, binds, forward, reverse, Some(later))
    }

    /// Whether an `if` goes the same way once more: its condition is cheap, has no effect, and looks at indices of loops alone, which the reverse
    /// sweep has anyway.
    fn can_be_chosen_again(&self, branch: &Branch) -> bool {
        !branch.is_match
            && branch.on.repeatable
            && branch.arms.iter().all(|arm| arm.binds.is_empty())
            && branch.on.reads.iter().all(|var| self.indices.contains(var))
    }

    /// The copies of what a loop reads that are worth it, and what declares them: as many as numbers that need not be recorded then, at most.
    fn excerpts(&mut self, each: &Loop, forward: &Block, reverse: &Block, after: Option<(Var, usize)>) -> (VarMap<Place>, Block) {
        let without = self.copied.clone();
        if !self.is_kept_on_the_heap {
            return (without, Vec::new());
        }
        let found = excerpts::of(&mut self.function, each, &without);
        if found.is_empty() {
            return (without, Vec::new());
        }
        let with = |copied| {
            let later = Later { changed: &self.changed, after, settled: &self.settled, copied };
            save::plan(&self.function, &[], forward, reverse, Some(later))
        };
        let numbers = |plan: &Plan| plan.saved.iter().filter(|saved| self.function.is_scalar(saved.var)).count();
        let plan = with(&found.places);
        let used = found.used(&plan.repeated);
        if used.is_empty() || used.len() > numbers(&with(&without)).saturating_sub(numbers(&plan)) {
            return (without, Vec::new());
        }
        (found.places.clone(), found.declare(&used))
    }

    fn each(&mut self, each: &Loop, backward: &mut Block) -> Block {
        self.ensure_outer(std::iter::once(&each.body), backward);
        let after = match &each.header {
            Header::Range(range) => Some((range.index, self.changed.count())),
            _ => None,
        };
        self.changed.by(&Statement::Loop(each.clone()));
        let around = self.is_kept_on_the_heap;
        self.is_kept_on_the_heap |= capacity(&self.function, each).is_none();
        let (mut forward, mut reverse) = self.block(&each.body);
        if reverse.is_empty() {
            self.is_kept_on_the_heap = around;
            return vec![Statement::Loop(each.with(forward))];
        }
        let binds = match &each.header {
            Header::Range(_) | Header::Again => Vec::new(), // the reverse has its own index
            Header::While { binds, .. } => binds.clone(),
        };
        let (copied, mut statements) = self.excerpts(each, &forward, &reverse, after);
        self.is_kept_on_the_heap = around;
        let plan = self.plan(&binds, &mut forward, &mut reverse, (after, &copied));
        let mut body = plan.repeated;
        body.extend(reverse);
        let tape = (!plan.saved.is_empty()).then(|| {
            let var = self.function.fresh("tape", Kind::Inactive, true, Form::Owned, each.span());
            Tape {
                var,
                saved: plan.saved,
                capacity: capacity(&self.function, each),
                reads: false,
                shared: false,
                count: None,
                chosen: None,
            }
        });
        let read = tape.clone().map(|tape| Tape { reads: true, ..tape });
        let header = match &each.header {
            // where the order does not matter, memory is best read forward
            Header::Range(range) if tape.is_none() && each.counter.is_none() && self.in_any_order(&body, range.index) => {
                Header::Range(range.clone())
            }
            Header::Range(range) => Header::Range(Range { reversed: !range.reversed, ..range.clone() }),
            Header::While { .. } | Header::Again => Header::Again,
        };
        let counted = |with| if each.counter.is_some() { with } else { Counting::None };
        let counts = if tape.is_none() { counted(Counting::Counts) } else { Counting::None };
        let (counter, follows) = (each.counter, counted(Counting::Follows));
        backward.push(Statement::Loop(Loop { header, body, exit: None, counter, counting: follows, tape: read }));
        statements.push(Statement::Loop(Loop { body: forward, counting: counts, tape, ..each.clone() }));
        statements
    }

    /// Whether the iterations only read what is there before them, and only add to adjoints, but for elements that each takes for itself.
    fn in_any_order(&self, body: &Block, index: Var) -> bool {
        let is_free = |function: &Function, body: &Block| {
            let inside = Effects::of_block(body);
            let is_free = inside.writes.is_empty() || inside.writes.is_subset(&elements::taken(function, body, index));
            is_free && inside.reads.is_disjoint(&inside.adds)
        };
        let mut apart = body.clone();
        if is_free(&self.function, body) || !fields::are_used(&mut apart) {
            return is_free(&self.function, body);
        }
        // sequences in two fields meet nowhere, as two variables do not
        let mut function = self.function.clone();
        let mut inside = BTreeSet::from([index]);
        uses::declared_within(&apart, &mut inside);
        fields::apart(&mut function, &mut apart, &inside, 0);
        is_free(&function, &apart)
    }

    fn call(&mut self, call: &Call, backward: &mut Block) -> Block {
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
        let again: Vec<_> = call.arguments.iter().map(|argument| self.again(argument, call.recursive, &mut forward)).collect();
        let mode = if call.recursive { CallMode::Recomputed(back) } else { CallMode::Split(back) };
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
            recomputes: call.recursive.then(|| call.callee.clone()),
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
        let mut body = super::schedule::together(&self.function, &without_effects(&forward), reverse);
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
        self.function.is_own(place.root) && !self.changed.contains(place.root)
    }

    /// What the backward half is given again; what may be overwritten in between is kept.
    fn again(&mut self, argument: &Argument, recomputed: bool, forward: &mut Block) -> Argument {
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
                Passed::Value(Operand::Place(kept))
            }
            other => other.clone(),
        };
        Argument { passed, active: argument.active }
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
            || matches!(call.callee, ir::Callee::Parameter(_))
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

/// The variable of a shape that is told in front of an assignment.
fn shape_told(before: &Statement) -> Option<Var> {
    match before {
        Statement::Let { var, value: Some(Value::Shape(_) | Value::FieldTangent(_)), .. } => Some(*var),
        _ => None,
    }
}

fn copy_of(value: Expr) -> Value {
    match value {
        Expr::Operand(Operand::Place(source)) => Value::Clone(source),
        other => Value::Expr(other),
    }
}

fn argument_place(argument: &Argument) -> Option<&Place> {
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

/// The block without the code that is there for its effect alone, for a sweep that runs once more.
fn without_effects(block: &Block) -> Block {
    let has_effect_alone = |statement: &Statement| match statement {
        Statement::Code { binds, writes, .. } => binds.is_empty() && writes.is_empty(),
        Statement::NoExit(_) | Statement::Inert(_) | Statement::Check { .. } => true,
        _ => false,
    };
    let mut kept: Block = block.iter().filter(|statement| !has_effect_alone(statement)).cloned().collect();
    for statement in &mut kept {
        edit::inner_blocks(statement, &mut |inner| *inner = without_effects(inner));
    }
    kept
}

/// How many records a loop makes at most in place, where its range shows it: literal ends, a constant, or the length of an array that is one.
pub fn capacity(function: &Function, each: &Loop) -> Option<TokenStream> {
    const MOST: usize = 1024;
    let Header::Range(each) = &each.header else { return None };
    let start: usize = each.start.literal()?;
    let known = dimensions::length(function, &each.end).filter(|_| !each.inclusive);
    if let Some(counted) = each.literal().or_else(|| Some(start..known.as_ref().and_then(ir::literal)?)) {
        let count = counted.len();
        return (count <= MOST).then(|| tokens_of(proc_macro2::Literal::usize_unsuffixed(count)));
    }
    if known.is_some() {
        return known;
    }
    let end = &each.end.tokens;
    let is_constant = function.is_size(end) || function.is_constant(end) && end.to_string().len() > 1;
    (each.end.reads.is_empty() && !each.inclusive && is_constant).then(|| end.clone())
}

/// How many iterations a loop has at most, where that is a constant: one of a single letter as well, which a loop over units is often counted by. Its
/// records are no tape in place, as halves that are apart would hand all of it on.
pub fn count(function: &Function, each: &Loop) -> Option<TokenStream> {
    capacity(function, each).or_else(|| {
        let Header::Range(range) = &each.header else { return None };
        let text = range.end.tokens.to_string();
        let mut text = text.chars();
        let is_letter = text.next().is_some_and(char::is_uppercase) && text.next().is_none() && range.end.reads.is_empty();
        let counts = range.start.literal::<usize>() == Some(0) && !range.inclusive;
        (is_letter && counts && !function.letters_are_parameters).then(|| range.end.tokens.clone())
    })
}

fn tokens_of(literal: proc_macro2::Literal) -> TokenStream {
    TokenTree::Literal(literal).into()
}
