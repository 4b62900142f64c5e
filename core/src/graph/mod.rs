//! Algorithms over a graph that is not in memory: they ask a [`Source`] for the hops from one node at a
//! time, and for the whole graph at once where an answer needs all of it ([`Csr`]).
//!
//! Nodes are numbers, labels are numbers; names are the caller's affair. Each algorithm is bounded,
//! and says which [`Bound`] kept it from a whole answer.

mod components;
mod csr;
mod pagerank;
mod path;
mod source;
#[cfg(test)]
mod tests;
mod traverse;

pub use components::components;
pub use csr::Csr;
pub use pagerank::{PageRank, Ranks, pagerank};
pub use path::{Found, Route, shortest, shortest_weighted};
pub use source::{Bound, Hop, Limits, Source, Way};
pub use traverse::{Reached, Traversal, traverse};
