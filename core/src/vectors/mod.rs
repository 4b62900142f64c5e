//! Search by nearness of vectors, in memory: the nearest of many by a scan of short codes.
//!
//! A vector is held as a code of 8 bits a number, and from some thousands of vectors on also as a
//! sketch of one bit a number. A search scans the sketches of all, then the codes of those that
//! the sketches put first, and names candidates whose vectors are then compared exactly
//! ([`Query::score`]). Inserts and removals count at once; nothing is built.
//!
//! This layer knows [`crate::types`] for what a metric is: no storage, no nodes.

mod block;
mod code;
mod error;
mod index;
mod query;
mod sketch;

#[cfg(test)]
mod tests;

pub use error::VectorError;
pub use index::Index;
pub use query::{Query, check};
