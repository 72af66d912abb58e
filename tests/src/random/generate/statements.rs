//! Statements.

use super::super::tree::{Node, Parameter, Part, Passing, Ty, block, node, statement};
use super::Generator;
use super::scope::{Access, Form, Place};

impl Generator {
    /// So many `let`s.
    pub fn bindings(&mut self, count: usize) -> Vec<Node> {
        (0..count).map(|_| self.binding()).collect()
    }

    /// Statements, as far as the budget goes.
    pub fn statements(&mut self, count: usize, depth: usize) -> Vec<Node> {
        (0..count).filter_map(|_| self.statement(depth)).collect()
    }

    fn statement(&mut self, depth: usize) -> Option<Node> {
        self.budget = self.budget.checked_sub(1)?;
        if depth == 0 {
            return Some(if self.random.percent(50) { self.binding() } else { self.assignment() });
        }
        Some(match self.random.below(100) {
            0..=16 => self.binding(),
            17..=21 => self.wide(),
            22..=36 => self.assignment(),
            37..=41 => self.item_by_item(depth),
            42..=43 => self.moved_whole(),
            44..=52 => self.branches(depth),
            53..=66 => self.repetition(depth),
            67..=68 => self.early_exit(),
            69 => self.element_or_return(),
            70..=73 => self.labelled_block(depth),
            74..=76 => self.option(depth),
            77 => self.closure(),
            78 => self.closures_of_closures(),
            79 => self.closure_that_moves(),
            80..=83 => self.reference(depth),
            84..=86 => self.whole_sequence(),
            87..=88 => self.worked_list(),
            89..=91 => self.changing_call().unwrap_or_else(|| self.assignment()),
            92..=93 => self.call_before_a_change().unwrap_or_else(|| self.assignment()),
            _ if self.random.percent(35) => self.ends(),
            _ => self.inactive(depth),
        })
    }

    /// A value that may be stored in a loop again and again.
    pub fn damped(&mut self, depth: usize) -> Node {
        let value = self.float(depth);
        if self.loops == 0 && self.random.percent(60) {
            return value;
        }
        node(
            value.kind.clone(),
            self.random.pick::<&str>(&["(@).sin()", "(@).tanh()", "((@).cos() * ‹1.25›)", "(@).atan()"]),
            vec![value],
        )
    }

    pub fn some_type(&mut self) -> Ty {
        match self.random.below(12) {
            0..=3 => Ty::Array(Box::new(Ty::Float), self.random.between(2, 4)),
            4 => Ty::Array(Box::new(Ty::Array(Box::new(Ty::Float), 2)), self.random.between(2, 3)),
            5..=6 => Ty::Tuple(vec![Ty::Float, Ty::Float]),
            7 => Ty::Tuple(vec![Ty::Float, Ty::Tuple(vec![Ty::Float, Ty::Array(Box::new(Ty::Float), 2)])]),
            8..=9 => Ty::List(Box::new(Ty::Float), self.random.between(2, 4)),
            _ => {
                let usable: Vec<usize> = (0..self.structs.len()).filter(|&i| !self.generic || self.structs[i].generic).collect();
                if usable.is_empty() { Ty::Float } else { Ty::Struct(*self.random.pick(&usable)) }
            }
        }
    }

    pub fn binding(&mut self) -> Node {
        match self.random.below(10) {
            0..=4 => {
                let value = self.damped(3);
                self.bound(value, Ty::Float)
            }
            5..=7 => {
                let ty = self.some_type();
                let value = self.value(&ty, 3);
                self.bound(value, ty)
            }
            8 => self.pattern(),
            _ => self.deferred(),
        }
    }

    fn bound(&mut self, value: Node, ty: Ty) -> Node {
        let mutable = self.random.percent(60);
        let capital = self.random.percent(6);
        let name = match (capital, &ty) {
            (true, _) => self.shadowing_name("Z"),
            (false, Ty::Float) => self.shadowing_name("x"),
            _ => self.shadowing_name("a"),
        };
        let annotation = if self.random.percent(30) { format!(": {}", ty.text(&self.structs)) } else { String::new() };
        let before = if mutable { "mut " } else { "" };
        self.bind(&name, ty, mutable);
        statement(&format!("let {before}{name}{annotation} = @;"), vec![value])
    }

