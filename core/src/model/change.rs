//! What one transaction does to one node or edge.

use super::hlc::{Floor, Stamp};
use super::path::Path;
use super::value::Value;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

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

/// One change of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// Which field.
    pub path: Path,
    /// What is done to it.
    pub op: Op,
}

impl Write {
    /// A write of a plain field's register.
    #[must_use]
    pub const fn set(path: Path, value: Value) -> Self {
        Self { path, op: Op::Set(value) }
    }

    /// The removal of a field.
    #[must_use]
    pub const fn remove(path: Path) -> Self {
        Self { path, op: Op::Remove }
    }
}

/// What is done to a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// The register takes a value: a scalar, a list, or an object without fields.
    Set(Value),
    /// The field goes.
    Remove,
    /// A change of a field that merges by more than the last write.
    Shared(SharedOp),
}

/// The kinds of fields that merge by more than the last write. Where one path was used as several
/// kinds, the later in this order is what readers see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SharedKind {
    /// A whole number; all increments count.
    Counter,
    /// Values without order or repetition; an add wins over a concurrent remove.
    Set,
    /// A list; every insert and delete is kept where it was meant.
    List,
    /// A text; every insert and delete is kept where it was meant.
    Text,
}

impl fmt::Display for SharedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Set => "set",
            Self::List => "list",
            Self::Text => "text",
        })
    }
}

/// A change of a counter, set, text or list.
///
/// It builds on what its writer saw of the field, and goes with it: a delete of the node, or a
/// plain write at or above the path, that the writer had not seen, takes the change along.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedOp {
    /// The latest delete or plain write at or above the path that the writer saw.
    pub floor: Option<Floor>,
    /// The change.
    pub change: SharedChange,
}

/// See [`SharedOp`].
#[derive(Debug, Clone, PartialEq)]
pub enum SharedChange {
    /// A number that is added.
    Counter {
        /// The number; negative to subtract.
        add: i64,
    },
    /// Values put in and taken out.
    Set {
        /// What is put in: scalars or lists.
        add: Vec<Value>,
        /// What is taken out, with the latest add of each actor that the writer saw.
        remove: Vec<(Value, Vec<SeenAdd>)>,
    },
    /// An update of Yjs, encoding version 1, of the array `value` of the field's document.
    List(Vec<u8>),
    /// The same of the text `value`.
    Text(Vec<u8>),
}

/// An add to a set, as a remove names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeenAdd {
    /// Of the record that added.
    pub stamp: Stamp,
    /// What the add builds on. An add by a plain list builds on itself.
    pub floor: Option<Floor>,
}

impl SharedChange {
    /// The kind of field that it changes.
    #[must_use]
    pub const fn kind(&self) -> SharedKind {
        match self {
            Self::Counter { .. } => SharedKind::Counter,
            Self::Set { .. } => SharedKind::Set,
            Self::List(_) => SharedKind::List,
            Self::Text(_) => SharedKind::Text,
        }
    }
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
    /// The changes of fields.
    pub writes: Vec<Write>,
}
