fn generic<T: Real>(x: T, y: T) -> T {
    <T as ::differentiable::rt::Scalar>::from_f64(2.0) * x.powi(3) / y
}
/// The derivatives of [`generic()`] with respect to `x`, `y`.
enum generic {}
impl generic {
    #[doc(hidden)]
    const __IS_PURE: bool = true;
    /// The gradient of `generic` with respect to `x`, `y`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn grad<T: Real>(x: T, y: T) -> (T, T) {
        let mut d_x = -::differentiable::rt::zeros_like(&x);
        let mut d_y = -::differentiable::rt::zeros_like(&y);
        Self::__fused::<
            T,
        >(
            generic::<T>,
            x,
            y,
            &<T as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_x),
            ::core::option::Option::Some(&mut d_y),
        );
        (d_x, d_y)
    }
    /// The value of `generic`, and its gradient with respect to `x`, `y`, a tuple of their shapes.
    ///
    /// It costs what [`vjp`](Self::vjp) costs.
    #[must_use]
    #[inline]
    fn value_and_grad<T: Real>(x: T, y: T) -> (T, (T, T)) {
        let mut d_x = -::differentiable::rt::zeros_like(&x);
        let mut d_y = -::differentiable::rt::zeros_like(&y);
        let value = Self::__fused::<
            T,
        >(
            generic::<T>,
            x,
            y,
            &<T as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_x),
            ::core::option::Option::Some(&mut d_y),
        );
        (value, (d_x, d_y))
    }
    /// The value of `generic`; adds `seed` times its derivative to the adjoints of `x`, `y`.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept but local variables.
    #[inline]
    fn vjp<T: Real>(x: T, y: T, seed: T, d_x: &mut T, d_y: &mut T) -> T {
        Self::__fused::<
            T,
        >(
            generic::<T>,
            x,
            y,
            &seed,
            ::core::option::Option::Some(d_x),
            ::core::option::Option::Some(d_y),
        )
    }
    /// The value of `generic`, and its derivative along the tangents of `x`, `y`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[must_use]
    #[inline]
    fn jvp<T: Real>(x: T, y: T, x_dot: T, y_dot: T) -> (T, T) {
        Self::__tangent::<
            T,
        >(
            generic::<T>,
            x,
            y,
            ::core::option::Option::Some(&x_dot),
            ::core::option::Option::Some(&y_dot),
        )
    }
    /// The value of `generic`, and a function that adds a cotangent times its derivative to the adjoints of `x`, `y`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Kept from the first half for the second: `value` (the size of `T`).
    #[must_use]
    #[inline]
    fn pullback<T: Real>(
        x: T,
        y: T,
    ) -> (T, impl ::core::ops::FnOnce(T, &mut T, &mut T) + 'static) {
        let (value, back) = Self::__split::<T>(generic::<T>, x, y);
        (
            value,
            move |seed: T, d_x: &mut T, d_y: &mut T| back(
                &x,
                &y,
                &seed,
                ::core::option::Option::Some(d_x),
                ::core::option::Option::Some(d_y),
            ),
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __fused<T: Real>(
        function: impl ::core::ops::Fn(T, T) -> T + ::core::marker::Copy + 'static,
        x: T,
        y: T,
        seed: &T,
        mut d_x: ::core::option::Option<&mut T>,
        mut d_y: ::core::option::Option<&mut T>,
    ) -> T {
        ::differentiable::rt::same(&function, &generic::<T>);
        let constant = <T as ::differentiable::rt::Scalar>::from_f64(2.0);
        let powi_2 = x.powi(3);
        let product = constant * powi_2;
        let value: T = product / y;
        let product_bar = *seed / y;
        let y_bar = -(*seed / y * value);
        let powi_2_bar = product_bar * constant;
        let x_bar = powi_2_bar
            * (<T as ::differentiable::rt::Scalar>::from_f64(3.0) * (x * x));
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            *d_x += x_bar;
        }
        if let ::core::option::Option::Some(d_y) = d_y.as_deref_mut() {
            *d_y += y_bar;
        }
        value
    }
    #[doc(hidden)]
    #[inline]
    fn __split<T: Real>(
        function: impl ::core::ops::Fn(T, T) -> T + ::core::marker::Copy + 'static,
        x: T,
        y: T,
    ) -> (
        T,
        impl ::core::ops::Fn(
            &T,
            &T,
            &T,
            ::core::option::Option<&mut T>,
            ::core::option::Option<&mut T>,
        ) + 'static,
    ) {
        ::differentiable::rt::same(&function, &generic::<T>);
        let constant = <T as ::differentiable::rt::Scalar>::from_f64(2.0);
        let powi_2 = x.powi(3);
        let product = constant * powi_2;
        let value: T = product / y;
        (
            value,
            move |
                &x: &T,
                &y: &T,
                seed: &T,
                mut d_x: ::core::option::Option<&mut T>,
                mut d_y: ::core::option::Option<&mut T>|
            {
                let product_bar = *seed / y;
                let y_bar = -(*seed / y * value);
                let powi_2_bar = product_bar * constant;
                let x_bar = powi_2_bar
                    * (<T as ::differentiable::rt::Scalar>::from_f64(3.0) * (x * x));
                if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
                    *d_x += x_bar;
                }
                if let ::core::option::Option::Some(d_y) = d_y.as_deref_mut() {
                    *d_y += y_bar;
                }
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __tangent<T: Real>(
        function: impl ::core::ops::Fn(T, T) -> T + ::core::marker::Copy + 'static,
        x: T,
        y: T,
        x_dot: ::core::option::Option<&T>,
        y_dot: ::core::option::Option<&T>,
    ) -> (T, T) {
        ::differentiable::rt::same(&function, &generic::<T>);
        let x_dot_2 = x_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&x),
                |x_dot| ::differentiable::rt::Clone::clone(x_dot),
            );
        let y_dot_2 = y_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&y),
                |y_dot| ::differentiable::rt::Clone::clone(y_dot),
            );
        let _ = || -> ::differentiable::rt::NoJumpInsideOfAMacro {
            ::differentiable::rt::is_real::<T>();
            ::differentiable::rt::no_exit()
        };
        let constant = <T as ::differentiable::rt::Scalar>::from_f64(2.0);
        let powi_2 = x.powi(3);
        let powi_2_dot = x_dot_2
            * (<T as ::differentiable::rt::Scalar>::from_f64(3.0) * (x * x));
        let _ = || ::differentiable::rt::is_operand!(* & constant);
        let product = constant * powi_2;
        let product_dot = powi_2_dot * constant;
        let value: T = product / y;
        let value_dot: T = product_dot / y - y_dot_2 / y * value;
        (value, value_dot)
    }
}
