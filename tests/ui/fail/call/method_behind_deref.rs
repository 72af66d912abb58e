use differentiable::prelude::*;
use std::ops::Deref;

#[derive(Clone, Differentiable)]
struct Inner {
    x: f64,
}

impl Inner {
    #[differentiable(wrt(self))]
    fn f(&self) -> f64 {
        self.x * self.x
    }
}

#[derive(Clone, Differentiable)]
struct Outer {
    inner: Inner,
}

impl Deref for Outer {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl Outer {
    fn f(&self) -> f64 {
        7.0 * self.inner.x
    }
}

#[differentiable(wrt(o))]
fn g(o: &Outer) -> f64 {
    o.f()
}

fn main() {}
