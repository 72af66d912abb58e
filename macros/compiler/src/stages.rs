//! The representation between the stages, as text and checked: for the compiler's tests and fuzzers, and for those who work on it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

use crate::analysis::activity;
use crate::diff::Derivatives;
use crate::error::Errors;
use crate::ir::{Block, Var, print::print, validate::validate, validate::validate_results};
use crate::{args, expand, ir::Function, simplify};

/// What each stage made of a function.
#[derive(Debug)]
pub struct Stages {
    /// The body after `lower`.
    pub lowered: String,
    /// The body as it is differentiated.
    pub simplified: String,
    /// The forward sweep of reverse mode.
    pub forward: String,
    /// The backward sweep of reverse mode.
    pub backward: String,
    /// Both sweeps as one sequence, or forward mode in every direction.
    pub fused: String,
    /// The same for where the adjoints are zeros, where that differs.
    pub fresh: Option<String>,
    /// The statements of forward mode.
    pub pushed: String,
}

/// Runs the stages one by one and checks what each hands on.
///
/// # Errors
///
/// Why the function cannot be differentiated, or what a stage did wrong.
pub fn stages(args: TokenStream, item: TokenStream) -> Result<Stages, String> {
    let mut errors = Errors::default();
    let args = args::parse(args, &mut errors);
    let mut function: ItemFn = syn::parse2(item).map_err(|error| error.to_string())?;
    let (signature, program) = expand::understand(&args, &mut function, &mut errors);
    let layouts = signature.as_ref().map(expand::layouts).unwrap_or_default();
    let Some(mut program) = program else { return Err(errors.to_tokens().to_string()) };
    let parameters: Vec<Var> = program.parameters.iter().map(|parameter| parameter.var).collect();
    let varied = activity::varied(&program);
    let check = |stage: &str, function: &Function, known: &[Var], block: &Block| {
        validate(function, &|var| varied.var(var), known, block)
            .map_err(|error| format!("after {stage}: {error}\n{}", print(function, block)))
    };
    check("lower", &program, &parameters, &program.body)?;
    let lowered = print(&program, &program.body);
    simplify::before(&mut program);
    check("simplify", &program, &parameters, &program.body)?;
    validate_results(&program, &program.body)?;
    let mut derivatives = Derivatives::of(&program, &layouts, true, None, true);
    if function.sig.constness.is_none() {
        expand::arrange(&mut derivatives, &program, args.relaxed, &quote!(rt));
    }
    let Derivatives { reversed, fused, fresh, pushed, second, apart, together, .. } = derivatives;
    let known: Vec<Var> =
        parameters.iter().copied().chain([reversed.seed]).chain(reversed.slots.iter().flatten().copied()).collect();
    let seeds = [fused.seed].into_iter().chain(fused.slots.iter().flatten().copied());
    let known_fused: Vec<Var> = parameters.iter().copied().chain(seeds).collect();
    check("reverse", &fused.function, &known_fused, &fused.body)?;
    let fresh = fresh.map(|fresh| fresh.sweeps);
    if let Some(fresh) = &fresh {
        check("reverse of fresh adjoints", &fresh.function, &known_fused, &fresh.body)?;
    }
    let both: Block = reversed.forward.iter().chain(&reversed.backward).cloned().collect();
    check("reverse, apart", &reversed.function, &known, &both)?;
    let known: Vec<Var> = parameters.iter().copied().chain(pushed.dots.iter().flatten().copied()).collect();
    check("forward", &pushed.function, &known, &pushed.body)?;
    for second in [&second, &apart, &together].into_iter().flatten() {
        let slots = second.slots.iter().chain(&second.slot_tangents).chain(&second.pushed.dots);
        let seeds = [second.seed].into_iter().chain(second.seed_tangent);
        let known: Vec<Var> = parameters.iter().copied().chain(seeds).chain(slots.flatten().copied()).collect();
        check("forward over reverse", &second.pushed.function, &known, &second.pushed.body)?;
    }
    Ok(Stages {
        lowered,
        simplified: print(&program, &program.body),
        forward: print(&reversed.function, &reversed.forward),
        backward: print(&reversed.function, &reversed.backward),
        fused: print(&fused.function, &fused.body),
        fresh: fresh.map(|fresh| print(&fresh.function, &fresh.body)),
        pushed: print(&pushed.function, &pushed.body),
    })
}
