//! A database as bytes: the content of a `.pluresdb` file.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::host::Host;
use crate::engine::storage::open::{Options, is_ours};
use rusqlite::{Connection, MAIN_DB};

/// "SQLite format 3" and its zero byte.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where SQLite's header says whether the file is in WAL mode: 1 rollback journal, 2 WAL.
const JOURNAL_MODE_BYTES: [usize; 2] = [18, 19];

impl Database {
    /// Runs `use_bytes` over the whole database as the bytes of a file, without copying them where
    /// that can be avoided.
    pub fn with_image<R>(&mut self, use_bytes: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        let data = self.conn.serialize(MAIN_DB)?;
        Ok(use_bytes(&data))
    }

    /// A database in memory that starts as the bytes of a file.
    ///
    /// It writes as an actor of its own, since the file's actor may be writing elsewhere.
    pub fn from_image(image: &[u8], host: Box<dyn Host>, options: Options) -> Result<Self, Error> {
        if !image.starts_with(MAGIC) {
            return Err(Error::NotADatabase("the image".into()));
        }
        let mut conn = Connection::open_in_memory()?;
        let reader = Rollback { image, at: 0 };
        conn.deserialize_read_exact(MAIN_DB, reader, image.len(), false)?;
        if !is_ours(&conn)? {
            return Err(Error::NotADatabase("the image".into()));
        }
        conn.execute_batch("PRAGMA journal_mode = MEMORY;")?;
        Self::start(conn, host, options)
    }
}

/// Reads an image with WAL mode turned off in its header: memory has no WAL file.
struct Rollback<'a> {
    image: &'a [u8],
    at: usize,
}

impl std::io::Read for Rollback<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = self.image.get(self.at..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        let (Some(into), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) else {
            return Ok(0);
        };
        into.copy_from_slice(from);
        for place in JOURNAL_MODE_BYTES {
            if let Some(byte) = place.checked_sub(self.at).and_then(|index| into.get_mut(index)) {
                *byte = (*byte).min(1);
            }
        }
        self.at += length;
        Ok(length)
    }
}
