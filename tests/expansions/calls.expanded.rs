fn calls(x: f64, v: &[f64; 3]) -> f64 {
    let n = norm(v);
    square(n * x) + dot(v, v)
}
/// The derivatives of [`calls()`] with respect to `x`, `v`.
enum calls {}
impl calls {
    #[doc(hidden)]
    const __IS_PURE: bool = {
        use norm as __callee;
        use ::differentiable::rt::missing::purity::*;
        __callee::__IS_PURE
    }
        && {
            use square as __callee;
            use ::differentiable::rt::missing::purity::*;
            __callee::__IS_PURE
        }
        && {
            use dot as __callee;
            use ::differentiable::rt::missing::purity::*;
            __callee::__IS_PURE
        };
    /// The gradient of `calls` with respect to `x`, `v`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn grad(x: f64, v: &[f64; 3]) -> (f64, [f64; 3]) {
        let mut d_x = -::differentiable::rt::zeros_like(&x);
        let mut d_v = ::differentiable::rt::zeros_like(v);
        Self::__fused(
            calls,
            x,
            v,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_x),
            ::core::option::Option::Some(&mut d_v),
        );
        (d_x, d_v)
    }
    /// The value of `calls`, and its gradient with respect to `x`, `v`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn value_and_grad(x: f64, v: &[f64; 3]) -> (f64, (f64, [f64; 3])) {
        let mut d_x = -::differentiable::rt::zeros_like(&x);
        let mut d_v = ::differentiable::rt::zeros_like(v);
        let value = Self::__fused(
            calls,
            x,
            v,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_x),
            ::core::option::Option::Some(&mut d_v),
        );
        (value, (d_x, d_v))
    }
    /// The value of `calls`; adds `seed` times its derivative to the adjoints of `x`, `v`.
    ///
    /// Reverse mode:
    ///
    /// * Kept of the call of `norm`: what its own second half needs.
    /// * Kept of the call of `dot`: what its own second half needs.
    /// * Run forward and backward in one go: the call of `square`.
    #[inline]
    fn vjp(x: f64, v: &[f64; 3], seed: f64, d_x: &mut f64, d_v: &mut [f64; 3]) -> f64 {
        Self::__fused(
            calls,
            x,
            v,
            &seed,
            ::core::option::Option::Some(d_x),
            ::core::option::Option::Some(d_v),
        )
    }
    /// The value of `calls`, and its derivative along the tangents of `x`, `v`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[must_use]
    #[inline]
    fn jvp(x: f64, v: &[f64; 3], x_dot: f64, v_dot: &[f64; 3]) -> (f64, f64) {
        Self::__tangent(
            calls,
            x,
            v,
            ::core::option::Option::Some(&x_dot),
            ::core::option::Option::Some(v_dot),
        )
    }
    /// The value of `calls`, and a function that adds a cotangent times its derivative to the adjoints of `x`, `v`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Kept from the first half for the second: `n` (8 bytes).
    /// * Kept of the call of `norm`: what its own second half needs.
    /// * Kept of the call of `square`: what its own second half needs.
    /// * Kept of the call of `dot`: what its own second half needs.
    #[must_use]
    #[inline]
    fn pullback<'pullback>(
        x: f64,
        v: &'pullback [f64; 3],
    ) -> (f64, impl ::core::ops::FnOnce(f64, &mut f64, &mut [f64; 3]) + 'pullback) {
        let (value, back) = Self::__split(calls, x, v);
        (
            value,
            move |seed: f64, d_x: &mut f64, d_v: &mut [f64; 3]| back(
                &x,
                v,
                &seed,
                ::core::option::Option::Some(d_x),
                ::core::option::Option::Some(d_v),
            ),
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __fused(
        function: impl ::core::ops::Fn(
            f64,
            &[f64; 3],
        ) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
        v: &[f64; 3],
        seed: &f64,
        mut d_x: ::core::option::Option<&mut f64>,
        mut d_v: ::core::option::Option<&mut [f64; 3]>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &calls);
        if let ::core::option::Option::Some(d_v) = d_v.as_deref() {
            ::differentiable::rt::Parameter::same_shape(&*v, d_v, "d_v");
        }
        let (norm_2, back_3) = {
            use norm as __callee;
            use ::differentiable::rt::missing::with1::*;
            __callee::__split(__callee, &*v)
        };
        let n = norm_2;
        let product = n * x;
        let square_2_bar = *seed;
        let mut product_bar = 0.0;
        let square_2 = {
            use square as __callee;
            use ::differentiable::rt::missing::with1::*;
            __callee::__fused(
                __callee,
                product,
                &square_2_bar,
                ::differentiable::rt::fit(&mut product_bar),
            )
        };
        let (dot_2, back) = {
            use dot as __callee;
            use ::differentiable::rt::missing::with2::*;
            __callee::__split(__callee, &*v, &*v)
        };
        let value: f64 = square_2 + dot_2;
        let dot_2_bar = *seed;
        back(
            &*v,
            &*v,
            &dot_2_bar,
            ::differentiable::rt::fit(d_v.as_deref_mut()),
            ::core::option::Option::None,
        );
        back(
            &*v,
            &*v,
            &dot_2_bar,
            ::core::option::Option::None,
            ::differentiable::rt::fit(d_v.as_deref_mut()),
        );
        let n_bar = product_bar * x;
        let x_bar = product_bar * n;
        let norm_2_bar = n_bar;
        back_3(&*v, &norm_2_bar, ::differentiable::rt::fit(d_v.as_deref_mut()));
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            *d_x += x_bar;
        }
        value
    }
    #[doc(hidden)]
    #[inline]
    fn __split(
        function: impl ::core::ops::Fn(
            f64,
            &[f64; 3],
        ) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
        v: &[f64; 3],
    ) -> (
        f64,
        impl ::core::ops::Fn(
            &f64,
            &[f64; 3],
            &f64,
            ::core::option::Option<&mut f64>,
            ::core::option::Option<&mut [f64; 3]>,
        ) + 'static,
    ) {
        ::differentiable::rt::same(&function, &calls);
        let (norm_2, back_3) = {
            use norm as __callee;
            use ::differentiable::rt::missing::with1::*;
            __callee::__split(__callee, &*v)
        };
        let n = norm_2;
        let product = n * x;
        let (square_2, back_2) = {
            use square as __callee;
            use ::differentiable::rt::missing::with1::*;
            __callee::__split(__callee, product)
        };
        let (dot_2, back) = {
            use dot as __callee;
            use ::differentiable::rt::missing::with2::*;
            __callee::__split(__callee, &*v, &*v)
        };
        let value: f64 = square_2 + dot_2;
        (
            value,
            move |
                &x: &f64,
                v: &[f64; 3],
                seed: &f64,
                mut d_x: ::core::option::Option<&mut f64>,
                mut d_v: ::core::option::Option<&mut [f64; 3]>|
            {
                let product = n * x;
                if let ::core::option::Option::Some(d_v) = d_v.as_deref() {
                    ::differentiable::rt::Parameter::same_shape(&*v, d_v, "d_v");
                }
                let square_2_bar = *seed;
                let dot_2_bar = *seed;
                back(
                    &*v,
                    &*v,
                    &dot_2_bar,
                    ::differentiable::rt::fit(d_v.as_deref_mut()),
                    ::core::option::Option::None,
                );
                back(
                    &*v,
                    &*v,
                    &dot_2_bar,
                    ::core::option::Option::None,
                    ::differentiable::rt::fit(d_v.as_deref_mut()),
                );
                let mut product_bar = 0.0;
                back_2(
                    &product,
                    &square_2_bar,
                    ::differentiable::rt::fit(&mut product_bar),
                );
                let n_bar = product_bar * x;
                let x_bar = product_bar * n;
                let norm_2_bar = n_bar;
                back_3(&*v, &norm_2_bar, ::differentiable::rt::fit(d_v.as_deref_mut()));
                if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
                    *d_x += x_bar;
                }
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __tangent(
        function: impl ::core::ops::Fn(
            f64,
            &[f64; 3],
        ) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
        v: &[f64; 3],
        x_dot: ::core::option::Option<&f64>,
        v_dot: ::core::option::Option<&[f64; 3]>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &calls);
        let x_dot_2 = x_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&x),
                |x_dot| ::differentiable::rt::Clone::clone(x_dot),
            );
        let (norm_2, norm_2_dot) = {
            use norm as __callee;
            use ::differentiable::rt::missing::with1::*;
            __callee::__tangent(__callee, &*v, ::differentiable::rt::fit(v_dot))
        };
        let n = norm_2;
        let n_dot = norm_2_dot;
        let _ = || ::differentiable::rt::is_scalar(&n);
        let product = n * x;
        let product_dot = n_dot * x + x_dot_2 * n;
        let (square_2, square_2_dot) = {
            use square as __callee;
            use ::differentiable::rt::missing::with1::*;
            __callee::__tangent(
                __callee,
                product,
                ::differentiable::rt::fit(&product_dot),
            )
        };
        let _ = || ::differentiable::rt::is_scalar(&square_2);
        let (dot_2, dot_2_dot) = {
            use dot as __callee;
            use ::differentiable::rt::missing::with2::*;
            __callee::__tangent(
                __callee,
                &*v,
                &*v,
                ::differentiable::rt::fit(v_dot),
                ::differentiable::rt::fit(v_dot),
            )
        };
        let _ = || ::differentiable::rt::is_scalar(&dot_2);
        let value: f64 = square_2 + dot_2;
        let value_dot: f64 = square_2_dot + dot_2_dot;
        (value, value_dot)
    }
}
