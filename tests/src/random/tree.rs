//! Programs as trees, and their text in three dialects.
//!
//! A node is text with holes, and knows what it stands for, so that a program can be made smaller without knowledge of every
//! construct: a statement may go, an expression may become another of its type. In templates `@` is a hole, `§` the type of
//! floats, `‹1.5›` a literal that is an operand, `«1.5»` one that is not, and `⟪a¦b¦c⟫` is what differs between the dialects.

use std::fmt::Write;

/// Who reads the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// Rust, without the macro.
    Plain,
    /// Rust, with the macro.
    Derived,
    /// The oracle's numbers in place of floats.
    Oracle,
}

/// The types of values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ty {
    /// A float.
    Float,
    /// `[T; n]`
    Array(Box<Ty>, usize),
    /// `Vec<T>`, with the length that it has where it is made.
    List(Box<Ty>, usize),
    /// `(A, B)`
    Tuple(Vec<Ty>),
    /// A struct of the program.
    Struct(usize),
    /// An integer below a bound.
    Index(usize),
    /// A boolean.
    Flag,
    /// A function from a float to a float.
    Function,
}

impl Ty {
    /// The type as it is written.
    #[must_use]
    pub fn text(&self, structs: &[Struct]) -> String {
        match self {
            Ty::Float => "§".to_owned(),
            Ty::Array(of, n) => format!("[{}; {n}]", of.text(structs)),
            Ty::List(of, _) => format!("Vec<{}>", of.text(structs)),
            Ty::Tuple(of) => format!("({})", of.iter().map(|of| of.text(structs)).collect::<Vec<_>>().join(", ")),
            Ty::Struct(index) => structs[*index].path(),
            Ty::Index(_) => "usize".to_owned(),
            Ty::Flag => "bool".to_owned(),
            Ty::Function => "impl Fn(§) -> §".to_owned(),
        }
    }

    /// A value of the type, all of whose numbers are zero.
    #[must_use]
    pub fn template(&self, structs: &[Struct]) -> String {
        match self {
            Ty::Float => "⟪0.0_§¦0.0_§¦§::of(0.0)⟫".to_owned(),
            Ty::Array(of, n) => format!("[{}; {n}]", of.template(structs)),
            Ty::List(of, n) => format!("vec![{}; {n}]", of.template(structs)),
            Ty::Tuple(of) => format!("({})", of.iter().map(|of| of.template(structs)).collect::<Vec<_>>().join(", ")),
            Ty::Struct(index) => {
                let fields = structs[*index].fields.iter().map(|(name, ty)| format!("{name}: {}", ty.template(structs)));
                let skipped = structs[*index].skipped.then(|| "tag: 1".to_owned());
                format!("S{index} {{ {} }}", fields.chain(skipped).collect::<Vec<_>>().join(", "))
            }
            Ty::Index(_) => "0".to_owned(),
            Ty::Flag => "false".to_owned(),
            Ty::Function => "|x| x".to_owned(),
        }
    }

    /// How many numbers a value has.
    #[must_use]
    pub fn count(&self, structs: &[Struct]) -> usize {
        match self {
            Ty::Float => 1,
            Ty::Array(of, n) | Ty::List(of, n) => n * of.count(structs),
            Ty::Tuple(of) => of.iter().map(|of| of.count(structs)).sum(),
            Ty::Struct(index) => structs[*index].fields.iter().map(|(_, ty)| ty.count(structs)).sum(),
            Ty::Index(_) | Ty::Flag | Ty::Function => 0,
        }
    }

    /// Whether values are copied where they are used.
    #[must_use]
    pub fn is_copy(&self, structs: &[Struct]) -> bool {
        match self {
            Ty::Float | Ty::Index(_) | Ty::Flag => true,
            Ty::Array(of, _) => of.is_copy(structs),
            Ty::List(..) | Ty::Function => false,
            Ty::Tuple(of) => of.iter().all(|of| of.is_copy(structs)),
            Ty::Struct(index) => structs[*index].copy,
        }
    }

    /// Whether it consists of floats, arrays and tuples alone, which are active without being named.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        match self {
            Ty::Float => true,
            Ty::Array(of, _) => of.is_plain(),
            Ty::Tuple(of) => of.iter().all(Ty::is_plain),
            _ => false,
        }
    }
}

/// A struct of a program.
#[derive(Clone, Debug)]
pub struct Struct {
    /// Its name.
    pub name: String,
    /// Whether it is generic over its float.
    pub generic: bool,
    /// Whether it is `Copy`.
    pub copy: bool,
    /// Whether it is a tuple struct, whose fields are numbers.
    pub tuple: bool,
    /// Whether it has an integer, `tag`, that is no parameter.
    pub skipped: bool,
    /// Its fields.
    pub fields: Vec<(String, Ty)>,
}

