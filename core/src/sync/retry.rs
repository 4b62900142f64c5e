//! When to connect again: after 100 ms, then twice as long each time up to 30 s, give or take a
//! tenth, so that the devices of a restarted relay do not come back all at once.

/// The first wait, in milliseconds.
pub const FIRST_DELAY_MS: u64 = 100;

/// The longest wait before jitter, in milliseconds.
pub const LAST_DELAY_MS: u64 = 30_000;

/// A connection that held this long starts over with the first wait, in milliseconds.
pub const HEALTHY_AFTER_MS: u64 = 10_000;

/// The waits between attempts to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    next: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

impl Backoff {
    /// Starts with the first wait.
    #[must_use]
    pub const fn new() -> Self {
        Self { next: FIRST_DELAY_MS }
    }

    /// Milliseconds to wait now; the next wait is twice as long. `random` is any number: it picks
    /// a point within a tenth to both sides.
    pub fn wait(&mut self, random: u32) -> u64 {
        let base = self.next;
        self.next = (base * 2).min(LAST_DELAY_MS);
        base * (900 + u64::from(random) % 201) / 1000
    }

    /// Starts over, after a connection that was healthy.
    pub const fn reset(&mut self) {
        *self = Self::new();
    }

    /// Goes to the longest wait, where trying soon cannot help.
    pub const fn exhaust(&mut self) {
        self.next = LAST_DELAY_MS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..11).map(|_| backoff.wait(100)).collect();
        let expected = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000];
        assert_eq!(waits, expected);
        backoff.reset();
        assert_eq!(backoff.wait(100), FIRST_DELAY_MS);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_tenth(random: u32, steps in 0usize..12) {
            let mut exact = Backoff::default();
            let mut backoff = Backoff::default();
            for _ in 0..steps {
                exact.wait(100);
                backoff.wait(random);
            }
            let base = exact.wait(100);
            let wait = backoff.wait(random);
            prop_assert!(wait * 10 >= base * 9 && wait * 10 <= base * 11);
        }
    }
}
