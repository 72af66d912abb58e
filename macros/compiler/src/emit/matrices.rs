//! The derivatives that are made of others: the halves of a reverse sweep apart, and Hessians.
//!
//! A Hessian's block of two parameters has the shape of the first with that of the second in the place of each scalar; its rows are
//! Hessian-vector products.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::ir::Passing;
use crate::ir::names::Taken;
use crate::lower::rewrite::rename::plain;
use crate::signature::{ParameterSignature, Returns};

use super::entries::Writer;
use super::heads::{self, where_clause};
use super::wrappers::of_parameter;

impl Writer<'_> {
    /// The two halves of `vjp`: the value, and what takes the cotangent.
    pub(super) fn pullback(&self) -> TokenStream {
        let signature = self.signature;
        let output = &signature.output;
        let borrows = self.has_functions() || self.keeps_borrowed || self.parameters().any(|p| p.passing == Passing::Shared);
        let lifetime = if borrows { quote!('pullback) } else { quote!('static) };
        let declared = self.parameters().map(|p| {
            let (name, inner, ty) = (&p.name, &p.inner, &p.ty);
            let ty = match p.passing {
                Passing::Shared => quote!(&'pullback #inner),
                _ if self.keeps_borrowed && heads::borrows(p) => heads::with_lifetime(p, "'pullback"),
                _ => ty.clone(),
            };
            let companion = p.callable.as_ref().and_then(|callable| self.companion(callable, &quote!(+ 'pullback)));
            if p.receiver { quote!(self: #ty) } else { quote!(#name: #ty #companion) }
        });
        let (generics, predicates) = if borrows { self.outliving_generics() } else { (self.generics(), self.predicates()) };
        let seed = &self.names.seed;
        let (seed_type, seed_declared, seed_passed) = match signature.returns {
            Returns::Nothing => (None, None, quote!(&())),
            Returns::Scalar => (Some(quote!(#output,)), Some(quote!(#seed: #output,)), quote!(&#seed)),
            Returns::Space => (Some(quote!(&#output,)), Some(quote!(#seed: &#output,)), seed.to_token_stream()),
        };
        let adjoint_types: Vec<_> = self.active().map(|(_, p)| &p.inner).collect();
        let adjoints: Vec<_> = self.active().map(|(i, _)| &self.names.adjoints[i]).collect();
        let (forward, again) = (self.unsafe_block(self.entry_call("split", &[])), self.given_again());
        let slots = self.slots_passed(ToTokens::to_token_stream);
        let docs = format!(
            " The value of `{}`, and a function that adds a cotangent times its derivative to the adjoints of {}: the two halves of `vjp`. \
             It borrows the arguments that go by shared reference.",
            signature.name,
            self.listed()
        );
        let how = self.report.as_ref().map_or_else(String::new, |report| format!("\n\n {}", report.apart));
        let docs = format!("{docs}{how}{}", self.panics("adjoint"));
        let head = self.head_with("pullback", &docs, true, &generics);
        let mut taken = self.taken();
        let [value, back] = ["value", "back"].map(|wish| format_ident!("{}", taken.fresh(wish)));
        let (kept, restored) = self.skipped_kept(|_, adjoint| adjoint.to_token_stream());
        let call = quote!(#back(#(#again,)* #seed_passed, #(#slots),*));
        let check = self.check_of_receiver();
        let body = if kept.is_empty() && check.is_none() { call } else { quote!({ #check #kept #call; #restored }) };
        let pullback = quote! {
            #head(#(#declared),*) -> (#output, impl ::core::ops::FnOnce(#seed_type #(&mut #adjoint_types),*) + #lifetime)
            #predicates
            {
                let (#value, #back) = #forward;
                (#value, move |#seed_declared #(#adjoints: &mut #adjoint_types),*| #body)
            }
        };
        let runtime = self.runtime;
        if self.split_needs_heap || self.functions_need_heap() { quote!(#runtime::with_alloc! { #pullback }) } else { pullback }
    }

    /// The generics and predicates, by which types that are no scalars outlive the pullback.
    fn outliving_generics(&self) -> (TokenStream, TokenStream) {
        let signature = self.signature;
        let first = |tokens: &TokenStream| tokens.clone().into_iter().next().map(|token| token.to_string()).unwrap_or_default();
        let mut predicates = signature.predicates.clone();
        let mut generics = Vec::new();
        for generic in &signature.generics {
            let name = first(generic);
            let is_scalar = signature.scalars.iter().any(|scalar| *scalar == name);
            let outlives = signature.type_parameters.iter().find(|parameter| **parameter == name).filter(|_| !is_scalar);
            let bounded = generic.to_string().contains(':');
            generics.push(match outlives {
                None => generic.clone(),
                Some(_) if bounded => quote!(#generic + 'pullback),
                Some(parameter) if predicates.iter().any(|predicate| first(predicate) == name) => {
                    predicates.push(quote!(#parameter: 'pullback));
                    generic.clone()
                }
                Some(_) => quote!(#generic: 'pullback),
            });
        }
        let predicates = if predicates.is_empty() { TokenStream::new() } else { quote!(where #(#predicates),*) };
        (quote!(<'pullback, #(#generics),*>), predicates)
    }

    /// The shape of the receiver's adjoint is checked here where the backward half does not know the receiver.
    fn check_of_receiver(&self) -> Option<TokenStream> {
        let (index, p) = self.active().find(|(_, p)| p.receiver && self.forgets_receiver)?;
        let adjoint = &self.names.adjoints[index];
        let text = adjoint.to_string();
        let check = of_parameter(self.runtime, p.name.span(), "same_shape", &quote!(self, &*#adjoint, #text));
        Some(quote!(#check;))
    }

    /// What the backward half is given again.
    pub(super) fn given_again(&self) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let again = self.parameters().map(|p| {
            let name = if p.receiver { quote!(self) } else { p.name.to_token_stream() };
            if let Some(callable) = &p.callable {
                let reverse = self.reverse_by_vjp(callable);
                return quote!((&#name, #reverse));
            }
            match p.passing {
                _ if p.receiver && self.forgets_receiver => quote!(#runtime::Kept),
                Passing::Scalar => quote!(&#name),
                Passing::Shared => name,
                Passing::Owned | Passing::Mutable => quote!(#runtime::Kept),
            }
        });
        again.collect()
    }

    /// The names in the signatures of derivatives, and the function's own.
    pub(super) fn taken(&self) -> Taken {
        let names = &self.names;
        let all = self.parameters().map(|p| &p.name).chain(&names.adjoints).chain(&names.tangents);
        all.chain([&names.seed, &names.function, &self.signature.original]).map(ToString::to_string).collect()
    }

    /// The Hessian, for functions of scalars and arrays that have `hvp`.
    pub(super) fn hessian(&self) -> Option<TokenStream> {
        let signature = self.signature;
        self.active().all(|(_, p)| p.shape.is_some()).then_some(())?;
        let runtime = self.runtime;
        let shapes: Vec<_> = self.active().map(|(_, p)| (p.shape.as_ref().expect("checked above"), p)).collect();
        let mut taken = self.taken();
        let name = |taken: &mut Taken, wish: String| format_ident!("{}", taken.fresh(&wish));
        let dots: Vec<_> = shapes.iter().map(|(_, p)| name(&mut taken, format!("{}_dot", shown(p)))).collect();
        let products: Vec<_> = shapes.iter().map(|(_, p)| name(&mut taken, format!("{}_row", shown(p)))).collect();
        let mut rows = Vec::new();
        let mut types = Vec::new();
        let mut body = TokenStream::new();
        for (position, (shape, p)) in shapes.iter().enumerate() {
            let block_types: Vec<_> = shapes.iter().map(|(_, other)| shape.filled(&other.inner)).collect();
            let blocks: Vec<_> =
                shapes.iter().map(|(_, other)| name(&mut taken, format!("d_{}_{}", shown(p), shown(other)))).collect();
            let zeros = shapes.iter().map(|(_, other)| {
                let place = self.place_of(other);
                shape.made(&quote!(#runtime::zeros_like(#place)))
            });
            body.extend(quote!(#(let mut #blocks: #block_types = #zeros;)*));
            let scalar = shape.scalar(&p.inner, runtime);
            let dot = &dots[position];
            let directions = shapes.iter().zip(&dots).map(|((_, p), dot)| {
                let place = self.place_of(p);
                quote!(let mut #dot = #runtime::zeros_like(#place);)
            });
            let directions: TokenStream = directions.collect();
            let call = self.hvp_call(&dots);
            body.extend(shape.each(&mut taken, &|row, index| {
                quote! {
                    #directions
                    #dot #row = <#scalar as #runtime::Scalar>::ONE;
                    let (#(#products),*) = #call;
                    #(#blocks #index = #products;)*
                }
            }));
            rows.push(quote!((#(#blocks),*)));
            types.push(quote!((#(#block_types),*)));
        }
        let mut predicates = self.signature.predicates.clone();
        predicates.extend(self.bounds_of_repeats());
        let (declared, predicates) = (self.declared(false), where_clause(&predicates));
        let docs = format!(
            " The Hessian of `{}`: {}.\n\n A product with the Hessian for each number of the parameters.",
            signature.name,
            match shapes.len() {
                1 => "the shape of the parameter, with the same in the place of each scalar".to_owned(),
                _ => format!("a row for each of {}, and in each row a block for each", self.listed()),
            }
        );
        let head = self.head("hessian", &docs, true);
        Some(quote!(#head(#(#declared),*) -> (#(#types),*) #predicates { #body (#(#rows),*) }))
    }

    /// A call of `hvp` that leaves the arguments where they are.
    pub(super) fn hvp_call(&self, dots: &[Ident]) -> TokenStream {
        let runtime = self.runtime;
        let arguments = self.parameters().filter(|p| !p.receiver).map(|p| {
            let name = &p.name;
            match p.passing {
                Passing::Shared | Passing::Scalar => name.to_token_stream(),
                Passing::Mutable => quote!(&mut *#name),
                Passing::Owned => quote!(#runtime::Clone::clone(&#name)),
            }
        });
        let dots =
            self.active().zip(dots).map(|((_, p), dot)| if p.passing == Passing::Shared { quote!(&#dot) } else { quote!(#dot) });
        let hvp = self.public_name("hvp");
        let receiver = if self.signature.receiver { quote!(self.) } else { quote!(Self::) };
        let generics = &self.signature.generic_arguments;
        let turbofish = (!generics.is_empty()).then(|| quote!(::<#(#generics),*>));
        self.unsafe_block(quote!(#receiver #hvp #turbofish(#(#arguments,)* #(#dots),*)))
    }

    /// A shared reference to a parameter's value.
    pub(super) fn place_of(&self, p: &ParameterSignature) -> TokenStream {
        let name = if p.receiver { quote!(self) } else { p.name.to_token_stream() };
        if p.passing == Passing::Shared { name } else { quote!(&#name) }
    }
}

pub(super) fn shown(p: &ParameterSignature) -> String {
    if p.receiver { "self".to_owned() } else { plain(&p.name) }
}
