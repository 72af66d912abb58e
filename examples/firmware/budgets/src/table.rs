//! The costs of all gradients: as committed, as measured, and as a table to read.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use crate::board::{BOARDS, Cost, root};
use crate::{CANDIDATES, SUBJECTS};

/// Which gradient it is: board, subject and candidate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    board: String,
    subject: String,
    candidate: String,
}

impl Key {
    /// A gradient on a board.
    pub fn new(board: &str, subject: &str, candidate: &str) -> Self {
        Self { board: board.to_owned(), subject: subject.to_owned(), candidate: candidate.to_owned() }
    }
}

/// `subjects::range_bearing` ⟶ `range bearing`
fn shown_name(subject: &str) -> String {
    let (group, name) = subject.split_once("::").unwrap_or(("", subject));
    let name = name.replace('_', " ");
    if group == "programs" { format!("program: {name}") } else { name }
}

/// What each gradient costs.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<Key, Cost>);

impl Table {
    /// Adds a line.
    pub fn insert(&mut self, key: Key, cost: Cost) {
        self.0.insert(key, cost);
    }

    /// The table with the lines of another in the place of its own.
    pub fn with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The committed table.
    pub fn read() -> Result<Self, String> {
        let path = root().join("budgets.csv");
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut table = Self::default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let [board, subject, candidate, instructions, flash, stack] = fields[..] else {
                return Err(format!("{}: `{line}` has not six fields", path.display()));
            };
            let number = |field: &str| field.parse().map_err(|_| format!("{}: `{field}` is no number", path.display()));
            let cost = Cost { instructions: number(instructions)?, flash: number(flash)?, stack: number(stack)? };
            table.insert(Key::new(board, subject, candidate), cost);
        }
        Ok(table)
    }

    /// Commits the table, and what people read of it.
    pub fn write(&self) -> Result<(), String> {
        let mut text = "board,subject,candidate,instructions,flash,stack\n".to_owned();
        for (key, cost) in &self.0 {
            let Key { board, subject, candidate } = key;
            let Cost { instructions, flash, stack } = cost;
            _ = writeln!(text, "{board},{subject},{candidate},{instructions},{flash},{stack}");
        }
        for (name, text) in [("budgets.csv", text), ("budgets.md", self.to_markdown())] {
            fs::write(root().join(name), text).map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(())
    }

    /// The generated gradients that cost over one hundredth more than they may, or whose budget is missing.
    pub fn exceeds(&self, budget: &Self) -> Vec<String> {
        let mut exceeded = Vec::new();
        for (key, cost) in self.0.iter().filter(|(key, _)| key.candidate == "generated") {
            let Some(most) = budget.0.get(key) else {
                exceeded.push(format!("{key:?} has no budget: run with UPDATE_BUDGETS=1"));
                continue;
            };
            let figures = [
                ("instructions", cost.instructions, most.instructions),
                ("flash", cost.flash, most.flash),
                ("stack", cost.stack, most.stack),
            ];
            for (name, cost, most) in figures {
                if 100 * cost > 101 * most {
                    exceeded.push(format!("{} on {}: {name} {cost}, the budget is {most}", key.subject, key.board));
                }
            }
        }
        exceeded
    }

    /// A table of each board: what the candidates cost, and the generated gradient by the one written by hand.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        for board in BOARDS {
            _ = writeln!(
                text,
                "| {} | instructions | flash | stack | generated ÷ by hand | by hand, where it may overflow |",
                board.name
            );
            _ = writeln!(text, "| --- | --- | --- | --- | --- | --- |");
            for subject in SUBJECTS {
                let costs = CANDIDATES.map(|candidate| self.0.get(&Key::new(board.name, subject, candidate)));
                let [Some(generated), Some(by_hand), _] = costs else { continue };
                let shown =
                    |cost: Option<&Cost>, of: fn(&Cost) -> u64| cost.map_or("–".to_owned(), |cost| of(cost).to_string());
                let list = |of: fn(&Cost) -> u64| costs.map(|cost| shown(cost, of)).join(" / ");
                let ratio = |of: fn(&Cost) -> u64| format!("{:.2}", of(generated) as f64 / of(by_hand) as f64);
                let figures: [fn(&Cost) -> u64; 3] = [|cost| cost.instructions, |cost| cost.flash, |cost| cost.stack];
                let [instructions, flash, stack] = figures.map(list);
                let ratios = figures.map(ratio).join(" / ");
                let unguarded = self.0.get(&Key::new(board.name, subject, "unguarded"));
                let unguarded = unguarded.map_or(String::new(), |cost| figures.map(|of| of(cost).to_string()).join(" / "));
                _ = writeln!(text, "| {} | {instructions} | {flash} | {stack} | {ratios} | {unguarded} |", shown_name(subject));
            }
            text.push('\n');
        }
        text
    }
}
