pub fn product(w: &[f64], x: &[f64]) -> f64 {
    w.iter().zip(x).map(|(w, x)| w * x).sum()
}
/// The derivatives of [`product()`] with respect to `w`.
pub enum product {}
impl product {
    #[doc(hidden)]
    pub const __IS_PURE: bool = true;
    ::differentiable::rt::with_alloc! {
        #[doc =
        " The gradient of `product` with respect to `w`, a `Vec` as long as the slice."]
        #[doc = ""] #[doc = " It costs what [`vjp`](Self::vjp) costs."] #[must_use]
        #[inline] pub fn grad(w : & [f64], x : & [f64]) -> ::differentiable::rt::Vec <
        f64 > { let mut d_w = ::differentiable::rt::zeros_of_slice(w);
        Self::__fused(product, w, x, & < f64 as ::differentiable::rt::Scalar > ::ONE,
        ::core::option::Option::Some(& mut d_w), ::core::option::Option::None); d_w }
        #[doc =
        " The value of `product`, and its gradient with respect to `w`, a `Vec` as long as the slice."]
        #[doc = ""] #[doc = " It costs what [`vjp`](Self::vjp) costs."] #[must_use]
        #[inline] pub fn value_and_grad(w : & [f64], x : & [f64]) -> (f64,
        ::differentiable::rt::Vec < f64 >) { let mut d_w =
        ::differentiable::rt::zeros_of_slice(w); let value = Self::__fused(product, w, x,
        & < f64 as ::differentiable::rt::Scalar > ::ONE, ::core::option::Option::Some(&
        mut d_w), ::core::option::Option::None); (value, d_w) }
    }
    /// The value of `product`; adds `seed` times its derivative to the adjoints of `w`.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept but local variables.
    /// * Computed once more on the way back: `product_2`.
    /// * Run forward and backward in one go: the loop.
    ///
    /// # Panics
    ///
    /// If the adjoint of a slice has another length than the slice.
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
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    ///
    /// # Panics
    ///
    /// If the tangent of a slice has another length than the slice.
    #[must_use]
    #[inline]
    pub fn jvp(w: &[f64], x: &[f64], w_dot: &[f64]) -> (f64, f64) {
        ::differentiable::rt::same_length("w_dot", w, w_dot);
        Self::__tangent(
            product,
            w,
            x,
            ::core::option::Option::Some(w_dot),
            ::core::option::Option::None,
        )
    }
    /// The value of `product`, and a function that adds a cotangent times its derivative to the adjoints of `w`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept from the first half for the second.
    /// * Computed once more on the way back: `product_2`.
    /// * Run forward and backward in one go: the loop.
    ///
    /// # Panics
    ///
    /// If the adjoint of a slice has another length than the slice.
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
            let w_block = &w[first..past];
            let x_block = &x[first..past];
            let mut d_w_block = d_w.as_deref_mut().map(|d_w| &mut d_w[first..past]);
            for i in first..past {
                let x_2_2 = &x_block[i - first];
                let product_2 = w_block[i - first] * x_2_2;
                sum_2_chains[i - first] += product_2;
                let product_2_bar = sum_2_bar;
                if let ::core::option::Option::Some(d_w_block) = d_w_block.as_deref_mut()
                {
                    d_w_block[i - first] += product_2_bar * x_2_2;
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
        if first != 0 {
            sum_2 += ::differentiable::rt::sum_of_chains(sum_2_chains);
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
            let w_block = &w[first..past];
            let x_block = &x[first..past];
            for i in first..past {
                let x_2_2 = &x_block[i - first];
                let product_2 = w_block[i - first] * x_2_2;
                sum_2_chains[i - first] += product_2;
            }
            first = past;
        }
        for i in first..end {
            let x_2_2 = &x[i];
            let product_2 = w[i] * x_2_2;
            sum_2 += product_2;
        }
        if first != 0 {
            sum_2 += ::differentiable::rt::sum_of_chains(sum_2_chains);
        }
        let value: f64 = sum_2;
        (
            value,
            move |
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
                for i in 0..::core::cmp::Ord::min(w.len(), x.len()) {
                    let x_2_2 = &x[i];
                    let product_2_bar = sum_2_bar;
                    if let ::core::option::Option::Some(d_w) = d_w.as_deref_mut() {
                        d_w[i] += product_2_bar * x_2_2;
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
        w: &[f64],
        x: &[f64],
        w_dot: ::core::option::Option<&[f64]>,
        _: ::core::option::Option<&::differentiable::rt::OutsideWrt>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &product);
        let _ = || -> ::differentiable::rt::NoJumpInsideOfAMacro {
            ::differentiable::rt::known_methods!(shared iter length len);
            ::differentiable::rt::no_exit()
        };
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
            let w_block = &w[first..past];
            let x_block = &x[first..past];
            for i in first..past {
                let x_2_2 = &x_block[i - first];
                let product_2 = w_block[i - first] * x_2_2;
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
        if first != 0 {
            sum_2 += ::differentiable::rt::sum_of_chains(sum_2_chains);
            sum_2_dot += ::differentiable::rt::sum_of_chains(sum_2_dot_chains);
        }
        let value: f64 = sum_2;
        let value_dot: f64 = sum_2_dot;
        (value, value_dot)
    }
}
pub fn energy(scale: f64, x: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        total += (scale * x[i]).exp().ln_1p();
    }
    total
}
/// The derivatives of [`energy()`] with respect to `scale`.
pub enum energy {}
impl energy {
    #[doc(hidden)]
    pub const __IS_PURE: bool = true;
    /// The gradient of `energy` with respect to `scale`, in the shape of the parameter.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    pub fn grad(scale: f64, x: &[f64]) -> f64 {
        let mut d_scale = -::differentiable::rt::zeros_like(&scale);
        Self::__fused(
            energy,
            scale,
            x,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_scale),
            ::core::option::Option::None,
        );
        d_scale
    }
    /// The value of `energy`, and its gradient with respect to `scale`, in the shape of the parameter.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    pub fn value_and_grad(scale: f64, x: &[f64]) -> (f64, f64) {
        let mut d_scale = -::differentiable::rt::zeros_like(&scale);
        let value = Self::__fused(
            energy,
            scale,
            x,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_scale),
            ::core::option::Option::None,
        );
        (value, d_scale)
    }
    /// The value of `energy`; adds `seed` times its derivative to the adjoints of `scale`.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept but local variables.
    /// * Run forward and backward in one go: the loop.
    #[inline]
    pub fn vjp(scale: f64, x: &[f64], seed: f64, d_scale: &mut f64) -> f64 {
        Self::__fused(
            energy,
            scale,
            x,
            &seed,
            ::core::option::Option::Some(d_scale),
            ::core::option::Option::None,
        )
    }
    /// The value of `energy`, and its derivative along the tangents of `scale`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[must_use]
    #[inline]
    pub fn jvp(scale: f64, x: &[f64], scale_dot: f64) -> (f64, f64) {
        Self::__tangent(
            energy,
            scale,
            x,
            ::core::option::Option::Some(&scale_dot),
            ::core::option::Option::None,
        )
    }
    ::differentiable::rt::with_alloc! {
        #[doc =
        " The value of `energy`, and a function that adds a cotangent times its derivative to the adjoints of `scale`: the two halves of `vjp`. It borrows the arguments that go by shared reference."]
        #[doc = ""] #[doc = " Reverse mode:"] #[doc = ""] #[doc =
        " * Kept of each iteration of the loop over `lane`: `exp_2` (8 bytes); in a `Vec`."]
        #[doc = " * Run forward and backward in one go: the loop."] #[must_use] #[inline]
        pub fn pullback < 'pullback, > (scale : f64, x : & 'pullback[f64]) -> (f64, impl
        ::core::ops::FnOnce(f64, & mut f64) + 'pullback) { let (value, back) =
        Self::__split(energy, scale, x,); (value, move | seed : f64, d_scale : & mut f64
        | back(& scale, x, & seed, ::core::option::Option::Some(d_scale),
        ::core::option::Option::None)) }
    }
    #[doc(hidden)]
    #[inline]
    pub fn __fused(
        function: impl ::core::ops::Fn(
            f64,
            &[f64],
        ) -> f64 + ::core::marker::Copy + 'static,
        scale: f64,
        x: &[f64],
        seed: &f64,
        mut d_scale: ::core::option::Option<&mut f64>,
        _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &energy);
        let mut total = 0.0;
        let total_bar = *seed;
        let mut scale_bar = 0.0;
        let mut exp_2_lanes = [0.0; 64];
        let mut ln_1p_2_lanes = [0.0; 64];
        let end = x.len();
        let mut first = 0;
        while first < end {
            let past = first + ::core::cmp::Ord::min(end - first, 64);
            let count = past - first;
            let x_block = &x[first..past];
            for lane in 0..count {
                let product = scale * x_block[lane];
                exp_2_lanes[lane] = product;
            }
            ::differentiable::rt::vector::exp(&mut exp_2_lanes[..count]);
            let x_block_2 = &x[first..past];
            let end_2 = count;
            let mut first_2 = 0;
            let mut scale_bar_chains = [-0.0; 8];
            while let ::core::option::Option::Some(past_2) = ::core::primitive::usize::checked_add(
                    first_2,
                    8,
                )
                .filter(|past| *past <= end_2)
            {
                let exp_2_lanes_block = &exp_2_lanes[first_2..past_2];
                let ln_1p_2_lanes_block = &mut ln_1p_2_lanes[first_2..past_2];
                let x_block_2_block = &x_block_2[first_2..past_2];
                for lane in first_2..past_2 {
                    let exp_2 = exp_2_lanes_block[lane - first_2];
                    ln_1p_2_lanes_block[lane - first_2] = exp_2;
                    let ln_1p_2_bar = total_bar;
                    let exp_2_bar = ln_1p_2_bar
                        * ::differentiable::rt::partial::ln_1p(exp_2);
                    let product_bar = exp_2_bar * exp_2;
                    scale_bar_chains[lane - first_2]
                        += product_bar * x_block_2_block[lane - first_2];
                }
                first_2 = past_2;
            }
            for lane in first_2..end_2 {
                let exp_2 = exp_2_lanes[lane];
                ln_1p_2_lanes[lane] = exp_2;
                let ln_1p_2_bar = total_bar;
                let exp_2_bar = ln_1p_2_bar
                    * ::differentiable::rt::partial::ln_1p(exp_2);
                let product_bar = exp_2_bar * exp_2;
                scale_bar += product_bar * x_block_2[lane];
            }
            if first_2 != 0 {
                scale_bar += ::differentiable::rt::sum_of_chains(scale_bar_chains);
            }
            ::differentiable::rt::vector::ln_1p(&mut ln_1p_2_lanes[..count]);
            let end_3 = count;
            let mut first_3 = 0;
            let mut total_chains = [-0.0; 8];
            while let ::core::option::Option::Some(past_3) = ::core::primitive::usize::checked_add(
                    first_3,
                    8,
                )
                .filter(|past| *past <= end_3)
            {
                let ln_1p_2_lanes_block_2 = &ln_1p_2_lanes[first_3..past_3];
                for lane in first_3..past_3 {
                    let ln_1p_2 = ln_1p_2_lanes_block_2[lane - first_3];
                    total_chains[lane - first_3] += ln_1p_2;
                }
                first_3 = past_3;
            }
            for lane in first_3..end_3 {
                let ln_1p_2 = ln_1p_2_lanes[lane];
                total += ln_1p_2;
            }
            if first_3 != 0 {
                total += ::differentiable::rt::sum_of_chains(total_chains);
            }
            first = past;
        }
        let value: f64 = total;
        if let ::core::option::Option::Some(d_scale) = d_scale.as_deref_mut() {
            *d_scale += scale_bar;
        }
        value
    }
    ::differentiable::rt::with_alloc! {
        #[doc(hidden)] #[inline] pub fn __split(function : impl ::core::ops::Fn(f64, &
        [f64]) -> f64 + ::core::marker::Copy + 'static, scale : f64, x : & [f64]) ->
        (f64, impl ::core::ops::Fn(& f64, & [f64], & f64, ::core::option::Option < & mut
        f64 >, ::core::option::Option < & mut ::differentiable::rt::OutsideWrt >) +
        'static) { ::differentiable::rt::same(& function, & energy); let mut total = 0.0;
        let mut exp_2_lanes = [0.0; 64]; let mut ln_1p_2_lanes = [0.0; 64]; let end = x
        .len(); let mut first = 0;
        ::differentiable::rt::needs_alloc!("the reverse sweep of this loop keeps values of every iteration, and their number is known only at run time: that needs the feature `alloc` of `differentiable`\nhelp: give the range constant ends, or enable `alloc`");
        let mut tape = ::differentiable::rt::Tape:: < _, 0 >
        ::with_capacity(::core::iter::Iterator::size_hint(& (0..x.len())).0); while first
        < end { let past = first + ::core::cmp::Ord::min(end - first, 64); let count =
        past - first; let x_block = & x[first..past]; for lane in 0..count { let product
        = scale * x_block[lane]; exp_2_lanes[lane] = product; }
        ::differentiable::rt::vector::exp(& mut exp_2_lanes[..count]); for lane in 0
        ..count { let exp_2 = exp_2_lanes[lane]; ln_1p_2_lanes[lane] = exp_2; }
        ::differentiable::rt::vector::ln_1p(& mut ln_1p_2_lanes[..count]); let end_2 =
        count; let mut first_2 = 0; let mut total_chains = [- 0.0; 8]; while let
        ::core::option::Option::Some(past_2) =
        ::core::primitive::usize::checked_add(first_2, 8).filter(| past | * past <=
        end_2) { let ln_1p_2_lanes_block = & ln_1p_2_lanes[first_2..past_2]; for lane in
        first_2..past_2 { let ln_1p_2 = ln_1p_2_lanes_block[lane - first_2];
        total_chains[lane - first_2] += ln_1p_2; } first_2 = past_2; } for lane in
        first_2..end_2 { let ln_1p_2 = ln_1p_2_lanes[lane]; total += ln_1p_2; } if
        first_2 != 0 { total += ::differentiable::rt::sum_of_chains(total_chains); } tape
        .extend((0..count).map(| lane | { let exp_2 = exp_2_lanes[lane]; (exp_2,) }));
        first = past; } let value : f64 = total; (value, move | & scale : & f64, x : &
        [f64], seed : & f64, mut d_scale : ::core::option::Option < & mut f64 >, _ :
        ::core::option::Option < & mut ::differentiable::rt::OutsideWrt > | { let
        total_bar = * seed; let mut scale_bar = 0.0; for (i, & (exp_2,)) in (0..x.len())
        .rev().zip(tape.iter().rev()) { let ln_1p_2_bar = total_bar; let exp_2_bar =
        ln_1p_2_bar * ::differentiable::rt::partial::ln_1p(exp_2); let product_bar =
        exp_2_bar * exp_2; scale_bar += product_bar * x[i]; } if let
        ::core::option::Option::Some(d_scale) = d_scale.as_deref_mut() { * d_scale +=
        scale_bar; } }) }
    }
    #[doc(hidden)]
    #[inline]
    pub fn __tangent(
        function: impl ::core::ops::Fn(
            f64,
            &[f64],
        ) -> f64 + ::core::marker::Copy + 'static,
        scale: f64,
        x: &[f64],
        scale_dot: ::core::option::Option<&f64>,
        _: ::core::option::Option<&::differentiable::rt::OutsideWrt>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &energy);
        let scale_dot_2 = scale_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&scale),
                |scale_dot| ::differentiable::rt::Clone::clone(scale_dot),
            );
        let mut total = 0.0;
        let mut total_dot = 0.0;
        let mut exp_2_lanes = [0.0; 64];
        let mut ln_1p_2_lanes = [0.0; 64];
        let mut product_dot_lanes = [0.0; 64];
        let end = x.len();
        let mut first = 0;
        while first < end {
            let past = first + ::core::cmp::Ord::min(end - first, 64);
            let count = past - first;
            let x_block = &x[first..past];
            for lane in 0..count {
                let product = scale * x_block[lane];
                let product_dot = scale_dot_2 * x_block[lane];
                product_dot_lanes[lane] = product_dot;
                exp_2_lanes[lane] = product;
            }
            ::differentiable::rt::vector::exp(&mut exp_2_lanes[..count]);
            let end_2 = count;
            let mut first_2 = 0;
            let mut total_dot_chains = [-0.0; 8];
            while let ::core::option::Option::Some(past_2) = ::core::primitive::usize::checked_add(
                    first_2,
                    8,
                )
                .filter(|past| *past <= end_2)
            {
                let exp_2_lanes_block = &exp_2_lanes[first_2..past_2];
                let ln_1p_2_lanes_block = &mut ln_1p_2_lanes[first_2..past_2];
                let product_dot_lanes_block = &product_dot_lanes[first_2..past_2];
                for lane in first_2..past_2 {
                    let product_dot = product_dot_lanes_block[lane - first_2];
                    let exp_2 = exp_2_lanes_block[lane - first_2];
                    let exp_2_dot = product_dot * exp_2;
                    ln_1p_2_lanes_block[lane - first_2] = exp_2;
                    let ln_1p_2_dot = exp_2_dot
                        * ::differentiable::rt::partial::ln_1p(exp_2);
                    total_dot_chains[lane - first_2] += ln_1p_2_dot;
                }
                first_2 = past_2;
            }
            for lane in first_2..end_2 {
                let product_dot = product_dot_lanes[lane];
                let exp_2 = exp_2_lanes[lane];
                let exp_2_dot = product_dot * exp_2;
                ln_1p_2_lanes[lane] = exp_2;
                let ln_1p_2_dot = exp_2_dot
                    * ::differentiable::rt::partial::ln_1p(exp_2);
                total_dot += ln_1p_2_dot;
            }
            if first_2 != 0 {
                total_dot += ::differentiable::rt::sum_of_chains(total_dot_chains);
            }
            ::differentiable::rt::vector::ln_1p(&mut ln_1p_2_lanes[..count]);
            let end_3 = count;
            let mut first_3 = 0;
            let mut total_chains = [-0.0; 8];
            while let ::core::option::Option::Some(past_3) = ::core::primitive::usize::checked_add(
                    first_3,
                    8,
                )
                .filter(|past| *past <= end_3)
            {
                let ln_1p_2_lanes_block_2 = &ln_1p_2_lanes[first_3..past_3];
                for lane in first_3..past_3 {
                    let ln_1p_2 = ln_1p_2_lanes_block_2[lane - first_3];
                    total_chains[lane - first_3] += ln_1p_2;
                }
                first_3 = past_3;
            }
            for lane in first_3..end_3 {
                let ln_1p_2 = ln_1p_2_lanes[lane];
                total += ln_1p_2;
            }
            if first_3 != 0 {
                total += ::differentiable::rt::sum_of_chains(total_chains);
            }
            first = past;
        }
        let value: f64 = total;
        let value_dot: f64 = total_dot;
        (value, value_dot)
    }
}
