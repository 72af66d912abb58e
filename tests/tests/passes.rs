//! What the passes rearrange: choices and calls in one go, memory that is read again instead of recorded, tapes that runs of a loop share.
//! Each function stands at a corner of one of them; all derivatives are compared with differences, with forward mode, and with each other.

#![allow(clippy::explicit_counter_loop, clippy::reversed_empty_ranges, reason = "the forms are what is tested")]

use differentiable::prelude::*;
use differentiable_compiler::{Stages, stages};
use differentiable_tests::agrees;
use quote::quote;

/// Reverse mode in one go, in two halves, and the Hessian in a direction against differences of the gradient.
macro_rules! agrees_in_all {
    ($function:ident, $n:literal, $($point:expr),+) => {{
        agrees!($function, $n $(, $point)+);
        for x in [$($point),+] {
            let x: [f64; $n] = x;
            let (value, back) = $function::pullback(&x);
            let mut apart = [0.0; $n];
            back(1.0, &mut apart);
            let (same, gradient) = $function::value_and_grad(&x);
            assert_eq!(value.to_bits(), same.to_bits());
            close(&apart, &gradient, 1e-13);
            let direction: [f64; $n] = std::array::from_fn(|i| 0.4 - 0.3 * (i % 3) as f64);
            let moved = |t: f64| $function::grad(&std::array::from_fn::<f64, $n, _>(|i| x[i] + t * direction[i]));
            let h = 1e-4;
            let (up, down, up_2, down_2) = (moved(h), moved(-h), moved(2.0 * h), moved(-2.0 * h));
            let slope: [f64; $n] =
                std::array::from_fn(|i| (8.0 * (up[i] - down[i]) - (up_2[i] - down_2[i])) / (12.0 * h));
            close(&$function::hvp(&x, &direction), &slope, 1e-7);
        }
    }};
}

fn close(got: &[f64], want: &[f64], tolerance: f64) {
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "entry {i}: {got} is not {want}");
    }
}

#[test]
fn a_choice_whose_adjoints_are_known_runs_in_one_go() {
    let Stages { fused, .. } = stages(
        quote!(),
        quote!(
            fn f(x: &[f64; 4], n: usize) -> f64 {
                let mut sum = 0.0;
                for i in 0..n {
                    if i % 2 == 0 {
                        sum += x[i].exp() * x[0];
                    } else if i > 2 {
                        sum -= x[i].sin();
                    }
                }
                sum
            }
        ),
    )
    .unwrap();
    assert_eq!(fused.matches("for ").count(), 1, "{fused}");
    assert!(!fused.contains("unwind"), "{fused}");
}

#[test]
fn choices_in_one_go_agree() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut sum = x[3];
        for i in 0..4 {
            let part = if x[i] > 0.5 {
                x[i].exp() * x[0]
            } else if i == 2 {
                let y = x[i] * x[1];
                y * y
            } else {
                1.0
            };
            sum += part * 0.5;
            if i == 1 {
                continue;
            }
            sum -= x[i].sin();
        }
        sum
    }
    agrees_in_all!(f, 4, [0.2, 0.9, -0.3, 0.7], [0.8, 0.1, 0.4, -0.5]);
}

#[test]
fn a_choice_that_changes_an_adjoint_waits() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = x[0];
        let mut sum = 0.0;
        for i in 0..3 {
            if x[i] > 0.3 {
                sum += y * x[i];
                y = x[i] * x[1];
            }
            sum += y * y;
        }
        sum * y
    }
    agrees_in_all!(f, 3, [0.2, 0.9, 0.7], [0.8, 0.1, -0.4], [0.1, 0.2, 0.25]);
}

#[test]
fn minors_run_both_sweeps_in_one_recursion() {
    #[differentiable]
    fn minor(m: &[f64; 9], row: usize, used: u32) -> f64 {
        if row == 3 {
            return 1.0;
        }
        let mut sum = 0.0;
        let mut sign = 1.0;
        for column in 0..3 {
            if used & (1 << column) == 0 {
                sum += sign * m[3 * row + column] * minor(m, row + 1, used | 1 << column);
                sign = -sign;
            }
        }
        sum
    }
    #[differentiable]
    fn determinant(m: &[f64; 9]) -> f64 {
        minor(m, 0, 0)
    }
    agrees!(determinant, 9, [0.3, 1.1, -0.7, 0.2, 0.5, 0.9, -1.3, 0.4, 0.6]);
}

#[test]
fn memory_that_stays_is_not_recorded() {
    let Stages { fused, .. } = stages(
        quote!(wrt(w)),
        quote!(
            fn f(w: &[f64; 8], xs: &[f64]) -> f64 {
                let mut loss = 0.0;
                for x in xs {
                    let mut hidden = [0.0; 8];
                    for i in 0..8 {
                        hidden[i] = (w[i] * x).tanh();
                    }
                    let mut sum = 0.0;
                    for i in 0..8 {
                        sum += hidden[i] * w[i];
                    }
                    loss += sum * sum;
                }
                loss
            }
        ),
    )
    .unwrap();
    assert!(!fused.contains("tape"), "{fused}");
    assert!(fused.contains("let tanh_2 = hidden[i]"), "{fused}");
}

