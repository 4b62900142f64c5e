//! One SQLite transaction being written: the one commit path of local and remote records.
//!
//! A record goes crdt -> rows -> projections -> log, all inside the open SQLite transaction. When
//! anything fails, the whole transaction is rolled back and the cache is loaded anew, so nothing
//! is half-written.

use crate::codec::Draft;
use crate::crypto::hash_record;
use crate::engine::commit::cache::{ActorRow, Cache};
use crate::engine::commit::fold::{Change, Fold, Folded, Heap};
use crate::engine::commit::held_texts::HeldTexts;
use crate::engine::commit::rows::{Nids, Row};
use crate::engine::commit::statements::Statements;
use crate::engine::commit::touches;
use crate::engine::error::Error;
use crate::engine::sql::SqlParts;
use crate::model::{ActorId, Head, Header, Hlc, Part, RecordHash, SpaceId, Stamp, Target};
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Writes records inside an open SQLite transaction.
#[derive(Debug)]
pub(in crate::engine) struct Writer<'c> {
    pub(in crate::engine) conn: &'c Connection,
    pub(in crate::engine) cache: &'c mut Cache,
    pub(in crate::engine) space: SpaceId,
    statements: Statements<'c>,
    nids: Nids,
    fold: Fold,
    /// Actors whose logs grew. Their rows follow once, at the end: the cache has the heads.
    grown: BTreeSet<ActorId>,
    /// What statements of users are compiled under, and write through.
    pub(in crate::engine) sql: &'c SqlParts,
    pub(in crate::engine) held: &'c HeldTexts,
}

impl<'c> Writer<'c> {
    pub(in crate::engine) fn new(
        conn: &'c Connection,
        cache: &'c mut Cache,
        space: SpaceId,
        fold: Fold,
        sql: &'c SqlParts,
        held: &'c HeldTexts,
    ) -> Self {
        let statements = Statements::new(conn);
        let (nids, grown) = (Nids::default(), BTreeSet::new());
        Self { conn, cache, space, statements, nids, fold, grown, sql, held }
    }

    /// Whether there is an index of texts.
    pub(in crate::engine) const fn has_text_index(&self) -> bool {
        self.fold.has_text_index()
    }

    /// The row of a target as it stands now.
    pub(in crate::engine) fn row(&mut self, target: &Target) -> Result<Row, Error> {
        Row::load(&mut self.statements, &mut self.nids, target)
    }

    /// Writes the next record of our own actor: what it does to each of the rows.
    pub(in crate::engine) fn write_local(
        &mut self,
        stamp: Stamp,
        parts: Vec<Part>,
        rows: Vec<Row>,
    ) -> Result<(), Error> {
        let head = self.cache.head(&stamp.actor);
        let header = Header {
            space: self.space,
            actor: stamp.actor,
            seq: head.seq + 1,
            prev: head.hash,
            hlc: stamp.hlc,
            epoch: 0,
            deps: Vec::new(),
        };
        let bytes = Draft { header: &header, parts: &parts }.encode()?;
        let changes = parts.into_iter().zip(rows).map(|(part, row)| Change { part, row });
        for change in changes {
            self.fold(change, stamp)?;
        }
        self.append(&header, hash_record(&bytes), &bytes)
    }

    /// Writes a record whose place in its log was checked.
    pub(in crate::engine) fn write_remote(
        &mut self,
        header: &Header,
        hash: RecordHash,
        parts: Vec<Part>,
        bytes: &[u8],
    ) -> Result<(), Error> {
        for part in parts {
            let change = Change { row: self.row(&part.target)?, part };
            self.fold(change, header.stamp())?;
        }
        self.append(header, hash, bytes)
    }

    fn fold(&mut self, change: Change, stamp: Stamp) -> Result<(), Error> {
        let Self { statements, cache, nids, held, .. } = self;
        self.fold.apply(Heap { statements, cache, nids, held }, change, stamp)
    }

    /// A fold with the settings of this writing, which is none of it.
    pub(super) fn fold_beside(&self) -> Fold {
        self.fold.beside()
    }

