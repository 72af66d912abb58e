#[differentiable(wrt(w), relaxed)]
pub fn product(w: &[f64], x: &[f64]) -> f64 {
    w.iter().zip(x).map(|(w, x)| w * x).sum()
}

#[differentiable(wrt(scale), relaxed)]
pub fn energy(scale: f64, x: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        total += (scale * x[i]).exp().ln_1p();
    }
    total
}
