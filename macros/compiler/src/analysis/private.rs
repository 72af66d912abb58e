//! Which memory the iterations of a loop have each for itself, though it is declared in front of the loop.
//!
//! ```text
//! let mut terms = vec![0.0; k];
//! for x in xs { for c in 0..k { terms[c] = e(x, c) }  total += f(&terms) }
//! ```
//!
//! *In:* a function's forward sweep, and a loop of it. *Out:* whether an iteration overwrites all of a variable before it reads any of it, and nothing
//! but the loop mentions it. Then no number passes from one iteration to another, though the memory is one: the variable's adjoint is zero
//! where the reverse of an iteration begins, as nothing reads the variable later, and zero where it ends, as every element has been taken by
//! the reverse of what overwrote it. So it is as if the adjoint were declared in each iteration.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::analysis::elements;
use crate::ir::sets::VarMap;
use crate::ir::{Block, Expr, Form, Function, Header, Loop, Operand, Passed, Place, Range, Statement, Step, Value, Var, uses};

/// The variables of a forward sweep that are declared in it, with what tells where they are used.
#[derive(Debug, Default)]
pub struct Memory {
    /// How often each is mentioned.
    mentions: VarMap<usize>,
    /// The lengths that each is declared with, outermost first: none for what is no array of numbers, and no `Vec` of them.
    lengths: VarMap<Vec<String>>,
}

impl Memory {
    /// Of a forward sweep.
    pub fn of(forward: &Block) -> Self {
        let mut memory = Self::default();
        uses::block(forward, &mut |var| *memory.mentions.entry(var).get_or_insert(0) += 1);
        memory.declarations(forward);
        memory
    }

    fn declarations(&mut self, block: &Block) {
        for statement in block {
            match statement {
                Statement::Let { var, value: Some(value), .. } => {
                    self.lengths.insert(*var, lengths_of(value).unwrap_or_default());
                }
                Statement::Branch(branch) => branch.arms.iter().for_each(|arm| self.declarations(&arm.body)),
                Statement::Loop(each) => self.declarations(&each.body),
                _ => {}
            }
        }
    }

    /// Those of the variables that each iteration of the loop has for itself.
    pub fn private(&self, function: &Function, each: &Loop, vars: impl Iterator<Item = Var>) -> Vec<Var> {
        let inside = mentions(&each.body);
        vars.filter(|var| self.is_private(function, each, &inside, *var, 0)).collect()
    }

    /// Whether each iteration has the variable for itself, which is mentioned so often in the body, and so often outside of the loop beside its
    /// declaration, where nothing depends on what it holds.
    pub fn is_private(&self, function: &Function, each: &Loop, inside: &BTreeMap<Var, usize>, var: Var, outside: usize) -> bool {
        let Some(lengths) = self.lengths.get(var) else { return false };
        // once more where it is declared
        let only_here = self.mentions.get(var).copied() == inside.get(&var).map(|count| count + 1 + outside);
        let walk = Walk { function, var, lengths };
        only_here
            && function.result != Some(var)
            && function.variable(var).form == Form::Owned
            && walk.block(&each.body, &mut Overwritten::default()).is_some()
    }

    /// Whether nothing mentions a variable but its declaration, and the body of a loop so often.
    pub fn is_in_loop_alone(&self, inside: &BTreeMap<Var, usize>, var: Var) -> bool {
        self.mentions.get(var).copied() == inside.get(&var).map(|count| count + 1)
    }
}

/// How often a block mentions each variable.
pub fn mentions(block: &Block) -> BTreeMap<Var, usize> {
    let mut found: BTreeMap<Var, usize> = BTreeMap::new();
    uses::block(block, &mut |var| *found.entry(var).or_default() += 1);
    found
}

/// The lengths of a value of arrays of numbers; none of one of anything else.
fn lengths_of(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Repeat(element, length) => Some([length.tokens.to_string()].into_iter().chain(lengths_of(element)?).collect()),
        Value::Array(elements) => {
            let inner = lengths_of(elements.first()?)?;
            Some([elements.len().to_string()].into_iter().chain(inner).collect())
        }
        Value::Expr(Expr::Operand(Operand::Code(code))) => written_lengths(code.tokens.clone()),
        Value::Zero | Value::Expr(Expr::Operand(Operand::Number(_)) | Expr::Apply(..)) => Some(Vec::new()),
        _ => None,
    }
}