    fn pattern(&mut self) -> Node {
        let (a, b) = (self.name("p"), self.name("q"));
        let mutable = self.random.percent(40);
        let before = if mutable { "mut " } else { "" };
        let statement = match self.random.below(3) {
            0 => {
                let values = vec![self.float(2), self.float(2)];
                statement(&format!("let ({before}{a}, {b}) = (@, @);"), values)
            }
            1 => {
                let value = self.value(&Ty::Array(Box::new(Ty::Float), 3), 2);
                statement(&format!("let [{before}{a}, .., {b}] = @;"), vec![value])
            }
            _ => {
                let value =
                    self.value(&Ty::Tuple(vec![Ty::Float, Ty::Tuple(vec![Ty::Float, Ty::Array(Box::new(Ty::Float), 2)])]), 2);
                statement(&format!("let ({before}{a}, ({b}, _)) = @;"), vec![value])
            }
        };
        self.bind(&a, Ty::Float, mutable);
        self.bind(&b, Ty::Float, false);
        statement
    }

    fn deferred(&mut self) -> Node {
        let name = self.name("d");
        let parts = vec![self.condition(1), self.damped(2), self.damped(2)];
        self.bind(&name, Ty::Float, false);
        statement(&format!("let {name}: §;\nif @ {{ {name} = @; }} else {{ {name} = @; }}"), parts)
    }

    /// An assignment to a scalar, or to something larger.
    fn assignment(&mut self) -> Node {
        let Some(place) = self.place(&Ty::Float, Access::Write) else { return self.binding() };
        match self.random.below(12) {
            0..=3 => statement(&format!("{} = @;", place.text), vec![self.damped(3)]),
            4..=6 => self.compound(&place, "+", "@"),
            7 => self.compound(&place, "-", "@"),
            8 => self.compound(&place, "*", "(@).cos()"),
            9 => self.compound(&place, "/", "((@).powi(2) + ‹1.25›)"),
            10 => self.exchange(&place),
            _ => self.assign_whole().unwrap_or_else(|| self.binding()),
        }
    }

    /// `place += value`, which numbers that are not the language's own cannot do where the value reads the place.
    fn compound(&mut self, place: &Place, operator: &str, value: &str) -> Node {
        // an operator of a trait borrows the place before the operand is evaluated
        let borrowed = if self.generic { vec![place.root.clone()] } else { Vec::new() };
        let operand = self.without(&borrowed, |g| g.float(2));
        let place = &place.text;
        statement(&format!("{place} ⟪{operator}=¦{operator}=¦= {place} {operator}⟫ {value};"), vec![operand])
    }

    fn exchange(&mut self, place: &Place) -> Node {
        let roots = [place.root.clone()];
        match self.without(&roots, |g| g.place(&Ty::Float, Access::Write)) {
            Some(other) => {
                let value = self.float(1);
                match self.random.below(3) {
                    0 => statement(&format!("({}, {}) = ({}, @);", place.text, other.text, other.text), vec![value]),
                    1 => statement(&format!("({0}, {1}) = ({1}, {0});", place.text, other.text), Vec::new()),
                    _ => statement(&format!("std::mem::swap(&mut {}, &mut {});", place.text, other.text), Vec::new()),
                }
            }
            None => {
                let name = self.name("o");
                let value = self.without(&roots, |g| g.float(1));
                self.bind(&name, Ty::Float, false);
                statement(&format!("let {name} = std::mem::replace(&mut {}, @);", place.text), vec![value])
            }
        }
    }

    fn assign_whole(&mut self) -> Option<Node> {
        let ty = self.some_type();
        let place = self.place(&ty, Access::Write)?;
        if matches!(ty, Ty::List(..)) && place.text.starts_with('*') {
            return None;
        }
        let others = [place.root.clone()];
        if self.random.percent(30)
            && let Some(other) = self.without(&others, |g| g.place(&ty, Access::Write))
        {
            return Some(statement(&format!("std::mem::swap(&mut {}, &mut {});", place.text, other.text), Vec::new()));
        }
        let value = self.value(&ty, 2);
        Some(statement(&format!("{} = @;", place.text), vec![value]))
    }

    /// A block of statements with a scope of its own.
    pub fn body(&mut self, count: usize, depth: usize) -> Vec<Node> {
        let count = self.random.between(1, count);
        self.statements(count, depth - 1)
    }

    fn branches(&mut self, depth: usize) -> Node {
        let condition = self.condition(2);
        let then = self.scoped(|g| block(g.body(2, depth), None));
        match self.random.below(5) {
            0..=1 => statement("if @ @", vec![condition, then]),
            2 => {
                let other = self.scoped(|g| block(g.body(2, depth), None));
                statement("if @ @ else @", vec![condition, then, other])
            }
            3 => {
                let second = self.condition(1);
                let other = self.scoped(|g| block(g.body(2, depth), None));
                let third = self.scoped(|g| block(g.body(1, depth), None));
                statement("if @ @ else if @ @ else @", vec![condition, then, second, other, third])
            }
            _ => {
                let integer = self.integer();
                let other = self.scoped(|g| block(g.body(2, depth), None));
                let third = self.scoped(|g| block(g.body(1, depth), None));
                statement(&format!("match {integer} {{ 0 | 3 => @, 1 if @ => @, _ => @ }}"), vec![other, condition, then, third])
            }
        }
    }

