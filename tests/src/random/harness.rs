//! The module that checks one program: its three texts, and the calls of every derivative function.

use std::fmt::Write;

use super::tree::{Dialect, Parameter, Passing, Program, Ty};

/// Where a text is, in lines of the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lines {
    /// The first line of the text with the macro.
    pub derived: usize,
    /// The first line of the oracle's text.
    pub oracle: usize,
    /// The first line of the calls.
    pub calls: usize,
}

/// The constants 2, 3 and 4 of a program, which count loops.
pub const LENGTHS: [&str; 3] = ["TWO", "THREE", "FOUR"];

/// What programs call to get an integer: methods of a trait that are generic, and a function that gives a function.
const AROUND: &str = "
#[allow(dead_code)]
trait Picks {
    fn pick<F: Fn(usize) -> usize>(&self, change: F) -> usize;
    fn among<I: IntoIterator<Item = usize>>(&self, items: I) -> usize;
}
impl Picks for [usize; 2] {
    fn pick<F: Fn(usize) -> usize>(&self, change: F) -> usize { change(self[0]) + self[1] }
    fn among<I: IntoIterator<Item = usize>>(&self, items: I) -> usize { items.into_iter().map(|item| item * self[0] + self[1]).sum() }
}
#[allow(dead_code)]
fn weights(first: usize) -> impl Fn(usize) -> usize { move |index| (index * first + 1) % 5 }
";

/// The module's text: the derived dialect is given, or there is none, where the macro rejects the program.
#[must_use]
pub fn module(program: &Program, derived: Option<&str>) -> (String, Lines) {
    let mut text =
        "use differentiable_tests::random::{check, flat::{added, all, filled, read}, numbers::{Number, Number32}};\n".to_owned();
    let prelude = "use differentiable::prelude::*;";
    if program.asked.contains(&"plain") {
        text.push_str(&items(program, Dialect::Plain, "plain", prelude, &program.items(Dialect::Plain)));
    }
    let derived_at = lines(&text);
    text.push_str(&derived.map(|derived| items(program, Dialect::Derived, "derived", prelude, derived)).unwrap_or_default());
    let oracle = lines(&text);
    let numbers = "use differentiable_tests::random::numbers::*;";
    text.push_str(&items(program, Dialect::Oracle, "oracle", numbers, &program.items(Dialect::Oracle)));
    let calls = lines(&text);
    text.push_str(&match derived {
        Some(_) => check(program),
        None => "pub fn check() -> Result<Option<check::Obstacle>, String> { Ok(None) }\n".to_owned(),
    });
    (text, Lines { derived: derived_at, oracle, calls })
}

fn lines(text: &str) -> usize {
    text.lines().count() + 1
}

fn items(program: &Program, dialect: Dialect, name: &str, uses: &str, items: &str) -> String {
    let mut text = format!("pub mod {name} {{\n{uses}\n");
    for (value, length) in (2..).zip(LENGTHS) {
        writeln!(text, "#[allow(dead_code)] const {length}: usize = {value};").expect("it can be written");
    }
    text += &format!("{AROUND}{items}\n");
    for item in &program.structs {
        let fields: Vec<_> = item.fields.iter().map(|(name, _)| name.as_str()).collect();
        let leaf = if dialect == Dialect::Oracle { program.float(dialect) } else { "f64" };
        let path = program.fill(&item.path(), dialect);
        writeln!(text, "differentiable_tests::flat!({path}: {leaf} {{ {} }});", fields.join(" ")).expect("it can be written");
    }
    text + "}\n"
}

/// How the entry is called with variables of its parameters' names.
struct Calls<'a> {
    program: &'a Program,
    dialect: Dialect,
}

