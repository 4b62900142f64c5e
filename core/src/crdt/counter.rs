//! A counter: the sum of what each actor has added.
//!
//! A PN-counter (Shapiro et al., "A comprehensive study of convergent and commutative replicated
//! data types", 2011) with one signed total for each actor. An actor's changes come in order, as its
//! log is, so one that is not later than the last counted is a repetition.

use crate::model::{ActorId, Floor, Stamp, Value};
use alloc::collections::BTreeMap;

/// The totals of the actors that added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counter(BTreeMap<ActorId, Count>);

/// What one actor has added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    /// Of its latest change.
    pub(super) stamp: Stamp,
    /// What that change builds on.
    pub(super) floor: Option<Floor>,
    /// The sum since the floor.
    pub(super) total: i64,
}

impl Counter {
    /// Folds in an actor's change.
    pub(super) fn add(&mut self, stamp: Stamp, floor: Option<Floor>, by: i64) {
        let mut count = Count { stamp, floor, total: by };
        match self.0.get(&stamp.actor) {
            Some(known) if known.stamp >= stamp => return,
            // What it added before, unless its log has seen a later floor since.
            Some(known) if known.floor == floor => {
                count.total = known.total.saturating_add(by);
            }
            _ => {}
        }
        self.0.insert(stamp.actor, count);
    }

    /// Drops what does not build on `floor`.
    pub(super) fn forget_before(&mut self, floor: Option<Floor>) {
        self.0.retain(|_, count| count.floor >= floor);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, on top of the number that was there before it was a counter. It stays within 64
    /// bits: beyond, it is the largest or smallest number.
    #[must_use]
    pub fn value(&self, base: Option<&Value>) -> Value {
        let sum: i128 = self.0.values().map(|count| i128::from(count.total)).sum();
        let clamp = |sum: i128| {
            let clamped = sum.clamp(i64::MIN.into(), i64::MAX.into());
            Value::Int(i64::try_from(clamped).unwrap_or_default())
        };
        match base {
            Some(Value::Int(base)) => clamp(i128::from(*base) + sum),
            Some(Value::Float(base)) => {
                Value::number(base + sum as f64).unwrap_or_else(|_| clamp(sum))
            }
            _ => clamp(sum),
        }
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Count> {
        self.0.values()
    }
}

impl Extend<Count> for Counter {
    fn extend<I: IntoIterator<Item = Count>>(&mut self, counts: I) {
        self.0.extend(counts.into_iter().map(|count| (count.stamp.actor, count)));
    }
}
