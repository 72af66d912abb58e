use differentiable::prelude::*;

#[allow(non_snake_case)]
fn Some(x: f64) -> Option<f64> {
    Option::Some(2.0 * x)
}

#[allow(non_upper_case_globals)]
const None: Option<f64> = Option::Some(3.0);

#[allow(non_snake_case)]
fn Ok(x: f64) -> Result<f64, ()> {
    Result::Ok(2.0 * x)
}

#[differentiable]
fn f(x: f64, y: f64) -> f64 {
    let o = if y > 0.0 { Some(x * y) } else { None };
    o.unwrap_or(y)
}

#[differentiable]
fn g(x: f64, y: f64) -> f64 {
    let scale = Ok(y);
    x * scale.unwrap()
}

fn main() {}
