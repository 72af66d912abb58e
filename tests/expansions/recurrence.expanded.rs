fn recurrence(x: f64, a: f64, steps: usize) -> f64 {
    let mut s = x;
    for _ in 0..steps {
        s += 0.1 * a * s * (1.0 - s);
    }
    s
}
/// The derivatives of [`recurrence()`] with respect to `x`, `a`.
enum recurrence {}
impl recurrence {
    #[doc(hidden)]
    const __IS_PURE: bool = true;
    /// The gradient of `recurrence` with respect to `x`, `a`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn grad(x: f64, a: f64, steps: usize) -> (f64, f64) {
        let mut d_x = -::differentiable::rt::zeros_like(&x);
        let mut d_a = -::differentiable::rt::zeros_like(&a);
        Self::__fused(
            recurrence,
            x,
            a,
            steps,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_x),
            ::core::option::Option::Some(&mut d_a),
            ::core::option::Option::None,
        );
        (d_x, d_a)
    }
    /// The value of `recurrence`, and its gradient with respect to `x`, `a`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn value_and_grad(x: f64, a: f64, steps: usize) -> (f64, (f64, f64)) {
        let mut d_x = -::differentiable::rt::zeros_like(&x);
        let mut d_a = -::differentiable::rt::zeros_like(&a);
        let value = Self::__fused(
            recurrence,
            x,
            a,
            steps,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_x),
            ::core::option::Option::Some(&mut d_a),
            ::core::option::Option::None,
        );
        (value, (d_x, d_a))
    }
    /// The value of `recurrence`; adds `seed` times its derivative to the adjoints of `x`, `a`.
    ///
    /// Forward mode, in the direction of each active parameter at once: nothing is kept, nothing is computed twice.
    #[inline]
    fn vjp(
        x: f64,
        a: f64,
        steps: usize,
        seed: f64,
        d_x: &mut f64,
        d_a: &mut f64,
    ) -> f64 {
        Self::__fused(
            recurrence,
            x,
            a,
            steps,
            &seed,
            ::core::option::Option::Some(d_x),
            ::core::option::Option::Some(d_a),
            ::core::option::Option::None,
        )
    }
    /// The value of `recurrence`, and its derivative along the tangents of `x`, `a`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[must_use]
    #[inline]
    fn jvp(x: f64, a: f64, steps: usize, x_dot: f64, a_dot: f64) -> (f64, f64) {
        Self::__tangent(
            recurrence,
            x,
            a,
            steps,
            ::core::option::Option::Some(&x_dot),
            ::core::option::Option::Some(&a_dot),
            ::core::option::Option::None,
        )
    }
    ::differentiable::rt::with_alloc! {
        #[doc =
        " The value of `recurrence`, and a function that adds a cotangent times its derivative to the adjoints of `x`, `a`: the two halves of `vjp`. It borrows the arguments that go by shared reference."]
        #[doc = ""] #[doc = " Reverse mode:"] #[doc = ""] #[doc =
        " * Kept of each iteration of the loop over `i`: `s_now` (8 bytes); in a `Vec`."]
        #[doc =
        " * Computed once more on the way back: `product`, `product_2`, `difference`."]
        #[must_use] #[inline] fn pullback(x : f64, a : f64, steps : usize) -> (f64, impl
        ::core::ops::FnOnce(f64, & mut f64, & mut f64) + 'static) { let (value, back) =
        Self::__split(recurrence, x, a, steps,); (value, move | seed : f64, d_x : & mut
        f64, d_a : & mut f64 | back(& x, & a, ::differentiable::rt::Kept, & seed,
        ::core::option::Option::Some(d_x), ::core::option::Option::Some(d_a),
        ::core::option::Option::None)) }
    }
    #[doc(hidden)]
    #[allow(clippy::too_many_arguments)]
    #[inline]
    fn __fused(
        function: impl ::core::ops::Fn(
            f64,
            f64,
            usize,
        ) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
        a: f64,
        steps: usize,
        seed: &f64,
        mut d_x: ::core::option::Option<&mut f64>,
        mut d_a: ::core::option::Option<&mut f64>,
        _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
    ) -> f64 {
        ::differentiable::rt::same(&function, &recurrence);
        let x_dot = 1.0;
        let mut s = x;
        let mut s_dot = x_dot;
        let mut s_dot_2 = 0.0;
        for i in 0..steps {
            let product = 0.1 * a;
            let s_now = s;
            let product_2 = product * s_now;
            let difference = 1.0 - s_now;
            let product_3 = product_2 * difference;
            s += product_3;
            let mut s_bar = 1.0;
            let product_3_bar = s_bar;
            let product_2_bar = product_3_bar * difference;
            let difference_bar = product_3_bar * product_2;
            let mut s_now_bar = -difference_bar;
            let product_bar = product_2_bar * s_now;
            s_now_bar += product_2_bar * product;
            s_bar += s_now_bar;
            let a_bar = product_bar * 0.1;
            let to_a = a_bar;
            let to_s = s_bar;
            let s_dot_after = to_s * s_dot;
            s_dot = s_dot_after;
            let s_dot_2_after = to_a + to_s * s_dot_2;
            s_dot_2 = s_dot_2_after;
        }
        let value: f64 = s;
        let value_dot: f64 = s_dot;
        let value_dot_2: f64 = s_dot_2;
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            *d_x += *seed * value_dot;
        }
        if let ::core::option::Option::Some(d_a) = d_a.as_deref_mut() {
            *d_a += *seed * value_dot_2;
        }
        value
    }
    ::differentiable::rt::with_alloc! {
        #[doc(hidden)] #[inline] fn __split(function : impl ::core::ops::Fn(f64, f64,
        usize) -> f64 + ::core::marker::Copy + 'static, x : f64, a : f64, steps : usize)
        -> (f64, impl ::core::ops::Fn(& f64, & f64, ::differentiable::rt::Kept, & f64,
        ::core::option::Option < & mut f64 >, ::core::option::Option < & mut f64 >,
        ::core::option::Option < & mut ::differentiable::rt::OutsideWrt >) + 'static) {
        ::differentiable::rt::same(& function, & recurrence); let mut s = x;
        ::differentiable::rt::needs_alloc!("the reverse sweep of this loop keeps values of every iteration, and their number is known only at run time: that needs the feature `alloc` of `differentiable`\nhelp: give the range constant ends, or enable `alloc`");
        let mut tape = ::differentiable::rt::Tape:: < _, 0 >
        ::with_capacity(::core::iter::Iterator::size_hint(& (0..steps)).0); tape
        .extend((0..steps).map(| i | { let product = 0.1 * a; let s_now = s; let
        product_2 = product * s_now; let difference = 1.0 - s_now; let product_3 =
        product_2 * difference; s += product_3; (s_now,) })); let value : f64 = s;
        (value, move | & x : & f64, & a : & f64, _ : ::differentiable::rt::Kept, seed : &
        f64, mut d_x : ::core::option::Option < & mut f64 >, mut d_a :
        ::core::option::Option < & mut f64 >, _ : ::core::option::Option < & mut
        ::differentiable::rt::OutsideWrt > | { let mut s_bar = * seed; let mut a_bar =
        0.0; for (i, & (s_now,)) in (0..steps).rev().zip(tape.iter().rev()) { let product
        = 0.1 * a; let product_2 = product * s_now; let difference = 1.0 - s_now; let
        product_3_bar = s_bar; let product_2_bar = product_3_bar * difference; let
        difference_bar = product_3_bar * product_2; let mut s_now_bar = - difference_bar;
        let product_bar = product_2_bar * s_now; s_now_bar += product_2_bar * product;
        s_bar += s_now_bar; a_bar += product_bar * 0.1; } let x_bar = s_bar; if let
        ::core::option::Option::Some(d_x) = d_x.as_deref_mut() { * d_x += x_bar; } if let
        ::core::option::Option::Some(d_a) = d_a.as_deref_mut() { * d_a += a_bar; } }) }
    }
    #[doc(hidden)]
    #[inline]
    fn __tangent(
        function: impl ::core::ops::Fn(
            f64,
            f64,
            usize,
        ) -> f64 + ::core::marker::Copy + 'static,
        x: f64,
        a: f64,
        steps: usize,
        x_dot: ::core::option::Option<&f64>,
        a_dot: ::core::option::Option<&f64>,
        _: ::core::option::Option<&::differentiable::rt::OutsideWrt>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &recurrence);
        let x_dot_2 = x_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&x),
                |x_dot| ::differentiable::rt::Clone::clone(x_dot),
            );
        let a_dot_2 = a_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&a),
                |a_dot| ::differentiable::rt::Clone::clone(a_dot),
            );
        let mut s = x;
        let mut s_dot = x_dot_2;
        for i in 0..steps {
            let product = 0.1 * a;
            let product_dot = a_dot_2 * 0.1;
            let s_now = s;
            let s_now_dot = s_dot;
            let product_2 = product * s_now;
            let product_2_dot = product_dot * s_now + s_now_dot * product;
            let difference = 1.0 - s_now;
            let difference_dot = -s_now_dot;
            let product_3 = product_2 * difference;
            let product_3_dot = product_2_dot * difference + difference_dot * product_2;
            s += product_3;
            s_dot += product_3_dot;
        }
        let value: f64 = s;
        let value_dot: f64 = s_dot;
        (value, value_dot)
    }
}
