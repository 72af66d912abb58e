//! Partial derivatives that the user gives.
//!
//! *In:* `#[differentiable(partials(x = 1.0 / (1.0 + (-x).exp())))] fn softplus(x: f64) -> f64 { .. }`
//!
//! *Out:* `let value = softplus(x); let partial_x = 1.0 / (1.0 + (-x).exp()); let result = given(value, x, partial_x)`
//!
//! `given` is an operation of the rule table: its value is the first operand, and what flows to the second is the third times `g`. The
//! body is not looked into, and neither are the expressions, which may be any Rust.
//!
//! For second derivatives they are: `given_twice` differentiates them like the statements of a body, where `value` is the
//! result with its derivative:
//!
//! `let inner = given(value, x, partial_x); let partial_x_2 = (the expression in terms of x and inner); let result = given(value, x, partial_x_2)`

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Block;

use crate::args::Partial;
use crate::error::{Errors, with_help};
use crate::ir::names::Taken;
use crate::ir::{self, Form, Kind, Operand, Place, Statement, Value, Var};
use crate::rules;
use crate::signature::{ParameterSignature, Returns, Shape, Signature, meant};

use super::{Bound, Lowerer};

/// Checks that there is one for each active parameter, and for no other.
pub fn check(signature: &Signature, partials: &[Partial], errors: &mut Errors) {
    if signature.returns != Returns::Scalar && errors.is_empty() {
        let what = "`partials(..)` needs a function that returns a scalar";
        errors.span(signature.name.span(), with_help(what, "return a scalar, or give a whole rule with `vjp = path`"));
    }
    let names = |p: &ParameterSignature| if p.receiver { "self".to_owned() } else { p.name.to_string() };
    for (position, partial) in partials.iter().enumerate() {
        let name = partial.parameter.to_string();
        let found = signature.parameters.iter().find(|p| names(p) == name);
        let help = "write one for each active parameter, and for no other";
        match found {
            _ if partials[..position].iter().any(|before| before.parameter == partial.parameter) => {
                errors.at(&partial.parameter, with_help(&format!("`{name}` has two partial derivatives"), help));
            }
            None => {
                let what = format!("there is no parameter named `{name}`");
                errors.at(&partial.parameter, with_help(&what, &meant(&name, &signature.parameters)));
            }
            Some(p) if !p.active => errors.at(&partial.parameter, with_help(&format!("`{name}` is not active"), help)),
            Some(p) if !matches!(p.shape, Some(Shape::Scalar)) => {
                let what = format!("`{name}` is no scalar: `partials(..)` are of scalars alone");
                errors.at(&partial.parameter, with_help(&what, "give a whole rule with `vjp = path`"));
            }
            Some(_) => {}
        }
    }
    let known = |partial: &Partial| signature.parameters.iter().any(|p| partial.parameter == names(p));
    for p in signature.parameters.iter().filter(|p| p.active && partials.iter().all(known)) {
        if !partials.iter().any(|partial| partial.parameter == names(p)) {
            let what = format!("`partials(..)` has none for the active parameter `{}`", names(p));
            errors.span(p.span, with_help(&what, "write it, or leave the parameter out of `wrt(..)`"));
        }
    }
}

