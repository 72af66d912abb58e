//! The macros of `differentiable`, which users depend on instead. The work is done by `differentiable-compiler`.
//!
//! This crate is of edition 2021, and only it: the lifetimes that returned closures capture follow the edition of the crate that emits them.

use proc_macro::TokenStream;

/// Makes the derivatives of a function.
///
/// The function stays what it was. Beside it stands a type of the same name without values, whose associated functions are the
/// derivatives; in an `impl` they are functions with a suffix, `energy_grad` for `energy`.
///
/// | function | gives |
/// | --- | --- |
/// | `grad(args..)`, `value_and_grad(args..)` | the gradient by value: bare for one active parameter, a tuple in parameter order for several; of a slice a `Vec`. For functions that return a scalar and have no active `&mut` parameter |
/// | `vjp(args.., seed, &mut d..)` | the value; adds `seed` times the derivative to each `d`, which has the shape of its parameter |
/// | `jvp(args.., dot..)` | the value and the derivative along the tangents |
/// | `pullback(args..)` | the value and a function `(seed, &mut d..)`: the two halves of `vjp`. It borrows what goes by shared reference |
/// | `jacobian(args..)` | of functions of scalars and arrays to arrays or tuples of scalars: the shape of the result with the parameter's own in the place of each scalar; by rows or by columns, whichever costs less |
/// | `hvp(args.., dot..)` | the Hessian times a direction, in the shape of what `grad` returns, where the attribute says `second_order` |
/// | `hessian(args..)` | the Hessian, where there is `hvp` and the parameters are scalars and arrays: `[[T; N]; N]` for `[T; N]`; for several a tuple of rows, each a tuple of blocks |
///
/// A scalar `seed` goes by value, any other by reference. The value is bit-identical to the function's own.
///
/// A `&mut` parameter is input and output at once: its `d` holds the cotangent of what the function leaves there on entry, and of what it
/// found there on return; its tangent is `&mut` as well.
///
/// A parameter that is a function, `f: impl Fn(f64) -> f64`, is followed in the derivatives by its `vjp`, a function
/// `(args.., seed, &mut d..)` like the generated ones: `quad::grad(f, f_vjp, a, b)`. Such a function has no `pullback` and no `jacobian`.
///
/// `impl Real` and `impl Fn` in parameters become named type parameters of the function.
///
/// # Arguments
///
/// * `wrt(a, b)`: the active parameters, `self` among them. Without it every parameter is active whose type is made of scalars alone: `f32`,
///   `f64`, type parameters bounded by `Real`, and arrays, slices, references and tuples of these.
/// * `second_order`: second derivatives too. Every differentiable function that it calls must have them.
/// * `recursive`: the function calls others that call it. One that calls itself need not say so. The backward sweep of such a call runs the
///   called function once more, unless its cotangent is known when it is called.
/// * `partials(x = expr, y = expr)`: the partial derivative by each active parameter, which are scalars, for a function that returns one. They
///   may use the parameters, and the result as `value`. The body may then be anything, as it may with the next one. With `second_order` the
///   expressions are differentiated in turn, and are held to what a body is.
/// * `vjp = path`: a function with the signature of the generated `vjp`, which stands for it. The function then has no `jvp`, and what calls it
///   has none either, unless there is `jvp = path` as well. `second_order` needs both, and the given `vjp` to be differentiable itself:
///   `#[differentiable(wrt(x, seed, d_x))]` for a parameter `x`.
/// * `jvp = path`: a function with the signature of the generated `jvp`.
/// * `name = Ident`: the name of the type that holds the derivatives, where the function's own is taken.
/// * `associated`: the function stands in an `impl`, though it has no receiver and does not mention `Self`.
/// * `crate = path`: where `differentiable` is found.
/// * `relaxed`: the values that derivatives return may differ from the function's by rounding. Sums over elements of sequences then run in eight
///   chains, which are added in the end, and loops over elements that call `exp`, `exp_m1`, `ln`, `ln_1p`, `sin`, `cos`, `tanh`, `sigmoid` or
///   `softplus` run in blocks, with all calls of a block at once: each within 2 units in the last place, the same on every machine, whatever
///   the block; `logsumexp` computes its exponentials so. NaN, infinities, domains and kinks stay as they are, and so does the function itself.
///
/// # Errors
///
/// What is not understood is an error at the place that says what is not supported, why, and what to write instead; all of a function's
/// errors at once. The function itself is emitted all the same.
///
/// # Panics
///
/// `vjp` and `jvp` panic where an adjoint or a tangent of a slice, or a `Vec` in one, has another length than its parameter. The derivatives
/// panic where the function that is in scope under a name is not the one whose derivatives are: a glob import that an own function shadows.
#[proc_macro_attribute]
pub fn differentiable(args: TokenStream, item: TokenStream) -> TokenStream {
    differentiable_compiler::differentiable(args.into(), item.into()).into()
}

/// Makes a struct a parameter space: something to differentiate with respect to, and to optimize.
///
/// Its fields are floats, arrays, tuples, `Vec`s and other such structs, of one scalar type. Fields that are no parameters are marked
/// `#[differentiable(skip)]`: a gradient holds a clone of them, and nothing else looks at them. Generic structs are spaces where their type
/// parameters are. `#[differentiable(crate = path)]` on the struct says where `differentiable` is found.
///
/// # Errors
///
/// On enums, unions, structs without a parameter, fields of integers or text that are not skipped, and fields of two precisions.
#[proc_macro_derive(Differentiable, attributes(differentiable))]
pub fn derive_differentiable(item: TokenStream) -> TokenStream {
    differentiable_compiler::derive_differentiable(item.into()).into()
}
