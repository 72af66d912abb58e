//! Variables that hold structs of the user's own, whose methods are theirs, whatever names they have: `push`, `exp`, `map`.
//!
//! *In:* a body with unique names. *Out:* the receiver; what is made by a literal of a struct; what has a field with a name; fields that have a method
//! that nothing in the standard library has; what a method gives that is named as those are that give another of their kind, `a.scale(k)`; what a method
//! is called on that gives a struct, as in `let e = a.turned().exp(); e.re`; and what is of a type
//! that has such a name, or is made by a constructor of one, unless it is used as a number or a sequence: then the name is an alias. What
//! is not found here is taken for a number or a sequence where it has a method of theirs, which types check.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ExprMethodCall, Pat, Path, Stmt, Type};

use crate::rules::{self, Written};

use super::methods::{CHANGES, ELEMENTS, ENDS, SELECTIONS, TAKE, is_adapter, is_option_method};
use super::names::Names;
use super::skipped::OF_NO_NUMBERS;
use super::syntax::{field_of_place, strip};

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

/// Methods by which a type gives another of its kind, of which none is a number's or a sequence's.
const GIVES_ITS_LIKE: &[&str] = &[
    "add",
    "sub",
    "mul",
    "div",
    "neg",
    "plus",
    "minus",
    "times",
    "scale",
    "scaled",
    "scaled_by",
    "cross",
    "normalize",
    "normalized",
    "normalise",
    "normalised",
    "conj",
    "conjugate",
    "inverse",
    "transpose",
    "transposed",
    "rotate",
    "rotated",
    "translate",
    "translated",
    "lerp",
    "reflect",
    "hadamard",
    "matmul",
    "compose",
];

/// Further methods of sequences, `Option`s, texts, numbers and what all types have.
const STANDARD: &[&str] = &[
    "unwrap",
    "expect",
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "map_or",
    "map_or_else",
    "and_then",
    "or",
    "or_else",
    "ok",
    "err",
    "ok_or",
    "as_deref",
    "get_or_insert_with",
    "then",
    "then_some",
    "as_bytes",
    "split",
    "parse",
    "lock",
    "read",
    "get_mut",
    "set",
    "abs_diff",
    "count_ones",
    "clone",
    "to_owned",
    "into",
    "try_into",
    "as_ref",
    "as_mut",
    "borrow",
    "borrow_mut",
    "to_string",
    "cmp",
    "hash",
    "fmt",
    "to_vec",
    "concat",
    "join",
    "repeat",
    "as_slice",
    "as_mut_slice",
    "as_ptr",
    "into_boxed_slice",
    "into_vec",
    "each_ref",
    "each_mut",
    "split_at",
    "split_at_mut",
    "starts_with",
    "ends_with",
    "append",
    "resize",
    "resize_with",
    "retain",
    "retain_mut",
    "rotate_left",
    "rotate_right",
    "split_off",
    "drain",
    "dedup",
    "capacity",
    "reserve",
    "shrink_to_fit",
    "sum",
    "product",
    "fold",
    "rfold",
    "reduce",
    "for_each",
    "collect",
    "unzip",
    "partition",
    "peekable",
    "by_ref",
    "remainder",
    "chunk_by",
    "array_windows",
    "fill_with",
    "copy_within",
    "swap_with_slice",
    "take",
    "replace",
    "keys",
    "values",
    "contains",
    "pow",
    "rem_euclid",
    "div_euclid",
    "to_bits",
];

/// The structs among the values of a function.
#[derive(Debug, Default)]
pub struct Structs {
    /// Variables, and fields of them.
    names: BTreeSet<String>,
    /// Calls of methods that give one, as they are written.
    calls: BTreeSet<String>,
}

impl Structs {
    /// Whether the expression is one of these variables or calls, a literal of a struct, or a reference to or a clone of one.
    pub fn has(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| self.names.contains(&name.to_string())),
            Expr::Field(_) => field_of_place(expr).is_some_and(|place| self.names.contains(&place)),
            Expr::Struct(_) => true,
            Expr::Reference(reference) => self.has(&reference.expr),
            Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && self.has(&unary.expr),
            Expr::MethodCall(call) if call.method == "clone" && call.args.is_empty() => self.has(&call.receiver),
            Expr::MethodCall(call) => {
                GIVES_ITS_LIKE.contains(&call.method.to_string().as_str())
                    || !self.calls.is_empty() && self.calls.contains(&call.to_token_stream().to_string())
            }
            _ => false,
        }
    }

    /// Makes a variable one where another is.
    pub fn alike(&mut self, name: &str, original: &str) {
        if self.names.contains(original) {
            self.names.insert(name.to_owned());
        }
    }
}

