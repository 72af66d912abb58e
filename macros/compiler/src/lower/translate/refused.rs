//! What is refused by its name: functions, methods and types of which it is known that no derivative flows through them.
//!
//! *In:* a call, a path or a type that an active value meets. *Out:* whether it was refused, with what to write instead.

use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::{Expr, ExprMethodCall, GenericArgument, PathArguments, Type};

use crate::error::{Called, nearest, not_yet, unsupported, with_help};
use crate::ir::{Kind, Passing, Var};
use crate::lower::facts::methods::is_adapter;
use crate::lower::facts::syntax::strip;
use crate::rules::{Written, table::RULES};
use crate::signature::inert::{container, container_type, in_container};

use super::Lowerer;

/// What other languages and libraries call the functions of the table, and what to write for some that are not in it.
const FOREIGN: &[(&str, &str)] = &[
    ("log1p", "ln_1p"),
    ("expm1", "exp_m1"),
    ("pow", "powf"),
    ("powc", "powf"),
    ("arcsin", "asin"),
    ("arccos", "acos"),
    ("arctan", "atan"),
    ("arctan2", "atan2"),
    ("arcsinh", "asinh"),
    ("arccosh", "acosh"),
    ("arctanh", "atanh"),
    ("fabs", "abs"),
    ("absolute", "abs"),
    ("sign", "signum"),
    ("sgn", "signum"),
    ("fma", "mul_add"),
    ("fmod", "rem_euclid"),
    ("modulo", "rem_euclid"),
    ("logistic", "sigmoid"),
    ("expit", "sigmoid"),
    ("inv", "recip"),
    ("inverse", "recip"),
    ("minimum", "min"),
    ("maximum", "max"),
    ("square", "powi"),
    ("deg2rad", "to_radians"),
    ("rad2deg", "to_degrees"),
];

/// Functions of std that make iterators.
const ITERATORS: &[&str] = &["once", "once_with", "repeat", "repeat_n", "repeat_with", "from_fn", "successors", "empty", "chain"];

/// What the operators' traits call them.
const OPERATORS: &[(&str, &str)] =
    &[("add", "a + b"), ("sub", "a - b"), ("mul", "a * b"), ("div", "a / b"), ("rem", "a % b"), ("neg", "-a")];

/// Whether the place belongs to what is declared outside of the function, by its name.
pub(super) fn is_declared_outside(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase)),
        Expr::MethodCall(call) => is_declared_outside(&call.receiver),
        Expr::Field(field) => is_declared_outside(&field.base),
        Expr::Index(index) => is_declared_outside(&index.expr),
        Expr::Unary(unary) => is_declared_outside(&unary.expr),
        _ => false,
    }
}

/// Why an active value cannot be stored there.
pub(super) fn stored_outside() -> String {
    unsupported(
        "an active value in what is declared outside of the function",
        "it outlives the call, and its adjoint would have to",
        "return the value instead, or pass `stop_gradient(..)` of it",
    )
}

/// The functions of the table that are methods, and the conversions.
fn methods() -> impl Iterator<Item = &'static str> {
    RULES.iter().filter(|rule| rule.written == Written::Method).map(|rule| rule.name).chain(["sin_cos"])
}

/// A function of floats that is not in the table, or is not called as the one that is.
fn unknown_function(name: &str) -> String {
    if methods().any(|known| known == name) {
        let what = format!("`{name}` has another number of arguments");
        return with_help(&what, &format!("call it as `Real::{name}` is declared"));
    }
    let what = no_derivative(name);
    let foreign = FOREIGN.iter().find(|(foreign, _)| *foreign == name).map(|(_, ours)| *ours);
    match foreign.or_else(|| nearest(name, methods())) {
        Some(near) => with_help(&what, &format!("did you mean `{near}`?")),
        None => with_help(&what, INSTEAD_OF_A_FUNCTION),
    }
}

fn no_derivative(name: &str) -> String {
    format!("`{name}` is no function of floats that has a derivative here")
}

const INSTEAD_OF_A_FUNCTION: &str =
    "write a function of its own, with `#[differentiable]`, or pass `stop_gradient(..)` of the value";

