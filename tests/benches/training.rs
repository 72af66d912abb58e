//! What training costs beside its gradients: `cargo bench -p differentiable-tests --bench training`.
//!
//! The first table compares an epoch of the trainer with a loop written by hand: the same gradients in the same order, and the same update of one
//! vector for each batch. The second compares a step of each optimizer, on a million parameters, with a loop that reads and writes
//! as many numbers and does nothing else with them, and with what no step can do without: a pass over the gradient, which says whether
//! it is finite before anything is changed, and that loop with a root and a quotient for each parameter where the rule has them. All are taken in turns,
//! and the figures are medians of the ratios.

use std::hint::black_box;
use std::time::Instant;

use differentiable::optimize::{Optimizer, Rule};
use differentiable::prelude::*;
use differentiable::train::Permutation;

fn main() {
    println!("| an epoch of 1024 samples | by hand | trainer ÷ by hand |");
    println!("| --- | --- | --- |");
    logistic();
    network();
    println!();
    println!(
        "| a step on 10⁶ parameters | numbers read and written, each | memory alone | step ÷ memory alone | step ÷ what it cannot do without |"
    );
    println!("| --- | --- | --- | --- | --- |");
    let rate = 1e-3;
    step::<_, 0>("Sgd", Sgd::new(rate), false);
    step::<_, 1>("Momentum", Momentum::new(rate), false);
    step::<_, 1>(
        "Momentum, Nesterov, L2",
        Momentum { nesterov: true, weight_decay: Decay::L2(1e-4), ..Momentum::new(rate) },
        false,
    );
    step::<_, 1>("AdaGrad", AdaGrad::new(rate), true);
    step::<_, 1>("RmsProp", RmsProp::new(rate), true);
    step::<_, 3>("RmsProp, centered, momentum", RmsProp { centered: true, momentum: 0.9, ..RmsProp::new(rate) }, true);
    step::<_, 2>("Adam", Adam::new(rate), true);
    step::<_, 2>("Adam, decoupled decay", Adam { weight_decay: Decay::Decoupled(1e-2), ..Adam::new(rate) }, true);
    step::<_, 3>("Adam, amsgrad", Adam { amsgrad: true, ..Adam::new(rate) }, true);
}

/// The median time of the first, and of the ratio of the second to it, taken in turns.
fn compare(rounds: usize, mut first: impl FnMut(), mut second: impl FnMut()) -> (f64, f64) {
    let time = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    let mut rows: Vec<(f64, f64)> = (0..rounds)
        .map(|_| {
            let once = time(&mut first);
            (once, time(&mut second) / once)
        })
        .collect();
    let mut median = |of: fn(&(f64, f64)) -> f64| {
        rows.sort_by(|a, b| of(a).total_cmp(&of(b)));
        of(&rows[rows.len() / 2])
    };
    (median(|row| row.0), median(|row| row.1))
}

/// Numbers of no pattern between −1 and 1.
fn noise(index: usize) -> f64 {
    ((index as f64 * 12.9898).sin() * 43758.5453).fract()
}

/// Trains with a rule for a few epochs, by the trainer and by hand.
fn epochs<P, S>(what: &str, params: &P, samples: &[S], vjp: impl Fn(&P, &S, f64, &mut P) -> f64 + Copy)
where
    P: Differentiable<Scalar = f64>,
{
    const EPOCHS: usize = 20;
    for (order, shuffle) in [("", Shuffle::Never), (", shuffled", Shuffle::EachEpoch { seed: 7 })] {
        for size in [1, 16, 64] {
            let rule = Adam::new(1e-4);
            let by_hand = || {
                let mut params = black_box(params.clone());
                let mut optimizer = rule.start(&params).expect("the rule is right");
                let mut gradient = params.zeros_like();
                let orders: Vec<Vec<usize>> = (0..EPOCHS).map(|epoch| order_of(shuffle, samples.len(), epoch)).collect();
                for order in orders {
                    for batch in order.chunks(size) {
                        P::leaves([&mut gradient], [], &mut |[slice], []: [&[f64]; 0]| slice.fill(0.0));
                        let seed = 1.0 / batch.len() as f64;
                        let mut total = 0.0;
                        for &sample in batch {
                            total += vjp(&params, &samples[sample], seed, &mut gradient);
                        }
                        black_box(total);
                        optimizer.step(&mut params, &gradient).expect("the gradient is finite");
                    }
                }
                black_box(&params);
            };
            let trainer = || {
                let mut params = black_box(params.clone());
                let trainer = Trainer::new(rule).epochs(EPOCHS).batch(Batch::Mini(size)).shuffle(shuffle);
                black_box(trainer.fit(&mut params, samples, vjp).expect("the loss is finite"));
                black_box(&params);
            };
            let (time, ratio) = compare(41, by_hand, trainer);
            println!("| {what}, batches of {size}{order} | {:.1} µs | {ratio:.3} |", 1e6 * time / EPOCHS as f64);
        }
    }
}

