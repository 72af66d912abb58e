//! Many programs in one crate: what the macro says of each, what rustc says, and what running them says.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use serde_json::Value;
use syn::visit::Visit;

use super::expansion::{self, Wrong};
use super::harness::{self, Lines};
use super::tree::{Dialect, Program};

/// What became of a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Everything agrees.
    Pass,
    /// Nothing could be compared, and why.
    Skip(String),
    /// Something is wrong.
    Fail {
        /// What kind of failure it is, which shrinking keeps.
        kind: String,
        /// All that is known.
        message: String,
    },
}

impl Verdict {
    fn fail(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Verdict::Fail { kind: kind.into(), message: message.into() }
    }

    /// The kind of failure.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        match self {
            Verdict::Fail { kind, .. } => Some(kind),
            _ => None,
        }
    }
}

/// Annotated functions: the attribute's arguments, and the item.
#[derive(Default)]
pub struct Annotated(pub Vec<(TokenStream, TokenStream)>);

impl Annotated {
    /// All those of a file, also inside of functions and `impl`s.
    ///
    /// # Panics
    ///
    /// If the text is no Rust.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut annotated = Self::default();
        annotated.visit_file(&syn::parse_file(text).expect("the text is Rust"));
        annotated
    }

    fn take(&mut self, attributes: &[syn::Attribute], item: &impl ToTokens) {
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("differentiable")) {
            let arguments = match &attribute.meta {
                syn::Meta::List(list) => list.tokens.clone(),
                _ => TokenStream::new(),
            };
            self.0.push((arguments, item.to_token_stream()));
        }
    }
}

impl<'ast> Visit<'ast> for Annotated {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.take(&function.attrs, &syn::ItemFn { attrs: Vec::new(), ..function.clone() });
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.take(&function.attrs, &syn::ImplItemFn { attrs: Vec::new(), ..function.clone() });
        syn::visit::visit_impl_item_fn(self, function);
    }
}

/// What the macro makes of every function, as a library: an error, a panic, or a stage that the validator objects to.
pub fn expand(program: &Program) -> Result<(), Verdict> {
    let text = program.items(Dialect::Derived);
    parses(&text)?;
    for (arguments, item) in Annotated::of(&text).0 {
        let both = || {
            let stages = differentiable_compiler::stages(arguments.clone(), item.clone());
            let expanded = differentiable_compiler::differentiable(arguments, item);
            let parsed = expansion::parsed(expanded.clone());
            (expanded, parsed, stages)
        };
        let Ok((expanded, parsed, stages)) = catch_unwind(AssertUnwindSafe(both)) else {
            return Err(panics());
        };
        if let Some(error) = errors(expanded).first() {
            return Err(rejected_at(error, &text));
        }
        parsed.map_err(no_rust)?;
        if let Err(message) = stages {
            let told: String = message.lines().next().unwrap_or_default().chars().take_while(|c| *c != '`').collect();
            return Err(Verdict::fail(format!("invalid {told}"), message));
        }
    }
    Ok(())
}

/// An error of the macro's own; its kind is the message, up to the first name in it.
fn rejected(message: &str, all: &str) -> Verdict {
    let told: String = message.chars().take_while(|c| *c != '`' && *c != '\\').take(60).collect();
    Verdict::fail(format!("rejected {told}"), all)
}

/// The text with the derivatives that are called.
fn expanded(program: &Program) -> Result<String, Verdict> {
    let text = program.items(Dialect::Derived);
    parses(&text)?;
    let expanded = catch_unwind(AssertUnwindSafe(|| expansion::expanded(&text, &program.asked)));
    expanded.map_err(|_| panics())?.map_err(|wrong| match wrong {
        Wrong::Rejected(error) => rejected_at(&error, &text),
        Wrong::NoRust(error) => no_rust(error),
    })
}

fn parses(text: &str) -> Result<(), Verdict> {
    syn::parse_file(text).map(drop).map_err(|error| {
        let line = text.lines().nth(error.span().start().line.saturating_sub(1)).unwrap_or_default();
        Verdict::fail("no Rust", format!("{error} in {line}"))
    })
}

fn no_rust(error: syn::Error) -> Verdict {
    Verdict::fail("expansion without a code", error.to_string())
}

fn panics() -> Verdict {
    Verdict::fail("macro panics", "a panic in the macro")
}

fn rejected_at((message, line, column): &Located, text: &str) -> Verdict {
    let line: String = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().chars().skip(*column).take(160).collect();
    rejected(message, &format!("{message}\n  at {line}"))
}

/// An error in an expansion: the message, and the line and column where it points.
pub type Located = (String, usize, usize);

