//! Fields that are no parameters: constants, counts and choices beside the numbers that are differentiated.

use differentiable::prelude::*;
use differentiable_tests::Derivative;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Ridge {
    w: Vec<f64>,
    bias: f64,
    #[differentiable(skip)]
    penalty: f64,
    #[differentiable(skip)]
    weights: Vec<f64>,
}

#[differentiable(wrt(p), second_order)]
fn ridge(p: &Ridge) -> f64 {
    let fit = p.bias * p.bias * p.weights[0] + p.w[0] * p.weights[1];
    fit + p.penalty * p.w.iter().map(|w| w * w).sum::<f64>()
}

fn model() -> Ridge {
    Ridge { w: vec![2.0, 3.0], bias: 1.0, penalty: 0.5, weights: vec![4.0, 5.0] }
}

#[test]
fn a_gradient_has_the_skipped_fields_of_its_parameter() {
    assert_eq!(ridge::grad(&model()), Ridge { w: vec![7.0, 3.0], bias: 8.0, ..model() });
    assert_eq!(ridge::value_and_grad(&model()).1, ridge::grad(&model()));
}

#[test]
fn an_adjoint_keeps_its_skipped_fields() {
    let mut d = Ridge { w: vec![1.0; 2], bias: 0.0, penalty: -1.0, weights: vec![-2.0; 2] };
    ridge::vjp(&model(), 2.0, &mut d);
    assert_eq!(d, Ridge { w: vec![15.0, 7.0], bias: 16.0, penalty: -1.0, weights: vec![-2.0; 2] });
    let p = model();
    let (_, back) = ridge::pullback(&p);
    back(1.0, &mut d);
    assert_eq!(d, Ridge { w: vec![22.0, 10.0], bias: 24.0, penalty: -1.0, weights: vec![-2.0; 2] });
}

