//! Expressions.

use super::super::tree::{Function, Kind, Node, Parameter, Passing, Ty, block, float, node};
use super::Generator;
use super::scope::{Access, Form};

/// Functions of one number that are defined and moderate everywhere.
const TOTAL: &[&str] = &["sin", "cos", "tanh", "atan", "asinh", "sin", "cos", "tanh"];
/// The same on the interval from -1 to 1.
const ON_UNIT: &[&str] = &["exp", "exp2", "exp_m1", "sinh", "cosh", "tan", "exp", "cbrt"];
/// The same on positive numbers of moderate size.
const ON_POSITIVE: &[&str] = &["sqrt", "ln", "log2", "log10", "cbrt", "recip", "ln_1p", "sqrt", "ln"];
/// Rules that the runtime adds.
const OWN: &[&str] = &["sigmoid", "softplus", "relu"];

impl Generator {
    /// A literal that is no operand.
    pub fn literal(&mut self) -> String {
        format!("{:?}", f64::from(self.random.between(1, 19) as u8) / 8.0)
    }

    /// A read of a scalar.
    pub fn leaf(&mut self) -> Node {
        match self.read(&Ty::Float) {
            Some(read) => read,
            None => {
                let literal = self.literal();
                let derived = if self.generic { format!("T::from_f64({literal})") } else { format!("({literal} as §)") };
                float(&format!("⟪({literal} as §)¦{derived}¦§::of({literal})⟫"), Vec::new())
            }
        }
    }

    /// A float.
    pub fn float(&mut self, depth: usize) -> Node {
        let depth = depth.min(self.deepest);
        if depth == 0 {
            return self.leaf();
        }
        let literal = self.literal();
        match self.random.below(100) {
            0..=9 => self.leaf(),
            10..=35 => self.arithmetic(depth),
            36..=39 => {
                let operand = self.float(depth - 1);
                let template = [format!("(@ * ‹{literal}›)"), format!("(‹{literal}› - @)"), format!("(@ + ‹{literal}›)")];
                float(self.random.pick(&template).as_str(), vec![operand])
            }
            40..=70 => self.function(depth),
            71..=75 => self.float_of_an_integer(depth),
            76..=79 => self.choice(&Ty::Float, depth),
            80..=82 => self.inner_block(depth),
            83..=90 => self.chain(depth).unwrap_or_else(|| self.leaf()),
            91..=96 => self.call(&Ty::Float, depth).unwrap_or_else(|| self.arithmetic(depth)),
            97 => {
                let stopped = self.float(depth - 1);
                let weight = self.leaf();
                float("(⟪¦stop_gradient¦⟫(@)⟪¦¦.stop_gradient()⟫ * @)", vec![stopped, weight])
            }
            98 if self.random.percent(50) => self.block_with_a_constant(depth),
            98 => self.immediate_closure(depth),
            _ => {
                let value = self.float(depth - 1);
                float(self.random.pick::<&str>(&["({ let kept = @; kept * kept })", "(@).clone()"]), vec![value])
            }
        }
    }

    fn arithmetic(&mut self, depth: usize) -> Node {
        let (a, b) = (self.float(depth - 1), self.float(depth - 1));
        match self.random.below(12) {
            0..=2 => float("(@ + @)", vec![a, b]),
            3..=4 => float("(@ - @)", vec![a, b]),
            5..=7 => float("(@ * @)", vec![a, b]),
            8 => float("(@ / ((@).powi(2) + ‹1.5›))", vec![a, b]),
            9 => float("(@ * @ - @)", vec![a.clone(), b, a]),
            10 => float("-(@ * @)", vec![a, b]),
            _ => float("(&(@) * &(@))", vec![a, b]),
        }
    }

    fn function(&mut self, depth: usize) -> Node {
        let x = self.float(depth - 1);
        match self.random.below(30) {
            0..=9 => {
                let name = *self.random.pick(TOTAL);
                match self.random.below(6) {
                    0 => float(&format!("§::{name}(@)"), vec![x]),
                    1 => float(&format!("⟪Real¦Real¦§⟫::{name}(@)"), vec![x]),
                    _ => float(&format!("(@).{name}()"), vec![x]),
                }
            }
            10..=12 => float(&format!("(@).sin().{}()", self.random.pick(ON_UNIT)), vec![x]),
            13..=15 => float(&format!("((@).powi(2) + ‹0.6›).{}()", self.random.pick(ON_POSITIVE)), vec![x]),
            16 => float("(-(@).powi(2)).exp()", vec![x]),
            17 => float(&format!("(@).tanh().powi({})", self.random.between(0, 4)), vec![x]),
            18..=19 => float(&format!("(@).{}()", self.random.pick(OWN)), vec![x]),
            20..=25 => {
                let y = self.float(depth - 1);
                self.binary_function(x, y)
            }
            26 => float("(@).sin_cos().0", vec![x]),
            27 => float("(@).to_degrees().to_radians()", vec![x]),
            28 => float("((@).floor() * ‹0.25›)", vec![x]),
            _ => float("((@).cos() * ‹0.9›).asin()", vec![x]),
        }
    }

