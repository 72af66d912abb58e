use differentiable::prelude::*;

#[differentiable]
fn f(x: (f64, [f64; 2])) -> f64 {
    let (a, [b, c]) = x;
    let mut a = a * b;
    a += c;
    a
}

fn main() {
    assert_eq!(f::grad((2.0, [3.0, 4.0])), (3.0, [2.0, 1.0]));
}
