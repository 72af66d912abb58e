//! A function: its parameters, its variables and what is known of them, and its body.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};

use super::code::is_path;
use super::names::Taken;
use super::{Block, Columns, Dimensions, Form, Kind, Var, Variable};

/// A function's body, before it is differentiated.
#[derive(Clone, Debug)]
pub struct Function {
    /// All variables.
    pub variables: Vec<Variable>,
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The statements.
    pub body: Block,
    /// The variable that holds the result; `None` where there is none.
    pub result: Option<Var>,
    /// The type parameter that is the scalar, in generic functions.
    pub scalar: Option<Ident>,
    /// Whether the scalar is that of `Self`, as no type of the function says what it is.
    pub scalar_of_self: bool,
    /// The constant parameters of type `usize`.
    pub sizes: Vec<Ident>,
    /// Whether a path of one letter may be a constant parameter of another type, or of an `impl` around.
    pub letters_are_parameters: bool,
    /// The paths by which the function calls `stop_gradient`.
    pub stops: Vec<TokenStream>,
    /// The variables that count as active at kinks though no derivative flows through them.
    pub counted: BTreeSet<Var>,
    /// Buffers that one function works in, and their adjoints and tangents: its slot says whether a derivative flows through them.
    pub buffers: BTreeSet<Var>,
    /// Variables whose code borrows from what it reads, so that it gives the same once more where that is still there.
    pub borrowing: BTreeSet<Var>,
    /// Variables that refer to others: literals which hold references, as `View { data: &local, n: 3 }`, and what a box lends.
    pub referring: BTreeSet<Var>,
    /// Inactive variables that calls and choices give: they may be references, or hold some, to what does not outlive the function.
    pub holders: BTreeSet<Var>,
    /// Parameters whose types say that they are a `Box`, an `Rc` or an `Arc`.
    pub pointers: BTreeSet<Var>,
    /// Variables of which copied code changes fields that carry no derivative.
    pub changed_beside: BTreeSet<Var>,
    /// Variables that are known to be structs, which are no pointers.
    pub structs: BTreeSet<Var>,
    /// What stands behind parameters by shared reference, which both sweeps name: references and what is copied.
    pub nameable: BTreeSet<Var>,
    /// Inactive variables that copied expressions change, as `list.pop()` does, and lists that copied code uses up.
    pub unsettled: BTreeSet<Var>,
    /// Copies of arguments that calls may use up, which are only given to backward halves: there is none where the type has no `Clone`.
    pub given_again: BTreeSet<Var>,
    /// Copies of what methods are called on, made before the call for its backward half, and the methods.
    pub before: BTreeMap<Var, Ident>,
    /// What the tangents that closures are called with belong to.
    pub primal_of_dot: BTreeMap<Var, Var>,
    /// The lengths of the arrays that variables hold, from outside in, where they are literals or constants.
    pub dimensions: BTreeMap<Var, Dimensions>,
    /// What variables hold that are such a number, or the length of such an array.
    pub lengths: BTreeMap<Var, TokenStream>,
    /// The arrays that hold what loops keep.
    pub columns: Vec<Columns>,
    /// Copies of what loops read of sequences, and the numbers that say which part that is.
    pub excerpts: BTreeSet<Var>,
    /// What holds the memory of adjoints that all iterations of a loop use.
    pub reused: BTreeMap<Var, Var>,
    /// The indices of loops over iterations side by side.
    pub lanes: BTreeSet<Var>,
    /// The functions by which it is pure where they are: it then gives the same each time that it is called with the same, and does nothing else.
    pub pure_where: Option<Vec<TokenStream>>,
    /// Rows of sequences that loops take apart.
    pub rows: BTreeSet<Var>,
    /// Names that stand in the function, so that new ones avoid them.
    pub taken: Taken,
}

impl Function {
    /// A function without parameters and statements.
    pub fn new(scalar: Option<Ident>, sizes: Vec<Ident>, taken: Taken) -> Self {
        Self {
            variables: Vec::new(),
            parameters: Vec::new(),
            body: Vec::new(),
            result: None,
            scalar,
            scalar_of_self: false,
            sizes,
            letters_are_parameters: true,
            stops: Vec::new(),
            counted: BTreeSet::new(),
            borrowing: BTreeSet::new(),
            referring: BTreeSet::new(),
            holders: BTreeSet::new(),
            buffers: BTreeSet::new(),
            pointers: BTreeSet::new(),
            changed_beside: BTreeSet::new(),
            structs: BTreeSet::new(),
            nameable: BTreeSet::new(),
            unsettled: BTreeSet::new(),
            given_again: BTreeSet::new(),
            before: BTreeMap::new(),
            primal_of_dot: BTreeMap::new(),
            dimensions: BTreeMap::new(),
            lengths: BTreeMap::new(),
            columns: Vec::new(),
            excerpts: BTreeSet::new(),
            reused: BTreeMap::new(),
            lanes: BTreeSet::new(),
            pure_where: None,
            rows: BTreeSet::new(),
            taken,
        }
    }

