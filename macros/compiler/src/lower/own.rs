//! Variables that hold structs of the user's own, whose methods are theirs, whatever names they have: `push`, `exp`, `map`.
//!
//! *In:* a body with unique names. *Out:* the receiver; what is made by a literal of a struct; what has a field with a name; and what is of a type
//! that has such a name, or is made by a constructor of one, unless it is used as a number or a sequence: then the name is an alias. What
//! is not found here is taken for a number or a sequence where it has a method of theirs, which types check.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, Pat, Path, Type};

use super::rename::Names;
use super::syntax::strip;

/// Types of the standard library and of the runtime that begin with a capital.
const FOREIGN: &[&str] = &[
    "Vec",
    "Option",
    "Result",
    "Box",
    "Rc",
    "Arc",
    "String",
    "Cow",
    "HashMap",
    "BTreeMap",
    "HashSet",
    "BTreeSet",
    "VecDeque",
    "BinaryHeap",
    "LinkedList",
    "Real",
    "Scalar",
    "Dual",
    "With",
    "Range",
    "RangeInclusive",
    "Iterator",
    "IntoIterator",
    "Wrapping",
    "Saturating",
    "Cell",
    "RefCell",
    "Default",
    "From",
    "Into",
];

/// Finds them.
pub(super) fn structs(block: &Block, names: &Names) -> BTreeSet<String> {
    let mut uses = Uses::default();
    uses.visit_block(block);
    let is_own_type = |ty: &Type| match peeled(ty) {
        Type::Path(path) => path.qself.is_none() && is_own(&path.path, names),
        _ => false,
    };
    let of_type = names.bindings.iter().filter(|(_, binding)| binding.ty.as_ref().is_some_and(is_own_type));
    let mut found: BTreeSet<String> = of_type.map(|(name, _)| name.clone()).collect();
    found.retain(|name| !uses.others.contains(name));
    found.append(&mut uses.fields);
    found.extend(names.bindings.iter().filter(|(_, binding)| binding.receiver).map(|(name, _)| name.clone()));
    let mut made = Made { found, others: uses.others, names };
    made.visit_block(block);
    made.found
}

/// Whether the expression is one of these variables, a literal of a struct, or a reference to or a clone of one.
pub(super) fn is_struct(expr: &Expr, found: &BTreeSet<String>) -> bool {
    match strip(expr) {
        Expr::Path(path) => path.path.get_ident().is_some_and(|name| found.contains(&name.to_string())),
        Expr::Struct(_) => true,
        Expr::Reference(reference) => is_struct(&reference.expr, found),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && is_struct(&unary.expr, found),
        Expr::MethodCall(call) => call.method == "clone" && call.args.is_empty() && is_struct(&call.receiver, found),
        _ => false,
    }
}

/// Whether the path is the name of a type that may be the user's own: no type parameter, and no letter where those of an `impl` may be used.
fn is_own(path: &Path, names: &Names) -> bool {
    path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        let is_type = name.starts_with(char::is_uppercase) && (name.len() > 1 || !names.letters_are_parameters);
        is_type && !FOREIGN.contains(&name.as_str()) && !names.type_parameters.contains(&name)
    })
}

fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => peeled(&reference.elem),
        Type::Paren(paren) => peeled(&paren.elem),
        Type::Group(group) => peeled(&group.elem),
        other => other,
    }
}

/// What variables are used as.
#[derive(Default)]
struct Uses {
    /// They have fields with names.
    fields: BTreeSet<String>,
    /// Numbers and sequences.
    others: BTreeSet<String>,
}

impl Uses {
    fn other(&mut self, expr: &Expr) {
        match strip(expr) {
            Expr::Path(path) => self.others.extend(path.path.get_ident().map(ToString::to_string)),
            Expr::Reference(reference) => self.other(&reference.expr),
            Expr::Unary(unary) => self.other(&unary.expr),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if let (syn::Member::Named(_), Expr::Path(path)) = (&field.member, strip(&field.base)) {
            self.fields.extend(path.path.get_ident().map(ToString::to_string));
        }
        visit::visit_expr_field(self, field);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if !matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) {
            self.other(&binary.left);
            self.other(&binary.right);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        if matches!(unary.op, syn::UnOp::Neg(_)) {
            self.other(&unary.expr);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_index(&mut self, index: &'ast syn::ExprIndex) {
        self.other(&index.expr);
        visit::visit_expr_index(self, index);
    }

    fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
        self.other(&each.expr);
        visit::visit_expr_for_loop(self, each);
    }

    fn visit_expr_cast(&mut self, cast: &'ast syn::ExprCast) {
        self.other(&cast.expr);
        visit::visit_expr_cast(self, cast);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (Pat::Slice(_) | Pat::Tuple(_), Some(init)) = (&local.pat, &local.init) {
            self.other(&init.expr);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if matches!(
            call.method.to_string().as_str(),
            "iter" | "iter_mut" | "into_iter" | "as_slice" | "to_vec" | "windows" | "chunks"
        ) {
            self.other(&call.receiver);
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// What variables begin with.
struct Made<'a> {
    found: BTreeSet<String>,
    others: BTreeSet<String>,
    names: &'a Names,
}

impl Made<'_> {
    /// `Ring::new(..)`, `Ring::default()`, `Ring::from_parts(..)`
    fn is_constructed(&self, expr: &Expr) -> bool {
        let Expr::Call(call) = strip(expr) else { return false };
        let Expr::Path(path) = strip(&call.func) else { return false };
        let mut ty = path.path.clone();
        let Some(name) = ty.segments.pop().map(|last| last.ident.to_string()) else { return false };
        let constructs = ["new", "default", "zero", "zeros", "identity", "one"].contains(&name.as_str())
            || ["new_", "from_", "with_"].iter().any(|start| name.starts_with(start));
        constructs && path.qself.is_none() && is_own(&ty, self.names)
    }
}

impl<'ast> Visit<'ast> for Made<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init) {
            let name = name.ident.to_string();
            let is_constructed = self.is_constructed(&init.expr) && !self.others.contains(&name);
            if is_constructed || is_struct(&init.expr, &self.found) {
                self.found.insert(name);
            }
        }
    }
}
