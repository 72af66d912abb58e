pub fn logistic(w: &[f64; 4], b: f64, x: &[f64; 4], y: f64) -> f64 {
    let z: f64 = b + w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
    (1.0 + (-y * z).exp()).ln()
}
/// The derivatives of [`logistic()`] with respect to `w`, `b`.
pub enum logistic {}
impl logistic {
    #[doc(hidden)]
    pub const __IS_PURE: bool = true;
    /// The gradient of `logistic` with respect to `w`, `b`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    pub fn grad(w: &[f64; 4], b: f64, x: &[f64; 4], y: f64) -> ([f64; 4], f64) {
        let mut d_w = ::differentiable::rt::zeros_like(w);
        let mut d_b = -::differentiable::rt::zeros_like(&b);
        Self::__fused(
            logistic,
            w,
            b,
            x,
            y,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_w),
            ::core::option::Option::Some(&mut d_b),
            ::core::option::Option::None,
            ::core::option::Option::None,
        );
        (d_w, d_b)
    }
    /// The value of `logistic`, and its gradient with respect to `w`, `b`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    pub fn value_and_grad(
        w: &[f64; 4],
        b: f64,
        x: &[f64; 4],
        y: f64,
    ) -> (f64, ([f64; 4], f64)) {
        let mut d_w = ::differentiable::rt::zeros_like(w);
        let mut d_b = -::differentiable::rt::zeros_like(&b);
        let value = Self::__fused(
            logistic,
            w,
            b,
            x,
            y,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_w),
            ::core::option::Option::Some(&mut d_b),
            ::core::option::Option::None,
            ::core::option::Option::None,
        );
        (value, (d_w, d_b))
    }
    /// The value of `logistic`; adds `seed` times its derivative to the adjoints of `w`, `b`.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept but local variables.
    #[inline]
    pub fn vjp(
        w: &[f64; 4],
        b: f64,
        x: &[f64; 4],
        y: f64,
        seed: f64,
        d_w: &mut [f64; 4],
        d_b: &mut f64,
    ) -> f64 {
        Self::__fused(
            logistic,
            w,
            b,
            x,
            y,
            &seed,
            ::core::option::Option::Some(d_w),
            ::core::option::Option::Some(d_b),
            ::core::option::Option::None,
            ::core::option::Option::None,
        )
    }
    /// The value of `logistic`, and its derivative along the tangents of `w`, `b`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[must_use]
    #[inline]
    pub fn jvp(
        w: &[f64; 4],
        b: f64,
        x: &[f64; 4],
        y: f64,
        w_dot: &[f64; 4],
        b_dot: f64,
    ) -> (f64, f64) {
        Self::__tangent(
            logistic,
            w,
            b,
            x,
            y,
            ::core::option::Option::Some(w_dot),
            ::core::option::Option::Some(&b_dot),
            ::core::option::Option::None,
            ::core::option::Option::None,
        )
    }
    /// The value of `logistic`, and a function that adds a cotangent times its derivative to the adjoints of `w`, `b`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Kept from the first half for the second: `exp_2` (8 bytes).
    #[must_use]
    #[inline]
    pub fn pullback<'pullback>(
        w: &'pullback [f64; 4],
        b: f64,
        x: &'pullback [f64; 4],
        y: f64,
    ) -> (f64, impl ::core::ops::FnOnce(f64, &mut [f64; 4], &mut f64) + 'pullback) {
        let (value, back) = Self::__split(logistic, w, b, x, y);
        (
            value,
            move |seed: f64, d_w: &mut [f64; 4], d_b: &mut f64| back(
                w,
                &b,
                x,
                &y,
                &seed,
                ::core::option::Option::Some(d_w),
                ::core::option::Option::Some(d_b),
                ::core::option::Option::None,
                ::core::option::Option::None,
            ),
        )
    }
    #[doc(hidden)]
    #[allow(clippy::too_many_arguments)]
    #[inline]
    pub fn __fused(
        function: impl ::core::ops::Fn(
            &[f64; 4],
            f64,
            &[f64; 4],
            f64,
        ) -> f64 + ::core::marker::Copy + 'static,
        w: &[f64; 4],
        b: f64,
        x: &[f64; 4],
        y: f64,
        seed: &f64,
        mut d_w: ::core::option::Option<&mut [f64; 4]>,
        mut d_b: ::core::option::Option<&mut f64>,
        _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
        _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &logistic);
        if let ::core::option::Option::Some(d_w) = d_w.as_deref() {
            ::differentiable::rt::Parameter::same_shape(&*w, d_w, "d_w");
        }
        let mut sum_2: f64 = -0.0;
        for i in 0..::core::cmp::Ord::min(w.len(), x.len()) {
            let x_2_2 = &x[i];
            let product = w[i] * x_2_2;
            sum_2 += product;
        }
        let sum_2_now = sum_2;
        let z: f64 = b + sum_2_now;
        let product_2 = (-y) * z;
        let exp_2 = product_2.exp();
        let sum_3 = 1.0 + exp_2;
        let value: f64 = sum_3.ln();
        let sum_3_bar = *seed * (1.0 / sum_3);
        let exp_2_bar = sum_3_bar;
        let product_2_bar = exp_2_bar * exp_2;
        let z_bar = product_2_bar * (-y);
        let b_bar = z_bar;
        let sum_2_now_bar = z_bar;
        let sum_2_bar = sum_2_now_bar;
        for i in 0..::core::cmp::Ord::min(w.len(), x.len()) {
            let x_2_2 = &x[i];
            let product_bar = sum_2_bar;
            if let ::core::option::Option::Some(d_w) = d_w.as_deref_mut() {
                d_w[i] += product_bar * x_2_2;
            }
        }
        if let ::core::option::Option::Some(d_b) = d_b.as_deref_mut() {
            *d_b += b_bar;
        }
        value
    }
    #[doc(hidden)]
    #[inline]
    pub fn __split(
        function: impl ::core::ops::Fn(
            &[f64; 4],
            f64,
            &[f64; 4],
            f64,
        ) -> f64 + ::core::marker::Copy + 'static,
        w: &[f64; 4],
        b: f64,
        x: &[f64; 4],
        y: f64,
    ) -> (
        f64,
        impl ::core::ops::Fn(
            &[f64; 4],
            &f64,
            &[f64; 4],
            &f64,
            &f64,
            ::core::option::Option<&mut [f64; 4]>,
            ::core::option::Option<&mut f64>,
            ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
            ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
        ) + 'static,
    ) {
        ::differentiable::rt::same(&function, &logistic);
        let mut sum_2: f64 = -0.0;
        for i in 0..::core::cmp::Ord::min(w.len(), x.len()) {
            let x_2_2 = &x[i];
            let product = w[i] * x_2_2;
            sum_2 += product;
        }
        let sum_2_now = sum_2;
        let z: f64 = b + sum_2_now;
        let product_2 = (-y) * z;
        let exp_2 = product_2.exp();
        let sum_3 = 1.0 + exp_2;
        let value: f64 = sum_3.ln();
        (
            value,
            move |
                w: &[f64; 4],
                &b: &f64,
                x: &[f64; 4],
                &y: &f64,
                seed: &f64,
                mut d_w: ::core::option::Option<&mut [f64; 4]>,
                mut d_b: ::core::option::Option<&mut f64>,
                _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
                _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>|
            {
                let sum_3 = 1.0 + exp_2;
                if let ::core::option::Option::Some(d_w) = d_w.as_deref() {
                    ::differentiable::rt::Parameter::same_shape(&*w, d_w, "d_w");
                }
                let sum_3_bar = *seed * (1.0 / sum_3);
                let exp_2_bar = sum_3_bar;
                let product_2_bar = exp_2_bar * exp_2;
                let z_bar = product_2_bar * (-y);
                let b_bar = z_bar;
                let sum_2_now_bar = z_bar;
                let sum_2_bar = sum_2_now_bar;
                for i in 0..::core::cmp::Ord::min(w.len(), x.len()) {
                    let x_2_2 = &x[i];
                    let product_bar = sum_2_bar;
                    if let ::core::option::Option::Some(d_w) = d_w.as_deref_mut() {
                        d_w[i] += product_bar * x_2_2;
                    }
                }
                if let ::core::option::Option::Some(d_b) = d_b.as_deref_mut() {
                    *d_b += b_bar;
                }
            },
        )
    }
    #[doc(hidden)]
    #[allow(clippy::too_many_arguments)]
    #[inline]
    pub fn __tangent(
        function: impl ::core::ops::Fn(
            &[f64; 4],
            f64,
            &[f64; 4],
            f64,
        ) -> f64 + ::core::marker::Copy + 'static,
        w: &[f64; 4],
        b: f64,
        x: &[f64; 4],
        y: f64,
        w_dot: ::core::option::Option<&[f64; 4]>,
        b_dot: ::core::option::Option<&f64>,
        _: ::core::option::Option<&::differentiable::rt::OutsideWrt>,
        _: ::core::option::Option<&::differentiable::rt::OutsideWrt>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &logistic);
        let b_dot_2 = b_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&b),
                |b_dot| ::differentiable::rt::Clone::clone(b_dot),
            );
        let _ = || -> ::differentiable::rt::NoJumpInsideOfAMacro {
            ::differentiable::rt::known_methods!(shared iter length len);
            ::differentiable::rt::no_exit()
        };
        let mut sum_2: f64 = -0.0;
        let mut sum_2_dot: f64 = 0.0;
        for i in 0..::core::cmp::Ord::min(w.len(), x.len()) {
            let x_2_2 = &x[i];
            let product = w[i] * x_2_2;
            let product_dot = w_dot
                .map_or_else(
                    || ::differentiable::rt::zeros_like(&w[i]),
                    |w_dot| w_dot[i],
                ) * x_2_2;
            sum_2 += product;
            sum_2_dot += product_dot;
        }
        let sum_2_now = sum_2;
        let sum_2_now_dot = sum_2_dot;
        let z: f64 = b + sum_2_now;
        let z_dot: f64 = b_dot_2 + sum_2_now_dot;
        let product_2 = (-y) * z;
        let product_2_dot = z_dot * (-y);
        let exp_2 = product_2.exp();
        let exp_2_dot = product_2_dot * exp_2;
        let sum_3 = 1.0 + exp_2;
        let sum_3_dot = exp_2_dot;
        let value: f64 = sum_3.ln();
        let value_dot: f64 = sum_3_dot * (1.0 / sum_3);
        (value, value_dot)
    }
}
