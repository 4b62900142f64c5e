//! What readers see of an entity: its fields as leaves, and as one object.
//!
//! At a path it is the object made of the visible fields below, if there are any; else the shared
//! field there; else the value of the register.

use super::doc::Ground;
use super::entity::Entity;
use crate::model::{Map, Stamp, Value, gather};
use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Bound;
use serde::ser::{Serialize, SerializeMap, Serializer};

type Leaf<'a> = (&'a str, Cow<'a, Value>);

/// The visible fields, each at its path: a scalar, a list or an empty object. They serialize as the
/// object that has them, without its being built.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Leaves<'a>(Vec<Leaf<'a>>);

impl<'a> Leaves<'a> {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Value> {
        let at = self.0.binary_search_by(|(at, _)| (*at).cmp(path)).ok()?;
        self.0.get(at).map(|(_, value)| value.as_ref())
    }

    /// All in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &Value)> {
        self.0.iter().map(|(path, value)| (*path, value.as_ref()))
    }

    /// The keys of the object that has them.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        let mut last = None;
        self.0.iter().filter_map(move |(path, _)| {
            let key = path.split_once('\0').map_or(*path, |(key, _)| key);
            (last.replace(key) != Some(key)).then_some(key)
        })
    }
}

impl<'a> IntoIterator for Leaves<'a> {
    type Item = Leaf<'a>;
    type IntoIter = alloc::vec::IntoIter<Leaf<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Collects leaves from the last path to the first, so that all below a path is known before the
/// path itself.
#[derive(Debug, Default)]
pub(super) struct Backwards<'a>(Vec<Leaf<'a>>);

impl<'a> Backwards<'a> {
    /// Whether one of the leaves lies below the path, which is before all of them.
    pub(super) fn has_below(&self, path: &str) -> bool {
        self.0.last().is_some_and(|(next, _)| is_below(next, path))
    }

    pub(super) fn push(&mut self, path: &'a str, value: Cow<'a, Value>) {
        self.0.push((path, value));
    }

    pub(super) fn leaves(mut self) -> Leaves<'a> {
        self.0.reverse();
        Leaves(self.0)
    }
}

impl Serialize for Leaves<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Level { leaves: &self.0, at: 0 }.serialize(serializer)
    }
}

/// The object made of leaves that lie in it. Their keys in it begin at `at` of their paths.
struct Level<'a> {
    leaves: &'a [Leaf<'a>],
    at: usize,
}

impl Serialize for Level<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut leaves = self.leaves;
        while let Some(((path, value), others)) = leaves.split_first() {
            let rest = path.get(self.at..).unwrap_or_default();
            let Some((key, _)) = rest.split_once('\0') else {
                map.serialize_entry(rest, value)?;
                leaves = others;
                continue;
            };
            let at = self.at + key.len() + 1;
            let inside = path.get(..at).unwrap_or_default();
            let count = leaves.partition_point(|(path, _)| path.starts_with(inside));
            let (below, others) = leaves.split_at(count);
            map.serialize_entry(key, &Level { leaves: below, at })?;
            leaves = others;
        }
        map.end()
    }
}

impl Entity {
    /// The visible fields, each at its path.
    #[must_use]
    pub fn leaves(&self) -> Leaves<'_> {
        if self.shared.is_empty() {
            return self.fields.leaves();
        }
        let registers = self.fields.iter().map(|(path, _)| path.as_joined());
        let shared = self.shared.iter().map(|(path, ..)| path.as_joined());
        let paths: BTreeSet<&str> = gather(registers.chain(shared));
        let mut leaves = Backwards::default();
        for path in paths.iter().rev() {
            if leaves.has_below(path) {
                continue;
            }
            if let Some((kind, field)) = self.shared.at(path) {
                leaves.push(path, Cow::Owned(field.value(kind, &self.ground(path))));
            } else if let Some(value) =
                self.fields.get(path).and_then(|register| register.value.as_ref())
            {
                // A value whose path was turned into an object that is now empty reads as that.
                let below = (Bound::Excluded(*path), Bound::Unbounded);
                let emptied =
                    paths.range::<str, _>(below).next().is_some_and(|next| is_below(next, path));
                let empty = || Cow::Owned(Value::Object(Map::new()));
                leaves.push(path, if emptied { empty() } else { Cow::Borrowed(value) });
            }
        }
        leaves.leaves()
    }

    /// The visible fields as an object.
    #[must_use]
    pub fn object(&self) -> Map {
        object_of(self.leaves())
    }

    /// What a shared field at a path stands on.
    #[must_use]
    pub fn ground(&self, path: &str) -> Ground<'_> {
        let latest = self.last_plain(path);
        let base = self.fields.get(path).filter(|register| Some(register.stamp) == latest);
        let base = base.and_then(|at| at.value.as_ref().map(|value| (value, at.stamp)));
        Ground { floor: latest.map(|stamp| stamp.floor()), base }
    }

    /// The latest delete of the entity, or plain write at a path or above it.
    #[must_use]
    pub fn last_plain(&self, path: &str) -> Option<Stamp> {
        let above = path.match_indices('\0').filter_map(|(at, _)| path.get(..at));
        let registers = above.chain([path]).filter_map(|path| self.fields.get(path));
        registers.map(|register| register.stamp).max().max(self.deleted)
    }
}

/// The object that has these leaves.
#[must_use]
pub fn object_of(leaves: Leaves<'_>) -> Map {
    let mut root = Map::new();
    for (path, value) in leaves {
        let mut keys = path.split('\0').peekable();
        let mut at = &mut root;
        while let Some(key) = keys.next() {
            if keys.peek().is_none() {
                at.insert(String::from(key), value.into_owned());
                break;
            }
            let child = at.entry(String::from(key)).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(child) = child else { break };
            at = child;
        }
    }
    root
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('\0'))
}
