//! An open database.

use super::commit::cache::Cache;
use super::commit::fold::{Fold, Folded};
use super::commit::held_texts::HeldTexts;
use super::commit::rows::NodeRow;
use super::commit::statements::Statements;
use super::commit::transaction::Transaction;
use super::commit::undo::{Entry, UndoStacks};
use super::commit::word_table::WordTable;
use super::commit::writer::Writer;
use super::error::Error;
use super::host::Host;
use super::live::set::LiveSet;
use super::replicate::remote::Decided;
use super::sql::SqlParts;
use super::storage::lease::Pool;
use crate::crdt::{Editor, Entity, client_of};
use crate::model::{ActorId, Frontier, Head, Map, SpaceId, Stamp};
use rusqlite::Connection;
use std::collections::HashSet;
use std::fmt;

/// A database: nodes, edges, and the log that they are the fold of.
///
/// Every write is one transaction, atomic and one record of the log. On a file it is durable when
/// the call returns.
pub struct Database {
    pub(in crate::engine) conn: Connection,
    pub(in crate::engine) host: Box<dyn Host>,
    pub(in crate::engine) sql: SqlParts,
    pub(in crate::engine) space: SpaceId,
    /// Absent until the first write of a file that has none, so that reading writes nothing.
    pub(in crate::engine) actor: Option<ActorId>,
    /// Where the log of that actor ended when it was last written or looked at here.
    pub(in crate::engine) own_head: Head,
    /// Drawn when first needed: see [`crate::crdt::client_of`].
    pub(in crate::engine) session: Option<u32>,
    pub(in crate::engine) undo: UndoStacks,
    /// Where the actor comes from and goes to; `None` for a new one each time.
    pub(in crate::engine) pool: Option<Box<dyn Pool>>,
    pub(in crate::engine) text_index: bool,
    pub(in crate::engine) held: HeldTexts,
    pub(in crate::engine) words: WordTable,
    pub(in crate::engine) cache: Cache,
    pub(in crate::engine) waiting_limit: u64,
    pub(in crate::engine) live: LiveSet,
    pub(in crate::engine) decided: Decided,
    pub(in crate::engine) touched: HashSet<String>,
    pub(in crate::engine) watch: bool,
}

impl Database {
    /// The space that this database replicates.
    #[must_use]
    pub const fn space(&self) -> SpaceId {
        self.space
    }

    /// The actor that writes here, once it has written or was given one.
    #[must_use]
    pub const fn actor(&self) -> Option<ActorId> {
        self.actor
    }

    /// For each actor, how much of its log is here.
    pub fn frontier(&mut self) -> Result<Frontier, Error> {
        self.refresh()?;
        Ok(self.cache.frontier())
    }

    /// The end of an actor's log.
    pub fn head(&mut self, actor: ActorId) -> Result<Head, Error> {
        self.refresh()?;
        Ok(self.cache.head(&actor))
    }

