#[differentiable]
fn generic<T: Real>(x: T, y: T) -> T {
    2.0 * x.powi(3) / y
}
