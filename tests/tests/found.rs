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
