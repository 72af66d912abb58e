//! The same loss, with a learning rate that is too small, right, and too large.
//!
//! On a quadratic with curvatures 1 and 10, gradient descent converges for rates below 2/10 and is fastest at 2/11.

use differentiable::prelude::*;
use differentiable_examples::{Curve, plot};

#[differentiable]
fn loss(p: &[f64; 2]) -> f64 {
    0.5 * (p[0] * p[0] + 10.0 * p[1] * p[1])
}

/// The losses along fifty steps of gradient descent.
fn descend(rate: f64) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    let mut p = [4.0, 1.0];
    let mut optimizer = Sgd::new(rate).start(&p)?;
    let mut losses = vec![loss(&p)];
    for _ in 0..50 {
        let gradient = loss::grad(&p);
        optimizer.step(&mut p, &gradient)?;
        losses.push(loss(&p));
    }
    Ok(losses)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rates = [("too small", 0.005), ("right", 2.0 / 11.0), ("too large", 0.205)];
    let mut curves = Vec::new();
    let mut last = Vec::new();
    for (name, rate) in rates {
        let losses = descend(rate)?;
        last.push(losses[50]);
        println!("{name:>9}: rate {rate:.3}, loss {:.3e} after 50 steps", losses[50]);
        let points = losses.iter().enumerate().map(|(step, loss)| (step as f64, *loss)).collect();
        curves.push(Curve { name: format!("{name} ({rate:.3})"), points });
    }
    for path in plot("learning_rate", "Gradient descent on a quadratic", ("step", "loss"), &curves)? {
        println!("plotted {}", path.display());
    }
    assert!(last[0] > 1.0, "a rate too small gets nowhere");
    assert!(last[1] < 1e-6, "the right rate converges");
    assert!(last[2] > loss(&[4.0, 1.0]), "a rate too large diverges");
    Ok(())
}
