//! Loops over long sequences, of the forms that the compiler treats in a way of its own: side by side, in strips, computed again,
//! by winners, with memory that the iterations share or have each for itself, or that is overwritten as a whole.

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
        let (name, text, inside) = match self.random.below(16) {
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
            10 => self.memory_in_front_of_a_loop(&a, n),
            11 => self.memory_that_is_replaced(&a, n),
            12 => self.products_with_integers(&a, n),
            13 | 14 => self.layers(&a, n),
            _ => self.winner_of_a_chain(&a),
        };
        let mutable = self.random.percent(50);
        self.bind(&name, Ty::Float, mutable);
        let mut text = if mutable { text } else { format!("{text}\nlet {name} = {name};") };
        if self.random.percent(50) {
            // what flows back into the loop is not known before its end
            let curved = self.name("y");
            text += &format!("\nlet {curved} = ({name} * ‹0.5›).sin() * {name};");
            self.bind(&curved, Ty::Float, false);
        }
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

    /// An array that is declared in front of a loop, and passes numbers from one iteration to the next or not.
    fn memory_in_front_of_a_loop(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, s, i, v) = (self.name("t"), self.name("s"), self.name("i"), self.name("v"));
        let passes = self.random.percent(50);
        let first = if passes { format!("({s}[0] * ‹0.5› + {v})") } else { v.clone() };
        let inside = vec![self.of(&v, &i, n), self.over(&i, n, 1)];
        let text = format!(
            "let mut {t}: § = «0.0»;\nlet mut {s}: [§; 2] = [«0.0»; 2];\nfor {i} in 0..{n} {{ let {v} = {a}[{i}]; {s}[0] = {first}.sin(); {s}[1] = ({s}[0] * (@)).cos(); {t} += {s}[0] * {s}[1] * @; }}"
        );
        (t, text, inside)
    }

    /// Arrays of each iteration that loops inside fill, one from another; the first in front of the loop or not.
    fn layers(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, h, g, i, j, k, at) =
            (self.name("t"), self.name("h"), self.name("g"), self.name("i"), self.name("j"), self.name("k"), self.name("at"));
        let m = self.random.between(2, 4);
        let both = |of: &mut Self| {
            of.bind(&j, Ty::Index(m), false);
            of.bind(&k, Ty::Index(m), false);
        };
        let first = self.closed(|of| both(of), 2);
        let weight = self.closed(|of| both(of), 1);
        let last = self.over(&i, n, 1);
        let maths = *self.random.pick(&["sin", "tanh", "cos"]);
        let declared = format!("let mut {h}: [§; {m}] = [«0.0»; {m}];");
        let (outside, inside) = if self.random.percent(30) { (declared, String::new()) } else { (String::new(), declared) };
        let from = *self.random.pick(&["0", "J", "J + 1"]);
        let from = from.replace('J', &j);
        let choice = match self.random.below(3) {
            0 => format!("if {i} % 3 == 1 {{ {t} += {g}[{i} % {m}] * ‹0.25›; }}"),
            1 => format!("{g}[{i} % {m}] = {g}[{i} % {m}] * ‹0.75› + {h}[{at} % {m}];"),
            _ => String::new(),
        };
        let text = format!(
            "let mut {t}: § = «0.0»;\n{outside}\nfor {i} in 0..{n} {{ {inside} for {j} in 0..{m} {{ let {k} = {m} - 1 - {j}; {h}[{j}] = ({a}[{i}] * (@)).{maths}(); }} \
             let mut {g}: [§; {m}] = [«0.5»; {m}]; let mut {at} = 0; for {j} in 0..{m} {{ for {k} in {from}..{m} {{ {g}[{j}] += {h}[{k}] * (@) * {a}[{at} % 9] * ‹0.25›; {at} += 1; }} }} \
             {choice} let mut s: § = «0.0»; for {j} in 0..{m} {{ s += {g}[{j}] * {h}[{j}]; }} {t} += s.sin() * (@); }}"
        );
        (t, text, vec![first, weight, last])
    }

    /// An array that is read in loops, changed in elements now and then, and overwritten or exchanged as a whole.
    fn memory_that_is_replaced(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, h, other, i, j) = (self.name("t"), self.name("h"), self.name("o"), self.name("i"), self.name("j"));
        let inside = vec![self.over(&j, n, 1)];
        let change = match self.random.below(3) {
            0 => String::new(),
            1 => format!("{h}[{i} + 1] = ({h}[{i}] * ‹0.75›).cos();"),
            _ => format!("for {j} in 1..{n} {{ {h}[{j}] = ({h}[{j}] * {h}[{j} - 1]).sin(); }}"),
        };
        let replace = match self.random.percent(50) {
            true => format!("{h} = {other};"),
            false => format!("std::mem::swap(&mut {h}, &mut {other});"),
        };
        let text = format!(
            "let mut {h} = {a}.to_vec();\nfor {i} in 0..2 {{ let mut {other}: Vec<§> = vec![«0.0»; {n}]; for {j} in 0..{n} {{ {other}[{j}] = ({h}[{j}] * {h}[{n} - 1 - {j}]).sin() * @; }} {change} for {j} in 1..{n} {{ {other}[{j}] = {other}[{j}] + {h}[{j}] * {h}[{j} - 1]; }} {replace} }}\nlet mut {t} = {h}.iter().map(|x| *x * *x).sum::<§>();"
        );
        (t, text, inside)
    }

    /// Two products that differ in an integer alone.
    fn products_with_integers(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, i, v) = (self.name("t"), self.name("i"), self.name("v"));
        let (one, other) = (self.of_integer(&format!("{i} % 3")), self.of_integer(&format!("{i} % 4 + 1")));
        let inside = vec![self.over(&i, n, 1)];
        let text = format!(
            "let mut {t}: § = «0.0»;\nfor {i} in 0..{n} {{ let {v} = {a}[{i}]; {t} += ({v} * {one}).sin() * ({v} * {other}).cos() - {v} / {one}.exp() + {v} / {other}.exp() * @; }}"
        );
        (t, text, inside)
    }

    fn carried_number(&mut self, a: &str, n: usize) -> (String, String, Vec<Node>) {
        let (t, p, i, v) = (self.name("t"), self.name("p"), self.name("i"), self.name("v"));
        let inside = vec![self.of(&v, &i, n)];
        // the iterations wait for each other or not, and keep something else or not
        let steps = [
            "T += (P * V).sin() * @",
            "T = (T * P + V).sin() * ‹0.75› + @ * ‹0.25›",
            "T += V * V * P * ‹0.25› + @ * ‹0.0625›",
            "T = T * P + V * ‹0.25› + @ * ‹0.0625›",
        ];
        let step = self.random.pick::<&str>(&steps);
        let step = step.replace('T', &t).replace('P', &p).replace('V', &v);
        let text = format!(
            "let mut {t}: § = «0.0»;\nlet mut {p}: § = «1.5»;\nfor {i} in 0..{n} {{ let {v} = {a}[{i}]; {step}; {p} *= «0.75»; }}"
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
            "let mut {t}: § = «0.0»;\nlet mut {k} = 0;\nfor {i} in 0..{rows} {{ for _ in 0..{} {{ {t} = {t} * ‹0.5› + ({a}[{k}] * @).sin() * {t}.cos() * ‹0.25›; {k} += 1; }} }}",
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