#[test]
fn a_direction_has_no_skipped_fields() {
    let direction = Ridge { w: vec![1.0, 0.0], bias: 1.0, penalty: 100.0, weights: vec![100.0; 2] };
    assert_eq!(ridge::jvp(&model(), &direction).1, 7.0 + 8.0);
    assert_eq!(ridge::hvp(&model(), &direction), Ridge { w: vec![1.0, 0.0], bias: 8.0, ..model() });
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Nested {
    parts: Vec<Ridge>,
    pair: (f64, Part),
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Part {
    x: f64,
    #[differentiable(skip)]
    scale: f64,
}

#[test]
fn skipped_fields_of_fields_are_kept_and_ignored_too() {
    #[differentiable(wrt(n, parts))]
    fn f(n: &Nested, parts: &[Part]) -> f64 {
        let outer: f64 = n.parts.iter().map(|p| p.bias * p.penalty).sum();
        let inner: f64 = parts.iter().map(|p| p.x * p.scale).sum();
        outer + inner + n.pair.0 * n.pair.1.x * n.pair.1.scale
    }
    let nested = Nested { parts: vec![model(), model()], pair: (2.0, Part { x: 3.0, scale: 5.0 }) };
    let parts = [Part { x: 1.0, scale: 7.0 }];
    let (d, d_parts) = f::grad(&nested, &parts);
    let part = Ridge { w: vec![0.0; 2], bias: 0.5, ..model() };
    assert_eq!(d, Nested { parts: vec![part.clone(), part], pair: (15.0, Part { x: 10.0, scale: 5.0 }) });
    assert_eq!(d_parts, [Part { x: 7.0, scale: 7.0 }]);
    let (_, tangent) = f::jvp(&nested, &parts, &nested, &parts);
    assert_eq!(tangent, 0.5 + 0.5 + 2.0 * 30.0 + 7.0);
}

#[test]
fn a_changed_parameter_gives_back_its_direction_as_it_was() {
    #[differentiable(wrt(part))]
    fn double(part: &mut Part) {
        part.x *= 2.0 * part.scale;
    }
    let (mut part, mut d) = (Part { x: 3.0, scale: 5.0 }, Part { x: 1.0, scale: 9.0 });
    double::vjp(&mut part, &mut d);
    assert_eq!((part, d), (Part { x: 30.0, scale: 5.0 }, Part { x: 10.0, scale: 9.0 }));
    let (mut part, mut dot) = (Part { x: 3.0, scale: 5.0 }, Part { x: 1.0, scale: 9.0 });
    double::jvp(&mut part, &mut dot);
    assert_eq!((part, dot), (Part { x: 30.0, scale: 5.0 }, Part { x: 10.0, scale: 9.0 }));
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Linear,
    Square(f64),
}

#[derive(Clone, Debug, Differentiable)]
struct Config {
    a: f64,
    #[differentiable(skip)]
    power: i32,
    #[differentiable(skip)]
    on: bool,
    #[differentiable(skip)]
    kind: Kind,
    #[differentiable(skip)]
    order: Vec<usize>,
}

#[differentiable]
fn halved(x: f64, times: i32) -> f64 {
    x * 0.5f64.powi(times)
}

#[differentiable(wrt(c, x))]
fn configured(c: &Config, x: &[f64]) -> f64 {
    let mut s = x[0].powi(c.power) / c.power as f64;
    if c.on {
        s *= c.a;
    }
    match c.kind {
        Kind::Linear => s += x[0],
        Kind::Square(k) => s += x[0] * x[0] * k,
    }
    if let Kind::Square(k) = &c.kind {
        s *= k;
    }
    for i in 0..c.power {
        s += x[i as usize % 2];
    }
    for &i in &c.order {
        s += x[i] * c.a;
    }
    let power = c.power;
    let again = Config { a: s, power: c.power + 1, kind: c.kind.clone(), ..c.clone() };
    again.a * f64::from(again.power) + halved(s, c.power) * (power + 1) as f64
}

#[test]
fn integers_truth_values_and_enums_in_skipped_fields_are_constants() {
    for (on, kind) in [(true, Kind::Linear), (false, Kind::Square(1.5)), (true, Kind::Square(0.7))] {
        let config = |a: f64| Config { a, power: 2, on, kind: kind.clone(), order: vec![0, 1, 0] };
        Derivative {
            value: &|x| configured(&config(x[0]), &x[1..]),
            value_and_grad: &|x| {
                let (value, (d, d_x)) = configured::value_and_grad(&config(x[0]), &x[1..]);
                (value, [vec![d.a], d_x].concat())
            },
            jvp: &|x, dot| configured::jvp(&config(x[0]), &x[1..], &config(dot[0]), &dot[1..]),
        }
        .agree_at(&[0.7, 1.2, 0.3]);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Pace {
    Fast,
    Slow,
}

#[derive(Clone, Debug, Differentiable)]
struct Simulation {
    position: [f64; 2],
    velocity: Vec<f64>,
    time: f64,
    #[differentiable(skip)]
    steps: usize,
    #[differentiable(skip)]
    pace: Pace,
    #[differentiable(skip)]
    name: String,
    #[differentiable(skip)]
    done: bool,
    #[differentiable(skip)]
    flags: u32,
    #[differentiable(skip)]
    trace: Vec<f64>,
}

impl Simulation {
    #[differentiable(wrt(self, dt), second_order)]
    fn step(&mut self, dt: f64, most: usize) -> f64 {
        self.steps += 1;
        self.flags |= 1 << self.steps;
        self.flags <<= 1;
        if self.steps > most {
            self.pace = Pace::Slow;
            self.done = true;
            self.name = format!("late{}", self.steps);
            self.steps = most;
        }
        match self.pace {
            Pace::Fast => self.position[0] += self.velocity[0] * dt,
            Pace::Slow => {
                self.velocity = self.velocity.iter().map(|v| v * 0.5).collect();
                self.position[1] += self.velocity[1] * dt * self.position[0];
            }
        }
        if self.done && !self.name.is_empty() {
            self.time += dt * self.steps as f64;
        }
        self.trace = vec![];
        self.position[0] * self.position[1] + self.time
    }

    #[differentiable(wrt(self), second_order)]
    fn reset(&mut self, time: f64) {
        self.time = time;
        self.steps = 0;
        self.done = false;
        self.velocity = vec![1.0];
    }
}

#[test]
fn counters_and_choices_in_skipped_fields_change() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut s = Simulation {
            position: [x[0], x[1]],
            velocity: vec![x[1], x[2]],
            time: 0.0,
            steps: 0,
            pace: Pace::Fast,
            name: String::new(),
            done: false,
            flags: 0,
            trace: vec![],
        };
        let mut sum = 0.0;
        for _ in 0..4 {
            sum += s.step(x[2], 2);
        }
        let position = s.position[0];
        s.reset(0.5);
        s.steps += 2;
        s.steps *= 3;
        s.velocity[0] * sum + position * s.time * s.steps as f64
    }
    differentiable_tests::agrees_twice!(f, 3, [0.3, 0.7, 1.1], [-0.4, 0.2, 0.6]);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Counted {
    a: f64,
    #[differentiable(skip)]
    n: usize,
    #[differentiable(skip)]
    order: Vec<usize>,
    #[differentiable(skip)]
    name: String,
    #[differentiable(skip)]
    flag: bool,
}

#[differentiable]
fn power(x: f64, n: usize) -> f64 {
    x.powi(n as i32)
}

#[differentiable]
fn weighed(x: f64, order: &[usize], name: &str, flag: bool) -> f64 {
    if flag { x * x * order.len() as f64 } else { x * name.len() as f64 }
}

#[test]
fn skipped_fields_have_names_and_are_passed_on() {
    #[differentiable(wrt(c))]
    fn f(c: &Counted, x: &[f64; 3]) -> f64 {
        let n = c.n;
        let Counted { a, n: m, .. } = c;
        let mut s = power(c.a, c.n) * power(*a, *m) + power(c.a, n);
        for &i in &c.order {
            s += power(c.a, i) * x[i];
        }
        s
    }
    #[differentiable(wrt(c))]
    fn g(c: &Counted) -> f64 {
        weighed(c.a, &c.order, &c.name, c.flag) * weighed(c.a, &c.order, "ab", !c.flag)
    }
    let counted = Counted { a: 1.3, n: 2, order: vec![2, 0, 1], name: "abc".to_owned(), flag: true };
    let derivative = Derivative {
        value: &|a| f(&Counted { a: a[0], ..counted.clone() }, &[0.4, 0.7, 1.1]),
        value_and_grad: &|a| {
            let (value, d) = f::value_and_grad(&Counted { a: a[0], ..counted.clone() }, &[0.4, 0.7, 1.1]);
            (value, vec![d.a])
        },
        jvp: &|a, dot| {
            let [at, dot] = [a, dot].map(|a| Counted { a: a[0], ..counted.clone() });
            f::jvp(&at, &[0.4, 0.7, 1.1], &dot)
        },
    };
    derivative.agree_at(&[1.3]);
    let (_, back) = g::pullback(&counted);
    let mut d = Counted { a: 0.0, ..counted.clone() };
    back(1.0, &mut d);
    assert!((d.a - 3.0 * 2.0 * 3.0 * 1.3 * 1.3).abs() < 1e-12, "{d:?}");
    assert_eq!(d, Counted { a: d.a, ..counted.clone() });
    assert_eq!(g::grad(&counted), d);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Walk {
    w: Vec<f64>,
    #[differentiable(skip)]
    path: Vec<usize>,
    #[differentiable(skip)]
    counts: [usize; 3],
    #[differentiable(skip)]
    name: String,
    #[differentiable(skip)]
    tags: Vec<String>,
    #[differentiable(skip)]
    n: usize,
    #[differentiable(skip)]
    costs: std::collections::BTreeMap<usize, f64>,
    #[differentiable(skip)]
    open: bool,
}

#[differentiable(wrt(w), second_order)]
fn walk(w: Vec<f64>) -> Walk {
    Walk { w, path: vec![0, 1], counts: [0; 3], name: "a".to_owned(), tags: vec![], n: 3, costs: Default::default(), open: false }
}

#[differentiable(wrt(p), second_order)]
fn length(p: &Walk) -> f64 {
    p.w[0] * p.w[1] * p.path.len() as f64 + p.counts[1] as f64 * p.w[2]
}

#[differentiable(wrt(p), second_order)]
fn visit(p: &mut Walk, i: usize) -> f64 {
    p.path.push(i);
    p.name.push('x');
    p.counts[1] += 1;
    p.tags.push("t".to_owned());
    p.w[i] * p.w[i] * p.counts[1] as f64 * p.path.len() as f64
}

#[test]
fn skipped_lists_and_texts_change_by_their_methods() {
    #[differentiable(second_order)]
    fn lists(x: &[f64; 3]) -> f64 {
        let mut p = walk(x.to_vec());
        let mut s = 0.0;
        for i in 0..2 {
            p.path.push(i);
            s += p.w[p.path[i + 1]] * p.w[0];
        }
        p.path.insert(0, 2);
        p.path.sort();
        p.path.retain(|i| *i > 0);
        p.path.extend([0, 2]);
        p.path.swap(0, 1);
        for i in p.path.iter_mut() {
            *i = 2 - *i;
        }
        for &i in p.path.iter() {
            s = s * 0.5 + p.w[i] * p.w[0];
        }
        while let Some(i) = p.path.pop() {
            s += p.w[i] * s;
        }
        s + p.w[1] * p.path.len() as f64
    }
    #[differentiable(second_order)]
    fn texts(x: &[f64; 3]) -> f64 {
        let mut p = walk(x.to_vec());
        p.name.push_str("bc");
        p.counts[1] += 1;
        p.counts[2] = 2;
        let mut s = 0.0;
        for _ in 0..2 {
            p.counts[1] += 1;
            s += p.w[p.counts[1] - 1] * p.w[0];
        }
        s *= p.name.len() as f64;
        p.name = p.name.to_uppercase();
        p.tags.push(format!("{}c", p.name));
        p.tags[0].push('d');
        p.costs.entry(3).or_insert(2.0);
        p.open = true;
        if p.open && p.costs.contains_key(&3) { s * p.tags[0].len() as f64 } else { s }
    }
    differentiable_tests::agrees_twice!(lists, 3, [0.3, 0.7, 1.1]);
    differentiable_tests::agrees_twice!(texts, 3, [0.3, 0.7, 1.1]);
}

#[test]
fn a_call_sees_skipped_fields_as_they_were() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut p = walk(x.to_vec());
        let mut s = 0.0;
        for i in 0..3 {
            s += length(&p) * p.w[i];
            p.path.push(i);
            p.counts[1] += i;
            s *= 1.0 + length(&p) * 0.1 + visit(&mut p, i);
        }
        s
    }
    #[differentiable(second_order)]
    fn pushed(x: &[f64; 3]) -> f64 {
        let mut p = walk(x.to_vec());
        let mut s = 0.0;
        for i in 0..3 {
            s += length(&p) * p.w[i];
            p.path.push(i);
        }
        s
    }
    differentiable_tests::agrees_twice!(f, 3, [0.3, 0.7, 1.1]);
    differentiable_tests::agrees_twice!(pushed, 3, [0.3, 0.7, 1.1]);
}

#[test]
fn skipped_fields_change_by_names_and_in_elements() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut walks = [walk(x.to_vec()), walk(x.to_vec())];
        let mut s = 1.0;
        for p in walks.iter_mut() {
            p.path.push(2);
            p.name.push_str("xy");
            s += p.w[2] * p.w[0] * p.name.len() as f64;
        }
        walks[1].path.push(1);
        *walks[0].counts.last_mut().unwrap() += 1;
        let path = &mut walks[0].path;
        path.push(1);
        for k in 0..walks[0].path.len() {
            s = s * s * 0.3 + walks[0].w[walks[0].path[k]] * walks[1].w[0];
            walks[0].path[k] = 0;
        }
        s * walks[1].w[walks[1].path[3]] * walks[0].counts[2] as f64
    }
    #[differentiable(second_order)]
    fn patterns(x: &[f64; 3]) -> f64 {
        let mut p = walk(x.to_vec());
        let Walk { path, w, name, .. } = &mut p;
        path.push(2);
        name.push('y');
        w[0] *= w[1] * path.len() as f64;
        let mut s = 0.2;
        for i in path.iter() {
            s = s * w[*i] + w[0];
        }
        let Walk { path, w, n, .. } = p;
        for i in path {
            s += w[i] * w[n - 1] * s;
        }
        s
    }
    differentiable_tests::agrees_twice!(f, 3, [0.3, 0.7, 1.1]);
    differentiable_tests::agrees_twice!(patterns, 3, [0.3, 0.7, 1.1]);
}

