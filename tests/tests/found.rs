//! Programs that were found wrong or rejected, most of them by random programs, shrunk: each under a name of its own.

#![allow(
    clippy::useless_vec,
    clippy::needless_else,
    clippy::ptr_arg,
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
    clippy::needless_range_loop,
    clippy::op_ref,
    clippy::double_parens,
    clippy::unnecessary_cast,
    clippy::redundant_closure,
    clippy::cast_lossless,
    clippy::into_iter_on_ref,
    clippy::match_single_binding,
    unused_assignments,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

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

#[test]
fn a_constant_function_may_have_second_derivatives() {
    #[differentiable(second_order)]
    const fn f(x: f64, y: f64) -> f64 {
        x * x * y - x / (y * y + 1.25)
    }
    #[differentiable]
    fn g(x: f64) -> f64 {
        f::grad(x, 0.5).0 * x
    }
    const GRADIENT: (f64, f64) = f::grad(0.75, 0.5);
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    close(GRADIENT.0, 2.0 * 0.75 * 0.5 - 1.0 / 1.5);
    close(GRADIENT.1, 0.75 * 0.75 + 0.75 / (1.5 * 1.5));
    close(f::hessian(0.75, 0.5).0.0, 1.0);
    close(g::grad(0.75), 2.0 * 0.75 - 1.0 / 1.5);
}

#[test]
fn the_index_of_an_array_that_is_made_may_become_a_number() {
    #[differentiable]
    fn f<T: Real>(x: &[T; 2]) -> T {
        let a: [T; 5] = std::array::from_fn(|i| (x[0] + T::from_usize(i) * 0.25) * x[1]);
        a[1] * a[4] + a[3]
    }
    agrees!(f, 2, [0.8, 0.3]);
}

#[test]
fn an_inactive_variable_may_be_changed_and_read_by_reference() {
    #[differentiable]
    fn scaled(a: f64, b: f64) -> f64 {
        a * b * b
    }
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 2], k: f64) -> f64 {
        let mut s = k;
        let mut t = [k, 0.25];
        let y;
        {
            let r = &mut s;
            *r = k * 2.0;
            y = scaled(*r, x[0]) + (x[1] * *r).sin();
        }
        let last = t.last_mut().unwrap();
        *last += 1.5;
        let z = x[0].cos() * *last;
        let whole = &mut t;
        whole[0] *= 3.0;
        let w = (x[1] * whole[0]).exp();
        s = s * 2.0 + t[1];
        x[0] * s * x[1] + y * z * w
    }
    let g = |x: &[f64], k: f64| f(x.try_into().expect("two numbers"), k);
    let derivative = differentiable_tests::Derivative {
        value: &|x| g(x, 0.75),
        value_and_grad: &|x| {
            let (value, gradient) = f::value_and_grad(x.try_into().expect("two numbers"), 0.75);
            (value, gradient.to_vec())
        },
        jvp: &|x, dot| f::jvp(x.try_into().expect("two numbers"), 0.75, dot.try_into().expect("two numbers")),
    };
    derivative.agree_at(&[0.8, 0.3]);
}

#[test]
fn what_does_not_change_in_a_loop_is_computed_once_for_both_of_its_sweeps() {
    #[differentiable(second_order)]
    fn f(x: f64) -> f64 {
        let b = x.sin() * x;
        let mut total = 0.0;
        for i in 0..3 {
            let c = b.clamp(-0.75, b.abs() + 0.8);
            let d = if i % 2 == 0 { (c * x).exp() } else { c };
            total += (d * x).sin();
        }
        total.sin() + x
    }
    let h = 1e-5;
    for x in [0.8, -0.3] {
        let difference = (f::grad(x + h) - f::grad(x - h)) / (2.0 * h);
        assert!((f::hessian(x) - difference).abs() < 1e-6, "{} is not {difference}", f::hessian(x));
    }
    let function = "fn f(x: f64) -> f64 {
        let b = x.sin() * x;
        let mut total = 0.0;
        for i in 0..3 { let c = b.clamp(-0.75, b.abs() + 0.8); total += (c * x).sin(); }
        total
    }";
    let tokens = |text: &str| text.parse::<proc_macro2::TokenStream>().expect("it is made of tokens");
    if let Err(message) = differentiable_compiler::stages(tokens("second_order"), tokens(function)) {
        panic!("{message}");
    }
}

#[test]
fn a_labelled_block_without_a_value_may_end_a_function() {
    #[differentiable]
    fn change(x: &mut [f64; 2]) {
        'done: {
            if x[0] > 1.0 {
                break 'done;
            }
            for i in 0..2 {
                x[i] *= x[i].sin();
            }
        }
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut y = *x;
        change(&mut y);
        y[0] * y[1]
    }
    agrees!(f, 2, [0.8, 0.3], [1.2, 0.3]);
}

#[test]
fn an_inactive_value_may_be_made_where_it_is_passed_by_reference() {
    #[differentiable(second_order)]
    fn weighted(x: f64, weights: &[f64]) -> f64 {
        let mut total = 0.0;
        for i in 0..weights.len() {
            total += weights[i] * x * x;
        }
        total
    }
    #[differentiable(wrt(x), second_order)]
    fn f(x: &[f64; 2], k: f64) -> f64 {
        let mut total = weighted(x[0] * x[1], &[k; 2]) + weighted(x[0], &vec![k, 0.5, k * k]).sin();
        for i in 0..3 {
            total *= weighted(x[1], &[k, i as f64]);
        }
        total * x[0]
    }
    let array = |x: &[f64]| -> [f64; 2] { x.try_into().expect("two numbers") };
    let derivative = differentiable_tests::Derivative {
        value: &|x| f(&array(x), 0.75),
        value_and_grad: &|x| {
            let (value, gradient) = f::value_and_grad(&array(x), 0.75);
            (value, gradient.to_vec())
        },
        jvp: &|x, dot| f::jvp(&array(x), 0.75, &array(dot)),
    };
    derivative.agree_at(&[0.8, 0.3]);
    let h = 1e-5;
    let at = |x: f64| f::grad(&[x, 0.3], 0.75)[0];
    let difference = (at(0.8 + h) - at(0.8 - h)) / (2.0 * h);
    assert!((f::hessian(&[0.8, 0.3], 0.75)[0][0] - difference).abs() < 1e-6);
}

#[test]
fn a_labelled_block_without_a_value_may_end_a_function_that_changes_its_argument() {
    #[differentiable(second_order)]
    fn ends(z: f64, p: &mut [f64; 2]) {
        'all: {
            if p[0] > 0.5 {
                p[1] *= z * p[0];
            } else {
            }
            if z > 0.3 {
                break 'all;
            }
            p[0] = z * z;
        }
    }
    let gradient = |z: f64, p: [f64; 2]| {
        let (mut p, mut d_z, mut d_p) = (p, 0.0, [1.0, 1.0]);
        ends::vjp(z, &mut p, &mut d_z, &mut d_p);
        (d_z, d_p)
    };
    assert_eq!(gradient(0.5, [2.0, 3.0]), (6.0, [2.5, 1.0]));
    assert_eq!(gradient(0.25, [2.0, 3.0]), (6.5, [0.75, 0.5]));
}

#[test]
#[allow(deprecated, reason = "that is how the macro warns of it")]
fn a_sequence_that_depends_on_nothing_has_second_derivatives() {
    #[differentiable(second_order)]
    fn steps(a: f64) -> Vec<f64> {
        (0..3).map(|i| Real::sin(a.floor() * 0.25 + i as f64)).collect::<Vec<f64>>()
    }
    #[differentiable(second_order)]
    fn product(a: f64) -> f64 {
        steps(a)[1] * a * a
    }
    assert_eq!(steps::jvp(1.5, 1.0).1, [0.0; 3]);
    assert_eq!(product::hessian(1.5), 2.0 * (1.25_f64).sin());
}

mod a_tuple_that_is_lent {
    use super::*;

    #[differentiable(wrt(p), second_order)]
    fn grow(p: &mut (f64, (f64, [f64; 2])), n: usize) -> f64 {
        let value = p.0 * p.1.0.sin();
        p.0 *= value;
        p.1.1[n] += p.0 * p.1.0;
        value
    }

    #[differentiable(second_order)]
    fn turn(p: &mut (f64, f64)) {
        *p = (p.0 * p.1, p.1 - p.0);
    }

