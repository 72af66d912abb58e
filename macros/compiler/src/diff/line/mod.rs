//! A function as a straight line of scalars.
//!
//! *In:* a function whose active parameters are scalars and arrays of literal lengths, and whose result is one as well. *Out:* the same function in
//! static single assignment form: arrays and tuples fall apart into their scalars, loops over literal ranges are unrolled, and choices by what is
//! known then are made. None where something in it cannot be followed so, or where the line would be long.
//!
//! ```text
//! let y = [0; 2]                        let x_at = x[0];  let x_at_2 = x[1]
//! for i in 0..2 {                 ⟶     let product = mul(x_at, x_at)
//!   let product = mul(x[i], x[i])       let product_2 = mul(x_at_2, x_at_2)
//!   y[i] = product                      outputs: [product, product_2]
//! }
//! ```
//!
//! So each scalar of the result is a variable, and what it does not depend on is seen. The values of the line are those of the function, but for what
//! is known before it runs. Checks of types are left to the other derivatives.

mod numbers;

use std::collections::BTreeMap;

use crate::analysis::activity::{self, Varied};
use crate::ir::{
    Block, Branch, Code, Expr, Form, Function, Header, Kind, Loop, Number, Operand, Parameter, Passing, Place, Statement, Step,
    Value, Var, uses,
};
use crate::signature::Shape;
use numbers::Numbers;

/// A value that is made of others: a scalar, an array or a tuple.
#[derive(Clone, Debug)]
pub enum Tree<L> {
    /// A scalar.
    Leaf(L),
    /// The parts of an array or a tuple.
    Node(Vec<Tree<L>>),
}

impl<L> Tree<L> {
    /// The scalars, in order.
    pub fn leaves(&self) -> Vec<&L> {
        match self {
            Self::Leaf(leaf) => vec![leaf],
            Self::Node(parts) => parts.iter().flat_map(Self::leaves).collect(),
        }
    }

    fn map<M>(&self, change: &mut impl FnMut(&L) -> M) -> Tree<M> {
        match self {
            Self::Leaf(leaf) => Tree::Leaf(change(leaf)),
            Self::Node(parts) => Tree::Node(parts.iter().map(|part| part.map(change)).collect()),
        }
    }
}

/// How the scalars lie, where the lengths are literals and the scalars are few.
pub fn layout(shape: &Shape) -> Option<Tree<()>> {
    const MOST: usize = 64;
    shape.count().filter(|count| *count <= MOST)?;
    Some(match shape {
        Shape::Scalar => Tree::Leaf(()),
        Shape::Array(element, _) => Tree::Node(vec![layout(element)?; shape.length()?]),
        Shape::Tuple(count) => Tree::Node(vec![Tree::Leaf(()); *count]),
    })
}

/// A function as a straight line.
#[derive(Debug)]
pub struct Line {
    /// The function: its parameters are the scalars of the active parameters, its statements are the line.
    pub function: Function,
    /// The statements in front of it that read these scalars.
    pub loads: Block,
    /// Where each of them stands in the function's parameters.
    pub inputs: Vec<Place>,
    /// The scalars of the result.
    pub outputs: Vec<Operand>,
}

/// The most statements that a line has.
const LONGEST: usize = 192;

/// Straightens a function; `layouts` are those of its active parameters.
pub fn line(function: &Function, layouts: &[Option<Tree<()>>]) -> Option<Line> {
    let result = function.result?;
    let mut straightener = Straightener {
        source: function,
        varied: activity::varied(function),
        function: Function { body: Vec::new(), ..function.clone() },
        numbers: Numbers::of(function),
        trees: BTreeMap::new(),
        body: Vec::new(),
        steps: 0,
        depth: 0,
    };
    let mut loads = Vec::new();
    let mut inputs = Vec::new();
    for (parameter, layout) in function.parameters.iter().zip(layouts) {
        match layout {
            Some(layout) => straightener.input(parameter, layout, &mut loads, &mut inputs),
            // what it holds later on is not followed
            None if function.variable(parameter.var).mutable || parameter.active => return None,
            None => {}
        }
    }
    straightener.block(&function.body)?;
    let outputs = straightener.trees.get(&result)?.leaves().into_iter().cloned().collect();
    let mut function = straightener.function;
    function.body = straightener.body;
    function.result = None;
    let parameter = |(var, _): &(Var, Place)| Parameter {
        var: *var,
        active: true,
        passing: Passing::Scalar,
        of_scalars: true,
        of_arrays: false,
    };
    function.parameters = inputs.iter().map(parameter).collect();
    Some(Line { function, loads, inputs: inputs.into_iter().map(|(_, place)| place).collect(), outputs })
}

