//! Variables, and the places in them.

use super::super::tree::{Kind, Node, Ty, node};
use super::Generator;

/// How a variable holds its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// By value.
    Own,
    /// By reference.
    Reference,
}

/// A variable.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    pub ty: Ty,
    pub form: Form,
    /// Whether it, or what it refers to, can be assigned.
    pub mutable: bool,
    /// Whether it cannot be used now, as it is borrowed.
    pub hidden: bool,
}

/// What a place has to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    Read,
    Write,
}

/// A place: its text, its root, and how the root holds it.
#[derive(Clone, Debug)]
pub struct Place {
    pub text: String,
    pub root: String,
}

impl Generator {
    /// A name that is not in use.
    pub fn name(&mut self, like: &str) -> String {
        self.fresh += 1;
        format!("{like}{}", self.fresh)
    }

    /// A name for a new variable: now and then that of another one, which it shadows.
    pub fn shadowing_name(&mut self, like: &str) -> String {
        let names: Vec<_> = self.visible().into_iter().map(|i| self.variables[i].name.clone()).collect();
        let names: Vec<_> = names.into_iter().filter(|name| name != "self" && !name.starts_with(['n', 'k'])).collect();
        if !names.is_empty() && self.random.percent(8) { self.random.pick(&names).clone() } else { self.name(like) }
    }

    /// Brings a variable into scope.
    pub fn bind(&mut self, name: &str, ty: Ty, mutable: bool) {
        self.variables.push(Variable { name: name.to_owned(), ty, form: Form::Own, mutable, hidden: false });
    }

    /// Brings a reference into scope.
    pub fn bind_reference(&mut self, name: &str, ty: Ty, mutable: bool) {
        self.variables.push(Variable { name: name.to_owned(), ty, form: Form::Reference, mutable, hidden: false });
    }

