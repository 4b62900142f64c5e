//! Merge rules: the state of one node or edge, and how a part of a record folds into it.
//!
//! Folding is commutative, associative and idempotent over records, so replicas that have seen
//! the same records hold equal states, byte for byte. This layer knows no log and no storage.

mod counter;
mod diff;
mod doc;
mod encode;
mod entity;
mod fields;
mod set;
mod shared;
#[cfg(feature = "text")]
mod text;
#[cfg(not(feature = "text"))]
#[path = "no_text.rs"]
mod text;
mod view;
#[cfg(feature = "text")]
mod wish;

#[cfg(all(test, feature = "text"))]
mod tests;

pub use counter::Counter;
pub use diff::{Difference, FieldError, replace, revise, value_at};
pub use doc::{Doc, Ground};
pub use encode::{Parts, Stored};
pub use entity::Entity;
pub use fields::{Fields, Register};
pub use set::{Elements, arranged};
pub use shared::{Refused, SharedField, SharedFields};
#[cfg(feature = "text")]
pub use text::{
    Aliases, ContentDraft, EditError, Editor, ListEdit, Reversal, TextEdit, client_of,
    parts_of_update,
};
pub use view::{Leaves, object_of};
#[cfg(feature = "text")]
pub use wish::{Changed, Found, Hint};
