//! What calls are lent: fields of one variable, mutable references by their names, parts of one sequence, receivers that change. Against
//! differences, in both modes, and to second order.

#![allow(
    clippy::needless_range_loop,
    clippy::explicit_counter_loop,
    clippy::needless_borrow,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

/// The Hessian against differences of the gradient.
fn second_agrees<const N: usize>(gradient: impl Fn(&[f64; N]) -> [f64; N], hessian: [[f64; N]; N], x: &[f64; N]) {
    for j in 0..N {
        let at = |step: f64| {
            let mut moved = *x;
            moved[j] += step;
            gradient(&moved)
        };
        let h = 1e-3;
        let (near, far) = ([at(h), at(-h)], [at(2.0 * h), at(-2.0 * h)]);
        for i in 0..N {
            let difference = (8.0 * (near[0][i] - near[1][i]) - (far[0][i] - far[1][i])) / (12.0 * h);
            let exact = hessian[i][j];
            assert!(
                (exact - difference).abs() <= 1e-7 * exact.abs().max(1.0),
                "entry {i}, {j} is {exact}, differences give {difference}"
            );
        }
    }
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Body {
    mass: f64,
    speed: [f64; 2],
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Pair {
    one: Body,
    other: Body,
    at: (f64, f64),
}

impl Body {
    #[differentiable(second_order, wrt(self, other))]
    fn pull(&mut self, other: &Body) {
        for i in 0..2 {
            self.speed[i] += other.mass * other.speed[i] * self.mass;
        }
    }

    #[differentiable(second_order, wrt(self, other))]
    fn push(&mut self, other: &mut Body) -> f64 {
        for i in 0..2 {
            other.speed[i] += other.mass * self.speed[i] * self.mass;
        }
        self.mass *= other.speed[1];
        self.mass * other.mass
    }

    #[differentiable(second_order, wrt(self, other))]
    fn absorb(&mut self, other: Body) {
        self.mass += other.mass * other.speed[0];
    }

    #[differentiable(second_order, wrt(self, other))]
    fn dot(&self, other: &Body) -> f64 {
        self.mass * other.mass + self.speed[0] * other.speed[1] * self.mass
    }
}

#[differentiable(second_order)]
fn exchange(a: &mut f64, b: &mut f64) {
    std::mem::swap(a, b);
    *a *= 2.0;
    *b *= a.sin();
}

#[differentiable(second_order)]
fn add_product(to: &mut f64, a: f64, b: f64) {
    *to += a * b;
}

#[differentiable]
fn scale(row: &mut [f64], by: f64) {
    for entry in row.iter_mut() {
        *entry = *entry * by + 1.0;
    }
}

#[differentiable]
fn norm(row: &[f64]) -> f64 {
    row.iter().map(|entry| entry * entry).sum::<f64>().sqrt()
}

#[differentiable]
fn add_scaled(by: f64, from: &[f64], to: &mut [f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += by * from;
    }
}

#[differentiable]
fn butterfly(left: &mut [f64], right: &mut [f64]) {
    for i in 0..left.len() {
        let (a, b) = (left[i], right[i]);
        left[i] = a + b;
        right[i] = (a - b) * a;
    }
}

#[test]
fn two_fields_of_one_variable_are_changed_by_one_call() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut body = Body { mass: x[0], speed: [x[1], x[2]] };
        exchange(&mut body.mass, &mut body.speed[1]);
        let mut pair = (x[2], x[0]);
        exchange(&mut pair.0, &mut pair.1);
        body.mass * body.speed[1] * pair.0 + pair.1
    }
    agrees!(f, 3, [0.7, 1.4, 0.2], [-0.3, 0.8, 1.1]);
    second_agrees(f::grad, f::hessian(&[0.7, 1.4, 0.2]), &[0.7, 1.4, 0.2]);
}

#[test]
fn second_derivatives_flow_through_what_a_call_changes() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut sum = x[0];
        add_product(&mut sum, x[1], x[2]);
        add_product(&mut sum, x[0], x[1]);
        sum * sum
    }
    agrees!(f, 3, [0.7, 1.4, 0.2]);
    second_agrees(f::grad, f::hessian(&[0.7, 1.4, 0.2]), &[0.7, 1.4, 0.2]);
}

