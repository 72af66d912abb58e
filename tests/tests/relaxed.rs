//! What `relaxed` changes is rounding: values, gradients and tangents are those of the function as it stands, and what is no number, infinite or
//! without an element stays so.

use differentiable::Dual;
use differentiable::prelude::*;

/// A function twice, as it stands and relaxed.
macro_rules! twins {
    ($(($($argument:tt)*))? $(#[$attribute:meta])* fn $($function:tt)*) => {
        mod plain {
            #[allow(unused_imports, reason = "not every function needs the prelude's")]
            use super::*;
            #[differentiable($($($argument)*)?)]
            $(#[$attribute])*
            pub fn $($function)*
        }
        mod relaxed {
            #[allow(unused_imports, reason = "not every function needs the prelude's")]
            use super::*;
            #[differentiable(relaxed, $($($argument)*)?)]
            $(#[$attribute])*
            pub fn $($function)*
        }
    };
}

/// Numbers of both signs and of several magnitudes.
fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ seed;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next() * 3.0).collect()
}

/// Equal to rounding; infinities and NaN are the same.
fn close(a: f64, b: f64, scale: f64) {
    let equal = a == b || a.is_nan() && b.is_nan();
    assert!(equal || (a - b).abs() <= 1e-13 * scale.max(a.abs()), "{a} and {b} differ by more than rounding");
}

fn all_close(a: &[f64], b: &[f64], scale: f64) {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).for_each(|(a, b)| close(*a, *b, scale));
}

/// Compares the twins on slices of every length up to 40 and of some beyond, in both modes.
macro_rules! same_on_slices {
    ($name:ident, |$x:ident| $map:expr) => {
        for length in (0..40).chain([63, 64, 65, 127, 128, 200]) {
            let $x = numbers(length, length as u64);
            let x: Vec<f64> = $map;
            let (value, gradient) = plain::$name::value_and_grad(&x);
            let (relaxed_value, relaxed_gradient) = relaxed::$name::value_and_grad(&x);
            let scale = 1.0 + length as f64 * x.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
            close(relaxed_value, value, scale);
            all_close(&relaxed_gradient, &gradient, scale);
            let direction = numbers(length, 1 + length as u64);
            let (value, tangent) = plain::$name::jvp(&x, &direction);
            let (relaxed_value, relaxed_tangent) = relaxed::$name::jvp(&x, &direction);
            close(relaxed_value, value, scale);
            close(relaxed_tangent, tangent, 3.0 * scale);
            let (value, back) = relaxed::$name::pullback(&x);
            let mut apart = vec![0.0; length];
            back(1.0, &mut apart);
            close(value, relaxed_value, scale);
            all_close(&apart, &relaxed_gradient, scale);
        }
    };
}

mod sums {
    use super::*;

    twins! {
        fn squares(x: &[f64]) -> f64 {
            let mut s = 0.5;
            for i in 0..x.len() {
                s += x[i] * x[i];
            }
            s
        }
    }

    #[test]
    fn differ_by_rounding_at_every_length() {
        same_on_slices!(squares, |x| x);
    }

    #[test]
    fn run_in_eight_chains_and_a_rest_in_this_order() {
        let x: Vec<f64> = numbers(19, 5);
        let mut chains = [-0.0; 8];
        x[..16].iter().enumerate().for_each(|(i, x)| chains[i % 8] += x * x);
        let rest = x[16..].iter().fold(0.5, |sum, x| sum + x * x);
        let [a, b, c, d, e, f, g, h] = chains;
        let value = rest + (((a + e) + (c + g)) + ((b + f) + (d + h)));
        assert_eq!(relaxed::squares::vjp(&x, 1.0, &mut [0.0; 19]).to_bits(), value.to_bits());
    }

    #[test]
    fn leave_the_function_as_it_is() {
        let mut others = 0;
        for seed in 0..20 {
            let x = numbers(100, seed);
            assert_eq!(relaxed::squares(&x).to_bits(), plain::squares(&x).to_bits());
            others += usize::from(relaxed::squares::value_and_grad(&x).0.to_bits() != plain::squares(&x).to_bits());
        }
        assert!(others > 0, "no sum was split");
    }

    mod signed {
        use super::*;

        #[differentiable(relaxed)]
        fn total(x: &[f64]) -> f64 {
            x.iter().sum()
        }

        #[test]
        fn keep_zeros_infinities_and_what_is_no_number() {
            let value = |x: &[f64]| total::value_and_grad(x).0;
            assert_eq!(value(&[]).to_bits(), (-0.0f64).to_bits(), "an empty sum is -0");
            assert_eq!(value(&[-0.0; 20]).to_bits(), (-0.0f64).to_bits());
            assert_eq!(value(&[0.0; 20]).to_bits(), 0.0f64.to_bits());
            for position in 0..20 {
                let with = |special: f64| {
                    let mut x = [1.0; 20];
                    x[position] = special;
                    value(&x)
                };
                assert!(with(f64::NAN).is_nan());
                assert_eq!(with(f64::INFINITY), f64::INFINITY);
                assert_eq!(with(f64::NEG_INFINITY), f64::NEG_INFINITY);
            }
            let mut both = [f64::INFINITY; 20];
            both[11] = f64::NEG_INFINITY;
            assert!(value(&both).is_nan());
        }
    }

    mod several {
        use super::*;

        twins! {
            fn moments(x: &[f64]) -> f64 {
                let (mut first, mut second) = (0.0, 0.0);
                for i in (1..x.len()).rev() {
                    let d = x[i] - x[i - 1];
                    first -= d * x[i];
                    second += d * d * d;
                }
                first.sin() + second
            }
        }

        #[test]
        fn in_one_loop_that_runs_backwards() {
            same_on_slices!(moments, |x| x.iter().map(|x| 0.1 * x).collect());
        }
    }

    mod carried {
        use super::*;

