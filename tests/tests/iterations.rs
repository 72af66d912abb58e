//! What the iterations of a loop have each for itself, and what they hand on: memory that is overwritten before it is read does not join them, and
//! integers that nested loops count are counted again instead of recorded; what is the same in all of them is looked up once; what is
//! needed for its shape alone is not kept. Each function stands at a corner; all derivatives are compared with
//! differences, with forward mode, and with each other.

#![allow(
    clippy::explicit_counter_loop,
    clippy::needless_range_loop,
    clippy::useless_vec,
    reason = "counters, indices and vectors are what is tested"
)]

use differentiable::prelude::*;
use differentiable_compiler::{Stages, stages};
use differentiable_tests::{agrees, halves_agree};
use quote::quote;

/// Points without zeros and ties.
const POINTS: [[f64; 4]; 2] = [[0.2, 0.9, -0.3, 0.7], [0.8, 0.1, 0.4, -0.5]];

/// Reverse mode in one go and in two halves, forward mode, and the value's bits.
macro_rules! agrees_in_all {
    ($function:ident) => {{
        agrees!($function, 4, POINTS[0], POINTS[1]);
        halves_agree!($function, 4, POINTS[0], POINTS[1]);
    }};
}

/// Whether reverse mode in one go records nothing.
fn records_nothing(function: proc_macro2::TokenStream) -> bool {
    let Stages { fused, .. } = stages(quote!(), function).unwrap();
    !fused.contains("tape")
}

#[test]
fn memory_that_every_iteration_overwrites_does_not_join_the_iterations() {
    let function = quote!(
        fn f(x: &[f64; 4], n: usize) -> f64 {
            let mut total = 0.0;
            let mut parts = vec![0.0; 3];
            for i in 0..n {
                for j in 0..3 {
                    parts[j] = x[j] * x[i];
                }
                total += logsumexp(&parts);
            }
            total
        }
    );
    let Stages { fused, .. } = stages(quote!(), function).unwrap();
    assert_eq!(fused.matches("for i ").count(), 1, "{fused}");
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut parts = vec![0.0; 3];
        for i in 0..4 {
            for j in 0..3 {
                parts[j] = x[j] * x[i];
            }
            total += logsumexp(&parts) * x[i];
        }
        total
    }
    agrees_in_all!(f);
}

#[test]
fn rows_of_rows_and_variables_that_are_overwritten_agree() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut table = [[0.0; 3]; 2];
        let mut pair = [0.0; 2];
        let mut last;
        for i in 0..4 {
            for a in 0..2 {
                for b in 0..3 {
                    table[a][b] = x[a] * x[b] * x[i];
                    table[a][b] += x[3].sin();
                }
            }
            pair[1] = table[1][2] * x[i];
            pair[0] = table[0][1] * pair[1];
            last = pair[0] * pair[1];
            total += last * last;
        }
        total
    }
    agrees_in_all!(f);
}

#[test]
fn memory_that_is_read_before_it_is_overwritten_joins_the_iterations() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut parts = [1.0; 3];
        for i in 0..4 {
            total += parts[1] * x[i];
            for j in 0..3 {
                parts[j] = x[j] * x[i];
            }
            total += parts[0] * parts[2];
        }
        total
    }
    agrees_in_all!(f);
}

#[test]
fn an_element_that_is_read_before_its_turn_joins_the_iterations() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut parts = [0.5; 3];
        for i in 0..4 {
            for j in 0..3 {
                let next = parts[(j + 1) % 3];
                parts[j] = x[j] * x[i] + 0.1 * next;
            }
            total += parts[0] * parts[2];
        }
        total
    }
    agrees_in_all!(f);
}

#[test]
fn memory_of_which_a_part_is_overwritten_joins_the_iterations() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let n = x.len() - 1;
        let mut total = 0.0;
        let mut parts = [0.5; 4];
        let mut two = [0.25; 2];
        for i in 0..4 {
            for j in 0..n {
                parts[j] = x[j] * x[i];
            }
            two[0] = x[i];
            total += parts[0] * parts[3] * two[1] + two[0];
            parts[3] = x[i] * x[i];
            two[1] = x[i] * 0.5;
        }
        total
    }
    agrees_in_all!(f);
}

#[test]
fn memory_that_is_read_after_the_loop_joins_the_iterations() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut parts = [0.0; 3];
        for i in 0..4 {
            for j in 0..3 {
                parts[j] = x[j] * x[i];
            }
            total += parts[0] * parts[1];
        }
        total * parts[2]
    }
    agrees_in_all!(f);
}

