#[differentiable(wrt(self, x))]
fn energy(&self, x: f64) -> f64 {
    0.5 * self.stiffness * x * x
}
