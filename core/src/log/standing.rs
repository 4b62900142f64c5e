//! Where one record stands to everything that is known, and what it is to wait for.

use crate::model::{ActorId, Head, Header, MAX_DRIFT_MS, Place, RecordHash};

/// From this far ahead a record does not just wait for its time: a clock is wrong by days, here or
/// there, and the user is to know.
pub const STALLED_MS: u64 = 24 * 60 * 60 * 1000;

/// What is to become of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It continues the log, and all that it builds on is there: apply it.
    Next,
    /// It is in the log.
    Known,
    /// It can follow only when this record is there: the one before it, or one it depends on.
    WaitsFor {
        /// Whose.
        actor: ActorId,
        /// Which.
        seq: u64,
    },
    /// It is of a clock that is ahead, and counts from this time on.
    Held {
        /// Milliseconds since 1970.
        due: u64,
    },
    /// Another record has its number, and both follow the same one: two writers were one actor, and
    /// here their logs part. Told before what it waits for: which branch stays is decided as they come.
    Fork,
    /// It continues another branch of its actor's log than the one here; they part further back.
    Astray,
}

/// What the rules ask of a log. `E` is what can go wrong with reading it.
pub trait Known<E> {
    /// The end of an actor's log.
    fn head(&self, actor: &ActorId) -> Head;

    /// Up to which number records of an actor were forgotten: they are in, and their bytes are gone.
    fn forgotten(&self, actor: &ActorId) -> Result<u64, E>;

    /// The hash of a record of the log, of the last one forgotten as well.
    fn hash(&self, actor: &ActorId, seq: u64) -> Result<Option<RecordHash>, E>;

    /// The lowest number from which on records of an actor were moved to another one.
    fn moved_from(&self, actor: &ActorId) -> Result<Option<u64>, E>;
}