    /// Runs `body` as one transaction: all of it or, when `body` fails, nothing.
    ///
    /// ```
    /// use pluresdb::{Database, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.transaction(|tx| {
    ///     tx.put("ada", "Person", object([("name", "Ada Lovelace".into())]))?;
    ///     tx.put("notes", "Paper", object([("year", 1843.into())]))?;
    ///     tx.link("ada", "wrote", "notes", object([]))
    /// })?;
    /// assert_eq!(db.edges("ada", Default::default(), None, 10)?.len(), 1);
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    pub fn transaction<R>(
        &mut self,
        body: impl FnOnce(&mut Transaction<'_, '_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let (result, entry) = self.transact(body)?;
        self.undo.done(entry);
        Ok(result)
    }

    /// Runs `body` as one transaction; gives also what undoes it.
    pub(in crate::engine) fn transact<R>(
        &mut self,
        body: impl FnOnce(&mut Transaction<'_, '_>) -> Result<R, Error>,
    ) -> Result<(R, Option<Entry>), Error> {
        let (fold, actor, client) = self.begin_own()?;
        let editor = Editor { client, keep_undo: self.undo.is_kept() };
        let now = self.host.now_ms();
        self.write_begun(fold, |writer| {
            let hlc = writer.cache.clock.tick(now)?;
            let mut transaction = Transaction::new(writer, Stamp { hlc, actor }, editor);
            let result = body(&mut transaction)?;
            Ok((result, transaction.commit()?))
        })
    }

    /// Writes a whole node: makes it, or changes it to have exactly these fields. Only fields that
    /// differ are written, so a concurrent change of another field is kept.
    pub fn put(&mut self, id: &str, kind: &str, data: Map) -> Result<(), Error> {
        self.transaction(|tx| tx.put(id, kind, data))
    }

    /// Changes some fields: objects merge key by key, `None` removes a field, all else replaces.
    pub fn patch(
        &mut self,
        id: &str,
        patch: Vec<(crate::model::Path, Option<crate::model::Value>)>,
    ) -> Result<(), Error> {
        self.transaction(|tx| tx.patch(id, patch))
    }

    /// Deletes a node; its edges hide with it. False when there was none.
    pub fn delete(&mut self, id: &str) -> Result<bool, Error> {
        self.transaction(|tx| tx.delete(id))
    }

    /// Writes an edge between two nodes that exist.
    pub fn link(
        &mut self,
        source: &str,
        label: &str,
        target: &str,
        data: Map,
    ) -> Result<(), Error> {
        self.transaction(|tx| tx.link(source, label, target, data))
    }

    /// Removes the edge without a key. False when there was none.
    pub fn unlink(&mut self, source: &str, label: &str, target: &str) -> Result<bool, Error> {
        self.transaction(|tx| tx.unlink(source, label, target))
    }

    /// The client of Yjs that texts and lists are changed as here, before what they stand on.
    pub(in crate::engine) fn yjs_client(&mut self) -> Result<u64, Error> {
        let actor = self.ensure_actor()?;
        Ok(client_of(&actor, self.session()?))
    }

    pub(in crate::engine) fn session(&mut self) -> Result<u32, Error> {
        if let Some(session) = self.session {
            return Ok(session);
        }
        let mut bytes = [0; 4];
        self.host.fill_random(&mut bytes)?;
        Ok(*self.session.insert(u32::from_le_bytes(bytes)))
    }

    /// Starts to note which nodes writes touch, for [`Database::take_touched`].
    pub fn watch(&mut self) {
        self.watch = true;
    }

    /// The ids of nodes written or deleted, and of the ends of edges written, since the last call.
    pub fn take_touched(&mut self) -> HashSet<String> {
        std::mem::take(&mut self.touched)
    }

    /// Opens a SQLite transaction, lets `body` write records into it, and commits.
    ///
    /// When `body` fails, or the commit does, nothing is written and the cache is loaded anew.
    pub(in crate::engine) fn write<R>(
        &mut self,
        body: impl FnOnce(&mut Writer<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let fold = self.begin()?;
        self.write_begun(fold, body)
    }

    /// The same in a SQLite transaction that is open.
    pub(in crate::engine) fn write_begun<R>(
        &mut self,
        fold: Fold,
        body: impl FnOnce(&mut Writer<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let Self { conn, cache, space, sql, held, .. } = self;
        let mut writer = Writer::new(conn, cache, *space, fold, sql, held);
        let written = body(&mut writer).and_then(|result| Ok((result, writer.finish()?)));
        // What does not depend on `body` is apart, so that it is compiled once and not for each.
        match written {
            Ok((result, folded)) => self.commit(folded).map(|()| result),
            Err(error) => self.roll_back().and(Err(error)),
        }
    }

    pub(in crate::engine) fn begin(&mut self) -> Result<Fold, Error> {
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        match self.refresh() {
            Ok(()) => {
                let live = (!self.live.is_empty()).then(|| self.live.watched());
                Ok(Fold::new(self.text_index, self.watch, live, self.cache.horizon))
            }
            Err(error) => self.roll_back().and(Err(error)),
        }
    }

    /// Opens a SQLite transaction that writes as this database: gives the actor, and the client of Yjs.
    /// Who that is is certain only now, since no other program changes its log any more.
    pub(in crate::engine) fn begin_own(&mut self) -> Result<(Fold, ActorId, u64), Error> {
        let fold = self.begin()?;
        match self.ensure_actor().and_then(|actor| Ok((actor, self.yjs_client()?))) {
            Ok((actor, client)) => Ok((fold, actor, client)),
            Err(error) => self.roll_back().and(Err(error)),
        }
    }

    fn commit(&mut self, folded: Folded) -> Result<(), Error> {
        let committed = self.conn.prepare_cached("COMMIT").and_then(|mut sql| sql.execute([]));
        if let Err(error) = committed {
            return self.roll_back().and(Err(error.into()));
        }
        self.held.committed(folded.texts);
        self.words.committed(&self.conn, folded.text_bytes);
        self.note_own_head();
        self.touched.extend(folded.touched);
        self.live.touch(folded.for_live);
        Ok(())
    }

    pub(in crate::engine) fn roll_back(&mut self) -> Result<(), Error> {
        // A commit that failed may have rolled back by itself; then this changes nothing.
        let _ = self.conn.execute_batch("ROLLBACK");
        self.held.rolled_back();
        self.load()
    }

    /// Lets the text index have all of what was committed, before it or the bytes of the database are read.
    pub(in crate::engine) fn settle_texts(&self) -> Result<(), Error> {
        self.held.settle(&self.conn)
    }

    /// Loads the cache anew.
    pub(in crate::engine) fn reload(&mut self) -> Result<(), Error> {
        self.live.touch_everything();
        self.load()
    }

    /// Loads the cache anew when another process has written to the file.
    pub(in crate::engine) fn refresh(&mut self) -> Result<(), Error> {
        if self.cache.is_stale(&self.conn)? {
            self.reload()?;
        }
        Ok(())
    }

    fn load(&mut self) -> Result<(), Error> {
        self.cache = Cache::load(&self.conn)?;
        self.let_go_of_changed_log();
        Ok(())
    }

    /// The state of a node as merged, deleted ones included, for tests and tools.
    pub fn entity(&self, id: &str) -> Result<Entity, Error> {
        Ok(NodeRow::load(&mut Statements::new(&self.conn), id)?.entity)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("space", &self.space).finish_non_exhaustive()
    }
}
