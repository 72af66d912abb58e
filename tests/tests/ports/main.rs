//! Functions that others are measured with, written afresh from their mathematics, each against an independent derivative.

#![allow(clippy::assign_op_pattern, reason = "the programs are as their mathematics is written")]

mod gradbench;
mod least_squares;
mod optimization;
