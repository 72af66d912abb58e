//! What the reverse sweep needs of the forward sweep, and how it gets it: by keeping a value, or by computing it again.
//!
//! *In:* the forward and the reverse statements of a block that the reverse sweep enters anew (a branch, an iteration, the
//! backward half of a function). *Out:* the variables to be recorded, and the statements that are repeated in front of the
//! reverse ones.
//!
//! Transcendental results, divisions, results of calls and reads of memory that may change are kept; cheap arithmetic, indices,
//! references and copies of places that do not change are computed again where all that they need is there: outside of the
//! block, kept already, or itself computed again. Memory of the function's own that nothing overwrites between the block and its reverse
//! (`Later`) is read again; so is what a loop stores in an element of such memory that no other iteration touches, and what stands in an element that
//! is left alone from then on (`settled`).

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};

use crate::analysis::effects::Effects;
use crate::analysis::elements;
use crate::ir::sets::{VarMap, VarSet};
use crate::ir::{Block, CallMode, Expr, Function, Kind, Operand, Passed, Place, Saved, Statement, Step, Value, Var, uses};

/// What is kept, and what is repeated.
#[derive(Debug, Default)]
pub struct Plan {
    /// The variables to be recorded, in the order of their declaration.
    pub saved: Vec<Saved>,
    /// The declarations to be repeated before the reverse statements.
    pub repeated: Block,
}

/// The memory that statements change, as they are gone through from the last to the first.
#[derive(Debug, Default)]
pub struct Changed {
    /// By the number of those that were found before.
    found: BTreeMap<Var, usize>,
}

impl Changed {
    /// Adds a variable.
    pub fn insert(&mut self, var: Var) {
        let count = self.found.len();
        self.found.entry(var).or_insert(count);
    }

    /// Adds what a statement changes.
    pub fn by(&mut self, statement: &Statement) {
        let mut changed = BTreeSet::new();
        changes(statement, &mut changed);
        changed.into_iter().for_each(|var| self.insert(var));
    }

    /// Whether the variable is among them.
    pub fn contains(&self, var: Var) -> bool {
        self.found.contains_key(&var)
    }

    /// How many are found.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Whether the variable is among the first that were found.
    fn among(&self, var: Var, first: usize) -> bool {
        self.found.get(&var).is_some_and(|before| *before < first)
    }
}

/// What happens to memory between a block and its reverse.
#[derive(Clone, Copy, Debug)]
pub struct Later<'a> {
    /// Overwritten or moved by the block, in any of its runs, or after it.
    pub changed: &'a Changed,
    /// How many of them are so without what the block does, of a loop over a range, and its index.
    pub after: Option<(Var, usize)>,
    /// The variables that hold what stands in such memory to the end, though it is changed elsewhere (`analysis::settled`).
    pub settled: &'a BTreeSet<Var>,
    /// Where a number that the block reads stands in a copy.
    pub copied: &'a VarMap<Place>,
}

/// Adds the memory that a statement changes: what it overwrites, and what it moves from.
pub fn changes(statement: &Statement, into: &mut BTreeSet<Var>) {
    let effects = Effects::of_statement(statement);
    into.extend(effects.writes.iter().chain(&effects.adds));
    moves(statement, into);
}

/// Adds what a statement moves from.
pub fn moves(statement: &Statement, into: &mut BTreeSet<Var>) {
    match statement {
        Statement::Let { value: Some(value), .. } | Statement::Assign { value, .. } | Statement::Push { value, .. } => {
            moved(value, into);
        }
        Statement::Call(call) => into.extend(call.arguments.iter().filter_map(|argument| match &argument.passed {
            Passed::Value(Operand::Place(place)) | Passed::Receiver(place) => Some(place.root),
            _ => None,
        })),
        Statement::Branch(branch) => branch.arms.iter().flat_map(|arm| &arm.body).for_each(|inner| moves(inner, into)),
        Statement::Loop(each) => each.body.iter().for_each(|inner| moves(inner, into)),
        _ => {}
    }
}

