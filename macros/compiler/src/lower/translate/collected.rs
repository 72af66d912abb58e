//! Inactive iterators whose items no index finds: a map's, a `split`, an iterator that a function gives. They are collected first.
//!
//! *In:* `for (k, w) in &map { s += x[*k] * w; }`
//!
//! *Out:* `let items = map's items; for i in 0..items.count() { let item = items[i]; let (k, w) = item; .. }`
//!
//! The iterator is copied as a whole, up to the first adapter through which a derivative flows, and runs once. Items are of types that the macro does not
//! know: they are bound by the user's own patterns, and what the reverse sweep needs of them is kept as the numbers that were read.

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::{Expr, Pat, Type};

use crate::error::{unsupported, with_help};
use crate::ir::{self, Code, Form, Kind, Operand, Place, Statement, Value, Var};
use crate::lower::facts::destructors::{gives_a_guard, is_constructed};
use crate::lower::facts::methods::is_adapter;
use crate::lower::facts::syntax::{element_type, elements, first_span, pattern_names, peeled, strip};
use crate::spans::located;

use super::chains::Items;
use super::places::names_a_place;
use super::{Bound, Lowerer};

/// What is known of the type of something that is iterated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Row {
    /// An array, a slice, a `Vec`, or something that may be one: items are elements.
    Elements,
    /// Something else.
    Other,
}

/// Sources that never end.
const ENDLESS: &[&str] = &["repeat", "repeat_with", "cycle"];
/// What ends them.
const ENDS_THEM: &[&str] = &["take", "take_while", "map_while", "scan", "zip"];

