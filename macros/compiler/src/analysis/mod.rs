//! What the transforms need to know of a function before they change it.

pub mod activity;
pub mod arithmetic;
pub mod borrowed;
pub mod closed;
pub mod covered;
pub mod dimensions;
pub mod effects;
pub mod elements;
pub mod given_again;
pub mod live;
pub mod mode;
pub mod moves;
pub mod private;
pub mod save;
pub mod scopes;
pub mod settled;
pub mod useful;
