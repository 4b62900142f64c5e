//! Entities as the columns of their rows, sealed against damage.
//!
//! `state` ends in a checksum over the row's place, type, data and state; `docs` in one over
//! itself. A row that a disk has changed is an error with its place, never a wrong answer.

use crate::codec::DecodeError;
use crate::crdt::{Entity, Parts};
use crate::crypto::seal;
use crate::engine::error::Error;
use crate::model::{EdgeRef, Map};
use rusqlite::Row;
use std::fmt;

const SEAL_BYTES: usize = 8;

/// Which row it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) enum Place<'a> {
    Node(&'a str),
    Edge(&'a EdgeRef),
}

impl Place<'_> {
    pub(in crate::engine) const fn is_node(&self) -> bool {
        matches!(self, Self::Node(_))
    }

    fn seal(&self, kind: Option<&str>, data: Option<&str>, state: &[u8]) -> [u8; SEAL_BYTES] {
        let kind = kind.unwrap_or_default().as_bytes();
        // No data and empty data are not the same.
        let data = data.map_or(&b"-"[..], str::as_bytes);
        match self {
            Self::Node(id) => seal(&[id.as_bytes(), kind, data, state]),
            Self::Edge(edge) => {
                let [source, label, target, key] =
                    [&edge.source, &edge.label, &edge.target, &edge.key].map(String::as_bytes);
                seal(&[source, label, target, key, data, state])
            }
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => write!(f, "node {id:?}"),
            Self::Edge(EdgeRef { source, label, target, key }) if key.is_empty() => {
                write!(f, "edge {source:?} {label:?} {target:?}")
            }
            Self::Edge(EdgeRef { source, label, target, key }) => {
                write!(f, "edge {source:?} {label:?} {target:?} {key:?}")
            }
        }
    }
}

/// The `state` column.
pub(in crate::engine) fn sealed(
    place: &Place<'_>,
    kind: Option<&str>,
    data: Option<&str>,
    mut state: Vec<u8>,
) -> Vec<u8> {
    let seal = place.seal(kind, data, &state);
    state.extend(seal);
    state
}

/// The `docs` column.
pub(in crate::engine) fn sealed_docs(mut docs: Vec<u8>) -> Vec<u8> {
    let seal = seal(&[&docs]);
    docs.extend(seal);
    docs
}

/// Reads an entity from the columns `state`, `docs`, `data` and `type` from `first` on. An empty
/// state is that of a node only heard of.
pub(in crate::engine) fn read(
    place: &Place<'_>,
    row: &Row<'_>,
    first: usize,
) -> Result<Entity, Error> {
    let raw: RawRow<'_> = RawRow::of(row, first)?;
    if raw.state.is_empty() {
        return Ok(Entity::default());
    }
    let state = raw.open(place)?;
    let docs = raw.docs.map(|docs| open_docs(place, docs)).transpose()?;
    let object = raw.data.map(|data| parse(place, data)).transpose()?;
    let kind = raw.kind.map(str::to_owned);
    Entity::decode(Parts { state, docs, object, kind }).map_err(|error| unreadable(place, error))
}

/// What a node shows where that is not what is stored: its columns `shown` and `shown_seal`.
pub(in crate::engine) fn sealed_shown(id: &str, shown: &Map) -> (String, Vec<u8>) {
    let shown = json(shown);
    let seal = seal(&[id.as_bytes(), b"shown", shown.as_bytes()]).to_vec();
    (shown, seal)
}

/// Reads what a node shows, from the columns `state`, `data`, `type`, `shown` and `shown_seal` from
/// `first` on.
pub(in crate::engine) fn read_shown(id: &str, row: &Row<'_>, first: usize) -> Result<Map, Error> {
    parse(&Place::Node(id), shown_json(id, row, first)?)
}

/// What a node shows as the JSON that is stored, from the same columns.
pub(in crate::engine) fn shown_json<'a>(
    id: &str,
    row: &'a Row<'_>,
    first: usize,
) -> Result<&'a str, Error> {
    let place = Place::Node(id);
    let Some(shown) = row.get_ref(first + 3)?.as_str_or_null().map_err(rusqlite::Error::from)?
    else {
        return object_json(&place, row, first);
    };
    let found = row.get_ref(first + 4)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    if found != Some(&seal(&[id.as_bytes(), b"shown", shown.as_bytes()])[..]) {
        return Err(damaged(&place, "the checksum of what it shows does not fit"));
    }
    Ok(shown)
}

