//! How long arrays are, where that is a number when the program is compiled.
//!
//! *In:* the types of parameters, `x: &[[f64; INPUTS]; 8]`, and the statements of a function. *Out:* for each variable that holds arrays their lengths from
//! outside in ([`Function::dimensions`]), so that `x.len()` is 8 and `x[i].len()` is `INPUTS` where the number of a loop's iterations decides what it keeps.
//!
//! A length is a literal, a constant or a constant parameter, of a name that stands for nothing else in the body.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

use crate::ir::{self, Block, Code, Dimensions, Expr, Function, Operand, Place, Statement, Step, Value, Var, edit};

/// The names that the body declares as constants, or brings in by `use`: what they say depends on where they stand.
#[derive(Debug, Default)]
pub struct Hidden {
    names: BTreeSet<String>,
    any: bool,
}

impl Hidden {
    /// Adds those that copied code of the block declares.
    pub fn block(&mut self, block: &mut Block) {
        for statement in block {
            if let Statement::Code { code, .. } = statement {
                self.code(code.tokens.clone());
            }
            edit::inner_blocks(statement, &mut |inner| self.block(inner));
        }
    }

    fn code(&mut self, tokens: TokenStream) {
        let mut declares = false;
        for token in tokens {
            match token {
                TokenTree::Ident(name) if std::mem::take(&mut declares) => _ = self.names.insert(name.to_string()),
                TokenTree::Ident(word) => {
                    declares = word == "const";
                    self.any |= word == "use";
                }
                TokenTree::Group(group) => self.code(group.stream()),
                _ => {}
            }
        }
    }

    /// Whether the path may say something else than outside of the body.
    pub fn has(&self, path: &TokenStream) -> bool {
        self.any || path.clone().into_iter().any(|token| self.names.contains(&token.to_string()))
    }
}

/// The lengths that a type says.
pub fn of_type(ty: &Type) -> Dimensions {
    match ty {
        Type::Reference(reference) => of_type(&reference.elem),
        Type::Paren(inner) => of_type(&inner.elem),
        Type::Array(array) => [vec![Some(array.len.to_token_stream())], of_type(&array.elem)].concat(),
        Type::Slice(slice) => [vec![None], of_type(&slice.elem)].concat(),
        _ => Vec::new(),
    }
}

/// Whether the elements of its arrays and slices are of a type with a name.
pub fn ends_in_a_path(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => ends_in_a_path(&reference.elem),
        Type::Paren(inner) => ends_in_a_path(&inner.elem),
        Type::Array(array) => ends_in_a_path(&array.elem),
        Type::Slice(slice) => ends_in_a_path(&slice.elem),
        other => matches!(other, Type::Path(_)),
    }
}

/// Notes the lengths of what the statements declare, beside those of the parameters.
pub fn note(function: &mut Function, block: &mut Block, hidden: &Hidden) {
    let mut dimensions = std::mem::take(&mut function.dimensions);
    for lengths in dimensions.values_mut() {
        lengths.iter_mut().for_each(|length| *length = length.take().filter(|length| is_known(function, length, hidden)));
    }
    function.dimensions = dimensions;
    within(function, block, hidden);
}

fn within(function: &mut Function, block: &mut Block, hidden: &Hidden) {
    for statement in block {
        match statement {
            Statement::Let { var, value: Some(value), .. } => {
                let lengths = of_value(function, value, hidden);
                if lengths.iter().any(Option::is_some) {
                    function.dimensions.insert(*var, lengths);
                }
                if let Value::Expr(Expr::Operand(Operand::Code(code))) = value {
                    number(function, *var, code, hidden);
                }
            }
            Statement::Code { code, binds, .. } => {
                if let ([var], Some(value)) = (binds.as_slice(), bound(code, binds)) {
                    number(function, *var, &value, hidden);
                }
            }
            _ => {}
        }
        edit::inner_blocks(statement, &mut |inner| within(function, inner, hidden));
    }
}

/// Notes the number that a variable holds for good.
fn number(function: &mut Function, var: Var, value: &Code, hidden: &Hidden) {
    let number = length(function, value).or_else(|| written(function, value, hidden));
    if let Some(number) = number.filter(|_| !function.variable(var).mutable) {
        function.lengths.insert(var, number);
    }
}

/// The value in `let name = value;`.
fn bound(code: &Code, binds: &[Var]) -> Option<Code> {
    let tokens: Vec<TokenTree> = code.tokens.clone().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(word), TokenTree::Ident(_), TokenTree::Punct(equals), value @ .., TokenTree::Punct(end)]
            if word == "let" && equals.as_char() == '=' && end.as_char() == ';' =>
        {
            let reads = code.reads.iter().copied().filter(|var| !binds.contains(var)).collect();
            Some(Code { tokens: value.iter().cloned().collect(), reads, ..code.clone() })
        }
        _ => None,
    }
}

