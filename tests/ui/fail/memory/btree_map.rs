use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut m = std::collections::BTreeMap::new();
    m.insert(1, x);
    m[&1]
}

fn main() {}