        twins! {
            fn path(x: &[f64]) -> f64 {
                let (mut level, mut total) = (0.25, 0.0);
                for i in 0..x.len() {
                    level = 0.5 * level + x[i];
                    total += level * level;
                }
                total
            }
        }

        #[test]
        fn beside_a_recurrence_keep_its_order() {
            same_on_slices!(path, |x| x);
        }
    }

    mod running {
        use super::*;

        twins! {
            fn prefixes(x: &[f64]) -> f64 {
                let (mut sum, mut total) = (0.0, 1.0);
                for i in 0..x.len() {
                    sum += x[i];
                    total += sum * x[i];
                }
                total
            }
        }

        #[test]
        fn that_are_read_in_the_loop_are_not_split() {
            same_on_slices!(prefixes, |x| x);
        }
    }

    mod generic {
        use super::*;

        twins! {
            fn dot<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> T {
                let mut s = T::ZERO;
                for i in 0..N {
                    s += a[i] * b[i];
                }
                s
            }
        }

        fn at<T: Real + From<f32> + Into<f64>, const N: usize>(epsilon: f64) {
            let vector = |seed| std::array::from_fn::<T, N, _>(|i| T::from(numbers(N, seed)[i] as f32));
            let (a, b) = (vector(1), vector(2));
            let (value, (da, db)) = relaxed::dot::value_and_grad(&a, &b);
            let plain = plain::dot(&a, &b);
            let difference: f64 = (value - plain).into();
            assert!(difference.abs() <= N as f64 * epsilon, "{difference}");
            assert!(da == b && db == a);
        }

        #[test]
        fn in_every_precision_and_of_constant_length() {
            at::<f32, 0>(1e-6);
            at::<f32, 7>(1e-6);
            at::<f32, 33>(1e-6);
            at::<f64, 8>(1e-14);
            at::<f64, 40>(1e-14);
        }
    }

    mod fields {
        use super::*;

        #[derive(Clone, Debug, PartialEq, Differentiable)]
        pub struct Line {
            pub slope: f32,
            pub at: [f32; 3],
        }

        twins! {
            (wrt(p))
            fn cost(p: &Line, x: &[f32], y: &[f32]) -> f32 {
                x.iter().zip(y).map(|(x, y)| (p.slope * x + p.at[1] - y).powi(2)).sum::<f32>() / x.len() as f32
            }
        }

        #[test]
        fn that_gather_in_a_field_of_the_adjoint() {
            let p = Line { slope: 0.3, at: [0.0, -1.0, 2.0] };
            let single = |seed| numbers(50, seed).iter().map(|x| *x as f32).collect::<Vec<f32>>();
            let (x, y) = (single(1), single(2));
            let (value, d) = plain::cost::value_and_grad(&p, &x, &y);
            let (relaxed_value, relaxed_d) = relaxed::cost::value_and_grad(&p, &x, &y);
            assert!((value - relaxed_value).abs() <= 1e-5 * value);
            assert!((d.slope - relaxed_d.slope).abs() <= 1e-5 && (d.at[1] - relaxed_d.at[1]).abs() <= 1e-5);
        }
    }

    #[test]
    #[should_panic(expected = "index out of bounds")]
    fn past_the_end_panic_as_the_function_does() {
        #[differentiable(relaxed)]
        fn beyond(x: &[f64]) -> f64 {
            let mut s = 0.0;
            for i in 0..x.len() + 1 {
                s += x[i] * x[i];
            }
            s
        }
        let _ = beyond::grad(&[1.0; 20]);
    }

    mod windows {
        use super::*;

        mod guarded {
            use super::*;

            twins! {
                (wrt(x))
                fn guarded(x: &[f64], weights: &[f64], others: &[[f64; 2]]) -> f64 {
                    let mut s = 0.0;
                    for i in 0..x.len() {
                        let e = (0.1 * x[i]).exp();
                        if i < weights.len() {
                            s += e * weights[i];
                        }
                        for j in 0..others.len().saturating_sub(i) {
                            s += e * others[i][j % 2];
                        }
                    }
                    s
                }
            }

            #[test]
            fn are_of_no_sequence_that_is_shorter_than_the_loop() {
                for length in [0, 1, 7, 8, 9, 17, 64, 65, 200] {
                    let x = numbers(length, 3);
                    let (weights, others) = (numbers(length / 2, 4), [[0.5, -0.25]; 3]);
                    let (value, gradient) = plain::guarded::value_and_grad(&x, &weights, &others);
                    let (relaxed_value, relaxed_gradient) = relaxed::guarded::value_and_grad(&x, &weights, &others);
                    close(relaxed_value, value, 100.0);
                    all_close(&relaxed_gradient, &gradient, 100.0);
                }
            }
        }

        mod neighbours {
            use super::*;

            twins! {
                fn neighbours(x: &[f64]) -> f64 {
                    let mut s = 0.0;
                    for i in 0..x.len().saturating_sub(1) {
                        s += (0.1 * x[i] * x[i + 1]).exp() * x[i];
                    }
                    s
                }
            }

            #[test]
            fn are_of_no_adjoint_whose_neighbours_are_added_to() {
                same_on_slices!(neighbours, |x| x);
            }
        }

        mod rows {
            use super::*;

            twins! {
                (wrt(w, b))
                fn loss(w: &[f64; 9], b: f64, xs: &[[f64; 9]], ys: &[f64]) -> f64 {
                    let losses = xs.iter().zip(ys).map(|(x, y)| {
                        let z = b + x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>();
                        (1.0 + (-y * z).exp()).ln()
                    });
                    losses.sum::<f64>() / xs.len() as f64
                }
            }