    /// Folds a change for now: it is rolled back before anything is committed.
    pub(super) fn fold_with(
        &mut self,
        fold: &mut Fold,
        change: Change,
        stamp: Stamp,
    ) -> Result<(), Error> {
        let Self { statements, cache, nids, held, .. } = self;
        fold.apply(Heap { statements, cache, nids, held }, change, stamp)?;
        fold.take_changed();
        Ok(())
    }

    /// Forgets the numbers of nodes, where rows were rolled back.
    pub(super) fn forget_numbers(&mut self) {
        self.nids = Nids::default();
    }

    /// Folds a record of the log once more: it stays where it is in the log.
    pub(in crate::engine) fn refold(&mut self, change: Change, stamp: Stamp) -> Result<(), Error> {
        let horizon = self.fold.set_horizon(None);
        self.fold.touch_everything();
        let outcome = self.fold(change, stamp);
        self.fold.set_horizon(horizon);
        self.fold.take_changed();
        outcome
    }

    /// Notes that vectors are made of texts.
    pub(in crate::engine) const fn touch_vectors(&mut self) {
        self.fold.touch_vectors();
    }

    fn append(&mut self, header: &Header, hash: RecordHash, bytes: &[u8]) -> Result<(), Error> {
        let nids = self.fold.take_changed();
        self.append_touching(header, hash, bytes, nids)
    }

    /// Appends a record to the log, and notes which nodes it touched.
    pub(in crate::engine) fn append_touching(
        &mut self,
        header: &Header,
        hash: RecordHash,
        bytes: &[u8],
        nids: Vec<i64>,
    ) -> Result<(), Error> {
        let num = self.advance(header, hash)?;
        // At the end of numbers the insert fails, since the last one is taken.
        let position = self.cache.position.saturating_add(1);
        self.cache.position = position;
        self.statements
            .get("INSERT INTO pdb_record (pos, actor, seq, bytes) VALUES (?1, ?2, ?3, ?4)")?
            .execute((position, num, header.seq as i64, bytes))?;
        touches::note(&mut self.statements, &nids, position)
    }

    /// Notes that records older than this may have been forgotten.
    pub(in crate::engine) fn set_horizon(&mut self, horizon: Hlc) -> Result<(), Error> {
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO pdb_meta VALUES ('horizon', ?1)")?
            .execute([horizon.0 as i64])?;
        self.cache.horizon = Some(horizon);
        Ok(())
    }

    /// Ends the writing: the heads of logs and derived definitions follow what was written.
    pub(in crate::engine) fn finish(mut self) -> Result<Folded, Error> {
        self.write_heads()?;
        self.fold.finish(self.conn, self.cache, self.held)
    }

    fn advance(&mut self, header: &Header, hash: RecordHash) -> Result<i64, Error> {
        let head = Head { seq: header.seq, hash };
        let (seq, hlc) = (header.seq as i64, header.hlc.0 as i64);
        if let Some(row) = self.cache.actors.get_mut(&header.actor) {
            (row.head, row.last) = (head, Some(header.hlc));
            self.grown.insert(header.actor);
            return Ok(row.num);
        }
        let num = self.add_actor(header.actor, seq, hash, hlc)?;
        self.cache.actors.insert(header.actor, ActorRow { num, head, last: Some(header.hlc) });
        Ok(num)
    }

    fn write_heads(&mut self) -> Result<(), Error> {
        if self.grown.is_empty() {
            return Ok(());
        }
        let update = self.statements.get(
            "UPDATE pdb_actor SET seq = ?2, hash = ?3, hlc = max(hlc, coalesce(?4, 0))
             WHERE num = ?1",
        )?;
        for row in self.grown.iter().filter_map(|actor| self.cache.actors.get(actor)) {
            let (seq, hash, last) = (row.head.seq as i64, row.head.hash.0, row.last);
            update.execute((row.num, seq, hash, last.map(|hlc| hlc.0 as i64)))?;
        }
        Ok(())
    }

    fn add_actor(
        &self,
        actor: ActorId,
        seq: i64,
        hash: RecordHash,
        hlc: i64,
    ) -> Result<i64, Error> {
        self.conn
            .prepare_cached(
                "INSERT INTO pdb_actor (actor, seq, hash, hlc) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((actor.0, seq, hash.0, hlc))?;
        Ok(self.conn.last_insert_rowid())
    }
}
