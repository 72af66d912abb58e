//! Copies of receivers that backward halves alone are given: what of them is kept, the callee knows.
//!
//! *In:* the blocks of both sweeps. *Out:* those of the copies ([`Function::before`]) that stand nowhere else than in their declaration, in records, and as what a
//! backward half is given again. What else reads a copy, as other passes may have it, has to find the whole of it.

use std::collections::BTreeMap;

use crate::ir::sets::VarSet;
use crate::ir::{Block, Function, Passed, Saved, Statement, Var, uses};

/// The copies that nothing else reads.
pub fn alone(function: &Function, blocks: &[&Block]) -> VarSet {
    let mut found = VarSet::default();
    if function.before.is_empty() {
        return found;
    }
    let (mut mentioned, mut expected) = (BTreeMap::new(), BTreeMap::new());
    for block in blocks {
        uses::block(block, &mut |var| *mentioned.entry(var).or_insert(0) += 1);
        expect(block, &mut |var| *expected.entry(var).or_insert(0) += 1);
    }
    for var in function.before.keys().filter(|var| mentioned.get(var) == expected.get(var)) {
        found.insert(*var);
    }
    found
}

/// Visits where copies may stand.
fn expect(block: &Block, visit: &mut impl FnMut(Var)) {
    for statement in block {
        uses::lambdas(statement).into_iter().for_each(|lambda| expect(&lambda.body, visit));
        match statement {
            Statement::Let { var, .. } => visit(*var),
            Statement::Back(back) => {
                for argument in &back.again {
                    if let Passed::Receiver(place) = &argument.passed
                        && place.path.is_empty()
                    {
                        visit(place.root);
                    }
                }
            }
            Statement::Branch(branch) => {
                for arm in &branch.arms {
                    expect(&arm.body, visit);
                    in_records(&arm.saved, visit);
                }
            }
            Statement::Loop(each) => {
                expect(&each.body, visit);
                each.tape.iter().for_each(|tape| in_records(&tape.saved, visit));
            }
            Statement::Unwind { arms, .. } => {
                for (saved, body) in arms {
                    in_records(saved, visit);
                    expect(body, visit);
                }
            }
            _ => {}
        }
    }
}

/// What stands in a column of its own has the type of its elements from there.
fn in_records(saved: &[Saved], visit: &mut impl FnMut(Var)) {
    saved.iter().filter(|saved| saved.apart.is_none()).for_each(|saved| visit(saved.var));
}
