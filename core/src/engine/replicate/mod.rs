//! Records of others: applied, kept waiting, moved from a fork, and handed on.

pub(in crate::engine) mod fork;
pub(in crate::engine) mod outbox;
pub(in crate::engine) mod records;
pub(in crate::engine) mod remote;
pub(in crate::engine) mod sync_cursor;
pub(in crate::engine) mod waiting;
