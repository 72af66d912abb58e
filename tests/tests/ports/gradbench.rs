//! The functions of gradbench.

use differentiable::prelude::*;
use differentiable_tests::agrees;

/// gradbench `lse`.
#[test]
fn log_sum_exp() {
    #[differentiable]
    fn lse(x: &[f64; 5]) -> f64 {
        let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = x.iter().map(|v| (v - max).exp()).sum();
        sum.ln() + max
    }
    agrees!(lse, 5, [1.0, -2.0, 0.3, 4.0, 2.2]);
}

/// gradbench `llsq`: the distance of points from a polynomial.
#[test]
fn linear_least_squares() {
    #[differentiable(wrt(x))]
    fn llsq(x: &[f64], n: usize) -> f64 {
        let mut total = 0.0;
        for i in 0..n {
            let t = -1.0 + (i as f64) * 2.0 / (n as f64 - 1.0);
            let mut residual = if t > 0.0 {
                1.0
            } else if t < 0.0 {
                -1.0
            } else {
                0.0
            };
            let mut power = 1.0;
            for &c in x {
                residual -= c * power;
                power *= t;
            }
            total += residual * residual;
        }
        0.5 * total
    }
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        llsq(x, 7)
    }
    agrees!(f, 4, [0.1, 0.7, -0.3, 0.4]);
}

/// gradbench `hello`.
#[test]
fn hello() {
    #[differentiable(second_order)]
    fn square(x: f64) -> f64 {
        x * x
    }
    assert_eq!(square::grad(3.0), 6.0);
    assert_eq!(square::hessian(3.0), 2.0);
}

/// gradbench `kmeans`: the sum of squared distances to the nearest centroid.
#[test]
fn k_means() {
    #[differentiable(wrt(centroids))]
    fn cost(points: &[Vec<f64>], centroids: &[[f64; 2]]) -> f64 {
        points
            .iter()
            .map(|point| {
                centroids
                    .iter()
                    .map(|centroid| point.iter().zip(centroid).map(|(p, c)| (p - c).powi(2)).sum::<f64>())
                    .fold(f64::INFINITY, f64::min)
            })
            .sum()
    }
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let points = vec![vec![0.0, 1.0], vec![2.0, 0.3], vec![-1.0, 0.2], vec![1.5, 1.5]];
        let centroids = [[x[0], x[1]], [x[2], x[3]]];
        cost(&points, &centroids)
    }
    agrees!(f, 4, [0.1, 0.7, -0.3, 0.4]);
}

/// gradbench `ode`: `x' = y` by Runge and Kutta, from a vector of zeros.
#[test]
fn runge_kutta() {
    #[differentiable]
    fn right(x: &[f64; 3], y: &[f64; 3]) -> [f64; 3] {
        let mut result = [0.0; 3];
        result[0] = x[0];
        for i in 1..3 {
            result[i] = x[i] * y[i - 1];
        }
        result
    }
    #[differentiable]
    fn ode(x: &[f64; 3], steps: usize) -> [f64; 3] {
        let tf = 2.0;
        let h = tf / steps as f64;
        let mut y = [0.0; 3];
        for _ in 0..steps {
            let k1 = right(x, &y);
            let mut stage = [0.0; 3];
            for i in 0..3 {
                stage[i] = y[i] + h * k1[i] / 2.0;
            }
            let k2 = right(x, &stage);
            for i in 0..3 {
                stage[i] = y[i] + h * k2[i] / 2.0;
            }
            let k3 = right(x, &stage);
            for i in 0..3 {
                stage[i] = y[i] + h * k3[i];
            }
            let k4 = right(x, &stage);
            for i in 0..3 {
                y[i] += h * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]) / 6.0;
            }
        }
        y
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        ode(x, 5)[2]
    }
    agrees!(f, 3, [0.9, 0.7, -0.3]);
    let y = ode(&[1.0, 1.0, 1.0], 100);
    assert!((y[2] - 8.0 / 6.0).abs() < 1e-9, "{y:?}");
}

