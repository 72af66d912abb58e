fn range_bearing(pose: &[f64; 3], landmark: &[f64; 2]) -> [f64; 2] {
    let (dx, dy) = (landmark[0] - pose[0], landmark[1] - pose[1]);
    [(dx * dx + dy * dy).sqrt(), dy.atan2(dx) - pose[2]]
}
/// The derivatives of [`range_bearing()`] with respect to `pose`.
enum range_bearing {}
impl range_bearing {
    #[doc(hidden)]
    const __IS_PURE: bool = true;
    /// The value of `range_bearing`; adds `seed` times its derivative to the adjoints of `pose`.
    ///
    /// Reverse mode:
    ///
    /// * Nothing is kept but local variables.
    #[inline]
    fn vjp(
        pose: &[f64; 3],
        landmark: &[f64; 2],
        seed: &[f64; 2],
        d_pose: &mut [f64; 3],
    ) -> [f64; 2] {
        Self::__fused(
            range_bearing,
            pose,
            landmark,
            seed,
            ::core::option::Option::Some(d_pose),
            ::core::option::Option::None,
        )
    }
    /// The value of `range_bearing`, and its derivative along the tangents of `pose`.
    ///
    /// Forward mode: each operation is followed by its tangent. Nothing is kept.
    #[must_use]
    #[inline]
    fn jvp(
        pose: &[f64; 3],
        landmark: &[f64; 2],
        pose_dot: &[f64; 3],
    ) -> ([f64; 2], [f64; 2]) {
        Self::__tangent(
            range_bearing,
            pose,
            landmark,
            ::core::option::Option::Some(pose_dot),
            ::core::option::Option::None,
        )
    }
    /// The value of `range_bearing`, and a function that adds a cotangent times its derivative to the adjoints of `pose`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
    ///
    /// Reverse mode:
    ///
    /// * Kept from the first half for the second: `part` (8 bytes).
    #[must_use]
    #[inline]
    fn pullback<'pullback>(
        pose: &'pullback [f64; 3],
        landmark: &'pullback [f64; 2],
    ) -> ([f64; 2], impl ::core::ops::FnOnce(&[f64; 2], &mut [f64; 3]) + 'pullback) {
        let (value, back) = Self::__split(range_bearing, pose, landmark);
        (
            value,
            move |seed: &[f64; 2], d_pose: &mut [f64; 3]| back(
                pose,
                landmark,
                seed,
                ::core::option::Option::Some(d_pose),
                ::core::option::Option::None,
            ),
        )
    }
    /// The Jacobian of `range_bearing` with respect to `pose`: the shape of the result, with the parameter's in the place of each scalar.
    ///
    /// It is written out by rows: what they share is computed once, what is always zero not at all.
    #[must_use]
    #[inline]
    fn jacobian(pose: &[f64; 3], landmark: &[f64; 2]) -> ([[f64; 3]; 2]) {
        let _ = range_bearing;
        let pose_at = pose[0];
        let pose_at_2 = pose[1];
        let dx = landmark[0] - pose_at;
        let dy = landmark[1] - pose_at_2;
        let product = dx * dx;
        let product_2 = dy * dy;
        let sum = product + product_2;
        let part = sum.sqrt();
        let sum_bar = ::differentiable::rt::partial::sqrt(part);
        let product_bar = sum_bar;
        let product_2_bar = sum_bar;
        let mut dy_bar = product_2_bar * dy;
        dy_bar += product_2_bar * dy;
        let mut dx_bar = product_bar * dx;
        dx_bar += product_bar * dx;
        let pose_at_2_bar = -dy_bar;
        let pose_at_bar = -dx_bar;
        let dy_bar_2 = ::differentiable::rt::partial::atan2(dx, dy);
        let dx_bar_2 = -::differentiable::rt::partial::atan2(dy, dx);
        let pose_at_2_bar_2 = -dy_bar_2;
        let pose_at_bar_2 = -dx_bar_2;
        ([[pose_at_bar, pose_at_2_bar, 0.0], [pose_at_bar_2, pose_at_2_bar_2, -1.0]])
    }
    #[doc(hidden)]
    #[inline]
    fn __fused(
        function: impl ::core::ops::Fn(
            &[f64; 3],
            &[f64; 2],
        ) -> [f64; 2] + ::core::marker::Copy + 'static,
        pose: &[f64; 3],
        landmark: &[f64; 2],
        seed: &[f64; 2],
        mut d_pose: ::core::option::Option<&mut [f64; 3]>,
        _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
    ) -> [f64; 2] {
        ::differentiable::rt::same(&function, &range_bearing);
        if let ::core::option::Option::Some(d_pose) = d_pose.as_deref() {
            ::differentiable::rt::Parameter::same_shape(&*pose, d_pose, "d_pose");
        }
        let dx = landmark[0] - pose[0];
        let dy = landmark[1] - pose[1];
        let product = dx * dx;
        let product_2 = dy * dy;
        let sum = product + product_2;
        let part = sum.sqrt();
        let atan2_2 = dy.atan2(dx);
        let part_2 = atan2_2 - pose[2];
        let value: [f64; 2] = [part, part_2];
        let part_bar = ::differentiable::rt::Clone::clone(&seed[0]);
        let part_2_bar = ::differentiable::rt::Clone::clone(&seed[1]);
        let atan2_2_bar = part_2_bar;
        if let ::core::option::Option::Some(d_pose) = d_pose.as_deref_mut() {
            d_pose[2] -= part_2_bar;
        }
        let mut dy_bar = atan2_2_bar * ::differentiable::rt::partial::atan2(dx, dy);
        let mut dx_bar = -(atan2_2_bar * ::differentiable::rt::partial::atan2(dy, dx));
        let sum_bar = ::differentiable::rt::partial::guarded(
            part_bar,
            ::differentiable::rt::partial::sqrt(part),
        );
        let product_bar = sum_bar;
        let product_2_bar = sum_bar;
        dy_bar += 2.0 * (product_2_bar * dy);
        dx_bar += 2.0 * (product_bar * dx);
        if let ::core::option::Option::Some(d_pose) = d_pose.as_deref_mut() {
            d_pose[1] -= dy_bar;
            d_pose[0] -= dx_bar;
        }
        value
    }
    #[doc(hidden)]
    #[inline]
    fn __split(
        function: impl ::core::ops::Fn(
            &[f64; 3],
            &[f64; 2],
        ) -> [f64; 2] + ::core::marker::Copy + 'static,
        pose: &[f64; 3],
        landmark: &[f64; 2],
    ) -> (
        [f64; 2],
        impl ::core::ops::Fn(
            &[f64; 3],
            &[f64; 2],
            &[f64; 2],
            ::core::option::Option<&mut [f64; 3]>,
            ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>,
        ) + 'static,
    ) {
        ::differentiable::rt::same(&function, &range_bearing);
        let dx = landmark[0] - pose[0];
        let dy = landmark[1] - pose[1];
        let product = dx * dx;
        let product_2 = dy * dy;
        let sum = product + product_2;
        let part = sum.sqrt();
        let atan2_2 = dy.atan2(dx);
        let part_2 = atan2_2 - pose[2];
        let value: [f64; 2] = [part, part_2];
        (
            value,
            move |
                pose: &[f64; 3],
                landmark: &[f64; 2],
                seed: &[f64; 2],
                mut d_pose: ::core::option::Option<&mut [f64; 3]>,
                _: ::core::option::Option<&mut ::differentiable::rt::OutsideWrt>|
            {
                let dx = landmark[0] - pose[0];
                let dy = landmark[1] - pose[1];
                if let ::core::option::Option::Some(d_pose) = d_pose.as_deref() {
                    ::differentiable::rt::Parameter::same_shape(
                        &*pose,
                        d_pose,
                        "d_pose",
                    );
                }
                let part_bar = ::differentiable::rt::Clone::clone(&seed[0]);
                let part_2_bar = ::differentiable::rt::Clone::clone(&seed[1]);
                let atan2_2_bar = part_2_bar;
                if let ::core::option::Option::Some(d_pose) = d_pose.as_deref_mut() {
                    d_pose[2] -= part_2_bar;
                }
                let mut dy_bar = atan2_2_bar
                    * ::differentiable::rt::partial::atan2(dx, dy);
                let mut dx_bar = -(atan2_2_bar
                    * ::differentiable::rt::partial::atan2(dy, dx));
                let sum_bar = ::differentiable::rt::partial::guarded(
                    part_bar,
                    ::differentiable::rt::partial::sqrt(part),
                );
                let product_bar = sum_bar;
                let product_2_bar = sum_bar;
                dy_bar += 2.0 * (product_2_bar * dy);
                dx_bar += 2.0 * (product_bar * dx);
                if let ::core::option::Option::Some(d_pose) = d_pose.as_deref_mut() {
                    d_pose[1] -= dy_bar;
                    d_pose[0] -= dx_bar;
                }
            },
        )
    }
    #[doc(hidden)]
    #[inline]
    fn __tangent(
        function: impl ::core::ops::Fn(
            &[f64; 3],
            &[f64; 2],
        ) -> [f64; 2] + ::core::marker::Copy + 'static,
        pose: &[f64; 3],
        landmark: &[f64; 2],
        pose_dot: ::core::option::Option<&[f64; 3]>,
        _: ::core::option::Option<&::differentiable::rt::OutsideWrt>,
    ) -> ([f64; 2], [f64; 2]) {
        ::differentiable::rt::same(&function, &range_bearing);
        let dx = landmark[0] - pose[0];
        let dx_dot = -pose_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&pose[0]),
                |pose_dot| pose_dot[0],
            );
        let dy = landmark[1] - pose[1];
        let dy_dot = -pose_dot
            .map_or_else(
                || ::differentiable::rt::zeros_like(&pose[1]),
                |pose_dot| pose_dot[1],
            );
        let product = dx * dx;
        let product_dot = dx_dot * dx + dx_dot * dx;
        let product_2 = dy * dy;
        let product_2_dot = dy_dot * dy + dy_dot * dy;
        let sum = product + product_2;
        let sum_dot = product_dot + product_2_dot;
        let part = sum.sqrt();
        let part_dot = ::differentiable::rt::partial::guarded(
            sum_dot,
            ::differentiable::rt::partial::sqrt(part),
        );
        let atan2_2 = dy.atan2(dx);
        let atan2_2_dot = dy_dot * ::differentiable::rt::partial::atan2(dx, dy)
            - dx_dot * ::differentiable::rt::partial::atan2(dy, dx);
        let part_2 = atan2_2 - pose[2];
        let part_2_dot = atan2_2_dot
            - pose_dot
                .map_or_else(
                    || ::differentiable::rt::zeros_like(&pose[2]),
                    |pose_dot| pose_dot[2],
                );
        let value: [f64; 2] = [part, part_2];
        let value_dot: [f64; 2] = [part_dot, part_2_dot];
        (value, value_dot)
    }
}
