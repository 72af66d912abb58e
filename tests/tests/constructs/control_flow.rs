//! Branches, loops, and the ways out of them.

use differentiable::prelude::*;
use differentiable_tests::agrees_twice;

#[test]
fn if_let() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let known: Option<usize> = [1, 0].iter().copied().find(|i| x[*i] > 0.5);
        if let Some(i) = known { x[i] * x[0].sin() } else { x[1] * x[1] }
    }
    agrees_twice!(f, 2, [0.7, 0.2], [0.3, 0.9], [0.1, 0.2]);
}

#[test]
fn match_with_guards() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        match x.len() {
            n if x[0] > n as f64 => x[0] * x[1],
            2 if x[1] < 0.0 => x[0] * x[1] * x[1],
            _ => x[0].exp() - x[1],
        }
    }
    agrees_twice!(f, 2, [2.7, 0.2], [0.3, -0.9], [0.1, 0.2]);
}

#[test]
fn match_on_ranges() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut sum = 0.0;
        for k in 0..5 {
            sum += match k {
                0 => x[0] * x[1],
                1..=2 => x[0].powi(k),
                3.. => x[1].sin(),
                _ => 0.0,
            };
        }
        sum * match x[0] {
            ..0.0 => x[1],
            0.0..=1.0 => x[0],
            _ => x[0] * x[0],
        }
    }
    agrees_twice!(f, 2, [2.7, 0.2], [0.3, -0.9], [-0.1, 0.2]);
}

#[test]
fn match_with_bindings() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let pair = (x[0] * x[1], x[2]);
        match (&pair, x.len()) {
            ((a, b), n @ 3..) => a * b * n as f64,
            (whole, _) => whole.0,
        }
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn match_with_alternatives() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut product = 1.0;
        for letter in ['a', 'b', 'c', 'd'] {
            product *= match letter {
                'a' | 'c' => x[0],
                'b' => x[1] * x[1],
                _ => x[0] + x[1],
            };
        }
        product
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn let_else() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let Some(i) = x.iter().position(|v| *v > 1.0) else { return x[0] * x[1] };
        x[i].ln() * x[0]
    }
    agrees_twice!(f, 2, [0.7, 0.2], [0.7, 2.0]);
}

#[test]
fn while_loops() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut y = x[0];
        while y < 10.0 {
            y = y * y + x[1];
        }
        y.ln()
    }
    agrees_twice!(f, 2, [1.2, 1.3]);
}

#[test]
fn while_let_on_inactive_values() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut waiting = vec![0, 2, 1, 2];
        let mut y = 1.0;
        while let Some(i) = waiting.pop() {
            y = (y * x[i]).sin() + x[0];
        }
        y
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn plain_loops() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let (mut y, mut k) = (x[0], 0);
        loop {
            y = y * x[1] + 1.0;
            k += 1;
            if k == 3 {
                break;
            }
        }
        y
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn break_with_a_value() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut y = x[0];
        let found = loop {
            if y > 2.0 {
                break y * x[1];
            }
            y += y * y + 0.1;
        };
        found * found
    }
    agrees_twice!(f, 2, [0.7, 0.2], [3.0, 0.4]);
}

#[test]
fn continues() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut sum = 1.0;
        for v in x {
            if *v < 0.0 {
                continue;
            }
            sum *= v + 1.0;
        }
        sum
    }
    agrees_twice!(f, 4, [0.7, -0.2, 1.1, -3.0]);
}

#[test]
fn labels() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut product = 1.0;
        'rows: for i in 0..3 {
            for j in 0..3 {
                if i * j == 2 {
                    continue 'rows;
                }
                if product > 4.0 {
                    break 'rows;
                }
                product *= 1.0 + x[i] * x[j];
            }
        }
        product
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1], [0.1, 0.2, 0.3]);
}

#[test]
fn labelled_blocks() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let y = 'value: {
            if x[0] > 0.5 {
                break 'value x[0] * x[1];
            }
            x[1].exp()
        };
        y * y
    }
    agrees_twice!(f, 2, [0.7, 0.2], [0.1, 0.2]);
}

#[test]
fn early_returns() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        if x[0] < 0.0 {
            return x[1] * x[2];
        }
        let mut y = x[0];
        for i in 0..3 {
            for j in i..3 {
                y += y * x[j];
                if y > 3.0 {
                    return y * x[i];
                }
            }
        }
        y.sin()
    }
    agrees_twice!(f, 3, [0.9, 0.2, 1.1], [0.1, 0.2, 0.3], [-0.1, 0.2, 0.3]);
}

#[test]
fn zero_trip_loops() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut y = x[0];
        for i in 2..x.len() {
            y *= x[i];
        }
        while y > 100.0 {
            y = y.sqrt();
        }
        for v in &x[..0] {
            y = y * v + 1.0;
        }
        y * x[1]
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn carried_nonlinear_state_with_an_early_exit() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let (mut p, mut v) = (x[0], x[1]);
        for step in 0..20 {
            let a = -p.sin() - 0.1 * v * v;
            p += 0.2 * v;
            v += 0.2 * a;
            if step > 2 && p < 0.9 {
                break;
            }
        }
        p * v
    }
    agrees_twice!(f, 2, [1.4, -0.4]);
}

#[test]
fn triangular_loops() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut sum = 0.0;
        for i in 0..4 {
            for j in 0..i {
                for k in j..=i {
                    sum += x[i] * x[j] * x[k].cos();
                }
            }
        }
        sum
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn ranges_in_reverse() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = 0.0;
        for i in (0..4).rev() {
            y = y * x[0] + x[i];
        }
        y
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn ranges_by_steps() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        let mut y = 1.0;
        for i in (0..5).step_by(2) {
            y = y * x[i] + x[4 - i].sin();
        }
        y
    }
    agrees_twice!(f, 5, [0.7, 0.2, 1.1, 0.4, 0.9]);
}

#[test]
fn inclusive_ranges() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut term = 1.0;
        let mut sum = 0.0;
        for k in 1..=6 {
            term *= x[0] / k as f64;
            sum += term * x[1];
        }
        sum
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}
