//! Structs, functions and methods.

use super::super::tree::{Function, Node, Parameter, Passing, Struct, Ty, block, float, statement};
use super::Generator;

/// Functions whose rule is given: parameters, the body, and a partial derivative for each.
const GIVEN: &[(&str, &[(&str, &str)])] = &[
    ("(x * y).sin()", &[("x", "y * (x * y).cos()"), ("y", "x * (x * y).cos()")]),
    ("(-x * x).exp()", &[("x", "-(x + x) * value")]),
    ("x * y.tanh()", &[("x", "y.tanh()"), ("y", "x / y.cosh().powi(2)")]),
    (
        "if x > y { x * y } else { x + y }",
        &[("x", "if x > y { y } else { y.powi(0) }"), ("y", "if x > y { x } else { y.powi(0) }")],
    ),
];

/// Bodies that Rust evaluates at compile time.
const CONSTANT: &[&str] = &[
    "x * y - (x + ‹1.5›) / (y * y + ‹1.25›)",
    "if x > y { x * x - y } else { x * y * ‹0.5› }",
    "{ let mut t = x * y; let mut i = 0; while i < 3 { t = t * ‹0.5› + x * y; i += 1; } t / (x * x + ‹1.0›) }",
    "{ let a = [x, y, x * y]; let mut t = a[0]; t -= a[1] * a[2]; t / ‹3.0› }",
];

/// Bodies of functions of a function.
const OF_A_FUNCTION: &[&str] = &[
    "f(x) * x",
    "f(f(x).sin()) - x",
    "{ let mut t = x; for i in 0..3 { if i != 1 { t = (f(t) * ‹0.5›).sin(); } } t + f(x) }",
    "if x > ‹0.4› { f(x * x) } else { f(x) * f(‹0.25› + x) }",
    "[x, x * x].iter().map(|v| f(*v)).sum::<§>()",
];

impl Generator {
    /// Up to two structs, of which the second may hold the first.
    pub fn declare_structs(&mut self) {
        for index in 0..*self.random.pick(&[0, 0, 1, 1, 2]) {
            let generic = self.random.percent(25);
            let tuple = self.random.percent(20);
            let count = self.random.between(1, 3);
            let fields: Vec<(String, Ty)> = (0..count)
                .map(|field| {
                    let ty = match self.random.below(8) {
                        0..=2 => Ty::Float,
                        3..=4 => Ty::Array(Box::new(Ty::Float), self.random.between(2, 3)),
                        5 => Ty::Tuple(vec![Ty::Float, Ty::Float]),
                        6 if index > 0 && (self.structs[0].generic || !generic) => Ty::Struct(0),
                        6 => Ty::Float,
                        _ => Ty::List(Box::new(Ty::Float), self.random.between(2, 3)),
                    };
                    (if tuple { field.to_string() } else { ["a", "b", "c"][field].to_owned() }, ty)
                })
                .collect();
            let copy = fields.iter().all(|(_, ty)| ty.is_copy(&self.structs));
            let skipped = !tuple && self.random.percent(20);
            let mut generic = generic;
            if fields.iter().any(|(_, ty)| matches!(ty, Ty::Struct(i) if !self.structs[*i].generic)) {
                generic = false;
            }
            self.structs.push(Struct { name: format!("S{index}"), generic, copy, tuple, skipped, fields });
        }
    }

    /// A few functions, each of which may call those before it.
    pub fn declare_functions(&mut self, size: usize) {
        for index in 0..*self.random.pick(&[0, 0, 1, 1, 2, 3]) {
            let function = match self.random.below(10) {
                0 => self.given(index),
                1 => self.recursive(index),
                8 => self.constant(index),
                9 => self.of_a_function(index),
                2 if !self.structs.is_empty() => self.method(index),
                3 if !self.structs.is_empty() => self.method(index),
                _ => self.helper(index),
            };
            self.functions.push(function);
        }
        let entry = self.entry(size);
        self.functions.push(entry);
    }

    fn begin(&mut self, generic: bool, budget: usize) {
        self.variables.clear();
        self.generic = generic;
        self.loops = 0;
        self.budget = budget;
    }

