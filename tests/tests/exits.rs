//! Ways out of the middle of blocks: every one against finite differences, in both modes.

#![allow(
    clippy::needless_return,
    clippy::never_loop,
    clippy::explicit_counter_loop,
    clippy::while_let_loop,
    clippy::manual_range_contains,
    clippy::needless_continue,
    clippy::reversed_empty_ranges,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[test]
fn an_early_return_gives_the_value() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        if x[0] < 0.0 {
            return x[1] * x[1];
        }
        let y = x[0].sqrt();
        if y > 1.5 {
            let z = y * x[1];
            return z.sin();
        }
        y * x[1].exp()
    }
    agrees!(f, 2, [-1.0, 0.7], [0.8, -0.4], [4.0, 0.3]);
}

#[test]
fn a_return_at_the_end_is_the_value() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let y = x[0] * x[1];
        return y.sin();
    }
    agrees!(f, 2, [-1.0, 0.7]);
}

#[test]
fn a_return_out_of_loops_keeps_the_state_of_that_moment() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut s = 0.5;
        for i in 0..3 {
            for j in 0..3 {
                s += x[i] * x[j] * s;
                if s > 4.0 {
                    return s.sin() * x[j];
                }
            }
            s *= 0.9;
        }
        s * s
    }
    agrees!(f, 3, [0.1, 0.2, 0.3], [1.2, 0.7, -0.4], [0.9, 1.0, 1.1], [3.0, 0.0, 0.0]);
}

#[test]
fn while_loops_carry_nonlinear_state() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut y = x[0];
        let mut n = 0;
        while y < 10.0 && n < 20 {
            y = y * y + x[1];
            n += 1;
        }
        y.ln()
    }
    agrees!(f, 2, [1.3, 0.4], [20.0, 1.0], [0.5, 0.7]);
}

#[test]
fn newton_iterates_until_it_converges() {
    #[differentiable]
    fn square_root(x: &[f64; 1]) -> f64 {
        let mut y = x[0];
        loop {
            let next = 0.5 * (y + x[0] / y);
            if (next - y).abs() < 1e-12 {
                break;
            }
            y = next;
        }
        y
    }
    agrees!(square_root, 1, [2.0], [9.0], [0.3]);
}

#[test]
fn a_loop_breaks_with_a_value() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut y = x[0];
        let mut n = 0;
        let found = loop {
            if y > 5.0 {
                break y * x[1];
            }
            y = y * 1.7 + x[1] * x[1];
            n += 1;
            if n == 4 {
                break y.sin();
            }
        };
        found * found
    }
    agrees!(f, 2, [0.1, 0.4], [1.0, 1.5], [7.0, 0.2]);
}

#[test]
fn continue_skips_the_rest() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut s = 0.0;
        for i in 0..4 {
            if i % 2 == 1 {
                continue;
            }
            if x[i] < 0.0 {
                s -= x[i];
                continue;
            }
            s += x[i] * x[i] * x[(i + 1) % 4];
        }
        s
    }
    agrees!(f, 4, [1.0, 2.0, -3.0, 0.5], [1.0, 2.0, 3.0, 0.5]);
}

#[test]
fn breaks_of_range_loops_visit_what_was_visited() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut s = 0.1;
        for i in (0..4).rev() {
            s += x[i] * x[i];
            if s > 3.0 {
                break;
            }
            s *= x[i];
        }
        for i in 0..=3 {
            if x[i] > 2.5 {
                s *= 2.0;
                break;
            }
            s += x[i].sin();
        }
        s
    }
    agrees!(f, 4, [1.0, 2.0, -3.0, 0.5], [1.0, 2.0, 3.0, 0.5], [0.1, 0.2, 0.3, 0.4]);
}

#[test]
fn linear_loops_that_break_need_no_record() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut s = 0.0;
        for i in (0..4).rev() {
            if x[i] > 2.5 {
                break;
            }
            s += x[i] * 3.0;
        }
        let mut k = 0;
        while k < 4 {
            s += x[k];
            k += 2;
        }
        s * s
    }
    agrees!(f, 4, [1.0, 3.0, 1.0, 0.5], [1.0, 2.0, 3.0, 0.5], [0.1, 0.2, 0.3, 0.4]);
}

#[test]
fn labels_name_the_loop_that_is_left() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut s = 0.3;
        'rows: for i in 0..3 {
            let mut row = x[i];
            for j in 0..3 {
                if x[j] < -1.0 {
                    continue 'rows;
                }
                if row > 6.0 {
                    s += row;
                    break 'rows;
                }
                row += x[i] * x[j] * row;
            }
            s += row * row * s;
        }
        s
    }
    agrees!(f, 3, [0.5, 0.2, 0.3], [0.5, -2.0, 0.3], [1.5, 1.2, 0.3], [0.1, 2.0, 2.0]);
}

