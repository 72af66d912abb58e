//! The generator of random programs: the same text for the same seed, and smaller programs when it shrinks; and programs of a fixed
//! seed against the oracle.

use std::io;

use differentiable_tests::random::batch::{Batch, Verdict};
use differentiable_tests::random::generate::program;
use differentiable_tests::random::shrink::smaller;
use differentiable_tests::random::tree::{Dialect, Program};

#[test]
fn a_seed_gives_the_same_program_every_time() {
    for number in 0..20 {
        let text = || program(5, number).items(Dialect::Derived);
        assert_eq!(text(), text());
    }
    assert_ne!(program(5, 0).items(Dialect::Derived), program(6, 0).items(Dialect::Derived));
}

#[test]
fn every_step_of_shrinking_makes_a_program_smaller() {
    for number in 0..20 {
        let whole = program(5, number);
        let candidates = smaller(&whole);
        assert!(candidates.iter().any(|candidate| candidate.size() < whole.size()), "{}", whole.items(Dialect::Derived));
        for candidate in candidates {
            assert_ne!(candidate.items(Dialect::Derived), "", "a program keeps its entry");
        }
    }
}

/// How many are in a crate.
const AT_ONCE: usize = 120;

/// Compiles and checks programs.
fn agree(batch: &Batch, programs: Vec<Program>) -> io::Result<()> {
    let (mut agree, mut wrong) = (0, Vec::new());
    for programs in programs.chunks(AT_ONCE) {
        for (program, verdict) in programs.iter().zip(batch.judge(programs)?) {
            match verdict {
                Verdict::Pass => agree += 1,
                Verdict::Skip(_) => {}
                Verdict::Fail { kind, message } => {
                    wrong.push(format!("program {} of seed {}: {kind}\n{message}", program.seed.1, program.seed.0))
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all = programs.len();
    assert!(agree * 10 >= all * 9, "of {all} programs only {agree} can be compared");
    Ok(())
}

#[test]
fn programs_of_a_fixed_seed_agree_with_the_oracle() -> io::Result<()> {
    agree(&Batch::new("fixed", false)?, (0..260).map(|number| program(2, number)).collect())
}

#[test]
fn programs_with_the_attribute_agree_with_the_oracle_in_every_derivative() -> io::Result<()> {
    let batch = Batch::new("attribute", true)?;
    let whole = |program: Program| Program { asked: program.comparisons(), ..program };
    agree(&batch, (0..40).map(|number| whole(program(3, number))).collect())
}
