//! The browser's clock and randomness: the one place that reads them.

use pluresdb::{ActorId, Error, Host, SpaceId};

/// What the engine runs on in JavaScript.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct JsHost;

impl Host for JsHost {
    fn now_ms(&self) -> u64 {
        now_ms().unsigned_abs()
    }

    fn clock(&self) -> Option<fn() -> u64> {
        Some(|| now_ms().unsigned_abs())
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        getrandom::fill(buffer).map_err(|error| Error::Entropy(error.to_string()))
    }
}

/// Milliseconds since 1970.
#[expect(clippy::cast_possible_truncation, reason = "a whole number far below 2^53")]
pub(crate) fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Digits and letters without those that look alike: Crockford's alphabet in lower case.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 100 random bits.
const ID_LETTERS: usize = 20;

/// An id that nobody else draws.
pub(crate) fn random_id() -> Result<String, Error> {
    let mut bytes = [0; ID_LETTERS];
    JsHost.fill_random(&mut bytes)?;
    let letter = |byte: &u8| LETTERS.get(usize::from(byte & 31)).copied();
    Ok(bytes.iter().filter_map(letter).map(char::from).collect())
}

/// A space of its own.
pub(crate) fn random_space() -> Result<SpaceId, Error> {
    let mut bytes = [0; 16];
    JsHost.fill_random(&mut bytes)?;
    Ok(SpaceId(bytes))
}

/// A writer that never wrote before.
pub(crate) fn random_actor() -> Result<ActorId, Error> {
    let mut bytes = [0; 16];
    JsHost.fill_random(&mut bytes)?;
    Ok(ActorId(bytes))
}