    /// Whether literals are floats as they stand: none is lifted to a type parameter.
    pub fn has_plain_literals(&self) -> bool {
        self.scalar.is_none() && !self.scalar_of_self
    }

    /// The variable's data.
    pub fn variable(&self, var: Var) -> &Variable {
        &self.variables[var.0 as usize]
    }

    /// A new variable, whose name is `wish` or begins with it.
    pub fn fresh(&mut self, wish: &str, kind: Kind, mutable: bool, form: Form, span: Span) -> Var {
        let name = self.taken.fresh(wish);
        self.variables.push(Variable { name: Ident::new(&name, span), kind, mutable, form });
        Var(self.variables.len() as u32 - 1)
    }

    /// Lets messages about a variable of the sweeps' own stand elsewhere.
    pub fn say_at(&mut self, var: Var, span: Span) {
        self.variables[var.0 as usize].name.set_span(span);
    }

    /// A new variable of which the same is known as of another.
    pub fn alike(&mut self, var: Var) -> Var {
        let variable = self.variable(var).clone();
        let name = variable.name.to_string();
        let wish = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
        let copy = self.fresh(
            if wish.is_empty() { &name } else { wish },
            variable.kind,
            variable.mutable,
            variable.form,
            variable.name.span(),
        );
        let sets = [
            &mut self.counted,
            &mut self.buffers,
            &mut self.borrowing,
            &mut self.referring,
            &mut self.holders,
            &mut self.pointers,
            &mut self.structs,
            &mut self.nameable,
            &mut self.unsettled,
            &mut self.given_again,
        ];
        for set in sets {
            if set.contains(&var) {
                set.insert(copy);
            }
        }
        if let Some(method) = self.before.get(&var).cloned() {
            self.before.insert(copy, method);
        }
        if let Some(dimensions) = self.dimensions.get(&var).cloned() {
            self.dimensions.insert(copy, dimensions);
        }
        if let Some(length) = self.lengths.get(&var).cloned() {
            self.lengths.insert(copy, length);
        }
        copy
    }

    /// Whether the variable is a parameter.
    pub fn is_parameter(&self, var: Var) -> bool {
        self.parameters.iter().any(|parameter| parameter.var == var)
    }

    /// Whether the variable holds what is the function's own: it is no reference, and no parameter.
    pub fn is_own(&self, var: Var) -> bool {
        self.variable(var).form == Form::Owned && !self.is_parameter(var)
    }

    /// Whether a number is a constant parameter, of which nothing can be computed.
    pub fn is_size(&self, number: &TokenStream) -> bool {
        let last = number.clone().into_iter().last().map(|last| last.to_string());
        let is_upper = |last: &String| last.starts_with(char::is_uppercase);
        is_path(number) && last.filter(is_upper).is_some_and(|last| self.sizes.iter().any(|size| *size == last))
    }

    /// Whether a number is a constant of which more can be computed: the path of no constant parameter, and of no constant of a type, which may depend on one.
    pub fn is_constant(&self, number: &TokenStream) -> bool {
        let text = number.to_string();
        let segments = || text.split("::").map(str::trim);
        let is_upper = |segment: &str| segment.starts_with(char::is_uppercase);
        let may_be_parameter = text.len() == 1 && self.letters_are_parameters;
        is_path(number)
            && segments().last().is_some_and(is_upper)
            && segments().filter(|segment| is_upper(segment)).count() == 1
            && !may_be_parameter
            && !self.is_size(number)
    }

    /// Whether the variable is a float.
    pub fn is_scalar(&self, var: Var) -> bool {
        self.variable(var).kind == Kind::Scalar
    }
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The variable.
    pub var: Var,
    /// Whether it is differentiated.
    pub active: bool,
    /// How it is passed.
    pub passing: Passing,
    /// Whether its type is made of scalars, so that it tells its shape.
    pub of_scalars: bool,
    /// Whether it is made of arrays and slices of scalars alone.
    pub of_arrays: bool,
}

/// How a parameter is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passing {
    /// A scalar by value.
    Scalar,
    /// Anything else by value.
    Owned,
    /// `&T`
    Shared,
    /// `&mut T`
    Mutable,
}
