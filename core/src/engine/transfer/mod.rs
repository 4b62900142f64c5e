//! A whole database in and out as JSON Lines.

pub(in crate::engine) mod export;
pub(in crate::engine) mod import;
