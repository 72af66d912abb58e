use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct Stack {
    values: Vec<f64>,
}

impl Stack {
    fn push(&mut self, twice: i32) {
        self.values[0] *= twice as f64;
    }
}

#[derive(Clone, Differentiable)]
struct Params {
    stack: Stack,
}

#[differentiable(wrt(p))]
fn f(p: &mut Params) -> f64 {
    p.stack.push(2);
    p.stack.values[0]
}

fn main() {}
