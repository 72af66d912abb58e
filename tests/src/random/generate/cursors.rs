//! Iterators that have names, slices that lose their first elements, and ranges without an end.

use super::super::tree::{Node, Ty, float, statement};
use super::Generator;
use super::scope::Access;

/// An iterator with a name, and the number that is made of its items.
struct Cursor {
    name: String,
    total: String,
    /// What the iterator borrows.
    root: String,
    /// What stands before an item to make a number of it.
    star: &'static str,
    peeks: bool,
    text: String,
    inside: Vec<Node>,
}

impl Cursor {
    /// Adds a step, in terms of the iterator `I`, the number `T` and an item `*V`.
    fn then(&mut self, text: &str, item: &str, inside: Vec<Node>) {
        let text = text.replace("*V", &format!("{}{item}", self.star)).replace('V', item);
        self.text.push('\n');
        self.text.push_str(&text.replace('I', &self.name).replace('T', &self.total));
        self.inside.extend(inside);
    }
}

impl Generator {
    /// A sequence that is gone through item by item.
    pub fn item_by_item(&mut self, depth: usize) -> Node {
        match self.random.below(10) {
            _ if self.loops >= 2 => self.shrinking_slice(),
            0..=5 => self.named_iterator(depth),
            6..=7 => self.shrinking_slice(),
            8 => self.parts_by_name(),
            _ => self.open_range(depth),
        }
    }

    fn named_iterator(&mut self, depth: usize) -> Node {
        let Some((place, _)) = self.sequence(Access::Read) else { return statement("", Vec::new()) };
        let source = if place.text.starts_with('*') { place.root.clone() } else { place.text };
        let (name, total) = (self.name("it"), self.name("t"));
        let (by, star) = *self.random.pick(&[
            ("", "*"),
            (".copied()", ""),
            (".rev()", "*"),
            (".skip(1)", "*"),
            (".take(3)", "*"),
            (".rev().copied()", ""),
            (".take(3).rev().skip(1)", "*"),
        ]);
        let peeks = self.random.percent(40);
        let peekable = if peeks { ".peekable()" } else { "" };
        let text = format!("let mut {total}: § = @;\nlet mut {name} = {source}.iter(){by}{peekable};");
        let first = self.float(1);
        let mut cursor = Cursor { name, total, root: place.root, star, peeks, text, inside: vec![first] };
        self.bind(&cursor.total, Ty::Float, true);
        for _ in 0..self.random.below(4) {
            self.taken_item(&mut cursor);
        }
        self.last_items(&mut cursor, depth);
        statement(&cursor.text, cursor.inside)
    }

    /// A float in terms of an item, which may not assign what is borrowed.
    fn of_item(&mut self, item: &str, cursor: &Cursor) -> Node {
        let reference = !cursor.star.is_empty();
        let bind =
            |g: &mut Self| if reference { g.bind_reference(item, Ty::Float, false) } else { g.bind(item, Ty::Float, false) };
        self.closed(bind, 2)
    }

    /// Some items are taken or looked at.
    fn taken_item(&mut self, cursor: &mut Cursor) {
        let (v, y) = (self.name("v"), self.name("y"));
        let count = self.random.between(1, 3);
        let to_copy = if cursor.star.is_empty() { "" } else { ".copied()" };
        match self.random.below(11) {
            0 => cursor.then("I.next();", &v, Vec::new()),
            1 => cursor.then(&format!("let {y} = I.next(){to_copy}.unwrap_or(«0.5»);"), &v, Vec::new()),
            2 => {
                let value = self.of_item(&v, cursor);
                cursor.then("if let Some(V) = I.next() { T = (T * *V).sin() + @; }", &v, vec![value]);
            }
            3 => {
                let value = self.of_item(&v, cursor);
                cursor.then(&format!("for V in I.by_ref().take({count}) {{ T = (T + *V * @).cos(); }}"), &v, vec![value]);
            }
            4 => {
                let value = self.of_item(&v, cursor);
                cursor.then(&format!("let {y} = I.by_ref().take({count}).map(|V| @).sum::<§>();"), &v, vec![value]);
            }
            5 => {
                let length = float(&self.of_integer(&format!("{}.len()", cursor.name)), Vec::new());
                cursor.then(&format!("let {y} = @ * ‹0.25›;"), &v, vec![length]);
            }
            6 => {
                let value = self.of_item(&v, cursor);
                cursor.then(&format!("let {y} = I.clone().map(|V| @).product::<§>();"), &v, vec![value]);
            }
            7 => {
                let value = self.damped(1);
                cursor.then("if I.next().is_some_and(|V| *V > ‹0.4›) { T = @; }", &v, vec![value]);
            }
            8 => {
                let values = vec![self.of_item(&v, cursor), self.float(1)];
                cursor.then(&format!("let {y} = match I.next() {{ Some(V) => @, None => @ }};"), &v, values);
            }
            9 if cursor.peeks => {
                let value = self.float(1);
                cursor.then("if let Some(V) = I.peek() { T = (T + **V).sin() * @; }", &v, vec![value]);
            }
            _ if cursor.peeks => {
                let value = self.float(1);
                cursor.then("if I.peek().is_none() { T = T.cos() + @; }", &v, vec![value]);
            }
            _ => {
                let value = self.of_item(&v, cursor);
                cursor.then("for V in &mut I { T = (T * @).sin() + *V; if T > ‹0.6› { break; } }", &v, vec![value]);
            }
        }
        if cursor.text.contains(&format!("let {y} ")) {
            self.bind(&y, Ty::Float, false);
        }
    }

