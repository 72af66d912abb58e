//! The entries of functions whose derivatives the user writes: `vjp = path`, `jvp = path`.
//!
//! The path names a function with the signature of the generated one. It takes an adjoint for every active parameter, so that where a
//! caller wants none, a scratch one is made. What the function changes or uses up is cloned for the backward half, which runs the user's
//! function.
//!
//! At second order the user's `vjp` is differentiable itself, with respect to the active parameters, the seed and the adjoints: its tangent is
//! that of the backward half, and that of the forward half is the user's `jvp`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericArgument, PathArguments, Type};

use crate::ir::names::Taken;
use crate::ir::{Argument, Call, CallMode, Callee, Function, Number, Operand, Passed, Passing, Var};
use crate::lower::translate::given::own_call;
use crate::signature::{ParameterSignature, Returns, Signature};
use crate::spans::{all_at_call_site, moved};

use super::entries::Writer;
use super::heads::where_clause;
use super::plain;

impl Writer<'_> {
    fn seed_passed(&self, seed: &TokenStream) -> Option<TokenStream> {
        match self.signature.returns {
            Returns::Nothing => None,
            Returns::Scalar => Some(quote!(*#seed)),
            Returns::Space => Some(seed.clone()),
        }
    }

    /// `let d: &mut D = ..` for each active parameter.
    fn adjoints_or_scratch(&self, like: &dyn Fn(&ParameterSignature) -> TokenStream) -> TokenStream {
        self.scratch_of(&self.names.adjoints, "scratch", like)
    }

    /// The same for slots of these names.
    fn scratch_of(&self, names: &[Ident], wish: &str, like: &dyn Fn(&ParameterSignature) -> TokenStream) -> TokenStream {
        let runtime = self.runtime;
        let adjoints = self.active().filter(|(_, p)| p.passing != Passing::Mutable).map(|(i, p)| {
            let (adjoint, inner, like) = (&names[i], &p.inner, like(p));
            let scratch = format_ident!("{wish}_{i}");
            let zeros = if p.element.is_some() { quote!(zeros_of_slice) } else { quote!(zeros_like) };
            quote! {
                let mut #scratch;
                let #adjoint: &mut #inner = match #adjoint {
                    ::core::option::Option::Some(#adjoint) => #adjoint,
                    ::core::option::Option::None => { #scratch = #runtime::#zeros(#like); &mut #scratch }
                };
            }
        });
        adjoints.collect()
    }

    /// The function at the path, whose signature is checked: an error there where it is another.
    fn rule(&self, path: &TokenStream, further: &[TokenStream], output: &TokenStream) -> TokenStream {
        let (runtime, unsafety) = (self.runtime, self.unsafety());
        let types = self.parameters().map(|p| &p.ty);
        quote!(#runtime::rule::<#unsafety fn(#(#types,)* #(#further),*) -> #output>(#path))
    }

    /// The user's `vjp`.
    fn vjp_rule(&self, path: &TokenStream) -> TokenStream {
        let output = &self.signature.output;
        let seed = match self.signature.returns {
            Returns::Nothing => None,
            Returns::Scalar => Some(output.clone()),
            Returns::Space => Some(quote!(&#output)),
        };
        let adjoints = self.active().map(|(_, p)| {
            let inner = &p.inner;
            quote!(&mut #inner)
        });
        self.rule(path, &seed.into_iter().chain(adjoints).collect::<Vec<_>>(), output)
    }

    /// The user's `jvp`.
    fn jvp_rule(&self, path: &TokenStream) -> TokenStream {
        let output = &self.signature.output;
        let dots = self.active().map(|(_, p)| {
            let inner = &p.inner;
            match p.passing {
                Passing::Shared => quote!(&#inner),
                Passing::Mutable => quote!(&mut #inner),
                Passing::Scalar | Passing::Owned => quote!(#inner),
            }
        });
        let both = if self.signature.returns == Returns::Nothing { quote!(()) } else { quote!((#output, #output)) };
        self.rule(path, &dots.collect::<Vec<_>>(), &both)
    }

    /// `__fused` by the user's `vjp`.
    pub(super) fn given_fused(&self, path: &TokenStream) -> TokenStream {
        let (output, predicates, head) = (&self.signature.output, self.predicates(), self.hidden_head("fused"));
        let (receiver, function, others) = self.front("fused", false);
        let (types, seed, same) = (self.slot_types(), &self.names.seed, self.same_function());
        let slots = self.slot_parameters(&types);
        let scratch = self.adjoints_or_scratch(&|p| self.place_of(p));
        let arguments = self.parameters().map(|p| if p.receiver { quote!(self) } else { p.name.to_token_stream() });
        let seed_passed = self.seed_passed(&seed.to_token_stream()).into_iter();
        let adjoints = self.active().map(|(i, _)| &self.names.adjoints[i]);
        let rule = self.vjp_rule(path);
        let call = self.unsafe_block(quote!(#rule(#(#arguments,)* #(#seed_passed,)* #(#adjoints),*)));
        quote! {
            #head(#receiver #function #(#others,)* #seed: &#output, #(#slots),*) -> #output #predicates {
                #same #scratch
                let _ = #seed;
                #call
            }
        }
    }

    fn slot_parameters(&self, types: &[TokenStream]) -> Vec<TokenStream> {
        let slots = self.parameters().zip(&self.names.adjoints).zip(types).map(|((p, adjoint), ty)| match p.active {
            true => quote!(#adjoint: #ty),
            false => quote!(_: #ty),
        });
        slots.collect()
    }

    /// The second derivatives: `__split_tangent`, `__fused_tangent`, and `hvp` where there is a gradient.
    pub(super) fn given_second(&self, path: &syn::Path) -> TokenStream {
        let callee = callee_of(path);
        let is_gradient = self.signature.returns == Returns::Scalar && !self.active().any(|(_, p)| p.passing == Passing::Mutable);
        let hvp = is_gradient.then(|| self.given_hvp());
        let hessian = is_gradient.then(|| self.hessian());
        [self.given_split_tangent(&callee), self.given_fused_tangent(&callee)]
            .into_iter()
            .chain(hvp)
            .chain(hessian.flatten())
            .chain([self.inside()])
            .collect()
    }

    /// The names of the tangents of the adjoints and of the seed.
    fn adjoint_tangents(&self) -> (Vec<Ident>, Ident) {
        let names = &self.names;
        let mut taken = self.taken();
        let mut fresh = |of: &Ident| Ident::new(&taken.fresh(&format!("{of}_dot")), of.span());
        (names.adjoints.iter().map(&mut fresh).collect(), fresh(&names.seed))
    }

    /// The slots of the adjoints and those of their tangents, as parameters.
    fn both_slots(&self) -> (Vec<TokenStream>, Vec<TokenStream>) {
        let (types, (tangents, _)) = (self.slot_types(), self.adjoint_tangents());
        let second = self.parameters().zip(&tangents).zip(&types);
        let second = second.map(|((p, name), ty)| if p.active { quote!(#name: #ty) } else { quote!(_: #ty) });
        (self.slot_parameters(&types), second.collect())
    }

    /// The tangent of the user's `vjp`, which adds to the adjoints and to their tangents.
    fn tangent_of_vjp(
        &self,
        callee: &Callee,
        arguments: Vec<TokenStream>,
        mut dots: Vec<TokenStream>,
        like: &dyn Fn(&ParameterSignature) -> TokenStream,
    ) -> TokenStream {
        let (runtime, seed) = (self.runtime, &self.names.seed);
        let (tangents, seed_tangent) = self.adjoint_tangents();
        let scratch = self.adjoints_or_scratch(like);
        let more = self.scratch_of(&tangents, "scratch_of_tangent", like);
        let adjoints: Vec<_> = self.active().map(|(i, _)| self.names.adjoints[i].to_token_stream()).collect();
        let mut all = arguments;
        if let Some(seed) = self.seed_passed(&seed.to_token_stream()) {
            all.push(seed);
            dots.push(quote!(#runtime::fit(#seed_tangent)));
        }
        all.extend(adjoints);
        dots.extend(self.active().map(|(i, _)| {
            let tangent = &tangents[i];
            quote!(#runtime::fit(#tangent))
        }));
        let nothing = Function::new(None, Vec::new(), Taken::default());
        let passed = Passed::Value(Operand::Number(Number { written: None, value: 0.0 }));
        let arguments = vec![Argument { passed, active: true }; all.len()];
        let span = match callee {
            Callee::Function { path, .. } => path.clone().into_iter().last().map_or_else(Span::call_site, |token| token.span()),
            Callee::Associated { name, .. } => name.span(),
            _ => Span::call_site(),
        };
        let call = Call {
            result: Var(0),
            callee: callee.clone(),
            arguments,
            span,
            recomputed: false,
            relaxed: false,
            mode: CallMode::Primal,
        };
        let call = self.unsafe_block(plain(&nothing, runtime).entry_with(&call, "tangent", all, quote!(#(, #dots)*)));
        quote!(#scratch #more let _ = (#seed, #seed_tangent); #call)
    }

    /// The tangents of the parameters as the user's `vjp` takes them.
    fn dots_passed(&self, mutable: &dyn Fn(&Ident) -> TokenStream) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let dots = self.parameters().zip(&self.names.tangents).map(|(p, dot)| match (p.active, p.passing) {
            (true, Passing::Mutable) => {
                let dot = mutable(dot);
                quote!(#runtime::fit(#dot))
            }
            (true, _) => quote!(#runtime::fit(#dot)),
            (false, Passing::Mutable) => quote!(&mut #runtime::OutsideWrt),
            (false, _) => quote!(::core::option::Option::None),
        });
        dots.collect()
    }

    fn given_split_tangent(&self, callee: &Callee) -> TokenStream {
        let runtime = self.runtime;
        let (output, predicates, head) =
            (&self.signature.output, self.predicates_with_copies(), self.hidden_head("split_tangent"));
        let (receiver, function, others) = self.front("split_tangent", false);
        let (same, this, keep) = (self.same_function(), self.receiver_binding(), self.keep());
        let (dot_types, slot_types) = (self.dot_types(), self.slot_types());
        let dots = self.dot_parameters();
        let (again_types, again_names) = (self.again_types(true), self.again_names(true));
        let kept = |ty: &TokenStream, p: &ParameterSignature| match p.passing {
            Passing::Mutable => quote!(#runtime::Kept),
            _ => ty.clone(),
        };
        let dots_again: Vec<_> = self.parameters().zip(&dot_types).map(|(p, ty)| kept(ty, p)).collect();
        let dots_again_declared =
            self.parameters().zip(&self.names.tangents).zip(&dots_again).map(|((p, name), ty)| {
                if p.active && p.passing != Passing::Mutable { quote!(#name: #ty) } else { quote!(_: #ty) }
            });
        let keep_dots = self.active().filter(|(_, p)| p.passing == Passing::Mutable).map(|(i, _)| {
            let dot = &self.names.tangents[i];
            let kept = format_ident!("kept_{dot}");
            quote!(let #kept = #runtime::Clone::clone(&*#dot);)
        });
        let keep_dots: TokenStream = keep_dots.collect();
        let (slots, slot_tangents) = self.both_slots();
        let (seed, (_, seed_tangent)) = (&self.names.seed, self.adjoint_tangents());
        let once_more = self.dots_passed(&|dot| {
            let kept = format_ident!("kept_{dot}");
            quote!(&mut #runtime::Clone::clone(&#kept))
        });
        let back = self.tangent_of_vjp(callee, self.arguments_once_more(), once_more, &|p| self.place_once_more(p));
        let along = self.parameters().zip(&self.names.tangents).map(|(p, dot)| match (p.active, p.passing) {
            (true, _) => dot.to_token_stream(),
            (false, Passing::Mutable) => quote!(&mut #runtime::OutsideWrt),
            (false, _) => quote!(::core::option::Option::None),
        });
        let own = self.unsafe_block(self.entry_call("tangent", &along.collect::<Vec<_>>()));
        quote! {
            #head(#receiver #function #(#others,)* #(#dots),*)
                -> (#output, #output, impl ::core::ops::Fn(#(#again_types,)* #(#dots_again,)* &#output, &#output, #(#slot_types,)* #(#slot_types),*) + 'static)
            #predicates
            {
                #same #this #keep #keep_dots
                let (value, tangent) = #own;
                (value, tangent, move |
                    #(#again_names: #again_types,)* #(#dots_again_declared,)*
                    #seed: &#output, #seed_tangent: &#output, #(#slots,)* #(#slot_tangents),*
                | { let _ = { #back }; })
            }
        }
    }

    fn given_fused_tangent(&self, callee: &Callee) -> TokenStream {
        let (output, predicates, head) = (&self.signature.output, self.predicates(), self.hidden_head("fused_tangent"));
        let (receiver, function, others) = self.front("fused_tangent", false);
        let (same, this, dots) = (self.same_function(), self.receiver_binding(), self.dot_parameters());
        let (slots, slot_tangents) = self.both_slots();
        let (seed, (_, seed_tangent)) = (&self.names.seed, self.adjoint_tangents());
        let arguments = self.parameters().map(|p| p.name.to_token_stream()).collect();
        let passed = self.dots_passed(&ToTokens::to_token_stream);
        let both = self.tangent_of_vjp(callee, arguments, passed, &|p| {
            let name = &p.name;
            if p.passing == Passing::Shared { quote!(#name) } else { quote!(&#name) }
        });
        quote! {
            #head(
                #receiver #function #(#others,)* #(#dots,)* #seed: &#output, #seed_tangent: &#output, #(#slots,)* #(#slot_tangents),*
            ) -> (#output, #output) #predicates { #same #this #both }
        }
    }

    fn dot_parameters(&self) -> Vec<TokenStream> {
        let dots = self.parameters().zip(&self.names.tangents).zip(self.dot_types());
        dots.map(|((p, dot), ty)| if p.active { quote!(#dot: #ty) } else { quote!(_: #ty) }).collect()
    }

    fn given_hvp(&self) -> TokenStream {
        let (runtime, output) = (self.runtime, &self.signature.output);
        let (declared, predicates, gradient) = (self.declared(false), self.predicates(), self.gradient_type());
        let scratch = |i: usize| format_ident!("scratch_{i}");
        let (tangents, _) = self.adjoint_tangents();
        let storage = self.active().map(|(i, p)| {
            let (scratch, product, like) = (scratch(i), &tangents[i], self.place_of(p));
            let zeros = if p.element.is_some() { quote!(zeros_of_slice) } else { quote!(zeros_like) };
            quote!(let (mut #scratch, mut #product) = (#runtime::#zeros(#like), #runtime::#zeros(#like));)
        });
        let storage: TokenStream = storage.collect();
        let dots = self.active().map(|(i, p)| {
            let (dot, inner) = (&self.names.tangents[i], &p.inner);
            if p.passing == Passing::Shared { quote!(#dot: &#inner) } else { quote!(#dot: #inner) }
        });
        let some = |inner: TokenStream| quote!(::core::option::Option::Some(#inner));
        let mut further = self.spread(
            self.active()
                .map(|(i, p)| {
                    let dot = &self.names.tangents[i];
                    some(if p.passing == Passing::Shared { quote!(#dot) } else { quote!(&#dot) })
                })
                .collect(),
        );
        further.extend(["ONE", "ZERO"].map(|name| {
            let name = format_ident!("{name}");
            quote!(&<#output as #runtime::Scalar>::#name)
        }));
        let active: Vec<usize> = self.active().map(|(i, _)| i).collect();
        let gradients = active.iter().map(|i| scratch(*i)).map(|name| some(quote!(&mut #name))).collect();
        let products: Vec<_> = active.iter().map(|i| &tangents[*i]).collect();
        further.extend(self.spread(gradients));
        further.extend(self.spread(products.iter().map(|name| some(quote!(&mut #name))).collect()));
        let call = self.unsafe_block(self.entry_call("fused_tangent", &further));
        let result = if products.len() == 1 { products[0].to_token_stream() } else { quote!((#(#products),*)) };
        let head = self.head("hvp", &self.hvp_docs(), true);
        let hvp = quote!(#head(#(#declared,)* #(#dots),*) -> #gradient #predicates { #storage let _ = #call; #result });
        if self.active().any(|(_, p)| p.element.is_some()) { quote!(#runtime::with_alloc! { #hvp }) } else { hvp }
    }

    /// Copies of what the function changes or uses up, for a backward half that runs it once more.
    pub(super) fn keep(&self) -> TokenStream {
        let runtime = self.runtime;
        let keep = self.parameters().filter(|p| is_kept(p)).map(|p| {
            let (kept, name) = (kept(p), &p.name);
            match (p.passing, &p.element) {
                (_, Some(_)) => quote!(let #kept = #runtime::kept(&*#name);),
                (Passing::Mutable, None) => quote!(let #kept = #runtime::Clone::clone(#name);),
                _ => quote!(let #kept = #runtime::Clone::clone(&#name);),
            }
        });
        keep.collect()
    }

    /// What such copies ask of types that the macro does not know: bounds on the entries that make them, so that the function itself needs none.
    pub(super) fn bounds_of_copies(&self) -> Vec<TokenStream> {
        let runtime = self.runtime;
        if self.keeps_a_borrow() {
            return vec![quote!(for<'once_more> #runtime::Borrowed: #runtime::MayBeKept<'once_more>)];
        }
        let kept = self.parameters().filter(|p| is_kept(p) && may_lack_clone(p));
        let bounds = kept.map(|p| {
            let ty = elsewhere(p.element.as_ref().unwrap_or(&p.inner));
            quote!(for<'once_more> #ty: #runtime::OnceMore<'once_more> + 'static)
        });
        bounds.collect()
    }

    /// What is asked of types that are passed by value several times.
    pub(super) fn bounds_of_repeats(&self) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let repeated = self.parameters().filter(|p| p.passing == Passing::Owned && may_lack_clone(p) && !borrows(&p.inner));
        let bounds = repeated.map(|p| {
            let ty = elsewhere(&p.inner);
            quote!(for<'once_more> #ty: #runtime::OnceMore<'once_more>)
        });
        bounds.collect()
    }

    /// The signature of what makes such copies.
    pub(super) fn signature_with_copies(&self) -> Signature {
        let mut signature = self.signature.clone();
        signature.predicates.extend(self.bounds_of_copies());
        signature
    }

    fn predicates_with_copies(&self) -> TokenStream {
        let mut predicates = self.predicates_apart();
        predicates.extend(self.bounds_of_copies());
        where_clause(&predicates)
    }

    /// A `__split` that no caller can use.
    pub(super) fn split_that_is_never_run(&self, head: &TokenStream, predicates: &TokenStream) -> TokenStream {
        let (runtime, output) = (self.runtime, &self.signature.output);
        let (again, types) = (self.again_types(false), self.slot_types());
        quote! {
            #head -> (#output, impl ::core::ops::Fn(#(#again,)* &#output, #(#types),*) + 'static) #predicates {
                (#runtime::stub(), |#(_: #again,)* _: &#output, #(_: #types),*| {})
            }
        }
    }

    /// Whether one of them would hold a reference, which no backward half may.
    pub(super) fn keeps_a_borrow(&self) -> bool {
        self.parameters().any(|p| is_kept(p) && !p.active && borrows(p.element.as_ref().unwrap_or(&p.inner)))
    }

    /// The arguments, of which those that are kept are copies.
    pub(super) fn arguments_once_more(&self) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let arguments = self.parameters().map(|p| {
            let kept = kept(p);
            match p.passing {
                Passing::Mutable => quote!(&mut #runtime::Clone::clone(&#kept)),
                Passing::Owned => quote!(#runtime::Clone::clone(&#kept)),
                _ => p.name.to_token_stream(),
            }
        });
        arguments.collect()
    }

    /// A reference to an argument, or to its copy.
    pub(super) fn place_once_more(&self, p: &ParameterSignature) -> TokenStream {
        if is_kept(p) {
            let kept = kept(p);
            return quote!(&#kept);
        }
        let name = &p.name;
        if p.passing == Passing::Shared { quote!(#name) } else { quote!(&#name) }
    }

    /// `__split`: the function itself, and the user's `vjp` for the backward half.
    pub(super) fn given_split(&self, path: &TokenStream) -> TokenStream {
        let (output, predicates, head) = (&self.signature.output, self.predicates_with_copies(), self.hidden_head("split"));
        let (receiver, function, others) = self.front("split", false);
        let (types, seed, same) = (self.slot_types(), &self.names.seed, self.same_function());
        let slots = self.slot_parameters(&types);
        let (again_types, again_names) = (self.again_types(false), self.again_names(false));
        let keep = self.keep();
        let scratch = self.adjoints_or_scratch(&|p| self.place_once_more(p));
        let arguments = self.arguments_once_more();
        let seed_passed = self.seed_passed(&seed.to_token_stream()).into_iter();
        let adjoints = self.active().map(|(i, _)| &self.names.adjoints[i]);
        let rule = self.vjp_rule(path);
        let call = self.unsafe_block(quote!(#rule(#(#arguments,)* #(#seed_passed,)* #(#adjoints),*)));
        let (this, own) = (self.receiver_binding(), self.unsafe_block(own_call(self.signature)));
        if self.keeps_a_borrow() {
            return self.split_that_is_never_run(&quote!(#head(#receiver #function #(#others),*)), &predicates);
        }
        quote! {
            #head(#receiver #function #(#others),*)
                -> (#output, impl ::core::ops::Fn(#(#again_types,)* &#output, #(#types),*) + 'static) #predicates
            {
                #same #this #keep
                let value = #own;
                (value, move |#(#again_names: #again_types,)* #seed: &#output, #(#slots),*| {
                    #scratch
                    let _ = #seed;
                    let _ = #call;
                })
            }
        }
    }

    /// `__tangent` by the user's `jvp`; without one, an error where it is used.
    pub(super) fn given_tangent(&self, path: Option<&TokenStream>) -> TokenStream {
        let runtime = self.runtime;
        let (output, predicates, head) = (&self.signature.output, self.predicates(), self.hidden_head("tangent"));
        let (receiver, function, others) = self.front("tangent", false);
        let (types, same) = (self.dot_types(), self.same_function());
        let dots = self.parameters().zip(&self.names.tangents).zip(&types).map(|((p, dot), ty)| match p.active {
            true => quote!(#dot: #ty),
            false => quote!(_: #ty),
        });
        let dots: Vec<_> = dots.collect();
        let Some(path) = path else {
            // a constant of this function itself would be evaluated though nothing calls it
            let Signature { name, space, .. } = self.signature;
            // `call` stands for the function of the type that it belongs to
            let shown = if name == "call" { space } else { name };
            let message = format!(
                "`{shown}` has no forward mode: its attribute has `vjp = ..` and no `jvp = ..`, so that what calls it has none either",
            );
            let dots = types.iter().map(|ty| quote!(_: #ty));
            let others = self.parameters().filter(|p| !p.receiver).map(|p| {
                let ty = &p.ty;
                quote!(_: #ty)
            });
            let function = self.function_parameter("tangent");
            return quote! {
                #head(#receiver #function #(#others,)* #(#dots),*) -> (#output, #output) #predicates {
                    enum This {}
                    impl #runtime::NoForwardMode for This {
                        const MESSAGE: &'static str = #message;
                    }
                    #runtime::no_forward_mode::<This, _>()
                }
            };
        };
        let zeros = self.active().map(|(i, p)| {
            let (dot, inner, like) = (&self.names.tangents[i], &p.inner, self.place_of(p));
            let scratch = format_ident!("scratch_{i}");
            let zeros = if p.element.is_some() { quote!(zeros_of_slice) } else { quote!(zeros_like) };
            match p.passing {
                Passing::Mutable => TokenStream::new(),
                Passing::Shared => quote! {
                    let #scratch;
                    let #dot: &#inner = match #dot {
                        ::core::option::Option::Some(#dot) => #dot,
                        ::core::option::Option::None => { #scratch = #runtime::#zeros(#like); &#scratch }
                    };
                },
                _ => quote!(let #dot = #dot.map_or_else(|| #runtime::zeros_like(#like), #runtime::Clone::clone);),
            }
        });
        let arguments = self.parameters().map(|p| if p.receiver { quote!(self) } else { p.name.to_token_stream() });
        let passed = self.active().map(|(i, _)| &self.names.tangents[i]);
        let rule = self.jvp_rule(path);
        let call = self.unsafe_block(quote!(#rule(#(#arguments,)* #(#passed),*)));
        let call = if self.signature.returns == Returns::Nothing { quote!(#call; ((), ())) } else { call };
        quote! {
            #head(#receiver #function #(#others,)* #(#dots),*) -> (#output, #output) #predicates { #same #(#zeros)* #call }
        }
    }
}

/// The function that a path of the attribute names.
fn callee_of(path: &syn::Path) -> Callee {
    let mut front = path.clone();
    let last = front.segments.pop().expect("a path has segments");
    front.segments.pop_punct();
    let is_type = front.segments.last().is_some_and(|segment| segment.ident.to_string().starts_with(char::is_uppercase));
    if is_type {
        return Callee::Associated { ty: front.to_token_stream(), name: last.ident, arguments: last.arguments.to_token_stream() };
    }
    let mut plain = path.clone();
    plain.segments.last_mut().expect("a path has segments").arguments = PathArguments::None;
    Callee::Function { path: plain.to_token_stream(), arguments: last.arguments.to_token_stream(), local: false }
}

fn is_kept(p: &ParameterSignature) -> bool {
    matches!(p.passing, Passing::Owned | Passing::Mutable)
}

fn kept(p: &ParameterSignature) -> Ident {
    format_ident!("kept_{}", p.name)
}

/// A type that a bound is on, where no lint takes it for the user's, who may have written another bound on it.
fn elsewhere(ty: &TokenStream) -> TokenStream {
    moved(all_at_call_site(ty.clone()), Span::call_site())
}

/// Whether it is of a type that is not known to be `Clone`.
fn may_lack_clone(p: &ParameterSignature) -> bool {
    !p.active && !p.syntax.as_ref().is_some_and(is_plain)
}

/// Whether a type is made of what can be copied and kept, by names of the language and of the prelude.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Array(array) => is_plain(&array.elem),
        Type::Slice(slice) => is_plain(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_plain),
        Type::Reference(reference) => is_plain(&reference.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| match &last.arguments {
            PathArguments::None => PLAIN.contains(&last.ident.to_string().as_str()),
            PathArguments::AngleBracketed(of) if last.ident == "Vec" || last.ident == "Option" => {
                of.args.iter().all(|argument| matches!(argument, GenericArgument::Type(ty) if is_plain(ty)))
            }
            _ => false,
        }),
        _ => false,
    }
}

const PLAIN: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
    "String",
];

/// Whether a type names a lifetime, or leaves one out.
fn borrows(ty: &TokenStream) -> bool {
    ty.clone().into_iter().any(|token| match token {
        TokenTree::Punct(punct) => matches!(punct.as_char(), '&' | '\''),
        TokenTree::Group(group) => borrows(&group.stream()),
        _ => false,
    })
}