    fn binary_function(&mut self, x: Node, y: Node) -> Node {
        let template = [
            "(@).max(@)",
            "(@).min(@)",
            "(@).hypot((@).cos() + ‹1.5›)",
            "(@).atan2((@).sin() + ‹2.0›)",
            "((@).sin() + ‹1.75›).powf((@).sin())",
            "(@).mul_add(«0.5», @)",
            "((@).abs() + ‹0.3›).copysign(@)",
            "((@).sin() % ((@).cos() + ‹2.5›))",
            "(@).rem_euclid((@).sin() + ‹2.5›)",
            "(@).clamp(«-0.75», (@).abs() + ‹0.8›)",
            "((@).powi(2) + ‹0.7›).log((@).powi(2) + ‹1.6›)",
            "§::max(@, @)",
        ];
        float(self.random.pick::<&str>(&template), vec![x, y])
    }

    fn float_of_an_integer(&mut self, depth: usize) -> Node {
        let integer = self.integer();
        let x = self.float(depth - 1);
        let factor = self.of_integer(&integer);
        float(&format!("(@ * {factor})"), vec![x])
    }

    /// `if` and `match` as values.
    pub fn choice(&mut self, ty: &Ty, depth: usize) -> Node {
        if self.random.percent(65) {
            let condition = self.condition(depth - 1);
            let then = self.scoped(|g| g.arm(ty, depth));
            let other = self.scoped(|g| g.arm(ty, depth));
            return node(Kind::Value(ty.clone()), "if @ @ else @", vec![condition, then, other]);
        }
        let integer = self.integer();
        let arms: Vec<Node> = (0..4).map(|_| self.scoped(|g| g.value(ty, depth - 1))).collect();
        let guard = self.condition(0);
        let [a, b, c, d] = arms.try_into().expect("four arms");
        let template = format!("match {integer} {{ 0 => @, 1 | 2 if @ => @, n @@ 1..=3 => {{ let _ = n; @ }}, _ => @ }}");
        node(Kind::Value(ty.clone()), &template, vec![a, guard, b, c, d])
    }

    /// A block that gives a value, with a few statements before it.
    fn arm(&mut self, ty: &Ty, depth: usize) -> Node {
        let statements = if self.random.percent(30) { self.bindings(1) } else { Vec::new() };
        block(statements, Some(self.value(ty, depth - 1)))
    }

    fn inner_block(&mut self, depth: usize) -> Node {
        let body = self.scoped(|g| {
            let statements = g.bindings(2);
            block(statements, Some(g.float(depth - 1)))
        });
        float("(@)", vec![body])
    }

    /// A block with a constant, whose name means something else in other blocks.
    fn block_with_a_constant(&mut self, depth: usize) -> Node {
        let number = self.random.between(1, 3);
        let (value, factor) = (self.float(depth - 1), self.of_integer("LIMIT"));
        float(&format!("({{ const LIMIT: usize = {number}; let limited = @; limited * {factor} }})"), vec![value])
    }

    fn immediate_closure(&mut self, depth: usize) -> Node {
        let name = self.name("x");
        let argument = self.float(depth - 1);
        let body = self.scoped(|g| {
            g.bind(&name, Ty::Float, false);
            g.float(depth - 1)
        });
        float(&format!("({{ let apply = |{name}: §| @; apply(@) }})"), vec![body, argument])
    }

    /// A closure for a parameter that is a function.
    fn function_literal(&mut self) -> Node {
        let name = self.name("x");
        let body = self.closed(|g| g.bind(&name, Ty::Float, false), 2);
        node(Kind::Value(Ty::Function), &format!("|{name}| @"), vec![body])
    }

