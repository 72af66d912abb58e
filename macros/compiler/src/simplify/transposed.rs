//! What eight iterations side by side read of their rows again and again, transposed once.
//!
//! ```text
//! for k in p..q {                               let x_lanes = transposed(p < q && 0 < N, |j, lane| x[first + lane][j])
//!   for j in 0..N { for lane {           ⟶     for k in p..q { for j in 0..N { for lane {
//!     s[lane] += f(x[first + lane][j], k)           s[lane] += f(x_lanes.at(j, lane, || x[first + lane][j]), k)
//!   } }                                           } } }
//! }
//! ```
//!
//! *In:* both sweeps as one sequence, with iterations side by side ([`batches`](super::batches), [`contests`](super::contests),
//! [`lanes`](super::lanes)). *Out:* the same, where the elements of a parameter's rows that a loop over `j` reads in each iteration of a loop around it, which they do
//! not depend on, lie side by side: eight numbers are one load, where they were gathered from eight rows. No value changes.
//!
//! The parameter is a reference to arrays of scalars, or such arrays that are never changed, and a row's length is known when the program is compiled: its lanes stand on the
//! stack. Rows of constants above 1024 have none; then `at` reads the row, as it does for an element that is not there. Rows are looked up in front of the loop only where its first iteration would have done so.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::analysis::dimensions;
use crate::analysis::effects::Effects;
use crate::ir::{
    self, Block, Code, Expr, Form, Function, Header, Kind, Loop, Operand, Place, Range, Statement, Step, Var, edit, uses,
};

use super::lanes::{binding, lanes};

/// The most elements of a row whose lanes stand on the stack, as in the runtime.
const MOST: usize = 1024;

/// Transposes rows in front of the outermost loops that read the same of them in each iteration.
pub fn rows(function: &mut Function, block: &mut Block, runtime: &TokenStream) {
    if !function.lanes.is_empty() {
        Pass { function, runtime }.block(block);
    }
}

struct Pass<'a> {
    function: &'a mut Function,
    runtime: &'a TokenStream,
}

/// Rows that are there side by side, from a statement of a block on.
struct Lanes {
    var: Var,
    /// What they are made of: it is not changed since.
    reads: BTreeSet<Var>,
}

