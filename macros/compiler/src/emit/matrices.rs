//! The derivatives that are made of others: the halves of a reverse sweep apart, Jacobians and Hessians.
//!
//! A Jacobian has the shape of the result with the parameter's own shape in the place of each scalar: for `fn(&[f64; 3]) -> [f64; 2]` it
//! is `[[f64; 3]; 2]`. Its rows are one forward sweep and a backward sweep for each. A Hessian's block of two parameters has the shape of
//! the first with that of the second in the place of each scalar; its rows are Hessian-vector products.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::diff::jacobian::Jacobian;
use crate::ir::{Expr, Number, Operand, Passing, fresh_name, uses};
use crate::lower::signature::{ParameterSignature, Returns, Shape};

use super::entries::Writer;

impl Writer<'_> {
    /// The two halves of `vjp`: the value, and what takes the cotangent.
    pub(super) fn pullback(&self) -> TokenStream {
        let signature = self.signature;
        let output = &signature.output;
        let borrows = self.has_functions() || self.parameters().any(|p| p.passing == Passing::Shared);
        let lifetime = if borrows { quote!('pullback) } else { quote!('static) };
        let declared = self.parameters().map(|p| {
            let (name, inner, ty) = (&p.name, &p.inner, &p.ty);
            let ty = if p.passing == Passing::Shared { quote!(&'pullback #inner) } else { ty.clone() };
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
        let head = self.head_with("pullback", &docs, true, &generics);
        let mut taken = self.taken();
        let [value, back] = ["value", "back"].map(|wish| format_ident!("{}", fresh_name(&mut taken, wish)));
        let (kept, restored) = self.skipped_kept(|_, adjoint| adjoint.to_token_stream());
        let call = quote!(#back(#(#again,)* #seed_passed, #(#slots),*));
        let body = if kept.is_empty() { call } else { quote!({ #kept #call; #restored }) };
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

    /// What the backward half is given again.
    fn given_again(&self) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let again = self.parameters().map(|p| {
            let name = if p.receiver { quote!(self) } else { p.name.to_token_stream() };
            if let Some(callable) = &p.callable {
                let reverse = self.reverse_by_vjp(callable);
                return quote!((&#name, #reverse));
            }
            match p.passing {
                Passing::Scalar => quote!(&#name),
                Passing::Shared => name,
                Passing::Owned | Passing::Mutable => quote!(#runtime::Kept),
            }
        });
        again.collect()
    }

    /// The names in the signatures of derivatives.
    fn taken(&self) -> BTreeSet<String> {
        let names = &self.names;
        let all = self.parameters().map(|p| &p.name).chain(&names.adjoints).chain(&names.tangents).chain([&names.seed]);
        all.map(ToString::to_string).collect()
    }

    /// The Jacobian, for functions of scalars and arrays to arrays and tuples of scalars: written out, or by sweeps.
    pub(super) fn jacobian(&self, written_out: Option<&Jacobian>) -> Option<TokenStream> {
        let rows = self.signature.jacobian_rows()?;
        Some(match written_out {
            Some(jacobian) => self.jacobian_written_out(rows, jacobian),
            None => self.jacobian_by_sweeps(rows),
        })
    }

    fn jacobian_head(&self, rows: &Shape, how: &str) -> TokenStream {
        let docs = format!(
            " The Jacobian of `{}` with respect to {}: the shape of the result, with the parameter's in the place of each scalar.\n\n {how}",
            self.signature.name,
            self.listed()
        );
        let (head, declared, predicates) = (self.head("jacobian", &docs, true), self.declared(false), self.predicates());
        let types = self.active().map(|(_, p)| rows.filled(&p.inner));
        quote!(#head(#(#declared),*) -> (#(#types),*) #predicates)
    }

    /// The statements of a straight line, and the entries.
    fn jacobian_written_out(&self, rows: &Shape, jacobian: &Jacobian) -> TokenStream {
        let how = match jacobian.by_rows {
            true => "It is written out by rows: what they share is computed once, what is always zero not at all.",
            false => "It is written out by columns: what they share is computed once, what is always zero not at all.",
        };
        let head = self.jacobian_head(rows, how);
        let emitter = self.emitter(&jacobian.function, &[&jacobian.body], &[]);
        let statements = emitter.block(&jacobian.body);
        let zero = Expr::Operand(Operand::Number(Number { written: None, value: 0.0 }));
        let mut first = 0;
        let matrices = self.active().map(|(_, p)| {
            let shape = p.shape.as_ref().expect("parameters of a Jacobian have a shape");
            let columns = first..first + shape.count().expect("what is written out has a size");
            first = columns.end;
            let row = |row: &Vec<Option<Expr>>| {
                let entries = row[columns.clone()].iter().map(|entry| emitter.expr(entry.as_ref().unwrap_or(&zero), 0));
                shape.nested(&mut entries.collect::<Vec<_>>().into_iter())
            };
            rows.nested(&mut jacobian.rows.iter().map(row))
        });
        let matrices: Vec<_> = matrices.collect();
        let mut used = BTreeSet::new();
        uses::block(&jacobian.body, &mut |var| _ = used.insert(var));
        jacobian.rows.iter().flatten().flatten().for_each(|entry| uses::expr(entry, &mut |var| _ = used.insert(var)));
        let parameters = jacobian.function.parameters.iter().zip(self.parameters());
        let (known, unknown): (Vec<_>, Vec<_>) = parameters.partition(|(parameter, _)| used.contains(&parameter.var));
        let unused = unknown.iter().filter(|(_, p)| !p.receiver).map(|(_, p)| &p.name);
        let this = known.iter().any(|(_, p)| p.receiver).then(|| self.receiver_binding());
        let itself = self.turbofished().map(|own| quote!(let _ = #own;));
        let stops = self.stops(&jacobian.function);
        quote!(#head { #itself #stops #(let _ = #unused;)* #this #statements (#(#matrices),*) })
    }

    /// One forward sweep, and a backward sweep for each row.
    fn jacobian_by_sweeps(&self, rows: &Shape) -> TokenStream {
        let (runtime, output) = (self.runtime, &self.signature.output);
        let mut taken = self.taken();
        let [value, back, unit] = ["value", "back", "unit"].map(|wish| format_ident!("{}", fresh_name(&mut taken, wish)));
        let matrices: Vec<Ident> =
            self.active().map(|(_, p)| format_ident!("{}", fresh_name(&mut taken, &format!("d_{}", shown(p))))).collect();
        let zeros = self.active().map(|(_, p)| {
            let place = self.place_of(p);
            rows.made(&quote!(#runtime::zeros_like(#place)))
        });
        let again = self.given_again();
        let sweep = |row: TokenStream| {
            let mut matrices = matrices.iter();
            let slots = self.parameters().map(|p| match (p.active, p.passing) {
                (true, _) => {
                    let matrix = matrices.next().expect("every active parameter has a matrix");
                    quote!(::core::option::Option::Some(&mut #matrix #row))
                }
                (false, Passing::Mutable) => quote!(&mut #runtime::OutsideWrt),
                (false, _) => quote!(::core::option::Option::None),
            });
            quote!(#back(#(#again,)* &#unit, #(#slots),*);)
        };
        let scalar = rows.scalar(output, runtime);
        let body = rows.each(&mut taken, &|row, index| {
            let call = sweep(index);
            quote! {
                let mut #unit = #runtime::zeros_like(&#value);
                #unit #row = <#scalar as #runtime::Scalar>::ONE;
                #call
            }
        });
        let forward = self.unsafe_block(self.entry_call("split", &[]));
        let head = self.jacobian_head(rows, "The function runs once, its reverse once for each row.");
        let jacobian = quote! {
            #head {
                let (#value, #back) = #forward;
                #(let mut #matrices = #zeros;)*
                #body
                (#(#matrices),*)
            }
        };
        let needs_heap = self.split_needs_heap || self.functions_need_heap();
        if needs_heap { quote!(#runtime::with_alloc! { #jacobian }) } else { jacobian }
    }

    /// The Hessian, for functions of scalars and arrays that have `hvp`.
    pub(super) fn hessian(&self) -> Option<TokenStream> {
        let signature = self.signature;
        self.active().all(|(_, p)| p.shape.is_some()).then_some(())?;
        let runtime = self.runtime;
        let shapes: Vec<_> = self.active().map(|(_, p)| (p.shape.as_ref().expect("checked above"), p)).collect();
        let mut taken = self.taken();
        let name = |taken: &mut _, wish: String| format_ident!("{}", fresh_name(taken, &wish));
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
        let (declared, predicates) = (self.declared(false), self.predicates());
        let docs = format!(
            " The Hessian of `{}`: a row for each of {}, and in each row a block for each.",
            signature.name,
            self.listed()
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

fn shown(p: &ParameterSignature) -> String {
    if p.receiver { "self".to_owned() } else { p.name.to_string() }
}

impl Shape {
    /// The type with another in the place of each scalar; a tuple becomes an array.
    fn filled(&self, leaf: &TokenStream) -> TokenStream {
        match self {
            Self::Scalar => leaf.clone(),
            Self::Array(element, length) => {
                let element = element.filled(leaf);
                quote!([#element; #length])
            }
            Self::Tuple(count) => quote!([#leaf; #count]),
        }
    }

    /// A value of that type.
    fn made(&self, leaf: &TokenStream) -> TokenStream {
        match self {
            Self::Scalar => leaf.clone(),
            Self::Array(element, _) => {
                let element = element.made(leaf);
                quote!(::core::array::from_fn(|_| #element))
            }
            Self::Tuple(_) => quote!(::core::array::from_fn(|_| #leaf)),
        }
    }

    /// An array of arrays with the parts in the place of the scalars; a tuple becomes an array.
    fn nested(&self, parts: &mut impl Iterator<Item = TokenStream>) -> TokenStream {
        match self {
            Self::Scalar => parts.next().expect("there is a part for each scalar"),
            Self::Array(element, _) => {
                let count = self.length().expect("what is written out has a size");
                let parts = (0..count).map(|_| element.nested(parts));
                quote!([#(#parts),*])
            }
            Self::Tuple(count) => {
                let parts = parts.take(*count);
                quote!([#(#parts),*])
            }
        }
    }

    /// The type of the scalars in a type of this shape.
    fn scalar(&self, ty: &TokenStream, runtime: &TokenStream) -> TokenStream {
        match self {
            Self::Scalar => ty.clone(),
            _ => quote!(<#ty as #runtime::Differentiable>::Scalar),
        }
    }

    /// `body` for every scalar: the way to it in a value of the type, and in what [`Shape::filled`] makes of it.
    fn each(&self, taken: &mut BTreeSet<String>, body: &dyn Fn(TokenStream, TokenStream) -> TokenStream) -> TokenStream {
        self.each_within(taken, TokenStream::new(), body)
    }

    fn each_within(
        &self,
        taken: &mut BTreeSet<String>,
        way: TokenStream,
        body: &dyn Fn(TokenStream, TokenStream) -> TokenStream,
    ) -> TokenStream {
        match self {
            Self::Scalar => body(way.clone(), way),
            Self::Array(element, length) => {
                let index = format_ident!("{}", fresh_name(taken, "row"));
                let inner = element.each_within(taken, quote!(#way[#index]), body);
                quote!(for #index in 0..#length { #inner })
            }
            Self::Tuple(count) => (0..*count)
                .map(|i| {
                    let (element, index) = (proc_macro2::Literal::usize_unsuffixed(i), proc_macro2::Literal::usize_unsuffixed(i));
                    let body = body(quote!(#way.#element), quote!(#way[#index]));
                    quote!({ #body })
                })
                .collect(),
        }
    }
}
