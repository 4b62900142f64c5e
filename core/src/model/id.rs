//! Identifiers of fixed width, written as lower-case hex.

use core::fmt;
use core::str::FromStr;

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not the right number of hex digits.
    #[error("expected {expected} hex digits, found {found} characters")]
    Length {
        /// Digits the identifier has.
        expected: usize,
        /// Characters found.
        found: usize,
    },
    /// A character that is no hex digit.
    #[error("expected only hex digits")]
    Digit,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $width:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; $width]);

        impl $name {
            /// All zero bytes: the value that stands for "none" on the wire.
            pub const ZERO: Self = Self([0; $width]);
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut bytes = [0; $width];
                read_hex(text, &mut bytes)?;
                Ok(Self(bytes))
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = core::array::TryFromSliceError;

            fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
                bytes.try_into().map(Self)
            }
        }
    };
}

identifier!(
    /// What is replicated as one: the unit of sync, of keys and of membership.
    SpaceId, 16
);
identifier!(
    /// One incarnation of one device. Never used by two writers, never reused after a restore.
    ActorId, 16
);
identifier!(
    /// BLAKE3 of a record without its signature; the link of the per-actor chain.
    RecordHash, 32
);

fn read_hex(text: &str, into: &mut [u8]) -> Result<(), IdError> {
    if text.len() != into.len() * 2 {
        return Err(IdError::Length { expected: into.len() * 2, found: text.chars().count() });
    }
    for (pair, byte) in text.as_bytes().chunks_exact(2).zip(into) {
        *byte = pair.iter().try_fold(0, |value, &digit| {
            let digit = (digit as char).to_digit(16).ok_or(IdError::Digit)?;
            Ok((value << 4) | digit as u8)
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn hex_reads_back_what_it_wrote() {
        let id = SpaceId(core::array::from_fn(|i| i as u8 * 17));
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn a_wrong_digit_or_length_is_named() {
        assert_eq!("zz".repeat(16).parse::<SpaceId>(), Err(IdError::Digit));
        let short = IdError::Length { expected: 32, found: 4 };
        assert_eq!("00ff".parse::<SpaceId>(), Err(short));
    }
}
