//! Problems of least squares, after Moré, Garbow and Hillstrom, Testing Unconstrained Optimization Software (1981): Jacobians against
//! num-dual on the same formulas, and the norms of the residuals at the standard starting points against the published ones.

use std::f64::consts::TAU;

use differentiable::prelude::*;
use num_dual::{Dual64, DualNum};

/// Residuals, once for the macro and once for num-dual.
macro_rules! problems {
    ($($name:ident from $start:expr, norm $norm:literal: fn($x:ident: $n:literal) -> $m:literal $body:block)*) => {$(
        #[test]
        fn $name() {
            #[differentiable]
            fn residuals($x: &[f64; $n]) -> [f64; $m] $body

            fn oracle<T: DualNum<Primitive = f64> + Copy>($x: &[T; $n]) -> [T; $m] $body

            let start: [f64; $n] = $start;
            let norm = residuals(&start).iter().map(|r| r * r).sum::<f64>().sqrt();
            assert!((norm - $norm).abs() <= 1e-5 * $norm, "the norm at the start is {norm}");
            for step in 0..10 {
                let moved = |i: usize| 0.01 * f64::from(step * (i as i32 % 3 + 1)) * start[i].abs().max(0.1);
                let x: [f64; $n] = std::array::from_fn(|i| start[i] + moved(i));
                let (value, jacobian) = (residuals(&x), residuals::jacobian(&x));
                let mut gradient = [0.0; $n];
                residuals::vjp(&x, &value, &mut gradient);
                for column in 0..$n {
                    let moved: [Dual64; $n] = std::array::from_fn(|i| Dual64::new(x[i], if i == column { 1.0 } else { 0.0 }));
                    let want = oracle(&moved);
                    let mut product = 0.0;
                    let mut scale: f64 = 1e-12;
                    for row in 0..$m {
                        let (got, want) = (jacobian[row][column], want[row].eps);
                        assert!((got - want).abs() <= 1e-11 * want.abs().max(1.0), "row {row}, column {column}: {got} is not {want}");
                        product += want * value[row];
                        scale += (want * value[row]).abs();
                    }
                    assert!((gradient[column] - product).abs() <= 1e-11 * scale, "the gradient of half the square, entry {column}");
                }
            }
        }
    )*};
}

const BARD: [f64; 15] = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39];
const KOWALIK: [(f64, f64); 11] = [
    (4.0, 0.1957),
    (2.0, 0.1947),
    (1.0, 0.1735),
    (0.5, 0.1600),
    (0.25, 0.0844),
    (0.167, 0.0627),
    (0.125, 0.0456),
    (0.1, 0.0342),
    (0.0833, 0.0323),
    (0.0714, 0.0235),
    (0.0625, 0.0246),
];
const MEYER: [f64; 16] = [
    34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0, 8261.0, 7030.0, 6005.0, 5147.0, 4427.0, 3820.0,
    3307.0, 2872.0,
];
const OSBORNE: [f64; 33] = [
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558,
    0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406,
];

