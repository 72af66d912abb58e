use differentiable::prelude::*;

macro_rules! make {
    ($y:ident, $e:expr) => {
        #[differentiable]
        fn f(x: f64) -> f64 {
            let $y = x * 3.0;
            let y = x * 5.0;
            y + $e
        }
    };
}

make!(y, y * y);

fn main() {}
