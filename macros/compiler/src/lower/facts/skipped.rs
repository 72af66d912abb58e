//! Fields that hold no number which is differentiated, as their use shows: counts, lists of indices, texts, maps.
//!
//! *In:* a body with unique names, and what of it is an integer. *Out:* such fields, as the places that they are, `p.layers[].ids`, and the names that
//! refer to them. They are told by what is stored in them, `p.ids.push(1)`, `p.on[i] = true`; by what their elements are used as, `x[p.ids[i]]`; and
//! by methods that nothing has which holds floats, `p.name.push_str("x")`, `p.ids.sort()`. A source of random numbers is told by its name, `p.rng.normal()`. What touches nothing else is copied as it stands. That the
//! field is a skipped one, or holds no numbers, is checked by types.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ExprMethodCall, Member, Pat, Type, UnOp};

use crate::signature::inert::is_integer;

use super::integers::is_no_float;
use super::methods::is_adapter;
use super::names::Names;
use super::operators::is_arithmetic;
use super::own::Structs;
use super::stores::{only_looks, stored_by};
use super::syntax::{element_type, field_of_place, is_call, numbered, strip};

/// Methods of texts, maps and queues, of which nothing has one that holds floats and is a parameter space.
pub const OF_NO_NUMBERS: &[&str] = &[
    "push_str",
    "as_str",
    "chars",
    "char_indices",
    "lines",
    "trim",
    "trim_start",
    "trim_end",
    "split_whitespace",
    "to_uppercase",
    "to_lowercase",
    "to_ascii_uppercase",
    "to_ascii_lowercase",
    "eq_ignore_ascii_case",
    "contains_key",
    "entry",
    "push_back",
    "push_front",
    "pop_back",
    "pop_front",
    "next_u32",
    "next_u64",
    "gen_bool",
    "gen_range",
    "random_bool",
    "random_range",
];

/// Whether the field is named as a source of random numbers is.
fn is_source_of_random_numbers(field: &Expr) -> bool {
    let Expr::Field(field) = strip(field) else { return false };
    let Member::Named(name) = &field.member else { return false };
    name == "rng" || name.to_string().ends_with("_rng")
}

/// Methods of sequences whose elements have an order, as floats have none.
const OF_ORDERED: &[&str] = &["sort", "sort_unstable", "binary_search"];

/// Methods that store what they are given.
const STORES: &[&str] =
    &["push", "insert", "extend", "extend_from_slice", "fill", "resize", "clone_from_slice", "copy_from_slice"];

/// Methods that give what they are called on in another form, or an element of it.
const GIVES_PARTS: &[&str] = &[
    "last",
    "first",
    "pop",
    "get",
    "unwrap",
    "expect",
    "last_mut",
    "first_mut",
    "get_mut",
    "as_ref",
    "as_mut",
    "as_slice",
    "clone",
];

/// The places, and the names that refer to them.
pub fn places(block: &Block, integers: &BTreeSet<String>, structs: &Structs, names: &Names) -> BTreeSet<String> {
    let mut fields = Fields(false);
    fields.visit_block(block);
    if !fields.0 {
        return BTreeSet::new();
    }
    let mut aliases = Aliases::default();
    aliases.visit_block(block);
    let mut skipped = Skipped { integers: integers.clone(), found: BTreeSet::new(), structs, aliases: aliases.names };
    for (name, binding) in &names.bindings {
        if binding.ty.as_ref().is_some_and(holds_none) && skipped.aliases.contains(name) {
            skipped.found.insert(name.clone());
        }
    }
    loop {
        let known = skipped.found.len() + skipped.integers.len();
        skipped.visit_block(block);
        if skipped.found.len() + skipped.integers.len() == known {
            return skipped.found;
        }
    }
}

/// What the expression is part of: `p.cells` of `p.cells[i][j]`, or a name that refers to a field.
pub fn place_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => Some(path.path.get_ident()?.to_string()),
        Expr::Field(field) if matches!(field.member, Member::Named(_)) => field_of_place(expr),
        Expr::Index(index) => place_of(&index.expr),
        Expr::Paren(paren) => place_of(&paren.expr),
        Expr::Group(group) => place_of(&group.expr),
        Expr::Reference(reference) => place_of(&reference.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => place_of(&unary.expr),
        _ => None,
    }
}

