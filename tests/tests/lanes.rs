//! Loops whose iterations run side by side: the value bit by bit, and the derivatives in both modes, whatever the number of iterations.

use differentiable::prelude::*;
use differentiable_tests::agrees;

/// Numbers that round differently in another order.
fn point(length: usize) -> Vec<f64> {
    (0..length).map(|i| ((i * 37 + 11) % 101) as f64 / 17.0 - 2.9).collect()
}

#[test]
fn sums_of_squares_of_sums_keep_their_order() {
    #[differentiable(wrt(x))]
    fn lengths(rows: &[Vec<f64>], x: &[f64]) -> f64 {
        let mut total = 0.0;
        for row in rows {
            let product: f64 = row.iter().zip(x).map(|(a, b)| a * b).sum();
            total += product * product.sin();
        }
        total
    }
    for rows in 0..26 {
        let rows: Vec<Vec<f64>> = (0..rows).map(|i| point(5 + i)[i..].to_vec()).collect();
        let x = point(5);
        let (value, gradient) = lengths::value_and_grad(&rows, &x);
        assert_eq!(value.to_bits(), lengths(&rows, &x).to_bits());
        let expected = (0..5).map(|at| {
            let products = rows.iter().map(|row| (row[at], row.iter().zip(&x).map(|(a, b)| a * b).sum::<f64>()));
            products.map(|(a, p)| a * (p.sin() + p * p.cos())).sum::<f64>()
        });
        for (number, expected) in gradient.iter().zip(expected) {
            assert!((number - expected).abs() <= 1e-12 * expected.abs().max(100.0), "{number} {expected}");
        }
    }
}

#[test]
fn rows_of_different_lengths_run_one_by_one() {
    #[differentiable]
    fn triangle(x: &[f64]) -> f64 {
        let mut total = 0.0;
        for i in 0..x.len() {
            let mut sum = 0.0;
            for j in 0..i {
                sum += x[j] * x[i];
            }
            total += sum * sum;
        }
        total
    }
    agrees!(triangle: point(3), point(8), point(19));
}

#[test]
fn some_rows_of_the_same_length_run_together() {
    #[differentiable]
    fn ragged(x: &[f64]) -> f64 {
        let ends = [3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 1, 3, 3, 3, 3, 3, 3, 3, 3, 0];
        let mut total = 1.0;
        for i in 0..20 {
            let mut sum = 0.5;
            for j in 0..ends[i] {
                sum += x[j] * (i as f64 - x[j]);
            }
            total += (0.05 * sum).sin();
        }
        total
    }
    agrees!(ragged: [0.4, -1.2, 0.7]);
}

#[test]
fn numbers_that_carry_no_derivative_are_there_for_each_row() {
    #[differentiable(wrt(x))]
    fn residuals(x: &[f64; 4], n: i32) -> f64 {
        let mut total = 0.0;
        for i in 0..n {
            let t = -1.0 + (i as f64) * 2.0 / (n as f64 + 1.0);
            let mut residual = if t > 0.0 { 1.0 } else { -0.5 };
            let mut power = 1.0;
            for &c in x {
                residual -= c * power;
                power *= t;
            }
            total += residual * residual * power;
        }
        0.5 * total
    }
    for n in [0, 1, 7, 8, 9, 16, 21] {
        let x = [0.3, -0.7, 1.9, 0.2];
        let (value, gradient) = residuals::value_and_grad(&x, n);
        assert_eq!(value.to_bits(), residuals(&x, n).to_bits());
        for at in 0..4 {
            let mut dot = [0.0; 4];
            dot[at] = 1.0;
            let tangent = residuals::jvp(&x, n, &dot).1;
            assert!((gradient[at] - tangent).abs() <= 1e-13 * (1.0 + tangent.abs()), "{} {tangent}", gradient[at]);
        }
    }
}

/// The numbers of iterations around those that run side by side, with registers of any width.
const COUNTS: [usize; 17] = [0, 1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 41, 64, 73];