impl Struct {
    /// The type as it is written.
    #[must_use]
    pub fn path(&self) -> String {
        if self.generic { format!("{}<§>", self.name) } else { self.name.clone() }
    }

    fn text(&self, structs: &[Struct]) -> String {
        let copy = if self.copy { ", Copy" } else { "" };
        let parameters = if self.generic { "<T>" } else { "" };
        let ty = |ty: &Ty| {
            let text = ty.text(structs);
            if self.generic { text.replace('§', "T") } else { text }
        };
        let fields: Vec<_> = match self.tuple {
            true => self.fields.iter().map(|(_, of)| format!("pub {}", ty(of))).collect(),
            false => self.fields.iter().map(|(name, of)| format!("pub {name}: {}", ty(of))).collect(),
        };
        let skipped = match self.skipped {
            true => ", ⟪¦#[differentiable(skip)] ¦⟫pub tag: usize",
            false => "",
        };
        let fields = fields.join(", ");
        let body = if self.tuple { format!("({fields});") } else { format!("{{ {fields}{skipped} }}") };
        format!("#[derive(Clone, Debug{copy}⟪¦, Differentiable¦⟫)]\npub struct {}{parameters}{body}\n", self.name)
    }
}

/// What a node stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A value of a type.
    Value(Ty),
    /// A statement, or several that belong together.
    Statement,
    /// Statements in braces, perhaps with a value at the end.
    Block,
}

/// Text with holes.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// What it stands for.
    pub kind: Kind,
    /// Its text.
    pub parts: Vec<Part>,
}

/// A piece of text.
#[derive(Clone, PartialEq, Debug)]
pub enum Part {
    /// The same in every dialect.
    Text(String),
    /// The type of floats.
    Float,
    /// A literal; whether it is an operand, which generic functions lift.
    Literal(String, bool),
    /// What differs.
    Each([String; 3]),
    /// Another node.
    Node(Node),
}

/// Cuts a template at its marks; children fill the holes.
#[must_use]
pub fn node(kind: Kind, template: &str, children: Vec<Node>) -> Node {
    let mut children = children.into_iter();
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut chars = template.chars().peekable();
    while let Some(c) = chars.next() {
        let part = match c {
            '@' if chars.peek() == Some(&'@') => {
                chars.next();
                text.push('@');
                continue;
            }
            '@' => Part::Node(children.next().unwrap_or_else(|| panic!("too few children for {template}"))),
            '§' => Part::Float,
            '‹' => Part::Literal(chars.by_ref().take_while(|c| *c != '›').collect(), true),
            '«' => Part::Literal(chars.by_ref().take_while(|c| *c != '»').collect(), false),
            '⟪' => {
                let all: String = chars.by_ref().take_while(|c| *c != '⟫').collect();
                let each: Vec<_> = all.split('¦').map(str::to_owned).collect();
                Part::Each(each.try_into().unwrap_or_else(|_| panic!("three dialects in {template}")))
            }
            _ => {
                text.push(c);
                continue;
            }
        };
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        parts.push(part);
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    assert!(children.next().is_none(), "too many children for {template}");
    Node { kind, parts }
}

/// A statement.
#[must_use]
pub fn statement(template: &str, children: Vec<Node>) -> Node {
    node(Kind::Statement, template, children)
}

/// A float.
#[must_use]
pub fn float(template: &str, children: Vec<Node>) -> Node {
    node(Kind::Value(Ty::Float), template, children)
}

/// A block of statements, and perhaps a value.
#[must_use]
pub fn block(statements: Vec<Node>, value: Option<Node>) -> Node {
    Node { kind: Kind::Block, parts: statements.into_iter().chain(value).map(Part::Node).collect() }
}

impl Node {
    /// The nodes in its holes.
    pub fn children(&self) -> impl Iterator<Item = &Node> {
        self.parts.iter().filter_map(|part| match part {
            Part::Node(node) => Some(node),
            _ => None,
        })
    }

    /// How many pieces it has, which shrinking reduces.
    #[must_use]
    pub fn size(&self) -> usize {
        1 + self.children().map(Node::size).sum::<usize>()
    }

    fn write(&self, dialect: Dialect, scalar: &str, to: &mut String) {
        if self.kind == Kind::Block {
            to.push_str("{\n");
        }
        for part in &self.parts {
            match part {
                Part::Text(text) => to.push_str(text),
                Part::Float => to.push_str(scalar),
                Part::Literal(literal, operand) => write_literal(literal, *operand, dialect, scalar, to),
                Part::Each(each) => to.push_str(&each[dialect as usize].replace('§', scalar)),
                Part::Node(node) => {
                    node.write(dialect, scalar, to);
                    if self.kind == Kind::Block {
                        to.push('\n');
                    }
                }
            }
        }
        if self.kind == Kind::Block {
            to.push('}');
        }
    }
}

fn write_literal(literal: &str, operand: bool, dialect: Dialect, scalar: &str, to: &mut String) {
    match dialect {
        Dialect::Oracle => write!(to, "{scalar}::of({literal})"),
        Dialect::Derived if scalar == "T" && !operand => write!(to, "T::from_f64({literal})"),
        _ if literal.starts_with('-') => write!(to, "({literal})"),
        _ => write!(to, "{literal}"),
    }
    .expect("a string can be written to");
}

/// How a parameter is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passing {
    /// By value.
    Value,
    /// By `&`.
    Shared,
    /// By `&mut`.
    Mutable,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name; `self` for a receiver.
    pub name: String,
    /// Its type; a `List` that is passed as a slice is still one here.
    pub ty: Ty,
    /// How it is passed.
    pub passing: Passing,
    /// Whether a list is passed as a slice.
    pub slice: bool,
    /// Whether it is differentiated.
    pub active: bool,
    /// Whether it is bound as `mut`.
    pub mutable: bool,
    /// What is given for it where it is not active.
    pub given: String,
}

