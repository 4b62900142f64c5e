//! Counters, sets, texts and lists: each change as a transaction of its own, and a field's document
//! of Yjs.

use crate::crdt::{
    Editor, FieldError, Found, Hint, ListEdit, TextEdit, client_of, parts_of_update, value_at,
};
use crate::engine::commit::rows::NodeRow;
use crate::engine::commit::statements::Statements;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::model::{ActorId, MAX_RECORD_BODY, Path, SharedKind, Value};

impl Database {
    /// Adds to a counter; see [`crate::engine::Transaction::increment`].
    ///
    /// ```
    /// use pluresdb::{Database, Path, Value, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.put("page", "Page", object([]))?;
    /// db.increment("page", &Path::field("visits")?, 2)?;
    /// db.increment("page", &Path::field("visits")?, -1)?;
    /// assert_eq!(db.get("page")?.unwrap().data["visits"], Value::Int(1));
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    pub fn increment(&mut self, id: &str, path: &Path, by: i64) -> Result<(), Error> {
        self.transaction(|tx| tx.increment(id, path, by))
    }

    /// Puts values into a set; see [`crate::engine::Transaction::add_to_set`].
    pub fn add_to_set(&mut self, id: &str, path: &Path, values: &[Value]) -> Result<(), Error> {
        self.transaction(|tx| tx.add_to_set(id, path, values))
    }

    /// Takes values out of a set; see [`crate::engine::Transaction::remove_from_set`].
    pub fn remove_from_set(
        &mut self,
        id: &str,
        path: &Path,
        values: &[Value],
    ) -> Result<(), Error> {
        self.transaction(|tx| tx.remove_from_set(id, path, values))
    }

    /// Edits a text; see [`crate::engine::Transaction::edit_text`].
    ///
    /// ```
    /// use pluresdb::{Database, Path, TextEdit, object};
    ///
    /// let mut db = Database::memory()?;
    /// let body = Path::field("body")?;
    /// db.put("note", "Note", object([("body", "Buy milk".into())]))?;
    /// db.edit_text("note", &body, &[TextEdit { at: 4, remove: 0, insert: "oat ".into() }])?;
    /// assert_eq!(db.get("note")?.unwrap().data["body"], "Buy oat milk".into());
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    pub fn edit_text(&mut self, id: &str, path: &Path, edits: &[TextEdit]) -> Result<(), Error> {
        self.transaction(|tx| tx.edit_text(id, path, edits))
    }

    /// Edits a list; see [`crate::engine::Transaction::edit_list`].
    pub fn edit_list(&mut self, id: &str, path: &Path, edits: &[ListEdit]) -> Result<(), Error> {
        self.transaction(|tx| tx.edit_list(id, path, edits))
    }

    /// Takes an update of a Yjs document into a text or list; see
    /// [`crate::engine::Transaction::apply_update`].
    ///
    /// One that is too large for a record, as of a long text that was pasted, is written as several
    /// transactions. Where one of them fails, those before it stay; taking in the update again writes what
    /// is missing.
    pub fn apply_update(
        &mut self,
        id: &str,
        path: &Path,
        kind: SharedKind,
        update: &[u8],
    ) -> Result<(), Error> {
        for part in parts_of_update(update, MAX_RECORD_BODY / 2) {
            self.transaction(|tx| tx.apply_update(id, path, kind, &part))?;
        }
        Ok(())
    }

    /// The whole document of a text or list as an update of Yjs, version 1; `None` where there is
    /// no such node. A field that was written plainly, or is not there, gives the document that an
    /// edit would start from.
    pub fn field_update(
        &self,
        id: &str,
        path: &Path,
        kind: SharedKind,
    ) -> Result<Option<Vec<u8>>, Error> {
        let entity = NodeRow::load(&mut Statements::new(&self.conn), id)?.entity;
        if !entity.exists() {
            return Ok(None);
        }
        if Hint::starting_at(kind, value_at(&entity.object(), path)).is_none() {
            return Err(FieldError::Kind { path: path.to_string(), kind }.into());
        }
        let ground = entity.ground(path.as_joined());
        let field = entity.shared.get(path, kind);
        // Nothing is written as this client.
        let editor = Editor { client: client_of(&ActorId([0; 16]), 0), keep_undo: false };
        let found = Found { path, kind, field, ground, editor };
        Ok(Some(found.edit()?.state()))
    }
}
