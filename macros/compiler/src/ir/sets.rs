//! Sets of a function's variables, one bit for each, and what is known of each, in a row.
//!
//! For what a pass asks of every variable. A `BTreeSet` of the few that a statement mentions is shorter; over all the variables of a function it costs some twenty
//! times as much, and a `BTreeMap` likewise, as the macro runs unoptimised in the development builds of those who use it.

use super::Var;

const BITS: usize = u64::BITS as usize;

/// A set of variables.
#[derive(Clone, Debug, Default)]
pub struct VarSet {
    words: Vec<u64>,
}

impl VarSet {
    /// Whether the variable is in it.
    pub fn contains(&self, var: Var) -> bool {
        let position = var.0 as usize;
        match self.words.get(position / BITS) {
            Some(word) => word & (1 << (position % BITS)) != 0,
            None => false,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Adds the variable; whether it is new.
    pub fn insert(&mut self, var: Var) -> bool {
        let position = var.0 as usize;
        let (word, bit) = (position / BITS, 1 << (position % BITS));
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let is_new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        is_new
    }

    /// Takes the variable out; whether it was there.
    pub fn remove(&mut self, var: Var) -> bool {
        let was_there = self.contains(var);
        if was_there {
            let position = var.0 as usize;
            self.words[position / BITS] &= !(1 << (position % BITS));
        }
        was_there
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Var> {
        self.words.iter().zip(0..).flat_map(|(word, position)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros();
                rest &= rest.checked_sub(1)?;
                Some(Var(position * u64::BITS + bit))
            })
        })
    }

    /// Adds what is in the other set.
    pub fn unite(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Takes out what is in the other set.
    pub fn subtract(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }

    /// Takes out what is not in the other set.
    pub fn intersect(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }
}

impl Extend<Var> for VarSet {
    fn extend<I: IntoIterator<Item = Var>>(&mut self, vars: I) {
        for var in vars {
            self.insert(var);
        }
    }
}

impl FromIterator<Var> for VarSet {
    fn from_iter<I: IntoIterator<Item = Var>>(vars: I) -> Self {
        let mut set = Self::default();
        set.extend(vars);
        set
    }
}

/// Something for each of some variables.
#[derive(Clone, Debug)]
pub struct VarMap<T> {
    values: Vec<Option<T>>,
}

impl<T> Default for VarMap<T> {
    fn default() -> Self {
        Self { values: Vec::new() }
    }
}

impl<T> VarMap<T> {
    /// What there is for the variable.
    pub fn get(&self, var: Var) -> Option<&T> {
        match self.values.get(var.0 as usize) {
            Some(value) => value.as_ref(),
            None => None,
        }
    }

    /// Whether there is something for it.
    pub fn contains(&self, var: Var) -> bool {
        self.get(var).is_some()
    }

    /// The place for it.
    pub fn entry(&mut self, var: Var) -> &mut Option<T> {
        let position = var.0 as usize;
        if position >= self.values.len() {
            self.values.resize_with(position + 1, || None);
        }
        &mut self.values[position]
    }

    /// Puts something there; what was there before.
    pub fn insert(&mut self, var: Var, value: T) -> Option<T> {
        self.entry(var).replace(value)
    }

    /// All that there is, in the order of the variables.
    pub fn iter(&self) -> impl Iterator<Item = (Var, &T)> {
        (0..).map(Var).zip(&self.values).filter_map(|(var, value)| Some((var, value.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Var, VarMap, VarSet};

    #[test]
    fn what_is_put_into_a_map_is_found_in_the_order_of_the_variables() {
        let mut map = VarMap::default();
        assert_eq!(map.insert(Var(200), 'b'), None);
        assert_eq!(map.insert(Var(3), 'a'), None);
        assert_eq!(map.insert(Var(3), 'c'), Some('a'));
        assert!(map.contains(Var(3)) && !map.contains(Var(4)) && !map.contains(Var(1000)));
        map.entry(Var(7)).get_or_insert('d');
        map.entry(Var(7)).get_or_insert('e');
        assert!(map.iter().eq([(Var(3), &'c'), (Var(7), &'d'), (Var(200), &'b')]));
    }

    #[test]
    fn a_variable_is_in_a_set_from_when_it_is_added_until_it_is_taken_out() {
        let mut set: VarSet = [Var(3), Var(200)].into_iter().collect();
        assert!(set.contains(Var(3)) && set.contains(Var(200)));
        assert!(!set.contains(Var(2)) && !set.contains(Var(67)) && !set.contains(Var(1000)));
        assert!(!set.insert(Var(3)) && set.insert(Var(64)));
        assert_eq!(set.len(), 3);
        assert!(set.remove(Var(3)) && !set.remove(Var(3)) && !set.remove(Var(5000)));
        assert!(!set.contains(Var(3)) && set.contains(Var(64)));
    }

    #[test]
    fn sets_are_united_and_subtracted_and_give_their_variables_in_order() {
        let mut set: VarSet = [Var(200), Var(0), Var(63)].into_iter().collect();
        set.unite(&[Var(64), Var(1000), Var(63)].into_iter().collect());
        assert!(set.iter().eq([0, 63, 64, 200, 1000].map(Var)));
        set.subtract(&[Var(64), Var(0), Var(5000)].into_iter().collect());
        assert!(set.iter().eq([63, 200, 1000].map(Var)));
        set.subtract(&set.clone());
        assert!(set.iter().next().is_none());
    }

    #[test]
    fn what_two_sets_have_in_common_is_left() {
        let mut set: VarSet = [Var(3), Var(70), Var(200)].into_iter().collect();
        set.intersect(&[Var(3), Var(4), Var(71)].into_iter().collect());
        assert!(set.contains(Var(3)));
        assert_eq!(set.len(), 1);
    }
}
