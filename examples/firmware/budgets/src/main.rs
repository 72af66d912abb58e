//! Measures the gradients of `firmware::subjects` on both boards, and compares them with `budgets.csv`.
//!
//! ```sh
//! cargo run --release -p budgets                       # fails where a generated gradient costs over 1 % more than committed; measures these alone
//! UPDATE_BUDGETS=1 cargo run --release -p budgets      # writes `budgets.csv` and `budgets.md`
//! cargo run --release -p budgets subjects::logistic    # of what is named alone
//! ```
//!
//! It also checks the results of the programs that the firmware holds against those of the host, what the object code of the gradients calls, and
//! that the table of constant gradients stands in flash.
//!
//! Instructions are exact, flash is that of the linked program without what one that measures nothing has, and stack is what a call writes to.

mod board;
mod constants;
mod object_code;
mod programs;
mod table;

use std::process::ExitCode;

use board::{BOARDS, Cost};
use object_code::Calls;
use table::{Key, Table};

/// The modules of the firmware that are measured: small functions, and whole programs.
const SUBJECTS: &[&str] = &[
    "subjects::polynomial",
    "subjects::thermistor",
    "subjects::attitude",
    "subjects::range_bearing",
    "subjects::logistic",
    "subjects::ellipsoid",
    "subjects::network",
    "programs::kalman",
    "programs::magnetometer",
    "programs::load_cell",
    "programs::iris",
];
/// Of these there is a gradient by hand that overflows where the generated one does not.
const UNGUARDED: &[&str] = &["subjects::range_bearing"];
/// What is not measured, as it takes too long.
const TOO_LONG: (&str, &str, &str) = ("Cortex-M0", "programs::iris", "dual");
const CANDIDATES: [&str; 3] = ["generated", "by_hand", "dual"];

fn measure(subjects: &[&str], candidates: &[&str]) -> Result<Table, String> {
    let mut table = Table::default();
    for board in BOARDS {
        for subject in subjects {
            let nothing = board.measure(subject, "none")?;
            let further = (candidates.len() > 1 && UNGUARDED.contains(subject)).then_some("unguarded");
            for candidate in candidates.iter().copied().chain(further) {
                if (board.name, *subject, candidate) == TOO_LONG {
                    continue;
                }
                let whole = board.measure(subject, candidate)?;
                let cost = Cost { flash: whole.flash.saturating_sub(nothing.flash), ..whole };
                let cost = Cost { instructions: whole.instructions.saturating_sub(nothing.instructions), ..cost };
                let Cost { instructions, flash, stack } = cost;
                eprintln!("{},{subject},{candidate},{instructions},{flash},{stack}", board.name);
                table.insert(Key::new(board.name, subject, candidate), cost);
            }
        }
    }
    Ok(table)
}

fn run() -> Result<(), String> {
    let named: Vec<String> = std::env::args().skip(1).collect();
    let is_meant = |subject: &&&str| named.is_empty() || named.iter().any(|name| name == **subject);
    let subjects: Vec<&str> = SUBJECTS.iter().filter(is_meant).copied().collect();
    programs::compare()?;
    constants::compare()?;
    let calls = Calls::of_the_library()?;
    let functions = subjects.iter().filter(|subject| subject.starts_with("subjects::"));
    let mut exceeded: Vec<String> = functions.flat_map(|subject| calls.objections(subject)).collect();
    let updates = std::env::var_os("UPDATE_BUDGETS").is_some();
    let candidates = if updates || !named.is_empty() { &CANDIDATES[..] } else { &CANDIDATES[..1] };
    let measured = measure(&subjects, candidates)?;
    let committed = Table::read()?;
    exceeded.extend(measured.exceeds(&committed).into_iter().filter(|_| !updates));
    let table = committed.with(measured);
    println!("{}", table.to_markdown());
    if updates {
        table.write()?;
    }
    if exceeded.is_empty() { Ok(()) } else { Err(exceeded.join("\n")) }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
