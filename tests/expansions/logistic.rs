#[differentiable(wrt(w, b))]
pub fn logistic(w: &[f64; 4], b: f64, x: &[f64; 4], y: f64) -> f64 {
    let z: f64 = b + w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
    (1.0 + (-y * z).exp()).ln()
}
