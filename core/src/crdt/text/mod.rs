//! Texts and lists, as documents of Yjs. The only folder that knows yrs, the port of Yjs to Rust.
//!
//! A document has one root, `value`. Its clients are those of actors ([`super::client_of`]) and, below
//! 2^32, the random clients of Yjs documents elsewhere. A change may only add operations of its own
//! actor or of the latter.
//!
//! A change is integrated only when everything it builds on is in: a document of yrs then never
//! holds anything pending, whose handling differs between versions. What readers see depends on the
//! operations that are in and on nothing else: `canonical.rs` and `docs/decisions/0025` say how.
//!
//! Most texts are held as a sequence of our own, which finds places without walking; it comes to the same
//! bytes as yrs, and leaves to yrs what it is not for: `sequence` and `docs/decisions/0034`.

mod canonical;
mod client;
mod document;
mod edit;
mod integrate;
mod opened;
mod order;
mod parts;
mod recent;
mod reverse;
mod sequence;
mod sound;
mod value;

pub use client::client_of;
pub use edit::{ContentDraft, EditError, Editor, ListEdit, TextEdit};
pub use parts::parts_of_update;
pub use reverse::{Aliases, Reversal};

pub(super) use document::content;
pub(super) use integrate::integrate;