/// The lengths in `[[0.0; n]; m]`, `vec![0.0; n]` and the like.
fn written_lengths(value: TokenStream) -> Option<Vec<String>> {
    let tokens: Vec<TokenTree> = value.into_iter().collect();
    let array = match tokens.as_slice() {
        [.., TokenTree::Literal(number)] if tokens.len() <= 2 => {
            return number.to_string().starts_with(|c: char| c.is_ascii_digit()).then(Vec::new);
        }
        [TokenTree::Group(array)] => array,
        [TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(array)] if name == "vec" && bang.as_char() == '!' => {
            array
        }
        _ => return None,
    };
    let inside: Vec<TokenTree> = array.stream().into_iter().collect();
    let semicolon = inside.iter().position(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';'))?;
    let part = |tokens: &[TokenTree]| tokens.iter().cloned().collect::<TokenStream>();
    let inner = written_lengths(part(&inside[..semicolon])).filter(|_| array.delimiter() == Delimiter::Bracket)?;
    Some([part(&inside[semicolon + 1..]).to_string()].into_iter().chain(inner).collect())
}

/// What of the variable an iteration has overwritten so far.
#[derive(Clone, Default)]
struct Overwritten {
    all: bool,
    /// Elements with literal indices.
    elements: BTreeSet<usize>,
}

struct Walk<'a> {
    function: &'a Function,
    var: Var,
    lengths: &'a [String],
}

