//! A transaction whose steps come one at a time, with other work of the program in between.
//!
//! Between two steps it is nothing but what it wants, in memory: the tables hold only what was
//! committed, so reads beside it do not see it, and dropping it undoes it. What it wants was worked
//! out from rows as it found them. What changes rows beside it, a commit, a repair or a branch that
//! moves, goes on to another position of the log, which ends the transaction instead of being written
//! over. A compaction leaves rows and position as they are. Where somebody else has become the writer,
//! the transaction ends as well: its record would give a number of the former one out twice.

use super::draft::Draft;
use super::transaction::Transaction;
use super::writer::Writer;
use crate::crdt::Editor;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::model::{Stamp, Target};
use hashbrown::HashMap;

/// A transaction between its steps. Nothing of it is written before [`Database::finish`].
#[derive(Debug)]
pub struct OpenTransaction {
    stamp: Stamp,
    editor: Editor,
    /// Of the last record when it began.
    position: i64,
    wants: Wants,
}

/// What a transaction wants, and what else it has to remember.
#[derive(Debug, Default)]
pub(super) struct Wants {
    pub(super) drafts: Vec<Draft>,
    pub(super) index: HashMap<Target, usize>,
    pub(super) torn: bool,
    pub(super) ids: u64,
}

impl Database {
    /// Begins a transaction that is written by [`Database::finish`].
    ///
    /// ```
    /// use pluresdb::{Database, object};
    ///
    /// let mut db = Database::memory()?;
    /// let mut open = db.begin_open()?;
    /// db.step(&mut open, |tx| tx.put("ada", "Person", object([])))?;
    /// assert!(db.get("ada")?.is_none());
    /// assert!(db.step(&mut open, |tx| tx.exists("ada"))?);
    /// db.finish(open)?;
    /// assert!(db.get("ada")?.is_some());
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    pub fn begin_open(&mut self) -> Result<OpenTransaction, Error> {
        self.refresh()?;
        let (actor, client) = (self.ensure_actor()?, self.yjs_client()?);
        let hlc = self.cache.clock.tick(self.host.now_ms())?;
        Ok(OpenTransaction {
            stamp: Stamp { hlc, actor },
            editor: Editor { client, keep_undo: self.undo.is_kept() },
            position: self.cache.position,
            wants: Wants::default(),
        })
    }

    /// Does some of a transaction's work. Where `body` fails, what it did before that stays wanted, as
    /// it does inside [`Database::transaction`].
    ///
    /// # Errors
    /// Those of `body`, and [`Error::Overtaken`] where something else was committed since the begin, or
    /// this database writes as another actor by now.
    pub fn step<R>(
        &mut self,
        open: &mut OpenTransaction,
        body: impl FnOnce(&mut Transaction<'_, '_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let fold = self.begin()?;
        if self.is_overtaken(open) {
            return self.roll_back().and(Err(Error::Overtaken));
        }
        let Self { conn, cache, space, sql, held, .. } = self;
        let mut writer = Writer::new(conn, cache, *space, fold, sql, held);
        let wants = std::mem::take(&mut open.wants);
        let mut transaction = Transaction::resume(&mut writer, open.stamp, open.editor, wants);
        let result = body(&mut transaction);
        let suspended = transaction.suspend();
        drop(writer);
        self.held.rolled_back();
        // The cache is as it was: what statements were shown was taken out of it again.
        let ended = self.conn.prepare_cached("ROLLBACK").and_then(|mut sql| sql.execute([]));
        match (suspended, ended) {
            (Ok(wants), Ok(_)) => {
                open.wants = wants;
                return result;
            }
            // What was wanted is lost, and must not be committed without it.
            _ => open.wants.torn = true,
        }
        self.roll_back()?;
        Err(Error::Torn)
    }

    /// Writes a transaction: all of it or, where this fails, nothing.
    ///
    /// # Errors
    /// As [`Database::transaction`], and [`Error::Overtaken`].
    pub fn finish(&mut self, open: OpenTransaction) -> Result<(), Error> {
        let fold = self.begin()?;
        if self.is_overtaken(&open) {
            return self.roll_back().and(Err(Error::Overtaken));
        }
        let OpenTransaction { stamp, editor, wants, .. } = open;
        let entry = self.write_begun(fold, |writer| {
            Transaction::resume(writer, stamp, editor, wants).commit()
        })?;
        self.undo.done(entry);
        Ok(())
    }

    fn is_overtaken(&self, open: &OpenTransaction) -> bool {
        self.cache.position != open.position || self.actor != Some(open.stamp.actor)
    }
}
