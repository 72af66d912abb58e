fn branches(x: f64, y: f64) -> f64 {
    let z = if x > y { x.exp() * y } else { x - y };
    if z > 0.0 { z * z } else { 0.0 }
}
/// The derivatives of [`branches()`] with respect to `x`, `y`.
enum branches {}
impl branches {
    #[doc(hidden)]
    const __IS_PURE: bool = true;
    /// The gradient of `branches` with respect to `x`, `y`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn grad(x: f64, y: f64) -> (f64, f64) {
        let mut d_x = -::differentiable::rt::zeros_like(&x);
        let mut d_y = -::differentiable::rt::zeros_like(&y);
        Self::__fused(
            branches,
            x,
            y,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_x),
            ::core::option::Option::Some(&mut d_y),
        );
        (d_x, d_y)
    }
    /// The value of `branches`, and its gradient with respect to `x`, `y`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn value_and_grad(x: f64, y: f64) -> (f64, (f64, f64)) {
        let mut d_x = -::differentiable::rt::zeros_like(&x);
        let mut d_y = -::differentiable::rt::zeros_like(&y);
        let value = Self::__fused(
            branches,
            x,
            y,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_x),
            ::core::option::Option::Some(&mut d_y),
        );
        (value, (d_x, d_y))
    }
    /// The value of `branches`; adds `seed` times its derivative to the adjoints of `x`, `y`.
    ///
    /// Reverse mode:
    ///
    /// * Kept of `if` and `match`: which way they went.
    #[inline]
    fn vjp(x: f64, y: f64, seed: f64, d_x: &mut f64, d_y: &mut f64) -> f64 {
        Self::__fused(
            branches,
            x,
            y,
            &seed,
            ::core::option::Option::Some(d_x),
            ::core::option::Option::Some(d_y),
        )
    }
    /// The value of `branches`, and its derivative along the tangents of `x`, `y`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[must_use]
    #[inline]
    fn jvp(x: f64, y: f64, x_dot: f64, y_dot: f64) -> (f64, f64) {
        Self::__tangent(
            branches,
            x,
            y,
            ::core::option::Option::Some(&x_dot),
            ::core::option::Option::Some(&y_dot),
        )
    }
    /// The value of `branches`, and a function that adds a cotangent times its derivative to the adjoints of `x`, `y`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Kept from the first half for the second: `z` (8 bytes).
    /// * Kept of `if` and `match`: which way they went.
    #[must_use]
    #[inline]
    fn pullback(
        x: f64,
        y: f64,
    ) -> (f64, impl ::core::ops::FnOnce(f64, &mut f64, &mut f64) + 'static) {
        let (value, back) = Self::__split(branches, x, y);
        (
            value,
            move |seed: f64, d_x: &mut f64, d_y: &mut f64| back(
                &x,
                &y,
                &seed,
                ::core::option::Option::Some(d_x),
                ::core::option::Option::Some(d_y),
            ),
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __fused(
        function: impl ::core::ops::Fn(f64, f64) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
        y: f64,
        seed: &f64,
        mut d_x: ::core::option::Option<&mut f64>,
        mut d_y: ::core::option::Option<&mut f64>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &branches);
        let z;
        let taken_2;
        if x > y {
            let exp_2 = x.exp();
            let product = exp_2 * y;
            z = product;
            taken_2 = ::differentiable::rt::Arm::Earlier((exp_2,));
        } else {
            let difference = x - y;
            z = difference;
            taken_2 = ::differentiable::rt::Arm::Later(());
        }
        let chosen;
        let chosen_bar = *seed;
        let mut z_bar = 0.0;
        if z > 0.0 {
            let product_2 = z * z;
            chosen = product_2;
            let product_2_bar = chosen_bar;
            z_bar += 2.0 * (product_2_bar * z);
        } else {
            chosen = 0.0;
        }
        let value: f64 = chosen;
        let mut x_bar = 0.0;
        let mut y_bar = 0.0;
        match taken_2 {
            ::differentiable::rt::Arm::Earlier((exp_2,)) => {
                let product_bar = z_bar;
                let exp_2_bar = product_bar * y;
                y_bar += product_bar * exp_2;
                x_bar += exp_2_bar * exp_2;
            }
            ::differentiable::rt::Arm::Later(()) => {
                let difference_bar = z_bar;
                x_bar += difference_bar;
                y_bar -= difference_bar;
            }
        }
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            *d_x += x_bar;
        }
        if let ::core::option::Option::Some(d_y) = d_y.as_deref_mut() {
            *d_y += y_bar;
        }
        value
    }
    #[doc(hidden)]
    #[inline]
    fn __split(
        function: impl ::core::ops::Fn(f64, f64) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
        y: f64,
    ) -> (
        f64,
        impl ::core::ops::Fn(
            &f64,
            &f64,
            &f64,
            ::core::option::Option<&mut f64>,
            ::core::option::Option<&mut f64>,
        ) + 'static,
    ) {
        ::differentiable::rt::same(&function, &branches);
        let z;
        let taken_2;
        if x > y {
            let exp_2 = x.exp();
            let product = exp_2 * y;
            z = product;
            taken_2 = ::differentiable::rt::Arm::Earlier((exp_2,));
        } else {
            let difference = x - y;
            z = difference;
            taken_2 = ::differentiable::rt::Arm::Later(());
        }
        let chosen;
        let taken = z > 0.0;
        if taken {
            let product_2 = z * z;
            chosen = product_2;
        } else {
            chosen = 0.0;
        }
        let value: f64 = chosen;
        (
            value,
            move |
                &x: &f64,
                &y: &f64,
                seed: &f64,
                mut d_x: ::core::option::Option<&mut f64>,
                mut d_y: ::core::option::Option<&mut f64>|
            {
                let chosen_bar = *seed;
                let mut z_bar = 0.0;
                if taken {
                    let product_2_bar = chosen_bar;
                    z_bar += 2.0 * (product_2_bar * z);
                }
                let mut x_bar = 0.0;
                let mut y_bar = 0.0;
                match taken_2 {
                    ::differentiable::rt::Arm::Earlier((exp_2,)) => {
                        let product_bar = z_bar;
                        let exp_2_bar = product_bar * y;
                        y_bar += product_bar * exp_2;
                        x_bar += exp_2_bar * exp_2;
                    }
                    ::differentiable::rt::Arm::Later(()) => {
                        let difference_bar = z_bar;
                        x_bar += difference_bar;
                        y_bar -= difference_bar;
                    }
                }
                if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
                    *d_x += x_bar;
                }
                if let ::core::option::Option::Some(d_y) = d_y.as_deref_mut() {
                    *d_y += y_bar;
                }
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __tangent(
        function: impl ::core::ops::Fn(f64, f64) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
        y: f64,
        x_dot: ::core::option::Option<&f64>,
        y_dot: ::core::option::Option<&f64>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &branches);
        let x_dot_2 = x_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&x),
                |x_dot| ::differentiable::rt::Clone::clone(x_dot),
            );
        let y_dot_2 = y_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&y),
                |y_dot| ::differentiable::rt::Clone::clone(y_dot),
            );
        let z;
        let z_dot;
        if x > y {
            let exp_2 = x.exp();
            let exp_2_dot = x_dot_2 * exp_2;
            let product = exp_2 * y;
            let product_dot = exp_2_dot * y + y_dot_2 * exp_2;
            z = product;
            z_dot = product_dot;
        } else {
            let difference = x - y;
            let difference_dot = x_dot_2 - y_dot_2;
            z = difference;
            z_dot = difference_dot;
        }
        let chosen;
        let chosen_dot;
        if z > 0.0 {
            let _ = || ::differentiable::rt::is_scalar(&z);
            let product_2 = z * z;
            let product_2_dot = z_dot * z + z_dot * z;
            chosen = product_2;
            chosen_dot = product_2_dot;
        } else {
            chosen = 0.0;
            chosen_dot = 0.0;
        }
        let value: f64 = chosen;
        let value_dot: f64 = chosen_dot;
        (value, value_dot)
    }
}
