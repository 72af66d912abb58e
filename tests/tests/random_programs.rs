//! The generator of random programs: the same text for the same seed, and smaller programs when it shrinks.

use differentiable_tests::random::generate::program;
use differentiable_tests::random::shrink::smaller;
use differentiable_tests::random::tree::Dialect;

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
