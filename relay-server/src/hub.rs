//! Who is listening to which space, and what was written last.
//!
//! The thread that commits announces each space's new records here, in order. Connections that
//! are up to date read them from a ring in memory; the others from the store.

use crate::store::{PlacedRecord, Range};
use pluresdb::model::SpaceId;
use pluresdb::sync::MAX_FRAME_RECORDS;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::watch;

/// Bytes of records that the ring of a space keeps, as long as it holds more than one.
const RING_BYTES: usize = 1024 * 1024;

/// All spaces that somebody listens to.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    spaces: Mutex<HashMap<SpaceId, Weak<Listened>>>,
}

#[derive(Debug)]
struct Listened {
    ring: Mutex<Ring>,
    head: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Ring {
    records: VecDeque<PlacedRecord>,
    bytes: usize,
}

/// One connection's ear on a space.
#[derive(Debug)]
pub(crate) struct Subscription {
    hub: Arc<Hub>,
    id: SpaceId,
    space: Arc<Listened>,
    /// The last position of the log, as of the last announcement.
    pub(crate) head: watch::Receiver<u64>,
}

impl Hub {
    pub(crate) fn subscribe(self: &Arc<Self>, id: SpaceId) -> Subscription {
        let mut spaces = lock(&self.spaces);
        let known = spaces.get(&id).and_then(Weak::upgrade);
        let space = known.unwrap_or_else(|| {
            let ring = Mutex::default();
            let head = watch::Sender::new(0);
            let space = Arc::new(Listened { ring, head });
            spaces.insert(id, Arc::downgrade(&space));
            space
        });
        let head = space.head.subscribe();
        Subscription { hub: Arc::clone(self), id, space, head }
    }

    /// New records of a space, durable, following those of the last announcement.
    pub(crate) fn announce(&self, id: &SpaceId, records: Vec<PlacedRecord>) {
        let space = lock(&self.spaces).get(id).and_then(Weak::upgrade);
        let (Some(space), Some(last)) = (space, records.last()) else {
            return;
        };
        let head = last.stored.position;
        lock(&space.ring).extend(records);
        space.head.send_replace(head);
    }
}

impl Subscription {
    /// The log after a position, where the ring still has it.
    pub(crate) fn recent(&self, after: u64, max_bytes: usize) -> Option<Range> {
        lock(&self.space.ring).range(after, max_bytes)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut spaces = lock(&self.hub.spaces);
        // Subscribing takes the same lock, so nobody can come in between.
        if Arc::strong_count(&self.space) == 1 {
            spaces.remove(&self.id);
        }
    }
}

impl Ring {
    fn extend(&mut self, records: Vec<PlacedRecord>) {
        for record in records {
            self.bytes += record.stored.record.len();
            self.records.push_back(record);
        }
        while self.bytes > RING_BYTES && self.records.len() > 1 {
            if let Some(oldest) = self.records.pop_front() {
                self.bytes -= oldest.stored.record.len();
            }
        }
    }

    fn range(&self, after: u64, max_bytes: usize) -> Option<Range> {
        let first = self.records.front()?.stored.position;
        let skip = usize::try_from((after + 1).checked_sub(first)?).ok()?;
        let next = self.records.get(skip)?;
        let mut range = Range { last: after, mark: next.mark, records: Vec::new() };
        let mut bytes = 0;
        for placed in self.records.iter().skip(skip).take(MAX_FRAME_RECORDS) {
            bytes += placed.stored.record.len();
            if bytes > max_bytes && !range.records.is_empty() {
                break;
            }
            range.last = placed.stored.position;
            range.mark = placed.mark;
            range.records.push(placed.stored.clone());
        }
        Some(range)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluresdb::sync::{Mark, StoredRecord};

    fn placed(position: u64, bytes: usize) -> PlacedRecord {
        let mark = Mark([position as u8; 16]);
        PlacedRecord { stored: StoredRecord { position, record: vec![0; bytes].into() }, mark }
    }

    fn positions(range: &Range) -> Vec<u64> {
        range.records.iter().map(|stored| stored.position).collect()
    }

    #[test]
    fn the_ring_gives_what_follows_a_position_and_keeps_to_the_size_asked_for() {
        let hub = Arc::new(Hub::default());
        let space = SpaceId([1; 16]);
        let ear = hub.subscribe(space);
        hub.announce(&space, (5..=9).map(|position| placed(position, 100)).collect());
        assert_eq!(*ear.head.borrow(), 9);
        let range = ear.recent(5, 250).unwrap();
        assert_eq!(positions(&range), [6, 7]);
        assert_eq!((range.last, range.mark), (7, Mark([7; 16])));
        assert_eq!(positions(&ear.recent(8, 1).unwrap()), [9]);
        assert_eq!(ear.recent(3, 1_000), None, "position 4 was before the ring");
        assert_eq!(ear.recent(9, 1_000), None);
    }

    #[test]
    fn the_ring_forgets_the_oldest_beyond_its_size() {
        let mut ring = Ring::default();
        ring.extend((1..=5).map(|position| placed(position, 400_000)).collect());
        assert!(ring.bytes <= RING_BYTES);
        assert_eq!(ring.range(0, 1), None);
        assert_eq!(positions(&ring.range(4, 1).unwrap()), [5]);
    }

    #[test]
    fn a_space_without_listeners_takes_no_memory() {
        let hub = Arc::new(Hub::default());
        let space = SpaceId([1; 16]);
        let ears = [hub.subscribe(space), hub.subscribe(space)];
        assert_eq!(lock(&hub.spaces).len(), 1);
        drop(ears);
        assert_eq!(lock(&hub.spaces).len(), 0);
    }
}
