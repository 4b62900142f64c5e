//! The per-actor log beyond a single record: what waits for what.
//!
//! Decides only; it stores nothing and applies nothing. Where one record stands to its log is
//! [`crate::model::Head::place`].

mod pending;

pub use pending::{MAX_PENDING_BYTES, Pending};
