//! What an embedding model must do, and how it may fail.

use alloc::string::String;
use alloc::vec::Vec;

/// For each text its vector, or `None` where the text has nothing to make one of.
pub type Vectors = Vec<Option<Vec<f32>>>;

/// A model that makes vectors of texts, so that texts of like meaning have near vectors.
pub trait Embedder {
    /// The model's name and version. Vectors are compared only where this is equal, and made anew
    /// where it is not.
    fn model(&self) -> &str;

    /// How many numbers its vectors have.
    fn dimension(&self) -> usize;

    /// The vectors of some texts, one for each, in their order.
    fn embed(&self, texts: &[&str]) -> Result<Vectors, EmbedError>;
}

/// Why there are no vectors. [`EmbedError::code`] is stable, the sentence is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// The model cannot be asked now; later it may.
    #[error("the embedding model cannot be reached: {0}")]
    Unreachable(String),
    /// The model takes no such request; asking again does not help.
    #[error("the embedding model refused: {0}")]
    Refused(String),
    /// What the model gave is not the vectors of the texts.
    #[error("the embedding model gave no usable vectors: {0}")]
    Answer(String),
}

impl EmbedError {
    /// A code that does not change between versions.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "embed-unreachable",
            Self::Refused(_) => "embed-refused",
            Self::Answer(_) => "embed-answer",
        }
    }
}
