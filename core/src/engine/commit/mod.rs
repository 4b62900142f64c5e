//! The one way in: a transaction becomes a record, is folded, and rows and projections follow.

pub(in crate::engine) mod cache;
pub(in crate::engine) mod draft;
pub(in crate::engine) mod draft_typed;
pub(in crate::engine) mod exposed;
pub(in crate::engine) mod fold;
pub(in crate::engine) mod held_texts;
pub(in crate::engine) mod open;
pub(in crate::engine) mod rows;
pub(in crate::engine) mod shared;
pub(in crate::engine) mod statements;
pub(in crate::engine) mod stored;
pub(in crate::engine) mod text_index;
pub(in crate::engine) mod touches;
pub(in crate::engine) mod transaction;
pub(in crate::engine) mod undo;
pub(in crate::engine) mod word_table;
pub(in crate::engine) mod writer;
