//! The rules of the log: where a record stands to what is known, and what becomes of a fork.
//!
//! Decides only; it stores nothing and applies nothing. Where a record stands to the end of its
//! own actor's log is [`crate::model::Head::place`].

mod fork;
mod standing;
mod succession;

pub use fork::{derived_actor, moved_record};
pub use standing::{Known, STALLED_MS, Standing, standing};
pub use succession::{OtherWriter, Succession};

/// Most bytes of records that wait in one database, unless it is told otherwise: 256 MiB.
pub const MAX_WAITING_BYTES: u64 = 256 * 1024 * 1024;