fn order_of(shuffle: Shuffle, count: usize, epoch: usize) -> Vec<usize> {
    match shuffle {
        Shuffle::Never => (0..count).collect(),
        Shuffle::EachEpoch { seed } => {
            let permutation = Permutation::new(count, seed + epoch as u64);
            (0..count).map(|index| permutation.at(index)).collect()
        }
    }
}

fn logistic() {
    #[differentiable(wrt(w))]
    fn loss(w: &[f64; 16], s: &([f64; 16], f64)) -> f64 {
        let z: f64 = w.iter().zip(&s.0).map(|(w, x)| w * x).sum();
        (1.0 + (-s.1 * z).exp()).ln()
    }
    let samples: Vec<([f64; 16], f64)> =
        (0..1024).map(|i| (std::array::from_fn(|j| noise(16 * i + j)), noise(i).signum())).collect();
    epochs("logistic regression, 16 parameters", &[0.1; 16], &samples, loss::vjp);
}

#[derive(Clone, Differentiable)]
struct Network {
    hidden: [[f64; 4]; 8],
    bias: [f64; 8],
    output: [[f64; 8]; 3],
    offset: [f64; 3],
}

fn network() {
    #[differentiable(wrt(p))]
    fn loss(p: &Network, s: &([f64; 4], usize)) -> f64 {
        let mut hidden = [0.0; 8];
        for i in 0..8 {
            let mut z = p.bias[i];
            for j in 0..4 {
                z += p.hidden[i][j] * s.0[j];
            }
            hidden[i] = z.tanh();
        }
        let mut scores = [0.0; 3];
        for i in 0..3 {
            scores[i] = p.offset[i];
            for j in 0..8 {
                scores[i] += p.output[i][j] * hidden[j];
            }
        }
        logsumexp(&scores) - scores[s.1]
    }
    let network = Network {
        hidden: std::array::from_fn(|i| std::array::from_fn(|j| noise(4 * i + j))),
        bias: [0.0; 8],
        output: std::array::from_fn(|i| std::array::from_fn(|j| noise(100 + 8 * i + j))),
        offset: [0.0; 3],
    };
    let samples: Vec<([f64; 4], usize)> = (0..1024).map(|i| (std::array::from_fn(|j| noise(4 * i + j)), i % 3)).collect();
    epochs("network 4-8-3, 67 parameters", &network, &samples, loss::vjp);
}

/// A step of an optimizer whose state has so many numbers for each parameter, and which divides by a root or does not.
fn step<R: Rule<Scalar = f64>, const STATE: usize>(name: &str, rule: R, divides: bool) {
    const COUNT: usize = 1_000_000;
    let mut params: Vec<f64> = (0..COUNT).map(noise).collect();
    let gradient: Vec<f64> = (0..COUNT).map(|i| noise(i + COUNT)).collect();
    let mut optimizer: Optimizer<R, Vec<f64>> = rule.start(&params).expect("the rule is right");
    let mut copy = params.clone();
    let mut state = vec![vec![0.0; COUNT]; STATE];
    let mut step = || {
        optimizer.step(&mut params, &gradient).expect("the gradient is finite");
        black_box(&params);
    };
    let memory = || {
        add(&mut copy, &mut state, &gradient, |_, g| g);
        black_box((&copy, &state));
    };
    let (time, to_memory) = compare(31, memory, &mut step);
    let least = || {
        black_box(gradient.iter().fold(true, |all, g| all & g.is_finite()));
        if divides {
            add(&mut copy, &mut state, &gradient, |x, g| g / x.abs().sqrt());
        } else {
            add(&mut copy, &mut state, &gradient, |_, g| g);
        }
        black_box((&copy, &state));
    };
    let (_, to_least) = compare(31, least, step);
    println!("| {name} | {} | {:.2} ms | {to_memory:.2} | {to_least:.2} |", 2 * STATE + 3, 1e3 * time);
}

/// Adds a gradient to vectors, and to the first of them what else is made of it and the last one.
fn add(params: &mut [f64], state: &mut [Vec<f64>], gradient: &[f64], moved: impl Fn(f64, f64) -> f64) {
    match state {
        [] => params.iter_mut().zip(gradient).for_each(|(x, g)| *x += moved(1.0, *g)),
        [a] => params.iter_mut().zip(a).zip(gradient).for_each(|((x, a), g)| {
            *a += g;
            *x += moved(*a, *g);
        }),
        [a, b] => params.iter_mut().zip(a).zip(b).zip(gradient).for_each(|(((x, a), b), g)| {
            *a += g;
            *b += g;
            *x += moved(*b, *g);
        }),
        [a, b, c, ..] => params.iter_mut().zip(a).zip(b).zip(c).zip(gradient).for_each(|((((x, a), b), c), g)| {
            *a += g;
            *b += g;
            *c += g;
            *x += moved(*c, *g);
        }),
    }
}
