//! The table of constructs, `tests/LANGUAGE.md`: every test that it names exists.

use std::collections::BTreeSet;

/// The names of the tests in a file.
fn tests_of(file: &str) -> BTreeSet<String> {
    let path = format!("{}/tests/{file}.rs", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut names = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line == "#[test]" {
            is_test = true;
        } else if let Some(name) = line.strip_prefix("fn ").filter(|_| is_test) {
            names.extend(name.split('(').next().map(ToOwned::to_owned));
            is_test = false;
        }
    }
    names
}

#[test]
fn every_test_of_the_table_exists() {
    let table = include_str!("../LANGUAGE.md");
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let cells =
        table.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.trim_end_matches(" |").rsplit(" | ").next());
    let named: Vec<(&str, &str)> = cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter_map(|code| code.split_once("::"))
        .filter(|(file, name)| is_name(file) && is_name(name))
        .collect();
    assert!(named.len() > 100, "the table names {} tests", named.len());
    for (file, name) in named {
        assert!(tests_of(file).contains(name), "`{file}::{name}` is no test");
    }
}

#[test]
fn every_line_of_the_table_names_a_test() {
    let rows = include_str!("../LANGUAGE.md").lines().filter(|line| line.starts_with("| "));
    for row in rows.filter(|row| *row != "| what | tests |" && *row != "| --- | --- |") {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
        assert!(tests.starts_with('`') && tests.contains("::"), "no test stands in: {row}");
    }
}
