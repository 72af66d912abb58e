use differentiable::prelude::*;

#[differentiable(second_order)]
fn scaled(x: &[f64], k: f64, n: usize) -> f64 {
    let k = Box::new(k);
    x[n] * *k
}

#[derive(Clone, Differentiable)]
struct Spring {
    k: f64,
}

impl Spring {
    #[differentiable(wrt(self, x), second_order)]
    fn stretch(&mut self, x: f64) {
        let x = Box::new(x);
        self.k *= *x;
    }
}

// what is wrong above is no error here
#[differentiable(second_order)]
fn energy(x: &[f64; 3]) -> f64 {
    let mut spring = Spring { k: x[2] };
    spring.stretch(x[0]);
    scaled(x, x[0], 1) * spring.k
}

#[differentiable]
fn slope(x: &[f64; 3]) -> f64 {
    scaled::grad(x, x[0], 1).1 * x[1]
}

fn main() {
    let _ = energy::hessian(&[0.0; 3]);
    let _ = scaled::hvp(&[1.0], 2.0, 0, &[1.0], 1.0);
    let _ = slope::grad(&[0.0; 3]);
}
