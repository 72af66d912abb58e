//! `#[cfg]` inside of a function.
//!
//! *In:* a function in whose body or parameters `cfg` attributes stand, of which a macro cannot tell whether they hold. *Out:* the function
//! once for each way that they can turn out, without them, under a `cfg` of its own: one of these is compiled.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, FnArg, ItemFn, Meta, Stmt};

/// So many different conditions are told apart.
pub const MOST: usize = 4;

/// The conditions of the `cfg` attributes in the parameters and the body, each once; items in the body keep theirs.
pub fn conditions(function: &ItemFn) -> Vec<TokenStream> {
    struct Collect(Vec<TokenStream>);
    impl<'ast> Visit<'ast> for Collect {
        fn visit_attribute(&mut self, attribute: &'ast Attribute) {
            if let Some(condition) = condition(attribute)
                && !self.0.iter().any(|known| known.to_string() == condition.to_string())
            {
                self.0.push(condition);
            }
        }

        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut collect = Collect(Vec::new());
    function.sig.inputs.iter().for_each(|input| collect.visit_fn_arg(input));
    visit::visit_block(&mut collect, &function.block);
    collect.0
}

/// The function for each way that the conditions can turn out.
pub fn variants(function: &ItemFn, conditions: &[TokenStream]) -> Vec<ItemFn> {
    let variant = |mask: usize| {
        let holds: Vec<bool> = (0..conditions.len()).map(|bit| mask & (1 << bit) != 0).collect();
        let all = conditions.iter().zip(holds.clone()).map(|(condition, holds)| match holds {
            true => condition.clone(),
            false => quote!(not(#condition)),
        });
        let mut function = function.clone();
        let mut strip = Strip { conditions: conditions.iter().map(ToString::to_string).collect(), holds };
        let inputs = std::mem::take(&mut function.sig.inputs);
        function.sig.inputs = inputs
            .into_iter()
            .filter_map(|mut input| {
                let attributes = match &mut input {
                    FnArg::Receiver(receiver) => &mut receiver.attrs,
                    FnArg::Typed(typed) => &mut typed.attrs,
                };
                strip.keeps(attributes).then_some(input)
            })
            .collect();
        strip.visit_block_mut(&mut function.block);
        function.attrs.push(syn::parse_quote!(#[cfg(all(#(#all),*))]));
        function
    };
    (0..1 << conditions.len()).map(variant).collect()
}

fn condition(attribute: &Attribute) -> Option<TokenStream> {
    match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => Some(list.tokens.clone()),
        _ => None,
    }
}

/// Takes out what a condition leaves out, and the conditions.
struct Strip {
    conditions: Vec<String>,
    holds: Vec<bool>,
}

impl Strip {
    fn keeps(&self, attributes: &mut Vec<Attribute>) -> bool {
        let holds = |attribute: &Attribute| {
            condition(attribute).is_none_or(|condition| {
                let position = self.conditions.iter().position(|known| *known == condition.to_string());
                position.is_some_and(|position| self.holds[position])
            })
        };
        let keeps = attributes.iter().all(holds);
        attributes.retain(|attribute| condition(attribute).is_none());
        keeps
    }

    fn keeps_expr(&self, expr: &mut Expr) -> bool {
        attributes(expr).is_none_or(|attributes| self.keeps(attributes))
    }

    fn retain<P: Default>(&self, exprs: &mut syn::punctuated::Punctuated<Expr, P>) {
        let all = std::mem::take(exprs);
        *exprs = all.into_iter().filter_map(|mut expr| self.keeps_expr(&mut expr).then_some(expr)).collect();
    }
}

impl VisitMut for Strip {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        block.stmts.retain_mut(|stmt| match stmt {
            Stmt::Local(local) => self.keeps(&mut local.attrs),
            Stmt::Macro(mac) => self.keeps(&mut mac.attrs),
            Stmt::Expr(expr, _) => self.keeps_expr(expr),
            Stmt::Item(_) => true,
        });
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_match_mut(&mut self, choice: &mut syn::ExprMatch) {
        choice.arms.retain_mut(|arm| self.keeps(&mut arm.attrs));
        visit_mut::visit_expr_match_mut(self, choice);
    }

    fn visit_expr_struct_mut(&mut self, structure: &mut syn::ExprStruct) {
        let fields = std::mem::take(&mut structure.fields);
        structure.fields = fields.into_iter().filter_map(|mut field| self.keeps(&mut field.attrs).then_some(field)).collect();
        visit_mut::visit_expr_struct_mut(self, structure);
    }

    fn visit_expr_array_mut(&mut self, array: &mut syn::ExprArray) {
        self.retain(&mut array.elems);
        visit_mut::visit_expr_array_mut(self, array);
    }

    fn visit_expr_tuple_mut(&mut self, tuple: &mut syn::ExprTuple) {
        self.retain(&mut tuple.elems);
        visit_mut::visit_expr_tuple_mut(self, tuple);
    }

    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        self.retain(&mut call.args);
        visit_mut::visit_expr_call_mut(self, call);
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        self.retain(&mut call.args);
        visit_mut::visit_expr_method_call_mut(self, call);
    }
}

macro_rules! attributes {
    ($($variant:ident)*) => {
        fn attributes(expr: &mut Expr) -> Option<&mut Vec<Attribute>> {
            match expr {
                $(Expr::$variant(inner) => Some(&mut inner.attrs),)*
                _ => None,
            }
        }
    };
}

attributes! {
    Array Assign Binary Block Break Call Cast Closure Continue Field ForLoop Group If Index Let Lit Loop Macro Match MethodCall Paren Path
    Range Reference Repeat Return Struct Try Tuple Unary Unsafe While
}
