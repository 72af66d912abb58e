//! Functions, macros, variants and methods of the standard library that are known by their names.
//!
//! *In:* a body with `mem::swap(&mut a, &mut b)`, `vec![x; 2]`, `Some(x)` and `a.first()`. *Out:* their [`Name`]s, of which
//! [`translate`](crate::lower::translate) checks that they mean what they are taken for.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprMethodCall, Path, PathArguments};

use crate::rules::{self, Written};

use super::flow::Activity;
use super::methods::is_adapter;
use super::syntax::{elements, remainder, standard_macro, strip};

/// The methods of sequences, iterators and `Option`s that are known, by who has them in the standard library (`rt::known_methods!`).
const METHODS: &[(&str, &str)] = &[
    (
        "shared",
        "first last get iter windows chunks chunks_exact rchunks rchunks_exact split_first split_last split_at to_vec concat contains starts_with \
         ends_with partition_point binary_search_by",
    ),
    ("length", "len is_empty"),
    (
        "exclusive",
        "first_mut last_mut get_mut iter_mut chunks_mut chunks_exact_mut rchunks_mut rchunks_exact_mut split_first_mut split_last_mut split_at_mut swap \
         reverse fill sort_by sort_by_key sort_by_cached_key sort_unstable_by copy_from_slice clone_from_slice swap_with_slice rotate_left \
         rotate_right",
    ),
    ("vector", "push pop insert remove swap_remove truncate clear resize retain extend extend_from_slice append split_off drain"),
    ("whole", "as_slice"),
    ("array", "each_ref into_boxed_slice"),
    ("map", "map"),
    (
        "iterator",
        "sum product fold rfold reduce max_by min_by for_each collect zip enumerate rev skip take step_by filter filter_map \
         flat_map flatten scan chain inspect copied cloned take_while skip_while map_while unzip partition count next nth find \
         find_map any all position rposition cycle",
    ),
    ("next", "next nth find find_map any all position rposition by_ref"),
    ("peek", "peek"),
    ("remainder", "remainder"),
    (
        "option",
        "unwrap unwrap_or unwrap_or_else unwrap_or_default expect map_or map_or_else and_then or or_else map filter copied \
         cloned is_some_and is_none_or",
    ),
    ("option_shared", "is_some is_none as_ref as_deref"),
    ("option_exclusive", "as_mut"),
];

