//! Trees that are walked by the names that patterns give to their parts.

#![allow(clippy::arc_with_non_send_sync, reason = "which pointers lead to a number is what is tested")]

use differentiable::prelude::*;
use differentiable_tests::agrees_twice;

enum Tree {
    Constant(f64),
    Input(usize),
    Add(Box<Tree>, Box<Tree>),
    Multiply(Box<Tree>, Box<Tree>),
    Power { base: Box<Tree>, exponent: i32 },
    Sine(Box<Tree>),
    Sum(Vec<Tree>),
}

fn input(index: usize) -> Box<Tree> {
    Box::new(Tree::Input(index))
}

fn tree() -> Tree {
    let product = Tree::Multiply(input(0), Box::new(Tree::Sine(input(1))));
    let power = Tree::Power { base: Box::new(Tree::Add(input(1), Box::new(Tree::Constant(0.5)))), exponent: 3 };
    Tree::Sum(vec![product, power, Tree::Multiply(input(0), input(0)), Tree::Constant(2.0)])
}

#[differentiable(second_order)]
fn value(tree: &Tree, x: &[f64; 2]) -> f64 {
    match tree {
        Tree::Constant(constant) => *constant,
        Tree::Input(index) => x[*index],
        Tree::Add(a, b) => value(a, x) + value(b, x),
        Tree::Multiply(a, b) => {
            let left = value(a, x);
            left * value(b, x)
        }
        Tree::Power { base, exponent } => value(base, x).powi(*exponent),
        Tree::Sine(inner) => value(inner, x).sin(),
        Tree::Sum(terms) => {
            let mut sum = 0.0;
            for term in terms {
                sum += value(term, x);
            }
            sum
        }
    }
}

#[differentiable(second_order)]
fn of_a_tree(x: &[f64; 2]) -> f64 {
    let tree = tree();
    value(&tree, x) * value(&tree, &[x[1], 0.3])
}

#[test]
fn a_tree_of_boxes_is_walked_by_what_a_match_binds() {
    agrees_twice!(of_a_tree, 2, [0.7, -0.4], [1.2, 0.3]);
    let (tree, x) = (tree(), [0.7, -0.4]);
    let expected = [(-0.4f64).sin() + 1.4, 0.7 * 0.4f64.cos() + 3.0 * 0.01];
    let gradient = value::grad(&tree, &x);
    assert!(gradient.iter().zip(expected).all(|(gradient, expected)| (gradient - expected).abs() < 1e-14), "{gradient:?}");
    let (_, back) = value::pullback(&tree, &x);
    let mut halves = [0.0; 2];
    back(1.0, &mut halves);
    assert_eq!(halves, gradient);
    let product = value::hvp(&tree, &x, &[1.0, 2.0]);
    let expected = [2.0 + 2.0 * 0.4f64.cos(), 0.4f64.cos() + 2.0 * (0.7 * 0.4f64.sin() + 6.0 * 0.1)];
    assert!(product.iter().zip(expected).all(|(product, expected)| (product - expected).abs() < 1e-14), "{product:?}");
}

struct Node {
    split: usize,
    at: f64,
    children: Option<(Box<Node>, Box<Node>)>,
    next: Option<Box<Node>>,
}

fn node(split: usize, at: f64) -> Node {
    Node { split, at, children: None, next: None }
}

/// A soft decision tree.
#[differentiable(second_order, wrt(x))]
fn soft(node: &Node, x: &[f64; 2]) -> f64 {
    if let Some((left, right)) = &node.children {
        let weight = (x[node.split] - node.at).sigmoid();
        weight * soft(left, x) + (1.0 - weight) * soft(right, x)
    } else {
        node.at * x[0]
    }
}

/// A list, in which what follows has a name of its own.
#[differentiable(second_order, wrt(x))]
fn along(node: &Node, x: &[f64; 2]) -> f64 {
    let here = node.at * x[node.split].sin();
    let next = &node.next;
    match next.as_ref() {
        Some(next) if next.at > 0.0 => here * along(next, x),
        Some(next) => here - along(next, x),
        None => here,
    }
}

#[test]
fn what_an_option_holds_is_handed_on() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut right = node(1, 0.2);
        right.children = Some((Box::new(node(0, 1.5)), Box::new(node(1, -0.7))));
        let mut root = node(0, 0.1);
        root.children = Some((Box::new(node(0, 0.4)), Box::new(right)));
        let mut second = node(1, 0.3);
        second.next = Some(Box::new(node(0, -0.2)));
        root.next = Some(Box::new(second));
        soft(&root, x) + along(&root, x)
    }
    agrees_twice!(f, 2, [0.7, -0.4], [1.2, 0.3]);
}

