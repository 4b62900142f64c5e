//! Opening and creating databases.

use crate::engine::commit::cache::Cache;
use crate::engine::commit::held_texts::HeldTexts;
use crate::engine::commit::undo::UndoStacks;
use crate::engine::commit::word_table::WordTable;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::host::Host;
use crate::engine::live::set::LiveSet;
use crate::engine::replicate::remote::Decided;
use crate::engine::sql::SqlParts;
#[cfg(feature = "native")]
use crate::engine::storage::lease_file::Leases;
use crate::engine::storage::{schema, upgrade};
use crate::log::MAX_WAITING_BYTES;
use crate::model::{Head, SpaceId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashSet;

/// How to open or create.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The space: that of a new database, or the one that an existing database must have. A new
    /// database without it gets a space of its own.
    pub space: Option<SpaceId>,
    /// Keep a full-text index of every string. Only a new database is asked.
    pub text_index: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { space: None, text_index: true }
    }
}

/// How many compiled statements are kept.
const STATEMENTS: usize = 64;

/// KiB of a file's pages that are kept.
const CACHE_OF_FILE: u32 = 65_536;
/// The same where the pages are copies of memory. A commit that moves a page, as many do, looks
/// at all that are kept, so that keeping fewer is faster, and takes less memory.
const CACHE_IN_MEMORY: u32 = 4_096;

#[cfg(feature = "native")]
impl Database {
    /// Creates a database file. It must not exist.
    pub fn create(path: impl AsRef<std::path::Path>, options: Options) -> Result<Self, Error> {
        Self::create_with(path, options, &Leases::of_user())
    }

    /// Creates a database file, with its leases at a place of the caller's choice.
    pub fn create_with(
        path: impl AsRef<std::path::Path>,
        options: Options,
        leases: &Leases,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        if path.exists() {
            return Err(Error::Exists(path.display().to_string()));
        }
        let conn = Connection::open(path)?;
        native::prepare(&conn)?;
        let mut database = Self::start(conn, Box::new(crate::engine::SystemHost), options)?;
        database.pool = leases.pool(path, database.space);
        Ok(database)
    }

    /// Opens a database file that exists.
    pub fn open(path: impl AsRef<std::path::Path>) -> Result<Self, Error> {
        Self::open_with(path, &Leases::of_user())
    }

    /// Opens a database file that exists, with its leases at a place of the caller's choice.
    pub fn open_with(path: impl AsRef<std::path::Path>, leases: &Leases) -> Result<Self, Error> {
        let path = path.as_ref();
        let name = path.display().to_string();
        if !path.exists() {
            return Err(Error::NoDatabase(name));
        }
        crate::engine::storage::wal::check(path)?;
        let conn = native::open(path)?;
        if !is_ours(&conn)? {
            return Err(Error::NotADatabase(name));
        }
        native::prepare(&conn)?;
        let mut database =
            Self::start(conn, Box::new(crate::engine::SystemHost), Options::default())?;
        database.pool = leases.pool(path, database.space);
        Ok(database)
    }

    /// Opens a database file that is damaged in a way that keeps [`Database::open`] from it. Look
    /// for what is missing then, and build it from the log: [`Database::repair`].
    ///
    /// What lies behind the damage of a write-ahead file is left out. The damaged file is kept under
    /// the name that this gives; `None` where there is no such damage. What is gone can come back from
    /// a relay or another device. Where SQLite had already copied some of it into the database, rows
    /// may not agree with each other.
    ///
    /// Where SQLite cannot read what opening needs, all rows that can be read move into a whole file,
    /// which then stands in the place of the damaged one.
    ///
    /// # Errors
    /// [`Error::Busy`] while anything else has the file open.
    pub fn open_to_repair(
        path: impl AsRef<std::path::Path>,
        leases: &Leases,
    ) -> Result<(Self, Option<std::path::PathBuf>), Error> {
        let path = path.as_ref();
        let mut aside = None;
        if path.exists() && crate::engine::storage::wal::check(path).is_err() {
            aside = Some(native::set_wal_aside(path)?);
        }
        let database = match Self::open_with(path, leases) {
            Err(Error::Damaged { .. }) => {
                native::rescue_file(path)?;
                Self::open_with(path, leases)?
            }
            opened => opened?,
        };
        Ok((database, aside))
    }

    /// A database in memory, with a space of its own.
    pub fn memory() -> Result<Self, Error> {
        Self::in_memory(Box::new(crate::engine::SystemHost), Options::default())
    }
}

impl Database {
    /// A database in memory.
    pub fn in_memory(host: Box<dyn Host>, options: Options) -> Result<Self, Error> {
        Self::start(Connection::open_in_memory()?, host, options)
    }

    pub(in crate::engine) fn start(
        mut conn: Connection,
        host: Box<dyn Host>,
        options: Options,
    ) -> Result<Self, Error> {
        let held = HeldTexts::new(&conn);
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        let cache = if is_in_memory(&conn) { CACHE_IN_MEMORY } else { CACHE_OF_FILE };
        conn.execute_batch(&format!("PRAGMA cache_size = -{cache}; PRAGMA temp_store = MEMORY;"))?;
        let sql = SqlParts::install(&mut conn, host.clock())?;
        if !has_tables(&conn)? {
            create(&mut conn, host.as_ref(), options)?;
        }
        let mut database = Self {
            conn,
            host,
            sql,
            space: SpaceId::ZERO,
            actor: None,
            own_head: Head::default(),
            session: None,
            undo: UndoStacks::default(),
            pool: None,
            text_index: false,
            held,
            words: WordTable::default(),
            cache: Cache::default(),
            waiting_limit: MAX_WAITING_BYTES,
            live: LiveSet::default(),
            decided: Decided::new(),
            touched: HashSet::new(),
            watch: false,
        };
        database.read_meta(options)?;
        database.upgrade()?;
        database.cache = Cache::load(&database.conn)?;
        Ok(database)
    }