            #[test]
            fn are_of_rows_and_of_numbers_beside_them() {
                let w = std::array::from_fn(|i| numbers(9, 1)[i]);
                for (rows, labels) in [(1, 1), (7, 7), (8, 8), (9, 9), (17, 17), (64, 64), (65, 65), (130, 70), (70, 130)] {
                    let xs: Vec<[f64; 9]> = (0..rows).map(|i| std::array::from_fn(|j| numbers(9, i)[j])).collect();
                    let ys: Vec<f64> = numbers(labels, 2).iter().map(|y| y.signum()).collect();
                    let (value, (dw, db)) = plain::loss::value_and_grad(&w, 0.3, &xs, &ys);
                    let (relaxed_value, (relaxed_dw, relaxed_db)) = relaxed::loss::value_and_grad(&w, 0.3, &xs, &ys);
                    close(relaxed_value, value, 10.0);
                    close(relaxed_db, db, 10.0);
                    all_close(&relaxed_dw, &dw, 10.0);
                }
            }
        }

        mod overwritten {
            use super::*;

            twins! {
                (wrt(state, x))
                fn decays(state: &mut [f64], x: &[f64]) {
                    for i in 0..x.len() {
                        state[i] = state[i] * (-x[i] * x[i]).exp() + x[i].tanh();
                    }
                }
            }

            #[test]
            fn leave_what_a_caller_lends_as_the_function_does() {
                for length in [0, 1, 8, 9, 65, 130] {
                    let (start, x) = (numbers(length, 1), numbers(length, 2));
                    let found = [plain::decays::vjp, relaxed::decays::vjp].map(|vjp| {
                        let (mut state, mut d_state, mut d_x) = (start.clone(), numbers(length, 3), vec![0.0; length]);
                        vjp(&mut state, &x, &mut d_state, &mut d_x);
                        [state, d_state, d_x]
                    });
                    let [plain, relaxed] = found;
                    plain.iter().zip(&relaxed).for_each(|(plain, relaxed)| all_close(relaxed, plain, 10.0));
                }
            }
        }
    }

    mod second {
        use super::*;

        twins! {
            (second_order)
            fn quartic(x: &[f64]) -> f64 {
                let s: f64 = x.iter().map(|x| x * x).sum();
                s * s
            }
        }

        #[test]
        fn differ_by_rounding_in_second_derivatives() {
            let (x, v) = (numbers(21, 3), numbers(21, 4));
            all_close(&relaxed::quartic::hvp(&x, &v), &plain::quartic::hvp(&x, &v), 1e4);
        }
    }
}

mod maths {
    use super::*;

    twins! {
        fn mixed(x: &[f64]) -> f64 {
            let mut s = 0.0;
            for i in 0..x.len() {
                let e = (-x[i] * x[i]).exp();
                let t = (e + x[i]).tanh();
                s += (1.0 + e).ln() * t.sin() + (x[i] * t).cos();
            }
            s / (1.0 + x.len() as f64)
        }
    }

    #[test]
    fn of_many_numbers_differs_by_rounding_at_every_length() {
        same_on_slices!(mixed, |x| x);
    }

    mod chained {
        use super::*;

        twins! {
            fn chained(x: &[f64]) -> f64 {
                x.iter().zip(x.iter().rev()).map(|(a, b)| (a * b).sigmoid().ln_1p() + a.exp_m1() - b.softplus()).sum()
            }
        }

        #[test]
        fn in_chains_of_iterators() {
            same_on_slices!(chained, |x| x);
        }
    }

    mod bare {
        use super::*;

        twins! {
            fn bare(x: &[f64]) -> f64 {
                x.iter().map(|x| x.exp()).sum::<f64>() + x.iter().copied().map(f64::tanh).sum::<f64>()
            }
        }

        #[test]
        fn of_an_element_or_a_reference_to_it() {
            same_on_slices!(bare, |x| x);
        }
    }

    mod units {
        use super::*;

        #[derive(Clone, Debug, PartialEq, Differentiable)]
        pub struct Params {
            pub w: [[f64; 3]; 8],
            pub b: [f64; 8],
            pub out: [f64; 8],
        }

        twins! {
            (wrt(p))
            fn network(p: &Params, x: &[f64; 3]) -> f64 {
                let mut hidden = [0.0; 8];
                for i in 0..8 {
                    let mut z = p.b[i];
                    for j in 0..3 {
                        z += p.w[i][j] * x[j];
                    }
                    hidden[i] = z.tanh();
                }
                let mut y = 0.0;
                for i in 0..8 {
                    y += p.out[i] * hidden[i];
                }
                y.sigmoid()
            }
        }

        #[test]
        fn of_hidden_units() {
            let n = numbers(40, 9);
            let p = Params {
                w: std::array::from_fn(|i| [n[i], n[i + 8], n[i + 16]]),
                b: std::array::from_fn(|i| n[i + 24]),
                out: std::array::from_fn(|i| n[i + 32]),
            };
            let x = [0.3, -0.8, 0.5];
            let (value, d) = plain::network::value_and_grad(&p, &x);
            let (relaxed_value, relaxed_d) = relaxed::network::value_and_grad(&p, &x);
            close(relaxed_value, value, 10.0);
            all_close(&relaxed_d.b, &d.b, 10.0);
            all_close(&relaxed_d.out, &d.out, 10.0);
            all_close(relaxed_d.w.as_flattened(), d.w.as_flattened(), 10.0);
            let (_, tangent) = plain::network::jvp(&p, &x, &p);
            close(relaxed::network::jvp(&p, &x, &p).1, tangent, 10.0);
            let (value, back) = relaxed::network::pullback(&p, &x);
            let mut apart = p.zeros_like();
            back(1.0, &mut apart);
            close(value, relaxed_value, 10.0);
            all_close(&apart.b, &d.b, 10.0);
        }
    }

    mod memory {
        use super::*;

        const UNITS: usize = 5;

        twins! {
            (wrt(state, input))
            fn cell(state: &mut [f64; UNITS], input: &[f64; UNITS]) {
                for i in 0..UNITS {
                    let gate = (input[i] - state[i]).sigmoid();
                    state[i] = state[i] * gate + (input[i] * gate).tanh();
                    state[i] = state[i].sin();
                }
            }
        }

