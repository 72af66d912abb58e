//! The table of derivatives: one line an operation.
//!
//! A line names the operation, its operands, and for each operand what flows to its adjoint from the cotangent `g` of the
//! result `y`; `0` is structural: nothing is computed. In forward mode the same formula, with the tangent of the operand for `g`,
//! is that operand's part of the result's tangent. Functions named `d_..` are partial derivatives with kinks or domains of their
//! own, in the runtime's module `partial` under the name without `d_`; they are operations of the table too, so that a
//! derivative can be differentiated again. The last column is where the operands are sampled by the tests.
//!
//! At kinks the derivative is the subgradient of smallest norm over the active operands: `max` and `min` have a second row of
//! formulas, used where one operand alone is active.

/// How an operation is written in Rust.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Written {
    /// `a + b`
    Infix(&'static str),
    /// `-a`
    Prefix(&'static str),
    /// A method of floats and of the trait of scalars.
    Method,
    /// A function of the trait of scalars alone.
    Function,
    /// A function of the runtime's module of partial derivatives.
    Partial,
    /// `a as f64`, `f64::from(a)`, `a.into()`: the operation carries its own tokens.
    Conversion,
}

/// A line of the table.
#[derive(Debug)]
pub struct Rule {
    /// The operation's name.
    pub name: &'static str,
    /// How it is written.
    pub written: Written,
    /// The names of the operands; `n` is an integer, which is inactive.
    pub operands: &'static [&'static str],
    /// What flows to each operand; none for what occurs in second derivatives alone, as there is no third order.
    pub contributions: &'static [&'static str],
    /// The same where that operand alone is active.
    pub alone: Option<&'static [&'static str]>,
    /// Where each operand is sampled by the tests.
    pub domain: &'static [(f64, f64)],
}

use Written::{Conversion, Function, Infix, Method, Partial, Prefix};

const fn rule(
    name: &'static str,
    written: Written,
    operands: &'static [&'static str],
    contributions: &'static [&'static str],
    domain: &'static [(f64, f64)],
) -> Rule {
    Rule { name, written, operands, contributions, alone: None, domain }
}

const fn kinked(
    name: &'static str,
    contributions: &'static [&'static str],
    alone: &'static [&'static str],
    domain: &'static [(f64, f64)],
) -> Rule {
    Rule { name, written: Method, operands: &["a", "b"], contributions, alone: Some(alone), domain }
}

const ALL: (f64, f64) = (-4.0, 4.0);
const POSITIVE: (f64, f64) = (0.05, 5.0);
const UNIT: (f64, f64) = (-0.95, 0.95);

