//! Expressions and values.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt, quote};

use crate::analysis::moves;
use crate::ir::{Expr, Form, Number, Operand, Place, Spelling, Step, Value, Var, tokens};
use crate::rules::{Op, Written};
use crate::spans::at_call_site;

use super::Emitter;

/// How tight an operator binds.
fn level(op: Op) -> Option<u8> {
    match op.0.written {
        Written::Infix("+" | "-") => Some(1),
        Written::Infix(_) => Some(2),
        Written::Prefix(_) => Some(4),
        _ => None,
    }
}

/// Whether floats have no such method of their own: a user's trait that has one makes the call ambiguous beside `Real`.
fn is_own_method(op: Op) -> bool {
    matches!(op.0.name, "sigmoid" | "softplus" | "relu")
}

fn spanned(symbol: char, span: Span) -> Punct {
    let mut symbol = Punct::new(symbol, Spacing::Alone);
    symbol.set_span(span);
    symbol
}

impl Emitter<'_> {
    /// A constant in the function's scalar.
    pub(super) fn number(&self, number: &Number, precedence: u8) -> TokenStream {
        if let Some(written) = &number.written {
            return written.clone();
        }
        let runtime = self.runtime;
        let literal = Literal::f64_unsuffixed(number.value.abs());
        let negative = number.value.is_sign_negative();
        let scalar = match &self.function.scalar {
            Some(scalar) => Some(scalar.to_token_stream()),
            None if self.function.scalar_of_self && !self.constant => Some(quote!(<Self as #runtime::Differentiable>::Scalar)),
            None => None,
        };
        match scalar {
            Some(scalar) if number.value == 0.0 && !negative => quote!(<#scalar as #runtime::Scalar>::ZERO),
            Some(scalar) if number.value == 1.0 => quote!(<#scalar as #runtime::Scalar>::ONE),
            Some(scalar) if negative => quote!(<#scalar as #runtime::Scalar>::from_f64(-#literal)),
            Some(scalar) => quote!(<#scalar as #runtime::Scalar>::from_f64(#literal)),
            None if negative && precedence > 4 => quote!((-#literal)),
            None if negative => quote!(-#literal),
            None => literal.to_token_stream(),
        }
    }

    /// An expression; in parentheses where it binds less than `precedence`: 1 sums, 2 products, 3 casts, 4 prefixes, 5 calls.
    pub(super) fn expr(&self, expr: &Expr, precedence: u8) -> TokenStream {
        match expr {
            Expr::Operand(operand) => self.operand(operand, precedence),
            Expr::Apply(op, arguments, spelling) => self.apply(*op, arguments, spelling, precedence),
        }
    }

    /// The same behind other tokens, which does not copy those of the operands of operands again and again.
    fn push_expr(&self, expr: &Expr, precedence: u8, tokens: &mut TokenStream) {
        match expr {
            Expr::Operand(Operand::Place(place)) if place.path.is_empty() && self.form(place.root) == Form::Owned => {
                tokens.append(tokens::at(self.name(place.root), place.span));
            }
            Expr::Apply(op, arguments, spelling) if level(*op).is_some_and(|level| level >= precedence) => {
                self.push_operation(*op, arguments, spelling, tokens);
            }
            Expr::Apply(op, arguments, Spelling::Method(span)) if !is_own_method(*op) => {
                self.push_method_call(*op, arguments, *span, tokens);
            }
            other => tokens.extend(self.expr(other, precedence)),
        }
    }

    fn push_method_call(&self, op: Op, arguments: &[Expr], span: Span, tokens: &mut TokenStream) {
        let at = at_call_site(span);
        let mut rest = TokenStream::new();
        for (position, argument) in arguments[1..].iter().enumerate() {
            if position > 0 {
                rest.append(spanned(',', at));
            }
            self.push_expr(argument, 0, &mut rest);
        }
        let mut group = Group::new(Delimiter::Parenthesis, rest);
        group.set_span(at);
        self.push_expr(&arguments[0], 5, tokens);
        tokens.append(spanned('.', at));
        tokens.append(Ident::new(op.0.name, span));
        tokens.append(group);
    }

    /// Operands and the operator, without parentheses.
    fn push_operation(&self, op: Op, arguments: &[Expr], spelling: &Spelling, tokens: &mut TokenStream) {
        let level = level(op).expect("an operator");
        if let [left, _] = arguments {
            self.push_expr(left, level, tokens);
        }
        let symbol = match op.0.written {
            Written::Infix(symbol) | Written::Prefix(symbol) => symbol,
            _ => unreachable!("an operator is written between or before its operands"),
        };
        for symbol in symbol.chars() {
            tokens.append(match spelling {
                Spelling::Operator(span) => spanned(symbol, *span),
                _ => Punct::new(symbol, Spacing::Alone),
            });
        }
        let last = arguments.last().expect("an operator has operands");
        self.push_expr(last, if arguments.len() == 2 { level + 1 } else { level }, tokens);
    }

    fn apply(&self, op: Op, arguments: &[Expr], spelling: &Spelling, precedence: u8) -> TokenStream {
        let (tokens, level) = match op.0.written {
            Written::Infix(_) | Written::Prefix(_) => {
                let mut tokens = TokenStream::new();
                self.push_operation(op, arguments, spelling, &mut tokens);
                (tokens, level(op).expect("an operator"))
            }
            Written::Conversion => self.conversion(&arguments[0], spelling),
            Written::Partial => {
                let name = Ident::new(op.0.name.trim_start_matches("d_"), Span::call_site());
                let runtime = self.runtime;
                let arguments = arguments.iter().map(|argument| self.expr(argument, 0));
                (quote!(#runtime::partial::#name(#(#arguments),*)), 5)
            }
            Written::Method | Written::Function => (self.function_call(op, arguments, spelling), 5),
        };
        if level < precedence { quote!((#tokens)) } else { tokens }
    }

    fn function_call(&self, op: Op, arguments: &[Expr], spelling: &Spelling) -> TokenStream {
        let runtime = self.runtime;
        match spelling {
            Spelling::Method(span) => {
                let mut call = TokenStream::new();
                self.push_method_call(op, arguments, *span, &mut call);
                if is_own_method(op) { quote!({ use #runtime::Real as _; #call }) } else { call }
            }
            Spelling::Path(path) => {
                let arguments = arguments.iter().map(|argument| self.expr(argument, 0));
                quote!(#path(#(#arguments),*))
            }
            Spelling::Canonical | Spelling::Operator(_) => {
                let name = Ident::new(op.0.name, Span::call_site());
                let arguments = arguments.iter().map(|argument| self.expr(argument, 0));
                quote!(#runtime::Real::#name(#(#arguments),*))
            }
        }
    }

    fn conversion(&self, argument: &Expr, spelling: &Spelling) -> (TokenStream, u8) {
        let Spelling::Path(path) = spelling else { return (self.expr(argument, 5), 5) };
        let text = path.to_string();
        if text.starts_with("as ") {
            let inner = self.expr(argument, 3);
            (quote!(#inner #path), 3)
        } else if text.starts_with('.') {
            let inner = self.expr(argument, 5);
            (quote!(#inner #path), 5)
        } else {
            let inner = self.expr(argument, 0);
            (quote!(#path(#inner)), 5)
        }
    }

    /// Whether what is moved out of the place is needed later.
    pub(super) fn is_needed(&self, place: &Place) -> bool {
        self.needed.contains(&place.root) && self.form(place.root) == Form::Owned && moves::moves(self.function, place)
    }

    /// A clone of what is at the place.
    pub(super) fn cloned(&self, place: &Place) -> TokenStream {
        if self.constant {
            return self.place(place, 0); // numbers are copied
        }
        let (runtime, place) = (self.runtime, self.shared(place));
        quote!(#runtime::Clone::clone(#place))
    }

    /// Whether the place may be a slice, which has no clone of its own type: what a reference of the signature names.
    fn may_be_slice(&self, place: &Place) -> bool {
        place.path.is_empty() && self.form(place.root) == Form::Reference
    }

    /// The same behind other tokens.
    pub(super) fn push_value(&self, value: &Value, tokens: &mut TokenStream) {
        match value {
            Value::Expr(expr @ Expr::Apply(..)) => self.push_expr(expr, 0, tokens),
            other => tokens.extend(self.value(other)),
        }
    }

    /// What is stored in a variable or a place.
    pub(super) fn value(&self, value: &Value) -> TokenStream {
        let runtime = self.runtime;
        match value {
            Value::Expr(Expr::Operand(Operand::Place(place))) if self.is_needed(place) => self.cloned(place),
            // a part of what is lent cannot be moved out of it
            Value::Expr(Expr::Operand(Operand::Place(place)))
                if self.form(place.root) == Form::Dot && matches!(place.path.last(), Some(Step::Field(_) | Step::Element(_))) =>
            {
                self.dotted(place, true)
            }
            Value::Expr(expr) => self.expr(expr, 0),
            Value::Tuple(values) => {
                let values = values.iter().map(|value| self.value(value));
                quote!((#(#values,)*))
            }
            Value::Array(values) => {
                let values = values.iter().map(|value| self.value(value));
                quote!([#(#values),*])
            }
            Value::Repeat(value, length) => {
                let value = self.value(value);
                let length = &length.tokens;
                quote!([#value; #length])
            }
            Value::Struct { path, fields, base, tuple } => self.structure(path, fields, base.as_deref(), *tuple),
            Value::ZerosLike(place) => self.zeros_like(place),
            Value::FieldTangent(place) => {
                let place = self.shared(place);
                quote!({ use #runtime::{FieldOfNumbers as _, OtherField as _}; (&#runtime::Field(#place)).tangent() })
            }
            Value::EmptyVec => quote!(#runtime::Vec::new()),
            Value::NewTape(None) => quote!(#runtime::Tape::<_, 0>::new()),
            Value::NewTape(Some(room)) if room.of_winners => self.tape_of_winners(room.capacity.as_ref()),
            Value::NewTape(Some(room)) => self.empty_tape(room),
            Value::Records(place) => {
                let tape = self.place(place, 5);
                quote!(#tape.records())
            }
            Value::Pop(place) => {
                let place = self.exclusive(place);
                quote!(#runtime::pop(#place))
            }
            Value::ArrayLike(place, zero) => {
                let (place, zero) = (self.shared(place), self.value(zero));
                quote!(#runtime::array_like(#place, #zero))
            }
            Value::Late => quote!(::core::option::Option::None),
            Value::Blank => quote!(#runtime::blank()),
            Value::Zero => self.number(&Number { written: None, value: 0.0 }, 0),
            Value::Clone(place) => self.copy(place),
            Value::Take(place, shape) => self.taken(place, *shape),
            Value::Shape(place) => {
                let place = self.shared(place);
                quote!(#runtime::Shape::of(#place))
            }
        }
    }

    /// Zeros of the shape of a place.
    fn zeros_like(&self, place: &Place) -> TokenStream {
        let runtime = self.runtime;
        if self.constant {
            return self.constant_zeros(place);
        }
        if self.is_shape_alone(place.root) && self.references.borrow().contains(&place.root) {
            let name = self.name(place.root);
            return quote!(#name.zeros());
        }
        let place = self.shared(place);
        quote!(#runtime::zeros_like(#place))
    }

    /// A copy of what a place holds.
    fn copy(&self, place: &Place) -> TokenStream {
        let runtime = self.runtime;
        if self.constant {
            return self.operand(&Operand::Place(place.clone()), 0);
        }
        if self.form(place.root) == Form::Dot {
            return self.dotted(place, true);
        }
        if place.path.is_empty() && self.function.is_scalar(place.root) {
            return self.place(place, 0);
        }
        let shared = self.shared(place);
        if place.is_part() {
            let message = "a part of a slice that changes after it was lent to a call is kept in a `Vec`, which takes the feature `alloc`\n\
                help: copy the part into an array before the call";
            return quote!({ #runtime::needs_alloc!(#message); #runtime::Vec::from(#shared) });
        }
        if self.may_be_slice(place) { quote!(#runtime::kept(#shared)) } else { quote!(#runtime::Clone::clone(#shared)) }
    }

    /// What a place holds, in whose stead zeros stand there: of the shape of a variable, where the value does not tell it.
    fn taken(&self, place: &Place, shape: Option<Var>) -> TokenStream {
        let runtime = self.runtime;
        if let Some(shape) = shape {
            let (place, shape) = (self.exclusive(place), self.shared(&Place::whole(shape, place.span)));
            return quote!(#runtime::take_as(#place, #shape));
        }
        if place.path.is_empty() && self.form(place.root) == Form::Late {
            let name = self.name(place.root);
            return quote!(#runtime::settled(#name.take()));
        }
        let exclusive = self.exclusive(place);
        if self.constant {
            let zeros = self.constant_zeros(place);
            return quote!(::core::mem::replace(#exclusive, #zeros));
        }
        quote!(#runtime::take(#exclusive))
    }

    fn structure(&self, path: &TokenStream, fields: &[(Step, Value)], base: Option<&Value>, tuple: bool) -> TokenStream {
        if tuple {
            let values = fields.iter().map(|(_, value)| self.value(value));
            return quote!(#path(#(#values),*));
        }
        let fields = fields.iter().map(|(step, value)| {
            let value = self.value(value);
            match step {
                Step::Field(name) => quote!(#name: #value),
                Step::Element(index) => {
                    let index = Literal::u32_unsuffixed(*index);
                    quote!(#index: #value)
                }
                Step::Index(_) => value,
            }
        });
        let base = base.map(|base| {
            let base = self.value(base);
            quote!(..#base)
        });
        quote!(#path { #(#fields,)* #base })
    }
}
