//! Programs that random programs found wrong or rejected, shrunk: each under a name of its own.

#![allow(
    clippy::useless_vec,
    clippy::almost_swapped,
    clippy::let_and_return,
    clippy::needless_late_init,
    clippy::self_assignment,
    clippy::blocks_in_conditions,
    clippy::nonminimal_bool,
    clippy::neg_cmp_op_on_partial_ord,
    clippy::redundant_closure_call,
    clippy::assign_op_pattern,
    clippy::manual_memcpy,
    clippy::op_ref,
    clippy::double_parens,
    unused_assignments,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::agrees;

#[test]
fn a_closure_may_ignore_an_active_argument() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let k = 0.5;
        let constant = |_unused: f64| f64::sin(k);
        x[0] * constant(x[1]) + x[1] * x[1]
    }
    agrees!(f, 2, [0.8, 0.3]);
}

#[test]
fn a_closure_that_changes_an_active_variable_may_take_an_inactive_argument() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut total = x[0];
        let mut add = |by: f64| {
            total += by;
            total = total.sin();
        };
        add(0.5);
        add(1.25);
        total * x[1]
    }
    agrees!(f, 2, [0.8, 0.3]);
}

#[test]
fn a_range_of_literals_may_be_stepped_through() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        for i in (0..4).step_by(2) {
            total += x[i] * x[i + 1];
        }
        total + (0..4).step_by(3).map(|i| x[i] * x[i]).sum::<f64>() + (0..4).skip(3).map(|i| x[i].sin()).sum::<f64>()
    }
    agrees!(f, 4, [0.8, 0.3, -0.4, 1.2]);
}

#[test]
fn a_comparison_may_bind_active_values_inside() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let s = if {
            let square = x[0] * x[0];
            square + x[1]
        } > 0.5
        {
            x[0].sin()
        } else {
            x[1]
        };
        let t = if x
            .iter()
            .scan(0.25, |s: &mut f64, x| {
                *s = *s * x + x;
                Some(*s)
            })
            .sum::<f64>()
            > 0.5
        {
            s * s
        } else {
            s
        };
        if vec![x[0]; 2].iter().sum::<f64>() > 1.0 { t * x[1] } else { t }
    }
    agrees!(f, 2, [0.8, 0.3], [0.1, 0.2], [-0.9, 0.7]);
}

#[test]
fn a_tuple_may_be_assigned_as_a_whole() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut pair = (x[0] * x[1], x[1]);
        pair.0 /= x[1] * x[1] + 1.0;
        pair = if pair.1 > 0.2 { (pair.1, pair.0.sin()) } else { (pair.0, x[0]) };
        let kept = pair;
        pair = kept;
        pair.0 * pair.1
    }
    agrees!(f, 2, [0.8, 0.3], [0.8, 0.1]);
}

#[test]
fn a_loop_that_stays_in_two_sweeps_leaves_the_adjoints_before_it_alone() {
    #[differentiable]
    fn f(x: &[f64; 2], p: f64) -> f64 {
        let a = [p * x[0], x[1]];
        let mut total = 0.0;
        for i in 0..2 {
            total += a[i] * p;
        }
        let mut b = a;
        b[0] *= p;
        total + b[0] * b[1] + p * x[0]
    }
    let (x, p) = ([0.8, 0.3], 0.6);
    // p²x₀ + p x₁ + p²x₀x₁ + p x₀
    let (dx, dp) = f::grad(&x, p);
    assert!((dx[0] - (p * p + p * p * x[1] + p)).abs() < 1e-15, "{dx:?}");
    assert!((dx[1] - (p + p * p * x[0])).abs() < 1e-15, "{dx:?}");
    assert!((dp - (2.0 * p * x[0] + x[1] + 2.0 * p * x[0] * x[1] + x[0])).abs() < 1e-15, "{dp}");
}

#[test]
fn a_result_is_what_it_was_where_its_variable_is_changed_later() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut e = (x[0] * x[0]).exp();
        e += e * x[1];
        let mut pair = (x[0].tanh(), x[1].sqrt());
        pair.0 += x[1];
        pair.1 -= x[0];
        let mut last = 0.0;
        for i in 0..2 {
            last = (last + x[i]).exp();
            last -= x[1 - i];
        }
        e * x[0] + pair.0 * pair.1 * last
    }
    agrees!(f, 2, [0.8, 0.3], [-0.4, 0.9]);
}

