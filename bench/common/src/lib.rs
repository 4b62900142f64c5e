//! What every measured program shares: the data, and how a measured time becomes a figure.
//!
//! It knows no database, so that programs that cannot be linked into one still do the same work.

mod data;
mod random;
mod rounds;

pub use data::{Dataset, Edge, Node};
pub use random::Random;
pub use rounds::{Plan, median, timed};
