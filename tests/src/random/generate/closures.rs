//! Closures bound by `let`, and called.

use super::super::tree::{Node, Ty, node, statement};
use super::Generator;
use super::scope::{Access, Form, Variable};

impl Generator {
    /// A closure that is called at once, so that it borrows nothing for long.
    pub fn closure(&mut self) -> Node {
        let (closure, a, name) = (self.name("call"), self.name("a"), self.name("y"));
        let returns = self.returns.take();
        let arguments = vec![self.float(2), self.float(1)];
        let target = if self.random.percent(40) { self.place(&Ty::Float, Access::Write) } else { None };
        let made = match target {
            Some(target) => {
                let roots = [target.root.clone()];
                let term = self.scoped(|g| {
                    g.bind(&a, Ty::Float, false);
                    g.without(&roots, |g| g.frozen(|g| g.float(2)))
                });
                let (first, second) = self.without(&roots, |g| (g.float(1), g.float(1)));
                let text = format!(
                    "let mut {closure} = |{a}: §| {{ {0} ⟪+=¦+=¦= {0} +⟫ @; {0} = ({0}).sin(); }};\n{closure}(@);\n{closure}(@ * ‹0.5›);",
                    target.text
                );
                statement(&text, vec![term, first, second])
            }
            None => {
                let body = self.scoped(|g| {
                    g.bind(&a, Ty::Float, true);
                    let early = g.random.percent(30);
                    let condition = g.condition(0);
                    let value = g.frozen(|g| g.float(2));
                    match early {
                        true => node(value.kind.clone(), &format!("{{ if @ {{ return {a}; }} @ }}"), vec![condition, value]),
                        false => value,
                    }
                });
                self.bind(&name, Ty::Float, true);
                let text = format!("let {closure} = |{a}: §| @;\nlet mut {name} = {closure}(@) + {closure}(@);");
                statement(&text, [body].into_iter().chain(arguments).collect())
            }
        };
        self.returns = returns;
        made
    }

    /// A closure that has what it captures as it was when it was made, and is called when that has changed.
    pub fn closure_that_moves(&mut self) -> Node {
        let (closure, a, name) = (self.name("call"), self.name("a"), self.name("y"));
        let Some(place) = self.place(&Ty::Float, Access::Write) else { return self.binding() };
        let returns = self.returns.take();
        let is_moved = |g: &Self, v: &Variable| match v.form {
            Form::Own => !v.ty.is_copy(&g.structs),
            Form::Reference => v.mutable,
        };
        let moved: Vec<String> = self.variables.iter().filter(|v| is_moved(self, v)).map(|v| v.name.clone()).collect();
        let body = self.without(&moved, |g| g.closed(|g| g.bind(&a, Ty::Float, false), 3));
        let parts = vec![body, self.damped(2), self.float(1), self.float(1)];
        self.returns = returns;
        self.bind(&name, Ty::Float, true);
        let text =
            format!("let {closure} = move |{a}: §| @;\n{} = @;\nlet mut {name} = {closure}(@) * {closure}(@);", place.text);
        statement(&text, parts)
    }

    /// A closure that calls another one, or has one inside of it.
    pub fn closures_of_closures(&mut self) -> Node {
        let (outer, inner, a, b, name) = (self.name("call"), self.name("inner"), self.name("a"), self.name("b"), self.name("y"));
        let body = self.closed(|g| g.bind(&a, Ty::Float, false), 2);
        let around = self.closed(|g| g.bind(&b, Ty::Float, false), 2);
        let arguments = [self.float(1), self.float(1)];
        let inside = self.random.percent(50);
        self.bind(&name, Ty::Float, true);
        let made = match inside {
            true => format!("let {outer} = |{b}: §| {{ let {inner} = |{a}: §| @; {inner}({inner}({b}).sin()) * @ }};"),
            false => format!("let {inner} = |{a}: §| @;\nlet {outer} = |{b}: §| {inner}({b}) * @;"),
        };
        let last = if inside { format!("{outer}(@)") } else { format!("{inner}(@)") };
        let text = format!("{made}\nlet mut {name} = {outer}(@) + {last};");
        statement(&text, [body, around].into_iter().chain(arguments).collect())
    }
}
