//! The representation as Rust: the only writer of tokens.
//!
//! *In:* the sweeps of a function and its signature. *Out:* the associated functions of its derivatives.
//!
//! [`expressions`] prints expressions with the parentheses that they need, [`statements`] one operation a line, [`calls`] the calls
//! of other derivatives, [`checks`] what has to hold by types, [`constant`] what is evaluated at compile time, [`entries`] the functions, [`heads`] what they take, [`wrappers`] those that are public. Every
//! token carries the span of the source, so that errors point into the user's code; `spans` says where it is resolved.

mod calls;
mod checks;
mod constant;
mod docs;
pub mod entries;
mod expressions;
mod functions;
mod given;
mod heads;
mod inside;
mod jacobians;
mod layouts;
mod matrices;
mod second;
mod shapes;
mod statements;
mod wrappers;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use crate::analysis::scopes::Scopes;
use crate::error::Under;
use crate::ir::sets::VarSet;
use crate::ir::{
    Apart, Block, CallMode, Form, Function, Operand, Passed, Place, Saved, Statement, Step, Tangent, Value, Var, tokens, uses,
};
use crate::signature::Signature;
use crate::spans::at_call_site;

/// What printing needs to know.
struct Emitter<'a> {
    function: &'a Function,
    runtime: &'a TokenStream,
    /// Variables that are written after their `let`.
    mutated: VarSet,
    /// Variables that are read after something was moved out of them.
    needed: BTreeSet<Var>,
    /// What blocks of copied code give.
    scopes: Scopes,
    /// Variables that stand for references in the block that is printed.
    references: RefCell<BTreeSet<Var>>,
    /// What iterations declare on tapes.
    on_tapes: RefCell<BTreeMap<Var, Apart>>,
    /// What records hold in it, of types that are not seen: values, or references to them.
    held: RefCell<BTreeSet<Var>>,
    /// The parameter of each tangent that is an `Option`.
    primal_of_dot: BTreeMap<Var, Var>,
    /// The parameters that are slices.
    slices: BTreeSet<Var>,
    /// The records of branches that are the condition itself.
    truths: BTreeSet<Var>,
    /// What is recorded for its shape alone.
    shapes_alone: BTreeSet<Var>,
    /// Copies of receivers that backward halves alone are given.
    given_again_alone: VarSet,
    /// Whether types are checked: in one of the functions is enough.
    checks: bool,
    /// Whether what is called must have second derivatives.
    second_order: bool,
    /// Whether the function is `const`.
    constant: bool,
    /// Whether it is one of two halves, of which the other cannot keep references.
    apart: bool,
    /// How numbers lie in its variables then.
    shapes: layouts::Shapes,
    /// The adjoint that is made of the records of a loop.
    made: Option<Var>,
}

impl Emitter<'_> {
    fn name(&self, var: Var) -> &Ident {
        &self.function.variable(var).name
    }

    fn form(&self, var: Var) -> Form {
        if self.references.borrow().contains(&var) { Form::Reference } else { self.function.variable(var).form }
    }
}

fn plain<'a>(function: &'a Function, nothing: &'a TokenStream) -> Emitter<'a> {
    Emitter {
        function,
        runtime: nothing,
        mutated: VarSet::default(),
        needed: BTreeSet::new(),
        scopes: Scopes::new(),
        references: RefCell::default(),
        on_tapes: RefCell::default(),
        held: RefCell::default(),
        primal_of_dot: BTreeMap::new(),
        slices: BTreeSet::new(),
        truths: BTreeSet::new(),
        shapes_alone: BTreeSet::new(),
        given_again_alone: VarSet::default(),
        checks: false,
        second_order: false,
        constant: false,
        apart: false,
        shapes: layouts::Shapes::default(),
        made: None,
    }
}

/// The records of branches of which nothing is kept but the choice.
fn truths(block: &Block, found: &mut BTreeSet<Var>) {
    for statement in block {
        match statement {
            Statement::Branch(branch) => {
                // `let` is a condition, but no value
                let is_let = matches!(branch.on.tokens.clone().into_iter().next(), Some(TokenTree::Ident(word)) if word == "let");
                let plain = !is_let && branch.arms.iter().all(|arm| arm.saved.is_empty() && arm.binds.is_empty());
                if let (Some(record), true, false) = (branch.record, plain, branch.is_match) {
                    found.insert(record);
                }
                branch.arms.iter().for_each(|arm| truths(&arm.body, found));
            }
            Statement::Loop(each) => truths(&each.body, found),
            other => uses::lambdas(other).into_iter().for_each(|lambda| truths(&lambda.body, found)),
        }
    }
}

