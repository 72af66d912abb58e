//! How numbers lie in variables: of a `const` function, whose derivatives cannot ask a trait for it, and where records of them stand.
//!
//! *In:* the shapes of the parameters, and the statements. *Out:* the shape of each variable that is made of numbers, as far as what it is made of
//! tells.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::ir::{Block, Call, CallMode, Expr, Function, Kind, Operand, Place, Saved, Statement, Step, Value, Var};
use crate::signature::{self, Signature};

/// As many numbers as take 64 KiB.
const NUMBERS: usize = 64 * 1024 / size_of::<f64>();
/// How many records stand in place that hold something whose size is not known: arrays, structs, backward halves of calls.
const OF_UNKNOWN_SIZE: usize = 128;
/// How many that hold the records of a loop inside.
const WITH_RECORDS: usize = 16;

/// How numbers lie in a value.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Scalar,
    Array(Box<Shape>, TokenStream),
    Tuple(Vec<Shape>),
}

impl Shape {
    /// The shape of a parameter or a result.
    pub(super) fn of(shape: &signature::Shape) -> Self {
        match shape {
            signature::Shape::Scalar => Self::Scalar,
            signature::Shape::Array(inner, length) => Self::Array(Box::new(Self::of(inner)), length.clone()),
            signature::Shape::Tuple(count) => Self::Tuple(vec![Self::Scalar; *count]),
        }
    }

