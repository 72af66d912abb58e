//! How generated functions call each other's derivatives, settled by hand: the hidden entries of a small program, as the compiler is to
//! write them. Its formulas are ordered as a compiler would order them.
//!
//! The program: a saturating growth is called in a loop over mutated state; the overlap of two slices is called with one variable twice, and
//! with data; a damped spring is a method of a generic `impl`; a kick changes a `&mut` parameter. Each has its second derivative through
//! `__split_tangent`, which the compiler does not write yet.
//!
//! | entry | signature |
//! | --- | --- |
//! | `__split` | `(function, args..) -> (V, impl Fn(again.., &V, slots..) + 'static)` |
//! | `__fused` | `(function, args.., seed: &V, slots..) -> V` |
//! | `__tangent` | `(function, args.., dots..) -> (V, V)` |
//! | `__split_tangent` | `(function, args.., dots..) -> (V, V, impl Fn(again.., dots.., &V, &V, pairs of slots..) + 'static)` |
//!
//! `again` is `&T` for scalars and shared references, else `Kept`; a slot is `Option<&mut T>`, or `&mut T` for a `&mut` parameter, of
//! `OutsideWrt` where the parameter is not differentiated.

#![allow(
    non_camel_case_types,
    clippy::type_complexity,
    clippy::too_many_arguments,
    reason = "the macro gives its names another span"
)]

use differentiable::rt::{self, Differentiable as _, Kept, OutsideWrt, Real};

type Slot<'a, T> = Option<&'a mut T>;
type Pair<'a, T> = Option<(&'a mut T, &'a mut T)>;

// ---- `#[differentiable(wrt(x, rate), second_order)]`

fn grow(x: f64, rate: f64, limit: f64) -> f64 {
    x + rate * x * (1.0 - x / limit)
}

enum grow {}

impl grow {
    fn __split<F: Fn(f64, f64, f64) -> f64 + Copy + 'static>(
        function: F,
        x: f64,
        rate: f64,
        limit: f64,
    ) -> (f64, impl Fn(&f64, &f64, &f64, &f64, Slot<f64>, Slot<f64>, Slot<OutsideWrt>) + 'static + use<F>) {
        rt::same(&function, &grow);
        let room = 1.0 - x / limit;
        let value = x + rate * x * room;
        let backward =
            move |&x: &f64, &rate: &f64, &limit: &f64, seed: &f64, d_x: Slot<f64>, d_rate: Slot<f64>, _: Slot<OutsideWrt>| {
                if let Some(d_x) = d_x {
                    *d_x += seed * (1.0 + rate * room - rate * x / limit);
                }
                if let Some(d_rate) = d_rate {
                    *d_rate += seed * (x * room);
                }
            };
        (value, backward)
    }

    fn __split_tangent<F: Fn(f64, f64, f64) -> f64 + Copy + 'static>(
        function: F,
        x: f64,
        rate: f64,
        limit: f64,
        x_dot: Option<&f64>,
        rate_dot: Option<&f64>,
        _: Option<&OutsideWrt>,
    ) -> (f64, f64, impl Fn(&f64, &f64, &f64, Option<&f64>, Option<&f64>, &f64, &f64, Pair<f64>, Pair<f64>) + 'static + use<F>)
    {
        rt::same(&function, &grow);
        let room = 1.0 - x / limit;
        let slope = 1.0 + rate * room - rate * x / limit;
        let x_dot = x_dot.copied().unwrap_or(0.0);
        let rate_dot = rate_dot.copied().unwrap_or(0.0);
        let backward = move |&x: &f64,
                             &rate: &f64,
                             &limit: &f64,
                             x_dot: Option<&f64>,
                             rate_dot: Option<&f64>,
                             seed: &f64,
                             seed_dot: &f64,
                             d_x: Pair<f64>,
                             d_rate: Pair<f64>| {
            let (x_dot, rate_dot) = (x_dot.copied().unwrap_or(0.0), rate_dot.copied().unwrap_or(0.0));
            let room_dot = -x_dot / limit;
            if let Some((d_x, d_x_dot)) = d_x {
                let slope_dot = rate_dot * room + rate * room_dot - (rate_dot * x + rate * x_dot) / limit;
                *d_x += seed * slope;
                *d_x_dot += seed_dot * slope + seed * slope_dot;
            }
            if let Some((d_rate, d_rate_dot)) = d_rate {
                *d_rate += seed * (x * room);
                *d_rate_dot += seed_dot * (x * room) + seed * (x_dot * room + x * room_dot);
            }
        };
        (x + rate * x * room, slope * x_dot + x * room * rate_dot, backward)
    }
}

