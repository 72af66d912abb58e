//! Many programs in one crate: what the macro says of each, what rustc says, and what running them says.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use serde_json::Value;
use syn::visit::Visit;

use super::harness::{self, Lines};
use super::tree::{Dialect, Program};

/// What became of a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Everything agrees.
    Pass,
    /// Nothing could be compared.
    Skip,
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
    if let Err(error) = syn::parse_file(&text) {
        let line = text.lines().nth(error.span().start().line.saturating_sub(1)).unwrap_or_default();
        return Err(Verdict::fail("no Rust", format!("{error} in {line}")));
    }
    for (arguments, item) in Annotated::of(&text).0 {
        let both = || {
            let stages = differentiable_compiler::stages(arguments.clone(), item.clone());
            (differentiable_compiler::differentiable(arguments, item), stages)
        };
        let Ok((expanded, stages)) = catch_unwind(AssertUnwindSafe(both)) else {
            return Err(Verdict::fail("macro panics", "a panic in the macro"));
        };
        if let Some((message, line, column)) = errors(expanded).into_iter().next() {
            let told: String = message.chars().take_while(|c| *c != '`' && *c != '\\').take(60).collect();
            let line: String =
                text.lines().nth(line.saturating_sub(1)).unwrap_or_default().chars().skip(column).take(160).collect();
            return Err(Verdict::fail(format!("rejected {told}"), format!("{message}\n  at {line}")));
        }
        if let Err(message) = stages {
            let told: String = message.lines().next().unwrap_or_default().chars().take_while(|c| *c != '`').collect();
            return Err(Verdict::fail(format!("invalid {told}"), message));
        }
    }
    Ok(())
}

