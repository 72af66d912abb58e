//! The representation as text.