    /// Runs inside of one more loop.
    pub fn looped(&mut self, run: impl FnOnce(&mut Self) -> Vec<Node>) -> Node {
        self.loops += 1;
        let body = self.scoped(|g| block(run(g), None));
        self.loops -= 1;
        body
    }

    fn repetition(&mut self, depth: usize) -> Node {
        if self.loops >= 2 {
            return self.assignment();
        }
        match self.random.below(12) {
            0..=3 => self.counted_loop(depth),
            4..=7 => self.loop_over_a_sequence(depth).unwrap_or_else(|| self.counted_loop(depth)),
            8 => self.while_loop(depth),
            9 if self.random.percent(40) => self.loop_left_from_within(depth),
            9 => self.endless_loop(depth),
            10 if self.random.percent(40) => self.loop_that_pops(),
            10 => self.accumulation(depth),
            _ => self.loop_with_a_label(depth),
        }
    }

    fn range(&mut self, n: usize) -> String {
        match self.random.below(9) {
            6 => format!("({}..{n}).step_by({})", self.count(0), self.count(1)),
            7 => format!("({}..{n}).skip({})", self.count(0), self.count(0)),
            8 => format!("{}..{n}", self.count(0)),
            0..=1 => format!("0..{n}"),
            2 => format!("0..{}", super::super::harness::LENGTHS[n - 2]),
            3 => format!("0..={}", n - 1),
            4 => format!("(0..{n}).rev()"),
            _ => format!("(0..{n}).step_by(2)"),
        }
    }

    fn counted_loop(&mut self, depth: usize) -> Node {
        let n = self.random.between(2, 4);
        let name = self.name("i");
        let bounded: Vec<_> =
            self.visible().into_iter().filter(|&i| matches!(self.variables[i].ty, Ty::Index(b) if b <= 6)).collect();
        let range = match bounded.first() {
            Some(&variable) if self.random.percent(35) => {
                let variable = &self.variables[variable];
                let star = if variable.form == Form::Reference { "*" } else { "" };
                format!("0..{star}{}", variable.name)
            }
            _ => self.range(n),
        };
        let body = self.looped(|g| {
            g.bind(&name, Ty::Index(n.max(6)), false);
            let mut statements = g.body(3, depth);
            g.jump(&mut statements, "");
            statements
        });
        statement(&format!("for {name} in {range} @"), vec![body])
    }

    /// A `continue` or a `break` somewhere in the body.
    pub fn jump(&mut self, statements: &mut Vec<Node>, label: &str) {
        if !self.random.percent(25) {
            return;
        }
        let condition = self.condition(1);
        let jump = self.random.pick(&["continue", "break"]);
        statements.push(statement(&format!("if @ {{ {jump}{label}; }}"), vec![condition]));
        let rest = self.statements(1, 0);
        statements.extend(rest);
    }

    fn loop_over_a_sequence(&mut self, depth: usize) -> Option<Node> {
        let (place, n) = self.sequence(Access::Read)?;
        let source = if place.text.starts_with('*') { place.root.clone() } else { place.text.clone() };
        let borrowed = format!("&{}", place.text);
        let (i, v) = (self.name("i"), self.name("v"));
        let roots = [place.root.clone()];
        let kind = self.random.below(9);
        if kind == 0 {
            return self.loop_that_changes(depth);
        }
        let other = self.sequence(Access::Read);
        let chosen = match kind {
            1 => (format!("for {v} in {borrowed}"), vec![(v, Ty::Float, true)]),
            2 => (format!("for ({i}, {v}) in {source}.iter().enumerate()"), vec![(i, Ty::Index(n), false), (v, Ty::Float, true)]),
            3 => (format!("for &{v} in {source}.iter().skip(1)"), vec![(v, Ty::Float, false)]),
            4 if n >= 2 => (format!("for {v} in {source}.windows(2)"), vec![(v, Ty::List(Box::new(Ty::Float), 2), true)]),
            5 if n >= 2 => (format!("for {v} in {source}.chunks_exact(2)"), vec![(v, Ty::List(Box::new(Ty::Float), 2), true)]),
            // the last part may be of one element
            8 => {
                let by = self.random.pick(&["chunks", "rchunks"]);
                let count = self.count(1);
                (format!("for {v} in {source}.{by}({count})"), vec![(v, Ty::List(Box::new(Ty::Float), 1), true)])
            }
            6 if other.is_some() => {
                let other = other.expect("it is some").0;
                let second = if other.text.starts_with('*') { other.root } else { other.text };
                let head = format!("for ({i}, {v}) in {source}.iter().zip({second}.iter())");
                let roots = [roots[0].clone(), second.split(['.', '[']).next().unwrap_or_default().to_owned()];
                let body = self.without_assignment(&roots, depth, vec![(i, Ty::Float, true), (v, Ty::Float, true)]);
                return Some(statement(&format!("{head} @"), vec![body]));
            }
            _ => (format!("for {v} in {source}.iter().rev().take(3)"), vec![(v, Ty::Float, true)]),
        };
        let body = self.without_assignment(&roots, depth, chosen.1);
        Some(statement(&format!("{} @", chosen.0), vec![body]))
    }

