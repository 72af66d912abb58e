#[differentiable]
fn calls(x: f64, v: &[f64; 3]) -> f64 {
    let n = norm(v);
    square(n * x) + dot(v, v)
}