/// What a pattern binds in a pattern that is matched in turn.
#[differentiable(second_order)]
fn folded(tree: &Tree, x: &[f64; 2]) -> f64 {
    match tree {
        Tree::Multiply(a, b) => match (&**a, b.as_ref()) {
            (Tree::Constant(factor), other) | (other, Tree::Constant(factor)) => *factor * folded(other, x),
            (Tree::Input(i), Tree::Input(k)) if i == k => x[*i].powi(2),
            (left, right) => folded(left, x) * value(right, x),
        },
        other => value(other, x),
    }
}

#[test]
fn patterns_are_matched_inside_of_others() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let doubled = Tree::Multiply(Box::new(Tree::Constant(2.0)), Box::new(Tree::Multiply(input(0), input(0))));
        let product = Tree::Multiply(Box::new(Tree::Sine(input(0))), input(1));
        folded(&doubled, x) * folded(&product, x)
    }
    agrees_twice!(f, 2, [0.7, -0.4], [1.2, 0.3]);
}

struct Scene {
    shapes: Vec<Shape>,
}

enum Shape {
    Ball(f64),
    Moved([f64; 2], Box<Shape>),
    Both(Box<Shape>, Box<Shape>),
}

impl Shape {
    #[differentiable(wrt(p), second_order)]
    fn distance(&self, p: &[f64; 2]) -> f64 {
        match self {
            Self::Ball(radius) => p[0].hypot(p[1]) - radius,
            Self::Moved(by, inner) => (**inner).distance(&[p[0] - by[0], p[1] - by[1]]),
            Self::Both(a, b) => (**a).distance(p).min((**b).distance(p)),
        }
    }
}

#[test]
fn a_method_walks_its_own_type() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let ball = |radius: f64| Box::new(Shape::Ball(radius));
        let scene = Scene {
            shapes: vec![
                Shape::Moved([0.3, 0.1], ball(0.5)),
                Shape::Both(Box::new(Shape::Moved([-1.0, 2.0], ball(1.0))), ball(0.2)),
            ],
        };
        let mut total = 0.0;
        for shape in &scene.shapes {
            total += shape.distance(x).powi(2);
        }
        total
    }
    agrees_twice!(f, 2, [0.7, -0.4], [1.2, 0.3]);
}

#[derive(Clone, Debug)]
enum Formula {
    X,
    Constant(f64),
    Sum(Box<Formula>, std::rc::Rc<Formula>),
    Product(std::sync::Arc<Formula>, Box<Formula>),
}

impl Formula {
    #[differentiable(wrt(x), second_order)]
    fn at(&self, x: f64) -> f64 {
        match self {
            Formula::X => x,
            Formula::Constant(c) => *c,
            Formula::Sum(a, b) => a.at(x) + b.at(x * x),
            Formula::Product(a, b) => a.at(x) * b.at(x),
        }
    }
}

struct Stage {
    gain: f64,
    inner: Box<Curve>,
    next: Option<Box<Stage>>,
}

struct Curve {
    bend: f64,
}

impl Curve {
    #[differentiable(wrt(x), second_order)]
    fn apply(&self, x: f64) -> f64 {
        self.bend * x * x
    }
}

impl Stage {
    #[differentiable(wrt(x), second_order)]
    fn run(&self, x: f64) -> f64 {
        let y = self.inner.apply(x);
        match &self.next {
            Some(next) => next.run(y) + self.gain * x,
            None => y,
        }
    }
}

#[test]
fn methods_are_called_through_pointers() {
    #[differentiable(wrt(x), second_order)]
    fn outer(stage: &Stage, x: f64) -> f64 {
        stage.inner.apply(x) * x
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let tree = Formula::Product(
            std::sync::Arc::new(Formula::Sum(Box::new(Formula::X), std::rc::Rc::new(Formula::Constant(2.0)))),
            Box::new(Formula::X),
        );
        let last = Stage { gain: 2.0, inner: Box::new(Curve { bend: 0.5 }), next: None };
        let stage = Stage { gain: 1.5, inner: Box::new(Curve { bend: 0.7 }), next: Some(Box::new(last)) };
        tree.at(x[0]) * stage.run(x[1]) + outer(&stage, x[0])
    }
    differentiable_tests::agrees_twice!(f, 2, [0.3, 0.7], [1.2, -0.4]);
}
