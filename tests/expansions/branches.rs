#[differentiable]
fn branches(x: f64, y: f64) -> f64 {
    let z = if x > y { x.exp() * y } else { x - y };
    if z > 0.0 { z * z } else { 0.0 }
}