#[test]
fn any_number_of_iterations_that_read_nothing_of_their_own_agrees() {
    #[differentiable(wrt(x, scale))]
    fn fitted(x: &[f64], scale: f64, n: usize) -> f64 {
        let mut total = 0.25;
        for i in 0..n {
            let t = 0.9 - (i as f64) * 0.025;
            let (mut residual, mut turned) = (t, 0.0);
            let mut power = 1.0;
            for j in 0..x.len() {
                residual -= x[j] * power * scale;
                for k in 0..2 {
                    turned += (x[k] * t).sin() * x[j];
                }
                power *= t;
            }
            total += residual * residual + turned * scale;
        }
        total
    }
    let (x, scale) = ([0.3, -0.7, 1.9, 0.2, -1.1], 0.8);
    for n in COUNTS {
        let (value, (gradient, along)) = fitted::value_and_grad(&x, scale, n);
        assert_eq!(value.to_bits(), fitted(&x, scale, n).to_bits(), "{n} iterations");
        let close = |number: f64, tangent: f64| {
            assert!((number - tangent).abs() <= 1e-12 * (1.0 + tangent.abs()), "{n} iterations: {number} {tangent}");
        };
        for at in 0..x.len() {
            let mut dot = [0.0; 5];
            dot[at] = 1.0;
            close(gradient[at], fitted::jvp(&x, scale, n, &dot, 0.0).1);
        }
        close(along, fitted::jvp(&x, scale, n, &[0.0; 5], 1.0).1);
    }
}

#[test]
fn iterations_that_read_nothing_of_their_own_take_scalars_and_indices_of_any_type() {
    #[differentiable(wrt(x))]
    fn generic<T: Real>(x: &[T], n: u8) -> T {
        let mut total = T::from_f64(0.0);
        for i in 0..n {
            let start = T::from_usize(i as usize) * T::from_f64(0.03);
            let mut sum = T::from_f64(0.5);
            for v in x {
                sum -= *v * start + *v * *v;
            }
            total += sum * sum;
        }
        total
    }
    #[differentiable(wrt(x))]
    fn short(x: &[f32; 3], n: i64) -> f32 {
        let mut total = 0.0;
        for i in 0..n {
            let mut sum = 1.0 - i as f32 * 0.125;
            for v in x {
                sum += v * 0.5;
            }
            total += sum * sum;
        }
        total
    }
    for n in COUNTS {
        let (value, gradient) = generic::value_and_grad(&[0.3f64, -0.7], n as u8);
        assert_eq!(value.to_bits(), generic(&[0.3f64, -0.7], n as u8).to_bits());
        for (at, number) in gradient.iter().enumerate() {
            let dot = [0, 1].map(|other| f64::from(u8::from(other == at)));
            let tangent = generic::jvp(&[0.3f64, -0.7], n as u8, &dot).1;
            assert!((number - tangent).abs() <= 1e-12 * (1.0 + tangent.abs()), "{n} iterations: {number} {tangent}");
        }
        let x = [0.3f32, -0.7, 0.4];
        let (value, gradient) = short::value_and_grad(&x, n as i64);
        assert_eq!(value.to_bits(), short(&x, n as i64).to_bits());
        let tangent = short::jvp(&x, n as i64, &[1.0, 0.0, 0.0]).1;
        assert!((gradient[0] - tangent).abs() <= 1e-4 * (1.0 + tangent.abs()), "{n} iterations: {} {tangent}", gradient[0]);
    }
}

#[test]
fn what_is_carried_from_row_to_row_stays_in_its_order() {
    #[differentiable]
    fn carried(x: &[f64]) -> f64 {
        let (mut total, mut largest) = (0.0, f64::NEG_INFINITY);
        for i in 0..x.len() {
            let mut sum = 0.0;
            for v in x {
                sum += (v - x[i]) * v;
            }
            if sum > largest {
                largest = sum;
            }
            total = total * 0.5 + sum;
        }
        total + largest
    }
    agrees!(carried: point(4), point(17));
}