        #[test]
        fn of_elements_that_are_overwritten() {
            let input = [0.3, -0.5, 1.7, 0.0, -2.0];
            let start = [0.9, 0.1, -0.4, 0.6, 2.0];
            let (mut state, mut d_state, mut d_input) = (start, [1.0, 0.5, -1.0, 2.0, 0.3], [0.0; 5]);
            let (mut relaxed_state, mut relaxed_d_state, mut relaxed_d_input) = (state, d_state, d_input);
            plain::cell::vjp(&mut state, &input, &mut d_state, &mut d_input);
            relaxed::cell::vjp(&mut relaxed_state, &input, &mut relaxed_d_state, &mut relaxed_d_input);
            all_close(&relaxed_state, &state, 10.0);
            all_close(&relaxed_d_state, &d_state, 10.0);
            all_close(&relaxed_d_input, &d_input, 10.0);
        }
    }

    mod waiting {
        use super::*;

        twins! {
            fn recurrence(x: &[f64]) -> f64 {
                let mut s = 0.5;
                for i in 0..x.len() {
                    s = (s * x[i]).exp().ln_1p() - 1.0;
                }
                s
            }
        }

        #[test]
        fn of_a_recurrence_keeps_its_order() {
            same_on_slices!(recurrence, |x| x.iter().map(|x| 0.1 * x).collect());
        }

        mod shifted {
            use super::*;

            twins! {
                fn shifted(x: &[f64]) -> f64 {
                    let mut y = [0.25; 300];
                    for i in 0..x.len() {
                        y[i + 1] = (y[i] + x[i]).tanh();
                    }
                    y[x.len()] + y[x.len() / 2]
                }
            }

            #[test]
            fn of_what_an_iteration_before_wrote_keeps_its_order() {
                same_on_slices!(shifted, |x| x);
            }
        }
    }

    mod chosen {
        use super::*;

        twins! {
            fn chosen(x: &[f64]) -> f64 {
                let mut s = 0.0;
                for i in 0..x.len() {
                    let e = x[i].exp();
                    if e > 1.0 {
                        s += e * x[i];
                    } else {
                        s -= (x[i] * e).cos();
                    }
                }
                s
            }
        }

        #[test]
        fn in_front_of_a_choice() {
            same_on_slices!(chosen, |x| x);
        }
    }

    mod integers {
        use super::*;

        twins! {
            (wrt(x))
            fn gather(x: &[f64], at: &[usize]) -> f64 {
                let mut s = 0.0;
                let mut seen = 0;
                for i in 0..at.len() {
                    let k = at[i];
                    seen += k % 2;
                    s += x[k].exp() * x[i] + seen as f64 * x[k];
                }
                s
            }
        }

        #[test]
        fn beside_indices_and_counters() {
            let x = numbers(70, 3);
            let at: Vec<usize> = (0..70).map(|i| i * 37 % 70).collect();
            let (value, gradient) = plain::gather::value_and_grad(&x, &at);
            let (relaxed_value, relaxed_gradient) = relaxed::gather::value_and_grad(&x, &at);
            close(relaxed_value, value, 1e4);
            all_close(&relaxed_gradient, &gradient, 1e4);
        }
    }

    mod special {
        use super::*;

        twins! {
            fn each(x: &[f64]) -> Vec<f64> {
                let mut y = x.to_vec();
                for i in 0..x.len() {
                    y[i] = x[i].exp() + x[i].ln() + x[i].ln_1p() + x[i].tanh() + x[i].sigmoid() + x[i].softplus() + x[i].exp_m1();
                }
                y
            }
        }

        #[test]
        fn keeps_domains_infinities_and_what_is_no_number() {
            let points = [
                0.0,
                -0.0,
                -1.0,
                -2.0,
                1e-310,
                -1e-310,
                1e300,
                -1e300,
                709.0,
                710.0,
                -745.0,
                -746.0,
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::NAN,
                0.5,
                3.0,
            ];
            let seed = vec![1.0; points.len()];
            let (mut gradient, mut relaxed_gradient) = (vec![0.0; points.len()], vec![0.0; points.len()]);
            let value = plain::each::vjp(&points, &seed, &mut gradient);
            let relaxed_value = relaxed::each::vjp(&points, &seed, &mut relaxed_gradient);
            all_close(&relaxed_value, &value, 1.0);
            all_close(&relaxed_gradient, &gradient, 1.0);
        }
    }

    mod single {
        use super::*;

        twins! {
            fn energy<T: Real>(x: &[T]) -> T {
                let mut s = T::ZERO;
                for i in 0..x.len() {
                    s += (x[i] * x[i]).exp() * x[i].sin();
                }
                s
            }
        }

        #[test]
        fn in_single_precision_and_over_numbers_that_have_no_vectors() {
            let x: Vec<f32> = numbers(75, 2).iter().map(|x| (0.4 * x) as f32).collect();
            let (value, gradient) = plain::energy::value_and_grad(&x);
            let (relaxed_value, relaxed_gradient) = relaxed::energy::value_and_grad(&x);
            assert!((value - relaxed_value).abs() < 1e-4);
            gradient.iter().zip(&relaxed_gradient).for_each(|(a, b)| assert!((a - b).abs() < 1e-4, "{a} {b}"));
            let dual: Vec<Dual<f64, 1>> = numbers(75, 2).iter().map(|x| Dual::variable(0.4 * x, 0)).collect();
            let (value, _) = relaxed::energy::value_and_grad(&dual);
            let plain = plain::energy(&dual);
            close(value.value(), plain.value(), 10.0);
            close(value.tangents()[0], plain.tangents()[0], 100.0);
        }
    }
}

mod derivatives_that_calls_give_beside_their_values {
    use super::*;

