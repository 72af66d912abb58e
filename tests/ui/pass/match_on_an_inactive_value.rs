use differentiable::prelude::*;

#[derive(Clone, Copy)]
enum Mode {
    Square,
    Scale(f64),
}

#[differentiable]
fn f(x: f64, mode: Mode) -> f64 {
    match mode {
        Mode::Square => x * x,
        Mode::Scale(by) => x * by,
    }
}

fn main() {
    assert_eq!((f::grad(3.0, Mode::Square), f::grad(3.0, Mode::Scale(7.0))), (6.0, 7.0));
}
