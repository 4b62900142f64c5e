//! What is measured: one file for each database, all behind one trait.

mod automerge;
mod documents;
mod loro;
mod pluresdb;
mod published;
mod sqlite;

pub(crate) use pluresdb::bytes_one_by_one;
pub(crate) use published::{NAME as PUBLISHED, measure as measure_published};

use pluresdb_bench_common::{Dataset, Node};
use std::path::Path;

/// Whatever went wrong: a benchmark has no other use for an error than to print it.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// An open database.
pub(crate) trait Store {
    /// Loads many nodes and edges; the seconds it takes until they are durable.
    fn load(&mut self, data: &Dataset, lines: &[String]) -> Outcome<f64>;

    /// Writes one node; the seconds it takes until it is durable.
    fn put(&mut self, node: &Node) -> Outcome<f64>;

    /// Reads a node as values; whether it is there.
    fn get(&mut self, id: &str) -> Outcome<bool>;

    /// Reads a node as JSON text; whether it is there.
    fn get_json(&mut self, id: &str) -> Outcome<bool>;

    /// Asks for the JSON text of a node in SQL; whether it is there.
    fn get_by_sql(&mut self, id: &str) -> Outcome<bool> {
        self.get_json(id)
    }

    /// What another replica that knows all that is here sends after it has written these nodes.
    fn changes(&mut self, wanted: &[Node]) -> Outcome<Vec<Change>>;

    /// Merges changes in one transaction.
    fn merge(&mut self, changes: &[Change]) -> Outcome<()>;
}

/// What one replica sends to another of one write.
pub(crate) struct Change {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// How a database is told to keep its data.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    /// The file, or memory.
    pub(crate) path: Option<&'a Path>,
    /// Whether every string is indexed for full-text search.
    pub(crate) text: bool,
}

/// One kind of database.
#[derive(Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// Whether it has an index for full-text search.
    pub(crate) has_text: bool,
    /// Whether it can be of any size; the others take part at the size of the figures only.
    pub(crate) grows: bool,
    pub(crate) create: fn(Setting<'_>) -> Outcome<Box<dyn Store>>,
    pub(crate) open: fn(&Path) -> Outcome<Box<dyn Store>>,
}

/// The first one is what is measured, the others are what it is compared with.
pub(crate) const PEERS: [Peer; 4] = [pluresdb::PEER, sqlite::PEER, automerge::PEER, loro::PEER];
