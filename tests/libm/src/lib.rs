//! Nothing: the tests are those of `differentiable-tests`.
