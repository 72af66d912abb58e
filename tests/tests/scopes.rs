//! Inactive values that are dropped where a block ends: guards of cells and locks, and what has a `Drop` of its own. Derivatives drop them where the function
//! does, so that what the function borrows or locks next is free in them as well.

#![allow(clippy::all, reason = "the forms are what is tested")]

use std::cell::{Ref, RefCell, RefMut};
use std::sync::{Mutex, RwLock};

use differentiable::prelude::*;

const X: f64 = 1.2;

/// Something that functions use, of which each run needs its own.
trait Fresh {
    fn fresh() -> Self;
    /// What a run has left behind.
    fn left(&self) -> String;
}

/// A cell with a list.
type Cell = RefCell<Vec<f64>>;

impl Fresh for Cell {
    fn fresh() -> Self {
        Self::new(vec![1.5, 2.0])
    }

    fn left(&self) -> String {
        format!("{self:?}")
    }
}

impl Fresh for Mutex<Vec<f64>> {
    fn fresh() -> Self {
        Self::new(vec![1.5, 2.0])
    }

    fn left(&self) -> String {
        format!("{self:?}")
    }
}

impl Fresh for RwLock<Vec<f64>> {
    fn fresh() -> Self {
        Self::new(vec![1.5, 2.0])
    }

    fn left(&self) -> String {
        format!("{self:?}")
    }
}

/// What happens, in its order.
#[derive(Default, Debug)]
struct Log(RefCell<Vec<String>>);

impl Fresh for Log {
    fn fresh() -> Self {
        Self::default()
    }

    fn left(&self) -> String {
        format!("{self:?}")
    }
}

impl Log {
    fn say(&self, what: &str) {
        self.0.borrow_mut().push(what.to_owned());
    }

    fn noisy(&self, name: &'static str) -> Noisy<'_> {
        Noisy { log: self, name }
    }
}

/// Tells when it is dropped.
struct Noisy<'a> {
    log: &'a Log,
    name: &'static str,
}

impl<'a> Noisy<'a> {
    fn new(log: &'a Log, name: &'static str) -> Self {
        Self { log, name }
    }

    fn factor(&self) -> f64 {
        2.0
    }

    fn end(self) {
        self.log.say("ended");
    }
}

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        self.log.say(self.name);
    }
}

/// What a function, or one of its derivatives, gives on a state of its own, and what it leaves.
fn run<S: Fresh, R>(of: impl FnOnce(&S) -> R) -> (R, String) {
    let state = S::fresh();
    let result = of(&state);
    (result, state.left())
}

/// Declares functions of a state and a number, and runs all of their derivatives: they leave what the function leaves, and give what differences do.
macro_rules! each_agrees {
    ($($name:ident($state:ident: $type:ty $(, $further:ident = $($given:literal)|+)?) |$x:ident| $body:block)*) => {
        $(
            #[differentiable(wrt($x), second_order)]
            fn $name($state: &$type, $($further: usize,)? $x: f64) -> f64 $body
        )*
        $( each_agrees!(@run $name $type $(, $($given)+)?); )*
    };
    (@run $name:ident $type:ty, $($given:literal)+) => {
        $({
            #[differentiable(wrt(x), second_order)]
            fn given(state: &$type, x: f64) -> f64 { $name(state, $given, x) }
            compare::<$type>(stringify!($name), Derivatives {
                value: &|s, x| $name(s, $given, x),
                gradient: &|s, x| $name::value_and_grad(s, $given, x),
                vjp: &|s, x, d| $name::vjp(s, $given, x, 1.0, d),
                jvp: &|s, x| $name::jvp(s, $given, x, 1.0),
                pullback: &|s, x, d| { let (value, back) = $name::pullback(s, $given, x); back(1.0, d); value },
                hvp: &|s, x| $name::hvp(s, $given, x, 1.0),
                called: &|s, x| given::value_and_grad(s, x),
            });
        })+
    };
    (@run $name:ident $type:ty) => {{
        #[differentiable(wrt(x), second_order)]
        fn given(state: &$type, x: f64) -> f64 { $name(state, x) }
        compare::<$type>(stringify!($name), Derivatives {
            value: &|s, x| $name(s, x),
            gradient: &|s, x| $name::value_and_grad(s, x),
            vjp: &|s, x, d| $name::vjp(s, x, 1.0, d),
            jvp: &|s, x| $name::jvp(s, x, 1.0),
            pullback: &|s, x, d| { let (value, back) = $name::pullback(s, x); back(1.0, d); value },
            hvp: &|s, x| $name::hvp(s, x, 1.0),
            called: &|s, x| given::value_and_grad(s, x),
        });
    }};
}

