//! Numbers behind references that calls give, as of the greatest of a list or of what a map holds.

#![allow(clippy::all, reason = "the forms are what is tested")]

use std::collections::HashMap;

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

const POINT: [f64; 5] = [0.3, 1.2, 0.5, 0.8, 1.7];

/// Declares functions of five numbers, and compares their derivatives.
macro_rules! each_agrees {
    ($($name:ident($x:ident) $body:block)*) => {
        $(
            #[differentiable(second_order)]
            fn $name($x: &[f64; 5]) -> f64 $body
        )*
        $( agrees_twice!($name, 5, POINT); )*
    };
}

#[test]
fn an_index_is_chosen_from_a_list_of_the_functions_own() {
    each_agrees! {
        the_greatest(x) {
            let order = vec![3usize, 1, 4, 0];
            let best = order.iter().max().unwrap();
            let y = x[*best] * x[1];
            y.sin() * y
        }
        in_a_loop(x) {
            let order = [3usize, 1, 4, 0];
            let first = order.first().unwrap();
            let mut y = x[1];
            for (i, v) in x.iter().enumerate().take(*first) {
                y = y.sin() * x[(*first + i) % 5] + v * *first as f64;
            }
            y
        }
        of_a_pair(x) {
            let weights: Vec<(usize, f64)> = vec![(3, 0.5), (1, 0.25)];
            let best = weights.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            let mut y = x[best.0] * best.1 * x[0];
            for v in x {
                y = (y * v).sin() + x[best.0] * best.1;
            }
            y
        }
        of_a_pair_that_is_taken_apart(x) {
            let weights: Vec<(usize, f64)> = vec![(3, 0.5), (1, 0.25)];
            let (at, weight) = weights.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            let mut y = x[*at] * weight;
            for v in x {
                y = (y * v).sin() + x[*at] * weight;
            }
            y
        }
        from_a_named_iterator(x) {
            let order = [3usize, 1, 4, 0];
            let mut items = order.iter();
            let (first, second) = (items.next().unwrap(), items.next().unwrap());
            let y = x[*first] * x[*second];
            y.sin() * y
        }
        of_text(x) {
            let text = String::from(" ab ");
            let word = text.trim();
            let names = vec![String::from("a"), String::from("bcd")];
            let longest = names.iter().max_by_key(|name| name.len()).unwrap();
            let mut y = x[word.len()];
            for v in x {
                y = (y * v).sin() + x[longest.len()];
            }
            y
        }
        by_another_name(x) {
            let order = [3usize, 1];
            let best = order.iter().max().unwrap();
            let again = best;
            let mut y = x[*again] * x[*best];
            for i in 0..*again {
                y = (y * x[i]).sin();
            }
            y
        }
        of_a_record_that_is_taken_apart(x) {
            let records = [Record { at: 0, weight: 0.5 }, Record { at: 3, weight: 2.0 }];
            let record = records.iter().find(|record| record.at == 3).unwrap();
            let Record { at, weight } = record;
            let mut y = x[*at] * weight;
            for v in x {
                y = (y * v * weight).sin() + x[*at] * record.weight;
            }
            y
        }
        in_an_iteration(x) {
            let mut y = x[0];
            for k in 1..4 {
                let list = [k, 2 * k % 5, 1];
                let least = list.iter().min().unwrap();
                y = x[*least] * (y * x[k]).sin();
            }
            y
        }
    }
}

#[test]
fn a_map_is_asked() {
    each_agrees! {
        an_entry_that_changes(x) {
            let (mut counts, mut weights) = (HashMap::new(), HashMap::new());
            let mut y = x[0];
            for i in 0..4 {
                let count = counts.entry(i % 2).or_insert(0usize);
                *count += i;
                let weight = weights.entry(i % 3).or_insert_with(|| 1.5);
                *weight *= 0.5;
                y = x[i] * y.sin() * *count as f64 + *weight * x[*count % 3];
            }
            y
        }
        an_index(x) {
            let columns: HashMap<&str, usize> = [("a", 1), ("b", 2)].into_iter().collect();
            let mut y = x[0];
            for name in ["a", "b", "a"] {
                let column = columns.get(name).unwrap();
                y = x[*column] * y.sin();
            }
            let Some(last) = columns.get("b") else { return y };
            y * x[*last]
        }
        a_weight(x) {
            let weights: HashMap<&str, f64> = [("a", 1.5), ("b", 2.0)].into_iter().collect();
            let weight = weights.get("a").unwrap();
            let mut y = x[1] * weight;
            for v in x {
                y = y.sin() * v * weight;
            }
            y / weight
        }
    }
}

