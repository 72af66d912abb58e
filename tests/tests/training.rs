//! Training with generated gradients: against optima found independently (`golden/convex.json`), against the chain rule by hand, and what
//! the loop promises.

use std::cell::{Cell, RefCell};

use differentiable::prelude::*;
use differentiable::{ConfigError, StepError, TrainError};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/convex.json")).expect("the file is JSON")
}

#[derive(Clone, Debug, Differentiable)]
struct Softmax {
    w: [[f64; 4]; 3],
    b: [f64; 3],
}

struct Flower {
    x: [f64; 4],
    label: usize,
}

/// Cross-entropy plus |W|²/(2·150): the mean over the samples is the penalised objective.
#[differentiable(wrt(p))]
fn softmax_loss(p: &Softmax, s: &Flower) -> f64 {
    let mut scores = p.b;
    let mut penalty = 0.0;
    for c in 0..3 {
        for i in 0..4 {
            scores[c] += p.w[c][i] * s.x[i];
            penalty += p.w[c][i] * p.w[c][i];
        }
    }
    logsumexp(&scores) - scores[s.label] + penalty / 300.0
}

#[test]
fn full_batches_reach_the_optimum_of_softmax_regression_on_iris() {
    let iris = linfa_datasets::iris();
    let rows = iris.records.nrows();
    let mut x: Vec<[f64; 4]> = (0..rows).map(|row| std::array::from_fn(|i| iris.records[(row, i)])).collect();
    // two flowers as in Fisher's own table, with which the optimum was computed; the data set has the known misprints
    assert_eq!((x[34], x[37]), ([4.9, 3.1, 1.5, 0.1], [4.9, 3.1, 1.5, 0.1]));
    (x[34], x[37]) = ([4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]);
    for i in 0..4 {
        let mean = x.iter().map(|x| x[i]).sum::<f64>() / rows as f64;
        let deviation = (x.iter().map(|x| (x[i] - mean).powi(2)).sum::<f64>() / rows as f64).sqrt();
        x.iter_mut().for_each(|x| x[i] = (x[i] - mean) / deviation);
    }
    let samples: Vec<Flower> = x.iter().zip(iris.targets.iter()).map(|(x, label)| Flower { x: *x, label: *label }).collect();
    let mut p = Softmax { w: [[0.0; 4]; 3], b: [0.0; 3] };
    let rule = Momentum { momentum: 0.99, nesterov: true, ..Momentum::new(0.3) };
    Trainer::new(rule).epochs(6000).fit(&mut p, &samples, softmax_loss::vjp).expect("training succeeds");
    let want = &golden()["iris_softmax_C1"];
    let number = |value: &Value| value.as_f64().expect("a number");
    let at = |p: &Softmax| samples.iter().map(|s| softmax_loss(p, s)).sum::<f64>() / samples.len() as f64;
    let optimum = Softmax {
        w: std::array::from_fn(|c| std::array::from_fn(|i| number(&want["coef"][c][i]))),
        b: std::array::from_fn(|c| number(&want["intercept"][c])),
    };
    assert!((at(&p) - at(&optimum)).abs() < 1e-10, "{} is not {}", at(&p), at(&optimum));
    let penalty: f64 = p.w.iter().flatten().map(|w| w * w).sum::<f64>() / 300.0;
    assert!((at(&p) - penalty - number(&want["mean_ce"])).abs() < 1e-6);
}

/// The diabetes data of Efron, Hastie, Johnstone and Tibshirani, Least Angle Regression (2004), as measured: ten numbers of each of 442
/// patients, and the progression of the disease; standardised with the population standard deviation.
fn diabetes() -> Vec<([f64; 10], f64)> {
    let lines = include_str!("../golden/diabetes.csv").lines().skip(1);
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let mut samples: Vec<([f64; 10], f64)> = lines
        .map(|line| {
            let numbers: Vec<f64> = line.split(',').map(number).collect();
            (std::array::from_fn(|i| numbers[i]), numbers[10])
        })
        .collect();
    let count = samples.len() as f64;
    for i in 0..10 {
        let mean = samples.iter().map(|sample| sample.0[i]).sum::<f64>() / count;
        let deviation = (samples.iter().map(|sample| (sample.0[i] - mean).powi(2)).sum::<f64>() / count).sqrt();
        samples.iter_mut().for_each(|sample| sample.0[i] = (sample.0[i] - mean) / deviation);
    }
    samples
}

