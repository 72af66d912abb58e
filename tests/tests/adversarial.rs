//! Programs that a differentiator is easily wrong about, against finite differences in both modes.

#![allow(
    clippy::assign_op_pattern,
    clippy::let_and_return,
    clippy::redundant_closure,
    clippy::reversed_empty_ranges,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::Derivative;

macro_rules! agrees {
    ($function:ident, $n:literal $(, $point:expr)+) => {{
        let as_array = |x: &[f64]| -> [f64; $n] { x.try_into().expect("the point has the right length") };
        let derivative = Derivative {
            value: &|x| $function(&as_array(x)),
            value_and_grad: &|x| {
                let (value, gradient) = $function::value_and_grad(&as_array(x));
                (value, gradient.to_vec())
            },
            jvp: &|x, dot| $function::jvp(&as_array(x), &as_array(dot)),
        };
        $(derivative.agree_at(&$point);)+
    }};
}

#[test]
fn stores_inside_of_blocks_and_values() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        let n = {
            s = s * s;
            2
        };
        let k = if x[1] > 0.0 {
            s += x[1];
            1
        } else {
            s *= 3.0;
            0
        };
        let y = {
            let t = s * x[k];
            s = t;
            t * t
        };
        y + s * n as f64
    }
    agrees!(f, 2, [0.7, 1.2], [0.7, -1.2]);
}

#[test]
fn values_read_nonlinearly_then_overwritten() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut a = *x;
        let first = a[0];
        let square = a[0] * a[0];
        a[0] = a[1] * first;
        let again = a[0].sin();
        a[1] = again;
        a[0] = 1.0;
        let b = a;
        a[2] *= b[1];
        a[1] = a[2];
        square + again * a[0] + b[1] * a[1] + a[2] * a[2]
    }
    agrees!(f, 3, [0.7, 1.2, -0.4]);
}

#[test]
fn swaps_through_temporaries_and_aliases_by_index() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut a = *x;
        let order = [2usize, 0, 3, 1];
        for i in 0..4 {
            let j = order[i];
            let t = a[i];
            a[i] = a[j] * t;
            a[j] = t + a[i];
        }
        let mut k = 0;
        let mut total = 0.0;
        for i in 0..4 {
            total += a[k] * a[i];
            k = (k + order[i]) % 4;
        }
        total
    }
    agrees!(f, 4, [0.7, 1.2, -0.4, 0.9]);
}

#[test]
fn references_keep_the_index_they_were_made_with() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut i = 0;
        let r = &x[i];
        i += 2;
        let mut a = *x;
        let m = &mut a[i];
        i -= 1;
        *m *= *r;
        *m += x[i];
        a[2] * *r + a[i]
    }
    agrees!(f, 3, [0.7, 1.2, -0.4]);
}

#[test]
fn names_shadowed_in_every_scope() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let y = x[0];
        let y = {
            let y = y * x[1];
            let x = y.sin();
            x + y
        };
        let mut total = y;
        for y in 0..3 {
            let y = y as f64 * total;
            {
                let total = y;
                let y = total * 2.0;
                let _ = y;
            }
            total += y * y;
        }
        let add = |y: f64| {
            let total = y * y;
            total + x[0]
        };
        assert!(total.is_finite(), "{total} {y}");
        add(total) + add(y) * y
    }
    agrees!(f, 2, [0.3, 0.4]);
}

#[test]
fn loops_that_run_never_once_and_backwards() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut s = x[0];
        for _ in 0..0 {
            s = s.exp();
        }
        for i in (1..2).rev() {
            s = s * x[i];
        }
        for i in (0..=2).rev() {
            s = (s * x[i]).sin();
            for j in i..3 {
                s += x[j] * s;
            }
        }
        for v in x.iter().rev().skip(1) {
            s *= v;
        }
        s
    }
    agrees!(f, 3, [0.7, 1.2, -0.4]);
}

#[test]
fn branches_in_loops_with_memory() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut best = x[0];
        let mut where_best = 0;
        let mut history = [0.0; 4];
        for i in 1..4 {
            if x[i] > best {
                best = x[i] * x[i];
                where_best = i;
            } else {
                history[i] = best * x[i];
            }
            match i % 3 {
                0 => history[0] += best,
                1 => best *= 1.5,
                _ => {
                    let t = history[i - 1] + best;
                    history[i] = t * t;
                }
            }
        }
        best * x[where_best] + history.iter().map(|h| h * h).sum::<f64>()
    }
    agrees!(f, 4, [0.7, 1.2, -0.4, 0.9], [0.9, 0.2, 1.4, 0.3]);
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Inner {
    a: [f64; 2],
    b: f64,
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Outer {
    parts: [Inner; 2],
    scale: f64,
}

#[test]
fn arrays_of_structs_copied_and_changed() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let inner = Inner { a: [x[0], x[1] * x[2]], b: x[3] };
        let mut outer = Outer { parts: [inner; 2], scale: inner.b * 2.0 };
        let saved = outer.parts[1];
        outer.parts[1].a[0] *= outer.scale;
        outer.parts[0] = Inner { b: saved.a[0].exp(), ..outer.parts[1] };
        let copy = outer;
        outer.scale = copy.parts[0].b * copy.scale;
        for part in outer.parts.iter_mut() {
            part.b += part.a[1];
            part.a[0] *= part.b;
        }
        outer.parts[0].a[0] * outer.scale + outer.parts[1].a[0] * saved.b + copy.parts[1].a[1]
    }
    agrees!(f, 4, [0.7, 1.2, -0.4, 0.9]);
}