    fn read_meta(&mut self, options: Options) -> Result<(), Error> {
        let found: i64 = self.meta("format")?.unwrap_or_default();
        if !(upgrade::OLDEST..=schema::FORMAT).contains(&found) {
            return Err(Error::Format { found, known: schema::FORMAT });
        }
        self.space = SpaceId(self.meta("space")?.unwrap_or_default());
        self.text_index = self.meta("text_index")?.unwrap_or_default();
        match options.space {
            Some(wanted) if wanted != self.space => {
                Err(Error::OtherSpace { found: self.space, wanted })
            }
            _ => Ok(()),
        }
    }

    pub(in crate::engine) fn meta<T: rusqlite::types::FromSql>(
        &self,
        key: &str,
    ) -> Result<Option<T>, Error> {
        Ok(self
            .conn
            .prepare_cached("SELECT value FROM pdb_meta WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?)
    }

    pub(in crate::engine) fn set_meta(
        &self,
        key: &str,
        value: impl rusqlite::ToSql,
    ) -> Result<(), Error> {
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO pdb_meta VALUES (?1, ?2)")?
            .execute((key, value))?;
        Ok(())
    }
}

fn create(conn: &mut Connection, host: &dyn Host, options: Options) -> Result<(), Error> {
    let space = match options.space {
        Some(space) => space,
        None => {
            let mut bytes = [0; 16];
            host.fill_random(&mut bytes)?;
            SpaceId(bytes)
        }
    };
    let transaction = conn.transaction()?;
    schema::create(&transaction, options.text_index)?;
    let mut insert = transaction.prepare("INSERT INTO pdb_meta VALUES (?1, ?2)")?;
    insert.execute(("format", schema::FORMAT))?;
    insert.execute(("space", space.0))?;
    insert.execute(("text_index", options.text_index))?;
    drop(insert);
    transaction.commit()?;
    Ok(())
}

fn has_tables(conn: &Connection) -> Result<bool, Error> {
    Ok(conn.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'pdb_meta'")?.exists([])?)
}

/// Whether nobody else can have the database open.
pub(in crate::engine) fn is_in_memory(conn: &Connection) -> bool {
    conn.path().is_none_or(str::is_empty)
}

/// Whether an opened file is a database of ours; a file that is no SQLite database is not.
pub(in crate::engine) fn is_ours(conn: &Connection) -> Result<bool, Error> {
    let id = conn.query_row("PRAGMA application_id", [], |row| row.get::<_, i32>(0));
    match id {
        Ok(id) => Ok(id == schema::APPLICATION_ID && has_tables(conn)?),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(feature = "native")]
mod native {
    //! What is particular to files.

    use super::{Connection, Error, SpaceId, is_ours};
    use crate::engine::storage::wal;
    use crate::engine::upkeep::rescue::rescue;
    use rusqlite::OpenFlags;
    use rusqlite::config::DbConfig;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    /// How long to wait for another writer.
    const PATIENCE: Duration = Duration::from_secs(10);

    pub(in crate::engine) fn open(path: &Path) -> Result<Connection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(Connection::open_with_flags(path, flags)?)
    }

    /// Copies the write-ahead file, takes what SQLite reads of it into the database, and empties it.
    /// A crash in between leaves it as it was, or empty.
    pub(in crate::engine) fn set_wal_aside(path: &Path) -> Result<PathBuf, Error> {
        let conn = open(path)?;
        // Closing would empty the file as well, also where it could not be copied.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        conn.execute_batch("PRAGMA locking_mode = EXCLUSIVE")?;
        if !is_ours(&conn)? {
            return Err(Error::NotADatabase(path.display().to_string()));
        }
        let damaged = wal::wal_of(path);
        let copy = wal::copy_aside(&damaged).map_err(|error| Error::Damaged {
            place: format!("the write-ahead file {}", damaged.display()),
            what: format!("it cannot be copied ({error}), so nothing was changed"),
        })?;
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: bool = conn.query_row(sql, [], |row| row.get(0))?;
        if busy { Err(Error::Busy) } else { Ok(copy) }
    }

    /// Takes what can be read of a file that cannot be opened into a whole one in its place.
    pub(in crate::engine) fn rescue_file(path: &Path) -> Result<(), Error> {
        let mut conn = open(path)?;
        conn.busy_timeout(PATIENCE)?;
        // An index or view whose definition is damaged does not hide the tables then.
        conn.execute_batch("PRAGMA writable_schema = ON")?;
        if !is_ours(&conn)? {
            return Err(Error::NotADatabase(path.display().to_string()));
        }
        let meta = "SELECT value FROM pdb_meta WHERE key = ?1";
        let space = conn.query_row(meta, ["space"], |row| row.get(0))?;
        let text_index = conn.query_row(meta, ["text_index"], |row| row.get(0))?;
        rescue(&mut conn, SpaceId(space), text_index)
    }

    /// Readers beside one writer, and a commit that is on the disk when it returns.
    pub(in crate::engine) fn prepare(conn: &Connection) -> Result<(), Error> {
        conn.busy_timeout(PATIENCE)?;
        conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        Ok(())
    }
}