#[test]
fn full_batches_reach_the_least_squares_of_the_diabetes_data() {
    #[derive(Clone, Debug, Differentiable)]
    struct Linear {
        w: Vec<f64>,
        b: f64,
    }
    #[differentiable(wrt(p))]
    fn loss(p: &Linear, s: &([f64; 10], f64)) -> f64 {
        let z: f64 = p.b + p.w.iter().zip(&s.0).map(|(w, x)| w * x).sum::<f64>();
        (z - s.1).powi(2)
    }
    let samples = diabetes();
    assert_eq!(samples.len(), 442);
    let mut p = Linear { w: vec![0.0; 10], b: 0.0 };
    let rule = Momentum { momentum: 0.98, nesterov: true, ..Momentum::new(0.1) };
    let report = Trainer::new(rule).epochs(3000).fit(&mut p, &samples, loss::vjp).expect("training succeeds");
    let want = golden()["diabetes_ols"]["mse"].as_f64().expect("a number");
    assert!((report.last.loss - want).abs() < 1e-6 * want, "{} is not {want}", report.last.loss);
}

#[derive(Clone, Debug, Differentiable)]
struct Perceptron {
    w1: [[f64; 3]; 4],
    b1: [f64; 4],
    w2: [f64; 4],
    b2: f64,
}

#[differentiable(wrt(p))]
fn perceptron_loss(p: &Perceptron, x: &[f64; 3], t: f64) -> f64 {
    let mut z = p.b2;
    for h in 0..4 {
        let mut a = p.b1[h];
        for i in 0..3 {
            a += p.w1[h][i] * x[i];
        }
        z += p.w2[h] * a.tanh();
    }
    let y = 1.0 / (1.0 + (-z).exp());
    0.5 * (y - t).powi(2)
}

/// Backpropagation, layer by layer.
fn perceptron_by_hand(p: &Perceptron, x: &[f64; 3], t: f64) -> Perceptron {
    let a: [f64; 4] = std::array::from_fn(|h| p.b1[h] + (0..3).map(|i| p.w1[h][i] * x[i]).sum::<f64>());
    let o = a.map(f64::tanh);
    let z = p.b2 + (0..4).map(|h| p.w2[h] * o[h]).sum::<f64>();
    let y = 1.0 / (1.0 + (-z).exp());
    let delta2 = (y - t) * y * (1.0 - y);
    let delta1: [f64; 4] = std::array::from_fn(|h| delta2 * p.w2[h] * (1.0 - o[h] * o[h]));
    Perceptron {
        w1: std::array::from_fn(|h| std::array::from_fn(|i| delta1[h] * x[i])),
        b1: delta1,
        w2: o.map(|o| delta2 * o),
        b2: delta2,
    }
}

#[test]
fn backpropagation_through_two_layers_is_the_chain_rule_by_hand() {
    let number = |i: usize| ((i * 37 + 11) % 23) as f64 / 11.5 - 1.0;
    let p = Perceptron {
        w1: std::array::from_fn(|h| std::array::from_fn(|i| number(3 * h + i))),
        b1: std::array::from_fn(|h| number(20 + h)),
        w2: std::array::from_fn(|h| number(30 + h)),
        b2: number(40),
    };
    for (x, t) in [([0.5, -1.0, 2.0], 1.0), ([-0.3, 0.8, 0.1], 0.0)] {
        let (generated, by_hand) = (perceptron_loss::grad(&p, &x, t), perceptron_by_hand(&p, &x, t));
        Perceptron::leaves([], [&generated, &by_hand], &mut |[]: [&mut [f64]; 0], [a, b]| {
            for (a, b) in a.iter().zip(b) {
                assert!((a - b).abs() <= 8.0 * f64::EPSILON * b.abs().max(1e-3), "{a} is not {b}");
            }
        });
    }
}

#[differentiable(wrt(p))]
fn line(p: &[f64; 2], s: &(f64, f64)) -> f64 {
    (p[0] * s.0 + p[1] - s.1).powi(2)
}

fn points() -> Vec<(f64, f64)> {
    (0..10).map(|i| (0.1 * i as f64, 2.0 * 0.1 * i as f64 - 1.0)).collect()
}