#[test]
fn a_guard_may_be_all_that_reads_a_variable() {
    #[differentiable]
    fn f(x: &[f64; 2], k: usize) -> f64 {
        let y = x[0] * x[1];
        let mut pair = (x[0], x[1].sin());
        pair.0 += 0.25;
        let chosen = match k {
            0 | 1 if y > 0.3 => x[0] * x[0],
            2 if pair.0 < pair.1 => x[1],
            _ => x[0] * x[1],
        };
        chosen.sin()
    }
    for k in 0..4 {
        #[differentiable]
        fn g(x: &[f64; 2]) -> f64 {
            f(x, 0) + f(x, 1) * f(x, 2) + f(x, 3)
        }
        agrees!(g, 2, [0.8, 0.7], [0.2, 0.3]);
        let value = f(&[0.8, 0.7], k);
        assert_eq!(f::value_and_grad(&[0.8, 0.7], k).0, value);
    }
}

#[test]
fn a_vector_s_elements_may_be_blocks_closures_and_calls() {
    #[differentiable]
    fn norm(x: &[f64]) -> f64 {
        x.iter().map(|x| x * x).sum()
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut total = 0.0;
        for i in 0..3 {
            let list = vec![
                {
                    let apply = |y: f64| y * x[1];
                    apply(x[i % 2])
                },
                {
                    let mut late = x[0];
                    late *= x[1];
                    late.sin()
                },
            ];
            total += norm(&vec![x[i % 2]; 2]) * norm(&list) + vec![0.5, 0.25][i % 2] * x[0];
        }
        total
    }
    agrees!(f, 2, [0.8, 0.3], [-0.4, 1.2]);
}

#[test]
fn literals_in_macros_of_generic_functions_are_lifted() {
    #[differentiable(wrt(x))]
    fn f<T: Real>(x: &[T; 2]) -> T {
        assert!(x[0] * 2.0 > x[0] - 9.5, "{}", stringify!(0.5));
        let plain: Vec<f64> = vec![0.5, 0.25];
        let list = vec![1.5 - x[0], x[1] * 2.0, 0.75];
        let zeros = vec![0.25; plain.len()];
        list[0] * list[1] * list[2] + zeros[1] * x[0]
    }
    fn double(x: &[f64; 2]) -> f64 {
        f(x)
    }
    let (value, gradient) = f::value_and_grad(&[0.8, 0.3]);
    assert_eq!(value, double(&[0.8, 0.3]));
    assert!((gradient[0] + 0.6 * 0.75 - 0.25).abs() < 1e-15, "{gradient:?}");
    assert!((gradient[1] - 0.7 * 2.0 * 0.75).abs() < 1e-15, "{gradient:?}");
    assert_eq!(f(&[0.75_f32, 0.5]), 0.75 * 1.0 * 0.75 + 0.25 * 0.75);
}

#[test]
fn a_reference_to_an_inactive_result_may_be_an_operand() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 2], k: f64) -> f64 {
        let mut total = x[0];
        for i in 0..3 {
            total = ((&(total * x[i % 2])) * (&((k + 1.25).powi(2) + 0.6).cbrt())).atan();
        }
        total
    }
    #[differentiable]
    fn g(x: &[f64; 2]) -> f64 {
        f(x, 0.4)
    }
    agrees!(g, 2, [0.8, 0.3]);
}

#[test]
fn an_early_return_may_give_an_array_with_inactive_elements() {
    #[differentiable(wrt(x))]
    fn f(x: f64, k: f64) -> [f64; 3] {
        if x > k {
            return [x * x, 0.5 - k, k];
        }
        [x, k, x.sin()]
    }
    for (x, wanted) in [(0.8, [1.6, 0.0, 0.0]), (0.1, [1.0, 0.0, 0.1_f64.cos()])] {
        assert_eq!(f::jvp(x, 0.4, 1.0), (f(x, 0.4), wanted));
        let mut d_x = 0.0;
        f::vjp(x, 0.4, &[1.0, 2.0, 4.0], &mut d_x);
        assert!((d_x - wanted[0] - 4.0 * wanted[2]).abs() < 1e-15, "{d_x}");
    }
}
