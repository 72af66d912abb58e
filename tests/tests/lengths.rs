//! What is overwritten by something of another length.

#![allow(clippy::useless_vec, reason = "vectors are what is tested")]

use differentiable::prelude::*;
use differentiable_tests::agrees;

#[test]
fn the_values_of_layers_of_different_widths_overwrite_each_other() {
    #[differentiable]
    fn f(x: &[f64], widths: &[usize]) -> f64 {
        let mut h = x.to_vec();
        for (layer, width) in widths.iter().enumerate() {
            let mut next = Vec::new();
            for i in 0..*width {
                let z: f64 = h.iter().enumerate().map(|(j, h)| h * ((i + 2 * j + layer) as f64).sin()).sum();
                next.push(z.tanh());
            }
            h = next;
        }
        h.iter().map(|h| h * h).sum()
    }
    agrees!(f(&[5, 2, 4, 1]): [0.3, 0.4, 0.7], [0.1]);
    agrees!(f(&[0, 2]): [0.3, 0.4, 0.7]);
}

#[test]
fn a_vec_is_overwritten_in_a_branch() {
    #[differentiable]
    fn f(x: &[f64], longer: bool) -> f64 {
        let mut h: Vec<f64> = x.iter().map(|x| x * x).collect();
        if longer {
            h = h.iter().chain(x).map(|h| h.sin()).collect();
        } else if h[0] > 1.0 {
            h = vec![h[1] * h[2]];
        }
        h.iter().enumerate().map(|(i, h)| h * h * (i + 1) as f64).sum()
    }
    agrees!(f(true): [0.3, 0.4, 0.7], [1.3, 0.4, 0.7]);
    agrees!(f(false): [0.3, 0.4, 0.7], [1.3, 0.4, 0.7]);
}

#[test]
fn a_row_is_overwritten_by_a_longer_one() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut rows = vec![x.to_vec(), vec![x[0] * x[1]]];
        rows[1] = rows[0].iter().map(|x| x * x).collect();
        rows[0] = vec![x[2]; 5];
        rows.iter().flatten().product()
    }
    agrees!(f: [0.3, 0.4, 0.7]);
}

#[derive(Clone, Debug, Differentiable)]
struct State {
    values: Vec<f64>,
    scale: f64,
}

#[test]
fn a_field_is_overwritten_by_a_longer_one() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut state = State { values: x.to_vec(), scale: x[0] };
        let mut total = 0.0;
        for round in 0..3 {
            let sum: f64 = state.values.iter().map(|v| v * state.scale).sum();
            state.values = (0..=round).map(|i| sum * x[i]).collect();
            total += sum;
        }
        total * state.values[2]
    }
    agrees!(f: [0.3, 0.4, 0.7, 0.2]);
}

#[test]
fn a_struct_is_made_of_another_with_a_field_of_another_length() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let first = State { values: x.to_vec(), scale: x[1] * x[0] };
        let sum: f64 = first.values.iter().map(|v| v * v).sum();
        let second = State { values: vec![sum, x[0]], ..first.clone() };
        let third = State { values: vec![1.5; 3], ..second.clone() };
        let fourth = State { values: first.values.clone(), ..third.clone() };
        second.values[0] * third.scale + third.values[1] * second.values[1] + first.values[2] * fourth.values[3]
    }
    agrees!(f: [0.3, 0.4, 0.7, 0.2]);
}

#[test]
fn the_vec_of_a_mutable_parameter_is_overwritten() {
    #[differentiable(wrt(v, a))]
    fn square(v: &mut Vec<f64>, a: f64) {
        let sum: f64 = v.iter().map(|v| v * v * a).sum();
        *v = vec![sum, a];
    }
    let (mut v, mut d_v, mut d_a) = (vec![1.0, 2.0, 3.0], vec![1.0, 10.0], 0.0);
    square::vjp(&mut v, 0.5, &mut d_v, &mut d_a);
    assert_eq!((v, d_v, d_a), (vec![7.0, 0.5], vec![1.0, 2.0, 3.0], 24.0));
}

