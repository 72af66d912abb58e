//! Checks that a block is well formed: run after every pass in the tests.
//!
//! *In:* a function and a block of it. *Out:* the first thing that is wrong, in words.
//!
//! Every variable is declared before it is used, and once in its scope, but for code that is repeated in a block inside; copied code writes no variable that carries a derivative, but for fields that carry none;
//! an operation has as many operands as its line in the table; what a reverse sweep reads from a record is what the forward sweep
//! put there.

use std::collections::{BTreeMap, BTreeSet};

use super::{Block, Branch, Expr, Function, Loop, Saved, Statement, Value, Var, uses};

/// Checks a block in which the `known` variables are there from the beginning.
///
/// # Errors
///
/// What is wrong first.
pub fn validate(function: &Function, is_varied: &dyn Fn(Var) -> bool, known: &[Var], block: &Block) -> Result<(), String> {
    let mut validator = Validator { function, is_varied, records: BTreeMap::new() };
    validator.block(block, &known.iter().copied().collect())
}

/// Checks, before differentiation, that a result which its own derivative reads is in no memory: that may change.
///
/// # Errors
///
/// The variable that holds one.
pub fn validate_results(function: &Function, block: &Block) -> Result<(), String> {
    for statement in block {
        let (var, value) = match statement {
            Statement::Let { var, value: Some(value), .. } if function.variable(*var).mutable => (*var, value),
            Statement::Assign { place, value } => (place.root, value),
            Statement::Branch(branch) => {
                branch.arms.iter().try_for_each(|arm| validate_results(function, &arm.body))?;
                continue;
            }
            Statement::Loop(each) => {
                validate_results(function, &each.body)?;
                continue;
            }
            _ => continue,
        };
        if matches!(value, Value::Expr(Expr::Apply(op, ..)) if op.reads_result()) {
            return Err(format!("`{}` holds a result that its derivative reads", function.variable(var).name));
        }
    }
    Ok(())
}

struct Validator<'a> {
    function: &'a Function,
    is_varied: &'a dyn Fn(Var) -> bool,
    /// What the arms of each branch, or the iterations of each loop, put into their record.
    records: BTreeMap<Var, Vec<Vec<Saved>>>,
}

