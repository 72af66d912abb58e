use differentiable::prelude::*;

struct Edge(usize);

fn edges() -> Vec<Edge> {
    vec![Edge(0)]
}

#[differentiable]
fn f(x: &[f64]) -> f64 {
    edges().into_iter().map(|edge| x[edge.0]).sum()
}

fn main() {}
