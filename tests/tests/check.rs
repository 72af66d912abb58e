//! The checks that users call in tests of their own: right derivatives pass everywhere, wrong ones are found and named.

use differentiable::check::{self, Failure};
use differentiable::prelude::*;

#[derive(Clone, Debug, Differentiable)]
struct Layer {
    w: Vec<[f64; 4]>,
    b: (f64, [f64; 2]),
    #[differentiable(skip)]
    name: &'static str,
}

#[derive(Clone, Debug, Differentiable)]
struct Net {
    layers: [Layer; 3],
    r#scale: f64,
}

#[differentiable(wrt(p), second_order)]
fn loss(p: &Net, x: &[f64; 4]) -> f64 {
    let mut total = 0.0;
    for layer in &p.layers {
        let mut h = layer.b.0;
        for row in &layer.w {
            h += (row[0] * x[0] + row[1] * x[1] + row[2] * x[2] + row[3] * x[3]).tanh() * layer.b.1[0];
        }
        total += (h * p.scale).exp() + layer.b.1[1] * layer.b.1[1] * h;
    }
    (1.0 + total * total).ln()
}

/// Numbers of either sign from a seed.
fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

fn net(seed: u64) -> Net {
    let mut next = random(seed);
    let mut layer =
        || Layer { w: (0..2).map(|_| [next(), next(), next(), next()]).collect(), b: (next(), [next(), next()]), name: "layer" };
    Net { layers: [layer(), layer(), layer()], scale: 0.5 }
}

const X: [f64; 4] = [0.3, -0.7, 1.1, 0.2];

#[test]
fn right_derivatives_pass_at_a_thousand_points() {
    for seed in 0..1000 {
        let p = net(seed);
        check::gradient(&p, |p| loss(p, &X), |p| loss::grad(p, &X)).unwrap_or_else(|failure| panic!("{failure}"));
    }
    for seed in 0..50 {
        let p = net(seed);
        check::second_order(&p, |p| loss::grad(p, &X), |p, v| loss::hvp(p, &X, v)).unwrap_or_else(|failure| panic!("{failure}"));
    }
}

/// A function with exponentials, quotients, roots and powers, at points where all of them are defined.
#[differentiable(second_order)]
fn mixed(x: &[f64; 5]) -> f64 {
    (x[0] * x[1]).exp() / (1.0 + x[2] * x[2]) + (x[3].abs() + 0.01).sqrt() * x[4].sin() + (x[0] - x[3]).hypot(x[1]).ln()
}

#[test]
fn other_functions_pass_at_a_thousand_points_near_kinks_and_borders_too() {
    for seed in 0..1000 {
        let mut next = random(seed);
        let x = [next(), next(), next(), next(), 100.0 * next()];
        check::gradient(&x, mixed, mixed::grad).unwrap_or_else(|failure| panic!("{failure} in {x:?}"));
    }
}

#[test]
fn a_planted_error_of_a_millionth_is_found_in_every_entry() {
    for seed in 0..200 {
        let p = net(seed);
        let mut entries = 0;
        Net::leaves([], [&p], &mut |[]: [&mut [f64]; 0], [slice]: [&[f64]; 1]| entries += slice.len());
        assert_eq!(entries, 34);
        let planted = (seed * 7 % 34) as usize;
        let wrong = |p: &Net| {
            let mut gradient = loss::grad(p, &X);
            let mut index = 0;
            Net::leaves([&mut gradient], [], &mut |[slice], []: [&[f64]; 0]| {
                slice.iter_mut().for_each(|g| {
                    *g *= if index == planted { 1.000001 } else { 1.0 };
                    index += 1;
                });
            });
            gradient
        };
        let failure = check::gradient(&p, |p| loss(p, &X), wrong).expect_err("it is wrong");
        let Failure::Entry { path, derivative, difference, .. } = failure else { panic!("{failure}") };
        assert_eq!(path.as_str(), path_of(planted));
        assert!((derivative / difference - 1.000001).abs() < 1e-7, "{derivative} and {difference} differ by a millionth");
    }
}

fn path_of(index: usize) -> String {
    if index == 33 {
        return "p.scale".into();
    }
    let (layer, within) = (index / 11, index % 11);
    match within {
        8 => format!("p.layers[{layer}].b.0"),
        9 | 10 => format!("p.layers[{layer}].b.1[{}]", within - 9),
        _ => format!("p.layers[{layer}].w[{}][{}]", within / 4, within % 4),
    }
}

#[test]
fn a_failure_reads_as_a_sentence_with_both_numbers_and_the_step() {
    let failure =
        check::gradient(&(1.0, [2.0, 4.0]), |(a, b)| a * b[0] * b[1], |(a, b)| (b[0] * b[1], [a * b[1], a * b[0] + 1.0]));
    assert_eq!(
        failure.unwrap_err().to_string(),
        "the gradient is wrong at `p.1[1]`: it is 3, differences with steps down to 1.25e-1 give 2"
    );
}

