use crate::shadows::{Params, both, fit, iterate};
use crate::shapes::*;

#[test]
fn derivatives_of_every_shape_are_right() {
    let layer = Layer { w: [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], b: [1.0, 2.0, 3.0], age: 3 };
    let gradient = layer.energy_grad();
    assert_eq!(gradient.w, [[2.0, 4.0], [6.0, 8.0], [10.0, 12.0]]);
    assert_eq!(gradient.b, [3.0, 12.0, 27.0]);
    assert_eq!(Pair { a: 2.0, b: [3.0, 5.0] }.product_grad(), Pair { a: 15.0, b: [10.0, 6.0] });
    assert_eq!(sine::grad(0.0), 1.0);
    assert_eq!(weighted::grad(1.0, &vec![0.5, 2.0]), 3.5);
    assert_eq!(branches::grad(0.5, 1), 1.0);
    assert_eq!(slices::grad(&[3.0, 4.0], &[3.0, 0.0]), [0.0, 1.0]);
    let along: f64 = directions::grad(&[3.0, 4.0], 0).iter().zip([3.0, 4.0]).map(|(d, x)| d * x).sum();
    assert!(along.abs() < 1e-12, "directions do not depend on the length");
    assert_eq!(polar::jacobian(3.0, 4.0).0[0], 0.6);
    assert_eq!(rotate::jacobian(&[1.0, 0.0], 0.0).1, [0.0, 1.0]);
    assert_eq!(power::grad(2.0, 3), 12.0);
    assert_eq!(squares::grad(1.0, 1.0), (4.0, 3.0));
    assert_eq!(elu::grad(1.0), 1.0);
    assert_eq!(matched::grad(2.0, Some(3)), 12.0);
    assert_eq!(copied::grad(1.0, &[[0.0, 1.0], [1.0, 3.0]], &["a", "bc", "de"]).1, [[0.0; 2], [0.0, -1.0]]);
    let mut x = [1.0; 4];
    let (mut d_x, mut d_rate) = ([1.0; 4], 0.0);
    relax::vjp(&mut x, 0.5, &mut d_x, &mut d_rate);
    assert_eq!(d_rate, 0.0);
    let slope: f64 = loss::grad(&layer, &[1.0, 1.0], 2).b.iter().sum();
    assert!(slope.abs() < 1e-12);
    assert!(generic::grad(0.5, &[0.0; 3]).0 > 0.0);
}

#[test]
fn derivatives_are_right_where_names_mean_something_else() {
    assert_eq!(iterate::grad(0.25, 1), 0.5);
    assert_eq!(iterate::hessian(0.25, 1), 2.0);
    let (d_p, d_x) = fit::grad(&Params { slope: 2.0, offsets: [0.0; 2] }, &[0.25]);
    assert_eq!(d_p.offsets, [0.0, 1.0]);
    assert_eq!(d_x.len(), 1);
    assert_eq!(both::jacobian(0.5, 2.0).0[0], 2.0);
}
