//! A second copy of statements, before differentiation, that declares variables of its own.
//!
//! *In:* `for i in 0..n { let t = mul(x[i], y); total = add(total, t) }`. *Out:* `for i_2 in 0..n { let t_2 = mul(x[i_2], y); total = add(total, t_2) }`

use std::collections::{BTreeMap, BTreeSet};

use super::replace::Replaced;
use super::{Block, Branch, Function, Header, Statement, Var, uses};

/// The copy; none, where patterns that are copied as they are bind variables, or closures do.
pub fn of_block(function: &mut Function, block: &[Statement]) -> Option<Block> {
    if !block.iter().all(is_copied) {
        return None;
    }
    let mut copy = block.to_vec();
    let mut declared = BTreeSet::new();
    uses::declared_within(&copy, &mut declared);
    let copies: BTreeMap<Var, Var> = declared.into_iter().map(|var| (var, function.alike(var))).collect();
    let mut replaced = Replaced::default();
    copies.iter().for_each(|(var, by)| replaced.insert(function, *var, None, *by));
    declare(&mut copy, &copies);
    replaced.block(&mut copy);
    Some(copy)
}

fn is_copied(statement: &Statement) -> bool {
    match statement {
        Statement::Code { binds, .. } => binds.is_empty(),
        Statement::Branch(Branch { arms, record, .. }) => {
            record.is_none() && arms.iter().all(|arm| arm.binds.is_empty() && arm.body.iter().all(is_copied))
        }
        Statement::Loop(each) => {
            let binds = matches!(&each.header, Header::While { binds, .. } if !binds.is_empty());
            !binds && !matches!(each.header, Header::Again) && each.tape.is_none() && each.body.iter().all(is_copied)
        }
        Statement::Call(_) => uses::lambdas(statement).is_empty(),
        Statement::Back(_) | Statement::Unwind { .. } => false,
        _ => true,
    }
}

/// Lets a block declare the copies.
fn declare(block: &mut Block, copies: &BTreeMap<Var, Var>) {
    let rename = |var: &mut Var| *var = copies.get(var).copied().unwrap_or(*var);
    for statement in block {
        match statement {
            Statement::Let { var, .. } => rename(var),
            Statement::Code { writes, .. } => writes.iter_mut().for_each(rename),
            Statement::Call(call) => rename(&mut call.result),
            Statement::Branch(branch) => branch.arms.iter_mut().for_each(|arm| declare(&mut arm.body, copies)),
            Statement::Loop(each) => {
                if let Header::Range(range) = &mut each.header {
                    rename(&mut range.index);
                }
                each.counter.iter_mut().for_each(rename);
                declare(&mut each.body, copies);
            }
            _ => {}
        }
    }
}