#[test]
fn labelled_blocks_are_left_with_a_value() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let y = 'chosen: {
            if x[0] > 1.0 {
                break 'chosen x[0] * x[1];
            }
            let z = x[1].exp();
            if z > 2.0 {
                break 'chosen z;
            }
            z * x[0]
        };
        let mut s = y;
        'skipped: {
            if s < 0.0 {
                break 'skipped;
            }
            s = s * s;
        }
        s + y
    }
    agrees!(f, 2, [2.0, 0.4], [0.5, 1.5], [0.5, 0.1], [-0.5, 0.1]);
}

#[test]
fn let_else_leaves_with_an_inactive_choice() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 2], index: Option<usize>) -> f64 {
        let Some(i) = index else {
            return x[0] * x[1];
        };
        x[i] * x[i]
    }
    #[differentiable]
    fn some(x: &[f64; 2]) -> f64 {
        f(x, Some(1)) + f(x, None)
    }
    agrees!(some, 2, [2.0, 0.4]);
}

#[test]
fn let_binds_what_a_match_that_may_leave_gives() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 3], picks: &[Option<usize>]) -> f64 {
        let mut s = 1.0;
        for pick in picks {
            let v = match pick {
                Some(0) => x[0] * x[1],
                Some(i) => x[*i],
                None => continue,
            };
            s *= v;
            s += match pick {
                Some(2) => break,
                _ => v * v,
            };
        }
        s
    }
    #[differentiable]
    fn all(x: &[f64; 3]) -> f64 {
        f(x, &[Some(0), None, Some(1)]) + f(x, &[None, Some(2), Some(0)])
    }
    agrees!(all, 3, [2.0, 0.4, 0.7]);
}

#[test]
fn while_let_takes_from_an_inactive_stack() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 3], order: &[usize]) -> f64 {
        let mut stack = order.to_vec();
        let mut s = 0.2;
        while let Some(i) = stack.pop() {
            s = s * x[i] + x[i].sin();
        }
        s
    }
    #[differentiable]
    fn all(x: &[f64; 3]) -> f64 {
        f(x, &[0, 2, 1, 1])
    }
    agrees!(all, 3, [2.0, 0.4, 0.7]);
}

#[test]
fn loops_that_never_run_contribute_nothing() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0] * x[1];
        for i in 0..0 {
            s *= x[i];
        }
        while s > 1e9 {
            s = s.sqrt();
        }
        s
    }
    agrees!(f, 2, [2.0, 0.4]);
}

#[test]
fn breaks_out_of_loops_over_data() {
    #[differentiable]
    fn f(x: &[f64; 5]) -> f64 {
        let mut s = 0.0;
        for (i, v) in x.iter().enumerate().filter(|(_, v)| v.abs() > 0.25) {
            if *v > 2.0 {
                break;
            }
            s += v * v * (i as f64 + 1.0);
        }
        for (a, b) in x.iter().zip(x.iter().skip(1)) {
            if a * b < 0.0 {
                s += a;
                break;
            }
            s += a * b;
        }
        for v in x.iter().chain(&x[1..3]) {
            s += v.sin();
            if s > 6.0 {
                break;
            }
        }
        s
    }
    agrees!(f, 5, [1.0, 0.5, 1.5, 3.0, 0.2], [1.0, -0.7, 1.5, 0.3, 0.2], [0.1, 0.2, 0.3, 0.4, 0.5]);
}

#[test]
fn closures_return_from_themselves() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let clipped = |v: f64| {
            if v > 1.0 {
                return 1.0 + (v - 1.0) * 0.1;
            }
            v * v
        };
        clipped(x[0]) * clipped(x[1])
            + x.iter()
                .map(|v| {
                    if *v < 0.0 {
                        return 0.0;
                    }
                    v.exp()
                })
                .sum::<f64>()
    }
    agrees!(f, 2, [2.0, 0.4], [0.3, -0.4]);
}

#[test]
fn loops_that_break_run_for_a_generic_scalar() {
    #[differentiable]
    fn f<T: Real>(x: T, y: T) -> T {
        let mut s = x;
        for _ in 0..10 {
            if s > 4.0 {
                return s * y;
            }
            s = s * s + y;
        }
        loop {
            if s < 1.0 {
                break s.sin();
            }
            s *= 0.5;
        }
    }
    for (x, y) in [(1.2, 0.7), (0.2, 0.01)] {
        let (value, (dx, dy)) = f::value_and_grad(x, y);
        assert_eq!(f::<f64>(x, y).to_bits(), value.to_bits());
        let h = 1e-6;
        assert!((dx - (f(x + h, y) - f(x - h, y)) / (2.0 * h)).abs() < 1e-6 * dx.abs().max(1.0));
        assert!((dy - (f(x, y + h) - f(x, y - h)) / (2.0 * h)).abs() < 1e-6 * dy.abs().max(1.0));
        let (_, tangent) = f::jvp(x, y, 0.3, -0.2);
        assert!((tangent - (0.3 * dx - 0.2 * dy)).abs() < 1e-10 * dx.abs().max(1.0));
    }
}