/// A function and its derivatives.
struct Derivatives<'a, S> {
    value: &'a dyn Fn(&S, f64) -> f64,
    gradient: &'a dyn Fn(&S, f64) -> (f64, f64),
    vjp: &'a dyn Fn(&S, f64, &mut f64) -> f64,
    jvp: &'a dyn Fn(&S, f64) -> (f64, f64),
    pullback: &'a dyn Fn(&S, f64, &mut f64) -> f64,
    hvp: &'a dyn Fn(&S, f64) -> f64,
    /// Of another function that calls it.
    called: &'a dyn Fn(&S, f64) -> (f64, f64),
}

fn compare<S: Fresh>(name: &str, of: Derivatives<S>) {
    let at = |x: f64| run(|state| (of.value)(state, x)).0;
    let (value, left) = run(|state| (of.value)(state, X));
    let slope = (at(X + 1e-6) - at(X - 1e-6)) / 2e-6;
    let second = (at(X + 1e-4) - 2.0 * at(X) + at(X - 1e-4)) / 1e-8;
    let near = |one: f64, other: f64, to: f64| (one - other).abs() <= to * (1.0 + other.abs());
    let with_adjoint = |vjp: &dyn Fn(&S, f64, &mut f64) -> f64, state: &S| {
        let mut adjoint = 0.0;
        let value = vjp(state, X, &mut adjoint);
        (value, adjoint)
    };
    let all = [
        ("value_and_grad", run(|state| (of.gradient)(state, X))),
        ("vjp", run(|state| with_adjoint(of.vjp, state))),
        ("jvp", run(|state| (of.jvp)(state, X))),
        ("pullback", run(|state| with_adjoint(of.pullback, state))),
        ("hvp", run(|state| (value, (of.hvp)(state, X)))),
        ("value_and_grad of a caller", run(|state| (of.called)(state, X))),
    ];
    for (what, ((given, derivative), then_left)) in all {
        assert_eq!(given.to_bits(), value.to_bits(), "`{what}` of `{name}`");
        assert_eq!(then_left, left, "what `{what}` of `{name}` leaves");
        let (right, to) = if what == "hvp" { (second, 1e-3) } else { (slope, 1e-6) };
        assert!(near(derivative, right, to), "`{what}` of `{name}` gives {derivative}, differences {right}");
    }
}