// ---- `#[differentiable(wrt(x0, rate), second_order)]`: a nonlinear call in a loop over mutated state

fn colony(x0: f64, rate: f64, years: usize) -> f64 {
    let mut x = x0;
    for _ in 0..years {
        x = grow(x, rate, 2.0) * x;
    }
    x
}

enum colony {}

impl colony {
    fn grad(x0: f64, rate: f64, years: usize) -> (f64, f64) {
        let (mut d_x0, mut d_rate) = (rt::zeros_like(&x0), rt::zeros_like(&rate));
        let (_, backward) = Self::__split(colony, x0, rate, years);
        backward(&x0, &rate, Kept, &1.0, Some(&mut d_x0), Some(&mut d_rate), None);
        (d_x0, d_rate)
    }

    fn hvp(x0: f64, rate: f64, years: usize, x0_dot: f64, rate_dot: f64) -> (f64, f64) {
        let ([mut d_x0, mut d_x0_dot], [mut d_rate, mut d_rate_dot]) = ([0.0; 2], [0.0; 2]);
        let (x0_dot, rate_dot) = (Some(&x0_dot), Some(&rate_dot));
        let (_, _, backward) = Self::__split_tangent(colony, x0, rate, years, x0_dot, rate_dot, None);
        let slots = (Some((&mut d_x0, &mut d_x0_dot)), Some((&mut d_rate, &mut d_rate_dot)));
        backward(&x0, &rate, Kept, x0_dot, rate_dot, &1.0, &0.0, slots.0, slots.1);
        (d_x0_dot, d_rate_dot)
    }

    fn __split<F: Fn(f64, f64, usize) -> f64 + Copy + 'static>(
        function: F,
        x0: f64,
        rate: f64,
        years: usize,
    ) -> (f64, impl Fn(&f64, &f64, Kept, &f64, Slot<f64>, Slot<f64>, Slot<OutsideWrt>) + 'static + use<F>) {
        rt::same(&function, &colony);
        let mut x = x0;
        let mut tape = rt::Tape::<_, 0>::with_capacity(years);
        for _ in 0..years {
            let x_now = x;
            let (grown, back) = {
                use grow as callee;
                #[allow(unused_imports)]
                use rt::missing::with3::*;
                callee::__split(callee, x_now, rate, 2.0)
            };
            x = grown * x_now;
            tape.push((x_now, grown, back));
        }
        let backward =
            move |_: &f64, rate: &f64, _: Kept, seed: &f64, d_x0: Slot<f64>, d_rate: Slot<f64>, _: Slot<OutsideWrt>| {
                let mut x_bar = *seed;
                let mut rate_bar = 0.0;
                for &(x_now, grown, ref back) in tape.iter().rev() {
                    let product_bar = rt::take(&mut x_bar);
                    let grown_bar = product_bar * x_now;
                    x_bar += product_bar * grown;
                    back(&x_now, rate, rt::again(&2.0), &grown_bar, rt::fit(&mut x_bar), rt::fit(&mut rate_bar), None);
                }
                if let Some(d_x0) = d_x0 {
                    *d_x0 += x_bar;
                }
                if let Some(d_rate) = d_rate {
                    *d_rate += rate_bar;
                }
            };
        (x, backward)
    }

    fn __split_tangent<F: Fn(f64, f64, usize) -> f64 + Copy + 'static>(
        function: F,
        x0: f64,
        rate: f64,
        years: usize,
        x0_dot: Option<&f64>,
        rate_dot: Option<&f64>,
        _: Option<&OutsideWrt>,
    ) -> (f64, f64, impl Fn(&f64, &f64, Kept, Option<&f64>, Option<&f64>, &f64, &f64, Pair<f64>, Pair<f64>) + 'static + use<F>)
    {
        rt::same(&function, &colony);
        let mut x = x0;
        let mut x_dot = x0_dot.copied().unwrap_or(0.0);
        let mut tape = rt::Tape::<_, 0>::with_capacity(years);
        for _ in 0..years {
            let (now, now_dot) = (x, x_dot);
            let (grown, grown_dot, back) = grow::__split_tangent(grow, now, rate, 2.0, Some(&now_dot), rate_dot, None);
            x = grown * now;
            x_dot = grown_dot * now + grown * now_dot;
            tape.push((now, now_dot, grown, grown_dot, back));
        }
        let backward = move |_: &f64,
                             rate: &f64,
                             _: Kept,
                             _: Option<&f64>,
                             rate_dot: Option<&f64>,
                             seed: &f64,
                             seed_dot: &f64,
                             d_x0: Pair<f64>,
                             d_rate: Pair<f64>| {
            let (mut x_bar, mut x_bar_dot) = (*seed, *seed_dot);
            let (mut rate_bar, mut rate_bar_dot) = (0.0, 0.0);
            for (now, now_dot, grown, grown_dot, back) in tape.iter().rev() {
                let (grown_bar, grown_bar_dot) = (x_bar * now, x_bar_dot * now + x_bar * now_dot);
                x_bar_dot = x_bar_dot * grown + x_bar * grown_dot;
                x_bar *= grown;
                let slots = (Some((&mut x_bar, &mut x_bar_dot)), Some((&mut rate_bar, &mut rate_bar_dot)));
                back(now, rate, &2.0, Some(now_dot), rate_dot, &grown_bar, &grown_bar_dot, slots.0, slots.1);
            }
            if let Some((d_x0, d_x0_dot)) = d_x0 {
                *d_x0 += x_bar;
                *d_x0_dot += x_bar_dot;
            }
            if let Some((d_rate, d_rate_dot)) = d_rate {
                *d_rate += rate_bar;
                *d_rate_dot += rate_bar_dot;
            }
        };
        (x, x_dot, backward)
    }
}

