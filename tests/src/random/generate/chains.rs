//! Iterator chains.

use super::super::tree::{Node, Ty, float};
use super::Generator;
use super::scope::{Access, Place};

/// An iterator over floats: its text, what is in its holes, and what can follow.
struct Chain {
    text: String,
    inside: Vec<Node>,
    /// Whether the items are references.
    reference: bool,
    /// Whether it has two ends.
    reversible: bool,
    /// Whether it knows its length.
    sized: bool,
}

/// A chain of numbers that knows its length.
fn computed(text: String, inside: Vec<Node>) -> Chain {
    Chain { text, inside, reference: false, reversible: true, sized: true }
}

impl Generator {
    /// A chain that ends in a float.
    pub fn chain(&mut self, depth: usize) -> Option<Node> {
        let chain = self.iterator(depth)?;
        Some(self.end(chain, depth))
    }

    /// A sequence of floats as it is iterated.
    fn borrowed(place: &Place) -> String {
        if place.text.starts_with('*') { place.root.clone() } else { place.text.clone() }
    }

    fn iterator(&mut self, depth: usize) -> Option<Chain> {
        let mut chain = self.source(depth)?;
        for _ in 0..self.random.below(3) {
            chain = self.adapter(chain, depth);
        }
        Some(chain)
    }

    fn source(&mut self, depth: usize) -> Option<Chain> {
        let plain = |text: String, reference| Chain { reference, ..computed(text, Vec::new()) };
        if self.random.percent(12) {
            return Some(self.without_a_sequence(depth));
        }
        if self.random.percent(20) {
            let n = self.random.between(1, 4);
            let name = self.name("i");
            let body = self.closed(|g| g.bind(&name, Ty::Index(n), false), depth);
            let inclusive = self.random.percent(40);
            let range = if inclusive { format!("0..={}", n - 1) } else { format!("0..{n}") };
            let reversed = if self.random.percent(25) { ".rev()" } else { "" };
            let text = format!("({range}){reversed}.map(|{name}| @)");
            return Some(Chain { sized: !inclusive, ..computed(text, vec![body]) });
        }
        let (place, n) = self.sequence(Access::Read)?;
        let name = Self::borrowed(&place);
        Some(match self.random.below(10) {
            0..=3 => plain(format!("{name}.iter()"), true),
            4 => plain(format!("{name}.iter().copied()"), false),
            5 => {
                let (a, b) = (self.name("a"), self.name("b"));
                let other = self.sequence(Access::Read)?;
                let other = if other.1 == n { other.0 } else { place };
                let body = self.closed(
                    |g| {
                        g.bind_reference(&a, Ty::Float, false);
                        g.bind_reference(&b, Ty::Float, false);
                    },
                    depth,
                );
                let other = if self.random.percent(50) {
                    format!("{}.iter()", Self::borrowed(&other))
                } else {
                    format!("&{}", other.text)
                };
                let text = format!("{name}.iter().zip({other}).map(|({a}, {b})| @)");
                computed(text, vec![body])
            }
            6 => {
                let (i, v) = (self.name("i"), self.name("v"));
                let body = self.closed(
                    |g| {
                        g.bind(&i, Ty::Index(n), false);
                        g.bind(&v, Ty::Float, false);
                    },
                    depth,
                );
                let text = format!("{name}.iter().enumerate().map(|({i}, &{v})| @)");
                computed(text, vec![body])
            }
            7 if n >= 2 => {
                let w = self.name("w");
                let body = self.closed(|g| g.bind_reference(&w, Ty::List(Box::new(Ty::Float), 2), false), depth);
                let by = self.random.pick(&["windows", "chunks_exact", "rchunks_exact"]);
                let text = format!("{name}.{by}(2).map(|{w}| @)");
                computed(text, vec![body])
            }
            8 if n >= 2 => {
                let from = self.random.between(0, n - 1);
                plain(format!("{name}[{from}..].iter()"), true)
            }
            _ => {
                let n = self.random.between(1, 3);
                let name = self.name("j");
                let (i, v) = (self.name("i"), name);
                let body = self.closed(
                    |g| {
                        g.bind(&i, Ty::Index(3), false);
                        g.bind(&v, Ty::Index(n), false);
                    },
                    depth,
                );
                let text = format!("(0..3).flat_map(|{i}| (0..{n}).map(move |{v}| ({i}, {v}))).map(|({i}, {v})| @)");
                Chain { sized: false, ..computed(text, vec![body]) }
            }
        })
    }

