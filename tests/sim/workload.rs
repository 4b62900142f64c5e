//! What users do: transactions on a few ids that everybody touches and many that few do.

mod shared;

use crate::failure::{Checked, broken, engine};
use crate::rng::Rng;
use pluresdb::model::Path;
use pluresdb::{Database, Direction, Error, Map, Transaction, Value};
use shared::Change;
use std::collections::{BTreeMap, BTreeSet};

const HOT_IDS: u64 = 4;
const COLD_IDS: u64 = 40;
const FIELDS: [&str; 9] = ["a", "b", "c", "a\0x", "a\0y", "a\0x\0p", "b\0x", "", "d.e"];

/// One thing a transaction does.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Put { id: String, kind: &'static str, data: Map },
    Patch { id: String, patch: Vec<(Path, Option<Value>)> },
    Delete { id: String },
    Link { source: String, label: &'static str, target: String, data: Map },
    Unlink { source: String, label: &'static str, target: String },
    Change { id: String, change: Change },
}

/// What is done instead of a transaction of the user's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Back {
    Undo,
    Redo,
}

/// Some nodes with the edges from them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    nodes: BTreeMap<String, Option<(String, Map)>>,
    edges: BTreeMap<(String, String, String, String), Map>,
}

/// One transaction.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) ops: Vec<Op>,
    /// Fails at its end, so that nothing of it may stay.
    pub(crate) gives_up: bool,
    pub(crate) back: Option<Back>,
}

impl Work {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let count = if rng.percent(70) { 1 } else { rng.between(2, 6) };
        let back = match rng.below(100) {
            0..6 => Some(Back::Undo),
            6..9 => Some(Back::Redo),
            _ => None,
        };
        let ops = (0..count).map(|_| Op::draw(rng)).collect();
        Self { ops, gives_up: rng.percent(3), back }
    }

    pub(crate) const fn back(back: Back) -> Self {
        Self { ops: Vec::new(), gives_up: false, back: Some(back) }
    }

    /// Runs it; true when it was committed.
    pub(crate) fn run(&self, db: &mut Database) -> Checked<bool> {
        match self.back {
            Some(Back::Undo) => return Ok(engine(db.undo())?.is_some()),
            Some(Back::Redo) => return Ok(engine(db.redo())?.is_some()),
            None => {}
        }
        let outcome = db.transaction(|tx| {
            self.ops.iter().try_for_each(|op| op.run(tx))?;
            if self.gives_up { Err(Error::NotFound { id: String::new() }) } else { Ok(()) }
        });
        match outcome {
            Err(Error::NotFound { id }) if self.gives_up && id.is_empty() => return Ok(false),
            outcome => engine(outcome)?,
        }
        Ok(true)
    }

    /// What readers see of all that it touches.
    pub(crate) fn seen(&self, db: &Database) -> Checked<Seen> {
        let ids = self.ops.iter().flat_map(Op::ids).collect::<BTreeSet<_>>();
        let mut seen = Seen::default();
        for id in ids {
            let node =
                engine(db.get(id))?.map(|node| (node.kind, shared::without_empty(node.data)));
            for edge in engine(db.edges(id, Direction::Out, None, usize::MAX >> 1))? {
                seen.edges.insert((edge.source, edge.label, edge.target, edge.key), edge.data);
            }
            seen.nodes.insert(id.to_owned(), node);
        }
        Ok(seen)
    }

    /// What was written last is read at once.
    pub(crate) fn is_read_back(&self, db: &Database) -> Checked {
        if self.back.is_some() {
            return Ok(());
        }
        let Some(Op::Put { id, kind, data }) = self.ops.last() else {
            return Ok(());
        };
        let read = engine(db.get(id))?;
        if read.as_ref().is_some_and(|node| node.kind == *kind && node.data == *data) {
            return Ok(());
        }
        broken("a write is read back", format!("{id}: put {data:?} as {kind}, read {read:?}"))
    }
}

impl Op {
    fn draw(rng: &mut Rng) -> Self {
        let label = *rng.pick(&["to", "of"]);
        match rng.below(100) {
            0..35 => Self::Put {
                id: id(rng),
                kind: rng.pick::<&str>(&["Note", "Task", "Person"]),
                data: data(rng),
            },
            35..50 => Self::Patch {
                id: id(rng),
                patch: (0..rng.between(1, 3)).map(|_| (path(rng), patch_value(rng))).collect(),
            },
            50..68 => Self::Change { id: id(rng), change: Change::draw(rng) },
            68..75 => Self::Delete { id: id(rng) },
            75..92 => Self::Link {
                source: id(rng),
                label,
                target: id(rng),
                data: (0..rng.below(2)).map(|_| (field(rng), value(rng, 1))).collect(),
            },
            _ => Self::Unlink { source: id(rng), label, target: id(rng) },
        }
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        let (id, other) = match self {
            Self::Put { id, .. }
            | Self::Patch { id, .. }
            | Self::Delete { id }
            | Self::Change { id, .. } => (id, None),
            Self::Link { source, target, .. } | Self::Unlink { source, target, .. } => {
                (source, Some(target))
            }
        };
        std::iter::once(id).chain(other).map(String::as_str)
    }

    fn run(&self, tx: &mut Transaction<'_, '_>) -> Result<(), Error> {
        let outcome = match self {
            Self::Put { id, kind, data } => tx.put(id, kind, data.clone()),
            Self::Patch { id, patch } => tx.patch(id, patch.clone()),
            Self::Delete { id } => tx.delete(id).map(drop),
            Self::Link { source, label, target, data } => {
                tx.link(source, label, target, data.clone())
            }
            Self::Unlink { source, label, target } => tx.unlink(source, label, target).map(drop),
            Self::Change { id, change } => change.run(tx, id),
        };
        match outcome {
            // It was deleted, or is not here yet: nothing to do.
            Err(Error::NotFound { .. }) => Ok(()),
            outcome => outcome,
        }
    }
}

fn data(rng: &mut Rng) -> Map {
    let mut data: Map = (0..rng.below(4)).map(|_| (field(rng), value(rng, 0))).collect();
    for _ in 0..rng.below(3) {
        let (key, value) = shared::plain(rng);
        data.insert(key.into(), value);
    }
    data
}

fn id(rng: &mut Rng) -> String {
    if rng.percent(65) {
        format!("hot{}", rng.below(HOT_IDS))
    } else {
        format!("cold{}", rng.below(COLD_IDS))
    }
}

fn field(rng: &mut Rng) -> String {
    let path = *rng.pick(&FIELDS);
    path.split('\0').next().unwrap_or_default().into()
}

fn path(rng: &mut Rng) -> Path {
    let joined = *rng.pick(&FIELDS);
    Path::joined(joined.into()).expect("these are paths")
}

fn patch_value(rng: &mut Rng) -> Option<Value> {
    (!rng.percent(20)).then(|| value(rng, 0))
}

fn value(rng: &mut Rng, depth: u32) -> Value {
    match rng.below(if depth < 2 { 10 } else { 7 }) {
        0..4 => Value::Int(rng.below(1000) as i64),
        4 => Value::Text(format!("text {}", rng.below(100))),
        5 => Value::Null,
        6 => Value::Float(rng.below(100) as f64 + 0.5),
        7 => Value::Array((0..rng.below(3)).map(|_| value(rng, depth + 1)).collect()),
        _ => Value::Object(
            (0..rng.below(3))
                .map(|_| (rng.pick(&["x", "y", "p"]).to_string(), value(rng, depth + 1)))
                .collect(),
        ),
    }
}
