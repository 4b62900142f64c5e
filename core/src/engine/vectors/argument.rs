//! A vector as an argument of a function in SQL, and the vector of a text that is one.

use super::projection::read;
use crate::embed::Embedder;
use crate::engine::database::Database;
use crate::engine::query::reader::Reader;
use crate::engine::query::sql::SqlValue;

impl Database {
    /// Lets statements search for the meaning of a text: `vsearch('Note', 'meaning', 'a text')` and
    /// `search('a text', 'Note', 10, '{"mode": "hybrid"}')` compare with the vector that this model makes
    /// of it.
    pub fn set_embedder(&mut self, embedder: impl Embedder + 'static) {
        self.sql.embedder = Some(Box::new(embedder));
    }
}

impl<'a> Reader<'a> {
    /// The model that makes vectors of texts in statements, if one was given.
    pub(in crate::engine) fn embedder(&self) -> Option<&'a dyn Embedder> {
        self.sql.embedder.as_deref()
    }
}

/// A vector as SQL holds it: bytes of 32-bit floats, or a JSON array. An error is what is wrong with it.
pub(in crate::engine) fn vector_of(value: &SqlValue) -> Result<Vec<f32>, String> {
    match value {
        SqlValue::Blob(bytes) if bytes.len() % 4 == 0 => {
            let mut vector = Vec::new();
            read(bytes, &mut vector);
            Ok(vector)
        }
        SqlValue::Text(json) => serde_json::from_str(json)
            .map_err(|error| format!("this is no JSON array of numbers: {error}")),
        _ => Err("give 32-bit floats, little-endian, as a blob, or a JSON array of numbers".into()),
    }
}