#[differentiable]
fn product(a: &[f64; 2], b: &[f64; 2]) -> f64 {
    a[0] * b[1] + a[1] * b[0] * a[0]
}

#[differentiable]
fn rotate(v: &mut [f64; 2], by: f64) -> f64 {
    let t = v[0];
    v[0] = v[1] * by;
    v[1] = t * t;
    t + by
}

#[differentiable(wrt(x))]
fn partly(x: f64, n: usize, scale: &[f64], y: f64) -> f64 {
    x.powi(n as i32) * scale[n] + y
}

#[test]
fn calls_with_shared_roots_and_changed_arguments() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut a = [x[0], x[1]];
        let same = product(&a, &a);
        let mut total = 0.0;
        for i in 0..3 {
            let before = product(&a, &[x[2], same]);
            let r = rotate(&mut a, x[3]);
            a[0] += before * r;
            total += product(&a, &a) * r + partly(a[0], i, &[1.0, 2.0, 3.0], 4.0);
            rotate(&mut a, 0.5);
        }
        if total > 0.0 {
            total *= partly(total, 1, &[0.5, 0.25], 0.0);
        }
        total + same
    }
    agrees!(f, 4, [0.3, 0.5, -0.4, 0.6], [0.3, -0.5, 0.4, 0.6]);
}

#[test]
fn what_is_inactive_in_one_place_and_active_in_another() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut c = 2.0;
        let a = x[0] * c;
        c = x[1];
        let b = x[0] * c;
        c = 3.0;
        a * b + c * x[1]
    }
    agrees!(f, 2, [0.7, 1.2]);
}

#[test]
fn values_that_nothing_depends_on() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let unused = x[0].exp();
        let mut dead = unused * 2.0;
        dead += x[1];
        let mut also_dead = [dead; 3];
        for i in 0..3 {
            also_dead[i] *= dead;
        }
        x[0] * x[1]
    }
    agrees!(f, 2, [0.7, 1.2]);
}

#[test]
#[allow(deprecated, reason = "that is how the macro warns")]
fn a_result_that_depends_on_no_parameter_has_the_derivative_zero() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let n = x.len();
        n as f64
    }
    assert_eq!(f::value_and_grad(&[1.0, 2.0]), (2.0, [0.0, 0.0]));
    assert_eq!(f::jvp(&[1.0, 2.0], &[1.0, 1.0]), (2.0, 0.0));
}

#[test]
fn repeated_elements_collect_all_their_adjoints() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let v = x[0] * x[1];
        let a = [v; 3];
        let b = [[v, x[0]]; 2];
        a[0] * a[1] + a[2] + b[0][0] * b[1][1] + b[1][0]
    }
    agrees!(f, 2, [0.7, 1.2]);
}

#[test]
fn nested_closures_and_closures_in_loops() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut total = 0.0;
        let scale = |t: f64| t * x[1];
        let both = |a: f64, b: f64| scale(a) * scale(b) + a;
        for i in 0..3 {
            let shift = |t: f64| t + i as f64 * total;
            total += both(shift(x[0]), scale(x[0]));
        }
        let sums: f64 = x.iter().map(|v| both(*v, 1.0)).map(|v| scale(v)).sum();
        total * sums
    }
    agrees!(f, 2, [0.7, 1.2]);
}

#[test]
fn chains_of_calls_run_each_primal_once() {
    use std::cell::Cell;
    thread_local!(static RUNS: Cell<usize> = const { Cell::new(0) });
    fn tick() {
        RUNS.set(RUNS.get() + 1);
    }
    #[differentiable]
    fn link(x: f64) -> f64 {
        tick();
        x.sin() + x
    }
    #[differentiable]
    fn chain(x: f64, n: usize) -> f64 {
        let mut s = link(link(x));
        for _ in 0..n {
            s = link(s) * s;
        }
        s
    }
    let _ = chain::grad(0.3, 5);
    assert_eq!(RUNS.replace(0), 7);
    let mut d = 0.0;
    chain::vjp(0.3, 5, 1.0, &mut d);
    assert_eq!(RUNS.replace(0), 7);
    let _ = chain::jvp(0.3, 5, 1.0);
    assert_eq!(RUNS.replace(0), 7);
}