#[test]
fn memory_that_stays_agrees() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut hidden = [0.0; 4];
        for i in 0..4 {
            hidden[i] = (x[i] * x[(i + 1) % 4]).tanh();
        }
        let mut rows = [[0.0; 2]; 4];
        for i in 0..4 {
            rows[i][1] = hidden[i].exp();
        }
        let mut sum = 1.0;
        for i in 0..4 {
            sum += hidden[i] * hidden[3 - i] * rows[i][1] + rows[i][0];
        }
        let scale = sum;
        for i in 0..4 {
            sum += x[i] * scale;
        }
        sum
    }
    agrees_in_all!(f, 4, [0.2, 0.9, -0.3, 0.7]);
}

#[test]
fn memory_that_is_overwritten_is_recorded() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = *x;
        let mut sum = 0.0;
        // before it is overwritten in the same loop, in a later one, in an enclosing one, by a swap
        for k in 0..3 {
            for i in 0..4 {
                sum += y[i] * y[i] * x[k];
            }
            for i in 0..3 {
                y[i] = y[i + 1] * x[i] + 0.1;
            }
            y.swap(0, 3);
        }
        for i in 0..4 {
            sum += y[i].sin() * x[i];
            y[i] = sum;
        }
        for i in 0..4 {
            y[3 - i] = (x[i] * 0.3).exp();
            sum += y[i] * y[i];
        }
        sum
    }
    agrees_in_all!(f, 4, [0.2, 0.9, -0.3, 0.7]);
}

#[test]
fn memory_that_is_moved_is_recorded() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = x.to_vec();
        let mut sum = 0.0;
        for i in 0..3 {
            y[i] = x[i].exp();
        }
        for i in 0..3 {
            sum += y[i] * y[i];
        }
        let mut z = y;
        for i in 0..3 {
            z[i] *= sum;
            sum += z[i] * z[2 - i];
        }
        sum
    }
    agrees_in_all!(f, 3, [0.2, 0.9, -0.3]);

    #[differentiable]
    fn left(x: &[f64; 3]) -> Vec<f64> {
        let mut y = vec![0.0; 3];
        for i in 0..3 {
            y[i] = x[i].exp();
        }
        y
    }
    let (value, back) = left::pullback(&[0.1, 0.2, 0.3]);
    let mut gradient = [0.0; 3];
    back(&vec![1.0, 2.0, 3.0], &mut gradient);
    close(&gradient, &[value[0], 2.0 * value[1], 3.0 * value[2]], 1e-15);
}

#[test]
fn reads_are_shared_until_something_is_written() {
    let Stages { simplified, .. } = stages(
        quote!(),
        quote!(
            fn f(x: &[f64; 3], k: usize) -> f64 {
                let mut y = *x;
                let square = y[0] * y[0];
                y[k] = square;
                let s = y[k] * y[0];
                for i in 0..2 {
                    y[i] += y[0];
                }
                s + y[0]
            }
        ),
    )
    .unwrap();
    assert_eq!(simplified.matches("= y[0]").count(), 4, "{simplified}");
    assert_eq!(simplified.matches("= y[k]").count(), 0, "what was stored is read\n{simplified}");
}

#[test]
fn runs_of_an_inner_loop_share_a_tape() {
    let Stages { fused, forward, backward, .. } = stages(
        quote!(wrt(x)),
        quote!(
            fn f(x: f64, counts: &[usize]) -> f64 {
                let mut y = x;
                for n in counts {
                    for _ in 0..*n {
                        y = y.sin() * x;
                    }
                }
                y
            }
        ),
    )
    .unwrap();
    assert!(forward.contains("let tape = tape\nfor"), "{forward}");
    assert!(backward.contains("records of tape"), "{backward}");
    assert!(fused.contains("_dot") || fused.contains("the last of tape"), "{fused}");
}

#[test]
fn shared_tapes_agree() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let counts = [2usize, 0, 3, 1];
        let mut y = x[0];
        let mut sum = 0.0;
        for (k, n) in counts.iter().enumerate() {
            // the range tells the number of records
            for i in 0..*n {
                y = (y * x[i]).sin() + x[1];
                // two levels down, in a choice
                if i % 2 == 0 {
                    for _ in 0..k {
                        y = y * x[2] + 0.3;
                    }
                }
            }
            // it does not
            let mut left = k;
            while left > 0 {
                y = y.cos() * x[0];
                left -= 1;
            }
            for i in 0..10 {
                y = (y + x[2]).tanh();
                if i > *n {
                    break;
                }
            }
            sum += y * y;
        }
        sum * y
    }
    agrees_in_all!(f, 3, [0.4, 0.9, -0.3], [-0.7, 0.2, 1.1]);
}

#[test]
fn records_that_would_be_part_of_one_on_the_heap_stand_on_a_tape_of_their_own() {
    let Stages { forward, backward, .. } = stages(
        quote!(wrt(x)),
        quote!(
            fn f(x: &[f64; 3], n: usize) -> f64 {
                let mut y = x[0];
                for _ in 0..n {
                    for k in 0..3 {
                        y = g(y, x[k]);
                    }
                    y = y.sin();
                }
                y
            }
        ),
    )
    .unwrap();
    assert!(forward.contains("let tape = tape\nfor"), "{forward}");
    assert!(backward.contains("the last of tape"), "{backward}");
}

