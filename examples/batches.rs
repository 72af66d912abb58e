//! Full batch, mini-batches and single samples: how many updates they make, how noisy those are, and what they cost.
//!
//! The spread is the standard deviation of the loss over the last twenty epochs: for the full batch it is progress that is still
//! made, for the others noise.

use std::time::Instant;

use differentiable::prelude::*;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

struct Sample {
    x: [f64; 4],
    y: f64,
}

#[differentiable(wrt(w))]
fn loss(w: &[f64; 4], s: &Sample) -> f64 {
    let z: f64 = w.iter().zip(&s.x).map(|(w, x)| w * x).sum();
    (z - s.y).powi(2)
}

const TRUTH: [f64; 4] = [1.0, -2.0, 0.5, 3.0];

/// Samples of a linear law with noise.
fn samples() -> Vec<Sample> {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut sample = || {
        let x: [f64; 4] = std::array::from_fn(|_| random.random_range(-1.0..1.0));
        let law: f64 = TRUTH.iter().zip(&x).map(|(w, x)| w * x).sum();
        Sample { x, y: law + random.random_range(-0.5..0.5) }
    };
    (0..512).map(|_| sample()).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let samples = samples();
    println!("{:>14} {:>8} {:>12} {:>12} {:>10}", "batch", "updates", "final loss", "spread", "time");
    let mut results = Vec::new();
    for (name, batch) in [("full", Batch::Full), ("mini, 32", Batch::Mini(32)), ("single", Batch::Single)] {
        let mut w = [0.0; 4];
        let start = Instant::now();
        let report = Trainer::new(Sgd::new(0.02)).epochs(100).batch(batch).shuffle(Shuffle::EachEpoch { seed: 1 }).fit(
            &mut w,
            &samples,
            loss::vjp,
        )?;
        let time = start.elapsed();
        let tail = &report.epochs[80..];
        let mean = tail.iter().map(|epoch| epoch.loss).sum::<f64>() / tail.len() as f64;
        let noise = (tail.iter().map(|epoch| (epoch.loss - mean).powi(2)).sum::<f64>() / tail.len() as f64).sqrt();
        println!("{name:>14} {:>8} {:>12.6} {noise:>12.2e} {time:>10.1?}", report.last.iterations, report.last.loss);
        results.push((report.last.iterations, report.last.loss, noise, w));
    }
    assert_eq!(results.iter().map(|result| result.0).collect::<Vec<_>>(), [100, 1600, 51200]);
    assert!(results[0].1 > results[1].1, "with the same rate, more updates come further");
    assert!(results[2].2 > results[1].2, "single samples are noisier than mini-batches");
    for (w, truth) in results[1].3.iter().zip(TRUTH) {
        assert!((w - truth).abs() < 0.1, "{w} is not {truth}");
    }
    Ok(())
}
