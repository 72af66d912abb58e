//! What the syntax of a body tells, without changing it.
//!
//! [`flow`] finds what depends on the active parameters, but for [`handles`]; [`concrete`] which numbers are of a built-in type, and [`integers`] which
//! are none of floats; [`skipped`] which fields hold none. The others answer one
//! question each: what a method does by its name ([`methods`]), whose it is ([`own`]), what a name of the standard library is taken for ([`known`]), whether
//! an expression may be evaluated again ([`repeatable`]) or only computes ([`computes`]), what may hold a reference ([`holders`]) or do something where it is dropped ([`destructors`]), which variables a statement changes ([`stores`]), which lists copied code uses up ([`moved`]), which
//! are lent as a whole ([`lent`]), made to name something else ([`rebound`]) or worked in by one function ([`buffers`]), which capitals are functions
//! ([`called`]), where control leaves ([`jumps`]), and whether a function is [`pure`]. [`names`] holds what is known of each variable, and [`syntax`] what is
//! asked of one expression, pattern or type; [`operators`] what is asked of an operator.

pub mod buffers;
pub mod called;
pub mod computes;
pub mod concrete;
pub mod destructors;
pub mod flow;
pub mod handles;
pub mod holders;
pub mod integers;
pub mod jumps;
pub mod known;
pub mod lent;
pub mod methods;
pub mod moved;
pub mod names;
pub mod operators;
pub mod own;
pub mod pure;
pub mod rebound;
pub mod repeatable;
pub mod skipped;
pub mod stores;
pub mod syntax;
