fn energy(&self, x: f64) -> f64 {
    0.5 * self.stiffness * x * x
}
/// The gradient of `energy` with respect to `self`, `x`, a tuple of their shapes.
///
/// It costs what [`energy_vjp`](Self::energy_vjp) costs.
#[must_use]
#[inline]
fn energy_grad(self: &Self, x: f64) -> (Self, f64) {
    let mut d_self = ::differentiable::rt::Parameter::zeros_like(self);
    let mut d_x = -::differentiable::rt::zeros_like(&x);
    let self_skipped = ::differentiable::rt::Parameter::hollow(&mut d_self);
    self.__differentiable_energy_fused(
        x,
        &<f64 as ::differentiable::rt::Scalar>::ONE,
        ::core::option::Option::Some(&mut d_self),
        ::core::option::Option::Some(&mut d_x),
    );
    ::differentiable::rt::Parameter::restore(&mut d_self, self_skipped);
    (d_self, d_x)
}
/// The value of `energy`, and its gradient with respect to `self`, `x`, a tuple of their shapes.
///
/// It costs what [`energy_vjp`](Self::energy_vjp) costs.
#[must_use]
#[inline]
fn energy_value_and_grad(self: &Self, x: f64) -> (f64, (Self, f64)) {
    let mut d_self = ::differentiable::rt::Parameter::zeros_like(self);
    let mut d_x = -::differentiable::rt::zeros_like(&x);
    let self_skipped = ::differentiable::rt::Parameter::hollow(&mut d_self);
    let value = self
        .__differentiable_energy_fused(
            x,
            &<f64 as ::differentiable::rt::Scalar>::ONE,
            ::core::option::Option::Some(&mut d_self),
            ::core::option::Option::Some(&mut d_x),
        );
    ::differentiable::rt::Parameter::restore(&mut d_self, self_skipped);
    (value, (d_self, d_x))
}
/// The value of `energy`; adds `seed` times its derivative to the adjoints of `self`, `x`.
///
/// Reverse mode:
///
/// * Nothing is kept but local variables.
///
/// # Panics
///
/// If a `Vec` in the adjoint of a parameter has another length than in the parameter.
#[inline]
fn energy_vjp(self: &Self, x: f64, seed: f64, d_self: &mut Self, d_x: &mut f64) -> f64 {
    let self_skipped = ::differentiable::rt::Parameter::hollow(d_self);
    let value = self
        .__differentiable_energy_fused(
            x,
            &seed,
            ::core::option::Option::Some(d_self),
            ::core::option::Option::Some(d_x),
        );
    ::differentiable::rt::Parameter::restore(d_self, self_skipped);
    value
}
/// The value of `energy`, and its derivative along the tangents of `self`, `x`.
///
/// Forward mode: each operation is followed by its tangent. Nothing is kept.
///
/// # Panics
///
/// If a `Vec` in the tangent of a parameter has another length than in the parameter.
#[must_use]
#[inline]
fn energy_jvp(self: &Self, x: f64, self_dot: &Self, x_dot: f64) -> (f64, f64) {
    ::differentiable::rt::Parameter::same_shape(self, self_dot, "self_dot");
    let self_skipped = ::differentiable::rt::Parameter::direction(self_dot);
    let self_dot = self_skipped.as_ref().unwrap_or(self_dot);
    self.__differentiable_energy_tangent(
        x,
        ::core::option::Option::Some(self_dot),
        ::core::option::Option::Some(&x_dot),
    )
}
/// The value of `energy`, and a function that adds a cotangent times its derivative to the adjoints of `self`, `x`: the two halves of `vjp`. It borrows the arguments that go by shared reference.
///
/// Reverse mode:
///
/// * Nothing is kept from the first half for the second.
///
/// # Panics
///
/// If a `Vec` in the adjoint of a parameter has another length than in the parameter.
#[must_use]
#[inline]
fn energy_pullback<'pullback>(
    self: &'pullback Self,
    x: f64,
) -> (f64, impl ::core::ops::FnOnce(f64, &mut Self, &mut f64) + 'pullback) {
    let (value, back) = self.__differentiable_energy_split(x);
    (
        value,
        move |seed: f64, d_self: &mut Self, d_x: &mut f64| {
            let self_skipped = ::differentiable::rt::Parameter::hollow(d_self);
            back(
                self,
                &x,
                &seed,
                ::core::option::Option::Some(d_self),
                ::core::option::Option::Some(d_x),
            );
            ::differentiable::rt::Parameter::restore(d_self, self_skipped);
        },
    )
}
#[doc(hidden)]
#[inline]
fn __differentiable_energy_fused(
    self: &Self,
    x: f64,
    seed: &f64,
    mut d_self: ::core::option::Option<&mut Self>,
    mut d_x: ::core::option::Option<&mut f64>,
) -> f64 {
    let this = self;
    if let ::core::option::Option::Some(d_self) = d_self.as_deref() {
        ::differentiable::rt::Parameter::same_shape(&*this, d_self, "d_self");
    }
    let product = 0.5 * this.stiffness;
    let product_2 = product * x;
    let value: f64 = product_2 * x;
    let product_2_bar = *seed * x;
    let mut x_bar = *seed * product_2;
    let product_bar = product_2_bar * x;
    x_bar += product_2_bar * product;
    if let ::core::option::Option::Some(d_self) = d_self.as_deref_mut() {
        d_self.stiffness += product_bar * 0.5;
    }
    if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
        *d_x += x_bar;
    }
    value
}
#[doc(hidden)]
#[inline]
fn __differentiable_energy_split(
    self: &Self,
    x: f64,
) -> (
    f64,
    impl ::core::ops::Fn(
        &Self,
        &f64,
        &f64,
        ::core::option::Option<&mut Self>,
        ::core::option::Option<&mut f64>,
    ) + 'static,
) {
    let this = self;
    let product = 0.5 * this.stiffness;
    let product_2 = product * x;
    let value: f64 = product_2 * x;
    (
        value,
        move |
            this: &Self,
            &x: &f64,
            seed: &f64,
            mut d_self: ::core::option::Option<&mut Self>,
            mut d_x: ::core::option::Option<&mut f64>|
        {
            let product = 0.5 * this.stiffness;
            let product_2 = product * x;
            if let ::core::option::Option::Some(d_self) = d_self.as_deref() {
                ::differentiable::rt::Parameter::same_shape(&*this, d_self, "d_self");
            }
            let product_2_bar = *seed * x;
            let mut x_bar = *seed * product_2;
            let product_bar = product_2_bar * x;
            x_bar += product_2_bar * product;
            if let ::core::option::Option::Some(d_self) = d_self.as_deref_mut() {
                d_self.stiffness += product_bar * 0.5;
            }
            if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
                *d_x += x_bar;
            }
        },
    )
}
#[doc(hidden)]
#[inline]
fn __differentiable_energy_tangent(
    self: &Self,
    x: f64,
    self_dot: ::core::option::Option<&Self>,
    x_dot: ::core::option::Option<&f64>,
) -> (f64, f64) {
    let this = self;
    let x_dot_2 = x_dot
        .map_or_else(
            || ::differentiable::rt::zeros_like(&x),
            |x_dot| ::differentiable::rt::Clone::clone(x_dot),
        );
    let _ = || ::differentiable::rt::is_scalar(&this.stiffness);
    let product = 0.5 * this.stiffness;
    let product_dot = self_dot
        .map_or_else(
            || {
                use ::differentiable::rt::{FieldOfNumbers as _, OtherField as _};
                (&::differentiable::rt::Field(&this.stiffness)).tangent()
            },
            |self_dot| self_dot.stiffness,
        ) * 0.5;
    let product_2 = product * x;
    let product_2_dot = product_dot * x + x_dot_2 * product;
    let value: f64 = product_2 * x;
    let value_dot: f64 = product_2_dot * x + x_dot_2 * product_2;
    (value, value_dot)
}
#[doc(hidden)]
#[inline]
const fn __differentiable_energy_before(&self) -> ::differentiable::rt::Copied {
    ::differentiable::rt::Copied
}