    #[test]
    fn holds_what_the_call_leaves() {
        #[differentiable]
        fn whole([x, y]: &[f64; 2]) -> f64 {
            let mut p = (x * y, (*y, [*x, 2.0]));
            let first = grow(&mut p, 1);
            let second = grow(&mut p, 0);
            p.0 * first + p.1.1[0] * second + p.1.1[1]
        }
        #[differentiable]
        fn part(x: &[f64; 2]) -> f64 {
            let mut p = (x[0], (x[1], x[0] * x[1]));
            turn(&mut p.1);
            for _ in 0..3 {
                turn(&mut p.1);
            }
            p.0 * p.1.0 + p.1.1
        }
        #[differentiable]
        fn result(x: &[f64; 2]) -> f64 {
            let mut p = (x[0] * x[1]).sin_cos();
            turn(&mut p);
            let mut q = x.iter().fold((x[0], x[1]), |(a, b), z| (a * z, b + z));
            turn(&mut q);
            p.0 * q.0 - q.1 * p.1
        }
        #[differentiable]
        fn exchanged(x: &[f64; 2]) -> f64 {
            let (mut p, mut q) = ((x[0], x[1]), (x[1] * x[1], x[0]));
            (p, q) = (q, p);
            turn(&mut p);
            turn(&mut q);
            p.0 * p.1 + q.0 * q.1
        }
        agrees!(whole, 2, [0.7, 0.4]);
        agrees!(part, 2, [0.7, 0.4]);
        agrees!(result, 2, [0.7, 0.4]);
        agrees!(exchanged, 2, [0.7, 0.4]);
    }
}

#[test]
fn sines_and_cosines_that_are_changed_as_parts_of_a_tuple_leave_the_derivative_alone() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut p = (x[0] * x[1]).sin_cos();
        p.0 *= x[0];
        p.1 = p.0 * p.1;
        p.0 - p.1
    }
    #[differentiable]
    fn of_a_fold(x: &[f64; 2]) -> f64 {
        let mut q = x.iter().fold((x[0], x[1]), |(a, b), z| (a * z, b + z));
        q.1 *= q.0.exp();
        q.0 *= q.1;
        q.0 - q.1
    }
    #[differentiable]
    fn of_a_chain(x: &[f64; 2]) -> f64 {
        let mut s = 0.0;
        for mut p in x.iter().map(|y| (y.sin(), y.cos())) {
            p.0 *= p.1;
            p.1 += p.0;
            s += p.0 * p.1;
        }
        s
    }
    #[differentiable]
    fn of_values(x: &[f64; 2]) -> f64 {
        let y = [x[1].exp(), x[0] * x[1]];
        let mut s = 0.0;
        for mut p in x.iter().copied().zip(y) {
            p.0 *= p.1;
            p.1 = p.0.exp();
            s += p.0 * p.1;
        }
        s * x[0] * y[1]
    }
    agrees!(f, 2, [0.7, 0.4]);
    agrees!(of_a_fold, 2, [0.7, 0.4]);
    agrees!(of_a_chain, 2, [0.7, 0.4]);
    agrees!(of_values, 2, [0.7, 0.4]);
}

#[test]
fn a_comparison_that_begins_with_a_match_may_read_a_tuple() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let pair = (x[0] * x[1], x[1]);
        let mut total = x[0];
        if match x.len() {
            0 => x[0],
            _ => pair.1,
        } - 0.5
            > x[0]
        {
            total *= pair.0;
        }
        if if x[0] > 0.5 { pair.0 } else { pair.1 } > 0.2 { total * x[1] } else { total * pair.1.sin() }
    }
    agrees!(f, 2, [0.8, 0.3], [0.1, 0.9], [0.3, 0.1]);
}

#[test]
fn the_windows_of_an_array_with_an_element_that_changes_may_be_counted() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut n = 1usize;
        if x[(n * 2 + 1) % 2].sin() > 0.1 {
            n += 2;
        }
        let mut a = [0.75, x.iter().rev().sum::<f64>(), 0.75, 0.75];
        let kept = std::mem::replace(&mut a[(n * 2 + 1) % 4], 0.75);
        a.windows(2).map(|_| x[(n + 3) % 2]).map(|_| kept).sum::<f64>()
    }
    agrees!(f, 2, [0.8, 0.3]);
}

#[test]
fn the_index_of_an_iterator_may_be_used_in_another_one_and_after_it() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let largest = |i: usize| {
            let most = x.iter().map(|x| x * x).chain([x[i] * x[0]]).reduce(f64::max).unwrap_or(0.5);
            x[i] * most
        };
        (0..2)
            .map(|i| {
                if x[0] < 0.5 {
                    let first = (0..3).map(|_| x[0]).chain([x[i]]).reduce(f64::min).unwrap_or(0.5);
                    x[i] * first
                } else {
                    x[i] * x[1 - i]
                }
            })
            .sum::<f64>()
            + largest(1)
    }
    agrees!(f, 2, [0.8, 0.3], [-0.2, 0.7]);
}

#[test]
fn the_number_of_iterations_of_an_inner_loop_may_be_all_that_an_iteration_keeps() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = *x;
        let mut i = 0;
        while i < 2 {
            i += 1;
            let mut j = 0;
            while j < 2 {
                j += 1;
                y[1] += x.windows(2).map(|_| y[j % 2] * x[0]).take(2).map(|_| x[0]).sum::<f64>();
            }
        }
        y[1]
    }
    agrees!(f, 3, [0.8, 0.3, -0.4]);
}

#[test]
fn a_product_of_references_without_a_derivative_may_be_the_receiver_of_a_method() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], k: f64) -> f64 {
        (&(k) * &(x[0])).max(x[1]) + (&(k) * &(k)).max(x[0] * x[1])
    }
    agrees!(f(0.7): [0.8, 0.3], [0.9, 1.8]);
}

#[test]
fn a_way_that_ends_in_a_panic_may_give_no_option() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let chosen = if x[0] > 0.0 {
            Some(x[0] * x[1])
        } else {
            panic!("it is not positive");
        };
        chosen.map(|v| v * v).unwrap_or(x[1])
    }
    agrees!(f, 2, [0.8, 0.3]);
    assert!(std::panic::catch_unwind(|| f::grad(&[-0.5, 0.3])).is_err());
}

#[test]
fn elements_of_a_part_that_are_read_backwards_twice_are_no_parts() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let v = x[1..].iter().rev().rev().copied().collect::<Vec<f64>>();
        v.iter().sum::<f64>() * v.first().copied().unwrap_or(0.5) + x[0]
    }
    agrees!(f, 3, [0.4, 1.2, -0.7]);
}

#[test]
fn a_call_may_take_a_closure_in_a_loop_that_ends_in_a_replacement() {
    #[differentiable]
    fn twice(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        f(f(x))
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut h = x.to_vec();
        let mut sum = 0.0;
        for _ in 0..3 {
            let mut next = vec![0.0; 2];
            for j in 0..2 {
                next[j] = h[j] * h[j] * 0.5;
            }
            let z = next[0];
            sum += twice(|y| y * z, sum + 1.0);
            h = next;
        }
        sum + h[1]
    }
    agrees!(f, 2, [0.3, 0.7]);
}

#[test]
fn a_macro_may_write_the_attribute_in_front_of_an_item_that_it_is_given() {
    macro_rules! differentiated {
        ($item:item) => {
            #[differentiable]
            $item
        };
    }
    differentiated! {
        fn f(x: &[f64; 3]) -> f64 {
            let mut sum = 0.0;
            for i in 0..x.len() {
                let square = x[i] * x[i];
                sum += square.sin();
            }
            sum
        }
    }
    agrees!(f, 3, [0.4, 1.2, -0.7]);
}

#[test]
#[allow(deprecated, reason = "a result that depends on nothing is warned of")]
fn a_choice_of_results_without_a_derivative_may_change_active_variables() {
    #[differentiable(wrt(x))]
    fn constants(x: f64, k: f64) -> Vec<f64> {
        if k > 0.0 {
            let y: f64;
            if x > 0.3 {
                y = 0.75;
            } else {
                y = x;
            }
            [k, f64::from(y > 0.5)].to_vec()
        } else {
            vec![0.5; 2]
        }
    }

    #[differentiable(wrt(x))]
    fn f(x: &[f64], k: f64) -> f64 {
        let mut y = x[0];
        let few = {
            y *= x[1];
            if k > 0.0 {
                y += x[0] * x[1];
                [k, k].to_vec().len()
            } else {
                4
            }
        };
        let many = match few {
            2 => {
                y *= x[0];
                if k > 1.0 { usize::from(y > 0.0) } else { few.min(7) }
            }
            _ => 0,
        };
        let mut factor = |doubled: bool| {
            if doubled {
                let z = x[1];
                y += z * z;
                2.0
            } else {
                1.0
            }
        };
        let a = factor(k > 0.5);
        let b = factor(k < 0.5);
        let mut change = |forth: bool| if forth { y += x[0] } else { y *= x[1] };
        change(k > 0.5);
        change(k < 0.5);
        y * a * (b + few as f64) + constants(x[0], k)[1] * x[1] * many as f64
    }
    agrees!(f(0.7): [0.8, 0.3], [0.2, 1.4]);
}

