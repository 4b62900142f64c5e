//! The rule for short texts that name things: ids, types, labels, edge keys.

use super::limits::MAX_NAME_BYTES;
use core::fmt;

/// What a name is for; it appears in errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A node's id.
    NodeId,
    /// A node's type.
    Type,
    /// An edge's label.
    Label,
    /// What tells parallel edges apart. The only name that may be empty.
    EdgeKey,
}

impl fmt::Display for NameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NodeId => "node id",
            Self::Type => "type",
            Self::Label => "edge label",
            Self::EdgeKey => "edge key",
        })
    }
}

/// Why a text cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Only an edge key may be empty.
    #[error("the {0} is empty; give it at least one character")]
    Empty(NameKind),
    /// Longer than [`MAX_NAME_BYTES`].
    #[error("the {kind} has {bytes} bytes; the limit is {MAX_NAME_BYTES}")]
    TooLong {
        /// Which name.
        kind: NameKind,
        /// Its length in bytes of UTF-8.
        bytes: usize,
    },
    /// SQLite's text functions stop at U+0000, so a name must not hold it.
    #[error("the {0} holds the character U+0000, which a name cannot hold")]
    Nul(NameKind),
}

/// Checks that `name` can name a thing of this kind.
pub fn check_name(kind: NameKind, name: &str) -> Result<(), NameError> {
    if name.is_empty() && kind != NameKind::EdgeKey {
        return Err(NameError::Empty(kind));
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(NameError::TooLong { kind, bytes: name.len() });
    }
    if name.bytes().any(|byte| byte == 0) {
        return Err(NameError::Nul(kind));
    }
    Ok(())
}