    /// A condition, on active values or on others.
    pub fn condition(&mut self, depth: usize) -> Node {
        let kind = Kind::Value(Ty::Flag);
        match self.random.below(10) {
            0..=3 => {
                let (a, b) = (self.float(depth), self.leaf());
                node(kind, self.random.pick::<&str>(&["@ > @", "@ < @", "@ <= @", "!(@ >= @)"]), vec![a, b])
            }
            4..=5 => {
                let a = self.leaf();
                node(kind, self.random.pick::<&str>(&["@ > ‹0.3›", "(@).abs() < ‹0.8›", "(@).sin() > ‹0.1›"]), vec![a])
            }
            6..=7 => {
                let integer = self.integer();
                let template = [format!("({integer}) % 2 == 0"), format!("({integer}) > 1"), format!("({integer}) != 0")];
                node(kind, self.random.pick(&template).as_str(), Vec::new())
            }
            8 => match self.read(&Ty::Flag) {
                Some(flag) => flag,
                None => node(kind, "true", Vec::new()),
            },
            _ => {
                let (a, b) = (self.condition(0), self.condition(0));
                node(kind, self.random.pick::<&str>(&["(@) && (@)", "(@) || (@)"]), vec![a, b])
            }
        }
    }

    /// A value of any type.
    pub fn value(&mut self, ty: &Ty, depth: usize) -> Node {
        let depth = depth.min(self.deepest);
        let kind = Kind::Value(ty.clone());
        if *ty == Ty::Float {
            return self.float(depth);
        }
        if self.random.percent(25)
            && let Some(read) = self.read(ty)
        {
            return read;
        }
        if depth > 1 && self.random.percent(10) {
            return self.choice(ty, depth);
        }
        if depth > 0
            && self.random.percent(30)
            && let Some(call) = self.call(ty, depth)
        {
            return call;
        }
        let depth = depth.saturating_sub(1);
        match ty {
            Ty::Array(of, n) => self.array(of, *n, depth),
            Ty::List(of, n) => self.list(of, *n, depth),
            Ty::Tuple(of) => {
                let parts: Vec<Node> = of.iter().map(|of| self.value(of, depth)).collect();
                node(kind, &format!("({})", holes(parts.len())), parts)
            }
            Ty::Struct(index) => self.struct_value(*index, depth),
            Ty::Index(bound) => node(kind, &self.random.below(*bound).to_string(), Vec::new()),
            Ty::Flag => self.condition(0),
            Ty::Function => self.function_literal(),
            Ty::Float => unreachable!("handled above"),
        }
    }

    fn array(&mut self, of: &Ty, n: usize, depth: usize) -> Node {
        let ty = Ty::Array(Box::new(of.clone()), n);
        let kind = Kind::Value(ty.clone());
        if of.is_copy(&self.structs) && self.random.percent(12) {
            return node(kind, &format!("[@; {n}]"), vec![self.value(of, depth)]);
        }
        if *of == Ty::Float
            && self.random.percent(15)
            && let Some(place) = self.place(&ty, Access::Read)
        {
            let name = self.name("v");
            let by_reference = self.random.percent(30);
            let body = self.scoped(|g| {
                if by_reference {
                    g.bind_reference(&name, Ty::Float, false)
                } else {
                    g.bind(&name, Ty::Float, false)
                }
                g.float(depth.max(1))
            });
            let text = if place.text.starts_with('*') { format!("({})", place.text) } else { place.text };
            let each = if by_reference { ".each_ref()" } else { "" };
            return node(kind, &format!("{text}{each}.map(|{name}| @)"), vec![body]);
        }
        let parts: Vec<Node> = (0..n).map(|_| self.value(of, depth)).collect();
        node(kind, &format!("[{}]", holes(n)), parts)
    }

    fn list(&mut self, of: &Ty, n: usize, depth: usize) -> Node {
        let kind = Kind::Value(Ty::List(Box::new(of.clone()), n));
        match self.random.below(4) {
            0 => node(kind, &format!("vec![@; {n}]"), vec![self.value(of, depth)]),
            1 if *of == Ty::Float => {
                let name = self.name("i");
                let body = self.scoped(|g| {
                    g.bind(&name, Ty::Index(n), false);
                    g.float(depth.max(1))
                });
                node(kind, &format!("(0..{n}).map(|{name}| @).collect::<Vec<§>>()"), vec![body])
            }
            2 => {
                let array = self.array(of, n, depth);
                node(kind, "@.to_vec()", vec![array])
            }
            _ => {
                let parts: Vec<Node> = (0..n).map(|_| self.value(of, depth)).collect();
                node(kind, &format!("vec![{}]", holes(n)), parts)
            }
        }
    }

