use differentiable::prelude::*;

#[differentiable(wrt(edges))]
fn energy(edges: &[(usize, f64)], x: &[f64]) -> f64 {
    edges.iter().map(|&(i, weight)| weight * x[i]).sum()
}

#[differentiable(wrt(edges, x))]
fn stretched(edges: &Vec<(usize, usize, f64)>, x: &[f64]) -> f64 {
    edges.iter().map(|&(i, j, weight)| weight * (x[i] - x[j])).sum()
}

fn main() {}