mod library {
    use differentiable::prelude::*;

    #[differentiable]
    pub fn square(x: f64) -> f64 {
        x * x
    }
}
mod user {
    use super::library::*;
    use differentiable::prelude::*;

    fn square(x: f64) -> f64 {
        3.0 * x
    }

    #[differentiable]
    pub fn f(x: f64) -> f64 {
        square(x)
    }
}

#[test]
fn a_glob_import_that_is_shadowed_is_found_out() {
    let message = std::panic::catch_unwind(|| user::f::grad(1.0)).expect_err("the names part");
    assert!(message.downcast_ref::<&str>().expect("a text").contains("the function in scope is not the one"));
}

mod own_stop_gradient {
    use differentiable::differentiable;

    fn stop_gradient<T: Copy>(x: T) -> T {
        x
    }

    #[differentiable]
    pub fn f(x: f64) -> f64 {
        x * stop_gradient(x)
    }
}

#[test]
fn a_stop_gradient_that_is_another_function_is_found_out() {
    let message = std::panic::catch_unwind(|| own_stop_gradient::f::grad(1.0)).expect_err("the names part");
    assert!(message.downcast_ref::<&str>().expect("a text").contains("not that of `differentiable`"));
}

macro_rules! with_names {
    ($name:ident, $input:ident, $body:expr) => {
        #[differentiable]
        fn $name($input: f64) -> f64 {
            let scale = 3.0;
            scale * $body
        }
    };
}

with_names!(from_a_macro, x, x * x);

#[test]
fn functions_that_a_macro_writes() {
    assert_eq!(from_a_macro::grad(2.0), 12.0);
}

#[test]
fn ranges_of_floats_are_no_ranges_of_integers() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let low = x[0] * x[0];
        let high = low + 1.0;
        if (low..high).contains(&x[1]) { low * high } else { low + high * x[1] }
    }
    agrees!(f, 2, [0.5, 0.7], [0.5, 3.0]);
}

mod two {
    pub const K: f64 = 2.0;
    pub mod inner {
        pub const WEIGHT: usize = 3;
    }
}

#[test]
fn items_of_inner_blocks_mean_there_what_they_mean() {
    const K: f64 = 3.0;
    fn weight(n: usize) -> f64 {
        n as f64
    }
    #[differentiable]
    fn cube(x: f64) -> f64 {
        x * x * x
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        const N: usize = 2;
        let mut s = K * x[0] * weight(2);
        for i in 0..N {
            const N: usize = 3;
            for j in 0..N {
                s = (s * x[i] + x[j % 2] * N as f64).sin();
            }
        }
        if x[1] > 0.0 {
            const K: f64 = 5.0;
            s *= K * x[0];
        } else {
            use two::{K, inner::WEIGHT as N};
            s *= K * x[1] * N as f64;
        }
        let t = {
            fn weight(n: usize) -> f64 {
                10.0 * n as f64
            }
            #[differentiable]
            fn cube(x: f64) -> f64 {
                x * x
            }
            struct Two(usize);
            let Two(n) = Two(2);
            weight(n) * cube(x[1])
        };
        let by = |t: f64| {
            const K: f64 = 7.0;
            t * K
        };
        s * t * by(x[0]) * K * weight(N) * cube(x[0])
    }
    agrees!(f, 2, [0.5, 0.7], [0.9, -0.7]);
}

#[test]
#[allow(non_snake_case, reason = "mathematics is written so")]
fn variables_may_begin_with_a_capital() {
    #[differentiable]
    fn of(A: f64, B: &[f64; 2]) -> f64 {
        let A = A * A;
        let [P, Q] = *B;
        A * P + Q
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let A = x[0] * x[1];
        let a = A + 1.0;
        let A = A * A;
        let by = |B: f64| {
            let A = B * 2.0;
            A + B * a
        };
        let (mut S, N) = (by(A), 3);
        for I in 0..N {
            let X = x[I % 2] * I as f64;
            S += X * X * of(A, x);
        }
        for (K, V) in x.iter().enumerate() {
            S += V * V * K as f64;
        }
        S * A
    }
    agrees!(f, 2, [0.5, 0.7], [0.9, -0.7]);
}

