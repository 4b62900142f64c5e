//! A set of values: an add wins over a concurrent remove.
//!
//! An observed-remove set (Shapiro et al., 2011). A value's presence is kept for each actor: the
//! stamp of its latest add, or of the latest of its adds that somebody took out. An actor's records
//! come in order, so whoever saw one of its adds saw all before it, and one stamp stands for them.
//! Floors rise with an actor's stamps, so the latest add is also the last that a rising floor drops.

use crate::codec::{Reader, Writer, read_value, write_value};
use crate::model::{ActorId, Floor, SeenAdd, Stamp, Value, gather};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// The values, by their canonical bytes, each with what every actor did to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Elements(BTreeMap<Vec<u8>, BTreeMap<ActorId, Tag>>);

/// The latest that became of one actor's adds of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// It added the value.
    Added {
        stamp: Stamp,
        /// What the add builds on.
        floor: Option<Floor>,
    },
    /// Its adds up to this one were taken out.
    Removed(SeenAdd),
}

impl Tag {
    const fn stamp(&self) -> Stamp {
        match self {
            Self::Added { stamp, .. } | Self::Removed(SeenAdd { stamp, .. }) => *stamp,
        }
    }

    /// Whether it says more than another: it builds on a later floor, is later, or takes out that very
    /// add. Floors rise with an actor's stamps unless its log has forked; then what the later floor
    /// drops must not have taken the place of what it leaves.
    fn supersedes(&self, other: &Self) -> bool {
        match (self.floor(), self.stamp()).cmp(&(other.floor(), other.stamp())) {
            Ordering::Greater => true,
            Ordering::Equal => matches!((self, other), (Self::Removed(_), Self::Added { .. })),
            Ordering::Less => false,
        }
    }

    const fn floor(&self) -> Option<Floor> {
        match self {
            Self::Added { floor, .. } | Self::Removed(SeenAdd { floor, .. }) => *floor,
        }
    }
}

impl Elements {
    pub(super) fn add(&mut self, value: &Value, stamp: Stamp, floor: Option<Floor>) {
        self.tag(key(value), Tag::Added { stamp, floor });
    }

    /// Takes out an actor's adds up to this one.
    pub(super) fn remove(&mut self, value: &Value, seen: SeenAdd) {
        self.tag(key(value), Tag::Removed(seen));
    }

    pub(super) fn tag(&mut self, key: Vec<u8>, tag: Tag) {
        let tags = self.0.entry(key).or_default();
        let known = tags.entry(tag.stamp().actor).or_insert(tag);
        if tag.supersedes(known) {
            *known = tag;
        }
    }

