//! The scalar of an `impl`, whose generic parameters the macro does not see.
//!
//! *In:* `fn scaled(&self, by: T, to: &[T; N]) -> Grid<T, N>`. *Out:* `T`, the first type of one capital letter; where a function with literals has none in
//! its signature, that of a variable, as of `let sum: T = ..`. A letter that stands for a number
//! somewhere, as the length of an array or in an expression, is a constant, and so is one that is only ever an argument of other types, where the
//! function says `f64` or `f32`, or one that stands where a constant stands in another mention of the type, as `C` in `Matrix<C, K>` beside `Matrix<R, C>` and `[0.0; R]`; and one of which there is a literal with fields, or a parameter that has some, is a struct. Where it writes no number and has a receiver, such a letter may be either, and the scalar is that of the receiver.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{AngleBracketedGenericArguments, Expr, ExprPath, ItemFn, Pat, Type, TypeArray, TypePath};

/// The scalar that the types of a function in an `impl` mention.
pub(super) fn scalar(item: &ItemFn) -> Option<Ident> {
    let mut letters = Letters::default();
    item.sig.inputs.iter().for_each(|input| letters.visit_fn_arg(input));
    letters.visit_return_type(&item.sig.output);
    letters.visit_block(&item.block);
    letters.not_scalars.extend(item.sig.generics.const_params().map(|own| own.ident.to_string()));
    letters.add_constants_by_place();
    letters.not_scalars.append(&mut letters.structs);
    letters.not_scalars.extend(item.sig.generics.type_params().map(|own| own.ident.to_string()));
    // where no number is written, the scalar of a receiver is as good, and is one whatever the letters are
    let may_be_argument = !letters.says_float && (letters.has_literals || item.sig.receiver().is_none());
    let is_scalar = |name: &Ident| !letters.not_scalars.contains(&name.to_string());
    let mut types = letters.types.into_iter().filter(|(name, _)| is_scalar(name));
    let written = types.find(|(_, is_argument)| may_be_argument || !is_argument).map(|(name, _)| name);
    let of_body = || letters.of_variables.into_iter().find(|name| may_be_argument && is_scalar(name));
    written.or_else(of_body)
}

/// The types of one letter that are structs: there is a literal or a pattern with fields of one, or a parameter of it has fields.
pub(super) fn structs(item: &ItemFn) -> BTreeSet<String> {
    let mut letters = Letters::default();
    item.sig.inputs.iter().for_each(|input| letters.visit_fn_arg(input));
    letters.visit_block(&item.block);
    letters.structs
}

/// Whether a name may be that of a type parameter.
pub(super) fn is_letter(name: &Ident) -> bool {
    let text = name.to_string();
    text.len() == 1 && text.starts_with(|c: char| c.is_ascii_uppercase())
}

#[derive(Default)]
struct Letters {
    /// The types of one letter, and whether each is an argument of another.
    types: Vec<(Ident, bool)>,
    /// Names that stand for numbers, and the function's own type parameters.
    not_scalars: BTreeSet<String>,
    /// Names of structs.
    structs: BTreeSet<String>,
    says_float: bool,
    /// Floats are written in the body.
    has_literals: bool,
    in_arguments: bool,
    in_body: bool,
    /// The parameters and variables of such a type, by reference or not.
    parameters: Vec<(String, String)>,
    /// The types of one letter that variables of the body have: `let sum: T = ..`.
    of_variables: Vec<Ident>,
    /// The letters that are arguments of types: the type, which argument, and the letter.
    arguments: Vec<(String, usize, String)>,
}

impl Letters {
    fn note_arguments(&mut self, ty: &TypePath) {
        let Some(last) = ty.path.segments.last() else { return };
        let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return };
        for (at, argument) in arguments.args.iter().enumerate() {
            if let syn::GenericArgument::Type(argument) = argument
                && let Some(letter) = letter_of(argument)
            {
                self.arguments.push((last.ident.to_string(), at, letter));
            }
        }
    }

    /// What stands where a constant stands in another mention of the same type is a constant.
    fn add_constants_by_place(&mut self) {
        loop {
            let is_constant = |(_, _, letter): &&(String, usize, String)| self.not_scalars.contains(letter);
            let places: BTreeSet<_> = self.arguments.iter().filter(is_constant).map(|(ty, at, _)| (ty.clone(), *at)).collect();
            let alike = self.arguments.iter().filter(|(ty, at, _)| places.contains(&(ty.clone(), *at)));
            let further: Vec<String> = alike.map(|(_, _, letter)| letter.clone()).collect();
            let before = self.not_scalars.len();
            self.not_scalars.extend(further);
            if self.not_scalars.len() == before {
                return;
            }
        }
    }
}

/// The letter that a type is, behind references.
fn letter_of(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.get_ident().filter(|name| is_letter(name)).map(ToString::to_string),
        Type::Reference(reference) => letter_of(&reference.elem),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Letters {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let outer = std::mem::replace(&mut self.in_body, true);
        visit::visit_block(self, block);
        self.in_body = outer;
    }

    fn visit_type_array(&mut self, array: &'ast TypeArray) {
        self.visit_type(&array.elem);
        self.visit_expr(&array.len);
    }

    fn visit_type_path(&mut self, ty: &'ast TypePath) {
        match ty.path.get_ident() {
            Some(name) if is_letter(name) && !self.in_body => self.types.push((name.clone(), self.in_arguments)),
            Some(name) if name == "f64" || name == "f32" => self.says_float |= !self.in_body,
            _ => {
                self.note_arguments(ty);
                visit::visit_type_path(self, ty);
            }
        }
    }

    fn visit_angle_bracketed_generic_arguments(&mut self, arguments: &'ast AngleBracketedGenericArguments) {
        let outer = std::mem::replace(&mut self.in_arguments, true);
        visit::visit_angle_bracketed_generic_arguments(self, arguments);
        self.in_arguments = outer;
    }

    fn visit_expr_struct(&mut self, literal: &'ast syn::ExprStruct) {
        self.structs.extend(literal.path.get_ident().map(ToString::to_string));
        visit::visit_expr_struct(self, literal);
    }

    fn visit_pat_struct(&mut self, pattern: &'ast syn::PatStruct) {
        self.structs.extend(pattern.path.get_ident().map(ToString::to_string));
        visit::visit_pat_struct(self, pattern);
    }

    fn visit_fn_arg(&mut self, input: &'ast syn::FnArg) {
        if let syn::FnArg::Typed(typed) = input
            && let (Pat::Ident(name), Some(letter)) = (&*typed.pat, letter_of(&typed.ty))
        {
            self.parameters.push((name.ident.to_string(), letter));
        }
        visit::visit_fn_arg(self, input);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Pat::Type(typed) = &local.pat
            && let (Pat::Ident(name), Some(letter)) = (&*typed.pat, letter_of(&typed.ty))
        {
            self.of_variables.push(Ident::new(&letter, proc_macro2::Span::call_site()));
            self.parameters.push((name.ident.to_string(), letter));
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if let (syn::Member::Named(_), Expr::Path(path)) = (&field.member, &*field.base) {
            let of_it = self.parameters.iter().filter(|(name, _)| path.path.is_ident(name));
            self.structs.extend(of_it.map(|(_, letter)| letter.clone()));
        }
        visit::visit_expr_field(self, field);
    }

    fn visit_lit_float(&mut self, _: &'ast syn::LitFloat) {
        self.has_literals = true;
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        if let Expr::Path(ExprPath { path, .. }) = expr {
            self.not_scalars.extend(path.get_ident().map(ToString::to_string));
        }
        visit::visit_expr(self, expr);
    }
}
