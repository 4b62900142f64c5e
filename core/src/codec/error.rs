//! What can be wrong with bytes from outside.

use crate::model::{NameError, PathError, ValueError};

/// Bytes that cannot be read, with the place of the fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {fault}")]
pub struct DecodeError {
    /// Offset in the input.
    pub at: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The input ends inside a value.
    #[error("the input ends early")]
    Truncated,
    /// Bytes follow where the value is complete.
    #[error("{0} bytes follow the end")]
    Trailing(usize),
    /// Written by a later version.
    #[error("version {found} is not readable here, only up to {known}; update PluresDB")]
    Version {
        /// The version found.
        found: u8,
        /// The latest one known.
        known: u8,
    },
    /// A tag that no version up to ours defines.
    #[error("{what} {tag} is unknown")]
    Tag {
        /// What the tag selects.
        what: &'static str,
        /// Its value.
        tag: u64,
    },
    /// A length or count over its limit.
    #[error("{what} is {found}; the limit is {limit}")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// The number found.
        found: u64,
        /// The most allowed.
        limit: u64,
    },
    /// A reference to a name that was not defined before.
    #[error("reference to name {0}, which is not defined")]
    Name(u64),
    /// What must rise does not.
    #[error("keys or stamps that must rise do not")]
    Order,
    /// A node that is put without a type.
    #[error("a node is put without a type")]
    Untyped,
    /// A text that is not UTF-8.
    #[error("a text is not UTF-8")]
    Utf8,
    /// A variable-length integer of more than 64 bits.
    #[error("an integer of more than 64 bits")]
    Overflow,
    /// The compressed body does not unpack to the length it states.
    #[error("the compressed body does not unpack")]
    Compression,
    /// The body is sealed with a key that is not at hand.
    #[error("the body is sealed with key epoch {0}")]
    Sealed(u32),
    /// A text that cannot be a name.
    #[error(transparent)]
    BadName(#[from] NameError),
    /// Keys that cannot be a path.
    #[error(transparent)]
    BadPath(#[from] PathError),
    /// A value that cannot be stored.
    #[error(transparent)]
    BadValue(#[from] ValueError),
}