#[test]
fn a_slice_that_a_closure_captures_may_change_after_the_call() {
    #[differentiable(second_order)]
    fn twice(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        f(f(x).sin()) - x
    }

    #[differentiable(second_order)]
    fn all(x: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += twice(|t| x[i] * t, x[i]);
            x[i] *= 2.0;
        }
        let rest = &mut x[1..];
        sum += twice(|t| t * rest[0] * rest[1], rest[1]);
        rest[0] *= sum;
        rest[0] + rest[1]
    }

    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = *x;
        all(&mut y) * y[0] * y[1]
    }
    agrees!(f, 3, [0.8, 0.3, -0.4]);
    let outcome = differentiable::check::second_order(&[0.8, 0.3, -0.4], f::grad, f::hvp);
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn an_owned_copy_of_a_slice_has_a_derivative() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut y = x.to_owned();
        y[0] *= x[1];
        let z = y[1..].to_owned();
        let part = &y[..2];
        let part = part.to_owned();
        change(&mut y) * z[0] * part[0] * part[1] + y[0]
    }

    #[differentiable]
    fn change(x: &mut [f64]) -> f64 {
        let y = x.to_owned();
        x[0] = x[1] * x[0];
        y[0] * y[1]
    }
    agrees!(f: [0.8, 0.3], [0.2, 1.4]);
}

#[test]
fn a_labelled_block_without_a_derivative_may_stand_in_a_block() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], k: f64) -> f64 {
        let mut y = x[0];
        {
            let a = 'chosen: {
                if k > 1.0 {
                    break 'chosen 0.75;
                }
                0.25
            };
            y *= a * x[1];
        }
        'rows: for i in 0..4 {
            for j in 0..3 {
                if i * j > 2 {
                    continue 'rows;
                }
                y *= x[1] + f64::from(j);
            }
        }
        y
    }
    agrees!(f(0.7): [0.8, 0.3], [0.2, 1.4]);
    agrees!(f(1.2): [0.8, 0.3]);
}

#[test]
fn what_copied_code_binds_outlives_the_tuple_that_it_reads() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let chosen = if x[0] > 0.0 {
            x[1]
        } else {
            let tuple: (f64, (f64, [f64; 2])) = (0.5, (x[0], [x[1], x[0]]));
            let z = x[0] * x[2];
            let constant = stop_gradient(tuple.1.1.iter().map(|v| v * 2.0).sum::<f64>() * z) * tuple.0;
            constant
        };
        chosen * x[0]
    }
    agrees!(f, 3, [0.8, 0.3, 0.7]);
    assert_eq!(f::grad(&[-0.5, 0.25, 2.0]), [0.25, 0.0, 0.0]);
}

#[test]
fn elements_of_a_part_may_be_all_of_a_variable_that_a_loop_reads() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let rows = [[x[0], x[1], 1.0], *x];
        rows[1][1..].iter().map(|v| v.atan()).sum::<f64>()
    }
    agrees!(f, 3, [0.8, 0.3, -0.7]);
}

#[test]
fn what_a_loop_carries_along_for_nothing_has_no_adjoint() {
    #[differentiable(second_order)]
    fn change(x: &mut [f64], y: f64) {
        x[0] *= y;
        x[1] = x[0] + y;
    }

    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut used = *x;
        let mut unused = [x[0].cbrt(), x[1], 1.0];
        for i in 0..3 {
            change(&mut unused[1..], x[i]);
            unused[0] = (unused[0] * x[0].cbrt()).sin() + unused[1];
            used[2] += x[1] * used[2];
            let factor = used[2];
            change(&mut used[..2], factor);
        }
        used[1] * used[2]
    }
    agrees!(f, 3, [0.8, 0.3, -0.7]);
    let outcome = differentiable::check::second_order(&[0.0, 0.3, -0.7], f::grad, f::hvp);
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn a_reference_to_a_scalar_may_be_the_result_although_more_is_written() {
    #[differentiable]
    fn f(x: &f64, y: &[f64; 2]) -> f64 {
        if (2) > 1 {
            return *x;
        }
        let z = y[0] * y[1];
        z * *x
    }
    assert_eq!(f::value_and_grad(&0.8, &[0.3, 0.5]), (0.8, (1.0, [0.0, 0.0])));
    assert_eq!(f::jvp(&0.8, &[0.3, 0.5], &2.0, &[1.0, 1.0]), (0.8, 2.0));
}

#[test]
fn a_choice_without_a_semicolon_may_stand_before_the_value_of_a_closure() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        x.iter()
            .map(|v| {
                let y: f64;
                if *v > 0.5 {
                    y = v.sin();
                } else {
                    y = v * x[0];
                }
                y
            })
            .sum::<f64>()
            * x[1]
    }
    agrees!(f, 3, [0.8, 0.3, -0.7]);
}

#[test]
fn a_loop_whose_iterations_alone_are_recorded_is_not_replayed() {
    #[differentiable]
    fn f(count: usize, slope: f64, mut state: f64) -> [f64; 2] {
        for _ in 0..count {
            let mut step = 0;
            let _last = loop {
                step += 1;
                state += 2.0 - slope * 3.0;
                if step >= 4 {
                    break state.sin();
                }
            };
        }
        [state, 2.0 * state]
    }
    let (mut d_slope, mut d_state) = (0.0, 0.0);
    assert_eq!(f::vjp(2, 0.5, 0.25, &[1.0, 0.5], &mut d_slope, &mut d_state), [4.25, 8.5]);
    assert_eq!((d_slope, d_state), (-48.0, 2.0));
}

#[test]
fn what_a_mutable_reference_names_is_cloned_beside_a_reference_to_a_part_of_it() {
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct S {
        a: Vec<f64>,
        b: f64,
    }
    #[differentiable(wrt(s))]
    fn f(s: &mut S) -> f64 {
        let first = &s.a[0];
        let mut copy = s.clone();
        copy.b *= copy.a[0] * first;
        s.b * copy.b
    }
    let mut s = S { a: vec![2.0], b: 3.0 };
    let mut adjoint = S { a: vec![0.0], b: 0.0 };
    assert_eq!(f::vjp(&mut s, 1.0, &mut adjoint), 36.0);
    assert_eq!(adjoint, S { a: vec![36.0], b: 24.0 });
}

#[test]
fn an_arm_that_never_ends_keeps_nothing_for_the_reverse_sweep() {
    #[differentiable]
    fn f(x: &[f64], n: usize) -> f64 {
        let mut y = x[0];
        for i in 0..n {
            match i {
                0 => y = (y * x[1]).sin(),
                1 | 2 => {
                    let t = (y * y).exp();
                    y = t * x[1];
                }
                _ => {
                    y = (y * x[1]).cos();
                    y *= y;
                    unreachable!("{y}")
                }
            }
        }
        y
    }
    agrees!(f(3): [0.7, 0.3], [-0.4, 1.1]);
}

#[test]
fn a_slice_is_passed_beside_one_of_its_elements_where_something_is_changed() {
    #[differentiable]
    fn weighed(state: &mut f64, by: &f64, all: &[f64]) -> f64 {
        *state *= by;
        all.iter().map(|x| x * by * *state).sum()
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut state = x[0];
        let sum = weighed(&mut state, &x[1], x);
        sum * state
    }
    agrees!(f: [0.8, 0.3, -0.7], [-0.4, 1.1, 0.6]);
}

#[test]
#[allow(deprecated, reason = "that the result depends on no active parameter is warned of")]
fn a_vector_that_depends_on_nothing_may_be_returned_early() {
    #[differentiable(wrt(x))]
    fn f(k: f64, x: &[f64]) -> Vec<f64> {
        for value in x {
            if *value > 0.5 {
                return vec![k; 2];
            }
        }
        vec![k.sin(); 2]
    }
    let mut adjoint = [0.0; 2];
    assert_eq!(f::vjp(2.0, &[0.1, 0.7], &vec![1.0, 1.0], &mut adjoint), [2.0, 2.0]);
    assert_eq!(f::vjp(0.0, &[0.1, 0.2], &vec![1.0, 1.0], &mut adjoint), [0.0, 0.0]);
    assert_eq!(adjoint, [0.0, 0.0]);
    assert_eq!(f::jvp(2.0, &[0.1, 0.7], &[1.0, 1.0]), (vec![2.0, 2.0], vec![0.0, 0.0]));
}