#[differentiable(wrt(x))]
fn scaled(x: f64, scale: f64, weights: &[f64], tags: &[String], counts: &[usize]) -> f64 {
    x * x * scale * weights[0] + x * (tags.len() + counts.len()) as f64
}

#[test]
fn skipped_floats_are_passed_for_constants() {
    #[differentiable(wrt(r, p))]
    fn f(r: &Ridge, p: &Walk) -> f64 {
        let (scale, weights) = (stop_gradient(r.penalty), stop_gradient(r.weights.clone()));
        scaled(r.bias, scale, &weights, &p.tags, &p.counts)
    }
    let (d, _) = f::grad(&model(), &walk(vec![1.0]));
    assert_eq!(d, Ridge { w: vec![0.0; 2], bias: 2.0 * 0.5 * 4.0 + 3.0, ..model() });
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Relu,
    Tanh,
}

impl Act {
    #[differentiable(wrt(v), second_order)]
    fn at(self, v: f64) -> f64 {
        match self {
            Self::Relu => v.max(0.0),
            Self::Tanh => v.tanh(),
        }
    }

    #[differentiable(wrt(v), second_order)]
    fn by(&self, v: f64) -> f64 {
        match self {
            Self::Relu => v * v,
            Self::Tanh => v.tanh() * v,
        }
    }
}