    mod of_gates {
        use super::*;

        twins! {
            fn gates(x: &[f64]) -> f64 {
                let mut s = 0.0;
                for i in 0..x.len() {
                    let z = 2.0 * x[i];
                    let gate = z.sigmoid();
                    let change = z.tanh();
                    let again = z.tanh();
                    s += gate * change + (gate * again).tanh() * x[i];
                }
                s
            }
        }

        #[test]
        fn differ_by_rounding_at_every_length() {
            same_on_slices!(gates, |x| x);
        }

        #[test]
        fn differ_by_rounding_where_the_value_is_nearly_one() {
            same_on_slices!(gates, |x| x.iter().map(|x| 6.0 * x).collect());
            same_on_slices!(gates, |x| x.iter().map(|x| 100.0 * x).collect());
        }

        #[test]
        fn keep_their_digits_where_the_value_is_nearly_one() {
            let x: Vec<f64> = (0..30).map(|i| f64::from(i) * 12.0).collect();
            let (d, relaxed_d) = (plain::gates::grad(&x), relaxed::gates::grad(&x));
            d.iter().zip(relaxed_d).for_each(|(d, relaxed)| assert!((d - relaxed).abs() <= 1e-13 * d.abs(), "{d} and {relaxed}"));
        }

        #[test]
        fn keep_infinities_and_what_is_no_number() {
            for special in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.0, -0.0] {
                let mut x = numbers(11, 2);
                x[7] = special;
                let (value, d) = plain::gates::value_and_grad(&x);
                let (relaxed_value, relaxed_d) = relaxed::gates::value_and_grad(&x);
                close(relaxed_value, value, 30.0);
                all_close(&relaxed_d, &d, 30.0);
            }
        }
    }

    mod of_numbers_that_change {
        use super::*;

        twins! {
            fn moved(x: &[f64]) -> f64 {
                let mut s = 0.0;
                for i in 0..x.len() {
                    let mut z = x[i];
                    let y = z.tanh();
                    z *= y + 0.5;
                    let t = z.tanh();
                    z += t;
                    if z > 0.0 {
                        s += y * t;
                    }
                    for _ in 0..i % 3 {
                        s += t * t * z.sigmoid();
                    }
                    s += y * t + z.sigmoid();
                }
                s
            }
        }

        #[test]
        fn are_those_at_the_numbers_that_the_calls_had() {
            same_on_slices!(moved, |x| x);
        }
    }

    mod of_the_derivative_itself {
        use super::*;

        twins! {
            (second_order)
            fn gates(x: &[f64; 19], w: f64) -> f64 {
                x.iter().map(|x| (w * x).tanh() * (x - w).sigmoid()).sum()
            }
        }

        #[test]
        fn differ_by_rounding() {
            let x: [f64; 19] = std::array::from_fn(|i| i as f64 * 0.4 - 3.0);
            let directions: [f64; 19] = std::array::from_fn(|i| 0.3 - i as f64 * 0.1);
            let (d, d_w) = plain::gates::hvp(&x, 0.7, &directions, 0.5);
            let (relaxed_d, relaxed_d_w) = relaxed::gates::hvp(&x, 0.7, &directions, 0.5);
            all_close(&relaxed_d, &d, 10.0);
            close(relaxed_d_w, d_w, 100.0);
        }
    }

    mod of_other_numbers {
        use super::*;

        twins! {
            fn gates<T: Real>(x: &[T]) -> T {
                let mut s = T::from_f64(0.0);
                for i in 0..x.len() {
                    let gate = x[i].sigmoid();
                    s += gate * (gate * x[i]).tanh();
                }
                s
            }
        }

        #[test]
        fn differ_by_rounding() {
            let x: Vec<f32> = numbers(37, 6).iter().map(|x| *x as f32).collect();
            let (d, relaxed_d) = (plain::gates::grad(&x), relaxed::gates::grad(&x));
            d.iter().zip(relaxed_d).for_each(|(d, relaxed)| assert!((d - relaxed).abs() <= 1e-5, "{d} and {relaxed}"));
            let x: Vec<Dual<f64, 1>> = numbers(37, 6).into_iter().map(|x| Dual::variable(x, 0)).collect();
            assert_eq!(plain::gates::grad(&x), relaxed::gates::grad(&x), "each goes by itself, as it is written");
        }
    }
}

mod adjoints_of_short_arrays {
    use super::*;

    mod in_rows {
        use super::*;

        twins! {
            (wrt(w, v))
            fn loss(w: &[f64; 5], v: &[f64; 17], xs: &[[f64; 5]]) -> f64 {
                let mut s = 0.0;
                for i in 0..xs.len() {
                    let z = xs[i].iter().zip(w).map(|(x, w)| x * w).sum::<f64>();
                    s += (0.3 * z).exp() + w[i * 7 % 5] * w[0];
                    for j in 0..5 {
                        s += v[3 * j + i % 5] * (w[4 - j] * xs[i][j]).tanh();
                    }
                }
                s + w.iter().map(|w| w * w).sum::<f64>()
            }
        }

        fn rows(count: usize) -> Vec<[f64; 5]> {
            numbers(5 * count, 8).as_chunks::<5>().0.to_vec()
        }

        #[test]
        fn differ_by_rounding_at_every_length() {
            let w: [f64; 5] = std::array::from_fn(|i| 0.4 - 0.2 * i as f64);
            let v: [f64; 17] = std::array::from_fn(|i| 0.1 * i as f64 - 0.7);
            for count in [0, 1, 7, 8, 9, 17, 33, 64, 65, 130] {
                let xs = rows(count);
                let (value, (d_w, d_v)) = plain::loss::value_and_grad(&w, &v, &xs);
                let (relaxed_value, (relaxed_d_w, relaxed_d_v)) = relaxed::loss::value_and_grad(&w, &v, &xs);
                close(relaxed_value, value, 1e3);
                all_close(&relaxed_d_w, &d_w, 1e3);
                all_close(&relaxed_d_v, &d_v, 1e3);
            }
        }