/// The variables whose records are read for zeros of their shape alone.
fn shapes_alone(block: &Block, found: &mut BTreeSet<Var>) {
    let mut of_record = |saved: &[Saved], body: &Block| {
        let held: BTreeSet<Var> =
            saved.iter().filter(|saved| saved.by_reference && saved.apart.is_none()).map(|saved| saved.var).collect();
        if held.is_empty() {
            return;
        }
        let (mut mentions, mut shapes) = (BTreeMap::new(), BTreeMap::new());
        uses::block(body, &mut |var| *mentions.entry(var).or_insert(0) += 1);
        zeros_like(body, &mut |var| *shapes.entry(var).or_insert(0) += 1);
        found.extend(held.into_iter().filter(|var| shapes.contains_key(var) && shapes.get(var) == mentions.get(var)));
    };
    for statement in block {
        match statement {
            Statement::Loop(each) => {
                if let Some(tape) = each.tape.as_ref().filter(|tape| tape.reads) {
                    of_record(&tape.saved, &each.body);
                }
            }
            Statement::Unwind { arms, .. } => arms.iter().for_each(|(saved, body)| of_record(saved, body)),
            _ => {}
        }
    }
    for statement in block {
        match statement {
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| shapes_alone(&arm.body, found)),
            Statement::Loop(each) => shapes_alone(&each.body, found),
            Statement::Unwind { arms, .. } => arms.iter().for_each(|(_, body)| shapes_alone(body, found)),
            other => uses::lambdas(other).into_iter().for_each(|lambda| shapes_alone(&lambda.body, found)),
        }
    }
}

/// Visits the variables of which a block makes zeros.
fn zeros_like(block: &Block, visit: &mut impl FnMut(Var)) {
    for statement in block {
        match statement {
            Statement::Let { value: Some(Value::ZerosLike(place)), .. } if place.path.is_empty() => visit(place.root),
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| zeros_like(&arm.body, visit)),
            Statement::Loop(each) => zeros_like(&each.body, visit),
            Statement::Unwind { arms, .. } => arms.iter().for_each(|(_, body)| zeros_like(body, visit)),
            _ => {}
        }
    }
}

/// The variables that are written after their `let`.
fn mutated(blocks: &[&Block]) -> VarSet {
    let mut found = VarSet::default();
    for block in blocks {
        written(block, &mut found);
    }
    found
}

fn written(block: &Block, found: &mut VarSet) {
    for statement in block {
        uses::lambdas(statement).into_iter().for_each(|lambda| written(&lambda.body, found));
        match statement {
            Statement::Let { value: Some(Value::Take(place, _) | Value::Pop(place)), .. } => drop(found.insert(place.root)),
            Statement::Assign { place, .. }
            | Statement::Push { place, .. }
            | Statement::Add { place, .. }
            | Statement::AddEach { place, .. } => {
                found.insert(place.root);
            }
            Statement::Each { place, slopes, .. } => {
                found.extend([place].into_iter().chain(slopes).map(|place| place.root));
            }
            Statement::Swap { first, second } => found.extend([first.root, second.root]),
            Statement::Code { writes, .. } => found.extend(writes.iter().copied()),
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| written(&arm.body, found)),
            Statement::Loop(each) => {
                found.extend(each.tape.iter().filter(|tape| tape.shared).map(|tape| tape.var));
                written(&each.body, found);
            }
            Statement::Unwind { arms, .. } => arms.iter().for_each(|(_, body)| written(body, found)),
            Statement::Call(call) => {
                for argument in &call.arguments {
                    if let Passed::Mutable(place) | Passed::Lent(place) | Passed::Receiver(place) = &argument.passed {
                        found.insert(place.root);
                    }
                }
                if let CallMode::Fused(back) = &call.mode {
                    found.extend(back.slots.iter().flatten().map(|place| place.root));
                }
                if let CallMode::Tangent(_, tangents) | CallMode::SplitTangent(_, _, tangents) = &call.mode {
                    found.extend(tangents.iter().filter_map(|tangent| match tangent {
                        Tangent::Place(place) => Some(place.root),
                        _ => None,
                    }));
                }
            }
            Statement::Back(back) => {
                let tangents = back.pushed.iter().flat_map(|pushed| &pushed.slots);
                found.extend(back.slots.iter().chain(tangents).flatten().map(|place| place.root));
            }
            _ => {}
        }
    }
}