#[test]
fn tapes_of_constant_loops_inside_of_others_agree() {
    #[differentiable(second_order)]
    fn turned(a: f64, b: &[f64; 3]) -> f64 {
        (a * b[0]).sin() + b[1] * a.exp() * b[2]
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        const FEW: usize = 3;
        let mut y = x[0];
        let mut sum = 0.0;
        for n in 0..x.len() + 2 {
            for k in 0..FEW {
                let mut row = [x[k], y, sum];
                for i in 0..2 {
                    y = turned(y.cos(), &row);
                    row[i] = y * x[2];
                }
                sum += turned(row[0], x);
            }
            // none, left early, and in a choice
            for _ in 2..2 {
                y = turned(y, x);
            }
            for k in 0..4 {
                if k == n {
                    break;
                }
                y = turned(y * 0.3, x);
            }
            if n % 2 == 1 {
                for _ in 0..2 {
                    y = turned(0.5 * y, &[x[0], y, x[1]]);
                }
            }
        }
        sum * 0.01 + y
    }
    agrees_in_all!(f, 3, [0.4, 0.3, -0.3], [-0.7, 0.2, 0.1]);
}

#[test]
fn a_backward_half_that_runs_twice_finds_its_records_twice() {
    #[differentiable(second_order)]
    fn powers(a: &[f64; 2], b: &[f64; 2], n: usize) -> f64 {
        let mut y = 1.0;
        for i in 0..n {
            for k in 0..i {
                y = y * a[k % 2] + b[0] * y.sin();
            }
        }
        y
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let p = powers(x, x, 4);
        p * p
    }
    agrees_in_all!(f, 2, [0.7, 0.4], [-0.3, 0.9]);
}

#[test]
fn exponentials_of_few_inputs_run_forward() {
    let Stages { fused, .. } = stages(
        quote!(),
        quote!(
            fn f(x: f64, n: usize) -> f64 {
                let mut y = x;
                for _ in 0..n {
                    y += 0.1 * (-y).exp();
                }
                y
            }
        ),
    )
    .unwrap();
    assert!(fused.contains("exp_2_dot"), "{fused}");
    assert!(!fused.contains("reversed"), "{fused}");
}

#[test]
fn a_loop_that_only_computes_hands_its_records_to_the_tape() {
    let expanded = |body: &str| {
        let item = format!("fn f(x: &[f64]) -> f64 {{ {body} }}").parse().unwrap();
        differentiable_compiler::differentiable(quote!(), item).to_string()
    };
    let simple = expanded("let mut s = 0.0; for i in 0..x.len() { s += x[i].exp(); } s * s");
    assert!(simple.contains("tape . extend"), "{simple}");
    let moves = expanded(
        "let mut s = 1.0; let mut names = Vec::new(); for i in 0..x.len() { s *= x[i].exp(); names = longer(names); } s",
    );
    assert!(moves.contains("tape . push"), "the closure cannot move `names`: {moves}");
}

#[test]
fn loops_run_by_iterators_agree() {
    #[derive(Clone)]
    struct Log(Vec<usize>);
    fn longer(mut log: Log, i: usize) -> Log {
        log.0.push(i);
        log
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let n = x.len();
        let mut s = x[0];
        let mut weight = 1.0;
        let mut log = Log(Vec::new());
        for i in 0..n {
            s = (s * x[i]).sin() + weight * s;
            weight *= 0.5;
        }
        for i in (1..=n).rev() {
            if i == 2 {
                continue;
            }
            s = s * x[i - 1] + s.cos();
        }
        for i in n..1 {
            s *= x[i];
        }
        for i in 0..n {
            s = s * s.sin() + x[i];
            log = longer(log, i);
        }
        s + log.0.len() as f64
    }
    agrees_in_all!(f, 3, [0.4, 0.9, -0.3], [-0.7, 0.2, 1.1]);
}

#[test]
fn sums_of_adjoints_stay_in_registers() {
    let Stages { fused, .. } = stages(
        quote!(wrt(a)),
        quote!(
            fn f(a: &[f64], b: &[f64], counts: &[usize]) -> f64 {
                let mut total = 0.0;
                for k in 0..counts.len() {
                    for i in 0..counts[k] {
                        total += a[k] * b[i] + a[0] * a[i];
                    }
                    for i in 0..4 {
                        total += a[1] * b[i];
                    }
                }
                total
            }
        ),
    )
    .unwrap();
    assert!(fused.contains("d_a[1] += d_a_sum_4"), "the sum leaves both loops, as literal ends need no guard\n{fused}");
    assert!(fused.contains("(0 .. counts [k]) . is_empty ()"), "{fused}");
}