impl Validator<'_> {
    fn name(&self, var: Var) -> String {
        self.function.variable(var).name.to_string()
    }

    fn block(&mut self, block: &Block, outer: &BTreeSet<Var>) -> Result<(), String> {
        let mut scope = outer.clone();
        let mut own = BTreeSet::new();
        for statement in block {
            self.operations(statement)?;
            self.statement(statement, &scope)?;
            let mut twice = None;
            let repeated = matches!(statement, Statement::Code { code, .. } if code.repeatable);
            uses::declared(statement, &mut |var| {
                let here = !own.insert(var);
                if !scope.insert(var) && (here || !repeated) {
                    twice = Some(var);
                }
            });
            if let Some(var) = twice {
                return Err(format!("`{}` is declared twice", self.name(var)));
            }
        }
        Ok(())
    }

    fn statement(&mut self, statement: &Statement, scope: &BTreeSet<Var>) -> Result<(), String> {
        match statement {
            Statement::Branch(branch) => self.branch(branch, scope),
            Statement::Loop(each) => self.each(each, scope),
            Statement::Unwind { record, arms } => self.unwind(*record, arms, scope),
            Statement::Let { var, value: Some(Value::Records(tape)), .. } => {
                let filled = self.records.get(&tape.root).cloned();
                self.records.extend(filled.map(|filled| (*var, filled)));
                self.used(|visit| visit(tape.root), scope)
            }
            Statement::Code { code, writes, .. } => {
                let carries = |var: &&Var| (self.is_varied)(**var) && !self.function.changed_beside.contains(var);
                if let Some(var) = writes.iter().find(carries) {
                    return Err(format!("copied code writes `{}`, which carries a derivative", self.name(*var)));
                }
                self.used(|visit| uses::code(code, &mut |var| visit(var)), &with_declared(statement, scope))
            }
            other => {
                let mut with_lambdas = with_declared(other, scope);
                for lambda in uses::lambdas(other) {
                    let inside = scope.iter().copied().chain(lambda.binds()).collect();
                    self.block(&lambda.body, &inside)?;
                    uses::lambda(lambda, &mut |var| _ = with_lambdas.insert(var));
                }
                self.used(|visit| uses::statement(other, &mut |var| visit(var)), &with_lambdas)
            }
        }
    }

    fn branch(&mut self, branch: &Branch, scope: &BTreeSet<Var>) -> Result<(), String> {
        self.used(|visit| uses::code(&branch.on, &mut |var| visit(var)), scope)?;
        for arm in &branch.arms {
            let inside = scope.iter().chain(&arm.binds).copied().collect();
            self.block(&arm.body, &inside)?;
        }
        if let Some(record) = branch.record {
            self.records.insert(record, branch.arms.iter().map(|arm| arm.saved.clone()).collect());
        }
        Ok(())
    }

    fn each(&mut self, each: &Loop, scope: &BTreeSet<Var>) -> Result<(), String> {
        for condition in each.conditions() {
            self.used(|visit| uses::code(condition, &mut |var| visit(var)), scope)?;
        }
        self.used(|visit| each.follows().into_iter().for_each(visit), scope)?;
        let mut inside = scope.clone();
        inside.extend(each.binds());
        match &each.tape {
            Some(tape) if tape.reads => {
                let apart = tape.saved.iter().map(|saved| saved.apart.map(|apart| apart.tape));
                self.used(|visit| [Some(tape.var), tape.count].into_iter().chain(apart).flatten().for_each(visit), scope)?;
                if self.records.get(&tape.var) != Some(&vec![tape.saved.clone()]) {
                    return Err(format!("`{}` is read otherwise than it was filled", self.name(tape.var)));
                }
                inside.extend(tape.saved.iter().map(|saved| saved.var));
            }
            Some(tape) => {
                if tape.shared {
                    self.used(|visit| visit(tape.var), scope)?;
                }
                self.records.insert(tape.var, vec![tape.saved.clone()]);
            }
            None => {}
        }
        self.block(&each.body, &inside)
    }

    fn unwind(&mut self, record: Var, arms: &[(Vec<Saved>, Block)], scope: &BTreeSet<Var>) -> Result<(), String> {
        self.used(|visit| visit(record), scope)?;
        let kept: Vec<_> = arms.iter().map(|(saved, _)| saved.clone()).collect();
        if self.records.get(&record) != Some(&kept) {
            return Err(format!("`{}` is read otherwise than it was filled", self.name(record)));
        }
        for (saved, body) in arms {
            let inside = scope.iter().copied().chain(saved.iter().map(|saved| saved.var)).collect();
            self.block(body, &inside)?;
        }
        Ok(())
    }

    /// Checks that what is used is there.
    fn used(&self, visit: impl FnOnce(&mut dyn FnMut(Var)), scope: &BTreeSet<Var>) -> Result<(), String> {
        let mut missing = None;
        visit(&mut |var| {
            if !scope.contains(&var) {
                missing = missing.or(Some(var));
            }
        });
        missing.map_or(Ok(()), |var| Err(format!("`{}` is used where it is not declared", self.name(var))))
    }

    fn operations(&self, statement: &Statement) -> Result<(), String> {
        match statement {
            Statement::Let { value: Some(Value::Expr(expr)), .. }
            | Statement::Assign { value: Value::Expr(expr), .. }
            | Statement::Add { value: expr, .. } => operation(expr),
            _ => Ok(()),
        }
    }
}

fn with_declared(statement: &Statement, scope: &BTreeSet<Var>) -> BTreeSet<Var> {
    let mut scope = scope.clone();
    uses::declared(statement, &mut |var| {
        scope.insert(var);
    });
    scope
}

fn operation(expr: &Expr) -> Result<(), String> {
    let Expr::Apply(op, arguments, _) = expr else { return Ok(()) };
    if op.0.operands.len() != arguments.len() {
        return Err(format!("`{}` is applied to {} operands", op.0.name, arguments.len()));
    }
    arguments.iter().try_for_each(operation)
}
