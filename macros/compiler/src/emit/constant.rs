//! Derivatives of `const` functions, which are `const` where all that they do can be.
//!
//! *In:* the statements of an entry. *Out:* whether Rust evaluates them at compile time, and the forms that it does: loops by `while`, slots by patterns,
//! records in an array.
//!
//! What is no operator on floats, no user's own call and no call of another entry is a function of the runtime over any number, whose operations are
//! those of a trait, which are not `const`. Names are not compared either, as types cannot be.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use crate::ir::tokens::operand;
use crate::ir::{
    Block, Call, CallMode, Callee, Counting, Expr, Form, Function, Header, Loop, Operand, Passed, Place, Range, Seed, Spelling,
    Statement, Tangent, Tape, Value,
};
use crate::rules::Written;
use crate::signature::{ParameterSignature, Signature};

use super::Emitter;
use super::layouts::{Shape, Shapes};

/// Whether a function's parameters and result can be held in constants: numbers of built-in types, and arrays of them.
pub(super) fn may_be(signature: &Signature) -> bool {
    let plain = |p: &ParameterSignature| !p.active || p.shape.is_some() && !p.receiver;
    signature.is_const && signature.scalars.is_empty() && !signature.other_generics && signature.parameters.iter().all(plain)
}

/// Whether Rust evaluates the statements at compile time.
pub(super) fn is_possible(function: &Function, shapes: &Shapes, block: &Block) -> bool {
    Possible { function, shapes }.block(block)
}

/// Whether the tangent that a function gives is made of numbers.
pub(super) fn is_possible_result(function: &Function, shapes: &Shapes, result: &Value) -> bool {
    Possible { function, shapes }.value(result)
}

struct Possible<'a> {
    function: &'a Function,
    shapes: &'a Shapes,
}

impl Possible<'_> {
    fn block(&self, block: &Block) -> bool {
        block.iter().all(|statement| self.statement(statement))
    }

    fn statement(&self, statement: &Statement) -> bool {
        match statement {
            Statement::Let { var, value, .. } => {
                value.as_ref().is_none_or(|value| self.value(value)) && self.function.variable(*var).form != Form::Late
            }
            Statement::Assign { value, .. } => self.value(value),
            Statement::Add { place, value, whole, .. } => self.expr(value) && (!whole || self.has_shape(place)),
            Statement::Swap { .. }
            | Statement::Code { .. }
            | Statement::Leave(_)
            | Statement::NoExit(_)
            | Statement::Inert(_)
            | Statement::Check { .. } => true,
            Statement::Branch(branch) => branch.arms.iter().all(|arm| self.block(&arm.body)),
            Statement::Unwind { arms, .. } => arms.iter().all(|(_, body)| self.block(body)),
            Statement::Loop(each) => is_possible_loop(each) && self.block(&each.body),
            Statement::Call(call) => is_possible_call(call),
            Statement::SameLength { .. } => true,
            Statement::Push { .. } | Statement::AddEach { .. } | Statement::Each { .. } | Statement::Back(_) => false,
        }
    }

    fn has_shape(&self, place: &Place) -> bool {
        self.shapes.place(self.function, place).is_some()
    }

    fn value(&self, value: &Value) -> bool {
        match value {
            Value::Expr(expr) => self.expr(expr),
            Value::Tuple(values) | Value::Array(values) => values.iter().all(|value| self.value(value)),
            Value::Repeat(value, _) => self.value(value),
            Value::Zero => true,
            Value::Take(place, None) | Value::Clone(place) | Value::ZerosLike(place) => self.has_shape(place),
            _ => false,
        }
    }

    fn expr(&self, expr: &Expr) -> bool {
        match expr {
            // the tangent of a parameter may be absent, and its zeros are of its shape
            Expr::Operand(Operand::Place(place)) if self.function.variable(place.root).form == Form::Dot => self.has_shape(place),
            Expr::Operand(_) => true,
            Expr::Apply(op, arguments, spelling) => {
                let own = match op.0.written {
                    Written::Infix(_) | Written::Prefix(_) => true,
                    Written::Conversion => matches!(spelling, Spelling::Path(path) if path.to_string().starts_with("as ")),
                    Written::Method => matches!(spelling, Spelling::Method(_)),
                    Written::Partial | Written::Function => false,
                };
                own && arguments.iter().all(|argument| self.expr(argument))
            }
        }
    }
}

