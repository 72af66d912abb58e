//! A network learns to tell three species of iris apart, with each of the five optimizers from the same weights.
//!
//! Its gradient is what `#[differentiable]` wrote for `network::loss`. The same seeds give the same table, but for the times, and the
//! same curves.

mod data;
mod network;

use std::error::Error;
use std::time::{Duration, Instant};

use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use differentiable::prelude::*;
use differentiable::{Epoch, TrainError};
use differentiable_examples::{Curve, plot};
use indicatif::{ProgressBar, ProgressStyle};

use data::Split;
use network::Params;

const EPOCHS: usize = 200;

/// What one optimizer came to.
struct Outcome {
    name: &'static str,
    curve: Vec<(f64, f64)>,
    last: Epoch<f64>,
    accuracy: f64,
    time: Duration,
}

/// Trains from the initial weights.
fn train<R: Rule<Scalar = f64>>(name: &'static str, rule: R, start: &Params, split: &Split) -> Result<Outcome, TrainError> {
    let style = ProgressStyle::with_template("{msg:>9} [{bar:40}] {pos:>3}/{len} epochs").expect("the template is valid");
    let bar = ProgressBar::new(EPOCHS as u64).with_style(style).with_message(name);
    let mut params = start.clone();
    let begin = Instant::now();
    let report = Trainer::new(rule)
        .epochs(EPOCHS)
        .batch(Batch::Mini(16))
        .shuffle(Shuffle::EachEpoch { seed: 7 })
        .on_epoch(|_| {
            bar.inc(1);
            Flow::Continue
        })
        .fit(&mut params, &split.train, network::loss::vjp)?;
    let time = begin.elapsed();
    bar.finish();
    let curve = report.epochs.iter().map(|epoch| (epoch.epoch as f64, epoch.loss)).collect();
    Ok(Outcome { name, curve, last: report.last, accuracy: network::accuracy(&params, &split.test), time })
}

fn main() -> Result<(), Box<dyn Error>> {
    let split = data::split(1);
    let start = network::initial(5);
    let outcomes = [
        train("Sgd", Sgd::new(0.1), &start, &split)?,
        train("Momentum", Momentum::new(0.02), &start, &split)?,
        train("AdaGrad", AdaGrad::new(0.1), &start, &split)?,
        train("RmsProp", RmsProp::new(0.005), &start, &split)?,
        train("Adam", Adam::new(0.01), &start, &split)?,
    ];
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(["optimizer", "epochs", "final loss", "test accuracy", "time"]);
    for outcome in &outcomes {
        table.add_row([
            outcome.name.to_owned(),
            outcome.last.epoch.to_string(),
            format!("{:.6}", outcome.last.loss),
            format!("{:.1} %", 100.0 * outcome.accuracy),
            format!("{:.1?}", outcome.time),
        ]);
    }
    println!("{table}");
    let adam = &outcomes[4];
    assert!(adam.accuracy >= 0.96, "Adam reaches {:.1} % on the test samples", 100.0 * adam.accuracy);
    let curves: Vec<Curve> =
        outcomes.into_iter().map(|outcome| Curve { name: outcome.name.to_owned(), points: outcome.curve }).collect();
    let title = "Iris, a 4-8-3 network: mean cross-entropy";
    for path in plot("iris", title, ("epoch", "training loss"), &curves)? {
        println!("plotted {}", path.display());
    }
    Ok(())
}
