//! Integers that are known before a function runs.
//!
//! *In:* the tokens of inactive code. *Out:* their value, where they are arithmetic and comparisons of literals, of variables that are known, and of
//! lengths. What is known may change with each iteration of an unrolled loop.
//!
//! ```text
//! sum     := product (("+" | "-") product)*        compared by < <= > >= == !=
//! product := factor (("*" | "/" | "%") factor)*
//! factor  := literal | variable | array ".len()" | "(" sum ")"
//! ```

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Literal, Spacing, TokenStream, TokenTree};

use crate::ir::{Block, Code, Expr, Function, Operand, Place, Statement, Step, Value, Var};

use super::Tree;

/// What is known of integers.
pub struct Numbers {
    /// The variables by their names, which are unique.
    names: BTreeMap<String, Var>,
    values: BTreeMap<Var, i128>,
    /// The variables that are of type `usize`, as they are indices.
    indices: BTreeSet<Var>,
}

type Trees = BTreeMap<Var, Tree<Operand>>;

impl Numbers {
    /// Nothing yet.
    pub fn of(function: &Function) -> Self {
        let names = (0u32..).zip(&function.variables).map(|(number, variable)| (variable.name.to_string(), Var(number)));
        let mut indices = BTreeSet::new();
        indexing(&function.body, &mut indices);
        Self { names: names.collect(), values: BTreeMap::new(), indices }
    }

    /// The value of a variable.
    pub fn get(&self, var: Var) -> Option<i128> {
        self.values.get(&var).copied()
    }

    /// Sets a variable.
    pub fn set(&mut self, var: Var, value: i128) {
        self.values.insert(var, value);
    }

    /// Forgets a variable.
    pub fn forget(&mut self, var: Var) {
        self.values.remove(&var);
    }

    /// `let var = from`, if that is known.
    pub fn copy(&mut self, var: Var, from: Var) -> bool {
        let Some(value) = self.get(from) else { return false };
        if self.indices.contains(&from) {
            self.indices.insert(var);
        }
        self.set(var, value);
        true
    }

    /// `let var = tokens`, if that is known.
    pub fn bind_value(&mut self, var: Var, tokens: &TokenStream, trees: &Trees) -> bool {
        let mut words = tokens.clone().into_iter();
        if let (Some(TokenTree::Ident(name)), None) = (words.next(), words.next())
            && let Some(from) = self.names.get(&name.to_string())
        {
            return self.copy(var, *from);
        }
        let Some(value) = self.value(tokens, trees) else { return false };
        self.set(var, value);
        true
    }

    /// The statement `let var = tokens;`, if that is known.
    pub fn bind(&mut self, var: Var, statement: &TokenStream, trees: &Trees) -> bool {
        let words: Vec<TokenTree> = statement.clone().into_iter().collect();
        let is = |position: usize, text: &str| words.get(position).is_some_and(|word: &TokenTree| word.to_string() == text);
        if !is(0, "let") || !is(2, "=") || !is(words.len().saturating_sub(1), ";") {
            return false;
        }
        let value = words[3..words.len() - 1].iter().cloned().collect();
        self.bind_value(var, &value, trees)
    }

    /// The value of an expression, a truth being 1; none where it would overflow an index.
    pub fn value(&self, tokens: &TokenStream, trees: &Trees) -> Option<i128> {
        let mut reader = Reader { numbers: self, trees, rest: tokens.clone().into_iter().collect(), position: 0 };
        let value = reader.comparison()?;
        (reader.position == reader.rest.len()).then_some(value)
    }

    /// Code with literals for the variables that are known; none where it reads one whose type is not, or an array.
    pub fn substituted(&self, code: &Code, trees: &Trees) -> Option<Code> {
        if code.reads.iter().any(|var| trees.contains_key(var)) {
            return None;
        }
        let known: Vec<Var> = code.reads.iter().copied().filter(|var| self.values.contains_key(var)).collect();
        if known.is_empty() {
            return Some(code.clone());
        }
        if known.iter().any(|var| !self.indices.contains(var) || self.values[var] < 0) {
            return None;
        }
        let reads = code.reads.iter().copied().filter(|var| !known.contains(var)).collect();
        Some(Code { tokens: self.replaced(&code.tokens), reads, ..code.clone() })
    }

    fn replaced(&self, tokens: &TokenStream) -> TokenStream {
        let replaced = tokens.clone().into_iter().map(|word| match word {
            TokenTree::Ident(name) => {
                let value = self.names.get(&name.to_string()).and_then(|var| self.get(*var));
                match value.and_then(|value| usize::try_from(value).ok()) {
                    Some(value) => TokenTree::Literal(Literal::usize_suffixed(value)),
                    None => TokenTree::Ident(name),
                }
            }
            TokenTree::Group(group) => {
                let mut inner = proc_macro2::Group::new(group.delimiter(), self.replaced(&group.stream()));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other,
        });
        replaced.collect()
    }
}

/// The variables that stand alone as an index somewhere.
fn indexing(block: &Block, into: &mut BTreeSet<Var>) {
    for statement in block {
        match statement {
            Statement::Let { value: Some(value), .. } => of_value(value, into),
            Statement::Assign { place, value } => {
                of_place(place, into);
                of_value(value, into);
            }
            Statement::Add { place, value, .. } => {
                of_place(place, into);
                of_expr(value, into);
            }
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| indexing(&arm.body, into)),
            Statement::Loop(each) => indexing(&each.body, into),
            _ => {}
        }
    }
}

