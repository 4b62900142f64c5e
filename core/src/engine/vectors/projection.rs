//! Writes in the transaction that writes a node which vectors it has and which are to be made of its
//! texts, and forgets those that are gone.

use crate::engine::embedding::fields::{Source, source, text};
use crate::engine::error::Error;
use crate::engine::typing::typed::Typed;
use crate::model::Map;
use crate::types::{FieldKind, Vector};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// What a row says of a field of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum Kept {
    /// The vector that stands in the node, as bytes.
    Own(Vec<u8>),
    /// The text that one is made of.
    Text(Source),
}

/// The fields of a type that are vectors.
pub(in crate::engine) fn vectors(typed: &Typed) -> impl Iterator<Item = (&String, &Vector)> {
    typed.def.fields.iter().filter_map(|(name, field)| match &field.kind {
        FieldKind::Vector(vector) => Some((name, vector)),
        _ => None,
    })
}

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
    for (field, kept) in &wanted {
        if found.remove(*field).is_some_and(|(of, found)| of == kind && found == *kept) {
            continue;
        }
        let (source, vector) = match kept {
            Kept::Own(vector) => (None, Some(vector)),
            // The vector of the text before goes at once: nothing is found by what it was.
            Kept::Text(source) => (Some(source), None),
        };
        conn.prepare_cached(
            "INSERT OR REPLACE INTO pdb_vector (nid, type, field, source, vector)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((nid, kind, field, source, vector))?;
    }
    for field in found.keys() {
        conn.prepare_cached("DELETE FROM pdb_vector WHERE nid = ?1 AND field = ?2")?
            .execute((nid, field))?;
    }
    Ok(())
}

/// What the rows of a node are to say, by field. A vector that breaks its type is in no row.
pub(in crate::engine) fn wanted<'a>(
    typed: Option<&'a Typed>,
    seen: Option<&Map>,
) -> BTreeMap<&'a str, Kept> {
    let Some((typed, seen)) = typed.zip(seen) else {
        return BTreeMap::new();
    };
    vectors(typed)
        .filter_map(|(name, vector)| {
            let kept = match seen.get(name) {
                Some(value) => Kept::Own(bytes(&vector.numbers(value)?)),
                None => Kept::Text(source(&text(seen, vector)?, vector)),
            };
            Some((name.as_str(), kept))
        })
        .collect()
}

/// What the rows of a node say: field, type, and what is kept.
pub(in crate::engine) fn found(
    conn: &Connection,
    nid: i64,
) -> Result<BTreeMap<String, (String, Kept)>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT field, type, source, iif(source IS NULL, vector, NULL) FROM pdb_vector
         WHERE nid = ?1",
    )?;
    let rows = statement.query_map([nid], |row| {
        let kept = match row.get(2)? {
            Some(source) => Kept::Text(source),
            None => Kept::Own(row.get::<_, Option<_>>(3)?.unwrap_or_default()),
        };
        Ok((row.get(0)?, (row.get(1)?, kept)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A vector as it is stored.
pub(in crate::engine) fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Reads a vector that is stored, into a place that is used again and again. What is left over where the
/// bytes are cut is left out, so that the vector is too short.
pub(in crate::engine) fn read(bytes: &[u8], into: &mut Vec<f32>) {
    let (numbers, _) = bytes.as_chunks::<4>();
    into.clear();
    into.extend(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)));
}
