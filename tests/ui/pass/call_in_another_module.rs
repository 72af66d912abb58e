use differentiable::prelude::*;

mod model {
    use differentiable::prelude::*;

    /// A public function with its docs.
    #[differentiable]
    pub fn square(x: f64) -> f64 {
        x * x
    }
}
use model::square as sq;

#[differentiable]
fn f(x: f64) -> f64 {
    model::square(x) + sq(x) * 2.0
}

fn main() {
    assert_eq!((f::grad(3.0), sq::grad(1.0)), (18.0, 2.0));
}
