//! Rules of the per-actor log: contiguous, chained, without forks.
//!
//! Decides only; it stores nothing and applies nothing.

mod chain;
mod pending;

pub use chain::{Head, Place, place};
pub use pending::{MAX_PENDING_BYTES, Pending};
