#[differentiable]
fn constant_loop(x: f64) -> f64 {
    let mut s = x;
    for _ in 0..8 {
        s = s.sin();
    }
    s
}