#[test]
fn memory_that_only_some_iterations_overwrite_joins_the_iterations() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut parts = [0.0; 3];
        for i in 0..4 {
            if i % 2 == 0 {
                for j in 0..3 {
                    parts[j] = x[j] * x[i];
                }
            }
            total += parts[0] * parts[1] * x[i];
        }
        total
    }
    agrees_in_all!(f);
    #[differentiable]
    fn g(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut part = 0.3;
        for i in 0..4 {
            for j in 0..i {
                part = x[j] * x[i];
            }
            total += part * part;
        }
        total
    }
    agrees_in_all!(g);
}

#[test]
fn memory_that_both_arms_overwrite_agrees() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut parts = [0.0; 2];
        for i in 0..4 {
            if x[i] > 0.3 {
                for j in 0..2 {
                    parts[j] = x[j] * x[i];
                }
            } else {
                parts[0] = x[i].sin();
                parts[1] = 1.0;
            }
            if i == 2 {
                continue;
            }
            total += parts[0] * parts[1] * x[i];
        }
        total
    }
    agrees_in_all!(f);
}

#[test]
fn memory_that_an_inner_loop_has_for_itself_agrees() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut parts = vec![0.0; 2];
        for i in 0..3 {
            let mut sum = 0.0;
            for k in 0..i {
                for j in 0..2 {
                    parts[j] = x[j] * x[k] * x[i];
                }
                sum += parts[0].exp() * parts[1];
            }
            total += sum * sum;
        }
        total
    }
    agrees_in_all!(f);
}

#[test]
fn memory_whose_rows_are_replaced_or_which_is_swapped_agrees() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut rows = vec![vec![0.0]; 2];
        for i in 0..4 {
            for j in 0..2 {
                rows[j] = vec![x[j] * x[i]; j + 1];
            }
            total += rows[1][i / 2] * rows[0][0];
        }
        total
    }
    agrees_in_all!(f);
    #[differentiable]
    fn g(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut new = [0.0; 2];
        let mut old = [0.5; 2];
        for i in 0..4 {
            for j in 0..2 {
                new[j] = x[j] * x[i] + 0.5 * old[j];
            }
            total += new[0] * new[1];
            std::mem::swap(&mut new, &mut old);
        }
        total
    }
    agrees_in_all!(g);
}

#[test]
fn memory_that_is_exchanged_agrees() {
    // what boundaries keep from two steps before, and a sum of what is left in both
    #[differentiable]
    fn steps(x: &[f64; 4]) -> f64 {
        let (mut u, mut next) = (x.to_vec(), vec![x[0] * x[1]; 4]);
        for _ in 0..5 {
            for i in 1..3 {
                next[i] = u[i] + x[3] * (u[i - 1] - 2.0 * u[i] + u[i + 1]) * u[i];
            }
            std::mem::swap(&mut u, &mut next);
        }
        u.iter().map(|u| u * u).sum::<f64>() + next[1] * next[3] * u[2]
    }
    agrees_in_all!(steps);
    // three levels of time, read by name while they rotate
    #[differentiable]
    fn wave(x: &[f64; 4]) -> f64 {
        let (mut old, mut now, mut new) = (x.to_vec(), x.map(|x| x * x).to_vec(), vec![0.0; 4]);
        for t in 0..6 {
            for i in 1..3 {
                new[i] = 2.0 * now[i] - old[i] + 0.1 * x[0] * (now[i + 1] - 2.0 * now[i] + now[i - 1]) * now[i].sin();
            }
            if t % 3 != 1 {
                std::mem::swap(&mut old, &mut now);
                std::mem::swap(&mut now, &mut new);
            }
        }
        old[1] * now[2] + new[1] * now[1]
    }
    agrees_in_all!(wave);
    // vectors of two lengths, replaced and exchanged, and read in between
    #[differentiable]
    fn lengths(x: &[f64; 4]) -> f64 {
        let mut long = x.to_vec();
        let mut short = vec![x[1] * x[2], x[0]];
        let mut total = 0.0;
        for i in 0..3 {
            total += long[1] * short[0] * long[long.len() - 1];
            std::mem::swap(&mut long, &mut short);
            short[1] *= x[i];
            for value in &long {
                total += value * value;
            }
        }
        long = vec![total, x[3]];
        std::mem::swap(&mut short, &mut long);
        short[0] * short[1] + long.iter().sum::<f64>() * total
    }
    agrees_in_all!(lengths);
    // one of the two is never read again
    #[differentiable]
    fn left(x: &[f64; 4]) -> f64 {
        let mut a = [x[0] * x[1], x[2]];
        let mut b = [x[3].sin(), x[0] * x[0]];
        std::mem::swap(&mut a, &mut b);
        let kept = a[0] * a[1];
        b = [kept, x[1]];
        std::mem::swap(&mut b, &mut a);
        a[0] * a[1] + kept
    }
    agrees_in_all!(left);
    // exchanged twice in an inner loop, by a condition of the numbers, in one that may be left early
    #[differentiable]
    fn chosen(x: &[f64; 4]) -> f64 {
        let (mut a, mut b) = (vec![x[0], x[1]], vec![x[2], x[3]]);
        for i in 0..4 {
            for j in 0..2 {
                a[j] = a[j] * b[1 - j] + x[i];
                if x[j] < x[i] {
                    std::mem::swap(&mut a, &mut b);
                }
            }
            if x[i] > 0.65 && i > 1 {
                break;
            }
            std::mem::swap(&mut b, &mut a);
        }
        a[0] * a[1] - b[0] * b[1]
    }
    agrees_in_all!(chosen);
}

