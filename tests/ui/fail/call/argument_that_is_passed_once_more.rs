use differentiable::prelude::*;

struct Token(f64);

#[differentiable(wrt(x), second_order)]
fn scaled(token: Token, x: f64) -> f64 {
    x * x * token.0
}

#[differentiable]
fn curvature(x: f64) -> f64 {
    scaled::grad(Token(2.0), x) * x
}

fn main() {
    let _ = scaled::hvp(Token(2.0), 3.0, 1.0);
    let _ = scaled::hessian(Token(2.0), 3.0);
}
