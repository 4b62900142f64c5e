//! Search by nearness of vectors: those that stand in nodes, and those made here of texts.
//!
//! Both are in one table, written in the transaction that writes the node ([`projection`]). What is
//! searched first is an index in memory, which is loaded at the first search of a field and reads what
//! was written since before each further one ([`held`]); the rows of the table decide ([`nearest`]).

pub(in crate::engine) mod argument;
mod condition;
mod held;
mod nearest;
pub(in crate::engine) mod projection;
pub(in crate::engine) mod vsearch;

pub(in crate::engine) use held::Held;
pub use nearest::Near;
pub(in crate::engine) use nearest::{Found, Sieve, Sought};
