pub fn network(p: &Params, x: &[f64; 2]) -> f64 {
    let mut hidden = [0.0; 3];
    for i in 0..3 {
        hidden[i] = (p.w[i][0] * x[0] + p.w[i][1] * x[1] + p.b[i]).tanh();
    }
    hidden[0] * p.out[0] + hidden[1] * p.out[1] + hidden[2] * p.out[2]
}
/// The derivatives of [`network()`] with respect to `p`.
pub enum network {}
impl network {
    #[doc(hidden)]
    pub const __IS_PURE: bool = false;
    /// The gradient of `network` with respect to `p`, in the shape of the parameter.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    pub fn grad(p: &Params, x: &[f64; 2]) -> Params {
        let mut d_p = ::differentiable::rt::Parameter::zeros_like(p);
        let p_skipped = ::differentiable::rt::Parameter::hollow(&mut d_p);
        Self::__fused(
            network,
            p,
            x,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_p),
            ::core::option::Option::None,
        );
        ::differentiable::rt::Parameter::restore(&mut d_p, p_skipped);
        d_p
    }
    /// The value of `network`, and its gradient with respect to `p`, in the shape of the parameter.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    pub fn value_and_grad(p: &Params, x: &[f64; 2]) -> (f64, Params) {
        let mut d_p = ::differentiable::rt::Parameter::zeros_like(p);
        let p_skipped = ::differentiable::rt::Parameter::hollow(&mut d_p);
        let value = Self::__fused(
            network,
            p,
            x,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_p),
            ::core::option::Option::None,
        );
        ::differentiable::rt::Parameter::restore(&mut d_p, p_skipped);
        (value, d_p)
    }
    /// The value of `network`; adds `seed` times its derivative to the adjoints of `p`.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept but local variables.
    /// * Computed once more on the way back: `product`, `product_2`, `sum`, `sum_2`.
    ///
    /// # Panics
    ///
    /// If a `Vec` in the adjoint of a parameter has another length than in the parameter.
    #[inline]
    pub fn vjp(p: &Params, x: &[f64; 2], seed: f64, d_p: &mut Params) -> f64 {
        let p_skipped = ::differentiable::rt::Parameter::hollow(d_p);
        let value = Self::__fused(
            network,
            p,
            x,
            &seed,
            ::core::option::Option::Some(d_p),
            ::core::option::Option::None,
        );
        ::differentiable::rt::Parameter::restore(d_p, p_skipped);
        value
    }
    /// The value of `network`, and its derivative along the tangents of `p`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    ///
    /// # Panics
    ///
    /// If a `Vec` in the tangent of a parameter has another length than in the parameter.
    #[must_use]
    #[inline]
    pub fn jvp(p: &Params, x: &[f64; 2], p_dot: &Params) -> (f64, f64) {
        ::differentiable::rt::Parameter::same_shape(p, p_dot, "p_dot");
        let p_skipped = ::differentiable::rt::Parameter::direction(p_dot);
        let p_dot = p_skipped.as_ref().unwrap_or(p_dot);
        Self::__tangent(
            network,
            p,
            x,
            ::core::option::Option::Some(p_dot),
            ::core::option::Option::None,
        )
    }
    /// The value of `network`, and a function that adds a cotangent times its derivative to the adjoints of `p`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Kept from the first half for the second: `hidden_now`, `hidden_now_2`, `hidden_now_3` (24 bytes).
    /// * Computed once more on the way back: `product`, `product_2`, `sum`, `sum_2`.
    ///
    /// # Panics
    ///
    /// If a `Vec` in the adjoint of a parameter has another length than in the parameter.
    #[must_use]
    #[inline]
    pub fn pullback<'pullback>(
        p: &'pullback Params,
        x: &'pullback [f64; 2],
    ) -> (f64, impl ::core::ops::FnOnce(f64, &mut Params) + 'pullback) {
        let (value, back) = Self::__split(network, p, x);
        (
            value,
            move |seed: f64, d_p: &mut Params| {
                let p_skipped = ::differentiable::rt::Parameter::hollow(d_p);
                back(
                    p,
                    x,
                    &seed,
                    ::core::option::Option::Some(d_p),
                    ::core::option::Option::None,
                );
                ::differentiable::rt::Parameter::restore(d_p, p_skipped);
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    pub fn __fused(
        function: impl ::core::ops::Fn(
            &Params,
            &[f64; 2],
        ) -> f64 + ::core::marker::Copy + 'static,
        p: &Params,
        x: &[f64; 2],
        seed: &f64,
        mut d_p: ::core::option::Option<&mut Params>,
        _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &network);
        if let ::core::option::Option::Some(d_p) = d_p.as_deref() {
            ::differentiable::rt::Parameter::same_shape(&*p, d_p, "d_p");
        }
        let mut hidden = [0.0; 3];
        for i in 0..3 {
            let product = p.w[i][0] * x[0];
            let product_2 = p.w[i][1] * x[1];
            let sum = product + product_2;
            let sum_2 = sum + p.b[i];
            let tanh_2 = sum_2.tanh();
            hidden[i] = tanh_2;
        }
        let hidden_now = hidden[0];
        let product_3 = hidden_now * p.out[0];
        let hidden_now_2 = hidden[1];
        let product_4 = hidden_now_2 * p.out[1];
        let sum_3 = product_3 + product_4;
        let hidden_now_3 = hidden[2];
        let product_5 = hidden_now_3 * p.out[2];
        let value: f64 = sum_3 + product_5;
        let sum_3_bar = *seed;
        let product_5_bar = *seed;
        let hidden_now_3_bar = product_5_bar * p.out[2];
        if let ::core::option::Option::Some(d_p) = d_p.as_deref_mut() {
            d_p.out[2] += product_5_bar * hidden_now_3;
        }
        let mut hidden_bar = [0.0; 3];
        hidden_bar[2] += hidden_now_3_bar;
        let product_3_bar = sum_3_bar;
        let product_4_bar = sum_3_bar;
        let hidden_now_2_bar = product_4_bar * p.out[1];
        if let ::core::option::Option::Some(d_p) = d_p.as_deref_mut() {
            d_p.out[1] += product_4_bar * hidden_now_2;
        }
        hidden_bar[1] += hidden_now_2_bar;
        let hidden_now_bar = product_3_bar * p.out[0];
        if let ::core::option::Option::Some(d_p) = d_p.as_deref_mut() {
            d_p.out[0] += product_3_bar * hidden_now;
        }
        hidden_bar[0] += hidden_now_bar;
        for i in 0..3 {
            let product = p.w[i][0] * x[0];
            let product_2 = p.w[i][1] * x[1];
            let sum = product + product_2;
            let sum_2 = sum + p.b[i];
            let tanh_2 = hidden[i];
            let hidden_taken = hidden_bar[i];
            let tanh_2_bar = hidden_taken;
            let sum_2_bar = tanh_2_bar
                * ::differentiable::rt::partial::tanh(sum_2, tanh_2);
            let sum_bar = sum_2_bar;
            if let ::core::option::Option::Some(d_p) = d_p.as_deref_mut() {
                d_p.b[i] += sum_2_bar;
            }
            let product_bar = sum_bar;
            let product_2_bar = sum_bar;
            if let ::core::option::Option::Some(d_p) = d_p.as_deref_mut() {
                d_p.w[i][1] += product_2_bar * x[1];
                d_p.w[i][0] += product_bar * x[0];
            }
        }
        value
    }
    #[doc(hidden)]
    #[inline]
    pub fn __split(
        function: impl ::core::ops::Fn(
            &Params,
            &[f64; 2],
        ) -> f64 + ::core::marker::Copy + 'static,
        p: &Params,
        x: &[f64; 2],
    ) -> (
        f64,
        impl ::core::ops::Fn(
            &Params,
            &[f64; 2],
            &f64,
            ::core::option::Option<&mut Params>,
            ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
        ) + 'static,
    ) {
        ::differentiable::rt::same(&function, &network);
        let mut hidden = [0.0; 3];
        for i in 0..3 {
            let product = p.w[i][0] * x[0];
            let product_2 = p.w[i][1] * x[1];
            let sum = product + product_2;
            let sum_2 = sum + p.b[i];
            let tanh_2 = sum_2.tanh();
            hidden[i] = tanh_2;
        }
        let hidden_now = hidden[0];
        let product_3 = hidden_now * p.out[0];
        let hidden_now_2 = hidden[1];
        let product_4 = hidden_now_2 * p.out[1];
        let sum_3 = product_3 + product_4;
        let hidden_now_3 = hidden[2];
        let product_5 = hidden_now_3 * p.out[2];
        let value: f64 = sum_3 + product_5;
        (
            value,
            move |
                p: &Params,
                x: &[f64; 2],
                seed: &f64,
                mut d_p: ::core::option::Option<&mut Params>,
                _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>|
            {
                if let ::core::option::Option::Some(d_p) = d_p.as_deref() {
                    ::differentiable::rt::Parameter::same_shape(&*p, d_p, "d_p");
                }
                let sum_3_bar = *seed;
                let product_5_bar = *seed;
                let hidden_now_3_bar = product_5_bar * p.out[2];
                if let ::core::option::Option::Some(d_p) = d_p.as_deref_mut() {
                    d_p.out[2] += product_5_bar * hidden_now_3;
                }
                let mut hidden_bar = [0.0; 3];
                hidden_bar[2] += hidden_now_3_bar;
                let product_3_bar = sum_3_bar;
                let product_4_bar = sum_3_bar;
                let hidden_now_2_bar = product_4_bar * p.out[1];
                if let ::core::option::Option::Some(d_p) = d_p.as_deref_mut() {
                    d_p.out[1] += product_4_bar * hidden_now_2;
                }
                hidden_bar[1] += hidden_now_2_bar;
                let hidden_now_bar = product_3_bar * p.out[0];
                if let ::core::option::Option::Some(d_p) = d_p.as_deref_mut() {
                    d_p.out[0] += product_3_bar * hidden_now;
                }
                hidden_bar[0] += hidden_now_bar;
                for i in 0..3 {
                    let product = p.w[i][0] * x[0];
                    let product_2 = p.w[i][1] * x[1];
                    let sum = product + product_2;
                    let sum_2 = sum + p.b[i];
                    let tanh_2 = hidden[i];
                    let hidden_taken = hidden_bar[i];
                    let tanh_2_bar = hidden_taken;
                    let sum_2_bar = tanh_2_bar
                        * ::differentiable::rt::partial::tanh(sum_2, tanh_2);
                    let sum_bar = sum_2_bar;
                    if let ::core::option::Option::Some(d_p) = d_p.as_deref_mut() {
                        d_p.b[i] += sum_2_bar;
                    }
                    let product_bar = sum_bar;
                    let product_2_bar = sum_bar;
                    if let ::core::option::Option::Some(d_p) = d_p.as_deref_mut() {
                        d_p.w[i][1] += product_2_bar * x[1];
                        d_p.w[i][0] += product_bar * x[0];
                    }
                }
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    pub fn __tangent(
        function: impl ::core::ops::Fn(
            &Params,
            &[f64; 2],
        ) -> f64 + ::core::marker::Copy + 'static,
        p: &Params,
        x: &[f64; 2],
        p_dot: ::core::option::Option<&Params>,
        _: ::core::option::Option<&::differentiable::rt::OutsideWrt>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &network);
        let mut hidden = [0.0; 3];
        let mut hidden_dot = [0.0; 3];
        for i in 0..3 {
            let _ = || {
                ::differentiable::rt::seq(&p.w);
            };
            let _ = || {
                ::differentiable::rt::seq(&p.w[i]);
            };
            let _ = || ::differentiable::rt::is_scalar(&p.w[i][0]);
            let product = p.w[i][0] * x[0];
            let product_dot = p_dot
                .map_or_else(
                    || ::differentiable::rt::zeros_like(&p.w[i][0]),
                    |p_dot| p_dot.w[i][0],
                ) * x[0];
            let product_2 = p.w[i][1] * x[1];
            let product_2_dot = p_dot
                .map_or_else(
                    || ::differentiable::rt::zeros_like(&p.w[i][1]),
                    |p_dot| p_dot.w[i][1],
                ) * x[1];
            let sum = product + product_2;
            let sum_dot = product_dot + product_2_dot;
            let _ = || {
                ::differentiable::rt::seq(&p.b);
            };
            let _ = || ::differentiable::rt::is_scalar(&p.b[i]);
            let sum_2 = sum + p.b[i];
            let sum_2_dot = sum_dot
                + p_dot
                    .map_or_else(
                        || ::differentiable::rt::zeros_like(&p.b[i]),
                        |p_dot| p_dot.b[i],
                    );
            let tanh_2 = sum_2.tanh();
            let tanh_2_dot = sum_2_dot
                * ::differentiable::rt::partial::tanh(sum_2, tanh_2);
            hidden[i] = tanh_2;
            hidden_dot[i] = tanh_2_dot;
        }
        let hidden_now = hidden[0];
        let hidden_now_dot = hidden_dot[0];
        let _ = || {
            ::differentiable::rt::seq(&p.out);
        };
        let _ = || ::differentiable::rt::is_scalar(&p.out[0]);
        let product_3 = hidden_now * p.out[0];
        let product_3_dot = hidden_now_dot * p.out[0]
            + p_dot
                .map_or_else(
                    || ::differentiable::rt::zeros_like(&p.out[0]),
                    |p_dot| p_dot.out[0],
                ) * hidden_now;
        let hidden_now_2 = hidden[1];
        let hidden_now_2_dot = hidden_dot[1];
        let product_4 = hidden_now_2 * p.out[1];
        let product_4_dot = hidden_now_2_dot * p.out[1]
            + p_dot
                .map_or_else(
                    || ::differentiable::rt::zeros_like(&p.out[1]),
                    |p_dot| p_dot.out[1],
                ) * hidden_now_2;
        let sum_3 = product_3 + product_4;
        let sum_3_dot = product_3_dot + product_4_dot;
        let hidden_now_3 = hidden[2];
        let hidden_now_3_dot = hidden_dot[2];
        let product_5 = hidden_now_3 * p.out[2];
        let product_5_dot = hidden_now_3_dot * p.out[2]
            + p_dot
                .map_or_else(
                    || ::differentiable::rt::zeros_like(&p.out[2]),
                    |p_dot| p_dot.out[2],
                ) * hidden_now_3;
        let value: f64 = sum_3 + product_5;
        let value_dot: f64 = sum_3_dot + product_5_dot;
        (value, value_dot)
    }
}
