//! Codes of refusal: numbers on the wire, stable words for people and programs.

use core::fmt;

/// Why a relay ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusedCode {
    /// The bytes are no frame.
    MalformedFrame,
    /// A frame of another protocol version.
    UnsupportedVersion,
    /// A frame that has no place here: not first a Hello, a second Hello, a frame only relays send.
    UnexpectedFrame,
    /// More Append frames without an answer than allowed.
    TooManyAppends,
    /// No Hello in time.
    HandshakeTimeout,
    /// Nothing heard for too long.
    IdleTimeout,
    /// The store cannot answer now; nothing was lost, try again later.
    Unavailable,
    /// The relay is going down; try again later.
    ShuttingDown,
    /// A code of a later version.
    Other(u16),
}

impl RefusedCode {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::MalformedFrame => 1,
            Self::UnsupportedVersion => 2,
            Self::UnexpectedFrame => 3,
            Self::TooManyAppends => 4,
            Self::HandshakeTimeout => 5,
            Self::IdleTimeout => 6,
            Self::Unavailable => 7,
            Self::ShuttingDown => 8,
            Self::Other(number) => number,
        }
    }

    /// The code of a number.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        match number {
            1 => Self::MalformedFrame,
            2 => Self::UnsupportedVersion,
            3 => Self::UnexpectedFrame,
            4 => Self::TooManyAppends,
            5 => Self::HandshakeTimeout,
            6 => Self::IdleTimeout,
            7 => Self::Unavailable,
            8 => Self::ShuttingDown,
            other => Self::Other(other),
        }
    }

    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MalformedFrame => "malformed_frame",
            Self::UnsupportedVersion => "unsupported_version",
            Self::UnexpectedFrame => "unexpected_frame",
            Self::TooManyAppends => "too_many_appends",
            Self::HandshakeTimeout => "handshake_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::Unavailable => "unavailable",
            Self::ShuttingDown => "shutting_down",
            Self::Other(_) => "other",
        }
    }

    /// Whether the same bytes sent again would be refused again.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        matches!(self, Self::MalformedFrame | Self::UnsupportedVersion | Self::UnexpectedFrame)
    }
}

impl fmt::Display for RefusedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a relay does not take a record. The connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalReason {
    /// Records before this one are missing; send from `expected`.
    Gap {
        /// The sequence number that the relay takes next from this actor.
        expected: u64,
    },
    /// The relay holds another record with this actor and number, or a predecessor of another hash.
    Fork,
    /// The record belongs to another space than the connection.
    OtherSpace,
    /// The bytes are no record.
    Malformed,
    /// Larger than a record may be.
    TooLarge,
    /// The space is full at this relay, in bytes or in actors.
    Quota,
    /// A record of a version that the relay does not know.
    Version,
    /// A reason of a later version.
    Other(u16),
}

impl RefusalReason {
    /// The number on the wire and its argument.
    #[must_use]
    pub const fn number(self) -> (u16, u64) {
        match self {
            Self::Gap { expected } => (1, expected),
            Self::Fork => (2, 0),
            Self::OtherSpace => (3, 0),
            Self::Malformed => (4, 0),
            Self::TooLarge => (5, 0),
            Self::Quota => (6, 0),
            Self::Version => (7, 0),
            Self::Other(number) => (number, 0),
        }
    }

    /// The reason of a number and its argument.
    #[must_use]
    pub const fn from_number(number: u16, argument: u64) -> Self {
        match number {
            1 => Self::Gap { expected: argument },
            2 => Self::Fork,
            3 => Self::OtherSpace,
            4 => Self::Malformed,
            5 => Self::TooLarge,
            6 => Self::Quota,
            7 => Self::Version,
            other => Self::Other(other),
        }
    }

    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gap { .. } => "gap",
            Self::Fork => "fork",
            Self::OtherSpace => "other_space",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Quota => "quota",
            Self::Version => "version",
            Self::Other(_) => "other",
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { expected } => write!(f, "gap: number {expected} is expected"),
            Self::Other(number) => write!(f, "reason {number}, unknown to this version"),
            other => f.write_str(other.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_reads_back() {
        for number in 0..300 {
            assert_eq!(RefusedCode::from_number(number).number(), number);
            let (back, _) = RefusalReason::from_number(number, 0).number();
            assert_eq!(back, number);
        }
    }
}
