//! Vectors that are sorted, taken apart, put together and resized.
//!
//! How many elements there are is known but after `retain`, behind which only what any number of elements allows is written.

use super::super::tree::{Node, Ty, statement};
use super::Generator;
use super::scope::Access;

/// A vector at work: its name, and how many elements it has where that is known.
struct List {
    name: String,
    length: Option<usize>,
    text: String,
    inside: Vec<Node>,
}

impl List {
    /// Adds a step.
    fn then(&mut self, text: &str) {
        self.text.push('\n');
        self.text.push_str(&text.replace('V', &self.name));
    }
}

impl Generator {
    /// A copy of a sequence, to which a few of the methods are applied, and a number in which each element counts by its place.
    pub fn worked_list(&mut self) -> Node {
        let Some((place, n)) = self.sequence(Access::Read) else { return statement("", Vec::new()) };
        let source = if place.text.starts_with('*') { place.root } else { place.text };
        let (name, total) = (self.name("a"), self.name("t"));
        let text = format!("let mut {name} = {source}.to_vec();");
        let mut list = List { name, length: Some(n), text, inside: Vec::new() };
        for _ in 0..self.random.between(1, 3) {
            self.change(&mut list);
        }
        let sum = format!("let {total} = V.iter().fold(@, |a: §, b| (a * ‹0.5›).sin() + *b);");
        list.then(&sum);
        list.inside.push(self.float(0));
        self.bind(&total, Ty::Float, false);
        if let Some(n) = list.length.filter(|n| (1..=6).contains(n)) {
            self.bind(&list.name, Ty::List(Box::new(Ty::Float), n), true);
        }
        statement(&list.text, list.inside)
    }

    fn change(&mut self, list: &mut List) {
        match (self.random.below(12), list.length) {
            (0 | 1, _) => self.sorted(list),
            (2 | 3, _) => {
                let limit = *self.random.pick(&["x > ‹0.25›", "x < ‹0.5›", "x.abs() > ‹0.4›", "x.sin() < ‹0.75›"]);
                list.then(&format!("V.retain(|&x| {limit});"));
                list.length = None;
            }
            (4, _) => {
                let n = self.random.between(1, 6);
                list.inside.push(self.damped(1));
                list.then(&format!("V.resize({n}, @);"));
                list.length = Some(n);
            }
            (5 | 6, Some(n)) => {
                let (way, by) = (*self.random.pick(&["left", "right"]), self.random.below(n + 1));
                list.then(&format!("V.rotate_{way}({by});"));
            }
            (7 | 8, Some(n @ 2..)) => self.taken(list, n),
            (9 | 10, Some(n)) => self.split(list, n),
            (11, Some(n)) => {
                list.inside.push(self.damped(1));
                list.then(&format!("V.insert({}, @);", self.random.below(n + 1)));
                list.length = Some(n + 1);
            }
            _ => {
                list.inside.push(self.damped(1));
                list.then("V.push(@);");
                list.length = list.length.map(|n| n + 1);
            }
        }
    }

    /// The vector in order, or a copy of it, of which the middle counts.
    fn sorted(&mut self, list: &mut List) {
        let by = *self.random.pick(&[
            "a.partial_cmp(b).unwrap()",
            "b.partial_cmp(a).unwrap()",
            "a.abs().partial_cmp(&b.abs()).unwrap()",
        ]);
        if self.random.percent(50) {
            return list.then(&format!("V.sort_by(|a, b| {by});"));
        }
        let (copy, middle) = (self.name("a"), self.name("y"));
        list.then(&format!(
            "let mut {copy} = V.clone();\n{copy}.sort_by(|a, b| {by});\nlet {middle} = {copy}.get({copy}.len() / 2).map_or(«0.5», |x| *x);"
        ));
        self.bind(&middle, Ty::Float, false);
    }

    /// An element is taken out.
    fn taken(&mut self, list: &mut List, n: usize) {
        let taken = self.name("y");
        let at = self.index(n);
        let how = *self.random.pick(&["remove", "swap_remove"]);
        list.then(&format!("let {taken} = V.{how}({at});"));
        list.length = Some(n - 1);
        self.bind(&taken, Ty::Float, false);
    }

    /// The end is split off, and added again in another order, or counts by itself.
    fn split(&mut self, list: &mut List, n: usize) {
        let (end, total) = (self.name("a"), self.name("y"));
        let at = self.random.below(n + 1);
        list.then(&format!("let mut {end} = V.split_off({at});"));
        match self.random.below(3) {
            0 => {
                list.then(&format!("{end}.append(&mut V);\nV = {end};"));
            }
            1 => {
                list.inside.push(self.damped(1));
                list.then(&format!("{end}.push(@);\nV.extend_from_slice(&{end});"));
                list.length = Some(n + 1);
            }
            _ => {
                list.then(&format!("let {total} = {end}.iter().product::<§>() * ‹0.25›;"));
                list.length = Some(at);
                self.bind(&total, Ty::Float, false);
            }
        }
    }
}