#[test]
fn arrays_are_returned_early() {
    #[differentiable]
    fn turn(x: &[f64; 2], times: usize) -> [f64; 2] {
        let mut y = *x;
        for i in 0..times {
            if i == 2 {
                return [y[1], y[0] * y[0]];
            }
            y = [y[0] * y[1], y[1] + y[0]];
        }
        y
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let a = turn(x, 1);
        let b = turn(x, 5);
        a[0] * b[0] + a[1] * b[1]
    }
    agrees!(f, 2, [2.0, 0.4], [0.3, -0.4]);
}

#[test]
fn a_function_that_returns_nothing_may_be_left_early_and_end_in_a_block() {
    #[differentiable]
    fn f(x: &mut [f64; 3], y: f64) {
        for i in 0..3 {
            x[i] *= y;
            if x[i] > 3.0 {
                return;
            }
        }
        'block: {
            if x[2] > 2.0 {
                break 'block;
            }
            x[2] = x[0] * x[1];
        }
    }
    let at = |x: [f64; 3], y: f64, d: [f64; 3]| {
        let (mut x, mut d_x, mut d_y) = (x, d, 0.0);
        f::vjp(&mut x, y, &mut d_x, &mut d_y);
        (x, d_x, d_y)
    };
    assert_eq!(at([1.0, 1.0, 0.5], 2.0, [0.0, 0.0, 1.0]), ([2.0, 2.0, 4.0], [4.0, 4.0, 0.0], 4.0));
    assert_eq!(at([1.0, 1.0, 1.5], 2.0, [0.0, 0.0, 1.0]), ([2.0, 2.0, 3.0], [0.0, 0.0, 2.0], 1.5));
    assert_eq!(at([2.0, 1.0, 1.5], 2.0, [1.0, 0.0, 1.0]), ([4.0, 1.0, 1.5], [2.0, 0.0, 1.0], 2.0));
}

#[test]
fn a_loop_breaks_with_a_tuple_that_counts() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut k = 0;
        let mut t = x[0];
        let (y, n) = loop {
            t = t * x[1] + 1.0;
            k += 1;
            if t > 3.0 || k > 5 {
                break (t * t, k);
            }
        };
        y * n as f64
    }
    agrees_twice!(f, 2, [0.3, 0.7], [1.4, 1.2]);

    #[differentiable(second_order)]
    fn nested(x: &[f64; 2]) -> f64 {
        let ((y, n), done) = 'outer: loop {
            for i in 0..4usize {
                if x[0] * i as f64 > 1.0 {
                    break 'outer ((x[1].powi(i as i32), i + 1), true);
                }
            }
            break ((x[0], 0), false);
        };
        let (z, m) = 'block: {
            if n > 1 {
                break 'block (y * x[0], "early");
            }
            (x[1], "late")
        };
        if done { y * n as f64 + z * m.len() as f64 } else { y * y * z }
    }
    agrees_twice!(nested, 2, [0.6, 0.7], [0.1, 1.2]);
}

#[test]
fn a_choice_gives_a_number_beside_an_integer() {
    #[derive(Clone, Copy, PartialEq)]
    enum Phase {
        Warm,
        Run,
        Cool(u8),
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let (y, n) = if x[0] > 0.5 { (x[1] * x[0], 3) } else { (x[0], 1) };
        let (mut t, mut phase) = (x[0], Phase::Warm);
        for step in 0..10u32 {
            (t, phase) = match (phase, step) {
                (Phase::Warm, s) if t > 1.0 || s > 4 => (t * x[1], Phase::Run),
                (Phase::Warm, _) => (t + x[2] * 0.3, Phase::Warm),
                (Phase::Run, 0..=6) => (t - 0.1 * t * t, Phase::Run),
                (Phase::Run, _) => (t, Phase::Cool(2)),
                (Phase::Cool(0), _) => break,
                (Phase::Cool(n), _) => (t * 0.9 + x[0] * f64::from(n), Phase::Cool(n - 1)),
            };
        }
        y.powi(n) + t * t
    }
    agrees_twice!(f, 3, [0.3, 0.7, 0.9], [1.3, 0.9, 0.2]);

    #[differentiable(second_order)]
    fn greatest(x: &[f64; 3]) -> f64 {
        let (at, best) =
            x.iter().enumerate().fold((0, f64::NEG_INFINITY), |(at, best), (i, &v)| if v > best { (i, v) } else { (at, best) });
        best * best * x[(at + 1) % 3]
    }
    agrees_twice!(greatest, 3, [0.3, 0.7, 0.9], [1.3, 0.9, 0.2]);
}