#[test]
fn what_is_exchanged_is_copied_only_where_it_is_recorded() {
    let step = |term: proc_macro2::TokenStream| {
        quote!(
            fn f(x: &[f64], n: usize) -> f64 {
                let mut u = x.to_vec();
                let mut next = x.to_vec();
                for _ in 0..n {
                    for i in 1..x.len() {
                        next[i] = u[i - 1] - #term;
                    }
                    std::mem::swap(&mut u, &mut next);
                }
                u[0] * u[1]
            }
        )
    };
    let linear = stages(quote!(), step(quote!(0.5 * u[i]))).unwrap().fused;
    assert!(linear.contains("swap u_bar, next_bar"), "{linear}");
    assert!(!linear.contains("tape") && !linear.contains("u_before"), "{linear}");
    let square = stages(quote!(), step(quote!(u[i] * u[i]))).unwrap().fused;
    assert!(square.contains("swap u_bar, next_bar"), "{square}");
    assert_eq!(square.matches("u_before = clone u").count(), 1, "{square}");
    assert!(square.contains("tape <- (u_before)") && !square.contains("clone next"), "{square}");
}

#[test]
fn loops_that_run_not_at_all_leave_zeros() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 4], n: usize, k: usize) -> f64 {
        let mut total = x[0];
        let mut parts = vec![0.0; k];
        for i in 0..n {
            for j in 0..k {
                parts[j] = x[j] * x[i];
            }
            total += parts.iter().sum::<f64>();
        }
        total
    }
    assert_eq!(f::grad(&POINTS[0], 0, 3), [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(f::grad(&POINTS[0], 3, 0), [1.0, 0.0, 0.0, 0.0]);
    assert!(f::grad(&[f64::NAN; 4], 2, 2)[0].is_nan());
}

#[test]
fn a_counter_of_nested_loops_is_counted_again() {
    let function = quote!(
        fn f(x: &[f64], n: usize) -> f64 {
            let mut at = 0;
            let mut sum = 0.0;
            for i in 0..n {
                for j in i + 1..n {
                    sum += x[at] * x[j] * x[i];
                    at += 1;
                }
            }
            sum.exp()
        }
    );
    assert!(records_nothing(function));
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut at = 1;
        let mut sum = 0.0;
        for i in 0..3 {
            for j in i + 1..3 {
                sum += x[at] * x[j] * x[i];
                at += 1;
            }
        }
        sum.exp()
    }
    agrees_in_all!(f);
}

#[test]
fn counters_agree_where_they_are_read_at_several_depths() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut at = 0;
        let mut sum = 0.0;
        for i in 0..3 {
            sum += x[at % 4] * x[i];
            at += 2;
            for j in 0..i {
                sum -= x[at % 4] * x[j];
                at += 3;
                sum += x[(at + j) % 4].sin() * x[1];
            }
            at += i;
        }
        sum.exp()
    }
    agrees_in_all!(f);
    #[differentiable]
    fn after(x: &[f64; 4]) -> f64 {
        let mut at = 0;
        let mut sum = 0.0;
        for i in 0..3 {
            for j in 0..i {
                sum -= x[at % 4] * x[j];
                at += 3;
            }
            sum += x[at % 4] * x[i];
            at += 1;
        }
        sum.exp()
    }
    agrees_in_all!(after);
    #[differentiable]
    fn side_by_side(x: &[f64; 4]) -> f64 {
        let mut at = 0;
        let mut sum = 0.0;
        for i in 0..3 {
            for j in 0..i {
                sum += x[at % 4] * x[j];
                at += 1;
            }
            for j in i..3 {
                sum -= x[at % 4] * x[j] * x[0];
                at += 2;
            }
        }
        sum.exp()
    }
    agrees_in_all!(side_by_side);
}

