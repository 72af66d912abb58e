use differentiable::prelude::*;

mod model {
    use differentiable::prelude::*;

    /// Documented.
    #[differentiable]
    #[inline]
    #[must_use]
    #[cfg(not(any()))]
    pub(crate) fn f(x: f64) -> f64 {
        x * x
    }
}

fn main() {
    assert_eq!(model::f::grad(2.0), 4.0);
}
