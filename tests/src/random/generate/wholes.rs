//! Values that are moved as a whole: taken, replaced, boxed.

use super::super::tree::{Node, Ty, statement};
use super::Generator;
use super::scope::Access;

impl Generator {
    /// What stood in a place, behind which stands something else.
    pub fn moved_whole(&mut self) -> Node {
        match self.random.below(3) {
            0 => self.boxed(),
            1 => self.taken_whole(),
            _ => self.replaced_whole(),
        }
    }

    fn replaced_whole(&mut self) -> Node {
        let ty = self.some_type();
        let (value, name) = (self.value(&ty, 2), self.name("o"));
        let Some(place) = self.place(&ty, Access::Write) else { return statement("", Vec::new()) };
        let target = place.text.strip_prefix('*').map_or(format!("&mut {}", place.text), |whole| format!("&mut *{whole}"));
        if matches!(ty, Ty::List(..)) && place.text.starts_with('*') {
            return statement("", Vec::new());
        }
        self.bind(&name, ty, false);
        // the value is bound before, as it may read what is replaced
        let next = self.name("n");
        statement(&format!("let {next} = @;\nlet {name} = std::mem::replace({target}, {next});"), vec![value])
    }

    /// A vector is taken, and the place gets one of the same length again.
    fn taken_whole(&mut self) -> Node {
        let n = self.random.between(2, 4);
        let ty = Ty::List(Box::new(Ty::Float), n);
        let place = self.place(&ty, Access::Write).filter(|place| !place.text.starts_with('*'));
        let Some(place) = place else { return self.boxed() };
        let name = self.name("o");
        let value = self.without(std::slice::from_ref(&place.root), |g| g.float(2));
        let text =
            format!("let {name} = std::mem::take(&mut {0});\n{0} = {name}.iter().map(|v| (*v * @).sin()).collect();", place.text);
        self.bind(&name, ty, false);
        statement(&text, vec![value])
    }

    /// A boxed slice of numbers, some of which may change.
    fn boxed(&mut self) -> Node {
        let Some((place, n)) = self.sequence(Access::Read) else { return statement("", Vec::new()) };
        let source = if place.text.starts_with('*') { place.root } else { place.text };
        let (name, total, v) = (self.name("b"), self.name("t"), self.name("v"));
        let value = self.closed(|g| g.bind(&v, Ty::Float, false), 2);
        let changed = self.random.percent(50);
        let made = match self.random.below(3) {
            0 => format!("{source}.iter().map(|&{v}| @).collect()"),
            1 => format!("{source}.to_vec().into_iter().map(|{v}| @).collect::<Vec<§>>().into_boxed_slice()"),
            _ => format!("{source}.iter().map(|&{v}| @).collect::<Vec<§>>().into()"),
        };
        let (mutable, change) = if changed { ("mut ", "B[I] = B[J] * @;\n") } else { ("", "") };
        let (i, j) = (self.index(n), self.random.below(n));
        let change = change.replace('B', &name).replace('I', &i).replace('J', &j.to_string());
        let inside = if changed { vec![value, self.damped(1)] } else { vec![value] };
        self.bind(&total, Ty::Float, false);
        let text = format!(
            "let {mutable}{name}: Box<[§]> = {made};\n{change}let {total} = {name}.iter().fold(«0.25», |a: §, b| (a * ‹0.5›).sin() + *b) * {name}[{j}];"
        );
        statement(&text, inside)
    }
}
