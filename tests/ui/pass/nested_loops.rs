use differentiable::prelude::*;

#[differentiable]
fn f(x: &[[f64; 3]; 2]) -> f64 {
    let mut total = 0.0;
    for i in 0..2 {
        for j in (0..3).rev() {
            total += x[i][j] * x[i][j];
        }
    }
    total
}

fn main() {
    assert_eq!(f::grad(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]]);
}
