//! Names for what memory holds until it is overwritten.
//!
//! *In:* a function. *Out:* the same, where an array or a `Vec` whose elements loops read before it is overwritten as a whole has a name of its own for
//! that long.
//!
//! ```text
//! for j { .. h[j] .. }             let h_before = h
//! h = next                   ⟶     for j { .. h_before[j] .. }
//!                                  h = next
//!
//! for j { .. h[j] .. }             let h_before = h.clone()
//! swap h, next               ⟶     for j { .. h_before[j] .. }
//!                                  swap h, next
//! ```
//!
//! Nothing overwrites `h_before`, so that the reverse sweep reads its elements again, and one record holds all of it in the place of one for every
//! element that is read, as often as it is. The name takes the memory over, it is no copy: what is overwritten is not needed. Where it is exchanged, it lives on
//! in the other variable, and the name is a copy; so that there are such names only where they are recorded. The adjoint of a name goes back to that of `h`
//! in either case, as nothing else adds to it in between.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};

use crate::analysis::save;
use crate::ir::replace::Replaced;
use crate::ir::{
    Block, Callee, Code, Expr, Form, Function, Kind, Operand, Passed, Place, Statement, Step, Value, Var, edit, uses,
};

/// Gives such memory names; the variable behind each of them. Those that are copies only if there may be some.
pub fn name(function: &mut Function, with_copies: bool) -> BTreeMap<Var, Var> {
    let mut versions = BTreeMap::new();
    let mut body = std::mem::take(&mut function.body);
    block(function, &mut body, &mut versions, with_copies);
    function.body = body;
    versions
}

/// The assignments of a block that end a version, by position.
pub fn ends(block: &Block, versions: &BTreeMap<Var, Var>) -> BTreeMap<usize, Vec<Var>> {
    let mut open = BTreeMap::new();
    let mut ends = BTreeMap::new();
    for (position, statement) in block.iter().enumerate() {
        if let Statement::Let { var, .. } = statement
            && versions.contains_key(var)
        {
            open.insert(versions[var], *var);
        }
        let ended: Vec<Var> = replaced(statement).into_iter().filter_map(|root| open.remove(&root)).collect();
        if !ended.is_empty() {
            ends.insert(position, ended);
        }
    }
    ends
}

/// The variables that hold something else as a whole after the statement.
fn replaced(statement: &Statement) -> Vec<Var> {
    let whole = |places: &[&Place]| places.iter().filter(|place| place.path.is_empty()).map(|place| place.root).collect();
    match statement {
        Statement::Assign { place, .. } => whole(&[place]),
        Statement::Swap { first, second } => whole(&[first, second]),
        _ => Vec::new(),
    }
}

fn block(function: &mut Function, statements: &mut Block, versions: &mut BTreeMap<Var, Var>, with_copies: bool) {
    for statement in statements.iter_mut() {
        edit::inner_blocks(statement, &mut |inner| block(function, inner, versions, with_copies));
    }
    for position in (0..statements.len()).rev() {
        let mut position = position;
        for var in replaced(&statements[position]) {
            let swapped = matches!(&statements[position], Statement::Swap { .. });
            let Some(start) = version(function, statements, position, var).filter(|_| !swapped || with_copies) else { continue };
            let span = function.variable(var).name.span();
            let wish = format!("{}_before", function.variable(var).name);
            let before = function.fresh(&wish, Kind::Space, false, Form::Owned, span);
            let mut replaced = Replaced::default();
            replaced.insert(function, var, None, before);
            statements[start..position].iter_mut().for_each(|statement| replaced.statement(statement));
            if let Statement::Assign { value, .. } = &mut statements[position] {
                replaced.value(value);
            }
            let whole = Place::whole(var, span);
            let value = if swapped { Value::Clone(whole) } else { Value::Expr(Expr::place(whole)) };
            statements.insert(start, Statement::Let { var: before, value: Some(value), ty: None });
            versions.insert(before, var);
            position += 1;
        }
    }
}

