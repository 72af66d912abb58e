//! The negative log likelihood of a sequence under two layers of memory cells, as in gradbench's `lstm`.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

/// The bits of a character, and the units of a layer.
const B: usize = 14;
const LAYERS: usize = 2;

/// The four gates of a layer: a factor and an offset for each unit.
#[derive(Clone, Debug, Differentiable)]
pub struct Layer {
    weight: [[f64; B]; 4],
    bias: [[f64; B]; 4],
}

#[derive(Clone, Debug, Differentiable)]
pub struct Params {
    layers: [Layer; LAYERS],
    input: [f64; B],
    output: [f64; B],
    offset: [f64; B],
}

twins! {
    (wrt(layer, hidden, state, input)) {
        pub fn cell(layer: &Layer, hidden: &mut [f64; B], state: &mut [f64; B], input: &[f64; B]) {
            for i in 0..B {
                let forget = (input[i] * layer.weight[0][i] + layer.bias[0][i]).sigmoid();
                let ingate = (hidden[i] * layer.weight[1][i] + layer.bias[1][i]).sigmoid();
                let outgate = (input[i] * layer.weight[2][i] + layer.bias[2][i]).sigmoid();
                let change = (hidden[i] * layer.weight[3][i] + layer.bias[3][i]).tanh();
                state[i] = state[i] * forget + ingate * change;
                hidden[i] = outgate * state[i].tanh();
            }
        }
    }
    (wrt(p)) {
        pub fn likelihood(p: &Params, sequence: &[[f64; B]]) -> f64 {
            let mut hidden = [[0.0; B]; LAYERS];
            let mut state = [[0.0; B]; LAYERS];
            let mut total = 0.0;
            for t in 0..sequence.len() - 1 {
                let mut x = [0.0; B];
                for i in 0..B {
                    x[i] = sequence[t][i] * p.input[i];
                }
                for layer in 0..LAYERS {
                    cell(&p.layers[layer], &mut hidden[layer], &mut state[layer], &x);
                    x = hidden[layer];
                }
                let mut prediction = [0.0; B];
                for i in 0..B {
                    prediction[i] = x[i] * p.output[i] + p.offset[i];
                }
                let norm = (prediction.iter().map(|v| v.exp()).sum::<f64>() + 2.0).ln();
                for i in 0..B {
                    total += sequence[t + 1][i] * (prediction[i] - norm);
                }
            }
            -total / ((sequence.len() - 1) * B) as f64
        }
    }
}

/// What a cell keeps of a step.
#[derive(Clone, Copy)]
struct Kept {
    input: [f64; B],
    hidden: [f64; B],
    state: [f64; B],
    forget: [f64; B],
    ingate: [f64; B],
    outgate: [f64; B],
    change: [f64; B],
    squashed: [f64; B],
}

/// A step of a layer, gate by gate; leaves what it computes in `kept`, whose input is given.
fn step(layer: &Layer, hidden: &mut [f64; B], state: &mut [f64; B], kept: &mut Kept) {
    (kept.hidden, kept.state) = (*hidden, *state);
    let sigmoid = |x: f64| {
        let e = (-x.abs()).exp();
        (if x >= 0.0 { 1.0 } else { e }) / (1.0 + e)
    };
    let gate = |g: usize, x: &[f64; B]| -> [f64; B] { std::array::from_fn(|i| x[i] * layer.weight[g][i] + layer.bias[g][i]) };
    kept.forget = gate(0, &kept.input).map(sigmoid);
    kept.ingate = gate(1, hidden).map(sigmoid);
    kept.outgate = gate(2, &kept.input).map(sigmoid);
    kept.change = gate(3, hidden).map(f64::tanh);
    for i in 0..B {
        state[i] = state[i] * kept.forget[i] + kept.ingate[i] * kept.change[i];
    }
    kept.squashed = state.map(f64::tanh);
    for i in 0..B {
        hidden[i] = kept.outgate[i] * kept.squashed[i];
    }
}

