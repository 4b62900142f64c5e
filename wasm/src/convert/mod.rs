//! JavaScript values to the engine's and back. Plain objects only, no `Map`.

mod fields;
mod from_js;
pub(crate) mod json;
mod rows;
mod to_js;

pub(crate) use fields::{document_kind, list_edits, path, text_edits, update, values, whole};
pub(crate) use from_js::{data, describe, optional_data, patch, string, vector};
pub(crate) use rows::{Parameters, executed, row, table};
pub(crate) use to_js::{Keys, edge, int, list, node, object, set, value};
