//! The state of one node or edge: whether it exists, its type, its fields.

use super::fields::{Fields, Register};
use super::shared::SharedFields;
use crate::model::{Op, Part, Stamp};
use alloc::string::String;

/// The mergeable state of a node or an edge.
///
/// `put` and `deleted` are the latest of their kind. The entity exists when its latest put is not
/// older than its latest delete: an edit alone does not bring it back, an explicit put does. A
/// delete is also a floor: all that is older is forgotten for good, so a tombstone is two stamps
/// at most, and no late record revives what was deleted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entity {
    /// The latest put.
    pub put: Option<Stamp>,
    /// The latest delete.
    pub deleted: Option<Stamp>,
    /// The type, with the stamp of the write that set it. Edges have none.
    pub kind: Option<(Stamp, String)>,
    /// The registers.
    pub fields: Fields,
    /// The counters, sets, texts and lists.
    pub shared: SharedFields,
    /// The latest change of one of these.
    pub shared_at: Option<Stamp>,
}

impl Entity {
    /// Folds in what one record does to this entity.
    ///
    /// A record has one part for each entity it touches, so two parts never carry one stamp.
    pub fn apply(&mut self, mut part: Part, stamp: Stamp) {
        if part.delete && self.deleted.is_none_or(|deleted| deleted < stamp) {
            self.deleted = Some(stamp);
            self.forget_before(stamp);
        }
        if self.deleted.is_some_and(|deleted| stamp < deleted) {
            return;
        }
        if part.put && self.put.is_none_or(|put| put < stamp) {
            self.put = Some(stamp);
        }
        if let Some(kind) = part.kind
            && self.kind.as_ref().is_none_or(|(old, _)| *old < stamp)
        {
            self.kind = Some((stamp, kind));
        }
        if self.fields.is_empty() && self.shared.is_empty() {
            match Fields::first(part.writes, stamp) {
                Ok(fields) => return self.fields = fields,
                Err(writes) => part.writes = writes,
            }
        }
        for write in part.writes {
            let value = match write.op {
                Op::Set(value) => Some(value),
                Op::Remove => None,
                Op::Shared(op) => {
                    self.shared_at = self.shared_at.max(Some(stamp));
                    let mut shared = core::mem::take(&mut self.shared);
                    let path = write.path.clone();
                    shared.apply(path, op, stamp, &self.ground(write.path.as_joined()));
                    self.shared = shared;
                    continue;
                }
            };
            if self.fields.write(write.path, Register { stamp, value }) {
                self.settle_shared();
            }
        }
    }

    /// Lets shared fields follow the floors that rose.
    fn settle_shared(&mut self) {
        if !self.shared.is_empty() {
            let mut shared = core::mem::take(&mut self.shared);
            shared.settle(|path| self.ground(path.as_joined()));
            self.shared = shared;
        }
    }