#[test]
fn settings_out_of_range_are_errors_that_name_the_field() {
    let samples = points();
    let fit = |trainer: Trainer<Sgd<f64>>| trainer.fit(&mut [0.0; 2], &samples, line::vjp).expect_err("the setting is refused");
    let field = |error: TrainError| match error {
        TrainError::Config(ConfigError { field, .. }) => field,
        other => panic!("{other}"),
    };
    assert_eq!(field(fit(Trainer::new(Sgd::new(-0.1)))), "learning_rate");
    assert_eq!(field(fit(Trainer::new(Sgd::new(f64::NAN)))), "learning_rate");
    assert_eq!(field(fit(Trainer::new(Sgd::new(0.1)).batch(Batch::Mini(0)))), "batch");
    assert_eq!(field(fit(Trainer::new(Sgd::new(0.1)).epochs(0))), "epochs");
    assert_eq!(field(fit(Trainer::new(Sgd::new(0.1)).clip(-1.0))), "clip");
    let empty: [(f64, f64); 0] = [];
    let error = Trainer::new(Sgd::new(0.1)).fit(&mut [0.0; 2], &empty, line::vjp).expect_err("there is nothing to train on");
    assert_eq!(error.to_string(), "`number of samples` is 0: it must be at least 1");
    let error = Adam { beta1: 1.0, ..Adam::new(0.1) }.start(&0.0).expect_err("β₁ is out of range");
    assert_eq!(error.to_string(), "`beta1` is 1: it must be at least 0 and below 1");
    assert!(Momentum { nesterov: true, momentum: 0.0, ..Momentum::new(0.1) }.start(&0.0).is_err());
    assert!(Sgd { weight_decay: Decay::L2(-1.0), ..Sgd::new(0.1) }.start(&0.0).is_err());
}

