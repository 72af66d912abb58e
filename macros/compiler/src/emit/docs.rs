//! What the docs of a derivative say of how it is computed.
//!
//! *In:* the sweeps of a function. *Out:* which mode it is; what is kept, where, and how many bytes it takes; what is computed once more; what runs
//! forward and backward in one go. A list, one line each.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;

use crate::analysis::save;
use crate::diff::Derivatives;
use crate::ir::{
    Arm, Block, Branch, Call, CallMode, Callee, Columns, Expr, Extents, Function, Header, Kind, Loop, Saved, Statement, Tape,
    Value, Var,
};
use crate::signature::Signature;
use crate::simplify::{calls, lanes};

use super::layouts::{Most, Shapes, of_records};

/// How the derivatives of a function are computed.
pub(super) struct Report {
    /// Both sweeps in a row.
    pub(super) together: String,
    /// The two sweeps apart.
    pub(super) apart: String,
}

impl Report {
    /// Of the derivatives of a function.
    pub(super) fn of(signature: &Signature, derivatives: &Derivatives) -> Self {
        let Derivatives { reversed, fused, .. } = derivatives;
        let size = Size::of(signature);
        let together = match fused.forward_mode {
            true => {
                "Forward mode, in the direction of each active parameter at once: nothing is kept, nothing is computed twice."
                    .to_owned()
            }
            false => {
                let body = derivatives.one_by_one.as_ref().unwrap_or(&fused.body);
                let mut facts = Facts::of(&fused.function, (signature, &size), reversed.seed, &[body]);
                facts.block(body);
                facts.side_by_side = derivatives.one_by_one.is_some();
                facts.many = lanes::are_many(&fused.function, &fused.body);
                facts.at_once = derivatives.batched;
                facts.text("Reverse mode", "Nothing is kept but local variables.")
            }
        };
        let backward = derivatives.backward_one_by_one.as_ref().unwrap_or(&reversed.backward);
        let mut facts = Facts::of(&reversed.function, (signature, &size), reversed.seed, &[&reversed.forward, backward]);
        let plan = save::plan(&reversed.function, &[], &reversed.forward, backward, None);
        let numbers: Vec<Saved> = plan.saved.into_iter().filter(|saved| reversed.function.is_scalar(saved.var)).collect();
        if !numbers.is_empty() {
            facts.kept.push(format!("Kept from the first half for the second: {}.", facts.listed(&numbers)));
        }
        facts.block(&reversed.forward);
        facts.block(backward);
        let apart = facts.text("Reverse mode", "Nothing is kept from the first half for the second.");
        Self { together, apart }
    }
}

/// What a number takes.
enum Size {
    Bytes(usize),
    Type(String),
    Unknown,
}

impl Size {
    fn of(signature: &Signature) -> Self {
        if let [scalar] = signature.scalars.as_slice() {
            return Self::Type(scalar.to_string());
        }
        let mut words = BTreeSet::new();
        let types = signature.parameters.iter().filter(|p| p.active).map(|p| &p.inner);
        types.chain([&signature.output]).for_each(|ty| words_of(ty, &mut words));
        match (words.contains("f32"), words.contains("f64")) {
            (true, false) => Self::Bytes(4),
            (false, true) => Self::Bytes(8),
            _ => Self::Unknown,
        }
    }

    fn times(&self, count: usize) -> String {
        match self {
            Self::Bytes(bytes) => format!("{} bytes", count * bytes),
            Self::Type(name) if count == 1 => format!("the size of `{name}`"),
            Self::Type(name) => format!("{count} times the size of `{name}`"),
            Self::Unknown if count == 1 => "one number".to_owned(),
            Self::Unknown => format!("{count} numbers"),
        }
    }
}

fn words_of(tokens: &TokenStream, into: &mut BTreeSet<String>) {
    for token in tokens.clone() {
        match token {
            proc_macro2::TokenTree::Group(group) => words_of(&group.stream(), into),
            other => _ = into.insert(other.to_string()),
        }
    }
}

