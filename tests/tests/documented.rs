//! The table of constructs, `tests/LANGUAGE.md`: what it names exists, and it leaves nothing out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const TABLE: &str = include_str!("../LANGUAGE.md");

/// What the language promises, construct by construct: each has a line that begins so.
const CONSTRUCTS: &[&str] = &[
    // control flow
    "`if let`",
    "`match` with guards",
    "`match` on ranges",
    "`match` with bindings",
    "`match` with alternatives",
    "`while`",
    "`while let` on inactive values",
    "`loop`",
    "`break`",
    "`break` with a value",
    "`continue`",
    "labels",
    "early `return`",
    "zero-trip loops",
    "carried nonlinear state with an early exit",
    "triangular loops",
    "ranges in reverse",
    "ranges by steps",
    "inclusive ranges",
    // loops over data
    "arrays",
    "slices",
    "`Vec`",
    "`iter`",
    "`iter_mut`",
    "`into_iter`",
    "`enumerate`",
    "`zip` of two",
    "`zip` of three",
    "`windows`",
    "`chunks`",
    "`chunks_exact`",
    "`skip` and `take`",
    "sequences in reverse and by steps",
    "`split_at`",
    "`split_at_mut`",
    "sub-slices by range",
    "`first`, `last`",
    // chains of iterators
    "`sum`",
    "`product`",
    "`fold`",
    "extremes by `fold(f64::max)`",
    "`reduce`",
    "`collect`",
    "`for_each`",
    "`map`",
    "`filter`",
    "`flat_map` over ranges",
    "`inspect`",
    "`copied` and `cloned`",
    "`chain`",
    "`scan`",
    "arrays from a function",
    "arrays that are mapped",
    // mutation
    "arrays in place",
    "slices in place",
    "swaps",
    "`copy_from_slice`",
    "`fill`",
    "conditional overwrite",
    "sums into elements that are read again",
    "`&mut` parameters",
    // aggregates
    "structs of structs of arrays",
    "update syntax",
    "methods on structs",
    "tuples returned and taken apart",
    "arrays of structs",
    "`Option` of an active value",
    "enums without active values",
    // functions
    "methods, by reference and by value",
    "methods of inactive receivers",
    "associated functions",
    "generic functions",
    "constant parameters",
    "`where` clauses",
    "lifetimes",
    "`impl Fn` parameters",
    "closures as arguments",
    "recursion",
    "mutual recursion",
    "calls through modules",
    "renames and re-exports",
    "functions inside of bodies",
    "`const fn`",
    "attributes, docs and `#[cfg]`",
    // scalars
    "one function for `f32` and `f64`",
    "float literals of generic functions",
    "scalars of one's own",
    "big functions",
];

/// The cells of the rows of a document's tables, without their heads.
fn rows(document: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = document.lines().collect();
    let is_rule = |index: usize| lines.get(index).is_some_and(|line| line.starts_with("| ---"));
    let is_row = |index: &usize| lines[*index].starts_with("| ") && !is_rule(*index) && !is_rule(*index + 1);
    let cells = |index: usize| lines[index].trim_start_matches("| ").trim_end_matches(" |").split(" | ").collect();
    (0..lines.len()).filter(is_row).map(cells).collect()
}

/// A line of the table.
struct Line<'a> {
    construct: &'a str,
    tests: Vec<&'a str>,
    row: &'a str,
    rejected: Vec<&'a str>,
}

fn lines(table: &'static str) -> Vec<Line<'static>> {
    let code = |cell: &'static str| cell.split('`').skip(1).step_by(2).collect();
    let line = |row: Vec<&'static str>| match row[..] {
        [construct, tests, row, rejected] => Line { construct, tests: code(tests), row, rejected: code(rejected) },
        _ => panic!("a line of the table has four cells: {row:?}"),
    };
    rows(table).into_iter().map(line).collect()
}

fn source(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The text of a test from its head to the next one.
fn test(name: &str) -> Option<String> {
    let (file, function) = name.rsplit_once("::")?;
    let path = source(&format!("tests/{}.rs", file.replace("::", "/")));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let head = format!("fn {function}()");
    let begins = |text: &&str| text.lines().any(|line| line.trim_start().starts_with(&head));
    let text = text.split("#[test]").skip(1).find(begins)?;
    Some(text.to_owned())
}

#[test]
fn every_line_names_tests() {
    for Line { construct, tests, .. } in lines(TABLE) {
        assert!(!tests.is_empty(), "no test stands in the line of {construct}");
        tests.iter().for_each(|name| assert!(test(name).is_some(), "`{name}` is no test"));
    }
}

#[test]
fn every_construct_is_tested_in_both_modes() {
    let (language, _) = TABLE.split_once("## Derivatives").expect("the last chapter is about derivatives themselves");
    for Line { construct, tests, .. } in lines(language) {
        let both = tests.iter().filter_map(|name| test(name)).any(|text| runs_both_modes(&text));
        assert!(both, "no test of {construct} runs both modes: {tests:?}");
    }
}

/// By what compares all derivatives, or by calling both modes.
fn runs_both_modes(test: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| test.contains(word));
    let compares = ["agrees!", "agrees_twice!", "agree_at", "everything", "rules::", "one!(", "two!("];
    has(&compares) || has(&["jvp", "tangent", "dot"]) && has(&["grad", "vjp", "pullback"])
}

#[test]
fn every_construct_has_a_line() {
    let lines = lines(TABLE);
    for construct in CONSTRUCTS {
        let is_its = |line: &Line| line.construct == *construct || line.construct.starts_with(&format!("{construct},"));
        assert!(lines.iter().any(is_its), "{construct} has no line");
    }
    let mut seen = BTreeSet::new();
    assert!(lines.iter().all(|line| seen.insert(line.construct)), "a construct has two lines");
}

#[test]
fn every_row_of_the_guide_has_a_line() {
    let guide = include_str!("../../runtime/src/guide.md");
    let readme = include_str!("../../README.md");
    let promised = |document: &'static str, title: &str| {
        let rest = document.split(title).nth(1).unwrap_or_else(|| panic!("there is no chapter `{title}`"));
        rows(rest.split("\n# ").next().unwrap_or_default()).into_iter().map(|row| row[0]).collect::<Vec<_>>()
    };
    let chapters =
        ["# Expressions", "# Bindings and mutation", "# Control flow", "# Sequences and iterators", "# Functions and types"];
    let guide: Vec<&str> = chapters.iter().flat_map(|title| promised(guide, title)).collect();
    let generated = promised(readme, "## What is generated");
    let lines = lines(TABLE);
    for Line { construct, row, .. } in &lines {
        let found = guide.iter().chain(&generated).any(|first| first.contains(row));
        assert!(found, "the guide has no row `{row}`, which the line of {construct} names");
    }
    for first in guide {
        assert!(lines.iter().any(|line| first.contains(line.row)), "no line holds the row {first} of the guide");
    }
}

#[test]
fn every_rejected_neighbour_has_a_message() {
    for Line { construct, rejected, .. } in lines(TABLE) {
        for program in rejected {
            for kind in ["rs", "stderr"] {
                let path = source(&format!("ui/fail/{program}.{kind}"));
                assert!(path.exists(), "the line of {construct} names {}, which does not exist", path.display());
            }
        }
    }
    let says = |row: &Vec<&str>| row[3] == "none" || row[3].starts_with('`');
    assert!(rows(TABLE).iter().all(says), "what is rejected is a program or `none`");
}
