//! Functions that others are measured with, written afresh from their mathematics, each against an independent derivative.

mod gradbench;
mod least_squares;
mod optimization;