#[test]
fn an_entry_of_a_long_vector_is_found_by_halving() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        x.iter().enumerate().map(|(i, x)| (x * (1.0 + i as f64)).sin()).sum()
    }
    let x: Vec<f64> = (0..3000).map(|i| 1e-3 * f64::from(i)).collect();
    check::gradient(&x, |x| f(x), |x| f::grad(x)).unwrap();
    let wrong = |x: &Vec<f64>| {
        let mut gradient = f::grad(x);
        gradient[1234] *= 1.001;
        gradient
    };
    let failure = check::gradient(&x, |x| f(x), wrong).unwrap_err();
    assert!(failure.to_string().contains("at `p[1234]`: it is"), "{failure}");
}

/// Many numbers, of two layers: a matrix and what it is followed by.
#[derive(Clone, Differentiable)]
struct Large {
    w: Vec<[f64; 50]>,
    v: Vec<f64>,
}

#[differentiable(wrt(p))]
fn large(p: &Large, x: &[f64; 50]) -> f64 {
    let mut sum = 0.0;
    for i in 0..p.w.len() {
        let mut z = 0.0;
        for j in 0..50 {
            z += p.w[i][j] * x[j];
        }
        sum += p.v[i] * (0.3 * z).tanh();
    }
    sum
}

#[test]
fn a_planted_error_of_a_millionth_is_found_among_thousands() {
    for rows in [20, 196] {
        let mut next = random(rows as u64);
        let x = std::array::from_fn(|_| next());
        let w: Vec<[f64; 50]> = (0..rows).map(|_| std::array::from_fn(|_| next())).collect();
        let p = Large { w, v: (0..rows).map(|_| next()).collect() };
        check::gradient(&p, |p| large(p, &x), |p| large::grad(p, &x)).unwrap();
        for planted in [0, 7, rows / 3, rows / 2 + 1, rows - 1] {
            let column = (planted * 31) % 50;
            let wrong = |p: &Large| {
                let mut gradient = large::grad(p, &x);
                gradient.w[planted][column] *= 1.000001;
                gradient
            };
            let failure = check::gradient(&p, |p| large(p, &x), wrong).expect_err("it is wrong").to_string();
            assert!(failure.contains(&format!("at `p.w[{planted}][{column}]`: it is")), "{rows}: {failure}");
            let wrong = |p: &Large| {
                let mut gradient = large::grad(p, &x);
                gradient.v[planted] *= 1.000001;
                gradient
            };
            let failure = check::gradient(&p, |p| large(p, &x), wrong).expect_err("it is wrong").to_string();
            assert!(failure.contains(&format!("at `p.v[{planted}]`: it is")), "{rows}: {failure}");
        }
    }
}

#[test]
fn single_precision_has_a_tolerance_of_its_own() {
    #[differentiable(second_order)]
    fn f(x: &[f32; 3]) -> f32 {
        (x[0] * x[1]).tanh() + x[2].exp() * x[0]
    }
    for seed in 0..1000 {
        let mut next = random(seed);
        let x = [next() as f32, next() as f32, next() as f32];
        check::gradient(&x, f, f::grad).unwrap_or_else(|failure| panic!("{failure} in {x:?}"));
        check::second_order(&x, f::grad, f::hvp).unwrap_or_else(|failure| panic!("{failure} in {x:?}"));
        check::gradient(&x, f, |x| f::grad(x).map(|g| 1.01 * g)).unwrap_err();
    }
}

#[test]
fn scalars_slices_and_several_parameters() {
    #[differentiable(second_order)]
    fn f(w: &[f64], b: f64, n: usize) -> f64 {
        w.iter().map(|w| (w * b).sin()).sum::<f64>() * n as f64
    }
    check::gradient(&0.7, |x| x.exp(), |x| x.exp()).unwrap();
    let point = (vec![0.1, 0.2], 0.3);
    check::gradient(&point, |(w, b)| f(w, *b, 2), |(w, b)| f::grad(w, *b, 2)).unwrap();
    check::second_order(&point, |(w, b)| f::grad(w, *b, 2), |(w, b), (w_dot, b_dot)| f::hvp(w, *b, 2, w_dot, *b_dot)).unwrap();
    let with_vjp = |(w, b): &(Vec<f64>, f64)| {
        let mut d = (vec![0.0; 2], 0.0);
        f::vjp(w, *b, 2, 1.0, &mut d.0, &mut d.1);
        d
    };
    check::gradient(&point, |(w, b)| f(w, *b, 2), with_vjp).unwrap();
}

#[differentiable(second_order)]
fn spread(x: &[f64; 3], s: f64) -> ([f64; 2], f64) {
    ([x[0] * s, x[1].sin()], x[2] * x[0] * s.exp())
}

type Point = ([f64; 3], f64);
type Spread = ([f64; 2], f64);

fn spread_of((x, s): &Point) -> Spread {
    spread(x, *s)
}

fn spread_vjp((x, s): &Point, seed: &Spread, (d_x, d_s): &mut Point) -> Spread {
    spread::vjp(x, *s, seed, d_x, d_s)
}

