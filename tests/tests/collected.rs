//! Inactive iterators whose items no index finds, in loops and in chains: they are collected first.

#![allow(
    clippy::explicit_counter_loop,
    clippy::needless_range_loop,
    clippy::manual_repeat_n,
    clippy::ptr_arg,
    reason = "the forms are what is tested"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use differentiable::prelude::*;
use differentiable_tests::agrees;

#[test]
fn a_map_is_iterated() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], map: &BTreeMap<usize, f64>) -> f64 {
        let mut s = 0.0;
        for (i, w) in map {
            s += x[*i] * w;
        }
        for (&i, &w) in map.iter() {
            s *= 1.0 + x[i] * w;
        }
        for w in map.values() {
            s += x[0] * w;
        }
        for i in map.keys() {
            s += x[*i] * x[*i];
        }
        s
    }
    agrees!(f(&BTreeMap::from([(0, 0.5), (2, 1.5)])): [0.3, 0.4, 0.7]);
}

#[test]
fn a_chain_begins_at_a_map() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], map: &HashMap<usize, f64>) -> f64 {
        let a: f64 = map.iter().map(|(i, w)| x[*i] * w).sum();
        let b: f64 = map.iter().filter(|(i, _)| **i > 0).map(|(&i, &w)| x[i] * w).sum();
        a * b
    }
    agrees!(f(&HashMap::from([(2, 1.5)])): [0.3, 0.4, 0.7]);
}

#[test]
fn a_map_in_a_field_is_taken_apart() {
    struct Table {
        weights: BTreeMap<usize, f64>,
        chosen: BTreeSet<usize>,
        pairs: Vec<(usize, f64)>,
    }
    #[differentiable(wrt(x))]
    fn f(x: &[f64], table: &Table) -> f64 {
        let mut s = 1.0;
        for (i, w) in &table.weights {
            s += x[*i] * w * s;
        }
        for (i, w) in &table.pairs {
            s += x[*i] * w * s;
        }
        s + table.weights.iter().map(|(i, w)| x[*i] * w).sum::<f64>() + table.chosen.range(1..).map(|i| x[*i]).sum::<f64>()
    }
    let table =
        Table { weights: BTreeMap::from([(0, 0.5), (2, 1.5)]), chosen: BTreeSet::from([0, 1]), pairs: vec![(1, 0.3), (1, 0.7)] };
    agrees!(f(&table): [0.3, 0.4, 0.7]);
}

#[test]
fn text_is_iterated() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], text: &str) -> f64 {
        let mut t = 1.0;
        for c in text.chars() {
            t *= match c {
                'a' => x[0],
                'b' => x[1],
                _ => x[2],
            };
        }
        for word in text.split(' ') {
            t += x[0] * word.len() as f64;
        }
        for (i, c) in text.chars().enumerate() {
            if c == 'a' {
                t += x[1] * i as f64;
            }
        }
        for b in text.bytes() {
            t += x[2] * f64::from(b);
        }
        let u: f64 = text.split_whitespace().map(|w| x[w.len() % 3]).sum();
        let v: f64 = text.chars().filter(|c| *c == 'a').map(|_| x[0] * x[1]).sum();
        let z: f64 = x.iter().zip(text.chars()).map(|(v, c)| if c == 'a' { v * v } else { *v }).sum();
        t * u + v * z
    }
    agrees!(f("ab ca a"): [0.3, 0.4, 0.7]);
}

#[test]
fn an_iterator_is_given() {
    #[differentiable(wrt(x))]
    fn dynamic(x: &[f64], indices: &mut dyn Iterator<Item = usize>) -> f64 {
        let mut s = 1.0;
        for i in indices {
            s *= x[i];
        }
        s
    }
    #[differentiable(wrt(x))]
    fn generic(x: &[f64], indices: impl Iterator<Item = usize>) -> f64 {
        let mut s = 1.0;
        for i in indices {
            s = s * x[i] + 0.5;
        }
        s
    }
    #[differentiable(wrt(x))]
    fn named<I: IntoIterator<Item = (usize, f64)>>(x: &[f64], pairs: I) -> f64 {
        pairs.into_iter().map(|(i, w)| x[i] * x[i] * w).sum()
    }
    agrees!(dynamic(&mut (0..3)): [0.3, 0.4, 0.7]);
    agrees!(generic([2, 0, 0].iter().copied()): [0.3, 0.4, 0.7]);
    agrees!(named([(1, 2.0), (0, 0.5)]): [0.3, 0.4, 0.7]);
}

