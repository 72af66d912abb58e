//! What the tests across crates share: derivatives compared with finite differences and with each other.

pub mod fuzz;
pub mod random;

/// Gives a value, and its gradient.
pub type ValueAndGradient<'a> = &'a dyn Fn(&[f64]) -> (f64, Vec<f64>);
/// Gives a value, and its derivative in a direction.
pub type Directional<'a> = &'a dyn Fn(&[f64], &[f64]) -> (f64, f64);

/// Gives what a direction is mapped to.
pub type Product<'a> = &'a dyn Fn(&[f64], &[f64]) -> Vec<f64>;

/// A derivative of a function of several numbers, in both modes.
pub struct Derivative<'a> {
    /// The function.
    pub value: &'a dyn Fn(&[f64]) -> f64,
    /// Its value and gradient.
    pub value_and_grad: ValueAndGradient<'a>,
    /// Its value and derivative in a direction.
    pub jvp: Directional<'a>,
}

impl Derivative<'_> {
    /// Compares the three at a point: values bit by bit, the gradient with central differences of fourth order, and both modes with
    /// each other.
    ///
    /// # Panics
    ///
    /// If they differ.
    pub fn agree_at(&self, x: &[f64]) {
        let value = (self.value)(x);
        let (same, gradient) = (self.value_and_grad)(x);
        assert_eq!(value.to_bits(), same.to_bits(), "the value of `value_and_grad` is {same}, not {value}");
        for (index, exact) in gradient.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = x.to_vec();
                moved[index] += step;
                (self.value)(&moved)
            };
            let h = 1e-3 * x[index].abs().max(0.1);
            let difference = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            let scale = exact.abs().max(value.abs()).max(1.0);
            assert!(
                (exact - difference).abs() <= 1e-7 * scale,
                "entry {index} of the gradient is {exact}, differences give {difference}"
            );
        }
        let direction: Vec<f64> = (0..x.len()).map(|i| 0.3 + ((i * 7 + 3) % 5) as f64 * 0.4 - (i % 2) as f64).collect();
        let (same, tangent) = (self.jvp)(x, &direction);
        assert_eq!(value.to_bits(), same.to_bits(), "the value of `jvp` is {same}, not {value}");
        let product: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
        let scale: f64 = gradient.iter().zip(&direction).map(|(g, d)| (g * d).abs()).sum::<f64>().max(1.0);
        assert!((tangent - product).abs() <= 1e-12 * scale, "forward mode gives {tangent}, reverse mode {product}");
    }
}

/// Compares the derivatives of a function of `&[f64; N]` or `&[f64]` with differences, and with each other. Further arguments are inactive.
#[macro_export]
macro_rules! agrees {
    ($function:ident($($further:expr),+): $($point:expr),+ $(,)?) => {{
        let derivative = $crate::Derivative {
            value: &|x| $function(x, $($further),+),
            value_and_grad: &|x| $function::value_and_grad(x, $($further),+),
            jvp: &|x, dot| $function::jvp(x, $($further),+, dot),
        };
        $(derivative.agree_at(&$point);)+
    }};
    ($function:ident: $($point:expr),+ $(,)?) => {{
        let derivative = $crate::Derivative {
            value: &|x| $function(x.try_into().expect("the point has the right length")),
            value_and_grad: &|x| {
                let (value, gradient) = $function::value_and_grad(x.try_into().expect("the point has the right length"));
                (value, gradient.to_vec())
            },
            jvp: &|x, dot| {
                let dot = dot.try_into().expect("the direction has the right length");
                $function::jvp(x.try_into().expect("the point has the right length"), dot)
            },
        };
        $(derivative.agree_at(&$point);)+
    }};
    ($function:ident, $n:literal $(, $point:expr)+) => {{
        let as_array = |x: &[f64]| -> [f64; $n] { x.try_into().expect("the point has the right length") };
        let derivative = $crate::Derivative {
            value: &|x| $function(&as_array(x)),
            value_and_grad: &|x| {
                let (value, gradient) = $function::value_and_grad(&as_array(x));
                (value, gradient.to_vec())
            },
            jvp: &|x, dot| $function::jvp(&as_array(x), &as_array(dot)),
        };
        $(derivative.agree_at(&$point);)+
    }};
}

