fn step(state: &mut [f64; 2], h: f64) {
    state[1] -= h * state[0].sin();
    state[0] += h * state[1];
}
/// The derivatives of [`step()`] with respect to `state`, `h`.
enum step {}
impl step {
    #[doc(hidden)]
    const __IS_PURE: bool = true;
    /// The value of `step`; adds `seed` times its derivative to the adjoints of `state`, `h`.
    ///
    /// The adjoint of a `&mut` parameter holds the cotangent of what the function leaves there on entry, and of what it found on return.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept but local variables.
    #[inline]
    fn vjp(state: &mut [f64; 2], h: f64, d_state: &mut [f64; 2], d_h: &mut f64) -> () {
        Self::__fused(step, state, h, &(), d_state, ::core::option::Option::Some(d_h))
    }
    /// What `step` does, and its derivative along the tangents of `state`, `h`.
    ///
    /// The tangent of a `&mut` parameter is that of what the function finds there, and then of what it leaves.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[inline]
    fn jvp(state: &mut [f64; 2], h: f64, state_dot: &mut [f64; 2], h_dot: f64) {
        Self::__tangent(step, state, h, state_dot, ::core::option::Option::Some(&h_dot));
    }
    /// The value of `step`, and a function that adds a cotangent times its derivative to the adjoints of `state`, `h`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Kept from the first half for the second: `state_now`, `sin_2`, `state_now_2` (24 bytes).
    #[must_use]
    #[inline]
    fn pullback(
        state: &mut [f64; 2],
        h: f64,
    ) -> ((), impl ::core::ops::FnOnce(&mut [f64; 2], &mut f64) + 'static) {
        let (value, back) = Self::__split(step, state, h);
        (
            value,
            move |d_state: &mut [f64; 2], d_h: &mut f64| back(
                ::differentiable::rt::Kept,
                &h,
                &(),
                d_state,
                ::core::option::Option::Some(d_h),
            ),
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __fused(
        function: impl ::core::ops::Fn(
            &mut [f64; 2],
            f64,
        ) -> () + ::core::marker::Copy + 'static,
        state: &mut [f64; 2],
        h: f64,
        seed: &(),
        d_state: &mut [f64; 2],
        mut d_h: ::core::option::Option<&mut f64>,
    ) -> () {
        ::differentiable::rt::same(&function, &step);
        let state_now = state[0];
        let sin_2 = state_now.sin();
        let product = h * sin_2;
        state[1] -= product;
        let state_now_2 = state[1];
        let product_2 = h * state_now_2;
        state[0] += product_2;
        let product_2_bar = d_state[0];
        let mut h_bar = product_2_bar * state_now_2;
        let state_now_2_bar = product_2_bar * h;
        d_state[1] += state_now_2_bar;
        let product_bar = -d_state[1];
        h_bar += product_bar * sin_2;
        let sin_2_bar = product_bar * h;
        let state_now_bar = sin_2_bar * ::differentiable::rt::Real::cos(state_now);
        d_state[0] += state_now_bar;
        if let ::core::option::Option::Some(d_h) = d_h.as_deref_mut() {
            *d_h += h_bar;
        }
    }
    #[doc(hidden)]
    #[inline]
    fn __split(
        function: impl ::core::ops::Fn(
            &mut [f64; 2],
            f64,
        ) -> () + ::core::marker::Copy + 'static,
        state: &mut [f64; 2],
        h: f64,
    ) -> (
        (),
        impl ::core::ops::Fn(
            ::differentiable::rt::Kept,
            &f64,
            &(),
            &mut [f64; 2],
            ::core::option::Option<&mut f64>,
        ) + 'static,
    ) {
        ::differentiable::rt::same(&function, &step);
        let state_now = state[0];
        let sin_2 = state_now.sin();
        let product = h * sin_2;
        state[1] -= product;
        let state_now_2 = state[1];
        let product_2 = h * state_now_2;
        state[0] += product_2;
        (
            (),
            move |
                _: ::differentiable::rt::Kept,
                &h: &f64,
                seed: &(),
                d_state: &mut [f64; 2],
                mut d_h: ::core::option::Option<&mut f64>|
            {
                let product_2_bar = d_state[0];
                let mut h_bar = product_2_bar * state_now_2;
                let state_now_2_bar = product_2_bar * h;
                d_state[1] += state_now_2_bar;
                let product_bar = -d_state[1];
                h_bar += product_bar * sin_2;
                let sin_2_bar = product_bar * h;
                let state_now_bar = sin_2_bar
                    * ::differentiable::rt::Real::cos(state_now);
                d_state[0] += state_now_bar;
                if let ::core::option::Option::Some(d_h) = d_h.as_deref_mut() {
                    *d_h += h_bar;
                }
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __tangent(
        function: impl ::core::ops::Fn(
            &mut [f64; 2],
            f64,
        ) -> () + ::core::marker::Copy + 'static,
        state: &mut [f64; 2],
        h: f64,
        state_dot: &mut [f64; 2],
        h_dot: ::core::option::Option<&f64>,
    ) -> ((), ()) {
        ::differentiable::rt::same(&function, &step);
        let h_dot_2 = h_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&h),
                |h_dot| ::differentiable::rt::Clone::clone(h_dot),
            );
        let state_now = state[0];
        let state_now_dot = state_dot[0];
        let sin_2 = state_now.sin();
        let sin_2_dot = state_now_dot * ::differentiable::rt::Real::cos(state_now);
        let product = h * sin_2;
        let product_dot = h_dot_2 * sin_2 + sin_2_dot * h;
        state[1] -= product;
        state_dot[1] -= product_dot;
        let state_now_2 = state[1];
        let state_now_2_dot = state_dot[1];
        let product_2 = h * state_now_2;
        let product_2_dot = h_dot_2 * state_now_2 + state_now_2_dot * h;
        state[0] += product_2;
        state_dot[0] += product_2_dot;
        ((), ())
    }
}
