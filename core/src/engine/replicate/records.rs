//! Reading the log: what a journal stores and what a sync sends.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::storage::rising::rising;
use crate::model::ActorId;
use rusqlite::{Connection, OptionalExtension};

/// Records in the order of their arrival here.
#[derive(Debug, Default)]
pub struct Batch {
    /// Whole records.
    pub records: Vec<Vec<u8>>,
    /// Position of the last one; pass it on to read what follows.
    pub position: i64,
}

impl Database {
    /// Records of one actor after a sequence number, in order, until `max_bytes` are reached; at
    /// least one if there is any.
    pub fn records_of(
        &self,
        actor: ActorId,
        after_seq: u64,
        max_bytes: usize,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let Some(row) = self.cache.actors.get(&actor) else {
            return Ok(Vec::new());
        };
        let through: i64 = self
            .conn
            .prepare_cached("SELECT forgotten FROM pdb_actor WHERE num = ?1")?
            .query_row([row.num], |row| row.get(0))?;
        if after_seq < through as u64 {
            return Err(Error::RecordsForgotten { actor, through: through as u64 });
        }
        let mut statement = self.conn.prepare_cached(
            "SELECT seq, bytes FROM pdb_record WHERE actor = ?1 AND seq > ?2 ORDER BY seq",
        )?;
        let rows = statement.query((row.num, after_seq as i64))?;
        Ok(collect(rows, after_seq as i64, max_bytes)?.records)
    }

    /// Records of all actors after a position, in the order of their arrival here.
    pub fn records_after(&self, position: i64, max_bytes: usize) -> Result<Batch, Error> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT pos, bytes FROM pdb_record WHERE pos > ?1 ORDER BY pos")?;
        collect(statement.query([position])?, position, max_bytes)
    }

    /// Position of the last record, 0 for an empty log.
    pub fn position(&self) -> Result<i64, Error> {
        let sql = "SELECT coalesce(max(pos), 0) FROM pdb_record";
        Ok(self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }
}

/// To be called before records go: their positions are not to be used again.
pub(in crate::engine) fn keep_position(conn: &Connection) -> Result<(), Error> {
    conn.prepare_cached(
        "INSERT INTO pdb_meta SELECT 'position', coalesce(max(pos), 0) FROM pdb_record WHERE true
         ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
    )?
    .execute([])?;
    Ok(())
}

/// The same, where rows change and no record says so: one position is passed over, so that what was
/// worked out from the rows at an earlier one is known to be out of date. Gives the one passed over.
pub(in crate::engine) fn pass_position(conn: &Connection) -> Result<i64, Error> {
    keep_position(conn)?;
    Ok(conn
        .prepare_cached(
            "UPDATE pdb_meta SET value = value + 1 WHERE key = 'position' RETURNING value",
        )?
        .query_row([], |row| row.get(0))?)
}

fn collect(mut rows: rusqlite::Rows<'_>, position: i64, max_bytes: usize) -> Result<Batch, Error> {
    let mut batch = Batch { position, ..Batch::default() };
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let record: Vec<u8> = row.get(1)?;
        if !batch.records.is_empty() && bytes + record.len() > max_bytes {
            break;
        }
        bytes += record.len();
        let position: i64 = row.get(0)?;
        rising("the log", &batch.position, &position)?;
        batch.position = position;
        batch.records.push(record);
    }
    Ok(batch)
}

pub(in crate::engine) fn record(
    conn: &Connection,
    actor: i64,
    seq: u64,
) -> Result<Option<Vec<u8>>, Error> {
    Ok(conn
        .prepare_cached("SELECT bytes FROM pdb_record WHERE actor = ?1 AND seq = ?2")?
        .query_row((actor, seq as i64), |row| row.get(0))
        .optional()?)
}
