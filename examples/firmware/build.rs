//! Writes the memory of the board, and which function `measure` measures.

use std::path::Path;
use std::{env, fs};

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets the directory");
    let memory = match env::var("TARGET").expect("cargo sets the target").as_str() {
        "thumbv6m-none-eabi" => "MEMORY { FLASH : ORIGIN = 0x00000000, LENGTH = 256K RAM : ORIGIN = 0x20000000, LENGTH = 16K }",
        _ => "MEMORY { FLASH : ORIGIN = 0x00000000, LENGTH = 4M RAM : ORIGIN = 0x20000000, LENGTH = 4M }",
    };
    fs::write(Path::new(&out).join("memory.x"), memory).expect("the directory can be written");
    println!("cargo::rustc-link-search={out}");
    let candidate = env::var("CANDIDATE").unwrap_or_else(|_| "subjects::polynomial::generated".to_owned());
    let (subject, function) = candidate.rsplit_once("::").expect("CANDIDATE is `subjects::subject::function`");
    let code = match function {
        "none" => format!("use firmware::{subject}::{{INPUT, Input}}; fn run(_: &Input) {{}}"),
        _ => format!("use firmware::{subject}::{{INPUT, Input, {function} as run}};"),
    };
    fs::write(Path::new(&out).join("candidate.rs"), code).expect("the directory can be written");
    println!("cargo::rerun-if-env-changed=CANDIDATE");
    println!("cargo::rerun-if-changed=build.rs");
}