#[test]
fn parts_and_sources_of_the_standard_library() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], groups: &[usize]) -> f64 {
        let mut s = 1.0;
        for group in groups.split(|v| *v == 9) {
            for i in group {
                s = s * 0.5 + x[*i];
            }
        }
        for group in groups.split(|v| *v == 9) {
            s += group.iter().map(|i| x[*i]).sum::<f64>().powi(2);
        }
        for i in std::iter::repeat(1).take(2) {
            s *= x[i];
        }
        for i in std::iter::once(2) {
            s *= x[i];
        }
        for i in std::iter::successors(Some(0usize), |i| (*i < 2).then_some(i + 1)) {
            s *= x[i] + 1.0;
        }
        for i in 0..3u32 {
            s += x[i as usize] * f64::from(i);
        }
        s
    }
    agrees!(f(&[0, 1, 9, 2, 1]): [0.3, 0.4, 0.7]);
}

#[test]
fn a_range_has_no_end() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut s = 1.0;
        for i in (0..).take(3) {
            s += x[i] * s;
        }
        for (i, v) in (1..).zip(x) {
            s += v * i as f64;
        }
        let t: f64 = x.iter().zip(1..).map(|(v, i)| v * i as f64).sum();
        let u: f64 = x.iter().zip(std::iter::repeat(2.0)).map(|(v, w)| v * v * w).sum();
        let w: f64 = [0.5, 1.5].iter().cycle().zip(x).map(|(w, v)| v * w).sum();
        let y: f64 = (0..).map(|i| x[0] * f64::from(i)).take(3).sum();
        s * t + u * w + y
    }
    agrees!(f: [0.3, 0.4, 0.7]);
}

#[test]
fn structs_and_tuples_in_a_row_are_read_where_they_are() {
    struct Edge {
        i: usize,
        w: f64,
    }
    #[differentiable(wrt(x))]
    fn f(x: &[f64], pairs: &[(usize, f64)], edges: &Vec<Edge>) -> f64 {
        let mut s = 1.0;
        for (i, w) in pairs {
            s += x[*i] * w;
        }
        for &(i, w) in pairs.iter() {
            s *= x[i] * w;
        }
        for e in edges {
            s += x[e.i] * e.w;
        }
        for Edge { i, w } in edges {
            s += x[*i] * w;
        }
        s += edges.iter().map(|e| x[e.i] * e.w).sum::<f64>();
        let indices: Vec<usize> = pairs.iter().map(|pair| pair.0).collect();
        for i in indices {
            s += x[i];
        }
        s
    }
    agrees!(f(&[(0, 0.5), (2, 1.5)], &vec![Edge { i: 1, w: 0.3 }]): [0.3, 0.4, 0.7]);
}

#[test]
fn what_is_collected_runs_once() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], seen: &std::cell::Cell<usize>) -> f64 {
        let order = (0..3).inspect(|_| seen.set(seen.get() + 1)).collect::<Vec<_>>();
        order.into_iter().rev().inspect(|_| seen.set(seen.get() + 1)).map(|i| x[i] * x[i]).sum()
    }
    let seen = std::cell::Cell::new(0);
    assert_eq!(f::grad(&[1.0, 2.0, 3.0], &seen), [2.0, 4.0, 6.0]);
    assert_eq!(seen.get(), 6);
}