        #[test]
        fn are_added_to_what_is_there() {
            let (w, v, xs) = ([0.5; 5], [0.25; 17], rows(20));
            let (_, (d_w, _)) = plain::loss::value_and_grad(&w, &v, &xs);
            let mut there = [1.5, -2.0, f64::INFINITY, f64::NAN, 0.0];
            let before = there;
            relaxed::loss::vjp(&w, &v, &xs, 2.0, &mut there, &mut [0.0; 17]);
            (0..5).for_each(|i| close(there[i], before[i] + 2.0 * d_w[i], 1e3));
        }
    }

    mod without_an_iteration {
        use super::*;

        twins! {
            (wrt(w))
            fn loss(w: &[f64; 3], xs: &[[f64; 3]]) -> f64 {
                let mut s = 0.0;
                for x in xs {
                    let mut z = 0.0;
                    for j in 0..3 {
                        z += w[j] * x[j];
                    }
                    s += z.exp();
                }
                s
            }
        }

        #[test]
        fn stay_as_they_are() {
            let mut d = [-0.0, 0.0, 1.0];
            relaxed::loss::vjp(&[1.0; 3], &[], 1.0, &mut d);
            assert_eq!(d.map(f64::to_bits), [-0.0, 0.0, 1.0].map(f64::to_bits));
            let (value, d) = relaxed::loss::value_and_grad(&[0.5; 3], &[[1.0, f64::NAN, -1.0]; 3]);
            assert!(value.is_nan() && d.iter().all(|d| d.is_nan()));
        }

        #[test]
        fn begin_where_there_is_one() {
            let xs = [[0.5; 3]; 9];
            let (value, d) = plain::loss::value_and_grad(&[0.5; 3], &xs);
            let (relaxed_value, relaxed_d) = relaxed::loss::value_and_grad(&[0.5; 3], &xs);
            close(relaxed_value, value, 10.0);
            all_close(&relaxed_d, &d, 10.0);
        }
    }
}

#[test]
fn sums_that_flow_back_agree_at_every_length() {
    #[differentiable(wrt(x, scale))]
    fn scaled(x: &[f64], scale: &[f64]) -> f64 {
        let mut total = 0.5;
        for factor in scale {
            let mut product = 1.0;
            for i in 0..x.len() {
                product *= 1.0 + 0.01 * x[i] * factor;
            }
            total += product * factor;
        }
        total
    }
    for length in [0, 1, 7, 8, 9, 16, 17, 33] {
        let x: Vec<f64> = (0..length).map(|i| (i as f64).sin()).collect();
        let scale = [0.7, -1.3, 0.2];
        let (value, (dx, d_scale)) = scaled::value_and_grad(&x, &scale);
        assert_eq!(value.to_bits(), scaled(&x, &scale).to_bits());
        let x_dot: Vec<f64> = x.iter().map(|v| v.cos()).collect();
        let scale_dot = [0.4, -0.6, 1.1];
        let tangent = scaled::jvp(&x, &scale, &x_dot, &scale_dot).1;
        let pairs = dx.iter().zip(&x_dot).chain(d_scale.iter().zip(&scale_dot));
        let product: f64 = pairs.map(|(d, dot)| d * dot).sum();
        assert!((product - tangent).abs() <= 1e-12 * tangent.abs().max(1.0), "{length}: {product} {tangent}");
    }
}

/// Sums of the value in strips, whose lanes meet in what they add to neighbours.
mod strips {
    use super::*;

    twins! {
        fn valley(x: &[f64]) -> f64 {
            x.windows(2).map(|w| 100.0 * (w[1] - w[0].powi(2)).powi(2) + (1.0 - w[0]).powi(2)).sum()
        }
    }

    #[test]
    fn differ_by_rounding_at_every_length() {
        same_on_slices!(valley, |x| x.iter().map(|x| 0.1 * x).collect());
    }

    #[test]
    fn add_every_eighth_term_in_a_chain_of_its_own_however_long_a_strip_is() {
        for length in [0, 1, 2, 8, 9, 10, 16, 17, 18, 25, 26, 41, 200] {
            let x = numbers(length, 7);
            let mut chains = [-0.0; 8];
            for (i, w) in x.windows(2).enumerate() {
                chains[i % 8] += 100.0 * (w[1] - w[0].powi(2)).powi(2) + (1.0 - w[0]).powi(2);
            }
            let [a, b, c, d, e, f, g, h] = chains;
            let sum = -0.0 + (((a + e) + (c + g)) + ((b + f) + (d + h)));
            let mut d = vec![0.0; length];
            assert_eq!(relaxed::valley::vjp(&x, 1.0, &mut d).to_bits(), sum.to_bits(), "{length}");
        }
    }

    #[test]
    fn keep_infinities_and_what_is_no_number() {
        for position in 0..40 {
            for special in [f64::NAN, f64::INFINITY] {
                let mut x = [0.5; 40];
                x[position] = special;
                let (value, gradient) = plain::valley::value_and_grad(&x);
                let (relaxed_value, relaxed_gradient) = relaxed::valley::value_and_grad(&x);
                close(relaxed_value, value, 100.0);
                all_close(&relaxed_gradient, &gradient, 100.0);
            }
        }
    }

    mod taken_away {
        use super::*;

        twins! {
            fn differences(x: &[f64]) -> (f64, f64) {
                let (mut first, mut second) = (0.5, 2.0);
                for i in 1..x.len().saturating_sub(1) {
                    let d = x[i + 1] - 2.0 * x[i] + x[i - 1];
                    first -= d * d * x[i];
                    second += d * x[i + 1];
                }
                (first, second)
            }
        }

