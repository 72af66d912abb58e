use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v[0] *= 2.0;
    if v.iter_mut().any(|v| {
        *v *= 2.0;
        *v > 1.0
    }) {
        v[1] *= 3.0;
    }
    assert!(v.drain(1..).len() > 0);
    debug_assert!(v.pop().unwrap() > 0.0);
    assert!(x[0] > 0.0, "{}", v.pop().unwrap());
    let n = usize::from(v[0] > 0.5) + v.remove(0) as usize;
    v[n]
}

fn main() {}
