//! Statements, one operation a line.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt, format_ident, quote, quote_spanned};

use crate::analysis::closed;
use crate::ir::tokens::operand;
use crate::ir::{
    Apart, Arm, Block, Branch, Check, Chosen, Counting, Expr, Extents, Form, Header, Loop, Operand, Place, Range, Room, Saved,
    Statement, Step, Tape, Value, Var, never_ends, uses,
};
use crate::spans::{at_call_site, located};

use super::Emitter;
use super::layouts::Most;
use super::wrappers::of_parameter;

/// A block with more `let`s than this declares them together.
const LONG: usize = 500;
/// So many at a time.
const TOGETHER: usize = 64;

/// Whether the statement binds an operation's result.
fn is_plain_let(statement: &Statement) -> bool {
    matches!(statement, Statement::Let { value: Some(Value::Expr(_)), ty: None, .. })
}

impl Emitter<'_> {
    /// A block without its braces.
    pub(super) fn block(&self, block: &Block) -> TokenStream {
        let is_left = |statement: &&Statement| matches!(statement, Statement::Leave(_));
        let left = block.iter().rev().take_while(is_left).count();
        self.run(&block[..block.len() - left], false)
    }

    /// Statements in a row, of which the first may have opened the block of Rust that they are.
    fn run(&self, statements: &[Statement], is_opened: bool) -> TokenStream {
        // tokens are handed to rustc part by part: what stands by itself is not read again to be put behind the rest
        let (mut parts, mut tokens) = (Vec::new(), TokenStream::new());
        let mut rest = statements;
        let is_long = statements.iter().filter(|statement| is_plain_let(statement)).count() > LONG;
        while let Some(first) = rest.first() {
            if let Some((left, end)) = self.scope(rest).filter(|_| !is_opened || rest.len() < statements.len()) {
                parts.extend([std::mem::take(&mut tokens), self.scoped(left, &rest[..end])]);
                rest = &rest[end + 1..];
                continue;
            }
            let together =
                if is_long { rest.iter().take(TOGETHER).take_while(|statement| is_plain_let(statement)).count() } else { 0 };
            if together > 1 {
                self.push_together(&rest[..together], &mut tokens);
                rest = &rest[together..];
                continue;
            }
            if let Statement::Let { var, value, ty } = first {
                self.push_declaration(*var, value.as_ref(), ty.as_ref(), &mut tokens);
                rest = &rest[1..];
                continue;
            }
            let count = self.slot_run(rest);
            let (part, count) = if count > 0 { (self.slot_additions(&rest[..count]), count) } else { (self.statement(first), 1) };
            parts.extend([std::mem::take(&mut tokens), part]);
            rest = &rest[count..];
        }
        if parts.is_empty() { tokens } else { parts.into_iter().chain([tokens]).collect() }
    }

    /// The last of the variables that the first statement declares to be left in a block of Rust of its own, and where.
    fn scope(&self, statements: &[Statement]) -> Option<(Var, usize)> {
        if self.scopes.is_empty() {
            return None;
        }
        let mut declared = BTreeSet::new();
        uses::declared(&statements[0], &mut |var| _ = declared.insert(var));
        let left = statements.iter().enumerate().filter_map(|(position, statement)| match statement {
            Statement::Leave(var) if declared.contains(var) && self.scopes.contains_key(var) => Some((*var, position)),
            _ => None,
        });
        left.last()
    }

    /// A block of Rust, which gives what is needed behind it.
    fn scoped(&self, left: Var, statements: &[Statement]) -> TokenStream {
        let body = self.run(statements, true);
        let given = self.scopes[&left].iter();
        let names: Vec<&Ident> = given.clone().map(|var| self.name(*var)).collect();
        let declared: Vec<TokenStream> = given
            .map(|var| {
                let (name, mutable) = (self.name(*var), self.mutated.contains(*var).then(|| quote!(mut)));
                quote!(#mutable #name)
            })
            .collect();
        match (names.as_slice(), declared.as_slice()) {
            ([], _) => quote!({ #body }),
            ([name], [declared]) => quote!(let #declared = { #body #name };),
            _ => quote!(let (#(#declared),*) = { #body (#(#names),*) };),
        }
    }

    /// Several variables declared by one `let`, and then assigned: each `let` opens a scope in the debugger's tables, and the compiler's
    /// stack does not hold thousands of them, one in the other.
    fn push_together(&self, statements: &[Statement], tokens: &mut TokenStream) {
        let lets = statements.iter().filter_map(|statement| match statement {
            Statement::Let { var, value: Some(value), .. } => Some((*var, value)),
            _ => None,
        });
        let mut names = TokenStream::new();
        for (position, (var, _)) in lets.clone().enumerate() {
            if position > 0 {
                names.append(Punct::new(',', Spacing::Alone));
            }
            if self.mutated.contains(var) {
                names.append(Ident::new("mut", Span::call_site()));
            }
            names.append(self.name(var).clone());
        }
        tokens.extend(quote!(let (#names);));
        for (var, value) in lets {
            tokens.append(self.name(var).clone());
            tokens.append(Punct::new('=', Spacing::Alone));
            self.push_value(value, tokens);
            tokens.append(Punct::new(';', Spacing::Alone));
        }
    }

    /// How many of the first statements add to one slot.
    fn slot_run(&self, statements: &[Statement]) -> usize {
        let Some(root) = statements.first().and_then(|statement| self.slot_of(statement)) else { return 0 };
        statements.iter().take_while(|statement| self.slot_of(statement) == Some(root)).count()
    }

    fn slot_of(&self, statement: &Statement) -> Option<Var> {
        match statement {
            Statement::Add { place, .. } | Statement::AddEach { place, .. } if self.form(place.root) == Form::Slot => {
                Some(place.root)
            }
            _ => None,
        }
    }

    /// Additions to a slot, where there is one.
    fn slot_additions(&self, statements: &[Statement]) -> TokenStream {
        let root = self.slot_of(&statements[0]).expect("the statements add to a slot");
        let name = self.name(root);
        self.references.borrow_mut().insert(root);
        let body: TokenStream = statements.iter().map(|statement| self.statement(statement)).collect();
        self.references.borrow_mut().remove(&root);
        if self.constant {
            return quote!(if let ::core::option::Option::Some(&mut ref mut #name) = #name { #body });
        }
        quote!(if let ::core::option::Option::Some(#name) = #name.as_deref_mut() { #body })
    }

    fn statement(&self, statement: &Statement) -> TokenStream {
        let runtime = self.runtime;
        match statement {
            Statement::Let { var, value, ty } => {
                let mut tokens = TokenStream::new();
                self.push_declaration(*var, value.as_ref(), ty.as_ref(), &mut tokens);
                tokens
            }
            Statement::Assign { place, value } => {
                let late = place.path.is_empty() && self.form(place.root) == Form::Late;
                let (target, value) = (self.name(place.root), self.value(value));
                if late {
                    return quote!(#target = ::core::option::Option::Some(#value););
                }
                let place = self.place(place, 0);
                quote!(#place = #value;)
            }
            Statement::Swap { first, second } => {
                let (first, second) = (self.exclusive(first), self.exclusive(second));
                quote!(::core::mem::swap(#first, #second);)
            }
            Statement::Push { place, value } => self.pushed(place, value),
            Statement::Add { place, value, subtract, whole } => self.addition(place, value, *subtract, *whole),
            Statement::AddEach { place, each } => {
                let (place, each) = (self.exclusive(place), self.shared(each));
                quote!(for each in #each { #runtime::accumulate(#place, each); })
            }
            Statement::Each { op, place, slopes, lanes } => {
                let function = match slopes {
                    Some(_) => format_ident!("{}_with_slope", op.0.name),
                    None => format_ident!("{}", op.0.name),
                };
                let numbers = |place: &Place| match lanes {
                    true => {
                        let place = self.place(place, 5);
                        quote!(#place.as_flattened_mut())
                    }
                    false => self.exclusive(place),
                };
                let (place, slopes) = (numbers(place), slopes.as_ref().map(numbers));
                let slopes = slopes.iter();
                quote!(#runtime::vector::#function(#place #(, #slopes)*);)
            }
            Statement::Code { code, .. } => code.tokens.clone(),
            Statement::Leave(_) => TokenStream::new(),
            // what is no sequence is an error where its adjoint is added to, but for an error of types in the same body
            Statement::Check { place, what: what @ Check::Sequence }
                if place.path.is_empty() && self.function.is_parameter(place.root) =>
            {
                self.check(place, what)
            }
            Statement::NoExit(_) | Statement::Inert(_) | Statement::Check { .. } if !self.checks => TokenStream::new(),
            Statement::Inert(code) => self.check_inert(code),
            Statement::NoExit(code) => self.check_exits(code),
            Statement::Check { place, what } => self.check(place, what),
            Statement::Branch(branch) => self.branch(branch),
            Statement::Loop(each) => self.each(each),
            Statement::Call(call) => self.call(call),
            Statement::Back(back) => self.back(back),
            Statement::Unwind { record, arms } => self.unwind(*record, arms),
            Statement::SameLength { adjoint, primal } => self.same_length(*adjoint, primal),
        }
    }

    /// A declaration, behind other tokens.
    fn push_declaration(&self, var: Var, value: Option<&Value>, ty: Option<&TokenStream>, tokens: &mut TokenStream) {
        if let Some(special) = value.and_then(|value| self.special_declaration(var, value, ty)) {
            tokens.extend(special);
            return;
        }
        let name = self.name(var);
        match value {
            Some(Value::NewTape(None)) => tokens.extend(self.needs_heap(name.span())),
            Some(Value::NewTape(Some(room))) if room.capacity.is_none() => tokens.extend(self.needs_heap(name.span())),
            _ => {}
        }
        tokens.append(Ident::new("let", Span::call_site()));
        if self.mutated.contains(var) && (value.is_some() || self.function.variable(var).mutable) {
            tokens.append(Ident::new("mut", Span::call_site()));
        }
        tokens.append(name.clone());
        if let Some(ty) = ty {
            tokens.append(Punct::new(':', Spacing::Alone));
            tokens.extend(ty.clone());
        }
        let zero = Value::Zero;
        let value = match value {
            Some(Value::Late) if self.form(var) != Form::Late => Some(&zero),
            other => other,
        };
        if let Some(value) = value {
            tokens.append(Punct::new('=', Spacing::Alone));
            match self.column_up_to_a_constant(var) {
                Some(column) => tokens.extend(column),
                None => self.push_value(value, tokens),
            }
        }
        tokens.append(Punct::new(';', Spacing::Alone));
    }

    /// A declaration that is no plain `let`: on a tape, in scratch memory, of a copy whose type is not seen.
    fn special_declaration(&self, var: Var, value: &Value, ty: Option<&TokenStream>) -> Option<TokenStream> {
        let on_tape = self.on_tapes.borrow().get(&var).copied();
        if let Some(apart) = on_tape {
            return Some(self.declared_on_tape(var, apart, value, ty));
        }
        let name = self.name(var);
        if let Some(scratch) = self.function.reused.get(&var) {
            let (scratch, value) = (self.name(*scratch), self.value(value));
            return Some(quote!(let #name = #scratch.zeros(|| #value);));
        }
        let Value::Clone(place) = value else { return None };
        let runtime = self.runtime;
        if self.function.excerpts.contains(&var) {
            let (needs, place) = (self.needs_heap(name.span()), self.shared(place));
            return Some(quote!(#needs let #name = #runtime::Vec::from(#place);));
        }
        if let Some(method) = self.function.before.get(&var).filter(|_| self.given_again_alone.contains(var)) {
            let before = format_ident!("__differentiable_{method}_before", span = method.span());
            let place = self.shared(place);
            return Some(quote!(let #name = { #runtime::else_nothing!(#before); (#place).#before().keep(#place) };));
        }
        if self.function.given_again.contains(&var) && !self.constant {
            let place = self.shared(place);
            return Some(
                quote!(let #name = { use #runtime::{GivenCopy as _, GivenOther as _}; (&#runtime::Given(#place)).get() };),
            );
        }
        None
    }

    /// The arrays of what a loop up to a constant keeps, which stand on the heap where the constant is large.
    fn column_up_to_a_constant(&self, var: Var) -> Option<TokenStream> {
        let of_loop = self.function.columns.iter().find(|columns| columns.var == var)?;
        let Extents::Flat { lengths, columns } = &of_loop.extents else { return None };
        let (runtime, zero) = (self.runtime, self.value(&Value::Zero));
        let lengths = lengths.iter().map(operand);
        let count = quote!(#runtime::iterations([#(#lengths as usize),*]));
        if self.constant {
            let several = of_loop.count();
            return Some(if of_loop.several { quote!([[#zero; #count]; #several]) } else { quote!([#zero; #count]) });
        }
        let columns = Literal::usize_unsuffixed(*columns);
        let fits = quote!({ #runtime::columns_fit(#count, #columns) });
        let place = quote!(<#runtime::InPlace<#fits> as #runtime::Column<{ #count }>>);
        if of_loop.several {
            let several = of_loop.count();
            return Some(quote!(#place::several::<_, #several>(#zero)));
        }
        Some(quote!(#place::filled(#zero)))
    }

    /// An element is computed in front where it is read beside the place: that lends the same variable, as an index calls a method.
    fn pushed(&self, place: &Place, value: &Value) -> TokenStream {
        let mut reads_it = false;
        uses::value(value, &mut |var| reads_it |= var == place.root);
        let is_apart = reads_it && place.path.iter().any(|step| matches!(step, Step::Index(_)));
        let (place, value) = (self.place(place, 5), self.value(value));
        if !is_apart {
            return quote!(#place.push(#value););
        }
        let element = Ident::new(&self.function.taken.clone().fresh("pushed"), Span::mixed_site());
        quote!({ let #element = #value; #place.push(#element); })
    }

    fn addition(&self, place: &Place, value: &Expr, subtract: bool, whole: bool) -> TokenStream {
        let runtime = self.runtime;
        if place.path.is_empty() && self.form(place.root) == Form::Late {
            let (name, source) = (self.name(place.root), self.expr(value, 4));
            return quote!(#runtime::fill_or_accumulate(&mut #name, &#source););
        }
        if whole && self.constant {
            return self.constant_addition(place, value, subtract);
        }
        if whole {
            let target = if place.path.is_empty() && self.form(place.root) == Form::Reference {
                self.name(place.root).to_token_stream()
            } else {
                self.exclusive(place)
            };
            let source = match value {
                Expr::Operand(Operand::Place(source)) => self.shared(source),
                other => {
                    let other = self.expr(other, 4);
                    quote!(&#other)
                }
            };
            let is_field = |place: &Place| matches!(place.path.last(), Some(Step::Field(_)));
            if is_field(place) && matches!(value, Expr::Operand(Operand::Place(source)) if is_field(source)) {
                // it may be a skipped one, and then hold anything
                return quote!({ use #runtime::{PartOfNumbers as _, OtherPart as _}; (&mut #runtime::Part(#target)).accumulate(#source); });
            }
            return quote!(#runtime::accumulate(#target, #source););
        }
        let place = self.place(place, 0);
        let value = self.expr(value, 0);
        if subtract { quote!(#place -= #value;) } else { quote!(#place += #value;) }
    }

    fn same_length(&self, adjoint: Var, primal: &Place) -> TokenStream {
        let runtime = self.runtime;
        let name = self.name(adjoint);
        let text = name.to_string();
        if self.constant {
            let message = format!("the adjoint `{text}` has another length than its slice");
            let (is_slice, primal) = (self.slices.contains(&primal.root), self.place(primal, 5));
            let check = quote!(if let ::core::option::Option::Some(&mut ref #name) = #name { ::core::assert!(#primal.len() == #name.len(), #message); });
            return if is_slice { check } else { TokenStream::new() };
        }
        let (is_slice, span) = (self.slices.contains(&primal.root), self.name(primal.root).span());
        let primal = self.shared(primal);
        let check = match is_slice {
            true => quote!(#runtime::same_length(#text, #primal, #name)),
            false => of_parameter(runtime, span, "same_shape", &quote!(#primal, #name, #text)),
        };
        match self.form(adjoint) {
            Form::Slot => quote!(if let ::core::option::Option::Some(#name) = #name.as_deref() { #check; }),
            _ => quote!(#check;),
        }
    }

    fn branch(&self, branch: &Branch) -> TokenStream {
        let on = &branch.on.tokens;
        let Some(record) = branch.record else { return self.arms(branch, on, None) };
        let name = self.name(record);
        if self.truths.contains(&record) {
            let arms = self.arms(branch, &name.to_token_stream(), None);
            return quote!(let #name = #on; #arms);
        }
        let arms = self.arms(branch, on, Some(record));
        quote!(let #name; #arms)
    }

    fn arms(&self, branch: &Branch, on: &TokenStream, record: Option<Var>) -> TokenStream {
        let count = branch.arms.len();
        let body = |index: usize, arm: &Arm| {
            let body = self.block(&arm.body);
            let record = record.filter(|_| !never_ends(&arm.body)).map(|record| {
                let name = self.name(record);
                let saved = self.saved(&arm.saved, false);
                let arm = self.arm(index, count, &saved);
                quote!(#name = #arm;)
            });
            quote!(#body #record)
        };
        if branch.is_match {
            let arms = branch.arms.iter().enumerate().map(|(index, arm)| {
                let (pattern, body) = (&arm.pattern, body(index, arm));
                quote!(#pattern => { #body })
            });
            return quote!(match #on { #(#arms)* });
        }
        let then = body(0, &branch.arms[0]);
        let other = body(1, &branch.arms[1]);
        if other.is_empty() { quote!(if #on { #then }) } else { quote!(if #on { #then } else { #other }) }
    }

    /// The record of one arm of several: in which half of them it is, in which half of that, and so on. Types as deep as there are arms would take rustc
    /// minutes.
    fn arm(&self, index: usize, count: usize, saved: &TokenStream) -> TokenStream {
        let (runtime, half) = (self.runtime, count / 2);
        match index.checked_sub(half) {
            _ if count < 2 => saved.clone(),
            None => {
                let inner = self.arm(index, half, saved);
                quote!(#runtime::Arm::Earlier(#inner))
            }
            Some(index) => {
                let inner = self.arm(index, count - half, saved);
                quote!(#runtime::Arm::Later(#inner))
            }
        }
    }

    /// A record as a tuple: its value, or the pattern that reads it.
    pub(super) fn saved(&self, saved: &[Saved], pattern: bool) -> TokenStream {
        let parts = saved.iter().filter(|saved| saved.apart.is_none()).map(|saved| {
            let (name, runtime) = (self.name(saved.var), self.runtime);
            if !pattern && self.is_shape_alone(saved.var) {
                return quote!(#runtime::Like::of(#name));
            }
            if !pattern && self.may_hold_references(saved) {
                return self.left(saved.var);
            }
            let by_reference = (pattern && (saved.by_reference || saved.open && !self.constant)).then(|| quote!(ref));
            quote!(#by_reference #name)
        });
        quote!((#(#parts,)*))
    }

    /// Whether a record holds the variable for its shape alone; in constants shapes are known.
    pub(super) fn is_shape_alone(&self, var: Var) -> bool {
        !self.constant && self.shapes_alone.contains(&var)
    }

    fn unwind(&self, record: Var, arms: &[(Vec<Saved>, Block)]) -> TokenStream {
        let name = self.place(&Place::whole(record, self.name(record).span()), 4);
        let saved = arms.iter().any(|(saved, _)| !saved.is_empty());
        if arms.len() == 2 && !saved && self.truths.contains(&record) {
            let (then, other) = (self.block(&arms[0].1), self.block(&arms[1].1));
            return match (then.is_empty(), other.is_empty()) {
                (false, true) => quote!(if #name { #then }),
                (true, false) => quote!(if !#name { #other }),
                _ => quote!(if #name { #then } else { #other }),
            };
        }
        let count = arms.len();
        let arms = arms.iter().enumerate().map(|(index, (saved, body))| {
            let pattern = self.arm(index, count, &self.saved(saved, true));
            let (held, body) = (self.held(saved), self.with_references(saved, || self.block(body)));
            quote!(#pattern => { #held #body })
        });
        quote!(match #name { #(#arms)* })
    }

    /// Copies what a record holds and types turn out to be `Copy`; the rest stays a reference.
    fn held(&self, saved: &[Saved]) -> TokenStream {
        let runtime = self.runtime;
        let held = saved.iter().filter(|saved| saved.open).map(|saved| {
            let name = self.name(saved.var);
            quote!(let #name = { use #runtime::{HeldCopy as _, HeldOther as _}; (&#runtime::Held(#name)).get() };)
        });
        held.collect()
    }

    /// Whether the variable may hold references that the backward half cannot keep.
    fn may_hold_references(&self, saved: &Saved) -> bool {
        self.apart && !self.constant && saved.open && self.function.holders.contains(&saved.var)
    }

    /// What the forward half leaves to the backward half of such a variable.
    fn left(&self, var: Var) -> TokenStream {
        let (runtime, name) = (self.runtime, self.name(var));
        let leave = located(quote!(leave), name.span());
        quote!({ use #runtime::{LeaveOther as _, LeaveReferenceToReference as _}; (&&#runtime::Leaving::of(#name)).#leave() })
    }

    /// What stands at the end of the forward half, where such variables are its own, and what the backward half begins with; and its statements.
    pub(super) fn handed_over(&self, saved: &[Saved], backward: &Block) -> (TokenStream, TokenStream) {
        let holders: Vec<Saved> = saved.iter().filter(|saved| self.may_hold_references(saved)).copied().collect();
        let left = holders.iter().map(|saved| {
            let (name, left) = (self.name(saved.var), self.left(saved.var));
            quote!(let #name = #left;)
        });
        let runtime = self.runtime;
        let names = holders.iter().map(|saved| {
            let name = self.name(saved.var);
            quote!(let #name = {
                use #runtime::{OwnedCopy as _, OwnedLeft as _, OwnedOther as _, OwnedPointer as _};
                (&&&&#runtime::Owned(&#name)).get()
            };)
        });
        let (left, names) = (left.collect(), names.collect::<TokenStream>());
        let backward = self.with_references(&holders, || self.block(backward));
        (left, quote!(#names #backward))
    }

    pub(super) fn with_references(&self, saved: &[Saved], inside: impl FnOnce() -> TokenStream) -> TokenStream {
        let of = |is: fn(&Saved) -> bool| -> Vec<Var> { saved.iter().filter(|saved| is(saved)).map(|saved| saved.var).collect() };
        let (references, held) = (of(|saved| saved.by_reference), of(|saved| saved.open));
        self.references.borrow_mut().extend(&references);
        self.held.borrow_mut().extend(&held);
        let tokens = inside();
        references.iter().for_each(|var| _ = self.references.borrow_mut().remove(var));
        held.iter().for_each(|var| _ = self.held.borrow_mut().remove(var));
        tokens
    }

    fn each(&self, each: &Loop) -> TokenStream {
        if self.constant {
            return self.constant_loop(each);
        }
        match &each.tape {
            Some(tape) if tape.reads => self.reverse_loop(each, tape),
            _ if each.counting == Counting::Follows => self.counted_loop(each),
            _ => self.forward_loop(each),
        }
    }

    fn range(&self, range: &Range) -> TokenStream {
        let (start, end) = (&range.start.tokens, &range.end.tokens);
        if range.inclusive { quote!(#start..=#end) } else { quote!(#start..#end) }
    }

    fn forward_loop(&self, each: &Loop) -> TokenStream {
        let saved = each.tape.as_ref().map_or(&[][..], |tape| tape.saved.as_slice());
        let body = self.with_arrays_on_tapes(saved, || self.block(&each.body));
        if let (Header::Range(range), Some(tape), true) = (&each.header, &each.tape, closed::is_closed(self.function, each))
            && tape.chosen.is_none()
            && tape.saved.iter().all(|saved| saved.apart.is_none())
        {
            return self.recording_loop(each, range, tape, &body);
        }
        let new_tape = each.tape.as_ref().filter(|tape| !tape.shared).map(|tape| self.new_tape(tape, each));
        let records = each.tape.as_ref().and_then(|tape| Some((self.name(tape.var), self.name(tape.count?))));
        let before = records.map(|(tape, count)| quote!(let #count = #tape.len();));
        let after = records.map(|(tape, count)| quote!(let #count = #tape.len() - #count;));
        let push = each.tape.as_ref().filter(|tape| tape.has_record()).map(|tape| {
            let (name, record) = (self.name(tape.var), self.saved(&tape.saved, false));
            match &tape.chosen {
                Some(chosen) => self.keep_winner(name, chosen, &record),
                None => quote!(#name.push(#record);),
            }
        });
        let counter = each.counter.filter(|_| each.counting == Counting::Counts).map(|counter| self.name(counter));
        let new_counter = counter.map(|counter| quote!(let mut #counter = 0usize;));
        let count = counter.map(|counter| quote!(#counter += 1;));
        let exit = each.exit.as_ref().map(|exit| {
            let on = &exit.tokens;
            quote!(if #on { break; })
        });
        let header = match &each.header {
            Header::Range(range) => {
                let (index, tokens) = (self.name(range.index), self.range(range));
                let iterator = if range.reversed { quote!((#tokens).rev()) } else { tokens };
                quote!(for #index in #iterator)
            }
            Header::While { on, .. } if on.tokens.to_string() == "true" => quote!(loop),
            Header::While { on, .. } => {
                let on = &on.tokens;
                quote!(while #on)
            }
            Header::Again => quote!(loop),
        };
        quote!(#new_tape #new_counter #before #header { #body #push #count #exit } #after)
    }

    /// Prints what a loop does while arrays of its record stand on tapes of their own.
    fn with_arrays_on_tapes(&self, saved: &[Saved], inside: impl FnOnce() -> TokenStream) -> TokenStream {
        let apart: Vec<(Var, Apart)> = saved.iter().filter_map(|saved| Some((saved.var, saved.apart?))).collect();
        self.on_tapes.borrow_mut().extend(apart.iter().copied());
        self.references.borrow_mut().extend(apart.iter().map(|(var, _)| *var));
        let tokens = inside();
        for (var, _) in &apart {
            self.on_tapes.borrow_mut().remove(var);
            self.references.borrow_mut().remove(var);
        }
        tokens
    }

    /// Declares what stands on a tape of its own from then on.
    fn declared_on_tape(&self, var: Var, apart: Apart, value: &Value, ty: Option<&TokenStream>) -> TokenStream {
        let (name, tape) = (self.name(var), self.name(apart.tape));
        let ty = ty.map(|ty| quote!(: &mut #ty));
        let (Value::Clone(place) | Value::Expr(Expr::Operand(Operand::Place(place)))) = value else {
            let value = self.column_up_to_a_constant(var).unwrap_or_else(|| self.value(value));
            return quote!(let #name #ty = #tape.put(#value););
        };
        let place = self.shared(place);
        quote!(let #name #ty = #tape.put_copy(#place);)
    }

    /// Keeps an iteration that may give the result of a fold.
    fn keep_winner(&self, tape: &Ident, chosen: &Chosen, record: &TokenStream) -> TokenStream {
        let (part, before) = (self.expr(&chosen.part, 1), self.expr(&chosen.before, 1));
        let extremum = if chosen.is_max { quote!(max) } else { quote!(min) };
        quote!(#tape.#extremum(#part, #before, || #record);)
    }

    /// A loop that an iterator runs: the tape takes the records of all iterations at once, without asking for place in each.
    fn recording_loop(&self, each: &Loop, range: &Range, tape: &Tape, body: &TokenStream) -> TokenStream {
        let (index, iterator) = (self.name(range.index), self.visited(range, None));
        if self.made == Some(tape.var) {
            let (adjoint, element, end) = (self.name(tape.var), self.name(tape.saved[0].var), &range.end.tokens);
            return quote! {
                #adjoint.extend(#iterator.map(|#index| { #body #element }));
                let #adjoint = &mut #adjoint[..#end];
            };
        }
        let new_tape = (!tape.shared).then(|| self.new_tape(tape, each));
        let (name, record) = (self.name(tape.var), self.saved(&tape.saved, false));
        quote!(#new_tape #name.extend(#iterator.map(|#index| { #body #record }));)
    }

    /// The reverse of a loop that keeps records.
    fn reverse_loop(&self, each: &Loop, tape: &Tape) -> TokenStream {
        let name = self.name(tape.var);
        let pattern = self.saved(&tape.saved, true);
        let (held, body) = (self.held(&tape.saved), self.with_references(&tape.saved, || self.block(&each.body)));
        let body = quote!(#held #body);
        let number = tape.shared.then(|| self.number_of_records(each, tape));
        let (records, end) = match &number {
            Some(number) => (Some(quote!(#name.last(#number).iter().rev())), quote!(#name.drop_last(#number);)),
            None => (tape.has_record().then(|| quote!(#name.iter().rev())), TokenStream::new()),
        };
        let record = records.map(|records| (quote!(&#pattern), records));
        let apart = tape.saved.iter().filter_map(|saved| {
            let (name, tape) = (self.name(saved.var), self.name(saved.apart?.tape));
            Some((name.to_token_stream(), quote!(#tape.iter().rev())))
        });
        let together = record
            .into_iter()
            .chain(apart)
            .reduce(|(pattern, all), (next, records)| (quote!((#pattern, #next)), quote!(#all.zip(#records))));
        let (pattern, records) = together.expect("a tape has records");
        match &each.header {
            Header::Range(range) => {
                let first = tape.saved.iter().find_map(|saved| saved.apart).filter(|_| !tape.has_record());
                let counted = self.name(first.map_or(tape.var, |apart| apart.tape));
                let count = (each.counting == Counting::Follows).then(|| number.unwrap_or_else(|| quote!(#counted.len())));
                let (index, iterator) = (self.name(range.index), self.visited(range, count));
                quote!(for (#index, #pattern) in #iterator.zip(#records) { #body } #end)
            }
            _ => quote!(for #pattern in #records { #body } #end),
        }
    }

    /// How many records of a shared tape belong to this run.
    fn number_of_records(&self, each: &Loop, tape: &Tape) -> TokenStream {
        match (&each.header, tape.count) {
            (_, Some(count)) => self.place(&Place::whole(count, self.name(count).span()), 4),
            (Header::Range(range), None) => {
                let range = self.range(range);
                quote!(::core::iter::Iterator::count(#range))
            }
            _ => unreachable!("a run whose range does not tell is counted"),
        }
    }

    /// The reverse of a loop that counted its iterations.
    fn counted_loop(&self, each: &Loop) -> TokenStream {
        let body = self.block(&each.body);
        let count = each.counter.map(|counter| self.place(&Place::whole(counter, self.name(counter).span()), 4));
        match &each.header {
            Header::Range(range) => {
                let (index, iterator) = (self.name(range.index), self.visited(range, count));
                quote!(for #index in #iterator { #body })
            }
            _ => quote!(for _ in 0..#count { #body }),
        }
    }

    /// The indices of a range that its loop visited: the last `count` in this direction.
    fn visited(&self, range: &Range, count: Option<TokenStream>) -> TokenStream {
        let tokens = self.range(range);
        let iterator = if range.reversed { quote!((#tokens).rev()) } else { quote!((#tokens)) };
        match count {
            Some(count) => quote!(#iterator.skip(::core::iter::Iterator::count(#tokens) - #count)),
            None => iterator,
        }
    }

    /// Whether the number of records is a literal, or a constant parameter, of which nothing can be computed.
    pub(super) fn is_plain(&self, capacity: &TokenStream) -> bool {
        capacity.to_string().starts_with(|c: char| c.is_ascii_digit()) || self.is_parameter(capacity)
    }

    /// Such a number as a generic argument: without braces the name of a parameter would be a type, where there is one of that name.
    pub(super) fn plain_argument(&self, capacity: &TokenStream) -> TokenStream {
        if self.is_parameter(capacity) { quote!({ #capacity }) } else { capacity.clone() }
    }

    /// An error where there is no heap.
    fn needs_heap(&self, span: Span) -> TokenStream {
        let runtime = self.runtime;
        let message = "the reverse sweep of this loop keeps values of every iteration, and their number is known only at run time: \
                       that needs the feature `alloc` of `differentiable`\nhelp: give the range constant ends, or enable `alloc`";
        quote_spanned!(at_call_site(span)=> #runtime::needs_alloc!(#message);)
    }

    /// The tapes of a loop's records: one of the record, and one of each array that is apart from it.
    fn new_tape(&self, tape: &Tape, each: &Loop) -> TokenStream {
        let has_rows = tape.saved.iter().any(|saved| saved.apart.is_some_and(|apart| apart.rows));
        let needs = (tape.capacity.is_none() || has_rows).then(|| self.needs_heap(each.span()));
        let name = self.name(tape.var);
        let held: Vec<Saved> =
            tape.saved.iter().filter(|saved| !self.is_shape_alone(saved.var) && saved.apart.is_none()).copied().collect();
        let record = tape.has_record().then(|| {
            let empty = match tape.chosen {
                Some(_) => self.tape_of_winners(tape.capacity.as_ref()),
                None => self.tape_of(tape, each, &held),
            };
            quote!(let mut #name = #empty;)
        });
        let apart = tape.saved.iter().filter_map(|saved| {
            let apart = saved.apart?;
            let empty = if apart.rows { self.rows(tape, each) } else { self.tape_of(tape, each, &[*saved]) };
            let name = self.name(apart.tape);
            Some(quote!(let mut #name = #empty;))
        });
        quote!(#needs #record #(#apart)*)
    }

    /// A tape of vectors with room for those of the loop's iterations.
    fn rows(&self, tape: &Tape, each: &Loop) -> TokenStream {
        let runtime = self.runtime;
        let count = match &tape.capacity {
            Some(count) => self.room(quote!(#count as usize), each.exit.is_some()),
            None => self.size_hint(&each.header, each.exit.is_some()),
        };
        quote!(#runtime::Rows::with_capacity(#count))
    }

    /// A tape with room for the iterations of the loop, of which each keeps this.
    fn tape_of(&self, tape: &Tape, each: &Loop, held: &[Saved]) -> TokenStream {
        match (&tape.capacity, self.shapes.most_in_place(self.function, held)) {
            (Some(count), Some(most)) if !self.is_parameter(count) => {
                let runtime = self.runtime;
                let count = if self.is_plain(count) { count.clone() } else { quote!(#count as usize) };
                let most = match most {
                    Most::Records(most) => Literal::usize_unsuffixed(most).to_token_stream(),
                    Most::OfNumbers(numbers) => quote!(#runtime::records_of(#numbers)),
                };
                let room = self.room(count.clone(), each.exit.is_some());
                quote!(#runtime::Tape::<_, { #runtime::sequences_in_place(#count, #most) }>::with_capacity(#room))
            }
            _ => self.empty_tape(&Room::of(tape, &each.header, each.exit.is_some())),
        }
    }

    /// Whether the number is a constant parameter, of which nothing can be computed.
    fn is_parameter(&self, count: &TokenStream) -> bool {
        let text = count.to_string();
        self.function.sizes.iter().any(|size| *size == text)
    }

    /// A tape with room for the iterations that may give the result of a fold.
    pub(super) fn tape_of_winners(&self, capacity: Option<&TokenStream>) -> TokenStream {
        let runtime = self.runtime;
        match capacity {
            Some(size) if self.is_parameter(size) => {
                let size = self.plain_argument(size);
                quote!(#runtime::Winners::<_, #size>::new())
            }
            Some(count) => quote!(#runtime::Winners::<_, { #runtime::equals_in_place(#count as usize) }>::new()),
            None => quote!(#runtime::Winners::<_, { #runtime::equals_in_place(0) }>::new()),
        }
    }

    /// How often a loop runs, where its range tells.
    fn size_hint(&self, header: &Header, is_left: bool) -> TokenStream {
        match header {
            Header::Range(range) => {
                let range = self.range(range);
                self.room(quote!(::core::iter::Iterator::size_hint(&(#range)).0), is_left)
            }
            _ => quote!(0),
        }
    }

    /// The number of records that there is room for in front of a loop: a loop that is left early may run a few times of very many.
    fn room(&self, count: TokenStream, is_left: bool) -> TokenStream {
        let runtime = self.runtime;
        if is_left { quote!(#runtime::at_first(#count)) } else { count }
    }

    /// A tape with room for the records of a loop.
    pub(super) fn empty_tape(&self, room: &Room) -> TokenStream {
        let runtime = self.runtime;
        match &room.capacity {
            Some(capacity) if self.is_plain(capacity) => {
                let capacity = self.plain_argument(capacity);
                quote!(#runtime::Tape::<_, #capacity>::new())
            }
            Some(capacity) => quote!(#runtime::Tape::<_, { #runtime::in_place(#capacity as usize) }>::new()),
            None => {
                let size = self.size_hint(&room.header, room.is_left);
                quote!(#runtime::Tape::<_, 0>::with_capacity(#size))
            }
        }
    }
}
