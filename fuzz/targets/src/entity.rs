//! Stored states of nodes and edges, with the documents of their texts and lists beside them.
//!
//! An input is `u8` whether the visible object is the one of `seeds.rs`, else there is none, `u16`
//! the length of the state, the state, and the documents where anything is left.

use crate::memory::Bound;
use crate::seeds::{database, everything, must};
use pluresdb::Map;
use pluresdb::codec::DecodeError;
use pluresdb::crdt::{Entity, Leaves, Parts, Stored};

/// Beside the entity, the visible object and what yrs takes for a document.
const BOUND: Bound = Bound { fixed: 256 * 1024, per_byte: 1024 };

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Some(([visible, a, b], rest)) = bytes.split_first_chunk() else {
        return false;
    };
    let length = usize::from(u16::from_le_bytes([*a, *b])).min(rest.len());
    let (state, docs) = rest.split_at(length);
    let stored = Stored { state: state.to_vec(), docs: (!docs.is_empty()).then(|| docs.to_vec()) };
    let object = (*visible != 0).then(everything);
    let Ok(entity) = BOUND.check(bytes, || decode(&stored, object, Some("Note"))) else {
        return false;
    };
    // What readers see of it can be made, whatever the state says.
    let stored = encode(&entity);
    let object = entity.exists().then(|| entity.object());
    let again = must(decode(&stored, object, entity.kind()));
    assert_eq!(encode(&again), stored, "equal states give equal bytes");
    true
}

fn decode(stored: &Stored, object: Option<Map>, kind: Option<&str>) -> Result<Entity, DecodeError> {
    let (state, docs) = (stored.state.as_slice(), stored.docs.as_deref());
    Entity::decode(Parts { state, docs, object, kind: kind.map(str::to_owned) })
}

fn encode(entity: &Entity) -> Stored {
    let leaves = if entity.exists() { entity.leaves() } else { Leaves::new() };
    entity.encode(&leaves)
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let db = database();
    // Only the first has the object that `run` gives it; of the others the state alone is read.
    [("visible", "all"), ("deleted", "b")]
        .into_iter()
        .map(|(name, id)| {
            let Stored { state, docs } = encode(&must(db.entity(id)));
            let mut input = vec![u8::from(id == "all")];
            input.extend((state.len() as u16).to_le_bytes());
            input.extend(state);
            input.extend(docs.unwrap_or_default());
            (name, input)
        })
        .collect()
}