/// Finds them.
pub fn structs(block: &Block, names: &Names) -> Structs {
    let mut uses = Uses::default();
    uses.visit_block(block);
    let of_type = names.bindings.iter().filter(|(_, binding)| binding.ty.as_ref().is_some_and(|ty| is_own_type(ty, names)));
    let mut found: BTreeSet<String> = of_type.map(|(name, _)| name.clone()).collect();
    found.append(&mut uses.called);
    found.retain(|name| !uses.others.contains(name));
    found.append(&mut uses.fields);
    found.extend(names.bindings.iter().filter(|(_, binding)| binding.receiver).map(|(name, _)| name.clone()));
    let found = Structs { names: found, calls: BTreeSet::new() };
    let mut made = Made { found, others: uses.others, names };
    made.visit_block(block);
    if let (true, Some(Stmt::Expr(last, None))) = (names.gives_struct, block.stmts.last()) {
        made.is_one(last);
    }
    made.found
}

/// Whether the function's result is of a type that may be a struct of the user's own.
pub fn is_result(output: &syn::ReturnType, names: &Names) -> bool {
    matches!(output, syn::ReturnType::Type(_, ty) if is_own_type(ty, names))
}

fn is_own_type(ty: &Type, names: &Names) -> bool {
    match peeled(ty) {
        Type::Path(path) => path.qself.is_none() && is_own(&path.path, names),
        _ => false,
    }
}

/// Whether the standard library has a method of that name, for what holds numbers.
pub fn is_standard(method: &str) -> bool {
    is_maths(method)
        || is_adapter(method)
        || is_option_method(method)
        || method.starts_with("sort")
        || ["is_", "checked_", "saturating_", "wrapping_", "overflowing_"].iter().any(|start| method.starts_with(start))
        || [ENDS, CHANGES, TAKE, ELEMENTS, SELECTIONS, STANDARD, OF_NO_NUMBERS].iter().any(|names| names.contains(&method))
}

/// Whether the standard library has the method for what a field may be, with so many arguments: a field is no iterator.
fn is_standard_of_a_field(call: &ExprMethodCall) -> bool {
    const OF_ITERATORS: &[&str] =
        &["sum", "product", "fold", "rfold", "for_each", "collect", "enumerate", "rev", "step_by", "scan", "chain", "cycle"];
    const ARGUMENTS: &[(&str, usize)] = &[("push", 1), ("pop", 0), ("insert", 2), ("len", 0), ("clear", 0), ("get", 1)];
    let name = call.method.to_string();
    let count = ARGUMENTS.iter().find(|(method, _)| *method == name).map(|(_, count)| *count);
    let maths = rules::find(&name).filter(|op| op.0.written == Written::Method).map(|op| op.0.operands.len() - 1);
    is_standard(&name) && !OF_ITERATORS.contains(&name.as_str()) && count.or(maths).is_none_or(|count| count == call.args.len())
}

/// Whether it is a method of floats.
fn is_maths(method: &str) -> bool {
    method == "sin_cos" || rules::find(method).is_some_and(|op| op.0.written == Written::Method)
}

/// `Ring::new(..)`, `Ring::default()`, `Ring::from_parts(..)`
fn is_constructed(expr: &Expr, names: &Names) -> bool {
    let Expr::Call(call) = strip(expr) else { return false };
    let Expr::Path(path) = strip(&call.func) else { return false };
    let mut ty = path.path.clone();
    let Some(name) = ty.segments.pop().map(|last| last.ident.to_string()) else { return false };
    let constructs = ["new", "default", "zero", "zeros", "identity", "one"].contains(&name.as_str())
        || ["new_", "from_", "with_"].iter().any(|start| name.starts_with(start));
    constructs && path.qself.is_none() && is_own(&ty, names)
}

/// Whether it is a constructor of a struct that is given literals of floats alone: `Average::new(0.9)`.
pub fn is_constructed_of_floats(expr: &Expr, names: &Names) -> bool {
    let is_literal = |argument: &Expr| matches!(strip(argument), Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Float(_)));
    let is_float = |argument: &Expr| match strip(argument) {
        Expr::Unary(unary) => is_literal(&unary.expr),
        argument => is_literal(argument),
    };
    let of_floats = matches!(strip(expr), Expr::Call(call) if !call.args.is_empty() && call.args.iter().all(is_float));
    of_floats && is_constructed(expr, names)
}