/// A number that is written as a literal or by a name.
fn written(function: &Function, code: &Code, hidden: &Hidden) -> Option<TokenStream> {
    (code.reads.is_empty() && is_known(function, &code.tokens, hidden)).then(|| code.tokens.clone())
}

/// Whether it is a literal, or a name where these count.
fn is_known(function: &Function, length: &TokenStream, hidden: &Hidden) -> bool {
    ir::literal::<usize>(length).is_some() || !hidden.has(length) && (function.is_size(length) || function.is_constant(length))
}

fn of_value(function: &Function, value: &Value, hidden: &Hidden) -> Dimensions {
    match value {
        Value::Repeat(element, length) => {
            let known = Some(length.tokens.clone()).filter(|length| is_known(function, length, hidden));
            [vec![known], of_value(function, element, hidden)].concat()
        }
        Value::Array(elements) => {
            let count = Literal::usize_unsuffixed(elements.len()).to_token_stream();
            let element = elements.first().map(|element| of_value(function, element, hidden));
            [vec![Some(count)], element.unwrap_or_default()].concat()
        }
        Value::ArrayLike(place, element) => {
            let outer = of_place(function, place).into_iter().next().flatten();
            [vec![outer], of_value(function, element, hidden)].concat()
        }
        // a clone of an array may be a `Vec`
        Value::Expr(Expr::Operand(Operand::Place(place))) => of_place(function, place),
        _ => Vec::new(),
    }
}

fn of_place(function: &Function, place: &Place) -> Dimensions {
    let is_element = |step: &Step| match step {
        Step::Index(Operand::Code(code)) => !code.is_range(),
        Step::Index(_) => true,
        _ => false,
    };
    match function.dimensions.get(&place.root) {
        Some(lengths) if place.path.iter().all(is_element) => lengths.iter().skip(place.path.len()).cloned().collect(),
        _ => Vec::new(),
    }
}

/// What a number says that is the length of an array, `x.len()` and `x[i].len()`, the least of several, or a variable that holds one.
pub fn length(function: &Function, number: &Code) -> Option<TokenStream> {
    let is_told = |var: &Var| function.dimensions.contains_key(var) || function.lengths.contains_key(var);
    if !number.reads.iter().any(is_told) {
        return None;
    }
    let operands = least_of(number.tokens.clone());
    let mut lengths = operands.into_iter().map(|operand| single(function, operand, &number.reads));
    let first = lengths.next()??;
    lengths.try_fold(first, |least, length| {
        let length = length?;
        match (ir::literal::<usize>(&least), ir::literal::<usize>(&length)) {
            (Some(a), Some(b)) => Some(if b < a { length } else { least }),
            _ => (least.to_string() == length.to_string()).then_some(least),
        }
    })
}

fn single(function: &Function, number: TokenStream, reads: &[Var]) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = number.into_iter().collect();
    let named = |name: &TokenTree| -> Option<Var> {
        let TokenTree::Ident(name) = name else { return None };
        reads.iter().copied().find(|var| function.variable(*var).name == *name)
    };
    let [name, indices @ .., TokenTree::Punct(dot), TokenTree::Ident(method), TokenTree::Group(none)] = tokens.as_slice() else {
        let [name] = tokens.as_slice() else { return None };
        return function.lengths.get(&named(name)?).cloned();
    };
    let is_index = |token: &TokenTree| match token {
        TokenTree::Group(index) => {
            let code = Code { tokens: index.stream(), reads: Vec::new(), repeatable: true, span: index.span() };
            index.delimiter() == Delimiter::Bracket && !code.is_range()
        }
        _ => false,
    };
    let asks = dot.as_char() == '.' && method == "len" && none.stream().is_empty() && indices.iter().all(is_index);
    let lengths = function.dimensions.get(&named(name).filter(|_| asks)?)?;
    lengths.get(indices.len()).cloned().flatten()
}

/// The operands of `Ord::min(.., ..)`, or the expression itself.
pub fn least_of(tokens: TokenStream) -> Vec<TokenStream> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    if let [path @ .., TokenTree::Ident(min), TokenTree::Group(operands)] = trees.as_slice()
        && min == "min"
        && path.iter().any(|token| matches!(token, TokenTree::Ident(name) if name == "Ord"))
        && operands.delimiter() == Delimiter::Parenthesis
    {
        let operands: Vec<TokenTree> = operands.stream().into_iter().collect();
        let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',');
        return operands.split(is_comma).flat_map(|operand| least_of(operand.iter().cloned().collect())).collect();
    }
    vec![tokens]
}