    /// All items that are left are taken, or none.
    fn last_items(&mut self, cursor: &mut Cursor, depth: usize) {
        let v = self.name("v");
        let bound = vec![(v.clone(), Ty::Float, !cursor.star.is_empty())];
        let roots = [cursor.root.clone()];
        match self.random.below(8) {
            0 => cursor.then("T = T.sin() + I.sum::<§>();", &v, Vec::new()),
            1 => {
                let value = self.of_item(&v, cursor);
                cursor.then("T = T * ‹0.5› + I.map(|V| @).fold(«0.25», |a: §, b| (a + b).sin());", &v, vec![value]);
            }
            2 => {
                let body = self.without_assignment(&roots, depth, bound);
                cursor.then("for V in I @", &v, vec![body]);
            }
            3 | 4 => {
                let body = self.without_assignment(&roots, depth, bound);
                cursor.then("while let Some(V) = I.next() @", &v, vec![body]);
            }
            5 => {
                let body = self.without_assignment(&roots, depth, bound);
                cursor.then("loop { let Some(V) = I.next() else { break }; @ }", &v, vec![body]);
            }
            6 if cursor.peeks => {
                let value = self.of_item(&v, cursor);
                let next = format!("{}*n", cursor.star);
                let text = format!(
                    "while let Some(V) = I.next() {{ if let Some(n) = I.peek() {{ T = (T + *V * {next}).sin(); }} else {{ T = T * @; }} }}"
                );
                cursor.then(&text, &v, vec![value]);
            }
            _ => {}
        }
    }

    /// A slice that loses its first elements, one or two at a time.
    fn shrinking_slice(&mut self) -> Node {
        let Some((place, _)) = self.sequence(Access::Read) else { return statement("", Vec::new()) };
        let source = if place.text.starts_with('*') { place.root } else { place.text };
        let (slice, total, first, rest) = (self.name("s"), self.name("t"), self.name("v"), self.name("z"));
        let start = self.float(1);
        let (head, then) = match self.random.below(4) {
            0 => (format!("while let [{first}, {rest} @@ ..] = {slice} {{"), format!("{slice} = {rest};")),
            1 => (format!("while let [{first}, _, {rest} @@ ..] = {slice} {{"), format!("{slice} = {rest};")),
            2 => (format!("while let Some(({first}, {rest})) = {slice}.split_first() {{"), format!("{slice} = {rest};")),
            _ => (format!("while !{slice}.is_empty() {{ let {first} = &{slice}[0];"), format!("{slice} = &{slice}[1..];")),
        };
        let value = self.looped(|g| {
            g.bind_reference(&first, Ty::Float, false);
            vec![g.closed(|g| g.bind(&total, Ty::Float, false), 2)]
        });
        let step = match self.random.below(3) {
            0 => format!("{total} = ({total} * *{first}).sin() + @;"),
            1 => format!("{total} = ({total} + {slice}.iter().sum::<§>() * @).cos();"),
            _ => format!("if *{first} > {total} {{ break; }} {total} = ({total} + *{first}).sin() * @;"),
        };
        let late = self.random.percent(50);
        let body = if late { format!("{step} {then}") } else { format!("{then} {step}") };
        self.bind(&total, Ty::Float, true);
        let after = self.of_integer(&format!("{slice}.len()"));
        let text = format!(
            "let mut {total}: § = @;\nlet mut {slice} = &{source}[..];\n{head} {body} }}\n{total} = {total} + {after} * ‹0.125›;"
        );
        statement(&text, vec![start, value])
    }

    /// Parts of a sequence, one by one.
    fn parts_by_name(&mut self) -> Node {
        let Some((place, n)) = self.sequence(Access::Read) else { return statement("", Vec::new()) };
        let source = if place.text.starts_with('*') { place.root } else { place.text };
        let (name, total, part) = (self.name("it"), self.name("t"), self.name("c"));
        let by = *self.random.pick(&["chunks(2)", "windows(2)", "chunks_exact(2)", "chunks(3)", "windows(2).rev()"]);
        let (start, weight) = (self.float(1), self.closed(|g| g.bind(&total, Ty::Float, false), 2));
        let first = match self.random.percent(40) && n >= 3 {
            true => format!("let first = {name}.next().unwrap();\n{total} = {total} * first[0] + first[first.len() - 1];\n"),
            false => String::new(),
        };
        let last = match by == "chunks_exact(2)" && self.random.percent(60) {
            true => format!("\nfor x in {name}.remainder() {{ {total} = ({total} * *x).cos(); }}"),
            false => String::new(),
        };
        let each = if last.is_empty() {
            format!("while let Some({part}) = {name}.next()")
        } else {
            format!("for {part} in {name}.by_ref()")
        };
        self.bind(&total, Ty::Float, true);
        let text = format!(
            "let mut {total}: § = @;\nlet mut {name} = {source}.{by};\n{first}{each} {{ {total} = ({total} * {part}[0]).sin() + {part}.iter().sum::<§>() * @; }}{last}"
        );
        statement(&text, vec![start, weight])
    }

    /// A range without an end, which something leaves.
    fn open_range(&mut self, depth: usize) -> Node {
        let (i, n) = (self.name("i"), self.random.between(2, 5));
        let body = self.looped(|g| {
            g.bind(&i, Ty::Index(n), false);
            let mut statements = vec![statement(&format!("if {i} >= {n} {{ break; }}"), Vec::new())];
            statements.extend(g.body(3, depth));
            g.jump(&mut statements, "");
            statements
        });
        statement(&format!("for {i} in {}usize.. @", self.random.below(2)), vec![body])
    }
}
