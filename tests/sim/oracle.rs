//! What a set of records means, worked out the slow and plain way.
//!
//! All that was ever done to one node is looked at at once, so there is no order in which things
//! arrive and nothing to merge: a write counts unless a later one covers it.

mod shared;

use pluresdb::codec::decode_record;
use pluresdb::model::{EdgeRef, Op, Part, Stamp, Target};
use pluresdb::{Map, Value};
use shared::Shown;
use std::collections::{BTreeMap, BTreeSet};

/// What readers see.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct World {
    pub(crate) nodes: BTreeMap<String, (String, Map)>,
    pub(crate) edges: BTreeMap<(String, String, String, String), Map>,
    /// Texts and lists, by node and key: the shared fields whose value is not worked out here.
    pub(crate) merged: BTreeSet<(String, String)>,
}

type History = Vec<(Stamp, Part)>;

impl World {
    /// Gives texts and lists the values that a database made of the same records shows.
    pub(crate) fn take_merged(&mut self, made: &Self) {
        for (id, key) in &self.merged {
            let value = made.nodes.get(id).and_then(|(_, data)| data.get(key));
            if let (Some(value), Some((_, data))) = (value, self.nodes.get_mut(id)) {
                data.insert(key.clone(), value.clone());
            }
        }
        self.merged.clear();
    }

    /// The meaning of these records, in whatever order.
    pub(crate) fn of<'a>(records: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut histories: BTreeMap<Target, History> = BTreeMap::new();
        for bytes in records {
            let record = decode_record(bytes).expect("the engine writes what can be read");
            let stamp = record.header.stamp();
            for part in record.parts {
                histories.entry(part.target.clone()).or_default().push((stamp, part));
            }
        }
        let mut world = Self::default();
        for (target, history) in &histories {
            if let (Target::Node(id), Some((kind, mut data))) = (target, visible(history)) {
                let deleted = latest(history.iter().filter(|(_, part)| part.delete));
                let after: Vec<_> =
                    history.iter().filter(|(stamp, _)| Some(*stamp) >= deleted).collect();
                for key in shared::keys(history) {
                    match shared::shown(&key, deleted, &after) {
                        Shown::Plain => {}
                        Shown::Value(value) => drop(data.insert(key, value)),
                        Shown::Merged => {
                            data.remove(&key);
                            world.merged.insert((id.clone(), key));
                        }
                    }
                }
                world.nodes.insert(id.clone(), (kind.unwrap_or_default(), data));
            }
        }
        for (target, history) in &histories {
            if let (Target::Edge(edge), Some((_, data))) = (target, visible(history))
                && world.nodes.contains_key(&edge.source)
                && world.nodes.contains_key(&edge.target)
            {
                let EdgeRef { source, label, target, key } = edge.clone();
                world.edges.insert((source, label, target, key), data);
            }
        }
        world
    }
}

/// Type and fields, where it exists.
fn visible(history: &History) -> Option<(Option<String>, Map)> {
    let deleted = latest(history.iter().filter(|(_, part)| part.delete));
    let after: Vec<_> = history.iter().filter(|(stamp, _)| Some(*stamp) >= deleted).collect();
    latest(after.iter().copied().filter(|(_, part)| part.put))?;
    let kinds = after.iter().filter_map(|(stamp, part)| Some((*stamp, part.kind.clone()?)));
    let kind = kinds.max_by_key(|(stamp, _)| *stamp).map(|(_, kind)| kind);
    let writes = after.iter().flat_map(|(stamp, part)| {
        part.writes.iter().filter_map(move |write| {
            let value = match &write.op {
                Op::Set(value) => Some(value.clone()),
                Op::Remove => None,
                Op::Shared(_) => return None,
            };
            let path = write.path.keys().map(String::from).collect();
            Some(Seen { path, stamp: *stamp, value })
        })
    });
    Some((kind, fields(&writes.collect::<Vec<_>>())))
}

fn latest<'a>(history: impl Iterator<Item = &'a (Stamp, Part)>) -> Option<Stamp> {
    history.map(|(stamp, _)| *stamp).max()
}

#[derive(Debug)]
struct Seen {
    path: Vec<String>,
    stamp: Stamp,
    value: Option<Value>,
}

/// The object that these writes leave.
fn fields(writes: &[Seen]) -> Map {
    let counts = |write: &&Seen| {
        !writes.iter().any(|other| write.path.starts_with(&other.path) && other.stamp > write.stamp)
    };
    let mut left: Vec<&Seen> = writes.iter().filter(counts).collect();
    // The deepest first: what is below a path hides the path's own value.
    left.sort_by_key(|write| std::cmp::Reverse(write.path.len()));
    let below =
        |path: &[String], other: &[String]| other.len() > path.len() && other.starts_with(path);
    let mut leaves: Vec<(&[String], Value)> = Vec::new();
    for write in &left {
        let Some(value) = &write.value else { continue };
        if leaves.iter().any(|(path, _)| below(&write.path, path)) {
            continue;
        }
        let emptied = left.iter().any(|other| below(&write.path, &other.path));
        let value = if emptied { Value::Object(Map::new()) } else { value.clone() };
        leaves.push((&write.path, value));
    }
    let mut object = Map::new();
    for (path, value) in leaves {
        place(&mut object, path, value);
    }
    object
}

fn place(object: &mut Map, path: &[String], value: Value) {
    match path {
        [] => {}
        [key] => {
            object.insert(key.clone(), value);
        }
        [key, rest @ ..] => {
            let child = object.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(child) = child {
                place(child, rest, value);
            }
        }
    }
}
