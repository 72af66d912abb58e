//! ```text
//! for i in a..b { let y = g(v); .. }  ⟶  if g is pure && a < b { let y = g(v); for i in a..b { .. } } else { for i in a..b { let y = g(v); .. } }
//! ```
//!
//! where no iteration changes `v`. A pure function gives the same each time that it is called with the same, to the bit, and does nothing else, so that one call stands for
//! all: and so does its reverse, which takes the sum of what flows back in the iterations. Whether `g` is pure is a constant beside its derivatives (`lower::facts::pure`), which
//! is not known here: rustc keeps one of the two loops.
//!
//! *In:* a block before differentiation. *Out:* the same, in which such a call is made once. What its arguments are computed from goes with it. It is made where the first iteration makes it
//! in any case, so that it is not made by a loop that runs not at all.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::analysis::effects::Effects;
use crate::ir::{
    Argument, Block, Branch, Call, CallMode, Callee, Code, Expr, Function, Header, Loop, Operand, Passed, Place, Range,
    Statement, Step, Value, Var, copy, edit, uses,
};
use crate::spans::at_call_site;

/// The constant beside a function's derivatives that says whether it is pure.
pub const IS_PURE: &str = "__IS_PURE";

/// Makes calls that give the same in all iterations of a loop once, in front of it.
pub fn hoist_from(function: &mut Function, runtime: &TokenStream) {
    let mut body = std::mem::take(&mut function.body);
    hoist(function, &mut body, runtime);
    function.body = body;
}

fn hoist(function: &mut Function, block: &mut Block, runtime: &TokenStream) {
    for statement in std::mem::take(block) {
        block.push(match statement {
            Statement::Loop(mut each) => {
                if let Some(moved) = Moved::of(function, &each)
                    && let Some(mut once) = moved.in_front(function, &each)
                {
                    hoist(function, &mut once, runtime);
                    Statement::either(moved.condition(runtime), once, vec![Statement::Loop(each)])
                } else {
                    hoist(function, &mut each.body, runtime);
                    Statement::Loop(each)
                }
            }
            Statement::Branch(mut branch) => {
                branch.arms.iter_mut().for_each(|arm| hoist(function, &mut arm.body, runtime));
                Statement::Branch(branch)
            }
            other => other,
        });
    }
}

/// What is the same in all iterations.
struct Moved<'a> {
    /// The calls and what their arguments are computed from, in order.
    statements: Vec<&'a Statement>,
    /// The ranges that have to run for each of the calls.
    ranges: Vec<&'a Range>,
}

impl<'a> Moved<'a> {
    fn of(function: &Function, each: &'a Loop) -> Option<Self> {
        let range = each_range(each)?;
        let mut changed: BTreeSet<Var> = each.binds().into_iter().collect();
        uses::declared_within(&each.body, &mut changed);
        let effects = Effects::of_block(&each.body);
        changed.extend(effects.writes.iter().chain(&effects.adds));
        if !is_unchanged_range(range, &changed) {
            return None;
        }
        let mut moved = Self { statements: Vec::new(), ranges: vec![range] };
        moved.gather(function, &each.body, &mut changed);
        moved.keep_what_calls_need();
        if !moved.calls().all(|call| is_number(call.result, &each.body)) {
            return None;
        }
        (!moved.statements.is_empty()).then_some(moved)
    }

