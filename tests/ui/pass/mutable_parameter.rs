use differentiable::prelude::*;

#[differentiable]
fn double(x: &mut [f64; 2]) {
    x[0] *= 2.0;
    x[1] = x[0] * x[1];
}

fn main() {
    let (mut x, mut d) = ([1.0, 3.0], [0.0, 1.0]);
    double::vjp(&mut x, &mut d);
    assert_eq!((x, d), ([2.0, 6.0], [6.0, 2.0]));
}
