//! Partial derivatives that the user gives.
//!
//! *In:* `#[differentiable(partials(x = 1.0 / (1.0 + (-x).exp())))] fn softplus(x: f64) -> f64 { .. }`
//!
//! *Out:* `let value = softplus(x); let partial_x = 1.0 / (1.0 + (-x).exp()); let result = given(value, x, partial_x)`
//!
//! `given` is an operation of the rule table: its value is the first operand, and what flows to the second is the third times `g`. The
//! body is not looked into.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::args::Partial;
use crate::error::{Errors, with_help};
use crate::ir::{self, Form, Kind, Operand, Place, Statement, Value};
use crate::rules;

use super::signature::{ParameterSignature, Returns, Signature, meant};
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
            Some(p) if !matches!(p.shape, Some(super::signature::Shape::Scalar)) => {
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
        let call = own_call(signature);
        let span = signature.name.span();
        let hidden = signature.parameters.iter().any(|p| p.name == "value");
        let value = if hidden { Ident::new("value_of_function", span) } else { Ident::new("value", span) };
        self.function.taken.insert(value.to_string());
        let code = self.code(&call, false);
        let var = self.variable(&value, Kind::Scalar, false, Form::Owned);
        let output = Some(signature.output.clone());
        self.push(Statement::Let { var, value: Some(Value::Expr(ir::Expr::Operand(Operand::Code(code)))), ty: output.clone() });
        let mut result = ir::Expr::place(Place::whole(var, span));
        for partial in partials {
            let name = if partial.parameter == "self" { "this".to_owned() } else { partial.parameter.to_string() };
            let Some(Bound::Var(parameter)) = self.bound.get(&name).cloned() else { continue };
            let span = partial.parameter.span();
            let wish = format!("partial_{}", partial.parameter);
            let code = self.code(&partial.expr, false);
            let factor = self.function.fresh(&wish, Kind::Scalar, false, Form::Owned, span);
            let value = Some(Value::Expr(ir::Expr::Operand(Operand::Code(code))));
            self.push(Statement::Let { var: factor, value, ty: output.clone() });
            let operands = [parameter, factor].map(|var| ir::Expr::place(Place::whole(var, span)));
            let all = std::iter::once(result).chain(operands).collect();
            let var = self.temporary("result", Kind::Scalar, Value::Expr(ir::Expr::apply(rules::op("d_given"), all)), span);
            result = ir::Expr::place(Place::whole(var, span));
        }
        let var = self.temporary("result", Kind::Scalar, Value::Expr(result), span);
        self.function.result = Some(var);
    }
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