#[test]
fn an_epoch_visits_every_sample_once_and_the_last_batch_has_its_true_size() {
    let seen = RefCell::new(Vec::new());
    let samples: Vec<usize> = (0..10).collect();
    let report = Trainer::new(Sgd::new(0.1))
        .epochs(2)
        .batch(Batch::Mini(4))
        .shuffle(Shuffle::EachEpoch { seed: 3 })
        .fit(&mut 0.0, &samples, |_: &f64, s: &usize, seed: f64, _: &mut f64| {
            seen.borrow_mut().push((*s, seed));
            1.0
        })
        .expect("training succeeds");
    let seen = seen.into_inner();
    for epoch in seen.chunks(10) {
        let mut order: Vec<_> = epoch.iter().map(|(sample, _)| *sample).collect();
        order.sort_unstable();
        assert_eq!(order, samples);
        assert!(epoch[..8].iter().all(|(_, seed)| *seed == 0.25) && epoch[8..].iter().all(|(_, seed)| *seed == 0.5));
    }
    assert_ne!(seen[..10], seen[10..]);
    assert_eq!((report.epochs.len(), report.last.iterations, report.last.loss), (2, 6, 1.0));
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let samples = points();
    let run = |seed| {
        let mut p = [0.0; 2];
        let shuffle = Shuffle::EachEpoch { seed };
        Trainer::new(Adam::new(0.05))
            .epochs(20)
            .batch(Batch::Mini(3))
            .shuffle(shuffle)
            .fit(&mut p, &samples, line::vjp)
            .expect("training succeeds");
        p.map(f64::to_bits)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_loss_that_is_not_finite_stops_before_the_update() {
    let mut samples = points();
    samples[7].1 = f64::NAN;
    let mut p = [0.5, 0.5];
    let error =
        Trainer::new(Sgd::new(0.1)).batch(Batch::Mini(4)).fit(&mut p, &samples, line::vjp).expect_err("sample 7 is broken");
    assert_eq!(error, TrainError::NonFinite { loss: true, epoch: 1, iteration: 2, sample: Some(7) });
    let mut first_batch = [0.5, 0.5];
    Trainer::new(Sgd::new(0.1)).epochs(1).fit(&mut first_batch, &samples[..4], line::vjp).expect("the first batch is whole");
    assert_eq!(p, first_batch);
}

#[test]
fn a_gradient_that_is_not_finite_names_its_sample() {
    let vjp = |_: &f64, s: &f64, _: f64, d: &mut f64| {
        *d += if *s > 2.0 { f64::INFINITY } else { 0.0 };
        1.0
    };
    let error = Trainer::new(Sgd::new(0.1)).fit(&mut 0.0, &[1.0, 2.0, 3.0], vjp).expect_err("sample 2 is broken");
    assert_eq!(error, TrainError::NonFinite { loss: false, epoch: 1, iteration: 1, sample: Some(2) });
    assert_eq!(error.to_string(), "the gradient of sample 2 is not finite, in epoch 1, iteration 1");
}

#[test]
fn a_refused_step_leaves_everything_as_it_was() {
    let mut p = vec![1.0, 2.0];
    let mut optimizer = Momentum::new(0.1).start(&p).expect("the configuration is valid");
    assert_eq!(optimizer.step(&mut p, &vec![1.0, f64::NAN]), Err(StepError::NonFinite { leaf: 0, index: 1 }));
    assert_eq!(optimizer.step(&mut p, &vec![1.0]), Err(StepError::Shape));
    assert_eq!((p.as_slice(), optimizer.steps()), ([1.0, 2.0].as_slice(), 0));
    assert!(optimizer.set_learning_rate(-1.0).is_err());
    assert_eq!(optimizer.learning_rate(), 0.1);
}

#[test]
fn a_gradient_that_stays_the_same_leaves_no_variance_below_zero() {
    let rule = RmsProp { centered: true, ..RmsProp::new(1e-9) };
    let mut p = [0.0f64; 2];
    let mut optimizer = rule.start(&p).expect("the configuration is valid");
    for _ in 0..10_000 {
        optimizer.step(&mut p, &[0.1, 1.0 / 3.0]).expect("the gradient is finite");
    }
    assert!(p.iter().all(|p| p.is_finite() && *p < 0.0), "{p:?}");
}

#[test]
fn validation_reports_and_stops() {
    let samples = points();
    let held_out = [(5.0, 9.0)];
    let epochs = Cell::new(0);
    let mut p = [0.0; 2];
    let report = Trainer::new(Sgd::new(0.2))
        .epochs(50)
        .validate(&held_out, line)
        .on_epoch(|epoch| {
            epochs.set(epoch.epoch);
            if epoch.epoch == 5 { Flow::Stop } else { Flow::Continue }
        })
        .fit(&mut p, &samples, line::vjp)
        .expect("training succeeds");
    assert_eq!((epochs.get(), report.epochs.len()), (5, 5));
    assert_eq!(report.last.validation, Some(line(&p, &held_out[0])));
    let report =
        Trainer::new(Sgd::new(0.0)).epochs(50).stop_after(3).fit(&mut p, &samples, line::vjp).expect("training succeeds");
    assert_eq!(report.last.epoch, 4, "three epochs without progress");
}

#[test]
fn a_validation_loss_that_is_no_number_is_no_progress() {
    let samples = points();
    let first = |numbers: usize| {
        let measured = Cell::new(0);
        let held_out = [()];
        let report = Trainer::new(Sgd::new(0.0))
            .epochs(50)
            .stop_after(3)
            .validate(&held_out, |_: &[f64; 2], _: &()| {
                measured.set(measured.get() + 1);
                if measured.get() <= numbers { 1.0 / measured.get() as f64 } else { f64::NAN }
            })
            .fit(&mut [0.1, 0.2], &samples, line::vjp)
            .expect("training succeeds");
        report.last.epoch
    };
    assert_eq!(first(2), 5, "three epochs without progress");
    assert_eq!(first(0), 4, "none of which made any");
}

#[test]
fn clipping_keeps_the_direction_of_a_gradient_whose_square_overflows() {
    #[differentiable(wrt(p))]
    fn steep(p: &[f64; 2], s: &f64) -> f64 {
        s * (3.0 * p[0] + 4.0 * p[1])
    }
    let mut p = [0.0, 0.0];
    Trainer::new(Sgd::new(1.0)).epochs(1).clip(1.0).fit(&mut p, &[1e200], steep::vjp).expect("the gradient is finite");
    assert!((p[0] + 0.6).abs() < 1e-15 && (p[1] + 0.8).abs() < 1e-15, "{p:?}");

    let broken = Trainer::new(Sgd::new(1.0)).epochs(1).clip(1.0).fit(&mut [0.0, 0.0], &[f64::MAX], steep::vjp);
    assert!(matches!(broken, Err(TrainError::NonFinite { loss: false, .. })), "an infinite gradient is an error");
}

#[test]
fn schedules_set_the_rate_and_clipping_bounds_the_gradient() {
    let samples = points();
    let report = Trainer::new(Sgd::new(0.8))
        .epochs(3)
        .schedule(|epoch, rate| rate / epoch as f64)
        .fit(&mut [0.0; 2], &samples, line::vjp)
        .expect("training succeeds");
    assert_eq!(report.epochs.iter().map(|epoch| epoch.learning_rate).collect::<Vec<_>>(), [0.8, 0.4, 0.8 / 3.0]);
    let mut p = [100.0, 0.0];
    Trainer::new(Sgd::new(1.0)).epochs(1).clip(0.5).fit(&mut p, &samples, line::vjp).expect("training succeeds");
    assert!((((p[0] - 100.0).powi(2) + p[1].powi(2)).sqrt() - 0.5).abs() < 1e-12);
}