#[test]
fn ends_of_an_array_behind_a_mutable_reference_are_found_again() {
    #[differentiable]
    fn step(x: &mut [f64; 3], by: f64, n: usize) -> f64 {
        let mut t = 0.0;
        for i in 0..n {
            let [first, middle @ .., last] = *x;
            t += last * first * by * middle[0];
            x[i % 3] = t.sin();
        }
        t
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut state = [x[0], x[1], x[2]];
        let first = step(&mut state, x[3], 4);
        state[0] * first + step(&mut state, x[0], 2) * state[1]
    }
    agrees!(f: [0.8, 0.3, -0.7, 0.9], [-0.4, 1.1, 0.6, 1.3]);
}

#[test]
fn a_closure_that_moves_a_mutable_reference_changes_what_it_names() {
    #[differentiable]
    fn parameter(x: &mut f64, y: f64) -> f64 {
        let mut add = move |a: f64| *x += a * a;
        add(y);
        add(2.0 * y);
        y
    }
    let (mut x, mut d_x, mut d_y) = (1.0, 1.0, 0.0);
    assert_eq!(parameter::vjp(&mut x, 3.0, 1.0, &mut d_x, &mut d_y), 3.0);
    assert_eq!((x, d_x, d_y), (46.0, 1.0, 31.0));
    let (mut x, mut x_dot) = (1.0, 1.0);
    assert_eq!(parameter::jvp(&mut x, 3.0, &mut x_dot, 1.0), (3.0, 1.0));
    assert_eq!((x, x_dot), (46.0, 31.0));

    #[differentiable]
    fn variables(x: &[f64; 2]) -> f64 {
        let mut a = [x[0], 2.0 * x[1]];
        for v in a.iter_mut() {
            let mut grow = move |by: f64| *v += by * *v;
            grow(x[0]);
            grow(x[1]);
        }
        let first = &mut a;
        let mut scale = move |by: f64| first[0] *= by;
        scale(x[0]);
        let mut t = x[1];
        let mut own = move |by: f64| {
            t += by * t;
            t
        };
        let s = own(x[0]) + own(2.0);
        a[0] + a[1] * s + t
    }
    agrees!(variables, 2, [0.8, 0.3], [-0.4, 1.1]);
}

#[test]
fn a_function_that_is_passed_may_compare_what_mutable_references_name() {
    #[differentiable]
    fn of(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        f(x) * f(x * x)
    }
    #[differentiable]
    fn step(x: &mut f64, y: &mut f64) -> f64 {
        let v = of(|a| if *y > *x { a * *y } else { a + *x }, *x);
        *x *= 2.0;
        *y *= *x;
        v * *y
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let (mut a, mut b) = (x[0], x[1]);
        step(&mut a, &mut b) * a + b
    }
    agrees!(f, 2, [0.8, 0.3], [0.4, 1.1]);
}

#[test]
fn what_a_struct_takes_in_a_closure_is_there_for_its_shape() {
    #[derive(Clone, Debug, Differentiable)]
    struct Bag {
        a: Vec<f64>,
        b: f64,
    }
    #[differentiable]
    fn twice<T: Real>(x: T, f: impl Fn(T) -> T) -> T {
        [x, x * x].iter().map(|v| f(*v)).sum::<T>()
    }
    #[differentiable]
    fn taken(x: &[f64; 2]) -> f64 {
        twice(x[0], |v| {
            if v < x[1] {
                x[0]
            } else {
                let _unused = Bag { a: if x[1] > 0.5 { vec![x[0], v] } else { [x[0], v].to_vec() }, b: x[0] * x[1] };
                x[1] * v
            }
        })
    }
    agrees!(taken, 2, [0.3, 0.7], [0.8, 0.2]);
    #[differentiable]
    fn applied(x: &[f64; 2]) -> f64 {
        let k = 0.4_f64;
        let (p, q) = (
            {
                let apply = |v: f64| x[0] * v;
                apply(k.cos())
            },
            k > 0.0,
        );
        let pair = (x[1], {
            let apply = |v: f64| x[1] * v;
            apply(2.0) > 1.0
        });
        if q && pair.1 { p * pair.0 } else { p + pair.0 }
    }
    agrees!(applied, 2, [0.3, 0.7], [0.8, 0.2]);
}

#[test]
fn a_root_of_zero_that_nothing_depends_on_has_no_curvature() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3], index: usize) -> f64 {
        let zero = x[0] - x[0];
        let cube = zero.sin().cbrt();
        let square = zero.sqrt();
        let table = if x[1] > 0.0 { [x[1] * x[2], x[2]] } else { [cube, square] };
        table[index] * x[2]
    }
    for index in 0..2 {
        let x = [0.3, 0.7, -1.2];
        let product = f::hvp(&x, index, &[1.0, 0.5, 2.0]);
        let difference = |sign: f64| f::grad(&std::array::from_fn(|i| x[i] + sign * 1e-6 * [1.0, 0.5, 2.0][i]), index);
        let (ahead, behind) = (difference(1.0), difference(-1.0));
        for i in 0..3 {
            assert!((product[i] - (ahead[i] - behind[i]) / 2e-6).abs() < 1e-6, "{i}: {product:?}");
        }
    }
}

#[test]
fn a_macro_binds_a_name_that_a_match_binds_elsewhere() {
    #[differentiable(wrt(x))]
    fn f(x: f64, k: usize) -> f64 {
        let y = match k {
            n @ 1..=3 => x * n as f64,
            _ => x.sin(),
        };
        let big = matches!(k, n if n > 2);
        if big { y * y } else { y }
    }
    assert_eq!(f::value_and_grad(0.5, 3), (2.25, 9.0));
    assert_eq!(f::value_and_grad(0.5, 2), (1.0, 2.0));
    assert_eq!(f::jvp(0.5, 3, 1.0), (2.25, 9.0));
}

#[test]
fn a_struct_is_no_function_where_a_float_has_the_name_of_its_variable() {
    #[derive(Clone, Debug, Copy, Differentiable)]
    struct Three([f64; 3]);
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let [a, b] = *x;
        let three = Three([0.75 * b, a * 2.0, {
            let a = Three([b, 0.75, 0.5]);
            a.0[0]
        }]);
        three.0[0] * three.0[1] + three.0[2]
    }
    agrees_twice!(f, 2, [0.3, 0.8]);
}

#[test]
fn a_loop_that_begins_behind_its_end_has_no_iterations_side_by_side() {
    #[differentiable(wrt(x))]
    fn late(x: &[f64], n: usize) -> f64 {
        let mut y = vec![0.0; x.len()];
        for i in 60..n {
            y[i] = x[i] * x[i - 1] - x[i + 1];
        }
        let mut total = x[0];
        for i in 50..n {
            let d = y[i] - 2.0;
            total += d * d * x[i] + x[i];
        }
        for i in 50..n {
            let mut sum = 0.0;
            for j in 0..3 {
                sum += x[i] * x[j] + y[i];
            }
            total += sum * sum;
        }
        total
    }
    let x: Vec<f64> = (0..200).map(|i| ((i * 37 + 11) % 101) as f64 / 70.0 - 0.7).collect();
    for n in [0, 3, 50] {
        let (value, gradient) = late::value_and_grad(&x, n);
        assert_eq!((value, gradient[0]), (x[0], 1.0), "{n}");
        assert!(gradient[1..].iter().all(|d| *d == 0.0), "{n}");
    }
    agrees!(late(55): x);
    agrees!(late(62): x);
    agrees!(late(90): x);
}

#[test]
fn pairs_are_popped_and_found_in_vectors_without_a_written_type() {
    #[differentiable(second_order)]
    fn popped(x: &[f64; 3]) -> f64 {
        let mut stack = vec![(x[0], 0.0)];
        let mut sum = 0.0;
        while let Some((v, depth)) = stack.pop() {
            if depth < 2.5 {
                stack.push((v * x[depth as usize], depth + 1.0));
                if v > 0.0 {
                    stack.push((v.sin(), depth + 2.0));
                }
            }
            sum += v * sum + v;
        }
        let mut rows = Vec::new();
        for v in x {
            rows.push([*v, v * v]);
        }
        while let Some([a, b]) = rows.pop() {
            sum = sum * a + b;
        }
        let mut pairs: Vec<(f64, [f64; 2])> = vec![(sum, [x[0], x[1]])];
        if let Some((a, row)) = pairs.pop() {
            sum += a * row[1];
        }
        sum * pairs.pop().map_or(x[2], |pair| pair.0)
    }
    agrees_twice!(popped, 3, [0.7, -1.2, 0.4]);

    #[differentiable(second_order)]
    fn chosen(x: &[f64; 3]) -> f64 {
        let mut pairs = vec![(x[0] * x[1], 0.0)];
        x.iter().for_each(|a| pairs.push((a * a, a.sin())));
        match pairs.iter().max_by(|one, other| one.0.total_cmp(&other.0)) {
            Some((a, b)) => a * b,
            None => 0.0,
        }
    }
    agrees_twice!(chosen, 3, [0.7, -1.2, 0.4]);
}

