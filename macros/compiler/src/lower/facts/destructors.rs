//! What may do something where it is dropped, as far as its form tells: guards of cells and locks, and values with a `Drop` of their own.
//!
//! *In:* the `let`s of a body whose names are unique. *Out:* which variables are guards, and which may have a destructor: numbers, references and what holds
//! memory alone have none that anybody would see.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Block, Expr, Local, Pat, Stmt, Type};

use crate::rules;

use super::holders;
use super::methods::{LOOK, is_adapter};
use super::operators::{is_arithmetic, is_compound};
use super::syntax::{PRIMITIVES, elements, ends, pattern_names, strip};

/// Methods that give a guard.
const GUARDS: &[&str] = &["borrow", "borrow_mut", "try_borrow", "try_borrow_mut", "lock", "try_lock"];
/// Methods that give the `Result` of one: by themselves, they may give anything.
const RESULTS_OF_GUARDS: &[&str] = &["read", "try_read", "write", "try_write"];
/// Methods that take what they are called on out of a `Result` or an `Option`.
const UNWRAP: &[&str] = &["unwrap", "expect", "unwrap_or_else", "ok", "into_inner"];
/// Types of the standard library whose functions make what holds memory at most.
const CONTAINERS: &[&str] = &["Vec", "String", "HashMap", "BTreeMap", "HashSet", "BTreeSet", "VecDeque", "BinaryHeap"];

/// What is known of variables by their names, which are unique.
#[derive(Debug, Default)]
pub struct Kinds {
    /// Guards: what a cell or a lock lends.
    pub guards: BTreeSet<String>,
    /// Numbers, by their use.
    pub numbers: BTreeSet<String>,
}

impl Kinds {
    /// Of the variables of a body.
    pub fn of(block: &Block) -> Self {
        let mut kinds = Self::default();
        kinds.visit_block(block);
        kinds
    }

    /// Lets a variable be of the kind of another.
    pub fn alike(&mut self, new: &str, old: &str) {
        for names in [&mut self.guards, &mut self.numbers] {
            if names.contains(old) {
                names.insert(new.to_owned());
            }
        }
    }

