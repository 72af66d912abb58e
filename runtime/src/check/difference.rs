//! The derivative of a function of one number by central differences.
//!
//! Richardson's extrapolation over halved steps, of which the entry with the least estimated error is taken: Ridders, Accurate computation
//! of F'(x) and F'(x)F''(x) (1982).

/// How often the step is halved.
const HALVINGS: usize = 14;
/// The first step. The function's argument is scaled so that one is large.
const FIRST: f64 = 1.0 / 16.0;

/// A derivative by differences.
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference {
    /// The derivative.
    pub(super) slope: f64,
    /// How far the extrapolations that agree best are apart, and what rounding can do.
    pub(super) error: f64,
    /// The smallest step of these.
    pub(super) step: f64,
}

/// The derivative at zero, given how far rounding moves a value of the function.
pub(super) fn difference(rounding: f64, mut function: impl FnMut(f64) -> f64) -> Difference {
    let mut best = Difference { slope: f64::NAN, error: f64::INFINITY, step: 0.0 };
    let mut last = [0.0; HALVINGS];
    let (mut level, mut step) = (0, FIRST);
    for _ in 0..HALVINGS {
        let slope = (function(step) - function(-step)) / (2.0 * step);
        if slope.is_finite() {
            let noise = rounding / step;
            level = extrapolate(&mut last, level, slope, |slope, apart| {
                if apart + noise < best.error {
                    best = Difference { slope, error: apart + noise, step };
                }
            });
            if best.error <= 4.0 * noise {
                break;
            }
            step /= 2.0;
        } else {
            // outside of the domain, or an overflow: begin again closer
            level = 0;
            step /= 8.0;
        }
    }
    best
}

/// Adds a row to the tableau of which `last` holds the last one; gives each new entry with its distance from those that it is made of.
fn extrapolate(last: &mut [f64; HALVINGS], level: usize, slope: f64, mut give: impl FnMut(f64, f64)) -> usize {
    let (mut entry, mut power) = (slope, 1.0);
    for column in 0..level {
        let above = last[column];
        last[column] = entry;
        power *= 4.0;
        let better = entry + (entry - above) / (power - 1.0);
        give(better, f64::max((better - entry).abs(), (better - above).abs()));
        entry = better;
    }
    last[level] = entry;
    level + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_functions_have_ten_digits() {
        let close = |found: Difference, slope: f64| {
            assert!((found.slope - slope).abs() < 1e-10 && found.error < 1e-9, "{found:?}, not {slope}");
        };
        close(difference(f64::EPSILON, |t| (1.0 + t) / (2.0 - t)), 0.75);
        close(difference(f64::EPSILON, |t| t * t * t + 3.0 * t), 3.0);
        close(difference(f64::EPSILON, |t| 1.0 / (1.1 + t)), -1.0 / 1.21);
        close(difference(f64::EPSILON, |t| t), 1.0);
    }

    #[test]
    fn the_step_is_made_smaller_until_it_is_inside_of_the_domain() {
        let found = difference(f64::EPSILON, |t| if t.abs() < 1e-3 { 2.0 * t } else { f64::NAN });
        assert!((found.slope - 2.0).abs() < 1e-9 && found.step < 1e-3, "{found:?}");
    }

    #[test]
    fn at_a_jump_the_differences_do_not_settle() {
        let found = difference(f64::EPSILON, |t| if t > 0.0 { 1.0 } else { 0.0 });
        assert!(found.error > 1.0, "{found:?}");
    }
}
