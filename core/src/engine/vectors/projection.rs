//! Notes in the transaction that writes a node which vectors of it are to be made, and forgets those
//! of texts that are gone.

use super::fields::{Source, embedded, source, text};
use crate::engine::error::Error;
use crate::engine::typing::typed::Typed;
use crate::model::Map;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Lets the vectors of a node follow what readers see of it, `None` while it does not exist.
pub(in crate::engine) fn set(
    conn: &Connection,
    nid: i64,
    typed: Option<&Typed>,
    seen: Option<&Map>,
) -> Result<(), Error> {
    let wanted = wanted(typed, seen);
    let kind = typed.map(|typed| typed.def.name.as_str()).unwrap_or_default();
    let mut found = found(conn, nid)?;
    for (field, text) in &wanted {
        let row = (kind.to_owned(), *text);
        if found.remove(*field) == Some(row) {
            continue;
        }
        // The vector of the text before goes at once: nothing is found by what it was.
        conn.prepare_cached(
            "INSERT OR REPLACE INTO pdb_embedding (nid, type, field, source) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((nid, kind, field, text))?;
    }
    for field in found.keys() {
        conn.prepare_cached("DELETE FROM pdb_embedding WHERE nid = ?1 AND field = ?2")?
            .execute((nid, field))?;
    }
    Ok(())
}

/// Fields with the hash of the text that their vector is of.
pub(in crate::engine) fn wanted<'a>(
    typed: Option<&'a Typed>,
    seen: Option<&Map>,
) -> BTreeMap<&'a str, Source> {
    let Some((typed, seen)) = typed.zip(seen) else {
        return BTreeMap::new();
    };
    embedded(typed)
        .filter_map(|(name, vector)| {
            let text = text(seen, name, vector)?;
            Some((name.as_str(), source(&text, vector)))
        })
        .collect()
}

/// What is noted of a node: field, type, hash of the text.
pub(in crate::engine) fn found(
    conn: &Connection,
    nid: i64,
) -> Result<BTreeMap<String, (String, Source)>, Error> {
    let mut statement =
        conn.prepare_cached("SELECT field, type, source FROM pdb_embedding WHERE nid = ?1")?;
    let rows = statement.query_map([nid], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