    /// The body of a loop that borrows some variables, with what it binds.
    pub fn without_assignment(&mut self, roots: &[String], depth: usize, bound: Vec<(String, Ty, bool)>) -> Node {
        let before: Vec<bool> = self.variables.iter().map(|v| v.mutable).collect();
        self.variables.iter_mut().filter(|v| roots.contains(&v.name)).for_each(|v| v.mutable = false);
        let body = self.looped(|g| {
            for (name, ty, reference) in bound {
                if reference { g.bind_reference(&name, ty, false) } else { g.bind(&name, ty, false) }
            }
            let mut statements = g.body(3, depth);
            g.jump(&mut statements, "");
            statements
        });
        self.variables.iter_mut().zip(before).for_each(|(v, before)| v.mutable = before);
        body
    }

    /// A loop over elements that it changes.
    fn loop_that_changes(&mut self, depth: usize) -> Option<Node> {
        let (place, n) = self.sequence(Access::Write)?;
        let source = if place.text.starts_with('*') { place.root.clone() } else { place.text.clone() };
        let (i, v) = (self.name("i"), self.name("v"));
        let counted = self.random.percent(50);
        let head = if counted {
            format!("for ({i}, {v}) in {source}.iter_mut().enumerate()")
        } else {
            format!("for {v} in {source}.iter_mut()")
        };
        let body = self.without(std::slice::from_ref(&place.root), |g| {
            g.looped(|g| {
                if counted {
                    g.bind(&i, Ty::Index(n), false);
                }
                g.bind_reference(&v, Ty::Float, true);
                let value = g.damped(2);
                let mut statements = vec![statement(&format!("*{v} = @;"), vec![value])];
                statements.extend(g.body(2, depth));
                statements
            })
        });
        Some(statement(&format!("{head} @"), vec![body]))
    }

    fn while_loop(&mut self, depth: usize) -> Node {
        let counter = self.name("k");
        let n = self.random.between(1, 4);
        let condition = if self.random.percent(60) { Some(self.condition(1)) } else { None };
        let body = self.looped(|g| {
            g.bind(&counter, Ty::Index(n + 1), false);
            let mut statements = vec![statement(&format!("{counter} += 1;"), Vec::new())];
            statements.extend(g.body(3, depth));
            g.jump(&mut statements, "");
            statements
        });
        let and = if condition.is_some() { " && (@)" } else { "" };
        let parts = condition.into_iter().chain([body]).collect();
        statement(&format!("let mut {counter} = 0;\nwhile {counter} < {n}{and} @"), parts)
    }

    /// A loop that gives a value.
    fn endless_loop(&mut self, depth: usize) -> Node {
        let (counter, name) = (self.name("k"), self.name("l"));
        let n = self.random.between(1, 4);
        let body = self.looped(|g| {
            g.bind(&counter, Ty::Index(n + 1), false);
            let mut statements = vec![statement(&format!("{counter} += 1;"), Vec::new())];
            statements.extend(g.body(2, depth));
            if g.random.percent(60) {
                let (condition, value) = (g.condition(1), g.damped(2));
                statements.push(statement("if @ { break @; }", vec![condition, value]));
            }
            let value = g.damped(2);
            statements.push(statement(&format!("if {counter} >= {n} {{ break @; }}"), vec![value]));
            statements
        });
        self.bind(&name, Ty::Float, false);
        statement(&format!("let mut {counter} = 0;\nlet {name} = loop @;"), vec![body])
    }

    /// A loop that a loop inside of it leaves with a value.
    fn loop_left_from_within(&mut self, depth: usize) -> Node {
        if self.loops > 0 {
            return self.endless_loop(depth);
        }
        let (label, counter, name, j) = (self.name("'outer"), self.name("k"), self.name("l"), self.name("j"));
        let (n, m) = (self.random.between(1, 3), self.random.between(2, 3));
        let body = self.looped(|g| {
            g.bind(&counter, Ty::Index(n + 1), false);
            let mut statements = vec![statement(&format!("{counter} += 1;"), Vec::new())];
            let inner = g.looped(|g| {
                g.bind(&j, Ty::Index(m), false);
                let mut statements = g.body(2, depth);
                let (condition, value) = (g.condition(1), g.damped(2));
                statements.push(statement(&format!("if @ {{ break {label} @; }}"), vec![condition, value]));
                statements
            });
            statements.push(statement(&format!("for {j} in 0..{m} @"), vec![inner]));
            let value = g.damped(2);
            statements.push(statement(&format!("if {counter} >= {n} {{ break @; }}"), vec![value]));
            statements
        });
        self.bind(&name, Ty::Float, false);
        statement(&format!("let mut {counter} = 0;\nlet {name} = {label}: loop @;"), vec![body])
    }

