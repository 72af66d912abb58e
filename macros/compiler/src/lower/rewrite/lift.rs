//! Float literals of generic functions.
//!
//! *In:* `fn f<T: Real>(x: T) -> T { 2.0 * x }`. *Out:* `T::from_f64(2.0) * x`, in the function itself as well as in its derivatives.
//!
//! A literal without suffix is lifted where it is an operand, an argument of a maths method or of its path (`Real::max(x, 0.0)`), what a variable starts with, an element
//! or a result, also inside of `vec!`, and of macros that look at their arguments, as `assert!` does. Suffixed ones, the arguments of other calls and
//! casts stay as they are, and so does what stands beside a value that is [concrete](crate::lower::facts::concrete): an `f64` or `f32` by its type.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ItemFn, Lit, Stmt, Token};

use crate::lower::facts::concrete::{Concrete, is_concrete_type};
use crate::lower::facts::flow::{is_text, looks};
use crate::rules;

use super::vectors;

/// Lifts the literals of a function's body to the scalar.
pub fn lift(function: &mut ItemFn, scalar: &Ident, runtime: &TokenStream) {
    let concrete = Concrete::of(function);
    let mut lifter = Lifter { scalar, runtime, concrete };
    lifter.visit_block_mut(&mut function.block);
}

/// Lifts the literals of an expression, itself included.
pub fn lift_expr(expr: &mut Expr, scalar: &Ident, runtime: &TokenStream) {
    let mut lifter = Lifter { scalar, runtime, concrete: Concrete::default() };
    lifter.visit_expr_mut(expr);
    lifter.literal(expr);
}

#[derive(Clone)]
struct Lifter<'a> {
    scalar: &'a Ident,
    runtime: &'a TokenStream,
    concrete: Concrete,
}

