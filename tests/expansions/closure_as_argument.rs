#[differentiable]
fn moment(a: f64, b: f64) -> f64 {
    quad(|t| a * t.exp(), 0.0, b).ln()
}
