//! What the compiler takes out of a function, seen between its stages; that values and derivatives stay is what all other tests show.

use differentiable::prelude::*;
use differentiable_compiler::{Stages, stages};
use quote::quote;

fn count(text: &str, of: &str) -> usize {
    text.matches(of).count()
}

#[test]
fn what_does_not_change_in_a_loop_is_computed_before_it() {
    let Stages { lowered, simplified, .. } = stages(
        quote!(),
        quote!(
            fn f(x: &[f64; 9], k: f64) -> f64 {
                let mut s = 0.0;
                for i in 0..9 {
                    let rate = k.exp();
                    s += x[i] * rate;
                }
                s
            }
        ),
    )
    .unwrap();
    let before = |text: &str| text.find("exp(k)").unwrap() < text.find("for i").unwrap();
    assert!(!before(&lowered), "{lowered}");
    assert!(before(&simplified), "{simplified}");
}

#[test]
fn equal_values_are_computed_once() {
    let Stages { simplified, pushed, .. } = stages(
        quote!(),
        quote!(
            fn f(x: f64, y: f64) -> f64 {
                let a = x.exp() * y;
                let b = x.exp() + a;
                x.sin() * b * x.cos()
            }
        ),
    )
    .unwrap();
    assert_eq!(count(&simplified, "exp(x)"), 1, "{simplified}");
    assert_eq!(count(&pushed, "exp(x)"), 1, "{pushed}");
    assert_eq!(count(&pushed, "sin(x)"), 1, "the tangent of the cosine uses the sine that has a name\n{pushed}");
}

#[test]
fn what_may_change_is_not_shared() {
    let Stages { simplified, .. } = stages(
        quote!(),
        quote!(
            fn f(x: f64) -> f64 {
                let mut y = x;
                let a = y.exp();
                y += 1.0;
                a + y.exp()
            }
        ),
    )
    .unwrap();
    assert_eq!(count(&simplified, "exp("), 2, "{simplified}");
}

#[test]
fn what_is_not_used_is_not_computed() {
    let Stages { lowered, simplified, .. } = stages(
        quote!(),
        quote!(
            fn f(x: f64) -> f64 {
                let unused = x.exp();
                let index = [1.0, 2.0][3 - 1 - 2] * x;
                x * x
            }
        ),
    )
    .unwrap();
    assert_eq!(count(&lowered, "exp(x)"), 1, "{lowered}");
    assert_eq!(count(&simplified, "exp(x)"), 0, "{simplified}");
    assert!(simplified.contains("[1.0 , 2.0]"), "an index may fail: it is evaluated\n{simplified}");
}

#[test]
fn small_powers_have_products_as_derivatives() {
    let Stages { pushed, .. } = stages(
        quote!(),
        quote!(
            fn f(x: f64) -> f64 {
                x.powi(3) + x.powi(7)
            }
        ),
    )
    .unwrap();
    assert_eq!(count(&pushed, "d_powi"), 1, "{pushed}");
    #[differentiable]
    fn f(x: f64) -> f64 {
        x.powi(2) + x.powi(3) + x.powi(4)
    }
    for x in [-1.5, 0.0, 0.3, 1e200] {
        let exact = 2.0 * x + 3.0 * x * x + 4.0 * x * x * x;
        let gradient = f::grad(x);
        assert!(gradient == exact || (gradient - exact).abs() <= 1e-15 * exact.abs(), "{gradient} is not {exact}");
    }
}