#[differentiable(wrt(v), second_order)]
fn activated(v: f64, act: Act, times: &Act) -> f64 {
    act.at(v) * times.by(v)
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Layer {
    w: [f64; 2],
    #[differentiable(skip)]
    act: Act,
}

impl Layer {
    #[differentiable(wrt(self, x), second_order)]
    fn forward(&self, x: &[f64; 2]) -> f64 {
        let z = self.w[0] * x[0] + self.w[1] * x[1];
        self.act.at(z) + self.act.by(z) * activated(z, self.act, &self.act)
    }
}

#[test]
fn a_skipped_choice_has_methods_and_is_passed_on() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let layers = [Layer { w: [x[0], x[1]], act: Act::Tanh }, Layer { w: [x[1], x[2]], act: Act::Relu }];
        let mut s = 1.0;
        for layer in &layers {
            s = s * layer.forward(&[x[2], s]) + layer.act.at(layer.w[0] * s);
        }
        let last = layers[1].clone();
        s + activated(s * last.w[1], last.act, &last.act)
    }
    differentiable_tests::agrees_twice!(f, 3, [0.3, 0.7, 1.1], [0.3, 0.7, -1.1]);
    let layer = Layer { w: [0.3, 0.7], act: Act::Tanh };
    let (d, _) = layer.forward_grad(&[0.5, 0.2]);
    assert_eq!(d.act, Act::Tanh);
}

