//! Bad input for the macro: `cargo run --profile long -p differentiable-tests --bin fuzz -- 100000 7` runs so many cases of a seed.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1);
    let mut number = |default| numbers.next().map_or(Ok(default), |number| number.parse::<u64>());
    let (cases, seed) = (number(10_000)?, number(1)?);
    match differentiable_tests::fuzz::run(seed, cases) {
        Ok(()) => println!("{cases} cases of seed {seed}: no panic, no endless loop, always Rust or errors"),
        Err(wrong) => {
            wrong.iter().for_each(|case| println!("{case}\n"));
            return Err(format!("{} of {cases} cases are wrong", wrong.len()).into());
        }
    }
    Ok(())
}