/// Compares reverse mode in two halves with that in one go, and the bits of their values with the function's, of a function of `&[f64; N]`.
#[macro_export]
macro_rules! halves_agree {
    ($function:ident, $n:literal $(, $point:expr)+) => {{
        for x in [$($point),+] {
            let x: [f64; $n] = x;
            let (value, back) = $function::pullback(&x);
            let mut apart = [0.0; $n];
            back(1.0, &mut apart);
            let (same, gradient) = $function::value_and_grad(&x);
            assert_eq!(value.to_bits(), same.to_bits());
            assert_eq!(value.to_bits(), $function(&x).to_bits());
            for (apart, together) in apart.iter().zip(gradient) {
                assert!((apart - together).abs() <= 1e-13 * together.abs().max(1.0), "{apart} is not {together}");
            }
        }
    }};
}

/// The further derivatives of a `second_order` function of several numbers.
pub struct Further<'a> {
    /// The gradient.
    pub gradient: &'a dyn Fn(&[f64]) -> Vec<f64>,
    /// What `vjp` adds to zeros, by its seed.
    pub vjp: &'a dyn Fn(&[f64], f64) -> Vec<f64>,
    /// The same of `pullback`.
    pub pullback: &'a dyn Fn(&[f64], f64) -> Vec<f64>,
    /// The Hessian times a direction.
    pub hvp: Product<'a>,
}

impl Further<'_> {
    /// Compares them at a point: both halves of `vjp` with the gradient, and the Hessian with differences of the gradient.
    ///
    /// # Panics
    ///
    /// If they differ.
    pub fn agree_at(&self, x: &[f64]) {
        let gradient = (self.gradient)(x);
        for (name, added) in [("vjp", (self.vjp)(x, 2.0)), ("pullback", (self.pullback)(x, 2.0))] {
            for (index, (added, entry)) in added.iter().zip(&gradient).enumerate() {
                let is_near = (added - 2.0 * entry).abs() <= 1e-12 * entry.abs().max(1.0);
                assert!(is_near, "entry {index} of `{name}` is {added}, that of the gradient is {entry}");
            }
        }
        let direction: Vec<f64> = (0..x.len()).map(|i| 0.7 - ((i * 5 + 2) % 7) as f64 * 0.3).collect();
        let at = |step: f64| {
            let moved: Vec<f64> = x.iter().zip(&direction).map(|(x, along)| x + step * along).collect();
            (self.gradient)(&moved)
        };
        let h = 1e-3;
        let (near, far) = ([at(h), at(-h)], [at(2.0 * h), at(-2.0 * h)]);
        for (index, exact) in (self.hvp)(x, &direction).into_iter().enumerate() {
            let difference = (8.0 * (near[0][index] - near[1][index]) - (far[0][index] - far[1][index])) / (12.0 * h);
            let scale = exact.abs().max(gradient[index].abs()).max(1.0);
            assert!(
                (exact - difference).abs() <= 1e-6 * scale,
                "entry {index} of the Hessian along a direction is {exact}, differences give {difference}"
            );
        }
    }
}

/// Compares all derivatives of a `second_order` function of `&[f64; N]` with differences, and with each other.
#[macro_export]
macro_rules! agrees_twice {
    ($function:ident, $n:literal $(, $point:expr)+) => {{
        $crate::agrees!($function, $n $(, $point)+);
        let as_array = |x: &[f64]| -> [f64; $n] { x.try_into().expect("the point has the right length") };
        let further = $crate::Further {
            gradient: &|x| $function::grad(&as_array(x)).to_vec(),
            vjp: &|x, seed| {
                let mut adjoint = [0.0; $n];
                _ = $function::vjp(&as_array(x), seed, &mut adjoint);
                adjoint.to_vec()
            },
            pullback: &|x, seed| {
                let mut adjoint = [0.0; $n];
                let x = as_array(x);
                let (_, back) = $function::pullback(&x);
                back(seed, &mut adjoint);
                adjoint.to_vec()
            },
            hvp: &|x, along| $function::hvp(&as_array(x), &as_array(along)).to_vec(),
        };
        $(further.agree_at(&$point);)+
    }};
}

/// The programs of the README, which are compiled and run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
