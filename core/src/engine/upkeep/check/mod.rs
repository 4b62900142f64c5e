//! Checking that a database is whole: the file, the log, the rows, and what is derived from them.
//!
//! Each fault is told with its place. What a check reads is everything, so it takes as long as
//! folding the whole log; memory is bounded by folding the log in several passes.

mod log;
mod projections;
mod rows;
mod typing;
mod vectors;

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::model::{ActorId, Target};
use std::fmt;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Where.
    pub place: FaultPlace,
    /// What is wrong there, in words.
    pub what: String,
}

/// Where a fault is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FaultPlace {
    /// The SQLite file itself: its pages, or an index of it.
    File,
    /// A record of the log, or the end of an actor's log.
    Record {
        /// Whose log.
        actor: ActorId,
        /// The number in it.
        seq: u64,
    },
    /// The row of a node or edge.
    Row(Target),
    /// The full-text index.
    Text,
    /// The vectors of nodes, and what tells which are to be made of texts.
    Vectors,
    /// What tells which records touched a node.
    Touches,
    /// The types and fields that the views are made from.
    Types,
    /// What the node of this id shows under its type's definition.
    Shown(String),
    /// What is listed as breaking the type of the node of this id.
    Violations(String),
    /// The index of a field, by its name in the file.
    Index(String),
}

impl fmt::Display for FaultPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Record { actor, seq } => write!(f, "record {seq} of actor {actor}"),
            Self::Row(Target::Node(id)) => write!(f, "node {id:?}"),
            Self::Row(Target::Edge(edge)) => {
                write!(f, "edge {:?} {:?} {:?}", edge.source, edge.label, edge.target)
            }
            Self::Text => f.write_str("the text index"),
            Self::Vectors => f.write_str("the vectors"),
            Self::Touches => f.write_str("the index of changes"),
            Self::Types => f.write_str("the types seen"),
            Self::Shown(id) => write!(f, "what node {id:?} shows"),
            Self::Violations(id) => write!(f, "the violations of node {id:?}"),
            Self::Index(name) => write!(f, "the index {name:?}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Most faults that are listed. A last one says that there are more.
pub const MAX_FAULTS: usize = 1_000;

/// Faults found so far.
#[derive(Debug, Default)]
pub(in crate::engine) struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, place: FaultPlace, what: impl Into<String>) {
        match self.0.len() {
            0..MAX_FAULTS => self.0.push(Fault { place, what: what.into() }),
            MAX_FAULTS => {
                let what = format!("only the first {MAX_FAULTS} faults are listed; there are more");
                self.0.push(Fault { place: FaultPlace::File, what });
            }
            _ => {}
        }
    }

    /// The value, or a fault of the file where SQLite cannot read it.
    fn file<T>(&mut self, read: Result<T, Error>) -> Option<T> {
        read.map_err(|error| self.add(FaultPlace::File, error.to_string())).ok()
    }
}

impl Database {
    /// Looks at everything and lists what is not as it must be: pages and indexes of the file, the
    /// chain and hashes of every log, every row against its checksum and against what the log
    /// makes of it, what it shows and what is listed of it against its type, and the text index, the
    /// index of changes, the types, the indexes of fields and the vectors against the rows.
    ///
    /// An empty list means that the database is whole. What was forgotten by a compaction is not
    /// there to compare with; such rows are held against their checksum.
    pub fn check(&mut self) -> Result<Vec<Fault>, Error> {
        self.refresh()?;
        let mut faults = Faults::default();
        let integrity = self.integrity();
        for message in faults.file(integrity).unwrap_or_default() {
            faults.add(FaultPlace::File, message);
        }
        let chains = self.check_log(&mut faults);
        faults.file(chains);
        let rows = self.check_rows(&mut faults);
        faults.file(rows);
        let projections = self.check_projections(&mut faults);
        faults.file(projections);
        Ok(faults.0)
    }

    /// What SQLite finds wrong with the file.
    fn integrity(&self) -> Result<Vec<String>, Error> {
        let mut statement = self.conn.prepare("PRAGMA integrity_check(100)")?;
        let found = statement.query_map([], |row| row.get::<_, String>(0))?;
        let found: Vec<String> = found.collect::<Result<_, _>>()?;
        Ok(found.into_iter().filter(|message| message != "ok").collect())
    }
}
