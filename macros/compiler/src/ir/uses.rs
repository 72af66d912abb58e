//! Which variables a piece of the representation mentions, and which it declares.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

use super::{
    Argument, Back, Block, Branch, Call, CallMode, Code, Counting, Expr, Lambda, Loop, Operand, Passed, Place, Seed, Statement,
    Step, Tangent, Value, Var,
};

/// Visits the variables of a place, the root first.
pub fn place(place: &Place, visit: &mut impl FnMut(Var)) {
    visit(place.root);
    for step in &place.path {
        if let Step::Index(index) = step {
            operand(index, visit);
        }
    }
}

/// Visits the variables of an operand.
pub fn operand(operand: &Operand, visit: &mut impl FnMut(Var)) {
    match operand {
        Operand::Place(inner) => place(inner, visit),
        Operand::Number(_) => {}
        Operand::Code(inner) => code(inner, visit),
    }
}

/// Visits the variables of copied code.
pub fn code(code: &Code, visit: &mut impl FnMut(Var)) {
    code.reads.iter().copied().for_each(visit);
}

/// Visits the variables of an expression.
pub fn expr(expression: &Expr, visit: &mut impl FnMut(Var)) {
    match expression {
        Expr::Operand(inner) => operand(inner, visit),
        Expr::Apply(_, arguments, _) => arguments.iter().for_each(|argument| expr(argument, visit)),
    }
}

/// Visits the variables of a value.
pub fn value(stored: &Value, visit: &mut impl FnMut(Var)) {
    match stored {
        Value::Expr(inner) => expr(inner, visit),
        Value::Tuple(values) | Value::Array(values) => values.iter().for_each(|inner| value(inner, visit)),
        Value::Repeat(inner, length) => {
            value(inner, visit);
            code(length, visit);
        }
        Value::Struct { fields, base, .. } => {
            fields.iter().for_each(|(_, inner)| value(inner, visit));
            base.iter().for_each(|base| value(base, visit));
        }
        Value::ZerosLike(inner)
        | Value::Clone(inner)
        | Value::Shape(inner)
        | Value::Pop(inner)
        | Value::ArrayLike(inner, _)
        | Value::FieldTangent(inner)
        | Value::Records(inner) => place(inner, visit),
        Value::Take(inner, shape) => {
            place(inner, visit);
            shape.iter().for_each(|shape| visit(*shape));
        }
        Value::Zero | Value::Blank | Value::Late | Value::EmptyVec | Value::NewTape(_) => {}
    }
}

fn argument(argument: &Argument, visit: &mut impl FnMut(Var)) {
    match &argument.passed {
        Passed::Value(inner) => operand(inner, visit),
        Passed::Shared(inner) | Passed::Mutable(inner) | Passed::Lent(inner) | Passed::Receiver(inner) => place(inner, visit),
        Passed::Closure(inner, _) => lambda(inner, visit),
        Passed::Function(..) => {}
    }
}

/// Visits every variable that a closure mentions, those that it is called with included.
pub fn lambda(inner: &Lambda, visit: &mut impl FnMut(Var)) {
    inner.binds().for_each(&mut *visit);
    block(&inner.body, visit);
    inner.results.iter().for_each(|result| value(result, visit));
}

/// The closures that a call or its backward half is given.
pub fn lambdas(inner: &Statement) -> Vec<&Lambda> {
    let mut found = Vec::new();
    match inner {
        Statement::Call(call) => {
            lambdas_of_arguments(&call.arguments, &mut found);
            match &call.mode {
                CallMode::Primal | CallMode::Split(_) | CallMode::Recomputed(_) => {}
                CallMode::Fused(back) => lambdas_of_back(back, &mut found),
                CallMode::Tangent(_, tangents) | CallMode::SplitTangent(_, _, tangents) => {
                    lambdas_of_tangents(tangents, &mut found);
                }
            }
        }
        Statement::Back(back) => lambdas_of_back(back, &mut found),
        _ => {}
    }
    found
}

fn lambdas_of_arguments<'s>(arguments: &'s [Argument], found: &mut Vec<&'s Lambda>) {
    found.extend(arguments.iter().filter_map(|argument| match &argument.passed {
        Passed::Closure(inner, _) => Some(&**inner),
        _ => None,
    }));
}

