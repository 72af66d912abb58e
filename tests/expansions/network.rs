#[differentiable(wrt(p))]
pub fn network(p: &Params, x: &[f64; 2]) -> f64 {
    let mut hidden = [0.0; 3];
    for i in 0..3 {
        hidden[i] = (p.w[i][0] * x[0] + p.w[i][1] * x[1] + p.b[i]).tanh();
    }
    hidden[0] * p.out[0] + hidden[1] * p.out[1] + hidden[2] * p.out[2]
}
