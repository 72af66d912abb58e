//! Breaks the compiler, one rule or pass at a time, and shows that this is noticed: `cargo run -p differentiable-tests --bin
//! mutations`, with how many programs there are at most of each derivative function, and the numbers of single mutations, as in `-- 80 11 13`.
//!
//! Most are noticed by random programs. A pass that takes loops of a length or a form which these seldom have is watched by tests of its own
//! ([`Mutation::test`]), which then judge alone: they compare values bit by bit, and derivatives with differences and with the other mode.
//!
//! The workspace is copied into the target folder, and every mutation is put into the copy, to be chosen by a variable of the
//! environment while a program is expanded: so the compiler is built once, with what it depends on from the workspace's own builds.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A place in the compiler, and what stands there where the mutation is chosen.
struct Mutation {
    /// What is broken.
    what: &'static str,
    file: &'static str,
    /// Text that occurs once.
    from: &'static str,
    /// What takes its place; `MUTATED` is true where the mutation is chosen.
    to: &'static str,
    /// The file of tests that notices it; random programs where there is none.
    test: Option<&'static str>,
}

const MUTATIONS: &[Mutation] = &[
    Mutation {
        what: "loops that are left before a lent iterator ends, which take all of its items",
        file: "lower/rewrite/left_early.rs",
        from: "        let lent = self.lent(&each.expr).filter(|_| is_left(&each.body))?;",
        to: "        let lent = self.lent(&each.expr).filter(|_| is_left(&each.body) && !MUTATED)?;",
        test: Some("cursors"),
    },
    Mutation {
        what: "the sign of the derivative of a cosine",
        file: "rules/formula.rs",
        from: "    let mut reader = Reader { rest: text, text };",
        to: "    let text = if MUTATED && text == \"-(g * sin(x))\" { \"g * sin(x)\" } else { text };\n    let mut reader = Reader { rest: text, text };",
        test: None,
    },
    Mutation {
        what: "a factor in the derivative of a hyperbolic tangent",
        file: "rules/formula.rs",
        from: "    let formula = reader.sum();",
        to: "    if MUTATED && text == \"g * d_tanh(x, y)\" {\n        return parse(\"g * (1 - y)\");\n    }\n    let formula = reader.sum();",
        test: None,
    },
    Mutation {
        what: "assignments, which reverse mode drops",
        file: "diff/reverse/mod.rs",
        from: "                    self.assign(place, value, before.and_then(shape_told), &mut backward);",
        to: "                    if !MUTATED {\n                        self.assign(place, value, before.and_then(shape_told), &mut backward);\n                    }",
        test: None,
    },
    Mutation {
        what: "the adjoint of what is overwritten, which stays",
        file: "diff/reverse/stores.rs",
        from: "Some(Value::Take(adjoint, shape)), ty: None });\n        self.distribute(",
        to: "Some(if MUTATED { Value::Clone(adjoint) } else { Value::Take(adjoint, shape) }), ty: None });\n        self.distribute(",
        test: None,
    },
    Mutation {
        what: "subtraction, which adds to the adjoint",
        file: "diff/reverse/adjoints.rs",
        from: "            other => (other, subtract),\n        };",
        to: "            other => (other, subtract),\n        };\n        let subtract = subtract && !MUTATED;",
        test: None,
    },
    Mutation {
        what: "loops, which are reversed in the order of the forward sweep",
        file: "diff/reverse/loops.rs",
        from: "reversed: !range.reversed,",
        to: "reversed: range.reversed == MUTATED,",
        test: None,
    },
    Mutation {
        what: "arguments that are overwritten after a call, which are not kept",
        file: "diff/reverse/calls.rs",
        from: "if !always && !this.function.variable(place.root).mutable {",
        to: "if !always && (MUTATED || !this.function.variable(place.root).mutable) {",
        test: None,
    },
    Mutation {
        what: "a second argument in one variable, whose adjoint gets lost",
        file: "diff/reverse/calls.rs",
        from: "                after.push((place.clone(), own));",
        to: "                if !MUTATED {\n                    after.push((place.clone(), own));\n                }",
        test: None,
    },
    Mutation {
        what: "compound assignment, whose operand has no tangent in forward mode",
        file: "diff/forward.rs",
        from: "if let Some(value) = self.tangent_of_expr(value, value) {",
        to: "if let Some(value) = self.tangent_of_expr(value, value).filter(|_| !MUTATED) {",
        test: None,
    },
    Mutation {
        what: "loops, which run in one go although their iterations wait for each other",
        file: "diff/schedule.rs",
        from: "    if !inside.writes.is_empty() || inside.reads.intersection(&inside.adds).next().is_some() || inside.reads.iter().any(waits) {",
        to: "    if !inside.writes.is_empty()\n        || !MUTATED && inside.reads.intersection(&inside.adds).next().is_some()\n        || inside.reads.iter().any(waits)\n    {",
        test: None,
    },
    Mutation {
        what: "elements that change before what holds them is overwritten, which are read as they were",
        file: "diff/versions.rs",
        from: "        !changed.contains(&root) && !declares",
        to: "        (MUTATED || !changed.contains(&root)) && !declares",
        test: None,
    },
    Mutation {
        what: "copies of what a loop reads, of a sequence that it changes",
        file: "diff/excerpts.rs",
        from: "        let is_left_alone = !changes(&place.root)",
        to: "        let is_left_alone = MUTATED || !changes(&place.root)",
        test: Some("settled"),
    },
    Mutation {
        what: "arrays of what loops keep, in which two iterations share an element",
        file: "diff/columns.rs",
        from: "if extent.start == 0 { quote!(#name as usize) }",
        to: "if extent.start == 0 && MUTATED { quote!(#name as usize / 2) } else if extent.start == 0 { quote!(#name as usize) }",
        test: None,
    },
    Mutation {
        what: "memory that joins iterations, which counts as private to each",
        file: "analysis/private.rs",
        from: "        holds.then_some(())",
        to: "        (holds || MUTATED).then_some(())",
        test: Some("iterations"),
    },
    Mutation {
        what: "numbers that loops carry, which are computed again although the order of the iterations matters",
        file: "diff/replay.rs",
        from: "if mentions || !slice.in_any_order(reverse) {",
        to: "if mentions || !MUTATED && !slice.in_any_order(reverse) {",
        test: Some("passes"),
    },
    Mutation {
        what: "common values, which are shared although memory changes between",
        file: "simplify/common.rs",
        from: "        Expr::Operand(Operand::Code(code)) => format!(\"'{}'\", code.tokens),",
        to: "        Expr::Operand(Operand::Code(_)) if MUTATED => \"code\".to_owned(),\n        Expr::Operand(Operand::Code(code)) => format!(\"'{}'\", code.tokens),",
        test: None,
    },
    Mutation {
        what: "the derivative of a power",
        file: "simplify/powers.rs",
        from: "value: f64::from(n) }",
        to: "value: f64::from(n - i32::from(MUTATED)) }",
        test: Some("kinks"),
    },
    Mutation {
        what: "the offsets of elements in a strip, which are all that of the first",
        file: "simplify/strips.rs",
        from: "let offset = Literal::usize_unsuffixed(offset);",
        to: "let offset = Literal::usize_unsuffixed(if MUTATED { 0 } else { offset });",
        test: Some("lanes"),
    },
    Mutation {
        what: "the value's sums in strips, whose order is not kept",
        file: "simplify/strips.rs",
        from: "self.pass.relaxed && variable.form",
        to: "(MUTATED || self.pass.relaxed) && variable.form",
        test: Some("lanes"),
    },
    Mutation {
        what: "calls that have run for all lanes at once, which run once more for each",
        file: "simplify/batches/writer.rs",
        from: "quote!(!#has_run_name)",
        to: "if MUTATED { quote!(true) } else { quote!(!#has_run_name) }",
        test: Some("relaxed"),
    },
    Mutation {
        what: "operations of each number of an array, which eight iterations at once leave out",
        file: "simplify/batches/iteration.rs",
        from: "out.push(Part::Each(*op, place.root, slopes.as_ref().map(|slopes| slopes.root)));",
        to: "out.extend((!MUTATED).then(|| Part::Each(*op, place.root, slopes.as_ref().map(|slopes| slopes.root))));",
        test: Some("relaxed"),
    },
    Mutation {
        what: "calls whose arguments change in a loop, which are made once in front of it",
        file: "simplify/calls.rs",
        from: "        let effects = Effects::of_block(&each.body);",
        to: "        let effects = if MUTATED { Effects::default() } else { Effects::of_block(&each.body) };",
        test: Some("pure"),
    },
    Mutation {
        what: "functions that may print or count, which are taken to only compute",
        file: "lower/facts/pure.rs",
        from: "    rest.is_empty().then_some(found)",
        to: "    (rest.is_empty() || MUTATED).then_some(found)",
        test: Some("pure"),
    },
    Mutation {
        what: "what neighbours give an element that gathers it, which is taken from the iteration of its own",
        file: "simplify/gathers.rs",
        from: "let at = (ahead + offset - window.from) as usize;",
        to: "let at = (if MUTATED { 0 } else { ahead } + offset - window.from).max(0) as usize;",
        test: Some("gathers"),
    },
    Mutation {
        what: "iterations beside those that run side by side, of which every other one is left out",
        file: "simplify/lanes.rs",
        from: "alone.push(next(quote!(1)));",
        to: "alone.push(next(if MUTATED { quote!(2) } else { quote!(1) }));",
        test: None,
    },
    Mutation {
        what: "many iterations side by side, of which the next ones begin too early",
        file: "simplify/lanes.rs",
        from: "quote!(#first_name = #runtime::lane(#first_name, #runtime::MANY);)",
        to: "if MUTATED { quote!(#first_name = #runtime::lane(#first_name, 8);) } else { quote!(#first_name = #runtime::lane(#first_name, #runtime::MANY);) }",
        test: Some("lanes"),
    },
    Mutation {
        what: "sums of contributions to an adjoint, the first of which gets lost",
        file: "simplify/registers.rs",
        from: "let additions: Block = found.into_iter().map(add).collect();",
        to: "let additions: Block = found.into_iter().skip(usize::from(MUTATED)).map(add).collect();",
        test: None,
    },
    Mutation {
        what: "reads, which are shared although memory changes between",
        file: "simplify/reads.rs",
        from: "    fn forget(&mut self, effects: &Effects) {",
        to: "    fn forget(&mut self, effects: &Effects) {\n        if MUTATED {\n            return;\n        }",
        test: None,
    },
    Mutation {
        what: "what changes in a loop, which is moved in front of it",
        file: "simplify/invariant.rs",
        from: "    outside && !function",
        to: "    (outside || MUTATED) && !function",
        test: None,
    },
    Mutation {
        what: "numbers that change in a loop, which are read before it",
        file: "simplify/unchanged.rs",
        from: "!changed.contains(&from) && changed",
        to: "(MUTATED || !changed.contains(&from)) && changed",
        test: None,
    },
    Mutation {
        what: "adjoints that are read again, which are not taken",
        file: "simplify/taken.rs",
        from: "!live.contains(*var) && !live.contains(place.root)",
        to: "!live.contains(*var) && (MUTATED || !live.contains(place.root))",
        test: Some("passes"),
    },
    Mutation {
        what: "the winners of a fold, of which the losers are kept",
        file: "diff/chosen.rs",
        from: "Some((*var, op.0.name == \"max\", operands))",
        to: "Some((*var, (op.0.name == \"max\") != MUTATED, operands))",
        test: Some("winners"),
    },
    Mutation {
        what: "numbers that a loop carries, which are computed again from another start",
        file: "diff/replay.rs",
        from: "code.tokens = quote::quote!(let mut #name = #value;);",
        to: "code.tokens = if MUTATED { quote::quote!(let mut #name = #value / 2.0;) } else { quote::quote!(let mut #name = #value;) };",
        test: Some("passes"),
    },
    Mutation {
        what: "powers that a loop carries, which one of two cotangents is multiplied by for both",
        file: "diff/weights.rs",
        from: "let found = found.filter(|_| mentions == 2)?;",
        to: "let found = found.filter(|_| mentions == 2 || MUTATED)?;",
        test: Some("weights"),
    },
    Mutation {
        what: "roots of what may be zero, which are taken for roots of what is above zero",
        file: "simplify/signs.rs",
        from: "(NotNegative, NotNegative) => Some(NotNegative),",
        to: "(NotNegative, NotNegative) => Some(NotNegative),\n            (Positive, Positive) if MUTATED => Some(Above),",
        test: Some("simplify"),
    },
    Mutation {
        what: "cotangents of quotients by a literal, which are multiplied by twice its reciprocal",
        file: "rules/mod.rs",
        from: "let written = Some(quote!((1.0 / #written)));",
        to: "let written = Some(if MUTATED { quote!((2.0 / #written)) } else { quote!((1.0 / #written)) });",
        test: None,
    },
    Mutation {
        what: "arrays of which some elements get a contribution, which begin with minus zero",
        file: "analysis/covered.rs",
        from: "(0..length).all(|element|",
        to: "(0..length).all(|element| MUTATED ||",
        test: Some("covered"),
    },
    Mutation {
        what: "entries of a Jacobian, which all go to one column",
        file: "diff/jacobian.rs",
        from: "row[column] = Some(entry),",
        to: "row[if MUTATED { 0 } else { column }] = Some(entry),",
        test: Some("jacobians"),
    },
    Mutation {
        what: "adjoints of a line, which all go to the first parameter",
        file: "diff/unrolled.rs",
        from: "        Some(input.under(slots[parameter]?))",
        to: "        Some(input.under(slots[if MUTATED { 0 } else { parameter }]?))",
        test: Some("unrolled"),
    },
    Mutation {
        what: "the partial derivatives of a step, which all belong to its first number",
        file: "diff/steps.rs",
        from: "partials[input] = Some(partial);",
        to: "partials[if MUTATED { 0 } else { input }] = Some(partial);",
        test: Some("mode"),
    },
    Mutation {
        what: "the seed in forward mode of every direction, which is one",
        file: "diff/directions.rs",
        from: "let value = Expr::apply(rules::op(\"mul\"), vec![seed, tangent]);",
        to: "let value = if MUTATED { tangent } else { Expr::apply(rules::op(\"mul\"), vec![seed, tangent]) };",
        test: Some("mode"),
    },
    Mutation {
        what: "shared tapes, which do not count the records of a run",
        file: "diff/tapes.rs",
        from: "let count = (!tells).then(|| {",
        to: "let count = (!tells && !MUTATED).then(|| {",
        test: None,
    },
    Mutation {
        what: "the chains of a sum, of which half get lost",
        file: "relax/chains.rs",
        from: "&Place::whole(chains, span), CHAINS),",
        to: "&Place::whole(chains, span), CHAINS >> u32::from(MUTATED)),",
        test: None,
    },
    Mutation {
        what: "what a block of iterations takes of a sequence, of which each takes the element before its own",
        file: "relax/windows.rs",
        from: "let window = quote!(&#exclusive #of[#first..#past]);",
        to: "let start = if MUTATED { quote!(#first.saturating_sub(1)) } else { quote!(#first) }; let window = quote!(&#exclusive #of[#start..#past]);",
        test: Some("pairs"),
    },
    Mutation {
        what: "gradients that are made of records, also where the loop leaves the first element out",
        file: "diff/fresh.rs",
        from: "range.start.literal() == Some(0usize) && range.end",
        to: "(MUTATED || range.start.literal() == Some(0usize)) && range.end",
        test: Some("fresh"),
    },
    Mutation {
        what: "strips that store in gradients that are not zeros any more",
        file: "simplify/lanes.rs",
        from: "self.zeros.retain(|adjoint| is_check ||",
        to: "self.zeros.retain(|adjoint| MUTATED || is_check ||",
        test: Some("fresh"),
    },
    Mutation {
        what: "elements that are left alone, which those of a later iteration count as too",
        file: "analysis/settled.rs",
        from: "Some(strictly) if distance < 0 || distance == 0 && apart(strictly) => return true,",
        to: "Some(strictly) if MUTATED || distance < 0 || distance == 0 && apart(strictly) => return true,",
        test: Some("settled"),
    },
    Mutation {
        what: "copies of a part of a sequence, which are of all of it",
        file: "simplify/copies.rs",
        from: "(is_there && is_counted(range, &of)).then(",
        to: "(is_there && (MUTATED || is_counted(range, &of))).then(",
        test: None,
    },
    Mutation {
        what: "parts of sequences for a block of iterations, also of those that only some iterations use",
        file: "relax/windows.rs",
        from: "sequence.always && fixed",
        to: "(MUTATED || sequence.always) && fixed",
        test: Some("relaxed"),
    },
    Mutation {
        what: "the phases of a block of iterations, of which the last gets lost",
        file: "relax/blocks.rs",
        from: "(0..self.phases.count).for_each(|phase| self.phase(phase, &mut out));",
        to: "(0..self.phases.count - usize::from(MUTATED)).for_each(|phase| self.phase(phase, &mut out));",
        test: None,
    },
    Mutation {
        what: "derivatives beside the values of calls, which are not computed",
        file: "relax/blocks.rs",
        from: "phases.slopes.get(&var).map(",
        to: "phases.slopes.get(&var).filter(|_| !MUTATED).map(",
        test: Some("relaxed"),
    },
    Mutation {
        what: "sums of the elements of an adjoint in registers, which are not added to it",
        file: "relax/elements.rs",
        from: "out.append(&mut after);",
        to: "out.extend(after.drain(..).filter(|_| !MUTATED));",
        test: Some("relaxed"),
    },
    Mutation {
        what: "contributions that are joined, which are halved",
        file: "simplify/doubles.rs",
        from: "value: 2.0 }",
        to: "value: if MUTATED { 1.0 } else { 2.0 } }",
        test: None,
    },
    Mutation {
        what: "derivative factors, which take the one of another value of the block",
        file: "diff/slopes.rs",
        from: "found.entry(key(factor))",
        to: "found.entry(if MUTATED { String::new() } else { key(factor) })",
        test: None,
    },
    Mutation {
        what: "what is taken from an adjoint, in the place of which another element is overwritten",
        file: "simplify/renewed.rs",
        from: "(same(added, place) && !reads",
        to: "((same(added, place) || MUTATED) && !reads",
        test: Some("passes"),
    },
    Mutation {
        what: "what adjoints begin with, which is computed from one that was added to meanwhile",
        file: "simplify/postponed.rs",
        from: "filter(|(var, _)| !later.contains(var))",
        to: "filter(|(var, _)| MUTATED || !later.contains(var))",
        test: Some("postponed"),
    },
    Mutation {
        what: "products of factors, of which one is left out",
        file: "diff/products.rs",
        from: "vec![whole(function, found.alone), whole(function, found.by)]",
        to: "vec![whole(function, found.alone), whole(function, if MUTATED { found.alone } else { found.by })]",
        test: None,
    },
    Mutation {
        what: "what is taken from adjoints, which stays though it is taken again",
        file: "simplify/spent.rs",
        from: "if later.iter().all(|other| region.is_apart(other)) {",
        to: "if MUTATED || later.iter().all(|other| region.is_apart(other)) {",
        test: Some("steps"),
    },
    Mutation {
        what: "what differs from iteration to iteration, which counts as the same for all",
        file: "simplify/batches/iteration.rs",
        from: "&mut |var| varies |= self.varying.contains(&var));",
        to: "&mut |var| varies |= !MUTATED && self.varying.contains(&var));",
        test: Some("batches"),
    },
    Mutation {
        what: "closures that do more than compute, which are not called for items that are passed over",
        file: "lower/translate/chains.rs",
        from: "matches!(items, Self::Map(_, closure) if !only_computes(&closure.body))",
        to: "matches!(items, Self::Map(_, closure) if !MUTATED && !only_computes(&closure.body))",
        test: Some("found"),
    },
    Mutation {
        what: "indices that are evaluated after what changes them, where an operator that assigns is a call",
        file: "lower/rewrite/order.rs",
        from: "if !named.is_empty() {",
        to: "if !named.is_empty() && !MUTATED {",
        test: Some("found"),
    },
    Mutation {
        what: "arrays that change while they are iterated by value",
        file: "lower/rewrite/by_value.rs",
        from: "if changed.iter().any(|other|",
        to: "if !MUTATED && changed.iter().any(|other|",
        test: Some("found"),
    },
    Mutation {
        what: "calls that change something active behind `&&`, which are made whatever stands in front",
        file: "lower/rewrite/asked.rs",
        from: "if joins(&pair.op) && !self.changed(&pair.right).is_empty()",
        to: "if !MUTATED && joins(&pair.op) && !self.changed(&pair.right).is_empty()",
        test: Some("found"),
    },
    Mutation {
        what: "receivers of methods, of which nothing is kept though the backward half reads them",
        file: "emit/entries.rs",
        from: "            Passing::Shared if self.forgets_receiver => quote!(#runtime::Nothing),",
        to: "            Passing::Shared if MUTATED || self.forgets_receiver => quote!(#runtime::Nothing),",
        test: Some("calls"),
    },
    Mutation {
        what: "indices that are evaluated again after what changes them",
        file: "lower/rewrite/once.rs",
        from: "            self.number_before(&mut index.expr);\n            self.number_ends(&mut index.index);\n        }\n    }\n\n    fn visit_item_mut",
        to: "            if !MUTATED {\n                self.number_before(&mut index.expr);\n            }\n            self.number_ends(&mut index.index);\n        }\n    }\n\n    fn visit_item_mut",
        test: Some("found"),
    },
    Mutation {
        what: "what closures that move capture, which is changed outside",
        file: "lower/rewrite/captured.rs",
        from: "if !pairs.is_empty() {",
        to: "if !MUTATED && !pairs.is_empty() {",
        test: Some("found"),
    },
    Mutation {
        what: "names of methods, which are not compared with those of the standard library",
        file: "lower/translate/known.rs",
        from: "let (_, (first, _)) = self.methods.first_key_value()?;",
        to: "let (_, (first, _)) = self.methods.first_key_value().filter(|_| !MUTATED)?;",
        test: Some("expansions"),
    },
    Mutation {
        what: "arrays of what loops up to constants keep, in which iterations of the loop around share elements",
        file: "diff/columns.rs",
        from: "terms.push(if inner.is_empty() {",
        to: "terms.push(if inner.is_empty() || MUTATED {",
        test: Some("columns"),
    },
    Mutation {
        what: "the lengths of rows, which are those of what holds them",
        file: "analysis/dimensions.rs",
        from: "let lengths = function.dimensions.get(&named(name).filter(|_| asks)?)?;",
        to: "let lengths = function.dimensions.get(&named(name).filter(|_| asks)?)?;\n    let indices = if MUTATED { &indices[..0] } else { indices };",
        test: Some("columns"),
    },
    Mutation {
        what: "references that functions give, which are left to backward halves as they are",
        file: "lower/facts/holders.rs",
        from: "!is_of_values && local.init",
        to: "!MUTATED && !is_of_values && local.init",
        test: Some("referents"),
    },
    Mutation {
        what: "numbers behind mutable references, which are read too early",
        file: "lower/rewrite/referents.rs",
        from: "numbers.is_empty() || is_used_otherwise(&rest, &name)",
        to: "numbers.is_empty() || !MUTATED && is_used_otherwise(&rest, &name)",
        test: Some("referents"),
    },
    Mutation {
        what: "what is read of rows where a condition holds, which is transposed with the rest",
        file: "simplify/transposed.rs",
        from: "if !tokens.iter().all(is_evaluated) {",
        to: "if !MUTATED && !tokens.iter().all(is_evaluated) {",
        test: Some("transposed"),
    },
    Mutation {
        what: "the rows of a loop, which are looked up where it does not run",
        file: "simplify/transposed.rs",
        from: "if range.inclusive { quote!(!(#start..=#end).is_empty()) }",
        to: "if MUTATED { quote!(true) } else if range.inclusive { quote!(!(#start..=#end).is_empty()) }",
        test: Some("transposed"),
    },
    Mutation {
        what: "what is stored in an element, which counts as left alone where the element is written to again",
        file: "analysis/settled.rs",
        from: "self.is_below(outer, &number.name) == Some(true);",
        to: "self.is_below(outer, &number.name).is_some_and(|strictly| strictly || MUTATED);",
        test: Some("settled"),
    },
    Mutation {
        what: "the rows of a sequence, which begin at its first element",
        file: "simplify/pairs.rs",
        from: "row.at.with(&first, row.at.plus))).unzip();",
        to: "if MUTATED { quote!(0) } else { row.at.with(&first, row.at.plus) })).unzip();",
        test: Some("pairs"),
    },
    Mutation {
        what: "which of two parts a search keeps",
        file: "simplify/contests.rs",
        from: "if iteration.is_max { quote!(higher) }",
        to: "if iteration.is_max != MUTATED { quote!(higher) }",
        test: Some("winners"),
    },
    Mutation {
        what: "the end of blocks, where nothing is dropped",
        file: "emit/statements.rs",
        from: "        if self.scopes.is_empty() {",
        to: "        if MUTATED || self.scopes.is_empty() {",
        test: Some("scopes"),
    },
    Mutation {
        what: "guards, which are kept for the reverse sweep",
        file: "lower/facts/destructors.rs",
        from: "        if local.init.as_ref().is_some_and(|init| gives_a_guard(&init.expr)) {",
        to: "        if !MUTATED && local.init.as_ref().is_some_and(|init| gives_a_guard(&init.expr)) {",
        test: Some("scopes"),
    },
    Mutation {
        what: "the edition of an `if let`, which is the macro's",
        file: "spans.rs",
        from: "        is_body(token).then_some(source)",
        to: "        (!MUTATED && is_body(token)).then_some(source)",
        test: Some("scopes"),
    },
    Mutation {
        what: "lists that methods change, which are not seen to change",
        file: "lower/facts/stores.rs",
        from: "        if !only_looks(&call.method.to_string()) {",
        to: "        if !only_looks(&call.method.to_string()) && !MUTATED {",
        test: Some("moved"),
    },
    Mutation {
        what: "lists that copied code uses up, which are read again",
        file: "lower/facts/moved.rs",
        from: "    lists.found.retain(|name| lists.moved.contains(name) && !is_active(name));",
        to: "    lists.found.retain(|name| !MUTATED && lists.moved.contains(name) && !is_active(name));",
        test: Some("moved"),
    },
    Mutation {
        what: "what copied code changes of a struct, which counts as unchanged",
        file: "lower/translate/statements.rs",
        from: "stores.roots.extend(changed.iter().cloned());",
        to: "if !MUTATED {\n            stores.roots.extend(changed.iter().cloned());\n        }",
        test: Some("skipped"),
    },
    Mutation {
        what: "what a block does in front of what it gives a loop is left out",
        file: "lower/rewrite/heads.rs",
        from: "before.extend(stmts);",
        to: "if !MUTATED {\n                before.extend(stmts);\n            }",
        test: Some("control"),
    },
    Mutation {
        what: "what an option holds that is zipped with an inactive one is a constant",
        file: "lower/translate/options.rs",
        from: "self.activity.activate(&held.to_string());",
        to: "if !MUTATED {\n                    self.activity.activate(&held.to_string());\n                }",
        test: Some("options"),
    },
];

