//! The connection of a session: its phase, its deadlines, and when to try again.

use crate::sync::retry::{Backoff, HEALTHY_AFTER_MS};
use crate::sync::status::State;

/// Milliseconds for a socket to open.
const CONNECT_MS: u64 = 15_000;
/// Milliseconds for the Welcome to come.
const GREET_MS: u64 = 10_000;
/// Milliseconds of silence before a Ping.
const QUIET_MS: u64 = 30_000;
/// Milliseconds of silence before the connection counts as dead.
const DEAD_MS: u64 = 45_000;
/// Milliseconds for the answer to an Append.
const APPEND_MS: u64 = 60_000;

#[derive(Debug, Clone, Copy)]
enum Phase {
    Stopped,
    Waiting { until: u64 },
    Connecting { since: u64 },
    Greeting { since: u64 },
    Open { since: u64, heard: u64, pinged: bool },
}

/// What time has brought.
#[derive(Debug)]
pub(super) enum Due {
    Connect,
    Ping,
    Lost(&'static str),
}

#[derive(Debug)]
pub(super) struct Link {
    phase: Phase,
    backoff: Backoff,
    random: u64,
}

impl Link {
    pub(super) const fn new(seed: u64) -> Self {
        Self { phase: Phase::Stopped, backoff: Backoff::new(), random: seed }
    }

    pub(super) const fn state(&self) -> State {
        match self.phase {
            Phase::Stopped => State::Stopped,
            Phase::Waiting { until } => State::Waiting { until },
            Phase::Connecting { .. } | Phase::Greeting { .. } => State::Connecting,
            Phase::Open { .. } => State::Live,
        }
    }

    /// Whether there is a socket, open or being opened.
    pub(super) const fn is_up(&self) -> bool {
        !matches!(self.phase, Phase::Stopped | Phase::Waiting { .. })
    }

    /// Whether the socket is open.
    pub(super) const fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::Greeting { .. } | Phase::Open { .. })
    }

    /// Whether the relay has welcomed us.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open { .. })
    }

    pub(super) const fn start(&mut self, now: u64) {
        if !self.is_up() {
            self.phase = Phase::Waiting { until: now };
        }
    }

    pub(super) const fn stop(&mut self) {
        self.phase = Phase::Stopped;
        self.backoff = Backoff::new();
    }

    pub(super) const fn connect(&mut self, now: u64) {
        self.phase = Phase::Connecting { since: now };
    }

    /// Whether a socket was expected.
    pub(super) const fn connected(&mut self, now: u64) -> bool {
        let expected = matches!(self.phase, Phase::Connecting { .. });
        if expected {
            self.phase = Phase::Greeting { since: now };
        }
        expected
    }

    pub(super) const fn open(&mut self, now: u64) {
        self.phase = Phase::Open { since: now, heard: now, pinged: false };
    }

    pub(super) const fn heard(&mut self, now: u64) {
        if let Phase::Open { heard, pinged, .. } = &mut self.phase {
            *heard = now;
            *pinged = false;
        }
    }

    /// The next wait is the longest: what went wrong does not pass in a moment.
    pub(super) const fn give_time(&mut self) {
        self.backoff.exhaust();
        if let Phase::Open { since, .. } = &mut self.phase {
            *since = u64::MAX;
        }
    }

    pub(super) fn lose(&mut self, now: u64) {
        if let Phase::Stopped = self.phase {
            return;
        }
        if let Phase::Open { since, .. } = self.phase
            && now.saturating_sub(since) >= HEALTHY_AFTER_MS
        {
            self.backoff.reset();
        }
        let random = self.random();
        self.phase = Phase::Waiting { until: now + self.backoff.wait(random) };
    }

    pub(super) fn due(&mut self, now: u64, append: Option<u64>) -> Option<Due> {
        let passed = |since: u64, limit: u64| now >= since.saturating_add(limit);
        match &mut self.phase {
            Phase::Waiting { until } => (now >= *until).then_some(Due::Connect),
            Phase::Connecting { since } => passed(*since, CONNECT_MS)
                .then_some(Due::Lost("the relay could not be reached in time")),
            Phase::Greeting { since } => passed(*since, GREET_MS)
                .then_some(Due::Lost("the relay did not answer the handshake in time")),
            Phase::Open { heard, pinged, .. } => {
                if passed(*heard, DEAD_MS) {
                    return Some(Due::Lost("nothing heard from the relay"));
                }
                if append.is_some_and(|sent| passed(sent, APPEND_MS)) {
                    return Some(Due::Lost("the relay did not confirm records in time"));
                }
                (passed(*heard, QUIET_MS) && !core::mem::replace(pinged, true)).then_some(Due::Ping)
            }
            Phase::Stopped => None,
        }
    }

    /// The next time at which something may be due.
    pub(super) fn deadline(&self, append: Option<u64>, unblock: Option<u64>) -> Option<u64> {
        match self.phase {
            Phase::Stopped => None,
            Phase::Waiting { until } => Some(until),
            Phase::Connecting { since } => Some(since + CONNECT_MS),
            Phase::Greeting { since } => Some(since + GREET_MS),
            Phase::Open { heard, pinged, .. } => {
                let silence = heard + if pinged { DEAD_MS } else { QUIET_MS };
                let append = append.map(|sent| sent + APPEND_MS);
                [Some(silence), append, unblock].into_iter().flatten().min()
            }
        }
    }

    /// SplitMix64 (Steele, Lea, Flood 2014); enough to spread waits, and for nothing else.
    fn random(&mut self) -> u32 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 33) as u32
    }
}
