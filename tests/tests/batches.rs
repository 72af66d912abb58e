//! Loops that run eight iterations at once, each with arrays of its own: the value bit by bit, and the gradient against forward mode, which runs them one
//! by one, whatever the number of iterations.

#![allow(clippy::needless_range_loop, clippy::explicit_counter_loop, reason = "the forms are what is tested")]

use differentiable::prelude::*;
use differentiable_compiler::stages;
use quote::quote;

/// Numbers that round differently in another order.
fn numbers(length: usize) -> Vec<f64> {
    (0..length).map(|i| ((i * 37 + 11) % 101) as f64 / 40.0 - 1.2).collect()
}

fn rows<const N: usize>(count: usize) -> Vec<[f64; N]> {
    (0..count).map(|i| std::array::from_fn(|j| ((i * 29 + j * 13 + 5) % 83) as f64 / 31.0 - 1.3)).collect()
}

/// Declares a function and gives whether it runs eight iterations at once.
macro_rules! at_once {
    (($($argument:tt)*) $($function:tt)*) => {
        #[differentiable($($argument)*)]
        $($function)*
        assert!(runs_at_once(quote!($($argument)*), quote!($($function)*)));
    };
}

fn runs_at_once(arguments: proc_macro2::TokenStream, function: proc_macro2::TokenStream) -> bool {
    let fused = stages(arguments, function).expect("it is differentiable").fused;
    fused.contains("in_flight") && fused.contains("for lane in 0..8")
}

/// The value bit by bit, and the gradient against forward mode, of a function of a slice and of so many samples.
macro_rules! agrees_with_forward_mode {
    ($function:ident, $w:expr, $samples:expr) => {
        for count in [0, 1, 7, 8, 9, 16, 21] {
            let (w, samples) = ($w, $samples(count));
            let (value, gradient) = $function::value_and_grad(&w, &samples);
            assert_eq!(value.to_bits(), $function(&w, &samples).to_bits(), "{count}");
            let mut added = vec![0.5; w.len()];
            let same = $function::vjp(&w, &samples, 2.0, &mut added);
            assert_eq!(value.to_bits(), same.to_bits());
            for i in 0..w.len() {
                let direction: Vec<f64> = (0..w.len()).map(|j| f64::from(u8::from(i == j))).collect();
                let (_, slope) = $function::jvp(&w, &samples, &direction);
                let scale = slope.abs().max(100.0);
                assert!((gradient[i] - slope).abs() <= 1e-13 * scale, "{count} {i}: {} {slope}", gradient[i]);
                assert!((added[i] - 0.5 - 2.0 * slope).abs() <= 4e-13 * scale, "{count} {i}: {} {slope}", added[i]);
            }
        }
    };
}

#[test]
fn layers_of_a_network_run_for_eight_samples() {
    at_once! { (wrt(w))
        fn loss(w: &[f64], xs: &[[f64; 3]]) -> f64 {
            let mut total = 0.25;
            for x in xs {
                let mut first = [0.0; 5];
                for j in 0..5 {
                    first[j] = (w[j] * x[0] + w[j + 1] * x[1] - w[j + 2] * x[2]).tanh();
                }
                let mut second = [0.1; 5];
                for j in 0..5 {
                    for k in 0..5 {
                        second[j] += w[(j * 5 + k) % 17] * first[k];
                    }
                }
                let output: f64 = second.iter().zip(&first).map(|(a, b)| (a * b).sin()).sum();
                total += output * output - 0.1 * x[1];
            }
            total / (xs.len() as f64 + 1.0)
        }
    }
    agrees_with_forward_mode!(loss, numbers(17), rows::<3>);
}

#[test]
fn memory_in_front_of_the_loop_and_calls_of_it_as_a_whole_have_lanes() {
    at_once! { (wrt(w))
        fn mixture(w: &[f64], xs: &[[f64; 4]]) -> f64 {
            let k = w.len() / 4;
            let mut terms = vec![0.0; k];
            let mut total = 0.0;
            for x in xs {
                for c in 0..k {
                    let mut y = [0.0; 4];
                    let mut at = 4 * c;
                    for i in 0..4 {
                        let centred = x[i] - w[at];
                        at += 1;
                        for j in i..4 {
                            y[j] += centred * w[4 * c + j - i];
                        }
                    }
                    terms[c] = -0.5 * y.iter().map(|v| v * v).sum::<f64>();
                }
                total += logsumexp(&terms);
            }
            total
        }
    }
    agrees_with_forward_mode!(mixture, numbers(12), rows::<4>);
}

