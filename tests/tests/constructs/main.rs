//! Every construct of the language in a function of which it is the point: all derivatives against differences, and with each other.
//! `tests/LANGUAGE.md` says which test holds which construct.

#![allow(clippy::all, reason = "the forms are what is tested, also where another would be shorter")]

mod aggregates;
mod chains;
mod control_flow;
mod data;
mod expressions;
mod functions;
mod mutation;
mod scalars;
