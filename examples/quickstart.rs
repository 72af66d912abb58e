//! A loss, its gradient, and an optimizer that follows it.

use differentiable::prelude::*;

/// The mean squared error of a line through three points.
#[differentiable]
fn loss(slope: f64, intercept: f64) -> f64 {
    let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)];
    let mut total = 0.0;
    for (x, y) in points {
        total += (slope * x + intercept - y).powi(2);
    }
    total / 3.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut line = (0.0, 0.0);
    let mut optimizer = Momentum::new(0.05).start(&line)?;
    for step in 0..=200 {
        let (value, gradient) = loss::value_and_grad(line.0, line.1);
        if step % 50 == 0 {
            println!("step {step:3}: loss {value:.6}, line y = {:.4} x + {:.4}", line.0, line.1);
        }
        optimizer.step(&mut line, &gradient)?;
    }
    assert!((line.0 - 2.0).abs() < 1e-3 && (line.1 - 1.0).abs() < 1e-3);
    Ok(())
}