struct Record {
    at: usize,
    weight: f64,
}

#[test]
fn what_a_parameter_holds_is_chosen() {
    #[differentiable(wrt(x))]
    fn f(records: &[Record], x: &[f64; 5]) -> f64 {
        let last = records.last().unwrap();
        let least = records.iter().min_by(|a, b| a.weight.total_cmp(&b.weight)).unwrap();
        let mut y = x[last.at] * last.weight;
        for v in x {
            y = (y * v).sin() + x[least.at] * least.weight;
        }
        y
    }
    #[differentiable]
    fn of(x: &[f64; 5]) -> f64 {
        let y = f(&[Record { at: 1, weight: 0.5 }, Record { at: 2, weight: 1.5 }], x);
        y * y
    }
    agrees!(of, 5, POINT);
}

struct Counter(usize);

impl Counter {
    fn slot(&mut self) -> &mut usize {
        &mut self.0
    }
}

fn increase(count: &mut usize) {
    *count += 1;
}

fn largest<'a>(list: &'a mut [usize]) -> &'a mut usize {
    list.iter_mut().max().unwrap()
}

#[test]
fn what_a_mutable_reference_is_to_is_read_as_it_is_then() {
    each_agrees! {
        stored_into(x) {
            let mut counter = Counter(1);
            let count = counter.slot();
            let a = x[*count];
            *count += 1;
            a * x[*count] * a.sin()
        }
        lent(x) {
            let mut counter = Counter(1);
            let count = counter.slot();
            let a = x[*count];
            increase(count);
            a * x[*count] * a.sin()
        }
        lent_anew(x) {
            let mut list = [0, 2, 1];
            let count = largest(&mut list);
            let a = x[*count];
            increase(&mut *count);
            a * x[*count] * a.sin()
        }
        of_an_iterator(x) {
            let mut list = [0usize, 2, 1];
            let count = list.iter_mut().max().unwrap();
            *count += 1;
            let a = x[*count];
            *count += 1;
            a * x[*count] * a.sin()
        }
    }
}

#[derive(Clone)]
struct Row {
    values: Vec<f64>,
    weight: f64,
    name: Option<String>,
}

struct Table(Vec<Row>);

impl Table {
    fn values(&self, at: usize) -> &[f64] {
        &self.0[at].values
    }

    fn row(&self, at: usize) -> &Row {
        &self.0[at]
    }

    fn copy(&self, at: usize) -> Row {
        self.0[at].clone()
    }

    fn ends(&self, at: usize) -> (&f64, &f64) {
        (&self.0[at].values[0], &self.0[at].values[2])
    }
}

fn table() -> Table {
    let row = |scale: f64, name: Option<&str>| Row {
        values: vec![0.5 * scale, -0.25, scale * scale],
        weight: scale,
        name: name.map(str::to_owned),
    };
    Table(vec![row(0.75, Some("wide")), row(1.5, None)])
}

#[differentiable(wrt(x), second_order)]
fn weighed(x: &[f64; 5], weights: &[f64]) -> f64 {
    x.iter().zip(weights).map(|(x, weight)| x * x * weight).sum()
}

#[differentiable(wrt(x), second_order)]
fn of_a_row(x: &[f64; 5], table: &Table) -> f64 {
    let row = table.row(1);
    let mut y = weighed(x, table.values(0)).sin() * row.weight;
    for value in &row.values {
        y = (y * value).sin() + x[0] * y;
    }
    y * weighed(x, &row.values).powi(2)
}

#[differentiable(wrt(x), second_order)]
fn of_each_row(x: &[f64; 5], table: &Table) -> f64 {
    let mut y = x[0];
    for i in 0..table.0.len() {
        let row = table.row(i);
        let name = row.name.as_deref().unwrap_or("none");
        y = y * weighed(x, table.values(i)).cos() + row.values[1] * y * name.len() as f64;
    }
    y
}

