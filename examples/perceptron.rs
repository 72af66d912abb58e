//! A single layer with a sigmoid and the mean squared error: the gradient that the macro wrote, beside the one derived by hand.
//!
//! With y = σ(z), z = w·x + b and the loss L = (y − t)², the chain rule gives
//!
//! ```text
//! ∂L/∂z = 2 (y − t) · y (1 − y)      ∂L/∂wᵢ = ∂L/∂z · xᵢ      ∂L/∂b = ∂L/∂z
//! ```

use differentiable::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct Perceptron {
    w: [f64; 2],
    b: f64,
}

struct Sample {
    x: [f64; 2],
    target: f64,
}

#[differentiable(wrt(p))]
fn loss(p: &Perceptron, s: &Sample) -> f64 {
    let mut z = p.b;
    for i in 0..2 {
        z += p.w[i] * s.x[i];
    }
    let y = 1.0 / (1.0 + (-z).exp());
    (y - s.target).powi(2)
}

/// The formulas above.
fn gradient_by_hand(p: &Perceptron, s: &Sample) -> Perceptron {
    let z = p.b + p.w[0] * s.x[0] + p.w[1] * s.x[1];
    let y = 1.0 / (1.0 + (-z).exp());
    let dz = 2.0 * (y - s.target) * y * (1.0 - y);
    Perceptron { w: [dz * s.x[0], dz * s.x[1]], b: dz }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // the logical or
    let samples =
        [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 1.0)].map(|(x, target)| Sample { x, target });
    let mut p = Perceptron { w: [0.3, -0.2], b: 0.1 };
    println!("{:>10} {:>40} {:>40}", "sample", "generated", "by hand");
    for s in &samples {
        let (generated, by_hand) = (loss::grad(&p, s), gradient_by_hand(&p, s));
        let shown = |g: &Perceptron| format!("{:+.6} {:+.6} {:+.6}", g.w[0], g.w[1], g.b);
        println!("{:>10} {:>40} {:>40}", format!("{:?}", s.x), shown(&generated), shown(&by_hand));
        for (a, b) in generated.w.iter().chain([&generated.b]).zip(by_hand.w.iter().chain([&by_hand.b])) {
            assert!((a - b).abs() <= 4.0 * f64::EPSILON * b.abs());
        }
    }
    let report = Trainer::new(Adam::new(0.1)).epochs(500).fit(&mut p, &samples, loss::vjp)?;
    println!("after {} epochs: loss {:.5}, {p:?}", report.last.epoch, report.last.loss);
    assert!(samples.iter().all(|s| loss(&p, s) < 0.25), "every sample is on its side");
    Ok(())
}
