//! Programs that are accepted, and programs that are rejected with the error that a user reads.

#[test]
fn accepted_programs_compile_and_run() {
    trybuild::TestCases::new().pass("pass/*.rs");
}

#[test]
fn rejected_programs_have_their_error_on_the_cause() {
    trybuild::TestCases::new().compile_fail("fail/*/*.rs");
}
