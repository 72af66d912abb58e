//! What loops over literal ranges and up to constants keep, in arrays.

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[test]
fn nested_literal_ranges_keep_numbers_in_arrays() {
    #[differentiable]
    fn f(x: &[f64; 6], a: f64) -> f64 {
        let mut u = *x;
        for step in 2..=9 {
            let mut next = [0.0; 6];
            for i in (1..5).rev() {
                next[i] = u[i] + a * (u[i - 1] * u[i] - u[i + 1]).sin() * 0.1 * step as f64;
            }
            u = next;
        }
        u.iter().map(|u| u * u).sum()
    }
    fn flat(x: &[f64; 7]) -> [f64; 7] {
        let (d_x, d_a) = f::grad(&std::array::from_fn(|i| x[i]), x[6]);
        std::array::from_fn(|i| if i < 6 { d_x[i] } else { d_a })
    }
    let x = [0.3, 0.4, 0.7, -0.2, 0.1, 0.5, 0.3];
    let value = |x: &[f64; 7]| f(&std::array::from_fn(|i| x[i]), x[6]);
    let gradient = flat(&x);
    for i in 0..7 {
        let at = |h: f64| value(&std::array::from_fn(|j| if i == j { x[j] + h } else { x[j] }));
        let difference = (at(1e-6) - at(-1e-6)) / 2e-6;
        assert!((gradient[i] - difference).abs() < 1e-7 * (1.0 + difference.abs()), "{i}: {} {difference}", gradient[i]);
    }
}

#[test]
fn an_index_may_be_of_any_integer_type() {
    #[differentiable]
    fn f(x: f64, y: f64) -> f64 {
        let mut product = 1.0;
        for i in 3..70 {
            product *= 1.0 + (x * y).powi(i) / f64::from(i);
            for j in 250..=255u8 {
                product = product * (x + f64::from(j) / 255.0).sin() + y;
            }
        }
        product
    }
    let (x, y, h) = (0.3, 0.9, 1e-6);
    let (d_x, d_y) = f::grad(x, y);
    assert!((d_x - (f(x + h, y) - f(x - h, y)) / (2.0 * h)).abs() < 1e-7);
    assert!((d_y - (f(x, y + h) - f(x, y - h)) / (2.0 * h)).abs() < 1e-7);
}

#[test]
fn loops_of_other_kinds_keep_the_arrays_in_their_records() {
    #[differentiable]
    fn f(x: &[f64], rounds: usize) -> f64 {
        let mut h = [0.5; 12];
        let mut round = 0;
        while round < rounds {
            if x[round % x.len()] > 0.35 {
                let mut next = [0.0; 12];
                for i in 0..12 {
                    for j in 0..12 {
                        next[i] += h[j] * x[(i + j) % x.len()] / 4.0;
                    }
                    next[i] = next[i].tanh();
                }
                h = next;
            } else {
                for i in 0..12 {
                    h[i] *= x[0] + h[i];
                    if h[i] > 10.0 {
                        break;
                    }
                }
            }
            round += 1;
        }
        h.iter().sum()
    }
    agrees!(f(5): [0.3, 0.4, 0.7], [0.3], [0.9, 0.8]);
    agrees!(f(0): [0.3, 0.4, 0.7]);
}

#[test]
fn arrays_that_would_be_too_large_stay_out_of_the_stack() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut h = [0.5; 100];
        for step in 0..1000 {
            for i in 0..100 {
                h[i] = (h[i] * x[i % x.len()] + step as f64 * 1e-3).sin();
            }
        }
        h.iter().sum()
    }
    std::thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(|| agrees!(f: [0.3, 0.4, 0.7]))
        .expect("a thread")
        .join()
        .expect("there is room enough");
}

#[test]
fn records_of_calls_in_loops_inside_of_each_other_stay_out_of_the_stack() {
    #[differentiable(wrt(x))]
    fn curve(x: f64, n: usize) -> f64 {
        let mut y = [x; 4];
        for i in 0..60 {
            y[i % 4] = (y[(i + n) % 4] * x).sin() + 0.3 * y[i % 3];
        }
        y[0] * y[1] + y[2] * y[3]
    }
    #[differentiable]
    fn layers(x: &[f64; 2]) -> f64 {
        let mut total = x[1];
        for i in 0..70 {
            let mut h = [0.0; 8];
            for j in 0..8 {
                h[j] = curve(total * x[0], i + j).tanh() + 0.1 * x[1];
            }
            total += 0.1 * (h[0] * h[1] - h[2] * h[7]).sin() * total;
        }
        total
    }
    let run = || {
        let x = [0.3, -0.7];
        let (value, back) = layers::pullback(&x);
        assert_eq!(value.to_bits(), layers(&x).to_bits());
        let mut d = [0.0; 2];
        back(1.0, &mut d);
        for i in 0..2 {
            let moved = |by: f64| layers(&std::array::from_fn(|j| x[j] + if i == j { by } else { 0.0 }));
            let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((d[i] - expected).abs() < 1e-6 * expected.abs().max(1.0), "{} {expected}", d[i]);
        }
        assert_eq!(layers::value_and_grad(&x).0.to_bits(), value.to_bits());
    };
    let thread = std::thread::Builder::new().stack_size(1024 * 1024).spawn(run).expect("a thread");
    thread.join().expect("the stack suffices");
}