    fn number(&mut self, expr: &Expr) {
        match strip(expr) {
            Expr::Path(path) => self.numbers.extend(path.path.get_ident().map(ToString::to_string)),
            Expr::Range(range) => [&range.start, &range.end].into_iter().flatten().for_each(|end| self.number(end)),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Kinds {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast Local) {
        if local.init.as_ref().is_some_and(|init| gives_a_guard(&init.expr)) {
            let mut names = Vec::new();
            pattern_names(&local.pat, &mut names);
            self.guards.extend(names.iter().map(ToString::to_string));
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_index(&mut self, index: &'ast syn::ExprIndex) {
        self.number(&index.index);
        visit::visit_expr_index(self, index);
    }

    fn visit_expr_cast(&mut self, cast: &'ast syn::ExprCast) {
        self.number(&cast.expr);
        visit::visit_expr_cast(self, cast);
    }

    fn visit_expr_range(&mut self, range: &'ast syn::ExprRange) {
        [&range.start, &range.end].into_iter().flatten().for_each(|end| self.number(end));
        visit::visit_expr_range(self, range);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if is_arithmetic(&binary.op) || is_compound(&binary.op) {
            self.number(&binary.left);
            self.number(&binary.right);
        }
        visit::visit_expr_binary(self, binary);
    }
}

/// Whether what a `let` declares is a guard, by the name of the method that gives it.
pub fn gives_a_guard(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::MethodCall(call) if UNWRAP.iter().any(|name| call.method == name) => {
            let gives_a_result =
                |inner: &syn::ExprMethodCall| inner.args.is_empty() && RESULTS_OF_GUARDS.iter().any(|name| inner.method == name);
            gives_a_guard(&call.receiver) || matches!(strip(&call.receiver), Expr::MethodCall(inner) if gives_a_result(inner))
        }
        Expr::MethodCall(call) => call.args.is_empty() && GUARDS.iter().any(|name| call.method == name),
        Expr::Try(inner) => gives_a_guard(&inner.expr),
        // `Ref::map(guard, ..)`
        Expr::Call(call) => call.args.first().is_some_and(gives_a_guard) && is_map(&call.func),
        other => ends(other).into_iter().any(gives_a_guard),
    }
}

/// `Type::function(..)`
pub fn is_constructed(expr: &Expr) -> bool {
    matches!(strip(expr), Expr::Call(call) if matches!(strip(&call.func), Expr::Path(path)
        if !is_of_containers(&path.path) && path.path.segments.iter().any(|segment| is_a_type(&segment.ident.to_string()))))
}

fn is_map(function: &Expr) -> bool {
    matches!(function, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "map"))
}

/// Whether statements declare what is there for its end alone, or a guard: nothing that stands behind their block may move into it.
pub fn declare_for_the_end(stmts: &[Stmt]) -> bool {
    let is_unused = |local: &Local| matches!(&local.pat, Pat::Ident(name) if name.ident.to_string().starts_with('_'));
    stmts.iter().any(|stmt| match stmt {
        Stmt::Local(local) => local.init.as_ref().is_some_and(|init| {
            let is_made = is_unused(local) && may_have_a_destructor(local);
            is_made || gives_a_guard(&init.expr) || is_constructed(&init.expr)
        }),
        _ => false,
    })
}

/// Whether what a `let` declares may do something where it is dropped.
pub fn may_have_a_destructor(local: &Local) -> bool {
    let is_plain = matches!(&local.pat, Pat::Type(typed) if is_plain(&typed.ty));
    !is_plain && local.init.as_ref().is_some_and(|init| may_be_dropped(&init.expr))
}

/// Whether a type is made of numbers, or a reference.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) | Type::Ptr(_) | Type::Never(_) => true,
        Type::Array(array) => is_plain(&array.elem),
        Type::Paren(paren) => is_plain(&paren.elem),
        Type::Group(group) => is_plain(&group.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_plain),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return false };
            let of_plain = || match &last.arguments {
                syn::PathArguments::AngleBracketed(arguments) => arguments.args.iter().all(|argument| match argument {
                    syn::GenericArgument::Type(ty) => is_plain(ty),
                    _ => true,
                }),
                _ => true,
            };
            let name = last.ident.to_string();
            PRIMITIVES.contains(&name.as_str()) || (CONTAINERS.contains(&name.as_str()) || name == "Option") && of_plain()
        }
        _ => false,
    }
}

/// Whether a value may do something where it is dropped, as far as its form tells.
fn may_be_dropped(expr: &Expr) -> bool {
    if let Some(array) = elements(strip(expr)) {
        return may_be_dropped(array);
    }
    match strip(expr) {
        Expr::Path(path) => path.path.get_ident().is_some_and(|name| is_a_type(&name.to_string())),
        Expr::Call(call) => match strip(&call.func) {
            Expr::Path(path) if is_of_containers(&path.path) => call.args.iter().any(may_be_dropped),
            _ => true,
        },
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            if UNWRAP.contains(&name.as_str()) {
                return may_be_dropped(&call.receiver);
            }
            let gives_plain = holders::GIVE_VALUES.contains(&name.as_str())
                || rules::find(&name).is_some()
                || is_adapter(&name)
                || LOOK.contains(&name.as_str())
                || name == "collect";
            !gives_plain
        }
        Expr::Struct(_) | Expr::Try(_) | Expr::Unsafe(_) => true,
        Expr::Tuple(tuple) => tuple.elems.iter().any(may_be_dropped),
        Expr::Array(array) => array.elems.iter().any(may_be_dropped),
        Expr::Repeat(repeat) => may_be_dropped(&repeat.expr),
        other => ends(other).into_iter().any(may_be_dropped),
    }
}

/// Whether a path leads to a function of a container, or makes an `Option` or a `Result`.
fn is_of_containers(path: &syn::Path) -> bool {
    const VARIANTS: &[&str] = &["Some", "None", "Ok", "Err"];
    let mut segments = path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let (last, before) = (segments.next().unwrap_or_default(), segments.next());
    VARIANTS.contains(&last.as_str()) || before.is_some_and(|before| CONTAINERS.contains(&before.as_str()))
}

/// Whether a type of that name holds memory.
pub(super) fn is_container(name: &syn::Ident) -> bool {
    CONTAINERS.iter().any(|container| name == container)
}

/// `Guard`, not `GUARD` or `guard`.
fn is_a_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase)
}