/// gradbench `gmm`: the logarithm of the posterior of a mixture of Gaussians.
#[test]
fn gaussian_mixture() {
    #[derive(Clone, Differentiable)]
    struct Mixture {
        alphas: Vec<f64>,
        means: Vec<Vec<f64>>,
        inverse_covariances: Vec<Vec<f64>>,
    }

    fn ln_gamma_distribution(a: f64, p: usize) -> f64 {
        fn ln_gamma(x: f64) -> f64 {
            // Stirling's series, for arguments above 10
            let shift: f64 = (0..10).map(|i| (x + i as f64).ln()).sum();
            let y = x + 10.0;
            (y - 0.5) * y.ln() - y + 0.5 * (2.0 * std::f64::consts::PI).ln() + 1.0 / (12.0 * y)
                - 1.0 / (360.0 * y.powi(3))
                - shift
        }
        let base = 0.25 * (p * (p - 1)) as f64 * std::f64::consts::PI.ln();
        base + (1..=p).map(|j| ln_gamma(a + 0.5 * (1.0 - j as f64))).sum::<f64>()
    }

    #[differentiable(wrt(p))]
    fn objective(p: &Mixture, xs: &[[f64; 2]], gamma: f64, m: usize) -> f64 {
        let d = 2;
        let k = p.alphas.len();
        let n = xs.len();
        let mut sums = vec![0.0; k];
        for c in 0..k {
            sums[c] = p.inverse_covariances[c][..d].iter().sum::<f64>();
        }
        let mut total = 0.0;
        for x in xs {
            let mut terms = vec![0.0; k];
            for c in 0..k {
                let q = &p.inverse_covariances[c][..d];
                let l = &p.inverse_covariances[c][d..];
                let mut centred = [0.0; 2];
                for i in 0..d {
                    centred[i] = x[i] - p.means[c][i];
                }
                let mut y = [0.0; 2];
                for i in 0..d {
                    y[i] = q[i].exp() * centred[i];
                }
                let mut at = 0;
                for i in 0..d {
                    for j in (i + 1)..d {
                        y[j] += l[at] * centred[i];
                        at += 1;
                    }
                }
                let square = y.iter().map(|v| v * v).sum::<f64>();
                terms[c] = p.alphas[c] + sums[c] - 0.5 * square;
            }
            total += logsumexp(&terms);
        }
        let mut prior = 0.0;
        for c in 0..k {
            let icf = &p.inverse_covariances[c];
            let frobenius: f64 =
                icf[..d].iter().map(|v| v.exp().powi(2)).sum::<f64>() + icf[d..].iter().map(|v| v * v).sum::<f64>();
            prior += 0.5 * gamma * gamma * frobenius - m as f64 * sums[c];
        }
        let wishart = d + m + 1;
        let constant = (wishart * d) as f64 * (gamma.ln() - 0.5 * 2.0f64.ln()) - ln_gamma_distribution(0.5 * wishart as f64, d);
        let front = -((n * d) as f64) * 0.5 * (2.0 * std::f64::consts::PI).ln();
        front + total - n as f64 * logsumexp(&p.alphas) + prior - k as f64 * constant
    }

    let xs = [[0.1, 0.4], [1.0, -0.3], [0.7, 0.9]];
    let unpack = |x: &[f64]| Mixture {
        alphas: x[..2].to_vec(),
        means: vec![x[2..4].to_vec(), x[4..6].to_vec()],
        inverse_covariances: vec![x[6..9].to_vec(), x[9..12].to_vec()],
    };
    let pack = |p: &Mixture| [p.alphas.clone(), p.means.concat(), p.inverse_covariances.concat()].concat();
    let derivative = differentiable_tests::Derivative {
        value: &|x| objective(&unpack(x), &xs, 1.3, 1),
        value_and_grad: &|x| {
            let (value, gradient) = objective::value_and_grad(&unpack(x), &xs, 1.3, 1);
            (value, pack(&gradient))
        },
        jvp: &|x, dot| objective::jvp(&unpack(x), &xs, 1.3, 1, &unpack(dot)),
    };
    derivative.agree_at(&[0.1, 0.3, 0.2, -0.3, 0.9, 0.4, 0.1, 0.2, -0.3, 0.5, -0.2, 0.3]);
}

/// gradbench `lstm`: the negative log likelihood of a sequence under a stack of memory cells.
#[test]
fn long_short_term_memory() {
    #[differentiable]
    fn cell(weight: &[f64; 8], bias: &[f64; 8], hidden: &mut [f64; 2], state: &mut [f64; 2], input: &[f64; 2]) {
        for i in 0..2 {
            let forget = (input[i] * weight[i] + bias[i]).sigmoid();
            let ingate = (hidden[i] * weight[2 + i] + bias[2 + i]).sigmoid();
            let outgate = (input[i] * weight[4 + i] + bias[4 + i]).sigmoid();
            let change = (hidden[i] * weight[6 + i] + bias[6 + i]).tanh();
            state[i] = state[i] * forget + ingate * change;
            hidden[i] = outgate * state[i].tanh();
        }
    }

    #[differentiable(wrt(main, extra))]
    fn objective(main: &[[f64; 16]; 2], extra: &[f64; 6], sequence: &[[f64; 2]]) -> f64 {
        let mut hidden = [[0.0; 2]; 2];
        let mut state = [[0.0; 2]; 2];
        let mut total = 0.0;
        let mut count = 0;
        for t in 0..sequence.len() - 1 {
            let mut x = [sequence[t][0] * extra[0], sequence[t][1] * extra[1]];
            for layer in 0..2 {
                let mut weight = [0.0; 8];
                let mut bias = [0.0; 8];
                weight.copy_from_slice(&main[layer][..8]);
                bias.copy_from_slice(&main[layer][8..]);
                cell(&weight, &bias, &mut hidden[layer], &mut state[layer], &x);
                x = hidden[layer];
            }
            let mut prediction = [0.0; 2];
            for i in 0..2 {
                prediction[i] = x[i] * extra[2 + i] + extra[4 + i];
            }
            let norm = (prediction.iter().map(|v| v.exp()).sum::<f64>() + 2.0).ln();
            for i in 0..2 {
                total += sequence[t + 1][i] * (prediction[i] - norm);
            }
            count += 2;
        }
        -total / count as f64
    }

    let sequence = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]];
    let unpack = |x: &[f64]| -> ([[f64; 16]; 2], [f64; 6]) {
        ([x[..16].try_into().unwrap(), x[16..32].try_into().unwrap()], x[32..].try_into().unwrap())
    };
    let derivative = differentiable_tests::Derivative {
        value: &|x| {
            let (main, extra) = unpack(x);
            objective(&main, &extra, &sequence)
        },
        value_and_grad: &|x| {
            let (main, extra) = unpack(x);
            let (value, (d_main, d_extra)) = objective::value_and_grad(&main, &extra, &sequence);
            (value, [d_main[0].as_slice(), &d_main[1], &d_extra].concat())
        },
        jvp: &|x, dot| {
            let (main, extra) = unpack(x);
            let (main_dot, extra_dot) = unpack(dot);
            objective::jvp(&main, &extra, &sequence, &main_dot, &extra_dot)
        },
    };
    let x: Vec<f64> = (0..38).map(|i| ((i * 13 % 17) as f64 - 8.0) * 0.07).collect();
    derivative.agree_at(&x);
}
