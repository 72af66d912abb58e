//! Prints what the macro generates for a small loss.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = "wrt(w, b)".parse()?;
    let function = "
        fn loss(w: &[f64; 2], b: f64, x: &[f64; 2], y: f64) -> f64 {
            let mut z = b;
            for i in 0..2 {
                z += w[i] * x[i];
            }
            (1.0 + (-y * z).exp()).ln()
        }
    "
    .parse()?;
    let generated = differentiable_compiler::differentiable(arguments, function);
    let text = prettyplease::unparse(&syn::parse2(generated)?);
    println!("{text}");
    assert!(text.contains("fn vjp"));
    assert!(!text.contains("compile_error"));
    Ok(())
}
