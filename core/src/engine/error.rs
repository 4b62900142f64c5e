//! What can go wrong, with a stable code for programs and a sentence for people.

use crate::codec::{DecodeError, EncodeError};
use crate::crdt::FieldError;
use crate::embed::EmbedError;
use crate::graph::Bound;
use crate::model::{ActorId, ClockError, EdgeRef, NameError, PathError, SpaceId};
use crate::types::{DefinitionError, Violation};
use crate::vectors::VectorError;

/// Any failure of the engine. [`Error::code`] is stable, the sentence is not.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such node.
    #[error("there is no node with the id {id:?}")]
    NotFound {
        /// The id asked for.
        id: String,
    },
    /// An id, type, label or key that cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A field that cannot be stored.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A node that breaks its type.
    #[error("node {id:?} is no valid {kind}: {}", list(violations))]
    Invalid {
        /// Its id.
        id: String,
        /// Its type.
        kind: String,
        /// What breaks the type, at least one.
        violations: Vec<Violation>,
    },
    /// A definition that contradicts itself.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// A transaction that one record cannot hold.
    #[error(transparent)]
    TooLarge(#[from] EncodeError),
    /// The clock gives no stamp.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Entropy(String),
    /// A statement that SQLite does not take.
    #[error("{message}")]
    Sql {
        /// SQLite's message.
        message: String,
        /// Byte offset of the fault in the statement, where SQLite knows it.
        offset: Option<usize>,
    },
    /// A statement that would write past the merge rules, or that writes where only reading is asked for.
    #[error("this statement is refused: {what}")]
    ReadOnly {
        /// What the statement would do, and what to do instead.
        what: String,
    },
    /// An embedding model gave no vectors.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// No field takes the vectors of an embedding model.
    #[error(
        "no field takes vectors of {given} numbers, which the model {model:?} makes: {}; declare \
         another dimension, or take another model",
        dimensions(declared)
    )]
    EmbedDimension {
        /// The model.
        model: String,
        /// How many numbers its vectors have.
        given: usize,
        /// The fields that are made of texts: type, field, dimension.
        declared: Vec<(String, String, u32)>,
    },
    /// A field that is no vector.
    #[error(
        "the type {kind:?} declares no vector field {field:?}{}; declare one with the kind vector",
        others(declared)
    )]
    NoVectorField {
        /// The type.
        kind: String,
        /// The field asked for.
        field: String,
        /// The vector fields that it declares.
        declared: Vec<String>,
    },
    /// A node without a vector to compare with.
    #[error(
        "node {id:?} has no vector in {field:?}; write one into it, or make those of texts (embed)"
    )]
    NoVector {
        /// The node.
        id: String,
        /// The field.
        field: String,
    },
    /// Numbers that are no vector of the field.
    #[error(transparent)]
    Vector(#[from] VectorError),
    /// A row that is there already.
    #[error(
        "{what} is there already; INSERT OR REPLACE writes over it, INSERT OR IGNORE leaves it"
    )]
    Taken {
        /// Which node, edge or index.
        what: String,
    },
    /// A transaction with a statement that failed halfway.
    #[error("a statement of this transaction failed halfway, so nothing of it was written")]
    Torn,
    /// A transaction of single steps, beside which something else was committed.
    #[error(
        "something else was committed while this transaction was open, so what it read may have \
         changed; nothing of it was written: run it again"
    )]
    Overtaken,
    /// A statement that ran longer than it may.
    #[error("the statement ran for more than {ms} ms, which is its limit, and was ended")]
    TimeLimit {
        /// The limit, in milliseconds.
        ms: u64,
    },
    /// A statement that gave more rows than it may.
    #[error("the statement gives more than {rows} rows, which is its limit; add LIMIT to it")]
    RowLimit {
        /// The limit.
        rows: u64,
    },
    /// A statement whose rows take more than they may.
    #[error("the rows of the statement take more than {bytes} bytes, which is its limit")]
    SizeLimit {
        /// The limit, in bytes.
        bytes: u64,
    },
    /// A statement whose rows take more memory than is held for it.
    #[error(
        "the rows of the statement take more than {} MiB of memory, which is the most that is held at \
         once; add LIMIT to it, read its rows page by page, or write some at a time",
        bytes / 1024 / 1024
    )]
    MemoryLimit {
        /// The limit, in bytes.
        bytes: u64,
    },
    /// A statement that was ended from outside.
    #[error("the statement was cancelled")]
    Cancelled,
    /// A statement of a script that failed.
    #[error("statement {number}, in line {line}: {source}")]
    Script {
        /// Which statement, from 1.
        number: usize,
        /// The line that it begins in, from 1.
        line: usize,
        /// What is wrong with it; its offset is in the script.
        source: Box<Self>,
    },
    /// A search for the meaning of a text where there is nothing that makes its vector.
    #[error(
        "a search by meaning needs the vector of its text, and this database was given no embedding \
         model: give the vector, and in the options the model that made it, as in {function}; or give \
         the database a model"
    )]
    NoEmbedder {
        /// How the function is called.
        function: &'static str,
    },
    /// A search in a database that keeps no text index.
    #[error("this database was created without a text index, so it cannot be searched by words")]
    NoTextIndex,
    /// An option that cannot be what it was given as.
    #[error("{option}: {message}")]
    Option {
        /// Which.
        option: String,
        /// What is wrong, and what it may be.
        message: String,
    },
    /// An edge that a cheapest way cannot weigh.
    #[error(
        "the edge {:?} {:?} {:?} has no weight: its field {field:?} is missing, negative or no number. Give \
         a weight for edges without one, or only the labels that have it",
        edge.source, edge.label, edge.target
    )]
    Weight {
        /// The edge.
        edge: Box<EdgeRef>,
        /// The field that was looked at.
        field: String,
    },
    /// A function of SQL that reached a limit before its end.
    #[error(
        "{function}(...) reached its limit of {most} {bound}, so its rows would be incomplete; ask for \
         less of the graph, or call the database's own method, which takes other limits"
    )]
    GraphLimit {
        /// The function.
        function: &'static str,
        /// The limit.
        most: usize,
        /// Of what.
        bound: Bound,
    },
    /// Storage failed.
    #[error("the storage failed: {0}")]
    Storage(#[source] rusqlite::Error),
    /// There is no more memory to be had.
    #[error("there is not enough memory for this: nothing of it was done")]
    Memory,
    /// The file is locked by another process for too long.
    #[error("another process holds the database; try again")]
    Busy,
    /// The file is no database of ours.
    #[error("{0} is not a PluresDB database")]
    NotADatabase(String),
    /// The file exists where a new one was to be made.
    #[error("{0} exists already")]
    Exists(String),
    /// There is no such file.
    #[error("there is no database at {0}; create it first")]
    NoDatabase(String),
    /// Written by a later version.
    #[error("the database has format {found}; this version reads up to {known}. Update PluresDB")]
    Format {
        /// The format found.
        found: i64,
        /// The latest one known.
        known: i64,
    },
    /// The database replicates another space than the one asked for.
    #[error("the database belongs to space {found}, not to {wanted}")]
    OtherSpace {
        /// The space of the database or record.
        found: SpaceId,
        /// The space asked for.
        wanted: SpaceId,
    },
    /// Bytes from outside, or stored bytes, that cannot be read.
    #[error("{what}: {source}")]
    Malformed {
        /// Which bytes.
        what: String,
        /// The fault.
        source: DecodeError,
    },
    /// A stored row that was changed by something else than this program.
    #[error("{place} is damaged: {what}. Run a check of the database, then a repair")]
    Damaged {
        /// Which node, edge or index, or which file.
        place: String,
        /// What shows it.
        what: String,
    },
    /// A time whose records were forgotten by a compaction.
    #[error("what was before {before} ms since 1970 was forgotten by a compaction")]
    Forgotten {
        /// The earliest time that can be asked for, milliseconds since 1970.
        before: u64,
    },
    /// Records that were forgotten by a compaction and are asked for.
    #[error(
        "the records of actor {actor} up to number {through} were forgotten by a compaction here; \
         get them from a replica that has them, or start the other one from a copy of this database"
    )]
    RecordsForgotten {
        /// Whose.
        actor: ActorId,
        /// The last one forgotten.
        through: u64,
    },
    /// A record whose stamp is not later than that of the one before it.
    #[error(
        "record {seq} of actor {actor} is not later than the one before it in that actor's log, so \
         merging could not tell them apart; it was not taken. Start its device from a new copy"
    )]
    NotLater {
        /// Whose.
        actor: ActorId,
        /// Which.
        seq: u64,
    },
    /// No room for a record that has to wait.
    #[error(
        "record {seq} of actor {actor} has to wait for others, and there is no room for more that \
         waits; sync again when those have come"
    )]
    WaitingFull {
        /// Whose.
        actor: ActorId,
        /// Which.
        seq: u64,
    },
    /// An import line that cannot be read.
    #[error("line {line}: {message}")]
    Import {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        message: String,
    },
}

