//! Other names for variables, wherever a block mentions them.
//!
//! *In:* statements whose backward halves stand with their calls, and for some variables the place that stands for each. *Out:* the same over those
//! places, in copied code as well, where a variable's name is its name alone: fields of that name stay.

use std::collections::BTreeMap;

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::{
    Argument, Back, Block, CallMode, Code, Expr, Function, Header, Operand, Passed, Place, Seed, Statement, Step, Value, Var,
};

/// What stands for variables.
#[derive(Clone, Debug, Default)]
pub struct Replaced {
    by: BTreeMap<Var, Place>,
    tokens: BTreeMap<String, TokenStream>,
    /// Arrays whose numbers are elements of the numbers of another: which, and at what index.
    spread: BTreeMap<Var, (Var, Step)>,
}

impl Replaced {
    /// Lets a variable, or one element of it, stand for another.
    pub fn insert(&mut self, function: &Function, var: Var, element: Option<Var>, by: Var) {
        let name = |var: Var| function.variable(var).name.clone();
        let (mut place, mut tokens) = (Place::whole(by, name(by).span()), name(by).to_token_stream());
        if let Some(element) = element {
            place = place.then(Step::Index(Operand::Place(Place::whole(element, name(element).span()))));
            let element = name(element);
            tokens = quote!(#tokens[#element]);
        }
        self.by.insert(var, place);
        self.tokens.insert(name(var).to_string(), tokens);
    }

    /// Lets each number of an array be the element at an index of the number at the same place of another. Copied code must not mention the array.
    pub fn spread(&mut self, var: Var, element: Step, by: Var) {
        self.spread.insert(var, (by, element));
    }

    /// The array that the numbers of another are spread in, and at what index.
    pub fn spread_of(&self, var: Var) -> Option<&(Var, Step)> {
        self.spread.get(&var)
    }

    /// What stands for the variable.
    pub fn get(&self, var: Var) -> Option<&Place> {
        self.by.get(&var)
    }

    /// The statements over what stands for their variables.
    pub fn block(&self, block: &mut Block) {
        block.iter_mut().for_each(|statement| self.statement(statement));
    }

    /// A statement whose calls are not reversed yet.
    pub fn statement(&self, statement: &mut Statement) {
        match statement {
            Statement::Let { value, .. } => value.iter_mut().for_each(|value| self.value(value)),
            Statement::Assign { place, value } | Statement::Push { place, value } => {
                self.place(place);
                self.value(value);
            }
            Statement::Add { place, value, .. } => {
                self.place(place);
                self.expr(value);
            }
            Statement::AddEach { place, each: other } | Statement::Swap { first: place, second: other } => {
                self.place(place);
                self.place(other);
            }
            Statement::Leave(var) => {
                if let Some(place) = self.by.get(var).filter(|place| place.path.is_empty()) {
                    *var = place.root;
                }
            }
            Statement::Code { code, .. } | Statement::NoExit(code) | Statement::Inert(code) => self.code(code),
            Statement::Branch(branch) => {
                self.code(&mut branch.on);
                branch.arms.iter_mut().for_each(|arm| self.block(&mut arm.body));
            }
            Statement::Loop(each) => {
                match &mut each.header {
                    Header::Range(range) => {
                        self.code(&mut range.start);
                        self.code(&mut range.end);
                    }
                    Header::While { on, .. } => self.code(on),
                    Header::Again => {}
                }
                each.exit.iter_mut().for_each(|exit| self.code(exit));
                self.block(&mut each.body);
            }
            Statement::Each { place, slopes, .. } => [place].into_iter().chain(slopes).for_each(|place| self.place(place)),
            Statement::Check { place, .. } | Statement::SameLength { primal: place, .. } => self.place(place),
            Statement::Unwind { arms, .. } => arms.iter_mut().for_each(|(_, body)| self.block(body)),
            Statement::Call(call) => {
                call.arguments.iter_mut().for_each(|argument| self.argument(argument));
                if let CallMode::Fused(back) = &mut call.mode {
                    self.back(back);
                }
            }
            Statement::Back(_) => unreachable!("backward halves stand with their calls"),
        }
    }

    fn argument(&self, argument: &mut Argument) {
        match &mut argument.passed {
            Passed::Value(operand) => self.operand(operand),
            Passed::Shared(place) | Passed::Mutable(place) | Passed::Lent(place) | Passed::Receiver(place) => self.place(place),
            Passed::Closure(lambda, _) => {
                self.block(&mut lambda.body);
                lambda.results.iter_mut().for_each(|result| self.value(result));
            }
            Passed::Function(..) => {}
        }
    }

    fn back(&self, back: &mut Back) {
        back.again.iter_mut().for_each(|argument| self.argument(argument));
        back.slots.iter_mut().flatten().for_each(|slot| self.place(slot));
        if let Seed::Place(place) = &mut back.seed {
            self.place(place);
        }
    }

    /// A value.
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::Expr(expr) => self.expr(expr),
            Value::Tuple(values) | Value::Array(values) => values.iter_mut().for_each(|value| self.value(value)),
            Value::Repeat(value, length) => {
                self.value(value);
                self.code(length);
            }
            Value::Struct { fields, base, .. } => {
                fields.iter_mut().for_each(|(_, value)| self.value(value));
                base.iter_mut().for_each(|base| self.value(base));
            }
            Value::ZerosLike(place)
            | Value::Clone(place)
            | Value::Shape(place)
            | Value::Pop(place)
            | Value::ArrayLike(place, _)
            | Value::FieldTangent(place)
            | Value::Take(place, _)
            | Value::Records(place) => self.place(place),
            Value::Zero | Value::Blank | Value::Late | Value::EmptyVec | Value::NewTape(_) => {}
        }
    }

    fn expr(&self, expr: &mut Expr) {
        match expr {
            Expr::Operand(operand) => self.operand(operand),
            Expr::Apply(_, arguments, _) => arguments.iter_mut().for_each(|argument| self.expr(argument)),
        }
    }

    fn operand(&self, operand: &mut Operand) {
        match operand {
            Operand::Place(place) => self.place(place),
            Operand::Number(_) => {}
            Operand::Code(code) => self.code(code),
        }
    }

    fn place(&self, place: &mut Place) {
        for step in &mut place.path {
            if let Step::Index(index) = step {
                self.operand(index);
            }
        }
        if let Some(by) = self.by.get(&place.root) {
            place.root = by.root;
            place.path.splice(0..0, by.path.iter().cloned());
        }
        if let Some((by, element)) = self.spread.get(&place.root) {
            place.root = *by;
            place.path.push(element.clone());
        }
    }

    /// Copied code.
    pub fn code(&self, code: &mut Code) {
        if !code.reads.iter().any(|var| self.by.contains_key(var)) {
            return;
        }
        code.tokens = self.tokens(std::mem::take(&mut code.tokens));
        let mut reads = Vec::new();
        for var in std::mem::take(&mut code.reads) {
            match self.by.get(&var) {
                Some(by) => super::uses::place(by, &mut |var| reads.push(var)),
                None => reads.push(var),
            }
        }
        reads.sort_unstable();
        reads.dedup();
        code.reads = reads;
    }

    fn tokens(&self, tokens: TokenStream) -> TokenStream {
        let mut out = TokenStream::new();
        let mut is_member = false;
        for token in tokens {
            let is_dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
            match token {
                TokenTree::Ident(ident) if !is_member && self.tokens.contains_key(&ident.to_string()) => {
                    out.extend(self.tokens[&ident.to_string()].clone());
                }
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.tokens(group.stream()));
                    inner.set_span(group.span());
                    out.extend([TokenTree::Group(inner)]);
                }
                other => out.extend([other]),
            }
            // `x.name`, but not `0..name`
            is_member = is_dot && !is_member;
        }
        out
    }
}
