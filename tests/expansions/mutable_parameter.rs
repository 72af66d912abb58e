#[differentiable]
fn step(state: &mut [f64; 2], h: f64) {
    state[1] -= h * state[0].sin();
    state[0] += h * state[1];
}
