use differentiable::prelude::*;

use std::collections::HashMap;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    y: HashMap<String, f64>,
}

fn main() {}