#[test]
fn parts_that_are_handed_on_by_their_names_have_second_derivatives() {
    #[differentiable(second_order)]
    fn mix(a: &mut f64, b: &mut f64, c: &f64) {
        let t = *a * *c;
        *a = *b * t;
        *b = t.sin();
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut v = [x[0], x[1], x[2]];
        let [a, b, c] = &mut v;
        mix(a, c, b);
        *c += *a;
        v[0] * v[1] + v[2]
    }
    agrees_twice!(f, 3, [0.7, -1.2, 0.4]);
}

#[test]
#[allow(clippy::manual_repeat_n, reason = "the form is what is tested")]
fn what_is_repeated_may_be_computed_on_the_spot_or_change_later() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = x[0];
        y *= x[1];
        let products: f64 = std::iter::repeat_n(x[1] * x[2], 3).map(|v| v.sin()).sum();
        let mut t = products + std::iter::repeat(y).take(2).skip(1).sum::<f64>();
        y = y.cos();
        for i in 0..3 {
            t += std::iter::repeat_n(x[i] * y, i).product::<f64>();
        }
        t * std::iter::repeat(x[0] + y).take(3).zip(x).map(|(a, b)| a * b).sum::<f64>()
    }
    agrees_twice!(f, 3, [0.8, 0.3, 1.2]);
}

#[test]
fn a_slice_that_loses_its_first_elements_may_be_a_part_of_something() {
    #[derive(Clone, Differentiable)]
    struct Table {
        rows: [[f64; 3]; 2],
        last: Vec<f64>,
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let table = Table { rows: [*x, [x[1], x[2] * x[0], 0.5]], last: vec![x[0] * x[2], x[1]] };
        let mut t = 0.5;
        for i in 0..2 {
            let mut row = &table.rows[i][..];
            while let [first, rest @ ..] = row {
                t = (t * first).sin() + rest.iter().sum::<f64>();
                row = rest;
            }
        }
        let mut last = &table.last[..];
        while let Some((first, rest)) = last.split_first() {
            last = rest;
            t = t * first + last.len() as f64;
        }
        t
    }
    agrees_twice!(f, 3, [0.8, 0.3, 1.2]);
}

#[test]
fn vectors_and_boxed_slices_are_made_into_each_other() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut squares: Box<[f64]> = x.iter().map(|v| v * v).collect::<Vec<f64>>().into();
        squares[1] = squares[0] * x[2];
        let again: Vec<f64> = squares.into();
        let of_an_array: Vec<f64> = [again[0], x[1] * x[2]].into();
        again[1] * again[2] + of_an_array[0] * of_an_array[1]
    }
    agrees_twice!(f, 3, [0.8, 0.3, 1.2]);
}

#[test]
#[allow(clippy::while_let_on_iterator, reason = "the form is what is tested")]
fn an_iterator_may_have_the_name_of_the_field_that_it_goes_through() {
    #[derive(Clone, Differentiable)]
    struct Path {
        points: Vec<f64>,
        rest: [f64; 3],
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let path = Path { points: x.to_vec(), rest: [x[0] * x[1], x[2], 0.5] };
        let mut points = path.points.iter();
        let mut t = *points.next().unwrap();
        while let Some(point) = points.next() {
            t = (t * point).sin() + point;
        }
        let mut rest = &path.rest[..];
        while let [first, tail @ ..] = rest {
            t = t * first + first;
            rest = tail;
        }
        t
    }
    agrees_twice!(f, 3, [0.8, 0.3, 1.2]);
}

#[test]
fn a_part_of_a_tuple_that_changes_is_borrowed_by_an_iterator_that_is_used_later() {
    #[differentiable]
    fn parts(x: &[f64; 2], k: f64) -> f64 {
        let mut a = (x[0], (x[1], [k, k]));
        a.1.0 *= 2.0;
        if k > 0.0 {
            let copies: Vec<f64> = a.1.1.iter().enumerate().map(|(i, _)| x[0] * a.1.0 + i as f64).collect();
            return copies.iter().sum::<f64>() * copies.first().copied().unwrap_or(0.5)
                + a.1.1.iter().zip(&[1.0, 2.0]).count() as f64;
        }
        a.0
    }
    #[differentiable]
    fn at_one(x: &[f64; 2]) -> f64 {
        parts(x, stop_gradient(1.0)) + parts(x, -1.0)
    }
    agrees!(at_one, 2, [0.3, -0.7]);
}

#[test]
fn a_repeated_number_that_changed_before_is_iterated_from_its_end() {
    #[differentiable]
    fn least(x: &[f64; 2]) -> f64 {
        let mut y = x[0];
        y *= x[1];
        std::iter::repeat_n(y, 3).rev().skip(1).reduce(f64::min).unwrap_or(0.5) * std::iter::once(y * 2.0).rev().sum::<f64>()
    }
    agrees!(least, 2, [0.3, -0.7]);
}

#[test]
fn what_iterators_count_with_may_be_arithmetic() {
    #[differentiable(wrt(x))]
    fn ranges(x: &[f64], k: usize, n: usize) -> f64 {
        let mut s: f64 = (k + 1..n).rev().map(|j| x[j] * x[j]).sum();
        for (i, j) in (k + 1..n).enumerate() {
            s += x[j] * (i as f64 + 1.0);
        }
        for (v, j) in x.iter().zip(k + 1..n) {
            s += v * x[j];
        }
        for j in (k + 1..n).skip(1).step_by(k + 1) {
            s += x[j].sin();
        }
        for (j, v) in (x.len() - k..x.len()).zip(x) {
            s += x[j] * v;
        }
        for j in (k + 1..n).take(k) {
            s += x[j].exp();
        }
        for j in (k..=n & 7).skip(1) {
            s += x[j] * x[j];
        }
        s
    }
    #[differentiable(wrt(x))]
    fn parts(x: &[f64], k: usize, n: usize) -> f64 {
        let ends = |w: &[f64]| w[0] * w[w.len() - 1];
        let s: f64 = x.iter().step_by(k + 1).map(|v| v * v).sum();
        let t: f64 = x.chunks(k + 1).map(|w| ends(w)).sum();
        let u: f64 = x.chunks_exact(k + 1).map(|w| ends(w)).sum();
        let r: f64 = x.rchunks(k + 1).map(|w| ends(w)).sum();
        let w: f64 = x.windows(1 << k).map(|w| ends(w)).sum();
        let y: f64 = x.iter().skip(k & 3).map(|v| v.sin()).sum();
        let z: f64 = x.iter().skip(1 << k).zip(x.iter().step_by(2 * k + 1)).map(|(v, w)| v * w).sum();
        let f: f64 = x.iter().filter(|v| **v > 0.3).step_by(2 * k + 1).map(|v| v * v * v).sum();
        let mut copy = x.to_vec();
        for part in copy.chunks_mut(k + 1) {
            part[0] *= 2.0;
        }
        let g = if let Some(v) = x.get(n as usize & 3) { *v } else { 1.0 };
        let (mut i, mut h) = (0, 0.0);
        while i <= n & 3 {
            h += x[i];
            i += 1;
        }
        copy.remove(n & 3);
        s + t * u + r + w * y + z + f + copy.iter().map(|v| v * v).sum::<f64>() + g * h
    }
    for k in 0..3 {
        for n in 0..9 {
            agrees!(ranges(k, n): [0.5, 0.8, -0.4, 1.2, 0.2, 0.7, 0.9, 1.1, 1.3, 1.7]);
            agrees!(parts(k, n): [0.5, 0.8, -0.4, 1.2, 0.2, 0.7, 0.9, 1.1, 1.3, 1.7]);
        }
    }
}

#[test]
fn a_range_that_ends_before_it_begins_has_no_items() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], k: usize, n: usize) -> f64 {
        let mut s = 1.0;
        for j in (5..n).step_by(2) {
            s += x[j];
        }
        for j in (k..n).step_by(2) {
            s += x[j] * x[j];
        }
        s += (5..n).take(2).map(|j| x[j]).sum::<f64>();
        for (v, j) in x.iter().zip(5..n) {
            s += v * x[j];
        }
        for (i, j) in (7..=n).enumerate() {
            s += x[j] * x[i];
        }
        s + (5..=n).step_by(3).chain(4..n).map(|j| x[j]).sum::<f64>()
    }
    for k in 0..3 {
        for n in 0..9 {
            agrees!(f(k, n): [0.5, 0.8, -0.4, 1.2, 0.2, 0.7, 0.9, 1.1, 1.3, 1.7]);
        }
    }
}

