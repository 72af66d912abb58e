//! Loops over long sequences, of the forms that the compiler treats in a way of its own: side by side, in strips, computed again,
//! by winners.

use super::super::tree::{Node, Ty, statement};
use super::Generator;

impl Generator {
    /// A long sequence, and a loop over it that gives a float.
    pub fn wide(&mut self) -> Node {
        let n = *self.random.pick(&[9, 12, 17, 20, 33, 70]);
        let (a, i) = (self.name("a"), self.name("i"));
        let entry = self.over(&i, n, 1);
        let weight = self.of_integer(&i);
        let list = self.random.percent(30);
        let value = format!("(@) * ({weight} * ‹0.125› - ‹0.75›)");
        let made = match list {
            true => format!("let {a} = (0..{n}).map(|{i}| {value}).collect::<Vec<§>>();"),
            false => format!("let {a}: [§; {n}] = std::array::from_fn(|{i}| {value});"),
        };
        let float = Box::new(Ty::Float);
        self.bind(&a, if list { Ty::List(float, n) } else { Ty::Array(float, n) }, false);
        let (name, text, inside) = match self.random.below(11) {
            0 => self.strip(&a, n),
            1 => self.rows(&a, n),
            2 => self.stencil(&a, n),
            3 => self.carried_number(&a, n),
            4 => self.winner(&a, n),
            5 => self.counted_index(&a, n),
            6 => self.recurrence(&a, n),
            7 => self.sum_of_maths(&a),
            8 => self.arithmetic_of_neighbours(&a, n),
            9 => self.steps(&a, n),
            _ => self.winner_of_a_chain(&a),
        };
        let mutable = self.random.percent(50);
        self.bind(&name, Ty::Float, mutable);
        let text = if mutable { text } else { format!("{text}\nlet {name} = {name};") };
        statement(&format!("{made}\n{text}"), [entry].into_iter().chain(inside).collect())
    }

    /// An integer as a float.
    pub fn of_integer(&mut self, integer: &str) -> String {
        let derived = if self.generic { format!("T::from_usize({integer})") } else { format!("({integer}) as §") };
        format!("(⟪({integer}) as §¦{derived}¦§::from_usize({integer})⟫)")
    }

    /// A float in terms of an index.
    fn over(&mut self, index: &str, bound: usize, depth: usize) -> Node {
        self.closed(|g| g.bind(index, Ty::Index(bound), false), depth)
    }

    /// A float in terms of another one, and of an index.
    fn of(&mut self, value: &str, index: &str, bound: usize) -> Node {
        let bind = |g: &mut Self| {
            g.bind(index, Ty::Index(bound), false);
            g.bind(value, Ty::Float, false);
        };
        self.closed(bind, 2)
    }

