use differentiable::differentiable;

trait Activation {
    fn relu(&self) -> f64;
}

impl Activation for f64 {
    fn relu(&self) -> f64 {
        if *self > 0.0 { *self } else { 0.1 * self }
    }
}

#[differentiable]
fn by_value(x: f64) -> f64 {
    x.relu()
}

#[differentiable]
fn by_reference(x: &[f64; 3]) -> f64 {
    x.iter().map(|x| x.relu()).sum()
}

fn main() {}