#[test]
fn a_receiver_and_an_argument_are_fields_of_one_variable() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let one = Body { mass: x[0], speed: [x[1], x[2]] };
        let other = Body { mass: x[2], speed: [x[0], x[0]] };
        let mut pair = Pair { one, other, at: (x[0], x[1]) };
        pair.one.pull(&pair.other);
        let pushed = pair.other.push(&mut pair.one);
        pair.one.absorb(pair.other);
        exchange(&mut pair.at.0, &mut pair.at.1);
        let (between, own) = (pair.one.dot(&pair.other), pair.one.dot(&pair.one));
        pushed * between + own * pair.at.0 + pair.at.1
    }
    agrees!(f, 3, [0.7, 1.4, 0.2]);
    second_agrees(f::grad, f::hessian(&[0.7, 1.4, 0.2]), &[0.7, 1.4, 0.2]);
}

#[test]
fn mutable_references_are_passed_on_by_their_names() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut rows = [[x[0], x[1]], [x[2], x[0]]];
        for row in rows.iter_mut() {
            scale(row, x[1]);
        }
        for row in &mut rows {
            let length = norm(row);
            for entry in row.iter_mut() {
                *entry /= length;
            }
        }
        let mut flat = x.to_vec();
        for part in flat.chunks_mut(2) {
            scale(part, x[0]);
            part[0] *= 2.0;
        }
        let tail = &mut flat[1..];
        scale(tail, x[2]);
        tail[0] += 1.0;
        if let Some(last) = flat.last_mut() {
            exchange(last, &mut rows[0][0]);
        }
        rows[0][0] * rows[1][1] + flat.iter().sum::<f64>()
    }
    agrees!(f, 3, [0.7, 1.4, 0.2], [1.1, -0.3, 0.6]);
}

#[test]
fn what_begins_without_a_derivative_gets_one_through_a_reference_to_it() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut sum = 0.5;
        let to = &mut sum;
        add_product(to, x[0], 2.0);
        add_product(to, x[1], x[2]);
        let mut entries = [0.0; 2];
        for (entry, x) in entries.iter_mut().zip(x) {
            add_product(entry, *x, *x)
        }
        sum * entries[0] * entries[1]
    }
    agrees!(f, 3, [0.7, 1.4, 0.2]);
}

#[differentiable]
fn advance(state: &mut [f64; 2], by: f64) -> f64 {
    let before = norm(&state[..]);
    scale(state, by);
    let after = norm(state);
    state[0] * before + after
}

#[differentiable]
fn twice(state: &mut [f64; 2], by: f64) -> f64 {
    let first = advance(state, by);
    let second = advance(state, first);
    first * second
}

#[test]
fn a_parameter_is_passed_on_to_what_reads_it_and_to_what_changes_it() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut state = [x[0], x[1]];
        let first = twice(&mut state, x[2]);
        first * state[0] + state[1]
    }
    agrees!(f, 3, [0.7, 1.4, 0.2]);
}

#[test]
fn both_parts_of_a_split_sequence_are_passed_to_one_call() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut v = *x;
        let (left, right) = v.split_at_mut(2);
        add_scaled(x[0], left, right);
        butterfly(left, right);
        add_scaled(2.0, right, left);
        butterfly(&mut left[..1], &mut right[1..]);
        exchange(&mut left[0], &mut right[0]);
        if let [first, .., last] = &mut v[..] {
            exchange(first, last);
        }
        v[0] * v[1] + v[2] * v[3]
    }
    agrees!(f, 4, [0.7, 1.4, 0.2, 0.9]);
}

#[test]
fn an_element_is_changed_by_the_elements_before_and_after_it() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut bodies = [
            Body { mass: x[0], speed: [x[1], x[2]] },
            Body { mass: x[3], speed: [x[0], x[0]] },
            Body { mass: x[1], speed: [x[2], x[0]] },
        ];
        for i in 0..3 {
            let (before, rest) = bodies.split_at_mut(i);
            let Some((this, after)) = rest.split_first_mut() else { break };
            for other in before.iter().chain(after.iter()) {
                this.pull(other);
            }
        }
        bodies.iter().map(|body| body.speed[0] * body.speed[1]).sum()
    }
    agrees!(f, 4, [0.7, 1.4, 0.2, 0.9]);
}