/// What to do instead of what a sequence's method does.
fn instead(method: &str) -> &'static str {
    match method {
        "dedup" | "resize_with" | "retain_mut" => {
            "keep the elements, and count in a variable of its own how many of them are in use"
        }
        _ if method.starts_with("sort_unstable") => {
            "call `sort_by`, which leaves equal elements in their order, so that they can be followed"
        }
        _ if method.starts_with("sort") || method.starts_with("select_nth") => {
            "sort a list of indices, by a key that is made with `stop_gradient(..)`, and read the values in its order"
        }
        "join" | "copy_within" | "fill_with" => "write it as a loop that assigns or pushes the elements one by one",
        _ if method.starts_with("as_") || method.ends_with("_chunk") => "read the elements by their indices",
        _ => "write a `for` loop over the indices, or end a chain of iterators with `sum`, `fold` or `collect`",
    }
}

/// Functions of traits that are written otherwise: the trait, the function, and what is written.
const BY_METHOD: &[(&str, &str, &str)] = &[
    ("Clone", "clone", "write it as a method: `x.clone()`"),
    ("ToOwned", "to_owned", "write it as a method: `x.to_owned()`"),
    ("Into", "into", "write it as a method, `x.into()`, or `f64::from(x)`"),
    ("From", "from", "write the type that it makes: `f64::from(x)`"),
];

