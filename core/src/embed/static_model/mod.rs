//! A static embedding model: the vector of a text is the mean of its word pieces' rows in a table.
//!
//! It costs a lookup for each word piece, so a sentence takes microseconds, and it needs no server.
//! What it cannot do is tell one order of the words from another.

mod normal;
mod pieces;
mod table;
#[cfg(test)]
mod tests;

use super::{EmbedError, Embedder, Vectors};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use pieces::Pieces;
use table::Table;

/// The name of the model in `models/static-en-256`, as this version splits texts for it.
pub const STATIC_EN_256: &str = "static-en-256/1";

/// Why a file is no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The weights are no safetensors file.
    #[error("the model's weights cannot be read as safetensors: {0}")]
    Format(String),
    /// A tensor is missing, or is of another type or shape.
    #[error("the model's tensor {name:?} must be {needed}, found {found}")]
    Tensor {
        /// Its name.
        name: &'static str,
        /// What it must be.
        needed: &'static str,
        /// What it is.
        found: String,
    },
    /// A scale that would make sums of rows overflow, or is no number.
    #[error("the scale of row {0} of the model is no number from -1 to 1")]
    Scale(usize),
    /// The vocabulary has another number of pieces than the table has rows.
    #[error(
        "the vocabulary has {pieces} pieces and the model {rows} rows; take both from one copy"
    )]
    Rows {
        /// Pieces of the vocabulary.
        pieces: usize,
        /// Rows of the table.
        rows: usize,
    },
    /// The vocabulary has no piece for what it does not know.
    #[error("the vocabulary has no piece [UNK]")]
    NoUnknown,
}

impl ModelError {
    /// A code that does not change between versions.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "bad-model"
    }
}

/// A table of word pieces, and the vectors of texts by it. See the [module](self) for what it can.
pub struct StaticModel {
    name: String,
    pieces: Pieces,
    table: Table,
}

impl StaticModel {
    /// Reads a model: `weights` is a safetensors file with the tensors `embeddings` (I8, a row for
    /// each piece) and `scales` (F32, what each row is multiplied by); `vocabulary` has a piece on
    /// each line, in the order of the rows. `name` is what [`Embedder::model`] says.
    pub fn read(
        name: impl Into<String>,
        weights: impl Into<Cow<'static, [u8]>>,
        vocabulary: &str,
    ) -> Result<Self, ModelError> {
        let table = Table::read(weights.into())?;
        let pieces = Pieces::read(vocabulary)?;
        if pieces.len() != table.rows() {
            return Err(ModelError::Rows { pieces: pieces.len(), rows: table.rows() });
        }
        Ok(Self { name: name.into(), pieces, table })
    }

    /// The vector of a text, of length 1; `None` where the text has no words or their rows cancel out.
    #[must_use]
    pub fn vector(&self, text: &str) -> Option<Vec<f32>> {
        let mut sum = alloc::vec![0.0; self.table.dimension()];
        self.pieces.each(text, |row| self.table.add(row, &mut sum));
        // The mean points where the sum does.
        scale_to_1(&mut sum);
        sum.iter().all(|number| number.is_finite()).then_some(sum)
    }
}

/// Scales a vector to the length 1. Squares of 64 bits: those of small numbers are none in 32.
#[expect(clippy::cast_possible_truncation, reason = "a part of length 1 is no larger than 1")]
fn scale_to_1(vector: &mut [f32]) {
    let squares = vector.iter().map(|number| f64::from(*number) * f64::from(*number));
    let length = squares.sum::<f64>().sqrt();
    vector.iter_mut().for_each(|number| *number = (f64::from(*number) / length) as f32);
}

impl Embedder for StaticModel {
    fn model(&self) -> &str {
        &self.name
    }

    fn dimension(&self) -> usize {
        self.table.dimension()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vectors, EmbedError> {
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }
}

impl fmt::Debug for StaticModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticModel")
            .field("name", &self.name)
            .field("rows", &self.table.rows())
            .field("dimension", &self.table.dimension())
            .finish()
    }
}