/// What a loop reads of eight rows in each iteration.
struct Element {
    root: Var,
    /// The element in a lane, `x[i][j]`.
    tokens: TokenStream,
    /// The statements of a lane that its indices need, `let i = ..;`.
    before: TokenStream,
    /// The index in the row, and the lane.
    index: Var,
    lane: Var,
    length: TokenStream,
    /// What it is made of, without the index in the row and what belongs to a lane.
    reads: BTreeSet<Var>,
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        let mut there: BTreeMap<String, Lanes> = BTreeMap::new();
        let mut out = Vec::new();
        for mut statement in std::mem::take(block) {
            if let Statement::Loop(each) = &mut statement
                && let Some(range) = self.range(each).filter(|range| range.start.repeatable && range.end.repeatable)
            {
                let runs = Runs { on: is_run(range, None), reads: [&range.start.reads[..], &range.end.reads].concat() };
                let mut outside = Outside { changed: BTreeSet::new(), runs, there: &mut there, declared: &mut out };
                let effects = Effects::of_block(&each.body);
                outside.changed.extend(effects.writes.union(&effects.adds));
                outside.changed.extend(each.binds());
                uses::declared_within(&each.body, &mut outside.changed);
                self.inner_loops(&mut each.body, &mut outside);
            }
            edit::inner_blocks(&mut statement, &mut |inner| self.block(inner));
            let effects = Effects::of_statement(&statement);
            let is_changed = |var: &Var| effects.writes.contains(var) || effects.adds.contains(var);
            there.retain(|_, lanes| !lanes.reads.iter().any(is_changed));
            out.push(statement);
        }
        *block = out;
    }

    /// The range of a loop that runs to its end, and is none over lanes.
    fn range<'l>(&self, each: &'l Loop) -> Option<&'l Range> {
        each.to_its_end().filter(|range| !self.function.lanes.contains(&range.index))
    }

    /// Looks for loops over lanes in the loops that each iteration of the one outside runs.
    fn inner_loops(&mut self, body: &mut Block, outside: &mut Outside) {
        for statement in body {
            let Statement::Loop(each) = statement else { continue };
            let Some(range) = self.range(each).cloned() else { continue };
            let length = dimensions::length(self.function, &range.end).filter(|_| !range.inclusive);
            let lasts = |code: &Code| code.repeatable && code.reads.iter().all(|var| !outside.changed.contains(var));
            if !lasts(&range.start) || length.is_none() && !lasts(&range.end) {
                continue;
            }
            let around = outside.runs.clone();
            let runs = is_run(&range, length.as_ref());
            let on = &around.on;
            outside.runs.on = quote!(#on && #runs);
            outside.runs.reads.extend(range.start.reads.iter().chain(range.end.reads.iter().filter(|_| length.is_none())));
            self.inner_loops(&mut each.body, outside);
            let length = length.unwrap_or_else(|| range.end.tokens.clone());
            for inner in &mut each.body {
                if let Statement::Loop(over) = inner
                    && let Header::Range(lane) = &over.header
                    && self.function.lanes.contains(&lane.index)
                    && lane.end.tokens.to_string() == lanes().to_string()
                {
                    let row = Row { index: range.index, start: &range.start, length: &length, lane: lane.index };
                    self.lane_loop(&mut over.body, &row, outside);
                }
            }
            outside.runs = around;
        }
    }

    /// Lets the statements of a lane take their elements from rows side by side.
    fn lane_loop(&mut self, body: &mut Block, row: &Row, outside: &mut Outside) {
        let before = Declared::of(body);
        let mut each = |pass: &mut Self, element: &[TokenTree], reads: &[Var]| {
            let element = pass.element(element, reads, &before, row, outside)?;
            Some(pass.side_by_side(element, outside))
        };
        for statement in body {
            match statement {
                Statement::Code { code, .. } => self.code(code, &mut each),
                other => edit::own_exprs(other, &mut |expr| self.expr(expr, &mut each)),
            }
        }
    }

    fn expr(&mut self, expr: &mut Expr, each: &mut Each<Self>) {
        match expr {
            Expr::Apply(_, operands, _) => operands.iter_mut().for_each(|operand| self.expr(operand, each)),
            Expr::Operand(Operand::Code(code)) => self.code(code, each),
            Expr::Operand(Operand::Place(place)) => {
                let Some((tokens, reads)) = written(self.function, place) else { return };
                let tokens: Vec<TokenTree> = tokens.into_iter().collect();
                if let Some((tokens, more)) = each(self, &tokens, &reads) {
                    let reads = reads.into_iter().chain([more]).collect();
                    *expr = Expr::Operand(Operand::Code(Code { tokens, reads, repeatable: true, span: place.span }));
                }
            }
            Expr::Operand(Operand::Number(_)) => {}
        }
    }

    /// Replaces elements in copied code, where that evaluates all of its operands.
    fn code(&mut self, code: &mut Code, each: &mut Each<Self>) {
        let tokens: Vec<TokenTree> = code.tokens.clone().into_iter().collect();
        if !tokens.iter().all(is_evaluated) {
            return;
        }
        let mut out = TokenStream::new();
        let mut at = 0;
        while at < tokens.len() {
            let after_dot = at > 0 && matches!(&tokens[at - 1], TokenTree::Punct(dot) if dot.as_char() == '.');
            let count = if after_dot { 0 } else { indexed(&tokens[at..]) };
            match (count > 1).then(|| each(self, &tokens[at..at + count], &code.reads)).flatten() {
                Some((element, more)) => {
                    out.extend(element);
                    code.reads.push(more);
                    at += count;
                }
                None => {
                    out.extend([tokens[at].clone()]);
                    at += 1;
                }
            }
        }
        code.tokens = out;
    }

    /// The element of a row that `x[..][j]` is, where it is the same in each iteration of the loop outside.
    fn element(&self, tokens: &[TokenTree], reads: &[Var], before: &Declared, row: &Row, outside: &Outside) -> Option<Element> {
        let named = |name: &dyn ToString| {
            let name = name.to_string();
            reads.iter().copied().find(|var| self.function.variable(*var).name == name)
        };
        let [TokenTree::Ident(name), indices @ .., TokenTree::Group(last)] = tokens else { return None };
        let root = named(name)?;
        let lengths = self.function.dimensions.get(&root).filter(|_| self.is_of_arrays(root))?;
        let length = lengths.last()?.clone().filter(|_| lengths.len() == indices.len() + 1)?;
        (named(&last.stream()) == Some(row.index) && row.covers(&length)).then_some(())?;
        let mut wanted = BTreeSet::new();
        for index in indices {
            let TokenTree::Group(index) = index else { return None };
            names_in(index.stream(), &mut |name| wanted.extend(named(&name)));
        }
        let before = before.needed(&mut wanted);
        let is_known = |var: &Var| *var == row.lane || !outside.changed.contains(var);
        (wanted.contains(&row.lane) && wanted.iter().all(is_known) && !outside.changed.contains(&root)).then_some(())?;
        wanted.remove(&row.lane);
        wanted.insert(root);
        let tokens = tokens.iter().cloned().collect();
        Some(Element { root, tokens, before, index: row.index, lane: row.lane, length: self.in_place(&length)?, reads: wanted })
    }

    /// Whether the variable is a parameter of scalars that nothing changes.
    fn is_of_arrays(&self, var: Var) -> bool {
        let variable = self.function.variable(var);
        let is_it = |parameter: &ir::Parameter| parameter.var == var && parameter.of_arrays;
        let plain = !variable.mutable && matches!(variable.form, Form::Owned | Form::Reference);
        plain && self.function.parameters.iter().any(|parameter| is_it(parameter) && parameter.passing != ir::Passing::Mutable)
    }

    /// The length of a row's lanes: none, where a literal shows that they are too many.
    fn in_place(&self, length: &TokenStream) -> Option<TokenStream> {
        match ir::literal::<usize>(length) {
            Some(number) => (number <= MOST).then(|| length.clone()),
            None if self.function.is_size(length) => Some(length.clone()),
            None => {
                let runtime = self.runtime;
                Some(quote!({ #runtime::lanes_in_place(#length) }))
            }
        }
    }

    /// What stands for an element, and the variable of the rows side by side, which are declared in front of the loop outside where they are not there yet.
    fn side_by_side(&mut self, element: Element, outside: &mut Outside) -> (TokenStream, Var) {
        let Element { root, tokens, before, index, lane, length, reads } = element;
        let runs = &outside.runs.on;
        let key = quote!(#before #tokens #runs).to_string();
        let (runtime, span) = (self.runtime, Span::mixed_site());
        let var = match outside.there.get(&key) {
            Some(lanes) => lanes.var,
            None => {
                let wish = format!("{}_lanes", self.function.variable(root).name);
                let var = self.function.fresh(&wish, Kind::Inactive, false, Form::Owned, span);
                let [name, index, lane] = [var, index, lane].map(|var| self.function.variable(var).name.to_token_stream());
                let value = if before.is_empty() { quote!(#tokens) } else { quote!({ #before #tokens }) };
                let tokens = quote!(let #name = #runtime::transposed::<_, #length>(#runs, |#index, #lane| #value););
                let reads: BTreeSet<Var> = reads.into_iter().chain(outside.runs.reads.iter().copied()).collect();
                outside.declared.push(binding(var, tokens, reads.iter().copied().collect(), span));
                outside.there.insert(key, Lanes { var, reads });
                var
            }
        };
        let [name, index, lane] = [var, index, lane].map(|var| self.function.variable(var).name.to_token_stream());
        (quote!(#name.at(#index, #lane, || #tokens)), var)
    }
}

/// Gives what stands for an element, and the variable that it reads.
type Each<'e, P> = dyn FnMut(&mut P, &[TokenTree], &[Var]) -> Option<(TokenStream, Var)> + 'e;

/// What is known outside of a loop.
struct Outside<'o> {
    /// What the loop declares or changes.
    changed: BTreeSet<Var>,
    /// Whether it runs, and the loops in it down to the one that is looked at.
    runs: Runs,
    there: &'o mut BTreeMap<String, Lanes>,
    declared: &'o mut Block,
}

/// Whether loops have an iteration, as code.
#[derive(Clone)]
struct Runs {
    on: TokenStream,
    reads: Vec<Var>,
}

/// The loop over the elements of rows.
struct Row<'r> {
    index: Var,
    start: &'r Code,
    length: &'r TokenStream,
    lane: Var,
}

impl Row<'_> {
    /// Whether the loop reads all elements, or half of them.
    fn covers(&self, length: &TokenStream) -> bool {
        let Some(start) = self.start.literal::<usize>() else { return false };
        match (ir::literal::<usize>(self.length), ir::literal::<usize>(length)) {
            (Some(end), Some(length)) => end.saturating_sub(start) * 2 >= length,
            _ => start <= 1 && self.length.to_string() == length.to_string(),
        }
    }
}

/// What a lane declares by code that may be evaluated anywhere.
struct Declared(Vec<(Var, Code)>);

impl Declared {
    fn of(body: &Block) -> Self {
        let declared = body.iter().filter_map(|statement| match statement {
            Statement::Code { code, binds, writes } if code.repeatable && writes.is_empty() => match binds.as_slice() {
                [var] => Some((*var, code.clone())),
                _ => None,
            },
            _ => None,
        });
        Self(declared.collect())
    }

    /// The statements that declare what is wanted of this, in order; puts what they read in its place.
    fn needed(&self, wanted: &mut BTreeSet<Var>) -> TokenStream {
        let mut statements = Vec::new();
        for (var, code) in self.0.iter().rev() {
            if wanted.remove(var) {
                wanted.extend(code.reads.iter().filter(|read| *read != var));
                statements.insert(0, &code.tokens);
            }
        }
        quote!(#(#statements)*)
    }
}

/// Whether a loop over the range, or as long as this, has an iteration.
fn is_run(range: &Range, length: Option<&TokenStream>) -> TokenStream {
    let (start, end) = (&range.start.tokens, length.unwrap_or(&range.end.tokens));
    if range.inclusive { quote!(!(#start..=#end).is_empty()) } else { quote!(!(#start..#end).is_empty()) }
}

/// Whether a token is none of those that may leave operands out: of `a && b`, closures, choices.
fn is_evaluated(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(name) => !["if", "match", "while", "loop", "for", "return", "break"].iter().any(|word| name == word),
        TokenTree::Punct(punct) => {
            "+-*/%=<>.&;:".contains(punct.as_char()) && !(punct.as_char() == '&' && punct.spacing() == Spacing::Joint)
        }
        TokenTree::Literal(_) | TokenTree::Group(_) => true,
    }
}

/// How many tokens `x[i][j]` takes at the beginning; one where it is none.
fn indexed(tokens: &[TokenTree]) -> usize {
    let is_index = |token: &&TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket);
    match tokens.first() {
        Some(TokenTree::Ident(_)) => 1 + tokens[1..].iter().take_while(is_index).count(),
        _ => 1,
    }
}

fn names_in(tokens: TokenStream, visit: &mut dyn FnMut(TokenTree)) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => names_in(group.stream(), visit),
            TokenTree::Ident(_) => visit(token),
            _ => {}
        }
    }
}

/// A place of indices alone as it is written, with what it reads.
fn written(function: &Function, place: &Place) -> Option<(TokenStream, Vec<Var>)> {
    let mut tokens = function.variable(place.root).name.to_token_stream();
    for step in &place.path {
        let index = match step {
            Step::Index(Operand::Code(code)) => code.tokens.clone(),
            Step::Index(Operand::Place(index)) if index.path.is_empty() => function.variable(index.root).name.to_token_stream(),
            _ => return None,
        };
        tokens.extend(quote!([#index]));
    }
    let mut reads = Vec::new();
    uses::place(place, &mut |var| reads.push(var));
    Some((tokens, reads))
}
