pub fn residuals(w: &[f64], points: &[f64]) -> f64 {
    let mut total = 0.0;
    for x in points {
        let mut residual = x.cos();
        let mut power = 1.0;
        for c in w {
            residual -= c * power;
            power *= *x;
        }
        total += residual * residual;
    }
    total
}
/// The derivatives of [`residuals()`] with respect to `w`.
pub enum residuals {}
impl residuals {
    #[doc(hidden)]
    pub const __IS_PURE: bool = true;
    ::differentiable::rt::with_alloc! {
        #[doc =
        " The gradient of `residuals` with respect to `w`, a `Vec` as long as the slice."]
        #[doc = ""] #[doc = " It costs what [`vjp`](Self::vjp) costs."] #[must_use]
        #[inline] pub fn grad(w : & [f64], points : & [f64]) -> ::differentiable::rt::Vec
        < f64 > { let mut d_w = ::differentiable::rt::zeros_of_slice(w);
        Self::__fused(residuals, w, points, & < f64 as ::differentiable::rt::Scalar >
        ::ONE, ::core::option::Option::Some(& mut d_w), ::core::option::Option::None);
        d_w } #[doc =
        " The value of `residuals`, and its gradient with respect to `w`, a `Vec` as long as the slice."]
        #[doc = ""] #[doc = " It costs what [`vjp`](Self::vjp) costs."] #[must_use]
        #[inline] pub fn value_and_grad(w : & [f64], points : & [f64]) -> (f64,
        ::differentiable::rt::Vec < f64 >) { let mut d_w =
        ::differentiable::rt::zeros_of_slice(w); let value = Self::__fused(residuals, w,
        points, & < f64 as ::differentiable::rt::Scalar > ::ONE,
        ::core::option::Option::Some(& mut d_w), ::core::option::Option::None); (value,
        d_w) }
    }
    /// The value of `residuals`; adds `seed` times its derivative to the adjoints of `w`.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept but local variables.
    /// * Run forward and backward in one go: the loop over `i`.
    ///
    /// # Panics
    ///
    /// If the adjoint of a slice has another length than the slice.
    #[inline]
    pub fn vjp(w: &[f64], points: &[f64], seed: f64, d_w: &mut [f64]) -> f64 {
        Self::__fused(
            residuals,
            w,
            points,
            &seed,
            ::core::option::Option::Some(d_w),
            ::core::option::Option::None,
        )
    }
    /// The value of `residuals`, and its derivative along the tangents of `w`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    ///
    /// # Panics
    ///
    /// If the tangent of a slice has another length than the slice.
    #[must_use]
    #[inline]
    pub fn jvp(w: &[f64], points: &[f64], w_dot: &[f64]) -> (f64, f64) {
        ::differentiable::rt::same_length("w_dot", w, w_dot);
        Self::__tangent(
            residuals,
            w,
            points,
            ::core::option::Option::Some(w_dot),
            ::core::option::Option::None,
        )
    }
    ::differentiable::rt::with_alloc! {
        #[doc =
        " The value of `residuals`, and a function that adds a cotangent times its derivative to the adjoints of `w`: the two halves of `vjp`. It borrows the arguments that go by shared reference."]
        #[doc = ""] #[doc = " Reverse mode:"] #[doc = ""] #[doc =
        " * Kept of each iteration of the loop over `i`: `residual_now` (8 bytes); in a `Vec`."]
        #[doc =
        " * Kept of each iteration of the loop over `i_2`: `constant`; in a `Vec`."]
        #[doc = ""] #[doc = " # Panics"] #[doc = ""] #[doc =
        " If the adjoint of a slice has another length than the slice."] #[must_use]
        #[inline] pub fn pullback < 'pullback, > (w : & 'pullback[f64], points : &
        'pullback[f64]) -> (f64, impl ::core::ops::FnOnce(f64, & mut [f64]) + 'pullback)
        { let (value, back) = Self::__split(residuals, w, points,); (value, move | seed :
        f64, d_w : & mut [f64] | back(w, points, & seed,
        ::core::option::Option::Some(d_w), ::core::option::Option::None)) }
    }
    #[doc(hidden)]
    #[inline]
    pub fn __fused(
        function: impl ::core::ops::Fn(
            &[f64],
            &[f64],
        ) -> f64 + ::core::marker::Copy + 'static,
        w: &[f64],
        points: &[f64],
        seed: &f64,
        mut d_w: ::core::option::Option<&mut [f64]>,
        _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &residuals);
        if let ::core::option::Option::Some(d_w) = d_w.as_deref() {
            ::differentiable::rt::same_length("d_w", &*w, d_w);
        }
        let mut total = 0.0;
        let total_bar = *seed;
        for i in 0..points.len() {
            let x = &points[i];
            let mut residual = x.cos();
            let mut power = 1.0;
            for i_2 in 0..w.len() {
                let constant = power;
                let product = w[i_2] * constant;
                residual -= product;
                power *= *x;
            }
            let residual_now = residual;
            let product_2 = residual_now * residual_now;
            total += product_2;
            let product_2_bar = total_bar;
            let residual_now_bar = 2.0 * (product_2_bar * residual_now);
            let residual_bar = residual_now_bar;
            let mut weighted_power_again = -residual_bar;
            for i_2 in 0..w.len() {
                let constant = weighted_power_again;
                weighted_power_again = constant * (*x);
                if let ::core::option::Option::Some(d_w) = d_w.as_deref_mut() {
                    d_w[i_2] += constant;
                }
            }
        }
        let value: f64 = total;
        value
    }
    ::differentiable::rt::with_alloc! {
        #[doc(hidden)] #[inline] pub fn __split(function : impl ::core::ops::Fn(& [f64],
        & [f64]) -> f64 + ::core::marker::Copy + 'static, w : & [f64], points : & [f64])
        -> (f64, impl ::core::ops::Fn(& [f64], & [f64], & f64, ::core::option::Option < &
        mut [f64] >, ::core::option::Option < & mut ::differentiable::rt::OutsideWrt >) +
        'static) { ::differentiable::rt::same(& function, & residuals); let mut total =
        0.0;
        ::differentiable::rt::needs_alloc!("the reverse sweep of this loop keeps values of every iteration, and their number is known only at run time: that needs the feature `alloc` of `differentiable`\nhelp: give the range constant ends, or enable `alloc`");
        let mut tape = ::differentiable::rt::Tape:: < _, 0 > ::new();
        ::differentiable::rt::needs_alloc!("the reverse sweep of this loop keeps values of every iteration, and their number is known only at run time: that needs the feature `alloc` of `differentiable`\nhelp: give the range constant ends, or enable `alloc`");
        let mut tape_2 = ::differentiable::rt::Tape:: < _, 0 >
        ::with_capacity(::core::iter::Iterator::size_hint(& (0..points.len())).0); for i
        in 0..points.len() { let x = & points[i]; let mut residual = x.cos(); let mut
        power = 1.0; tape.extend((0..w.len()).map(| i_2 | { let constant = power; let
        product = w[i_2] * constant; residual -= product; power *= * x; (constant,) }));
        let residual_now = residual; let product_2 = residual_now * residual_now; total
        += product_2; tape_2.push((residual_now,)); } let value : f64 = total; (value,
        move | w : & [f64], points : & [f64], seed : & f64, mut d_w :
        ::core::option::Option < & mut [f64] >, _ : ::core::option::Option < & mut
        ::differentiable::rt::OutsideWrt > | { let mut tape_left = tape.records(); if let
        ::core::option::Option::Some(d_w) = d_w.as_deref() {
        ::differentiable::rt::same_length("d_w", & * w, d_w); } let total_bar = * seed;
        for (i, & (residual_now,)) in (0..points.len()).rev().zip(tape_2.iter().rev()) {
        let product_2_bar = total_bar; let residual_now_bar = 2.0 * (product_2_bar *
        residual_now); let residual_bar = residual_now_bar; for (i_2, & (ref constant,))
        in (0..w.len()).rev().zip(tape_left.last(::core::iter::Iterator::count(0..w
        .len())).iter().rev()) { let constant = { use ::differentiable::rt:: { HeldCopy
        as _, HeldOther as _ }; (& ::differentiable::rt::Held(constant)).get() }; let
        product_bar = - residual_bar; if let ::core::option::Option::Some(d_w) = d_w
        .as_deref_mut() { d_w[i_2] += product_bar * constant; } } tape_left
        .drop_last(::core::iter::Iterator::count(0..w.len())); } }) }
    }
    #[doc(hidden)]
    #[inline]
    pub fn __tangent(
        function: impl ::core::ops::Fn(
            &[f64],
            &[f64],
        ) -> f64 + ::core::marker::Copy + 'static,
        w: &[f64],
        points: &[f64],
        w_dot: ::core::option::Option<&[f64]>,
        _: ::core::option::Option<&::differentiable::rt::OutsideWrt>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &residuals);
        let _ = || -> ::differentiable::rt::NoJumpInsideOfAMacro {
            ::differentiable::rt::known_methods!(length len);
            ::differentiable::rt::no_exit()
        };
        let mut total = 0.0;
        let mut total_dot = 0.0;
        for i in 0..points.len() {
            let x = &points[i];
            let mut residual = x.cos();
            let mut residual_dot = 0.0;
            let mut power = 1.0;
            for i_2 in 0..w.len() {
                let constant = power;
                let _ = || ::differentiable::rt::is_operand!(* & power);
                let product = w[i_2] * constant;
                let product_dot = w_dot
                    .map_or_else(
                        || ::differentiable::rt::zeros_like(&w[i_2]),
                        |w_dot| w_dot[i_2],
                    ) * constant;
                let _ = || ::differentiable::rt::is_scalar(&residual);
                residual -= product;
                residual_dot -= product_dot;
                power *= *x;
            }
            let residual_now = residual;
            let residual_now_dot = residual_dot;
            let product_2 = residual_now * residual_now;
            let product_2_dot = residual_now_dot * residual_now
                + residual_now_dot * residual_now;
            total += product_2;
            total_dot += product_2_dot;
        }
        let value: f64 = total;
        let value_dot: f64 = total_dot;
        (value, value_dot)
    }
}