#[test]
fn sums_of_adjoints_agree_and_check_no_index_that_the_loop_does_not() {
    #[differentiable(wrt(a))]
    fn f(a: &[f64], b: &[f64], counts: &[usize]) -> f64 {
        let mut total = 0.0;
        for k in 0..counts.len() {
            // `a[k]` is out of bounds where `counts[k]` is zero
            for i in 0..counts[k] {
                total += a[k] * b[i] * a[0] + a[i].sin();
                if i % 2 == 1 {
                    total -= a[k] * a[1];
                }
            }
        }
        total * total
    }
    #[differentiable]
    fn g(x: &[f64; 3]) -> f64 {
        f(x, &[0.3, 0.7, -0.2], &[2, 3, 1, 0, 0])
    }
    agrees!(g, 3, [0.4, 0.9, -0.3], [-0.7, 0.2, 1.1]);
    let gradient = f::grad(&[0.4, 0.9, -0.3], &[0.3, 0.7, -0.2], &[2, 3, 1, 0, 0]);
    close(&gradient, &g::grad(&[0.4, 0.9, -0.3]), 1e-15);
}

#[test]
fn what_calls_a_maths_function_is_computed_beside_the_value() {
    let Stages { forward, backward, .. } = stages(
        quote!(),
        quote!(
            fn f(x: &[f64; 4], n: usize) -> f64 {
                let mut s = x[0];
                for i in 0..n {
                    s = (s * x[i]).tanh() * s.sigmoid() + (s + x[1]).sin();
                }
                s
            }
        ),
    )
    .unwrap();
    for slope in ["d_tanh(", "d_sigmoid(", "cos("] {
        assert_eq!(forward.matches(slope).count(), 1, "{forward}");
        assert!(!backward.contains(slope), "{backward}");
    }
}

#[test]
fn what_a_cotangent_is_multiplied_by_twice_is_kept_as_one_number() {
    let Stages { forward, backward, .. } = stages(
        quote!(wrt(s, w)),
        quote!(
            fn f(mut s: f64, w: &[f64; 2], x: &[f64]) -> f64 {
                for i in 0..x.len() {
                    s = (s * w[0]).tanh() * (s * w[1]).sigmoid();
                }
                s
            }
        ),
    )
    .unwrap();
    assert_eq!(forward.matches("let weighted_").count(), 2, "{forward}");
    assert!(backward.contains("weighted_tanh_slope, "), "{backward}");
    let read = backward.lines().find(|line| line.contains("weighted_tanh_slope")).expect("a record");
    assert_eq!(read.matches(',').count(), 2, "the state and two products are kept\n{read}");
}

#[test]
fn what_is_taken_and_added_to_is_overwritten() {
    let Stages { fused, backward, .. } = stages(
        quote!(wrt(c)),
        quote!(
            fn horner(c: &[f64], t: &[f64]) -> f64 {
                let mut y = 0.0;
                for i in 0..c.len() {
                    y = y * t[i] + c[i];
                }
                y
            }
        ),
    )
    .unwrap();
    for sweep in [fused, backward] {
        assert!(!sweep.contains("take y_bar"), "{sweep}");
        assert!(!sweep.contains("y_bar +="), "{sweep}");
    }
}

#[test]
fn what_is_taken_from_one_element_and_added_to_others_agrees() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        let (mut a, mut s, mut still) = (*x, x[0], x[1]);
        for step in 0..11 {
            for i in 1..5 {
                // to a neighbour, to the same one, to both, and from one that an index chooses
                a[i] = a[i - 1] * s + x[i];
                a[i] = -(a[i] * 0.5).sin();
                a[i] = a[i] * a[i - 1] + a[(i * 3) % 5] * 0.25;
            }
            s = a[step % 5] - s * x[2];
            if step % 3 == 0 {
                s = -s;
            } else if step % 3 == 1 {
                s *= still;
                still = s - still;
            }
            for k in 0..step % 4 {
                s = s * 0.5 + a[k];
                a[k] = 0.75 * s;
            }
            a.swap(1, 3);
        }
        s * still + a.iter().sum::<f64>()
    }
    agrees_in_all!(f, 5, [0.4, 0.9, -0.3, 0.7, 0.2], [-0.7, 0.2, 0.6, -0.3, 0.5]);
}

#[test]
fn products_of_factors_agree() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let (mut s, mut t, mut sum) = (x[0], x[1], 0.0);
        for i in 0..7 {
            // both factors have no other use, one has, each is the other's
            let gate = (s * x[1] + x[2]).sigmoid();
            let change = (t * x[i % 4]).tanh();
            t = t * gate + gate * change;
            s = (t * x[3]).sin() * change.tanh() - s.cos() * (x[2] * t);
            // what flows back to the product changes before it flows on
            let product = s * t.sigmoid();
            sum += product * product + product;
            if i % 3 == 1 {
                s = (s + product).sigmoid() * -t.sin();
            }
            for k in 0..i {
                t = (t + x[k % 4]).tanh() * (s * t).sin() * x[k % 4].cos();
            }
        }
        sum * s + t
    }
    agrees_in_all!(f, 4, [0.4, 0.9, -0.3, 0.7], [-0.7, 0.2, 1.1, -1.3], [0.0, 0.0, 0.5, 0.0]);
}

