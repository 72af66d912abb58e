use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let m = std::sync::Mutex::new(x);
    let y = *m.lock().unwrap();
    y
}

fn main() {}