/// The reverse of a step: cotangents of the new hidden units and state become those of the old ones and of the input.
fn back(layer: &Layer, d_layer: &mut Layer, kept: &Kept, dh: &mut [f64; B], ds: &mut [f64; B], dx: &mut [f64; B]) {
    for i in 0..B {
        let (f, n, o, c, q) = (kept.forget[i], kept.ingate[i], kept.outgate[i], kept.change[i], kept.squashed[i]);
        let d_state = ds[i] + dh[i] * o * ((1.0 - q) * (1.0 + q));
        let d_out = dh[i] * q * (o * (1.0 - o));
        let d_forget = d_state * kept.state[i] * (f * (1.0 - f));
        let d_in = d_state * c * (n * (1.0 - n));
        let d_change = d_state * n * ((1.0 - c) * (1.0 + c));
        ds[i] = d_state * f;
        d_layer.weight[0][i] += d_forget * kept.input[i];
        d_layer.weight[1][i] += d_in * kept.hidden[i];
        d_layer.weight[2][i] += d_out * kept.input[i];
        d_layer.weight[3][i] += d_change * kept.hidden[i];
        d_layer.bias[0][i] += d_forget;
        d_layer.bias[1][i] += d_in;
        d_layer.bias[2][i] += d_out;
        d_layer.bias[3][i] += d_change;
        dx[i] = d_forget * layer.weight[0][i] + d_out * layer.weight[2][i];
        dh[i] = d_in * layer.weight[1][i] + d_change * layer.weight[3][i];
    }
}

fn by_hand(p: &Params, sequence: &[[f64; B]]) -> (f64, Params) {
    let zero = Kept {
        input: [0.0; B],
        hidden: [0.0; B],
        state: [0.0; B],
        forget: [0.0; B],
        ingate: [0.0; B],
        outgate: [0.0; B],
        change: [0.0; B],
        squashed: [0.0; B],
    };
    let steps = sequence.len() - 1;
    let mut kept = Vec::with_capacity(steps);
    let mut shares = Vec::with_capacity(steps);
    let mut hidden = [[0.0; B]; LAYERS];
    let mut state = [[0.0; B]; LAYERS];
    let mut total = 0.0;
    for t in 0..steps {
        let mut step_kept = [zero; LAYERS];
        let mut x: [f64; B] = std::array::from_fn(|i| sequence[t][i] * p.input[i]);
        for layer in 0..LAYERS {
            step_kept[layer].input = x;
            step(&p.layers[layer], &mut hidden[layer], &mut state[layer], &mut step_kept[layer]);
            x = hidden[layer];
        }
        kept.push(step_kept);
        let prediction: [f64; B] = std::array::from_fn(|i| x[i] * p.output[i] + p.offset[i]);
        let exponentials = prediction.map(f64::exp);
        let sum = exponentials.iter().sum::<f64>() + 2.0;
        let norm = sum.ln();
        for i in 0..B {
            total += sequence[t + 1][i] * (prediction[i] - norm);
        }
        let inverse = 1.0 / sum;
        shares.push(exponentials.map(|e| e * inverse));
    }
    let seed = -1.0 / (steps * B) as f64;
    let mut d = p.zeros_like();
    let mut dh = [[0.0; B]; LAYERS];
    let mut ds = [[0.0; B]; LAYERS];
    for t in (0..steps).rev() {
        let expected = &sequence[t + 1];
        let norm: f64 = expected.iter().sum();
        let last = &kept[t][LAYERS - 1];
        let mut dx = [0.0; B];
        for i in 0..B {
            let g = seed * (expected[i] - norm * shares[t][i]);
            d.output[i] += g * (last.outgate[i] * last.squashed[i]);
            d.offset[i] += g;
            dx[i] = g * p.output[i];
        }
        for layer in (0..LAYERS).rev() {
            for i in 0..B {
                dh[layer][i] += dx[i];
            }
            back(&p.layers[layer], &mut d.layers[layer], &kept[t][layer], &mut dh[layer], &mut ds[layer], &mut dx);
        }
        for i in 0..B {
            d.input[i] += dx[i] * sequence[t][i];
        }
    }
    (total / -((steps * B) as f64), d)
}