#[test]
fn a_sum_that_all_rows_share_stays_in_its_order() {
    #[differentiable]
    fn shared(x: &[f64]) -> f64 {
        let mut all = 0.0;
        let mut total = 0.0;
        for i in 0..x.len() {
            let mut own = 0.0;
            for j in 0..x.len() {
                own += x[i] * x[j];
                all += x[i] / (2.5 + x[j] * x[j]);
            }
            total += own;
        }
        total * all
    }
    agrees!(shared: point(4), point(18));
}

#[test]
fn nested_sums_and_scratch_arrays_agree() {
    #[differentiable(wrt(w, b))]
    fn network(w: &[[f64; 3]; 5], b: &[f64; 5], samples: &[[f64; 3]]) -> f64 {
        let mut loss = 0.0;
        for s in samples {
            let mut outputs = [0.0; 5];
            for h in 0..5 {
                let mut z = b[h];
                for i in 0..3 {
                    z += w[h][i] * s[i];
                }
                outputs[h] = z.tanh();
            }
            let mut sum = 0.0;
            for h in 0..5 {
                for i in 0..3 {
                    sum += outputs[h] * s[i];
                }
            }
            loss += sum * sum;
        }
        loss / samples.len() as f64
    }
    let w: [[f64; 3]; 5] = std::array::from_fn(|h| std::array::from_fn(|i| point(15)[3 * h + i] / 3.0));
    let b: [f64; 5] = std::array::from_fn(|h| point(20)[15 + h] / 3.0);
    let samples: Vec<[f64; 3]> = (0..19).map(|s| std::array::from_fn(|i| point(57)[3 * s + i] / 3.0)).collect();
    let (value, (dw, db)) = network::value_and_grad(&w, &b, &samples);
    assert_eq!(value.to_bits(), network(&w, &b, &samples).to_bits());
    let (w_dot, b_dot) = (w.map(|row| row.map(f64::cos)), b.map(f64::sin));
    let tangent = network::jvp(&w, &b, &samples, &w_dot, &b_dot).1;
    let flat = dw.iter().flatten().zip(w_dot.iter().flatten()).chain(db.iter().zip(&b_dot));
    let product: f64 = flat.map(|(d, dot)| d * dot).sum();
    assert!((product - tangent).abs() <= 1e-12 * tangent.abs().max(1.0), "{product} {tangent}");
}

#[test]
fn generic_scalars_and_short_floats_agree() {
    #[differentiable(wrt(x))]
    fn generic<T: Real>(rows: &[[T; 3]], x: &[T; 3]) -> T {
        let mut total = T::from_f64(0.0);
        for row in rows {
            let mut sum = T::from_f64(0.25);
            for i in 0..3 {
                sum += row[i] * x[i];
            }
            total += sum.exp();
        }
        total
    }
    let rows: Vec<[f64; 3]> = (0..11).map(|s| std::array::from_fn(|i| point(33)[3 * s + i] / 9.0)).collect();
    let x = [0.3, -0.2, 0.9];
    let (value, gradient) = generic::value_and_grad(&rows, &x);
    assert_eq!(value.to_bits(), generic(&rows, &x).to_bits());
    let short: Vec<[f32; 3]> = rows.iter().map(|row| row.map(|v| v as f32)).collect();
    let short_x = x.map(|v| v as f32);
    let (short_value, short_gradient) = generic::value_and_grad(&short, &short_x);
    assert_eq!(short_value.to_bits(), generic(&short, &short_x).to_bits());
    for at in 0..3 {
        let expected: f64 = rows.iter().map(|r| r[at] * (0.25 + r[0] * x[0] + r[1] * x[1] + r[2] * x[2]).exp()).sum();
        assert!((gradient[at] - expected).abs() < 1e-12 * expected.abs().max(1.0));
        assert!((f64::from(short_gradient[at]) - expected).abs() < 1e-5 * expected.abs().max(1.0));
    }
}

