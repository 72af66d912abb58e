#[differentiable]
fn recurrence(x: f64, a: f64, steps: usize) -> f64 {
    let mut s = x;
    for _ in 0..steps {
        s += 0.1 * a * s * (1.0 - s);
    }
    s
}
