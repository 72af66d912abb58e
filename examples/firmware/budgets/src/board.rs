//! A board in the emulator: builds `measure` for a function, and gives what it costs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use object::{Object, ObjectSection, SectionKind};

/// What a gradient costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Instructions of a call.
    pub instructions: u64,
    /// Bytes of code and constants.
    pub flash: u64,
    /// Bytes of stack.
    pub stack: u64,
}

/// A microcontroller.
pub struct Board {
    /// The name of its core.
    pub name: &'static str,
    target: &'static str,
}

/// A core with a floating-point unit for `f32`, and one without any.
pub const BOARDS: [Board; 2] =
    [Board { name: "Cortex-M4F", target: "thumbv7em-none-eabihf" }, Board { name: "Cortex-M0", target: "thumbv6m-none-eabi" }];

impl Board {
    /// What a function of a subject costs, with the program around it. The subject is a module of the firmware.
    pub fn measure(&self, subject: &str, function: &str) -> Result<Cost, String> {
        let mut cargo = Command::new("cargo");
        cargo.args(["run", "--quiet", "--release", "--package", "firmware", "--bin", "measure", "--target", self.target]);
        cargo.args(["--config", &self.same_paths()]);
        let output = cargo.current_dir(root()).env("CANDIDATE", format!("{subject}::{function}")).output();
        let output = output.map_err(|error| format!("cargo does not run: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let (&[instructions, stack], true) = (numbers.as_slice(), output.status.success()) else {
            return Err(format!("{subject}::{function} on {}: {text}{}", self.name, String::from_utf8_lossy(&output.stderr)));
        };
        Ok(Cost { instructions, flash: self.flash()?, stack })
    }

    /// The messages of panics hold the paths of packages: without the folder where they lie on this machine, flash is the same on every other.
    fn same_paths(&self) -> String {
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"))).unwrap_or_default();
        let flags = format!("--remap-path-prefix={}=cargo", home.display());
        format!("target.{}.rustflags=[{flags:?}]", self.target)
    }

    /// A linked program.
    pub fn linked(&self, program: &str) -> Result<Vec<u8>, String> {
        let path = root().join("target").join(self.target).join("release").join(program);
        fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Builds one of the programs.
    pub fn build(&self, program: &str) -> Result<Vec<u8>, String> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--release", "--package", "firmware", "--bin", program, "--target", self.target]);
        cargo.args(["--config", &self.same_paths()]);
        match cargo.current_dir(root()).status() {
            Ok(status) if status.success() => self.linked(program),
            Ok(_) => Err(format!("`{program}` does not compile for {}", self.name)),
            Err(error) => Err(format!("cargo does not run: {error}")),
        }
    }

    /// The bytes of the program that stand in flash.
    fn flash(&self) -> Result<u64, String> {
        let data = self.linked("measure")?;
        let file = object::File::parse(&*data).map_err(|error| error.to_string())?;
        let in_flash = |kind| matches!(kind, SectionKind::Text | SectionKind::ReadOnlyData | SectionKind::Data);
        Ok(file.sections().filter(|section| in_flash(section.kind())).map(|section| section.size()).sum())
    }
}

/// The folder of the firmware.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in the firmware's folder").to_owned()
}
