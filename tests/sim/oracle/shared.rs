//! What changes of counters and sets mean, worked out from all of them at once.
//!
//! Texts and lists are merged by Yjs, so what they mean is not worked out a second time; they are
//! held against a database that was made of the same records in another order.

use super::History;
use pluresdb::Value;
use pluresdb::crdt::arranged;
use pluresdb::model::{ActorId, Floor, Op, SeenAdd, SharedChange, SharedOp, Stamp};
use std::collections::BTreeMap;

/// What the shared field at a top-level key shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    /// No change counts: what was written plainly shows.
    Plain,
    Value(Value),
    /// A text or list.
    Merged,
}

/// What a field's changes stand on: the latest plain write or delete, and the value written then.
#[derive(Debug, Clone, Copy)]
struct Ground<'a> {
    at: Option<Stamp>,
    value: Option<&'a Value>,
}

impl Ground<'_> {
    fn floor(&self) -> Option<Floor> {
        self.at.map(|at| at.floor())
    }
}

/// What a node shows at a key, of which nothing is older than its latest delete.
pub(super) fn shown(
    key: &str,
    deleted: Option<Stamp>,
    history: &[&(Stamp, pluresdb::model::Part)],
) -> Shown {
    let writes = || {
        let writes = history
            .iter()
            .flat_map(|(stamp, part)| part.writes.iter().map(move |write| (*stamp, write)));
        writes.filter(|(_, write)| write.path.as_joined() == key)
    };
    let mut ground = Ground { at: deleted, value: None };
    for (stamp, write) in writes() {
        let value = match &write.op {
            Op::Set(value) => Some(value),
            Op::Remove => None,
            Op::Shared(_) => continue,
        };
        if Some(stamp) >= ground.at {
            ground = Ground { at: Some(stamp), value };
        }
    }
    let changes: Vec<(Stamp, &SharedOp)> = writes()
        .filter_map(|(stamp, write)| match &write.op {
            Op::Shared(change) => Some((stamp, change)),
            _ => None,
        })
        .collect();
    let Some((_, first)) = changes.first() else { return Shown::Plain };
    match first.change {
        SharedChange::Counter { .. } => counter(&ground, &changes),
        SharedChange::Set { .. } => set(&ground, &changes),
        SharedChange::List(_) | SharedChange::Text(_) => {
            let counts = changes.iter().any(|(_, change)| change.floor == ground.floor());
            if counts { Shown::Merged } else { Shown::Plain }
        }
    }
}

/// The sum of what was added on top of the ground.
fn counter(ground: &Ground<'_>, changes: &[(Stamp, &SharedOp)]) -> Shown {
    let counts = changes.iter().filter(|(_, op)| op.floor == ground.floor());
    let added: Vec<i64> = counts
        .map(|(_, op)| match op.change {
            SharedChange::Counter { add } => add,
            _ => panic!("a run changes a field as one kind"),
        })
        .collect();
    if added.is_empty() {
        return Shown::Plain;
    }
    let base = match ground.value {
        Some(Value::Int(base)) => *base,
        _ => 0,
    };
    Shown::Value(Value::Int(base + added.iter().sum::<i64>()))
}

/// The latest that became of one actor's adds of one value: up to when they go, and whether the
/// last one was taken out.
type Fate = (Stamp, bool);

/// What was added and not taken out by somebody who saw it.
fn set(ground: &Ground<'_>, changes: &[(Stamp, &SharedOp)]) -> Shown {
    let mut fates: BTreeMap<Vec<u8>, (Value, BTreeMap<ActorId, Fate>)> = BTreeMap::new();
    let mut note = |value: &Value, stamp: Stamp, floor: Option<Floor>, out: bool| {
        if floor < ground.floor() {
            return;
        }
        let key = format!("{value:?}").into_bytes();
        let (_, fates) = fates.entry(key).or_insert_with(|| (value.clone(), BTreeMap::new()));
        let fate = fates.entry(stamp.actor).or_insert((stamp, out));
        *fate = (*fate).max((stamp, out));
    };
    for (stamp, op) in changes {
        let SharedChange::Set { add, remove } = &op.change else {
            panic!("a run changes a field as one kind");
        };
        for value in add {
            note(value, *stamp, op.floor, false);
        }
        for (value, seen) in remove {
            for SeenAdd { stamp, floor } in seen {
                note(value, *stamp, *floor, true);
            }
        }
    }
    if fates.is_empty() {
        return Shown::Plain;
    }
    let base: &[Value] = match ground.value {
        Some(Value::Array(items)) => items,
        _ => &[],
    };
    let is_out = |value: &Value| {
        let Some((_, fates)) = fates.get(&format!("{value:?}").into_bytes()) else { return false };
        let Some(at) = ground.at else { return false };
        let of_it =
            |stamp: &Stamp| stamp.actor == at.actor && *stamp >= at || stamp.floor() == at.floor();
        fates.values().any(|(stamp, out)| *out && of_it(stamp))
    };
    let listed = base.iter().filter(|value| !is_out(value)).cloned();
    let stands = |fates: &BTreeMap<ActorId, Fate>| {
        let taken =
            |stamp: &Stamp| fates.values().any(|(seen, out)| *out && seen.floor() == stamp.floor());
        fates.values().any(|(stamp, out)| !out && !taken(stamp))
    };
    let added = fates.values().filter(|(_, fates)| stands(fates)).map(|(value, _)| value.clone());
    let mut values: Vec<Value> = listed.chain(added).collect();
    values.dedup();
    Shown::Value(Value::Array(arranged(values)))
}

/// Which keys of a node were ever changed as shared fields.
pub(super) fn keys(history: &History) -> Vec<String> {
    let writes = history.iter().flat_map(|(_, part)| &part.writes);
    let mut keys: Vec<String> = writes
        .filter(|write| matches!(write.op, Op::Shared(_)))
        .map(|write| write.path.as_joined().to_owned())
        .collect();
    keys.sort();
    keys.dedup();
    keys
}