// ---- `#[differentiable]`

fn overlap(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b * b).sum()
}

enum overlap {}

impl overlap {
    fn __split<F: Fn(&[f64], &[f64]) -> f64 + Copy + 'static>(
        function: F,
        a: &[f64],
        b: &[f64],
    ) -> (f64, impl Fn(&[f64], &[f64], &f64, Slot<[f64]>, Slot<[f64]>) + 'static + use<F>) {
        rt::same(&function, &overlap);
        let backward = |a: &[f64], b: &[f64], seed: &f64, d_a: Slot<[f64]>, d_b: Slot<[f64]>| {
            if let Some(d_a) = d_a {
                rt::same_length("d_a", a, d_a);
                d_a.iter_mut().zip(b).for_each(|(d, b)| *d += seed * (b * b));
            }
            if let Some(d_b) = d_b {
                rt::same_length("d_b", b, d_b);
                d_b.iter_mut().zip(a.iter().zip(b)).for_each(|(d, (a, b))| *d += seed * a * (2.0 * b));
            }
        };
        (a.iter().zip(b).map(|(a, b)| a * b * b).sum(), backward)
    }
}

/// `#[differentiable(wrt(w))]`: one variable twice, whose backward half runs once for each; and data, which has no slot.
fn score(w: &[f64; 3], data: &[f64]) -> f64 {
    overlap(w, w) * overlap(w, data)
}

enum score {}

impl score {
    fn vjp(w: &[f64; 3], data: &[f64], seed: f64, d_w: &mut [f64; 3]) -> f64 {
        Self::__fused(score, w, data, &seed, Some(d_w), None)
    }

    fn __fused(
        function: impl Fn(&[f64; 3], &[f64]) -> f64 + Copy + 'static,
        w: &[f64; 3],
        data: &[f64],
        seed: &f64,
        mut d_w: Slot<[f64; 3]>,
        _: Slot<OutsideWrt>,
    ) -> f64 {
        rt::same(&function, &score);
        let (twice, back) = overlap::__split(overlap, w, w);
        let (once, back_2) = overlap::__split(overlap, w, data);
        let twice_bar = seed * once;
        let once_bar = seed * twice;
        back_2(w, data, &once_bar, rt::fit(d_w.as_deref_mut()), None);
        back(w, w, &twice_bar, rt::fit(d_w.as_deref_mut()), None);
        back(w, w, &twice_bar, None, rt::fit(d_w));
        twice * once
    }
}

// ---- a method of a generic `impl`: `#[differentiable(wrt(self, x))]`