    fn parameter(&mut self, name: &str, ty: Ty, passing: Passing) -> Parameter {
        let slice = matches!(ty, Ty::List(..)) && passing != Passing::Value;
        let mutable = passing == Passing::Value && self.random.percent(25);
        Parameter { name: name.to_owned(), ty, passing, slice, active: true, mutable, given: String::new() }
    }

    fn bind_parameter(&mut self, parameter: &Parameter) {
        let Parameter { name, ty, passing, mutable, .. } = parameter;
        match passing {
            Passing::Value => self.bind(name, ty.clone(), *mutable),
            Passing::Shared => self.bind_reference(name, ty.clone(), false),
            Passing::Mutable => self.bind_reference(name, ty.clone(), true),
        }
    }

    fn parameter_type(&mut self) -> Ty {
        match self.random.below(12) {
            0..=3 => Ty::Float,
            4..=6 => Ty::Array(Box::new(Ty::Float), self.random.between(2, 4)),
            7 => Ty::Array(Box::new(Ty::Array(Box::new(Ty::Float), 2)), 2),
            8 => Ty::Tuple(vec![Ty::Float, Ty::Float]),
            9..=10 => Ty::List(Box::new(Ty::Float), self.random.between(2, 4)),
            _ => {
                let usable: Vec<usize> = (0..self.structs.len()).filter(|&i| !self.generic || self.structs[i].generic).collect();
                if usable.is_empty() { Ty::Float } else { Ty::Struct(*self.random.pick(&usable)) }
            }
        }
    }

    fn active_parameter(&mut self, name: &str, changes: usize) -> Parameter {
        let ty = self.parameter_type();
        let passing = match (&ty, self.random.below(100)) {
            (_, chance) if chance < changes => Passing::Mutable,
            (Ty::Float, chance) if chance < 85 => Passing::Value,
            (Ty::List(..), _) => Passing::Shared,
            (_, chance) if chance < 60 => Passing::Value,
            _ => Passing::Shared,
        };
        self.parameter(name, ty, passing)
    }

    fn inactive_parameter(&mut self, name: &str) -> Parameter {
        let (ty, given) = match self.random.below(4) {
            0 => (Ty::Flag, if self.random.percent(50) { "true" } else { "false" }.to_owned()),
            1 if !self.generic => (Ty::Float, "«0.375»".to_owned()),
            _ => {
                let bound = self.random.between(2, 5);
                (Ty::Index(bound), self.random.below(bound).to_string())
            }
        };
        let mut parameter = self.parameter(name, ty, Passing::Value);
        parameter.active = false;
        parameter.mutable = false;
        parameter.given = given;
        parameter
    }

    fn result_type(&mut self) -> Ty {
        match self.random.below(10) {
            0..=5 => Ty::Float,
            6 => Ty::Array(Box::new(Ty::Float), self.random.between(2, 4)),
            7 => Ty::Tuple(vec![Ty::Float, Ty::Float]),
            8 => Ty::List(Box::new(Ty::Float), self.random.between(2, 3)),
            _ => self.parameter_type(),
        }
    }

    /// The body of a function: statements, and a value that depends on much of what is in scope.
    fn function_body(&mut self, parameters: &[Parameter], result: Option<&Ty>, statements: usize) -> Node {
        parameters.iter().for_each(|parameter| self.bind_parameter(parameter));
        self.returns = Some(result.cloned());
        let mut statements = self.statements(statements, 3);
        // most passes are about loops over long sequences; what is bound last is used most
        if self.random.percent(30) {
            statements.push(self.wide());
        }
        self.returns = None;
        let value = result.map(|ty| if *ty == Ty::Float { self.summary() } else { self.value(ty, 3) });
        block(statements, value)
    }

    /// A float that depends on several variables.
    fn summary(&mut self) -> Node {
        let parts = vec![self.float(2), self.float(0), self.float(0), self.float(1), self.float(0)];
        float("(@) + @ * @ - (@) * @", parts)
    }

