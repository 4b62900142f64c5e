//! From what the user wants to the fewest register writes that bring it about.
//!
//! A put states the whole object, but only what differs is written, so that it merges with a
//! concurrent change of another field.

use super::entity::Entity;
use super::view::Leaves;
use crate::model::{Map, Op, Path, PathError, SharedKind, Value, ValueError, Write};
use alloc::string::String;
use alloc::vec::Vec;

/// Why fields cannot be stored, with the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The key or the nesting is not possible.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The value is not possible.
    #[error("field {path}: {source}")]
    Value {
        /// The field, keys joined by dots.
        path: String,
        /// What is wrong with its value.
        source: ValueError,
    },
    /// The field holds what this kind of field cannot.
    #[error("field {path} holds something that is no {kind}, so it cannot be changed as one")]
    Kind {
        /// The field, keys joined by dots.
        path: String,
        /// What it was to be.
        kind: SharedKind,
    },
    /// An edit of a text or list that cannot be made.
    #[cfg(feature = "text")]
    #[error("field {path}: {source}")]
    Edit {
        /// The field, keys joined by dots.
        path: String,
        /// What is wrong with the edit.
        source: super::text::EditError,
    },
}

/// What turns an entity's object into a wanted one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Difference {
    /// The writes of registers.
    pub writes: Vec<Write>,
    /// The shared fields whose change is to be found, with the value wanted of each.
    pub shared: Vec<(Path, SharedKind, Value)>,
}

/// What turns the entity's object into exactly `wanted`. `kinds` tells which fields are shared, and
/// whether one is to be given even if its value is the same.
pub fn replace(
    current: Option<&Entity>,
    wanted: Map,
    kinds: impl Fn(&Path) -> Option<(SharedKind, bool)>,
) -> Result<Difference, FieldError> {
    let leaves = leaves_of(wanted)?;
    let old = current.map(Entity::leaves).unwrap_or_default();
    let mut difference = Difference { writes: removals(&old, &leaves)?, shared: Vec::new() };
    for (path, value) in leaves {
        let same = old.get(path.as_joined()).is_some_and(|old| *old == value);
        match kinds(&path) {
            Some((kind, touched)) if fits(kind, &value) => {
                if touched || !same {
                    difference.shared.push((path, kind, value));
                }
            }
            _ if same => {}
            _ => difference.writes.push(Write { path, op: Op::Set(value) }),
        }
    }
    Ok(difference)
}

/// Whether a field of this kind can hold the value.
pub(super) const fn fits(kind: SharedKind, value: &Value) -> bool {
    match kind {
        SharedKind::Counter => matches!(value, Value::Int(_)),
        SharedKind::Set | SharedKind::List => matches!(value, Value::Array(_)),
        SharedKind::Text => matches!(value, Value::Text(_)),
    }
}

/// An object after a patch: objects merge key by key, `None` removes a field, all else replaces.
#[must_use]
pub fn revise(mut object: Map, patch: Vec<(Path, Option<Value>)>) -> Map {
    for (path, value) in patch {
        let keys: Vec<String> = path.keys().map(String::from).collect();
        set(&mut object, &keys, value);
    }
    object
}

/// The value at a path of an object.
#[must_use]
pub fn value_at<'a>(object: &'a Map, path: &Path) -> Option<&'a Value> {
    let mut keys = path.keys();
    let first = object.get(keys.next()?)?;
    keys.try_fold(first, |value, key| match value {
        Value::Object(map) => map.get(key),
        _ => None,
    })
}

fn set(object: &mut Map, keys: &[String], value: Option<Value>) {
    let Some((key, rest)) = keys.split_first() else {
        return;
    };
    if rest.is_empty() {
        match value {
            Some(value) => merge(object, key, value),
            None => {
                object.remove(key);
            }
        }
        return;
    }
    if value.is_none() && !matches!(object.get(key), Some(Value::Object(_))) {
        return;
    }
    let child = object.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
    if !matches!(child, Value::Object(_)) {
        *child = Value::Object(Map::new());
    }
    if let Value::Object(child) = child {
        set(child, rest, value);
    }
}

fn merge(object: &mut Map, key: &str, value: Value) {
    match (object.get_mut(key), value) {
        (Some(Value::Object(old)), Value::Object(new)) => {
            new.into_iter().for_each(|(key, value)| merge(old, &key, value));
        }
        (_, value) => {
            object.insert(key.into(), value);
        }
    }
}

/// Every leaf of an object at its path; an object without fields is a leaf too.
/// They come in the order of their paths: that of the keys, since what separates keys is before all
/// that they hold.
pub(super) fn leaves_of(object: Map) -> Result<Vec<(Path, Value)>, FieldError> {
    let mut leaves = Vec::with_capacity(object.len());
    collect_leaves(object, None, &mut leaves)?;
    Ok(leaves)
}

fn collect_leaves(
    object: Map,
    at: Option<&Path>,
    leaves: &mut Vec<(Path, Value)>,
) -> Result<(), FieldError> {
    for (key, value) in object {
        let path = match at {
            None => Path::of_key(key)?,
            Some(at) => at.child(&key)?,
        };
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                collect_leaves(inner, Some(&path), leaves)?;
            }
            value => {
                let value = value.checked().map_err(|source| fault(&path, source))?;
                leaves.push((path, value));
            }
        }
    }
    Ok(())
}