    /// Drops what does not build on `floor`.
    pub(super) fn forget_before(&mut self, floor: Option<Floor>) {
        self.0.retain(|_, tags| {
            tags.retain(|_, tag| tag.floor() >= floor);
            !tags.is_empty()
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The adds that make a value present: what a remove must name. `base` is the plain list that
    /// was there before it was a set.
    #[must_use]
    pub fn adds_of(&self, value: &Value, base: Option<(&Value, Stamp)>) -> Vec<SeenAdd> {
        let key = key(value);
        let added = self.0.get(&key).into_iter().flat_map(standing);
        let listed = base.filter(|(list, _)| items(list).contains(value));
        let listed = listed.filter(|(_, stamp)| !self.removed(&key, *stamp));
        let listed = listed.map(|(_, stamp)| SeenAdd { stamp, floor: Some(stamp.floor()) });
        added.chain(listed).collect()
    }

    /// The values, in the order of their types and then their own.
    #[must_use]
    pub fn values(&self, base: Option<(&Value, Stamp)>) -> Vec<Value> {
        let mut present: BTreeMap<Vec<u8>, Value> = BTreeMap::new();
        if let Some((list, stamp)) = base {
            for item in items(list) {
                let key = key(item);
                if !self.removed(&key, stamp) {
                    present.insert(key, item.clone());
                }
            }
        }
        for (key, tags) in &self.0 {
            if standing(tags).next().is_some() {
                // The bytes came from `key`, or were read as a value before.
                if let Ok(value) = read_value(&mut Reader::new(key)) {
                    present.insert(key.clone(), value);
                }
            }
        }
        in_order(present)
    }

    /// Whether the value of a plain list, written with this stamp, was taken out since: as its writer's,
    /// or where its branch was moved, as that of the actor that wrote it first.
    fn removed(&self, key: &[u8], listed: Stamp) -> bool {
        let out = |seen: &SeenAdd| {
            seen.stamp.actor == listed.actor && seen.stamp >= listed
                || seen.stamp.floor() == listed.floor()
        };
        let mut tags = self.0.get(key).into_iter().flat_map(BTreeMap::values);
        tags.any(|tag| matches!(tag, Tag::Removed(seen) if out(seen)))
    }

    pub(super) fn stamps(&self) -> Vec<Stamp> {
        self.0.values().flat_map(BTreeMap::values).map(Tag::stamp).collect()
    }

    pub(super) fn iter(
        &self,
    ) -> impl ExactSizeIterator<Item = (&Vec<u8>, &BTreeMap<ActorId, Tag>)> {
        self.0.iter()
    }
}

/// The adds that stand. One of a branch that was moved to a derived actor may have been taken out
/// under the name of the actor that wrote it first.
fn standing(tags: &BTreeMap<ActorId, Tag>) -> impl Iterator<Item = SeenAdd> {
    tags.values()
        .filter_map(|tag| match tag {
            Tag::Added { stamp, floor } => Some(SeenAdd { stamp: *stamp, floor: *floor }),
            Tag::Removed(_) => None,
        })
        .filter(|add| {
            let same = |seen: &SeenAdd| seen.stamp.floor() == add.stamp.floor();
            !tags.values().any(|tag| matches!(tag, Tag::Removed(seen) if same(seen)))
        })
}

/// The values of a plain list; none of anything else.
pub(super) fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        _ => &[],
    }
}

fn key(value: &Value) -> Vec<u8> {
    let mut out = Writer::new();
    write_value(&mut out, value);
    out.into_bytes()
}

/// Values as a set gives them: each once, in the order of their types and then their own.
#[must_use]
pub fn arranged(values: Vec<Value>) -> Vec<Value> {
    in_order(gather(values.into_iter().map(|value| (key(&value), value))))
}

fn in_order(values: BTreeMap<Vec<u8>, Value>) -> Vec<Value> {
    let mut values: Vec<Value> = values.into_values().collect();
    values.sort_by(compare);
    values
}

fn compare(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Float(_) => 2,
        Value::Text(_) => 3,
        Value::Bytes(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    };
    let number = |value: &Value| match value {
        Value::Int(number) => *number as f64,
        Value::Float(number) => *number,
        _ => 0.0,
    };
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => {
            let order = rank(a).cmp(&rank(b)).then_with(|| number(a).total_cmp(&number(b)));
            order.then_with(|| key(a).cmp(&key(b)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Hlc;
    use alloc::vec;

    /// An actor, and one that a branch of its log was moved to.
    const WRITER: ActorId = ActorId([1; 16]);
    const MOVED: ActorId = ActorId([1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);

    fn at(ms: u64, actor: ActorId) -> Stamp {
        Stamp { hlc: Hlc::at(ms), actor }
    }

    #[test]
    fn what_a_floor_drops_takes_the_place_of_nothing_that_it_leaves() {
        let value = Value::from("a");
        let (early, late) = (at(1, WRITER).floor(), at(2, WRITER).floor());
        let moved = |set: &mut Elements| set.add(&value, at(3, MOVED), Some(late));
        let taken_out = |set: &mut Elements| {
            set.remove(&value, SeenAdd { stamp: at(3, WRITER), floor: Some(late) });
        };
        // Of the branch that stayed, which did not see the floor.
        let other = |set: &mut Elements| set.add(&value, at(9, WRITER), Some(early));
        let changes: [&dyn Fn(&mut Elements); 3] = [&moved, &taken_out, &other];
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let mut set = Elements::default();
            order.iter().for_each(|&change: &usize| changes[change](&mut set));
            set.forget_before(Some(late));
            assert_eq!(set.values(None), vec![]);
        }
    }

    #[test]
    fn what_was_taken_out_of_a_list_stays_out_when_the_lists_branch_moves() {
        let value = Value::from("a");
        let list = Value::Array(vec![value.clone()]);
        let mut set = Elements::default();
        let (written, moved) = (at(3, WRITER), at(3, MOVED));
        set.remove(&value, SeenAdd { stamp: written, floor: Some(written.floor()) });
        assert_eq!(set.values(Some((&list, written))), vec![]);
        assert_eq!(set.values(Some((&list, moved))), vec![]);
        assert_eq!(set.values(Some((&list, at(4, MOVED)))), vec![value]);
    }
}