#[derive(Clone)]
struct Noise(u64);

impl Noise {
    #[differentiable(wrt(x))]
    fn applied(&mut self, x: f64) -> f64 {
        self.0 = self.0 * 25 % 97;
        x * x * (self.0 as f64 / 97.0)
    }
}

#[differentiable(wrt(x))]
fn noisy(noise: &mut Noise, x: f64) -> f64 {
    noise.applied(x) * 2.0
}

#[test]
fn a_receiver_without_a_derivative_changes() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut noise = Noise(7);
        let mut sum = 0.0;
        for x in x {
            sum += noise.applied(*x);
        }
        sum * noise.applied(sum) + noisy(&mut noise, x[0])
    }
    agrees!(f, 3, [0.7, 1.4, 0.2]);
}

fn next(counter: &std::cell::Cell<usize>) -> usize {
    counter.set(counter.get() + 1);
    counter.get() - 1
}

#[test]
fn an_index_with_an_effect_is_evaluated_once() {
    #[differentiable]
    fn read(x: &[f64; 3]) -> f64 {
        let mut k = 0;
        let product = x[{
            k += 1;
            k
        }]
        .sin();
        let counter = std::cell::Cell::new(0);
        let rows = [[x[0], x[1]], [x[1], x[2]]];
        let scaled = |t: f64| t * x[next(&counter) % 3].exp();
        let sum = scaled(x[0]) + scaled(x[1]);
        let row: f64 = rows[next(&counter) % 2].iter().map(|v| v * x[next(&counter) % 3].abs()).sum();
        let reference = &rows[next(&counter) % 2];
        let head: f64 = x[..1 + next(&counter) % 3].iter().sum();
        let tail = x[next(&counter) % 2..][0].sigmoid();
        product * sum + row * reference[next(&counter) % 2].max(0.1) + head * tail + counter.get() as f64
    }
    #[differentiable]
    fn written(x: &[f64; 3]) -> f64 {
        let counter = std::cell::Cell::new(0);
        let mut v = [0.0; 6];
        v[next(&counter)] = x[0];
        v[next(&counter)] = x[1] * 2.0;
        v[next(&counter)] += x[2] + x[next(&counter) - 2];
        v[next(&counter)] = v[0] * v[1];
        v[next(&counter) - 1] *= x[1];
        assert!(v[next(&counter) - 5] > 0.0);
        v.iter().sum::<f64>() * counter.get() as f64
    }
    agrees!(read, 3, [0.7, 1.2, 0.4]);
    agrees!(written, 3, [0.7, 1.2, 0.4]);
}

trait Law {
    fn factor(&self) -> f64;
}

struct Doubles;

impl Law for Doubles {
    fn factor(&self) -> f64 {
        2.0
    }
}

struct Settings {
    factor: f64,
    rounds: Vec<usize>,
}

#[differentiable(wrt(x))]
fn by_law(x: f64, law: &dyn Law) -> f64 {
    x * x * law.factor()
}

#[differentiable(wrt(x))]
fn by_settings(x: f64, settings: &Settings) -> f64 {
    x * x * settings.factor + settings.rounds.len() as f64
}

#[differentiable(wrt(x))]
fn by_both(x: &[f64; 3], settings: &Settings, law: &dyn Law) -> f64 {
    by_settings(x[0], settings) + by_settings(x[1], &settings) * by_law(x[2], law)
}

#[test]
fn references_without_a_derivative_are_passed_on() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let settings = Settings { factor: 2.0, rounds: vec![1] };
        let law = Doubles;
        let temporary = by_settings(x[0], &Settings { factor: 3.0, rounds: Vec::new() });
        by_both(x, &settings, &law) * temporary
    }
    agrees!(f, 3, [0.7, 1.4, 0.2]);
}

/// Works in a buffer, which is no input.
#[differentiable(second_order, wrt(x))]
fn in_a_buffer(buffer: &mut [f64], x: f64, n: usize) -> f64 {
    for i in 0..n {
        buffer[i] = 1.0 + i as f64;
    }
    let mut sum = 0.0;
    for i in 0..n {
        sum += buffer[i] * x.powi(i as i32 + 1);
    }
    sum
}

