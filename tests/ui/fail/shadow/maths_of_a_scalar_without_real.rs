use differentiable::Scalar;
use differentiable::prelude::*;

trait Maths {
    fn exp(self) -> Self;
}

#[differentiable]
fn f<T: Scalar + Maths>(x: T) -> T {
    x.exp() * x
}

struct Scale<T>(T);

impl<T: Scalar + Maths> Scale<T> {
    #[differentiable(wrt(x))]
    fn g(&self, x: T) -> T {
        x.exp() * self.0
    }
}

fn main() {}
