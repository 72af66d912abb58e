//! Functions as they are written by people who have read no more than the documentation.

#![allow(clippy::all, unused_qualifications, unused_variables, reason = "the forms are what is tested")]

use std::collections::{BTreeMap, HashMap};

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[derive(Clone, Debug, Differentiable)]
struct Ring {
    items: [f64; 3],
    #[differentiable(skip)]
    at: usize,
}
impl Ring {
    #[differentiable(wrt(self, x), second_order)]
    fn push(&mut self, x: f64) {
        self.items[self.at] = x;
        self.at = (self.at + 1) % 3;
    }
    #[differentiable(wrt(self), second_order)]
    fn sum(&self) -> f64 {
        self.items.iter().map(|v| v * v).sum()
    }
}
#[derive(Clone, Debug, Differentiable)]
struct Filter {
    ring: Ring,
    gain: f64,
}
impl Filter {
    #[differentiable(wrt(self, x), second_order)]
    fn step(&mut self, x: f64) -> f64 {
        self.ring.push(x * self.gain);
        self.ring.sum()
    }
}
#[differentiable(second_order)]
fn filtered(x: &[f64; 3]) -> f64 {
    let mut filter = Filter { ring: Ring { items: [0.1, 0.2, x[0]], at: 0 }, gain: x[1] };
    let a = filter.step(x[2]);
    let b = filter.step(a);
    a * b
}

#[test]
fn a_field_has_methods_of_its_own() {
    agrees_twice!(filtered, 3, [0.3, 1.2, 0.7]);
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Vec3 {
    x: f64,
    y: f64,
    z: f64,
}
impl Vec3 {
    #[differentiable(wrt(self, o), second_order)]
    fn dot(self, o: Vec3) -> f64 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }
    #[differentiable(wrt(self, o), second_order)]
    fn sub(self, o: Vec3) -> Vec3 {
        Vec3 { x: self.x - o.x, y: self.y - o.y, z: self.z - o.z }
    }
    #[differentiable(wrt(self, k), second_order)]
    fn scale(self, k: f64) -> Vec3 {
        Vec3 { x: self.x * k, y: self.y * k, z: self.z * k }
    }
    #[differentiable(wrt(self, lo, hi), second_order)]
    fn clamp(self, lo: f64, hi: f64) -> Vec3 {
        Vec3 { x: self.x.clamp(lo, hi), y: self.y.clamp(lo, hi), z: self.z.clamp(lo, hi) }
    }
    #[differentiable(wrt(self), second_order)]
    fn exp(self) -> Vec3 {
        Vec3 { x: self.x.exp(), y: self.y.exp(), z: self.z.exp() }
    }
    #[differentiable(wrt(self), second_order)]
    fn sqrt(self) -> Vec3 {
        Vec3 { x: self.x.sqrt(), y: self.y.sqrt(), z: self.z.sqrt() }
    }
}
#[differentiable(wrt(p), second_order)]
fn turned(p: Vec3) -> Vec3 {
    p.scale(0.5).exp().sqrt()
}
#[differentiable(second_order)]
fn shaded(v: &[f64; 4]) -> f64 {
    let p = Vec3 { x: v[0], y: v[1], z: v[2] };
    let q = Vec3 { x: 0.5, y: 0.4, z: 0.3 };
    let e = p.sub(q).exp();
    let named = turned(p);
    e.x * e.y * named.z + turned(p.scale(v[3]).clamp(-2.0, 2.0)).dot(q)
}

