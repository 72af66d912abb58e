fn moment(a: f64, b: f64) -> f64 {
    quad(|t| a * t.exp(), 0.0, b).ln()
}
/// The derivatives of [`moment()`] with respect to `a`, `b`.
enum moment {}
impl moment {
    #[doc(hidden)]
    const __IS_PURE: bool = {
        use quad as __callee;
        use ::differentiable::rt::missing::purity::*;
        __callee::__IS_PURE
    };
    /// The gradient of `moment` with respect to `a`, `b`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn grad(a: f64, b: f64) -> (f64, f64) {
        let mut d_a = -::differentiable::rt::zeros_like(&a);
        let mut d_b = -::differentiable::rt::zeros_like(&b);
        Self::__fused(
            moment,
            a,
            b,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_a),
            ::core::option::Option::Some(&mut d_b),
        );
        (d_a, d_b)
    }
    /// The value of `moment`, and its gradient with respect to `a`, `b`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn value_and_grad(a: f64, b: f64) -> (f64, (f64, f64)) {
        let mut d_a = -::differentiable::rt::zeros_like(&a);
        let mut d_b = -::differentiable::rt::zeros_like(&b);
        let value = Self::__fused(
            moment,
            a,
            b,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_a),
            ::core::option::Option::Some(&mut d_b),
        );
        (value, (d_a, d_b))
    }
    /// The value of `moment`; adds `seed` times its derivative to the adjoints of `a`, `b`.
    ///
    /// Reverse mode:
    ///
    /// * Kept of the call of `quad`: what its own second half needs.
    #[inline]
    fn vjp(a: f64, b: f64, seed: f64, d_a: &mut f64, d_b: &mut f64) -> f64 {
        Self::__fused(
            moment,
            a,
            b,
            &seed,
            ::core::option::Option::Some(d_a),
            ::core::option::Option::Some(d_b),
        )
    }
    /// The value of `moment`, and its derivative along the tangents of `a`, `b`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[must_use]
    #[inline]
    fn jvp(a: f64, b: f64, a_dot: f64, b_dot: f64) -> (f64, f64) {
        Self::__tangent(
            moment,
            a,
            b,
            ::core::option::Option::Some(&a_dot),
            ::core::option::Option::Some(&b_dot),
        )
    }
    /// The value of `moment`, and a function that adds a cotangent times its derivative to the adjoints of `a`, `b`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Kept from the first half for the second: `quad_2` (8 bytes).
    /// * Kept of the call of `quad`: what its own second half needs.
    #[must_use]
    #[inline]
    fn pullback(
        a: f64,
        b: f64,
    ) -> (f64, impl ::core::ops::FnOnce(f64, &mut f64, &mut f64) + 'static) {
        let (value, back) = Self::__split(moment, a, b);
        (
            value,
            move |seed: f64, d_a: &mut f64, d_b: &mut f64| back(
                &a,
                &b,
                &seed,
                ::core::option::Option::Some(d_a),
                ::core::option::Option::Some(d_b),
            ),
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __fused(
        function: impl ::core::ops::Fn(f64, f64) -> f64 + ::core::marker::Copy + 'static,
        a: f64,
        b: f64,
        seed: &f64,
        mut d_a: ::core::option::Option<&mut f64>,
        mut d_b: ::core::option::Option<&mut f64>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &moment);
        let (quad_2, back) = {
            use quad as __callee;
            use ::differentiable::rt::missing::with3::*;
            __callee::__split(
                __callee,
                0.0,
                b,
                &|t_2| {
                    let exp_2 = t_2.exp();
                    let given = a * exp_2;
                    given
                },
            )
        };
        let value: f64 = quad_2.ln();
        let quad_2_bar = *seed * ::differentiable::rt::partial::inverse(quad_2);
        let mut a_bar = 0.0;
        let mut b_bar = 0.0;
        back(
            (
                &|t_2| {
                    let exp_2 = t_2.exp();
                    let given = a * exp_2;
                    given
                },
                &mut |t_2, seed_2, mut d_t_2| {
                    let exp_2 = t_2.exp();
                    a_bar += *seed_2 * exp_2;
                    let exp_2_bar = *seed_2 * a;
                    if let ::core::option::Option::Some(d_t_2) = d_t_2.as_deref_mut() {
                        *d_t_2 += exp_2_bar * exp_2;
                    }
                },
            ),
            ::differentiable::rt::again(&0.0),
            &b,
            &quad_2_bar,
            ::core::option::Option::None,
            ::core::option::Option::None,
            ::differentiable::rt::fit(&mut b_bar),
        );
        if let ::core::option::Option::Some(d_a) = d_a.as_deref_mut() {
            *d_a += a_bar;
        }
        if let ::core::option::Option::Some(d_b) = d_b.as_deref_mut() {
            *d_b += b_bar;
        }
        value
    }
    #[doc(hidden)]
    #[inline]
    fn __split(
        function: impl ::core::ops::Fn(f64, f64) -> f64 + ::core::marker::Copy + 'static,
        a: f64,
        b: f64,
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
        ::differentiable::rt::same(&function, &moment);
        let (quad_2, back) = {
            use quad as __callee;
            use ::differentiable::rt::missing::with3::*;
            __callee::__split(
                __callee,
                0.0,
                b,
                &|t_2| {
                    let exp_2 = t_2.exp();
                    let given = a * exp_2;
                    given
                },
            )
        };
        let value: f64 = quad_2.ln();
        (
            value,
            move |
                &a: &f64,
                &b: &f64,
                seed: &f64,
                mut d_a: ::core::option::Option<&mut f64>,
                mut d_b: ::core::option::Option<&mut f64>|
            {
                let quad_2_bar = *seed * ::differentiable::rt::partial::inverse(quad_2);
                let mut a_bar = 0.0;
                let mut b_bar = 0.0;
                back(
                    (
                        &|t_2| {
                            let exp_2 = t_2.exp();
                            let given = a * exp_2;
                            given
                        },
                        &mut |t_2, seed_2, mut d_t_2| {
                            let exp_2 = t_2.exp();
                            a_bar += *seed_2 * exp_2;
                            let exp_2_bar = *seed_2 * a;
                            if let ::core::option::Option::Some(d_t_2) = d_t_2
                                .as_deref_mut()
                            {
                                *d_t_2 += exp_2_bar * exp_2;
                            }
                        },
                    ),
                    ::differentiable::rt::again(&0.0),
                    &b,
                    &quad_2_bar,
                    ::core::option::Option::None,
                    ::core::option::Option::None,
                    ::differentiable::rt::fit(&mut b_bar),
                );
                if let ::core::option::Option::Some(d_a) = d_a.as_deref_mut() {
                    *d_a += a_bar;
                }
                if let ::core::option::Option::Some(d_b) = d_b.as_deref_mut() {
                    *d_b += b_bar;
                }
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __tangent(
        function: impl ::core::ops::Fn(f64, f64) -> f64 + ::core::marker::Copy + 'static,
        a: f64,
        b: f64,
        a_dot: ::core::option::Option<&f64>,
        b_dot: ::core::option::Option<&f64>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &moment);
        let a_dot_2 = a_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&a),
                |a_dot| ::differentiable::rt::Clone::clone(a_dot),
            );
        let b_dot_2 = b_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&b),
                |b_dot| ::differentiable::rt::Clone::clone(b_dot),
            );
        let (quad_2, quad_2_dot) = {
            use quad as __callee;
            use ::differentiable::rt::missing::with3::*;
            __callee::__tangent(
                __callee,
                0.0,
                b,
                (
                    |t_2| {
                        let _ = || ::differentiable::rt::is_scalar(&t_2);
                        let exp_2 = t_2.exp();
                        let given = a * exp_2;
                        given
                    },
                    &|t_2, t_2_dot| {
                        let t_2_dot_2 = t_2_dot
                            .map_or_else(
                                || ::differentiable::rt::zeros_like(&t_2),
                                |t_2_dot| ::differentiable::rt::Clone::clone(t_2_dot),
                            );
                        let _ = || ::differentiable::rt::is_scalar(&t_2);
                        let exp_2 = t_2.exp();
                        let exp_2_dot = t_2_dot_2 * exp_2;
                        let given = a * exp_2;
                        let given_dot = a_dot_2 * exp_2 + exp_2_dot * a;
                        (given, given_dot)
                    },
                ),
                ::core::option::Option::None,
                ::core::option::Option::None,
                ::differentiable::rt::fit(&b_dot_2),
            )
        };
        let _ = || ::differentiable::rt::is_scalar(&quad_2);
        let value: f64 = quad_2.ln();
        let value_dot: f64 = quad_2_dot * ::differentiable::rt::partial::inverse(quad_2);
        (value, value_dot)
    }
}