/// The table.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    //   operation                      operands       flows to each operand                                       sampled on
    rule("add",         Infix("+"),  &["a", "b"],      &["g", "g"],                                                &[ALL, ALL]),
    rule("sub",         Infix("-"),  &["a", "b"],      &["g", "-g"],                                               &[ALL, ALL]),
    rule("mul",         Infix("*"),  &["a", "b"],      &["g * b", "g * a"],                                        &[ALL, ALL]),
    rule("div",         Infix("/"),  &["a", "b"],      &["g / b", "-((g / b) * y)"],                               &[ALL, POSITIVE]),
    rule("rem",         Infix("%"),  &["a", "b"],      &["g", "g * d_rem(a, b)"],                                  &[(0.1, 0.9), (2.0, 3.0)]),
    rule("neg",         Prefix("-"), &["x"],           &["-g"],                                                    &[ALL]),

    rule("abs",         Method,      &["x"],           &["g * d_sign(x)"],                                         &[POSITIVE]),
    rule("signum",      Method,      &["x"],           &["0"],                                                     &[POSITIVE]),
    rule("recip",       Method,      &["x"],           &["-((g * y) * y)"],                                        &[POSITIVE]),
    rule("sqrt",        Method,      &["x"],           &["d_guarded(g, d_sqrt(y))"],                               &[POSITIVE]),
    rule("cbrt",        Method,      &["x"],           &["d_guarded(g, d_cbrt(y))"],                               &[POSITIVE]),
    rule("powi",        Method,      &["x", "n"],      &["g * d_powi(x, n)", "0"],                                 &[POSITIVE, (3.0, 3.0)]),
    rule("powf",        Method,      &["x", "p"],      &["g * d_powf_x(x, p, y)", "g * d_powf_p(x, p, y)"],           &[POSITIVE, ALL]),
    rule("exp",         Method,      &["x"],           &["g * y"],                                                 &[ALL]),
    rule("exp2",        Method,      &["x"],           &["g * d_exp2(x, y)"],                                      &[ALL]),
    rule("exp_m1",      Method,      &["x"],           &["g * d_exp_m1(x, y)"],                                    &[ALL]),
    rule("ln",          Method,      &["x"],           &["g * d_inverse(x)"],                                      &[POSITIVE]),
    rule("log",         Method,      &["x", "b"],      &["g * d_log_x(x, b)", "g * d_log_base(x, b, y)"],          &[POSITIVE, (1.5, 4.0)]),
    rule("log2",        Method,      &["x"],           &["g * d_log2(x)"],                                         &[POSITIVE]),
    rule("log10",       Method,      &["x"],           &["g * d_log10(x)"],                                        &[POSITIVE]),
    rule("ln_1p",       Method,      &["x"],           &["g * d_ln_1p(x)"],                                        &[(-0.9, 4.0)]),
    rule("sin",         Method,      &["x"],           &["g * cos(x)"],                                            &[ALL]),
    rule("cos",         Method,      &["x"],           &["-(g * sin(x))"],                                         &[ALL]),
    rule("tan",         Method,      &["x"],           &["g * (1 + y * y)"],                                       &[(-1.2, 1.2)]),
    rule("asin",        Method,      &["x"],           &["g * d_asin(x)"],                                         &[UNIT]),
    rule("acos",        Method,      &["x"],           &["-(g * d_asin(x))"],                                      &[UNIT]),
    rule("atan",        Method,      &["x"],           &["g * d_atan(x)"],                                         &[ALL]),
    rule("atan2",       Method,      &["u", "v"],      &["g * d_atan2(v, u)", "-(g * d_atan2(u, v))"],            &[POSITIVE, ALL]),
    rule("sinh",        Method,      &["x"],           &["g * cosh(x)"],                                           &[ALL]),
    rule("cosh",        Method,      &["x"],           &["g * sinh(x)"],                                           &[ALL]),
    rule("tanh",        Method,      &["x"],           &["g * d_tanh(x, y)"],                                      &[ALL]),
    rule("asinh",       Method,      &["x"],           &["g * d_asinh(x)"],                                        &[ALL]),
    rule("acosh",       Method,      &["x"],           &["g * d_acosh(x)"],                                        &[(1.05, 5.0)]),
    rule("atanh",       Method,      &["x"],           &["g * d_atanh(x)"],                                        &[UNIT]),
    rule("hypot",       Method,      &["a", "b"],      &["g * d_hypot(a, b, y)", "g * d_hypot(b, a, y)"],          &[ALL, POSITIVE]),
    rule("mul_add",     Method,      &["a", "b", "c"], &["g * b", "g * a", "g"],                                   &[ALL, ALL, ALL]),
    kinked("max",       &["g * d_max_weight(a, b)", "g * d_max_weight(b, a)"],
                        &["g * d_max_weight_alone(a, b)", "g * d_max_weight_alone(b, a)"],                         &[ALL, ALL]),
    kinked("min",       &["g * d_min_weight(a, b)", "g * d_min_weight(b, a)"],
                        &["g * d_min_weight_alone(a, b)", "g * d_min_weight_alone(b, a)"],                         &[ALL, ALL]),
    rule("clamp",       Method,      &["x", "l", "h"], &["g * d_clamp_x(x, l, h)", "g * d_clamp_lo(x, l, h)", "g * d_clamp_hi(x, l, h)"], &[ALL, (-2.0, -0.5), (0.5, 2.0)]),
    rule("copysign",    Method,      &["x", "s"],      &["g * d_copysign(x, s)", "0"],                             &[POSITIVE, ALL]),
    rule("floor",       Method,      &["x"],           &["0"],                                                     &[(1.1, 1.9)]),
    rule("ceil",        Method,      &["x"],           &["0"],                                                     &[(1.1, 1.9)]),
    rule("round",       Method,      &["x"],           &["0"],                                                     &[(0.6, 1.4)]),
    rule("trunc",       Method,      &["x"],           &["0"],                                                     &[(1.1, 1.9)]),
    rule("fract",       Method,      &["x"],           &["g"],                                                     &[(1.1, 1.9)]),
    rule("rem_euclid",  Method,      &["a", "b"],      &["g", "g * d_rem_euclid(a, b)"],                           &[(-0.9, -0.1), (2.0, 3.0)]),
    rule("to_degrees",  Method,      &["x"],           &["to_degrees(g)"],                                         &[ALL]),
    rule("to_radians",  Method,      &["x"],           &["to_radians(g)"],                                         &[ALL]),
    rule("sigmoid",     Method,      &["x"],           &["g * d_sigmoid(x, y)"],                                   &[ALL]),
    rule("softplus",    Method,      &["x"],           &["g * sigmoid(x)"],                                        &[ALL]),
    rule("relu",        Method,      &["x"],           &["g * d_step(x)"],                                         &[POSITIVE]),
    rule("erf",         Function,    &["x"],           &["g * d_erf(x)"],                                          &[(-2.0, 2.0)]),
    rule("convert",     Conversion,  &["x"],           &["d_convert(x, g)"],                                       &[]),

    rule("d_sign",      Partial,     &["x"],           &["0"],                                                     &[]),
    rule("d_step",      Partial,     &["x"],           &["0"],                                                     &[]),
    rule("d_rem",       Partial,     &["a", "b"],      &["0", "0"],                                                &[]),
    rule("d_rem_euclid", Partial,    &["a", "b"],      &["0", "0"],                                                &[]),
    rule("d_max_weight", Partial,    &["a", "b"],      &["0", "0"],                                                &[]),
    rule("d_min_weight", Partial,    &["a", "b"],      &["0", "0"],                                                &[]),
    rule("d_max_weight_alone", Partial, &["a", "b"],   &["0", "0"],                                                &[]),
    rule("d_min_weight_alone", Partial, &["a", "b"],   &["0", "0"],                                                &[]),
    rule("d_clamp_x",   Partial,     &["x", "l", "h"], &["0", "0", "0"],                                           &[]),
    rule("d_clamp_lo",  Partial,     &["x", "l", "h"], &["0", "0", "0"],                                           &[]),
    rule("d_clamp_hi",  Partial,     &["x", "l", "h"], &["0", "0", "0"],                                           &[]),
    rule("d_copysign",  Partial,     &["x", "s"],      &["0", "0"],                                                &[]),
    rule("d_guarded",   Partial,     &["t", "p"],      &["d_guarded(g, p)", "d_guarded_second(g, t, p)"],          &[]),
    rule("d_guarded_second", Partial, &["g", "t", "p"], &[],                                                       &[]),
    rule("d_sqrt",      Partial,     &["v"],           &["-((g * y) / v)"],                                        &[POSITIVE]),
    rule("d_cbrt",      Partial,     &["v"],           &["-((2 * g * y) / v)"],                                    &[POSITIVE]),
    rule("d_inverse",   Partial,     &["x"],           &["-((g * y) * y)"],                                        &[POSITIVE]),
    rule("d_ln_1p",     Partial,     &["x"],           &["-((g * y) * y)"],                                        &[(-0.9, 4.0)]),
    rule("d_log2",      Partial,     &["x"],           &["-(g * d_times_ln_2(y * y))"],                            &[POSITIVE]),
    rule("d_log10",     Partial,     &["x"],           &["-(g * d_times_ln_10(y * y))"],                           &[POSITIVE]),
    rule("d_times_ln_2", Partial,    &["x"],           &["d_times_ln_2(g)"],                                       &[]),
    rule("d_times_ln_10", Partial,   &["x"],           &["d_times_ln_10(g)"],                                      &[]),
    rule("d_exp2",      Partial,     &["x", "v"],      &["0", "d_times_ln_2(g)"],                                  &[]),
    rule("d_exp_m1",    Partial,     &["x", "v"],      &["0", "g"],                                                &[]),
    rule("d_asin",      Partial,     &["x"],           &["g * (x * (y * y * y))"],                                 &[UNIT]),
    rule("d_asinh",     Partial,     &["x"],           &["-(g * (x * (y * y * y)))"],                              &[ALL]),
    rule("d_acosh",     Partial,     &["x"],           &["-(g * (x * (y * y * y)))"],                              &[(1.05, 5.0)]),
    rule("d_atan",      Partial,     &["x"],           &["-(g * (2 * x * (y * y)))"],                              &[ALL]),
    rule("d_atanh",     Partial,     &["x"],           &["g * (2 * x * (y * y))"],                                 &[UNIT]),
    rule("d_hypot",     Partial,     &["x", "o", "h"], &["d_hypot_second(g, h)", "0", "-d_hypot_second(g * y, h)"], &[ALL, ALL, POSITIVE]),
    rule("d_hypot_second", Partial,  &["g", "h"],      &[],                                                        &[]),
    rule("d_atan2",     Partial,     &["x", "o"],      &["g * ((d_atan2(o, x) - y) * (d_atan2(o, x) + y))", "-(2 * (g * y) * d_atan2(o, x))"], &[ALL, POSITIVE]),
    rule("d_tanh",      Partial,     &["x", "v"],      &["0", "-(2 * (g * v))"],                                   &[]),
    rule("d_sigmoid",   Partial,     &["x", "v"],      &["0", "g * (1 - 2 * v)"],                                  &[]),
    rule("d_powi",      Partial,     &["x", "n"],      &["g * d_powi_second(x, n)", "0"],                          &[POSITIVE, (3.0, 3.0)]),
    rule("d_powi_second", Partial,   &["x", "n"],      &[],                                                        &[]),
    rule("d_powf_x",    Partial,     &["x", "p", "v"], &["d_guarded(g, d_powf_xx(x, p, v))", "d_guarded(g, d_powf_mixed(x, p, v))", "0"], &[POSITIVE, ALL, POSITIVE]),
    rule("d_powf_p",    Partial,     &["x", "p", "v"], &["d_guarded(g, d_powf_mixed(x, p, v))", "d_guarded(g, d_powf_pp(x, p, v))", "0"], &[POSITIVE, ALL, POSITIVE]),
    rule("d_powf_xx",   Partial,     &["x", "p", "v"], &[],                                                        &[]),
    rule("d_powf_mixed", Partial,    &["x", "p", "v"], &[],                                                        &[]),
    rule("d_powf_pp",   Partial,     &["x", "p", "v"], &[],                                                        &[]),
    rule("d_log_x",     Partial,     &["x", "b"],      &["-((g * y) * d_inverse(x))", "-((g * y) * (d_inverse(b) / ln(b)))"], &[POSITIVE, (1.5, 4.0)]),
    rule("d_log_base",  Partial,     &["x", "b", "v"], &["0", "-((g * y) * (d_inverse(b) + d_inverse(b) / ln(b)))", "g * d_log_base(x, b, 1)"], &[POSITIVE, (1.5, 4.0), ALL]),
    rule("d_erf",       Partial,     &["x"],           &["-(g * (2 * x * y))"],                                    &[(-2.0, 2.0)]),
    rule("d_given",     Partial,     &["v", "x", "p"], &["g", "g * p", "0"],                                       &[]),
    rule("d_convert",   Partial,     &["x", "t"],      &["0", "d_convert(t, g)"],                                  &[]),
];