#[test]
fn counters_agree_in_loops_whose_order_matters() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut at = 0;
        let mut state = 0.3;
        for i in 0..3 {
            for j in 0..i {
                state = state * x[at % 4] + x[j];
                at += 1;
            }
        }
        state
    }
    agrees_in_all!(f);
    #[differentiable]
    fn conditional(x: &[f64; 4]) -> f64 {
        let mut at = 0;
        let mut sum = 0.0;
        for i in 0..4 {
            for j in 0..2 {
                if x[i] > 0.3 {
                    sum += x[at] * x[j];
                    at += 1;
                }
                if at == 3 {
                    break;
                }
            }
            at = at.min(2);
        }
        sum.exp()
    }
    agrees_in_all!(conditional);
}

#[test]
fn a_counter_in_the_body_of_an_outer_loop_is_counted_again() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut state = x[0];
        for k in 0..3 {
            let first = k % 2;
            let mut at = first;
            let mut sum = 0.0;
            for i in 0..2 {
                for j in 0..i + 1 {
                    sum += x[at] * x[j];
                    at += 1;
                }
            }
            state = (state * sum).sin();
        }
        state
    }
    agrees_in_all!(f);
    #[differentiable]
    fn of_a_length(x: &[f64; 4]) -> f64 {
        let mut state = x[0];
        for k in 0..3 {
            let row = vec![x[k]; k + 1];
            let n = row.len();
            let mut at = n - 1;
            let mut sum = 0.0;
            for i in 0..2 {
                for j in 0..n {
                    sum += x[at % 4] * row[j] * x[i];
                    at += n;
                }
            }
            state = (state * sum).sin();
        }
        state
    }
    agrees_in_all!(of_a_length);
}

#[test]
fn a_factor_that_nested_loops_carry_is_computed_again() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 4], t: f64) -> f64 {
        let mut power = 1.0;
        let mut sum = 0.0;
        for i in 0..4 {
            for j in 0..i {
                sum += x[i] * x[j] * power;
                power *= t;
            }
        }
        sum.exp()
    }
    let at = |x: &[f64; 4]| f(x, 0.7);
    for x in POINTS {
        let gradient = f::grad(&x, 0.7);
        for i in 0..4 {
            let moved = |h: f64| at(&std::array::from_fn(|j| if i == j { x[j] + h } else { x[j] }));
            let slope = (8.0 * (moved(1e-4) - moved(-1e-4)) - (moved(2e-4) - moved(-2e-4))) / 12e-4;
            assert!((gradient[i] - slope).abs() <= 1e-9 * slope.abs().max(1.0), "{i}: {} is not {slope}", gradient[i]);
        }
    }
}

/// Rows, of which functions use sub-slices.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Rows {
    rows: Vec<Vec<f64>>,
    shift: f64,
}

fn rows() -> Rows {
    Rows { rows: vec![vec![0.3, -0.7, 0.9, 0.2], vec![1.1, 0.4], vec![-0.6, 0.5, 0.8]], shift: 0.25 }
}

/// Differences of a function of rows, entry by entry, against its gradient.
fn check_rows(f: fn(&Rows) -> f64, gradient: &Rows) {
    let at = rows();
    let slope = |change: &dyn Fn(&mut Rows, f64)| {
        let moved = |h: f64| {
            let mut rows = at.clone();
            change(&mut rows, h);
            f(&rows)
        };
        (8.0 * (moved(1e-4) - moved(-1e-4)) - (moved(2e-4) - moved(-2e-4))) / 12e-4
    };
    let close = |got: f64, want: f64| assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{got} is not {want}");
    close(gradient.shift, slope(&|rows, h| rows.shift += h));
    for (r, row) in at.rows.iter().enumerate() {
        for c in 0..row.len() {
            close(gradient.rows[r][c], slope(&|rows, h| rows.rows[r][c] += h));
        }
    }
}

#[test]
fn a_sub_slice_of_a_row_is_looked_up_once_for_its_loop() {
    let Stages { fused, .. } = stages(
        quote!(wrt(p)),
        quote!(
            fn f(p: &Rows, n: usize) -> f64 {
                let mut total = 0.0;
                for r in 0..n {
                    let row = &p.rows[r][1..];
                    let mut sum = 0.0;
                    for i in 0..row.len() {
                        sum += row[i] * row[i];
                    }
                    total += sum.sqrt();
                }
                total
            }
        ),
    )
    .unwrap();
    assert!(fused.contains("get_mut (r)"), "{fused}");
}

