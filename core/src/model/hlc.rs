//! Hybrid logical time: wall-clock milliseconds with a counter behind them.
//!
//! After Kulkarni et al., "Logical Physical Clocks" (2014): stamps respect causality and stay close
//! to wall-clock time. A wrong remote clock cannot carry this one away: a record from further ahead
//! than [`MAX_DRIFT_MS`] is held back until its time comes, and is not observed before.

use super::id::ActorId;
use core::fmt;

/// How far ahead of local time a remote stamp may be to count at once, in milliseconds.
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
    /// The last stamp that there is has been given.
    #[error("the last stamp of the clock's range was used; nothing can be written after it")]
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
    ///
    /// A wall clock that was set back, or stands still, does not stop the writing: the counter goes
    /// on and overflows into the milliseconds, one for 65,536 stamps, which no clock runs away by.
    pub fn tick(&mut self, now: u64) -> Result<Hlc, ClockError> {
        if now > MAX_MS {
            return Err(ClockError::OutOfRange(now));
        }
        let after = self.last.0.checked_add(1).ok_or(ClockError::Exhausted)?;
        self.last = Hlc::at(now).max(Hlc(after));
        Ok(self.last)
    }

    /// Learns the stamp of a record that counts here, so that later local writes come after it.
    pub fn observe(&mut self, stamp: Hlc) {
        self.last = self.last.max(stamp);
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
    fn what_was_observed_comes_before_what_is_written() {
        let mut clock = Clock::default();
        clock.observe(Hlc::at(5_000));
        assert!(clock.tick(1_000).unwrap() > Hlc::at(5_000));
        assert_eq!(clock.last().ms(), 5_000);
    }

    #[test]
    fn a_clock_set_back_by_days_writes_on_and_stays_where_it_was() {
        let (days, writes) = (2 * 24 * 60 * 60 * 1000, 200_000);
        let mut clock = Clock::default();
        let mut last = clock.tick(days).unwrap();
        for _ in 0..writes {
            let next = clock.tick(0).unwrap();
            assert!(next > last);
            last = next;
        }
        assert_eq!(last.ms(), days + writes / 65_536);
        assert_eq!(clock.tick(2 * days), Ok(Hlc::at(2 * days)), "and follows the wall clock again");
    }

    #[test]
    fn the_last_stamp_there_is_ends_the_writing_with_an_error() {
        let mut clock = Clock::after(Hlc(u64::MAX));
        assert_eq!(clock.tick(1_000), Err(ClockError::Exhausted));
    }

    #[test]
    fn a_time_beyond_48_bits_is_refused() {
        assert_eq!(Clock::default().tick(1 << 48), Err(ClockError::OutOfRange(1 << 48)));
    }
}