/// Whether the expression makes a struct on the spot: a literal or a constructor, and what methods that are named as those of builders make of it.
pub fn is_made(expr: &Expr, names: &Names) -> bool {
    match strip(expr) {
        Expr::Struct(_) => true,
        Expr::MethodCall(call) => !is_standard(&call.method.to_string()) && is_made(&call.receiver, names),
        other => is_constructed(other, names),
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
    /// They have methods that nothing in the standard library has.
    called: BTreeSet<String>,
    /// Numbers and sequences.
    others: BTreeSet<String>,
}

impl Uses {
    fn other(&mut self, expr: &Expr) {
        match strip(expr) {
            Expr::Path(path) => self.others.extend(path.path.get_ident().map(ToString::to_string)),
            Expr::Field(_) => self.others.extend(field_of_place(strip(expr))),
            Expr::Reference(reference) => self.other(&reference.expr),
            Expr::Unary(unary) => self.other(&unary.expr),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if let syn::Member::Named(_) = &field.member {
            match strip(&field.base) {
                Expr::Path(path) => self.fields.extend(path.path.get_ident().map(ToString::to_string)),
                base => self.fields.extend(field_of_place(base)),
            }
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

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if matches!(
            call.method.to_string().as_str(),
            "iter" | "iter_mut" | "into_iter" | "as_slice" | "to_vec" | "windows" | "chunks"
        ) {
            self.other(&call.receiver);
        }
        if !is_standard_of_a_field(call) {
            self.called.extend(field_of_place(strip(&call.receiver)));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// What variables begin with, and what methods are called on that give structs.
struct Made<'a> {
    found: Structs,
    others: BTreeSet<String>,
    names: &'a Names,
}

impl Made<'_> {
    /// The expression gives a struct. A method of a float's name that does so is one of a struct's.
    fn is_one(&mut self, expr: &Expr) {
        match strip(expr) {
            Expr::MethodCall(call) if is_maths(&call.method.to_string()) => {
                self.found.calls.insert(call.to_token_stream().to_string());
                self.has_it(call);
            }
            Expr::Block(block) => {
                if let Some(Stmt::Expr(last, None)) = block.block.stmts.last() {
                    self.is_one(last);
                }
            }
            _ => {}
        }
    }

    /// What a struct's method is called on is a struct.
    fn has_it(&mut self, call: &ExprMethodCall) {
        match strip(&call.receiver) {
            Expr::Path(path) => {
                let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
                let ty = self.names.bindings.get(&name).and_then(|binding| binding.ty.as_ref());
                if !self.others.contains(&name) && ty.is_none_or(|ty| is_own_type(ty, self.names)) {
                    self.found.names.insert(name);
                }
            }
            Expr::MethodCall(before) => {
                self.found.calls.insert(before.to_token_stream().to_string());
                self.is_one(&call.receiver);
            }
            other => self.found.names.extend(field_of_place(other)),
        }
    }
}

impl<'ast> Visit<'ast> for Made<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        let pattern = match &local.pat {
            Pat::Type(typed) => &*typed.pat,
            other => other,
        };
        if let (Pat::Ident(name), Some(init)) = (pattern, &local.init) {
            let name = name.ident.to_string();
            if self.found.names.contains(&name) {
                return self.is_one(&init.expr);
            }
            let is_constructed = is_constructed(&init.expr, self.names) && !self.others.contains(&name);
            let is_alike = self.found.has(&init.expr) && !(self.others.contains(&name) && is_call_of_method(&init.expr));
            if is_constructed || is_alike {
                self.found.names.insert(name);
            }
        }
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        visit::visit_expr_assign(self, assign);
        if !matches!(strip(&assign.left), Expr::Struct(_)) && self.found.has(&assign.left) {
            self.is_one(&assign.right);
        }
    }

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        visit::visit_expr_field(self, field);
        if let syn::Member::Named(_) = &field.member {
            self.is_one(&field.base);
        }
    }
}

fn is_call_of_method(expr: &Expr) -> bool {
    matches!(strip(expr), Expr::MethodCall(call) if call.method != "clone")
}