/// The errors in an expansion.
#[must_use]
pub fn errors(expansion: TokenStream) -> Vec<Located> {
    let tokens: Vec<TokenTree> = expansion.into_iter().collect();
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => found.extend(errors(group.stream())),
            TokenTree::Ident(name) if name == "compile_error" => {
                let start = name.span().start();
                let message = tokens.get(index + 2).map(ToString::to_string).unwrap_or_default();
                found.push((message.trim_matches(['{', '}', '(', ')', ' ', '"']).to_owned(), start.line, start.column));
            }
            _ => {}
        }
    }
    found
}

/// How many crates a batch has, which are compiled and run at the same time.
const PARTS: usize = 2;

/// Crates that are written anew for every batch, and compiled against the libraries of the workspace.
pub struct Batch {
    folder: PathBuf,
    /// What rustc is told of the libraries.
    libraries: Vec<String>,
    /// Whether rustc runs the macro, and checks every derivative, rather than those alone that are called.
    by_attribute: bool,
}

impl Batch {
    /// A folder for the crates, beside the program that runs; and the libraries, of the same profile as that program. By the attribute,
    /// rustc runs the macro, and checks every derivative, rather than those alone that are called.
    ///
    /// # Errors
    ///
    /// If a file cannot be written, or cargo does not give the libraries.
    pub fn new(name: &str, by_attribute: bool) -> io::Result<Self> {
        let program = std::env::current_exe()?;
        let mut profile = program.parent().expect("a program is in a folder");
        if profile.ends_with("deps") {
            profile = profile.parent().expect("the folder of dependencies is in that of a profile");
        }
        let target = profile.parent().expect("the folder of a profile is in the target folder");
        let folder = target.join("random").join(name);
        fs::create_dir_all(folder.join("src"))?;
        Ok(Self { folder, libraries: libraries(target, profile)?, by_attribute })
    }

    /// Judges every program.
    ///
    /// # Errors
    ///
    /// If files or processes cannot be made, or what rustc says cannot be understood.
    pub fn judge(&self, programs: &[Program]) -> io::Result<Vec<Verdict>> {
        let judged = thread::scope(|scope| {
            let judge = |part| scope.spawn(move || self.judge_part(part, programs));
            let parts: Vec<_> = (0..PARTS).map(judge).collect();
            parts.into_iter().map(|part| part.join().expect("a part does not panic")).collect::<io::Result<Vec<_>>>()
        })?;
        let mut verdicts = vec![Verdict::Skip("it did not run".to_owned()); programs.len()];
        for (index, verdict) in judged.into_iter().flatten() {
            verdicts[index] = verdict;
        }
        Ok(verdicts)
    }

    /// Judges every other program.
    fn judge_part(&self, part: usize, programs: &[Program]) -> io::Result<BTreeMap<usize, Verdict>> {
        let mut verdicts = BTreeMap::new();
        let mut lines = BTreeMap::new();
        for (index, program) in programs.iter().enumerate().filter(|(index, _)| index % PARTS == part) {
            let derived = match self.by_attribute {
                true => expand(program).map(|()| program.items(Dialect::Derived)),
                false => expanded(program),
            };
            let derived = derived.map_err(|verdict| verdicts.insert(index, verdict)).ok();
            let (text, at) = harness::module(program, derived.as_deref());
            fs::write(self.folder.join(format!("src/p{index}.rs")), text)?;
            if verdicts.get(&index).and_then(Verdict::kind) != Some("no Rust") {
                lines.insert(index, at);
            }
        }
        while !lines.is_empty() {
            fs::write(self.folder.join(format!("src/main{part}.rs")), main(&lines))?;
            let errors = self.compile(part, &lines)?;
            if errors.is_empty() {
                self.run(part, &mut verdicts)?;
                break;
            }
            lines.retain(|index, _| !errors.contains_key(index));
            verdicts.extend(errors);
        }
        Ok(verdicts)
    }