#[test]
fn samples_whose_first_layer_gathers_run_at_once_and_relaxed_with_their_maths() {
    let loss = quote! {
        fn loss(w: &[f64], samples: &[([f64; 3], usize)]) -> f64 {
            let total: f64 = samples
                .iter()
                .map(|(x, label)| {
                    let hidden: [f64; 4] = std::array::from_fn(|j| (0..3).map(|k| w[4 * k + j] * x[k]).sum::<f64>().tanh());
                    let scores: [f64; 2] = std::array::from_fn(|k| (0..4).map(|j| w[k + j] * hidden[j]).sum::<f64>());
                    logsumexp(&scores) - scores[*label]
                })
                .sum();
            total
        }
    };
    assert!(runs_at_once(quote!(wrt(w)), loss.clone()));
    assert!(runs_at_once(quote!(wrt(w), relaxed), loss.clone()));
    let text = differentiable_compiler::differentiable(quote!(wrt(w), relaxed), loss).to_string();
    assert!(text.contains("__in_lanes") && text.contains("as_flattened_mut"), "{text}");
    at_once! { (wrt(w))
        fn layers(w: &[f64], samples: &[([f64; 3], usize)]) -> f64 {
            let total: f64 = samples
                .iter()
                .map(|(x, label)| {
                    let hidden: [f64; 4] = std::array::from_fn(|j| (0..3).map(|k| w[4 * k + j] * x[k]).sum::<f64>().tanh());
                    let scores: [f64; 2] = std::array::from_fn(|k| (0..4).map(|j| w[k + j] * hidden[j]).sum::<f64>());
                    logsumexp(&scores) - scores[*label]
                })
                .sum();
            total
        }
    }
    let samples = |count| (0..count).map(|i| ([0.3 * i as f64 - 1.0, 0.5, -0.2 * i as f64], i % 2)).collect::<Vec<_>>();
    agrees_with_forward_mode!(layers, numbers(12), samples);
}

#[test]
fn samples_most_of_whose_loops_gather_run_one_by_one() {
    let gathering = quote! {
        fn gathering(w: &[f64], samples: &[[f64; 3]]) -> f64 {
            let mut total = 0.0;
            for x in samples {
                let mut h = [0.0; 3];
                for j in 0..3 {
                    for k in 0..3 {
                        h[j] += w[3 * j + k] * x[k];
                    }
                }
                total += h[0] * h[1] - h[2];
            }
            total
        }
    };
    assert!(!runs_at_once(quote!(wrt(w)), gathering.clone()));
    assert!(!runs_at_once(quote!(wrt(w), relaxed), gathering));
}

#[test]
fn what_a_lane_alone_decides_stays_with_its_lane() {
    at_once! { (wrt(w))
        fn picked(w: &[f64], samples: &[(usize, f64)]) -> f64 {
            let mut total = 0.0;
            for sample in samples {
                let mut h = [0.0; 4];
                for j in 0..4 {
                    h[j] = w[j] * sample.1;
                }
                let mut g = [0.0; 4];
                for i in 0..4 {
                    for j in 0..4 {
                        g[i] += w[(i + j) % 6] * h[j];
                    }
                }
                if sample.0 % 3 == 0 {
                    total += w[5] * w[sample.0 % 2];
                }
                let value = g[sample.0 % 4] * w[4];
                total += value * h[(sample.0 + 1) % 4] + w[sample.0 % 6];
            }
            total
        }
    }
    let samples = |count| (0..count).map(|i| (i * 7 % 11, (i % 5) as f64 / 3.0 - 0.7)).collect::<Vec<_>>();
    agrees_with_forward_mode!(picked, numbers(6), samples);
}

#[test]
fn samples_of_different_lengths_run_one_by_one() {
    at_once! { (wrt(w))
        fn ragged(w: &[f64], samples: &[Vec<f64>]) -> f64 {
            let mut total = 0.0;
            for sample in samples {
                let mut h = [0.5; 3];
                for x in sample.iter() {
                    for j in 0..3 {
                        h[j] += w[j] * x;
                    }
                }
                let mut g = [0.0; 3];
                for _ in 0..2 {
                    for j in 0..3 {
                        g[j] += h[j] * w[j + 1];
                    }
                }
                for round in 0..3 {
                    for j in 0..3 {
                        g[j] += h[2 - j] * w[round];
                    }
                }
                total += g[0] * g[1] - g[2];
            }
            total
        }
    }
    let samples = |count| (0..count).map(|i| numbers(if i == 12 { 5 } else { 2 })).collect::<Vec<_>>();
    agrees_with_forward_mode!(ragged, numbers(4), samples);
}