problems! {
    linear_of_full_rank from [1.0; 5], norm 5.0: fn(x: 5) -> 10 {
        let mut sum = x[0] * 0.0;
        for x in x {
            sum += *x;
        }
        let mut r = [x[0] * 0.0; 10];
        for i in 0..10 {
            let own = if i < 5 { x[i] } else { x[0] * 0.0 };
            r[i] = own - sum * 0.2 - 1.0;
        }
        r
    }
    linear_of_rank_one from [1.0; 5], norm 291.521868: fn(x: 5) -> 10 {
        let mut sum = x[0] * 0.0;
        for i in 0..5 {
            sum += x[i] * (i as f64 + 1.0);
        }
        let mut r = [sum; 10];
        for i in 0..10 {
            r[i] = sum * (i as f64 + 1.0) - 1.0;
        }
        r
    }
    rosenbrock from [-1.2, 1.0], norm 4.919350: fn(x: 2) -> 2 {
        [(x[1] - x[0] * x[0]) * 10.0, -x[0] + 1.0]
    }
    helical_valley from [-1.0, 0.0, 0.0], norm 50.0: fn(x: 3) -> 3 {
        let turn = (x[1] / x[0]).atan() / TAU;
        let angle = if x[0] > 0.0 { turn } else { turn + 0.5 };
        [(x[2] - angle * 10.0) * 10.0, ((x[0] * x[0] + x[1] * x[1]).sqrt() - 1.0) * 10.0, x[2]]
    }
    powell_singular from [3.0, -1.0, 0.0, 1.0], norm 14.662878: fn(x: 4) -> 4 {
        let (near, far) = (x[1] - x[2] * 2.0, x[0] - x[3]);
        [x[0] + x[1] * 10.0, (x[2] - x[3]) * 5.0f64.sqrt(), near * near, far * far * 10.0f64.sqrt()]
    }
    freudenstein_and_roth from [0.5, -2.0], norm 20.012496: fn(x: 2) -> 2 {
        [
            x[0] - 13.0 + ((-x[1] + 5.0) * x[1] - 2.0) * x[1],
            x[0] - 29.0 + ((x[1] + 1.0) * x[1] - 14.0) * x[1],
        ]
    }
    bard from [1.0; 3], norm 6.456137: fn(x: 3) -> 15 {
        let mut r = [x[0]; 15];
        for i in 0..15 {
            let (u, v) = (i as f64 + 1.0, 15.0 - i as f64);
            let w = u.min(v);
            r[i] = -(x[0] + (x[1] * v + x[2] * w).recip() * u) + BARD[i];
        }
        r
    }
    kowalik_and_osborne from [0.25, 0.39, 0.415, 0.39], norm 0.07289151: fn(x: 4) -> 11 {
        let mut r = [x[0]; 11];
        for (i, (u, y)) in KOWALIK.iter().enumerate() {
            let square = u * u;
            r[i] = -(x[0] * (x[1] * *u + square)) / (x[2] * *u + x[3] + square) + *y;
        }
        r
    }
    meyer from [0.02, 4000.0, 250.0], norm 41153.467: fn(x: 3) -> 16 {
        let mut r = [x[0]; 16];
        for i in 0..16 {
            let t = 45.0 + 5.0 * (i as f64 + 1.0);
            r[i] = x[0] * (x[1] / (x[2] + t)).exp() - MEYER[i];
        }
        r
    }
    watson from [0.0; 6], norm 5.477226: fn(x: 6) -> 31 {
        let mut r = [x[0]; 31];
        for i in 0..29 {
            let t = (i as f64 + 1.0) / 29.0;
            let mut slope = x[0] * 0.0;
            let mut sum = x[0] * 0.0;
            let mut power = 1.0;
            for j in 0..6 {
                sum += x[j] * power;
                if j > 0 {
                    slope += x[j] * (j as f64 * power / t);
                }
                power *= t;
            }
            r[i] = slope - sum * sum - 1.0;
        }
        r[29] = x[0];
        r[30] = x[1] - x[0] * x[0] - 1.0;
        r
    }
    box_three_dimensional from [0.0, 10.0, 20.0], norm 32.111584: fn(x: 3) -> 10 {
        let mut r = [x[0]; 10];
        for i in 0..10 {
            let t = 0.1 * (i as f64 + 1.0);
            r[i] = (x[0] * -t).exp() - (x[1] * -t).exp() - x[2] * ((-t).exp() - (-10.0 * t).exp());
        }
        r
    }
    jennrich_and_sampson from [0.3, 0.4], norm 64.585650: fn(x: 2) -> 10 {
        let mut r = [x[0]; 10];
        for i in 0..10 {
            let n = i as f64 + 1.0;
            r[i] = -((x[0] * n).exp() + (x[1] * n).exp()) + (2.0 + 2.0 * n);
        }
        r
    }
    brown_and_dennis from [25.0, 5.0, -5.0, -1.0], norm 2815.438: fn(x: 4) -> 20 {
        let mut r = [x[0]; 20];
        for i in 0..20 {
            let t = (i as f64 + 1.0) / 5.0;
            let (a, b) = (x[0] + x[1] * t - t.exp(), x[2] + x[3] * t.sin() - t.cos());
            r[i] = a * a + b * b;
        }
        r
    }
    chebyquad from [1.0 / 9.0, 2.0 / 9.0, 3.0 / 9.0, 4.0 / 9.0, 5.0 / 9.0, 6.0 / 9.0, 7.0 / 9.0, 8.0 / 9.0], norm 0.1965139: fn(x: 8) -> 8 {
        let mut r = [x[0] * 0.0; 8];
        for j in 0..8 {
            let mut last = x[j] * 0.0 + 1.0;
            let mut next = x[j] * 2.0 - 1.0;
            let twice = next * 2.0;
            for i in 0..8 {
                r[i] += next;
                let further = twice * next - last;
                last = next;
                next = further;
            }
        }
        for i in 0..8 {
            r[i] = r[i] * 0.125;
            if i % 2 == 1 {
                let n = i as f64 + 1.0;
                r[i] += 1.0 / (n * n - 1.0);
            }
        }
        r
    }
    brown_almost_linear from [0.5; 10], norm 16.530227: fn(x: 10) -> 10 {
        let mut sum = x[0] * 0.0 - 11.0;
        let mut product = x[0] * 0.0 + 1.0;
        for x in x {
            sum += *x;
            product *= *x;
        }
        let mut r = [x[0]; 10];
        for i in 0..9 {
            r[i] = x[i] + sum;
        }
        r[9] = product - 1.0;
        r
    }
    osborne_one from [0.5, 1.5, -1.0, 0.01, 0.02], norm 0.937564: fn(x: 5) -> 33 {
        let mut r = [x[0]; 33];
        for i in 0..33 {
            let t = 10.0 * i as f64;
            r[i] = -(x[0] + x[1] * (x[3] * -t).exp() + x[2] * (x[4] * -t).exp()) + OSBORNE[i];
        }
        r
    }
}
