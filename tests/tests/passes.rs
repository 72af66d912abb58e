//! What the passes rearrange: choices and calls in one go, memory that is read again instead of recorded, tapes that runs of a loop share.
//! Each function stands at a corner of one of them; all derivatives are compared with differences, with forward mode, and with each other.

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
