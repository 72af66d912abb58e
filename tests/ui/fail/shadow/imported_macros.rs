use differentiable::prelude::*;

mod own {
    macro_rules! twice {
        ($($x:expr),*) => { Vec::from([$(2.0 * $x),*]) };
    }
    macro_rules! doubled {
        ($x:expr) => { 2.0 * $x };
    }
    macro_rules! told {
        ($x:expr, $p:pat) => {{ let _ = $x; 2.0 }};
    }
    pub(crate) use {doubled as dbg, told as matches, twice as vec};
}
use own::{dbg, matches};

#[differentiable]
fn by_an_import_inside(x: f64) -> f64 {
    use own::vec;
    let v = vec![x, x];
    v[0] * v[1]
}

#[differentiable]
fn by_an_import(x: f64) -> f64 {
    dbg!(x) * matches!(x, _)
}

#[differentiable]
fn by_a_path(x: f64) -> f64 {
    let v = own::vec![x, x];
    v[0] * v[1]
}

fn main() {}
