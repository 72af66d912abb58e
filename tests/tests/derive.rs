//! What `#[derive(Differentiable)]` makes of structs.

use differentiable::prelude::*;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Layer<T, const N: usize> {
    w: [[T; N]; 2],
    b: [T; 2],
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Net<T> {
    layers: (Layer<T, 3>, Layer<T, 2>),
    out: Vec<T>,
    #[differentiable(skip)]
    name: String,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Pair(f32, [f32; 2]);

fn net() -> Net<f64> {
    Net {
        layers: (Layer { w: [[1.0; 3]; 2], b: [2.0; 2] }, Layer { w: [[3.0; 2]; 2], b: [4.0; 2] }),
        out: vec![5.0; 4],
        name: "net".to_owned(),
    }
}

#[test]
fn zeros_have_the_shape_and_the_skipped_fields_of_the_value() {
    let zeros = net().zeros_like();
    assert_eq!(zeros.layers.0, Layer { w: [[0.0; 3]; 2], b: [0.0; 2] });
    assert_eq!(zeros.out, vec![0.0; 4]);
    assert_eq!(zeros.name, "net");
    assert_eq!(Pair(1.0, [2.0, 3.0]).zeros_like(), Pair(0.0, [0.0; 2]));
}

#[test]
fn accumulating_adds_every_number_and_leaves_skipped_fields() {
    let mut sum = net();
    sum.accumulate(&Net { name: "other".to_owned(), ..net() });
    assert_eq!(sum.layers.1.w, [[6.0; 2]; 2]);
    assert_eq!(sum.out, vec![10.0; 4]);
    assert_eq!(sum.name, "net");
}

#[test]
fn leaves_are_the_numbers_in_order_in_as_few_slices_as_there_are_fields() {
    let mut visited = Vec::new();
    let mut slices = 0;
    Net::leaves([&mut net()], [&net()], &mut |[a], [b]| {
        assert_eq!(a, b);
        visited.extend_from_slice(b);
        slices += 1;
    });
    assert_eq!(visited, [[1.0; 6].as_slice(), &[2.0; 2], &[3.0; 4], &[4.0; 2], &[5.0; 4]].concat());
    assert_eq!(slices, 5);
}

#[test]
fn shapes_differ_where_a_vec_has_another_length() {
    let other = Net { out: vec![0.0; 3], ..net() };
    assert!(net().same_shape(&net().zeros_like()));
    assert!(!net().same_shape(&other));
}

#[test]
#[should_panic(expected = "a `Vec` of length 3 cannot be added to one of length 4")]
fn accumulating_another_shape_panics() {
    net().accumulate(&Net { out: vec![0.0; 3], ..net() });
}

#[test]
fn generic_code_needs_no_bound_but_that_of_its_scalar() {
    fn total<T: Real>(layer: &Layer<T, 3>) -> T {
        let mut total = T::ZERO;
        Layer::leaves([], [layer], &mut |[], [slice]: [&[T]; 1]| slice.iter().for_each(|x| total += x));
        total
    }
    assert_eq!(total(&net().layers.0), 10.0);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Bare<T: Real> {
    first: T,
    second: T,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Mixed<T: Real> {
    row: [T; 2],
    number: T,
    inner: Bare<T>,
    last: T,
}

#[differentiable(wrt(m))]
fn mixed<T: Real>(m: &Mixed<T>) -> T {
    m.row[0] * m.number + m.row[1] * m.inner.second + m.inner.first * m.last
}

#[test]
fn fields_of_the_scalar_itself_stand_beside_arrays_of_it() {
    let inner = Bare { first: 3.0, second: 4.0 };
    let gradient = mixed::grad(&Mixed { row: [1.0, 2.0], number: 5.0, inner, last: 6.0 });
    assert_eq!(gradient, Mixed { row: [5.0, 4.0], number: 1.0, inner: Bare { first: 6.0, second: 2.0 }, last: 3.0 });
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Bounded<T: Real> {
    b: T,
    w: Vec<[T; 2]>,
    inner: Inner<T>,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Inner<T>([T; 2], T)
where
    T: Real;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Unbounded<T>([T; 2], T);

#[test]
fn the_type_of_the_numbers_may_be_bounded_or_not() {
    let space = Bounded { b: 1.0f32, w: vec![[2.0; 2]], inner: Inner([4.0; 2], 3.0) };
    let mut sum = space.zeros_like();
    sum.accumulate(&space);
    assert_eq!(sum, space);
    #[differentiable(wrt(p))]
    fn f<T: Real>(p: &Bounded<T>) -> T {
        p.b * p.w[0][1] * p.inner.0[0]
    }
    assert_eq!(f::grad(&space).inner.0, [2.0, 0.0]);
    assert_eq!(Unbounded([1.0, 2.0], 3.0).zeros_like(), Unbounded([0.0, 0.0], 0.0));
}

#[test]
fn spaces_stand_behind_arrays_vectors_and_tuples_of_them() {
    #[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
    struct Joint {
        axis: [f64; 2],
        length: f64,
    }
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Arm {
        joints: [Joint; 2],
        base: Joint,
    }
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct Hand {
        arms: Vec<Arm>,
        tip: (Joint, [Joint; 2]),
        best: Arm,
    }
    let joint = Joint { axis: [1.0, 2.0], length: 3.0 };
    let arm = Arm { joints: [joint; 2], base: joint };
    let hand = Hand { arms: vec![arm.clone()], tip: (joint, [joint; 2]), best: arm };
    let zero = Joint { axis: [0.0; 2], length: 0.0 };
    assert_eq!(hand.zeros_like().best, Arm { joints: [zero; 2], base: zero });
    assert_eq!(hand.zeros_like().tip.1, [zero; 2]);
}