    /// Runs with a scope of its own.
    pub fn scoped<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.variables.len();
        let result = run(self);
        self.variables.truncate(depth);
        result
    }

    /// Runs while the variables of a name cannot be used.
    pub fn without<T>(&mut self, roots: &[String], run: impl FnOnce(&mut Self) -> T) -> T {
        let before: Vec<bool> = self.variables.iter().map(|v| v.hidden).collect();
        self.variables.iter_mut().filter(|v| roots.contains(&v.name)).for_each(|v| v.hidden = true);
        let result = run(self);
        self.variables.iter_mut().zip(before).for_each(|(v, before)| v.hidden = before);
        result
    }

    /// Runs while nothing can be assigned.
    pub fn frozen<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let before: Vec<bool> = self.variables.iter().map(|v| v.mutable).collect();
        self.variables.iter_mut().for_each(|v| v.mutable = false);
        let result = run(self);
        self.variables.iter_mut().zip(before).for_each(|(v, before)| v.mutable = before);
        result
    }

    /// The variables that are not shadowed and can be used.
    pub fn visible(&self) -> Vec<usize> {
        let mut seen = Vec::new();
        let mut visible = Vec::new();
        for (index, variable) in self.variables.iter().enumerate().rev() {
            if !seen.contains(&&variable.name) {
                seen.push(&variable.name);
                if !variable.hidden {
                    visible.push(index);
                }
            }
        }
        visible
    }

    /// An integer below a bound.
    pub fn index(&mut self, bound: usize) -> String {
        let integers: Vec<_> = self.visible().into_iter().filter(|&i| matches!(self.variables[i].ty, Ty::Index(_))).collect();
        if integers.is_empty() || self.random.percent(35) {
            return self.random.below(bound).to_string();
        }
        let variable = self.variables[*self.random.pick(&integers)].clone();
        let name = if variable.form == Form::Reference { format!("*{}", variable.name) } else { variable.name };
        match variable.ty {
            Ty::Index(below) if below <= bound && self.random.percent(80) => name,
            _ => match self.random.below(3) {
                0 => format!("{name} % {bound}"),
                1 => format!("({name} + {}) % {bound}", self.random.between(1, 3)),
                _ => format!("({name} * 2 + 1) % {bound}"),
            },
        }
    }

    /// Any integer, as an expression.
    pub fn integer(&mut self) -> String {
        let bound = self.random.between(2, 5);
        self.index(bound)
    }

    /// A number of items, at least so many and at most two more: a literal, or arithmetic without parentheses.
    pub fn count(&mut self, least: usize) -> String {
        match self.random.below(4) {
            0..=1 => self.random.between(least, least + 2).to_string(),
            2 => format!("{} + {least}", self.index(3)),
            _ => format!("{least} + {}", self.index(3)),
        }
    }

    /// A place of a type, if there is one.
    pub fn place(&mut self, ty: &Ty, access: Access) -> Option<Place> {
        let roots: Vec<usize> = self
            .visible()
            .into_iter()
            .filter(|&i| access == Access::Read || self.variables[i].mutable)
            .filter(|&i| self.holds(&self.variables[i].ty, ty))
            .collect();
        if roots.is_empty() {
            return None;
        }
        // what was bound last is used most
        let chosen =
            if self.random.percent(40) { roots[self.random.below(roots.len().min(3))] } else { *self.random.pick(&roots) };
        let variable = self.variables[chosen].clone();
        let dereferenced = variable.form == Form::Reference && variable.ty == *ty;
        let mut text = if dereferenced { format!("*{}", variable.name) } else { variable.name.clone() };
        let mut at = variable.ty;
        while at != *ty {
            let (step, next) = self.step(&at, ty);
            text.push_str(&step);
            at = next;
        }
        Some(Place { text, root: variable.name })
    }

    /// One step from a value to a part that holds what is looked for.
    fn step(&mut self, at: &Ty, ty: &Ty) -> (String, Ty) {
        match at {
            Ty::Array(of, n) | Ty::List(of, n) => (format!("[{}]", self.index(*n)), (**of).clone()),
            Ty::Tuple(of) => {
                let holding: Vec<_> = (0..of.len()).filter(|&i| self.holds(&of[i], ty)).collect();
                let chosen = *self.random.pick(&holding);
                (format!(".{chosen}"), of[chosen].clone())
            }
            Ty::Struct(index) => {
                let fields = self.structs[*index].fields.clone();
                let holding: Vec<_> = fields.into_iter().filter(|(_, of)| self.holds(of, ty)).collect();
                let (name, of) = self.random.pick(&holding).clone();
                (format!(".{name}"), of)
            }
            _ => unreachable!("{at:?} holds no {ty:?}"),
        }
    }

    /// Whether a value has a part of a type.
    fn holds(&self, at: &Ty, ty: &Ty) -> bool {
        at == ty
            || match at {
                Ty::Array(of, n) | Ty::List(of, n) => *n > 0 && self.holds(of, ty),
                Ty::Tuple(of) => of.iter().any(|of| self.holds(of, ty)),
                Ty::Struct(index) => self.structs[*index].fields.iter().any(|(_, of)| self.holds(of, ty)),
                Ty::Float | Ty::Index(_) | Ty::Flag | Ty::Function => false,
            }
    }

    /// A sequence of floats that can be iterated: its text, as a place, and its length.
    pub fn sequence(&mut self, access: Access) -> Option<(Place, usize)> {
        let mut kinds: Vec<(Ty, usize)> = Vec::new();
        for n in 1..=6 {
            kinds.push((Ty::Array(Box::new(Ty::Float), n), n));
            kinds.push((Ty::List(Box::new(Ty::Float), n), n));
        }
        self.random.next();
        let start = self.random.below(kinds.len());
        kinds.rotate_left(start);
        kinds.into_iter().find_map(|(ty, n)| self.place(&ty, access).map(|place| (place, n)))
    }

    /// A read of a place, as a node.
    pub fn read(&mut self, ty: &Ty) -> Option<Node> {
        let place = self.place(ty, Access::Read)?;
        let whole = place.text.starts_with('*');
        let text = match (ty, ty.is_copy(&self.structs)) {
            (_, true) if whole => format!("({})", place.text),
            (_, true) => place.text,
            (Ty::List(..), false) if whole => format!("{}.to_vec()", place.root),
            (_, false) if whole => format!("{}.clone()", place.root),
            (_, false) => format!("{}.clone()", place.text),
        };
        Some(node(Kind::Value(ty.clone()), &text, Vec::new()))
    }
}
