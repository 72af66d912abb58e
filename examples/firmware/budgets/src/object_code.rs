//! What the object code of the generated gradients calls: no arithmetic in doubles, no fused multiply-add of a library, a function of mathematics
//! in no more places than the gradient written by hand calls it from, so none twice, and no panic in more places than that one has.
//!
//! The library is compiled to an object whose relocations tell who calls whom. On a core without a floating-point unit every operation on
//! doubles is such a call.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use object::{Object, ObjectSection, ObjectSymbol, RelocationTarget};

use crate::board::root;

/// Functions that may be called from one more place: near ±1 the partial derivative of `tanh` takes an exponential, where the one by hand loses its
/// digits.
const ONE_MORE: &[(&str, &str)] = &[("subjects::network", "libm::math::expf::expf")];

/// The names that each function of the library calls, once for each place it calls them from.
pub struct Calls(BTreeMap<String, Vec<String>>);

impl Calls {
    /// Compiles the library for a core without a floating-point unit.
    pub fn of_the_library() -> Result<Self, String> {
        const TARGET: &str = "thumbv6m-none-eabi";
        let folder = root().join("target/object-code");
        let mut cargo = Command::new("cargo");
        cargo
            .args(["rustc", "--quiet", "--release", "--package", "firmware", "--lib", "--target", TARGET, "--target-dir"])
            .arg(&folder);
        cargo.args(["--", "--emit=obj", "-Clto=off", "-Cembed-bitcode=no"]);
        let status = cargo.current_dir(root()).env("CARGO_PROFILE_RELEASE_LTO", "off").status();
        if !status.map_err(|error| format!("cargo does not run: {error}"))?.success() {
            return Err("the firmware does not compile".to_owned());
        }
        let folder = folder.join(TARGET).join("release/deps");
        let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut objects = entries.flatten().map(|entry| entry.path()).filter(|path| {
            path.extension().is_some_and(|extension| extension == "o")
                && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("firmware"))
        });
        let path = objects.next().ok_or("the library has no object file")?;
        let data = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let file = object::File::parse(&*data).map_err(|error| error.to_string())?;
        Ok(Self(calls(&file)))
    }

    /// What a function calls, directly or through functions of the library.
    fn reached(&self, function: &str) -> Vec<&str> {
        let mut reached = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = self.0.keys().filter(|name| is(name, function)).map(String::as_str).collect();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            for callee in self.0.get(name).into_iter().flatten() {
                reached.push(callee.as_str());
                open.push(callee);
            }
        }
        reached
    }

    /// What the gradient of a subject calls and should not.
    pub fn objections(&self, subject: &str) -> Vec<String> {
        let generated = self.reached(&format!("firmware::{subject}::generated"));
        let by_hand = self.reached(&format!("firmware::{subject}::by_hand"));
        if generated.is_empty() {
            return vec![format!("{subject}: its object code calls nothing, not even the arithmetic of floats")];
        }
        let mut objections = Vec::new();
        let count = |names: &[&str], name: &str| names.iter().filter(|other| **other == name).count();
        let more = |name: &str| usize::from(ONE_MORE.contains(&(subject, name)));
        for name in generated.iter().collect::<BTreeSet<_>>() {
            let what = match *name {
                name if is_double(name) => "works in doubles",
                name if name.ends_with("fma") || name.ends_with("fmaf") => "calls a fused multiply-add",
                name if is_maths(name) && count(&generated, name) > count(&by_hand, name) + more(name) => {
                    "calls in more places than by hand"
                }
                _ => continue,
            };
            objections.push(format!("{subject} {what}: {name}"));
        }
        let counted = |name: &&&str| name.contains("core::panicking") || name.contains("expect_failed");
        for name in generated.iter().filter(counted).collect::<BTreeSet<_>>() {
            if count(&generated, name) > count(&by_hand, name) {
                objections.push(format!("{subject} calls {name} in more places than by hand"));
            }
        }
        objections
    }
}

/// Operations of the run-time library on doubles, the conversions among them.
fn is_double(name: &str) -> bool {
    name.starts_with("__aeabi_d") || name == "__aeabi_f2d" || name.ends_with("df2") || name.ends_with("df3")
}

/// Functions of mathematics, which `libm` holds.
fn is_maths(name: &str) -> bool {
    name.starts_with("libm::")
}

/// Whether the demangled name, which may end with a hash, is that of the function.
fn is(name: &str, function: &str) -> bool {
    name == function || name.strip_prefix(function).is_some_and(|rest| rest.starts_with("::h"))
}

fn calls(file: &object::File) -> BTreeMap<String, Vec<String>> {
    let name = |symbol: &str| format!("{:#}", rustc_demangle::demangle(symbol));
    let mut functions: BTreeMap<usize, String> = BTreeMap::new();
    for symbol in file.symbols().filter(|symbol| symbol.is_definition()) {
        if let (Some(section), Ok(text)) = (symbol.section_index(), symbol.name())
            && !text.starts_with('$')
        {
            functions.insert(section.0, name(text));
        }
    }
    let mut calls: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for section in file.sections() {
        let Some(caller) = functions.get(&section.index().0) else { continue };
        for (_, relocation) in section.relocations() {
            let RelocationTarget::Symbol(index) = relocation.target() else { continue };
            let Ok(symbol) = file.symbol_by_index(index) else { continue };
            let callee = symbol.section_index().and_then(|section| functions.get(&section.0).cloned());
            let callee = callee.or_else(|| symbol.name().ok().filter(|text| !text.is_empty()).map(name));
            calls.entry(caller.clone()).or_default().extend(callee);
        }
    }
    calls
}