    fn struct_value(&mut self, index: usize, depth: usize) -> Node {
        let shape = self.structs[index].clone();
        let kind = Kind::Value(Ty::Struct(index));
        let based = shape.fields.len() > 1 && self.random.percent(30);
        if based && let Some(base) = self.read(&Ty::Struct(index)) {
            let (name, ty) = self.random.pick(&shape.fields).clone();
            let value = self.value(&ty, depth);
            return node(kind, &format!("{} {{ {name}: @, ..@ }}", shape.name), vec![value, base]);
        }
        let parts: Vec<Node> = shape.fields.iter().map(|(_, ty)| self.value(ty, depth)).collect();
        if shape.tuple {
            return node(kind, &format!("{}({})", shape.name, holes(parts.len())), parts);
        }
        let fields: Vec<_> = shape.fields.iter().map(|(name, _)| format!("{name}: @")).collect();
        let tag = if shape.skipped { ", tag: 1" } else { "" };
        node(kind, &format!("{} {{ {}{tag} }}", shape.name, fields.join(", ")), parts)
    }

    /// A call of a function of the program that changes no argument.
    pub fn call(&mut self, ty: &Ty, depth: usize) -> Option<Node> {
        let fits = |f: &Function| f.result.as_ref() == Some(ty) && f.parameters.iter().all(|p| p.passing != Passing::Mutable);
        let candidates: Vec<usize> = (0..self.functions.len()).filter(|&i| fits(&self.functions[i])).collect();
        if candidates.is_empty() {
            return None;
        }
        let chosen = *self.random.pick(&candidates);
        let (template, arguments, _) = self.call_of(chosen, depth)?;
        Some(node(Kind::Value(ty.clone()), &template, arguments))
    }

    /// The text of a call, its arguments, and the places that it changes.
    pub fn call_of(&mut self, function: usize, depth: usize) -> Option<(String, Vec<Node>, Vec<String>)> {
        let function = self.functions[function].clone();
        if self.generic && !function.generic {
            return None;
        }
        let mut roots = Vec::new();
        let mut texts = vec![None; function.parameters.len()];
        for (at, parameter) in function.parameters.iter().enumerate().filter(|(_, p)| p.passing == Passing::Mutable) {
            let place = self.without(&roots.clone(), |g| g.place(&parameter.ty, Access::Write))?;
            let reborrowed = self.variables.iter().rev().find(|v| v.name == place.root)?.form == Form::Reference;
            let whole = place.text.starts_with('*');
            texts[at] = Some(match (parameter.name == "self", whole, reborrowed) {
                (true, true, _) => place.root.clone(),
                (true, false, _) => place.text,
                _ => format!("&mut {}", place.text),
            });
            roots.push(place.root);
        }
        let mut arguments = Vec::new();
        let mut written = Vec::new();
        for (at, parameter) in function.parameters.iter().enumerate() {
            let text = match texts[at].take() {
                Some(text) => text,
                None => {
                    let (text, argument) = self.without(&roots.clone(), |g| g.argument(parameter, depth))?;
                    arguments.extend(argument);
                    text
                }
            };
            written.push(text);
        }
        let template = match function.method_of {
            Some(_) => format!("{}.{}({})", written[0], function.name, written[1..].join(", ")),
            None => format!("{}({})", function.name, written.join(", ")),
        };
        Some((template, arguments, roots))
    }

    /// What is written for a parameter that is not changed.
    fn argument(&mut self, parameter: &Parameter, depth: usize) -> Option<(String, Option<Node>)> {
        if !parameter.active {
            return Some(match parameter.ty {
                Ty::Index(bound) => (self.index(bound), None),
                Ty::Flag => ("@".to_owned(), Some(self.condition(0))),
                Ty::Function => ("@".to_owned(), Some(self.function_literal())),
                _ if parameter.passing == Passing::Shared && parameter.name != "self" => (format!("&{}", parameter.given), None),
                _ => (parameter.given.clone(), None),
            });
        }
        match parameter.passing {
            Passing::Value if parameter.name == "self" => {
                let place = self.read(&parameter.ty)?;
                Some(("@".to_owned(), Some(place)))
            }
            Passing::Value => Some(("@".to_owned(), Some(self.value(&parameter.ty, depth.saturating_sub(1))))),
            _ => {
                let place = self.place(&parameter.ty, Access::Read);
                match place {
                    Some(place) if parameter.name == "self" => {
                        Some((if place.text.starts_with('*') { place.root } else { place.text }, None))
                    }
                    Some(place) => Some((format!("&{}", place.text), None)),
                    None if parameter.name == "self" => None,
                    None => Some(("&@".to_owned(), Some(self.value(&parameter.ty, depth.saturating_sub(1))))),
                }
            }
        }
    }
}

/// So many holes, with commas.
pub fn holes(count: usize) -> String {
    vec!["@"; count].join(", ")
}