#[test]
fn what_prints_or_counts_runs_in_its_order() {
    use std::cell::RefCell;
    #[differentiable(wrt(x))]
    fn counted(x: &[f64], seen: &RefCell<Vec<usize>>) -> f64 {
        let mut total = 0.0;
        for i in 0..x.len() {
            let mut sum = 0.0;
            for j in 0..x.len() {
                seen.borrow_mut().push(i * 100 + j);
                sum += x[i] * x[j];
            }
            total += sum;
        }
        total
    }
    let (plain, derived) = (RefCell::default(), RefCell::default());
    let x = point(9);
    let value = counted(&x, &plain);
    assert_eq!(counted::value_and_grad(&x, &derived).0.to_bits(), value.to_bits());
    assert_eq!(plain, derived);
}

#[test]
fn neighbours_in_a_sum_meet_in_their_adjoints() {
    #[differentiable]
    fn valley(x: &[f64]) -> f64 {
        x.windows(2).map(|w| 100.0 * (w[1] - w[0].powi(2)).powi(2) + (1.0 - w[0]).powi(2)).sum()
    }
    let small = |length: usize| -> Vec<f64> { point(length).iter().map(|v| v / 4.0).collect() };
    agrees!(valley: small(1), small(2), small(8), small(9), small(10), small(16), small(17), small(18), small(26), small(37));
    assert_eq!(valley::grad(&[]), Vec::<f64>::new());
    #[differentiable]
    fn curvature(x: &[f64]) -> f64 {
        let mut total = 0.25;
        for i in 0..x.len() - 2 {
            let bend = x[i] - 2.0 * x[i + 1] + x[i + 2];
            total -= bend * bend * x[i + 1] / (2.0 + x[i] * x[i]);
        }
        total
    }
    agrees!(curvature: small(2), small(3), small(10), small(11), small(29));
}

#[test]
fn what_a_strip_carries_may_reach_beyond_the_next_one() {
    #[differentiable]
    fn echo(x: &[f64]) -> f64 {
        let mut total = 0.25;
        for i in 1..x.len() - 11 {
            let heard = x[i] * x[i + 11] - x[i + 2];
            total += heard * heard * x[i] + heard / (2.0 + x[i + 11] * x[i + 11]);
        }
        total
    }
    let small = |length: usize| -> Vec<f64> { point(length).iter().map(|v| v / 4.0).collect() };
    agrees!(echo: small(12), small(13), small(19), small(20), small(21), small(28), small(37), small(45));
    #[differentiable]
    fn whole_strip(x: &[f64]) -> f64 {
        let mut total = 0.25;
        for i in 0..x.len() - 8 {
            let heard = x[i] * x[i + 8] - x[i + 3] * x[i + 3];
            total += heard * heard * x[i + 8];
        }
        total
    }
    agrees!(whole_strip: small(8), small(9), small(15), small(16), small(17), small(24), small(32), small(43));
}

#[test]
fn what_is_added_ahead_alone_reaches_its_elements() {
    #[differentiable]
    fn ahead(x: &[f64]) -> f64 {
        let mut total = 0.0;
        for i in 0..x.len() - 3 {
            total += x[i + 1] * x[i + 3] * x[i + 1] - x[i + 3] / (2.0 + x[i + 1] * x[i + 1]);
        }
        total
    }
    let small = |length: usize| -> Vec<f64> { point(length).iter().map(|v| v / 4.0).collect() };
    agrees!(ahead: small(3), small(4), small(10), small(11), small(12), small(19), small(20), small(38));
}