#[test]
fn ranges_are_of_any_type_of_integers() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], m: i32, n: u64) -> f64 {
        let mut s = x[0];
        for i in (0..5).step_by(2) {
            s = s * x[1] + (i - 3) as f64;
        }
        for (i, v) in (-2..3).zip(x) {
            s += v * i as f64;
        }
        for i in (1..10).step_by(4) {
            s += x[2].powi(i) / i as f64;
        }
        for i in (-100i8..=100).step_by(50) {
            s += x[0] * i as f64;
        }
        for (i, j) in (0..3u64).rev().skip(1).zip(1..) {
            s += x[1] * (i as f64) * j as f64;
        }
        for i in (0..m).step_by(2) {
            s += x[1].powi(i);
        }
        for i in (0..n).step_by(2) {
            s += x[2] * i as f64;
        }
        for (i, j) in (0..m).zip(1..) {
            s += x[3] * (i + j) as f64;
        }
        s
    }
    for m in 0..5 {
        agrees!(f(m, 7 - m as u64): [0.5, 0.8, -0.4, 1.2]);
    }
}

#[test]
fn a_call_inside_of_dbg_is_made_once() {
    use std::cell::Cell;
    thread_local! { static CALLS: Cell<usize> = const { Cell::new(0) }; }
    #[differentiable]
    fn counted(x: f64) -> f64 {
        x * CALLS.with(|calls| {
            calls.set(calls.get() + 1);
            calls.get() as f64
        })
    }
    #[differentiable]
    fn f(x: f64) -> f64 {
        let y = dbg!(counted(x)) * dbg!(x.sin());
        dbg!(counted(y));
        y + counted(x)
    }
    let value = f(0.7);
    CALLS.set(0);
    assert_eq!(f::value_and_grad(0.7).0, value);
    assert_eq!(CALLS.get(), 3);
}

#[test]
fn an_index_is_evaluated_first_where_an_operator_that_assigns_is_a_call() {
    #[differentiable]
    fn of_a_parameter<T: Real>(x: &[T; 2]) -> T {
        let mut v = [x[0], x[1]];
        let mut i = 0;
        v[i] += {
            i = 1;
            x[1] * 2.0
        };
        v[0] + 10.0 * v[1] + T::from_usize(i)
    }
    #[differentiable]
    fn of_a_reference(x: &[f64; 2]) -> f64 {
        let mut v = [x[0], x[1]];
        let mut i = 0;
        v[i] *= &{
            i = 1;
            x[1] * 2.0
        };
        v[0] + 10.0 * v[1] + i as f64
    }
    #[differentiable]
    fn of_floats(x: &[f64; 2]) -> f64 {
        let mut v = [x[0], x[1]];
        let mut i = 0;
        v[i] += {
            i = 1;
            x[1] * 2.0
        };
        v[0] + 10.0 * v[1] + i as f64
    }
    #[differentiable]
    fn of_two_that_count<T: Real>(x: &[T; 2]) -> T {
        let count = std::cell::Cell::new(0);
        let next = || {
            count.set(count.get() + 1);
            count.get()
        };
        let mut v = vec![vec![x[0]; 4]; 4];
        v[next()][next()] -= x[1] * T::from_usize(next());
        let mut left = vec![1, 2];
        v[left.len()][0] *= x[1] * T::from_usize(left.pop().unwrap());
        v[1][2] + v[2][0] * v[1][0]
    }
    #[differentiable]
    fn of_floats_beside_a_parameter<T: Real>(x: T) -> T {
        let mut v: [f64; 2] = [1.0, 2.0];
        let (mut i, three): (usize, f64) = (0, 3.0);
        v[i] += {
            i = 1;
            three
        };
        x * T::from_f64(v[0] + 10.0 * v[1]) * T::from_usize(i)
    }
    assert_eq!(of_a_parameter(&[1.0, 2.0]), 26.0);
    assert_eq!(of_floats(&[1.0, 2.0]), 62.0);
    agrees!(of_a_parameter, 2, [1.0, 2.0]);
    agrees!(of_a_reference, 2, [1.0, 2.0]);
    agrees!(of_floats, 2, [1.0, 2.0]);
    agrees!(of_two_that_count, 2, [1.0, 2.0]);
    assert_eq!(of_floats_beside_a_parameter::value_and_grad(0.5).0, of_floats_beside_a_parameter(0.5));
}

#[test]
fn closures_are_called_for_items_that_are_passed_over() {
    use std::cell::Cell;
    #[differentiable]
    fn skipped(x: &[f64]) -> f64 {
        let mut c = 0.0;
        let s: f64 = x
            .iter()
            .map(|v| {
                c += v;
                v * c
            })
            .skip(1)
            .sum();
        s + c
    }
    #[differentiable]
    fn stepped(x: &[f64]) -> f64 {
        let mut c = 0.0;
        let s: f64 = x
            .iter()
            .map(|v| {
                c += v;
                v * c
            })
            .step_by(2)
            .sum();
        s + c
    }
    #[differentiable]
    fn nth(x: &[f64]) -> f64 {
        let mut c = 0.1;
        let d = x
            .iter()
            .map(|v| {
                c += v;
                v * 2.0
            })
            .nth(2)
            .unwrap_or(0.5);
        d + c
    }
    #[differentiable(wrt(x))]
    fn looped(x: &[f64], y: &[f64]) -> f64 {
        let n = Cell::new(0);
        let next = || {
            n.set(n.get() + 1);
            n.get() as f64
        };
        let mut s = 0.0;
        for v in x.iter().map(|v| v * next()).skip(2) {
            s += v;
        }
        for (v, w) in x.iter().map(|v| v * next()).zip(y.iter().map(|w| w * next())).skip(1).step_by(2) {
            s += v * w;
        }
        for (i, v) in x.iter().map(|v| v * next()).enumerate().skip(1).take(3) {
            s += v * i as f64;
        }
        s + n.get() as f64
    }
    #[differentiable(wrt(x))]
    fn zipped(x: &[f64], y: &[f64]) -> f64 {
        let n = Cell::new(0);
        let next = || {
            n.set(n.get() + 1);
            n.get() as f64
        };
        let s: f64 = x.iter().map(|v| v * next()).zip(y).map(|(v, w)| v * w).sum();
        let t: f64 = y.iter().zip(x.iter().map(|v| v * next())).map(|(v, w)| v * w).sum();
        let mut u = 0.0;
        for (v, w) in x.iter().map(|v| v * next()).zip(y.iter().map(|v| v * next())) {
            u += v * w;
        }
        s + t + u + n.get() as f64
    }
    #[differentiable(wrt(x))]
    fn reversed(x: &[f64], y: &[f64]) -> f64 {
        let n = Cell::new(0);
        let next = || {
            n.set(n.get() + 1);
            n.get() as f64
        };
        let s: f64 = x.iter().map(|v| v * next()).zip(y).rev().map(|(v, w)| v * w).sum();
        let mut t = 0.0;
        for (v, w) in y.iter().zip(x.iter().map(|v| v * next())).rev() {
            t += v * w * n.get() as f64;
        }
        for v in x.iter().map(|v| v * next()).take(y.len()).rev() {
            t += v * n.get() as f64;
        }
        s + t + n.get() as f64
    }
    #[differentiable]
    fn skipped_while(x: &[f64]) -> f64 {
        let mut n = 0;
        let b: f64 = x
            .iter()
            .skip_while(|v| {
                n += 1;
                **v < 0.0
            })
            .sum();
        b + n as f64
    }
    for n in 0..8 {
        let x: Vec<f64> = (0..n).map(|i| (i as f64 * 1.7).sin() - 0.2).collect();
        agrees!(skipped: x);
        agrees!(stepped: x);
        agrees!(nth: x);
        agrees!(skipped_while: x);
        for m in 0..6 {
            let y = [0.7, -0.3, 1.1, 0.4, 0.9, -0.6];
            agrees!(looped(&y[..m]): x);
            agrees!(zipped(&y[..m]): x);
            agrees!(reversed(&y[..m]): x);
        }
    }
}

