fn constant_loop(x: f64) -> f64 {
    let mut s = x;
    for _ in 0..8 {
        s = s.sin();
    }
    s
}
/// The derivatives of [`constant_loop()`] with respect to `x`.
enum constant_loop {}
impl constant_loop {
    #[doc(hidden)]
    const __IS_PURE: bool = true;
    /// The gradient of `constant_loop` with respect to `x`, in the shape of the parameter.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn grad(x: f64) -> f64 {
        let mut d_x = -::differentiable::rt::zeros_like(&x);
        Self::__fused(
            constant_loop,
            x,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_x),
        );
        d_x
    }
    /// The value of `constant_loop`, and its gradient with respect to `x`, in the shape of the parameter.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn value_and_grad(x: f64) -> (f64, f64) {
        let mut d_x = -::differentiable::rt::zeros_like(&x);
        let value = Self::__fused(
            constant_loop,
            x,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_x),
        );
        (value, d_x)
    }
    /// The value of `constant_loop`; adds `seed` times its derivative to the adjoints of `x`.
    ///
    /// Forward mode, in the direction of each active parameter at once: nothing is kept, nothing is computed twice.
    #[inline]
    fn vjp(x: f64, seed: f64, d_x: &mut f64) -> f64 {
        Self::__fused(constant_loop, x, &seed, ::core::option::Option::Some(d_x))
    }
    /// The value of `constant_loop`, and its derivative along the tangents of `x`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[must_use]
    #[inline]
    fn jvp(x: f64, x_dot: f64) -> (f64, f64) {
        Self::__tangent(constant_loop, x, ::core::option::Option::Some(&x_dot))
    }
    /// The value of `constant_loop`, and a function that adds a cotangent times its derivative to the adjoints of `x`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Kept of each iteration of the loop over `i`: `cos_slope` (8 bytes); in place, 64 bytes for 8 iterations.
    #[must_use]
    #[inline]
    fn pullback(x: f64) -> (f64, impl ::core::ops::FnOnce(f64, &mut f64) + 'static) {
        let (value, back) = Self::__split(constant_loop, x);
        (
            value,
            move |seed: f64, d_x: &mut f64| back(
                &x,
                &seed,
                ::core::option::Option::Some(d_x),
            ),
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __fused(
        function: impl ::core::ops::Fn(f64) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
        seed: &f64,
        mut d_x: ::core::option::Option<&mut f64>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &constant_loop);
        let x_dot = 1.0;
        let mut s = x;
        let mut s_dot = x_dot;
        for i in 0..8 {
            let s_now = s;
            let s_now_dot = s_dot;
            let sin_2 = s_now.sin();
            let sin_2_dot = s_now_dot * ::differentiable::rt::Real::cos(s_now);
            s = sin_2;
            s_dot = sin_2_dot;
        }
        let value: f64 = s;
        let value_dot: f64 = s_dot;
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            *d_x += *seed * value_dot;
        }
        value
    }
    #[doc(hidden)]
    #[inline]
    fn __split(
        function: impl ::core::ops::Fn(f64) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
    ) -> (
        f64,
        impl ::core::ops::Fn(&f64, &f64, ::core::option::Option<&mut f64>) + 'static,
    ) {
        ::differentiable::rt::same(&function, &constant_loop);
        let mut s = x;
        let mut cos_slope_kept = [0.0; 8];
        for i in 0..8 {
            let s_now = s;
            let cos_slope = ::differentiable::rt::Real::cos(s_now);
            let sin_2 = s_now.sin();
            s = sin_2;
            cos_slope_kept[i as usize] = cos_slope;
        }
        let value: f64 = s;
        (
            value,
            move |&x: &f64, seed: &f64, mut d_x: ::core::option::Option<&mut f64>| {
                let mut s_bar = *seed;
                for i in (0..8).rev() {
                    let cos_slope = cos_slope_kept[i as usize];
                    let s_taken = s_bar;
                    let sin_2_bar = s_taken;
                    let s_now_bar = sin_2_bar * cos_slope;
                    s_bar = s_now_bar;
                }
                let x_bar = s_bar;
                if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
                    *d_x += x_bar;
                }
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __tangent(
        function: impl ::core::ops::Fn(f64) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
        x_dot: ::core::option::Option<&f64>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &constant_loop);
        let x_dot_2 = x_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&x),
                |x_dot| ::differentiable::rt::Clone::clone(x_dot),
            );
        let mut s = x;
        let mut s_dot = x_dot_2;
        for i in 0..8 {
            let s_now = s;
            let s_now_dot = s_dot;
            let sin_2 = s_now.sin();
            let sin_2_dot = s_now_dot * ::differentiable::rt::Real::cos(s_now);
            s = sin_2;
            s_dot = sin_2_dot;
        }
        let value: f64 = s;
        let value_dot: f64 = s_dot;
        (value, value_dot)
    }
}
