//! The tables of a relay's store, version 1.
//!
//! Positions are given out in the transaction that inserts the records, from `spaces.head`: so
//! the order of commits is the order of positions, and a reader that has seen a head has all
//! before it. A sequence of the database would not give that: a number can become visible before
//! a lower one.

use super::super::StoreError;
use pluresdb::sync::RelayId;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// "plRL": what `file` and SQLite tools tell relay stores by.
const APPLICATION_ID: i64 = 0x706c_524c;
const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE store (relay_id BLOB NOT NULL) STRICT;

-- One row for each space: the end of its log, the history up to there, and what it takes.
CREATE TABLE spaces (
    id     INTEGER PRIMARY KEY,
    space  BLOB NOT NULL UNIQUE,
    head   INTEGER NOT NULL,
    mark   BLOB NOT NULL,
    bytes  INTEGER NOT NULL,
    actors INTEGER NOT NULL
) STRICT;

-- The last record of each actor of a space.
CREATE TABLE actors (
    id        INTEGER PRIMARY KEY,
    space     INTEGER NOT NULL REFERENCES spaces (id),
    actor     BLOB NOT NULL,
    head_seq  INTEGER NOT NULL,
    head_hash BLOB NOT NULL,
    UNIQUE (space, actor)
) STRICT;

-- The records. An actor's row belongs to one space, so (actor, seq) is unique in a space.
CREATE TABLE ops (
    space INTEGER NOT NULL REFERENCES spaces (id),
    pos   INTEGER NOT NULL,
    actor INTEGER NOT NULL REFERENCES actors (id),
    seq   INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    mark  BLOB NOT NULL,
    body  BLOB NOT NULL,
    PRIMARY KEY (space, pos),
    UNIQUE (actor, seq)
) STRICT;
";

/// Readies the connection that writes; gives the store's id.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<RelayId, StoreError> {
    let failed = |source| StoreError::Sqlite { path: path.to_path_buf(), source };
    connection.busy_timeout(Duration::from_secs(10)).map_err(failed)?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = pragma("application_id").map_err(failed)?;
    let version = pragma("user_version").map_err(failed)?;
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(failed)?;
    if application != APPLICATION_ID && (tables > 0 || application != 0) {
        return Err(StoreError::Foreign { path: path.to_path_buf() });
    }
    if version > VERSION {
        let path = path.to_path_buf();
        return Err(StoreError::Version { path, found: version, known: VERSION });
    }
    connection.pragma_update(None, "journal_mode", "wal").map_err(failed)?;
    // The default for WAL would be NORMAL in some builds: a power cut then loses what was
    // acknowledged since the last checkpoint.
    connection.pragma_update(None, "synchronous", "full").map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    if version == 0 {
        create(connection, path)?;
    }
    let id = "SELECT relay_id FROM store";
    let id = connection.query_row(id, [], |row| row.get::<_, [u8; 16]>(0)).map_err(failed)?;
    Ok(RelayId(id))
}

fn create(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Sqlite { path: path.to_path_buf(), source };
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(StoreError::Random)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    transaction.execute_batch(TABLES).map_err(failed)?;
    transaction.execute("INSERT INTO store VALUES (?1)", [&id[..]]).map_err(failed)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    transaction.pragma_update(None, "user_version", VERSION).map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// A connection that only reads.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    Ok(connection)
}