    /// A loop over what is taken from the end of a `Vec`.
    fn loop_that_pops(&mut self) -> Node {
        let Some((place, _)) = self.sequence(Access::Read) else { return self.binding() };
        let source = if place.text.starts_with('*') { place.root } else { place.text };
        let (stack, total, element) = (self.name("a"), self.name("t"), self.name("v"));
        let first = self.float(1);
        let term = self.looped(|g| {
            g.bind(&element, Ty::Float, false);
            vec![g.closed(|g| g.bind(&total, Ty::Float, false), 2)]
        });
        self.bind(&total, Ty::Float, true);
        let text = format!(
            "let mut {stack} = {source}.to_vec();\nlet mut {total} = @;\nwhile let Some({element}) = {stack}.pop() {{ {total} = ({total} * {element}).sin() + @; }}"
        );
        statement(&text, vec![first, term])
    }

    /// Two loops, the outer of which is left or continued from within the inner.
    fn loop_with_a_label(&mut self, depth: usize) -> Node {
        if self.loops > 0 {
            return self.counted_loop(depth);
        }
        let (label, i, j) = (self.name("'outer"), self.name("i"), self.name("j"));
        let (n, m) = (self.random.between(2, 3), self.random.between(2, 3));
        let jump = *self.random.pick(&["break", "continue"]);
        let body = self.looped(|g| {
            g.bind(&i, Ty::Index(n), false);
            let mut statements = g.body(1, depth);
            let inner = g.looped(|g| {
                g.bind(&j, Ty::Index(m), false);
                let mut statements = g.body(2, depth);
                let condition = g.condition(1);
                statements.push(statement(&format!("if @ {{ {jump} {label}; }}"), vec![condition]));
                statements.extend(g.statements(1, 0));
                statements
            });
            statements.push(statement(&format!("for {j} in 0..{m} @"), vec![inner]));
            statements.extend(g.statements(1, 0));
            statements
        });
        statement(&format!("{label}: for {i} in 0..{n} @"), vec![body])
    }

    /// A sum whose start is a bare literal.
    fn accumulation(&mut self, depth: usize) -> Node {
        let (total, i, name) = (self.name("t"), self.name("i"), self.name("y"));
        let n = self.random.between(2, 5);
        let mut term = None;
        let body = self.looped(|g| {
            g.bind(&i, Ty::Index(n), false);
            let statements = g.body(1, depth);
            term = Some(g.float(2));
            statements
        });
        let term = term.expect("the loop has a term");
        let last = statement(&format!("{total} += @;"), vec![term]);
        let Node { kind, mut parts } = body;
        parts.push(Part::Node(last));
        let body = Node { kind, parts };
        let weight = self.float(1);
        self.bind(&name, Ty::Float, true);
        statement(&format!("let mut {total} = «0.0»;\nfor {i} in 0..{n} @\nlet mut {name} = @ * {total};"), vec![body, weight])
    }

    fn early_exit(&mut self) -> Node {
        match self.returns.clone() {
            Some(Some(ty)) => {
                let condition = self.condition(1);
                let value = self.value(&ty, 2);
                statement("if @ { return @; }", vec![condition, value])
            }
            Some(None) => {
                let condition = self.condition(1);
                statement("if @ { return; }", vec![condition])
            }
            None => self.assignment(),
        }
    }

    /// An element, or the end of the function where there is none.
    fn element_or_return(&mut self) -> Node {
        let (Some(returns), Some((place, n))) = (self.returns.clone(), self.sequence(Access::Read)) else {
            return self.assignment();
        };
        let source = if place.text.starts_with('*') { place.root.clone() } else { place.text };
        let (index, element) = (self.index(n + 1), self.name("v"));
        let value: Vec<Node> = returns.into_iter().map(|ty| self.value(&ty, 2)).collect();
        let hole = if value.is_empty() { "" } else { " @" };
        if self.random.percent(40) {
            let other = self.name("w");
            // what is borrowed is not assigned any more
            self.variables.iter_mut().filter(|v| v.name == place.root).for_each(|v| v.mutable = false);
            self.bind_reference(&element, Ty::Float, false);
            self.bind_reference(&other, Ty::Float, false);
            let pattern = *self.random.pick(&["[V, .., W]", "[V, W, ..]", "[V, _, W]"]);
            let pattern = pattern.replace('V', &element).replace('W', &other);
            return statement(&format!("let {pattern} = &{source}[..] else {{ return{hole}; }};"), value);
        }
        self.bind(&element, Ty::Float, false);
        statement(&format!("let Some(&{element}) = {source}.get({index}) else {{ return{hole}; }};"), value)
    }