fn lambdas_of_tangents<'s>(tangents: &'s [Tangent], found: &mut Vec<&'s Lambda>) {
    found.extend(tangents.iter().filter_map(|tangent| match tangent {
        Tangent::Closure(inner) => Some(&**inner),
        _ => None,
    }));
}

fn lambdas_of_back<'s>(back: &'s Back, found: &mut Vec<&'s Lambda>) {
    lambdas_of_arguments(&back.again, found);
    found.extend(back.companions.iter().flatten());
    if let Some(pushed) = &back.pushed {
        lambdas_of_tangents(&pushed.dots, found);
        found.extend(pushed.companions.iter().flatten());
    }
}

fn call(call: &Call, visit: &mut impl FnMut(Var)) {
    call.arguments.iter().for_each(|inner| argument(inner, visit));
    match &call.mode {
        CallMode::Primal | CallMode::Split(_) | CallMode::Recomputed(_) => {}
        CallMode::Fused(inner) => back(inner, visit),
        CallMode::Tangent(_, inner) | CallMode::SplitTangent(_, _, inner) => tangents(inner, visit),
    }
}

fn tangents(tangents: &[Tangent], visit: &mut impl FnMut(Var)) {
    for tangent in tangents {
        match tangent {
            Tangent::Inactive => {}
            Tangent::Place(inner) => place(inner, visit),
            Tangent::Expr(inner) => expr(inner, visit),
            Tangent::Closure(inner) => lambda(inner, visit),
        }
    }
}

fn seed(seed: &Seed, visit: &mut impl FnMut(Var)) {
    match seed {
        Seed::Place(inner) => place(inner, visit),
        Seed::ZerosLike(inner) => visit(*inner),
    }
}

fn back(inner: &Back, visit: &mut impl FnMut(Var)) {
    seed(&inner.seed, visit);
    inner.slots.iter().flatten().for_each(|slot| place(slot, visit));
    inner.companions.iter().flatten().for_each(|inner| lambda(inner, visit));
    if let Some(pushed) = &inner.pushed {
        pushed.companions.iter().flatten().for_each(|inner| lambda(inner, visit));
        tangents(&pushed.dots, visit);
        seed(&pushed.seed, visit);
        pushed.slots.iter().flatten().for_each(|slot| place(slot, visit));
    }
}

/// Visits every variable that a block mentions, declarations included, inner blocks too.
pub fn block(statements: &Block, visit: &mut impl FnMut(Var)) {
    statements.iter().for_each(|inner| statement(inner, visit));
}

/// Visits every variable that a statement mentions.
pub fn statement(inner: &Statement, visit: &mut impl FnMut(Var)) {
    declared(inner, visit);
    match inner {
        Statement::Let { value: stored, .. } => stored.iter().for_each(|stored| value(stored, visit)),
        Statement::Assign { place: target, value: stored } | Statement::Push { place: target, value: stored } => {
            place(target, visit);
            value(stored, visit);
        }
        Statement::Add { place: target, value, .. } => {
            place(target, visit);
            expr(value, visit);
        }
        Statement::AddEach { place: target, each: other } | Statement::Swap { first: target, second: other } => {
            place(target, visit);
            place(other, visit);
        }
        Statement::Code { code: inner, writes, .. } => {
            code(inner, visit);
            writes.iter().copied().for_each(visit);
        }
        Statement::Leave(var) => visit(*var),
        Statement::NoExit(inner) | Statement::Inert(inner) => code(inner, visit),
        Statement::Branch(inner) => branch(inner, visit),
        Statement::Loop(inner) => each(inner, visit),
        Statement::Call(inner) => call(inner, visit),
        Statement::Back(inner) => {
            if inner.recomputes.is_none() {
                visit(inner.back);
            }
            inner.again.iter().for_each(|inner| argument(inner, visit));
            back(inner, visit);
        }
        Statement::Unwind { record, arms } => {
            visit(*record);
            for (saved, body) in arms {
                saved.iter().for_each(|saved| visit(saved.var));
                block(body, visit);
            }
        }
        Statement::SameLength { adjoint, primal } => {
            visit(*adjoint);
            place(primal, visit);
        }
        Statement::Each { place: inner, slopes, .. } => [inner].into_iter().chain(slopes).for_each(|inner| place(inner, visit)),
        Statement::Check { place: inner, .. } => place(inner, visit),
    }
}

