//! Structs, tuples, and what is there or not.

use differentiable::prelude::*;
use differentiable_tests::agrees_twice;

#[derive(Clone, Copy, Debug, Differentiable)]
struct Joint {
    axis: [f64; 2],
    length: f64,
}

#[derive(Clone, Debug, Differentiable)]
struct Chain {
    joints: [Joint; 2],
    base: Joint,
}

impl Joint {
    #[differentiable(wrt(self, angle), second_order)]
    fn reach(&self, angle: f64) -> f64 {
        self.length * (self.axis[0] * angle.cos() + self.axis[1] * angle.sin())
    }
}

#[test]
fn structs_of_structs_of_arrays() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let joint = Joint { axis: [x[0], x[1]], length: x[2] };
        let mut chain = Chain { joints: [joint, Joint { length: x[3], ..joint }], base: joint };
        chain.joints[1].axis[0] *= chain.base.length;
        chain.joints[1].axis[0] * chain.joints[0].axis[1] * chain.joints[1].length
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn update_syntax() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let base = Joint { axis: [x[0], x[1]], length: x[2] };
        let other = Joint { length: base.length * base.axis[0], ..base };
        other.length * other.axis[1] * base.length
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn methods_on_structs() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let joint = Joint { axis: [x[0], x[1]], length: x[2] };
        joint.reach(x[3]) * joint.reach(x[0])
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[differentiable(second_order)]
fn polar(x: f64, y: f64) -> (f64, f64) {
    (x.hypot(y), y.atan2(x))
}

#[test]
fn tuples_returned_and_taken_apart() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let (radius, angle) = polar(x[0], x[1]);
        let pair = polar(radius * angle, radius);
        pair.0 * angle + pair.1
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn arrays_of_structs() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut joints = [Joint { axis: [x[0], x[1]], length: x[2] }; 3];
        for i in 1..3 {
            joints[i].length = joints[i - 1].length * joints[i].axis[0] + x[1];
        }
        joints.iter().map(|joint| joint.length * joint.axis[1]).sum()
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn options_of_active_values() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut best: Option<f64> = None;
        for (i, v) in x.iter().enumerate() {
            if i % 2 == 0 {
                best = Some(best.map_or(v * v, |b| b * v));
            }
        }
        best.unwrap_or(0.0) * x[1]
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn enums_without_active_values() {
    enum Shape {
        Square,
        Disc { quarters: u32 },
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let shapes = [Shape::Square, Shape::Disc { quarters: 3 }];
        let mut area = 1.0;
        for shape in &shapes {
            area *= match shape {
                Shape::Square => x[0] * x[0],
                Shape::Disc { quarters } => x[1] * x[1] * f64::from(*quarters),
            };
        }
        area
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}