#[test]
fn products_of_factors_are_as_large_as_the_greater_one() {
    #[differentiable(wrt(x))]
    fn f(x: f64, scales: &[f64]) -> f64 {
        let mut s = x;
        for scale in scales {
            s = scale * s.tanh();
        }
        s
    }
    let gradient = |x: f64, scale: &[f64]| {
        let (_, back) = f::pullback(x, scale);
        let mut d = 0.0;
        back(1.0, &mut d);
        (d, f::grad(x, scale))
    };
    for (d, same) in [gradient(0.5, &[1e300]), gradient(1e-8, &[1e8, 1e-8, 3.0]), gradient(0.5, &[1e300, 1e300])] {
        assert!(d.is_finite(), "{d}");
        assert!((d - same).abs() <= 1e-13 * same.abs(), "{d} is not {same}");
    }
    let (d, same) = gradient(0.5, &[f64::INFINITY, 1.0]);
    assert!(d.is_nan() && same.is_nan(), "what is infinite times a slope of zero is no number: {d}, {same}");
}

/// What each iteration keeps stands in arrays: a range that begins later, runs backward, or includes its end; a loop in a loop; a choice.
#[differentiable(second_order)]
fn in_rows(x: &[f64; 9]) -> f64 {
    let mut s = x[0];
    for i in 2..7 {
        s = (s * x[i]).tanh() + x[i] * s.sigmoid();
    }
    for i in (1..=8).rev() {
        s = s.cos() * x[i] - s;
    }
    let mut kept = [0.0; 3];
    for k in 0..3 {
        let mut t = s * x[k];
        for i in 0..9 {
            if i != k {
                t = (t + x[i]).sin() * t;
            }
        }
        kept[k] = t * t;
    }
    kept.iter().sum()
}

#[test]
fn records_of_ranges_of_all_kinds_agree() {
    agrees_in_all!(in_rows, 9, [0.3, -0.8, 1.1, 0.4, -0.6, 0.9, 1.3, -0.2, 0.5], [0.0; 9]);
    let nan = in_rows::grad(&[f64::NAN; 9]);
    assert!(nan.iter().all(|d| d.is_nan()));
}

/// An index that is no `usize`, and one of a type that shows nowhere.
#[differentiable(second_order)]
fn counted(x: &[f64; 2]) -> f64 {
    let mut s = x[0];
    for i in 1..4 {
        s = (s * x[1]).tanh() + s.powi(i);
    }
    for _ in 0..3 {
        s = s.sin() * x[1];
    }
    s
}

#[test]
fn what_is_counted_by_any_integer_agrees() {
    agrees_in_all!(counted, 2, [0.3, -0.8], [1.1, 0.4]);
}

#[test]
fn an_array_has_the_length_that_it_is_written_with() {
    let Stages { simplified, .. } = stages(
        quote!(),
        quote!(
            fn f(x: &[f64; 4]) -> f64 {
                let mut a = [0.0; 4];
                for (a, x) in a.iter_mut().zip(x) {
                    *a = x * x;
                }
                a.iter().zip(x).map(|(a, x)| a * x).sum()
            }
        ),
    )
    .unwrap();
    assert!(!simplified.contains("a . len"), "{simplified}");
}

/// Calls in blocks: a sum of the function's own that is added to before and after a call, an element that is read back, and calls of calls.
#[differentiable(second_order)]
fn in_blocks(x: &[f64; 9]) -> f64 {
    let mut a = [0.25; 9];
    let mut sum = 1e3;
    for i in 0..9 {
        sum += x[i] * x[0];
        let t = (x[i] * x[8 - i]).tanh();
        a[i] += t;
        sum -= (a[i] * x[i]).exp_m1().tanh() * 0.1;
        sum += t.ln_1p();
    }
    for i in (0..9).rev() {
        sum += (a[i] + x[i]).tanh() * 1e-3;
    }
    let mut state = sum * 1e-4;
    for i in 0..9 {
        state = (state * x[i]).tanh() + x[i];
    }
    a.iter().sum::<f64>() * state + sum
}

/// A choice beside a call, a loop inside, and rows of a matrix.
#[differentiable(second_order)]
fn layers(x: &[f64; 12]) -> f64 {
    let mut hidden = [0.5; 4];
    for i in 0..4 {
        let mut z = 0.1;
        for j in 0..3 {
            z += x[3 * i + j] * x[j];
        }
        let t = z.tanh();
        if i % 2 == 0 {
            hidden[i] = t * t;
        } else {
            hidden[i] -= t;
        }
    }
    hidden.iter().enumerate().map(|(i, h)| h * x[i]).sum()
}

#[test]
fn calls_in_blocks_agree_and_values_keep_their_bits() {
    let point: [f64; 12] = std::array::from_fn(|i| 0.9 - 0.31 * ((i * 5 + 2) % 7) as f64);
    agrees_in_all!(in_blocks, 9, std::array::from_fn::<f64, 9, _>(|i| point[i]), [0.1; 9], [0.0; 9]);
    agrees_in_all!(layers, 12, point, [0.3; 12]);
    assert!(in_blocks::value_and_grad(&[f64::NAN; 9]).0.is_nan());
}

