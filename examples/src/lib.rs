//! Programs that show `differentiable` at work.
