//! Programs from a seed: functions over the whole accepted language, whose values stay bounded.
//!
//! What is written is Rust by construction: variables are in scope, indices within bounds, borrows apart. What is stored in a loop
//! is damped, and functions with a domain get arguments within it, so that results can be compared.

mod chains;
mod closures;
mod cursors;
mod functions;
mod lists;
mod scope;
mod statements;
mod values;
mod wholes;
mod wide;

use super::prng::Prng;
use super::tree::{Dialect, Function, Program, Struct, Ty};
use scope::Variable;

/// A program under construction.
struct Generator {
    random: Prng,
    structs: Vec<Struct>,
    functions: Vec<Function>,
    /// The variables of the function that is being written, innermost last.
    variables: Vec<Variable>,
    /// How many names were made.
    fresh: usize,
    /// Whether the function is generic over its float.
    generic: bool,
    /// How many loops are around.
    loops: usize,
    /// How many statements may still be written.
    budget: usize,
    /// How deep expressions may be.
    deepest: usize,
    /// What the function returns; none where a `return` would leave something else.
    returns: Option<Option<Ty>>,
}

/// The program of a seed and a number.
#[must_use]
pub fn program(seed: u64, number: u64) -> Program {
    let mut random = Prng::new(seed, number);
    let single = random.percent(15);
    let second_order = random.percent(40);
    let relaxed = random.percent(15);
    // what is wrong shows in small programs as well, and of these there are many in the same time
    let size = *random.pick(&[1, 2, 2, 3, 3, 4, 6, 12]);
    let deepest = *random.pick(&[1, 1, 2, 2, 3]);
    let mut generator = Generator {
        random,
        structs: Vec::new(),
        functions: Vec::new(),
        variables: Vec::new(),
        fresh: 0,
        generic: false,
        loops: 0,
        budget: 0,
        deepest,
        returns: None,
    };
    generator.declare_structs();
    generator.declare_functions(size);
    let Generator { structs, functions, mut random, .. } = generator;
    // partial derivatives that are given have no derivatives themselves
    let second_order = second_order && functions.iter().all(|function| function.arguments.is_empty());
    let functions = called(functions, &structs);
    let mut program = Program { seed: (seed, number), single, second_order, relaxed, asked: Vec::new(), structs, functions };
    program.asked = asked(&program.comparisons(), &mut random);
    program
}

/// The entry, and what it calls.
fn called(mut functions: Vec<Function>, structs: &[Struct]) -> Vec<Function> {
    for index in (0..functions.len() - 1).rev() {
        let call = format!("{}(", functions[index].name);
        let calls = |function: &Function| function.item(structs, Dialect::Plain, "f64").contains(&call);
        if !functions[index + 1..].iter().any(calls) {
            functions.remove(index);
        }
    }
    functions
}

/// All that can be compared, or, much cheaper, one or two derivative functions.
fn asked(all: &[&'static str], random: &mut Prng) -> Vec<&'static str> {
    if random.percent(10) {
        return all.to_vec();
    }
    let count = if random.percent(30) { 2 } else { 1 };
    let chosen: Vec<_> = (0..count).map(|_| *random.pick(&all[1..])).collect();
    all.iter().copied().filter(|name| chosen.contains(name)).collect()
}