#[test]
fn calls_in_blocks_take_scalars_of_any_type() {
    #[differentiable(wrt(x))]
    fn squashed<T: Real>(x: &[T; 8], rates: &[T]) -> T {
        let mut out = [x[0]; 8];
        for i in 0..8 {
            out[i] = (x[i] * rates[i]).tanh();
        }
        out.iter().map(|v| *v * *v).sum()
    }
    let (x, rates): ([f32; 8], [f32; 8]) = (std::array::from_fn(|i| 0.2 * i as f32), [0.5; 8]);
    let (value, gradient) = squashed::value_and_grad(&x, &rates);
    assert_eq!(value.to_bits(), squashed(&x, &rates).to_bits());
    for i in 0..8 {
        let t = (x[i] * 0.5).tanh();
        assert!((gradient[i] - t * (1.0 - t * t)).abs() < 1e-6);
    }
}

#[test]
fn calls_stand_apart_where_the_number_of_iterations_is_constant() {
    let fused = |range: proc_macro2::TokenStream| {
        let Stages { fused, .. } = stages(
            quote!(wrt(w)),
            quote!(
                fn f(w: &[f64; 8], x: &[f64], n: usize) -> f64 {
                    let mut total = 0.0;
                    for i in #range {
                        total += (w[i] * x[i]).tanh();
                    }
                    total
                }
            ),
        )
        .unwrap();
        fused
    };
    assert!(fused(quote!(0..8)).contains("= tanh(tanh_2_lanes"), "{}", fused(quote!(0..8)));
    assert!(!fused(quote!(0..n)).contains("lanes"), "arrays of a block do not pay where it may be short");
    assert!(!fused(quote!(0..3)).contains("lanes"));
}

#[test]
fn what_a_loop_has_done_when_it_fails_it_has_done_in_its_derivative() {
    use std::cell::Cell;
    thread_local!(static SEEN: Cell<usize> = const { Cell::new(0) });
    fn note() {
        SEEN.set(SEEN.get() + 1);
    }
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 8], order: &[usize; 8]) -> f64 {
        let mut total = 0.0;
        for i in 0..8 {
            note();
            total += x[i].tanh() * x[order[i]];
        }
        total
    }
    let order = [0, 1, 2, 3, 99, 5, 6, 7];
    let seen = |run: fn(&[f64; 8], &[usize; 8])| {
        SEEN.set(0);
        assert!(std::panic::catch_unwind(|| run(&[0.5; 8], &order)).is_err());
        SEEN.get()
    };
    assert_eq!(seen(|x, order| _ = f::grad(x, order)), seen(|x, order| _ = f(x, order)));
}

/// A constant of one letter.
const B: usize = 5;

#[differentiable(second_order)]
fn by_a_letter(x: &[f64; 10]) -> f64 {
    let mut state = [0.5; B];
    for i in 0..B {
        state[i] += (x[i] * x[i + 5]).tanh() * x[0];
    }
    state.iter().sum()
}

/// One that is a parameter.
struct Sized<const N: usize>;

impl<const N: usize> Sized<N> {
    #[differentiable(associated)]
    fn states(x: &[f64; 10]) -> f64 {
        let mut state = [0.5; 5];
        for i in 0..N {
            state[i] += (x[i] * x[i + 5]).tanh() * x[0];
        }
        state.iter().sum()
    }
}

#[test]
fn a_constant_of_one_letter_counts_iterations_and_a_parameter_does_not() {
    let x = [0.3, -0.8, 1.1, 0.4, -0.6, 0.9, 1.3, -0.2, 0.5, 0.7];
    agrees_in_all!(by_a_letter, 10, x, [0.0; 10]);
    close(&Sized::<5>::states_grad(&x), &by_a_letter::grad(&x), 1e-15);
}

/// Columns of a triangle that lie one behind the other.
#[differentiable(second_order)]
fn triangle(x: &[f64; 15]) -> f64 {
    const N: usize = 5;
    let mut y = [0.5; N];
    let mut at = N;
    for i in 0..N {
        for j in i + 1..N {
            y[j] += x[at] * x[i];
            at += 1;
        }
    }
    let mut sum = x[0];
    for i in 0..y.len() {
        sum += y[i] * y[i].sin();
    }
    sum
}

#[differentiable(second_order)]
fn numbers_of_the_next(x: &[f64; 15]) -> f64 {
    let (mut at, mut other, mut sum) = (0, 1, 0.0);
    for i in 0..4 {
        for j in 0..i {
            let index = at;
            at += 1;
            sum += x[index] * x[at] * x[j];
        }
        for j in 0..3 {
            sum += x[other] * x[other] * x[j];
            other += 1;
        }
    }
    sum
}

#[test]
fn rows_that_lie_one_behind_the_other_are_parts_of_their_sequence() {
    let Stages { fused, .. } = stages(
        quote!(),
        quote!(
            fn f<const N: usize>(x: &[f64], y: &[f64; N]) -> f64 {
                let mut z = [0.0; N];
                let mut at = 0;
                for i in 0..N {
                    for j in i + 1..N {
                        z[j] += x[at] * y[i];
                        at += 1;
                    }
                }
                z.iter().map(|v| v * v).sum()
            }
        ),
    )
    .unwrap();
    assert_eq!(fused.matches("row (").count(), 2, "{fused}");
    assert_eq!(fused.matches("row_mut (").count(), 1, "{fused}");
    assert!(!fused.contains("tape"), "{fused}");
}