        #[test]
        fn of_several_sums_and_of_indices_that_begin_at_one() {
            for length in (0..40).chain([63, 64, 65, 200]) {
                let x = numbers(length, length as u64);
                let (mut d, mut relaxed_d) = (vec![0.5; length], vec![0.5; length]);
                let value = plain::differences::vjp(&x, &(1.0, -0.5), &mut d);
                let relaxed_value = relaxed::differences::vjp(&x, &(1.0, -0.5), &mut relaxed_d);
                close(relaxed_value.0, value.0, 1000.0);
                close(relaxed_value.1, value.1, 1000.0);
                all_close(&relaxed_d, &d, 1000.0);
            }
        }
    }
}

/// The logarithm of a sum of exponentials, whose exponentials are computed many at a time.
mod logarithms_of_sums {
    use super::*;

    twins! {
        fn of_all(x: &[f64]) -> f64 {
            logsumexp(x)
        }
    }

    #[test]
    fn differ_by_rounding_at_every_length() {
        for length in (1..40).chain([63, 64, 65, 127, 128, 200, 1023, 1024, 1025, 1100, 1500]) {
            let x = numbers(length, length as u64);
            let (value, gradient) = plain::of_all::value_and_grad(&x);
            let (relaxed_value, relaxed_gradient) = relaxed::of_all::value_and_grad(&x);
            close(relaxed_value, value, 1.0);
            all_close(&relaxed_gradient, &gradient, 1.0);
            // the adjoint holds something from one element on
            for from in [0, length / 2, length - 1] {
                let mut d = vec![0.0; length];
                d[from..].fill(0.75);
                let mut relaxed_d = d.clone();
                close(relaxed::of_all::vjp(&x, -2.0, &mut relaxed_d), plain::of_all::vjp(&x, -2.0, &mut d), 1.0);
                all_close(&relaxed_d, &d, 1.0);
            }
        }
    }