#[test]
fn what_stands_in_front_of_an_index_is_read_before_the_index_changes_it() {
    #[differentiable(wrt(x))]
    fn of_a_range(x: &[f64], y: f64) -> f64 {
        let mut lo = 0;
        let mut s = y;
        for v in &x[lo..{
            lo += 2;
            lo
        }] {
            s += v * s;
        }
        s
    }
    #[differentiable]
    fn of_two(x: &[[f64; 3]; 3]) -> f64 {
        let mut i = 0;
        let s = x[i][{
            i += 1;
            i
        }]
        .sin();
        let mut m = *x;
        m[i][{
            i += 1;
            i
        }] *= 3.0;
        s * m[1][2] + m[2][2]
    }
    #[differentiable(wrt(x))]
    fn of_a_head(x: &[f64], y: f64) -> f64 {
        let mut s = y;
        let mut k = 1;
        for v in x[{
            k += 1;
            k
        }..3]
            .iter()
        {
            s -= v * k as f64;
        }
        s * k as f64
    }
    agrees!(of_a_range(0.3): [0.5, -0.4, 0.9]);
    agrees!(of_a_head(0.3): [0.5, -0.4, 0.9, 0.2]);
    let x = [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]];
    let (value, gradient) = of_two::value_and_grad(&x);
    assert_eq!(value, of_two(&x));
    assert!((gradient[0][1] - 0.2f64.cos() * 1.8).abs() < 1e-15);
    assert!((gradient[1][2] - 0.2f64.sin() * 3.0).abs() < 1e-15);
    assert_eq!(gradient[2][2], 1.0);
}

#[test]
fn what_is_iterated_by_value_is_a_copy() {
    #[differentiable]
    fn of_an_array(x: &[f64; 2]) -> f64 {
        let mut a = [x[0], 2.0, x[1]];
        for v in a {
            a[2] += v;
            a.swap(0, 1);
        }
        a[0] * a[2]
    }
    #[differentiable]
    fn with_positions(x: &[f64; 2]) -> f64 {
        let mut a = [x[0], 2.0];
        let mut s = 0.0;
        for (i, v) in a.into_iter().enumerate() {
            a[1 - i] += v * x[1];
            s += a[i];
        }
        s * a[0]
    }
    #[differentiable]
    fn of_rows(x: &[f64; 2]) -> f64 {
        let mut m = [[x[0], 1.0], [x[1], 2.0]];
        for r in m {
            m[1][0] += r[0] * r[1];
        }
        for (p, q) in m[0].into_iter().zip(m[1]) {
            m[0][1] *= p + q;
            m[1][0] -= p;
        }
        m[0][1] * m[1][0]
    }
    #[differentiable]
    fn of_a_parameter(mut a: [f64; 2]) -> f64 {
        for v in a {
            a[0] *= v + a[1];
        }
        let b = &mut a;
        for v in *b {
            b[1] *= v;
        }
        let c: Vec<f64> = b
            .into_iter()
            .map(|v| {
                *v *= 2.0;
                *v
            })
            .collect();
        a[0] * a[1] + c[0]
    }
    #[differentiable]
    fn of_closures(x: &[f64; 2]) -> f64 {
        let mut a = *x;
        let c: Vec<f64> = a
            .into_iter()
            .rev()
            .map(|v| {
                a[1] += v;
                a[1] * v
            })
            .collect();
        a[0] * a[1] + c[0] * c[1]
    }
    #[differentiable]
    fn of_parts(x: &[f64; 2]) -> f64 {
        let mut a = [x[0], 1.0];
        let (ref mut p, q) = (a[0], x[1]);
        *p += q;
        let m = *p;
        a[0] *= m;
        let (ref r, q) = (a[0], x[1]);
        a[0] = 5.0 * q;
        let t = match (a[0], a[1]) {
            (ref mut p, q) => {
                *p += q;
                let m = *p;
                m * a[0]
            }
        };
        *r * a[0] + t
    }
    agrees!(of_an_array, 2, [1.3, 0.7]);
    agrees!(with_positions, 2, [1.3, 0.7]);
    agrees!(of_rows, 2, [1.3, 0.7]);
    agrees!(of_closures, 2, [1.3, 0.7]);
    agrees!(of_parts, 2, [1.3, 0.7]);
    let (value, gradient) = of_a_parameter::value_and_grad([1.3, 0.7]);
    let difference = |i: usize| {
        let at = |h: f64| {
            of_a_parameter([1.3, 0.7].map({
                let mut k = 0;
                move |v| {
                    k += 1;
                    if k == i + 1 { v + h } else { v }
                }
            }))
        };
        (at(1e-6) - at(-1e-6)) / 2e-6
    };
    assert_eq!(value, of_a_parameter([1.3, 0.7]));
    assert!((gradient[0] - difference(0)).abs() < 1e-7 && (gradient[1] - difference(1)).abs() < 1e-7);
}

#[test]
fn a_receiver_by_value_is_read_before_the_arguments() {
    #[derive(Clone, Copy, Debug, Differentiable)]
    struct S {
        u: [f64; 2],
        v: f64,
    }
    impl S {
        #[differentiable(wrt(self, k))]
        fn m(self, k: f64) -> f64 {
            self.u[0] * k + self.u[1] * self.v
        }
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut s = S { u: [x[0], x[1]], v: x[2] };
        let t = s.m({
            s.v *= 2.0;
            s.u[1]
        });
        let mut y = x[0];
        t * s.v
            + y.max({
                y -= 3.0;
                y
            }) * y
    }
    agrees!(f, 3, [1.3, 0.7, -0.4]);
}

#[test]
fn a_loop_that_is_left_early_keeps_no_room_for_all_of_its_range() {
    #[differentiable(wrt(a))]
    fn root(a: f64, most: usize) -> f64 {
        let mut r = a;
        for _ in 0..most {
            let next = r - (r * r - a) / (2.0 * r);
            if (next - r).abs() < 1e-12 {
                break;
            }
            r = next;
        }
        r
    }
    #[differentiable(wrt(x))]
    fn rows(x: &[f64], most: u64) -> f64 {
        let mut v = x.to_vec();
        for i in 0..=most {
            let before = v.clone();
            for (v, w) in v.iter_mut().zip(&before) {
                *v = w.sin() * w;
            }
            if i > 3 {
                return v[0] * v[1];
            }
        }
        v[0]
    }
    assert!((root::grad(2.0, usize::MAX) - 0.5 / 2f64.sqrt()).abs() < 1e-12);
    agrees!(rows(u64::MAX - 1): [0.7, 1.9]);
    agrees!(rows(2): [0.7, 1.9]);
}

#[test]
fn a_closure_that_moves_changes_a_copy() {
    #[differentiable(wrt(x))]
    fn changed_outside(x: &[f64], y: f64) -> f64 {
        let mut c = y;
        let mut s = 0.0;
        for v in x.iter().map(move |v| v * c) {
            c += 1.0;
            s += v * c;
        }
        for v in x.iter().filter(move |v| **v < c) {
            c -= 2.0;
            s += v * c;
        }
        s * c
    }
    #[differentiable(wrt(x))]
    fn changed_inside(x: &[f64], y: f64) -> f64 {
        let mut c = y;
        let mut n = 0;
        let s: f64 = x
            .iter()
            .map(move |v| {
                n += 1;
                c += v;
                c * v * n as f64
            })
            .sum();
        n += 2;
        s * c * n as f64
    }
    agrees!(changed_outside(0.3): [0.5, -0.4, 0.9]);
    agrees!(changed_inside(0.3): [0.5, -0.4, 0.9]);
}

#[test]
fn the_length_of_an_array_may_be_told_by_the_type_that_a_closure_gives() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let b = [0.5, 2.0, -1.0];
        let g = |p: &[f64; 3]| -> [f64; 3] { std::array::from_fn(|i| p[i] * b[i]) };
        let y = g(&g(x));
        y[0] * y[1] + y[2].sin()
    }
    agrees!(f, 3, [0.3, 1.2, -0.7]);
}

#[test]
fn the_base_of_a_struct_is_evaluated_after_its_fields() {
    #[derive(Clone, Copy, Debug, Differentiable)]
    struct Parts {
        u: f64,
        v: f64,
        w: f64,
    }
    #[differentiable]
    fn made(x: &[f64; 2]) -> f64 {
        let (mut a, y) = (x[0], x[1]);
        let s = Parts {
            u: {
                a *= 2.0;
                a
            },
            ..{
                a *= y;
                Parts { u: a, v: y, w: a }
            }
        };
        s.u * s.v + s.w
    }
    #[differentiable]
    fn named(x: &[f64; 2]) -> f64 {
        let mut a = Parts { u: x[0], v: x[1], w: x[0] * x[1] };
        let s = Parts {
            u: {
                a.v *= 2.0;
                a.u
            },
            w: a.v,
            ..a
        };
        s.u * s.v + s.w + a.v
    }
    agrees!(made: [0.3, 0.7]);
    agrees!(named: [0.3, 0.7]);
}

