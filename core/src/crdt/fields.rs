//! The fields of a node: one last-writer-wins register for each leaf path.
//!
//! A register holds a scalar, a list or an empty object, or says that its path was removed. A
//! write at a path also overwrites everything below it. So write `(p, s)` is *dominated* by
//! `(q, t)` when `q` is `p` or leads to `p`, and `t` is the later stamp. The state is the set of
//! writes that no other dominates: the join of a semilattice, whatever the order of arrival.

use super::view::{Backwards, Leaves};
use crate::model::{Map, Op, Path, Stamp, Value, Write};
use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Bound;

/// One register.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    /// When and by whom it was last written.
    pub stamp: Stamp,
    /// Its value, `None` where the field was removed.
    pub value: Option<Value>,
}

/// The registers of one node or edge.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields(BTreeMap<Path, Register>);

impl Fields {
    /// Folds one write in. Gives false for one that changes nothing, since another dominates it.
    pub fn write(&mut self, path: Path, register: Register) -> bool {
        let dominated = path
            .ancestors()
            .filter_map(|ancestor| self.0.get(ancestor))
            .any(|above| above.stamp > register.stamp);
        if dominated || self.0.get(&path).is_some_and(|old| old.stamp > register.stamp) {
            return false;
        }
        // Records hold their writes in the order of paths: mostly nothing is there or below yet.
        if self.0.last_key_value().is_none_or(|(last, _)| *last < path) {
            self.0.insert(path, register);
            return true;
        }
        let below: Vec<Path> = self
            .below(path.as_joined())
            .filter(|(_, old)| old.stamp < register.stamp)
            .map(|(path, _)| path.clone())
            .collect();
        for path in below {
            self.0.remove(&path);
        }
        self.0.insert(path, register);
        true
    }

    /// The registers of the first writes to a node, all with one stamp, so that none dominates
    /// another; the writes again where one is of a shared field.
    pub(super) fn first(writes: Vec<Write>, stamp: Stamp) -> Result<Self, Vec<Write>> {
        if writes.iter().any(|write| matches!(write.op, Op::Shared(_))) {
            return Err(writes);
        }
        let registers = writes.into_iter().map(|write| {
            let value = match write.op {
                Op::Set(value) => Some(value),
                Op::Remove | Op::Shared(_) => None,
            };
            (write.path, Register { stamp, value })
        });
        Ok(Self(registers.collect()))
    }

    /// Drops every write that is older than `floor`.
    pub fn forget_before(&mut self, floor: Stamp) {
        self.retain(|stamp| *stamp >= floor);
    }

    /// Keeps the writes of some stamps.
    pub(super) fn retain(&mut self, keep: impl Fn(&Stamp) -> bool) {
        self.0.retain(|_, register| keep(&register.stamp));
    }

    /// All registers in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Register)> {
        self.0.iter()
    }

    /// How many registers there are, removed fields included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The register at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Register> {
        self.0.get(path)
    }

    /// The visible values where there are registers only.
    pub(super) fn leaves(&self) -> Leaves<'_> {
        let mut leaves = Backwards::default();
        let mut next: Option<&Path> = None;
        for (path, register) in self.0.iter().rev() {
            let next = next.replace(path);
            let path = path.as_joined();
            let Some(value) = &register.value else {
                continue;
            };
            if leaves.has_below(path) {
                continue;
            }
            // A value whose path was turned into an object that is now empty reads as that object.
            let emptied = next.is_some_and(|next| next.is_below(path));
            let empty = || Cow::Owned(Value::Object(Map::new()));
            leaves.push(path, if emptied { empty() } else { Cow::Borrowed(value) });
        }
        leaves.leaves()
    }

    fn below<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a Path, &'a Register)> {
        self.0
            .range::<str, _>((Bound::Excluded(path), Bound::Unbounded))
            .take_while(move |(candidate, _)| candidate.is_below(path))
    }
}

impl From<BTreeMap<Path, Register>> for Fields {
    fn from(registers: BTreeMap<Path, Register>) -> Self {
        Self(registers)
    }
}