    fn strip(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, i, v) = (self.name("t"), self.name("i"), self.name("v"));
        let inside = vec![self.of(&v, &i, n), self.over(&i, n, 1)];
        let text = format!("let mut {t}: § = «0.0»;\nfor {i} in 0..{n} {{ let {v} = {a}[{i}]; {t} += ({v} * (@)).sin() * @; }}");
        (t, text, inside)
    }

    fn rows(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, s, i, j) = (self.name("t"), self.name("s"), self.name("i"), self.name("j"));
        let m = self.random.between(2, 4);
        let bind = |g: &mut Self| {
            g.bind(&i, Ty::Index(n), false);
            g.bind(&j, Ty::Index(m), false);
        };
        let inside = vec![self.closed(bind, 1), self.of(&s, &i, n)];
        let text = format!(
            "let mut {t}: § = «0.0»;\nfor {i} in 0..{} {{ let mut {s}: § = «0.0»; for {j} in 0..{m} {{ {s} += {a}[{i} + {j}] * @; }} {t} += {s}.tanh() * @; }}",
            n - m + 1
        );
        (t, text, inside)
    }

    fn stencil(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, i) = (self.name("t"), self.name("i"));
        let inside = vec![self.over(&i, n, 1)];
        let text = format!(
            "let mut {t}: § = «0.0»;\nfor {i} in 1..{} {{ {t} += ({a}[{i} + 1] - {a}[{i} - 1]).powi(2) * {a}[{i}] + @; }}",
            n - 1
        );
        (t, text, inside)
    }

    fn arithmetic_of_neighbours(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, i) = (self.name("t"), self.name("i"));
        let text = format!(
            "let mut {t}: § = «0.0»;\nfor {i} in 0..{} {{ let d = {a}[{i} + 2] - {a}[{i}] * ‹1.5›; {t} += d * d * {a}[{i} + 1] * ‹0.25›; }}",
            n - 2
        );
        (t, text, Vec::new())
    }

    /// A recurrence of two numbers.
    fn steps(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, u) = (self.name("t"), self.name("u"));
        let inside = vec![self.float(0), self.float(0)];
        let text = format!(
            "let mut {t}: § = @;\nlet mut {u}: § = @ + {a}[1];\nfor _ in 0..{n} {{ let next = ({t} * {u}).sin() + {u} * ‹0.25›; {u} = ({u} - {t} * ‹0.5›).cos(); {t} = next; }}"
        );
        (t, text, inside)
    }

    fn carried_number(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, p, i, v) = (self.name("t"), self.name("p"), self.name("i"), self.name("v"));
        let inside = vec![self.of(&v, &i, n)];
        let text = format!(
            "let mut {t}: § = «0.0»;\nlet mut {p}: § = «1.5»;\nfor {i} in 0..{n} {{ let {v} = {a}[{i}]; {t} += ({p} * {v}).sin() * @; {p} *= «0.75»; }}"
        );
        (t, text, inside)
    }

    fn winner(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, i) = (self.name("t"), self.name("i"));
        let by = *self.random.pick(&["max", "min"]);
        let inside = vec![self.over(&i, n, 1)];
        let text = format!("let mut {t}: § = {a}[0];\nfor {i} in 1..{n} {{ {t} = {t}.{by}({a}[{i}] * @); }}");
        (t, text, inside)
    }

    fn winner_of_a_chain(&mut self, a: &str) -> (String, String, Vec<Node>) {
        let (t, v) = (self.name("t"), self.name("v"));
        let by = *self.random.pick(&["max", "min"]);
        let inside = vec![self.closed(|g| g.bind(&v, Ty::Float, false), 2)];
        let text = format!("let mut {t} = {a}.iter().map(|&{v}| {v} * @).fold({a}[0], §::{by});");
        (t, text, inside)
    }

    fn counted_index(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, k, i) = (self.name("t"), self.name("k"), self.name("i"));
        let rows = self.random.between(2, 3);
        let inside = vec![self.over(&i, rows, 1)];
        let text = format!(
            "let mut {t}: § = «0.0»;\nlet mut {k} = 0;\nfor {i} in 0..{rows} {{ for _ in 0..{} {{ {t} = {t} + {a}[{k}] * {t}.cos() * @; {k} += 1; }} }}",
            n / rows
        );
        (t, text, inside)
    }

    fn recurrence(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, b, i) = (self.name("t"), self.name("b"), self.name("i"));
        let inside = vec![self.over(&i, n, 1)];
        let text = format!(
            "let mut {b} = {a}.to_vec();\nfor {i} in 1..{n} {{ {b}[{i}] = ({b}[{i}] + {b}[{i} - 1] * @).sin(); }}\nlet mut {t} = {b}[{}] * {b}[{}];",
            n - 1,
            n / 2
        );
        (t, text, inside)
    }

    fn sum_of_maths(&mut self, a: &str) -> (String, String, Vec<Node>) {
        let (t, v) = (self.name("t"), self.name("v"));
        let inside = vec![self.closed(|g| g.bind(&v, Ty::Float, false), 1)];
        let maths = *self.random.pick(&["exp", "sin", "tanh", "sigmoid", "softplus", "cos"]);
        let text = format!("let mut {t} = {a}.iter().map(|&{v}| ({v}.sin() * @).tanh().{maths}() * {v}).sum::<§>();");
        (t, text, inside)
    }
}