fn general<T: Scalar>(p: &[T], sequence: &[[f64; B]]) -> T {
    let (layers, rest) = p.split_at(LAYERS * 8 * B);
    let mut hidden = [[T::from(0.0); B]; LAYERS];
    let mut state = [[T::from(0.0); B]; LAYERS];
    let mut total = T::from(0.0);
    for t in 0..sequence.len() - 1 {
        let mut x: [T; B] = std::array::from_fn(|i| T::from(sequence[t][i]) * rest[i]);
        for layer in 0..LAYERS {
            let (weight, bias) = layers[layer * 8 * B..][..8 * B].split_at(4 * B);
            let (hidden, state) = (&mut hidden[layer], &mut state[layer]);
            for i in 0..B {
                let gate = |g: usize, x: T| x * weight[g * B + i] + bias[g * B + i];
                let (forget, ingate) = (gate(0, x[i]).sigmoid(), gate(1, hidden[i]).sigmoid());
                let (outgate, change) = (gate(2, x[i]).sigmoid(), gate(3, hidden[i]).tanh());
                state[i] = state[i] * forget + ingate * change;
                hidden[i] = outgate * state[i].tanh();
            }
            x = *hidden;
        }
        let prediction: [T; B] = std::array::from_fn(|i| x[i] * rest[B + i] + rest[2 * B + i]);
        let norm = (T::sum(prediction.iter().map(|v| v.exp())) + T::from(2.0)).ln();
        for i in 0..B {
            total += T::from(sequence[t + 1][i]) * (prediction[i] - norm);
        }
    }
    -total / T::from(((sequence.len() - 1) * B) as f64)
}

pub struct Data {
    p: Params,
    flat: Vec<f64>,
    sequence: Vec<[f64; B]>,
}

#[inline(never)]
fn hand(d: &Data) -> (f64, Params) {
    by_hand(&d.p, &d.sequence)
}

#[inline(never)]
fn generated(d: &Data) -> (f64, Params) {
    exact::likelihood::value_and_grad(&d.p, &d.sequence)
}

pub fn problem(length: usize) -> Problem<Data> {
    let mut random = Random::new(10);
    let mut layer = || Layer { weight: std::array::from_fn(|_| random.array()), bias: std::array::from_fn(|_| random.array()) };
    let layers = [layer(), layer()];
    let p = Params { layers, input: random.array(), output: random.array(), offset: random.array() };
    let mut flat = Vec::new();
    Params::leaves([], [&p], &mut |[], [leaf]| flat.extend_from_slice(leaf));
    let sequence = (0..length).map(|_| random.array().map(|v: f64| if v > 0.0 { 1.0 } else { 0.0 })).collect();
    Problem::new("LSTM", format!("l = {LAYERS}, c = {length}"), length, Data { p, flat, sequence })
        .with(Role::Primal, |d| exact::likelihood(&d.p, &d.sequence))
        .with(Role::Hand, hand)
        .with(Role::ValueAndGrad, generated)
        .with(Role::Grad, |d| exact::likelihood::grad(&d.p, &d.sequence))
        .adding(Role::Vjp, |d| d.p.zeros_like(), |d, g| exact::likelihood::vjp(&d.p, &d.sequence, 1.0, g))
        .with(Role::Relaxed, |d| relaxed::likelihood::value_and_grad(&d.p, &d.sequence))
        .adding(Role::RelaxedVjp, |d| d.p.zeros_like(), |d, g| relaxed::likelihood::vjp(&d.p, &d.sequence, 1.0, g))
        .with(Role::Echidna, |d| others::echidna(&d.flat, |p| general(p, &d.sequence)))
}