impl Lifter<'_> {
    fn literal(&self, expr: &mut Expr) {
        match expr {
            Expr::Lit(literal) if matches!(&literal.lit, Lit::Float(float) if float.suffix().is_empty()) => {
                let (scalar, runtime) = (self.scalar, self.runtime);
                *expr = syn::parse_quote!(<#scalar as #runtime::Scalar>::from_f64(#literal));
            }
            Expr::Paren(paren) => self.literal(&mut paren.expr),
            Expr::Unary(unary) => self.literal(&mut unary.expr),
            Expr::Block(block) => self.result(&mut block.block),
            Expr::If(branch) => {
                self.result(&mut branch.then_branch);
                if let Some((_, other)) = &mut branch.else_branch {
                    self.literal(other);
                }
            }
            Expr::Match(choice) => choice.arms.iter_mut().for_each(|arm| self.literal(&mut arm.body)),
            Expr::Tuple(tuple) => tuple.elems.iter_mut().for_each(|elem| self.literal(elem)),
            Expr::Array(array) => array.elems.iter_mut().for_each(|elem| self.literal(elem)),
            Expr::Repeat(repeat) => self.literal(&mut repeat.expr),
            Expr::Macro(mac) => self.elements(&mut mac.mac, |this, array| this.literal(array)),
            Expr::Struct(structure) => structure.fields.iter_mut().for_each(|field| self.literal(&mut field.expr)),
            _ => {}
        }
    }

    /// `Real::max`, `T::max`, `<T as Real>::max`
    fn is_maths(&self, function: &Expr) -> bool {
        let Expr::Path(path) = function else { return false };
        let mut segments = path.path.segments.iter().rev().map(|segment| &segment.ident);
        let is_rule = segments.next().is_some_and(|name| rules::find(&name.to_string()).is_some());
        let of_whom = segments.next();
        let is_scalar = |ty: &syn::Type| matches!(ty, syn::Type::Path(path) if path.path.is_ident(self.scalar));
        is_rule
            && match &path.qself {
                Some(this) => is_scalar(&this.ty) && of_whom.is_none_or(|name| name == "Real"),
                None => of_whom.is_some_and(|name| name == "Real" || name == self.scalar),
            }
    }

    /// Changes what stands in a `vec!`, as an array.
    fn elements(&self, mac: &mut syn::Macro, change: impl FnOnce(&Self, &mut Expr)) {
        if mac.path.segments.last().is_none_or(|segment| segment.ident != "vec") {
            return;
        }
        let Some(mut array) = vectors::contents(mac) else { return };
        change(self, &mut array);
        mac.tokens = match array {
            Expr::Array(array) => array.elems.to_token_stream(),
            Expr::Repeat(syn::ExprRepeat { expr, semi_token, len, .. }) => quote!(#expr #semi_token #len),
            _ => return,
        };
    }

    fn result(&self, block: &mut Block) {
        if let Some(Stmt::Expr(expr, None)) = block.stmts.last_mut() {
            self.literal(expr);
        }
    }
}

impl VisitMut for Lifter<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        let outer = self.concrete.clone();
        visit_mut::visit_block_mut(self, block);
        self.result(block);
        self.concrete = outer;
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        if mac.path.segments.last().is_some_and(|segment| segment.ident == "vec") {
            self.elements(mac, |this, array| this.clone().visit_expr_mut(array));
        } else if (looks(mac) || is_text(mac))
            && let Ok(mut arguments) = mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        {
            for argument in &mut arguments {
                match argument {
                    Expr::Assign(named) => self.visit_expr_mut(&mut named.right),
                    other => self.visit_expr_mut(other),
                }
            }
            mac.tokens = arguments.to_token_stream();
        }
    }

    fn visit_expr_binary_mut(&mut self, binary: &mut syn::ExprBinary) {
        visit_mut::visit_expr_binary_mut(self, binary);
        if !self.concrete.is(&binary.left) && !self.concrete.is(&binary.right) {
            self.literal(&mut binary.left);
            self.literal(&mut binary.right);
        }
    }

    fn visit_expr_assign_mut(&mut self, assign: &mut syn::ExprAssign) {
        visit_mut::visit_expr_assign_mut(self, assign);
        if !self.concrete.is(&assign.left) {
            self.literal(&mut assign.right);
        }
    }

    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        let is_conversion =
            matches!(&*call.func, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "from_f64"));
        if !is_conversion {
            visit_mut::visit_expr_call_mut(self, call);
        }
        if self.is_maths(&call.func) && !call.args.iter().any(|arg| self.concrete.is(arg)) {
            call.args.iter_mut().for_each(|arg| self.literal(arg));
        }
    }

    fn visit_expr_cast_mut(&mut self, cast: &mut syn::ExprCast) {
        if !is_concrete_type(&cast.ty) {
            visit_mut::visit_expr_cast_mut(self, cast);
        }
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut syn::ExprClosure) {
        let outer = self.concrete.clone();
        closure.inputs.iter().for_each(|input| self.concrete.shadow(input));
        visit_mut::visit_expr_closure_mut(self, closure);
        self.literal(&mut closure.body);
        self.concrete = outer;
    }

    fn visit_expr_for_loop_mut(&mut self, each: &mut syn::ExprForLoop) {
        self.visit_expr_mut(&mut each.expr);
        let outer = self.concrete.clone();
        self.concrete.bind_item(&each.pat, &each.expr);
        self.visit_block_mut(&mut each.body);
        self.concrete = outer;
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        self.visit_expr_mut(&mut call.receiver);
        let items = self.concrete.closure_inputs(call);
        let folded = matches!(call.method.to_string().as_str(), "fold" | "scan");
        let is_concrete = self.concrete.is(&call.receiver) || folded && self.concrete.is(&Expr::MethodCall(call.clone()));
        for arg in &mut call.args {
            let Expr::Closure(closure) = arg else {
                self.visit_expr_mut(arg);
                continue;
            };
            let outer = self.concrete.clone();
            let mut inputs: Vec<_> = closure.inputs.iter().cloned().collect();
            inputs.iter_mut().for_each(|input| self.concrete.shadow(input));
            items.iter().for_each(|name| self.concrete.insert(name));
            visit_mut::visit_expr_closure_mut(self, closure);
            let body_is_concrete = self.concrete.is(&closure.body);
            if !body_is_concrete && !is_concrete {
                self.literal(&mut closure.body);
            }
            self.concrete = outer;
        }
        if is_concrete {
            return;
        }
        self.literal(&mut call.receiver);
        if rules::find(&call.method.to_string()).is_some() || folded {
            call.args.iter_mut().for_each(|arg| self.literal(arg));
        }
    }

    fn visit_expr_return_mut(&mut self, returned: &mut syn::ExprReturn) {
        visit_mut::visit_expr_return_mut(self, returned);
        if let Some(expr) = &mut returned.expr {
            self.literal(expr);
        }
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        let ty = match &local.pat {
            syn::Pat::Type(typed) => Some((*typed.ty).clone()),
            _ => None,
        };
        if !ty.as_ref().is_some_and(is_concrete_type) {
            visit_mut::visit_local_mut(self, local);
        }
        let mentions = ty.as_ref().is_some_and(|ty| {
            let text = ty.to_token_stream().to_string();
            text.contains("f64") || text.contains("f32")
        });
        let stays = mentions || self.concrete.is_forced(&local.pat);
        if let (false, Some(init)) = (stays, &mut local.init) {
            self.literal(&mut init.expr);
        }
        self.concrete.declare(local);
    }
}
