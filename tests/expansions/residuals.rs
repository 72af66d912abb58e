#[differentiable(wrt(w))]
pub fn residuals(w: &[f64], points: &[f64]) -> f64 {
    let mut total = 0.0;
    for x in points {
        let mut residual = x.cos();
        let mut power = 1.0;
        for c in w {
            residual -= c * power;
            power *= *x;
        }
        total += residual * residual;
    }
    total
}