#[test]
fn sequences_of_many_steps_stay_out_of_the_stack() {
    const STEPS: usize = 1000;
    #[differentiable]
    fn slope(x: f64, y: &[f64; 200]) -> [f64; 200] {
        let mut slope = [0.0; 200];
        for i in 1..200 {
            slope[i] = x * y[i] * y[i - 1];
        }
        slope
    }
    #[differentiable]
    fn of_a_constant(x: f64) -> f64 {
        let mut y = [0.5; 200];
        for _ in 0..STEPS {
            let slope = slope(x, &y);
            for i in 0..200 {
                y[i] += 0.001 * slope[i];
            }
        }
        y.iter().sum()
    }
    #[differentiable]
    fn of_a_literal(x: f64) -> f64 {
        let mut y = [0.5; 200];
        for _ in 0..1000 {
            let slope = slope(x, &y);
            for i in 0..200 {
                y[i] += 0.001 * slope[i];
            }
        }
        y.iter().sum()
    }
    let run = || {
        let (value, slope) = of_a_constant::value_and_grad(0.3);
        assert_eq!(value.to_bits(), of_a_constant(0.3).to_bits());
        let expected = (of_a_constant(0.3 + 1e-5) - of_a_constant(0.3 - 1e-5)) / 2e-5;
        assert!((slope - expected).abs() < 1e-7 * expected.abs(), "{slope} {expected}");
        assert_eq!(of_a_literal::value_and_grad(0.3), (value, slope));
        let (again, back) = of_a_constant::pullback(0.3);
        let mut d = 0.0;
        back(1.0, &mut d);
        assert_eq!((again.to_bits(), d), (value.to_bits(), slope));
    };
    let thread = std::thread::Builder::new().stack_size(1024 * 1024).spawn(run).expect("a thread");
    thread.join().expect("there is room enough");
}

#[test]
fn second_derivatives_keep_tangents_beside_them() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut h = *x;
        for _ in 0..20 {
            for i in 0..3 {
                h[i] = (h[i] * h[(i + 1) % 3] + x[i]).sin();
            }
        }
        h[0] + h[1] * h[2]
    }
    let (x, h) = ([0.3, 0.4, 0.7], 1e-6);
    let hessian = f::hessian(&x);
    for i in 0..3 {
        let at = |h: f64| f::grad(&std::array::from_fn(|j| if i == j { x[j] + h } else { x[j] }));
        let (ahead, behind) = (at(h), at(-h));
        for j in 0..3 {
            let difference = (ahead[j] - behind[j]) / (2.0 * h);
            assert!((hessian[i][j] - difference).abs() < 1e-6 * (1.0 + difference.abs()), "{i} {j}");
        }
    }
}

const INPUTS: usize = 3;
const UNITS: usize = 5;
const B: usize = 4;
const SIGNED: i32 = 6;
const NONE: i32 = -6;

#[allow(clippy::reversed_empty_ranges, reason = "a negative constant has no iterations")]
#[test]
fn nested_loops_up_to_constants_keep_numbers_in_arrays() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 15]) -> f64 {
        let mut total = 1.0;
        for unit in 0..UNITS {
            let mut a = 0.3;
            for i in 1..INPUTS {
                a = (a * x[unit * 3 + i] + x[i] * x[unit * 3]).sin() * a;
                for k in 0..2 {
                    a *= (x[unit + k] + a).cos();
                }
            }
            total = (total * a + x[unit]).tanh();
        }
        for letter in 0..B {
            for signed in 2..SIGNED {
                total = (total + x[letter] * f64::from(signed)).sin();
            }
            for _ in 0..NONE {
                total = (total + x[letter]).sin();
            }
        }
        total
    }
    agrees_twice!(f, 15, [0.3, 0.9, -0.4, 0.2, -0.7, 0.1, 0.8, 0.6, 0.5, -0.3, 0.4, 0.9, 0.1, 0.2, 0.3]);
}

#[test]
fn loops_up_to_constant_parameters_keep_numbers_in_arrays() {
    #[differentiable(second_order)]
    fn by<const N: usize, const M: usize>(w: &[[f64; N]; M]) -> f64 {
        let mut total = 1.0;
        for unit in 0..M {
            let mut a = 0.3;
            for i in 0..N {
                a = (a * w[unit][i] + w[unit][0]).sin() * a;
                for _ in 0..UNITS {
                    a *= (w[unit][i] + a).cos();
                }
            }
            total = (total * a + w[unit][0]).tanh();
        }
        total
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 6]) -> f64 {
        let [a, b, c, d, e, f] = *x;
        by(&[[a, b, c], [d, e, f]]) + by(&[[a], [e]])
    }
    agrees_twice!(f, 6, [0.3, 0.9, -0.4, 0.2, -0.7, 0.1]);
}

