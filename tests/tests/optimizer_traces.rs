//! The optimizers against the traces of another system: `golden/optimizer_traces.json`, made with PyTorch.

use differentiable::prelude::*;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/optimizer_traces.json")).expect("the file is JSON")
}

fn point<T: Real>(value: &Value) -> [T; 4] {
    core::array::from_fn(|i| T::from_f64(value[i].as_f64().expect("a number")))
}

/// The gradient of the four-dimensional Rosenbrock function, by hand.
fn rosenbrock_gradient(x: &[f64; 4]) -> [f64; 4] {
    let mut g = [0.0; 4];
    for i in 0..3 {
        let t = x[i + 1] - x[i] * x[i];
        g[i] += -400.0 * x[i] * t - 2.0 * (1.0 - x[i]);
        g[i + 1] += 200.0 * t;
    }
    g
}

fn compare<T: Real>(name: &str, step: usize, got: &[T; 4], want: &[T; 4], tolerance: f64) {
    for (got, want) in got.iter().zip(want) {
        let (got, want) = (got.to_f64(), want.to_f64());
        assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{name}, step {step}: {got} is not {want}");
    }
}

/// Runs the table of gradients.
fn table<T: Real, R: Rule<Scalar = T>>(name: &str, rule: R, rows: &Value, tolerance: f64) {
    let golden = golden();
    let mut x = point::<T>(&golden["x0_table"]);
    let mut optimizer = rule.start(&x).expect("the configuration is valid");
    let rows = rows.as_array().expect("rows");
    assert_eq!(rows.len(), 25);
    for (step, row) in rows.iter().enumerate() {
        optimizer.step(&mut x, &point(&golden["G"][step])).expect("the gradient is finite");
        compare(name, step, &x, &point(row), tolerance);
    }
}

/// Runs the gradient of the Rosenbrock function.
fn rosenbrock<R: Rule<Scalar = f64>>(name: &str, rule: R, rows: &Value) {
    let golden = golden();
    let mut x = point(&golden["x0_ros"]);
    let mut optimizer = rule.start(&x).expect("the configuration is valid");
    for (step, row) in rows.as_array().expect("rows").iter().enumerate() {
        let gradient = rosenbrock_gradient(&x);
        optimizer.step(&mut x, &gradient).expect("the gradient is finite");
        compare(name, step, &x, &point(row), 1e-14);
    }
}

fn all<R32: Rule<Scalar = f32>, R64: Rule<Scalar = f64> + Clone>(name: &str, single: R32, double: R64) {
    let golden = golden();
    let case = &golden["cases"][name];
    table(name, double.clone(), &case["table"], 1e-14);
    table(name, single, &case["table_f32"], 1e-6);
    let mut slow = double;
    slow.set_learning_rate(slow.learning_rate() * 0.01);
    rosenbrock(name, slow, &case["ros"]);
}

macro_rules! cases {
    ($($name:ident: $test:ident, |$t:ident| $rule:expr;)*) => {
        $(
            #[test]
            fn $test() {
                fn rule<$t: Real>() -> impl Rule<Scalar = $t> {
                    $rule
                }
                all(stringify!($name), rule::<f32>(), rule::<f64>());
            }
        )*

        #[test]
        fn every_case_of_the_file_is_compared() {
            let golden = golden();
            let cases: Vec<_> = golden["cases"].as_object().expect("cases").keys().cloned().collect();
            let mut compared = vec![$(stringify!($name)),*];
            compared.sort_unstable();
            assert_eq!(cases, compared);
        }
    };
}

fn n<T: Real>(x: f64) -> T {
    T::from_f64(x)
}

cases! {
    sgd: sgd_follows_its_trace, |T| Sgd::new(n::<T>(0.1));
    sgd_wd: sgd_with_weight_decay_follows_its_trace, |T| Sgd { weight_decay: Decay::L2(n(0.01)), ..Sgd::new(n::<T>(0.1)) };
    mom: momentum_follows_its_trace, |T| Momentum::new(n::<T>(0.05));
    nesterov: momentum_that_looks_ahead_follows_its_trace, |T| Momentum { nesterov: true, ..Momentum::new(n::<T>(0.05)) };
    adagrad: adagrad_follows_its_trace, |T| AdaGrad::new(n::<T>(0.1));
    rmsprop: rmsprop_follows_its_trace, |T| RmsProp::new(n::<T>(0.01));
    rmsprop_full: centered_rmsprop_with_momentum_and_decay_follows_its_trace, |T| RmsProp {
        alpha: n(0.95), centered: true, momentum: n(0.8), weight_decay: Decay::L2(n(0.01)), ..RmsProp::new(n::<T>(0.01))
    };
    adam: adam_follows_its_trace, |T| Adam::new(n::<T>(0.05));
    adam_l2: adam_with_weight_decay_follows_its_trace, |T| Adam { weight_decay: Decay::L2(n(0.1)), ..Adam::new(n::<T>(0.05)) };
    adamw: adam_with_decoupled_decay_follows_its_trace, |T| Adam { weight_decay: Decay::Decoupled(n(0.1)), ..Adam::new(n::<T>(0.05)) };
}
