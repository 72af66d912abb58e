//! Formulas of the rule table: text to tree.
//!
//! ```text
//! formula := term (("+" | "-") term)*
//! term    := factor (("*" | "/") factor)*
//! factor  := number | name | name "(" formula, .. ")" | "(" formula ")" | "-" factor
//! ```
//!
//! *In:* `"g * (1 - y)"`. *Out:* `mul(g, sub(1, y))`, over the names of operations of the table.

/// A formula.
#[derive(Clone, PartialEq, Debug)]
pub enum Formula {
    /// A constant.
    Number(f64),
    /// An operand, the result `y`, or the flow `g`.
    Name(&'static str),
    /// An operation of the table.
    Apply(&'static str, Vec<Formula>),
}

impl Formula {
    /// Whether the name occurs.
    pub fn mentions(&self, name: &str) -> bool {
        match self {
            Formula::Number(_) => false,
            Formula::Name(own) => *own == name,
            Formula::Apply(_, arguments) => arguments.iter().any(|argument| argument.mentions(name)),
        }
    }
}

/// Reads a formula.
///
/// # Panics
///
/// If the text is none: the table is part of the source, and a test reads all of it.
pub fn parse(text: &'static str) -> Formula {
    let mut reader = Reader { rest: text, text };
    let formula = reader.sum();
    assert!(reader.peek().is_empty(), "`{}` is left over in `{text}`", reader.rest);
    formula
}

struct Reader {
    rest: &'static str,
    text: &'static str,
}

impl Reader {
    /// The next token, which is empty at the end.
    fn peek(&mut self) -> &'static str {
        self.rest = self.rest.trim_start();
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let length = match self.rest.chars().next() {
            Some(c) if word(c) => self.rest.find(|c| !word(c)).unwrap_or(self.rest.len()),
            Some(c) => c.len_utf8(),
            None => 0,
        };
        &self.rest[..length]
    }

    fn take(&mut self) -> &'static str {
        let token = self.peek();
        self.rest = &self.rest[token.len()..];
        token
    }

    fn sum(&mut self) -> Formula {
        let mut left = self.product();
        loop {
            let name = match self.peek() {
                "+" => "add",
                "-" => "sub",
                _ => return left,
            };
            self.take();
            left = Formula::Apply(name, vec![left, self.product()]);
        }
    }

    fn product(&mut self) -> Formula {
        let mut left = self.factor();
        loop {
            let name = match self.peek() {
                "*" => "mul",
                "/" => "div",
                _ => return left,
            };
            self.take();
            left = Formula::Apply(name, vec![left, self.factor()]);
        }
    }

    fn factor(&mut self) -> Formula {
        match self.take() {
            "-" => Formula::Apply("neg", vec![self.factor()]),
            "(" => {
                let inner = self.sum();
                self.expect(")");
                inner
            }
            token if token.starts_with(|c: char| c.is_ascii_digit()) => {
                Formula::Number(token.parse().unwrap_or_else(|_| panic!("`{token}` is no number in `{}`", self.text)))
            }
            token if token.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                if self.peek() != "(" {
                    return Formula::Name(token);
                }
                self.take();
                let mut arguments = vec![self.sum()];
                while self.peek() == "," {
                    self.take();
                    arguments.push(self.sum());
                }
                self.expect(")");
                Formula::Apply(token, arguments)
            }
            token => panic!("`{token}` is not expected in `{}`", self.text),
        }
    }

    fn expect(&mut self, token: &str) {
        assert_eq!(self.take(), token, "in `{}`", self.text);
    }
}
