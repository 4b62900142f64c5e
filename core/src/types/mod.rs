//! Types: what the fields of a node are to be, and what of a node is otherwise.
//!
//! A [`TypeDef`] is plain data in a node of its own, so it merges and syncs like every node. From
//! any data it is read without failing ([`TypeDef::read`]); what contradicts itself is left out and
//! named. What a user defines is read strictly ([`TypeDef::parse`]). [`TypeDef::validate`] finds
//! what of an object breaks its type; whether that refuses a write is not decided here.
//!
//! This layer knows the model alone: no bytes, no merging, no storage.

mod check;
mod definition;
mod keys;
mod language;
mod migrate;
mod number;
mod read;
mod schema_in;
mod schema_out;
mod short;
mod validate;
mod vector;
mod violation;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use definition::{
    FieldDef, FieldKind, FullText, MAX_DIMENSION, MAX_SHAPE_DEPTH, MAX_VECTOR_NUMBER, Metric,
    TYPE_OF_TYPES, Tokens, TypeDef, ValueShape, ValueType, Vector,
};
pub use keys::{DefinitionError, Fault};
pub use language::Language;
pub use schema_in::FromSchema;
pub use validate::MAX_VIOLATIONS;
pub use vector::is_in_vector;
pub use violation::{Rule, Violation};
