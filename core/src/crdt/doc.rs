//! A text or list field: one document of Yjs, kept as bytes and opened when touched.
//!
//! Each field has a document of its own, so that a delete or a plain write forgets that field's
//! alone. What integrates changes is in `text.rs`; without the feature `text` they only wait.

use crate::model::{Floor, SharedKind, Stamp, Value};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The document of one field, of the changes that build on one floor.
#[derive(Debug, Clone, Default)]
pub struct Doc {
    /// What the document builds on.
    pub(super) floor: Option<Floor>,
    /// For each client of Yjs, how many of its operations are in.
    pub(super) clocks: BTreeMap<u64, u32>,
    /// The whole document as an update of Yjs, version 1; empty before the first change.
    pub(super) state: Vec<u8>,
    /// Changes that came before what they build on, by the stamp of their record.
    pub(super) waiting: BTreeMap<Stamp, Waiting>,
    /// What readers see, if it is at hand.
    pub(super) content: Option<Value>,
}

impl Doc {
    /// The clients of Yjs whose operations are in.
    pub fn clients(&self) -> impl Iterator<Item = u64> {
        self.clocks.keys().copied()
    }
}

/// Two documents are equal when the same changes are in. Yjs may keep these in other bytes.
impl PartialEq for Doc {
    fn eq(&self, other: &Self) -> bool {
        self.floor == other.floor && self.clocks == other.clocks && self.waiting == other.waiting
    }
}

/// A change that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) floor: Option<Floor>,
    pub(super) update: Vec<u8>,
}

/// What a field's document stands on: the latest delete or plain write at or above its path, and
/// the plain value there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ground<'a> {
    /// When that was.
    pub floor: Option<Floor>,
    /// The register at the path.
    pub base: Option<(&'a Value, Stamp)>,
}

impl<'a> Ground<'a> {
    /// The plain value at the path.
    #[must_use]
    pub fn value(&self) -> Option<&'a Value> {
        self.base.map(|(value, _)| value)
    }
}

impl Doc {
    /// Folds in the change of the record with this stamp. Gives what [`Doc::settle`] gives.
    pub(super) fn add(
        &mut self,
        kind: SharedKind,
        stamp: Stamp,
        change: Waiting,
        ground: &Ground<'_>,
    ) -> Vec<Stamp> {
        self.waiting.insert(stamp, change);
        self.settle(kind, ground)
    }

    /// Drops what does not build on the floor, and integrates what it waited for. Gives the changes
    /// that can never be integrated and are left out.
    pub(super) fn settle(&mut self, kind: SharedKind, ground: &Ground<'_>) -> Vec<Stamp> {
        if self.floor < ground.floor {
            *self = Self { waiting: core::mem::take(&mut self.waiting), ..Self::default() };
            self.floor = ground.floor;
        }
        self.waiting.retain(|_, change| change.floor >= ground.floor);
        if self.waiting.values().any(|change| change.floor == ground.floor) {
            return super::text::integrate(self, kind, ground);
        }
        Vec::new()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.clocks.is_empty() && self.waiting.is_empty()
    }

    /// What readers see: a text or a list.
    #[must_use]
    pub fn value(&self, kind: SharedKind, ground: &Ground<'_>) -> Value {
        match &self.content {
            Some(content) => content.clone(),
            None => super::text::content(self, kind, ground),
        }
    }
}
