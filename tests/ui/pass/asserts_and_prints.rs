use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    assert!(x.is_finite(), "x is {x}");
    debug_assert_ne!(x, 100.0);
    let y = dbg!(x * 2.0);
    println!("{x} {y:.2}");
    y
}

fn main() {
    assert_eq!(f::grad(2.0), 2.0);
}