    fn helper(&mut self, index: usize) -> Function {
        let generic = self.random.percent(35);
        let changes = if self.random.percent(35) { 40 } else { 0 };
        self.begin(generic, 6);
        let mut parameters: Vec<_> =
            (0..self.random.between(1, 3)).map(|i| self.active_parameter(&format!("p{i}"), changes)).collect();
        if self.random.percent(30) {
            let at = self.random.below(parameters.len() + 1);
            let parameter = self.inactive_parameter("z");
            parameters.insert(at, parameter);
        }
        let changed = parameters.iter().any(|p| p.passing == Passing::Mutable);
        let result = if changed && self.random.percent(50) { None } else { Some(self.result_type()) };
        let body = self.function_body(&parameters, result.as_ref(), 3);
        Function {
            name: format!("h{index}"),
            method_of: None,
            generic,
            constant: false,
            arguments: Vec::new(),
            parameters,
            result,
            body,
        }
    }

    fn method(&mut self, index: usize) -> Function {
        let of = self.random.below(self.structs.len());
        let generic = self.structs[of].generic && self.random.percent(60);
        self.begin(generic, 5);
        let passing = match self.random.below(6) {
            0 if self.structs[of].copy => Passing::Value,
            1..=2 => Passing::Mutable,
            _ => Passing::Shared,
        };
        let mut receiver = self.parameter("self", Ty::Struct(of), passing);
        receiver.mutable = false;
        let mut parameters = vec![receiver];
        for i in 0..self.random.below(3) {
            let parameter = self.active_parameter(&format!("p{i}"), 0);
            parameters.push(parameter);
        }
        let result = if passing == Passing::Mutable && self.random.percent(50) { None } else { Some(self.result_type()) };
        let body = self.function_body(&parameters, result.as_ref(), 3);
        Function {
            name: format!("m{index}"),
            method_of: Some(of),
            generic,
            constant: false,
            arguments: Vec::new(),
            parameters,
            result,
            body,
        }
    }

    /// A `const fn`.
    fn constant(&mut self, index: usize) -> Function {
        self.begin(false, 0);
        let parameters = ["x", "y"].map(|name| Parameter { mutable: false, ..self.parameter(name, Ty::Float, Passing::Value) });
        let body = block(Vec::new(), Some(float(self.random.pick::<&str>(CONSTANT), Vec::new())));
        let (parameters, result) = (parameters.into(), Some(Ty::Float));
        let name = format!("c{index}");
        Function { name, method_of: None, generic: false, constant: true, arguments: Vec::new(), parameters, result, body }
    }

    /// A function that takes a function.
    fn of_a_function(&mut self, index: usize) -> Function {
        let generic = self.random.percent(30);
        self.begin(generic, 0);
        let mut function = self.parameter("f", Ty::Function, Passing::Value);
        let mut x = self.parameter("x", Ty::Float, Passing::Value);
        (function.active, function.mutable, x.mutable) = (false, false, false);
        let parameters = if self.random.percent(50) { vec![function, x] } else { vec![x, function] };
        let body = block(Vec::new(), Some(float(self.random.pick::<&str>(OF_A_FUNCTION), Vec::new())));
        let (name, result) = (format!("f{index}"), Some(Ty::Float));
        Function { name, method_of: None, generic, constant: false, arguments: Vec::new(), parameters, result, body }
    }

    /// A function with partial derivatives of its own.
    fn given(&mut self, index: usize) -> Function {
        let generic = self.random.percent(30);
        self.begin(generic, 0);
        let (body, partials) = *self.random.pick(GIVEN);
        let parameters =
            partials.iter().map(|(name, _)| Parameter { mutable: false, ..self.parameter(name, Ty::Float, Passing::Value) });
        let parameters = parameters.collect();
        let rules: Vec<_> = partials.iter().map(|(name, partial)| format!("{name} = {partial}")).collect();
        let arguments = vec![format!("partials({})", rules.join(", "))];
        let body = block(Vec::new(), Some(float(body, Vec::new())));
        Function {
            name: format!("g{index}"),
            method_of: None,
            generic,
            constant: false,
            arguments,
            parameters,
            result: Some(Ty::Float),
            body,
        }
    }