impl Walk<'_> {
    /// None where something is read that the iteration may not have overwritten, or where the variable is changed in another way.
    fn block(&self, block: &Block, done: &mut Overwritten) -> Option<()> {
        block.iter().try_for_each(|statement| self.statement(statement, done))
    }

    fn statement(&self, statement: &Statement, done: &mut Overwritten) -> Option<()> {
        match statement {
            Statement::Check { .. } => Some(()), // of its type
            Statement::Assign { place, value } if place.root == self.var => {
                let mut reads = false;
                uses::value(value, &mut |var| reads |= var == self.var);
                self.require(!reads && !self.is_in_indices(place) || done.all)?;
                self.overwrite(place, done)
            }
            Statement::Loop(each) if self.fills(each, &mut Vec::new()) => {
                done.all = true;
                Some(())
            }
            Statement::Loop(each) => {
                let conditions = each.conditions().into_iter().chain(&each.exit).any(|code| code.reads.contains(&self.var));
                self.require(!conditions || done.all)?;
                self.block(&each.body, &mut done.clone()) // it may run not at all
            }
            Statement::Branch(branch) => {
                self.require(!branch.on.reads.contains(&self.var) || done.all)?;
                let arms = branch.arms.iter().map(|arm| {
                    let mut here = done.clone();
                    self.block(&arm.body, &mut here).map(|()| here)
                });
                let arms = arms.collect::<Option<Vec<_>>>()?;
                let common = |a: Overwritten, b: Overwritten| Overwritten {
                    all: a.all && b.all,
                    elements: a.elements.intersection(&b.elements).copied().collect(),
                };
                *done = arms.into_iter().reduce(common).unwrap_or_default();
                Some(())
            }
            other => {
                let mut mentions = false;
                uses::statement(other, &mut |var| mentions |= var == self.var);
                self.require(!mentions || done.all && self.only_reads(other))
            }
        }
    }

    fn require(&self, holds: bool) -> Option<()> {
        holds.then_some(())
    }

    fn is_in_indices(&self, place: &Place) -> bool {
        let mut times = 0;
        uses::place(place, &mut |var| times += usize::from(var == self.var));
        times > 1
    }

    /// Whether the statement leaves the variable's lengths as they are, and does not lend it to what may change it.
    fn only_reads(&self, statement: &Statement) -> bool {
        match statement {
            Statement::Let { value: Some(value), .. } => !matches!(value, Value::Take(..) | Value::Pop(_)) && !self.moves(value),
            Statement::Assign { value, .. } => !self.moves(value),
            Statement::Add { .. } | Statement::Inert(_) | Statement::NoExit(_) => true,
            Statement::Code { writes, .. } => !writes.contains(&self.var),
            Statement::Call(call) => call.arguments.iter().all(|argument| match &argument.passed {
                Passed::Shared(_) | Passed::Function(..) => true,
                Passed::Value(Operand::Place(place)) => place.root != self.var || !place.path.is_empty(),
                Passed::Value(_) => true,
                Passed::Mutable(place) | Passed::Lent(place) | Passed::Receiver(place) => place.root != self.var,
                Passed::Closure(..) => false,
            }),
            _ => false,
        }
    }

    /// Whether the value takes the variable with it.
    fn moves(&self, value: &Value) -> bool {
        let mut moved = BTreeSet::new();
        let statement = Statement::Let { var: self.var, value: Some(value.clone()), ty: None };
        crate::analysis::save::moves(&statement, &mut moved);
        moved.contains(&self.var) && !self.function.is_scalar(self.var)
    }

    /// A scalar as a whole, or an element of an array.
    fn overwrite(&self, place: &Place, done: &mut Overwritten) -> Option<()> {
        match place.path.as_slice() {
            [] => {
                done.all = true;
                self.require(self.function.is_scalar(self.var))
            }
            [Step::Index(Operand::Code(index))] if self.lengths.len() == 1 => {
                done.elements.extend(index.literal::<usize>());
                done.all |= self.lengths[0].parse::<usize>().is_ok_and(|length| (0..length).all(|i| done.elements.contains(&i)));
                Some(())
            }
            [Step::Index(_), ..] => Some(()),
            _ => None,
        }
    }

    /// Whether the loop, with those inside of it, overwrites every element, and reads none before.
    fn fills(&self, each: &Loop, indices: &mut Vec<Var>) -> bool {
        let Header::Range(range) = &each.header else { return false };
        if !self.is_whole(range, indices.len()) || each.exit.is_some() || each.counter.is_some() {
            return false;
        }
        indices.push(range.index);
        let mut filled = false;
        for statement in &each.body {
            match statement {
                Statement::Check { .. } => {}
                Statement::Assign { place, value } if self.is_element(place, indices) => {
                    let mut reads = false;
                    uses::value(value, &mut |var| reads |= var == self.var);
                    if reads {
                        return false;
                    }
                    filled = true;
                }
                Statement::Loop(inner) if indices.len() < self.lengths.len() && self.fills(inner, &mut indices.clone()) => {
                    filled = true;
                }
                other => {
                    let mut mentions = false;
                    uses::statement(other, &mut |var| mentions |= var == self.var);
                    if mentions && !(filled && self.is_of_element(other, indices)) {
                        return false;
                    }
                }
            }
        }
        filled
    }

    /// Whether the range is that of all indices at a depth.
    fn is_whole(&self, range: &Range, depth: usize) -> bool {
        let Some(length) = self.lengths.get(depth) else { return false };
        let lasts = range.end.reads.iter().all(|var| !self.function.variable(*var).mutable);
        range.start.literal() == Some(0usize) && !range.inclusive && lasts && range.end.tokens.to_string() == *length
    }

    /// Whether the place is the element at these indices, one number.
    fn is_element(&self, place: &Place, indices: &[Var]) -> bool {
        let is_index = |(step, index): (&Step, &Var)| elements::is_index(self.function, step, *index);
        place.root == self.var
            && place.path.len() == self.lengths.len()
            && indices.len() == self.lengths.len()
            && place.path.iter().zip(indices).all(is_index)
    }

    /// Whether all that a plain statement does to the variable is to this element.
    fn is_of_element(&self, statement: &Statement, indices: &[Var]) -> bool {
        match statement {
            Statement::Let { value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. } => {
                self.is_element(place, indices)
            }
            Statement::Add { place, value, .. } => {
                let mut reads = false;
                uses::expr(value, &mut |var| reads |= var == self.var);
                self.is_element(place, indices) && !reads
            }
            _ => false,
        }
    }
}