#[test]
fn variables_may_have_raw_names() {
    #[derive(Clone, Differentiable)]
    struct Named {
        r#type: f64,
    }
    #[differentiable]
    fn of(r#type: f64, r#x: f64) -> f64 {
        r#type * x
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let r#match = x[0] * x[1];
        let r#type = r#match * of(r#match, x[1]);
        let r#y = r#type * r#type;
        let named = Named { r#type };
        let y = y * named.r#type + r#match;
        r#y * y
    }
    agrees!(f, 2, [0.5, 0.7], [0.9, -0.7]);
}

macro_rules! half {
    ($n:expr) => {
        $n / 2
    };
}

#[test]
fn macros_of_a_body_may_bind_what_they_name() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        macro_rules! square {
            ($n:expr) => {{
                let t = $n + 1;
                t * t
            }};
        }
        let mut t = x[0] * x[1];
        for i in 0..3 {
            macro_rules! other {
                ($n:expr) => {
                    ($n + 1) % 2
                };
            }
            t = (t * x[other!(i)] + square!(i) as f64).sin();
        }
        let n = 3;
        let n = n + 3;
        t * half!(n) as f64
    }
    agrees!(f, 2, [0.5, 0.7], [0.9, -0.7]);
}

#[test]
fn loops_over_constants_keep_their_records_in_place() {
    const STEPS: i32 = 3;
    const MANY: usize = 5000;
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        for i in 0..STEPS {
            s = (s * x[1]).sin() + 0.1 * i as f64;
        }
        for _ in 0..MANY {
            s = s.cos();
        }
        generic::<4>(s) * s
    }
    agrees!(f, 2, [0.5, 0.7]);
}

#[differentiable]
fn generic<const N: usize>(x: f64) -> f64 {
    let mut s = x;
    for _ in 0..N {
        s = s.sin();
    }
    s
}

#[test]
fn raw_names_are_those_that_they_stand_for() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let r#type = x[0] * x[1];
        let r#a = f64::r#max(r#type, 0.1).r#exp();
        let o = if x[1] > 9.0 { r#None } else { r#Some(a * r#a) };
        o.r#unwrap_or(a) + x.r#iter().r#sum::<f64>()
    }
    agrees!(f, 2, [0.7, 1.2], [0.3, -0.2]);
}

#[test]
fn own_traits_have_methods_of_any_name_for_what_is_not_differentiated() {
    trait Statistics {
        fn sum(&self) -> f64;
        fn last(&self) -> f64;
    }
    impl Statistics for [f64; 3] {
        fn sum(&self) -> f64 {
            self[0] + 10.0 * self[2]
        }
        fn last(&self) -> f64 {
            self[0]
        }
    }
    #[differentiable(wrt(x))]
    fn weighted(x: &[f64; 2], w: &[f64; 3]) -> f64 {
        let scale = w.sum() * w.last();
        x.iter().map(|x| scale * x * x).sum()
    }
    let w = [0.5, 2.0, 0.25];
    assert_eq!(weighted::value_and_grad(&[1.0, 2.0], &w), (7.5, [3.0, 6.0]));
    assert_eq!(weighted::jvp(&[1.0, 2.0], &w, &[1.0, 0.0]), (7.5, 3.0));
}

macro_rules! with_expressions {
    ($name:ident, $k:expr, $n:expr, $t:ty, $l:literal, $b:block) => {
        #[differentiable(wrt(x))]
        fn $name(x: f64, xs: &[$t; $n]) -> f64 {
            let n = 2.0 * $k;
            assert!(2.0 * $k > $l);
            let i = $n * 2;
            let v = vec![2.0 * $k, x * $k, -$k * x];
            if 2.0 * $k > 5.5 {
                x * $k - $k.sin() * x + n * x + v[1] * v[2] + i as f64 * x + <$t>::from(2.0f32) * $k + xs[0] * $l * x + $b * x
            } else {
                x
            }
        }
    };
}

macro_rules! with_partials {
    ($name:ident, $k:expr) => {
        #[differentiable(partials(x = 2.0 * $k))]
        fn $name(x: f64) -> f64 {
            x * 2.0 * $k
        }
    };
}

#[test]
fn an_expression_that_a_macro_passes_in_stays_together() {
    with_expressions!(f, 2.0 + 1.0, 1 + 1, f64, -0.5, { 1.0 + 2.0 });
    fn by_hand(x: f64, xs: &[f64; 2]) -> f64 {
        let k = 2.0f64 + 1.0;
        x * k - k.sin() * x + 2.0 * k * x + (x * k) * (-k * x) + 4.0 * x + 2.0 * k + xs[0] * -0.5 * x + 3.0 * x
    }
    let xs = [1.5, 2.0];
    assert_eq!(f(2.0, &xs), by_hand(2.0, &xs));
    let (value, slope) = f::value_and_grad(2.0, &xs);
    assert_eq!(value, f(2.0, &xs));
    let difference = (by_hand(2.0 + 1e-6, &xs) - by_hand(2.0 - 1e-6, &xs)) / 2e-6;
    assert!((slope - difference).abs() < 1e-7, "{slope} is not {difference}");
    with_partials!(g, 2.0 + 1.0);
    assert_eq!((g(2.0), g::grad(2.0)), (12.0, 6.0));
}
