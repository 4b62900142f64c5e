//! Opening and keeping: files, leases, images, the write-ahead log, and the only tables there are.

pub(in crate::engine) mod image;
pub(in crate::engine) mod lease;
#[cfg(feature = "native")]
pub(in crate::engine) mod lease_file;
#[cfg(feature = "native")]
pub(in crate::engine) mod lease_prune;
pub(in crate::engine) mod open;
pub(in crate::engine) mod rising;
pub(in crate::engine) mod schema;
pub(in crate::engine) mod upgrade;
#[cfg(feature = "native")]
pub(in crate::engine) mod wal;
