//! Texts and lists by yrs, the port of Yjs to Rust. The only folder that knows it.
//!
//! A document has one root, `value`. Its clients are those of actors ([`super::client_of`]) and, below
//! 2^32, the random clients of Yjs documents elsewhere. A change may only add operations of its own
//! actor or of the latter.
//!
//! A change is integrated only when everything it builds on is in: a document of yrs then never
//! holds anything pending, whose handling differs between versions. What readers see depends on the
//! operations that are in and on nothing else: `canonical.rs` and `docs/decisions/0025` say how.

mod canonical;
mod client;
mod edit;
mod integrate;
mod opened;
mod reverse;
mod sound;
mod value;

pub use client::client_of;
pub use edit::{ContentDraft, EditError, Editor, ListEdit, TextEdit};
pub use reverse::{Aliases, Reversal};

pub(super) use integrate::integrate;
pub(super) use opened::content;