#[test]
fn a_logarithm_of_what_cannot_be_negative_asks_for_no_domain() {
    let derivative = |body: proc_macro2::TokenStream| {
        let Stages { backward, .. } = stages(quote!(), quote!(fn f(x: f64, y: f64) -> f64 { #body })).unwrap();
        backward
    };
    for positive in [
        quote!((1.0 + x.exp()).ln() * y),
        quote!((x.exp() * y.exp() + x.abs()).ln()),
        quote!((0.5_f64 + x.sigmoid() + y.cosh()).ln()),
    ] {
        let derivative = derivative(positive);
        assert_eq!(count(&derivative, "d_inverse"), 0, "{derivative}");
    }
    for other in [
        quote!((x.exp() - y.exp()).ln()),
        quote!((-1.0 + x.exp()).ln() * y),
        quote!((x.exp() + y).ln()),
        quote!(x.exp().sqrt().ln() * y),
    ] {
        let derivative = derivative(other);
        assert_eq!(count(&derivative, "d_inverse"), 1, "{derivative}");
    }
}

#[test]
fn a_root_of_what_is_above_zero_asks_for_no_zero() {
    let derivative = |body: proc_macro2::TokenStream| {
        let Stages { backward, .. } = stages(quote!(), quote!(fn f(x: f64, y: f64, z: &[f64]) -> f64 { #body })).unwrap();
        backward
    };
    for above in [
        quote!((x * x + y * y + 1.0).sqrt() * y),
        quote!((x.powi(2) + 1e-9).sqrt() * x),
        quote!((1.0 + z[0] * z[0]).sqrt() * x),
        quote!((x.exp() + y.cosh()).sqrt() * x),
        quote!((1.0 + x * x).sqrt().sqrt() * x),
    ] {
        let derivative = derivative(above);
        assert_eq!(count(&derivative, "d_sqrt") + count(&derivative, "d_guarded"), 0, "{derivative}");
    }
    for other in [
        quote!((x * x + y * y).sqrt() * y),
        quote!((x * y + 1.0).sqrt() * x),
        quote!((x.powi(3) + 1.0).sqrt() * x),
        quote!(x.exp().sqrt() * y),
        quote!((z[0] * z[1] + 1.0).sqrt() * x),
        quote!((x * x + 1e-60).sqrt() * x), // is zero in `f32`
    ] {
        let derivative = derivative(other);
        assert_eq!(count(&derivative, "d_sqrt"), 1, "{derivative}");
        assert_eq!(count(&derivative, "d_guarded"), 1, "{derivative}");
    }
    #[differentiable]
    fn smooth(x: f32, y: f32) -> f32 {
        ((x * x + 1e-9).sqrt() * y).sqrt()
    }
    #[differentiable]
    fn zero(x: f32, y: f32) -> f32 {
        (x * x + 1e-60).sqrt() * y
    }
    assert!((smooth::grad(1.0, 1.0).0 - 0.5).abs() < 1e-6);
    assert_eq!(zero::grad(0.0, 0.0).0, 0.0, "nothing flows through the root");
}

#[test]
fn a_cotangent_is_multiplied_by_the_reciprocal_of_a_literal() {
    let Stages { backward, pushed, .. } = stages(
        quote!(),
        quote!(
            fn f(x: f64, y: f64) -> f64 {
                let thirds = x.sin() / 3.0;
                let fourths = y / 4.0;
                let tiny = y / 1e-300;
                let quotient = x / y;
                thirds * fourths * tiny * quotient
            }
        ),
    )
    .unwrap();
    assert_eq!(count(&backward, "(1.0 / 3.0)"), 1, "{backward}");
    assert_eq!(count(&pushed, "(1.0 / 3.0)"), 1, "{pushed}");
    assert_eq!(count(&backward, "div("), 4, "by a power of two, by what is tiny, and by a variable\n{backward}");
    let Stages { backward, .. } = stages(
        quote!(),
        quote!(
            fn f<T: Real>(x: T) -> T {
                x.sin() / 3.0
            }
        ),
    )
    .unwrap();
    assert_eq!(count(&backward, "div("), 1, "a type may have no reciprocals\n{backward}");
    #[differentiable]
    fn of_a_float(x: f64) -> f64 {
        x / 3.0 + x / -7.0
    }
    #[differentiable]
    fn of_a_short_one(x: f32, y: f32) -> f32 {
        x * y / 0.7
    }
    assert!((of_a_float::grad(0.3) - (1.0 / 3.0 - 1.0 / 7.0)).abs() < 1e-16);
    let exact = 1.3f32 / 0.7;
    assert!((of_a_short_one::grad(0.3, 1.3).0 - exact).abs() <= 2.0 * f32::EPSILON * exact);
}

#[test]
fn logarithms_have_their_derivatives_at_the_ends_of_the_range() {
    #[differentiable]
    fn f(x: f64) -> f64 {
        (1.0 + x.exp()).ln()
    }
    #[differentiable]
    fn of_an_exponential(x: f64) -> f64 {
        x.exp().ln()
    }
    assert_eq!([f::grad(-1e4), f::grad(-0.0), f::grad(700.0)], [0.0, 0.5, 1.0]);
    assert!(f::grad(f64::NAN).is_nan());
    assert!(of_an_exponential::grad(-1e4).is_nan(), "0 times infinity");
    assert_eq!(of_an_exponential::grad(3.0), 1.0);
}

#[test]
fn a_sum_that_is_written_twice_flows_back_once() {
    let Stages { simplified, backward, .. } = stages(
        quote!(),
        quote!(
            fn f(x: f64, y: f64) -> f64 {
                (x * x + y * y).exp() * (x * x + y * y + 1.0).ln()
            }
        ),
    )
    .unwrap();
    assert_eq!(count(&simplified, "mul(x, x)"), 1, "{simplified}");
    assert_eq!(count(&simplified, "add("), 2, "{simplified}");
    assert_eq!(count(&backward, "mul(2, "), 2, "each square adds to its operand once\n{backward}");
}

#[test]
fn what_is_read_before_and_after_a_change_is_two_values() {
    let Stages { simplified, .. } = stages(
        quote!(),
        quote!(
            fn f(x: f64) -> f64 {
                let mut y = x;
                let a = y * y;
                y += 1.0;
                let b = y * y;
                a * b
            }
        ),
    )
    .unwrap();
    assert_eq!(count(&simplified, "let a = "), 1, "{simplified}");
    assert_eq!(count(&simplified, "let b = mul("), 1, "{simplified}");
}

#[test]
fn what_has_no_guard_is_what_the_guard_lets_through() {
    #[differentiable]
    fn f(x: f64) -> f64 {
        (1.0 + x * x).ln() + (1.0 + x * x).sqrt()
    }
    for x in [-3.0, -0.0, 0.0, 1e-200, 0.7, 1e150] {
        let want = 2.0 * x / (1.0 + x * x) + x / (1.0 + x * x).sqrt();
        assert!((f::grad(x) - want).abs() <= 4e-16 * want.abs(), "{} is not {want}", f::grad(x));
    }
    assert_eq!(f::grad(1e200), 0.0, "the square has overflown, and what is computed from it has no slope");
    assert!(f::grad(f64::NAN).is_nan());
    assert!(f::grad(f64::INFINITY).is_nan());
}