/// The variable that the expression is part of.
fn root(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => Some(path.path.get_ident()?.to_string()),
        Expr::Field(field) => root(&field.base),
        Expr::Index(index) => root(&index.expr),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Group(group) => root(&group.expr),
        Expr::Reference(reference) => root(&reference.expr),
        Expr::Unary(unary) => root(&unary.expr),
        Expr::MethodCall(call) => root(&call.receiver),
        _ => None,
    }
}

/// Whether the expression is one of the places, or part of one.
pub fn is_one_of(places: &BTreeSet<String>, expr: &Expr) -> bool {
    let is_inside = |of: &Expr| is_one_of(places, of);
    match expr {
        Expr::Path(path) => path.path.get_ident().is_some_and(|name| places.contains(&name.to_string())),
        Expr::Field(field) => field_of_place(expr).is_some_and(|place| places.contains(&place)) || is_inside(&field.base),
        Expr::Index(index) => is_inside(&index.expr),
        Expr::Paren(paren) => is_inside(&paren.expr),
        Expr::Group(group) => is_inside(&group.expr),
        Expr::Reference(reference) => is_inside(&reference.expr),
        Expr::Unary(unary) => is_inside(&unary.expr),
        Expr::MethodCall(call) => is_inside(&call.receiver),
        _ => false,
    }
}

/// The fields among them in an expression or a statement, and the variables whose fields it may change.
pub struct Uses<'a> {
    is_skipped: &'a dyn Fn(&Expr) -> bool,
    pub fields: Vec<Expr>,
    pub changed: BTreeSet<String>,
}

impl<'a> Uses<'a> {
    pub fn new(is_skipped: &'a dyn Fn(&Expr) -> bool) -> Self {
        Self { is_skipped, fields: Vec::new(), changed: BTreeSet::new() }
    }

    fn change(&mut self, target: &Expr) {
        if (self.is_skipped)(target) {
            self.changed.extend(root(target));
        }
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        let expr = Expr::Field(field.clone());
        if (self.is_skipped)(&expr) {
            self.fields.push(expr);
        }
        visit::visit_expr_field(self, field);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = call.method.to_string();
        if !only_looks(&name) && !matches!(name.as_str(), "unwrap" | "expect") {
            self.change(&call.receiver);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        if let Some(place) = stored_by(expr) {
            self.change(place);
        }
        visit::visit_expr(self, expr);
    }
}

/// Whether there are fields with names.
struct Fields(bool);

impl<'ast> Visit<'ast> for Fields {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_member(&mut self, member: &'ast Member) {
        self.0 |= matches!(member, Member::Named(_));
    }
}

/// The names that may refer to fields: of patterns of structs, and of references.
#[derive(Default)]
struct Aliases {
    names: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Aliases {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Pat::Struct(structure) = &local.pat {
            self.names.extend(structure.fields.iter().filter_map(|field| name_of(&field.pat)));
        }
        if let (Some(name), Some(init)) = (name_of(&local.pat), &local.init)
            && place_of(&init.expr).is_some_and(|place| place.contains('.'))
        {
            self.names.insert(name);
        }
        visit::visit_local(self, local);
    }
}

/// The name that a pattern binds as a whole.
fn name_of(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(name) if name.subpat.is_none() => Some(name.ident.to_string()),
        Pat::Type(typed) => name_of(&typed.pat),
        Pat::Reference(reference) => name_of(&reference.pat),
        Pat::Paren(paren) => name_of(&paren.pat),
        _ => None,
    }
}

struct Skipped<'a> {
    /// The names that are integers, truth values or texts.
    integers: BTreeSet<String>,
    found: BTreeSet<String>,
    structs: &'a Structs,
    aliases: BTreeSet<String>,
}