impl Lowerer<'_> {
    /// Refuses a field of what was taken for a float, as the result of an operator: it is a user's, on a type that has fields.
    pub(super) fn refuse_fields(&mut self, base: &Expr, var: Var) {
        let name = self.function.variable(var).name.to_string();
        let what = format!("`{name}`, which has fields,");
        let (why, help) = if self.function.is_parameter(var) {
            ("in an `impl`, a type of one capital letter is taken for a scalar", "give the struct a longer name")
        } else {
            let why = "an operator or a conversion that gives a struct is a function without derivatives";
            (why, "write it as a method that is `#[differentiable]`, and call it")
        };
        self.unsupported(base, unsupported(&what, why, help));
        self.refused.insert(name);
    }

    /// Refuses a method of a float or of a sequence that is none of the language's.
    pub(super) fn refuse_method(&mut self, call: &ExprMethodCall) -> bool {
        let name = call.method.to_string();
        if self.is_float(&call.receiver) {
            self.refuse_method_of_float(call);
            return true;
        }
        if let Expr::MethodCall(before) = strip(&call.receiver)
            && is_adapter(&before.method.to_string())
            && self.is_option(&before.receiver)
        {
            let help = "match on it, and keep the value that it holds in a variable";
            self.unsupported(&before.method, not_yet(&format!("`{}` of an `Option`", before.method), help));
            return true;
        }
        if matches!(strip(&call.receiver), Expr::MethodCall(before) if is_adapter(&before.method.to_string())) {
            let help = "end the chain with `sum`, `fold`, `reduce` or `collect`, or write a `for` loop";
            self.unsupported(&call.method, not_yet(&format!("`{name}` of an iterator"), help));
            return true;
        }
        if self.is_sequence(&call.receiver) {
            self.unsupported(&call.method, not_yet(&format!("`{name}` of a sequence"), instead(&name)));
            return true;
        }
        false
    }

    /// Refuses a method of floats on what is written as an array, a slice, a `Vec` or a tuple of floats: it has none, but perhaps one of a user's trait.
    pub(super) fn refuse_method_of_several(&mut self, call: &ExprMethodCall) -> bool {
        let Some(ty) = self.written_type(&call.receiver).filter(|ty| holds_several(ty) && is_of_floats(ty)) else { return false };
        let what = format!("`{}` of several floats at once is a function without derivatives", call.method);
        let help = "apply it to each of them, as in `x.map(|x| x.exp())`, or call a function with `#[differentiable]`";
        let receiver = match self.passing_of(&call.receiver) {
            Some(Passing::Shared) => quote!(&#ty),
            Some(Passing::Mutable) => quote!(&mut #ty),
            _ => ty.to_token_stream(),
        };
        self.errors.if_it_exists(&call.method, Called::OnA(receiver), call.args.len(), with_help(&what, help));
        true
    }

    /// How a parameter is passed, where the expression is one.
    fn passing_of(&self, expr: &Expr) -> Option<Passing> {
        let var = self.variable_of(expr)?;
        self.function.parameters.iter().find(|parameter| parameter.var == var).map(|parameter| parameter.passing)
    }

    fn refuse_method_of_float(&mut self, call: &ExprMethodCall) {
        let float = self.only_float.clone().filter(|_| call.turbofish.is_none());
        self.refuse_function(&call.method, float.map(|float| Called::OnA(float.to_token_stream())), call.args.len());
    }

    /// Refuses a function of floats. Where there is none of that name, rustc says so, and knows the nearest: but not what it is called in other
    /// languages.
    pub(super) fn refuse_function(&mut self, name: &Ident, called: Option<Called>, arguments: usize) {
        let text = name.to_string();
        let is_inherent = !matches!(text.as_str(), "sigmoid" | "softplus" | "relu");
        if is_inherent && methods().any(|known| known == text) {
            return self.errors.leave_to_rustc(); // it is called with another number of arguments
        }
        if let Some((_, operator)) = OPERATORS.iter().find(|(operator, _)| *operator == text) {
            let what = format!("`{text}` is not differentiated as a method");
            return self.unsupported(name, with_help(&what, &format!("write the operator: `{operator}`")));
        }
        match called.filter(|_| is_inherent && !FOREIGN.iter().any(|(foreign, _)| *foreign == text)) {
            Some(called) => {
                let message = with_help(&no_derivative(&text), INSTEAD_OF_A_FUNCTION);
                self.errors.if_it_exists(name, called, arguments, message);
            }
            None => self.unsupported(name, unknown_function(&text)),
        }
    }

    /// Whether the expression is a float by its form or by the type of its variable.
    pub(super) fn is_float(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Path(_) => self.plain_variable(expr).is_some_and(|var| self.function.variable(var).kind == Kind::Scalar),
            Expr::Binary(binary) => self.is_float(&binary.left) || self.is_float(&binary.right),
            Expr::Unary(unary) => self.is_float(&unary.expr),
            Expr::Lit(literal) => matches!(literal.lit, syn::Lit::Float(_)),
            Expr::MethodCall(call) => {
                RULES.iter().any(|rule| rule.written == Written::Method && call.method == rule.name)
                    && self.is_float(&call.receiver)
            }
            _ => false,
        }
    }

    /// Whether the expression is an array, a slice or a `Vec` by its form or by what its variable begins with.
    pub(super) fn is_sequence(&self, expr: &Expr) -> bool {
        matches!(strip(expr), Expr::Array(_) | Expr::Repeat(_))
            || self.variable_of(expr).is_some_and(|var| self.sequences.contains(&var))
    }

    fn plain_variable(&self, expr: &Expr) -> Option<Var> {
        self.variable_of(expr).filter(|var| self.plain.contains(var))
    }

    fn variable_of(&self, expr: &Expr) -> Option<Var> {
        let Expr::Path(path) = strip(expr) else { return None };
        match self.bound.get(&path.path.get_ident()?.to_string())? {
            super::Bound::Var(var) => Some(*var),
            super::Bound::Reference { place, .. } if place.path.is_empty() => Some(place.root),
            _ => None,
        }
    }

    /// Refuses a call by the path of its function.
    pub(super) fn refuse_path(&mut self, path: &syn::ExprPath) -> bool {
        let segments: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let (last, before) =
            (segments.last().map_or("", String::as_str), segments.iter().rev().nth(1).map_or("", String::as_str));
        if path.qself.as_ref().is_some_and(|this| this.position > 0) {
            let what = unsupported(
                "a function of a trait",
                "which implementation runs is not known here",
                "write a function of its own, with `#[differentiable]`",
            );
            self.unsupported(path, what);
            return true;
        }
        if let Some(help) = container(before) {
            self.unsupported(path, in_container(before, help));
            return true;
        }
        if let Some((_, _, instead)) = BY_METHOD.iter().find(|(of, name, _)| *of == before && *name == last) {
            let what = unsupported(
                &format!("`{before}::{last}` by its path"),
                "it is a function of a trait, whose type the path does not say",
                instead,
            );
            self.unsupported(path, what);
            return true;
        }
        if before == "iter" && ITERATORS.contains(&last) {
            let help = "begin the chain with `iter` of an array or a slice, or with a range";
            self.unsupported(path, not_yet(&format!("`iter::{last}`"), help));
            return true;
        }
        if segments.len() == 1 && self.own_functions.contains(last) {
            let what = unsupported(
                &format!("a call of `{last}`"),
                "it has no derivatives",
                "write `#[differentiable]` on it, or pass `stop_gradient(..)` of the active arguments",
            );
            self.unsupported(path, what);
            return true;
        }
        false
    }

    /// Refuses a value of an enum: `E::A(x)`, `E::A { x }`.
    pub(super) fn refuse_variant(&mut self, path: &syn::Path) -> bool {
        let Some(before) =
            path.segments.iter().rev().nth(1).filter(|before| before.ident.to_string().starts_with(char::is_uppercase))
        else {
            return false;
        };
        let what = unsupported(
            &format!("an active value in a variant of `{}`", before.ident),
            "the variants of an enum have no common shape",
            "use a struct that derives `Differentiable`, or a tuple, and keep the choice beside it",
        );
        self.unsupported(path, what);
        true
    }

    /// Whether the expression is part of a variable that was refused.
    pub(super) fn is_refused(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| self.refused.contains(&name.to_string())),
            Expr::Field(field) => self.is_refused(&field.base),
            Expr::Index(index) => self.is_refused(&index.expr),
            Expr::Unary(unary) => self.is_refused(&unary.expr),
            Expr::Reference(reference) => self.is_refused(&reference.expr),
            Expr::MethodCall(call) => self.is_refused(&call.receiver),
            _ => false,
        }
    }

    /// Refuses a variable that is declared as a container: `let m = HashMap::new()`.
    pub(super) fn refuse_container(&mut self, init: &Expr, ty: Option<&Type>) -> bool {
        if let Some((name, help)) = ty.and_then(container_type) {
            self.unsupported(&ty.to_token_stream(), in_container(&name, help));
            return true;
        }
        let Expr::Call(call) = strip(init) else { return false };
        let Expr::Path(path) = strip(&call.func) else { return false };
        let before = path.path.segments.iter().rev().nth(1).map(|segment| segment.ident.to_string()).unwrap_or_default();
        let Some(help) = container(&before) else { return false };
        self.unsupported(path, in_container(&before, help));
        true
    }
}