#[test]
fn sums_of_single_precision_keep_their_bits() {
    at_once! { (wrt(w))
        fn single(w: &[f32; 4], xs: &[f32]) -> f32 {
            let mut total = 0.0;
            for x in xs {
                let mut h = [0.0; 4];
                for j in 0..4 {
                    h[j] = (w[j] * x).exp();
                }
                let mut g = 0.0;
                for i in 0..4 {
                    for j in 0..4 {
                        g += h[i] * h[j] * w[i];
                    }
                }
                total += g;
            }
            total
        }
    }
    let (w, xs): ([f32; 4], Vec<f32>) = ([0.3, -0.4, 0.5, 0.1], (0..19).map(|i| i as f32 / 10.0).collect());
    let (value, gradient) = single::value_and_grad(&w, &xs);
    assert_eq!(value.to_bits(), single(&w, &xs).to_bits());
    for i in 0..4 {
        let (_, slope) = single::jvp(&w, &xs, &std::array::from_fn(|j| f32::from(u8::from(i == j))));
        assert!((gradient[i] - slope).abs() <= 1e-5 * slope.abs(), "{} {slope}", gradient[i]);
    }
}

#[test]
fn iterations_that_wait_for_each_other_do_not_run_at_once() {
    let carried = quote! {
        fn carried(w: &[f64; 4], xs: &[f64]) -> f64 {
            let mut state = 0.5;
            for x in xs {
                let mut h = [0.0; 4];
                for j in 0..4 {
                    h[j] = w[j] * state + x;
                }
                let mut g = [0.0; 4];
                for i in 0..4 {
                    for j in 0..4 {
                        g[i] += h[j] * w[i];
                    }
                }
                state = g[0] * g[1];
            }
            state
        }
    };
    assert!(!runs_at_once(quote!(wrt(w)), carried));
    let printing = quote! {
        fn printing(w: &[f64; 4], xs: &[f64]) -> f64 {
            let mut total = 0.0;
            for x in xs {
                let mut h = [0.0; 4];
                for j in 0..4 {
                    println!("{j}");
                    h[j] = w[j] * x;
                }
                for i in 0..4 {
                    for j in 0..4 {
                        total += h[j] * w[i];
                    }
                }
            }
            total
        }
    };
    assert!(!runs_at_once(quote!(wrt(w)), printing));
}

#[test]
fn what_is_left_in_memory_reaches_the_next_iteration() {
    #[differentiable(wrt(w))]
    fn left(w: &[f64], xs: &[[f64; 3]]) -> f64 {
        let mut h = [0.0; 4];
        let mut total = 0.0;
        for x in xs {
            for j in 0..3 {
                h[j] = w[j] * x[j];
            }
            for i in 0..4 {
                for j in 0..4 {
                    h[i] += 0.1 * w[i] * h[j];
                }
            }
            total += h[3];
        }
        total
    }
    agrees_with_forward_mode!(left, numbers(4), rows::<3>);
}

#[test]
fn an_inner_loop_may_run_differently_often_in_each_iteration_of_the_one_around_it() {
    #[differentiable(wrt(x))]
    fn parts(x: &[f64], k: f64) -> (f64, f64) {
        let w: [f64; 12] = std::array::from_fn(|i| 0.75 * (i as f64 * 0.125 - 0.75));
        let mut total: f64 = 0.0;
        for i in 0..12 {
            let mut h: [f64; 3] = [0.0; 3];
            for j in 0..3 {
                h[j] = (w[i] * x[0]).cos();
            }
            let mut g: [f64; 3] = [0.5; 3];
            let mut at = 0;
            for j in 0..3 {
                for l in j + 1..3 {
                    g[j] +=
                        h[l] * ({
                            let kept = k;
                            kept * kept
                        }) * w[at % 9]
                            * 0.25;
                    at += 1;
                }
            }
            g[i % 3] = g[i % 3] * 0.75 + h[at % 3];
            let mut s: f64 = 0.0;
            for j in 0..3 {
                s += g[j] * h[j];
            }
            total += s.sin() * 0.75;
        }
        (w[1], total)
    }
    #[differentiable(wrt(x))]
    fn f(x: &[f64], k: f64) -> f64 {
        let (first, second) = parts(x, k);
        first * second * x[0]
    }
    differentiable_tests::agrees!(f(0.7): [0.3], [-1.2]);
}