    /// How many numbers there are: the product of a number and of constants, where all lengths are literals and constants.
    fn count(&self, function: &Function) -> Option<(usize, Vec<TokenStream>)> {
        match self {
            Self::Scalar => Some((1, Vec::new())),
            Self::Array(inner, length) => {
                let (factor, mut lengths) = inner.count(function)?;
                if let Ok(literal) = length.to_string().parse::<usize>() {
                    return Some((factor * literal, lengths));
                }
                lengths.push(function.is_constant(length).then(|| length.clone())?);
                Some((factor, lengths))
            }
            Self::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| part.count(function)).collect::<Option<_>>()?;
                parts
                    .iter()
                    .all(|(_, lengths)| lengths.is_empty())
                    .then(|| (parts.iter().map(|(factor, _)| factor).sum(), Vec::new()))
            }
        }
    }

    /// Zeros of the shape.
    pub(super) fn zeros(&self) -> TokenStream {
        match self {
            Self::Scalar => quote!(0.0),
            Self::Array(inner, length) => {
                let inner = inner.zeros();
                quote!([#inner; #length])
            }
            Self::Tuple(parts) => {
                let parts = parts.iter().map(Self::zeros);
                quote!((#(#parts,)*))
            }
        }
    }
}

/// The shapes in a derivative, where a loop of a constant number of iterations keeps sequences: their size decides where they stand.
pub(super) fn of_records(signature: &Signature, function: &Function, blocks: &[&Block]) -> Shapes {
    if !keeps_sequences(function, blocks) {
        return Shapes::default();
    }
    let parameters = signature.parameters.iter().zip(&function.parameters);
    Shapes::of(function, blocks, parameters.filter_map(|(p, parameter)| Some((parameter.var, Shape::of(p.shape.as_ref()?)))))
}

/// Whether a loop of a constant number of iterations keeps sequences.
fn keeps_sequences(function: &Function, blocks: &[&Block]) -> bool {
    blocks.iter().any(|block| {
        block.iter().any(|statement| match statement {
            Statement::Loop(each) => {
                let tape = each.tape.as_ref().filter(|tape| !tape.reads && tape.capacity.is_some());
                let keeps = tape.is_some_and(|tape| tape.saved.iter().any(|saved| !function.is_scalar(saved.var)));
                keeps || keeps_sequences(function, &[&each.body])
            }
            Statement::Branch(branch) => branch.arms.iter().any(|arm| keeps_sequences(function, &[&arm.body])),
            _ => false,
        })
    })
}

/// How many records stand in place: as many as take 64 KiB, and fewer where their size is not known.
pub(super) enum Most {
    /// So many.
    Records(usize),
    /// As many as so many numbers in each allow, an expression of constants.
    OfNumbers(TokenStream),
}

/// The shapes of variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    known: BTreeMap<Var, Shape>,
    tapes: BTreeSet<Var>,
    /// Backward halves of calls.
    halves: BTreeSet<Var>,
}

impl Shapes {
    /// The shapes in a function, of which those of some variables are known.
    pub(super) fn of(function: &Function, blocks: &[&Block], known: impl Iterator<Item = (Var, Shape)>) -> Self {
        let mut shapes = Self { known: known.collect(), tapes: BTreeSet::new(), halves: BTreeSet::new() };
        // what is assigned later may be what an earlier variable has its shape from
        for _ in 0..2 {
            blocks.iter().for_each(|block| shapes.block(function, block));
        }
        shapes
    }

    /// How many of the records that hold this stand in place, where there are sequences, structs,
    /// records or backward halves in it.
    pub(super) fn most_in_place(&self, function: &Function, held: &[Saved]) -> Option<Most> {
        let holds = |of: &BTreeSet<Var>| held.iter().any(|saved| of.contains(&saved.var));
        if holds(&self.tapes) {
            return Some(Most::Records(WITH_RECORDS));
        }
        if holds(&self.halves) {
            return Some(Most::Records(OF_UNKNOWN_SIZE));
        }
        if !held.iter().any(|saved| function.variable(saved.var).kind == Kind::Space) {
            return None;
        }
        let (mut literal, mut constants) = (0, Vec::new());
        for saved in held {
            let numbers = match self.known.get(&saved.var) {
                Some(shape) => shape.count(function),
                None => function.is_scalar(saved.var).then_some((1, Vec::new())),
            };
            let Some((factor, lengths)) = numbers else { return Some(Most::Records(OF_UNKNOWN_SIZE)) };
            match lengths.as_slice() {
                [] => literal += factor,
                lengths => {
                    let factor = (factor > 1).then(|| proc_macro2::Literal::usize_unsuffixed(factor).to_token_stream());
                    let lengths = lengths.iter().map(|length| quote!(#length as usize));
                    constants.extend(factor.into_iter().chain(lengths).reduce(|left, right| quote!(#left * #right)));
                }
            }
        }
        if constants.is_empty() {
            return Some(Most::Records(NUMBERS / literal.max(1)));
        }
        let literal = (literal > 0).then(|| proc_macro2::Literal::usize_unsuffixed(literal));
        let terms = literal.map(|literal| literal.to_token_stream()).into_iter().chain(constants);
        terms.reduce(|left, right| quote!(#left + #right)).map(Most::OfNumbers)
    }

    fn block(&mut self, function: &Function, block: &Block) {
        for statement in block {
            match statement {
                Statement::Let { var, value: Some(value), .. } => self.learn(function, *var, value),
                Statement::Assign { place, value } if place.path.is_empty() => self.learn(function, place.root, value),
                Statement::Branch(branch) => branch.arms.iter().for_each(|arm| self.block(function, &arm.body)),
                Statement::Unwind { arms, .. } => arms.iter().for_each(|(_, body)| self.block(function, body)),
                Statement::Loop(each) => {
                    self.tapes.extend(each.tape.iter().filter(|tape| !tape.reads).map(|tape| tape.var));
                    self.block(function, &each.body);
                }
                Statement::Call(Call { mode: CallMode::Split(back) | CallMode::SplitTangent(back, ..), .. }) => {
                    self.halves.insert(*back);
                }
                _ => {}
            }
        }
    }

    fn learn(&mut self, function: &Function, var: Var, value: &Value) {
        if !self.known.contains_key(&var)
            && let Some(shape) = self.value(function, value)
        {
            self.known.insert(var, shape);
        }
    }

    fn value(&self, function: &Function, value: &Value) -> Option<Shape> {
        Some(match value {
            Value::Expr(Expr::Apply(..) | Expr::Operand(Operand::Number(_))) | Value::Zero => Shape::Scalar,
            Value::Expr(Expr::Operand(Operand::Place(place)))
            | Value::Clone(place)
            | Value::Take(place, None)
            | Value::ZerosLike(place) => self.place(function, place)?,
            Value::Tuple(values) => Shape::Tuple(values.iter().map(|value| self.value(function, value)).collect::<Option<_>>()?),
            Value::Array(values) => {
                let count = proc_macro2::Literal::usize_unsuffixed(values.len());
                Shape::Array(Box::new(self.value(function, values.first()?)?), quote!(#count))
            }
            Value::Repeat(value, length) => Shape::Array(Box::new(self.value(function, value)?), length.tokens.clone()),
            _ => return None,
        })
    }

    /// The shape of what is at a place.
    pub(super) fn place(&self, function: &Function, place: &Place) -> Option<Shape> {
        let root = match self.known.get(&place.root) {
            Some(shape) => shape.clone(),
            None if function.is_scalar(place.root) => Shape::Scalar,
            None => return None,
        };
        place.path.iter().try_fold(root, |shape, step| match (shape, step) {
            (Shape::Array(inner, _), Step::Index(_)) => Some(*inner),
            (Shape::Tuple(parts), Step::Element(index)) => parts.get(*index as usize).cloned(),
            _ => None,
        })
    }
}
