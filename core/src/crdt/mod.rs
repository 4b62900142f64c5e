//! Merge rules: the state of one node or edge, and how a part of a record folds into it.
//!
//! Folding is commutative, associative and idempotent over records, so replicas that have seen
//! the same records hold equal states, byte for byte. This layer knows no log and no storage.

mod diff;
mod encode;
mod entity;
mod fields;

pub use diff::{FieldError, replace, revise};
pub use entity::Entity;
pub use fields::{Fields, Register};