#[test]
fn several_sequences_and_sums_of_one_loop_agree() {
    #[differentiable]
    fn energy(a: &[f64; 21], b: &[f64], c: f64) -> f64 {
        let (mut sum, mut squares) = (0.0, 1.0);
        for i in 0..20 {
            let difference = a[i + 1] - b[i] * c;
            sum += difference * a[i];
            squares -= difference * difference * 0.125 + b[i] / (1.5 + a[i] * a[i]);
        }
        sum * squares
    }
    let a: [f64; 21] = std::array::from_fn(|i| point(21)[i] / 5.0);
    let b: Vec<f64> = point(45)[20..].iter().map(|v| v / 5.0).collect();
    let (value, (da, db, dc)) = energy::value_and_grad(&a, &b, 0.7);
    assert_eq!(value.to_bits(), energy(&a, &b, 0.7).to_bits());
    let (a_dot, b_dot): ([f64; 21], Vec<f64>) = (a.map(f64::cos), b.iter().map(|v| v.sin()).collect());
    let tangent = energy::jvp(&a, &b, 0.7, &a_dot, &b_dot, -0.3).1;
    let pairs = da.iter().zip(&a_dot).chain(db.iter().zip(&b_dot));
    let product = pairs.map(|(d, dot)| d * dot).sum::<f64>() - 0.3 * dc;
    assert!((product - tangent).abs() <= 1e-12 * tangent.abs().max(1.0), "{product} {tangent}");
}

#[test]
fn an_index_beyond_the_end_is_a_panic_as_in_the_function() {
    #[differentiable]
    fn beyond(x: &[f64], n: usize) -> f64 {
        let mut total = 0.0;
        for i in 0..n {
            total += (x[i + 1] - x[i]) * (x[i + 1] - x[i]) * x[i];
        }
        total
    }
    let x = point(12);
    let (value, _) = beyond::value_and_grad(&x, 11);
    assert_eq!(value.to_bits(), beyond(&x, 11).to_bits());
    assert!(std::panic::catch_unwind(|| beyond::value_and_grad(&point(12), 12)).is_err());
    assert!(std::panic::catch_unwind(|| beyond::value_and_grad(&point(8), 8)).is_err());
}

#[test]
fn a_stencil_flows_back_to_the_neighbours_on_both_sides() {
    #[differentiable(wrt(start, rate))]
    fn spread(start: &[f64], rate: f64, steps: usize) -> f64 {
        let n = start.len();
        let mut field = start.to_vec();
        let mut next = start.to_vec();
        for _ in 0..steps {
            for i in 1..n - 1 {
                next[i] = field[i] + rate * (field[i - 1] - 2.0 * field[i] + field[i + 1]) * field[i];
            }
            std::mem::swap(&mut field, &mut next);
        }
        field.iter().map(|v| v * v).sum()
    }
    for length in [2, 3, 9, 10, 11, 17, 18, 19, 35, 42] {
        for steps in [0, 1, 3] {
            let start: Vec<f64> = point(length).iter().map(|v| v / 8.0).collect();
            let (value, (d_start, d_rate)) = spread::value_and_grad(&start, 0.15, steps);
            assert_eq!(value.to_bits(), spread(&start, 0.15, steps).to_bits());
            is_the_transpose(&start, (&d_start, d_rate), |dot, rate_dot| spread::jvp(&start, 0.15, steps, dot, rate_dot).1);
        }
    }
    #[differentiable]
    fn smoothed(x: &[f64]) -> f64 {
        let n = x.len();
        let mut y = vec![0.5; n];
        for i in 2..n - 2 {
            y[i] = x[i - 2] * x[i + 1] - x[i] * x[i - 1] * x[i + 2];
        }
        let mut total = 0.0;
        for i in 1..n {
            total += y[i - 1] * y[i] * x[i] - y[i - 1] / (1.5 + x[i - 1] * x[i - 1]);
        }
        total
    }
    let small = |length: usize| -> Vec<f64> { point(length).iter().map(|v| v / 4.0).collect() };
    agrees!(smoothed: small(4), small(5), small(12), small(13), small(20), small(21), small(37));
}

