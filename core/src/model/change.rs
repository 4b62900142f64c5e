//! What one transaction does to one node or edge.

use super::path::Path;
use super::value::Value;
use alloc::string::String;
use alloc::vec::Vec;

/// The identity of an edge: its ends, its label, and a key that tells parallel edges apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeRef {
    /// Id of the node it leaves.
    pub source: String,
    /// What the edge means.
    pub label: String,
    /// Id of the node it enters.
    pub target: String,
    /// Empty for the usual single edge.
    pub key: String,
}

/// What a part changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The node of this id.
    Node(String),
    /// The edge of this identity.
    Edge(EdgeRef),
}

/// One write to one register.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// Which register.
    pub path: Path,
    /// The new value, `None` to remove the field.
    pub value: Option<Value>,
}

/// All that one transaction does to one target. Every write in it carries the transaction's stamp.
///
/// With both `delete` and `put`, the delete comes first: what was there before is gone, what the
/// part writes stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The node or edge.
    pub target: Target,
    /// Removes the target and everything written to it before.
    pub delete: bool,
    /// Makes the target exist, also after a delete.
    pub put: bool,
    /// The node's type, where the transaction sets it.
    pub kind: Option<String>,
    /// The registers written.
    pub writes: Vec<Write>,
}