/// Judges a record. `now` is wall-clock milliseconds, `None` for a record that has counted on this
/// device already and so is not held.
pub fn standing<E>(
    log: &impl Known<E>,
    header: &Header,
    hash: RecordHash,
    now: Option<u64>,
) -> Result<Standing, E> {
    let Header { actor, seq, prev, .. } = header;
    match log.head(actor).place(header) {
        Place::Gap { .. } => return Ok(Standing::WaitsFor { actor: *actor, seq: seq - 1 }),
        Place::Fork => return Ok(Standing::Astray),
        Place::Next => {}
        Place::Past if log.hash(actor, *seq)? == Some(hash) => return Ok(Standing::Known),
        // What it was cannot be compared any more.
        Place::Past if *seq <= log.forgotten(actor)? => return Ok(Standing::Known),
        Place::Past => {
            let before = match seq {
                1 => Some(RecordHash::ZERO),
                _ => log.hash(actor, seq - 1)?,
            };
            let parts_here = before == Some(*prev);
            return Ok(if parts_here { Standing::Fork } else { Standing::Astray });
        }
    }
    for dependency in &header.deps {
        let (actor, seq) = (dependency.actor, dependency.seq);
        // What was moved is here under another name, or will be; its number may never come again.
        if log.head(&actor).seq < seq && log.moved_from(&actor)?.is_none_or(|from| seq < from) {
            return Ok(Standing::WaitsFor { actor, seq });
        }
    }
    let due = header.hlc.ms().saturating_sub(MAX_DRIFT_MS);
    if now.is_some_and(|now| now < due) {
        return Ok(Standing::Held { due });
    }
    Ok(Standing::Next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Dependency, Hlc, SpaceId};
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;
    use core::convert::Infallible;

    const A: ActorId = ActorId([1; 16]);
    const B: ActorId = ActorId([2; 16]);

    #[derive(Default)]
    struct Logs {
        logs: BTreeMap<ActorId, Vec<RecordHash>>,
        moved: BTreeMap<ActorId, u64>,
        forgotten: u64,
    }

    impl Known<Infallible> for Logs {
        fn head(&self, actor: &ActorId) -> Head {
            let log = self.logs.get(actor).map_or(&[][..], Vec::as_slice);
            Head { seq: log.len() as u64, hash: log.last().copied().unwrap_or_default() }
        }

        fn forgotten(&self, _: &ActorId) -> Result<u64, Infallible> {
            Ok(self.forgotten)
        }

        fn hash(&self, actor: &ActorId, seq: u64) -> Result<Option<RecordHash>, Infallible> {
            if seq < self.forgotten {
                return Ok(None);
            }
            Ok(self.logs.get(actor).and_then(|log| log.get(seq as usize - 1)).copied())
        }

        fn moved_from(&self, actor: &ActorId) -> Result<Option<u64>, Infallible> {
            Ok(self.moved.get(actor).copied())
        }
    }

    /// Hashes of A's records are their numbers.
    fn logs() -> Logs {
        Logs { logs: [(A, (1..=4).map(number).collect())].into(), ..Logs::default() }
    }

    fn number(number: u8) -> RecordHash {
        RecordHash([number; 32])
    }

    fn header(seq: u64, prev: RecordHash) -> Header {
        let (space, hlc, deps) = (SpaceId::ZERO, Hlc::at(1_000_000), Vec::new());
        Header { space, actor: A, seq, prev, hlc, epoch: 0, deps }
    }

    fn judge(log: &Logs, header: &Header, hash: RecordHash) -> Standing {
        let Ok(standing) = standing(log, header, hash, Some(1_000_000));
        standing
    }

    #[test]
    fn the_next_record_is_applied_and_a_later_one_waits_for_the_one_before() {
        let log = logs();
        assert_eq!(judge(&log, &header(5, number(4)), number(5)), Standing::Next);
        let waits = Standing::WaitsFor { actor: A, seq: 6 };
        assert_eq!(judge(&log, &header(7, number(6)), number(7)), waits);
        assert_eq!(judge(&log, &header(3, number(2)), number(3)), Standing::Known);
    }

    #[test]
    fn a_fork_is_where_two_records_follow_one() {
        let log = logs();
        assert_eq!(judge(&log, &header(3, number(2)), number(9)), Standing::Fork);
        assert_eq!(judge(&log, &header(1, RecordHash::ZERO), number(9)), Standing::Fork);
        assert_eq!(judge(&log, &header(3, number(8)), number(9)), Standing::Astray);
        assert_eq!(judge(&log, &header(5, number(8)), number(9)), Standing::Astray);
    }

    #[test]
    fn what_was_forgotten_is_known_and_what_follows_it_can_fork() {
        let log = Logs { forgotten: 2, ..logs() };
        assert_eq!(judge(&log, &header(1, RecordHash::ZERO), number(1)), Standing::Known);
        assert_eq!(judge(&log, &header(2, number(1)), number(2)), Standing::Known);
        assert_eq!(judge(&log, &header(3, number(2)), number(3)), Standing::Known);
        assert_eq!(judge(&log, &header(3, number(2)), number(9)), Standing::Fork);
    }

    #[test]
    fn a_record_ahead_of_its_time_is_held_and_a_fork_is_told_at_once() {
        let log = logs();
        let ahead = |seq, prev| {
            let hlc = Hlc::at(1_000_000 + MAX_DRIFT_MS + 7);
            Header { hlc, ..header(seq, prev) }
        };
        let held = Standing::Held { due: 1_000_007 };
        assert_eq!(judge(&log, &ahead(5, number(4)), number(5)), held);
        assert_eq!(judge(&log, &ahead(3, number(2)), number(9)), Standing::Fork);
        let next = standing(&log, &ahead(5, number(4)), number(5), None);
        assert_eq!(next, Ok(Standing::Next));
        let in_time = Header { hlc: Hlc::at(1_000_000 + MAX_DRIFT_MS), ..header(5, number(4)) };
        assert_eq!(judge(&log, &in_time, number(5)), Standing::Next);
    }

    #[test]
    fn a_dependency_is_waited_for_unless_its_number_was_moved_away() {
        let mut log = logs();
        let deps = [Dependency { actor: B, seq: 2 }].to_vec();
        let header = Header { deps, ..header(5, number(4)) };
        let waits = Standing::WaitsFor { actor: B, seq: 2 };
        assert_eq!(judge(&log, &header, number(5)), waits);
        log.moved.insert(B, 3);
        assert_eq!(judge(&log, &header, number(5)), waits);
        log.moved.insert(B, 2);
        assert_eq!(judge(&log, &header, number(5)), Standing::Next);
        log.moved.clear();
        log.logs.insert(B, [number(1), number(2)].to_vec());
        assert_eq!(judge(&log, &header, number(5)), Standing::Next);
    }
}
