//! The public functions that run both sweeps or the forward one: `grad` and `value_and_grad`, `vjp`, `jvp`, `hvp`.
//!
//! Each makes what its entry takes (zeros for adjoints, checks of lengths), keeps skipped fields as they are, and says in its documentation what it
//! costs.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;

use crate::diff::Second;
use crate::diff::fresh::{Fresh, Records};
use crate::ir::names::Taken;
use crate::ir::{Passing, Var};
use crate::signature::{ParameterSignature, Returns};
use crate::spans::{all_at_call_site, moved};

use super::entries::Writer;
use super::layouts::Shape;

impl Writer<'_> {
    pub(super) fn gradient_type(&self) -> TokenStream {
        let runtime = self.runtime;
        let types: Vec<_> = self
            .active()
            .map(|(_, p)| match &p.element {
                Some(element) => quote!(#runtime::Vec<#element>),
                None => p.inner.clone(),
            })
            .collect();
        if types.len() == 1 { types[0].clone() } else { quote!((#(#types),*)) }
    }

    /// `grad` and `value_and_grad`; `covered` are the parameters whose adjoints are added to in each number.
    pub(super) fn gradients(&self, fresh: Option<&Fresh>, covered: &[bool]) -> TokenStream {
        let runtime = self.runtime;
        let output = &self.signature.output;
        let gradient = self.gradient_type();
        let (declared, predicates) = (self.declared(false), self.predicates());
        let adjoints: Vec<_> = self.active().map(|(i, _)| &self.names.adjoints[i]).collect();
        let records = fresh.and_then(|fresh| fresh.records.as_ref());
        let of_slice = records.filter(|records| self.signature.parameters[records.parameter].element.is_some());
        let made = of_slice.and_then(|records| Some((records.parameter, fresh?.made_of_records()?)));
        let zeros = self.active().map(|(i, p)| {
            let (adjoint, name) = (&self.names.adjoints[i], &p.name);
            if made.as_ref().is_some_and(|(parameter, _)| *parameter == i) {
                return quote!(let mut #adjoint = #runtime::Vec::with_capacity(#name.len()););
            }
            let name = if p.receiver { quote!(self) } else { name.to_token_stream() };
            let place = if p.passing == Passing::Shared { name } else { quote!(&#name) };
            if let (true, Some(shape), None) = (self.constant.fused, &p.shape, &p.element) {
                let zeros = Shape::of(shape).zeros();
                return quote!(let mut #adjoint = #zeros;);
            }
            let zeros = self.zeros_of(p, &place);
            let is_stored_to = covered.get(i) == Some(&true) && p.scalars_alone && fresh.is_none();
            match p.syntax {
                Some(Type::Path(_)) if is_stored_to => quote!(let mut #adjoint = -#zeros;),
                Some(Type::Array(_)) if is_stored_to => quote!(let mut #adjoint = #zeros.map(::core::ops::Neg::neg);),
                _ => quote!(let mut #adjoint = #zeros;),
            }
        });
        let zeros: TokenStream = zeros.collect();
        let result = if adjoints.len() == 1 { adjoints[0].to_token_stream() } else { quote!((#(#adjoints),*)) };
        let mut further = vec![quote!(&<#output as #runtime::Scalar>::ONE)];
        further.extend(self.slots_passed(|adjoint| quote!(&mut #adjoint)));
        if let Some(Records { parameter, .. }) = records {
            let adjoint = &self.names.adjoints[*parameter];
            further[1 + parameter] = quote!(&mut #adjoint);
        }
        let entry = if fresh.is_some() { "fresh_fused" } else { "fused" };
        let call = self.unsafe_block(self.entry_call(entry, &further));
        let fresh_entry = fresh.map(|fresh| match &made {
            Some((_, (adjoint, sweeps))) => self.both_sweeps("fresh_fused", sweeps, Some(*adjoint)),
            None => self.both_sweeps("fresh_fused", &fresh.sweeps, None),
        });
        let (kept, restored) = self.skipped_kept(|p, adjoint| {
            let borrow = p.passing != Passing::Mutable;
            if borrow { quote!(&mut #adjoint) } else { adjoint.to_token_stream() }
        });
        let listed = self.listed();
        let (function, vjp) = (&self.signature.name, self.public_name("vjp"));
        let shape = match (adjoints.len(), self.active().any(|(_, p)| p.element.is_some())) {
            (1, false) => "in the shape of the parameter",
            (1, true) => "a `Vec` as long as the slice",
            (_, false) => "a tuple of their shapes",
            (_, true) => "a tuple of their shapes, with a `Vec` for a slice",
        };
        let memory = fresh.map(|Fresh { sweeps, records }| match records {
            Some(Records { kept, .. }) => {
                format!(", but keeps `{}` of each iteration in the gradient", sweeps.function.variable(*kept).name)
            }
            None => ", but stores in the gradient where that adds".to_owned(),
        });
        let how = format!("{shape}.\n\n It costs what [`{vjp}`](Self::{vjp}) costs{}.", memory.unwrap_or_default());
        let value_docs = format!(" The value of `{function}`, and its gradient with respect to {listed}, {how}");
        let grad_docs = format!(" The gradient of `{function}` with respect to {listed}, {how}");
        let (value_head, grad_head) = (self.head("value_and_grad", &value_docs, true), self.head("grad", &grad_docs, true));
        let both = quote! {
            #grad_head(#(#declared),*) -> #gradient #predicates { #zeros #kept #call; #restored #result }
            #value_head(#(#declared),*) -> (#output, #gradient) #predicates {
                #zeros #kept
                let value = #call;
                #restored
                (value, #result)
            }
            #fresh_entry
        };
        let heap = self.active().any(|(_, p)| p.element.is_some()) || self.functions_need_heap();
        if heap { quote!(#runtime::with_alloc! { #both }) } else { both }
    }

    pub(super) fn listed(&self) -> String {
        let names: Vec<_> =
            self.active().map(|(_, p)| if p.receiver { "`self`".to_owned() } else { format!("`{}`", p.name) }).collect();
        names.join(", ")
    }

    /// What a wrapper passes for the slots.
    pub(super) fn slots_passed(&self, active: impl Fn(&Ident) -> TokenStream) -> Vec<TokenStream> {
        let runtime = self.runtime;
        self.parameters()
            .zip(&self.names.adjoints)
            .map(|(p, adjoint)| match (p.active, p.passing) {
                (true, Passing::Mutable) => adjoint.to_token_stream(),
                (true, _) => {
                    let adjoint = active(adjoint);
                    quote!(::core::option::Option::Some(#adjoint))
                }
                (false, Passing::Mutable) => quote!(&mut #runtime::OutsideWrt),
                (false, _) => quote!(::core::option::Option::None),
            })
            .collect()
    }

    pub(super) fn vjp(&self) -> TokenStream {
        let output = &self.signature.output;
        let (declared, predicates) = (self.declared(false), self.predicates());
        let seed = &self.names.seed;
        let (seed_parameter, seed_passed) = match self.signature.returns {
            Returns::Nothing => (None, quote!(&())),
            Returns::Scalar => (Some(quote!(#seed: #output,)), quote!(&#seed)),
            Returns::Space => (Some(quote!(#seed: &#output,)), seed.to_token_stream()),
        };
        let adjoints = self.active().map(|(i, p)| {
            let (adjoint, inner) = (&self.names.adjoints[i], &p.inner);
            quote!(#adjoint: &mut #inner)
        });
        let mut further = vec![seed_passed];
        further.extend(self.slots_passed(ToTokens::to_token_stream));
        let call = self.unsafe_block(self.entry_call("fused", &further));
        let mut docs = format!(
            " The value of `{}`; adds `{seed}` times its derivative to the adjoints of {}.",
            self.signature.name,
            self.listed()
        );
        if self.active().any(|(_, p)| p.passing == Passing::Mutable) {
            docs.push_str(
                "\n\n The adjoint of a `&mut` parameter holds the cotangent of what the function leaves there on entry, and of what it found on return.",
            );
        }
        if let Some(report) = &self.report {
            docs.push_str(&format!("\n\n {}", report.together));
        }
        docs.push_str(&self.panics("adjoint"));
        let head = self.head("vjp", &docs, false);
        let (kept, restored) = self.skipped_kept(|_, adjoint| adjoint.to_token_stream());
        let body = if kept.is_empty() { call } else { quote!(#kept let value = #call; #restored value) };
        let vjp = quote!(#head(#(#declared,)* #seed_parameter #(#adjoints),*) -> #output #predicates { #body });
        let runtime = self.runtime;
        if self.functions_need_heap() { quote!(#runtime::with_alloc! { #vjp }) } else { vjp }
    }

    /// When a derivative panics though the function does not.
    pub(super) fn panics(&self, what: &str) -> String {
        let slices = self.active().any(|(_, p)| p.element.is_some());
        let vectors = self.active().any(|(_, p)| p.element.is_none() && p.shape.is_none());
        let when = match (slices, vectors) {
            (false, false) => return String::new(),
            (true, false) => format!("the {what} of a slice has another length than the slice"),
            (false, true) => format!("a `Vec` in the {what} of a parameter has another length than in the parameter"),
            (true, true) => format!("the {what} of a slice, or a `Vec` in that of a parameter, has another length"),
        };
        format!("\n\n # Panics\n\n If {when}.")
    }

    /// Checks the lengths of directions.
    fn same_directions(&self, dots: impl Fn(usize) -> TokenStream) -> TokenStream {
        let runtime = self.runtime;
        let checks = self.active().filter(|(_, p)| p.shape.is_none()).map(|(index, p)| {
            let (text, dot) = (self.names.tangents[index].to_string(), dots(index));
            let primal = match p.passing {
                Passing::Mutable => {
                    let name = &p.name;
                    if p.receiver { quote!(&*self) } else { quote!(&*#name) }
                }
                _ => self.place_of(p),
            };
            match p.element {
                Some(_) => quote!(#runtime::same_length(#text, #primal, #dot);),
                None => {
                    let check = of_parameter(runtime, p.name.span(), "same_shape", &quote!(#primal, #dot, #text));
                    quote!(#check;)
                }
            }
        });
        checks.collect()
    }

    /// Zeros of the shape of a parameter.
    fn zeros_of(&self, p: &ParameterSignature, place: &TokenStream) -> TokenStream {
        let runtime = self.runtime;
        match p.element {
            Some(_) => quote!(#runtime::zeros_of_slice(#place)),
            None if p.scalars_alone => quote!(#runtime::zeros_like(#place)),
            None => of_parameter(runtime, p.name.span(), "zeros_like", place),
        }
    }

    /// The skipped fields of `from`, and what puts them, as `kept`, into `to`.
    fn hollow_and_restore(
        &self,
        p: &ParameterSignature,
        from: &TokenStream,
        to: &TokenStream,
        kept: &Ident,
    ) -> (TokenStream, TokenStream) {
        let runtime = self.runtime;
        let of = |function: &str, arguments: &TokenStream| of_parameter(runtime, p.name.span(), function, arguments);
        match p.element {
            Some(_) => (quote!(#runtime::hollow_slice(#from)), quote!(#runtime::restore_slice(#to, #kept))),
            None => (of("hollow", from), of("restore", &quote!(#to, #kept))),
        }
    }

    /// What stands around a backward sweep so that the skipped fields of adjoints stay as they are.
    pub(super) fn skipped_kept(
        &self,
        exclusive: impl Fn(&ParameterSignature, &Ident) -> TokenStream,
    ) -> (TokenStream, TokenStream) {
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        for (index, p) in self.active().filter(|(_, p)| p.holds_structs) {
            let adjoint = &self.names.adjoints[index];
            let kept = &self.names.kept[index];
            let exclusive = exclusive(p, adjoint);
            let (hollow, restore) = self.hollow_and_restore(p, &exclusive, &exclusive, kept);
            before.extend(quote!(let #kept = #hollow;));
            after.extend(quote!(#restore;));
        }
        (before, after)
    }

    /// What stands before a forward sweep so that the skipped fields of a direction count as zero, and after it where the direction is taken
    /// back.
    fn skipped_cleared(&self) -> (TokenStream, TokenStream) {
        let runtime = self.runtime;
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        for (index, p) in self.active().filter(|(_, p)| p.holds_structs) {
            let dot = &self.names.tangents[index];
            let own = &self.names.kept[index];
            let of = |function: &str, arguments: TokenStream| of_parameter(runtime, p.name.span(), function, &arguments);
            let (hollow, restore) = self.hollow_and_restore(p, &dot.to_token_stream(), &dot.to_token_stream(), own);
            before.extend(match (p.passing, &p.element) {
                (Passing::Mutable, None) => {
                    let clear = of("clear", quote!(#dot));
                    quote!(let #own = #hollow; #clear;)
                }
                (Passing::Mutable, Some(_)) => {
                    quote!(let #own = #hollow; #dot.iter_mut().for_each(#runtime::Parameter::clear);)
                }
                (Passing::Shared, None) => {
                    let direction = of("direction", quote!(#dot));
                    quote!(let #own = #direction; let #dot = #own.as_ref().unwrap_or(#dot);)
                }
                (Passing::Shared, Some(_)) => {
                    quote!(let #own = #runtime::direction_of_slice(#dot); let #dot = #own.as_ref().map_or(#dot, |#dot| &#dot[..]);)
                }
                _ => {
                    let clear = of("clear", quote!(&mut #dot));
                    quote!(let mut #dot = #dot; #clear;)
                }
            });
            after.extend((p.passing == Passing::Mutable).then(|| quote!(#restore;)));
        }
        (before, after)
    }

    /// A direction of which the skipped fields count as zero, as an argument: a reference to it, or to a copy.
    pub(super) fn cleared(&self, p: &ParameterSignature, dot: TokenStream) -> TokenStream {
        let runtime = self.runtime;
        match p.element {
            _ if !p.holds_structs => dot,
            Some(_) => quote!(#runtime::direction_of_slice(#dot).as_ref().map_or(#dot, |cleared| &cleared[..])),
            None => {
                let direction = of_parameter(runtime, p.name.span(), "direction", &dot);
                quote!(#direction.as_ref().unwrap_or(#dot))
            }
        }
    }

    pub(super) fn jvp(&self) -> TokenStream {
        let output = &self.signature.output;
        let (declared, predicates) = (self.declared(false), self.predicates());
        let runtime = self.runtime;
        let dots = self.active().map(|(i, p)| {
            let (dot, inner) = (&self.names.tangents[i], &p.inner);
            match p.passing {
                Passing::Shared => quote!(#dot: &#inner),
                Passing::Mutable => quote!(#dot: &mut #inner),
                Passing::Scalar | Passing::Owned => quote!(#dot: #inner),
            }
        });
        let further: Vec<_> = self
            .parameters()
            .zip(&self.names.tangents)
            .map(|(p, dot)| match (p.active, p.passing) {
                (true, Passing::Shared) => quote!(::core::option::Option::Some(#dot)),
                (true, Passing::Mutable) => dot.to_token_stream(),
                (true, _) => quote!(::core::option::Option::Some(&#dot)),
                (false, Passing::Mutable) => quote!(&mut #runtime::OutsideWrt),
                (false, _) => quote!(::core::option::Option::None),
            })
            .collect();
        let call = self.unsafe_block(self.entry_call("tangent", &further));
        let (name, listed) = (&self.signature.name, self.listed());
        let mut docs = match self.signature.returns {
            Returns::Nothing => format!(" What `{name}` does, and its derivative along the tangents of {listed}."),
            _ => format!(" The value of `{name}`, and its derivative along the tangents of {listed}."),
        };
        if self.active().any(|(_, p)| p.passing == Passing::Mutable) {
            docs.push_str(
                "\n\n The tangent of a `&mut` parameter is that of what the function finds there, and then of what it leaves.",
            );
        }
        if self.report.is_some() {
            docs.push_str("\n\n Forward mode: each operation is followed by its tangent. Nothing is kept.");
        }
        docs.push_str(&self.panics("tangent"));
        let head = self.head("jvp", &docs, self.signature.returns != Returns::Nothing);
        let (cleared, restored) = self.skipped_cleared();
        let same = self.same_directions(|index| {
            let (dot, passing) = (&self.names.tangents[index], self.signature.parameters[index].passing);
            match passing {
                Passing::Owned => quote!(&#dot),
                Passing::Mutable => quote!(&*#dot),
                _ => dot.to_token_stream(),
            }
        });
        let cleared = quote!(#same #cleared);
        let jvp = match self.signature.returns {
            Returns::Nothing => quote!(#head(#(#declared,)* #(#dots),*) #predicates { #cleared #call; #restored }),
            _ if restored.is_empty() => {
                quote!(#head(#(#declared,)* #(#dots),*) -> (#output, #output) #predicates { #cleared #call })
            }
            _ => {
                quote!(#head(#(#declared,)* #(#dots),*) -> (#output, #output) #predicates { #cleared let both = #call; #restored both })
            }
        };
        if self.functions_need_heap() { quote!(#runtime::with_alloc! { #jvp }) } else { jvp }
    }

    pub(super) fn hvp_docs(&self) -> String {
        let how = match self.report {
            Some(_) => " Forward mode over reverse mode: what the gradient keeps is kept with its tangents.",
            None => "",
        };
        let name = &self.signature.name;
        format!(" The Hessian of `{name}` times a direction, in the shape of its gradient.{how}{}", self.panics("direction"))
    }

    /// Where the gradient and the product of a parameter are added up, and what the product gets back in the end.
    fn product_storage(
        &self,
        p: &ParameterSignature,
        dot: &TokenStream,
        (slot, slot_tangent): (Option<Ident>, Option<Ident>),
        taken: &mut Taken,
    ) -> (TokenStream, Option<TokenStream>, Ident) {
        let runtime = self.runtime;
        let own = if p.receiver { quote!(self) } else { p.name.to_token_stream() };
        let (place, direction) = if p.passing == Passing::Shared { (own, quote!(#dot)) } else { (quote!(&#own), quote!(&#dot)) };
        let zeros = self.zeros_of(p, &place);
        let mut fresh = |wish: &str| Ident::new(&taken.fresh(wish), p.span);
        let (gradient, product) = (fresh("gradient"), fresh("product"));
        let sums = quote! {
            let (mut #gradient, mut #product) = (#zeros, #zeros);
            let (mut #slot, mut #slot_tangent) =
                (::core::option::Option::Some(&mut #gradient), ::core::option::Option::Some(&mut #product));
        };
        if !p.holds_structs {
            return (quote!(#sums let #dot = ::core::option::Option::Some(#direction);), None, product);
        }
        let (cleared, kept) = (fresh("direction"), fresh("skipped"));
        let (hollow, restore) = self.hollow_and_restore(p, &place, &quote!(&mut #product), &kept);
        let (clear, part) = match p.element {
            Some(_) => (quote!(#runtime::direction_of_slice(#direction)), quote!(map_or(#direction, |#dot| &#dot[..]))),
            None => (of_parameter(runtime, p.name.span(), "direction", &direction), quote!(unwrap_or(#direction))),
        };
        let storage = quote! {
            #sums
            let #cleared = #clear;
            let #dot = ::core::option::Option::Some(#cleared.as_ref().#part);
            let #kept = #hollow;
        };
        (storage, Some(quote!(#restore;)), product)
    }

    /// The Hessian times a direction.
    pub(super) fn hvp(&self, second: &Second) -> TokenStream {
        let (runtime, output) = (self.runtime, &self.signature.output);
        let Second { pushed, seed, slots, slot_tangents, .. } = second;
        let function = &pushed.function;
        let name = |var: &Option<Var>| var.map(|var| function.variable(var).name.clone());
        let mut taken = function.taken.clone();
        let (mut parameters, mut storage, mut restored, mut results) =
            (Vec::new(), TokenStream::new(), TokenStream::new(), Vec::new());
        for (index, p) in self.active() {
            let (dot, inner) = (name(&pushed.dots[index]), &p.inner);
            parameters.push(if p.passing == Passing::Shared { quote!(#dot: &#inner) } else { quote!(#dot: #inner) });
            let slots = (name(&slots[index]), name(&slot_tangents[index]));
            let (stored, restore, product) = self.product_storage(p, &dot.to_token_stream(), slots, &mut taken);
            storage.extend(stored);
            restored.extend(restore);
            results.push(product);
        }
        let emitter = self.emitter(function, &[&pushed.body], &pushed.dots, &pushed.results());
        let statements = emitter.block(&pushed.body);
        let (declared, predicates, gradient) = (self.declared(true), self.predicates(), self.gradient_type());
        let seed = &function.variable(*seed).name;
        let this = self.receiver_binding();
        let result = if results.len() == 1 { results[0].to_token_stream() } else { quote!((#(#results),*)) };
        let used = self.turbofished().map(|own| quote!(let _ = #own;));
        let head = self.head("hvp", &self.hvp_docs(), true);
        let same = self.same_directions(|index| {
            let dot = name(&pushed.dots[index]);
            if self.signature.parameters[index].passing == Passing::Owned { quote!(&#dot) } else { quote!(#dot) }
        });
        let body = quote! {
            #head(#(#declared,)* #(#parameters),*) -> #gradient #predicates {
                #used #same #storage #this
                let #seed = &<#output as #runtime::Scalar>::ONE;
                #statements
                #restored
                #result
            }
        };
        if self.active().any(|(_, p)| p.element.is_some()) { quote!(#runtime::with_alloc! { #body }) } else { body }
    }

    /// The same without a body, for a function with errors.
    pub(super) fn hvp_without_a_body(&self) -> TokenStream {
        let runtime = self.runtime;
        let directions = self.active().map(|(_, p)| {
            let inner = &p.inner;
            if p.passing == Passing::Shared { quote!(_: &#inner) } else { quote!(_: #inner) }
        });
        let (declared, predicates, gradient) = (self.declared(false), self.predicates(), self.gradient_type());
        let head = self.head("hvp", &self.hvp_docs(), true);
        let hvp = quote!(#head(#(#declared,)* #(#directions),*) -> #gradient #predicates { #runtime::stub() });
        if self.active().any(|(_, p)| p.element.is_some()) { quote!(#runtime::with_alloc! { #hvp }) } else { hvp }
    }
}

/// A call of a function that all parameters have, at the place of the parameter.
pub(super) fn of_parameter(runtime: &TokenStream, span: Span, function: &str, arguments: &TokenStream) -> TokenStream {
    let function = Ident::new(function, Span::call_site());
    moved(all_at_call_site(quote!(#runtime::Parameter::#function(#arguments))), span)
}