impl Parameter {
    fn text(&self, structs: &[Struct]) -> String {
        let ty = match &self.ty {
            Ty::List(of, _) if self.slice => format!("[{}]", of.text(structs)),
            ty => ty.text(structs),
        };
        let (before, mutable) = match self.passing {
            Passing::Value => ("", if self.mutable { "mut " } else { "" }),
            Passing::Shared => ("&", ""),
            Passing::Mutable => ("&mut ", ""),
        };
        if self.name == "self" { format!("{before}{mutable}self") } else { format!("{mutable}{}: {before}{ty}", self.name) }
    }

    /// How a variable is passed for it.
    #[must_use]
    pub fn pass(&self, variable: &str, structs: &[Struct]) -> String {
        match self.passing {
            Passing::Value if self.ty.is_copy(structs) => variable.to_owned(),
            Passing::Value => format!("{variable}.clone()"),
            Passing::Shared => format!("&{variable}"),
            Passing::Mutable => format!("&mut {variable}"),
        }
    }
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The struct that it is a method of.
    pub method_of: Option<usize>,
    /// Whether it is generic over its float.
    pub generic: bool,
    /// Whether it is `const`.
    pub constant: bool,
    /// The attribute's arguments, but for `second_order` and `relaxed`.
    pub arguments: Vec<String>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What it returns.
    pub result: Option<Ty>,
    /// Its body.
    pub body: Node,
}

impl Function {
    /// The names of all parameters in `wrt`, where it has to be written.
    #[must_use]
    pub fn wrt(&self) -> Option<String> {
        let implied = |p: &Parameter| p.name != "self" && if p.slice { is_plain_list(&p.ty) } else { p.ty.is_plain() };
        let needed = self.parameters.iter().any(|p| p.active != implied(p));
        let names: Vec<_> = self.parameters.iter().filter(|p| p.active).map(|p| p.name.as_str()).collect();
        needed.then(|| format!("wrt({})", names.join(", ")))
    }

    /// The attribute's arguments.
    #[must_use]
    pub fn attribute(&self, second_order: bool, relaxed: bool) -> String {
        let relaxed = relaxed && self.arguments.is_empty();
        let flags = [(second_order, "second_order"), (relaxed, "relaxed")];
        let flags = flags.into_iter().filter(|(is, _)| *is).map(|(_, name)| name.to_owned());
        let all: Vec<_> = self.wrt().into_iter().chain(self.arguments.iter().cloned()).chain(flags).collect();
        if all.is_empty() { "#[differentiable]".to_owned() } else { format!("#[differentiable({})]", all.join(", ")) }
    }