    fn gather(&mut self, function: &Function, block: &'a Block, changed: &mut BTreeSet<Var>) {
        for statement in block {
            match statement {
                Statement::Let { var, value: Some(Value::Expr(expr)), .. }
                    if !function.variable(*var).mutable && is_unchanged(expr, changed) =>
                {
                    changed.remove(var);
                    self.statements.push(statement);
                }
                Statement::Call(call) if is_the_same(function, call, changed) => {
                    changed.remove(&call.result);
                    self.statements.push(statement);
                }
                Statement::Loop(inner) => {
                    let calls = self.statements.len();
                    if let Some(range) = each_range(inner).filter(|range| is_unchanged_range(range, changed)) {
                        self.gather(function, &inner.body, changed);
                        if self.statements[calls..].iter().any(|statement| matches!(statement, Statement::Call(_))) {
                            self.ranges.push(range);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Leaves out what no call needs.
    fn keep_what_calls_need(&mut self) {
        let mut needed = BTreeSet::new();
        let mut kept = Vec::new();
        for statement in self.statements.drain(..).rev() {
            let is_needed = match statement {
                Statement::Let { var, .. } => needed.contains(var),
                _ => true,
            };
            if is_needed {
                uses::statement(statement, &mut |var| _ = needed.insert(var));
                kept.push(statement);
            }
        }
        kept.reverse();
        self.statements = kept;
    }

    fn calls(&self) -> impl Iterator<Item = &'a Call> {
        self.statements.iter().filter_map(|statement| match statement {
            Statement::Call(call) => Some(call),
            _ => None,
        })
    }

    /// The statements once, and the loop without them.
    fn in_front(&self, function: &mut Function, each: &Loop) -> Option<Block> {
        let declared: BTreeSet<Var> = self.statements.iter().filter_map(|statement| declared(statement)).collect();
        let mut rest = each.clone();
        without(&mut rest.body, &declared);
        let mut block: Block = self.statements.iter().map(|statement| (*statement).clone()).collect();
        block.push(Statement::Loop(rest));
        copy::of_block(function, &block)
    }

    /// Whether all of the callees are pure, and each range has something in it.
    fn condition(&self, runtime: &TokenStream) -> Code {
        let mut seen = BTreeSet::new();
        let callees = self.calls().filter_map(|call| match &call.callee {
            Callee::Function { path, .. } if seen.insert(path.to_string()) => Some(is_pure(path, call.span, runtime)),
            _ => None,
        });
        let mut tokens: Vec<TokenStream> = callees.collect();
        let mut reads = BTreeSet::new();
        for range in &self.ranges {
            let (start, end) = (&range.start.tokens, &range.end.tokens);
            let less = if range.inclusive { quote!(<=) } else { quote!(<) };
            tokens.push(quote!((#start) #less (#end)));
            reads.extend(range.start.reads.iter().chain(&range.end.reads).copied());
        }
        let span = self.ranges[0].start.span;
        Code { tokens: quote!(#(#tokens)&&*), reads: reads.into_iter().collect(), repeatable: true, span }
    }
}

/// Whether the choice is between one call for all iterations and one in each.
pub fn is_of_pure_functions(branch: &Branch) -> bool {
    uses::names(&branch.on.tokens, IS_PURE)
}

/// The range that a loop runs over; it may be left early, but not within an iteration.
fn each_range(each: &Loop) -> Option<&Range> {
    match &each.header {
        Header::Range(range) => Some(range),
        _ => None,
    }
}

fn is_unchanged_range(range: &Range, changed: &BTreeSet<Var>) -> bool {
    is_unchanged_code(&range.start, changed) && is_unchanged_code(&range.end, changed)
}

fn is_unchanged_code(code: &Code, changed: &BTreeSet<Var>) -> bool {
    code.repeatable && code.reads.iter().all(|var| !changed.contains(var))
}

fn is_unchanged_place(place: &Place, changed: &BTreeSet<Var>) -> bool {
    !changed.contains(&place.root)
        && place.path.iter().all(|step| match step {
            Step::Index(index) => is_unchanged_operand(index, changed),
            _ => true,
        })
}

fn is_unchanged_operand(operand: &Operand, changed: &BTreeSet<Var>) -> bool {
    match operand {
        Operand::Place(place) => is_unchanged_place(place, changed),
        Operand::Number(_) => true,
        Operand::Code(code) => is_unchanged_code(code, changed),
    }
}

fn is_unchanged(expr: &Expr, changed: &BTreeSet<Var>) -> bool {
    match expr {
        Expr::Operand(operand) => is_unchanged_operand(operand, changed),
        // what converts may be a user's
        Expr::Apply(op, arguments, _) => {
            op.0.name != "convert" && arguments.iter().all(|argument| is_unchanged(argument, changed))
        }
    }
}

/// Whether the call gives the same number in each iteration, if its callee is pure.
fn is_the_same(function: &Function, call: &Call, changed: &BTreeSet<Var>) -> bool {
    let is_function = matches!(&call.callee, Callee::Function { local: false, .. });
    let is_unchanged = |argument: &Argument| match &argument.passed {
        Passed::Value(operand) => is_unchanged_operand(operand, changed),
        Passed::Shared(place) => is_unchanged_place(place, changed),
        _ => false,
    };
    is_function
        && matches!(call.mode, CallMode::Primal)
        && !call.recomputed
        && !function.variable(call.result).mutable
        && call.arguments.iter().all(is_unchanged)
}

/// Whether the variable holds a number, as an operand does: the result of a call may be anything, and be moved where it is used.
fn is_number(var: Var, block: &Block) -> bool {
    fn is_operand(expr: &Expr, var: Var) -> bool {
        match expr {
            Expr::Operand(_) => false,
            Expr::Apply(_, arguments, _) => {
                arguments.iter().any(|argument| argument.whole() == Some(var) || is_operand(argument, var))
            }
        }
    }
    let mut found = false;
    edit::exprs(&mut block.clone(), &mut |expr| found |= is_operand(expr, var));
    found
}

fn declared(statement: &Statement) -> Option<Var> {
    match statement {
        Statement::Let { var, .. } => Some(*var),
        Statement::Call(call) => Some(call.result),
        _ => None,
    }
}

/// Takes what declares one of the variables out of a block and of the loops inside.
fn without(block: &mut Block, vars: &BTreeSet<Var>) {
    block.retain(|statement| declared(statement).is_none_or(|var| !vars.contains(&var)));
    for statement in block {
        if let Statement::Loop(each) = statement {
            without(&mut each.body, vars);
        }
    }
}

/// Whether a function is pure; one without derivatives is not.
pub fn is_pure(path: &TokenStream, span: Span, runtime: &TokenStream) -> TokenStream {
    let (callee, constant) = (Ident::new("__callee", span), Ident::new(IS_PURE, span));
    let constant = quote_spanned!(at_call_site(span)=> #callee::#constant);
    quote!({ use #path as #callee; use #runtime::missing::purity::*; #constant })
}