    fn labelled_block(&mut self, depth: usize) -> Node {
        let (label, name) = (self.name("'block"), self.name("b"));
        let gives = self.random.percent(60);
        let body = self.scoped(|g| {
            let mut statements = g.body(2, depth);
            let condition = g.condition(1);
            let value = if gives { vec![condition, g.damped(2)] } else { vec![condition] };
            let hole = if gives { " @" } else { "" };
            statements.push(statement(&format!("if @ {{ break {label}{hole}; }}"), value));
            statements.extend(g.body(2, depth));
            let last = gives.then(|| g.damped(2));
            block(statements, last)
        });
        if !gives {
            return statement(&format!("{label}: @"), vec![body]);
        }
        self.bind(&name, Ty::Float, false);
        statement(&format!("let {name} = {label}: @;"), vec![body])
    }

    /// An option of an active value, whose choice is inactive.
    fn option(&mut self, depth: usize) -> Node {
        let (option, v, name) = (self.name("o"), self.name("v"), self.name("y"));
        let integer = self.integer();
        let returns = self.returns.take();
        let value = self.frozen(|g| g.float(2));
        self.returns = returns;
        let rest = self.float(1);
        let (label, closure, chosen) = (self.name("'chosen"), self.name("f"), self.name("k"));
        let make = match self.random.below(6) {
            0 => format!("let {option} = {label}: {{ if {integer} > 0 {{ break {label} Some(@); }} None }};"),
            1 => format!("let {option} = loop {{ if {integer} > 0 {{ break Some(@); }} break None; }};"),
            2 => format!(
                "let {closure} = |{chosen}: bool| if {chosen} {{ Some(@) }} else {{ None }};\nlet {option} = {closure}({integer} > 0);"
            ),
            _ => format!("let {option} = if {integer} > 0 {{ Some(@) }} else {{ None }};"),
        };
        let inner = |g: &mut Self| {
            g.scoped(|g| {
                g.bind(&v, Ty::Float, false);
                g.float(2)
            })
        };
        match self.random.below(5) {
            0 => {
                self.bind(&name, Ty::Float, true);
                statement(&format!("{make}\nlet mut {name} = {option}.unwrap_or(@);"), vec![value, rest])
            }
            4 => {
                let (some, second) = (inner(self), self.float(1));
                self.bind(&name, Ty::Float, true);
                let make = make.replace("Some(@)", "Some([@, @])");
                let text = format!("{make}\nlet mut {name} = match {option} {{ Some([{v}, w]) => (@) * w, None => @ }};");
                statement(&text, vec![value, second, some, rest])
            }
            1 => {
                let returns = self.returns.take();
                let mapped = self.frozen(inner);
                self.returns = returns;
                self.bind(&name, Ty::Float, true);
                statement(&format!("{make}\nlet mut {name} = {option}.map(|{v}| @).unwrap_or(@);"), vec![value, mapped, rest])
            }
            2 => {
                let body = self.scoped(|g| {
                    g.bind(&v, Ty::Float, false);
                    block(g.body(2, depth), None)
                });
                statement(&format!("{make}\nif let Some({v}) = {option} @"), vec![value, body])
            }
            _ => {
                let some = inner(self);
                self.bind(&name, Ty::Float, false);
                statement(
                    &format!("{make}\nlet {name} = match {option} {{ Some({v}) => @, None => @ }};"),
                    vec![value, some, rest],
                )
            }
        }
    }

    /// The first or the last element of a sequence, apart from the others.
    fn ends(&mut self) -> Node {
        let changes = self.random.percent(30);
        let access = if changes { Access::Write } else { Access::Read };
        let Some((place, n)) = self.sequence(access) else { return self.binding() };
        let source = if place.text.starts_with('*') { place.root.clone() } else { place.text.clone() };
        if changes {
            let (by, v) = (*self.random.pick(&["first_mut", "last_mut"]), self.name("v"));
            let value = self.without(std::slice::from_ref(&place.root), |g| {
                g.scoped(|g| {
                    g.bind_reference(&v, Ty::Float, false);
                    g.damped(2)
                })
            });
            return statement(&format!("if let Some({v}) = {source}.{by}() {{ *{v} = @; }}"), vec![value]);
        }
        let (name, end, others) = (self.name("y"), self.name("e"), self.name("z"));
        let by = *self.random.pick(&["split_first", "split_last"]);
        let value = self.closed(
            |g| {
                g.bind_reference(&end, Ty::Float, false);
                if n > 1 {
                    g.bind_reference(&others, Ty::List(Box::new(Ty::Float), n - 1), false);
                }
            },
            2,
        );
        self.bind(&name, Ty::Float, true);
        let text = format!(
            "let mut {name}: § = «0.25»;\nif let Some(({end}, {others})) = {source}.{by}() {{ {name} = @ + {others}.iter().sum::<§>() * *{end}; }}"
        );
        statement(&text, vec![value])
    }