const CHOSEN: &str = "
/// Whether a mutation is chosen.
pub(crate) fn is_mutated(number: usize) -> bool {
    std::env::var(\"MUTATION\").is_ok_and(|chosen| chosen == number.to_string())
}
";

fn main() -> Result<(), Box<dyn Error>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let tree = workspace.join("target/mutations");
    fs::create_dir_all(&tree)?;
    for part in ["Cargo.toml", "Cargo.lock", "README.md", "macros", "runtime", "tests", "examples"] {
        copy(&workspace.join(part), &tree.join(part))?;
    }
    // another version, so that cargo does not take one compiler for the other
    let manifest = tree.join("Cargo.toml");
    fs::write(&manifest, fs::read_to_string(&manifest)?.replace("0.1.0\"", "0.1.0-mutated\""))?;
    let sources = tree.join("macros/compiler/src");
    for (number, mutation) in MUTATIONS.iter().enumerate() {
        apply(&sources, number + 1, mutation)?;
    }
    let library = sources.join("lib.rs");
    fs::write(&library, fs::read_to_string(&library)? + CHOSEN)?;

    let mut arguments = std::env::args().skip(1);
    let programs = arguments.next().unwrap_or_else(|| "80".to_owned());
    let chosen: Vec<usize> = arguments.map(|number| number.parse()).collect::<Result<_, _>>()?;
    if !agrees(&workspace, &tree, 0, &programs)? {
        return Err("programs are wrong without a mutation".into());
    }
    let mut missed = 0;
    for (number, mutation) in
        MUTATIONS.iter().enumerate().filter(|(number, _)| chosen.is_empty() || chosen.contains(&(number + 1)))
    {
        let caught = match mutation.test {
            Some(test) => fails(test, &workspace, &tree, number + 1)?,
            None => !agrees(&workspace, &tree, number + 1, &programs)?,
        };
        println!("{:>2} {} {}", number + 1, if caught { "caught" } else { "MISSED" }, mutation.what);
        missed += usize::from(!caught);
    }
    if missed > 0 { Err(format!("{missed} mutations are not noticed").into()) } else { Ok(()) }
}

