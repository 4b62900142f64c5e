//! What readers see of an entity: its fields as leaves, and as one object.
//!
//! At a path it is the object made of the visible fields below, if there are any; else the shared
//! field there; else the value of the register.

use super::doc::Ground;
use super::entity::Entity;
use crate::model::{Map, Stamp, Value};
use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use core::ops::Bound;

/// The visible fields, each at its path: a scalar, a list or an empty object.
pub type Leaves<'a> = BTreeMap<&'a str, Cow<'a, Value>>;

impl Entity {
    /// The visible fields, each at its path.
    #[must_use]
    pub fn leaves(&self) -> Leaves<'_> {
        if self.shared.is_empty() {
            return self.fields.leaves();
        }
        let registers = self.fields.iter().map(|(path, _)| path.as_joined());
        let shared = self.shared.iter().map(|(path, ..)| path.as_joined());
        let paths: BTreeSet<&str> = registers.chain(shared).collect();
        let mut leaves = Leaves::new();
        // From the last path to the first, so that all below a path is known before the path.
        for path in paths.iter().rev() {
            if has_below(&leaves, path) {
                continue;
            }
            if let Some((kind, field)) = self.shared.at(path) {
                leaves.insert(path, Cow::Owned(field.value(kind, &self.ground(path))));
            } else if let Some(value) =
                self.fields.get(path).and_then(|register| register.value.as_ref())
            {
                // A value whose path was turned into an object that is now empty reads as that.
                let below = (Bound::Excluded(*path), Bound::Unbounded);
                let emptied =
                    paths.range::<str, _>(below).next().is_some_and(|next| is_below(next, path));
                let empty = || Cow::Owned(Value::Object(Map::new()));
                leaves.insert(path, if emptied { empty() } else { Cow::Borrowed(value) });
            }
        }
        leaves
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

/// Whether one of the leaves lies below the path.
pub(super) fn has_below(leaves: &Leaves<'_>, path: &str) -> bool {
    let below = (Bound::Excluded(path), Bound::Unbounded);
    leaves.range::<str, _>(below).next().is_some_and(|(next, _)| is_below(next, path))
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('\0'))
}
