//! The whole pipeline.
//!
//! ```text
//! (args, item) ─▶ input ─▶ signature ─▶ lower ─▶ simplify ─▶ diff ─▶ simplify ─▶ emit ─▶ tokens
//!                   │          │          │ errors, all at once
//!                   ▼          ▼          │
//!                fallback ◀───────────────┘
//! ```

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ItemFn;

use crate::analysis::activity;
use crate::args::{self, Args, Partial};
use crate::diff::jacobian::Plan;
use crate::diff::line::{self, Tree};
use crate::diff::{self, Derivatives};
use crate::emit;
use crate::error::{Errors, with_help};
use crate::fallback;
use crate::input::{self, Input};
use crate::ir::names::{self, Taken};
use crate::ir::{Function, Passing, uses};
use crate::lower;
use crate::lower::facts::pure;
use crate::lower::rewrite::{cfgs, lift};
use crate::lower::translate::given;
use crate::relax;
use crate::signature::{self, ParameterSignature, Returns, Signature};
use crate::simplify::{self, calls};
use crate::spans::{self, Source};

/// Expands `#[differentiable(args)] item`; never fails: errors become `compile_error!`s beside the function.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let input = input::read(item.clone());
    if let Input::Function(function) = &input {
        let conditions = cfgs::conditions(function);
        if (1..=cfgs::MOST).contains(&conditions.len()) {
            let variants = cfgs::variants(function, &conditions).into_iter();
            let expanded = variants.map(|variant| {
                let item = variant.to_token_stream();
                expand_one(args.clone(), item, Input::Function(Box::new(variant)))
            });
            return expanded.collect();
        }
        if let Some(condition) = conditions.last() {
            let mut errors = Errors::default();
            let what = format!("more than {} different `#[cfg]` conditions stand in this function", cfgs::MOST);
            errors.at(condition, with_help(&what, "move parts of it into functions of their own"));
            return fallback::expand(item, None, &TokenStream::new(), &errors);
        }
    }
    expand_one(args, item, input)
}

/// The same without `#[cfg]` inside.
fn expand_one(args: TokenStream, mut item: TokenStream, input: Input) -> TokenStream {
    let mut errors = Errors::default();
    let args = args::parse(args, &mut errors);
    let (signature, derivatives) = match input {
        Input::Function(mut function) => {
            if signature::name_open_types(&mut function) && !args.wrong {
                item = function.to_token_stream();
            }
            try_expand(&args, *function, &mut errors)
        }
        Input::Broken(function, error) => {
            errors.syn(&error);
            (Some(signature::read(&function, &args, &mut Taken::default(), &mut errors)), TokenStream::new())
        }
        Input::Other(error) => {
            errors.syn(&error);
            (None, TokenStream::new())
        }
    };
    // what an argument that is not understood says of the derivatives is not known
    let signature = signature.filter(|_| !args.wrong);
    if errors.is_empty() { derivatives } else { fallback::expand(item, signature.as_ref(), &runtime(&args), &errors) }
}

