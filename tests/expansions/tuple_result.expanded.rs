fn polar(r: f64, phi: f64) -> (f64, f64) {
    (r * phi.cos(), r * phi.sin())
}
/// The derivatives of [`polar()`] with respect to `r`, `phi`.
enum polar {}
impl polar {
    #[doc(hidden)]
    const __IS_PURE: bool = true;
    /// The value of `polar`; adds `seed` times its derivative to the adjoints of `r`, `phi`.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept but local variables.
    #[inline]
    fn vjp(
        r: f64,
        phi: f64,
        seed: &(f64, f64),
        d_r: &mut f64,
        d_phi: &mut f64,
    ) -> (f64, f64) {
        Self::__fused(
            polar,
            r,
            phi,
            seed,
            ::core::option::Option::Some(d_r),
            ::core::option::Option::Some(d_phi),
        )
    }
    /// The value of `polar`, and its derivative along the tangents of `r`, `phi`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[must_use]
    #[inline]
    fn jvp(r: f64, phi: f64, r_dot: f64, phi_dot: f64) -> ((f64, f64), (f64, f64)) {
        Self::__tangent(
            polar,
            r,
            phi,
            ::core::option::Option::Some(&r_dot),
            ::core::option::Option::Some(&phi_dot),
        )
    }
    /// The value of `polar`, and a function that adds a cotangent times its derivative to the adjoints of `r`, `phi`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Kept from the first half for the second: `cos_2`, `sin_2` (16 bytes).
    #[must_use]
    #[inline]
    fn pullback(
        r: f64,
        phi: f64,
    ) -> (
        (f64, f64),
        impl ::core::ops::FnOnce(&(f64, f64), &mut f64, &mut f64) + 'static,
    ) {
        let (value, back) = Self::__split(polar, r, phi);
        (
            value,
            move |seed: &(f64, f64), d_r: &mut f64, d_phi: &mut f64| back(
                &r,
                &phi,
                seed,
                ::core::option::Option::Some(d_r),
                ::core::option::Option::Some(d_phi),
            ),
        )
    }
    /// The Jacobian of `polar` with respect to `r`, `phi`: the shape of the result, with the parameter's in the place of each scalar.
    ///
    /// It is written out by rows: what they share is computed once, what is always zero not at all.
    #[must_use]
    #[inline]
    fn jacobian(r: f64, phi: f64) -> ([f64; 2usize], [f64; 2usize]) {
        let _ = polar;
        let cos_2 = phi.cos();
        let sin_2 = phi.sin();
        let r_bar = cos_2;
        let cos_2_bar = r;
        let phi_bar = -(cos_2_bar * sin_2);
        let r_bar_2 = sin_2;
        let sin_2_bar = r;
        let phi_bar_2 = sin_2_bar * cos_2;
        ([r_bar, r_bar_2], [phi_bar, phi_bar_2])
    }
    #[doc(hidden)]
    #[inline]
    fn __fused(
        function: impl ::core::ops::Fn(
            f64,
            f64,
        ) -> (f64, f64) + ::core::marker::Copy + 'static,
        r: f64,
        phi: f64,
        seed: &(f64, f64),
        mut d_r: ::core::option::Option<&mut f64>,
        mut d_phi: ::core::option::Option<&mut f64>,
    ) -> (f64, f64) {
        ::differentiable::rt::same(&function, &polar);
        let cos_2 = phi.cos();
        let part = r * cos_2;
        let sin_2 = phi.sin();
        let part_2 = r * sin_2;
        let value: (f64, f64) = (part, part_2);
        let part_bar = ::differentiable::rt::Clone::clone(&seed.0);
        let part_2_bar = ::differentiable::rt::Clone::clone(&seed.1);
        let mut r_bar = part_2_bar * sin_2;
        let sin_2_bar = part_2_bar * r;
        let mut phi_bar = sin_2_bar * cos_2;
        r_bar += part_bar * cos_2;
        let cos_2_bar = part_bar * r;
        phi_bar -= cos_2_bar * sin_2;
        if let ::core::option::Option::Some(d_r) = d_r.as_deref_mut() {
            *d_r += r_bar;
        }
        if let ::core::option::Option::Some(d_phi) = d_phi.as_deref_mut() {
            *d_phi += phi_bar;
        }
        value
    }
    #[doc(hidden)]
    #[inline]
    fn __split(
        function: impl ::core::ops::Fn(
            f64,
            f64,
        ) -> (f64, f64) + ::core::marker::Copy + 'static,
        r: f64,
        phi: f64,
    ) -> (
        (f64, f64),
        impl ::core::ops::Fn(
            &f64,
            &f64,
            &(f64, f64),
            ::core::option::Option<&mut f64>,
            ::core::option::Option<&mut f64>,
        ) + 'static,
    ) {
        ::differentiable::rt::same(&function, &polar);
        let cos_2 = phi.cos();
        let part = r * cos_2;
        let sin_2 = phi.sin();
        let part_2 = r * sin_2;
        let value: (f64, f64) = (part, part_2);
        (
            value,
            move |
                &r: &f64,
                &phi: &f64,
                seed: &(f64, f64),
                mut d_r: ::core::option::Option<&mut f64>,
                mut d_phi: ::core::option::Option<&mut f64>|
            {
                let part_bar = ::differentiable::rt::Clone::clone(&seed.0);
                let part_2_bar = ::differentiable::rt::Clone::clone(&seed.1);
                let mut r_bar = part_2_bar * sin_2;
                let sin_2_bar = part_2_bar * r;
                let mut phi_bar = sin_2_bar * ::differentiable::rt::Real::cos(phi);
                r_bar += part_bar * cos_2;
                let cos_2_bar = part_bar * r;
                phi_bar -= cos_2_bar * ::differentiable::rt::Real::sin(phi);
                if let ::core::option::Option::Some(d_r) = d_r.as_deref_mut() {
                    *d_r += r_bar;
                }
                if let ::core::option::Option::Some(d_phi) = d_phi.as_deref_mut() {
                    *d_phi += phi_bar;
                }
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __tangent(
        function: impl ::core::ops::Fn(
            f64,
            f64,
        ) -> (f64, f64) + ::core::marker::Copy + 'static,
        r: f64,
        phi: f64,
        r_dot: ::core::option::Option<&f64>,
        phi_dot: ::core::option::Option<&f64>,
    ) -> ((f64, f64), (f64, f64)) {
        ::differentiable::rt::same(&function, &polar);
        let r_dot_2 = r_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&r),
                |r_dot| ::differentiable::rt::Clone::clone(r_dot),
            );
        let phi_dot_2 = phi_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&phi),
                |phi_dot| ::differentiable::rt::Clone::clone(phi_dot),
            );
        let cos_2 = phi.cos();
        let cos_2_dot = -(phi_dot_2 * ::differentiable::rt::Real::sin(phi));
        let part = r * cos_2;
        let part_dot = r_dot_2 * cos_2 + cos_2_dot * r;
        let sin_2 = phi.sin();
        let sin_2_dot = phi_dot_2 * cos_2;
        let part_2 = r * sin_2;
        let part_2_dot = r_dot_2 * sin_2 + sin_2_dot * r;
        let value: (f64, f64) = (part, part_2);
        let value_dot: (f64, f64) = (part_dot, part_2_dot);
        (value, value_dot)
    }
}