impl Skipped<'_> {
    fn mark(&mut self, expr: &Expr) {
        match strip(expr) {
            Expr::MethodCall(call) if GIVES_PARTS.contains(&call.method.to_string().as_str()) => self.mark(&call.receiver),
            Expr::Binary(binary) if is_arithmetic(&binary.op) => {
                self.mark(&binary.left);
                self.mark(&binary.right);
            }
            expr => {
                if let Some(place) = place_of(expr).filter(|place| place.contains('.') || self.aliases.contains(place)) {
                    self.found.insert(place);
                }
            }
        }
    }

    fn is_marked(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::MethodCall(call) if GIVES_PARTS.contains(&call.method.to_string().as_str()) => self.is_marked(&call.receiver),
            expr => place_of(expr).is_some_and(|place| self.found.contains(&place) || self.integers.contains(&place)),
        }
    }

    /// Whether the value is one that no field of floats can hold.
    fn is_no_float(&self, expr: &Expr) -> bool {
        is_no_float(expr, &|part| self.is_marked(part))
    }

    /// Something is stored in the place, or it is compared with it.
    fn beside(&mut self, place: &Expr, value: &Expr) {
        if self.is_no_float(value) {
            self.mark(place);
        }
    }

    /// The names of a pattern are bound to parts of what the expression gives.
    fn bind(&mut self, pat: &Pat, expr: &Expr) {
        let Some(name) = name_of(pat) else { return };
        if self.integers.contains(&name) || self.found.contains(&name) {
            self.mark(expr);
        } else if self.is_marked(expr) {
            self.integers.insert(name);
        }
    }

    /// The items of an iterator over a field.
    fn items(&mut self, pat: &Pat, iterator: &Expr) {
        match (strip(iterator), pat) {
            (Expr::Range(_), _) => self.integers.extend(name_of(pat)),
            (Expr::MethodCall(call), Pat::Tuple(pair)) if call.method == "enumerate" && pair.elems.len() == 2 => {
                self.integers.extend(name_of(&pair.elems[0]));
                self.items(&pair.elems[1], &call.receiver);
            }
            (Expr::MethodCall(call), _) if leaves_items(&call.method.to_string()) => self.items(pat, &call.receiver),
            (Expr::MethodCall(_), _) => {}
            (field, _) => self.bind(pat, field),
        }
    }
}

/// Whether the iterator has the items of what it is called on.
fn leaves_items(name: &str) -> bool {
    is_adapter(name)
        && matches!(name, "iter" | "iter_mut" | "into_iter" | "copied" | "cloned" | "rev" | "skip" | "take" | "step_by")
}

/// Whether the type that is written for a reference to a field shows that it holds no floats.
fn holds_none(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => holds_none(&reference.elem),
        Type::Paren(paren) => holds_none(&paren.elem),
        Type::Slice(slice) => holds_none(&slice.elem),
        Type::Array(array) => holds_none(&array.elem),
        other => is_integer(other) || element_type(other).is_some_and(|elem| holds_none(&elem)),
    }
}

impl<'ast> Visit<'ast> for Skipped<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.bind(&local.pat, &init.expr);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        if let Pat::TupleStruct(some) = &*condition.pat
            && some.path.is_ident("Some")
            && let Some(held) = some.elems.first()
        {
            self.bind(held, &condition.expr);
        }
        visit::visit_expr_let(self, condition);
    }

    fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
        self.items(&each.pat, &each.expr);
        visit::visit_expr_for_loop(self, each);
    }

    fn visit_expr_index(&mut self, index: &'ast syn::ExprIndex) {
        self.mark(numbered(&index.index).map_or(&*index.index, |(_, inner)| inner));
        visit::visit_expr_index(self, index);
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.beside(&assign.left, &assign.right);
        self.beside(&assign.right, &assign.left);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let (true, [one, other]) = (is_call(&call.func, "mem", "swap"), &*call.args.iter().collect::<Vec<_>>()) {
            self.beside(one, other);
            self.beside(other, one);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        match &binary.op {
            BinOp::And(_) | BinOp::Or(_) => {
                self.mark(&binary.left);
                self.mark(&binary.right);
            }
            BinOp::Shl(_) | BinOp::Shr(_) | BinOp::ShlAssign(_) | BinOp::ShrAssign(_) => {}
            _ => {
                self.beside(&binary.left, &binary.right);
                self.beside(&binary.right, &binary.left);
            }
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        if let UnOp::Not(_) = unary.op {
            self.mark(&unary.expr);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_if(&mut self, branch: &'ast syn::ExprIf) {
        self.mark(&branch.cond);
        visit::visit_expr_if(self, branch);
    }

    fn visit_expr_while(&mut self, each: &'ast syn::ExprWhile) {
        self.mark(&each.cond);
        visit::visit_expr_while(self, each);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = call.method.to_string();
        let is_known = OF_NO_NUMBERS.contains(&name.as_str()) || OF_ORDERED.contains(&name.as_str());
        if is_known && !self.structs.has(&call.receiver) || is_source_of_random_numbers(&call.receiver) {
            self.mark(&call.receiver);
        }
        if STORES.contains(&name.as_str())
            && let Some(last) = call.args.last()
        {
            self.beside(&call.receiver, last);
        }
        if name == "contains" && call.args.len() == 1 {
            self.beside(&call.receiver, &call.args[0]);
        }
        visit::visit_expr_method_call(self, call);
    }
}