    #[test]
    fn keep_infinities_and_what_is_no_number() {
        assert_eq!(relaxed::of_all::value_and_grad(&[]), (f64::NEG_INFINITY, vec![]));
        for others in [0.5, 1e300, -1e300, 1e-310, f64::INFINITY, f64::NEG_INFINITY] {
            for special in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e300] {
                for (length, at) in [(1, 0), (6, 4), (9, 8), (70, 69), (1100, 1090)] {
                    let mut x = vec![others; length];
                    x[at] = special;
                    let (value, gradient) = plain::of_all::value_and_grad(&x);
                    let (relaxed_value, relaxed_gradient) = relaxed::of_all::value_and_grad(&x);
                    close(relaxed_value, value, 1.0);
                    all_close(&relaxed_gradient, &gradient, 1.0);
                }
            }
        }
    }

    mod samples {
        use super::*;

        #[derive(Clone, Debug, Differentiable)]
        pub struct Layers {
            pub w: Vec<[f64; 3]>,
            pub scale: f64,
        }

        twins! {
            (wrt(p))
            fn cost(p: &Layers, xs: &[[f64; 3]], labels: &[usize]) -> f64 {
                let mut total = 0.5;
                let mut scores = vec![0.0; p.w.len()];
                for i in 0..xs.len() {
                    for k in 0..p.w.len() {
                        let mut hidden = [0.0; 3];
                        for j in 0..3 {
                            hidden[j] = (p.w[k][j] * xs[i][j]).tanh();
                        }
                        scores[k] = 0.0;
                        for j in 0..3 {
                            scores[k] += p.scale * hidden[j];
                        }
                    }
                    total += xs[i][0] * logsumexp(&scores) - scores[labels[i]];
                }
                total
            }
        }

        mod of_layers {
            use super::*;

            twins! {
                (wrt(w))
                fn loss(w: &[f64], samples: &[([f64; 3], usize)]) -> f64 {
                    let total: f64 = samples
                        .iter()
                        .map(|(x, label)| {
                            let hidden: [f64; 4] = std::array::from_fn(|j| (0..3).map(|k| w[4 * k + j] * x[k]).sum::<f64>().tanh());
                            let scores: [f64; 2] = std::array::from_fn(|k| (0..4).map(|j| w[k + j] * hidden[j]).sum::<f64>());
                            logsumexp(&scores) - scores[*label]
                        })
                        .sum();
                    total
                }
            }

            #[test]
            fn and_of_hidden_units() {
                for count in [0, 1, 7, 8, 9, 16, 17, 35] {
                    let (w, x) = (numbers(12, 4), numbers(3 * count, 5));
                    let samples: Vec<_> = x.as_chunks::<3>().0.iter().enumerate().map(|(i, x)| (*x, i % 2)).collect();
                    let (value, d) = plain::loss::value_and_grad(&w, &samples);
                    let (relaxed_value, relaxed_d) = relaxed::loss::value_and_grad(&w, &samples);
                    close(relaxed_value, value, 100.0);
                    all_close(&relaxed_d, &d, 100.0);
                }
            }
        }

        #[test]
        fn of_eight_samples_at_once_differ_by_rounding() {
            for classes in [1, 2, 8, 9, 32, 33, 128, 129] {
                let n = numbers(3 * classes, 4);
                let p = Layers { w: (0..classes).map(|k| [n[3 * k], n[3 * k + 1], n[3 * k + 2]]).collect(), scale: 1.5 };
                for count in [0, 1, 7, 8, 9, 16, 17, 35] {
                    let x = numbers(3 * count, 5);
                    let xs: Vec<[f64; 3]> = x.as_chunks::<3>().0.to_vec();
                    let labels: Vec<usize> = (0..count).map(|i| (i * 7 + 3) % classes).collect();
                    let (value, d) = plain::cost::value_and_grad(&p, &xs, &labels);
                    let (relaxed_value, relaxed_d) = relaxed::cost::value_and_grad(&p, &xs, &labels);
                    close(relaxed_value, value, 100.0);
                    close(relaxed_d.scale, d.scale, 1000.0);
                    all_close(relaxed_d.w.as_flattened(), d.w.as_flattened(), 100.0);
                }
            }
        }

        #[test]
        fn of_eight_samples_at_once_keep_infinities_and_what_is_no_number() {
            for special in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                for at in 0..9 {
                    let p = Layers { w: vec![[0.5, -0.25, 1.0]; 4], scale: 2.0 };
                    let mut xs = vec![[0.5, 0.25, -1.0]; 9];
                    xs[at][1] = special;
                    let (value, d) = plain::cost::value_and_grad(&p, &xs, &[2; 9]);
                    let (relaxed_value, relaxed_d) = relaxed::cost::value_and_grad(&p, &xs, &[2; 9]);
                    close(relaxed_value, value, 100.0);
                    close(relaxed_d.scale, d.scale, 100.0);
                    all_close(relaxed_d.w.as_flattened(), d.w.as_flattened(), 100.0);
                }
            }
        }
    }

    mod single {
        use super::*;

        #[differentiable(relaxed)]
        fn of<T: Real>(x: &[T; 5], factor: T) -> T {
            let y: [T; 5] = std::array::from_fn(|i| x[i] * factor);
            logsumexp(&y)
        }

        #[test]
        fn in_single_precision_and_over_numbers_that_have_no_vectors() {
            let x = [0.3, -0.8, 0.5, 1.25, -0.1];
            let (value, (gradient, slope)) = of::value_and_grad(&x, 0.75);
            let (value_32, (gradient_32, slope_32)) = of::value_and_grad(&x.map(|x| x as f32), 0.75);
            assert!((f64::from(value_32) - value).abs() < 1e-6 && (f64::from(slope_32) - slope).abs() < 1e-6);
            let differences = gradient.iter().zip(gradient_32).map(|(a, b)| (a - f64::from(b)).abs());
            assert!(differences.fold(0.0, f64::max) < 1e-6);
            let dual: [Dual<f64, 1>; 5] = std::array::from_fn(|i| Dual::variable(x[i], 0));
            let (value_dual, _) = of::value_and_grad(&dual, Dual::constant(0.75));
            close(value_dual.value(), value, 1.0);
        }
    }

    mod of_a_user {
        use differentiable::differentiable;

        use super::samples::Layers;
        use super::{all_close, close};

        /// A function of the user's of this name is what is called.
        #[differentiable]
        fn logsumexp(x: &[f64]) -> f64 {
            x.iter().map(|x| x * x).sum()
        }

        #[differentiable(relaxed, wrt(w))]
        fn squares(w: &[f64; 3], xs: &[[f64; 2]]) -> f64 {
            let mut total = 0.0;
            for x in xs {
                let mut y = [0.0; 3];
                for k in 0..3 {
                    for j in 0..2 {
                        y[k] += w[k] * x[j];
                    }
                }
                total += logsumexp(&y);
            }
            total
        }

        mod of_a_struct {
            use differentiable::differentiable;

            use super::Layers;

            #[differentiable(wrt(p))]
            fn logsumexp(p: &Layers) -> f64 {
                p.scale * p.w[0][1]
            }

            #[differentiable(relaxed, wrt(p))]
            pub fn product(p: &Layers) -> f64 {
                2.0 * logsumexp(p)
            }
        }

        #[test]
        fn is_what_the_user_wrote() {
            for count in [0, 1, 8, 19] {
                let xs: Vec<[f64; 2]> = (0..count).map(|i| [0.5, i as f64 * 0.25]).collect();
                let w = [0.5, -2.0, 1.0];
                let (value, d) = squares::value_and_grad(&w, &xs);
                let square: f64 = xs.iter().map(|x| (x[0] + x[1]).powi(2)).sum();
                close(value, 5.25 * square, 10.0 * square);
                all_close(&d, &w.map(|w| 2.0 * w * square), 10.0 * square);
            }
            let p = Layers { w: vec![[1.0, 2.0, 3.0]], scale: 4.0 };
            let (value, d) = of_a_struct::product::value_and_grad(&p);
            assert_eq!((value, d.scale, d.w[0][1]), (16.0, 4.0, 8.0));
        }
    }
}

/// What changes with every call.
struct Counter(std::cell::Cell<usize>);

impl Counter {
    fn next(&self) -> f64 {
        self.0.set(self.0.get() + 1);
        self.0.get() as f64
    }
}

mod what_an_expression_does_beside_its_maths {
    use super::*;

    twins! {
        fn of_a_call(x: &[f64]) -> f64 {
            let counter = Counter(0.into());
            let mut s = 0.0;
            for v in x {
                s += (v * 0.5).tanh() * counter.next();
            }
            s + x.iter().map(|v| { (v * 0.1).exp() * counter.next() }).sum::<f64>()
        }
    }
    mod of_a_list {
        use super::*;
        twins! {
            fn of_a_list(x: &[f64]) -> f64 {
                let mut left: Vec<f64> = (0..x.len()).map(|i| i as f64).collect();
                let mut s = 0.0;
                for v in x {
                    s += (v * 0.5).exp() * left.pop().unwrap();
                }
                s
            }
        }
        #[test]
        fn happens_once() {
            same_on_slices!(of_a_list, |x| x);
        }
    }
    mod of_an_index {
        use super::*;
        twins! {
            fn of_an_index(x: &[f64]) -> f64 {
                let (counter, table) = (Counter(0.into()), [1.0, 2.0, 3.0]);
                let mut s = 0.0;
                for v in x {
                    s += (v * 0.5).sin() * table[counter.next() as usize % 3] + v * table[counter.next() as usize % 3];
                }
                s
            }
        }
        #[test]
        fn happens_once() {
            same_on_slices!(of_an_index, |x| x);
        }
    }

    #[test]
    fn happens_once() {
        same_on_slices!(of_a_call, |x| x);
    }
}