#[test]
fn a_function_works_in_a_buffer_outside_of_its_wrt() {
    #[differentiable(second_order)]
    fn in_a_row(x: &[f64; 2]) -> f64 {
        let mut buffer = vec![0.0; 4];
        let first = in_a_buffer(&mut buffer, x[0], 3);
        let second = in_a_buffer(&mut buffer, x[1] * x[0], 4);
        first * second + buffer[3] * x[1]
    }
    #[differentiable(second_order)]
    fn in_a_loop(x: &[f64; 2]) -> f64 {
        let mut buffer = [0.0; 4];
        let mut value = x[0];
        for i in 0..3 {
            value = value * 0.5 + in_a_buffer(&mut buffer, value.sin(), i + 1) * x[1];
            value += buffer[0] * x[0];
        }
        value
    }
    agrees_twice!(in_a_row, 2, [0.7, 0.4], [-0.3, 1.2]);
    agrees_twice!(in_a_loop, 2, [0.7, 0.4], [-0.3, 1.2]);
}

/// Leaves what depends on `x` in the buffer.
#[differentiable(second_order)]
fn leaves_products(buffer: &mut [f64], x: f64) -> f64 {
    let mut sum = 0.0;
    for (i, value) in buffer.iter_mut().enumerate() {
        *value = *value * x + i as f64;
        sum += *value * x;
    }
    sum
}

#[test]
fn a_buffer_that_is_differentiated_carries_what_is_left_in_it() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut buffer = vec![0.5; 4];
        let mut value = x[0];
        for _ in 0..2 {
            value += leaves_products(&mut buffer, value * x[1]);
        }
        value * buffer[1]
    }
    agrees_twice!(f, 2, [0.3, 0.5], [0.7, -0.4]);
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Delays {
    first: f64,
    second: f64,
}

#[derive(Clone, Debug, Differentiable)]
struct Filter {
    forward: Vec<f64>,
    back: [f64; 2],
    #[differentiable(skip)]
    order: usize,
}

impl Filter {
    #[differentiable(wrt(forward, back), associated, second_order)]
    fn new(forward: Vec<f64>, back: [f64; 2], order: usize) -> Filter {
        assert_eq!(forward.len(), order + 1, "the order is not that of the coefficients");
        Filter { forward, back, order }
    }

    #[differentiable(wrt(self, state, x), second_order)]
    fn tick(&self, state: &mut Delays, count: &mut usize, x: f64) -> f64 {
        *count += self.order * 2;
        let y = self.forward[0] * x + state.first;
        state.first = self.forward[1] * x - self.back[0] * y + state.second;
        state.second = self.forward[2] * x - self.back[1] * y;
        y
    }
}

#[test]
fn a_method_of_what_is_active_stores_in_what_it_is_lent() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let filter = Filter::new(vec![x[0], x[1], 0.2], [x[2], x[3]], 2);
        let mut state = Delays { first: 0.0, second: 0.0 };
        let (mut energy, mut count) = (0.0, 0);
        for n in 0..6 {
            let y = filter.tick(&mut state, &mut count, if n == 0 { 1.0 } else { 0.0 });
            energy += y * y;
        }
        energy
    }
    agrees_twice!(f, 4, [0.3, 0.7, -0.4, 0.2]);
}

/// Borrows, and goes by value.
#[derive(Clone, Copy)]
struct Rows<'a> {
    numbers: &'a [f64],
    width: usize,
}

impl<'a> Rows<'a> {
    fn row(&self, at: usize) -> &'a [f64] {
        &self.numbers[at * self.width..(at + 1) * self.width]
    }
}

#[differentiable(wrt(x), second_order)]
fn of_rows(x: &[f64], rows: Rows<'_>) -> f64 {
    let mut s = x[0];
    for i in 0..2 {
        s += rows.row(i).iter().zip(x).map(|(a, x)| a * x).sum::<f64>().powi(2) * s.sin();
    }
    let Rows { numbers, width } = rows;
    for (a, x) in numbers.iter().zip(x) {
        s = (a * x * s).sin() * width as f64;
    }
    s
}

