//! The representation as text, for tests and for those who work on the compiler.
//!
//! *In:* a block. *Out:* one statement a line, blocks indented:
//!
//! ```text
//! for i in 0..4 {
//!   let product = mul(w[i], x[i])
//!   sum += product
//! }
//! ```

use std::fmt::Write;

use super::{
    Argument, Back, Block, Branch, Call, CallMode, Callee, Expr, Function, Header, Lambda, Loop, Operand, Passed, Place, Saved,
    Seed, Statement, Step, Value, Var,
};

/// The text of a block.
pub fn print(function: &Function, block: &Block) -> String {
    let mut printer = Printer { function, text: String::new(), depth: 0 };
    printer.block(block);
    printer.text
}

struct Printer<'a> {
    function: &'a Function,
    text: String,
    depth: usize,
}

impl Printer<'_> {
    fn line(&mut self, text: &str) {
        writeln!(self.text, "{:indent$}{text}", "", indent = 2 * self.depth).expect("a string takes all");
    }

    fn nested(&mut self, head: &str, block: &Block, tail: &str) {
        self.line(&format!("{head} {{"));
        self.depth += 1;
        self.block(block);
        if !tail.is_empty() {
            self.line(tail);
        }
        self.depth -= 1;
        self.line("}");
    }

    fn name(&self, var: Var) -> String {
        self.function.variable(var).name.to_string()
    }

    fn block(&mut self, block: &Block) {
        block.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Let { var, value: None, .. } => self.line(&format!("let {}", self.name(*var))),
            Statement::Let { var, value: Some(value), .. } => {
                self.line(&format!("let {} = {}", self.name(*var), self.value(value)))
            }
            Statement::Assign { place, value } => self.line(&format!("{} = {}", self.place(place), self.value(value))),
            Statement::Add { place, value, subtract, .. } => {
                let sign = if *subtract { '-' } else { '+' };
                self.line(&format!("{} {sign}= {}", self.place(place), self.expr(value)));
            }
            Statement::Push { place, value } => self.line(&format!("push {} to {}", self.value(value), self.place(place))),
            Statement::Swap { first, second } => self.line(&format!("swap {}, {}", self.place(first), self.place(second))),
            Statement::AddEach { place, each } => self.line(&format!("{} += each of {}", self.place(place), self.place(each))),
            Statement::Each { op, place, slopes: None, .. } => self.line(&format!("each {}({})", op.0.name, self.place(place))),
            Statement::Each { op, place, slopes: Some(slopes), .. } => {
                self.line(&format!("each {}({}), slopes {}", op.0.name, self.place(place), self.place(slopes)))
            }
            Statement::Code { code, .. } => self.line(&format!("code {}", code.tokens)),
            Statement::Leave(var) => self.line(&format!("leave {}", self.name(*var))),
            Statement::NoExit(code) => self.line(&format!("no exit {}", code.tokens)),
            Statement::Inert(code) => self.line(&format!("inert {}", code.tokens)),
            Statement::Branch(branch) => self.branch(branch),
            Statement::Loop(each) => self.each(each),
            Statement::Call(call) => self.line(&self.call(call)),
            Statement::Back(back) => self.line(&self.back(back)),
            Statement::Unwind { record, arms } => {
                for (saved, body) in arms {
                    self.nested(&format!("unwind {} {}", self.name(*record), self.saved(saved)), body, "");
                }
            }
            Statement::SameLength { adjoint, primal } => {
                self.line(&format!("same length {}, {}", self.name(*adjoint), self.place(primal)));
            }
            Statement::Check { place, what } => self.line(&format!("check {what:?} {}", self.place(place))),
        }
    }

    fn branch(&mut self, branch: &Branch) {
        for arm in &branch.arms {
            let tail =
                branch.record.map_or(String::new(), |record| format!("{} = {}", self.name(record), self.saved(&arm.saved)));
            let head = if branch.is_match { "match" } else { "if" };
            self.nested(&format!("{head} {} {}", branch.on.tokens, arm.pattern), &arm.body, &tail);
        }
    }

    fn header(&self, each: &Loop) -> String {
        match &each.header {
            Header::Range(range) => {
                let dots = if range.inclusive { "..=" } else { ".." };
                let reversed = if range.reversed { " reversed" } else { "" };
                format!("for {} in {}{dots}{}{reversed}", self.name(range.index), range.start.tokens, range.end.tokens)
            }
            Header::While { on, .. } => format!("while {}", on.tokens),
            Header::Again => "again".to_owned(),
        }
    }

    fn each(&mut self, each: &Loop) {
        let (read, filled) = match &each.tape {
            Some(tape) if tape.reads => {
                let last = if tape.shared { "the last of " } else { "" };
                (format!(" with {} from {last}{}", self.saved(&tape.saved), self.name(tape.var)), String::new())
            }
            Some(tape) => {
                let of_winners = tape.chosen.as_ref().map_or("", |_| " of winners");
                (String::new(), format!("{} <- {}{of_winners}", self.name(tape.var), self.saved(&tape.saved)))
            }
            None => (String::new(), String::new()),
        };
        let exit = each.exit.as_ref().map_or(String::new(), |exit| format!(" until {}", exit.tokens));
        self.nested(&format!("{}{exit}{read}", self.header(each)), &each.body, &filled);
    }

    fn saved(&self, saved: &[Saved]) -> String {
        format!("({})", saved.iter().map(|saved| self.name(saved.var)).collect::<Vec<_>>().join(", "))
    }

    fn call(&self, call: &Call) -> String {
        let callee = match &call.callee {
            Callee::Function { path, .. } => path.to_string(),
            Callee::Parameter(functional) => functional.name.to_string(),
            Callee::Derivative { path, which, .. } => format!("{path}::{which}"),
            Callee::Associated { ty, name, .. } => format!("{ty}::{name}"),
            Callee::Method { name, .. } => format!(".{name}"),
        };
        let arguments: Vec<_> = call.arguments.iter().map(|argument| self.argument(argument)).collect();
        let results = match &call.mode {
            CallMode::Primal | CallMode::Recomputed(_) => self.name(call.result),
            CallMode::Fused(back) => format!("{} with {}", self.name(call.result), self.back(back)),
            CallMode::Split(back) => format!("({}, {})", self.name(call.result), self.name(*back)),
            CallMode::Tangent(tangent, _) => format!("({}, {})", self.name(call.result), self.name(*tangent)),
            CallMode::SplitTangent(back, tangent, _) => {
                format!("({}, {}, {})", self.name(call.result), self.name(*tangent), self.name(*back))
            }
        };
        format!("let {results} = call {callee}({})", arguments.join(", "))
    }

    fn argument(&self, argument: &Argument) -> String {
        let active = if argument.active { "" } else { "inactive " };
        match &argument.passed {
            Passed::Value(operand) => format!("{active}{}", self.operand(operand)),
            Passed::Shared(place) => format!("{active}&{}", self.place(place)),
            Passed::Mutable(place) => format!("{active}&mut {}", self.place(place)),
            Passed::Lent(place) => format!("{active}lent {}", self.place(place)),
            Passed::Receiver(place) => format!("{active}receiver {}", self.place(place)),
            Passed::Closure(lambda, _) => format!("{active}{}", self.lambda(lambda)),
            Passed::Function(functional, _) => format!("{active}{}", functional.name),
        }
    }

    /// A closure on one line.
    fn lambda(&self, lambda: &Lambda) -> String {
        let inputs: Vec<_> = lambda.binds().map(|var| self.name(var)).collect();
        let body = print(self.function, &lambda.body).replace('\n', "; ");
        let results: Vec<_> = lambda.results.iter().map(|result| self.value(result)).collect();
        format!("|{}| {{ {body}{} }}", inputs.join(", "), results.join(", "))
    }

    fn back(&self, back: &Back) -> String {
        let slots: Vec<_> =
            back.slots.iter().map(|slot| slot.as_ref().map_or("none".to_owned(), |slot| self.place(slot))).collect();
        let seed = match &back.seed {
            Seed::Place(place) => self.place(place),
            Seed::ZerosLike(var) => format!("zeros like {}", self.name(*var)),
        };
        let companions: String = back.companions.iter().flatten().map(|lambda| format!(" by {}", self.lambda(lambda))).collect();
        format!("{}({seed} -> {}){companions}", self.name(back.back), slots.join(", "))
    }

    fn value(&self, value: &Value) -> String {
        let list = |values: &[Value]| values.iter().map(|value| self.value(value)).collect::<Vec<_>>().join(", ");
        match value {
            Value::Expr(expr) => self.expr(expr),
            Value::Tuple(values) => format!("({})", list(values)),
            Value::Array(values) => format!("[{}]", list(values)),
            Value::Repeat(value, length) => format!("[{}; {}]", self.value(value), length.tokens),
            Value::Struct { path, fields, base, .. } => {
                let mut parts: Vec<_> = fields.iter().map(|(_, value)| self.value(value)).collect();
                parts.extend(base.as_ref().map(|base| format!("..{}", self.value(base))));
                format!("{path} {{ {} }}", parts.join(", "))
            }
            Value::ZerosLike(place) => format!("zeros like {}", self.place(place)),
            Value::Late => "late".to_owned(),
            Value::Blank => "zeros".to_owned(),
            Value::FieldTangent(place) => format!("tangent of {}", self.place(place)),
            Value::EmptyVec => "[]".to_owned(),
            Value::NewTape(_) => "tape".to_owned(),
            Value::Records(tape) => format!("records of {}", self.place(tape)),
            Value::Pop(place) => format!("pop {}", self.place(place)),
            Value::ArrayLike(place, _) => format!("array like {}", self.place(place)),
            Value::Zero => "0".to_owned(),
            Value::Clone(place) => format!("clone {}", self.place(place)),
            Value::Take(place, None) => format!("take {}", self.place(place)),
            Value::Take(place, Some(shape)) => format!("take {} as {}", self.place(place), self.name(*shape)),
            Value::Shape(place) => format!("shape {}", self.place(place)),
        }
    }

    fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::Operand(operand) => self.operand(operand),
            Expr::Apply(op, arguments, _) => {
                let arguments: Vec<_> = arguments.iter().map(|argument| self.expr(argument)).collect();
                format!("{}({})", op.0.name, arguments.join(", "))
            }
        }
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Place(place) => self.place(place),
            Operand::Number(number) => number.written.as_ref().map_or_else(|| number.value.to_string(), ToString::to_string),
            Operand::Code(code) => code.tokens.to_string(),
        }
    }

    fn place(&self, place: &Place) -> String {
        place.path.iter().fold(self.name(place.root), |text, step| match step {
            Step::Field(name) => format!("{text}.{name}"),
            Step::Element(index) => format!("{text}.{index}"),
            Step::Index(index) => format!("{text}[{}]", self.operand(index)),
        })
    }
}
