//! Reading the log, inside one read transaction.

use super::super::Range;
use pluresdb::model::{ActorId, Frontier, SpaceId};
use pluresdb::sync::{MAX_FRAME_RECORDS, Mark, Opening, RelayId, StoredRecord};
use rusqlite::{Connection, OptionalExtension, params};

/// Head, frontier, and the mark at a position.
pub(super) fn opening(
    connection: &Connection,
    relay: RelayId,
    space: &SpaceId,
    position: u64,
) -> rusqlite::Result<Opening> {
    let mut found = connection.prepare_cached("SELECT id, head FROM spaces WHERE space = ?1")?;
    let found = found.query_row([&space.0[..]], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((id, head)) = found else {
        let mark = (position == 0).then_some(Mark::ZERO);
        return Ok(Opening { relay, head: 0, mark, frontier: Frontier::new() });
    };
    Ok(Opening {
        relay,
        head,
        mark: mark(connection, id, position)?,
        frontier: frontier(connection, id)?,
    })
}

fn frontier(connection: &Connection, space: i64) -> rusqlite::Result<Frontier> {
    let sql = "SELECT actor, head_seq FROM actors WHERE space = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([space], |row| Ok((ActorId(row.get(0)?), row.get(1)?)))?;
    rows.collect()
}

fn mark(connection: &Connection, space: i64, position: u64) -> rusqlite::Result<Option<Mark>> {
    if position == 0 {
        return Ok(Some(Mark::ZERO));
    }
    let mut statement =
        connection.prepare_cached("SELECT mark FROM ops WHERE space = ?1 AND pos = ?2")?;
    let mark = statement.query_row(params![space, position], |row| row.get(0)).optional()?;
    Ok(mark.map(Mark))
}

/// Records after a position; `None` where the log has a hole or does not reach there.
pub(super) fn range(
    connection: &Connection,
    space: &SpaceId,
    after: u64,
    max_bytes: usize,
) -> rusqlite::Result<Option<Range>> {
    let sql = "SELECT pos, mark, body FROM ops
               WHERE space = (SELECT id FROM spaces WHERE space = ?1) AND pos > ?2
               ORDER BY pos LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![&space.0[..], after, MAX_FRAME_RECORDS as u64])?;
    let mut range = Range { last: after, mark: Mark::ZERO, records: Vec::new() };
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let position: u64 = row.get(0)?;
        if position != range.last + 1 {
            return Ok(None);
        }
        let body = row.get_ref(2)?.as_blob()?;
        bytes += body.len();
        if bytes > max_bytes && !range.records.is_empty() {
            break;
        }
        range.last = position;
        range.mark = Mark(row.get(1)?);
        range.records.push(StoredRecord { position, record: body.into() });
    }
    Ok(Some(range))
}
