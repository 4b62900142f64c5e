//! Checking that a database is whole: the file, the log, the rows, and what is derived from them.
//!
//! Each fault is told with its place. What a check reads is everything, so it takes as long as
//! folding the whole log; memory is bounded by folding the log in several passes.

mod log;
mod projections;
mod rows;
mod typing;
mod vectors;
mod watched;

pub use watched::{CheckProgress, CheckStep};

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::limits::{Cancel, SqlLimits};
use crate::model::{ActorId, Target};
use std::collections::BTreeSet;
use std::fmt;
use watched::Onlooker;

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

/// Faults found so far, and who looks on.
#[derive(Debug, Default)]
pub(in crate::engine) struct Faults<'a> {
    pub(in crate::engine) found: Vec<Fault>,
    pub(in crate::engine) bad: Bad,
    onlooker: Onlooker<'a>,
}

/// What a repair has to know, also of faults beyond those that are listed.
#[derive(Debug, Default)]
pub(in crate::engine) struct Bad {
    /// SQLite's own part of the file.
    pub(in crate::engine) file: bool,
    /// Rows of nodes and edges that cannot be read, or are not there.
    pub(in crate::engine) rows: BTreeSet<Target>,
    /// Rows that are whole, and not what the log makes of them.
    pub(in crate::engine) other: BTreeSet<Target>,
    /// Any of the vectors.
    pub(in crate::engine) vectors: bool,
}

impl Faults<'_> {
    fn add(&mut self, place: FaultPlace, what: impl Into<String>) {
        match &place {
            FaultPlace::File => self.bad.file = true,
            FaultPlace::Vectors => self.bad.vectors = true,
            FaultPlace::Row(target) => {
                self.bad.rows.insert(target.clone());
            }
            _ => {}
        }
        self.list(place, what);
    }

    /// A row that is whole, and not what the log makes of it.
    fn other(&mut self, target: Target) {
        self.bad.other.insert(target.clone());
        self.list(FaultPlace::Row(target), "it is not what the log makes of it");
    }

    fn list(&mut self, place: FaultPlace, what: impl Into<String>) {
        match self.found.len() {
            0..MAX_FAULTS => self.found.push(Fault { place, what: what.into() }),
            MAX_FAULTS => {
                let what = format!("only the first {MAX_FAULTS} faults are listed; there are more");
                self.found.push(Fault { place: FaultPlace::File, what });
            }
            _ => {}
        }
    }

    /// The value, or a fault of the file where SQLite cannot read it.
    fn file<T>(&mut self, read: Result<T, Error>) -> Option<T> {
        read.map_err(|error| self.add(FaultPlace::File, what(error))).ok()
    }
}

/// What is wrong, without the place, which a fault names by itself.
fn what(error: Error) -> String {
    match error {
        Error::Damaged { what, .. } => what,
        error => error.to_string(),
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
        self.check_watched(None, &mut |_| {})
    }

    /// [`Database::check`], telling how far it is.
    ///
    /// ```
    /// use pluresdb::{Cancel, CheckStep, Database, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.put("n", "Note", object([("title", "Milk".into())]))?;
    /// let (cancel, mut steps) = (Cancel::default(), Vec::new());
    /// let faults = db.check_watched(Some(&cancel), &mut |progress| steps.push(progress.step))?;
    /// assert_eq!(faults, []);
    /// assert_eq!(steps[..4], [CheckStep::File, CheckStep::Log, CheckStep::Rows, CheckStep::Derived]);
    /// assert_eq!(steps[4..], [CheckStep::Words, CheckStep::Text]);
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Cancelled`] soon after `cancel` was called, from `progress` or another thread; what was
    /// found until then is not given.
    pub fn check_watched(
        &mut self,
        cancel: Option<&Cancel>,
        progress: &mut dyn FnMut(CheckProgress),
    ) -> Result<Vec<Fault>, Error> {
        Ok(self.faults(cancel, progress)?.found)
    }

    pub(in crate::engine) fn faults<'a>(
        &mut self,
        cancel: Option<&'a Cancel>,
        progress: &'a mut dyn FnMut(CheckProgress),
    ) -> Result<Faults<'a>, Error> {
        self.refresh()?;
        self.settle_texts()?;
        let onlooker = Onlooker::new(progress, cancel);
        let mut faults = Faults { onlooker, ..Faults::default() };
        let watch = self.sql.limiter.watch(&self.conn, SqlLimits::default(), cancel)?;
        faults.onlooker.begin(CheckStep::File, 0)?;
        let integrity = self.integrity();
        for message in faults.file(integrity).unwrap_or_default() {
            faults.add(FaultPlace::File, message);
        }
        faults.onlooker.go_on()?;
        let chains = self.check_log(&mut faults);
        faults.file(chains);
        // A statement that was ended has failed, which is no fault of the file.
        faults.onlooker.go_on()?;
        let rows = self.check_rows(&mut faults);
        faults.file(rows);
        faults.onlooker.go_on()?;
        let projections = self.check_projections(&mut faults);
        faults.file(projections);
        faults.onlooker.go_on()?;
        drop(watch);
        Ok(faults)
    }

    /// What SQLite finds wrong with the file.
    fn integrity(&self) -> Result<Vec<String>, Error> {
        let mut statement = self.conn.prepare("PRAGMA integrity_check(100)")?;
        let found = statement.query_map([], |row| row.get::<_, String>(0))?;
        let found: Vec<String> = found.collect::<Result<_, _>>()?;
        Ok(found.into_iter().filter(|message| message != "ok").collect())
    }
}