impl Error {
    /// A code that does not change between versions.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not-found",
            Self::Name(_) => "bad-name",
            Self::Field(_) => "bad-field",
            Self::Invalid { .. } => "invalid",
            Self::Definition(_) => "bad-type",
            Self::TooLarge(_) => "too-large",
            Self::Clock(_) => "clock",
            Self::Entropy(_) => "entropy",
            Self::Sql { .. } => "sql",
            Self::ReadOnly { .. } => "sql-read-only",
            Self::Embed(error) => error.code(),
            Self::EmbedDimension { .. } => "embed-dimension",
            Self::NoVectorField { .. } => "no-vector-field",
            Self::NoVector { .. } => "no-vector",
            Self::Vector(_) => "bad-vector",
            Self::Script { source, .. } => source.code(),
            Self::Taken { .. } => "taken",
            Self::Torn => "torn",
            Self::Overtaken => "overtaken",
            Self::TimeLimit { .. } => "sql-time-limit",
            Self::RowLimit { .. } => "sql-row-limit",
            Self::SizeLimit { .. } | Self::MemoryLimit { .. } => "sql-size-limit",
            Self::Cancelled => "cancelled",
            Self::NoEmbedder { .. } => "no-embedder",
            Self::NoTextIndex => "no-text-index",
            Self::Option { .. } => "bad-option",
            Self::Weight { .. } => "bad-weight",
            Self::GraphLimit { .. } => "graph-limit",
            Self::Storage(_) => "storage",
            Self::Memory => "out-of-memory",
            Self::Busy => "busy",
            Self::NotADatabase(_) => "not-a-database",
            Self::Exists(_) => "exists",
            Self::NoDatabase(_) => "no-database",
            Self::Format { .. } => "format",
            Self::OtherSpace { .. } => "other-space",
            Self::Malformed { .. } => "malformed",
            Self::Damaged { .. } => "damaged",
            Self::Forgotten { .. } => "forgotten",
            Self::RecordsForgotten { .. } => "records-forgotten",
            Self::NotLater { .. } => "not-later",
            Self::WaitingFull { .. } => "waiting-full",
            Self::Import { .. } => "import",
        }
    }

    /// The error with its place in a text that has so many bytes before the statement.
    pub(super) fn moved_on(self, bytes: usize) -> Self {
        match self {
            Self::Sql { message, offset } => {
                Self::Sql { message, offset: offset.map(|at| at + bytes) }
            }
            other => other,
        }
    }

    /// The error with its place in a statement that begins so many bytes later.
    pub(in crate::engine) fn moved_back(self, bytes: usize) -> Self {
        match self {
            Self::Sql { message, offset } => {
                Self::Sql { message, offset: offset.and_then(|at| at.checked_sub(bytes)) }
            }
            other => other,
        }
    }

    pub(in crate::engine) fn malformed(what: impl Into<String>, source: DecodeError) -> Self {
        Self::Malformed { what: what.into(), source }
    }
}