    /// A function that calls itself, a bounded number of times.
    fn recursive(&mut self, index: usize) -> Function {
        let generic = self.random.percent(30);
        self.begin(generic, 3);
        let name = format!("r{index}");
        let mut parameters = vec![self.parameter("p0", Ty::Float, Passing::Value)];
        if self.random.percent(50) {
            let other = self.active_parameter("kept", 0);
            parameters.push(other);
        }
        let mut count = self.parameter("n", Ty::Index(4), Passing::Value);
        (count.active, count.mutable, count.given) = (false, false, "3".to_owned());
        parameters.iter_mut().for_each(|p| p.mutable = false);
        parameters.push(count);
        parameters.iter().for_each(|parameter| self.bind_parameter(parameter));
        let structs = self.structs.clone();
        let again = |x: &str| {
            let others: Vec<_> = parameters[1..parameters.len() - 1]
                .iter()
                .map(|p| {
                    if p.ty.is_copy(&structs) || p.passing == Passing::Shared {
                        p.name.clone()
                    } else {
                        format!("{}.clone()", p.name)
                    }
                })
                .collect();
            let others = others.iter().map(|other| format!(", {other}")).collect::<String>();
            format!("{name}({x}{others}, n - 1)")
        };
        let copyable = parameters.iter().all(|p| p.passing == Passing::Shared || !matches!(p.ty, Ty::Struct(_)));
        let end = self.float(2);
        let first = statement("if n == 0 { return @; }", vec![end]);
        let mut statements = vec![first];
        statements.extend(self.statements(2, 1));
        let down = self.damped(2);
        let recursion = if copyable { again("@") } else { "(@)".to_owned() };
        statements.push(statement(&format!("let y = {recursion};"), vec![down]));
        self.bind("y", Ty::Float, false);
        let value = self.damped(2);
        let body = block(statements, Some(value));
        Function {
            name,
            method_of: None,
            generic,
            constant: false,
            arguments: Vec::new(),
            parameters,
            result: Some(Ty::Float),
            body,
        }
    }

    /// A few statements on scalars alone, of which a Jacobian is written out.
    fn straight_line(&mut self) -> Function {
        self.begin(false, 0);
        let count = self.random.between(1, 2);
        let parameters: Vec<_> = (0..count)
            .map(|i| {
                let single = self.random.percent(50);
                let ty = if single { Ty::Float } else { Ty::Array(Box::new(Ty::Float), self.random.between(2, 3)) };
                self.parameter(&format!("x{i}"), ty, Passing::Value)
            })
            .collect();
        parameters.iter().for_each(|parameter| self.bind_parameter(parameter));
        let count = self.random.between(1, 3);
        let statements = self.bindings(count);
        let result = Ty::Array(Box::new(Ty::Float), self.random.between(2, 3));
        let value = self.value(&result, 2);
        Function {
            name: "entry".to_owned(),
            method_of: None,
            generic: false,
            constant: false,
            arguments: Vec::new(),
            parameters,
            result: Some(result),
            body: block(statements, Some(value)),
        }
    }

    fn entry(&mut self, size: usize) -> Function {
        if self.random.percent(8) {
            return self.straight_line();
        }
        let generic = self.random.percent(15);
        let changes = if self.random.percent(25) { 35 } else { 0 };
        self.begin(generic, size);
        let mut parameters: Vec<_> =
            (0..self.random.between(1, 4)).map(|i| self.active_parameter(&format!("x{i}"), changes)).collect();
        if self.random.percent(15) {
            // few numbers: forward mode may cost less
            let count = self.random.between(1, 2);
            parameters = (0..count).map(|i| self.parameter(&format!("x{i}"), Ty::Float, Passing::Value)).collect();
        }
        for parameter in &mut parameters {
            if parameter.passing == Passing::Shared && self.random.percent(25) {
                parameter.slice = false;
            }
        }
        if self.random.percent(50) {
            let at = self.random.below(parameters.len() + 1);
            let parameter = self.inactive_parameter("k");
            parameters.insert(at, parameter);
        }
        let changed = parameters.iter().any(|p| p.passing == Passing::Mutable);
        let result = if changed && self.random.percent(40) { None } else { Some(self.result_type()) };
        let count = self.random.between(3, 8);
        let body = self.function_body(&parameters, result.as_ref(), count);
        Function {
            name: "entry".to_owned(),
            method_of: None,
            generic,
            constant: false,
            arguments: Vec::new(),
            parameters,
            result,
            body,
        }
    }
}
