//! The loss of the network of 67 parameters for one flower.

use differentiable::{Dual, Number, Real};

use crate::iris::{Flower, Params, loss, standardised};

/// Parameters and flower.
pub type Input = (Params<f32>, Flower);

/// A network on its way.
pub const INPUT: Input = (
    Params {
        w1: [
            [0.2, -0.4, 0.6, 0.1],
            [-0.3, 0.5, 0.2, -0.6],
            [0.4, 0.1, -0.5, 0.3],
            [0.6, -0.2, 0.1, 0.4],
            [-0.1, 0.3, 0.5, -0.2],
            [0.5, 0.6, -0.3, 0.2],
            [-0.6, 0.2, 0.4, 0.1],
            [0.1, -0.5, 0.3, 0.6],
        ],
        b1: [0.1, -0.1, 0.2, 0.0, 0.05, -0.2, 0.1, 0.0],
        w2: [
            [0.3, -0.1, 0.2, 0.5, -0.4, 0.1, 0.2, -0.3],
            [-0.2, 0.4, 0.1, -0.3, 0.2, 0.5, -0.1, 0.3],
            [0.1, 0.2, -0.4, 0.1, 0.3, -0.2, 0.4, 0.2],
        ],
        b2: [0.05, -0.05, 0.0],
    },
    ([64, 32, 45, 15], 1),
);

const ZEROS: Params<f32> = Params { w1: [[0.0; 4]; 8], b1: [0.0; 8], w2: [[0.0; 8]; 3], b2: [0.0; 3] };

/// What the macro makes.
pub fn generated((p, flower): &Input) -> (f32, Params<f32>) {
    loss::value_and_grad(p, flower)
}

/// Both layers forward, and both backward.
pub fn by_hand((p, flower): &Input) -> (f32, Params<f32>) {
    gradient_by_hand(p, flower)
}

/// The same of parts that lie apart.
#[inline]
pub fn gradient_by_hand(p: &Params<f32>, flower: &Flower) -> (f32, Params<f32>) {
    let x = standardised(flower);
    let mut hidden = [0.0; 8];
    for h in 0..8 {
        hidden[h] = (p.b1[h] + p.w1[h].iter().zip(&x).map(|(w, x)| w * x).sum::<f32>()).tanh();
    }
    let mut scores = p.b2;
    for c in 0..3 {
        scores[c] += p.w2[c].iter().zip(&hidden).map(|(w, a)| w * a).sum::<f32>();
    }
    let max = scores[0].max(scores[1]).max(scores[2]);
    let label = flower.1 as usize;
    let exponentials = scores.map(|score| (score - max).exp());
    let total: f32 = exponentials.iter().sum();
    let mut d = ZEROS;
    d.b2 = exponentials.map(|e| e / total);
    d.b2[label] -= 1.0;
    let mut d_hidden = [0.0; 8];
    for c in 0..3 {
        for h in 0..8 {
            d.w2[c][h] = d.b2[c] * hidden[h];
            d_hidden[h] += d.b2[c] * p.w2[c][h];
        }
    }
    for h in 0..8 {
        let dz = d_hidden[h] * ((1.0 - hidden[h]) * (1.0 + hidden[h]));
        d.b1[h] = dz;
        d.w1[h] = x.map(|x| dz * x);
    }
    (total.ln() + max - scores[label], d)
}

/// One direction after the other, as all of them at once need more memory than a small microcontroller has.
pub fn dual((p, flower): &Input) -> (f32, Params<f32>) {
    gradient_of_duals(p, flower)
}

/// The same of parts that lie apart.
#[inline]
pub fn gradient_of_duals(p: &Params<f32>, flower: &Flower) -> (f32, Params<f32>) {
    let constants = Params {
        w1: p.w1.map(|row| row.map(Dual::<f32, 1>::constant)),
        b1: p.b1.map(Dual::constant),
        w2: p.w2.map(|row| row.map(Dual::constant)),
        b2: p.b2.map(Dual::constant),
    };
    let along = |of: &dyn Fn(&mut Params<Dual<f32, 1>>) -> &mut Dual<f32, 1>| {
        let mut moved = constants.clone();
        let number = of(&mut moved);
        *number = Dual::variable(number.value(), 0);
        loss(&moved, flower)
    };
    let mut d = ZEROS;
    for h in 0..8 {
        d.b1[h] = along(&|p| &mut p.b1[h]).tangents()[0];
        for i in 0..4 {
            d.w1[h][i] = along(&|p| &mut p.w1[h][i]).tangents()[0];
        }
    }
    let mut value = f32::ZERO;
    for c in 0..3 {
        for h in 0..8 {
            d.w2[c][h] = along(&|p| &mut p.w2[c][h]).tangents()[0];
        }
        let last = along(&|p| &mut p.b2[c]);
        (value, d.b2[c]) = (last.value(), last.tangents()[0]);
    }
    (value, d)
}