#[derive(Clone, Debug, PartialEq, differentiable::Differentiable)]
struct Spring<T> {
    stiffness: T,
    damping: [T; 2],
}

impl<T: Real> Spring<T> {
    fn force(&self, x: T) -> T {
        self.stiffness * x.sin() + self.damping[0] * x
    }

    fn __differentiable_force_split(&self, x: T) -> (T, impl Fn(&Self, &T, &T, Slot<Self>, Slot<T>) + 'static + use<T>) {
        let this = self;
        let sin = x.sin();
        let value = this.stiffness * sin + this.damping[0] * x;
        let backward = move |this: &Self, &x: &T, seed: &T, d_self: Slot<Self>, d_x: Slot<T>| {
            if let Some(d_self) = d_self {
                d_self.stiffness += *seed * sin;
                d_self.damping[0] += *seed * x;
            }
            if let Some(d_x) = d_x {
                *d_x += *seed * (this.stiffness * x.cos() + this.damping[0]);
            }
        };
        (value, backward)
    }
}

// ---- a `&mut` parameter: `#[differentiable]`, and one that calls both

fn kick(state: &mut [f64; 2], h: f64) {
    state[1] = state[1] * state[0] + h;
    state[0] += h * state[1];
}

enum kick {}

impl kick {
    fn __split<F: Fn(&mut [f64; 2], f64) + Copy + 'static>(
        function: F,
        state: &mut [f64; 2],
        h: f64,
    ) -> ((), impl Fn(Kept, &f64, &(), &mut [f64; 2], Slot<f64>) + 'static + use<F>) {
        rt::same(&function, &kick);
        let before = *state;
        state[1] = before[1] * before[0] + h;
        let speed = state[1];
        state[0] += h * speed;
        let backward = move |_: Kept, h: &f64, (): &(), d_state: &mut [f64; 2], d_h: Slot<f64>| {
            d_state[1] += h * d_state[0];
            let speed_bar = rt::take(&mut d_state[1]);
            if let Some(d_h) = d_h {
                *d_h += speed * d_state[0] + speed_bar;
            }
            d_state[1] += speed_bar * before[0];
            d_state[0] += speed_bar * before[1];
        };
        ((), backward)
    }
}

/// `#[differentiable(wrt(spring, h))]`
fn swing(spring: &Spring<f64>, h: f64) -> f64 {
    let mut state = [h, 1.0];
    for _ in 0..3 {
        kick(&mut state, h);
        state[1] -= spring.force(state[0]);
    }
    state[0] * state[1]
}

enum swing {}

impl swing {
    fn grad(spring: &Spring<f64>, h: f64) -> (Spring<f64>, f64) {
        let (mut d_spring, mut d_h) = (rt::zeros_like(spring), 0.0);
        Self::__fused(swing, spring, h, &1.0, Some(&mut d_spring), Some(&mut d_h));
        (d_spring, d_h)
    }

    fn __fused(
        function: impl Fn(&Spring<f64>, f64) -> f64 + Copy + 'static,
        spring: &Spring<f64>,
        h: f64,
        seed: &f64,
        mut d_spring: Slot<Spring<f64>>,
        d_h: Slot<f64>,
    ) -> f64 {
        rt::same(&function, &swing);
        let mut state = [h, 1.0];
        let mut tape = rt::Tape::<_, 3>::new();
        for _ in 0..3 {
            let ((), back) = kick::__split(kick, &mut state, h);
            let place = state[0];
            let (force, back_2) = {
                rt::else_missing!(Method __differentiable_force_split: A);
                spring.__differentiable_force_split(place).entry()
            };
            state[1] -= force;
            tape.push((place, back, back_2));
        }
        let value = state[0] * state[1];
        let mut state_bar = [seed * state[1], seed * state[0]];
        let mut h_bar = 0.0;
        for (place, back, back_2) in tape.iter().rev() {
            let force_bar = -state_bar[1];
            back_2(rt::again(spring), place, &force_bar, rt::fit(d_spring.as_deref_mut()), rt::fit(&mut state_bar[0]));
            back(Kept, &h, &(), rt::fit(&mut state_bar), rt::fit(&mut h_bar));
        }
        h_bar += state_bar[0];
        if let Some(d_h) = d_h {
            *d_h += h_bar;
        }
        value
    }
}