impl Lowerer<'_> {
    /// The function as an operation of its own.
    pub(super) fn given(&mut self, signature: &Signature, partials: &[Partial]) {
        let value = self.own_value(signature);
        let factors = self.copied_partials(signature, partials);
        let result = self.combined(value, partials, &factors);
        self.function.result = Some(result);
    }

    /// The same, with partial derivatives that are differentiated: `statements` declare them, by these names.
    pub(super) fn given_twice(&mut self, signature: &Signature, partials: &[Partial], names: &[Ident], statements: &Block) {
        let value = self.own_value(signature);
        let factors = self.copied_partials(signature, partials);
        let inner = self.combined(value, partials, &factors);
        if !has_parameter(signature, "value") {
            self.bound.insert("value".to_owned(), Bound::Var(inner));
        }
        statements.stmts.iter().for_each(|statement| self.statement(statement));
        let span = signature.name.span();
        let mut factors = Vec::new();
        for name in names {
            let place = match self.lookup(name) {
                Some(Bound::Var(var)) => Place::whole(var, span),
                Some(Bound::Reference { place, .. }) => place,
                _ => return, // the errors are there
            };
            factors.push(place);
        }
        let result = self.combined(value, partials, &factors);
        self.function.result = Some(result);
    }

    fn own_value(&mut self, signature: &Signature) -> Var {
        let span = signature.name.span();
        let value = Ident::new(if has_parameter(signature, "value") { "value_of_function" } else { "value" }, span);
        self.function.taken.extend([value.to_string()]);
        let code = self.code(&own_call(signature), false);
        let var = self.variable(&value, Kind::Scalar, false, Form::Owned);
        let value = Some(Value::Expr(ir::Expr::Operand(Operand::Code(code))));
        self.push(Statement::Let { var, value, ty: Some(signature.output.clone()) });
        var
    }

    /// The partial derivatives as copied code.
    fn copied_partials(&mut self, signature: &Signature, partials: &[Partial]) -> Vec<Place> {
        let mut factors = Vec::new();
        for partial in partials {
            let span = partial.parameter.span();
            let code = self.code(&partial.expr, false);
            let factor = self.function.fresh(&format!("partial_{}", partial.parameter), Kind::Scalar, false, Form::Owned, span);
            let value = Some(Value::Expr(ir::Expr::Operand(Operand::Code(code))));
            self.push(Statement::Let { var: factor, value, ty: Some(signature.output.clone()) });
            factors.push(Place::whole(factor, span));
        }
        factors
    }

    /// A variable with the value and with these partial derivatives.
    fn combined(&mut self, value: Var, partials: &[Partial], factors: &[Place]) -> Var {
        let span = self.function.variable(value).name.span();
        let mut result = ir::Expr::place(Place::whole(value, span));
        for (partial, factor) in partials.iter().zip(factors) {
            let name = if partial.parameter == "self" { "this".to_owned() } else { partial.parameter.to_string() };
            let Some(Bound::Var(parameter)) = self.bound.get(&name).cloned() else { continue };
            let operands = [Place::whole(parameter, partial.parameter.span()), factor.clone()].map(ir::Expr::place);
            let all = std::iter::once(result).chain(operands).collect();
            let var = self.temporary("result", Kind::Scalar, Value::Expr(ir::Expr::apply(rules::op("d_given"), all)), span);
            result = ir::Expr::place(Place::whole(var, span));
        }
        self.temporary("result", Kind::Scalar, Value::Expr(result), span)
    }
}

fn has_parameter(signature: &Signature, name: &str) -> bool {
    signature.parameters.iter().any(|p| p.name == name)
}

/// `let partial_x: T = ..;` for each, and the names.
pub fn statements(signature: &Signature, partials: &[Partial], taken: &mut Taken) -> (Vec<Ident>, Block) {
    let names: Vec<Ident> = partials
        .iter()
        .map(|partial| Ident::new(&taken.fresh(&format!("partial_{}", partial.parameter)), partial.parameter.span()))
        .collect();
    let (output, expressions) = (&signature.output, partials.iter().map(|partial| &partial.expr));
    let block = syn::parse_quote!({ #(let #names: #output = #expressions;)* });
    (names, block)
}

/// A call of the function itself with its own parameters, in derivatives.
pub fn own_call(signature: &Signature) -> TokenStream {
    let arguments = signature.parameters.iter().map(|p| if p.receiver { quote!(this) } else { p.name.to_token_stream() });
    let (name, generics) = (&signature.name, &signature.generic_arguments);
    let turbofish = (!generics.is_empty()).then(|| quote!(::<#(#generics),*>));
    if signature.member {
        return quote!(Self::#name #turbofish(#(#arguments),*));
    }
    if signature.parameters.iter().any(|p| p.name == *name) {
        let callee = format_ident!("itself", span = Span::mixed_site());
        return quote!({ use #name as #callee; #callee #turbofish(#(#arguments),*) });
    }
    quote!(#name #turbofish(#(#arguments),*))
}