/// A loop whose records have their places in an array, and that is left at its head.
fn is_possible_loop(each: &Loop) -> bool {
    let counted = each.counting == Counting::None && each.exit.is_none();
    match (&each.header, &each.tape) {
        (_, None) => each.counting == Counting::None && !matches!(each.header, Header::Again),
        (Header::Range(_), Some(tape)) => counted && tape.capacity.is_some() && !tape.shared,
        _ => false,
    }
}

fn is_possible_call(call: &Call) -> bool {
    let plain = |passed: &Passed| matches!(passed, Passed::Value(_) | Passed::Shared(_));
    let mode = match &call.mode {
        CallMode::Primal => true,
        CallMode::Fused(back) => matches!(back.seed, Seed::Place(_)) && back.pushed.is_none(),
        CallMode::Tangent(_, tangents) => tangents.iter().all(|tangent| !matches!(tangent, Tangent::Closure(_))),
        _ => false,
    };
    mode && matches!(call.callee, Callee::Function { .. }) && call.arguments.iter().all(|argument| plain(&argument.passed))
}

impl Emitter<'_> {
    /// A loop over integers, without an iterator.
    pub(super) fn constant_loop(&self, each: &Loop) -> TokenStream {
        let body = match &each.tape {
            Some(tape) if tape.reads => self.with_references(&tape.saved, || self.block(&each.body)),
            _ => self.block(&each.body),
        };
        let exit = each.exit.as_ref().map(|exit| {
            let on = &exit.tokens;
            quote!(if #on { break; })
        });
        let Header::Range(range) = &each.header else {
            let Header::While { on, .. } = &each.header else { unreachable!("a loop with records is none of constants") };
            let on = &on.tokens;
            return quote!(while #on { #body #exit });
        };
        let (new_tape, record, read) = match &each.tape {
            Some(tape) => self.constant_tape(tape),
            None => Default::default(),
        };
        let (index, Range { start, end, inclusive, .. }) = (self.name(range.index), range);
        let (start, end) = (&start.tokens, &end.tokens);
        let past = match inclusive {
            true => {
                let last = operand(end);
                quote!(#last + 1)
            }
            false => end.clone(),
        };
        let [first, last] = ["next", "past"].map(|end| self.unused(&format!("{index}_{end}")));
        match range.reversed {
            true => quote! {
                #new_tape
                let (#first, mut #last) = (#start, #past);
                while #last > #first { #last -= 1; let #index = #last; #read #body #record #exit }
            },
            false => quote! {
                #new_tape
                let (mut #first, #last) = (#start, #past);
                while #first < #last { let #index = #first; #read #body #record #exit #first += 1; }
            },
        }
    }

    /// A name that does not stand in the function.
    fn unused(&self, wish: &str) -> Ident {
        Ident::new(&self.function.taken.clone().fresh(wish), proc_macro2::Span::call_site())
    }

    fn constant_tape(&self, tape: &Tape) -> (TokenStream, TokenStream, TokenStream) {
        let (runtime, name) = (self.runtime, self.name(tape.var));
        if tape.reads {
            let pattern = self.saved(&tape.saved, true);
            return (TokenStream::new(), TokenStream::new(), quote!(let #pattern = #name.pop();));
        }
        let (record, capacity) = (self.saved(&tape.saved, false), &tape.capacity);
        let capacity = match capacity {
            Some(capacity) if self.is_plain(capacity) => self.plain_argument(capacity),
            _ => quote!({ #capacity as usize }),
        };
        (quote!(let mut #name = #runtime::Fixed::<_, #capacity>::new();), quote!(#name.push(#record);), TokenStream::new())
    }

    /// The tangent of a parameter, which may be absent: zeros then.
    pub(super) fn constant_dotted(&self, place: &Place) -> TokenStream {
        let dot = self.name(place.root);
        let zeros = self.constant_zeros(place);
        let part = match place.path.is_empty() {
            true => quote!(*#dot),
            false => self.path(dot.to_token_stream(), &place.path),
        };
        quote!(match #dot { ::core::option::Option::Some(#dot) => #part, ::core::option::Option::None => #zeros })
    }

    /// Zeros of the shape of a place.
    pub(super) fn constant_zeros(&self, place: &Place) -> TokenStream {
        self.shapes.place(self.function, place).map_or_else(|| quote!(0.0), |shape| shape.zeros())
    }

    /// Adds to a place what is at another, number by number.
    pub(super) fn constant_addition(&self, place: &Place, value: &Expr, subtract: bool) -> TokenStream {
        let shape = self.shapes.place(self.function, place).unwrap_or(Shape::Scalar);
        let (target, source) = (self.place(place, 5), self.expr(value, 5));
        self.each_number(&shape, &target, &source, subtract)
    }

    fn each_number(&self, shape: &Shape, target: &TokenStream, source: &TokenStream, subtract: bool) -> TokenStream {
        match shape {
            Shape::Scalar if subtract => quote!(#target -= #source;),
            Shape::Scalar => quote!(#target += #source;),
            Shape::Tuple(parts) => {
                let parts = parts.iter().enumerate().map(|(index, part)| {
                    let index = proc_macro2::Literal::usize_unsuffixed(index);
                    self.each_number(part, &quote!(#target.#index), &quote!(#source.#index), subtract)
                });
                parts.collect()
            }
            Shape::Array(inner, length) => {
                let index = self.unused("each");
                let body = self.each_number(inner, &quote!(#target[#index]), &quote!(#source[#index]), subtract);
                quote!({ let mut #index = 0; while #index < #length { #body #index += 1; } })
            }
        }
    }

    /// The slot of an active argument.
    pub(super) fn constant_slot(&self, place: &Place) -> TokenStream {
        let root = self.name(place.root);
        match self.form(place.root) {
            Form::Slot => {
                let part = if place.path.is_empty() { quote!(*#root) } else { self.path(root.to_token_stream(), &place.path) };
                quote!(match #root {
                    ::core::option::Option::Some(&mut ref mut #root) => ::core::option::Option::Some(&mut #part),
                    ::core::option::Option::None => ::core::option::Option::None,
                })
            }
            _ => {
                let exclusive = self.exclusive(place);
                quote!(::core::option::Option::Some(#exclusive))
            }
        }
    }

    /// The tangent of an argument.
    pub(super) fn constant_dot(&self, tangent: &Tangent) -> TokenStream {
        match tangent {
            Tangent::Inactive | Tangent::Closure(_) => quote!(::core::option::Option::None),
            Tangent::Expr(expr) => {
                let value = self.expr(expr, 4);
                quote!(::core::option::Option::Some(&#value))
            }
            Tangent::Place(place) if self.form(place.root) == Form::Dot && place.path.is_empty() => {
                self.name(place.root).to_token_stream()
            }
            Tangent::Place(place) if self.form(place.root) == Form::Dot => {
                let root = self.name(place.root);
                let part = self.path(root.to_token_stream(), &place.path);
                quote!(match #root {
                    ::core::option::Option::Some(#root) => ::core::option::Option::Some(&#part),
                    ::core::option::Option::None => ::core::option::Option::None,
                })
            }
            Tangent::Place(place) => {
                let place = self.shared(place);
                quote!(::core::option::Option::Some(#place))
            }
        }
    }
}
