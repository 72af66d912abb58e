use differentiable::prelude::*;

enum Kind {
    Square(f64),
    Nothing,
}

#[derive(Clone, Differentiable)]
struct P {
    x: f64,
}

impl P {
    fn kind(&self) -> Kind {
        if self.x > 0.0 { Kind::Square(self.x) } else { Kind::Nothing }
    }
}

#[differentiable(wrt(p))]
fn f(p: &P) -> f64 {
    match p.kind() {
        Kind::Square(y) => y * y,
        Kind::Nothing => 0.0,
    }
}

fn main() {}