fn of_value(value: &Value, into: &mut BTreeSet<Var>) {
    match value {
        Value::Expr(expr) => of_expr(expr, into),
        Value::Tuple(values) | Value::Array(values) => values.iter().for_each(|value| of_value(value, into)),
        Value::Clone(place) => of_place(place, into),
        _ => {}
    }
}

fn of_expr(expr: &Expr, into: &mut BTreeSet<Var>) {
    match expr {
        Expr::Operand(Operand::Place(place)) => of_place(place, into),
        Expr::Operand(_) => {}
        Expr::Apply(_, arguments, _) => arguments.iter().for_each(|argument| of_expr(argument, into)),
    }
}

fn of_place(place: &Place, into: &mut BTreeSet<Var>) {
    for step in &place.path {
        match step {
            Step::Index(Operand::Place(index)) if index.path.is_empty() => _ = into.insert(index.root),
            Step::Index(Operand::Code(code)) if code.reads.len() == 1 && code.tokens.clone().into_iter().count() == 1 => {
                into.insert(code.reads[0]);
            }
            _ => {}
        }
    }
}

/// Reads an expression.
struct Reader<'a> {
    numbers: &'a Numbers,
    trees: &'a Trees,
    rest: Vec<TokenTree>,
    position: usize,
}

impl Reader<'_> {
    /// The operator that stands next, of one or two characters.
    fn operator(&self) -> String {
        let mut text = String::new();
        for word in &self.rest[self.position..] {
            let TokenTree::Punct(punct) = word else { break };
            text.push(punct.as_char());
            if punct.spacing() == Spacing::Alone {
                break;
            }
        }
        text
    }

    fn comparison(&mut self) -> Option<i128> {
        let left = self.sum()?;
        let operator = self.operator();
        let compare: fn(&i128, &i128) -> bool = match operator.as_str() {
            "<" => i128::lt,
            "<=" => i128::le,
            ">" => i128::gt,
            ">=" => i128::ge,
            "==" => i128::eq,
            "!=" => i128::ne,
            _ => return Some(left),
        };
        self.position += operator.len();
        let right = self.sum()?;
        Some(i128::from(compare(&left, &right)))
    }

    fn sum(&mut self) -> Option<i128> {
        let mut left = self.product()?;
        loop {
            let operator = self.operator();
            let apply: fn(i128, i128) -> Option<i128> = match operator.as_str() {
                "+" => i128::checked_add,
                "-" => i128::checked_sub,
                _ => return Some(left),
            };
            self.position += 1;
            left = apply(left, self.product()?).filter(|value| in_range(*value))?;
        }
    }

    fn product(&mut self) -> Option<i128> {
        let mut left = self.factor()?;
        loop {
            let operator = self.operator();
            let apply: fn(i128, i128) -> Option<i128> = match operator.as_str() {
                "*" => i128::checked_mul,
                "/" => i128::checked_div,
                "%" => i128::checked_rem,
                _ => return Some(left),
            };
            self.position += 1;
            left = apply(left, self.factor()?).filter(|value| in_range(*value))?;
        }
    }

    fn factor(&mut self) -> Option<i128> {
        let word = self.rest.get(self.position)?.clone();
        self.position += 1;
        match word {
            TokenTree::Literal(literal) => {
                let text = literal.to_string().replace('_', "");
                text.strip_suffix("usize").unwrap_or(&text).parse().ok().filter(|value| in_range(*value))
            }
            TokenTree::Group(group) if matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::None) => {
                self.numbers.value(&group.stream(), self.trees)
            }
            TokenTree::Ident(name) => {
                let var = self.numbers.names.get(&name.to_string())?;
                self.numbers.get(*var).or_else(|| self.length(*var))
            }
            _ => None,
        }
    }

    /// `.len()` of an array.
    fn length(&mut self, var: Var) -> Option<i128> {
        let Tree::Node(parts) = self.trees.get(&var)? else { return None };
        let call: String = self.rest.get(self.position..self.position + 3)?.iter().map(ToString::to_string).collect();
        self.position += 3;
        (call == ".len()").then_some(parts.len() as i128)
    }
}

/// Whether the value can be an index, whatever its type: what would overflow is left to the function.
fn in_range(value: i128) -> bool {
    (0..=i128::from(i8::MAX)).contains(&value)
}