#[test]
fn rows_that_lie_one_behind_the_other_agree() {
    let point = std::array::from_fn(|i| ((i * 7 + 3) % 11) as f64 * 0.2 - 0.9);
    let other = std::array::from_fn(|i| ((i * 5 + 1) % 13) as f64 * 0.3 - 1.7);
    agrees_in_all!(triangle, 15, point, other);
    agrees_in_all!(numbers_of_the_next, 15, point, other);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Packed<const N: usize> {
    diagonal: [f64; N],
    below: Vec<f64>,
}

#[differentiable(wrt(p, x))]
fn packed<const N: usize>(p: &Packed<N>, x: &[f64; N], scale: f64) -> f64 {
    let mut y = [0.0; N];
    for i in 0..N {
        y[i] = p.diagonal[i] * x[i];
    }
    let mut at = 0;
    for i in 0..N {
        for j in i + 1..N {
            y[j] += scale * p.below[at] * x[i];
            at += 1;
        }
    }
    y.iter().map(|v| v * v).sum()
}

#[test]
fn rows_in_a_vector_agree_and_are_checked() {
    let p = Packed { diagonal: [0.5, -1.5, 2.0, 0.25], below: vec![1.0, 0.5, -0.75, 2.5, -0.125, 0.375] };
    let x = [0.1, 0.7, -1.3, 0.6];
    let (value, (d_p, d_x)) = packed::value_and_grad(&p, &x, 1.5);
    assert_eq!(value.to_bits(), packed(&p, &x, 1.5).to_bits());
    let slope = |moved: &dyn Fn(f64) -> f64| (moved(1e-5) - moved(-1e-5)) / 2e-5;
    for at in 0..6 {
        let expected = slope(&|by| {
            let mut p = p.clone();
            p.below[at] += by;
            packed(&p, &x, 1.5)
        });
        assert!((d_p.below[at] - expected).abs() < 1e-7);
    }
    for at in 0..4 {
        let expected = slope(&|by| packed(&p, &std::array::from_fn(|i| x[i] + if i == at { by } else { 0.0 }), 1.5));
        assert!((d_x[at] - expected).abs() < 1e-7);
    }
    let short = Packed { below: vec![1.0; 5], ..p };
    assert!(std::panic::catch_unwind(|| packed(&short, &x, 1.0)).is_err());
    assert!(std::panic::catch_unwind(|| packed::value_and_grad(&short, &x, 1.0)).is_err());
    let alone = Packed { diagonal: [3.0], below: Vec::new() };
    assert_eq!(packed::value_and_grad(&alone, &[2.0], 1.0), (36.0, (Packed { diagonal: [24.0], below: Vec::new() }, [36.0])));
}

#[test]
fn what_a_row_has_stored_when_it_fails_is_seen_where_the_function_was_lent_it() {
    #[differentiable]
    fn stores(x: &[f64], out: &mut [f64]) {
        let mut at = 0;
        for j in 0..out.len() {
            out[j] = x[at] * x[at];
            at += 1;
        }
    }
    let x = [1.0, 2.0, 3.0];
    let run = |run: &mut dyn FnMut(&mut [f64])| {
        let mut out = [0.0; 5];
        let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&mut out))).is_err();
        assert!(failed);
        out
    };
    let expected = run(&mut |out| stores(&x, out));
    assert_eq!(expected, [1.0, 4.0, 9.0, 0.0, 0.0]);
    assert_eq!(run(&mut |out| stores::jvp(&x, out, &[1.0; 3], &mut [0.0; 5])), expected);
}

#[test]
fn what_an_iteration_takes_from_the_one_before_flows_back_in_order_though_a_number_is_computed_again() {
    #[differentiable]
    fn horner(x: &[f64]) -> f64 {
        let mut sum = 0.5;
        let mut power = 1.5;
        for i in 0..x.len() {
            sum = sum * power + x[i];
            power *= 0.75;
        }
        sum
    }
    agrees!(horner: [0.7, -0.2, 0.4, 0.9, 0.3]);

    #[differentiable]
    fn curved(x: &[f64]) -> f64 {
        let mut sum = 0.5;
        let mut power = 1.5;
        for v in x {
            sum = (sum * power).sin() + v * power;
            power *= 0.75;
        }
        sum * sum
    }
    agrees!(curved: [0.7, -0.2, 0.4, 0.9, 0.3]);
}

#[test]
fn a_constant_that_is_stored_ends_what_flows_back_to_what_was_there() {
    #[differentiable]
    fn straight(x: &[f64; 2]) -> f64 {
        let mut v = x[0].sin();
        let mut s = v * v + x[1];
        v = 2.0;
        v += x[1] * s;
        s *= v;
        s * s
    }
    agrees!(straight: [0.7, -0.2]);

    #[differentiable]
    fn turns(x: &[f64]) -> f64 {
        let mut v = x[0];
        let mut s = 1.0;
        for a in x {
            s = (s * v + a).sin();
            v = 1.5;
            if *a > 0.0 {
                v += a * s;
            }
            s += v * a;
        }
        s * v
    }
    agrees!(turns: [0.7, -0.2, 0.4, 0.9, 0.3]);

    #[differentiable]
    fn whole(x: &[f64; 3]) -> f64 {
        let mut v = *x;
        let mut s = 1.0;
        for i in 0..3 {
            s = (s * v[i] + v[0]).sin();
            v = [1.0, 2.0, 3.0];
            v[(i + 1) % 3] += x[i] * s;
        }
        s * v[0] * v[1]
    }
    agrees!(whole: [0.7, -0.2, 0.4]);
}