#[test]
fn what_a_method_gives_has_methods_named_as_those_of_numbers() {
    agrees_twice!(shaded, 4, [0.3, 1.2, 0.7, 0.4]);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Matrix<const R: usize, const C: usize> {
    rows: [[f64; C]; R],
}
impl<const R: usize, const C: usize> Matrix<R, C> {
    #[differentiable(wrt(self, other), second_order)]
    fn mul<const K: usize>(&self, other: &Matrix<C, K>) -> Matrix<R, K> {
        let mut rows = [[0.0; K]; R];
        for (out, row) in rows.iter_mut().zip(&self.rows) {
            for (j, o) in out.iter_mut().enumerate() {
                *o = row.iter().zip(&other.rows).map(|(a, b)| a * b[j]).sum();
            }
        }
        Matrix { rows }
    }
    #[differentiable(wrt(self), second_order)]
    fn transposed(&self) -> Matrix<C, R> {
        Matrix { rows: std::array::from_fn(|c| std::array::from_fn(|r| self.rows[r][c])) }
    }
}
#[differentiable(second_order)]
fn scores(x: &[f64; 8]) -> f64 {
    let q = Matrix::<1, 4> { rows: [[x[0], x[1], x[2], x[3]]] };
    let k = Matrix { rows: [[x[4], x[5], x[6], x[7]], [x[0], x[2], x[4], x[6]]] };
    let product = q.mul(&k.transposed());
    product.rows[0][0] * product.rows[0][1]
}

#[test]
fn sizes_of_an_impl_are_no_scalars() {
    agrees_twice!(scores, 8, [0.3, 1.2, 0.7, 0.4, 0.1, 0.9, 0.2, 0.6]);
}

trait Activation {
    const SLOPE: f64;
}
struct Leaky;
struct Hard;
impl Activation for Leaky {
    const SLOPE: f64 = 0.1;
}
impl Activation for Hard {
    const SLOPE: f64 = 0.0;
}
#[derive(Clone, Debug, Differentiable)]
struct Dense {
    weights: Vec<f64>,
    bias: f64,
}
impl Dense {
    #[differentiable(wrt(self, x), second_order)]
    fn forward<A: Activation>(&self, x: f64) -> Vec<f64> {
        let inputs = self.weights.iter().map(|w| w * x + self.bias);
        inputs.map(|z| if z > 0.0 { z } else { A::SLOPE * z }).collect()
    }
    #[differentiable(associated, second_order)]
    fn slope<A: Activation>(x: f64) -> f64 {
        A::SLOPE * x * x
    }
}
#[differentiable(second_order)]
fn network(x: &[f64; 4]) -> f64 {
    let dense = Dense { weights: x[..2].to_vec(), bias: x[2] };
    let hidden = dense.forward::<Leaky>(x[3]);
    let output = dense.forward::<Hard>(hidden[0] * hidden[1]);
    output[0] + output[1] * Dense::slope::<Leaky>(x[0])
}

#[test]
fn methods_are_called_with_their_generic_arguments() {
    agrees_twice!(network, 4, [0.3, -1.2, -0.7, 0.4]);
}

#[differentiable(wrt(x), second_order)]
fn with_default(x: f64, o: &Option<f64>) -> f64 {
    x * o.unwrap_or(2.0) + o.unwrap_or(x) * o.map_or(x, |v| v * x)
}
#[differentiable(second_order)]
fn defaults(x: &[f64; 2]) -> f64 {
    let some = Some(1.5);
    let o = &some;
    with_default(x[0], o) + with_default(x[1], &None) + o.unwrap_or(x[0]).sin()
}

#[test]
fn an_option_behind_a_reference_is_copied() {
    agrees_twice!(defaults, 2, [0.3, 1.2]);
}

#[differentiable(second_order)]
fn or_something_else(x: &[f64; 3]) -> f64 {
    let rows = [[x[0], x[1]], [x[2], x[0]]];
    let row = rows.get(5).unwrap_or(&[0.5, 0.7]);
    let half = &0.5;
    let first = *x.get(7).unwrap_or(half) * x[1];
    x.first().unwrap_or(&0.0) * x.last().unwrap_or(&1.0) + row[0] * x[0] + first + x.first().map_or(&0.0, |v| v) * row[1]
}

#[test]
fn a_reference_stands_for_what_is_not_there() {
    agrees_twice!(or_something_else, 3, [0.3, 1.2, 0.7]);
}

#[differentiable(second_order)]
fn chosen(x: &[f64; 4]) -> f64 {
    let points = vec![Vec3 { x: x[0], y: 1.0, z: x[3] }, Vec3 { x: x[1], y: x[2], z: 0.5 }];
    let best = points.iter().max_by(|p, q| p.x.partial_cmp(&q.x).unwrap()).unwrap();
    let found = points.iter().find(|p| p.z > 0.6).unwrap();
    best.x * best.y + found.z.exp()
}

#[test]
fn a_struct_is_chosen_by_its_fields() {
    agrees_twice!(chosen, 4, [0.3, 1.2, 0.5, 0.8]);
}

#[differentiable(wrt(x))]
fn looked_up(x: &[f64], m: &HashMap<&str, f64>, keys: &[&str]) -> f64 {
    let own = HashMap::from([("c", 0.5)]);
    let known = keys.iter().zip(x).map(|(k, v)| m.get(k).unwrap() * v * v).sum::<f64>();
    known * m.get("a").unwrap() * own.get("c").unwrap_or(&1.0) + x[0] * own["c"]
}

#[test]
fn numbers_are_looked_up_in_maps() {
    let m = HashMap::from([("a", 0.5), ("b", 1.5)]);
    agrees!(looked_up(&m, &["a", "b"]): [0.3, 1.2]);
}

#[differentiable(wrt(x), second_order)]
fn weighted(x: f64, w: &[f64; 2]) -> f64 {
    x * w[0] + w[1]
}
#[differentiable(second_order)]
fn lent(x: &[f64; 2]) -> f64 {
    let weights = [1.0, 2.0];
    let w = &weights;
    weighted(x[0], w).sin() * weighted(x[1], w)
}

#[test]
fn a_reference_to_memory_of_the_function_is_passed_on() {
    agrees_twice!(lent, 2, [0.3, 1.2]);
}

#[differentiable(second_order)]
fn square(square: f64) -> f64 {
    square * square
}
#[differentiable(wrt(total), second_order)]
fn total(factor: f64, total: f64) -> f64 {
    factor * total * total
}
#[differentiable(second_order)]
fn namesakes(x: &[f64; 2]) -> f64 {
    square(x[0]) * total(2.0, x[1])
}

#[test]
fn a_parameter_has_the_name_of_the_function() {
    agrees_twice!(namesakes, 2, [0.3, 1.2]);
    assert_eq!(total::grad(2.0, 3.0), 12.0);
}

mod units {
    pub fn speed(a: f64) -> f64 {
        a + 1.0
    }
    pub const SECONDS: f64 = 2.0;
}
#[differentiable]
fn hidden(speed: f64, k: f64) -> f64 {
    let a = {
        use units::SECONDS;
        SECONDS * speed
    };
    let b = {
        use units::speed;
        speed(2.0)
    };
    #[allow(non_upper_case_globals, reason = "it has the name of a parameter")]
    const k: f64 = 2.0;
    a * b + k
}

#[test]
fn items_of_the_body_hide_parameters() {
    assert_eq!(hidden(1.5, 1.0), 11.0);
    assert_eq!(hidden::grad(1.5, 1.0), (6.0, 0.0));
}

#[differentiable(second_order)]
fn by_its_path(x: core::primitive::f64, y: std::primitive::f64) -> core::primitive::f64 {
    let z: core::primitive::f64 = x.sin();
    z * y
}
#[differentiable(second_order)]
fn paths(x: &[std::primitive::f64; 2]) -> std::primitive::f64 {
    by_its_path(x[0], x[1])
}

#[test]
fn the_type_of_numbers_is_named_by_its_path() {
    agrees_twice!(paths, 2, [0.3, 1.2]);
}

#[differentiable(wrt(x))]
fn by_typed_keys(x: &[f64], m: &HashMap<usize, f64>) -> f64 {
    let mut keys: Vec<&usize> = m.keys().collect();
    keys.sort_unstable();
    let mut s = 0.0;
    for k in keys {
        s += x[*k].sin() * m[k];
    }
    s
}
#[differentiable(wrt(x))]
fn by_keys(x: &[f64], m: &HashMap<usize, f64>) -> f64 {
    let mut keys: Vec<_> = m.keys().collect();
    keys.sort_unstable();
    let mut s = 1.0;
    for k in keys {
        s *= x[*k].sin() * m[k];
    }
    s
}

#[test]
fn references_to_keys_are_sorted() {
    let m = HashMap::from([(0, 1.0), (2, 3.0)]);
    agrees!(by_typed_keys(&m): [0.3, 1.2, 0.4]);
    agrees!(by_keys(&m): [0.3, 1.2, 0.4]);
}

#[derive(Clone, Debug, Default, Differentiable)]
struct Lens {
    radii: Vec<f64>,
    thickness: f64,
    #[differentiable(skip)]
    name: String,
}
impl Lens {
    #[differentiable(wrt(self, r), second_order)]
    fn with_surface(mut self, r: f64) -> Self {
        self.radii.push(r);
        self
    }
    #[differentiable(wrt(self, t), second_order)]
    fn thick(self, t: f64) -> Lens {
        Lens { thickness: t, ..self }
    }
    #[differentiable(wrt(self), second_order)]
    fn power(&self, n: f64) -> f64 {
        let [r1, r2] = self.radii[..] else { return 0.0 };
        (n - 1.0) * (1.0 / r1 - 1.0 / r2 + (n - 1.0) * self.thickness / (n * r1 * r2))
    }
}
#[differentiable(second_order)]
fn built(x: &[f64; 3]) -> f64 {
    let lens = Lens::default().with_surface(x[0]).with_surface(x[1]).thick(x[2]);
    let plain = Lens { name: "plain".to_owned(), ..Lens::default() };
    let other = plain.with_surface(x[1]).with_surface(2.0);
    lens.power(1.5).recip() * other.power(1.4)
}

#[test]
fn a_builder_that_holds_nothing_active_is_used_up() {
    agrees_twice!(built, 3, [0.9, -0.7, 0.2]);
}

struct Wrapper(Vec<f64>);
impl std::ops::Deref for Wrapper {
    type Target = [f64];
    fn deref(&self) -> &[f64] {
        &self.0
    }
}
struct Grid {
    data: Vec<f64>,
    width: usize,
}
impl std::ops::Index<(usize, usize)> for Grid {
    type Output = f64;
    fn index(&self, (i, j): (usize, usize)) -> &f64 {
        &self.data[i * self.width + j]
    }
}
struct Set(Vec<f64>);
impl<'a> IntoIterator for &'a Set {
    type Item = &'a f64;
    type IntoIter = std::slice::Iter<'a, f64>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
type Row = [f64; 2];
#[differentiable(wrt(x))]
fn over_own_sequences(x: &[f64], w: &Wrapper, g: &Grid, s: &Set, row: &Row) -> f64 {
    let mut t = x[0] * w[0] + w.iter().zip(x).map(|(a, b)| a * b * b).sum::<f64>() + w.len() as f64 * x[0];
    for i in 0..2 {
        for j in 0..2 {
            t += g[(i, j)] * x[i] * x[j];
        }
    }
    for v in s {
        t += v * x[1].sin();
    }
    for v in w.iter() {
        t += v * x[1].sin();
    }
    for &v in s {
        t *= v * x[1].exp();
    }
    for (v, y) in row.iter().zip(x) {
        t *= v * y;
    }
    t
}

#[test]
fn inactive_sequences_may_be_of_own_types() {
    let (w, g, s) = (Wrapper(vec![1.0, 2.0]), Grid { data: vec![1.0, 2.0, 3.0, 4.0], width: 2 }, Set(vec![1.0, 0.5]));
    agrees!(over_own_sequences(&w, &g, &s, &[0.5, 1.5]): [0.3, 1.2]);
}

struct Quote {
    volatility: Option<f64>,
    strike: f64,
    at: usize,
}
#[differentiable(wrt(x))]
fn quoted(x: &[f64], quotes: &[Quote]) -> f64 {
    let known = quotes.iter().filter_map(|q| q.volatility.map(|v| (q, v)));
    known
        .map(|(q, v)| {
            let error = x[q.at] * q.strike.ln() + x[1] - v;
            error * error
        })
        .sum()
}

#[test]
fn an_option_holds_a_reference_to_what_is_not_cloned() {
    let quotes = [
        Quote { volatility: Some(0.2), strike: 2.0, at: 0 },
        Quote { volatility: None, strike: 2.0, at: 1 },
        Quote { volatility: Some(0.3), strike: 3.0, at: 1 },
    ];
    agrees!(quoted(&quotes): [0.3, 1.2]);
}

#[test]
fn conditions_take_tuples_of_items_apart() {
    #[differentiable(second_order)]
    fn by_position(x: &[f64; 5]) -> f64 {
        let without: f64 = x.iter().enumerate().filter(|&(i, _)| i != 2).map(|(i, v)| v * v * i as f64).sum();
        let pairs: f64 =
            (0..2).flat_map(|r| (0..3).map(move |k| (r, k))).filter(|&(_, k)| k != 1).map(|(r, k)| x[r + k] * x[r]).sum();
        without * pairs
    }
    #[differentiable(second_order)]
    fn by_value(x: &[f64; 5]) -> f64 {
        let a: f64 = x.iter().copied().enumerate().filter(|&(i, v)| i != 3 && v > 0.4).map(|(i, v)| v.sin() * i as f64).sum();
        let b: f64 = x.iter().zip(&x[1..]).filter(|&(a, b)| a > &0.4 && *b > 0.2).map(|(a, b)| a * b).sum();
        let c: f64 = (0..5)
            .map(|k| (k, x[k] * x[0]))
            .skip_while(|&(k, v)| k != 1 || v < 0.01)
            .take_while(|&(k, _)| k < 4)
            .map(|(k, v)| v * v * k as f64)
            .sum();
        let mut d = 1.0;
        for (i, v) in x.iter().zip([1usize, 2, 3]).map(|(v, k)| (k, v)).filter(|&(k, v)| k != 2 || *v > 3.0) {
            d *= v * i as f64;
        }
        a * b + c * d
    }
    agrees_twice!(by_position, 5, [0.3, 1.2, 0.5, 0.8, 1.7]);
    agrees_twice!(by_value, 5, [0.3, 1.2, 0.5, 0.8, 1.7]);
}

struct Labelled {
    features: BTreeMap<usize, f64>,
    target: f64,
}

#[test]
fn maps_that_patterns_name_are_iterated() {
    #[differentiable(wrt(w), second_order)]
    fn loss(w: &[f64], rows: &[Labelled]) -> f64 {
        let mut total = 0.0;
        for Labelled { features, target } in rows {
            let mut z = 0.0;
            for (i, v) in features {
                z += w[*i] * v;
            }
            total += (z.tanh() - target).powi(2);
        }
        for row in rows {
            let Labelled { features, .. } = row;
            for (i, v) in features {
                total += (w[*i] * v).sin() * w[0];
            }
        }
        total
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let rows = [
            Labelled { features: [(0, 1.0), (2, 0.5)].into(), target: 0.3 },
            Labelled { features: [(1, -1.0)].into_iter().collect(), target: -0.2 },
        ];
        loss(x, &rows)
    }
    agrees_twice!(f, 3, [0.3, 1.2, 0.5]);
}

trait Quadrature {
    fn points(&self) -> Vec<f64>;
    fn names(&self) -> HashMap<usize, String>;
}
struct Uniform(usize);
impl Quadrature for Uniform {
    fn points(&self) -> Vec<f64> {
        (0..self.0).map(|i| i as f64 * 0.3).collect()
    }
    fn names(&self) -> HashMap<usize, String> {
        [(2, "abc".to_owned()), (1, "d".to_owned())].into()
    }
}

#[test]
fn what_a_call_gives_is_iterated_on_the_spot() {
    #[differentiable(wrt(p), second_order)]
    fn integral<G: Quadrature>(grid: &G, p: &[f64; 3]) -> f64 {
        let mut t = grid.points().iter().map(|t| (p[0] * t).sin() * p[1] + p[2] * t * t).sum::<f64>();
        for (a, b) in grid.points().iter().zip(p) {
            t = (t * b).sin() + a * b;
        }
        for pair in grid.points().windows(2) {
            t += (pair[0] * t).sin() * pair[1] * p[0];
        }
        let mut lengths = 0.0;
        for name in grid.names().values() {
            lengths += (p[1] * name.len() as f64).sin();
        }
        t * lengths
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        integral(&Uniform(4), x)
    }
    agrees_twice!(f, 3, [0.3, 1.2, 0.5]);
}

#[test]
fn parts_of_lists_of_indices_have_names() {
    #[differentiable(wrt(x), second_order)]
    fn of_a_parameter(list: &[usize], x: &[f64; 5]) -> f64 {
        let (first, rest) = list.split_first().unwrap();
        let mut y = x[*first];
        for r in rest {
            y = y.sin() + x[*r];
        }
        y
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        let list = vec![2usize, 0, 1];
        let rows = vec![vec![0usize, 1], vec![2]];
        let weights = [0.5, 1.5];
        let whole = &list;
        let tail = &list[1..];
        let typed: &[usize] = &list[..2];
        let inner = &rows[0];
        let factors = &weights[..];
        let (front, _) = list.split_at(2);
        let mut y = of_a_parameter(&list, x);
        for r in whole {
            y = y.sin() + x[*r];
        }
        for r in tail {
            y = (y * x[*r]).sin();
        }
        for &r in tail {
            y = (y * x[r]).cos();
        }
        for r in typed {
            y = y * x[*r] + 0.5;
        }
        for r in inner {
            y = (y + x[*r]).sin();
        }
        for r in front {
            y = y.sin() * x[*r];
        }
        for factor in factors {
            y = y.sin() * *factor + x[0] * factor;
        }
        y
    }
    agrees_twice!(f, 5, [0.3, 1.2, 0.5, 0.8, 1.7]);
}
