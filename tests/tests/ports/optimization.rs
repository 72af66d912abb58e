//! Test functions of optimization: values, gradients and Hessians against those that `argmin_testfunctions` has by hand.

use std::f64::consts::{E, PI, TAU};

use argmin_testfunctions as by_hand;
use differentiable::prelude::*;

/// Numbers of either sign below one.
fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / 2f64.powi(52) - 1.0
}

fn close(what: &str, x: &[f64], got: f64, want: f64, scale: f64) {
    assert!((got - want).abs() <= 1e-10 * scale.max(1.0), "{what} at {x:?}: {got} is not {want}");
}

/// Compares a function with the one written by hand at random points of a box around a centre.
macro_rules! functions {
    ($($name:ident of $n:literal, within $range:literal of $centre:expr, against $value:ident $derivative:ident $hessian:ident:
        $x:ident => $body:block)*) => {$(
        #[test]
        fn $name() {
            #[differentiable(second_order)]
            fn $name($x: &[f64; $n]) -> f64 $body

            let mut state = 1;
            for _ in 0..50 {
                let centre: [f64; $n] = $centre;
                let x: [f64; $n] = std::array::from_fn(|i| centre[i] + $range * random(&mut state));
                let (value, gradient) = $name::value_and_grad(&x);
                let hessian = $name::hessian(&x);
                let (want_gradient, want_hessian) = (by_hand::$derivative(&x), by_hand::$hessian(&x));
                close("the value", &x, value, by_hand::$value(&x), value.abs());
                let scale = |row: &[f64]| row.iter().fold(value.abs(), |largest, x| largest.max(x.abs()));
                for i in 0..$n {
                    close("the gradient", &x, gradient[i], want_gradient[i], scale(&gradient));
                    for j in 0..$n {
                        close("the Hessian", &x, hessian[i][j], want_hessian[i][j], scale(hessian.as_flattened()));
                        close("the other half of the Hessian", &x, hessian[i][j], hessian[j][i], scale(hessian.as_flattened()));
                    }
                }
            }
        }
    )*};
}