    /// A block in which a reference names a place.
    fn reference(&mut self, depth: usize) -> Node {
        let name = self.name("z");
        let ty = if self.random.percent(50) { Ty::Float } else { self.some_type() };
        let mutable = self.random.percent(50);
        let access = if mutable { Access::Write } else { Access::Read };
        let Some(place) = self.place(&ty, access) else { return self.binding() };
        let roots = [place.root.clone()];
        let borrow = if mutable { "&mut " } else { "&" };
        let fill = |g: &mut Self| {
            let mut statements = Vec::new();
            if mutable && ty == Ty::Float {
                let value = g.damped(2);
                statements.push(statement(&format!("*{name} = @;"), vec![value]));
            }
            statements.extend(g.body(2, depth));
            statements
        };
        let body = self.scoped(|g| {
            if mutable {
                g.without(&roots, |g| {
                    g.bind_reference(&name, ty.clone(), true);
                    fill(g)
                })
            } else {
                let before: Vec<bool> = g.variables.iter().map(|v| v.mutable).collect();
                g.variables.iter_mut().filter(|v| roots.contains(&v.name)).for_each(|v| v.mutable = false);
                g.bind_reference(&name, ty.clone(), false);
                let body = fill(g);
                g.variables.iter_mut().zip(before).for_each(|(v, before)| v.mutable = before);
                body
            }
        });
        let first = statement(&format!("let {name} = {borrow}{};", place.text), Vec::new());
        statement("@", vec![block([first].into_iter().chain(body).collect(), None)])
    }

    /// A method that changes a sequence as a whole.
    fn whole_sequence(&mut self) -> Node {
        let Some((place, n)) = self.sequence(Access::Write) else { return self.binding() };
        let name = if place.text.starts_with('*') { place.root.clone() } else { place.text.clone() };
        match self.random.below(6) {
            0 => {
                let (i, j) = (self.index(n), self.random.below(n));
                statement(&format!("{name}.swap({i}, {j});"), Vec::new())
            }
            1 => {
                let value = self.without(std::slice::from_ref(&place.root), |g| g.damped(2));
                statement(&format!("{name}.fill(@);"), vec![value])
            }
            2 => statement(&format!("{name}.reverse();"), Vec::new()),
            3 => {
                let other = self.without(std::slice::from_ref(&place.root), |g| g.value(&Ty::Array(Box::new(Ty::Float), n), 2));
                statement(&format!("{name}.copy_from_slice(&@);"), vec![other])
            }
            4 if n >= 2 => {
                let (left, right) = (self.name("u"), self.name("w"));
                let at = self.random.between(1, n - 1);
                statement(
                    &format!(
                        "{{ let ({left}, {right}) = {name}.split_at_mut({at}); {left}[0] ⟪+=¦+=¦= {left}[0] +⟫ {right}[0] * ‹0.5›; {right}[0] = {left}[{}].sin(); }}",
                        at - 1
                    ),
                    Vec::new(),
                )
            }
            _ => {
                let y = self.name("y");
                self.bind(&y, Ty::Float, false);
                statement(
                    &format!("let {y} = {name}[1..].iter().sum::<§>() + *{name}.first().unwrap() * {name}[{name}.len() - 1];"),
                    Vec::new(),
                )
            }
        }
    }

    /// A call that changes an argument.
    fn changing_call(&mut self) -> Option<Node> {
        let changes = |p: &Parameter| p.passing == Passing::Mutable;
        let candidates: Vec<usize> =
            (0..self.functions.len()).filter(|&i| self.functions[i].parameters.iter().any(changes)).collect();
        if candidates.is_empty() {
            return None;
        }
        let chosen = *self.random.pick(&candidates);
        let (template, arguments, _) = self.call_of(chosen, 2)?;
        Some(match self.functions[chosen].result.clone() {
            Some(ty) => {
                let name = self.name("z");
                self.bind(&name, ty, false);
                statement(&format!("let {name} = {template};"), arguments)
            }
            None => statement(&format!("{template};"), arguments),
        })
    }

