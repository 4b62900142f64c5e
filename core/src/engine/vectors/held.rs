//! The indexes in memory of the fields that were searched.
//!
//! An index is a cache of the table `pdb_vector`. Each row that is written gets a higher number than all
//! before it, so an index that reads what is above the last number it knows has all vectors, whoever
//! wrote them: this handle, a sync, a repair, another process. What it still holds of rows that are gone
//! is found out where a candidate's row is read, and taken out then. So nothing is to be told to it, and
//! a transaction that is rolled back was never in it: it reads outside of transactions that write.

use super::nearest::Sought;
use super::projection::read;
use crate::engine::error::Error;
use crate::vectors::{Index, Query, VectorError};
use rusqlite::Connection;

/// The indexes.
#[derive(Debug, Default)]
pub(in crate::engine) struct Held {
    fields: Vec<HeldField>,
}

#[derive(Debug)]
struct HeldField {
    kind: String,
    field: String,
    index: Index,
    /// The number of the last row that was read.
    seen: i64,
}

impl Held {
    /// The candidates of a field; see [`Index::candidates`].
    pub(super) fn candidates(
        &mut self,
        conn: &Connection,
        sought: &Sought<'_>,
        query: &Query,
        count: usize,
        within: Option<&[i64]>,
    ) -> Result<Vec<i64>, Error> {
        let place = match self.place(sought) {
            Some(place) => place,
            None => {
                self.fields.push(HeldField::new(sought));
                self.fields.len() - 1
            }
        };
        let Some(held) = self.fields.get_mut(place) else {
            return Ok(Vec::new());
        };
        held.catch_up(conn)?;
        Ok(held.index.candidates(query, count, within))
    }

    /// Takes out vectors whose rows are gone.
    pub(super) fn remove(&mut self, sought: &Sought<'_>, nids: &[i64]) {
        let held = self.place(sought).and_then(|place| self.fields.get_mut(place));
        if let Some(held) = held {
            for nid in nids {
                held.index.remove(*nid);
            }
        }
    }

    /// Where the index of a field is. One of another dimension is of what the field was before.
    fn place(&mut self, sought: &Sought<'_>) -> Option<usize> {
        let of = |held: &HeldField| held.kind == sought.kind && held.field == sought.field;
        self.fields.retain(|held| !of(held) || held.index.dimension() == sought.dimension);
        let metric = sought.metric;
        self.fields.iter().position(|held| of(held) && held.index.metric() == metric)
    }
}

impl HeldField {
    fn new(sought: &Sought<'_>) -> Self {
        Self {
            kind: sought.kind.to_owned(),
            field: sought.field.to_owned(),
            index: Index::new(sought.metric, sought.dimension),
            seen: 0,
        }
    }

    /// Reads what was written since.
    fn catch_up(&mut self, conn: &Connection) -> Result<(), Error> {
        let last: i64 = conn
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM pdb_vector")?
            .query_row([], |row| row.get(0))?;
        if last <= self.seen {
            return Ok(());
        }
        let mut statement = conn.prepare_cached(
            "SELECT seq, nid, vector FROM pdb_vector
             WHERE seq > ?1 AND type = ?2 AND field = ?3 AND vector IS NOT NULL ORDER BY seq",
        )?;
        let mut rows = statement.query((self.seen, &self.kind, &self.field))?;
        let mut vector = Vec::with_capacity(self.index.dimension());
        while let Some(row) = rows.next()? {
            let nid = row.get(1)?;
            read(row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?, &mut vector);
            match self.index.insert(nid, &vector) {
                Ok(()) => {}
                // Zeros have no angle to anything, and are no vector to be found by it.
                Err(VectorError::Zero) => _ = self.index.remove(nid),
                Err(error) => return Err(self.damaged(nid, error)),
            }
            // One by one, so that an error leaves nothing out.
            self.seen = row.get(0)?;
        }
        self.seen = self.seen.max(last);
        Ok(())
    }

    fn damaged(&self, nid: i64, error: VectorError) -> Error {
        let place =
            format!("the vector {:?} of the node {nid} of type {:?}", self.field, self.kind);
        Error::Damaged { place, what: error.to_string() }
    }
}
