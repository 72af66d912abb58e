//! Pullbacks, Jacobians and Hessians.

use differentiable::prelude::*;

#[differentiable]
fn polar(x: &[f64; 2], scale: f64) -> [f64; 3] {
    let r = x[0].hypot(x[1]);
    [scale * r, x[1].atan2(x[0]), scale * scale]
}

#[test]
fn a_jacobian_has_a_row_for_each_result() {
    let (x, scale) = ([3.0, 4.0], 2.0);
    let (dx, d_scale) = polar::jacobian(&x, scale);
    let _: ([[f64; 2]; 3], [f64; 3]) = (dx, d_scale);
    for column in 0..2 {
        let mut dot = [0.0; 2];
        dot[column] = 1.0;
        let (_, tangent) = polar::jvp(&x, scale, &dot, 0.0);
        for row in 0..3 {
            assert!((dx[row][column] - tangent[row]).abs() < 1e-15);
        }
    }
    assert_eq!(d_scale, [5.0, 0.0, 4.0]);
    assert_eq!(dx[0], [2.0 * 3.0 / 5.0, 2.0 * 4.0 / 5.0]);
}

#[differentiable]
fn nested(a: [[f64; 2]; 2], t: f64) -> [[f64; 2]; 2] {
    [[a[0][0] * a[1][1], a[0][1] * t], [t.exp(), a[1][0]]]
}

#[test]
fn nested_arrays_nest() {
    let (da, dt) = nested::jacobian([[1.0, 2.0], [3.0, 4.0]], 0.0);
    assert_eq!(da[0][0], [[4.0, 0.0], [0.0, 1.0]]);
    assert_eq!(da[1][1], [[0.0, 0.0], [1.0, 0.0]]);
    assert_eq!(dt, [[0.0, 2.0], [1.0, 0.0]]);
}

#[differentiable]
fn pair<T: Real>(x: T, y: T) -> (T, T) {
    (x * y, x + y.sin())
}

#[test]
fn a_tuple_of_scalars_has_as_many_rows() {
    assert_eq!(pair::jacobian(2.0, 0.0), ([0.0, 1.0], [2.0, 1.0]));
    assert_eq!(pair::jacobian(2.0f32, 0.0), ([0.0, 1.0], [2.0, 1.0]));
}

#[differentiable]
fn generic<const N: usize>(x: &[f64; N]) -> [f64; N] {
    let mut y = *x;
    for i in 1..N {
        y[i] = y[i - 1] * x[i];
    }
    y
}

#[test]
fn the_length_may_be_a_parameter() {
    let dx = generic::jacobian(&[2.0, 3.0, 5.0]);
    assert_eq!(dx, [[1.0, 0.0, 0.0], [3.0, 2.0, 0.0], [15.0, 10.0, 6.0]]);
}

#[differentiable]
fn energy(w: &[f64], b: f64, order: &[usize]) -> f64 {
    let mut s = b;
    for &i in order {
        s = s * w[i] + w[i].sin();
    }
    s
}

#[test]
fn a_pullback_is_the_second_half_of_vjp() {
    let (w, order) = (vec![0.3, 0.7, -0.2], [0, 2, 1, 1]);
    let (value, back) = energy::pullback(&w, 0.5, &order);
    let (mut dw, mut db) = (vec![0.0; 3], 0.0);
    back(2.0, &mut dw, &mut db);
    let (mut expected_dw, mut expected_db) = (vec![0.0; 3], 0.0);
    assert_eq!(value, energy::vjp(&w, 0.5, &order, 2.0, &mut expected_dw, &mut expected_db));
    assert_eq!((dw, db), (expected_dw, expected_db));
}

#[test]
fn a_pullback_of_an_array_takes_a_reference() {
    let (value, back) = polar::pullback(&[3.0, 4.0], 2.0);
    assert_eq!(value[0], 10.0);
    let (mut dx, mut d_scale) = ([0.0; 2], 0.0);
    back(&[1.0, 0.0, 1.0], &mut dx, &mut d_scale);
    assert_eq!((dx, d_scale), ([1.2, 1.6], 9.0));
}

#[differentiable(second_order)]
fn rosenbrock(x: &[f64; 3], a: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..2 {
        s += a * (x[i + 1] - x[i] * x[i]).powi(2) + (1.0 - x[i]).powi(2);
    }
    s
}

#[test]
fn a_hessian_has_a_block_for_each_two_parameters() {
    let (x, a) = ([0.4, -0.3, 1.2], 2.0);
    let ((xx, xa), (ax, aa)) = rosenbrock::hessian(&x, a);
    let h = 1e-5;
    for j in 0..3 {
        let (mut plus, mut minus) = (x, x);
        plus[j] += h;
        minus[j] -= h;
        let ((up, up_a), (down, down_a)) = (rosenbrock::grad(&plus, a), rosenbrock::grad(&minus, a));
        for i in 0..3 {
            assert!((xx[i][j] - (up[i] - down[i]) / (2.0 * h)).abs() < 1e-7);
            assert_eq!(xx[i][j], xx[j][i]);
        }
        assert!((ax[j] - (up_a - down_a) / (2.0 * h)).abs() < 1e-7);
        assert_eq!(ax[j], xa[j]);
    }
    assert_eq!(aa, 0.0);
}

struct Model {
    k: f64,
}

impl Model {
    #[differentiable(second_order)]
    fn potential(&self, q: [f64; 2]) -> f64 {
        self.k * q[0] * q[0] * q[1]
    }

    #[differentiable]
    fn force(&self, q: &[f64; 2]) -> [f64; 2] {
        [-self.k * q[0], -self.k * q[1] * q[1]]
    }
}

#[test]
fn methods_have_them_too() {
    let model = Model { k: 3.0 };
    assert_eq!(model.potential_hessian([2.0, 5.0]), [[30.0, 12.0], [12.0, 0.0]]);
    assert_eq!(model.force_jacobian(&[2.0, 5.0]), [[-3.0, 0.0], [0.0, -30.0]]);
    let (_, back) = model.force_pullback(&[2.0, 5.0]);
    let mut dq = [0.0; 2];
    back(&[1.0, 1.0], &mut dq);
    assert_eq!(dq, [-3.0, -30.0]);
}

#[test]
fn a_single_scalar_has_a_scalar_hessian() {
    #[differentiable(second_order)]
    fn cube<T: Real>(x: T) -> T {
        x * x * x
    }
    assert_eq!(cube::hessian(2.0), 12.0);
    assert_eq!(cube::hessian(2.0f32), 12.0);
}