/// A use of each of the macros that are known.
pub fn sample(name: &Ident) -> Option<TokenStream> {
    Some(match name.to_string().as_str() {
        "vec" => quote!(#name![0.0]),
        "dbg" => quote!(#name!(0.0)),
        "matches" => quote!(#name!(0, 0)),
        "format" | "print" | "println" | "eprint" | "eprintln" => quote!(#name!("")),
        "assert" | "debug_assert" => quote!(#name!(true)),
        "assert_eq" | "debug_assert_eq" => quote!(#name!(0, 0)),
        "assert_ne" | "debug_assert_ne" => quote!(#name!(0, 1)),
        _ => return None,
    })
}

/// A name that is known.
pub enum Name {
    /// A function, by its path, and the standard library's.
    Function(TokenStream, Standard),
    /// A macro, by its path.
    Macro(Path),
    /// A method, and who has it.
    Method(Ident, Vec<&'static str>),
    /// A variant without contents.
    Nothing(Ident),
    /// The type of vectors, by its path.
    Vector(Path),
    /// The type of boxes, by its path.
    Boxed(Path),
}

impl Name {
    /// `iter::successors`, by its path.
    pub fn successors(path: TokenStream) -> Self {
        Self::Function(path, Standard::Successors)
    }

    /// A function of `iter` that makes an iterator of one value, by its path.
    pub fn maker(path: TokenStream, maker: Maker) -> Self {
        Self::Function(path, Standard::Maker(maker))
    }

    /// A method of an iterator with a name, or of the sequence that it goes through, that has to be the standard library's.
    pub fn method_of_an_iterator(name: Ident) -> Self {
        let kinds = match name.to_string().as_str() {
            "len" | "as_slice" => vec!["next_shared"],
            _ => kinds_of(&name).into_iter().filter(|kind| !matches!(*kind, "iterator" | "option" | "map")).collect(),
        };
        Self::Method(name, kinds)
    }

    /// A method, of whatever has it.
    pub fn method(name: Ident) -> Self {
        let kinds = kinds_of(&name);
        Self::Method(name, kinds)
    }

    /// The type of boxes, by its path.
    pub fn boxed(path: Path) -> Self {
        Self::Boxed(path)
    }
}

/// What makes an iterator of one value.
#[derive(Clone, Copy)]
pub enum Maker {
    Once,
    Repeat,
    RepeatN,
}

/// Where a function is found.
#[derive(Clone, Copy)]
pub enum Standard {
    Swap,
    Replace,
    Take,
    Zip,
    Successors,
    Maker(Maker),
    FromFn,
    Vector,
    Some,
    Ok,
    Err,
    /// One of the runtime's `Real`, by its name.
    Real(&'static str),
    /// One of a float, by its name.
    Float(&'static str),
    /// That of a float.
    From,
}

impl Standard {
    fn of(module: Option<&str>, name: &str) -> Option<Self> {
        Some(match (module, name) {
            (Some("mem"), "swap") => Self::Swap,
            (Some("mem"), "replace") => Self::Replace,
            (Some("mem"), "take") => Self::Take,
            (Some("iter"), "zip") => Self::Zip,
            (Some("array") | None, "from_fn") => Self::FromFn,
            (Some("Vec"), "from") => Self::Vector,
            (Some("Option") | None, "Some") => Self::Some,
            (Some("Result") | None, "Ok") => Self::Ok,
            (Some("Result") | None, "Err") => Self::Err,
            (Some("Real"), name) => Self::Real(rules::find(name)?.0.name),
            // what floats do not have themselves
            (Some("f32" | "f64"), "sigmoid" | "softplus" | "relu") => Self::Real(rules::find(name)?.0.name),
            (Some("f32" | "f64"), "from") => Self::From,
            (Some("f32" | "f64"), "sin_cos") => Self::Float("sin_cos"),
            (Some("f32" | "f64"), name) => Self::Float(rules::find(name).filter(|op| op.0.written == Written::Method)?.0.name),
            _ => return None,
        })
    }

    /// The function, of no type in particular.
    pub fn path(self, runtime: &TokenStream, module: Option<&Ident>) -> TokenStream {
        match self {
            Self::Swap => quote!(::core::mem::swap::<()>),
            Self::Replace => quote!(::core::mem::replace::<()>),
            Self::Take => quote!(::core::mem::take::<()>),
            Self::Zip => quote!(::core::iter::zip::<[(); 0], [(); 0]>),
            Self::Successors => quote!(::core::iter::successors::<(), fn(&()) -> ::core::option::Option<()>>),
            Self::Maker(Maker::Once) => quote!(::core::iter::once::<()>),
            Self::Maker(Maker::Repeat) => quote!(::core::iter::repeat::<()>),
            Self::Maker(Maker::RepeatN) => quote!(::core::iter::repeat_n::<()>),
            Self::FromFn => quote!(::core::array::from_fn::<(), 0, fn(usize)>),
            Self::Vector => quote!(<#runtime::Vec<()> as ::core::convert::From<[(); 0]>>::from),
            Self::Some => quote!(::core::option::Option::Some::<()>),
            Self::Ok => quote!(::core::result::Result::Ok::<(), ()>),
            Self::Err => quote!(::core::result::Result::Err::<(), ()>),
            Self::Real(name) => {
                let (name, float) = (Ident::new(name, Span::call_site()), float(module));
                quote!(<#float as #runtime::Real>::#name)
            }
            Self::Float(name) => {
                let (name, float) = (Ident::new(name, Span::call_site()), float(module));
                quote!(<#float>::#name)
            }
            Self::From => {
                let float = float(module);
                quote!(<#float as ::core::convert::From<#float>>::from)
            }
        }
    }
}

/// The type of the language that a float's name stands for.
fn float(name: Option<&Ident>) -> TokenStream {
    match name {
        Some(name) if name == "f32" => quote!(::core::primitive::f32),
        _ => quote!(::core::primitive::f64),
    }
}

/// Those of a body, each once.
pub fn known(block: &Block, activity: &Activity) -> Vec<Name> {
    let mut known = Known { names: BTreeMap::new(), activity };
    known.visit_block(block);
    known.names.into_values().collect()
}

/// Those of a body that are spelt otherwise before it is analysed.
pub fn spelt_otherwise(block: &Block) -> Vec<Name> {
    let mut all = known(block, &Activity::default());
    all.retain(|name| match name {
        Name::Function(_, Standard::Zip) => true,
        Name::Function(path, Standard::Some) => path.to_string().contains("Option"),
        _ => false,
    });
    all.extend(remainders(block).into_iter().map(Name::method));
    all
}

/// The methods of `xs.chunks_exact(n).remainder()`, which are written otherwise.
fn remainders(block: &Block) -> Vec<Ident> {
    struct Remainders(Vec<Ident>);
    impl<'ast> Visit<'ast> for Remainders {
        fn visit_item(&mut self, _: &'ast syn::Item) {}

        fn visit_expr(&mut self, expr: &'ast Expr) {
            if let (Expr::MethodCall(end), Some((before, ..))) = (expr, remainder(expr)) {
                self.0.extend([end.method.clone(), before.method.clone()]);
            }
            visit::visit_expr(self, expr);
        }
    }
    let mut remainders = Remainders(Vec::new());
    Visit::visit_block(&mut remainders, block);
    remainders.0
}

/// Whether sequences, iterators or `Option`s have a method of this name.
pub fn is_method(name: &Ident) -> bool {
    !kinds_of(name).is_empty()
}

/// Who has a method of this name.
pub fn kinds_of(name: &Ident) -> Vec<&'static str> {
    static KINDS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
        let mut kinds: HashMap<_, Vec<_>> = HashMap::new();
        for (kind, names) in METHODS {
            names.split(' ').for_each(|name| kinds.entry(name).or_default().push(*kind));
        }
        kinds
    });
    KINDS.get(name.to_string().as_str()).cloned().unwrap_or_default()
}

struct Known<'a> {
    names: BTreeMap<String, Name>,
    activity: &'a Activity,
}

impl Known<'_> {
    fn function(&mut self, path: &Path) {
        let mut path = path.clone();
        path.segments.iter_mut().for_each(|segment| segment.arguments = PathArguments::None);
        let mut segments = path.segments.iter().rev();
        let (Some(last), module) = (segments.next(), segments.next().map(|segment| segment.ident.to_string())) else { return };
        if last.ident == "None" && matches!(module.as_deref(), None | Some("Option")) {
            self.names.insert("None".to_owned(), Name::Nothing(last.ident.clone()));
        }
        if let Some(standard) = Standard::of(module.as_deref(), &last.ident.to_string()) {
            let key = path.to_token_stream().to_string();
            self.names.entry(key).or_insert_with(|| Name::Function(path.to_token_stream(), standard));
        }
    }
}

impl<'ast> Visit<'ast> for Known<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let Some(name) = standard_macro(&mac.path) else { return };
        let always = name == "dbg" || name == "matches";
        if sample(name).is_some() && (always || self.activity.tokens(&mac.tokens)) {
            self.names.entry(format!("{name}!")).or_insert_with(|| Name::Macro(mac.path.clone()));
        }
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if path.qself.is_none() {
            self.function(&path.path);
        }
    }

    fn visit_pat_tuple_struct(&mut self, pat: &'ast syn::PatTupleStruct) {
        self.function(&pat.path);
        visit::visit_pat_tuple_struct(self, pat);
    }

    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        if pat.ident == "None" {
            self.function(&Path::from(pat.ident.clone()));
        }
        visit::visit_pat_ident(self, pat);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let (Some(_), Expr::Path(path)) = (elements(&Expr::Call(call.clone())), &*call.func) {
            let mut path = path.path.clone();
            if let Some(last) = path.segments.last_mut() {
                last.ident = Ident::new("vec", last.ident.span());
            }
            self.names.entry("vec!".to_owned()).or_insert(Name::Macro(path));
            call.args.iter().for_each(|arg| self.visit_expr(arg));
            return;
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if self.activity.expr(&call.receiver) && !self.activity.is_struct(&call.receiver) {
            let kinds = kinds_of_receiver(call);
            if !kinds.is_empty() {
                self.names.entry(format!(".{}", call.method)).or_insert_with(|| Name::Method(call.method.clone(), kinds));
            }
        }
        if let Some(path) = call.turbofish.as_ref().and_then(collection) {
            self.names.entry("Vec".to_owned()).or_insert(Name::Vector(path));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// `Vec` of `collect::<Vec<_>>()`.
fn collection(turbofish: &syn::AngleBracketedGenericArguments) -> Option<Path> {
    let Some(syn::GenericArgument::Type(syn::Type::Path(ty))) = turbofish.args.first() else { return None };
    let mut path = ty.path.clone();
    let last = path.segments.last_mut().filter(|last| last.ident == "Vec")?;
    last.arguments = PathArguments::None;
    Some(path)
}

/// Who may have the method: an iterator has those of iterators by value, and what a method gives is no reference that hides an `Option`.
pub fn kinds_of_receiver(call: &ExprMethodCall) -> Vec<&'static str> {
    let mut kinds = kinds_of(&call.method);
    match strip(&call.receiver) {
        Expr::MethodCall(before) if is_adapter(&before.method.to_string()) => kinds.retain(|kind| *kind == "next"),
        Expr::Range(_) => kinds.clear(),
        Expr::MethodCall(_) | Expr::Call(_) => kinds.retain(|kind| *kind != "option"),
        _ => {}
    }
    kinds
}
