//! The graph of nodes and edges: what is next to a node, what can be reached, the shortest way, parts of
//! the graph, and what only the whole of it tells.
//!
//! The algorithms are in [`crate::graph`]; here are their questions to SQLite, and the names. An
//! edge one end of which does not exist is not there.

mod answers;
pub(in crate::engine) mod functions;
mod hops;
mod options;
mod subgraph;
mod walk;
mod whole;

pub use answers::{
    Components, Neighbour, Neighbours, PageRanks, ReachedNode, Route, RouteFound, Subgraph,
    Traversed,
};
pub use options::{RankOptions, Walk, Weight};
