//! The iris data: 150 flowers of three species, with four measurements each.

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

/// A flower.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its measurements, standardised.
    pub x: [f64; 4],
    /// Its species.
    pub label: usize,
}

/// The samples to train on, and those to test with.
pub struct Split {
    /// Forty of each species.
    pub train: Vec<Sample>,
    /// Ten of each species.
    pub test: Vec<Sample>,
}

/// A fixed split with equal shares of each species, standardised by the mean and the deviation of the training part.
pub fn split(seed: u64) -> Split {
    let iris = linfa_datasets::iris();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut split = Split { train: Vec::new(), test: Vec::new() };
    for species in 0..3 {
        let rows = (0..iris.targets.len()).filter(|row| iris.targets[*row] == species);
        let mut samples: Vec<Sample> =
            rows.map(|row| Sample { x: std::array::from_fn(|i| iris.records[(row, i)]), label: species }).collect();
        for last in (1..samples.len()).rev() {
            samples.swap(last, random.random_range(0..=last));
        }
        split.test.extend(samples.drain(..10));
        split.train.extend(samples);
    }
    standardise(&mut split);
    split
}

fn standardise(split: &mut Split) {
    for i in 0..4 {
        let count = split.train.len() as f64;
        let mean = split.train.iter().map(|sample| sample.x[i]).sum::<f64>() / count;
        let variance = split.train.iter().map(|sample| (sample.x[i] - mean).powi(2)).sum::<f64>() / count;
        for sample in split.train.iter_mut().chain(&mut split.test) {
            sample.x[i] = (sample.x[i] - mean) / variance.sqrt();
        }
    }
}