#[test]
fn an_index_beside_an_active_value_is_evaluated_once() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let count = std::cell::Cell::new(0);
        let weights = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let mut s = 0.0;
        for v in x {
            s += v * weights[count.replace(count.get() + 1)];
            s += (v * weights[count.replace(count.get() + 1)]).sin();
        }
        s
    }
    agrees!(f: [0.3, -0.4, 0.7, 0.1]);
}

#[test]
fn what_is_asked_of_a_call_that_changes_something_active_keeps_its_derivative() {
    #[differentiable]
    fn scaled(s: &mut f64, x: f64) -> f64 {
        *s *= x;
        *s + x
    }
    #[differentiable]
    fn asserted(x: &[f64; 4]) -> f64 {
        let mut s = x[0];
        s *= x[2];
        assert!(scaled(&mut s, x[1]) > -100.0);
        s * x[0]
    }
    #[differentiable]
    fn repeated(x: &[f64; 4]) -> f64 {
        let mut s = x[0];
        while scaled(&mut s, x[1]) < 9.0 {
            s += x[2];
        }
        s * x[3]
    }
    #[differentiable]
    fn removed(x: &[f64; 4]) -> f64 {
        let mut s = x.to_vec();
        s.push(x[0] * x[1]);
        if s.remove(0) < -2.0 {
            return 0.0;
        }
        s[0] + s[3] * s[1]
    }
    #[differentiable]
    fn chained(x: &[f64; 4]) -> f64 {
        let mut s = x.to_vec();
        let mut t = 0.0;
        while s.len() > 1 && s.pop().unwrap() > 0.5 {
            t += s[0] * s[s.len() - 1];
        }
        s.push(x[0] * x[1]);
        let both = s[0] > 100.0 || s.pop().unwrap() > 0.5 && s.pop().is_some_and(|v| v > 0.1);
        if both { t * s[0] } else { t + s[s.len() - 1] * s[0] }
    }
    #[differentiable]
    fn counted(x: &[f64; 4]) -> f64 {
        let mut s = x.to_vec();
        s.push(x[0] * x[1]);
        let n = (s.pop().unwrap() * 3.0).floor() as usize;
        let mut t = 0.0;
        for i in 0..(s.pop().unwrap() * 3.5) as usize {
            t += s[i % 3] * s[n];
        }
        match s.pop().map_or(0, |v| (v * 10.0) as i32) {
            0..=4 => t * s[0],
            _ => t + s[1],
        }
    }
    #[differentiable]
    fn of_pairs(x: &[f64; 4]) -> f64 {
        let mut s = vec![(x[0] * x[1], 1_usize), (x[2] * x[3], 2)];
        s.push((x[0], 3));
        let (_, n) = s.pop().unwrap();
        let m = s.pop().unwrap().1;
        s[0].0 * n as f64 * m as f64
    }
    #[differentiable]
    fn printed(x: &[f64; 4]) -> f64 {
        let mut s = x.to_vec();
        s.push(x[0] * x[1]);
        let text = format!("{:.3}", s.pop().unwrap());
        assert!(s.pop().is_some());
        assert_eq!(s.pop(), Some(x[2]), "{text}");
        s[0] * s[1] * s.len() as f64
    }
    #[differentiable]
    fn interpreted(x: &[f64; 4]) -> f64 {
        let mut stack: Vec<f64> = vec![];
        let mut pc = 0;
        let operations = [0, 1, 2, 3, 1, 0, 4, 3];
        while pc < operations.len() {
            match operations[pc] {
                0 => stack.push(x[0]),
                1 => stack.push(x[1]),
                2 => {
                    if stack.pop().unwrap() > 0.0 {
                        pc = 5;
                        continue;
                    }
                }
                3 if stack.len() > 1 => {
                    let (a, b) = (stack.pop().unwrap(), stack.pop().unwrap());
                    stack.push(a * b);
                }
                _ => stack.push(x[2]),
            }
            pc += 1;
        }
        stack.iter().sum::<f64>()
    }
    #[differentiable]
    fn in_order(x: &[f64; 4]) -> f64 {
        let mut s = x.to_vec();
        let (mut t, k) = (0.0, s.len());
        let n = k + s.pop().unwrap() as usize + (s.remove(0) * 10.0) as usize;
        for i in 0..n {
            t += s[i % 2] * x[i % 3];
        }
        t
    }
    agrees!(in_order: [0.72, 1.3, 0.4, 0.9]);
    agrees!(asserted: [0.7, 1.3, 0.4, 0.9]);
    agrees!(repeated: [0.7, 1.3, 0.4, 0.9]);
    agrees!(removed: [0.7, 1.3, 0.4, 0.9]);
    agrees!(chained: [0.7, 1.3, 0.4, 0.9]);
    agrees!(counted: [0.7, 1.3, 0.45, 0.9]);
    agrees!(of_pairs: [0.7, 1.3, 0.4, 0.9]);
    agrees!(printed: [0.7, 1.3, 0.4, 0.9]);
    agrees!(interpreted: [0.7, 1.3, 0.4, 0.9]);
}

#[test]
fn methods_that_only_look_at_something_active_are_asked() {
    #[derive(Clone, Debug, Differentiable)]
    struct Body {
        at: f64,
        path: Vec<f64>,
    }
    impl Body {
        fn is_far(&self) -> bool {
            self.at > 20.0
        }
        fn longest(&self, above: f64) -> &[f64] {
            if self.at > above { &self.path } else { &[] }
        }
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut body = Body { at: x[0], path: vec![x[1]] };
        while !body.is_far() && body.longest(5.0).is_empty() {
            body.at *= 1.5;
            assert!(!body.is_far(), "{}", body.longest(1.0).len());
        }
        let n = body.longest(2.0).len();
        body.at * body.path[0] * n as f64
    }
    agrees!(f: [0.7, 1.3]);
}

#[test]
fn skipped_fields_count_as_zero_in_the_cotangent_of_a_gradient() {
    #[derive(Clone, Debug, Differentiable)]
    struct Joint {
        angle: f64,
        #[differentiable(skip)]
        limit: f64,
    }
    #[differentiable(second_order, wrt(p))]
    fn cost(p: &Joint) -> f64 {
        (p.angle - p.limit).powi(3)
    }
    #[differentiable(second_order, wrt(p))]
    fn costs(p: &[Joint]) -> f64 {
        p.iter().map(|p| (p.angle - p.limit).powi(3)).sum::<f64>()
    }
    #[differentiable]
    fn of_gradient(x: &[f64; 2]) -> f64 {
        let g = cost::grad(&Joint { angle: x[0], limit: 0.55 });
        g.angle * x[1]
    }
    #[differentiable]
    fn of_both(x: &[f64; 2]) -> f64 {
        let (value, g) = cost::value_and_grad(&Joint { angle: x[0], limit: 0.55 });
        value * g.angle * x[1]
    }
    #[differentiable]
    fn along(x: &[f64; 2]) -> f64 {
        let joint = Joint { angle: x[0], limit: 0.55 };
        cost::jvp(&joint, &joint).1 * x[1]
    }
    #[differentiable]
    fn of_lists(x: &[f64; 2]) -> f64 {
        let joints = vec![Joint { angle: x[0], limit: 0.55 }, Joint { angle: x[1], limit: 0.25 }];
        let g = costs::grad(&joints);
        g[0].angle * g[1].angle
    }
    agrees!(of_gradient: [0.3, 0.7]);
    agrees!(of_both: [0.3, 0.7]);
    agrees!(along: [0.3, 0.7]);
    agrees!(of_lists: [0.3, 0.7]);
}

#[test]
fn a_name_that_stands_for_a_part_is_not_that_of_the_result() {
    #[differentiable]
    fn alone(x: &[f64; 4]) -> f64 {
        let mut v = x[1..].to_vec();
        *v.last_mut().unwrap() *= x[0];
        v[2]
    }
    #[differentiable]
    fn several(x: &[f64; 4]) -> f64 {
        let mut v = x[1..].to_vec();
        for i in 0..3 {
            *v.last_mut().unwrap() *= x[i];
            *v.first_mut().unwrap() *= x[i + 1];
        }
        *v.get_mut(1).unwrap() /= x[0];
        v.push(v[1] * v[2]);
        *v.last_mut().expect("one") *= x[1] + v[0];
        v[3] * v[0]
    }
    agrees!(alone: [0.7, 1.3, 0.4, 0.9]);
    agrees!(several: [0.7, 1.3, 0.4, 0.9]);
}
