//! Looking after what is stored: the past, compaction, check and repair.

pub(in crate::engine) mod check;
pub(in crate::engine) mod compact;
pub(in crate::engine) mod repair;
pub(in crate::engine) mod rescue;
pub(in crate::engine) mod timeline;
