//! The fields that merge by more than the last write: counters, sets, texts and lists.
//!
//! Each builds on a *floor*: the latest delete of the node, or plain write at its path or above. A
//! change names the floor that its writer saw. What was written without having seen the floor goes
//! with it, in whatever order the two arrive; so a delete deletes, and a plain write replaces.

use super::counter::Counter;
use super::doc::{Doc, Ground, Waiting};
use super::set::Elements;
use crate::model::{ActorId, Floor, Path, SharedChange, SharedKind, SharedOp, Stamp, Value};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The shared fields of a node or edge, by path and kind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SharedFields {
    fields: BTreeMap<(Path, SharedKind), SharedField>,
    refused: BTreeMap<Path, Refused>,
}

/// Changes of a text or list that can never be integrated: they are no update of Yjs, or write in
/// another's name. They have no effect, on every replica alike; that they came is kept, so that it
/// can be told. The latest of each actor stands for all of its.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refused {
    /// What they build on; a later floor takes them along.
    pub floor: Option<Floor>,
    /// The latest of each actor.
    pub by: BTreeMap<ActorId, Stamp>,
}

/// The state of one shared field.
#[derive(Debug, Clone, PartialEq)]
pub enum SharedField {
    /// Of a counter.
    Counter(Counter),
    /// Of a set.
    Set(Elements),
    /// Of a text or list.
    Doc(Doc),
}

impl SharedField {
    /// The state before any change.
    #[must_use]
    pub fn new(kind: SharedKind) -> Self {
        match kind {
            SharedKind::Counter => Self::Counter(Counter::default()),
            SharedKind::Set => Self::Set(Elements::default()),
            SharedKind::List | SharedKind::Text => Self::Doc(Doc::default()),
        }
    }

    /// What readers see.
    #[must_use]
    pub fn value(&self, kind: SharedKind, ground: &Ground<'_>) -> Value {
        match self {
            Self::Counter(counter) => counter.value(ground.value()),
            Self::Set(elements) => Value::Array(elements.values(ground.base)),
            Self::Doc(doc) => doc.value(kind, ground),
        }
    }

    /// Gives the changes that can never be integrated.
    fn apply(&mut self, op: SharedOp, stamp: Stamp, ground: &Ground<'_>) -> Vec<Stamp> {
        let floor = op.floor;
        match (self, op.change) {
            (Self::Counter(counter), SharedChange::Counter { add }) => {
                counter.add(stamp, floor, add);
            }
            (Self::Set(elements), SharedChange::Set { add, remove }) => {
                for (value, seen) in &remove {
                    seen.iter().for_each(|seen| elements.remove(value, *seen));
                }
                add.iter().for_each(|value| elements.add(value, stamp, floor));
                // What a remove names may stand on less than the remove itself, or on more.
                elements.forget_before(ground.floor);
            }
            (Self::Doc(doc), change) => {
                let kind = change.kind();
                if let SharedChange::List(update) | SharedChange::Text(update) = change {
                    return doc.add(kind, stamp, Waiting { floor, update }, ground);
                }
            }
            _ => unreachable!("a state is that of its kind"),
        }
        Vec::new()
    }

    fn settle(&mut self, kind: SharedKind, ground: &Ground<'_>) -> Vec<Stamp> {
        match self {
            Self::Counter(counter) => counter.forget_before(ground.floor),
            Self::Set(elements) => elements.forget_before(ground.floor),
            Self::Doc(doc) => return doc.settle(kind, ground),
        }
        Vec::new()
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Counter(counter) => counter.is_empty(),
            Self::Set(elements) => elements.is_empty(),
            Self::Doc(doc) => doc.is_empty(),
        }
    }
}

impl SharedFields {
    /// Folds one change in.
    pub(super) fn apply(&mut self, path: Path, op: SharedOp, stamp: Stamp, ground: &Ground<'_>) {
        let kind = op.change.kind();
        // Each add that a remove names has a floor of its own.
        if op.floor < ground.floor && kind != SharedKind::Set {
            return;
        }
        let key = (path.clone(), kind);
        let field = self.fields.entry(key).or_insert_with(|| SharedField::new(kind));
        let refused = field.apply(op, stamp, ground);
        self.fields.retain(|_, field| !field.is_empty());
        self.refuse(&path, ground.floor, refused);
    }

    fn refuse(&mut self, path: &Path, floor: Option<Floor>, stamps: Vec<Stamp>) {
        for stamp in stamps {
            let refused = self.refused.entry(path.clone()).or_default();
            // What was refused on an earlier floor went when the floor rose.
            refused.floor = floor;
            let latest = refused.by.entry(stamp.actor).or_insert(stamp);
            *latest = stamp.max(*latest);
        }
    }

    /// Drops what does not build on the floors any more, after they rose.
    pub(super) fn settle<'a>(&mut self, ground: impl Fn(&Path) -> Ground<'a>) {
        self.refused.retain(|path, refused| refused.floor >= ground(path).floor);
        let mut refused = Vec::new();
        self.fields.retain(|(path, kind), field| {
            let ground = ground(path);
            let stamps = field.settle(*kind, &ground);
            if !stamps.is_empty() {
                refused.push((path.clone(), ground.floor, stamps));
            }
            !field.is_empty()
        });
        for (path, floor, stamps) in refused {
            self.refuse(&path, floor, stamps);
        }
    }

    /// The changes that can never be integrated, by path.
    pub fn refused(&self) -> impl ExactSizeIterator<Item = (&Path, &Refused)> {
        self.refused.iter()
    }

    pub(super) fn insert_refused(&mut self, path: Path, refused: Refused) {
        self.refused.insert(path, refused);
    }

    /// The field that readers see at a path.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<(SharedKind, &SharedField)> {
        if self.fields.is_empty() {
            return None;
        }
        let kinds = [SharedKind::Text, SharedKind::List, SharedKind::Set, SharedKind::Counter];
        let path = Path::joined(path.into()).ok()?;
        kinds.into_iter().find_map(|kind| Some((kind, self.fields.get(&(path.clone(), kind))?)))
    }

    /// The field of one kind at a path.
    #[must_use]
    pub fn get(&self, path: &Path, kind: SharedKind) -> Option<&SharedField> {
        self.fields.get(&(path.clone(), kind))
    }

    /// All fields, by path and kind.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Path, SharedKind, &SharedField)> {
        self.fields.iter().map(|((path, kind), field)| (path, *kind, field))
    }

    /// The stamps that counters and sets keep.
    pub(super) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.fields.values().flat_map(|field| match field {
            SharedField::Counter(counter) => counter.iter().map(|count| count.stamp).collect(),
            SharedField::Set(elements) => elements.stamps(),
            SharedField::Doc(_) => Vec::new(),
        })
    }

    /// Whether there are none, and no change was left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.refused.is_empty()
    }

    pub(super) fn insert(&mut self, path: Path, kind: SharedKind, field: SharedField) {
        self.fields.insert((path, kind), field);
    }
}