/// Whether the type is one of several values.
fn holds_several(ty: &Type) -> bool {
    matches!(ty, Type::Array(_) | Type::Slice(_) | Type::Tuple(_)) || vec_of(ty).is_some()
}

/// Whether the type is made of floats alone, by names that mean the same outside of the function.
fn is_of_floats(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.is_ident("f32") || path.path.is_ident("f64") || vec_of(ty).is_some_and(is_of_floats),
        Type::Array(array) => is_of_floats(&array.elem) && matches!(array.len, Expr::Lit(_)),
        Type::Slice(slice) => is_of_floats(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_of_floats),
        _ => false,
    }
}

/// The type of the elements of a `Vec`.
fn vec_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    match &path.path.segments.last().filter(|last| last.ident == "Vec")?.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(element) => Some(element),
            _ => None,
        },
        _ => None,
    }
}

/// The functions in a body that have no derivatives.
#[derive(Default)]
pub(super) struct OwnFunctions {
    plain: std::collections::BTreeSet<String>,
    differentiable: std::collections::BTreeSet<String>,
}

impl OwnFunctions {
    /// Those that have none, and those that have.
    pub(super) fn of(block: &syn::Block) -> (std::collections::BTreeSet<String>, std::collections::BTreeSet<String>) {
        let mut found = Self::default();
        syn::visit::Visit::visit_block(&mut found, block);
        (found.plain.difference(&found.differentiable).cloned().collect(), found.differentiable)
    }
}

impl<'ast> syn::visit::Visit<'ast> for OwnFunctions {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let annotated = item.attrs.iter().any(|attribute| {
            attribute
                .path()
                .segments
                .last()
                .is_some_and(|segment| segment.ident == "differentiable" || segment.ident == "cfg_attr")
        });
        let names = if annotated { &mut self.differentiable } else { &mut self.plain };
        names.insert(item.sig.ident.to_string());
    }
}
