//! Vectors that this database makes itself, of the texts of fields declared `embed_from`.
//!
//! They are derived and stay here: they are in no record, and each replica makes its own. Which are to
//! be made follows from the rows, in the transaction that writes a node; a model makes them later, in
//! batches, so a crash loses at most the batch at hand.

pub(in crate::engine) mod fields;
mod pending;

pub(in crate::engine) use pending::targets;
pub use pending::{Embedded, Embedding, PendingText};