/// What stands alone may be moved; a part of a sequence is copied.
fn moved(value: &Value, into: &mut BTreeSet<Var>) {
    match value {
        Value::Expr(Expr::Operand(Operand::Place(place))) if !place.path.iter().any(|step| matches!(step, Step::Index(_))) => {
            into.insert(place.root);
        }
        Value::Tuple(values) | Value::Array(values) => values.iter().for_each(|value| moved(value, into)),
        Value::Repeat(value, _) => moved(value, into),
        Value::Struct { fields, base, .. } => {
            fields.iter().for_each(|(_, value)| moved(value, into));
            base.iter().for_each(|base| moved(base, into));
        }
        _ => {}
    }
}

/// Decides for the variables that `forward` declares, or that are `bound` on its entry, and that `reverse` mentions. Without `later`, no
/// memory is read again.
pub fn plan(function: &Function, bound: &[Var], forward: &Block, reverse: &Block, later: Option<Later>) -> Plan {
    let mut declarations = VarMap::default();
    let mut order = bound.to_vec();
    for (position, statement) in forward.iter().enumerate() {
        uses::declared(statement, &mut |var| {
            declarations.insert(var, position);
            order.push(var);
        });
    }
    let mut mentioned = VarSet::default();
    uses::block(reverse, &mut |var| _ = mentioned.insert(var));
    let mut planner = Planner {
        function,
        forward,
        order: &order,
        known: order.iter().copied().collect(),
        declarations,
        later,
        stores: VarMap::default(),
        writes: VarMap::default(),
        reloaded: VarMap::default(),
        saved: VarSet::default(),
        repeated: VarSet::default(),
    };
    if later.is_some_and(|later| later.after.is_some()) {
        planner.look_for_stores();
    }
    let (cheap, dear): (Vec<Var>, Vec<Var>) =
        order.iter().filter(|var| mentioned.contains(**var)).partition(|var| planner.is_cheap(**var));
    dear.into_iter().for_each(|var| planner.keep(var));
    cheap.into_iter().for_each(|var| planner.decide(var));
    planner.finish()
}

struct Planner<'a> {
    function: &'a Function,
    forward: &'a Block,
    order: &'a [Var],
    known: VarSet,
    declarations: VarMap<usize>,
    later: Option<Later<'a>>,
    /// Where the block stores a variable first.
    stores: VarMap<&'a Place>,
    /// How many statements of the block change a variable.
    writes: VarMap<usize>,
    /// What stands in memory at the end.
    reloaded: VarMap<Place>,
    saved: VarSet,
    repeated: VarSet,
}