    /// Items that are made of one number.
    fn without_a_sequence(&mut self, depth: usize) -> Chain {
        let n = self.random.between(1, 4);
        match self.random.below(4) {
            0 => {
                let name = self.name("s");
                let step = self.closed(|g| g.bind_reference(&name, Ty::Float, false), depth);
                let text = format!("std::iter::successors(Some(@), |{name}: &§| Some((*{name} * @).sin() + ‹0.25›)).take({n})");
                let inside = vec![self.float(1), step];
                Chain { sized: false, reversible: false, ..computed(text, inside) }
            }
            1 => {
                let value = self.damped(1);
                let name = self.name("o");
                computed(format!("std::iter::once({{ let {name} = @; {name} }})"), vec![value])
            }
            2 => Chain { reversible: false, ..computed(format!("std::iter::repeat_n(@, {n})"), vec![self.leaf()]) },
            _ => Chain {
                sized: false,
                reversible: false,
                ..computed(format!("std::iter::repeat(@).take({n})"), vec![self.leaf()])
            },
        }
    }

    /// A body of a closure, which assigns nothing.
    pub fn closed(&mut self, bind: impl FnOnce(&mut Self), depth: usize) -> Node {
        self.scoped(|g| {
            g.frozen(|g| {
                bind(g);
                let returns = g.returns.take();
                let body = g.float(depth.saturating_sub(1).max(1));
                g.returns = returns;
                body
            })
        })
    }

    fn adapter(&mut self, mut chain: Chain, depth: usize) -> Chain {
        let v = self.name("v");
        match self.random.below(11) {
            0..=3 => {
                let reference = chain.reference;
                let (pattern, bind_reference) = match (reference, self.random.percent(50)) {
                    (true, true) => (format!("&{v}"), false),
                    (true, false) => (v.clone(), true),
                    (false, _) => (v.clone(), false),
                };
                let bind = |g: &mut Self| {
                    if bind_reference { g.bind_reference(&v, Ty::Float, false) } else { g.bind(&v, Ty::Float, false) }
                };
                let body = self.closed(bind, depth);
                chain.text += &format!(".map(|{pattern}| @)");
                chain.inside.push(body);
                chain.reference = false;
            }
            4 => {
                let stars = if chain.reference { "**" } else { "*" };
                chain.text += &format!(".filter(|{v}| {stars}{v} > ‹0.1›)");
                chain.sized = false;
            }
            5 if chain.reversible => chain.text += ".rev()",
            6..=8 => {
                let by = [
                    format!("skip({})", self.count(0)),
                    format!("take({})", self.count(1)),
                    format!("step_by({})", self.count(1)),
                ];
                chain.text += &format!(".{}", self.random.pick(&by));
                chain.reversible &= chain.sized;
            }
            9 => {
                let state = self.name("s");
                let star = if chain.reference { "*" } else { "" };
                let read = format!("{star}{v}");
                chain.text += &format!(
                    ".scan(«0.25», |{state}: &mut §, {v}| {{ *{state} = (*{state} * {read}).sin() + {read}; Some(*{state}) }})"
                );
                chain.reference = false;
                chain.sized = false;
                chain.reversible = false;
            }
            _ => {
                if chain.reference {
                    chain.text += ".copied()";
                    chain.reference = false;
                }
                let value = self.float(1);
                chain.text += ".chain([@])";
                chain.inside.push(value);
                chain.sized = false;
            }
        }
        chain
    }

    fn end(&mut self, chain: Chain, depth: usize) -> Node {
        let Chain { text, mut inside, reference, .. } = chain;
        let star = if reference { "*" } else { "" };
        match self.random.below(8) {
            0..=2 => float(&format!("{text}.sum::<§>()"), inside),
            3 => float(&format!("{text}.product::<§>()"), inside),
            4 | 5 => {
                let (a, v) = (self.name("a"), self.name("v"));
                let start = self.float(0);
                let step = self.closed(
                    |g| {
                        g.bind(&a, Ty::Float, false);
                        if reference { g.bind_reference(&v, Ty::Float, false) } else { g.bind(&v, Ty::Float, false) }
                    },
                    depth,
                );
                inside.push(start);
                inside.push(step);
                float(&format!("{text}.fold(@, |{a}: §, {v}| {a} * «0.5» + {star}{v} * @)"), inside)
            }
            6 => {
                let copied = if reference { ".copied()" } else { "" };
                let by = self.random.pick(&["|a, b| (a * b).sin() + b", "§::max", "§::min"]);
                float(&format!("{text}{copied}.reduce({by}).unwrap_or(«0.5»)"), inside)
            }
            _ => {
                let copied = if reference { ".copied()" } else { "" };
                let total = self.name("e");
                let template = format!(
                    "({{ let {total} = {text}{copied}.collect::<Vec<§>>(); {total}.iter().sum::<§>() * ({total}.first().copied().unwrap_or(«0.5»)) }})"
                );
                float(&template, inside)
            }
        }
    }
}
