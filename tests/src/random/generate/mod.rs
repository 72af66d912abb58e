//! Programs from a seed: functions over the whole accepted language, whose values stay bounded.
//!
//! What is written is Rust by construction: variables are in scope, indices within bounds, borrows apart. What is stored in a loop
//! is damped, and functions with a domain get arguments within it, so that results can be compared.

mod chains;
mod functions;
mod scope;
mod statements;
mod values;
mod wide;

use super::prng::Prng;
use super::tree::{Function, Program, Struct, Ty};
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
    /// What the function returns; none where a `return` would leave something else.
    returns: Option<Option<Ty>>,
}

/// The program of a seed and a number.
#[must_use]
pub fn program(seed: u64, number: u64) -> Program {
    let mut random = Prng::new(seed, number);
    let single = random.percent(15);
    let second_order = random.percent(40);
    let matrices = random.percent(25);
    let relaxed = random.percent(15);
    let size = *random.pick(&[2, 4, 6, 8, 14]);
    let mut generator = Generator {
        random,
        structs: Vec::new(),
        functions: Vec::new(),
        variables: Vec::new(),
        fresh: 0,
        generic: false,
        loops: 0,
        budget: 0,
        returns: None,
    };
    generator.declare_structs();
    generator.declare_functions(size);
    let Generator { structs, functions, .. } = generator;
    // partial derivatives that are given have no derivatives themselves
    let second_order = second_order && functions.iter().all(|function| function.arguments.is_empty());
    Program { seed: (seed, number), single, second_order, relaxed, matrices, structs, functions }
}
