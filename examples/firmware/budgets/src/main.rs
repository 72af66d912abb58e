//! Measures the gradients of `firmware::subjects` on both boards, and compares them with `budgets.csv`.
//!
//! ```sh
//! cargo run --release -p budgets                       # fails where a generated gradient costs over 1 % more than committed
//! UPDATE_BUDGETS=1 cargo run --release -p budgets      # writes `budgets.csv` and `budgets.md`
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

const SUBJECTS: &[&str] = &["polynomial", "thermistor", "attitude", "range_bearing", "logistic", "ellipsoid", "network"];
const CANDIDATES: [&str; 3] = ["generated", "by_hand", "dual"];

fn measure() -> Result<Table, String> {
    let mut table = Table::default();
    for board in BOARDS {
        for subject in SUBJECTS {
            let nothing = board.measure(subject, "none")?;
            for candidate in CANDIDATES {
                let whole = board.measure(subject, candidate)?;
                let cost = Cost { flash: whole.flash.saturating_sub(nothing.flash), ..whole };
                let cost = Cost { instructions: whole.instructions.saturating_sub(nothing.instructions), ..cost };
                eprintln!("{} {subject} {candidate}: {cost:?}", board.name);
                table.insert(Key::new(board.name, subject, candidate), cost);
            }
        }
    }
    Ok(table)
}

fn run() -> Result<(), String> {
    programs::compare()?;
    constants::compare()?;
    let calls = Calls::of_the_library()?;
    let mut exceeded: Vec<String> = SUBJECTS.iter().flat_map(|subject| calls.objections(subject)).collect();
    let measured = measure()?;
    println!("{}", measured.to_markdown());
    if std::env::var_os("UPDATE_BUDGETS").is_some() {
        measured.write()?;
    } else {
        exceeded.extend(measured.exceeds(&Table::read()?));
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