#[derive(Clone, Debug, PartialEq)]
struct Lcg(u64);

impl Lcg {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }
}

#[derive(Clone, Debug, Differentiable)]
struct Wanderer {
    x: f64,
    #[differentiable(skip)]
    rng: Lcg,
}

impl Wanderer {
    #[differentiable(wrt(self))]
    fn step(&mut self) -> f64 {
        let z = self.rng.uniform();
        self.x = self.x * z + self.x * self.x * self.rng.uniform();
        match self.rng.below(2) {
            0 => self.x *= 2.0,
            _ => self.x = self.x.sin(),
        }
        let w: f64 = self.rng.uniform();
        w * self.x
    }
    #[differentiable(wrt(self))]
    fn steps(&mut self, n: usize) -> f64 {
        let mut t = 0.0;
        for _ in 0..n {
            let z = self.rng.uniform();
            t += z * self.x;
            self.x *= z + 0.5;
        }
        t
    }
    #[differentiable(wrt(self))]
    fn looked(&self) -> f64 {
        let mut rng = self.rng.clone();
        let z = rng.uniform();
        z * self.x * self.x
    }
}

#[test]
fn a_skipped_source_of_random_numbers_gives_floats() {
    #[differentiable]
    fn a(x: &[f64]) -> f64 {
        let mut w = Wanderer { x: x[0], rng: Lcg(7) };
        w.step() + w.step() * x[1] + w.steps(4) * w.x
    }
    #[differentiable]
    fn b(x: &[f64]) -> f64 {
        let w = Wanderer { x: x[0], rng: Lcg(7) };
        w.looked() + x[1]
    }
    #[differentiable]
    fn c(x: &[f64]) -> f64 {
        let mut w = Wanderer { x: x[0], rng: Lcg(7) };
        let z = w.rng.uniform();
        w.x += z * x[1];
        w.x * w.x
    }
    differentiable_tests::agrees!(a: [0.7, 1.3]);
    differentiable_tests::agrees!(b: [0.7, 1.3]);
    differentiable_tests::agrees!(c: [0.7, 1.3]);
}