#[test]
fn a_guard_is_gone_where_its_block_ends() {
    each_agrees! {
        of_a_block(cell: Cell) |x| {
            let mut s = 1.0;
            { let mut b = cell.borrow_mut(); b.push(3.0); s *= x; }
            cell.borrow_mut().push(1.0);
            s * x
        }
        of_a_mutex(lock: Mutex<Vec<f64>>) |x| {
            let mut s = x;
            { let mut b = lock.lock().unwrap(); b.push(3.0); s *= x * b[1]; }
            lock.try_lock().unwrap().push(1.0);
            s * x
        }
        of_a_lock_for_readers(lock: RwLock<Vec<f64>>) |x| {
            let y = { let b = lock.read().unwrap(); x * x * b[1] };
            lock.try_write().unwrap().push(1.0);
            let g = lock.read().expect("it is free");
            y * g[0]
        }
        of_a_part(cell: Cell) |x| {
            let y = { let b = Ref::map(cell.borrow(), |v| &v[1]); x * x * *b };
            { let mut b = RefMut::map(cell.borrow_mut(), |v| &mut v[0]); *b += 1.0; }
            y * cell.borrow()[0]
        }
        one_inside_of_another(cell: Cell) |x| {
            let other = RefCell::new(vec![0.0]);
            let mut s = x;
            {
                let a = cell.borrow();
                { let mut b = other.borrow_mut(); b.push(a[0]); s *= a[0] * x; }
                other.borrow_mut().push(1.0);
                s *= a[1];
            }
            cell.borrow_mut().push(1.0);
            s
        }
        that_is_dropped_by_hand(cell: Cell) |x| {
            let b = cell.borrow();
            let s = x * b[0] * x;
            drop(b);
            cell.borrow_mut().push(1.0);
            s * x
        }
        of_the_whole_function(cell: Cell) |x| {
            let b = cell.borrow();
            x * b[0] * x
        }
        of_each_iteration(cell: Cell, n = 0 | 1 | 2) |x| {
            let mut s = x;
            for i in 0..n { { let b = cell.borrow(); s *= x * b[i]; } cell.borrow_mut()[i] += 1.0; }
            for i in 0..n { let b = cell.borrow(); s *= x * b[i]; }
            for i in 0..n { let mut b = cell.borrow_mut(); b[i] += 1.0; s *= x.sin() * b[i]; }
            s
        }
    }
}

#[test]
fn a_guard_is_gone_where_a_block_with_a_value_ends() {
    each_agrees! {
        a_tuple(cell: Cell) |x| {
            let (a, b) = { let g = cell.borrow(); (x * g[0], x * x * g[1]) };
            cell.borrow_mut().push(1.0);
            let v = { let g = cell.borrow(); [x * g[0], g[1]] };
            cell.borrow_mut().push(1.0);
            a * b * v[0] * v[1]
        }
        numbers_of_the_list(cell: Cell) |x| {
            let y = { let b = cell.borrow(); let k = b.last().unwrap(); let j = b.len(); x * x * k * j as f64 };
            cell.borrow_mut().push(1.0);
            y
        }
        an_array_that_is_filled(cell: Cell, n = 1) |x| {
            let y = {
                let b = cell.borrow();
                let mut a = [x, x * x, b[0]];
                let k = n + 1;
                for i in 0..k { a[i] *= x * b[i]; }
                a[0] * a[1]
            };
            cell.borrow_mut().push(1.0);
            y
        }
        an_arm(cell: Cell, n = 0 | 1) |x| {
            let s = if n > 0 { let b = cell.borrow(); x * b[0] } else { let mut b = cell.borrow_mut(); b.push(2.0); x * x };
            cell.borrow_mut().push(1.0);
            let t = match n { 0 => { let b = cell.borrow(); b[0] * s } _ => s };
            cell.borrow_mut().push(1.0);
            t * x
        }
        a_closure(cell: Cell) |x| {
            let f = |y: f64| { let b = cell.borrow(); let k = b[0]; y * y * k };
            let a = f(x);
            cell.borrow_mut()[0] += 1.0;
            let b = f(a);
            cell.borrow_mut()[0] += 1.0;
            a + b
        }
        conditions(cell: Cell) |x| {
            let mut s = x;
            while let Some(v) = { let mut b = cell.borrow_mut(); b.pop() } { s *= v * x; }
            cell.borrow_mut().push(1.0);
            let y = if { let b = cell.borrow(); b.len() } > 0 { x * s } else { s };
            if let Ok(mut b) = cell.try_borrow_mut() { b.push(5.0); s *= x * b[0]; }
            cell.borrow_mut().push(1.0);
            y * s
        }
    }
}

