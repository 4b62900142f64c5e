//! Hybrid logical time: wall-clock milliseconds with a counter behind them.
//!
//! After Kulkarni et al., "Logical Physical Clocks" (2014): stamps respect causality, stay close
//! to wall-clock time, and never run away with a wrong remote clock.

use super::id::ActorId;
use core::fmt;

/// How far a remote stamp can push the local clock ahead of local time, in milliseconds.
pub const MAX_DRIFT_MS: u64 = 5 * 60 * 1000;

const COUNTER_BITS: u32 = 16;
const MAX_MS: u64 = (1 << 48) - 1;

/// A point in hybrid time: 48 bits of milliseconds since 1970, 16 bits of counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hlc(pub u64);

impl Hlc {
    /// The first stamp of a millisecond.
    #[must_use]
    pub const fn at(ms: u64) -> Self {
        Self(ms << COUNTER_BITS)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn ms(self) -> u64 {
        self.0 >> COUNTER_BITS
    }
}

/// The total order of writes: hybrid time, ties broken by actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// When.
    pub hlc: Hlc,
    /// By whom.
    pub actor: ActorId,
}

/// How many bytes of an actor's id tell its device family: an actor and those derived from it, by
/// moving a forked branch of its log, have them in common.
pub const FAMILY_BYTES: usize = 3;

/// A stamp as shared fields build on it. It stays the same when its record moves to an actor derived
/// from the one that wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Floor {
    /// When.
    pub hlc: Hlc,
    /// The beginning of the writer's id.
    pub family: [u8; FAMILY_BYTES],
}

impl Stamp {
    /// The stamp as shared fields build on it.
    #[must_use]
    pub const fn floor(&self) -> Floor {
        Floor { hlc: self.hlc, family: self.actor.family() }
    }
}

impl ActorId {
    /// The bytes that an actor has in common with those derived from it.
    #[must_use]
    pub const fn family(&self) -> [u8; FAMILY_BYTES] {
        let [a, b, c, ..] = self.0;
        [a, b, c]
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}@{}", self.hlc.ms(), self.hlc.0 & 0xffff, self.actor)
    }
}

/// Why the clock gave no stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The wall clock is outside the 48 bits that a stamp holds.
    #[error("the clock says {0} ms since 1970, which no stamp can hold; set the clock")]
    OutOfRange(u64),
    /// More than 65,535 stamps while the wall clock stood still or lay behind.
    #[error("the clock has stood still for 65,536 transactions; set the clock or wait")]
    Exhausted,
}

/// Gives stamps that always rise.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    last: Hlc,
}

impl Clock {
    /// A clock that goes on after `last`.
    #[must_use]
    pub const fn after(last: Hlc) -> Self {
        Self { last }
    }

    /// The last stamp given or observed.
    #[must_use]
    pub const fn last(&self) -> Hlc {
        self.last
    }

    /// The next stamp, later than all before it. `now` is wall-clock milliseconds.
    pub fn tick(&mut self, now: u64) -> Result<Hlc, ClockError> {
        if now > MAX_MS {
            return Err(ClockError::OutOfRange(now));
        }
        let next = Hlc::at(now).max(Hlc(self.last.0 + 1));
        // The counter overflows into the milliseconds; a clock far ahead of the wall must stop.
        if next.ms() > now + MAX_DRIFT_MS && next.ms() > self.last.ms() {
            return Err(ClockError::Exhausted);
        }
        self.last = next;
        Ok(next)
    }

    /// Learns a remote stamp, so that later local writes come after what was seen.
    ///
    /// A stamp from a clock that is far ahead moves this one by [`MAX_DRIFT_MS`] at most.
    pub fn observe(&mut self, remote: Hlc, now: u64) {
        let bound = Hlc::at(now.saturating_add(MAX_DRIFT_MS).min(MAX_MS));
        self.last = self.last.max(remote.min(bound));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_rise_while_the_wall_clock_falls() {
        let mut clock = Clock::default();
        let first = clock.tick(1_000).unwrap();
        let second = clock.tick(10).unwrap();
        assert!(second > first);
        assert_eq!(second.ms(), 1_000);
    }

    #[test]
    fn a_remote_clock_ahead_pulls_by_the_bound_at_most() {
        let mut clock = Clock::default();
        clock.observe(Hlc::at(10 * MAX_DRIFT_MS), 1_000);
        assert_eq!(clock.last().ms(), 1_000 + MAX_DRIFT_MS);
    }

    #[test]
    fn a_time_beyond_48_bits_is_refused() {
        assert_eq!(Clock::default().tick(1 << 48), Err(ClockError::OutOfRange(1 << 48)));
    }
}
