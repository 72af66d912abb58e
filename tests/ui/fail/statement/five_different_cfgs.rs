use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    #[cfg(test)]
    let x = x;
    #[cfg(unix)]
    let x = x;
    #[cfg(windows)]
    let x = x;
    #[cfg(debug_assertions)]
    let x = x;
    #[cfg(target_pointer_width = "64")]
    let x = x;
    x * x
}

fn main() {}