#[test]
fn what_is_read_through_a_guard_is_there_on_the_way_back() {
    each_agrees! {
        in_loops(cell: Cell) |x| {
            let b = cell.borrow();
            let mut s = 0.0;
            for v in b.iter() { s += x * x * v; }
            for i in 0..b.len() { s += x * x * b[i]; }
            drop(b);
            cell.borrow_mut().push(1.0);
            s
        }
        by_a_reference_to_the_list(cell: Cell) |x| {
            let mut s = x;
            { let b = cell.borrow(); let r: &[f64] = &b; s *= r[0] * x; for v in r { s += x * x * v; } }
            cell.borrow_mut().push(1.0);
            { let b = cell.borrow(); let r = &*b; s *= r[0] * x; }
            cell.borrow_mut().push(1.0);
            s
        }
        by_a_reference_to_a_part(cell: Cell) |x| {
            let mut s = x;
            { let b = cell.borrow(); let r = &b[1..]; s *= r[0] * x; for v in r { s += x * x * v; } }
            cell.borrow_mut().push(1.0);
            s
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Net {
    rate: f64,
    weights: Vec<f64>,
}

impl Net {
    #[differentiable(wrt(x), second_order)]
    fn energy(&self, x: f64) -> f64 {
        self.rate * x * x + self.weights[0] * x.sin()
    }
}

impl Fresh for RefCell<Net> {
    fn fresh() -> Self {
        Self::new(Net { rate: 3.0, weights: vec![1.5, 2.0] })
    }

    fn left(&self) -> String {
        format!("{self:?}")
    }
}

#[differentiable(wrt(x), second_order)]
fn scaled(rate: &f64, x: f64) -> f64 {
    *rate * x * x
}

#[differentiable(wrt(x), second_order)]
fn along(weights: &[f64], x: f64) -> f64 {
    weights.iter().map(|w| w * x * x).sum()
}

#[test]
fn what_a_guard_lends_to_a_call_is_given_again() {
    each_agrees! {
        a_method(net: RefCell<Net>) |x| {
            let y = { let n = net.borrow(); n.energy(x) };
            net.borrow_mut().rate = 4.0;
            let z = net.borrow().energy(x);
            net.borrow_mut().rate = 5.0;
            y * z
        }
        a_field(net: RefCell<Net>) |x| {
            let y = { let n = net.borrow(); scaled(&n.rate, x) * n.rate };
            net.borrow_mut().rate = 4.0;
            y * along(&net.borrow().weights, x)
        }
        a_list(cell: Cell) |x| {
            let y = { let b = cell.borrow(); along(&b, x) };
            cell.borrow_mut().push(1.0);
            let z = { let b = cell.borrow(); along(&b[1..], x) * scaled(&b[0], x) };
            cell.borrow_mut().push(1.0);
            let t = along(&cell.borrow(), x);
            cell.borrow_mut().push(1.0);
            y * z * t
        }
    }
}

#[differentiable(wrt(x), second_order)]
fn of_a_pattern_behind_a_condition(cell: &Cell, x: f64) -> f64 {
    let y = if cell.borrow().len() > 1
        && let Some(v) = cell.borrow().get(9)
    {
        x * v
    } else {
        cell.borrow_mut().push(1.0);
        x
    };
    let n = if x > 0.0
        && let Some(v) = cell.borrow().get(9)
    {
        *v
    } else {
        cell.borrow_mut().push(1.0);
        2.0
    };
    y * x * n
}

#[test]
fn temporary_guards_are_gone_where_their_statement_ends() {
    each_agrees! {
        of_a_loop(cell: Cell) |x| {
            let mut s = 1.0;
            for v in cell.borrow().iter() { s += x * x * v; }
            cell.borrow_mut().push(1.0);
            s * x
        }
        of_chains(cell: Cell) |x| {
            let t: f64 = cell.borrow().iter().map(|v| v * x * x).sum();
            cell.borrow_mut().push(1.0);
            let u: f64 = cell.borrow().iter().enumerate().map(|(i, v)| v * x.powi(i as i32)).fold(1.0, |a, b| a * b);
            cell.borrow_mut().push(2.0);
            let k: f64 = cell.borrow().iter().map(|v| v * 2.0).sum();
            cell.borrow_mut().push(3.0);
            t * u * k
        }
        of_a_pattern(cell: Cell) |x| {
            if let Some(v) = cell.borrow().get(5) { x * v } else { cell.borrow_mut().push(1.0); x * x }
        }
        of_patterns_one_behind_the_other(cell: Cell) |x| {
            let y = if let Some(v) = cell.borrow().get(7) {
                x * v
            } else if let Some(v) = cell.borrow().get(8) {
                x * v * v
            } else {
                cell.borrow_mut().push(1.0);
                x * x
            };
            y * x
        }
        of_patterns_in_copied_code(cell: Cell) |x| {
            if let Some(_) = cell.borrow().get(5) { cell.borrow().len(); } else { cell.borrow_mut().push(1.0); }
            let n = if let Some(v) = cell.borrow().get(7) { *v } else if cell.borrow().len() > 9 { 1.0 } else { cell.borrow_mut().push(1.0); 2.0 };
            x * n * x
        }
        of_the_end_of_a_block(_cell: Cell) |x| {
            let k = { let c = RefCell::new(vec![1.0, 2.0]); c.borrow().len() };
            let y = { let c = RefCell::new(vec![1.0, 2.0]); x * c.borrow()[1] };
            let f = |i: usize| { let c = RefCell::new(vec![1.0, 2.0]); c.borrow()[i] };
            x * k as f64 * y * f(1)
        }
    }
    each_agrees!(@run of_a_pattern_behind_a_condition Cell);
}

#[test]
fn values_are_dropped_in_the_order_of_the_function() {
    each_agrees! {
        in_blocks(log: Log) |x| {
            let mut s = x;
            { let _a = log.noisy("a"); let _b = log.noisy("b"); s *= x; log.say("inside"); }
            log.say("between");
            { let _a = Noisy::new(log, "c"); { let _b = Noisy { log, name: "d" }; s *= s; } log.say("inside"); }
            log.say("after");
            s * s
        }
        in_blocks_with_a_value(log: Log) |x| {
            let y = { let a = log.noisy("a"); log.say("inside"); x * x * a.factor() };
            log.say("between");
            let z: f64 = { let _b = Noisy::new(log, "b"); x.sin() };
            log.say("after");
            y * z
        }
        in_labelled_blocks(log: Log, n = 0 | 1 | 2) |x| {
            let mut s = x;
            'a: { let _a = log.noisy("a"); if n == 0 { break 'a; } s *= x; log.say("inside"); }
            log.say("between");
            let t = 'b: { let _b = log.noisy("b"); if n == 1 { break 'b x; } x * s };
            log.say("after");
            s * t
        }
        in_closures(log: Log) |x| {
            let f = |y: f64| { let a = log.noisy("a"); let k = a.factor(); y * y * k };
            let a = f(x);
            log.say("between");
            let b = f(a);
            log.say("after");
            a + b
        }
        in_a_block_that_returns(log: Log, n = 0 | 1) |x| {
            let mut s = x;
            { let _a = log.noisy("a"); if n == 0 { return x * x; } s *= x; }
            log.say("after");
            s
        }
        where_they_are_moved(log: Log, n = 0 | 1) |x| {
            let mut s = x;
            { let a = log.noisy("a"); if n == 0 { a.end(); } s *= x; }
            log.say("between");
            { let b = log.noisy("b"); let k = b.factor(); drop(b); s *= x * k; log.say("inside"); }
            log.say("after");
            s
        }
        in_loops(log: Log, n = 0 | 1 | 3) |x| {
            let mut s = x;
            for i in 0..n { { let a = log.noisy("a"); let k = i + 1; s *= x * k as f64 * a.factor(); } log.say("next"); }
            for _ in 0..n { let _a = log.noisy("b"); s = s.sin() * x; }
            log.say("after");
            s
        }
        of_patterns(log: Log) |x| {
            let y = { let (a, _b) = (log.noisy("a"), log.noisy("b")); let _ = log.noisy("c"); x * x * a.factor() };
            log.say("after");
            y
        }
    }
}