#[test]
fn items_of_a_vector_whose_type_is_inferred() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for word in "a b a c".split_whitespace() {
            *counts.entry(word.to_string()).or_insert(0) += 1;
        }
        let mut sorted: Vec<_> = counts.iter().collect();
        sorted.sort();
        let mut s = 0.0;
        for (word, n) in sorted {
            s += if word == "a" { x[0].powi(*n as i32) } else { x[1] * *n as f64 };
        }
        s
    }
    agrees!(f, 2, [0.8, 0.3]);
}

#[test]
fn a_loop_over_parts_that_are_elements_collected_and_counted() {
    #[differentiable]
    fn f(x: &[f64], cuts: &[usize]) -> f64 {
        let mut s = 0.0;
        for i in 0..3 {
            for &c in cuts.iter().chain(std::iter::once(&3)) {
                let before = c - 1;
                s += x[before] * x[i] * c as f64;
            }
            for c in (0..i).chain(cuts.iter().copied()).chain(std::iter::once(2)).chain(0..2) {
                let square = x[c % 4] * x[c % 4];
                s += square * (i + c) as f64;
            }
        }
        s
    }
    agrees!(f([2, 4].as_slice()): [0.4, 1.2, 0.3, 0.7]);
    agrees!(f([].as_slice()): [0.4, 1.2, 0.3, 0.7]);
}

#[test]
fn a_loop_over_pairs_and_a_pair_on_the_spot() {
    #[differentiable]
    fn f(x: &[f64], pairs: &[(usize, usize)]) -> f64 {
        let mut s = 1.0;
        for &(i, j) in pairs.iter().chain(std::iter::once(&(0, 1))) {
            s *= x[i] + x[j].sin();
        }
        for i in 0..2 {
            s += pairs.iter().chain(std::iter::once(&(i, 2))).map(|&(i, j)| x[i] * x[j]).sum::<f64>();
        }
        s
    }
    agrees!(f([(0, 2), (3, 1)].as_slice()): [0.4, 1.2, 0.3, 0.7]);
}

#[test]
fn a_part_that_is_made_and_lent_on_the_spot() {
    #[differentiable]
    fn f(x: &[f64], cuts: &[usize]) -> f64 {
        let s: f64 = cuts.iter().chain(std::iter::once(&x.len())).map(|&c| x[c - 1] * x[c - 1]).sum();
        let mut t = 0.0;
        for &c in std::iter::once(&(cuts.len() - 1)).chain(cuts).chain(std::iter::once(&x.len())) {
            t += x[c - 1].sin() * s;
        }
        t
    }
    agrees!(f([1, 2].as_slice()): [0.4, 1.2, 0.3, 0.7]);
}

#[test]
fn a_closure_that_is_called_with_a_place_and_with_a_number() {
    #[differentiable]
    fn f(x: &[f64], cuts: &[usize]) -> f64 {
        let take = |&c: &usize| x[c - 1] * x[c - 1];
        let i = take(&cuts[0]);
        i * take(&cuts.len()) + take(&cuts[1])
    }
    agrees!(f([2, 4].as_slice()): [0.4, 1.2, 0.3, 0.7]);
}

#[test]
fn what_options_hold() {
    #[differentiable]
    fn f(x: &[f64], chosen: &[Option<usize>], weights: &[Option<f64>]) -> f64 {
        let mut s = 0.0;
        for &i in chosen.iter().flatten() {
            s += x[i];
        }
        for w in weights.iter().flatten() {
            s *= x[0] * w;
        }
        let product: f64 = chosen.iter().filter_map(|i| *i).map(|i| x[i]).product();
        let counted: f64 = chosen.iter().copied().flatten().enumerate().map(|(k, i)| x[i] * k as f64).sum();
        s * product + counted * weights.iter().flatten().map(|w| w * x[1]).sum::<f64>()
    }
    let weights = [Some(0.3), None, Some(1.2)];
    agrees!(f([Some(1), None, Some(2)].as_slice(), weights.as_slice()): [0.4, 1.2, 0.3, 0.7]);
    agrees!(f([None].as_slice(), [].as_slice()): [0.4, 1.2, 0.3, 0.7]);
}
