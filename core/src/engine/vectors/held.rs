//! The indexes in memory of the fields that were searched.
//!
//! An index is a cache of the table `pdb_vector`. Each row that is written gets a higher number than all
//! before it, so an index that reads what is above the last number it knows has all vectors, whoever
//! wrote them: this handle, a sync, a repair, another process. What it still holds of rows that are gone
//! is found out where a candidate's row is read, and taken out then. So nothing is to be told to it, and
//! a transaction that is rolled back was never in it: while the tables hold rows of one that is open, an
//! index is asked as it is, and what it has not read is compared beside it.

use super::nearest::Sought;
use super::projection::read;
use crate::engine::error::Error;
use crate::vectors::{Index, Query, VectorError};
use hashbrown::HashSet;
use rusqlite::{Connection, OptionalExtension};

/// Below so many vectors, those without a row are left to be found out.
const SWEPT_FROM: usize = 4096;

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
    /// How many vectors there were when the last of those without a row went.
    swept: usize,
}

impl Held {
    /// The candidates of a field, and how many vectors it has; see [`Index::candidates`].
    pub(super) fn candidates(
        &mut self,
        conn: &Connection,
        sought: &Sought<'_>,
        query: &Query,
        count: usize,
        within: Option<&[i64]>,
    ) -> Result<(Vec<i64>, usize), Error> {
        let place = match self.place(sought) {
            Some(place) => place,
            None => {
                self.fields.push(HeldField::new(sought));
                self.fields.len() - 1
            }
        };
        let Some(held) = self.fields.get_mut(place) else {
            return Ok((Vec::new(), 0));
        };
        held.catch_up(conn)?;
        Ok((held.index.candidates(query, count, within), held.index.len()))
    }

    /// The same while the tables hold rows that may be taken back: all that the index has not read yet
    /// are candidates, and it stays as it is.
    pub(super) fn candidates_uncommitted(
        &mut self,
        conn: &Connection,
        sought: &Sought<'_>,
        query: &Query,
        count: usize,
        within: Option<&[i64]>,
    ) -> Result<(Vec<i64>, usize), Error> {
        let held = self.place(sought).and_then(|place| self.fields.get(place));
        let (mut candidates, known, seen) = match held {
            Some(HeldField { index, seen, .. }) => {
                (index.candidates(query, count, within), index.len(), *seen)
            }
            None => (Vec::new(), 0, 0),
        };
        let mut statement = conn.prepare_cached(
            "SELECT nid FROM pdb_vector
             WHERE seq > ?1 AND type = ?2 AND field = ?3 AND vector IS NOT NULL",
        )?;
        let rows = statement.query_map((seen, sought.kind, sought.field), |row| row.get(0))?;
        let mut newer: HashSet<i64> = rows.collect::<Result<_, _>>()?;
        let count = known + newer.len();
        if let Some(within) = within {
            let within: HashSet<i64> = within.iter().copied().collect();
            newer.retain(|nid| within.contains(nid));
        }
        candidates.extend(newer);
        Ok((candidates, count))
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
            swept: 0,
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
                Err(error) => return Err(self.damaged(conn, nid, error)?),
            }
            // One by one, so that an error leaves nothing out.
            self.seen = row.get(0)?;
        }
        self.seen = self.seen.max(last);
        self.sweep(conn)
    }

    /// Takes out what has no row any more, each time there are twice as many vectors: what is deleted far
    /// from all that is sought would stay for ever.
    fn sweep(&mut self, conn: &Connection) -> Result<(), Error> {
        if self.index.len() < SWEPT_FROM.max(self.swept.saturating_mul(2)) {
            return Ok(());
        }
        let mut statement = conn.prepare_cached(
            "SELECT nid FROM pdb_vector WHERE type = ?1 AND field = ?2 AND vector IS NOT NULL",
        )?;
        let rows = statement.query_map((&self.kind, &self.field), |row| row.get(0))?;
        let present: HashSet<i64> = rows.collect::<Result<_, _>>()?;
        let gone: Vec<i64> = self.index.ids().filter(|nid| !present.contains(nid)).collect();
        for nid in gone {
            self.index.remove(nid);
        }
        self.swept = self.index.len();
        Ok(())
    }

    fn damaged(&self, conn: &Connection, nid: i64, error: VectorError) -> Result<Error, Error> {
        let sql = "SELECT id FROM pdb_node WHERE nid = ?1";
        let id: Option<String> = conn.query_row(sql, [nid], |row| row.get(0)).optional()?;
        let place = format!("the vector {:?} of node {:?}", self.field, id.unwrap_or_default());
        Ok(Error::Damaged { place, what: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::storage::schema;
    use crate::types::Metric;

    #[test]
    fn what_comes_and_goes_all_the_time_does_not_pile_up() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(schema::VECTORS).unwrap();
        let sought = Sought { kind: "T", field: "f", metric: Metric::L2, dimension: 1 };
        let query = Query::new(Metric::L2, 1, &[0.0]).unwrap();
        let mut held = Held::default();
        for round in 0..20 {
            // Far from what is sought, so that no candidate shows that the rows before are gone.
            let sql =
                "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000)
                       INSERT INTO pdb_vector (nid, type, field, vector)
                       SELECT ?1 * 1000 + n, 'T', 'f', x'00007a44' FROM n";
            conn.execute("DELETE FROM pdb_vector WHERE nid > 10", []).unwrap();
            conn.execute(sql, [round]).unwrap();
            held.candidates(&conn, &sought, &query, 5, None).unwrap();
        }
        let index = &held.fields[0].index;
        assert!((1_010..=5_096).contains(&index.len()), "{}", index.len());
    }
}