/// Declares a function in whose derivatives a block of iterations takes these parts.
macro_rules! takes_blocks_of {
    ($($name:literal)* in $($function:tt)*) => {
        #[differentiable]
        $($function)*
        let fused = stages(quote!(), quote!($($function)*)).expect("it is differentiable").fused;
        $(assert!(fused.contains(concat!($name, "_block")), "{}: {fused}", $name);)*
    };
}

#[test]
fn blocks_of_iterations_take_their_elements_at_once() {
    takes_blocks_of! { "x" "y_bar" "d_x" in
        fn scaled(x: &[f64]) -> f64 {
            let s: f64 = x.iter().map(|v| v * v).sum();
            let mut y = vec![0.0; x.len()];
            for i in 0..x.len() {
                y[i] = x[i] * s;
            }
            let mut total = 0.0;
            for i in 0..x.len() {
                total += y[i] * y[i] * y[x.len() - 1 - i];
            }
            total
        }
    }
    // from another element on, of rows
    takes_blocks_of! { "x" "rows_bar" in
        fn of_rows(x: &[f64]) -> f64 {
            let s: f64 = x.iter().map(|v| v * v).sum();
            let mut rows = vec![[1.5; 2]; x.len()];
            for i in 3..x.len() {
                rows[i][0] += x[i] * s;
            }
            let mut total = 0.25;
            for i in 0..x.len() {
                total += rows[i][0] * rows[x.len() - 1 - i][1] * rows[i][0];
            }
            total
        }
    }
    for length in [0, 1, 2, 7, 8, 9, 10, 16, 17, 19, 24, 25] {
        let x: Vec<f64> = (0..length).map(|i| 0.3 + 0.2 * f64::from(i * i).sin()).collect();
        agrees!(scaled: &x[..]);
        agrees!(of_rows: &x[..]);
    }
}

#[test]
fn numbers_that_a_loop_leaves_as_they_are_are_read_before_it_and_kept_once() {
    let keeps = |body| stages(quote!(), quote!(fn f(x: &[f64], k: f64) -> f64 { #body })).expect("it is differentiable").fused;
    let after_a_sum = keeps(quote!({
        let mut norm = 0.0;
        for v in x {
            norm += v * v;
        }
        let mut total = 0.0;
        for v in x {
            total += (v * norm).sin();
        }
        total
    }));
    assert!(!after_a_sum.contains("tape"), "{after_a_sum}");
    let changed_in_the_end = keeps(quote!({
        let mut scale = k;
        let mut total = 0.0;
        for v in x {
            total += (v * scale).sin();
            scale = scale * 0.5 + v;
        }
        total
    }));
    assert!(changed_in_the_end.contains("tape"), "{changed_in_the_end}");

    #[differentiable]
    fn twice(x: &[f64]) -> f64 {
        let mut norm = 0.5;
        for v in x {
            norm += v * v;
        }
        let mut total = 0.0;
        for v in x {
            for w in x {
                total += (v * norm - w).sin() / norm.sqrt();
            }
            // read where nothing changes it, and changed outside of the loop inside
            norm += 0.125 * v;
        }
        norm *= total;
        total * norm
    }

    #[differentiable]
    fn begun_in_a_branch(x: &[f64]) -> f64 {
        let mut scale;
        if x[0] > 0.0 {
            scale = x[1];
        } else {
            scale = x[2] * x[0];
        }
        let mut total = 0.0;
        for v in x {
            if *v > 0.45 {
                total += v * scale;
            }
            total *= scale;
        }
        scale += total;
        scale * total
    }

    #[differentiable]
    fn changed_by_what_the_loop_calls(x: &[f64]) -> f64 {
        let mut scale = 0.75;
        let mut grow = |by: f64| scale += 0.5 * by;
        grow(x[0]);
        for v in x {
            grow(v * v);
        }
        let mut total = 1.0;
        let mut i = 0;
        while i < x.len() {
            let before = scale;
            lengthen(&mut scale, x[i]);
            total *= before + scale;
            i += 1;
        }
        total
    }
    for length in [0, 1, 3, 8, 9] {
        let x: Vec<f64> = (0..length).map(|i| 0.4 + 0.3 * f64::from(5 * i).sin()).collect();
        agrees!(twice: &x[..]);
        agrees!(changed_by_what_the_loop_calls: &[0.3][..], &[&[0.3], &x[..]].concat()[..]);
    }
    agrees!(begun_in_a_branch: [0.7, -0.2, 0.4, 0.9][..], [-0.7, 0.2, 0.5, 0.3][..]);
}

#[differentiable]
fn lengthen(scale: &mut f64, by: f64) {
    *scale += by * by * *scale;
}
