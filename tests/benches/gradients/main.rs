//! How fast the generated gradients are: `cargo bench -p differentiable-tests --bench gradients`.
//!
//! | argument | what it does |
//! | --- | --- |
//! | `--quick` | fewer rounds |
//! | `--only NAME` | only problems whose names contain this |
//! | `--growth` | how the cost grows with the size, in place of the table |
//! | `--profile ROLE` | runs one candidate of the problems over and over, for a profiler: `hand`, `value_and_grad`, .. |

mod harness;
mod others;
mod problems;

use std::time::Duration;

use harness::{Effort, Measured, Role};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let after = |flag: &str| arguments.iter().position(|argument| argument == flag).and_then(|at| arguments.get(at + 1));
    let effort = if has("--quick") {
        Effort { rounds: 7, sample: Duration::from_micros(50), limit: Duration::from_secs(2) }
    } else {
        Effort { rounds: 41, sample: Duration::from_micros(200), limit: Duration::from_secs(12) }
    };
    let wanted = |name: &str| after("--only").is_none_or(|only| name.contains(only.as_str()));
    if let Some(role) = after("--profile") {
        for (_, make) in problems::table().into_iter().filter(|(name, _)| wanted(name)) {
            profile(&*make(), role);
        }
    } else if has("--growth") {
        growth(effort, &wanted);
    } else {
        table(effort, &wanted);
    }
}

/// Runs one candidate for two seconds or so.
fn profile(problem: &dyn Measured, role: &str) {
    let named = |candidate: &Role| format!("{candidate:?}").to_lowercase() == role.replace('_', "");
    let role = Role::ALL.into_iter().find(named).expect("the name of a column");
    problem.run(role, 1000);
}

/// The table of all problems, as markdown.
fn table(effort: Effort, wanted: &dyn Fn(&str) -> bool) {
    let columns = &Role::ALL[1..];
    let headings: Vec<&str> = columns.iter().map(|role| role.heading()).collect();
    println!("| problem | size | function | {} | generated ÷ by hand |", headings.join(" | "));
    println!("| --- | --- | --- |{}", " --- |".repeat(columns.len() + 1));
    for (_, make) in problems::table().into_iter().filter(|(name, _)| wanted(name)) {
        let row = make().measure(effort);
        let ratio = |role: &Role| match row.ratios.iter().find(|(of, _)| of == role) {
            Some((_, ratio)) => format!("{ratio:.2}"),
            None => "–".to_owned(),
        };
        let ratios: Vec<String> = columns.iter().map(ratio).collect();
        let to_hand = row.to_hand.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
        println!("| {} | {} | {:.3?} | {} | {to_hand} |", row.name, row.size, row.primal, ratios.join(" | "));
    }
}

/// How the cost of an element changes while the size grows by a factor of a thousand.
fn growth(effort: Effort, wanted: &dyn Fn(&str) -> bool) {
    println!("| problem | size | function, ns an element | `value_and_grad`, ns an element |");
    println!("| --- | --- | --- | --- |");
    for (_, make) in problems::growing().into_iter().filter(|(name, _)| wanted(name)) {
        for size in [100, 1_000, 10_000, 100_000] {
            let row = make(size).measure(effort);
            let each = |role| {
                let ratio = row.ratios.iter().find(|(of, _)| *of == role).map_or(f64::NAN, |(_, ratio)| *ratio);
                1e9 * ratio * row.primal.as_secs_f64() / row.work
            };
            println!("| {} | {} | {:.2} | {:.2} |", row.name, row.size, each(Role::Primal), each(Role::ValueAndGrad));
        }
    }
}