/// How often a statement mentions a variable.
pub fn mentions(inner: &Statement, var: Var) -> usize {
    let mut count = 0;
    statement(inner, &mut |used| count += usize::from(used == var));
    count
}

fn branch(inner: &Branch, visit: &mut impl FnMut(Var)) {
    code(&inner.on, visit);
    for arm in &inner.arms {
        arm.binds.iter().copied().for_each(&mut *visit);
        block(&arm.body, visit);
        arm.saved.iter().for_each(|saved| visit(saved.var));
    }
}

fn each(inner: &Loop, visit: &mut impl FnMut(Var)) {
    inner.binds().into_iter().for_each(&mut *visit);
    inner.conditions().into_iter().for_each(|condition| code(condition, visit));
    block(&inner.body, visit);
    inner.exit.iter().for_each(|exit| code(exit, visit));
    inner.follows().into_iter().for_each(&mut *visit);
    if let Some(tape) = &inner.tape {
        visit(tape.var);
        tape.count.into_iter().for_each(&mut *visit);
        if let Some(chosen) = tape.chosen.as_ref().filter(|_| !tape.reads) {
            expr(&chosen.part, visit);
            expr(&chosen.before, visit);
        }
        tape.saved.iter().for_each(|saved| {
            visit(saved.var);
            saved.apart.iter().for_each(|apart| visit(apart.tape));
        });
    }
}

/// The variables that a block declares, also in the blocks inside, and those that its loops bind.
pub fn declared_within(inner: &Block, into: &mut BTreeSet<Var>) {
    for statement in inner {
        declared(statement, &mut |var| _ = into.insert(var));
        match statement {
            Statement::Branch(branch) => branch.arms.iter().for_each(|arm| declared_within(&arm.body, into)),
            Statement::Loop(each) => {
                into.extend(each.binds());
                declared_within(&each.body, into);
            }
            Statement::Unwind { arms, .. } => arms.iter().for_each(|(_, body)| declared_within(body, into)),
            _ => {}
        }
    }
}

/// Visits the variables that a statement declares for those that follow it.
pub fn declared(inner: &Statement, visit: &mut impl FnMut(Var)) {
    match inner {
        Statement::Let { var, .. } => visit(*var),
        Statement::Code { binds, .. } => binds.iter().copied().for_each(visit),
        Statement::Branch(branch) => branch.record.into_iter().for_each(visit),
        Statement::Loop(each) => {
            each.counter.filter(|_| each.counting == Counting::Counts).into_iter().for_each(&mut *visit);
            if let Some(tape) = each.tape.as_ref().filter(|tape| !tape.reads) {
                tape.saved.iter().filter_map(|saved| saved.apart).for_each(|apart| visit(apart.tape));
                if tape.shared { tape.count.into_iter().for_each(&mut *visit) } else { visit(tape.var) }
            }
        }
        Statement::Call(call) => {
            visit(call.result);
            match &call.mode {
                CallMode::Primal | CallMode::Recomputed(_) | CallMode::Fused(_) => {}
                CallMode::Split(back) => visit(*back),
                CallMode::Tangent(tangent, _) => visit(*tangent),
                CallMode::SplitTangent(back, tangent, _) => {
                    visit(*back);
                    visit(*tangent);
                }
            }
        }
        _ => {}
    }
}

/// Whether there is a loop in the block, or in one inside.
pub fn has_loops(inner: &Block) -> bool {
    inner.iter().any(|statement| match statement {
        Statement::Loop(_) => true,
        Statement::Branch(branch) => branch.arms.iter().any(|arm| has_loops(&arm.body)),
        other => lambdas(other).into_iter().any(|lambda| has_loops(&lambda.body)),
    })
}

/// Whether a name stands in the tokens.
pub fn names(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => names(&group.stream(), name),
        _ => false,
    })
}