/// A warning at a place of the source. Macros cannot warn on stable Rust: something deprecated, of a telling name, is used there.
pub fn warning(signature: &Signature, name: &str, what: &str, span: Span) -> TokenStream {
    let (warned, declared) = (Ident::new(name, span), Ident::new(name, Span::call_site()));
    let use_it = quote!({
        #[deprecated(note = #what)]
        const fn #declared() {}
        #warned()
    });
    let member = signature.member.then_some(&signature.name);
    Under { attributes: &signature.cfgs, member }.constant(name, &use_it)
}

impl Emitter<'_> {
    /// A place, in parentheses where something of the precedence follows it.
    fn place(&self, place: &Place, precedence: u8) -> TokenStream {
        let root = tokens::at(self.name(place.root), place.span);
        if place.path.is_empty() {
            return match self.form(place.root) {
                Form::Reference if precedence > 4 => quote_spanned!(at_call_site(place.span)=> (*#root)),
                Form::Reference => quote_spanned!(at_call_site(place.span)=> *#root),
                Form::Late => {
                    let runtime = self.runtime;
                    quote!(#runtime::settled(#root))
                }
                _ => root.to_token_stream(),
            };
        }
        let root = match self.form(place.root) {
            Form::Late => {
                let runtime = self.runtime;
                quote!((*#runtime::settled(#root.as_ref())))
            }
            _ => root.to_token_stream(),
        };
        self.path(root, &place.path)
    }

    fn path(&self, root: TokenStream, path: &[Step]) -> TokenStream {
        tokens::path(root, path, &|index| self.operand(index, 0))
    }

    /// `&place`
    fn shared(&self, place: &Place) -> TokenStream {
        if place.path.is_empty() && self.form(place.root) == Form::Late {
            let (runtime, name) = (self.runtime, self.name(place.root));
            return quote!(#runtime::filled(&#name));
        }
        let tokens = self.place(place, 4);
        quote_spanned!(at_call_site(place.span)=> &#tokens)
    }

    /// `&mut place`
    fn exclusive(&self, place: &Place) -> TokenStream {
        let tokens = self.place(place, 4);
        quote_spanned!(at_call_site(place.span)=> &mut #tokens)
    }

    /// The place under the tangent of a parameter, which may be absent: zeros then.
    fn dotted(&self, place: &Place, clone: bool) -> TokenStream {
        if self.constant {
            return self.constant_dotted(place);
        }
        let runtime = self.runtime;
        let dot = self.name(place.root);
        let root = self.primal_of_dot.get(&place.root).or_else(|| self.function.primal_of_dot.get(&place.root));
        let primal = Place { root: *root.expect("a tangent belongs to a parameter"), ..place.clone() };
        let part = if place.path.is_empty() {
            quote!(#runtime::Clone::clone(#dot))
        } else {
            let part = self.path(dot.to_token_stream(), &place.path);
            if clone { quote!(#runtime::Clone::clone(&#part)) } else { part }
        };
        // a field may be skipped, and then hold anything
        let zeros = match place.path.last() {
            Some(Step::Field(_) | Step::Element(_)) => self.value(&Value::FieldTangent(primal)),
            _ => {
                let primal = self.shared(&primal);
                quote!(#runtime::zeros_like(#primal))
            }
        };
        quote!(#dot.map_or_else(|| #zeros, |#dot| #part))
    }

    fn operand(&self, operand: &Operand, precedence: u8) -> TokenStream {
        match operand {
            Operand::Place(place) if self.form(place.root) == Form::Dot => self.dotted(place, false),
            Operand::Place(place) => self.place(place, precedence),
            Operand::Number(number) => self.number(number, precedence),
            Operand::Code(code) if precedence == 0 => code.tokens.clone(),
            Operand::Code(code) => tokens::operand(&code.tokens),
        }
    }
}
