//! What is taken from an adjoint for the last time is read, and not set to zero; an adjoint that is only read is not copied.
//!
//! ```text
//! let v_bar = copy of seed                        let v_bar = copy of seed
//! for i in 1..n { let t = take v_bar[i]; .. }  ⟶  for i in 1..n { let t = v_bar[i]; .. }      ⟶   for i in 1..n { let t = seed[i]; .. }
//! let t = take v_bar[0]                           let t = v_bar[0]                                 let t = seed[0]
//! ```
//!
//! *In:* a block. *Out:* the same, where of numbers that stand in memory of the sweeps' own, and are taken by a loop over them or by a literal index, those are left
//! as they are that nothing reads later: what comes later are other elements, as literal ends of ranges show.

use crate::analysis::effects::Effects;
use crate::analysis::elements;
use crate::ir::{Block, Expr, Form, Function, Kind, Operand, Range, Statement, Step, Value, Var, edit, uses};

/// Lets what is taken for the last time stand.
pub fn leave(function: &Function, block: &mut Block) {
    for statement in block.iter_mut() {
        edit::inner_blocks(statement, &mut |inner| leave(function, inner));
    }
    for position in (0..block.len()).rev() {
        let Statement::Let { var, value: Some(value), .. } = &block[position] else { continue };
        let (var, source) = (*var, source_of(function, value));
        if function.variable(var).kind != Kind::Space || function.variable(var).form != Form::Owned {
            continue;
        }
        let rest = &mut block[position + 1..];
        if last_takes(function, rest, var)
            && source.is_some_and(|source| is_left_alone(rest, source) && rename(rest, var, source))
        {
            block.remove(position);
        }
    }
}

/// The reference whose copy the value is.
fn source_of(function: &Function, value: &Value) -> Option<Var> {
    match value {
        Value::Clone(place) if place.path.is_empty() && function.variable(place.root).form == Form::Reference => Some(place.root),
        _ => None,
    }
}

/// Which elements of a sequence a statement takes.
enum Region {
    One(usize),
    Of(Range),
    Any,
}

impl Region {
    /// The first, and the one past the last, as far as literals tell.
    fn ends(&self) -> (Option<usize>, Option<usize>) {
        match self {
            Self::One(index) => (Some(*index), Some(index + 1)),
            Self::Of(range) => {
                let past = range.end.literal::<usize>().map(|end| end + usize::from(range.inclusive));
                (range.start.literal(), past)
            }
            Self::Any => (None, None),
        }
    }

    /// Whether it has nothing in common with another one.
    fn is_apart(&self, other: &Self) -> bool {
        let is_before = |(_, past): (_, Option<usize>), (first, _): (Option<usize>, _)| {
            past.zip(first).is_some_and(|(past, first)| past <= first)
        };
        is_before(self.ends(), other.ends()) || is_before(other.ends(), self.ends())
    }
}

/// Makes reads of what is taken for the last time; whether there was something.
fn last_takes(function: &Function, rest: &mut [Statement], var: Var) -> bool {
    // elements of one sequence are all numbers, or none is
    let is_of_numbers = rest.iter_mut().any(|statement| taken(function, statement, var).is_some_and(|taken| taken.is_number));
    if !is_of_numbers {
        return false;
    }
    let mut later: Vec<Region> = Vec::new();
    let mut found = false;
    for statement in rest.iter_mut().rev() {
        let mentions = uses::mentions(statement, var);
        if mentions == 0 {
            continue;
        }
        let region = match taken(function, statement, var).filter(|_| mentions == 1) {
            Some(Taken { region, value, .. }) => {
                if later.iter().all(|other| region.is_apart(other)) {
                    let Value::Take(place, _) = value else { unreachable!("something is taken") };
                    *value = Value::Expr(Expr::place(place.clone()));
                    found = true;
                }
                region
            }
            None => Region::Any,
        };
        later.push(region);
    }
    found
}

/// What a statement takes from a sequence.
struct Taken<'s> {
    region: Region,
    value: &'s mut Value,
    is_number: bool,
}

/// What a statement takes from the sequence, element by element.
fn taken<'s>(function: &Function, statement: &'s mut Statement, var: Var) -> Option<Taken<'s>> {
    match statement {
        Statement::Let { var: number, value: Some(value), .. } => {
            let Step::Index(Operand::Code(code)) = element(value, var)? else { return None };
            Some(Taken { region: Region::One(code.literal()?), value, is_number: function.is_scalar(*number) })
        }
        Statement::Loop(each) => {
            let range = each.to_its_end()?.clone();
            let (number, value) = each.body.iter_mut().find_map(|inner| match inner {
                Statement::Let { var: number, value: Some(value), .. } => {
                    let is_own = elements::is_index(function, element(value, var)?, range.index);
                    is_own.then_some((*number, value))
                }
                _ => None,
            })?;
            Some(Taken { region: Region::Of(range), value, is_number: function.is_scalar(number) })
        }
        _ => None,
    }
}

/// The index of the number that the value takes from the sequence.
fn element(value: &Value, var: Var) -> Option<&Step> {
    match value {
        Value::Take(place, None) if place.root == var => match place.path.as_slice() {
            [step] => Some(step),
            _ => None,
        },
        _ => None,
    }
}

fn is_left_alone(rest: &[Statement], var: Var) -> bool {
    rest.iter().all(|statement| {
        let effects = Effects::of_statement(statement);
        !effects.writes.contains(&var) && !effects.adds.contains(&var)
    })
}

/// Lets another variable stand for this one, where only elements of it are read; else changes nothing.
fn rename(rest: &mut [Statement], var: Var, by: Var) -> bool {
    let mut all = 0;
    rest.iter().for_each(|statement| all += uses::mentions(statement, var));
    let mut renamed = rest.to_vec();
    let mut found = 0;
    edit::exprs(&mut renamed, &mut |expr| {
        edit::places(expr, &mut |place| {
            if place.root == var && !place.path.is_empty() {
                place.root = by;
                found += 1;
            }
        });
    });
    if found == all {
        rest.clone_from_slice(&renamed);
    }
    found == all
}