/// From where on the elements of the variable are only read, in loops, until the statement replaces it as a whole.
fn version(function: &Function, statements: &Block, position: usize, root: Var) -> Option<usize> {
    let variable = function.variable(root);
    if variable.kind != Kind::Space || !function.is_own(root) {
        return None;
    }
    let reads_alone = |statement: &&Statement| {
        let mut changed = BTreeSet::new();
        save::changes(statement, &mut changed);
        let mut declares = false;
        uses::declared(statement, &mut |var| declares |= var == root);
        !changed.contains(&root) && !declares
    };
    let start = position - statements[..position].iter().rev().take_while(reads_alone).count();
    let segment = &statements[start..position];
    let name = variable.name.to_string();
    let is_read = segment.iter().any(|statement| reads_in_loop(statement, root, false));
    (is_read && segment.iter().all(|statement| can_be_renamed(statement, root, &name))).then_some(start)
}

/// Whether a loop reads elements of the variable, or a call takes it.
fn reads_in_loop(statement: &Statement, var: Var, in_loop: bool) -> bool {
    let is_indexed = |place: &Place| {
        place.root == var && place.path.iter().any(|step| matches!(step, Step::Index(index) if !is_literal(index)))
    };
    match statement {
        Statement::Let { value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. } => in_loop && is_indexed(place),
        Statement::Call(call) => {
            call.arguments.iter().any(|argument| matches!(&argument.passed, Passed::Shared(place) if place.root == var))
        }
        Statement::Loop(each) => each.body.iter().any(|inner| reads_in_loop(inner, var, true)),
        Statement::Branch(branch) => branch.arms.iter().flat_map(|arm| &arm.body).any(|inner| reads_in_loop(inner, var, in_loop)),
        _ => false,
    }
}

fn is_literal(index: &Operand) -> bool {
    matches!(index, Operand::Code(code) if code.literal::<usize>().is_some())
}

/// Whether another name can stand for the variable wherever the statement mentions it.
fn can_be_renamed(statement: &Statement, var: Var, name: &str) -> bool {
    let mut mentioned = false;
    uses::statement(statement, &mut |used| mentioned |= used == var);
    if !mentioned {
        return true;
    }
    let all = |block: &Block| block.iter().all(|inner| can_be_renamed(inner, var, name));
    match statement {
        Statement::Call(call) => {
            let is_plain = |passed: &Passed| match passed {
                Passed::Value(_) | Passed::Shared(_) | Passed::Receiver(_) => true,
                Passed::Mutable(_) | Passed::Lent(_) | Passed::Closure(..) | Passed::Function(..) => false,
            };
            !matches!(call.callee, Callee::Parameter(_)) && call.arguments.iter().all(|argument| is_plain(&argument.passed))
        }
        Statement::Code { code, .. } | Statement::Inert(code) => shows(code, name),
        Statement::Leave(_) | Statement::NoExit(_) | Statement::Back(_) | Statement::Unwind { .. } => false,
        Statement::Branch(branch) => {
            let patterns = branch.arms.iter().all(|arm| !holds(&arm.pattern, name, true));
            shows(&branch.on, name) && patterns && branch.arms.iter().all(|arm| all(&arm.body))
        }
        Statement::Loop(each) => each.conditions().iter().all(|code| shows(code, name)) && all(&each.body),
        _ => true,
    }
}

/// Whether the code names the variable by tokens alone, not in a string.
fn shows(code: &Code, name: &str) -> bool {
    !holds(&code.tokens, name, false)
}

/// Whether a literal of the tokens, or also an identifier, holds the name.
fn holds(tokens: &TokenStream, name: &str, identifiers: bool) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => holds(&group.stream(), name, identifiers),
        TokenTree::Literal(literal) => literal.to_string().contains(name),
        TokenTree::Ident(ident) => identifiers && ident == name,
        TokenTree::Punct(_) => false,
    })
}