#[test]
fn sub_slices_of_rows_agree() {
    #[differentiable(wrt(p))]
    fn f(p: &Rows) -> f64 {
        let mut total = p.shift;
        for r in 0..p.rows.len() {
            let row = &p.rows[r][1..];
            let mut sum = 0.0;
            for i in 0..row.len() {
                for j in 0..i + 1 {
                    sum += row[i] * row[j] * p.shift;
                }
            }
            total += sum.sin();
        }
        total
    }
    check_rows(f, &f::grad(&rows()));
    let at = rows();
    let (value, back) = f::pullback(&at);
    let mut apart = rows().zeros_like();
    back(1.0, &mut apart);
    assert_eq!(value.to_bits(), f(&rows()).to_bits());
    check_rows(f, &apart);
}

#[test]
fn two_sub_slices_of_one_row_agree() {
    #[differentiable(wrt(p))]
    fn f(p: &Rows) -> f64 {
        let (n, mut total) = (2, 0.0);
        let (left, right) = (&p.rows[0][..n], &p.rows[0][n..]);
        for i in 0..2 {
            for j in 0..2 {
                total += left[i] * right[j] * p.rows[2][1..][j];
            }
        }
        total.exp() * p.shift
    }
    check_rows(f, &f::grad(&rows()));
}

#[test]
fn a_row_that_is_not_there_matters_where_it_is_used() {
    #[differentiable(wrt(p))]
    fn f(p: &Rows, r: usize, first: usize, n: usize) -> f64 {
        let mut total = p.shift;
        for i in 0..n {
            total += p.rows[r][first..][i] * p.shift;
        }
        total
    }
    assert_eq!(f::grad(&rows(), 7, 9, 0).shift, 1.0);
    assert_eq!(f::grad(&rows(), 2, 1, 2).rows[2], [0.0, 0.25, 0.25]);
    assert!(std::panic::catch_unwind(|| f::grad(&rows(), 7, 0, 1)).is_err());
    assert!(std::panic::catch_unwind(|| f::grad(&rows(), 0, 5, 1)).is_err());
    assert!(std::panic::catch_unwind(|| f::grad(&rows(), 0, 2, 3)).is_err());
}

#[differentiable]
fn scaled(x: &[f64; 4], by: f64) -> [f64; 4] {
    std::array::from_fn(|i| x[i] * by.sin())
}

#[differentiable]
fn longer(x: &[f64; 4], by: f64, length: usize) -> Vec<f64> {
    (0..length).map(|i| x[i % 4] * by.sin()).collect()
}

#[differentiable]
fn paired(x: &[f64; 4], by: f64) -> ([f64; 2], f64) {
    ([x[0] * by, x[1].sin()], x[2] * x[3] * by)
}

#[differentiable(wrt(x, by))]
fn as_rows(x: &[f64; 4], by: f64) -> Rows {
    Rows { rows: vec![vec![x[0] * by], vec![x[1] * by, x[2] * by]], shift: x[3].sin() }
}

#[test]
fn what_is_needed_for_its_shape_alone_agrees() {
    #[differentiable]
    fn arrays(x: &[f64; 4]) -> f64 {
        let mut state = x[0];
        for k in 0..3 {
            let slope = scaled(x, state);
            let (pair, single) = paired(x, state);
            let mut sum = 0.0;
            for i in 0..4 {
                sum += slope[i] * (i + k) as f64;
            }
            state += 0.1 * sum + 0.2 * pair[0] - 0.3 * pair[1] + single;
        }
        state
    }
    agrees_in_all!(arrays);
    #[differentiable]
    fn vectors(x: &[f64; 4]) -> f64 {
        let mut state = x[0];
        for k in 0..3 {
            let slope = longer(x, state, 2 + k);
            let rows = as_rows(x, state);
            let mut sum = 0.0;
            for i in 0..2 + k {
                sum += slope[i] * (i + k) as f64;
            }
            state += 0.1 * sum + 0.2 * rows.rows[1][0] - rows.shift;
        }
        state
    }
    agrees_in_all!(vectors);
}

#[test]
fn an_array_that_is_needed_for_its_shape_alone_is_not_kept() {
    let expanded = differentiable_compiler::differentiable(
        quote!(),
        quote!(
            fn f(x: &[f64; 4]) -> f64 {
                let mut state = x[0];
                for k in 0..3 {
                    let slope = scaled(x, state);
                    for i in 0..4 {
                        state += 0.1 * slope[i];
                    }
                }
                state
            }
        ),
    )
    .to_string();
    assert!(expanded.contains("Like :: of (slope)") && expanded.contains("slope . zeros ()"), "{expanded}");
}
