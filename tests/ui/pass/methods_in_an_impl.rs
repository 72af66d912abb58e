use differentiable::prelude::*;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Line {
    slope: f64,
    offset: f64,
}

impl Line {
    #[differentiable(wrt(self, x))]
    fn at(&self, x: f64) -> f64 {
        self.slope * x + self.offset
    }

    #[differentiable(associated)]
    fn square(x: f64) -> f64 {
        x * x
    }

    #[differentiable]
    fn squared(&self, x: f64) -> f64 {
        Self::square(self.at(x))
    }
}

fn main() {
    let line = Line { slope: 2.0, offset: 1.0 };
    assert_eq!(line.at_grad(3.0), (Line { slope: 3.0, offset: 1.0 }, 2.0));
    assert_eq!(line.squared_grad(3.0), 28.0);
    assert_eq!(Line::square_grad(3.0), 6.0);
}
