//! Chains of iterators, and arrays that are made element by element.

use differentiable::prelude::*;
use differentiable_tests::agrees_twice;

#[test]
fn sum() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        x.iter().map(|v| v * v * x[0]).sum()
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn product() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        x.iter().product::<f64>() * x[1]
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn fold() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        x.iter().fold(x[0], |y, v| (y * v).sin() + v)
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn extremes_by_fold() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let greatest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = x.iter().map(|v| v * v).fold(f64::INFINITY, |a, b| a.min(b));
        greatest * greatest * least
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn reduce() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let product = x.iter().copied().reduce(|a, b| a * b + a).unwrap();
        product * x.iter().map(|v| v.sin()).reduce(f64::max).unwrap_or(0.0)
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn collect() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let squares: Vec<f64> = x.iter().map(|v| v * v).collect();
        let sums = squares.windows(2).map(|w| w[0] + w[1]).collect::<Vec<_>>();
        sums[0] * sums[1] * squares[2]
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn for_each() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = 1.0;
        x.iter().for_each(|v| y = y * v + x[0]);
        y
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn filter() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        x.iter().filter(|v| **v > 0.0).map(|v| v.ln() * x[1]).sum()
    }
    agrees_twice!(f, 4, [0.7, -0.2, 1.1, 0.4]);
}

#[test]
fn flat_map_over_ranges() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        (0..3).flat_map(|i| (0..i).map(move |j| x[i] * x[j].cos())).sum()
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn inspect() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut seen = 0;
        let sum: f64 = x.iter().inspect(|_| seen += 1).map(|v| v * v).sum();
        sum * sum / seen as f64
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn copied_and_cloned() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let sum: f64 = x.iter().copied().map(f64::exp).sum();
        sum * x.iter().cloned().map(|v| v * v).sum::<f64>()
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn chain() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        x[..1].iter().chain(&x[2..]).fold(1.0, |y, v| y * v + 0.5)
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn scan() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let next = |state: &mut f64, v: &f64| {
            *state = *state * v + x[0];
            Some(*state)
        };
        x.iter().scan(1.0, next).map(|v| v * v).sum()
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn arrays_from_a_function() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let rows: [[f64; 3]; 2] = std::array::from_fn(|i| std::array::from_fn(|j| x[j].powi(i as i32 + 1)));
        rows[0][1] * rows[1][2] + rows[1][0]
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn arrays_that_are_mapped() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let [a, b, c] = x.map(|v| v * v.sin());
        let [d, e] = [a, b * c].map(f64::exp);
        d * e
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}