#[test]
fn parameters_by_value_may_borrow_what_the_way_back_needs() {
    #[differentiable(wrt(x))]
    fn of_one_lifetime<'a>(x: &[f64], rows: Rows<'a>, names: [&'a str; 2]) -> f64 {
        let first: &'a [f64] = rows.row(0);
        first.iter().zip(x).map(|(a, x)| (a * x).sin()).sum::<f64>().powi(2) * names[1].len() as f64
    }
    #[differentiable(wrt(x))]
    fn of_a_list(x: &[f64], lists: Vec<&[f64]>, named: &[(f64, &str)]) -> f64 {
        let mut s = x[0];
        for list in &lists {
            for (a, x) in list.iter().zip(x) {
                s += (a * x * s).sin();
            }
        }
        for (weight, name) in named {
            s *= weight * s * name.len() as f64;
        }
        s
    }
    #[differentiable(wrt(x))]
    fn calling(x: &[f64], rows: Rows<'_>) -> f64 {
        of_rows(x, rows).sin() * of_rows(x, Rows { width: 1, ..rows }) * x[1]
    }
    let rows = Rows { numbers: &[0.5, 2.0, -1.0, 0.7], width: 2 };
    agrees!(of_rows(rows): [0.3, 0.7]);
    agrees!(of_one_lifetime(rows, ["a", "bc"]): [0.3, 0.7]);
    agrees!(of_a_list(vec![&[0.5, 2.0], &[], &[-1.0, 0.7]], &[(0.5, "a"), (1.5, "bc")]): [0.3, 0.7]);
    agrees!(calling(rows): [0.3, 0.7]);
}

#[derive(Clone, Debug, Differentiable)]
struct Ema {
    k: f64,
    s: f64,
}

impl Ema {
    fn new(k: f64) -> Self {
        Self { k, s: 0.0 }
    }
    #[differentiable(wrt(self, x))]
    fn update(&mut self, x: f64) -> f64 {
        self.s = self.k * self.s + (1.0 - self.k) * x * x;
        self.s
    }
}

#[derive(Clone, Debug)]
struct Gate {
    level: f64,
}

impl Gate {
    fn new(level: f64) -> Self {
        Self { level }
    }
    fn accept(&mut self, x: f64) -> bool {
        self.level *= 0.9;
        x > self.level
    }
}

fn passes(gate: &mut Gate, x: f64) -> bool {
    gate.accept(x)
}

#[test]
fn a_state_made_of_floats_gives_values() {
    #[differentiable]
    fn bound(x: &[f64]) -> f64 {
        let mut e = Ema::new(0.9);
        let mut t = 0.0;
        for v in x {
            let y = e.update(*v);
            t += y * y;
        }
        t
    }
    #[differentiable]
    fn added(x: &[f64]) -> f64 {
        let mut e = Ema::new(0.9);
        let mut t = 1.0;
        for v in x {
            t += t * e.update(*v);
        }
        t = e.update(t) * 2.0;
        t * e.update(x[0])
    }
    #[differentiable]
    fn last(x: &[f64]) -> f64 {
        let mut e = Ema::new(0.9);
        e.update(x[0]);
        e.update(x[1])
    }
    #[differentiable]
    fn gated(x: &[f64]) -> f64 {
        let mut gate = Gate::new(0.9);
        let mut t = 0.0;
        for v in x {
            if gate.accept(*v * x[0]) {
                t += v * v;
            }
        }
        t
    }
    // a function by `&mut` gives a truth value
    #[differentiable]
    fn asked(x: &[f64]) -> f64 {
        let mut gate = Gate::new(0.9);
        let mut e = Ema::new(0.5);
        let mut t = 0.0;
        for v in x {
            if passes(&mut gate, *v) {
                t += v * v;
            }
            if e.update(*v) > 0.3 {
                t *= 1.5;
            }
        }
        t
    }
    agrees!(asked: [0.7, 1.3, 0.4]);
    agrees!(bound: [0.7, 1.3, 0.4]);
    agrees!(added: [0.7, 1.3, 0.4]);
    agrees!(last: [0.7, 1.3, 0.4]);
    agrees!(gated: [0.7, 1.3, 0.4]);
}
