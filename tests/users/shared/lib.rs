//! Functions of every kind, as a user's crate holds them, compiled in each edition.

pub mod shadows;
pub mod shapes;

#[cfg(test)]
mod tests;
