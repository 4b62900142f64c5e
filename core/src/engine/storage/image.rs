//! A database as bytes: the content of a `.pluresdb` file.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::host::Host;
use crate::engine::storage::open::{Options, is_ours};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB};

/// "SQLite format 3" and its zero byte.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where SQLite's header says whether the file is in WAL mode: 1 rollback journal, 2 WAL.
const JOURNAL_MODE_BYTES: [usize; 2] = [18, 19];

impl Database {
    /// Runs `use_bytes` over the whole database as the bytes of a file, without copying them where
    /// that can be avoided.
    pub fn with_image<R>(&mut self, use_bytes: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        self.settle_texts()?;
        let data = self.conn.serialize(MAIN_DB)?;
        Ok(use_bytes(&data))
    }

    /// A copy of the whole database as the bytes of a file, in pieces of `length` bytes, the last one perhaps
    /// smaller. It is taken at once, so it stays consistent while the database goes on changing.
    ///
    /// Where SQLite gives its pages one by one (the table `sqlite_dbpage`), nothing of the size of the
    /// database is asked for in one: memory that held a whole image is seldom fit for the next, larger one.
    ///
    /// # Errors
    /// [`Error::Memory`] where there is no room for it: the database goes on then.
    pub fn image_in_pieces(&mut self, length: usize) -> Result<Vec<Vec<u8>>, Error> {
        let mut pieces = Pieces { length: length.max(1), done: Vec::new() };
        self.settle_texts()?;
        if !self.gives_pages()? {
            self.with_image(|bytes| pieces.add(bytes))??;
            return Ok(pieces.done);
        }
        let mut statement = self.conn.prepare("SELECT data FROM sqlite_dbpage ORDER BY pgno")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            pieces.add(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
        }
        Ok(pieces.done)
    }

    fn gives_pages(&self) -> Result<bool, Error> {
        let known = "SELECT 1 FROM pragma_module_list WHERE name = 'sqlite_dbpage'";
        Ok(self.conn.prepare(known)?.exists([])?)
    }

    /// A database in memory that starts as the bytes of a file.
    ///
    /// It writes as an actor of its own, since the file's actor may be writing elsewhere.
    pub fn from_image(image: &[u8], host: Box<dyn Host>, options: Options) -> Result<Self, Error> {
        let copy = |into: &mut [u8]| {
            into.copy_from_slice(image);
            true
        };
        Self::from_image_of(image.len(), copy, host, options)
    }

    /// The same of bytes that are elsewhere: `copy` copies them into what it is given, of this length, so that
    /// they are in memory once. False where it cannot.
    ///
    /// # Errors
    /// [`Error::Damaged`] where they could not be copied.
    pub fn from_image_of(
        length: usize,
        copy: impl FnOnce(&mut [u8]) -> bool,
        host: Box<dyn Host>,
        options: Options,
    ) -> Result<Self, Error> {
        // Nothing is copied where there are no bytes at all.
        if length < MAGIC.len() {
            return Err(Error::NotADatabase("the image".into()));
        }
        let mut conn = Connection::open_in_memory()?;
        let mut copying = Copying { copy: Some(copy), fault: None };
        let read = conn.deserialize_read_exact(MAIN_DB, &mut copying, length, false);
        if let Some(fault) = copying.fault {
            return Err(fault);
        }
        read?;
        if !is_ours(&conn)? {
            return Err(Error::NotADatabase("the image".into()));
        }
        if !has_text_schema(&conn)? {
            let (place, what) = ("the schema of the image".into(), "it is no text".into());
            return Err(Error::Damaged { place, what });
        }
        conn.execute_batch("PRAGMA journal_mode = MEMORY;")?;
        Self::start(conn, host, options)
    }
}

/// Bytes cut into pieces as they come.
struct Pieces {
    length: usize,
    done: Vec<Vec<u8>>,
}

impl Pieces {
    fn add(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            let piece = match self.done.last_mut().filter(|piece| piece.len() < self.length) {
                Some(piece) => piece,
                None => {
                    let mut piece = Vec::new();
                    piece.try_reserve_exact(self.length).map_err(|_| Error::Memory)?;
                    self.done.push_mut(piece)
                }
            };
            let (here, rest) = bytes.split_at(bytes.len().min(self.length - piece.len()));
            piece.extend_from_slice(here);
            bytes = rest;
        }
        Ok(())
    }
}

/// Whether all names that SQLite may tell are text. rusqlite panics where one is not, which ends a module
/// of WebAssembly; in a file, opened by a program that can catch it, a repair makes such a view anew.
fn has_text_schema(conn: &Connection) -> Result<bool, Error> {
    let mut statement = conn.prepare("SELECT name, tbl_name, sql FROM sqlite_schema")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for column in 0..3 {
            if let ValueRef::Text(text) = row.get_ref(column)?
                && str::from_utf8(text).is_err()
            {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Reads an image, all of it in one step, with WAL mode turned off in its header: memory has no WAL file.
struct Copying<F> {
    copy: Option<F>,
    fault: Option<Error>,
}

impl<F: FnOnce(&mut [u8]) -> bool> Copying<F> {
    fn copied(&mut self, into: &mut [u8]) -> Result<(), Error> {
        let whole = self.copy.take().is_some_and(|copy| copy(into));
        if !whole {
            let (place, what) =
                ("the image".into(), "its bytes are not those that were stored".into());
            return Err(Error::Damaged { place, what });
        }
        if !into.starts_with(MAGIC) {
            return Err(Error::NotADatabase("the image".into()));
        }
        for place in JOURNAL_MODE_BYTES {
            if let Some(byte) = into.get_mut(place) {
                *byte = (*byte).min(1);
            }
        }
        Ok(())
    }
}

impl<F: FnOnce(&mut [u8]) -> bool> std::io::Read for Copying<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.copied(buffer) {
            Ok(()) => Ok(buffer.len()),
            Err(fault) => {
                self.fault = Some(fault);
                Err(std::io::ErrorKind::InvalidData.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::object;

    #[test]
    fn the_pieces_of_an_image_are_the_image() {
        let mut db = Database::memory().unwrap();
        for n in 0..500 {
            db.put(&format!("n{n}"), "Note", object([("body", "word ".repeat(60).into())]))
                .unwrap();
        }
        let image = db.with_image(<[u8]>::to_vec).unwrap();
        for length in [1_000, 4_096, 10_000_000] {
            let pieces = db.image_in_pieces(length).unwrap();
            assert!(pieces.iter().rev().skip(1).all(|piece| piece.len() == length));
            assert_eq!(pieces.concat(), image);
        }
    }
}
