//! Keys that rise.

use crate::engine::error::Error;
use std::fmt::Debug;

/// Checks that an index gave a key behind the one before. An index that is whole does. Out of a damaged page the
/// way may lead back, and whoever reads on from the last key would then go round for ever.
///
/// # Errors
/// `damaged`, with `index` as the place.
pub(in crate::engine) fn rising<K: PartialOrd + Debug + ?Sized>(
    index: &str,
    before: &K,
    key: &K,
) -> Result<(), Error> {
    if key > before {
        return Ok(());
    }
    let what = format!("it gives {key:?} behind {before:?}");
    Err(Error::Damaged { place: index.to_owned(), what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_does_not_rise_is_damage() {
        assert!(rising("the index", "a", "b").is_ok());
        let again = rising("the index", &7, &7).unwrap_err().to_string();
        assert!(again.starts_with("the index is damaged: it gives 7 behind 7"), "{again}");
        assert!(rising("the index", "b", "a").is_err());
    }
}
