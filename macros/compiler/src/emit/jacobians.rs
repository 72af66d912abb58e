//! Jacobians.
//!
//! A Jacobian has the shape of the result with the parameter's own shape in the place of each scalar: for `fn(&[f64; 3]) -> [f64; 2]` it
//! is `[[f64; 3]; 2]`. It is written out; or its rows are one forward sweep and a backward sweep for each, or its columns the function with its
//! tangent for each, as the lengths decide when they are known.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::diff::jacobian::{Costs, Jacobian, Plan};
use crate::ir::names::Taken;
use crate::ir::{Expr, Number, Operand, Passing, uses};
use crate::signature::inert::is_integer;
use crate::signature::{ParameterSignature, Shape};

use super::entries::Writer;
use super::matrices::shown;

impl Writer<'_> {
    /// The Jacobian, for functions of scalars and arrays to arrays and tuples of scalars.
    pub(super) fn jacobian(&self, plan: Option<&Plan>) -> Option<TokenStream> {
        let rows = self.signature.jacobian_rows()?;
        Some(match plan {
            Some(Plan::WrittenOut(jacobian)) => self.jacobian_written_out(rows, jacobian),
            Some(Plan::Sweeps(Some(costs))) if self.can_repeat() => self.jacobian_by_sweeps(rows, *costs),
            _ => self.jacobian_by_rows(rows),
        })
    }

    fn jacobian_head(&self, rows: &Shape, how: &str) -> TokenStream {
        let docs = format!(
            " The Jacobian of `{}` with respect to {}: the shape of the result, with the parameter's in the place of each scalar.\n\n {how}",
            self.signature.name,
            self.listed()
        );
        let (head, declared, predicates) = (self.head("jacobian", &docs, true), self.declared(false), self.predicates());
        let types = self.active().map(|(_, p)| rows.filled(&p.inner));
        quote!(#head(#(#declared),*) -> (#(#types),*) #predicates)
    }

    /// The statements of a straight line, and the entries.
    fn jacobian_written_out(&self, rows: &Shape, jacobian: &Jacobian) -> TokenStream {
        let how = match jacobian.by_rows {
            true => "It is written out by rows: what they share is computed once, what is always zero not at all.",
            false => "It is written out by columns: what they share is computed once, what is always zero not at all.",
        };
        let head = self.jacobian_head(rows, how);
        let emitter = self.emitter(&jacobian.function, &[&jacobian.body], &[], &BTreeSet::new());
        let statements = emitter.block(&jacobian.body);
        let zero = Expr::Operand(Operand::Number(Number { written: None, value: 0.0 }));
        let mut first = 0;
        let matrices = self.active().map(|(_, p)| {
            let shape = p.shape.as_ref().expect("parameters of a Jacobian have a shape");
            let columns = first..first + shape.count().expect("what is written out has a size");
            first = columns.end;
            let row = |row: &Vec<Option<Expr>>| {
                let entries = row[columns.clone()].iter().map(|entry| emitter.expr(entry.as_ref().unwrap_or(&zero), 0));
                shape.nested(&mut entries.collect::<Vec<_>>().into_iter())
            };
            rows.nested(&mut jacobian.rows.iter().map(row))
        });
        let matrices: Vec<_> = matrices.collect();
        let mut used = BTreeSet::new();
        uses::block(&jacobian.body, &mut |var| _ = used.insert(var));
        jacobian.rows.iter().flatten().flatten().for_each(|entry| uses::expr(entry, &mut |var| _ = used.insert(var)));
        let parameters = jacobian.function.parameters.iter().zip(self.parameters());
        let (known, unknown): (Vec<_>, Vec<_>) = parameters.partition(|(parameter, _)| used.contains(&parameter.var));
        let unused = unknown.iter().filter(|(_, p)| !p.receiver).map(|(_, p)| &p.name);
        let this = known.iter().any(|(_, p)| p.receiver).then(|| self.receiver_binding());
        let itself = self.turbofished().map(|own| quote!(let _ = #own;));
        let stops = self.stops(&jacobian.function);
        quote!(#head { #itself #stops #(let _ = #unused;)* #this #statements (#(#matrices),*) })
    }

    /// One forward sweep, and a backward sweep for each row.
    fn jacobian_by_rows(&self, rows: &Shape) -> TokenStream {
        let mut names = MatrixNames::of(self);
        let (zeros, body) = (self.zero_matrices(rows, &names), self.row_sweeps(rows, &mut names));
        let head = self.jacobian_head(rows, "The function runs once, its reverse once for each row.");
        let matrices = &names.matrices;
        let (runtime, jacobian) = (self.runtime, quote!(#head { #zeros #body (#(#matrices),*) }));
        let needs_heap = self.split_needs_heap || self.functions_need_heap();
        if needs_heap { quote!(#runtime::with_alloc! { #jacobian }) } else { jacobian }
    }

    /// By rows or by columns, as their numbers decide.
    fn jacobian_by_sweeps(&self, rows: &Shape, costs: Costs) -> TokenStream {
        let runtime = self.runtime;
        let mut names = MatrixNames::of(self);
        let zeros = self.zero_matrices(rows, &names);
        let (by_rows, by_columns) = (self.row_sweeps(rows, &mut names), self.column_sweeps(rows, &mut names));
        let matrices = names.matrices;
        let (height, width) = (rows.size(runtime), self.shapes().map(|(_, shape)| shape.size(runtime)));
        let Costs { column, forward, row } = costs;
        let fewer = quote!(#runtime::columns_cost_less([#height, #(#width),*], [#column, #forward, #row]));
        let both = "The function runs once, its reverse once for each row; or the function with its tangent once for each column, where that costs less.";
        let head = self.jacobian_head(rows, both);
        let jacobian = quote!(#head { #zeros if const { #fewer } { #by_columns } else { #by_rows } (#(#matrices),*) });
        if !self.split_needs_heap {
            return jacobian;
        }
        let head = self.jacobian_head(rows, "The function with its tangent runs once for each column.");
        quote! {
            #runtime::with_alloc! { #jacobian }
            #runtime::without_alloc! { #head { #zeros #by_columns (#(#matrices),*) } }
        }
    }

    /// Whether the arguments are there as often as they are wanted.
    fn can_repeat(&self) -> bool {
        let is_copied = |p: &ParameterSignature| match p.passing {
            Passing::Scalar | Passing::Shared => true,
            Passing::Owned => !p.receiver && (p.shape.is_some() || p.syntax.as_ref().is_some_and(is_integer)),
            Passing::Mutable => false,
        };
        !self.has_functions() && self.parameters().all(is_copied)
    }

    /// The active parameters with their shapes.
    fn shapes(&self) -> impl Iterator<Item = (&ParameterSignature, &Shape)> {
        self.active().map(|(_, p)| (p, p.shape.as_ref().expect("parameters of a Jacobian have a shape")))
    }

    fn zero_matrices(&self, rows: &Shape, names: &MatrixNames) -> TokenStream {
        let runtime = self.runtime;
        let zeros = self.active().zip(&names.matrices).map(|((_, p), matrix)| {
            let place = self.place_of(p);
            let zeros = rows.made(&quote!(#runtime::zeros_like(#place)));
            let ty = rows.filled(&p.inner);
            quote!(let mut #matrix: #ty = #zeros;)
        });
        zeros.collect()
    }

    fn row_sweeps(&self, rows: &Shape, names: &mut MatrixNames) -> TokenStream {
        let (runtime, output) = (self.runtime, &self.signature.output);
        let [value, back, unit] = ["value", "back", "unit"].map(|wish| names.fresh(wish));
        let again = self.given_again();
        let matrices = names.matrices.clone();
        let sweep = |row: TokenStream| {
            let mut matrices = matrices.iter();
            let slots = self.parameters().map(|p| match (p.active, p.passing) {
                (true, _) => {
                    let matrix = matrices.next().expect("every active parameter has a matrix");
                    quote!(::core::option::Option::Some(&mut #matrix #row))
                }
                (false, Passing::Mutable) => quote!(&mut #runtime::OutsideWrt),
                (false, _) => quote!(::core::option::Option::None),
            });
            quote!(#back(#(#again,)* &#unit, #(#slots),*);)
        };
        let scalar = rows.scalar(output, runtime);
        let body = rows.each(&mut names.taken, &|row, index| {
            let call = sweep(index);
            quote! {
                let mut #unit = #runtime::zeros_like(&#value);
                #unit #row = <#scalar as #runtime::Scalar>::ONE;
                #call
            }
        });
        let forward = self.unsafe_block(self.entry_call("split", &[]));
        quote!(let (#value, #back) = #forward; #body)
    }

    fn column_sweeps(&self, rows: &Shape, names: &mut MatrixNames) -> TokenStream {
        let runtime = self.runtime;
        let [tangent, dot] = ["tangent", "dot"].map(|wish| names.fresh(wish));
        let matrices = names.matrices.clone();
        let sweeps = self.shapes().zip(&matrices).map(|((moved, shape), matrix)| {
            let place = self.place_of(moved);
            let scalar = shape.scalar(&moved.inner, runtime);
            let further = self.parameters().map(|p| match p.name == moved.name {
                true => quote!(::core::option::Option::Some(&#dot)),
                false => quote!(::core::option::Option::None),
            });
            let call = self.unsafe_block(self.entry_call("tangent", &further.collect::<Vec<_>>()));
            let inner = names.taken.clone();
            shape.each(&mut names.taken, &|_, column| {
                // the indices of the rows are not those of the column
                let mut taken = inner.clone();
                taken.extend(words(&column));
                let entries = rows.each(&mut taken, &|way, row| quote!(#matrix #row #column = #tangent #way;));
                quote! {
                    let mut #dot = #runtime::zeros_like(#place);
                    #dot #column = <#scalar as #runtime::Scalar>::ONE;
                    let (_, #tangent) = #call;
                    #entries
                }
            })
        });
        sweeps.collect()
    }
}

/// The identifiers in an index.
fn words(tokens: &TokenStream) -> Vec<String> {
    let word = |token| match token {
        TokenTree::Group(group) => words(&group.stream()),
        other => vec![other.to_string()],
    };
    tokens.clone().into_iter().flat_map(word).collect()
}

/// The names in a Jacobian's body.
struct MatrixNames {
    taken: Taken,
    /// Of each active parameter's matrix.
    matrices: Vec<Ident>,
}

impl MatrixNames {
    fn of(writer: &Writer) -> Self {
        let mut names = Self { taken: writer.taken(), matrices: Vec::new() };
        names.matrices = writer.active().map(|(_, p)| names.fresh(&format!("d_{}", shown(p)))).collect();
        names
    }

    fn fresh(&mut self, wish: &str) -> Ident {
        format_ident!("{}", self.taken.fresh(wish))
    }
}