impl Calls<'_> {
    fn parameters(&self) -> &[Parameter] {
        &self.program.entry().parameters
    }

    fn active(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters().iter().filter(|p| p.active)
    }

    fn mutable(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters().iter().filter(|p| p.passing == Passing::Mutable)
    }

    fn template(&self, ty: &Ty) -> String {
        self.program.fill(&ty.template(&self.program.structs), self.dialect)
    }

    /// Variables for all parameters, with the numbers of a point.
    fn point(&self) -> String {
        let mut text = "let mut from = x.iter().copied();\n".to_owned();
        for p in self.parameters() {
            let value = match p.active {
                true => format!("read({}, &mut from)", self.template(&p.ty)),
                false => self.program.fill(&p.given, self.dialect),
            };
            writeln!(text, "let mut {} = {value};", p.name).expect("it can be written");
        }
        text
    }

    /// A call of a function of the entry, with further arguments.
    fn call(&self, function: &str, more: &[String]) -> String {
        let arguments = self.parameters().iter().map(|p| p.pass(&p.name, &self.program.structs));
        let arguments: Vec<_> = arguments.chain(more.iter().cloned()).collect();
        format!("{}{function}({})", self.program.entry().name, arguments.join(", "))
    }

    /// The results: `value`, and what is left of `&mut` parameters.
    fn results(&self) -> String {
        let value = self.program.entry().result.as_ref().map(|_| "&value".to_owned());
        let all: Vec<_> = value.into_iter().chain(self.mutable().map(|p| format!("&{}", p.name))).collect();
        format!("all(&[{}])", all.join(", "))
    }

    /// Variables for adjoints, and the cotangent.
    fn seeds(&self) -> String {
        let mut text = "let mut from = seeds.iter().copied();\n".to_owned();
        if let Some(ty) = &self.program.entry().result {
            writeln!(text, "let seed = read({}, &mut from);", self.template(ty)).expect("it can be written");
        }
        for p in self.active() {
            let template = self.template(&p.ty);
            let start = match p.passing {
                Passing::Mutable => format!("read({template}, &mut from)"),
                _ => format!("filled({template}, 0.25)"),
            };
            writeln!(text, "let mut d_{} = {start};", p.name).expect("it can be written");
        }
        text
    }

    /// The cotangent and the adjoints, as they are passed.
    fn seed_arguments(&self) -> Vec<String> {
        let seed = self.program.entry().result.as_ref().map(|ty| if *ty == Ty::Float { "seed" } else { "&seed" }.to_owned());
        let adjoint = |p: &Parameter| format!("&mut d_{}{}", p.name, if p.slice { "[..]" } else { "" });
        seed.into_iter().chain(self.active().map(adjoint)).collect()
    }

    /// What was added to the adjoints.
    fn gradient(&self) -> String {
        let added = |p: &Parameter| format!("added(&d_{}, {:?})", p.name, if p.passing == Passing::Mutable { 0.0 } else { 0.25 });
        format!("[{}].concat()", self.active().map(added).collect::<Vec<_>>().join(", "))
    }

    /// Variables for tangents.
    fn dots(&self) -> String {
        let mut text = "let mut from = dots.iter().copied();\n".to_owned();
        for p in self.active() {
            let template = self.template(&p.ty);
            writeln!(text, "let mut dot_{} = read({template}, &mut from);", p.name).expect("it can be written");
        }
        text
    }

    fn dot_arguments(&self) -> Vec<String> {
        self.active().map(|p| p.pass(&format!("dot_{}", p.name), &self.program.structs)).collect()
    }

    fn tangents(&self) -> String {
        let value = self.program.entry().result.as_ref().map(|_| "&tangent".to_owned());
        let all: Vec<_> = value.into_iter().chain(self.mutable().map(|p| format!("&dot_{}", p.name))).collect();
        format!("all(&[{}])", all.join(", "))
    }
}

fn check(program: &Program) -> String {
    let [plain, derived, oracle] = [Dialect::Plain, Dialect::Derived, Dialect::Oracle].map(|dialect| Calls { program, dialect });
    let entry = program.entry();
    let structs = &program.structs;
    let inputs: Vec<usize> = derived.active().map(|p| p.ty.count(structs)).collect();
    let changed: usize = derived.mutable().map(|p| p.ty.count(structs)).sum();
    let results = changed + entry.result.as_ref().map_or(0, |ty| ty.count(structs));
    let function = |calls: &Calls, module: &str| {
        format!("&|x| {{ use {module}::*;\n{}let value = {};\n{} }}", calls.point(), calls.call("", &[]), calls.results())
    };
    let field = |name: &str, body: &dyn Fn() -> String| {
        if program.asked.contains(&name) { format!("{name}: Some(&{}),\n", body()) } else { format!("{name}: None,\n") }
    };
    let single = |name: &str| format!("|x| {{ use derived::*;\n{}all(&[&{}]) }}", derived.point(), derived.call(name, &[]));
    let start = format!("use derived::*;\n{}", derived.point());
    let seed_arguments = derived.seed_arguments();
    let mut text = format!(
        "pub fn check() -> Result<Option<check::Obstacle>, String> {{\ncheck::check(&check::Program::<{}> {{\n",
        program.float(Dialect::Oracle)
    );
    text += &format!("single: {},\nrelaxed: {},\ninputs: &{inputs:?},\nresults: {results},\n", program.single, program.relaxed);
    text += &format!("function: {},\noracle: {},\n", function(&derived, "derived"), function(&oracle, "oracle"));
    text += &field("plain", &|| function(&plain, "plain").trim_start_matches('&').to_owned());
    text += &field("vjp", &|| {
        format!(
            "|x, seeds| {{ {start}{}let value = {};\n({}, {}) }}",
            derived.seeds(),
            derived.call("::vjp", &seed_arguments),
            derived.results(),
            derived.gradient()
        )
    });
    text += &field("pullback", &|| {
        format!(
            "|x, seeds| {{ {start}{}let (value, back) = {};\nback({});\n({}, {}) }}",
            derived.seeds(),
            derived.call("::pullback", &[]),
            seed_arguments.join(", "),
            derived.results(),
            derived.gradient()
        )
    });
    let pattern = if entry.result.is_some() { "(value, tangent)" } else { "()" };
    text += &field("jvp", &|| {
        format!(
            "|x, dots| {{ {start}{}let {pattern} = {};\n({}, {}) }}",
            derived.dots(),
            derived.call("::jvp", &derived.dot_arguments()),
            derived.results(),
            derived.tangents()
        )
    });
    text += &field("grad", &|| single("::grad"));
    text += &field("value_and_grad", &|| {
        format!(
            "|x| {{ {start}let (value, gradient) = {};\n(all(&[&value]), all(&[&gradient])) }}",
            derived.call("::value_and_grad", &[])
        )
    });
    text += &field("hvp", &|| {
        format!("|x, dots| {{ {start}{}all(&[&{}]) }}", derived.dots(), derived.call("::hvp", &derived.dot_arguments()))
    });
    text += &field("jacobian", &|| single("::jacobian"));
    text += &field("hessian", &|| single("::hessian"));
    text += &format!("}}, {})\n}}\n", program.seed.0 ^ (program.seed.1 << 20));
    text
}