#[test]
fn second_derivatives_know_the_lengths() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut h = x.to_vec();
        for width in [4, 2] {
            let mut next = Vec::new();
            for i in 0..width {
                next.push(h.iter().map(|h| h * (i as f64 + 0.5)).sum::<f64>().sin());
            }
            h = next;
        }
        h[0] * h[1]
    }
    let (x, direction, h) = ([0.3, 0.4, 0.7], [0.5, -1.0, 0.25], 1e-6);
    let along = |t: f64| std::array::from_fn(|i| x[i] + t * direction[i]);
    let (ahead, behind) = (f::grad(&along(h)), f::grad(&along(-h)));
    let product = f::hvp(&x, &direction);
    for i in 0..3 {
        let difference = (ahead[i] - behind[i]) / (2.0 * h);
        assert!((product[i] - difference).abs() < 1e-6 * (1.0 + difference.abs()), "{product:?}, {difference} at {i}");
    }
}

#[test]
fn what_loops_read_before_it_is_overwritten_is_handed_on() {
    #[differentiable]
    fn f(x: &[f64], rounds: usize) -> f64 {
        let mut h = x.to_vec();
        for round in 0..rounds {
            let count = 1.0 / h.len() as f64;
            let mut total = 0.0;
            for i in 0..h.len() {
                total += h[i] * h[(i + round) % h.len()];
            }
            if round % 2 == 0 {
                let mut sum = 0.0;
                for i in 0..h.len() {
                    sum += h[i].sin();
                }
                h = vec![sum, total, x[0]];
            }
            let mut sum = 0.0;
            for v in &h {
                sum += v;
            }
            let longer: Vec<f64> = (0..h.len() + 1).map(|i| x[i % x.len()] + sum).collect();
            h = longer.iter().map(|v| (v * total * 0.1).cos() * count).collect();
            h[0] += 0.1 * total;
        }
        h.iter().product()
    }
    agrees!(f(3): [0.3, 0.4], [0.5]);
    agrees!(f(0): [0.3, 0.4]);
}

/// What a derivative panics with.
fn panic_of(work: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(work).expect_err("it panics");
    panic.downcast_ref::<String>().expect("a panic with values has a text").clone()
}

#[test]
fn the_adjoint_of_what_a_function_changes_has_the_shape_of_what_it_leaves() {
    #[differentiable(wrt(v))]
    fn lengthen(v: &mut Vec<f64>) {
        let square = v[0] * v[0];
        v.push(square);
    }
    #[differentiable(wrt(v))]
    fn through_a_call(v: &mut Vec<f64>) -> f64 {
        lengthen(v);
        v[1] + v[2]
    }
    #[differentiable(wrt(state))]
    fn scale(state: &mut State) {
        for value in &mut state.values {
            *value *= state.scale;
        }
    }
    #[differentiable(wrt(state))]
    fn replace(state: &mut State) -> f64 {
        state.values = state.values.iter().map(|value| value * state.scale).collect();
        state.values.iter().sum()
    }
    let shape = |name: &str| format!("`{name}` has not the shape of its parameter: a `Vec` in it has another length");
    for length in [0, 1, 2, 4] {
        assert_eq!(panic_of(move || lengthen::vjp(&mut vec![2.0, 3.0], &mut vec![1.0; length])), shape("d_v"));
        assert_eq!(panic_of(move || _ = through_a_call::vjp(&mut vec![2.0, 3.0], 1.0, &mut vec![1.0; length])), shape("d_v"));
    }
    let state = || State { values: vec![1.0, 2.0], scale: 3.0 };
    for length in [0, 1, 3] {
        let wrong = move || State { values: vec![1.0; length], scale: 0.0 };
        assert_eq!(panic_of(move || scale::vjp(&mut state(), &mut wrong())), shape("d_state"));
        assert_ne!(panic_of(move || _ = replace::vjp(&mut state(), 1.0, &mut wrong())), "");
    }
    let (mut v, mut d_v) = (vec![2.0, 3.0], vec![1.0, 10.0, 100.0]);
    lengthen::vjp(&mut v, &mut d_v);
    assert_eq!((v, d_v), (vec![2.0, 3.0, 4.0], vec![401.0, 10.0]));
}
