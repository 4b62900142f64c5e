//! Nodes and edges as rows: reading states, writing states with what readers see of them.

use super::error::Error;
use crate::crdt::Entity;
use crate::model::{EdgeRef, Map};
use rusqlite::{Connection, OptionalExtension};

/// A node's row, as far as writing needs it.
#[derive(Debug)]
pub(super) struct NodeRow {
    pub(super) nid: i64,
    pub(super) alive: bool,
    pub(super) entity: Entity,
}

/// An edge's place: source, label, target, key.
pub(super) type Place<'a> = (i64, &'a str, i64, &'a str);

pub(super) fn node(conn: &Connection, id: &str) -> Result<Option<NodeRow>, Error> {
    let mut statement =
        conn.prepare_cached("SELECT nid, alive, state FROM pdb_node WHERE id = ?1")?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let state = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
    let entity = decode(state, || format!("the state of node {id:?}"))?;
    Ok(Some(NodeRow {
        nid: row.get(0)?,
        alive: row.get(1)?,
        entity,
    }))
}

/// The number of a node; a row without state is made for a node not heard of yet.
pub(super) fn nid(conn: &Connection, id: &str) -> Result<i64, Error> {
    if let Some(nid) = known_nid(conn, id)? {
        return Ok(nid);
    }
    conn.prepare_cached("INSERT INTO pdb_node (id, alive, state) VALUES (?1, 0, x'')")?
        .execute([id])?;
    Ok(conn.last_insert_rowid())
}

fn known_nid(conn: &Connection, id: &str) -> Result<Option<i64>, Error> {
    Ok(conn
        .prepare_cached("SELECT nid FROM pdb_node WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?)
}

/// Writes a node; `object` is what readers see, `None` while it does not exist. Gives its number.
pub(super) fn store_node(
    conn: &Connection,
    nid: Option<i64>,
    id: &str,
    entity: &Entity,
    object: Option<&Map>,
) -> Result<i64, Error> {
    let alive = object.is_some();
    let updated = entity.updated().map(|stamp| stamp.hlc.ms() as i64);
    let data = object.map(json);
    let state = entity.encode();
    let Some(nid) = nid else {
        conn.prepare_cached(
            "INSERT INTO pdb_node (id, alive, type, updated, data, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((id, alive, entity.kind(), updated, data, state))?;
        return Ok(conn.last_insert_rowid());
    };
    conn.prepare_cached(
        "UPDATE pdb_node SET alive = ?2, type = ?3, updated = ?4, data = ?5, state = ?6
         WHERE nid = ?1",
    )?
    .execute((nid, alive, entity.kind(), updated, data, state))?;
    Ok(nid)
}

pub(super) fn edge(conn: &Connection, place: Place<'_>) -> Result<Option<Entity>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT state FROM pdb_edge WHERE source = ?1 AND label = ?2 AND target = ?3 AND key = ?4",
    )?;
    let mut rows = statement.query(place)?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let state = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
    decode(state, || format!("the state of edge {place:?}")).map(Some)
}

/// An edge by its identity, without making rows for its ends.
pub(super) fn find_edge(conn: &Connection, edge: &EdgeRef) -> Result<Option<Entity>, Error> {
    let find = |id: &str| known_nid(conn, id);
    let (Some(source), Some(target)) = (find(&edge.source)?, find(&edge.target)?) else {
        return Ok(None);
    };
    self::edge(conn, (source, &edge.label, target, &edge.key))
}

pub(super) fn store_edge(
    conn: &Connection,
    (source, label, target, key): Place<'_>,
    entity: &Entity,
) -> Result<(), Error> {
    let alive = entity.exists();
    let data = alive
        .then(|| entity.object())
        .filter(|object| !object.is_empty());
    conn.prepare_cached(
        "INSERT INTO pdb_edge (source, label, target, key, alive, data, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET
             alive = excluded.alive, data = excluded.data, state = excluded.state",
    )?
    .execute((
        source,
        label,
        target,
        key,
        alive,
        data.as_ref().map(json),
        entity.encode(),
    ))?;
    Ok(())
}

/// Reads a state; `what` names it in errors. An empty one is that of a node only heard of.
pub(super) fn decode(state: &[u8], what: impl FnOnce() -> String) -> Result<Entity, Error> {
    if state.is_empty() {
        return Ok(Entity::default());
    }
    Entity::decode(state).map_err(|error| Error::malformed(what(), error))
}

/// The JSON that readers see.
#[expect(
    clippy::expect_used,
    reason = "stored values are finite and their keys are texts"
)]
pub(super) fn json(object: &Map) -> String {
    serde_json::to_string(object).expect("a stored object is always valid JSON")
}

/// Reads JSON that [`json`] wrote.
pub(super) fn parse(json: &str) -> Result<Map, Error> {
    serde_json::from_str(json).map_err(|error| {
        let converted = rusqlite::Error::FromSqlConversionFailure(
            0,
            rusqlite::types::Type::Text,
            Box::new(error),
        );
        Error::Storage(converted)
    })
}