impl Planner<'_> {
    fn look_for_stores(&mut self) {
        for statement in self.forward {
            if let Statement::Assign { place, value: Value::Expr(Expr::Operand(Operand::Place(source))) } = statement
                && source.path.is_empty()
            {
                self.stores.entry(source.root).get_or_insert(place);
            }
            let mut changed = BTreeSet::new();
            changes(statement, &mut changed);
            changed.into_iter().for_each(|var| *self.writes.entry(var).get_or_insert(0) += 1);
        }
    }

    /// The statement that declares the variable; none for what a pattern binds.
    fn declaration(&self, var: Var) -> Option<&Statement> {
        self.declarations.get(var).map(|position| &self.forward[*position])
    }

    /// Whether declaring the variable once more costs little.
    fn is_cheap(&self, var: Var) -> bool {
        if self.function.variable(var).mutable {
            return false;
        }
        if self.function.nameable.contains(&var) {
            return true;
        }
        match self.declaration(var) {
            Some(Statement::Let { value: Some(Value::Expr(expr)), .. }) => {
                self.is_cheap_expr(expr) || self.is_settled(var, expr) || self.copy_of(var).is_some()
            }
            Some(Statement::Code { code, .. }) => code.repeatable,
            _ => false,
        }
    }

    fn is_cheap_expr(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Operand(Operand::Place(place)) => self.is_stable(place),
            Expr::Operand(Operand::Code(code)) => code.repeatable,
            Expr::Operand(Operand::Number(_)) => true,
            Expr::Apply(op, arguments, _) => {
                let cheap = matches!(op.0.name, "add" | "sub" | "mul" | "neg" | "abs" | "max" | "min" | "convert" | "relu");
                cheap && arguments.iter().all(|argument| self.is_cheap_expr(argument))
            }
        }
    }

    /// Whether the place holds at the end what it holds now.
    fn is_stable(&self, place: &Place) -> bool {
        let lasts = |later: Later| self.is_own(place.root) && !later.changed.among(place.root, later.changed.count());
        (!self.function.variable(place.root).mutable || self.later.is_some_and(lasts))
            && place.path.iter().all(|step| match step {
                Step::Index(Operand::Place(index)) => self.is_stable(index),
                Step::Index(Operand::Code(code)) => code.repeatable,
                _ => true,
            })
    }

    /// Whether the variable holds an element of the function's own memory that is left alone from there on.
    fn is_settled(&self, var: Var, expr: &Expr) -> bool {
        let is_own = matches!(expr, Expr::Operand(Operand::Place(place)) if self.is_own(place.root));
        is_own && self.later.is_some_and(|later| later.settled.contains(&var))
    }

    /// Where the number stands in a copy, if it does not stay where it is.
    fn copy_of(&self, var: Var) -> Option<&Place> {
        let place = self.later?.copied.get(var).filter(|place| !self.known.contains(place.root))?;
        let Some(Statement::Let { value: Some(Value::Expr(expr)), .. }) = self.declaration(var) else { return None };
        (!self.is_cheap_expr(expr) && !self.is_settled(var, expr)).then_some(place)
    }

    /// Whether the variable is memory of the function, declared outside of the block, which is there in both sweeps.
    fn is_own(&self, var: Var) -> bool {
        self.function.is_own(var) && self.function.variable(var).kind != Kind::Inactive && !self.known.contains(var)
    }

    /// Records a value, where it does not stand in memory anyway.
    fn keep(&mut self, var: Var) {
        match self.stored(var) {
            Some(place) => drop(self.reloaded.insert(var, place)),
            None => drop(self.saved.insert(var)),
        }
    }

    /// The element in which the loop stores the scalar, where each iteration has its own and nothing else writes to it.
    fn stored(&self, var: Var) -> Option<Place> {
        let (later, (index, after)) = (self.later?, self.later?.after?);
        let is_index = |step: &Step| elements::is_index(self.function, step, index);
        let is_fixed = |step: &Step| match step {
            Step::Index(Operand::Place(place)) => self.is_stable(place) && !self.known.contains(place.root),
            Step::Index(Operand::Code(code)) => code.reads.is_empty(),
            _ => true,
        };
        let place = *self.stores.get(var)?;
        let alone = self.writes.get(place.root) == Some(&1);
        let each = place.path.iter().filter(|step| is_index(step)).count() == 1;
        let fixed = place.path.iter().all(|step| is_index(step) || is_fixed(step));
        let lasts = self.is_own(place.root) && !later.changed.among(place.root, after) && self.function.is_scalar(var);
        (alone && each && fixed && lasts).then(|| place.clone())
    }

    /// The variables of the block that the variable is computed from.
    fn leaves(&self, var: Var, into: &mut BTreeSet<Var>) {
        if let Some(statement) = self.declaration(var) {
            uses::statement(statement, &mut |used| {
                if used != var && self.known.contains(used) {
                    into.insert(used);
                }
            });
        }
    }

    /// Computes a variable again where that needs no further record, and one operation for each that it saves.
    fn decide(&mut self, var: Var) {
        if self.function.referring.contains(&var) {
            self.keep_referents(var);
        }
        let mut chain = BTreeSet::new();
        let most = if self.must_repeat(var) { 128 } else { 16 };
        if self.reachable(var, most, &mut chain) {
            self.repeated.extend(chain);
        } else {
            self.keep(var);
        }
    }

    /// Records what a variable refers to, so that it can refer to it again.
    fn keep_referents(&mut self, var: Var) {
        let mut referents = BTreeSet::new();
        self.leaves(var, &mut referents);
        referents
            .into_iter()
            .filter(|referent| !self.is_cheap(*referent))
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|var| self.keep(var));
    }

    fn must_repeat(&self, var: Var) -> bool {
        matches!(self.declaration(var), Some(Statement::Code { .. }))
    }

    /// Whether the variable can be computed from what is there in few steps; collects what has to be repeated for it.
    fn reachable(&self, var: Var, most: usize, chain: &mut BTreeSet<Var>) -> bool {
        let is_there = self.saved.contains(var) || self.reloaded.contains(var);
        if is_there || self.repeated.contains(var) || chain.contains(&var) {
            return true;
        }
        if chain.len() >= most || !self.is_cheap(var) {
            return false;
        }
        let mut leaves = BTreeSet::new();
        match self.copy_of(var) {
            Some(place) => uses::place(place, &mut |used| _ = self.known.contains(used) && leaves.insert(used)),
            None => self.leaves(var, &mut leaves),
        }
        chain.insert(var);
        leaves.into_iter().all(|leaf| self.reachable(leaf, most, chain))
    }

    fn finish(self) -> Plan {
        let saved = self.order.iter().filter(|var| self.saved.contains(**var));
        let saved = saved.map(|var| {
            let by_reference = self.is_held(*var);
            Saved { var: *var, by_reference, open: !by_reference && self.is_open(*var), apart: None }
        });
        let saved = saved.collect();
        let repeated = self.order.iter().filter(|var| self.repeated.contains(**var));
        let mut positions: Vec<usize> = repeated.filter_map(|var| self.declarations.get(*var).copied()).collect();
        positions.sort_unstable();
        positions.dedup();
        let reloaded = self.order.iter().filter_map(|var| {
            let value = Value::Expr(Expr::place(self.reloaded.get(*var)?.clone()));
            Some(Statement::Let { var: *var, value: Some(value), ty: None })
        });
        let repeated = positions.into_iter().map(|position| self.again(&self.forward[position]));
        Plan { saved, repeated: reloaded.chain(repeated).collect() }
    }

    /// The statement once more: a number that does not stay where it is stands in a copy.
    fn again(&self, statement: &Statement) -> Statement {
        if let Statement::Let { var, ty: None, .. } = statement
            && let Some(place) = self.copy_of(*var)
        {
            return Statement::Let { var: *var, value: Some(Value::Expr(Expr::place(place.clone()))), ty: None };
        }
        statement.clone()
    }

    /// Whether the variable is inactive and of a type that its declaration leaves open.
    fn is_open(&self, var: Var) -> bool {
        if self.function.holders.contains(&var) {
            return true;
        }
        self.function.variable(var).kind == Kind::Inactive
            && match self.declaration(var) {
                None => true,
                Some(
                    Statement::Code { code, .. }
                    | Statement::Let { value: Some(Value::Expr(Expr::Operand(Operand::Code(code)))), .. },
                ) => !is_count(&code.tokens),
                Some(_) => false,
            }
    }

    /// Whether the record holds something that is no plain scalar or integer: it is then read through a reference.
    fn is_held(&self, var: Var) -> bool {
        if self.function.holders.contains(&var) {
            return false;
        }
        match self.declaration(var) {
            None | Some(Statement::Let { .. } | Statement::Code { .. }) => self.function.variable(var).kind == Kind::Space,
            Some(Statement::Call(call)) => match &call.mode {
                CallMode::Split(back) | CallMode::SplitTangent(back, ..) => *back == var || !self.function.is_scalar(var),
                _ => !self.function.is_scalar(var),
            },
            Some(_) => true,
        }
    }
}

/// Whether the code is a length, or made of numbers and operators.
fn is_count(code: &TokenStream) -> bool {
    let value = code.clone().into_iter().skip_while(|token| !matches!(token, TokenTree::Punct(punct) if punct.as_char() == '='));
    let value: Vec<TokenTree> = value.skip(1).collect();
    let tokens = if value.is_empty() { code.clone().into_iter().collect() } else { value };
    let text: String = tokens.iter().map(ToString::to_string).collect();
    let is_length = ["len()", "len();"].iter().any(|end| text.ends_with(end));
    let is_plain = |token: &TokenTree| match token {
        TokenTree::Literal(literal) => !literal.to_string().contains('"'),
        TokenTree::Punct(punct) => matches!(punct.as_char(), '+' | '-' | '*' | '/' | '%' | '<' | '>' | '=' | ';' | '.'),
        TokenTree::Ident(_) => true,
        TokenTree::Group(_) => false,
    };
    let is_operator = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if matches!(punct.as_char(), '-' | '*' | '/' | '%' | '<' | '>'));
    is_length
        || tokens.iter().all(is_plain)
            && (tokens.len() <= 2 && matches!(tokens.first(), Some(TokenTree::Literal(_))) || tokens.iter().any(is_operator))
}