/// The central difference of fourth order.
fn slope(f: impl Fn(f64) -> f64) -> f64 {
    let e = 1e-3;
    (8.0 * (f(e) - f(-e)) - (f(2.0 * e) - f(-2.0 * e))) / (12.0 * e)
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-8 * (1.0 + b.abs()), "{a} is not {b}");
}

#[test]
fn a_call_in_a_loop_keeps_the_backward_half_of_every_iteration() {
    let (d_x0, d_rate) = colony::grad(0.9, 0.4, 4);
    close(d_x0, slope(|e| colony(0.9 + e, 0.4, 4)));
    close(d_rate, slope(|e| colony(0.9, 0.4 + e, 4)));
    assert_eq!(colony::grad(0.9, 0.4, 0), (1.0, 0.0));
    // one year in closed form: x² (1 + r (1 − x/2))
    let (d_x0, d_rate) = colony::grad(0.5, 2.0, 1);
    assert!((d_x0 - (2.0 * 0.5 * 2.5 - 0.25)).abs() < 1e-15 && (d_rate - 0.25 * 0.75).abs() < 1e-15);
}

#[test]
fn the_second_derivative_is_the_tangent_of_both_halves() {
    let along = |e: f64| colony::grad(0.9 + 2.0 * e, 0.4 - 3.0 * e, 4);
    let (h_x0, h_rate) = colony::hvp(0.9, 0.4, 4, 2.0, -3.0);
    close(h_x0, slope(|e| along(e).0));
    close(h_rate, slope(|e| along(e).1));
    close(colony::hvp(0.9, 0.4, 4, 1.0, 0.0).1, colony::hvp(0.9, 0.4, 4, 0.0, 1.0).0);
}

#[test]
fn one_variable_twice_gets_both_adjoints_and_data_gets_none() {
    let (w, data) = ([0.3, -0.8, 1.1], [2.0, 0.5, -1.0]);
    let mut d_w = [1.0, 0.0, 0.0];
    assert_eq!(score::vjp(&w, &data, 2.0, &mut d_w), score(&w, &data));
    for i in 0..3 {
        let at = |e: f64| {
            let mut moved = w;
            moved[i] += e;
            score(&moved, &data)
        };
        close(d_w[i], 2.0 * slope(at) + if i == 0 { 1.0 } else { 0.0 });
    }
}

#[test]
fn a_method_and_a_mutable_parameter_compose() {
    let spring = Spring { stiffness: 1.3, damping: [0.2, 9.0] };
    let (d_spring, d_h) = swing::grad(&spring, 0.4);
    close(d_h, slope(|e| swing(&spring, 0.4 + e)));
    close(d_spring.stiffness, slope(|e| swing(&Spring { stiffness: 1.3 + e, ..spring.clone() }, 0.4)));
    close(d_spring.damping[0], slope(|e| swing(&Spring { damping: [0.2 + e, 9.0], ..spring.clone() }, 0.4)));
    assert_eq!(d_spring.damping[1], 0.0);
    let single = Spring { stiffness: 1.5f32, damping: [0.5, 0.0] };
    let (force, back) = single.__differentiable_force_split(0.25);
    let mut d_x = 0.0;
    back(&single, &0.25, &1.0, None, Some(&mut d_x));
    assert_eq!(force, single.force(0.25));
    assert!((d_x - (1.5 * 0.25f32.cos() + 0.5)).abs() < 1e-6);
    assert!(single.same_shape(&single.zeros_like()));
}

/// The same functions, as the compiler writes them.
mod generated {
    use differentiable::prelude::*;

    #[differentiable(wrt(x, rate))]
    fn grow(x: f64, rate: f64, limit: f64) -> f64 {
        x + rate * x * (1.0 - x / limit)
    }

    #[differentiable]
    pub fn colony(x0: f64, rate: f64, years: usize) -> f64 {
        let mut x = x0;
        for _ in 0..years {
            x = grow(x, rate, 2.0) * x;
        }
        x
    }
}

#[test]
fn the_generated_entries_give_what_those_by_hand_give() {
    let (generated, by_hand) = (generated::colony::grad(0.9, 0.4, 4), colony::grad(0.9, 0.4, 4));
    assert!((generated.0 - by_hand.0).abs() < 1e-12 * by_hand.0.abs());
    assert!((generated.1 - by_hand.1).abs() < 1e-12 * by_hand.1.abs());
}