    /// Whether reads show it.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.put.is_some_and(|put| self.deleted.is_none_or(|deleted| put >= deleted))
    }

    /// The type, where one was set.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_ref().map(|(_, kind)| kind.as_str())
    }

    /// The latest write of any sort.
    #[must_use]
    pub fn updated(&self) -> Option<Stamp> {
        let registers = self.fields.iter().map(|(_, register)| register.stamp);
        let kind = self.kind.iter().map(|(stamp, _)| *stamp);
        registers.chain(kind).chain(self.put).chain(self.deleted).chain(self.shared_at).max()
    }

    /// Whether anyone but the stamp's actor has written since. What others deleted or took out is
    /// not seen by this.
    #[must_use]
    pub fn is_changed_by_others(&self, since: Stamp) -> bool {
        let registers = self.fields.iter().map(|(_, register)| register.stamp);
        let kind = self.kind.iter().map(|(stamp, _)| *stamp);
        let stamps = registers.chain(kind).chain(self.put).chain(self.deleted);
        let mut stamps = stamps.chain(self.shared_at).chain(self.shared.stamps());
        stamps.any(|stamp| stamp.actor != since.actor && stamp > since)
    }

    /// Takes out the registers that an actor wrote at this stamp and later, which are to be written again
    /// as another's. What they had overwritten does not come back, and need not: it is overwritten again.
    pub fn retract(&mut self, since: Stamp) {
        let stays = |stamp: &Stamp| stamp.actor != since.actor || *stamp < since;
        self.put = self.put.filter(stays);
        self.deleted = self.deleted.filter(stays);
        self.kind.take_if(|(stamp, _)| !stays(stamp));
        self.fields.retain(stays);
    }

    fn forget_before(&mut self, floor: Stamp) {
        self.fields.forget_before(floor);
        self.put = self.put.filter(|put| *put >= floor);
        self.shared_at = self.shared_at.filter(|at| *at >= floor);
        if self.kind.as_ref().is_some_and(|(stamp, _)| *stamp < floor) {
            self.kind = None;
        }
        self.settle_shared();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crdt::{Leaves, Parts};
    use crate::model::{ActorId, Hlc, Map, Path, Target, Value, Write};
    use alloc::vec;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn stamp(ms: u64, actor: u8) -> Stamp {
        Stamp { hlc: Hlc::at(ms), actor: ActorId([actor; 16]) }
    }

    fn part(put: bool, delete: bool, writes: Vec<Write>) -> Part {
        let kind = put.then(|| "Note".into());
        Part { target: Target::Node("n".into()), delete, put, kind, writes }
    }

    fn write(path: &str, value: Option<i64>) -> Write {
        let path = Path::joined(path.replace('.', "\0")).unwrap();
        value.map_or_else(
            || Write::remove(path.clone()),
            |v| Write::set(path.clone(), Value::Int(v)),
        )
    }

    fn fold(parts: &[(Stamp, Part)]) -> Entity {
        parts.iter().fold(Entity::default(), |mut entity, (stamp, part)| {
            entity.apply(part.clone(), *stamp);
            entity
        })
    }

    #[test]
    fn an_edit_does_not_revive_and_a_put_does() {
        let mut entity = fold(&[
            (stamp(1, 1), part(true, false, vec![write("a", Some(1))])),
            (stamp(2, 1), part(false, true, vec![])),
            (stamp(3, 2), part(false, false, vec![write("b", Some(2))])),
        ]);
        assert!(!entity.exists());
        entity.apply(part(true, false, vec![]), stamp(4, 1));
        assert!(entity.exists());
        assert_eq!(entity.object(), Map::from([("b".into(), Value::Int(2))]));
    }

    #[test]
    fn concurrent_writes_to_an_object_merge_key_by_key() {
        let entity = fold(&[
            (stamp(1, 1), part(true, false, vec![write("size.w", Some(1))])),
            (stamp(1, 2), part(false, false, vec![write("size.h", Some(2))])),
        ]);
        let size = Value::from([("w", Value::Int(1)), ("h", Value::Int(2))]);
        assert_eq!(entity.object(), Map::from([("size".into(), size)]));
    }

    #[test]
    fn a_later_scalar_replaces_the_object_and_a_later_key_replaces_the_scalar() {
        let mut entity = fold(&[
            (stamp(1, 1), part(true, false, vec![write("a.b", Some(1)), write("a.c", Some(2))])),
            (stamp(2, 1), part(false, false, vec![write("a", Some(7))])),
        ]);
        assert_eq!(entity.object(), Map::from([("a".into(), Value::Int(7))]));
        entity.apply(part(false, false, vec![write("a.d", Some(3))]), stamp(3, 1));
        let object = Value::from([("d", Value::Int(3))]);
        assert_eq!(entity.object(), Map::from([("a".into(), object)]));
    }

    fn any_part() -> impl Strategy<Value = Part> {
        let paths = prop::sample::select(vec!["a", "b", "a.x", "a.y", "a.x.p", "b.x"]);
        let write =
            (paths, prop::option::of(0..5_i64)).prop_map(|(path, value)| write(path, value));
        let writes = prop::collection::vec(write, 0..4).prop_map(|mut writes| {
            writes.sort_by(|a, b| a.path.cmp(&b.path));
            writes.dedup_by(|a, b| a.path == b.path);
            writes
        });
        (any::<bool>(), prop::bool::weighted(0.3), writes)
            .prop_map(|(put, delete, writes)| part(put, delete, writes))
    }

    type History = Vec<(Stamp, Part)>;

    /// Parts, each with a stamp of its own, and the same in another order with repetitions.
    fn any_history() -> impl Strategy<Value = (History, History)> {
        let parts = prop::collection::vec((0..4_u64, any_part()), 1..12).prop_map(|parts| {
            let stamped = parts.into_iter().enumerate();
            let stamped = stamped.map(|(i, (ms, part))| (stamp(ms, i as u8), part));
            stamped.collect::<Vec<_>>()
        });
        parts.prop_flat_map(|parts| {
            let twice = [parts.clone(), parts.clone()].concat();
            (Just(parts), Just(twice).prop_shuffle())
        })
    }

    proptest! {
        #[test]
        fn any_order_with_repetitions_gives_equal_bytes((once, shuffled) in any_history()) {
            let (a, b) = (fold(&once), fold(&shuffled));
            prop_assert_eq!(a.encode(&a.leaves()), b.encode(&b.leaves()));
            prop_assert_eq!(a.encode(&Leaves::new()), b.encode(&Leaves::new()));
            prop_assert_eq!(a.object(), b.object());
        }

        #[test]
        fn a_state_reads_back_what_it_wrote((parts, _) in any_history()) {
            let entity = fold(&parts);
            for leaves in [entity.leaves(), Leaves::new()] {
                let stored = entity.encode(&leaves);
                let object = (!leaves.is_empty()).then(|| entity.object());
                let kind = entity.kind().map(String::from);
                let parts = Parts { state: &stored.state, docs: None, object, kind };
                prop_assert_eq!(&Entity::decode(parts).unwrap(), &entity);
            }
        }
    }
}