functions! {
    ackley of 4, within 5.0 of [0.1; 4], against ackley ackley_derivative ackley_hessian: x => {
        let n = x.len() as f64;
        let square = x.iter().map(|x| x * x).sum::<f64>() / n;
        let wave = x.iter().map(|x| (TAU * x).cos()).sum::<f64>() / n;
        -20.0 * (-0.2 * square.sqrt()).exp() - wave.exp() + 20.0 + E
    }
    beale of 2, within 4.5 of [0.0; 2], against beale beale_derivative beale_hessian: x => {
        let [x, y] = *x;
        let mut total = 0.0;
        for (power, target) in [1.5, 2.25, 2.625].into_iter().enumerate() {
            total += (target - x + x * y.powi(power as i32 + 1)).powi(2);
        }
        total
    }
    booth of 2, within 10.0 of [0.0; 2], against booth booth_derivative booth_hessian: x => {
        (x[0] + 2.0 * x[1] - 7.0).powi(2) + (2.0 * x[0] + x[1] - 5.0).powi(2)
    }
    bukin of 2, within 3.0 of [-11.0, 0.0], against bukin_n6 bukin_n6_derivative bukin_n6_hessian: x => {
        100.0 * (x[1] - 0.01 * x[0].powi(2)).abs().sqrt() + 0.01 * (x[0] + 10.0).abs()
    }
    cross_in_tray of 2, within 9.0 of [0.0; 2], against cross_in_tray cross_in_tray_derivative cross_in_tray_hessian: x => {
        let bump = (100.0 - x[0].hypot(x[1]) / PI).abs().exp();
        -0.0001 * ((x[0].sin() * x[1].sin() * bump).abs() + 1.0).powf(0.1)
    }
    easom of 2, within 3.0 of [PI; 2], against easom easom_derivative easom_hessian: x => {
        let distance: f64 = x.iter().map(|x| (x - PI) * (x - PI)).sum();
        -x.iter().map(|x| x.cos()).product::<f64>() * (-distance).exp()
    }
    eggholder of 2, within 512.0 of [0.0; 2], against eggholder eggholder_derivative eggholder_hessian: x => {
        let y = x[1] + 47.0;
        -y * (y + x[0] / 2.0).abs().sqrt().sin() - x[0] * (x[0] - y).abs().sqrt().sin()
    }
    goldstein_price of 2, within 2.0 of [0.0; 2], against goldsteinprice goldsteinprice_derivative goldsteinprice_hessian: x => {
        goldstein_price_of(x[0], x[1])
    }
    himmelblau of 2, within 5.0 of [0.0; 2], against himmelblau himmelblau_derivative himmelblau_hessian: x => {
        let &[x, y] = x;
        (x * x + y - 11.0).powi(2) + (x + y * y - 7.0).powi(2)
    }
    holder_table of 2, within 10.0 of [0.0; 2], against holder_table holder_table_derivative holder_table_hessian: x => {
        let distance = (x[0] * x[0] + x[1] * x[1]).sqrt();
        -(x[0].sin() * x[1].cos() * (1.0 - distance / PI).abs().exp()).abs()
    }
    levy of 4, within 10.0 of [0.0; 4], against levy levy_derivative levy_hessian: x => {
        let w = x.map(|x| 1.0 + (x - 1.0) / 4.0);
        let mut total = (PI * w[0]).sin().powi(2);
        // the first coordinate belongs here too, but the function written by hand leaves it out
        for w in &w[1..3] {
            total += (w - 1.0).powi(2) * (1.0 + 10.0 * (PI * w + 1.0).sin().powi(2));
        }
        total + (w[3] - 1.0).powi(2) * (1.0 + (TAU * w[3]).sin().powi(2))
    }
    levy_13 of 2, within 10.0 of [0.0; 2], against levy_n13 levy_n13_derivative levy_n13_hessian: x => {
        let square_of_sine = |angle: f64| angle.sin().powi(2);
        let (x, y) = (x[0], x[1]);
        square_of_sine(3.0 * PI * x)
            + (x - 1.0).powi(2) * (1.0 + square_of_sine(3.0 * PI * y))
            + (y - 1.0).powi(2) * (1.0 + square_of_sine(TAU * y))
    }
    matyas of 2, within 10.0 of [0.0; 2], against matyas matyas_derivative matyas_hessian: x => {
        0.26 * (x[0].powi(2) + x[1].powi(2)) - 0.48 * x[0] * x[1]
    }
    mccormick of 2, within 3.0 of [1.0, 0.5], against mccormick mccormick_derivative mccormick_hessian: x => {
        (x[0] + x[1]).sin() + (x[0] - x[1]).powi(2) - 1.5 * x[0] + 2.5 * x[1] + 1.0
    }
    picheny of 2, within 0.5 of [0.5; 2], against picheny picheny_derivative picheny_hessian: x => {
        let [x, y] = x.map(|x| 4.0 * x - 2.0);
        (goldstein_price_of(x, y).log10() - 8.693) / 2.427
    }
    rastrigin of 4, within 5.12 of [0.0; 4], against rastrigin rastrigin_derivative rastrigin_hessian: x => {
        10.0 * x.len() as f64 + x.iter().map(|x| x * x - 10.0 * (TAU * x).cos()).sum::<f64>()
    }
    rosenbrock of 4, within 2.0 of [0.0; 4], against rosenbrock rosenbrock_derivative rosenbrock_hessian: x => {
        x.windows(2).map(|x| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0].powi(2)).powi(2)).sum()
    }
    schaffer_2 of 2, within 5.0 of [0.0; 2], against schaffer_n2 schaffer_n2_derivative schaffer_n2_hessian: x => {
        let (a, b) = (x[0] * x[0], x[1] * x[1]);
        0.5 + ((a - b).sin().powi(2) - 0.5) / (1.0 + 0.001 * (a + b)).powi(2)
    }
    schaffer_4 of 2, within 5.0 of [0.0; 2], against schaffer_n4 schaffer_n4_derivative schaffer_n4_hessian: x => {
        let (a, b) = (x[0] * x[0], x[1] * x[1]);
        0.5 + ((a - b).abs().sin().cos().powi(2) - 0.5) / (1.0 + 0.001 * (a + b)).powi(2)
    }
    sphere of 4, within 5.0 of [0.0; 4], against sphere sphere_derivative sphere_hessian: x => {
        x.iter().map(|x| x.powi(2)).sum()
    }
    styblinski_tang of 4, within 5.0 of [0.0; 4], against styblinski_tang styblinski_tang_derivative styblinski_tang_hessian: x => {
        0.5 * x.iter().map(|x| x.powi(4) - 16.0 * x.powi(2) + 5.0 * x).sum::<f64>()
    }
    three_hump_camel of 2, within 5.0 of [0.0; 2], against threehumpcamel threehumpcamel_derivative threehumpcamel_hessian: x => {
        let &[x, y] = x;
        2.0 * x.powi(2) - 1.05 * x.powi(4) + x.powi(6) / 6.0 + x * y + y * y
    }
}

#[differentiable(second_order)]
fn goldstein_price_of(x: f64, y: f64) -> f64 {
    let near = 19.0 - 14.0 * (x + y) + 3.0 * (x * x + y * y) + 6.0 * x * y;
    let far = 18.0 - 32.0 * x + 12.0 * x * x + 48.0 * y - 36.0 * x * y + 27.0 * y * y;
    (1.0 + (x + y + 1.0).powi(2) * near) * (30.0 + (2.0 * x - 3.0 * y).powi(2) * far)
}
