use differentiable::differentiable;

trait Leaky {
    fn relu(self) -> Self;
}

impl Leaky for f64 {
    fn relu(self) -> f64 {
        if self > 0.0 { self } else { 0.01 * self }
    }
}

#[differentiable]
fn f(x: f64) -> f64 {
    x.exp() + x.relu()
}

fn main() {}
