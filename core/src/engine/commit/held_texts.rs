//! Texts of committed nodes that the text index of a database in memory does not have yet.
//!
//! FTS5 makes a segment of each SQLite transaction and merges segments as they become many, which
//! costs several times what the rest of a small transaction does. So texts are held back, and written
//! for many nodes together: when many wait, and before anything reads the index or the bytes of the
//! database, so that nobody sees an index without them.
//!
//! Only a database in memory holds texts back. It goes as a whole, and whoever kept its records gets
//! rows and index from them alike. A file is read by other programs, and must not be behind after a crash.

use crate::engine::commit::text_index::TextIndex;
use crate::engine::error::Error;
use crate::engine::storage::open::is_in_memory;
use rusqlite::Connection;
use std::cell::{Cell, RefCell};

/// Most nodes whose texts are held back: what one commit or search in between has to write for others.
const MOST_NODES: usize = 64;
/// Most bytes of such texts.
const MOST_BYTES: usize = 256 * 1024;

/// Texts that are held back; none ever for a file.
#[derive(Debug, Default)]
pub(in crate::engine) struct HeldTexts {
    in_memory: bool,
    index: RefCell<TextIndex>,
    /// Whether the open SQLite transaction has written them: they are not held any more once it is
    /// committed, and still are when it is rolled back.
    written: Cell<bool>,
}

impl HeldTexts {
    pub(in crate::engine) fn new(conn: &Connection) -> Self {
        Self { in_memory: is_in_memory(conn), ..Self::default() }
    }

    /// Whether the texts of a transaction can be held back together with those that are.
    pub(super) fn takes(&self, texts: &TextIndex) -> bool {
        let (nodes, bytes) = self.index.borrow().with(texts);
        self.in_memory && nodes <= MOST_NODES && bytes <= MOST_BYTES
    }

    /// Writes them within the open SQLite transaction, unless it has done so.
    pub(in crate::engine) fn write(&self, conn: &Connection) -> Result<(), Error> {
        if !self.written.get() && self.index.borrow().nodes() > 0 {
            self.index.borrow().write_all(conn)?;
            self.written.set(true);
        }
        Ok(())
    }

    /// Lets the index have them, in the open SQLite transaction or, where there is none, for good.
    pub(in crate::engine) fn settle(&self, conn: &Connection) -> Result<(), Error> {
        if self.index.borrow().nodes() == 0 {
            return Ok(());
        }
        if !conn.is_autocommit() {
            return self.write(conn);
        }
        self.rolled_back();
        let transaction = conn.unchecked_transaction()?;
        let outcome = self.write(&transaction).and_then(|()| Ok(transaction.commit()?));
        match outcome {
            Ok(()) => self.committed(None),
            Err(_) => self.rolled_back(),
        }
        outcome
    }

    /// The SQLite transaction was committed; `texts` of it are held back from now on.
    pub(in crate::engine) fn committed(&self, texts: Option<TextIndex>) {
        let mut held = self.index.borrow_mut();
        if self.written.take() {
            *held = TextIndex::default();
        }
        if let Some(texts) = texts {
            held.append(texts);
        }
    }

    /// The SQLite transaction was rolled back.
    pub(in crate::engine) fn rolled_back(&self) {
        self.written.set(false);
    }

    /// Whether the open SQLite transaction has written them.
    pub(super) fn are_written(&self) -> bool {
        self.written.get()
    }

    /// What was written since a savepoint was taken back.
    pub(super) fn set_written(&self, written: bool) {
        self.written.set(written);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Database;
    use crate::model::{Map, object};

    /// What waits after writing nodes with a text each.
    fn waits(mut db: Database, nodes: usize, text: &str) -> Vec<usize> {
        let put = |node| {
            let data: Map = object([("text", text.into())]);
            db.put(&format!("n{node}"), "Note", data).unwrap();
            db.held.index.borrow().nodes()
        };
        (0..nodes).map(put).collect()
    }

    #[test]
    fn in_memory_a_few_texts_wait() {
        let waited = waits(Database::memory().unwrap(), 200, "milk");
        assert_eq!(waited.iter().max(), Some(&MOST_NODES));
        assert_eq!(waited.iter().filter(|waiting| **waiting == 0).count(), 3);
        let long = "milk ".repeat(20_000);
        let waited = waits(Database::memory().unwrap(), 5, &long);
        assert_eq!(waited, [1, 2, 0, 1, 2]);
    }

    #[test]
    fn a_long_text_waits_while_it_is_typed() {
        let mut db = Database::memory().unwrap();
        let mut text = "milk ".repeat(40_000);
        for key in "and more of it".chars() {
            text.push(key);
            db.put("n", "Note", object([("text", text.as_str().into())])).unwrap();
            assert_eq!(db.held.index.borrow().nodes(), 1);
        }
        assert_eq!(db.search("more milk", None, 10).unwrap().len(), 1);
        db.put("n", "Note", object([("text", "bread".into())])).unwrap();
        assert!(db.search("more milk", None, 10).unwrap().is_empty());
        assert_eq!(db.search("bread", None, 10).unwrap().len(), 1);
    }

    #[cfg(feature = "native")]
    #[test]
    fn in_a_file_none_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pluresdb");
        let leases = crate::engine::storage::lease_file::Leases::at(folder.path());
        let options = crate::engine::Options::default();
        let db = Database::create_with(path, options, &leases).unwrap();
        assert_eq!(waits(db, 3, "milk"), [0, 0, 0]);
    }
}