/// What is found in the sweeps.
struct Facts<'a> {
    function: &'a Function,
    size: &'a Size,
    /// The first variable that is no part of the function's value.
    seed: Var,
    kept: Vec<String>,
    in_one_go: Vec<String>,
    calls: Vec<String>,
    /// What is called in front of a loop.
    once: BTreeSet<String>,
    choices: bool,
    /// Whether iterations run side by side.
    side_by_side: bool,
    /// Whether more than eight do.
    many: bool,
    /// Whether they have arrays and records of their own then.
    at_once: bool,
    /// What is recorded for its shape alone.
    shapes_alone: BTreeSet<Var>,
    /// How numbers lie in the variables.
    shapes: Shapes,
    /// How often each loop occurs, by its identity.
    loops: BTreeMap<Var, usize>,
    /// What is computed on the way back.
    repeated: BTreeSet<Var>,
    /// Whether the statements are on the way back: the reverse of a loop or of a choice.
    is_back: bool,
    /// The loops that add to adjoints.
    adding: Vec<(Option<Var>, String)>,
}

impl<'a> Facts<'a> {
    fn of(function: &'a Function, (signature, size): (&Signature, &'a Size), seed: Var, blocks: &[&Block]) -> Self {
        let mut shapes_alone = BTreeSet::new();
        blocks.iter().for_each(|block| super::shapes_alone(block, &mut shapes_alone));
        Self {
            function,
            shapes: of_records(signature, function, blocks),
            shapes_alone,
            size,
            seed,
            kept: Vec::new(),
            in_one_go: Vec::new(),
            calls: Vec::new(),
            once: BTreeSet::new(),
            choices: false,
            side_by_side: false,
            many: false,
            at_once: false,
            loops: BTreeMap::new(),
            repeated: BTreeSet::new(),
            is_back: false,
            adding: Vec::new(),
        }
    }

    fn block(&mut self, block: &Block) {
        block.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Statement) {
        if let Statement::Let { var, value: Some(Value::Expr(Expr::Apply(..))), .. } = statement
            && self.is_back
            && *var < self.seed
        {
            self.repeated.insert(*var);
        }
        match statement {
            Statement::Let { var, .. } => self.column(*var),
            Statement::Loop(each) => self.each(each),
            Statement::Branch(branch) => {
                self.choices |= branch.record.is_some();
                if calls::is_of_pure_functions(branch) {
                    let called = branch.arms[0].body.iter().filter_map(|statement| match statement {
                        Statement::Call(call) => Some(format!("`{}`", name_of(&call.callee))),
                        _ => None,
                    });
                    self.once.extend(called);
                }
                Self::written(self.function, branch).for_each(|arm| self.block(&arm.body));
            }
            Statement::Unwind { arms, .. } => self.back(|facts| arms.iter().for_each(|(_, body)| facts.block(body))),
            Statement::Call(call) => self.call(call),
            _ => {}
        }
    }

    /// The arms of a choice, without those that do the same over rows.
    fn written<'b>(function: &'b Function, branch: &'b Branch) -> impl Iterator<Item = &'b Arm> {
        let is_over_rows = |arm: &Arm| arm.binds.iter().any(|var| function.rows.contains(var));
        branch.arms.iter().filter(move |arm| !is_over_rows(arm))
    }

    /// What the arrays of a loop keep, at the first of them.
    fn column(&mut self, var: Var) {
        let columns = &self.function.columns;
        let Some(first) = columns.iter().find(|column| column.var == var) else { return };
        let product = |columns: &Columns| columns.extents.product().to_string();
        let all = product(first);
        let of_loop: Vec<_> = columns.iter().filter(|column| column.over == first.over && product(column) == all).collect();
        if of_loop[0].var != var {
            return;
        }
        let numbers = of_loop.iter().flat_map(|columns| &columns.of);
        let names: Vec<_> = numbers.map(|number| format!("`{}`", self.function.variable(*number).name)).collect();
        let (numbers, names, over) = (names.len(), names.join(", "), &self.function.variable(first.over).name);
        let one = self.size.times(numbers);
        let place = match (&first.extents, first.extents.literal()) {
            (_, Some(count)) => format!("in place, {} for {count} iterations", self.size.times(numbers * count)),
            (Extents::Nested(lengths), None) => format!("in place, for {} iterations", times(lengths)),
            (Extents::Flat { lengths, .. }, None) => in_place_or_not(&times(lengths)),
        };
        self.kept.push(format!("Kept of each iteration of the loop over `{over}`: {names} ({one}); {place}."));
    }

    fn back(&mut self, look: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.is_back, true);
        look(self);
        self.is_back = outside;
    }

    fn each(&mut self, each: &Loop) {
        let label = match &each.header {
            Header::Range(range) => format!("the loop over `{}`", self.function.variable(range.index).name),
            Header::While { .. } | Header::Again => "the loop".to_owned(),
        };
        let mut is_back = matches!(each.header, Header::Again) || each.tape.as_ref().is_some_and(|tape| tape.reads);
        if let Some(identity) = each.identity() {
            let seen = self.loops.entry(identity).or_default();
            is_back |= *seen > 0;
            *seen += 1;
        }
        if let Some(tape) = each.tape.as_ref().filter(|tape| !tape.reads) {
            self.tape(tape, &label);
        }
        if each.tape.is_none() && !matches!(each.header, Header::Again) && !self.is_back && self.adds(&each.body) {
            self.adding.push((each.identity(), label));
        }
        match is_back {
            true => self.back(|facts| facts.block(&each.body)),
            false => self.block(&each.body),
        }
    }

    /// What a loop keeps: its record, and arrays that are apart from it.
    fn tape(&mut self, tape: &Tape, label: &str) {
        let (apart, record): (Vec<Saved>, Vec<Saved>) = tape.saved.iter().copied().partition(|saved| saved.apart.is_some());
        if tape.chosen.is_some() {
            let listed = self.listed(&record);
            return self.kept.push(format!(
                "Kept of the iterations of {label} that may give its result: {listed}; in place for two, further ones, \
                 which are equal, in a `Vec`."
            ));
        }
        for saved in [record].into_iter().chain(apart.into_iter().map(|saved| vec![saved])).filter(|saved| !saved.is_empty()) {
            let (listed, place) = (self.listed(&saved), self.place(tape, &saved));
            self.kept.push(format!("Kept of each iteration of {label}: {listed}; {place}."));
        }
    }

    /// Whether the block adds to adjoints.
    fn adds(&self, block: &Block) -> bool {
        block.iter().any(|statement| match statement {
            Statement::Add { place, .. } | Statement::AddEach { place, .. } => place.root >= self.seed,
            Statement::Back(_) => true,
            Statement::Call(call) => matches!(call.mode, CallMode::Fused(_)),
            Statement::Loop(each) => self.adds(&each.body),
            Statement::Branch(branch) => Self::written(self.function, branch).any(|arm| self.adds(&arm.body)),
            Statement::Unwind { arms, .. } => arms.iter().any(|(_, body)| self.adds(body)),
            _ => false,
        })
    }

    fn call(&mut self, call: &Call) {
        let name = name_of(&call.callee);
        match call.mode {
            CallMode::Fused(_) => self.in_one_go.push(format!("the call of `{name}`")),
            CallMode::Split(_) => self.calls.push(format!("Kept of the call of `{name}`: what its own second half needs.")),
            CallMode::Recomputed(_) => self.calls.push(format!("Computed once more: the call of `{name}`.")),
            CallMode::Primal | CallMode::Tangent(..) | CallMode::SplitTangent(..) => {}
        }
    }

    /// The variables of a record with their size.
    fn listed(&self, saved: &[Saved]) -> String {
        let name = |saved: &Saved| {
            let shape = if self.shapes_alone.contains(&saved.var) { "the shape of " } else { "" };
            format!("{shape}`{}`", self.function.variable(saved.var).name)
        };
        let names: Vec<_> = saved.iter().map(name).collect();
        let numbers = saved.iter().filter(|saved| self.function.variable(saved.var).kind == Kind::Scalar).count();
        let size = match (numbers, saved.len() - numbers) {
            (0, _) => String::new(),
            (_, 0) => format!(" ({})", self.size.times(numbers)),
            _ => format!(" (the numbers take {})", self.size.times(numbers)),
        };
        format!("{}{size}", names.join(", "))
    }

    /// Where a tape is, of records that hold this.
    fn place(&self, tape: &Tape, saved: &[Saved]) -> String {
        if saved.iter().any(|saved| saved.apart.is_some_and(|apart| apart.rows)) {
            return "in one `Vec`".to_owned();
        }
        let Some(capacity) = &tape.capacity else { return "in a `Vec`".to_owned() };
        let numbers = saved.iter().filter(|saved| self.function.is_scalar(saved.var)).count();
        let is_held = |saved: &&Saved| !self.shapes_alone.contains(&saved.var);
        let held: Vec<Saved> = saved.iter().filter(is_held).copied().collect();
        let most = self.shapes.most_in_place(self.function, &held).unwrap_or(Most::Records(1024));
        match (capacity.to_string().parse::<usize>(), most) {
            (Ok(count), _) if numbers == saved.len() => {
                format!("in place, {} for {count} iterations", self.size.times(count * numbers))
            }
            (Ok(count), Most::Records(most)) if count <= most => format!("in place, for {count} iterations"),
            (Ok(_), Most::Records(_)) => "in a `Vec`".to_owned(),
            (Ok(count), Most::OfNumbers(_)) => in_place_or_not(&count.to_string()),
            (Err(_), most) => {
                let text = capacity.to_string().replace(' ', "");
                match (self.function.is_size(capacity), most) {
                    (true, _) => format!("in place, for `{text}` iterations"),
                    (_, Most::Records(most)) => {
                        format!("in place for `{text}` iterations, in a `Vec` where these are more than {most}")
                    }
                    (_, Most::OfNumbers(_)) => in_place_or_not(&format!("`{text}`")),
                }
            }
        }
    }

    /// The names that the reverse computes once more.
    fn repeated(&self) -> Vec<String> {
        self.repeated.iter().map(|var| format!("`{}`", self.function.variable(*var).name)).collect()
    }

    fn text(mut self, mode: &str, nothing: &str) -> String {
        let single = |(identity, label): &(Option<Var>, String)| {
            identity.is_none_or(|identity| self.loops[&identity] == 1).then(|| label.clone())
        };
        let loops: Vec<String> = self.adding.iter().filter_map(single).collect();
        self.in_one_go.splice(0..0, loops);
        let mut listed = BTreeSet::new();
        self.in_one_go.retain(|label| listed.insert(label.clone()));
        let repeated = self.repeated();
        let mut lines = self.kept;
        lines.append(&mut self.calls);
        if self.choices {
            lines.push("Kept of `if` and `match`: which way they went.".to_owned());
        }
        if lines.is_empty() {
            lines.push(nothing.to_owned());
        }
        if !repeated.is_empty() {
            lines.push(format!("Computed once more on the way back: {}.", repeated.join(", ")));
        }
        if !self.in_one_go.is_empty() {
            lines.push(format!("Run forward and backward in one go: {}.", self.in_one_go.join(", ")));
        }
        if !self.once.is_empty() {
            let names: Vec<_> = self.once.into_iter().collect();
            lines.push(format!("Called once for all iterations of a loop, if they only compute: {}.", names.join(", ")));
        }
        if self.side_by_side {
            let more = if self.many { ", and more of one whose inner loops read nothing of an iteration's own," } else { "" };
            lines.push(format!(
                "Eight iterations of a loop{more} run side by side where there are so many, on targets of 64 bits."
            ));
        }
        if self.at_once {
            lines.push("These eight have arrays and records of their own: what is kept is kept eight times.".to_owned());
        }
        let mut seen = BTreeSet::new();
        lines.retain(|line| seen.insert(line.clone()));
        let lines: Vec<_> = lines.iter().map(|line| format!(" * {line}")).collect();
        format!("{mode}:\n\n{}", lines.join("\n"))
    }
}

fn name_of(callee: &Callee) -> String {
    match callee {
        Callee::Function { path, .. } => path.to_string().replace(' ', ""),
        Callee::Derivative { path, which, .. } => format!("{}::{which}", path.to_string().replace(' ', "")),
        Callee::Associated { name, .. } | Callee::Method { name, .. } => name.to_string(),
        Callee::Parameter(function) => function.name.to_string(),
    }
}

/// Where what a constant number of iterations keeps stands.
fn in_place_or_not(count: &str) -> String {
    format!("in place for {count} iterations, in a `Vec` where these take more than 64 KiB")
}

/// A product of lengths, as it is read.
fn times(lengths: &[TokenStream]) -> String {
    let lengths: Vec<_> = lengths.iter().map(|length| format!("`{}`", length.to_string().replace(' ', ""))).collect();
    lengths.join(" × ")
}