    /// Compiles a crate; the first error of each program.
    fn compile(&self, part: usize, lines: &BTreeMap<usize, Lines>) -> io::Result<BTreeMap<usize, Verdict>> {
        let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        // expansions are of the edition of the crate that has the macro
        command.arg(if self.by_attribute { "--edition=2024" } else { "--edition=2021" });
        command.args(["--error-format=json", "--cap-lints=allow", "-Ccodegen-units=4"]);
        command.args(&self.libraries).arg(format!("src/main{part}.rs")).args(["-o", &format!("part{part}")]);
        let output = command.current_dir(&self.folder).output()?;
        let mut errors = BTreeMap::new();
        let messages = String::from_utf8_lossy(&output.stderr);
        for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            if message["level"] != "error" {
                continue;
            }
            let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
            let Some((index, line)) = spans.iter().find_map(place) else { continue };
            let verdict = compile_error(&message, &lines[&index], line);
            let worse = |old: &Verdict| old.kind().is_some_and(|kind| kind.starts_with("expansion"));
            if errors.get(&index).is_none_or(worse) {
                errors.insert(index, verdict);
            }
        }
        if !output.status.success() && errors.is_empty() {
            return Err(io::Error::other(format!("{} does not compile:\n{messages}", self.folder.display())));
        }
        Ok(errors)
    }

    /// Runs the programs of a crate; one that ends the process is left out of the next run.
    fn run(&self, part: usize, verdicts: &mut BTreeMap<usize, Verdict>) -> io::Result<()> {
        let output = self.folder.join(format!("output{part}"));
        let mut done: Vec<String> = Vec::new();
        loop {
            let mut command = Command::new(self.folder.join(format!("part{part}")));
            let child = command.args(&done).stdout(fs::File::create(&output)?).stderr(Stdio::null()).spawn()?;
            let ended = wait(child, Duration::from_secs(300))?;
            let text = fs::read_to_string(&output)?;
            let mut started = None;
            for line in text.lines() {
                let mut words = line.splitn(3, ' ');
                let (word, name, message) = (words.next(), words.next().unwrap_or_default(), words.next().unwrap_or_default());
                let Some(index) = name.strip_prefix('p').and_then(|index| index.parse::<usize>().ok()) else { continue };
                let verdict = match word {
                    Some("start") => {
                        started = Some((index, name));
                        continue;
                    }
                    Some("pass") => Verdict::Pass,
                    Some("fail") => Verdict::fail(message.split(':').next().unwrap_or_default(), message),
                    _ => Verdict::Skip(message.to_owned()),
                };
                verdicts.entry(index).or_insert(verdict);
                done.push(name.to_owned());
                started = None;
            }
            let Some((index, name)) = started else { return Ok(()) };
            verdicts.entry(index).or_insert(Verdict::fail("ends the process", ended));
            done.push(name.to_owned());
        }
    }
}

/// What rustc has to be told of the libraries that programs use: those that cargo builds for the tests.
fn libraries(target: &Path, profile: &Path) -> io::Result<Vec<String>> {
    let name = profile.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut command = Command::new("cargo");
    command.args(["build", "--offline", "--quiet", "--package=differentiable-tests", "--lib", "--message-format=json"]);
    command.arg(format!("--profile={}", if name == "debug" { "dev" } else { name }));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", target);
    let output = command.stderr(Stdio::inherit()).output()?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut libraries = vec![format!("-Ldependency={}", profile.join("deps").display())];
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let Some(library) = message["target"]["name"].as_str() else { continue };
        let files = message["filenames"].as_array().map(Vec::as_slice).unwrap_or_default();
        let file = files.iter().filter_map(Value::as_str).find(|file| file.ends_with(".rlib"));
        if let (Some(file), "differentiable" | "differentiable_tests") = (file, library) {
            libraries.push(format!("--extern={library}={file}"));
        }
    }
    if libraries.len() == 3 { Ok(libraries) } else { Err(io::Error::other(format!("cargo gives {libraries:?} only"))) }
}

/// Waits for a process for a while, then ends it; says how it ended.
fn wait(mut child: Child, limit: Duration) -> io::Result<String> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.to_string());
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok("it does not end".to_owned());
        }
        sleep(Duration::from_millis(20));
    }
}

fn main(programs: &BTreeMap<usize, Lines>) -> String {
    let mut text = "#![allow(warnings)]\n".to_owned();
    programs.keys().for_each(|index| writeln!(text, "mod p{index};").expect("it can be written"));
    let all: Vec<_> = programs.keys().map(|index| format!("(\"p{index}\", p{index}::check as fn() -> _)")).collect();
    text + &format!("fn main() {{ differentiable_tests::random::check::run(&[{}]) }}\n", all.join(", "))
}

/// The program and the line of a span, or of the macro's call that it comes from.
fn place(span: &Value) -> Option<(usize, usize)> {
    let file = span["file_name"].as_str()?;
    let index = file.strip_prefix("src/p").and_then(|rest| rest.strip_suffix(".rs")).and_then(|index| index.parse().ok());
    match index {
        Some(index) => Some((index, span["line_start"].as_u64()? as usize)),
        None => place(&span["expansion"]["span"]),
    }
}

fn compile_error(message: &Value, lines: &Lines, line: usize) -> Verdict {
    let rendered = message["rendered"].as_str().unwrap_or_default();
    let whose = match line {
        line if line >= lines.calls => "calls",
        line if line >= lines.oracle => "oracle text",
        line if line >= lines.derived => "expansion",
        _ => "plain text",
    };
    match message["code"]["code"].as_str() {
        None if whose == "expansion" => rejected(message["message"].as_str().unwrap_or_default(), rendered),
        code => Verdict::fail(format!("{whose} {}", code.unwrap_or("without a code")), rendered),
    }
}
