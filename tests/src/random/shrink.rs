//! Makes a program that fails smaller, as long as it fails in the same way.

use std::io;

use super::batch::Verdict;
use super::tree::{Kind, Node, Part, Program, Ty, float};

/// How many smaller programs are tried at once.
const AT_ONCE: usize = 40;
/// How often.
const ROUNDS: usize = 25;

/// The smallest program found.
///
/// # Errors
///
/// If a batch cannot be judged.
pub fn shrink(program: Program, kind: &str, judge: &dyn Fn(&[Program]) -> io::Result<Vec<Verdict>>) -> io::Result<Program> {
    let mut smallest = program;
    for _ in 0..ROUNDS {
        let mut candidates = smaller(&smallest);
        candidates.retain(|candidate| candidate.size() < smallest.size());
        candidates.sort_by_key(Program::size);
        let mut found = None;
        for chunk in candidates.chunks(AT_ONCE) {
            let verdicts = judge(chunk)?;
            found =
                chunk.iter().zip(verdicts).find(|(_, verdict)| verdict.kind() == Some(kind)).map(|(program, _)| program.clone());
            if found.is_some() {
                break;
            }
        }
        match found {
            Some(program) => smallest = program,
            None => break,
        }
    }
    Ok(smallest)
}

/// Programs that are smaller by one step.
#[must_use]
pub fn smaller(program: &Program) -> Vec<Program> {
    let mut all = Vec::new();
    if program.second_order {
        all.push(Program { second_order: false, ..program.clone() });
    }
    if program.relaxed {
        all.push(Program { relaxed: false, ..program.clone() });
    }
    if program.asked.len() > 1 {
        all.extend(program.asked.iter().map(|&name| Program { asked: vec![name], ..program.clone() }));
    }
    for index in 0..program.functions.len() - 1 {
        let mut without = program.clone();
        without.functions.remove(index);
        all.push(without);
    }
    for index in 0..program.functions.len() {
        for body in reductions(&program.functions[index].body) {
            let mut reduced = program.clone();
            reduced.functions[index].body = body;
            all.push(reduced);
        }
        if program.functions[index].generic {
            let mut concrete = program.clone();
            concrete.functions[index].generic = false;
            all.push(concrete);
        }
    }
    all
}

/// The node, smaller by one step.
fn reductions(node: &Node) -> Vec<Node> {
    let mut all = Vec::new();
    match &node.kind {
        Kind::Block => all.extend(without_statements(node)),
        Kind::Value(ty) => {
            if *ty == Ty::Float {
                all.push(float("«0.75»", Vec::new()));
            }
            let mut inside = Vec::new();
            of_kind(node, &node.kind, &mut inside);
            all.extend(inside);
        }
        Kind::Statement => {
            let mut blocks = Vec::new();
            of_kind(node, &Kind::Block, &mut blocks);
            all.extend(blocks.into_iter().map(|block| Node { kind: Kind::Statement, parts: vec![Part::Node(block)] }));
        }
    }
    for (index, part) in node.parts.iter().enumerate() {
        let Part::Node(child) = part else { continue };
        for smaller in reductions(child) {
            let mut parts = node.parts.clone();
            parts[index] = Part::Node(smaller);
            all.push(Node { kind: node.kind.clone(), parts });
        }
    }
    all
}

/// A block without one of its statements, or without half of them.
fn without_statements(node: &Node) -> Vec<Node> {
    let statements = node.children().filter(|child| child.kind == Kind::Statement).count();
    let cut = |from: usize, to: usize| {
        let parts = node.parts.iter().enumerate().filter(|(index, _)| !(from..to).contains(index)).map(|(_, part)| part.clone());
        Node { kind: Kind::Block, parts: parts.collect() }
    };
    let halves = [(0, statements / 2), (statements / 2, statements)].into_iter().filter(|_| statements > 2);
    halves.chain((0..statements).map(|i| (i, i + 1))).map(|(from, to)| cut(from, to)).collect()
}

/// The nearest nodes of a kind inside of a node.
fn of_kind(node: &Node, kind: &Kind, found: &mut Vec<Node>) {
    for child in node.children() {
        if child.kind == *kind {
            found.push(child.clone());
        } else {
            of_kind(child, kind, found);
        }
    }
}
