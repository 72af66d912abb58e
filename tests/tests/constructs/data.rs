//! Loops over what stands in memory, and parts of it.

use differentiable::prelude::*;
use differentiable_tests::agrees_twice;

#[test]
fn arrays() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = 1.0;
        for v in [x[0], x[1] * x[2], 2.0] {
            y = y * v + x[0];
        }
        y
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[differentiable(second_order)]
fn horner(coefficients: &[f64], at: f64) -> f64 {
    let mut y = 0.0;
    for c in coefficients {
        y = y * at + c;
    }
    y
}

#[test]
fn slices() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        horner(&x[..], x[0]) * horner(&x[1..], 0.5)
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn vectors() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut all = Vec::new();
        for v in x {
            all.push(v * x[0]);
        }
        let mut y = 1.0;
        for v in all {
            y = y * v + v.sin();
        }
        y
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn iter() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = 1.0;
        for v in x.iter() {
            y = (y * v).cos();
        }
        y
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn iter_mut() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut a = *x;
        for v in a.iter_mut() {
            *v = *v * *v + x[0];
        }
        a[0] * a[1] * a[2]
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn into_iter() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let rows = [[x[0], x[1]], [x[2], x[0] * x[1]]];
        let mut y = 1.0;
        for [a, b] in rows.into_iter() {
            y = y * a + b;
        }
        y
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn enumerate() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = 0.0;
        for (i, v) in x.iter().enumerate() {
            y += v.powi(i as i32 + 1) * x[2 - i];
        }
        y
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn zip_of_two() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = 1.0;
        for (a, b) in x.iter().zip(&x[2..]) {
            y *= a * b + 1.0;
        }
        y
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn zip_of_three() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let weights = [0.5, 1.5, 2.5];
        let mut y = 0.0;
        for ((a, b), w) in x.iter().zip(x[1..].iter()).zip(weights) {
            y += a * b.sin() * w;
        }
        y
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn windows() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = 0.0;
        for w in x.windows(3) {
            y += (w[0] - 2.0 * w[1] + w[2]).powi(2);
        }
        y
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn chunks() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        let mut y = 1.0;
        for chunk in x.chunks(2) {
            y *= chunk[0] + chunk[chunk.len() - 1];
        }
        y
    }
    agrees_twice!(f, 5, [0.7, 0.2, 1.1, 0.4, 0.9]);
}

#[test]
fn chunks_exact() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        let mut y = x[4];
        for pair in x.chunks_exact(2) {
            y = y * pair[0] + pair[1].exp();
        }
        y
    }
    agrees_twice!(f, 5, [0.7, 0.2, 1.1, 0.4, 0.9]);
}

#[test]
fn skip_and_take() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        let mut y = 1.0;
        for v in x.iter().skip(1).take(3) {
            y = y * v + x[0] * x[4];
        }
        y
    }
    agrees_twice!(f, 5, [0.7, 0.2, 1.1, 0.4, 0.9]);
}

#[test]
fn sequences_in_reverse_and_by_steps() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        let mut y = 1.0;
        for v in x.iter().rev() {
            y = (y * v).sin();
        }
        for v in x.iter().step_by(2) {
            y = y * v + v;
        }
        y
    }
    agrees_twice!(f, 5, [0.7, 0.2, 1.1, 0.4, 0.9]);
}

#[test]
fn split_at() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let (head, tail) = x.split_at(1);
        horner(tail, head[0]) * horner(head, tail[2])
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn split_at_mut() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut a = *x;
        let (left, right) = a.split_at_mut(2);
        left[0] *= right[1];
        right[0] += left[0] * left[1];
        a[0] * a[2]
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn sub_slices_by_range() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        let middle = &x[1..4];
        let mut y = 1.0;
        for v in &middle[..=1] {
            y *= v * x[4];
        }
        y + x[3..].iter().product::<f64>()
    }
    agrees_twice!(f, 5, [0.7, 0.2, 1.1, 0.4, 0.9]);
}

#[test]
fn first_and_last() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        match (x.first(), x[..0].last()) {
            (Some(first), None) => first * x.last().unwrap(),
            _ => 0.0,
        }
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn zip_by_its_path() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut a = [0.5; 3];
        for (to, from) in std::iter::zip(&mut a, &x[1..]) {
            *to *= from * x[0];
        }
        core::iter::zip(a, x).map(|(a, b)| a * b).sum()
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}