#[test]
fn loops_over_arrays_count_to_what_their_types_say() {
    #[differentiable(second_order)]
    fn by<const N: usize>(x: &[f64; INPUTS], w: &[[f64; N]; UNITS], rows: &[[f64; 2]]) -> f64 {
        let count = x.len();
        let mut s = 0.3;
        for (row, other) in w.iter().zip(w.iter().rev()) {
            for (a, b) in row.iter().zip(x) {
                s = (s * a).sin() * b + s;
            }
            for i in 1..count {
                s = (s * x[i - 1] + other[0]).cos();
            }
        }
        let shares = x.map(|v| v * s);
        for share in shares {
            s = (s * share).tanh() + share;
        }
        for pair in rows {
            s = pair.iter().fold(s, |s, v| (s * v + 0.1).sin());
        }
        s
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 7]) -> f64 {
        let [a, b, c, d, e, f, g] = *x;
        by(&[a, b, c], &[[d, e], [f, g], [a, a], [b, g], [c, d]], &[[e, f], [g, a], [b, c]])
            + by(&[e, f, g], &[[a], [b], [c], [d], [e]], &[])
    }
    agrees_twice!(f, 7, [0.3, 0.9, -0.4, 0.2, -0.7, 0.1, 0.5]);
}

#[test]
fn constants_may_be_those_of_inner_blocks() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        for _ in 0..UNITS {
            const UNITS: usize = 2;
            let units = [x[0]; UNITS];
            for _ in 0..UNITS {
                s = (s * x[1]).sin() + x[0];
            }
            for unit in units {
                s = (s * unit).cos() + x[1];
            }
            {
                const INNER: usize = 3;
                for _ in 0..INNER {
                    s = (s * x[1]).cos() * s;
                }
            }
        }
        s
    }
    agrees_twice!(f, 2, [0.3, 0.8]);
}

#[test]
fn what_many_iterations_of_a_constant_number_keep_stays_out_of_the_stack() {
    const MANY: usize = 200_000;
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        for i in 0..MANY {
            s += 1e-6 * (s * x[1] + i as f64 * 1e-5).sin();
            for j in 0..B {
                s += 1e-6 * (s * x[1] - j as f64).sin() * s;
            }
        }
        s
    }
    #[differentiable(wrt(x))]
    fn rounds(x: &[f64; 2], count: usize) -> f64 {
        let mut s = x[0];
        for _ in 0..count {
            for i in 0..MANY {
                s += 1e-6 * (s * x[1] + i as f64 * 1e-5).sin();
            }
        }
        s
    }
    let count = std::hint::black_box(2);
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(move || {
            agrees!(f, 2, [0.3, 0.8]);
            let (at, h) = (|x, y| rounds(&[x, y], count), 1e-5);
            let [d_x, d_y] = rounds::grad(&[0.3, 0.8], count);
            assert!((d_x - (at(0.3 + h, 0.8) - at(0.3 - h, 0.8)) / (2.0 * h)).abs() < 1e-7);
            assert!((d_y - (at(0.3, 0.8 + h) - at(0.3, 0.8 - h)) / (2.0 * h)).abs() < 1e-7);
        })
        .expect("a thread")
        .join()
        .expect("there is room enough");
}

#[test]
fn the_length_of_a_row_is_not_that_of_what_holds_it() {
    const UNITS: usize = 4;
    #[differentiable]
    fn flat(x: &[f64; 8]) -> f64 {
        let rows: [[f64; UNITS]; 2] = [[x[0], x[1], x[2], x[3]], [x[4], x[5], x[6], x[7]]];
        let mut s = 0.5;
        for i in 0..rows.len() {
            for j in 0..rows[i].len() {
                s = (s * rows[i][j]).sin() + s * s;
            }
        }
        s
    }
    agrees!(flat: [0.7, -0.2, 0.4, 0.9, 0.3, 0.1, -0.6, 0.8]);

    #[differentiable]
    fn of_a_parameter(x: &[[f64; UNITS]; 2]) -> f64 {
        let mut s = 0.5;
        for i in 0..x.len() {
            for j in 0..x[i].len() {
                s = (s * x[i][j]).sin() + s * s;
            }
        }
        s
    }
    let x = [[0.7, -0.2, 0.4, 0.9], [0.3, 0.1, -0.6, 0.8]];
    assert_eq!(
        of_a_parameter::grad(&x),
        [0, 4].map(|first| std::array::from_fn(|j| flat::grad(&std::array::from_fn(|k| x[k / 4][k % 4]))[first + j]))
    );
}
