use differentiable::prelude::*;



fn main() {
    #[differentiable]
    fn square(x: f64) -> f64 {
        x * x
    }
    #[differentiable]
    fn f(x: f64) -> f64 {
        square(square(x))
    }
    assert_eq!(f::grad(2.0), 32.0);
}