/// The errors in an expansion: the message, and the line and column where it points.
#[must_use]
pub fn errors(expansion: TokenStream) -> Vec<(String, usize, usize)> {
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

/// How many binaries the crate has, which rustc compiles at the same time.
const PARTS: usize = 2;

/// A crate that is written anew for every batch, and built in a folder that keeps what all batches share.
pub struct Batch {
    folder: PathBuf,
    target: PathBuf,
}

impl Batch {
    /// A crate in the workspace's target folder.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn new(name: &str) -> io::Result<Self> {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = tests.parent().expect("the package is in a workspace");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or(workspace.join("target"), PathBuf::from);
        let random = target.join("random");
        let folder = random.join(name);
        fs::create_dir_all(folder.join("src"))?;
        let binary = |part| format!("[[bin]]\nname = \"{name}-{part}\"\npath = \"src/main{part}.rs\"\n\n");
        let binaries: String = (0..PARTS).map(binary).collect();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\nautobins = false\n\n[workspace]\n\n{binaries}[dependencies]\n\
             differentiable = {{ path = {:?} }}\ndifferentiable-tests = {{ path = {tests:?} }}\n\n\
             [profile.dev]\ndebug = 0\nincremental = false\n\n[profile.dev.package.differentiable-tests]\nopt-level = 1\n",
            workspace.join("runtime")
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Self { folder, target: random.join("target") })
    }

    /// Judges every program.
    ///
    /// # Errors
    ///
    /// If files or processes cannot be made, or what rustc says cannot be understood.
    pub fn judge(&self, programs: &[Program]) -> io::Result<Vec<Verdict>> {
        let mut verdicts: Vec<Option<Verdict>> = programs.iter().map(|program| expand(program).err()).collect();
        let rejected: Vec<bool> = verdicts.iter().map(Option::is_some).collect();
        self.build(programs, &rejected, &mut verdicts)?;
        (0..PARTS).try_for_each(|part| self.run(part, &mut verdicts))?;
        Ok(verdicts.into_iter().map(|verdict| verdict.unwrap_or(Verdict::Skip)).collect())
    }

    /// Builds the crate, without the programs that rustc rejects.
    fn build(&self, programs: &[Program], rejected: &[bool], verdicts: &mut [Option<Verdict>]) -> io::Result<()> {
        let sources = self.folder.join("src");
        let mut lines = Vec::new();
        for (index, (program, rejected)) in programs.iter().zip(rejected).enumerate() {
            let (text, at) = harness::module(program, *rejected);
            fs::write(sources.join(format!("p{index}.rs")), text)?;
            lines.push(at);
        }
        let mut left: Vec<usize> =
            (0..programs.len()).filter(|&i| verdicts[i].as_ref().and_then(Verdict::kind) != Some("no Rust")).collect();
        loop {
            for part in 0..PARTS {
                let own: Vec<usize> = left.iter().copied().filter(|index| index % PARTS == part).collect();
                fs::write(sources.join(format!("main{part}.rs")), main(&own))?;
            }
            let (built, errors) = self.cargo(&lines)?;
            if built {
                return Ok(());
            }
            if errors.is_empty() {
                return Err(io::Error::other(format!(
                    "the crate in {} does not build, for no program's sake",
                    self.folder.display()
                )));
            }
            left.retain(|index| !errors.contains_key(index));
            for (index, verdict) in errors {
                verdicts[index] = Some(verdict);
            }
        }
    }

    /// Runs cargo; whether it built the crate, and the first error of each program.
    fn cargo(&self, lines: &[Lines]) -> io::Result<(bool, BTreeMap<usize, Verdict>)> {
        let mut command = Command::new("cargo");
        command.args(["build", "--offline", "--quiet", "--keep-going", "--message-format=json"]);
        command.current_dir(&self.folder).env("CARGO_TARGET_DIR", &self.target).env("RUSTFLAGS", "--cap-lints=allow");
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
        let mut errors = BTreeMap::new();
        for message in String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| serde_json::from_str::<Value>(line).ok())
        {
            let message = &message["message"];
            if message["level"] != "error" {
                continue;
            }
            let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
            let Some((index, line)) = spans.iter().find_map(place) else { continue };
            let verdict = compile_error(message, &lines[index], line);
            let worse = |old: &Verdict| old.kind().is_some_and(|kind| kind.starts_with("expansion"));
            if errors.get(&index).is_none_or(worse) {
                errors.insert(index, verdict);
            }
        }
        if !output.status.success() && errors.is_empty() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok((output.status.success(), errors))
    }

    /// Runs the programs of a binary; one that ends the process is left out of the next run.
    fn run(&self, part: usize, verdicts: &mut [Option<Verdict>]) -> io::Result<()> {
        let name = self.folder.file_name().expect("the folder has a name").to_string_lossy();
        let binary = self.target.join("debug").join(format!("{name}-{part}"));
        let output = self.folder.join("output");
        let mut done: Vec<String> = Vec::new();
        loop {
            let child = Command::new(&binary).args(&done).stdout(fs::File::create(&output)?).stderr(Stdio::null()).spawn()?;
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
                    _ => Verdict::Skip,
                };
                verdicts[index].get_or_insert(verdict);
                done.push(name.to_owned());
                started = None;
            }
            match started {
                Some((index, name)) => {
                    verdicts[index].get_or_insert(Verdict::fail("ends the process", ended));
                    done.push(name.to_owned());
                }
                None => return Ok(()),
            }
        }
    }
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

fn main(programs: &[usize]) -> String {
    let mut text = "#![allow(warnings)]\n".to_owned();
    programs.iter().for_each(|index| writeln!(text, "mod p{index};").expect("it can be written"));
    let all: Vec<_> = programs.iter().map(|index| format!("(\"p{index}\", p{index}::check as fn() -> _)")).collect();
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
    let code = message["code"]["code"].as_str().unwrap_or("without a code");
    let whose = match line {
        line if line >= lines.calls => "calls",
        line if line >= lines.oracle => "oracle text",
        line if line >= lines.derived => "expansion",
        _ => "plain text",
    };
    Verdict::fail(format!("{whose} {code}"), message["rendered"].as_str().unwrap_or_default())
}