/// Reads the visible object alone, from the columns `state`, `data` and `type` from `first` on.
pub(in crate::engine) fn read_object(
    place: &Place<'_>,
    row: &Row<'_>,
    first: usize,
) -> Result<Map, Error> {
    parse(place, object_json(place, row, first)?)
}

fn object_json<'a>(place: &Place<'_>, row: &'a Row<'_>, first: usize) -> Result<&'a str, Error> {
    let text = |column: usize| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
    let state = row.get_ref(first)?.as_blob().map_err(rusqlite::Error::from)?;
    let raw = RawRow { state, docs: None, data: text(first + 1)?, kind: text(first + 2)? };
    raw.open(place)?;
    Ok(raw.data.unwrap_or("{}"))
}

struct RawRow<'a> {
    state: &'a [u8],
    docs: Option<&'a [u8]>,
    data: Option<&'a str>,
    kind: Option<&'a str>,
}

impl<'a> RawRow<'a> {
    fn of(row: &'a Row<'_>, first: usize) -> Result<Self, Error> {
        let column = |place: usize| row.get_ref(first + place);
        Ok(Self {
            state: column(0)?.as_blob().map_err(rusqlite::Error::from)?,
            docs: column(1)?.as_blob_or_null().map_err(rusqlite::Error::from)?,
            data: column(2)?.as_str_or_null().map_err(rusqlite::Error::from)?,
            kind: column(3)?.as_str_or_null().map_err(rusqlite::Error::from)?,
        })
    }

    /// The state without its seal, which must be whole.
    fn open(&self, place: &Place<'_>) -> Result<&'a [u8], Error> {
        let at = self.state.len().checked_sub(SEAL_BYTES);
        let (state, found) = at
            .and_then(|at| self.state.split_at_checked(at))
            .ok_or_else(|| damaged(place, "its state is cut"))?;
        if place.seal(self.kind, self.data, state) != found {
            return Err(damaged(place, "its checksum does not fit"));
        }
        Ok(state)
    }
}

fn open_docs<'a>(place: &Place<'_>, docs: &'a [u8]) -> Result<&'a [u8], Error> {
    let at = docs.len().checked_sub(SEAL_BYTES);
    match at.and_then(|at| docs.split_at_checked(at)) {
        Some((docs, found)) if seal(&[docs]) == found => Ok(docs),
        _ => Err(damaged(place, "the checksum of its texts and lists does not fit")),
    }
}

fn damaged(place: &Place<'_>, what: &'static str) -> Error {
    Error::Damaged { place: place.to_string(), what: what.into() }
}

fn unreadable(place: &Place<'_>, error: DecodeError) -> Error {
    Error::malformed(format!("the state of {place}"), error)
}

/// The JSON that readers see.
#[expect(clippy::expect_used, reason = "stored values are finite and their keys are texts")]
pub(in crate::engine) fn json(object: &impl serde::Serialize) -> String {
    serde_json::to_string(object).expect("a stored object is always valid JSON")
}

/// Reads JSON that [`json`] wrote.
fn parse(place: &Place<'_>, json: &str) -> Result<Map, Error> {
    serde_json::from_str(json).map_err(|error| Error::Damaged {
        place: place.to_string(),
        what: format!("its JSON is broken: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crdt::replace;
    use crate::model::{ActorId, Hlc, Part, Stamp, Target, Value};
    use proptest::prelude::*;

    fn any_object() -> impl Strategy<Value = Map> {
        let leaf = prop_oneof![(0..9_i64).prop_map(Value::Int), Just(Value::Object(Map::new()))];
        let key = || prop::sample::select(vec!["", "a", "a!", "a\u{1}", "ab", "b\""]);
        let key = move || key().prop_map(String::from);
        let value = leaf.prop_recursive(3, 24, 4, move |inner| {
            prop::collection::btree_map(key(), inner, 0..4).prop_map(Value::Object)
        });
        prop::collection::btree_map("[ab!\u{1}]{0,2}", value, 0..6)
    }

    proptest! {
        #[test]
        fn leaves_are_written_as_the_object_that_has_them(wanted in any_object()) {
            let writes = replace(None, wanted.clone(), |_| None).unwrap().writes;
            let target = Target::Node("n".into());
            let part = Part { target, delete: false, put: true, kind: None, writes };
            let mut entity = Entity::default();
            entity.apply(part, Stamp { hlc: Hlc::at(1), actor: ActorId::ZERO });
            let leaves = entity.leaves();
            prop_assert_eq!(json(&leaves), serde_json::to_string(&wanted).unwrap());
            let keys: Vec<&str> = wanted.keys().map(String::as_str).collect();
            prop_assert_eq!(leaves.keys().collect::<Vec<_>>(), keys);
        }
    }
}