struct Straightener<'a> {
    source: &'a Function,
    /// What is active in it.
    varied: Varied,
    function: Function,
    /// What is known of integers.
    numbers: Numbers,
    /// What each variable that carries derivatives holds now.
    trees: BTreeMap<Var, Tree<Operand>>,
    body: Block,
    /// The statements followed.
    steps: usize,
    /// The loops around.
    depth: usize,
}

impl Straightener<'_> {
    /// The scalars of a parameter.
    fn input(&mut self, parameter: &Parameter, layout: &Tree<()>, loads: &mut Block, inputs: &mut Vec<(Var, Place)>) {
        let variable = self.source.variable(parameter.var).clone();
        let span = variable.name.span();
        let whole = Place::whole(parameter.var, span);
        let tree = match layout {
            Tree::Leaf(()) if parameter.passing == Passing::Scalar && !variable.mutable => Tree::Leaf(whole),
            layout => at(layout, whole, &|place, index| place.then(Step::constant(index))),
        };
        let tree = tree.map(&mut |place| {
            let is_itself = place.path.is_empty() && parameter.passing == Passing::Scalar && !variable.mutable;
            let var = if is_itself {
                parameter.var
            } else {
                let own = self.function.fresh(&format!("{}_at", variable.name), Kind::Scalar, false, Form::Owned, span);
                loads.push(Statement::Let { var: own, value: Some(Value::Expr(Expr::place(place.clone()))), ty: None });
                own
            };
            inputs.push((var, place.clone()));
            Operand::Place(Place::whole(var, span))
        });
        self.trees.insert(parameter.var, tree);
    }

    fn block(&mut self, block: &Block) -> Option<()> {
        block.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Statement) -> Option<()> {
        self.steps += 1;
        if self.steps > 16 * LONGEST || self.body.len() > LONGEST {
            return None;
        }
        match statement {
            Statement::Let { value: None, .. } => Some(()),
            Statement::Let { var, value: Some(value), ty } => self.declaration(*var, value, ty.is_some(), statement),
            Statement::Assign { place, value } => {
                let tree = self.value(value, place.root)?;
                self.store(place, tree)
            }
            Statement::Swap { first, second } => {
                let (old, new) = (self.resolve(first)?, self.resolve(second)?);
                self.store(first, new)?;
                self.store(second, old)
            }
            Statement::Add { place, value, subtract, whole: false } => {
                let Tree::Leaf(before) = self.resolve(place)? else { return None };
                let Tree::Leaf(added) = self.expr(value, place.root)? else { return None };
                let op = crate::rules::op(if *subtract { "sub" } else { "add" });
                let sum = Expr::apply(op, vec![Expr::Operand(before), Expr::Operand(added)]);
                let sum = self.named(sum, place.root, true);
                self.store(place, Tree::Leaf(sum))
            }
            Statement::Code { code, binds, writes } => match (binds.as_slice(), writes.as_slice()) {
                ([var], []) if self.numbers.bind(*var, &code.tokens, &self.trees) => Some(()),
                (_, writes) => (self.is_untouched(code) && !writes.iter().any(|var| self.follows(*var)))
                    .then(|| self.body.push(statement.clone())),
            },
            Statement::NoExit(_) | Statement::Inert(_) | Statement::Check { .. } => Some(()),
            Statement::Branch(branch) => self.branch(branch),
            Statement::Loop(each) => self.each(each),
            _ => None,
        }
    }

    /// Whether the code stands outside of loops and reads nothing that falls apart.
    fn is_untouched(&self, code: &Code) -> bool {
        self.depth == 0 && !code.reads.iter().any(|var| self.follows(*var))
    }

    fn follows(&self, var: Var) -> bool {
        self.trees.contains_key(&var) || self.numbers.get(var).is_some()
    }

    fn declaration(&mut self, var: Var, value: &Value, is_typed: bool, statement: &Statement) -> Option<()> {
        let variable = self.function.variable(var);
        let (is_inactive, is_mutable) = (variable.kind == Kind::Inactive, variable.mutable);
        match value {
            _ if is_inactive && is_mutable => return None,
            Value::Expr(Expr::Operand(Operand::Place(place))) if place.path.is_empty() && self.numbers.copy(var, place.root) => {
                return Some(());
            }
            Value::Expr(Expr::Operand(Operand::Code(code))) if self.numbers.bind_value(var, &code.tokens, &self.trees) => {
                return Some(());
            }
            _ if is_inactive => {
                let mut untouched = self.depth == 0;
                uses::value(value, &mut |used| untouched &= !self.follows(used));
                return untouched.then(|| self.body.push(statement.clone()));
            }
            _ => {}
        }
        if is_typed && self.depth > 0 {
            return None;
        }
        let before = self.body.len();
        let tree = self.value(value, var)?;
        // what has a name keeps it, and its type
        if let (Tree::Leaf(Operand::Place(place)), Statement::Let { ty, .. }) = (&tree, statement)
            && self.depth == 0
            && self.body.len() > before
            && !is_mutable
            && let Some(Statement::Let { var: named, ty: own, .. }) = self.body.last_mut()
            && *named == place.root
        {
            *named = var;
            own.clone_from(ty);
            let tree = Tree::Leaf(Operand::Place(Place::whole(var, place.span)));
            self.trees.insert(var, tree);
            return Some(());
        }
        self.trees.insert(var, tree);
        Some(())
    }

    /// The value in its parts; what is computed for it has the variable's name.
    fn value(&mut self, value: &Value, var: Var) -> Option<Tree<Operand>> {
        match value {
            Value::Expr(expr) => self.expr(expr, var),
            Value::Clone(place) => self.resolve(place),
            Value::Tuple(values) | Value::Array(values) => {
                Some(Tree::Node(values.iter().map(|value| self.value(value, var)).collect::<Option<_>>()?))
            }
            Value::Repeat(value, length) => {
                let length = usize::try_from(self.numbers.value(&length.tokens, &self.trees)?).ok()?;
                let part = self.value(value, var)?;
                (length <= LONGEST).then(|| Tree::Node(vec![part; length]))
            }
            Value::Zero => Some(Tree::Leaf(zero())),
            Value::ZerosLike(place) => Some(self.resolve(place)?.map(&mut |_| zero())),
            Value::ArrayLike(place, zero) if matches!(**zero, Value::Zero) => match self.resolve(place)? {
                Tree::Node(parts) => Some(Tree::Node(vec![Tree::Leaf(self::zero()); parts.len()])),
                Tree::Leaf(_) => None,
            },
            _ => None,
        }
    }

    fn expr(&mut self, expr: &Expr, var: Var) -> Option<Tree<Operand>> {
        match expr {
            Expr::Operand(Operand::Place(place)) => self.resolve(place),
            Expr::Operand(operand @ Operand::Number(_)) => Some(Tree::Leaf(operand.clone())),
            Expr::Operand(Operand::Code(code)) => {
                let code = self.numbers.substituted(code, &self.trees)?;
                if code.reads.iter().any(|var| self.trees.contains_key(var)) || !code.repeatable && self.depth > 0 {
                    return None;
                }
                let is_repeatable = code.repeatable;
                let operand = Operand::Code(code);
                Some(Tree::Leaf(if is_repeatable { operand } else { self.named(Expr::Operand(operand), var, false) }))
            }
            Expr::Apply(op, arguments, spelling) => {
                let arguments = arguments.iter().map(|argument| match self.expr(argument, var)? {
                    Tree::Leaf(operand) => Some(Expr::Operand(self.counted(argument, operand, op.0.alone.is_some()))),
                    Tree::Node(_) => None,
                });
                let arguments = arguments.collect::<Option<_>>()?;
                Some(Tree::Leaf(self.named(Expr::Apply(*op, arguments, spelling.clone()), var, false)))
            }
        }
    }

    /// An operand that counts as active at a kink, as it does in the function, though the line may show that no derivative flows through it.
    fn counted(&mut self, argument: &Expr, operand: Operand, is_kink: bool) -> Operand {
        let (true, true, Expr::Operand(Operand::Place(place))) = (is_kink, self.varied.expr(argument), argument) else {
            return operand;
        };
        let named = self.named(Expr::Operand(operand), place.root, true);
        if let Operand::Place(place) = &named {
            self.function.counted.insert(place.root);
        }
        named
    }

    /// Gives a value a name: that of the variable with a number.
    fn named(&mut self, expr: Expr, var: Var, again: bool) -> Operand {
        let name = &self.source.variable(var).name;
        let (wish, span) = (if again { format!("{name}_now") } else { name.to_string() }, name.span());
        let own = self.function.fresh(&wish, Kind::Scalar, false, Form::Owned, span);
        self.body.push(Statement::Let { var: own, value: Some(Value::Expr(expr)), ty: None });
        Operand::Place(Place::whole(own, span))
    }

    /// What stands at a place now.
    fn resolve(&mut self, place: &Place) -> Option<Tree<Operand>> {
        let steps = place.path.iter().map(|step| self.step(step)).collect::<Option<Vec<_>>>()?;
        let Some(mut tree) = self.trees.get(&place.root) else {
            // outside of what is differentiated: it stays as it is
            let place = Place { path: steps, ..place.clone() };
            let stays = !self.function.variable(place.root).mutable && self.numbers.get(place.root).is_none();
            return stays.then_some(Tree::Leaf(Operand::Place(place)));
        };
        for (position, step) in steps.iter().enumerate() {
            tree = match tree {
                Tree::Node(parts) => parts.get(index(step)?)?,
                Tree::Leaf(Operand::Place(inner)) if !self.is_own(inner) => {
                    let path = inner.path.iter().chain(&steps[position..]).cloned().collect();
                    return Some(Tree::Leaf(Operand::Place(Place { path, ..inner.clone() })));
                }
                Tree::Leaf(_) => return None,
            };
        }
        Some(tree.clone())
    }

    /// Whether the place is a scalar that the line computes.
    fn is_own(&self, place: &Place) -> bool {
        place.path.is_empty() && self.function.is_scalar(place.root)
    }

    fn step(&self, step: &Step) -> Option<Step> {
        let Step::Index(operand) = step else { return Some(step.clone()) };
        match operand {
            Operand::Place(place) if place.path.is_empty() && self.numbers.get(place.root).is_some() => {
                Some(Step::constant(usize::try_from(self.numbers.get(place.root)?).ok()?))
            }
            Operand::Code(code) => match self.numbers.value(&code.tokens, &self.trees) {
                Some(value) => Some(Step::constant(usize::try_from(value).ok()?)),
                None => (!code.reads.iter().any(|var| self.follows(*var))).then(|| step.clone()),
            },
            Operand::Place(place) => (!self.follows(place.root)).then(|| step.clone()),
            Operand::Number(_) => None,
        }
    }

    /// Stores a value at a place.
    fn store(&mut self, place: &Place, value: Tree<Operand>) -> Option<()> {
        if place.path.is_empty() {
            self.trees.insert(place.root, value);
            return Some(());
        }
        let steps = place.path.iter().map(|step| index(&self.step(step)?)).collect::<Option<Vec<_>>>()?;
        let mut tree = self.trees.get_mut(&place.root)?;
        for step in steps {
            tree = match tree {
                Tree::Node(parts) => parts.get_mut(step)?,
                Tree::Leaf(_) => return None,
            };
        }
        *tree = value;
        Some(())
    }

    /// A choice by what is known.
    fn branch(&mut self, branch: &Branch) -> Option<()> {
        if branch.is_match || branch.arms.iter().any(|arm| !arm.binds.is_empty()) {
            return None;
        }
        let taken = usize::from(self.numbers.value(&branch.on.tokens, &self.trees)? == 0);
        self.block(&branch.arms[taken].body)
    }

    fn each(&mut self, each: &Loop) -> Option<()> {
        let (Header::Range(range), None, None) = (&each.header, &each.exit, each.counter) else { return None };
        let start = self.numbers.value(&range.start.tokens, &self.trees)?;
        let end = self.numbers.value(&range.end.tokens, &self.trees)? + i128::from(range.inclusive);
        if end - start > LONGEST as i128 {
            return None;
        }
        let mut indices: Vec<i128> = (start..end).collect();
        if range.reversed {
            indices.reverse();
        }
        self.depth += 1;
        for value in indices {
            self.numbers.set(range.index, value);
            self.block(&each.body)?;
        }
        self.depth -= 1;
        self.numbers.forget(range.index);
        Some(())
    }
}

/// The variable of a line that holds a scalar of its result.
pub fn own(function: &Function, output: &Operand) -> Option<Var> {
    match output {
        Operand::Place(place) if place.path.is_empty() && function.is_scalar(place.root) => Some(place.root),
        _ => None,
    }
}

fn zero() -> Operand {
    Operand::Number(Number { written: None, value: 0.0 })
}

/// The way to each scalar of a layout.
fn at(layout: &Tree<()>, place: Place, step: &impl Fn(&Place, usize) -> Place) -> Tree<Place> {
    match layout {
        Tree::Leaf(()) => Tree::Leaf(place),
        Tree::Node(parts) => {
            Tree::Node(parts.iter().enumerate().map(|(index, part)| at(part, step(&place, index), step)).collect())
        }
    }
}

/// The position that a step with a literal leads to.
fn index(step: &Step) -> Option<usize> {
    match step {
        Step::Element(index) => Some(*index as usize),
        Step::Index(Operand::Code(code)) => code.literal(),
        Step::Field(_) | Step::Index(_) => None,
    }
}
