#[differentiable(wrt(w), relaxed)]
pub fn product(w: &[f64], x: &[f64]) -> f64 {
    w.iter().zip(x).map(|(w, x)| w * x).sum()
}