    /// The function without its attribute.
    #[must_use]
    pub fn item(&self, structs: &[Struct], dialect: Dialect, float: &str) -> String {
        let generic = self.generic && dialect == Dialect::Derived;
        let scalar = if generic { "T" } else { float };
        let parameters: Vec<_> = self.parameters.iter().map(|p| p.text(structs)).collect();
        let result = self.result.as_ref().map(|ty| format!(" -> {}", ty.text(structs))).unwrap_or_default();
        let head = format!("({}){result} ", parameters.join(", "));
        let parameter = if generic && self.method_of.is_none() { "<T: Real>" } else { "" };
        let constant = if self.constant && dialect != Dialect::Oracle { "const " } else { "" };
        let mut text = format!("pub {constant}fn {}{parameter}", self.name);
        node(Kind::Statement, &head, Vec::new()).write(dialect, scalar, &mut text);
        self.body.write(dialect, scalar, &mut text);
        text
    }
}

fn is_plain_list(ty: &Ty) -> bool {
    matches!(ty, Ty::List(of, _) if of.is_plain())
}

/// A program: its last function is the one that is checked.
#[derive(Clone, Debug)]
pub struct Program {
    /// What it was made from.
    pub seed: (u64, u64),
    /// Whether it computes with `f32`.
    pub single: bool,
    /// Whether every function has second derivatives.
    pub second_order: bool,
    /// Whether sums and maths functions may be evaluated in another way.
    pub relaxed: bool,
    /// What is compared with the oracle, beside the value.
    pub asked: Vec<&'static str>,
    /// Its structs.
    pub structs: Vec<Struct>,
    /// Its functions, callees first.
    pub functions: Vec<Function>,
}

impl Program {
    /// The float as a dialect writes it.
    #[must_use]
    pub fn float(&self, dialect: Dialect) -> &'static str {
        match (dialect, self.single) {
            (Dialect::Oracle, false) => "Number",
            (Dialect::Oracle, true) => "Number32",
            (_, false) => "f64",
            (_, true) => "f32",
        }
    }

    /// The function that is checked.
    #[must_use]
    pub fn entry(&self) -> &Function {
        self.functions.last().expect("a program has a function")
    }

    /// What can be compared with the oracle: the text without the macro, and the derivative functions of the entry.
    #[must_use]
    pub fn comparisons(&self) -> Vec<&'static str> {
        let Function { parameters, result, .. } = self.entry();
        let changes = parameters.iter().any(|p| p.passing == Passing::Mutable);
        let rows = match result {
            Some(Ty::Array(of, _)) => **of == Ty::Float,
            Some(Ty::Tuple(of)) => of.iter().all(|ty| *ty == Ty::Float),
            _ => false,
        };
        let is_row = |ty: &Ty| *ty == Ty::Float || matches!(ty, Ty::Array(of, _) if **of == Ty::Float);
        let columns = parameters.iter().all(|p| !p.active || is_row(&p.ty));
        let gradient = *result == Some(Ty::Float) && !changes;
        let all = [
            ("plain", true),
            ("vjp", true),
            ("pullback", true),
            ("jvp", true),
            ("grad", gradient),
            ("value_and_grad", gradient),
            ("jacobian", rows && columns && !changes),
            ("hvp", gradient && self.second_order),
            ("hessian", gradient && self.second_order && columns),
        ];
        all.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
    }

    /// How many pieces it has.
    #[must_use]
    pub fn size(&self) -> usize {
        let functions: usize = self.functions.iter().map(|function| 10 + function.body.size()).sum();
        functions
            + 5 * self.structs.len()
            + self.asked.len()
            + [self.second_order, self.relaxed].map(usize::from).iter().sum::<usize>()
    }

    /// A text of one dialect from a template.
    #[must_use]
    pub fn fill(&self, template: &str, dialect: Dialect) -> String {
        let mut text = String::new();
        node(Kind::Statement, template, Vec::new()).write(dialect, self.float(dialect), &mut text);
        text
    }

    /// All items in a dialect.
    #[must_use]
    pub fn items(&self, dialect: Dialect) -> String {
        let mut text = String::new();
        for item in &self.structs {
            text.push_str(&self.fill(&item.text(&self.structs), dialect));
        }
        for function in &self.functions {
            let item = function.item(&self.structs, dialect, self.float(dialect));
            let attribute = match dialect {
                Dialect::Derived => function.attribute(self.second_order, self.relaxed) + "\n",
                _ => String::new(),
            };
            match function.method_of {
                None => writeln!(text, "{attribute}{item}\n"),
                Some(index) => {
                    let path = self.structs[index].path();
                    let (parameter, path) = match function.generic && dialect == Dialect::Derived {
                        true => ("<T: Real>", path.replace('§', "T")),
                        false => ("", self.fill(&path, dialect)),
                    };
                    writeln!(text, "impl{parameter} {path} {{\n{attribute}{item}\n}}\n")
                }
            }
            .expect("a string can be written to");
        }
        text
    }
}
