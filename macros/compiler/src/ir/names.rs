//! The names that a function has taken, and new ones beside them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Names that are taken.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    names: HashSet<String>,
    /// The last number behind each name, as thousands of temporaries may have one.
    numbers: HashMap<String, usize>,
}

impl Taken {
    /// Takes a name: the wish, or the wish with the next number that makes it new. A name with a raw identifier in it is no keyword: `r#type_bar` is `type_bar`.
    pub fn fresh(&mut self, wish: &str) -> String {
        let wish = &*match wish.strip_prefix("r#") {
            Some(keyword) if !keyword.contains('_') => Cow::Owned(format!("{keyword}_")),
            _ if wish.contains("r#") => Cow::Owned(wish.replace("r#", "")),
            _ => Cow::Borrowed(wish),
        };
        let mut name = wish.to_owned();
        if self.names.insert(name.clone()) {
            return name;
        }
        let number = self.numbers.entry(name.clone()).or_insert(1);
        while !self.names.insert(name.clone()) {
            *number += 1;
            name = format!("{wish}_{number}");
        }
        name
    }

    /// Gives a name back.
    pub fn forget(&mut self, name: &str) {
        self.names.remove(name);
    }
}

impl Extend<String> for Taken {
    fn extend<I: IntoIterator<Item = String>>(&mut self, names: I) {
        self.names.extend(names);
    }
}

impl FromIterator<String> for Taken {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self { names: names.into_iter().collect(), numbers: HashMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::Taken;

    #[test]
    fn a_name_that_is_taken_gets_the_next_number() {
        let mut taken: Taken = ["x", "x_2", "x_4"].map(str::to_owned).into_iter().collect();
        assert_eq!(["x", "x", "y", "y", "x_2"].map(|wish| taken.fresh(wish)), ["x_3", "x_5", "y", "y_2", "x_2_2"]);
    }

    #[test]
    fn a_name_with_a_raw_identifier_in_it_is_no_keyword() {
        let mut taken = Taken::default();
        assert_eq!(["r#type", "d_r#type", "r#type_bar"].map(|wish| taken.fresh(wish)), ["type_", "d_type", "type_bar"]);
    }
}
