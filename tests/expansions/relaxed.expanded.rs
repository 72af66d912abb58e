pub fn product(w: &[f64], x: &[f64]) -> f64 {
    w.iter().zip(x).map(|(w, x)| w * x).sum()
}
/// The derivatives of [`product()`] with respect to `w`.
pub enum product {}
impl product {
    ::differentiable::rt::with_alloc! {
        #[doc = " The gradient of `product` with respect to `w`."] #[must_use] #[inline]
        pub fn grad(w : & [f64], x : & [f64]) -> ::differentiable::rt::Vec < f64 > { let
        mut d_w = ::differentiable::rt::zeros_of_slice(w); Self::__fused(product, w, x, &
        < f64 as ::differentiable::rt::Scalar > ::ONE, ::core::option::Option::Some(& mut
        d_w), ::core::option::Option::None); d_w } #[doc =
        " The value of `product`, and its gradient with respect to `w`."] #[must_use]
        #[inline] pub fn value_and_grad(w : & [f64], x : & [f64]) -> (f64,
        ::differentiable::rt::Vec < f64 >) { let mut d_w =
        ::differentiable::rt::zeros_of_slice(w); let value = Self::__fused(product, w, x,
        & < f64 as ::differentiable::rt::Scalar > ::ONE, ::core::option::Option::Some(&
        mut d_w), ::core::option::Option::None); (value, d_w) }
    }
    /** The value of `product`; adds `seed` times its derivative to the adjoints of `w`.

 # Panics

 If the adjoint of a slice has another length than the slice.*/
    #[inline]
    pub fn vjp(w: &[f64], x: &[f64], seed: f64, d_w: &mut [f64]) -> f64 {
        Self::__fused(
            product,
            w,
            x,
            &seed,
            ::core::option::Option::Some(d_w),
            ::core::option::Option::None,
        )
    }
    /// The value of `product`, and its derivative along the tangents of `w`.
    #[must_use]
    #[inline]
    pub fn jvp(w: &[f64], x: &[f64], w_dot: &[f64]) -> (f64, f64) {
        Self::__tangent(
            product,
            w,
            x,
            ::core::option::Option::Some(w_dot),
            ::core::option::Option::None,
        )
    }
    /// The value of `product`, and a function that adds a cotangent times its derivative to the adjoints of `w`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    #[must_use]
    #[inline]
    pub fn pullback<'pullback>(
        w: &'pullback [f64],
        x: &'pullback [f64],
    ) -> (f64, impl ::core::ops::FnOnce(f64, &mut [f64]) + 'pullback) {
        let (value, back) = Self::__split(product, w, x);
        (
            value,
            move |seed: f64, d_w: &mut [f64]| back(
                w,
                x,
                &seed,
                ::core::option::Option::Some(d_w),
                ::core::option::Option::None,
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
        w: &[f64],
        x: &[f64],
        seed: &f64,
        mut d_w: ::core::option::Option<&mut [f64]>,
        _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &product);
        if let ::core::option::Option::Some(d_w) = d_w.as_deref() {
            ::differentiable::rt::same_length("d_w", &*w, d_w);
        }
        let mut sum_2 = -0.0;
        let sum_2_bar = *seed;
        let end = ::core::cmp::Ord::min(w.len(), x.len());
        let mut first = 0;
        let mut sum_2_chains = [-0.0; 8];
        while let ::core::option::Option::Some(past) = ::core::primitive::usize::checked_add(
                first,
                8,
            )
            .filter(|past| *past <= end)
        {
            for i in first..past {
                let x_2_2 = &x[i];
                let product_2 = w[i] * x_2_2;
                sum_2_chains[i - first] += product_2;
                let product_2_bar = sum_2_bar;
                if let ::core::option::Option::Some(d_w) = d_w.as_deref_mut() {
                    d_w[i] += product_2_bar * x_2_2;
                }
            }
            first = past;
        }
        for i in first..end {
            let x_2_2 = &x[i];
            let product_2 = w[i] * x_2_2;
            sum_2 += product_2;
            let product_2_bar = sum_2_bar;
            if let ::core::option::Option::Some(d_w) = d_w.as_deref_mut() {
                d_w[i] += product_2_bar * x_2_2;
            }
        }
        sum_2
            += sum_2_chains[0] + sum_2_chains[4] + (sum_2_chains[2] + sum_2_chains[6])
                + (sum_2_chains[1] + sum_2_chains[5]
                    + (sum_2_chains[3] + sum_2_chains[7]));
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
        w: &[f64],
        x: &[f64],
    ) -> (
        f64,
        impl ::core::ops::Fn(
            &[f64],
            &[f64],
            &f64,
            ::core::option::Option<&mut [f64]>,
            ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
        ) + 'static,
    ) {
        ::differentiable::rt::same(&function, &product);
        let mut sum_2 = -0.0;
        let end = ::core::cmp::Ord::min(w.len(), x.len());
        let mut first = 0;
        let mut sum_2_chains = [-0.0; 8];
        while let ::core::option::Option::Some(past) = ::core::primitive::usize::checked_add(
                first,
                8,
            )
            .filter(|past| *past <= end)
        {
            for i in first..past {
                let x_2_2 = &x[i];
                let product_2 = w[i] * x_2_2;
                sum_2_chains[i - first] += product_2;
            }
            first = past;
        }
        for i in first..end {
            let x_2_2 = &x[i];
            let product_2 = w[i] * x_2_2;
            sum_2 += product_2;
        }
        sum_2
            += sum_2_chains[0] + sum_2_chains[4] + (sum_2_chains[2] + sum_2_chains[6])
                + (sum_2_chains[1] + sum_2_chains[5]
                    + (sum_2_chains[3] + sum_2_chains[7]));
        let value: f64 = sum_2;
        let backward = move |
            w: &[f64],
            x: &[f64],
            seed: &f64,
            mut d_w: ::core::option::Option<&mut [f64]>,
            _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>|
        {
            if let ::core::option::Option::Some(d_w) = d_w.as_deref() {
                ::differentiable::rt::same_length("d_w", &*w, d_w);
            }
            let sum_2_bar = *seed;
            for i in (0..::core::cmp::Ord::min(w.len(), x.len())).rev() {
                let x_2_2 = &x[i];
                let product_2_bar = sum_2_bar;
                if let ::core::option::Option::Some(d_w) = d_w.as_deref_mut() {
                    d_w[i] += product_2_bar * x_2_2;
                }
            }
        };
        (value, backward)
    }
    #[doc(hidden)]
    #[inline]
    pub fn __tangent(
        function: impl ::core::ops::Fn(
            &[f64],
            &[f64],
        ) -> f64 + ::core::marker::Copy + 'static,
        w: &[f64],
        x: &[f64],
        w_dot: ::core::option::Option<&[f64]>,
        _: ::core::option::Option<&::differentiable::rt::OutsideWrt>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &product);
        let mut sum_2 = -0.0;
        let mut sum_2_dot = 0.0;
        let end = ::core::cmp::Ord::min(w.len(), x.len());
        let mut first = 0;
        let mut sum_2_chains = [-0.0; 8];
        let mut sum_2_dot_chains = [-0.0; 8];
        while let ::core::option::Option::Some(past) = ::core::primitive::usize::checked_add(
                first,
                8,
            )
            .filter(|past| *past <= end)
        {
            for i in first..past {
                let x_2_2 = &x[i];
                let product_2 = w[i] * x_2_2;
                let product_2_dot = w_dot
                    .map_or_else(
                        || ::differentiable::rt::zeros_like(&w[i]),
                        |w_dot| w_dot[i],
                    ) * x_2_2;
                sum_2_chains[i - first] += product_2;
                sum_2_dot_chains[i - first] += product_2_dot;
            }
            first = past;
        }
        for i in first..end {
            let x_2_2 = &x[i];
            let product_2 = w[i] * x_2_2;
            let product_2_dot = w_dot
                .map_or_else(
                    || ::differentiable::rt::zeros_like(&w[i]),
                    |w_dot| w_dot[i],
                ) * x_2_2;
            sum_2 += product_2;
            sum_2_dot += product_2_dot;
        }
        sum_2
            += sum_2_chains[0] + sum_2_chains[4] + (sum_2_chains[2] + sum_2_chains[6])
                + (sum_2_chains[1] + sum_2_chains[5]
                    + (sum_2_chains[3] + sum_2_chains[7]));
        sum_2_dot
            += sum_2_dot_chains[0] + sum_2_dot_chains[4]
                + (sum_2_dot_chains[2] + sum_2_dot_chains[6])
                + (sum_2_dot_chains[1] + sum_2_dot_chains[5]
                    + (sum_2_dot_chains[3] + sum_2_dot_chains[7]));
        let value: f64 = sum_2;
        let value_dot: f64 = sum_2_dot;
        (value, value_dot)
    }
}
