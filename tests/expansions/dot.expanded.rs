pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
/// The derivatives of [`dot()`] with respect to `a`, `b`.
pub enum dot {}
impl dot {
    #[doc(hidden)]
    pub const __IS_PURE: bool = true;
    ::differentiable::rt::with_alloc! {
        #[doc =
        " The gradient of `dot` with respect to `a`, `b`, a tuple of their shapes, with a `Vec` for a slice."]
        #[doc = ""] #[doc = " It costs what [`vjp`](Self::vjp) costs."] #[must_use]
        #[inline] pub fn grad(a : & [f64], b : & [f64]) -> (::differentiable::rt::Vec <
        f64 >, ::differentiable::rt::Vec < f64 >) { let mut d_a =
        ::differentiable::rt::zeros_of_slice(a); let mut d_b =
        ::differentiable::rt::zeros_of_slice(b); Self::__fused(dot, a, b, & < f64 as
        ::differentiable::rt::Scalar > ::ONE, ::core::option::Option::Some(& mut d_a),
        ::core::option::Option::Some(& mut d_b)); (d_a, d_b) } #[doc =
        " The value of `dot`, and its gradient with respect to `a`, `b`, a tuple of their shapes, with a `Vec` for a slice."]
        #[doc = ""] #[doc = " It costs what [`vjp`](Self::vjp) costs."] #[must_use]
        #[inline] pub fn value_and_grad(a : & [f64], b : & [f64]) -> (f64,
        (::differentiable::rt::Vec < f64 >, ::differentiable::rt::Vec < f64 >)) { let mut
        d_a = ::differentiable::rt::zeros_of_slice(a); let mut d_b =
        ::differentiable::rt::zeros_of_slice(b); let value = Self::__fused(dot, a, b, & <
        f64 as ::differentiable::rt::Scalar > ::ONE, ::core::option::Option::Some(& mut
        d_a), ::core::option::Option::Some(& mut d_b)); (value, (d_a, d_b)) }
    }
    /// The value of `dot`; adds `seed` times its derivative to the adjoints of `a`, `b`.
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
    pub fn vjp(
        a: &[f64],
        b: &[f64],
        seed: f64,
        d_a: &mut [f64],
        d_b: &mut [f64],
    ) -> f64 {
        Self::__fused(
            dot,
            a,
            b,
            &seed,
            ::core::option::Option::Some(d_a),
            ::core::option::Option::Some(d_b),
        )
    }
    /// The value of `dot`, and its derivative along the tangents of `a`, `b`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    ///
    /// # Panics
    ///
    /// If the tangent of a slice has another length than the slice.
    #[must_use]
    #[inline]
    pub fn jvp(a: &[f64], b: &[f64], a_dot: &[f64], b_dot: &[f64]) -> (f64, f64) {
        ::differentiable::rt::same_length("a_dot", a, a_dot);
        ::differentiable::rt::same_length("b_dot", b, b_dot);
        Self::__tangent(
            dot,
            a,
            b,
            ::core::option::Option::Some(a_dot),
            ::core::option::Option::Some(b_dot),
        )
    }
    /// The value of `dot`, and a function that adds a cotangent times its derivative to the adjoints of `a`, `b`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept from the first half for the second.
    ///
    /// # Panics
    ///
    /// If the adjoint of a slice has another length than the slice.
    #[must_use]
    #[inline]
    pub fn pullback<'pullback>(
        a: &'pullback [f64],
        b: &'pullback [f64],
    ) -> (f64, impl ::core::ops::FnOnce(f64, &mut [f64], &mut [f64]) + 'pullback) {
        let (value, back) = Self::__split(dot, a, b);
        (
            value,
            move |seed: f64, d_a: &mut [f64], d_b: &mut [f64]| back(
                a,
                b,
                &seed,
                ::core::option::Option::Some(d_a),
                ::core::option::Option::Some(d_b),
            ),
        )
    }
    #[doc(hidden)]
    #[inline]
    pub fn __fused(
        function: impl ::core::ops::Fn(
            &[f64],
            &[f64],
        ) -> f64 + ::core::marker::Copy + 'static,
        a: &[f64],
        b: &[f64],
        seed: &f64,
        mut d_a: ::core::option::Option<&mut [f64]>,
        mut d_b: ::core::option::Option<&mut [f64]>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &dot);
        if let ::core::option::Option::Some(d_a) = d_a.as_deref() {
            ::differentiable::rt::same_length("d_a", &*a, d_a);
        }
        if let ::core::option::Option::Some(d_b) = d_b.as_deref() {
            ::differentiable::rt::same_length("d_b", &*b, d_b);
        }
        let mut sum_2 = -0.0;
        let sum_2_bar = *seed;
        for i in 0..::core::cmp::Ord::min(a.len(), b.len()) {
            let product = a[i] * b[i];
            sum_2 += product;
            let product_bar = sum_2_bar;
            if let ::core::option::Option::Some(d_a) = d_a.as_deref_mut() {
                d_a[i] += product_bar * b[i];
            }
            if let ::core::option::Option::Some(d_b) = d_b.as_deref_mut() {
                d_b[i] += product_bar * a[i];
            }
        }
        let value: f64 = sum_2;
        value
    }
    #[doc(hidden)]
    #[inline]
    pub fn __split(
        function: impl ::core::ops::Fn(
            &[f64],
            &[f64],
        ) -> f64 + ::core::marker::Copy + 'static,
        a: &[f64],
        b: &[f64],
    ) -> (
        f64,
        impl ::core::ops::Fn(
            &[f64],
            &[f64],
            &f64,
            ::core::option::Option<&mut [f64]>,
            ::core::option::Option<&mut [f64]>,
        ) + 'static,
    ) {
        ::differentiable::rt::same(&function, &dot);
        let mut sum_2 = -0.0;
        for i in 0..::core::cmp::Ord::min(a.len(), b.len()) {
            let product = a[i] * b[i];
            sum_2 += product;
        }
        let value: f64 = sum_2;
        (
            value,
            move |
                a: &[f64],
                b: &[f64],
                seed: &f64,
                mut d_a: ::core::option::Option<&mut [f64]>,
                mut d_b: ::core::option::Option<&mut [f64]>|
            {
                if let ::core::option::Option::Some(d_a) = d_a.as_deref() {
                    ::differentiable::rt::same_length("d_a", &*a, d_a);
                }
                if let ::core::option::Option::Some(d_b) = d_b.as_deref() {
                    ::differentiable::rt::same_length("d_b", &*b, d_b);
                }
                let sum_2_bar = *seed;
                for i in 0..::core::cmp::Ord::min(a.len(), b.len()) {
                    let product_bar = sum_2_bar;
                    if let ::core::option::Option::Some(d_a) = d_a.as_deref_mut() {
                        d_a[i] += product_bar * b[i];
                    }
                    if let ::core::option::Option::Some(d_b) = d_b.as_deref_mut() {
                        d_b[i] += product_bar * a[i];
                    }
                }
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    pub fn __tangent(
        function: impl ::core::ops::Fn(
            &[f64],
            &[f64],
        ) -> f64 + ::core::marker::Copy + 'static,
        a: &[f64],
        b: &[f64],
        a_dot: ::core::option::Option<&[f64]>,
        b_dot: ::core::option::Option<&[f64]>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &dot);
        let _ = || -> ::differentiable::rt::NoJumpInsideOfAMacro {
            ::differentiable::rt::known_methods!(shared iter length len);
            ::differentiable::rt::no_exit()
        };
        let mut sum_2 = -0.0;
        let mut sum_2_dot = 0.0;
        for i in 0..::core::cmp::Ord::min(a.len(), b.len()) {
            let product = a[i] * b[i];
            let product_dot = a_dot
                .map_or_else(
                    || ::differentiable::rt::zeros_like(&a[i]),
                    |a_dot| a_dot[i],
                ) * b[i]
                + b_dot
                    .map_or_else(
                        || ::differentiable::rt::zeros_like(&b[i]),
                        |b_dot| b_dot[i],
                    ) * a[i];
            sum_2 += product;
            sum_2_dot += product_dot;
        }
        let value: f64 = sum_2;
        let value_dot: f64 = sum_2_dot;
        (value, value_dot)
    }
}