fn fault(path: &Path, source: ValueError) -> FieldError {
    FieldError::Value { path: alloc::format!("{path}"), source }
}

/// Removes what `wanted` no longer has, each time at the outermost path that is gone.
fn removals(old: &Leaves<'_>, wanted: &[(Path, Value)]) -> Result<Vec<Write>, FieldError> {
    let mut removed: Vec<Write> = Vec::new();
    for (leaf, _) in old.iter() {
        let leaf = Path::joined(String::from(leaf))?;
        if kept(wanted, &leaf) {
            continue;
        }
        let outermost = leaf.ancestors().find(|ancestor| !reaches(wanted, ancestor));
        let path = match outermost {
            Some(ancestor) => Path::joined(String::from(ancestor))?,
            None => leaf,
        };
        if removed.last().is_none_or(|last| last.path != path) {
            removed.push(Write::remove(path));
        }
    }
    Ok(removed)
}

/// Whether the old leaf needs no removal: it stays, or a new write at, above or below covers it.
fn kept(wanted: &[(Path, Value)], leaf: &Path) -> bool {
    let written = |at: &str| next_from(wanted, at).is_some_and(|next| next.as_joined() == at);
    reaches(wanted, leaf.as_joined()) || leaf.ancestors().any(written)
}

/// Whether the wanted object has something at this path or below.
fn reaches(wanted: &[(Path, Value)], path: &str) -> bool {
    next_from(wanted, path).is_some_and(|next| next.as_joined() == path || next.is_below(path))
}

/// The first of the paths, which rise, that is not before this one.
fn next_from<'a>(wanted: &'a [(Path, Value)], path: &str) -> Option<&'a Path> {
    let place = wanted.partition_point(|(before, _)| before.as_joined() < path);
    wanted.get(place).map(|(next, _)| next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ActorId, Hlc, Part, Stamp, Target};
    use proptest::prelude::*;

    fn replace(current: Option<&Entity>, wanted: Map) -> Result<Vec<Write>, FieldError> {
        super::replace(current, wanted, |_| None).map(|difference| difference.writes)
    }

    fn apply(entity: &mut Entity, writes: Vec<Write>, ms: u64) {
        let target = Target::Node("n".into());
        let part = Part { target, delete: false, put: true, kind: None, writes };
        entity.apply(part, Stamp { hlc: Hlc::at(ms), actor: ActorId::ZERO });
    }

    fn any_object() -> impl Strategy<Value = Map> {
        let leaf = prop_oneof![
            (0..3_i64).prop_map(Value::Int),
            Just(Value::Null),
            Just(Value::Object(Map::new())),
            Just(Value::Array(alloc::vec![Value::Int(1)])),
        ];
        let value = leaf.prop_recursive(3, 12, 3, |inner| {
            prop::collection::btree_map("[ab]?", inner, 0..3).prop_map(Value::Object)
        });
        prop::collection::btree_map("[abc]?", value, 0..4)
    }

    #[test]
    fn an_unchanged_field_is_not_written() {
        let mut entity = Entity::default();
        let object = Map::from([("a".into(), Value::Int(1)), ("b".into(), Value::Int(2))]);
        apply(&mut entity, replace(None, object.clone()).unwrap(), 1);
        let mut changed = object;
        changed.insert("b".into(), Value::Int(3));
        let writes = replace(Some(&entity), changed).unwrap();
        assert_eq!(writes.len(), 1);
        assert_eq!(writes[0].path, Path::field("b").unwrap());
    }

    #[test]
    fn a_patch_merges_objects_and_removes_fields() {
        let mut entity = Entity::default();
        let size = Value::from([("w", Value::Int(1)), ("h", Value::Int(2))]);
        apply(&mut entity, replace(None, Map::from([("size".into(), size)])).unwrap(), 1);
        let path = Path::field("size").unwrap();
        let patch = alloc::vec![
            (path.clone(), Some(Value::from([("w", Value::Int(9))]))),
            (path.child("h").unwrap(), None),
        ];
        let writes = replace(Some(&entity), revise(entity.object(), patch)).unwrap();
        apply(&mut entity, writes, 2);
        let size = Value::from([("w", Value::Int(9))]);
        assert_eq!(entity.object(), Map::from([("size".into(), size)]));
    }

    #[test]
    fn nan_is_refused_with_its_field() {
        let inner = Value::from([("x", Value::Float(f64::NAN))]);
        let error = replace(None, Map::from([("p".into(), inner)])).unwrap_err();
        assert!(alloc::format!("{error}").starts_with("field p.x: the number is NaN"));
    }

    proptest! {
        #[test]
        fn any_sequence_of_puts_ends_at_the_last_object(
            objects in prop::collection::vec(any_object(), 1..5),
        ) {
            let mut entity = Entity::default();
            for (ms, object) in objects.iter().enumerate() {
                let writes = replace(Some(&entity), object.clone()).unwrap();
                apply(&mut entity, writes, ms as u64 + 1);
                prop_assert_eq!(&entity.object(), object);
            }
        }
    }
}
