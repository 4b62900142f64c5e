//! What the engine needs from its surroundings: the clock and random bytes.

use super::error::Error;

/// The surroundings of a database. Shells implement it; the engine itself reads no clock.
pub trait Host {
    /// Wall-clock time, milliseconds since 1970.
    fn now_ms(&self) -> u64;

    /// The same clock as a function that can be asked while a statement runs. Without one, the
    /// time limit of a statement is looked at between its rows only.
    fn clock(&self) -> Option<fn() -> u64> {
        None
    }

    /// Fills the buffer with bytes nobody can guess.
    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error>;
}

/// The operating system's clock and entropy.
#[cfg(feature = "native")]
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemHost;

#[cfg(feature = "native")]
impl Host for SystemHost {
    fn now_ms(&self) -> u64 {
        now_ms()
    }

    fn clock(&self) -> Option<fn() -> u64> {
        Some(now_ms)
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        getrandom::fill(buffer).map_err(|error| Error::Entropy(error.to_string()))
    }
}

#[cfg(feature = "native")]
fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
