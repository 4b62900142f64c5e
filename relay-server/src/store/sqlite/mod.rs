//! The store in one SQLite file: WAL, `synchronous=FULL`, one connection that writes, a few that
//! read beside it.

mod append;
mod read;
mod schema;

use super::{AppendRequest, Placement, Range, RelayStore, StoreError, StoreLimits};
use pluresdb::model::SpaceId;
use pluresdb::sync::{Opening, RelayId};
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Idle connections that are kept for reading.
const KEPT_READERS: usize = 4;

/// A relay's store in a file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    id: RelayId,
    limits: StoreLimits,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl SqliteStore {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// See [`StoreError`]. A file that is not a relay's is left as it is.
    pub fn open(path: impl AsRef<Path>, limits: StoreLimits) -> Result<Self, StoreError> {
        let path = path.as_ref().to_path_buf();
        let failed = |source| StoreError::Sqlite { path: path.clone(), source };
        let mut writer = Connection::open(&path).map_err(failed)?;
        let id = schema::prepare(&mut writer, &path)?;
        Ok(Self { writer: Mutex::new(writer), readers: Mutex::new(Vec::new()), path, id, limits })
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let failed = |source| StoreError::Sqlite { path: self.path.clone(), source };
        let idle = lock(&self.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => schema::open_reader(&self.path).map_err(failed)?,
        };
        // One read transaction, so that all statements see the same moment.
        let transaction = connection.unchecked_transaction().map_err(failed)?;
        let result = read(&transaction).map_err(failed)?;
        transaction.finish().map_err(failed)?;
        let mut readers = lock(&self.readers);
        if readers.len() < KEPT_READERS {
            readers.push(connection);
        }
        Ok(result)
    }
}

impl RelayStore for SqliteStore {
    fn id(&self) -> RelayId {
        self.id
    }

    fn append(&self, batch: Vec<AppendRequest>) -> Result<Vec<Placement>, StoreError> {
        let failed = |source| StoreError::Sqlite { path: self.path.clone(), source };
        let mut writer = lock(&self.writer);
        let transaction =
            writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut append = append::Append::new(&transaction, &self.limits).map_err(failed)?;
        let mut placements = Vec::with_capacity(batch.len());
        for request in batch {
            placements.push(append.place(request).map_err(failed)?);
        }
        append.finish().map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(placements)
    }

    fn open(&self, space: &SpaceId, position: u64) -> Result<Opening, StoreError> {
        self.read(|connection| read::opening(connection, self.id, space, position))
    }

    fn range(&self, space: &SpaceId, after: u64, max_bytes: usize) -> Result<Range, StoreError> {
        let range = self.read(|connection| read::range(connection, space, after, max_bytes))?;
        range.ok_or_else(|| StoreError::Damaged {
            path: self.path.clone(),
            what: "a position of a log is missing",
        })
    }

    fn spaces(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            connection.query_row("SELECT count(*) FROM spaces", [], |row| row.get(0))
        })
    }
}

/// A panic while a connection was held rolled its transaction back; the connection itself is fine.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