/// Compares a gradient with the tangent along a direction: they are each other's transpose.
fn is_the_transpose(start: &[f64], (d_start, d_rate): (&[f64], f64), tangent: impl Fn(&[f64], f64) -> f64) {
    let start_dot: Vec<f64> = start.iter().map(|v| (3.0 * v).cos()).collect();
    let tangent = tangent(&start_dot, -0.7);
    let product = d_start.iter().zip(&start_dot).map(|(d, dot)| d * dot).sum::<f64>() - 0.7 * d_rate;
    let length = start.len();
    assert!((product - tangent).abs() <= 1e-12 * tangent.abs().max(1.0), "{length}: {product} {tangent}");
}

/// A step in a function of its own, whose backward half runs for each.
#[differentiable(wrt(u, next, rate))]
fn step(u: &[f64], next: &mut [f64], rate: f64) {
    for i in 1..u.len() - 1 {
        next[i] = u[i] + rate * (u[i - 1] - 2.0 * u[i] + u[i + 1]) * u[i];
    }
}

#[test]
fn a_stencil_that_is_called_flows_back_to_the_neighbours_likewise() {
    #[differentiable(wrt(start, rate))]
    fn spread(start: &[f64], rate: f64, steps: usize) -> f64 {
        let mut field = start.to_vec();
        let mut next = start.to_vec();
        for _ in 0..steps {
            step(&field, &mut next, rate);
            std::mem::swap(&mut field, &mut next);
        }
        field.iter().map(|v| v * v).sum::<f64>() + next[0]
    }
    for length in [2, 3, 9, 10, 11, 17, 18, 19, 35, 42] {
        for steps in [0, 1, 4] {
            let start: Vec<f64> = point(length).iter().map(|v| v / 8.0).collect();
            let (value, (d_start, d_rate)) = spread::value_and_grad(&start, 0.15, steps);
            assert_eq!(value.to_bits(), spread(&start, 0.15, steps).to_bits());
            is_the_transpose(&start, (&d_start, d_rate), |dot, rate_dot| spread::jvp(&start, 0.15, steps, dot, rate_dot).1);
            let (same, back) = spread::pullback(&start, 0.15, steps);
            let (mut apart, mut rate) = (vec![0.0; length], 0.0);
            back(1.0, &mut apart, &mut rate);
            assert_eq!(value.to_bits(), same.to_bits());
            let differs = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-12 * a.abs().max(1.0);
            assert!(!apart.iter().zip(&d_start).any(differs) && !differs((&rate, &d_rate)), "{length}, {steps}");
        }
    }
}

#[test]
fn what_a_call_changes_takes_the_adjoint_of_what_it_was_in_strips() {
    for length in [3, 10, 18, 19, 35] {
        let u: Vec<f64> = point(length).iter().map(|v| v / 8.0).collect();
        let cotangent: Vec<f64> = u.iter().map(|v| (5.0 * v).sin()).collect();
        let (mut next, mut d_next) = (u.clone(), cotangent.clone());
        let (mut d_u, mut d_rate) = (vec![0.0; length], 0.0);
        step::vjp(&u, &mut next, 0.15, &mut d_u, &mut d_next, &mut d_rate);
        for i in 1..length - 1 {
            assert_eq!(d_next[i], 0.0, "an element that was overwritten");
        }
        assert_eq!([d_next[0], d_next[length - 1]], [cotangent[0], cotangent[length - 1]]);
        let laplacian = |i: usize| u[i - 1] - 2.0 * u[i] + u[i + 1];
        let expected: f64 = (1..length - 1).map(|i| cotangent[i] * laplacian(i) * u[i]).sum();
        assert!((d_rate - expected).abs() <= 1e-13 * expected.abs().max(1.0), "{d_rate} is not {expected}");
        let middle = length / 2;
        let from = |i: usize, by: f64| if (1..length - 1).contains(&i) { cotangent[i] * by } else { 0.0 };
        let expected = from(middle - 1, 0.15 * u[middle - 1])
            + from(middle + 1, 0.15 * u[middle + 1])
            + from(middle, 1.0 + 0.15 * (laplacian(middle) - 2.0 * u[middle]));
        assert!((d_u[middle] - expected).abs() <= 1e-14, "{} is not {expected}", d_u[middle]);
    }
}