#[test]
fn what_a_function_gives_by_reference_is_there_on_the_way_back() {
    each_agrees! {
        called(x) {
            let table = table();
            of_a_row(x, &table).sin() * of_each_row(x, &table) * x[1]
        }
        of_the_functions_own_memory(x) {
            let table = table();
            let row = table.row(0);
            let mut y = x[0] * row.weight;
            for value in &row.values {
                y = (y * value).sin() + x[1] * y;
            }
            y * weighed(x, table.values(1))
        }
        not_by_reference(x) {
            let table = table();
            let row = table.copy(1);
            weighed(x, &row.values).powi(2) * row.weight * x[0] * row.name.as_deref().unwrap_or("none").len() as f64
        }
        two_at_once(x) {
            let table = table();
            let (first, last) = table.ends(1);
            x[0] * x[0] * first + x[1].sin() * x[0] * last
        }
        found(x) {
            let table = table();
            let row = table.0.iter().find(|row| row.weight > 1.0).unwrap();
            weighed(x, &row.values).powi(2) * row.weight
        }
    }
}

#[test]
fn references_that_are_chosen_or_listed_are_there_on_the_way_back() {
    #[differentiable(wrt(x), second_order)]
    fn chosen(x: &[f64; 5], table: &Table, first: bool) -> f64 {
        let values: &[f64] = if first { &table.0[0].values } else { &[] };
        let others = match first {
            true => table.values(1),
            false => &table.0[0].values[1..],
        };
        let mut y = x[0];
        for (i, value) in values.iter().enumerate() {
            y = y * x[i] + value * y.sin();
        }
        y * weighed(x, others).powi(2)
    }
    #[differentiable(wrt(x), second_order)]
    fn listed(x: &[f64; 5], map: &HashMap<String, Vec<f64>>) -> f64 {
        let mut keys: Vec<&String> = map.keys().collect();
        keys.sort();
        let mut y = x[0];
        for key in &keys {
            let values = &map[*key];
            y = y * x[1] + values[0] * y.sin();
            for value in &map[*key] {
                y = (y * value).sin() + x[2] * y;
            }
        }
        y
    }
    #[differentiable(wrt(x), second_order)]
    fn kept_in_a_list(x: &[f64; 5], table: &Table, without: usize) -> f64 {
        let mut rows: Vec<&Row> = Vec::new();
        for (i, row) in table.0.iter().enumerate() {
            if i != without {
                rows.push(row);
            }
        }
        let mut y = x[0];
        for row in &rows {
            for value in &row.values {
                y = y * x[1] + value * y.sin();
            }
            y *= weighed(x, &row.values);
        }
        y
    }
    each_agrees! {
        either_way(x) {
            let table = table();
            chosen(x, &table, true).sin() * chosen(x, &table, false)
        }
        by_key(x) {
            let map = HashMap::from([("a".to_owned(), vec![0.5, 1.25]), ("b".to_owned(), vec![0.75])]);
            listed(x, &map).sin() * x[3]
        }
        without_one(x) {
            let table = table();
            kept_in_a_list(x, &table, 0).sin() * kept_in_a_list(x, &table, 7)
        }
        in_an_array(x) {
            let table = table();
            let rows = [&table.0[0].values, &table.0[1].values];
            let mut y = x[0];
            for row in &rows {
                y = y * weighed(x, row).sin() + row[0] * y;
            }
            y
        }
    }
}

#[test]
fn pointers_that_functions_give_are_there_on_the_way_back() {
    fn boxed(values: &[f64]) -> Box<dyn Fn(usize) -> f64 + '_> {
        Box::new(|at| values[at])
    }
    fn owned(values: &[f64]) -> Box<[f64]> {
        values.into()
    }
    each_agrees! {
        of_a_slice(x) {
            let table = table();
            let values = owned(table.values(1));
            weighed(x, &*values).powi(2) * values[0] * x[0]
        }
        of_a_function(x) {
            let table = table();
            let value = boxed(table.values(1));
            x[0].sin() * value(2) * x[1]
        }
    }
}
