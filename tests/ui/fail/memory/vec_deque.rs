use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut q = std::collections::VecDeque::new();
    q.push_back(x);
    q[0]
}

fn main() {}