fn list(violations: &[Violation]) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn dimensions(declared: &[(String, String, u32)]) -> String {
    let each = |(kind, field, dimension): &(String, String, u32)| {
        format!("{field:?} of {kind} takes {dimension}")
    };
    declared.iter().map(each).collect::<Vec<_>>().join(", ")
}

fn others(declared: &[String]) -> String {
    if declared.is_empty() { String::new() } else { format!(" (but {})", declared.join(", ")) }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let extended = error.sqlite_error().map(|found| found.extended_code);
        match error.sqlite_error_code() {
            // What a database in memory says that could not grow.
            _ if extended == Some(rusqlite::ffi::SQLITE_IOERR_NOMEM) => Self::Memory,
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Self::Busy
            }
            Some(rusqlite::ErrorCode::OutOfMemory) => Self::Memory,
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { place: "the file".into(), what: error.to_string() }
            }
            _ => Self::Storage(error),
        }
    }
}

impl From<PathError> for Error {
    fn from(error: PathError) -> Self {
        Self::Field(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use rusqlite::ffi;

    #[test]
    fn what_there_is_no_memory_for_is_told_apart_from_storage_that_fails() {
        let code = |result| {
            Error::from(rusqlite::Error::SqliteFailure(ffi::Error::new(result), None)).code()
        };
        assert_eq!(code(ffi::SQLITE_NOMEM), "out-of-memory");
        assert_eq!(code(ffi::SQLITE_IOERR_NOMEM), "out-of-memory");
        assert_eq!(code(ffi::SQLITE_IOERR_READ), "storage");
        assert_eq!(code(ffi::SQLITE_FULL), "storage");
    }
}