impl Lowerer<'_> {
    /// Collects an inactive iterator, if it is one whose items are no elements; `destructured` where they are taken apart as tuples.
    pub(super) fn collected_source(&mut self, expr: &Expr, destructured: bool, most: Option<&Code>) -> Option<Items> {
        if !self.is_collected(expr, destructured) {
            return None;
        }
        let span = first_span(expr);
        if most.is_none()
            && let Some(source) = endless(expr)
        {
            let what = unsupported(
                &format!("`{source}` without an end"),
                "the items of an iterator through which no derivative flows are collected first",
                "write `take(..)` directly behind it",
            );
            self.unsupported(expr, what);
        }
        let (expr, is_left) = &self.name_what_is_borrowed(expr);
        let code = self.code_of(expr, false);
        let (runtime, iterator) = (&self.runtime, &code.tokens);
        let limit = most.map_or_else(|| quote!(::core::primitive::usize::MAX), |most| most.tokens.clone());
        let tokens = quote!({ use #runtime::Collected as _; #runtime::Items(#iterator).items(#limit) });
        let reads = code.reads.iter().chain(most.iter().flat_map(|most| &most.reads)).copied().collect();
        let items = self.copied_value("items", Code { tokens, reads, repeatable: false, span });
        let (runtime, name) = (&self.runtime, &self.function.variable(items).name);
        let counts = located(quote!(#runtime::count), span);
        let count = Code { tokens: quote!(#counts(&#name)), reads: vec![items], repeatable: false, span };
        let count = self.copied_value("count", count);
        if is_in_a_place(expr) && !is_left {
            self.function.borrowing.extend([items, count]);
        }
        Some(Items::Collected { items, length: self.name_code(count, span) })
    }

    /// The iterator over what a call gives, which has a name for as long as the items are used, and whether that is left when they are: a guard, or what
    /// a function of a type makes.
    fn name_what_is_borrowed(&mut self, expr: &Expr) -> (Expr, bool) {
        let (mut named, mut is_left) = (expr.clone(), false);
        while let Some(made) = borrowed_from_a_call(&mut named) {
            let code = self.code_of(made, false);
            let source = self.copied_value("source", code);
            let name = self.function.variable(source).name.clone();
            self.bound.insert(name.to_string(), Bound::Var(source));
            if gives_a_guard(made) || is_constructed(made) {
                is_left = true;
                self.kinds.guards.insert(name.to_string());
                self.scopes.last_mut().expect("a scope is open").push(source);
            }
            *made = syn::parse_quote!(#name);
        }
        (named, is_left)
    }

    fn copied_value(&mut self, wish: &str, code: Code) -> Var {
        let span = code.span;
        self.temporary(wish, Kind::Inactive, Value::Expr(ir::Expr::Operand(Operand::Code(code))), span)
    }

    /// The item at a position of what was collected.
    pub(super) fn collected_item(&mut self, items: Var, position: &Code) -> Bound {
        let (runtime, name, index) = (&self.runtime, &self.function.variable(items).name, &position.tokens);
        let item = located(quote!(#runtime::item), name.span());
        let tokens = quote!(#item(&#name, #index));
        let reads = position.reads.iter().copied().chain([items]).collect();
        let item = self.copied_value("item", Code { tokens, reads, repeatable: false, span: position.span });
        self.opaque.insert(item);
        self.given.insert(item);
        if self.function.borrowing.contains(&items) {
            self.function.borrowing.insert(item);
        }
        Bound::Var(item)
    }

    /// Whether the expression is such an iterator.
    pub(super) fn is_collected(&self, expr: &Expr, destructured: bool) -> bool {
        !self.is_active(expr)
            && !self.touches_active_expr(expr)
            && !self.is_active(source_of(expr))
            && (self.row_of(source_of(expr), destructured) == Row::Other || self.flattens_options(expr))
    }

    /// Whether the items are what `Option`s hold, of which a sequence is made by its type: some of them hold nothing.
    fn flattens_options(&self, expr: &Expr) -> bool {
        let Expr::MethodCall(call) = strip(expr) else { return false };
        if !matches!(call.method.to_string().as_str(), "flatten" | "filter_map" | "flat_map") {
            return is_adapter(&call.method.to_string()) && self.flattens_options(&call.receiver);
        }
        let element = self.written_type(source_of(&call.receiver)).and_then(|ty| element_type(&ty));
        element.is_some_and(|element| {
            matches!(peeled(&element), Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option" || last.ident == "Result"))
        })
    }

    fn row_of(&self, source: &Expr, destructured: bool) -> Row {
        match source {
            Expr::Range(_) | Expr::Array(_) | Expr::Repeat(_) => Row::Elements,
            Expr::Struct(_) => Row::Other,
            vector if elements(vector).is_some() => Row::Elements,
            Expr::MethodCall(call) if matches!(call.method.to_string().as_str(), "to_vec" | "clone") && call.args.is_empty() => {
                self.row_of(source_of(&call.receiver), destructured)
            }
            Expr::Call(_) | Expr::MethodCall(_) => Row::Other,
            Expr::Path(path) => match path.path.get_ident().map(ToString::to_string) {
                Some(name) => self.row_of_variable(&name, destructured),
                None => Row::Elements,
            },
            place => match self.written_type(place) {
                Some(ty) => self.row_of_type(&ty, destructured),
                None if destructured => Row::Other,
                None => Row::Elements,
            },
        }
    }

    fn row_of_variable(&self, name: &str, destructured: bool) -> Row {
        if let Some(ty) = self.names.bindings.get(name).and_then(|binding| binding.ty.as_ref()) {
            // a vector of references, which are not kept
            let is_opaque = matches!(self.bound.get(name), Some(Bound::Var(var)) if self.opaque.contains(var));
            let is_vector = matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Vec"));
            return if is_opaque && is_vector { Row::Other } else { self.row_of_type(ty, destructured) };
        }
        match self.bound.get(name) {
            Some(Bound::Var(var)) if self.sequences.contains(var) => Row::Elements,
            Some(Bound::Var(var)) if self.opaque.contains(var) => Row::Other,
            Some(Bound::Reference { place, .. }) if self.opaque.contains(&place.root) => Row::Other,
            Some(Bound::Reference { place, .. }) => match self.type_of_place(place) {
                Some(ty) => self.row_of_type(&ty, destructured),
                None if destructured => Row::Other,
                None => Row::Elements,
            },
            bound => match self.inits.get(name) {
                // an iterator, of which some items may be gone
                Some(init) if is_iterator(init) => Row::Other,
                Some(init) => self.row_of(source_of(init), destructured),
                None if destructured => Row::Other,
                // a part of what a call gives, perhaps by reference
                None if matches!(bound, Some(Bound::Var(var)) if self.called.contains(var)) => Row::Other,
                None => Row::Elements,
            },
        }
    }

    fn row_of_type(&self, ty: &Type, destructured: bool) -> Row {
        match peeled(ty) {
            Type::Array(_) | Type::Slice(_) => Row::Elements,
            Type::TraitObject(_) | Type::ImplTrait(_) => Row::Other,
            Type::Path(path) => {
                let Some(name) = path.path.segments.last().map(|last| last.ident.to_string()) else { return Row::Elements };
                let is_generic = path.path.get_ident().is_some_and(|name| self.type_parameters.contains(&name.to_string()));
                if name == "Vec" && destructured && has_inferred(path) {
                    return Row::Other; // its items may be tuples of references
                }
                // a type of the user's own may be iterated otherwise than by its elements; an alias of an array lies in a row
                let is_own = name.starts_with(char::is_uppercase);
                let is_other = is_generic || destructured || is_own || OTHERS.contains(&name.as_str());
                if name != "Vec" && is_other { Row::Other } else { Row::Elements }
            }
            _ => Row::Elements,
        }
    }

    /// The type of a place, where it is written.
    pub(super) fn written_type(&self, expr: &Expr) -> Option<Type> {
        match strip(expr) {
            Expr::Path(path) => {
                let name = path.path.get_ident()?.to_string();
                match self.names.bindings.get(&name)?.ty.clone() {
                    Some(ty) => Some(ty),
                    None => match self.bound.get(&name)? {
                        Bound::Reference { place, .. } => self.type_of_place(place),
                        _ => None,
                    },
                }
            }
            Expr::Index(index) if !matches!(*index.index, Expr::Range(_)) => element_type(&self.written_type(&index.expr)?),
            Expr::Index(index) => self.written_type(&index.expr),
            Expr::Field(field) => match (peeled(&self.written_type(&field.base)?), &field.member) {
                (Type::Tuple(tuple), syn::Member::Unnamed(index)) => tuple.elems.iter().nth(index.index as usize).cloned(),
                _ => None,
            },
            Expr::Unary(unary) => self.written_type(&unary.expr),
            Expr::Reference(reference) => self.written_type(&reference.expr),
            _ => None,
        }
    }

    pub(super) fn type_of_place(&self, place: &Place) -> Option<Type> {
        let root = self.function.variable(place.root).name.to_string();
        let ty = self.names.bindings.get(&root)?.ty.clone()?;
        place.path.iter().try_fold(ty, |ty, step| match (step, peeled(&ty)) {
            (ir::Step::Index(Operand::Code(code)), _) if code.is_range() => Some(ty),
            (ir::Step::Index(_), _) => element_type(&ty),
            (ir::Step::Element(index), Type::Tuple(tuple)) => tuple.elems.iter().nth(*index as usize).cloned(),
            _ => None,
        })
    }

    /// Binds a pattern to an item of a type that is not known, by the pattern itself. Says whether it did.
    pub(super) fn bind_given(&mut self, pat: &Pat, bound: &Bound) -> bool {
        let (root, depth) = match bound {
            Bound::Var(var) => (*var, 0),
            Bound::Reference { place, depth, .. } if place.path.is_empty() => (place.root, *depth),
            _ => return false,
        };
        if !self.given.contains(&root) {
            return false;
        }
        let mut names = Vec::new();
        pattern_names(pat, &mut names);
        if let Some(active) = names.iter().find(|name| self.activity.is_active(&name.to_string())).cloned() {
            self.bind_given_number(pat, &active, root);
            return true;
        }
        let binds = self.opaque_binds(pat);
        self.given.extend(&binds);
        if self.function.borrowing.contains(&root) {
            self.function.borrowing.extend(&binds);
        }
        let name = self.function.variable(root).name.clone();
        let ampersands = (0..depth).map(|_| quote!(&));
        let pattern = pat.to_token_stream();
        let tokens = quote!(let #pattern = #(#ampersands)* #name;);
        let code = Code { tokens, reads: vec![root], repeatable: false, span: first_span(pat) };
        self.push(Statement::Code { code, binds, writes: Vec::new() });
        true
    }

    /// An item that comes where active ones come as well, as behind `chain`: a number.
    fn bind_given_number(&mut self, pat: &Pat, name: &proc_macro2::Ident, item: Var) {
        let inner = match pat {
            Pat::Reference(reference) => &*reference.pat,
            other => other,
        };
        let Pat::Ident(ident) = inner else {
            let what = with_help("inactive items are taken apart beside active ones", "collect them in a `Vec` of tuples first");
            return self.unsupported(pat, what);
        };
        let value = self.given_number(item, name.span());
        let var = self.variable(name, Kind::Space, ident.mutability.is_some(), Form::Owned);
        self.push(Statement::Let { var, value: Some(value), ty: None });
    }

    /// What an item is or refers to.
    pub(super) fn given_number(&self, item: Var, span: Span) -> Value {
        let (runtime, name) = (&self.runtime, &self.function.variable(item).name);
        let tokens = quote!({ use #runtime::{ReferredOperand as _, PlainOperand as _}; (&#runtime::Operand(&#name)).value() });
        Value::Expr(ir::Expr::Operand(Operand::Code(Code { tokens, reads: vec![item], repeatable: false, span })))
    }
}

/// What an iterator is made of: what its adapters are called on.
fn source_of(expr: &Expr) -> &Expr {
    match strip(expr) {
        Expr::MethodCall(call) if is_adapter(&call.method.to_string()) => source_of(&call.receiver),
        Expr::Reference(reference) => source_of(&reference.expr),
        other => other,
    }
}

/// Whether the expression is an iterator by its methods: arrays and `Option`s have some of them as well, such as `map`.
fn is_iterator(expr: &Expr) -> bool {
    const OF_ITERATORS: &[&str] = &["iter", "into_iter", "windows", "chunks", "chunks_exact", "enumerate", "peekable"];
    match strip(expr) {
        Expr::MethodCall(call) if OF_ITERATORS.iter().any(|name| call.method == name) => true,
        Expr::MethodCall(call) if is_adapter(&call.method.to_string()) => is_iterator(&call.receiver),
        _ => false,
    }
}

/// Methods that borrow what they are called on for as long as the items are used.
const BORROW: &[&str] = &[
    "iter",
    "windows",
    "chunks",
    "chunks_exact",
    "rchunks",
    "keys",
    "values",
    "chars",
    "bytes",
    "lines",
    "split",
    "split_whitespace",
];

/// What a call gives, and an iterator borrows.
fn borrowed_from_a_call(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::Paren(paren) => borrowed_from_a_call(&mut paren.expr),
        // `once(&x.len())`
        Expr::Call(call) if call.args.len() == 1 => match call.args.first_mut() {
            Some(Expr::Reference(lent)) if !names_a_place(&lent.expr) && !matches!(strip(&lent.expr), Expr::Lit(_)) => {
                Some(&mut lent.expr)
            }
            _ => None,
        },
        Expr::MethodCall(call) => {
            let borrows = BORROW.iter().any(|name| call.method == name);
            match borrows && matches!(strip(&call.receiver), Expr::Call(_) | Expr::MethodCall(_)) {
                true => Some(&mut call.receiver),
                false if call.method == "chain" || call.method == "zip" => {
                    borrowed_from_a_call(&mut call.receiver).or_else(|| call.args.first_mut().and_then(borrowed_from_a_call))
                }
                false => borrowed_from_a_call(&mut call.receiver),
            }
        }
        _ => None,
    }
}

/// Whether the items stand in a place, and are not made by the iterator.
fn is_in_a_place(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::MethodCall(call) if call.method == "iter" && call.args.is_empty() => names_a_place(&call.receiver),
        other => names_a_place(other),
    }
}

/// The source in a chain that never ends.
fn endless(expr: &Expr) -> Option<&'static str> {
    match strip(expr) {
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            if ENDS_THEM.contains(&name.as_str()) {
                return None;
            }
            ENDLESS.iter().find(|endless| **endless == name).copied().or_else(|| endless(&call.receiver))
        }
        Expr::Call(call) => {
            let Expr::Path(path) = strip(&call.func) else { return None };
            let segments = &path.path.segments;
            let name = segments.last()?.ident.to_string();
            let is_std = segments.len() == 1 || segments.iter().any(|segment| segment.ident == "iter");
            ENDLESS.iter().find(|endless| is_std && **endless == name).copied()
        }
        _ => None,
    }
}

/// Types of the standard library that are iterated otherwise than by an index.
const OTHERS: &[&str] = &[
    "str",
    "String",
    "HashMap",
    "BTreeMap",
    "HashSet",
    "BTreeSet",
    "VecDeque",
    "LinkedList",
    "BinaryHeap",
    "Option",
    "Result",
    "Box",
    "Range",
    "RangeInclusive",
    "Chars",
    "Split",
    "Lines",
    "Keys",
    "Values",
];

/// What the variables of a block begin with, by their names.
pub(super) fn inits_of(block: &syn::Block) -> std::collections::BTreeMap<String, Expr> {
    struct Collect(std::collections::BTreeMap<String, Expr>);
    impl<'ast> syn::visit::Visit<'ast> for Collect {
        fn visit_local(&mut self, local: &'ast syn::Local) {
            if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init) {
                self.0.insert(name.ident.to_string(), (*init.expr).clone());
            }
            syn::visit::visit_local(self, local);
        }

        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut collect = Collect(std::collections::BTreeMap::new());
    syn::visit::Visit::visit_block(&mut collect, block);
    collect.0
}

/// What the vectors of a block are made of by `vec!` and given by `push`, by their names.
pub(super) fn elements_of(block: &syn::Block) -> std::collections::BTreeMap<String, Vec<Expr>> {
    let mut elements = Elements::default();
    syn::visit::Visit::visit_block(&mut elements, block);
    elements.0
}

#[derive(Default)]
struct Elements(std::collections::BTreeMap<String, Vec<Expr>>);

impl Elements {
    fn made(&mut self, name: &proc_macro2::Ident, value: &Expr) {
        let first = match elements(strip(value)).map(strip) {
            Some(Expr::Array(array)) => array.elems.first(),
            Some(Expr::Repeat(repeat)) => Some(&*repeat.expr),
            _ => None,
        };
        self.0.entry(name.to_string()).or_default().extend(first.cloned());
    }
}

impl<'ast> syn::visit::Visit<'ast> for Elements {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init) {
            self.made(&name.ident, &init.expr);
        }
        syn::visit::visit_local(self, local);
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        if let Expr::Path(path) = strip(&assign.left)
            && let Some(name) = path.path.get_ident()
        {
            self.made(name, &assign.right);
        }
        syn::visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if let Expr::Path(path) = strip(&call.receiver)
            && let (Some(name), true, Some(pushed)) = (path.path.get_ident(), call.method == "push", call.args.first())
        {
            self.0.entry(name.to_string()).or_default().push(pushed.clone());
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether the pattern takes a tuple apart.
pub(super) fn takes_a_tuple(pat: &Pat) -> bool {
    match pat {
        Pat::Tuple(_) => true,
        Pat::Reference(reference) => takes_a_tuple(&reference.pat),
        Pat::Paren(paren) => takes_a_tuple(&paren.pat),
        Pat::Type(typed) => takes_a_tuple(&typed.pat),
        _ => false,
    }
}

/// Whether the type leaves a part of it to be inferred.
fn has_inferred(path: &syn::TypePath) -> bool {
    struct Inferred(bool);
    impl<'ast> syn::visit::Visit<'ast> for Inferred {
        fn visit_type_infer(&mut self, _: &'ast syn::TypeInfer) {
            self.0 = true;
        }
    }
    let mut inferred = Inferred(false);
    syn::visit::Visit::visit_type_path(&mut inferred, path);
    inferred.0
}