fn spread_jvp((x, s): &Point, (x_dot, s_dot): &Point) -> (Spread, Spread) {
    spread::jvp(x, *s, x_dot, *s_dot)
}

#[test]
fn rules_pass_in_both_modes() {
    for seed in 0..1000 {
        let mut next = random(seed);
        let point = ([next(), next(), next()], next());
        check::rule(&point, spread_of, spread_vjp, spread_jvp).unwrap_or_else(|failure| panic!("{failure} in {point:?}"));
    }
}

#[test]
fn every_mistake_of_a_rule_is_named() {
    let point = ([0.3, 0.5, -0.7], 0.2);
    let message = |failure: Result<(), Failure>| failure.unwrap_err().to_string();

    let wrong_entry = |p: &Point, seed: &Spread, d: &mut Point| {
        d.0[2] += 1e-6 * seed.1;
        spread_vjp(p, seed, d)
    };
    let said = message(check::rule(&point, spread_of, wrong_entry, spread_jvp));
    assert!(said.starts_with("what `vjp` adds is wrong at `p.0[2]`: it is "), "{said}");

    let overwrites = |p: &Point, seed: &Spread, d: &mut Point| {
        d.1 = 0.0;
        spread_vjp(p, seed, d)
    };
    let said = message(check::vjp(&point, spread_of, overwrites));
    assert!(said.starts_with("`vjp` does not add to its adjoint at `p.1`"), "{said}");

    let other_value = |p: &Point, seed: &Spread, d: &mut Point| {
        let (y, z) = spread_vjp(p, seed, d);
        (y, z + 1e-15)
    };
    let said = message(check::vjp(&point, spread_of, other_value));
    assert!(said.starts_with("the value that `vjp` gives is wrong at `y.1`"), "{said}");

    let wrong_tangent = |p: &Point, v: &Point| {
        let (value, mut tangent) = spread_jvp(p, v);
        tangent.0[1] *= 1.000001;
        (value, tangent)
    };
    let said = message(check::rule(&point, spread_of, spread_vjp, wrong_tangent));
    assert!(said.starts_with("the tangent that `jvp` gives is wrong at `y.0[1]`"), "{said}");

    let barely_wrong_tangent = |p: &Point, v: &Point| {
        let (value, mut tangent) = spread_jvp(p, v);
        tangent.0[1] *= 1.00000001;
        (value, tangent)
    };
    let said = message(check::rule(&point, spread_of, spread_vjp, barely_wrong_tangent));
    assert!(said.starts_with("`jvp` and `vjp` do not agree: ⟨u, J v⟩ is "), "{said}");
}

#[test]
fn a_hessian_that_is_wrong_or_not_symmetric_is_found() {
    let x = [0.3, 0.7, -0.2, 0.4, 1.3];
    check::second_order(&x, mixed::grad, mixed::hvp).unwrap();
    let wrong = |x: &[f64; 5], v: &[f64; 5]| {
        let mut product = mixed::hvp(x, v);
        product[1] *= 1.000001;
        product
    };
    let failure = check::second_order(&x, mixed::grad, wrong).unwrap_err();
    assert!(failure.to_string().starts_with("the Hessian times a direction is wrong at `p[1]`"), "{failure}");
    let skewed = |x: &[f64; 5], v: &[f64; 5]| {
        let mut product = mixed::hvp(x, v);
        product[1] += 1e-8 * v[0];
        product
    };
    let failure = check::second_order(&x, mixed::grad, skewed).unwrap_err();
    assert!(matches!(failure, Failure::Product { .. }), "{failure}");
}

#[test]
fn kinks_jumps_and_values_that_are_not_finite_fail() {
    check::gradient(&0.0, |x: &f64| x.abs() + x, |_| 1.0).unwrap();
    check::gradient(&[1e-9, 1.0], |x| x[0].abs() * x[1], |x| [x[1], x[0]]).unwrap_err();
    let failure = check::gradient(&0.0, |x: &f64| if *x > 0.0 { 1.0 } else { 0.0 }, |_| 0.0).unwrap_err();
    assert!(failure.to_string().contains("do not settle"), "{failure}");
    assert_eq!(check::gradient(&-1.0, |x: &f64| x.ln(), |x| 1.0 / x), Err(Failure::NotFinite));
    let failure = check::gradient(&1.0, |x: &f64| x * x, |_| f64::NAN).unwrap_err();
    assert!(failure.to_string().contains("it is NaN"), "{failure}");
    check::gradient(&1e-9, |x: &f64| x.ln(), |x| 1.0 / x).unwrap();
}

#[test]
fn a_gradient_of_another_length_is_no_gradient() {
    let failure = check::gradient(&vec![1.0, 2.0], |x| x[0] * x[1], |x| vec![x[1]]).unwrap_err();
    assert_eq!(failure, Failure::Shape { of: "the gradient" });
}

#[test]
fn errors_go_through_question_marks() -> Result<(), Box<dyn std::error::Error>> {
    check::gradient(&[1.0, 2.0], |x| x[0] * x[1], |x| [x[1], x[0]])?;
    Ok(())
}