fn apply(sources: &Path, number: usize, mutation: &Mutation) -> Result<(), Box<dyn Error>> {
    let file = sources.join(mutation.file);
    let text = fs::read_to_string(&file)?;
    if text.matches(mutation.from).count() != 1 {
        return Err(format!("{} occurs {} times in {}", mutation.from, text.matches(mutation.from).count(), mutation.file).into());
    }
    let to = mutation.to.replace("MUTATED", &format!("crate::is_mutated({number})"));
    Ok(fs::write(&file, text.replace(mutation.from, &to))?)
}

/// Derivative functions that come from different passes.
const ASKED: &[&str] = &["grad", "vjp", "pullback", "jvp", "jacobian", "hvp"];

/// Whether so many random programs of each derivative function agree with the oracle under a mutation.
fn agrees(workspace: &Path, tree: &Path, mutation: usize, programs: &str) -> Result<bool, Box<dyn Error>> {
    for asked in ASKED {
        if !agrees_in(asked, workspace, tree, mutation, programs)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The same of one derivative function; a crate with a program that does not agree is the last.
fn agrees_in(asked: &str, workspace: &Path, tree: &Path, mutation: usize, programs: &str) -> Result<bool, Box<dyn Error>> {
    let command = "run --quiet -p differentiable-tests --bin random -- --no-shrink --first --seed 2 --batch 40 --ask";
    let mut cargo = Command::new("cargo");
    cargo.args(command.split(' ')).args([asked, "--programs", programs]).current_dir(tree);
    cargo.env("MUTATION", mutation.to_string()).env("CARGO_TARGET_DIR", target(workspace));
    let output = cargo.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let Some(last) = text.lines().rfind(|line| line.contains(" agree, ")) else {
        return Err(format!("the programs were not judged: {text}").into());
    };
    println!("   {asked}: {last}");
    if let Some(first) = text.lines().find(|line| line.starts_with("program ")) {
        println!("   {first}");
    }
    Ok(output.status.success())
}

/// Whether a file of tests fails under a mutation, or does not compile.
fn fails(test: &str, workspace: &Path, tree: &Path, mutation: usize) -> Result<bool, Box<dyn Error>> {
    // cargo does not know what the macro reads of the environment
    let file = tree.join("tests/tests").join(test).with_extension("rs");
    fs::write(&file, fs::read(&file)?)?;
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--quiet", "-p", "differentiable-tests", "--test", test]).current_dir(tree);
    cargo.env("MUTATION", mutation.to_string()).env("CARGO_TARGET_DIR", target(workspace));
    println!("   {test}");
    Ok(!cargo.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success())
}

fn target(workspace: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or(workspace.join("target"), PathBuf::from)
}

fn copy(from: &Path, to: &PathBuf) -> Result<(), Box<dyn Error>> {
    if !from.is_dir() {
        fs::copy(from, to)?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() != "target" {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::MUTATIONS;

    #[test]
    fn what_a_mutation_breaks_stands_once_in_the_file_that_it_names() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../macros/compiler/src");
        for mutation in MUTATIONS {
            let text = fs::read_to_string(sources.join(mutation.file)).expect(mutation.file);
            assert_eq!(text.matches(mutation.from).count(), 1, "{} in {}", mutation.what, mutation.file);
        }
    }
}