    /// A call with an argument by reference that changes afterwards, so that the reverse sweep needs it as it was.
    fn call_before_a_change(&mut self) -> Option<Node> {
        let lent = |p: &&Parameter| p.passing == Passing::Shared && p.active && p.name != "self";
        let changes = |p: &Parameter| p.passing == Passing::Mutable;
        let types: Vec<(usize, Ty)> = (0..self.functions.len())
            .filter(|&i| self.functions[i].result == Some(Ty::Float) && !self.functions[i].parameters.iter().any(changes))
            .filter_map(|i| Some((i, self.functions[i].parameters.iter().find(lent)?.ty.clone())))
            .collect();
        if types.is_empty() {
            return None;
        }
        let (chosen, ty) = self.random.pick(&types).clone();
        let value = self.value(&ty, 1);
        let (name, result) = (self.name("a"), self.name("y"));
        let others: Vec<String> = self.variables.iter().map(|v| v.name.clone()).collect();
        self.bind(&name, ty, true);
        let call = self.without(&others, |g| Some((g.call_of(chosen, 1)?, g.place(&Ty::Float, Access::Write)?)));
        let Some(((call, arguments, _), place)) = call else {
            self.variables.pop();
            return None;
        };
        let change = self.damped(1);
        self.bind(&result, Ty::Float, false);
        let text = format!("let mut {name} = @;\nlet {result} = {call};\n{} = @;", place.text);
        Some(statement(&text, [value].into_iter().chain(arguments).chain([change]).collect()))
    }

    /// A loop over an inactive iterator that is no range and no slice.
    fn loop_over_anything(&mut self, depth: usize) -> Node {
        if self.loops >= 2 {
            return self.assignment();
        }
        let (i, w) = (self.name("i"), self.name("w"));
        let (head, first) = match self.random.below(3) {
            0 => (format!("for {i} in (0..5).filter(|{w}| {w} % 2 == 0).map(|{w}| ({w} + 1) % 4)"), String::new()),
            1 => (format!("for {w} in \"ab,c,,def\".split(',')"), format!("let {i} = {w}.len();")),
            _ => (
                format!("for ({i}, {w}) in std::collections::BTreeMap::from([(2usize, 'a'), (0, 'b'), (3, 'c')])"),
                format!("let {i} = {i} % 4 + usize::from({w} == 'x');"),
            ),
        };
        let body = self.looped(|g| {
            g.bind(&i, Ty::Index(4), false);
            let first = (!first.is_empty()).then(|| statement(&first, Vec::new()));
            let body = g.body(2, depth);
            first.into_iter().chain(body).collect()
        });
        statement(&format!("{head} @"), vec![body])
    }

    /// Code that touches no active value, or only looks at it.
    fn inactive(&mut self, depth: usize) -> Node {
        let (a, b) = (self.name("n"), self.name("w"));
        match self.random.below(9) {
            6 | 7 => self.loop_over_anything(depth),
            8 => {
                let integer = self.integer();
                let generic = ["[I, 3].pick(|k| k * 2 + 1)", "[1, I].among((0..3).filter(|k| *k != 1))", "weights(I)(I + 2)"];
                let integer = self.random.pick::<&str>(&generic).replace('I', &format!("({integer})"));
                self.bind(&a, Ty::Index(1000), false);
                statement(&format!("let {a} = {integer};"), Vec::new())
            }
            0 => {
                self.bind(&a, Ty::Index(1000), false);
                let condition = self.condition(1);
                statement(&format!("let mut {a} = 1usize;\nif @ {{ {a} += 2; }}"), vec![condition])
            }
            1 => {
                let integer = self.integer();
                self.bind(&a, Ty::Index(1000), false);
                statement(&format!("let {b} = format!(\"{{}}-{{}}\", {integer}, \"text\");\nlet {a} = {b}.len();"), Vec::new())
            }
            2 => {
                let integer = self.integer();
                self.bind(&b, Ty::Index(1000), false);
                let text = format!(
                    "let {a}: Vec<usize> = (0..4).filter(|k| k % 2 == {integer} % 2).collect();\nlet {b} = {a}.iter().sum::<usize>();"
                );
                statement(&text, Vec::new())
            }
            3 => {
                let value = self.float(1);
                statement("assert!((@).abs() >= ‹0.0›, \"never\");", vec![value])
            }
            4 => {
                let condition = self.condition(1);
                self.bind(&a, Ty::Flag, false);
                statement(&format!("let {a} = @;"), vec![condition])
            }
            _ if self.generic => self.binding(),
            _ => {
                let value = self.float(1);
                let body = self.scoped(|g| {
                    g.bind(&b, Ty::Index(1000), false);
                    block(g.body(2, depth), None)
                });
                let text = format!("let {a} = (@).abs() * ‹3.0›;\nlet {b} = {a}⟪¦¦.float()⟫ as usize;\n@");
                self.bind(&a, Ty::Float, false);
                statement(&text, vec![value, body])
            }
        }
    }
}