/// The function and its derivatives, which are of use only where no error was found.
fn try_expand(args: &Args, mut function: ItemFn, errors: &mut Errors) -> (Option<Signature>, TokenStream) {
    let runtime = runtime(args);
    if let Some(vjp) = &args.vjp {
        let signature = signature::read(&function, args, &mut Taken::default(), errors);
        if signature.parameters.iter().any(|p| p.callable.is_some()) {
            let what = "`vjp = ..` does not go with a parameter that is a function, whose derivative it could not take";
            errors.at(vjp, with_help(what, "differentiate the body, or pass numbers"));
        }
        let derivatives = spans::resolve(emit::entries::emit_given(&signature, args, &runtime), &Source::default());
        return (Some(signature), quote!(#function #derivatives));
    }
    let source = Source::of(&function);
    let (signature, program) = understand(args, &mut function, errors);
    let Some(mut program) = program else { return (signature, TokenStream::new()) };
    let signature = signature.expect("a function that is understood has a signature");
    simplify::before(&mut program);
    if function.sig.constness.is_none() {
        calls::hoist_from(&mut program, &runtime);
    }
    let partials = args.partials.as_ref().filter(|_| args.second_order);
    let twice = partials.map(|partials| {
        let taken = names::of_function(&function);
        differentiable_partials(&signature, partials, taken, &runtime, errors)
    });
    if !errors.is_empty() {
        return (Some(signature), TokenStream::new());
    }
    let layouts = layouts(&signature);
    let mut derivatives = Derivatives::of(&program, &layouts, args.second_order, twice.as_ref(), has_gradient(&signature));
    if function.sig.constness.is_none() {
        arrange(&mut derivatives, &program, args.relaxed, &runtime);
    }
    let jacobian = jacobian(&signature, &program, &derivatives, &layouts);
    let bodies = emit::entries::Bodies {
        derivatives: &derivatives,
        jvp: args.jvp.as_ref(),
        jacobian: jacobian.as_ref(),
        pure_where: program.pure_where.as_deref(),
    };
    let warnings = warnings(args, &signature, &program);
    let derivatives = spans::resolve(emit::entries::emit(&signature, Some(&bodies), &runtime), &source);
    (Some(signature), quote!(#function #derivatives #warnings))
}

/// Puts iterations that may run at once side by side. A `const fn` stays as it is: nothing that this calls is `const`.
pub fn arrange(derivatives: &mut Derivatives, program: &Function, relaxed: bool, runtime: &TokenStream) {
    let own = program.variables.len();
    if relaxed {
        derivatives.change(|_, block| relax::with_calls_of_many(block));
    }
    if !uses::has_loops(&program.body) {
        return;
    }
    derivatives.change(|function, block| simplify::fields::name(function, block, own));
    if relaxed {
        derivatives.change(relax::in_single_blocks);
    }
    derivatives.batch(own, relaxed, runtime);
    derivatives.keep_arrays_apart();
    if relaxed {
        derivatives.change(relax::in_blocks);
    } else {
        derivatives.change(|function, block| relax::with_calls_apart(function, block, own));
    }
    derivatives.interleave(own, relaxed, runtime);
    derivatives.transpose(runtime);
    derivatives.change(|function, block| simplify::pairs::apart(function, block, runtime));
    if relaxed {
        derivatives.change(relax::with_elements_in_registers);
        derivatives.change(|function, block| relax::in_chains(function, block, own, runtime));
    } else {
        derivatives.change(|function, block| relax::backward_in_chains(function, block, own, runtime));
    }
    derivatives.change(|function, block| simplify::copies::whole(function, block, runtime));
    derivatives.change(|function, block| simplify::unbeaten::pass_over(function, block, runtime));
    derivatives.change(simplify::parts::name);
    derivatives.change(|function, block| simplify::rows::name(function, block, runtime));
    derivatives.change(|function, block| simplify::scratch::share(function, block, runtime));
    derivatives.change(simplify::renewed::overwrite);
    derivatives.change(|function, block| simplify::postponed::compute_later(function, block, own));
}

/// How the Jacobian is made, where the function has one.
fn jacobian(signature: &Signature, program: &Function, derivatives: &Derivatives, layouts: &[Option<Tree<()>>]) -> Option<Plan> {
    let outputs = line::layout(signature.jacobian_rows()?).map(|layout| layout.leaves().len());
    Some(diff::jacobian::plan(program, derivatives, layouts, outputs))
}

/// How the scalars of the active parameters lie, where the function may become a straight line: a number of the derivatives' own is of one type,
/// and what is done in a parameter that is a function is not known.
pub fn layouts(signature: &Signature) -> Vec<Option<Tree<()>>> {
    let may_be_straight = signature.scalars.len() <= 1 && !signature.parameters.iter().any(|p| p.callable.is_some());
    let layout = |p: &ParameterSignature| p.shape.as_ref().filter(|_| p.active && may_be_straight).and_then(line::layout);
    signature.parameters.iter().map(layout).collect()
}

/// What is right, and probably not meant: derivatives that are always zero.
fn warnings(args: &Args, signature: &Signature, program: &Function) -> TokenStream {
    let name = &signature.name;
    if !activity::reaches_a_result(program) {
        let what = format!("the result of `{name}` depends on no active parameter, so that its derivatives are zero");
        return emit::warning(signature, "independent", &what, name.span());
    }
    let wrt = args.wrt.iter().flatten();
    let parameters = signature.parameters.iter().zip(&program.parameters);
    let unused = wrt.filter(|wanted| {
        let is_it = |p: &ParameterSignature| p.name == **wanted || p.receiver && **wanted == "self";
        let parameter = parameters.clone().find(|(p, _)| is_it(p));
        parameter.is_some_and(|(_, parameter)| !activity::is_used(program, parameter.var))
    });
    let warnings = unused.map(|wanted| {
        let what =
            format!("no derivative flows from `{wanted}` to the result of `{name}`, though `wrt` names it: it is always zero");
        emit::warning(signature, &format!("independent_of_{wanted}"), &what, wanted.span())
    });
    warnings.collect()
}

/// From the item to the representation; the literals of generic functions are lifted in the item itself.
pub fn understand(args: &Args, function: &mut ItemFn, errors: &mut Errors) -> (Option<Signature>, Option<Function>) {
    let runtime = runtime(args);
    signature::name_open_types(function);
    let mut taken = names::of_function(function);
    let before = errors.count();
    let signature = signature::read(function, args, &mut taken, errors);
    if errors.count() > before {
        return (None, None); // what the body does with such a signature would be reported as well
    }
    let called = pure::calls(function, &signature).filter(|_| args.jvp.is_none() && args.partials.is_none());
    if let Some(scalar) = signature.scalar().filter(|_| signature.scalars.len() <= 1) {
        lift::lift(function, &scalar, &runtime);
    }
    let mut program = match &args.partials {
        Some(partials) => {
            given::check(&signature, partials, errors);
            lower::lower_given(&signature, &lifted(&signature, partials, &runtime), taken, errors)
        }
        None => lower::lower(function, &signature, taken, &runtime, errors),
    };
    program.pure_where = called.and_then(|called| pure::callees(called, &program.body));
    (Some(signature), errors.is_empty().then_some(program))
}

/// The partial derivatives, of which generic ones have their literals lifted.
fn lifted(signature: &Signature, partials: &[Partial], runtime: &TokenStream) -> Vec<Partial> {
    let mut partials = partials.to_vec();
    if let Some(scalar) = signature.scalar() {
        partials.iter_mut().for_each(|partial| lift::lift_expr(&mut partial.expr, &scalar, runtime));
    }
    partials
}

/// A function whose given partial derivatives are differentiated in turn.
fn differentiable_partials(
    signature: &Signature,
    partials: &[Partial],
    taken: Taken,
    runtime: &TokenStream,
    errors: &mut Errors,
) -> Function {
    let mut program = lower::lower_given_twice(signature, &lifted(signature, partials, runtime), taken, runtime, errors);
    if errors.is_empty() {
        simplify::before(&mut program);
    }
    program
}

/// Whether the function has a gradient: it returns a scalar, and changes none of its active parameters.
fn has_gradient(signature: &Signature) -> bool {
    signature.returns == Returns::Scalar && !signature.parameters.iter().any(|p| p.active && p.passing == Passing::Mutable)
}

/// The path of the runtime's hidden module.
fn runtime(args: &Args) -> TokenStream {
    match &args.runtime {
        Some(path) => quote!(#path::rt),
        None => quote!(::differentiable::rt),
    }
}
